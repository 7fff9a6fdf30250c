//! Why an attempt failed, and whether time alone can mend it.

use std::io::ErrorKind;

use crate::diagnostic::codes::custody;
use crate::diagnostic::{Code, Diagnostic};
use crate::ledger;
use crate::ledger::delivery::Delivery;
use crate::transport::folder::FolderError;

/// A failed attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The same attempt may succeed later: it is made again until the policy's time is over.
    Temporary(Diagnostic),
    /// The same attempt will fail for ever: a person must change something first.
    Permanent(Diagnostic),
}

impl Failure {
    /// The partner file has the delivery's endpoint no more.
    pub fn endpoint_gone(delivery: &Delivery) -> Failure {
        permanent(format!("{} has no endpoint {} any more", delivery.partner, delivery.endpoint))
    }

    /// The endpoint takes no files any more.
    pub fn drop_off_gone(delivery: &Delivery) -> Failure {
        permanent(format!("endpoint {} has no drop_off any more", delivery.endpoint))
    }

    /// What is to be sent is not what was archived.
    pub fn damaged(error: &ledger::Error) -> Failure {
        Failure::Permanent(Diagnostic::new(&custody::DAMAGED_BYTES, error.to_string()))
    }
}

fn permanent(message: String) -> Failure {
    Failure::Permanent(Diagnostic::new(&custody::CANNOT_SUCCEED, message))
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Failure {
        let temporary = |code: Code| Failure::Temporary(Diagnostic::new(code, error.to_string()));
        match &error {
            FolderError::BadName { .. } => permanent(error.to_string()),
            FolderError::Refused { source, .. } if source.kind() == ErrorKind::InvalidFilename => {
                permanent(error.to_string())
            }
            // The file that is in the way may be taken by its reader at any moment.
            FolderError::NameTaken { .. } => temporary(&custody::NAME_TAKEN),
            FolderError::Gone { .. } | FolderError::Refused { .. } | FolderError::NotOurs { .. } => {
                temporary(&custody::DELIVERY_REFUSED)
            }
        }
    }
}
