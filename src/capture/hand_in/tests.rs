//! One key, one document.

use super::{HandIn, Handed, hand_in};
use crate::config::duplicates::{Duplicates, Policy};
use crate::ledger::Content;
use crate::ledger::tests::{Books, at};
use crate::ledger::transmission::TransmissionState;

const REPLACE: Duplicates = Duplicates {
    bytes: Policy::Quarantine,
    message_id: Policy::Replace,
    control_number: Policy::Quarantine,
    business_key: Policy::Quarantine,
};

fn handed(books: &Books, key: Option<&str>, bytes: &str, duplicates: Duplicates) -> Handed {
    let document = HandIn {
        partner: "mega".to_owned(),
        endpoint: "api".to_owned(),
        name: format!("{bytes}.edi"),
        key: key.map(str::to_owned),
        content: Content::in_memory(bytes.as_bytes().to_vec()),
        duplicates,
        at: at(0),
    };
    hand_in(&books.ledger, document).unwrap()
}

/// Hands in keys and bytes one after the other; of each what became of it, and the name of the one that the answer speaks of.
fn check(duplicates: Duplicates, handed_in: &[(&str, &str, &str)]) -> Books {
    let books = Books::new();
    for (key, bytes, expect) in handed_in {
        let key = (!key.is_empty()).then_some(*key);
        let found = match handed(&books, key, bytes, duplicates) {
            Handed::In(one) => format!("{} {}", one.state.name(), one.name),
            Handed::Before(first) => format!("before {}", first.name),
            Handed::OtherBytes(first) => format!("other than {}", first.name),
        };
        assert_eq!(found, *expect, "{key:?} {bytes}");
    }
    books
}

#[test]
fn a_key_that_came_before_answers_as_the_first_or_is_refused_with_other_bytes() {
    let books = check(
        Duplicates::default(),
        &[
            ("k1", "a", "captured a.edi"),
            ("k1", "a", "before a.edi"),
            ("k1", "b", "other than a.edi"),
            ("k1", "a", "before a.edi"),
            ("k2", "b", "captured b.edi"),
        ],
    );
    let states = books.texts("SELECT state FROM transmission ORDER BY id");
    assert_eq!(states, ["captured", "duplicate", "quarantined", "duplicate", "captured"]);
}

#[test]
fn known_bytes_under_a_new_key_are_a_duplicate_and_stay_its_answer() {
    let handed_in = [
        ("k1", "a", "captured a.edi"),
        ("k2", "a", "duplicate a.edi"),
        ("k2", "a", "before a.edi"),
        ("", "a", "duplicate a.edi"),
    ];
    check(Duplicates::default(), &handed_in);
}

#[test]
fn where_keys_are_replaced_other_bytes_are_taken_and_become_the_answer() {
    let handed_in = [
        ("k1", "a", "captured a.edi"),
        ("k1", "b", "captured b.edi"),
        ("k1", "b", "before b.edi"),
        ("k1", "a", "duplicate a.edi"),
    ];
    check(REPLACE, &handed_in);
}

#[test]
fn a_key_keeps_its_answer_when_its_document_came_to_nothing() {
    let books = Books::new();
    let Handed::In(first) = handed(&books, Some("k1"), "a", Duplicates::default()) else { panic!("it is new") };
    let id = first.id.clone();
    books.write(move |tx| tx.set_transmission_state(&id, &TransmissionState::Quarantined));
    match handed(&books, Some("k1"), "a", Duplicates::default()) {
        Handed::Before(again) => assert_eq!(again.id, first.id),
        other => panic!("{other:?}"),
    }
    assert!(matches!(handed(&books, Some("k1"), "b", Duplicates::default()), Handed::OtherBytes(_)));
    assert!(matches!(handed(&books, Some("k2"), "a", Duplicates::default()), Handed::In(_)), "the same bytes again");
}
