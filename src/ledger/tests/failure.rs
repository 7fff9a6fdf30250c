//! Failures: numbered among their like as they are told, and settled by what ends them.

use super::{Books, at, transmission};
use crate::diagnostic::codes::{custody, wire, x12};
use crate::diagnostic::{Code, Diagnostic, Place, Record, SegmentSpot, Spot};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::failure::{Failure, History, Settled};
use crate::ledger::remedy::{By, Remedy};
use crate::ledger::transmission::Direction;
use crate::ledger::view::Filter;
use crate::ledger::{Error, Id, Transaction};

/// A fault in element 7 of PO1 or wherever.
fn fault(code: Code, element: u16) -> serde_json::Value {
    let spot = Spot::Segment(SegmentSpot { tag: "PO1".to_owned(), element: Some(element), ..SegmentSpot::default() });
    let diagnostic = Diagnostic::new(code, "wrong").at(Place { spot, ..Place::default() });
    serde_json::to_value(Record::from(&diagnostic)).unwrap()
}

fn told(kind: EventKind, minute: i64, refs: Refs, data: serde_json::Value) -> NewEvent {
    NewEvent { partner: "mega".to_owned(), at: at(minute), kind, refs, text: "told".to_owned(), data }
}

fn of_file(name: &str) -> Refs {
    Refs { transmission: Some(Id(name.to_owned())), ..Refs::default() }
}

fn of_delivery(name: &str) -> Refs {
    Refs { delivery: Some(Id(name.to_owned())), ..Refs::default() }
}

fn quarantined(minute: i64, file: &str, element: u16) -> NewEvent {
    told(EventKind::Quarantined, minute, of_file(file), fault(&x12::NOT_A_NUMBER, element))
}

fn append(books: &Books, events: &[NewEvent]) {
    let events = events.to_vec();
    books.write(move |tx| tx.append_events(events));
}

fn failures(books: &Books) -> Vec<Failure> {
    books.read(|tx| {
        let rows = tx.query("SELECT partner, sequence FROM failure ORDER BY partner, sequence", &[])?;
        let found = rows.iter().map(|row| tx.failure(&row.text(0)?, row.int(1)? as u64));
        found.map(|one| Ok(one?.unwrap())).collect()
    })
}

fn history(books: &Books, sequence: u64) -> History {
    books.read(|tx| {
        let failure = tx.failure("mega", sequence)?.unwrap();
        tx.history(&failure)
    })
}

fn numbers(books: &Books) -> Vec<(u64, u64)> {
    failures(books).iter().map(|one| (one.nth, one.nth_here)).collect()
}

/// Which of them stand, by the numbers of their events.
fn standing(books: &Books) -> Vec<u64> {
    failures(books).iter().filter(|one| one.settled.is_none()).map(|one| one.sequence).collect()
}

#[test]
fn the_same_failure_is_numbered_in_one_write_and_over_many() {
    let books = Books::new();
    append(&books, &[quarantined(1, "a", 7), quarantined(2, "b", 7), quarantined(3, "c", 4)]);
    append(&books, &[quarantined(4, "d", 7)]);
    append(&books, &[told(EventKind::Quarantined, 5, of_file("e"), fault(&x12::NOT_A_DATE, 7))]);
    assert_eq!(numbers(&books), [(1, 1), (2, 2), (3, 1), (4, 3), (1, 1)]);
    let last = &failures(&books)[3];
    assert_eq!((last.event().as_str(), last.place.as_str(), last.kind.as_str()), ("mega/4", "PO107", "quarantined"));
    let history = history(&books, 2);
    assert_eq!((history.first, history.nth, history.total, history.last_settled), (at(1), 2, 4, None));
}

#[test]
fn what_names_no_code_or_only_a_note_is_no_failure() {
    let books = Books::new();
    append(
        &books,
        &[
            told(EventKind::Received, 1, of_file("a"), fault(&x12::NOT_A_NUMBER, 7)),
            told(EventKind::DeliveryFailed, 1, of_delivery("d"), fault(&wire::UNREACHABLE, 7)),
            told(EventKind::Finding, 1, of_file("a"), serde_json::Value::Null),
            told(EventKind::Recovered, 1, Refs::default(), serde_json::json!({ "code": "NET-E001", "what": "x" })),
        ],
    );
    assert_eq!(failures(&books), []);
}

#[test]
fn what_was_undone_is_not_counted() {
    let books = Books::new();
    let failed = books.ledger.write(|tx: &mut Transaction<'_>| {
        tx.append_event(&quarantined(1, "a", 7))?;
        Err::<(), _>(Error::Surprised)
    });
    assert!(failed.is_err());
    append(&books, &[quarantined(2, "b", 7)]);
    assert_eq!(numbers(&books), [(1, 1)]);
}

