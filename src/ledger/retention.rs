//! Retention: the bytes of old transmissions are removed, the journal stays, and the proof tells the difference.
//!
//! ```text
//! rows      content row deleted · pruned row written · one event per partner that names every hash   (one commit)
//! files     the file or object removed, pruned.removed set                                         (after it)
//! ```
//!
//! The row goes first and the file second. A crash between the two leaves bytes that the next run removes; the other way
//! round it would leave a journal that knows nothing of bytes that are missing, which nobody could tell from damage.
//!
//! Bytes go only when *every* transmission that has them is older than the retention of *every* partner whom it
//! concerns (an ERP's file about a retailer's shipment concerns both), none of these is under a legal hold, and nothing
//! unfinished needs them. Whoever brings the same bytes meanwhile writes the same content row, so that the two wait for
//! one another and the later one sees what the earlier one did.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::event::{EventKind, NewEvent};
use super::{Error, Ledger, Transaction};

/// What may go of one partner's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// What is older than this.
    Before(Timestamp),
    /// Nothing: a legal hold, with its reason.
    Hold(String),
}

/// What may go of everybody's bytes.
#[derive(Debug, Clone)]
pub struct Rules {
    /// By partner.
    pub partners: BTreeMap<String, Rule>,
    /// For partners that the configuration does not know any more.
    pub others: Timestamp,
    /// Only bytes that went through endpoints of this partner.
    pub only: Option<String>,
    /// Who asks, for the journal.
    pub by: String,
    /// When it is.
    pub now: Timestamp,
}

/// What was removed, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// How many contents.
    pub contents: u64,
    /// How many bytes they had, unpacked.
    pub bytes: u64,
    /// How many contents of each partner; one that two partners share counts for both.
    pub partners: BTreeMap<String, u64>,
    /// Contents old enough for one transmission that another partner's or a younger one still needs.
    pub kept_for_others: u64,
    /// Contents that a legal hold keeps.
    pub kept_by_hold: u64,
    /// Contents that something unfinished keeps.
    pub kept_unfinished: u64,
}

/// Why a content stays, or whose it was.
enum Verdict {
    /// It goes: how many bytes, and the partners whose endpoints it went through.
    Goes { bytes: u64, partners: BTreeSet<String> },
    /// Something younger has the same bytes, or a partner with a longer retention is concerned.
    Needed,
    /// A legal hold.
    Held,
    /// An unfinished state.
    Unfinished,
    /// The bytes are not there; that is for the proof to tell.
    Absent,
}

/// How many contents are looked at, and removed, in one transaction.
const BATCH: usize = 200;

/// How many files are removed in one transaction: the ledger's writer waits for them.
const FILES: usize = 16;

impl Rules {
    fn for_partner(&self, partner: &str) -> Rule {
        self.partners.get(partner).cloned().unwrap_or(Rule::Before(self.others))
    }

    /// No transmission from this time on can go by any rule.
    fn youngest(&self) -> Timestamp {
        let times = self.partners.values().filter_map(|rule| match rule {
            Rule::Before(time) => Some(*time),
            Rule::Hold(_) => None,
        });
        times.chain([self.others]).max().unwrap_or(self.others)
    }
}

impl Ledger {
    /// What [`Ledger::prune`] would remove now.
    pub fn would_prune(&self, rules: &Rules) -> Result<Pruned, Error> {
        let mut found = Pruned::default();
        let mut after = None;
        loop {
            let batch = self.read(|tx| {
                let batch = tx.old_contents(rules, after.as_deref())?;
                for sha256 in &batch {
                    let verdict = tx.verdict(sha256, rules)?;
                    found.count(&verdict);
                }
                Ok(batch)
            })?;
            let Some(last) = batch.into_iter().next_back() else { return Ok(found) };
            after = Some(last);
        }
    }

    /// Removes the bytes whose time is over, and finishes what an earlier run could not. It blocks for as long as that takes.
    pub fn prune(&self, rules: &Rules) -> Result<Pruned, Error> {
        self.remove_pruned_files(rules.now)?;
        let mut found = Pruned::default();
        let mut after = None;
        loop {
            let batch = self.read(|tx| tx.old_contents(rules, after.as_deref()))?;
            let Some(last) = batch.last().cloned() else { break };
            let rules = rules.clone();
            crate::crash::point("prune.rows.before");
            let removed = self.write(move |tx| tx.prune_rows(&batch, &rules))?;
            crate::crash::point("prune.rows.after");
            found.add(removed);
            after = Some(last);
        }
        self.remove_pruned_files(rules.now)?;
        Ok(found)
    }

