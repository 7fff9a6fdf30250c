//! A question as it was asked: the values in its path, and how its rows are narrowed.
//!
//! ```text
//! /api/v1/deliveries?state=parked&limit=2     -> filter { state: parked, limit: 2, partners: those of the reader }
//! /api/v1/deliveries?sate=parked              -> refused: there is no such parameter
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::readers::Scope;
use super::table::Route;
use super::{Fault, no_such};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;
use crate::ledger::Id;
use crate::ledger::view::Filter;
use crate::ledger::view::listing::Cursor;
use crate::web::answer::Refusal;
use crate::web::call::{Call, decoded};
use crate::web::host::Host;

/// Rows on a page unless the question says how many.
const PAGE: u32 = 100;
/// The most rows on a page.
const LARGEST_PAGE: u32 = 1000;
/// The longest value.
const LONGEST: usize = 200;

/// What a listing may be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// One partner.
    Partner,
    /// One of the states that the listing knows.
    State(&'static [&'static str]),
    /// A kind, whatever that is here.
    Kind(&'static str),
    /// About one transaction set.
    Set,
    /// From a time on.
    Since,
    /// Before a time.
    Until,
    /// What has to do with a number.
    Number,
    /// The page behind another one.
    Cursor,
    /// How many rows.
    Limit,
}

impl Parameter {
    /// Its name in the question.
    pub fn name(self) -> &'static str {
        match self {
            Parameter::Partner => "partner",
            Parameter::State(_) => "state",
            Parameter::Kind(_) => "kind",
            Parameter::Set => "set",
            Parameter::Since => "since",
            Parameter::Until => "until",
            Parameter::Number => "number",
            Parameter::Cursor => "cursor",
            Parameter::Limit => "limit",
        }
    }

    /// What it is for, in words.
    pub fn meaning(self) -> &'static str {
        match self {
            Parameter::Partner => "Of this partner only.",
            Parameter::State(_) => "In this state only.",
            Parameter::Kind(meaning) => meaning,
            Parameter::Set => "About this transaction set only: 856.",
            Parameter::Since => "From this time on.",
            Parameter::Until => "Before this time.",
            Parameter::Number => {
                "What has to do with this number: of a document, an order or an interchange, or the name of a file."
            }
            Parameter::Cursor => "The `next` of the page before.",
            Parameter::Limit => "How many rows at most.",
        }
    }

    /// What may be given.
    pub fn schema(self) -> Value {
        match self {
            Parameter::State(states) => json!({ "type": "string", "enum": states }),
            Parameter::Since | Parameter::Until => json!({ "type": "string", "format": "date-time" }),
            Parameter::Limit => json!({ "type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE }),
            Parameter::Partner | Parameter::Kind(_) | Parameter::Set | Parameter::Number | Parameter::Cursor => {
                json!({ "type": "string", "minLength": 1, "maxLength": LONGEST })
            }
        }
    }

    /// Narrows a filter by a value.
    fn narrow(self, filter: &mut Filter, value: String) -> Result<(), Refusal> {
        let wrong = |expected: String| {
            let message = format!("{} cannot be {value:?}", self.name());
            bad_parameter(Diagnostic::new(&web::BAD_PARAMETER, message).expected(expected))
        };
        if value.is_empty() || value.chars().count() > LONGEST {
            return Err(wrong(format!("1 to {LONGEST} characters")));
        }
        let time = || value.parse().map_err(|_| wrong("a time such as 2026-03-01T09:00:00Z".to_owned()));
        match self {
            Parameter::Partner => filter.partners = Some(BTreeSet::from([value])),
            Parameter::State(states) if !states.contains(&value.as_str()) => return Err(wrong(states.join(", "))),
            Parameter::State(_) => filter.state = Some(value),
            Parameter::Kind(_) => filter.kind = Some(value),
            Parameter::Set => filter.set = Some(value),
            Parameter::Since => filter.since = Some(time()?),
            Parameter::Until => filter.until = Some(time()?),
            Parameter::Number => filter.number = Some(value),
            Parameter::Cursor => {
                let cursor = Cursor::parse(&value);
                filter.after = Some(cursor.ok_or_else(|| no_such("page; `cursor` is what another page calls `next`"))?);
            }
            Parameter::Limit => {
                let limit = value.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
                filter.limit = Some(limit.ok_or_else(|| wrong(format!("1 to {LARGEST_PAGE}")))?);
            }
        }
        Ok(())
    }
}

fn bad_parameter(fault: Diagnostic) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, fault)
}

/// A question, before it is known who asks.
pub struct Question {
    filter: Filter,
    path: Vec<String>,
}

