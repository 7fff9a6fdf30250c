//! The watermark: how far an API was read, as items tell it and as requests say it. Pure.
//!
//! ```text
//! "2026-03-06T14:10:44-08:00", 1772835044, 1772835044000, "Fri, 06 Mar 2026 22:10:44 +0000", "2026-03-06T14:10:44.0000000"
//!     one moment, however an item writes it; the last one in the zone of the API
//! ```
//!
//! It is the latest time that was seen, never "now": two machines do not agree what that is. In requests it is cut down to
//! what the format can say, so that nothing between two seconds or days is passed over.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::config::poll::{Since, TimeFormat};

/// How far an API was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// To this time of change.
    Time(Timestamp),
    /// To this number.
    Number(i64),
}

impl Mark {
    /// Reads what [`Mark`] wrote.
    pub fn parse(text: &str) -> Option<Mark> {
        match text.parse::<i64>() {
            Ok(number) => Some(Mark::Number(number)),
            Err(_) => text.parse().ok().map(Mark::Time),
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mark::Time(time) => time.fmt(f),
            Mark::Number(number) => number.fmt(f),
        }
    }
}

/// The mark that an item makes.
pub fn of_item(value: &Value, since: &Since) -> Option<Mark> {
    if since.format == TimeFormat::Number {
        let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        return number.map(Mark::Number);
    }
    match value {
        Value::Number(number) => time_of_number(number.as_i64()?),
        Value::String(text) => time_of_text(text.trim(), &since.zone),
        _ => None,
    }
    .map(Mark::Time)
}

/// Seconds since 1970 stay below this for another three thousand years; milliseconds passed it in 1973.
const SECONDS_END: i64 = 100_000_000_000;

fn time_of_number(number: i64) -> Option<Timestamp> {
    match number {
        ..SECONDS_END => Timestamp::from_second(number).ok(),
        _ => Timestamp::from_millisecond(number).ok(),
    }
}

fn time_of_text(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.timestamp());
    }
    let local = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from));
    if let Some(local) = local {
        // Of an hour that comes twice, the first: what is read again is known.
        return zone.to_ambiguous_timestamp(local).earlier().ok();
    }
    text.parse::<i64>().ok().and_then(time_of_number)
}

/// `{since}` of a round that goes on from a mark.
pub fn since(since: &Since, mark: Option<Mark>, now: Timestamp) -> Option<String> {
    let signed = |duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    match mark {
        Some(Mark::Number(number)) => {
            let back = i64::try_from(since.overlap.as_secs()).unwrap_or(i64::MAX);
            // What numbers overlap is told in seconds for lack of a better unit; none unless asked for.
            Some(number.saturating_sub(if since.format == TimeFormat::Number { 0 } else { back }).to_string())
        }
        None if since.format == TimeFormat::Number => None,
        Some(Mark::Time(time)) => {
            Some(written(since, time.checked_sub(signed(since.overlap)).unwrap_or(Timestamp::MIN)))
        }
        None => Some(written(since, now.checked_sub(signed(since.look_back)).unwrap_or(Timestamp::MIN))),
    }
}

/// `{until}`: now, less the time within which the API may still add to what is past.
pub fn until(since: &Since, now: Timestamp) -> Option<String> {
    if since.format == TimeFormat::Number {
        return None;
    }
    let lag = SignedDuration::try_from(since.lag).unwrap_or(SignedDuration::ZERO);
    Some(written(since, now.checked_sub(lag).unwrap_or(now)))
}

/// A time as the API takes it, cut down to what that can say.
fn written(since: &Since, time: Timestamp) -> String {
    match &since.format {
        TimeFormat::Iso => Timestamp::from_second(time.as_second()).unwrap_or(time).to_string(),
        TimeFormat::Seconds | TimeFormat::Number => time.as_second().to_string(),
        TimeFormat::Milliseconds => time.as_millisecond().to_string(),
        TimeFormat::Pattern(pattern) => {
            let zoned = before_any_doubt(time, &since.zone).to_zoned_datetime(since.zone.clone());
            zoned.strftime(pattern).to_string()
        }
    }
}

