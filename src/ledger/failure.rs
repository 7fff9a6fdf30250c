//! Failures: every event that tells one has a row here, numbered among its like, until another event settles it.
//!
//! ```text
//! megamart/12  quarantined: element 7 of PO1 …   ->  X12-E031 at PO107, the 14th of its code, the 14th in its place
//! megamart/15  850_101.edi put back by anna      ->  megamart/12 is settled by megamart/15
//! ```
//!
//! The rows are written when the events get their numbers, by whoever wrote them, in the same transaction. A failure costs its row
//! and two looks at an index, however many came before it. `told_by` is the one place that knows which events tell failures, and
//! `Standing::is_settled_by` the one that knows which end them.

use std::collections::HashMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::delivery::among;
use super::engine::{Row, Session};
use super::event::{EventKind, NewEvent};
use super::remedy::Remedy;
use super::{Error, Transaction};
use crate::diagnostic::codes::{self, alerts, custody};
use crate::diagnostic::{Place, Record, SegmentSpot, Severity, Spot, Who};

/// A failure as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failure {
    /// In whose journal.
    pub partner: String,
    /// The event that tells it.
    pub sequence: u64,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The kind of that event: `quarantined`, `parked`, `overdue`, `fault` …
    pub kind: String,
    /// What kind of fault.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// Who must act.
    pub who: Who,
    /// What it is about: the id of a delivery or transmission, or what is in trouble.
    pub subject: String,
    /// Where in documents: `PO107`; empty where it is no place in one.
    pub place: String,
    /// The how manieth of this code with this partner.
    pub nth: u64,
    /// The how manieth of those in the same place.
    pub nth_here: u64,
    /// When it was over.
    #[schemars(with = "Option<String>")]
    pub settled: Option<Timestamp>,
    /// By which event of the same journal.
    pub settled_by: Option<u64>,
}

impl Failure {
    /// How a person names its event: `megamart/12`.
    pub fn event(&self) -> String {
        format!("{}/{}", self.partner, self.sequence)
    }
}

/// The same failure with this partner, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct History {
    /// When it happened for the first time.
    pub first: Timestamp,
    /// How often up to this one.
    pub nth: u64,
    /// How often of these in the same place.
    pub nth_here: u64,
    /// How often until now.
    pub total: u64,
    /// How the latest one before it that was settled was.
    pub last_settled: Option<Settled>,
}

/// How a failure was settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// When.
    pub at: Timestamp,
    /// The kind of the event that did it.
    pub kind: String,
    /// What a person did, if one did it: `replay`.
    pub remedy: Option<String>,
    /// Who did it.
    pub by: Option<String>,
    /// Why, in their words.
    pub reason: Option<String>,
}

/// What the diagnostic of a failure says of it.
struct Told {
    code: String,
    severity: Severity,
    who: Who,
    place: String,
}

/// The failure that an event tells, if it tells one: its kind can, and its data name a code that is worse than a note.
fn told_by(event: &NewEvent) -> Option<Told> {
    use EventKind::{AcknowledgmentReceived, Clock, Fault, Finding, Overdue, Parked, Quarantined};
    if !matches!(event.kind, Quarantined | Parked | AcknowledgmentReceived | Overdue | Finding | Clock | Fault) {
        return None;
    }
    let code = match text(event, "code") {
        Some(code) => code.to_owned(),
        // What is not broken yet breaks no rule by which it could be named.
        None if event.kind == Clock && text(event, "state") == Some("at_risk") => alerts::AT_RISK.code.to_owned(),
        None => return None,
    };
    let record = first_record(&event.data);
    let meaning = codes::find(&code);
    let agreed = record.as_ref().map(|one| one.severity).or(text(event, "severity").and_then(severity_named));
    let severity = agreed.or(meaning.map(|one| one.severity()))?;
    let who = record.as_ref().map(|one| one.who).or(meaning.map(|one| one.who))?;
    let place = record.map(|one| place_class(&one.place)).unwrap_or_default();
    (severity > Severity::Note).then_some(Told { code, severity, who, place })
}

