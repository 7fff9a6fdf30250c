//! The shapes that are about what documents say: the same as another, within a limit, unique, written as required.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::facts::{Facts, User, Value};
use super::judge::{Awaited, Breach, Difference, Judgment};
use crate::config::clock::calendar::Calendar;
use crate::config::clock::noun::{Field, Figure, Moment, Number};
use crate::config::clock::rule::{Bound, Pattern};
use crate::config::clock::term::Term;

/// What must say the same as another document. A line that only the other one has is no difference: an invoice may be partial.
pub(super) fn same(what: Moment, fields: &[Field], reference: Moment, tolerance: Decimal, facts: &Facts) -> Judgment {
    let (at, other) = match (facts.last(what), facts.last(reference)) {
        (Some(at), Some(other)) => (at, other),
        (None, _) => return Judgment::NotStarted { waits_for: Awaited::Moment(what) },
        (_, None) => return Judgment::NotStarted { waits_for: Awaited::Moment(reference) },
    };
    let mut differences = Vec::new();
    for field in fields {
        for (line, found) in facts.field(what, *field) {
            let expected = facts.field_of_line(reference, *field, line);
            if !expected.is_some_and(|expected| agree(found, expected, tolerance)) {
                let expected = expected.map(ToString::to_string);
                let found = found.to_string();
                differences.push(Difference { line: line.to_owned(), field: *field, found, expected });
            }
        }
    }
    // Both must be known before they can differ.
    let at = at.max(other);
    if differences.is_empty() { Judgment::Kept { at } } else { Judgment::broken(at, Breach::Differs(differences)) }
}

/// What is bound by another figure.
pub(super) fn limit(figure: Figure, bound: Bound, of: Figure, tolerance: Decimal, facts: &Facts) -> Judgment {
    let told = |figure| facts.figure(figure).zip(facts.told(figure));
    let ((found, told_found), (limit, told_limit)) = match (told(figure), told(of)) {
        (Some(found), Some(limit)) => (found, limit),
        (None, _) => return Judgment::NotStarted { waits_for: Awaited::Figure(figure) },
        (_, None) => return Judgment::NotStarted { waits_for: Awaited::Figure(of) },
    };
    let at = told_found.max(told_limit);
    let by = found.saturating_sub(limit);
    let is_within = match bound {
        Bound::AtMost => by <= tolerance,
        Bound::Equal => by.abs() <= tolerance,
    };
    match is_within {
        true => Judgment::Kept { at },
        false => Judgment::broken(at, Breach::Off { found, bound: limit, by }),
    }
}

/// What must not be used again within a time. The chain that used it first is not at fault.
pub(super) fn unique(number: Number, window: Term, calendar: &Calendar, facts: &Facts) -> Judgment {
    let mut last_use = None;
    let mut first_breach: Option<(Timestamp, Breach)> = None;
    for (value, uses) in facts.numbers(number) {
        for own in uses.iter().filter(|one| one.user == User::ThisChain) {
            last_use = last_use.max(Some(own.at));
            // The same document that was sent again is no second use.
            if uses.range(..own).any(|one| one.document == own.document) {
                continue;
            }
            let Some(before) = uses.range(..own).next_back() else { continue };
            let is_first = first_breach.as_ref().is_none_or(|(since, _)| own.at < *since);
            if own.at < calendar.after(before.at, window) && is_first {
                let (value, document) = (value.to_owned(), before.document.clone());
                first_breach = Some((own.at, Breach::Reused { value, before: before.at, document }));
            }
        }
    }
    match (first_breach, last_use) {
        (Some((since, breach)), _) => Judgment::broken(since, breach),
        (None, Some(at)) => Judgment::Kept { at },
        (None, None) => Judgment::NotStarted { waits_for: Awaited::Number(number) },
    }
}

/// What a document must say, and how.
pub(super) fn required(what: Moment, field: Field, pattern: &Pattern, facts: &Facts) -> Judgment {
    let Some(at) = facts.last(what) else {
        return Judgment::NotStarted { waits_for: Awaited::Moment(what) };
    };
    let values: Vec<String> = facts.field(what, field).map(|(_, value)| value.to_string()).collect();
    if values.is_empty() || values.iter().any(|value| value.trim().is_empty()) {
        return Judgment::broken(at, Breach::Missing);
    }
    match values.into_iter().find(|value| !pattern.fits(value)) {
        Some(value) => Judgment::broken(at, Breach::Malformed { value }),
        None => Judgment::Kept { at },
    }
}

fn agree(found: &Value, expected: &Value, tolerance: Decimal) -> bool {
    match (found, expected) {
        (Value::Number(found), Value::Number(expected)) => found.saturating_sub(*expected).abs() <= tolerance,
        (found, expected) => found == expected,
    }
}
