//! Compliance clocks: one rule of a partner held against one chain of documents, and when to look at it again.
//!
//! ```text
//! clock_readers()                    whose journals hold more than was judged        the mark is the event itself
//! documents_in_news(partner, after)  what those events are about
//! chain_documents(partner, po)       an order's documents with what became of each   by keys, never by a scan
//! due_clocks(now)                    rows whose time has come                        the timer wheel is the index on `look`
//! ```
//!
//! Events are numbered without gaps and committed in that order, so that nobody who reads on from a number misses one; how far a
//! journal was read is recorded together with what followed from it, so that a crash loses and repeats nothing.

pub mod chain;

use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use super::delivery::among;
use super::engine::{Row, Value};
use super::remedy::By;
use super::transmission::from_json;
use super::{Error, Id, Transaction};
use crate::document::Kind;

/// How a rule stands in one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Nothing is demanded any more.
    Idle,
    /// Its time runs.
    Running,
    /// It runs out soon.
    AtRisk,
    /// It was kept.
    Met,
    /// It is broken.
    Broken,
    /// It was given up by a person, with a reason.
    Waived,
}

impl ClockState {
    const ALL: [ClockState; 6] = [
        ClockState::Idle,
        ClockState::Running,
        ClockState::AtRisk,
        ClockState::Met,
        ClockState::Broken,
        ClockState::Waived,
    ];

    /// Its name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ClockState::Idle => "idle",
            ClockState::Running => "running",
            ClockState::AtRisk => "at_risk",
            ClockState::Met => "met",
            ClockState::Broken => "broken",
            ClockState::Waived => "waived",
        }
    }

    fn parse(name: &str) -> Result<ClockState, Error> {
        let known = ClockState::ALL.into_iter().find(|state| state.name() == name);
        known.ok_or_else(|| Error::Unexpected(format!("a clock in the state {name:?}")))
    }
}

/// A clock as it is to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewClock {
    /// Whose rule.
    pub partner: String,
    /// The rule.
    pub rule: String,
    /// What it is about: `856 SHP0000777`.
    pub subject: String,
    /// The document that has the subject's number, once it is there.
    pub document: Option<Id>,
    /// The order, where it is about one.
    pub po_number: Option<String>,
    /// How it stands.
    pub state: ClockState,
    /// How grave a breach is: note, warning, error.
    pub severity: String,
    /// When its chain began.
    pub opened: Timestamp,
    /// When it breaks, or broke.
    pub due: Option<Timestamp>,
    /// When to judge again though nothing new was told.
    pub look: Option<Timestamp>,
    /// When it was kept.
    pub closed: Option<Timestamp>,
    /// What a breach costs.
    pub money: Option<Decimal>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// What a person is told.
    pub line: String,
    /// The same as data.
    pub judgment: serde_json::Value,
}

/// A recorded clock.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Clock")]
pub struct ClockRow {
    /// Its id.
    pub id: String,
    /// Whose rule.
    pub partner: String,
    /// The rule.
    pub rule: String,
    /// What it is about.
    pub subject: String,
    /// The document.
    pub document: Option<String>,
    /// The order.
    pub po_number: Option<String>,
    /// How it stands.
    pub state: ClockState,
    /// How grave a breach is.
    pub severity: String,
    /// When its chain began.
    #[schemars(with = "String")]
    pub opened: Timestamp,
    /// When it breaks, or broke.
    #[schemars(with = "Option<String>")]
    pub due: Option<Timestamp>,
    /// When it is judged again though nothing new is told.
    #[schemars(with = "Option<String>")]
    pub look: Option<Timestamp>,
    /// When it was kept or given up.
    #[schemars(with = "Option<String>")]
    pub closed: Option<Timestamp>,
    /// What a breach costs.
    pub money: Option<Decimal>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// What a person is told.
    pub line: String,
    /// Who gave it up.
    pub waived_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The judgment as data.
    pub judgment: serde_json::Value,
}

/// What [`row`] reads.
pub(super) const COLUMNS: &str =
    "id, partner, rule, subject, document, po_number, state, severity, opened, due, look, closed, money, currency,
     line, waived_by, reason, judgment";

pub(super) fn row(row: &Row) -> Result<ClockRow, Error> {
    let money = row.optional_text(12)?.map(|money| money.parse::<Decimal>()).transpose();
    Ok(ClockRow {
        id: row.text(0)?,
        partner: row.text(1)?,
        rule: row.text(2)?,
        subject: row.text(3)?,
        document: row.optional_text(4)?,
        po_number: row.optional_text(5)?,
        state: ClockState::parse(&row.text(6)?)?,
        severity: row.text(7)?,
        opened: row.time(8)?,
        due: row.optional_time(9)?,
        look: row.optional_time(10)?,
        closed: row.optional_time(11)?,
        money: money.map_err(|error| Error::Unexpected(format!("the money of a clock: {error}")))?,
        currency: row.optional_text(13)?,
        line: row.text(14)?,
        waived_by: row.optional_text(15)?,
        reason: row.optional_text(16)?,
        judgment: from_json(&row.text(17)?)?,
    })
}