/// The diagnostic of an event: its data are one, or hold a list of them.
pub fn first_record(data: &serde_json::Value) -> Option<Record> {
    let listed = data.get("diagnostics").and_then(|list| list.get(0));
    listed.into_iter().chain([data]).find_map(|one| serde_json::from_value(one.clone()).ok())
}

/// A place without what is different in every document: `PO107`, `PO1`, `lines[].quantity`.
fn place_class(place: &Place) -> String {
    match &place.spot {
        Spot::Whole | Spot::Line { .. } => String::new(),
        Spot::Segment(SegmentSpot { tag, element, component, .. }) => {
            let element = element.map(|element| format!("{element:02}")).unwrap_or_default();
            let component = component.map(|component| format!("-{component}")).unwrap_or_default();
            format!("{tag}{element}{component}")
        }
        Spot::Path { path } => path.chars().filter(|found| !found.is_ascii_digit()).collect(),
    }
}

/// What a failure is about, or what an event settles: what is in trouble, a rule held against something (`856 SHP0000777, CLK-E001`),
/// else what the event refers to.
fn subject(event: &NewEvent) -> String {
    let refs = &event.refs;
    let rule = text(event, "rule").or(text(event, "code"));
    if let (Some(subject), Some(rule)) = (text(event, "subject"), rule) {
        return format!("{subject}, {rule}");
    }
    let id = refs.delivery.as_ref().or(refs.transmission.as_ref()).or(refs.document.as_ref());
    text(event, "what").or(id.map(|id| id.as_str())).unwrap_or(&event.text).to_owned()
}

/// A text among an event's data.
fn text<'e>(event: &'e NewEvent, name: &str) -> Option<&'e str> {
    event.data.get(name)?.as_str()
}

/// A failure that is not over.
struct Standing {
    sequence: u64,
    kind: String,
    code: String,
}

impl Standing {
    /// True when an event about the same subject ends it.
    fn is_settled_by(&self, event: &NewEvent, sequence: u64) -> bool {
        let is = |kind: EventKind| kind.name().is_ok_and(|name| name == self.kind);
        let settles = match event.kind {
            EventKind::Recovered => is(EventKind::Fault),
            // What we owe is over once it went out; what they owe begins with it.
            EventKind::Delivered => is(EventKind::Parked) || self.code == custody::WE_ARE_LATE.code,
            EventKind::AcknowledgmentReceived => is(EventKind::Overdue) && text(event, "code").is_none(),
            EventKind::Replayed => {
                let expects_nothing = Remedy::of(&event.data).is_some_and(Remedy::ends_what_is_expected);
                expects_nothing || is(EventKind::Quarantined) || is(EventKind::Parked)
            }
            EventKind::Resolved => is(EventKind::Finding),
            EventKind::Decided => {
                let is_over = matches!(text(event, "state"), Some("waived" | "resolved"));
                is_over && (is(EventKind::Finding) || is(EventKind::Clock))
            }
            // At risk, then broken, then in time after all: each ends what was told before.
            EventKind::Clock => is(EventKind::Clock),
            _ => false,
        };
        settles && self.sequence < sequence
    }
}

/// True for the kinds that `Standing::is_settled_by` asks about.
fn may_settle(event: &NewEvent) -> bool {
    use EventKind::{AcknowledgmentReceived, Clock, Decided, Delivered, Recovered, Replayed, Resolved};
    matches!(event.kind, Recovered | Delivered | AcknowledgmentReceived | Replayed | Decided | Resolved | Clock)
}

/// An event that got its number and time.
pub(super) struct Posted<'e> {
    pub(super) event: &'e NewEvent,
    pub(super) sequence: u64,
    pub(super) at: Timestamp,
}

