//! One TOML file being read: every value with its place, every key accounted for, every fault kept.
//!
//! A [`Table`] remembers which keys it was asked for. Those are the known ones, so there is no second list of
//! keys to keep in step: [`Table::finish`] reports what was written and never asked for. Reading goes on after
//! a fault, so that the owner of the file sees all of them at once.
//!
//! ```text
//! let x12 = root.optional("x12").table()?;
//! let isa = x12.required("isa", r#"isa = "ZZ:MEGAMART""#).parse(isa);     // Option<At<InterchangeId>>
//! x12.finish();                                                           // "unknown key …"
//! ```

use std::cell::RefCell;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::duration;
use super::nearest::nearest;
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Code, Diagnostic, Place, Spot};

/// A file's text and what is wrong with it so far.
pub(crate) struct Source {
    file: String,
    text: String,
    faults: RefCell<Vec<Diagnostic>>,
}

impl Source {
    /// A file that was read from disk.
    pub fn new(file: &Path, text: String) -> Source {
        Source { file: file.display().to_string(), text, faults: RefCell::default() }
    }

    /// Its tables; `None`, with the faults reported, when it is not TOML.
    pub fn parse(&self) -> Option<Spanned<DeTable<'_>>> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        let mut last_line = None;
        for error in &errors {
            let place = self.place(error.span().map_or(0, |span| span.start));
            // The parser stumbles on after a fault; only the first one of a line is the owner's.
            if last_line.replace(line_of(&place)) != Some(line_of(&place)) {
                let (message, expected) = match error.message().split_once(", expected ") {
                    Some((message, expected)) => (message, Some(expected.to_owned())),
                    None => (error.message(), None),
                };
                let fault = Diagnostic::new(&codes::SYNTAX, format!("not TOML: {message}")).at(place);
                self.report(Diagnostic { expected, ..fault });
            }
        }
        errors.is_empty().then_some(table)
    }

    /// The table at the top of the file.
    pub fn root<'a>(&'a self, table: &'a Spanned<DeTable<'a>>) -> Table<'a> {
        Table {
            source: self,
            heading: String::new(),
            place: self.place(0),
            table: table.get_ref(),
            asked: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// Line and column of a byte.
    pub fn place(&self, offset: usize) -> Place {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        // Bytes that continue a character are not columns of their own.
        let column = before[line_start..].iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64 + 1;
        Place { file: Some(self.file.clone()), byte: None, spot: Spot::Line { line, column } }
    }

    /// Keeps a fault.
    pub fn report(&self, fault: Diagnostic) {
        self.faults.borrow_mut().push(fault);
    }

    /// How much was reported so far.
    pub fn fault_count(&self) -> usize {
        self.faults.borrow().len()
    }

    /// Everything that was reported.
    pub fn into_faults(self) -> Vec<Diagnostic> {
        self.faults.into_inner()
    }
}

