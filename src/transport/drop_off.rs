//! Folders of this machine, the half that leaves: a file stands under its name whole and durable, or not at all, and once.
//!
//! ```text
//! out/.KEY.tmp  --written, all--fsync, all-->  --link to .KEY.kept, rename, in order-->  out/997_1.edi  --fsync of the directory
//! the receipts are durable  -->  out/.KEY.kept goes
//! ```
//!
//! A file is written under a name that readers ignore, made durable, and only then given its own name; an existing file
//! is never replaced. Many files share the waits: all are written before the first is made durable, and the directory is
//! made durable once. No receipt is given before that. A folder that is missing is never created here.
//!
//! An attempt that was cut off says of itself whether its file bore its name, so that it is not left again when its reader
//! has taken it already: see `cut_off`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::folder::{FolderError, refused};
use crate::crash;

/// The end of the second name that a file bears until its receipt is durable.
const KEEPER: &str = ".kept";

/// A file to be left.
#[derive(Debug, Clone)]
pub struct Leaving<'b> {
    /// Its final name.
    pub name: &'b str,
    /// What tells this attempt from every other one: a delivery's id and the number of the attempt. An attempt that is made
    /// again after a crash has the same one, and never has another.
    pub key: &'b str,
    /// What it holds.
    pub bytes: &'b [u8],
}

/// How a batch of files is left.
#[derive(Clone, Copy)]
pub struct Manner<'m> {
    /// How many are made durable at the same time.
    pub at_once: usize,
    /// How they hang together.
    pub order: Order,
    /// Held by whoever changes the folder, and by nobody who waits for the disk: of two batches that go out side by side, one
    /// writes or names while the other waits. The file system would have them take turns too, file by file and less gently.
    pub turn: &'m Mutex<()>,
    /// Asked before anything is written, and again when nothing has its name yet: false when the work is another node's by now.
    pub still_ours: &'m dyn Fn() -> bool,
}

/// How the files of one batch hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each for itself.
    Free,
    /// One after the other: behind one that fails, none is left.
    Kept,
}

