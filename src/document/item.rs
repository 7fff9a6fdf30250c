//! By which numbers an item is known, and when two of them mean the same item.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gs1::Gtin;

/// The numbers of one item; at least one is set in a usable document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ItemIds {
    /// Global Trade Item Number, in its 14-digit form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
    /// The buyer's item number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<String>,
    /// The supplier's item number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Stock keeping unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Numbers of other kinds, with the kind as the sender wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<OtherItemId>,
}

/// A number of a kind that we have no name for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct OtherItemId {
    /// The kind: the sender's qualifier.
    pub is: String,
    /// The number.
    pub value: String,
}

/// What a comparison of two items says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// They share a number and contradict each other in none.
    Same,
    /// They share no number; nothing is known.
    Unknown,
    /// A number of the same kind differs.
    Different,
}

impl ItemIds {
    /// True when no number is set.
    pub fn is_empty(&self) -> bool {
        *self == ItemIds::default()
    }

    /// Compares by GTIN, buyer, vendor and SKU number.
    pub fn compare(&self, other: &ItemIds) -> Match {
        let pairs = [
            (self.gtin.as_ref().map(Gtin::as_str), other.gtin.as_ref().map(Gtin::as_str)),
            (self.buyer.as_deref(), other.buyer.as_deref()),
            (self.vendor.as_deref(), other.vendor.as_deref()),
            (self.sku.as_deref(), other.sku.as_deref()),
        ];
        let mut same = false;
        for (ours, theirs) in pairs {
            match (ours, theirs) {
                (Some(ours), Some(theirs)) if ours == theirs => same = true,
                (Some(_), Some(_)) => return Match::Different,
                _ => {}
            }
        }
        if same { Match::Same } else { Match::Unknown }
    }

    /// The number that a person would quote: buyer's, GTIN, vendor's, SKU.
    pub fn label(&self) -> &str {
        self.buyer
            .as_deref()
            .or(self.gtin.as_ref().map(Gtin::as_str))
            .or(self.vendor.as_deref())
            .or(self.sku.as_deref())
            .or(self.other.first().map(|id| id.value.as_str()))
            .unwrap_or("?")
    }

    /// Takes over the numbers that it lacks.
    pub fn fill_from(&mut self, other: &ItemIds) {
        let ItemIds { gtin, buyer, vendor, sku, other: others } = other.clone();
        self.gtin = self.gtin.take().or(gtin);
        self.buyer = self.buyer.take().or(buyer);
        self.vendor = self.vendor.take().or(vendor);
        self.sku = self.sku.take().or(sku);
        for id in others {
            if !self.other.iter().any(|known| known.is == id.is) {
                self.other.push(id);
            }
        }
    }
}
