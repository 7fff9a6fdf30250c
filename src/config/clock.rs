//! The compliance clocks of a partner: what its rules demand, what a breach costs, by whose calendar it is reckoned.
//!
//! In: the `[calendar]` and `[[clock]]` tables of a partner file, as texts. Out: a [`calendar::Calendar`] and
//! [`rule::Rule`]s that cannot be wrong, or every [`Fault`] at once, each under the key that it is about.
//!
//! ```toml
//! [calendar]
//! days     = "Mo-Fr"
//! hours    = "08:00-17:00"
//! holidays = ["Jan 1 observed", "4th Thu of Nov", "2026-12-24"]
//! [[clock]]
//! name   = "ASN in time"
//! what   = "856"
//! within = "60 min"
//! of     = "departure"
//! cost   = { per_carton = "0.75", minimum = "100", currency = "USD" }
//! source = "MegaMart vendor guide, section 4"
//! as_of  = "2026-03-01"
//! ```
//!
//! Never here: facts about documents, and what the time is. `reconcile::clock` holds rules against facts.

pub mod rule;
pub mod noun;
pub mod cost;
pub mod term;
pub mod calendar;
pub mod holiday;

use std::fmt;

use super::nearest::nearest;
use super::reader::one_of;

/// What is wrong with one key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key; the place of a fault in the file is its value, or the table where the key is missing.
    pub key: &'static str,
    /// One plain sentence.
    pub message: String,
    /// What would have been right.
    pub expected: String,
    /// What to do, where more can be said than what was expected.
    pub hint: Option<String>,
}

impl Fault {
    fn new(key: &'static str, message: impl Into<String>, expected: impl Into<String>) -> Fault {
        Fault { key, message: message.into(), expected: expected.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Fault {
        Fault { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  expected {}", self.key, self.message, self.expected)?;
        self.hint.iter().try_for_each(|hint| write!(f, "\n  hint: {hint}"))
    }
}

/// Reads one of a few words.
fn word<T: Copy>(key: &'static str, text: &str, words: &[(&'static str, T)]) -> Result<T, Fault> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let fault = Fault::new(key, format!("{text:?} is no word that it knows"), one_of(&names));
    // Numbers that differ in a digit are different documents, not slips.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    Err(match nearest(text, names) {
        Some(known) if !is_number => fault.hint(format!("did you mean {known:?}?")),
        _ => fault,
    })
}
