//! A message that brings files and waits for its receipt (AS2): all of it is recorded in one transaction, once.
//!
//! ```text
//! new id, opened         the message, its files to be processed, and its receipt
//! new id, not opened     the message, quarantined with what is wrong with it, and its negative receipt
//! known id               nothing but a line of the journal; the receipt is the first one's
//! ```
//!
//! The receipt is durable before anybody hears of it, so that one that was lost on its way can be given again byte for byte. The
//! message itself is kept whole: its signature proves who sent the files.

use jiff::Timestamp;

use super::hand_in::{self, HandIn};
use crate::config::duplicates::Duplicates;
use crate::crash;
use crate::diagnostic::{Diagnostic, Record};
use crate::ledger::delivery::{NewDelivery, What};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::message_receipt::Given;
use crate::ledger::transmission::{Direction, NewTransmission, Transmission, TransmissionState};
use crate::ledger::{self, Content, Id, Ledger, Transaction};

/// A message that was looked into.
#[derive(Debug, Clone)]
pub struct Message {
    /// Whose.
    pub partner: String,
    /// By which endpoint.
    pub endpoint: String,
    /// The id that its sender gave it.
    pub id: String,
    /// All of it, as it came.
    pub whole: Content,
    /// How it was protected, in words.
    pub protection: String,
    /// The files that it brought, or why none of it is taken.
    pub brought: Result<Vec<(String, Content)>, Diagnostic>,
    /// What else is to be said of it.
    pub warnings: Vec<Diagnostic>,
    /// Its receipt.
    pub receipt: Option<Receipt>,
    /// What becomes of files that came before.
    pub duplicates: Duplicates,
    /// When it came.
    pub at: Timestamp,
}

/// A receipt for a message.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// All of it.
    pub content: Content,
    /// What it says, in words.
    pub says: String,
    /// It goes out by itself, as a file of this name; else it is the answer.
    pub posted_as: Option<String>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is on record, with its receipt.
    Now,
    /// Its id was known.
    Before(Given),
}

/// Records a message and returns when all of it is durable. It blocks.
pub fn take(ledger: &Ledger, message: Message) -> Result<Taken, ledger::Error> {
    let taken = ledger.submit_hopefully(move |tx| {
        let taken = record(tx, &message)?;
        crash::point("capture.row.before");
        Ok(taken)
    });
    taken.wait()
}

/// The name under which a message is kept whole; what its sender names is a file, and has no message id of its own.
pub fn name_of_whole(id: &str) -> String {
    format!("message {id}")
}

/// Records the files of a message that is opened once more, after what kept it was mended.
pub fn take_files(
    tx: &mut Transaction<'_>,
    whole: &Transmission,
    files: &[(String, Content)],
    duplicates: Duplicates,
    at: Timestamp,
) -> Result<(), ledger::Error> {
    for (name, content) in files {
        let document = HandIn {
            partner: whole.partner.clone(),
            endpoint: whole.endpoint.clone(),
            name: name.clone(),
            key: None,
            content: content.clone(),
            duplicates,
            at,
        };
        hand_in::record(tx, &document)?;
    }
    Ok(())
}

/// The receipt that a message got when it came first; telling so is all that is left to do.
pub fn again(
    tx: &mut Transaction<'_>,
    partner: &str,
    endpoint: &str,
    id: &str,
    at: Timestamp,
) -> Result<Option<Given>, ledger::Error> {
    let Some(given) = tx.given_receipt(partner, endpoint, id)? else { return Ok(None) };
    tx.append_event(&NewEvent {
        partner: partner.to_owned(),
        at,
        kind: EventKind::Duplicate,
        refs: Refs { transmission: Some(given.message.clone()), ..Refs::default() },
        text: format!("message {id} came again by {endpoint}: nothing done, its receipt is given once more"),
        data: serde_json::Value::Null,
    })?;
    Ok(Some(given))
}

fn record(tx: &mut Transaction<'_>, message: &Message) -> Result<Taken, ledger::Error> {
    let Message { partner, endpoint, id, at, .. } = message;
    if let Some(given) = again(tx, partner, endpoint, id, *at)? {
        return Ok(Taken::Before(given));
    }
    let transmission = |direction, name: String, content: &Content, state| NewTransmission {
        direction,
        partner: partner.clone(),
        endpoint: endpoint.clone(),
        name,
        claim: None,
        message_id: Some(id.clone()),
        content: content.clone(),
        at: *at,
        state,
    };
    let state = if message.brought.is_ok() { TransmissionState::Processed } else { TransmissionState::Quarantined };
    let whole = tx.record_transmission(&transmission(Direction::In, name_of_whole(id), &message.whole, state))?;
    let faults: Vec<Diagnostic> =
        message.brought.as_ref().err().into_iter().chain(&message.warnings).cloned().collect();
    tx.record_diagnostics(&whole, partner, &faults)?;
    let receipt = match &message.receipt {
        Some(receipt) => {
            let new =
                transmission(Direction::Out, format!("receipt for {id}"), &receipt.content, TransmissionState::Built);
            Some(tx.record_transmission(&new)?)
        }
        None => None,
    };
    tx.keep_receipt(partner, endpoint, id, &Given { message: whole.clone(), receipt: receipt.clone() })?;
    tell(tx, message, &whole, faults.first())?;
    if let Ok(files) = &message.brought {
        for (name, content) in files {
            let document = HandIn {
                partner: partner.clone(),
                endpoint: endpoint.clone(),
                name: name.clone(),
                key: None,
                content: content.clone(),
                duplicates: message.duplicates,
                at: *at,
            };
            hand_in::record(tx, &document)?;
        }
    }
    if let (Some(transmission), Some(name)) = (receipt, message.receipt.as_ref().and_then(|one| one.posted_as.clone()))
    {
        tx.record_delivery(&NewDelivery {
            transmission,
            partner: partner.clone(),
            endpoint: endpoint.clone(),
            name,
            what: What::Receipt(whole),
            label: format!("receipt for {id}"),
            po_number: None,
            due: *at,
        })?;
    }
    Ok(Taken::Now)
}

fn tell(
    tx: &mut Transaction<'_>,
    message: &Message,
    whole: &Id,
    fault: Option<&Diagnostic>,
) -> Result<(), ledger::Error> {
    let Message { partner, endpoint, id, protection, .. } = message;
    let says = message.receipt.as_ref().map_or("no receipt was asked for", |receipt| receipt.says.as_str());
    let (kind, text) = match &message.brought {
        Ok(files) => {
            let files = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
            (
                EventKind::Received,
                format!("message {id} by {endpoint} ({protection}) brought {files}; our receipt: {says}"),
            )
        }
        Err(fault) => {
            let text = format!(
                "message {id} by {endpoint} quarantined: {} ({}); our receipt: {says}",
                fault.message, fault.code.code
            );
            (EventKind::Quarantined, text)
        }
    };
    tx.append_event(&NewEvent {
        partner: partner.clone(),
        at: message.at,
        kind,
        refs: Refs { transmission: Some(whole.clone()), ..Refs::default() },
        text,
        data: fault.and_then(|fault| serde_json::to_value(Record::from(fault)).ok()).unwrap_or_default(),
    })
}
