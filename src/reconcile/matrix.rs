//! One order's life in quantities and money: ordered, confirmed, shipped, invoiced, line by line.
//!
//! In: the order and every document about it, in any order of arrival. Out: a [`Matrix`].
//! Each document counts once, whatever came before it, so the order of arrival does not matter.
//!
//! ```text
//! line  item     ordered  confirmed  shipped  invoiced
//! 001   550001        24         24       24        24
//! 002   550002        12         12        6         6
//! ```

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::document::invoice::InvoiceSense;
use crate::document::item::{ItemIds, Match};
use crate::document::order::OrderLine;
use crate::document::{Document, Invoice, Order, OrderAck, Shipment, cents};

/// The matrix of one order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Matrix {
    /// The buyer's order number.
    pub po_number: String,
    /// ISO 4217 currency of the amounts, where the order names one.
    pub currency: Option<String>,
    /// The order's lines in its own sequence.
    pub lines: Vec<MatrixLine>,
    /// The sums over all lines, in money.
    pub total: Stages,
    /// What documents say about lines that the order does not have.
    pub strays: Vec<String>,
}

/// One line of the order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MatrixLine {
    /// The buyer's line number.
    pub line: String,
    /// The item number that a person would quote.
    pub item: String,
    /// In words.
    pub description: Option<String>,
    /// Unit of the quantities.
    pub unit: String,
    /// How much.
    pub quantity: Stages,
    /// The same in money: confirmed at the confirmed price, shipped at the order's, invoiced as invoiced.
    pub amount: Stages,
}

/// A figure at each stage of an order's life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stages {
    /// 850.
    pub ordered: Decimal,
    /// 855: promised now or later.
    pub confirmed: Decimal,
    /// 856.
    pub shipped: Decimal,
    /// 810, credits taken off.
    pub invoiced: Decimal,
}

/// Lays the documents about an order beside it; orders among `about` are ignored.
pub fn matrix<'a>(order: &Order, about: impl IntoIterator<Item = &'a Document>) -> Matrix {
    let mut matrix = Matrix {
        po_number: order.po_number.clone(),
        currency: order.currency.clone(),
        lines: order.lines.iter().map(ordered_line).collect(),
        total: Stages::default(),
        strays: Vec::new(),
    };
    for document in about {
        match document {
            Document::OrderAck(ack) => add_acknowledgment(&mut matrix, order, ack),
            Document::Shipment(shipment) => add_shipment(&mut matrix, order, shipment),
            Document::Invoice(invoice) => add_invoice(&mut matrix, order, invoice),
            // What was received, paid and returned is not in this matrix.
            Document::Order(_)
            | Document::Receipt(_)
            | Document::ApplicationAdvice(_)
            | Document::Remittance(_)
            | Document::CreditDebit(_)
            | Document::Return(_)
            | Document::Inventory(_)
            | Document::Settlement(_) => {}
        }
    }
    for line in &matrix.lines {
        matrix.total.ordered += line.amount.ordered;
        matrix.total.confirmed += line.amount.confirmed;
        matrix.total.shipped += line.amount.shipped;
        matrix.total.invoiced += line.amount.invoiced;
    }
    matrix
}

fn ordered_line(line: &OrderLine) -> MatrixLine {
    MatrixLine {
        line: line.line.clone(),
        item: line.item.label().to_owned(),
        description: line.description.clone(),
        unit: line.quantity.unit.clone(),
        quantity: Stages { ordered: line.quantity.value, ..Stages::default() },
        amount: Stages { ordered: line.amount().unwrap_or_default(), ..Stages::default() },
    }
}

