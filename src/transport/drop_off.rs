//! Folders of this machine, the half that leaves: a file stands under its name whole and durable, or not at all, and once.
//!
//! ```text
//! out/.KEY.tmp  --written, all--fsync, all-->  a roll of them  --rename, in order-->  out/997_1.edi  --fsync of the directory
//! the receipts are durable  -->  the roll goes
//! ```
//!
//! A file is written under a name that readers ignore, made durable, and only then given its own name; an existing file
//! is never replaced. Many files share the waits: all are written before the first is made durable, and the directory is
//! made durable once. No receipt is given before that. A folder that is missing is never created here.
//!
//! An attempt that was cut off says of itself whether its file bore its name, so that it is not left again when its reader
//! has taken it already: see [`super::roll`] and `Folder::begun`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::folder::{self, FolderError, refused};
use super::outlet::{Leaving, Manner, Outlet, Unsent, cut, is_usable};
use super::roll::{self, Rolls};
use crate::config::partner::DropOff;
use crate::crash;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;

/// A folder of this machine that files are left in.
#[derive(Debug)]
pub struct Folder {
    directory: PathBuf,
    /// An empty file of the same name plus this suffix is left after each.
    marker: Option<String>,
    /// Held by whoever changes the folder, and by nobody who waits for the disk: of two batches that go out side by side, one
    /// writes or names while the other waits. The file system would have them take turns too, file by file and less gently.
    turn: Mutex<()>,
    /// The rolls that stand; `None` until somebody looked.
    rolls: Mutex<Option<Rolls>>,
}

