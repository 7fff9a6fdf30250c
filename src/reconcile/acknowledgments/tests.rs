//! What partners answer, and where that leaves what we sent: a 997 is due an hour after minute 0.

use super::{settle, settle_orphan};
use crate::diagnostic::codes::custody;
use crate::ledger::acknowledgment::{MatchState, Received};
use crate::ledger::expectation::ExpectationState;
use crate::ledger::tests::{
    Books, at, awaited, awaited_by, close_all, delivery, document, envelope, shipment, transmission,
};
use crate::ledger::transmission::Direction;
use crate::x12::acknowledgment::{
    AcknowledgedFault, AcknowledgedSet, AnswerKind, FunctionalAcknowledgment, InterchangeAcknowledgment, Verdict,
};

/// A delivery of group 503 with those sets, in interchange 501, that went out at minute 0.
fn sent(sets: &'static [&'static str]) -> Books {
    let books = Books::new();
    books.write(move |tx| {
        let delivery = awaited(tx, envelope(501, 503, sets), at(0))?;
        tx.delivery_went_out(&delivery, at(0))
    });
    books
}

/// A delivery of set 0001 that went out at minute 0 and waits for those answers.
fn sent_awaiting(answers: &'static [&'static str]) -> Books {
    let books = Books::new();
    books.write(|tx| {
        let delivery = awaited_by(tx, envelope(501, 503, &["0001"]), at(0), answers)?;
        tx.delivery_went_out(&delivery, at(0))
    });
    books
}

fn states_by_name(books: &Books) -> Vec<String> {
    books.texts("SELECT what || ' ' || state FROM expectation ORDER BY what")
}

/// A 997 for group 503 that lists those sets.
fn ack(verdict: Verdict, included: u32, sets: &[(&str, Verdict)]) -> FunctionalAcknowledgment {
    FunctionalAcknowledgment {
        kind: AnswerKind::Functional,
        functional_id: "SH".to_owned(),
        group_control_number: "503".to_owned(),
        verdict: Some(verdict),
        counts: [included, included, included],
        group_errors: Vec::new(),
        sets: sets
            .iter()
            .map(|(number, verdict)| AcknowledgedSet {
                id: "856".to_owned(),
                control_number: (*number).to_owned(),
                verdict: Some(*verdict),
                set_errors: Vec::new(),
                faults: Vec::new(),
            })
            .collect(),
    }
}

fn ta1(verdict: &str, note: &str) -> Received {
    Received::Interchange(InterchangeAcknowledgment {
        control_number: "000000501".to_owned(),
        date: "260303".to_owned(),
        time: "0915".to_owned(),
        verdict: verdict.to_owned(),
        note: note.to_owned(),
    })
}

/// Receives an answer at a minute and settles it.
fn receive(books: &Books, minute: i64, received: impl Into<Received>) -> MatchState {
    let received = received.into();
    books.write(move |tx| {
        let transmission = transmission(tx, "mega", "997.edi", Direction::In)?;
        tx.record_acknowledgment("mega", &transmission, &received, at(minute))?;
        let open = tx.open_acknowledgments(10)?;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].received, received);
        settle(tx, &open[0], at(minute))
    })
}

impl From<FunctionalAcknowledgment> for Received {
    fn from(acknowledgment: FunctionalAcknowledgment) -> Received {
        Received::Functional(acknowledgment)
    }
}

fn one(verdict: Verdict) -> FunctionalAcknowledgment {
    ack(verdict, 1, &[("0001", verdict)])
}

fn events(books: &Books) -> Vec<String> {
    books.texts("SELECT kind || ': ' || text FROM event ORDER BY sequence")
}

fn findings(books: &Books) -> Vec<String> {
    books.texts("SELECT rule || ' ' || subject FROM finding ORDER BY id")
}

fn details(books: &Books) -> Vec<String> {
    books.texts("SELECT COALESCE(detail, '') FROM expectation ORDER BY set_number")
}

#[test]
fn an_accepted_document_is_met_and_told() {
    let books = sent(&["0001"]);
    assert_eq!(receive(&books, 60, one(Verdict::Accepted)), MatchState::Matched);
    assert_eq!(books.states(), ["met"]);
    assert_eq!(events(&books), ["acknowledgment_received: 856 SHP1 accepted by their 997"]);
    assert_eq!(books.texts("SELECT po_number FROM event"), ["PO1"]);
    assert_eq!(findings(&books), Vec::<String>::new());
    assert_eq!(books.texts("SELECT state FROM acknowledgment"), ["matched"]);
}

