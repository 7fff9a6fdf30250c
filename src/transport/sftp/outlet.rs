//! A directory of a server that files are left in.
//!
//! ```text
//! .KEY.tmp  --written, all, in several sessions-->  a roll of them  --rename, each-->  997_1.edi  -->  997_1.edi.done
//! the receipts are durable  -->  the roll goes
//! ```
//!
//! A rename fails where the name is taken, so that nothing is ever replaced. Where the connection breaks while a name is given,
//! nobody can say at once whether it was: the attempt stays on its roll, and the same attempt asks the server when it answers
//! again. A mailbox that may be written and not listed has no rolls to be read after a crash; there a file may be left a
//! second time, under the same name.
//!
//! A server without rename (`rename = false`) gets files under their final names at once, each still on a roll: what a crash
//! cut off is written over, and what is gone is left again, since nobody can tell whether it was whole.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::SftpError;
use super::pool::Pool;
use super::session::{EntryKind, Open, Session, join};
use crate::config::partner::DropOff;
use crate::crash;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::transport::folder::is_proof;
use crate::transport::inlet::place;
use crate::transport::outlet::{Leaving, Manner, Order, Outlet, Unsent, cut, is_usable};
use crate::transport::roll::{self, Rolls};

/// How much must fit into a directory for it to be usable, as for a folder of this machine.
const ROOM: usize = 256 << 10;
/// A server that refused is not asked more often than this.
const ASK_AGAIN: Duration = Duration::from_secs(15);
/// Nor to have hidden files removed.
const CLEAR_AGAIN: Duration = Duration::from_secs(5);
/// No roll is longer: a round has 1,024 files at most.
const LONGEST_ROLL: u64 = 1 << 20;

/// A directory of a server.
pub struct Directory {
    pool: Pool,
    to: PathBuf,
    marker: Option<String>,
    /// The rolls that stand; `None` until somebody looked.
    rolls: Mutex<Option<Rolls>>,
    /// Keys of drafts that got no name.
    drafts: Mutex<HashSet<String>>,
    /// Hidden files of ours that are to be removed, in this order; what could not be removed is tried again.
    left_over: Mutex<Vec<String>>,
    /// When that was tried last in vain.
    cleared_in_vain: Mutex<Option<Instant>>,
    /// When the server refused last, and what.
    refused: Mutex<Option<(Instant, Diagnostic)>>,
}

/// A file on its way to its name.
enum Draft {
    /// It stands, and is on no roll.
    Written,
    /// It stands, and is on a roll.
    Begun,
    /// An attempt of this key that was cut off had named it.
    Named,
}

