//! `batch` of a send rule: documents that wait for each other and go out as one interchange.
//!
//! ```toml
//! batch = { count = 50, size = "1 MB", at = ["06:00", "14:00"], zone = "America/Chicago", within = "1 h" }
//! ```
//!
//! The interchange is closed by whatever comes first: so many documents, so many bytes, a time of the day, or the oldest
//! having waited so long. Times are those of the zone's clocks: one that is skipped in spring runs when the clocks have been
//! put forward, one that comes twice in autumn runs the first time. What was to run while nobody was there runs once.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::reader::Table;
use super::{hours, size, us};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// When waiting documents go out together.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// With so many documents.
    pub count: Option<u32>,
    /// With so many bytes.
    pub size: Option<u64>,
    /// At these times of the day.
    pub at: Vec<Time>,
    /// By whose clocks.
    pub zone: TimeZone,
    /// When the oldest has waited so long.
    pub within: Option<Duration>,
}

impl Batch {
    /// Whether so many documents of so many bytes together need not wait any longer.
    pub fn is_full(&self, count: u64, size: u64) -> bool {
        self.count.is_some_and(|limit| count >= limit.into()) || self.size.is_some_and(|limit| size >= limit)
    }

    /// Whether documents, the oldest of which waits since then, go out now.
    pub fn is_due(&self, since: Timestamp, now: Timestamp) -> bool {
        let waited_enough = self.within.is_some_and(|within| {
            let within = SignedDuration::try_from(within).unwrap_or(SignedDuration::MAX);
            now.duration_since(since) >= within
        });
        waited_enough || self.next_run(since).is_some_and(|run| run <= now)
    }

    /// The first of the times of the day after a moment.
    pub fn next_run(&self, after: Timestamp) -> Option<Timestamp> {
        let today = self.zone.to_datetime(after).date();
        // The day before and the day after: a skipped hour can put a run off beyond midnight.
        let days = [today.checked_sub(1.day()), Ok(today), today.checked_add(1.day()), today.checked_add(2.days())];
        let runs = days.into_iter().flatten().flat_map(|day| self.runs_of(day));
        runs.filter(|run| *run > after).min()
    }

    fn runs_of(&self, day: Date) -> impl Iterator<Item = Timestamp> {
        // Compatible: after the gap where the time is skipped, the first one where it comes twice.
        self.at
            .iter()
            .filter_map(move |time| self.zone.to_ambiguous_timestamp(day.to_datetime(*time)).compatible().ok())
    }
}

/// Reads `batch`; `None` when it says nothing by which a batch would ever be closed.
pub(crate) fn read(table: &Table, usual_zone: &TimeZone) -> Option<Batch> {
    let count = table.optional("count").integer(1..=9_999);
    let size = table.optional("size").parse(bytes).map(|size| size.value);
    let at: Vec<Time> = table.optional("at").parse_each(time_of_day).into_iter().map(|time| time.value).collect();
    let zone = table.optional("zone").parse(us::zone).map_or_else(|| usual_zone.clone(), |zone| zone.value);
    let within = table.optional("within").duration();
    table.finish();
    let says_when = ["count", "size", "at", "within"].iter().any(|key| table.has(key));
    if !says_when {
        let fault = Diagnostic::new(&codes::BATCH, "the batch would never go out").at(table.place.clone());
        table.source.report(fault.expected("at least one of count, size, at, within"));
        return None;
    }
    // A batch that is closed by its size alone may wait for ever for its last document, and its author is told.
    if !table.has("at") && !table.has("within") {
        let fault = Diagnostic::new(&codes::BATCH_WITHOUT_END, "the last documents of a day may wait for ever");
        table.source.report(fault.at(table.place.clone()));
    }
    Some(Batch { count, size, at, zone, within })
}

/// `500 KB`, `1 MB`.
fn bytes(text: &str) -> Result<u64, Diagnostic> {
    size::bytes(text).filter(|size| *size <= 100_000_000).ok_or_else(|| {
        let fault = Diagnostic::new(&codes::BATCH, format!("{text:?} is no size of an interchange"));
        fault.expected("a whole number of B, KB or MB, up to 100 MB, such as \"1 MB\"").found(text)
    })
}

fn time_of_day(text: &str) -> Result<Time, Diagnostic> {
    hours::time(text).ok_or_else(|| {
        let fault = Diagnostic::new(&codes::BATCH, format!("{text:?} is no time of the day"));
        fault.expected("hours and minutes, such as \"06:00\"").found(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chicago(at: &[&str]) -> Batch {
        let at = at.iter().map(|time| time_of_day(time).unwrap()).collect();
        let zone = TimeZone::get("America/Chicago").unwrap();
        Batch { count: None, size: None, at, zone, within: None }
    }

    /// The runs between two moments, each as UTC.
    fn runs(batch: &Batch, from: &str, to: &str) -> Vec<String> {
        let (mut now, to): (Timestamp, Timestamp) = (from.parse().unwrap(), to.parse().unwrap());
        let mut runs = Vec::new();
        while let Some(run) = batch.next_run(now).filter(|run| *run < to) {
            runs.push(run.to_string());
            now = run;
        }
        runs
    }

    #[test]
    fn a_time_that_the_clocks_skip_runs_once_when_they_have_been_put_forward() {
        let batch = chicago(&["02:30"]);
        let found = runs(&batch, "2026-03-07T12:00:00Z", "2026-03-10T00:00:00Z");
        assert_eq!(found, ["2026-03-08T08:30:00Z", "2026-03-09T07:30:00Z"]);
    }

    #[test]
    fn a_time_that_comes_twice_in_a_night_runs_once() {
        let batch = chicago(&["01:30"]);
        let found = runs(&batch, "2026-10-31T12:00:00Z", "2026-11-03T00:00:00Z");
        assert_eq!(found, ["2026-11-01T06:30:00Z", "2026-11-02T07:30:00Z"]);
        // What came between the two half past ones waits for the next night.
        assert!(!batch.is_due("2026-11-01T06:45:00Z".parse().unwrap(), "2026-11-01T07:45:00Z".parse().unwrap()));
    }

    #[test]
    fn times_of_a_day_are_those_of_the_zone_and_come_in_order() {
        let found = runs(&chicago(&["14:00", "06:00"]), "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z");
        assert_eq!(found, ["2026-07-01T11:00:00Z", "2026-07-01T19:00:00Z"]);
    }

    #[test]
    fn whatever_comes_first_closes_a_batch() {
        let minute = |count: i64| Timestamp::from_second(1_772_524_800 + count * 60).unwrap();
        let batch = Batch { count: Some(3), size: Some(1000), within: Some(Duration::from_secs(600)), ..chicago(&[]) };
        assert!(!batch.is_full(2, 999) && batch.is_full(3, 1) && batch.is_full(1, 1000));
        assert!(!batch.is_due(minute(0), minute(9)) && batch.is_due(minute(0), minute(10)));
    }

    #[test]
    fn sizes_and_times_say_what_was_expected() {
        for text in ["1", "1 GB", "0 B", "101 MB", "MB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert_eq!(bytes("500 KB"), Ok(500_000));
        for text in ["6:00", "24:00", "06.00", "06:60", "noon"] {
            assert!(time_of_day(text).is_err(), "{text}");
        }
    }
}