/// The index of the order's line: by its number, else by the item when exactly one line has it.
fn find_line(order: &Order, line: Option<&str>, item: &ItemIds) -> Option<usize> {
    if let Some(number) = line
        && let Some(index) = order.lines.iter().position(|candidate| candidate.line == number)
    {
        return Some(index);
    }
    let mut same = order.lines.iter().enumerate().filter(|(_, line)| line.item.compare(item) == Match::Same);
    match (same.next(), same.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

fn stray(what: &str, line: Option<&str>, item: &ItemIds) -> String {
    match line {
        Some(line) => format!("{what}: line {line}, item {} is not in the order", item.label()),
        None => format!("{what}: item {} is not in the order", item.label()),
    }
}

fn order_price(order: &Order, index: usize) -> Decimal {
    order.lines[index].price.as_ref().map(|price| price.amount).unwrap_or_default()
}

fn add_acknowledgment(matrix: &mut Matrix, order: &Order, ack: &OrderAck) {
    for line in &ack.lines {
        let Some(index) = find_line(order, line.line.as_deref(), &line.item) else {
            matrix.strays.push(stray("order acknowledgment", line.line.as_deref(), &line.item));
            continue;
        };
        let promised: Decimal = line
            .outcomes
            .iter()
            .filter(|outcome| outcome.status.promises_goods())
            .map(|outcome| outcome.quantity.value)
            .sum();
        let price = line.price.as_ref().map_or_else(|| order_price(order, index), |price| price.amount);
        // A later acknowledgment of the same order replaces what an earlier one promised.
        matrix.lines[index].quantity.confirmed = promised;
        matrix.lines[index].amount.confirmed = cents(promised * price);
    }
}

fn add_shipment(matrix: &mut Matrix, order: &Order, shipment: &Shipment) {
    let of_this_order = shipment.orders.iter().filter(|part| part.po_number == order.po_number);
    for item in of_this_order.flat_map(|part| part.all_items()) {
        let Some(index) = find_line(order, item.line.as_deref(), &item.item) else {
            let what = format!("shipment {}", shipment.shipment_id);
            matrix.strays.push(stray(&what, item.line.as_deref(), &item.item));
            continue;
        };
        let line = &mut matrix.lines[index];
        line.quantity.shipped += item.quantity.value;
        line.amount.shipped = cents(line.quantity.shipped * order_price(order, index));
    }
}

fn add_invoice(matrix: &mut Matrix, order: &Order, invoice: &Invoice) {
    let sign = match invoice.sense {
        InvoiceSense::Debit => Decimal::ONE,
        InvoiceSense::Credit => Decimal::NEGATIVE_ONE,
    };
    for line in &invoice.lines {
        let Some(index) = find_line(order, line.line.as_deref(), &line.item) else {
            let what = format!("invoice {}", invoice.invoice_number);
            matrix.strays.push(stray(&what, line.line.as_deref(), &line.item));
            continue;
        };
        matrix.lines[index].quantity.invoiced += sign * line.quantity.value;
        matrix.lines[index].amount.invoiced += sign * line.amount();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Price;
    use crate::document::Quantity;
    use crate::document::invoice::InvoiceLine;
    use crate::document::order_ack::{LineOutcome, LineStatus, OrderAckLine};
    use crate::document::shipment::{Carton, ShippedItem, ShippedOrder};

    fn each(value: i64) -> Quantity {
        Quantity { value: value.into(), unit: "EA".to_owned() }
    }

    fn buyer(item: &str) -> ItemIds {
        ItemIds { buyer: Some(item.to_owned()), ..ItemIds::default() }
    }

    fn order() -> Order {
        let line = |line: &str, item: &str, quantity, cents| OrderLine {
            line: line.to_owned(),
            item: buyer(item),
            description: None,
            quantity: each(quantity),
            price: Some(Price { amount: Decimal::new(cents, 2), basis: None }),
            pack: None,
            allocations: Vec::new(),
            dates: Vec::new(),
            references: Vec::new(),
            adjustments: Vec::new(),
        };
        Order {
            po_number: "4500012345".to_owned(),
            lines: vec![line("001", "550001", 24, 361), line("002", "550002", 12, 550)],
            ..Order::default()
        }
    }

    fn shipped(item: &str, quantity: i64) -> Document {
        let item = ShippedItem {
            line: None,
            item: buyer(item),
            description: None,
            quantity: each(quantity),
            ordered: None,
            lot: None,
        };
        let part = ShippedOrder {
            po_number: "4500012345".to_owned(),
            cartons: vec![Carton { items: vec![item], ..Carton::default() }],
            ..ShippedOrder::default()
        };
        Document::Shipment(Shipment { shipment_id: "SHP1".to_owned(), orders: vec![part], ..Shipment::default() })
    }

    fn invoiced(item: &str, quantity: i64, cents: i64, sense: InvoiceSense) -> Document {
        let line = InvoiceLine {
            line: None,
            item: buyer(item),
            description: None,
            quantity: each(quantity),
            price: Price { amount: Decimal::new(cents, 2), basis: None },
        };
        Document::Invoice(Invoice { invoice_number: "INV1".to_owned(), sense, lines: vec![line], ..Invoice::default() })
    }

    fn confirmed(item: &str, parts: &[(LineStatus, i64)]) -> Document {
        let outcomes = parts
            .iter()
            .map(|(status, quantity)| LineOutcome { status: status.clone(), quantity: each(*quantity), ships_on: None })
            .collect();
        let line = OrderAckLine { item: buyer(item), outcomes, ..OrderAckLine::default() };
        Document::OrderAck(OrderAck { lines: vec![line], ..OrderAck::default() })
    }

    fn row(matrix: &Matrix, line: usize) -> [i64; 4] {
        let q = matrix.lines[line].quantity;
        [q.ordered, q.confirmed, q.shipped, q.invoiced].map(|value| i64::try_from(value).unwrap())
    }

    #[test]
    fn quantities_add_up_whatever_the_order_of_arrival() {
        let documents = [
            shipped("550001", 20),
            invoiced("550001", 24, 361, InvoiceSense::Debit),
            shipped("550001", 4),
            confirmed(
                "550002",
                &[(LineStatus::QuantityChanged, 6), (LineStatus::Backordered, 4), (LineStatus::Rejected, 2)],
            ),
        ];
        let forward = matrix(&order(), &documents);
        let backward = matrix(&order(), documents.iter().rev());
        assert_eq!(forward, backward);
        assert_eq!(row(&forward, 0), [24, 0, 24, 24]);
        assert_eq!(row(&forward, 1), [12, 10, 0, 0]);
        assert_eq!(forward.total.ordered, Decimal::new(15264, 2));
        assert_eq!(forward.total.invoiced, Decimal::new(8664, 2));
    }

    #[test]
    fn a_credit_takes_off_what_was_invoiced() {
        let documents =
            [invoiced("550002", 6, 550, InvoiceSense::Debit), invoiced("550002", 1, 550, InvoiceSense::Credit)];
        let matrix = matrix(&order(), &documents);
        assert_eq!(row(&matrix, 1), [12, 0, 0, 5]);
        assert_eq!(matrix.total.invoiced, Decimal::new(2750, 2));
    }

    #[test]
    fn what_the_order_does_not_have_is_named_and_not_counted() {
        let matrix = matrix(&order(), &[shipped("999999", 3)]);
        assert_eq!(matrix.strays, ["shipment SHP1: item 999999 is not in the order"]);
        assert_eq!(matrix.total.shipped, Decimal::ZERO);
    }
}
