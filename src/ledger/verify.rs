//! The proof: every chain hashed anew from its first event, every archived byte hashed against its name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde::Serialize;

use super::engine::{Purpose, Session};
use super::event::{COLUMNS, NO_EVENT, chain_hash};
use super::{Archive, Error, Transaction};
use crate::config::LedgerAddress;

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
        let damage = match self.damage() {
            Err(Error::Corrupt(detail)) => vec![detail],
            other => other?,
        };
        found.faults.extend(damage.into_iter().map(|detail| format!("the database is damaged: {detail}")));
        if !found.faults.is_empty() {
            // What is read from damaged pages proves nothing, and may not even end.
            return Ok(found);
        }
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

    /// Verifies one journal.
    pub fn verify_journal(&mut self, partner: &str) -> Result<Verification, Error> {
        let mut found = Verification { partners: 1, ..Verification::default() };
        self.verify_chain(partner, &mut found)?;
        Ok(found)
    }

    /// Looks over every page of the database; says what is damaged, the first ten places of it. A server looks after its own
    /// pages (data checksums, pg_amcheck).
    pub fn damage(&mut self) -> Result<Vec<String>, Error> {
        if !self.is_sqlite() {
            return Ok(Vec::new());
        }
        let rows = self.query("PRAGMA integrity_check(10)", &[])?;
        let lines: Vec<String> = rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        let told = lines.iter().flat_map(|line| line.lines()).filter(|line| *line != "ok" && !line.starts_with("***"));
        let mut damage: Vec<String> = told.map(page_first).collect();
        // Missing rows of an index follow from pages that cannot be read.
        damage.sort_by_key(|line| !line.starts_with("page "));
        Ok(damage)
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
        // Those that the row of their bytes names, and the bytes that have no row.
        let named = "SELECT sha256, id FROM transmission WHERE repeats = 0 AND id > $2 ORDER BY id LIMIT $1";
        let others = "SELECT DISTINCT sha256, sha256 FROM transmission
                      WHERE repeats = 1 AND sha256 > $2
                        AND NOT EXISTS (SELECT 1 FROM content WHERE content.sha256 = transmission.sha256)
                      ORDER BY sha256 LIMIT $1";
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut told_in = None;
        for sql in [named, others] {
            let mut after = String::new();
            loop {
                let rows = self.query(sql, &[CHUNK.into(), (&after).into()])?;
                for row in &rows {
                    self.verify_content(&row.text(0)?, &mut names, &mut told_in, found)?;
                }
                let Some(last) = rows.last() else { break };
                after = last.text(1)?;
            }
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

/// The same for a SQLite file that cannot be opened as a ledger any more.
pub fn damage_of_file(path: &Path) -> Result<Vec<String>, Error> {
    let mut session = Session::open(&LedgerAddress::Sqlite(path.to_owned()), Purpose::Reading)?;
    match Transaction::reading(&mut session, &Archive::existing(path)).damage() {
        // Too damaged for the database to look at itself: then we look at its pages.
        Err(Error::Corrupt(detail)) => {
            let page = std::fs::read(path).ok().and_then(|bytes| first_implausible_page(&bytes));
            Ok(vec![page.map_or(detail.clone(), |page| format!("page {page}: {detail}"))])
        }
        other => other,
    }
}

/// Looks over the pages of a SQLite ledger that is too large to be looked over as a whole while work goes on: that would take
/// an hour, and hold the write-ahead log for as long. Each page's own beginning is looked at, a few at a time with `rest`
/// between them; the whole truth is told by `edigate ledger verify`. False from `rest` ends the look.
pub fn implausible_page(path: &Path, rest: &mut dyn FnMut() -> bool) -> io::Result<Option<usize>> {
    let mut file = File::open(path)?;
    let mut header = [0; 100];
    file.read_exact(&mut header)?;
    let Some(size) = page_size(&header) else { return Ok(Some(1)) };
    let pages = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX) / size;
    let mut chunk = vec![0; PAGES_AT_A_TIME * size];
    let mut page = 1;
    while page < pages {
        file.seek(SeekFrom::Start((page * size) as u64))?;
        let count = PAGES_AT_A_TIME.min(pages - page);
        file.read_exact(&mut chunk[..count * size])?;
        let suspect = chunk[..count * size].chunks(size).position(|found| !is_plausible(found, pages));
        if let Some(suspect) = suspect.map(|position| page + position) {
            // It may have been looked at while it was written.
            let written = rest();
            file.seek(SeekFrom::Start((suspect * size) as u64))?;
            file.read_exact(&mut chunk[..size])?;
            if !is_plausible(&chunk[..size], pages) {
                return Ok(Some(suspect + 1));
            }
            if !written {
                return Ok(None);
            }
        }
        page += count;
        if !rest() {
            return Ok(None);
        }
    }
    Ok(None)
}

/// How many pages are read between two rests.
const PAGES_AT_A_TIME: usize = 256;

/// The first page of a whole file that is not what a page is.
fn first_implausible_page(file: &[u8]) -> Option<usize> {
    let Some(size) = page_size(file.first_chunk::<100>()?) else { return Some(1) };
    let pages = file.len() / size;
    file.chunks(size).skip(1).position(|page| !is_plausible(page, pages)).map(|position| position + 2)
}

/// What the header says; nothing when it is no header.
fn page_size(header: &[u8; 100]) -> Option<usize> {
    let size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65536,
        size => usize::from(size),
    };
    (header.starts_with(b"SQLite format 3\0") && size.is_power_of_two() && size >= 512).then_some(size)
}

