//! What the receiver counted on its dock // X12 861

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gs1::Sscc;
use super::item::ItemIds;
use super::party::Party;
use super::{Carrier, DatedEvent, Header, Quantity, Reference};

/// A receiving advice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The receiver's number of it (BRA01).
    pub receipt_number: String,
    /// The day the goods came (DTM 050; else BRA02, the day it was written).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub received_on: Option<Date>,
    /// The shipment that came (REF SI or MA).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment_id: Option<String>,
    /// The orders that it is about as a whole (PRF); a line may name its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub po_numbers: Vec<String>,
    /// Bill of lading of the shipment (REF BM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_of_lading: Option<String>,
    /// The carrier's own number (REF CN).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_reference: Option<String>,
    /// Ship-to, ship-from, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Other dates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Who brought it (TD5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// What came.
    pub lines: Vec<ReceiptLine>,
}

impl Receipt {
    /// The order of a line: its own, else the only one of the whole.
    pub fn po_number_of<'r>(&'r self, line: &'r ReceiptLine) -> Option<&'r str> {
        match (&line.po_number, &self.po_numbers[..]) {
            (Some(own), _) => Some(own),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

/// What came of one item // RCD
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptLine {
    /// The order's line (PRF05), else the receiver's own (RCD01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The order that it belongs to, where the line names one (PRF01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// What came (LIN).
    #[serde(default)]
    pub item: ItemIds,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much was received or accepted (RCD02, RCD03).
    pub received: Quantity,
    /// How much goes back (RCD04, RCD05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<Quantity>,
    /// How much the ship notice had told (SN102, SN103).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped: Option<Quantity>,
    /// What is in question, and why (RCD06 to RCD20).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionedQuantity>,
    /// The container in which it came (MAN).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sscc: Option<Sscc>,
    /// Lot or batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Numbers of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Dates of this line alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
}

impl ReceiptLine {
    /// How much is in question for that reason.
    pub fn questioned(&self, condition: &ReceivingCondition) -> Decimal {
        self.questions.iter().filter(|one| one.condition == *condition).map(|one| one.quantity.value).sum()
    }
}

/// A quantity that the receiver contests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuestionedQuantity {
    /// Why.
    pub condition: ReceivingCondition,
    /// How much.
    pub quantity: Quantity,
}

/// In which condition goods came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceivingCondition {
    /// Goods or container are damaged.
    Damaged,
    /// Less came than was told.
    Short,
    /// More came than was told.
    Over,
    /// The quality is not what was agreed.
    Quality,
    /// It is another product.
    WrongItem,
    /// Nothing is wrong with it.
    Good,
    /// It was not taken in.
    Rejected,
    /// It waits for a decision.
    OnHold,
    /// A code that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}
