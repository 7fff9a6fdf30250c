//! Reads CSV with a map: a header, rows, and what groups rows into documents.
//!
//! ```text
//! ShipmentNo,CustomerPO,CartonSSCC,UPC,Qty
//! S1,4500012345,006141410000000012,061414100014,24      one shipment, one order,
//! S1,4500012345,006141410000000029,061414100014,12      two cartons
//! ```
//!
//! A row that cannot be read spoils its document only. A row that does not say where it belongs spoils the
//! document of the row above, because it may be a part of it: goods that vanish are worse than a file that is
//! sent again. Rows in which every cell is blank are skipped.

use std::collections::HashMap;

use super::record::{self, Cell, Position};
use super::rows;
use super::text::not_utf8;
use crate::config::map::{BlankCells, Csv, Encoding, Layout, Map, Source, UnknownColumns, is_formula};
use crate::config::nearest::nearest;
use crate::diagnostic::codes::files;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::Document;

/// The documents of a CSV file, and what is wrong with the others.
pub fn documents(bytes: &[u8], file: &str, map: &Map) -> (Vec<Document>, Vec<Diagnostic>) {
    let mut reading = Reading { file, map, diagnostics: Vec::new() };
    let documents = match &map.layout {
        Layout::Csv(csv) => reading.documents(bytes, csv).unwrap_or_default(),
        Layout::Xml(_) | Layout::Json(_) => Vec::new(),
    };
    (documents, reading.diagnostics)
}

struct Reading<'m> {
    file: &'m str,
    map: &'m Map,
    diagnostics: Vec<Diagnostic>,
}

/// Which columns the map reads, by position in the header.
struct Header {
    width: usize,
    key: usize,
    /// Column and field.
    columns: Vec<(usize, usize)>,
}

/// A row of the file that is not blank.
struct Row {
    line: u64,
    texts: Vec<String>,
}

/// The rows of one document and what is wrong with some of them.
#[derive(Default)]
pub(super) struct Gathered {
    pub rows: Vec<(u64, Vec<Cell>)>,
    pub faults: Vec<Diagnostic>,
    pub first_line: u64,
}

