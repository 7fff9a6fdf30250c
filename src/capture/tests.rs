//! Custody, once.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::{Arrival, Captured, Held};
use crate::config::duplicates::{Duplicates, Policy};
use crate::config::partner::PartnerId;
use crate::ledger::delivery::{Delivery, Lane, Line, NewDelivery, Outcome, What};
use crate::ledger::tests::{Books, at, no_server_for};
use crate::ledger::transmission::TransmissionState;
use crate::ledger::verify::Contents;
use crate::ledger::{Error, Id, Ledger, Transaction};
use crate::transport::inlet::Claimed;

/// A claimed file of that partner; each under a name of its own.
fn arrival(books: &Books, partner: &str, name: &str, bytes: &[u8]) -> Arrival {
    let claim = format!("{}.{name}", Id::new());
    let path = books.home.path().join(&claim);
    fs::write(&path, bytes).unwrap();
    Arrival {
        partner: PartnerId::parse(partner).unwrap(),
        endpoint: "orders".to_owned(),
        claimed: Claimed { path, name: name.to_owned(), claim, there: None },
        message_id: None,
        duplicates: Duplicates::default(),
        at: at(0),
    }
}

fn id(captured: Captured) -> Id {
    match captured {
        Captured::New(id) | Captured::Duplicate(id) | Captured::Quarantined(id) | Captured::Already(id) => id,
    }
}

fn events(books: &Books) -> Vec<String> {
    books.texts("SELECT kind || ': ' || text FROM event ORDER BY partner, sequence")
}

/// Captures one file to its end.
fn capture(ledger: &Ledger, arrival: &Arrival) -> Result<Captured, Error> {
    super::capture(ledger, vec![arrival.clone()]).remove(0)
}

#[test]
fn a_new_file_is_recorded_with_its_bytes_and_told_in_the_journal() {
    let books = Books::new();
    let captured = capture(&books.ledger, &arrival(&books, "mega", "a.edi", b"ISA*00")).unwrap();
    assert!(matches!(captured, Captured::New(_)));
    let stored = books.read(|tx| tx.transmission(&id(captured)));
    assert_eq!((stored.name.as_str(), stored.size, stored.state), ("a.edi", 6, TransmissionState::Captured));
    assert_eq!(books.read(|tx| tx.content(&stored.sha256)), b"ISA*00");
    assert_eq!(events(&books), ["received: received a.edi by orders, 6 bytes"]);
}

#[test]
fn capturing_leaves_the_claimed_file_where_it_is() {
    let books = Books::new();
    let arrival = arrival(&books, "mega", "a.edi", b"ISA*00");
    capture(&books.ledger, &arrival).unwrap();
    assert_eq!(fs::read(&arrival.claimed.path).unwrap(), b"ISA*00");
}

#[test]
fn the_same_bytes_are_a_duplicate_of_the_first() {
    let books = Books::new();
    let first = id(capture(&books.ledger, &arrival(&books, "mega", "a.edi", b"ISA*00")).unwrap());
    for name in ["b.edi", "c.edi"] {
        let captured = capture(&books.ledger, &arrival(&books, "mega", name, b"ISA*00")).unwrap();
        assert!(matches!(captured, Captured::Duplicate(_)));
        let stored = books.read(|tx| tx.transmission(&id(captured)));
        assert_eq!(stored.state, TransmissionState::Duplicate { of: first.clone() });
        let told = books.read(|tx| tx.diagnostics(&stored.id));
        assert_eq!(told[0].message, format!("the bytes of {name} came in before, as a.edi"));
    }
    assert_eq!(books.read(|tx| tx.waiting_transmissions(10)).len(), 1);
    assert_eq!(events(&books)[1], "duplicate: a.edi came again as b.edi: recorded, nothing done");
}