/// Leaves one file under its final name, whole and durable, and returns its path. Nobody makes a receipt of it.
///
/// Leaving the same bytes under the same name again succeeds while the file is there.
pub fn leave(directory: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, FolderError> {
    let file = Leaving { name, key: name, bytes };
    let durable = sync(write(directory, &file)?)?;
    let named = give_name(directory, &file, durable);
    if named.is_err() {
        let _ = fs::remove_file(draft(directory, name));
    }
    let named = named?;
    File::open(directory).and_then(|handle| handle.sync_all()).map_err(refused("make durable", directory))?;
    Ok(named)
}

impl Folder {
    /// The folder of an endpoint, which is not looked at before something is left in it.
    pub fn at(drop_off: &DropOff) -> Folder {
        let (directory, marker) = (drop_off.to.clone(), drop_off.marker.clone());
        Folder { directory, marker, turn: Mutex::default(), rolls: Mutex::default() }
    }

    fn leave_all(&self, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<PathBuf, FolderError>> {
        let Manner { at_once, order, still_ours } = manner;
        let directory = self.directory.as_path();
        // It guards nothing but the turn.
        let turn = || self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let not_ours = || Err(FolderError::NotOurs { path: directory.to_owned() });
        // Drafts and rolls of the same names may be another node's by now, and no longer ours to clear.
        if !still_ours() {
            return files.iter().map(|_| not_ours()).collect();
        }
        crash::point("deliver.write.before");
        let ours = turn();
        let written = cut(files.iter().map(|file| self.prepare(file)), order);
        drop(ours);
        crash::point("deliver.write.after");
        crash::point("deliver.fsync.before");
        let durable = make_durable(directory, written, at_once);
        crash::point("deliver.fsync.after");
        if !still_ours() {
            return durable.into_iter().map(|_| not_ours()).collect();
        }
        for roll in self.rolls().as_mut().map(Rolls::take_empty).unwrap_or_default() {
            let _ = fs::remove_file(directory.join(roll));
        }
        crash::point("deliver.roll.before");
        let durable = self.call_the_roll(files, durable);
        crash::point("deliver.roll.after");
        let ours = turn();
        let named = files.iter().zip(durable).map(|(file, durable)| {
            let named = give_name(directory, file, durable?)?;
            self.mark(file).map(|()| named)
        });
        let named = cut(named, order);
        drop(ours);
        crash::point("deliver.directory_fsync.before");
        let synced = File::open(directory).and_then(|handle| handle.sync_all());
        crash::point("deliver.directory_fsync.after");
        match synced {
            Ok(()) => named,
            // Without it a power failure could take the names again, so that none of them is a receipt.
            Err(error) => named.into_iter().map(|one| one.and_then(|_| Err(not_durable(directory, &error)))).collect(),
        }
    }

    /// Writes the draft of a file, or finds what an attempt of this key that was cut off left of it.
    fn prepare(&self, file: &Leaving<'_>) -> Result<Draft, FolderError> {
        match self.begun(file)? {
            Some(begun) => Ok(begun),
            None => write(&self.directory, file),
        }
    }

    /// How far an attempt of this key came before it was cut off; `None` when nothing of it can have been seen.
    ///
    /// ```text
    /// on a roll   draft
    /// –           –            not begun
    /// –           there        being written
    /// yes         there        about to be named
    /// yes         –            named; whether it still bears the name, was moved away or deleted is its reader's business
    /// ```
    ///
    /// Where a rename cannot refuse to replace, the name is a link and the draft goes after it: two names of one file.
    fn begun(&self, file: &Leaving<'_>) -> Result<Option<Draft>, FolderError> {
        let mut rolls = self.rolls();
        if rolls.is_none() {
            // Also where the folder is away: what stands in it is told when it is back.
            *rolls = Some(standing(&self.directory).map_err(|unread| FolderError::RollsUnread(Box::new(unread)))?);
        }
        if !rolls.as_ref().is_some_and(|rolls| rolls.has_begun(file.key, file.bytes)) {
            return Ok(None);
        }
        let draft = draft(&self.directory, file.key);
        match draft.symlink_metadata() {
            Ok(found) if found.nlink() > 1 => {
                let _ = fs::remove_file(&draft);
                Ok(Some(Draft::Named))
            }
            // Removing it to write it anew would say that it was named, so it is taken as it is or not at all.
            Ok(_) if holds(&draft, file.bytes) => Ok(Some(Draft::Begun)),
            Ok(_) => {
                let changed = io::Error::other("somebody changed it");
                Err(refused("use the draft", &draft)(changed))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(Draft::Named)),
            Err(error) => Err(refused("look at", &draft)(error)),
        }
    }

    /// Puts the drafts that are about to be named on a roll, which is durable before the first of them is. Without it none is.
    fn call_the_roll(
        &self,
        files: &[Leaving<'_>],
        durable: Vec<Result<Draft, FolderError>>,
    ) -> Vec<Result<Draft, FolderError>> {
        let about = files.iter().zip(&durable).filter(|(_, draft)| matches!(draft, Ok(Draft::Durable)));
        let text = roll::text(about.map(|(file, _)| (file.key, file.bytes)));
        if text.is_empty() {
            return durable;
        }
        let name = roll::name(uuid::Uuid::now_v7());
        let path = self.directory.join(&name);
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        let Err(error) = written else {
            if let Some(rolls) = self.rolls().as_mut() {
                rolls.read(&name, &text);
            }
            return durable;
        };
        let _ = fs::remove_file(&path);
        let fault = || refused("write the roll", &path)(io::Error::new(error.kind(), error.to_string()));
        let unless_begun = |draft| if let Draft::Durable = draft { Err(fault()) } else { Ok(draft) };
        durable.into_iter().map(|one| one.and_then(unless_begun)).collect()
    }

    /// Says to the reader that a file is whole; said again by an attempt that was cut off in between.
    fn mark(&self, file: &Leaving<'_>) -> Result<(), FolderError> {
        let Some(marker) = &self.marker else { return Ok(()) };
        let path = self.directory.join(format!("{}{marker}", file.name));
        match File::create_new(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(refused("write the marker", &path)(error))
            }
            _ => Ok(()),
        }
    }

    fn rolls(&self) -> MutexGuard<'_, Option<Rolls>> {
        // Each change of it is one insertion or removal.
        self.rolls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Folder {
    fn leave(&self, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<String, Unsent>> {
        let left = self.leave_all(files, manner);
        left.into_iter().map(|one| one.map(|path| path.display().to_string()).map_err(Unsent::from)).collect()
    }

    /// What stays is found at the next start and does no harm until then: readers ignore it.
    fn forget(&self, keys: &[&str]) {
        for key in keys {
            let roll = self.rolls().as_mut().and_then(|rolls| rolls.forget(key));
            // The roll goes first: without its draft it would say that the file was named.
            if let Some(roll) = roll {
                let _ = fs::remove_file(self.directory.join(roll));
            }
        }
        for key in keys {
            let _ = fs::remove_file(draft(&self.directory, key));
        }
    }

    fn remembered(&self) -> Option<Vec<String>> {
        let mut rolls = self.rolls();
        if rolls.is_none() {
            *rolls = standing(&self.directory).ok();
        }
        let on_rolls = rolls.iter().flat_map(Rolls::keys).map(str::to_owned);
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let drafts = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            name.strip_prefix('.')?.strip_suffix(".tmp").map(str::to_owned)
        });
        Some(on_rolls.chain(drafts).collect())
    }

    fn look_again(&self) {
        *self.rolls() = None;
    }

    fn accepts(&self) -> Result<(), Diagnostic> {
        folder::accepts(&self.directory).map_err(|error| Diagnostic::new(&custody::DELIVERY_REFUSED, error.to_string()))
    }
}

/// The rolls that stand in a folder.
fn standing(directory: &Path) -> Result<Rolls, FolderError> {
    let mut rolls = Rolls::default();
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(FolderError::Gone { path: directory.to_owned() });
        }
        Err(error) => return Err(refused("list", directory)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(refused("list", directory))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_plain = || entry.file_type().is_ok_and(|kind| kind.is_file());
        if roll::is_roll(&name) && is_plain() {
            let text = fs::read(entry.path()).map_err(refused("read", &entry.path()))?;
            // Ours are plain text; what somebody planted says nothing and stops nothing.
            rolls.read(&name, &String::from_utf8_lossy(&text));
        }
    }
    Ok(rolls)
}

fn not_durable(directory: &Path, error: &io::Error) -> FolderError {
    // An io::Error cannot be cloned; its kind and text can.
    refused("make durable", directory)(io::Error::new(error.kind(), error.to_string()))
}

fn draft(directory: &Path, key: &str) -> PathBuf {
    directory.join(format!(".{key}.tmp"))
}

/// Opens a file that must be new: a link or pipe that somebody planted under its name is removed, never followed.
fn create(path: &Path) -> io::Result<File> {
    File::create_new(path).or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => fs::remove_file(path).and_then(|()| File::create_new(path)),
        _ => Err(error),
    })
}

