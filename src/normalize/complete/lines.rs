//! Which line of an order is meant: by its number, then by GTIN, buyer's and vendor's item number.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::Findings;
use crate::diagnostic::codes::document::{
    AMBIGUOUS_LINE, ITEM_CONTRADICTS, ITEM_NOT_ORDERED, MISSING_VALUE, PRICE_DIFFERS, UNIT_DIFFERS, UNKNOWN_LINE,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::gs1::Gtin;
use crate::document::item::{ItemIds, Match};
use crate::document::order::OrderLine;
use crate::document::{Order, Price, Quantity};

/// An order's lines with how much of each is used up: acknowledged, shipped or invoiced.
pub(super) struct Lines<'o> {
    order: &'o Order,
    used: Vec<Decimal>,
    by_number: HashMap<&'o str, Vec<usize>>,
    by_item: HashMap<(NumberKind, &'o str), Vec<usize>>,
}

/// The kinds of item number that a line is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum NumberKind {
    Gtin,
    Buyer,
    Vendor,
    Sku,
}

/// What a document's line says about the order's line that it belongs to.
pub(super) struct WantedLine<'d> {
    pub(super) line: Option<&'d str>,
    pub(super) item: &'d ItemIds,
    pub(super) quantity: Decimal,
    pub(super) path: &'d str,
}

impl<'o> Lines<'o> {
    pub(super) fn of(order: &'o Order) -> Self {
        let (mut by_number, mut by_item) = (HashMap::new(), HashMap::new());
        for (index, line) in order.lines.iter().enumerate() {
            let same: &mut Vec<usize> = by_number.entry(line.line.trim()).or_default();
            same.push(index);
            for number in numbers(&line.item) {
                let same: &mut Vec<usize> = by_item.entry(number).or_default();
                same.push(index);
            }
        }
        Lines { order, used: vec![Decimal::ZERO; order.lines.len()], by_number, by_item }
    }

    /// Counts what an earlier document took; those were completed, so that their lines are the order's.
    pub(super) fn use_up(&mut self, line: Option<&str>, item: &ItemIds, quantity: Decimal) {
        let same_number = line.and_then(|line| self.by_number.get(line.trim())).map_or(&[][..], Vec::as_slice);
        let fits = |index: &&usize| self.order.lines[**index].item.compare(item) != Match::Different;
        if let Some(index) = same_number.iter().find(fits) {
            self.used[*index] += quantity;
        }
    }

    /// The order's line that is meant, and what it has used up counted; an error is reported when there is none.
    pub(super) fn find(&mut self, wanted: &WantedLine<'_>, findings: &mut Findings) -> Option<(usize, &'o OrderLine)> {
        let found = match wanted.line {
            Some(number) => self.by_number(number, wanted),
            None => self.by_item(wanted),
        };
        match found.and_then(|fitting| self.one_of(&fitting, wanted)) {
            Ok(index) => {
                self.used[index] += wanted.quantity;
                Some((index, &self.order.lines[index]))
            }
            Err(refusal) => {
                let finding = findings.report(refusal.code, wanted.path, refusal.message);
                (finding.expected, finding.found) = (refusal.expected, refusal.found);
                None
            }
        }
    }

    fn by_number(&self, number: &str, wanted: &WantedLine<'_>) -> Result<Vec<usize>, Box<Diagnostic>> {
        let mut fitting = self.by_number.get(number.trim()).cloned().unwrap_or_default();
        if fitting.is_empty() {
            // A spreadsheet makes 1 of 001.
            let plain = |number: &str| number.trim().trim_start_matches('0').to_owned();
            let wanted = plain(number);
            fitting =
                (0..self.order.lines.len()).filter(|index| plain(&self.order.lines[*index].line) == wanted).collect();
        }
        if fitting.is_empty() {
            let known: Vec<&str> = self.order.lines.iter().map(|line| line.line.as_str()).take(20).collect();
            let message = format!("order {} has no line {number}", self.order.po_number);
            let refusal = Diagnostic::new(&UNKNOWN_LINE, message).expected(known.join(", ")).found(number);
            return Err(Box::new(refusal));
        }
        let first = fitting[0];
        fitting.retain(|index| self.order.lines[*index].item.compare(wanted.item) != Match::Different);
        if fitting.is_empty() {
            let ordered = self.order.lines[first].item.label();
            let message = format!("line {number} is item {ordered}, not {}", wanted.item.label());
            let refusal = Diagnostic::new(&ITEM_CONTRADICTS, message).expected(ordered).found(wanted.item.label());
            return Err(Box::new(refusal));
        }
        Ok(fitting)
    }

