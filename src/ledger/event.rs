//! The journal: append-only, numbered per partner, each event bound to the one before it by a hash.
//!
//! ```text
//! hash = sha256( previous hash · partner · sequence · at · kind · references · text · data )
//! ```
//!
//! Every field goes into the hash with its length before it, so that no two different events can yield the same
//! bytes. The head of each chain stands in a table of its own: a journal whose tail was cut off ends somewhere else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::content::hex;
use super::engine::{Row, Value};
use super::{Error, Id, Transaction};

/// What happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A file came in.
    Received,
    /// A file came in whose bytes were known.
    Duplicate,
    /// A document was accepted.
    Accepted,
    /// A file, interchange, set or document cannot be used.
    Quarantined,
    /// We decided what our acknowledgment says.
    Acknowledged,
    /// A file was left for a partner.
    Delivered,
    /// An attempt to leave a file failed.
    DeliveryFailed,
    /// A delivery is parked.
    Parked,
    /// A partner's acknowledgment came in and was matched.
    AcknowledgmentReceived,
    /// An acknowledgment is overdue.
    Overdue,
    /// Something disagrees.
    Finding,
    /// A person or program put something back.
    Replayed,
    /// A wire does not work.
    #[default]
    Fault,
}

impl EventKind {
    fn name(self) -> Result<String, Error> {
        Ok(super::transmission::to_json(&self)?.trim_matches('"').to_owned())
    }
}

/// What an event is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Refs {
    /// Transmission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmission: Option<Id>,
    /// Document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Id>,
    /// Delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Id>,
    /// The order's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
}

/// An event to be appended.
#[derive(Debug, Clone, Default)]
pub struct NewEvent {
    /// In whose journal.
    pub partner: String,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// About what.
    pub refs: Refs,
    /// One line for a person.
    pub text: String,
    /// The particulars.
    pub data: serde_json::Value,
}

/// An event as recorded.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// In whose journal.
    pub partner: String,
    /// Its number there, from 1.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: String,
    /// About what.
    #[serde(flatten)]
    pub refs: Refs,
    /// One line for a person.
    pub text: String,
    /// The particulars.
    pub data: serde_json::Value,
    /// The chain.
    pub hash: String,
}

/// The columns that are hashed, in the order in which they are hashed, then the two of the chain.
pub(super) const COLUMNS: &str =
    "partner, sequence, at, kind, transmission, document, delivery, po_number, text, data, previous, hash";

/// The hash of the first event's predecessor.
pub(super) const NO_EVENT: &str = "";

pub(super) fn event(row: &Row) -> Result<Event, Error> {
    Ok(Event {
        partner: row.text(0)?,
        sequence: u64::try_from(row.int(1)?).unwrap_or(0),
        at: row.time(2)?,
        kind: row.text(3)?,
        refs: Refs {
            transmission: row.optional_id(4)?,
            document: row.optional_id(5)?,
            delivery: row.optional_id(6)?,
            po_number: row.optional_text(7)?,
        },
        text: row.text(8)?,
        data: super::transmission::from_json(&row.text(9)?)?,
        hash: row.text(11)?,
    })
}

