//! Reads a CSV, XML or JSON file with its map.
//!
//! ```text
//! ShipmentNo,CustomerPO,UPC,Qty          Shipment { shipment_id: "S1", orders: [ … 24 EA … ] }
//! S1,4500012345,061414100014,24     ->
//! ```

use super::{csv, json, xml};
use crate::config::map::{Layout, Map};
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// The documents of a file in the map's format, and what is wrong with the others.
pub fn documents(bytes: &[u8], file: &str, map: &Map) -> (Vec<Document>, Vec<Diagnostic>) {
    match &map.layout {
        Layout::Csv(_) => csv::documents(bytes, file, map),
        Layout::Xml(_) => xml::documents(bytes, file, map),
        Layout::Json(_) => json::documents(bytes, file, map),
    }
}
