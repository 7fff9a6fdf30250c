//! Sizes of files as people write them: `500 KB`, `20 MB`, `2 GB`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// A whole number of bytes, in the units of the trade: a KB is 1,000 bytes.
pub(crate) fn parse(text: &str) -> Result<u64, Diagnostic> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit: Option<u64> = match unit.trim() {
        "B" => Some(1),
        "KB" => Some(1_000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        _ => None,
    };
    let size = number.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    size.filter(|size| *size > 0).ok_or_else(|| {
        let fault = Diagnostic::new(&codes::SIZE, format!("{text:?} is no size of a file"));
        fault.expected("a whole number of B, KB, MB or GB, such as \"100 MB\"").found(text)
    })
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
}
