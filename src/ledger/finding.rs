//! Findings: disagreements that need a look, one per rule and subject however often they are met.
//!
//! ```text
//! open ──► assigned to anna ──► resolved, once what caused it is gone ──► open again, should it come back
//!   └────► waived, for a reason
//! ```
//!
//! What people decide about one is in the journal, with who and why; the finding knows the line.

use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::engine::Row;
use super::event::{EventKind, NewEvent, Refs};
use super::transmission::{from_json, to_json};
use super::view::FindingRow;
use super::{Error, Id, Transaction};
use crate::diagnostic::{Diagnostic, Record};

/// The particulars of the event that tells a finding: its diagnostic, and what it is about.
pub fn told(diagnostic: &Diagnostic, subject: &str) -> serde_json::Value {
    let mut data = serde_json::to_value(Record::from(diagnostic)).unwrap_or_default();
    data["subject"] = subject.into();
    data
}

/// A finding to be recorded.
#[derive(Debug, Clone)]
pub struct NewFinding<'a> {
    /// With whom.
    pub partner: &'a str,
    /// What about: `856 SHP0000777`.
    pub subject: &'a str,
    /// What disagrees; its code is the rule.
    pub diagnostic: &'a Diagnostic,
    /// The document that showed it.
    pub document: Option<&'a Id>,
    /// The order that it is about.
    pub po_number: Option<&'a str>,
    /// What it may cost.
    pub at_stake: Option<&'a AtStake>,
    /// When.
    pub at: Timestamp,
}

impl<'a> NewFinding<'a> {
    /// A finding that no document showed and that costs nothing known.
    pub fn new(partner: &'a str, subject: &'a str, diagnostic: &'a Diagnostic, at: Timestamp) -> NewFinding<'a> {
        NewFinding { partner, subject, diagnostic, document: None, po_number: None, at_stake: None, at }
    }
}

/// Money that a finding is about, above zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AtStake {
    /// How much.
    pub money: Decimal,
    /// ISO 4217, where a document names it.
    pub currency: Option<String>,
}

/// How a finding stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FindingState {
    /// Nobody sees to it.
    Open,
    /// Somebody does.
    Assigned {
        /// Who.
        owner: String,
    },
    /// It was given up.
    Waived {
        /// Why.
        reason: String,
    },
    /// What caused it is gone.
    Resolved,
}

impl FindingState {
    /// The name used in tables and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            FindingState::Open => "open",
            FindingState::Assigned { .. } => "assigned",
            FindingState::Waived { .. } => "waived",
            FindingState::Resolved => "resolved",
        }
    }

    /// True while it needs a person.
    pub fn is_unsettled(&self) -> bool {
        matches!(self, FindingState::Open | FindingState::Assigned { .. })
    }

    fn of(state: &str, owner: Option<String>, reason: Option<String>) -> Result<FindingState, Error> {
        Ok(match state {
            "open" => FindingState::Open,
            "assigned" => FindingState::Assigned { owner: owner.unwrap_or_default() },
            "waived" => FindingState::Waived { reason: reason.unwrap_or_default() },
            "resolved" => FindingState::Resolved,
            other => return Err(Error::Unexpected(format!("a finding in the state {other:?}"))),
        })
    }
}

/// Who decides about a finding, and why.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// Whoever decides.
    pub by: &'a str,
    /// Why; empty where nobody asks.
    pub because: &'a str,
    /// When.
    pub at: Timestamp,
}

/// What [`row`] reads.
pub(super) const COLUMNS: &str =
    "id, partner, rule, subject, state, owner, reason, opened, money, currency, po_number, document,
     changed, changed_by, event, record";

pub(super) fn row(row: &Row) -> Result<FindingRow, Error> {
    let money = row.optional_text(8)?.map(|money| money.parse::<Decimal>()).transpose();
    let money = money.map_err(|error| Error::Unexpected(format!("the money of a finding: {error}")))?;
    Ok(FindingRow {
        id: row.text(0)?,
        partner: row.text(1)?,
        rule: row.text(2)?,
        subject: row.text(3)?,
        state: FindingState::of(&row.text(4)?, row.optional_text(5)?, row.optional_text(6)?)?,
        opened: row.time(7)?,
        money,
        currency: row.optional_text(9)?,
        po_number: row.optional_text(10)?,
        document: row.optional_text(11)?,
        changed: row.optional_time(12)?,
        changed_by: row.optional_text(13)?,
        event: row.optional_int(14)?,
        detail: from_json(&row.text(15)?)?,
    })
}

