//! What left the supplier's dock, carton by carton // X12 856

use jiff::civil::{Date, DateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gs1::Sscc;
use super::item::ItemIds;
use super::party::Party;
use super::{Carrier, Header, Measure, Quantity, Reference};

/// One shipment with everything in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shipment {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The supplier's number for the shipment, unique for years.
    pub shipment_id: String,
    /// When it left, in the partner's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub shipped_at: Option<DateTime>,
    /// The day it should arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub arrives_on: Option<Date>,
    /// Ship-from, ship-to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Who carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// Who pays the freight: the trade's code, such as CC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight_payment: Option<String>,
    /// Bill of lading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_of_lading: Option<String>,
    /// The carrier's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_reference: Option<String>,
    /// Trailer number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer: Option<String>,
    /// Seal number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// Gross weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Measure>,
    /// The orders in it.
    pub orders: Vec<ShippedOrder>,
}

impl Shipment {
    /// Every carton of every order, on pallets or not.
    pub fn cartons(&self) -> impl Iterator<Item = &Carton> {
        self.orders.iter().flat_map(ShippedOrder::all_cartons)
    }
}

/// The part of a shipment that belongs to one order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShippedOrder {
    /// The buyer's order number.
    pub po_number: String,
    /// Release of a blanket order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The day the buyer wrote it; from the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ordered_on: Option<Date>,
    /// Department, vendor number; from the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Buyer, store; from the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Pallets with cartons on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pallets: Vec<Pallet>,
    /// Cartons that stand on no pallet of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cartons: Vec<Carton>,
    /// Goods in no carton.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ShippedItem>,
}

impl ShippedOrder {
    /// Its cartons, those on pallets first.
    pub fn all_cartons(&self) -> impl Iterator<Item = &Carton> {
        self.pallets.iter().flat_map(|pallet| &pallet.cartons).chain(&self.cartons)
    }

    /// Everything shipped for it, in cartons or not.
    pub fn all_items(&self) -> impl Iterator<Item = &ShippedItem> {
        self.all_cartons().flat_map(|carton| &carton.items).chain(&self.items)
    }
}

/// A pallet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pallet {
    /// Its serial shipping container code; minted by edigate where the source gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sscc: Option<Sscc>,
    /// Whatever tells pallets apart in the source when they have no code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The cartons on it.
    pub cartons: Vec<Carton>,
}

/// A carton.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Carton {
    /// Its serial shipping container code; minted by edigate where the source gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sscc: Option<Sscc>,
    /// Whatever tells cartons apart in the source when they have no code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The parcel carrier's tracking number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// Gross weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Measure>,
    /// What is in it.
    pub items: Vec<ShippedItem>,
}

/// Goods of one order line in one place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShippedItem {
    /// The order's line; found by the item where the source does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What it is.
    #[serde(default)]
    pub item: ItemIds,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much is here.
    pub quantity: Quantity,
    /// How much the order's line asked for; from the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Quantity>,
    /// Lot or batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
}
