//! Transmissions: bytes that came in or went out, and what became of them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::delivery::{among, as_values};
use super::engine::{Row, Value};
use super::wake::Wake;
use super::{Content, Error, Id, Transaction};
use crate::diagnostic::{Diagnostic, Record};

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To us.
    In,
    /// From us.
    Out,
}

impl Direction {
    pub(super) fn name(self) -> &'static str {
        match self {
            Direction::In => "in",
            Direction::Out => "out",
        }
    }
}

/// What became of a transmission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransmissionState {
    /// In our custody, not yet looked into.
    Captured,
    /// Looked into; what was usable became documents, diagnostics say what was not.
    Processed,
    /// The bytes had come in before.
    Duplicate {
        /// The transmission that had them first.
        of: Id,
    },
    /// Nothing in it was usable; diagnostics say why.
    Quarantined,
    /// Made by us, to be delivered.
    Built,
}

impl TransmissionState {
    /// Its name in tables and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            TransmissionState::Captured => "captured",
            TransmissionState::Processed => "processed",
            TransmissionState::Duplicate { .. } => "duplicate",
            TransmissionState::Quarantined => "quarantined",
            TransmissionState::Built => "built",
        }
    }
}

/// A transmission to be recorded.
#[derive(Debug, Clone)]
pub struct NewTransmission {
    /// Which way.
    pub direction: Direction,
    /// Whose endpoint it went through.
    pub partner: String,
    /// That endpoint.
    pub endpoint: String,
    /// The file's name at the partner's side.
    pub name: String,
    /// The unique name under which the file was claimed.
    pub claim: Option<String>,
    /// The id that the wire gave it, where the wire gives one (AS2).
    pub message_id: Option<String>,
    /// Its bytes.
    pub content: Content,
    /// When.
    pub at: Timestamp,
    /// In which state.
    pub state: TransmissionState,
}

/// A recorded transmission.
#[derive(Debug, Clone)]
pub struct Transmission {
    /// Its id.
    pub id: Id,
    /// Whose endpoint it went through.
    pub partner: String,
    /// That endpoint.
    pub endpoint: String,
    /// The file's name at the partner's side.
    pub name: String,
    /// The id that the wire gave it.
    pub message_id: Option<String>,
    /// Name of its bytes.
    pub sha256: String,
    /// How many bytes.
    pub size: u64,
    /// When.
    pub at: Timestamp,
    /// Which way.
    pub direction: Direction,
    /// What became of it.
    pub state: TransmissionState,
}

/// What the ledger knows of a claimed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The transmission that it became.
    pub id: Id,
    /// Name of its bytes.
    pub sha256: String,
}

pub(super) const COLUMNS: &str =
    "id, partner, endpoint, name, sha256, size, at, direction, state, duplicate_of, message_id";

/// Only what something was taken of, so that the first one is found at once among any number of repetitions.
pub(super) const WITH_MESSAGE_ID: &str =
    "SELECT id FROM transmission WHERE partner = $1 AND message_id = $2 AND taken = 1 ORDER BY id LIMIT 1";

/// Ends a transmission that a node has leased; it is found by its id, see [`engine`](super::engine).
pub(super) const FINISH: &str = "UPDATE transmission SET state = $2, taken = $4, leased_by = NULL, leased_until = NULL
    WHERE id = $1 AND state || '' = 'captured' AND leased_by || '' = $3";

/// The same among those that the row of their bytes does not name; the hashes are given as rows of one value. Of a CROSS JOIN,
/// SQLite begins with the left side, whatever it thinks of the right one.
pub(super) fn with_any_bytes(rows: &str) -> String {
    let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("transmission.{column}")).collect();
    format!(
        "SELECT {} FROM (VALUES {rows}) AS wanted CROSS JOIN transmission
         WHERE transmission.sha256 = wanted.column1 AND transmission.partner = $1 AND transmission.repeats = 1
           AND transmission.taken = 1",
        columns.join(", ")
    )
}

/// The transmissions that the rows of these bytes name. Asked by itself: joined with their rows, a server begins with all
/// transmissions of the partner.
pub(super) fn named_by_bytes(among: &str) -> String {
    format!("SELECT transmission FROM content WHERE sha256 IN ({among}) AND transmission IS NOT NULL")
}

