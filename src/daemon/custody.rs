//! Whether custody can be taken: the ledger, the spool and the archive take bytes and keep them.
//!
//! ```text
//! gateway.custody_is_possible()      before a file is claimed, and before one is sent
//! gateway.custody_failed(&error)     after a stage failed: true when the machine is at fault and the work pauses
//! ```
//!
//! A claim is a promise, so it is made only when, within the last second, bytes could be written where they will be needed.
//! While that fails, the partner's file stays where it was. [`super::rounds`] tries once a second and ends the pause.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tracing::error;

use super::gateway::Gateway;
use super::troubles::What;
use crate::config::archive::ArchiveSettings;
use crate::config::{Config, LedgerAddress};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::ledger::verify::{damage_of_file, implausible_page};
use crate::ledger::{Error, Ledger};
use crate::transport::folder::{self, FolderError};

/// How long a proof holds.
const PROVEN_FOR: Duration = Duration::from_secs(1);

/// How long a server may take to answer before nothing more is claimed.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// A ledger's file up to this size is looked over as a whole, which takes a second or two.
const LOOKED_OVER_AS_A_WHOLE: u64 = 256 << 20;
/// How long the look at a larger one rests after each mebibyte: some 30 MB/s, of a core a few percent.
const REST: Duration = Duration::from_millis(30);

/// What custody stands on.
#[derive(Debug)]
pub struct Ground {
    home: PathBuf,
    /// The file of an embedded ledger; a server is asked each time.
    ledger: Option<LedgerFile>,
    /// The folders that bytes go through and into.
    keeps: Vec<PathBuf>,
    /// When bytes could last be written everywhere; held while it is tried, so that one tries for all.
    proven: Mutex<Option<Instant>>,
}

/// The file of an embedded ledger, as it was when it was opened.
#[derive(Debug)]
struct LedgerFile {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Ground {
    /// Where a configuration keeps things; the ledger is open.
    pub fn of(config: &Config) -> Ground {
        let ledger = match &config.ledger {
            LedgerAddress::Sqlite(path) => Some(LedgerFile { path: path.clone(), identity: identity(path).ok() }),
            LedgerAddress::Postgres(_) => None,
        };
        let mut keeps = vec![config.home.join("spool")];
        match &config.archive {
            ArchiveSettings::Folder(folder) => keeps.push(folder.clone()),
            // A bucket that refuses is told by what is put into it.
            ArchiveSettings::S3(_) => {}
        }
        let beside = ledger.as_ref().and_then(|file| file.path.parent());
        keeps.iter().map(PathBuf::as_path).chain(beside).for_each(folder::forget_proofs);
        Ground { home: config.home.clone(), ledger, keeps, proven: Mutex::new(None) }
    }

    /// What is wrong with the place of the ledger, without asking the ledger.
    fn ledger_fault(&self) -> Option<Diagnostic> {
        let file = self.ledger.as_ref()?;
        let found = identity(&file.path).ok();
        if file.identity.is_some() && found != file.identity {
            let what = if found.is_some() { "is another file now" } else { "is not there any more" };
            return Some(Diagnostic::new(&custody::LEDGER_REPLACED, format!("{} {what}", file.path.display())));
        }
        let directory = file.path.parent().unwrap_or(&self.home);
        let error = folder::accepts(directory).err()?;
        let code = if is_full(&error) { &custody::LEDGER_FULL } else { &custody::LEDGER_UNWRITABLE };
        Some(Diagnostic::new(code, format!("nothing can be recorded: {error}")))
    }

