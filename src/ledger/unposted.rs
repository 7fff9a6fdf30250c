//! What a group of writes has gathered and posts once, at its end: events and counters.
//!
//! ```text
//! 200 files, 900 events of 3 partners   ->   3 heads read and written, 900 events chained, counters written once
//! ```
//!
//! The head of a partner's chain and a counter are rows that every writer needs. Taken at the end, in one order, they
//! are held for an instant, two nodes never hold them crosswise, and a group of a thousand events costs what one does.
//! Work that is undone takes back what it gathered: a number that nobody has seen is given to the next.

use std::collections::{BTreeMap, BTreeSet};

use super::engine::Session;
use super::event::NewEvent;
use super::wake::Wake;
use super::{Error, event, number, wake};

/// What waits for the end of the group.
#[derive(Default)]
pub(super) struct Unposted {
    pub(super) events: Vec<NewEvent>,
    pub(super) counters: BTreeMap<(String, String), Counter>,
    /// Whom to wake; a wake too many does no harm, so work that is undone leaves its own.
    pub(super) wakes: BTreeSet<Wake>,
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
}

impl Unposted {
    /// Remembers this moment.
    pub(super) fn mark(&self) -> Mark {
        Mark { events: self.events.len(), counters: self.counters.clone() }
    }

    /// Forgets what was gathered since.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.events.truncate(mark.events);
        self.counters = mark.counters;
    }

    /// Writes everything; the group commits next.
    pub(super) fn post(&mut self, session: &mut Session) -> Result<(), Error> {
        number::post(session, &self.counters)?;
        event::post(session, &self.events)?;
        wake::post(session, &self.wakes)
    }
}
