//! 850 to order.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::reading::Reading;
use super::{codes, parts};
use crate::diagnostic::codes::document::{ALLOCATION_SUM, DUPLICATE_LINE_NUMBER, MISSING_VALUE};
use crate::document::order::{Allocation, Order, OrderLine};
use crate::document::{Header, Quantity, Reference, ReferenceKind, SCHEMA_VERSION};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<Order> {
    let beg = set.segment("BEG")?;
    let po_number = reading.required(beg, 3, "purchase order number");
    let ordered_on = reading.required_date(beg, 5, "order date");
    let mut references = parts::references(set, reading);
    references.extend(reading.text(beg, 6).map(|contract| Reference { is: ReferenceKind::Contract, value: contract }));
    let mut notes = parts::contacts(set, reading);
    notes.extend(parts::notes_of_n9(set, &mut references, reading));
    let lines = lines(set, &mut notes, reading);
    if set.loops("PO1").next().is_none() {
        reading.report(&MISSING_VALUE, beg, None, "the order has no line".to_owned());
    }
    Some(Order {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(beg, 1).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references,
            notes,
            ..Header::default()
        },
        po_number: po_number?,
        release: reading.text(beg, 4),
        order_type: reading.code(beg, 2).map(|code| codes::order_type(&code)).unwrap_or_default(),
        ordered_on: ordered_on?,
        currency: currency(set, reading),
        parties: parts::parties(set, reading),
        dates: parts::dates(set, reading),
        terms: parts::terms(set, reading),
        freight_payment: set.segment("FOB").and_then(|fob| reading.text(fob, 1)),
        carrier: parts::carrier(set, reading),
        adjustments: parts::adjustments(set, reading),
        lines,
    })
}

/// CUR; that buyer, seller, payer or payee states it is nothing to remember.
pub(super) fn currency(set: &Loop<'_>, reading: &mut Reading) -> Option<String> {
    let cur = set.segment("CUR")?;
    reading.take_if(cur, 1, &["BY", "SE", "PR", "PE"]);
    reading.text(cur, 2)
}

fn lines(set: &Loop<'_>, notes: &mut Vec<String>, reading: &mut Reading) -> Vec<OrderLine> {
    let mut numbers = HashSet::new();
    let mut lines = Vec::new();
    for (index, inner) in set.loops("PO1").enumerate() {
        let Some(po1) = inner.segment("PO1") else { continue };
        let number = reading.code(po1, 1).unwrap_or_else(|| (index + 1).to_string().into());
        if !numbers.insert(number.clone()) {
            reading.report(&DUPLICATE_LINE_NUMBER, po1, Some(1), format!("another line has the number {number} too"));
        }
        notes.extend(parts::texts(&inner, reading).into_iter().map(|text| format!("line {number}: {text}")));
        lines.extend(line(&inner, po1, number.into_owned(), reading));
    }
    lines
}

fn line(inner: &Loop<'_>, po1: Segment<'_>, number: String, reading: &mut Reading) -> Option<OrderLine> {
    let quantity = parts::required_quantity(po1, 2, 3, "quantity", reading);
    let item = parts::item(po1, 6, reading);
    if item.is_empty() {
        reading.report(&MISSING_VALUE, po1, Some(6), format!("line {number} has no item number"));
    }
    let po4 = inner.segment("PO4");
    let line = OrderLine {
        line: number,
        item,
        description: parts::description(inner, reading),
        price: parts::price(po1, reading),
        pack: po4.and_then(|po4| reading.decimal(po4, 1)),
        inner_pack: po4.and_then(|po4| reading.decimal(po4, 14)),
        allocations: allocations(inner, reading),
        dates: parts::dates(inner, reading),
        references: parts::references(inner, reading),
        adjustments: parts::adjustments(inner, reading),
        quantity: quantity?,
    };
    check_allocations(&line, inner, reading);
    Some(line)
}

/// SDQ: up to ten pairs of store and quantity each.
pub(super) fn allocations(inner: &Loop<'_>, reading: &mut Reading) -> Vec<Allocation> {
    let mut allocations = Vec::new();
    for sdq in inner.segments("SDQ") {
        let Some(unit) = reading.text(sdq, 1) else { continue };
        reading.take_if(sdq, 2, &["92"]);
        for element in (3..=21).step_by(2) {
            let (location, value) = (reading.text(sdq, element), reading.decimal(sdq, element + 1));
            let Some((location, value)) = location.zip(value) else { continue };
            allocations.push(Allocation { location, quantity: Quantity { value, unit: unit.clone() } });
        }
    }
    allocations
}

fn check_allocations(line: &OrderLine, inner: &Loop<'_>, reading: &mut Reading) {
    let Some(first) = inner.segment("SDQ") else { return };
    let sum: Decimal = line.allocations.iter().map(|allocation| allocation.quantity.value).sum();
    if sum != line.quantity.value {
        let message = format!("line {} orders {}, its stores add up to {sum}", line.line, line.quantity.value);
        reading.report(&ALLOCATION_SUM, first, None, message);
    }
}
