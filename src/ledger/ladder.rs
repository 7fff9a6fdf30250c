//! The ladder of one document: how far it got, and how far the answers to it got, rung by rung, both directions.
//!
//! ```text
//! 856 SHP0000777 to megamart          850 4500012345 from megamart
//!   built       14:10:44                received    09:15:02
//!   sent        14:10:44                receipt     09:15:02  their MDN
//!   MDN         14:10:45                997         09:15:02  sent in time
//!   TA1         -                       handed on   09:15:02  to erp
//!   997         overdue since …         answered    09:41:10  855, accepted by their 997
//!   824         waiting, due …
//!   864         ASN ERROR: CARTON COUNT DIFFERS
//!   answered    861 R-77
//! ```
//!
//! In: the id of a document. Out: a [`Ladder`], by a handful of questions that each have an index, whatever the size of the
//! ledger. Rungs that nobody expects and nothing climbed say so; none is left out, so that ladders can be compared.
//! Never here: verdicts of our own. Each rung is what a row of the ledger says.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::document::{self, COLUMNS, StoredDocument};
use super::engine::Row;
use super::expectation::{APPLICATION, INTERCHANGE};
use super::{Error, Id, Transaction};
use crate::document::keys::plain_number;
use crate::document::text_message::Message;
use crate::document::{Document, Kind, TextMessage};

/// How far a document and the answers to it got.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Ladder {
    /// The document.
    pub document: Id,
    /// The same for a person: `856 SHP0000777`.
    pub label: String,
    /// With whom.
    pub partner: String,
    /// Whether the partner sent it, or we did.
    pub from: Author,
    /// From the first to the last.
    pub rungs: Vec<Rung>,
}

/// Who sent a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The partner: we owe the answers.
    Partner,
    /// We: the partner owes the answers.
    Us,
}

/// One rung.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Rung {
    /// Which.
    pub step: Step,
    /// Whether it was climbed.
    pub standing: Standing,
    /// When it was, or when that was found out to be impossible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
    /// When it is or was to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub due: Option<Timestamp>,
    /// By what: the file, the acknowledgment's verdict, the document that answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The rungs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The bytes came in and are durable.
    Received,
    /// Our bytes for it were written and are durable.
    Built,
    /// They are where the partner takes them.
    Sent,
    /// It was handed to the systems behind us.
    HandedOn,
    /// The receipt of the message that carried it.
    Mdn,
    /// The acknowledgment of its interchange.
    Ta1,
    /// The acknowledgment of its group and set: 997 or 999.
    Functional,
    /// What the application says of it: 824.
    Application,
    /// What somebody there wrote of it in words, the newest text: 864. It is climbed whatever it says.
    Text,
    /// The document that answers it: 855, 861, 820.
    Answered,
}

/// Where a rung stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Climbed, in time where there was one.
    Done,
    /// Climbed after it was due.
    Late,
    /// Not yet; its time runs, or has not begun.
    Waiting,
    /// Not yet, and its time is over.
    Overdue,
    /// It cannot be climbed: rejected, parked.
    Failed,
    /// Given up by a person.
    Waived,
    /// Nobody expects it, and nothing came.
    NotExpected,
}

impl Rung {
    fn new(step: Step, standing: Standing) -> Rung {
        Rung { step, standing, at: None, due: None, detail: None }
    }

    fn done(step: Step, at: Timestamp) -> Rung {
        Rung { at: Some(at), ..Rung::new(step, Standing::Done) }
    }

    fn detail(self, detail: impl Into<String>) -> Rung {
        Rung { detail: Some(detail.into()), ..self }
    }
}

/// What was expected of a delivery, or owed with it.
const EXPECTATIONS: &str = "SELECT what, state, due, closed, detail, document FROM expectation WHERE delivery = $1";

/// What goes out, as far as a ladder shows it.
const DELIVERY: &str = "SELECT id, created, CASE WHEN waived IS NULL THEN state ELSE 'waived' END, sent, due, receipt, last_error, \
                        partner, label FROM delivery";

