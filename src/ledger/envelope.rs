//! Interchanges, functional groups and transaction sets, both directions, with their control numbers.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::delivery::{among, as_values};
use super::engine::{Row, Value};
use super::transmission::Direction;
use super::{Error, Id, Transaction};
use crate::x12::envelope::InterchangeHeader;
use crate::x12::examine::{InterchangeReport, SetReport};

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
    /// Its groups, in their order.
    pub groups: Vec<Id>,
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

/// What a set row holds, whichever way it went.
struct SetRow<'a> {
    group: &'a Id,
    partner: &'a str,
    /// From 1 within its group.
    ordinal: i64,
    code: &'a str,
    control_number: &'a str,
    bytes: Range<u64>,
    verdict: Option<&'static str>,
    document: Option<&'a Id>,
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

/// The same for each of some numbers, given as rows of four values: the id of the first, or nothing. A question within the
/// question, since a join may begin with all interchanges of a young ledger.
pub(super) fn accepted_under_each(rows: &str) -> String {
    format!(
        "SELECT (SELECT interchange.id FROM interchange
                 WHERE interchange.partner = wanted.column1 AND interchange.control_number = wanted.column2
                   AND interchange.sender = wanted.column3 AND interchange.receiver = wanted.column4
                   AND interchange.direction = 'in' AND interchange.state = 'accepted'
                 ORDER BY interchange.id LIMIT 1)
         FROM (VALUES {rows}) AS wanted"
    )
}

fn accepted(row: &Row) -> Result<AcceptedInterchange, Error> {
    Ok(AcceptedInterchange {
        transmission: row.id(0)?,
        byte_start: u64::try_from(row.int(1)?).unwrap_or(0),
        name: row.text(2)?,
    })
}

fn parties(header: &InterchangeHeader) -> (String, String) {
    let sender = format!("{}:{}", header.sender_qualifier, header.sender);
    (sender, format!("{}:{}", header.receiver_qualifier, header.receiver))
}

/// The numbers by which an interchange is known again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Numbers {
    partner: String,
    control_number: String,
    sender: String,
    receiver: String,
}

impl Numbers {
    /// Those of an interchange from a partner.
    pub fn of(partner: &str, header: &InterchangeHeader) -> Numbers {
        let (sender, receiver) = parties(header);
        Numbers { partner: partner.to_owned(), control_number: header.control_number.clone(), sender, receiver }
    }
}

