//! The canonical model: what the business means, with no file format in it.
//!
//! In: values that `normalize/` parsed. Out: values that `render/` writes, the ledger stores as JSON and the
//! supplier's systems receive. Every kind is one plain struct under [`Document`]; decimals are strings in JSON,
//! dates are `2026-03-06`, local times `2026-03-06T14:10:00`. Open sets of codes are enums whose last variant
//! keeps a value that we have no name for, so that nothing a partner sends is lost.
//!
//! ```json
//! { "kind": "order", "partner": "megamart", "po_number": "4500012345", "ordered_on": "2026-03-02",
//!   "lines": [ { "line": "001", "item": { "gtin": "00061414100014", "buyer": "550001" },
//!                "quantity": { "value": "24", "unit": "EA" }, "price": { "amount": "3.61" } } ] }
//! ```
//!
//! A document is immutable once it was accepted into the ledger; a change is a new revision.
//! Never here: X12 qualifiers, columns, tags, files, clocks.

pub mod order;
pub mod order_change;
pub mod wanted;
pub mod order_ack;
pub mod shipment;
pub mod receipt;
pub mod application_advice;
pub mod text_message;
pub mod invoice;
pub mod remittance;
pub mod credit_debit;
pub mod returns;
pub mod inventory;
pub mod settlement;
pub mod party;
pub mod reference;
pub mod item;
pub mod packing;
pub mod gs1;
pub mod schema;
pub mod keys;

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use application_advice::ApplicationAdvice;
pub use credit_debit::CreditDebit;
pub use inventory::Inventory;
pub use invoice::Invoice;
pub use order::Order;
pub use order_ack::OrderAck;
pub use order_change::OrderChange;
pub use receipt::Receipt;
pub use reference::{Reference, ReferenceKind};
pub use remittance::Remittance;
pub use returns::Return;
pub use settlement::Settlement;
pub use shipment::Shipment;
pub use text_message::TextMessage;

/// The version of the canonical model that this build writes.
pub const SCHEMA_VERSION: u16 = 1;

/// One business document of any kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Document {
    /// Purchase order // X12 850
    Order(Order),
    /// Change of a purchase order // X12 860
    OrderChange(OrderChange),
    /// Purchase order acknowledgment // X12 855
    OrderAck(OrderAck),
    /// Ship notice // X12 856
    Shipment(Shipment),
    /// Invoice or credit // X12 810
    Invoice(Invoice),
    /// Receiving advice // X12 861
    Receipt(Receipt),
    /// What the receiver's application says of our documents // X12 824
    ApplicationAdvice(ApplicationAdvice),
    /// What somebody writes in words // X12 864
    TextMessage(TextMessage),
    /// A payment and what it pays // X12 820
    Remittance(Remittance),
    /// Credit or debit memo // X12 812
    CreditDebit(CreditDebit),
    /// Goods that go back // X12 180
    Return(Return),
    /// What is in stock // X12 846
    Inventory(Inventory),
    /// A payout with its entries; no transaction set carries it
    Settlement(Settlement),
}

/// The kinds of document, for routing, keys and the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Purchase order // X12 850
    Order,
    /// Change of a purchase order // X12 860
    OrderChange,
    /// Purchase order acknowledgment // X12 855
    OrderAck,
    /// Ship notice // X12 856
    Shipment,
    /// Invoice or credit // X12 810
    Invoice,
    /// Receiving advice // X12 861
    Receipt,
    /// What the receiver's application says of our documents // X12 824
    ApplicationAdvice,
    /// What somebody writes in words // X12 864
    TextMessage,
    /// A payment and what it pays // X12 820
    Remittance,
    /// Credit or debit memo // X12 812
    CreditDebit,
    /// Goods that go back // X12 180
    Return,
    /// What is in stock // X12 846
    Inventory,
    /// A payout with its entries; no transaction set carries it
    Settlement,
}

impl Kind {
    /// Every kind, in the order of a purchase's life.
    pub const ALL: [Kind; 13] = [
        Kind::Order,
        Kind::OrderChange,
        Kind::OrderAck,
        Kind::Shipment,
        Kind::Invoice,
        Kind::Receipt,
        Kind::ApplicationAdvice,
        Kind::TextMessage,
        Kind::Remittance,
        Kind::CreditDebit,
        Kind::Return,
        Kind::Inventory,
        Kind::Settlement,
    ];

