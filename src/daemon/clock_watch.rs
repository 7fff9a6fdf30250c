//! What a step of the machine's clock leads to: a trouble that is told, and retries that do not wait for the old time.
//!
//! ```text
//! 14:00:07 → 13:00:07    LGR-W006 "the clock was set back by 1 h …", until it shows more than 14:00:07 again
//! ```
//!
//! Journal times never go back, which the journal itself sees to. What was to be tried again at a time that the old clock
//! reckoned would wait for as long as the step: it is made due at once, and an attempt too early does no harm.

use std::time::{Duration, Instant};

use jiff::{Timestamp, Unit};

use super::clock::{Step, Steps, TOLERANCE};
use super::gateway::Gateway;
use super::troubles::{What, in_words};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;

/// How long a step is shown at least, so that somebody sees it.
const SHOWN_FOR: Duration = Duration::from_secs(15 * 60);

/// Watches the clock for the rounds.
#[derive(Debug)]
pub struct ClockWatch {
    steps: Steps,
    /// The step that is shown, and since when.
    shown: Option<(Step, Instant)>,
    /// Deliveries still wait by the time of before this step.
    to_make_due: Option<Step>,
    /// The journal was compared with the clock: it may have been set back while no daemon ran.
    compared_with_journal: bool,
}

impl ClockWatch {
    /// From now on.
    pub fn begin() -> ClockWatch {
        ClockWatch { steps: Steps::watched(), shown: None, to_make_due: None, compared_with_journal: false }
    }

    /// One look.
    pub fn look(&mut self, gateway: &Gateway) {
        if let Some(step) = self.steps.look() {
            self.stepped(gateway, step);
        }
        if !self.compared_with_journal {
            self.compare_with_journal(gateway);
        }
        if let Some((step, since)) = self.shown
            && since.elapsed() > SHOWN_FOR
            && gateway.clock.now() > step.expected
        {
            self.over(gateway);
        }
        self.make_due(gateway);
    }

    fn stepped(&mut self, gateway: &Gateway, step: Step) {
        let undone = self.shown.is_some_and(|(shown, _)| (shown.by() + step.by()).abs() <= TOLERANCE);
        self.over(gateway);
        if !undone {
            let text = in_words_of(step);
            let diagnostic = Diagnostic::new(&custody::CLOCK_STEPPED, text);
            gateway.troubles.raise(What::Clock, &diagnostic, gateway.clock.now());
            self.shown = Some((step, Instant::now()));
        }
        if step.by().is_negative() {
            // Two steps back before the ledger could be told: the first one began at the latest time.
            let earlier = self.to_make_due.map_or(step.expected, |earlier| earlier.expected.max(step.expected));
            self.to_make_due = Some(Step { expected: earlier, ..step });
        }
    }

    fn over(&mut self, gateway: &Gateway) {
        if self.shown.take().is_some() {
            gateway.troubles.clear(&What::Clock, gateway.clock.now());
        }
    }

    fn compare_with_journal(&mut self, gateway: &Gateway) {
        // A ledger that does not answer is asked again at the next look.
        let Ok(last) = gateway.ledger.read(|tx| tx.last_told()) else { return };
        self.compared_with_journal = true;
        let found = gateway.clock.now();
        if let Some(expected) = last
            && expected.duration_since(found) > TOLERANCE
        {
            self.stepped(gateway, Step { expected, found });
        }
    }

    fn make_due(&mut self, gateway: &Gateway) {
        let Some(step) = self.to_make_due else { return };
        let now = gateway.clock.now();
        match gateway.ledger.write(move |tx| tx.clock_went_back(step.expected, now)) {
            Ok(_) => {
                self.to_make_due = None;
                gateway.due.notify_one();
            }
            Err(fault) => gateway.tell_fault(&fault, "cannot make due what the clock delays"),
        }
    }
}

fn in_words_of(step: Step) -> String {
    let way = if step.by().is_negative() { "back" } else { "forward" };
    // A moment passed between the two looks; nobody wants to read "59 min" of an hour's step.
    let by = step.by().round(Unit::Second).unwrap_or(step.by());
    let time = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    format!(
        "the clock was set {way} by {}: it shows {} where {} was expected",
        in_words(by),
        time(step.found),
        time(step.expected)
    )
}
