//! Map files: CSV columns, XML and JSON paths to canonical fields and back, one file for both directions.
//!
//! In: the text of a `*.map.toml`. Out: one [`Map`] in which every field is known, every format and zone is
//! right and nothing mandatory is missing, or every error at once, each with its line and the nearest name.
//!
//! ```toml
//! document = "shipment"
//! format   = "csv"
//! group_by = "ShipmentNo"
//! [fields]
//! shipment_id  = "ShipmentNo"
//! shipped_at   = { column = "ShipDate", format = "%m/%d/%Y %H:%M", zone = "America/Chicago" }
//! "carton.sscc" = "CartonSSCC"
//! "carton.item.quantity" = { column = "Qty", unit = "EA" }
//! ```
//!
//! | key | for | means |
//! |---|---|---|
//! | `document`, `format` | all | the kind of document; `csv`, `xml` or `json` |
//! | `null` | all | words that mean "nothing here", such as `["NULL", "N/A"]` |
//! | `decimal_mark`, `thousands` | all | how numbers are written; `.` and nothing when not said |
//! | `group_by` | csv | rows with the same text in this column are one document |
//! | `delimiter`, `quote`, `encoding`, `skip_rows` | csv | `,` and `"` and `utf-8` (or `latin-1`) and 0 when not said |
//! | `trim` | csv | cut blanks around cells; true when not said |
//! | `blank_cells` | csv | `empty`, or `continue`: a blank header cell repeats the row above |
//! | `unknown_columns` | csv | `ignore`, or `error` |
//! | `spreadsheet_safe` | csv | write `'` before text that a spreadsheet would run as a formula |
//! | `root`, `namespace` | xml | the root element's name (must match) and its namespace |
//! | `[repeat]` | xml, json | which elements repeat: `line = "Lines/Line"`, `line = "lines"` |
//! | `[fields]` | all | canonical field = column or path, both from the root of one document |
//!
//! A field is a column or path in quotes, or a table with `column` (one name or several aliases) or `path`,
//! and where they apply `format`, `zone`, `to_zone`, `unit`, `values`, `default`, `digits`, `implied_decimals`, `optional`; or
//! `{ value = "EA" }` for what the file never says.
//! A `format` is strftime directives, or `seconds` or `milliseconds` since 1970.

mod check;
mod field;
pub mod fields;
pub mod place;
mod read;

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::diagnostic::Diagnostic;
use crate::document::Kind;
use fields::{Field, Scope};

/// One map, checked against the canonical fields of its kind.
#[derive(Debug, Clone)]
pub struct Map {
    /// The file it was read from.
    pub file: PathBuf,
    /// What it reads and writes.
    pub kind: Kind,
    /// How the file is laid out.
    pub layout: Layout,
    /// How numbers are written.
    pub numbers: Numbers,
    /// Words that mean "nothing here".
    pub null: Vec<String>,
    /// The fields in the order of the map file, which is the order of the columns that we write.
    pub fields: Vec<MappedField>,
}

/// How a file is laid out.
#[derive(Debug, Clone)]
pub enum Layout {
    /// Rows under a header.
    Csv(Csv),
    /// Elements and attributes.
    Xml(Xml),
    /// Objects and arrays.
    Json(Json),
}

/// How a CSV file is laid out.
#[derive(Debug, Clone)]
pub struct Csv {
    /// Between cells.
    pub delimiter: u8,
    /// Around cells that hold a delimiter or a line break.
    pub quote: u8,
    /// How bytes become characters.
    pub encoding: Encoding,
    /// Lines before the header.
    pub skip_rows: usize,
    /// Rows with the same text in this column are one document.
    pub group_by: String,
    /// Cut blanks around cells.
    pub trim: bool,
    /// What a blank cell of the document, order, pallet or carton means.
    pub blank_cells: BlankCells,
    /// What a column that the map does not name means.
    pub unknown_columns: UnknownColumns,
    /// Put an apostrophe before text that a spreadsheet would take for a formula, and cut it when reading.
    ///
    /// Off unless asked for: the files are for programs, and a changed byte is a wrong item number there.
    pub spreadsheet_safe: bool,
}

/// How bytes become characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without its byte order mark.
    Utf8,
    /// ISO 8859-1, in which every byte is a character.
    Latin1,
}

/// What a blank cell above the innermost level means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlankCells {
    /// Nothing: goods in a row without carton are in no carton.
    Empty,
    /// The same as in the row above.
    Continue,
}

/// What a column that the map does not name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownColumns {
    /// Nothing.
    Ignore,
    /// An error.
    Error,
}

/// How an XML file is laid out.
#[derive(Debug, Clone)]
pub struct Xml {
    /// Local name of the root element.
    pub root: String,
    /// Namespace that the root element must be in.
    pub namespace: Option<String>,
    /// By scope, where it repeats.
    pub repeats: Vec<Option<TreePath>>,
}

