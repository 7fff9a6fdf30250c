//! Interchanges, functional groups and transaction sets, both directions, with their control numbers.

use std::ops::Range;

use super::transmission::Direction;
use super::{Error, Id, Transaction};
use crate::x12::envelope::InterchangeHeader;
use crate::x12::examine::{GroupReport, InterchangeReport};

/// The numbers under which we sent one interchange with one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentEnvelope {
    /// ISA13.
    pub interchange_control_number: u32,
    /// GS01.
    pub functional_id: String,
    /// GS06.
    pub group_control_number: u32,
    /// ST01 and ST02 of each set.
    pub sets: Vec<(String, String)>,
}

/// A received interchange, as it was recorded.
#[derive(Debug, Clone)]
pub struct RecordedInterchange {
    /// Its id.
    pub id: Id,
    /// The sets of its groups, in the groups' order.
    pub sets: Vec<Vec<Id>>,
}

/// What an interchange row holds, whichever way it went.
struct Envelope<'a> {
    partner: &'a str,
    direction: Direction,
    transmission: &'a Id,
    sender: String,
    receiver: String,
    control_number: String,
    bytes: Range<u64>,
    state: &'static str,
}

/// An interchange that was accepted earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedInterchange {
    /// The transmission that brought it.
    pub transmission: Id,
    /// Where it begins there.
    pub byte_start: u64,
    /// The name of the file.
    pub name: String,
}

pub(super) const ACCEPTED_UNDER: &str = "SELECT interchange.transmission, interchange.byte_start, transmission.name
    FROM interchange JOIN transmission ON transmission.id = interchange.transmission
    WHERE interchange.partner = $1 AND interchange.control_number = $2 AND interchange.sender = $3
      AND interchange.receiver = $4 AND interchange.direction = 'in' AND interchange.state = 'accepted'
    ORDER BY interchange.id LIMIT 1";
pub(super) const ACCEPTED_AT: &str =
    "SELECT 1 FROM interchange WHERE transmission = $1 AND byte_start = $2 AND state = 'accepted' LIMIT 1";
pub(super) const INTERCHANGES_OF: &str = "SELECT id FROM interchange WHERE transmission = $1";
pub(super) const INTERCHANGES_AT: &str = "SELECT id FROM interchange WHERE transmission = $1 AND byte_start = $2";

fn parties(header: &InterchangeHeader) -> (String, String) {
    let sender = format!("{}:{}", header.sender_qualifier, header.sender);
    (sender, format!("{}:{}", header.receiver_qualifier, header.receiver))
}

