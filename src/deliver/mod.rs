//! Due deliveries → sent, retried or parked.
//!
//! In: deliveries of one endpoint, and the endpoint. Out: one attempt of each, recorded with its receipt or its error.
//!
//! ```text
//! one read       the bytes of up to 1024 deliveries
//! the wire       all of them, with one wait for the disk where the wire allows it
//! one write      attempts, states, clocks that start, lines of the journal
//! ```
//!
//! The bytes are left first and the receipts recorded after. A crash between the two repeats the attempts with the same
//! bytes under the same names, which the wire recognises as the same deliveries: an outlet remembers until the receipt is
//! durable what was named there, also when its reader has taken it.
//!
//! Never here: what the bytes are, and whether they should go.

pub mod failure;
pub mod line;

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::config::partner::Endpoint;
use crate::config::retry::Retry;
use crate::crash;
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Record};
use crate::ledger::batch::Batched;
use crate::ledger::delivery::{Delivery, Failed, Outcome};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::expectation::{About, NewExpectation, OwedBy};
use crate::ledger::finding::NewFinding;
use crate::ledger::message_receipt::Awaited;
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::{self, Content, Id, Ledger, Submitted, Transaction};
use crate::transport::outlet::{Evidence, Leaving, Manner, Order, Outlet, Unsent};
use failure::Failure;

/// How many deliveries of one endpoint are attempted in one round.
pub const ROUND: u32 = 1024;

/// One attempt and what it led to.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Of which delivery.
    pub delivery: Delivery,
    /// What became of it.
    pub outcome: Outcome,
    fault: Option<Diagnostic>,
    evidence: Option<Arc<Evidence>>,
}

impl Attempt {
    /// What was wrong with it.
    pub fn fault(&self) -> Option<&Diagnostic> {
        self.fault.as_ref()
    }
}

/// Attempts that were made, on their way into the ledger.
pub struct Attempted {
    attempts: Vec<Attempt>,
    recording: Submitted<()>,
    outlet: Option<Arc<dyn Outlet>>,
}

impl Attempted {
    /// Waits until they are on record, and lets the outlet forget them.
    pub fn recorded(self) -> Result<Vec<Attempt>, ledger::Error> {
        self.recording.wait()?;
        crash::point("deliver.row.after");
        if let Some(outlet) = &self.outlet {
            let is_over = |attempt: &&Attempt| !matches!(attempt.outcome, Outcome::Unclear(_));
            let over = self.attempts.iter().filter(is_over);
            let keys: Vec<String> = over.map(|attempt| attempt.delivery.key()).collect();
            crash::point("deliver.forget.before");
            outlet.forget(&keys.iter().map(String::as_str).collect::<Vec<_>>());
            crash::point("deliver.forget.after");
        }
        Ok(self.attempts)
    }
}

/// An endpoint, and what leaves files by it; none where it takes no files any more.
#[derive(Clone, Copy)]
pub struct Target<'t> {
    /// As the partner's file has it.
    pub endpoint: &'t Endpoint,
    /// Its wire.
    pub outlet: Option<&'t Arc<dyn Outlet>>,
}

/// Makes one attempt of each delivery and submits what became of them. All are of the same endpoint, in the order of its
/// line; `None` when it is gone from the configuration. The answer may be shorter: those behind a failure where the order is
/// kept, and those whose bytes did not fit into memory together, were not tried.
pub fn attempt(
    ledger: &Ledger,
    mut deliveries: Vec<Delivery>,
    target: Option<Target<'_>>,
    now: Timestamp,
    still_ours: &(dyn Fn() -> bool + Sync),
) -> Result<Attempted, ledger::Error> {
    let bytes = ledger.read(|tx| tx.bytes_of(&deliveries))?;
    deliveries.truncate(bytes.len());
    let attempts = match target {
        Some(target) => hand_over(target, deliveries, bytes, now, still_ours),
        None => deliveries.into_iter().map(|delivery| park(delivery, Failure::endpoint_gone, now)).collect(),
    };
    let recording = attempts.clone();
    let recording = ledger.submit(move |tx| {
        record(tx, &recording, now)?;
        crash::point("deliver.row.before");
        Ok(())
    });
    let outlet = target.and_then(|target| target.outlet).map(Arc::clone);
    Ok(Attempted { attempts, recording, outlet })
}

