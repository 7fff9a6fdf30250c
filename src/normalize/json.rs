//! Reads JSON: with a map, or the canonical documents themselves.
//!
//! ```text
//! { "orders": [ { "po": "45000", "rows": [ { "qty": 24 } ] } ] }     [repeat] document = "orders"
//!                                                                             line = "orders.rows"
//! ```
//!
//! serde_json says whether the text is JSON; the scanner after it keeps what serde_json's values do not: the
//! digits of a number as they are written, and where everything stands.

use std::ops::Range;

use rust_decimal::Decimal;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::record::Position;
use super::text::not_utf8;
use super::tree::{self, Lines, Tree};
use crate::config::map::Map;
use crate::config::nearest::nearest;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::files;
use crate::document::{Document, Kind};

const MAX_DEPTH: usize = 64;

/// The documents of a JSON file read with a map: one object, or a list of them.
pub fn documents(bytes: &[u8], file: &str, map: &Map) -> (Vec<Document>, Vec<Diagnostic>) {
    match roots(bytes, file, Values::One) {
        Ok((_, roots)) => {
            let mut diagnostics = Vec::new();
            let trees: Vec<Tree> = roots.into_iter().map(|root| root.tree).collect();
            let documents = tree::documents(&trees, file, map, &mut diagnostics);
            (documents, diagnostics)
        }
        Err(diagnostic) => (Vec::new(), vec![*diagnostic]),
    }
}

/// The documents of a file of canonical JSON: one document, several one after the other, or a list of them.
pub fn canonical(bytes: &[u8], file: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    let (text, roots) = match roots(bytes, file, Values::Several) {
        Ok(read) => read,
        Err(diagnostic) => return (Vec::new(), vec![*diagnostic]),
    };
    let (mut documents, mut diagnostics) = (Vec::new(), Vec::new());
    for root in &roots {
        match canonical_document(text, root) {
            Ok(document) => documents.push(document),
            Err(fault) => {
                let (position, fault) = *fault;
                diagnostics.push(fault.at(position.place(file)));
                let message = format!("{} is not taken over because of an error in it", name_of(&root.tree));
                diagnostics.push(Diagnostic::new(&files::DOCUMENT_LOST, message).at(root.tree.position.place(file)));
            }
        }
    }
    if roots.is_empty() {
        diagnostics.push(
            Diagnostic::new(&files::NOTHING_FOUND, "the list holds no document").at(Position::default().place(file)),
        );
    }
    (documents, diagnostics)
}

/// One document of the file: its bytes and its tree.
struct Root {
    range: Range<usize>,
    tree: Tree,
}

type Fault = Box<(Position, Diagnostic)>;

fn canonical_document(text: &str, root: &Root) -> Result<Document, Fault> {
    let kind = root.tree.parts.iter().find(|part| part.name == "kind");
    let known = Kind::ALL.map(Kind::name);
    let parsed = kind.and_then(|kind| Kind::ALL.into_iter().find(|known| known.name() == kind.text));
    let Some(parsed) = parsed else {
        let found = kind.map_or("", |kind| kind.text.as_str());
        let message = if kind.is_some() { "kind is no kind of document" } else { "the document has no kind" };
        let mut fault = Diagnostic::new(&files::JSON_NOT_CANONICAL, message)
            .expected(format!("\"kind\": one of {}", known.join(", ")));
        if kind.is_some() {
            fault = fault.found(found);
        }
        if let Some(name) = nearest(found, known) {
            fault = fault.hint(format!("did you mean {name:?}?"));
        }
        return Err(Box::new((kind.map_or(root.tree.position, |kind| kind.position), fault)));
    };
    let slice = &text[root.range.clone()];
    match parsed {
        Kind::Order => typed(slice, root).map(Document::Order),
        Kind::OrderChange => typed(slice, root).map(Document::OrderChange),
        Kind::OrderAck => typed(slice, root).map(Document::OrderAck),
        Kind::Shipment => typed(slice, root).map(Document::Shipment),
        Kind::Invoice => typed(slice, root).map(Document::Invoice),
        Kind::Receipt => typed(slice, root).map(Document::Receipt),
        Kind::ApplicationAdvice => typed(slice, root).map(Document::ApplicationAdvice),
        Kind::TextMessage => typed(slice, root).map(Document::TextMessage),
        Kind::Remittance => typed(slice, root).map(Document::Remittance),
        Kind::CreditDebit => typed(slice, root).map(Document::CreditDebit),
        Kind::Return => typed(slice, root).map(Document::Return),
        Kind::Inventory => typed(slice, root).map(Document::Inventory),
        Kind::Settlement => typed(slice, root).map(Document::Settlement),
    }
}

