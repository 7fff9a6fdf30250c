//! Deliveries: one thing owed to one endpoint; every attempt is a row of its own.

use jiff::Timestamp;

use super::content::hex;
use super::engine::Row;
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
}

impl What {
    fn key(&self) -> String {
        match self {
            What::Document(id) => format!("document {id}"),
            What::Acknowledgment(id) => format!("acknowledgment {id}"),
            What::Ta1(id) => format!("ta1 {id}"),
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
    /// From when on.
    pub due: Timestamp,
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
}

/// What became of an attempt.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was left; the receipt is where.
    Sent {
        /// Path, or later an MDN or a status.
        receipt: String,
    },
    /// It failed, and is due again.
    Retry {
        /// Why.
        error: String,
        /// When again.
        due: Timestamp,
    },
    /// It failed, and a person must release it.
    Park {
        /// Why.
        error: String,
    },
}

const COLUMNS: &str = "id, transmission, partner, endpoint, name, label, document, attempts";

pub(super) const ANSWER_AGAIN: &str =
    "UPDATE delivery SET state = 'retrying', due = $2 WHERE answers = $1 AND state = 'sent' RETURNING name";

fn delivery(row: &Row) -> Result<Delivery, Error> {
    Ok(Delivery {
        id: row.id(0)?,
        transmission: row.id(1)?,
        partner: row.text(2)?,
        endpoint: row.text(3)?,
        name: row.text(4)?,
        label: row.text(5)?,
        document: row.optional_id(6)?,
        attempts: u32::try_from(row.int(7)?).unwrap_or(0),
    })
}

impl Transaction<'_> {
    /// Records a delivery, once for what it carries, to whom, by which endpoint and under which name; the second time
    /// it is the delivery that was recorded first.
    pub fn record_delivery(&mut self, new: &NewDelivery) -> Result<Id, Error> {
        let key = format!("{}\n{}\n{}\n{}", new.what.key(), new.partner, new.endpoint, new.name);
        let (document, answers) = match &new.what {
            What::Document(id) => (Some(id.0.clone()), None),
            What::Acknowledgment(id) | What::Ta1(id) => (None, Some(id.0.clone())),
        };
        let key = hex(&openssl::sha::sha256(key.as_bytes()));
        let known = self.query_one("SELECT id FROM delivery WHERE idempotency = $1", &[(&key).into()])?;
        if let Some(known) = known {
            return known.id(0);
        }
        let id = Id::new();
        self.put(
            "INSERT INTO delivery (id, partner, endpoint, transmission, name, label, idempotency, document, answers, state, due, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending', $10, $10)",
            &[
                (&id).into(),
                (&new.partner).into(),
                (&new.endpoint).into(),
                (&new.transmission).into(),
                (&new.name).into(),
                (&new.label).into(),
                key.into(),
                document.into(),
                answers.into(),
                new.due.into(),
            ],
        )?;
        Ok(id)
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

    /// Deliveries that are due, the longest waiting first.
    pub fn due_deliveries(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM delivery WHERE state IN ('pending', 'retrying') AND due <= $1 ORDER BY due, id LIMIT $2"
        );
        self.query(&sql, &[now.into(), limit.into()])?.iter().map(delivery).collect()
    }

    /// How many attempts at a delivery are recorded; none at one that does not exist.
    pub fn attempts_at(&mut self, id: &Id) -> Result<u32, Error> {
        let row = self.query_one("SELECT attempts FROM delivery WHERE id = $1", &[id.into()])?;
        row.map_or(Ok(0), |row| Ok(u32::try_from(row.int(0)?).unwrap_or(0)))
    }

    /// Records an attempt and what it led to.
    pub fn record_attempt(&mut self, id: &Id, at: Timestamp, outcome: &Outcome) -> Result<(), Error> {
        let row = self.query_one("SELECT partner, attempts FROM delivery WHERE id = $1", &[id.into()])?;
        let row = row.ok_or_else(|| Error::NoSuch { what: "delivery", id: id.to_string() })?;
        let (partner, number) = (row.text(0)?, row.int(1)? + 1);
        let (word, detail) = match outcome {
            Outcome::Sent { receipt } => ("sent", receipt),
            Outcome::Retry { error, .. } | Outcome::Park { error } => ("failed", error),
        };
        self.put(
            "INSERT INTO attempt (delivery, number, partner, at, outcome, detail) VALUES ($1, $2, $3, $4, $5, $6)",
            &[id.into(), number.into(), partner.into(), at.into(), word.into(), detail.into()],
        )?;
        match outcome {
            Outcome::Sent { receipt } => self.execute(
                "UPDATE delivery SET state = 'sent', attempts = $2, receipt = $3, sent = $4, last_error = NULL WHERE id = $1",
                &[id.into(), number.into(), receipt.into(), at.into()],
            ),
            Outcome::Retry { error, due } => self.execute(
                "UPDATE delivery SET state = 'retrying', attempts = $2, last_error = $3, due = $4 WHERE id = $1",
                &[id.into(), number.into(), error.into(), (*due).into()],
            ),
            Outcome::Park { error } => self.execute(
                "UPDATE delivery SET state = 'parked', attempts = $2, last_error = $3 WHERE id = $1",
                &[id.into(), number.into(), error.into()],
            ),
        }?;
        Ok(())
    }

    /// Makes the delivery of a transmission due again, sent or not: the same bytes under the same name.
    pub fn send_again(&mut self, transmission: &Id, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE delivery SET state = 'retrying', due = $2 WHERE transmission = $1";
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

    /// Makes a delivery that is not sent due now.
    pub fn release_delivery(&mut self, id: &Id, now: Timestamp) -> Result<Delivery, Error> {
        let sql = "UPDATE delivery SET state = 'retrying', due = $2 WHERE id = $1 AND state <> 'sent'";
        if self.execute(sql, &[id.into(), now.into()])? == 0 {
            return Err(Error::NoSuch { what: "unsent delivery", id: id.to_string() });
        }
        let row = self.query_one(&format!("SELECT {COLUMNS} FROM delivery WHERE id = $1"), &[id.into()])?;
        delivery(&row.ok_or_else(|| Error::NoSuch { what: "delivery", id: id.to_string() })?)
    }
}
