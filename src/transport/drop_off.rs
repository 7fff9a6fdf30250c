//! Folders of this machine, the half that leaves: a file stands under its name whole and durable, or not at all.
//!
//! ```text
//! out/.0198c0de-….tmp  --written, all--fsync, all-->  --link, in order-->  out/997_1.edi   --fsync of the directory, once
//! ```
//!
//! A file is written under a name that readers ignore, made durable, and only then given its own name; an existing file
//! is never replaced. Many files share the waits: all are written before the first is made durable, and the directory is
//! made durable once. No receipt is given before that. A folder that is missing is never created here.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;

use super::folder::{FolderError, refused};
use crate::crash;

/// A file to be left.
#[derive(Debug, Clone)]
pub struct Leaving<'b> {
    /// Its final name.
    pub name: &'b str,
    /// What tells its temporary name from those of other files on their way into the same folder. An attempt after a
    /// crash uses the same one, so that it finds and removes what the crash left.
    pub key: &'b str,
    /// What it holds.
    pub bytes: &'b [u8],
}

/// How the files of one batch hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each for itself.
    Free,
    /// One after the other: behind one that fails, none is left.
    Kept,
}

/// Leaves a file under its final name, whole and durable, and returns its path as the receipt.
///
/// Leaving the same bytes under the same name again is the same delivery and succeeds: an earlier attempt
/// may have been cut off between the link and the ledger row.
pub fn leave(directory: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, FolderError> {
    let mut left = leave_all(directory, &[Leaving { name, key: name, bytes }], 1, Order::Free);
    // One file has one outcome.
    left.pop().unwrap_or_else(|| Err(FolderError::BadName { name: name.to_owned() }))
}

/// Leaves files, and says of each what became of it, in their order.
///
/// With [`Order::Kept`] the answer ends with the first failure: those behind it were not tried. `at_once` is how many
/// are made durable at the same time.
pub fn leave_all(
    directory: &Path,
    files: &[Leaving<'_>],
    at_once: usize,
    order: Order,
) -> Vec<Result<PathBuf, FolderError>> {
    let written = cut(files.iter().map(|file| write(directory, file)), order);
    crash::point("deliver.temporary.written");
    let durable = cut(make_durable(written, at_once).into_iter(), order);
    crash::point("deliver.synced");
    let named = files.iter().zip(durable).map(|(file, durable)| {
        let temporary = durable?;
        let target = directory.join(file.name);
        let named = give_name(&temporary, &target, file.bytes);
        crash::point("deliver.named");
        // The temporary name has done its work or must not stay; if removing it fails, readers ignore it anyway.
        let _ = fs::remove_file(&temporary);
        named.map(|()| target)
    });
    let named = cut(named, order);
    for file in &files[named.len()..] {
        let _ = fs::remove_file(temporary_name(directory, file));
    }
    let synced = File::open(directory).and_then(|handle| handle.sync_all());
    crash::point("deliver.directory.synced");
    match synced {
        Ok(()) => named,
        // Without it a power failure could take the names again, so that none of them is a receipt.
        Err(error) => named.into_iter().map(|one| one.and_then(|_| Err(not_durable(directory, &error)))).collect(),
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

fn temporary_name(directory: &Path, file: &Leaving<'_>) -> PathBuf {
    directory.join(format!(".{}.tmp", file.key))
}

/// A file that was written under its temporary name, still open.
struct Written {
    temporary: PathBuf,
    file: File,
}

/// Writes a file that must be new: a link or pipe that somebody planted under the name is removed, never followed.
fn write(directory: &Path, file: &Leaving<'_>) -> Result<Written, FolderError> {
    let name = file.name;
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return Err(FolderError::BadName { name: name.to_owned() });
    }
    let temporary = temporary_name(directory, file);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused("clear", &temporary)(error)),
        _ => {}
    }
    let mut open = match File::create_new(&temporary) {
        Ok(open) => open,
        Err(_) if !directory.is_dir() => return Err(FolderError::Gone { path: directory.to_owned() }),
        Err(error) => return Err(refused("write", &temporary)(error)),
    };
    match open.write_all(file.bytes) {
        Ok(()) => Ok(Written { temporary, file: open }),
        Err(error) => {
            // Half a file helps nobody, least of all a full disk.
            let _ = fs::remove_file(&temporary);
            Err(refused("write", &temporary)(error))
        }
    }
}

/// Makes written files durable, several at the same time: the disk takes many requests in one turn.
fn make_durable(written: Vec<Result<Written, FolderError>>, at_once: usize) -> Vec<Result<PathBuf, FolderError>> {
    let share = written.len().div_ceil(at_once.max(1)).max(1);
    let mut shares: Vec<Vec<Result<Written, FolderError>>> = Vec::new();
    let mut rest = written.into_iter().peekable();
    while rest.peek().is_some() {
        shares.push(rest.by_ref().take(share).collect());
    }
    let make = |share: Vec<Result<Written, FolderError>>| share.into_iter().map(|one| one.and_then(sync)).collect();
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

fn sync(written: Written) -> Result<PathBuf, FolderError> {
    match written.file.sync_all() {
        Ok(()) => Ok(written.temporary),
        Err(error) => {
            let _ = fs::remove_file(&written.temporary);
            Err(refused("write", &written.temporary)(error))
        }
    }
}

/// A link fails when the name exists, where a rename would replace the file.
fn give_name(temporary: &Path, target: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    match fs::hard_link(temporary, target) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match holds(target, bytes) {
            true => Ok(()),
            false => Err(FolderError::NameTaken { path: target.to_owned() }),
        },
        // Some file systems have no links (FAT, a few network mounts): rename after a look is the best they offer.
        Err(_) if !target.exists() => fs::rename(temporary, target).map_err(refused("name", target)),
        Err(error) => Err(refused("name", target)(error)),
    }
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
        let left = leave_all(folder.path(), &files(&["a", "b", "../c", "d", "e"]), 4, Order::Free);
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
        let left = leave_all(folder.path(), &files(&["a", "b", "c"]), 1, Order::Kept);
        assert_eq!(left.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false]);
        assert_eq!(standing(folder.path()), ["a", "b"], "no temporary file stays");
    }

    #[test]
    fn two_files_of_one_name_in_one_batch_do_not_mix() {
        let folder = tempfile::tempdir().unwrap();
        let one = Leaving { name: "a", key: "1", bytes: b"one" };
        let other = Leaving { name: "a", key: "2", bytes: b"other" };
        let left = leave_all(folder.path(), &[one, other], 2, Order::Free);
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
