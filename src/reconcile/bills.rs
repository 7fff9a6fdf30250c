//! What is asked for an order and what was paid of it, invoice by invoice.
//!
//! ```text
//! 810 INV-1   117.64 · discount 2.35 by the terms · paid 110.00 · open 5.29, "01 pricing error"
//! 812 CM-7    credits 5.29 · open 0
//! ```
//!
//! A payment pays what it names. A credit that names an invoice lowers that one; any other lowers the oldest that is open.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::document::credit_debit::CreditDebitLine;
use crate::document::invoice::InvoiceSense;
use crate::document::keys::plain_number;
use crate::document::remittance::{PaidItem, PaymentAction, RemittanceLine};
use crate::document::{CreditDebit, CreditOrDebit, Document, Invoice, Remittance, Terms, cents};
use crate::ledger::Id;
use crate::ledger::document::StoredDocument;

/// An invoice with what was paid for it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Bill {
    /// Its number.
    pub invoice_number: String,
    /// The document.
    pub document: Id,
    /// The day it was written.
    #[schemars(with = "String")]
    pub invoiced_on: Date,
    /// The day on which its terms want it paid.
    #[schemars(with = "Option<String>")]
    pub due_on: Option<Date>,
    /// What it asks for.
    pub amount: Decimal,
    /// What was paid.
    pub paid: Decimal,
    /// Discounts that the terms allow.
    pub discount: Decimal,
    /// What credits took off.
    pub credited: Decimal,
    /// Why less was paid, in the payer's words; empty where nothing was said.
    pub reasons: Vec<String>,
    /// What paid it last, and whether the payer says that more is to come.
    pub payment: Option<PaidBy>,
}

/// The payment that paid an invoice last.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PaidBy {
    /// `820 EFT0099887`.
    pub label: String,
    /// The document.
    pub document: Id,
    /// The payer says that it pays a part.
    pub in_part: bool,
}

impl Bill {
    /// What is still to be paid.
    pub fn open(&self) -> Decimal {
        self.amount - self.paid - self.discount - self.credited
    }

    /// True when nothing is to be paid any more.
    pub fn is_settled(&self) -> bool {
        self.open() <= Decimal::ZERO
    }
}

/// The money side of an order.
#[derive(Debug)]
pub struct Account<'p> {
    /// Its invoices, the oldest first.
    pub bills: Vec<Bill>,
    /// What payments gave or took for the order and for no invoice of it.
    pub loose_payments: Vec<(&'p Arc<StoredDocument>, Decimal)>,
    /// The invoice of each bill.
    invoices: Vec<&'p Invoice>,
    /// The bills by the numbers of their invoices.
    places: ByNumber<'p, usize>,
    memos: ByNumber<'p, &'p CreditDebit>,
    credits: ByNumber<'p, &'p Invoice>,
}

/// Lays payments and credits beside the invoices of an order.
pub fn account<'p>(po_number: &str, papers: &[&'p Arc<StoredDocument>]) -> Account<'p> {
    let mut account = Account::of(papers);
    let mut loose = Decimal::ZERO;
    for paper in papers {
        match &paper.document {
            Document::Invoice(invoice) if invoice.sense == InvoiceSense::Credit => loose += invoice.amount(),
            Document::CreditDebit(memo) => {
                let credited = credited_by(paper, memo, po_number);
                match memo.invoice_number.as_ref().and_then(|named| account.places.meant(named)) {
                    Some(place) => account.bills[place].credited += credited,
                    None => loose += credited,
                }
            }
            Document::Remittance(payment) => {
                for line in &payment.lines {
                    loose += account.pay(po_number, paper, (payment, line));
                }
            }
            _ => {}
        }
    }
    for bill in &mut account.bills {
        let taken = loose.min(bill.open()).max(Decimal::ZERO);
        bill.credited += taken;
        loose -= taken;
    }
    account
}

