//! What is known of long orders: which of their documents were in their latest revision, and since when nothing of that changed.
//!
//! ```text
//! 850 4500012345   under mark 0193…a7   1,000 ids       one more comes: 1 id is asked for a later revision
//!                  under mark 0193…b2                   a document of the partner was revised: all of them are
//! ```
//!
//! The ledger gives a partner another mark with every revision of one of its documents. Under the same mark nothing was revised, so
//! that what was the latest still is. No mark comes twice, not even one that was undone.

use std::collections::{HashMap, HashSet};

use crate::ledger::Id;
use crate::ledger::order_book::OrderKey;

/// How many documents make an order long; of a shorter one, to ask for all costs as little.
pub(in crate::ledger) const LONG: usize = 64;
/// How many ids are remembered, of all orders; beyond them everything is forgotten.
const MOST: usize = 50_000;

/// The long orders that were looked at lately.
#[derive(Debug, Default)]
pub(super) struct LongOrders {
    orders: HashMap<OrderKey, Known>,
    /// The ids of all of them.
    ids: usize,
}

#[derive(Debug, Default)]
struct Known {
    mark: String,
    latest: HashSet<Id>,
}

impl LongOrders {
    pub(super) fn has(&self, order: &OrderKey) -> bool {
        self.orders.contains_key(order)
    }

    pub(super) fn add(&mut self, order: &OrderKey) {
        self.orders.entry(order.clone()).or_default();
    }

    /// Documents of an order: those that are known to be the latest under a mark, and the others.
    pub(super) fn latest_among(&self, order: &OrderKey, mark: &str, documents: Vec<Id>) -> (Vec<Id>, Vec<Id>) {
        match self.orders.get(order).filter(|known| known.mark == mark) {
            Some(known) => documents.into_iter().partition(|id| known.latest.contains(id)),
            None => (Vec::new(), documents),
        }
    }

    /// Learns that these documents of an order are the latest under a mark.
    pub(super) fn learn(&mut self, order: &OrderKey, mark: &str, latest: &[Id]) {
        if self.ids + latest.len() > MOST {
            *self = LongOrders::default();
        }
        let known = self.orders.entry(order.clone()).or_default();
        if known.mark != mark {
            self.ids -= known.latest.len();
            *known = Known { mark: mark.to_owned(), latest: HashSet::new() };
        }
        let before = known.latest.len();
        known.latest.extend(latest.iter().cloned());
        self.ids += known.latest.len() - before;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: std::ops::Range<usize>) -> Vec<Id> {
        numbers.map(|number| Id(number.to_string())).collect()
    }

    fn order(number: usize) -> OrderKey {
        OrderKey { partner: "mega".to_owned(), po_number: format!("PO{number}") }
    }

    #[test]
    fn what_was_the_latest_is_known_under_the_same_mark_alone() {
        let mut orders = LongOrders::default();
        orders.learn(&order(1), "a", &ids(0..3));
        assert_eq!(orders.latest_among(&order(1), "a", ids(1..5)), (ids(1..3), ids(3..5)));
        assert_eq!(orders.latest_among(&order(1), "b", ids(1..5)), (Vec::new(), ids(1..5)));
        assert_eq!(orders.latest_among(&order(2), "a", ids(1..5)), (Vec::new(), ids(1..5)));
        orders.learn(&order(1), "b", &ids(3..5));
        assert_eq!(orders.latest_among(&order(1), "b", ids(1..5)), (ids(3..5), ids(1..3)));
    }

    #[test]
    fn no_more_ids_are_remembered_than_it_may_hold() {
        let mut orders = LongOrders::default();
        for number in 0..200 {
            orders.learn(&order(number), "a", &ids(0..1_000));
            let held: usize = orders.orders.values().map(|known| known.latest.len()).sum();
            assert!(held == orders.ids && held <= MOST, "{held}");
            assert_eq!(orders.latest_among(&order(number), "a", ids(0..1_000)).0.len(), 1_000);
        }
    }
}