/// True for a page of a table or index (which say so in their first byte) and for a part of a chain (which begins with the
/// number of the next page); <https://www.sqlite.org/fileformat2.html>.
fn is_plausible(page: &[u8], pages: usize) -> bool {
    match page {
        [2 | 5 | 10 | 13, ..] => true,
        [a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]) as usize <= pages,
        _ => false,
    }
}

/// `Tree 14 page 15 cell 3: rowid out of order` names the page that matters first: `page 15: …`.
fn page_first(line: &str) -> String {
    let page = line.split_once("page ").map(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
    match page {
        Some(Some(page)) if !page.is_empty() && !line.starts_with("page ") => format!("page {page}: {line}"),
        _ => line.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger's file with some pages in it.
    fn ledger() -> (tempfile::TempDir, std::path::PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("ledger.db");
        drop(crate::ledger::Ledger::open(&LedgerAddress::Sqlite(path.clone()), home.path()).unwrap());
        (home, path)
    }

    #[test]
    fn a_page_that_is_none_is_named_and_a_whole_ledger_has_none() {
        let (_home, path) = ledger();
        assert_eq!(implausible_page(&path, &mut || true).unwrap(), None);
        let mut bytes = std::fs::read(&path).unwrap();
        let size = page_size(bytes.first_chunk().unwrap()).unwrap();
        bytes[9 * size..10 * size].fill(0xA5);
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(implausible_page(&path, &mut || true).unwrap(), Some(10));
        assert_eq!(first_implausible_page(&bytes), Some(10));
        std::fs::write(&path, "ISA*00*".repeat(200)).unwrap();
        assert_eq!(implausible_page(&path, &mut || true).unwrap(), Some(1));
    }

    #[test]
    fn a_page_that_was_being_written_is_looked_at_again() {
        let (_home, path) = ledger();
        let whole = std::fs::read(&path).unwrap();
        let mut torn = whole.clone();
        torn[9 * 4096..10 * 4096].fill(0xA5);
        std::fs::write(&path, &torn).unwrap();
        let mut rest = || {
            std::fs::write(&path, &whole).unwrap();
            true
        };
        assert_eq!(implausible_page(&path, &mut rest).unwrap(), None);
    }

    #[test]
    fn a_look_ends_when_it_is_told_to() {
        let (_home, path) = ledger();
        let mut rests = 0;
        let looked = implausible_page(&path, &mut || {
            rests += 1;
            false
        });
        assert_eq!((looked.unwrap(), rests), (None, 1));
    }
}
