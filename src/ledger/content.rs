//! Bytes by their sha256: a few in the ledger itself, many as files of the archive.
//!
//! ```text
//! up to 64 KiB   table content, in the transaction of the row that needs them
//! more           spool/<id> written and fsynced, renamed to archive/ab/abcdef…, directory fsynced, then the row
//! ```
//!
//! The order is the promise: a row never names bytes that a power failure could take. Bytes without a row, left by a
//! crash between the two, are harmless: the same bytes get the same name.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::sha::Sha256;

use super::{Error, Id, Transaction};
use crate::crash;

/// The most bytes that are kept in the ledger itself.
const SMALL: u64 = 64 << 10;

/// Bytes that are safe, or go in with the row that names them.
#[derive(Debug, Clone)]
pub struct Content {
    sha256: String,
    size: u64,
    /// The bytes themselves while they are not yet anywhere durable.
    bytes: Option<Vec<u8>>,
}

impl Content {
    /// Bytes that we made ourselves.
    pub fn in_memory(bytes: Vec<u8>) -> Content {
        Content { sha256: hex(&openssl::sha::sha256(&bytes)), size: bytes.len() as u64, bytes: Some(bytes) }
    }

    /// Their name: 64 hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// How many they are.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// The directories that hold bytes.
#[derive(Debug, Clone)]
pub struct Archive {
    spool: PathBuf,
    archive: PathBuf,
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Archive { action, path, source: Arc::new(source) }
}

impl Archive {
    /// The archive below a home, made where it is missing.
    pub fn below(home: &Path) -> Result<Archive, Error> {
        let archive = Archive { spool: home.join("spool"), archive: home.join("archive") };
        for directory in [&archive.spool, &archive.archive] {
            fs::create_dir_all(directory).map_err(refused("create", directory))?;
        }
        Ok(archive)
    }

    /// The archive below a home, to be read only: nothing is made.
    pub fn existing(home: &Path) -> Archive {
        Archive { spool: home.join("spool"), archive: home.join("archive") }
    }

    /// Takes in a file: hashes it, and copies it into the archive when it is large. The file itself stays.
    pub fn take_in(&self, path: &Path) -> Result<Content, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_owned(), source: Arc::new(source) };
        let mut file = File::open(path).map_err(unreadable)?;
        let mut start = Vec::new();
        (&mut file).take(SMALL + 1).read_to_end(&mut start).map_err(unreadable)?;
        if start.len() as u64 <= SMALL {
            return Ok(Content::in_memory(start));
        }
        let spooled = self.spool.join(Id::new().as_str());
        let copied = self.copy_large(&spooled, &start, &mut file, path);
        if copied.is_err() {
            // Half a copy helps nobody, least of all a full disk.
            let _ = fs::remove_file(&spooled);
        }
        copied
    }

    fn copy_large(&self, spooled: &Path, start: &[u8], rest: &mut File, source: &Path) -> Result<Content, Error> {
        crash::point("ledger.spool_write.before");
        let mut target = File::create_new(spooled).map_err(refused("write", spooled))?;
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut chunk = start.to_vec();
        loop {
            hash.update(&chunk);
            target.write_all(&chunk).map_err(refused("write", spooled))?;
            size += chunk.len() as u64;
            chunk.resize(1 << 20, 0);
            let read = rest
                .read(&mut chunk)
                .map_err(|error| Error::Unreadable { path: source.to_owned(), source: Arc::new(error) })?;
            if read == 0 {
                break;
            }
            chunk.truncate(read);
        }
        crash::point("ledger.spool_write.after");
        crash::point("ledger.spool_fsync.before");
        target.sync_all().map_err(refused("make durable", spooled))?;
        crash::point("ledger.spool_fsync.after");
        let sha256 = hex(&hash.finish());
        let place = self.place(&sha256);
        // The parent of a place below the archive is never missing.
        let directory = place.parent().unwrap_or(&self.archive);
        fs::create_dir_all(directory).map_err(refused("create", directory))?;
        crash::point("ledger.archive_rename.before");
        fs::rename(spooled, &place).map_err(refused("archive", &place))?;
        crash::point("ledger.archive_rename.after");
        crash::point("ledger.archive_fsync.before");
        for directory in [directory, &self.archive] {
            File::open(directory).and_then(|handle| handle.sync_all()).map_err(refused("make durable", directory))?;
        }
        crash::point("ledger.archive_fsync.after");
        Ok(Content { sha256, size, bytes: None })
    }

    fn place(&self, sha256: &str) -> PathBuf {
        // A name that was tampered with may be too short; it leads to no file, which is what is told then.
        self.archive.join(sha256.get(..2).unwrap_or(sha256)).join(sha256)
    }

    /// Removes what a crash left half-written.
    pub fn clear_spool(&self) -> Result<(), Error> {
        for entry in fs::read_dir(&self.spool).map_err(refused("list", &self.spool))? {
            let path = entry.map_err(refused("list", &self.spool))?.path();
            fs::remove_file(&path).map_err(refused("remove", &path))?;
        }
        Ok(())
    }
}

/// Archived bytes as a stream that fails at its end when they are not what was archived.
pub struct Verified {
    source: Box<dyn Read + Send>,
    hash: Option<Sha256>,
    expected: String,
}

impl Read for Verified {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            if let Some(hash) = &mut self.hash {
                hash.update(&buffer[..read]);
            }
            return Ok(read);
        }
        if let Some(hash) = self.hash.take() {
            let found = hex(&hash.finish());
            if found != self.expected {
                let detail = format!("archived bytes {} hash to {found} now", self.expected);
                return Err(io::Error::new(io::ErrorKind::InvalidData, detail));
            }
        }
        Ok(0)
    }
}

impl Transaction<'_> {
    /// Makes bytes durable with this transaction, unless they are already.
    pub fn keep(&mut self, content: &Content) -> Result<(), Error> {
        let Some(bytes) = &content.bytes else { return Ok(()) };
        if content.size <= SMALL {
            let sql = "INSERT INTO content (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING";
            self.execute(sql, &[content.sha256().into(), super::engine::Value::Bytes(bytes.clone())])?;
            return Ok(());
        }
        let spooled = self.archive().spool.join(Id::new().as_str());
        fs::write(&spooled, bytes).map_err(refused("write", &spooled))?;
        let kept = self.archive().take_in(&spooled).map(|_| ());
        let _ = fs::remove_file(&spooled);
        kept
    }

    /// Opens bytes by their name.
    pub fn open_content(&mut self, sha256: &str) -> Result<Verified, Error> {
        let row = self.query_one("SELECT bytes FROM content WHERE sha256 = $1", &[sha256.into()])?;
        let source: Box<dyn Read + Send> = match row {
            Some(row) => Box::new(io::Cursor::new(row.bytes(0)?)),
            None => {
                let place = self.archive().place(sha256);
                let file = File::open(&place).map_err(|error| Error::Damaged {
                    sha256: sha256.to_owned(),
                    detail: format!("{}: {error}", place.display()),
                })?;
                Box::new(io::BufReader::with_capacity(256 << 10, file))
            }
        };
        Ok(Verified { source, hash: Some(Sha256::new()), expected: sha256.to_owned() })
    }

    /// Reads bytes by their name, whole.
    pub fn content(&mut self, sha256: &str) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.open_content(sha256)?
            .read_to_end(&mut bytes)
            .map_err(|error| Error::Damaged { sha256: sha256.to_owned(), detail: error.to_string() })?;
        Ok(bytes)
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}
