//! A partner's answer meets what we sent: met, met late, rejected, repeated, contradicted, or an orphan.
//!
//! ```text
//! TA1      about an interchange    rejected: nothing in it was read
//! 997 999  about a group           what cannot be read, set by set
//! 824      about a document        what can be read and not be used ([`advice`])
//! 864      about anything          what a person must read ([`text`])
//! ```

use jiff::Timestamp;

use super::stake;
use super::verdicts::{SentSet, SetJudgment, judge};
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Record};
use crate::ledger::acknowledgment::{MatchState, OpenAcknowledgment, Received};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::expectation::{self, Answering, Expectation, ExpectationState};
use crate::ledger::finding::{self, NewFinding};
use crate::ledger::{self, Id, Transaction};
use crate::x12::acknowledgment::{FunctionalAcknowledgment, InterchangeAcknowledgment, Verdict};

pub mod advice;
pub mod text;

/// An answer of a partner.
struct Answer<'a> {
    /// Whose.
    partner: &'a str,
    /// The transmission that brought it.
    transmission: &'a Id,
    /// In the trade's words: `997`.
    name: &'static str,
    /// When it came.
    at: Timestamp,
}

impl Answer<'_> {
    fn of(open: &OpenAcknowledgment) -> Answer<'_> {
        let name = match &open.received {
            Received::Functional(acknowledgment) => acknowledgment.kind.set_id(),
            Received::Interchange(_) => expectation::INTERCHANGE,
        };
        Answer { partner: &open.partner, transmission: &open.transmission, name, at: open.at }
    }
}

/// Matches one acknowledgment, in the caller's transaction. One that was settled since it was read is left alone: another
/// node was faster, or this one was not told that its commit succeeded.
pub fn settle(
    tx: &mut Transaction<'_>,
    open: &OpenAcknowledgment,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    if !tx.acknowledgment_still_waits(open)? {
        return Ok(MatchState::MovedOn);
    }
    let answer = Answer::of(open);
    let state = match &open.received {
        Received::Functional(acknowledgment) => settle_functional(tx, &answer, acknowledgment, now)?,
        Received::Interchange(acknowledgment) => settle_interchange(tx, &answer, acknowledgment, now)?,
    };
    tx.set_acknowledgment_state(&open.id, state)?;
    Ok(state)
}

/// Tries an orphan again, quietly: it is settled when what it answers is known by now, else it stays an orphan.
pub fn settle_orphan(
    tx: &mut Transaction<'_>,
    orphan: &OpenAcknowledgment,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    let known = match &orphan.received {
        Received::Functional(acknowledgment) => {
            let number = acknowledgment.group_control_number.trim().parse().unwrap_or(-1);
            tx.group_was_sent(&orphan.partner, &acknowledgment.functional_id, number)?
        }
        Received::Interchange(acknowledgment) => {
            let number = acknowledgment.control_number.trim().parse().unwrap_or(-1);
            tx.interchange_was_sent(&orphan.partner, number)?
        }
    };
    if known { settle(tx, orphan, now) } else { Ok(MatchState::Orphan) }
}

fn settle_functional(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    acknowledgment: &FunctionalAcknowledgment,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    // AK102 is compared as a number: translators pad it or drop its zeros.
    let number = acknowledgment.group_control_number.trim().parse().unwrap_or(-1);
    let expectations = tx.expectations_of_group(
        answer.partner,
        (&acknowledgment.functional_id, number),
        Answering::Syntax,
        answer.at,
    )?;
    let group = format!("{} {}", acknowledgment.functional_id, acknowledgment.group_control_number.trim());
    if expectations.is_empty() {
        if tx.group_was_sent(answer.partner, &acknowledgment.functional_id, number)? {
            let rejected = acknowledgment.verdict == Some(Verdict::Rejected)
                || acknowledgment.sets.iter().any(|set| set.verdict == Some(Verdict::Rejected));
            return unawaited(tx, answer, &format!("group {group}"), rejected, now);
        }
        let message = format!("a {} answers group {group}, which we did not send", answer.name);
        let subject = Subject::Other(format!("group {group}"));
        note(tx, answer, subject, &Diagnostic::new(&custody::ORPHAN, message), now)?;
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
        settle_set(tx, answer, expectation, set, now)?;
    }
    if let Some(counted) = judgment.other_count {
        let message = format!("their {} counts {counted} sets in group {number}, we sent {}", answer.name, sent.len());
        let diagnostic = Diagnostic::new(&custody::COUNTS_DIFFER, message);
        note(tx, answer, Subject::Sent(&expectations[0]), &diagnostic, now)?;
    }
    for stranger in &judgment.strangers {
        let message = format!("a {} lists set {stranger} in group {group}, where we sent no such set", answer.name);
        let subject = Subject::Other(format!("group {group}, set {stranger}"));
        note(tx, answer, subject, &Diagnostic::new(&custody::ORPHAN, message), now)?;
    }
    Ok(MatchState::Matched)
}