/// A row of an expectation.
struct Expected {
    what: String,
    standing: Standing,
    due: Option<Timestamp>,
    closed: Option<Timestamp>,
    detail: Option<String>,
    document: Option<Id>,
}

fn expected(row: &Row) -> Result<Expected, Error> {
    let standing = match row.text(1)?.as_str() {
        "met" => Standing::Done,
        "met_late" => Standing::Late,
        "overdue" => Standing::Overdue,
        "violated" => Standing::Failed,
        "waived" => Standing::Waived,
        _ => Standing::Waiting,
    };
    Ok(Expected {
        what: row.text(0)?,
        standing,
        due: row.optional_time(2)?,
        closed: row.optional_time(3)?,
        detail: row.optional_text(4)?,
        document: row.optional_id(5)?,
    })
}

impl Expected {
    fn rung(self, step: Step) -> Rung {
        let detail = match (step, &self.detail) {
            (Step::Functional, None) => Some(self.what),
            (_, detail) => detail.clone(),
        };
        Rung { step, standing: self.standing, at: self.closed, due: self.due, detail }
    }
}

/// A row of a delivery.
struct Delivered {
    id: Id,
    built: Rung,
    sent: Rung,
    partner: String,
    label: String,
}

fn delivered(row: &Row) -> Result<Delivered, Error> {
    let (state, error) = (row.text(2)?, row.optional_text(6)?);
    let sent = match (state.as_str(), row.optional_time(3)?) {
        ("sent", Some(at)) => Rung { detail: row.optional_text(5)?, ..Rung::done(Step::Sent, at) },
        ("parked", _) => Rung { detail: error, ..Rung::new(Step::Sent, Standing::Failed) },
        ("waived", _) => Rung { detail: error, ..Rung::new(Step::Sent, Standing::Waived) },
        _ => Rung { due: row.optional_time(4)?, detail: error, ..Rung::new(Step::Sent, Standing::Waiting) },
    };
    let built = Rung::done(Step::Built, row.time(1)?);
    Ok(Delivered { id: row.id(0)?, built, sent, partner: row.text(7)?, label: row.text(8)? })
}