/// Writes the failures among the events of one journal, and settles those that others of them end. `some_stand` says whether any
/// stood before: mostly none does, and then nothing is asked.
pub(super) fn post(
    session: &mut Session,
    partner: &str,
    events: &[Posted<'_>],
    mut some_stand: bool,
) -> Result<(), Error> {
    let mut numbers = Numbers::default();
    for posted in events {
        let Some(told) = told_by(posted.event) else { continue };
        some_stand = true;
        let (nth, nth_here) = numbers.next(session, partner, &told)?;
        session.put(
            "INSERT INTO failure (partner, sequence, at, kind, code, severity, who, subject, place, nth, nth_here)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            &[
                partner.into(),
                posted.sequence.into(),
                posted.at.into(),
                posted.event.kind.name()?.into(),
                told.code.into(),
                told.severity.to_string().into(),
                told.who.word().into(),
                subject(posted.event).into(),
                told.place.into(),
                nth.into(),
                nth_here.into(),
            ],
        )?;
    }
    if some_stand { settle(session, partner, events) } else { Ok(()) }
}

/// The numbers that were given in this group, by code, and by code and place.
#[derive(Default)]
struct Numbers {
    of_code: HashMap<String, i64>,
    of_place: HashMap<(String, String), i64>,
}

impl Numbers {
    fn next(&mut self, session: &mut Session, partner: &str, told: &Told) -> Result<(i64, i64), Error> {
        let Told { code, place, .. } = told;
        let nth = match self.of_code.get(code) {
            Some(last) => last + 1,
            None => {
                let sql = "SELECT nth FROM failure WHERE partner = $1 AND code = $2 ORDER BY nth DESC LIMIT 1";
                last(session.query(sql, &[partner.into(), code.into()])?)? + 1
            }
        };
        let key = (code.clone(), place.clone());
        let nth_here = match self.of_place.get(&key) {
            Some(last) => last + 1,
            None => {
                let sql = "SELECT nth_here FROM failure WHERE partner = $1 AND code = $2 AND place = $3
                           ORDER BY nth_here DESC LIMIT 1";
                last(session.query(sql, &[partner.into(), code.into(), place.into()])?)? + 1
            }
        };
        self.of_code.insert(code.clone(), nth);
        self.of_place.insert(key, nth_here);
        Ok((nth, nth_here))
    }
}

fn last(rows: Vec<Row>) -> Result<i64, Error> {
    rows.first().map_or(Ok(0), |row| row.int(0))
}

