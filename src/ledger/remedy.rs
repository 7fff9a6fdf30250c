//! Remedies: what a person does about a failure, each one transaction with a line in the journal that says who and why.
//!
//! ```text
//! replay   a transmission that came in is processed again; one that we sent goes out once more
//! accept   the same, and what made it a repetition of something known hinders it no more
//! release  a delivery that waits or is parked is due now
//! resend   a delivery goes out once more, sent or not, the same bytes
//! waive    a delivery is given up, and nothing is expected for it
//! ```
//!
//! Commands and buttons call the same functions. What would not be safe is a [`Refusal`] that says why, and nothing is done.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;

use super::delivery::Delivery;
use super::event::{EventKind, NewEvent, Refs};
use super::transmission::{Direction, Transmission, TransmissionState};
use super::{Error, Id, Transaction};
use crate::crash;
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Record, Severity};

/// Who does it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Their name, for the journal.
    pub who: String,
    /// Their reason; empty where none was given.
    pub why: String,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// A transmission was put back.
    Replay,
    /// It was put back to be taken as it is.
    Accept,
    /// A delivery was made due.
    Release,
    /// A delivery goes out once more as it was.
    Resend,
    /// It goes out in a new interchange, and nothing is expected for the old one.
    ResendAnew,
    /// It was given up.
    Waive,
}

impl Remedy {
    const ALL: [Remedy; 6] =
        [Remedy::Replay, Remedy::Accept, Remedy::Release, Remedy::Resend, Remedy::ResendAnew, Remedy::Waive];

    /// Its name in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Remedy::Replay => "replay",
            Remedy::Accept => "accept",
            Remedy::Release => "release",
            Remedy::Resend => "resend",
            Remedy::ResendAnew => "resend with new numbers",
            Remedy::Waive => "waive",
        }
    }

    /// The remedy that an event's data name.
    pub(super) fn of(data: &serde_json::Value) -> Option<Remedy> {
        let word = data.get("remedy")?.as_str()?;
        Remedy::ALL.into_iter().find(|remedy| remedy.word() == word)
    }

    /// True when nothing is expected any more for what it was done to.
    pub(super) fn ends_what_is_expected(self) -> bool {
        matches!(self, Remedy::ResendAnew | Remedy::Waive)
    }

    /// What the journal says of it: remedy, name and reason.
    pub fn data(self, by: &By) -> serde_json::Value {
        json!({ "remedy": self.word(), "by": by.who, "reason": by.why })
    }
}

/// Why a remedy is not for this case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bytes came in before.
    #[error("{name} is a duplicate: its bytes came in before")]
    Duplicate {
        /// The file.
        name: String,
        /// The transmission that brought them first.
        of: Id,
    },
    /// It was not quarantined.
    #[error("{name} is {state}: only what was quarantined can be accepted")]
    NotQuarantined {
        /// The file.
        name: String,
        /// Its state.
        state: &'static str,
    },
    /// Something is wrong with it that accepting does not mend.
    #[error("{name} cannot be taken as it is: {message} ({code})")]
    NotSafe {
        /// The file.
        name: String,
        /// The code of what is wrong.
        code: String,
        /// The same in words.
        message: String,
        /// What to do instead.
        fix: String,
    },
}

/// The faults by which something is kept out only because it looks like something known: a person who has seen both can tell. All
/// others were told to the sender, or say that the document cannot be read, or that nobody knows where it belongs.
const ACCEPTABLE: [&str; 3] =
    [custody::DUPLICATE_CONTROL_NUMBER.code, custody::KNOWN_DOCUMENT_CHANGED.code, custody::MESSAGE_ID_REUSED.code];

/// True when a failure of this code may be one that `accept` ends.
pub fn is_acceptable(code: &str) -> bool {
    ACCEPTABLE.contains(&code)
}

