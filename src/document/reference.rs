//! Numbers that a document, a line or a party is also known by // X12 REF, N9

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;

/// A number with its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// What the number is.
    pub is: ReferenceKind,
    /// The number, as written.
    pub value: String,
}

impl Reference {
    /// The kind of document that has the number, where it is one's.
    pub fn kind(&self) -> Option<Kind> {
        let ReferenceKind::Other(code) = &self.is else { return None };
        match code.as_str() {
            "IV" | "OI" => Some(Kind::Invoice),
            "SI" | "MA" => Some(Kind::Shipment),
            "PO" => Some(Kind::Order),
            _ => None,
        }
    }
}

/// What a reference number is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// The buyer's department.
    Department,
    /// The number under which the buyer knows the supplier.
    VendorNumber,
    /// Bill of lading.
    BillOfLading,
    /// The carrier's own (PRO) number.
    CarrierReference,
    /// Parcel or load tracking number.
    Tracking,
    /// Packing list.
    PackingList,
    /// Promotion or deal.
    Promotion,
    /// Contract.
    Contract,
    /// Buyer's merchandise type.
    MerchandiseType,
    /// Store.
    Store,
    /// Customer's order number behind this order.
    CustomerOrder,
    /// Delivery appointment.
    Appointment,
    /// A qualifier that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}
