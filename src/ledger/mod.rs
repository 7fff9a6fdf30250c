//! The durable record: what came, what it became, what is owed, what was done, and the proof of it.
//!
//! In: closures over a [`Transaction`], from any thread. Out: their results, once they are durable.
//!
//! ```text
//! ledger.write(|tx| { tx.record_document(…)?; tx.append_event(…) })   // returns when it is on disk
//! ledger.read(|tx| tx.acknowledgments(&filter))                       // sees one moment, waits for nobody
//! ```
//!
//! One thread owns the writing connection. It takes every closure that waits, runs each under a savepoint of its own,
//! and commits them together: many callers share one fsync, and none sees another's failure. Readers have
//! connections of their own. The SQL is one text for SQLite and PostgreSQL ([`engine`]); bytes live beside it ([`content`]).
//!
//! Never here: what a document means, when to retry, what to show.

pub mod engine;
pub mod schema;
pub mod content;
pub mod transmission;
pub mod envelope;
pub mod document;
pub mod delivery;
pub mod batch;
pub mod expectation;
pub mod acknowledgment;
pub mod finding;
pub mod number;
pub mod event;
pub mod verify;
pub mod view;
pub mod trace;

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

pub use content::{Archive, Content};
pub use engine::Transaction;

/// Troubles of the ledger; each names the situation and the file.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database cannot be opened.
    #[error("cannot open the ledger {path}: {detail}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// Another process holds the write lock.
    #[error("the ledger {path} is in use by another process; one daemon writes a SQLite ledger at a time")]
    LockedByAnother {
        /// The file.
        path: PathBuf,
    },
    /// The schema was made by a newer build.
    #[error(
        "the ledger {path} has schema version {found}, this build knows {known}: use the newer edigate that wrote it"
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Version in the file.
        found: i64,
        /// Newest version this build knows.
        known: i64,
    },
    /// The schema was made by an older build, and a reader does not upgrade it.
    #[error("the ledger {path} has schema version {found}, this build reads {known}")]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// Version in the file.
        found: i64,
        /// The version this build reads.
        known: i64,
    },
    /// No room on the disk.
    #[error("the disk that holds the ledger is full; nothing was recorded")]
    Full,
    /// Anything else that the database refuses.
    #[error("the ledger refused: {0}")]
    Database(String),
    /// A row or its text is not what this build writes.
    #[error("the ledger holds something unreadable: {0}")]
    Unexpected(String),
    /// A file of the archive or on its way there.
    #[error("cannot {action} {path}: {source}")]
    Archive {
        /// What we tried, as a verb.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// A file that was to be taken in cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// Archived bytes do not hash to their name.
    #[error("the archived bytes {sha256} were changed or are missing: {detail}")]
    Damaged {
        /// Their name.
        sha256: String,
        /// What was found.
        detail: String,
    },
    /// There is no such row.
    #[error("there is no {what} {id}")]
    NoSuch {
        /// Noun.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The writing thread is gone.
    #[error("the ledger is closed")]
    Closed,
    /// A closure panicked; its savepoint was rolled back.
    #[error("an internal fault stopped this write; nothing of it was recorded")]
    Panicked,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Error::Full,
            _ => Error::Database(error.to_string()),
        }
    }
}

/// The id of a row: a version 7 UUID, so that ids sort by time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub String);