/// Reads one kind directly, because serde knows no places behind the tag of an enum.
fn typed<T: DeserializeOwned>(slice: &str, root: &Root) -> Result<T, Fault> {
    serde_json::from_str(slice).map_err(|error| {
        let (line, column) = (error.line() as u64, error.column() as u64);
        let start = root.tree.position;
        let position = match line {
            0 | 1 => Position { line: start.line, column: start.column + column.max(1) - 1 },
            line => Position { line: start.line + line - 1, column },
        };
        let path = path_at(&root.tree, position, String::new());
        let message = match path.is_empty() {
            true => without_place(&error),
            false => format!("{path}: {}", without_place(&error)),
        };
        Box::new((position, Diagnostic::new(&files::JSON_NOT_CANONICAL, message)))
    })
}

/// serde_json's sentence without the place, which the diagnostic says itself.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").map_or(text.clone(), |end| text[..end].to_owned())
}

/// The path of the last node that begins before a position and holds it.
fn path_at(tree: &Tree, position: Position, path: String) -> String {
    let begins_before = |part: &&Tree| (part.position.line, part.position.column) <= (position.line, position.column);
    let Some(part) = tree.parts.iter().rev().find(begins_before) else { return path };
    let same: Vec<&Tree> = tree.parts.iter().filter(|other| other.name == part.name).collect();
    let index = same.iter().position(|other| std::ptr::eq(*other, part)).unwrap_or(0);
    let dot = if path.is_empty() { "" } else { "." };
    let list = if same.len() > 1 { format!("[{index}]") } else { String::new() };
    path_at(part, position, format!("{path}{dot}{}{list}", part.name))
}

/// The members that are the number of a document, its own before those that it names.
const NUMBERS: [&str; 10] = [
    "trace_number",
    "memo_number",
    "receipt_number",
    "advice_number",
    "report_number",
    "return_number",
    "settlement_id",
    "invoice_number",
    "shipment_id",
    "po_number",
];

/// `order "4500012345"`, or where it begins when it has no number.
fn name_of(tree: &Tree) -> String {
    let part = |name: &str| tree.parts.iter().find(|part| part.name == name).map(|part| part.text.as_str());
    let number = NUMBERS.into_iter().find_map(part);
    match (part("kind"), number) {
        (Some(kind), Some(number)) => format!("{kind} {number:?}"),
        (None, Some(number)) => format!("document {number:?}"),
        (_, None) => "the document that begins here".to_owned(),
    }
}

/// How many values the text may hold one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    One,
    /// As `edigate show --as canonical` writes a file with several documents.
    Several,
}

fn check_syntax(text: &str, values: Values) -> Result<(), serde_json::Error> {
    if values == Values::Several && text.trim_start().starts_with('{') {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        return stream.try_for_each(|value| value.map(|_| ()));
    }
    serde_json::from_str::<IgnoredAny>(text).map(|_| ())
}

/// The text of the bytes and the documents in it.
fn roots<'b>(bytes: &'b [u8], file: &str, values: Values) -> Result<(&'b str, Vec<Root>), Box<Diagnostic>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| Box::new(not_utf8(bytes, error.valid_up_to(), file)))?;
    if let Err(error) = check_syntax(text, values) {
        let position = Position { line: error.line() as u64, column: error.column() as u64 };
        let message = format!("the file is not JSON: {}", without_place(&error));
        return Err(Box::new(Diagnostic::new(&files::JSON_SYNTAX, message).at(position.place(file))));
    }
    let mut scanner = Scanner { text, at: 0, lines: Lines::new(text) };
    scanner.roots().map(|roots| (text, roots)).map_err(|fault| {
        let (position, diagnostic) = *fault;
        Box::new(diagnostic.at(position.place(file)))
    })
}

/// Walks over text that is known to be JSON.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
    lines: Lines<'t>,
}

impl<'t> Scanner<'t> {
    fn roots(&mut self) -> Result<Vec<Root>, Fault> {
        let mut roots = Vec::new();
        let is_list = self.peek() == b'[';
        self.at += usize::from(is_list);
        while !matches!(self.peek(), b']' | 0) {
            let start = self.at;
            let mut trees = Vec::new();
            self.value("", 1, &mut trees)?;
            roots.extend(trees.into_iter().map(|tree| Root { range: start..self.at, tree }));
            self.skip(b',');
        }
        Ok(roots)
    }

