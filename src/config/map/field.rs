//! One entry of `[fields]`: where the file has the field, and how it writes it.

use jiff::civil::date;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use toml::de::DeTable;

use super::fields::{Field, ValueType};
use super::read::{Format, Reading, Value};
use super::{DateStyle, MILLISECONDS, MappedField, SECONDS, Source, TreePath};
use crate::diagnostic::codes::files;

/// Every key that an entry may have.
pub(super) const KEYS: &[&str] = &[
    "column",
    "path",
    "value",
    "format",
    "zone",
    "to_zone",
    "unit",
    "values",
    "default",
    "digits",
    "implied_decimals",
    "optional",
];

/// Reads an entry and adds it; `unit = "EA"` adds the unit's field as a constant.
pub(super) fn read<'t>(
    reading: &mut Reading<'t>,
    field: &Field,
    known: &[Field],
    value: &Value<'t>,
    format: Format,
    repeats: &[Option<TreePath>],
    mapped: &mut Vec<MappedField>,
) {
    let byte = value.span().start;
    let Some(table) = value.get_ref().as_table() else {
        let Some(text) = value.get_ref().as_str() else {
            return reading.wrong_type(&field.name, value, "a column or path in quotes, or a table");
        };
        if let Some(source) = source(reading, vec![text.to_owned()], byte, format, repeats) {
            mapped.push(plain(field, source));
        }
        return;
    };
    reading.refuse_keys_but(table, &keys_of(field, format), &field.name);
    let Some(source) = source_of(reading, table, field, byte, format, repeats) else { return };
    let mut entry = plain(field, source);
    entry.date = date_style(reading, table);
    entry.values = values(reading, table, field);
    entry.default = table.get("default").and_then(|value| reading.text("default", value));
    entry.digits = digits(reading, table);
    entry.implied_decimals = implied_decimals(reading, table);
    entry.optional = reading.flag(table, "optional", false);
    mapped.push(entry);
    let unit_field = known.iter().find(|other| Some(&other.name) == field.unit.as_ref());
    if let (Some(unit_field), Some(unit)) = (unit_field, table.get("unit"))
        && let Some(unit) = reading.text("unit", unit)
    {
        mapped.push(plain(unit_field, Source::Constant(unit)));
    }
}

fn plain(field: &Field, source: Source) -> MappedField {
    MappedField {
        field: field.clone(),
        source,
        date: DateStyle::default(),
        values: Vec::new(),
        default: None,
        digits: None,
        implied_decimals: 0,
        optional: false,
    }
}

/// The keys that make sense for a field, so that a `format` on a text is not silently ignored.
fn keys_of(field: &Field, format: Format) -> Vec<&'static str> {
    let mut keys = vec!["value", "values", "default"];
    match format {
        Format::Csv => keys.extend(["column", "optional"]),
        Format::Xml | Format::Json => keys.push("path"),
    }
    match field.value {
        ValueType::Date | ValueType::DateTime => keys.extend(["format", "zone", "to_zone"]),
        ValueType::Gtin => keys.push("digits"),
        ValueType::Decimal => keys.push("implied_decimals"),
        _ => {}
    }
    if field.unit.is_some() {
        keys.push("unit");
    }
    keys
}

fn source_of<'t>(
    reading: &mut Reading<'t>,
    table: &DeTable<'t>,
    field: &Field,
    byte: usize,
    format: Format,
    repeats: &[Option<TreePath>],
) -> Option<Source> {
    let key = if format == Format::Csv { "column" } else { "path" };
    match (table.get(key), table.get("value")) {
        (Some(value), None) if format == Format::Csv => {
            let columns = reading.texts(key, value);
            source(reading, columns, value.span().start, format, repeats)
        }
        (Some(value), None) => {
            let path = reading.text(key, value)?;
            source(reading, vec![path], value.span().start, format, repeats)
        }
        (None, Some(value)) => {
            let constant = reading.text("value", value)?;
            check_code(reading, field, &constant, value.span().start);
            Some(Source::Constant(constant))
        }
        _ => {
            let message = format!("{} must have either {key} or value", field.name);
            reading.say(&files::MAP_BAD_VALUE, byte, message).expected =
                Some(format!("{{ {key} = \"…\" }}, or {{ value = \"…\" }} for what the file never says"));
            None
        }
    }
}

fn source(
    reading: &mut Reading<'_>,
    names: Vec<String>,
    byte: usize,
    format: Format,
    repeats: &[Option<TreePath>],
) -> Option<Source> {
    match format {
        Format::Csv if names.is_empty() || names.iter().any(|name| name.trim().is_empty()) => {
            reading.say(&files::MAP_BAD_VALUE, byte, "the column has no name".to_owned());
            None
        }
        Format::Csv => Some(Source::Columns(names)),
        Format::Xml | Format::Json => Some(Source::Path(reading.path(names.first()?, byte, format, repeats)?)),
    }
}

