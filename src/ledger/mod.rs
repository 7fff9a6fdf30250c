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
mod unposted;
pub mod wake;
mod writer;
pub mod content;
pub mod store;
pub mod transmission;
pub mod envelope;
pub mod document;
pub mod delivery;
pub mod batch;
pub mod message_receipt;
pub mod expectation;
pub mod acknowledgment;
pub mod finding;
pub mod clock;
pub mod order_book;
pub mod shelf;
pub mod number;
pub mod watermark;
pub mod node;
pub mod people;
pub mod event;
pub mod failure;
pub mod explanation;
pub mod remedy;
pub mod alert;
pub mod retention;
pub mod backup;
pub mod export;
pub mod verify;
pub mod copy;
pub mod migrate;
pub mod backlog;
pub mod gauges;
pub mod need;
pub mod whole;
pub mod day;
pub mod view;
pub mod trace;
pub mod ladder;
pub mod answered;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::LedgerAddress;
pub use content::{Archive, Content};
pub use engine::Transaction;
use engine::{Purpose, Session};
use writer::{Company, Job, Writer};

/// Troubles of the ledger; each names the situation and the file.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database cannot be opened.
    #[error("cannot open the ledger {ledger}: {detail}")]
    Open {
        /// Its file or server.
        ledger: String,
        /// What the database said.
        detail: String,
    },
    /// Another process holds the write lock.
    #[error("the ledger {path} is in use by another process; one daemon writes a SQLite ledger at a time")]
    LockedByAnother {
        /// The file.
        path: PathBuf,
    },
    /// The database server cannot be reached, or the connection to it broke.
    #[error("the ledger {ledger} cannot be reached: {detail}")]
    Unreachable {
        /// Its server.
        ledger: String,
        /// What the network or the server said.
        detail: String,
    },
    /// Another node wrote the same rows at the same moment; nothing of this was recorded, the next try finds room.
    #[error("another node was writing the same rows; nothing was recorded")]
    Contended,
    /// A row that was to be new is there already; whoever hoped otherwise does its work again and looks.
    #[error("a row that was to be new is there already; nothing of this was recorded")]
    Surprised,
    /// The row is another node's by now, or somebody has finished it.
    #[error("{what} {id} is no longer this node's to finish; nothing of this was recorded")]
    NotOurs {
        /// Noun.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The schema was made by a newer build.
    #[error(
        "the ledger {ledger} has schema version {found}, this build knows {known}: use the newer edigate that wrote it"
    )]
    NewerSchema {
        /// Its file or server.
        ledger: String,
        /// Its version.
        found: i64,
        /// Newest version this build knows.
        known: i64,
    },
    /// The schema was made by an older build, and a reader does not upgrade it.
    #[error("the ledger {ledger} has schema version {found}, this build reads {known}")]
    OlderSchema {
        /// Its file or server.
        ledger: String,
        /// Its version.
        found: i64,
        /// The version this build reads.
        known: i64,
    },
    /// No room on the disk.
    #[error("the disk that holds the ledger is full; nothing was recorded")]
    Full,
    /// The file or the disk under it does not take what is written, or does not yield what is read.
    #[error("the disk under the ledger refuses: {0}")]
    Unwritable(String),
    /// A page of the database is not what was written.
    #[error("the ledger is damaged: {0}")]
    Corrupt(String),
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
    /// Archived bytes were removed when their time was over.
    #[error("the bytes {sha256} were pruned on {}: their retention was over", .at.strftime("%Y-%m-%d"))]
    Pruned {
        /// Their name.
        sha256: String,
        /// When.
        at: jiff::Timestamp,
    },
    /// The store of large bytes.
    #[error("{0}")]
    Store(String),
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

