//! Sizes of files as people write them, `500 KB`, `20 MB`, `2 GB`, and what may go over a line: `2 MB/s`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// A whole number of bytes, in the units of the trade: a KB is 1,000 bytes.
pub(crate) fn parse(text: &str) -> Result<u64, Diagnostic> {
    bytes(text).ok_or_else(|| {
        let fault = Diagnostic::new(&codes::SIZE, format!("{text:?} is no size of a file"));
        fault.expected("a whole number of B, KB, MB or GB, such as \"100 MB\"").found(text)
    })
}

/// Bytes per second.
pub(crate) fn per_second(text: &str) -> Result<u64, Diagnostic> {
    text.strip_suffix("/s").and_then(bytes).ok_or_else(|| {
        let fault = Diagnostic::new(&codes::SIZE, format!("{text:?} is nothing that a line can carry"));
        fault.expected("a whole number of B, KB, MB or GB per second, such as \"2 MB/s\"").found(text)
    })
}

/// More than none of them.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim() {
        "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit).filter(|size| *size > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_number_and_a_unit() {
        assert_eq!(parse("500 KB"), Ok(500_000));
        assert_eq!(parse("2GB"), Ok(2_000_000_000));
        for text in ["", "5", "0 MB", "1.5 MB", "1 mb", "99999999999999 GB"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_line_carries_so_much_per_second() {
        assert_eq!(per_second("2 MB/s"), Ok(2_000_000));
        for text in ["2 MB", "0 KB/s", "2 Mbit/s", "/s", "2 MB/min"] {
            assert!(per_second(text).is_err(), "{text}");
        }
    }
}
