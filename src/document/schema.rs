//! The canonical model as JSON Schema, generated from the types: `edigate show --schema order`.

use super::{
    ApplicationAdvice, CreditDebit, Inventory, Invoice, Kind, Order, OrderAck, OrderChange, Receipt, Remittance,
    Return, Settlement, Shipment, TextMessage,
};

/// The JSON Schema (2020-12) of one kind of document.
pub fn json_schema(kind: Kind) -> serde_json::Value {
    let mut schema = match kind {
        Kind::Order => schemars::schema_for!(Order),
        Kind::OrderChange => schemars::schema_for!(OrderChange),
        Kind::OrderAck => schemars::schema_for!(OrderAck),
        Kind::Shipment => schemars::schema_for!(Shipment),
        Kind::Invoice => schemars::schema_for!(Invoice),
        Kind::Receipt => schemars::schema_for!(Receipt),
        Kind::ApplicationAdvice => schemars::schema_for!(ApplicationAdvice),
        Kind::TextMessage => schemars::schema_for!(TextMessage),
        Kind::Remittance => schemars::schema_for!(Remittance),
        Kind::CreditDebit => schemars::schema_for!(CreditDebit),
        Kind::Return => schemars::schema_for!(Return),
        Kind::Inventory => schemars::schema_for!(Inventory),
        Kind::Settlement => schemars::schema_for!(Settlement),
    };
    schema.insert("title".to_owned(), kind.name().into());
    schema.to_value()
}
