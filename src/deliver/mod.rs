//! Due deliveries → sent, retried or parked.
//!
//! In: a delivery, its bytes, the endpoint. Out: one attempt, recorded with its receipt or its error.
//!
//! The bytes are left first and the receipt recorded after. A crash between the two repeats the attempt with the same
//! bytes under the same name; the folder remembers until the receipt is durable that the file was left, so that one which
//! its reader has taken meanwhile does not come again.
//!
//! Never here: what the bytes are, and whether they should go.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::config::partner::{Endpoint, Wire};
use crate::crash;
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Code, Diagnostic, Record};
use crate::ledger::delivery::{Delivery, Outcome};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::{self, Ledger};
use crate::transport::folder::{self, FolderError, Left};

/// The pauses before the attempts after the first; when they are used up the delivery is parked.
const PAUSES: [u64; 12] = [2, 5, 15, 60, 300, 900, 1800, 3600, 3600, 7200, 7200, 14400];

/// Makes one attempt and records it; true when it was sent.
pub fn attempt(
    ledger: &Ledger,
    delivery: &Delivery,
    endpoint: Option<&Endpoint>,
    now: Timestamp,
) -> Result<bool, ledger::Error> {
    let bytes = ledger.read(|tx| {
        let sha256 = tx.transmission(&delivery.transmission)?.sha256;
        tx.content(&sha256)
    })?;
    let (outcome, fault, left) = match endpoint {
        Some(endpoint) => hand_over(endpoint, delivery, &bytes, now),
        None => park(format!("{} has no endpoint {} any more", delivery.partner, delivery.endpoint)),
    };
    let sent = matches!(outcome, Outcome::Sent { .. });
    let delivery = delivery.clone();
    let recorded = ledger.write(move |tx| {
        tx.record_attempt(&delivery.id, now, &outcome)?;
        if sent {
            tx.delivery_went_out(&delivery.id, now)?;
        }
        // Every failure is a row; the journal tells the first one, the end, and the success.
        let is_news = delivery.attempts == 0 || !matches!(outcome, Outcome::Retry { .. });
        if is_news {
            let event = journal_line(tx, &delivery, &outcome, fault.as_ref(), now)?;
            tx.append_event(&event)?;
        }
        crash::point("deliver.row.before");
        Ok(sent)
    })?;
    crash::point("deliver.row.after");
    if let Some(left) = left {
        left.recorded();
    }
    Ok(recorded)
}

/// What names one attempt at one delivery, before and after a crash: its id, and which attempt it is.
fn attempt_key(id: &ledger::Id, attempt: u32) -> String {
    format!("{id}.{attempt}")
}

/// Drops what the folder remembers of attempts that are recorded: a crash came between the receipt and that.
pub fn forget_recorded(ledger: &Ledger, endpoint: &Endpoint) -> Result<(), ledger::Error> {
    let Some(drop_off) = &endpoint.drop_off else { return Ok(()) };
    // A folder that cannot be listed now is told when something is delivered to it.
    for key in folder::kept(&drop_off.to).unwrap_or_default() {
        let Some((id, attempt)) = key.rsplit_once('.') else { continue };
        let (id, attempt) = (ledger::Id(id.to_owned()), attempt.parse().unwrap_or(u32::MAX));
        if ledger.read(|tx| tx.attempts_at(&id))? >= attempt {
            let _ = folder::forget(&drop_off.to, &key);
        }
    }
    Ok(())
}

/// What became of an attempt, its fault if it failed, and what was left if it did not.
type Attempted = (Outcome, Option<Diagnostic>, Option<Left>);

/// Only a person can help.
fn park(error: String) -> Attempted {
    let fault = Diagnostic::new(&custody::PARKED, error.clone());
    (Outcome::Park { error }, Some(fault), None)
}

fn hand_over(endpoint: &Endpoint, delivery: &Delivery, bytes: &[u8], now: Timestamp) -> Attempted {
    let Some(drop_off) = &endpoint.drop_off else {
        return park(format!("endpoint {} has no drop_off any more", endpoint.name));
    };
    let left = match endpoint.via {
        Wire::Folder => {
            folder::leave_once(&drop_off.to, &delivery.name, bytes, &attempt_key(&delivery.id, delivery.attempts + 1))
        }
    };
    let error = match left {
        Ok(left) => return (Outcome::Sent { receipt: left.path.display().to_string() }, None, Some(left)),
        Err(error) => error,
    };
    let code: Code = match error {
        FolderError::BadName { .. } => return park(error.to_string()),
        // The file that is in the way may be taken by its reader at any moment.
        FolderError::NameTaken { .. } => &custody::NAME_TAKEN,
        FolderError::Gone { .. } | FolderError::Refused { .. } => &custody::DELIVERY_REFUSED,
    };
    let error = error.to_string();
    let fault = Some(Diagnostic::new(code, error.clone()));
    match pause(delivery) {
        Some(pause) => (Outcome::Retry { error, due: now + pause }, fault, None),
        None => (Outcome::Park { error }, fault, None),
    }
}

