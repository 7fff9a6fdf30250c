//! Clocks that ran out are told once.

use super::sweep;
use crate::ledger::tests::{Books, at, awaited, envelope, no_server_for, owed};

fn swept(books: &Books, minute: i64) -> usize {
    books.write(move |tx| sweep(tx, at(minute)))
}

fn events(books: &Books) -> Vec<String> {
    books.texts("SELECT kind || ': ' || text FROM event ORDER BY sequence")
}

fn findings(books: &Books) -> Vec<String> {
    books.texts("SELECT rule || ' ' || subject FROM finding ORDER BY id")
}

#[test]
fn a_partners_overdue_answer_is_told_once() {
    let books = Books::new();
    books.write(|tx| {
        let delivery = awaited(tx, envelope(501, 501, &["0001"]), at(0))?;
        tx.delivery_went_out(&delivery, at(0))
    });
    assert_eq!([60, 61, 62].map(|minute| swept(&books, minute)), [0, 1, 0]);
    assert_eq!(books.states(), ["overdue"]);
    assert_eq!(events(&books), ["overdue: their 997 for 856 SHP1 is overdue"]);
    assert_eq!(books.texts("SELECT po_number FROM event"), ["PO1"]);
    assert_eq!(findings(&books), [format!("{} 856 SHP1", super::custody::OVERDUE.code)]);
}

#[test]
fn what_we_owe_and_did_not_send_is_told_as_our_own_lateness() {
    let books = Books::new();
    let delivery = books.write(owed);
    assert_eq!(swept(&books, 61), 1);
    assert_eq!(events(&books), ["overdue: our 997 for 000000905 is overdue"]);
    assert_eq!(findings(&books), [format!("{} 997 for 000000905", super::custody::WE_ARE_LATE.code)]);
    books.write(move |tx| tx.delivery_went_out(&delivery, at(70)));
    assert_eq!(books.states(), ["met_late"]);
}

#[test]
fn what_was_never_delivered_is_not_the_partners_fault() {
    let books = Books::new();
    books.write(|tx| awaited(tx, envelope(501, 501, &["0001"]), at(0)));
    assert_eq!(swept(&books, 9999), 0);
    assert_eq!(books.states(), ["waiting"]);
}

#[test]
fn an_answer_that_went_out_in_time_is_never_overdue() {
    let books = Books::new();
    books.write(|tx| {
        let delivery = owed(tx)?;
        tx.delivery_went_out(&delivery, at(1))
    });
    assert_eq!(swept(&books, 9999), 0);
}

#[test]
fn more_clocks_than_one_sweep_closes_are_told_by_the_next() {
    let books = Books::new();
    books.write(|tx| {
        let numbers: Vec<String> = (1..=501).map(|number| format!("{number:04}")).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let delivery = awaited(tx, envelope(501, 501, &numbers), at(0))?;
        tx.delivery_went_out(&delivery, at(0))
    });
    assert_eq!([(); 3].map(|()| swept(&books, 61)), [500, 1, 0]);
}

#[test]
fn what_another_node_is_telling_is_told_by_that_node_alone() {
    // Two writers of a file exclude each other anyway.
    if no_server_for("two nodes that tell what is overdue") {
        return;
    }
    let books = Books::new();
    books.write(owed);
    let other = books.opened_again().unwrap();
    let told = books.write(move |tx| {
        let told = sweep(tx, at(61))?;
        // While this is not committed, the other node finds nothing to tell.
        assert_eq!(other.write(|tx| sweep(tx, at(61))).unwrap(), 0);
        Ok(told)
    });
    assert_eq!(told, 1);
    assert_eq!(events(&books), ["overdue: our 997 for 000000905 is overdue"]);
}
