//! Interchanges, functional groups and transaction sets, both directions, with their control numbers.

use std::ops::Range;

use super::transmission::Direction;
use super::{Error, Id, Transaction};
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

impl Transaction<'_> {
    /// The transmission that brought this interchange, accepted, under these numbers before.
    pub fn accepted_interchange(
        &mut self,
        sender: &str,
        receiver: &str,
        control_number: &str,
    ) -> Result<Option<Id>, Error> {
        let sql = "SELECT transmission FROM interchange
                   WHERE control_number = $1 AND sender = $2 AND receiver = $3 AND direction = 'in' AND state = 'accepted'
                   ORDER BY id LIMIT 1";
        let row = self.query_one(sql, &[control_number.into(), sender.into(), receiver.into()])?;
        row.map(|row| row.id(0)).transpose()
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
        let id = self.insert_interchange(&Envelope {
            partner,
            direction: Direction::In,
            transmission,
            sender: format!("{}:{}", header.sender_qualifier, header.sender),
            receiver: format!("{}:{}", header.receiver_qualifier, header.receiver),
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
        self.execute("UPDATE transaction_set SET document = $2 WHERE id = $1", &[set.into(), document.into()])?;
        Ok(())
    }

    fn insert_interchange(&mut self, envelope: &Envelope<'_>) -> Result<Id, Error> {
        let id = Id::new();
        self.execute(
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
        self.execute(
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
        self.execute(
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
