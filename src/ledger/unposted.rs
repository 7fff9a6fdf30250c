//! What a group of writes has gathered and posts once, at its end: events, counters, and which bytes came back.
//!
//! ```text
//! 200 files, 900 events of 3 partners   ->   3 heads read and written, 900 events chained, counters written once
//! ```
//!
//! The head of a partner's chain and a counter are rows that every writer needs. Taken at the end, in one order, they
//! are held for an instant, two nodes never hold them crosswise, and a group of a thousand events costs what one does.
//! Work that is undone takes back what it gathered: a number that nobody has seen is given to the next.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::engine::Session;
use super::event::NewEvent;
use super::wake::Wake;
use super::{Error, content, event, number, wake};

/// What waits for the end of the group.
#[derive(Default)]
pub(super) struct Unposted {
    pub(super) events: Vec<NewEvent>,
    pub(super) counters: BTreeMap<(String, String), Counter>,
    /// Whom to wake; a wake too many does no harm, so work that is undone leaves its own.
    pub(super) wakes: BTreeSet<Wake>,
    kept: Kept,
}

/// The names of bytes that were kept in rows, in their order.
#[derive(Default)]
struct Kept {
    names: Vec<String>,
    known: HashSet<String>,
}

/// A counter whose row this transaction holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counter {
    /// The last number that was given; 0 before the first one.
    pub(super) last: i64,
}

/// What was gathered at some moment.
#[derive(Default)]
pub(super) struct Mark {
    events: usize,
    counters: BTreeMap<(String, String), Counter>,
    kept: usize,
}

impl Mark {
    /// How many events there were.
    pub(super) fn events(&self) -> usize {
        self.events
    }
}

impl Unposted {
    /// Notes that bytes are kept; false when they are since before.
    pub(super) fn keep(&mut self, sha256: &str) -> bool {
        let is_new = self.kept.known.insert(sha256.to_owned());
        if is_new {
            self.kept.names.push(sha256.to_owned());
        }
        is_new
    }

    /// Remembers this moment.
    pub(super) fn mark(&self) -> Mark {
        Mark { events: self.events.len(), counters: self.counters.clone(), kept: self.kept.names.len() }
    }

    /// Forgets what was gathered since.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.events.truncate(mark.events);
        self.counters = mark.counters;
        for name in self.kept.names.drain(mark.kept..) {
            self.kept.known.remove(&name);
        }
    }

    /// Writes everything; the group commits next.
    pub(super) fn post(&mut self, session: &mut Session) -> Result<(), Error> {
        number::post(session, &self.counters)?;
        content::post(session, &self.kept.names)?;
        event::post(session, &self.events)?;
        wake::post(session, &self.wakes)
    }
}
