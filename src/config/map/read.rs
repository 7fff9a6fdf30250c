//! From the text of a map file to [`Map`], with every error at once.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fields::{self, Need};
use super::{BlankCells, Csv, Encoding, Json, Layout, Map, MappedField, Numbers, TreePath, UnknownColumns, Xml, field};
use crate::config::nearest::nearest;
use crate::diagnostic::codes::files;
use crate::diagnostic::{Code, Diagnostic, Place, Spot};
use crate::document::Kind;

const COMMON: &[&str] = &["document", "format", "null", "decimal_mark", "thousands", "fields"];
const CSV: &[&str] = &[
    "group_by",
    "delimiter",
    "quote",
    "encoding",
    "skip_rows",
    "trim",
    "blank_cells",
    "unknown_columns",
    "spreadsheet_safe",
];
const XML: &[&str] = &["root", "namespace", "repeat"];
const JSON: &[&str] = &["repeat"];

/// The three formats, before anything else is known about the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Xml,
    Json,
}

/// The file being read and the errors found so far.
pub(super) struct Reading<'t> {
    file: String,
    text: &'t str,
    errors: Vec<Diagnostic>,
}

/// A value of the file with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

pub(super) fn map(file: &Path, text: &str) -> Result<Map, Vec<Diagnostic>> {
    let mut reading = Reading { file: file.display().to_string(), text, errors: Vec::new() };
    let (table, faults) = DeTable::parse_recoverable(text);
    for fault in &faults {
        reading.say(&files::MAP_NOT_TOML, fault.span().map_or(0, |span| span.start), fault.message().to_owned());
    }
    if !reading.errors.is_empty() {
        return Err(reading.errors);
    }
    let built = reading.map(file, table.get_ref());
    match built {
        Some(map) if reading.errors.is_empty() => Ok(map),
        _ => Err(reading.errors),
    }
}

impl<'t> Reading<'t> {
    fn map(&mut self, file: &Path, table: &DeTable<'t>) -> Option<Map> {
        let kind = self.document(table);
        let format = self.format(table);
        let (kind, format) = (kind?, format?);
        self.refuse_unknown_keys(table, format);
        let numbers = self.numbers(table);
        let null = self.null(table);
        let repeats = self.repeats(table, kind, format);
        let fields = self.fields(table, kind, format, &repeats);
        let layout = match format {
            Format::Csv => Layout::Csv(self.csv(table, &fields)),
            Format::Xml => Layout::Xml(self.xml(table, repeats)),
            Format::Json => Layout::Json(Json { repeats }),
        };
        let map = Map { file: file.to_owned(), kind, layout, numbers, null, fields };
        self.check_mandatory(&map, table);
        Some(map)
    }

