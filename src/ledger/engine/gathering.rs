//! Rows that are gathered so that those of one table are written in one statement.
//!
//! ```text
//! a server:
//! INSERT INTO t (a, b) VALUES ($1, 'x')   twice, with 1 and 2
//! INSERT INTO t (a, b) SELECT gathered.p1, 'x' FROM unnest($1::int8[]) AS gathered (p1)   once, with {1,2}
//!
//! UPDATE t SET b = $2 WHERE a = $1   likewise
//! UPDATE t SET b = gathered.p2 FROM unnest($1::int8[], $2::text[]) AS gathered (p1, p2) WHERE a = gathered.p1
//!
//! a file:
//! INSERT INTO t (a, b) VALUES ($1, 'x'), ($2, 'x')
//! ```
//!
//! A statement costs a server more than its row, so that a hundred rows in one go in a quarter of the time; in a file the rows of
//! one table find the pages of its indexes at hand. Rows of one table keep their order; tables are sent in the order in which they
//! refer to each other, and changes behind new rows.

use super::Value;

/// The tables whose rows are gathered, each behind those that it refers to.
pub(in crate::ledger) const TABLES: [&str; 17] = [
    "content",
    "transmission",
    "held_file",
    "handed_in",
    "diagnostic",
    "interchange",
    "functional_group",
    "transaction_set",
    "document",
    "document_order",
    "unjoined",
    "delivery",
    "attempt",
    "waiting_document",
    "expectation",
    "sscc",
    "event",
];

/// The table of which one row after the other is changed, each once and as the last word on a piece of work.
const CHANGED: &str = "transmission";

/// So many rows are sent without waiting for more.
const MOST_ROWS: u64 = 1024;
/// So many bytes as well.
const MOST_BYTES: usize = 4 << 20;

/// What a statement about one row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ledger) enum Expected {
    /// It changes the row or leaves it.
    Anything,
    /// It changes the row, and the work is wrong when it does not.
    OneRow,
}

impl Expected {
    /// How many rows must be changed by so many of them; `None` when it does not matter.
    pub(super) fn rows(self, count: u64) -> Option<u64> {
        (self == Expected::OneRow).then_some(count)
    }
}

/// The rows of one statement, column by column.
pub(super) struct Rows {
    pub(super) sql: String,
    pub(super) expected: Expected,
    pub(super) count: u64,
    pub(super) columns: Vec<Vec<Value>>,
    rank: usize,
}

/// Rows that wait to be sent.
#[derive(Default)]
pub(super) struct Gathered {
    rows: Vec<Rows>,
    count: u64,
    bytes: usize,
}

impl Gathered {
    /// Adds a row; true when enough are gathered.
    pub(super) fn add(&mut self, sql: &str, values: &[Value], expected: Expected) -> bool {
        let found = self.rows.iter().position(|rows| rows.sql == sql && rows.expected == expected);
        let index = found.unwrap_or_else(|| {
            let (rank, columns) = (rank(sql).unwrap_or(usize::MAX), vec![Vec::new(); values.len()]);
            self.rows.push(Rows { sql: sql.to_owned(), expected, count: 0, columns, rank });
            self.rows.len() - 1
        });
        let rows = &mut self.rows[index];
        rows.count += 1;
        for (column, value) in rows.columns.iter_mut().zip(values) {
            self.bytes += match value {
                Value::Text(text) => text.len(),
                Value::Bytes(bytes) => bytes.len(),
                Value::Null | Value::Int(_) => 8,
            };
            column.push(value.clone());
        }
        self.count += 1;
        self.count >= MOST_ROWS || self.bytes >= MOST_BYTES
    }

    /// Everything, in the order in which it can be sent.
    pub(super) fn take(&mut self) -> Vec<Rows> {
        let mut rows = std::mem::take(self).rows;
        rows.sort_by_key(|rows| rows.rank);
        rows
    }
}

/// The place of a statement among the others; changes are the last.
fn rank(sql: &str) -> Option<usize> {
    if change_of(sql).is_some() {
        return Some(TABLES.len());
    }
    let table = sql.strip_prefix("INSERT INTO ")?.split([' ', '(']).next()?;
    TABLES.iter().position(|name| *name == table)
}

/// True for a plain row of a table that is listed, and for a change of one.
pub(super) fn can_be_gathered(sql: &str) -> bool {
    rank(sql).is_some() && (change_of(sql).is_some() || values_of(sql).is_some())
}

/// True for a change of a row, which goes by itself in a file.
pub(super) fn is_change(sql: &str) -> bool {
    change_of(sql).is_some()
}

/// A change of one row, around its `WHERE id = $1`: what is set, and which row it is.
fn change_of(sql: &str) -> Option<(&str, &str)> {
    sql.strip_prefix("UPDATE ")?.strip_prefix(CHANGED)?.strip_prefix(" SET ")?;
    let (set, which) = sql.split_once("WHERE ")?;
    which.starts_with("id = $1").then_some((set, which))
}

/// A statement around its `VALUES (…)`: what stands before, within, and behind.
fn values_of(sql: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = sql.split_once("VALUES (")?;
    let mut depth = 1_usize;
    for (index, c) in rest.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((before, &rest[..index], &rest[index + 1..]));
        }
    }
    None
}