fn settle_set(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
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
            accepted(tx, answer, expectation, set, now)
        }
        (ExpectationState::Waiting | ExpectationState::Pending | ExpectationState::Overdue, true) => {
            tx.close_expectation(&expectation.id, ExpectationState::Violated, now, Some(&detail))?;
            let why = format!("rejected by their {} before", answer.name);
            tx.application_never_saw(expectation, now, &why)?;
            reject(tx, answer, expectation, &detail, now)
        }
        (ExpectationState::Met | ExpectationState::MetLate, true) => {
            // The strictest verdict is shown; the contradiction is a finding of its own.
            tx.close_expectation(&expectation.id, ExpectationState::Violated, now, Some(&detail))?;
            let message = format!("{} was accepted and is rejected now: {detail}", expectation.label);
            note(tx, answer, Subject::Sent(expectation), &Diagnostic::new(&custody::CONFLICTING, message), now)?;
            reject(tx, answer, expectation, &detail, now)
        }
        (ExpectationState::Violated, false) => {
            let message = format!("{} was rejected and is accepted now; it stays rejected here", expectation.label);
            note(tx, answer, Subject::Sent(expectation), &Diagnostic::new(&custody::CONFLICTING, message), now)
        }
        (ExpectationState::Met | ExpectationState::MetLate | ExpectationState::Waived, false)
        | (ExpectationState::Violated | ExpectationState::Waived, true) => {
            let message = format!("their {} for {} came again", answer.name, expectation.label);
            note(
                tx,
                answer,
                Subject::Sent(expectation),
                &Diagnostic::new(&custody::REPEATED_ACKNOWLEDGMENT, message),
                now,
            )
        }
    }
}

fn accepted(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    expectation: &Expectation,
    set: &SetJudgment,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let late = expectation.due.is_some_and(|due| answer.at > due);
    let state = if late { ExpectationState::MetLate } else { ExpectationState::Met };
    let with_errors = set.verdict == Some(Verdict::AcceptedWithErrors);
    let detail = match (with_errors, set.reasons.is_empty()) {
        (true, false) => Some(format!("accepted with errors: {}", set.reasons.join("; "))),
        (true, true) => Some("accepted with errors".to_owned()),
        (false, _) => None,
    };
    tx.close_expectation(&expectation.id, state, answer.at, detail.as_deref())?;
    let lateness = if late { ", late" } else { "" };
    let verdict = if with_errors { "accepted with errors" } else { "accepted" };
    let text = format!("{} {verdict} by their {}{lateness}", expectation.label, answer.name);
    append(tx, answer, Some(expectation), EventKind::AcknowledgmentReceived, text, serde_json::Value::Null, now)?;
    if late {
        let message = format!("their {} for {} came after it was due", answer.name, expectation.label);
        note(tx, answer, Subject::Sent(expectation), &Diagnostic::new(&custody::LATE, message), now)?;
    }
    Ok(())
}

fn reject(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    expectation: &Expectation,
    detail: &str,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let because = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    let message = format!("{} REJECTED by their {}{because}", expectation.label, answer.name);
    let diagnostic = Diagnostic::new(&custody::REJECTED, message.clone());
    let data = serde_json::to_value(Record::from(&diagnostic)).unwrap_or_default();
    append(tx, answer, Some(expectation), EventKind::AcknowledgmentReceived, message, data, now)?;
    let document = expectation.document.as_ref();
    let at_stake = match document {
        Some(id) => stake::of(tx, id)?,
        None => None,
    };
    let about = NewFinding::new(answer.partner, &expectation.label, &diagnostic, now);
    tx.record_finding(&NewFinding { document, at_stake: at_stake.as_ref(), ..about })?;
    Ok(())
}

