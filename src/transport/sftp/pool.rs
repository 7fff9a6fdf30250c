//! The open sessions of one endpoint: used again while they are fresh, proved after a rest, closed when nobody needs them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::SftpError;
use super::session::{self, Session};
use crate::config::partner::SftpServer;
use crate::transport::bandwidth::Bandwidth;

/// After such a rest a session is asked whether it still lives: firewalls forget what is quiet.
const FRESH: Duration = Duration::from_secs(10);
/// After such a rest it is closed: a server lets only so many in.
const REST: Duration = Duration::from_secs(90);

/// So many things are worth another session, which takes some round trips and the server's processor to open.
const WORTH_A_SESSION: usize = 4;

/// Sessions of one endpoint.
pub struct Pool {
    server: Arc<SftpServer>,
    bandwidth: Option<Arc<Bandwidth>>,
    idle: Mutex<Vec<Session>>,
    /// After such a rest a session is asked whether it still lives.
    pub asked_after: Duration,
    /// After such a rest it is closed.
    pub closed_after: Duration,
}

impl Pool {
    /// No session yet.
    pub fn of(server: Arc<SftpServer>, bandwidth: Option<Arc<Bandwidth>>) -> Pool {
        Pool { server, bandwidth, idle: Mutex::default(), asked_after: FRESH, closed_after: REST }
    }

    /// The server.
    pub fn server(&self) -> &SftpServer {
        &self.server
    }

    /// Does something in a session: an idle one that lives, or a new one.
    pub fn with<T>(&self, work: impl FnOnce(&mut Session) -> Result<T, SftpError>) -> Result<T, SftpError> {
        let mut session = self.take()?;
        let done = work(&mut session);
        self.put_back(session);
        done
    }

    /// The same for a list of things, in up to so many sessions at the same time; the answers are in the list's order.
    ///
    /// Where no further session can be had, those that there are do the work.
    pub fn with_each<I: Sync, T: Send>(
        &self,
        at_once: usize,
        things: &[I],
        work: impl Fn(&mut Session, &I) -> Result<T, SftpError> + Sync,
    ) -> Vec<Result<T, SftpError>> {
        let next = Mutex::new(0..things.len());
        let done: Mutex<Vec<Option<Result<T, SftpError>>>> = Mutex::new(things.iter().map(|_| None).collect());
        let lock = |slot: usize, outcome| locked(&done)[slot] = Some(outcome);
        let drive = |is_first: bool| {
            // What is wrong is said of everything by the first one; the others help where they can.
            let mut session = match is_first {
                true => None,
                false => match self.take() {
                    Ok(session) => Some(session),
                    Err(_) => return,
                },
            };
            while let Some(slot) = { locked(&next).next() } {
                let mut one = match session.take().map_or_else(|| self.take(), Ok) {
                    Ok(session) => session,
                    Err(error) => {
                        lock(slot, Err(error));
                        continue;
                    }
                };
                lock(slot, work(&mut one, &things[slot]));
                if !one.is_broken() {
                    session = Some(one);
                }
            }
            session.into_iter().for_each(|session| self.put_back(session));
        };
        let helpers = at_once.min(things.len().div_ceil(WORTH_A_SESSION)).saturating_sub(1);
        std::thread::scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|| drive(false));
            }
            drive(true);
        });
        let nobody = || SftpError::Unreachable { server: self.server.to_string(), why: "nothing was tried".to_owned() };
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(nobody()))).collect()
    }

    /// Closes what nobody needed for a while.
    pub fn rest(&self) {
        let tired: Vec<Session> = {
            let mut idle = locked(&self.idle);
            idle.extract_if(.., |session| session.used.elapsed() > self.closed_after).collect()
        };
        // Closing says farewell, which may wait.
        drop(tired);
    }

    fn take(&self) -> Result<Session, SftpError> {
        loop {
            let Some(mut session) = locked(&self.idle).pop() else { break };
            if session.used.elapsed() < self.asked_after || session.is_alive() {
                return Ok(session);
            }
        }
        let mut session = session::open(&self.server)?;
        session.bandwidth.clone_from(&self.bandwidth);
        Ok(session)
    }

    fn put_back(&self, mut session: Session) {
        if !session.is_broken() {
            session.used = std::time::Instant::now();
            locked(&self.idle).push(session);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Lists and ranges, each changed by one call.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
