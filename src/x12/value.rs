//! The data types of X12 as Rust values: decimals (R, N0 to N9), dates (DT) and times (TM), read and written.
//!
//! ```text
//! R   "3.610"    <-> 3.61          N2  "11764" <-> 117.64      N2 "-5" <-> -0.05
//! DT  "20260306" <-> 2026-03-06    DT  "260306" (ISA09)        TM "1410" <-> 14:10
//! ```
//!
//! Reading is exact: what the type does not allow is refused with its reason, never guessed at.
//! Never here: lengths (a guide's affair), zones, floats.

use jiff::civil::{Date, Time};
use rust_decimal::Decimal;

/// Why a text is no value of its type, or a value cannot be written as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nothing but spaces. An absent element has no value; ask before reading.
    #[error("expected {expected}, found nothing")]
    Blank {
        /// What the type would have been written like.
        expected: &'static str,
    },
    /// A character that the type does not allow (AK403 code 6).
    #[error("expected {expected}, found {found:?} in {text:?}")]
    Character {
        /// What the type is written like.
        expected: &'static str,
        /// The first character that is wrong.
        found: char,
        /// The whole text.
        text: String,
    },
    /// More digits than an exact decimal holds (28).
    #[error("expected at most 28 digits, found {text:?}")]
    TooManyDigits {
        /// The whole text.
        text: String,
    },
    /// Digits, but no date of the calendar (AK403 code 8).
    #[error("expected a calendar date written {expected}, found {text:?}")]
    NoSuchDate {
        /// How a date is written here.
        expected: &'static str,
        /// The whole text.
        text: String,
    },
    /// Digits, but no time of the day (AK403 code 9).
    #[error("expected a time of day written HHMM, HHMMSS, HHMMSSD or HHMMSSDD, found {text:?}")]
    NoSuchTime {
        /// The whole text.
        text: String,
    },
    /// The value has more decimals than the element can say; writing it would round money.
    #[error("expected at most {places} decimals, found {value}")]
    TooManyDecimals {
        /// The decimals that the element implies.
        places: u32,
        /// The value.
        value: Decimal,
    },
}

const DECIMAL: &str = "a decimal such as 5.50";
const INTEGER: &str = "a whole number without a decimal point";
const DATE: &str = "CCYYMMDD";
const DATE_EITHER: &str = "CCYYMMDD or YYMMDD";
const TIME: &str = "a time such as 1410";

