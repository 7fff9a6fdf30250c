//! Duplicates are found at once, however much there is to remember.

use super::{Books, Direction, at, transmission};
use crate::config::LedgerAddress;
use crate::ledger::transmission::{NewTransmission, TransmissionState};
use crate::ledger::{Content, Id, Ledger};
use crate::ledger::{delivery, document, envelope, transmission as transmissions};

/// Plans are SQLite's whatever ledger the other tests use: its statistics-free planner says the same on every machine.
fn a_sqlite_ledger() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    Ledger::open(&LedgerAddress::Sqlite(home.path().join("ledger.db")), home.path()).unwrap();
    home
}

/// How SQLite would look for something: one line per step.
fn plan(home: &tempfile::TempDir, sql: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(home.path().join("ledger.db")).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.replace('$', "?"))).unwrap();
    let nothing = vec![rusqlite::types::Null; statement.parameter_count()];
    let steps = statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get(3)).unwrap();
    steps.map(Result::unwrap).collect()
}

#[test]
fn every_duplicate_is_found_by_an_index_that_names_the_partner() {
    let home = a_sqlite_ledger();
    let of_key = format!("SELECT id FROM document {} LIMIT 1", document::OF_KEY);
    for (sql, step) in [
        (
            transmissions::WITH_MESSAGE_ID,
            "SEARCH transmission USING COVERING INDEX transmission_message (partner=? AND message_id=?)",
        ),
        (
            envelope::ACCEPTED_UNDER,
            "SEARCH interchange USING INDEX interchange_accepted (partner=? AND control_number=? AND sender=? AND receiver=?)",
        ),
        (
            of_key.as_str(),
            "SEARCH document USING INDEX sqlite_autoindex_document_2 (partner=? AND kind=? AND business_key=?)",
        ),
    ] {
        let steps = plan(&home, sql);
        assert_eq!(steps[0], step, "{sql}");
        // No step reads a table from end to end, and none sorts what it found before it takes the first.
        let costly = steps.iter().find(|step| step.starts_with("SCAN") || step.contains("TEMP B-TREE"));
        assert_eq!(costly, None, "{sql}: {steps:#?}");
    }
}

#[test]
fn many_duplicates_are_found_by_one_index_each_as_well() {
    let home = a_sqlite_ledger();
    for (sql, step) in [
        (transmissions::named_by_bytes("$1, $2"), "SEARCH content USING INDEX sqlite_autoindex_content_1 (sha256=?)"),
        (
            transmissions::with_any_bytes("($2), ($3)"),
            "SEARCH transmission USING INDEX transmission_bytes (partner=? AND sha256=?)",
        ),
        (
            envelope::accepted_under_each("($1, $2, $3, $4), ($5, $6, $7, $8)"),
            "SEARCH interchange USING COVERING INDEX interchange_accepted (partner=? AND control_number=? AND sender=? AND receiver=?)",
        ),
        (document::by_numbers(document::NUMBERS, "$3, $4"), "SEARCH document USING INDEX document_number (number=?)"),
    ] {
        let steps = plan(&home, &sql);
        assert!(steps.iter().any(|found| found == step), "{sql}: {steps:#?}");
        // What is asked for is read from end to end; no table is.
        let costly = steps.iter().find(|step| step.starts_with("SCAN") && !step.contains("VALUES CLAUSE"));
        assert_eq!(costly, None, "{sql}: {steps:#?}");
    }
}

#[test]
fn what_a_duplicate_needs_next_is_found_by_an_index_too() {
    let home = a_sqlite_ledger();
    for (sql, step) in [
        (
            envelope::ACCEPTED_AT,
            "SEARCH interchange USING INDEX interchange_transmission (transmission=? AND byte_start=?)",
        ),
        (
            envelope::INTERCHANGES_AT,
            "SEARCH interchange USING INDEX interchange_transmission (transmission=? AND byte_start=?)",
        ),
        (envelope::INTERCHANGES_OF, "SEARCH interchange USING INDEX interchange_transmission (transmission=?)"),
        (delivery::ANSWER_AGAIN, "SEARCH delivery USING INDEX delivery_answers (answers=?)"),
    ] {
        assert_eq!(plan(&home, sql), [step], "{sql}");
    }
}

