//! A window that slides over a source: the bytes not yet taken, and where in the file they stand.

use std::io;

/// Bytes asked of the source at once.
const CHUNK: usize = 64 << 10;

/// Holds what was read and not yet taken; it grows only as far as its user looks ahead.
#[derive(Debug)]
pub(super) struct Window<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    offset: u64,
    ended: bool,
}

impl<R: io::Read> Window<R> {
    pub fn new(source: R) -> Self {
        Window { source, buffer: Vec::new(), start: 0, filled: 0, offset: 0, ended: false }
    }

    /// The bytes at hand.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// Offset in the file of the first of them.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// True when the source has given all it has.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Drops bytes that were dealt with.
    pub fn take(&mut self, count: usize) {
        self.start += count;
        self.offset += count as u64;
    }

    /// Reads until that many bytes are at hand or the source ends.
    pub fn look_ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.filled - self.start < count && !self.ended {
            self.read_more()?;
        }
        Ok(self.bytes())
    }

    /// Reads once.
    pub fn read_more(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.filled < CHUNK {
            self.buffer.resize(self.filled + CHUNK, 0);
        }
        loop {
            match self.source.read(&mut self.buffer[self.filled..]) {
                Ok(count) => {
                    self.filled += count;
                    self.ended = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
