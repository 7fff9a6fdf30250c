//! The close of a month: everything that is open at its end, by partner and kind, with totals that tie to the documents.
//!
//! ```text
//! megamart  to be shipped   850 4500012345   33.00 USD
//! megamart  to be paid      810 INV-20306   119.64 USD
//! megamart  finding         810 INV-20306    12.00 USD   REC-W011 paid 107.64 of 119.64 …
//! ```
//!
//! An order is looked at as it stood at that moment: later documents, and later revisions, are not there yet. What is to be paid is
//! what was invoiced less credits, discounts and payments, to the cent; the totals say so in the documents' own sums.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;

use super::findings::open_amount;
use super::matrix::{Matrix, Stage, matrix};
use crate::config::Config;
use crate::config::cross_reference::CrossReferences;
use crate::config::partner::PartnerId;
use crate::ledger::shelf::Shelf;
use crate::ledger::view::FindingRow;
use crate::ledger::{Error, Transaction};

/// What is open at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Close {
    /// Everything that is open, by partner and order.
    pub items: Vec<OpenItem>,
    /// The sums of the documents of open orders, by partner and currency.
    pub totals: Vec<Total>,
}

/// One thing that is open.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenItem {
    /// With whom.
    pub partner: String,
    /// What kind of thing.
    pub kind: OpenKind,
    /// What it is about: `810 INV-20306`.
    pub subject: String,
    /// The order behind it.
    pub po_number: Option<String>,
    /// How much, below zero what was given too much of.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Option<String>,
    /// More about it.
    pub detail: String,
}

/// The kinds of open things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenKind {
    /// Ordered and not shipped, at the order's prices.
    ToBeShipped,
    /// Shipped and not invoiced, at the order's prices.
    ToBeInvoiced,
    /// Invoiced and not paid.
    ToBePaid,
    /// Given or taken for the order and used for no invoice.
    NotUsed,
    /// Something that disagrees.
    Finding,
}

impl OpenKind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            OpenKind::ToBeShipped => "to be shipped",
            OpenKind::ToBeInvoiced => "to be invoiced",
            OpenKind::ToBePaid => "to be paid",
            OpenKind::NotUsed => "not used",
            OpenKind::Finding => "finding",
        }
    }
}

/// What the documents of a partner's open orders add up to, in one currency.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Total {
    /// With whom.
    pub partner: String,
    /// ISO 4217.
    pub currency: Option<String>,
    /// How many orders.
    pub orders: usize,
    /// Ordered, as it is wanted now.
    pub ordered: Decimal,
    /// Shipped, at the order's prices.
    pub shipped: Decimal,
    /// Invoiced.
    pub invoiced: Decimal,
    /// Credited.
    pub credited: Decimal,
    /// Discounts within the terms.
    pub discount: Decimal,
    /// Paid.
    pub paid: Decimal,
    /// Invoiced less credited, discount and paid.
    pub to_be_paid: Decimal,
}

/// How many orders are read at a time.
const PAGE: u32 = 500;

/// What was open at a moment, with one partner or with all.
pub fn close(
    tx: &mut Transaction<'_>,
    config: &Config,
    partner: Option<&str>,
    until: Timestamp,
) -> Result<Close, Error> {
    let partners = match partner {
        Some(partner) => vec![partner.to_owned()],
        None => tx.partners_with_books()?,
    };
    let mut close = Close::default();
    let shelf = Shelf::default();
    let unknown_items = CrossReferences::default();
    for partner in partners {
        let known = PartnerId::parse(&partner).ok().and_then(|id| config.partners.get(&id));
        let items = known.map_or(&unknown_items, |partner| &partner.cross_references);
        let mut totals = BTreeMap::new();
        let mut after = String::new();
        loop {
            let orders = tx.orders_open_at(&partner, until, &after, PAGE)?;
            let Some(last) = orders.last() else { break };
            after.clone_from(&last.po_number);
            for order in &orders {
                let papers = tx.papers_before(&order.partner, &order.po_number, until, &shelf)?;
                if let Some(matrix) = matrix(&papers, items) {
                    close.add_order(&partner, &matrix, &mut totals);
                }
            }
        }
        close.totals.extend(totals.into_values());
        for finding in tx.findings_open_at(&partner, until)? {
            close.add_finding(finding);
        }
    }
    Ok(close)
}

impl Close {
    fn add_order(&mut self, partner: &str, matrix: &Matrix, totals: &mut BTreeMap<Option<String>, Total>) {
        let items = open_items(partner, matrix);
        if items.is_empty() {
            return;
        }
        self.items.extend(items);
        let total = totals.entry(matrix.currency.clone()).or_insert_with(|| Total {
            partner: partner.to_owned(),
            currency: matrix.currency.clone(),
            ..Total::default()
        });
        total.orders += 1;
        total.ordered += matrix.total.changed;
        total.shipped += matrix.total.shipped;
        total.invoiced += matrix.total.invoiced;
        total.credited += matrix.total.credited;
        total.discount += matrix.bills.iter().map(|bill| bill.discount).sum::<Decimal>();
        total.paid += matrix.total.paid;
        total.to_be_paid += open_amount(matrix);
    }

    fn add_finding(&mut self, row: FindingRow) {
        self.items.push(OpenItem {
            partner: row.partner,
            kind: OpenKind::Finding,
            subject: row.subject,
            po_number: row.po_number,
            amount: row.money.unwrap_or_default(),
            currency: row.currency,
            detail: format!("{} {}", row.rule, row.detail.message),
        });
    }
}

/// What is open of one order.
fn open_items(partner: &str, matrix: &Matrix) -> Vec<OpenItem> {
    let mut items = Vec::new();
    let mut add = |kind: OpenKind, subject: String, amount: Decimal, detail: String| {
        if !amount.is_zero() {
            items.push(OpenItem {
                partner: partner.to_owned(),
                kind,
                subject,
                po_number: Some(matrix.po_number.clone()),
                amount,
                currency: matrix.currency.clone(),
                detail,
            });
        }
    };
    let order = format!("850 {}", matrix.po_number);
    let total = &matrix.total;
    let of_lines = |stage: Stage| -> Decimal { matrix.lines.iter().map(|line| line.amount[stage]).sum() };
    let shipped = format!("shipped {:.2} of {:.2}", total.shipped, total.changed);
    add(OpenKind::ToBeShipped, order.clone(), total.changed - total.shipped, shipped);
    let invoiced = of_lines(Stage::Invoiced);
    let billed = format!("invoiced {invoiced:.2} of {:.2}", total.shipped);
    add(OpenKind::ToBeInvoiced, order.clone(), total.shipped - invoiced, billed);
    for bill in &matrix.bills {
        let detail = format!(
            "{:.2} less {:.2} credited, {:.2} discount, {:.2} paid",
            bill.amount, bill.credited, bill.discount, bill.paid
        );
        add(OpenKind::ToBePaid, format!("810 {}", bill.invoice_number), bill.open(), detail);
    }
    let of_bills: Decimal = matrix.bills.iter().map(|bill| bill.open()).sum();
    let rest = open_amount(matrix) - of_bills;
    add(OpenKind::NotUsed, order, rest, "credits and payments that are used for no invoice".to_owned());
    items
}
