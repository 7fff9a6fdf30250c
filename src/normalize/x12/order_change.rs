//! 860 to change of an order.

use super::order::{allocations, currency};
use super::reading::Reading;
use super::{book_codes, codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::order_change::{Before, LineChange, OrderChange};
use crate::document::{Header, Price, Quantity, Reference, ReferenceKind, SCHEMA_VERSION};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<OrderChange> {
    let bch = set.segment("BCH")?;
    let po_number = reading.required(bch, 3, "purchase order number");
    let mut references = parts::references(set, reading);
    references.extend(reading.text(bch, 8).map(|contract| Reference { is: ReferenceKind::Contract, value: contract }));
    let mut notes = parts::contacts(set, reading);
    notes.extend(parts::notes_of_n9(set, &mut references, reading));
    let changes = changes(set, &mut notes, reading);
    Some(OrderChange {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bch, 1).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references,
            notes,
            ..Header::default()
        },
        po_number: po_number?,
        release: reading.text(bch, 4),
        sequence: reading.text(bch, 5),
        order_type: reading.code(bch, 2).map(|code| codes::order_type(&code)).unwrap_or_default(),
        ordered_on: reading.date(bch, 6),
        changed_on: reading.date(bch, 11),
        seller_order_number: reading.text(bch, 9),
        currency: currency(set, reading),
        parties: parts::parties(set, reading),
        dates: parts::dates(set, reading),
        terms: parts::terms(set, reading),
        freight_payment: set.segment("FOB").and_then(|fob| reading.text(fob, 1)),
        carrier: parts::carrier(set, reading),
        adjustments: parts::adjustments(set, reading),
        changes,
    })
}

fn changes(set: &Loop<'_>, notes: &mut Vec<String>, reading: &mut Reading) -> Vec<LineChange> {
    let mut changes = Vec::new();
    for inner in set.loops("POC") {
        let Some(change) = change(&inner, reading) else { continue };
        let of = change.line.clone().unwrap_or_else(|| change.item.label().to_owned());
        notes.extend(parts::texts(&inner, reading).into_iter().map(|text| format!("line {of}: {text}")));
        changes.push(change);
    }
    changes
}

fn change(inner: &Loop<'_>, reading: &mut Reading) -> Option<LineChange> {
    let poc = inner.segment("POC")?;
    let kind = reading.required_code(poc, 2, "kind of change")?;
    let (line, item) = (reading.text(poc, 1), parts::item(poc, 8, reading));
    if line.is_none() && item.is_empty() {
        reading.report(&MISSING_VALUE, poc, Some(1), "a change names neither line nor item".to_owned());
    }
    let po4 = inner.segment("PO4");
    Some(LineChange {
        is: book_codes::change(&kind),
        line,
        item,
        description: parts::description(inner, reading),
        before: Before::default(),
        quantity: quantity(poc, reading),
        remaining: reading.decimal(poc, 4),
        price: price(poc, reading),
        pack: po4.and_then(|po4| reading.decimal(po4, 1)),
        inner_pack: po4.and_then(|po4| reading.decimal(po4, 14)),
        allocations: allocations(inner, reading),
        dates: parts::dates(inner, reading),
        references: parts::references(inner, reading),
        adjustments: parts::adjustments(inner, reading),
    })
}

/// POC03 with the unit of POC05, which counts POC04 as well.
fn quantity(poc: Segment<'_>, reading: &mut Reading) -> Option<Quantity> {
    let (value, unit) = (reading.decimal(poc, 3), reading.first(poc, 5));
    Some(Quantity { value: value?, unit: unit? })
}

/// POC06 and POC07.
fn price(poc: Segment<'_>, reading: &mut Reading) -> Option<Price> {
    let (amount, basis) = (reading.decimal(poc, 6), reading.text(poc, 7));
    Some(Price { amount: amount?, basis })
}
