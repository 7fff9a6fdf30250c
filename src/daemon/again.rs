//! What was sent goes out again in an interchange of its own: the same documents, fresh control numbers, new bytes.
//!
//! ```text
//! delivery 0198c0de (ISA 503)  --resend-->  delivery 0198c0e1 (ISA 511), its 997 expected anew
//!                                           what was expected for ISA 503 is waived, and says for which it is
//! ```
//!
//! The command and the button call the same function; the journal has a line in the story of each document, with who and why.

use jiff::Timestamp;
use serde_json::json;

use super::batches::labelled;
use super::outgoing::{Desk, Named, Owed, endpoint_template};
use crate::config::Config;
use crate::config::partner::{Partner, PartnerId, SendFormat, SendRule};
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::ledger::batch::Batched;
use crate::ledger::delivery::{Delivery, What};
use crate::ledger::remedy::{By, Remedy};
use crate::ledger::{self, Id, Transaction};
use crate::render;

/// A delivery that was made anew.
#[derive(Debug, Clone)]
pub struct Anew {
    /// The new delivery.
    pub id: Id,
    /// Its interchange control number.
    pub interchange_control_number: u32,
    /// The old one.
    pub of: Delivery,
    /// What both carry.
    pub documents: Vec<Batched>,
}

/// Why something cannot go out under new control numbers.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// It has no control numbers.
    #[error("{0} was not sent as X12, so it has no control number")]
    NotX12(String),
    /// It is an answer, and an interchange has one.
    #[error("{0} is an acknowledgment: a partner gets one per interchange")]
    Acknowledgment(String),
    /// The configuration would not send it today.
    #[error("{partner} has no rule any more that sends {what} as X12 by {endpoint}")]
    NoRule {
        /// To whom.
        partner: String,
        /// What.
        what: String,
        /// By which endpoint.
        endpoint: String,
    },
    /// It cannot be written any more.
    #[error("it cannot be written any more: {0}")]
    Unwritable(Box<Diagnostic>),
}

/// Sends the documents of a delivery in a new interchange, and tells of it in the story of each.
pub fn send_anew(
    tx: &mut Transaction<'_>,
    config: &Config,
    id: &Id,
    by: &By,
    now: Timestamp,
) -> Result<Result<Anew, Refusal>, ledger::Error> {
    let made = Desk { tx, config, now }.send_anew(id, &by.why)?;
    if let Ok(anew) = &made {
        tell(tx, anew, by, now)?;
    }
    Ok(made)
}

fn tell(tx: &mut Transaction<'_>, anew: &Anew, by: &By, now: Timestamp) -> Result<(), ledger::Error> {
    let mut data = Remedy::ResendAnew.data(by);
    data["delivery"] = json!(anew.id);
    for one in &anew.documents {
        let delivery = Delivery {
            document: Some(one.document.clone()),
            journal: one.journal.clone(),
            po_number: one.po_number.clone(),
            ..anew.of.clone()
        };
        let number = anew.interchange_control_number;
        let text = format!("{} is sent again as interchange {number:09}, by {}", one.label, by.who);
        tx.tell_of_delivery(&delivery, text, data.clone(), now)?;
    }
    Ok(())
}