/// Drops what an outlet remembers of attempts that are recorded: a crash came between the receipt and that. False when it
/// cannot be asked now, which is told when something is delivered there.
pub fn forget_recorded(ledger: &Ledger, outlet: &dyn Outlet) -> Result<bool, ledger::Error> {
    let Some(remembered) = outlet.remembered() else { return Ok(false) };
    let mut recorded = Vec::new();
    for key in remembered {
        let Some((id, number)) = key.rsplit_once('.') else { continue };
        let (id, number) = (Id(id.to_owned()), number.parse().unwrap_or(u32::MAX));
        if ledger.read(|tx| tx.is_over(&id, number))? {
            recorded.push(key);
        }
    }
    outlet.forget(&recorded.iter().map(String::as_str).collect::<Vec<_>>());
    Ok(true)
}

fn park(delivery: Delivery, why: impl Fn(&Delivery) -> Failure, now: Timestamp) -> Attempt {
    let failure = why(&delivery);
    failed(delivery, failure, &Retry::default(), now)
}

/// The bytes of one delivery.
type Held = Result<Vec<u8>, ledger::Error>;

fn hand_over(
    target: Target<'_>,
    mut deliveries: Vec<Delivery>,
    bytes: Vec<Held>,
    now: Timestamp,
    still_ours: &(dyn Fn() -> bool + Sync),
) -> Vec<Attempt> {
    let sending = target.endpoint.sending;
    let Some(outlet) = target.outlet else {
        return deliveries.into_iter().map(|delivery| park(delivery, Failure::drop_off_gone, now)).collect();
    };
    if let Some(Err(damage)) = bytes.first() {
        deliveries.truncate(1);
        return deliveries.into_iter().map(|delivery| park(delivery, |_| Failure::damaged(damage), now)).collect();
    }
    // The round ends before one that was damaged, which is the first of a later round.
    let held: Vec<Vec<u8>> = bytes.into_iter().map_while(Result::ok).collect();
    let keys: Vec<String> = deliveries.iter().map(Delivery::key).collect();
    let files: Vec<Leaving<'_>> = deliveries
        .iter()
        .zip(&keys)
        .zip(&held)
        .map(|((delivery, key), bytes)| Leaving { name: &delivery.name, key, bytes })
        .collect();
    let order = if sending.keep_order { Order::Kept } else { Order::Free };
    let left = outlet.leave(&files, Manner { at_once: sending.at_once, order, still_ours });
    drop(files);
    deliveries
        .into_iter()
        .zip(left)
        .filter_map(|(delivery, left)| match left {
            Ok(receipt) => Some(Attempt { delivery, outcome: Outcome::Sent { receipt }, fault: None, evidence: None }),
            Err(Unsent::NotOurs) => None,
            Err(Unsent::Unclear(fault)) => Some(failed(delivery, Failure::Unclear(fault), &sending.retry, now)),
            Err(Unsent::Temporary(fault)) => Some(failed(delivery, Failure::Temporary(fault), &sending.retry, now)),
            Err(Unsent::Permanent(fault)) => Some(failed(delivery, Failure::Permanent(fault), &sending.retry, now)),
        })
        .map(|attempt| {
            let evidence = outlet.evidence(&attempt.delivery.key()).map(Arc::new);
            Attempt { evidence, ..attempt }
        })
        .collect()
}