fn line_of(place: &Place) -> u64 {
    match place.spot {
        Spot::Line { line, .. } => line,
        _ => 0,
    }
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// A table of the file, and the keys it was asked for.
pub(crate) struct Table<'a> {
    /// The file.
    pub source: &'a Source,
    /// Where the table begins.
    pub place: Place,
    /// How people know it: `[x12]`, `[[endpoint]]`, `pick_up`; empty at the top of the file.
    heading: String,
    table: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
    /// Faults about required keys that are absent, until it is known whether one of them was only misspelt.
    missing: RefCell<Vec<(&'static str, Diagnostic)>>,
}

impl<'a> Table<'a> {
    /// The entry under a key that may be absent.
    pub fn optional(&self, key: &'static str) -> Entry<'a> {
        if !self.asked.borrow().contains(&key) {
            self.asked.borrow_mut().push(key);
        }
        let value = self.table.get(key);
        Entry { source: self.source, key, value, in_root: self.heading.is_empty() }
    }

    /// The entry under a key that must be there; its absence is reported with an example of the line to write.
    pub fn required(&self, key: &'static str, example: &str) -> Entry<'a> {
        let entry = self.optional(key);
        if !entry.is_given() {
            let fault = Diagnostic::new(&codes::MISSING_KEY, format!("{} has no {key:?}", self.title()))
                .at(self.place.clone())
                .expected(format!("a line such as: {example}"));
            self.missing.borrow_mut().push((key, fault));
        }
        entry
    }

    /// Every text of a table whose keys are its author's own, in the order of the keys.
    pub fn texts(&self) -> Vec<(String, At<&'a str>)> {
        let mut texts = Vec::new();
        for (key, value) in self.table.iter() {
            let key = key.get_ref().to_string();
            let place = self.source.place(value.span().start);
            match value.get_ref().as_str() {
                Some(text) => texts.push((key, At { value: text, place })),
                None => {
                    let fault = format!("{key:?} is {}", type_name(value.get_ref()));
                    let fault = Diagnostic::new(&codes::WRONG_TYPE, fault).at(place);
                    self.source.report(fault.expected("a text in quotes"));
                }
            }
        }
        texts.sort_by(|one, other| one.0.cmp(&other.0));
        texts
    }

    /// Where the value of a key stands; of one that is not written, where the table begins.
    pub fn place_of(&self, key: &str) -> Place {
        self.table.get(key).map_or_else(|| self.place.clone(), |value| self.source.place(value.span().start))
    }

    /// Whether a key is written, without asking for it.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Reports the keys that were written and never asked for, and those that are missing.
    ///
    /// Every table is finished, after all of its keys were asked for and before anything returns early.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        let mut missing = self.missing.take();
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if asked.contains(&name) {
                continue;
            }
            let message = match self.heading.as_str() {
                "" => format!("unknown key {name:?}"),
                heading => format!("unknown key {name:?} in {heading}"),
            };
            let fault = Diagnostic::new(&codes::UNKNOWN_KEY, message)
                .at(self.source.place(key.span().start))
                .expected(one_of(&asked));
            // A required key that was misspelt is one fault, not two.
            let near = nearest(name, asked.iter().copied());
            missing.retain(|(key, _)| Some(*key) != near);
            self.source.report(meant(fault, name, asked.iter().copied()));
        }
        missing.into_iter().for_each(|(_, fault)| self.source.report(fault));
    }

    /// How people know it.
    pub fn title(&self) -> &str {
        if self.heading.is_empty() { "the file" } else { &self.heading }
    }
}

/// What stands under a key, if anything does.
pub(crate) struct Entry<'a> {
    source: &'a Source,
    key: &'static str,
    value: Option<&'a Spanned<DeValue<'a>>>,
    in_root: bool,
}

impl<'a> Entry<'a> {
    /// Whether anything is written under the key.
    pub fn is_given(&self) -> bool {
        self.value.is_some()
    }

    /// Whether it is a text in quotes.
    pub fn is_text(&self) -> bool {
        self.value.is_some_and(|value| value.get_ref().is_str())
    }

