//! One value against its type and length, without knowing where it stands.
//!
//! ```text
//! 24      R 1-15        fine
//! -5.50   R 1-17        fine: sign and point are not counted
//! 5,50    R 1-17        not a number
//! 117.64  N2 1-15       a point, where the decimals are implied
//! 20260230 DT 8         not a date
//! ```

use std::ops::Range;

use crate::x12::guide::dictionary::{Dictionary, ElementSpec, Kind};
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

/// True when a value is surely what its element asks for, which nearly all are; `false` says nothing. The value is neither
/// empty nor holds anything but printable ASCII, separators left out.
pub(super) fn fits(bytes: &[u8], value: Range<usize>, spec: &ElementSpec, dictionary: &Dictionary) -> bool {
    let length = value.len();
    if bytes[value.start] == b' ' || length < spec.min {
        return false;
    }
    match spec.kind {
        // Padding that makes it too long is not looked at here.
        Kind::Text | Kind::Identifier(None) => length <= spec.max,
        Kind::Identifier(Some(list)) => {
            length <= spec.max && length <= 8 && dictionary.list(list).has_packed(word(bytes, &value))
        }
        Kind::Implied(_) => length <= spec.max && length <= 8 && is_digits(word(bytes, &value), length),
        Kind::Decimal => {
            let word = word(bytes, &value);
            let points = equal_bytes(word, b'.');
            // A point is read as a digit that does not count.
            length <= 8
                && points.count_ones() < 2
                && length - points.count_ones() as usize >= spec.min.max(1)
                && length <= spec.max
                && is_digits(word ^ ((points >> 7) * u64::from(b'.' ^ b'0')), length)
        }
        Kind::Date => length == 8 && spec.max == 8 && is_usual_date(word(bytes, &value)),
        Kind::Time => is_time(&bytes[value]),
        Kind::Composite(index) => {
            let composite = dictionary.composite(index);
            let first = composite.components.first().filter(|_| composite.first_suffices);
            first.is_some_and(|first| fits(bytes, value, first, dictionary))
        }
    }
}

/// The first eight bytes of a value as a number, its first byte the least; zeros behind its end.
fn word(bytes: &[u8], value: &Range<usize>) -> u64 {
    let length = value.len().min(8);
    let ahead = bytes.get(value.start..value.start + 8).and_then(|bytes| bytes.try_into().ok());
    let word = u64::from_le_bytes(ahead.unwrap_or_else(|| {
        let mut padded = [0; 8];
        padded[..length].copy_from_slice(&bytes[value.start..value.start + length]);
        padded
    }));
    if length < 8 { word & ((1 << (8 * length)) - 1) } else { word }
}

/// The same byte eight times.
const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The highest bit of each byte of a word that is equal to a byte. The word is ASCII.
fn equal_bytes(word: u64, byte: u8) -> u64 {
    // A byte of seven bits carries into its eighth bit unless it is zero.
    !((word ^ eight(byte)) + eight(0x7f)) & eight(0x80)
}

/// True when the first bytes of a word are digits. The word is ASCII.
fn is_digits(word: u64, length: usize) -> bool {
    let filled = if length < 8 { word | eight(b'0') << (8 * length) } else { word };
    // Digits are 30 to 39; six more than one of them is still 3x.
    (filled & eight(0xf0)) == eight(0x30) && ((filled + eight(6)) & eight(0xf0)) == eight(0x30)
}

/// CCYYMMDD with a day that every month has; other days are looked up in the calendar.
fn is_usual_date(word: u64) -> bool {
    if !is_digits(word, 8) {
        return false;
    }
    let [century, _, _, _, month_tens, month, day_tens, day] = word.to_le_bytes().map(|byte| byte - b'0');
    let (month, day) = (month_tens * 10 + month, day_tens * 10 + day);
    century > 0 && (1..=12).contains(&month) && (1..=28).contains(&day)
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
    use proptest::prelude::*;

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

    #[test]
    fn usual_values_fit_at_a_glance() {
        let dictionary = crate::x12::guide::find("850", "004010").unwrap().dictionary();
        for (tag, element, value) in [
            ("PO1", 2, "24"),
            ("PO1", 4, "3.61"),
            ("PO1", 4, "12345.67"),
            ("PO1", 3, "EA"),
            ("PO1", 7, "061414100014"),
            ("TDS", 1, "11764"),
            ("BEG", 5, "20260302"),
            ("BSN", 4, "1410"),
            ("MEA", 4, "LB"),
        ] {
            let spec = dictionary.segment(tag).unwrap().element(element).unwrap();
            assert!(fits(value.as_bytes(), 0..value.len(), spec, dictionary), "{tag}{element:02} {value}");
        }
    }

    proptest! {
        #[test]
        fn what_fits_at_a_glance_has_no_fault(
            value in prop_oneof!["[ -~]{1,12}", "[0-9]{1,9}", "-?[0-9]{0,6}\\.?[0-9]{0,3}", "(19|20|29)[0-9]{2}(0[0-9]|1[0-3])[0-3][0-9]"],
            behind in "[*~0-9]{0,9}", pick: prop::sample::Index,
        ) {
            prop_assume!(!value.is_empty());
            let dictionary = crate::x12::guide::find("850", "004010").unwrap().dictionary();
            let specs: Vec<&ElementSpec> = dictionary.segments().flat_map(|segment| &segment.elements).collect();
            let spec = specs[pick.index(specs.len())];
            let bytes = format!("*{value}{behind}");
            if fits(bytes.as_bytes(), 1..1 + value.len(), spec, dictionary) && !matches!(spec.kind, Kind::Composite(_)) {
                prop_assert_eq!(fault(value.as_bytes(), spec), None);
                if let Kind::Identifier(Some(list)) = spec.kind {
                    prop_assert!(dictionary.list(list).text(&value).is_some());
                }
            }
        }
    }
}
