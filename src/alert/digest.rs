//! Once a day, what happened since the last time and what stands; also when nothing did, so that silence means that alerts do not
//! work.
//!
//! ```text
//! edigate on Tue 3 Mar: 4 failures since Mon 2 Mar 07:00, 2 stand
//! ```

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::text::time;
use crate::config::alerts::Hears;
use crate::diagnostic::codes;
use crate::ledger::alert::Tally;

/// What a digest tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// One row per partner and code.
    pub rows: Vec<Tally>,
}

/// Whether a target wants to hear of it.
pub fn hears(hears: &Hears, row: &Tally) -> bool {
    row.severity >= hears.severity
        && (hears.partners.is_empty() || hears.partners.contains(&row.partner))
        && (hears.owners.is_empty() || hears.owners.contains(&row.who))
        && (hears.kinds.is_empty() || hears.kinds.contains(&row.kind))
}

/// The first time of day after a moment. A time that the clocks skip is the moment after the gap; one that comes twice is the first.
pub fn next(after: Timestamp, at: Time, zone: &TimeZone) -> Timestamp {
    let today = zone.to_datetime(after).date();
    let days = (0..=2).filter_map(|days: i64| today.checked_add(days.days()).ok());
    let mut moments = days.filter_map(|day| zone.to_ambiguous_timestamp(day.to_datetime(at)).compatible().ok());
    // Only the end of the calendar has no morning after.
    moments.find(|moment| *moment > after).unwrap_or(Timestamp::MAX)
}

impl Digest {
    /// One line.
    pub fn subject(&self, zone: &TimeZone) -> String {
        let fresh: u64 = self.rows.iter().map(|row| row.fresh).sum();
        let standing: u64 = self.rows.iter().map(|row| row.standing).sum();
        let failures = if fresh == 1 { "1 failure".to_owned() } else { format!("{fresh} failures") };
        let stand = if standing == 1 { "1 stands".to_owned() } else { format!("{standing} stand") };
        format!("edigate digest: {failures} since {}, {stand}", time(self.from, zone))
    }

    /// All of it; what stands comes first, and what stands longest before the rest.
    pub fn in_words(&self, zone: &TimeZone) -> String {
        if self.rows.is_empty() {
            return format!("Nothing failed since {}, and nothing stands.\n", time(self.from, zone));
        }
        let mut rows: Vec<&Tally> = self.rows.iter().collect();
        rows.sort_by_key(|row| (row.standing == 0, std::cmp::Reverse(row.severity), row.oldest, row.partner.clone()));
        rows.into_iter().map(|row| line(row, zone)).collect()
    }
}

fn line(row: &Tally, zone: &TimeZone) -> String {
    let title = codes::find(&row.code).map(|meaning| meaning.title).unwrap_or_default();
    let standing = match row.oldest {
        Some(oldest) if row.standing > 0 => format!("{} stand, the oldest since {}", row.standing, time(oldest, zone)),
        _ => "all settled".to_owned(),
    };
    format!(
        "{}: {title} ({}): {} new, {standing}; to be mended by {}\n",
        row.partner,
        row.code,
        row.fresh,
        row.who.in_words()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Severity, Who};

    fn check(after: &str, zone: &str, expect: &str) {
        let seven = Time::constant(7, 0, 0, 0);
        let zone = TimeZone::get(zone).unwrap();
        assert_eq!(next(after.parse().unwrap(), seven, &zone).to_string(), expect, "after {after}");
    }

    #[test]
    fn a_digest_comes_at_the_next_morning_of_its_zone() {
        check("2026-03-03T11:59:00Z", "America/New_York", "2026-03-03T12:00:00Z");
        check("2026-03-03T12:00:00Z", "America/New_York", "2026-03-04T12:00:00Z");
        check("2026-03-07T13:00:00Z", "America/New_York", "2026-03-08T11:00:00Z");
        check("2026-03-03T00:00:00Z", "UTC", "2026-03-03T07:00:00Z");
    }

    #[test]
    fn a_digest_says_first_what_stands_and_says_so_when_nothing_failed() {
        let from: Timestamp = "2026-03-03T07:00:00Z".parse().unwrap();
        let row = |partner: &str, standing: u64| Tally {
            partner: partner.to_owned(),
            kind: "quarantined".to_owned(),
            code: "X12-E071".to_owned(),
            severity: Severity::Error,
            who: Who::Sender,
            fresh: 2,
            standing,
            oldest: (standing > 0).then_some(from),
        };
        let digest = Digest { from, until: from, rows: vec![row("alpha", 0), row("mega", 1)] };
        assert_eq!(digest.subject(&TimeZone::UTC), "edigate digest: 4 failures since 3 Mar 07:00, 1 stands");
        let told = digest.in_words(&TimeZone::UTC);
        let expect = "mega: element is not a date (X12-E071): 2 new, 1 stand, the oldest since 3 Mar 07:00; to be mended by the sender of the document\n\
                      alpha: element is not a date (X12-E071): 2 new, all settled; to be mended by the sender of the document\n";
        assert_eq!(told, expect);
        let quiet = Digest { rows: Vec::new(), ..digest };
        assert_eq!(quiet.in_words(&TimeZone::UTC), "Nothing failed since 3 Mar 07:00, and nothing stands.\n");
    }
}