impl<'t> Desk<'t, '_> {
    /// Makes the delivery of the same documents in a new interchange, and waives what the old one still waits for.
    fn send_anew(&mut self, id: &Id, reason: &str) -> Result<Result<Anew, Refusal>, ledger::Error> {
        let old = self.tx.delivery(id)?;
        let documents = self.carried(&old)?;
        if documents.is_empty() {
            return Ok(Err(Refusal::Acknowledgment(old.label)));
        }
        if !self.tx.transmission_has_interchange(&old.transmission)? {
            return Ok(Err(Refusal::NotX12(old.label)));
        }
        let mut stored = Vec::new();
        for one in &documents {
            stored.push(self.tx.document(&one.document)?.document);
        }
        let Some((partner, send)) = stored.first().and_then(|document| self.rule_for(&old, document)) else {
            let what = documents[0].label.clone();
            return Ok(Err(Refusal::NoRule { partner: old.partner, what, endpoint: old.endpoint }));
        };
        // The rule says X12, and the configuration refuses such a rule without [x12].
        let Some(x12) = &partner.x12 else { return Ok(Err(Refusal::NotX12(old.label))) };
        let write = |document| render::x12::set_at(document, &x12.version).map(|rendered| rendered.draft);
        let rendered: Result<Vec<_>, _> = stored.iter().map(write).collect();
        let sets = match rendered {
            Ok(sets) => sets,
            Err(faults) => return Ok(Err(unwritable(faults))),
        };
        let test = stored.iter().any(|document| document.header().test);
        let written = match self.write_x12(partner, x12, sets, test, &send.expect)? {
            Ok(written) => written,
            Err(faults) => return Ok(Err(unwritable(faults))),
        };
        // The rule was found by the endpoint's name, and the configuration refuses one whose endpoint is missing.
        let Some(endpoint) = partner.endpoints.iter().find(|endpoint| endpoint.name == send.via) else {
            return Ok(Err(Refusal::NotX12(old.label)));
        };
        let named = match stored.as_slice() {
            [only] if old.batch.is_none() => Named::Document(only),
            _ => Named::Batch(send.kind),
        };
        let template = send.name.as_deref().unwrap_or_else(|| endpoint_template(endpoint));
        let name = self.file_name(template, partner, named, &written);
        let what = What::Again { of: id.clone(), document: old.document.clone(), batch: old.batch.clone() };
        let owed = Owed { what, label: &old.label, po_number: old.po_number.as_deref() };
        let new = self.record(partner, endpoint, &name, &written, owed)?;
        self.expect(partner, &send.expect, &new, &written, &labelled(&documents))?;
        let number = written.envelope.as_ref().map(|sent| sent.interchange_control_number).unwrap_or_default();
        self.replace(&old, &new, number, reason)?;
        Ok(Ok(Anew { id: new, interchange_control_number: number, of: old, documents }))
    }

    /// The documents that a delivery carries; none for an acknowledgment.
    fn carried(&mut self, delivery: &Delivery) -> Result<Vec<Batched>, ledger::Error> {
        match (&delivery.batch, &delivery.document) {
            (Some(batch), _) => self.tx.batched_documents(batch),
            (None, Some(document)) => Ok(vec![Batched {
                id: delivery.id.clone(),
                document: document.clone(),
                label: delivery.label.clone(),
                po_number: delivery.po_number.clone(),
                journal: delivery.journal.clone(),
            }]),
            (None, None) => Ok(Vec::new()),
        }
    }

    fn rule_for(&self, delivery: &Delivery, document: &Document) -> Option<(&'t Partner, &'t SendRule)> {
        let partner = self.config.partners.get(&PartnerId::parse(&delivery.partner).ok()?)?;
        let send = partner.sends.iter().find(|send| {
            send.kind == document.kind() && send.via == delivery.endpoint && matches!(send.format, SendFormat::X12)
        })?;
        Some((partner, send))
    }

    /// The new one takes the place of the old one: nothing is expected for that any more, and it does not go out late.
    fn replace(&mut self, old: &Delivery, new: &Id, number: u32, reason: &str) -> Result<(), ledger::Error> {
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let why = format!("sent again as interchange {number:09}, delivery {new}{reason}");
        self.tx.waive_expectations_of(&old.id, self.now, &why)?;
        match self.tx.waive_delivery(&old.id, self.now) {
            // It was sent, which stays true.
            Ok(_) | Err(ledger::Error::NoSuch { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn unwritable(faults: Vec<Diagnostic>) -> Refusal {
    let first = faults.into_iter().next();
    let told =
        first.unwrap_or_else(|| Diagnostic::new(&crate::diagnostic::codes::custody::UNWRITABLE, "no reason given"));
    Refusal::Unwritable(Box::new(told))
}
