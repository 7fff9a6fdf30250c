//! What is wrong with somebody's document, said so that the person who can fix it understands.
//!
//! In: a [`Code`] from [`codes`], the [`Place`], what was expected and what was found.
//! Out: one [`Diagnostic`], which every surface shows: the terminal, JSON, the 997, the journal.
//!
//! ```text
//! error X12-E031: element 4 of PO1 is not a number
//!   at orders.edi, byte 1032, segment 14 (PO1), element 4
//!   expected a decimal such as 5.50, found "5,50"
//!   hint: the sender must write the unit price with a point
//! ```
//!
//! A diagnostic is never an `Err`: reading a partner's document yields what could be read plus a list
//! of these. Troubles of our own (disk, database, network) are `Error`s of the module that met them.

pub mod codes;
pub mod text;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing was changed by it.
    Note,
    /// Odd, and handled; the document goes on.
    Warning,
    /// The set, group, interchange or file named in the place cannot be used.
    Error,
}

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The partner who wrote the document.
    Sender,
    /// The supplier's own people: their configuration, maps or master data.
    Us,
    /// Whoever runs the wire between the two.
    Transport,
}

impl Who {
    /// Its name in tables and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Who::Sender => "sender",
            Who::Us => "us",
            Who::Transport => "transport",
        }
    }

    /// The same for a person.
    pub fn in_words(self) -> &'static str {
        match self {
            Who::Sender => "the sender of the document",
            Who::Us => "us: our systems, maps or configuration",
            Who::Transport => "whoever runs the folder or connection",
        }
    }
}

/// What a diagnostic code means, for `edigate explain CODE` and the reference page.
///
/// Codes are stable: one that was published is never given another meaning and never reused.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The stable code, such as `X12-E017`; the letter after the dash is the severity (E, W or N).
    pub code: &'static str,
    /// One line without a full stop: what is wrong.
    pub title: &'static str,
    /// What it means and why it matters, in two to four full sentences.
    pub meaning: &'static str,
    /// The usual cause.
    pub cause: &'static str,
    /// What to do, addressed to whoever can do it.
    pub fix: &'static str,
    /// Who that is.
    pub who: Who,
    /// A minimal example of the fault; empty where bytes cannot show it.
    pub example: &'static str,
    /// The same, corrected.
    pub corrected: &'static str,
}

impl Meaning {
    /// The severity, as the code's letter says.
    pub fn severity(&self) -> Severity {
        match self.code.split('-').nth(1).and_then(|rest| rest.chars().next()) {
            Some('N') => Severity::Note,
            Some('W') => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// A reference to one meaning; compare codes by their text.
pub type Code = &'static Meaning;

/// Where in the sender's bytes it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The file's name as the sender knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Offset of the first byte concerned, from the start of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byte: Option<u64>,
    /// The place within the format.
    #[serde(default, skip_serializing_if = "Spot::is_whole")]
    pub spot: Spot,
}

/// The format's own way of naming a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    /// The file as a whole.
    #[default]
    Whole,
    /// A segment of X12, or an element within it.
    Segment(SegmentSpot),
    /// A line of text; line and column count from 1.
    Line {
        /// Line, from 1.
        line: u64,
        /// Column, from 1; 0 where only the line is known.
        column: u64,
    },
    /// A path in a tree: `/Invoice/Lines/Line[2]/@qty` or `lines[1].quantity`.
    Path {
        /// The path.
        path: String,
    },
}

impl Spot {
    fn is_whole(&self) -> bool {
        *self == Spot::Whole
    }
}

/// A segment of an X12 file; positions count from 1, 0 or `None` where they do not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentSpot {
    /// Transaction set identifier (ST01) when the place is within a set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// Transaction set control number (ST02) when the place is within a set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_control_number: Option<String>,
    /// The segment's ordinal in its set with ST = 1, as AK302 counts; in the envelope, 0.
    pub position: u32,
    /// The segment identifier, such as `PO1`.
    pub tag: String,
    /// The loop it stands in, named by its first segment (AK303).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_loop: Option<String>,
    /// Element position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<u16>,
    /// Which repetition of the element, where it may repeat (the third part of AK401).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<u16>,
    /// Component position within the element.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<u16>,
    /// Data element number of the X12 dictionary (AK402), such as 355.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_element: Option<u32>,
}