    /// A text.
    pub fn text(&self) -> Option<At<&'a str>> {
        self.text_in(self.value?)
    }

    /// A text that must mean something; what it fails to mean is reported.
    pub fn parse<T>(&self, read: impl Fn(&str) -> Result<T, Diagnostic>) -> Option<At<T>> {
        self.parsed(self.text()?, read)
    }

    /// One text or a list of texts, each of which must mean something.
    pub fn parse_each<T>(&self, read: impl Fn(&str) -> Result<T, Diagnostic>) -> Vec<At<T>> {
        let Some(value) = self.value else { return Vec::new() };
        let texts: Vec<At<&str>> = match value.get_ref() {
            DeValue::String(_) => self.text_in(value).into_iter().collect(),
            DeValue::Array(items) => items.iter().filter_map(|item| self.text_in(item)).collect(),
            _ => {
                self.wrong_type(value, "a text in quotes or a list of them");
                Vec::new()
            }
        };
        texts.into_iter().filter_map(|text| self.parsed(text, &read)).collect()
    }

    /// A duration.
    pub fn duration(&self) -> Option<Duration> {
        let duration = self.parse(|text| {
            duration::parse(text)
                .map_err(|why| Diagnostic::new(&codes::DURATION, why).expected(duration::EXPECTED).found(text))
        });
        duration.map(|duration| duration.value)
    }

    /// `true` or `false`.
    pub fn boolean(&self) -> Option<bool> {
        let value = self.value?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong_type(value, "true or false");
        }
        found
    }

    /// A whole number within a range.
    pub fn integer(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.value?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(value, "a whole number");
            return None;
        };
        let number =
            u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.refuse(&codes::OUT_OF_RANGE, &format!("a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// A table, such as `[x12]` or `pick_up = { … }`.
    pub fn table(&self) -> Option<Table<'a>> {
        let value = self.value?;
        let table = self.table_in(value, format!("[{}]", self.key));
        if table.is_none() {
            let expected = if self.in_root { "a table" } else { "a table in braces" };
            self.wrong_type(value, expected);
        }
        table
    }

    /// Tables that may be several, such as `[[endpoint]]`.
    pub fn tables(&self) -> Vec<Table<'a>> {
        let Some(value) = self.value else { return Vec::new() };
        let items = value.get_ref().as_array().map(|items| items.iter().collect::<Vec<_>>()).unwrap_or_default();
        let tables: Vec<_> = items.iter().filter_map(|item| self.table_in(item, format!("[[{}]]", self.key))).collect();
        if tables.is_empty() || tables.len() < items.len() {
            self.wrong_type(value, &format!("tables that each begin with [[{}]]", self.key));
        }
        tables
    }

    /// Reports the value although its type is right.
    pub fn refuse(&self, code: Code, expected: &str) {
        let Some(value) = self.value else { return };
        self.source.report(
            Diagnostic::new(code, format!("{:?} is out of range", self.key))
                .at(self.source.place(value.span().start))
                .expected(expected)
                .found(self.written(value)),
        );
    }

    fn table_in(&self, value: &'a Spanned<DeValue<'a>>, root_heading: String) -> Option<Table<'a>> {
        let table = value.get_ref().as_table()?;
        let heading = if self.in_root { root_heading } else { self.key.to_owned() };
        let place = self.source.place(value.span().start);
        Some(Table {
            source: self.source,
            heading,
            place,
            table,
            asked: RefCell::default(),
            missing: RefCell::default(),
        })
    }

    fn text_in(&self, value: &'a Spanned<DeValue<'a>>) -> Option<At<&'a str>> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(value, "a text in quotes");
            return None;
        };
        let place = self.source.place(value.span().start);
        if text.trim().is_empty() {
            self.source.report(Diagnostic::new(&codes::EMPTY, format!("{:?} is empty", self.key)).at(place));
            return None;
        }
        Some(At { value: text, place })
    }

    fn parsed<T>(&self, text: At<&str>, read: impl Fn(&str) -> Result<T, Diagnostic>) -> Option<At<T>> {
        match read(text.value) {
            Ok(value) => Some(At { value, place: text.place }),
            Err(fault) => {
                self.source.report(fault.at(text.place));
                None
            }
        }
    }

    fn wrong_type(&self, value: &'a Spanned<DeValue<'a>>, expected: &str) {
        self.source.report(
            Diagnostic::new(&codes::WRONG_TYPE, format!("{:?} is {}", self.key, type_name(value.get_ref())))
                .at(self.source.place(value.span().start))
                .expected(expected)
                .found(self.written(value)),
        );
    }

    /// A value as its author wrote it: a text without its quotes, of a table the first line.
    fn written(&self, value: &'a Spanned<DeValue<'a>>) -> &'a str {
        let raw = || self.source.text[value.span()].lines().next().unwrap_or_default();
        value.get_ref().as_str().unwrap_or_else(raw)
    }
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Why a file or folder cannot be read, for a message.
pub(crate) fn cannot_read(path: &Path, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => format!("{} is not there", path.display()),
        ErrorKind::InvalidData => format!("{} holds bytes that are not UTF-8", path.display()),
        _ => format!("{} cannot be read: {error}", path.display()),
    }
}

/// Reads one of a few words.
pub(crate) fn choice<T: Copy>(text: &str, of: &str, words: &[(&'static str, T)]) -> Result<T, Diagnostic> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let fault = Diagnostic::new(&codes::UNKNOWN_WORD, format!("{text:?} is no {of}")).expected(one_of(&names));
    Err(meant(fault, text, names))
}

/// The words that would be right, for `expected`.
pub(crate) fn one_of(words: &[&str]) -> String {
    match words {
        [only] => (*only).to_owned(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// Adds "did you mean …" when a known word is near.
pub(crate) fn meant<'w>(fault: Diagnostic, word: &str, known: impl IntoIterator<Item = &'w str>) -> Diagnostic {
    // Numbers that differ in a digit are different things, not slips.
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    match nearest(word, known) {
        Some(known) if !is_number => fault.hint(format!("did you mean {known:?}?")),
        _ => fault,
    }
}
