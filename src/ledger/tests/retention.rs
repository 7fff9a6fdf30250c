//! What retention removes, and what it never does.

use std::collections::BTreeMap;

use super::*;
use crate::ledger::retention::{Rule, Rules};
use crate::ledger::verify::Contents;

/// Everything from before a time goes, whoever's it is.
fn before(time: Timestamp) -> Rules {
    Rules { partners: BTreeMap::new(), others: time, only: None, by: "kim".to_owned(), now: at(10_000) }
}

fn with(rules: Rules, partner: &str, rule: Rule) -> Rules {
    let mut rules = rules;
    rules.partners.insert(partner.to_owned(), rule);
    rules
}

fn file(books: &Books, partner: &str, minute: i64, bytes: &[u8], state: TransmissionState) -> Id {
    let path = books.home.path().join("arrived");
    std::fs::write(&path, bytes).unwrap();
    let content = books.ledger.archive().take_in(&path).unwrap();
    let partner = partner.to_owned();
    books.write(move |tx| {
        tx.record_transmission(&NewTransmission {
            message_id: None,
            direction: Direction::In,
            partner,
            endpoint: "folder".to_owned(),
            name: format!("at_{minute}.edi"),
            claim: None,
            content,
            at: at(minute),
            state,
        })
    })
}

fn processed(books: &Books, partner: &str, minute: i64, bytes: &[u8]) -> Id {
    file(books, partner, minute, bytes, TransmissionState::Processed)
}