impl Transaction<'_> {
    /// Puts a transmission back: one that came in is processed again, one that we sent goes out once more, unchanged.
    pub fn replay(&mut self, id: &Id, by: &By, now: Timestamp) -> Result<Result<Transmission, Refusal>, Error> {
        let transmission = match self.put_back_at_all(id)? {
            Ok(transmission) => transmission,
            Err(refusal) => return Ok(Err(refusal)),
        };
        match transmission.direction {
            Direction::In => self.set_transmission_state(id, &TransmissionState::Captured)?,
            Direction::Out => self.send_again(id, now)?,
        }
        let text = format!("{} put back by {}", transmission.name, by.who);
        self.tell_of_transmission(&transmission, Remedy::Replay, by, text, now)?;
        Ok(Ok(transmission))
    }

    /// Puts a quarantined transmission back to be taken as it is: what made it a repetition of something known hinders it no
    /// more. Refused where anything else is wrong with it.
    pub fn accept(&mut self, id: &Id, by: &By, now: Timestamp) -> Result<Result<Transmission, Refusal>, Error> {
        let transmission = match self.put_back_at_all(id)? {
            Ok(transmission) => transmission,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let errors: Vec<Record> =
            self.diagnostics(id)?.into_iter().filter(|one| one.severity == Severity::Error).collect();
        let name = transmission.name.clone();
        if transmission.direction == Direction::Out || errors.is_empty() {
            return Ok(Err(Refusal::NotQuarantined { name, state: transmission.state.name() }));
        }
        if let Some(worse) = errors.into_iter().find(|one| !is_acceptable(&one.code)) {
            let Record { code, message, fix, .. } = worse;
            return Ok(Err(Refusal::NotSafe { name, code, message, fix }));
        }
        let sql = "INSERT INTO acceptance (transmission, partner, accepted_by, at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (transmission) DO UPDATE SET accepted_by = excluded.accepted_by, at = excluded.at";
        self.put(sql, &[id.into(), (&transmission.partner).into(), (&by.who).into(), now.into()])?;
        self.set_transmission_state(id, &TransmissionState::Captured)?;
        let text = format!("{name} accepted as it is by {}", by.who);
        self.tell_of_transmission(&transmission, Remedy::Accept, by, text, now)?;
        Ok(Ok(transmission))
    }

    /// True when a person accepted what a transmission brings as it is.
    pub fn is_accepted(&mut self, transmission: &Id) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM acceptance WHERE transmission = $1";
        Ok(self.query_one(sql, &[transmission.into()])?.is_some())
    }

    fn put_back_at_all(&mut self, id: &Id) -> Result<Result<Transmission, Refusal>, Error> {
        let transmission = self.transmission(id)?;
        if let Some(at) = self.pruned_at(&transmission.sha256)? {
            return Err(Error::Pruned { sha256: transmission.sha256, at });
        }
        match &transmission.state {
            // Its interchanges stand under the first one's name, so that it would only be quarantined as a repetition.
            TransmissionState::Duplicate { of } => {
                Ok(Err(Refusal::Duplicate { name: transmission.name.clone(), of: of.clone() }))
            }
            _ => Ok(Ok(transmission)),
        }
    }

    fn tell_of_transmission(
        &mut self,
        transmission: &Transmission,
        remedy: Remedy,
        by: &By,
        text: String,
        now: Timestamp,
    ) -> Result<(), Error> {
        // What a transmission brought for another partner failed in that one's journal.
        let sql = "SELECT DISTINCT partner FROM failure WHERE subject = $1 AND settled IS NULL";
        let standing = self.query(sql, &[(&transmission.id).into()])?;
        let mut journals: BTreeSet<String> = standing.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        journals.insert(transmission.partner.clone());
        for partner in journals {
            self.append_event(&NewEvent {
                partner,
                at: now,
                kind: EventKind::Replayed,
                refs: Refs { transmission: Some(transmission.id.clone()), ..Refs::default() },
                text: text.clone(),
                data: remedy.data(by),
            })?;
        }
        crash::point("replay.commit.before");
        Ok(())
    }

    /// Makes a delivery that is not sent due now.
    pub fn release(&mut self, id: &Id, by: &By, now: Timestamp) -> Result<Delivery, Error> {
        let delivery = self.release_delivery(id, now)?;
        let text = format!("{} released by {}", delivery.label, by.who);
        self.tell_of_delivery(&delivery, text, Remedy::Release.data(by), now)?;
        crash::point("release.commit.before");
        Ok(delivery)
    }

    /// Makes a delivery due once more, sent or not: the same bytes under the same name.
    pub fn resend(&mut self, id: &Id, by: &By, now: Timestamp) -> Result<Delivery, Error> {
        let delivery = self.delivery(id)?;
        self.send_again(&delivery.transmission, now)?;
        let text = format!("{} is sent again as it was, by {}", delivery.label, by.who);
        self.tell_of_delivery(&delivery, text, Remedy::Resend.data(by), now)?;
        Ok(delivery)
    }

    /// Gives up a delivery that is not sent: it holds nobody behind it, and nothing is expected for it.
    pub fn waive(&mut self, id: &Id, by: &By, now: Timestamp) -> Result<Delivery, Error> {
        let delivery = self.waive_delivery(id, now)?;
        self.waive_expectations_of(id, now, &by.why)?;
        let text = format!("{} to {} given up by {}", delivery.label, delivery.partner, by.who);
        self.tell_of_delivery(&delivery, text, Remedy::Waive.data(by), now)?;
        Ok(delivery)
    }

    /// A line about a delivery that a person did something with, in the story to which it belongs.
    pub fn tell_of_delivery(
        &mut self,
        delivery: &Delivery,
        text: String,
        data: serde_json::Value,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.append_event(&NewEvent {
            partner: delivery.journal.clone(),
            at: now,
            kind: EventKind::Replayed,
            refs: delivery.refs(),
            text,
            data,
        })
    }
}
