//! 855 to order acknowledgment.

use super::order::currency;
use super::reading::Reading;
use super::{codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::order_ack::{LineOutcome, OrderAck, OrderAckLine};
use crate::document::{Header, Quantity, SCHEMA_VERSION};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<OrderAck> {
    let bak = set.segment("BAK")?;
    let po_number = reading.required(bak, 3, "purchase order number");
    let mut references = parts::references(set, reading);
    let mut notes = parts::contacts(set, reading);
    notes.extend(parts::notes_of_n9(set, &mut references, reading));
    let verdict = bak.value(2).and_then(|code| codes::verdict(&code));
    if verdict.is_some() {
        reading.take(bak, 2);
    }
    // The acknowledgment names no currency of its own: it is the order's.
    currency(set, reading);
    let lines: Vec<OrderAckLine> = set.loops("PO1").filter_map(|inner| line(&inner, reading)).collect();
    Some(OrderAck {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bak, 1).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references,
            notes,
            ..Header::default()
        },
        po_number: po_number?,
        release: reading.text(bak, 5),
        ordered_on: reading.date(bak, 4),
        seller_order_number: reading.text(bak, 8),
        acknowledged_on: reading.date(bak, 9),
        verdict,
        dates: parts::dates(set, reading),
        parties: parts::parties(set, reading),
        lines,
    })
}

fn line(inner: &Loop<'_>, reading: &mut Reading) -> Option<OrderAckLine> {
    let po1 = inner.segment("PO1")?;
    let ordered = parts::quantity(po1, 2, 3, reading);
    let answers = inner.loops("ACK").count();
    let outcomes = inner
        .loops("ACK")
        .filter_map(|answer| answer.segment("ACK"))
        .filter_map(|ack| outcome(ack, ordered.as_ref().filter(|_| answers == 1), reading))
        .collect();
    Some(OrderAckLine {
        line: reading.text(po1, 1),
        item: parts::item(po1, 6, reading),
        description: parts::description(inner, reading),
        ordered,
        price: parts::price(po1, reading),
        outcomes,
    })
}

/// One ACK; without a quantity it speaks of the whole line, provided that it is the only one.
fn outcome(ack: Segment<'_>, whole: Option<&Quantity>, reading: &mut Reading) -> Option<LineOutcome> {
    let status = codes::status(&reading.code(ack, 1)?);
    let quantity = parts::quantity(ack, 2, 3, reading).or_else(|| whole.cloned());
    if quantity.is_none() {
        reading.report(&MISSING_VALUE, ack, Some(2), "one of several answers to a line has no quantity".to_owned());
    }
    let ships_on = if ack.text(4) == "068" {
        reading.take(ack, 4);
        reading.date(ack, 5)
    } else {
        None
    };
    Some(LineOutcome { status, quantity: quantity?, ships_on })
}
