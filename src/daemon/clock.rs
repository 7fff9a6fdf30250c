//! The daemon's wall clock: the machine's, or one that was set to another time (the demo's, and tests').

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Tells the time of receipts, deadlines and events. Copies share one setting.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_micros: Arc<AtomicI64>,
    /// The time at which it stands still, for tests that compare two lives byte by byte.
    stands_at: Option<Timestamp>,
}

impl Clock {
    /// The machine's clock; in debug builds one that stands still at the time in EDIGATE_CLOCK_STARTS, if that is set.
    pub fn system() -> Clock {
        let named = std::env::var("EDIGATE_CLOCK_STARTS").ok().filter(|_| cfg!(debug_assertions));
        Clock { stands_at: named.and_then(|text| text.parse().ok()), ..Clock::default() }
    }

    /// A clock that starts at another time and runs on from there.
    pub fn starting_at(start: Timestamp) -> Clock {
        let clock = Clock::default();
        let ahead = start.as_microsecond() - Timestamp::now().as_microsecond();
        clock.ahead_micros.store(ahead, Ordering::SeqCst);
        clock
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let base = self.stands_at.unwrap_or_else(Timestamp::now);
        let micros = base.as_microsecond().saturating_add(self.ahead_micros.load(Ordering::SeqCst));
        // Out of the range of timestamps only if somebody set the clock ten thousand years off.
        Timestamp::from_microsecond(micros).unwrap_or_else(|_| Timestamp::now())
    }

    /// Moves it ahead; it never goes back.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.ahead_micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// Moves it ahead to a time; nothing happens when that has passed.
    pub fn advance_to(&self, time: Timestamp) {
        let ahead = time.as_microsecond() - self.now().as_microsecond();
        if ahead > 0 {
            self.ahead_micros.fetch_add(ahead, Ordering::SeqCst);
        }
    }
}