#[test]
fn accepted_with_errors_is_met_and_says_what_they_saw() {
    let books = sent(&["0001"]);
    let mut answer = one(Verdict::AcceptedWithErrors);
    answer.sets[0].set_errors = vec!["4".to_owned()];
    receive(&books, 5, answer);
    assert_eq!(books.states(), ["met"]);
    assert_eq!(details(&books), ["accepted with errors: segment count is wrong"]);
    assert_eq!(events(&books), ["acknowledgment_received: 856 SHP1 accepted with errors by their 997"]);
}

#[test]
fn a_rejection_names_its_reasons_and_is_a_finding() {
    let books = sent(&["0001"]);
    let mut answer = one(Verdict::Rejected);
    answer.sets[0].set_errors = vec!["5".to_owned()];
    answer.sets[0].faults = vec![AcknowledgedFault {
        segment: "SN1".to_owned(),
        position: 25,
        in_loop: None,
        segment_error: Some("8".to_owned()),
        element: Some((2, None)),
        repetition: None,
        data_element: Some(382),
        element_error: Some("1".to_owned()),
        found: None,
    }];
    receive(&books, 5, answer);
    assert_eq!(books.states(), ["violated"]);
    let reason = &details(&books)[0];
    assert!(reason.starts_with("SN1 (segment 25), element 2: "), "{reason}");
    assert_eq!(events(&books), [format!("acknowledgment_received: 856 SHP1 REJECTED by their 997: {reason}")]);
    assert_eq!(findings(&books), [format!("{} 856 SHP1", custody::REJECTED.code)]);
}

#[test]
fn each_set_of_a_group_gets_its_own_verdict() {
    let books = sent(&["0001", "0002"]);
    receive(&books, 5, ack(Verdict::PartiallyAccepted, 2, &[("2", Verdict::Rejected)]));
    assert_eq!(books.states(), ["met", "violated"]);
}

#[test]
fn without_ak2_the_groups_verdict_is_that_of_every_set() {
    for (verdict, state) in [(Verdict::Accepted, "met"), (Verdict::Rejected, "violated")] {
        let books = sent(&["0001", "0002"]);
        receive(&books, 5, ack(verdict, 2, &[]));
        assert_eq!(books.states(), [state, state]);
    }
}

#[test]
fn a_late_answer_is_met_late_whether_or_not_it_was_told_overdue() {
    for told in [true, false] {
        let books = sent(&["0001"]);
        if told {
            books.write(|tx| close_all(tx, ExpectationState::Overdue));
        }
        receive(&books, 61, one(Verdict::Accepted));
        assert_eq!(books.states(), ["met_late"], "told: {told}");
        assert_eq!(events(&books)[0], "acknowledgment_received: 856 SHP1 accepted by their 997, late");
        assert_eq!(findings(&books), [format!("{} 856 SHP1", custody::LATE.code)]);
    }
}

#[test]
fn an_answer_that_overtakes_the_record_of_our_delivery_counts() {
    let books = Books::new();
    let delivery = books.write(|tx| awaited(tx, envelope(501, 503, &["0001"]), at(0)));
    receive(&books, 5, one(Verdict::Accepted));
    books.write(move |tx| tx.delivery_went_out(&delivery, at(6)));
    assert_eq!(books.states(), ["met"]);
}

#[test]
fn the_same_answer_again_is_told_and_changes_nothing() {
    for (verdict, state) in [(Verdict::Accepted, "met"), (Verdict::Rejected, "violated")] {
        let books = sent(&["0001"]);
        receive(&books, 5, one(verdict));
        let before = (books.count("SELECT closed FROM expectation"), findings(&books));
        receive(&books, 90, one(verdict));
        assert_eq!(books.states(), [state]);
        assert_eq!((books.count("SELECT closed FROM expectation"), findings(&books)), before);
        let repeated = custody::REPEATED_ACKNOWLEDGMENT.code;
        assert_eq!(events(&books)[1..], [format!("finding: their 997 for 856 SHP1 came again ({repeated})")]);
    }
}