#[test]
fn each_failure_is_settled_by_what_ends_it_and_by_nothing_else() {
    let parked = told(EventKind::Parked, 1, of_delivery("d"), fault(&custody::PARKED, 1));
    let overdue = told(EventKind::Overdue, 1, of_delivery("d"), fault(&custody::OVERDUE, 1));
    let late = told(EventKind::Overdue, 1, of_delivery("d"), fault(&custody::WE_ARE_LATE, 1));
    let mut down = fault(&wire::UNREACHABLE, 1);
    down["what"] = "drop-off mega/box".into();
    let trouble = told(EventKind::Fault, 1, Refs::default(), down);
    let mut odd = fault(&custody::OVERDUE, 1);
    odd["subject"] = "856 SHP1".into();
    let finding = told(EventKind::Finding, 1, of_file("t"), odd);
    let failures = [quarantined(1, "t", 7), parked, overdue, late, trouble, finding];

    let by = |remedy: Remedy| remedy.data(&By { who: "anna".to_owned(), why: String::new() });
    let none = serde_json::Value::Null;
    let rejected = fault(&custody::REJECTED, 1);
    let check = |ending: NewEvent, expect: &[u64]| {
        let books = Books::new();
        append(&books, &failures);
        append(&books, std::slice::from_ref(&ending));
        let standing = standing(&books);
        let settled: Vec<u64> = (1..=6).filter(|sequence| !standing.contains(sequence)).collect();
        assert_eq!(settled, expect, "{ending:?}");
    };
    check(told(EventKind::Delivered, 2, of_delivery("d"), none.clone()), &[2, 4]);
    check(told(EventKind::Delivered, 2, of_delivery("other"), none.clone()), &[]);
    check(told(EventKind::AcknowledgmentReceived, 2, of_delivery("d"), none.clone()), &[3, 4]);
    check(told(EventKind::AcknowledgmentReceived, 2, of_delivery("d"), rejected), &[]);
    check(told(EventKind::Replayed, 2, of_file("t"), by(Remedy::Replay)), &[1]);
    check(told(EventKind::Replayed, 2, of_delivery("d"), by(Remedy::Release)), &[2]);
    check(told(EventKind::Replayed, 2, of_delivery("d"), by(Remedy::Waive)), &[2, 3, 4]);
    let over = serde_json::json!({ "code": "NET-E001", "what": "drop-off mega/box" });
    check(told(EventKind::Recovered, 2, Refs::default(), over), &[5]);
    let decided =
        |state: &str| serde_json::json!({ "rule": custody::OVERDUE.code, "subject": "856 SHP1", "state": state });
    check(told(EventKind::Decided, 2, Refs::default(), decided("waived")), &[6]);
    check(told(EventKind::Decided, 2, Refs::default(), decided("assigned")), &[]);
    check(told(EventKind::Resolved, 2, Refs::default(), decided("resolved")), &[6]);
}

#[test]
fn a_clock_at_risk_then_broken_then_given_up_is_one_failure_at_a_time() {
    let books = Books::new();
    let clock = |state: &str, code: Option<&str>| {
        let data = serde_json::json!({
            "rule": "ASN in time", "subject": "856 SHP1", "state": state, "severity": "error", "code": code,
        });
        told(EventKind::Clock, 1, Refs::default(), data)
    };
    append(&books, &[clock("at_risk", None)]);
    assert_eq!((failures(&books)[0].code.as_str(), standing(&books)), ("ALR-W002", vec![1]));
    append(&books, &[clock("broken", Some("CLK-E001"))]);
    assert_eq!((failures(&books)[1].code.as_str(), standing(&books)), ("CLK-E001", vec![2]));
    let given_up = serde_json::json!({ "rule": "ASN in time", "subject": "856 SHP1", "state": "waived" });
    append(&books, &[told(EventKind::Decided, 2, Refs::default(), given_up)]);
    assert_eq!(standing(&books), Vec::<u64>::new());
    append(&books, &[clock("at_risk", None), clock("met", None)]);
    assert_eq!(standing(&books), Vec::<u64>::new());
}

#[test]
fn a_failure_and_its_end_may_be_told_in_one_write_and_the_end_comes_second() {
    let books = Books::new();
    let end = told(EventKind::Delivered, 2, of_delivery("d"), serde_json::Value::Null);
    let parked = told(EventKind::Parked, 1, of_delivery("d"), fault(&custody::PARKED, 1));
    append(&books, &[end.clone(), parked, end, quarantined(3, "a", 7)]);
    assert_eq!(standing(&books), [4]);
    assert_eq!(failures(&books)[0].settled_by, Some(3));
}

