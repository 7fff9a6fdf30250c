//! Findings: disagreements that need a look, one per rule and subject however often they are met.

use jiff::Timestamp;

use super::transmission::to_json;
use super::{Error, Id, Transaction};
use crate::diagnostic::{Diagnostic, Record};

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
    /// When.
    pub at: Timestamp,
}

impl Transaction<'_> {
    /// Records a finding; true when it is new, or was resolved and is there again.
    pub fn record_finding(&mut self, new: &NewFinding<'_>) -> Result<bool, Error> {
        let record = Record::from(new.diagnostic);
        let changed = self.execute(
            "INSERT INTO finding (id, partner, rule, subject, severity, record, state, opened, document)
             VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8)
             ON CONFLICT (partner, rule, subject) DO UPDATE
             SET state = 'open', opened = excluded.opened, severity = excluded.severity, record = excluded.record
             WHERE finding.state = 'resolved'",
            &[
                (&Id::new()).into(),
                new.partner.into(),
                (&record.code).into(),
                new.subject.into(),
                record.severity.to_string().into(),
                to_json(&record)?.into(),
                new.at.into(),
                new.document.map(|id| id.0.clone()).into(),
            ],
        )?;
        Ok(changed > 0)
    }

    /// Closes what a rule found about a subject; nothing happens where it found nothing.
    pub fn resolve_finding(&mut self, partner: &str, rule: &str, subject: &str) -> Result<(), Error> {
        self.execute(
            "UPDATE finding SET state = 'resolved' WHERE partner = $1 AND rule = $2 AND subject = $3 AND state = 'open'",
            &[partner.into(), rule.into(), subject.into()],
        )?;
        Ok(())
    }
}
