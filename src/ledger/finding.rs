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
    /// Records a finding; true when it is new.
    pub fn record_finding(&mut self, new: &NewFinding<'_>) -> Result<bool, Error> {
        let record = Record::from(new.diagnostic);
        let changed = self.execute(
            "INSERT INTO finding (id, partner, rule, subject, severity, record, state, opened, document)
             VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8) ON CONFLICT (partner, rule, subject) DO NOTHING",
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
}