#[test]
fn accepted_and_then_rejected_is_rejected_and_a_conflict() {
    let books = sent(&["0001"]);
    receive(&books, 5, one(Verdict::Accepted));
    receive(&books, 6, one(Verdict::Rejected));
    assert_eq!(books.states(), ["violated"]);
    let expect = [&custody::CONFLICTING, &custody::REJECTED].map(|code| format!("{} 856 SHP1", code.code));
    assert_eq!(findings(&books), expect);
}

#[test]
fn rejected_and_then_accepted_stays_rejected_and_is_a_conflict() {
    let books = sent(&["0001"]);
    receive(&books, 5, one(Verdict::Rejected));
    receive(&books, 6, one(Verdict::Accepted));
    assert_eq!(books.states(), ["violated"]);
    let expect = [&custody::REJECTED, &custody::CONFLICTING].map(|code| format!("{} 856 SHP1", code.code));
    assert_eq!(findings(&books), expect);
}

#[test]
fn a_verdict_of_no_known_code_settles_nothing() {
    let books = sent(&["0001"]);
    let mut answer = one(Verdict::Accepted);
    answer.sets[0].verdict = None;
    receive(&books, 5, answer);
    assert_eq!(books.states(), ["pending"]);
}

#[test]
fn an_answer_to_a_group_that_we_never_sent_is_an_orphan() {
    let books = sent(&["0001"]);
    for number in ["999", "998", "", "x"] {
        let mut answer = one(Verdict::Accepted);
        answer.group_control_number = number.to_owned();
        assert_eq!(receive(&books, 5, answer), MatchState::Orphan);
    }
    assert_eq!(books.states(), ["pending"]);
    let code = custody::ORPHAN.code;
    assert_eq!(events(&books)[0], format!("finding: a 997 answers group SH 999, which we did not send ({code})"));
    // One finding for each group, not one for all of them.
    assert_eq!(findings(&books)[..2], [format!("{code} group SH 999"), format!("{code} group SH 998")]);
    assert_eq!(books.read(|tx| tx.orphan_acknowledgments(at(0), 10)).len(), 4);
}

#[test]
fn an_answer_that_overtook_our_own_record_is_settled_when_it_is_tried_again() {
    let books = Books::new();
    assert_eq!(receive(&books, 5, one(Verdict::Accepted)), MatchState::Orphan);
    let try_again = |books: &Books| {
        books.write(|tx| {
            let orphans = tx.orphan_acknowledgments(at(0), 10)?;
            settle_orphan(tx, &orphans[0], at(7))
        })
    };
    let told = events(&books).len();
    assert_eq!(try_again(&books), MatchState::Orphan);
    assert_eq!(events(&books).len(), told, "trying again in vain says nothing");
    books.write(|tx| {
        let delivery = awaited(tx, envelope(501, 503, &["0001"]), at(6))?;
        tx.delivery_went_out(&delivery, at(6))
    });
    assert_eq!(try_again(&books), MatchState::Matched);
    assert_eq!(books.states(), ["met"]);
}

#[test]
fn an_answer_that_nobody_waited_for_is_no_orphan() {
    for (verdict, finding) in [(Verdict::Accepted, None), (Verdict::Rejected, Some(custody::REJECTED.code))] {
        let books = Books::new();
        books.write(|tx| {
            let shipment = document(tx, "mega", &shipment("SHP1", &["PO1"]))?;
            delivery(tx, &shipment, &envelope(501, 503, &["0001"]))
        });
        assert_eq!(receive(&books, 5, one(verdict)), MatchState::Matched);
        let expect: Vec<String> = finding.iter().map(|code| format!("{code} our group SH 503")).collect();
        assert_eq!(findings(&books), expect);
        assert_eq!(receive(&books, 6, ta1("A", "000")), MatchState::Matched);
        assert_eq!(findings(&books), expect);
    }
}

#[test]
fn another_count_than_ours_is_a_finding() {
    let books = sent(&["0001", "0002"]);
    receive(&books, 5, ack(Verdict::Accepted, 1, &[]));
    assert_eq!(findings(&books), [format!("{} 856 SHP1", custody::COUNTS_DIFFER.code)]);
    let told = events(&books).pop().unwrap();
    assert!(told.starts_with("finding: their 997 counts 1 sets in group 503, we sent 2"), "{told}");
}

