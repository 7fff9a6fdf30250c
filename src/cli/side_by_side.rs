//! A large file examined by all processors: one thread reads, the others judge.
//!
//! Batches go round the workers in turn and come back in turn, so that order needs no bookkeeping. A file that is less than a
//! batch is not worth another thread.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

use crate::x12::envelope::InterchangeHeader;
use crate::x12::examine::{Batch, ExaminedSet, Examining, JudgedBatch, Keep, Report, Step};
use crate::x12::guide::Library;

/// Bytes of sets that go to a worker together.
const TOGETHER: usize = 128 << 10;
/// Batches that wait for one worker.
const AHEAD: usize = 2;

/// Says on any thread which guides an interchange is checked by.
pub type SharedGuides<'f, 'l> = &'f (dyn Fn(&InterchangeHeader) -> &'l Library + Sync);

/// Examines a file with so many threads beside this one, and keeps no report of clean sets. `work` sees each set on one of them; what
/// it makes of it reaches `done` in the order of the file.
pub fn examine<T: Send>(
    source: impl io::Read,
    file: &str,
    threads: usize,
    guides: SharedGuides<'_, '_>,
    work: &(dyn Fn(ExaminedSet<'_>) -> T + Sync),
    done: &mut dyn FnMut(T),
) -> io::Result<Report> {
    let mut examining = Examining::new(source, Some(file), Keep::Faulty, TOGETHER);
    thread::scope(|scope| {
        let mut crew = Crew { scope, guides, work, workers: Vec::new(), given: 0, back: 0 };
        let mut held: Option<Batch> = None;
        loop {
            let step = examining.next()?;
            match (step, held.take()) {
                // Whether a file has more than one batch is known when the second one is there.
                (Step::Batch(batch), None) if crew.workers.is_empty() => held = Some(batch),
                (Step::Batch(batch), before) => {
                    for batch in before.into_iter().chain([batch]) {
                        if crew.given - crew.back >= AHEAD * threads {
                            examining.settle(crew.oldest()).into_iter().for_each(&mut *done);
                        }
                        crew.give(batch, threads);
                    }
                }
                (Step::Settle, Some(alone)) => {
                    examining.settle(alone.judged(&|header| guides(header), work)).into_iter().for_each(&mut *done)
                }
                (Step::Settle, None) => examining.settle(crew.oldest()).into_iter().for_each(&mut *done),
                (Step::End, _) => return Ok(()),
            }
        }
    })
    .map(|()| examining.report())
}

/// A worker as this thread sees it.
struct Worker<T> {
    to: SyncSender<Batch>,
    from: Receiver<JudgedBatch<T>>,
}

struct Crew<'scope, 'env, 'l, T> {
    scope: &'scope Scope<'scope, 'env>,
    guides: SharedGuides<'env, 'l>,
    work: &'env (dyn Fn(ExaminedSet<'_>) -> T + Sync),
    workers: Vec<Worker<T>>,
    /// Batches that were given out, and that came back.
    given: usize,
    back: usize,
}

impl<'scope, 'env: 'scope, 'l: 'env, T: Send + 'env> Crew<'scope, 'env, 'l, T> {
    /// Gives a batch to the next worker, which is hired when it is the first time.
    fn give(&mut self, batch: Batch, threads: usize) {
        let at = self.given % threads.max(1);
        if at == self.workers.len() {
            self.workers.push(self.hire());
        }
        // A worker ends when nobody sends to it any more, and not before.
        let _ = self.workers[at].to.send(batch);
        self.given += 1;
    }

    fn hire(&self) -> Worker<T> {
        let (to, batches) = sync_channel::<Batch>(AHEAD);
        let (results, from) = sync_channel(AHEAD + 1);
        let (guides, work) = (self.guides, self.work);
        self.scope.spawn(move || {
            for batch in batches {
                if results.send(batch.judged(&|header| guides(header), work)).is_err() {
                    break;
                }
            }
        });
        Worker { to, from }
    }

    /// Waits for the batch that was given out first.
    fn oldest(&mut self) -> JudgedBatch<T> {
        let worker = &self.workers[self.back % self.workers.len()];
        self.back += 1;
        // A worker that panicked gives nothing back; the scope passes its panic on.
        worker.from.recv().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bench::load;
    use crate::x12::examine;

    #[test]
    fn several_threads_find_what_one_finds_in_the_same_order() {
        let mut bytes = Vec::new();
        for control in 1..=3 {
            load::interchange(&mut bytes, control, 1, 400, 2).unwrap();
        }
        // One order of each interchange lacks two elements, and one group has a wrong count.
        let text = String::from_utf8(bytes).unwrap().replace("*0000000100**", "**").replace("GE*400*2", "GE*399*2");
        let mut alone = Vec::new();
        let report = examine::examine(text.as_bytes(), Some("a.edi"), &Library::standard_for, &mut |set| {
            alone.push(set.report.control_number.clone())
        })
        .unwrap();
        let all: Vec<_> = report.all_diagnostics().cloned().collect();
        assert_eq!(all.len(), 7, "{all:?}");
        for threads in [1, 2, 5] {
            let mut made = Vec::new();
            let together = examine(
                text.as_bytes(),
                "a.edi",
                threads,
                &Library::standard_for,
                &|set| set.report.control_number.clone(),
                &mut |number| {
                    made.push(number);
                },
            )
            .unwrap();
            assert_eq!(made, alone);
            assert_eq!(together.all_diagnostics().cloned().collect::<Vec<_>>(), all);
            let counted = |report: &Report| -> Vec<_> {
                let groups = report.interchanges.iter().flat_map(|one| &one.groups);
                groups.map(|group| (group.sets.len() + group.clean as usize, group.verdict)).collect()
            };
            assert_eq!(counted(&together), counted(&report));
        }
    }
}
