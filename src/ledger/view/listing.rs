//! How a listing is read: the newest rows first, page by page, at the same cost on every page and in every ledger.
//!
//! ```text
//! tx.documents(&filter)?                            rows 1 to 100, next = Some("WzE3NzI…")
//! tx.documents(&filter with that cursor)?           rows 101 to 200, whatever came in meanwhile
//! ```
//!
//! A cursor names the last row of a page by the columns that order the listing, so that the next page begins behind it: nothing
//! is counted off, nothing is shown twice. Each listing is read along an index that ends with its order. What few rows have
//! (a number, a rare state) is found by an index of its own and sorted: `column + 0` says that no index over that column is to
//! be chosen, see [`engine`](crate::ledger::engine). Of several partners each is read by itself, and the rows are merged.
//!
//! Never here: OFFSET, and a query that reads what it does not show.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use super::Filter;
use crate::ledger::engine::{Row, Value};
use crate::ledger::{Error, Transaction};

/// Rows of a listing, the newest first.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; nothing when this is the last one.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// The rows in the order in which things happened.
    pub fn oldest_first(self) -> Vec<T> {
        self.rows.into_iter().rev().collect()
    }
}

/// A place in a listing: behind a row, named by the values that order it. As a text it is opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(Vec<Value>);

impl Cursor {
    /// Reads what a page said was its `next`; `None` when no page said so.
    pub fn parse(text: &str) -> Option<Cursor> {
        // Whole groups of four, which the padding completes.
        let standard = text.replace('-', "+").replace('_', "/");
        let padding = "=".repeat((4 - text.len() % 4) % 4);
        let bytes = openssl::base64::decode_block(&(standard + &padding)).ok()?;
        let values: Vec<serde_json::Value> = serde_json::from_slice(&bytes).ok()?;
        let values: Vec<Value> = values.iter().map(value).collect::<Option<_>>()?;
        let is_a_place =
            matches!(&values[..], [Value::Int(_), Value::Text(_)] | [Value::Int(_), Value::Text(_), Value::Int(_)]);
        let cursor = Cursor(values);
        (is_a_place && cursor.to_string() == text).then_some(cursor)
    }
}

fn value(json: &serde_json::Value) -> Option<Value> {
    json.as_i64().map(Value::Int).or_else(|| json.as_str().map(Value::from))
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<serde_json::Value> = self.0.iter().map(json).collect();
        let text = openssl::base64::encode_block(serde_json::Value::from(values).to_string().as_bytes());
        f.write_str(&text.trim_end_matches('=').replace('+', "-").replace('/', "_"))
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Int(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Null | Value::Bytes(_) => serde_json::Value::Null,
    }
}

/// A state that can be asked for.
pub(super) struct State {
    /// As it is written in a filter.
    pub(super) name: &'static str,
    /// The rows that have it; where they are few, in the words of the index that holds them.
    pub(super) rows: &'static str,
    /// Whether they are few.
    pub(super) are: How,
}

/// How many rows answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Most of them: whoever reads along the order soon has a page full.
    Many,
    /// Few: they are found by an index of their own, and sorted.
    Few,
}

/// A listing: what it shows, and by which columns it is narrowed.
pub(super) struct Listing<'a> {
    /// Columns and tables.
    pub(super) select: &'a str,
    pub(super) tables: &'a str,
    /// A condition of its own.
    pub(super) which: &'a str,
    /// The column that names the partner.
    pub(super) partner: &'a str,
    /// The column that names the kind.
    pub(super) kind: &'a str,
    /// Where most rows have one of few kinds: that a row has another one, in the words of the index that holds those.
    pub(super) rare_kinds: &'a str,
    /// The column that names the transaction set; empty where there is none.
    pub(super) set: &'a str,
    /// The time, and what tells rows of one time apart; all descend.
    pub(super) order: &'a [&'a str],
    /// The states that can be asked for.
    pub(super) states: &'a [State],
    /// The rows that have to do with a number: `{number}`, and `{padded}` as a control number is written.
    pub(super) number: &'a str,
}

/// A query being written.
struct Query {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    /// Binds a value; its name in the text.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }
}

