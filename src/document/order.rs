//! The purchase order // X12 850

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::{ItemIds, Match};
use super::packing::Packing;
use super::party::{Party, PartyRole, ship_to_code};
use super::{Adjustment, Carrier, DatedEvent, Header, Price, Quantity, Reference, Terms};

/// What a buyer orders.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The buyer's number.
    pub po_number: String,
    /// Release of a blanket order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Stand-alone, drop ship, …
    #[serde(default)]
    pub order_type: OrderType,
    /// The day the buyer wrote it.
    #[schemars(with = "String")]
    pub ordered_on: Date,
    /// ISO 4217 currency of every amount in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Buyer, ship-to, bill-to, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Ship and delivery windows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Terms of payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// Who pays the freight: the trade's code, such as CC (collect), PP (prepaid).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight_payment: Option<String>,
    /// The carrier that the buyer asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// Allowances and charges on the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// What is ordered.
    pub lines: Vec<OrderLine>,
}

impl Order {
    /// The buyer's own code for the place the goods go to.
    pub fn ship_to_code(&self) -> Option<&str> {
        ship_to_code(&self.parties)
    }

    /// The party in that role.
    pub fn party(&self, role: &PartyRole) -> Option<&Party> {
        self.parties.iter().find(|party| party.role == *role)
    }

    /// The only line that a number and an item lead to: the line of that number, unless it is another item, else the item's.
    pub fn line_of(&self, number: Option<&str>, item: &ItemIds) -> Option<&OrderLine> {
        let is_numbered = |line: &&OrderLine| number.is_some_and(|number| number.trim() == line.line.trim());
        let fits = |line: &&OrderLine| match is_numbered(line) {
            true => line.item.compare(item) != Match::Different,
            false => line.item.compare(item) == Match::Same,
        };
        let numbered = self.lines.iter().filter(is_numbered).find(fits);
        let mut of_the_item = self.lines.iter().filter(fits);
        match (numbered, of_the_item.next(), of_the_item.next()) {
            (Some(line), ..) | (None, Some(line), None) => Some(line),
            _ => None,
        }
    }

    /// The sum of quantity times price over the lines that have a price, in the order's currency.
    pub fn amount(&self) -> Decimal {
        self.lines.iter().filter_map(OrderLine::amount).sum()
    }
}

/// The kind of order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    /// Complete in itself.
    #[default]
    StandAlone,
    /// First of its kind between the two.
    New,
    /// To be shipped to the buyer's customer.
    DropShip,
    /// A call on a blanket order.
    Release,
    /// A blanket order with firm quantities.
    Blanket,
    /// Urgent.
    Rush,
    /// A code that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderLine {
    /// The buyer's line number; ours (1, 2, 3 …) where the buyer gave none.
    pub line: String,
    /// What is ordered.
    pub item: ItemIds,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much.
    pub quantity: Quantity,
    /// What one unit costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Units in a case, or inner packs where it holds such (PO401).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<Decimal>,
    /// Units in an inner pack (PO414).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inner_pack: Option<Decimal>,
    /// How the quantity is spread over stores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<Allocation>,
    /// Dates of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// References of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Allowances and charges of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
}

impl OrderLine {
    /// Quantity times price, rounded to cents (half away from zero).
    pub fn amount(&self) -> Option<Decimal> {
        let price = self.price.as_ref()?;
        Some(super::cents(self.quantity.value * price.amount))
    }

    /// What one of a unit costs, where the line tells how many of its own that is.
    pub fn price_in(&self, unit: &str) -> Option<Decimal> {
        let price = self.price.as_ref()?.amount;
        if unit == self.quantity.unit {
            return Some(price);
        }
        let packing = Packing::of(self.pack, self.inner_pack);
        Some(price * packing.eaches_in(unit)? / packing.eaches_in(&self.quantity.unit)?)
    }
}

/// The part of a line that goes to one store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Allocation {
    /// The store, by the buyer's code.
    pub location: String,
    /// How much.
    pub quantity: Quantity,
}
