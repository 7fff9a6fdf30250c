//! The text of one cell as a canonical value, or what is wrong with it.
//!
//! ```text
//! "1.234,50" with decimal mark , and thousands .   ->  1234.50
//! "03/06/2026 14:10" with %m/%d/%Y %H:%M           ->  2026-03-06T14:10:00
//! ```

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::config::map::fields::ValueType;
use crate::config::map::{DateStyle, MILLISECONDS, Map, MappedField, Numbers, SECONDS};
use crate::config::nearest::nearest;
use crate::diagnostic::codes::files;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::gs1::{Gtin, Sscc};

/// Reads the text of a field.
pub(super) fn read(text: &str, mapped: &MappedField, map: &Map) -> Result<Value, Box<Diagnostic>> {
    let translated = translate(text, mapped)?;
    let text = translated.unwrap_or(text);
    match mapped.field.value {
        ValueType::Text => Ok(text.into()),
        ValueType::Decimal => decimal(text, map.numbers)
            .and_then(|number| shifted(number, mapped.implied_decimals))
            .map(|number| number.to_string().into())
            .ok_or_else(|| Box::new(not_a_number(text, mapped, map.numbers))),
        ValueType::Integer => decimal(text, map.numbers)
            .and_then(|number| u32::try_from(number).ok().filter(|whole| Decimal::from(*whole) == number))
            .map(Value::from)
            .ok_or_else(|| {
                Box::new(fault(&files::BAD_NUMBER, mapped, "is not a whole number", text).expected("a whole number"))
            }),
        ValueType::Date => date_time(text, &mapped.date)
            .map(|moment| moment.date().to_string().into())
            .ok_or_else(|| Box::new(not_a_date(text, mapped, "2026-03-06"))),
        ValueType::DateTime => date_time(text, &mapped.date)
            .map(|moment| moment.to_string().into())
            .ok_or_else(|| Box::new(not_a_date(text, mapped, "2026-03-06T14:10:00"))),
        ValueType::Gtin => Gtin::parse(text)
            .map(|gtin| gtin.as_str().into())
            .map_err(|error| Box::new(fault(&files::BAD_GS1, mapped, &format!("is no item number: {error}"), text))),
        ValueType::Sscc => Sscc::parse(text)
            .map(|sscc| sscc.as_str().into())
            .map_err(|error| Box::new(fault(&files::BAD_GS1, mapped, &format!("is no carton number: {error}"), text))),
        ValueType::Code(words) => words
            .iter()
            .find(|word| word.eq_ignore_ascii_case(text))
            .map(|word| (*word).into())
            .ok_or_else(|| Box::new(unknown_word(text, mapped, words))),
    }
}

fn fault(code: Code, mapped: &MappedField, what: &str, found: &str) -> Diagnostic {
    Diagnostic::new(code, format!("{} ({}) {what}", mapped.described(), mapped.field.name)).found(found)
}

/// The canonical word for the file's, where the map has a table of them.
fn translate<'m>(text: &str, mapped: &'m MappedField) -> Result<Option<&'m str>, Box<Diagnostic>> {
    if mapped.values.is_empty() {
        return Ok(None);
    }
    let exact = mapped.values.iter().find(|(word, _)| word == text);
    let found = exact.or_else(|| mapped.values.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)));
    match found {
        Some((_, canonical)) => Ok(Some(canonical)),
        None => {
            let words: Vec<&str> = mapped.values.iter().map(|(word, _)| word.as_str()).collect();
            Err(Box::new(unknown_word(text, mapped, &words)))
        }
    }
}

fn unknown_word(text: &str, mapped: &MappedField, words: &[&str]) -> Diagnostic {
    let diagnostic = fault(&files::UNKNOWN_WORD, mapped, "has a word that the map does not know", text)
        .expected(format!("one of {}", words.join(", ")));
    match nearest(text, words.iter().copied()) {
        Some(word) => diagnostic.hint(format!("did you mean {word:?}? Otherwise add {text:?} to values in the map")),
        None => diagnostic,
    }
}

fn not_a_number(text: &str, mapped: &MappedField, numbers: Numbers) -> Diagnostic {
    let example = match numbers.thousands {
        Some(thousands) => format!("1{thousands}234{}50", numbers.decimal_mark),
        None => format!("5{}50", numbers.decimal_mark),
    };
    fault(&files::BAD_NUMBER, mapped, "is not a number", text).expected(format!("a number such as {example}"))
}

fn not_a_date(text: &str, mapped: &MappedField, iso: &str) -> Diagnostic {
    let expected = match &mapped.date.format {
        Some(format) => format!("a date as {format}"),
        None => format!("a date such as {iso}"),
    };
    fault(&files::BAD_DATE, mapped, "is not a date", text).expected(expected)
}

/// A decimal with exactly the marks that the map names.
pub(super) fn decimal(text: &str, numbers: Numbers) -> Option<Decimal> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once(numbers.decimal_mark) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let whole = without_thousands(whole, numbers.thousands)?;
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let has_fraction = fraction.is_some_and(|part| !part.is_empty());
    if !is_digits(&whole) || !fraction.is_none_or(is_digits) || (whole.is_empty() && !has_fraction) {
        return None;
    }
    let whole = if whole.is_empty() { "0".to_owned() } else { whole };
    let plain = match fraction.filter(|part| !part.is_empty()) {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    };
    Decimal::from_str_exact(&plain).ok()
}

/// The number whose last digits stand behind a decimal mark that is not written; it has no written one.
fn shifted(number: Decimal, decimals: u32) -> Option<Decimal> {
    match decimals {
        0 => Some(number),
        _ if number.scale() > 0 => None,
        _ => Decimal::try_from_i128_with_scale(number.mantissa(), decimals).ok(),
    }
}

