//! What went through each endpoint since the daemon began: how many files, when it worked last, when it failed last and why.
//!
//! ```text
//! traffic.worked(&way, 3, now)        three files; 0 for a look that found nothing, which shows that the wire works
//! traffic.failed(&way, &text, now)    kept until the next failure, so that a fault of the night is seen in the morning
//! ```
//!
//! In memory, like the troubles: it is asked while the ledger may not answer, and what must be proved stands in the ledger.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which way through which endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Way {
    /// Whose.
    pub partner: String,
    /// By which endpoint.
    pub endpoint: String,
    /// `in` or `out`.
    pub direction: String,
}

impl Way {
    /// From a partner.
    pub fn from(partner: &str, endpoint: &str) -> Way {
        Way { partner: partner.to_owned(), endpoint: endpoint.to_owned(), direction: "in".to_owned() }
    }

    /// To a partner.
    pub fn to(partner: &str, endpoint: &str) -> Way {
        Way { direction: "out".to_owned(), ..Way::from(partner, endpoint) }
    }
}

/// What went that way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Files that were taken or left.
    pub files: u64,
    /// When it worked last, also with nothing to do.
    #[schemars(with = "Option<String>")]
    pub worked: Option<Timestamp>,
    /// When it failed last.
    #[schemars(with = "Option<String>")]
    pub failed: Option<Timestamp>,
    /// Why.
    pub why: Option<String>,
}

/// One way with its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Which way.
    #[serde(flatten)]
    pub way: Way,
    /// What went that way.
    #[serde(flatten)]
    pub counts: Counts,
}

/// All ways.
#[derive(Debug, Default)]
pub struct Traffic {
    ways: Mutex<BTreeMap<Way, Counts>>,
}

impl Traffic {
    /// So many files went that way; none shows that it works.
    pub fn worked(&self, way: &Way, files: usize, now: Timestamp) {
        let mut ways = self.ways();
        let counts = entry(&mut ways, way);
        counts.files += files as u64;
        counts.worked = Some(now);
    }

    /// Something that was tried that way failed.
    pub fn failed(&self, way: &Way, why: &str, now: Timestamp) {
        let mut ways = self.ways();
        let counts = entry(&mut ways, way);
        (counts.failed, counts.why) = (Some(now), Some(why.to_owned()));
    }

    /// Everything that went somewhere, by partner and endpoint.
    pub fn rows(&self) -> Vec<Row> {
        self.ways().iter().map(|(way, counts)| Row { way: way.clone(), counts: counts.clone() }).collect()
    }

    fn ways(&self) -> MutexGuard<'_, BTreeMap<Way, Counts>> {
        // Counts are counted by whole assignments.
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn entry<'w>(ways: &'w mut BTreeMap<Way, Counts>, way: &Way) -> &'w mut Counts {
    ways.entry(way.clone()).or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_kept_when_it_works_again() {
        let traffic = Traffic::default();
        let (way, at) = (Way::from("megamart", "mailbox"), |second| Timestamp::from_second(second).unwrap());
        traffic.worked(&way, 2, at(1));
        traffic.failed(&way, "it does not answer", at(2));
        traffic.worked(&way, 0, at(3));
        traffic.worked(&Way::to("megamart", "mailbox"), 1, at(4));
        let counts = traffic.rows()[0].counts.clone();
        assert_eq!((counts.files, counts.worked, counts.failed), (2, Some(at(3)), Some(at(2))));
        assert_eq!(counts.why.as_deref(), Some("it does not answer"));
        assert_eq!(traffic.rows().len(), 2);
    }
}
