//! The tables, and how an older ledger becomes a newer one: forward only, each step in one transaction.

use std::path::Path;

use rusqlite::Connection;

use super::Error;

/// The steps from an empty ledger to the newest; a step that was released is never edited.
const STEPS: [&str; 1] = [include_str!("schema/001.sql")];

/// Brings a ledger to the newest schema; refuses one that is newer than this build.
pub fn migrate(connection: &Connection, path: &Path) -> Result<(), Error> {
    let known = STEPS.len() as i64;
    let found = version(connection)?;
    if found > known {
        return Err(Error::NewerSchema { path: path.to_owned(), found, known });
    }
    for (step, number) in STEPS.iter().zip(1_i64..).skip(usize::try_from(found).unwrap_or(0)) {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE;\n{step}\nDELETE FROM schema_version;\nINSERT INTO schema_version VALUES ({number});\nCOMMIT;"
        ))?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, Error> {
    connection.execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
    let mut statement = connection.prepare("SELECT COALESCE(MAX(version), 0) FROM schema_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}
