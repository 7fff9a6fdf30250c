//! A checked transaction set to its canonical document.
//!
//! ```text
//! BEG*00*SA*4500012345**20260302~ … PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001~
//!   -> Order { po_number: "4500012345", lines: [ { line: "001", quantity: 24 EA, price: 3.61, … } ] }
//! ```
//!
//! Nothing the sender says is lost silently. A qualifier without a name of ours goes into an `Other` variant, an item
//! number that its canonical field would not bring back is kept beside it, and every element that found no place at all
//! is listed in one note. Values of a wrong type were reported by the check and are passed over here.

mod application_advice;
mod book_codes;
pub(crate) mod codes;
mod credit_debit;
mod inventory;
mod invoice;
mod order;
mod order_ack;
mod order_change;
mod parts;
mod reading;
mod receipt;
mod remittance;
mod returns;
mod shipment;
mod text_message;

use crate::diagnostic::codes::document::UNSUPPORTED_SET;
use crate::diagnostic::{Diagnostic, Place};
use crate::document::{Document, Kind};
use crate::x12::check::Checked;
use reading::Reading;

/// Reads the document in a checked set; `file` is the name that places carry.
///
/// The document is there whenever its essentials could be read, so that it can be shown; it must not be acted on when
/// this list or the check's own holds an error. `header.partner` and `header.test` are the caller's to fill in.
pub fn document(set: &Checked<'_>, file: Option<&str>) -> (Option<Document>, Vec<Diagnostic>) {
    let tree = &set.tree.root();
    let mut reading = Reading::new(tree, file);
    let document = match Kind::parse(tree.id) {
        Some(Kind::Order) => order::read(tree, &mut reading).map(Document::Order),
        Some(Kind::OrderChange) => order_change::read(tree, &mut reading).map(Document::OrderChange),
        Some(Kind::OrderAck) => order_ack::read(tree, &mut reading).map(Document::OrderAck),
        Some(Kind::Shipment) => shipment::read(tree, &mut reading).map(Document::Shipment),
        Some(Kind::Invoice) => invoice::read(tree, &mut reading).map(Document::Invoice),
        Some(Kind::Receipt) => receipt::read(tree, &mut reading).map(Document::Receipt),
        Some(Kind::ApplicationAdvice) => application_advice::read(tree, &mut reading).map(Document::ApplicationAdvice),
        Some(Kind::TextMessage) => text_message::read(tree, &mut reading).map(Document::TextMessage),
        Some(Kind::Remittance) => remittance::read(tree, &mut reading).map(Document::Remittance),
        Some(Kind::CreditDebit) => credit_debit::read(tree, &mut reading).map(Document::CreditDebit),
        Some(Kind::Return) => returns::read(tree, &mut reading).map(Document::Return),
        Some(Kind::Inventory) => inventory::read(tree, &mut reading).map(Document::Inventory),
        Some(Kind::Settlement) | None => {
            let place = Place { file: file.map(str::to_owned), ..Place::default() };
            let message = format!("transaction set {} was checked, not read: there is no document for it", tree.id);
            return (None, vec![Diagnostic::new(&UNSUPPORTED_SET, message).at(place).found(tree.id)]);
        }
    };
    (document, reading.finish(tree))
}

#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod book_tests;
#[cfg(test)]
mod tests;
