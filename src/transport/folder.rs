//! Folders of this machine, the half that takes: list, claim, put away.
//!
//! ```text
//! in/850_101.edi   --claim-->   in/.edigate/0198c…-850_101.edi   --put away-->   deleted, or done/850_101.edi
//! ```
//!
//! A claim is a rename within one directory tree, so that no two readers can hold the same file and a crash
//! leaves it where the next start finds it. A folder that is missing is never created here: an unmounted share must not
//! swallow business. The half that leaves files is [`super::drop_off`].

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::inlet::{Candidate, Claimed, Inlet, Listing, PutAway, is_temporary, place, recorded};
use super::outlet::Unsent;
use crate::config::partner::{AfterPickUp, PickUp};
use crate::config::pattern;
use crate::crash;
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Code, Diagnostic};

/// Sub-directory of a watched folder that holds claimed files.
const CLAIMS: &str = ".edigate";

/// A name may have 255 bytes, of which a claim takes 33 for its id.
const LONGEST_NAME: usize = 222;

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
    /// The work on a folder is another node's by now; nothing was left.
    #[error("what goes to {path} is another node's work by now")]
    NotOurs {
        /// The directory.
        path: PathBuf,
    },
    /// What an earlier attempt had named cannot be told now.
    #[error("{0}")]
    RollsUnread(Box<FolderError>),
    /// A name that would leave the folder or that no file may have.
    #[error("{name:?} is not a usable file name")]
    BadName {
        /// The name.
        name: String,
    },
}

/// As an outlet says it.
impl From<FolderError> for Unsent {
    fn from(error: FolderError) -> Unsent {
        let permanent = || Unsent::Permanent(Diagnostic::new(&custody::CANNOT_SUCCEED, error.to_string()));
        match &error {
            FolderError::NotOurs { .. } => Unsent::NotOurs,
            FolderError::BadName { .. } => permanent(),
            // Counted as a failure, the next attempt would have another key and leave the file a second time.
            FolderError::RollsUnread(_) => {
                Unsent::Unclear(Diagnostic::new(&custody::DELIVERY_REFUSED, error.to_string()))
            }
            FolderError::Refused { source, .. } if source.kind() == io::ErrorKind::InvalidFilename => permanent(),
            // The file that is in the way may be taken by its reader at any moment.
            FolderError::NameTaken { .. } => Unsent::temporary(&custody::NAME_TAKEN, &error),
            FolderError::Gone { .. } | FolderError::Refused { .. } => {
                Unsent::temporary(&custody::DELIVERY_REFUSED, &error)
            }
        }
    }
}

pub(super) fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Refused { action, path, source }
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
        let name = recorded(&entry.file_name());
        if !is_offered(&name, &entry.file_name(), pick_up) {
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
    listing.oddities.sort();
    Ok(listing)
}

fn is_offered(name: &str, file_name: &OsStr, pick_up: &PickUp) -> bool {
    if is_temporary(name) || !pattern::matches(&pick_up.matching, name) {
        return false;
    }
    let is_marker = pick_up.marker.as_ref().is_some_and(|marker| name.ends_with(marker.as_str()));
    !is_marker && marker_of(file_name, pick_up).is_none_or(|marker| marker.exists())
}

/// A folder of this machine that files are taken from.
#[derive(Debug)]
pub struct PickUpFolder {
    /// Its rules.
    pub pick_up: PickUp,
}

impl Inlet for PickUpFolder {
    fn list(&mut self) -> Result<Listing, Diagnostic> {
        list(&self.pick_up).map_err(|error| self.told(&error))
    }

    fn leftovers(&mut self) -> Result<Vec<Claimed>, Diagnostic> {
        leftovers(&self.pick_up).map_err(|error| self.told(&error))
    }

    fn claim_of(&self, _: &Candidate) -> Option<String> {
        None
    }

