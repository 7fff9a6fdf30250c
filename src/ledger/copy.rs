//! Moves the books to another database, of the same engine or the other one, with every chain intact.
//!
//! ```text
//! home/ledger.db  ->  postgres://edigate@db.example/edigate
//! read one moment of every table · write it in one transaction · read it back, hash it, prove it · commit
//! ```
//!
//! Nothing stands in the target before all of it is proved there: every row is read back and compared by hash, every
//! journal and every content kept in the ledger is hashed anew, and the source must still hold as many rows as were
//! read. The archive's files belong to the home and stay where they are.

pub(super) mod tables;

use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::content::Verified;
use super::engine::{Purpose, Row, Session, Transaction, Value};
use super::event::chain_hash;
use super::verify::Contents;
use super::{Archive, Error, schema};
use crate::config::LedgerAddress;
use tables::{Table, tables};

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// One of the two ledgers.
    #[error("{0}")]
    Ledger(#[from] Error),
    /// The target is in use, or was.
    #[error("the ledger {ledger} already holds rows (table {table}); a copy goes into an empty one")]
    Occupied {
        /// The target.
        ledger: String,
        /// A table with rows.
        table: String,
    },
    /// A node works on the source.
    #[error("the node {node} works on the ledger {ledger}: it was seen {seconds} s ago")]
    AtWork {
        /// The source.
        ledger: String,
        /// The node's name.
        node: String,
        /// How long ago.
        seconds: i64,
    },
    /// The copy was made and is not what it should be; it was undone.
    #[error("the copy is not as it should be and was undone: {}", .0.join("; "))]
    Differs(Vec<String>),
}

/// What was copied.
#[derive(Debug, Serialize)]
pub struct Copied {
    /// From where.
    pub from: String,
    /// To where.
    pub to: String,
    /// How many rows of each table, in the order in which they were copied.
    pub tables: Vec<CopiedTable>,
    /// Events whose chain was hashed anew in the target.
    pub events: u64,
    /// Contents kept in the ledger that were hashed anew in the target.
    pub contents: u64,
}

impl Copied {
    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// A table that was copied.
#[derive(Debug, Serialize)]
pub struct CopiedTable {
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: u64,
}

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'t> {
    /// What is being done with the table.
    pub doing: Doing,
    /// The table's name.
    pub table: &'t str,
    /// Rows that are done.
    pub rows: u64,
    /// Rows that the table has.
    pub of: u64,
}

/// What a copy does with a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Its rows go over.
    Copying,
    /// They are read back and compared.
    Proving,
}

/// A node that was seen so recently may be writing.
const ALIVE: SignedDuration = SignedDuration::from_mins(1);

/// Roughly how many bytes of rows are in memory at a time.
const PAGE: usize = 4 << 20;

/// How many rows go into one statement.
const ROWS: usize = 50;

