//! Quantities of one line in one unit: the order's, until a document counts in another; then both are counted in eaches.
//!
//! ```text
//! 850   2 CA at 43.32, PO4*12        2 CA   43.32
//! 856  30 EA                        ordered 24 EA, shipped 30 EA, 3.61 each
//! ```
//!
//! To multiply is exact; that is why the smaller unit is taken. Where nobody says how many are in one, the document is a stray.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Sheet, Stage, Stages, StrayKind};
use crate::document::Quantity;
use crate::ledger::document::StoredDocument;

/// Every stage of a line.
const STAGES: [Stage; 9] = [
    Stage::Ordered,
    Stage::Changed,
    Stage::Confirmed,
    Stage::Shipped,
    Stage::Received,
    Stage::Invoiced,
    Stage::Credited,
    Stage::Returned,
    Stage::Paid,
];

const EACH: &str = "EA";

impl Sheet<'_> {
    /// What a document counts, in the line's unit; a stray where nobody knows how many that is.
    pub(super) fn count(&mut self, paper: &Arc<StoredDocument>, line: usize, quantity: &Quantity) -> Option<Decimal> {
        let per_unit = self.per_unit(paper, line, &quantity.unit)?;
        Some(quantity.value * per_unit)
    }

    /// How many of the line's unit one of a document's unit is.
    pub(super) fn per_unit(&mut self, paper: &Arc<StoredDocument>, line: usize, unit: &str) -> Option<Decimal> {
        if self.agree(line, unit) {
            return Some(self.factor(line, unit));
        }
        let line = &self.matrix.lines[line];
        let message = format!(
            "line {} is ordered in {}, counted in {unit}: nothing tells how many are in one",
            line.line, line.unit
        );
        self.stray(StrayKind::Unit, paper, message);
        None
    }

    /// Makes a line count in a unit that another unit is so many of; false where that is not known.
    pub(super) fn agree(&mut self, line: usize, unit: &str) -> bool {
        let own = self.matrix.lines[line].unit.as_str();
        if unit.is_empty() || unit == own {
            return true;
        }
        let packing = self.packings[line];
        match (packing.eaches_in(own), packing.eaches_in(unit)) {
            (Some(eaches), Some(_)) => {
                self.count_in_eaches(line, eaches);
                true
            }
            _ => false,
        }
    }

    /// How many of the line's unit one of a unit is that it agrees with.
    pub(super) fn factor(&self, line: usize, unit: &str) -> Decimal {
        let is_the_lines = unit.is_empty() || unit == self.matrix.lines[line].unit;
        match self.packings[line].eaches_in(unit) {
            Some(eaches) if !is_the_lines => eaches,
            _ => Decimal::ONE,
        }
    }

    /// Counts everything that stands on a line in eaches, of which one of its unit is so many.
    fn count_in_eaches(&mut self, index: usize, eaches: Decimal) {
        let line = &mut self.matrix.lines[index];
        line.unit = EACH.to_owned();
        line.price = line.price.map(|price| price / eaches);
        multiply(&mut line.quantity, eaches);
        for posting in self.matrix.postings.iter_mut().filter(|posting| posting.line == Some(index)) {
            posting.quantity *= eaches;
            posting.price = posting.price.map(|price| price / eaches);
        }
    }
}

fn multiply(figures: &mut Stages, by: Decimal) {
    for stage in STAGES {
        figures[stage] *= by;
    }
}
