//! One document that somebody hands in and waits for the answer: recorded once under its key, however often it comes.
//!
//! ```text
//! no key, or a new one       captured as a dropped file would be, by the partner's policies for the same bytes
//! a known key, same bytes    recorded as a repetition; the answer is the first one's
//! a known key, other bytes   kept and not taken, or taken where the policy for message ids says replace
//! ```
//!
//! A key stands for one document for ever, whatever became of it: a sender that lost our answer and asks again must not have a
//! document taken that was refused the first time. That two nodes do not take one key twice is the ledger's doing: its row can
//! be made once.

use jiff::Timestamp;

use super::duplicate::{self, Verdict};
use super::{answer_again, journal};
use crate::config::duplicates::{Duplicates, Policy, Twice};
use crate::crash;
use crate::ledger::transmission::{Direction, NewTransmission, Transmission};
use crate::ledger::{self, Content, Ledger, Transaction};

/// A document, and how it came.
#[derive(Debug, Clone)]
pub struct HandIn {
    /// Whose.
    pub partner: String,
    /// By which endpoint.
    pub endpoint: String,
    /// Its name.
    pub name: String,
    /// The key that its sender gave it.
    pub key: Option<String>,
    /// Its bytes.
    pub content: Content,
    /// What becomes of it if it came before.
    pub duplicates: Duplicates,
    /// When it came.
    pub at: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum Handed {
    /// It is recorded: to be processed, or as a repetition of bytes that came before.
    In(Transmission),
    /// Its key and its bytes came before; this is the first one, which the answer speaks of.
    Before(Transmission),
    /// Its key came before with other bytes, as this one; it is kept and not taken.
    OtherBytes(Transmission),
}

/// Records a document and returns when it is durable. It blocks.
pub fn hand_in(ledger: &Ledger, document: HandIn) -> Result<Handed, ledger::Error> {
    let handed = ledger.submit_hopefully(move |tx| {
        let handed = record(tx, &document)?;
        crash::point("capture.row.before");
        Ok(handed)
    });
    handed.wait()
}

pub(super) fn record(tx: &mut Transaction<'_>, document: &HandIn) -> Result<Handed, ledger::Error> {
    let HandIn { partner, endpoint, key, content, duplicates, .. } = document;
    let first = match key {
        Some(key) => tx.handed_in(partner, endpoint, key)?,
        None => None,
    };
    let by = duplicates.for_the_same(Twice::MessageId);
    let verdict = match &first {
        Some(first) if first.sha256 == content.sha256() => Verdict::Repetition { first: first.clone(), by },
        Some(first) if by.policy != Policy::Replace => Verdict::Reused { first: first.clone(), by },
        _ => {
            let same_bytes = tx.transmission_with_bytes(partner, content.sha256())?;
            match (duplicate::judge(duplicates, content.sha256(), same_bytes, None), &first) {
                (Verdict::New, Some(first)) => Verdict::Replacement { first: first.clone(), by },
                (verdict, _) => verdict,
            }
        }
    };
    let recorded = record_as(tx, document, &verdict)?;
    let is_known = first.as_ref().is_some_and(|first| first.sha256 == content.sha256());
    Ok(match (first, verdict) {
        (Some(first), Verdict::Reused { .. }) => Handed::OtherBytes(first),
        (Some(first), _) if is_known => Handed::Before(first),
        (first, _) => {
            if let Some(key) = key {
                tx.keep_key(partner, endpoint, key, &recorded.id, first.is_some())?;
            }
            Handed::In(recorded)
        }
    })
}

fn record_as(tx: &mut Transaction<'_>, document: &HandIn, verdict: &Verdict) -> Result<Transmission, ledger::Error> {
    let new = NewTransmission {
        direction: Direction::In,
        partner: document.partner.clone(),
        endpoint: document.endpoint.clone(),
        name: document.name.clone(),
        claim: None,
        message_id: document.key.clone(),
        content: document.content.clone(),
        at: document.at,
        state: verdict.state(),
    };
    let id = tx.record_arrival(&new)?;
    let answers = answer_again(tx, verdict, document.at)?;
    journal(tx, &new, &id, verdict, &answers)?;
    Ok(Transmission {
        id,
        partner: new.partner,
        endpoint: new.endpoint,
        name: new.name,
        message_id: new.message_id,
        sha256: new.content.sha256().to_owned(),
        size: new.content.size(),
        at: new.at,
        direction: new.direction,
        state: new.state,
    })
}

#[cfg(test)]
mod tests;