/// Copies a ledger into an empty one. The caller holds the lock of the home, so that no daemon of this machine writes.
pub fn copy(
    from: &LedgerAddress,
    to: &LedgerAddress,
    home: &Path,
    now: Timestamp,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Copied, Refused> {
    let tables = tables()?;
    let mut source = Session::open(from, Purpose::Reading)?;
    schema::expect_newest(&mut source, &from.to_string())?;
    expect_idle(&mut source, from, now)?;
    let mut target = Session::open(to, Purpose::Writing)?;
    schema::migrate(&mut target, &to.to_string())?;
    target.begin()?;
    let outcome = (|| {
        target.lock_schema()?;
        expect_empty(&mut target, to, &tables)?;
        let sums = copy_tables(&mut source, &mut target, to, &tables, told)?;
        let copied = prove(&mut source, &mut target, &Archive::existing(home), &tables, &sums, told)?;
        target.commit()?;
        Ok(Copied { from: from.to_string(), to: to.to_string(), ..copied })
    })();
    if outcome.is_err() {
        // A connection that is gone has undone it already.
        let _ = target.batch("ROLLBACK");
    } else if matches!(to, LedgerAddress::Postgres(_)) {
        gather_statistics(&mut target, &tables);
    }
    outcome
}

/// Refuses a source on which another node works: only the server can tell, the lock of the home knows this machine.
fn expect_idle(source: &mut Session, from: &LedgerAddress, now: Timestamp) -> Result<(), Refused> {
    if matches!(from, LedgerAddress::Sqlite(_)) {
        return Ok(());
    }
    let sql = "SELECT name, seen FROM node WHERE seen > $1 ORDER BY seen DESC LIMIT 1";
    let alive = source.query(sql, &[(now - ALIVE).into()])?;
    let Some(node) = alive.first() else { return Ok(()) };
    let seconds = now.duration_since(node.time(1)?).as_secs().max(0);
    Err(Refused::AtWork { ledger: from.to_string(), node: node.text(0)?, seconds })
}

fn expect_empty(target: &mut Session, to: &LedgerAddress, tables: &[Table]) -> Result<(), Refused> {
    for table in tables {
        if !target.query(&format!("SELECT 1 FROM {} LIMIT 1", table.name), &[])?.is_empty() {
            return Err(Refused::Occupied { ledger: to.to_string(), table: table.name.clone() });
        }
    }
    Ok(())
}

/// Reads one moment of the source into the target; the sum of each table.
fn copy_tables(
    source: &mut Session,
    target: &mut Session,
    to: &LedgerAddress,
    tables: &[Table],
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<Sum>, Error> {
    source.begin_reading()?;
    let mut sums = Vec::with_capacity(tables.len());
    for table in tables {
        let of = count(source, table)?;
        let (mut pages, mut sum) = (Pages::of(table), Sum::default());
        loop {
            let mut rows = pages.next(source)?;
            if matches!(to, LedgerAddress::Postgres(_)) {
                rows.iter_mut().try_for_each(|row| fit_a_server(table, row))?;
            }
            if rows.is_empty() {
                break;
            }
            rows.iter().for_each(|row| sum.add(row));
            insert(target, table, rows)?;
            // What was sent is in memory until it is answered.
            target.settle()?;
            told(Progress { doing: Doing::Copying, table: &table.name, rows: sum.rows, of });
        }
        sums.push(sum);
    }
    source.batch("ROLLBACK")?;
    Ok(sums)
}

/// Older builds could keep U+0000 in a text, which a server cannot: its picture stands for it, as in all that is written
/// now. An event is refused instead, for its hash would be another.
fn fit_a_server(table: &Table, row: &mut Row) -> Result<(), Error> {
    for value in &mut row.0 {
        let Value::Text(text) = value else { continue };
        if !text.contains('\0') {
            continue;
        }
        if table.name == "event" {
            let what = format!("an event holds U+0000 in {text:?}, which PostgreSQL cannot hold and its hash covers");
            return Err(Error::Unexpected(what));
        }
        *value = Value::from(std::mem::take(text));
    }
    Ok(())
}

/// Writes rows, many in one statement and none of them awaited.
fn insert(target: &mut Session, table: &Table, rows: Vec<Row>) -> Result<(), Error> {
    let (many, one) = (insertion(table, ROWS), insertion(table, 1));
    let mut rows = rows.into_iter().map(|row| row.0);
    while rows.len() >= ROWS {
        let values: Vec<Value> = rows.by_ref().take(ROWS).flatten().collect();
        target.put(&many, &values)?;
    }
    rows.try_for_each(|values| target.put(&one, &values))
}

/// `INSERT INTO attempt (delivery, number) VALUES ($1, $2), ($3, $4)`
fn insertion(table: &Table, rows: usize) -> String {
    let width = table.columns.len();
    let parameters = |row: usize| (1..=width).map(|column| format!("${}", row * width + column)).collect::<Vec<_>>();
    let rows: Vec<String> = (0..rows).map(|row| format!("({})", parameters(row).join(", "))).collect();
    format!("INSERT INTO {} ({}) VALUES {}", table.name, table.columns.join(", "), rows.join(", "))
}

/// Reads everything back from the target and proves it, before it is committed.
fn prove(
    source: &mut Session,
    target: &mut Session,
    archive: &Archive,
    tables: &[Table],
    sums: &[Sum],
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Copied, Refused> {
    let mut copied = Copied { from: String::new(), to: String::new(), tables: Vec::new(), events: 0, contents: 0 };
    let mut faults = Vec::new();
    for (table, read) in tables.iter().zip(sums) {
        let (mut pages, mut sum) = (Pages::of(table), Sum::default());
        loop {
            let rows = pages.next(target)?;
            if rows.is_empty() {
                break;
            }
            rows.iter().for_each(|row| sum.add(row));
            told(Progress { doing: Doing::Proving, table: &table.name, rows: sum.rows, of: read.rows });
            if table.name == "content" {
                copied.contents += rows.len() as u64;
                faults.extend(rows.iter().filter_map(|row| misnamed(table, row)));
            }
        }
        if sum != *read {
            faults.push(format!("{} rows of {} were read and {} others stand there", read.rows, table.name, sum.rows));
        }
        copied.tables.push(CopiedTable { name: table.name.clone(), rows: sum.rows });
    }
    let verified = Transaction::reading(target, archive).verify(Contents::Not)?;
    copied.events = verified.events;
    faults.extend(verified.faults);
    // At another moment than the copied one: what came to the source since would be missing in the target.
    for (table, read) in tables.iter().zip(sums) {
        let now = count(source, table)?;
        if now != read.rows {
            faults.push(format!("{} had {} rows and has {now} now: somebody writes there", table.name, read.rows));
        }
    }
    if faults.is_empty() { Ok(copied) } else { Err(Refused::Differs(faults)) }
}

/// What is wrong with a content whose bytes do not hash to its name; those of a file are where they were.
fn misnamed(table: &Table, row: &Row) -> Option<String> {
    let column = |name| table.column(name);
    let (name, encoding) = (row.text(column("sha256")?).ok()?, row.text(column("encoding")?).ok()?);
    if encoding == "file" {
        return None;
    }
    let hashed = row.optional_int(column("size")?).and_then(|size| {
        let mut plain = Verified::in_a_row(&name, &encoding, size, row.bytes(column("bytes").unwrap_or_default())?)?;
        io::copy(&mut plain, &mut io::sink())
            .map_err(|error| Error::Damaged { sha256: name.clone(), detail: error.to_string() })
    });
    hashed.err().map(|error| error.to_string())
}

/// Without them a server plans its first queries blindly; it gathers them by itself within minutes, so nothing depends on it.
fn gather_statistics(target: &mut Session, tables: &[Table]) {
    for table in tables {
        let _ = target.batch(&format!("ANALYZE {}", table.name));
    }
}

fn count(session: &mut Session, table: &Table) -> Result<u64, Error> {
    let rows = session.query(&format!("SELECT COUNT(*) FROM {}", table.name), &[])?;
    let count = rows.first().ok_or_else(|| Error::Unexpected("a count without a row".to_owned()))?.int(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A table in the order of its key, a bounded number of bytes at a time.
struct Pages<'t> {
    table: &'t Table,
    /// The key of the last row that was read.
    after: Option<Vec<Value>>,
    limit: usize,
}

impl<'t> Pages<'t> {
    fn of(table: &'t Table) -> Pages<'t> {
        Pages { table, after: None, limit: ROWS }
    }

    /// The next rows; none at the end.
    fn next(&mut self, session: &mut Session) -> Result<Vec<Row>, Error> {
        let key: Vec<&str> = self.table.key.iter().map(|place| self.table.columns[*place].as_str()).collect();
        let key = key.join(", ");
        let mut values = self.after.clone().unwrap_or_default();
        let beyond = if values.is_empty() {
            String::new()
        } else {
            let last: Vec<String> = (1..=values.len()).map(|number| format!("${number}")).collect();
            format!("WHERE ({key}) > ({}) ", last.join(", "))
        };
        values.push(Value::from(self.limit as u64));
        let (columns, name) = (self.table.columns.join(", "), &self.table.name);
        let sql = format!("SELECT {columns} FROM {name} {beyond}ORDER BY {key} LIMIT ${}", values.len());
        let rows = session.query(&sql, &values)?;
        if let Some(last) = rows.last() {
            self.after = Some(self.table.key.iter().map(|place| last.0[*place].clone()).collect());
            // Contents may have 64 KiB each and attempts 100 bytes: the next page has as many rows as fit.
            let bytes: usize = rows.iter().flat_map(|row| &row.0).map(size).sum();
            self.limit = (PAGE * rows.len() / bytes.max(1)).clamp(ROWS, 100 * ROWS);
        }
        Ok(rows)
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Int(_) => 8,
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    }
}

/// How many rows, and the sum of their hashes: the engines sort texts differently, a sum has no order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    sum: u128,
}

impl Sum {
    fn add(&mut self, row: &Row) {
        let hash = chain_hash("", &row.0);
        // Half of a SHA-256 in hexadecimal digits is always a number of 128 bits.
        self.sum = self.sum.wrapping_add(u128::from_str_radix(&hash[..32], 16).unwrap_or_default());
        self.rows += 1;
    }
}
