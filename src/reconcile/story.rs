//! An order beside every document about it, as the ledger holds them.

use super::matrix::{Matrix, matrix};
use crate::document::{Document, Order};
use crate::ledger::{Error, Ledger};

/// An order with its matrix.
#[derive(Debug)]
pub struct Story {
    /// Whose order.
    pub partner: String,
    /// The order.
    pub order: Order,
    /// Its matrix.
    pub matrix: Matrix,
}

/// The order of that number at a partner, with what became of it; `None` when only other documents name it.
pub fn story(ledger: &Ledger, partner: &str, po_number: &str) -> Result<Option<Story>, Error> {
    let stored = ledger.read(|tx| tx.documents_about(partner, po_number))?;
    let documents: Vec<Document> = stored.into_iter().map(|one| one.document).collect();
    let order = documents.iter().find_map(|document| match document {
        Document::Order(order) => Some(order.clone()),
        _ => None,
    });
    Ok(order.map(|order| {
        let matrix = matrix(&order, &documents);
        Story { partner: partner.to_owned(), order, matrix }
    }))
}
