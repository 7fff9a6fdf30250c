//! Inventory parity: two reports of the same stock, item by item and place by place, held against each other.
//!
//! ```text
//! erp at 06:00   550001 WH1  120      3pl at 06:30   550001 WH1  118     a difference of 2
//!                550001 WH2   40                                         the 3pl does not speak of WH2: not compared
//! ```
//!
//! Only reports whose times lie within the agreed window are compared, and only places that both speak of; an item that one of
//! them does not list there is none there. Both count what is there where both tell it, else what can be sold.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::config::cross_reference::CrossReferences;
use crate::document::inventory::{InventoryLine, StockKind};
use crate::document::item::{ItemIds, Match};
use crate::document::party::PartyRole;
use crate::document::{Inventory, Quantity};

/// What a comparison says of one item in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// What is compared.
    pub item: ItemIds,
    /// The unit of the counts, where both count in the same.
    pub unit: Option<String>,
    /// The place, by its code.
    pub location: String,
    /// What the one counts.
    pub ours: Decimal,
    /// What the other counts.
    pub theirs: Decimal,
}

/// Compares two reports; every item of every place that both speak of.
pub fn compare(ours: &Inventory, theirs: &Inventory, items: &CrossReferences) -> Vec<Compared> {
    let (ours, theirs) = (by_place(ours, items), by_place(theirs, items));
    let mut compared = Vec::new();
    for (location, our_lines) in &ours {
        let Some(their_lines) = theirs.get(location) else { continue };
        let mut met = BTreeSet::new();
        for (item, line) in our_lines {
            let other = their_lines.iter().position(|(known, _)| known.compare(item) == Match::Same);
            met.extend(other);
            compared.push(one(location, item, Some(line), other.map(|place| &their_lines[place].1)));
        }
        for (place, (item, line)) in their_lines.iter().enumerate() {
            if !met.contains(&place) {
                compared.push(one(location, item, None, Some(line)));
            }
        }
    }
    compared
}

/// The places that a report speaks of, with its lines there.
fn by_place<'i>(report: &'i Inventory, items: &CrossReferences) -> BTreeMap<String, Vec<(ItemIds, &'i InventoryLine)>> {
    let keeper = report.parties.iter().find(|party| party.role == PartyRole::Warehouse);
    let whole = keeper.and_then(|party| party.code.as_ref()).map(|code| code.value.clone()).unwrap_or_default();
    let mut places: BTreeMap<String, Vec<(ItemIds, &InventoryLine)>> = BTreeMap::new();
    for line in &report.lines {
        let location = line.location.clone().unwrap_or_else(|| whole.clone());
        places.entry(location).or_default().push((items.complete(&line.item).into_owned(), line));
    }
    places
}

fn one(location: &str, item: &ItemIds, ours: Option<&&InventoryLine>, theirs: Option<&&InventoryLine>) -> Compared {
    let tells = |line: Option<&&InventoryLine>, kind: &StockKind| line.is_none_or(|line| stock(line, kind).is_some());
    let both_tell = |kind: &StockKind| tells(ours, kind) && tells(theirs, kind);
    let kind = if both_tell(&StockKind::OnHand) { StockKind::OnHand } else { StockKind::Available };
    let [ours, theirs] = [ours, theirs].map(|line| line.and_then(|line| stock(line, &kind)));
    let mut units = [ours, theirs].into_iter().flatten().map(|quantity| quantity.unit.as_str());
    let unit = units.next().filter(|unit| units.all(|other| other == *unit));
    let count = |quantity: Option<&Quantity>| quantity.map(|quantity| quantity.value).unwrap_or_default();
    Compared {
        item: item.clone(),
        unit: unit.map(str::to_owned),
        location: location.to_owned(),
        ours: count(ours),
        theirs: count(theirs),
    }
}

fn stock<'l>(line: &'l InventoryLine, kind: &StockKind) -> Option<&'l Quantity> {
    line.stock.iter().find(|stock| stock.is == *kind).map(|stock| &stock.quantity)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A report with lines such as `550001 WH1 on_hand 120`.
    fn report(lines: &[&str]) -> Inventory {
        let lines: Vec<Value> = lines
            .iter()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                let stock = json!([{ "is": words[2], "quantity": { "value": words[3], "unit": "EA" } }]);
                json!({ "item": { "buyer": words[0] }, "location": words[1], "stock": stock })
            })
            .collect();
        let report = json!({ "report_number": "N1", "as_of": "2026-03-03T06:00:00", "lines": lines });
        serde_json::from_value(report).unwrap()
    }

    fn check(ours: &[&str], theirs: &[&str], expect: &[&str]) {
        let compared = compare(&report(ours), &report(theirs), &CrossReferences::default());
        let told: Vec<String> = compared
            .iter()
            .map(|one| format!("{} {} {} {}", one.item.label(), one.location, one.ours, one.theirs))
            .collect();
        assert_eq!(told, expect);
    }

    #[test]
    fn the_same_item_in_the_same_place_is_compared() {
        check(&["550001 WH1 on_hand 120"], &["550001 WH1 on_hand 118"], &["550001 WH1 120 118"]);
    }

    #[test]
    fn a_place_of_which_only_one_speaks_is_not_compared_and_an_item_that_one_does_not_list_is_none() {
        let ours = ["550001 WH1 on_hand 120", "550001 WH2 on_hand 40"];
        check(&ours, &["550002 WH1 on_hand 7"], &["550001 WH1 120 0", "550002 WH1 0 7"]);
    }

    #[test]
    fn what_can_be_sold_is_compared_where_not_both_tell_what_is_there() {
        check(&["550001 WH1 available 100"], &["550001 WH1 available 100"], &["550001 WH1 100 100"]);
    }
}