impl Transaction<'_> {
    /// Records a finding; true when it is new, or was resolved and is there again. One that is known takes on the new figures.
    pub fn record_finding(&mut self, new: &NewFinding<'_>) -> Result<bool, Error> {
        let record = Record::from(new.diagnostic);
        let values = [
            new.partner.into(),
            (&record.code).into(),
            new.subject.into(),
            record.severity.to_string().into(),
            to_json(&record)?.into(),
            new.document.map(|id| id.0.clone()).into(),
            new.po_number.into(),
            new.at_stake.map(|stake| stake.money.normalize().to_string()).into(),
            new.at_stake.and_then(|stake| stake.currency.clone()).into(),
            new.at.into(),
            (&Id::new()).into(),
        ];
        let changed = self.execute(
            "INSERT INTO finding (partner, rule, subject, severity, record, document, po_number, money, currency, opened, id, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open')
             ON CONFLICT (partner, rule, subject) DO UPDATE
             SET state = 'open', opened = excluded.opened, severity = excluded.severity, record = excluded.record,
                 document = excluded.document, po_number = excluded.po_number, money = excluded.money,
                 currency = excluded.currency, owner = NULL, reason = NULL, changed = NULL, changed_by = NULL, event = NULL
             WHERE finding.state = 'resolved'",
            &values,
        )?;
        if changed == 0 {
            self.execute(
                "UPDATE finding SET severity = $4, record = $5, document = $6, po_number = $7, money = $8, currency = $9
                 WHERE partner = $1 AND rule = $2 AND subject = $3",
                &values[..9],
            )?;
        }
        Ok(changed > 0)
    }

    /// Closes what a rule found about a subject; nothing happens where it found nothing.
    pub fn resolve_finding(&mut self, partner: &str, rule: &str, subject: &str) -> Result<(), Error> {
        self.execute(
            "UPDATE finding SET state = 'resolved', owner = NULL, reason = NULL
             WHERE partner = $1 AND rule = $2 AND subject = $3 AND state <> 'resolved'",
            &[partner.into(), rule.into(), subject.into()],
        )?;
        Ok(())
    }

    /// What the reconciliation found about an order and is not resolved.
    pub fn findings_about_order(&mut self, partner: &str, po_number: &str) -> Result<Vec<FindingRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM finding
             WHERE partner = $1 AND po_number = $2 AND rule LIKE 'REC-%' AND state <> 'resolved' ORDER BY rule, subject"
        );
        self.query(&sql, &[partner.into(), po_number.into()])?.iter().map(row).collect()
    }

    /// What the reconciliation found about a document for itself and is not resolved.
    pub fn findings_about_document(&mut self, document: &Id) -> Result<Vec<FindingRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM finding
             WHERE document = $1 AND po_number IS NULL AND rule LIKE 'REC-%' AND state <> 'resolved' ORDER BY rule, subject"
        );
        self.query(&sql, &[document.into()])?.iter().map(row).collect()
    }

    /// What a rule found with a partner and is not resolved.
    pub fn findings_by_rule(&mut self, partner: &str, rule: &str) -> Result<Vec<FindingRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM finding WHERE partner = $1 AND rule = $2 AND state <> 'resolved' ORDER BY subject"
        );
        self.query(&sql, &[partner.into(), rule.into()])?.iter().map(row).collect()
    }

    /// What needed a person at a moment, the oldest first.
    pub fn findings_open_at(&mut self, partner: &str, until: Timestamp) -> Result<Vec<FindingRow>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM finding
             WHERE partner = $1 AND opened < $2 AND (state IN ('open', 'assigned') OR changed >= $2) ORDER BY opened, id"
        );
        self.query(&sql, &[partner.into(), until.into()])?.iter().map(row).collect()
    }

    /// Closes a finding whose cause is gone, and tells it in the journal.
    pub fn settle_finding(&mut self, finding: FindingRow, at: Timestamp) -> Result<(), Error> {
        let decision = Decision { by: "edigate", because: "its cause is gone", at };
        self.decide(finding, FindingState::Resolved, "resolved".to_owned(), &decision)?;
        Ok(())
    }

    /// The finding of that id.
    pub fn finding(&mut self, id: &Id) -> Result<FindingRow, Error> {
        let found = self.query_one(&format!("SELECT {COLUMNS} FROM finding WHERE id = $1"), &[id.into()])?;
        row(&found.ok_or_else(|| Error::NoSuch { what: "finding", id: id.to_string() })?)
    }

    /// Makes a finding somebody's.
    pub fn assign_finding(&mut self, id: &Id, owner: &str, decision: &Decision<'_>) -> Result<FindingRow, Error> {
        let found = self.finding(id)?;
        if !found.state.is_unsettled() {
            return Err(Error::NoSuch { what: "open finding", id: id.to_string() });
        }
        let text = format!("assigned to {owner} by {}", decision.by);
        self.decide(found, FindingState::Assigned { owner: owner.to_owned() }, text, decision)
    }

    /// Gives a finding up, for the reason of the decision.
    pub fn waive_finding(&mut self, id: &Id, decision: &Decision<'_>) -> Result<FindingRow, Error> {
        let found = self.finding(id)?;
        if !found.state.is_unsettled() {
            return Err(Error::NoSuch { what: "open finding", id: id.to_string() });
        }
        let text = format!("waived by {}: {}", decision.by, decision.because);
        self.decide(found, FindingState::Waived { reason: decision.because.to_owned() }, text, decision)
    }

    /// Opens a finding again that was assigned, waived or resolved.
    pub fn reopen_finding(&mut self, id: &Id, decision: &Decision<'_>) -> Result<FindingRow, Error> {
        let found = self.finding(id)?;
        if found.state == FindingState::Open {
            return Err(Error::NoSuch { what: "assigned, waived or resolved finding", id: id.to_string() });
        }
        if let Some(po_number) = &found.po_number {
            // It is looked at again when the order is judged.
            self.execute(
                "UPDATE order_book SET found = NULL WHERE partner = $1 AND po_number = $2",
                &[(&found.partner).into(), po_number.into()],
            )?;
        }
        let text = format!("opened again by {}", decision.by);
        self.decide(found, FindingState::Open, text, decision)
    }

    /// Sets the state of a finding and tells it in the journal.
    fn decide(
        &mut self,
        mut finding: FindingRow,
        state: FindingState,
        what: String,
        decision: &Decision<'_>,
    ) -> Result<FindingRow, Error> {
        let event = self.append_numbered_event(&NewEvent {
            partner: finding.partner.clone(),
            at: decision.at,
            kind: if state == FindingState::Resolved { EventKind::Resolved } else { EventKind::Decided },
            refs: Refs {
                document: finding.document.clone().map(Id),
                po_number: finding.po_number.clone(),
                ..Refs::default()
            },
            text: format!("{}: {} ({}): {what}", finding.subject, finding.detail.message, finding.rule),
            data: json!({ "finding": finding.id, "rule": finding.rule, "subject": finding.subject, "by": decision.by, "reason": decision.because, "state": state.name() }),
        })?;
        let (owner, reason) = match &state {
            FindingState::Assigned { owner } => (Some(owner.as_str()), None),
            FindingState::Waived { reason } => (None, Some(reason.as_str())),
            FindingState::Open | FindingState::Resolved => (None, None),
        };
        self.execute(
            "UPDATE finding SET state = $2, owner = $3, reason = $4, changed = $5, changed_by = $6, event = $7 WHERE id = $1",
            &[
                (&finding.id).into(),
                state.name().into(),
                owner.into(),
                reason.into(),
                decision.at.into(),
                decision.by.into(),
                event.into(),
            ],
        )?;
        finding.state = state;
        finding.changed = Some(decision.at);
        finding.changed_by = Some(decision.by.to_owned());
        finding.event = i64::try_from(event).ok();
        Ok(finding)
    }
}