    /// Adds an error at a byte of the map file and gives it back to be completed.
    pub(super) fn say(&mut self, code: Code, byte: usize, message: String) -> &mut Diagnostic {
        let before = &self.text.as_bytes()[..byte.min(self.text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() as u64 + 1;
        let place = Place { file: Some(self.file.clone()), byte: None, spot: Spot::Line { line, column } };
        self.errors.push(Diagnostic::new(code, message).at(place));
        let last = self.errors.len() - 1;
        &mut self.errors[last]
    }

    /// Says that a name is not known, with those that are and the nearest of them.
    pub(super) fn unknown(&mut self, code: Code, byte: usize, message: String, found: &str, known: &[&str]) {
        let error = self.say(code, byte, message);
        error.found = Some(found.to_owned());
        error.expected = (known.len() <= 16).then(|| format!("one of {}", known.join(", ")));
        error.hint = nearest(found, known.iter().copied()).map(|name| format!("did you mean {name:?}?"));
    }

    /// A text value of a key; anything else is an error.
    pub(super) fn text(&mut self, key: &str, value: &Value<'t>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(key, value, "a text in quotes");
        }
        text
    }

    pub(super) fn wrong_type(&mut self, key: &str, value: &Value<'t>, expected: &str) {
        let found = value.get_ref().type_str();
        let error = self.say(&files::MAP_BAD_VALUE, value.span().start, format!("{key} is a {found}"));
        error.expected = Some(expected.to_owned());
    }

    fn document(&mut self, table: &DeTable<'t>) -> Option<Kind> {
        let Some(value) = table.get("document") else {
            self.say(&files::MAP_MISSING_KEY, 0, "the map does not say which document it reads".to_owned()).expected =
                Some("document = \"order\", \"order_ack\", \"shipment\" or \"invoice\"".to_owned());
            return None;
        };
        let name = self.text("document", value)?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        if kind.is_none() {
            let known = Kind::ALL.map(Kind::name);
            self.unknown(&files::MAP_BAD_VALUE, value.span().start, "unknown document kind".to_owned(), &name, &known);
        }
        kind
    }

    fn format(&mut self, table: &DeTable<'t>) -> Option<Format> {
        if !table.contains_key("format") {
            self.say(&files::MAP_MISSING_KEY, 0, "the map does not say which format it reads".to_owned()).expected =
                Some("format = \"csv\", \"xml\" or \"json\"".to_owned());
            return None;
        }
        self.choice(table, "format", &[("csv", Format::Csv), ("xml", Format::Xml), ("json", Format::Json)])
    }

    /// One of several words; the first where the key is absent.
    fn choice<T: Copy>(&mut self, table: &DeTable<'t>, key: &str, words: &[(&str, T)]) -> Option<T> {
        let Some(value) = table.get(key) else { return Some(words[0].1) };
        let word = self.text(key, value)?;
        let found = words.iter().find(|(known, _)| *known == word).map(|(_, choice)| *choice);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
            self.unknown(&files::MAP_BAD_VALUE, value.span().start, format!("unknown {key}"), &word, &known);
        }
        found
    }

    fn refuse_unknown_keys(&mut self, table: &DeTable<'t>, format: Format) {
        let own = match format {
            Format::Csv => CSV,
            Format::Xml => XML,
            Format::Json => JSON,
        };
        let known: Vec<&str> = COMMON.iter().chain(own).copied().collect();
        self.refuse_keys_but(table, &known, "the map");
    }

