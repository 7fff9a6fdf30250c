//! Brings a ledger to this build's schema without starting anything.
//!
//! ```text
//! schema version 1  ->  step 2, in a transaction of its own  ->  Migrated { from: 1, to: 2 }
//! ```
//!
//! Forward only. Whoever opens a ledger to write (the daemon above all) does the same by itself.

use serde::Serialize;

use super::engine::{Purpose, Session};
use super::{Error, schema};
use crate::config::LedgerAddress;

/// From which version to which a ledger came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Migrated {
    /// The version that it had; 0 where there was no ledger yet.
    pub from: i64,
    /// The version that it has.
    pub to: i64,
}

/// Takes every step that the ledger lacks; refuses one that is newer than this build.
pub fn migrate(address: &LedgerAddress) -> Result<Migrated, Error> {
    let mut session = Session::open(address, Purpose::Writing)?;
    let from = schema::migrate(&mut session, &address.to_string())?;
    Ok(Migrated { from, to: schema::NEWEST })
}

/// The version that a ledger has, without touching it; an error when this build cannot read it as it is.
pub fn expect_newest(address: &LedgerAddress) -> Result<i64, Error> {
    let mut session = Session::open(address, Purpose::Reading)?;
    schema::expect_newest(&mut session, &address.to_string())?;
    Ok(schema::NEWEST)
}
