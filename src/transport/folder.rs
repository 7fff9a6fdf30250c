//! Folders of this machine: list, claim, put away; leave a file so that nobody sees half of it.
//!
//! ```text
//! in/850_101.edi   --claim-->   in/.edigate/0198c…-850_101.edi   --put away-->   deleted, or done/850_101.edi
//! out/.997_1.edi.tmp   --fsync, rename to a new name-->   out/997_1.edi
//! ```
//!
//! A claim is a rename within one directory tree, so that no two readers can hold the same file and a crash
//! leaves it where the next start finds it. A delivery is written under a name that readers ignore, made durable,
//! and only then given its own name; an existing file is never replaced. A folder that is missing is never
//! created here: an unmounted share must not swallow business.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::config::partner::{AfterPickUp, PickUp};
use crate::config::pattern;
use crate::crash;

/// Sub-directory of a watched folder that holds claimed files.
const CLAIMS: &str = ".edigate";

/// The ending of the second name of a file that we left and whose receipt is not yet durable.
const KEEPER: &str = ".kept";

/// Endings that programs give to files they are still writing.
const TEMPORARY: [&str; 9] =
    [".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", ".writing", ".inprogress"];

/// What can go wrong with a folder; each names the path.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The directory is not there.
    #[error("folder {path} does not exist")]
    Gone {
        /// The directory.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot {action} {path}: {source}")]
    Refused {
        /// What we tried, as a verb.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file of that name with other bytes is already there.
    #[error("{path} already exists with other content; nothing was replaced")]
    NameTaken {
        /// The file.
        path: PathBuf,
    },
    /// A name that would leave the folder or that no file may have.
    #[error("{name:?} is not a usable file name")]
    BadName {
        /// The name.
        name: String,
    },
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Refused { action, path, source }
}

/// A file that waits in a watched folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub path: PathBuf,
    /// Its name; bytes that are no UTF-8 are shown as U+FFFD.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Time of its last change.
    pub modified: SystemTime,
}

/// A file that is ours to capture and that no other reader can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Where it is now.
    pub path: PathBuf,
    /// The name under which the partner left it.
    pub name: String,
}

/// What a look at a folder found.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files to be taken once they are whole, by name.
    pub candidates: Vec<Candidate>,
    /// Things that stand there under a matching name and are no plain files: links, directories, devices.
    pub oddities: Vec<PathBuf>,
}

/// Lists the files that match, in the order of their names; what is being written is left out.
pub fn list(pick_up: &PickUp) -> Result<Listing, FolderError> {
    let directory = &pick_up.from;
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(FolderError::Gone { path: directory.clone() });
        }
        Err(error) => return Err(refused("list", directory)(error)),
    };
    let mut listing = Listing::default();
    for entry in entries {
        let entry = entry.map_err(refused("list", directory))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_offered(&name, pick_up) {
            continue;
        }
        // A file may be renamed or removed between the listing and this look: then it is simply not there.
        let Ok(metadata) = entry.path().symlink_metadata() else { continue };
        if !metadata.is_file() {
            if !metadata.is_dir() {
                listing.oddities.push(entry.path());
            }
            continue;
        }
        let modified = metadata.modified().map_err(refused("look at", &entry.path()))?;
        listing.candidates.push(Candidate { path: entry.path(), name, size: metadata.len(), modified });
    }
    listing.candidates.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(listing)
}

fn is_offered(name: &str, pick_up: &PickUp) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_temporary = name.starts_with('.')
        || name.starts_with('~')
        || name.ends_with('~')
        || TEMPORARY.iter().any(|ending| lower.ends_with(ending));
    if is_temporary || !pattern::matches(&pick_up.matching, name) {
        return false;
    }
    match &pick_up.marker {
        None => true,
        Some(marker) => !name.ends_with(marker.as_str()) && pick_up.from.join(format!("{name}{marker}")).exists(),
    }
}

