//! A window that slides over a source: the bytes not yet taken, where in the file they stand, and where their separators are.

use std::io;
use std::ops::Range;

use crate::x12::delimiters::Delimiters;
use crate::x12::scan::{Marks, scan};
use crate::x12::segment::Run;

/// Bytes asked of the source at once.
const CHUNK: usize = 128 << 10;
/// Bytes scanned for separators at once.
const BLOCK: usize = 8 << 10;
/// The same where delimiters have just changed: in a file where they change in every interchange, the rest is scanned in vain.
const FIRST_BLOCK: usize = 256;

/// Holds what was read and not yet taken; it grows only as far as its user looks ahead.
#[derive(Debug)]
pub(super) struct Window<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    offset: u64,
    ended: bool,
    delimiters: Delimiters,
    /// Positions in the buffer, known up to `scanned`.
    marks: Marks,
    scanned: usize,
    /// Bytes to scan next.
    block: usize,
    /// The first mark of each kind that was not passed.
    next: usize,
    next_odd: usize,
}

/// How the next segment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With its terminator, after so many bytes.
    Found(usize),
    /// With the source, which has so many bytes left.
    OfSource(usize),
    /// Not within the limit.
    TooFar,
}

impl<R: io::Read> Window<R> {
    pub fn new(source: R) -> Self {
        Window {
            source,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            offset: 0,
            ended: false,
            delimiters: Delimiters::default(),
            marks: Marks::default(),
            scanned: 0,
            block: FIRST_BLOCK,
            next: 0,
            next_odd: 0,
        }
    }

    /// The bytes at hand.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// Offset in the file of the first of them.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Drops bytes that were dealt with.
    pub fn take(&mut self, count: usize) {
        self.start += count;
        self.offset += count as u64;
        let passed = |marks: &[u32], next: &mut usize| {
            while marks.get(*next).is_some_and(|&mark| (mark as usize) < self.start) {
                *next += 1;
            }
        };
        passed(&self.marks.separators, &mut self.next);
        passed(&self.marks.odd, &mut self.next_odd);
    }

    /// From here on the bytes have these delimiters.
    pub fn expect(&mut self, delimiters: Delimiters) {
        if self.delimiters != delimiters {
            self.delimiters = delimiters;
            self.marks.clear();
            self.block = FIRST_BLOCK;
            (self.scanned, self.next, self.next_odd) = (self.start, 0, 0);
        }
    }

    /// Reads until that many bytes are at hand or the source ends.
    pub fn look_ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.filled - self.start < count && !self.ended {
            self.read_more()?;
        }
        Ok(self.bytes())
    }

    /// The bytes at hand that were scanned already, with their marks.
    pub fn run(&mut self) -> Run<'_> {
        if self.next == self.marks.separators.len() {
            self.scan_block();
        }
        let (separators, odd) = (&self.marks.separators[self.next..], &self.marks.odd[self.next_odd..]);
        Run { buffer: &self.buffer, from: self.start, separators, odd }
    }

    /// Looks for the first terminator after some bytes.
    pub fn segment_end(&mut self, after: usize, limit: usize) -> io::Result<End> {
        let mut seen = 0;
        loop {
            let ahead = &self.marks.separators[self.next + seen..];
            let ends = |&&mark: &&u32| {
                mark as usize >= self.start + after && self.buffer[mark as usize] == self.delimiters.terminator
            };
            if let Some(mark) = ahead.iter().find(ends) {
                return Ok(End::Found(*mark as usize + 1 - self.start));
            }
            seen += ahead.len();
            if self.scan_block() {
                continue;
            }
            let held = self.filled - self.start;
            if held > limit {
                return Ok(End::TooFar);
            }
            if self.ended {
                return Ok(End::OfSource(held));
            }
            self.read_more()?;
        }
    }

    /// Positions of the element separators in a range of the bytes at hand that holds no terminator. True beside them
    /// when all bytes of the range are plain.
    pub fn marks(&self, range: Range<usize>) -> (impl Iterator<Item = usize>, bool) {
        let within = self.start + range.start..self.start + range.end;
        let is_before = |mark: &u32| (*mark as usize) < within.end;
        let odd = self.marks.odd[self.next_odd..].iter().take_while(|&mark| is_before(mark));
        let is_plain = odd.clone().all(|&mark| (mark as usize) < within.start) && within.end <= self.scanned;
        let start = self.start;
        let separators =
            self.marks.separators[self.next..].iter().skip_while(move |&&mark| (mark as usize) < within.start);
        (
            separators.take_while(move |&&mark| (mark as usize) < within.end).map(move |&mark| mark as usize - start),
            is_plain,
        )
    }

    /// Scans another block of what was read; false when all of it was.
    fn scan_block(&mut self) -> bool {
        let from = self.scanned.max(self.start);
        let to = self.filled.min(from + self.block);
        if from >= to {
            return false;
        }
        // Positions fit: the buffer holds a segment and a chunk at most.
        scan(&self.buffer[from..to], self.delimiters, from as u32, &mut self.marks);
        self.scanned = to;
        self.block = BLOCK.min(2 * self.block);
        true
    }

    /// Reads a chunk, or what is left.
    fn read_more(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.move_to_front();
        }
        let wanted = self.filled + CHUNK;
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        // A source that gives a few bytes at a time is read until there is something to work on.
        while self.filled < wanted && !self.ended {
            match self.source.read(&mut self.buffer[self.filled..wanted]) {
                Ok(count) => {
                    self.filled += count;
                    self.ended = count == 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Makes room behind the bytes at hand.
    fn move_to_front(&mut self) {
        self.buffer.copy_within(self.start..self.filled, 0);
        let start = self.start as u32;
        for (marks, next) in [(&mut self.marks.separators, &mut self.next), (&mut self.marks.odd, &mut self.next_odd)] {
            marks.drain(..*next);
            marks.iter_mut().for_each(|mark| *mark -= start);
            *next = 0;
        }
        self.filled -= self.start;
        self.scanned = self.scanned.max(self.start) - self.start;
        self.start = 0;
    }
}
