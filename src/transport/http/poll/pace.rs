//! How fast we may ask: the shortest time between two requests, and what the API says of its allowance. Pure.
//!
//! ```text
//! X-Shopify-Shop-Api-Call-Limit: 38/40      two left, fewer than the reserve: one interval more
//! X-Rate-Limit-Requests-Left: 0             nothing left
//! X-Rate-Limit-Time-Reset-Ms: 4100          for so long
//! Retry-After: 12, or a date (RFC 9110, 10.2.3)
//! ```

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::config::poll::{Rate, ResetIn};
use crate::transport::http::client::Incoming;

/// When the next request may go.
#[derive(Debug, Default)]
pub struct Pace {
    next: Option<Timestamp>,
}

/// The pause while an allowance grows of which nobody says when it does.
const WHILE_IT_GROWS: Duration = Duration::from_secs(2);

impl Pace {
    /// How long the next request must wait.
    pub fn wait(&self, now: Timestamp) -> Duration {
        self.next.map(|next| between(now, next)).unwrap_or_default()
    }

    /// A request goes now.
    pub fn asked(&mut self, rate: &Rate, now: Timestamp) {
        self.not_before(now, rate.interval);
    }

    /// What an answer says of the allowance.
    pub fn heard(&mut self, rate: &Rate, answer: &Incoming, now: Timestamp) {
        let Some(remaining) = rate.remaining.as_ref().and_then(|name| remaining(answer.header(name)?)) else { return };
        if remaining > i64::from(rate.reserve) {
            return;
        }
        let reset = rate.reset.as_ref().and_then(|(name, unit)| reset(answer.header(name)?, *unit, now));
        self.not_before(now, reset.unwrap_or(WHILE_IT_GROWS));
    }

    fn not_before(&mut self, now: Timestamp, pause: Duration) {
        let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
        let then = now.checked_add(pause).unwrap_or(now);
        self.next = Some(self.next.map_or(then, |next| next.max(then)));
    }
}

/// What is left: a number, or the difference of `used/all`.
fn remaining(text: &str) -> Option<i64> {
    match text.split_once('/') {
        Some((used, all)) => Some(all.trim().parse::<i64>().ok()? - used.trim().parse::<i64>().ok()?),
        None => text.trim().parse().ok(),
    }
}

fn reset(text: &str, unit: ResetIn, now: Timestamp) -> Option<Duration> {
    let number: u64 = text.trim().parse().ok()?;
    Some(match unit {
        ResetIn::Seconds => Duration::from_secs(number),
        ResetIn::Milliseconds => Duration::from_millis(number),
        ResetIn::Epoch => between(now, Timestamp::from_second(i64::try_from(number).ok()?).ok()?),
    })
}

/// The pause that an answer asks for.
pub fn retry_after(answer: &Incoming, now: Timestamp) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(86_400.0)));
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|then| between(now, then.timestamp()))
}

fn between(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> Incoming {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Incoming { status: 200, headers, body: Vec::new() }
    }

    fn wait(rate: &Rate, headers: &[(&str, &str)]) -> u64 {
        let (mut pace, now) = (Pace::default(), Timestamp::from_second(1_000).unwrap());
        pace.asked(rate, now);
        pace.heard(rate, &answer(headers), now);
        u64::try_from(pace.wait(now).as_millis()).unwrap()
    }

    #[test]
    fn requests_keep_their_distance_and_leave_a_reserve() {
        let interval = Duration::from_millis(500);
        let bucket = Rate { interval, remaining: Some("Used".into()), reserve: 4, reset: None };
        assert_eq!(wait(&bucket, &[]), 500);
        assert_eq!(wait(&bucket, &[("used", "10/40")]), 500);
        assert_eq!(wait(&bucket, &[("used", "38/40")]), 2_000);
        let window = |unit| Rate {
            remaining: Some("Left".into()),
            reserve: 1,
            reset: Some(("Reset".into(), unit)),
            ..Rate::default()
        };
        assert_eq!(wait(&window(ResetIn::Milliseconds), &[("left", "0"), ("reset", "4100")]), 4_100);
        assert_eq!(wait(&window(ResetIn::Seconds), &[("left", "1"), ("reset", "30")]), 30_000);
        assert_eq!(wait(&window(ResetIn::Epoch), &[("left", "1"), ("reset", "1010")]), 10_000);
        assert_eq!(wait(&window(ResetIn::Seconds), &[("left", "9"), ("reset", "30")]), 0);
    }

    #[test]
    fn a_pause_that_is_asked_for_is_read_in_both_ways() {
        let now: Timestamp = "2026-03-06T22:10:40Z".parse().unwrap();
        for (text, seconds) in
            [("12", Some(12.0)), ("2.0", Some(2.0)), ("Fri, 06 Mar 2026 22:10:44 GMT", Some(4.0)), ("soon", None)]
        {
            let read = retry_after(&answer(&[("Retry-After", text)]), now);
            assert_eq!(read.map(|pause| pause.as_secs_f64()), seconds, "{text}");
        }
    }
}