#[test]
fn a_listed_set_that_we_did_not_send_is_a_finding() {
    let books = sent(&["0001"]);
    receive(&books, 5, ack(Verdict::Accepted, 1, &[("0001", Verdict::Accepted), ("0009", Verdict::Accepted)]));
    assert_eq!(books.states(), ["met"]);
    assert_eq!(findings(&books), [format!("{} group SH 503, set 856 0009", custody::ORPHAN.code)]);
}

#[test]
fn control_numbers_are_compared_as_numbers() {
    for number in ["503", "0503", "000000503", " 503 "] {
        let books = sent(&["0001"]);
        let mut answer = ack(Verdict::Accepted, 1, &[("1", Verdict::Accepted)]);
        answer.group_control_number = number.to_owned();
        receive(&books, 5, answer);
        assert_eq!(books.states(), ["met"], "{number:?}");
    }
}

#[test]
fn an_answer_from_another_partner_is_an_orphan() {
    let books = sent(&["0001"]);
    let state = books.write(|tx| {
        let transmission = transmission(tx, "store", "997.edi", Direction::In)?;
        tx.record_acknowledgment("store", &transmission, &one(Verdict::Accepted).into(), at(5))?;
        let open = tx.open_acknowledgments(10)?;
        settle(tx, &open[0], at(5))
    });
    assert_eq!(state, MatchState::Orphan);
    assert_eq!(books.states(), ["pending"]);
}

#[test]
fn after_the_numbers_wrapped_the_newest_delivery_is_answered() {
    let books = sent(&["0001"]);
    books.write(|tx| {
        // The first one went out under another file name, long ago.
        tx.execute("UPDATE delivery SET idempotency = 'long ago'", &[])?;
        let delivery = awaited(tx, envelope(501, 503, &["0001"]), at(10))?;
        tx.delivery_went_out(&delivery, at(10))
    });
    receive(&books, 15, one(Verdict::Accepted));
    assert_eq!(books.states(), ["pending", "met"]);
}

#[test]
fn a_ta1_that_accepts_says_nothing_of_the_sets() {
    for (verdict, words) in [("A", "accepted"), ("E", "accepted with errors (note 009)")] {
        let books = sent(&["0001", "0002"]);
        assert_eq!(receive(&books, 5, ta1(verdict, "009")), MatchState::Matched);
        assert_eq!(books.states(), ["pending", "pending"]);
        let expect = format!("acknowledgment_received: 856 SHP1: interchange 501 {words} by their TA1");
        assert_eq!(events(&books)[0], expect);
        receive(&books, 6, ack(Verdict::Accepted, 2, &[]));
        assert_eq!(books.states(), ["met", "met"]);
    }
}

#[test]
fn a_ta1_that_is_awaited_is_met_or_violated_by_itself() {
    for (verdict, state) in [("A", "met"), ("E", "met"), ("R", "violated")] {
        let books = sent_awaiting(&["TA1"]);
        receive(&books, 5, ta1(verdict, "009"));
        assert_eq!(books.states(), [state]);
    }
    let books = sent_awaiting(&["TA1", "997", "824"]);
    receive(&books, 5, ta1("A", "000"));
    assert_eq!(states_by_name(&books), ["824 pending", "997 pending", "TA1 met"]);
    receive(&books, 6, one(Verdict::Accepted));
    assert_eq!(states_by_name(&books), ["824 pending", "997 met", "TA1 met"]);
}

#[test]
fn what_was_rejected_on_the_way_is_never_seen_by_the_application() {
    let never_seen = |received: Received| {
        let books = sent_awaiting(&["997", "824"]);
        receive(&books, 5, received);
        assert_eq!(states_by_name(&books), ["824 violated", "997 violated"]);
        books.texts("SELECT detail FROM expectation WHERE what = '824'")
    };
    assert_eq!(never_seen(one(Verdict::Rejected).into()), ["rejected by their 997 before"]);
    assert_eq!(never_seen(ta1("R", "006")), ["the interchange was rejected by their TA1 before"]);
}

