//! Bytes by their sha256: a few in the ledger itself, many as files of the archive.
//!
//! ```text
//! up to 64 KiB   table content, in the transaction of the row that needs them
//! more           spool/<id> written and fsynced, put into the store as ab/abcdef…, durable there, then the row
//! ```
//!
//! The order is the promise: a row never names bytes that a power failure could take. Bytes without a row, left by a
//! crash between the two, are harmless: the same bytes get the same name.
//!
//! Both are kept as zstd where that helps. The name stays the hash of the plain bytes, and whoever reads gets the plain
//! bytes, hashed again on the way and never more of them than were taken in.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::sha::Sha256;
use rustix::fs::OFlags;

use super::delivery::among;
use super::engine::{Session, Value};
use super::store::folder::Folder;
use super::store::{Form, Store};
use super::{Error, Id, Transaction};
use crate::config::archive::{ArchiveSettings, BucketSettings};
use crate::crash;

/// The most bytes that are kept in the ledger itself.
const SMALL: u64 = 64 << 10;

/// Fewer bytes are not worth compressing. An order of 700 costs its thread 5 µs more, the thread that writes 1 µs less, and
/// the database a third less room; one of 4 KiB is written four times as fast.
const WORTH_COMPRESSING: usize = 512;

/// zstd's fastest ordinary level: X12 shrinks to a quarter at it, and slower ones gain little more.
const LEVEL: i32 = 1;

/// No frame of ours needs a window beyond 8 MiB; one that asks for more is not ours and gets no memory.
const WINDOW_LOG: u32 = 23;

/// Bytes that are safe, or go in with the row that names them.
#[derive(Debug, Clone)]
pub struct Content {
    sha256: String,
    size: u64,
    held: Held,
}

/// Where the bytes of a content are.
#[derive(Debug, Clone)]
enum Held {
    /// In the store, durable.
    Stored,
    /// Here, for a row of the ledger.
    Row(Form, Vec<u8>),
    /// Here, too many for a row.
    Large(Vec<u8>),
}

impl Content {
    /// Bytes that we made ourselves.
    pub fn in_memory(bytes: Vec<u8>) -> Content {
        let (sha256, size) = (hex(&digest(&bytes)), bytes.len() as u64);
        let held = match size <= SMALL {
            true => in_row(bytes),
            false => Held::Large(bytes),
        };
        Content { sha256, size, held }
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

/// Compresses on the thread that brings the bytes, so that the one that writes the ledger need not.
fn in_row(bytes: Vec<u8>) -> Held {
    thread_local! {
        // Making a compressor costs more than compressing an order; each thread keeps its own.
        static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> =
            RefCell::new(zstd::bulk::Compressor::new(LEVEL).ok());
    }
    if bytes.len() < WORTH_COMPRESSING {
        return Held::Row(Form::Plain, bytes);
    }
    let compressed = COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(&bytes).ok());
    match compressed {
        Some(compressed) if shrank(compressed.len(), bytes.len()) => Held::Row(Form::Zstd, compressed),
        _ => Held::Row(Form::Plain, bytes),
    }
}

/// Less than an eighth saved is not worth unpacking at every reading.
fn shrank(compressed: usize, plain: usize) -> bool {
    compressed < plain - plain / 8
}

/// What keeps bytes outside the tables: the spool that they pass, and the store.
#[derive(Debug, Clone)]
pub struct Archive {
    spool: PathBuf,
    store: Store,
}

pub(super) fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Archive { action, path, source: Arc::new(source) }
}

impl Archive {
    /// The archive of a configuration, made where it is missing; the spool stays below the home.
    pub fn open(home: &Path, settings: &ArchiveSettings) -> Result<Archive, Error> {
        match settings {
            ArchiveSettings::Folder(directory) => Archive::in_folder(home, directory),
            ArchiveSettings::S3(bucket) => Archive::in_bucket(home, bucket),
        }
    }

    /// The archive of a configuration, to be read only: nothing is made.
    pub fn open_existing(home: &Path, settings: &ArchiveSettings) -> Result<Archive, Error> {
        match settings {
            ArchiveSettings::Folder(directory) => {
                Ok(Archive { spool: home.join("spool"), store: Store::Folder(Folder::at(directory.clone())) })
            }
            ArchiveSettings::S3(bucket) => Archive::in_bucket(home, bucket),
        }
    }

