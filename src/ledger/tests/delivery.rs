//! What is owed to endpoints.

use super::{Books, Direction, at, delivery, document, envelope, shipment, transmission};
use crate::ledger::delivery::{NewDelivery, Outcome, What};
use crate::ledger::{Error, Id};

/// Deliveries due at those minutes.
fn deliveries(books: &Books, due: &'static [i64]) -> Vec<Id> {
    books.write(move |tx| {
        let mut ids = Vec::new();
        for minute in due {
            let transmission = transmission(tx, "mega", "a.edi", Direction::Out)?;
            ids.push(tx.record_delivery(&NewDelivery {
                transmission,
                partner: "mega".to_owned(),
                endpoint: "folder".to_owned(),
                name: format!("due {minute}"),
                what: What::Document(Id("d".to_owned())),
                label: "856 SHP1".to_owned(),
                due: at(*minute),
            })?);
        }
        Ok(ids)
    })
}

fn due(books: &Books, minute: i64, limit: u32) -> Vec<String> {
    books.read(|tx| tx.due_deliveries(at(minute), limit)).into_iter().map(|one| one.name).collect()
}

fn attempt(books: &Books, id: &Id, minute: i64, outcome: Outcome) {
    let id = id.clone();
    books.write(move |tx| tx.record_attempt(&id, at(minute), &outcome));
}

fn sent() -> Outcome {
    Outcome::Sent { receipt: "/out/a.edi".to_owned() }
}

fn retry(minute: i64) -> Outcome {
    Outcome::Retry { error: "no room".to_owned(), due: at(minute) }
}

fn park() -> Outcome {
    Outcome::Park { error: "no such folder".to_owned() }
}

#[test]
fn what_is_due_comes_longest_waiting_first_and_no_more_than_asked() {
    let books = Books::new();
    deliveries(&books, &[3, 1, 2, 9]);
    assert_eq!(due(&books, 3, 10), ["due 1", "due 2", "due 3"]);
    assert_eq!(due(&books, 3, 2), ["due 1", "due 2"]);
    assert_eq!(due(&books, 0, 10), Vec::<String>::new());
}

#[test]
fn a_sent_delivery_is_not_due_again_and_keeps_its_receipt() {
    let books = Books::new();
    let ids = deliveries(&books, &[1]);
    attempt(&books, &ids[0], 2, sent());
    assert_eq!(due(&books, 99, 10), Vec::<String>::new());
    assert_eq!(books.texts("SELECT state || ' ' || receipt FROM delivery"), ["sent /out/a.edi"]);
    assert_eq!(books.count("SELECT sent FROM delivery"), at(2).as_microsecond());
}

#[test]
fn a_failed_attempt_is_due_again_when_told_and_every_attempt_is_a_row() {
    let books = Books::new();
    let ids = deliveries(&books, &[1]);
    attempt(&books, &ids[0], 1, retry(5));
    assert_eq!(due(&books, 4, 10), Vec::<String>::new());
    assert_eq!(due(&books, 5, 10), ["due 1"]);
    attempt(&books, &ids[0], 5, sent());
    let rows = books.texts("SELECT number || ' ' || outcome || ': ' || detail FROM attempt ORDER BY number");
    assert_eq!(rows, ["1 failed: no room", "2 sent: /out/a.edi"]);
    assert_eq!(books.count("SELECT COUNT(*) FROM delivery WHERE last_error IS NULL AND attempts = 2"), 1);
}

#[test]
fn a_parked_delivery_waits_until_a_person_releases_it() {
    let books = Books::new();
    let ids = deliveries(&books, &[1]);
    attempt(&books, &ids[0], 1, park());
    assert_eq!(due(&books, 99, 10), Vec::<String>::new());
    let id = ids[0].clone();
    let released = books.write(move |tx| tx.release_delivery(&id, at(7)));
    assert_eq!((released.id, released.attempts), (ids[0].clone(), 1));
    assert_eq!(due(&books, 7, 10), ["due 1"]);
}

#[test]
fn what_was_sent_is_not_released() {
    let books = Books::new();
    let ids = deliveries(&books, &[1]);
    attempt(&books, &ids[0], 1, sent());
    let told = books.ledger.write(move |tx| tx.release_delivery(&ids[0], at(7))).unwrap_err();
    assert!(matches!(told, Error::NoSuch { what: "unsent delivery", .. }));
}

#[test]
fn the_same_bytes_under_the_same_name_are_sent_again_on_demand() {
    let books = Books::new();
    let ids = deliveries(&books, &[1]);
    attempt(&books, &ids[0], 1, sent());
    let transmission = Id(books.texts("SELECT transmission FROM delivery").remove(0));
    books.write(move |tx| tx.send_again(&transmission, at(7)));
    assert_eq!(due(&books, 7, 10), ["due 1"]);
    let told = books.ledger.write(|tx| tx.send_again(&Id("nope".to_owned()), at(7))).unwrap_err();
    assert_eq!(told.to_string(), "there is no delivery of the transmission nope");
}

#[test]
fn an_attempt_at_an_unknown_delivery_is_refused() {
    let books = Books::new();
    let told = books.ledger.write(|tx| tx.record_attempt(&Id("nope".to_owned()), at(1), &sent())).unwrap_err();
    assert_eq!(told.to_string(), "there is no delivery nope");
}

#[test]
fn a_delivery_that_is_recorded_twice_is_one() {
    let books = Books::new();
    let [first, again, other] = books.write(|tx| {
        let shipment = document(tx, "mega", &shipment("SHP1", &["PO1"]))?;
        Ok([
            delivery(tx, &shipment, &envelope(501, 501, &["0001"]))?,
            delivery(tx, &shipment, &envelope(501, 501, &["0001"]))?,
            delivery(tx, &shipment, &envelope(502, 502, &["0001"]))?,
        ])
    });
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_eq!(books.count("SELECT COUNT(*) FROM delivery"), 2);
}

#[test]
fn documents_acknowledgments_and_ta1s_about_one_id_are_deliveries_of_their_own() {
    let books = Books::new();
    let about = Id("x".to_owned());
    for what in [What::Document(about.clone()), What::Acknowledgment(about.clone()), What::Ta1(about)] {
        books.write(move |tx| {
            let transmission = transmission(tx, "mega", "a.edi", Direction::Out)?;
            let (partner, endpoint, name) = ("mega".to_owned(), "folder".to_owned(), "a.edi".to_owned());
            let label = String::new();
            tx.record_delivery(&NewDelivery { transmission, partner, endpoint, name, what, label, due: at(0) })
        });
    }
    assert_eq!(books.count("SELECT COUNT(*) FROM delivery"), 3);
}
