//! Failures as rows: those that stand and those that are over, each with the line of the journal that tells it.

use schemars::JsonSchema;
use serde::Serialize;

use super::Filter;
use super::listing::{Listing, Page, State};
use super::{many, names};
use crate::ledger::engine::Row;
use crate::ledger::failure::{self, Failure};
use crate::ledger::{Error, Transaction};

/// A failure with the line of the journal that tells it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FailureRow {
    /// The event that tells it, by the name under which `explain` knows it: `megamart/12`.
    pub event: String,
    /// The failure.
    #[serde(flatten)]
    pub failure: Failure,
    /// What the journal says.
    pub text: String,
}

/// Both are read along an index: that of all failures, and that of those that stand.
const FAILURE_STATES: [State; 2] =
    [many("standing", "failure.settled IS NULL"), many("settled", "failure.settled IS NOT NULL")];

/// What a filter of failures may ask for.
pub const STATES_OF_FAILURES: [&str; 2] = names(&FAILURE_STATES);

/// The text of its event.
const TEXT: &str =
    "(SELECT text FROM event WHERE event.partner = failure.partner AND event.sequence = failure.sequence)";

impl Transaction<'_> {
    /// Failures; the kind is their code.
    pub fn failures(&mut self, filter: &Filter) -> Result<Page<FailureRow>, Error> {
        let listing = Listing {
            select: &format!("{}, {TEXT}", failure::COLUMNS),
            tables: "failure",
            which: "",
            // Along the time, whosever they are: the index of a partner has another order.
            partner: "partner || ''",
            kind: "code",
            rare_kinds: "",
            set: "",
            order: &["at", "partner", "sequence"],
            states: &FAILURE_STATES,
            number: concat!(
                "(partner, sequence) IN (SELECT partner, sequence FROM event WHERE document IN (",
                documents_of!(),
                ") UNION SELECT partner, sequence FROM event
                   WHERE transmission IN (SELECT id FROM transmission WHERE name = {number}))"
            ),
        };
        self.page(&listing, filter, failure_row)
    }

    /// The same failures with the same partner before one, the newest first.
    pub fn failures_before(&mut self, of: &Failure, most: u32) -> Result<Vec<FailureRow>, Error> {
        let sql = format!(
            "SELECT {}, {TEXT} FROM failure WHERE partner = $1 AND code = $2 AND nth < $3 ORDER BY nth DESC LIMIT $4",
            failure::COLUMNS
        );
        let values = [(&of.partner).into(), (&of.code).into(), of.nth.into(), most.into()];
        let rows = self.query(&sql, &values)?;
        rows.iter().map(failure_row).collect()
    }
}

fn failure_row(row: &Row) -> Result<FailureRow, Error> {
    let failure = failure::failure(row)?;
    Ok(FailureRow { event: failure.event(), failure, text: row.text(13)? })
}