    /// The next byte that is no blank; 0 at the end.
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or(0)
    }

    fn skip(&mut self, byte: u8) {
        if self.peek() == byte {
            self.at += 1;
        }
    }

    /// Adds a value under its name; the elements of a list each under the name of the list.
    fn value(&mut self, name: &str, depth: usize, into: &mut Vec<Tree>) -> Result<(), Fault> {
        let next = self.peek();
        let position = self.lines.position(self.at);
        if depth > MAX_DEPTH {
            let fault = Diagnostic::new(&files::JSON_LIMIT, format!("{name} is nested too deeply"));
            return Err(Box::new((position, fault.expected(format!("at most {MAX_DEPTH} levels")))));
        }
        let mut tree = Tree { name: name.to_owned(), position, text: String::new(), parts: Vec::new() };
        match next {
            b'[' => {
                self.at += 1;
                while !matches!(self.peek(), b']' | 0) {
                    self.value(name, depth + 1, into)?;
                    self.skip(b',');
                }
                self.at += 1;
                return Ok(());
            }
            b'{' => {
                self.at += 1;
                while self.peek() == b'"' {
                    let key = self.string(position)?;
                    self.skip(b':');
                    self.value(&key, depth + 1, &mut tree.parts)?;
                    self.skip(b',');
                }
                self.at += 1;
            }
            b'"' => tree.text = self.string(position)?,
            _ => {
                let rest = &self.text[self.at..];
                let is_end = |letter: char| letter.is_whitespace() || ",]}".contains(letter);
                let end = rest.find(is_end).unwrap_or(rest.len());
                tree.text = literal(&rest[..end]);
                self.at += end.max(1);
            }
        }
        into.push(tree);
        Ok(())
    }

    fn string(&mut self, position: Position) -> Result<String, Fault> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at).filter(|byte| **byte != b'"') {
            self.at += if *byte == b'\\' { 2 } else { 1 };
        }
        self.at = (self.at + 1).min(self.text.len());
        let quoted = &self.text[start..self.at];
        serde_json::from_str(quoted).map_err(|error| {
            let message = format!("a text cannot be read: {}", without_place(&error));
            Box::new((position, Diagnostic::new(&files::JSON_SYNTAX, message).found(quoted)))
        })
    }
}

