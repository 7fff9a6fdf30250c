//! Whether an arrival came before, and what the partner's policy makes of it: decided from rows, told in words.
//!
//! ```text
//! same bytes, no message id or a new one     a repetition, by the policy for bytes
//! same message id, same bytes                a repetition, by the policy for message ids
//! same message id, other bytes               no repetition: kept out and told, or taken when the policy says replace
//! ```
//!
//! Peers differ: some repeat a message under its old id, some give the same bytes a new one. So both are looked at, and
//! neither stands in for the other.

use crate::config::duplicates::{Decided, Duplicates, Policy, Twice};
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Place, Record};
use crate::ledger::transmission::{NewTransmission, Transmission, TransmissionState};

/// What an arrival is.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It never came before.
    New,
    /// It came before.
    Repetition {
        /// The first one.
        first: Transmission,
        /// What decided.
        by: Decided,
    },
    /// Bytes that never came, under a message id that did; they are taken.
    Replacement {
        /// The first one of that id.
        first: Transmission,
        /// What decided.
        by: Decided,
    },
    /// Other bytes under a message id that came before; they are kept and not taken.
    Reused {
        /// The first one of that id.
        first: Transmission,
        /// What decided.
        by: Decided,
    },
}

impl Verdict {
    /// The state in which the arrival is recorded.
    pub fn state(&self) -> TransmissionState {
        match self {
            Verdict::New | Verdict::Replacement { .. } => TransmissionState::Captured,
            Verdict::Repetition { first, .. } => TransmissionState::Duplicate { of: first.id.clone() },
            Verdict::Reused { .. } => TransmissionState::Quarantined,
        }
    }

    /// The transmission whose answers go out once more.
    pub fn answered_again(&self) -> Option<&Transmission> {
        match self {
            Verdict::Repetition { first, by } if by.policy == Policy::AcknowledgeAgain => Some(first),
            _ => None,
        }
    }
}

/// Judges an arrival by what came before with its bytes and under its message id.
pub fn judge(
    policies: &Duplicates,
    sha256: &str,
    same_bytes: Option<Transmission>,
    same_message: Option<Transmission>,
) -> Verdict {
    let (by_bytes, by_message) = (policies.for_the_same(Twice::Bytes), policies.for_the_same(Twice::MessageId));
    match (same_bytes, same_message) {
        (None, None) => Verdict::New,
        (Some(first), None) => Verdict::Repetition { first, by: by_bytes },
        (_, Some(first)) if first.sha256 == sha256 => Verdict::Repetition { first, by: by_message },
        // Where message ids mean nothing, the bytes alone decide.
        (Some(first), Some(_)) if by_message.policy == Policy::Replace => Verdict::Repetition { first, by: by_bytes },
        (None, Some(first)) if by_message.policy == Policy::Replace => Verdict::Replacement { first, by: by_message },
        (_, Some(first)) => Verdict::Reused { first, by: by_message },
    }
}

/// What is wrong with an arrival, if anything is.
pub fn diagnostic(new: &NewTransmission, verdict: &Verdict) -> Option<Diagnostic> {
    let (name, id) = (&new.name, new.message_id.as_deref().unwrap_or_default());
    let diagnostic = match verdict {
        Verdict::New => return None,
        Verdict::Repetition { first, by } if by.twice == Twice::Bytes => {
            Diagnostic::new(&custody::DUPLICATE_FILE, format!("the bytes of {name} came in before, as {}", first.name))
        }
        Verdict::Repetition { first, .. } => {
            Diagnostic::new(&custody::KNOWN_MESSAGE, format!("message {id} came in before, as {}", first.name))
        }
        Verdict::Replacement { first, .. } => {
            let message =
                format!("message {id} came in before with other bytes, as {}; these are taken as well", first.name);
            Diagnostic::new(&custody::MESSAGE_ID_REPLACED, message)
        }
        Verdict::Reused { first, .. } => {
            let message = format!("message {id} came in before with other bytes, as {}", first.name);
            Diagnostic::new(&custody::MESSAGE_ID_REUSED, message).expected("an id that was not used before").found(id)
        }
    };
    Some(diagnostic.at(Place { file: Some(name.clone()), ..Place::default() }))
}

/// The line of the journal.
pub fn journal_text(new: &NewTransmission, verdict: &Verdict, answers: &[String]) -> String {
    let (name, size) = (&new.name, new.content.size());
    match verdict {
        Verdict::New => format!("received {name} by {}, {size} bytes", new.endpoint),
        Verdict::Replacement { first, by } => {
            let message = format!("under the message id of {}", first.name);
            format!("received {name} by {}, {size} bytes, {message} ({by})", new.endpoint)
        }
        Verdict::Repetition { first, by } => {
            let done = match (by.policy, answers) {
                (Policy::AcknowledgeAgain, []) => format!("recorded; no answer to it went out yet ({by})"),
                (Policy::AcknowledgeAgain, names) => {
                    format!("recorded, and our answer goes out once more: {} ({by})", names.join(", "))
                }
                (Policy::Quarantine | Policy::Replace, _) => "recorded, nothing done".to_owned(),
            };
            format!("{} came again as {name}: {done}", first.name)
        }
        Verdict::Reused { first, by } => {
            let id = new.message_id.as_deref().unwrap_or_default();
            let code = custody::MESSAGE_ID_REUSED.code;
            format!(
                "{name} quarantined: message {id} came in before with other bytes, as {} ({code}, {by})",
                first.name
            )
        }
    }
}

/// The particulars for the journal: the diagnostic and the policy that decided.
pub fn journal_data(diagnostic: Option<&Diagnostic>, verdict: &Verdict) -> serde_json::Value {
    let mut data = diagnostic.and_then(|one| serde_json::to_value(Record::from(one)).ok()).unwrap_or_default();
    if let (Some(data), Verdict::Repetition { by, .. } | Verdict::Replacement { by, .. } | Verdict::Reused { by, .. }) =
        (data.as_object_mut(), verdict)
    {
        data.insert("policy".to_owned(), by.to_string().into());
    }
    data
}
