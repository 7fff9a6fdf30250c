//! A partner's acknowledgment meets what we sent: met, met late, rejected, repeated, contradicted, or an orphan.

use jiff::Timestamp;

use super::verdicts::{SentSet, SetJudgment, judge};
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Record};
use crate::ledger::acknowledgment::{MatchState, OpenAcknowledgment, Received};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::expectation::{Expectation, ExpectationState};
use crate::ledger::finding::NewFinding;
use crate::ledger::{self, Transaction};
use crate::x12::acknowledgment::{FunctionalAcknowledgment, InterchangeAcknowledgment, Verdict};

/// Matches one acknowledgment, in the caller's transaction.
pub fn settle(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    let state = match &open.received {
        Received::Functional(acknowledgment) => settle_functional(tx, open, acknowledgment, now)?,
        Received::Interchange(acknowledgment) => settle_interchange(tx, open, acknowledgment, now)?,
    };
    tx.set_acknowledgment_state(&open.id, state)?;
    Ok(state)
}

fn settle_functional(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    acknowledgment: &FunctionalAcknowledgment,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    // AK102 is compared as a number: translators pad it or drop its zeros.
    let number = acknowledgment.group_control_number.trim().parse().unwrap_or(-1);
    let expectations = tx.expectations_of_group(&open.partner, &acknowledgment.functional_id, number)?;
    if expectations.is_empty() {
        let group = format!("{} {}", acknowledgment.functional_id, acknowledgment.group_control_number);
        let message = format!("a 997 answers group {group}, which we did not send");
        note(tx, open, None, &Diagnostic::new(&custody::ORPHAN, message), now)?;
        return Ok(MatchState::Orphan);
    }
    let sent: Vec<SentSet> = expectations
        .iter()
        .map(|one| SentSet {
            id: one.set_id.clone().unwrap_or_default(),
            control_number: one.set_number.clone().unwrap_or_default(),
        })
        .collect();
    let judgment = judge(acknowledgment, &sent);
    for (expectation, set) in expectations.iter().zip(&judgment.sets) {
        settle_set(tx, open, expectation, set, now)?;
    }
    if let Some(counted) = judgment.other_count {
        let message = format!("their 997 counts {counted} sets in group {number}, we sent {}", sent.len());
        let diagnostic = Diagnostic::new(&custody::COUNTS_DIFFER, message);
        note(tx, open, expectations.first(), &diagnostic, now)?;
    }
    Ok(MatchState::Matched)
}

fn settle_set(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    expectation: &Expectation,
    set: &SetJudgment,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let detail = set.reasons.join("; ");
    let rejected = match set.verdict {
        Some(Verdict::Rejected) => true,
        Some(_) => false,
        // A verdict that is no known code says nothing, so it settles nothing.
        None => return Ok(()),
    };
    match (expectation.state, rejected) {
        (ExpectationState::Waiting | ExpectationState::Pending | ExpectationState::Overdue, false) => {
            accepted(tx, open, expectation, set, now)
        }
        (ExpectationState::Waiting | ExpectationState::Pending | ExpectationState::Overdue, true) => {
            tx.close_expectation(&expectation.id, ExpectationState::Violated, now, Some(&detail))?;
            reject(tx, open, expectation, &detail, now)
        }
        (ExpectationState::Met | ExpectationState::MetLate, true) => {
            // The strictest verdict is shown; the contradiction is a finding of its own.
            tx.close_expectation(&expectation.id, ExpectationState::Violated, now, Some(&detail))?;
            let message = format!("{} was accepted and is rejected now: {detail}", expectation.label);
            note(tx, open, Some(expectation), &Diagnostic::new(&custody::CONFLICTING, message), now)?;
            reject(tx, open, expectation, &detail, now)
        }
        (ExpectationState::Violated, false) => {
            let message = format!("{} was rejected and is accepted now; it stays rejected here", expectation.label);
            note(tx, open, Some(expectation), &Diagnostic::new(&custody::CONFLICTING, message), now)
        }
        (ExpectationState::Met | ExpectationState::MetLate | ExpectationState::Waived, false)
        | (ExpectationState::Violated | ExpectationState::Waived, true) => {
            let message = format!("their 997 for {} came again", expectation.label);
            note(tx, open, Some(expectation), &Diagnostic::new(&custody::REPEATED_ACKNOWLEDGMENT, message), now)
        }
    }
}

