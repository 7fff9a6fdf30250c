//! 820 to remittance.

use rust_decimal::Decimal;

use super::order::currency;
use super::reading::Reading;
use super::{book_codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::remittance::{PaidItem, Remittance, RemittanceAdjustment, RemittanceLine};
use crate::document::{Header, SCHEMA_VERSION};
use crate::normalize::proof;
use crate::x12::check::Loop;
use crate::x12::segment::Segment;
use crate::x12::value;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<Remittance> {
    let bpr = set.segment("BPR")?;
    let trn = set.segment("TRN");
    let trace_number = trn.and_then(|trn| reading.text(trn, 2));
    if trace_number.is_none() {
        reading.report(&MISSING_VALUE, trn.unwrap_or(bpr), None, "the payment has no trace number (TRN02)".to_owned());
    }
    let amount = reading.required_code(bpr, 2, "amount");
    let mut notes = parts::notes(set, reading);
    let (mut lines, mut adjustments) = (Vec::new(), Vec::new());
    for entity in set.loops("ENT") {
        let location = location(&entity, reading);
        for inner in entity.loops("RMR") {
            lines.extend(line(&inner, location.as_deref(), reading));
        }
        for inner in entity.loops("ADX") {
            adjustments.extend(adjustment(&inner, reading));
        }
    }
    notes.extend(set.loops("N1").flat_map(|party| parts::contacts(&party, reading)));
    let remittance = Remittance {
        header: Header {
            schema: SCHEMA_VERSION,
            references: parts::references(set, reading),
            notes,
            ..Header::default()
        },
        handling: reading.code(bpr, 1).map(|code| book_codes::payment_handling(&code)).unwrap_or_default(),
        sense: reading.code(bpr, 3).and_then(|code| book_codes::sense(&code)).unwrap_or_default(),
        method: reading.code(bpr, 4).map(|code| book_codes::payment_method(&code)),
        paid_on: reading.date(bpr, 16),
        currency: currency(set, reading),
        originator: originator(bpr, trn, reading),
        parties: parts::parties(set, reading),
        dates: parts::dates(set, reading),
        lines,
        adjustments,
        trace_number: trace_number?,
        amount: value::read_decimal(&amount?).ok()?,
    };
    reading.tell(proof::payment(&remittance), bpr, Some(2));
    Some(remittance)
}

/// TRN03, which BPR10 repeats. That TRN01 says "this payment's own number" is nothing to remember.
fn originator(bpr: Segment<'_>, trn: Option<Segment<'_>>, reading: &mut Reading) -> Option<String> {
    let of_trace = trn.and_then(|trn| {
        reading.take_if(trn, 1, &["1"]);
        reading.text(trn, 3)
    });
    match of_trace {
        Some(originator) => {
            reading.take_if(bpr, 10, &[&originator]);
            Some(originator)
        }
        None => reading.text(bpr, 10),
    }
}

/// The branch that an entity is, by its code. That entities are counted is nothing to remember.
fn location(entity: &Loop<'_>, reading: &mut Reading) -> Option<String> {
    let ent = entity.segment("ENT")?;
    reading.take(ent, 1);
    let by_code = reading.text(ent, 4);
    if by_code.is_some() {
        reading.take(ent, 2);
        reading.take(ent, 3);
    }
    by_code
}

fn line(inner: &Loop<'_>, location: Option<&str>, reading: &mut Reading) -> Option<RemittanceLine> {
    let rmr = inner.segment("RMR")?;
    let mut references = parts::references(inner, reading);
    let mut dates = parts::dates(inner, reading);
    let mut adjustments: Vec<RemittanceAdjustment> = of_line(rmr, reading).into_iter().collect();
    adjustments.extend(inner.loops("ADX").filter_map(|inner| adjustment(&inner, reading)));
    let mut line = RemittanceLine {
        is: reading.code(rmr, 1).map(|code| book_codes::paid_item(&code)).unwrap_or_default(),
        number: reading.text(rmr, 2),
        po_number: parts::take_code(&mut references, &["PO"]),
        action: reading.code(rmr, 3).map(|code| book_codes::payment_action(&code)),
        paid: Decimal::ZERO,
        gross: reading.decimal(rmr, 5),
        discount: reading.decimal(rmr, 6),
        invoiced_on: parts::take_date(&mut dates, "003").map(|date| date.on),
        location: location.map(str::to_owned),
        adjustments,
        references,
        dates,
        notes: parts::notes(inner, reading),
    };
    if line.is == PaidItem::Order {
        line.po_number = line.po_number.take().or_else(|| line.number.clone());
    }
    // Where no amount is written, the whole is paid.
    let Some(paid) = reading.decimal(rmr, 4).or_else(|| line.owed()) else {
        reading.missing(rmr, 4, "amount paid");
        return None;
    };
    line.paid = paid;
    reading.tell(proof::paid_line(&line), rmr, Some(4));
    Some(line)
}

/// RMR07 and RMR08: the adjustment in the line itself.
fn of_line(rmr: Segment<'_>, reading: &mut Reading) -> Option<RemittanceAdjustment> {
    let amount = reading.decimal(rmr, 8)?;
    Some(RemittanceAdjustment { amount, reason: reading.text(rmr, 7), ..RemittanceAdjustment::default() })
}

/// One ADX with the notes below it.
fn adjustment(inner: &Loop<'_>, reading: &mut Reading) -> Option<RemittanceAdjustment> {
    let adx = inner.segment("ADX")?;
    let amount = reading.decimal(adx, 1)?;
    let notes = parts::notes(inner, reading);
    let reference = reading.code(adx, 3).zip(reading.text(adx, 4));
    Some(RemittanceAdjustment {
        amount,
        reason: reading.text(adx, 2),
        reference: reference.map(|(is, value)| parts::named(&is, value)),
        description: (!notes.is_empty()).then(|| notes.join(", ")),
    })
}