    #[cfg(feature = "s3")]
    fn in_bucket(home: &Path, bucket: &BucketSettings) -> Result<Archive, Error> {
        let archive = Archive { spool: home.join("spool"), store: Store::S3(super::store::s3::Bucket::open(bucket)?) };
        fs::create_dir_all(&archive.spool).map_err(refused("create", &archive.spool))?;
        Ok(archive)
    }

    #[cfg(not(feature = "s3"))]
    fn in_bucket(_home: &Path, bucket: &BucketSettings) -> Result<Archive, Error> {
        Err(Error::Store(format!("the archive is the bucket {}, and this edigate was built without S3", bucket.bucket)))
    }

    /// The archive below a home, made where it is missing.
    pub fn below(home: &Path) -> Result<Archive, Error> {
        Archive::in_folder(home, &home.join("archive"))
    }

    /// The archive in a directory of its own, made where it is missing; the spool stays below the home.
    pub fn in_folder(home: &Path, directory: &Path) -> Result<Archive, Error> {
        let folder = Folder::at(directory.to_owned());
        folder.create()?;
        let archive = Archive { spool: home.join("spool"), store: Store::Folder(folder) };
        fs::create_dir_all(&archive.spool).map_err(refused("create", &archive.spool))?;
        Ok(archive)
    }

    /// The archive below a home, to be read only: nothing is made.
    pub fn existing(home: &Path) -> Archive {
        Archive { spool: home.join("spool"), store: Store::Folder(Folder::at(home.join("archive"))) }
    }

    /// Where large bytes are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Takes in a file: hashes it, and copies it into the archive when it is large. The file itself stays.
    pub fn take_in(&self, path: &Path) -> Result<Content, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_owned(), source: Arc::new(source) };
        let mut file = open_plain(path).map_err(unreadable)?;
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
        let form = form_for(start);
        let mut target = Target::create(spooled, form).map_err(refused("write", spooled))?;
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
        target.finish().map_err(refused("make durable", spooled))?;
        crash::point("ledger.spool_fsync.after");
        let sha256 = hex(&hash.finish());
        self.store.put(spooled, &sha256, form)?;
        Ok(Content { sha256, size, held: Held::Stored })
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

/// Opens a plain file. What somebody else put in its place is refused: a link is not followed, and a pipe not waited for.
fn open_plain(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is no plain file")),
    }
}

/// What the first bytes promise of the rest: a document shrinks, a picture or an archive does not.
fn form_for(start: &[u8]) -> Form {
    match in_row(start.to_vec()) {
        Held::Row(form, _) => form,
        Held::Stored | Held::Large(_) => Form::Plain,
    }
}

/// A spooled file that is being written.
enum Target {
    Plain(File),
    Zstd(Box<zstd::stream::write::Encoder<'static, File>>),
}

impl Target {
    fn create(path: &Path, form: Form) -> io::Result<Target> {
        let file = File::create_new(path)?;
        Ok(match form {
            Form::Plain => Target::Plain(file),
            Form::Zstd => Target::Zstd(Box::new(zstd::stream::write::Encoder::new(file, LEVEL)?)),
        })
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Target::Plain(file) => file.write_all(bytes),
            Target::Zstd(encoder) => encoder.write_all(bytes),
        }
    }

    /// Ends the file and makes it durable.
    fn finish(self) -> io::Result<()> {
        let file = match self {
            Target::Plain(file) => file,
            Target::Zstd(encoder) => encoder.finish()?,
        };
        file.sync_all()
    }
}

/// Archived bytes as a stream that fails at its end when they are not what was archived, and before it when there are
/// more of them than were taken in.
pub struct Verified {
    source: Box<dyn Read + Send>,
    hash: Option<Sha256>,
    expected: String,
    /// How many bytes may still come; `None` when nobody knows.
    left: Option<u64>,
}