#[test]
fn a_ta1_that_rejects_rejects_everything_in_the_interchange() {
    let books = sent(&["0001", "0002"]);
    assert_eq!(receive(&books, 5, ta1("R", "006")), MatchState::Matched);
    assert_eq!(books.states(), ["violated", "violated"]);
    let expect = "acknowledgment_received: 856 SHP1 REJECTED by their TA1: the whole interchange is rejected, note 006";
    assert_eq!(events(&books), [expect, expect]);
    assert_eq!(findings(&books), [format!("{} 856 SHP1", custody::REJECTED.code)]);
}

#[test]
fn a_rejecting_ta1_that_comes_again_changes_nothing() {
    let books = sent(&["0001"]);
    receive(&books, 5, ta1("R", "006"));
    receive(&books, 90, ta1("R", "006"));
    assert_eq!(books.count("SELECT closed FROM expectation"), at(5).as_microsecond());
    let repeated = custody::REPEATED_ACKNOWLEDGMENT.code;
    assert_eq!(events(&books)[1..], [format!("finding: their TA1 for 856 SHP1 came again ({repeated})")]);
}

#[test]
fn what_a_person_waived_stays_waived_whatever_comes() {
    for received in [one(Verdict::Rejected).into(), one(Verdict::Accepted).into(), ta1("R", "006")] {
        let books = sent(&["0001"]);
        books.write(|tx| close_all(tx, ExpectationState::Waived));
        receive(&books, 5, received);
        assert_eq!(books.states(), ["waived"]);
    }
}

#[test]
fn a_ta1_for_an_interchange_that_we_never_sent_is_an_orphan() {
    let books = Books::new();
    assert_eq!(receive(&books, 5, ta1("A", "000")), MatchState::Orphan);
    assert_eq!(findings(&books), [format!("{} interchange 000000501", custody::ORPHAN.code)]);
}

#[test]
fn a_ta1_with_an_unknown_verdict_is_told_and_settles_nothing() {
    let books = sent(&["0001"]);
    receive(&books, 5, ta1("Q", "000"));
    assert_eq!(books.states(), ["pending"]);
    let expect =
        "acknowledgment_received: 856 SHP1: interchange 501 answered with the unknown verdict \"Q\" by their TA1";
    assert_eq!(events(&books), [expect]);
}

/// Whoever was not told that a commit succeeded does its work again, and two nodes may have read the same rows.
#[test]
fn an_acknowledgment_that_was_settled_meanwhile_is_settled_by_nobody_else() {
    let books = sent(&["0001"]);
    let open = books.write(|tx| {
        let transmission = transmission(tx, "mega", "997.edi", Direction::In)?;
        tx.record_acknowledgment("mega", &transmission, &one(Verdict::Accepted).into(), at(5))?;
        tx.record_acknowledgment("mega", &transmission, &ta1("A", "000"), at(6))?;
        tx.open_acknowledgments(10)
    });
    let other = books.opened_again().unwrap();
    for (index, stale) in open.into_iter().enumerate() {
        let again = stale.clone();
        assert_eq!(books.write(move |tx| settle(tx, &stale, at(7))), MatchState::Matched);
        let told = events(&books);
        assert_eq!(told.len(), index + 1);
        assert_eq!(other.write(move |tx| settle(tx, &again, at(7))).unwrap(), MatchState::MovedOn);
        assert_eq!(events(&books), told);
    }
}

#[test]
fn an_orphan_that_was_settled_meanwhile_is_settled_by_nobody_else() {
    let books = Books::new();
    assert_eq!(receive(&books, 1, one(Verdict::Accepted)), MatchState::Orphan);
    let orphan = books.write(|tx| {
        let delivery = awaited(tx, envelope(501, 503, &["0001"]), at(0))?;
        tx.delivery_went_out(&delivery, at(0))?;
        Ok(tx.orphan_acknowledgments(at(0), 10)?.remove(0))
    });
    let again = orphan.clone();
    assert_eq!(books.write(move |tx| settle_orphan(tx, &orphan, at(2))), MatchState::Matched);
    let told = events(&books);
    let other = books.opened_again().unwrap();
    assert_eq!(other.write(move |tx| settle_orphan(tx, &again, at(2))).unwrap(), MatchState::MovedOn);
    assert_eq!(events(&books), told);
}
