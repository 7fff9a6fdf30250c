//! What the receiver's application says of documents that we sent: accepted, or why not // X12 824
//!
//! A 997 says that a document could be read; this says whether it can be used.

use jiff::civil::{Date, DateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::party::Party;
use super::{Header, Kind, Reference};

/// The answers of an application to one or more documents.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApplicationAdvice {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The author's number of it (BGN02).
    pub advice_number: String,
    /// The day it was written (BGN03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub issued_on: Option<Date>,
    /// From whom to whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// The answers, one for each document.
    pub answers: Vec<Answer>,
}

/// What the application says of one document // OTI
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// Whether it can be used (OTI01).
    pub verdict: AdviceVerdict,
    /// Of what that is said (OTI01).
    #[serde(default)]
    pub level: AdviceLevel,
    /// The number of the document, as we wrote it (OTI02, OTI03).
    pub reference: Reference,
    /// The transaction set that it was (OTI10), such as 856.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_set: Option<String>,
    /// Our number of its group (OTI08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_control_number: Option<u32>,
    /// Our number of its set, as written (OTI09).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_control_number: Option<String>,
    /// When its group was sent (OTI06, OTI07), at midnight where only the day is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub sent_at: Option<DateTime>,
    /// The order behind it (REF PO).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// Numbers that it is also known by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<AdvisedError>,
}

impl Answer {
    /// The kind of our document that it answers, where that is known.
    pub fn kind(&self) -> Option<Kind> {
        self.transaction_set.as_deref().and_then(Kind::parse).or_else(|| self.reference.kind())
    }

    /// The order that it is about: the one that it names, else the number of the document where that is an order's.
    pub fn po_number(&self) -> Option<&str> {
        let is_order = matches!(self.kind(), Some(Kind::Order | Kind::OrderAck));
        self.po_number.as_deref().or_else(|| is_order.then_some(self.reference.value.as_str()))
    }

    /// `856 SHP0000777`.
    pub fn label(&self) -> String {
        match (&self.transaction_set, self.kind()) {
            (Some(set), _) => format!("{set} {}", self.reference.value),
            (None, Some(kind)) => format!("{kind} {}", self.reference.value),
            (None, None) => self.reference.value.clone(),
        }
    }
}

/// Whether a document can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdviceVerdict {
    /// It is used as it came.
    Accepted,
    /// It is used, with other content.
    AcceptedWithChange,
    /// It is used, although something is wrong with it.
    AcceptedWithErrors,
    /// A part of it is used.
    PartlyAccepted,
    /// It is not used.
    Rejected,
    /// A code that we have no name for, as the author wrote it.
    #[serde(untagged)]
    Other(String),
}

/// Of what a verdict is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdviceLevel {
    /// Of one document.
    #[default]
    Document,
    /// Of one item in it.
    Item,
    /// Of a whole group of documents.
    Group,
    /// Of a batch of groups.
    Batch,
}

/// One thing that is wrong with a document // TED
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdvisedError {
    /// The trade's code of it, as the author wrote it; ZZZ is agreed between the two (TED01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// In words (TED02 and the notes below it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The segment that it is in (TED03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The position of that segment in its set, ST = 1 (TED04).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_position: Option<u32>,
    /// The position of the element in the segment (TED05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element_position: Option<u32>,
    /// What was found there (TED07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What should be there, or was put there instead (TED08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

impl AdvisedError {
    /// In one line: its words, else its code.
    pub fn sentence(&self) -> String {
        match (&self.text, &self.code) {
            (Some(text), _) => text.clone(),
            (None, Some(code)) => format!("error {code}"),
            (None, None) => "no reason given".to_owned(),
        }
    }
}
