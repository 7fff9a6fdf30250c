//! The quantities and amounts of a chain, each document counted once.
//!
//! ```text
//! 850 24 + 12 EA, 856 24 + 6 EA at the order's prices    -> Ordered 36, Shipped 30, ShippedAmount 119.64
//! 850 in EA, 856 in CA                                   -> neither: units of two kinds are not compared
//! ```

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Told;
use crate::config::clock::noun::Figure;
use crate::document::invoice::InvoiceSense;
use crate::document::order::OrderLine;
use crate::document::shipment::{ShippedItem, ShippedOrder};
use crate::document::{Document, Invoice, Kind, Order, OrderAck, Purpose, Quantity, Receipt, Remittance, Shipment};
use crate::reconcile::clock::chain::{Chain, Scope};
use crate::reconcile::clock::facts::{Fact, Facts};

/// Learns the figures of a chain from the latest revisions of its documents.
pub(super) fn learn(facts: &mut Facts, chain: &Chain, latest: &[&Told]) {
    let mut sums = Sums { chain, orders: orders(latest), items: BTreeSet::new(), sums: BTreeMap::new() };
    for one in latest.iter().filter(|one| one.document.header().purpose != Purpose::Cancel) {
        match &one.document {
            Document::Order(order) => sums.order(order, one.at),
            Document::Shipment(shipment) => sums.shipment(shipment, one.at),
            Document::Invoice(invoice) => sums.invoice(invoice, one.at),
            Document::Receipt(receipt) => sums.receipt(receipt, one.at),
            Document::Remittance(remittance) => sums.remittance(remittance, one.at),
            _ => {}
        }
    }
    for (ack, at) in last_acks(latest) {
        sums.order_ack(ack, at);
    }
    for (figure, Sum { value, told, .. }) in sums.comparable() {
        facts.learn(Fact::Figure { figure, value, told });
    }
}

fn orders<'t>(latest: &[&'t Told]) -> Vec<&'t Order> {
    let orders = latest.iter().filter_map(|one| match &one.document {
        Document::Order(order) => Some(order),
        _ => None,
    });
    orders.collect()
}

/// The last acknowledgment of each order: it replaces what an earlier one promised.
fn last_acks<'t>(latest: &[&'t Told]) -> Vec<(&'t OrderAck, Timestamp)> {
    let mut last: BTreeMap<&str, (Timestamp, String, &OrderAck)> = BTreeMap::new();
    for one in latest {
        let Document::OrderAck(ack) = &one.document else { continue };
        let this = (one.at, one.document.business_key(), ack);
        let kept = last.entry(&ack.po_number).or_insert_with(|| this.clone());
        if (kept.0, &kept.1) < (this.0, &this.1) {
            *kept = this;
        }
    }
    last.into_values().map(|(at, _, ack)| (ack, at)).collect()
}

/// A sum with what it is counted in and when the last part of it was told.
#[derive(Debug, Clone)]
struct Sum {
    value: Decimal,
    units: BTreeSet<String>,
    told: Timestamp,
    /// A part of it is not known, so neither is the sum.
    lacks: bool,
}

struct Sums<'t> {
    chain: &'t Chain,
    orders: Vec<&'t Order>,
    /// The different items that were shipped.
    items: BTreeSet<String>,
    sums: BTreeMap<Figure, Sum>,
}

impl<'t> Sums<'t> {
    fn add(&mut self, figure: Figure, value: Option<Decimal>, unit: Option<&str>, told: Timestamp) {
        let sum = self.sums.entry(figure).or_insert_with(|| Sum {
            value: Decimal::ZERO,
            units: BTreeSet::new(),
            told,
            lacks: false,
        });
        sum.value = sum.value.saturating_add(value.unwrap_or_default());
        sum.units.extend(unit.map(str::to_owned));
        sum.told = sum.told.max(told);
        sum.lacks |= value.is_none();
    }

    fn goods(&mut self, figure: Figure, quantity: &Quantity, sign: Decimal, told: Timestamp) {
        self.add(figure, Some(sign * quantity.value), Some(&quantity.unit), told);
    }

    fn order(&mut self, order: &Order, at: Timestamp) {
        for line in &order.lines {
            self.goods(Figure::Ordered, &line.quantity, Decimal::ONE, at);
            self.add(Figure::OrderAmount, line.amount(), None, at);
        }
    }

    fn order_ack(&mut self, ack: &OrderAck, at: Timestamp) {
        let outcomes = ack.lines.iter().flat_map(|line| &line.outcomes);
        for outcome in outcomes.filter(|outcome| outcome.status.promises_goods()) {
            self.goods(Figure::Confirmed, &outcome.quantity, Decimal::ONE, at);
        }
    }

