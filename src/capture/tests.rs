//! Custody, once.

use std::fs;

use super::{Arrival, Captured};
use crate::config::partner::PartnerId;
use crate::ledger::tests::{Books, at};
use crate::ledger::transmission::TransmissionState;
use crate::ledger::verify::Contents;
use crate::ledger::{Error, Id, Ledger};
use crate::transport::folder::Claimed;

/// A claimed file of that partner; each under a name of its own.
fn arrival(books: &Books, partner: &str, name: &str, bytes: &[u8]) -> Arrival {
    let path = books.home.path().join(format!("{}.{name}", Id::new()));
    fs::write(&path, bytes).unwrap();
    Arrival {
        partner: PartnerId::parse(partner).unwrap(),
        endpoint: "orders".to_owned(),
        claimed: Claimed { path, name: name.to_owned() },
        at: at(0),
    }
}

fn id(captured: Captured) -> Id {
    match captured {
        Captured::New(id) | Captured::Duplicate(id) | Captured::Already(id) => id,
    }
}

fn events(books: &Books) -> Vec<String> {
    books.texts("SELECT kind || ': ' || text FROM event ORDER BY partner, sequence")
}

/// Captures one file to its end.
fn capture(ledger: &Ledger, arrival: &Arrival) -> Result<Captured, Error> {
    super::capture(ledger, arrival)?.wait()
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
fn the_same_bytes_by_the_same_endpoint_are_a_duplicate_of_the_first() {
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
fn the_same_bytes_from_another_partner_or_by_another_endpoint_are_new() {
    let books = Books::new();
    let mut others = [
        arrival(&books, "mega", "a.edi", b"ISA*00"),
        arrival(&books, "store", "a.edi", b"ISA*00"),
        arrival(&books, "mega", "a.edi", b"ISA*00"),
    ];
    others[2].endpoint = "returns".to_owned();
    for other in &others {
        assert!(matches!(capture(&books.ledger, other).unwrap(), Captured::New(_)));
    }
    assert_eq!(books.count("SELECT COUNT(*) FROM content"), 1);
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
