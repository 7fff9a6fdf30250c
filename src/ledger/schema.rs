//! The tables, and how an older ledger becomes a newer one: forward only, each step in one transaction.

use std::cmp::Ordering;
use std::path::Path;

use rusqlite::Connection;

use super::Error;
use crate::crash;

/// The steps from an empty ledger to the newest; a step that was released is never edited.
const STEPS: [&str; 2] = [include_str!("schema/001.sql"), include_str!("schema/002.sql")];

/// SQLite's way to keep the journal append-only, even from a slip of our own; PostgreSQL has triggers of another kind.
const APPEND_ONLY: &str = "
    CREATE TRIGGER IF NOT EXISTS event_is_not_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER IF NOT EXISTS event_is_not_deleted BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;";

/// Brings a ledger to the newest schema; refuses one that is newer than this build.
pub fn migrate(connection: &Connection, path: &Path) -> Result<(), Error> {
    let known = STEPS.len() as i64;
    for _ in 0..=STEPS.len() {
        // The version is read under the lock: another process may open the same new ledger at this moment.
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let outcome = match version(connection) {
            Ok(found) if found > known => Err(Error::NewerSchema { path: path.to_owned(), found, known }),
            Ok(found) => next_step(connection, found),
            Err(error) => Err(error),
        };
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        crash::point("ledger.migration.before");
        connection.execute_batch(end)?;
        crash::point("ledger.migration.after");
        if !outcome? {
            break;
        }
    }
    connection.execute_batch(APPEND_ONLY)?;
    Ok(())
}

/// Refuses a ledger that is older or newer than this build, without touching it.
pub fn expect_newest(connection: &Connection, path: &Path) -> Result<(), Error> {
    let known = STEPS.len() as i64;
    let found = connection.query_row("SELECT MAX(version) FROM schema_version", [], |row| row.get(0));
    let found: i64 =
        found.map_err(|error| Error::Open { path: path.to_owned(), detail: format!("it is no ledger: {error}") })?;
    match found.cmp(&known) {
        Ordering::Less => Err(Error::OlderSchema { path: path.to_owned(), found, known }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::NewerSchema { path: path.to_owned(), found, known }),
    }
}

/// Takes one step; false when there is none left.
fn next_step(connection: &Connection, found: i64) -> Result<bool, Error> {
    let Some(step) = usize::try_from(found).ok().and_then(|found| STEPS.get(found)) else { return Ok(false) };
    let number = found + 1;
    connection.execute_batch(&format!(
        "{step}\nDELETE FROM schema_version;\nINSERT INTO schema_version VALUES ({number});"
    ))?;
    Ok(true)
}

fn version(connection: &Connection) -> Result<i64, Error> {
    connection.execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
    let mut statement = connection.prepare("SELECT COALESCE(MAX(version), 0) FROM schema_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}
