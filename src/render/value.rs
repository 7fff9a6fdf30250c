//! A canonical value as the text of a cell: the way back of reading one.
//!
//! Numbers are written with the map's decimal mark and without separators of thousands, which every reader
//! understands; a UPC is written with its 12 digits unless the map asks for more.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::config::map::fields::ValueType;
use crate::config::map::{DateStyle, MILLISECONDS, Map, MappedField, SECONDS, Source};
use crate::document::gs1::Gtin;

/// The text of a field; `None` where the file never says it, `Err` with the reason where it cannot say this.
pub(super) fn write(text: &str, mapped: &MappedField, map: &Map) -> Result<Option<String>, String> {
    if let Source::Constant(constant) = &mapped.source {
        return match constant == text {
            true => Ok(None),
            false => Err(format!("{} is {text:?}, and the map can say {constant:?} only", mapped.field.name)),
        };
    }
    let written = match mapped.field.value {
        ValueType::Text | ValueType::Integer | ValueType::Sscc | ValueType::Code(_) => text.to_owned(),
        ValueType::Decimal if mapped.implied_decimals > 0 => without_mark(text, mapped)?,
        ValueType::Decimal => text.replace('.', &map.numbers.decimal_mark.to_string()),
        ValueType::Date => {
            text.parse::<Date>().ok().and_then(|day| date(day.at(0, 0, 0, 0), mapped)).unwrap_or_default()
        }
        ValueType::DateTime => text.parse::<DateTime>().ok().and_then(|at| date(at, mapped)).unwrap_or_default(),
        ValueType::Gtin => item_number(text, mapped)?,
    };
    if written.is_empty() {
        return Err(format!("{} is {text:?}, and the map has no way to write that", mapped.field.name));
    }
    if mapped.values.is_empty() {
        return Ok(Some(written));
    }
    match mapped.values.iter().find(|(_, canonical)| *canonical == written) {
        Some((word, _)) => Ok(Some(word.clone())),
        None => Err(format!("{} is {text:?}, and values in the map has no word for that", mapped.field.name)),
    }
}

/// A number whose decimal mark is not written, with as many digits behind it as the file has.
fn without_mark(text: &str, mapped: &MappedField) -> Result<String, String> {
    let decimals = mapped.implied_decimals;
    let exact = text.parse::<Decimal>().ok().map(|number| number.normalize()).filter(|one| one.scale() <= decimals);
    let mut number = exact
        .ok_or_else(|| format!("{} is {text:?}, and the file writes it with {decimals} decimals", mapped.field.name))?;
    number.rescale(decimals);
    Ok(number.mantissa().to_string())
}

fn item_number(text: &str, mapped: &MappedField) -> Result<String, String> {
    let Ok(gtin) = Gtin::parse(text) else { return Ok(text.to_owned()) };
    let shortest = gtin.as_upc().or(gtin.as_ean()).unwrap_or(gtin.as_str());
    let digits = match mapped.digits {
        Some(12) => gtin.as_upc(),
        Some(13) => gtin.as_ean(),
        Some(_) => Some(gtin.as_str()),
        None => Some(shortest),
    };
    digits.map(str::to_owned).ok_or_else(|| {
        let wanted = mapped.digits.unwrap_or(14);
        format!("{} is {text:?}, which has more than {wanted} digits", mapped.field.name)
    })
}

/// The moment in the file's zone and format; a day alone is never moved by a zone.
fn date(moment: DateTime, mapped: &MappedField) -> Option<String> {
    let DateStyle { format, zone, to_zone } = &mapped.date;
    let is_day = mapped.field.value == ValueType::Date;
    let Some(format) = format else {
        // Without a format a local time is written as the document keeps it, in the file's own zone.
        return Some(match is_day {
            true => moment.date().to_string(),
            false => in_file_zone(moment, zone, to_zone)?.datetime().to_string(),
        });
    };
    let zoned = in_file_zone(moment, zone, to_zone)?;
    match format.as_str() {
        SECONDS => return Some(zoned.timestamp().as_second().to_string()),
        MILLISECONDS => return Some(zoned.timestamp().as_millisecond().to_string()),
        _ => {}
    }
    let written = jiff::fmt::strtime::format(format, &zoned).ok()?;
    let has_time = BrokenDownTime::parse(format, &written).ok()?.hour().is_some();
    if !is_day || has_time {
        return Some(written);
    }
    let unmoved = in_file_zone(moment, zone, &None)?;
    jiff::fmt::strtime::format(format, &unmoved).ok()
}

fn in_file_zone(moment: DateTime, zone: &Option<TimeZone>, to_zone: &Option<TimeZone>) -> Option<jiff::ZonedDateTime> {
    let file = zone.clone().unwrap_or(TimeZone::UTC);
    let document = to_zone.clone().unwrap_or_else(|| file.clone());
    Some(document.to_zoned_datetime(moment).ok()?.with_time_zone(file))
}
