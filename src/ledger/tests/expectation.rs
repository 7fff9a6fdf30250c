//! Clocks.

use super::{Books, at, awaited, envelope, owed};
use crate::ledger::expectation::{About, Answering, ExpectationState, NewExpectation, OwedBy};

fn went_out(books: &Books, delivery: &crate::ledger::Id, minute: i64) {
    let delivery = delivery.clone();
    books.write(move |tx| tx.delivery_went_out(&delivery, at(minute)));
}

fn overdue_at(books: &Books, minute: i64) -> usize {
    books.read(|tx| tx.newly_overdue(at(minute), 10)).len()
}

#[test]
fn what_a_partner_owes_waits_until_our_delivery_went_out() {
    let books = Books::new();
    let delivery = books.write(|tx| awaited(tx, envelope(501, 501, &["0001", "0002"]), at(0)));
    assert_eq!(books.states(), ["waiting", "waiting"]);
    assert_eq!(overdue_at(&books, 9999), 0);
    went_out(&books, &delivery, 10);
    assert_eq!(books.states(), ["pending", "pending"]);
    assert_eq!(books.count("SELECT DISTINCT due FROM expectation"), at(70).as_microsecond());
}

#[test]
fn a_clock_runs_out_after_its_last_moment_and_not_at_it() {
    let books = Books::new();
    let delivery = books.write(|tx| awaited(tx, envelope(501, 501, &["0001"]), at(0)));
    went_out(&books, &delivery, 10);
    assert_eq!(overdue_at(&books, 70), 0);
    assert_eq!(overdue_at(&books, 71), 1);
}

#[test]
fn sending_again_does_not_give_the_partner_more_time() {
    let books = Books::new();
    let delivery = books.write(|tx| awaited(tx, envelope(501, 501, &["0001"]), at(0)));
    went_out(&books, &delivery, 10);
    went_out(&books, &delivery, 50);
    assert_eq!(books.count("SELECT due FROM expectation"), at(70).as_microsecond());
}

#[test]
fn what_we_owe_runs_at_once_and_is_met_when_it_went_out() {
    let books = Books::new();
    let delivery = books.write(owed);
    assert_eq!(books.states(), ["pending"]);
    assert_eq!(books.count("SELECT due FROM expectation"), at(60).as_microsecond());
    went_out(&books, &delivery, 60);
    assert_eq!(books.states(), ["met"]);
    assert_eq!(books.count("SELECT closed FROM expectation"), at(60).as_microsecond());
}

#[test]
fn what_we_owe_is_met_late_whether_or_not_it_was_told_overdue() {
    for told in [true, false] {
        let books = Books::new();
        let delivery = books.write(owed);
        if told {
            books.write(|tx| super::close_all(tx, ExpectationState::Overdue));
        }
        went_out(&books, &delivery, 61);
        assert_eq!(books.states(), ["met_late"], "told: {told}");
    }
}

#[test]
fn an_expectation_that_is_opened_again_is_the_one_that_is_there() {
    let books = Books::new();
    let delivery = books.write(owed);
    went_out(&books, &delivery, 1);
    books.write(move |tx| {
        tx.open_expectation(&NewExpectation {
            partner: "mega".to_owned(),
            what: "997".to_owned(),
            owed_by: OwedBy::Us,
            about: About::Delivery(delivery),
            label: "997 for 000000905".to_owned(),
            document: None,
            set: None,
            envelope: None,
            opened: at(5),
            within: super::minutes(60),
        })
    });
    assert_eq!(books.states(), ["met"]);
}

#[test]
fn a_group_number_that_comes_round_again_means_the_newest_delivery() {
    let books = Books::new();
    let (_, newest) = books.write(|tx| {
        let first = awaited(tx, envelope(1, 1, &["0001"]), at(0))?;
        tx.execute("UPDATE delivery SET idempotency = 'a year ago'", &[])?;
        Ok((first, awaited(tx, envelope(1, 1, &["0001", "0002"]), at(1))?))
    });
    let found = books.write(|tx| tx.expectations_of_group("mega", ("SH", 1), Answering::Syntax, at(2)));
    assert_eq!(found.iter().map(|one| &one.delivery).collect::<Vec<_>>(), [&newest, &newest]);
    let found = books.write(|tx| tx.expectations_of_interchange("mega", 1, at(2)));
    assert_eq!(found.iter().map(|one| &one.delivery).collect::<Vec<_>>(), [&newest, &newest]);
}

#[test]
fn a_group_is_known_by_partner_kind_and_number() {
    let books = Books::new();
    books.write(|tx| awaited(tx, envelope(501, 501, &["0001"]), at(0)));
    let known = |partner: &'static str, kind: &'static str, number| {
        books.write(move |tx| tx.expectations_of_group(partner, (kind, number), Answering::Syntax, at(1))).len()
    };
    assert_eq!(known("mega", "SH", 501), 1);
    assert_eq!([known("store", "SH", 501), known("mega", "IN", 501), known("mega", "SH", 502)], [0, 0, 0]);
}

#[test]
fn what_still_waits_is_meant_before_what_was_answered() {
    let books = Books::new();
    let first = books.write(|tx| {
        let first = awaited(tx, envelope(1, 1, &["0001"]), at(0))?;
        tx.execute("UPDATE delivery SET idempotency = 'before the numbers came round'", &[])?;
        awaited(tx, envelope(1, 1, &["0001"]), at(1))?;
        tx.execute("UPDATE expectation SET state = 'met' WHERE delivery <> $1", &[(&first).into()])?;
        Ok(first)
    });
    let found =
        |minute| books.write(move |tx| tx.expectations_of_group("mega", ("SH", 1), Answering::Syntax, at(minute)));
    assert_eq!(found(2).iter().map(|one| &one.delivery).collect::<Vec<_>>(), [&first]);
    // What waits for half a year waits for ever: its number may be another's by then.
    let days = |days: i64| days * 24 * 60;
    assert_eq!(found(days(179)).len(), 1);
    assert_eq!(found(days(181)).len(), 0);
}
