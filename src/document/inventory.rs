//! What is in stock, item by item and place by place, at one moment // X12 846

use jiff::civil::{Date, DateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::ItemIds;
use super::party::Party;
use super::{DatedEvent, Header, Quantity, Reference};

/// An inventory report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The author's number of it (BIA03).
    pub report_number: String,
    /// The moment that it describes, in the author's zone; midnight where only the day is told (DTM 007; else BIA04, BIA05).
    #[schemars(with = "String")]
    pub as_of: DateTime,
    /// Who reports (BIA02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
    /// Supplier, warehouse, …; the place of the goods, unless a line names its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Other dates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// What is in stock.
    pub lines: Vec<InventoryLine>,
}

/// Who reports an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reporter {
    /// Who sells.
    Seller,
    /// Who distributes.
    Distributor,
    /// Who makes.
    Manufacturer,
    /// A code that we have no name for, as the author wrote it.
    #[serde(untagged)]
    Other(String),
}

/// One item, in one place where the author tells places apart // LIN
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InventoryLine {
    /// The author's line (LIN01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What.
    #[serde(default)]
    pub item: ItemIds,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where, by the author's code of the place (N104 below the item).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How much, for each kind of stock.
    pub stock: Vec<Stock>,
    /// Numbers of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Dates of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
}

/// A quantity with what it is // QTY
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stock {
    /// What it is (QTY01).
    pub is: StockKind,
    /// How much (QTY02, QTY03).
    pub quantity: Quantity,
    /// The day from which it is so (DTM below it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub on: Option<Date>,
}

/// What a quantity in stock is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StockKind {
    /// Can be sold.
    Available,
    /// Is there, promised or not.
    OnHand,
    /// Will be available.
    Projected,
    /// Was ordered and is to come.
    OnOrder,
    /// Is there and promised to someone.
    Committed,
    /// Is there and damaged.
    Damaged,
    /// Is there and cannot be used.
    Unusable,
    /// The level that it should not fall below.
    Minimum,
    /// The level that it should not rise above.
    Maximum,
    /// A qualifier that we have no name for, as the author wrote it.
    #[serde(untagged)]
    Other(String),
}
