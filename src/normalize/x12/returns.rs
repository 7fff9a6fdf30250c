//! 180 to return.

use rust_decimal::Decimal;

use super::reading::Reading;
use super::{codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::returns::{Return, ReturnLine, ReturnReason};
use crate::document::{Header, Quantity, Reference, SCHEMA_VERSION};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;
use crate::x12::value;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<Return> {
    let bgn = set.segment("BGN")?;
    let return_number = reading.required(bgn, 2, "reference");
    // At which minute it was written says no more than the day.
    reading.take(bgn, 4);
    let mut references = parts::references_in("N9", set, reading);
    let mut notes = parts::notes(set, reading);
    notes.extend(parts::contacts(set, reading));
    let lines = set.loops("BLI").filter_map(|inner| line(&inner, reading)).collect();
    let (po_number, invoice_number) = about(set, &mut references, reading);
    let authorization_number = parts::take_code(&mut references, &["RZ"]);
    Some(Return {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bgn, 1).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references,
            notes,
            ..Header::default()
        },
        authorization_number,
        issued_on: reading.date(bgn, 3),
        po_number,
        invoice_number,
        reason: reason(set, reading),
        parties: parts::parties(set, reading),
        dates: parts::dates(set, reading),
        carrier: parts::carrier(set, reading),
        adjustments: parts::adjustments(set, reading),
        lines,
        return_number: return_number?,
    })
}

/// The order and the invoice of the goods.
fn about(from: &Loop<'_>, references: &mut Vec<Reference>, reading: &mut Reading) -> (Option<String>, Option<String>) {
    let order = from.segment("PRF").and_then(|prf| reading.text(prf, 1));
    let named = parts::take_code(references, &["PO"]);
    (order.or(named), parts::take_code(references, &["IV", "OI"]))
}

fn reason(from: &Loop<'_>, reading: &mut Reading) -> ReturnReason {
    let Some(rdr) = from.segment("RDR") else { return ReturnReason::default() };
    ReturnReason {
        disposition: reading.text(rdr, 1),
        reason: reading.text(rdr, 2),
        response: reading.text(rdr, 3),
        reason_text: reading.text(rdr, 4),
    }
}

fn line(inner: &Loop<'_>, reading: &mut Reading) -> Option<ReturnLine> {
    let bli = inner.segment("BLI")?;
    // BLI01 with BLI02, and three more pairs from BLI08 on.
    let item = parts::item_in(bli, [1, 8, 10, 12], reading);
    if item.is_empty() {
        reading.report(&MISSING_VALUE, bli, Some(1), "a line has no item number".to_owned());
    }
    let quantity = quantity(inner, bli, reading)?;
    // The price is of one of what is counted.
    reading.take_if(bli, 7, &[&quantity.unit]);
    let mut references = parts::references_in("N9", inner, reading);
    let (po_number, invoice_number) = about(inner, &mut references, reading);
    Some(ReturnLine {
        line: inner.segment("PRF").and_then(|prf| reading.text(prf, 5)),
        item,
        description: parts::description(inner, reading),
        quantity,
        price: reading.decimal(bli, 6),
        reason: reason(inner, reading),
        po_number,
        invoice_number,
        references,
        dates: parts::dates(inner, reading),
        adjustments: parts::adjustments(inner, reading),
        notes: parts::notes(inner, reading),
    })
}

/// BLI03; where it is not there, the sum of the quantities below in one unit.
fn quantity(inner: &Loop<'_>, bli: Segment<'_>, reading: &mut Reading) -> Option<Quantity> {
    let below: Vec<Segment<'_>> = inner.loops("QTY").filter_map(|inner| inner.segment("QTY")).collect();
    let stated = parts::quantity(bli, 3, 4, reading);
    let quantity = match stated {
        Some(stated) => stated,
        None => match sum(&below) {
            Some(sum) => sum,
            None => {
                reading.missing(bli, 3, "quantity");
                return None;
            }
        },
    };
    // Another sum than the line's own stays where it is, and is noted.
    if sum(&below).as_ref() == Some(&quantity) {
        below.iter().for_each(|qty| reading.take_all(*qty));
    }
    Some(quantity)
}

/// The sum of the quantities, provided that all have one unit.
fn sum(quantities: &[Segment<'_>]) -> Option<Quantity> {
    let unit = quantities.first()?.component_text(3, 1);
    let mut value = Decimal::ZERO;
    for qty in quantities {
        value += value::read_decimal(&qty.text(2)).ok()?;
        if qty.component_text(3, 1) != unit || unit.is_empty() {
            return None;
        }
    }
    Some(Quantity { value, unit: unit.into_owned() })
}
