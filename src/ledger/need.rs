//! What needs a person: open findings, clocks that break, answers that are late, files that could not be used; what costs most
//! and has least time left first.
//!
//! ```text
//! 412.50 USD   in 22 min   856 within 60 min of departure   856 SHP0000777       clock
//!  50.00 USD   2 days ago  INV-W012 invoiced before shipped  810 INV-20306        finding
//!                          X12-E014 …                        850_104.edi          file
//! ```
//!
//! From each source come the most urgent ones, so that a day on which everything fails costs no more than others.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::Serialize;

use super::engine::{Row, Value};
use super::transmission::from_json;
use super::{Error, Transaction};
use crate::diagnostic::Record;

/// What kind of thing needs somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    /// A clock that is at risk; one that broke is a finding.
    Clock,
    /// An open finding.
    Finding,
    /// An answer that is owed and late.
    Acknowledgment,
    /// A delivery that waits for a person.
    Delivery,
    /// A file that could not be used.
    File,
}

/// Something that needs a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Need {
    /// What kind of thing.
    pub kind: NeedKind,
    /// Its id among those of its kind.
    pub id: String,
    /// With whom.
    pub partner: String,
    /// What it is about: `856 SHP0000777`.
    pub subject: String,
    /// What is wrong, in one line.
    pub what: String,
    /// What is at stake.
    pub money: Option<Decimal>,
    /// In which currency.
    pub currency: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it breaks, or broke.
    pub due: Option<Timestamp>,
    /// Who sees to it.
    pub owner: Option<String>,
    /// The order that it is about.
    pub po_number: Option<String>,
}

impl Need {
    /// What costs most comes first; of what costs the same, what has least time left.
    fn urgency(&self) -> (Reverse<Decimal>, Timestamp, Timestamp) {
        (Reverse(self.money.unwrap_or_default()), self.due.unwrap_or(Timestamp::MAX), self.since)
    }
}

/// A file that nobody put back in so long needs nobody any more.
const FILES_OF: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A source of needs, and the column that names the partner.
struct Source {
    sql: &'static str,
    partner: &'static str,
    order: &'static str,
    read: fn(&Row) -> Result<Need, Error>,
}

const SOURCES: [Source; 5] = [
    Source {
        sql: "SELECT id, partner, subject, line, money, currency, opened, due, po_number FROM clock
              WHERE state = 'at_risk'",
        partner: "partner",
        order: "due",
        read: clock,
    },
    Source {
        sql: "SELECT id, partner, subject, record, money, currency, opened, owner, po_number FROM finding
              WHERE state IN ('open', 'assigned')",
        partner: "partner",
        order: "opened DESC, id DESC",
        read: finding,
    },
    Source {
        sql: "SELECT id, partner, label, what, owed_by, opened, due, detail FROM expectation WHERE state = 'overdue'",
        partner: "partner",
        order: "due",
        read: acknowledgment,
    },
    Source {
        sql: "SELECT id, partner, label, name, last_error, created, po_number FROM delivery
              WHERE state = 'parked' AND waived IS NULL",
        partner: "partner",
        order: "created DESC",
        read: delivery,
    },
    Source {
        sql: "SELECT transmission.id, transmission.partner, transmission.name, transmission.at,
                     (SELECT record FROM diagnostic WHERE diagnostic.transmission = transmission.id
                      ORDER BY CASE severity WHEN 'error' THEN 0 ELSE 1 END, ordinal LIMIT 1)
              FROM transmission WHERE state = 'quarantined'",
        partner: "transmission.partner",
        order: "at DESC, id DESC",
        read: file,
    },
];

impl Transaction<'_> {
    /// What needs a person, the most urgent first: of the partners that are named, or of all; at most so many from each source.
    pub fn needs(
        &mut self,
        partners: Option<&BTreeSet<String>>,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<Need>, Error> {
        let mut needs: Vec<Need> = Vec::new();
        for source in &SOURCES {
            match partners {
                None => needs.extend(self.needs_of(source, "", &[most.into()])?),
                Some(partners) => {
                    for partner in partners {
                        let of_theirs = format!("AND {} = $2", source.partner);
                        needs.extend(self.needs_of(source, &of_theirs, &[most.into(), partner.into()])?);
                    }
                }
            }
        }
        let since = now.saturating_sub(FILES_OF).unwrap_or(Timestamp::MIN);
        needs.retain(|need| need.kind != NeedKind::File || need.since >= since);
        // A late answer and a parked delivery are findings too, which know more of them.
        let told: BTreeSet<(String, String)> = needs
            .iter()
            .filter(|need| need.kind == NeedKind::Finding)
            .map(|need| (need.partner.clone(), need.subject.clone()))
            .collect();
        needs.retain(|need| {
            let is_doubled = matches!(need.kind, NeedKind::Acknowledgment | NeedKind::Delivery);
            !is_doubled || !told.contains(&(need.partner.clone(), need.subject.clone()))
        });
        needs.sort_by_cached_key(Need::urgency);
        Ok(needs)
    }

    fn needs_of(&mut self, source: &Source, whose: &str, values: &[Value]) -> Result<Vec<Need>, Error> {
        let sql = format!("{} {whose} ORDER BY {} LIMIT $1", source.sql, source.order);
        self.query(&sql, values)?.iter().map(source.read).collect()
    }
}

