//! What the supplier answers to a purchase order // X12 855

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::ItemIds;
use super::party::Party;
use super::{DatedEvent, Header, Price, Quantity};

/// The supplier's promise, line by line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderAck {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The buyer's order number.
    pub po_number: String,
    /// Release of a blanket order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The day the buyer wrote the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ordered_on: Option<Date>,
    /// The supplier's own order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_order_number: Option<String>,
    /// The day the supplier answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub acknowledged_on: Option<Date>,
    /// The answer as a whole; derived from the lines where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Planned dates for the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Ship-to and others, from the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// The answer per line.
    #[serde(default)]
    pub lines: Vec<OrderAckLine>,
}

/// The answer as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything as ordered.
    Accepted,
    /// Some lines changed; the lines say which.
    AcceptedWithChanges,
    /// Nothing will be supplied.
    Rejected,
}

/// The answer to one line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderAckLine {
    /// The order's line; found by the item where the supplier does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What was ordered.
    #[serde(default)]
    pub item: ItemIds,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the buyer ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Quantity>,
    /// The price the supplier confirms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// What happens with the quantity; the parts add up to what was ordered.
    pub outcomes: Vec<LineOutcome>,
}

/// What happens with one part of an ordered quantity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineOutcome {
    /// What.
    pub status: LineStatus,
    /// With how much.
    pub quantity: Quantity,
    /// The day it is planned to ship.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ships_on: Option<Date>,
}

/// What the supplier does with a line or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineStatus {
    /// As ordered.
    Accepted,
    /// Accepted with another quantity.
    QuantityChanged,
    /// Accepted with another price.
    PriceChanged,
    /// Accepted for another date.
    DateChanged,
    /// Accepted with another item.
    Substituted,
    /// Later.
    Backordered,
    /// Not supplied.
    Rejected,
    /// A code that we have no name for.
    #[serde(untagged)]
    Other(String),
}

impl LineStatus {
    /// True when the goods of this part are promised, now or later.
    pub fn promises_goods(&self) -> bool {
        !matches!(self, LineStatus::Rejected | LineStatus::Other(_))
    }
}
