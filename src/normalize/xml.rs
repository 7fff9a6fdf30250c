//! Reads XML with a map. Elements are known by their local name; a DTD is refused, nothing is expanded.
//!
//! ```text
//! <Invoice><Header><InvoiceNo>INV-1</InvoiceNo></Header>      invoice_number = "Header/InvoiceNo"
//!   <Lines><Line qty="24"/></Lines></Invoice>                 "line.quantity" = "Lines/Line/@qty"
//! ```
//!
//! Depth, attributes and size are bounded, so that a file made to exhaust memory stops itself only.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::record::Position;
use super::text::not_utf8;
use super::tree::{self, Lines, Tree};
use crate::config::map::{Layout, Map, Xml};
use crate::diagnostic::codes::files;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::Document;

const MAX_DEPTH: usize = 64;
const MAX_ATTRIBUTES: usize = 128;
const MAX_BYTES: usize = 64 << 20;

/// The documents of an XML file, and what is wrong with the others.
pub fn documents(bytes: &[u8], file: &str, map: &Map) -> (Vec<Document>, Vec<Diagnostic>) {
    let Layout::Xml(xml) = &map.layout else { return (Vec::new(), Vec::new()) };
    match root(bytes, file, xml) {
        Ok(root) => {
            let mut diagnostics = Vec::new();
            let documents = tree::documents(&[root], file, map, &mut diagnostics);
            (documents, diagnostics)
        }
        Err(diagnostic) => (Vec::new(), vec![*diagnostic]),
    }
}

/// The file as a tree under the root element that the map names.
fn root(bytes: &[u8], file: &str, xml: &Xml) -> Result<Tree, Box<Diagnostic>> {
    let text = decoded(bytes, file)?;
    let mut reading = Reading { file, xml, lines: Lines::new(&text), open: Vec::new(), root: None };
    if text.len() > MAX_BYTES {
        let found = format!("{} bytes", text.len());
        return Err(reading.fault(
            &files::XML_LIMIT,
            "the file is too large",
            0,
            &format!("at most {MAX_BYTES} bytes"),
            &found,
        ));
    }
    let mut reader = Reader::from_str(&text);
    loop {
        let at = reader.buffer_position() as usize;
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => reading.take(event, at)?,
            Err(error) => {
                let at = reader.error_position() as usize;
                let message = format!("the file is not well formed: {error}");
                return Err(reading.fault(&files::XML_NOT_WELL_FORMED, &message, at, "", ""));
            }
        }
    }
    reading.finish(text.len())
}

/// The text of the bytes: UTF-8, or ISO 8859-1 where the declaration says so.
fn decoded<'b>(bytes: &'b [u8], file: &str) -> Result<Cow<'b, str>, Box<Diagnostic>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let declaration = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_ascii_lowercase();
    let declaration = declaration.split("?>").next().unwrap_or("").replace('\'', "\"");
    if declaration.starts_with("<?xml") && declaration.contains("encoding=\"iso-8859-1\"") {
        return Ok(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(error) => Err(Box::new(not_utf8(bytes, error.valid_up_to(), file))),
    }
}

struct Reading<'t> {
    file: &'t str,
    xml: &'t Xml,
    lines: Lines<'t>,
    /// The elements that are open, outermost first.
    open: Vec<Tree>,
    root: Option<Tree>,
}

