//! A time on a page: in our zone, short for a person, whole for whoever points at it.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A time on a page.
#[derive(Debug, Clone)]
pub struct Moment {
    at: Timestamp,
    short: String,
    whole: String,
}

impl Moment {
    /// As it is shown at another time.
    pub fn new(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Moment {
        let (there, here) = (zone.to_datetime(at), zone.to_datetime(now));
        let short = match (there.date() == here.date(), there.year() == here.year()) {
            (true, _) => there.strftime("%H:%M"),
            (false, true) => there.strftime("%b %d %H:%M"),
            (false, false) => there.strftime("%Y-%m-%d %H:%M"),
        };
        let whole = at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
        Moment { at, short: short.to_string(), whole }
    }
}

/// Only digits, letters and signs that mean nothing in HTML are in it.
impl HtmlSafe for Moment {}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"<time datetime="{}" title="{}">{}</time>"#, self.at, self.whole, self.short)
    }
}

/// A span of time in its two largest units, or one where that is enough.
pub fn in_words(span: SignedDuration) -> String {
    let seconds = span.as_secs().unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3_600, seconds % 3_600 / 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1, 0, _) => "1 day".to_owned(),
        (1, hours, _) => format!("1 day {hours} h"),
        (days, _, _) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_short_for_a_person_and_whole_for_a_machine() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let check = |time: &str| Moment::new(at(time), at("2026-03-07T21:00:00Z"), &zone);
        assert_eq!(
            check("2026-03-07T20:31:00Z").to_string(),
            r#"<time datetime="2026-03-07T20:31:00Z" title="2026-03-07 14:31:00 CST">14:31</time>"#
        );
        assert!(check("2026-03-07T05:59:00Z").to_string().ends_with(">Mar 06 23:59</time>"), "yesterday, there");
        assert!(check("2025-12-31T12:00:00Z").to_string().ends_with(">2025-12-31 06:00</time>"));
    }

    #[test]
    fn a_span_is_told_in_its_largest_units() {
        for (seconds, expect) in
            [(9, "9 s"), (90, "1 min"), (7_500, "2 h 5 min"), (90_000, "1 day 1 h"), (999_999, "11 days")]
        {
            assert_eq!(in_words(SignedDuration::from_secs(seconds)), expect);
        }
    }
}