    /// What is wrong with the places of bytes.
    fn archive_fault(&self) -> Option<Diagnostic> {
        let error = self.keeps.iter().find_map(|folder| folder::accepts(folder).err())?;
        Some(Diagnostic::new(&custody::ARCHIVE_UNWRITABLE, format!("bytes cannot be kept: {error}")))
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

fn is_full(error: &FolderError) -> bool {
    matches!(error, FolderError::Refused { source, .. } if source.kind() == io::ErrorKind::StorageFull)
}

/// Why the ledger of a configuration cannot be opened, if waiting may help.
pub fn trouble_of_opening(config: &Config, error: &Error) -> Option<(What, Diagnostic)> {
    // Another process may be at the same rows at this very moment: a command, or a node that starts too.
    if matches!(error, Error::Database(_) | Error::Contended) {
        return Some((What::Ledger, Diagnostic::new(&custody::LEDGER_UNWRITABLE, error.to_string())));
    }
    let (Error::Corrupt(detail) | Error::Open { detail, .. }) = error else { return trouble_of(error) };
    let LedgerAddress::Sqlite(path) = &config.ledger else { return trouble_of(error) };
    let named = damage_of_file(path).ok().and_then(|damage| damage.into_iter().next());
    match (named, error) {
        (None, Error::Open { .. }) => trouble_of(error),
        (named, _) => Some((What::Ledger, damaged(named.as_deref().unwrap_or(detail)))),
    }
}

/// What an error of the ledger says of the machine; nothing when it speaks of one row or one file.
pub fn trouble_of(error: &Error) -> Option<(What, Diagnostic)> {
    let (what, code) = match error {
        Error::Full => (What::Ledger, &custody::LEDGER_FULL),
        Error::Unwritable(_) | Error::Open { .. } | Error::LockedByAnother { .. } | Error::Closed => {
            (What::Ledger, &custody::LEDGER_UNWRITABLE)
        }
        Error::Unreachable { .. } => (What::Ledger, &custody::LEDGER_UNWRITABLE),
        Error::Corrupt(_) => (What::Ledger, &custody::LEDGER_DAMAGED),
        Error::Archive { .. } => (What::Archive, &custody::ARCHIVE_UNWRITABLE),
        _ => return None,
    };
    Some((what, Diagnostic::new(code, error.to_string())))
}

/// Proves that a ledger takes and keeps a row: one on a read-only disk can be opened all the same.
pub fn keeps_a_row(ledger: &Ledger) -> Result<(), Error> {
    // A row that changes each time, so that there is something to be made durable.
    let sql = "INSERT INTO number (counter, partner, value) VALUES ('probe', '', 1)
               ON CONFLICT (counter, partner) DO UPDATE SET value = number.value + 1";
    ledger.write(move |tx| tx.execute(sql, &[])).map(|_| ())
}

impl Gateway {
    /// True when a file may be claimed or sent now: everything that custody needs takes bytes.
    pub fn custody_is_possible(&self) -> bool {
        if self.troubles.stop_custody() {
            return false;
        }
        let mut proven = self.ground.proven.lock().unwrap_or_else(PoisonError::into_inner);
        if proven.is_some_and(|proven| proven.elapsed() < PROVEN_FOR) {
            return true;
        }
        *proven = None;
        let ledger = self.ground.ledger_fault().or_else(|| self.server_fault()).map(|fault| (What::Ledger, fault));
        let fault = ledger.or_else(|| self.ground.archive_fault().map(|fault| (What::Archive, fault)));
        if let Some((what, diagnostic)) = fault {
            self.troubles.raise(what, &diagnostic, self.clock.now());
            return false;
        }
        *proven = Some(Instant::now());
        true
    }

    /// Tells a stage whether the machine is at fault for its error, and pauses custody if so. When it is not, the error
    /// belongs to what the stage was working on.
    pub fn custody_failed(&self, error: &Error) -> bool {
        // A damaged ledger refuses in many words; the one that names the damage stands.
        if self.ledger_is_damaged() && !matches!(error, Error::Damaged { .. }) {
            return true;
        }
        let trouble = match error {
            Error::Database(_) => self.ledger_refuses().map(|diagnostic| (What::Ledger, diagnostic)),
            // One file that does not fit must not keep back those that do.
            Error::Archive { .. } => self.ground.archive_fault().map(|diagnostic| (What::Archive, diagnostic)),
            Error::Corrupt(detail) => Some((What::Ledger, self.damage(detail))),
            // Bytes that are missing from an archive that is not there are no trouble of their own.
            Error::Damaged { .. } if self.troubles.holds(&What::Archive) => return true,
            // A ledger that was taken away refuses in many words as well; what its place shows is the plainest.
            other => trouble_of(other).map(|(what, diagnostic)| match what {
                What::Ledger => (what, self.ground.ledger_fault().unwrap_or(diagnostic)),
                what => (what, diagnostic),
            }),
        };
        let Some((what, diagnostic)) = trouble else { return false };
        self.troubles.raise(what, &diagnostic, self.clock.now());
        true
    }

    /// Logs a stage's error, unless it is a trouble of the machine, which is told by its own line.
    pub fn tell_fault(&self, error: &Error, what: &str) {
        if !self.custody_failed(error) {
            error!(%error, "{what}");
        }
    }

    /// Tries what is in trouble; what works again is cleared. True when custody is possible again because of it.
    pub fn try_custody_again(&self) -> bool {
        // A damaged ledger would take a few more rows; it is mended by a person, and then it is another file.
        if !self.troubles.stop_custody() || self.ledger_is_damaged() {
            return false;
        }
        for (what, fault) in [(What::Ledger, self.ledger_refuses()), (What::Archive, self.ground.archive_fault())] {
            match fault {
                Some(fault) if self.troubles.holds(&what) => self.troubles.raise(what, &fault, self.clock.now()),
                Some(_) => {}
                None => self.troubles.clear(&what, self.clock.now()),
            }
        }
        !self.troubles.stop_custody()
    }

    /// Why the server of a shared ledger does not answer; the folder of an embedded one was looked at.
    fn server_fault(&self) -> Option<Diagnostic> {
        let error = self.ledger.answers(ANSWERS_WITHIN).err()?;
        trouble_of(&error).map(|(_, fault)| fault)
    }

    /// Why the ledger does not take and keep a row, or has no room for some more.
    fn ledger_refuses(&self) -> Option<Diagnostic> {
        if let Some(fault) = self.ground.ledger_fault() {
            return Some(fault);
        }
        let error = keeps_a_row(&self.ledger).err()?;
        Some(match (&error, trouble_of(&error)) {
            (Error::Corrupt(detail), _) => self.damage(detail),
            (_, Some((_, fault))) => fault,
            (_, None) => Diagnostic::new(&custody::LEDGER_UNWRITABLE, error.to_string()),
        })
    }

    fn ledger_is_damaged(&self) -> bool {
        self.troubles.holds_code(&What::Ledger, custody::LEDGER_DAMAGED.code)
    }

    /// Looks over every page of the ledger's file and raises what is damaged. It takes its time, and a connection of its
    /// own: the others would show what they remember. Asked to stop, it ends soon.
    pub fn look_for_damage(&self, stop: &CancellationToken) {
        let Some(file) = &self.ground.ledger else { return };
        let is_large = fs::metadata(&file.path).is_ok_and(|found| found.len() > LOOKED_OVER_AS_A_WHOLE);
        // What else may be wrong with the file is met by the stages as well.
        let detail = match is_large {
            false => damage_of_file(&file.path).unwrap_or_default().into_iter().next(),
            true => {
                let mut rest = || {
                    std::thread::sleep(REST);
                    !stop.is_cancelled()
                };
                let page = implausible_page(&file.path, &mut rest).unwrap_or_default();
                page.map(|page| format!("page {page}: it is neither a page of a table nor of an index"))
            }
        };
        if let Some(detail) = detail {
            self.troubles.raise(What::Ledger, &damaged(&detail), self.clock.now());
        }
    }

    /// The damage in words, with the page where it can be named.
    fn damage(&self, detail: &str) -> Diagnostic {
        let path = self.ground.ledger.as_ref().map(|file| &file.path);
        let named = path.and_then(|path| damage_of_file(path).ok()).and_then(|damage| damage.into_iter().next());
        damaged(named.as_deref().unwrap_or(detail))
    }
}

fn damaged(detail: &str) -> Diagnostic {
    Diagnostic::new(&custody::LEDGER_DAMAGED, format!("the ledger is damaged: {detail}; restore it from a backup"))
}
