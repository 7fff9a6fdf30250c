//! A file exists → it is whole, ours, hashed, recorded once.
//!
//! In: a claimed file and who left it. Out: a captured transmission, or the earlier one that had the same bytes.
//!
//! The order of the steps is the promise: the bytes are durable in the archive (or in the ledger, when they are few)
//! before the row commits, and the row commits before anybody moves or deletes the partner's file. Whoever is
//! killed in between finds the claimed file at the next start and captures it again; the claim's name, which is
//! unique, says then whether the row was already there.
//!
//! Never here: what the bytes mean.

pub mod settling;

use std::fmt;

use jiff::Timestamp;

use crate::config::partner::PartnerId;
use crate::crash;
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Place, Record};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::{self, Id, Ledger};
use crate::transport::folder::Claimed;

/// A claimed file, and how it came.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Whose folder it lay in.
    pub partner: PartnerId,
    /// By which endpoint.
    pub endpoint: String,
    /// The file.
    pub claimed: Claimed,
    /// When it was taken.
    pub at: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Captured {
    /// New bytes, to be processed.
    New(Id),
    /// The bytes came in before; recorded, nothing to do.
    Duplicate(Id),
    /// This very claim was recorded before a crash; nothing to do but put the file away.
    Already(Id),
}

impl fmt::Display for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Captured::New(id) => write!(f, "captured as {id}"),
            Captured::Duplicate(id) => write!(f, "duplicate, recorded as {id}"),
            Captured::Already(id) => write!(f, "captured before as {id}"),
        }
    }
}

/// Takes custody of a claimed file; on an `Err` it stays claimed and is tried again.
pub fn capture(ledger: &Ledger, arrival: &Arrival) -> Result<Captured, ledger::Error> {
    let path = arrival.claimed.path.clone();
    let content = ledger.archive().take_in(&path)?;
    let claim = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let arrival = arrival.clone();
    let captured = ledger.write(move |tx| {
        if let Some(earlier) = tx.transmission_by_claim(&claim)? {
            return Ok(Captured::Already(earlier.id));
        }
        let partner = arrival.partner.to_string();
        let (size, sha256) = (content.size(), content.sha256().to_owned());
        let first = tx.transmission_with_bytes(&partner, &arrival.endpoint, content.sha256())?;
        let state = match &first {
            Some(first) => TransmissionState::Duplicate { of: first.id.clone() },
            None => TransmissionState::Captured,
        };
        let id = tx.record_transmission(&NewTransmission {
            direction: Direction::In,
            partner: partner.clone(),
            endpoint: arrival.endpoint.clone(),
            name: arrival.claimed.name.clone(),
            claim: Some(claim),
            content,
            at: arrival.at,
            state,
        })?;
        let refs = Refs { transmission: Some(id.clone()), ..Refs::default() };
        let Some(first) = first else {
            tx.append_event(&NewEvent {
                partner,
                at: arrival.at,
                kind: EventKind::Received,
                refs,
                text: format!("received {} by {}, {size} bytes", arrival.claimed.name, arrival.endpoint),
                data: serde_json::json!({ "file": arrival.claimed.name, "sha256": sha256, "bytes": size }),
            })?;
            crash::point("capture.row.before");
            return Ok(Captured::New(id));
        };
        let diagnostic = duplicate(&arrival.claimed.name, &first.name);
        tx.record_diagnostics(&id, std::slice::from_ref(&diagnostic))?;
        tx.append_event(&NewEvent {
            partner,
            at: arrival.at,
            kind: EventKind::Duplicate,
            refs,
            text: format!("{} came again as {}: recorded, nothing done", first.name, arrival.claimed.name),
            data: serde_json::to_value(Record::from(&diagnostic)).unwrap_or_default(),
        })?;
        crash::point("capture.row.before");
        Ok(Captured::Duplicate(id))
    })?;
    crash::point("capture.row.after");
    Ok(captured)
}

fn duplicate(name: &str, first: &str) -> Diagnostic {
    Diagnostic::new(&custody::DUPLICATE_FILE, format!("the bytes of {name} came in before, as {first}"))
        .at(Place { file: Some(name.to_owned()), ..Place::default() })
}

#[cfg(test)]
mod tests;
