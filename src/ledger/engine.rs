//! The seam to the database: values, rows, and statements whose text both engines understand.
//!
//! ```text
//! tx.query("SELECT id FROM delivery WHERE partner = $1 LIMIT $2", &[partner.into(), 10.into()])
//! ```
//!
//! Parameters are written `$1`, `$2` …; column types are TEXT, BIGINT and BYTEA; time is microseconds UTC. Where the
//! engines differ the difference is in `engine/sqlite.rs` and `engine/postgres.rs`, never in a statement: SQLite has no row locks and needs
//! none, so its half drops `FOR UPDATE SKIP LOCKED`.
//!
//! A server plans a statement once and keeps the plan; in a young ledger every index looks short to it, and one that is read
//! from end to end looks as good as the right one. `column || ''` says that no index over that column is to be chosen; a
//! subquery for each value says that the table is not to be read before the values.

pub(super) mod sqlite;
pub(super) mod postgres;
pub(super) mod gathering;

use std::time::Duration;

use jiff::Timestamp;

use gathering::Expected;

use super::unposted::{Mark, Unposted};
use super::{Archive, Error, Id};
use crate::config::LedgerAddress;

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
        text.to_owned().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        // PostgreSQL's TEXT cannot hold U+0000; its picture stands for it in both engines, so that both hash alike.
        if text.contains('\0') { Value::Text(text.replace('\0', "\u{2400}")) } else { Value::Text(text) }
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<&&str> for Value {
    fn from(text: &&str) -> Self {
        (*text).into()
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

/// One row of an answer, columns from 0.
#[derive(Debug, Clone)]
pub struct Row(pub(super) Vec<Value>);

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

/// One connection to the database, whichever it is.
pub(super) enum Session {
    /// The embedded one.
    Sqlite(Box<sqlite::Session>),
    /// The server.
    Postgres(Box<postgres::Session>),
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It makes the database where it is missing, and writes.
    Writing,
    /// It writes nothing.
    Reading,
}

macro_rules! either {
    ($self:ident, $session:ident => $call:expr) => {
        match $self {
            Session::Sqlite($session) => $call,
            Session::Postgres($session) => $call,
        }
    };
}

impl Session {
    /// Connects.
    pub(super) fn open(address: &LedgerAddress, purpose: Purpose) -> Result<Session, Error> {
        Ok(match address {
            LedgerAddress::Sqlite(path) => Session::Sqlite(Box::new(sqlite::Session::open(path, purpose)?)),
            LedgerAddress::Postgres(server) => Session::Postgres(Box::new(postgres::Session::open(server, purpose)?)),
        })
    }

    /// Runs statements without parameters, separated by semicolons.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        either!(self, session => session.batch(sql))
    }

    /// Begins a transaction that may write.
    pub(super) fn begin(&mut self) -> Result<(), Error> {
        either!(self, session => session.begin())
    }

    /// Begins a transaction that sees one moment and writes nothing.
    pub(super) fn begin_reading(&mut self) -> Result<(), Error> {
        either!(self, session => session.begin_reading())
    }

    /// Makes everything durable.
    pub(super) fn commit(&mut self) -> Result<(), Error> {
        self.settle()?;
        self.batch("COMMIT")
    }

    /// Waits for what was only sent so far; its first error is the outcome.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        match self {
            Session::Sqlite(session) => session.write_gathered(),
            Session::Postgres(session) => session.settle(),
        }
    }

    /// True when the database ended the transaction by itself, or the connection is gone.
    pub(super) fn is_undone(&self) -> bool {
        either!(self, session => session.is_undone())
    }

    /// True when this session can serve no more.
    pub(super) fn is_closed(&self) -> bool {
        match self {
            Session::Sqlite(_) => false,
            Session::Postgres(session) => session.is_undone(),
        }
    }

    /// Why nothing of this transaction is recorded, after [`Session::is_undone`].
    pub(super) fn why_undone(&self) -> Error {
        match self {
            Session::Sqlite(_) => Error::Database("the whole group of writes was undone by the database".to_owned()),
            Session::Postgres(session) => session.is_lost("the connection broke".to_owned()),
        }
    }

    /// Makes sure that the database answers within some time. A file always does.
    pub(super) fn answers(&mut self, within: Duration) -> Result<(), Error> {
        match self {
            Session::Sqlite(_) => Ok(()),
            Session::Postgres(session) => session.answers(within),
        }
    }

    pub(super) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<usize, Error> {
        either!(self, session => session.execute(sql, values))
    }

    pub(super) fn put(&mut self, sql: &str, values: &[Value]) -> Result<(), Error> {
        match self {
            Session::Sqlite(session) => session.execute(sql, values).map(|_| ()),
            Session::Postgres(session) => session.put(sql, values),
        }
    }

    /// Puts a row, which is written later together with others of its table; a surprise when it must be new and is not.
    pub(super) fn gather(&mut self, sql: &str, values: &[Value], expected: Expected) -> Result<(), Error> {
        either!(self, session => session.gather(sql, values, expected))
    }

    /// Forgets rows that were gathered and not written.
    pub(super) fn forget_gathered(&mut self) {
        either!(self, session => session.forget_gathered());
    }

    pub(super) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        either!(self, session => session.query(sql, values))
    }

    /// Keeps others from upgrading the same ledger until this transaction ends.
    pub(super) fn lock_schema(&mut self) -> Result<(), Error> {
        match self {
            // Its transactions that may write exclude each other anyway.
            Session::Sqlite(_) => Ok(()),
            Session::Postgres(session) => {
                session.batch("SELECT pg_advisory_xact_lock(hashtext('edigate schema ' || current_schema()))")
            }
        }
    }

    /// The clock that all who share this database read.
    pub(super) fn time(&mut self) -> Result<Timestamp, Error> {
        match self {
            Session::Sqlite(_) => Ok(Timestamp::now()),
            Session::Postgres(session) => session.time(),
        }
    }

    /// The statements that keep the journal append-only, even from a slip of our own.
    pub(super) fn guards(&self) -> &'static str {
        match self {
            Session::Sqlite(_) => sqlite::GUARDS,
            Session::Postgres(_) => postgres::GUARDS,
        }
    }
}