/// A transmission of `mega` under a message id, whose bytes are these.
fn arrived(books: &Books, bytes: &'static str, message_id: Option<&'static str>, state: TransmissionState) -> Id {
    books.write(move |tx| {
        tx.record_transmission(&NewTransmission {
            direction: Direction::In,
            partner: "mega".to_owned(),
            endpoint: "folder".to_owned(),
            name: "a.edi".to_owned(),
            claim: None,
            message_id: message_id.map(str::to_owned),
            content: Content::in_memory(bytes.as_bytes().to_vec()),
            at: at(0),
            state,
        })
    })
}

#[test]
fn repetitions_do_not_make_the_search_for_the_first_one_longer() {
    let books = Books::new();
    let first = arrived(&books, "x", Some("m1"), TransmissionState::Captured);
    for _ in 0..20 {
        arrived(&books, "x", Some("m1"), TransmissionState::Duplicate { of: first.clone() });
    }
    let sha256 = Content::in_memory(b"x".to_vec()).sha256().to_owned();
    let found = books.read(|tx| tx.transmission_with_bytes("mega", &sha256)).unwrap();
    assert_eq!((found.id, found.message_id.as_deref()), (first.clone(), Some("m1")));
    assert_eq!(books.read(|tx| tx.transmission_with_message_id("mega", "m1")).unwrap().id, first);
    // Both indexes hold the first one alone.
    assert_eq!(books.count("SELECT COUNT(*) FROM transmission WHERE taken = 1"), 1);
}

#[test]
fn what_came_to_nothing_is_nobodys_first_until_it_is_put_back() {
    let books = Books::new();
    let id = arrived(&books, "x", Some("m1"), TransmissionState::Captured);
    let known = |books: &Books| books.read(|tx| tx.transmission_with_message_id("mega", "m1")).is_some();
    for (state, is_known) in [(TransmissionState::Quarantined, false), (TransmissionState::Captured, true)] {
        let moved = id.clone();
        books.write(move |tx| tx.set_transmission_state(&moved, &state));
        assert_eq!(known(&books), is_known);
    }
}

#[test]
fn what_another_partner_sent_and_what_we_built_is_no_first() {
    let books = Books::new();
    books.write(|tx| transmission(tx, "mega", "x", Direction::Out));
    books.write(|tx| transmission(tx, "store", "x", Direction::In));
    let sha256 = Content::in_memory(b"x".to_vec()).sha256().to_owned();
    assert!(books.read(|tx| tx.transmission_with_bytes("mega", &sha256)).is_none());
    assert!(books.read(|tx| tx.transmission_with_bytes("store", &sha256)).is_some());
}

/// A ledger of the first release learns what of it was taken.
#[test]
fn an_older_ledger_keeps_its_memory() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("../schema/001.sql")).unwrap();
    for (id, direction, state) in [
        ("a", "in", "processed"),
        ("b", "in", "quarantined"),
        ("c", "in", "quarantined"),
        ("d", "in", "duplicate"),
        ("e", "out", "built"),
    ] {
        let row = format!(
            "INSERT INTO transmission (id, partner, direction, endpoint, name, sha256, size, at, state)
             VALUES ('{id}', 'mega', '{direction}', 'folder', 'a.edi', 'x', 1, 0, '{state}')"
        );
        connection.execute_batch(&row).unwrap();
    }
    // Of c nothing could be used, but it was accepted and answered.
    connection
        .execute_batch("INSERT INTO interchange VALUES ('i', 'mega', 'in', 'c', 'ZZ:A', 'ZZ:B', '1', 0, 9, 'accepted')")
        .unwrap();
    connection.execute_batch(include_str!("../schema/002.sql")).unwrap();
    let mut statement = connection.prepare("SELECT id FROM transmission WHERE taken = 1 ORDER BY id").unwrap();
    let taken: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(taken, ["a", "c"]);
}