    /// The name used in files, tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Order => "order",
            Kind::OrderChange => "order_change",
            Kind::OrderAck => "order_ack",
            Kind::Shipment => "shipment",
            Kind::Invoice => "invoice",
            Kind::Receipt => "receipt",
            Kind::ApplicationAdvice => "application_advice",
            Kind::TextMessage => "text_message",
            Kind::Remittance => "remittance",
            Kind::CreditDebit => "credit_debit",
            Kind::Return => "return",
            Kind::Inventory => "inventory",
            Kind::Settlement => "settlement",
        }
    }

    /// True when it answers an order, so that its receiver is whoever ordered.
    pub fn answers_an_order(self) -> bool {
        matches!(self, Kind::OrderAck | Kind::Shipment | Kind::Invoice)
    }

    /// True when the buyer says by it what it wants: somebody must be told.
    pub fn orders(self) -> bool {
        matches!(self, Kind::Order | Kind::OrderChange)
    }

    /// True when it is of use though nobody gets it: the books hold it against what was sent and ordered.
    pub fn is_for_the_books(self) -> bool {
        !self.answers_an_order() && !self.orders()
    }

    /// True when edigate writes its transaction set; the others are only read.
    pub fn is_written_as_x12(self) -> bool {
        matches!(self, Kind::Order | Kind::OrderAck | Kind::Shipment | Kind::Invoice)
    }

    /// The X12 transaction set that carries it (ST01), where one does.
    pub fn transaction_set(self) -> Option<&'static str> {
        match self {
            Kind::Order => Some("850"),
            Kind::OrderChange => Some("860"),
            Kind::OrderAck => Some("855"),
            Kind::Shipment => Some("856"),
            Kind::Invoice => Some("810"),
            Kind::Receipt => Some("861"),
            Kind::ApplicationAdvice => Some("824"),
            Kind::TextMessage => Some("864"),
            Kind::Remittance => Some("820"),
            Kind::CreditDebit => Some("812"),
            Kind::Return => Some("180"),
            Kind::Inventory => Some("846"),
            Kind::Settlement => None,
        }
    }

    /// What the trade calls it: its transaction set, else its name.
    pub fn label(self) -> &'static str {
        self.transaction_set().unwrap_or_else(|| self.name())
    }

    /// The kind of that name or X12 transaction set.
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name || kind.transaction_set() == Some(name))
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl Document {
    /// True when it says that it takes the place of an earlier document of its key. A change of an order speaks of the order, not of
    /// an earlier change.
    pub fn takes_a_place(&self) -> bool {
        let purpose = &self.header().purpose;
        let revises = matches!(purpose, Purpose::Replace | Purpose::Change | Purpose::Cancel);
        revises && self.kind() != Kind::OrderChange
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Document::Order(_) => Kind::Order,
            Document::OrderChange(_) => Kind::OrderChange,
            Document::OrderAck(_) => Kind::OrderAck,
            Document::Shipment(_) => Kind::Shipment,
            Document::Invoice(_) => Kind::Invoice,
            Document::Receipt(_) => Kind::Receipt,
            Document::ApplicationAdvice(_) => Kind::ApplicationAdvice,
            Document::TextMessage(_) => Kind::TextMessage,
            Document::Remittance(_) => Kind::Remittance,
            Document::CreditDebit(_) => Kind::CreditDebit,
            Document::Return(_) => Kind::Return,
            Document::Inventory(_) => Kind::Inventory,
            Document::Settlement(_) => Kind::Settlement,
        }
    }

    /// What every kind has.
    pub fn header(&self) -> &Header {
        match self {
            Document::Order(document) => &document.header,
            Document::OrderChange(document) => &document.header,
            Document::OrderAck(document) => &document.header,
            Document::Shipment(document) => &document.header,
            Document::Invoice(document) => &document.header,
            Document::Receipt(document) => &document.header,
            Document::ApplicationAdvice(document) => &document.header,
            Document::TextMessage(document) => &document.header,
            Document::Remittance(document) => &document.header,
            Document::CreditDebit(document) => &document.header,
            Document::Return(document) => &document.header,
            Document::Inventory(document) => &document.header,
            Document::Settlement(document) => &document.header,
        }
    }

    /// What every kind has, to be completed.
    pub fn header_mut(&mut self) -> &mut Header {
        match self {
            Document::Order(document) => &mut document.header,
            Document::OrderChange(document) => &mut document.header,
            Document::OrderAck(document) => &mut document.header,
            Document::Shipment(document) => &mut document.header,
            Document::Invoice(document) => &mut document.header,
            Document::Receipt(document) => &mut document.header,
            Document::ApplicationAdvice(document) => &mut document.header,
            Document::TextMessage(document) => &mut document.header,
            Document::Remittance(document) => &mut document.header,
            Document::CreditDebit(document) => &mut document.header,
            Document::Return(document) => &mut document.header,
            Document::Inventory(document) => &mut document.header,
            Document::Settlement(document) => &mut document.header,
        }
    }

    /// The number that its author knows it by: PO number, shipment id, invoice number, trace number of a payment, …
    pub fn number(&self) -> &str {
        match self {
            Document::Order(document) => &document.po_number,
            Document::OrderChange(document) => &document.po_number,
            Document::OrderAck(document) => &document.po_number,
            Document::Shipment(document) => &document.shipment_id,
            Document::Invoice(document) => &document.invoice_number,
            Document::Receipt(document) => &document.receipt_number,
            Document::ApplicationAdvice(document) => &document.advice_number,
            Document::TextMessage(document) => document.messages.first().map_or("", |message| &message.number),
            Document::Remittance(document) => &document.trace_number,
            Document::CreditDebit(document) => &document.memo_number,
            Document::Return(document) => &document.return_number,
            Document::Inventory(document) => &document.report_number,
            Document::Settlement(document) => &document.settlement_id,
        }
    }

    /// What a person calls it: `856 SHP0000777`; with its mark, where it has one: `860 4500012345/2`.
    pub fn label(&self) -> String {
        let mark = self.mark().map(|mark| format!("/{mark}")).unwrap_or_default();
        format!("{} {}{mark}", self.kind().label(), self.number())
    }

    /// What tells it from others of its kind and number, where several have the same: which change of an order it is, which text
    /// under a key word.
    pub fn mark(&self) -> Option<String> {
        match self {
            Document::OrderChange(change) => Some(change.mark()),
            Document::TextMessage(message) => Some(message.mark()),
            _ => None,
        }
    }
}

