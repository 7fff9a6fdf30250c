//! What went through on each of the last days, remembered for a minute: counting is dear, and the past does not change much.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::ledger::day::Traffic;
use crate::ledger::{Error, Transaction};

/// How many days, today among them.
pub const DAYS: usize = 14;
/// How long what was counted is good enough.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(60);

/// What was counted, partner by partner.
#[derive(Debug, Default)]
pub struct Days {
    counted: Mutex<HashMap<String, Counted>>,
}

#[derive(Debug, Clone)]
struct Counted {
    at: Timestamp,
    /// The first of the days.
    from: Date,
    days: Arc<Vec<Traffic>>,
}

impl Days {
    /// The traffic with a partner on the last days, today last.
    pub fn of(
        &self,
        tx: &mut Transaction<'_>,
        partner: &str,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Arc<Vec<Traffic>>, Error> {
        let midnights = midnights(now, zone);
        let from = zone.to_datetime(midnights[0]).date();
        let known = self.counted().get(partner).cloned();
        let is_fresh = |known: &Counted| known.from == from && now.duration_since(known.at).abs() < GOOD_FOR;
        if let Some(known) = known.filter(is_fresh) {
            return Ok(known.days);
        }
        let days = Arc::new(tx.traffic(partner, &midnights)?);
        self.counted().insert(partner.to_owned(), Counted { at: now, from, days: Arc::clone(&days) });
        Ok(days)
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<String, Counted>> {
        // An entry is whole or not there.
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The midnights around the last days, the one that is still to come last.
fn midnights(now: Timestamp, zone: &TimeZone) -> Vec<Timestamp> {
    let today = zone.to_datetime(now).date();
    let back = i64::try_from(DAYS).unwrap_or(0) - 1;
    let days = (-back..=1).filter_map(|offset| today.checked_add(offset.days()).ok());
    // A midnight that a change of clocks skips is the moment at which it does.
    days.filter_map(|day| zone.to_timestamp(day.at(0, 0, 0, 0)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_zone_also_when_its_clocks_change() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let midnights = midnights("2026-03-09T12:00:00Z".parse().unwrap(), &zone);
        assert_eq!(midnights.len(), DAYS + 1);
        let hours: Vec<i64> =
            midnights.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs() / 3600).collect();
        assert_eq!(hours[12], 23, "8 March 2026 has 23 hours there: {hours:?}");
        assert_eq!(hours.iter().filter(|hours| **hours == 24).count(), DAYS - 1);
    }
}
