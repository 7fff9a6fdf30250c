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
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content::hex;
use super::engine::gathering::Expected;
use super::engine::{Row, Session, Value};
use super::failure::{self, Posted};
use super::{Error, Id, Transaction};

/// The journal that tells what belongs to no partner: troubles of the machine, and who came and went.
pub const OUR_JOURNAL: &str = "gateway";

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
    /// A person decided about a finding: whose it is, that it was given up, that it is open again.
    Decided,
    /// What a finding was about is gone.
    Resolved,
    /// A compliance rule is at risk, broken, or kept after all.
    Clock,
    /// A person or program put something back.
    Replayed,
    /// Bytes were removed because their retention was over.
    Pruned,
    /// Control numbers were skipped after the ledger was restored from a backup.
    NumbersSkipped,
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed out.
    SignedOut,
    /// Sign-ins failed so often that the next one has to wait.
    SignInPaused,
    /// A user was added or changed, or a token was made.
    PeopleChanged,
    /// A wire, the disk, the ledger or the clock does not work.
    #[default]
    Fault,
    /// What did not work works again.
    Recovered,
}

impl EventKind {
    /// Its name in tables and on the command line.
    pub(super) fn name(self) -> Result<String, Error> {
        Ok(super::transmission::to_json(&self)?.trim_matches('"').to_owned())
    }
}

/// What an event is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Event {
    /// In whose journal.
    pub partner: String,
    /// Its number there, from 1.
    pub sequence: u64,
    /// When.
    #[schemars(with = "String")]
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

/// An event with the name under which `explain` knows it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "NumberedEvent")]
pub struct NumberedEvent {
    /// `megamart/12`.
    event: String,
    #[serde(flatten)]
    what: Event,
}

impl From<Event> for NumberedEvent {
    fn from(what: Event) -> Self {
        NumberedEvent { event: format!("{}/{}", what.partner, what.sequence), what }
    }
}

/// The columns that are hashed, in the order in which they are hashed, then the two of the chain.
pub(crate) const COLUMNS: &str =
    "partner, sequence, at, kind, transmission, document, delivery, po_number, text, data, previous, hash";

/// The hash of the first event's predecessor.
pub(crate) const NO_EVENT: &str = "";

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
pub(crate) fn chain_hash(previous: &str, values: &[Value]) -> String {
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

/// Chains and writes the events of a group, journal by journal.
pub(super) fn post(session: &mut Session, events: &[NewEvent]) -> Result<(), Error> {
    let mut journals: BTreeMap<&str, Vec<&NewEvent>> = BTreeMap::new();
    for event in events {
        journals.entry(&event.partner).or_default().push(event);
    }
    // One order for everybody: two nodes that write the same two journals never wait for each other crosswise.
    for (partner, events) in journals {
        post_to(session, partner, &events)?;
    }
    Ok(())
}

fn post_to(session: &mut Session, partner: &str, events: &[&NewEvent]) -> Result<(), Error> {
    let sql = "INSERT INTO event_head (partner, sequence, hash) VALUES ($1, 0, $2) ON CONFLICT (partner) DO NOTHING";
    session.put(sql, &[partner.into(), NO_EVENT.into()])?;
    let sql = "SELECT sequence, hash,
                      (SELECT event.at FROM event
                       WHERE event.partner = event_head.partner AND event.sequence = event_head.sequence),
                      (SELECT 1 FROM failure WHERE failure.partner = $1 AND failure.settled IS NULL LIMIT 1)
               FROM event_head WHERE partner = $1 FOR UPDATE";
    let head = session.query(sql, &[partner.into()])?;
    let head = head.first().ok_or_else(|| Error::Unexpected(format!("the journal of {partner} has no head")))?;
    let (mut sequence, mut hash, mut told) = (head.int(0)?, head.text(1)?, head.optional_time(2)?);
    let some_failure_stands = head.optional_int(3)?.is_some();
    let mut posted = Vec::with_capacity(events.len());
    let sql = format!("INSERT INTO event ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
    for event in events {
        sequence += 1;
        // The machine's clock may be set back; the times of a journal never are.
        let at = told.map_or(event.at, |told| told.max(event.at));
        told = Some(at);
        posted.push(Posted { event, sequence: u64::try_from(sequence).unwrap_or(0), at });
        let mut values = vec![
            partner.into(),
            sequence.into(),
            at.into(),
            event.kind.name()?.into(),
            event.refs.transmission.as_ref().into(),
            event.refs.document.as_ref().into(),
            event.refs.delivery.as_ref().into(),
            event.refs.po_number.clone().into(),
            (&event.text).into(),
            event.data.to_string().into(),
        ];
        let previous = std::mem::take(&mut hash);
        hash = chain_hash(&previous, &values);
        values.extend([previous.into(), hash.clone().into()]);
        session.gather(&sql, &values, Expected::Anything)?;
    }
    let sql = "UPDATE event_head SET sequence = $2, hash = $3 WHERE partner = $1";
    session.put(sql, &[partner.into(), sequence.into(), hash.into()])?;
    failure::post(session, partner, &posted, some_failure_stands)
}

impl Transaction<'_> {
    /// Appends an event to its partner's journal; it gets its number and its place in the chain when the group commits.
    pub fn append_event(&mut self, new: &NewEvent) -> Result<(), Error> {
        self.unposted()?.events.push(new.clone());
        Ok(())
    }

    /// Appends events in their order.
    pub fn append_events(&mut self, events: Vec<NewEvent>) -> Result<(), Error> {
        self.unposted()?.events.extend(events);
        Ok(())
    }

    /// The same, and the number that the event will have. It holds the journal until the group commits, so it is for what is
    /// done now and then.
    pub fn append_numbered_event(&mut self, new: &NewEvent) -> Result<u64, Error> {
        let sql = "SELECT sequence FROM event_head WHERE partner = $1 FOR UPDATE";
        let last = self.query_one(sql, &[(&new.partner).into()])?.map_or(Ok(0), |row| row.int(0))?;
        self.append_event(new)?;
        let waiting = self.unposted()?.events.iter().filter(|event| event.partner == new.partner).count();
        Ok(u64::try_from(last).unwrap_or(0) + waiting as u64)
    }

    /// When the newest event of any journal was told.
    pub fn last_told(&mut self) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT MAX(event.at) FROM event_head
                   JOIN event ON event.partner = event_head.partner AND event.sequence = event_head.sequence";
        self.query_one(sql, &[])?.map_or(Ok(None), |row| row.optional_time(0))
    }

    /// One event of a partner's journal.
    pub fn event(&mut self, partner: &str, sequence: u64) -> Result<Event, Error> {
        let sql = format!("SELECT {COLUMNS} FROM event WHERE partner = $1 AND sequence = $2");
        let row = self.query_one(&sql, &[partner.into(), sequence.into()])?;
        event(&row.ok_or_else(|| Error::NoSuch { what: "event", id: format!("{partner}/{sequence}") })?)
    }
}
