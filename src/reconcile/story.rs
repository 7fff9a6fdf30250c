//! An order beside every document about it, as the ledger holds them.

use rust_decimal::Decimal;

use super::matrix::{Matrix, Stage, matrix};
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

/// What stands in the matrix of an order; the last ones only where something is told of them.
const COLUMNS: [(&str, Stage); 9] = [
    ("ordered", Stage::Ordered),
    ("changed", Stage::Changed),
    ("confirmed", Stage::Confirmed),
    ("shipped", Stage::Shipped),
    ("received", Stage::Received),
    ("invoiced", Stage::Invoiced),
    ("credited", Stage::Credited),
    ("returned", Stage::Returned),
    ("paid", Stage::Paid),
];

/// True for a column that says something: the first steps always, a change where one was made, the rest where it is told of.
fn is_shown(matrix: &Matrix, stage: Stage) -> bool {
    let any = |other: Option<Stage>| {
        matrix.total[stage] != other.map_or(Decimal::ZERO, |other| matrix.total[other])
            || matrix
                .lines
                .iter()
                .any(|line| line.quantity[stage] != other.map_or(Decimal::ZERO, |other| line.quantity[other]))
    };
    match stage {
        Stage::Ordered | Stage::Confirmed | Stage::Shipped | Stage::Invoiced => true,
        Stage::Changed => any(Some(Stage::Ordered)),
        Stage::Received | Stage::Credited | Stage::Returned | Stage::Paid => any(None),
    }
}

/// The stages that a table of this matrix has columns for, with their names, in the order of a purchase's life.
pub fn columns(matrix: &Matrix) -> Vec<(&'static str, Stage)> {
    COLUMNS.into_iter().filter(|(_, stage)| is_shown(matrix, *stage)).collect()
}