/// Takes a file out of every other reader's sight, and its marker with it.
///
/// The file is opened first: one that we may not read stays where it is, so that its owner can mend that.
pub fn claim(candidate: &Candidate, pick_up: &PickUp) -> Result<Claimed, FolderError> {
    File::open(&candidate.path).map_err(refused("read", &candidate.path))?;
    let claims = pick_up.from.join(CLAIMS);
    fs::create_dir_all(&claims).map_err(refused("create", &claims))?;
    let mut claimed_name = std::ffi::OsString::from(format!("{}-", uuid::Uuid::now_v7().simple()));
    claimed_name.push(candidate.path.file_name().unwrap_or(OsStr::new("unnamed")));
    let path = claims.join(claimed_name);
    crash::point("capture.claim.before");
    fs::rename(&candidate.path, &path).map_err(refused("claim", &candidate.path))?;
    crash::point("capture.claim.after");
    if let Some(marker) = marker_of(&candidate.name, pick_up) {
        remove_marker(&marker)?;
    }
    Ok(Claimed { path, name: candidate.name.clone() })
}

fn marker_of(name: &str, pick_up: &PickUp) -> Option<PathBuf> {
    pick_up.marker.as_ref().map(|marker| pick_up.from.join(format!("{name}{marker}")))
}

fn remove_marker(marker: &Path) -> Result<(), FolderError> {
    crash::point("capture.marker.before");
    fs::remove_file(marker).map_err(refused("remove the marker", marker))?;
    crash::point("capture.marker.after");
    Ok(())
}

/// Finishes a claim that was cut off between the file and its marker: a marker that stayed would offer the next file
/// of that name while it is still being written. Beside a file it is that file's own, and stays.
fn clear_marker(claimed: &Claimed, pick_up: &PickUp) -> Result<(), FolderError> {
    match marker_of(&claimed.name, pick_up) {
        Some(marker) if marker.exists() && !pick_up.from.join(&claimed.name).exists() => remove_marker(&marker),
        _ => Ok(()),
    }
}

/// Files that an earlier life claimed and did not put away, oldest claim first; what it left of their claim is finished.
pub fn leftovers(pick_up: &PickUp) -> Result<Vec<Claimed>, FolderError> {
    let claims = pick_up.from.join(CLAIMS);
    let entries = match fs::read_dir(&claims) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused("list", &claims)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(refused("list", &claims))?;
        let full = entry.file_name().to_string_lossy().into_owned();
        let name = full.split_once('-').map_or(full.as_str(), |(_, name)| name).to_owned();
        // Another endpoint may watch the same folder for files of other names.
        if pattern::matches(&pick_up.matching, &name) {
            let claimed = Claimed { path: entry.path(), name };
            clear_marker(&claimed, pick_up)?;
            found.push(claimed);
        }
    }
    // The claim's id is time-ordered, so the order of names is the order of claims.
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Does with a captured file what the partner file says.
pub fn put_away(claimed: &Claimed, then: &AfterPickUp) -> Result<(), FolderError> {
    match then {
        AfterPickUp::Delete => fs::remove_file(&claimed.path).map_err(refused("delete", &claimed.path)),
        AfterPickUp::Archive(directory) => {
            fs::create_dir_all(directory).map_err(refused("create", directory))?;
            let target = free_name(directory, &claimed.name);
            match fs::rename(&claimed.path, &target) {
                Ok(()) => Ok(()),
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                    fs::copy(&claimed.path, &target).map_err(refused("copy to", &target))?;
                    fs::remove_file(&claimed.path).map_err(refused("delete", &claimed.path))
                }
                Err(error) => Err(refused("move to", &target)(error)),
            }
        }
    }
}

fn free_name(directory: &Path, name: &str) -> PathBuf {
    let plain = directory.join(name);
    if !plain.exists() {
        return plain;
    }
    directory.join(format!("{}-{name}", uuid::Uuid::now_v7().simple()))
}

/// A file that bears its name in a folder, and the second name by which we know that it did.
#[derive(Debug)]
pub struct Left {
    /// Where it was left.
    pub path: PathBuf,
    keeper: PathBuf,
}

