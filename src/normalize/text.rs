//! Where a file that should be text is not: `line 2, column 2 is not UTF-8`, found byte 0xE9.

use crate::diagnostic::codes::files;
use crate::diagnostic::{Diagnostic, Place, Spot};

/// Says at which line, column and byte a file stops being UTF-8.
pub(super) fn not_utf8(bytes: &[u8], at: usize, file: &str) -> Diagnostic {
    let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |index| index + 1);
    let column = String::from_utf8_lossy(&bytes[start..at]).chars().count() as u64 + 1;
    let place = Place { file: Some(file.to_owned()), byte: Some(at as u64), spot: Spot::Line { line, column } };
    let message = format!("line {line}, column {column} is not UTF-8");
    let found = format!("byte 0x{:02X}", bytes.get(at).copied().unwrap_or(0));
    Diagnostic::new(&files::NOT_TEXT, message).at(place).expected("text in UTF-8").found(found)
}
