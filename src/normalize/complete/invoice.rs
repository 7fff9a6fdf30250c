//! An invoice, completed: the order's lines, terms and references, the shipment's carrier, the totals proved.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::lines::{Lines, WantedLine, compare_price, fill_unit};
use super::{Findings, KnownOrder, Wanted, fill_header, fill_or_compare, fill_parties, fill_references, find_order};
use crate::config::Us;
use crate::config::partner::PartnerId;
use crate::diagnostic::codes::document::{OVER_INVOICED, STATED_TOTAL};
use crate::document::invoice::{Invoice, InvoiceLine, InvoiceSense};
use crate::document::party::{Party, PartyRole};
use crate::document::{DateKind, DatedEvent, Document, Purpose, Shipment, Terms, cents};

/// Terms whose days count from the invoice's date (element 333).
const FROM_INVOICE_DATE: &str = "3";

pub(super) fn complete(
    invoice: &mut Invoice,
    orders: &[KnownOrder],
    earlier: &[Document],
    us: &Us,
    findings: &mut Findings,
) -> Option<PartnerId> {
    let wanted = Wanted {
        po_number: invoice.po_number.as_deref().unwrap_or_default(),
        release: None,
        partner: &invoice.header.partner,
        ship_to: ship_to_code(&invoice.parties),
        path: "po_number",
    };
    let known = &orders[find_order(&wanted, orders, findings)?];
    let order = &known.order;
    fill_header(&mut invoice.header, known);
    fill_or_compare(&mut invoice.ordered_on, Some(&order.ordered_on), "ordered_on", findings);
    fill_or_compare(&mut invoice.currency, order.currency.as_ref(), "currency", findings);
    fill_references(&mut invoice.header.references, order);
    fill_parties(&mut invoice.parties, &[PartyRole::Buyer, PartyRole::BillTo, PartyRole::ShipTo], order, findings);
    fill_remit_to(&mut invoice.parties, us);
    fill_from_shipment(invoice, earlier);

    let mut lines = lines_left(invoice, known, earlier);
    for (index, line) in invoice.lines.iter_mut().enumerate() {
        fill_line(line, &mut lines, &format!("lines[{index}]"), findings);
    }
    if invoice.sense == InvoiceSense::Debit {
        lines.report_surplus(&OVER_INVOICED, "invoiced", "lines", findings);
    }
    check_total(invoice, findings);
    if invoice.terms.is_none() && invoice.sense == InvoiceSense::Debit {
        invoice.terms = order.terms.clone();
    }
    let (amount, invoiced_on) = (invoice.amount(), invoice.invoiced_on);
    if let Some(terms) = &mut invoice.terms {
        fill_terms(terms, amount, invoiced_on);
    }
    Some(known.partner.clone())
}

fn ship_to_code(parties: &[Party]) -> Option<&str> {
    let ship_to = parties.iter().find(|party| party.role == PartyRole::ShipTo)?;
    ship_to.code.as_ref().map(|code| code.value.as_str())
}

fn fill_remit_to(parties: &mut Vec<Party>, us: &Us) {
    let has_remit_to = parties.iter().any(|party| party.role == PartyRole::RemitTo);
    if let Some(remit_to) = us.remit_to.as_ref().filter(|_| !has_remit_to) {
        parties.push(Party { role: PartyRole::RemitTo, ..remit_to.clone() });
    }
}

/// Carrier, bill of lading and day of shipping, where the invoice names a shipment that we sent; its weight when the
/// shipment has no other order in it.
fn fill_from_shipment(invoice: &mut Invoice, earlier: &[Document]) {
    let Some(shipment_id) = invoice.shipment_id.as_deref() else { return };
    let is_it =
        |shipment: &&Shipment| shipment.shipment_id == shipment_id && shipment.header.partner == invoice.header.partner;
    let mut shipments = earlier.iter().filter_map(|document| match document {
        Document::Shipment(shipment) => Some(shipment),
        _ => None,
    });
    let Some(shipment) = shipments.rfind(is_it) else { return };
    invoice.bill_of_lading = invoice.bill_of_lading.take().or_else(|| shipment.bill_of_lading.clone());
    invoice.carrier = invoice.carrier.take().or_else(|| shipment.carrier.clone());
    if shipment.orders.len() == 1 {
        invoice.weight = invoice.weight.take().or_else(|| shipment.weight.clone());
    }
    let has_shipped = invoice.dates.iter().any(|date| date.is == DateKind::Shipped);
    if let Some(at) = shipment.shipped_at.filter(|_| !has_shipped) {
        invoice.dates.push(DatedEvent { is: DateKind::Shipped, on: at.date(), at: None });
    }
}

/// The order's lines with what earlier invoices billed of them and credits gave back.
fn lines_left<'o>(invoice: &Invoice, known: &'o KnownOrder, earlier: &[Document]) -> Lines<'o> {
    let mut lines = Lines::of(&known.order);
    for document in earlier {
        let Document::Invoice(other) = document else { continue };
        let counts = other.invoice_number != invoice.invoice_number
            && other.header.purpose != Purpose::Cancel
            && other.header.partner == known.partner.as_str()
            && other.po_number.as_deref() == Some(known.order.po_number.as_str());
        for line in other.lines.iter().filter(|_| counts) {
            let sign = if other.sense == InvoiceSense::Debit { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
            lines.use_up(line.line.as_deref(), &line.item, sign * line.quantity.value);
        }
    }
    lines
}

fn fill_line(line: &mut InvoiceLine, lines: &mut Lines<'_>, path: &str, findings: &mut Findings) {
    let wanted = WantedLine { line: line.line.as_deref(), item: &line.item, quantity: line.quantity.value, path };
    let Some((_, ordered)) = lines.find(&wanted, findings) else { return };
    line.line = Some(ordered.line.clone());
    line.item.fill_from(&ordered.item);
    line.description = line.description.take().or_else(|| ordered.description.clone());
    fill_unit(&mut line.quantity, ordered, path, findings);
    compare_price(&mut line.price, ordered, path, findings);
}

fn check_total(invoice: &Invoice, findings: &mut Findings) {
    let amount = invoice.amount();
    if let Some(stated) = invoice.stated_amount.filter(|stated| *stated != amount) {
        let message = format!("invoice {} states {stated}, its parts add up to {amount}", invoice.invoice_number);
        let finding = findings.report(&STATED_TOTAL, "stated_amount", message);
        (finding.expected, finding.found) = (Some(amount.to_string()), Some(stated.to_string()));
    }
}

/// The days and the discount that follow from the order's terms.
fn fill_terms(terms: &mut Terms, amount: Decimal, invoiced_on: Date) {
    if terms.basis.as_deref() == Some(FROM_INVOICE_DATE) {
        let after = |days: u32| invoiced_on.checked_add(jiff::Span::new().try_days(days).ok()?).ok();
        terms.discount_due = terms.discount_due.or_else(|| terms.discount_days.and_then(after));
        terms.net_due = terms.net_due.or_else(|| terms.net_days.and_then(after));
    }
    let discount = terms.discount_percent.map(|percent| cents(amount * percent / Decimal::ONE_HUNDRED));
    terms.discount_amount = terms.discount_amount.or(discount);
}