    fn take(
        &mut self,
        candidates: &[Candidate],
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<Claimed, Diagnostic>> {
        let going_on = candidates.iter().take_while(|_| go_on());
        let fault = |candidate: &Candidate, error: &FolderError| {
            let told = Diagnostic::new(&custody::UNREADABLE_FILE, error.to_string()).at(place(&candidate.path));
            match error {
                FolderError::Refused { source, .. } if source.kind() == io::ErrorKind::InvalidFilename => {
                    told.hint(format!("give it a name of {LONGEST_NAME} bytes at most"))
                }
                _ => told,
            }
        };
        going_on.map(|one| claim(one, &self.pick_up).map_err(|error| fault(one, &error))).collect()
    }

    fn put_away(&mut self, claimed: &[Claimed]) -> Vec<Result<PutAway, Diagnostic>> {
        let put_one = |one: &Claimed| {
            crash::point("capture.put_away.before");
            let done = put_away(one, &self.pick_up.then).map(|()| PutAway::Gone);
            crash::point("capture.put_away.after");
            done.map_err(|error| Diagnostic::new(&custody::MOVE_FAILED, error.to_string()).at(place(&one.path)))
        };
        claimed.iter().map(put_one).collect()
    }
}

impl PickUpFolder {
    fn told(&self, error: &FolderError) -> Diagnostic {
        let code: Code = match error {
            FolderError::Gone { .. } => &custody::FOLDER_GONE,
            _ => &custody::UNREADABLE_FILE,
        };
        Diagnostic::new(code, error.to_string()).at(place(&self.pick_up.from))
    }
}

/// Takes a file out of every other reader's sight, and its marker with it.
///
/// The file is opened first: one that we may not read stays where it is, so that its owner can mend that.
pub fn claim(candidate: &Candidate, pick_up: &PickUp) -> Result<Claimed, FolderError> {
    // Since the listing, a pipe may have come in its place, and nobody need ever write into that.
    let without_waiting = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let opened = File::options().read(true).custom_flags(without_waiting).open(&candidate.path);
    opened.map_err(refused("read", &candidate.path))?;
    let claims = claims_of(pick_up)?;
    fs::create_dir_all(&claims).map_err(refused("create", &claims))?;
    let file_name = candidate.path.file_name().unwrap_or(OsStr::new("unnamed"));
    let mut claimed_name = OsString::from(format!("{}-", uuid::Uuid::now_v7().simple()));
    claimed_name.push(file_name);
    let path = claims.join(claimed_name);
    crash::point("capture.claim.before");
    fs::rename(&candidate.path, &path).map_err(refused("claim", &candidate.path))?;
    crash::point("capture.claim.after");
    if let Some(marker) = marker_of(file_name, pick_up) {
        remove_marker(&marker)?;
    }
    Ok(claimed(path, candidate.name.clone()))
}

/// Where claimed files are. A link in its place would lead into somebody else's folder, and is not followed.
fn claims_of(pick_up: &PickUp) -> Result<PathBuf, FolderError> {
    let claims = pick_up.from.join(CLAIMS);
    match claims.is_symlink() {
        true => Err(refused("use", &claims)(io::Error::other("it is a link"))),
        false => Ok(claims),
    }
}

/// A claim is known by the name that it gave to the file.
fn claimed(path: PathBuf, name: String) -> Claimed {
    let claim = path.file_name().map(recorded).unwrap_or_default();
    Claimed { path, name, claim, there: None }
}

fn marker_of(file_name: &OsStr, pick_up: &PickUp) -> Option<PathBuf> {
    let mut name = file_name.to_owned();
    name.push(pick_up.marker.as_ref()?);
    Some(pick_up.from.join(name))
}

fn remove_marker(marker: &Path) -> Result<(), FolderError> {
    crash::point("capture.marker.before");
    fs::remove_file(marker).map_err(refused("remove the marker", marker))?;
    crash::point("capture.marker.after");
    Ok(())
}

/// Finishes a claim that was cut off between the file and its marker: a marker that stayed would offer the next file
/// of that name while it is still being written. Beside a file it is that file's own, and stays.
fn clear_marker(file_name: &OsStr, pick_up: &PickUp) -> Result<(), FolderError> {
    match marker_of(file_name, pick_up) {
        Some(marker) if marker.exists() && !pick_up.from.join(file_name).exists() => remove_marker(&marker),
        _ => Ok(()),
    }
}

/// Files that an earlier life claimed and did not put away, oldest claim first; what it left of their claim is finished.
pub fn leftovers(pick_up: &PickUp) -> Result<Vec<Claimed>, FolderError> {
    let claims = claims_of(pick_up)?;
    let entries = match fs::read_dir(&claims) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused("list", &claims)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(refused("list", &claims))?;
        let full = entry.file_name();
        let after_id = full.as_bytes().iter().position(|byte| *byte == b'-').map_or(0, |dash| dash + 1);
        let file_name = OsStr::from_bytes(&full.as_bytes()[after_id..]);
        let name = recorded(file_name);
        // Another endpoint may watch the same folder for files of other names.
        if pattern::matches(&pick_up.matching, &name) {
            let claimed = claimed(entry.path(), name);
            clear_marker(file_name, pick_up)?;
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
            let target = free_name(directory, claimed);
            match fs::rename(&claimed.path, &target) {
                Ok(()) => Ok(()),
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => move_across(claimed, directory),
                Err(error) => Err(refused("move to", &target)(error)),
            }
        }
        // Only what is on a server can be told from what comes later under its name.
        AfterPickUp::Remember => Err(refused("remember", &claimed.path)(io::ErrorKind::Unsupported.into())),
    }
}