#[test]
fn the_same_bytes_by_another_endpoint_are_a_duplicate_and_from_another_partner_are_not() {
    let books = Books::new();
    let first = id(capture(&books.ledger, &arrival(&books, "mega", "a.edi", b"ISA*00")).unwrap());
    let by_another_endpoint = Arrival { endpoint: "returns".to_owned(), ..arrival(&books, "mega", "a.edi", b"ISA*00") };
    let captured = capture(&books.ledger, &by_another_endpoint).unwrap();
    assert!(matches!(captured, Captured::Duplicate(_)));
    let stored = books.read(|tx| tx.transmission(&id(captured)));
    assert_eq!((stored.endpoint.as_str(), stored.state), ("returns", TransmissionState::Duplicate { of: first }));
    let from_another_partner = arrival(&books, "store", "a.edi", b"ISA*00");
    assert!(matches!(capture(&books.ledger, &from_another_partner).unwrap(), Captured::New(_)));
    assert_eq!(books.count("SELECT COUNT(*) FROM content"), 1);
}

/// Captures a message of `mega` and says what became of it and with which code.
fn message(books: &Books, message_id: &str, bytes: &[u8], duplicates: Duplicates) -> (&'static str, String) {
    let message_id = Some(message_id.to_owned());
    let arrival = Arrival { message_id, duplicates, ..arrival(books, "mega", "a.edi", bytes) };
    let captured = capture(&books.ledger, &arrival).unwrap();
    let word = match &captured {
        Captured::New(_) => "new",
        Captured::Duplicate(_) => "duplicate",
        Captured::Quarantined(_) => "quarantined",
        Captured::Already(_) => "already",
    };
    let told = books.read(|tx| tx.diagnostics(&id(captured)));
    (word, told.first().map(|one| one.code.clone()).unwrap_or_default())
}

fn check(policies: Duplicates, messages: &[(&str, &str, &str, &str)]) -> Books {
    let books = Books::new();
    for (message_id, bytes, word, code) in messages {
        let found = message(&books, message_id, bytes.as_bytes(), policies);
        assert_eq!(found, (*word, (*code).to_owned()), "{message_id} with {bytes} under {policies:?}");
    }
    books
}

const BY_ID: [Policy; 3] = [Policy::Quarantine, Policy::AcknowledgeAgain, Policy::Replace];

#[test]
fn the_same_message_is_a_repetition_whatever_the_policy() {
    for message_id in BY_ID {
        let policies = Duplicates { message_id, ..Duplicates::default() };
        check(policies, &[("m1", "ISA*00", "new", ""), ("m1", "ISA*00", "duplicate", "CAP-W030")]);
    }
}

#[test]
fn a_resend_under_a_new_message_id_is_known_by_its_bytes() {
    for message_id in BY_ID {
        let policies = Duplicates { message_id, ..Duplicates::default() };
        check(policies, &[("m1", "ISA*00", "new", ""), ("m2", "ISA*00", "duplicate", "CAP-W010")]);
    }
}

#[test]
fn other_bytes_under_a_known_message_id_are_never_swallowed() {
    for message_id in [Policy::Quarantine, Policy::AcknowledgeAgain] {
        let policies = Duplicates { message_id, ..Duplicates::default() };
        let books = check(policies, &[("m1", "ISA*00", "new", ""), ("m1", "ISA*01", "quarantined", "CAP-E031")]);
        assert!(events(&books)[1].starts_with(
            "quarantined: a.edi quarantined: message m1 came in before with other bytes, as a.edi (CAP-E031, message_id"
        ));
        // They are nobody's first: under an id of their own they are taken.
        assert_eq!(message(&books, "m2", b"ISA*01", policies), ("new", String::new()));
    }
}

#[test]
fn where_message_ids_mean_nothing_new_bytes_are_taken_and_old_ones_are_not() {
    let policies = Duplicates { message_id: Policy::Replace, ..Duplicates::default() };
    let books = check(
        policies,
        &[
            ("m1", "ISA*00", "new", ""),
            ("m1", "ISA*01", "new", "CAP-W032"),
            ("m1", "ISA*01", "duplicate", "CAP-W010"),
            ("m1", "ISA*00", "duplicate", "CAP-W030"),
        ],
    );
    assert_eq!(
        events(&books)[1],
        r#"received: received a.edi by orders, 6 bytes, under the message id of a.edi (message_id = "replace")"#
    );
}

#[test]
fn a_message_id_is_known_of_its_own_partner_only() {
    let books = Books::new();
    for partner in ["mega", "store"] {
        let message_id = Some("m1".to_owned());
        let arrival = Arrival { message_id, ..arrival(&books, partner, "a.edi", partner.as_bytes()) };
        assert!(matches!(capture(&books.ledger, &arrival).unwrap(), Captured::New(_)));
    }
}

