//! What a buyer changes of an order that it placed // X12 860

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::ItemIds;
use super::keys::fingerprint;
use super::order::{Allocation, OrderType};
use super::party::{Party, ship_to_code};
use super::{Adjustment, Carrier, DatedEvent, Header, Price, Quantity, Reference, Terms};

/// A change of an order. Its purpose speaks of the order: `cancel` takes the whole of it back, `replace` states every line anew, so
/// that a line which it does not name is not wanted any more; any other changes what it names.
///
/// [`super::wanted`] applies it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrderChange {
    /// What every document has.
    #[serde(flatten)]
    pub header: Header,
    /// The buyer's number of the order that it changes.
    pub po_number: String,
    /// Release of a blanket order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Which change of the order it is, where the buyer numbers them (BCH05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// Stand-alone, drop ship, …
    #[serde(default)]
    pub order_type: OrderType,
    /// The day the buyer wrote the order (BCH06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ordered_on: Option<Date>,
    /// The day the buyer wrote the change (BCH11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub changed_on: Option<Date>,
    /// The supplier's own number of the order (BCH09).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller_order_number: Option<String>,
    /// ISO 4217 currency of every amount in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Buyer, ship-to, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Ship and delivery windows, as they are from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DatedEvent>,
    /// Terms of payment, as they are from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// Who pays the freight from now on: the trade's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight_payment: Option<String>,
    /// The carrier that the buyer asks for from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// Allowances and charges on the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// What changes, line by line.
    #[serde(default)]
    pub changes: Vec<LineChange>,
}

/// The place of a change among those of its order: who numbers them is followed, then their days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangePlace<'c> {
    /// Digits of the number, without zeros before it: 10 comes after 9.
    digits: usize,
    number: &'c str,
    on: Option<Date>,
}

impl OrderChange {
    /// The buyer's own code for the place the goods go to.
    pub fn ship_to_code(&self) -> Option<&str> {
        ship_to_code(&self.parties)
    }

    /// When its turn is, among the changes of its order.
    pub fn place(&self) -> ChangePlace<'_> {
        let number = self.sequence.as_deref().unwrap_or_default().trim().trim_start_matches('0');
        ChangePlace { digits: number.len(), number, on: self.changed_on }
    }

    /// What tells it from other changes of its order: its sequence number, or else its day and a digest of what it changes.
    pub fn mark(&self) -> String {
        if let Some(sequence) = &self.sequence {
            return sequence.clone();
        }
        let on = self.changed_on.map(|on| format!("{on} ")).unwrap_or_default();
        on + &fingerprint(&(&self.header.purpose, &self.dates, &self.changes))
    }
}

/// What changes of one line // POC
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LineChange {
    /// What is done with the line (POC02); it says which of the figures beside it are news.
    pub is: ChangeKind,
    /// The order's line (POC01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The item, as it is from now on.
    #[serde(default)]
    pub item: ItemIds,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How the line was, where the sender says so.
    #[serde(default, skip_serializing_if = "Before::is_unknown")]
    pub before: Before,
    /// How much is wanted from now on, in all (POC03).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// What is still to come, or by how much the line changes: partners differ, so it is kept and nothing is computed from it (POC04).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Decimal>,
    /// What one unit costs from now on (POC06).
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

/// How a line was before a change of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Before {
    /// How much was wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// What one unit cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

impl Before {
    /// True when nothing is said of it.
    pub fn is_unknown(&self) -> bool {
        *self == Before::default()
    }
}

/// What is done with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Add,
    /// It is not wanted any more.
    Delete,
    /// It changes in what is said beside it.
    Change,
    /// More is wanted.
    QuantityIncrease,
    /// Less is wanted.
    QuantityDecrease,
    /// Another price.
    Price,
    /// Another price and quantity.
    PriceAndQuantity,
    /// Another price and day.
    PriceAndSchedule,
    /// Another price, quantity and day.
    PriceQuantityAndSchedule,
    /// Another day and quantity.
    QuantityAndSchedule,
    /// Another day.
    Schedule,
    /// Other dates.
    Dates,
    /// Every date is replaced.
    AllDates,
    /// Another mode of transport.
    ShipMode,
    /// Everything said of it is replaced.
    ReplaceAll,
    /// Another item in its place.
    ReplaceItem,
    /// Another item in its place, changed.
    ReplaceItemModified,
    /// What the supplier wanted changed stays as it was.
    Rejected,
    /// It stays as it is.
    Unchanged,
    /// A code that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

impl ChangeKind {
    /// True when the quantity beside it is how much is wanted from now on.
    pub fn is_about_quantity(&self) -> bool {
        use ChangeKind::*;
        matches!(
            self,
            Add | Change
                | QuantityIncrease
                | QuantityDecrease
                | PriceAndQuantity
                | PriceQuantityAndSchedule
                | QuantityAndSchedule
                | ReplaceAll
        )
    }

    /// True when the price beside it is what one unit costs from now on.
    pub fn is_about_price(&self) -> bool {
        use ChangeKind::*;
        matches!(
            self,
            Add | Change | Price | PriceAndQuantity | PriceAndSchedule | PriceQuantityAndSchedule | ReplaceAll
        )
    }

    /// True when another item takes the line's place.
    pub fn is_another_item(&self) -> bool {
        matches!(self, ChangeKind::ReplaceItem | ChangeKind::ReplaceItemModified)
    }
}