impl Question {
    /// Reads a request.
    pub fn read(call: &Call, route: &Route) -> Result<Question, Refusal> {
        let mut filter = Filter { limit: Some(PAGE), ..Filter::default() };
        let mut seen = BTreeSet::new();
        for (name, value) in call.parameters() {
            let Some(parameter) = route.parameters.iter().find(|parameter| parameter.name() == name) else {
                let names: Vec<&str> = route.parameters.iter().map(|parameter| parameter.name()).collect();
                let fault = Diagnostic::new(&web::BAD_PARAMETER, "there is no such parameter here").found(name);
                let expected = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                return Err(bad_parameter(fault.expected(expected)));
            };
            if !seen.insert(parameter.name()) {
                let fault = Diagnostic::new(&web::BAD_PARAMETER, "a parameter is given twice").found(name);
                return Err(bad_parameter(fault.expected("each parameter once")));
            }
            parameter.narrow(&mut filter, value)?;
        }
        Ok(Question { filter, path: values(route.path, call.uri.path()) })
    }

    /// The question of a reader, narrowed to what it may see; a partner that it names must be of these.
    pub fn by(self, host: Arc<dyn Host>, scope: Scope) -> Result<Asked, Refusal> {
        let Question { mut filter, path } = self;
        match (&filter.partners, &scope) {
            (Some(asked), Some(scope)) if !asked.is_subset(scope) => {
                return Err(not_for_this_reader("this partner is not among those that the token is for"));
            }
            (Some(_), _) => {}
            (None, _) => filter.partners = scope.clone(),
        }
        Ok(Asked { host, scope, filter, path })
    }
}

/// A question of a reader.
pub struct Asked {
    /// The house.
    pub host: Arc<dyn Host>,
    /// The partners that the reader sees.
    pub scope: Scope,
    /// Which rows: of the reader's partners only.
    pub filter: Filter,
    /// The values in the path.
    path: Vec<String>,
}

impl Asked {
    /// Whether the reader may see what is of a partner.
    pub fn sees(&self, partner: &str) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.contains(partner))
    }

    /// Whether the reader may see the machine, which belongs to no partner.
    pub fn expect_everything(&self) -> Result<(), Fault> {
        match self.scope {
            None => Ok(()),
            Some(_) => {
                Err(not_for_this_reader("this is about the gateway as a whole, and the token for partners").into())
            }
        }
    }

    /// The row of a partner, when the reader may see it.
    pub fn seen<T>(&self, what: &'static str, row: Option<T>, partner: impl Fn(&T) -> &str) -> Result<T, Fault> {
        row.filter(|row| self.sees(partner(row))).ok_or_else(|| no_such(what).into())
    }

    /// The first value in the path.
    pub fn first(&self) -> &str {
        self.value(0)
    }

    /// The second value in the path.
    pub fn second(&self) -> &str {
        self.value(1)
    }

    /// The first value in the path, where it is an id.
    pub fn id(&self) -> Id {
        Id(self.first().to_owned())
    }

    fn value(&self, index: usize) -> &str {
        self.path.get(index).map(String::as_str).unwrap_or_default()
    }
}

fn not_for_this_reader(message: &str) -> Refusal {
    Refusal::of(StatusCode::FORBIDDEN, &web::NOT_FOR_THIS_READER, message)
}

/// The values that stand in a path where its pattern has braces.
fn values(pattern: &str, path: &str) -> Vec<String> {
    let pairs = pattern.split('/').zip(path.split('/'));
    // In a path a plus is a plus.
    pairs.filter(|(name, _)| name.starts_with('{')).map(|(_, value)| decoded(&value.replace('+', "%2B"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_path_are_decoded_and_a_plus_stays_one() {
        assert_eq!(values("/api/v1/orders/{partner}/{po}", "/api/v1/orders/mega/PO+1%2F2%20a"), ["mega", "PO+1/2 a"]);
    }

    #[test]
    fn a_value_that_cannot_be_is_refused() {
        let states: &[&str] = &["parked"];
        let refused = [
            (Parameter::State(states), "gone"),
            (Parameter::Since, "yesterday"),
            (Parameter::Limit, "0"),
            (Parameter::Limit, "1001"),
            (Parameter::Limit, "x"),
            (Parameter::Cursor, "x"),
            (Parameter::Partner, ""),
        ];
        for (parameter, value) in refused {
            let outcome = parameter.narrow(&mut Filter::default(), value.to_owned());
            assert!(outcome.is_err(), "{} = {value}", parameter.name());
        }
    }
}