impl Left {
    /// Drops the second name: the receipt is durable, so that nothing has to be known any more.
    pub fn recorded(self) {
        crash::point("deliver.forget.before");
        // A keeper that stays is found at the next start and does no harm until then: readers ignore it.
        let _ = fs::remove_file(&self.keeper);
        crash::point("deliver.forget.after");
    }
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

/// Leaves a file under its final name, whole and durable, and returns its path.
///
/// Leaving the same bytes under the same name again succeeds while the file is there.
pub fn leave(directory: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, FolderError> {
    let target = target(directory, name)?;
    let draft = directory.join(format!(".{name}.tmp"));
    let named = write_durably(&draft, bytes).and_then(|()| give_name(&draft, &target, bytes));
    // The draft has become the name or must not stay; if removing it fails, readers ignore it anyway.
    let _ = fs::remove_file(&draft);
    named?;
    make_durable(directory)?;
    Ok(target)
}

/// Leaves a file once, however often the attempt of this key is cut off and made again.
///
/// The caller makes its receipt durable and then says so by [`Left::recorded`]. An attempt that was cut off in between
/// says of itself whether the file bore its name, so that it is not left again when its reader has taken
/// it already. Keys are never used for two files: a delivery's id and the number of the attempt.
///
/// On a file system without links nothing can be known, and an attempt that was cut off leaves the file again.
pub fn leave_once(directory: &Path, name: &str, bytes: &[u8], key: &str) -> Result<Left, FolderError> {
    let target = target(directory, name)?;
    let (draft, keeper) = (directory.join(format!(".{key}.tmp")), directory.join(format!(".{key}{KEEPER}")));
    // Only a keeper with our bytes in it speaks for us: one that somebody planted must not swallow a delivery.
    let links = keeper.symlink_metadata().ok().filter(|_| holds(&keeper, bytes)).map(|found| found.nlink());
    if cut_off(draft.symlink_metadata().is_ok(), links) == CutOff::NotNamed {
        // The keeper goes first: without its draft it would say that the file was named.
        clear(&keeper)?;
        let named = write_durably(&draft, bytes).and_then(|()| {
            crash::point("deliver.keep.before");
            let _ = fs::hard_link(&draft, &keeper);
            crash::point("deliver.keep.after");
            give_name(&draft, &target, bytes)
        });
        if named.is_err() {
            clear(&keeper)?;
        }
        let _ = fs::remove_file(&draft);
        named?;
    }
    make_durable(directory)?;
    Ok(Left { path: target, keeper })
}

/// The keys of attempts whose keepers stand in a folder.
pub fn kept(directory: &Path) -> Result<Vec<String>, FolderError> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(directory).map_err(refused("list", directory))? {
        let name = entry.map_err(refused("list", directory))?.file_name().to_string_lossy().into_owned();
        keys.extend(name.strip_prefix('.').and_then(|name| name.strip_suffix(KEEPER)).map(str::to_owned));
    }
    Ok(keys)
}

/// Drops the keeper of an attempt whose receipt is durable.
pub fn forget(directory: &Path, key: &str) -> Result<(), FolderError> {
    clear(&directory.join(format!(".{key}{KEEPER}")))
}

fn target(directory: &Path, name: &str) -> Result<PathBuf, FolderError> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return Err(FolderError::BadName { name: name.to_owned() });
    }
    if !directory.is_dir() {
        return Err(FolderError::Gone { path: directory.to_owned() });
    }
    Ok(directory.join(name))
}

fn make_durable(directory: &Path) -> Result<(), FolderError> {
    crash::point("deliver.directory_fsync.before");
    File::open(directory).and_then(|handle| handle.sync_all()).map_err(refused("make durable", directory))?;
    crash::point("deliver.directory_fsync.after");
    Ok(())
}

fn clear(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("clear", path)(error)),
        _ => Ok(()),
    }
}

/// How much must fit into a folder for it to be usable.
const ROOM: usize = 256 << 10;

