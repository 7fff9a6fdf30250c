//! A file examined step by step, so that its sets can be judged side by side: whoever drives it has the threads.
//!
//! ```text
//! next()     -> Batch       sets whose envelopes are read; batch.judged(…) needs nothing but the batch
//!            -> Settle      the group ends here: all batches that were given out must come back first
//!            -> End
//! settle(…)                 takes what became of a batch back, in the order in which they were given out
//! ```

use std::io;
use std::sync::Arc;

use super::envelopes::{Judgment, Progress, Waiting};
use super::judge::{self, Judges};
use super::{ExaminedSet, Keep, Report, step};
use crate::x12::envelope::{GroupHeader, InterchangeHeader};
use crate::x12::guide::GuidesFor;
use crate::x12::reader::{Part, Reader};

/// A file being examined.
pub struct Examining<R> {
    reader: Reader<R>,
    progress: Progress,
    /// Bytes of sets that are given out together.
    together: usize,
    /// What stands behind the sets that were given out.
    behind: Option<Part>,
    /// How many batches are given out.
    out: usize,
    /// What the sets that come next stand in.
    around: Option<Arc<Around>>,
}

/// The envelopes around a batch.
struct Around {
    file: Option<String>,
    interchange: InterchangeHeader,
    group: GroupHeader,
}

/// What is to be done next.
pub enum Step {
    /// Judge these sets, now or later.
    Batch(Batch),
    /// Give back every batch, then go on.
    Settle,
    /// Nothing: the file is read, and every batch is back.
    End,
}

/// Sets of one group.
pub struct Batch {
    around: Arc<Around>,
    sets: Vec<Waiting>,
}

/// What became of a batch, and what the caller made of each set.
pub struct JudgedBatch<T> {
    judgments: Vec<Judgment>,
    /// In the order of the sets.
    pub made: Vec<T>,
}

impl<T> Default for JudgedBatch<T> {
    fn default() -> Self {
        JudgedBatch { judgments: Vec::new(), made: Vec::new() }
    }
}

impl Batch {
    /// Judges its sets by the guides of their sender; `work` sees each.
    pub fn judged<T>(self, guides: GuidesFor<'_, '_>, work: impl FnMut(ExaminedSet<'_>) -> T) -> JudgedBatch<T> {
        let library = guides(&self.around.interchange);
        self.judged_by(&|text, set, version| judge::by_library(text, library, set, version), work)
    }

    pub(super) fn judged_by<T>(self, judges: Judges<'_>, mut work: impl FnMut(ExaminedSet<'_>) -> T) -> JudgedBatch<T> {
        let Batch { around, sets } = self;
        let Around { file, interchange, group } = &*around;
        let judged = sets.into_iter().map(|set| set.judged(file.as_deref(), interchange, group, judges, &mut work));
        let (judgments, made) = judged.unzip();
        JudgedBatch { judgments, made }
    }
}

impl<R: io::Read> Examining<R> {
    /// At the start of a file; `together` is how many bytes of sets a batch has, more or less. With 0 each is given out alone.
    pub fn new(source: R, file: Option<&str>, keep: Keep, together: usize) -> Self {
        let (reader, progress) = (Reader::new(source), Progress::new(file, keep));
        Examining { reader, progress, together, behind: None, out: 0, around: None }
    }

    /// The next step. An `Err` is a fault of the source, never of the file.
    // Not an Iterator, for the reason that the reader is none.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> io::Result<Step> {
        if self.behind.is_some() && self.out > 0 {
            return Ok(Step::Settle);
        }
        if let Some(behind) = self.behind.take() {
            self.step(behind);
        }
        let (mut sets, mut size) = (Vec::new(), 0);
        while let Some(part) = self.reader.next()? {
            match part {
                Part::Set(text) => {
                    size += text.bytes().len();
                    sets.extend(self.progress.take(text));
                    if size >= self.together && !sets.is_empty() {
                        return Ok(self.give(sets));
                    }
                }
                part if sets.is_empty() && self.out == 0 => self.step(part),
                part => {
                    self.behind = Some(part);
                    return Ok(if sets.is_empty() { Step::Settle } else { self.give(sets) });
                }
            }
        }
        // A file ends with the end of an interchange, so that no set is left here.
        Ok(if self.out > 0 { Step::Settle } else { Step::End })
    }

    fn step(&mut self, part: Part) {
        self.around = None;
        step(&mut self.progress, part);
    }

    fn give(&mut self, sets: Vec<Waiting>) -> Step {
        let around = self.around.take().or_else(|| {
            let (interchange, group) = self.progress.open()?;
            let (interchange, group) = (interchange.clone(), group.clone());
            Some(Arc::new(Around { file: self.progress.file().map(str::to_owned), interchange, group }))
        });
        // Sets were taken, so that their group is open.
        let Some(around) = around else { return Step::End };
        self.around = Some(Arc::clone(&around));
        self.out += 1;
        Step::Batch(Batch { around, sets })
    }

    /// Takes a batch back; returns what was made of its sets.
    pub fn settle<T>(&mut self, judged: JudgedBatch<T>) -> Vec<T> {
        self.out -= 1;
        judged.judgments.into_iter().for_each(|judgment| self.progress.settle(judgment));
        judged.made
    }

    /// Everything that was found.
    pub fn report(self) -> Report {
        self.progress.report
    }
}