/// Its name, or the name of its claim where another file has that.
fn free_name(directory: &Path, claimed: &Claimed) -> PathBuf {
    let plain = directory.join(&claimed.name);
    if plain.symlink_metadata().is_err() { plain } else { directory.join(&claimed.claim) }
}

/// Moves a file to another file system as a rename does within one: under its name it is whole, or it is not there.
///
/// A crash on the way leaves half a draft, which the next attempt writes anew, or the whole copy beside the file, which it
/// knows by its time and bytes.
fn move_across(claimed: &Claimed, directory: &Path) -> Result<(), FolderError> {
    let names = [&claimed.name, &claimed.claim].map(|name| directory.join(name));
    if !names.iter().any(|name| is_copy(&claimed.path, name).unwrap_or(false)) {
        // The id alone: with the name behind it, it could be longer than a name may be.
        let id = claimed.claim.split('-').next().unwrap_or_default();
        let draft = directory.join(format!(".{id}.tmp"));
        let target = free_name(directory, claimed);
        let moved = copy(&claimed.path, &draft).and_then(|()| {
            crash::point("capture.copy.before");
            fs::rename(&draft, &target)
        });
        if moved.is_err() {
            // Half a file helps nobody, least of all a full disk.
            let _ = fs::remove_file(&draft);
        }
        moved.map_err(refused("copy to", &target))?;
    }
    File::open(directory).and_then(|handle| handle.sync_all()).map_err(refused("make durable", directory))?;
    crash::point("capture.copy.after");
    fs::remove_file(&claimed.path).map_err(refused("delete", &claimed.path))
}

/// Makes a durable copy with the time and mode of its original.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let (mut original, _) = (File::open(from)?, fs::remove_file(to));
    let mut copy = File::create_new(to)?;
    io::copy(&mut original, &mut copy)?;
    let about = original.metadata()?;
    copy.set_permissions(about.permissions())?;
    copy.set_modified(about.modified()?)?;
    copy.sync_all()
}