impl Listing<'_> {
    /// The text differs with the filter: a condition that may or may not hold would keep both engines from the index. Nothing
    /// when no row can answer.
    fn query(&self, filter: &Filter, partner: Option<&str>) -> Option<(String, Vec<Value>)> {
        let mut query = Query { conditions: Vec::new(), values: Vec::new() };
        if !self.which.is_empty() {
            query.conditions.push(self.which.to_owned());
        }
        let mut how = How::Many;
        if let Some(asked) = &filter.state {
            let state = self.states.iter().find(|state| state.name == asked)?;
            query.conditions.push(state.rows.to_owned());
            how = state.are;
        }
        if let Some(number) = &filter.number {
            let padded = number.parse::<u64>().map_or_else(|_| number.clone(), |number| format!("{number:09}"));
            let mut which = self.number.replace("{number}", &query.bind(number));
            // A server refuses a value that its statement does not name.
            if which.contains("{padded}") {
                which = which.replace("{padded}", &query.bind(padded));
            }
            query.conditions.push(which);
            how = How::Few;
        }
        let mut is_rare = how == How::Few;
        if let Some(kind) = &filter.kind {
            let value = query.bind(kind);
            query.conditions.push(format!("{} = {value}", self.kind));
            if !self.rare_kinds.is_empty() && !self.rare_kinds.contains(&format!("'{kind}'")) {
                query.conditions.push(self.rare_kinds.to_owned());
                is_rare = true;
            }
        }
        if let Some(set) = filter.set.as_ref().filter(|_| !self.set.is_empty()) {
            let value = query.bind(set);
            // What few rows have is found by an index of its own; else that of the set ends with the order.
            let kept_out = if is_rare { " || ''" } else { "" };
            query.conditions.push(format!("{}{kept_out} = {value}", self.set));
            is_rare = true;
        }
        if let Some(partner) = partner {
            let partner = query.bind(partner);
            let kept_out = if is_rare { " || ''" } else { "" };
            query.conditions.push(format!("{}{kept_out} = {partner}", self.partner));
        }
        let order = self.ordering(how);
        self.span(&mut query, filter, &order);
        let limit = query.bind(filter.limit.map_or(i64::MAX, |limit| i64::from(limit) + 1));
        let Listing { select, tables, .. } = self;
        let (columns, conditions) = (self.order.join(", "), query.conditions.join(" AND "));
        let order = order.iter().map(|column| format!("{column} DESC")).collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {select}, {columns} FROM {tables} WHERE {conditions} ORDER BY {order} LIMIT {limit}");
        Some((sql, query.values))
    }

    /// The columns of the order, out of reach of their index where another one is to be chosen.
    fn ordering(&self, how: How) -> Vec<String> {
        let (time, rest) = self.order.split_first().unwrap_or((&"", &[]));
        let time = match how {
            How::Many => (*time).to_owned(),
            How::Few => format!("{time} + 0"),
        };
        std::iter::once(time).chain(rest.iter().map(|column| (*column).to_owned())).collect()
    }

    /// From when, until when, and behind which row.
    fn span(&self, query: &mut Query, filter: &Filter, order: &[String]) {
        let time = &order[0];
        let since = query.bind(filter.since.map_or(i64::MIN, Timestamp::as_microsecond));
        query.conditions.push(format!("{time} >= {since}"));
        if let Some(cursor) = &filter.after {
            // It is earlier than whatever `until` says, and a second end of the same span would be one too many for the index.
            let places: Vec<String> = cursor.0.iter().map(|value| query.bind(value.clone())).collect();
            query.conditions.push(format!("({}) < ({})", order.join(", "), places.join(", ")));
        } else if let Some(until) = filter.until {
            let until = query.bind(until);
            query.conditions.push(format!("{time} < {until}"));
        }
    }
}

impl Transaction<'_> {
    /// Reads a page of a listing.
    pub(super) fn page<T>(
        &mut self,
        listing: &Listing<'_>,
        filter: &Filter,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Page<T>, Error> {
        if let Some(cursor) = &filter.after
            && cursor.0.len() != listing.order.len()
        {
            return Err(Error::NoSuch { what: "place in this listing", id: cursor.to_string() });
        }
        let rows = match &filter.partners {
            None => self.rows_of(listing, filter, None)?,
            Some(partners) => self.merged(listing, filter, partners)?,
        };
        let limit = filter.limit.map_or(usize::MAX, |limit| limit as usize);
        let more = rows.len() > limit;
        let next = rows.get(limit.wrapping_sub(1)).filter(|_| more).map(|row| place(row, listing));
        let rows = rows.iter().take(limit).map(read).collect::<Result<_, _>>()?;
        Ok(Page { rows, next })
    }

    /// The newest rows of several partners.
    fn merged(
        &mut self,
        listing: &Listing<'_>,
        filter: &Filter,
        partners: &BTreeSet<String>,
    ) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        for partner in partners {
            rows.extend(self.rows_of(listing, filter, Some(partner))?);
        }
        if partners.len() > 1 {
            rows.sort_by_cached_key(|row| std::cmp::Reverse(sortable(&place(row, listing))));
        }
        Ok(rows)
    }

    fn rows_of(&mut self, listing: &Listing<'_>, filter: &Filter, partner: Option<&str>) -> Result<Vec<Row>, Error> {
        match listing.query(filter, partner) {
            Some((sql, values)) => self.query(&sql, &values),
            None => Ok(Vec::new()),
        }
    }
}

/// The place behind a row: its last columns are those of the order.
fn place(row: &Row, listing: &Listing<'_>) -> Cursor {
    let values = row.values();
    Cursor(values[values.len() - listing.order.len()..].to_vec())
}

/// Numbers and texts compare among themselves alone; in one column of an order there is one of both.
fn sortable(cursor: &Cursor) -> Vec<(i64, String)> {
    let part = |value: &Value| match value {
        Value::Int(number) => (*number, String::new()),
        Value::Text(text) => (0, text.clone()),
        Value::Null | Value::Bytes(_) => (0, String::new()),
    };
    cursor.0.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_anything_else_is_none() {
        let places = [
            Cursor(vec![Value::Int(1_772_524_800_000_000), "0198c0de".into()]),
            Cursor(vec![Value::Int(-1), "mega~?>".into(), Value::Int(7)]),
        ];
        for place in places {
            let text = place.to_string();
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
            assert_eq!(Cursor::parse(&text), Some(place));
        }
        for text in ["", "x", "W10", "bnVsbA", "WzEsMl0", "%", "\u{fc}bel", "WzEsIngiXQ==", "====", "WzEsIngiLCJ5Il0"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }
}
