//! A directory of a server that files are taken from.
//!
//! ```text
//! /outbound/850_101.edi   --copied-->   spool/sftp/…   --captured-->   deleted, moved or remembered there
//! ```
//!
//! A server has no rename that takes a file out of every reader's sight and no lock, so that a claim is made on our side: it is
//! the hash of the file's place, name, size and time, and the ledger holds it from the commit that records the file until the
//! file is gone. Whoever is killed in between finds the file and its claim, and does not take it a second time; another file of
//! the same name has another claim, unless it has the same size and comes within the same second, which is as fine as the
//! protocol tells time. So a file that a later look finds held is read once more before it goes (`daemon::watch`); one that is
//! to be remembered is not. A copy in the spool is worth nothing by itself: the next start clears it away.
//!
//! The protocol promises no order of a listing, nor that a name stands in it once. Files of one look are taken by their names,
//! as those of a folder are.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::SftpError;
use super::pool::Pool;
use super::session::{EntryKind, Session, join};
use crate::config::partner::{AfterPickUp, PickUp};
use crate::config::pattern;
use crate::crash;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::transport::inlet::{Candidate, Claimed, Inlet, Listing, PutAway, is_temporary, place, recorded};
use crate::transport::roll;

/// A directory of a server.
pub struct Mailbox {
    pool: Pool,
    pick_up: PickUp,
    /// Whose it is, by which endpoint.
    whose: String,
    /// Where copies are made.
    spool: PathBuf,
    at_once: usize,
    /// Markers that a crash left without their files were looked for.
    is_tidied: bool,
}

impl Mailbox {
    /// The mailbox of an endpoint, with a spool of its own; nothing is connected yet.
    pub fn of(pool: Pool, pick_up: PickUp, whose: String, spool: PathBuf, at_once: usize) -> Mailbox {
        Mailbox { pool, pick_up, whose, spool, at_once, is_tidied: false }
    }

    fn told(&self, error: &SftpError) -> Diagnostic {
        Diagnostic::from(error).at(place(&self.pick_up.from))
    }

    fn is_offered(&self, name: &str, all: &HashSet<&str>) -> bool {
        let is_ours = !is_temporary(name) && pattern::matches(&self.pick_up.matching, name);
        is_ours
            && self.pick_up.marker.as_ref().is_none_or(|marker| {
                !name.ends_with(marker.as_str()) && all.contains(format!("{name}{marker}").as_str())
            })
    }

    /// Removes markers whose file is gone: a crash came between the two. One that stayed would offer the next file of that
    /// name while it is still being written.
    fn tidy(&mut self, names: &HashSet<&str>) -> Result<(), SftpError> {
        if std::mem::replace(&mut self.is_tidied, true) {
            return Ok(());
        }
        let Some(marker) = &self.pick_up.marker else { return Ok(()) };
        let is_left = |name: &&&str| {
            name.strip_suffix(marker.as_str())
                .is_some_and(|file| !names.contains(file) && pattern::matches(&self.pick_up.matching, file))
        };
        let left: Vec<String> = names.iter().filter(is_left).map(|name| join(&self.pick_up.from, name)).collect();
        self.pool.with(|session| left.iter().try_for_each(|path| session.remove(path)))
    }

    fn put_one_away(&self, session: &mut Session, claimed: &Claimed) -> Result<PutAway, SftpError> {
        let path = match &claimed.there {
            Some(there) => there.path.clone(),
            None => join(&self.pick_up.from, &claimed.name).into(),
        };
        let there = match session.look_at(&path) {
            Ok(there) => Some(there),
            Err(error) if error.is_no_such_file() => None,
            Err(error) => return Err(error),
        };
        // Another file came in its place meanwhile: that one is not ours to put away.
        let is_same = |there: &crate::transport::sftp::session::Entry| {
            claimed.there.as_ref().is_none_or(|seen| (seen.size, seen.modified) == (there.size, there.modified))
        };
        if there.as_ref().is_none_or(|there| !is_same(there)) {
            return Ok(PutAway::Gone);
        }
        match &self.pick_up.then {
            AfterPickUp::Remember => return Ok(PutAway::Stays),
            AfterPickUp::Delete => session.remove(&path)?,
            AfterPickUp::Archive(directory) => {
                let target = join(directory, &claimed.name);
                if let Err(first) = session.rename(&path, &target) {
                    if first.ends_the_session() {
                        return Err(first);
                    }
                    // The directory is missing, or the name is taken there.
                    session.make_directory(directory)?;
                    let name = match session.look_at(&target) {
                        Ok(_) => format!("{}-{}", uuid::Uuid::now_v7().simple(), claimed.name),
                        Err(_) => claimed.name.clone(),
                    };
                    session.rename(&path, &join(directory, &name))?;
                }
            }
        }
        if let Some(marker) = &self.pick_up.marker {
            let mut its = path.into_os_string();
            its.push(marker);
            session.remove(Path::new(&its))?;
        }
        Ok(PutAway::Gone)
    }
}