/// How long to wait after a failed attempt; up to a fifth longer by the delivery's id, so that a thousand deliveries to
/// one folder do not all come back in the same second.
fn pause(delivery: &Delivery) -> Option<SignedDuration> {
    let index = usize::try_from(delivery.attempts).ok()?;
    let millis = PAUSES.get(index)? * 1000;
    let spread = delivery.id.as_str().bytes().fold(0_u64, |sum, byte| sum * 31 % 997 + u64::from(byte)) % 1000;
    let pause = Duration::from_millis(millis + millis * spread / 5000);
    SignedDuration::try_from(pause).ok()
}

fn journal_line(
    tx: &mut ledger::Transaction<'_>,
    delivery: &Delivery,
    outcome: &Outcome,
    fault: Option<&Diagnostic>,
    now: Timestamp,
) -> Result<NewEvent, ledger::Error> {
    // The story of a document is told in its retailer's journal, whoever the target is.
    let (partner, po_number) = match &delivery.document {
        Some(id) => {
            let stored = tx.document(id)?;
            let po_number = stored.document.po_numbers().first().map(|number| (*number).to_owned());
            (stored.partner, po_number)
        }
        None => (delivery.partner.clone(), None),
    };
    let what = match partner == delivery.partner {
        true => format!("{} sent", delivery.label),
        false => format!("{} handed to {}", delivery.label, delivery.partner),
    };
    let to_whom = format!("{} to {}", delivery.label, delivery.partner);
    let (kind, text) = match outcome {
        Outcome::Sent { .. } => (EventKind::Delivered, format!("{what} as {}", delivery.name)),
        Outcome::Retry { error, .. } => (EventKind::DeliveryFailed, format!("{to_whom} not delivered yet: {error}")),
        Outcome::Park { error } => (EventKind::Parked, format!("{to_whom} parked: {error}")),
    };
    let data = match fault {
        Some(diagnostic) => serde_json::to_value(Record::from(diagnostic)).unwrap_or_default(),
        None => serde_json::json!({ "file": delivery.name, "endpoint": delivery.endpoint }),
    };
    Ok(NewEvent {
        partner,
        at: now,
        kind,
        refs: Refs {
            transmission: Some(delivery.transmission.clone()),
            document: delivery.document.clone(),
            delivery: Some(delivery.id.clone()),
            po_number,
        },
        text,
        data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Id;

    fn delivery(attempts: u32) -> Delivery {
        Delivery {
            id: Id("0198c0de".to_owned()),
            transmission: Id::new(),
            partner: "megamart".to_owned(),
            endpoint: "mailbox".to_owned(),
            name: "a.edi".to_owned(),
            label: "856 SHP1".to_owned(),
            document: None,
            attempts,
        }
    }

    #[test]
    fn pauses_grow_and_end() {
        let pauses: Vec<_> = (0..).map_while(|attempts| pause(&delivery(attempts))).collect();
        assert_eq!(pauses.len(), PAUSES.len());
        assert!(pauses[0] < pauses[2] && pauses[2] < pauses[5]);
        for (pause, seconds) in pauses.iter().zip(PAUSES) {
            let seconds = i64::try_from(seconds).unwrap();
            assert!(pause.as_secs() >= seconds && pause.as_secs() <= seconds + seconds / 5 + 1);
        }
    }

    #[test]
    fn a_name_that_is_taken_and_a_missing_folder_need_time_and_a_bad_name_a_person() {
        let folder = tempfile::tempdir().unwrap();
        let attempt = |to: std::path::PathBuf, name: &str| {
            let drop_off = Some(crate::config::partner::DropOff { to, name: "{isa13}.edi".to_owned() });
            let endpoint = Endpoint { name: "mailbox".to_owned(), via: Wire::Folder, pick_up: None, drop_off };
            let delivery = Delivery { name: name.to_owned(), ..delivery(0) };
            let (outcome, fault, _left) = hand_over(&endpoint, &delivery, b"x", Timestamp::UNIX_EPOCH);
            let word = match outcome {
                Outcome::Sent { .. } => "sent",
                Outcome::Retry { .. } => "retry",
                Outcome::Park { .. } => "park",
            };
            (word, fault.map_or("", |fault| fault.code.code))
        };
        std::fs::write(folder.path().join("a.edi"), "other").unwrap();
        assert_eq!(attempt(folder.path().to_owned(), "a.edi"), ("retry", "DLV-E002"));
        assert_eq!(attempt(folder.path().join("gone"), "a.edi"), ("retry", "DLV-E001"));
        assert_eq!(attempt(folder.path().to_owned(), "../a.edi"), ("park", "DLV-E003"));
        assert_eq!(attempt(folder.path().to_owned(), "b.edi"), ("sent", ""));
    }
}