    fn shipment(&mut self, shipment: &Shipment, at: Timestamp) {
        let chain = self.chain;
        for part in shipment.orders.iter().filter(|part| counts(chain, part)) {
            for item in part.all_items() {
                let line = self.line(part, item);
                self.goods(Figure::Shipped, &item.quantity, Decimal::ONE, at);
                self.add(Figure::ShippedAmount, line.and_then(|line| amount(line, item)), None, at);
                self.add(Figure::Cases, cases(line, item), None, at);
                let is_new = self.items.insert(item.item.label().to_owned());
                self.add(Figure::Items, Some(Decimal::from(u8::from(is_new))), None, at);
            }
            let cartons = part.all_cartons().count();
            let named = part
                .all_cartons()
                .filter(|carton| carton.sscc.is_some() || carton.number.is_some() || carton.tracking.is_some());
            self.add(Figure::Packs, Some(Decimal::from(named.count())), None, at);
            self.add(Figure::Cartons, Some(Decimal::from(cartons)), None, at);
        }
    }

    fn invoice(&mut self, invoice: &Invoice, at: Timestamp) {
        let sign = match invoice.sense {
            InvoiceSense::Debit => Decimal::ONE,
            InvoiceSense::Credit => Decimal::NEGATIVE_ONE,
        };
        for line in &invoice.lines {
            self.goods(Figure::Invoiced, &line.quantity, sign, at);
        }
        self.add(Figure::InvoiceAmount, Some(sign * invoice.amount()), None, at);
    }

    fn receipt(&mut self, receipt: &Receipt, at: Timestamp) {
        for line in &receipt.lines {
            let is_of_chain = match self.chain.scope {
                Scope::Order => receipt.po_number_of(line).is_none_or(|po| po == self.chain.number),
                Scope::Shipment | Scope::Invoice => true,
            };
            if is_of_chain {
                self.goods(Figure::Received, &line.received, Decimal::ONE, at);
            }
        }
    }

    fn remittance(&mut self, remittance: &Remittance, at: Timestamp) {
        for line in &remittance.lines {
            let is_of_chain = match self.chain.scope {
                Scope::Invoice => {
                    line.number.as_deref().is_some_and(|no| super::is_same_number(no, &self.chain.number))
                }
                // What names neither the order nor an invoice of its cannot be told to be another's.
                Scope::Order | Scope::Shipment => line.po_number.as_deref().is_none_or(|po| po == self.chain.number),
            };
            if is_of_chain && line.is.kind() == Some(Kind::Invoice) {
                self.add(Figure::PaidAmount, Some(line.paid), None, at);
            }
        }
    }

    fn line(&self, part: &ShippedOrder, item: &ShippedItem) -> Option<&'t OrderLine> {
        let order = self.orders.iter().find(|order| order.po_number == part.po_number)?;
        let number = item.line.as_deref()?;
        order.lines.iter().find(|line| line.line == number)
    }

    /// The sums that are known whole; goods only where all of them are counted in one unit.
    fn comparable(self) -> impl Iterator<Item = (Figure, Sum)> {
        let units: BTreeSet<String> = self.sums.values().flat_map(|sum| sum.units.clone()).collect();
        let known = move |(_, sum): &(Figure, Sum)| !sum.lacks && (sum.units.is_empty() || units.len() == 1);
        self.sums.into_iter().filter(known)
    }
}

/// In the chain of an order only that order's part of a shipment counts.
fn counts(chain: &Chain, part: &ShippedOrder) -> bool {
    chain.scope != Scope::Order || part.po_number == chain.number
}

/// What goods cost at the order's price, where they are counted in the order's unit.
fn amount(line: &OrderLine, item: &ShippedItem) -> Option<Decimal> {
    let price = line.price.as_ref().filter(|_| line.quantity.unit == item.quantity.unit)?;
    Some(item.quantity.value.saturating_mul(price.amount))
}

/// How many cases goods fill: as they are counted, or by the order's units in a case.
fn cases(line: Option<&OrderLine>, item: &ShippedItem) -> Option<Decimal> {
    if ["CA", "CS"].contains(&item.quantity.unit.as_str()) {
        return Some(item.quantity.value);
    }
    let line = line.filter(|line| line.quantity.unit == item.quantity.unit)?;
    let pack = line.pack.filter(|pack| *pack > Decimal::ZERO)?;
    Some((item.quantity.value / pack).ceil())
}
