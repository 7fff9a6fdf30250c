//! A receipt that comes by itself: it closes what was expected for its message, or parks what was thought to be delivered.
//!
//! ```text
//! matches             the expectation is met
//! anything else       the expectation is violated, the delivery is parked, with a finding of its own
//! about nothing       kept, quarantined, and told: nobody here waits for it
//! ```
//!
//! Whatever it says, it is kept whole.

use std::thread;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Response;
use tracing::{info, warn};

use super::answer::Answer;
use super::as2::Relation;
use super::host::Host;
use crate::diagnostic::codes::as2 as codes;
use crate::diagnostic::{Diagnostic, Record};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::NewFinding;
use crate::ledger::message_receipt::Awaited;
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::{self, Content, Id, Transaction};
use crate::transport::as2::digest::Digests;
use crate::transport::as2::header::Headers;
use crate::transport::as2::mime;
use crate::transport::as2::verdict::{self, Expected, Matched};
use crate::transport::as2_wire::{self, outlet::receipt_in_words};

/// Records a receipt and does what it says; the answer is the same for every receipt.
pub(super) fn take(
    host: &dyn Host,
    relation: &Relation,
    headers: &Headers,
    body: &[u8],
) -> Result<Answer, ledger::Error> {
    let partner = relation.partner.to_string();
    let report = verdict::read(headers, body);
    let message_id = report.as_ref().map(|report| report.message_id.clone()).unwrap_or_default();
    let awaited = awaited(host, &partner, &message_id)?;
    let judged = match (&awaited, report) {
        (Some(awaited), _) => judge(host, relation, headers, body, (&message_id, awaited)),
        (None, Ok(_)) => {
            let message = format!("a receipt about {message_id}, for which nobody waits");
            Err(Diagnostic::new(&codes::RECEIPT_OTHER_MESSAGE, message).found(message_id.clone()))
        }
        (None, Err(why)) => {
            Err(Diagnostic::new(&codes::RECEIPT_UNREADABLE, format!("a receipt that cannot be read: {why}")))
        }
    };
    match &judged {
        Ok(_) => {
            host.worked(&partner, &relation.endpoint, 0);
            info!(partner, message_id, "receipt matches");
        }
        Err(fault) => {
            host.failed(&partner, &relation.endpoint, &fault.message);
            warn!(partner, message_id, code = fault.code.code, "{}", fault.message);
        }
    }
    let new = NewTransmission {
        direction: Direction::In,
        partner,
        endpoint: relation.endpoint.clone(),
        name: format!("receipt for {message_id}"),
        claim: None,
        message_id: headers.field("message-id").map(str::to_owned),
        content: Content::in_memory(mime::entity(headers, body)),
        at: host.now(),
        state: if judged.is_ok() { TransmissionState::Processed } else { TransmissionState::Quarantined },
    };
    host.ledger().write(move |tx| record(tx, &new, &message_id, awaited.as_ref(), &judged))?;
    Ok(Response::new(Body::empty()))
}

/// How long a receipt may be earlier than the row of the attempt that it answers.
const EARLY: Duration = Duration::from_secs(5);

/// What is known of the message of a receipt. A partner that is fast posts it before we have recorded that the message went out.
fn awaited(host: &dyn Host, partner: &str, message_id: &str) -> Result<Option<Awaited>, ledger::Error> {
    let delivery = message_id.trim_matches(['<', '>']).split('@').next().map(|id| Id(id.to_owned()));
    let began = Instant::now();
    loop {
        let (found, is_ours) = host.ledger().read(|tx| {
            let found = tx.awaited_receipt(partner, message_id)?;
            let known = delivery.as_ref().map(|delivery| tx.delivery(delivery));
            Ok((found, matches!(known, Some(Ok(delivery)) if delivery.partner == partner)))
        })?;
        if found.is_some() || !is_ours || began.elapsed() > EARLY {
            return Ok(found);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn judge(
    host: &dyn Host,
    relation: &Relation,
    headers: &Headers,
    body: &[u8],
    (message_id, awaited): (&str, &Awaited),
) -> Result<Matched, Diagnostic> {
    let digests = Digests::parse(&awaited.digests).unwrap_or_else(|| Digests::of(b""));
    let (theirs, _) = as2_wire::signers(&relation.as2, host.now());
    let (receipt, is_signed) = (relation.as2.receipt, relation.as2.sign.is_some());
    let expected = Expected { message_id, digests: &digests, receipt, is_signed, theirs: &theirs };
    verdict::judge(headers, body, expected)
}

fn record(
    tx: &mut Transaction<'_>,
    new: &NewTransmission,
    message_id: &str,
    awaited: Option<&Awaited>,
    judged: &Result<Matched, Diagnostic>,
) -> Result<(), ledger::Error> {
    let kept = tx.record_transmission(new)?;
    if let Err(fault) = judged {
        tx.record_diagnostics(&kept, &new.partner, std::slice::from_ref(fault))?;
    }
    let delivery = awaited.map(|awaited| tx.delivery(&awaited.delivery)).transpose()?;
    let refs = Refs {
        transmission: Some(kept),
        document: delivery.as_ref().and_then(|delivery| delivery.document.clone()),
        delivery: delivery.as_ref().map(|delivery| delivery.id.clone()),
        po_number: delivery.as_ref().and_then(|delivery| delivery.po_number.clone()),
    };
    let label = delivery.as_ref().map_or(message_id, |delivery| &delivery.label);
    let (kind, text) = match judged {
        Ok(matched) => (
            EventKind::AcknowledgmentReceived,
            format!("receipt for {label}: {}", receipt_in_words(message_id, matched)),
        ),
        Err(fault) => (EventKind::Quarantined, format!("receipt for {label}: {} ({})", fault.message, fault.code.code)),
    };
    let data = judged.as_ref().err().and_then(|fault| serde_json::to_value(Record::from(fault)).ok());
    tx.append_event(&NewEvent {
        partner: delivery.as_ref().map_or_else(|| new.partner.clone(), |delivery| delivery.journal.clone()),
        at: new.at,
        kind,
        refs,
        text,
        data: data.unwrap_or_default(),
    })?;
    let Some(delivery) = delivery else { return Ok(()) };
    match judged {
        Ok(matched) => tx.receipt_matched(&delivery.id, new.at, &receipt_in_words(message_id, matched)),
        Err(fault) => {
            if tx.receipt_failed(&delivery.id, new.at, &fault.message)? {
                let (partner, subject) = (new.partner.as_str(), &delivery.subject());
                let document = delivery.document.as_ref();
                tx.record_finding(&NewFinding { document, ..NewFinding::new(partner, subject, fault, new.at) })?;
            }
            Ok(())
        }
    }
}
