//! What a document names and nobody knows: the invoice that a payment pays, the memo that it takes off, the order behind a payout or
//! that a change is of.
//!
//! What comes later makes it known; until then it is a finding about the document that names it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Disagreement;
use super::money::is_deduction;
use crate::diagnostic::codes::reconcile as codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{CreditDebit, Document, Kind, Remittance, Settlement};
use crate::ledger::finding::AtStake;

/// Judges a document, given what of its [`Document::mentions`] is unknown.
pub fn judge(document: &Document, unknown: &[(Kind, &str)]) -> Vec<Disagreement> {
    let mut found = Found { label: document.label(), currency: None, all: Vec::new() };
    match document {
        Document::Remittance(payment) => {
            found.currency = payment.currency.clone();
            payment_names(&mut found, payment, unknown);
        }
        Document::CreditDebit(memo) => {
            found.currency = memo.currency.clone();
            memo_names(&mut found, memo, unknown);
        }
        Document::OrderChange(change) if !unknown.is_empty() => {
            let message = format!("it changes order {}, which is unknown", change.po_number);
            let about = format!("of 850 {}", change.po_number);
            found.add(&codes::CHANGE_DOES_NOT_FIT, &about, message, Decimal::ZERO);
        }
        Document::Settlement(settlement) => {
            found.currency = settlement.currency.clone();
            settlement_names(&mut found, settlement, unknown);
        }
        _ => {}
    }
    found.all
}

struct Found {
    label: String,
    currency: Option<String>,
    all: Vec<Disagreement>,
}

impl Found {
    fn add(&mut self, code: Code, about: &str, message: String, money: Decimal) {
        let at_stake = (!money.is_zero()).then(|| AtStake { money: money.abs(), currency: self.currency.clone() });
        let subject = format!("{} {about}", self.label);
        let diagnostic = Diagnostic::new(code, message);
        self.all.push(Disagreement { subject, diagnostic, document: None, at_stake });
    }
}

fn payment_names(found: &mut Found, payment: &Remittance, unknown: &[(Kind, &str)]) {
    let mut unknown_invoices: BTreeMap<&str, Decimal> = BTreeMap::new();
    for (place, line) in payment.lines.iter().enumerate() {
        match line.number.as_deref() {
            Some(number) if unknown.contains(&(Kind::Invoice, number)) => {
                *unknown_invoices.entry(number).or_default() += line.paid;
            }
            Some(number) if is_deduction(line) && unknown.contains(&(Kind::CreditDebit, number)) => {
                let message = format!("{:.2} was taken off for {number}, of which nothing is known", -line.paid);
                found.add(&codes::UNKNOWN_DEDUCTION, &format!("for {number}"), message, line.paid);
            }
            // With an order it is a finding of that order.
            None if is_deduction(line) && line.po_number.is_none() => {
                let message = format!("{:.2} was taken off without a number", -line.paid);
                found.add(&codes::UNKNOWN_DEDUCTION, &format!("line {}", place + 1), message, line.paid);
            }
            _ => {}
        }
    }
    for (number, paid) in unknown_invoices {
        let message = format!("{paid:.2} was paid for invoice {number}, which is unknown");
        found.add(&codes::PAID_UNKNOWN_INVOICE, &format!("for {number}"), message, paid);
    }
    taken_off_the_whole(found, payment, unknown);
}

/// What lowers the payment and belongs to none of its lines.
fn taken_off_the_whole(found: &mut Found, payment: &Remittance, unknown: &[(Kind, &str)]) {
    for (place, adjustment) in payment.adjustments.iter().enumerate().filter(|(_, one)| one.amount < Decimal::ZERO) {
        let number = adjustment.reference.as_ref().map(|reference| reference.value.as_str());
        if number.is_some_and(|number| !unknown.contains(&(Kind::CreditDebit, number))) {
            continue;
        }
        let why = [adjustment.reason.as_deref(), adjustment.description.as_deref(), number];
        let why: Vec<&str> = why.into_iter().flatten().collect();
        let message = match why[..] {
            [] => format!("{:.2} was taken off the payment, no reason was given", -adjustment.amount),
            _ => format!("{:.2} was taken off the payment: {}", -adjustment.amount, why.join(" ")),
        };
        found.add(&codes::UNKNOWN_DEDUCTION, &format!("adjustment {}", place + 1), message, adjustment.amount);
    }
}

fn memo_names(found: &mut Found, memo: &CreditDebit, unknown: &[(Kind, &str)]) {
    for (_, number) in unknown.iter().filter(|(kind, _)| *kind == Kind::Invoice) {
        let message = format!("memo {} is about invoice {number}, which is unknown", memo.memo_number);
        found.add(&codes::CREDIT_WITHOUT_INVOICE, &format!("for {number}"), message, memo.amount);
    }
}

/// The entries of an order belong together; one is unknown when none of its numbers is known.
fn settlement_names(found: &mut Found, settlement: &Settlement, unknown: &[(Kind, &str)]) {
    let mut strange: BTreeMap<&str, Decimal> = BTreeMap::new();
    for entry in &settlement.entries {
        let numbers: Vec<(Kind, &str)> = entry.names().collect();
        if let Some((_, number)) = numbers.first()
            && numbers.iter().all(|named| unknown.contains(named))
        {
            *strange.entry(number).or_default() += entry.amount;
        }
    }
    for (number, amount) in strange {
        let message = format!("{amount:.2} was settled for {number}, of which nothing is known");
        found.add(&codes::SETTLED_UNKNOWN, &format!("for {number}"), message, amount);
    }
}
