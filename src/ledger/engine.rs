//! The seam to the database: values, rows, and statements whose text both engines understand.
//!
//! Parameters are written `$1`, `$2` …; SQLite would take those as names, numbered by first appearance, so its half
//! rewrites them to `?1`. Column types are TEXT, BIGINT and BYTEA; time is microseconds UTC.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

use super::{Archive, Error, Id};

/// A value in a column, in the types that both engines have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(String),
    /// BYTEA.
    Bytes(Vec<u8>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}

impl From<&Id> for Value {
    fn from(id: &Id) -> Self {
        Value::Text(id.0.clone())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Int(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        // Sizes and offsets: a file of 8 EiB does not occur.
        Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Value::Int(truth.into())
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Value::Int(time.as_microsecond())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
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

/// One row of an answer, columns from 0.
#[derive(Debug, Clone)]
pub struct Row(Vec<Value>);

impl Row {
    /// A TEXT column that is never null.
    pub fn text(&self, column: usize) -> Result<String, Error> {
        self.optional_text(column)?.ok_or_else(|| wrong(column, "text", &Value::Null))
    }

    /// A TEXT column.
    pub fn optional_text(&self, column: usize) -> Result<Option<String>, Error> {
        match &self.0[column] {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.clone())),
            other => Err(wrong(column, "text", other)),
        }
    }

    /// A BIGINT column that is never null.
    pub fn int(&self, column: usize) -> Result<i64, Error> {
        self.optional_int(column)?.ok_or_else(|| wrong(column, "a number", &Value::Null))
    }

    /// A BIGINT column.
    pub fn optional_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match &self.0[column] {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(*number)),
            other => Err(wrong(column, "a number", other)),
        }
    }

    /// A BYTEA column that is never null.
    pub fn bytes(&self, column: usize) -> Result<Vec<u8>, Error> {
        match &self.0[column] {
            Value::Bytes(bytes) => Ok(bytes.clone()),
            other => Err(wrong(column, "bytes", other)),
        }
    }

    /// A time.
    pub fn time(&self, column: usize) -> Result<Timestamp, Error> {
        let micros = self.int(column)?;
        Timestamp::from_microsecond(micros).map_err(|error| Error::Unexpected(format!("time {micros}: {error}")))
    }

    /// A time that may be missing.
    pub fn optional_time(&self, column: usize) -> Result<Option<Timestamp>, Error> {
        self.optional_int(column)?.map(|_| self.time(column)).transpose()
    }

    /// An id.
    pub fn id(&self, column: usize) -> Result<Id, Error> {
        self.text(column).map(Id)
    }

    /// An id that may be missing.
    pub fn optional_id(&self, column: usize) -> Result<Option<Id>, Error> {
        Ok(self.optional_text(column)?.map(Id))
    }

    /// The values, for hashing.
    pub fn values(&self) -> &[Value] {
        &self.0
    }
}

fn wrong(column: usize, expected: &str, found: &Value) -> Error {
    Error::Unexpected(format!("column {column}: expected {expected}, found {found:?}"))
}

/// A view of the ledger in which everything happens at one moment.
pub struct Transaction<'c> {
    connection: &'c Connection,
    archive: &'c Archive,
}

impl<'c> Transaction<'c> {
    pub(super) fn over(connection: &'c Connection, archive: &'c Archive) -> Self {
        Transaction { connection, archive }
    }

    /// Where bytes are kept.
    pub fn archive(&self) -> &'c Archive {
        self.archive
    }

    /// Runs a statement; returns how many rows it changed.
    pub fn execute(&mut self, sql: &str, values: &[Value]) -> Result<usize, Error> {
        let mut statement = self.connection.prepare_cached(&sql.replace('$', "?"))?;
        Ok(statement.execute(rusqlite::params_from_iter(values))?)
    }

    /// Runs a query; all rows at once, so queries carry a LIMIT where there can be many.
    pub fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        let mut statement = self.connection.prepare_cached(&sql.replace('$', "?"))?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                values.push(match row.get_ref(column)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(number) => Value::Int(number),
                    // Text that is not UTF-8 was never written by us; as bytes it hashes to something else.
                    ValueRef::Text(text) => match std::str::from_utf8(text) {
                        Ok(text) => Value::Text(text.to_owned()),
                        Err(_) => Value::Bytes(text.to_vec()),
                    },
                    ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
                    ValueRef::Real(number) => return Err(Error::Unexpected(format!("a float {number}"))),
                });
            }
            found.push(Row(values));
        }
        Ok(found)
    }

    /// The first row of a query, if there is one.
    pub fn query_one(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    pub(super) fn savepoint<T>(
        &mut self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.connection.execute_batch("SAVEPOINT job")?;
        let outcome = work(self);
        let end = if outcome.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
        let ended = self.connection.execute_batch(end);
        // When both fail, the first failure is the one to tell: the database may have undone everything because of it.
        let result = outcome?;
        ended?;
        Ok(result)
    }
}

/// A full disk and a damaged page are what they are when the ledger is opened, too; a file that is no database at all was
/// perhaps never a ledger.
fn cannot_open(path: &Path, error: rusqlite::Error) -> Error {
    let (code, detail) = (error.sqlite_error_code(), error.to_string());
    match Error::from(error) {
        Error::Full => Error::Full,
        Error::Corrupt(detail) if code == Some(rusqlite::ErrorCode::DatabaseCorrupt) => Error::Corrupt(detail),
        _ => Error::Open { path: path.to_owned(), detail },
    }
}

pub(super) fn open_for_writing(path: &Path) -> Result<Connection, Error> {
    let open = |error| cannot_open(path, error);
    let connection = Connection::open(path).map_err(open)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(open)?;
    // WAL lets readers read while we write; FULL makes each commit survive a power failure.
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";
    connection.execute_batch(settings).map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            Error::LockedByAnother { path: path.to_owned() }
        }
        _ => open(error),
    })?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

pub(super) fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = |error| cannot_open(path, error);
    let connection = Connection::open_with_flags(path, flags).map_err(open)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(open)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}
