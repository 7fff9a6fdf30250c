//! The chain of events, and what the proof finds.

use super::{Books, at};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::verify::{Contents, Verification};
use crate::ledger::{Error, Id};

/// Journals of four events at `mega` and two at `store`.
fn journals() -> Books {
    let books = Books::new();
    for (partner, number) in [("mega", 1), ("store", 1), ("mega", 2), ("mega", 3), ("store", 2), ("mega", 4)] {
        books.write(move |tx| {
            tx.append_event(&NewEvent {
                partner: partner.to_owned(),
                at: at(number),
                kind: EventKind::Received,
                refs: Refs {
                    transmission: Some(Id(format!("t{number}"))),
                    document: Some(Id(format!("d{number}"))),
                    delivery: Some(Id(format!("y{number}"))),
                    po_number: Some(format!("PO{number}")),
                },
                text: format!("received {number} \u{FFFD}"),
                data: serde_json::json!({ "bytes": number }),
            })
        });
        let events = format!("SELECT COUNT(*) FROM event WHERE partner = '{partner}'");
        assert_eq!(books.count(&events), number);
    }
    books
}

fn verify(books: &Books) -> Verification {
    books.read(|tx| tx.verify(Contents::Not))
}

/// What the proof says after a change to the untouched journals.
fn check(sql: &str, expect: &[&str]) {
    let books = journals();
    books.tamper(sql);
    assert_eq!(verify(&books).faults, expect, "{sql}");
}

#[test]
fn untouched_journals_hold_before_and_after_opening_again() {
    let books = journals();
    let holds = Verification { partners: 2, events: 6, contents: 0, ..Verification::default() };
    assert_eq!(verify(&books), holds);
    assert_eq!(verify(&books.reopened()), holds);
}

#[test]
fn the_journal_is_append_only_even_for_ourselves() {
    let books = journals();
    for sql in ["UPDATE event SET text = 'other'", "DELETE FROM event WHERE sequence = 1"] {
        let refused = books.ledger.write(move |tx| tx.execute(sql, &[])).unwrap_err();
        assert!(refused.to_string().contains("the journal is append-only"), "{sql}: {refused}");
    }
    assert_eq!(verify(&books).faults, Vec::<String>::new());
}

#[test]
fn an_empty_ledger_holds() {
    assert_eq!(verify(&Books::new()), Verification::default());
}

#[test]
fn a_changed_byte_in_any_column_is_found_and_the_event_named() {
    let changed = "event mega/2 was changed after it was written";
    for (column, value) in [
        ("at", "at + 1"),
        ("kind", "'receivee'"),
        ("transmission", "'t3'"),
        ("document", "'d3'"),
        ("delivery", "'y3'"),
        ("po_number", "'PO3'"),
        ("text", "replace(text, '2', '3')"),
        ("data", "'{\"bytes\":3}'"),
        ("hash", "replace(hash, substr(hash, 1, 1), 'x')"),
    ] {
        check(&format!("UPDATE event SET {column} = {value} WHERE partner = 'mega' AND sequence = 2"), &[changed]);
    }
    let previous = "UPDATE event SET previous = 'x' || substr(previous, 2) WHERE partner = 'mega' AND sequence = 2";
    check(previous, &["event mega/2 does not follow the one before it"]);
    let sequence = "UPDATE event SET sequence = 6 WHERE partner = 'mega' AND sequence = 2";
    check(sequence, &["event mega/2 is missing"]);
    let partner = "UPDATE event SET partner = 'mege' WHERE partner = 'mega' AND sequence = 2";
    check(partner, &["event mega/2 is missing", "event mege/1 is missing"]);
}

#[test]
fn a_column_that_was_emptied_or_given_another_type_is_found() {
    let changed = "event mega/2 was changed after it was written";
    let values = ["po_number = NULL", "po_number = ''", "text = CAST(text AS BLOB)", "data = x'ff'"];
    // PostgreSQL keeps a column's type and its encoding by itself.
    let possible = if Books::new().is_sqlite() { 4 } else { 2 };
    for value in &values[..possible] {
        check(&format!("UPDATE event SET {value} WHERE partner = 'mega' AND sequence = 2"), &[changed]);
    }
}

#[test]
fn text_that_is_no_utf8_any_more_is_not_taken_for_the_replacement_character() {
    if !Books::new().is_sqlite() {
        return; // A PostgreSQL database of encoding UTF8 refuses such text.
    }
    // The text ends with U+FFFD, which a reader that mends bad UTF-8 would show for the one byte FF as well.
    let sql = "UPDATE event SET text = CAST(CAST('received 2 ' AS BLOB) || x'ff' AS TEXT)
               WHERE partner = 'mega' AND sequence = 2";
    check(sql, &["event mega/2 was changed after it was written"]);
}

