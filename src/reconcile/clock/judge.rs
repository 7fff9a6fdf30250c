//! One rule, the facts of one chain, the time: not started, running, kept, broken, or not applicable.
//!
//! A deadline is kept by what happened at its very moment, and broken from that moment on by what did not. Whoever stores
//! judgments asks again on every new fact, and at the moment that a running one names.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::{agreement, deadline};
use crate::config::clock::calendar::Calendar;
use crate::config::clock::cost::Charge;
use crate::config::clock::noun::{Answerer, Field, Figure, Moment, Number};
use crate::config::clock::rule::{Rule, Shape};

/// How one rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgment {
    /// What it is reckoned from is not known yet.
    NotStarted {
        /// What it waits for.
        waits_for: Awaited,
    },
    /// Its time runs.
    Running {
        /// When it breaks.
        due: Timestamp,
        /// From when on somebody should hurry.
        at_risk_from: Timestamp,
        /// What a breach will cost.
        charge: Option<Charge>,
        /// The next moment at which it stands otherwise though nothing new is told.
        look_again: Timestamp,
    },
    /// It was kept; a late document can still change that.
    Kept {
        /// Since when.
        at: Timestamp,
    },
    /// It is broken.
    Broken {
        /// Since when.
        since: Timestamp,
        /// In what, and by how much.
        breach: Breach,
        /// What that costs.
        charge: Option<Charge>,
    },
    /// Nothing is demanded of this chain.
    NotApplicable {
        /// Why, in words.
        why: String,
    },
}

impl Judgment {
    /// The same at a later time, as long as nothing new is told.
    pub fn later(self, now: Timestamp) -> Judgment {
        match self {
            Judgment::Running { due, charge, .. } if due <= now => {
                Judgment::Broken { since: due, breach: Breach::Overdue(now.duration_since(due)), charge }
            }
            Judgment::Broken { since, breach: Breach::Overdue(_), charge } => {
                Judgment::Broken { since, breach: Breach::Overdue(now.duration_since(since)), charge }
            }
            other => other,
        }
    }

    /// The next moment at which it stands otherwise though nothing new is told.
    pub fn look_again(&self) -> Option<Timestamp> {
        match self {
            Judgment::Running { look_again, .. } => Some(*look_again),
            _ => None,
        }
    }

    /// Broken at a price that is not known yet.
    pub(super) fn broken(since: Timestamp, breach: Breach) -> Judgment {
        Judgment::Broken { since, breach, charge: None }
    }
}

/// What a rule waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaited {
    /// A moment.
    Moment(Moment),
    /// A figure.
    Figure(Figure),
    /// A number of this chain's.
    Number(Number),
}

/// In what a rule is broken, and by how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// It has not happened, so long after it was due.
    Overdue(SignedDuration),
    /// It happened so long after it was due.
    Late(SignedDuration),
    /// It happened so long before it might; `None` when that which it had to wait for has not happened at all.
    Early(Option<SignedDuration>),
    /// The documents differ here; at least one.
    Differs(Vec<Difference>),
    /// A figure is this far from what binds it; negative when it is too small.
    Off {
        /// What it is.
        found: Decimal,
        /// What binds it.
        bound: Decimal,
        /// How far apart they are.
        by: Decimal,
    },
    /// A number was used before.
    Reused {
        /// The number.
        value: String,
        /// When.
        before: Timestamp,
        /// By which document.
        document: String,
    },
    /// What is required is not there.
    Missing,
    /// What is required is written otherwise.
    Malformed {
        /// As it is written.
        value: String,
    },
    /// The partner refused the document.
    Rejected {
        /// By what.
        by: Answerer,
        /// In its words.
        text: String,
        /// How long a corrected one came after it was due; `None` while none has come.
        corrected_late: Option<SignedDuration>,
    },
}

/// Something that two documents say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The order's line, or empty for the document's head.
    pub line: String,
    /// The field.
    pub field: Field,
    /// What the document says.
    pub found: String,
    /// What the other one says, if it says anything.
    pub expected: Option<String>,
}

/// How a rule stands by these facts at this time.
pub fn judge(rule: &Rule, calendar: &Calendar, facts: &Facts, now: Timestamp) -> Judgment {
    let judgment = match &rule.shape {
        Shape::Deadline { what, due, warn } => deadline::deadline(*what, *due, *warn, calendar, facts, now),
        Shape::NotBefore { what, reference } => deadline::not_before(*what, *reference, facts),
        Shape::Same { what, fields, reference, tolerance } => {
            agreement::same(*what, fields, *reference, *tolerance, facts)
        }
        Shape::Limit { figure, bound, of, tolerance } => agreement::limit(*figure, *bound, *of, *tolerance, facts),
        Shape::Unique { number, window } => agreement::unique(*number, *window, calendar, facts),
        Shape::Required { what, field, pattern } => agreement::required(*what, *field, pattern, facts),
        Shape::Accepted { what, answerers, correct_within } => {
            deadline::accepted(*what, answerers, *correct_within, calendar, facts, now)
        }
    };
    priced(judgment, rule, facts)
}

/// Says what the breach costs, or will cost if it comes.
fn priced(judgment: Judgment, rule: &Rule, facts: &Facts) -> Judgment {
    let charge = || rule.cost.as_ref().map(|cost| cost.charge(|figure| facts.figure(figure)));
    match judgment {
        Judgment::Running { due, at_risk_from, look_again, .. } => {
            Judgment::Running { due, at_risk_from, look_again, charge: charge().map(Charge::foreseen) }
        }
        Judgment::Broken { since, breach, .. } => Judgment::Broken { since, breach, charge: charge() },
        other => other,
    }
}