fn date_style<'t>(reading: &mut Reading<'t>, table: &DeTable<'t>) -> DateStyle {
    let format = table.get("format").and_then(|value| {
        let format = reading.text("format", value)?;
        match fault_of(&format, table.contains_key("zone")) {
            None => Some(format),
            Some(fault) => {
                let error = reading.say(&files::MAP_BAD_DATE_FORMAT, value.span().start, fault);
                error.expected = Some("strftime directives that give year, month and day".to_owned());
                error.found = Some(format);
                None
            }
        }
    });
    let zone = zone(reading, table, "zone");
    let to_zone = zone_to(reading, table, zone.is_some());
    DateStyle { format, zone, to_zone }
}

/// What is wrong with a date format: writing a known day and reading it back must give that day.
fn fault_of(format: &str, has_zone: bool) -> Option<String> {
    if format == SECONDS || format == MILLISECONDS {
        return (!has_zone).then(|| "a count since 1970 needs a zone to become a day".to_owned());
    }
    let probe = date(2026, 3, 26).at(14, 10, 5, 0);
    let Ok(zoned) = TimeZone::UTC.to_zoned_datetime(probe) else { return None };
    let read = jiff::fmt::strtime::format(format, &zoned).and_then(|text| BrokenDownTime::parse(format, &text));
    let (day, offset) = match read.and_then(|read| Ok((read.to_date()?, read.offset()))) {
        Ok(read) => read,
        Err(error) => return Some(format!("this is no date format: {error}")),
    };
    if day != probe.date() {
        return Some(format!("this format reads {} as {day}", probe.date()));
    }
    let lacks_zone = offset.is_some() && !has_zone;
    lacks_zone.then(|| "the format has an offset, and the entry has no zone to turn it into a local time".to_owned())
}

fn zone<'t>(reading: &mut Reading<'t>, table: &DeTable<'t>, key: &str) -> Option<TimeZone> {
    let value = table.get(key)?;
    let name = reading.text(key, value)?;
    let zone = TimeZone::get(&name).ok();
    if zone.is_none() {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let byte = value.span().start;
        reading.unknown(&files::MAP_UNKNOWN_ZONE, byte, format!("{key} is not a known time zone"), &name, &known);
    }
    zone
}

fn zone_to<'t>(reading: &mut Reading<'t>, table: &DeTable<'t>, has_zone: bool) -> Option<TimeZone> {
    let to_zone = zone(reading, table, "to_zone");
    if let (false, Some(value), Some(_)) = (has_zone, table.get("to_zone"), &to_zone)
        && !table.contains_key("zone")
    {
        reading.say(&files::MAP_MISSING_KEY, value.span().start, "to_zone stands without zone".to_owned()).expected =
            Some("zone = the zone that the file's times are written in".to_owned());
    }
    to_zone
}

fn values<'t>(reading: &mut Reading<'t>, table: &DeTable<'t>, field: &Field) -> Vec<(String, String)> {
    let Some(value) = table.get("values") else { return Vec::new() };
    let Some(entries) = value.get_ref().as_table() else {
        reading.wrong_type("values", value, "a table: { OK = \"accepted\" }");
        return Vec::new();
    };
    let mut all = Vec::new();
    for (word, canonical) in entries.iter() {
        let Some(text) = reading.text("values", canonical) else { continue };
        check_code(reading, field, &text, canonical.span().start);
        all.push((word.span().start, word.get_ref().to_string(), text));
    }
    all.sort();
    all.into_iter().map(|(_, word, canonical)| (word, canonical)).collect()
}

fn check_code(reading: &mut Reading<'_>, field: &Field, text: &str, byte: usize) {
    if let ValueType::Code(words) = field.value
        && !words.contains(&text)
    {
        reading.unknown(&files::MAP_BAD_VALUE, byte, format!("{} cannot be {text:?}", field.name), text, words);
    }
}

fn digits<'t>(reading: &mut Reading<'t>, table: &DeTable<'t>) -> Option<usize> {
    let digits = reading.count(table, "digits")?;
    if let (false, Some(value)) = (matches!(digits, 12..=14), table.get("digits")) {
        reading
            .say(&files::MAP_BAD_VALUE, value.span().start, format!("an item number has no {digits} digits"))
            .expected = Some("12 (UPC), 13 (EAN) or 14 (GTIN)".to_owned());
        return None;
    }
    Some(digits)
}

fn implied_decimals<'t>(reading: &mut Reading<'t>, table: &DeTable<'t>) -> u32 {
    let Some(decimals) = reading.count(table, "implied_decimals") else { return 0 };
    match (u32::try_from(decimals), table.get("implied_decimals")) {
        (Ok(decimals @ 0..=6), _) => decimals,
        (_, Some(value)) => {
            let message = format!("an amount has no {decimals} decimals that are not written");
            reading.say(&files::MAP_BAD_VALUE, value.span().start, message).expected = Some("0 to 6".to_owned());
            0
        }
        (_, None) => 0,
    }
}
