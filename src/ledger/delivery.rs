//! Deliveries: one thing owed to one endpoint; every attempt is a row of its own.
//!
//! ```text
//! due_lanes(now)                  which endpoints have something to do
//! due_deliveries(&lane, …)        what may be attempted there now        the one place where work is handed out
//! bytes_of(&due)                  what each of them carries
//! record_attempts(&outcomes, now) what became of them                    a few statements, however many there are
//! ```

use std::collections::HashMap;

use jiff::Timestamp;

use super::content::{digest, hex, of_a_row};
use super::engine::{Row, Value};
use super::event::Refs;
use super::{Error, Id, Transaction};

/// What a delivery carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A document.
    Document(Id),
    /// The 997s for a received interchange.
    Acknowledgment(Id),
    /// The TA1 for a received interchange.
    Ta1(Id),
    /// Several documents that waited for each other.
    Batch(Id),
    /// The receipt for a message that came in.
    Receipt(Id),
    /// What another delivery carried, in an interchange of its own.
    Again {
        /// That delivery.
        of: Id,
        /// The document, where it is one.
        document: Option<Id>,
        /// The batch, where they are several.
        batch: Option<Id>,
    },
}

impl What {
    fn key(&self) -> String {
        match self {
            What::Document(id) => format!("document {id}"),
            What::Acknowledgment(id) => format!("acknowledgment {id}"),
            What::Ta1(id) => format!("ta1 {id}"),
            What::Batch(id) => format!("batch {id}"),
            What::Receipt(id) => format!("receipt {id}"),
            What::Again { of, .. } => format!("again {of}"),
        }
    }
}

/// A delivery to be recorded.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its bytes.
    pub transmission: Id,
    /// To whom.
    pub partner: String,
    /// By which endpoint.
    pub endpoint: String,
    /// Under which file name.
    pub name: String,
    /// What it carries.
    pub what: What,
    /// The same for a person: `856 SHP0000777`.
    pub label: String,
    /// The order that it is about, for the journal.
    pub po_number: Option<String>,
    /// From when on.
    pub due: Timestamp,
}

/// Everything that goes to one endpoint of one partner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// The partner.
    pub partner: String,
    /// Its endpoint.
    pub endpoint: String,
}

/// In which order the deliveries of a lane are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The longest due first; one that waits for its next attempt lets the others pass.
    Free,
    /// Strictly as they were made: one that waits or is parked holds those behind it.
    Kept,
}

/// A recorded delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id.
    pub id: Id,
    /// Its bytes.
    pub transmission: Id,
    /// To whom.
    pub partner: String,
    /// By which endpoint.
    pub endpoint: String,
    /// Under which file name.
    pub name: String,
    /// For a person: `856 SHP0000777`.
    pub label: String,
    /// The document that it carries, if it carries one.
    pub document: Option<Id>,
    /// How many attempts there were.
    pub attempts: u32,
    /// Of how many of them it is not known whether anything was left.
    pub unclear: u32,
    /// In whose journal its story is told: the retailer's whose order it is about, whoever gets it.
    pub journal: String,
    /// The order that it is about.
    pub po_number: Option<String>,
    /// Since when every attempt failed.
    pub failing_since: Option<Timestamp>,
    /// The batch whose documents it carries, where they are several.
    pub batch: Option<Id>,
}

impl Delivery {
    /// What an event about it refers to.
    pub fn refs(&self) -> Refs {
        Refs {
            transmission: Some(self.transmission.clone()),
            document: self.document.clone(),
            delivery: Some(self.id.clone()),
            po_number: self.po_number.clone(),
        }
    }

    /// The key under which the next attempt goes out, the same for all that repeat one of which it is not known whether it was
    /// left: `0198c1c2-….3`.
    pub fn key(&self) -> String {
        format!("{}.{}", self.id, self.attempts - self.unclear + 1)
    }

    /// What findings about it are about: `856 SHP0000777 as megamart_856_000000503.edi`.
    pub fn subject(&self) -> String {
        subject(&self.label, &self.name)
    }
}