/// What every document has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// Version of this model.
    #[serde(default = "schema_version")]
    pub schema: u16,
    /// The trading partner (the retailer) whose purchase it belongs to; empty until it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub partner: String,
    /// Original, replacement, cancellation.
    #[serde(default)]
    pub purpose: Purpose,
    /// True when it must never reach a production system.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// Numbers that it is also known by, in the sender's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

fn schema_version() -> u16 {
    SCHEMA_VERSION
}

/// What the sender wants done with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// New.
    #[default]
    Original,
    /// Takes back an earlier one.
    Cancel,
    /// Changes an earlier one.
    Change,
    /// Stands in for an earlier one.
    Replace,
    /// A second copy for information.
    Duplicate,
    /// A purpose that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

/// Which way an amount goes // X12 element 478
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditOrDebit {
    /// To the other's credit: it is given.
    #[default]
    Credit,
    /// To the other's debit: it is taken.
    Debit,
}

/// A day, perhaps with a local time, and what happens on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DatedEvent {
    /// What happens.
    pub is: DateKind,
    /// The day, in the partner's zone.
    #[schemars(with = "String")]
    pub on: Date,
    /// The local time, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<jiff::civil::Time>,
}

/// What happens on a date.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateKind {
    /// Shipping was asked for on this day.
    RequestedShip,
    /// Do not ship before.
    ShipNotBefore,
    /// Do not ship after.
    ShipNotAfter,
    /// Delivery was asked for on this day.
    RequestedDelivery,
    /// Do not deliver before.
    DeliverNotBefore,
    /// Do not deliver after.
    DeliverNotAfter,
    /// The order is void if not fulfilled by then.
    CancelAfter,
    /// The supplier plans to ship on this day.
    PlannedShip,
    /// The supplier plans delivery on this day.
    PlannedDelivery,
    /// Shipped.
    Shipped,
    /// Expected to arrive.
    EstimatedDelivery,
    /// Arrived.
    Delivered,
    /// A qualifier that we have no name for, as the sender wrote it.
    #[serde(untagged)]
    Other(String),
}

/// An amount of goods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// How many.
    pub value: Decimal,
    /// Of what: the trade's two-letter unit, such as EA, CA, DZ.
    pub unit: String,
}

/// What one unit costs, in the document's currency.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Price {
    /// The amount.
    pub amount: Decimal,
    /// The trade's price basis code where one was given, such as PE (per each).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
}

/// A measured value with its unit: weight LB, KG; volume CF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// The value.
    pub value: Decimal,
    /// The trade's unit.
    pub unit: String,
}

/// An allowance (in the buyer's favour) or a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Adjustment {
    /// Which way it goes.
    pub is: AdjustmentKind,
    /// The trade's four-character code, such as C310 (discount) or D240 (freight).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The amount, never negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// The percentage it was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Decimal>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Which way an adjustment goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentKind {
    /// Lowers what the buyer pays.
    Allowance,
    /// Raises what the buyer pays.
    Charge,
    /// An indicator that we have no name for.
    #[serde(untagged)]
    Other(String),
}

/// A tax on the whole document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tax {
    /// The trade's two-letter tax type, such as ST (state sales tax).
    pub code: String,
    /// The amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// The rate in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Decimal>,
}

/// Terms of payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    /// Discount for early payment, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Decimal>,
    /// Days within which the discount holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_days: Option<u32>,
    /// Last day of the discount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub discount_due: Option<Date>,
    /// Amount of the discount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_amount: Option<Decimal>,
    /// Days within which the whole is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_days: Option<u32>,
    /// Day on which the whole is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub net_due: Option<Date>,
    /// Code of the date from which days count, as the sender wrote it (3 = invoice date).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Code of the kind of terms, as the sender wrote it (01 = basic).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Who moves the goods.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Carrier {
    /// Standard Carrier Alpha Code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scac: Option<String>,
    /// Name or routing in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The trade's mode code, such as M (motor), U (parcel).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
}

/// Rounds money to two places, half away from zero, as invoices are.
pub fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}
