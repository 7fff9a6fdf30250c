//! `retry` of an endpoint: when a failed delivery is tried again, and when a person must look.
//!
//! ```toml
//! retry = { first = "1 s", longest = "30 min", give_up_after = "24 h" }
//! ```
//!
//! Each pause is twice the one before it, up to the longest, and up to a fifth longer by chance of the delivery's id: a
//! thousand deliveries to one folder do not all come back in the same second, and the same delivery always waits as long.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::reader::Entry;
use crate::diagnostic::codes::config as codes;

/// When failed deliveries of an endpoint are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The pause after the first failure.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How long after the first failure the last attempt is made; then the delivery is parked.
    pub give_up_after: Duration,
}

impl Default for Retry {
    fn default() -> Retry {
        let hours = |count: u64| Duration::from_secs(count * 60 * 60);
        Retry { first: Duration::from_secs(2), longest: hours(1), give_up_after: hours(24) }
    }
}

impl Retry {
    /// For partners whom every attempt costs something: after 5, 10, 20, 40 minutes, and every 40 for a day.
    pub const PATIENT: Retry = Retry {
        first: Duration::from_secs(5 * 60),
        longest: Duration::from_secs(40 * 60),
        give_up_after: Duration::from_secs(24 * 60 * 60),
    };

    /// When to try again what has failed since then, last now; `None` when it is to be parked. The `attempt` and the key
    /// spread what failed together.
    pub fn next(&self, now: Timestamp, since: Timestamp, attempt: u32, key: &str) -> Option<Timestamp> {
        let last = plus(since, self.give_up_after);
        // The last attempt is made at the very end of the time that was given.
        (now < last).then(|| plus(now, self.pause(elapsed(since, now), attempt, key)).min(last))
    }

    /// Pauses that double add up to the next one: what has failed for a minute waits for another.
    fn pause(&self, failing_for: Duration, attempt: u32, key: &str) -> Duration {
        let pause = self.first.saturating_add(failing_for).min(self.longest);
        let bytes = key.bytes().chain(attempt.to_be_bytes());
        let share = bytes.fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 997);
        pause + pause * share / 4985
    }
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(since).try_into().unwrap_or(Duration::ZERO)
}

fn plus(time: Timestamp, duration: Duration) -> Timestamp {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    time.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// Reads the policy; what is not written stays as it is usually.
pub(crate) fn read(entry: &Entry, usual: Retry) -> Retry {
    let Some(table) = entry.table() else { return usual };
    let first = table.optional("first").duration().unwrap_or(usual.first);
    let longest = table.optional("longest").duration().unwrap_or(usual.longest.max(first));
    let give_up_after = table.optional("give_up_after").duration().unwrap_or(usual.give_up_after);
    table.finish();
    if first.is_zero() {
        table.optional("first").refuse(&codes::OUT_OF_RANGE, "a pause of at least 1 ms");
    }
    if longest < first {
        table.optional("longest").refuse(&codes::OUT_OF_RANGE, "a pause that is not shorter than first");
    }
    Retry { first, longest, give_up_after }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the attempts are made after a first failure at second 0, in seconds.
    fn attempts(retry: &Retry, key: &str) -> Vec<i64> {
        let since = Timestamp::UNIX_EPOCH;
        let (mut now, mut made) = (since, Vec::new());
        while let Some(next) = retry.next(now, since, made.len() as u32 + 1, key) {
            made.push(next.as_second());
            now = next;
        }
        made
    }

    fn seconds(first: u64, longest: u64, give_up_after: u64) -> Retry {
        let [first, longest, give_up_after] = [first, longest, give_up_after].map(Duration::from_secs);
        Retry { first, longest, give_up_after }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end_when_the_time_is_over() {
        let made = attempts(&seconds(1, 60, 600), "a");
        let pauses: Vec<i64> = made.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let (last, before) = pauses.split_last().unwrap();
        assert!(before.is_sorted_by_key(|pause| (*pause).min(60)), "{pauses:?}");
        assert!(pauses[1] <= 4 && before.iter().all(|pause| *pause <= 73), "{pauses:?}");
        assert!(before.iter().filter(|pause| **pause >= 60).count() >= 5, "{pauses:?}");
        assert!(*last <= 73 && made.last() == Some(&600), "the last attempt is made at the very end: {made:?}");
    }

    #[test]
    fn what_failed_together_does_not_come_back_together_and_nothing_is_left_to_chance() {
        let retry = seconds(100, 3600, 86_400);
        assert_eq!(attempts(&retry, "a"), attempts(&retry, "a"));
        assert_ne!(attempts(&retry, "a"), attempts(&retry, "b"));
    }

    #[test]
    fn who_gives_up_at_once_does_not_try_again() {
        assert_eq!(attempts(&seconds(1, 60, 0), "a"), Vec::<i64>::new());
    }
}
