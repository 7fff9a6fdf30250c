//! Everything that explains one event: what it tells, the failure in it, the same failure before, the documents it is about.
//!
//! ```text
//! tx.event_named("megamart/12")     an event by its name, or the one that says most of a transmission, delivery or finding
//! tx.explanation(event)             with failure, history and documents
//! ```

use serde::Serialize;

use super::event::{self, Event};
use super::failure::{Failure, History};
use super::{Error, Id, Transaction};

/// An event with what is known around it.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// What happened.
    pub event: Event,
    /// The failure that it tells, if it tells one.
    pub failure: Option<Failure>,
    /// The same failure with this partner, before and after.
    pub history: Option<History>,
    /// The documents that it is about.
    pub documents: Vec<Related>,
}

/// A document that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Its id.
    pub id: Id,
    /// order, shipment, invoice …
    pub kind: String,
    /// Its number.
    pub number: String,
}

/// How many documents are named at most.
const DOCUMENTS: u32 = 20;

impl Transaction<'_> {
    /// The event of a name (`megamart/12`), or the one that says most of a transmission, delivery, document or finding with
    /// that id: its newest failure, else the newest event.
    pub fn event_named(&mut self, name: &str) -> Result<Option<Event>, Error> {
        if let Some((partner, sequence)) = name.rsplit_once('/')
            && let Ok(sequence) = sequence.parse()
        {
            return self.event(partner, sequence).map(Some);
        }
        match self.event_of_finding(name)? {
            Some(event) => Ok(Some(event)),
            None => self.event_about(name),
        }
    }

    fn event_about(&mut self, id: &str) -> Result<Option<Event>, Error> {
        let columns: Vec<String> = event::COLUMNS.split(", ").map(|column| format!("event.{column}")).collect();
        let columns = columns.join(", ");
        for reference in ["transmission", "delivery", "document"] {
            let sql = format!(
                "SELECT {columns} FROM event
                 LEFT JOIN failure ON failure.partner = event.partner AND failure.sequence = event.sequence
                 WHERE event.{reference} = $1
                 ORDER BY CASE WHEN failure.sequence IS NULL THEN 1 ELSE 0 END, event.at DESC, event.sequence DESC LIMIT 1"
            );
            if let Some(row) = self.query_one(&sql, &[id.into()])? {
                return event::event(&row).map(Some);
            }
        }
        Ok(None)
    }

    /// The event that told a finding when it was opened.
    fn event_of_finding(&mut self, id: &str) -> Result<Option<Event>, Error> {
        let sql = "SELECT failure.partner, failure.sequence FROM finding
                   JOIN failure ON failure.partner = finding.partner AND failure.code = finding.rule
                   WHERE finding.id = $1 AND failure.at >= finding.opened ORDER BY failure.nth LIMIT 1";
        let Some(row) = self.query_one(sql, &[id.into()])? else { return Ok(None) };
        self.event(&row.text(0)?, u64::try_from(row.int(1)?).unwrap_or(0)).map(Some)
    }

    /// Everything that explains an event.
    pub fn explanation(&mut self, event: Event) -> Result<Explanation, Error> {
        let failure = self.failure(&event.partner, event.sequence)?;
        let history = failure.as_ref().map(|failure| self.history(failure)).transpose()?;
        let documents = self.related_documents(&event)?;
        Ok(Explanation { event, failure, history, documents })
    }

    fn related_documents(&mut self, event: &Event) -> Result<Vec<Related>, Error> {
        let (document, transmission) = (event.refs.document.as_ref(), event.refs.transmission.as_ref());
        let order = event.refs.po_number.clone();
        let sql = "SELECT id, kind, number, at FROM document WHERE id = $1
                   UNION SELECT id, kind, number, at FROM document WHERE transmission = $2
                   UNION SELECT id, kind, number, at FROM document
                         WHERE id IN (SELECT document FROM document_order WHERE po_number = $3 AND partner = $4)
                   ORDER BY at, id LIMIT $5";
        let values = [document.into(), transmission.into(), order.into(), (&event.partner).into(), DOCUMENTS.into()];
        let rows = self.query(sql, &values)?;
        rows.iter().map(|row| Ok(Related { id: row.id(0)?, kind: row.text(1)?, number: row.text(2)? })).collect()
    }
}