/// True for a plain file of the same time and bytes.
fn is_copy(original: &Path, copy: &Path) -> io::Result<bool> {
    let (one, other) = (original.metadata()?, copy.symlink_metadata()?);
    if !other.is_file() || one.len() != other.len() || one.modified()? != other.modified()? {
        return Ok(false);
    }
    let (mut one, mut other) = (File::open(original)?, File::open(copy)?);
    let (mut bytes, mut same) = (vec![0; 256 << 10], vec![0; 256 << 10]);
    loop {
        let read = one.read(&mut bytes)?;
        if read == 0 {
            return Ok(true);
        }
        other.read_exact(&mut same[..read])?;
        if bytes[..read] != same[..read] {
            return Ok(false);
        }
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

/// Removes what a life that ended in the middle of such a proof left behind. A proof of somebody else that is under way
/// loses nothing by it.
pub fn forget_proofs(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_proof) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// True for the name of the file that such a proof writes, here or on a server.
pub(super) fn is_proof(name: &str) -> bool {
    let id = name.strip_prefix(".edigate-").and_then(|name| name.strip_suffix(".tmp"));
    id.is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_an_unfinished_proof_left_is_forgotten_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let left = ".edigate-01a20b760b917033aa327e1bbbcc66b6.tmp";
        let others = [".edigate-kept.tmp", "01a20b760b917033aa327e1bbbcc66b6.tmp", "order.edi"];
        for name in others.iter().chain([&left]) {
            fs::write(directory.path().join(name), b"x").unwrap();
        }
        forget_proofs(directory.path());
        assert!(!directory.path().join(left).exists());
        assert!(others.iter().all(|name| directory.path().join(name).exists()));
    }

    fn pick_up(directory: &Path, matching: &str) -> PickUp {
        PickUp {
            from: directory.to_owned(),
            matching: matching.to_owned(),
            settle: Duration::ZERO,
            marker: None,
            then: AfterPickUp::Delete,
            server: None,
            every: None,
            max_age: None,
            max_size: None,
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
    fn names_that_are_no_utf8_are_told_apart_claimed_with_their_markers_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let rules = PickUp { marker: Some(".done".to_owned()), ..pick_up(folder.path(), "*.edi") };
        for name in [b"caf\xE8.edi".as_slice(), b"caf\xE9.edi", b"caf\xE8.edi.done", b"caf\xE9.edi.done"] {
            fs::write(folder.path().join(OsStr::from_bytes(name)), name).unwrap();
        }
        let listing = list(&rules).unwrap();
        assert_eq!(names(&listing), ["caf%E8.edi", "caf%E9.edi"]);
        for candidate in &listing.candidates {
            claim(candidate, &rules).unwrap();
        }
        let left: Vec<String> =
            fs::read_dir(folder.path()).unwrap().map(|one| recorded(&one.unwrap().file_name())).collect();
        assert_eq!(left, [CLAIMS]);
        let found = leftovers(&rules).unwrap();
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["caf%E8.edi", "caf%E9.edi"]);
        put_away(&found[1], &AfterPickUp::Archive(folder.path().join("done"))).unwrap();
        assert_eq!(fs::read(folder.path().join("done/caf%E9.edi")).unwrap(), b"caf\xE9.edi");
    }

    #[test]
    fn pipes_are_named_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("a.edi");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let listing = list(&pick_up(folder.path(), "*.edi")).unwrap();
        assert!(listing.candidates.is_empty());
        assert_eq!(listing.oddities, [pipe]);
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

    /// What stands in a folder under names that are shown.
    fn shown(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| recorded(&entry.unwrap().file_name()));
        let mut names: Vec<String> = entries.collect();
        names.sort();
        names
    }

    #[test]
    fn a_move_to_another_file_system_that_was_cut_off_at_any_moment_ends_with_one_copy() {
        let (folder, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let rules = pick_up(folder.path(), "*");
        for moment in ["before", "half", "whole", "whole beside another"] {
            fs::write(folder.path().join("a.edi"), "bytes").unwrap();
            let claimed = claim(&list(&rules).unwrap().candidates[0], &rules).unwrap();
            let draft = archive.path().join(format!(".{}.tmp", claimed.claim.split('-').next().unwrap()));
            let mut expected = vec!["a.edi".to_owned()];
            match moment {
                "half" => fs::write(&draft, "by").unwrap(),
                "whole" => copy(&claimed.path, &archive.path().join("a.edi")).unwrap(),
                "whole beside another" => {
                    fs::write(archive.path().join("a.edi"), "other").unwrap();
                    copy(&claimed.path, &archive.path().join(&claimed.claim)).unwrap();
                    expected.insert(0, claimed.claim.clone());
                }
                _ => {}
            }
            move_across(&claimed, archive.path()).unwrap();
            assert_eq!(shown(archive.path()), expected, "{moment}");
            assert_eq!(fs::read(archive.path().join(&expected[0])).unwrap(), b"bytes", "{moment}");
            assert!(leftovers(&rules).unwrap().is_empty(), "{moment}");
            expected.iter().for_each(|name| fs::remove_file(archive.path().join(name)).unwrap());
        }
    }

    #[test]
    fn another_file_under_a_name_in_the_archive_is_kept_beside_the_one_that_is_moved_there() {
        let (folder, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let rules = pick_up(folder.path(), "*");
        fs::write(folder.path().join("a.edi"), "bytes").unwrap();
        fs::write(archive.path().join("a.edi"), "other").unwrap();
        let claimed = claim(&list(&rules).unwrap().candidates[0], &rules).unwrap();
        move_across(&claimed, archive.path()).unwrap();
        assert_eq!(fs::read(archive.path().join("a.edi")).unwrap(), b"other");
        assert_eq!(fs::read(archive.path().join(&claimed.claim)).unwrap(), b"bytes");
    }

    #[test]
    fn claims_that_would_go_through_a_link_are_refused() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let rules = pick_up(folder.path(), "*.edi");
        fs::write(other.path().join("1-theirs.edi"), "not for us").unwrap();
        std::os::unix::fs::symlink(other.path(), folder.path().join(CLAIMS)).unwrap();
        fs::write(folder.path().join("a.edi"), "x").unwrap();
        assert!(leftovers(&rules).is_err());
        assert!(claim(&list(&rules).unwrap().candidates[0], &rules).is_err());
        assert_eq!((shown(other.path()).len(), shown(folder.path()).len()), (1, 2), "nothing was moved");
    }

    #[test]
    fn a_pipe_that_comes_between_the_look_and_the_claim_holds_up_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let rules = pick_up(folder.path(), "*.edi");
        fs::write(folder.path().join("a.edi"), "x").unwrap();
        let seen = list(&rules).unwrap().candidates.remove(0);
        fs::remove_file(&seen.path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&seen.path).status().unwrap().success());
        let (done, came) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(claim(&seen, &rules).is_ok()));
        assert!(came.recv_timeout(Duration::from_secs(20)).is_ok(), "it waits for somebody to write");
    }

    #[test]
    fn a_missing_folder_is_said_and_not_created() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(matches!(list(&pick_up(&gone, "*")).unwrap_err(), FolderError::Gone { .. }));
        assert!(!gone.exists());
    }
}