impl Transaction<'_> {
    /// The first interchange that was accepted from a partner under these numbers.
    pub fn accepted_interchange(
        &mut self,
        partner: &str,
        header: &InterchangeHeader,
    ) -> Result<Option<AcceptedInterchange>, Error> {
        let (sender, receiver) = parties(header);
        let values = [partner.into(), (&header.control_number).into(), sender.into(), receiver.into()];
        let row = self.query_one(ACCEPTED_UNDER, &values)?;
        row.map(|row| {
            Ok(AcceptedInterchange {
                transmission: row.id(0)?,
                byte_start: u64::try_from(row.int(1)?).unwrap_or(0),
                name: row.text(2)?,
            })
        })
        .transpose()
    }

    /// True when the interchange at this place of a transmission was accepted before: a replay is no duplicate.
    pub fn interchange_was_accepted(&mut self, transmission: &Id, byte_start: u64) -> Result<bool, Error> {
        Ok(self.query_one(ACCEPTED_AT, &[transmission.into(), byte_start.into()])?.is_some())
    }

    /// The rows of every interchange of a transmission. A replay adds rows.
    pub fn interchanges_of(&mut self, transmission: &Id) -> Result<Vec<Id>, Error> {
        self.query(INTERCHANGES_OF, &[transmission.into()])?.iter().map(|row| row.id(0)).collect()
    }

    /// The rows of the interchange at one place of a transmission.
    pub fn interchanges_at(&mut self, transmission: &Id, byte_start: u64) -> Result<Vec<Id>, Error> {
        self.query(INTERCHANGES_AT, &[transmission.into(), byte_start.into()])?.iter().map(|row| row.id(0)).collect()
    }

    /// Records a received interchange with its groups and sets.
    pub fn record_interchange(
        &mut self,
        transmission: &Id,
        partner: &str,
        report: &InterchangeReport,
        accepted: bool,
    ) -> Result<RecordedInterchange, Error> {
        let header = &report.header;
        let (sender, receiver) = parties(header);
        let id = self.insert_interchange(&Envelope {
            partner,
            direction: Direction::In,
            transmission,
            sender,
            receiver,
            control_number: header.control_number.clone(),
            bytes: report.bytes.clone(),
            state: if accepted { "accepted" } else { "rejected" },
        })?;
        let mut sets = Vec::new();
        for group in &report.groups {
            sets.push(self.record_group(&id, partner, group)?);
        }
        Ok(RecordedInterchange { id, sets })
    }

    fn record_group(&mut self, interchange: &Id, partner: &str, group: &GroupReport) -> Result<Vec<Id>, Error> {
        let number = group.header.control_number.trim().parse().unwrap_or(0);
        let verdict = super::transmission::to_json(&group.verdict)?.trim_matches('"').to_owned();
        let id =
            self.insert_group(interchange, partner, Direction::In, &group.header.functional_id, number, Some(verdict))?;
        let mut sets = Vec::new();
        for (ordinal, set) in (1_i64..).zip(&group.sets) {
            let verdict = super::transmission::to_json(&set.verdict)?.trim_matches('"').to_owned();
            sets.push(self.insert_set(
                &id,
                partner,
                ordinal,
                (&set.id, &set.control_number),
                set.bytes.clone(),
                Some(verdict),
            )?);
        }
        Ok(sets)
    }

    /// Records the envelope of a transmission that we built.
    pub fn record_sent_envelope(&mut self, transmission: &Id, partner: &str, sent: &SentEnvelope) -> Result<(), Error> {
        let interchange = self.insert_interchange(&Envelope {
            partner,
            direction: Direction::Out,
            transmission,
            sender: String::new(),
            receiver: String::new(),
            control_number: format!("{:09}", sent.interchange_control_number),
            bytes: 0..0,
            state: "sent",
        })?;
        let number = sent.group_control_number.into();
        let group = self.insert_group(&interchange, partner, Direction::Out, &sent.functional_id, number, None)?;
        for (ordinal, (id, control_number)) in (1_i64..).zip(&sent.sets) {
            self.insert_set(&group, partner, ordinal, (id, control_number), 0..0, None)?;
        }
        Ok(())
    }

    /// True when we sent the partner a group of that kind under that number.
    pub fn group_was_sent(&mut self, partner: &str, functional_id: &str, number: i64) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM functional_group
                   WHERE partner = $1 AND direction = 'out' AND functional_id = $2 AND control_number = $3 LIMIT 1";
        Ok(self.query_one(sql, &[partner.into(), functional_id.into(), number.into()])?.is_some())
    }

    /// True when a transmission that we built is an interchange.
    pub fn transmission_has_interchange(&mut self, transmission: &Id) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM interchange WHERE transmission = $1 AND direction = 'out' LIMIT 1";
        Ok(self.query_one(sql, &[transmission.into()])?.is_some())
    }

    /// True when we sent the partner an interchange under that number.
    pub fn interchange_was_sent(&mut self, partner: &str, number: i64) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM interchange
                   WHERE control_number = $1 AND direction = 'out' AND partner = $2 LIMIT 1";
        Ok(self.query_one(sql, &[format!("{number:09}").into(), partner.into()])?.is_some())
    }

    /// Ties a received set to the document that it became.
    pub fn set_document_of_set(&mut self, set: &Id, document: &Id) -> Result<(), Error> {
        self.put("UPDATE transaction_set SET document = $2 WHERE id = $1", &[set.into(), document.into()])?;
        Ok(())
    }

    fn insert_interchange(&mut self, envelope: &Envelope<'_>) -> Result<Id, Error> {
        let id = Id::new();
        self.put(
            "INSERT INTO interchange (id, partner, direction, transmission, sender, receiver, control_number, byte_start, byte_end, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                (&id).into(),
                envelope.partner.into(),
                envelope.direction.name().into(),
                envelope.transmission.into(),
                (&envelope.sender).into(),
                (&envelope.receiver).into(),
                (&envelope.control_number).into(),
                envelope.bytes.start.into(),
                envelope.bytes.end.into(),
                envelope.state.into(),
            ],
        )?;
        Ok(id)
    }

    fn insert_group(
        &mut self,
        interchange: &Id,
        partner: &str,
        direction: Direction,
        functional_id: &str,
        control_number: i64,
        verdict: Option<String>,
    ) -> Result<Id, Error> {
        let id = Id::new();
        self.put(
            "INSERT INTO functional_group (id, partner, direction, interchange, functional_id, control_number, verdict)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                (&id).into(),
                partner.into(),
                direction.name().into(),
                interchange.into(),
                functional_id.into(),
                control_number.into(),
                verdict.into(),
            ],
        )?;
        Ok(id)
    }

    fn insert_set(
        &mut self,
        group: &Id,
        partner: &str,
        ordinal: i64,
        (code, control_number): (&str, &str),
        bytes: Range<u64>,
        verdict: Option<String>,
    ) -> Result<Id, Error> {
        let id = Id::new();
        self.put(
            "INSERT INTO transaction_set (id, partner, functional_group, ordinal, code, control_number, byte_start, byte_end, verdict)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                (&id).into(),
                partner.into(),
                group.into(),
                ordinal.into(),
                code.into(),
                control_number.into(),
                bytes.start.into(),
                bytes.end.into(),
                verdict.into(),
            ],
        )?;
        Ok(id)
    }
}