impl Directory {
    /// The directory of an endpoint; nothing is connected before something is left.
    pub fn of(pool: Pool, drop_off: &DropOff) -> Directory {
        Directory {
            pool,
            to: drop_off.to.clone(),
            marker: drop_off.marker.clone(),
            rolls: Mutex::default(),
            drafts: Mutex::default(),
            left_over: Mutex::default(),
            cleared_in_vain: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    /// Removes what is left over, as long as the server answers; one that does not is not asked again at once.
    fn clear_up(&self) {
        if locked(&self.cleared_in_vain).is_some_and(|since| since.elapsed() < CLEAR_AGAIN) {
            return;
        }
        let left_over = std::mem::take(&mut *locked(&self.left_over));
        for (index, path) in left_over.iter().enumerate() {
            // What the server refuses to remove stays, and does no harm.
            let removed = self.pool.with(|session| session.remove(path));
            if removed.is_err_and(|error| error.ends_the_session()) {
                *locked(&self.cleared_in_vain) = Some(Instant::now());
                locked(&self.left_over).extend_from_slice(&left_over[index..]);
                return;
            }
        }
        *locked(&self.cleared_in_vain) = None;
    }

    fn renames(&self) -> bool {
        self.pool.server().rename
    }

    fn draft(&self, key: &str) -> String {
        join(&self.to, &format!(".{key}.tmp"))
    }

    /// Reads the rolls that stand, once; true when everything is known.
    fn know_the_rolls(&self) -> Result<(), SftpError> {
        if locked(&self.rolls).is_some() {
            return Ok(());
        }
        let rolls = self.pool.with(|session| {
            let entries = match session.list(&self.to) {
                Ok(entries) => entries,
                // It may be written and not listed, or is not there, which writing will say better.
                Err(error) if !error.ends_the_session() => return Ok(Rolls::default()),
                Err(error) => return Err(error),
            };
            let mut rolls = Rolls::default();
            for entry in entries.iter().filter(|entry| roll::is_roll(&entry.name) && entry.kind == EntryKind::File) {
                let text = session.read(&join(&self.to, &entry.name), LONGEST_ROLL)?;
                rolls.read(&entry.name, &String::from_utf8_lossy(&text));
            }
            Ok(rolls)
        })?;
        *locked(&self.rolls) = Some(rolls);
        Ok(())
    }

    fn has_begun(&self, file: &Leaving<'_>) -> bool {
        locked(&self.rolls).as_ref().is_some_and(|rolls| rolls.has_begun(file.key, file.bytes))
    }

    /// Writes a draft, or finds how far an attempt of this key came; see [`super::super::roll`].
    fn prepare(&self, session: &mut Session, file: &Leaving<'_>) -> Result<Draft, SftpError> {
        if !is_usable(file.name) {
            return Err(SftpError::BadName { name: file.name.to_owned() });
        }
        if !self.renames() {
            return Ok(if self.has_begun(file) { Draft::Begun } else { Draft::Written });
        }
        let draft = self.draft(file.key);
        if self.has_begun(file) {
            return match session.look_at(&draft) {
                Ok(found) if found.size == file.bytes.len() as u64 => Ok(Draft::Begun),
                Ok(found) => Err(SftpError::Changed { path: draft, listed: file.bytes.len() as u64, read: found.size }),
                Err(error) if error.is_no_such_file() => Ok(Draft::Named),
                Err(error) => Err(error),
            };
        }
        locked(&self.drafts).insert(file.key.to_owned());
        match session.write(&draft, file.bytes, Open::New) {
            // What a crash left half written, or somebody planted, is removed and never written through.
            Err(error) if !error.ends_the_session() && session.look_at(&draft).is_ok() => {
                session.remove(&draft)?;
                session.write(&draft, file.bytes, Open::New).map_err(|_| error)?;
            }
            other => other?,
        }
        Ok(Draft::Written)
    }

    /// Puts the drafts that are about to be named on a roll. Without it none is.
    fn call_the_roll(
        &self,
        files: &[Leaving<'_>],
        hashes: &[String],
        drafts: &[Result<Draft, SftpError>],
    ) -> Result<(), SftpError> {
        let about = files.iter().zip(hashes).zip(drafts).filter(|(_, draft)| matches!(draft, Ok(Draft::Written)));
        let text: String = about.map(|((file, hash), _)| roll::line(file.key, hash)).collect();
        if text.is_empty() {
            return Ok(());
        }
        let name = roll::name(uuid::Uuid::now_v7());
        let path = join(&self.to, &name);
        if let Err(error) = self.pool.with(|session| session.write(&path, text.as_bytes(), Open::New)) {
            // It may stand all the same, and nothing on it is named by it.
            locked(&self.left_over).push(path);
            return Err(error);
        }
        if let Some(rolls) = locked(&self.rolls).as_mut() {
            rolls.read(&name, &text);
        }
        Ok(())
    }

    /// Makes a draft bear its name.
    fn give_name(&self, session: &mut Session, file: &Leaving<'_>, draft: &Draft) -> Result<String, SftpError> {
        let target = join(&self.to, file.name);
        crash::point("deliver.name.before");
        match (draft, self.renames()) {
            (Draft::Named, _) => {}
            (_, true) => self.rename(session, file, &target)?,
            (draft, false) => write_in_place(session, file, &target, matches!(draft, Draft::Begun))?,
        }
        crash::point("deliver.name.after");
        if let Some(marker) = &self.marker {
            session.write(&format!("{target}{marker}"), b"", Open::Over).map_err(|error| SftpError::Unmarked {
                path: target.clone(),
                why: error.to_string(),
                lost: error.ends_the_session(),
            })?;
        }
        locked(&self.drafts).remove(file.key);
        Ok(format!("{}{}", self.pool.server(), absolute(&target)))
    }

    fn rename(&self, session: &mut Session, file: &Leaving<'_>, target: &str) -> Result<(), SftpError> {
        let draft = self.draft(file.key);
        let Err(refused) = session.rename(&draft, target) else { return Ok(()) };
        if refused.ends_the_session() {
            return Err(refused);
        }
        // Most servers have one word for every failure.
        match session.look_at(target) {
            Ok(there) if holds(session, &there.name, there.size, file.bytes)? => session.remove(&draft),
            Ok(_) => Err(SftpError::NameTaken { path: target.to_owned() }),
            Err(_) => Err(refused),
        }
    }

    fn leave_all(&self, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<String, Unsent>> {
        let Manner { at_once, order, still_ours } = manner;
        let none = |why: &dyn Fn() -> Unsent| files.iter().map(|_| Err(why())).collect();
        if !still_ours() {
            return none(&|| Unsent::NotOurs);
        }
        if let Err(error) = self.know_the_rolls() {
            // What an earlier life may have named cannot be told apart from what it has not.
            return none(&|| Unsent::Unclear(self.told(&error)));
        }
        crash::point("deliver.write.before");
        let begun: Vec<bool> = files.iter().map(|file| self.has_begun(file)).collect();
        let hash_all = || files.iter().map(|file| roll::hash(file.bytes)).collect::<Vec<_>>();
        let (drafts, hashes) = thread::scope(|scope| {
            // Beside the writing: of a large file it takes a tenth of the time.
            let hashing = scope.spawn(hash_all);
            let drafts = self.pool.with_each(at_once, files, |session, file| self.prepare(session, file));
            (drafts, hashing.join().unwrap_or_else(|_| hash_all()))
        });
        let drafts = cut(drafts.into_iter(), order);
        crash::point("deliver.write.after");
        if !still_ours() {
            return none(&|| Unsent::NotOurs);
        }
        let empty = locked(&self.rolls).as_mut().map(Rolls::take_empty).unwrap_or_default();
        locked(&self.left_over).extend(empty.iter().map(|roll| join(&self.to, roll)));
        crash::point("deliver.roll.before");
        let called = self.call_the_roll(files, &hashes, &drafts);
        crash::point("deliver.roll.after");
        let ready: Vec<(&Leaving<'_>, &Draft)> = files
            .iter()
            .zip(&drafts)
            .filter_map(|(file, draft)| Some((file, draft.as_ref().ok()?)))
            .filter(|(_, draft)| called.is_ok() || !matches!(draft, Draft::Written))
            .collect();
        let mut named = match order {
            Order::Free => {
                self.pool.with_each(at_once, &ready, |session, (file, draft)| self.give_name(session, file, draft))
            }
            Order::Kept => {
                let one = |(file, draft): &(&Leaving<'_>, &Draft)| {
                    self.pool.with(|session| self.give_name(session, file, draft))
                };
                cut(ready.iter().map(one), Order::Kept)
            }
        }
        .into_iter();
        let mut outcomes = Vec::with_capacity(drafts.len());
        for (draft, begun) in drafts.iter().zip(begun) {
            let outcome = match (draft, &called) {
                // A draft that somebody changed is there, so that it was not named.
                (Err(error), _) if begun && !matches!(error, SftpError::Changed { .. }) => {
                    Err(Unsent::Unclear(self.told(error)))
                }
                (Err(error), _) | (Ok(Draft::Written), Err(error)) => Err(self.unsent(error, false)),
                (Ok(_), _) => match named.next() {
                    Some(named) => named.map_err(|error| self.unsent(&error, true)),
                    None => break,
                },
            };
            let is_end = outcome.is_err() && order == Order::Kept;
            outcomes.push(outcome);
            if is_end {
                break;
            }
        }
        outcomes
    }

    /// What an error means for a file. Once it is on a roll, a broken connection leaves open whether it was named.
    fn unsent(&self, error: &SftpError, is_on_a_roll: bool) -> Unsent {
        let told = self.told(error);
        match error {
            SftpError::BadName { .. } => Unsent::Permanent(told),
            SftpError::Unmarked { .. } => Unsent::Unclear(told),
            error if is_on_a_roll && error.ends_the_session() => Unsent::Unclear(told),
            _ => Unsent::Temporary(told),
        }
    }

    fn told(&self, error: &SftpError) -> Diagnostic {
        let mut told = Diagnostic::from(error).at(place(&self.to));
        if let SftpError::Refused { action: "rename to", status: 8, .. } = error {
            told = told.hint("where the server knows no rename, say rename = false in the endpoint");
        }
        told
    }
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/~/{path}") }
}

fn holds(session: &mut Session, path: &str, size: u64, bytes: &[u8]) -> Result<bool, SftpError> {
    if size != bytes.len() as u64 {
        return Ok(false);
    }
    Ok(session.read(path, size)? == bytes)
}

/// Writes a file under its final name; what an attempt of ours cut off is written over.
fn write_in_place(session: &mut Session, file: &Leaving<'_>, target: &str, is_begun: bool) -> Result<(), SftpError> {
    let there = match session.look_at(target) {
        Err(error) if error.is_no_such_file() => return session.write(target, file.bytes, Open::New),
        other => other?,
    };
    let size = usize::try_from(there.size).unwrap_or(usize::MAX);
    let is_ours = |session: &mut Session, end: usize| Ok(session.read(target, there.size)? == file.bytes[..end]);
    match size {
        size if size > file.bytes.len() => Err(SftpError::NameTaken { path: target.to_owned() }),
        size if size == file.bytes.len() && is_ours(session, size)? => Ok(()),
        size if is_begun && is_ours(session, size)? => session.write(target, file.bytes, Open::Over),
        _ => Err(SftpError::NameTaken { path: target.to_owned() }),
    }
}

impl Outlet for Directory {
    fn leave(&self, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<String, Unsent>> {
        self.leave_all(files, manner)
    }

    fn forget(&self, keys: &[&str]) {
        let rolls: Vec<String> = {
            let mut rolls = locked(&self.rolls);
            keys.iter().filter_map(|key| rolls.as_mut()?.forget(key)).map(|name| join(&self.to, &name)).collect()
        };
        let drafts: Vec<String> = {
            let mut drafts = locked(&self.drafts);
            keys.iter().filter(|key| drafts.remove(**key)).map(|key| self.draft(key)).collect()
        };
        // The roll goes first: without its draft it would say that the file was named.
        locked(&self.left_over).extend(rolls.into_iter().chain(drafts));
        self.clear_up();
    }

    fn remembered(&self) -> Option<Vec<String>> {
        let listed = self.know_the_rolls().and_then(|()| self.pool.with(|session| session.list(&self.to)));
        let entries = match listed {
            Ok(entries) => entries,
            Err(error) if error.ends_the_session() => return None,
            // It may be written and not listed.
            Err(_) => Vec::new(),
        };
        let (proofs, hidden): (Vec<_>, Vec<_>) =
            entries.iter().map(|entry| entry.name.as_str()).partition(|name| is_proof(name));
        // A life that was killed in the middle of a proof left it; one of somebody else that is under way loses nothing by it.
        locked(&self.left_over).extend(proofs.iter().map(|proof| join(&self.to, proof)));
        let drafts: Vec<String> =
            hidden.iter().filter_map(|name| name.strip_prefix('.')?.strip_suffix(".tmp").map(str::to_owned)).collect();
        locked(&self.drafts).extend(drafts.iter().cloned());
        let rolls = locked(&self.rolls);
        Some(rolls.iter().flat_map(Rolls::keys).map(str::to_owned).chain(drafts).collect())
    }

    fn look_again(&self) {
        *locked(&self.rolls) = None;
    }

    fn rest(&self) {
        self.pool.rest();
        if !locked(&self.left_over).is_empty() {
            self.clear_up();
        }
    }

    fn accepts(&self) -> Result<(), Diagnostic> {
        let lately = locked(&self.refused).clone().filter(|(since, _)| since.elapsed() < ASK_AGAIN);
        if let Some((_, refused)) = lately {
            return Err(refused);
        }
        let probe = join(&self.to, &format!(".edigate-{}.tmp", uuid::Uuid::now_v7().simple()));
        let asked = self.pool.with(|session| {
            let written = session.write(&probe, &vec![0; ROOM], Open::New);
            if written.as_ref().is_err_and(SftpError::ends_the_session) {
                return written;
            }
            // Half a probe on a full disk goes as well; a directory that cannot be written holds none.
            let removed = session.remove(&probe);
            written.and(removed)
        });
        let outcome = asked.map_err(|error| {
            // Half a probe may stand where the connection broke.
            locked(&self.left_over).push(probe.clone());
            let told = self.told(&error);
            Diagnostic::new(&custody::DELIVERY_REFUSED, told.message.clone()).found(told.code.code)
        });
        *locked(&self.refused) = outcome.as_ref().err().map(|refused| (Instant::now(), refused.clone()));
        outcome
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each is changed by one insertion, removal or assignment at a time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
