//! The history of a failure as a person reads it.
//!
//! ```text
//! 14th time since 3 Nov, always at PO107; last settled by a replay by anna on 12 Nov
//! ```

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::ledger::failure::{Failure, History, Settled};

/// The history of a failure in one line; days are those of a zone.
pub fn history(failure: &Failure, history: &History, zone: &TimeZone) -> String {
    let mut line = match history.nth {
        1 => "first time with this partner".to_owned(),
        nth => format!("{} time since {}", ordinal(nth), day(history.first, failure.at, zone)),
    };
    match (history.nth, history.nth_here, failure.place.as_str()) {
        (_, _, "") | (1, _, _) => {}
        (nth, here, place) if nth == here => line.push_str(&format!(", always at {place}")),
        (_, 1, place) => line.push_str(&format!(", for the first time at {place}")),
        (nth, here, place) => line.push_str(&format!(", {here} of {nth} at {place}")),
    }
    if history.total > history.nth {
        line.push_str(&format!(", {} since", times(history.total - history.nth)));
    }
    if let Some(settled) = &history.last_settled {
        line.push_str(&format!("; last {}", settled_in_words(settled, failure.at, zone)));
    }
    line
}

fn times(count: u64) -> String {
    match count {
        1 => "once more".to_owned(),
        count => format!("{count} times more"),
    }
}

/// `settled by a replay by anna on 12 Nov (they changed their name)`.
fn settled_in_words(settled: &Settled, now: Timestamp, zone: &TimeZone) -> String {
    let how = match (&settled.remedy, settled.kind.as_str()) {
        (Some(remedy), _) => format!("settled by {} {remedy}", article(remedy)),
        (None, "delivered") => "settled when it was delivered".to_owned(),
        (None, "acknowledgment_received") => "settled when the answer came".to_owned(),
        (None, "recovered") => "over by itself".to_owned(),
        (None, kind) => format!("settled: {}", kind.replace('_', " ")),
    };
    let by = settled.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    let why = settled.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{how}{by} on {}{why}", day(settled.at, now, zone))
}

fn article(remedy: &str) -> &'static str {
    if remedy.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// `3 Nov`, with its year where that is another than now's.
fn day(time: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (time, now) = (zone.to_datetime(time), zone.to_datetime(now));
    let form = if time.year() == now.year() { "%-d %b" } else { "%-d %b %Y" };
    time.strftime(form).to_string()
}

/// `14th`.
pub fn ordinal(number: u64) -> String {
    let suffix = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Severity, Who};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn check(numbers: (u64, u64, u64), place: &str, last_settled: Option<Settled>, expect: &str) {
        let (nth, nth_here, total) = numbers;
        let failure = Failure {
            partner: "megamart".to_owned(),
            sequence: 12,
            at: at("2026-11-20T10:00:00Z"),
            kind: "quarantined".to_owned(),
            code: "X12-E031".to_owned(),
            severity: Severity::Error,
            who: Who::Sender,
            subject: "t".to_owned(),
            place: place.to_owned(),
            nth,
            nth_here,
            settled: None,
            settled_by: None,
        };
        let told = History { first: at("2026-11-03T23:30:00Z"), nth, nth_here, total, last_settled };
        assert_eq!(history(&failure, &told, &TimeZone::UTC), expect);
    }

    fn settled(kind: &str, remedy: Option<&str>, by: Option<&str>, reason: Option<&str>) -> Option<Settled> {
        let text = |word: Option<&str>| word.map(str::to_owned);
        let (remedy, by, reason) = (text(remedy), text(by), text(reason));
        Some(Settled { at: at("2026-11-12T08:00:00Z"), kind: kind.to_owned(), remedy, by, reason })
    }

    #[test]
    fn how_often_since_when_and_where() {
        check((1, 1, 1), "PO107", None, "first time with this partner");
        check((14, 14, 14), "PO107", None, "14th time since 3 Nov, always at PO107");
        check((3, 2, 3), "PO107", None, "3rd time since 3 Nov, 2 of 3 at PO107");
        check((2, 1, 2), "PO107", None, "2nd time since 3 Nov, for the first time at PO107");
        check((11, 11, 11), "", None, "11th time since 3 Nov");
        check((1, 1, 3), "", None, "first time with this partner, 2 times more since");
    }

    #[test]
    fn how_it_was_settled_last_time_and_by_whom() {
        let by_anna = settled("replayed", Some("replay"), Some("anna"), Some("new identity"));
        let told = "2nd time since 3 Nov; last settled by a replay by anna on 12 Nov (new identity)";
        check((2, 2, 2), "", by_anna, told);
        let accepted = settled("replayed", Some("accept"), Some("anna"), None);
        check((2, 2, 2), "", accepted, "2nd time since 3 Nov; last settled by an accept by anna on 12 Nov");
        let sent = settled("delivered", None, None, None);
        check((2, 2, 2), "", sent, "2nd time since 3 Nov; last settled when it was delivered on 12 Nov");
        let recovered = settled("recovered", None, None, None);
        check((22, 22, 22), "", recovered, "22nd time since 3 Nov; last over by itself on 12 Nov");
    }
}