/// The hash of an event's values (all columns before `previous`), bound to the hash before it.
pub(super) fn chain_hash(previous: &str, values: &[Value]) -> String {
    let mut hash = openssl::sha::Sha256::new();
    let mut field = |kind: u8, bytes: &[u8]| {
        hash.update(&[kind]);
        hash.update(&(bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    field(b't', previous.as_bytes());
    for value in values {
        match value {
            Value::Null => field(b'-', b""),
            Value::Int(number) => field(b'i', &number.to_be_bytes()),
            Value::Text(text) => field(b't', text.as_bytes()),
            Value::Bytes(bytes) => field(b'b', bytes),
        }
    }
    hex(&hash.finish())
}

/// How many columns an event has, and how many events one statement inserts at most.
const WIDTH: usize = 12;
const MANY: usize = 64;

/// The columns of an event with its place in the chain, and its hash.
fn chained(new: &NewEvent, sequence: i64, previous: String) -> Result<(Vec<Value>, String), Error> {
    let mut values = vec![
        (&new.partner).into(),
        sequence.into(),
        new.at.into(),
        new.kind.name()?.into(),
        new.refs.transmission.as_ref().map(Value::from).unwrap_or(Value::Null),
        new.refs.document.as_ref().map(Value::from).unwrap_or(Value::Null),
        new.refs.delivery.as_ref().map(Value::from).unwrap_or(Value::Null),
        new.refs.po_number.clone().into(),
        (&new.text).into(),
        new.data.to_string().into(),
    ];
    let hash = chain_hash(&previous, &values);
    values.extend([previous.into(), hash.clone().into()]);
    Ok((values, hash))
}

impl Transaction<'_> {
    /// Appends an event to its partner's journal; returns its number there.
    pub fn append_event(&mut self, new: &NewEvent) -> Result<u64, Error> {
        let (last, previous) = self.head(&new.partner)?;
        let (values, hash) = chained(new, last + 1, previous)?;
        self.insert_events(&values, 1)?;
        self.set_head(&new.partner, last + 1, &hash)?;
        Ok(u64::try_from(last + 1).unwrap_or(0))
    }

    /// Appends events in their order; each journal's head is read and written once, however many there are.
    pub fn append_events(&mut self, events: &[NewEvent]) -> Result<(), Error> {
        let mut heads: BTreeMap<&str, (i64, String)> = BTreeMap::new();
        let mut rows = Vec::with_capacity(events.len() * WIDTH);
        for new in events {
            let (last, previous) = match heads.remove(new.partner.as_str()) {
                Some(head) => head,
                None => self.head(&new.partner)?,
            };
            let (values, hash) = chained(new, last + 1, previous)?;
            rows.extend(values);
            heads.insert(&new.partner, (last + 1, hash));
        }
        // Halves of a fixed size make few different statements, each of which is prepared once.
        let mut rest = rows.as_slice();
        while !rest.is_empty() {
            let count = 1 << (rest.len() / WIDTH).min(MANY).ilog2();
            let (now, later) = rest.split_at(count * WIDTH);
            self.insert_events(now, count)?;
            rest = later;
        }
        for (partner, (last, hash)) in &heads {
            self.set_head(partner, *last, hash)?;
        }
        Ok(())
    }

    fn head(&mut self, partner: &str) -> Result<(i64, String), Error> {
        let head = self.query_one("SELECT sequence, hash FROM event_head WHERE partner = $1", &[partner.into()])?;
        match head {
            Some(row) => Ok((row.int(0)?, row.text(1)?)),
            None => Ok((0, NO_EVENT.to_owned())),
        }
    }

    fn set_head(&mut self, partner: &str, sequence: i64, hash: &str) -> Result<(), Error> {
        self.execute(
            "INSERT INTO event_head (partner, sequence, hash) VALUES ($1, $2, $3)
             ON CONFLICT (partner) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
            &[partner.into(), sequence.into(), hash.into()],
        )?;
        Ok(())
    }

    fn insert_events(&mut self, values: &[Value], count: usize) -> Result<(), Error> {
        let rows: Vec<String> = (0..count)
            .map(|row| {
                let parameters: Vec<String> = (1..=WIDTH).map(|column| format!("${}", row * WIDTH + column)).collect();
                format!("({})", parameters.join(", "))
            })
            .collect();
        self.execute(&format!("INSERT INTO event ({COLUMNS}) VALUES {}", rows.join(", ")), values)?;
        Ok(())
    }

    /// One event of a partner's journal.
    pub fn event(&mut self, partner: &str, sequence: u64) -> Result<Event, Error> {
        let sql = format!("SELECT {COLUMNS} FROM event WHERE partner = $1 AND sequence = $2");
        let row = self.query_one(&sql, &[partner.into(), sequence.into()])?;
        event(&row.ok_or_else(|| Error::NoSuch { what: "event", id: format!("{partner}/{sequence}") })?)
    }
}