#[test]
fn history_tells_how_the_last_one_was_settled_and_by_whom() {
    let books = Books::new();
    let anna = By { who: "anna".to_owned(), why: "new identity".to_owned() };
    append(&books, &[quarantined(1, "a", 7)]);
    append(&books, &[told(EventKind::Replayed, 9, of_file("a"), Remedy::Replay.data(&anna))]);
    append(&books, &[quarantined(10, "b", 7), quarantined(11, "c", 7)]);
    let history = history(&books, 4);
    let settled = Settled {
        at: at(9),
        kind: "replayed".to_owned(),
        remedy: Some("replay".to_owned()),
        by: Some("anna".to_owned()),
        reason: Some("new identity".to_owned()),
    };
    assert_eq!((history.nth, history.last_settled), (3, Some(settled)));
    let ids: Vec<u64> =
        books.read(|tx| tx.standing_failures(Some("mega"), 10)).iter().map(|one| one.sequence).collect();
    assert_eq!(ids, [4, 3]);
    assert_eq!(books.read(|tx| tx.standing_failures(None, 1)).len(), 1);
}

#[test]
fn an_event_is_named_by_its_number_or_by_what_it_is_about() {
    let books = Books::new();
    append(&books, &[told(EventKind::Received, 1, of_file("a"), serde_json::Value::Null), quarantined(2, "a", 7)]);
    append(&books, &[told(EventKind::Delivered, 3, of_delivery("d"), serde_json::Value::Null)]);
    let named = |name: &str| books.read(|tx| tx.event_named(name)).map(|event| event.sequence);
    assert_eq!(named("mega/1"), Some(1));
    assert_eq!(named("a"), Some(2), "its failure says more than its arrival");
    assert_eq!(named("d"), Some(3));
    assert_eq!(named("z"), None);
    assert!(books.ledger.read(|tx| tx.event_named("mega/9")).is_err());
}

/// The events of the rows of a listing, the newest first.
fn listed(books: &Books, filter: &Filter) -> Vec<String> {
    books.read(|tx| tx.failures(filter)).rows.iter().map(|row| row.failure.event()).collect()
}

#[test]
fn those_that_stand_are_listed_apart_from_those_that_are_over() {
    let books = Books::new();
    append(&books, &[quarantined(1, "a", 7), quarantined(2, "b", 7), quarantined(3, "c", 4)]);
    let by = By { who: "anna".to_owned(), why: String::new() };
    append(&books, &[told(EventKind::Replayed, 4, of_file("b"), Remedy::Replay.data(&by))]);
    assert_eq!(listed(&books, &Filter::default()), ["mega/3", "mega/2", "mega/1"]);
    assert_eq!(listed(&books, &Filter::in_state("standing")), ["mega/3", "mega/1"]);
    assert_eq!(listed(&books, &Filter::in_state("settled")), ["mega/2"]);
    assert_eq!(listed(&books, &Filter { limit: Some(1), ..Filter::of("mega") }), ["mega/3"]);
    let code = |code: &str| Filter { kind: Some(code.to_owned()), ..Filter::default() };
    assert_eq!((listed(&books, &code(x12::NOT_A_NUMBER.code)).len(), listed(&books, &code("X12-E999")).len()), (3, 0));
    let first = books.read(|tx| tx.failures(&Filter { limit: Some(2), ..Filter::default() }));
    let rest = Filter { after: first.next, ..Filter::default() };
    assert_eq!((listed(&books, &rest), first.rows[0].text.as_str()), (vec!["mega/1".to_owned()], "told"));
}

#[test]
fn a_failure_knows_those_like_it_that_came_before() {
    let books = Books::new();
    let other = told(EventKind::Quarantined, 2, of_file("x"), fault(&x12::NOT_A_DATE, 7));
    append(&books, &[quarantined(1, "a", 7), other, quarantined(3, "c", 4), quarantined(4, "d", 7)]);
    let before = |sequence, most| -> Vec<String> {
        let rows = books.read(|tx| {
            let failure = tx.failure("mega", sequence)?.unwrap();
            tx.failures_before(&failure, most)
        });
        rows.iter().map(|row| row.failure.event()).collect()
    };
    assert_eq!(before(4, 10), ["mega/3", "mega/1"], "of the same code, wherever it was");
    assert_eq!(before(4, 1), ["mega/3"]);
    assert_eq!(before(1, 10), [""; 0]);
}

#[test]
fn a_failure_is_found_by_the_name_of_its_file() {
    let books = Books::new();
    let file = books.write(|tx| transmission(tx, "mega", "850_9.edi", Direction::In));
    append(&books, &[quarantined(1, file.as_str(), 7), quarantined(2, "b", 7)]);
    let named = |name: &str| Filter { number: Some(name.to_owned()), ..Filter::in_state("standing") };
    assert_eq!(listed(&books, &named("850_9.edi")), ["mega/1"]);
    assert_eq!(listed(&books, &named("850_8.edi")), [""; 0]);
}
