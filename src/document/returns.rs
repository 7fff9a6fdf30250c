//! Goods that go back: asked for, authorized or told of // X12 180

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::ItemIds;
use super::party::Party;
use super::{Adjustment, Carrier, DatedEvent, Header, Quantity, Reference};

/// A return; its purpose says whether it is asked for, allowed or told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Return {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The author's number of it (BGN02).
    pub return_number: String,
    /// The number under which the seller takes the goods back, where it gave one (N9 RZ).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_number: Option<String>,
    /// The day it was written (BGN03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub issued_on: Option<Date>,
    /// The order of the goods (PRF01, else N9 PO).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// The invoice of the goods (N9 IV or OI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// Why, and what is done, for every line that does not say otherwise (RDR).
    #[serde(flatten)]
    pub reason: ReturnReason,
    /// Buyer, seller, where the goods are and where they go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Dates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Who carries it (TD5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// Allowances and charges on the whole, such as a handling fee.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// What goes back.
    #[serde(default)]
    pub lines: Vec<ReturnLine>,
}

/// Why goods go back and what is done with them // RDR
///
/// The codes are the trade's, as the author wrote them: there are many, and partners choose a few each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnReason {
    /// What is done with the goods (RDR01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<String>,
    /// Why they go back (RDR02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the seller says to that (RDR03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// In words (RDR04).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
}

/// One item that goes back // BLI
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnLine {
    /// The order's line (PRF05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What.
    #[serde(default)]
    pub item: ItemIds,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much (BLI03, BLI04; else the sum of the QTY below it).
    pub quantity: Quantity,
    /// What one unit cost (BLI06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Decimal>,
    /// Why, and what is done (RDR).
    #[serde(flatten)]
    pub reason: ReturnReason,
    /// The order of the goods (PRF01, else N9 PO).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// The invoice of the goods (N9 IV or OI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// Numbers of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Dates of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Allowances and charges of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