    /// Removes the files of contents whose rows are gone.
    fn remove_pruned_files(&self, now: Timestamp) -> Result<(), Error> {
        loop {
            let sql = "SELECT sha256 FROM pruned WHERE removed IS NULL ORDER BY sha256 LIMIT $1";
            let limit = FILES as i64;
            let rows = self.read(|tx| tx.query(sql, &[limit.into()]))?;
            let names: Vec<String> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
            if names.is_empty() {
                return Ok(());
            }
            self.write(move |tx| {
                for sha256 in &names {
                    tx.remove_pruned_file(sha256, now)?;
                }
                Ok(())
            })?;
            crate::crash::point("prune.files.after");
        }
    }
}

impl Pruned {
    fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Goes { bytes, partners } => {
                self.contents += 1;
                self.bytes += bytes;
                for partner in partners {
                    *self.partners.entry(partner.clone()).or_default() += 1;
                }
            }
            Verdict::Needed => self.kept_for_others += 1,
            Verdict::Held => self.kept_by_hold += 1,
            Verdict::Unfinished => self.kept_unfinished += 1,
            Verdict::Absent => {}
        }
    }

    fn add(&mut self, more: Pruned) {
        self.contents += more.contents;
        self.bytes += more.bytes;
        for (partner, count) in more.partners {
            *self.partners.entry(partner).or_default() += count;
        }
        self.kept_for_others += more.kept_for_others;
        self.kept_by_hold += more.kept_by_hold;
        self.kept_unfinished += more.kept_unfinished;
    }
}