impl Verified {
    /// Reads stored bytes in their plain form. Unpacking needs a window's worth of memory, whatever the frame says.
    pub(super) fn over(
        sha256: &str,
        size: Option<u64>,
        form: Form,
        stored: Box<dyn Read + Send>,
    ) -> Result<Verified, Error> {
        let source: Box<dyn Read + Send> = match form {
            Form::Plain => stored,
            Form::Zstd => {
                let unpacked = zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(128 << 10, stored))
                    .and_then(|mut decoder| decoder.window_log_max(WINDOW_LOG).map(|()| decoder));
                Box::new(unpacked.map_err(|error| damaged(sha256, error))?)
            }
        };
        Ok(Verified { source, hash: Some(Sha256::new()), expected: sha256.to_owned(), left: size })
    }
}

/// OpenSSL's function for bytes at hand looks the algorithm up by its name each time, which costs as much as hashing a small file.
pub(super) fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(bytes);
    hash.finish()
}

fn damaged(sha256: &str, detail: impl ToString) -> Error {
    Error::Damaged { sha256: sha256.to_owned(), detail: detail.to_string() }
}

impl Verified {
    /// Bytes as a row of the table content has them.
    pub(super) fn in_a_row(sha256: &str, encoding: &str, size: Option<i64>, bytes: Vec<u8>) -> Result<Verified, Error> {
        let form = if encoding == "zstd" { Form::Zstd } else { Form::Plain };
        Verified::over(sha256, as_size(size), form, Box::new(io::Cursor::new(bytes)))
    }

    /// All of them.
    pub(super) fn whole(mut self, sha256: &str) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).map_err(|error| damaged(sha256, error))?;
        Ok(bytes)
    }
}

/// The bytes of a row of the table content, whole and verified; many rows share one decompressor.
pub(super) fn of_a_row(sha256: &str, encoding: &str, size: Option<i64>, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    thread_local! {
        static DECOMPRESSOR: RefCell<Option<zstd::bulk::Decompressor<'static>>> =
            RefCell::new(zstd::bulk::Decompressor::new().ok());
    }
    let (Some(size), "zstd") = (as_size(size), encoding) else {
        return Verified::in_a_row(sha256, encoding, size, bytes)?.whole(sha256);
    };
    let capacity = usize::try_from(size).unwrap_or(usize::MAX).min(SMALL as usize);
    let plain = DECOMPRESSOR.with_borrow_mut(|decompressor| match decompressor {
        Some(decompressor) => decompressor.decompress(&bytes, capacity),
        None => Err(io::Error::other("no memory for decompression")),
    });
    let plain = plain.map_err(|error| damaged(sha256, error))?;
    let found = hex(&digest(&plain));
    if found != sha256 {
        return Err(damaged(sha256, format!("archived bytes {sha256} hash to {found} now")));
    }
    Ok(plain)
}

impl Read for Verified {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let invalid = |detail: String| io::Error::new(io::ErrorKind::InvalidData, detail);
        let read = self.source.read(buffer)?;
        if let Some(left) = &mut self.left {
            *left = left
                .checked_sub(read as u64)
                .ok_or_else(|| invalid(format!("archived bytes {} are more than were taken in", self.expected)))?;
        }
        if read > 0 || buffer.is_empty() {
            if let Some(hash) = &mut self.hash {
                hash.update(&buffer[..read]);
            }
            return Ok(read);
        }
        if let Some(hash) = self.hash.take() {
            let found = hex(&hash.finish());
            if found != self.expected {
                return Err(invalid(format!("archived bytes {} hash to {found} now", self.expected)));
            }
        }
        Ok(0)
    }
}

/// Bytes that are kept in rows are pruned no more.
pub(super) fn post(session: &mut Session, names: &[String]) -> Result<(), Error> {
    for names in names.chunks(256) {
        let (among, values) = among(1, names);
        session.put(&format!("DELETE FROM pruned WHERE sha256 IN ({among})"), &values)?;
    }
    Ok(())
}

