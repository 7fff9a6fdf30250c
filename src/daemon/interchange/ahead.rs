//! A large file is recorded while it is read, one set after the other, so that it takes no more memory than its list of sets
//! and neither waits for the other.
//!
//! ```text
//! a thread that reads   bytes -> sets -> documents                  a few of them ahead
//! another               documents -> what their targets get         likewise
//! this thread           all of it -> rows                           in one transaction
//! ```
//!
//! That is done in the hope that nothing at the file's end rejects what came before it. A trailer that does so, or a control
//! number that makes a document wanted after all, undoes everything; then it is read once more, with its verdicts known.

use std::collections::HashSet;
use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use super::reading::{self, Found, Interpreted, Yield};
use super::{KnownNumbers, Taking};
use crate::config::duplicates::Policy;
use crate::daemon::intake::{Ended, File};
use crate::daemon::orders::Ready;
use crate::ledger::envelope::Numbers;
use crate::ledger::{self, Transaction};
use crate::x12::envelope::InterchangeHeader;
use crate::x12::examine::SetVerdict;

/// How many sets are handed over together.
const TOGETHER: usize = 32;
/// How many times as many are made ready ahead of those that are being recorded.
const AHEAD: usize = 4;
/// How long a server hears nothing of us at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads a file out of the archive and records it.
pub fn record(tx: &mut Transaction<'_>, file: File<'_>) -> Result<Ended, ledger::Error> {
    let mut interpreted = None;
    let outcome = tx.attempt(|tx| once(tx, file, &mut interpreted, None));
    match (outcome, &interpreted) {
        (Err(ledger::Error::Surprised), Some(verdicts)) => once(tx, file, &mut None, Some(verdicts)),
        (outcome, _) => outcome,
    }
}

/// Sets of one interchange, on their way from thread to thread.
struct Coming<T> {
    header: InterchangeHeader,
    sets: Vec<T>,
}

fn once(
    tx: &mut Transaction<'_>,
    file: File<'_>,
    interpreted: &mut Option<Interpreted>,
    verdicts: Option<&Interpreted>,
) -> Result<Ended, ledger::Error> {
    let source = tx.open_content(&file.transmission.sha256)?;
    let mut numbers = KnownNumbers::of_one_file();
    let mut taking = Taking::of(file, &mut numbers);
    let mut hopes = Hopes { file, verdicts: verdicts.map(accepted), hoped: HashSet::new() };
    let (read, yields) = thread::scope(|scope| {
        let (to, unready) = sync_channel(AHEAD);
        // What was recorded goes back to the thread that made it: to let go of a document takes as long as a statement.
        let (spent, done_with) = channel::<Box<Ready>>();
        let reading = scope.spawn(move || hand_on(file, source, &to, &done_with));
        let (to, from) = sync_channel(AHEAD);
        let readying = scope.spawn(move || make_ready(file, &unready, &to));
        let mut yields = Vec::new();
        let mut current: Option<(InterchangeHeader, bool)> = None;
        let recorded = each(tx, &from, |tx, coming| {
            let goes = match &current {
                Some((header, goes)) if header.offset == coming.header.offset => *goes,
                _ => hopes.begin(tx, &mut taking, &coming.header)?,
            };
            current = Some((coming.header, goes));
            for its in coming.sets {
                let goes = goes && hopes.of_set(yields.len());
                let (left, ready) = taking.ahead(tx, current.as_ref().map(|(header, _)| header), its, goes)?;
                yields.push(left);
                // A reader that has ended leaves it to us.
                ready.into_iter().for_each(|ready| drop(spent.send(ready)));
            }
            // They need not all wait in memory for the end.
            tx.post_events_early()
        });
        // Nobody waits for what is not taken.
        drop(from);
        // Why no more came is the reason to tell, except that the reader stops when nothing is taken any more.
        let ready = readying.join().unwrap_or(Err(ledger::Error::Panicked));
        let read = reading.join().unwrap_or(Err(ledger::Error::Panicked));
        recorded.and(ready).and_then(|()| Ok((read?, yields)))
    })?;
    let ended = taking.file(tx, &read, &mut yields.iter());
    *interpreted = Some(read);
    ended
}