/// What findings are about that concern what goes out so labelled, under that name.
pub(super) fn subject(label: &str, name: &str) -> String {
    format!("{label} as {name}")
}

/// What became of an attempt.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was left; the receipt is where.
    Sent {
        /// Path, or later an MDN or a status.
        receipt: String,
    },
    /// It was not left.
    Failed(Failed),
    /// Whether it was left is not known: the next attempt goes out under the same key.
    Unclear(Failed),
}

/// An attempt without a receipt.
#[derive(Debug, Clone)]
pub struct Failed {
    /// Why there is none.
    pub error: String,
    /// When it is tried again; `None` where a person must release it.
    pub again: Option<Timestamp>,
}

impl Outcome {
    /// Why there is no receipt.
    pub fn failed(&self) -> Option<&Failed> {
        match self {
            Outcome::Sent { .. } => None,
            Outcome::Failed(failed) | Outcome::Unclear(failed) => Some(failed),
        }
    }
}

/// Whether an attempt could be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// It is on record.
    Recorded,
    /// The delivery is sent, parked or waived meanwhile; nothing was recorded.
    MovedOn,
}

const COLUMNS: &str =
    "delivery.id, delivery.transmission, delivery.partner, delivery.endpoint, delivery.name, delivery.label,
     delivery.document, delivery.attempts, delivery.journal, delivery.po_number, delivery.failing_since, delivery.batch,
     delivery.unclear";

pub(super) const ANSWER_AGAIN: &str =
    "UPDATE delivery SET state = 'retrying', due = $2 WHERE answers = $1 AND state = 'sent' RETURNING name";

fn delivery(row: &Row) -> Result<Delivery, Error> {
    let partner = row.text(2)?;
    Ok(Delivery {
        id: row.id(0)?,
        transmission: row.id(1)?,
        journal: row.optional_text(8)?.unwrap_or_else(|| partner.clone()),
        partner,
        endpoint: row.text(3)?,
        name: row.text(4)?,
        label: row.text(5)?,
        document: row.optional_id(6)?,
        attempts: u32::try_from(row.int(7)?).unwrap_or(0),
        po_number: row.optional_text(9)?,
        failing_since: row.optional_time(10)?,
        batch: row.optional_id(11)?,
        unclear: u32::try_from(row.int(12)?).unwrap_or(0),
    })
}

/// Parameters for `IN (…)`, from `$first` on. The last id is repeated up to a power of two, so that there are few
/// different statements and each is prepared once.
pub(super) fn among<T>(first: usize, ids: &[T]) -> (String, Vec<Value>)
where
    for<'a> Value: From<&'a T>,
{
    let count = ids.len().next_power_of_two();
    let parameters: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    let last = ids.last().map_or(Value::Null, Value::from);
    let mut values: Vec<Value> = ids.iter().map(Value::from).collect();
    values.resize(count, last);
    (parameters.join(", "), values)
}

/// Rows for `(VALUES …)`, numbered from `$first` on, filled up to a power of two by the last one likewise.
pub(super) fn as_values<const N: usize>(first: usize, rows: &[[Value; N]]) -> (String, Vec<Value>) {
    let count = rows.len().next_power_of_two();
    let numbered = (0..count).map(|row| {
        let parameters: Vec<String> = (0..N).map(|column| format!("${}", first + row * N + column)).collect();
        format!("({})", parameters.join(", "))
    });
    let last = rows.last().into_iter().cycle().take(count - rows.len());
    let values = rows.iter().chain(last).flatten().cloned().collect();
    (numbered.collect::<Vec<_>>().join(", "), values)
}

/// Ends deliveries with their receipts, given as rows of two values. Each is found by its id, see [`engine`](super::engine).
pub(super) fn left_as_sent(rows: &str) -> String {
    format!(
        "UPDATE delivery
         SET state = 'sent', attempts = attempts + 1, receipt = left_as.column2, sent = $1, last_error = NULL, failing_since = NULL
         FROM (VALUES {rows}) AS left_as
         WHERE delivery.id = left_as.column1 AND delivery.state || '' IN ('pending', 'retrying')
         RETURNING id"
    )
}

