//! Invoice to 810.

use rust_decimal::Decimal;

use super::draft::{Draft, count, date, decimal, none, number, text, word};
use super::{codes, parts};
use crate::document::Purpose;
use crate::document::invoice::{Invoice, InvoiceLine, InvoiceSense};

pub(super) fn write(invoice: &Invoice, draft: &mut Draft) {
    beginning(invoice, draft);
    for (index, note) in invoice.header.notes.iter().enumerate() {
        for part in draft.wrap(note, 80, 10, format_args!("notes[{index}]")) {
            draft.push("NTE", [word("GEN"), part]);
        }
    }
    if let Some(currency) = &invoice.currency {
        draft.push("CUR", [word("SE"), word(currency)]);
    }
    parts::references(&invoice.header.references, draft);
    parts::reference("BM", invoice.bill_of_lading.as_deref(), draft);
    parts::reference("MA", invoice.shipment_id.as_deref(), draft);
    parts::parties(&invoice.parties, draft);
    parts::terms(invoice.terms.as_ref(), draft);
    parts::dates(&invoice.dates, draft);
    for (index, invoice_line) in invoice.lines.iter().enumerate() {
        line(invoice_line, &format!("lines[{index}]"), draft);
    }
    totals(invoice, draft);
    for tax in &invoice.taxes {
        draft.push("TXI", [word(&tax.code), decimal(tax.amount), decimal(tax.percent)]);
    }
    carrier(invoice, draft);
    parts::adjustments(&invoice.adjustments, "", draft);
    shipped(invoice, draft);
    draft.push("CTT", [count(invoice.lines.len())]);
}

fn beginning(invoice: &Invoice, draft: &mut Draft) {
    let invoice_number = draft.needed(Some(word(&invoice.invoice_number)), "invoice_number", "BIG02");
    let sense = match invoice.sense {
        InvoiceSense::Debit => "DI",
        InvoiceSense::Credit => "CR",
    };
    // An original is what an invoice is anyway; many guides do not allow BIG08.
    let purpose = match &invoice.header.purpose {
        Purpose::Original => none(),
        other => word(codes::purpose(other)),
    };
    draft.push(
        "BIG",
        [
            date(Some(invoice.invoiced_on)),
            invoice_number,
            date(invoice.ordered_on),
            text(invoice.po_number.as_deref()),
            none(),
            none(),
            word(sense),
            purpose,
        ],
    );
}

fn line(line: &InvoiceLine, path: &str, draft: &mut Draft) {
    let mut elements = vec![
        text(line.line.as_deref()),
        number(line.quantity.value),
        word(&line.quantity.unit),
        number(line.price.amount),
        text(line.price.basis.as_deref()),
    ];
    elements.extend(parts::item(&line.item));
    draft.push("IT1", elements);
    parts::description(line.description.as_deref(), format_args!("{path}.description"), draft);
}

/// TDS: the total, and where there is a discount for early payment the amount that it is taken from.
fn totals(invoice: &Invoice, draft: &mut Draft) {
    let total = draft.cents(Some(invoice.amount()), "total");
    let has_discount = invoice.terms.as_ref().is_some_and(|terms| terms.discount_percent.is_some());
    let discountable = if has_discount { total.clone() } else { none() };
    draft.push("TDS", [total, discountable]);
}

/// CAD, with the bill of lading that the carrier signed.
fn carrier(invoice: &Invoice, draft: &mut Draft) {
    let Some(carrier) = &invoice.carrier else { return };
    let name = draft.cut(carrier.name.as_deref().unwrap_or_default(), 35, "carrier.name");
    let qualifier = if invoice.bill_of_lading.is_some() { word("BM") } else { none() };
    draft.push(
        "CAD",
        [
            text(carrier.mode.as_deref()),
            none(),
            none(),
            text(carrier.scac.as_deref()),
            name,
            none(),
            qualifier,
            text(invoice.bill_of_lading.as_deref()),
        ],
    );
}

/// ISS: units, where all lines have the same one, and weight.
fn shipped(invoice: &Invoice, draft: &mut Draft) {
    let unit = invoice.lines.first().map(|line| line.quantity.unit.as_str());
    let same_unit = unit.filter(|unit| invoice.lines.iter().all(|line| line.quantity.unit == *unit));
    let sum: Decimal = invoice.lines.iter().map(|line| line.quantity.value).sum();
    let quantity = same_unit.map(|_| number(sum)).unwrap_or_default();
    let (weight, weight_unit) = match &invoice.weight {
        Some(weight) => (number(weight.value), word(&weight.unit)),
        None => (none(), none()),
    };
    draft.push("ISS", [quantity, text(same_unit), weight, weight_unit]);
}