/// The statement for many rows, whose parameters are columns of these types.
pub(in crate::ledger) fn many(sql: &str, types: &[&str]) -> String {
    let arrays: Vec<String> = (1..).zip(types).map(|(number, name)| format!("${number}::{name}[]")).collect();
    let names: Vec<String> = (1..=types.len()).map(|number| format!("p{number}")).collect();
    let from = format!("FROM unnest({}) AS gathered ({})", arrays.join(", "), names.join(", "));
    let of_a_row = |text: &str| text.replace('$', "gathered.p");
    if let Some((set, which)) = change_of(sql) {
        return format!("{} {from} WHERE {}", of_a_row(set.trim_end()), of_a_row(which));
    }
    // Only statements that have their values are gathered.
    let (before, row, behind) = values_of(sql).unwrap_or((sql, "", ""));
    format!("{before}SELECT {} {from}{behind}", of_a_row(row))
}

/// The statement for so many rows, whose parameters follow each other row by row; itself when it changes a row.
pub(super) fn side_by_side(sql: &str, rows: usize, parameters: usize) -> String {
    let Some((before, row, behind)) = values_of(sql).filter(|_| rows > 1) else { return sql.to_owned() };
    let of_row = |number: usize| {
        let mut text = String::with_capacity(row.len() + 16);
        let mut pieces = row.split('$');
        text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
            let parameter: usize = piece[..digits].parse().unwrap_or(0);
            text.push_str(&format!("${}{}", number * parameters + parameter, &piece[digits..]));
        }
        format!("({text})")
    };
    let all: Vec<String> = (0..rows).map(of_row).collect();
    format!("{before}VALUES {}{behind}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_side_by_side_each_with_its_own_parameters() {
        let sql = "INSERT INTO delivery (id, state, due, created) VALUES ($1, 'pending', $2, $2)\n ON CONFLICT (id) DO NOTHING";
        assert_eq!(
            side_by_side(sql, 2, 2),
            "INSERT INTO delivery (id, state, due, created) VALUES ($1, 'pending', $2, $2), ($3, 'pending', $4, $4)\n \
             ON CONFLICT (id) DO NOTHING"
        );
        assert_eq!(side_by_side(sql, 1, 2), sql);
    }

    #[test]
    fn a_statement_of_one_row_becomes_one_of_many() {
        let sql = "INSERT INTO delivery (id, state, due, created) VALUES ($1, 'pending', $2, $2)\n ON CONFLICT (id) DO NOTHING";
        assert!(can_be_gathered(sql));
        assert_eq!(
            many(sql, &["text", "int8"]),
            "INSERT INTO delivery (id, state, due, created) SELECT gathered.p1, 'pending', gathered.p2, gathered.p2 \
             FROM unnest($1::text[], $2::int8[]) AS gathered (p1, p2)\n ON CONFLICT (id) DO NOTHING"
        );
        let sql = "UPDATE transmission SET state = $2, leased_by = NULL\n WHERE id = $1 AND leased_by = $3";
        assert!(can_be_gathered(sql));
        assert_eq!(
            many(sql, &["text", "text", "text"]),
            "UPDATE transmission SET state = gathered.p2, leased_by = NULL \
             FROM unnest($1::text[], $2::text[], $3::text[]) AS gathered (p1, p2, p3) \
             WHERE id = gathered.p1 AND leased_by = gathered.p3"
        );
    }

    #[test]
    fn only_plain_rows_of_listed_tables_are_gathered() {
        for sql in [
            "UPDATE delivery SET due = $2 WHERE id = $1",
            "UPDATE transmission SET state = 'captured' WHERE leased_by = $1",
            "INSERT INTO attempt (delivery) SELECT id FROM delivery",
            "INSERT INTO number (counter) VALUES ($1)",
            "SELECT pg_notify($1, $2)",
        ] {
            assert!(!can_be_gathered(sql), "{sql}");
        }
    }

    #[test]
    fn tables_come_in_the_order_in_which_they_refer_to_each_other_and_rows_in_theirs() {
        let mut gathered = Gathered::default();
        let (delivery, content) = ("INSERT INTO delivery (id) VALUES ($1)", "INSERT INTO content (id) VALUES ($1)");
        for (sql, number) in [(delivery, 1), (content, 2), (delivery, 3)] {
            assert!(!gathered.add(sql, &[Value::Int(number)], Expected::Anything));
        }
        let sent: Vec<_> = gathered.take().into_iter().map(|rows| (rows.sql, rows.columns, rows.count)).collect();
        let ints = |numbers: &[i64]| vec![numbers.iter().map(|number| Value::Int(*number)).collect::<Vec<_>>()];
        assert_eq!(sent, [(content.to_owned(), ints(&[2]), 1), (delivery.to_owned(), ints(&[1, 3]), 2)]);
        assert!(gathered.take().is_empty());
    }

    #[test]
    fn what_grows_large_is_sent_early() {
        let mut gathered = Gathered::default();
        let sql = "INSERT INTO content (id) VALUES ($1)";
        assert!(gathered.add(sql, &[Value::Bytes(vec![0; MOST_BYTES])], Expected::Anything));
        gathered.take();
        let rows = (1..=MOST_ROWS).take_while(|_| !gathered.add(sql, &[Value::Int(1)], Expected::Anything)).count();
        assert_eq!(rows as u64, MOST_ROWS - 1);
    }
}