/// Leaves a file under its final name, whole and durable, and returns its path.
///
/// Leaving the same bytes under the same name again succeeds while the file is there.
pub fn leave(directory: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, FolderError> {
    let manner = Manner { at_once: 1, order: Order::Free, turn: &Mutex::new(()), still_ours: &|| true };
    let mut left = leave_all(directory, &[Leaving { name, key: name, bytes }], manner);
    // Nobody makes a receipt of it, so nothing has to be known of it later.
    let _ = forget(directory, name);
    // One file has one outcome.
    left.pop().unwrap_or_else(|| Err(FolderError::BadName { name: name.to_owned() }))
}

/// Leaves files, and says of each what became of it, in their order.
///
/// The caller makes the receipts durable and then says so by [`forget`]. With [`Order::Kept`] the answer ends with the
/// first failure: those behind it were not tried.
///
/// On a file system without links nothing can be known of an attempt that was cut off, and it leaves the file again.
pub fn leave_all(directory: &Path, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<PathBuf, FolderError>> {
    let Manner { at_once, order, turn, still_ours } = manner;
    // It guards nothing but the turn.
    let turn = || turn.lock().unwrap_or_else(PoisonError::into_inner);
    let not_ours = || Err(FolderError::NotOurs { path: directory.to_owned() });
    // Drafts and keepers of the same names may be another node's by now, and no longer ours to clear.
    if !still_ours() {
        return files.iter().map(|_| not_ours()).collect();
    }
    crash::point("deliver.write.before");
    let ours = turn();
    let written = cut(files.iter().map(|file| write(directory, file)), order);
    drop(ours);
    crash::point("deliver.write.after");
    crash::point("deliver.fsync.before");
    let durable = make_durable(directory, written, at_once);
    crash::point("deliver.fsync.after");
    if !still_ours() {
        return durable.into_iter().map(|_| not_ours()).collect();
    }
    let ours = turn();
    let named = files.iter().zip(durable).map(|(file, durable)| give_name(directory, file, durable?));
    let named = cut(named, order);
    for file in &files[named.len()..] {
        let _ = fs::remove_file(draft(directory, file.key));
    }
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

/// Drops the second name of a file: its receipt is durable, so that nothing has to be known of the attempt any more.
pub fn forget(directory: &Path, key: &str) -> Result<(), FolderError> {
    clear(&keeper(directory, key))
}

/// Drops all that an attempt left besides its file: it is recorded, so that its draft is nobody's any more.
pub fn clear_attempt(directory: &Path, key: &str) -> Result<(), FolderError> {
    clear(&draft(directory, key))?;
    forget(directory, key)
}

/// The keys of attempts whose keepers or drafts stand in a folder.
pub fn kept(directory: &Path) -> Result<Vec<String>, FolderError> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(directory).map_err(refused("list", directory))? {
        let name = entry.map_err(refused("list", directory))?.file_name().to_string_lossy().into_owned();
        let key = name.strip_prefix('.').and_then(|it| it.strip_suffix(KEEPER).or_else(|| it.strip_suffix(".tmp")));
        keys.extend(key.map(str::to_owned));
    }
    Ok(keys)
}

/// What an attempt that was cut off left of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CutOff {
    /// The file never bore its name, so nobody has seen it.
    NotNamed,
    /// It bore its name; whoever reads the folder may have taken it since.
    Named,
}

/// Whether a file bore its name, by what is there of it: the draft, which becomes the name by a rename, and the keeper, a
/// second name of the same file that is made before and removed after the receipt.
///
/// ```text
/// draft   keeper
/// –       –        not begun
/// there   –        being written
/// there   there    about to be named
/// –       there    named; whether it still bears the name, was moved away or deleted is its reader's business
/// ```
///
/// Where a rename cannot refuse to replace, the name is a link and the draft goes after it: three names of one file.
fn cut_off(draft_is_there: bool, links_of_keeper: Option<u64>) -> CutOff {
    match (draft_is_there, links_of_keeper) {
        (false, Some(_)) => CutOff::Named,
        (true, Some(links)) if links > 2 => CutOff::Named,
        _ => CutOff::NotNamed,
    }
}

/// The outcomes up to the first failure where the order is kept, else all.
fn cut<T>(outcomes: impl Iterator<Item = Result<T, FolderError>>, order: Order) -> Vec<Result<T, FolderError>> {
    let mut kept = Vec::new();
    for outcome in outcomes {
        let is_end = outcome.is_err() && order == Order::Kept;
        kept.push(outcome);
        if is_end {
            break;
        }
    }
    kept
}

fn not_durable(directory: &Path, error: &io::Error) -> FolderError {
    // An io::Error cannot be cloned; its kind and text can.
    refused("make durable", directory)(io::Error::new(error.kind(), error.to_string()))
}

fn draft(directory: &Path, key: &str) -> PathBuf {
    directory.join(format!(".{key}.tmp"))
}

fn keeper(directory: &Path, key: &str) -> PathBuf {
    directory.join(format!(".{key}{KEEPER}"))
}

fn clear(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("clear", path)(error)),
        _ => Ok(()),
    }
}

/// A file on its way to its name.
enum Draft {
    /// Written, and still to be made durable.
    Written(PathBuf, File),
    /// Durable.
    Durable,
    /// An attempt of this key that was cut off had named it.
    Named,
}