/// A delivery that was recorded by an earlier release is recognized by this one.
#[test]
fn an_older_ledger_keeps_its_memory_of_deliveries() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("../schema/001.sql")).unwrap();
    connection.execute_batch(include_str!("../schema/002.sql")).unwrap();
    let key = "document d\nerp\ninbox\n4500000123.json";
    let hash = crate::ledger::content::hex(&openssl::sha::sha256(key.as_bytes()));
    let row = format!(
        "INSERT INTO transmission (id, partner, direction, endpoint, name, sha256, size, at, state)
         VALUES ('t', 'erp', 'out', 'inbox', '4500000123.json', 'x', 1, 0, 'built');
         INSERT INTO delivery (id, partner, endpoint, transmission, name, label, idempotency, document, state, due, created)
         VALUES ('v', 'erp', 'inbox', 't', '4500000123.json', '850', '{hash}', 'd', 'sent', 0, 0);"
    );
    connection.execute_batch(&row).unwrap();
    connection.execute_batch(include_str!("../schema/003.sql")).unwrap();
    let known: String = connection.query_row("SELECT idempotency FROM delivery", [], |row| row.get(0)).unwrap();
    assert_eq!(known, delivery::idempotency(&Id("d".to_owned()), key));
}

/// Of the transmissions of an earlier release, the row of their bytes names the first one and the index has the others.
#[test]
fn an_older_ledger_keeps_its_memory_of_bytes() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    for step in
        [include_str!("../schema/001.sql"), include_str!("../schema/002.sql"), include_str!("../schema/003.sql")]
    {
        connection.execute_batch(step).unwrap();
    }
    for (id, sha256) in [("b", "x"), ("a", "x"), ("c", "pruned"), ("d", "x"), ("e", "y")] {
        let row = format!(
            "INSERT INTO transmission (id, partner, direction, endpoint, name, sha256, size, at, state)
             VALUES ('{id}', 'mega', 'in', 'folder', 'a.edi', '{sha256}', 1, 0, 'processed')"
        );
        connection.execute_batch(&row).unwrap();
    }
    connection.execute_batch("INSERT INTO content (sha256, bytes) VALUES ('x', x'00'), ('y', x'00')").unwrap();
    connection.execute_batch(include_str!("../schema/004.sql")).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(texts("SELECT transmission FROM content ORDER BY sha256"), ["a", "e"]);
    assert_eq!(texts("SELECT id FROM transmission WHERE repeats = 1 ORDER BY id"), ["b", "c", "d"]);
}

/// What an earlier release had not joined yet this one joins.
#[test]
fn an_older_ledger_keeps_what_it_was_about_to_join() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    for step in 1..=10 {
        let path = format!("{}/src/ledger/schema/{step:03}.sql", env!("CARGO_MANIFEST_DIR"));
        connection.execute_batch(&std::fs::read_to_string(path).unwrap()).unwrap();
    }
    let transmission = "INSERT INTO transmission (id, partner, direction, endpoint, name, sha256, size, at, state)
                        VALUES ('t', 'erp', 'in', 'folder', 'a.csv', 'x', 1, 0, 'processed'),
                               ('u', 'erp', 'in', 'folder', 'b.csv', 'y', 1, 0, 'processed')";
    connection.execute_batch(transmission).unwrap();
    for (id, file) in [("d1", "t"), ("d2", "t"), ("d3", "u")] {
        let row = format!(
            "INSERT INTO document (id, partner, kind, business_key, revision, number, source, test, body, transmission, at)
             VALUES ('{id}', 'mega', 'shipment', '{id}', 1, '{id}', 'erp', 0, '{{}}', '{file}', 0)"
        );
        connection.execute_batch(&row).unwrap();
    }
    connection.execute_batch("INSERT INTO unreconciled VALUES ('d1', 'mega'), ('d2', 'mega')").unwrap();
    connection.execute_batch(include_str!("../schema/011.sql")).unwrap();
    let mut statement = connection.prepare("SELECT transmission || ' ' || partner || joined FROM unjoined").unwrap();
    let marks: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(marks, ["t erp"]);
}

#[test]
fn bytes_are_known_to_each_partner_that_sent_them_and_after_they_were_pruned() {
    let books = Books::new();
    books.write(|tx| transmission(tx, "store", "x", Direction::Out));
    let mine = arrived(&books, "x", None, TransmissionState::Captured);
    let sha256 = Content::in_memory(b"x".to_vec()).sha256().to_owned();
    let first = |books: &Books| books.read(|tx| tx.transmission_with_bytes("mega", &sha256)).map(|first| first.id);
    assert_eq!(first(&books), Some(mine.clone()));
    assert_eq!(books.count("SELECT COUNT(*) FROM transmission WHERE repeats = 1"), 1);
    books.tamper("DELETE FROM content");
    assert_eq!(first(&books), Some(mine));
}
