//! The canonical model as JSON Schema, generated from the types: `edigate show --schema order`.

use super::{Invoice, Kind, Order, OrderAck, Shipment};

/// The JSON Schema (2020-12) of one kind of document.
pub fn json_schema(kind: Kind) -> serde_json::Value {
    let mut schema = match kind {
        Kind::Order => schemars::schema_for!(Order),
        Kind::OrderAck => schemars::schema_for!(OrderAck),
        Kind::Shipment => schemars::schema_for!(Shipment),
        Kind::Invoice => schemars::schema_for!(Invoice),
        Kind::Settlement => schemars::schema_for!(super::Settlement),
    };
    schema.insert("title".to_owned(), kind.name().into());
    schema.to_value()
}
