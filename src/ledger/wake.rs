//! Telling whoever waits that there is something to do, also on other nodes.
//!
//! ```text
//! a transmission is captured on n1   ->   NOTIFY at the commit   ->   n2 and n3 look for work at once
//! ```
//!
//! A wake carries nothing and may be lost: every stage looks by itself from time to time. On SQLite there is one process,
//! which wakes its own stages.

use std::collections::BTreeSet;
use std::time::Duration;

use super::engine::{Session, postgres};
use super::{Error, Ledger, Transaction};
use crate::config::LedgerAddress;

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wake {
    /// Something was captured.
    Captured,
    /// Something is due to be delivered.
    Due,
    /// The books have something to match.
    Books,
}

impl Wake {
    const ALL: [Wake; 3] = [Wake::Captured, Wake::Due, Wake::Books];

    fn name(self) -> &'static str {
        match self {
            Wake::Captured => "captured",
            Wake::Due => "due",
            Wake::Books => "books",
        }
    }
}

/// The channel on which nodes hear of each other's work.
pub(super) const CHANNEL: &str = "edigate";

/// Tells the other nodes, with the commit.
pub(super) fn post(session: &mut Session, wakes: &BTreeSet<Wake>) -> Result<(), Error> {
    if let Session::Postgres(session) = session {
        for wake in wakes {
            session.put("SELECT pg_notify($1, $2)", &[CHANNEL.into(), wake.name().into()])?;
        }
    }
    Ok(())
}

impl Transaction<'_> {
    /// Wakes whoever does this work, on every node, once this transaction is durable.
    pub(super) fn wake(&mut self, wake: Wake) -> Result<(), Error> {
        self.unposted()?.wakes.insert(wake);
        Ok(())
    }
}

impl Ledger {
    /// Hears wakes until `heard` says that nobody listens any more, or the server is lost. It is asked again every second,
    /// also when nothing came. On SQLite there is nobody to hear, and it returns at once.
    pub fn listen(&self, mut heard: impl FnMut(Option<Wake>) -> bool) -> Result<(), Error> {
        let LedgerAddress::Postgres(server) = self.address() else { return Ok(()) };
        let mut ear = postgres::Ear::open(server, CHANNEL)?;
        loop {
            let wake = ear.hear(Duration::from_secs(1))?;
            let wake = wake.and_then(|name| Wake::ALL.into_iter().find(|wake| wake.name() == name));
            if !heard(wake) {
                return Ok(());
            }
        }
    }
}