/// Proves that a folder takes files: it is there, it may be written, it has some room.
pub fn accepts(directory: &Path) -> Result<(), FolderError> {
    if !directory.is_dir() {
        return Err(FolderError::Gone { path: directory.to_owned() });
    }
    let probe = directory.join(format!(".edigate-{}.tmp", uuid::Uuid::now_v7().simple()));
    let written =
        File::create_new(&probe).and_then(|mut file| file.write_all(&vec![0; ROOM]).and_then(|()| file.sync_all()));
    // Whether or not it is whole; a folder that cannot be written holds none.
    let _ = fs::remove_file(&probe);
    written.map_err(refused("write into", directory))
}

/// Writes a file that must be new: a link or pipe that somebody planted under the name is removed, never followed.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    clear(path)?;
    crash::point("deliver.write.before");
    let mut file = File::create_new(path).map_err(refused("write", path))?;
    file.write_all(bytes).map_err(refused("write", path))?;
    crash::point("deliver.write.after");
    crash::point("deliver.fsync.before");
    file.sync_all().map_err(refused("write", path))?;
    crash::point("deliver.fsync.after");
    Ok(())
}

/// Makes the draft bear its name in one step, and never in place of another file.
fn give_name(draft: &Path, target: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    crash::point("deliver.name.before");
    match rename_to_new(draft, target) {
        Ok(()) => {
            crash::point("deliver.name.after");
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match holds(target, bytes) {
            true => Ok(()),
            false => Err(FolderError::NameTaken { path: target.to_owned() }),
        },
        // Some file systems have neither (FAT, a few network mounts): rename after a look is the best they offer.
        Err(_) if !target.exists() => fs::rename(draft, target).map_err(refused("name", target)),
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
    use std::time::Duration;

    fn pick_up(directory: &Path, matching: &str) -> PickUp {
        PickUp {
            from: directory.to_owned(),
            matching: matching.to_owned(),
            settle: Duration::ZERO,
            marker: None,
            then: AfterPickUp::Delete,
        }
    }

    fn names(listing: &Listing) -> Vec<&str> {
        listing.candidates.iter().map(|candidate| candidate.name.as_str()).collect()
    }

    #[test]
    fn files_that_are_being_written_are_not_listed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.edi", "a.edi", "c.edi.part", ".hidden.edi", "d.EDI.TMP", "notes.txt"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let listing = list(&pick_up(folder.path(), "*.edi")).unwrap();
        assert_eq!(names(&listing), ["a.edi", "b.edi"]);
    }

    #[test]
    fn links_are_named_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("a.edi")).unwrap();
        let listing = list(&pick_up(folder.path(), "*.edi")).unwrap();
        assert!(listing.candidates.is_empty());
        assert_eq!(listing.oddities, [folder.path().join("a.edi")]);
    }

    #[test]
    fn with_a_marker_a_file_waits_for_it_and_both_are_claimed() {
        let folder = tempfile::tempdir().unwrap();
        let rules = PickUp { marker: Some(".done".to_owned()), ..pick_up(folder.path(), "*") };
        fs::write(folder.path().join("a.edi"), "x").unwrap();
        assert!(list(&rules).unwrap().candidates.is_empty());
        fs::write(folder.path().join("a.edi.done"), "").unwrap();
        let listing = list(&rules).unwrap();
        assert_eq!(names(&listing), ["a.edi"]);
        claim(&listing.candidates[0], &rules).unwrap();
        assert!(!folder.path().join("a.edi").exists() && !folder.path().join("a.edi.done").exists());
    }

    #[test]
    fn a_marker_that_a_crash_left_goes_with_its_file_and_does_not_offer_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let rules = PickUp { marker: Some(".done".to_owned()), ..pick_up(folder.path(), "*") };
        fs::create_dir(folder.path().join(".edigate")).unwrap();
        fs::write(folder.path().join(".edigate/0198c0de-a.edi"), "claimed, and then the crash came").unwrap();
        fs::write(folder.path().join("a.edi.done"), "").unwrap();
        assert_eq!(leftovers(&rules).unwrap().len(), 1);
        fs::write(folder.path().join("a.edi"), "the next one, half wri").unwrap();
        assert!(list(&rules).unwrap().candidates.is_empty());
        fs::write(folder.path().join("a.edi.done"), "").unwrap();
        leftovers(&rules).unwrap();
        assert_eq!(names(&list(&rules).unwrap()), ["a.edi"], "a marker beside its file stays");
    }

    #[test]
    fn a_claimed_file_is_found_again_after_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        let rules = pick_up(folder.path(), "*");
        fs::write(folder.path().join("a-b.edi"), "bytes").unwrap();
        let claimed = claim(&list(&rules).unwrap().candidates[0], &rules).unwrap();
        assert!(list(&rules).unwrap().candidates.is_empty(), "nobody else can take it");
        assert_eq!(leftovers(&rules).unwrap(), std::slice::from_ref(&claimed));
        assert_eq!(claimed.name, "a-b.edi");
        put_away(&claimed, &AfterPickUp::Archive(folder.path().join("done"))).unwrap();
        assert_eq!(fs::read(folder.path().join("done/a-b.edi")).unwrap(), b"bytes");
        assert!(leftovers(&rules).unwrap().is_empty());
    }

    #[test]
    fn a_claim_of_another_endpoint_of_the_same_folder_is_left_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let ships = pick_up(folder.path(), "ship*.csv");
        fs::write(folder.path().join("ship1.csv"), "x").unwrap();
        claim(&list(&ships).unwrap().candidates[0], &ships).unwrap();
        assert!(leftovers(&pick_up(folder.path(), "inv*.csv")).unwrap().is_empty());
        assert_eq!(leftovers(&ships).unwrap().len(), 1);
    }

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
            let left = leave_once(folder.path(), "997_1.edi", b"ISA", key).unwrap();
            match take {
                true => fs::remove_file(&left.path).unwrap(),
                false => fs::rename(&left.path, moved.path().join("997_1.edi")).unwrap(),
            }
            // The receipt never became durable: the same attempt comes once more.
            let again = leave_once(folder.path(), "997_1.edi", b"ISA", key).unwrap();
            assert_eq!((visible(), again.path.as_path()), (0, left.path.as_path()));
            again.recorded();
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing hidden stays");
        }
        leave_once(folder.path(), "997_1.edi", b"ISA", "b-2").unwrap().recorded();
        assert_eq!(visible(), 1, "another attempt, because a person asked for it, leaves it again");
    }

    #[test]
    fn an_attempt_that_was_cut_off_before_the_name_is_made_from_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let draft = folder.path().join(".a-1.tmp");
        fs::write(&draft, "half of it").unwrap();
        fs::hard_link(&draft, folder.path().join(".a-1.kept")).unwrap();
        let left = leave_once(folder.path(), "997_1.edi", b"ISA", "a-1").unwrap();
        assert_eq!(fs::read(&left.path).unwrap(), b"ISA");
        assert_eq!(kept(folder.path()).unwrap(), ["a-1"]);
        left.recorded();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_keeper_that_somebody_planted_swallows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".a-1.kept"), "not ours").unwrap();
        let left = leave_once(folder.path(), "997_1.edi", b"ISA", "a-1").unwrap();
        assert_eq!(fs::read(&left.path).unwrap(), b"ISA");
    }

    #[test]
    fn an_attempt_that_fails_leaves_nothing_that_says_it_succeeded() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("997_1.edi"), "another file").unwrap();
        for _ in 0..2 {
            let error = leave_once(folder.path(), "997_1.edi", b"ISA", "a-1").unwrap_err();
            assert!(matches!(error, FolderError::NameTaken { .. }), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::remove_file(folder.path().join("997_1.edi")).unwrap();
        assert_eq!(fs::read(leave_once(folder.path(), "997_1.edi", b"ISA", "a-1").unwrap().path).unwrap(), b"ISA");
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
    fn a_missing_folder_is_said_and_not_created() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(matches!(leave(&gone, "a", b"x").unwrap_err(), FolderError::Gone { .. }));
        assert!(matches!(list(&pick_up(&gone, "*")).unwrap_err(), FolderError::Gone { .. }));
        assert!(!gone.exists());
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../a", "a/b", "", ".hidden", "a\0b"] {
            let error = leave(folder.path(), name, b"x").unwrap_err();
            assert!(matches!(error, FolderError::BadName { .. }), "{name:?}: {error}");
        }
    }
}
