//! Why an attempt failed, and whether time alone can mend it.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::ledger;
use crate::ledger::delivery::Delivery;

/// A failed attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// It may have succeeded: the same attempt is made again until that is known, or the policy's time is over.
    Unclear(Diagnostic),
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