/// Writes a draft that must be new: a link or pipe that somebody planted under its name is removed, never followed.
fn write(directory: &Path, file: &Leaving<'_>) -> Result<Draft, FolderError> {
    let name = file.name;
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return Err(FolderError::BadName { name: name.to_owned() });
    }
    let (draft, keeper) = (draft(directory, file.key), keeper(directory, file.key));
    // In a folder of many files each look costs, and nearly always there is nothing.
    if keeper.symlink_metadata().is_ok() {
        // Only a keeper with our bytes in it speaks for us: one that somebody planted must not swallow a delivery.
        let links = keeper.symlink_metadata().ok().filter(|_| holds(&keeper, file.bytes)).map(|found| found.nlink());
        if links.is_some() && cut_off(draft.symlink_metadata().is_ok(), links) == CutOff::Named {
            return Ok(Draft::Named);
        }
        // The keeper goes first: without its draft it would say that the file was named.
        clear(&keeper)?;
    }
    let created = File::create_new(&draft).or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => fs::remove_file(&draft).and_then(|()| File::create_new(&draft)),
        _ => Err(error),
    });
    let mut open = match created {
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

/// Makes a durable draft bear its name, with a second name beside it that tells of this.
fn give_name(directory: &Path, file: &Leaving<'_>, written: Draft) -> Result<PathBuf, FolderError> {
    let target = directory.join(file.name);
    if matches!(written, Draft::Named) {
        return Ok(target);
    }
    let draft = draft(directory, file.key);
    crash::point("deliver.keep.before");
    // Without links nothing is known of this attempt when it is cut off now; that is the best such a file system offers.
    let _ = fs::hard_link(&draft, keeper(directory, file.key));
    crash::point("deliver.keep.after");
    crash::point("deliver.name.before");
    let named = name_draft(&draft, &target, file.bytes);
    crash::point("deliver.name.after");
    if named.is_err() {
        // The keeper goes before the draft, without which it would say that the file was named.
        clear(&keeper(directory, file.key))?;
    }
    if !matches!(named, Ok(Naming::Renamed)) {
        // The draft must not stay; if removing it fails, readers ignore it anyway.
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

    /// One attempt to leave the same file, whose receipt is not yet durable.
    fn once(folder: &Path, key: &str) -> Result<PathBuf, FolderError> {
        let file = Leaving { name: "997_1.edi", key, bytes: b"ISA" };
        leave_all(
            folder,
            &[file],
            Manner { at_once: 1, order: Order::Free, turn: &Mutex::new(()), still_ours: &|| true },
        )
        .pop()
        .unwrap()
    }

    #[test]
    fn a_node_that_lost_its_turn_while_it_read_leaves_another_nodes_draft_alone_and_none_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(draft(folder.path(), "d1.1"), b"another node's").unwrap();
        let files = ["d1.1", "d2.1"].map(|key| Leaving { name: "997_1.edi", key, bytes: b"ISA" });
        let left = leave_all(
            folder.path(),
            &files,
            Manner { at_once: 1, order: Order::Free, turn: &Mutex::new(()), still_ours: &|| false },
        );
        assert!(left.iter().all(|one| matches!(one, Err(FolderError::NotOurs { .. }))), "{left:?}");
        assert_eq!(fs::read(draft(folder.path(), "d1.1")).unwrap(), b"another node's");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_left_of_an_attempt_says_whether_the_file_bore_its_name() {
        assert_eq!(cut_off(false, None), CutOff::NotNamed, "not begun");
        assert_eq!(cut_off(true, None), CutOff::NotNamed, "being written");
        assert_eq!(cut_off(true, Some(2)), CutOff::NotNamed, "about to be named");
        assert_eq!(cut_off(false, Some(2)), CutOff::Named, "named and there, or moved away on the same disk");
        assert_eq!(cut_off(false, Some(1)), CutOff::Named, "named and deleted, or moved to another disk");
        assert_eq!(cut_off(true, Some(3)), CutOff::Named, "named by a link, the draft not yet removed");
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
            forget(folder.path(), key).unwrap();
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing hidden stays");
        }
        once(folder.path(), "b-2").unwrap();
        assert_eq!(visible(), 1, "another attempt, because a person asked for it, leaves it again");
    }

    #[test]
    fn an_attempt_that_was_cut_off_before_the_name_is_made_from_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let draft = folder.path().join(".a-1.tmp");
        fs::write(&draft, "half of it").unwrap();
        fs::hard_link(&draft, folder.path().join(".a-1.kept")).unwrap();
        let left = once(folder.path(), "a-1").unwrap();
        assert_eq!(fs::read(&left).unwrap(), b"ISA");
        assert_eq!(kept(folder.path()).unwrap(), ["a-1"]);
        forget(folder.path(), "a-1").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_keeper_that_somebody_planted_swallows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".a-1.kept"), "not ours").unwrap();
        let left = once(folder.path(), "a-1").unwrap();
        assert_eq!(fs::read(&left).unwrap(), b"ISA");
    }

    #[test]
    fn an_attempt_that_fails_leaves_nothing_that_says_it_succeeded() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("997_1.edi"), "another file").unwrap();
        for _ in 0..2 {
            let error = once(folder.path(), "a-1").unwrap_err();
            assert!(matches!(error, FolderError::NameTaken { .. }), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::remove_file(folder.path().join("997_1.edi")).unwrap();
        assert_eq!(fs::read(once(folder.path(), "a-1").unwrap()).unwrap(), b"ISA");
    }

    #[test]
    fn what_is_another_nodes_work_by_now_is_not_left() {
        let folder = tempfile::tempdir().unwrap();
        let manner = Manner { at_once: 1, order: Order::Free, turn: &Mutex::new(()), still_ours: &|| false };
        let left = leave_all(folder.path(), &files(&["a", "b"]), manner);
        assert!(left.iter().all(|one| matches!(one, Err(FolderError::NotOurs { .. }))));
        assert!(standing(folder.path()).iter().all(|name| name.starts_with('.')));
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
    fn leave_and_forget(
        folder: &Path,
        files: &[Leaving<'_>],
        at_once: usize,
        order: Order,
    ) -> Vec<Result<PathBuf, FolderError>> {
        let left = leave_all(folder, files, Manner { at_once, order, turn: &Mutex::new(()), still_ours: &|| true });
        files.iter().for_each(|file| forget(folder, file.key).unwrap());
        left
    }

    fn standing(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn many_files_are_left_together_and_one_that_fails_hinders_no_other() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "taken").unwrap();
        let left = leave_and_forget(folder.path(), &files(&["a", "b", "../c", "d", "e"]), 4, Order::Free);
        let words: Vec<_> = left.iter().map(Result::is_ok).collect();
        assert_eq!(words, [true, false, false, true, true]);
        assert_eq!(standing(folder.path()), ["a", "b", "d", "e"], "no temporary file stays");
        assert_eq!(fs::read(folder.path().join("e")).unwrap(), b"e");
        assert_eq!(fs::read(folder.path().join("b")).unwrap(), b"taken");
    }

    #[test]
    fn where_the_order_is_kept_nothing_is_left_behind_one_that_fails() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "taken").unwrap();
        let left = leave_and_forget(folder.path(), &files(&["a", "b", "c"]), 1, Order::Kept);
        assert_eq!(left.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
        assert_eq!(standing(folder.path()), ["a", "b"], "no temporary file stays");
    }

    #[test]
    fn two_files_of_one_name_in_one_batch_do_not_mix() {
        let folder = tempfile::tempdir().unwrap();
        let one = Leaving { name: "a", key: "1", bytes: b"one" };
        let other = Leaving { name: "a", key: "2", bytes: b"other" };
        let left = leave_and_forget(folder.path(), &[one, other], 2, Order::Free);
        assert!(left[0].is_ok() && matches!(left[1], Err(FolderError::NameTaken { .. })));
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"one");
    }

    #[test]
    fn a_missing_folder_is_said_and_not_created() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(matches!(leave(&gone, "a", b"x").unwrap_err(), FolderError::Gone { .. }));
        assert!(!gone.exists());
    }
}
