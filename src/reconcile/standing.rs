//! How a recorded clock reads at a time, by the rule as it is configured now.
//!
//! ```text
//! ASN for SHP0000779 is at risk: due 15:12, in 12 min, about 100.00 USD
//! ```

use jiff::Timestamp;

use super::clock::chain::Chain;
use super::clock::judge::Judgment;
use super::clock::words;
use crate::config::Config;
use crate::config::partner::PartnerId;
use crate::ledger::clock::{ClockRow, ClockState};

/// What is to be said of it; what was said when it was recorded where its rule is gone.
pub fn says(config: &Config, clock: &ClockRow, now: Timestamp) -> String {
    if clock.state == ClockState::Waived {
        let because = clock.reason.as_deref().unwrap_or_default();
        return format!("{} (given up: {because})", clock.line);
    }
    judged(config, clock, now).unwrap_or_else(|| clock.line.clone())
}

fn judged(config: &Config, clock: &ClockRow, now: Timestamp) -> Option<String> {
    let id = PartnerId::parse(&clock.partner).ok()?;
    let compliance = &config.partners.get(&id)?.compliance;
    let rule = compliance.rules.iter().find(|rule| rule.name == clock.rule)?;
    let judgment: Judgment = serde_json::from_value(clock.judgment.clone()).ok()?;
    let about = Chain::parse(&clock.subject)?.number;
    (clock.state != ClockState::Idle)
        .then(|| words::line(&judgment.later(now), rule, &about, &compliance.calendar, now))
}
