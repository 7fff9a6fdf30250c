//! What can go wrong while an API is asked, and what that means for the next round.

use jiff::Timestamp;

use crate::diagnostic::codes::{poll, wire};
use crate::diagnostic::{Code, Diagnostic};
use crate::transport::http::client::HttpError;

/// Why a round ended early. Nothing that was taken in is undone; the watermark stays.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PollError {
    /// We were told to stop, or custody cannot be taken: whoever said so tells why.
    #[error("stopped")]
    Stopped,
    /// There was no answer.
    #[error("{0}")]
    Http(#[from] HttpError),
    /// The API has a fault of its own.
    #[error("{target} answered {status}, also after {tries} tries: {said}")]
    ServerFault {
        /// Who.
        target: String,
        /// The status.
        status: u16,
        /// How often it was asked.
        tries: u32,
        /// What it said.
        said: String,
    },
    /// It does not let us in.
    #[error("{target} answered {status} to {shown}; this endpoint has stopped: {said}")]
    NotLetIn {
        /// Who.
        target: String,
        /// The status.
        status: u16,
        /// What we showed.
        shown: &'static str,
        /// What it said.
        said: String,
    },
    /// No token could be had.
    #[error("{target} gives us no token: {why}")]
    NoToken {
        /// The token endpoint.
        target: String,
        /// What it said.
        why: String,
        /// Asking again helps nobody.
        is_final: bool,
    },
    /// A secret cannot be read or used.
    #[error("{why}")]
    Secret {
        /// Why not; never the secret itself.
        why: String,
    },
    /// It says no.
    #[error("{target} answered {status}: {said}")]
    Refused {
        /// Who.
        target: String,
        /// The status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// A body that is none.
    #[error("the answer of {target} is no JSON: {why}")]
    NotJson {
        /// Who.
        target: String,
        /// What the reader said.
        why: String,
    },
    /// A file that cannot be unpacked.
    #[error("the file of {target} cannot be unpacked: {why}")]
    NotPacked {
        /// Who.
        target: String,
        /// What the reader said.
        why: String,
    },
    /// Something is not where it should be.
    #[error("the answer of {target} has no {expected} at {pointer:?}: it is {found}")]
    NotThere {
        /// Who.
        target: String,
        /// Where we looked.
        pointer: String,
        /// For what.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Status 200, and a fault.
    #[error("{target} answered 200 with a fault: {said}")]
    FaultInAnswer {
        /// Who.
        target: String,
        /// What it said.
        said: String,
    },
    /// We are sent somewhere else.
    #[error("{target} sends us to {elsewhere}, which {why}; it was not followed")]
    Elsewhere {
        /// Who.
        target: String,
        /// Where to.
        elsewhere: String,
        /// Why not.
        why: &'static str,
    },
    /// It goes on and on.
    #[error("the pages of {target} do not end: {why}")]
    Endless {
        /// Who.
        target: String,
        /// What was seen.
        why: String,
    },
    /// We ask too often.
    #[error("{target} asks us to wait until {until}")]
    TooFast {
        /// Who.
        target: String,
        /// Until when.
        until: Timestamp,
    },
}

impl PollError {
    fn code(&self) -> Code {
        match self {
            PollError::Http(HttpError::TooLarge { .. }) => &poll::TOO_LARGE,
            PollError::Http(HttpError::BadHeader { .. }) | PollError::Secret { .. } => &wire::SECRET_UNREADABLE,
            PollError::Http(_) | PollError::Stopped => &poll::UNREACHABLE,
            PollError::ServerFault { .. } => &poll::SERVER_FAULT,
            PollError::NotLetIn { .. } => &poll::NOT_LET_IN,
            PollError::NoToken { .. } => &poll::NO_TOKEN,
            PollError::Refused { .. } => &poll::REFUSED,
            PollError::NotJson { .. } | PollError::NotPacked { .. } => &poll::NOT_JSON,
            PollError::NotThere { .. } => &poll::NOT_THERE,
            PollError::FaultInAnswer { .. } => &poll::FAULT_IN_ANSWER,
            PollError::Elsewhere { .. } => &poll::ELSEWHERE,
            PollError::Endless { .. } => &poll::ENDLESS,
            PollError::TooFast { .. } => &poll::TOO_FAST,
        }
    }

    /// Only a person can mend it: it is not tried again before the configuration is read anew.
    pub fn is_final(&self) -> bool {
        matches!(self, PollError::NotLetIn { .. } | PollError::NoToken { is_final: true, .. })
    }

    /// When the next round may begin, where the API says so.
    pub fn not_before(&self) -> Option<Timestamp> {
        match self {
            PollError::TooFast { until, .. } => Some(*until),
            _ => None,
        }
    }
}

impl From<&PollError> for Diagnostic {
    fn from(error: &PollError) -> Diagnostic {
        Diagnostic::new(error.code(), error.to_string())
    }
}