impl Transaction<'_> {
    /// Makes bytes durable with this transaction, unless they are already; true when this transmission is the first that
    /// has them, so that their row names it. Who knows that it is not says so and saves a hope.
    pub fn keep(&mut self, content: &Content, transmission: &Id, is_known: bool) -> Result<bool, Error> {
        let (encoding, bytes) = match &content.held {
            Held::Row(..) if !self.unposted()?.keep(&content.sha256) => return Ok(false),
            Held::Row(Form::Plain, bytes) => ("plain", bytes.clone()),
            Held::Row(Form::Zstd, bytes) => ("zstd", bytes.clone()),
            Held::Large(bytes) => {
                let spooled = self.archive().spool.join(Id::new().as_str());
                fs::write(&spooled, bytes).map_err(refused("write", &spooled))?;
                let kept = self.archive().take_in(&spooled).map(|_| ());
                let _ = fs::remove_file(&spooled);
                kept?;
                ("file", Vec::new())
            }
            Held::Stored => ("file", Vec::new()),
        };
        let row =
            [content.sha256().into(), Value::Bytes(bytes), encoding.into(), content.size.into(), transmission.into()];
        let is_first = self.put_content(&row, is_known)?;
        if encoding != "file" {
            return Ok(is_first);
        }
        let came_back = self.execute("DELETE FROM pruned WHERE sha256 = $1", &[content.sha256().into()])? > 0;
        // Bytes that were put into the store before retention removed their elders are gone with them; whoever brought
        // them still has them, and brings them again.
        if came_back && !self.archive().store().holds(content.sha256())? {
            return Err(damaged(content.sha256(), "retention removed them while they came in again"));
        }
        Ok(is_first)
    }

    /// Writes the row of bytes; true when it is new.
    ///
    /// A row that is there is written as well: a transaction that removes these bytes waits for this one, or this one for
    /// that, and bytes that were damaged are mended.
    fn put_content(&mut self, values: &[Value; 5], is_known: bool) -> Result<bool, Error> {
        let new = "INSERT INTO content (sha256, bytes, encoding, size, transmission) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (sha256) DO NOTHING";
        let again = "UPDATE content SET bytes = $2, encoding = $3, size = $4 WHERE sha256 = $1";
        if !is_known && self.changes_a_row(new, values)? {
            return Ok(true);
        }
        // Retention may remove a row between two questions, so that neither answer is the last word.
        loop {
            if self.execute(again, &values[..4])? > 0 {
                return Ok(false);
            }
            if self.execute(new, values)? > 0 {
                return Ok(true);
            }
        }
    }

    /// Opens bytes by their name.
    pub fn open_content(&mut self, sha256: &str) -> Result<Verified, Error> {
        let sql = "SELECT encoding, size, bytes FROM content WHERE sha256 = $1";
        let row = self.query_one(sql, &[sha256.into()])?;
        let known = row.as_ref().map(|row| Ok::<_, Error>((row.text(0)?, row.optional_int(1)?))).transpose()?;
        if let (Some(row), Some((encoding, size))) = (&row, &known)
            && encoding != "file"
        {
            return Verified::in_a_row(sha256, encoding, *size, row.bytes(2)?);
        }
        if known.is_none()
            && let Some(at) = self.pruned_at(sha256)?
        {
            return Err(Error::Pruned { sha256: sha256.to_owned(), at });
        }
        let size = match known.and_then(|(_, size)| size) {
            Some(size) => Some(size),
            None => {
                // A file that an earlier build archived has no row of its own.
                let sql = "SELECT size FROM transmission WHERE sha256 = $1 AND repeats = 1 LIMIT 1";
                self.query_one(sql, &[sha256.into()])?.map(|row| row.int(0)).transpose()?
            }
        };
        match self.archive().store().open(sha256)? {
            Some((form, stored)) => Verified::over(sha256, as_size(size), form, stored),
            None => Err(damaged(sha256, "they are not in the archive")),
        }
    }

    /// Reads bytes by their name, whole.
    pub fn content(&mut self, sha256: &str) -> Result<Vec<u8>, Error> {
        self.open_content(sha256)?.whole(sha256)
    }

    /// When retention removed these bytes, if it did.
    pub fn pruned_at(&mut self, sha256: &str) -> Result<Option<jiff::Timestamp>, Error> {
        let row = self.query_one("SELECT at FROM pruned WHERE sha256 = $1", &[sha256.into()])?;
        row.map(|row| row.time(0)).transpose()
    }
}

fn as_size(size: Option<i64>) -> Option<u64> {
    size.and_then(|size| u64::try_from(size).ok())
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
