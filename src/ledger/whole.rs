//! What belongs to one document or one file, for whoever looks at it as a whole.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::transmission::Transmission;
use super::view::DeliveryRow;
use super::{Error, Id, Transaction, event, export};

/// What proves how it stands with one answer: what was sent or came, what answers it, and what the journal says.
#[derive(Debug)]
pub struct Evidence {
    /// With whom.
    pub partner: String,
    /// About what: `856 SHP0000777`.
    pub label: String,
    /// Which answer.
    pub what: String,
    /// How it stands.
    pub state: String,
    /// Since when it is owed.
    pub opened: Timestamp,
    /// Where what was sent was left, or the receipt for it.
    pub receipt: Option<String>,
    /// The files, the oldest first.
    pub files: Vec<Transmission>,
    /// The lines of the partner's journal, as an export has them.
    pub events: Vec<serde_json::Value>,
}

/// Lines of a journal in one piece of evidence.
const LINES: i64 = 200;

impl Transaction<'_> {
    /// From which byte to which a document stands in the file that brought it; nothing where it is no set of X12.
    pub fn span_of_document(&mut self, transmission: &Id, document: &Id) -> Result<Option<(u64, u64)>, Error> {
        let sql = "SELECT transaction_set.byte_start, transaction_set.byte_end
                   FROM interchange
                   JOIN functional_group ON functional_group.interchange = interchange.id
                   JOIN transaction_set ON transaction_set.functional_group = functional_group.id
                   WHERE interchange.transmission = $1 AND transaction_set.document = $2 LIMIT 1";
        let row = self.query_one(sql, &[transmission.into(), document.into()])?;
        let byte = |number: i64| u64::try_from(number).unwrap_or(0);
        row.map(|row| Ok((byte(row.int(0)?), byte(row.int(1)?)))).transpose()
    }

    /// The deliveries that carry a document, alone or with others, the newest first; 100 at most.
    pub fn deliveries_of_document(&mut self, document: &Id) -> Result<Vec<DeliveryRow>, Error> {
        let sql = "SELECT id FROM delivery WHERE document = $1
                   UNION SELECT delivery.id FROM waiting_document JOIN delivery ON delivery.batch = waiting_document.batch
                   WHERE waiting_document.document = $1
                   ORDER BY 1 DESC LIMIT 100";
        let mut rows = Vec::new();
        for row in self.query(sql, &[document.into()])? {
            rows.extend(self.delivery_row(&row.id(0)?)?);
        }
        Ok(rows)
    }

    /// The evidence about one expectation.
    pub fn evidence(&mut self, expectation: &Id) -> Result<Evidence, Error> {
        let sql = "SELECT expectation.partner, expectation.label, what, expectation.state, opened, delivery.receipt,
                          delivery.id, delivery.transmission, expectation.document
                   FROM expectation JOIN delivery ON delivery.id = expectation.delivery WHERE expectation.id = $1";
        let row = self.query_one(sql, &[expectation.into()])?;
        let row = row.ok_or_else(|| Error::NoSuch { what: "expectation", id: expectation.to_string() })?;
        let partner = row.text(0)?;
        let sql = format!(
            "SELECT {} FROM event WHERE partner = $1 AND (delivery = $2 OR document = $3) ORDER BY sequence LIMIT {LINES}",
            event::COLUMNS
        );
        let values = [(&partner).into(), row.text(6)?.into(), row.optional_text(8)?.into()];
        let events = self.query(&sql, &values)?;
        let mut names: BTreeSet<Id> = BTreeSet::from([row.id(7)?]);
        for event in &events {
            names.extend(event.optional_id(4)?);
        }
        let files: Vec<Transmission> = names.iter().map(|id| self.transmission(id)).collect::<Result<_, _>>()?;
        Ok(Evidence {
            label: row.text(1)?,
            what: row.text(2)?,
            state: row.text(3)?,
            opened: row.time(4)?,
            receipt: row.optional_text(5)?,
            // What came from another partner is that one's.
            files: files.into_iter().filter(|file| file.partner == partner).collect(),
            events: events.iter().map(export::journal_line).collect::<Result<_, _>>()?,
            partner,
        })
    }

    /// The documents that a file brought: id, kind, number.
    pub fn documents_of_file(&mut self, file: &Id, most: u32) -> Result<Vec<(String, String, String)>, Error> {
        let sql = "SELECT id, kind, number FROM document WHERE transmission = $1 LIMIT $2";
        let rows = self.query(sql, &[file.into(), most.into()])?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?, row.text(2)?))).collect()
    }
}
