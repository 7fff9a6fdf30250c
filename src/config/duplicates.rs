//! The `[duplicates]` table of a partner: what becomes of what it sends twice, for each kind of twice.
//!
//! ```toml
//! [duplicates]
//! bytes          = "quarantine"           # the same bytes, by whichever endpoint
//! message_id     = "acknowledge again"    # the same message id (AS2)
//! control_number = "quarantine"           # the same ISA13 around other bytes
//! business_key   = "replace"              # the same order, shipment or invoice
//! ```
//!
//! A table that is left out, and every key that is, means `"quarantine"`.

use std::fmt;

use super::reader::{Table, choice};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// What becomes of something that came before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// It is recorded; nothing is done and nobody is answered.
    #[default]
    Quarantine,
    /// It is recorded, and the answer that the first one got is sent once more: the same bytes under the same name.
    AcknowledgeAgain,
    /// It stands in for the first one. The same bytes never do.
    Replace,
}

impl Policy {
    /// The word in partner.toml.
    pub fn word(self) -> &'static str {
        match self {
            Policy::Quarantine => "quarantine",
            Policy::AcknowledgeAgain => "acknowledge again",
            Policy::Replace => "replace",
        }
    }
}

/// What can be the same about two arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twice {
    /// Their bytes.
    Bytes,
    /// The message id that their wire gave them.
    MessageId,
    /// The control number of an interchange between the same two parties.
    ControlNumber,
    /// The business key of a document: an order's PO number, release and ship-to.
    BusinessKey,
}

impl Twice {
    /// The key in partner.toml.
    pub fn key(self) -> &'static str {
        match self {
            Twice::Bytes => "bytes",
            Twice::MessageId => "message_id",
            Twice::ControlNumber => "control_number",
            Twice::BusinessKey => "business_key",
        }
    }
}

/// A partner's policies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// For the same bytes; never [`Policy::Replace`].
    pub bytes: Policy,
    /// For the same message id.
    pub message_id: Policy,
    /// For the same interchange control number around other bytes.
    pub control_number: Policy,
    /// For the same business key.
    pub business_key: Policy,
}

/// The policy that decided one case; its text is the line of partner.toml: `bytes = "quarantine"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// What was the same.
    pub twice: Twice,
    /// What becomes of it.
    pub policy: Policy,
    /// Who says so.
    pub by: Whose,
}

/// Whose decision it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// That of partner.toml.
    Agreement,
    /// That of a person who let this one pass (`edigate accept`).
    Person,
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            Whose::Agreement => write!(f, "{} = {:?}", self.twice.key(), self.policy.word()),
            Whose::Person => write!(f, "accepted by a person in spite of the same {}", self.twice.key()),
        }
    }
}

impl Decided {
    /// A person let it pass: it stands in for the first one.
    pub fn by_a_person(twice: Twice) -> Decided {
        Decided { twice, policy: Policy::Replace, by: Whose::Person }
    }
}

impl Duplicates {
    /// What this partner wants for one kind.
    pub fn for_the_same(&self, twice: Twice) -> Decided {
        let policy = match twice {
            Twice::Bytes => self.bytes,
            Twice::MessageId => self.message_id,
            Twice::ControlNumber => self.control_number,
            Twice::BusinessKey => self.business_key,
        };
        Decided { twice, policy, by: Whose::Agreement }
    }
}

/// What a partner's other tables say that its policies must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// No X12.
    NoX12,
    /// X12 that nobody acknowledges.
    Unacknowledged,
    /// X12 that is acknowledged.
    Acknowledged,
}

const POLICIES: [Policy; 3] = [Policy::Quarantine, Policy::AcknowledgeAgain, Policy::Replace];

/// Reads the `[duplicates]` table of a partner file.
pub(crate) fn read(root: &Table, speaks: Speaks) -> Duplicates {
    let Some(table) = root.optional("duplicates").table() else { return Duplicates::default() };
    let policies = Duplicates {
        bytes: policy(&table, Twice::Bytes, speaks),
        message_id: policy(&table, Twice::MessageId, speaks),
        control_number: policy(&table, Twice::ControlNumber, speaks),
        business_key: policy(&table, Twice::BusinessKey, speaks),
    };
    table.finish();
    policies
}

fn policy(table: &Table, twice: Twice, speaks: Speaks) -> Policy {
    let read = |text: &str| {
        let policy = choice(text, "policy for duplicates", &POLICIES.map(|policy| (policy.word(), policy)))?;
        match senseless(twice, policy, speaks) {
            None => Ok(policy),
            Some(why) => {
                let message = format!("{}: {why}", Decided { twice, policy, by: Whose::Agreement });
                Err(Diagnostic::new(&codes::SENSELESS_POLICY, message))
            }
        }
    };
    table.optional(twice.key()).parse(read).map(|policy| policy.value).unwrap_or_default()
}

/// Why a policy cannot be meant.
fn senseless(twice: Twice, policy: Policy, speaks: Speaks) -> Option<&'static str> {
    match (twice, policy, speaks) {
        (Twice::Bytes, Policy::Replace, _) => Some("the same bytes replace nothing"),
        (Twice::ControlNumber, _, Speaks::NoX12) => {
            Some("the partner has no [x12] table, so it has no control numbers")
        }
        (_, Policy::AcknowledgeAgain, Speaks::NoX12) => {
            Some("the partner has no [x12] table, so it gets no acknowledgment")
        }
        (_, Policy::AcknowledgeAgain, Speaks::Unacknowledged) => {
            Some("[x12] says acknowledge = \"none\", so there is no acknowledgment to send again")
        }
        _ => None,
    }
}
