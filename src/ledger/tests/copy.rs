//! The books move to another database: all of them or nothing, and they go on there.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Books, a_schema_of_its_own, at, awaited, envelope, no_server_for, owed};
use crate::config::LedgerAddress;
use crate::ledger::copy::{Copied, Doing, Progress, Refused, copy};
use crate::ledger::engine::{Purpose, Session, Value};
use crate::ledger::event::{EventKind, NewEvent};
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::verify::Contents;
use crate::ledger::{Content, Error, Ledger, Transaction, copy as copying, migrate};

/// Books in a file, whichever engine the other tests use.
fn in_a_file() -> Books {
    let home = tempfile::tempdir().unwrap();
    let address = LedgerAddress::Sqlite(home.path().join("ledger.db"));
    let ledger = Ledger::open(&address, home.path()).unwrap();
    Books { ledger, home, address }
}

/// Another ledger of the same home: on the server where the tests have one, else another file.
fn elsewhere(books: &Books) -> LedgerAddress {
    match std::env::var("EDIGATE_TEST_LEDGER") {
        Ok(server) => a_schema_of_its_own(&server),
        Err(_) => LedgerAddress::Sqlite(books.home.path().join("other.db")),
    }
}

fn append(tx: &mut Transaction<'_>, partner: &str, text: &str) -> Result<(), Error> {
    tx.append_event(&NewEvent {
        partner: partner.to_owned(),
        at: at(1),
        kind: EventKind::Received,
        text: text.to_owned(),
        ..NewEvent::default()
    })
}

fn capture(tx: &mut Transaction<'_>, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
    let recorded = tx.record_transmission(&NewTransmission {
        message_id: None,
        direction: Direction::In,
        partner: "mega".to_owned(),
        endpoint: "folder".to_owned(),
        name: name.to_owned(),
        claim: None,
        content: Content::in_memory(bytes),
        at: at(0),
        state: TransmissionState::Captured,
    });
    recorded.map(|_| ())
}

/// Deliveries, expectations, numbers, journals and contents, more of them than one page has.
fn kept() -> Books {
    let books = in_a_file();
    books.write(|tx| {
        awaited(tx, envelope(501, 501, &["0001", "0002"]), at(0))?;
        owed(tx)?;
        assert_eq!(tx.next_number("isa13", "mega", 501)?, 501);
        for number in 0..230 {
            append(tx, "mega", &format!("Zoë ~*$1 ?1 'x' \\ \r\n {number}"))?;
            append(tx, if number % 2 == 0 { "Store" } else { "store" }, "")?;
            capture(tx, &format!("{number}.edi"), vec![255; number])?;
        }
        capture(tx, "large.edi", vec![b'*'; 100_000])
    });
    books
}

fn copied(books: &Books, to: &LedgerAddress) -> Result<Copied, Refused> {
    copy(books.address(), to, books.home.path(), Timestamp::now(), &mut |_| ())
}

/// Every row of a ledger, as text and sorted here, for the engines sort differently.
fn contents(address: &LedgerAddress) -> BTreeMap<String, Vec<String>> {
    let mut session = Session::open(address, Purpose::Reading).unwrap();
    let mut rows_of = |table: &str| {
        let rows = session.query(&format!("SELECT * FROM {table}"), &[]).unwrap();
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{:?}", row.values())).collect();
        rows.sort();
        rows
    };
    let tables = copying::tables::tables().unwrap();
    tables.into_iter().map(|table| (table.name.clone(), rows_of(&table.name))).collect()
}

fn is_empty(address: &LedgerAddress) -> bool {
    contents(address).values().all(Vec::is_empty)
}

#[test]
fn every_row_goes_over_and_back_as_it_was() {
    let books = kept();
    let before = contents(books.address());
    let there = elsewhere(&books);
    let done = copied(&books, &there).unwrap();
    assert_eq!(contents(&there), before);
    assert_eq!(contents(books.address()), before);
    assert_eq!(done.rows(), before.values().map(|rows| rows.len() as u64).sum::<u64>());
    assert_eq!((done.events, done.contents), (460, before["content"].len() as u64));
    let back = LedgerAddress::Sqlite(books.home.path().join("back.db"));
    copy(&there, &back, books.home.path(), Timestamp::now(), &mut |_| ()).unwrap();
    assert_eq!(contents(&back), before);
}

#[test]
fn the_books_go_on_in_the_copy_with_the_next_number_and_the_next_event() {
    let books = kept();
    let there = elsewhere(&books);
    copied(&books, &there).unwrap();
    let ledger = Ledger::open(&there, books.home.path()).unwrap();
    let next = ledger.write(|tx| {
        append(tx, "mega", "the first one there")?;
        tx.next_number("isa13", "mega", 501)
    });
    assert_eq!(next.unwrap(), 502);
    assert_eq!(ledger.read(|tx| tx.event("mega", 231)).unwrap().text, "the first one there");
    // The large content is a file of the archive, which both ledgers share.
    let found = ledger.read(|tx| tx.verify(Contents::Too)).unwrap();
    assert_eq!((found.events, found.faults), (461, Vec::new()));
    for sql in ["UPDATE event SET text = 'other'", "DELETE FROM event"] {
        let refused = ledger.write(move |tx| tx.execute(sql, &[])).unwrap_err();
        assert!(refused.to_string().contains("the journal is append-only"), "{refused}");
    }
}

