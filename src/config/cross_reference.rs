//! `cross_references` of a partner: a table of items by the numbers that buyer, seller and their systems know them by.
//!
//! ```csv
//! gtin,buyer,vendor,sku,case
//! 00061414100014,550001,AC-100,,12
//! 00061414100021,550002,AC-200,AC200-BL,
//! ```
//!
//! A row is one item; `case` is how many eaches a case of it holds. A number of two rows would make one item of two, so it is an
//! error.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use rust_decimal::Decimal;

use super::reader::{Table, cannot_read};
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::document::gs1::Gtin;
use crate::document::item::ItemIds;

/// Items by all of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrossReferences {
    items: Vec<Row>,
    /// The row of a number, by its column.
    rows: HashMap<(&'static str, String), usize>,
}

/// One item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    item: ItemIds,
    /// Eaches in a case.
    case: Option<Decimal>,
}

impl CrossReferences {
    /// An item with every number that the table knows it by; as it is where its numbers are in no row, or in two.
    pub fn complete<'i>(&self, item: &'i ItemIds) -> Cow<'i, ItemIds> {
        match self.row_of(item) {
            Some(row) => {
                let mut complete = item.clone();
                complete.fill_from(&row.item);
                Cow::Owned(complete)
            }
            None => Cow::Borrowed(item),
        }
    }

    /// How many eaches a case of an item holds, where the table says so.
    pub fn case_of(&self, item: &ItemIds) -> Option<Decimal> {
        self.row_of(item)?.case
    }

    /// The only row that the numbers of an item are in.
    fn row_of(&self, item: &ItemIds) -> Option<&Row> {
        if self.items.is_empty() {
            return None;
        }
        let mut rows = numbers(item).filter_map(|(kind, number)| self.rows.get(&(kind, number.to_owned())));
        let row = rows.next()?;
        rows.all(|other| other == row).then(|| &self.items[*row])
    }

    /// Adds a row; the number that another row has as well is refused.
    pub fn add(&mut self, item: ItemIds, case: Option<Decimal>) -> Result<(), String> {
        let row = self.items.len();
        for (kind, number) in numbers(&item) {
            if self.rows.insert((kind, number.to_owned()), row).is_some() {
                return Err(format!("{kind} {number} is in two rows"));
            }
        }
        self.items.push(Row { item, case });
        Ok(())
    }
}

fn numbers(item: &ItemIds) -> impl Iterator<Item = (&'static str, &str)> {
    let all = [
        ("gtin", item.gtin.as_ref().map(Gtin::as_str)),
        ("buyer", item.buyer.as_deref()),
        ("vendor", item.vendor.as_deref()),
        ("sku", item.sku.as_deref()),
    ];
    all.into_iter().filter_map(|(kind, number)| Some((kind, number?)))
}

/// Reads the file that a partner file names.
pub(crate) fn read(root: &Table, folder: &Path) -> CrossReferences {
    let Some(name) = root.optional("cross_references").text() else { return CrossReferences::default() };
    let file = folder.join(name.value);
    let read = std::fs::read_to_string(&file);
    let (table, faults) = match read {
        Ok(text) => parse(&text),
        Err(error) => {
            root.source.report(Diagnostic::new(&codes::UNREADABLE, cannot_read(&file, &error)).at(name.place));
            return CrossReferences::default();
        }
    };
    for (line, message) in faults {
        let place =
            Place { file: Some(file.display().to_string()), spot: Spot::Line { line, column: 0 }, ..Place::default() };
        root.source.report(Diagnostic::new(&codes::CROSS_REFERENCE, message).at(place));
    }
    table
}

/// The table of a text, and what is wrong with it by line.
fn parse(text: &str) -> (CrossReferences, Vec<(u64, String)>) {
    let (mut table, mut faults) = (CrossReferences::default(), Vec::new());
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let heading = match reader.headers() {
        Ok(heading) => heading.clone(),
        Err(error) => return (table, vec![(1, error.to_string())]),
    };
    for record in reader.into_records() {
        let (line, added) = match record {
            Ok(record) => {
                let line = record.position().map_or(1, csv::Position::line);
                (line, row(&heading, &record).and_then(|Row { item, case }| table.add(item, case)))
            }
            Err(error) => (error.position().map_or(1, csv::Position::line), Err(error.to_string())),
        };
        faults.extend(added.err().map(|message| (line, message)));
    }
    (table, faults)
}

fn row(heading: &csv::StringRecord, record: &csv::StringRecord) -> Result<Row, String> {
    let mut row = Row::default();
    for (kind, number) in heading.iter().zip(record).filter(|(_, number)| !number.is_empty()) {
        let value = number.to_owned();
        match kind {
            "gtin" => row.item.gtin = Some(Gtin::parse(&value).map_err(|error| error.to_string())?),
            "buyer" => row.item.buyer = Some(value),
            "vendor" => row.item.vendor = Some(value),
            "sku" => row.item.sku = Some(value),
            "case" => row.case = Some(eaches(number)?),
            other => return Err(format!("{other:?} is none of the columns gtin, buyer, vendor, sku, case")),
        }
    }
    Ok(row)
}

/// A number of eaches above zero.
fn eaches(text: &str) -> Result<Decimal, String> {
    let count = text.parse().ok().filter(|count: &Decimal| *count > Decimal::ZERO);
    count.ok_or_else(|| format!("{text:?} is no number of eaches in a case"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buyer(number: &str) -> ItemIds {
        ItemIds { buyer: Some(number.to_owned()), ..ItemIds::default() }
    }

    #[test]
    fn an_item_gets_the_numbers_of_its_row() {
        let (table, faults) = parse("buyer,vendor\n550001,AC-100\n550002,AC-200\n");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(table.complete(&buyer("550002")).vendor.as_deref(), Some("AC-200"));
        assert_eq!(*table.complete(&buyer("9")), buyer("9"));
    }

    #[test]
    fn a_row_says_how_many_are_in_a_case() {
        let (table, faults) = parse("buyer,vendor,case\n550001,AC-100,12\n550002,AC-200,\n");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((table.case_of(&buyer("550001")), table.case_of(&buyer("550002"))), (Some(12.into()), None));
        let (_, faults) = parse("buyer,case\n550001,none\n");
        assert_eq!(faults, [(2, "\"none\" is no number of eaches in a case".to_owned())]);
    }

    #[test]
    fn numbers_of_two_rows_are_not_made_one_item() {
        let (table, _) = parse("buyer,vendor\n550001,AC-100\n550002,AC-200\n");
        let mixed = ItemIds { vendor: Some("AC-200".to_owned()), ..buyer("550001") };
        assert_eq!(*table.complete(&mixed), mixed);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let (_, faults) = parse("buyer,vendor\n550001,AC-100\n550002,AC-100\n");
        assert_eq!(faults, [(3, "vendor AC-100 is in two rows".to_owned())]);
        let (_, faults) = parse("buyer,colour\n550001,red\n");
        assert_eq!(faults, [(2, "\"colour\" is none of the columns gtin, buyer, vendor, sku, case".to_owned())]);
        let (_, faults) = parse("gtin\n00061414100015\n");
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
}
