//! What is owed to endpoints.

use super::{Books, Direction, at, delivery, document, envelope, shipment, transmission};
use crate::ledger::delivery::{Failed, Lane, Line, NewDelivery, Noted, Outcome, What};
use crate::ledger::engine::Value;
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
                po_number: None,
                due: at(*minute),
            })?);
        }
        Ok(ids)
    })
}

fn lane() -> Lane {
    Lane { partner: "mega".to_owned(), endpoint: "folder".to_owned() }
}

fn due(books: &Books, minute: i64, limit: u32) -> Vec<String> {
    books.read(|tx| tx.due_deliveries(&lane(), Line::Free, at(minute), limit)).into_iter().map(|one| one.name).collect()
}

fn attempt(books: &Books, id: &Id, minute: i64, outcome: Outcome) {
    let id = id.clone();
    books.write(move |tx| tx.record_attempt(&id, at(minute), &outcome));
}

fn sent() -> Outcome {
    Outcome::Sent { receipt: "/out/a.edi".to_owned() }
}

fn retry(minute: i64) -> Outcome {
    Outcome::Failed(Failed { error: "no room".to_owned(), again: Some(at(minute)) })
}

fn park() -> Outcome {
    Outcome::Failed(Failed { error: "no such folder".to_owned(), again: None })
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
fn an_attempt_of_which_it_is_not_known_whether_it_was_left_is_a_row_and_is_repeated_under_its_key() {
    let books = Books::new();
    let ids = deliveries(&books, &[1]);
    let unclear = |again| Outcome::Unclear(Failed { error: "no answer".to_owned(), again });
    let key = || {
        let id = ids[0].clone();
        books.read(|tx| tx.delivery(&id)).key().rsplit_once('.').unwrap().1.to_owned()
    };
    let is_over = |number| books.read(|tx| tx.is_over(&ids[0], number));
    assert_eq!(key(), "1");
    attempt(&books, &ids[0], 1, unclear(Some(at(2))));
    attempt(&books, &ids[0], 2, unclear(Some(at(3))));
    assert_eq!((key().as_str(), is_over(1)), ("1", false));
    attempt(&books, &ids[0], 3, retry(4));
    assert_eq!((key().as_str(), is_over(1), is_over(2)), ("2", true, false));
    attempt(&books, &ids[0], 4, unclear(None));
    let id = ids[0].clone();
    books.write(move |tx| tx.release_delivery(&id, at(5)));
    assert_eq!((key().as_str(), is_over(2)), ("2", false), "a person who releases it sends nothing twice");
    attempt(&books, &ids[0], 5, sent());
    assert!(is_over(2));
    let rows = books.texts("SELECT number || ' ' || outcome || ' ' || unclear FROM attempt ORDER BY number");
    assert_eq!(rows, ["1 failed 1", "2 failed 1", "3 failed 0", "4 failed 1", "5 sent 0"]);
}

#[test]
fn what_was_given_up_is_over() {
    let books = Books::new();
    let ids = deliveries(&books, &[1]);
    attempt(&books, &ids[0], 1, Outcome::Unclear(Failed { error: "no answer".to_owned(), again: None }));
    let id = ids[0].clone();
    books.write(move |tx| tx.waive_delivery(&id, at(2)));
    assert!(books.read(|tx| tx.is_over(&ids[0], 1)));
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
            tx.record_delivery(&NewDelivery {
                transmission,
                partner,
                endpoint,
                name,
                what,
                label,
                po_number: None,
                due: at(0),
            })
        });
    }
    assert_eq!(books.count("SELECT COUNT(*) FROM delivery"), 3);
}

#[test]
fn a_round_of_attempts_is_recorded_together_each_with_its_own_receipt() {
    let books = Books::new();
    let ids = deliveries(&books, &[1, 2, 3, 4, 5]);
    let receipt = |name: &str| Outcome::Sent { receipt: name.to_owned() };
    let round: Vec<_> = ids.iter().cloned().zip([receipt("a"), receipt("b"), retry(9), receipt("c"), park()]).collect();
    let recorded = books.write(move |tx| tx.record_attempts(&round, at(6)));
    assert_eq!(recorded.len(), 5);
    let rows = books.texts(
        "SELECT name || ' ' || state || ' ' || attempts || COALESCE(' ' || receipt, '') FROM delivery ORDER BY name",
    );
    assert_eq!(rows, ["due 1 sent 1 a", "due 2 sent 1 b", "due 3 retrying 1", "due 4 sent 1 c", "due 5 parked 1"]);
    let rows = books.texts("SELECT outcome || ' ' || detail FROM attempt ORDER BY detail");
    assert_eq!(rows, ["sent a", "sent b", "sent c", "failed no room", "failed no such folder"]);
}

#[test]
fn an_attempt_that_ends_after_the_delivery_moved_on_is_not_recorded() {
    let books = Books::new();
    let ids = deliveries(&books, &[1]);
    attempt(&books, &ids[0], 1, sent());
    for outcome in [sent(), retry(5), park()] {
        let id = ids[0].clone();
        assert_eq!(books.write(move |tx| tx.record_attempt(&id, at(2), &outcome)), Noted::MovedOn);
    }
    assert_eq!(books.count("SELECT COUNT(*) FROM attempt"), 1);
    assert_eq!(books.texts("SELECT state FROM delivery"), ["sent"]);
}

#[test]
fn a_kept_line_is_handed_out_up_to_the_first_that_must_wait() {
    let books = Books::new();
    let ids = deliveries(&books, &[1, 4, 2, 3]);
    let line = |minute| -> Vec<Id> {
        let due = books.read(|tx| tx.due_deliveries(&lane(), Line::Kept, at(minute), 10));
        due.into_iter().map(|one| one.id).collect()
    };
    assert_eq!(line(0), []);
    assert_eq!(line(3), ids[..1], "the order is that of making, not of the clock");
    assert_eq!(line(4), ids);
    attempt(&books, &ids[2], 4, retry(6));
    assert_eq!(line(5), ids[..2], "what is behind one that waits for its next attempt waits as well");
    assert_eq!(line(6), ids);
    attempt(&books, &ids[0], 6, sent());
    attempt(&books, &ids[1], 6, park());
    assert_eq!(line(99), [], "a parked one holds the line until a person says so");
    let parked = ids[1].clone();
    books.write(move |tx| tx.release_delivery(&parked, at(99)));
    assert_eq!(line(99), ids[1..]);
}

#[test]
fn lanes_are_those_with_something_due() {
    let books = Books::new();
    deliveries(&books, &[3, 4]);
    assert_eq!(books.read(|tx| tx.due_lanes(at(2))), []);
    assert_eq!(books.read(|tx| tx.due_lanes(at(3))), [lane()]);
}

#[test]
fn the_bytes_of_a_round_are_read_together_and_a_damaged_one_hinders_no_other() {
    let books = Books::new();
    deliveries(&books, &[1, 2, 3]);
    let due = books.read(|tx| tx.due_deliveries(&lane(), Line::Free, at(9), 10));
    assert!(books.read(|tx| tx.bytes_of(&due)).iter().all(|one| one.as_ref().unwrap() == b"a.edi"));
    books.write(|tx| tx.execute("UPDATE content SET bytes = $1", &[Value::Bytes(b"other".to_vec())]));
    let read = books.read(|tx| tx.bytes_of(&due));
    assert!(read.iter().all(|one| matches!(one, Err(Error::Damaged { .. }))), "{read:?}");
}
