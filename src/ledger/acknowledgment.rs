//! Acknowledgments that partners sent us, until they are matched with what we sent.

use jiff::Timestamp;

use super::transmission::{from_json, to_json};
use super::wake::Wake;
use super::{Error, Id, Transaction};
use crate::x12::acknowledgment::{FunctionalAcknowledgment, InterchangeAcknowledgment};

/// One acknowledgment of a partner.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// A 997.
    Functional(FunctionalAcknowledgment),
    /// A TA1.
    Interchange(InterchangeAcknowledgment),
}

/// A recorded acknowledgment that waits to be matched.
#[derive(Debug, Clone)]
pub struct OpenAcknowledgment {
    /// Its id.
    pub id: Id,
    /// From whom.
    pub partner: String,
    /// The transmission that brought it.
    pub transmission: Id,
    /// What it says.
    pub received: Received,
    /// When it came.
    pub at: Timestamp,
    /// Where it stood when it was read.
    state: String,
}

/// What matching found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchState {
    /// It answers something that we sent.
    Matched,
    /// It answers nothing that we know of; it is tried again.
    Orphan,
    /// Somebody settled it meanwhile, or is about to; nothing was done.
    MovedOn,
}

impl Transaction<'_> {
    /// Records an acknowledgment to be matched.
    pub fn record_acknowledgment(
        &mut self,
        partner: &str,
        transmission: &Id,
        received: &Received,
        at: Timestamp,
    ) -> Result<Id, Error> {
        let id = Id::new();
        let (kind, body) = match received {
            Received::Functional(acknowledgment) => ("997", to_json(acknowledgment)?),
            Received::Interchange(acknowledgment) => ("ta1", to_json(acknowledgment)?),
        };
        self.put(
            "INSERT INTO acknowledgment (id, partner, transmission, kind, body, state, at)
             VALUES ($1, $2, $3, $4, $5, 'unmatched', $6)",
            &[(&id).into(), partner.into(), transmission.into(), kind.into(), body.into(), at.into()],
        )?;
        self.wake(Wake::Books)?;
        Ok(id)
    }

    /// Acknowledgments that were not yet looked at, the oldest first.
    pub fn open_acknowledgments(&mut self, limit: u32) -> Result<Vec<OpenAcknowledgment>, Error> {
        self.acknowledgments_in_state("unmatched", Timestamp::MIN, limit)
    }

    /// Acknowledgments that came after a time and matched nothing when they came.
    pub fn orphan_acknowledgments(&mut self, since: Timestamp, limit: u32) -> Result<Vec<OpenAcknowledgment>, Error> {
        self.acknowledgments_in_state("orphan", since, limit)
    }

    fn acknowledgments_in_state(
        &mut self,
        state: &str,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<OpenAcknowledgment>, Error> {
        let sql = "SELECT id, partner, transmission, kind, body, at FROM acknowledgment
                   WHERE state = $1 AND at >= $2 ORDER BY at, id LIMIT $3";
        let rows = self.query(sql, &[state.into(), since.into(), limit.into()])?;
        rows.iter()
            .map(|row| {
                let body = row.text(4)?;
                let received = match row.text(3)?.as_str() {
                    "997" => Received::Functional(from_json(&body)?),
                    _ => Received::Interchange(from_json(&body)?),
                };
                Ok(OpenAcknowledgment {
                    id: row.id(0)?,
                    partner: row.text(1)?,
                    transmission: row.id(2)?,
                    received,
                    at: row.time(5)?,
                    state: state.to_owned(),
                })
            })
            .collect()
    }

    /// Makes sure that an acknowledgment stands where it stood when it was read, and that it stays there until this
    /// transaction ends; false when somebody settled it meanwhile, or another node is about to.
    pub fn acknowledgment_still_waits(&mut self, open: &OpenAcknowledgment) -> Result<bool, Error> {
        let sql = "SELECT id FROM acknowledgment WHERE id = $1 AND state = $2 FOR UPDATE SKIP LOCKED";
        Ok(self.query_one(sql, &[(&open.id).into(), (&open.state).into()])?.is_some())
    }

    /// Records what matching found.
    pub fn set_acknowledgment_state(&mut self, id: &Id, state: MatchState) -> Result<(), Error> {
        let name = match state {
            MatchState::Matched => "matched",
            MatchState::Orphan => "orphan",
            MatchState::MovedOn => return Ok(()),
        };
        self.put("UPDATE acknowledgment SET state = $2 WHERE id = $1", &[id.into(), name.into()])?;
        Ok(())
    }
}
