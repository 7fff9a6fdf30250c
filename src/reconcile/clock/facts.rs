//! What is known of one chain of documents: an order, its shipment, its invoice, and what was said of them.
//!
//! ```text
//! departure 09:22, told at 09:30         departure 08:50, told at 11:00
//!   -> last(Departure) = 08:50           what was told last counts, in whatever order it came
//! ```
//!
//! Facts are sets: learning one twice changes nothing, and neither does the order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::config::clock::noun::{Answerer, Field, Figure, Moment, Nature, Number};

/// One thing that was learnt. `told` is when the document that says so passed; what was told last counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A document passed, something happened or is planned. A plan that is only a day is its first moment in the partner's zone.
    Moment {
        /// What.
        what: Moment,
        /// When.
        at: Timestamp,
        /// Who said so passed then; for a document the same as `at`.
        told: Timestamp,
    },
    /// A quantity or an amount.
    Figure {
        /// Which.
        figure: Figure,
        /// How much.
        value: Decimal,
        /// When that was said.
        told: Timestamp,
    },
    /// What a document says in a field.
    Field {
        /// The document.
        of: Moment,
        /// The field.
        field: Field,
        /// The order's line, or empty for the document's head.
        line: String,
        /// What it says.
        value: Value,
        /// When that was said.
        told: Timestamp,
    },
    /// A number that should not come twice was used.
    Number {
        /// Its kind.
        number: Number,
        /// The number.
        value: String,
        /// By which document, in words.
        document: String,
        /// When.
        at: Timestamp,
        /// By whom.
        user: User,
    },
    /// The partner said what it thinks of a document.
    Answer {
        /// The document.
        to: Moment,
        /// By what.
        by: Answerer,
        /// What it thinks.
        verdict: Verdict,
        /// When.
        at: Timestamp,
        /// In its words.
        text: String,
    },
    /// The order was cancelled.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// What a document says in a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number: `5.5` and `5.50` are the same.
    Number(Decimal),
    /// A text: `0012` and `12` are not.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::Text(text) => f.write_str(text),
        }
    }
}

/// Which chain used a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// This one.
    ThisChain,
    /// Another one of the same partner.
    AnotherChain,
}

/// What a partner thinks of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is taken, with or without remarks.
    Accepted,
    /// It is refused.
    Rejected,
}

/// Everything that is known of one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The number by which people know it: a shipment's, or an order's.
    pub about: String,
    /// Every telling of a moment: when it was told, and which time was named.
    moments: BTreeMap<Moment, BTreeSet<(Timestamp, Timestamp)>>,
    figures: BTreeMap<Figure, (Timestamp, Decimal)>,
    fields: BTreeMap<(Moment, Field), BTreeMap<String, (Timestamp, Value)>>,
    uses: BTreeMap<(Number, String), BTreeSet<Use>>,
    answers: BTreeMap<Moment, BTreeSet<Answer>>,
    cancelled: Option<Timestamp>,
}

/// One use of a number; uses are in the order of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// When.
    pub at: Timestamp,
    /// By which document.
    pub document: String,
    /// Of which chain.
    pub user: User,
}

/// One answer of the partner; answers are in the order of time, and a refusal is after what came with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// When.
    pub at: Timestamp,
    /// What it thinks.
    pub verdict: Verdict,
    /// By what.
    pub by: Answerer,
    /// In its words.
    pub text: String,
}

impl Facts {
    /// A chain of which nothing is known.
    pub fn about(about: impl Into<String>) -> Facts {
        Facts {
            about: about.into(),
            moments: BTreeMap::new(),
            figures: BTreeMap::new(),
            fields: BTreeMap::new(),
            uses: BTreeMap::new(),
            answers: BTreeMap::new(),
            cancelled: None,
        }
    }

    /// Learns one thing.
    pub fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::Moment { what, at, told } => {
                self.moments.entry(what).or_default().insert((told, at));
            }
            // Of two that were told at the same time the greater one counts, so that their order does not.
            Fact::Figure { figure, value, told } => {
                let kept = self.figures.entry(figure).or_insert((told, value));
                *kept = (*kept).max((told, value));
            }
            Fact::Field { of, field, line, value, told } => {
                let lines = self.fields.entry((of, field)).or_default();
                let newest = lines.remove(&line).map_or((told, value.clone()), |kept| kept.max((told, value)));
                lines.insert(line, newest);
            }
            Fact::Number { number, value, document, at, user } => {
                self.uses.entry((number, value)).or_default().insert(Use { at, document, user });
            }
            Fact::Answer { to, by, verdict, at, text } => {
                self.answers.entry(to).or_default().insert(Answer { at, verdict, by, text });
            }
            // A chain that was cancelled twice was cancelled the first time.
            Fact::Cancelled { at } => self.cancelled = Some(self.cancelled.map_or(at, |kept| kept.min(at))),
        }
    }

    /// When it was: of a document the first time, of anything else what was told last.
    pub fn moment(&self, what: Moment) -> Option<Timestamp> {
        let told = self.moments.get(&what)?;
        match what.nature() {
            Nature::Document => told.iter().map(|(_, at)| *at).min(),
            Nature::Event | Nature::Plan => told.last().map(|(_, at)| *at),
        }
    }

    /// When a document passed for the last time.
    pub fn last(&self, document: Moment) -> Option<Timestamp> {
        self.moments.get(&document)?.iter().map(|(_, at)| *at).max()
    }

    /// When a document first passed after a moment.
    pub fn first_after(&self, document: Moment, moment: Timestamp) -> Option<Timestamp> {
        self.moments.get(&document)?.iter().map(|(_, at)| *at).filter(|at| *at > moment).min()
    }

    /// A figure.
    pub fn figure(&self, figure: Figure) -> Option<Decimal> {
        self.figures.get(&figure).map(|(_, value)| *value)
    }

    /// When a figure was told.
    pub fn told(&self, figure: Figure) -> Option<Timestamp> {
        self.figures.get(&figure).map(|(told, _)| *told)
    }

    /// What a document says in a field, line by line.
    pub fn field(&self, document: Moment, field: Field) -> impl Iterator<Item = (&str, &Value)> {
        let lines = self.fields.get(&(document, field)).into_iter().flatten();
        lines.map(|(line, (_, value))| (line.as_str(), value))
    }

    /// What a document says in a field of one line.
    pub fn field_of_line(&self, document: Moment, field: Field, line: &str) -> Option<&Value> {
        self.fields.get(&(document, field))?.get(line).map(|(_, value)| value)
    }

    /// The numbers of a kind, each with its uses in the order of time.
    pub fn numbers(&self, number: Number) -> impl Iterator<Item = (&str, &BTreeSet<Use>)> {
        let of_kind = self.uses.range((number, String::new())..).take_while(move |((kind, _), _)| *kind == number);
        of_kind.map(|((_, value), uses)| (value.as_str(), uses))
    }

    /// What the partner thinks of a document, in the order of time.
    pub fn answers(&self, document: Moment) -> impl Iterator<Item = &Answer> {
        self.answers.get(&document).into_iter().flatten()
    }

    /// When the order was cancelled, if it was.
    pub fn cancelled(&self) -> Option<Timestamp> {
        self.cancelled
    }
}