/// What a failure leads to: another attempt, or a person.
fn failed(delivery: Delivery, failure: Failure, retry: &Retry, now: Timestamp) -> Attempt {
    let since = delivery.failing_since.unwrap_or(now);
    let made = delivery.attempts + 1;
    let (outcome, unclear, fault): (fn(Failed) -> Outcome, _, _) = match failure {
        Failure::Permanent(fault) => {
            let failed = Failed { error: fault.message.clone(), again: None };
            return Attempt { delivery, outcome: Outcome::Failed(failed), fault: Some(fault), evidence: None };
        }
        Failure::Unclear(fault) => (Outcome::Unclear, "; whether it was left could not be found out", fault),
        Failure::Temporary(fault) => (Outcome::Failed, "", fault),
    };
    let again = retry.next(now, since, made, delivery.id.as_str());
    let (error, fault) = match again {
        Some(_) => (fault.message.clone(), fault),
        None => {
            let attempts = if made == 1 { "1 attempt".to_owned() } else { format!("{made} attempts") };
            let error = format!("{} (failing since {}, {attempts}){unclear}", fault.message, whole_seconds(since));
            (error.clone(), Diagnostic::new(&custody::PARKED, error).found(fault.code.code))
        }
    };
    let outcome = outcome(Failed { error, again });
    Attempt { delivery, outcome, fault: Some(fault), evidence: None }
}

fn whole_seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Records a round: attempts, states, clocks, findings and the journal.
fn record(tx: &mut Transaction<'_>, attempts: &[Attempt], now: Timestamp) -> Result<(), ledger::Error> {
    let outcomes: Vec<(Id, Outcome)> =
        attempts.iter().map(|attempt| (attempt.delivery.id.clone(), attempt.outcome.clone())).collect();
    // What a person changed meanwhile (a delivery that was waived) keeps that state.
    let recorded: HashSet<Id> = tx.record_attempts(&outcomes, now)?.into_iter().collect();
    let recorded: Vec<&Attempt> = attempts.iter().filter(|one| recorded.contains(&one.delivery.id)).collect();
    let is_sent = |one: &&&Attempt| matches!(one.outcome, Outcome::Sent { .. });
    let sent: Vec<Id> = recorded.iter().filter(is_sent).map(|one| one.delivery.id.clone()).collect();
    for attempt in &recorded {
        if let Some(evidence) = &attempt.evidence {
            keep_evidence(tx, attempt, evidence, now)?;
        }
    }
    tx.deliveries_went_out(&sent, now)?;
    for attempt in &recorded {
        keep_finding(tx, attempt, now)?;
    }
    // Every failure is a row; the journal tells the first one, the end, and the success.
    let is_news = |one: &&&Attempt| one.delivery.failing_since.is_none() || is_an_end(&one.outcome);
    let mut lines = Vec::with_capacity(recorded.len());
    for attempt in recorded.iter().filter(is_news) {
        match (&attempt.delivery.batch, &attempt.outcome) {
            // The story of each document of a batch tells that it went out.
            (Some(batch), Outcome::Sent { .. }) => {
                for one in tx.batched_documents(batch)? {
                    lines.push(journal_line(&as_carrying(attempt, one), now));
                }
            }
            _ => lines.push(journal_line(attempt, now)),
        }
    }
    tx.append_events(lines)
}

fn is_an_end(outcome: &Outcome) -> bool {
    outcome.failed().is_none_or(|failed| failed.again.is_none())
}

/// The transaction set with which a label begins: `856 SHP0000777`.
fn set_named_by(label: &str) -> Option<String> {
    let (set, _) = label.split_once(' ')?;
    (set.len() == 3 && set.bytes().all(|byte| byte.is_ascii_digit())).then(|| set.to_owned())
}