/// A file on its way to its name.
enum Draft {
    /// Written, and still to be made durable.
    Written(PathBuf, File),
    /// Durable.
    Durable,
    /// Durable, and on a roll already.
    Begun,
    /// An attempt of this key that was cut off had named it.
    Named,
}

/// Writes a draft.
fn write(directory: &Path, file: &Leaving<'_>) -> Result<Draft, FolderError> {
    if !is_usable(file.name) {
        return Err(FolderError::BadName { name: file.name.to_owned() });
    }
    let draft = draft(directory, file.key);
    let mut open = match create(&draft) {
        Ok(open) => open,
        Err(_) if !directory.is_dir() => return Err(FolderError::Gone { path: directory.to_owned() }),
        Err(error) => return Err(refused("write", &draft)(error)),
    };
    match open.write_all(file.bytes) {
        Ok(()) => Ok(Draft::Written(draft, open)),
        Err(error) => {
            // Half a file helps nobody, least of all a full disk.
            let _ = fs::remove_file(&draft);
            Err(refused("write", &draft)(error))
        }
    }
}

/// From so many files on, one flush of their file system is cheaper than one of each file.
const MANY: usize = 8;

/// Makes drafts durable: many by one flush of the file system, few by a flush of each, several of those at the same time.
fn make_durable(
    directory: &Path,
    written: Vec<Result<Draft, FolderError>>,
    at_once: usize,
) -> Vec<Result<Draft, FolderError>> {
    let count = written.iter().filter(|one| matches!(one, Ok(Draft::Written(..)))).count();
    if count >= MANY && flush_all(directory) {
        let durable = |one| match one {
            Draft::Written(..) => Draft::Durable,
            other => other,
        };
        return written.into_iter().map(|one| one.map(durable)).collect();
    }
    let share = written.len().div_ceil(at_once.max(1)).max(1);
    let mut shares: Vec<Vec<Result<Draft, FolderError>>> = Vec::new();
    let mut rest = written.into_iter().peekable();
    while rest.peek().is_some() {
        shares.push(rest.by_ref().take(share).collect());
    }
    let make = |share: Vec<Result<Draft, FolderError>>| share.into_iter().map(|one| one.and_then(sync)).collect();
    if shares.len() < 2 {
        return shares.pop().map_or_else(Vec::new, make);
    }
    thread::scope(|scope| {
        let workers: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || make(share))).collect();
        // A worker only calls the operating system, which does not panic.
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault)))
            .collect()
    })
}