impl Reading<'_> {
    fn take(&mut self, event: Event<'_>, at: usize) -> Result<(), Box<Diagnostic>> {
        match event {
            Event::Start(start) => self.start(&start, at),
            Event::Empty(start) => {
                self.start(&start, at)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => self.text(&text, at),
            Event::CData(text) => self.text(&text, at),
            Event::GeneralRef(reference) => {
                let resolved = self.resolved(&reference, at)?;
                self.text(&resolved, at)
            }
            Event::DocType(_) => {
                let message = "the file has a document type definition (<!DOCTYPE)";
                Err(self.fault(&files::XML_DTD, message, at, "no DOCTYPE", ""))
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), Box<Diagnostic>> {
        let name = start.local_name().into_inner().to_owned();
        if self.open.len() >= MAX_DEPTH {
            let message = format!("<{name}> is nested too deeply");
            return Err(self.fault(&files::XML_LIMIT, &message, at, &format!("at most {MAX_DEPTH} levels"), ""));
        }
        let position = self.lines.position(at);
        let parts = self.attributes(start, at, position)?;
        if self.open.is_empty() {
            self.check_root(start, &name, at)?;
        }
        self.open.push(Tree { name, position, text: String::new(), parts });
        Ok(())
    }

    fn attributes(
        &mut self,
        start: &BytesStart<'_>,
        at: usize,
        position: Position,
    ) -> Result<Vec<Tree>, Box<Diagnostic>> {
        let mut parts = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| {
                self.fault(
                    &files::XML_NOT_WELL_FORMED,
                    &format!("an attribute is not well formed: {error}"),
                    at,
                    "",
                    "",
                )
            })?;
            let key = attribute.key;
            if key.as_namespace_binding().is_some() {
                continue;
            }
            let text = quick_xml::escape::unescape(&attribute.value).map_err(|error| {
                let message = format!("attribute {} cannot be read: {error}", key.0);
                self.fault(
                    &files::XML_ENTITY,
                    &message,
                    at,
                    "&amp; &lt; &gt; &quot; &apos; or &#number;",
                    &attribute.value,
                )
            })?;
            parts.push(Tree {
                name: format!("@{}", key.local_name().into_inner()),
                position,
                text: text.into_owned(),
                parts: Vec::new(),
            });
            if parts.len() > MAX_ATTRIBUTES {
                let message = "an element has too many attributes";
                return Err(self.fault(&files::XML_LIMIT, message, at, &format!("at most {MAX_ATTRIBUTES}"), ""));
            }
        }
        Ok(parts)
    }

    fn check_root(&mut self, start: &BytesStart<'_>, name: &str, at: usize) -> Result<(), Box<Diagnostic>> {
        if self.root.is_some() {
            let message = format!("<{name}> follows the root element");
            return Err(self.fault(&files::XML_NOT_WELL_FORMED, &message, at, "one root element", name));
        }
        if name != self.xml.root {
            let message = format!("the root element is <{name}>, the map reads <{}>", self.xml.root);
            return Err(self.fault(&files::XML_WRONG_ROOT, &message, at, &self.xml.root, name));
        }
        let Some(expected) = &self.xml.namespace else { return Ok(()) };
        let declaring = match start.name().prefix() {
            Some(prefix) => format!("xmlns:{}", prefix.as_ref()),
            None => "xmlns".to_owned(),
        };
        let found = start.attributes().flatten().find(|attribute| attribute.key.0 == declaring);
        let found = found.map_or(String::new(), |attribute| attribute.value.to_string());
        if found == *expected {
            return Ok(());
        }
        let message = format!("the root element <{name}> is in another namespace");
        Err(self.fault(&files::XML_WRONG_NAMESPACE, &message, at, expected, &found))
    }

    fn end(&mut self) {
        // The reader checks that every end has its start.
        let Some(done) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.parts.push(done),
            None => self.root = Some(done),
        }
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), Box<Diagnostic>> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => {
                let message = "text stands outside of the root element";
                return Err(self.fault(&files::XML_NOT_WELL_FORMED, message, at, "an element", text.trim()));
            }
        }
        Ok(())
    }

    fn resolved(&mut self, reference: &BytesRef<'_>, at: usize) -> Result<String, Box<Diagnostic>> {
        if let Ok(Some(letter)) = reference.resolve_char_ref() {
            return Ok(letter.to_string());
        }
        let name: &str = reference;
        let known = match name {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            _ => {
                let message = format!("&{name}; is not an entity of XML");
                let expected = "&amp; &lt; &gt; &quot; &apos; or &#number;";
                return Err(self.fault(&files::XML_ENTITY, &message, at, expected, &format!("&{name};")));
            }
        };
        Ok(known.to_owned())
    }

    fn finish(mut self, end: usize) -> Result<Tree, Box<Diagnostic>> {
        if let Some(open) = self.open.last() {
            let message = format!("the file ends within <{}>, which opens on line {}", open.name, open.position.line);
            let expected = format!("</{}>", open.name);
            return Err(self.fault(&files::XML_NOT_WELL_FORMED, &message, end, &expected, ""));
        }
        match self.root.take() {
            Some(root) => Ok(root),
            None => {
                Err(self.fault(&files::XML_NOT_WELL_FORMED, "the file has no element", end, &self.xml.root.clone(), ""))
            }
        }
    }

    fn fault(&mut self, code: Code, message: &str, at: usize, expected: &str, found: &str) -> Box<Diagnostic> {
        let mut diagnostic = Diagnostic::new(code, message).at(self.lines.position(at).place(self.file));
        if !expected.is_empty() {
            diagnostic = diagnostic.expected(expected);
        }
        if !found.is_empty() {
            diagnostic = diagnostic.found(found);
        }
        Box::new(diagnostic)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const MAP: &str = r#"
document = "invoice"
format = "xml"
root = "Invoice"
[repeat]
line = "Lines/Line"
[fields]
invoice_number = "Header/No"
invoiced_on = "Header/Date"
"line.gtin" = "Lines/Line/@upc"
"line.quantity" = "Lines/Line/Qty"
"line.unit" = "Lines/Line/Qty/@unit"
"line.price" = "Lines/Line/Price"
"charge.amount" = "Freight"
"#;

    const LINE: &str = r#"<Line upc="061414100014"><Qty unit="EA">24</Qty><Price>3.61</Price></Line>"#;

    fn invoice(header: &str, lines: &str) -> String {
        format!("<Invoice><Header>{header}<Date>2026-03-06</Date></Header>\n<Lines>{lines}</Lines></Invoice>")
    }

    fn read(xml: &str, more: &str) -> (Vec<Document>, String) {
        let map = Map::read(Path::new("m.toml"), &MAP.replace("[repeat]", &format!("{more}\n[repeat]"))).unwrap();
        let (documents, diagnostics) = documents(xml.as_bytes(), "i.xml", &map);
        (documents, diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect())
    }

    fn check(xml: &str, expect: &[&str]) {
        let (documents, said) = read(xml, "");
        assert!(documents.is_empty(), "{xml}");
        for words in expect {
            assert!(said.contains(words), "expected {words:?} in:\n{said}");
        }
    }

    #[test]
    fn elements_attributes_references_and_cdata_are_read() {
        let header = "<No><![CDATA[A<]]>&amp;&#66;</No><!-- seen -->";
        let (documents, said) = read(&format!("<?xml version=\"1.0\"?>\n{}", invoice(header, &LINE.repeat(2))), "");
        assert_eq!(said, "");
        let Document::Invoice(invoice) = &documents[0] else { panic!() };
        assert_eq!((invoice.invoice_number.as_str(), invoice.lines.len()), ("A<&B", 2));
        assert_eq!((invoice.lines[1].quantity.unit.as_str(), invoice.amount()), ("EA", "173.28".parse().unwrap()));
        assert!(invoice.adjustments.is_empty(), "an absent charge is no charge");
    }

    #[test]
    fn prefixes_do_not_matter_and_the_namespace_of_the_root_does_when_the_map_says_one() {
        let plain = invoice("<No>1</No>", LINE);
        let prefixed = plain.replace('<', "<p:").replace("<p:/", "</p:");
        let prefixed = prefixed.replacen("<p:Invoice", "<p:Invoice xmlns:p=\"urn:acme\"", 1);
        let namespace = "namespace = \"urn:acme\"";
        assert_eq!(read(&prefixed, namespace).0.len(), 1);
        assert_eq!(read(&plain.replacen("<Invoice", "<Invoice xmlns='urn:acme'", 1), namespace).0.len(), 1);
        let (none, said) = read(&plain.replacen("<Invoice", "<Invoice xmlns='urn:other'", 1), namespace);
        assert!(
            none.is_empty() && said.contains("XML-E005") && said.contains("expected urn:acme, found \"urn:other\"")
        );
    }

    #[test]
    fn latin_1_is_read_when_the_declaration_says_so() {
        let map = Map::read(Path::new("m.toml"), MAP).unwrap();
        let text = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{}", invoice("<No>\u{e9}</No>", LINE));
        let bytes: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
        assert_eq!(documents(&bytes, "i.xml", &map).0[0].number(), "é");
        let undeclared = &bytes[bytes.windows(2).position(|pair| pair == b"?>").unwrap() + 2..];
        assert!(documents(undeclared, "i.xml", &map).1[0].to_string().contains("MAP-E021"));
    }

    #[test]
    fn files_that_are_not_safe_or_not_whole_are_refused() {
        let good = invoice("<No>1</No>", LINE);
        check(&format!("<!DOCTYPE Invoice [<!ENTITY a \"b\">]>\n{good}"), &["XML-E002", "line 1, column 1"]);
        check(&invoice("<No>caf&eacute;</No>", LINE), &["XML-E003", "found \"&eacute;\""]);
        check(&invoice("<No x='&a;'>1</No>", LINE), &["XML-E003", "attribute x"]);
        check(&good.replace("Invoice>", "Order>"), &["XML-E004", "expected Invoice, found \"Order\""]);
        check(&good[..60], &["XML-E001"]);
        check(&good.replace("</No>", "</Nr>"), &["XML-E001", "line 1"]);
        check(&format!("{good}<Invoice/>"), &["XML-E001", "follows the root"]);
        check(&format!("{good}x"), &["XML-E001", "outside of the root"]);
        check("", &["XML-E001", "has no element"]);
        check(&invoice(&"<a>".repeat(70), ""), &["XML-E006", "at most 64 levels"]);
        let many: String = (0..200).map(|index| format!(" a{index}='1'")).collect();
        check(&invoice(&format!("<No{many}/>"), LINE), &["XML-E006", "at most 128"]);
    }

    #[test]
    fn absent_doubled_and_wrong_values_name_their_path_line_and_column() {
        check(&invoice("", LINE), &["MAP-E018", "path \"Header/No\" (invoice_number)", "that begins here"]);
        check(&invoice("<No>1</No><No>2</No>", LINE), &["MAP-E019", "\"Header/No\" stands 2 times", "column 28"]);
        check(&invoice("<No><A>1</A></No>", LINE), &["MAP-E022", "found \"A\""]);
        check(&invoice("<No>1</No>", ""), &["MAP-E018", "has no line: nothing at \"Lines/Line\""]);
        let bad = LINE.replace("3.61", "3,61");
        check(&invoice("<No>1</No>", &bad), &["MAP-E014", "\"Lines/Line/Price\"", "line 2, column 56", "\"3,61\""]);
    }

    #[test]
    fn whatever_the_bytes_are_reading_ends() {
        use proptest::prelude::*;
        let map = Map::read(Path::new("m.toml"), MAP).unwrap();
        proptest!(ProptestConfig::with_cases(128), |(text in "[<>/A-C&;'\" =!\\[\\]?-]{0,60}")| {
            documents(text.as_bytes(), "i.xml", &map);
            documents(invoice(&text, LINE).as_bytes(), "i.xml", &map);
        });
    }
}
