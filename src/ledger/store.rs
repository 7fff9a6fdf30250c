//! Where large bytes are kept: a directory, or a bucket of an S3-compatible store that several nodes share.
//!
//! ```text
//! put(spooled file, abcdef…, Zstd)   archive/ab/abcdef….zst, durable when it returns
//! open(abcdef…)                      the stored form and a stream of it; None when there is nothing
//! ```
//!
//! Never here: what bytes mean, whether they are right ([`super::content`] hashes them), or which are removed.

pub mod folder;
#[cfg(feature = "s3")]
pub mod s3;

use std::io::Read;
use std::path::Path;

use super::Error;
use folder::Folder;

/// How bytes stand in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As they are.
    Plain,
    /// As one zstd frame.
    Zstd,
}

impl Form {
    /// The forms in the order in which they are looked for.
    pub const ALL: [Form; 2] = [Form::Zstd, Form::Plain];

    /// What the form adds to the name.
    pub fn suffix(self) -> &'static str {
        match self {
            Form::Plain => "",
            Form::Zstd => ".zst",
        }
    }
}

/// A stream of stored bytes.
pub type Stored = Box<dyn Read + Send>;

/// A place that keeps files by the sha256 of their plain bytes.
#[derive(Debug, Clone)]
pub enum Store {
    /// A directory of this machine, or a shared one.
    Folder(Folder),
    /// A bucket.
    #[cfg(feature = "s3")]
    S3(s3::Bucket),
}

impl Store {
    /// Moves a durable spooled file into the store; it is durable there when this returns.
    pub fn put(&self, spooled: &Path, sha256: &str, form: Form) -> Result<(), Error> {
        match self {
            Store::Folder(folder) => folder.put(spooled, sha256, form),
            #[cfg(feature = "s3")]
            Store::S3(bucket) => bucket.put(spooled, sha256, form),
        }
    }

    /// Opens what is stored under a name.
    pub fn open(&self, sha256: &str) -> Result<Option<(Form, Stored)>, Error> {
        match self {
            Store::Folder(folder) => folder.open(sha256),
            #[cfg(feature = "s3")]
            Store::S3(bucket) => bucket.open_content(sha256),
        }
    }

    /// True when something is stored under a name.
    pub fn holds(&self, sha256: &str) -> Result<bool, Error> {
        match self {
            Store::Folder(folder) => Ok(folder.find(sha256).is_some()),
            #[cfg(feature = "s3")]
            Store::S3(bucket) => bucket.holds(sha256),
        }
    }

    /// Removes what is stored under a name; what is not there is removed already.
    pub fn remove(&self, sha256: &str) -> Result<(), Error> {
        match self {
            Store::Folder(folder) => folder.remove(sha256),
            #[cfg(feature = "s3")]
            Store::S3(bucket) => bucket.remove(sha256),
        }
    }
}