    pub(super) fn refuse_keys_but(&mut self, table: &DeTable<'t>, known: &[&str], what: &str) {
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let message = format!("unknown key {:?} in {what}", key.get_ref());
                self.unknown(&files::MAP_UNKNOWN_KEY, key.span().start, message, key.get_ref(), known);
            }
        }
    }

    /// A single character, or what stands for it when the key is absent.
    fn character(&mut self, table: &DeTable<'t>, key: &str) -> Option<char> {
        let value = table.get(key)?;
        let text = self.text(key, value)?;
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_ascii() && !letter.is_ascii_alphanumeric() => Some(letter),
            _ => {
                let error = self.say(&files::MAP_BAD_VALUE, value.span().start, format!("{key} is not one character"));
                error.expected = Some("one ASCII character that is no letter or digit".to_owned());
                error.found = Some(text);
                None
            }
        }
    }

    fn numbers(&mut self, table: &DeTable<'t>) -> Numbers {
        let decimal_mark = self.character(table, "decimal_mark").unwrap_or('.');
        let thousands = self.character(table, "thousands");
        if let (true, Some(value)) = (thousands == Some(decimal_mark), table.get("thousands")) {
            let message = format!("thousands and decimal_mark are both {decimal_mark:?}");
            self.say(&files::MAP_BAD_VALUE, value.span().start, message).expected =
                Some("two different characters".to_owned());
        }
        Numbers { decimal_mark, thousands }
    }

    fn null(&mut self, table: &DeTable<'t>) -> Vec<String> {
        table.get("null").map(|value| self.texts("null", value)).unwrap_or_default()
    }

    /// One text or a list of texts.
    pub(super) fn texts(&mut self, key: &str, value: &Value<'t>) -> Vec<String> {
        match value.get_ref() {
            DeValue::String(text) => vec![text.to_string()],
            DeValue::Array(values) => values.iter().filter_map(|value| self.text(key, value)).collect(),
            _ => {
                self.wrong_type(key, value, "a text or a list of texts");
                Vec::new()
            }
        }
    }

    pub(super) fn flag(&mut self, table: &DeTable<'t>, key: &str, absent: bool) -> bool {
        let Some(value) = table.get(key) else { return absent };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(key, value, "true or false");
            absent
        })
    }

    pub(super) fn count(&mut self, table: &DeTable<'t>, key: &str) -> Option<usize> {
        let value = table.get(key)?;
        let count = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        if count.is_none() {
            self.wrong_type(key, value, "a whole number from 0");
        }
        count
    }

    fn csv(&mut self, table: &DeTable<'t>, fields: &[MappedField]) -> Csv {
        let byte =
            |letter: Option<char>, absent: u8| letter.and_then(|letter| u8::try_from(letter).ok()).unwrap_or(absent);
        let (delimiter, quote) =
            (byte(self.character(table, "delimiter"), b','), byte(self.character(table, "quote"), b'"'));
        if let (true, Some(value)) = (delimiter == quote, table.get("delimiter").or(table.get("quote"))) {
            self.say(&files::MAP_BAD_VALUE, value.span().start, "delimiter and quote are the same".to_owned())
                .expected = Some("two different characters".to_owned());
        }
        let group_by = match table.get("group_by") {
            Some(value) => self.text("group_by", value).unwrap_or_default(),
            // The document's own number tells documents apart as well as any other column.
            None => fields
                .iter()
                .find(|mapped| mapped.field.scope == 0 && mapped.field.need == Need::Required)
                .map_or(String::new(), |mapped| mapped.label().to_owned()),
        };
        let blank_cells = [("empty", BlankCells::Empty), ("continue", BlankCells::Continue)];
        let unknown_columns = [("ignore", UnknownColumns::Ignore), ("error", UnknownColumns::Error)];
        let encodings = [("utf-8", Encoding::Utf8), ("latin-1", Encoding::Latin1)];
        Csv {
            delimiter,
            quote,
            encoding: self.choice(table, "encoding", &encodings).unwrap_or(Encoding::Utf8),
            skip_rows: self.count(table, "skip_rows").unwrap_or(0),
            group_by,
            trim: self.flag(table, "trim", true),
            blank_cells: self.choice(table, "blank_cells", &blank_cells).unwrap_or(BlankCells::Empty),
            unknown_columns: self.choice(table, "unknown_columns", &unknown_columns).unwrap_or(UnknownColumns::Ignore),
            spreadsheet_safe: self.flag(table, "spreadsheet_safe", false),
        }
    }

    fn xml(&mut self, table: &DeTable<'t>, repeats: Vec<Option<TreePath>>) -> Xml {
        let root = match table.get("root") {
            Some(value) => self.text("root", value).unwrap_or_default(),
            None => {
                self.say(&files::MAP_MISSING_KEY, 0, "an XML map must name the root element".to_owned()).expected =
                    Some("root = \"Invoice\"".to_owned());
                String::new()
            }
        };
        let namespace = table.get("namespace").and_then(|value| self.text("namespace", value));
        Xml { root, namespace, repeats }
    }

    fn repeats(&mut self, table: &DeTable<'t>, kind: Kind, format: Format) -> Vec<Option<TreePath>> {
        let scopes = fields::scopes(kind);
        let mut repeats: Vec<Option<TreePath>> = vec![None; scopes.len()];
        let Some(value) = table.get("repeat").filter(|_| format != Format::Csv) else { return repeats };
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type("repeat", value, "a table: [repeat]");
            return repeats;
        };
        let known: Vec<&str> = scopes.iter().map(|scope| scope.name).collect();
        let entries = flat(entries, &|name| known.contains(&name));
        for (name, byte, _) in &entries {
            if !known.contains(&name.as_str()) {
                let message = format!("unknown level {name:?} in [repeat]");
                self.unknown(&files::MAP_UNKNOWN_KEY, *byte, message, name, &known);
            }
        }
        // Outermost first, so that a path finds the repeating element around it.
        for (index, scope) in scopes.iter().enumerate() {
            let Some((_, _, value)) = entries.iter().find(|(name, _, _)| name == scope.name) else { continue };
            if let Some(text) = self.text(scope.name, value) {
                repeats[index] = self.path(&text, value.span().start, format, &repeats);
            }
        }
        repeats
    }

    /// Resolves a path against the deepest repeating element that it starts with.
    pub(super) fn path(
        &mut self,
        text: &str,
        byte: usize,
        format: Format,
        repeats: &[Option<TreePath>],
    ) -> Option<TreePath> {
        let separator = if format == Format::Json { '.' } else { '/' };
        let steps: Vec<String> = text.split(separator).map(|step| step.trim().to_owned()).collect();
        let attribute_inside = steps.iter().rev().skip(1).any(|step| step.starts_with('@'));
        let is_malformed = match format {
            Format::Json => steps.iter().any(String::is_empty),
            _ => !steps.iter().all(|step| is_xml_name(step.strip_prefix('@').unwrap_or(step))) || attribute_inside,
        };
        if is_malformed {
            let error = self.say(&files::MAP_BAD_PATH, byte, "this is not a path".to_owned());
            error.expected = Some(match format {
                Format::Json => "names joined by points, such as lines.quantity".to_owned(),
                _ => "names joined by /, perhaps an attribute last, such as Lines/Line/@qty".to_owned(),
            });
            error.found = Some(text.to_owned());
            return None;
        }
        let starts = |repeat: &TreePath| {
            let prefix: Vec<&str> = repeat.text.split(separator).map(str::trim).collect();
            (steps.len() >= prefix.len() && steps.iter().zip(&prefix).all(|(step, other)| step == other))
                .then_some(prefix.len())
        };
        let around = repeats.iter().enumerate().filter_map(|(scope, repeat)| Some((starts(repeat.as_ref()?)?, scope)));
        let around = around.max();
        if let (None, Some(Some(document))) = (around, repeats.first()) {
            let error = self.say(&files::MAP_BAD_PATH, byte, format!("{text:?} is outside of the repeating document"));
            error.expected = Some(format!("a path that begins with {:?}", document.text));
            return None;
        }
        let (used, within) = around.unwrap_or((0, 0));
        Some(TreePath { text: text.to_owned(), within, steps: steps[used..].to_vec() })
    }

    fn fields(
        &mut self,
        table: &DeTable<'t>,
        kind: Kind,
        format: Format,
        repeats: &[Option<TreePath>],
    ) -> Vec<MappedField> {
        let Some(value) = table.get("fields") else {
            self.say(&files::MAP_MISSING_KEY, 0, "the map has no [fields]".to_owned());
            return Vec::new();
        };
        let Some(entries) = value.get_ref().as_table() else {
            self.wrong_type("fields", value, "a table: [fields]");
            return Vec::new();
        };
        let known = fields::fields(kind);
        let names: Vec<&str> = known.iter().map(|field| field.name.as_str()).collect();
        let mut mapped = Vec::new();
        let mut places = Vec::new();
        for (name, byte, value) in flat(entries, &|name| names.contains(&name)) {
            let Some(found) = known.iter().find(|field| field.name == name) else {
                let message = format!("{kind} has no field {name:?}");
                self.unknown(&files::MAP_UNKNOWN_FIELD, byte, message, &name, &names);
                continue;
            };
            let before = mapped.len();
            field::read(self, found, &known, value, format, repeats, &mut mapped);
            places.resize(places.len() + mapped.len() - before, byte);
        }
        self.refuse_double_sources(&mapped, &places);
        mapped
    }
}

