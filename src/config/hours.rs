//! The hours in which an endpoint may be used.
//!
//! ```toml
//! open = ["Mo-Fr 06:00-22:00", "Sa,Su 08:00-12:00"]
//! ```
//!
//! Times are those of the partner's clocks. A span that does not end after its start runs past midnight and belongs to the day
//! on which it starts; `00:00-24:00` is the whole day. A time that the clocks skip in spring is the moment after the gap; one
//! that comes twice in autumn is the first. Outside its hours nothing is looked at, taken or sent by an endpoint; what is due
//! waits, and its clocks run on.
//!
//! Never here: what the time is.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// When an endpoint is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// At least one.
    spans: Vec<Span>,
    zone: TimeZone,
}

/// One span of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    days: Vec<Weekday>,
    from: Time,
    /// On the next day where it is not after `from`.
    to: Time,
}

impl Hours {
    /// These spans by the clocks of a zone; `None` when there is none, so that it is always open.
    pub(crate) fn of(spans: Vec<Span>, zone: &TimeZone) -> Option<Hours> {
        (!spans.is_empty()).then(|| Hours { spans, zone: zone.clone() })
    }

    /// When it opens next; `None` while it is open.
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        let today = self.zone.to_datetime(now).date();
        // A span of yesterday may last until today, and the next one begins within a week; the clocks may skip a start.
        let days = (-1..=8).filter_map(|days: i64| today.checked_add(days.days()).ok());
        let spans: Vec<(Timestamp, Timestamp)> = days.flat_map(|day| self.spans_of(day)).collect();
        if spans.iter().any(|(from, to)| *from <= now && now < *to) {
            return None;
        }
        spans.into_iter().map(|(from, _)| from).filter(|from| *from > now).min()
    }

    fn spans_of(&self, day: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let of_day = self.spans.iter().filter(move |span| span.days.contains(&day.weekday()));
        of_day.filter_map(move |span| {
            let end = if span.to > span.from { Some(day) } else { day.tomorrow().ok() };
            Some((self.moment(day, span.from)?, self.moment(end?, span.to)?))
        })
    }

    fn moment(&self, day: Date, time: Time) -> Option<Timestamp> {
        self.zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok()
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("Mo", Weekday::Monday),
    ("Tu", Weekday::Tuesday),
    ("We", Weekday::Wednesday),
    ("Th", Weekday::Thursday),
    ("Fr", Weekday::Friday),
    ("Sa", Weekday::Saturday),
    ("Su", Weekday::Sunday),
];

/// `Mo-Fr 06:00-22:00`, `Sa,Su 08:00-12:00`, or `22:00-04:00` for every day.
pub(crate) fn parse(text: &str) -> Result<Span, Diagnostic> {
    span(text).ok_or_else(|| {
        let fault = Diagnostic::new(&codes::HOURS, format!("{text:?} are no hours"));
        fault.expected("days and times, such as \"Mo-Fr 06:00-22:00\", or times alone for every day").found(text)
    })
}

fn span(text: &str) -> Option<Span> {
    let (days, times) = match text.trim().rsplit_once(' ') {
        Some((days, times)) => (days_of(days.trim()).ok()?, times),
        None => (DAYS.iter().map(|(_, day)| *day).collect(), text.trim()),
    };
    let (from, to) = times.split_once('-')?;
    let to = if to == "24:00" { Time::midnight() } else { time(to)? };
    Some(Span { days, from: time(from)?, to })
}

/// `Mo-Fr`, `Mo,We-Fr`, `Fr-Mo`; else the part that is none.
pub(crate) fn days_of(text: &str) -> Result<Vec<Weekday>, &str> {
    let position = |name: &str| DAYS.iter().position(|(known, _)| *known == name);
    let mut days = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Some(first), Some(last)) = (position(first), position(last)) else { return Err(part) };
        days.extend(DAYS.iter().cycle().skip(first).take((last + 7 - first) % 7 + 1).map(|(_, day)| *day));
    }
    Ok(days)
}

/// A time of the day as people write it, with its leading zero: `06:00`.
pub(crate) fn time(text: &str) -> Option<Time> {
    let two_digits = |part: &str| (part.len() == 2).then(|| part.parse::<i8>().ok()).flatten();
    let (hour, minute) = text.split_once(':')?;
    Time::new(two_digits(hour)?, two_digits(minute)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(spans: &[&str]) -> Hours {
        let zone = TimeZone::get("America/Chicago").unwrap();
        Hours::of(spans.iter().map(|span| parse(span).unwrap()).collect(), &zone).unwrap()
    }

    fn check(spans: &[&str], cases: &[(&str, &str)]) {
        for (now, expect) in cases {
            let found = hours(spans).closed_until(now.parse().unwrap());
            let found = found.map_or_else(|| "open".to_owned(), |until| until.to_string());
            assert_eq!(found, *expect, "{spans:?} at {now}");
        }
    }

    #[test]
    fn a_day_has_its_hours_by_the_partners_clocks_and_a_weekend_none() {
        check(
            &["Mo-Fr 06:00-22:00"],
            &[
                // A Thursday; Chicago is six hours behind.
                ("2026-11-26T11:59:59Z", "2026-11-26T12:00:00Z"),
                ("2026-11-26T12:00:00Z", "open"),
                ("2026-11-27T03:59:59Z", "open"),
                ("2026-11-28T04:00:00Z", "2026-11-30T12:00:00Z"),
            ],
        );
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        check(
            &["Fr 22:00-04:00", "Su 00:00-24:00"],
            &[
                ("2026-11-28T03:59:00Z", "2026-11-28T04:00:00Z"),
                ("2026-11-28T09:59:00Z", "open"),
                ("2026-11-28T10:00:00Z", "2026-11-29T06:00:00Z"),
                ("2026-11-30T05:59:00Z", "open"),
                ("2026-11-30T06:00:00Z", "2026-12-05T04:00:00Z"),
            ],
        );
    }

    #[test]
    fn a_start_that_the_clocks_skip_is_the_moment_after_the_gap_and_a_repeated_one_the_first() {
        // 02:30 of March 8 does not exist there; 01:30 of November 1 comes twice.
        check(&["02:30-05:00"], &[("2026-03-08T08:00:00Z", "2026-03-08T08:30:00Z"), ("2026-03-08T08:30:00Z", "open")]);
        check(&["01:30-05:00"], &[("2026-11-01T06:29:00Z", "2026-11-01T06:30:00Z"), ("2026-11-01T07:30:00Z", "open")]);
    }

    #[test]
    fn days_are_lists_and_ranges_also_over_the_week_end() {
        let days = |text: &str| parse(text).map(|span| span.days.len());
        assert_eq!(days("Fr-Mo 06:00-22:00"), Ok(4));
        assert_eq!(days("Mo,We-Fr 06:00-22:00"), Ok(4));
        assert_eq!(days("06:00-22:00"), Ok(7));
        for text in
            ["", "Mo", "Mo-Fr", "Mo 6:00-22:00", "Mo 06:00", "Mon 06:00-22:00", "Mo 06:00-25:00", "Mo- 06:00-07:00"]
        {
            assert!(days(text).is_err(), "{text}");
        }
    }
}
