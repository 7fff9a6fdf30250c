//! What the documents of a chain say in their fields: head by head, line by line.
//!
//! ```text
//! 850 4500012345, line 001, 24 EA at 3.61    -> Quantity "001" 24, Unit "001" EA, UnitPrice "001" 3.61
//! the same in a chain of two orders          -> Quantity "4500012345/001" 24, …
//! ```

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Told;
use crate::config::clock::noun::{Field, Moment};
use crate::document::item::ItemIds;
use crate::document::party::{Party, PartyRole};
use crate::document::{Document, Invoice, Order, OrderAck, Quantity, Reference, ReferenceKind, Shipment};
use crate::reconcile::clock::facts::{Fact, Facts, Value};

/// Learns what the documents say.
pub(super) fn learn(facts: &mut Facts, latest: &[&Told]) {
    let orders = latest.iter().filter(|one| matches!(one.document, Document::Order(_)));
    let mut numbers: Vec<&str> = orders.map(|one| one.document.number()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for one in latest {
        let (of, several_orders) = match &one.document {
            Document::Order(_) => (Moment::Order, numbers.len() > 1),
            Document::OrderAck(_) => (Moment::Confirmation, numbers.len() > 1),
            Document::Shipment(_) => (Moment::ShipNotice, numbers.len() > 1),
            Document::Invoice(_) => (Moment::Invoice, numbers.len() > 1),
            _ => continue,
        };
        let mut page = Page { facts, of, told: one.at, several_orders };
        match &one.document {
            Document::Order(order) => page.order(order),
            Document::OrderAck(ack) => page.order_ack(ack),
            Document::Shipment(shipment) => page.shipment(shipment),
            Document::Invoice(invoice) => page.invoice(invoice),
            _ => {}
        }
    }
}

/// One document that is being read.
struct Page<'f> {
    facts: &'f mut Facts,
    of: Moment,
    told: Timestamp,
    /// Lines of several orders would have the same numbers.
    several_orders: bool,
}