/// A local name of XML; prefixes are not written in maps, because a sender may choose others any day.
fn is_xml_name(name: &str) -> bool {
    let starts_well = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    starts_well && name.chars().all(|letter| letter.is_alphanumeric() || "_-.".contains(letter))
}

/// The entries of a table in the order of the file. `carton.sscc = …` without quotes is a table in TOML;
/// here it means the same as with quotes.
fn flat<'a, 't>(table: &'a DeTable<'t>, is_name: &dyn Fn(&str) -> bool) -> Vec<(String, usize, &'a Value<'t>)> {
    let mut entries = Vec::new();
    flatten("", table, is_name, &mut entries);
    entries.sort_by_key(|(_, byte, _)| *byte);
    entries
}

fn flatten<'a, 't>(
    prefix: &str,
    table: &'a DeTable<'t>,
    is_name: &dyn Fn(&str) -> bool,
    entries: &mut Vec<(String, usize, &'a Value<'t>)>,
) {
    for (key, value) in table.iter() {
        let name = format!("{prefix}{}", key.get_ref());
        match value.get_ref().as_table() {
            Some(inner)
                if !is_name(&name) && !inner.keys().any(|key| field::KEYS.contains(&key.get_ref().as_ref())) =>
            {
                flatten(&format!("{name}."), inner, is_name, entries);
            }
            _ => entries.push((name, key.span().start, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPMENT: &str = r#"
document = "shipment"
format = "csv"
[fields]
shipment_id = "No"
po_number = "PO"
"carton.sscc" = "SSCC"
"carton.item.gtin" = "UPC"
"carton.item.quantity" = { column = "Qty", unit = "EA" }
"#;

    fn faults(text: &str) -> String {
        match Map::read(Path::new("m.toml"), text) {
            Ok(_) => String::new(),
            Err(faults) => faults.iter().map(|fault| format!("{fault}\n")).collect(),
        }
    }

    /// The shipment's map with one line replaced must fail with this code, line and words.
    fn check(line: &str, instead: &str, expect: &[&str]) {
        assert!(SHIPMENT.contains(line), "{line}");
        let said = faults(&SHIPMENT.replace(line, instead));
        for words in expect {
            assert!(said.contains(words), "expected {words:?} in:\n{said}");
        }
    }

    #[test]
    fn a_right_map_is_read_and_groups_by_the_documents_number() {
        let map = Map::read(Path::new("m.toml"), SHIPMENT).unwrap();
        assert_eq!(map.fields.len(), 6, "the unit is a field of its own");
        assert!(matches!(map.layout, Layout::Csv(csv) if csv.group_by == "No" && csv.delimiter == b','));
    }

    #[test]
    fn every_error_names_its_line_and_the_nearest_name() {
        let id = r#"shipment_id = "No""#;
        check(r#"format = "csv""#, r#"format = "cvs""#, &["MAP-E004", "line 3, column 10", "did you mean \"csv\"?"]);
        check(r#""shipment""#, r#""shipmet""#, &["MAP-E004", "line 2", "did you mean \"shipment\"?"]);
        check(r#"document = "shipment""#, "", &["MAP-E009", "which document"]);
        check(r#"format = "csv""#, "", &["MAP-E009", "which format"]);
        check("[fields]", "delimeter = \";\"\n[fields]", &["MAP-E002", "line 4", "did you mean \"delimiter\"?"]);
        check("[fields]", "root = \"X\"\n[fields]", &["MAP-E002", "unknown key \"root\""]);
        check("[fields]", "skip_rows = \"2\"\n[fields]", &["MAP-E004", "expected a whole number from 0"]);
        check("[fields]", "delimiter = \"||\"\n[fields]", &["MAP-E004", "one ASCII character"]);
        check("[fields]", "thousands = \".\"\n[fields]", &["MAP-E004", "both '.'"]);
        check("carton.sscc", "carton.ssc", &["MAP-E003", "line 7, column 1", "did you mean \"carton.sscc\"?"]);
        check(r#""PO""#, r#""No""#, &["MAP-E007", "\"No\" is mapped to shipment_id and to po_number", "line 6"]);
        check(r#""PO""#, r#""no ""#, &["MAP-E007"]);
        check(
            "[fields]",
            "[fields]\n\"carton.item.unit\" = \"UOM\"",
            &["MAP-E007", "carton.item.unit is mapped twice"],
        );
        check(r#"po_number = "PO""#, "", &["MAP-E008", "must have the field po_number"]);
        check(r#""carton.item.gtin" = "UPC""#, "", &["MAP-E008", "at least one of carton.item.line"]);
        check(r#", unit = "EA""#, "", &["MAP-E010", "unit = \"EA\" beside column \"Qty\""]);
        check(r#"unit = "EA""#, r#"unti = "EA""#, &["MAP-E002", "did you mean \"unit\"?"]);
        check(id, r#"shipment_id = { format = "%Y" }"#, &["MAP-E002", "either column or value"]);
        check(r#""carton.sscc""#, r#""pallet.sscc""#, &["MAP-E008", "a pallet holds cartons"]);
        check(id, "shipment_id = \"No", &["MAP-E001", "line 5"]);
    }

    #[test]
    fn date_formats_and_zones_are_tried_when_the_map_is_read() {
        let with = |entry: &str| format!("shipment_id = \"No\"\nshipped_at = {{ column = \"Date\", {entry} }}");
        let id = r#"shipment_id = "No""#;
        for wrong in ["MM/DD/YYYY", "%m/%d", "%Q", "%d %d %Y"] {
            check(id, &with(&format!("format = {wrong:?}")), &["MAP-E005", "line 6", wrong]);
        }
        check(id, &with(r#"format = "%Y-%m-%d %H:%M %z""#), &["MAP-E005", "no zone"]);
        check(id, &with(r#"zone = "America/Chicgo""#), &["MAP-E006", "did you mean \"America/Chicago\"?"]);
        check(id, &with(r#"to_zone = "America/Chicago""#), &["MAP-E009", "to_zone stands without zone"]);
        let right = SHIPMENT.replace(id, &with(r#"format = "%m/%d/%y %I:%M %p", zone = "America/Chicago""#));
        assert_eq!(faults(&right), "");
    }

    #[test]
    fn several_errors_are_said_at_once() {
        let said = faults("document = \"order\"\nformat = \"csv\"\nqoute = \"'\"\n[fields]\npo = \"PO\"\n");
        assert!(said.matches("error MAP-").count() >= 5, "{said}");
    }

    #[test]
    fn quotes_around_dotted_fields_may_be_left_out() {
        assert_eq!(faults(&SHIPMENT.replace("\"carton.sscc\"", "carton.sscc")), "");
        let ack = "document = \"order_ack\"\nformat = \"json\"\n[repeat]\n\"line.outcome\" = \"l.r\"\nline = \"l\"\n[fields]\n\
                   po_number = \"po\"\nline.line = \"l.no\"\nline.status = \"l.r.s\"\n\
                   line.quantity = { path = \"l.r.q\", unit = \"EA\" }\n";
        assert_eq!(faults(ack), "");
        let map = Map::read(Path::new("m.toml"), ack).unwrap();
        assert_eq!(map.repeat(2).unwrap(), &TreePath { text: "l.r".into(), within: 1, steps: vec!["r".into()] });
    }

    #[test]
    fn xml_maps_need_a_root_and_right_paths() {
        let map = |root: &str, number: &str| {
            format!(
                "document = \"invoice\"\nformat = \"xml\"\n{root}\n[repeat]\ndocument = \"I\"\nlnie = \"I/L\"\n[fields]\n\
                 invoice_number = \"{number}\"\n"
            )
        };
        let said = faults(&map("", "I//No"));
        for words in ["name the root element", "MAP-E011", "unknown level \"lnie\"", "did you mean \"line\"?"] {
            assert!(said.contains(words), "expected {words:?} in:\n{said}");
        }
        assert!(faults(&map("root = \"A\"", "I/@no/x")).contains("MAP-E011"));
        assert!(faults(&map("root = \"A\"", "x:No")).contains("MAP-E011"));
        assert!(faults(&map("root = \"A\"", "Batch/No")).contains("outside of the repeating document"));
    }

    #[test]
    fn a_translation_to_an_unknown_word_is_an_error_of_the_map() {
        let ack = "document = \"order_ack\"\nformat = \"csv\"\n[fields]\npo_number = \"PO\"\n\"line.line\" = \"L\"\n\
                   \"line.status\" = { column = \"S\", values = { BO = \"back_ordered\" } }\n\
                   \"line.quantity\" = { column = \"Q\", unit = \"EA\" }\n";
        let said = faults(ack);
        assert!(said.contains("MAP-E004") && said.contains("did you mean \"backordered\"?"), "{said}");
    }

    #[test]
    fn the_example_maps_are_right() {
        for (file, text) in [
            ("order.map.toml", include_str!("../../../partners/erp/order.map.toml")),
            ("order_ack.map.toml", include_str!("../../../partners/erp/order_ack.map.toml")),
            ("shipment.map.toml", include_str!("../../../partners/erp/shipment.map.toml")),
            ("invoice.map.toml", include_str!("../../../partners/erp/invoice.map.toml")),
        ] {
            if let Err(faults) = Map::read(Path::new(file), text) {
                panic!("{file}: {}", faults[0]);
            }
        }
    }
}
