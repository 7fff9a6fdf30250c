//! The embedded engine: one file, one writer at a time, readers that never wait.

mod folding;

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::gathering::{self, Expected, Gathered};
use super::{Purpose, Row, Value};
use crate::ledger::Error;
use folding::Folding;

/// Triggers that refuse to change or remove an event.
pub(in crate::ledger) const GUARDS: &str = "
    CREATE TRIGGER IF NOT EXISTS event_is_not_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER IF NOT EXISTS event_is_not_deleted BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;";

/// How long another process's write is waited for.
const BUSY: Duration = Duration::from_secs(5);

fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// A connection to a ledger file.
pub(in crate::ledger) struct Session {
    connection: Connection,
    /// Of one that writes.
    folding: Option<Folding>,
    gathered: Gathered,
    /// Statements for several rows, by that for one and how many.
    side_by_side: HashMap<(String, usize), String>,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Error::Full,
            Some(
                ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied,
            ) => Error::Unwritable(error.to_string()),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Corrupt(error.to_string()),
            _ => Error::Database(error.to_string()),
        }
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// How many rows are written by one statement: the most that are there, so that few different statements are prepared.
const TOGETHER: [usize; 4] = [32, 8, 2, 1];
/// SQLite takes 32,766.
const MOST_PARAMETERS: usize = 1_000;

impl Session {
    pub(in crate::ledger) fn open(path: &Path, purpose: Purpose) -> Result<Session, Error> {
        let open = |error| cannot_open(path, error);
        let connection = match purpose {
            // One thread owns the writer, so that SQLite need not guard it with locks of its own.
            Purpose::Writing => Connection::open_with_flags(
                path,
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            ),
            Purpose::Reading => {
                Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            }
        };
        let mut connection = connection.map_err(open)?;
        let mut folding = None;
        connection.busy_timeout(BUSY).map_err(open)?;
        connection.set_prepared_statement_cache_capacity(256);
        if purpose == Purpose::Writing {
            // WAL lets readers read while we write; FULL makes each commit survive a power failure.
            // A file of many orders is one transaction: 8 MiB of it stay in memory, and more of it there would save no time.
            let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                            PRAGMA cache_size = -8192;";
            // The change to WAL does not wait for another process that makes it at this moment, so we do.
            let patience = Instant::now() + BUSY;
            loop {
                match connection.execute_batch(settings) {
                    Ok(()) => break,
                    Err(error) if !is_locked(&error) => return Err(open(error)),
                    Err(_) if Instant::now() < patience => std::thread::sleep(Duration::from_millis(20)),
                    Err(_) => return Err(Error::LockedByAnother { path: path.to_owned() }),
                }
            }
            folding = Some(Folding::beside(&mut connection, path).map_err(open)?);
        }
        Ok(Session { connection, folding, gathered: Gathered::default(), side_by_side: HashMap::new() })
    }

    pub(in crate::ledger) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.write_gathered()?;
        Ok(self.connection.execute_batch(sql)?)
    }

    pub(in crate::ledger) fn begin(&mut self) -> Result<(), Error> {
        self.batch("BEGIN IMMEDIATE")
    }

    pub(in crate::ledger) fn begin_reading(&mut self) -> Result<(), Error> {
        self.batch("BEGIN")
    }

    /// A full or broken disk makes SQLite undo the whole transaction at once.
    pub(in crate::ledger) fn is_undone(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// Keeps a row back to write it together with others of its table: before the next other statement at the latest, so
    /// that whoever looks finds it.
    pub(in crate::ledger) fn gather(&mut self, sql: &str, values: &[Value], expected: Expected) -> Result<(), Error> {
        if !gathering::can_be_gathered(sql) {
            return self.execute(sql, values).and_then(|changed| expect(expected, 1, changed));
        }
        if self.gathered.add(sql, values, expected) { self.write_gathered() } else { Ok(()) }
    }

    /// Forgets rows that were gathered and not written: what they belong to is undone.
    pub(in crate::ledger) fn forget_gathered(&mut self) {
        self.gathered.take();
    }

    /// Writes what was gathered: some rows of a table in one statement, parents before those who refer to them.
    pub(in crate::ledger) fn write_gathered(&mut self) -> Result<(), Error> {
        for rows in self.gathered.take() {
            let parameters = rows.columns.len();
            let (count, mut written, mut changed) = (usize::try_from(rows.count).unwrap_or(0), 0, 0);
            while written < count {
                let fits =
                    |some: &usize| *some == 1 || (*some <= count - written && *some * parameters <= MOST_PARAMETERS);
                let some =
                    if gathering::is_change(&rows.sql) { 1 } else { TOGETHER.into_iter().find(fits).unwrap_or(1) };
                let key = (rows.sql.clone(), some);
                let sql = self
                    .side_by_side
                    .entry(key)
                    .or_insert_with(|| numbered(&gathering::side_by_side(&rows.sql, some, parameters)));
                let mut statement = self.connection.prepare_cached(sql)?;
                let values =
                    (written..written + some).flat_map(|row| rows.columns.iter().map(move |column| &column[row]));
                changed += statement.execute(rusqlite::params_from_iter(values))?;
                written += some;
            }
            expect(rows.expected, rows.count, changed)?;
        }
        Ok(())
    }

    pub(in crate::ledger) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<usize, Error> {
        self.write_gathered()?;
        let mut statement = self.connection.prepare_cached(&numbered(sql))?;
        Ok(statement.execute(rusqlite::params_from_iter(values))?)
    }

    pub(in crate::ledger) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        self.write_gathered()?;
        let mut statement = self.connection.prepare_cached(&numbered(sql))?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(value(row.get_ref(column)?)?);
            }
            found.push(Row(values));
        }
        Ok(found)
    }
}

/// A surprise when rows that must have been changed were not.
fn expect(expected: Expected, rows: u64, changed: usize) -> Result<(), Error> {
    match expected.rows(rows) {
        Some(rows) if rows != changed as u64 => Err(Error::Surprised),
        _ => Ok(()),
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(mut folding) = self.folding.take() {
            folding.end(&mut self.connection);
            // The write-ahead log is folded into the file, so that a closed ledger is one file.
            let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }
}

/// A full disk and a damaged page are what they are when the ledger is opened, too; a file that is no database at all was
/// perhaps never a ledger.
fn cannot_open(path: &Path, error: rusqlite::Error) -> Error {
    let (code, detail) = (error.sqlite_error_code(), error.to_string());
    match Error::from(error) {
        Error::Full => Error::Full,
        Error::Corrupt(detail) if code == Some(ErrorCode::DatabaseCorrupt) => Error::Corrupt(detail),
        _ => Error::Open { ledger: path.display().to_string(), detail },
    }
}

fn value(found: ValueRef<'_>) -> Result<Value, Error> {
    Ok(match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        // Text that is not UTF-8 was never written by us; as bytes it hashes to something else.
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(text.to_vec()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(number) => return Err(Error::Unexpected(format!("a float {number}"))),
    })
}

/// SQLite would take `$1` as a name, numbered by first appearance; `?1` is a number. Its one writer has every row for
/// itself, so it has no words for locking some of them.
fn numbered(sql: &str) -> String {
    let text = sql.replace('$', "?");
    match text.find("FOR UPDATE") {
        None => text,
        Some(_) => text.replace("FOR UPDATE SKIP LOCKED", "").replace("FOR UPDATE", ""),
    }
}
