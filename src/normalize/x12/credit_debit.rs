//! 812 to credit or debit memo.

use super::order::currency;
use super::reading::Reading;
use super::{book_codes, codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::credit_debit::{CreditDebit, CreditDebitLine, NamedPrice};
use crate::document::{CreditOrDebit, Header, SCHEMA_VERSION};
use crate::normalize::proof;
use crate::x12::check::Loop;
use crate::x12::segment::Segment;
use crate::x12::value;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<CreditDebit> {
    let bcd = set.segment("BCD")?;
    let issued_on = reading.required_date(bcd, 1, "date");
    let memo_number = reading.required(bcd, 2, "adjustment number");
    let amount = reading.required_code(bcd, 4, "amount");
    let sense = sense(bcd, 5, reading);
    let mut references = parts::references_in("N9", set, reading);
    let stated = reading.code(bcd, 13).zip(reading.text(bcd, 14));
    references.extend(stated.map(|(is, value)| parts::named(&is, value)));
    let of_invoice = parts::take_code(&mut references, &["IV", "OI"]);
    let of_order = parts::take_code(&mut references, &["PO"]);
    let lines: Vec<CreditDebitLine> = set.loops("CDD").filter_map(|inner| line(&inner, reading)).collect();
    let memo = CreditDebit {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bcd, 11).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references,
            notes: parts::contacts(set, reading),
            ..Header::default()
        },
        handling: reading.code(bcd, 3).map(|code| book_codes::memo_handling(&code)),
        invoice_number: reading.text(bcd, 7).or(of_invoice),
        invoiced_on: reading.date(bcd, 6),
        po_number: reading.text(bcd, 10).or(of_order),
        seller_order_number: reading.text(bcd, 8),
        currency: currency(set, reading),
        parties: parts::parties(set, reading),
        dates: parts::dates(set, reading),
        lines,
        adjustments: parts::adjustments(set, reading),
        memo_number: memo_number?,
        issued_on: issued_on?,
        sense: sense?,
        amount: value::read_implied(&amount?, 2).ok()?,
    };
    reading.tell(proof::memo(&memo), bcd, Some(4));
    Some(memo)
}

/// Which way the amount goes; without it the amount says nothing.
fn sense(segment: Segment<'_>, element: usize, reading: &mut Reading) -> Option<CreditOrDebit> {
    let code = reading.required_code(segment, element, "credit or debit flag")?;
    book_codes::sense(&code)
}

fn line(inner: &Loop<'_>, reading: &mut Reading) -> Option<CreditDebitLine> {
    let cdd = inner.segment("CDD")?;
    let sense = sense(cdd, 2, reading);
    let mut references = parts::references_in("N9", inner, reading);
    let item = inner.segment("LIN").map(|lin| parts::item(lin, 2, reading)).unwrap_or_default();
    let amount = reading.cents(cdd, 4);
    let quantity = parts::quantity(cdd, 7, 8, reading);
    if amount.is_none() && quantity.is_none() {
        let message = "a line has neither amount nor quantity".to_owned();
        reading.report(&MISSING_VALUE, cdd, Some(4), message);
    }
    Some(CreditDebitLine {
        line: reading.text(cdd, 3),
        reason: reading.text(cdd, 1),
        amount,
        item,
        quantity,
        price_difference: reading.decimal(cdd, 9),
        prices: [10, 12].into_iter().filter_map(|element| price(cdd, element, reading)).collect(),
        invoice_number: parts::take_code(&mut references, &["IV", "OI"]),
        po_number: parts::take_code(&mut references, &["PO"]),
        references,
        dates: parts::dates(inner, reading),
        adjustments: parts::adjustments(inner, reading),
        // From 005010 on.
        description: reading.text(cdd, 14),
        sense: sense?,
    })
}

/// The kind of a price in one element and its amount in the next.
fn price(cdd: Segment<'_>, element: usize, reading: &mut Reading) -> Option<NamedPrice> {
    let amount = reading.decimal(cdd, element + 1)?;
    Some(NamedPrice { is: reading.text(cdd, element)?, amount })
}
