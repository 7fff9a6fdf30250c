//! What the supplier asks to be paid // X12 810

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::ItemIds;
use super::party::Party;
use super::{Adjustment, AdjustmentKind, Carrier, DatedEvent, Header, Measure, Price, Quantity, Tax, Terms};

/// An invoice, or a credit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invoice {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The supplier's number, unique per supplier.
    pub invoice_number: String,
    /// Debit or credit.
    #[serde(default)]
    pub sense: InvoiceSense,
    /// The day it was written.
    #[schemars(with = "String")]
    pub invoiced_on: Date,
    /// The buyer's order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// The day the buyer wrote the order; from the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ordered_on: Option<Date>,
    /// The shipment that it bills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment_id: Option<String>,
    /// Bill of lading of that shipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_of_lading: Option<String>,
    /// ISO 4217 currency of every amount in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Ship-to, remit-to, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Shipped and other dates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Terms of payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// Who carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// Gross weight shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Measure>,
    /// What is billed.
    pub lines: Vec<InvoiceLine>,
    /// Allowances and charges on the whole invoice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// Taxes on the whole invoice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// The total that the source states; checked against [`Invoice::amount`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_amount: Option<Decimal>,
}

impl Invoice {
    /// Lines rounded to cents each, less allowances, plus charges and taxes (x12 810: TDS01).
    pub fn amount(&self) -> Decimal {
        let lines: Decimal = self.lines.iter().map(InvoiceLine::amount).sum();
        let adjustments: Decimal = self
            .adjustments
            .iter()
            .map(|adjustment| match adjustment.is {
                AdjustmentKind::Allowance => -adjustment.amount.unwrap_or_default(),
                AdjustmentKind::Charge => adjustment.amount.unwrap_or_default(),
                AdjustmentKind::Other(_) => Decimal::ZERO,
            })
            .sum();
        let taxes: Decimal = self.taxes.iter().filter_map(|tax| tax.amount).sum();
        lines + adjustments + taxes
    }
}

/// Whether money is asked for or given back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceSense {
    /// An invoice.
    #[default]
    Debit,
    /// A credit note.
    Credit,
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvoiceLine {
    /// The order's line; found by the item where the source does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What is billed.
    #[serde(default)]
    pub item: ItemIds,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much.
    pub quantity: Quantity,
    /// What one unit costs.
    pub price: Price,
}

impl InvoiceLine {
    /// Quantity times price, rounded to cents (half away from zero).
    pub fn amount(&self) -> Decimal {
        super::cents(self.quantity.value * self.price.amount)
    }
}