impl Reading<'_> {
    /// `None` when nothing of the file can be used; the diagnostics say why.
    fn documents(&mut self, bytes: &[u8], csv: &Csv) -> Option<Vec<Document>> {
        let text = self.decoded(bytes, csv)?;
        if text.trim().is_empty() {
            self.say(&files::CSV_EMPTY, "the file has no header and no rows".to_owned(), 0);
            return None;
        }
        let (body, skipped) = after_lines(&text, csv.skip_rows);
        if let Some(line) = open_quote(body, csv) {
            let message = format!("the quote that opens on line {} is never closed", line + skipped);
            self.say(&files::CSV_OPEN_QUOTE, message, line + skipped);
            return None;
        }
        let mut rows = self.rows(body, skipped, csv).into_iter();
        let Some(header_row) = rows.next() else {
            self.say(&files::CSV_EMPTY, format!("nothing follows the {} skipped lines", csv.skip_rows), 0);
            return None;
        };
        let header = self.header(&header_row, csv)?;
        let rows: Vec<Row> = rows.filter(|row| row.texts.iter().any(|text| !text.is_empty())).collect();
        if rows.is_empty() {
            self.say(&files::CSV_HEADER_ONLY, "no row follows the header".to_owned(), header_row.line);
            return None;
        }
        let mut documents = Vec::new();
        for gathered in self.gather(rows, &header, csv) {
            let Gathered { rows, mut faults, first_line } = gathered;
            let root = rows::merge(&rows, first_line, self.file, self.map, csv, &mut faults);
            documents.extend(record::document(&root, faults, self.file, self.map, &mut self.diagnostics));
        }
        Some(documents)
    }

    fn say(&mut self, code: Code, message: String, line: u64) -> &mut Diagnostic {
        self.diagnostics.push(Diagnostic::new(code, message).at(Position { line, column: 0 }.place(self.file)));
        let last = self.diagnostics.len() - 1;
        &mut self.diagnostics[last]
    }

    fn decoded(&mut self, bytes: &[u8], csv: &Csv) -> Option<String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match csv.encoding {
            Encoding::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Encoding::Utf8 => match std::str::from_utf8(bytes) {
                Ok(text) => Some(text.to_owned()),
                Err(error) => {
                    self.diagnostics.push(not_utf8(bytes, error.valid_up_to(), self.file));
                    if let Some(last) = self.diagnostics.last_mut() {
                        last.hint =
                            Some("if the sender writes Latin-1, set encoding = \"latin-1\" in the map".to_owned());
                    }
                    None
                }
            },
        }
    }

    fn rows(&mut self, body: &str, skipped: u64, csv: &Csv) -> Vec<Row> {
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(csv.delimiter)
            .quote(csv.quote)
            .has_headers(false)
            .flexible(true)
            .from_reader(body.as_bytes());
        let mut rows = Vec::new();
        // Reading from memory and text that was checked: no record can fail.
        for record in reader.records().flatten() {
            let start = record.position().map_or((0, 1), |position| (position.byte() as usize, position.line()));
            // The reader skips empty lines as a part of the record that follows them.
            let empty = body.as_bytes()[start.0..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
            let line = start.1 + skipped + empty.filter(|byte| **byte == b'\n').count() as u64;
            let texts = record.iter().map(|text| self.cleaned(text, csv)).collect();
            rows.push(Row { line, texts });
        }
        rows
    }

    fn cleaned(&self, text: &str, csv: &Csv) -> String {
        let text = if csv.trim { text.trim() } else { text };
        if self.map.null.iter().any(|word| word == text) {
            return String::new();
        }
        let guarded = text.strip_prefix('\'').filter(|rest| csv.spreadsheet_safe && is_formula(rest));
        guarded.unwrap_or(text).to_owned()
    }

    /// Finds the columns of the map under the header.
    fn header(&mut self, row: &Row, csv: &Csv) -> Option<Header> {
        let names: Vec<&str> = row.texts.iter().map(|name| name.trim()).collect();
        let before = self.diagnostics.len();
        let mut columns = Vec::new();
        for (field, mapped) in self.map.fields.iter().enumerate() {
            let Source::Columns(aliases) = &mapped.source else { continue };
            match self.column(aliases, &names, row.line, mapped.optional) {
                Some(column) => columns.push((column, field)),
                None => continue,
            }
        }
        let key = self.key_column(csv, &names, &columns, row.line);
        if csv.unknown_columns == UnknownColumns::Error {
            self.refuse_unknown_columns(&names, &columns, key, row.line);
        }
        if self.diagnostics.len() > before {
            return None;
        }
        Some(Header { width: names.len(), key: key?, columns })
    }

    fn key_column(&mut self, csv: &Csv, names: &[&str], columns: &[(usize, usize)], line: u64) -> Option<usize> {
        // The same aliases as the field has, when the key is a field's column too.
        let mapped = self.map.fields.iter().enumerate().find(|(_, mapped)| match &mapped.source {
            Source::Columns(aliases) => aliases.contains(&csv.group_by),
            _ => false,
        });
        match mapped {
            Some((field, _)) => columns.iter().find(|(_, of)| *of == field).map(|(column, _)| *column),
            None => self.column(std::slice::from_ref(&csv.group_by), names, line, false),
        }
    }

    fn column(&mut self, aliases: &[String], names: &[&str], line: u64, optional: bool) -> Option<usize> {
        for alias in aliases {
            let mut found = (0..names.len()).filter(|&index| names[index].eq_ignore_ascii_case(alias.trim()));
            let Some(first) = found.next() else { continue };
            if let Some(second) = found.next() {
                let message = format!("the header has column {alias:?} twice");
                self.say(&files::CSV_COLUMN_TWICE, message, line).found =
                    Some(format!("columns {} and {}", first + 1, second + 1));
            }
            return Some(first);
        }
        if !optional {
            let message = format!("the header has no column {:?}", aliases[0]);
            let error = self.say(&files::CSV_MISSING_COLUMN, message, line);
            error.expected = Some(aliases.iter().map(|alias| format!("{alias:?}")).collect::<Vec<_>>().join(" or "));
            error.found = Some(names.join(", ").chars().take(99).collect());
            error.hint = match nearest(&aliases[0], names.iter().copied()) {
                Some(name) => Some(format!("{name:?} may be meant: add it to the map as a second name of this column")),
                None if names.len() == 1 => {
                    Some("the header is one single column: check delimiter in the map".to_owned())
                }
                None => None,
            };
        }
        None
    }

    fn refuse_unknown_columns(&mut self, names: &[&str], columns: &[(usize, usize)], key: Option<usize>, line: u64) {
        for (index, name) in names.iter().enumerate() {
            let known = key == Some(index) || columns.iter().any(|(column, _)| *column == index);
            if !known && !name.is_empty() {
                let message = format!("the map does not know the column {name:?}");
                self.say(&files::CSV_UNKNOWN_COLUMN, message, line).found = Some((*name).to_owned());
            }
        }
    }

    /// The rows by document, in the order in which the documents begin.
    fn gather(&mut self, rows: Vec<Row>, header: &Header, csv: &Csv) -> Vec<Gathered> {
        let whole = |row: &Row| row.texts.len() == header.width;
        let known: Vec<String> =
            rows.iter().filter(|row| whole(row)).map(|row| row.texts[header.key].clone()).collect();
        let known: std::collections::HashSet<String> = known.into_iter().collect();
        let mut gathered: Vec<Gathered> = Vec::new();
        let mut by_key: HashMap<String, usize> = HashMap::new();
        let mut above: Option<usize> = None;
        for row in rows {
            let key = row.texts.get(header.key).map_or("", String::as_str);
            // In a row of another width the key may have been shifted: it is believed when another row has it too.
            let is_believed = !key.is_empty() && (whole(&row) || known.contains(key));
            let continues = key.is_empty() && csv.blank_cells == BlankCells::Continue;
            let index = match (is_believed, continues, above) {
                (true, _, _) => Some(*by_key.entry(key.to_owned()).or_insert_with(|| {
                    gathered.push(Gathered { first_line: row.line, ..Gathered::default() });
                    gathered.len() - 1
                })),
                (false, _, above) => above,
            };
            let fault = self.fault_of(&row, header, is_believed || (continues && above.is_some()), csv);
            match (index, fault) {
                (Some(index), Some(fault)) => gathered[index].faults.push(fault),
                (Some(index), None) => gathered[index].rows.push((row.line, cells(&row, header))),
                (None, fault) => self.diagnostics.extend(fault),
            }
            above = index.or(above);
        }
        gathered
    }

    fn fault_of(&self, row: &Row, header: &Header, has_key: bool, csv: &Csv) -> Option<Diagnostic> {
        let place = Position { line: row.line, column: 0 }.place(self.file);
        if row.texts.len() != header.width {
            let message = format!("the row has {} cells, the header has {}", row.texts.len(), header.width);
            return Some(
                Diagnostic::new(&files::CSV_RAGGED_ROW, message)
                    .at(place)
                    .expected(format!("{} cells", header.width))
                    .found(row.texts.join(&char::from(csv.delimiter).to_string())),
            );
        }
        if !has_key {
            let message = format!("column {:?}, which groups rows into documents, is blank", csv.group_by);
            let found = row.texts.join(&char::from(csv.delimiter).to_string());
            return Some(Diagnostic::new(&files::CSV_BLANK_KEY, message).at(place).found(found));
        }
        None
    }
}