impl Id {
    /// A new one.
    pub fn new() -> Id {
        Id(uuid::Uuid::now_v7().to_string())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Id {
    fn default() -> Self {
        Id::new()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Called when the group commit is decided, with its outcome.
type Finish = Box<dyn FnOnce(Result<(), Error>) + Send>;
type Job = Box<dyn FnOnce(&mut Transaction<'_>) -> Finish + Send>;

/// A handle to the ledger; clones share it, and the last one to go closes it.
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<thread::JoinHandle<()>>,
    readers: Mutex<Vec<Connection>>,
    archive: Archive,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("path", &self.shared.path).finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Closing the channel ends the writer after what it was given.
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Ledger {
    /// Opens or makes a SQLite ledger, with its archive below `home`.
    pub fn open(path: &Path, home: &Path) -> Result<Ledger, Error> {
        let archive = Archive::below(home)?;
        let connection = engine::open_for_writing(path)?;
        schema::migrate(&connection, path)?;
        let (jobs, inbox) = mpsc::channel::<Job>();
        let writers_archive = archive.clone();
        let writer = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || write_in_groups(&connection, &writers_archive, &inbox))
            .map_err(|error| Error::Open { path: path.to_owned(), detail: error.to_string() })?;
        let shared = Shared {
            path: path.to_owned(),
            jobs: Some(jobs),
            writer: Some(writer),
            readers: Mutex::new(Vec::new()),
            archive,
        };
        Ok(Ledger { shared: Arc::new(shared) })
    }

    /// Opens a ledger that exists, to read it: nothing is made, upgraded or written, and every write is refused as closed.
    pub fn open_existing(path: &Path, home: &Path) -> Result<Ledger, Error> {
        let connection = engine::open_for_reading(path)?;
        schema::expect_newest(&connection, path)?;
        let shared = Shared {
            path: path.to_owned(),
            jobs: None,
            writer: None,
            readers: Mutex::new(vec![connection]),
            archive: Archive::existing(home),
        };
        Ok(Ledger { shared: Arc::new(shared) })
    }

    /// Where bytes are kept.
    pub fn archive(&self) -> &Archive {
        &self.shared.archive
    }

    /// Runs a closure in a transaction and returns when it is durable. It blocks: never call it on an async thread.
    ///
    /// An `Err` of the closure undoes what the closure did, and nothing else.
    pub fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        let job: Job = Box::new(move |tx| {
            let outcome = tx.savepoint(work);
            Box::new(move |committed| {
                // A caller that went away wants no answer.
                let _ = answer.send(outcome.and_then(|result| committed.map(|()| result)));
            })
        });
        self.shared.jobs.as_ref().ok_or(Error::Closed)?.send(job).map_err(|_| Error::Closed)?;
        answered.recv().map_err(|_| Error::Panicked)?
    }

    /// Runs a closure over one unchanging view of the ledger. It blocks for as long as its queries take.
    pub fn read<T>(&self, work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.readers().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => engine::open_for_reading(&self.shared.path)?,
        };
        connection.execute_batch("BEGIN")?;
        let outcome = work(&mut Transaction::over(&connection, &self.shared.archive));
        connection.execute_batch("ROLLBACK")?;
        self.readers().push(connection);
        outcome
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // Only whole connections are pushed and popped, so a poisoned lock guards nothing half done.
        self.shared.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many closures share one commit at most; it bounds how long the first of them waits.
const GROUP: usize = 256;

fn write_in_groups(connection: &Connection, archive: &Archive, inbox: &mpsc::Receiver<Job>) {
    while let Ok(first) = inbox.recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = inbox.try_recv()
        {
            group.push(next);
        }
        write_group(connection, archive, group);
    }
    // The write-ahead log is folded into the file, so that a closed ledger is one file.
    let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
}

fn write_group(connection: &Connection, archive: &Archive, group: Vec<Job>) {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        let error = Error::from(error);
        refuse(connection, archive, group, &error);
        return;
    }
    let mut finishes = Vec::with_capacity(group.len());
    let mut jobs = group.into_iter();
    while let Some(job) = jobs.next() {
        let mut tx = Transaction::over(connection, archive);
        // A panic drops the job's answer, so its caller learns of it; the savepoint is undone here.
        match catch_unwind(AssertUnwindSafe(|| job(&mut tx))) {
            Ok(finish) => finishes.push(finish),
            Err(_) => {
                let _ = connection.execute_batch("ROLLBACK TO job; RELEASE job");
            }
        }
        // A full or broken disk makes SQLite undo the whole transaction at once. What ran so far is told so, and what
        // follows must not run outside a transaction.
        if connection.is_autocommit() {
            for finish in finishes.drain(..) {
                finish(Err(Error::Database("the whole group of writes was undone by the database".to_owned())));
            }
            if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
                refuse(connection, archive, jobs.collect(), &error.into());
                return;
            }
        }
    }
    let committed = connection.execute_batch("COMMIT").map_err(Error::from);
    if committed.is_err() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    for finish in finishes {
        finish(committed.clone());
    }
}

/// Tells every caller of a group that could not begin.
fn refuse(connection: &Connection, archive: &Archive, group: Vec<Job>, error: &Error) {
    // The closures must run to yield their answer; they run over a transaction that is rolled back at once.
    if connection.execute_batch("BEGIN").is_err() {
        return;
    }
    let mut finishes = Vec::new();
    for job in group {
        let mut tx = Transaction::over(connection, archive);
        if let Ok(finish) = catch_unwind(AssertUnwindSafe(|| job(&mut tx))) {
            finishes.push(finish);
        }
    }
    let _ = connection.execute_batch("ROLLBACK");
    for finish in finishes {
        finish(Err(error.clone()));
    }
}

#[cfg(test)]
pub(crate) mod tests;