#[test]
fn a_ledger_that_holds_anything_is_no_target() {
    let books = kept();
    let there = elsewhere(&books);
    let ledger = Ledger::open(&there, books.home.path()).unwrap();
    ledger.write(|tx| tx.next_serial("sscc")).unwrap();
    let before = contents(&there);
    let refused = copied(&books, &there).unwrap_err().to_string();
    let expect = format!("the ledger {there} already holds rows (table number); a copy goes into an empty one");
    assert_eq!((refused, contents(&there)), (expect, before));
    let itself = copied(&books, books.address()).unwrap_err();
    assert!(matches!(itself, Refused::Occupied { .. }), "{itself}");
}

#[test]
fn a_source_of_an_older_or_newer_build_is_refused_and_the_target_not_touched() {
    for version in [1, 99] {
        let books = kept();
        books.tamper(&format!("UPDATE schema_version SET version = {version}"));
        let there = LedgerAddress::Sqlite(books.home.path().join("other.db"));
        let refused = copied(&books, &there).unwrap_err();
        let is_about_the_schema = match version {
            1 => matches!(refused, Refused::Ledger(Error::OlderSchema { found: 1, .. })),
            _ => matches!(refused, Refused::Ledger(Error::NewerSchema { found: 99, .. })),
        };
        assert!(is_about_the_schema, "{refused}");
        assert!(!books.home.path().join("other.db").exists());
    }
}

#[test]
fn a_journal_that_was_tampered_with_is_not_carried_over() {
    let books = kept();
    books.tamper("UPDATE event SET text = 'other' WHERE partner = 'mega' AND sequence = 7");
    let there = elsewhere(&books);
    let refused = copied(&books, &there).unwrap_err().to_string();
    let expect = "the copy is not as it should be and was undone: event mega/7 was changed after it was written";
    assert_eq!(refused, expect);
    assert!(is_empty(&there));
}

#[test]
fn a_content_that_is_not_what_its_name_says_is_not_carried_over() {
    let books = kept();
    books.tamper("UPDATE content SET bytes = x'00' WHERE length(bytes) = 3");
    let there = elsewhere(&books);
    let refused = copied(&books, &there).unwrap_err().to_string();
    assert!(refused.starts_with("the copy is not as it should be and was undone: the archived bytes "), "{refused}");
    assert!(is_empty(&there));
}

#[test]
fn what_is_written_to_the_source_meanwhile_is_noticed_and_nothing_is_copied() {
    let books = kept();
    let there = elsewhere(&books);
    let mut wrote = false;
    let mut write_once = |progress: Progress<'_>| {
        if progress.doing == Doing::Proving && !wrote {
            wrote = true;
            books.write(|tx| append(tx, "mega", "meanwhile"));
        }
    };
    let refused = copy(books.address(), &there, books.home.path(), Timestamp::now(), &mut write_once).unwrap_err();
    let expect = "event had 460 rows and has 461 now: somebody writes there";
    assert!(refused.to_string().ends_with(expect), "{refused}");
    assert!(is_empty(&there));
    copied(&books, &there).unwrap();
}

#[test]
fn a_server_on_which_a_node_is_alive_is_no_source() {
    if no_server_for("a_server_on_which_a_node_is_alive_is_no_source") {
        return; // A file has one writer, and the lock of its home tells whether it is there.
    }
    let books = Books::new();
    let now = Timestamp::now();
    let there = LedgerAddress::Sqlite(books.home.path().join("other.db"));
    let sql = "INSERT INTO node (id, name, process, version, started, seen) VALUES ('1', 'edi-1', 7, '', 0, $1)";
    books.write(move |tx| tx.execute(sql, &[now.into()]));
    let copied_after = |seconds: i64| {
        let then = now + jiff::SignedDuration::from_secs(seconds);
        copy(books.address(), &there, books.home.path(), then, &mut |_| ())
    };
    let refused = copied_after(59).unwrap_err().to_string();
    let expect = format!("the node edi-1 works on the ledger {}: it was seen 59 s ago", books.address());
    assert_eq!(refused, expect);
    assert_eq!(copied_after(60).unwrap().rows(), 1);
}

/// Builds before PostgreSQL stood behind the ledger kept it as it came.
#[test]
fn a_nul_in_an_old_text_becomes_its_picture_on_a_server_unless_a_hash_covers_it() {
    if no_server_for("a_nul_in_an_old_text_becomes_its_picture_on_a_server_unless_a_hash_covers_it") {
        return; // A file holds it.
    }
    let books = kept();
    let nul = |table: &str, column: &str| {
        let sql = format!("UPDATE {table} SET {column} = CAST(x'610062' AS TEXT)");
        Session::open(books.address(), Purpose::Writing).unwrap().batch(&sql).unwrap();
    };
    nul("number", "counter");
    let there = elsewhere(&books);
    copied(&books, &there).unwrap();
    let mut session = Session::open(&there, Purpose::Reading).unwrap();
    let counter = session.query("SELECT counter FROM number", &[]).unwrap();
    assert_eq!(counter[0].values(), [Value::from("a\u{2400}b")]);
    books.tamper("UPDATE event SET text = CAST(x'610062' AS TEXT) WHERE partner = 'mega' AND sequence = 3");
    let there = elsewhere(&books);
    let refused = copied(&books, &there).unwrap_err().to_string();
    assert!(refused.contains("an event holds U+0000 in \"a\\0b\", which PostgreSQL cannot hold"), "{refused}");
    assert!(is_empty(&there));
}

#[test]
fn a_ledger_is_migrated_from_the_version_that_it_has_and_only_once() {
    let books = in_a_file();
    let there = elsewhere(&books);
    let newest = crate::ledger::schema::NEWEST;
    assert_eq!(migrate::migrate(&there).unwrap(), migrate::Migrated { from: 0, to: newest });
    assert_eq!(migrate::migrate(&there).unwrap(), migrate::Migrated { from: newest, to: newest });
    assert_eq!(migrate::expect_newest(&there).unwrap(), newest);
}
