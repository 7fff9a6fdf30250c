//! Bytes as a person reads them: one segment or line below the other, what is wrong marked where it is.
//!
//! A page shows no more of a file than somebody reads; the whole of it is one link away.

use std::io::Read as _;

use super::sheet::Line;
use crate::diagnostic::{Record, Spot};
use crate::ledger::{Error, Id, Transaction};

/// The bytes of a file, or of one document in it.
pub(super) struct Bytes {
    /// Them.
    pub(super) bytes: Vec<u8>,
    /// Where they begin in the file.
    pub(super) begin: u64,
    /// What ends a segment; a line feed where it is no X12.
    terminator: u8,
    /// Whether there is more than is shown.
    pub(super) is_cut: bool,
}

/// What a page shows of a file at most.
const SHOWN: u64 = 24 << 10;
/// How far into a file it is read to come to one document of it.
const READ: u64 = 64 << 20;
/// The terminator stands behind the fixed header.
const TERMINATOR: usize = 105;

/// Reads a file of the archive from one byte to another, as far as a page shows it.
pub(super) fn read(tx: &mut Transaction<'_>, transmission: &Id, span: Option<(u64, u64)>) -> Result<Bytes, Error> {
    let known = tx.transmission(transmission)?;
    let mut source = match tx.open_content(&known.sha256) {
        Ok(source) => source,
        // What retention removed is gone for good; the rest of the page is not.
        Err(Error::Pruned { .. }) => return Ok(Bytes::none()),
        Err(other) => return Err(other),
    };
    let (begin, end) = span.unwrap_or((0, known.size));
    let failed = |error: std::io::Error| Error::Store(format!("the bytes of {} cannot be read: {error}", known.name));
    let mut head = Vec::new();
    source.by_ref().take(TERMINATOR as u64 + 1).read_to_end(&mut head).map_err(failed)?;
    let terminator = if head.starts_with(b"ISA") { head.get(TERMINATOR).copied() } else { None }.unwrap_or(b'\n');
    let length = end.saturating_sub(begin).min(SHOWN);
    let mut whole = head;
    if begin + length > READ {
        return Ok(Bytes { is_cut: true, ..Bytes::none() });
    }
    let rest = (begin + length).saturating_sub(whole.len() as u64);
    source.take(rest).read_to_end(&mut whole).map_err(failed)?;
    let from = usize::try_from(begin).unwrap_or(usize::MAX).min(whole.len());
    let to = usize::try_from(begin + length).unwrap_or(usize::MAX).min(whole.len());
    Ok(Bytes { bytes: whole[from..to].to_vec(), begin, terminator, is_cut: end.saturating_sub(begin) > length })
}

impl Bytes {
    fn none() -> Bytes {
        Bytes { bytes: Vec::new(), begin: 0, terminator: b'\n', is_cut: false }
    }

    /// The lines, each with what is wrong in it; what is wrong in no place of them comes first.
    pub(super) fn lines(&self, faults: &[Record]) -> Vec<Line> {
        let mut lines = Vec::new();
        let (mut at, mut number) = (self.begin, 1);
        let mut told = vec![false; faults.len()];
        for chunk in self.bytes.split_inclusive(|byte| *byte == self.terminator) {
            let end = at + chunk.len() as u64;
            let mut of_line = Vec::new();
            for (fault, told) in faults.iter().zip(&mut told) {
                let is_here = match (&fault.place.spot, fault.place.byte) {
                    (_, Some(byte)) => (at..end).contains(&byte),
                    (Spot::Line { line, .. }, None) => self.begin == 0 && *line == number,
                    _ => false,
                };
                if is_here && !*told {
                    *told = true;
                    of_line.push(fault.clone());
                }
            }
            lines.push(Line {
                text: String::from_utf8_lossy(chunk).trim_matches(['\r', '\n']).to_owned(),
                faults: of_line,
            });
            (at, number) = (end, number + 1);
        }
        // What is wrong elsewhere in a file is no fault of the document that is shown.
        let is_whole_file = self.begin == 0;
        let elsewhere =
            faults.iter().zip(told).filter(|(fault, told)| !told && (is_whole_file || fault.place.byte.is_none()));
        let elsewhere: Vec<Record> = elsewhere.map(|(fault, _)| fault.clone()).collect();
        if !elsewhere.is_empty() {
            lines.insert(0, Line { text: String::new(), faults: elsewhere });
        }
        if self.is_cut {
            lines.push(Line { text: "… the rest is in the file itself".to_owned(), faults: Vec::new() });
        }
        lines
    }
}

/// A text as far as a page shows it.
pub(super) fn cut(text: &str) -> String {
    // A character takes four bytes at most.
    let most = (0..=SHOWN as usize).rev().take(4).find(|most| text.is_char_boundary(*most)).unwrap_or(0);
    if text.len() > SHOWN as usize {
        format!("{}\n… the rest is in `edigate show`", &text[..most])
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::custody;
    use crate::diagnostic::{Diagnostic, Place};

    fn fault(byte: Option<u64>, spot: Spot) -> Record {
        let place = Place { byte, spot, ..Place::default() };
        Record::from(&Diagnostic::new(&custody::KNOWN_DOCUMENT_CHANGED, "wrong").at(place))
    }

    fn marked(bytes: &Bytes, faults: &[Record]) -> Vec<(String, usize)> {
        bytes.lines(faults).into_iter().map(|line| (line.text, line.faults.len())).collect()
    }

    #[test]
    fn a_fault_stands_at_its_segment() {
        let bytes = Bytes { bytes: b"ST*850~\nBEG*00~\n".to_vec(), begin: 100, terminator: b'~', is_cut: false };
        let lines = marked(&bytes, &[fault(Some(110), Spot::Whole), fault(Some(9), Spot::Whole)]);
        assert_eq!(lines, [("ST*850~".to_owned(), 0), ("BEG*00~".to_owned(), 1), (String::new(), 0)]);
    }

    #[test]
    fn a_fault_of_a_line_stands_there_and_one_of_the_file_before_it() {
        let bytes = Bytes { bytes: b"a,b\n1,2\n".to_vec(), begin: 0, terminator: b'\n', is_cut: false };
        let faults = [fault(None, Spot::Line { line: 2, column: 1 }), fault(None, Spot::Whole)];
        assert_eq!(marked(&bytes, &faults), [(String::new(), 1), ("a,b".to_owned(), 0), ("1,2".to_owned(), 1)]);
    }
}
