//! The proof: every chain hashed anew from its first event, every archived byte hashed against its name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::event::{COLUMNS, NO_EVENT, chain_hash};
use super::{Error, Transaction};

/// What the proof found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Partners whose journals were hashed.
    pub partners: u64,
    /// Events that were hashed.
    pub events: u64,
    /// Archived contents that were hashed.
    pub contents: u64,
    /// Contents that retention removed, as the journal says, by the day on which it did.
    pub pruned: BTreeMap<String, u64>,
    /// The first thing wrong with each chain, and every content that is wrong; empty when all holds.
    pub faults: Vec<String>,
}

/// How many events are in memory at a time.
const CHUNK: i64 = 1000;

impl Transaction<'_> {
    /// Verifies every journal and, where asked, every archived content.
    pub fn verify(&mut self, contents: Contents) -> Result<Verification, Error> {
        let mut found = Verification::default();
        let partners = self.query("SELECT partner FROM event UNION SELECT partner FROM event_head ORDER BY 1", &[])?;
        for partner in partners {
            found.partners += 1;
            // What cannot be read was not written by us: that is a fault of the journal, not a failure of the proof.
            let verified = partner.text(0).and_then(|partner| self.verify_chain(&partner, &mut found));
            match verified {
                Err(Error::Unexpected(detail)) => {
                    found.faults.push(format!("the journal of {:?} cannot be read: {detail}", partner.values()[0]));
                }
                other => other?,
            }
        }
        if contents == Contents::Too {
            self.verify_contents(&mut found)?;
        }
        Ok(found)
    }

    fn verify_chain(&mut self, partner: &str, found: &mut Verification) -> Result<(), Error> {
        let before = "SELECT sequence FROM event WHERE partner = $1 AND sequence < 1 LIMIT 1";
        if let Some(row) = self.query_one(before, &[partner.into()])? {
            found.faults.push(format!("event {partner}/{} stands before the first one", row.int(0)?));
            return Ok(());
        }
        let (mut last, mut hash) = (0, NO_EVENT.to_owned());
        let sql =
            format!("SELECT {COLUMNS} FROM event WHERE partner = $1 AND sequence > $2 ORDER BY sequence LIMIT $3");
        loop {
            let rows = self.query(&sql, &[partner.into(), last.into(), CHUNK.into()])?;
            for row in &rows {
                let (fields, chain) = row.values().split_at(10);
                let sequence = row.int(1)?;
                let computed = chain_hash(&hash, fields);
                let what = if sequence != last + 1 {
                    Some(format!("event {partner}/{} is missing", last + 1))
                } else if chain[0] != hash.as_str().into() {
                    Some(format!("event {partner}/{sequence} does not follow the one before it"))
                } else if chain[1] != computed.as_str().into() {
                    Some(format!("event {partner}/{sequence} was changed after it was written"))
                } else {
                    None
                };
                if let Some(what) = what {
                    found.faults.push(what);
                    return Ok(());
                }
                (last, hash) = (sequence, computed);
                found.events += 1;
            }
            if rows.is_empty() {
                break;
            }
        }
        let head = self.query_one("SELECT sequence, hash FROM event_head WHERE partner = $1", &[partner.into()])?;
        let is_head = match head {
            Some(head) => head.int(0)? == last && head.text(1)? == hash,
            None => false,
        };
        if !is_head {
            found.faults.push(format!("the journal of {partner} ends at event {last}, which is not its recorded end"));
        }
        Ok(())
    }

    fn verify_contents(&mut self, found: &mut Verification) -> Result<(), Error> {
        let first = "SELECT DISTINCT sha256 FROM transmission ORDER BY sha256 LIMIT $1";
        let next = "SELECT DISTINCT sha256 FROM transmission WHERE sha256 > $2 ORDER BY sha256 LIMIT $1";
        let mut rows = self.query(first, &[CHUNK.into()])?;
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut told_in = None;
        while let Some(last) = rows.last() {
            let last = last.text(0)?;
            for row in &rows {
                self.verify_content(&row.text(0)?, &mut names, &mut told_in, found)?;
            }
            rows = self.query(next, &[CHUNK.into(), last.into()])?;
        }
        Ok(())
    }

    /// Hashes one content. Of one that was pruned the journal must say so: a row alone would hide what somebody deleted.
    fn verify_content(
        &mut self,
        sha256: &str,
        names: &mut BTreeSet<String>,
        told_in: &mut Option<(String, u64)>,
        found: &mut Verification,
    ) -> Result<(), Error> {
        let outcome = self.open_content(sha256).and_then(|mut bytes| {
            std::io::copy(&mut bytes, &mut std::io::sink())
                .map_err(|error| Error::Damaged { sha256: sha256.to_owned(), detail: error.to_string() })
        });
        match outcome {
            Ok(_) => found.contents += 1,
            Err(Error::Pruned { at, .. }) => {
                let sql = "SELECT partner, sequence FROM pruned WHERE sha256 = $1";
                let row = self.query_one(sql, &[sha256.into()])?;
                let event = match row {
                    Some(row) => (row.text(0)?, u64::try_from(row.int(1)?).unwrap_or(0)),
                    None => Default::default(),
                };
                if told_in.as_ref() != Some(&event) {
                    *names = self.names_in_event(&event.0, event.1)?;
                    *told_in = Some(event);
                }
                match names.contains(sha256) {
                    true => *found.pruned.entry(at.strftime("%Y-%m-%d").to_string()).or_default() += 1,
                    false => found
                        .faults
                        .push(format!("the bytes {sha256} are marked as pruned, but no event of the journal says so")),
                }
            }
            Err(error) => found.faults.push(error.to_string()),
        }
        Ok(())
    }

    /// The contents that an event says were pruned; none when there is no such event.
    fn names_in_event(&mut self, partner: &str, sequence: u64) -> Result<BTreeSet<String>, Error> {
        let event = match self.event(partner, sequence) {
            Err(Error::NoSuch { .. }) => return Ok(BTreeSet::new()),
            event => event?,
        };
        let names = event.data.get("sha256").and_then(|names| names.as_array()).filter(|_| event.kind == "pruned");
        Ok(names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect())
    }
}

/// Whether archived bytes are verified as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// They are hashed as well.
    Too,
    /// Only the journals are hashed.
    Not,
}
