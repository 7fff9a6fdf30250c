//! What disagrees in money: prices, invoices that bill twice, payments that are missing, short or unexplained.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::{Judging, plain};
use crate::diagnostic::codes::reconcile as codes;
use crate::document::invoice::InvoiceSense;
use crate::document::item::ItemIds;
use crate::document::remittance::{PaidItem, RemittanceLine};
use crate::document::{Document, Invoice, Price, Quantity, cents};
use crate::ledger::Id;
use crate::reconcile::matrix::Stage;

pub(super) fn judge(judging: &mut Judging<'_>) {
    price_differs(judging);
    duplicate_invoices(judging);
    for bill in 0..judging.matrix.bills.len() {
        short_paid(judging, bill);
        unpaid(judging, bill);
    }
    unknown_deductions(judging);
    credit_without_invoice(judging);
}

/// An invoice asks for another price than the order gives.
fn price_differs(judging: &mut Judging<'_>) {
    let matrix = judging.matrix;
    for posting in matrix.postings.iter().filter(|posting| posting.stage == Stage::Invoiced) {
        let Some(index) = posting.line else { continue };
        let line = &matrix.lines[index];
        let (Some(invoiced), Some(ordered)) = (posting.price, line.price) else { continue };
        if (invoiced - ordered).abs() > judging.agreement.tolerance.price {
            let message =
                format!("line {} is invoiced at {}, ordered at {}", line.line, plain(invoiced), plain(ordered));
            let money = cents((invoiced - ordered).abs() * posting.quantity);
            let subject = format!("{} line {}", posting.paper.document.label(), line.line);
            judging.find(&codes::PRICE_DIFFERS, subject, message, Some(posting.paper.id.clone()), money);
        }
    }
}

/// Two invoices of an order bill the same, unless each names a shipment of its own.
fn duplicate_invoices(judging: &mut Judging<'_>) {
    let papers = judging.papers;
    let mut invoices: Vec<(&Invoice, &Id)> = papers
        .documents
        .iter()
        .filter_map(|one| match &one.document {
            Document::Invoice(invoice) if invoice.sense == InvoiceSense::Debit => Some((invoice, &one.id)),
            _ => None,
        })
        .collect();
    invoices.sort_by_key(|(invoice, _)| (invoice.invoiced_on, &invoice.invoice_number));
    let mut alike: HashMap<Lines, Alike> = HashMap::new();
    for (place, (invoice, id)) in invoices.iter().enumerate().filter(|(_, (invoice, _))| !invoice.lines.is_empty()) {
        let Some(first) = alike.entry(lines(invoice)).or_default().first_before(place, invoice) else { continue };
        let subject = format!("810 {}", invoice.invoice_number);
        let message =
            format!("invoice {} bills what {} bills", invoice.invoice_number, invoices[first].0.invoice_number);
        judging.find(&codes::DUPLICATE_INVOICE, subject, message, Some((*id).clone()), invoice.amount());
    }
}

/// What an invoice bills.
type Lines<'i> = Vec<(&'i ItemIds, &'i Quantity, &'i Price)>;

fn lines(invoice: &Invoice) -> Lines<'_> {
    invoice.lines.iter().map(|line| (&line.item, &line.quantity, &line.price)).collect()
}

/// The places of invoices that bill the same lines.
#[derive(Default)]
struct Alike<'i> {
    first: Option<usize>,
    /// The first that names no shipment.
    of_none: Option<usize>,
    /// The first of each shipment.
    of: HashMap<&'i str, usize>,
}

impl<'i> Alike<'i> {
    /// Adds an invoice; the first one before it that does not bill another shipment.
    fn first_before(&mut self, place: usize, invoice: &'i Invoice) -> Option<usize> {
        let found = match invoice.shipment_id.as_deref() {
            None => {
                self.of_none.get_or_insert(place);
                self.first
            }
            Some(shipment) => {
                let of_it = *self.of.entry(shipment).or_insert(place);
                [Some(of_it).filter(|first| *first != place), self.of_none].into_iter().flatten().min()
            }
        };
        self.first.get_or_insert(place);
        found
    }
}

/// A payment paid less than an invoice asks for, and does not say that the rest will come.
fn short_paid(judging: &mut Judging<'_>, index: usize) {
    let bill = &judging.matrix.bills[index];
    let Some(payment) = &bill.payment else { return };
    let open = bill.open();
    if payment.in_part || open <= judging.agreement.tolerance.total {
        return;
    }
    let why = match bill.reasons.is_empty() {
        true => "no reason was given".to_owned(),
        false => bill.reasons.join("; "),
    };
    let message = format!("paid {:.2} of {:.2}, {open:.2} is open: {why}", bill.paid, bill.amount);
    let subject = format!("810 {}", bill.invoice_number);
    judging.find(&codes::SHORT_PAID, subject, message, Some(payment.document.clone()), open);
}

/// An invoice that nobody paid when its terms were over.
fn unpaid(judging: &mut Judging<'_>, index: usize) {
    let Some(tolerated) = judging.agreement.tolerance.unpaid else { return };
    let bill = &judging.matrix.bills[index];
    let is_told_as_short = bill.payment.as_ref().is_some_and(|payment| !payment.in_part);
    let (Some(due_on), open) = (bill.due_on, bill.open()) else { return };
    if is_told_as_short || open <= judging.agreement.tolerance.total {
        return;
    }
    let end = judging.end_of(due_on);
    if judging.is_over(end, tolerated) {
        let bill = &judging.matrix.bills[index];
        let message = format!("{open:.2} of {:.2} is unpaid, it was due on {due_on}", bill.amount);
        let subject = format!("810 {}", bill.invoice_number);
        judging.find(&codes::UNPAID, subject, message, Some(bill.document.clone()), open);
    }
}

/// A payment takes something off for this order and names no memo that we know.
fn unknown_deductions(judging: &mut Judging<'_>) {
    let papers = judging.papers;
    for paper in &papers.documents {
        let Document::Remittance(payment) = &paper.document else { continue };
        for line in payment.lines.iter().filter(|line| is_deduction(line)) {
            let is_of_the_order = line.po_number.as_deref() == Some(judging.matrix.po_number.as_str());
            // What has a number is looked for by it, whatever order it is about.
            if !is_of_the_order || line.number.is_some() {
                continue;
            }
            let subject = format!("820 {} for 850 {}", payment.trace_number, judging.matrix.po_number);
            let message = format!("{:.2} was taken off without a memo", -line.paid);
            judging.find(&codes::UNKNOWN_DEDUCTION, subject, message, Some(paper.id.clone()), -line.paid);
        }
    }
}

/// True for a line that takes money and pays no invoice.
pub(super) fn is_deduction(line: &RemittanceLine) -> bool {
    line.paid < Decimal::ZERO && !matches!(line.is, PaidItem::Invoice | PaidItem::Order)
}

/// A credit invoice of an order that was never invoiced.
fn credit_without_invoice(judging: &mut Judging<'_>) {
    let papers = judging.papers;
    if !judging.matrix.bills.is_empty() {
        return;
    }
    for paper in &papers.documents {
        let Document::Invoice(invoice) = &paper.document else { continue };
        if invoice.sense == InvoiceSense::Credit {
            let subject = format!("810 {}", invoice.invoice_number);
            let message = format!("credit {} is about an order without an invoice", invoice.invoice_number);
            judging.find(&codes::CREDIT_WITHOUT_INVOICE, subject, message, Some(paper.id.clone()), invoice.amount());
        }
    }
}
