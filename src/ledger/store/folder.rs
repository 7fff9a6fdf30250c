//! The archive as a directory: `ab/abcdef…`, or `ab/abcdef….zst` when it is compressed.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::{Form, Stored};
use crate::crash;
use crate::ledger::Error;
use crate::ledger::content::refused;

/// A directory of archived files.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The directory, whether it is there or not.
    pub fn at(root: PathBuf) -> Folder {
        Folder { root }
    }

    /// Makes the directory where it is missing.
    pub fn create(&self) -> Result<(), Error> {
        fs::create_dir_all(&self.root).map_err(refused("create", &self.root))
    }

    /// Where a content stands in a form.
    pub fn place(&self, sha256: &str, form: Form) -> PathBuf {
        // A name that was tampered with may be too short; it leads to no file, which is what is told then.
        self.root.join(sha256.get(..2).unwrap_or(sha256)).join(format!("{sha256}{}", form.suffix()))
    }

    /// The form and place of a content that is there.
    pub fn find(&self, sha256: &str) -> Option<(Form, PathBuf)> {
        Form::ALL.map(|form| (form, self.place(sha256, form))).into_iter().find(|(_, place)| place.is_file())
    }

    pub(super) fn put(&self, spooled: &Path, sha256: &str, form: Form) -> Result<(), Error> {
        let place = self.place(sha256, form);
        // The parent of a place below the archive is never missing.
        let directory = place.parent().unwrap_or(&self.root);
        fs::create_dir_all(directory).map_err(refused("create", directory))?;
        crash::point("ledger.archive_rename.before");
        move_file(spooled, &place)?;
        crash::point("ledger.archive_rename.after");
        crash::point("ledger.archive_fsync.before");
        make_durable(directory)?;
        make_durable(&self.root)?;
        crash::point("ledger.archive_fsync.after");
        // An earlier build kept the same bytes in another form; one of the two is enough.
        for other in Form::ALL.into_iter().filter(|other| *other != form) {
            let _ = fs::remove_file(self.place(sha256, other));
        }
        Ok(())
    }

    pub(super) fn open(&self, sha256: &str) -> Result<Option<(Form, Stored)>, Error> {
        for form in Form::ALL {
            let place = self.place(sha256, form);
            match File::open(&place) {
                Ok(file) => return Ok(Some((form, Box::new(BufReader::with_capacity(256 << 10, file))))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let detail = format!("{}: {error}", place.display());
                    return Err(Error::Damaged { sha256: sha256.to_owned(), detail });
                }
            }
        }
        Ok(None)
    }

    pub(super) fn remove(&self, sha256: &str) -> Result<(), Error> {
        for form in Form::ALL {
            let place = self.place(sha256, form);
            match fs::remove_file(&place) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(refused("remove", &place)(error)),
            }
        }
        Ok(())
    }
}

/// Moves a durable file; a shared archive is another file system, where a rename is a copy under another name first.
fn move_file(from: &Path, to: &Path) -> Result<(), Error> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
        outcome => return outcome.map_err(refused("archive", to)),
    }
    let arriving = to.with_extension(format!("arriving-{}", crate::ledger::Id::new()));
    let copied = fs::copy(from, &arriving)
        .and_then(|_| File::open(&arriving)?.sync_all())
        .and_then(|()| fs::rename(&arriving, to))
        .map_err(refused("archive", to));
    if copied.is_err() {
        let _ = fs::remove_file(&arriving);
    }
    copied?;
    fs::remove_file(from).map_err(refused("remove", from))
}

/// Makes the entries of a directory durable.
pub(in crate::ledger) fn make_durable(directory: &Path) -> Result<(), Error> {
    File::open(directory).and_then(|handle| handle.sync_all()).map_err(refused("make durable", directory))
}
