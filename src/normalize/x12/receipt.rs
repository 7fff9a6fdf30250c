//! 861 to receipt.

use rust_decimal::Decimal;

use super::order::currency;
use super::reading::Reading;
use super::{book_codes, codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::item::ItemIds;
use crate::document::receipt::{QuestionedQuantity, Receipt, ReceiptLine};
use crate::document::{Header, Quantity, SCHEMA_VERSION};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;

/// Where the five quantities in question begin, each with unit and condition behind it (RCD06 to RCD20).
const QUESTIONS: [usize; 5] = [6, 9, 12, 15, 18];

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<Receipt> {
    let bra = set.segment("BRA")?;
    let receipt_number = reading.required(bra, 1, "receiving advice number");
    let written_on = reading.date(bra, 2);
    let mut references = parts::references(set, reading);
    let mut dates = parts::dates(set, reading);
    // Nothing here is priced.
    currency(set, reading);
    let po_numbers = set.segments("PRF").filter_map(|prf| reading.text(prf, 1)).collect();
    let lines: Vec<ReceiptLine> = set.loops("RCD").filter_map(|inner| line(&inner, reading)).collect();
    if set.loops("RCD").next().is_none() {
        reading.report(&MISSING_VALUE, bra, None, "the receiving advice has no line".to_owned());
    }
    let shipment_id = parts::take_code(&mut references, &["SI", "MA"]);
    let bill_of_lading = parts::take_code(&mut references, &["BM"]);
    let carrier_reference = parts::take_code(&mut references, &["CN"]);
    Some(Receipt {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bra, 3).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references,
            notes: parts::contacts(set, reading),
            ..Header::default()
        },
        received_on: parts::take_date(&mut dates, "050").map(|date| date.on).or(written_on),
        shipment_id,
        po_numbers,
        bill_of_lading,
        carrier_reference,
        parties: parts::parties(set, reading),
        dates,
        carrier: parts::carrier(set, reading),
        lines,
        receipt_number: receipt_number?,
    })
}

fn line(inner: &Loop<'_>, reading: &mut Reading) -> Option<ReceiptLine> {
    let rcd = inner.segment("RCD")?;
    let order = inner.segment("PRF");
    let (item, lot) = item(inner, reading);
    let questions = questions(rcd, reading);
    let returned = counted(rcd, 4, reading);
    let received = received(rcd, returned.as_ref().or(questions.first().map(|one| &one.quantity)), reading);
    let number = reading.text(rcd, 1);
    if item.is_empty() && number.is_none() {
        reading.report(&MISSING_VALUE, rcd, None, "a line has neither line number nor item number".to_owned());
    }
    Some(ReceiptLine {
        line: order.and_then(|prf| reading.text(prf, 5)).or(number),
        po_number: order.and_then(|prf| reading.text(prf, 1)),
        item,
        description: parts::description(inner, reading),
        returned,
        shipped: inner.segment("SN1").and_then(|sn1| parts::quantity(sn1, 2, 3, reading)),
        questions,
        sscc: inner.segments("MAN").find_map(|man| parts::container(man, reading)),
        lot,
        references: parts::references(inner, reading),
        dates: parts::dates(inner, reading),
        received: received?,
    })
}

/// The item's numbers, and the lot among them.
fn item(inner: &Loop<'_>, reading: &mut Reading) -> (ItemIds, Option<String>) {
    let mut item = inner.segment("LIN").map(|lin| parts::item(lin, 2, reading)).unwrap_or_default();
    let lot = item.other.iter().position(|id| id.is == "LT").map(|index| item.other.remove(index).value);
    (item, lot)
}

/// What was received; nothing, in the unit of what is contested, where only that is told.
fn received(rcd: Segment<'_>, contested: Option<&Quantity>, reading: &mut Reading) -> Option<Quantity> {
    match (counted(rcd, 2, reading), contested) {
        (Some(received), _) => Some(received),
        (None, Some(contested)) => Some(Quantity { value: Decimal::ZERO, unit: contested.unit.clone() }),
        (None, None) => {
            reading.missing(rcd, 2, "quantity");
            None
        }
    }
}

/// A quantity, with its unit in the composite behind it.
fn counted(rcd: Segment<'_>, element: usize, reading: &mut Reading) -> Option<Quantity> {
    let value = reading.decimal(rcd, element);
    let unit = reading.first(rcd, element + 1);
    Some(Quantity { value: value?, unit: unit? })
}

fn questions(rcd: Segment<'_>, reading: &mut Reading) -> Vec<QuestionedQuantity> {
    let mut questions = Vec::new();
    for element in QUESTIONS {
        let Some(quantity) = counted(rcd, element, reading) else { continue };
        let Some(condition) = reading.code(rcd, element + 2) else { continue };
        questions.push(QuestionedQuantity { condition: book_codes::receiving_condition(&condition), quantity });
    }
    questions
}