fn cells(row: &Row, header: &Header) -> Vec<Cell> {
    let position = Position { line: row.line, column: 0 };
    let filled = header.columns.iter().filter(|(column, _)| !row.texts[*column].is_empty());
    filled.map(|&(column, field)| Cell { field, text: row.texts[column].clone(), position }).collect()
}

/// The text after a number of lines, and how many lines those were.
fn after_lines(text: &str, lines: usize) -> (&str, u64) {
    let mut rest = text;
    for skipped in 0..lines {
        match rest.find('\n') {
            Some(end) => rest = &rest[end + 1..],
            None => return ("", skipped as u64),
        }
    }
    (rest, lines as u64)
}

/// The line of a quote that opens a cell and is never closed.
///
/// The reader of the csv crate takes the rest of the file as that cell without a word, so it is looked for here.
fn open_quote(text: &str, csv: &Csv) -> Option<u64> {
    let (mut line, mut opened) = (1, None);
    let mut at_cell_start = true;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte == csv.quote && opened.is_some() {
            // A doubled quote is a quote within the cell.
            if bytes.next_if_eq(&csv.quote).is_none() {
                opened = None;
            }
        } else if byte == csv.quote && at_cell_start {
            opened = Some(line);
        }
        line += u64::from(byte == b'\n');
        at_cell_start = byte == csv.delimiter || byte == b'\n' || byte == b'\r';
    }
    opened
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::Shipment;

    const MAP: &str = r#"