/// How a JSON file is laid out.
#[derive(Debug, Clone)]
pub struct Json {
    /// By scope, where it repeats.
    pub repeats: Vec<Option<TreePath>>,
}

/// A path in an XML or JSON tree, resolved against the repeating elements around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreePath {
    /// The path as the map writes it.
    pub text: String,
    /// The scope whose element the steps start from.
    pub within: usize,
    /// The steps from there; none when it is that element itself.
    pub steps: Vec<String>,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Between units and decimals.
    pub decimal_mark: char,
    /// Between groups of three digits, if anything.
    pub thousands: Option<char>,
}

/// One canonical field and where the file has it.
#[derive(Debug, Clone)]
pub struct MappedField {
    /// The canonical field.
    pub field: Field,
    /// Where the file has it.
    pub source: Source,
    /// How dates are written and where their clock hangs.
    pub date: DateStyle,
    /// The file's words and the canonical ones, in the order of the map; empty when they are the same.
    pub values: Vec<(String, String)>,
    /// What a blank cell or absent path means.
    pub default: Option<String>,
    /// To how many digits an item number is written.
    pub digits: Option<usize>,
    /// How many of a number's digits stand behind a decimal mark that is not written: 2 where 361 means 3.61.
    pub implied_decimals: u32,
    /// A CSV file may lack the column.
    pub optional: bool,
}

/// Where a file has a field.
#[derive(Debug, Clone)]
pub enum Source {
    /// The first of these columns that the header has; the first is the one that we write.
    Columns(Vec<String>),
    /// A path.
    Path(TreePath),
    /// Nowhere: it is always this.
    Constant(String),
}

/// How dates are written and where their clock hangs.
#[derive(Debug, Clone, Default)]
pub struct DateStyle {
    /// strftime directives, or [`SECONDS`] or [`MILLISECONDS`]; ISO 8601 when `None`.
    pub format: Option<String>,
    /// The zone of the file's local times.
    pub zone: Option<TimeZone>,
    /// The zone of the document's local times, where it is another.
    pub to_zone: Option<TimeZone>,
}

/// The format of a time that is written as the seconds since 1970.
pub const SECONDS: &str = "seconds";
/// The same in milliseconds.
pub const MILLISECONDS: &str = "milliseconds";

impl Map {
    /// Reads a map; `file` is for messages. `Err` holds every error.
    pub fn read(file: &Path, text: &str) -> Result<Map, Vec<Diagnostic>> {
        read::map(file, text)
    }

    /// The scopes of its kind, outermost first.
    pub fn scopes(&self) -> &'static [Scope] {
        fields::scopes(self.kind)
    }

    /// Where a scope repeats in an XML or JSON file.
    pub fn repeat(&self, scope: usize) -> Option<&TreePath> {
        match &self.layout {
            Layout::Csv(_) => None,
            Layout::Xml(xml) => xml.repeats[scope].as_ref(),
            Layout::Json(json) => json.repeats[scope].as_ref(),
        }
    }

    /// True when the map says anything about the scope.
    pub fn has(&self, scope: usize) -> bool {
        scope == 0 || self.repeat(scope).is_some() || self.fields.iter().any(|mapped| mapped.field.scope == scope)
    }

    /// The scope that holds this one in the map's files: the nearest possible one that the map has.
    pub fn parent(&self, scope: usize) -> usize {
        self.scopes()[scope].parents.iter().copied().find(|&parent| self.has(parent)).unwrap_or(0)
    }

    /// The scopes directly within this one in the map's files.
    pub fn children(&self, scope: usize) -> impl Iterator<Item = usize> {
        (1..self.scopes().len()).filter(move |&child| self.has(child) && self.parent(child) == scope)
    }

    /// The fields of a scope, with their index in [`Map::fields`].
    pub fn fields_of(&self, scope: usize) -> impl Iterator<Item = (usize, &MappedField)> {
        self.fields.iter().enumerate().filter(move |(_, mapped)| mapped.field.scope == scope)
    }
}

impl MappedField {
    /// The column or path as a person would quote it.
    pub fn label(&self) -> &str {
        match &self.source {
            Source::Columns(names) => &names[0],
            Source::Path(path) => &path.text,
            Source::Constant(value) => value,
        }
    }

    /// `column "Qty"`, `path "Lines/Line/@qty"`, `constant "EA"`.
    pub fn described(&self) -> String {
        let word = match &self.source {
            Source::Columns(_) => "column",
            Source::Path(_) => "path",
            Source::Constant(_) => "constant",
        };
        format!("{word} {:?}", self.label())
    }
}

/// True for text that a spreadsheet would run as a formula, or that looks like such text after its guard was put
/// before it; so every guard that is written is the one that reading takes away.
pub fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}