impl Error {
    /// True when the reason may lie in one of many pieces of work that were done together, so that the others are worth a try
    /// without it.
    pub fn may_be_of_one(&self) -> bool {
        match self {
            Error::NotOurs { .. }
            | Error::Database(_)
            | Error::Unexpected(_)
            | Error::Unreadable { .. }
            | Error::Damaged { .. }
            | Error::Pruned { .. }
            | Error::NoSuch { .. }
            | Error::Surprised
            | Error::Panicked => true,
            Error::Open { .. }
            | Error::LockedByAnother { .. }
            | Error::Unreachable { .. }
            | Error::Contended
            | Error::NewerSchema { .. }
            | Error::OlderSchema { .. }
            | Error::Full
            | Error::Unwritable(_)
            | Error::Corrupt(_)
            | Error::Archive { .. }
            | Error::Store(_)
            | Error::Closed => false,
        }
    }
}

/// The id of a row: a version 7 UUID, so that ids sort by time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
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

/// A handle to the ledger; clones share it, and the last one to go closes it.
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
}

struct Shared {
    address: LedgerAddress,
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<thread::JoinHandle<()>>,
    readers: Mutex<Vec<Session>>,
    /// Connections to a server for what is written beside the rest.
    beside: Mutex<Vec<Session>>,
    archive: Archive,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("address", &self.shared.address).finish_non_exhaustive()
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
    /// Opens or makes a ledger, bringing it to the newest schema, with its archive below `home`.
    pub fn open(address: &LedgerAddress, home: &Path) -> Result<Ledger, Error> {
        Ledger::open_with(address, Archive::below(home)?)
    }

