//! What is to be told of failures: groups per target, and the messages that speak of them.
//!
//! ```text
//! take_news            failures that began or ended and that no alert has heard of, held until this transaction ends
//! alert_group, keep    what a target is told of one kind of failure with one partner
//! keep_message         a message as it goes out; a target has one under way at most
//! ```
//!
//! Never here: whom a failure concerns and when to tell it ([`crate::alert`] decides), and how it goes out.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::engine::Row;
use super::failure::{self, Failure, severity, who};
use super::{Error, Id, Transaction};
use crate::diagnostic::{Severity, Who};

/// A failure of which something is unheard.
#[derive(Debug, Clone)]
pub struct Unheard {
    /// The failure.
    pub failure: Failure,
    /// That it began.
    pub began: bool,
    /// That it is over.
    pub ended: bool,
}

/// One kind of failure with one partner, as one target is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The target.
    pub target: String,
    /// The partner.
    pub partner: String,
    /// The kind of event.
    pub kind: String,
    /// What kind of fault.
    pub code: String,
    /// The how manieth time it began.
    pub round: u64,
    /// Since when.
    pub since: Timestamp,
    /// The newest failure, by its event.
    pub latest: u64,
    /// How many failures there were in this round.
    pub count: u64,
    /// How many of them are in messages.
    pub told: u64,
    /// Since when none of them stands.
    pub over: Option<Timestamp>,
    /// Whether a message says so.
    pub closed: bool,
    /// When the newest message was made.
    pub told_at: Option<Timestamp>,
    /// When the next one is made.
    pub due: Option<Timestamp>,
}

impl Group {
    /// One of which nothing happened yet.
    pub fn new(target: &str, partner: &str, kind: &str, code: &str) -> Group {
        Group {
            target: target.to_owned(),
            partner: partner.to_owned(),
            kind: kind.to_owned(),
            code: code.to_owned(),
            round: 0,
            since: Timestamp::UNIX_EPOCH,
            latest: 0,
            count: 0,
            told: 0,
            over: None,
            closed: false,
            told_at: None,
            due: None,
        }
    }
}

/// A message under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its id.
    pub id: Id,
    /// What it says, as JSON.
    pub body: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next.
    pub due: Timestamp,
}

/// How a target stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The subject of the message that is under way.
    pub pending: Option<String>,
    /// Since when it is.
    pub since: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it was not taken.
    pub error: Option<String>,
    /// When the newest message was taken.
    pub sent: Option<Timestamp>,
    /// What that was about.
    pub subject: Option<String>,
}

/// How often one kind of failure happened with one partner, and how much of it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// With whom.
    pub partner: String,
    /// quarantined, parked, overdue …
    pub kind: String,
    /// What kind of fault.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// Who must act.
    pub who: Who,
    /// How often in the time that was asked for.
    pub fresh: u64,
    /// How many stand, from before as well.
    pub standing: u64,
    /// Since when the oldest of those stands.
    pub oldest: Option<Timestamp>,
}

/// How long messages are kept that were taken.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);

const COLUMNS: &str = "target, partner, kind, code, round, since, latest, count, told, over, closed, told_at, due";

fn group(row: &Row) -> Result<Group, Error> {
    let number = |column| row.int(column).map(|number| u64::try_from(number).unwrap_or(0));
    Ok(Group {
        target: row.text(0)?,
        partner: row.text(1)?,
        kind: row.text(2)?,
        code: row.text(3)?,
        round: number(4)?,
        since: row.time(5)?,
        latest: number(6)?,
        count: number(7)?,
        told: number(8)?,
        over: row.optional_time(9)?,
        closed: row.int(10)? == 1,
        told_at: row.optional_time(11)?,
        due: row.optional_time(12)?,
    })
}

