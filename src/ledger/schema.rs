//! The tables, and how an older ledger becomes a newer one: forward only, each step in one transaction.

use std::cmp::Ordering;

use super::Error;
use super::engine::Session;
use crate::crash;

/// The steps from an empty ledger to the newest; a step that was released is never edited.
const STEPS: [&str; 15] = [
    include_str!("schema/001.sql"),
    include_str!("schema/002.sql"),
    include_str!("schema/003.sql"),
    include_str!("schema/004.sql"),
    include_str!("schema/005.sql"),
    include_str!("schema/006.sql"),
    include_str!("schema/007.sql"),
    include_str!("schema/008.sql"),
    include_str!("schema/009.sql"),
    include_str!("schema/010.sql"),
    include_str!("schema/011.sql"),
    include_str!("schema/012.sql"),
    include_str!("schema/013.sql"),
    include_str!("schema/014.sql"),
    include_str!("schema/015.sql"),
];

/// The version that this build reads and writes.
pub const NEWEST: i64 = STEPS.len() as i64;

/// Brings a ledger to the newest schema, one step in one transaction each, and returns the version that it had; refuses one
/// that is newer than this build.
pub(super) fn migrate(session: &mut Session, ledger: &str) -> Result<i64, Error> {
    let mut first = None;
    loop {
        // The version is read under the lock: another process may open the same new ledger at this moment.
        session.begin()?;
        let outcome = session.lock_schema().and_then(|()| next_step(session, ledger));
        let Ok(found) = outcome else {
            let _ = session.batch("ROLLBACK");
            return outcome;
        };
        crash::point("ledger.migration.before");
        session.commit()?;
        crash::point("ledger.migration.after");
        first.get_or_insert(found);
        if found == NEWEST {
            break;
        }
    }
    Ok(first.unwrap_or(NEWEST))
}

/// Takes the next step, if there is one left; returns the version before it.
fn next_step(session: &mut Session, ledger: &str) -> Result<i64, Error> {
    session.batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
    let found = version(session)?;
    if found > NEWEST {
        return Err(Error::NewerSchema { ledger: ledger.to_owned(), found, known: NEWEST });
    }
    match usize::try_from(found).ok().and_then(|found| STEPS.get(found)) {
        Some(step) => {
            let number = found + 1;
            session.batch(&format!(
                "{step}\nDELETE FROM schema_version;\nINSERT INTO schema_version VALUES ({number});"
            ))?;
        }
        None => session.batch(session.guards())?,
    }
    Ok(found)
}

/// Refuses a ledger that is older or newer than this build, without touching it.
pub(super) fn expect_newest(session: &mut Session, ledger: &str) -> Result<(), Error> {
    let found = version(session)
        .map_err(|error| Error::Open { ledger: ledger.to_owned(), detail: format!("it is no ledger: {error}") })?;
    match found.cmp(&NEWEST) {
        Ordering::Less => Err(Error::OlderSchema { ledger: ledger.to_owned(), found, known: NEWEST }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::NewerSchema { ledger: ledger.to_owned(), found, known: NEWEST }),
    }
}

/// The version of a ledger's tables; 0 before the first step.
fn version(session: &mut Session) -> Result<i64, Error> {
    let rows = session.query("SELECT COALESCE(MAX(version), 0) FROM schema_version", &[])?;
    rows.first().ok_or_else(|| Error::Unexpected("no schema version".to_owned()))?.int(0)
}
