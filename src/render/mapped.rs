//! Writes a document as CSV, XML or JSON with its map, the same that reads it.
//!
//! ```text
//! Order { po_number: "45000", lines: [ 24 EA … ] }    ->    PO,Line,Qty
//!                                                           45000,1,24
//! ```

use super::{csv, json, record, xml};
use crate::config::map::{Layout, Map};
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// The document in the map's format; `Err` says everything that the map cannot say of it.
pub fn render(document: &Document, map: &Map) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let group = record::group(document, map)?;
    match &map.layout {
        Layout::Csv(layout) => csv::render(&group, document.number(), map, layout),
        Layout::Xml(layout) => xml::render(&group, map, layout),
        Layout::Json(_) => json::render(&group, map),
    }
}