/// Reads an R: `3.61`, `.5`, `5.`, `-12`. No plus sign, exponent, blank or thousands separator.
pub fn read_decimal(text: &str) -> Result<Decimal, ValueError> {
    if let Some((number, places)) = read_short(text) {
        return Ok(Decimal::new(number, places));
    }
    let text = padded(text, DECIMAL)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut points = 0;
    for found in digits.chars() {
        points += usize::from(found == '.');
        if !(found.is_ascii_digit() || found == '.' && points == 1) {
            return Err(ValueError::Character { expected: DECIMAL, found, text: text.to_owned() });
        }
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    scaled(text, whole, fraction, DECIMAL)
}

/// A number of at most 18 digits and one point, nothing else: its digits, and how many of them stand behind the point. Nearly
/// every number is one; what is not takes the careful way.
pub(crate) fn read_short(text: impl AsRef<[u8]>) -> Option<(i64, u32)> {
    let bytes = text.as_ref();
    let (mut number, mut digits, mut point) = (0, 0, None);
    for byte in bytes {
        match byte {
            b'0'..=b'9' if digits < 18 => {
                number = number * 10 + i64::from(byte - b'0');
                digits += 1;
            }
            b'.' if point.is_none() => point = Some(digits),
            _ => return None,
        }
    }
    (digits > 0).then(|| (number, point.map_or(0, |before| digits - before)))
}

/// Writes an R: no trailing zeros, no exponent, no point when it is whole; `0` for zero of either sign.
pub fn write_decimal(value: Decimal) -> String {
    if value.scale() == 0
        && let Ok(whole) = i64::try_from(value.mantissa())
    {
        return whole.to_string();
    }
    value.normalize().to_string()
}

/// Reads an Nn: digits with `places` implied decimals, so that `11764` at 2 places is 117.64.
pub fn read_implied(text: &str, places: u32) -> Result<Decimal, ValueError> {
    let text = padded(text, INTEGER)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    if let Some(found) = digits.chars().find(|found| !found.is_ascii_digit()) {
        return Err(ValueError::Character { expected: INTEGER, found, text: text.to_owned() });
    }
    let mut value = scaled(text, digits, "", INTEGER)?;
    // An i128 of at most 28 digits keeps its digits under any scale up to 28, so this cannot fail for N0 to N9.
    value.set_scale(places).map_err(|_| ValueError::TooManyDigits { text: text.to_owned() })?;
    Ok(value)
}

/// Writes an Nn: 117.64 at 2 places is `11764`. A value with more decimals is refused, never rounded.
pub fn write_implied(value: Decimal, places: u32) -> Result<String, ValueError> {
    let exact = value.normalize();
    if exact.scale() > places {
        return Err(ValueError::TooManyDecimals { places, value });
    }
    let mut digits = exact.mantissa().to_string();
    if exact.mantissa() != 0 {
        digits.extend(std::iter::repeat_n('0', (places - exact.scale()) as usize));
    }
    Ok(digits)
}

/// Reads a whole count (N0 without a sign), such as SE01.
pub fn read_count(text: &str) -> Result<u32, ValueError> {
    let text = padded(text, INTEGER)?;
    if let Some(found) = text.chars().find(|found| !found.is_ascii_digit()) {
        return Err(ValueError::Character { expected: INTEGER, found, text: text.to_owned() });
    }
    text.parse().map_err(|_| ValueError::TooManyDigits { text: text.to_owned() })
}

/// Reads a DT: CCYYMMDD, or YYMMDD as ISA09 has it; the day must exist. Two-digit years 70 to 99 are of the last century.
pub fn read_date(text: &str) -> Result<Date, ValueError> {
    let text = padded(text, DATE_EITHER)?;
    digits_only(text, DATE_EITHER)?;
    let no_such_date = || ValueError::NoSuchDate { expected: DATE_EITHER, text: text.to_owned() };
    let (year, month_and_day) = match text.len() {
        8 => (number(&text[..4]), &text[4..]),
        6 => (century(number(&text[..2])), &text[2..]),
        _ => return Err(no_such_date()),
    };
    Date::new(year, number(&month_and_day[..2]) as i8, number(&month_and_day[2..]) as i8).map_err(|_| no_such_date())
}

/// Reads a DT of eight digits and nothing else, as every element of a set from 004010 on has it.
pub fn read_date8(text: &str) -> Result<Date, ValueError> {
    let text = padded(text, DATE)?;
    digits_only(text, DATE)?;
    if text.len() != 8 {
        return Err(ValueError::NoSuchDate { expected: DATE, text: text.to_owned() });
    }
    read_date(text)
}

/// Writes a DT as CCYYMMDD.
pub fn write_date8(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// Writes a DT as YYMMDD, for ISA09 and TA102.
pub fn write_date6(date: Date) -> String {
    format!("{:02}{:02}{:02}", date.year().rem_euclid(100), date.month(), date.day())
}

/// Reads a TM: HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
pub fn read_time(text: &str) -> Result<Time, ValueError> {
    let text = padded(text, TIME)?;
    digits_only(text, TIME)?;
    let no_such_time = || ValueError::NoSuchTime { text: text.to_owned() };
    if !matches!(text.len(), 4 | 6 | 7 | 8) {
        return Err(no_such_time());
    }
    let part = |from: usize| text.get(from..from + 2).map_or(0, number) as i8;
    let hundredths = match text.get(6..) {
        Some(tenths) if tenths.len() == 1 => i32::from(number(tenths)) * 10,
        Some(hundredths) if hundredths.len() == 2 => i32::from(number(hundredths)),
        _ => 0,
    };
    Time::new(part(0), part(2), part(4), hundredths * 10_000_000).map_err(|_| no_such_time())
}

/// Writes a TM as HHMM; seconds are dropped.
pub fn write_time4(time: Time) -> String {
    format!("{:02}{:02}", time.hour(), time.minute())
}

/// Writes a TM as HHMMSS.
pub fn write_time6(time: Time) -> String {
    format!("{:02}{:02}{:02}", time.hour(), time.minute(), time.second())
}

/// Trailing spaces are padding (X12.6); leading ones are data and will be refused by what reads on.
fn padded<'t>(text: &'t str, expected: &'static str) -> Result<&'t str, ValueError> {
    match text.trim_end_matches(' ') {
        "" => Err(ValueError::Blank { expected }),
        text => Ok(text),
    }
}

fn digits_only(text: &str, expected: &'static str) -> Result<(), ValueError> {
    match text.chars().find(|found| !found.is_ascii_digit()) {
        Some(found) => Err(ValueError::Character { expected, found, text: text.to_owned() }),
        None => Ok(()),
    }
}

/// The decimal of digits that were checked; the sign is that of `text`.
fn scaled(text: &str, whole: &str, fraction: &str, expected: &'static str) -> Result<Decimal, ValueError> {
    if whole.is_empty() && fraction.is_empty() {
        let found = text.chars().next().unwrap_or(' ');
        return Err(ValueError::Character { expected, found, text: text.to_owned() });
    }
    let too_many = || ValueError::TooManyDigits { text: text.to_owned() };
    let digits: i128 = [whole, fraction].concat().parse().map_err(|_| too_many())?;
    let signed = if text.starts_with('-') { -digits } else { digits };
    let scale = u32::try_from(fraction.len()).map_err(|_| too_many())?;
    Decimal::try_from_i128_with_scale(signed, scale).map_err(|_| too_many())
}

/// At most four digits that were checked.
fn number(digits: &str) -> i16 {
    digits.bytes().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0'))
}

fn century(year: i16) -> i16 {
    if year >= 70 { 1900 + year } else { 2000 + year }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words<T: std::fmt::Debug>(result: Result<T, ValueError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn an_r_is_read_as_partners_write_it() {
        for (text, expect) in [
            ("3.61", "3.61"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-12", "-12"),
            ("5.50", "5.50"),
            ("24  ", "24"),
            ("007", "7"),
            ("-0", "0"),
        ] {
            assert_eq!(read_decimal(text).unwrap().to_string(), expect, "{text}");
        }
    }

    #[test]
    fn what_is_no_r_is_refused_with_the_character_that_is_wrong() {
        assert_eq!(words(read_decimal("5,50")), r#"expected a decimal such as 5.50, found ',' in "5,50""#);
        assert_eq!(words(read_decimal("1.2.3")), r#"expected a decimal such as 5.50, found '.' in "1.2.3""#);
        assert_eq!(words(read_decimal("1E5")), r#"expected a decimal such as 5.50, found 'E' in "1E5""#);
        assert_eq!(words(read_decimal("+1")), r#"expected a decimal such as 5.50, found '+' in "+1""#);
        assert_eq!(words(read_decimal("-")), r#"expected a decimal such as 5.50, found '-' in "-""#);
        assert_eq!(words(read_decimal("")), "expected a decimal such as 5.50, found nothing");
        assert!(words(read_decimal(&"9".repeat(40))).starts_with("expected at most 28 digits"));
    }

    #[test]
    fn an_r_is_written_without_trailing_zeros_or_exponent() {
        for (text, expect) in
            [("5.50", "5.5"), ("100", "100"), ("-0.00", "0"), ("0.001", "0.001"), ("1000000.0", "1000000")]
        {
            assert_eq!(write_decimal(read_decimal(text).unwrap()), expect);
        }
    }

    #[test]
    fn an_n2_has_its_point_implied() {
        for (text, expect) in [("11764", "117.64"), ("-5", "-0.05"), ("0", "0.00"), ("100", "1.00")] {
            let value = read_implied(text, 2).unwrap();
            assert_eq!(value.to_string(), expect);
            assert_eq!(write_implied(value, 2).unwrap(), text);
        }
        assert_eq!(write_implied(Decimal::from(7), 2).unwrap(), "700");
        assert_eq!(
            words(read_implied("117.64", 2)),
            r#"expected a whole number without a decimal point, found '.' in "117.64""#
        );
        assert_eq!(words(write_implied(Decimal::new(2345, 3), 2)), "expected at most 2 decimals, found 2.345");
    }

    #[test]
    fn a_date_must_be_in_the_calendar() {
        assert_eq!(read_date("20260306").unwrap(), jiff::civil::date(2026, 3, 6));
        assert_eq!(read_date("260306").unwrap(), jiff::civil::date(2026, 3, 6));
        assert_eq!(read_date("991231").unwrap(), jiff::civil::date(1999, 12, 31));
        assert_eq!(
            words(read_date8("20260230")),
            r#"expected a calendar date written CCYYMMDD or YYMMDD, found "20260230""#
        );
        assert_eq!(words(read_date8("260306")), r#"expected a calendar date written CCYYMMDD, found "260306""#);
        assert_eq!(words(read_date("2026-3-6")), r#"expected CCYYMMDD or YYMMDD, found '-' in "2026-3-6""#);
        assert_eq!(write_date8(jiff::civil::date(2026, 3, 6)), "20260306");
        assert_eq!(write_date6(jiff::civil::date(2026, 3, 6)), "260306");
    }

    #[test]
    fn a_time_may_have_seconds_and_decimals() {
        assert_eq!(read_time("1410").unwrap(), jiff::civil::time(14, 10, 0, 0));
        assert_eq!(read_time("141059").unwrap(), jiff::civil::time(14, 10, 59, 0));
        assert_eq!(read_time("1410595").unwrap(), jiff::civil::time(14, 10, 59, 500_000_000));
        assert_eq!(read_time("14105907").unwrap(), jiff::civil::time(14, 10, 59, 70_000_000));
        for wrong in ["2410", "1460", "14", "14:10", "141", "14105"] {
            assert!(read_time(wrong).is_err(), "{wrong}");
        }
        assert_eq!(write_time4(jiff::civil::time(9, 5, 7, 0)), "0905");
        assert_eq!(write_time6(jiff::civil::time(9, 5, 7, 0)), "090507");
    }

    proptest! {
        #[test]
        fn a_short_number_is_what_the_careful_way_reads(text in "[0-9]{0,19}\\.?[0-9]{0,19}") {
            if let Some((number, places)) = read_short(&text) {
                let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
                prop_assert_eq!(scaled(&text, whole, fraction, DECIMAL).unwrap(), Decimal::new(number, places));
            }
        }

        #[test]
        fn whatever_the_text_nothing_panics(text in "\\PC{0,12}") {
            let _ = (read_decimal(&text), read_implied(&text, 2), read_date(&text), read_date8(&text), read_time(&text));
        }

        #[test]
        fn a_written_decimal_reads_as_itself(mantissa: i64, places in 0u32..9) {
            let value = Decimal::new(mantissa, places);
            prop_assert_eq!(read_decimal(&write_decimal(value)).unwrap(), value);
            prop_assert_eq!(read_implied(&write_implied(value, places).unwrap(), places).unwrap(), value);
        }
    }
}
