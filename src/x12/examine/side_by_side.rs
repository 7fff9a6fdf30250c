//! A large file examined by several threads: one reads, the others check.
//!
//! ```text
//! this thread   bytes -> sets, a batch at a time         reports, in the order of the file
//! workers                                     set -> report, and what the caller makes of it
//! ```
//!
//! Batches go round the workers in turn and come back in turn, so that order needs no bookkeeping. What closes a group waits
//! until all of its sets are back.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, Scope};

use super::envelopes::{Judgment, Progress, Waiting};
use super::judge;
use super::{ExaminedSet, Keep, Report, step};
use crate::x12::envelope::{GroupHeader, InterchangeHeader};
use crate::x12::reader::{Part, Reader};

/// Bytes of sets that go to a worker together.
const TOGETHER: usize = 128 << 10;
/// Batches that wait for one worker.
const AHEAD: usize = 2;

type Headers = Arc<(InterchangeHeader, GroupHeader)>;

/// Sets of one group.
struct Batch {
    headers: Headers,
    sets: Vec<Waiting>,
}

/// A worker as this thread sees it.
struct Worker<T> {
    to: SyncSender<Batch>,
    from: Receiver<Vec<(Judgment, T)>>,
}

/// Examines a file as [`examine`](super::examine) does, with so many threads beside this one. `work` sees each set on one of
/// them; what it makes of it reaches `done` in the order of the file.
pub fn examine_side_by_side<T: Send>(
    source: impl io::Read,
    file: Option<&str>,
    keep: Keep,
    threads: usize,
    work: &(dyn Fn(ExaminedSet<'_>) -> T + Sync),
    done: &mut dyn FnMut(T),
) -> io::Result<Report> {
    let mut reader = Reader::new(source);
    let mut progress = Progress::new(file, keep);
    thread::scope(|scope| {
        let mut pool = Pool { scope, file, work, threads: threads.max(1), workers: Vec::new(), next: 0, out: 0 };
        let (mut batch, mut size) = (Vec::new(), 0);
        while let Some(part) = reader.next()? {
            let text = match part {
                Part::Set(text) => text,
                part => {
                    pool.finish(&mut progress, std::mem::take(&mut batch), done);
                    size = 0;
                    step(&mut progress, part);
                    continue;
                }
            };
            size += text.bytes().len();
            batch.extend(progress.take(text));
            if size >= TOGETHER {
                pool.make_room(&mut progress, done);
                pool.give(&progress, std::mem::take(&mut batch));
                size = 0;
            }
        }
        Ok(())
    })
    .map(|()| progress.report)
}

struct Pool<'scope, 'env, T> {
    scope: &'scope Scope<'scope, 'env>,
    file: Option<&'env str>,
    work: &'env (dyn Fn(ExaminedSet<'_>) -> T + Sync),
    threads: usize,
    workers: Vec<Worker<T>>,
    /// Batches that were given out, and that came back.
    next: usize,
    out: usize,
}

impl<'scope, 'env: 'scope, T: Send + 'env> Pool<'scope, 'env, T> {
    /// Gives a batch to the next worker, which is made when it is the first time.
    fn give(&mut self, progress: &Progress, sets: Vec<Waiting>) {
        let Some((interchange, group)) = progress.open().filter(|_| !sets.is_empty()) else { return };
        let headers = Arc::new((interchange.clone(), group.clone()));
        let at = self.next % self.threads;
        if at == self.workers.len() {
            self.workers.push(self.worker());
        }
        // A worker ends when nobody sends to it any more, and not before.
        let _ = self.workers[at].to.send(Batch { headers, sets });
        self.next += 1;
    }

    fn worker(&self) -> Worker<T> {
        let (to, batches) = sync_channel::<Batch>(AHEAD);
        let (results, from) = sync_channel(AHEAD + 1);
        let (file, work) = (self.file, self.work);
        self.scope.spawn(move || {
            for Batch { headers, sets } in batches {
                let (interchange, group) = &*headers;
                let judged = sets.into_iter().map(|set| set.judged(file, interchange, group, &judge::by_guides, work));
                if results.send(judged.collect()).is_err() {
                    break;
                }
            }
        });
        Worker { to, from }
    }

    /// Waits for the oldest batches while the workers have as many as they should.
    fn make_room(&mut self, progress: &mut Progress, done: &mut dyn FnMut(T)) {
        while self.next - self.out >= AHEAD * self.threads {
            self.one_back(progress, done);
        }
    }

    /// Waits for everything, and does the last sets of a group itself: less than a batch is not worth another thread.
    fn finish(&mut self, progress: &mut Progress, sets: Vec<Waiting>, done: &mut dyn FnMut(T)) {
        while self.next > self.out {
            self.one_back(progress, done);
        }
        for set in sets {
            let Some((interchange, group)) = progress.open() else { return };
            let (judgment, made) = set.judged(self.file, interchange, group, &judge::by_guides, self.work);
            progress.settle(judgment);
            done(made);
        }
    }

    fn one_back(&mut self, progress: &mut Progress, done: &mut dyn FnMut(T)) {
        let worker = &self.workers[self.out % self.threads];
        self.out += 1;
        // A worker that panicked gives nothing back; the scope passes its panic on.
        for (judgment, made) in worker.from.recv().into_iter().flatten() {
            progress.settle(judgment);
            done(made);
        }
    }
}
