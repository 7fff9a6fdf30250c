//! The elements of one segment as x12-types holds them, by their numbers.
//!
//! x12-types serializes a segment as `{ "01": "00", "02": null, … }`; that saves naming 20 fields of a PO1 one by one.

use std::str::FromStr;

use edigate::document::{Measure, Quantity};
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};

pub struct Elements(Map<String, Value>);

impl Elements {
    pub fn of(segment: &impl Serialize) -> Elements {
        match serde_json::to_value(segment) {
            Ok(Value::Object(fields)) => Elements(fields),
            other => panic!("a segment is not an object: {other:?}"),
        }
    }

    /// The text of an element; nothing where it is absent or empty.
    pub fn text(&self, number: usize) -> Option<String> {
        match self.0.get(&format!("{number:02}")) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.is_empty() => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => panic!("element {number} is neither text nor absent: {other}"),
        }
    }

    pub fn needed(&self, number: usize) -> String {
        self.text(number).unwrap_or_else(|| panic!("element {number} is missing in {:?}", self.0))
    }

    pub fn decimal(&self, number: usize) -> Option<Decimal> {
        self.text(number).map(|text| Decimal::from_str(&text).unwrap())
    }

    /// N2: the last two digits are cents.
    pub fn cents(&self, number: usize) -> Option<Decimal> {
        self.text(number).map(|text| Decimal::from_i128_with_scale(text.parse().unwrap(), 2))
    }

    pub fn count(&self, number: usize) -> Option<u32> {
        self.text(number).map(|text| text.parse().unwrap())
    }

    pub fn date(&self, number: usize) -> Option<Date> {
        self.text(number).map(|text| Date::strptime("%Y%m%d", text).unwrap())
    }

    pub fn time(&self, number: usize) -> Option<Time> {
        self.text(number).map(|text| Time::strptime("%H%M", text).unwrap())
    }

    /// A value and, in the next element, its unit.
    pub fn quantity(&self, number: usize) -> Option<Quantity> {
        let value = self.decimal(number)?;
        Some(Quantity { value, unit: self.needed(number + 1) })
    }

    pub fn measure(&self, number: usize) -> Option<Measure> {
        let Quantity { value, unit } = self.quantity(number)?;
        Some(Measure { value, unit })
    }

    /// Qualifiers and what they qualify, from an element on to the end.
    pub fn pairs(&self, from: usize) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for number in (from..self.0.len()).step_by(2) {
            if let Some(qualifier) = self.text(number) {
                pairs.push((qualifier, self.needed(number + 1)));
            }
        }
        pairs
    }
}