/// When the clock of the zone is about to be set back, the local time written is that of an hour before: what follows comes
/// twice, and the API may take it for the later one.
fn before_any_doubt(time: Timestamp, zone: &TimeZone) -> Timestamp {
    let hour = SignedDuration::from_hours(1);
    let (Ok(soon), Ok(earlier)) = (time.checked_add(hour), time.checked_sub(hour)) else { return time };
    let is_set_back = zone.to_offset(soon).seconds() < zone.to_offset(time).seconds();
    if is_set_back { earlier } else { time }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn reading(format: TimeFormat, zone: &str) -> Since {
        let zone = TimeZone::get(zone).unwrap();
        let (overlap, look_back) = (Duration::from_secs(300), Duration::from_secs(86_400));
        Since { field: String::new(), format, zone, overlap, look_back, lag: Duration::from_secs(120) }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn one_moment_is_read_however_it_is_written() {
        let since = reading(TimeFormat::Iso, "America/Los_Angeles");
        for written in [
            Value::from("2026-03-06T14:10:44-08:00"),
            Value::from("2026-03-06T22:10:44Z"),
            Value::from(1_772_835_044),
            Value::from(1_772_835_044_000_i64),
            Value::from("1772835044"),
            Value::from("Fri, 06 Mar 2026 22:10:44 +0000"),
            Value::from("2026-03-06T14:10:44.0000000"),
        ] {
            assert_eq!(of_item(&written, &since), Some(Mark::Time(at("2026-03-06T22:10:44Z"))), "{written}");
        }
        for nothing in [Value::Null, Value::from("soon"), Value::from(true)] {
            assert_eq!(of_item(&nothing, &since), None);
        }
    }

    #[test]
    fn a_round_begins_an_overlap_before_the_mark_and_the_first_one_looks_back() {
        let (now, mark) = (at("2026-03-06T22:00:00.9Z"), Some(Mark::Time(at("2026-03-06T21:00:00.7Z"))));
        for (format, zone, going_on, first) in [
            (TimeFormat::Iso, "UTC", "2026-03-06T20:55:00Z", "2026-03-05T22:00:00Z"),
            (TimeFormat::Seconds, "UTC", "1772830500", "1772748000"),
            (TimeFormat::Milliseconds, "UTC", "1772830500700", "1772748000900"),
            (
                TimeFormat::Pattern("%Y-%m-%d %H:%M:%S".into()),
                "America/Los_Angeles",
                "2026-03-06 12:55:00",
                "2026-03-05 14:00:00",
            ),
            (TimeFormat::Pattern("%Y-%m-%d".into()), "UTC", "2026-03-06", "2026-03-05"),
        ] {
            let reading = reading(format, zone);
            assert_eq!(since(&reading, mark, now).as_deref(), Some(going_on));
            assert_eq!(since(&reading, None, now).as_deref(), Some(first));
        }
        assert_eq!(until(&reading(TimeFormat::Iso, "UTC"), now).as_deref(), Some("2026-03-06T21:58:00Z"));
    }

    /// On 1 November 2026 the clocks of California show the hour from 1 to 2 twice.
    #[test]
    fn a_local_time_that_comes_twice_is_never_taken_for_the_later_one() {
        let pattern = TimeFormat::Pattern("%Y-%m-%d %H:%M".into());
        let zone = reading(pattern, "America/Los_Angeles");
        let mark = |text: &str| Some(Mark::Time(at(text)));
        // 01:35 the first time (08:35 UTC), less five minutes: 01:30 could be 09:30 UTC as well.
        assert_eq!(
            since(&zone, mark("2026-11-01T08:35:00Z"), at("2026-11-02T00:00:00Z")).as_deref(),
            Some("2026-11-01 00:30")
        );
        assert_eq!(
            since(&zone, mark("2026-11-01T09:35:00Z"), at("2026-11-02T00:00:00Z")).as_deref(),
            Some("2026-11-01 01:30")
        );
        assert_eq!(of_item(&Value::from("2026-11-01T01:30:00"), &zone), mark("2026-11-01T08:30:00Z"));
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        for mark in [Mark::Time(at("2026-03-06T22:10:44.123456Z")), Mark::Number(77)] {
            assert_eq!(Mark::parse(&mark.to_string()), Some(mark));
        }
        assert_eq!(Mark::parse("soon"), None);
    }
}
