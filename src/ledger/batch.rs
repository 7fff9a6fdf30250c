//! Documents that wait to go out together, and the batches that they became.
//!
//! ```text
//! wait_for_batch(…)      856 SHP1 waits at megamart under its rule since 09:15
//! waiting_batches()      megamart, "856 by mailbox": 12 documents, 9 kB, the oldest since 09:15
//! close_batch(…)         takes them; each is in this batch and in no other
//! ```

use jiff::Timestamp;

use super::engine::Row;
use super::{Error, Id, Transaction};

/// A document that is to wait.
#[derive(Debug, Clone)]
pub struct NewWaiting<'a> {
    /// To whom it goes.
    pub partner: &'a str,
    /// By which rule; documents of one rule go together.
    pub rule: &'a str,
    /// The document.
    pub document: &'a Id,
    /// The same for a person: `856 SHP0000777`.
    pub label: &'a str,
    /// The order that it is about.
    pub po_number: Option<&'a str>,
    /// How many bytes it takes, about.
    pub size: u64,
    /// Since when.
    pub since: Timestamp,
}

/// The documents that wait under one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingBatch {
    /// To whom they go.
    pub partner: String,
    /// By which rule.
    pub rule: String,
    /// How many they are.
    pub count: u64,
    /// How many bytes they take together.
    pub size: u64,
    /// Since when the oldest waits.
    pub since: Timestamp,
}

/// A document of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batched {
    /// Its place in the line.
    pub id: Id,
    /// The document.
    pub document: Id,
    /// The same for a person.
    pub label: String,
    /// The order that it is about.
    pub po_number: Option<String>,
    /// In whose journal its story is told.
    pub journal: String,
}

const COLUMNS: &str = "id, document, label, po_number, journal";

fn batched(row: &Row) -> Result<Batched, Error> {
    let [id, document] = [row.id(0)?, row.id(1)?];
    Ok(Batched { id, document, label: row.text(2)?, po_number: row.optional_text(3)?, journal: row.text(4)? })
}

fn waiting(row: &Row) -> Result<WaitingBatch, Error> {
    Ok(WaitingBatch {
        partner: row.text(0)?,
        rule: row.text(1)?,
        count: u64::try_from(row.int(2)?).unwrap_or(0),
        size: u64::try_from(row.int(3)?).unwrap_or(0),
        since: row.time(4)?,
    })
}

const SUMS: &str = "SELECT partner, rule, COUNT(*), CAST(SUM(size) AS BIGINT), MIN(since) FROM waiting_document
                    WHERE batch IS NULL";

impl Transaction<'_> {
    /// Lets a document wait; the second time under the same rule, nothing happens.
    pub fn wait_for_batch(&mut self, new: &NewWaiting<'_>) -> Result<(), Error> {
        self.execute(
            "INSERT INTO waiting_document (id, partner, rule, document, label, po_number, size, since, journal)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
                     COALESCE((SELECT document.partner FROM document WHERE document.id = $4), $2))
             ON CONFLICT (partner, rule, document) DO NOTHING",
            &[
                (&Id::new()).into(),
                new.partner.into(),
                new.rule.into(),
                new.document.into(),
                new.label.into(),
                new.po_number.map(str::to_owned).into(),
                new.size.into(),
                new.since.into(),
            ],
        )?;
        Ok(())
    }

    /// Everything that waits, by rule.
    pub fn waiting_batches(&mut self) -> Result<Vec<WaitingBatch>, Error> {
        let sql = format!("{SUMS} GROUP BY partner, rule ORDER BY partner, rule");
        self.query(&sql, &[])?.iter().map(waiting).collect()
    }

    /// What waits under one rule.
    pub fn waiting_batch(&mut self, partner: &str, rule: &str) -> Result<Option<WaitingBatch>, Error> {
        let sql = format!("{SUMS} AND partner = $1 AND rule = $2 GROUP BY partner, rule");
        self.query_one(&sql, &[partner.into(), rule.into()])?.as_ref().map(waiting).transpose()
    }

    /// Takes the oldest that wait under a rule into a batch of this id, in the order in which they came. Of two nodes that
    /// try at once, one gets them.
    pub fn close_batch(&mut self, batch: &Id, partner: &str, rule: &str, limit: u32) -> Result<Vec<Batched>, Error> {
        let sql = format!(
            "UPDATE waiting_document SET batch = $1
             WHERE batch IS NULL AND id IN (SELECT id FROM waiting_document
                                            WHERE partner = $2 AND rule = $3 AND batch IS NULL ORDER BY id LIMIT $4)
             RETURNING {COLUMNS}"
        );
        let rows = self.query(&sql, &[batch.into(), partner.into(), rule.into(), limit.into()])?;
        let mut taken: Vec<Batched> = rows.iter().map(batched).collect::<Result<_, _>>()?;
        taken.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(taken)
    }

    /// Takes a document out of the line for good: it can no longer be written.
    pub fn drop_from_batch(&mut self, id: &Id) -> Result<(), Error> {
        self.execute("UPDATE waiting_document SET batch = '' WHERE id = $1", &[id.into()])?;
        Ok(())
    }

    /// The documents of a batch, in their order in the interchange.
    pub fn batched_documents(&mut self, batch: &Id) -> Result<Vec<Batched>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM waiting_document WHERE batch = $1 ORDER BY id");
        self.query(&sql, &[batch.into()])?.iter().map(batched).collect()
    }
}