/// What documents are named by, the first of each number.
#[derive(Debug)]
struct ByNumber<'p, T>(HashMap<&'p str, T>);

impl<'p, T: Copy> ByNumber<'p, T> {
    fn of(all: impl Iterator<Item = (&'p str, T)>) -> ByNumber<'p, T> {
        let mut by_number = HashMap::new();
        for (number, one) in all {
            by_number.entry(number).or_insert(one);
        }
        ByNumber(by_number)
    }

    /// Which one somebody means: the one of that very number, else the one of the number as an ERP would write it.
    fn meant(&self, named: &str) -> Option<T> {
        self.0.get(named).or_else(|| self.0.get(plain_number(named).as_str())).copied()
    }
}

fn bill(paper: &StoredDocument, invoice: &Invoice) -> Bill {
    Bill {
        invoice_number: invoice.invoice_number.clone(),
        document: paper.id.clone(),
        invoiced_on: invoice.invoiced_on,
        due_on: invoice.terms.as_ref().and_then(|terms| due_on(invoice.invoiced_on, terms)),
        amount: invoice.amount(),
        paid: Decimal::ZERO,
        discount: Decimal::ZERO,
        credited: Decimal::ZERO,
        reasons: Vec::new(),
        payment: None,
    }
}

fn due_on(invoiced_on: Date, terms: &Terms) -> Option<Date> {
    terms.net_due.or_else(|| invoiced_on.checked_add(i64::from(terms.net_days?).days()).ok())
}

/// The discount that the terms of an invoice allow to who pays on that day.
fn allowed_discount(invoice: &Invoice, paid_on: Option<Date>) -> Decimal {
    let Some(terms) = &invoice.terms else { return Decimal::ZERO };
    let within = |days: u32| invoice.invoiced_on.checked_add(i64::from(days).days()).ok();
    let last = terms.discount_due.or_else(|| terms.discount_days.and_then(within));
    let is_late = last.zip(paid_on).is_some_and(|(last, paid_on)| paid_on > last);
    if is_late {
        return Decimal::ZERO;
    }
    let by_percent = terms.discount_percent.map(|percent| cents(invoice.amount() * percent / Decimal::ONE_HUNDRED));
    terms.discount_amount.or(by_percent).unwrap_or_default()
}

impl<'p> Account<'p> {
    /// The invoices of an order, before anything was paid.
    fn of(papers: &[&'p Arc<StoredDocument>]) -> Account<'p> {
        let invoices_of = |sense: InvoiceSense| {
            papers.iter().filter_map(move |paper| match &paper.document {
                Document::Invoice(invoice) if invoice.sense == sense => Some((*paper, invoice)),
                _ => None,
            })
        };
        let memos = papers.iter().filter_map(|paper| match &paper.document {
            Document::CreditDebit(memo) => Some((memo.memo_number.as_str(), memo)),
            _ => None,
        });
        let mut invoiced: Vec<(&'p Arc<StoredDocument>, &'p Invoice)> = invoices_of(InvoiceSense::Debit).collect();
        invoiced.sort_by_key(|(_, invoice)| (invoice.invoiced_on, &invoice.invoice_number));
        let places = invoiced.iter().enumerate().map(|(place, (_, invoice))| (invoice.invoice_number.as_str(), place));
        let credits = invoices_of(InvoiceSense::Credit).map(|(_, credit)| (credit.invoice_number.as_str(), credit));
        Account {
            bills: invoiced.iter().map(|(paper, invoice)| bill(paper, invoice)).collect(),
            loose_payments: Vec::new(),
            invoices: invoiced.iter().map(|(_, invoice)| *invoice).collect(),
            places: ByNumber::of(places),
            memos: ByNumber::of(memos),
            credits: ByNumber::of(credits),
        }
    }

    /// Books a line of a payment; returns what of it is for the order and for no invoice.
    fn pay(
        &mut self,
        po_number: &str,
        paper: &'p Arc<StoredDocument>,
        (payment, line): (&Remittance, &RemittanceLine),
    ) -> Decimal {
        let memo = self.memo_of(line);
        let named = match (&line.is, memo) {
            (PaidItem::Invoice, _) => line.number.as_deref(),
            (_, Some(memo)) => memo.invoice_number.as_deref(),
            _ => None,
        };
        if let Some(place) = named.and_then(|named| self.places.meant(named)) {
            let bill = &mut self.bills[place];
            bill.paid += line.paid;
            if line.is == PaidItem::Invoice {
                note_payment(bill, self.invoices[place], paper, (payment, line));
            }
            return Decimal::ZERO;
        }
        let is_of_the_order = match line.is {
            // A credit of ours may be taken off by its number; an invoice that is not here is paid where it belongs.
            PaidItem::Invoice => line.number.as_ref().is_some_and(|named| self.credits.meant(named).is_some()),
            PaidItem::Order => line.number.as_deref() == Some(po_number),
            _ => memo.is_some() || line.po_number.as_deref() == Some(po_number),
        };
        if !is_of_the_order {
            return Decimal::ZERO;
        }
        self.loose_payments.push((paper, line.paid));
        line.paid
    }

    /// The memo that a line of a payment names.
    fn memo_of(&self, line: &RemittanceLine) -> Option<&'p CreditDebit> {
        let named = line.number.as_deref().filter(|_| matches!(line.is, PaidItem::CreditMemo | PaidItem::DebitMemo))?;
        self.memos.meant(named)
    }
}

/// Notes discount and reasons of a payment.
fn note_payment(
    bill: &mut Bill,
    invoice: &Invoice,
    paper: &StoredDocument,
    (payment, line): (&Remittance, &RemittanceLine),
) {
    let taken = line.discount.unwrap_or_default();
    let left = (allowed_discount(invoice, payment.paid_on) - bill.discount).max(Decimal::ZERO);
    bill.discount += taken.min(left);
    if taken > left {
        bill.reasons.push(format!("a discount of {} beyond the terms", taken - left));
    }
    for adjustment in &line.adjustments {
        let words = [adjustment.reason.as_deref(), adjustment.description.as_deref()];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        bill.reasons.push(format!("{} {}", adjustment.amount, words.join(" ")).trim_end().to_owned());
    }
    let in_part = matches!(line.action, Some(PaymentAction::Part | PaymentAction::OnAccount));
    bill.payment = Some(PaidBy { label: paper.document.label(), document: paper.id.clone(), in_part });
}

/// By how much a memo lowers what the buyer owes. Its author speaks: a buyer who debits takes, a seller who credits gives.
///
/// A memo about several orders says on its lines which is which.
pub fn credited_by(paper: &StoredDocument, memo: &CreditDebit, po_number: &str) -> Decimal {
    let names_orders = memo.lines.iter().any(|line| line.po_number.is_some());
    let of_this_order = |line: &&CreditDebitLine| {
        let order = line.po_number.as_ref().or(memo.po_number.as_ref());
        order.is_some_and(|order| order == po_number)
    };
    let amount = match names_orders {
        true => memo.lines.iter().filter(of_this_order).filter_map(|line| worth(memo, line)).sum(),
        false => memo.amount,
    };
    let is_the_buyers = paper.source == paper.partner;
    match (is_the_buyers, memo.sense) {
        (true, CreditOrDebit::Debit) | (false, CreditOrDebit::Credit) => amount,
        (true, CreditOrDebit::Credit) | (false, CreditOrDebit::Debit) => -amount,
    }
}

/// What a line of a memo moves, in the memo's own sense.
pub fn worth(memo: &CreditDebit, line: &CreditDebitLine) -> Option<Decimal> {
    let amount = line.amount?;
    Some(if line.sense == memo.sense { amount } else { -amount })
}
