//! 810 to invoice.

use super::order::currency;
use super::reading::Reading;
use super::{codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::invoice::{Invoice, InvoiceLine, InvoiceSense};
use crate::document::{Carrier, Header, Measure, Reference, ReferenceKind, SCHEMA_VERSION, Tax};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<Invoice> {
    let big = set.segment("BIG")?;
    let invoiced_on = reading.required_date(big, 1, "invoice date");
    let invoice_number = reading.required(big, 2, "invoice number");
    let mut references = parts::references(set, reading);
    let bill_of_lading = take_reference(&mut references, &ReferenceKind::BillOfLading);
    let shipment_id = take_reference(&mut references, &ReferenceKind::Other("MA".to_owned()));
    let mut notes = parts::notes(set, reading);
    notes.extend(parts::contacts(set, reading));
    notes.extend(parts::notes_of_n9(set, &mut references, reading));
    let lines: Vec<InvoiceLine> = set.loops("IT1").filter_map(|inner| line(&inner, reading)).collect();
    Some(Invoice {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(big, 8).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references,
            notes,
            ..Header::default()
        },
        invoice_number: invoice_number?,
        sense: sense(big, reading),
        invoiced_on: invoiced_on?,
        po_number: reading.text(big, 4),
        ordered_on: reading.date(big, 3),
        shipment_id,
        carrier: carrier(set, bill_of_lading.as_deref(), reading),
        bill_of_lading,
        currency: currency(set, reading),
        parties: parts::parties(set, reading),
        dates: parts::dates(set, reading),
        terms: parts::terms(set, reading),
        weight: weight(set, reading),
        lines,
        adjustments: parts::adjustments(set, reading),
        taxes: set.segments("TXI").filter_map(|txi| tax(txi, reading)).collect(),
        stated_amount: total(set, reading),
    })
}

fn take_reference(references: &mut Vec<Reference>, kind: &ReferenceKind) -> Option<String> {
    let index = references.iter().position(|reference| reference.is == *kind)?;
    Some(references.remove(index).value)
}

/// BIG07; a code that says neither is left where it is.
fn sense(big: Segment<'_>, reading: &mut Reading) -> InvoiceSense {
    reading.take_if(big, 7, &["DI", "CR"]);
    match big.text(7).as_ref() {
        "CR" | "CN" => InvoiceSense::Credit,
        _ => InvoiceSense::Debit,
    }
}

fn line(inner: &Loop<'_>, reading: &mut Reading) -> Option<InvoiceLine> {
    let it1 = inner.segment("IT1")?;
    let quantity = parts::required_quantity(it1, 2, 3, "quantity", reading);
    if it1.value(4).is_none() {
        reading.missing(it1, 4, "unit price");
    }
    let price = parts::price(it1, reading);
    let item = parts::item(it1, 6, reading);
    let line = reading.text(it1, 1);
    if item.is_empty() && line.is_none() {
        reading.report(&MISSING_VALUE, it1, Some(6), "a line has neither line number nor item number".to_owned());
    }
    Some(InvoiceLine {
        line,
        item,
        description: parts::description(inner, reading),
        quantity: quantity?,
        price: price?,
    })
}

/// TDS01 is the total; the amounts behind it follow from the terms.
fn total(set: &Loop<'_>, reading: &mut Reading) -> Option<rust_decimal::Decimal> {
    let tds = set.segment("TDS")?;
    if tds.element(1) == tds.element(2) {
        reading.take(tds, 2);
    }
    reading.cents(tds, 1)
}

fn tax(txi: Segment<'_>, reading: &mut Reading) -> Option<Tax> {
    let code = reading.text(txi, 1)?;
    Some(Tax { code, amount: reading.decimal(txi, 2), percent: reading.decimal(txi, 3) })
}

/// CAD; its reference is taken when it repeats the bill of lading.
fn carrier(set: &Loop<'_>, bill_of_lading: Option<&str>, reading: &mut Reading) -> Option<Carrier> {
    let cad = set.segment("CAD")?;
    if cad.text(7) == "BM" && bill_of_lading == Some(cad.text(8).as_ref()) {
        reading.take(cad, 7);
        reading.take(cad, 8);
    }
    Some(Carrier { mode: reading.text(cad, 1), scac: reading.text(cad, 4), name: reading.text(cad, 5) })
}

/// ISS: the quantity is the lines' own, the weight is not.
fn weight(set: &Loop<'_>, reading: &mut Reading) -> Option<Measure> {
    let iss = set.loops("ISS").find_map(|inner| inner.segment("ISS"))?;
    reading.take(iss, 1);
    reading.take(iss, 2);
    let value = reading.decimal(iss, 3);
    let unit = reading.text(iss, 4);
    Some(Measure { value: value?, unit: unit? })
}
