//! A file exists → it is whole, ours, hashed, recorded once.
//!
//! In: a claimed file and who left it. Out: a captured transmission, or the earlier one that it repeats ([`duplicate`]).
//!
//! The order of the steps is the promise: the bytes are durable in the archive (or in the ledger, when they are few)
//! before the row commits, and the row commits before anybody moves or deletes the partner's file. Whoever is
//! killed in between finds the claimed file at the next start and captures it again; the claim's name, which is
//! unique, says then whether the row was already there.
//!
//! Never here: what the bytes mean.

pub mod settling;
pub mod duplicate;

use std::fmt;

use jiff::Timestamp;

use crate::config::duplicates::Duplicates;
use crate::config::partner::PartnerId;
use crate::crash;
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::{self, Id, Ledger, Submitted, Transaction};
use crate::transport::folder::Claimed;
use duplicate::Verdict;

/// A claimed file, and how it came.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Whose folder it lay in.
    pub partner: PartnerId,
    /// By which endpoint.
    pub endpoint: String,
    /// The file.
    pub claimed: Claimed,
    /// The id that the wire gave it; folders give none.
    pub message_id: Option<String>,
    /// What becomes of it if it came before.
    pub duplicates: Duplicates,
    /// When it was taken.
    pub at: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Captured {
    /// New bytes, to be processed.
    New(Id),
    /// It came in before; recorded, nothing to process. Answers may be due once more.
    Duplicate(Id),
    /// Other bytes under a known message id; kept and not processed.
    Quarantined(Id),
    /// This very claim was recorded before a crash; nothing to do but put the file away.
    Already(Id),
}

impl fmt::Display for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Captured::New(id) => write!(f, "captured as {id}"),
            Captured::Duplicate(id) => write!(f, "duplicate, recorded as {id}"),
            Captured::Quarantined(id) => write!(f, "quarantined as {id}"),
            Captured::Already(id) => write!(f, "captured before as {id}"),
        }
    }
}

/// Begins to take custody of a claimed file: its bytes are safe or on their way with its row, which is submitted. On an
/// `Err`, here or when the row is waited for, the file stays claimed and is tried again.
pub fn capture(ledger: &Ledger, arrival: &Arrival) -> Result<Submitted<Captured>, ledger::Error> {
    let path = arrival.claimed.path.clone();
    let content = ledger.archive().take_in(&path)?;
    let claim = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let arrival = arrival.clone();
    Ok(ledger.submit(move |tx| {
        if let Some(earlier) = tx.transmission_by_claim(&claim)? {
            return Ok(Captured::Already(earlier.id));
        }
        let verdict = compare(tx, &arrival, content.sha256())?;
        let new = NewTransmission {
            direction: Direction::In,
            partner: arrival.partner.to_string(),
            endpoint: arrival.endpoint.clone(),
            name: arrival.claimed.name.clone(),
            claim: Some(claim),
            message_id: arrival.message_id.clone(),
            content,
            at: arrival.at,
            state: match &verdict {
                Verdict::New | Verdict::Replacement { .. } => TransmissionState::Captured,
                Verdict::Repetition { first, .. } => TransmissionState::Duplicate { of: first.id.clone() },
                Verdict::Reused { .. } => TransmissionState::Quarantined,
            },
        };
        let id = tx.record_transmission(&new)?;
        let answers = answer_again(tx, &verdict, arrival.at)?;
        journal(tx, &new, &id, &verdict, &answers)?;
        crash::point("capture.row.before");
        Ok(match verdict {
            Verdict::New | Verdict::Replacement { .. } => Captured::New(id),
            Verdict::Repetition { .. } => Captured::Duplicate(id),
            Verdict::Reused { .. } => Captured::Quarantined(id),
        })
    }))
}

/// Fetches what came before and judges by it.
fn compare(tx: &mut Transaction<'_>, arrival: &Arrival, sha256: &str) -> Result<Verdict, ledger::Error> {
    let partner = arrival.partner.as_str();
    let same_bytes = tx.transmission_with_bytes(partner, sha256)?;
    let same_message = match &arrival.message_id {
        Some(id) => tx.transmission_with_message_id(partner, id)?,
        None => None,
    };
    Ok(duplicate::judge(&arrival.duplicates, sha256, same_bytes, same_message))
}

/// Makes the answers to the first one due again where the policy says so; the names of their files.
fn answer_again(tx: &mut Transaction<'_>, verdict: &Verdict, at: Timestamp) -> Result<Vec<String>, ledger::Error> {
    let mut names = Vec::new();
    if let Some(first) = verdict.answered_again() {
        for interchange in tx.interchanges_of(&first.id)? {
            names.extend(tx.answer_again(&interchange, at)?);
        }
    }
    Ok(names)
}

/// Tells the arrival in the partner's journal, and beside its row what is wrong with it.
fn journal(
    tx: &mut Transaction<'_>,
    new: &NewTransmission,
    id: &Id,
    verdict: &Verdict,
    answers: &[String],
) -> Result<(), ledger::Error> {
    let diagnostic = duplicate::diagnostic(new, verdict);
    if let Some(diagnostic) = &diagnostic {
        tx.record_diagnostics(id, std::slice::from_ref(diagnostic))?;
    }
    let (sha256, size) = (new.content.sha256(), new.content.size());
    tx.append_event(&NewEvent {
        partner: new.partner.clone(),
        at: new.at,
        kind: match verdict {
            Verdict::New | Verdict::Replacement { .. } => EventKind::Received,
            Verdict::Repetition { .. } => EventKind::Duplicate,
            Verdict::Reused { .. } => EventKind::Quarantined,
        },
        refs: Refs { transmission: Some(id.clone()), ..Refs::default() },
        text: duplicate::journal_text(new, verdict, answers),
        data: match verdict {
            Verdict::New => serde_json::json!({ "file": new.name, "sha256": sha256, "bytes": size }),
            _ => duplicate::journal_data(diagnostic.as_ref(), verdict),
        },
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
