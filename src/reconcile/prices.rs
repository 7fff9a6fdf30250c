//! What an item cost last: the price of the newest order or invoice that names it.
//!
//! ```text
//! 810 of Tuesday   550001 at 3.71      550001 costs 3.71 each
//! 850 of Monday    550001 at 3.61
//! ```
//!
//! A price is of a unit; in another one it is known only where the line tells the pack.

use rust_decimal::Decimal;

use crate::config::cross_reference::CrossReferences;
use crate::document::Document;
use crate::document::item::{ItemIds, Match};
use crate::ledger::document::StoredDocument;

/// A price with its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastPrice {
    /// Of one unit.
    pub amount: Decimal,
    /// ISO 4217, where the document names it.
    pub currency: Option<String>,
}

/// The price of an item in a unit, by the first document that knows it; they come the newest first.
pub fn last(newest: &[StoredDocument], items: &CrossReferences, item: &ItemIds, unit: &str) -> Option<LastPrice> {
    let item = items.complete(item);
    let is_it = |named: &ItemIds| items.complete(named).compare(&item) == Match::Same;
    newest.iter().filter(|one| !one.document.header().test).find_map(|one| match &one.document {
        Document::Order(order) => {
            let mut prices = order.lines.iter().filter(|line| is_it(&line.item)).filter_map(|line| line.price_in(unit));
            Some(LastPrice { amount: prices.next()?, currency: order.currency.clone() })
        }
        Document::Invoice(invoice) => {
            let mut lines = invoice.lines.iter().filter(|line| line.quantity.unit == unit && is_it(&line.item));
            Some(LastPrice { amount: lines.next()?.price.amount, currency: invoice.currency.clone() })
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::scene::{invoiced, order};

    fn check(newest: &[StoredDocument], buyer: &str, unit: &str, expect: Option<&str>) {
        let item = ItemIds { buyer: Some(buyer.to_owned()), ..ItemIds::default() };
        let found = last(newest, &CrossReferences::default(), &item, unit);
        assert_eq!(found.map(|price| price.amount.to_string()).as_deref(), expect);
    }

    #[test]
    fn an_item_costs_what_the_newest_document_that_names_it_says() {
        let newest = [invoiced("INV1", &[("550001", 1, "3.71")]), order()];
        check(&newest, "550001", "EA", Some("3.71"));
        check(&newest, "550002", "EA", Some("5.50"));
        check(&newest, "550002", "DZ", Some("66.00"));
        check(&newest, "550009", "EA", None);
        check(&newest, "550001", "PL", None);
    }
}