fn readable(books: &Books, id: &Id) -> bool {
    let sha256 = books.read(|tx| tx.transmission(id)).sha256;
    match books.ledger.read(|tx| tx.content(&sha256)) {
        Ok(_) => true,
        Err(Error::Pruned { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

fn large(filler: &str) -> Vec<u8> {
    filler.repeat(100_000).into_bytes()
}

/// The chain holds, and whatever is gone is known to be pruned.
fn proven(books: &Books) -> u64 {
    let found = books.read(|tx| tx.verify(Contents::Too));
    assert_eq!(found.faults, Vec::<String>::new());
    found.pruned.values().sum()
}

#[test]
fn old_bytes_go_and_the_journal_says_which() {
    let books = Books::new();
    let small = processed(&books, "mega", 1, b"small and old");
    let big = processed(&books, "mega", 2, &large("old"));
    let young = processed(&books, "mega", 99, &large("young"));
    let rules = before(at(50));
    assert_eq!(books.ledger.would_prune(&rules).unwrap().contents, 2);
    assert!(readable(&books, &small), "a dry run removes nothing");
    let found = books.ledger.prune(&rules).unwrap();
    assert_eq!((found.contents, found.bytes), (2, 13 + 300_000));
    assert_eq!([&small, &big, &young].map(|id| readable(&books, id)), [false, false, true]);
    assert_eq!(proven(&books), 2);
    let event = books.read(|tx| tx.event("mega", 1));
    assert!(event.text.starts_with("pruned 2 contents of files from before "), "{}", event.text);
    assert_eq!(event.data["by"], "kim");
    assert_eq!(event.data["sha256"].as_array().unwrap().len(), 2);
    assert_eq!(books.count("SELECT COUNT(*) FROM transmission"), 3, "no row goes");
    let again = books.ledger.prune(&rules).unwrap();
    assert_eq!(again.contents, 0);
    assert_eq!(books.count("SELECT COUNT(*) FROM event"), 1, "nothing to tell");
}

#[test]
fn bytes_that_a_younger_file_or_another_partner_shares_stay() {
    let books = Books::new();
    let old = processed(&books, "mega", 1, b"shared");
    processed(&books, "mega", 99, b"shared");
    assert_eq!(books.ledger.prune(&before(at(50))).unwrap().kept_for_others, 1);
    assert!(readable(&books, &old));
    let rules = with(before(at(200)), "slow", Rule::Before(at(0)));
    processed(&books, "slow", 1, b"shared");
    assert_eq!(books.ledger.prune(&rules).unwrap().contents, 0);
    assert!(readable(&books, &old));
}

#[test]
fn a_legal_hold_keeps_what_concerns_its_partner_whoever_brought_it() {
    let books = Books::new();
    let invoice = invoice("INV1", Some("PO1"));
    let brought = books.write(move |tx| {
        let transmission = transmission(tx, "erp", "invoice.xml", Direction::In)?;
        tx.set_transmission_state(&transmission, &TransmissionState::Processed)?;
        let body = Body::of(&invoice)?;
        let (document, body) = (&invoice, &body);
        let new =
            NewDocument { partner: "mega", source: "erp", transmission: &transmission, document, body, at: at(0) };
        tx.record_document(&new)?;
        Ok(transmission)
    });
    let own = processed(&books, "mega", 1, b"their own");
    let other = processed(&books, "erp", 1, b"of nobody else");
    let rules = with(before(at(50)), "mega", Rule::Hold("case 4711".to_owned()));
    let found = books.ledger.prune(&rules).unwrap();
    assert_eq!((found.contents, found.kept_by_hold), (1, 2));
    assert_eq!([&brought, &own, &other].map(|id| readable(&books, id)), [true, true, false]);
    let rules = with(before(at(50)), "mega", Rule::Before(at(-10)));
    assert_eq!(books.ledger.prune(&rules).unwrap().kept_for_others, 2, "a longer retention keeps it just so");
}

#[test]
fn what_is_unfinished_keeps_its_bytes() {
    let books = Books::new();
    let captured = file(&books, "mega", 1, b"captured", TransmissionState::Captured);
    let delivery = books.write(|tx| awaited(tx, envelope(1, 1, &["0001"]), at(0)));
    books.write(|tx| {
        tx.execute("UPDATE transmission SET state = 'processed' WHERE name = 'SHP1.edi'", &[])?;
        Ok(())
    });
    let rules = before(at(50));
    assert_eq!(books.ledger.prune(&rules).unwrap().kept_unfinished, 3, "captured, not sent, and what it is made of");
    books.write(move |tx| {
        tx.record_attempt(&delivery, at(1), &crate::ledger::delivery::Outcome::Sent { receipt: "there".to_owned() })?;
        tx.delivery_went_out(&delivery, at(1))
    });
    assert_eq!(books.ledger.prune(&rules).unwrap().kept_unfinished, 3, "its 997 is still expected");
    books.write(|tx| close_all(tx, ExpectationState::Overdue));
    assert_eq!(books.ledger.prune(&rules).unwrap().kept_unfinished, 3, "overdue is not an end");
    books.write(|tx| close_all(tx, ExpectationState::Met));
    let found = books.ledger.prune(&rules).unwrap();
    assert_eq!((found.contents, found.kept_unfinished), (2, 1));
    assert!(readable(&books, &captured));
    proven(&books);
}

#[test]
fn bytes_that_come_again_after_they_were_pruned_are_kept_anew() {
    for bytes in [b"small".to_vec(), large("large")] {
        let books = Books::new();
        let id = processed(&books, "mega", 1, &bytes);
        books.ledger.prune(&before(at(50))).unwrap();
        assert!(!readable(&books, &id));
        let sha256 = crate::ledger::Content::in_memory(bytes.clone()).sha256().to_owned();
        let known = books.read(|tx| tx.transmission_with_bytes("mega", &sha256)).unwrap();
        assert_eq!(known.id, id, "what was pruned is known as long as the ledger lives");
        processed(&books, "mega", 99, &bytes);
        assert!(readable(&books, &id));
        assert_eq!(proven(&books), 0);
    }
}

/// The file is put into the store before its row is written; retention may come between the two.
#[test]
fn bytes_that_come_again_while_they_are_pruned_are_never_lost() {
    let books = Books::new();
    processed(&books, "mega", 1, &large("again"));
    let path = books.home.path().join("arrived");
    let content = books.ledger.archive().take_in(&path).unwrap();
    books.ledger.prune(&before(at(50))).unwrap();
    let refused = books.ledger.write(move |tx| tx.keep(&content, &Id::new(), false)).unwrap_err();
    assert!(matches!(refused, Error::Damaged { .. }), "the file stays claimed and is brought again: {refused}");
    let content = books.ledger.archive().take_in(&path).unwrap();
    let sha256 = content.sha256().to_owned();
    books.write(move |tx| tx.keep(&content, &Id::new(), false));
    assert_eq!(books.read(|tx| tx.content(&sha256)), large("again"));
}

#[test]
fn bytes_that_somebody_deleted_are_not_excused_by_a_row() {
    let books = Books::new();
    processed(&books, "mega", 1, b"pruned");
    books.ledger.prune(&before(at(50))).unwrap();
    processed(&books, "mega", 60, b"deleted");
    books.tamper("INSERT INTO pruned SELECT sha256, 'mega', 1, 1, 1 FROM content; DELETE FROM content;");
    let faults = books.read(|tx| tx.verify(Contents::Too)).faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("no event of the journal says so"), "{faults:?}");
}

#[test]
fn only_one_partner_is_pruned_when_one_is_named() {
    let books = Books::new();
    let mega = processed(&books, "mega", 1, b"mega");
    let erp = processed(&books, "erp", 1, b"erp");
    let found = books.ledger.prune(&Rules { only: Some("erp".to_owned()), ..before(at(50)) }).unwrap();
    assert_eq!(found.partners, BTreeMap::from([("erp".to_owned(), 1)]));
    assert_eq!([&mega, &erp].map(|id| readable(&books, id)), [true, false]);
}

#[test]
fn more_contents_than_fit_in_one_transaction_all_go() {
    let books = Books::new();
    books.write(|tx| {
        for number in 0..450 {
            let id = transmission(tx, "mega", &format!("file {number}"), Direction::In)?;
            tx.set_transmission_state(&id, &TransmissionState::Processed)?;
        }
        Ok(())
    });
    assert_eq!(books.ledger.would_prune(&before(at(50))).unwrap().contents, 450);
    assert_eq!(books.ledger.prune(&before(at(50))).unwrap().contents, 450);
    assert_eq!(books.count("SELECT COUNT(*) FROM content"), 0);
    assert_eq!(proven(&books), 450);
}