impl Transaction<'_> {
    /// True when something happened of which no alert has heard.
    pub fn any_news(&mut self) -> Result<bool, Error> {
        Ok(self.query_one("SELECT 1 FROM failure WHERE news > 0 LIMIT 1", &[])?.is_some())
    }

    /// The oldest failures of which something is unheard, for this transaction alone.
    pub fn take_news(&mut self, limit: u32) -> Result<Vec<Unheard>, Error> {
        let sql = format!(
            "SELECT {}, news FROM failure WHERE news > 0 ORDER BY at, partner, sequence LIMIT $1 FOR UPDATE SKIP LOCKED",
            failure::COLUMNS
        );
        let rows = self.query(&sql, &[limit.into()])?;
        let unheard = rows.iter().map(|row| {
            let news = row.int(13)?;
            Ok(Unheard { failure: failure::failure(row)?, began: news % 2 == 1, ended: news >= 2 })
        });
        unheard.collect()
    }

    /// All that concerns a failure is noted.
    pub fn heard(&mut self, failure: &Failure) -> Result<(), Error> {
        let sql = "UPDATE failure SET news = 0 WHERE partner = $1 AND sequence = $2";
        self.put(sql, &[(&failure.partner).into(), failure.sequence.into()])
    }

    /// True while a failure of that kind and code stands with that partner.
    pub fn any_stands(&mut self, of: &Failure) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM failure WHERE partner = $1 AND code = $2 AND kind = $3 AND settled IS NULL LIMIT 1";
        let values = [(&of.partner).into(), (&of.code).into(), (&of.kind).into()];
        Ok(self.query_one(sql, &values)?.is_some())
    }

    /// What a target is told of failures like this one.
    pub fn alert_group(&mut self, target: &str, of: &Failure) -> Result<Group, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alert WHERE target = $1 AND partner = $2 AND kind = $3 AND code = $4 FOR UPDATE"
        );
        let values = [target.into(), (&of.partner).into(), (&of.kind).into(), (&of.code).into()];
        let known = self.query_one(&sql, &values)?.map(|row| group(&row)).transpose()?;
        Ok(known.unwrap_or_else(|| Group::new(target, &of.partner, &of.kind, &of.code)))
    }

    /// Keeps a group as it is now.
    pub fn keep_alert_group(&mut self, group: &Group) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO alert ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT (target, partner, kind, code) DO UPDATE
             SET round = excluded.round, since = excluded.since, latest = excluded.latest, count = excluded.count,
                 told = excluded.told, over = excluded.over, closed = excluded.closed, told_at = excluded.told_at,
                 due = excluded.due"
        );
        self.put(
            &sql,
            &[
                (&group.target).into(),
                (&group.partner).into(),
                (&group.kind).into(),
                (&group.code).into(),
                group.round.into(),
                group.since.into(),
                group.latest.into(),
                group.count.into(),
                group.told.into(),
                group.over.into(),
                group.closed.into(),
                group.told_at.into(),
                group.due.into(),
            ],
        )
    }

    /// True when a target is to be told of something now; nothing is held for it.
    pub fn any_alert_group_is_due(&mut self, target: &str, now: Timestamp) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM alert WHERE target = $1 AND due <= $2 LIMIT 1";
        Ok(self.query_one(sql, &[target.into(), now.into()])?.is_some())
    }

    /// The groups of which a target is to be told now, the longest due first.
    pub fn due_alert_groups(&mut self, target: &str, now: Timestamp, limit: u32) -> Result<Vec<Group>, Error> {
        let sql =
            format!("SELECT {COLUMNS} FROM alert WHERE target = $1 AND due <= $2 ORDER BY due LIMIT $3 FOR UPDATE");
        self.query(&sql, &[target.into(), now.into(), limit.into()])?.iter().map(group).collect()
    }

    /// The message that is under way to a target.
    pub fn pending_message(&mut self, target: &str) -> Result<Option<Pending>, Error> {
        let sql = "SELECT id, body, attempts, due FROM alert_message WHERE target = $1 AND state = 'pending'";
        let row = self.query_one(sql, &[target.into()])?;
        row.map(|row| {
            let attempts = u32::try_from(row.int(2)?).unwrap_or(u32::MAX);
            Ok(Pending { id: row.id(0)?, body: row.text(1)?, attempts, due: row.time(3)? })
        })
        .transpose()
    }

    /// Puts a message on its way.
    pub fn keep_message(
        &mut self,
        id: &Id,
        (target, subject): (&str, &str),
        body: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO alert_message (id, target, made, subject, body, state, due)
                   VALUES ($1, $2, $3, $4, $5, 'pending', $3)";
        self.put(sql, &[id.into(), target.into(), now.into(), subject.into(), body.into()])
    }

    /// A message was taken. What its target was told long ago goes: the journal keeps what it was about.
    pub fn message_was_sent(&mut self, id: &Id, target: &str, now: Timestamp) -> Result<(), Error> {
        let sql =
            "UPDATE alert_message SET state = 'sent', sent = $2, attempts = attempts + 1, error = NULL WHERE id = $1";
        self.put(sql, &[id.into(), now.into()])?;
        let before = now.checked_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
        let sql = "DELETE FROM alert_message WHERE target = $1 AND made < $2 AND state = 'sent'";
        self.put(sql, &[target.into(), before.into()])
    }

    /// A message was not taken, and is tried again then.
    pub fn message_was_not_sent(&mut self, id: &Id, error: &str, again: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE alert_message SET attempts = attempts + 1, error = $2, due = $3 WHERE id = $1";
        self.put(sql, &[id.into(), error.into(), again.into()])
    }

    /// How many messages were made for a target since some time.
    pub fn messages_since(&mut self, target: &str, since: Timestamp) -> Result<u32, Error> {
        let sql = "SELECT COUNT(*) FROM alert_message WHERE target = $1 AND made > $2";
        let row = self.query_one(sql, &[target.into(), since.into()])?;
        row.map_or(Ok(0), |row| row.int(0).map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
    }

    /// How a target stands.
    pub fn alert_standing(&mut self, target: &str) -> Result<Standing, Error> {
        let mut standing = Standing::default();
        let pending =
            "SELECT subject, made, attempts, error FROM alert_message WHERE target = $1 AND state = 'pending'";
        if let Some(row) = self.query_one(pending, &[target.into()])? {
            standing.pending = Some(row.text(0)?);
            standing.since = Some(row.time(1)?);
            standing.attempts = u32::try_from(row.int(2)?).unwrap_or(u32::MAX);
            standing.error = row.optional_text(3)?;
        }
        let sent =
            "SELECT sent, subject FROM alert_message WHERE target = $1 AND state = 'sent' ORDER BY made DESC LIMIT 1";
        if let Some(row) = self.query_one(sent, &[target.into()])? {
            standing.sent = row.optional_time(0)?;
            standing.subject = Some(row.text(1)?);
        }
        Ok(standing)
    }

    /// How many messages wait that their target did not take.
    pub fn count_undelivered_alerts(&mut self) -> Result<i64, Error> {
        let sql = "SELECT COUNT(*) FROM alert_message WHERE state = 'pending' AND attempts > 0";
        self.query_one(sql, &[])?.map_or(Ok(0), |row| row.int(0))
    }

    /// Until when a target was told by a digest.
    pub fn digest_until(&mut self, target: &str) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT until FROM alert_digest WHERE target = $1";
        self.query_one(sql, &[target.into()])?.map(|row| row.time(0)).transpose()
    }

    /// Keeps until when.
    pub fn keep_digest(&mut self, target: &str, until: Timestamp) -> Result<(), Error> {
        let sql = "INSERT INTO alert_digest (target, until) VALUES ($1, $2)
                   ON CONFLICT (target) DO UPDATE SET until = excluded.until";
        self.put(sql, &[target.into(), until.into()])
    }

    /// What failed in some time, and what stands, counted by partner and code.
    pub fn failures_tallied(&mut self, from: Timestamp, until: Timestamp) -> Result<Vec<Tally>, Error> {
        let sql = "SELECT partner, kind, code, severity, who,
                          SUM(CASE WHEN at > $1 AND at <= $2 THEN 1 ELSE 0 END),
                          SUM(CASE WHEN settled IS NULL THEN 1 ELSE 0 END),
                          MIN(CASE WHEN settled IS NULL THEN at END)
                   FROM failure WHERE settled IS NULL OR (at > $1 AND at <= $2)
                   GROUP BY partner, kind, code, severity, who ORDER BY partner, kind, code, severity, who";
        let rows = self.query(sql, &[from.into(), until.into()])?;
        let tally = |row: &Row| {
            let number = |column| row.int(column).map(|number| u64::try_from(number).unwrap_or(0));
            Ok(Tally {
                partner: row.text(0)?,
                kind: row.text(1)?,
                code: row.text(2)?,
                severity: severity(row, 3)?,
                who: who(row, 4)?,
                fresh: number(5)?,
                standing: number(6)?,
                oldest: row.optional_time(7)?,
            })
        };
        rows.iter().map(tally).collect()
    }
}
