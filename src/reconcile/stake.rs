//! What is at stake in money when a document is refused, or nobody answers it: what it is worth.
//!
//! ```text
//! 810 INV-20306    what it asks for                          117.64 USD
//! 856 SHP0000777   its goods at the prices of the order      119.64 USD
//! ```
//!
//! What nobody names a price for is worth nothing that is known.

use rust_decimal::Decimal;

use crate::document::{Document, Order, OrderAck, Shipment, cents};
use crate::ledger::finding::AtStake;
use crate::ledger::{self, Id, Transaction};

/// What a recorded document is worth.
pub fn of(tx: &mut Transaction<'_>, document: &Id) -> Result<Option<AtStake>, ledger::Error> {
    let stored = tx.document(document)?;
    let is_priced_by_orders = matches!(stored.document, Document::Shipment(_) | Document::OrderAck(_));
    let mut orders = Vec::new();
    for po_number in stored.document.po_numbers().into_iter().filter(|_| is_priced_by_orders) {
        orders.extend(tx.wanted(&stored.partner, po_number)?.into_orders());
    }
    Ok(worth(&stored.document, &orders))
}

/// What a document is worth, given the orders that it is about.
pub fn worth(document: &Document, orders: &[Order]) -> Option<AtStake> {
    let of_orders = orders.iter().find_map(|order| order.currency.clone());
    let (money, currency) = match document {
        Document::Order(order) => (order.amount(), order.currency.clone()),
        Document::Invoice(invoice) => (invoice.amount(), invoice.currency.clone()),
        Document::CreditDebit(memo) => (memo.amount, memo.currency.clone()),
        Document::Remittance(payment) => (payment.amount, payment.currency.clone()),
        Document::Shipment(shipment) => (shipped(shipment, orders), of_orders),
        Document::OrderAck(ack) => (promised(ack, orders), of_orders),
        Document::OrderChange(_)
        | Document::Receipt(_)
        | Document::ApplicationAdvice(_)
        | Document::TextMessage(_)
        | Document::Return(_)
        | Document::Inventory(_)
        | Document::Settlement(_) => return None,
    };
    (money > Decimal::ZERO).then_some(AtStake { money, currency })
}

fn shipped(shipment: &Shipment, orders: &[Order]) -> Decimal {
    let items = shipment.orders.iter().flat_map(|part| part.all_items().map(move |item| (&part.po_number, item)));
    let amounts = items.filter_map(|(po_number, item)| {
        let mut lines = orders.iter().filter(|order| order.po_number == *po_number);
        let line = lines.find_map(|order| order.line_of(item.line.as_deref(), &item.item))?;
        Some(cents(item.quantity.value * line.price_in(&item.quantity.unit)?))
    });
    amounts.sum()
}

fn promised(ack: &OrderAck, orders: &[Order]) -> Decimal {
    let outcomes = ack.lines.iter().flat_map(|line| line.outcomes.iter().map(move |outcome| (line, outcome)));
    let amounts = outcomes.filter(|(_, outcome)| outcome.status.promises_goods()).filter_map(|(line, outcome)| {
        let ordered = || orders.iter().find_map(|order| order.line_of(line.line.as_deref(), &line.item));
        let own = line.price.as_ref().map(|price| price.amount);
        let price = own.or_else(|| ordered()?.price_in(&outcome.quantity.unit))?;
        Some(cents(outcome.quantity.value * price))
    });
    amounts.sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::expectation::{About, NewExpectation, OwedBy};
    use crate::ledger::tests::{Books, at, delivery, document, envelope};
    use crate::reconcile::overdue;
    use crate::reconcile::scene::{PO, changed, confirmed, invoiced, order, paper, shipped};

    fn check(document: &Document, expect: Option<&str>) {
        let Document::Order(order) = order().document else { unreachable!() };
        let worth = worth(document, &[order]);
        assert_eq!(worth.map(|stake| format!("{:.2} {:?}", stake.money, stake.currency)).as_deref(), expect);
    }

    #[test]
    fn a_document_is_worth_what_it_asks_for_or_its_goods_at_the_prices_of_the_order() {
        check(&order().document, Some("152.64 Some(\"USD\")"));
        check(&invoiced("INV1", &[("550001", 20, "3.50")]).document, Some("70.00 None"));
        check(&shipped("S1", &[("550001", 10), ("550002", 2)]).document, Some("47.10 Some(\"USD\")"));
        check(&confirmed("550002", 6, "2026-03-03").document, Some("33.00 Some(\"USD\")"));
        check(&shipped("S1", &[("999999", 10)]).document, None);
        check(&changed("1", &[]).document, None);
    }

    #[test]
    fn goods_in_another_unit_are_worth_nothing_that_is_known_unless_the_order_tells_the_pack() {
        let dozen = json!({ "item": { "buyer": "550001" }, "quantity": { "value": "2", "unit": "DZ" } });
        let parts = json!([{ "po_number": PO, "items": [dozen] }]);
        check(
            &paper(json!({ "kind": "shipment", "shipment_id": "S1", "orders": parts })).document,
            Some("86.64 Some(\"USD\")"),
        );
        let pallet = json!({ "item": { "buyer": "550001" }, "quantity": { "value": "2", "unit": "PL" } });
        let parts = json!([{ "po_number": PO, "items": [pallet] }]);
        check(&paper(json!({ "kind": "shipment", "shipment_id": "S1", "orders": parts })).document, None);
    }

    #[test]
    fn what_nobody_answers_is_a_finding_with_the_worth_of_the_document() {
        let books = Books::new();
        books.write(|tx| {
            document(tx, "mega", &order().document)?;
            let about = document(tx, "mega", &shipped("S1", &[("550001", 24)]).document)?;
            let sent = envelope(501, 503, &["0001"]);
            let delivery = delivery(tx, &about, &sent)?;
            tx.open_expectation(&NewExpectation {
                partner: "mega".to_owned(),
                what: "997".to_owned(),
                owed_by: OwedBy::Partner,
                about: About::Delivery(delivery.clone()),
                label: "856 S1".to_owned(),
                document: Some(about),
                set: None,
                envelope: Some(sent),
                opened: at(0),
                within: std::time::Duration::from_secs(60),
            })?;
            tx.delivery_went_out(&delivery, at(0))
        });
        assert_eq!(books.write(|tx| overdue::sweep(tx, at(2))), 1);
        assert_eq!(books.texts("SELECT money || ' ' || currency FROM finding"), ["86.64 USD"]);
    }
}
