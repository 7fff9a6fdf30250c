//! The thread that owns the writing session: it takes every closure that waits and commits them together.
//!
//! ```text
//! BEGIN · savepoint, closure, release · savepoint, closure, release · events and counters · COMMIT, one fsync
//! ```
//!
//! Each closure stands under a savepoint of its own, so that none sees another's failure. A caller is told when the
//! commit is decided, never before. When the commit itself fails, or a connection is lost in it, every caller is told that
//! nothing is certain to be recorded: each piece of work begins by looking whether its row still waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use super::engine::{Purpose, Session, Transaction};
use super::unposted::Unposted;
use super::{Archive, Error};
use crate::config::LedgerAddress;
use crate::crash;

/// Called when the group commit is decided, with its outcome.
pub(super) type Finish = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// A closure with its caller's address: run in a transaction it yields what to call at the commit; refused, it tells why.
pub(super) type Run = Box<dyn FnOnce(Result<&mut Transaction<'_>, &Error>) -> Option<Finish> + Send>;

/// A piece of work.
pub(super) struct Job {
    pub(super) company: Company,
    pub(super) run: Run,
}

/// With what a piece of work shares its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// With whatever waits.
    Any,
    /// With nothing: it is much by itself, and holds rows that other nodes wait for.
    Alone,
}

/// How many closures share one commit at most; it bounds how long the first of them waits.
const GROUP: usize = 256;

/// The writing half of a ledger.
pub(super) struct Writer {
    address: LedgerAddress,
    /// `None` after a connection was lost, until the next group.
    session: Option<Session>,
    archive: Archive,
}

impl Writer {
    pub(super) fn new(address: LedgerAddress, session: Session, archive: Archive) -> Writer {
        Writer { address, session: Some(session), archive }
    }

    /// Works until every handle of the ledger is gone and what they submitted is done.
    pub(super) fn work(mut self, inbox: &mpsc::Receiver<Job>) {
        while let Ok(first) = inbox.recv() {
            let mut group = vec![first];
            while group.len() < GROUP
                && let Ok(next) = inbox.try_recv()
            {
                group.push(next);
            }
            self.write(group);
        }
    }

    /// Runs a group of closures; more than one transaction is needed only when the database undoes one by itself.
    fn write(&mut self, group: Vec<Job>) {
        let mut jobs = group.into_iter();
        while jobs.len() > 0 {
            if let Err(error) = self.write_some(&mut jobs) {
                for job in jobs {
                    refuse(job, &error);
                }
                return;
            }
        }
    }

    /// One transaction with as many of the closures as it takes; an error when none can begin.
    fn write_some(&mut self, jobs: &mut std::vec::IntoIter<Job>) -> Result<(), Error> {
        self.begin()?;
        let Some(session) = &mut self.session else { return Ok(()) };
        let mut unposted = Unposted::default();
        let mut finishes = Vec::with_capacity(jobs.len());
        while let Some(job) = jobs.next() {
            let mut tx = Transaction::writing(session, &self.archive, &mut unposted);
            let mark = tx.mark();
            // A panic drops the job's answer, so its caller learns of it; the savepoint is undone here.
            match catch_unwind(AssertUnwindSafe(|| (job.run)(Ok(&mut tx)))) {
                Ok(finish) => finishes.extend(finish),
                Err(_) => tx.undo_job(mark),
            }
            let next_is_alone = jobs.as_slice().first().is_some_and(|next| next.company == Company::Alone);
            if session.is_undone() || job.company == Company::Alone || next_is_alone {
                break;
            }
        }
        let committed = if session.is_undone() { Err(session.why_undone()) } else { commit(session, &mut unposted) };
        if session.is_closed() {
            self.session = None;
        }
        for finish in finishes {
            finish(committed.clone());
        }
        Ok(())
    }

    /// Begins a transaction, on a new connection where the old one was lost while nobody used it.
    fn begin(&mut self) -> Result<(), Error> {
        if let Some(session) = &mut self.session {
            match session.begin() {
                Ok(()) => return Ok(()),
                Err(error) if !session.is_closed() => return Err(error),
                Err(_) => self.session = None,
            }
        }
        let mut session = Session::open(&self.address, Purpose::Writing)?;
        session.begin()?;
        self.session = Some(session);
        Ok(())
    }
}

/// One closure in a transaction of its own, on a connection that is handed back while it lives.
pub(super) fn write_alone<T>(
    address: &LedgerAddress,
    session: Option<Session>,
    archive: &Archive,
    work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>,
) -> (Option<Session>, Result<T, Error>) {
    let mut writer = Writer { address: address.clone(), session, archive: archive.clone() };
    if let Err(error) = writer.begin() {
        return (writer.session, Err(error));
    }
    let Some(session) = &mut writer.session else { return (None, Err(Error::Closed)) };
    let mut unposted = Unposted::default();
    let outcome = Transaction::writing(session, archive, &mut unposted).savepoint_job(work);
    let outcome = match outcome {
        Ok(result) => commit(session, &mut unposted).map(|()| result),
        Err(error) => {
            let _ = session.batch("ROLLBACK");
            Err(error)
        }
    };
    let lost = session.is_closed();
    (writer.session.filter(|_| !lost), outcome)
}

fn commit(session: &mut Session, unposted: &mut Unposted) -> Result<(), Error> {
    let posted = unposted.post(session);
    crash::point("ledger.commit.before");
    let committed = posted.and_then(|()| session.commit());
    crash::point("ledger.commit.after");
    if committed.is_err() {
        let _ = session.batch("ROLLBACK");
    }
    committed
}

fn refuse(job: Job, error: &Error) {
    // A refused job only sends an answer.
    (job.run)(Err(error));
}