impl Transaction<'_> {
    /// Contents of transmissions that could be old enough, by name, after the last one that was looked at.
    fn old_contents(&mut self, rules: &Rules, after: Option<&str>) -> Result<Vec<String>, Error> {
        let mut values = vec![rules.youngest().into(), after.unwrap_or_default().into(), (BATCH as i64).into()];
        let of_one = match &rules.only {
            Some(only) => {
                values.push(only.into());
                " AND transmission.partner = $4"
            }
            None => "",
        };
        // Each half stops by itself, so that neither is gathered whole.
        let sql = format!(
            "SELECT sha256 FROM (SELECT content.sha256 FROM content
                                 JOIN transmission ON transmission.id = content.transmission
                                 WHERE content.sha256 > $2 AND transmission.at < $1{of_one}
                                 ORDER BY content.sha256 LIMIT $3) AS first
             UNION
             SELECT sha256 FROM (SELECT DISTINCT transmission.sha256 FROM transmission
                                 WHERE transmission.repeats = 1 AND transmission.sha256 > $2
                                   AND transmission.at < $1{of_one}
                                   AND NOT EXISTS (SELECT 1 FROM pruned WHERE pruned.sha256 = transmission.sha256)
                                 ORDER BY transmission.sha256 LIMIT $3) AS others
             ORDER BY sha256 LIMIT $3"
        );
        self.query(&sql, &values)?.iter().map(|row| row.text(0)).collect()
    }

    fn verdict(&mut self, sha256: &str, rules: &Rules) -> Result<Verdict, Error> {
        let sql = "SELECT id, partner, at, state, size FROM transmission WHERE sha256 = $1 AND repeats = 1
                   UNION ALL
                   SELECT transmission.id, transmission.partner, transmission.at, transmission.state, transmission.size
                   FROM content JOIN transmission ON transmission.id = content.transmission WHERE content.sha256 = $1";
        let mut partners = BTreeSet::new();
        let mut bytes = 0;
        let (mut needed, mut unfinished) = (false, false);
        for row in self.query(sql, &[sha256.into()])? {
            let (id, at) = (row.text(0)?, row.time(2)?);
            bytes = u64::try_from(row.int(4)?).unwrap_or(0);
            for partner in self.concerned(&id, &row.text(1)?)? {
                match rules.for_partner(&partner) {
                    Rule::Hold(_) => return Ok(Verdict::Held),
                    Rule::Before(time) => needed |= at >= time,
                }
            }
            unfinished |= self.is_unfinished(&id, &row.text(3)?)?;
            partners.insert(row.text(1)?);
        }
        Ok(match (unfinished, needed) {
            (true, _) => Verdict::Unfinished,
            (false, true) => Verdict::Needed,
            (false, false) if !self.is_kept(sha256)? => Verdict::Absent,
            (false, false) => Verdict::Goes { bytes, partners },
        })
    }

    /// The partners whose business a transmission is: whose endpoint it went through, and whose documents it carries.
    fn concerned(&mut self, transmission: &str, partner: &str) -> Result<BTreeSet<String>, Error> {
        let sql = "SELECT document.partner FROM document WHERE document.transmission = $1
                   UNION SELECT document.partner FROM delivery JOIN document ON document.id = delivery.document
                   WHERE delivery.transmission = $1";
        let mut concerned = BTreeSet::from([partner.to_owned()]);
        for row in self.query(sql, &[transmission.into()])? {
            concerned.insert(row.text(0)?);
        }
        Ok(concerned)
    }

    /// True when something that is not at its end may still ask for these bytes. Only states that are known to be ends
    /// count as such.
    fn is_unfinished(&mut self, transmission: &str, state: &str) -> Result<bool, Error> {
        if !["processed", "duplicate", "quarantined", "built"].contains(&state) {
            return Ok(true);
        }
        let sql = "SELECT 1 FROM delivery LEFT JOIN expectation ON expectation.delivery = delivery.id
                   WHERE (delivery.transmission = $1
                          OR delivery.answers IN (SELECT interchange.id FROM interchange WHERE interchange.transmission = $1)
                          OR delivery.document IN (SELECT document.id FROM document WHERE document.transmission = $1))
                     AND (delivery.state <> 'sent' OR expectation.state IN ('waiting', 'pending', 'overdue'))
                   LIMIT 1";
        if self.query_one(sql, &[transmission.into()])?.is_some() {
            return Ok(true);
        }
        let sql = "SELECT 1 FROM acknowledgment WHERE transmission = $1 AND state = 'unmatched' LIMIT 1";
        Ok(self.query_one(sql, &[transmission.into()])?.is_some())
    }

    fn is_kept(&mut self, sha256: &str) -> Result<bool, Error> {
        let row = self.query_one("SELECT 1 FROM content WHERE sha256 = $1", &[sha256.into()])?;
        // A file that an earlier build archived has no row.
        Ok(row.is_some() || self.archive().store().holds(sha256)?)
    }

    fn prune_rows(&mut self, batch: &[String], rules: &Rules) -> Result<Pruned, Error> {
        let mut found = Pruned::default();
        let mut gone: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let mut bytes_of: BTreeMap<String, u64> = BTreeMap::new();
        // The content, the partner in whose journal it is looked up, and whether it was a row.
        let mut rows: Vec<(&str, String, bool)> = Vec::new();
        for sha256 in batch {
            // Whoever takes in the same bytes writes this row too: from here on one of us waits for the other.
            let encoding = self.query_one(
                "UPDATE content SET encoding = encoding WHERE sha256 = $1 RETURNING encoding",
                &[sha256.into()],
            )?;
            let verdict = self.verdict(sha256, rules)?;
            found.count(&verdict);
            let Verdict::Goes { bytes, partners } = verdict else { continue };
            // From now on the transmission that the row named is found by the index.
            let sql = "UPDATE transmission SET repeats = 1
                       WHERE id = (SELECT content.transmission FROM content WHERE content.sha256 = $1)";
            self.execute(sql, &[sha256.into()])?;
            self.execute("DELETE FROM content WHERE sha256 = $1", &[sha256.into()])?;
            let in_a_row = matches!(encoding, Some(row) if row.text(0)? != "file");
            rows.push((sha256, partners.first().cloned().unwrap_or_default(), in_a_row));
            for partner in partners {
                *bytes_of.entry(partner.clone()).or_default() += bytes;
                gone.entry(partner).or_default().push(sha256);
            }
        }
        let mut events = BTreeMap::new();
        for (partner, names) in gone {
            let bytes = bytes_of.get(&partner).copied().unwrap_or(0);
            let sequence = self.append_numbered_event(&told(&partner, &names, bytes, rules))?;
            events.insert(partner, sequence);
        }
        for (sha256, partner, in_a_row) in rows {
            let sequence = events.get(&partner).copied().unwrap_or(0);
            self.execute(
                "INSERT INTO pruned (sha256, partner, sequence, at, removed) VALUES ($1, $2, $3, $4, $5)",
                &[
                    sha256.into(),
                    partner.into(),
                    sequence.into(),
                    rules.now.into(),
                    in_a_row.then_some(rules.now).into(),
                ],
            )?;
        }
        Ok(found)
    }

    fn remove_pruned_file(&mut self, sha256: &str, now: Timestamp) -> Result<(), Error> {
        // The row is written before the file goes. Bytes that came in again took the row away, and theirs is the file now.
        let sql = "UPDATE pruned SET removed = $2 WHERE sha256 = $1 AND removed IS NULL";
        if self.execute(sql, &[sha256.into(), now.into()])? > 0 {
            crate::crash::point("prune.file.before");
            self.archive().store().remove(sha256)?;
            crate::crash::point("prune.file.after");
        }
        Ok(())
    }
}

fn told(partner: &str, names: &[&str], bytes: u64, rules: &Rules) -> NewEvent {
    let until = match rules.for_partner(partner) {
        Rule::Before(time) => time,
        Rule::Hold(_) => rules.now,
    };
    let contents = if names.len() == 1 { "content".to_owned() } else { "contents".to_owned() };
    NewEvent {
        partner: partner.to_owned(),
        at: rules.now,
        kind: EventKind::Pruned,
        text: format!(
            "pruned {} {contents} of files from before {}, {bytes} bytes, by {}",
            names.len(),
            until.strftime("%Y-%m-%d"),
            rules.by
        ),
        data: json!({ "contents": names.len(), "bytes": bytes, "until": until, "by": rules.by, "sha256": names }),
        ..NewEvent::default()
    }
}