fn blank(kind: NeedKind, row: &Row, since: Timestamp) -> Result<Need, Error> {
    Ok(Need {
        kind,
        id: row.text(0)?,
        partner: row.text(1)?,
        subject: row.text(2)?,
        what: String::new(),
        money: None,
        currency: None,
        since,
        due: None,
        owner: None,
        po_number: None,
    })
}

fn money(row: &Row, column: usize) -> Result<Option<Decimal>, Error> {
    let text = row.optional_text(column)?;
    text.map(|text| text.parse().map_err(|error| Error::Unexpected(format!("money {text:?}: {error}")))).transpose()
}

fn clock(row: &Row) -> Result<Need, Error> {
    Ok(Need {
        what: row.text(3)?,
        money: money(row, 4)?,
        currency: row.optional_text(5)?,
        due: row.optional_time(7)?,
        po_number: row.optional_text(8)?,
        ..blank(NeedKind::Clock, row, row.time(6)?)?
    })
}

fn finding(row: &Row) -> Result<Need, Error> {
    let record: Record = from_json(&row.text(3)?)?;
    Ok(Need {
        what: record.message,
        money: money(row, 4)?,
        currency: row.optional_text(5)?,
        owner: row.optional_text(7)?,
        po_number: row.optional_text(8)?,
        ..blank(NeedKind::Finding, row, row.time(6)?)?
    })
}

fn acknowledgment(row: &Row) -> Result<Need, Error> {
    let (what, owes) = (row.text(3)?, if row.text(4)? == "us" { "we owe" } else { "they owe" });
    let due = row.optional_time(6)?;
    Ok(Need { what: format!("{owes} the {what}"), due, ..blank(NeedKind::Acknowledgment, row, row.time(5)?)? })
}

fn delivery(row: &Row) -> Result<Need, Error> {
    let (label, name) = (row.text(2)?, row.text(3)?);
    Ok(Need {
        subject: super::delivery::subject(&label, &name),
        what: row.optional_text(4)?.unwrap_or_else(|| "parked".to_owned()),
        po_number: row.optional_text(6)?,
        ..blank(NeedKind::Delivery, row, row.time(5)?)?
    })
}

fn file(row: &Row) -> Result<Need, Error> {
    let record: Option<Record> = row.optional_text(4)?.map(|text| from_json(&text)).transpose()?;
    let what = record.map_or_else(|| "it could not be used".to_owned(), |record| record.message);
    Ok(Need { what, ..blank(NeedKind::File, row, row.time(3)?)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::diagnostic::codes::custody;
    use crate::ledger::finding::NewFinding;
    use crate::ledger::tests::{Books, at};

    fn find(tx: &mut Transaction<'_>, partner: &str, subject: &str, money: Option<&str>) -> Result<(), Error> {
        let diagnostic = Diagnostic::new(&custody::KNOWN_DOCUMENT_CHANGED, "it changed");
        tx.record_finding(&NewFinding::new(partner, subject, &diagnostic, at(5)))?;
        let sql = "UPDATE finding SET money = $2, currency = 'USD' WHERE subject = $1";
        tx.execute(sql, &[subject.into(), money.map(str::to_owned).into()]).map(|_| ())
    }

    fn clock(tx: &mut Transaction<'_>, subject: &str, state: &str, due: i64, money: &str) -> Result<(), Error> {
        let sql = "INSERT INTO clock (id, partner, rule, subject, state, severity, opened, due, money, currency, line)
                   VALUES ($1, 'mega', 'soon', $1, $2, 'error', $3, $4, $5, 'USD', 'at risk')";
        tx.execute(sql, &[subject.into(), state.into(), at(0).into(), at(due).into(), money.into()]).map(|_| ())
    }

    #[test]
    fn what_costs_most_and_has_least_time_left_comes_first() {
        let books = Books::new();
        books.write(|tx| {
            find(tx, "mega", "no money", None)?;
            find(tx, "mega", "some money", Some("9.50"))?;
            // It is a finding, with its money, and is told as that.
            clock(tx, "late", "broken", 1, "100")?;
            clock(tx, "later", "at_risk", 9, "100")?;
            clock(tx, "fine", "running", 2, "1000")
        });
        let needs = books.read(|tx| tx.needs(None, at(10), 50));
        let subjects: Vec<&str> = needs.iter().map(|need| need.subject.as_str()).collect();
        assert_eq!(subjects, ["later", "some money", "no money"]);
        assert_eq!(needs[1].money, Some(Decimal::new(950, 2)));
    }

    #[test]
    fn nobody_is_told_of_partners_that_are_not_theirs() {
        let books = Books::new();
        books.write(|tx| {
            find(tx, "mega", "one", None)?;
            find(tx, "big", "other", None)
        });
        let only: BTreeSet<String> = ["big".to_owned()].into();
        let needs = books.read(|tx| tx.needs(Some(&only), at(10), 50));
        assert_eq!(needs.iter().map(|need| need.subject.as_str()).collect::<Vec<_>>(), ["other"]);
    }
}