    /// The same, with that archive.
    pub fn open_with(address: &LedgerAddress, archive: Archive) -> Result<Ledger, Error> {
        let mut session = Session::open(address, Purpose::Writing)?;
        schema::migrate(&mut session, &address.to_string())?;
        let (jobs, inbox) = mpsc::channel::<Job>();
        let writer = Writer::new(address.clone(), session, archive.clone());
        let writer = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.work(&inbox))
            .map_err(|error| Error::Open { ledger: address.to_string(), detail: error.to_string() })?;
        let shared = Shared {
            address: address.clone(),
            jobs: Some(jobs),
            writer: Some(writer),
            readers: Mutex::new(Vec::new()),
            beside: Mutex::new(Vec::new()),
            archive,
        };
        Ok(Ledger { shared: Arc::new(shared) })
    }

    /// Opens a ledger that exists, to read it: nothing is made, upgraded or written, and every write is refused as closed.
    pub fn open_existing(address: &LedgerAddress, home: &Path) -> Result<Ledger, Error> {
        Ledger::open_existing_with(address, Archive::existing(home))
    }

    /// The same, with that archive.
    pub fn open_existing_with(address: &LedgerAddress, archive: Archive) -> Result<Ledger, Error> {
        let mut session = Session::open(address, Purpose::Reading)?;
        schema::expect_newest(&mut session, &address.to_string())?;
        let readers = Mutex::new(vec![session]);
        let beside = Mutex::new(Vec::new());
        let shared = Shared { address: address.clone(), jobs: None, writer: None, readers, beside, archive };
        Ok(Ledger { shared: Arc::new(shared) })
    }

    /// Where bytes are kept.
    pub fn archive(&self) -> &Archive {
        &self.shared.archive
    }

    /// True when other processes may be at work on the same rows.
    pub fn is_shared(&self) -> bool {
        matches!(self.shared.address, LedgerAddress::Postgres(_))
    }

    /// Where the rows are kept.
    pub fn address(&self) -> &LedgerAddress {
        &self.shared.address
    }

    /// Runs a closure in a transaction and returns when it is durable. It blocks: never call it on an async thread.
    ///
    /// An `Err` of the closure undoes what the closure did, and nothing else.
    pub fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.submit(work).wait()
    }

    /// The same, without waiting: what is submitted before the first wait shares a commit, in the order of submission.
    pub fn submit<T, F>(&self, work: F) -> Submitted<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.submit_job(Company::Any, move |tx| tx.savepoint_job(work))
    }

    /// The same for work that writes many rows which are most likely new: they are written many at a time, and a server's answers
    /// are awaited at the end. The closure may run several times, so that it must do nothing but read and write here.
    pub fn submit_hopefully<T, F>(&self, work: F) -> Submitted<T>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        let company = if self.is_shared() { Company::Alone } else { Company::Any };
        self.submit_job(company, move |tx| tx.hopefully(work))
    }

    fn submit_job<T, F>(&self, company: Company, work: F) -> Submitted<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        // A caller that went away wants no answer, so nobody minds when there is nobody to send it to.
        let run: writer::Run = Box::new(move |tx| match tx {
            Ok(tx) => {
                let outcome = work(tx);
                Some(Box::new(move |committed: Result<(), Error>| {
                    let _ = answer.send(outcome.and_then(|result| committed.map(|()| result)));
                }))
            }
            Err(refused) => {
                let _ = answer.send(Err(refused.clone()));
                None
            }
        });
        // A job that cannot be sent is dropped, and its answer with it.
        let sent = self.shared.jobs.as_ref().is_some_and(|jobs| jobs.send(Job { company, run }).is_ok());
        Submitted { answered, sent }
    }

    /// Runs a closure in a transaction of its own, beside whatever else is being written, and returns when it is durable. It is
    /// for leases: they must not wait behind a long piece of work, nor be held until its end. It blocks. A file has one writer,
    /// so there it waits like any other.
    pub fn write_beside<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        if !self.is_shared() {
            return self.write(work);
        }
        let idle = self.beside().pop();
        let (session, outcome) = writer::write_alone(&self.shared.address, idle, &self.shared.archive, work);
        self.beside().extend(session);
        outcome
    }

    fn beside(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        // As with the readers.
        self.shared.beside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a closure over one unchanging view of the ledger. It blocks for as long as its queries take.
    pub fn read<T>(&self, work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let mut session = self.reader()?;
        let outcome = work(&mut Transaction::reading(&mut session, &self.shared.archive));
        if session.batch("ROLLBACK").is_ok() {
            self.readers().push(session);
        }
        outcome
    }

    /// Makes sure that the database answers within some time: a server may be gone, or hang. It blocks for so long at most,
    /// and for a new connection where the old ones are lost.
    pub fn answers(&self, within: Duration) -> Result<(), Error> {
        let idle = self.readers().pop().and_then(|mut idle| idle.answers(within).is_ok().then_some(idle));
        let session = match idle {
            Some(session) => session,
            None => {
                let mut session = Session::open(&self.shared.address, Purpose::Reading)?;
                session.answers(within)?;
                session
            }
        };
        self.readers().push(session);
        Ok(())
    }

    /// A reading session whose transaction has begun: an idle one, or a new one when that has lost its server.
    fn reader(&self) -> Result<Session, Error> {
        loop {
            let idle = self.readers().pop();
            let Some(mut session) = idle else { break };
            match session.begin_reading() {
                Ok(()) => return Ok(session),
                Err(_) if session.is_closed() => {}
                Err(error) => return Err(error),
            }
        }
        let mut session = Session::open(&self.shared.address, Purpose::Reading)?;
        session.begin_reading()?;
        Ok(session)
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        // Only whole sessions are pushed and popped, so a poisoned lock guards nothing half done.
        self.shared.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A write on its way.
#[derive(Debug)]
pub struct Submitted<T> {
    answered: mpsc::Receiver<Result<T, Error>>,
    sent: bool,
}

impl<T> Submitted<T> {
    /// Waits until it is durable, or failed. It blocks: never call it on an async thread.
    pub fn wait(self) -> Result<T, Error> {
        if !self.sent {
            return Err(Error::Closed);
        }
        self.answered.recv().map_err(|_| Error::Panicked)?
    }
}

#[cfg(test)]
pub(crate) mod tests;
