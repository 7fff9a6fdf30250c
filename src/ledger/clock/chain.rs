//! What the clocks of a chain are judged by: the documents about an order, with what became of each.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::document::{Document, Kind};
use crate::ledger::engine::Row;
use crate::ledger::expectation::ExpectationState;
use crate::ledger::transmission::from_json;
use crate::ledger::{Error, Id, Transaction};

/// A document about an order, with what became of it.
#[derive(Debug, Clone)]
pub struct ChainDocument {
    /// Its id.
    pub id: Id,
    /// Which revision, from 1.
    pub revision: u32,
    /// When its bytes came to us.
    pub at: Timestamp,
    /// The document.
    pub document: Document,
    /// When it was left with the partner, each time.
    pub sent: Vec<Timestamp>,
    /// When our acknowledgment of what brought it was left with the partner, each time.
    pub acknowledged: Vec<Timestamp>,
    /// What the partner's acknowledgments of it say.
    pub answers: Vec<ChainAnswer>,
}

/// An acknowledgment that came.
#[derive(Debug, Clone)]
pub struct ChainAnswer {
    /// What came: 997, 999, mdn.
    pub what: String,
    /// What it led to.
    pub state: ExpectationState,
    /// When it came.
    pub at: Timestamp,
    /// In its words.
    pub detail: Option<String>,
}

/// What is news to a clock: documents that came, went out, and were answered.
const NEWS: &str = "kind IN ('accepted', 'delivered', 'acknowledgment_received')";

impl Transaction<'_> {
    /// The orders that the events behind a number are about, as far as clocks go, and the number of the last event that
    /// was read.
    pub fn orders_in_news(&mut self, partner: &str, after: i64, limit: u32) -> Result<(Vec<String>, i64), Error> {
        let sql = "SELECT MAX(sequence) FROM (SELECT sequence FROM event WHERE partner = $1 AND sequence > $2
                                              ORDER BY sequence LIMIT $3) AS next";
        let last = self.query_one(sql, &[partner.into(), after.into(), limit.into()])?;
        let last = last.map_or(Ok(None), |row| row.optional_int(0))?.unwrap_or(after);
        let of_documents = format!(
            "SELECT DISTINCT document_order.po_number FROM event
             JOIN document_order ON document_order.document = event.document AND document_order.partner = event.partner
             WHERE event.partner = $1 AND sequence > $2 AND sequence <= $3 AND {NEWS}"
        );
        // Our acknowledgments are about whatever came in the interchange that they answer.
        let of_answers =
            "SELECT DISTINCT document_order.po_number FROM event
             JOIN delivery ON delivery.id = event.delivery
             JOIN interchange ON interchange.id = delivery.answers
             JOIN document ON document.transmission = interchange.transmission AND document.partner = event.partner
             JOIN document_order ON document_order.document = document.id
             WHERE event.partner = $1 AND sequence > $2 AND sequence <= $3 AND event.kind = 'delivered' AND event.document IS NULL";
        let mut orders = Vec::new();
        for sql in [of_documents.as_str(), of_answers] {
            for row in self.query(sql, &[partner.into(), after.into(), last.into()])? {
                orders.push(row.text(0)?);
            }
        }
        orders.sort();
        orders.dedup();
        Ok((orders, last))
    }

    /// The orders that a document of that number is about.
    pub fn orders_of_number(&mut self, partner: &str, kind: Kind, number: &str) -> Result<Vec<String>, Error> {
        let sql = "SELECT DISTINCT document_order.po_number FROM document
                   JOIN document_order ON document_order.document = document.id
                   WHERE document.number = $1 AND document.kind = $2 AND document.partner = $3 ORDER BY 1 LIMIT 1000";
        let rows = self.query(sql, &[number.into(), kind.name().into(), partner.into()])?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// Every revision of every document about an order of a partner, with what became of each.
    pub fn chain_documents(&mut self, partner: &str, po_number: &str) -> Result<Vec<ChainDocument>, Error> {
        let order = [po_number.into(), partner.into()];
        let sql = format!(
            "SELECT document.id, document.revision, transmission.at, document.body {OF_ORDER}
             JOIN document ON document.id = document_order.document
             JOIN transmission ON transmission.id = document.transmission
             WHERE {THE_ORDER} ORDER BY document.id LIMIT 10000"
        );
        let mut documents = BTreeMap::new();
        for row in self.query(&sql, &order)? {
            let document = ChainDocument {
                id: row.id(0)?,
                revision: u32::try_from(row.int(1)?).unwrap_or(1),
                at: row.time(2)?,
                document: from_json(&row.text(3)?)?,
                sent: Vec::new(),
                acknowledged: Vec::new(),
                answers: Vec::new(),
            };
            documents.insert(document.id.clone(), document);
        }
        for sql in [sent_alone(), sent_in_batches()] {
            for row in self.query(&sql, &order)? {
                let Some(document) = documents.get_mut(&row.id(0)?) else { continue };
                document.sent.push(row.time(1)?);
            }
        }
        for row in self.query(&acknowledged(), &order)? {
            let Some(document) = documents.get_mut(&row.id(0)?) else { continue };
            document.acknowledged.push(row.time(1)?);
        }
        for sql in [answered_alone(), answered_in_batches()] {
            for row in self.query(&sql, &order)? {
                let Some(document) = documents.get_mut(&row.id(0)?) else { continue };
                document.answers.extend(answer(&row)?);
            }
        }
        Ok(documents.into_values().collect())
    }
}

