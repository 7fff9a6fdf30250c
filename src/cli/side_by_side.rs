//! A large file examined by all processors: each thread reads what comes next, judges it, and reads on.
//!
//! ```text
//! one   read 1 | judge 1 ......... | read 3 | judge 3 ...
//! two            read 2 | judge 2 ......... | settle 1, 2 | read 4 | ...
//! ```
//!
//! Reading, settling and what the caller does with the results are under one lock; they are a fraction of the work, and nothing is
//! handed from thread to thread but what was found. Batches are settled in the order of the file. A file that is less than a batch
//! is not worth another thread.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};

use crate::x12::envelope::InterchangeHeader;
use crate::x12::examine::{ExaminedSet, Examining, JudgedBatch, Keep, Report, Step};
use crate::x12::guide::Library;

/// Bytes of sets that are judged together.
const TOGETHER: usize = 128 << 10;
/// Batches of one thread that are not settled.
const AHEAD: usize = 4;

/// Says on any thread which guides an interchange is checked by.
pub type SharedGuides<'f, 'l> = &'f (dyn Fn(&InterchangeHeader) -> &'l Library + Sync);

/// Examines a file with so many threads, this one among them, and keeps no report of clean sets. `work` sees each set on one of them;
/// what it makes of it reaches `done` in the order of the file.
pub fn examine<T: Send>(
    source: impl io::Read + Send,
    file: &str,
    threads: usize,
    guides: SharedGuides<'_, '_>,
    work: &(dyn Fn(ExaminedSet<'_>) -> T + Sync),
    done: &mut (dyn FnMut(T) + Send),
) -> io::Result<Report> {
    let table = Table {
        examining: Examining::new(source, Some(file), Keep::Faulty, TOGETHER),
        judged: VecDeque::new(),
        settled: 0,
        most: AHEAD * threads,
        ended: None,
        done,
    };
    let crew = Crew { table: Mutex::new(table), changed: Condvar::new(), guides, work };
    thread::scope(|scope| crew.share(Some((scope, threads))));
    let table = crew.table.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A thread that panicked ended it for all, and the scope passed its panic on.
    table.ended.unwrap_or(Ok(())).map(|()| table.examining.report())
}

/// What only one thread at a time may touch.
struct Table<'d, R, T> {
    examining: Examining<R>,
    /// Batches that were given out and are not settled, from the oldest; `None` while one is judged.
    judged: VecDeque<Option<JudgedBatch<T>>>,
    /// How many were settled before them.
    settled: usize,
    most: usize,
    /// Set when there is nothing left to read.
    ended: Option<io::Result<()>>,
    done: &'d mut (dyn FnMut(T) + Send),
}

impl<R: io::Read, T> Table<'_, R, T> {
    /// Settles what is judged, up to the first batch that is not.
    fn settle(&mut self) {
        while let Some(Some(_)) = self.judged.front() {
            let judged = self.judged.pop_front().flatten().unwrap_or_default();
            self.settled += 1;
            self.examining.settle(judged).into_iter().for_each(&mut *self.done);
        }
    }
}

struct Crew<'c, 'l, R, T> {
    table: Mutex<Table<'c, R, T>>,
    /// A batch was judged, or it is over.
    changed: Condvar,
    guides: SharedGuides<'c, 'l>,
    work: &'c (dyn Fn(ExaminedSet<'_>) -> T + Sync),
}

impl<'c, R: io::Read + Send, T: Send> Crew<'c, '_, R, T> {
    /// One thread's share of the work. The first one calls the others when it sees that there is more than one batch.
    fn share<'scope>(&'scope self, mut others: Option<(&'scope Scope<'scope, '_>, usize)>) {
        let _whatever_happens = Farewell(self);
        let mut table = self.lock();
        while table.ended.is_none() {
            table.settle();
            if table.judged.len() >= table.most {
                table = self.wait(table);
                continue;
            }
            match table.examining.next() {
                Ok(Step::Batch(batch)) => {
                    let number = table.settled + table.judged.len();
                    table.judged.push_back(None);
                    drop(table);
                    if number > 0
                        && let Some((scope, threads)) = others.take()
                    {
                        (1..threads).for_each(|_| drop(scope.spawn(|| self.share(None))));
                    }
                    let judged = batch.judged(&|header| (self.guides)(header), self.work);
                    table = self.lock();
                    let at = number - table.settled;
                    table.judged[at] = Some(judged);
                    self.changed.notify_all();
                }
                // What is out is with the others, or came back just now.
                Ok(Step::Settle) if table.judged.front().is_some_and(Option::is_none) => table = self.wait(table),
                Ok(Step::Settle) => {}
                Ok(Step::End) => table.ended = Some(Ok(())),
                Err(error) => table.ended = Some(Err(error)),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table<'c, R, T>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'t>(&self, table: MutexGuard<'t, Table<'c, R, T>>) -> MutexGuard<'t, Table<'c, R, T>> {
        self.changed.wait(table).unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that leaves wakes those that wait; one that panics ends it for all, since its batch will never be judged.
struct Farewell<'s, 'c, 'l, R: io::Read + Send, T: Send>(&'s Crew<'c, 'l, R, T>);

impl<R: io::Read + Send, T: Send> Drop for Farewell<'_, '_, '_, R, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.lock().ended.get_or_insert(Ok(()));
        }
        self.0.changed.notify_all();
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