/// How far a partner's journal goes and how far it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockReader {
    /// Whose journal.
    pub partner: String,
    /// The number of its last event.
    pub last: i64,
    /// How far it was read, how often that was recorded, and by which rules; `None` before the first time.
    pub read: Option<Read>,
}

/// How far a journal was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The number of the last event that was read.
    pub sequence: i64,
    /// Counts what was recorded.
    pub turn: i64,
    /// The rules, as a hash.
    pub rules: String,
}

impl Transaction<'_> {
    /// The journals, with how far each was read.
    pub fn clock_readers(&mut self) -> Result<Vec<ClockReader>, Error> {
        let sql = "SELECT event_head.partner, event_head.sequence, clock_reader.sequence, clock_reader.turn, clock_reader.rules
                   FROM event_head LEFT JOIN clock_reader ON clock_reader.partner = event_head.partner
                   ORDER BY event_head.partner";
        let rows = self.query(sql, &[])?;
        let reader = |row: &Row| {
            let read = match (row.optional_int(2)?, row.optional_int(3)?, row.optional_text(4)?) {
                (Some(sequence), Some(turn), Some(rules)) => Some(Read { sequence, turn, rules }),
                _ => None,
            };
            Ok(ClockReader { partner: row.text(0)?, last: row.int(1)?, read })
        };
        rows.iter().map(reader).collect()
    }

    /// Begins to read a journal behind the events that are older than a time; nothing happens where that was done.
    pub fn begin_reading_for_clocks(&mut self, partner: &str, since: Timestamp, rules: &str) -> Result<(), Error> {
        let sql = "INSERT INTO clock_reader (partner, sequence, turn, rules)
                   SELECT $1, COALESCE(MAX(sequence), 0), 0, $3 FROM event WHERE partner = $1 AND at < $2
                   ON CONFLICT (partner) DO NOTHING";
        self.execute(sql, &[partner.into(), since.into(), rules.into()])?;
        Ok(())
    }

    /// Records how far a journal was read; refused when somebody else recorded meanwhile what he judged by it.
    pub fn clocks_were_judged(&mut self, partner: &str, before: &Read, now: &Read) -> Result<(), Error> {
        let sql = "UPDATE clock_reader SET sequence = $3, turn = $4, rules = $5 WHERE partner = $1 AND turn = $2";
        let values = [partner.into(), before.turn.into(), now.sequence.into(), now.turn.into(), (&now.rules).into()];
        if self.execute(sql, &values)? == 0 {
            return Err(Error::Contended);
        }
        Ok(())
    }

    /// Makes every clock that is not settled be judged at once: the rules are others now.
    pub fn judge_clocks_again(&mut self, partner: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE clock SET look = $2 WHERE partner = $1 AND state IN ('running', 'at_risk', 'broken')";
        self.execute(sql, &[partner.into(), now.into()])?;
        Ok(())
    }

    /// The partner and subject of clocks whose time to be looked at has come, the longest waiting first.
    pub fn due_clocks(&mut self, now: Timestamp, limit: u32) -> Result<Vec<(String, String)>, Error> {
        let sql = "SELECT partner, subject, MIN(look) FROM clock WHERE look <= $1
                   GROUP BY partner, subject ORDER BY MIN(look), partner, subject LIMIT $2";
        let rows = self.query(sql, &[now.into(), limit.into()])?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    /// The clocks of one chain.
    pub fn clocks_of(&mut self, partner: &str, subject: &str) -> Result<Vec<ClockRow>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM clock WHERE partner = $1 AND subject = $2 ORDER BY rule FOR UPDATE");
        self.query(&sql, &[partner.into(), subject.into()])?.iter().map(row).collect()
    }

    /// Records how a rule stands; one that was given up stays so.
    pub fn record_clock(&mut self, new: &NewClock) -> Result<(), Error> {
        self.execute(
            "INSERT INTO clock (id, partner, rule, subject, document, po_number, state, severity, opened, due, look, closed, money,
                                currency, line, judgment)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             ON CONFLICT (partner, rule, subject) DO UPDATE
             SET document = excluded.document, po_number = excluded.po_number, state = excluded.state, severity = excluded.severity,
                 opened = excluded.opened, due = excluded.due, look = excluded.look, closed = excluded.closed,
                 money = excluded.money, currency = excluded.currency, line = excluded.line, judgment = excluded.judgment
             WHERE clock.state <> 'waived'",
            &[
                (&Id::new()).into(),
                (&new.partner).into(),
                (&new.rule).into(),
                (&new.subject).into(),
                new.document.as_ref().into(),
                new.po_number.clone().into(),
                new.state.name().into(),
                (&new.severity).into(),
                new.opened.into(),
                new.due.into(),
                new.look.into(),
                new.closed.into(),
                new.money.map(|money| money.normalize().to_string()).into(),
                new.currency.clone().into(),
                (&new.line).into(),
                new.judgment.to_string().into(),
            ],
        )?;
        Ok(())
    }

    /// Forgets a clock that has not begun: what started it was taken back.
    pub fn forget_clock(&mut self, partner: &str, rule: &str, subject: &str) -> Result<(), Error> {
        let sql = "DELETE FROM clock WHERE partner = $1 AND rule = $2 AND subject = $3 AND state <> 'waived'";
        self.execute(sql, &[partner.into(), rule.into(), subject.into()])?;
        Ok(())
    }

    /// The clock of that id.
    pub fn clock(&mut self, id: &Id) -> Result<ClockRow, Error> {
        let found = self.query_one(&format!("SELECT {COLUMNS} FROM clock WHERE id = $1"), &[id.into()])?;
        row(&found.ok_or_else(|| Error::NoSuch { what: "clock", id: id.to_string() })?)
    }

    /// Gives up a clock that runs or is broken; it is judged no more.
    pub fn waive_clock(&mut self, id: &Id, by: &By, now: Timestamp) -> Result<ClockRow, Error> {
        let sql = "UPDATE clock SET state = 'waived', look = NULL, closed = $2, waived_by = $3, reason = $4
                   WHERE id = $1 AND state IN ('running', 'at_risk', 'broken')";
        if self.execute(sql, &[id.into(), now.into(), (&by.who).into(), (&by.why).into()])? == 0 {
            return Err(Error::NoSuch { what: "clock that runs or is broken", id: id.to_string() });
        }
        self.clock(id)
    }

    /// The clocks about an order and the documents about it.
    pub fn clocks_about(&mut self, partner: &str, po_number: &str) -> Result<Vec<ClockRow>, Error> {
        let sql = "SELECT DISTINCT document.kind, document.number FROM document_order
                   JOIN document ON document.id = document_order.document
                   WHERE document_order.po_number = $1 AND document_order.partner = $2 LIMIT 1000";
        let mut subjects = vec![format!("{} {po_number}", Kind::Order.label())];
        for row in self.query(sql, &[po_number.into(), partner.into()])? {
            let number = row.text(1)?;
            subjects.extend(Kind::parse(&row.text(0)?).map(|kind| format!("{} {number}", kind.label())));
        }
        let (among, values) = among(2, &subjects);
        let sql = format!(
            "SELECT {COLUMNS} FROM clock WHERE partner = $1 AND subject IN ({among}) ORDER BY opened, subject, rule LIMIT 1000"
        );
        let values: Vec<Value> = [vec![partner.into()], values].concat();
        self.query(&sql, &values)?.iter().map(row).collect()
    }

    /// Notes who uses a serial number; true when that is new.
    pub fn use_serial(&mut self, partner: &str, value: &str, subject: &str, at: Timestamp) -> Result<bool, Error> {
        self.changes_a_row(
            "INSERT INTO clock_serial (partner, value, subject, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (partner, value, subject) DO NOTHING",
            &[partner.into(), value.into(), subject.into(), at.into()],
        )
    }

    /// Who else uses a serial number, and since when.
    pub fn other_users_of(
        &mut self,
        partner: &str,
        value: &str,
        subject: &str,
    ) -> Result<Vec<(String, Timestamp)>, Error> {
        let sql = "SELECT subject, at FROM clock_serial
                   WHERE partner = $1 AND value = $2 AND subject <> $3 ORDER BY at, subject LIMIT 100";
        let rows = self.query(sql, &[partner.into(), value.into(), subject.into()])?;
        rows.iter().map(|row| Ok((row.text(0)?, row.time(1)?))).collect()
    }

    /// Makes the clocks about an order be judged at once: something that came before turned out to be about it.
    pub(super) fn judge_order_again(&mut self, partner: &str, po_number: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE clock SET look = $3 WHERE partner = $1 AND po_number = $2 AND state <> 'waived'";
        self.execute(sql, &[partner.into(), po_number.into(), now.into()])?;
        Ok(())
    }

    /// Makes the clocks of a chain be judged at once.
    pub fn judge_chain_again(&mut self, partner: &str, subject: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE clock SET look = $3 WHERE partner = $1 AND subject = $2 AND state <> 'waived'";
        self.execute(sql, &[partner.into(), subject.into(), now.into()])?;
        Ok(())
    }
}
