//! What a marketplace or payment service pays out, and of what that sum is made.

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Header, Kind, Quantity};

/// A payout with its entries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settlement {
    /// What every document has; the partner is who pays.
    #[serde(flatten)]
    pub header: Header,
    /// The payer's number of it, unique per payer.
    pub settlement_id: String,
    /// First day of the sales that it settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<Date>,
    /// Last day of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub to: Option<Date>,
    /// The day on which the sum is to reach the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub deposited_on: Option<Date>,
    /// ISO 4217 currency of every amount in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What became of the payment, in the payer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The sum that is paid, below zero where we owe; it is the sum of the entries, where there are any.
    pub amount: Decimal,
    /// What it is made of; nothing where the source tells only the sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<SettlementEntry>,
}

impl Settlement {
    /// What the entries add up to.
    pub fn entered(&self) -> Decimal {
        self.entries.iter().map(|entry| entry.amount).sum()
    }
}

impl SettlementEntry {
    /// The documents that it names: its orders; the refund where it names no order.
    pub fn names(&self) -> impl Iterator<Item = (Kind, &str)> {
        let orders = [&self.order_number, &self.seller_order_number].into_iter().flatten();
        let refund =
            self.refund_id.iter().filter(|_| self.order_number.is_none() && self.seller_order_number.is_none());
        let orders = orders.map(|number| (Kind::Order, number.as_str()));
        orders.chain(refund.map(|number| (Kind::Return, number.as_str())))
    }
}

/// One amount of a settlement.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SettlementEntry {
    /// The day on which it was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub posted_on: Option<Date>,
    /// What happened, in the payer's words: Order, Refund, ServiceFee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// What the amount is part of, likewise: ItemPrice, ItemFees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The order of the shop's customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// Our own number of that order, where the payer knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_order_number: Option<String>,
    /// The payer's number of the refund or other correction that the entry belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    /// The payer's number of the shipment that was sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment_id: Option<String>,
    /// Our number of the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// How many of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// The amount: above zero what we get, below it what is kept.
    pub amount: Decimal,
}
