//! What every wire that leaves files for a partner promises, whatever it is made of.
//!
//! In: files with their names, and how they hang together. Out: of each its receipt, or why it was not left and whether
//! time alone can mend that. A file stands under its name whole or not at all, never in place of another, and once: an
//! attempt that was cut off says of itself whether its file bore its name (see [`super::roll`]).
//! Never here: what a file means, and when to try again.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic};

/// A file to be left.
#[derive(Debug, Clone)]
pub struct Leaving<'b> {
    /// Its final name.
    pub name: &'b str,
    /// What tells this attempt from every other one: a delivery's id and the number of the attempt. An attempt that is made
    /// again after a crash has the same one, and never has another.
    pub key: &'b str,
    /// What it holds.
    pub bytes: &'b [u8],
}

/// How a batch of files is left.
#[derive(Clone, Copy)]
pub struct Manner<'m> {
    /// How many are worked on at the same time.
    pub at_once: usize,
    /// How they hang together.
    pub order: Order,
    /// Asked before anything is written, and again when nothing has its name yet: false when the work is another node's by now.
    pub still_ours: &'m (dyn Fn() -> bool + Sync),
}

/// How the files of one batch hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each for itself.
    Free,
    /// One after the other: behind one that fails, none is left.
    Kept,
}

/// Why a file was not left.
#[derive(Debug, Clone, PartialEq)]
pub enum Unsent {
    /// The work is another node's by now, and nothing of it became visible.
    NotOurs,
    /// Whether it was left cannot be told now: the same attempt is made again, under the same key, until it can.
    Unclear(Diagnostic),
    /// The same attempt may succeed later.
    Temporary(Diagnostic),
    /// The same attempt will fail for ever: a person must change something first.
    Permanent(Diagnostic),
}

impl Unsent {
    /// Something that time may mend.
    pub fn temporary(code: Code, why: &impl fmt::Display) -> Unsent {
        Unsent::Temporary(Diagnostic::new(code, why.to_string()))
    }
}

/// What the other side answered, to be kept whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is, for people.
    pub name: String,
    /// The id that its sender gave it.
    pub message_id: Option<String>,
    /// All of it.
    pub bytes: Vec<u8>,
    /// The receipt itself is still to come.
    pub awaits: Option<Awaits>,
}

/// A receipt that comes by itself, later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaits {
    /// The message that it will be about.
    pub message_id: String,
    /// The digests of which it must return one.
    pub digests: String,
    /// Within which time it must come.
    pub within: Duration,
}

/// Where files are left for one partner by one endpoint. It lives as long as the endpoint's configuration.
pub trait Outlet: Send + Sync {
    /// Leaves files, and says of each what became of it, in their order: its receipt, or why it was not left.
    ///
    /// The caller makes the receipts durable and then says so by [`Outlet::forget`]. With [`Order::Kept`] the answer ends with
    /// the first failure: those behind it were not tried.
    fn leave(&self, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<String, Unsent>>;

    /// What the other side answered to an attempt, once: whoever records the attempt keeps it.
    fn evidence(&self, _key: &str) -> Option<Evidence> {
        None
    }

    /// Drops all that attempts left besides their files: what became of them is on record. What cannot be dropped now stays and
    /// does no harm: readers ignore it, and no attempt has the same key again.
    fn forget(&self, keys: &[&str]);

    /// The attempts of which something besides their files is left, from whatever life; `None` when that cannot be told now.
    fn remembered(&self) -> Option<Vec<String>>;

    /// Another node may have been at work here: what was remembered is looked up anew.
    fn look_again(&self);

    /// Gives back what is only kept for the sake of speed and was not used for a while.
    fn rest(&self) {}

    /// True while the other side has asked to be left alone: nothing is attempted then, and nothing is a failure.
    fn waits(&self) -> bool {
        false
    }

    /// Proves that files are taken; the fault otherwise.
    fn accepts(&self) -> Result<(), Diagnostic>;
}

/// Sends files one by one, as many at the same time as may be; `goes_on` is asked before each.
pub(super) fn each(
    files: &[Leaving<'_>],
    manner: Manner<'_>,
    goes_on: impl Fn() -> bool + Sync,
    send: impl Fn(&Leaving<'_>) -> Result<String, Unsent> + Sync,
) -> Vec<Result<String, Unsent>> {
    let Manner { at_once, order, still_ours } = manner;
    let next = AtomicUsize::new(0);
    let outcomes: Vec<OnceLock<Result<String, Unsent>>> = files.iter().map(|_| OnceLock::new()).collect();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(file), Some(outcome)) = (files.get(index), outcomes.get(index)) else { return };
            if !still_ours() || !goes_on() {
                return;
            }
            let sent = send(file);
            let is_end = sent.is_err() && order == Order::Kept;
            let _ = outcome.set(sent);
            if is_end {
                return;
            }
        }
    };
    let workers = match order {
        Order::Kept => 1,
        Order::Free => at_once.min(files.len()),
    };
    if workers < 2 {
        work();
    } else {
        thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    }
    // What nobody came to is nobody's failure.
    outcomes.into_iter().map(|outcome| outcome.into_inner().unwrap_or(Err(Unsent::NotOurs))).collect()
}

/// The outcomes up to the first failure where the order is kept, else all.
pub(super) fn cut<T, E>(outcomes: impl Iterator<Item = Result<T, E>>, order: Order) -> Vec<Result<T, E>> {
    let mut kept = Vec::new();
    for outcome in outcomes {
        let is_end = outcome.is_err() && order == Order::Kept;
        kept.push(outcome);
        if is_end {
            break;
        }
    }
    kept
}

/// True for a name that a file may be left under: it has no way out of its folder, and readers do not ignore it.
pub(super) fn is_usable(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}
