//! What a group of writes has gathered and posts once, at its end: events, counters, which bytes came back, and which
//! transmissions brought documents.
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
use super::{Error, Id, content, event, number, order_book, wake};

/// What waits for the end of the group.
#[derive(Default)]
pub(super) struct Unposted {
    pub(super) events: Vec<NewEvent>,
    pub(super) counters: BTreeMap<(String, String), Counter>,
    /// Whom to wake; a wake too many does no harm, so work that is undone leaves its own.
    pub(super) wakes: BTreeSet<Wake>,
    kept: Kept,
    /// Transmissions that brought documents, each with the partner who sent it.
    brought: Vec<(Id, String)>,
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
    brought: usize,
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

    /// Notes that a transmission brought a document that is to be joined with others: once for all that it brought.
    pub(super) fn brought_documents(&mut self, transmission: &Id, source: &str) {
        if self.brought.last().is_none_or(|(last, _)| last != transmission) {
            self.brought.push((transmission.clone(), source.to_owned()));
        }
    }

    /// Remembers this moment.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            events: self.events.len(),
            counters: self.counters.clone(),
            kept: self.kept.names.len(),
            brought: self.brought.len(),
        }
    }

    /// Forgets what was gathered since.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.events.truncate(mark.events);
        self.counters = mark.counters;
        self.brought.truncate(mark.brought);
        for name in self.kept.names.drain(mark.kept..) {
            self.kept.known.remove(&name);
        }
    }

    /// Writes everything; the group commits next.
    pub(super) fn post(&mut self, session: &mut Session) -> Result<(), Error> {
        number::post(session, &self.counters)?;
        content::post(session, &self.kept.names)?;
        order_book::post(session, &self.brought)?;
        event::post(session, &self.events)?;
        wake::post(session, &self.wakes)
    }
}