/// Flushes everything that was written to the file system of a directory; false where that cannot be done or proved, so
/// that each file is flushed by itself and its own fault is told.
#[cfg(target_os = "linux")]
fn flush_all(directory: &Path) -> bool {
    // syncfs(2) waits for the data and reports what could not be written, since Linux 5.8.
    File::open(directory).is_ok_and(|handle| rustix::fs::syncfs(&handle).is_ok())
}

#[cfg(not(target_os = "linux"))]
fn flush_all(_directory: &Path) -> bool {
    false
}

fn sync(draft: Draft) -> Result<Draft, FolderError> {
    match draft {
        Draft::Written(path, file) => match file.sync_all() {
            Ok(()) => Ok(Draft::Durable),
            Err(error) => {
                let _ = fs::remove_file(&path);
                Err(refused("write", &path)(error))
            }
        },
        other => Ok(other),
    }
}

/// Makes a durable draft bear its name. Where it cannot, the draft stays until that is on record: it is on a roll, and
/// without it the roll would say that the file was named.
fn give_name(directory: &Path, file: &Leaving<'_>, written: Draft) -> Result<PathBuf, FolderError> {
    let target = directory.join(file.name);
    if matches!(written, Draft::Named) {
        return Ok(target);
    }
    let draft = draft(directory, file.key);
    crash::point("deliver.name.before");
    let named = name_draft(&draft, &target, file.bytes);
    crash::point("deliver.name.after");
    if matches!(named, Ok(Naming::Stood)) {
        let _ = fs::remove_file(&draft);
    }
    named.map(|_| target)
}

/// How a file came to its name.
enum Naming {
    /// The draft became it, so that there is none any more.
    Renamed,
    /// A file with the same bytes bore it already.
    Stood,
}

/// Makes the draft bear its name in one step, and never in place of another file.
fn name_draft(draft: &Path, target: &Path, bytes: &[u8]) -> Result<Naming, FolderError> {
    match rename_to_new(draft, target) {
        Ok(()) => Ok(Naming::Renamed),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match holds(target, bytes) {
            true => Ok(Naming::Stood),
            false => Err(FolderError::NameTaken { path: target.to_owned() }),
        },
        // Some file systems have neither (FAT, a few network mounts): rename after a look is the best they offer.
        Err(_) if !target.exists() => {
            fs::rename(draft, target).map(|()| Naming::Renamed).map_err(refused("name", target))
        }
        Err(error) => Err(refused("name", target)(error)),
    }
}

/// A rename that fails when the name exists; a link and a removal where the file system knows no such rename.
fn rename_to_new(draft: &Path, target: &Path) -> io::Result<()> {
    let mut draft = tempfile::TempPath::try_from_path(draft)?;
    // What becomes of the draft is decided by the caller.
    draft.disable_cleanup(true);
    draft.persist_noclobber(target).map_err(|refused| refused.error)
}