#[test]
fn the_journal_says_which_policy_decided() {
    let books = Books::new();
    for (message_id, bytes) in [("m1", b"ISA*00"), ("m1", b"ISA*00"), ("m2", b"ISA*00"), ("m1", b"ISA*01")] {
        message(
            &books,
            message_id,
            bytes,
            Duplicates { message_id: Policy::AcknowledgeAgain, ..Duplicates::default() },
        );
    }
    let told: Vec<serde_json::Value> = books.read(|tx| {
        let events = (2..=4).map(|sequence| tx.event("mega", sequence).map(|event| event.data["policy"].clone()));
        events.collect()
    });
    let by_id = r#"message_id = "acknowledge again""#;
    assert_eq!(told, [by_id, r#"bytes = "quarantine""#, by_id]);
}

/// What is due to be sent by the endpoint of the orders.
fn due(tx: &mut Transaction<'_>) -> Result<Vec<Delivery>, Error> {
    let lane = Lane { partner: "mega".to_owned(), endpoint: "orders".to_owned() };
    tx.due_deliveries(&lane, Line::Free, at(9), 10)
}

/// An interchange of a transmission, answered by a 997 that went out.
fn answered(books: &Books, transmission: Id) {
    books.write(move |tx| {
        let row = "INSERT INTO interchange VALUES ('i1', 'mega', 'in', $1, 'ZZ:A', 'ZZ:B', '1', 0, 9, 'accepted')";
        tx.execute(row, &[(&transmission).into()])?;
        let partner = "mega".to_owned();
        let delivery = tx.record_delivery(&NewDelivery {
            po_number: None,
            transmission,
            partner,
            endpoint: "orders".to_owned(),
            name: "997_1.edi".to_owned(),
            what: What::Acknowledgment(Id("i1".to_owned())),
            label: "997 for 1".to_owned(),
            due: at(0),
        })?;
        tx.record_attempt(&delivery, at(1), &Outcome::Sent { receipt: "there".to_owned() })
    });
}

#[test]
fn a_message_that_is_acknowledged_again_makes_its_first_answer_due() {
    let books = Books::new();
    let policies = Duplicates { message_id: Policy::AcknowledgeAgain, ..Duplicates::default() };
    message(&books, "m1", b"ISA*00", policies);
    // Before an answer went out there is nothing to repeat: it comes by itself.
    message(&books, "m1", b"ISA*00", policies);
    let first = books.texts("SELECT id FROM transmission ORDER BY id").remove(0);
    answered(&books, Id(first));
    assert_eq!(books.read(due).len(), 0);
    message(&books, "m1", b"ISA*00", policies);
    let due = books.read(due);
    assert_eq!(due.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["997_1.edi"]);
    // Other bytes are no repetition, and an answer would be taken for the first one's.
    message(&books, "m1", b"ISA*01", policies);
    let by = r#"(message_id = "acknowledge again")"#;
    assert_eq!(
        events(&books)[1..],
        [
            format!("duplicate: a.edi came again as a.edi: recorded; no answer to it went out yet {by}"),
            format!("duplicate: a.edi came again as a.edi: recorded, and our answer goes out once more: 997_1.edi {by}"),
            "quarantined: a.edi quarantined: message m1 came in before with other bytes, as a.edi (CAP-E031, message_id = \"acknowledge again\")".to_owned(),
        ]
    );
}

#[test]
fn a_claim_that_was_recorded_before_a_crash_is_not_captured_twice() {
    let books = Books::new();
    let arrival = arrival(&books, "mega", "a.edi", b"ISA*00");
    let first = id(capture(&books.ledger, &arrival).unwrap());
    let books = books.reopened();
    assert_eq!(capture(&books.ledger, &arrival).unwrap(), Captured::Already(first));
    assert_eq!(events(&books).len(), 1);
}

#[test]
fn an_empty_file_is_taken_as_well() {
    let books = Books::new();
    let captured = capture(&books.ledger, &arrival(&books, "mega", "a.edi", b"")).unwrap();
    let stored = books.read(|tx| tx.transmission(&id(captured)));
    assert_eq!((stored.size, stored.state), (0, TransmissionState::Captured));
    assert_eq!(books.read(|tx| tx.content(&stored.sha256)), b"");
}

#[test]
fn a_large_file_is_archived_and_known_when_it_comes_again() {
    let books = Books::new();
    let bytes = vec![b'x'; 200_000];
    let captured = capture(&books.ledger, &arrival(&books, "mega", "a.edi", &bytes)).unwrap();
    let stored = books.read(|tx| tx.transmission(&id(captured)));
    assert!(books.read(|tx| tx.content(&stored.sha256)) == bytes);
    let again = capture(&books.ledger, &arrival(&books, "mega", "b.edi", &bytes)).unwrap();
    assert!(matches!(again, Captured::Duplicate(_)));
    assert_eq!(books.spooled(), 0);
    assert_eq!(books.read(|tx| tx.verify(Contents::Too)).faults, Vec::<String>::new());
}

#[test]
fn a_file_that_is_gone_is_named_and_nothing_is_recorded() {
    let books = Books::new();
    let arrival = arrival(&books, "mega", "a.edi", b"ISA*00");
    fs::remove_file(&arrival.claimed.path).unwrap();
    assert!(matches!(capture(&books.ledger, &arrival), Err(Error::Unreadable { .. })));
    assert_eq!(books.count("SELECT COUNT(*) FROM transmission"), 0);
}

// --- Two nodes at one moment ---

/// A claimed file whose bytes are safe.
fn held(books: &Books, arrival: Arrival) -> Held {
    let content = books.ledger.archive().take_in(&arrival.claimed.path).unwrap();
    Held { arrival, content }
}

/// Each of two transactions side by side sees what was there before them; they meet at the row of the bytes. Where another
/// partner sent the same, that row is there already, and is new to nobody.
#[test]
fn of_two_nodes_that_take_known_bytes_at_one_moment_one_is_told_of_the_other() {
    if no_server_for("two nodes that take the same bytes") {
        return;
    }
    let books = Books::new();
    let other = books.opened_again().unwrap();
    capture(&books.ledger, &arrival(&books, "store", "theirs.edi", b"ISA*00")).unwrap();
    let [first, second] = ["a.edi", "b.edi"].map(|name| held(&books, arrival(&books, "mega", name, b"ISA*00")));
    let process = other.write(|tx| tx.query_one("SELECT pg_backend_pid()", &[])?.unwrap().int(0)).unwrap();
    let (runs, without_hopes, first_is_recorded) = (AtomicU32::new(0), Barrier::new(2), Barrier::new(2));
    let moments = Arc::new([without_hopes, first_is_recorded]);
    let of_the_second = Arc::clone(&moments);
    let second = other.submit_hopefully(move |tx| {
        // In its first run it hoped that the row of the bytes is new.
        if runs.fetch_add(1, Ordering::Relaxed) == 1 {
            for moment in of_the_second.iter() {
                moment.wait();
            }
        }
        Ok(super::record(tx, std::slice::from_ref(&second))?.remove(0))
    });
    let (commit, may_commit) = mpsc::channel::<()>();
    let first = books.ledger.submit(move |tx| {
        moments[0].wait();
        let captured = super::record(tx, std::slice::from_ref(&first))?.remove(0);
        moments[1].wait();
        may_commit.recv().unwrap();
        Ok(captured)
    });
    let waits = format!("SELECT COUNT(*) FROM pg_stat_activity WHERE pid = {process} AND wait_event_type = 'Lock'");
    let deadline = Instant::now() + Duration::from_secs(20);
    while books.count(&waits) == 0 {
        assert!(Instant::now() < deadline, "the second one does not wait for the first");
        thread::sleep(Duration::from_millis(5));
    }
    commit.send(()).unwrap();
    let (first, second) = (id(first.wait().unwrap()), second.wait().unwrap());
    assert!(matches!(second, Captured::Duplicate(_)), "{second:?}");
    let stored = books.read(|tx| tx.transmission(&id(second)));
    assert_eq!(stored.state, TransmissionState::Duplicate { of: first });
}