pub(super) fn transmission(row: &Row) -> Result<Transmission, Error> {
    let state = match row.text(8)?.as_str() {
        "captured" => TransmissionState::Captured,
        "processed" => TransmissionState::Processed,
        "duplicate" => TransmissionState::Duplicate { of: row.id(9)? },
        "quarantined" => TransmissionState::Quarantined,
        "built" => TransmissionState::Built,
        other => return Err(Error::Unexpected(format!("transmission state {other:?}"))),
    };
    Ok(Transmission {
        id: row.id(0)?,
        partner: row.text(1)?,
        endpoint: row.text(2)?,
        name: row.text(3)?,
        message_id: row.optional_text(10)?,
        sha256: row.text(4)?,
        size: u64::try_from(row.int(5)?).unwrap_or(0),
        at: row.time(6)?,
        direction: if row.text(7)? == "in" { Direction::In } else { Direction::Out },
        state,
    })
}

impl Transaction<'_> {
    /// Records a transmission and keeps its bytes.
    pub fn record_transmission(&mut self, new: &NewTransmission) -> Result<Id, Error> {
        let id = Id::new();
        let is_first = self.keep_bytes_of(new, &id)?;
        self.insert_transmission(id, new, is_first)
    }

    /// The same for one that came in. Where it is to be processed, the caller found that its partner never sent these bytes;
    /// another node may have recorded them since. Then this is [`Error::Surprised`], and whoever asks again finds the other one.
    pub fn record_arrival(&mut self, new: &NewTransmission) -> Result<Id, Error> {
        let id = Id::new();
        let is_first = self.keep_bytes_of(new, &id)?;
        // The row of the bytes is ours from here on, so that this answer is the last word.
        let is_to_be_processed = new.state == TransmissionState::Captured;
        if !is_first
            && is_to_be_processed
            && self.transmission_with_bytes(&new.partner, new.content.sha256())?.is_some()
        {
            return Err(Error::Surprised);
        }
        self.insert_transmission(id, new, is_first)
    }

    fn keep_bytes_of(&mut self, new: &NewTransmission, id: &Id) -> Result<bool, Error> {
        let is_known = matches!(new.state, TransmissionState::Duplicate { .. });
        self.keep(&new.content, id, is_known)
    }

    fn insert_transmission(&mut self, id: Id, new: &NewTransmission, is_first: bool) -> Result<Id, Error> {
        let duplicate_of = match &new.state {
            TransmissionState::Duplicate { of } => Some(of.0.clone()),
            _ => None,
        };
        self.put(
            "INSERT INTO transmission (id, partner, direction, endpoint, name, claim, sha256, size, at, state, duplicate_of,
                                       message_id, taken, repeats)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            &[
                (&id).into(),
                (&new.partner).into(),
                new.direction.name().into(),
                (&new.endpoint).into(),
                (&new.name).into(),
                new.claim.clone().into(),
                new.content.sha256().into(),
                new.content.size().into(),
                new.at.into(),
                new.state.name().into(),
                duplicate_of.into(),
                new.message_id.clone().into(),
                matches!(new.state, TransmissionState::Captured | TransmissionState::Processed).into(),
                (!is_first).into(),
            ],
        )?;
        if new.state == TransmissionState::Captured {
            self.wake(Wake::Captured)?;
        }
        Ok(id)
    }

    /// The transmission of that id.
    pub fn transmission(&mut self, id: &Id) -> Result<Transmission, Error> {
        let sql = format!("SELECT {COLUMNS} FROM transmission WHERE id = $1");
        let row = self.query_one(&sql, &[id.into()])?;
        transmission(&row.ok_or_else(|| Error::NoSuch { what: "transmission", id: id.to_string() })?)
    }

    /// The first transmission of a partner that brought these bytes, by any endpoint, and came to something.
    ///
    /// What was quarantined whole (an unknown sender, a missing rule) came to nothing: when it is sent again after the
    /// cause was mended, it is not a duplicate of its own failure.
    pub fn transmission_with_bytes(&mut self, partner: &str, sha256: &str) -> Result<Option<Transmission>, Error> {
        Ok(self.transmissions_with_bytes(partner, &[sha256])?.remove(sha256))
    }

    /// The same for many at once: by their hash, the first that had them.
    pub fn transmissions_with_bytes(
        &mut self,
        partner: &str,
        hashes: &[&str],
    ) -> Result<HashMap<String, Transmission>, Error> {
        let mut found = HashMap::new();
        for hashes in hashes.chunks(256) {
            let wanted: Vec<[Value; 1]> = hashes.iter().map(|sha256| [(*sha256).into()]).collect();
            let (rows, values) = as_values(2, &wanted);
            let values = [vec![partner.into()], values].concat();
            let mut all = self.query(&with_any_bytes(&rows), &values)?;
            let (hashes, values) = among(1, hashes);
            let named = self.query(&named_by_bytes(&hashes), &values)?;
            let named: Vec<Id> = named.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
            if !named.is_empty() {
                let (ids, values) = among(2, &named);
                let sql =
                    format!("SELECT {COLUMNS} FROM transmission WHERE id IN ({ids}) AND partner = $1 AND taken = 1");
                all.extend(self.query(&sql, &[vec![partner.into()], values].concat())?);
            }
            let mut all: Vec<Transmission> = all.iter().map(transmission).collect::<Result<_, _>>()?;
            all.sort_by(|a, b| a.id.0.cmp(&b.id.0));
            for first in all {
                found.entry(first.sha256.clone()).or_insert(first);
            }
        }
        Ok(found)
    }

    /// The transmissions that claimed files became, by their claims.
    pub fn transmissions_by_claim(&mut self, claims: &[&str]) -> Result<HashMap<String, Known>, Error> {
        self.by_claim("SELECT claim, id, sha256 FROM transmission WHERE claim", claims)
    }

    fn by_claim(&mut self, select: &str, claims: &[&str]) -> Result<HashMap<String, Known>, Error> {
        let mut found = HashMap::new();
        for claims in claims.chunks(256) {
            let (among, values) = among(1, claims);
            for row in self.query(&format!("{select} IN ({among})"), &values)? {
                found.insert(row.text(0)?, Known { id: row.id(1)?, sha256: row.text(2)? });
            }
        }
        Ok(found)
    }

    /// Remembers that a transmission is a file which still stands at the partner's server.
    pub fn hold_file(&mut self, claim: &str, new: &NewTransmission, transmission: &Id) -> Result<(), Error> {
        self.put(
            "INSERT INTO held_file (claim, partner, endpoint, transmission) VALUES ($1, $2, $3, $4)",
            &[claim.into(), (&new.partner).into(), (&new.endpoint).into(), transmission.into()],
        )
    }

    /// The claims of files that were taken by an endpoint and still stand there.
    pub fn held_files(&mut self, partner: &str, endpoint: &str) -> Result<Vec<String>, Error> {
        let sql = "SELECT claim FROM held_file WHERE partner = $1 AND endpoint = $2";
        self.query(sql, &[partner.into(), endpoint.into()])?.iter().map(|row| row.text(0)).collect()
    }

    /// What these files became that were taken and still stand at the partner's server, by their claims.
    pub fn transmissions_of_held_files(&mut self, claims: &[&str]) -> Result<HashMap<String, Known>, Error> {
        let select = "SELECT held_file.claim, transmission.id, transmission.sha256
                      FROM held_file JOIN transmission ON transmission.id = held_file.transmission
                      WHERE held_file.claim";
        self.by_claim(select, claims)
    }

    /// Forgets files that are gone from the partner's server: what comes in their place is new.
    pub fn release_files(&mut self, claims: &[&str]) -> Result<(), Error> {
        for claims in claims.chunks(256) {
            let (among, values) = among(1, claims);
            self.execute(&format!("DELETE FROM held_file WHERE claim IN ({among})"), &values)?;
        }
        Ok(())
    }

    /// The first transmission of a partner under this message id that came to something.
    pub fn transmission_with_message_id(&mut self, partner: &str, id: &str) -> Result<Option<Transmission>, Error> {
        let row = self.query_one(WITH_MESSAGE_ID, &[partner.into(), id.into()])?;
        row.map(|row| self.transmission(&row.id(0)?)).transpose()
    }

    /// What a partner handed in first under this key, whatever became of it.
    pub fn handed_in(&mut self, partner: &str, endpoint: &str, key: &str) -> Result<Option<Transmission>, Error> {
        let sql = "SELECT transmission FROM handed_in WHERE partner = $1 AND endpoint = $2 AND message_id = $3";
        let row = self.query_one(sql, &[partner.into(), endpoint.into(), key.into()])?;
        row.map(|row| self.transmission(&row.id(0)?)).transpose()
    }

    /// Remembers for which transmission a key stands from now on.
    pub fn keep_key(
        &mut self,
        partner: &str,
        endpoint: &str,
        key: &str,
        transmission: &Id,
        is_known: bool,
    ) -> Result<(), Error> {
        let values = [partner.into(), endpoint.into(), key.into(), transmission.into()];
        if is_known {
            let sql = "UPDATE handed_in SET transmission = $4 WHERE partner = $1 AND endpoint = $2 AND message_id = $3";
            return self.execute(sql, &values).map(|_| ());
        }
        self.put("INSERT INTO handed_in (partner, endpoint, message_id, transmission) VALUES ($1, $2, $3, $4)", &values)
    }

    /// Captured transmissions, the oldest first.
    pub fn waiting_transmissions(&mut self, limit: u32) -> Result<Vec<Transmission>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM transmission WHERE state = 'captured' ORDER BY at, id LIMIT $1");
        self.query(&sql, &[limit.into()])?.iter().map(transmission).collect()
    }

    /// Moves a transmission on, or back to captured for a replay.
    pub fn set_transmission_state(&mut self, id: &Id, state: &TransmissionState) -> Result<(), Error> {
        let duplicate_of = match state {
            TransmissionState::Duplicate { of } => Some(of.0.clone()),
            _ => None,
        };
        let taken = self.is_taken(id, state)?;
        let sql = "UPDATE transmission SET state = $2, duplicate_of = $3, taken = $4 WHERE id = $1";
        let changed = self.execute(sql, &[id.into(), state.name().into(), duplicate_of.into(), taken.into()])?;
        if changed == 0 {
            return Err(Error::NoSuch { what: "transmission", id: id.to_string() });
        }
        Ok(())
    }

    /// Ends a captured transmission that this node has leased.
    ///
    /// This is the last word on a piece of work: when the row is no longer this node's, all of the work is undone.
    pub fn finish_transmission(&mut self, id: &Id, node: &Id, state: &TransmissionState) -> Result<(), Error> {
        let taken = self.is_taken(id, state)?;
        match self.changes_a_row(FINISH, &[id.into(), state.name().into(), node.into(), taken.into()])? {
            false => Err(Error::NotOurs { what: "transmission", id: id.to_string() }),
            true => Ok(()),
        }
    }

    /// Whether what comes again is a repetition of this one: something was taken of it, or will be.
    fn is_taken(&mut self, id: &Id, state: &TransmissionState) -> Result<bool, Error> {
        Ok(match state {
            TransmissionState::Captured | TransmissionState::Processed => true,
            TransmissionState::Duplicate { .. } | TransmissionState::Built => false,
            TransmissionState::Quarantined => self.has_accepted_interchange(id)?,
        })
    }

    /// An accepted interchange was answered, even when no set in it could be used.
    fn has_accepted_interchange(&mut self, id: &Id) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM interchange WHERE transmission = $1 AND state = 'accepted' LIMIT 1";
        Ok(self.query_one(sql, &[id.into()])?.is_some())
    }

    /// Forgets what was wrong with a transmission when it was taken in before.
    pub fn forget_diagnostics(&mut self, transmission: &Id) -> Result<(), Error> {
        self.put("DELETE FROM diagnostic WHERE transmission = $1", &[transmission.into()])
    }

    /// Writes what is wrong with a transmission of a partner.
    pub fn record_diagnostics(
        &mut self,
        transmission: &Id,
        partner: &str,
        diagnostics: &[Diagnostic],
    ) -> Result<(), Error> {
        for (ordinal, diagnostic) in (1_i64..).zip(diagnostics) {
            let record = Record::from(diagnostic);
            self.put(
                "INSERT INTO diagnostic (transmission, ordinal, partner, code, severity, record)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    transmission.into(),
                    ordinal.into(),
                    partner.into(),
                    (&record.code).into(),
                    record.severity.to_string().into(),
                    to_json(&record)?.into(),
                ],
            )?;
        }
        Ok(())
    }

    /// What is wrong with a transmission.
    pub fn diagnostics(&mut self, transmission: &Id) -> Result<Vec<Record>, Error> {
        let sql = "SELECT record FROM diagnostic WHERE transmission = $1 ORDER BY ordinal";
        self.query(sql, &[transmission.into()])?.iter().map(|row| from_json(&row.text(0)?)).collect()
    }
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Unexpected(error.to_string()))
}

pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Unexpected(error.to_string()))
}
