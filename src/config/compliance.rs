//! What a partner demands of us: its `[calendar]`, its `[[clock]]` rules, and the profile that they build on.
//!
//! ```toml
//! [compliance]
//! profile = "target"                     # the rules of a well-known retailer, each with its source
//! off     = ["Order acknowledged"]       # those that do not hold for us
//! [[clock]]                              # one more; under the name of the profile's it replaces that
//! name = "ASN in time"
//! …
//! ```
//!
//! In: the tables of a partner file. Out: [`Compliance`]; what is wrong is reported where it stands.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::tz::TimeZone;

use super::clock::Fault;
use super::clock::calendar::{Calendar, CalendarText};
use super::clock::cost::CostText;
use super::clock::rule::{Rule, RuleText};
use super::profile;
use super::reader::{Table, meant, one_of};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// The rules of a partner, and the calendar by which they are reckoned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compliance {
    /// When the partner works.
    pub calendar: Calendar,
    /// Its rules, each under a name of its own.
    pub rules: Vec<Rule>,
}

impl Compliance {
    /// What tells these rules from others; it need not be the same in another build.
    pub fn fingerprint(&self) -> String {
        let mut hasher = DefaultHasher::new();
        format!("{self:?}").hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// A partner that demands nothing.
    pub fn none(zone: &TimeZone) -> Compliance {
        Compliance { calendar: Calendar::of(zone), rules: Vec::new() }
    }
}

/// Reads the tables. After a fault something else than the file says stands in its place, and the file is not used.
pub(crate) fn read(root: &Table, zone: &TimeZone) -> Compliance {
    let calendar = root.optional("calendar").table().and_then(|table| calendar(&table, zone));
    let mut rules = root.optional("compliance").table().map(|table| of_profile(&table)).unwrap_or_default();
    let mut own: Vec<Rule> = Vec::new();
    if root.optional("clock").is_given() {
        for table in root.optional("clock").tables() {
            let Some(rule) = rule(&table) else { continue };
            if own.iter().any(|known| known.name == rule.name) {
                let message = format!("two rules are named {:?}", rule.name);
                let fault = Diagnostic::new(&codes::SAME_NAME, message).at(table.place_of("name"));
                table.source.report(fault.hint("rename one of them, or delete it"));
            }
            own.push(rule);
        }
    }
    for rule in own {
        match rules.iter_mut().find(|known| known.name == rule.name) {
            Some(known) => *known = rule,
            None => rules.push(rule),
        }
    }
    Compliance { calendar: calendar.unwrap_or_else(|| Calendar::of(zone)), rules }
}

fn calendar(table: &Table, zone: &TimeZone) -> Option<Calendar> {
    let before = table.source.fault_count();
    let text = CalendarText {
        days: own_text(table, "days"),
        hours: own_text(table, "hours"),
        holidays: own_texts(table, "holidays").unwrap_or_default(),
    };
    table.finish();
    judged(table, before, Calendar::read(&text, zone.clone()))
}

fn rule(table: &Table) -> Option<Rule> {
    let before = table.source.fault_count();
    let text = |key| own_text(table, key);
    let text = RuleText {
        name: text("name"),
        what: text("what"),
        within: text("within"),
        before: text("before"),
        by: text("by"),
        of: text("of"),
        not_before: text("not_before"),
        same: own_texts(table, "same"),
        same_as: text("same_as"),
        limit: text("limit"),
        at_most: text("at_most"),
        equals: text("equals"),
        tolerance: text("tolerance"),
        unique: text("unique"),
        r#for: text("for"),
        require: text("require"),
        characters: text("characters"),
        matching: text("matching"),
        watch: own_texts(table, "watch"),
        correct_within: text("correct_within"),
        warn: text("warn"),
        severity: text("severity"),
        cost: table.optional("cost").table().map(|table| cost(&table)),
        source: text("source"),
        as_of: text("as_of"),
        secondary: table.optional("secondary").boolean().unwrap_or(false),
    };
    table.finish();
    judged(table, before, Rule::read(&text))
}

fn cost(table: &Table) -> CostText {
    let text = |key| own_text(table, key);
    let cost = CostText {
        flat: text("flat"),
        per_carton: text("per_carton"),
        per_case: text("per_case"),
        per_unit: text("per_unit"),
        per_item: text("per_item"),
        percent_of_order: text("percent_of_order"),
        percent_of_shipped: text("percent_of_shipped"),
        percent_of_invoice: text("percent_of_invoice"),
        minimum: text("minimum"),
        maximum: text("maximum"),
        currency: text("currency"),
    };
    table.finish();
    cost
}

/// The rules of the profile that the table names, without those that are off.
fn of_profile(table: &Table) -> Vec<Rule> {
    let named = table.required("profile", r#"profile = "target""#).text();
    let off = table.optional("off").parse_each(|text| Ok(text.to_owned()));
    table.finish();
    let Some(named) = named else { return Vec::new() };
    let Some(profile) = profile::find(named.value) else {
        let names: Vec<&str> = profile::ALL.iter().map(|profile| profile.name).collect();
        let fault = Diagnostic::new(&codes::PROFILE, format!("there is no profile {:?}", named.value));
        let fault = fault.at(named.place).expected(one_of(&names));
        table.source.report(meant(fault, named.value, names));
        return Vec::new();
    };
    let mut rules = profile.rules();
    for name in &off {
        let known: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
        if !known.contains(&name.value.as_str()) {
            let message = format!("the profile {:?} has no rule {:?}", profile.name, name.value);
            let fault = Diagnostic::new(&codes::PROFILE, message).at(name.place.clone()).expected(one_of(&known));
            table.source.report(meant(fault, &name.value, known));
        }
    }
    rules.retain(|rule| off.iter().all(|off| off.value != rule.name));
    rules
}

fn own_text(table: &Table, key: &'static str) -> Option<String> {
    table.optional(key).text().map(|text| text.value.to_owned())
}

fn own_texts(table: &Table, key: &'static str) -> Option<Vec<String>> {
    let entry = table.optional(key);
    let texts = entry.parse_each(|text| Ok(text.to_owned()));
    entry.is_given().then(|| texts.into_iter().map(|text| text.value).collect())
}

/// What a table means; its faults are reported where their keys stand. Of a table that could not be read whole
/// nothing more is said: what it lacks would only follow from that.
fn judged<T>(table: &Table, reported_before: usize, read: Result<T, Vec<Fault>>) -> Option<T> {
    if table.source.fault_count() > reported_before {
        return None;
    }
    let report = |fault: Fault| {
        let message = format!("{:?} of {}: {}", fault.key, table.title(), fault.message);
        let diagnostic = Diagnostic::new(&codes::CLOCK, message).at(table.place_of(fault.key)).expected(fault.expected);
        table.source.report(match fault.hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        });
    };
    read.map_err(|faults| faults.into_iter().for_each(report)).ok()
}