/// What no second delivery may have: the id of what it carries, and a hash of all that tells apart its deliveries.
///
/// The id comes first, as it is younger than those of all deliveries before: a ledger of many years adds to the end of
/// that index, and does not rewrite a page anywhere in it for every file (`schema/003.sql`).
pub fn idempotency(carried: &Id, what: &str) -> String {
    let hash = hex(&digest(what.as_bytes()));
    format!("{carried}:{}", &hash[..32])
}

/// The codes under which a delivery is parked.
const PARKING_RULES: [&str; 10] = [
    "DLV-E003", "DLV-E004", "CAP-E091", "AS2-E020", "AS2-E021", "AS2-E022", "AS2-E023", "AS2-E024", "AS2-E025",
    "AS2-E033",
];

/// How many bytes are held for one round of attempts; the first file may be larger.
const HELD: usize = 16 << 20;

impl Transaction<'_> {
    /// Records a delivery, once for what it carries, to whom, by which endpoint and under which name; the second time
    /// it is the delivery that was recorded first.
    pub fn record_delivery(&mut self, new: &NewDelivery) -> Result<Id, Error> {
        let mut key = format!("{}\n{}\n{}\n{}", new.what.key(), new.partner, new.endpoint, new.name);
        let (document, answers, batch) = match &new.what {
            What::Document(id) => (Some(id), None, None),
            What::Acknowledgment(id) | What::Ta1(id) => (None, Some(id), None),
            What::Batch(id) => (None, None, Some(id)),
            What::Receipt(_) => (None, None, None),
            What::Again { document, batch, .. } => {
                // The file's name need not hold the new control number; its bytes do.
                key = format!("{key}\n{}", new.transmission);
                (document.as_ref(), None, batch.as_ref())
            }
        };
        let carried = document.or(answers).or(batch).unwrap_or(&new.transmission);
        let key = idempotency(carried, &key);
        let id = Id::new();
        let is_new = self.changes_a_row(
            "INSERT INTO delivery (id, partner, endpoint, transmission, name, label, idempotency, document, answers, state, due, created,
                                   po_number, batch, journal)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10, $10, $11, $12,
                     COALESCE((SELECT document.partner FROM document WHERE document.id = $8), $2))
             ON CONFLICT (idempotency) DO NOTHING",
            &[
                (&id).into(),
                (&new.partner).into(),
                (&new.endpoint).into(),
                (&new.transmission).into(),
                (&new.name).into(),
                (&new.label).into(),
                (&key).into(),
                document.map(Value::from).into(),
                answers.map(Value::from).into(),
                new.due.into(),
                new.po_number.clone().into(),
                batch.map(Value::from).into(),
            ],
        )?;
        if is_new {
            return Ok(id);
        }
        let known = self.query_one("SELECT id FROM delivery WHERE idempotency = $1", &[key.into()])?;
        known.ok_or(Error::Contended)?.id(0)
    }

    /// True when the interchange at this place of a transmission was answered.
    pub fn interchange_is_answered(&mut self, transmission: &Id, byte_start: u64) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM delivery JOIN interchange ON interchange.id = delivery.answers
                   WHERE interchange.transmission = $1 AND interchange.byte_start = $2 LIMIT 1";
        Ok(self.query_one(sql, &[transmission.into(), byte_start.into()])?.is_some())
    }

    /// Makes the answers that an interchange got due again, unchanged, and names their files. What never went out is
    /// left to its own schedule: it is the answer, whenever it comes.
    pub fn answer_again(&mut self, interchange: &Id, now: Timestamp) -> Result<Vec<String>, Error> {
        let rows = self.query(ANSWER_AGAIN, &[interchange.into(), now.into()])?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// The lanes in which something is due.
    pub fn due_lanes(&mut self, now: Timestamp) -> Result<Vec<Lane>, Error> {
        let sql = "SELECT partner, endpoint FROM delivery WHERE state IN ('pending', 'retrying')
                   GROUP BY partner, endpoint HAVING MIN(due) <= $1 ORDER BY partner, endpoint";
        let rows = self.query(sql, &[now.into()])?;
        rows.iter().map(|row| Ok(Lane { partner: row.text(0)?, endpoint: row.text(1)? })).collect()
    }

    /// Deliveries of a lane that may be attempted now, in the order of its line. This is the one place that hands
    /// them out.
    pub fn due_deliveries(
        &mut self,
        lane: &Lane,
        line: Line,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, Error> {
        let (partner, endpoint) = ((&lane.partner).into(), (&lane.endpoint).into());
        let rows = match line {
            Line::Free => {
                let sql = format!(
                    "SELECT {COLUMNS} FROM delivery
                     WHERE partner = $1 AND endpoint = $2 AND state IN ('pending', 'retrying') AND due <= $3
                     ORDER BY due, id LIMIT $4"
                );
                self.query(&sql, &[partner, endpoint, now.into(), limit.into()])?
            }
            Line::Kept => {
                // Whatever stands before it in the line must be sent or waived, so the line is cut, not filtered.
                let sql = format!(
                    "SELECT {COLUMNS}, state, due FROM delivery
                     WHERE partner = $1 AND endpoint = $2 AND state <> 'sent' AND waived IS NULL
                     ORDER BY id LIMIT $3"
                );
                let mut rows = self.query(&sql, &[partner, endpoint, limit.into()])?;
                let mut ready = 0;
                for row in &rows {
                    if row.text(13)? == "parked" || row.time(14)? > now {
                        break;
                    }
                    ready += 1;
                }
                rows.truncate(ready);
                rows
            }
        };
        rows.iter().map(delivery).collect()
    }

    /// The bytes of deliveries, in their order, as many as fit into memory together: at least the first. One whose bytes
    /// were damaged says so and hinders no other.
    pub fn bytes_of(&mut self, deliveries: &[Delivery]) -> Result<Vec<Result<Vec<u8>, Error>>, Error> {
        if deliveries.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Id> = deliveries.iter().map(|delivery| delivery.transmission.clone()).collect();
        let (among, values) = among(1, &ids);
        let sql = format!(
            "SELECT transmission.id, transmission.sha256, content.bytes, content.encoding, content.size
             FROM transmission LEFT JOIN content ON content.sha256 = transmission.sha256
             WHERE transmission.id IN ({among})"
        );
        let mut found = HashMap::new();
        for row in self.query(&sql, &values)? {
            found.insert(row.id(0)?, row);
        }
        let (mut all, mut held) = (Vec::with_capacity(deliveries.len()), 0);
        for delivery in deliveries {
            let id = &delivery.transmission;
            let row = found.get(id).ok_or_else(|| Error::NoSuch { what: "transmission", id: id.to_string() })?;
            let (sha256, encoding) = (row.text(1)?, row.optional_text(3)?);
            let bytes = match encoding.as_deref() {
                Some(encoding @ ("plain" | "zstd")) => of_a_row(&sha256, encoding, row.optional_int(4)?, row.bytes(2)?),
                _ => self.content(&sha256),
            };
            held += bytes.as_ref().map_or(0, Vec::len);
            if held > HELD && !all.is_empty() {
                break;
            }
            match bytes {
                Err(error) if !matches!(error, Error::Damaged { .. }) => return Err(error),
                bytes => all.push(bytes),
            }
        }
        Ok(all)
    }

    /// Records attempts and what they led to; returns the deliveries of those that could be recorded.
    pub fn record_attempts(&mut self, attempts: &[(Id, Outcome)], at: Timestamp) -> Result<Vec<Id>, Error> {
        let mut recorded = Vec::with_capacity(attempts.len());
        let mut sent = Vec::with_capacity(attempts.len());
        for (id, outcome) in attempts {
            match outcome {
                Outcome::Sent { receipt } => sent.push((id, receipt.as_str())),
                Outcome::Failed(failed) => recorded.extend(self.record_failure(id, at, failed, false)?),
                Outcome::Unclear(failed) => recorded.extend(self.record_failure(id, at, failed, true)?),
            }
        }
        recorded.extend(self.record_sent(&sent, at)?);
        Ok(recorded)
    }

    /// True when no attempt at a delivery is made under a key of that number any more: what became of it is known and
    /// recorded, or the delivery was given up.
    pub fn is_over(&mut self, id: &Id, number: u32) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM delivery WHERE id = $1 AND (attempts - unclear >= $2 OR waived IS NOT NULL)";
        Ok(self.query_one(sql, &[id.into(), number.into()])?.is_some())
    }

    /// Records an attempt and what it led to.
    pub fn record_attempt(&mut self, id: &Id, at: Timestamp, outcome: &Outcome) -> Result<Noted, Error> {
        if !self.record_attempts(&[(id.clone(), outcome.clone())], at)?.is_empty() {
            return Ok(Noted::Recorded);
        }
        match self.query_one("SELECT 1 FROM delivery WHERE id = $1", &[id.into()])? {
            Some(_) => Ok(Noted::MovedOn),
            None => Err(Error::NoSuch { what: "delivery", id: id.to_string() }),
        }
    }

    /// Records deliveries with their receipts as sent, all in two statements.
    fn record_sent(&mut self, sent: &[(&Id, &str)], at: Timestamp) -> Result<Vec<Id>, Error> {
        if sent.is_empty() {
            return Ok(Vec::new());
        }
        let left_as: Vec<[Value; 2]> = sent.iter().map(|(id, receipt)| [(*id).into(), (*receipt).into()]).collect();
        let (rows, values) = as_values(2, &left_as);
        let values = [vec![at.into()], values].concat();
        let rows = self.query(&left_as_sent(&rows), &values)?;
        let recorded: Vec<Id> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
        if !recorded.is_empty() {
            let (among, values) = among(1, &recorded);
            let sql = format!(
                "INSERT INTO attempt (delivery, number, partner, at, outcome, detail)
                 SELECT id, attempts, partner, sent, 'sent', receipt FROM delivery WHERE id IN ({among})"
            );
            self.execute(&sql, &values)?;
        }
        Ok(recorded)
    }

    fn record_failure(&mut self, id: &Id, at: Timestamp, failed: &Failed, unclear: bool) -> Result<Option<Id>, Error> {
        let sql = "UPDATE delivery SET state = $2, attempts = attempts + 1, last_error = $3, due = COALESCE($4, due),
                                       failing_since = COALESCE(failing_since, $5), unclear = unclear + $6
                   WHERE id = $1 AND state IN ('pending', 'retrying') RETURNING partner, attempts";
        let Failed { error, again } = failed;
        let (state, unclear) = (if again.is_some() { "retrying" } else { "parked" }, i64::from(unclear));
        let values = [id.into(), state.into(), error.into(), (*again).into(), at.into(), unclear.into()];
        let Some(row) = self.query_one(sql, &values)? else { return Ok(None) };
        self.execute(
            "INSERT INTO attempt (delivery, number, partner, at, outcome, detail, unclear)
             VALUES ($1, $2, $3, $4, 'failed', $5, $6)",
            &[id.into(), row.int(1)?.into(), row.text(0)?.into(), at.into(), error.into(), unclear.into()],
        )?;
        Ok(Some(id.clone()))
    }

    /// Closes the findings that a delivery raised while it was parked.
    pub fn resolve_findings_of(&mut self, delivery: &Delivery) -> Result<(), Error> {
        for rule in PARKING_RULES {
            self.resolve_finding(&delivery.partner, rule, &delivery.subject())?;
        }
        Ok(())
    }

    /// Makes the delivery of a transmission due again, sent or not: the same bytes under the same name.
    pub fn send_again(&mut self, transmission: &Id, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE delivery SET state = 'retrying', due = $2, failing_since = NULL, waived = NULL WHERE transmission = $1";
        if self.execute(sql, &[transmission.into(), now.into()])? == 0 {
            return Err(Error::NoSuch { what: "delivery of the transmission", id: transmission.to_string() });
        }
        Ok(())
    }

    /// Makes due now what waits to be tried again at an endpoint; returns how much that is.
    pub fn retry_now(&mut self, partner: &str, endpoint: &str, now: Timestamp) -> Result<usize, Error> {
        let sql = "UPDATE delivery SET due = $3
                   WHERE partner = $1 AND endpoint = $2 AND state = 'retrying' AND due > $3";
        self.execute(sql, &[partner.into(), endpoint.into(), now.into()])
    }

    /// The clock was set back: makes due now what was due by the old clock or waits to be tried again by it.
    pub fn clock_went_back(&mut self, from: Timestamp, now: Timestamp) -> Result<usize, Error> {
        let sql = "UPDATE delivery SET due = $2
                   WHERE due > $2 AND (state = 'retrying' OR (state = 'pending' AND due <= $1))";
        self.execute(sql, &[from.into(), now.into()])
    }

    /// The delivery of that id.
    pub fn delivery(&mut self, id: &Id) -> Result<Delivery, Error> {
        let row = self.query_one(&format!("SELECT {COLUMNS} FROM delivery WHERE id = $1"), &[id.into()])?;
        delivery(&row.ok_or_else(|| Error::NoSuch { what: "delivery", id: id.to_string() })?)
    }

    /// Makes a delivery that is not sent due now.
    pub fn release_delivery(&mut self, id: &Id, now: Timestamp) -> Result<Delivery, Error> {
        let sql = "UPDATE delivery SET state = 'retrying', due = $2, failing_since = NULL, waived = NULL
                   WHERE id = $1 AND state <> 'sent'";
        if self.execute(sql, &[id.into(), now.into()])? == 0 {
            return Err(Error::NoSuch { what: "unsent delivery", id: id.to_string() });
        }
        let released = self.delivery(id)?;
        self.resolve_findings_of(&released)?;
        Ok(released)
    }

    /// Gives up a delivery that is not sent: it stays parked and holds nobody behind it.
    pub fn waive_delivery(&mut self, id: &Id, now: Timestamp) -> Result<Delivery, Error> {
        let sql = "UPDATE delivery SET state = 'parked', waived = $2 WHERE id = $1 AND state <> 'sent'";
        if self.execute(sql, &[id.into(), now.into()])? == 0 {
            return Err(Error::NoSuch { what: "unsent delivery", id: id.to_string() });
        }
        let waived = self.delivery(id)?;
        self.resolve_findings_of(&waived)?;
        Ok(waived)
    }

    /// The first in the line of an endpoint that keeps the order: whoever stands behind it waits for it.
    pub fn head_of_line(&mut self, lane: &Lane) -> Result<Option<(Delivery, String)>, Error> {
        let sql = format!(
            "SELECT {COLUMNS}, state FROM delivery
             WHERE partner = $1 AND endpoint = $2 AND state <> 'sent' AND waived IS NULL ORDER BY id LIMIT 1"
        );
        let row = self.query_one(&sql, &[(&lane.partner).into(), (&lane.endpoint).into()])?;
        row.map(|row| Ok((delivery(&row)?, row.text(13)?))).transpose()
    }

    /// Waives what is still expected for a delivery, with the reason.
    pub fn waive_expectations_of(&mut self, id: &Id, now: Timestamp, why: &str) -> Result<(), Error> {
        let open = "state IN ('waiting', 'pending', 'overdue')";
        let sql = format!("SELECT DISTINCT partner, label FROM expectation WHERE delivery = $1 AND {open}");
        for row in self.query(&sql, &[id.into()])? {
            self.resolve_finding(&row.text(0)?, "ACK-E002", &row.text(1)?)?;
        }
        let sql =
            format!("UPDATE expectation SET state = 'waived', closed = $2, detail = $3 WHERE delivery = $1 AND {open}");
        self.execute(&sql, &[id.into(), now.into(), why.into()])?;
        Ok(())
    }
}
