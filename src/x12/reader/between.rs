//! What stands before, between and behind interchanges: blanks, filling bytes, a byte order mark; else an ISA or nothing.

use std::io;

use super::foreign::not_an_interchange;
use super::{Reader, byte_place};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::x12;
use crate::x12::delimiters::{ISA_WINDOW, IsaFault, learn};
use crate::x12::header::{isa_place, quote};
use crate::x12::segment::is_blank;

impl<R: io::Read> Reader<R> {
    /// Between interchanges: blanks, then an ISA or nothing.
    pub(super) fn read_header(&mut self) -> io::Result<()> {
        let begins_with_mark = self.window.offset() == 0 && self.window.look_ahead(3)?.starts_with(b"\xef\xbb\xbf");
        if begins_with_mark {
            self.window.take(3);
        }
        self.skip(is_blank)?;
        if self.interchanges > 0 {
            self.skip_filler()?;
        }
        let offset = self.window.offset();
        let bytes = self.window.look_ahead(ISA_WINDOW)?;
        if bytes.is_empty() {
            if self.interchanges == 0 {
                let fault = Diagnostic::new(&x12::EMPTY_FILE, format!("no data in {offset} bytes"));
                self.problem(fault.expected("an ISA segment").at(byte_place(offset)));
            }
            self.finished = true;
            return Ok(());
        }
        match learn(bytes) {
            Ok(isa) => {
                self.start_interchange(&isa);
                if begins_with_mark {
                    let fault =
                        Diagnostic::new(&x12::BYTE_ORDER_MARK, "the file begins with a byte order mark before its ISA");
                    self.problem(fault.expected("ISA").found("0xEF 0xBB 0xBF").at(isa_place(0, None)));
                }
            }
            Err(IsaFault::Absent) => {
                let fault = not_an_interchange(bytes, offset, self.interchanges);
                self.problem(fault);
                self.finished = true;
            }
            Err(fault) => {
                self.problem(fault.diagnostic(offset));
                self.finished = true;
            }
        }
        Ok(())
    }

    /// Ctrl-Z and NULs come from record-oriented systems that fill their last block.
    fn skip_filler(&mut self) -> io::Result<()> {
        let offset = self.window.offset();
        let Some(&first) = self.window.look_ahead(1)?.first().filter(|&&byte| is_filler(byte)) else { return Ok(()) };
        self.skip(|byte| is_blank(byte) || is_filler(byte))?;
        if !std::mem::replace(&mut self.told.filler, true) {
            let fault = Diagnostic::new(&x12::FILLER, "bytes that mean nothing follow the last IEA");
            self.problem(fault.expected("the end of the file").found(quote(first)).at(byte_place(offset)));
        }
        Ok(())
    }

    fn skip(&mut self, skipped: impl Fn(u8) -> bool) -> io::Result<()> {
        loop {
            let bytes = self.window.look_ahead(1)?;
            let count = bytes.iter().take_while(|&&byte| skipped(byte)).count();
            if count == 0 {
                return Ok(());
            }
            self.window.take(count);
        }
    }
}

/// What fills a last block.
pub(super) fn is_filler(byte: u8) -> bool {
    matches!(byte, 0 | 0x1a)
}