fn settle(session: &mut Session, partner: &str, events: &[Posted<'_>]) -> Result<(), Error> {
    let mut by_subject: HashMap<String, Vec<&Posted<'_>>> = HashMap::new();
    for posted in events.iter().filter(|posted| may_settle(posted.event)) {
        by_subject.entry(subject(posted.event)).or_default().push(posted);
    }
    let subjects: Vec<&String> = by_subject.keys().collect();
    for subjects in subjects.chunks(256) {
        let names: Vec<&str> = subjects.iter().map(|subject| subject.as_str()).collect();
        let (among, values) = among(2, &names);
        let sql = format!(
            "SELECT subject, sequence, kind, code FROM failure
             WHERE partner = $1 AND settled IS NULL AND subject IN ({among})"
        );
        for row in session.query(&sql, &[vec![partner.into()], values].concat())? {
            let sequence = u64::try_from(row.int(1)?).unwrap_or(0);
            let standing = Standing { sequence, kind: row.text(2)?, code: row.text(3)? };
            let about = by_subject.get(&row.text(0)?).into_iter().flatten();
            if let Some(by) = about.copied().find(|posted| standing.is_settled_by(posted.event, posted.sequence)) {
                let sql = "UPDATE failure SET settled = $3, settled_by = $4, news = news % 2 + 2
                           WHERE partner = $1 AND sequence = $2";
                session.put(sql, &[partner.into(), sequence.into(), by.at.into(), by.sequence.into()])?;
            }
        }
    }
    Ok(())
}

pub(super) const COLUMNS: &str =
    "partner, sequence, at, kind, code, severity, who, subject, place, nth, nth_here, settled, settled_by";

pub(super) fn severity(row: &Row, column: usize) -> Result<Severity, Error> {
    let word = row.text(column)?;
    severity_named(&word).ok_or_else(|| Error::Unexpected(format!("severity {word:?}")))
}

fn severity_named(word: &str) -> Option<Severity> {
    [Severity::Note, Severity::Warning, Severity::Error].into_iter().find(|one| one.to_string() == word)
}

pub(super) fn who(row: &Row, column: usize) -> Result<Who, Error> {
    let word = row.text(column)?;
    let known = [Who::Sender, Who::Us, Who::Transport].into_iter().find(|one| one.word() == word);
    known.ok_or_else(|| Error::Unexpected(format!("owner of a failure {word:?}")))
}

pub(super) fn failure(row: &Row) -> Result<Failure, Error> {
    let number = |column| row.int(column).map(|number| u64::try_from(number).unwrap_or(0));
    Ok(Failure {
        partner: row.text(0)?,
        sequence: number(1)?,
        at: row.time(2)?,
        kind: row.text(3)?,
        code: row.text(4)?,
        severity: severity(row, 5)?,
        who: who(row, 6)?,
        subject: row.text(7)?,
        place: row.text(8)?,
        nth: number(9)?,
        nth_here: number(10)?,
        settled: row.optional_time(11)?,
        settled_by: row.optional_int(12)?.map(|number| u64::try_from(number).unwrap_or(0)),
    })
}

impl Transaction<'_> {
    /// The failure that an event tells, if it tells one.
    pub fn failure(&mut self, partner: &str, sequence: u64) -> Result<Option<Failure>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM failure WHERE partner = $1 AND sequence = $2");
        self.query_one(&sql, &[partner.into(), sequence.into()])?.map(|row| failure(&row)).transpose()
    }

    /// What is known of the same failure with the same partner.
    pub fn history(&mut self, of: &Failure) -> Result<History, Error> {
        let values = [(&of.partner).into(), (&of.code).into()];
        let first = "SELECT at FROM failure WHERE partner = $1 AND code = $2 ORDER BY nth LIMIT 1";
        let first = self.query_one(first, &values)?.map_or(Ok(of.at), |row| row.time(0))?;
        let latest = "SELECT nth FROM failure WHERE partner = $1 AND code = $2 ORDER BY nth DESC LIMIT 1";
        let total = self.query_one(latest, &values)?.map_or(Ok(0), |row| row.int(0))?;
        Ok(History {
            first,
            nth: of.nth,
            nth_here: of.nth_here,
            total: u64::try_from(total).unwrap_or(0),
            last_settled: self.last_settled(of)?,
        })
    }

    fn last_settled(&mut self, before: &Failure) -> Result<Option<Settled>, Error> {
        let sql = "SELECT settled, settled_by FROM failure
                   WHERE partner = $1 AND code = $2 AND nth < $3 AND settled IS NOT NULL ORDER BY nth DESC LIMIT 1";
        let values = [(&before.partner).into(), (&before.code).into(), before.nth.into()];
        let Some(row) = self.query_one(sql, &values)? else { return Ok(None) };
        let by = self.event(&before.partner, u64::try_from(row.int(1)?).unwrap_or(0))?;
        let said = |name: &str| {
            let word = by.data.get(name).and_then(|word| word.as_str()).filter(|word| !word.is_empty());
            word.map(str::to_owned)
        };
        let (remedy, who, reason) = (said("remedy"), said("by"), said("reason"));
        Ok(Some(Settled { at: row.time(0)?, kind: by.kind, remedy, by: who, reason }))
    }

    /// The newest failures that stand, of one partner or of all.
    pub fn standing_failures(&mut self, partner: Option<&str>, limit: u32) -> Result<Vec<Failure>, Error> {
        let rows = match partner {
            Some(partner) => {
                let which = "WHERE partner = $1 AND settled IS NULL ORDER BY at DESC, sequence DESC LIMIT $2";
                self.query(&format!("SELECT {COLUMNS} FROM failure {which}"), &[partner.into(), limit.into()])?
            }
            None => {
                let which = "WHERE settled IS NULL ORDER BY at DESC, partner, sequence DESC LIMIT $1";
                self.query(&format!("SELECT {COLUMNS} FROM failure {which}"), &[limit.into()])?
            }
        };
        rows.iter().map(failure).collect()
    }
}