/// A view of the ledger in which everything happens at one moment.
pub struct Transaction<'c> {
    session: &'c mut Session,
    archive: &'c Archive,
    /// What is posted when the group commits; `None` for a reader.
    unposted: Option<&'c mut Unposted>,
    hopes: Hopes,
    /// How many events were gathered before the innermost savepoint, whose work they are no part of.
    before: usize,
}

/// The savepoint of a whole job, and that of a part of one within it.
const JOB: &str = "job";
const PART: &str = "part";

/// Whether answers of a server that are nearly always yes are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hopes {
    /// They are taken for yes, and rows are gathered.
    High,
    /// They are awaited.
    None,
}

impl<'c> Transaction<'c> {
    pub(super) fn writing(session: &'c mut Session, archive: &'c Archive, unposted: &'c mut Unposted) -> Self {
        Transaction { session, archive, unposted: Some(unposted), hopes: Hopes::None, before: 0 }
    }

    pub(super) fn reading(session: &'c mut Session, archive: &'c Archive) -> Self {
        Transaction { session, archive, unposted: None, hopes: Hopes::None, before: 0 }
    }

    /// Where bytes are kept.
    pub fn archive(&self) -> &'c Archive {
        self.archive
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self.session, Session::Sqlite(_))
    }

    pub(super) fn unposted(&mut self) -> Result<&mut Unposted, Error> {
        self.unposted.as_deref_mut().ok_or_else(|| Error::Database("a reader writes nothing".to_owned()))
    }

    /// The time by the clock that all who share this ledger read; for leases, never for business.
    pub(super) fn time(&mut self) -> Result<Timestamp, Error> {
        self.session.time()
    }

    /// Runs a statement; returns how many rows it changed.
    pub fn execute(&mut self, sql: &str, values: &[Value]) -> Result<usize, Error> {
        self.session.execute(sql, values)
    }

    /// Runs a statement whose count nobody needs. A server gets it without our waiting for its answer; what goes wrong
    /// with it undoes this closure's work at its end.
    pub fn put(&mut self, sql: &str, values: &[Value]) -> Result<(), Error> {
        match self.hopes {
            Hopes::High => self.session.gather(sql, values, Expected::Anything),
            Hopes::None => self.session.put(sql, values),
        }
    }

    /// Runs a statement that concerns one row; true when it changed it, as it nearly always does.
    ///
    /// Work that was submitted by [`Ledger::submit_hopefully`](super::Ledger::submit_hopefully) is told yes at once. Where
    /// the database says no after all, that work is undone and done again with every answer awaited.
    pub fn changes_a_row(&mut self, sql: &str, values: &[Value]) -> Result<bool, Error> {
        match self.hopes {
            Hopes::High => self.session.gather(sql, values, Expected::OneRow).map(|()| true),
            Hopes::None => self.session.execute(sql, values).map(|changed| changed > 0),
        }
    }

    /// Runs a query; all rows at once, so queries carry a LIMIT where there can be many.
    pub fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Error> {
        self.session.query(sql, values)
    }

    /// The first row of a query, if there is one.
    pub fn query_one(&mut self, sql: &str, values: &[Value]) -> Result<Option<Row>, Error> {
        Ok(self.query(sql, values)?.into_iter().next())
    }

    /// Does a piece of work in the hope that every row is new, and once more without it when that was wrong. A server need not be
    /// waited for then, and in a file as well as there the rows of a table are written together.
    pub(super) fn hopefully<T>(&mut self, work: impl Fn(&mut Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.hopes = Hopes::High;
        let outcome = self.savepoint(JOB, &work);
        self.hopes = Hopes::None;
        if outcome.is_ok() || self.session.is_undone() {
            return outcome;
        }
        match self.savepoint(JOB, &work) {
            // Another node was faster between two questions; what it recorded is there to be found now.
            Err(Error::Surprised) if !self.session.is_undone() => self.savepoint(JOB, &work),
            outcome => outcome,
        }
    }

    /// Does a piece of work whole or not at all, with every answer awaited.
    pub(super) fn savepoint_job<T>(
        &mut self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.savepoint(JOB, work)
    }

    /// Does a part of some work that may turn out wrong: what it did is undone then, and the rest of the work stands.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.savepoint(PART, part)
    }

    /// Tells a server that this transaction goes on, although nothing was asked of it for a while.
    pub fn goes_on(&mut self) -> Result<(), Error> {
        self.query("SELECT 1", &[]).map(|_| ())
    }

    /// Runs a piece of work that is done whole or not at all.
    fn savepoint<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.put(&format!("SAVEPOINT {name}"), &[])?;
        let before = self.mark();
        let around = std::mem::replace(&mut self.before, before.events());
        // The release is awaited with the rest: one that a server cancels must undo this work and no later one.
        let outcome = work(self).and_then(|result| {
            if self.hopes == Hopes::High {
                // A row that was not new is no fault of the server's, which would release the savepoint all the same.
                self.session.settle()?;
            }
            self.put(&format!("RELEASE SAVEPOINT {name}"), &[])?;
            self.session.settle().map(|()| result)
        });
        self.before = around;
        if outcome.is_err() {
            self.undo_to(name, before);
        }
        outcome
    }

    /// Chains and writes the events that were gathered so far, where that can be done before the group ends: nobody but us
    /// writes an embedded ledger, and the events of other work stay where they are.
    pub fn post_events_early(&mut self) -> Result<(), Error> {
        if self.before > 0 || !self.is_sqlite() {
            return Ok(());
        }
        let events = std::mem::take(&mut self.unposted()?.events);
        super::event::post(self.session, &events)
    }

    /// What was gathered so far.
    pub(super) fn mark(&self) -> Mark {
        self.unposted.as_deref().map(Unposted::mark).unwrap_or_default()
    }

    /// Undoes a whole job, whatever part of it was under way.
    pub(super) fn undo_job(&mut self, before: Mark) {
        self.undo_to(JOB, before);
    }

    /// Undoes what was done since a savepoint, and what was gathered since.
    fn undo_to(&mut self, name: &'static str, before: Mark) {
        self.session.forget_gathered();
        // What was sent and not awaited may have failed too; the first failure is the one to tell.
        let _ = self.session.settle();
        let _ = self.session.batch(&format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}"));
        if let Some(unposted) = self.unposted.as_deref_mut() {
            unposted.back_to(before);
        }
    }
}