document = "shipment"
format = "csv"
group_by = "No"
[fields]
shipment_id = "No"
shipped_at = { column = ["Date", "Ship Date"], format = "%m/%d/%Y %H:%M", zone = "America/Chicago" }
po_number = "PO"
"carton.number" = "Carton"
"carton.weight" = { column = "Lb", unit = "LB", optional = true }
"carton.item.gtin" = "UPC"
"carton.item.quantity" = { column = "Qty", unit = "EA" }
"#;

    const HEADER: &str = "No,Ship Date,PO,Carton,UPC,Qty\n";

    fn map(more: &str) -> Map {
        Map::read(Path::new("m.toml"), &MAP.replace("[fields]", &format!("{more}\n[fields]"))).unwrap()
    }

    fn read(bytes: &[u8], more: &str) -> (Vec<Shipment>, String) {
        let (documents, diagnostics) = documents(bytes, "s.csv", &map(more));
        let shipments = documents.into_iter().map(|document| match document {
            Document::Shipment(shipment) => shipment,
            other => panic!("{}", other.kind()),
        });
        (shipments.collect(), diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect())
    }

    /// Rows under the header must give these shipment numbers and say these words.
    fn check(rows: &str, expect_numbers: &[&str], expect: &[&str]) {
        check_bytes(format!("{HEADER}{rows}").as_bytes(), "", expect_numbers, expect);
    }

    fn check_bytes(bytes: &[u8], more: &str, expect_numbers: &[&str], expect: &[&str]) {
        let (shipments, said) = read(bytes, more);
        let numbers: Vec<&str> = shipments.iter().map(|shipment| shipment.shipment_id.as_str()).collect();
        assert_eq!(numbers, expect_numbers, "{said}");
        for words in expect {
            assert!(said.contains(words), "expected {words:?} in:\n{said}");
        }
        assert!(!expect.is_empty() || said.is_empty(), "{said}");
    }

    const GOOD: &str = "S1,03/06/2026 14:10,45000,1,061414100014,24\n";

    #[test]
    fn rows_become_cartons_of_orders_of_shipments() {
        let rows = "S1,03/06/2026 14:10,45000,1,061414100014,24\n\
                    S2,03/06/2026 14:10,45001,1,061414100014,1\n\
                    S1,03/06/2026 14:10,45000,1,061414100021,12\n\
                    S1,03/06/2026 14:10,45000,2,061414100014,6\n\
                    S1,03/06/2026 14:10,45000,,061414100014,2\n";
        let (shipments, said) = read(format!("{HEADER}{rows}").as_bytes(), "");
        assert_eq!((shipments.len(), said.as_str()), (2, ""));
        let order = &shipments[0].orders[0];
        let carton = |index: usize| (order.cartons[index].number.as_deref(), order.cartons[index].items.len());
        assert_eq!((carton(0), carton(1)), ((Some("1"), 2), (Some("2"), 1)));
        assert_eq!(order.items.len(), 1, "a row without carton is loose goods");
        assert_eq!(order.cartons[0].items[1].quantity.value, 12.into());
        assert_eq!(shipments[0].shipped_at.unwrap().to_string(), "2026-03-06T14:10:00");
        assert_eq!(order.cartons[0].weight, None, "a unit without number is nothing");
    }

    #[test]
    fn a_bad_value_names_line_column_expected_and_found_and_spoils_its_document_only() {
        let bad = "S2,2026-03-06,45001,1,061414100015,5 EA\n";
        let said = read(format!("{HEADER}{bad}{GOOD}").as_bytes(), "");
        assert_eq!(said.0.len(), 1);
        insta::assert_snapshot!(said.1, @r#"
        error MAP-E015: column "Date" (shipped_at) is not a date
          at s.csv, line 2
          expected a date as %m/%d/%Y %H:%M, found "2026-03-06"
          hint: write the date as expected, or set format in the map
        error MAP-E016: column "UPC" (carton.item.gtin) is no item number: "061414100015" ends in 5, its check digit is 4
          at s.csv, line 2
          found "061414100015"
          hint: correct the number at its source, and keep the column as text in spreadsheets
        error MAP-E014: column "Qty" (carton.item.quantity) is not a number
          at s.csv, line 2
          expected a number such as 5.50, found "5 EA"
          hint: write the number as expected, or set decimal_mark and thousands in the map
        error MAP-E013: shipment "S2" is not taken over because of 3 errors in it
          at s.csv, line 2
          hint: correct the errors of this document and send it again; sending the other documents again does no harm
        "#);
    }

    #[test]
    fn faults_of_the_whole_file_are_said_and_nothing_is_read() {
        check_bytes(b"", "", &[], &["CSV-E001"]);
        check_bytes(b"\xef\xbb\xbf \r\n", "", &[], &["CSV-E001"]);
        check("", &[], &["CSV-E002", "no row follows the header", "line 1"]);
        check(",,,,,\n", &[], &["CSV-E002"]);
        let renamed = format!("{}{GOOD}", HEADER.replace("Qty", "Qyt"));
        check_bytes(renamed.as_bytes(), "", &[], &["CSV-E003", "no column \"Qty\"", "\"Qyt\" may be meant"]);
        let aliases = format!("{}{GOOD}", HEADER.replace("Ship Date", "Shipped"));
        check_bytes(aliases.as_bytes(), "", &[], &["expected \"Date\" or \"Ship Date\", found \"No, Shipped, PO"]);
        let semicolons = format!("{HEADER}{GOOD}").replace(',', ";");
        check_bytes(semicolons.as_bytes(), "", &[], &["CSV-E003", "check delimiter in the map"]);
        check_bytes(semicolons.as_bytes(), "delimiter = \";\"", &["S1"], &[]);
        let twice = format!("{}{GOOD}", HEADER.replace("Carton", "PO"));
        check_bytes(twice.as_bytes(), "", &[], &["CSV-E004", "columns 3 and 4"]);
        let open = format!("{GOOD}S2,03/06/2026 14:10,\"45000,1,061414100014,24\n{GOOD}");
        check(&open, &[], &["CSV-E005", "opens on line 3", "at s.csv, line 3"]);
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_named_unless_the_map_says_latin_1() {
        let row = b"S\xe91,03/06/2026 14:10,45000,1,061414100014,24\n";
        let file = [HEADER.as_bytes(), row].concat();
        check_bytes(&file, "", &[], &["MAP-E021", "line 2, column 2", "byte 32", "0xE9", "encoding = \"latin-1\""]);
        check_bytes(&file, "encoding = \"latin-1\"", &["Sé1"], &[]);
        let marked = [b"\xef\xbb\xbf", HEADER.as_bytes(), GOOD.as_bytes()].concat();
        check_bytes(&marked, "", &["S1"], &[]);
    }

    #[test]
    fn a_row_of_another_width_spoils_the_document_that_it_belongs_to() {
        let short = "S1,03/06/2026 14:10,45000\n";
        let other = GOOD.replace("S1", "S2");
        check(&format!("{GOOD}{short}{other}"), &["S2"], &["CSV-E006", "3 cells, the header has 6", "line 3"]);
        // Its key may have been shifted: the document above is taken to be meant.
        let shifted = format!("{GOOD}Acme, Inc,S3,03/06/2026 14:10,45000,1,061414100014,24\n{other}");
        check(&shifted, &["S2"], &["CSV-E006", "shipment \"S1\" is not taken over"]);
    }

    #[test]
    fn a_row_without_key_is_an_error_or_continues_the_row_above() {
        let blank = ",,,2,061414100014,6\n";
        check(&format!("{GOOD}{blank}"), &[], &["CSV-E007", "column \"No\"", "line 3", "shipment \"S1\""]);
        let file = format!("{HEADER}{GOOD}{blank},,,,061414100021,1\n");
        let (shipments, said) = read(file.as_bytes(), "blank_cells = \"continue\"");
        assert_eq!(said, "");
        let cartons = &shipments[0].orders[0].cartons;
        assert_eq!((cartons.len(), cartons[1].items.len()), (2, 2));
        let first = format!("{HEADER}{blank}{GOOD}");
        check_bytes(first.as_bytes(), "blank_cells = \"continue\"", &["S1"], &["CSV-E007", "line 2"]);
    }

    #[test]
    fn rows_of_one_document_must_not_contradict_each_other() {
        let later = GOOD.replace("14:10", "15:10");
        check(&format!("{GOOD}{later}"), &[], &["CSV-E008", "15:10", "line 2 says \"03/06/2026 14:10\""]);
    }

    #[test]
    fn a_blank_mandatory_cell_is_named() {
        check("S1,03/06/2026 14:10,,1,061414100014,24\n", &[], &["MAP-E018", "column \"PO\" (po_number)", "line 2"]);
        check("S1,03/06/2026 14:10,45000,1,,24\n", &[], &["which item", "a value in column \"UPC\""]);
        check("S1,,45000,1,061414100014,24\n", &["S1"], &[]);
    }

    #[test]
    fn unknown_columns_skipped_rows_null_words_and_line_numbers() {
        let wide = format!("{},Note\n{},x\n", HEADER.trim_end(), GOOD.trim_end());
        check_bytes(wide.as_bytes(), "", &["S1"], &[]);
        check_bytes(wide.as_bytes(), "unknown_columns = \"error\"", &[], &["CSV-E009", "\"Note\""]);
        let titled = format!("Report\n\"open\n{HEADER}\n\n{GOOD}\r\nS2,soon,N/A,1,061414100014,1\n");
        check_bytes(titled.as_bytes(), "skip_rows = 2\nnull = [\"N/A\"]", &["S1"], &["line 8", "found \"soon\"", "PO"]);
    }

    #[test]
    fn defaults_constants_and_marks_of_numbers_come_from_the_map() {
        let text = MAP
            .replace("[fields]", "delimiter = \";\"\ndecimal_mark = \",\"\nthousands = \".\"\n[fields]\ncurrency = 1");
        assert!(Map::read(Path::new("m.toml"), &text).is_err());
        let text = text.replace(
            "currency = 1",
            "freight_payment = { value = \"PP\" }\ntrailer = { column = \"T\", default = \"none\" }",
        );
        let map = Map::read(Path::new("m.toml"), &text).unwrap();
        let file = "No;Date;PO;Carton;UPC;Qty;T;Lb\nS1;03/06/2026 14:10;45000;1;061414100014;1.024,5;;12,25\n";
        let (read, said) = documents(file.as_bytes(), "s.csv", &map);
        assert!(said.is_empty(), "{}", said[0]);
        let Document::Shipment(shipment) = &read[0] else { panic!() };
        assert_eq!((shipment.freight_payment.as_deref(), shipment.trailer.as_deref()), (Some("PP"), Some("none")));
        let carton = &shipment.orders[0].cartons[0];
        assert_eq!(carton.items[0].quantity.value.to_string(), "1024.5");
        assert_eq!(carton.weight.as_ref().unwrap().value.to_string(), "12.25");
    }

    #[test]
    fn cells_may_hold_delimiters_quotes_and_line_breaks() {
        check("\"S,\"\"1\"\"\n\",03/06/2026 14:10,45000,1,061414100014,24\n", &["S,\"1\""], &[]);
    }

    #[test]
    fn whatever_the_bytes_are_reading_ends() {
        use proptest::prelude::*;
        proptest!(ProptestConfig::with_cases(128), |(bytes in proptest::collection::vec(any::<u8>(), 0..200))| {
            let file = [HEADER.as_bytes(), &bytes].concat();
            documents(&file, "s.csv", &map(""));
            documents(&bytes, "s.csv", &map("encoding = \"latin-1\"\nblank_cells = \"continue\""));
        });
    }
}
