//! A partner's compliance clocks in the books: what its journal tells of is judged, and rows, findings and events follow.
//!
//! ```text
//! journal …41 856 SHP0000777 accepted · 42 sent      read      its order, its shipment, their documents     without a lock
//!   -> the shipment left 09:22, sent 10:31            judge     9 min late                                   pure
//!   -> clock broken, finding CLK-E001, event          record    if nobody else judged meanwhile              one transaction
//! ```
//!
//! What is recorded follows from the documents and the time alone, not from the order in which they came or how often they were
//! looked at. An event tells what somebody should hear: at risk, broken, and in time after all.

mod reading;
mod recording;

pub use reading::judge;
pub use recording::{record, waive};

use jiff::Timestamp;

use super::clock::chain::Chain;
use super::clock::gather::OtherUse;
use crate::config::compliance::Compliance;
use crate::diagnostic::Diagnostic;
use crate::ledger::clock::{NewClock, Read};

/// A partner whose clocks are kept.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'c> {
    /// Its id.
    pub partner: &'c str,
    /// What it demands; `None` when the configuration does not have it any more.
    pub compliance: Option<&'c Compliance>,
    /// Whether test documents count: with a partner that is one itself.
    pub counts_tests: bool,
}

/// What is to be recorded for one partner.
#[derive(Debug)]
pub struct Work {
    partner: String,
    before: Read,
    after: Read,
    /// The rules are not those by which it was judged before.
    rules_changed: bool,
    chains: Vec<JudgedChain>,
    now: Timestamp,
}

/// One chain held against every rule that is about it.
#[derive(Debug)]
struct JudgedChain {
    chain: Chain,
    clocks: Vec<JudgedClock>,
    /// The serial numbers that it uses, where a rule says that none comes again.
    serials: Vec<OtherUse>,
}

/// One rule held against one chain.
#[derive(Debug)]
struct JudgedClock {
    rule: String,
    /// `None` while it has not begun.
    clock: Option<NewClock>,
    /// As it is said at this moment.
    line: String,
    /// What is found while it is broken.
    finding: Option<Diagnostic>,
}

impl Work {
    /// How many clocks were judged.
    pub fn len(&self) -> usize {
        self.chains.iter().map(|chain| chain.clocks.len()).sum()
    }

    /// True when nothing was to be judged.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How many events are read at once.
const NEWS: u32 = 200;

#[cfg(test)]
mod tests;
