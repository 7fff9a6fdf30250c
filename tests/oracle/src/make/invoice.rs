//! Invoices and credits.

use edigate::document::invoice::{InvoiceLine, InvoiceSense};
use edigate::document::{Carrier, Invoice, Tax};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::parts;

pub fn invoice() -> impl Strategy<Value = Invoice> {
    let sense = select(vec![InvoiceSense::Debit, InvoiceSense::Credit]);
    let numbers = (parts::header(parts::plain_references(), 200), parts::id(), sense, parts::day());
    let ordered = (of(parts::id()), of(parts::day()), of(parts::id()), of(parts::id()));
    let agreed = (of("[A-Z]{3}"), parts::parties(), parts::dates(), of(parts::terms()));
    // CAD01, the mode, is mandatory from 005010 on.
    let carrier = (parts::carrier(), "[AMU]").prop_map(|(carrier, mode)| Carrier { mode: Some(mode), ..carrier });
    let shipped = (of(carrier), of(parts::weight()));
    let billed = (vec(line(), 1..5), parts::adjustments(), vec(tax(), 0..3));
    (numbers, ordered, agreed, shipped, billed).prop_map(|(numbers, ordered, agreed, shipped, billed)| {
        let (header, invoice_number, sense, invoiced_on) = numbers;
        let (po_number, ordered_on, shipment_id, bill_of_lading) = ordered;
        let (currency, parties, dates, terms) = agreed;
        let (carrier, weight) = shipped;
        let (lines, adjustments, taxes) = billed;
        Invoice {
            header,
            invoice_number,
            sense,
            invoiced_on,
            po_number,
            ordered_on,
            shipment_id,
            bill_of_lading,
            currency,
            parties,
            dates,
            terms,
            carrier,
            weight,
            lines,
            adjustments,
            taxes,
            stated_amount: None,
        }
    })
}

fn line() -> impl Strategy<Value = InvoiceLine> {
    (of(parts::id()), parts::item(), of(parts::words(80)), parts::quantity(), parts::price())
        .prop_map(|(line, item, description, quantity, price)| InvoiceLine { line, item, description, quantity, price })
}

/// With an amount, a rate, or both.
fn tax() -> impl Strategy<Value = Tax> {
    let value = prop_oneof![
        (parts::cents(), of(parts::decimal(4, 3))).prop_map(|(amount, percent)| (Some(amount), percent)),
        parts::decimal(4, 3).prop_map(|percent| (None, Some(percent))),
    ];
    (select(vec!["ST", "CT", "GS"]), value).prop_map(|(code, (amount, percent))| Tax {
        code: code.to_owned(),
        amount,
        percent,
    })
}