#[test]
fn a_value_that_cannot_be_read_is_a_fault_of_the_journal_and_the_others_are_still_proved() {
    let books = journals();
    let (sql, fault) = match books.is_sqlite() {
        true => ("UPDATE event SET at = 1.5 WHERE partner = 'mega' AND sequence = 2", "a float 1.5"),
        false => (
            "ALTER TABLE event ALTER COLUMN at TYPE DOUBLE PRECISION; UPDATE event SET at = 1.5 WHERE sequence = 2",
            "column 2: ",
        ),
    };
    books.tamper(sql);
    let found = verify(&books);
    assert!(
        found.faults[0].starts_with(&format!("the journal of Text(\"mega\") cannot be read: {fault}")),
        "{found:?}"
    );
    assert_eq!((found.faults.len(), found.partners), (if books.is_sqlite() { 1 } else { 2 }, 2));
}

#[test]
fn a_missing_event_is_found_wherever_it_stood() {
    for (sequence, expect) in [
        (1, "event mega/1 is missing"),
        (2, "event mega/2 is missing"),
        (4, "the journal of mega ends at event 3, which is not its recorded end"),
    ] {
        check(&format!("DELETE FROM event WHERE partner = 'mega' AND sequence = {sequence}"), &[expect]);
    }
    let expect = "the journal of mega ends at event 0, which is not its recorded end";
    check("DELETE FROM event WHERE partner = 'mega'", &[expect]);
}

#[test]
fn a_changed_or_missing_end_is_found() {
    let expect = "the journal of mega ends at event 4, which is not its recorded end";
    check("UPDATE event_head SET sequence = 5 WHERE partner = 'mega'", &[expect]);
    check("UPDATE event_head SET hash = 'x' WHERE partner = 'mega'", &[expect]);
    check("DELETE FROM event_head WHERE partner = 'mega'", &[expect]);
}

#[test]
fn swapped_events_are_found() {
    let swap = "UPDATE event SET sequence = 9 WHERE partner = 'mega' AND sequence = 2;
                UPDATE event SET sequence = 2 WHERE partner = 'mega' AND sequence = 3;
                UPDATE event SET sequence = 3 WHERE partner = 'mega' AND sequence = 9;";
    check(swap, &["event mega/2 does not follow the one before it"]);
}

#[test]
fn an_inserted_event_is_found_before_between_and_after() {
    let insert = |sequence: i64| {
        format!(
            "UPDATE event SET sequence = -sequence WHERE partner = 'mega' AND sequence >= {sequence} AND {sequence} > 0;
             UPDATE event SET sequence = 1 - sequence WHERE partner = 'mega' AND sequence < 0;
             INSERT INTO event SELECT partner, {sequence}, at, kind, transmission, document, delivery, po_number, 'forged',
                    data, previous, hash FROM event WHERE partner = 'mega' ORDER BY sequence LIMIT 1"
        )
    };
    check(&insert(0), &["event mega/0 stands before the first one"]);
    check(&insert(-3), &["event mega/-3 stands before the first one"]);
    check(&insert(2), &["event mega/2 does not follow the one before it"]);
    check(&insert(5), &["event mega/5 does not follow the one before it"]);
}

#[test]
fn chains_do_not_depend_on_each_other() {
    let books = journals();
    books.tamper("UPDATE event SET text = 'x' WHERE partner = 'mega' AND sequence = 1");
    let found = verify(&books);
    assert_eq!(found.faults, ["event mega/1 was changed after it was written"]);
    assert_eq!((found.partners, found.events), (2, 2));
}

#[test]
fn an_undone_event_leaves_no_gap() {
    let books = journals();
    let undone = books.ledger.write(|tx| {
        tx.append_event(&NewEvent { partner: "mega".to_owned(), ..NewEvent::default() })?;
        Err::<(), _>(Error::Unexpected("no".to_owned()))
    });
    assert!(undone.is_err());
    books.write(|tx| tx.append_event(&NewEvent { partner: "mega".to_owned(), ..NewEvent::default() }));
    assert_eq!(books.count("SELECT MAX(sequence) FROM event WHERE partner = 'mega'"), 5);
    assert_eq!(verify(&books).faults, Vec::<String>::new());
}

#[test]
fn a_journal_longer_than_one_chunk_is_proved_to_its_end() {
    let books = Books::new();
    books.write(|tx| {
        for _ in 0..2001 {
            tx.append_event(&NewEvent { partner: "mega".to_owned(), ..NewEvent::default() })?;
        }
        Ok(())
    });
    assert_eq!(verify(&books).events, 2001);
    books.tamper("UPDATE event SET text = 'x' WHERE sequence = 2001");
    assert_eq!(verify(&books).faults, ["event mega/2001 was changed after it was written"]);
}

#[test]
fn an_event_is_read_back_as_it_was_appended() {
    let event = journals().read(|tx| tx.event("mega", 3));
    assert_eq!((event.kind.as_str(), event.at, event.sequence), ("received", at(3), 3));
    assert_eq!(event.refs.po_number.as_deref(), Some("PO3"));
    assert_eq!(event.data, serde_json::json!({ "bytes": 3 }));
}