/// The digits without separators; `None` when a separator stands elsewhere than before three digits.
fn without_thousands(whole: &str, thousands: Option<char>) -> Option<String> {
    let Some(mark) = thousands.filter(|mark| whole.contains(*mark)) else { return Some(whole.to_owned()) };
    let mut groups = whole.split(mark);
    let first = groups.next().unwrap_or("");
    let right = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    right.then(|| whole.replace(mark, ""))
}

/// A day, at midnight where the text has no time.
fn date_time(text: &str, style: &DateStyle) -> Option<DateTime> {
    if let Some(unit @ (SECONDS | MILLISECONDS)) = style.format.as_deref() {
        let count = text.parse::<i64>().ok()?;
        let moment = if unit == SECONDS { Timestamp::from_second(count) } else { Timestamp::from_millisecond(count) };
        // The map says in which zone that is a day.
        return Some(style.to_zone.as_ref().or(style.zone.as_ref())?.to_datetime(moment.ok()?));
    }
    let (day, time, offset) = match &style.format {
        Some(format) => {
            let parsed = BrokenDownTime::parse(format, text).ok()?;
            let time = match parsed.hour() {
                Some(_) => Some(parsed.to_time().ok()?),
                None => None,
            };
            (parsed.to_date().ok()?, time, parsed.offset())
        }
        None => iso(text)?,
    };
    match time {
        Some(time) => in_zone(day.to_datetime(time), offset, style),
        // A day without a time is the same day in every zone.
        None => Some(day.at(0, 0, 0, 0)),
    }
}

/// ISO 8601: a day, or a day and a time, perhaps with an offset or Z.
fn iso(text: &str) -> Option<(Date, Option<Time>, Option<Offset>)> {
    let is_extended = text.len() >= 10 && text.as_bytes()[4] == b'-';
    let pieces = Pieces::parse(text).ok().filter(|_| is_extended)?;
    Some((pieces.date(), pieces.time(), pieces.to_numeric_offset()))
}

/// The local time that the document keeps.
fn in_zone(local: DateTime, offset: Option<Offset>, style: &DateStyle) -> Option<DateTime> {
    let target = style.to_zone.as_ref().or(style.zone.as_ref());
    let written_in = offset.map(TimeZone::fixed).or_else(|| style.to_zone.as_ref().and(style.zone.clone()));
    match (written_in, target) {
        (Some(from), Some(target)) => {
            Some(from.to_zoned_datetime(local).ok()?.with_time_zone(target.clone()).datetime())
        }
        _ => Some(local),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, marks: (char, Option<char>), expect: Option<&str>) {
        let numbers = Numbers { decimal_mark: marks.0, thousands: marks.1 };
        let read = decimal(text, numbers).map(|number| number.to_string());
        assert_eq!(read.as_deref(), expect, "{text:?}");
    }

    #[test]
    fn numbers_are_read_exactly_and_never_guessed() {
        let us = ('.', None);
        check("5.50", us, Some("5.50"));
        check("-3", us, Some("-3"));
        check(".5", us, Some("0.5"));
        check("007", us, Some("7"));
        for wrong in ["5,50", "1_000", "", "-", ".", "1e3", "+5", "$5", "5 EA", "1.2.3", "١"] {
            check(wrong, us, None);
        }
        check("99999999999999999999999999999999", us, None);
        check("1,234,567.25", ('.', Some(',')), Some("1234567.25"));
        check("1,23", ('.', Some(',')), None);
        check(",234", ('.', Some(',')), None);
        check("1.234,50", (',', Some('.')), Some("1234.50"));
    }

    fn check_date(text: &str, format: Option<&str>, zones: (&str, &str), expect: Option<&str>) {
        let zone = |name: &str| (!name.is_empty()).then(|| TimeZone::get(name).unwrap());
        let style = DateStyle { format: format.map(str::to_owned), zone: zone(zones.0), to_zone: zone(zones.1) };
        assert_eq!(date_time(text, &style).map(|moment| moment.to_string()).as_deref(), expect, "{text:?}");
    }

    #[test]
    fn dates_follow_the_format_and_the_zones_of_the_map() {
        let none = ("", "");
        check_date("2026-03-06", None, none, Some("2026-03-06T00:00:00"));
        check_date("2026-03-06T14:10", None, none, Some("2026-03-06T14:10:00"));
        check_date("2026-03-06 14:10:05", None, none, Some("2026-03-06T14:10:05"));
        check_date("2026-03-06T20:10:00Z", None, none, Some("2026-03-06T20:10:00"));
        check_date("2026-03-06T20:10:00Z", None, ("America/Chicago", ""), Some("2026-03-06T14:10:00"));
        check_date("2026-03-06T20:10:00+00:00", None, ("America/Chicago", ""), Some("2026-03-06T14:10:00"));
        let los_angeles = ("America/Los_Angeles", "America/Chicago");
        check_date("03/06/2026 12:10", Some("%m/%d/%Y %H:%M"), los_angeles, Some("2026-03-06T14:10:00"));
        check_date("1772835044", Some(SECONDS), ("America/Chicago", ""), Some("2026-03-06T16:10:44"));
        check_date("1772835044500", Some(MILLISECONDS), ("UTC", ""), Some("2026-03-06T22:10:44.5"));
        check_date("2026-03-06", Some(SECONDS), ("UTC", ""), None);
        check_date("06.03.2026", Some("%d.%m.%Y"), none, Some("2026-03-06T00:00:00"));
        for wrong in ["03/06/2026", "2026-02-30", "20260306", "2026-03-06 25:00", "soon", ""] {
            check_date(wrong, None, none, None);
        }
        check_date("13/01/2026", Some("%m/%d/%Y"), none, None);
    }
}
