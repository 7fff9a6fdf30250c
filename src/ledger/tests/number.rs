//! Numbers that are given once.

use super::{Books, document, shipment};
use crate::ledger::Error;

fn next(books: &Books, counter: &'static str, partner: &'static str) -> u32 {
    books.write(move |tx| tx.next_number(counter, partner, 501))
}

#[test]
fn the_first_number_is_the_configured_one_and_then_one_more_each() {
    let books = Books::new();
    assert_eq!([(); 3].map(|()| next(&books, "isa13", "mega")), [501, 502, 503]);
}

#[test]
fn every_partner_and_counter_counts_for_itself() {
    let books = Books::new();
    next(&books, "isa13", "mega");
    assert_eq!(next(&books, "gs06", "mega"), 501);
    assert_eq!(next(&books, "isa13", "store"), 501);
    assert_eq!(next(&books, "isa13", "mega"), 502);
}

#[test]
fn after_nine_nines_comes_one() {
    let books = Books::new();
    next(&books, "isa13", "mega");
    books.tamper("UPDATE number SET value = 999999998");
    assert_eq!([(); 3].map(|()| next(&books, "isa13", "mega")), [999_999_999, 1, 2]);
}

#[test]
fn a_number_of_an_undone_write_was_never_given() {
    let books = Books::new();
    next(&books, "isa13", "mega");
    let undone = books.ledger.write(|tx| {
        assert_eq!(tx.next_number("isa13", "mega", 501)?, 502);
        Err::<(), _>(Error::Unexpected("no".to_owned()))
    });
    assert!(undone.is_err());
    assert_eq!([(); 2].map(|()| next(&books, "isa13", "mega")), [502, 503]);
}

#[test]
fn a_number_that_was_committed_is_not_given_again_after_opening_again() {
    let books = Books::new();
    assert_eq!(next(&books, "isa13", "mega"), 501);
    assert_eq!(next(&books.reopened(), "isa13", "mega"), 502);
}

#[test]
fn serials_never_repeat_and_never_wrap() {
    let books = Books::new();
    assert_eq!([(); 2].map(|()| books.write(|tx| tx.next_serial("sscc"))), [1, 2]);
    let books = books.reopened();
    assert_eq!(books.write(|tx| tx.next_serial("sscc")), 3);
    books.tamper("UPDATE number SET value = 999999999");
    assert_eq!(books.write(|tx| tx.next_serial("sscc")), 1_000_000_000);
}

#[test]
fn an_sscc_is_remembered_with_the_shipment_that_used_it_first() {
    let books = Books::new();
    books.write(|tx| {
        let first = document(tx, "mega", &shipment("SHP1", &["PO1"]))?;
        let second = document(tx, "mega", &shipment("SHP2", &["PO1"]))?;
        tx.remember_sscc("00106141410000000017", "mega", &first)?;
        tx.remember_sscc("00106141410000000017", "mega", &second)
    });
    let books = books.reopened();
    assert!(books.read(|tx| tx.sscc_was_used("00106141410000000017")));
    assert!(!books.read(|tx| tx.sscc_was_used("00106141410000000024")));
    let stands_on = |code: &'static str| books.read(|tx| tx.shipment_with_sscc(code));
    assert_eq!(stands_on("00106141410000000017").as_deref(), Some("SHP1"));
    assert_eq!(stands_on("00106141410000000024"), None);
}
