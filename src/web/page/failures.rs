//! Failures: files that could not be used, and deliveries that wait for a person.

use super::asking::Asking;
use super::fault::Fault;
use super::sheet::{Block, Field, sheet};
use super::{deliveries, files};
use crate::ledger::view::Filter;
use crate::web::answer::Answer;

/// How many parked deliveries are shown.
const PARKED: u32 = 50;

/// The list.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let filter = Filter { state: Some("quarantined".to_owned()), ..asking.filter()? };
    let parked = Filter { state: Some("parked".to_owned()), after: None, limit: Some(PARKED), ..filter.clone() };
    let (rows, parked) = asking.read(|tx| Ok((tx.transmissions(&filter)?, tx.deliveries(&parked)?)))?;
    let [from, until] = asking.day_fields();
    sheet(
        asking,
        "Failures",
        vec![
            Block::Filter(vec![asking.partner_field(), Field::text(asking.query(), "number", "Number"), from, until]),
            Block::Heading("Deliveries that wait for a person".to_owned()),
            Block::Table(deliveries::table(asking, &parked.rows)),
            Block::Heading("Files that could not be used".to_owned()),
            Block::Table(files::table(asking, &rows.rows)),
            Block::turn(asking.query(), &rows),
        ],
    )
}