/// How an acknowledgment says it; the numbers are those of the X12 code tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AckCode {
    /// Table 720, AK304: segment syntax error.
    Segment(u8),
    /// Table 723, AK403: element syntax error.
    Element(u8),
    /// Table 718, AK502: transaction set syntax error.
    Set(u8),
    /// Table 716, AK905: functional group syntax error.
    Group(u8),
    /// Interchange note code, TA105.
    Interchange(u8),
}

/// One fault in somebody's document, explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// What kind of fault.
    pub code: Code,
    /// One plain sentence with the particulars: lower case, no full stop.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What would have been right, where that can be said in a few words.
    pub expected: Option<String>,
    /// The offending text, as the sender wrote it.
    pub found: Option<String>,
    /// What to do, when the particulars say more than the code's general advice.
    pub hint: Option<String>,
    /// How a 997 or TA1 says it.
    pub ack: Option<AckCode>,
    /// How a 999 says it where a rule of an implementation convention is broken: the number behind the I in table 620 for a
    /// segment, in table 621 for an element.
    pub convention: Option<u8>,
    /// What the broken rule depends on: the segment or element that made this one necessary, or excluded it.
    pub trigger: Option<Box<SegmentSpot>>,
    /// How bad it is between these two partners, where they agree on something else than the code says.
    pub agreed: Option<Severity>,
    /// Whose rule it is that the document breaks, where guides in layers were asked: `standard`, `guides` for one that was
    /// added beside the configuration, `partner megamart`.
    pub layer: Option<&'static str>,
}

impl Diagnostic {
    /// A fault with its one sentence; the rest is added with the `with_` methods.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            place: Place::default(),
            expected: None,
            found: None,
            hint: None,
            ack: None,
            convention: None,
            trigger: None,
            agreed: None,
            layer: None,
        }
    }

    /// Says where it is.
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Says what would have been right.
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Quotes the offending text, cut at 99 characters as AK404 is.
    pub fn found(mut self, found: impl Into<String>) -> Self {
        let found: String = found.into();
        self.found = Some(found.chars().take(99).collect());
        self
    }

    /// Gives advice that is more particular than the code's.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says how an acknowledgment names it.
    pub fn acknowledged_as(mut self, ack: AckCode) -> Self {
        self.ack = Some(ack);
        self
    }

    /// Says how a 999 names it, where it has a code of its own for what breaks a convention.
    pub fn by_convention(mut self, number: u8) -> Self {
        self.convention = Some(number);
        self
    }

    /// Says what the broken rule depends on.
    pub fn depending_on(mut self, trigger: SegmentSpot) -> Self {
        self.trigger = Some(Box::new(trigger));
        self
    }

    /// Says how bad it is by the partners' agreement.
    pub fn agreed_as(mut self, severity: Severity) -> Self {
        self.agreed = Some(severity);
        self
    }

    /// Says whose rule it is.
    pub fn of_layer(mut self, layer: &'static str) -> Self {
        self.layer = Some(layer);
        self
    }

    /// The severity that was agreed on, else that of its code.
    pub fn severity(&self) -> Severity {
        self.agreed.unwrap_or_else(|| self.code.severity())
    }

    /// True when what the place names cannot be used.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }

    /// The advice: the particular one if there is one, else the code's.
    pub fn fix(&self) -> &str {
        self.hint.as_deref().unwrap_or(self.code.fix)
    }
}

/// A diagnostic as it is stored and shown as JSON; the same names everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// The stable code.
    pub code: String,
    /// Severity of the code, or what the partners agreed on.
    pub severity: Severity,
    /// The one sentence.
    pub message: String,
    /// Where.
    #[serde(default)]
    pub place: Place,
    /// What would have been right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What stood there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The usual cause.
    pub cause: String,
    /// What to do.
    pub fix: String,
    /// Who can do it.
    pub who: Who,
    /// How a 997 or TA1 says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack: Option<AckCode>,
    /// Whose rule it is that the document breaks, where guides in layers were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
}

impl From<&Diagnostic> for Record {
    fn from(diagnostic: &Diagnostic) -> Self {
        Record {
            code: diagnostic.code.code.to_owned(),
            severity: diagnostic.severity(),
            message: diagnostic.message.clone(),
            place: diagnostic.place.clone(),
            expected: diagnostic.expected.clone(),
            found: diagnostic.found.clone(),
            cause: diagnostic.code.cause.to_owned(),
            fix: diagnostic.fix().to_owned(),
            who: diagnostic.code.who,
            ack: diagnostic.ack,
            layer: diagnostic.layer.map(str::to_owned),
        }
    }
}