/// Keeps what the other side answered, whole; where the receipt is still to come, its clock starts with the delivery.
fn keep_evidence(
    tx: &mut Transaction<'_>,
    attempt: &Attempt,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let delivery = &attempt.delivery;
    let kept = tx.record_transmission(&NewTransmission {
        direction: Direction::In,
        partner: delivery.partner.clone(),
        endpoint: delivery.endpoint.clone(),
        name: evidence.name.clone(),
        claim: None,
        message_id: evidence.message_id.clone(),
        content: Content::in_memory(evidence.bytes.clone()),
        at: now,
        state: TransmissionState::Processed,
    })?;
    if let (Some(awaits), Outcome::Sent { .. }) = (&evidence.awaits, &attempt.outcome) {
        tx.open_expectation(&NewExpectation {
            partner: delivery.partner.clone(),
            what: "mdn".to_owned(),
            owed_by: OwedBy::Partner,
            about: About::Delivery(delivery.id.clone()),
            label: delivery.label.clone(),
            document: delivery.document.clone(),
            set: set_named_by(&delivery.label),
            envelope: None,
            opened: now,
            within: awaits.within,
        })?;
        let (endpoint, digests) = (delivery.endpoint.clone(), awaits.digests.clone());
        let awaited = Awaited { delivery: delivery.id.clone(), endpoint, digests };
        tx.await_receipt(&delivery.partner, &awaits.message_id, &awaited)?;
    }
    tx.append_event(&NewEvent {
        partner: delivery.journal.clone(),
        at: now,
        kind: EventKind::AcknowledgmentReceived,
        refs: Refs { transmission: Some(kept), ..delivery.refs() },
        text: format!("{} answered {}: kept as evidence", delivery.partner, delivery.label),
        data: serde_json::json!({ "message_id": evidence.message_id, "bytes": evidence.bytes.len() }),
    })?;
    Ok(())
}

/// The attempt as if it had been made for one document of its batch.
fn as_carrying(attempt: &Attempt, one: Batched) -> Attempt {
    let Batched { document, label, po_number, journal, .. } = one;
    let delivery = Delivery { document: Some(document), label, po_number, journal, ..attempt.delivery.clone() };
    Attempt { delivery, ..attempt.clone() }
}

/// A parked delivery is a finding until it is sent.
fn keep_finding(tx: &mut Transaction<'_>, attempt: &Attempt, now: Timestamp) -> Result<(), ledger::Error> {
    let delivery = &attempt.delivery;
    match (&attempt.outcome, &attempt.fault) {
        (
            Outcome::Failed(Failed { again: None, .. }) | Outcome::Unclear(Failed { again: None, .. }),
            Some(diagnostic),
        ) => {
            let (partner, subject) = (delivery.partner.as_str(), &delivery.subject());
            let document = delivery.document.as_ref();
            tx.record_finding(&NewFinding { document, ..NewFinding::new(partner, subject, diagnostic, now) })?;
        }
        (Outcome::Sent { .. }, _) if delivery.failing_since.is_some() || delivery.attempts > 0 => {
            tx.resolve_findings_of(delivery)?
        }
        _ => {}
    }
    Ok(())
}

fn journal_line(attempt: &Attempt, now: Timestamp) -> NewEvent {
    let Attempt { delivery, outcome, fault, .. } = attempt;
    // The story of a document is told in its retailer's journal, whoever the target is.
    let what = match delivery.journal == delivery.partner {
        true => format!("{} sent", delivery.label),
        false => format!("{} handed to {}", delivery.label, delivery.partner),
    };
    let to_whom = format!("{} to {}", delivery.label, delivery.partner);
    let (kind, text) = match outcome {
        Outcome::Sent { .. } => (EventKind::Delivered, format!("{what} as {}", delivery.name)),
        Outcome::Failed(Failed { error, again }) | Outcome::Unclear(Failed { error, again }) => match again {
            Some(_) => (EventKind::DeliveryFailed, format!("{to_whom} not delivered yet: {error}")),
            None => (EventKind::Parked, format!("{to_whom} parked: {error}")),
        },
    };
    let data = match fault {
        Some(diagnostic) => serde_json::to_value(Record::from(diagnostic)).unwrap_or_default(),
        None => serde_json::json!({ "file": delivery.name, "endpoint": delivery.endpoint }),
    };
    NewEvent { partner: delivery.journal.clone(), at: now, kind, refs: delivery.refs(), text, data }
}

#[cfg(test)]
mod tests;