    fn by_item(&self, wanted: &WantedLine<'_>) -> Result<Vec<usize>, Box<Diagnostic>> {
        if wanted.item.is_empty() {
            let message = format!("{} has neither line number nor item number", wanted.path);
            return Err(Box::new(Diagnostic::new(&MISSING_VALUE, message)));
        }
        let lines = &self.order.lines;
        let mut sharing: Vec<usize> =
            numbers(wanted.item).filter_map(|number| self.by_item.get(&number)).flatten().copied().collect();
        sharing.sort_unstable();
        sharing.dedup();
        let is_same = |index: &usize| lines[*index].item.compare(wanted.item) == Match::Same;
        let fitting: Vec<usize> = sharing.iter().copied().filter(is_same).collect();
        if !fitting.is_empty() {
            return Ok(fitting);
        }
        let label = wanted.item.label();
        let refusal = match sharing.first() {
            Some(index) => {
                let line = &lines[*index].line;
                let message = format!("item {label} has one number of line {line} and contradicts another");
                Diagnostic::new(&ITEM_CONTRADICTS, message)
            }
            None => {
                let message = format!("item {label} is not on order {}", self.order.po_number);
                Diagnostic::new(&ITEM_NOT_ORDERED, message)
            }
        };
        Err(Box::new(refusal.found(label)))
    }

    /// Of several lines with the same item, the only one that has room, else the only one that is filled exactly.
    fn one_of(&self, fitting: &[usize], wanted: &WantedLine<'_>) -> Result<usize, Box<Diagnostic>> {
        if let [index] = fitting {
            return Ok(*index);
        }
        let room = |index: &usize| self.order.lines[*index].quantity.value - self.used[*index];
        let roomy: Vec<usize> = fitting.iter().copied().filter(|index| room(index) >= wanted.quantity).collect();
        let exact: Vec<usize> = roomy.iter().copied().filter(|index| room(index) == wanted.quantity).collect();
        for only in [roomy, exact] {
            if let [index] = only[..] {
                return Ok(index);
            }
        }
        let numbers: Vec<&str> = fitting.iter().map(|index| self.order.lines[*index].line.as_str()).collect();
        let message = format!("item {} is on lines {}", wanted.item.label(), numbers.join(", "));
        let refusal = Diagnostic::new(&AMBIGUOUS_LINE, message);
        Err(Box::new(refusal.expected("the number of one of these lines")))
    }

    /// Warns about lines of which more is used up than was ordered.
    pub(super) fn report_surplus(&self, code: Code, verb: &str, path: &str, findings: &mut Findings) {
        for (line, used) in self.order.lines.iter().zip(&self.used) {
            let ordered = &line.quantity;
            if *used > ordered.value {
                let message = format!(
                    "order {}, line {}: {} {} ordered, {used} {verb}",
                    self.order.po_number, line.line, ordered.value, ordered.unit
                );
                let finding = findings.report(code, path, message);
                finding.expected = Some(format!("at most {}", ordered.value));
                finding.found = Some(used.to_string());
            }
        }
    }
}

fn numbers(item: &ItemIds) -> impl Iterator<Item = (NumberKind, &str)> {
    let numbers = [
        (NumberKind::Gtin, item.gtin.as_ref().map(Gtin::as_str)),
        (NumberKind::Buyer, item.buyer.as_deref()),
        (NumberKind::Vendor, item.vendor.as_deref()),
        (NumberKind::Sku, item.sku.as_deref()),
    ];
    numbers.into_iter().filter_map(|(kind, number)| Some((kind, number?)))
}

/// The order's unit where the document gives none; a different one is an error.
pub(super) fn fill_unit(quantity: &mut Quantity, ordered: &OrderLine, path: &str, findings: &mut Findings) {
    let unit = &ordered.quantity.unit;
    if quantity.unit.is_empty() {
        quantity.unit.clone_from(unit);
    } else if quantity.unit != *unit {
        let message = format!("line {} is ordered in {unit}, the document counts in {}", ordered.line, quantity.unit);
        let finding = findings.report(&UNIT_DIFFERS, path, message);
        (finding.expected, finding.found) = (Some(unit.clone()), Some(quantity.unit.clone()));
    }
}

/// The order's price basis where the document gives none; a different amount is worth a warning.
pub(super) fn compare_price(price: &mut Price, ordered: &OrderLine, path: &str, findings: &mut Findings) {
    let Some(of_order) = &ordered.price else { return };
    if price.basis.is_none() {
        price.basis.clone_from(&of_order.basis);
    }
    if price.amount != of_order.amount {
        let message =
            format!("line {} is ordered at {}, the document says {}", ordered.line, of_order.amount, price.amount);
        let finding = findings.report(&PRICE_DIFFERS, path, message);
        (finding.expected, finding.found) = (Some(of_order.amount.to_string()), Some(price.amount.to_string()));
    }
}