fn accepted(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    expectation: &Expectation,
    set: &SetJudgment,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let late = expectation.due.is_some_and(|due| open.at > due);
    let state = if late { ExpectationState::MetLate } else { ExpectationState::Met };
    let with_errors = set.verdict == Some(Verdict::AcceptedWithErrors);
    let detail = match (with_errors, set.reasons.is_empty()) {
        (true, false) => Some(format!("accepted with errors: {}", set.reasons.join("; "))),
        (true, true) => Some("accepted with errors".to_owned()),
        (false, _) => None,
    };
    tx.close_expectation(&expectation.id, state, open.at, detail.as_deref())?;
    let lateness = if late { ", late" } else { "" };
    let verdict = if with_errors { "accepted with errors" } else { "accepted" };
    let text = format!("{} {verdict} by their 997{lateness}", expectation.label);
    append(tx, open, Some(expectation), EventKind::AcknowledgmentReceived, text, serde_json::Value::Null, now)?;
    if late {
        let message = format!("their 997 for {} came after it was due", expectation.label);
        note(tx, open, Some(expectation), &Diagnostic::new(&custody::LATE, message), now)?;
    }
    Ok(())
}

fn reject(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    expectation: &Expectation,
    detail: &str,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let because = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    let message = format!("{} REJECTED by their 997{because}", expectation.label);
    let diagnostic = Diagnostic::new(&custody::REJECTED, message.clone());
    let data = serde_json::to_value(Record::from(&diagnostic)).unwrap_or_default();
    append(tx, open, Some(expectation), EventKind::AcknowledgmentReceived, message, data, now)?;
    tx.record_finding(&NewFinding {
        partner: &open.partner,
        subject: &expectation.label,
        diagnostic: &diagnostic,
        document: expectation.document.as_ref(),
        at: now,
    })?;
    Ok(())
}

/// A TA1 that rejects our interchange rejects everything in it; one that accepts it says nothing about its sets.
fn settle_interchange(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    acknowledgment: &InterchangeAcknowledgment,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    let number = acknowledgment.control_number.trim().parse().unwrap_or(-1);
    let expectations = tx.expectations_of_interchange(&open.partner, number)?;
    if expectations.is_empty() {
        let message = format!("a TA1 answers interchange {}, which we did not send", acknowledgment.control_number);
        note(tx, open, None, &Diagnostic::new(&custody::ORPHAN, message), now)?;
        return Ok(MatchState::Orphan);
    }
    for expectation in &expectations {
        if acknowledgment.verdict == "R" {
            let detail = format!("their TA1 rejects the whole interchange, note {}", acknowledgment.note);
            tx.close_expectation(&expectation.id, ExpectationState::Violated, now, Some(&detail))?;
            reject(tx, open, expectation, &detail, now)?;
        } else {
            let text = format!("{}: interchange {number} accepted by their TA1", expectation.label);
            let kind = EventKind::AcknowledgmentReceived;
            append(tx, open, Some(expectation), kind, text, serde_json::Value::Null, now)?;
        }
    }
    Ok(MatchState::Matched)
}

/// Something odd about an acknowledgment: an event, and a finding unless it is only a repetition.
fn note(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    expectation: Option<&Expectation>,
    diagnostic: &Diagnostic,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let data = serde_json::to_value(Record::from(diagnostic)).unwrap_or_default();
    let text = format!("{} ({})", diagnostic.message, diagnostic.code.code);
    append(tx, open, expectation, EventKind::Finding, text, data, now)?;
    if diagnostic.code.code != custody::REPEATED_ACKNOWLEDGMENT.code {
        let subject = expectation.map_or_else(|| open.transmission.to_string(), |one| one.label.clone());
        let document = expectation.and_then(|one| one.document.as_ref());
        let partner = &open.partner;
        tx.record_finding(&NewFinding { partner, subject: &subject, diagnostic, document, at: now })?;
    }
    Ok(())
}

fn append(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    expectation: Option<&Expectation>,
    kind: EventKind,
    text: String,
    data: serde_json::Value,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let document = expectation.and_then(|one| one.document.clone());
    let po_number = match &document {
        Some(id) => tx.document(id)?.document.po_numbers().first().map(|number| (*number).to_owned()),
        None => None,
    };
    tx.append_event(&NewEvent {
        partner: open.partner.clone(),
        at: now,
        kind,
        refs: Refs {
            transmission: Some(open.transmission.clone()),
            document,
            delivery: expectation.map(|one| one.delivery.clone()),
            po_number,
        },
        text,
        data,
    })?;
    Ok(())
}
