//! A buyer's debit memo (a chargeback, a deduction) or a credit memo, with its reasons // X12 812

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::ItemIds;
use super::party::Party;
use super::{Adjustment, CreditOrDebit, DatedEvent, Header, Quantity, Reference};

/// A credit or debit memo.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditDebit {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The author's number of it (BCD02).
    pub memo_number: String,
    /// The day it was written (BCD01).
    #[schemars(with = "String")]
    pub issued_on: Date,
    /// Whether it gives or takes, as its author says (BCD05).
    pub sense: CreditOrDebit,
    /// How much, above zero (BCD04).
    pub amount: Decimal,
    /// What becomes of the amount: taken off the next payment, off the invoice, … (BCD03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handling: Option<MemoHandling>,
    /// The invoice that it is about (BCD07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// The day of that invoice (BCD06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub invoiced_on: Option<Date>,
    /// The order that it is about (BCD10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// The seller's number of that order (BCD08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_order_number: Option<String>,
    /// ISO 4217 currency of every amount in it (CUR02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Buyer, seller, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Dates of the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// What it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<CreditDebitLine>,
    /// Allowances and charges on the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
}

impl CreditDebit {
    /// What the lines add up to in the memo's own sense; `None` where they cannot tell: there is none, one has no amount, or
    /// allowances on the whole come to it.
    pub fn accounted(&self) -> Option<Decimal> {
        if self.lines.is_empty() || !self.adjustments.is_empty() {
            return None;
        }
        let signed = |line: &CreditDebitLine| if line.sense == self.sense { line.amount } else { Some(-line.amount?) };
        self.lines.iter().map(signed).sum()
    }
}

/// What becomes of the amount of a memo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoHandling {
    /// It is taken off the next payment.
    NextPayment,
    /// It is taken off the invoice.
    OffInvoice,
    /// It is booked on the account.
    OnAccount,
    /// A check is written for it.
    Check,
    /// It is said and nothing more.
    Memo,
    /// A code that we have no name for, as the author wrote it.
    #[serde(untagged)]
    Other(String),
}

/// One reason with its amount // CDD
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditDebitLine {
    /// The author's line (CDD03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The trade's two-character reason, as the author wrote it, such as 01 (pricing error) (CDD01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the line gives or takes (CDD02).
    #[serde(default)]
    pub sense: CreditOrDebit,
    /// How much, above zero (CDD04); not told where quantity and price say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// What it is about (LIN).
    #[serde(default)]
    pub item: ItemIds,
    /// The quantity that is credited or debited (CDD07, CDD08).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// By how much the price of one unit is off (CDD09).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_difference: Option<Decimal>,
    /// The prices that are compared (CDD10 to CDD13).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<NamedPrice>,
    /// The invoice that it is about (N9 IV).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// The order that it is about (N9 PO).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// Numbers that it is also known by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Dates of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Allowances and charges of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A price of one unit with its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NamedPrice {
    /// The trade's three-letter kind, as the author wrote it, such as CON (contract).
    pub is: String,
    /// The amount.
    pub amount: Decimal,
}
