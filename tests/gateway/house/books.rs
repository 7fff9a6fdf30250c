//! The books of a house, read beside its daemon, whichever engine keeps them.

use std::fs;

use edigate::config::LedgerAddress;
use edigate::ledger::engine::{Row, Value};
use edigate::ledger::{Error, Ledger, Transaction};

use super::House;

/// A table: its columns by name, in their order, and its rows.
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

impl House {
    /// Where gateway.toml says that the books are.
    pub fn ledger_address(&self) -> LedgerAddress {
        let text = fs::read_to_string(self.config()).unwrap();
        let named = text.lines().find_map(|line| line.strip_prefix("ledger = \"")?.strip_suffix('"'));
        LedgerAddress::parse(named.expect("gateway.toml names no ledger"), &self.path("")).unwrap()
    }

    /// Reads the books; nothing while they cannot be read.
    fn read<T>(&self, work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>) -> Option<T> {
        let mut reader = self.reader.lock().unwrap();
        let ledger = match reader.take() {
            Some(ledger) => ledger,
            None => Ledger::open_existing(&self.ledger_address(), &self.path("")).ok()?,
        };
        let found = ledger.read(work).ok();
        // Connections to a server are dear; a file that is held open would not be folded when its daemon ends.
        if ledger.is_shared() {
            *reader = Some(ledger);
        }
        found
    }

    /// The first row of an answer.
    pub fn look_up<T>(&self, sql: &str, column: impl FnOnce(&Row) -> Result<T, Error>) -> Option<T> {
        self.read(|tx| tx.query_one(sql, &[])?.as_ref().map(column).transpose())?
    }

    /// One number from the books.
    pub fn number(&self, sql: &str) -> Option<i64> {
        self.look_up(sql, |row| row.int(0))
    }

    /// The numbers that some queries of one column and one row have, all at one moment.
    pub fn numbers(&self, queries: &[&str]) -> Option<Vec<i64>> {
        let queries: Vec<String> = queries.iter().map(|sql| format!("({sql})")).collect();
        let sql = format!("SELECT {}", queries.join(", "));
        self.look_up(&sql, |row| (0..queries.len()).map(|column| row.int(column)).collect())
    }

    /// The names of all tables.
    pub fn tables(&self) -> Vec<String> {
        let sql = match self.ledger_address() {
            LedgerAddress::Sqlite(_) => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            }
            LedgerAddress::Postgres(_) => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()"
            }
        };
        self.read(|tx| tx.query(sql, &[])?.iter().map(|row| row.text(0)).collect()).unwrap()
    }

    /// A table, in that order where one is named.
    pub fn table(&self, name: &str, order: &str) -> Table {
        let columns = match self.ledger_address() {
            LedgerAddress::Sqlite(_) => "SELECT name FROM pragma_table_info($1) ORDER BY cid",
            LedgerAddress::Postgres(_) => {
                "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                 WHERE table_schema = current_schema() AND CAST(table_name AS TEXT) = $1 ORDER BY ordinal_position"
            }
        };
        let read = self.read(|tx| {
            let columns: Vec<String> =
                tx.query(columns, &[name.into()])?.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
            let rows = tx.query(&format!("SELECT {} FROM {name} {order}", columns.join(", ")), &[])?;
            Ok(Table { columns, rows: rows.iter().map(|row| row.values().to_vec()).collect() })
        });
        read.unwrap()
    }
}
