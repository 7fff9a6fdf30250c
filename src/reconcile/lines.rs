//! Which line of an order a document means: by the line's number, then by what the item is called.
//!
//! ```text
//! line 002                              line 002, unless the item named beside it is another line's
//! no line, GTIN of 001                  line 001
//! no line, GTIN of 001, buyer's of 002  a conflict
//! no line, an item of two lines         a conflict
//! ```
//!
//! It never guesses: what could be two lines is a conflict, and counts nowhere until a person looked.

use std::collections::HashMap;

use crate::config::cross_reference::CrossReferences;
use crate::document::gs1::Gtin;
use crate::document::item::ItemIds;
use crate::document::keys::plain_number;
use crate::document::packing::Packing;

/// The lines of an order by which others are found.
#[derive(Debug)]
pub struct Catalog<'x> {
    lines: Vec<(String, ItemIds)>,
    /// The lines of a number, in their order.
    numbered: HashMap<String, Vec<usize>>,
    /// The lines of an item's number, in their order, by the kind of the number.
    called: [HashMap<String, Vec<usize>>; KINDS],
    cross_references: &'x CrossReferences,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The line, by its place in the order.
    Line(usize),
    /// The order has no such line.
    Nowhere,
    /// It could be two lines; in words.
    Conflict(String),
}

impl<'x> Catalog<'x> {
    /// A catalog without lines.
    pub fn new(cross_references: &'x CrossReferences) -> Catalog<'x> {
        Catalog { lines: Vec::new(), numbered: HashMap::new(), called: Default::default(), cross_references }
    }

    /// Adds a line behind the others.
    pub fn add(&mut self, number: &str, item: &ItemIds) {
        let (index, item) = (self.lines.len(), self.cross_references.complete(item).into_owned());
        self.numbered.entry(plain_number(number)).or_default().push(index);
        for (called, number) in self.called.iter_mut().zip(numbers(&item)) {
            if let Some(number) = number {
                called.entry(number.to_owned()).or_default().push(index);
            }
        }
        self.lines.push((number.to_owned(), item));
    }

    /// What the table of items says of how an item is packed.
    pub fn packing(&self, item: &ItemIds) -> Packing {
        Packing::of(self.cross_references.case_of(item), None)
    }

    /// Finds a line.
    pub fn find(&self, line: Option<&str>, item: &ItemIds) -> Found {
        let item = self.cross_references.complete(item);
        let numbered = line.and_then(|number| self.numbered.get(&plain_number(number)));
        let Some(numbered) = numbered else { return self.by_item(&item) };
        // Two items may have one number: one took the place of the other, or a split order has another line there.
        let fitting = numbered.iter().find(|index| difference(&self.lines[**index].1, &item).is_none());
        self.checked(*fitting.unwrap_or(&numbered[0]), &item)
    }

    /// The line of that number, unless the item beside it says otherwise.
    fn checked(&self, index: usize, item: &ItemIds) -> Found {
        let (number, ordered) = &self.lines[index];
        match difference(ordered, item) {
            None => Found::Line(index),
            Some((ordered, named)) => Found::Conflict(format!("line {number} is item {ordered}, not {named}")),
        }
    }

    /// The only line that one of the item's numbers leads to, where the others lead nowhere else.
    fn by_item(&self, item: &ItemIds) -> Found {
        let found = self.called.iter().zip(numbers(item)).filter_map(|(called, number)| called.get(number?));
        let mut hits: Vec<usize> = found.flatten().copied().collect();
        hits.sort_unstable();
        hits.dedup();
        match hits[..] {
            [] => Found::Nowhere,
            [only] => self.checked(only, item),
            _ => {
                let lines: Vec<&str> = hits.iter().map(|&index| self.lines[index].0.as_str()).collect();
                Found::Conflict(format!("item {} could be the lines {}", item.label(), lines.join(", ")))
            }
        }
    }
}

/// How many kinds of numbers items are found by.
const KINDS: usize = 4;

/// The numbers of an item by their kinds, in the order in which they are believed.
fn numbers(item: &ItemIds) -> [Option<&str>; KINDS] {
    [item.gtin.as_ref().map(Gtin::as_str), item.buyer.as_deref(), item.vendor.as_deref(), item.sku.as_deref()]
}

/// The first kind of number in which they differ.
fn difference<'i>(ordered: &'i ItemIds, named: &'i ItemIds) -> Option<(&'i str, &'i str)> {
    let pairs = numbers(ordered).into_iter().zip(numbers(named));
    pairs.filter_map(|(ordered, named)| Some((ordered?, named?))).find(|(ordered, named)| ordered != named)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `b550001 vAC-100`: buyer's and vendor's numbers.
    fn item(text: &str) -> ItemIds {
        let mut item = ItemIds::default();
        for number in text.split_whitespace() {
            let value = Some(number[1..].to_owned());
            match &number[..1] {
                "b" => item.buyer = value,
                "v" => item.vendor = value,
                _ => item.sku = value,
            }
        }
        item
    }

    fn check(line: Option<&str>, asked: &str, expect: Found) {
        let mut table = CrossReferences::default();
        table.add(item("b550002 sS-2"), None).unwrap();
        let mut catalog = Catalog::new(&table);
        for (number, ids) in
            [("001", "b550001 vAC-100"), ("002", "b550002 vAC-200"), ("003", "b550003"), ("004", "b550003")]
        {
            catalog.add(number, &item(ids));
        }
        assert_eq!(catalog.find(line, &item(asked)), expect, "{line:?} {asked}");
    }

    #[test]
    fn a_line_is_found_by_its_number_or_by_what_the_item_is_called() {
        check(Some("002"), "", Found::Line(1));
        check(Some("2"), "b550002", Found::Line(1));
        check(None, "vAC-100", Found::Line(0));
        check(Some("77"), "b550001", Found::Line(0));
        check(None, "b999", Found::Nowhere);
    }

    #[test]
    fn of_two_items_that_share_a_line_number_the_one_that_is_named_is_found() {
        let table = CrossReferences::default();
        let mut catalog = Catalog::new(&table);
        catalog.add("001", &item("b550001"));
        catalog.add("001", &item("b550009"));
        assert_eq!(catalog.find(Some("001"), &item("b550009")), Found::Line(1));
        assert_eq!(catalog.find(Some("001"), &item("b550001")), Found::Line(0));
    }

    #[test]
    fn a_table_of_items_knows_the_number_that_the_order_does_not() {
        check(None, "sS-2", Found::Line(1));
    }

    #[test]
    fn what_could_be_two_lines_is_a_conflict() {
        check(Some("001"), "b550002", Found::Conflict("line 001 is item 550001, not 550002".to_owned()));
        check(None, "b550001 vAC-200", Found::Conflict("item 550001 could be the lines 001, 002".to_owned()));
        check(None, "b550003", Found::Conflict("item 550003 could be the lines 003, 004".to_owned()));
        check(None, "b550001 vAC-999", Found::Conflict("line 001 is item AC-100, not AC-999".to_owned()));
    }
}