impl Transaction<'_> {
    /// The ladder of a document.
    pub fn ladder(&mut self, id: &Id) -> Result<Ladder, Error> {
        let (stored, source) = self.document_with_source(id)?;
        let from = if source == stored.partner { Author::Partner } else { Author::Us };
        let rungs = match from {
            Author::Partner => self.rungs_of_theirs(&stored)?,
            Author::Us => self.rungs_of_ours(&stored)?,
        };
        let label = format!("{} {}", stored.document.kind().label(), stored.document.number());
        Ok(Ladder { document: stored.id, label, partner: stored.partner, from, rungs })
    }

    /// The ladders of every document about some orders, the oldest first; a shipment of several orders has one.
    pub fn ladders_of_orders(&mut self, orders: &[(String, String)]) -> Result<Vec<Ladder>, Error> {
        let mut ids = Vec::new();
        for (partner, po_number) in orders {
            ids.extend(self.documents_about(partner, po_number)?.into_iter().map(|one| one.id));
        }
        let mut seen = BTreeSet::new();
        ids.iter().filter(|id| seen.insert(id.as_str())).map(|id| self.ladder(id)).collect()
    }

    /// Ours: the newest delivery of it to the partner, and what the partner answered.
    fn rungs_of_ours(&mut self, stored: &StoredDocument) -> Result<Vec<Rung>, Error> {
        let which = "WHERE id = (SELECT MAX(id) FROM (
                         SELECT id FROM delivery WHERE document = $1 AND partner = $2
                         UNION ALL
                         SELECT delivery.id FROM waiting_document JOIN delivery ON delivery.batch = waiting_document.batch
                         WHERE waiting_document.document = $1 AND delivery.partner = $2) AS carried)";
        let row = self.query_one(&format!("{DELIVERY} {which}"), &[(&stored.id).into(), (&stored.partner).into()])?;
        let mut rungs = Vec::new();
        let mut expectations = Vec::new();
        match row.as_ref().map(delivered).transpose()? {
            Some(delivery) => {
                expectations = self.expectations_of(&delivery.id)?;
                // A delivery of several documents waits for an answer to each.
                expectations.retain(|one| one.document.as_ref().is_none_or(|document| *document == stored.id));
                rungs.extend([delivery.built, delivery.sent]);
            }
            None => rungs.extend([Step::Built, Step::Sent].map(|step| Rung::new(step, Standing::Waiting))),
        }
        for (step, names) in [
            (Step::Mdn, &["mdn"][..]),
            (Step::Ta1, &[INTERCHANGE]),
            (Step::Functional, &["997", "999"]),
            (Step::Application, &[APPLICATION]),
        ] {
            let found = expectations.iter().position(|one| names.contains(&one.what.as_str()));
            let expected = found.map(|place| expectations.swap_remove(place).rung(step));
            rungs.push(expected.unwrap_or_else(|| Rung::new(step, Standing::NotExpected)));
        }
        rungs.push(self.written_of(stored)?);
        rungs.push(self.answered(stored)?);
        Ok(rungs)
    }

    /// The newest text that names it.
    fn written_of(&mut self, stored: &StoredDocument) -> Result<Rung, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM mention JOIN document ON document.id = mention.document
             WHERE mention.partner = $1 AND mention.number IN ($2, $3) AND mention.kind = $4 AND document.kind = $5
             ORDER BY document.at DESC LIMIT 1"
        );
        let (kind, number) = (stored.document.kind(), stored.document.number());
        let values = [
            (&stored.partner).into(),
            number.into(),
            plain_number(number).into(),
            TextMessage::named_as(kind).name().into(),
            Kind::TextMessage.name().into(),
        ];
        let written = self.query_one(&sql, &values)?.map(|row| document::stored(&row)).transpose()?;
        Ok(match written.as_ref().map(|written| (written.at, &written.document)) {
            Some((at, Document::TextMessage(text))) => {
                let says: Vec<String> = text.about(kind, number).map(Message::excerpt).collect();
                Rung::done(Step::Text, at).detail(says.join(" | "))
            }
            _ => Rung::new(Step::Text, Standing::NotExpected),
        })
    }

    /// Theirs: what we answered, and to whom it was handed.
    fn rungs_of_theirs(&mut self, stored: &StoredDocument) -> Result<Vec<Rung>, Error> {
        let received = self.transmission(&stored.transmission)?;
        let mut rungs = vec![Rung::done(Step::Received, received.at).detail(received.name)];
        rungs.push(self.receipt_given(&stored.transmission)?);
        let mut answers = Vec::new();
        for interchange in self.interchanges_with(stored)? {
            let sql = format!("{DELIVERY} WHERE answers = $1 ORDER BY id");
            for row in self.query(&sql, &[(&interchange).into()])? {
                answers.push(delivered(&row)?);
            }
        }
        let (mut ta1, mut functional) = (None, None);
        for answer in answers {
            for owed in self.expectations_of(&answer.id)? {
                let (step, slot) = match owed.what.as_str() {
                    INTERCHANGE => (Step::Ta1, &mut ta1),
                    _ => (Step::Functional, &mut functional),
                };
                let label = answer.label.clone();
                // What we owe is climbed when it was sent; until then its trouble is the delivery's.
                let detail = answer.sent.detail.clone().filter(|_| answer.sent.standing != Standing::Done);
                *slot = Some(Rung { detail: Some(detail.unwrap_or(label)), ..owed.rung(step) });
            }
        }
        for (step, rung) in [(Step::Ta1, ta1), (Step::Functional, functional)] {
            rungs.push(rung.unwrap_or_else(|| Rung::new(step, Standing::NotExpected)));
        }
        let sql = format!("{DELIVERY} WHERE document = $1 ORDER BY id");
        for row in self.query(&sql, &[(&stored.id).into()])? {
            let handed = delivered(&row)?;
            let to = format!("to {}", handed.partner);
            let detail = handed.sent.detail.as_ref().map_or_else(|| to.clone(), |detail| format!("{to}: {detail}"));
            rungs.push(Rung { step: Step::HandedOn, detail: Some(detail), ..handed.sent });
        }
        rungs.push(self.answered(stored)?);
        Ok(rungs)
    }

    fn expectations_of(&mut self, delivery: &Id) -> Result<Vec<Expected>, Error> {
        self.query(EXPECTATIONS, &[delivery.into()])?.iter().map(expected).collect()
    }

    /// The receipt of the message by which a file came, where it came by one.
    fn receipt_given(&mut self, transmission: &Id) -> Result<Rung, Error> {
        let sql = "SELECT sent.at, sent.name FROM transmission came
                   JOIN given_receipt ON given_receipt.partner = came.partner AND given_receipt.endpoint = came.endpoint
                                     AND given_receipt.message_id = came.message_id
                   JOIN transmission sent ON sent.id = given_receipt.receipt
                   WHERE came.id = $1";
        let row = self.query_one(sql, &[transmission.into()])?;
        row.map_or_else(
            || Ok(Rung::new(Step::Mdn, Standing::NotExpected)),
            |row| Ok(Rung::done(Step::Mdn, row.time(0)?).detail(row.text(1)?)),
        )
    }

    /// The interchanges that a document came in: the only one of its file, else the one that holds its set.
    pub(super) fn interchanges_with(&mut self, stored: &StoredDocument) -> Result<Vec<Id>, Error> {
        let all = self.interchanges_of(&stored.transmission)?;
        if all.len() <= 1 {
            return Ok(all);
        }
        let sql = "SELECT DISTINCT interchange.id FROM interchange
                   JOIN functional_group ON functional_group.interchange = interchange.id
                   JOIN transaction_set ON transaction_set.functional_group = functional_group.id
                   WHERE interchange.transmission = $1 AND transaction_set.document = $2";
        let rows = self.query(sql, &[(&stored.transmission).into(), (&stored.id).into()])?;
        rows.iter().map(|row| row.id(0)).collect()
    }

    /// The newest document that answers it, of those about the same orders.
    fn answered(&mut self, stored: &StoredDocument) -> Result<Rung, Error> {
        let Some(kind) = answer_to(stored.document.kind()) else {
            return Ok(Rung::new(Step::Answered, Standing::NotExpected));
        };
        let mut newest: Option<StoredDocument> = None;
        for po_number in stored.document.po_numbers() {
            for about in self.documents_about(&stored.partner, po_number)? {
                let is_later = newest.as_ref().is_none_or(|newest| newest.at < about.at);
                if about.document.kind() == kind && names(&about.document, &stored.document) && is_later {
                    newest = Some(about);
                }
            }
        }
        Ok(newest.map_or_else(
            || Rung::new(Step::Answered, Standing::NotExpected).detail(kind.label()),
            |answer| {
                let label = format!("{} {}", kind.label(), answer.document.number());
                Rung::done(Step::Answered, answer.at).detail(label)
            },
        ))
    }
}

/// The kind of document that answers one in the course of business.
fn answer_to(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::Order => Some(Kind::OrderAck),
        Kind::Shipment => Some(Kind::Receipt),
        Kind::Invoice => Some(Kind::Remittance),
        _ => None,
    }
}

fn names(answer: &Document, document: &Document) -> bool {
    match document {
        Document::Order(order) => answer.po_numbers().contains(&order.po_number.as_str()),
        _ => answer.mentions().contains(&(document.kind(), document.number())),
    }
}

#[cfg(test)]
mod tests;