/// True for a plain file with these bytes; anything else that bears the name is not opened, since a pipe would not end.
fn holds(path: &Path, bytes: &[u8]) -> bool {
    let is_candidate = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64);
    is_candidate && fs::read(path).is_ok_and(|there| there == bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::outlet::Order;

    #[test]
    fn leaving_the_same_file_twice_is_one_delivery_and_other_bytes_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let first = leave(folder.path(), "997_1.edi", b"ISA").unwrap();
        assert_eq!(leave(folder.path(), "997_1.edi", b"ISA").unwrap(), first);
        let error = leave(folder.path(), "997_1.edi", b"other").unwrap_err();
        assert!(matches!(error, FolderError::NameTaken { .. }), "{error}");
        assert_eq!(fs::read(&first).unwrap(), b"ISA");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    const FREE: Manner<'static> = Manner { at_once: 1, order: Order::Free, still_ours: &|| true };

    fn outlet(folder: &Path) -> Folder {
        Folder::at(&DropOff { to: folder.to_owned(), marker: None, name: String::new() })
    }

    /// One attempt to leave the same file, whose receipt is not yet durable; by a process that has just started.
    fn once(folder: &Path, key: &str) -> Result<PathBuf, FolderError> {
        let file = Leaving { name: "997_1.edi", key, bytes: b"ISA" };
        outlet(folder).leave_all(&[file], FREE).pop().unwrap()
    }

    /// The receipt of it is durable.
    fn forget(folder: &Path, keys: &[&str]) {
        let folder = outlet(folder);
        assert!(folder.remembered().unwrap().iter().any(|key| keys.contains(&key.as_str())));
        folder.forget(keys);
    }

    #[test]
    fn a_node_that_lost_its_turn_while_it_read_leaves_another_nodes_draft_alone_and_none_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(draft(folder.path(), "d1.1"), b"another node's").unwrap();
        let files = ["d1.1", "d2.1"].map(|key| Leaving { name: "997_1.edi", key, bytes: b"ISA" });
        let left = outlet(folder.path()).leave_all(&files, Manner { still_ours: &|| false, ..FREE });
        assert!(left.iter().all(|one| matches!(one, Err(FolderError::NotOurs { .. }))), "{left:?}");
        assert_eq!(fs::read(draft(folder.path(), "d1.1")).unwrap(), b"another node's");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_was_left_and_taken_is_not_left_again_by_the_same_attempt() {
        let folder = tempfile::tempdir().unwrap();
        let visible = || {
            let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            names.filter(|name| !name.to_string_lossy().starts_with('.')).count()
        };
        let moved = tempfile::tempdir().unwrap();
        for (key, take) in [("a-1", true), ("b-1", false)] {
            let left = once(folder.path(), key).unwrap();
            match take {
                true => fs::remove_file(&left).unwrap(),
                false => fs::rename(&left, moved.path().join("997_1.edi")).unwrap(),
            }
            // The receipt never became durable: the same attempt comes once more.
            let again = once(folder.path(), key).unwrap();
            assert_eq!((visible(), again), (0, left));
            forget(folder.path(), &[key]);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing hidden stays");
        }
        once(folder.path(), "b-2").unwrap();
        assert_eq!(visible(), 1, "another attempt, because a person asked for it, leaves it again");
    }

    /// A roll on which an attempt with these bytes stands.
    fn call(folder: &Path, key: &str, bytes: &[u8]) {
        let text = roll::text([(key, bytes)].into_iter());
        fs::write(folder.join(roll::name(uuid::Uuid::now_v7())), text).unwrap();
    }

    #[test]
    fn an_attempt_that_was_cut_off_while_it_was_written_is_made_from_the_start() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(draft(folder.path(), "a-1"), "half of it").unwrap();
        let left = once(folder.path(), "a-1").unwrap();
        assert_eq!(fs::read(&left).unwrap(), b"ISA");
        forget(folder.path(), &["a-1"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_attempt_that_was_cut_off_about_to_be_named_gets_its_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(draft(folder.path(), "a-1"), "ISA").unwrap();
        call(folder.path(), "a-1", b"ISA");
        let left = once(folder.path(), "a-1").unwrap();
        assert_eq!(fs::read(&left).unwrap(), b"ISA");
        forget(folder.path(), &["a-1"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn where_the_name_is_a_link_an_attempt_that_was_cut_off_before_its_draft_went_was_named() {
        let (folder, moved) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(draft(folder.path(), "a-1"), "ISA").unwrap();
        call(folder.path(), "a-1", b"ISA");
        fs::hard_link(draft(folder.path(), "a-1"), moved.path().join("taken")).unwrap();
        once(folder.path(), "a-1").unwrap();
        forget(folder.path(), &["a-1"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_draft_on_a_roll_that_somebody_changed_is_not_left_and_its_next_attempt_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(draft(folder.path(), "a-1"), "IEA").unwrap();
        call(folder.path(), "a-1", b"ISA");
        let error = once(folder.path(), "a-1").unwrap_err();
        assert!(error.to_string().ends_with("somebody changed it"), "{error}");
        forget(folder.path(), &["a-1"]);
        assert_eq!(fs::read(once(folder.path(), "a-2").unwrap()).unwrap(), b"ISA");
    }

    #[test]
    fn a_roll_of_other_bytes_swallows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        call(folder.path(), "a-1", b"not ours");
        let left = once(folder.path(), "a-1").unwrap();
        assert_eq!(fs::read(&left).unwrap(), b"ISA");
    }

    #[test]
    fn a_roll_that_a_crash_cut_off_before_its_first_line_goes_with_the_next_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(draft(folder.path(), "a-1"), "ISA").unwrap();
        fs::write(folder.path().join(roll::name(uuid::Uuid::now_v7())), "").unwrap();
        // At the start everybody looks; only who alone leaves files here may tidy.
        let outlet = outlet(folder.path());
        assert_eq!(outlet.remembered().unwrap(), ["a-1"]);
        outlet.leave_all(&[Leaving { name: "997_1.edi", key: "a-1", bytes: b"ISA" }], FREE).pop().unwrap().unwrap();
        outlet.forget(&["a-1"]);
        assert_eq!(standing_in(folder.path()), ["997_1.edi"]);
    }

    #[test]
    fn what_one_round_named_before_it_was_cut_off_is_known_whatever_the_next_one_is_made_of() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "taken").unwrap();
        let three = files(&["a", "b", "c"]);
        let round = |files: &[Leaving<'_>]| outlet(folder.path()).leave_all(files, FREE);
        let left = round(&three);
        assert_eq!(left.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, true]);
        ["b", "c"].iter().for_each(|name| fs::remove_file(folder.path().join(name)).unwrap());
        assert!(round(&three[..1])[0].is_err(), "its name is still taken");
        assert!(round(&three[1..]).iter().all(Result::is_ok));
        forget(folder.path(), &["a", "b", "c"]);
        assert_eq!(standing_in(folder.path()), ["a"], "what was taken does not come again");
    }

    #[test]
    fn an_attempt_that_fails_leaves_nothing_that_says_it_succeeded() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("997_1.edi"), "another file").unwrap();
        for _ in 0..2 {
            let error = once(folder.path(), "a-1").unwrap_err();
            assert!(matches!(error, FolderError::NameTaken { .. }), "{error}");
        }
        fs::remove_file(folder.path().join("997_1.edi")).unwrap();
        assert_eq!(fs::read(once(folder.path(), "a-1").unwrap()).unwrap(), b"ISA");
    }

    #[test]
    fn what_a_crash_left_half_written_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".997_1.edi.tmp"), "half of an earlier and longer attempt").unwrap();
        let left = leave(folder.path(), "997_1.edi", b"ISA").unwrap();
        assert_eq!(fs::read(&left).unwrap(), b"ISA");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_that_somebody_planted_is_never_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "untouched").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join(".997_1.edi.tmp")).unwrap();
        leave(folder.path(), "997_1.edi", b"ISA").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join("997_2.edi")).unwrap();
        let error = leave(folder.path(), "997_2.edi", b"untouched").unwrap_err();
        assert!(matches!(error, FolderError::NameTaken { .. }), "{error}");
        assert_eq!(fs::read(&victim).unwrap(), b"untouched");
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../a", "a/b", "", ".hidden", "a\0b"] {
            let error = leave(folder.path(), name, b"x").unwrap_err();
            assert!(matches!(error, FolderError::BadName { .. }), "{name:?}: {error}");
        }
    }

    fn files<'b>(names: &[&'b str]) -> Vec<Leaving<'b>> {
        names.iter().map(|name| Leaving { name, key: name, bytes: name.as_bytes() }).collect()
    }

    /// Leaves files whose receipts are durable at once.
    fn leave_and_forget(folder: &Path, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<PathBuf, FolderError>> {
        let outlet = outlet(folder);
        let left = outlet.leave_all(files, manner);
        outlet.forget(&files.iter().map(|file| file.key).collect::<Vec<_>>());
        left
    }

    fn standing_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn many_files_are_left_together_and_one_that_fails_hinders_no_other() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "taken").unwrap();
        let left =
            leave_and_forget(folder.path(), &files(&["a", "b", "../c", "d", "e"]), Manner { at_once: 4, ..FREE });
        let words: Vec<_> = left.iter().map(Result::is_ok).collect();
        assert_eq!(words, [true, false, false, true, true]);
        assert_eq!(standing_in(folder.path()), ["a", "b", "d", "e"], "no temporary file stays");
        assert_eq!(fs::read(folder.path().join("e")).unwrap(), b"e");
        assert_eq!(fs::read(folder.path().join("b")).unwrap(), b"taken");
    }

    #[test]
    fn where_the_order_is_kept_nothing_is_left_behind_one_that_fails() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "taken").unwrap();
        let left = leave_and_forget(folder.path(), &files(&["a", "b", "c"]), Manner { order: Order::Kept, ..FREE });
        assert_eq!(left.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
        assert_eq!(standing_in(folder.path()), ["a", "b"], "no temporary file stays");
    }

    #[test]
    fn two_files_of_one_name_in_one_batch_do_not_mix() {
        let folder = tempfile::tempdir().unwrap();
        let one = Leaving { name: "a", key: "1", bytes: b"one" };
        let other = Leaving { name: "a", key: "2", bytes: b"other" };
        let left = leave_and_forget(folder.path(), &[one, other], Manner { at_once: 2, ..FREE });
        assert!(left[0].is_ok() && matches!(left[1], Err(FolderError::NameTaken { .. })));
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"one");
    }

    #[test]
    fn a_missing_folder_is_said_and_not_created() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        let said = leave(&gone, "a", b"x").unwrap_err();
        assert!(said.to_string().ends_with("gone does not exist"), "{said}");
        assert!(!gone.exists());
    }

    #[test]
    fn where_the_rolls_cannot_be_read_it_is_unclear_what_was_left() {
        let directory = tempfile::tempdir().unwrap();
        let no_directory = directory.path().join("file");
        fs::write(&no_directory, b"").unwrap();
        let outlet = Folder::at(&DropOff { to: no_directory, marker: None, name: String::new() });
        let files = [Leaving { name: "a", key: "a-1", bytes: b"x" }];
        let manner = Manner { at_once: 1, order: super::super::outlet::Order::Free, still_ours: &|| true };
        let left = outlet.leave(&files, manner);
        assert!(matches!(left[0], Err(Unsent::Unclear(_))), "{left:?}");
    }

    #[test]
    fn what_was_left_before_a_crash_is_not_left_again_when_its_folder_was_away_in_between() {
        let share = tempfile::tempdir().unwrap();
        let (folder, unmounted) = (share.path().join("in"), share.path().join("elsewhere"));
        fs::create_dir(&folder).unwrap();
        fs::remove_file(once(&folder, "a-1").unwrap()).unwrap();
        fs::rename(&folder, &unmounted).unwrap();
        let next_life = outlet(&folder);
        let files = [Leaving { name: "997_1.edi", key: "a-1", bytes: b"ISA" }];
        let left = next_life.leave(&files, FREE);
        // No failure of this attempt: the next one would have another key.
        assert!(matches!(left[0], Err(Unsent::Unclear(_))), "{left:?}");
        fs::rename(&unmounted, &folder).unwrap();
        assert!(next_life.leave(&files, FREE)[0].is_ok());
        assert!(!folder.join("997_1.edi").exists());
    }

    #[test]
    fn a_planted_roll_that_is_no_text_stops_nothing() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(roll::name(uuid::Uuid::nil())), b"\xff\xfe").unwrap();
        let outlet = Folder::at(&DropOff { to: directory.path().to_owned(), marker: None, name: String::new() });
        let files = [Leaving { name: "a", key: "a-1", bytes: b"x" }];
        let manner = Manner { at_once: 1, order: super::super::outlet::Order::Free, still_ours: &|| true };
        assert!(outlet.leave(&files, manner)[0].is_ok());
    }
}