/// A TA1 that rejects our interchange rejects everything in it; one that accepts it says nothing about its sets.
fn settle_interchange(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    acknowledgment: &InterchangeAcknowledgment,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    let number = acknowledgment.control_number.trim().parse().unwrap_or(-1);
    let interchange = format!("interchange {}", acknowledgment.control_number.trim());
    let expectations = tx.expectations_of_interchange(answer.partner, number, answer.at)?;
    if expectations.is_empty() {
        if tx.interchange_was_sent(answer.partner, number)? {
            return unawaited(tx, answer, &interchange, acknowledgment.verdict == "R", now);
        }
        let message = format!("a TA1 answers {interchange}, which we did not send");
        let subject = Subject::Other(interchange);
        note(tx, answer, subject, &Diagnostic::new(&custody::ORPHAN, message), now)?;
        return Ok(MatchState::Orphan);
    }
    let (verdict, says) = match acknowledgment.verdict.as_str() {
        "R" => (Verdict::Rejected, format!("the whole interchange is rejected, note {}", acknowledgment.note)),
        "A" => (Verdict::Accepted, "accepted".to_owned()),
        "E" => (Verdict::AcceptedWithErrors, format!("accepted with errors (note {})", acknowledgment.note)),
        other => {
            let says = format!("interchange {number} answered with the unknown verdict {other:?}");
            return tell_each(tx, answer, &expectations, &says, now);
        }
    };
    let judgment = SetJudgment { verdict: Some(verdict), reasons: vec![says.clone()] };
    let (about_it, about_sets): (Vec<_>, Vec<_>) =
        expectations.into_iter().partition(|one| one.what == expectation::INTERCHANGE);
    for expectation in &about_it {
        let reasons = if verdict == Verdict::Accepted { Vec::new() } else { judgment.reasons.clone() };
        settle_set(tx, answer, expectation, &SetJudgment { reasons, ..judgment }, now)?;
    }
    if verdict != Verdict::Rejected {
        return tell_each(tx, answer, &about_sets, &format!("interchange {number} {says}"), now);
    }
    for expectation in &about_sets {
        if expectation.what == expectation::APPLICATION {
            tx.application_never_saw(expectation, now, "the interchange was rejected by their TA1 before")?;
        } else {
            settle_set(tx, answer, expectation, &judgment, now)?;
        }
    }
    Ok(MatchState::Matched)
}

/// What a TA1 says of an interchange, told of each set in it; it settles none of them.
fn tell_each(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    expectations: &[Expectation],
    says: &str,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    for expectation in expectations.iter().filter(|one| one.what != expectation::APPLICATION) {
        let text = format!("{}: {says} by their TA1", expectation.label);
        let kind = EventKind::AcknowledgmentReceived;
        append(tx, answer, Some(expectation), kind, text, serde_json::Value::Null, now)?;
    }
    Ok(MatchState::Matched)
}

/// An answer to something of ours for which no answer was expected: told, and a finding when it is a rejection.
fn unawaited(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    what: &str,
    rejected: bool,
    now: Timestamp,
) -> Result<MatchState, ledger::Error> {
    let name = answer.name;
    if rejected {
        let message = format!("our {what} REJECTED by their {name}, in part or whole");
        let subject = Subject::Other(format!("our {what}"));
        note(tx, answer, subject, &Diagnostic::new(&custody::REJECTED, message), now)?;
    } else {
        let text = format!("our {what} answered by their {name}, which nobody waited for");
        append(tx, answer, None, EventKind::AcknowledgmentReceived, text, serde_json::Value::Null, now)?;
    }
    Ok(MatchState::Matched)
}

/// What a note is about.
enum Subject<'a> {
    /// Something of ours that waits for an answer.
    Sent(&'a Expectation),
    /// A document of ours for which no answer was expected, and what it is called.
    Ours(String, &'a Id),
    /// Something that we do not know, or do not wait for.
    Other(String),
}

/// Something odd about an acknowledgment: an event, and a finding unless it is only a repetition.
fn note(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    subject: Subject<'_>,
    diagnostic: &Diagnostic,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let text = format!("{} ({})", diagnostic.message, diagnostic.code.code);
    let (expectation, document, subject) = match subject {
        Subject::Sent(expectation) => (Some(expectation), expectation.document.as_ref(), expectation.label.clone()),
        Subject::Ours(subject, document) => (None, Some(document), subject),
        Subject::Other(subject) => (None, None, subject),
    };
    append(tx, answer, expectation, EventKind::Finding, text, finding::told(diagnostic, &subject), now)?;
    if diagnostic.code.code != custody::REPEATED_ACKNOWLEDGMENT.code {
        let at_stake = match document.filter(|_| diagnostic.code.code == custody::REJECTED.code) {
            Some(id) => stake::of(tx, id)?,
            None => None,
        };
        let about = NewFinding::new(answer.partner, &subject, diagnostic, now);
        tx.record_finding(&NewFinding { document, at_stake: at_stake.as_ref(), ..about })?;
    }
    Ok(())
}

fn append(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
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
        partner: answer.partner.to_owned(),
        at: now,
        kind,
        refs: Refs {
            transmission: Some(answer.transmission.clone()),
            document,
            delivery: expectation.map(|one| one.delivery.clone()),
            po_number,
        },
        text,
        data,
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
