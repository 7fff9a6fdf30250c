//! A canonical document to the segments of its transaction set.
//!
//! ```text
//! Invoice { invoice_number: "INV-20077", lines: [ 24 EA at 3.61, 6 EA at 5.50 ], … }
//!   -> BIG*20260306*INV-20077*20260302*4500012345***DI~ … TDS*11764*11764~ … CTT*2~
//! ```
//!
//! Totals, counts and levels are computed here, never taken from the document. What X12 cannot say is an error, what
//! it cannot say fully a warning: numbers are written whole or not at all, free text may be cut, letters beyond ASCII
//! lose their accents, upper and lower case stay as they are. Lengths are left to the check that everything we send
//! goes through.

mod codes;
mod draft;
mod invoice;
mod order;
mod order_ack;
mod parts;
mod shipment;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::document::UNSUPPORTED_SET;
use crate::document::{Document, Kind};
use crate::x12::draft::SetDraft;
use draft::Draft;

/// A set to be written, and what was changed on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The set, without ST and SE.
    pub draft: SetDraft,
    /// Warnings: cut or transliterated text.
    pub warnings: Vec<Diagnostic>,
}

/// Writes a document as its transaction set of 004010; `Err` says everything that the set cannot do without or cannot say.
pub fn set(document: &Document) -> Result<Rendered, Vec<Diagnostic>> {
    set_at(document, "004010")
}

/// The same at another version (GS08): free text stands in another segment from 005010 on.
pub fn set_at(document: &Document, version: &str) -> Result<Rendered, Vec<Diagnostic>> {
    let mut draft = Draft::new(document.kind().label());
    match document {
        Document::Order(order) => order::write(order, version, &mut draft),
        Document::OrderAck(ack) => order_ack::write(ack, version, &mut draft),
        Document::Shipment(shipment) => shipment::write(shipment, &mut draft),
        Document::Invoice(invoice) => invoice::write(invoice, &mut draft),
        read_only => return Err(vec![not_written(read_only.kind())]),
    }
    draft.finish()
}

/// What comes in as X12 and does not go out as X12, or has no transaction set at all.
fn not_written(kind: Kind) -> Diagnostic {
    let message = match kind.transaction_set() {
        Some(set) => format!("a {kind} is read from transaction set {set} and not written to it"),
        None => format!("there is no transaction set for a {kind}"),
    };
    Diagnostic::new(&UNSUPPORTED_SET, message).found(kind.name())
}

#[cfg(test)]
mod tests;
