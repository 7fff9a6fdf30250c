//! Findings: one per rule and subject, and what people decide about them.

use super::{Books, at};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::ledger::finding::{AtStake, Decision, FindingState, NewFinding};
use crate::ledger::view::{Filter, FindingRow};
use crate::ledger::{Error, Id};

const RULE: &str = custody::OVERDUE.code;

/// Raises the finding of these tests with so much at stake; true when it is new or there again.
fn raise(books: &Books, cents: i64, minute: i64) -> bool {
    books.write(move |tx| {
        let diagnostic = Diagnostic::new(&custody::OVERDUE, "their 997 is overdue");
        let stake = AtStake { money: rust_decimal::Decimal::new(cents, 2), currency: Some("USD".to_owned()) };
        tx.record_finding(&NewFinding {
            po_number: Some("4500012345"),
            at_stake: Some(&stake),
            ..NewFinding::new("mega", "810 INV1", &diagnostic, at(minute))
        })
    })
}

fn only(books: &Books) -> FindingRow {
    let mut found = books.read(|tx| tx.findings(&Filter::default())).rows;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn decision(minute: i64) -> Decision<'static> {
    Decision { by: "anna", because: "agreed on the phone", at: at(minute) }
}

#[test]
fn a_finding_that_is_met_again_is_the_same_with_its_new_figures() {
    let books = Books::new();
    assert!(raise(&books, 11529, 1));
    assert!(!raise(&books, 4050, 2));
    let found = only(&books);
    assert_eq!(found.money.map(|money| money.to_string()).as_deref(), Some("40.5"));
    assert_eq!((found.opened, found.state), (at(1), FindingState::Open));
    assert_eq!(found.po_number.as_deref(), Some("4500012345"));
}

#[test]
fn what_a_person_decides_is_in_the_journal_and_the_finding_knows_the_line() {
    let books = Books::new();
    raise(&books, 100, 1);
    let id = Id(only(&books).id);
    let assigned = books.write({
        let id = id.clone();
        move |tx| tx.assign_finding(&id, "bert", &decision(2))
    });
    assert_eq!(assigned.state, FindingState::Assigned { owner: "bert".to_owned() });
    books.write(move |tx| tx.waive_finding(&id, &decision(3)));
    let waived = only(&books);
    assert_eq!(waived.state, FindingState::Waived { reason: "agreed on the phone".to_owned() });
    assert_eq!((waived.changed, waived.changed_by.as_deref()), (Some(at(3)), Some("anna")));
    let line = u64::try_from(waived.event.unwrap()).unwrap();
    let told = books.read(|tx| tx.event("mega", line));
    assert_eq!(told.text, "810 INV1: their 997 is overdue (ACK-E002): waived by anna: agreed on the phone");
    assert_eq!((told.kind.as_str(), told.data["by"].as_str()), ("decided", Some("anna")));
}

#[test]
fn a_waived_finding_stays_waived_while_its_cause_stays_and_is_open_when_it_comes_back() {
    let books = Books::new();
    raise(&books, 100, 1);
    let id = Id(only(&books).id);
    books.write(move |tx| tx.waive_finding(&id, &decision(2)));
    assert!(!raise(&books, 100, 3));
    assert_eq!(only(&books).state.name(), "waived");
    books.write(|tx| tx.resolve_finding("mega", RULE, "810 INV1"));
    assert_eq!(only(&books).state, FindingState::Resolved);
    assert!(raise(&books, 100, 5));
    let back = only(&books);
    assert_eq!((back.state, back.opened, back.changed_by), (FindingState::Open, at(5), None));
}

#[test]
fn only_what_is_unsettled_is_decided_and_what_is_settled_can_be_opened_again() {
    let books = Books::new();
    raise(&books, 100, 1);
    let id = Id(only(&books).id);
    let refused = books.ledger.write({
        let id = id.clone();
        move |tx| tx.reopen_finding(&id, &decision(2))
    });
    assert!(matches!(refused, Err(Error::NoSuch { .. })), "{refused:?}");
    books.write(|tx| tx.resolve_finding("mega", RULE, "810 INV1"));
    let refused = books.ledger.write({
        let id = id.clone();
        move |tx| tx.assign_finding(&id, "bert", &decision(3))
    });
    assert!(matches!(refused, Err(Error::NoSuch { .. })), "{refused:?}");
    books.write(move |tx| tx.reopen_finding(&id, &decision(4)));
    assert_eq!(only(&books).state, FindingState::Open);
}

#[test]
fn the_unsettled_ones_are_those_that_need_a_person() {
    let books = Books::new();
    raise(&books, 100, 1);
    let unsettled = Filter::in_state("unsettled");
    assert_eq!(books.read(|tx| tx.findings(&unsettled)).rows.len(), 1);
    books.write(|tx| tx.resolve_finding("mega", RULE, "810 INV1"));
    assert!(books.read(|tx| tx.findings(&unsettled)).rows.is_empty());
}