const OF_ORDER: &str = "FROM document_order";
const THE_ORDER: &str = "document_order.po_number = $1 AND document_order.partner = $2";

/// The deliveries of a document to the partner itself; copies to our own systems are none of its business.
const ALONE: &str =
    "JOIN delivery ON delivery.document = document_order.document AND delivery.partner = document_order.partner";
const IN_BATCHES: &str = "JOIN waiting_document ON waiting_document.document = document_order.document
     JOIN delivery ON delivery.batch = waiting_document.batch AND delivery.partner = document_order.partner";
const LEFT: &str = "JOIN attempt ON attempt.delivery = delivery.id AND attempt.outcome = 'sent'";

fn sent_alone() -> String {
    format!("SELECT document_order.document, attempt.at {OF_ORDER} {ALONE} {LEFT} WHERE {THE_ORDER}")
}

fn sent_in_batches() -> String {
    format!("SELECT document_order.document, attempt.at {OF_ORDER} {IN_BATCHES} {LEFT} WHERE {THE_ORDER}")
}

/// A TA1 acknowledges the envelope alone.
fn acknowledged() -> String {
    format!(
        "SELECT document_order.document, attempt.at {OF_ORDER}
         JOIN document ON document.id = document_order.document
         JOIN interchange ON interchange.transmission = document.transmission AND interchange.direction = 'in'
         JOIN delivery ON delivery.answers = interchange.id AND delivery.label NOT LIKE 'TA1%' {LEFT}
         WHERE {THE_ORDER}"
    )
}

const ANSWER: &str =
    "SELECT document_order.document, expectation.what, expectation.state, expectation.closed, expectation.detail";
/// An application advice is a document of the chain itself.
const ANSWERED: &str =
    "expectation.owed_by || '' = 'partner' AND expectation.closed IS NOT NULL AND expectation.what <> '824'";

fn answered_alone() -> String {
    format!(
        "{ANSWER} {OF_ORDER} {ALONE} JOIN expectation ON expectation.delivery = delivery.id
         WHERE {THE_ORDER} AND {ANSWERED}"
    )
}

fn answered_in_batches() -> String {
    format!(
        "{ANSWER} {OF_ORDER} {IN_BATCHES} JOIN expectation ON expectation.delivery = delivery.id
             AND expectation.document = document_order.document
         WHERE {THE_ORDER} AND {ANSWERED}"
    )
}

/// What came; nothing when its time ran out, or a person gave it up.
fn answer(row: &Row) -> Result<Option<ChainAnswer>, Error> {
    let state = ExpectationState::parse(&row.text(2)?)?;
    let came = matches!(state, ExpectationState::Met | ExpectationState::MetLate | ExpectationState::Violated);
    let answer = ChainAnswer { what: row.text(1)?, state, at: row.time(3)?, detail: row.optional_text(4)? };
    Ok(came.then_some(answer))
}
