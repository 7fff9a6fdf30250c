//! The shapes that are about time: due by a moment, never before one, corrected after a refusal.

use jiff::Timestamp;

use super::facts::{Answer, Facts, Verdict};
use super::judge::{Awaited, Breach, Judgment};
use crate::config::clock::calendar::Calendar;
use crate::config::clock::noun::{Answerer, Moment, Nature};
use crate::config::clock::rule::{Due, Reckoned};
use crate::config::clock::term::Term;

/// What must have happened by a time.
pub(super) fn deadline(
    what: Moment,
    due: Due,
    warn: Option<Term>,
    calendar: &Calendar,
    facts: &Facts,
    now: Timestamp,
) -> Judgment {
    let Some(from) = facts.moment(due.of) else {
        return Judgment::NotStarted { waits_for: Awaited::Moment(due.of) };
    };
    let due = reckon(due.reckoned, from, calendar);
    match facts.moment(what) {
        Some(at) if at <= due => Judgment::Kept { at },
        Some(at) => Judgment::broken(due, Breach::Late(at.duration_since(due))),
        None => match cancelled(what, due, facts, calendar) {
            Some(why) => Judgment::NotApplicable { why },
            None if now < due => running(from, due, warn, calendar, now),
            None => Judgment::broken(due, Breach::Overdue(now.duration_since(due))),
        },
    }
}

/// What must not happen before something else.
pub(super) fn not_before(what: Moment, reference: Moment, facts: &Facts) -> Judgment {
    let Some(at) = facts.moment(what) else {
        return Judgment::NotStarted { waits_for: Awaited::Moment(what) };
    };
    match facts.moment(reference) {
        Some(earliest) if at >= earliest => Judgment::Kept { at },
        Some(earliest) => Judgment::broken(at, Breach::Early(Some(earliest.duration_since(at)))),
        // What was never planned forbids nothing; what has not happened does.
        None if reference.nature() == Nature::Plan => Judgment::NotStarted { waits_for: Awaited::Moment(reference) },
        None => Judgment::broken(at, Breach::Early(None)),
    }
}

/// What the partner refuses must be sent again, corrected.
pub(super) fn accepted(
    what: Moment,
    answerers: &[Answerer],
    correct_within: Option<Term>,
    calendar: &Calendar,
    facts: &Facts,
    now: Timestamp,
) -> Judgment {
    let Some(sent) = facts.last(what) else {
        return Judgment::NotStarted { waits_for: Awaited::Moment(what) };
    };
    let watched = facts.answers(what).filter(|answer| answerers.contains(&answer.by));
    let refusals: Vec<&Answer> = watched.filter(|answer| answer.verdict == Verdict::Rejected).collect();
    // A refusal that was corrected in time is over; of the others the first one tells since when the rule is broken.
    let judged = refusals.iter().map(|refusal| after_refusal(refusal, what, correct_within, calendar, facts, now));
    let judged: Vec<Judgment> = judged.filter(|judgment| !matches!(judgment, Judgment::Kept { .. })).collect();
    let worst = judged.iter().find(|judgment| matches!(judgment, Judgment::Broken { .. })).or(judged.first());
    worst.cloned().unwrap_or(Judgment::Kept { at: sent })
}

fn after_refusal(
    refusal: &Answer,
    what: Moment,
    correct_within: Option<Term>,
    calendar: &Calendar,
    facts: &Facts,
    now: Timestamp,
) -> Judgment {
    let due = correct_within.map_or(refusal.at, |term| calendar.after(refusal.at, term));
    let rejected = |corrected_late| Breach::Rejected { by: refusal.by, text: refusal.text.clone(), corrected_late };
    match facts.first_after(what, refusal.at) {
        Some(at) if at <= due => Judgment::Kept { at },
        Some(at) => Judgment::broken(due, rejected(Some(at.duration_since(due)))),
        None if now < due => running(refusal.at, due, None, calendar, now),
        None => Judgment::broken(due, rejected(None)),
    }
}

fn reckon(reckoned: Reckoned, from: Timestamp, calendar: &Calendar) -> Timestamp {
    let (due, time) = match reckoned {
        Reckoned::By(time) => return calendar.next(from, time),
        Reckoned::Within(term, time) => (calendar.after(from, term), time),
        Reckoned::Before(term, time) => (calendar.before(from, term), time),
    };
    time.map_or(due, |time| calendar.moment(calendar.day_of(due), time))
}

/// Nothing that was not due yet is owed for an order that was cancelled, but that we acknowledge it.
fn cancelled(what: Moment, due: Timestamp, facts: &Facts, calendar: &Calendar) -> Option<String> {
    let at = facts.cancelled().filter(|at| *at <= due && what != Moment::Acknowledgment)?;
    Some(format!("the order was cancelled on {}", calendar.day_of(at)))
}

fn running(from: Timestamp, due: Timestamp, warn: Option<Term>, calendar: &Calendar, now: Timestamp) -> Judgment {
    let last_quarter = || due.checked_sub(from.duration_since(due).abs() / 4).unwrap_or(due);
    let at_risk_from = warn.map_or_else(last_quarter, |term| calendar.before(due, term));
    let look_again = if now < at_risk_from { at_risk_from } else { due };
    Judgment::Running { due, at_risk_from, charge: None, look_again }
}
