//! An order beside every document about it, as the ledger holds them.

use super::matrix::{Matrix, matrix};
use crate::config::Config;
use crate::config::cross_reference::CrossReferences;
use crate::config::partner::PartnerId;
use crate::ledger::{Error, Ledger};

/// An order with its matrix.
#[derive(Debug)]
pub struct Story {
    /// Whose order.
    pub partner: String,
    /// Its matrix.
    pub matrix: Matrix,
}

/// The order of that number at a partner, with what became of it; `None` when only other documents name it.
pub fn story(ledger: &Ledger, config: &Config, partner: &str, po_number: &str) -> Result<Option<Story>, Error> {
    let papers = ledger.read(|tx| tx.papers(partner, po_number))?;
    let unknown_items = CrossReferences::default();
    let known = PartnerId::parse(partner).ok().and_then(|id| config.partners.get(&id));
    let items = known.map_or(&unknown_items, |partner| &partner.cross_references);
    Ok(matrix(&papers, items).map(|matrix| Story { partner: partner.to_owned(), matrix }))
}