/// Does something with all that comes. A server is told when nothing came for a while: it ends what stands still.
fn each(
    tx: &mut Transaction<'_>,
    from: &Receiver<Coming<Yield>>,
    mut work: impl FnMut(&mut Transaction<'_>, Coming<Yield>) -> Result<(), ledger::Error>,
) -> Result<(), ledger::Error> {
    loop {
        match from.recv_timeout(PATIENCE) {
            Ok(coming) => work(tx, coming)?,
            Err(RecvTimeoutError::Timeout) => tx.goes_on()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Reads a file and hands its sets on; it goes on without doing so when nobody takes them.
fn hand_on(
    file: File<'_>,
    source: impl Read,
    to: &SyncSender<Coming<Found>>,
    done_with: &Receiver<Box<Ready>>,
) -> Result<Interpreted, ledger::Error> {
    let mut coming: Option<Coming<Found>> = None;
    let read = reading::read(file.config, file.transmission, source, &mut |header, found| {
        done_with.try_iter().for_each(drop);
        if coming.as_ref().is_some_and(|here| here.sets.len() == TOGETHER || here.header.offset != header.offset) {
            hand_over(to, coming.take());
        }
        coming.get_or_insert_with(|| Coming { header: header.clone(), sets: Vec::new() }).sets.push(found);
    })?;
    hand_over(to, coming);
    Ok(read)
}

/// Makes ready what was read, until nothing more comes or nobody takes it.
fn make_ready(
    file: File<'_>,
    from: &Receiver<Coming<Found>>,
    to: &SyncSender<Coming<Yield>>,
) -> Result<(), ledger::Error> {
    for Coming { header, sets } in from {
        let sets = sets.into_iter().map(|found| found.ready(file.config, file.now)).collect::<Result<_, _>>()?;
        if to.send(Coming { header, sets }).is_err() {
            break;
        }
    }
    Ok(())
}

fn hand_over<T>(to: &SyncSender<Coming<T>>, coming: Option<Coming<T>>) {
    if let Some(coming) = coming {
        // Whoever takes nothing any more has a reason of its own, which it tells.
        let _ = to.send(coming);
    }
}

/// Which sets are accepted, in the order of the file.
fn accepted(read: &Interpreted) -> Vec<bool> {
    let mut accepted = Vec::new();
    for judged in &read.interchanges {
        let is_taken = judged.refusal.is_none() && judged.partner.is_some() && !judged.as_examined().is_rejected();
        let sets = judged.as_answered().groups.iter().flat_map(|group| &group.sets);
        accepted.extend(sets.map(|set| is_taken && set.verdict != SetVerdict::Rejected));
    }
    accepted
}

/// What is recorded before the end of the file is known.
struct Hopes<'a> {
    file: File<'a>,
    /// Which sets are accepted, when that is known.
    verdicts: Option<Vec<bool>>,
    /// The numbers of the interchanges that were begun.
    hoped: HashSet<Numbers>,
}

impl Hopes<'_> {
    /// Whether the documents of an interchange are recorded as they come.
    fn begin(
        &mut self,
        tx: &mut Transaction<'_>,
        taking: &mut Taking<'_>,
        header: &InterchangeHeader,
    ) -> Result<bool, ledger::Error> {
        let File { config, transmission, .. } = self.file;
        let Some(partner) = reading::partner_of(config, header) else { return Ok(false) };
        if reading::refusal(config, transmission, header).is_some() {
            return Ok(false);
        }
        let is_first = self.hoped.insert(Numbers::of(partner.id.as_str(), header));
        let replaces = taking.policy_for_known_numbers(tx, partner)?.policy == Policy::Replace;
        Ok(replaces || (is_first && taking.known_number(tx, partner, header)?.is_none()))
    }

    /// Whether a set of such an interchange is.
    fn of_set(&self, index: usize) -> bool {
        self.verdicts.as_ref().is_none_or(|accepted| accepted.get(index).copied().unwrap_or(false))
    }
}