/// The path of a file that the server named, in the bytes that it used.
fn below(directory: &Path, file_name: &OsStr) -> PathBuf {
    let mut path = OsString::from(join(directory, ""));
    path.push(file_name);
    path.into()
}

impl Inlet for Mailbox {
    fn list(&mut self) -> Result<Listing, Diagnostic> {
        self.pool.rest();
        let listed = self.pool.with(|session| session.list(&self.pick_up.from));
        let entries = listed.map_err(|error| self.told(&error))?;
        let names: HashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        self.tidy(&names).map_err(|error| self.told(&error))?;
        let mut listing = Listing::default();
        for entry in entries.iter().filter(|entry| self.is_offered(&entry.name, &names)) {
            if entry.name.contains(['/', '\\']) {
                listing.bad_names.push(entry.name.clone());
                continue;
            }
            let path = below(&self.pick_up.from, &entry.file_name);
            match entry.kind {
                EntryKind::File => listing.candidates.push(Candidate {
                    path,
                    name: entry.name.clone(),
                    size: entry.size,
                    modified: entry.modified,
                }),
                EntryKind::Other => listing.oddities.push(path),
                EntryKind::Directory => {}
            }
        }
        listing.candidates.sort_by(|a, b| a.name.cmp(&b.name));
        // A server that lists while others write may name a file twice.
        listing.candidates.dedup_by(|a, b| a.path == b.path);
        Ok(listing)
    }

    /// Copies that a crash left are worth nothing: their files are still there, or captured.
    fn leftovers(&mut self) -> Result<Vec<Claimed>, Diagnostic> {
        let cleared = match fs::remove_dir_all(&self.spool) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => fs::create_dir_all(&self.spool),
        };
        cleared.map_err(|error| {
            let why = format!("cannot clear {}: {error}", self.spool.display());
            Diagnostic::new(&custody::NOT_CAPTURED, why)
        })?;
        Ok(Vec::new())
    }

    fn claim_of(&self, candidate: &Candidate) -> Option<String> {
        let Candidate { path, size, modified, .. } = candidate;
        let since = modified.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let server = self.pool.server();
        let told = format!("{}\n{server}\n{}\n{size}\n{since}", self.whose, recorded(path.as_os_str()));
        Some(roll::hash(told.as_bytes()))
    }

    fn take(
        &mut self,
        candidates: &[Candidate],
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<Claimed, Diagnostic>> {
        let copied = self.pool.with_each(self.at_once, candidates, |session, candidate| {
            if !go_on() {
                return Ok(None);
            }
            let claim = self.claim_of(candidate).unwrap_or_default();
            let path = self.spool.join(&claim);
            crash::point("sftp.copy.before");
            session.read_into(&candidate.path, candidate.size, &path)?;
            crash::point("sftp.copy.after");
            Ok(Some(Claimed { path, name: candidate.name.clone(), claim, there: Some(candidate.clone()) }))
        });
        let told = |(candidate, outcome): (&Candidate, Result<Option<Claimed>, SftpError>)| match outcome {
            Ok(claimed) => claimed.map(Ok),
            Err(error) => Some(Err(Diagnostic::from(&error).at(place(&candidate.path)))),
        };
        candidates.iter().zip(copied).map_while(told).collect()
    }

    fn put_away(&mut self, claimed: &[Claimed]) -> Vec<Result<PutAway, Diagnostic>> {
        for one in claimed {
            // The bytes are in the archive; a copy that stays is cleared away at the next start.
            let _ = fs::remove_file(&one.path);
        }
        if self.pick_up.then == AfterPickUp::Remember {
            return claimed.iter().map(|_| Ok(PutAway::Stays)).collect();
        }
        let done = self.pool.with_each(self.at_once, claimed, |session, one| {
            crash::point("capture.put_away.before");
            let done = self.put_one_away(session, one);
            crash::point("capture.put_away.after");
            done
        });
        // Of one that failed, the file may have gone and its marker stayed.
        self.is_tidied &= done.iter().all(Result::is_ok);
        let told = |(one, outcome): (&Claimed, Result<PutAway, SftpError>)| {
            outcome.map_err(|error| {
                let path = PathBuf::from(join(&self.pick_up.from, &one.name));
                let diagnostic = Diagnostic::from(&error).at(place(&path));
                diagnostic.hint("its bytes are safe and it is not taken again; it goes as soon as the server lets it")
            })
        };
        claimed.iter().zip(done).map(told).collect()
    }
}