/// The text of `true`, `false`, `null` or a number; an exponent is resolved where a decimal can hold it.
fn literal(text: &str) -> String {
    match text {
        "null" => String::new(),
        number
            if number.contains(['e', 'E'])
                && number.starts_with(|first: char| first == '-' || first.is_ascii_digit()) =>
        {
            Decimal::from_scientific(number).map_or(number.to_owned(), |decimal| decimal.to_string())
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const MAP: &str = r#"
document = "order_ack"
format = "json"
[repeat]
line = "lines"
"line.outcome" = "lines.results"
[fields]
po_number = "po"
"line.line" = "lines.no"
"line.price" = "lines.price"
"line.status" = { path = "lines.results.status", values = { OK = "accepted", BO = "backordered" } }
"line.quantity" = { path = "lines.results.qty", unit = "EA" }
"line.ships_on" = "lines.results.ships"
"#;

    fn read(json: &str, more: &str) -> (Vec<Document>, String) {
        let map = Map::read(Path::new("m.toml"), &MAP.replace("[repeat]", &format!("[repeat]\n{more}"))).unwrap();
        let (documents, diagnostics) = documents(json.as_bytes(), "a.json", &map);
        (documents, diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect())
    }

    fn check(json: &str, expect: &[&str]) {
        let (documents, said) = read(json, "");
        assert!(documents.is_empty(), "{json}");
        for words in expect {
            assert!(said.contains(words), "expected {words:?} in:\n{said}");
        }
    }

    const GOOD: &str = r#"{ "po": "45000", "more": null, "lines": [
  { "no": 1, "price": 3.610000000000000000000001, "results": [
    { "status": "OK", "qty": 24 }, { "status": "bo", "qty": "6", "ships": "2026-03-20" } ] } ] }"#;

    #[test]
    fn several_results_of_a_line_and_exact_numbers_are_read() {
        let (documents, said) = read(GOOD, "");
        assert_eq!(said, "");
        let Document::OrderAck(ack) = &documents[0] else { panic!() };
        assert_eq!(ack.lines[0].outcomes.len(), 2);
        assert_eq!(ack.lines[0].line.as_deref(), Some("1"));
        assert_eq!(ack.lines[0].price.as_ref().unwrap().amount.to_string(), "3.610000000000000000000001");
    }

    #[test]
    fn a_number_with_an_exponent_is_a_number() {
        let (documents, _) = read(&GOOD.replace("24", "2.4E+1"), "");
        let Document::OrderAck(ack) = &documents[0] else { panic!() };
        assert_eq!(ack.lines[0].outcomes[0].quantity.value, 24.into());
        check(&GOOD.replace("24", "1e99"), &["MAP-E014", "found \"1e99\""]);
    }

    #[test]
    fn one_object_a_list_and_a_list_within_an_object_are_documents() {
        assert_eq!(read(&format!("[{GOOD},{GOOD}]"), "").0.len(), 2);
        let map = MAP.replace("\"lines", "\"acks.lines").replace("\"po\"", "\"acks.po\"");
        let map = Map::read(Path::new("m"), &map.replace("[repeat]", "[repeat]\ndocument = \"acks\"")).unwrap();
        let file = format!("{{\"acks\": [{GOOD}, {GOOD}]}}");
        assert_eq!(documents(file.as_bytes(), "a.json", &map).0.len(), 2);
        assert!(documents(b"{\"acks\": []}", "a", &map).1[0].to_string().contains("MAP-E020"));
        check("[]", &["MAP-E020"]);
    }

    #[test]
    fn a_bad_document_leaves_the_others_of_its_file() {
        let (documents, said) = read(&format!("[{},{GOOD}]", GOOD.replace("45000", "").replace("24", "true")), "");
        assert_eq!(documents.len(), 1);
        for words in
            ["path \"po\" (po_number) is mandatory and blank", "line 3, column 30", "found \"true\"", "2 errors"]
        {
            assert!(said.contains(words), "expected {words:?} in:\n{said}");
        }
    }

    #[test]
    fn faults_name_path_line_and_column() {
        check("{\"po\": \"1\",}", &["JSN-E001", "line 1, column 12"]);
        check("{} {}", &["JSN-E001"]);
        check("", &["JSN-E001"]);
        check(&"[".repeat(100), &["JSN-E001"]);
        check(&format!("{}{}", "[".repeat(100), "]".repeat(100)), &["JSN-E002", "at most 64"]);
        check(&GOOD.replace("\"45000\"", "{\"no\": 1}"), &["MAP-E022", "path \"po\" has parts"]);
        check(&GOOD.replace("\"45000\"", "[\"1\", \"2\"]"), &["MAP-E019", "stands 2 times"]);
        check(
            &GOOD.replace("OK", "OKAY"),
            &["MAP-E017", "expected one of OK, BO, found \"OKAY\"", "line 3, column 17"],
        );
        check(&GOOD.replace("45000", "\\ud800"), &["JSN-E001"]);
    }

    fn check_canonical(json: &str, expect: &[&str]) {
        let (documents, diagnostics) = canonical(json.as_bytes(), "c.json");
        let said: String = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
        assert_eq!(documents.is_empty(), !expect.is_empty(), "{said}");
        for words in expect {
            assert!(said.contains(words), "expected {words:?} in:\n{said}");
        }
    }

    #[test]
    fn canonical_json_is_read_or_says_where_it_is_not() {
        let good = "{ \"kind\": \"order\", \"po_number\": \"45000\",\n  \"ordered_on\": \"2026-03-02\", \"lines\": [\n\
                    { \"line\": \"1\", \"item\": { \"buyer\": \"7\" }, \"quantity\": { \"value\": \"24\", \"unit\": \"EA\" } } ] }";
        check_canonical(good, &[]);
        check_canonical(&format!("[{good}]"), &[]);
        check_canonical(&format!("{good}\n{good}\n"), &[]);
        check_canonical("[] []", &["JSN-E001"]);
        check_canonical(
            &good.replace("\"order\"", "\"ordr\""),
            &["JSN-E003", "line 1, column 11", "did you mean \"order\""],
        );
        check_canonical("{}", &["the document has no kind", "document that begins here"]);
        check_canonical("[]", &["MAP-E020"]);
        check_canonical("nope", &["JSN-E001"]);
        let bad = good.replace("\"24\"", "\"x\"");
        check_canonical(&bad, &["JSN-E003", "lines.quantity.value", "line 3", "order \"45000\" is not taken over"]);
        check_canonical(&format!("[\n{bad}]"), &["line 4"]);
        check_canonical(&good.replace("2026-03-02", "2026-02-30"), &["ordered_on", "line 2"]);
        check_canonical(&good.replace("\"po_number\"", "\"po\""), &["missing field `po_number`"]);
    }

    #[test]
    fn whatever_the_bytes_are_reading_ends() {
        use proptest::prelude::*;
        let map = Map::read(Path::new("m.toml"), MAP).unwrap();
        proptest!(ProptestConfig::with_cases(128), |(text in "[\\[\\]{}\",:0-9a-c\\\\ \n]{0,60}")| {
            documents(text.as_bytes(), "a.json", &map);
            canonical(text.as_bytes(), "a.json");
        });
    }
}
