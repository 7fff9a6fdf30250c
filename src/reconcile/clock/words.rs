//! A judgment as one line for people, in the partner's time: as it stands now, or as a record that is read at any time.
//!
//! ```text
//! ASN for SHP0000777 is due 10:22, at risk in 22 min, about 112.50 USD
//! ASN for SHP0000777 is at risk: due 10:22, in 9 min, about 112.50 USD
//! ASN for SHP0000777 is overdue by 1 h 5 min, due 10:22, 112.50 USD
//! ```

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::judge::{Awaited, Breach, Difference, Judgment};
use crate::config::clock::calendar::Calendar;
use crate::config::clock::rule::{Rule, Shape};

/// The line as it stands at a time. `about` is what the facts are about.
pub fn line(judgment: &Judgment, rule: &Rule, about: &str, calendar: &Calendar, now: Timestamp) -> String {
    said(judgment, rule, about, calendar, Some(now))
}

/// The same for the record: nothing in it passes with time. `ASN for SHP0000777 has not come by 2026-03-06 10:22, 112.50 USD`
pub fn statement(judgment: &Judgment, rule: &Rule, about: &str, calendar: &Calendar) -> String {
    said(judgment, rule, about, calendar, None)
}

fn said(judgment: &Judgment, rule: &Rule, about: &str, calendar: &Calendar, now: Option<Timestamp>) -> String {
    let is_correction = matches!((judgment, &rule.shape), (Judgment::Running { .. }, Shape::Accepted { .. }));
    let what = format!("{}{} for {about}", if is_correction { "corrected " } else { "" }, subject(rule));
    let show = |moment| clock(moment, calendar, now);
    let (mut line, charge) = match judgment {
        Judgment::NotStarted { waits_for } => (format!("{what} waits, not known yet: {}", awaited(*waits_for)), None),
        Judgment::NotApplicable { why } => (format!("{what} is not owed: {why}"), None),
        Judgment::Kept { at } => (format!("{what} kept {:?}, {}", rule.name, show(*at)), None),
        Judgment::Running { due, at_risk_from, charge, .. } => {
            let how = running(&show(*due), *due, *at_risk_from, now);
            (format!("{what} {how}"), charge.as_ref())
        }
        Judgment::Broken { since, breach: Breach::Overdue(_), charge } if now.is_none() => {
            (format!("{what} has not come by {}", show(*since)), charge.as_ref())
        }
        Judgment::Broken { since, breach, charge } => {
            (format!("{what} {}", broken(rule, breach, &show(*since), show)), charge.as_ref())
        }
    };
    if let Some(charge) = charge {
        // Writing to a String cannot fail.
        let _ = write!(line, ", {charge}");
    }
    line
}

fn running(shown: &str, due: Timestamp, at_risk_from: Timestamp, now: Option<Timestamp>) -> String {
    match now {
        None => format!("is due {shown}"),
        Some(now) if now < at_risk_from => {
            format!("is due {shown}, at risk in {}", span(at_risk_from.duration_since(now)))
        }
        Some(now) => format!("is at risk: due {shown}, in {}", span(due.duration_since(now))),
    }
}

/// What the rule is about, as people say it.
fn subject(rule: &Rule) -> &'static str {
    match &rule.shape {
        Shape::Limit { figure, .. } => figure.name(),
        Shape::Unique { number, .. } => number.name(),
        Shape::Deadline { what, .. }
        | Shape::NotBefore { what, .. }
        | Shape::Same { what, .. }
        | Shape::Required { what, .. }
        | Shape::Accepted { what, .. } => what.name(),
    }
}

fn awaited(waits_for: Awaited) -> &'static str {
    match waits_for {
        Awaited::Moment(moment) => moment.name(),
        Awaited::Figure(figure) => figure.name(),
        Awaited::Number(number) => number.name(),
    }
}

fn broken(rule: &Rule, breach: &Breach, since: &str, show: impl Fn(Timestamp) -> String) -> String {
    match breach {
        Breach::Overdue(by) => format!("is overdue by {}, due {since}", span(*by)),
        Breach::Late(by) => format!("came {} late, due {since}", span(*by)),
        Breach::Early(Some(by)) => format!("came {since}, {} before the {}", span(*by), reference(rule)),
        Breach::Early(None) => format!("came {since} without the {}", reference(rule)),
        Breach::Differs(differences) => format!("differs from the {}: {}", reference(rule), listed(differences)),
        Breach::Off { found, bound, by } => {
            let (by, direction) = (by.abs(), if by.is_sign_negative() { "less" } else { "more" });
            format!("is {found}, {by} {direction} than {} ({bound})", reference(rule))
        }
        Breach::Reused { value, before, document } => format!("{value} was used {} by {document}", show(*before)),
        Breach::Missing => format!("has no {}", reference(rule)),
        Breach::Malformed { value } => format!("has a {} written otherwise: {value:?}", reference(rule)),
        Breach::Rejected { by, text, corrected_late } => {
            let because = if text.is_empty() { String::new() } else { format!(" ({text})") };
            let corrected = match corrected_late {
                Some(late) => format!("corrected {} late", span(*late)),
                None => format!("not corrected, since {since}"),
            };
            format!("was rejected by their {}{because}, {corrected}", by.name())
        }
    }
}

/// What the rule holds its subject against.
fn reference(rule: &Rule) -> &'static str {
    match &rule.shape {
        Shape::Deadline { due, .. } => due.of.name(),
        Shape::NotBefore { reference, .. } | Shape::Same { reference, .. } => reference.name(),
        Shape::Limit { of, .. } => of.name(),
        Shape::Unique { number, .. } => number.name(),
        Shape::Required { field, .. } => field.name(),
        Shape::Accepted { what, .. } => what.name(),
    }
}

/// The first difference, and how many more there are.
fn listed(differences: &[Difference]) -> String {
    let Some(first) = differences.first() else { return "nothing".to_owned() };
    let line = if first.line.is_empty() { String::new() } else { format!("line {}, ", first.line) };
    let expected = first.expected.as_deref().unwrap_or("nothing");
    let more = match differences.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    format!("{line}{} {}, expected {expected}{more}", first.field.name(), first.found)
}

/// A moment in the partner's time: with its day when that is not today, or nobody knows when it is read.
fn clock(moment: Timestamp, calendar: &Calendar, now: Option<Timestamp>) -> String {
    let local = calendar.zone().to_datetime(moment);
    let format = match (local.date(), now.map(|now| calendar.day_of(now))) {
        (day, Some(today)) if day == today => "%H:%M",
        (day, Some(today)) if day.year() == today.year() => "%b %d %H:%M",
        _ => "%Y-%m-%d %H:%M",
    };
    local.strftime(format).to_string()
}

/// A span in its two largest units, cut off below.
fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |first: u64, one: &str, second: u64, other: &str| match second {
        0 => format!("{first} {one}"),
        _ => format!("{first} {one} {second} {other}"),
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => two(hours, "h", minutes % 60, "min"),
        (days, hours, _) => two(days, "d", hours % 24, "h"),
    }
}