impl Transaction<'_> {
    /// Those of many interchanges that were accepted earlier, each with the first one of its numbers.
    pub fn accepted_interchanges(
        &mut self,
        numbers: &[Numbers],
    ) -> Result<HashMap<Numbers, AcceptedInterchange>, Error> {
        let mut found = HashMap::new();
        for numbers in numbers.chunks(256) {
            let wanted: Vec<[Value; 4]> = numbers
                .iter()
                .map(|one| [&one.partner, &one.control_number, &one.sender, &one.receiver].map(Value::from))
                .collect();
            let (rows, values) = as_values(1, &wanted);
            let ids = self.query(&accepted_under_each(&rows), &values)?;
            let ids: Vec<Id> = ids.iter().filter_map(|row| row.optional_id(0).transpose()).collect::<Result<_, _>>()?;
            if ids.is_empty() {
                continue;
            }
            let (among, values) = among(1, &ids);
            let sql = format!(
                "SELECT interchange.transmission, interchange.byte_start, transmission.name, interchange.partner,
                        interchange.control_number, interchange.sender, interchange.receiver
                 FROM interchange JOIN transmission ON transmission.id = interchange.transmission
                 WHERE interchange.id IN ({among})"
            );
            for row in self.query(&sql, &values)? {
                let numbers = Numbers {
                    partner: row.text(3)?,
                    control_number: row.text(4)?,
                    sender: row.text(5)?,
                    receiver: row.text(6)?,
                };
                found.insert(numbers, accepted(&row)?);
            }
        }
        Ok(found)
    }

    /// Those among transmissions that were taken in before: a replay looks at what is there.
    pub fn taken_in_before(&mut self, transmissions: &[Id]) -> Result<HashSet<Id>, Error> {
        let mut found = HashSet::new();
        for ids in transmissions.chunks(256) {
            let (among, values) = among(1, ids);
            let sql = format!(
                "SELECT transmission FROM interchange WHERE transmission IN ({among})
                 UNION SELECT transmission FROM diagnostic WHERE transmission IN ({among})"
            );
            for row in self.query(&sql, &values)? {
                found.insert(row.id(0)?);
            }
        }
        Ok(found)
    }

    /// The first interchange that was accepted from a partner under these numbers.
    pub fn accepted_interchange(
        &mut self,
        partner: &str,
        header: &InterchangeHeader,
    ) -> Result<Option<AcceptedInterchange>, Error> {
        let (sender, receiver) = parties(header);
        let values = [partner.into(), (&header.control_number).into(), sender.into(), receiver.into()];
        let row = self.query_one(ACCEPTED_UNDER, &values)?;
        row.as_ref().map(accepted).transpose()
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

    /// Records a received interchange with its groups; their sets follow by [`Transaction::record_set`], each when it is known
    /// what became of it.
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
        let mut groups = Vec::with_capacity(report.groups.len());
        for group in &report.groups {
            let number = group.header.control_number.trim().parse().unwrap_or(0);
            let verdict = Some(group.verdict.name());
            let functional_id = &group.header.functional_id;
            groups.push(self.insert_group(&id, partner, Direction::In, functional_id, number, verdict)?);
        }
        Ok(RecordedInterchange { id, groups })
    }

    /// Records a received set, counted from 1 within its group, with the document that it became.
    pub fn record_set(
        &mut self,
        group: &Id,
        partner: &str,
        ordinal: i64,
        set: &SetReport,
        document: Option<&Id>,
    ) -> Result<(), Error> {
        let (code, control_number) = (set.id.as_str(), set.control_number.as_str());
        let (bytes, verdict) = (set.bytes.clone(), Some(set.verdict.name()));
        self.insert_set(&SetRow { group, partner, ordinal, code, control_number, bytes, verdict, document })
    }

    /// Records the sets of an interchange of which nothing became anything.
    pub fn record_unused_sets(
        &mut self,
        recorded: &RecordedInterchange,
        partner: &str,
        report: &InterchangeReport,
    ) -> Result<(), Error> {
        for (id, group) in recorded.groups.iter().zip(&report.groups) {
            for (ordinal, set) in (1..).zip(&group.sets) {
                self.record_set(id, partner, ordinal, set, None)?;
            }
        }
        Ok(())
    }

    /// Records the envelope of a transmission that we built; the id of its interchange.
    pub fn record_sent_envelope(&mut self, transmission: &Id, partner: &str, sent: &SentEnvelope) -> Result<Id, Error> {
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
        self.record_sent_group(&interchange, partner, sent)?;
        Ok(interchange)
    }

    /// Records one more group of an interchange that we built.
    pub fn record_sent_group(&mut self, interchange: &Id, partner: &str, sent: &SentEnvelope) -> Result<(), Error> {
        let number = sent.group_control_number.into();
        let group = self.insert_group(interchange, partner, Direction::Out, &sent.functional_id, number, None)?;
        for (ordinal, (id, control_number)) in (1_i64..).zip(&sent.sets) {
            self.insert_set(&SetRow {
                group: &group,
                partner,
                ordinal,
                code: id,
                control_number,
                bytes: 0..0,
                verdict: None,
                document: None,
            })?;
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
        verdict: Option<&str>,
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

    fn insert_set(&mut self, set: &SetRow<'_>) -> Result<(), Error> {
        self.put(
            "INSERT INTO transaction_set (id, partner, functional_group, ordinal, code, control_number, byte_start, byte_end, verdict,
                                          document)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                (&Id::new()).into(),
                set.partner.into(),
                set.group.into(),
                set.ordinal.into(),
                set.code.into(),
                set.control_number.into(),
                set.bytes.start.into(),
                set.bytes.end.into(),
                set.verdict.into(),
                set.document.into(),
            ],
        )
    }
}
