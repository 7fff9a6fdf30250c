//! One value against its type and length, without knowing where it stands.
//!
//! ```text
//! 24      R 1-15        fine
//! -5.50   R 1-17        fine: sign and point are not counted
//! 5,50    R 1-17        not a number
//! 117.64  N2 1-15       a point, where the decimals are implied
//! 20260230 DT 8         not a date
//! ```

use crate::x12::guide::dictionary::{ElementSpec, Kind};
use crate::x12::value::{read_date, read_time};

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueFault {
    /// Fewer characters than the least; how many there are.
    TooShort(usize),
    /// More characters than the greatest; how many there are.
    TooLong(usize),
    /// A tab, line break or other control character.
    ControlCharacter,
    /// Something that is no digit, sign or point.
    NotANumber,
    /// A decimal point where the decimals are implied.
    Point,
    /// Not in the calendar, or not so written.
    NotADate,
    /// Not on the clock, or not so written.
    NotATime,
}

/// The first fault of a value that is not blank; codes are the caller's.
pub(super) fn fault(value: &[u8], spec: &ElementSpec) -> Option<ValueFault> {
    if value.iter().any(|byte| byte.is_ascii_control()) {
        return Some(ValueFault::ControlCharacter);
    }
    match spec.kind {
        Kind::Text | Kind::Identifier(_) | Kind::Composite(_) => {
            let used = characters(value.trim_ascii_end());
            // Padding counts for the least length (fixed-width fields are padded) and not for the greatest.
            length(used.max(characters(value).min(spec.min)), spec)
        }
        Kind::Implied(_) => number(value, spec, false),
        Kind::Decimal => number(value, spec, true),
        Kind::Date => (!is_date(value, spec.max)).then_some(ValueFault::NotADate),
        Kind::Time => (!is_time(value)).then_some(ValueFault::NotATime),
    }
}

fn length(characters: usize, spec: &ElementSpec) -> Option<ValueFault> {
    if characters < spec.min {
        Some(ValueFault::TooShort(characters))
    } else if characters > spec.max {
        Some(ValueFault::TooLong(characters))
    } else {
        None
    }
}

/// Characters as UTF-8 if it is that, else as Latin-1.
fn characters(value: &[u8]) -> usize {
    if value.is_ascii() {
        return value.len();
    }
    std::str::from_utf8(value).map_or(value.len(), |text| text.chars().count())
}

fn number(value: &[u8], spec: &ElementSpec, point_allowed: bool) -> Option<ValueFault> {
    let unsigned = value.strip_prefix(b"-").unwrap_or(value);
    let points = unsigned.iter().filter(|byte| **byte == b'.').count();
    let digits = unsigned.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits + points != unsigned.len() || points > 1 {
        return Some(ValueFault::NotANumber);
    }
    if points == 1 && !point_allowed {
        return Some(ValueFault::Point);
    }
    length(digits, spec)
}

/// CCYYMMDD, or YYMMDD where the element has six characters.
fn is_date(value: &[u8], length: usize) -> bool {
    value.len() == length && digits(value).is_some_and(|text| read_date(text).is_ok())
}

/// HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
fn is_time(value: &[u8]) -> bool {
    digits(value).is_some_and(|text| read_time(text).is_ok())
}

/// A value of digits alone, without the padding that reading would forgive.
fn digits(value: &[u8]) -> Option<&str> {
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()
}

#[cfg(test)]
mod tests {
    use super::ValueFault::*;
    use super::*;

    /// The fault of a value in an element of 004010, named by segment and position.
    fn check(tag: &str, element: usize, value: &str, expect: Option<ValueFault>) {
        let guide = crate::x12::guide::find("850", "004010").unwrap();
        let spec = guide.dictionary().segment(tag).unwrap().element(element).unwrap();
        assert_eq!(fault(value.as_bytes(), spec), expect, "{tag}{element:02} {value:?}");
    }

    #[test]
    fn a_decimal_counts_neither_sign_nor_point() {
        check("PO1", 2, "123456789012345", None);
        check("PO1", 2, "-12345678901234.5", None);
        check("PO1", 2, "1234567890123456", Some(TooLong(16)));
        check("PO1", 2, ".5", None);
        check("PO1", 2, "5.", None);
        for wrong in ["5,50", "1.2.3", "-", ".", "1E3", "+5", "$5", "5 ", "--5"] {
            check("PO1", 2, wrong, Some(NotANumber));
        }
    }

    #[test]
    fn implied_decimals_take_no_point() {
        check("TDS", 1, "11764", None);
        check("TDS", 1, "-5", None);
        check("TDS", 1, "117.64", Some(Point));
        check("TDS", 1, "117,64", Some(NotANumber));
    }

    #[test]
    fn dates_must_be_in_the_calendar() {
        check("BEG", 5, "20240229", None);
        for wrong in ["20260230", "20251301", "20260100", "260302", "2026-3-2", "00000000"] {
            check("BEG", 5, wrong, Some(NotADate));
        }
        check("ISA", 9, "260302", None);
        check("ISA", 9, "20260302", Some(NotADate));
    }

    #[test]
    fn times_must_be_on_the_clock() {
        for right in ["0000", "2359", "235959", "2359599", "23595999"] {
            check("BSN", 4, right, None);
        }
        for wrong in ["2400", "1260", "125960", "12:30", "12345"] {
            check("BSN", 4, wrong, Some(NotATime));
        }
    }

    #[test]
    fn padding_is_not_too_long_and_letters_count_once_in_either_encoding() {
        check("BSN", 2, "A", Some(TooShort(1)));
        check("BSN", 2, "A ", None);
        check("BEG", 3, "1234567890123456789012      ", None);
        check("N4", 1, "Zürich", None);
        check("N3", 1, "\t", Some(ControlCharacter));
        check("BEG", 3, "12345678901234567890123", Some(TooLong(23)));
    }
}
