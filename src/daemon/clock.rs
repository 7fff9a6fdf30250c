//! The daemon's wall clock: the machine's, or one that was set to another time (the demo's, and tests').
//!
//! A machine's clock is set to another time now and then. [`Steps`] notices by comparing it with time that only runs forward;
//! [`super::clock_watch`] decides what follows from it.
//!
//! ```text
//! EDIGATE_CLOCK_FILE=offset    builds with debug assertions: the machine's clock is off by the seconds in that file
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

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
        let ahead = start.as_microsecond() - machine().as_microsecond();
        clock.ahead_micros.store(ahead, Ordering::SeqCst);
        clock
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let machine = machine();
        let base = self.stands_at.unwrap_or(machine);
        let micros = base.as_microsecond().saturating_add(self.ahead_micros.load(Ordering::SeqCst));
        // Out of the range of timestamps only if somebody set the clock ten thousand years off.
        Timestamp::from_microsecond(micros).unwrap_or(machine)
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

/// What the machine's clock shows.
#[cfg(not(debug_assertions))]
fn machine() -> Timestamp {
    Timestamp::now()
}

/// What the machine's clock shows, off by what the environment's file says; a file that cannot be read changes nothing.
#[cfg(debug_assertions)]
fn machine() -> Timestamp {
    static FILE: std::sync::OnceLock<Option<std::ffi::OsString>> = std::sync::OnceLock::new();
    let now = Timestamp::now();
    let Some(file) = FILE.get_or_init(|| std::env::var_os("EDIGATE_CLOCK_FILE")) else { return now };
    let offset = std::fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    now.checked_add(SignedDuration::from_secs(offset)).unwrap_or(now)
}

/// A step of the machine's clock: the time that it showed and should show now, and the time that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What it would show if it had run on.
    pub expected: Timestamp,
    /// What it shows.
    pub found: Timestamp,
}

impl Step {
    /// How far it went; negative when it went back.
    pub fn by(&self) -> SignedDuration {
        self.found.duration_since(self.expected)
    }
}

/// How far the clock may be off between two looks before that is called a step. Synchronisation that slews a clock moves it
/// by half a millisecond in a second.
pub const TOLERANCE: SignedDuration = SignedDuration::from_secs(5);

/// Notices steps of the machine's own clock, whatever ours was set to.
#[derive(Debug)]
pub struct Steps {
    looked: Instant,
    showed: Timestamp,
}

impl Steps {
    /// From now on.
    pub fn watched() -> Steps {
        Steps { looked: Instant::now(), showed: machine() }
    }

    /// The step since the last look, if there was one.
    pub fn look(&mut self) -> Option<Step> {
        self.compare(Instant::now(), machine())
    }

    fn compare(&mut self, looked: Instant, found: Timestamp) -> Option<Step> {
        let passed = looked.duration_since(self.looked);
        let expected = self.showed.checked_add(passed).unwrap_or(found);
        (self.looked, self.showed) = (looked, found);
        let step = Step { expected, found };
        (step.by().abs() > TOLERANCE).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_noticed_and_drift_or_a_late_look_is_not() {
        let (start, zero) = (Instant::now(), Timestamp::from_second(1_772_524_800).unwrap());
        let after = |seconds| start + Duration::from_secs(seconds);
        let shows = |seconds| zero + SignedDuration::from_secs(seconds);
        let mut steps = Steps { looked: start, showed: zero };
        assert_eq!(steps.compare(after(1), shows(1)), None);
        assert_eq!(steps.compare(after(61), shows(64)), None, "a busy machine looked a minute later");
        let back = steps.compare(after(62), shows(65 - 3600)).unwrap();
        assert_eq!(back.by(), SignedDuration::from_hours(-1));
        assert_eq!(steps.compare(after(63), shows(66 - 3600)), None, "a step is told once");
        let forward = steps.compare(after(64), shows(67)).unwrap();
        assert_eq!(forward.by(), SignedDuration::from_hours(1));
    }

    #[test]
    fn a_clock_that_we_set_ahead_ourselves_made_no_step() {
        let clock = Clock::system();
        let mut steps = Steps::watched();
        clock.advance(Duration::from_secs(86_400));
        assert_eq!(steps.look(), None);
    }
}
