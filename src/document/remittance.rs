//! What a payment pays, and what was kept back of each invoice // X12 820

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::party::{Party, PartyRole};
use super::{CreditOrDebit, DatedEvent, Header, Kind, Reference};

/// A payment, or the advice of one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Remittance {
    /// What every document has; the partner is who pays.
    #[serde(flatten)]
    pub header: Header,
    /// The payer's number of the payment, by which the bank's entry is found (TRN02).
    pub trace_number: String,
    /// Whether money comes with it (BPR01).
    #[serde(default)]
    pub handling: PaymentHandling,
    /// Which way the money goes: credit is to the payee (BPR03).
    #[serde(default)]
    pub sense: CreditOrDebit,
    /// How it is paid (BPR04).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    /// The sum that is paid (BPR02).
    pub amount: Decimal,
    /// The day on which the money is there (BPR16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub paid_on: Option<Date>,
    /// ISO 4217 currency of every amount in it (CUR02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The payer's company number at its bank (TRN03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originator: Option<String>,
    /// Payer and payee.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Dates of the payment as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// What it pays; nothing where the advice comes by another way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<RemittanceLine>,
    /// What changes the sum and belongs to no line (ADX beside RMR).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<RemittanceAdjustment>,
}

impl Remittance {
    /// The payer's own code, else its name.
    pub fn payer(&self) -> Option<&str> {
        let payer = self.parties.iter().find(|party| party.role == PartyRole::Payer)?;
        payer.code.as_ref().map(|code| code.value.as_str()).or(payer.name.as_deref())
    }

    /// What lines and adjustments add up to: the sum that should be paid.
    pub fn accounted(&self) -> Decimal {
        let lines: Decimal = self.lines.iter().map(|line| line.paid).sum();
        lines + self.adjustments.iter().map(|adjustment| adjustment.amount).sum::<Decimal>()
    }
}

/// Whether money comes with a remittance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentHandling {
    /// It tells of a payment that goes another way.
    #[default]
    AdviceOnly,
    /// It is the payment and says what it pays.
    WithPayment,
    /// It is the payment; what it pays is told elsewhere.
    PaymentOnly,
    /// The bank makes two of it, payment and advice.
    Split,
    /// It tells that something is to come.
    Notification,
    /// A code that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

/// How a payment reaches the payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// From account to account, through the clearing house.
    Ach,
    /// By check.
    Check,
    /// By wire, on the same day.
    Wire,
    /// No money moves: the lines cancel out, or nothing is due.
    None,
    /// A code that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

/// One item that a payment pays or takes off // RMR
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RemittanceLine {
    /// What is paid (RMR01).
    #[serde(default)]
    pub is: PaidItem,
    /// Its number, as the payer wrote it (RMR02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The order behind it (REF PO).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// Whether it is paid whole (RMR03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<PaymentAction>,
    /// What is paid for it; below zero what is taken off (RMR04).
    pub paid: Decimal,
    /// What it asked for (RMR05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross: Option<Decimal>,
    /// The discount that the payer took, above zero (RMR06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Decimal>,
    /// The day of the invoice (DTM 003).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub invoiced_on: Option<Date>,
    /// The payer's branch that it was for (ENT04).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Why another sum is paid than was asked for (RMR07 and ADX below it).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<RemittanceAdjustment>,
    /// Numbers that it is also known by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Other dates of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl RemittanceLine {
    /// The kind of document that its number is of; what is taken off under a number is a memo, whatever it is called.
    pub fn names(&self) -> Option<Kind> {
        let is_taken_off = self.paid < Decimal::ZERO;
        self.is.kind().or(is_taken_off.then_some(Kind::CreditDebit))
    }

    /// What should be paid: what was asked for less the discount, with the adjustments. `None` where that was not told, or
    /// where the payer says itself that it pays a part.
    pub fn owed(&self) -> Option<Decimal> {
        if matches!(self.action, Some(PaymentAction::Part | PaymentAction::OnAccount)) {
            return None;
        }
        let adjustments: Decimal = self.adjustments.iter().map(|adjustment| adjustment.amount).sum();
        Some(self.gross? - self.discount.unwrap_or_default() + adjustments)
    }
}

/// What a line of a remittance pays or takes off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidItem {
    /// The seller's invoice, or its credit.
    #[default]
    Invoice,
    /// An order, of which the invoice is not named.
    Order,
    /// A credit memo of the buyer.
    CreditMemo,
    /// A debit memo of the buyer: a deduction, a chargeback.
    DebitMemo,
    /// A qualifier that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

impl PaidItem {
    /// The kind of document that it is, where it is one of the model.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            PaidItem::Invoice => Some(Kind::Invoice),
            PaidItem::Order => Some(Kind::Order),
            PaidItem::CreditMemo | PaidItem::DebitMemo => Some(Kind::CreditDebit),
            PaidItem::Other(_) => None,
        }
    }
}

/// Whether an item is paid whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentAction {
    /// It is paid and done.
    Whole,
    /// A part of it is paid; the rest stays open.
    Part,
    /// Money on account, which pays no item yet.
    OnAccount,
    /// The account is adjusted.
    Adjust,
    /// A code that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

/// Why another sum is paid than was asked for // ADX
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RemittanceAdjustment {
    /// By how much it changes the payment: below zero it is less (ADX01).
    pub amount: Decimal,
    /// The trade's two-character reason, as the payer wrote it, such as 01 (pricing error) (ADX02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The number under which the payer keeps the matter (ADX03, ADX04).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
