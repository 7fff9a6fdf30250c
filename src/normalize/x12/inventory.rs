//! 846 to inventory.

use jiff::civil::{DateTime, Time};

use super::reading::Reading;
use super::{book_codes, codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::inventory::{Inventory, InventoryLine, Stock};
use crate::document::{DatedEvent, Header, Quantity, SCHEMA_VERSION};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;
use crate::x12::value;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<Inventory> {
    let bia = set.segment("BIA")?;
    let report_number = reading.required(bia, 3, "report number");
    let written_on = reading.required_date(bia, 4, "date");
    let written_at = reading.time(bia, 5);
    let mut dates = parts::dates(set, reading);
    let effective = parts::take_date(&mut dates, "007");
    let lines = set.loops("LIN").filter_map(|inner| line(&inner, reading)).collect();
    Some(Inventory {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bia, 1).map(|code| codes::purpose(&code)).unwrap_or_default(),
            references: parts::references(set, reading),
            notes: parts::contacts(set, reading),
            ..Header::default()
        },
        reporter: reading.code(bia, 2).map(|code| book_codes::reporter(&code)),
        parties: parts::parties(set, reading),
        dates,
        lines,
        report_number: report_number?,
        as_of: as_of(written_on?.to_datetime(written_at.unwrap_or(Time::midnight())), effective),
    })
}

/// The effective moment; the time at which the report was written counts where both are of one day.
fn as_of(written: DateTime, effective: Option<DatedEvent>) -> DateTime {
    match effective {
        Some(DatedEvent { on, at: Some(at), .. }) => on.to_datetime(at),
        Some(DatedEvent { on, .. }) if on != written.date() => on.to_datetime(Time::midnight()),
        _ => written,
    }
}

fn line(inner: &Loop<'_>, reading: &mut Reading) -> Option<InventoryLine> {
    let lin = inner.segment("LIN")?;
    let item = parts::item(lin, 2, reading);
    if item.is_empty() {
        reading.report(&MISSING_VALUE, lin, Some(2), "a line has no item number".to_owned());
    }
    // One place can be said of an item; the rest of several stays where it is.
    let place = inner.loops("N1").next().map(|place| parts::parties_in([place], reading));
    let location = place.and_then(|mut parties| parties.pop()).and_then(|party| match party.code {
        Some(code) => Some(code.value),
        None => party.name,
    });
    Some(InventoryLine {
        line: reading.text(lin, 1),
        item,
        description: parts::description(inner, reading),
        location,
        stock: inner.loops("QTY").filter_map(|inner| stock(&inner, reading)).collect(),
        references: parts::references(inner, reading),
        dates: parts::dates(inner, reading),
    })
}

fn stock(inner: &Loop<'_>, reading: &mut Reading) -> Option<Stock> {
    let qty = inner.segment("QTY")?;
    let is = reading.code(qty, 1)?;
    let quantity = quantity(qty, reading)?;
    let on = inner.segment("DTM").and_then(|dtm| parts::date(dtm, reading)).map(|date| date.on);
    Some(Stock { is: book_codes::stock(&is), quantity, on })
}

/// QTY02 with the unit in QTY03; both must be there.
fn quantity(qty: Segment<'_>, reading: &mut Reading) -> Option<Quantity> {
    let value = reading.required_code(qty, 2, "quantity");
    let unit = reading.first(qty, 3);
    if unit.is_none() {
        reading.missing(qty, 3, "unit of measure");
    }
    Some(Quantity { value: value::read_decimal(&value?).ok()?, unit: unit? })
}