impl Page<'_> {
    fn order(&mut self, order: &Order) {
        let po = order.po_number.as_str();
        let head = self.head(po);
        self.text(&head, Field::PoNumber, Some(po));
        self.text(&head, Field::Store, order.ship_to_code());
        self.references(&head, &order.header.references);
        for line in &order.lines {
            let key = self.line(po, &line.line);
            self.item(&key, &line.item);
            self.quantity(&key, &line.quantity);
            self.number(&key, Field::UnitPrice, line.price.as_ref().map(|price| price.amount));
            self.number(&key, Field::CasePack, line.pack);
        }
    }

    fn order_ack(&mut self, ack: &OrderAck) {
        let po = ack.po_number.as_str();
        let head = self.head(po);
        self.text(&head, Field::PoNumber, Some(po));
        self.text(&head, Field::Store, ship_to(&ack.parties));
        for line in &ack.lines {
            let key = self.line_of(po, line.line.as_deref(), &line.item);
            self.item(&key, &line.item);
            self.number(&key, Field::UnitPrice, line.price.as_ref().map(|price| price.amount));
            let promised = line.outcomes.iter().filter(|outcome| outcome.status.promises_goods());
            for (unit, value) in by_unit(promised.map(|outcome| &outcome.quantity)) {
                self.quantity(&key, &Quantity { value, unit });
            }
        }
    }

    fn shipment(&mut self, shipment: &Shipment) {
        self.text("", Field::ShipmentId, Some(&shipment.shipment_id));
        self.text("", Field::BillOfLading, shipment.bill_of_lading.as_deref());
        self.text("", Field::ProNumber, shipment.carrier_reference.as_deref());
        self.text("", Field::Trailer, shipment.trailer.as_deref());
        self.text("", Field::Seal, shipment.seal.as_deref());
        for part in &shipment.orders {
            let po = part.po_number.as_str();
            let head = self.head(po);
            self.text(&head, Field::PoNumber, Some(po));
            self.text(&head, Field::Store, ship_to(&part.parties).or(ship_to(&shipment.parties)));
            self.references(&head, &part.references);
            let mut lines: Vec<(String, &Quantity)> = Vec::new();
            for item in part.all_items() {
                let key = self.line_of(po, item.line.as_deref(), &item.item);
                self.item(&key, &item.item);
                lines.push((key, &item.quantity));
            }
            lines.sort_by(|one, other| one.0.cmp(&other.0));
            // A line may be spread over cartons.
            for of_line in lines.chunk_by(|one, other| one.0 == other.0) {
                for (unit, value) in by_unit(of_line.iter().map(|(_, quantity)| *quantity)) {
                    self.quantity(&of_line[0].0, &Quantity { value, unit });
                }
            }
        }
    }

    fn invoice(&mut self, invoice: &Invoice) {
        let po = invoice.po_number.as_deref().unwrap_or_default();
        let head = self.head(po);
        self.text(&head, Field::PoNumber, invoice.po_number.as_deref());
        self.text(&head, Field::Store, ship_to(&invoice.parties));
        self.text(&head, Field::ShipmentId, invoice.shipment_id.as_deref());
        self.text(&head, Field::BillOfLading, invoice.bill_of_lading.as_deref());
        self.references(&head, &invoice.header.references);
        for line in &invoice.lines {
            let key = self.line_of(po, line.line.as_deref(), &line.item);
            self.item(&key, &line.item);
            self.quantity(&key, &line.quantity);
            self.number(&key, Field::UnitPrice, Some(line.price.amount));
        }
    }

    /// The place of what is said of an order as a whole.
    fn head(&self, po_number: &str) -> String {
        if self.several_orders { po_number.to_owned() } else { String::new() }
    }

    fn line(&self, po_number: &str, line: &str) -> String {
        if self.several_orders { format!("{po_number}/{line}") } else { line.to_owned() }
    }

    /// The order's line that a line of another document is about, found when that was completed; else what it names.
    fn line_of(&self, po_number: &str, line: Option<&str>, item: &ItemIds) -> String {
        self.line(po_number, line.unwrap_or(item.label()))
    }

    fn references(&mut self, line: &str, references: &[Reference]) {
        let found = |kind| references.iter().find(|one| one.is == kind).map(|one| one.value.as_str());
        self.text(line, Field::Department, found(ReferenceKind::Department));
        self.text(line, Field::VendorNumber, found(ReferenceKind::VendorNumber));
    }

    fn item(&mut self, line: &str, item: &ItemIds) {
        if !item.is_empty() {
            self.text(line, Field::Item, Some(item.label()));
        }
        self.text(line, Field::Barcode, item.gtin.as_ref().map(|gtin| gtin.as_str()));
    }

    fn quantity(&mut self, line: &str, quantity: &Quantity) {
        self.number(line, Field::Quantity, Some(quantity.value));
        self.text(line, Field::Unit, Some(&quantity.unit));
    }

    fn text(&mut self, line: &str, field: Field, value: Option<&str>) {
        self.learn(line, field, value.map(|text| Value::Text(text.to_owned())));
    }

    fn number(&mut self, line: &str, field: Field, value: Option<Decimal>) {
        self.learn(line, field, value.map(|number| Value::Number(number.normalize())));
    }

    fn learn(&mut self, line: &str, field: Field, value: Option<Value>) {
        let Some(value) = value else { return };
        self.facts.learn(Fact::Field { of: self.of, field, line: line.to_owned(), value, told: self.told });
    }
}

fn ship_to(parties: &[Party]) -> Option<&str> {
    let party = parties.iter().find(|party| party.role == PartyRole::ShipTo)?;
    party.code.as_ref().map(|code| code.value.as_str())
}

/// The sums of quantities, one for each unit.
fn by_unit<'q>(quantities: impl Iterator<Item = &'q Quantity>) -> Vec<(String, Decimal)> {
    let mut sums: Vec<(String, Decimal)> = Vec::new();
    for quantity in quantities {
        match sums.iter_mut().find(|(unit, _)| *unit == quantity.unit) {
            Some((_, sum)) => *sum += quantity.value,
            None => sums.push((quantity.unit.clone(), quantity.value)),
        }
    }
    sums.sort();
    sums
}
