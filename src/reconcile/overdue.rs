//! Clocks that ran out: what a partner owes us, and what we owe a partner.

use jiff::Timestamp;

use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Record};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::expectation::{Expectation, ExpectationState, OwedBy};
use crate::ledger::finding::NewFinding;
use crate::ledger::{self, Transaction};
use crate::reconcile::stake;

/// How many clocks one sweep closes at most.
const BATCH: u32 = 500;

/// Tells every expectation whose clock ran out; returns how many there were.
pub fn sweep(tx: &mut Transaction<'_>, now: Timestamp) -> Result<usize, ledger::Error> {
    let expectations = tx.take_newly_overdue(now, BATCH)?;
    for expectation in &expectations {
        tell(tx, expectation, now)?;
    }
    Ok(expectations.len())
}

fn tell(tx: &mut Transaction<'_>, expectation: &Expectation, now: Timestamp) -> Result<(), ledger::Error> {
    tx.close_expectation(&expectation.id, ExpectationState::Overdue, now, None)?;
    let due = expectation.due.unwrap_or(now);
    let (code, message) = match expectation.owed_by {
        OwedBy::Partner => {
            (&custody::OVERDUE, format!("their {} for {} is overdue", expectation.what, expectation.label))
        }
        OwedBy::Us => (&custody::WE_ARE_LATE, format!("our {} is overdue", expectation.label)),
    };
    let diagnostic = Diagnostic::new(code, message.clone()).expected(format!("by {due}"));
    let at_stake = match (&expectation.document, expectation.owed_by) {
        (Some(id), OwedBy::Partner) => stake::of(tx, id)?,
        _ => None,
    };
    let po_number = match &expectation.document {
        Some(id) => tx.document(id)?.document.po_numbers().first().map(|number| (*number).to_owned()),
        None => None,
    };
    tx.record_finding(&NewFinding {
        document: expectation.document.as_ref(),
        po_number: po_number.as_deref(),
        at_stake: at_stake.as_ref(),
        ..NewFinding::new(&expectation.partner, &expectation.label, &diagnostic, now)
    })?;
    tx.append_event(&NewEvent {
        partner: expectation.partner.clone(),
        at: now,
        kind: EventKind::Overdue,
        refs: Refs {
            transmission: None,
            document: expectation.document.clone(),
            delivery: Some(expectation.delivery.clone()),
            po_number,
        },
        text: message,
        data: serde_json::to_value(Record::from(&diagnostic)).unwrap_or_default(),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
