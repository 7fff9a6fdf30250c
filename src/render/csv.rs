//! Writes CSV: one row per innermost item, with what it belongs to repeated in every row.
//!
//! ```text
//! PO,Ordered,Line,UPC,Qty
//! 45000,2026-03-02,1,061414100014,24
//! 45000,2026-03-02,2,061414100021,12
//! ```
//!
//! Cells that begin with `=`, `+`, `-` or `@` are written as they are: these files are read by programs, and an
//! apostrophe added for a spreadsheet's sake would be a wrong number there. A map whose files people open in a
//! spreadsheet says `spreadsheet_safe = true`; then text (never a number) gets the apostrophe, and reading
//! with the same map takes it away.

use super::record::{Group, does_not_fit};
use crate::config::map::fields::{ScopeRole, ValueType};
use crate::config::map::{BlankCells, Csv, Encoding, Map, Source, is_formula};
use crate::diagnostic::Diagnostic;

pub(super) fn render(group: &Group, number: &str, map: &Map, csv: &Csv) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let mut writing = Writing::new(map, csv);
    let mut row = vec![String::new(); writing.names.len()];
    if writing.key_is_extra {
        // The column that groups rows carries nothing else: the document's number tells documents apart.
        let last = row.len() - 1;
        row[last] = number.to_owned();
    }
    writing.add(group, row);
    let text = writing.text();
    let bytes = writing.encoded(&text);
    if writing.faults.is_empty() { Ok(bytes) } else { Err(writing.faults) }
}

struct Writing<'m> {
    map: &'m Map,
    csv: &'m Csv,
    names: Vec<&'m str>,
    /// By field, its column.
    columns: Vec<Option<usize>>,
    key_is_extra: bool,
    rows: Vec<Vec<String>>,
    faults: Vec<Diagnostic>,
}

impl<'m> Writing<'m> {
    fn new(map: &'m Map, csv: &'m Csv) -> Self {
        let (mut names, mut columns, mut key_is_extra) = (Vec::new(), Vec::new(), true);
        for mapped in &map.fields {
            let Source::Columns(aliases) = &mapped.source else {
                columns.push(None);
                continue;
            };
            columns.push(Some(names.len()));
            names.push(aliases[0].as_str());
            key_is_extra &= !aliases.contains(&csv.group_by);
        }
        if key_is_extra {
            names.push(&csv.group_by);
        }
        Writing { map, csv, names, columns, key_is_extra, rows: Vec::new(), faults: Vec::new() }
    }

    fn add(&mut self, group: &Group, mut row: Vec<String>) {
        self.fill(group, &mut row);
        let is_beside = |inner: &&Group| self.map.scopes()[inner.scope].role == ScopeRole::Beside;
        let (beside, inner): (Vec<&Group>, Vec<&Group>) = group.groups.iter().partition(is_beside);
        for (index, one) in beside.iter().enumerate() {
            if beside[..index].iter().any(|other| other.scope == one.scope) {
                let name = self.map.scopes()[one.scope].name;
                self.refuse(format!("the document has more than one {name}, and a row has place for one"));
            }
            self.fill(one, &mut row);
        }
        for one in &inner {
            self.check_level(one, group.scope);
            self.add(one, row.clone());
        }
        if inner.is_empty() {
            self.rows.push(row);
        }
    }

    /// What reading could not tell apart: a carton without any number from goods in no carton.
    fn check_level(&mut self, group: &Group, parent: usize) {
        let scope = &self.map.scopes()[group.scope];
        let is_named = group.texts.iter().any(|(field, _)| self.map.fields[*field].field.key);
        let has_key = self.map.fields_of(group.scope).any(|(_, mapped)| mapped.field.key);
        if scope.role == ScopeRole::Level && has_key && !is_named {
            self.refuse(format!("a {} has no number, so its rows could not be told from others", scope.name));
        }
        if self.csv.blank_cells == BlankCells::Continue && self.map.parent(group.scope) != parent {
            let outer = self.map.scopes()[self.map.parent(group.scope)].name;
            self.refuse(format!("a {} is in no {outer}, and blank cells mean the {outer} above", scope.name));
        }
    }

    fn refuse(&mut self, message: String) {
        self.faults.push(does_not_fit(self.map, message));
    }

    fn fill(&self, group: &Group, row: &mut [String]) {
        for (field, text) in &group.texts {
            let is_text = matches!(self.map.fields[*field].field.value, ValueType::Text | ValueType::Code(_));
            let needs_guard = self.csv.spreadsheet_safe && is_text && is_formula(text);
            if let Some(column) = self.columns[*field] {
                row[column] = if needs_guard { format!("'{text}") } else { text.clone() };
            }
        }
    }

    fn text(&mut self) -> String {
        let mut writer = ::csv::WriterBuilder::new()
            .delimiter(self.csv.delimiter)
            .quote(self.csv.quote)
            .from_writer(vec![b'\n'; self.csv.skip_rows]);
        let names = self.names.iter().map(|name| (*name).to_owned()).collect();
        for row in std::iter::once(&names).chain(&self.rows) {
            // Writing to memory rows of one width: neither can fail.
            let _ = writer.write_record(row);
        }
        writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn encoded(&mut self, text: &str) -> Vec<u8> {
        if self.csv.encoding == Encoding::Utf8 {
            return text.as_bytes().to_vec();
        }
        let strange = text.chars().find(|letter| u8::try_from(*letter).is_err());
        if let Some(letter) = strange {
            self.refuse(format!("the character {letter:?} does not exist in latin-1"));
        }
        text.chars().filter_map(|letter| u8::try_from(letter).ok()).collect()
    }
}
