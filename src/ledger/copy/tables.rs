//! The tables of this build's schema as data, so that no list of them can fall behind it.
//!
//! ```text
//! diagnostic   columns transmission, ordinal, partner …   key transmission, ordinal   after transmission
//! ```
//!
//! One schema text serves both engines; here it makes an empty SQLite ledger in memory, which is asked what it has.

use crate::config::LedgerAddress;
use crate::ledger::engine::{Purpose, Session};
use crate::ledger::{Error, schema};

/// A table with what a copy must know of it.
#[derive(Debug)]
pub(in crate::ledger) struct Table {
    pub(in crate::ledger) name: String,
    pub(in crate::ledger) columns: Vec<String>,
    /// The columns of the primary key, in its order, by their place among the columns.
    pub(in crate::ledger) key: Vec<usize>,
    /// The tables that its rows refer to.
    refers_to: Vec<String>,
}

impl Table {
    /// The place of a column.
    pub(in crate::ledger) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }
}

/// Every table of a ledger, each behind those that it refers to; the one of the schema's version is no part of the books.
pub(in crate::ledger) fn tables() -> Result<Vec<Table>, Error> {
    let mut session = Session::open(&LedgerAddress::Sqlite(":memory:".into()), Purpose::Writing)?;
    schema::migrate(&mut session, "in memory")?;
    let sql = "SELECT name FROM sqlite_schema
               WHERE type = 'table' AND name <> 'schema_version' AND name NOT LIKE 'sqlite%' ORDER BY name";
    let names = session.query(sql, &[])?;
    let tables: Result<Vec<Table>, Error> = names.iter().map(|row| table(&mut session, row.text(0)?)).collect();
    in_order(tables?)
}

fn table(session: &mut Session, name: String) -> Result<Table, Error> {
    let found = session.query("SELECT name, pk FROM pragma_table_info($1) ORDER BY cid", &[(&name).into()])?;
    let columns = found.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?;
    let mut key = Vec::new();
    for (place, row) in found.iter().enumerate() {
        // 0 outside the key, else the place within it, from 1.
        let within = row.int(1)?;
        if within > 0 {
            key.push((within, place));
        }
    }
    key.sort_unstable();
    if key.is_empty() {
        return Err(Error::Unexpected(format!("the table {name} has no primary key to copy it by")));
    }
    let sql = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)";
    let refers_to = session.query(sql, &[(&name).into()])?;
    let refers_to = refers_to.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?;
    Ok(Table { name, columns, key: key.into_iter().map(|(_, place)| place).collect(), refers_to })
}

fn in_order(mut waiting: Vec<Table>) -> Result<Vec<Table>, Error> {
    let mut ordered: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let stands = |name: &String| ordered.iter().any(|table| table.name == *name);
        let (ready, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|table| table.refers_to.iter().all(|name| *name == table.name || stands(name)));
        if ready.is_empty() {
            let names: Vec<&str> = rest.iter().map(|table| table.name.as_str()).collect();
            return Err(Error::Unexpected(format!("the tables {} refer to each other in a circle", names.join(", "))));
        }
        ordered.extend(ready);
        waiting = rest;
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ledger::engine::gathering;

    /// The tables that the text of the schema makes and leaves, by name.
    fn in_the_text() -> BTreeSet<String> {
        let steps = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ledger/schema")).unwrap();
        let steps: BTreeSet<_> = steps.map(|step| step.unwrap().path()).collect();
        let mut tables = BTreeSet::new();
        for step in steps {
            for line in std::fs::read_to_string(step).unwrap().lines() {
                let name = |rest: &str| rest.split([' ', '(', ';']).next().unwrap().to_owned();
                if let Some(made) = line.strip_prefix("CREATE TABLE ") {
                    tables.insert(name(made));
                } else if let Some(dropped) = line.strip_prefix("DROP TABLE ") {
                    tables.remove(&name(dropped));
                }
            }
        }
        tables
    }

    #[test]
    fn every_table_of_the_schema_is_copied_and_behind_those_that_it_refers_to() {
        let tables = tables().unwrap();
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>(), in_the_text());
        let place = |name: &str| names.iter().position(|known| *known == name).unwrap();
        assert!(place("transmission") < place("delivery") && place("delivery") < place("attempt"));
        assert!(place("interchange") < place("functional_group"));
    }

    #[test]
    fn rows_that_are_gathered_are_sent_behind_those_that_they_refer_to() {
        let place = |name: &str| gathering::TABLES.iter().position(|known| *known == name);
        for table in tables().unwrap() {
            let Some(here) = place(&table.name) else { continue };
            for parent in table.refers_to.iter().filter(|parent| **parent != table.name) {
                // A parent that is not gathered is there already.
                assert!(place(parent).is_none_or(|parent| parent < here), "{} comes before {parent}", table.name);
            }
        }
        let known: Vec<String> = tables().unwrap().into_iter().map(|table| table.name).collect();
        assert!(gathering::TABLES.iter().all(|name| known.iter().any(|known| known == name)));
    }

    #[test]
    fn a_key_of_two_columns_is_known_in_its_own_order() {
        let tables = tables().unwrap();
        let table = tables.iter().find(|table| table.name == "document_order").unwrap();
        let key: Vec<&str> = table.key.iter().map(|place| table.columns[*place].as_str()).collect();
        assert_eq!(key, ["po_number", "partner", "document"]);
        assert_eq!(table.column("document"), Some(2));
    }
}
