//! Codes about CSV, XML and JSON files and the maps that read them (CSV-, XML-, JSN-, MAP-...).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &MAP_NOT_TOML,
    &MAP_UNKNOWN_KEY,
    &MAP_UNKNOWN_FIELD,
    &MAP_BAD_VALUE,
    &MAP_BAD_DATE_FORMAT,
    &MAP_UNKNOWN_ZONE,
    &MAP_DOUBLE_SOURCE,
    &MAP_MISSING_FIELD,
    &MAP_MISSING_KEY,
    &MAP_NO_UNIT,
    &MAP_BAD_PATH,
    &MAP_DOES_NOT_FIT,
    &DOCUMENT_LOST,
    &BAD_NUMBER,
    &BAD_DATE,
    &BAD_GS1,
    &UNKNOWN_WORD,
    &MISSING_VALUE,
    &MORE_THAN_ONE,
    &NOTHING_FOUND,
    &NOT_TEXT,
    &WRONG_SHAPE,
    &CSV_EMPTY,
    &CSV_HEADER_ONLY,
    &CSV_MISSING_COLUMN,
    &CSV_COLUMN_TWICE,
    &CSV_OPEN_QUOTE,
    &CSV_RAGGED_ROW,
    &CSV_BLANK_KEY,
    &CSV_CONFLICT,
    &CSV_UNKNOWN_COLUMN,
    &XML_NOT_WELL_FORMED,
    &XML_DTD,
    &XML_ENTITY,
    &XML_WRONG_ROOT,
    &XML_WRONG_NAMESPACE,
    &XML_LIMIT,
    &JSON_SYNTAX,
    &JSON_LIMIT,
    &JSON_NOT_CANONICAL,
];

/// The map file is not TOML.
pub static MAP_NOT_TOML: Meaning = Meaning {
    code: "MAP-E001",
    title: "the map file is not TOML",
    meaning: "A map is a TOML file, and this one cannot be read as such. Nothing of it is used, so every \
              document that needs it waits.",
    cause: "A missing quote or bracket, or a key that stands twice.",
    fix: "correct the line named above; `edigate check` reads the map without starting anything",
    who: Who::Us,
    example: "po_number = \"PO",
    corrected: "po_number = \"PO\"",
};

/// The map has a key that it cannot have.
pub static MAP_UNKNOWN_KEY: Meaning = Meaning {
    code: "MAP-E002",
    title: "the map has a key that it cannot have",
    meaning: "The key is not one that this kind of entry or format understands. It is refused rather than \
              ignored, because an ignored setting reads files in a way that nobody asked for.",
    cause: "A typing error, or a key of another format.",
    fix: "use one of the keys named above, or take the line out",
    who: Who::Us,
    example: "delimeter = \";\"",
    corrected: "delimiter = \";\"",
};

/// The map names a field that the document does not have.
pub static MAP_UNKNOWN_FIELD: Meaning = Meaning {
    code: "MAP-E003",
    title: "the map names a field that the document does not have",
    meaning: "Each kind of document has a fixed set of canonical fields, and this is none of them. The column \
              or path would be read and then lost.",
    cause: "A typing error, or a field of another kind of document.",
    fix: "use the nearest field named above",
    who: Who::Us,
    example: "\"carton.ssc\" = \"SSCC\"",
    corrected: "\"carton.sscc\" = \"SSCC\"",
};

/// A setting of the map has a value that it cannot have.
pub static MAP_BAD_VALUE: Meaning = Meaning {
    code: "MAP-E004",
    title: "a setting of the map has a value that it cannot have",
    meaning: "The key is known, but what it is set to is of the wrong type or not one of the words that it \
              accepts. The map is not used until it is right.",
    cause: "A typing error, or a number or list where a text is expected.",
    fix: "set it to what was expected",
    who: Who::Us,
    example: "format = \"cvs\"",
    corrected: "format = \"csv\"",
};

/// A date format of the map cannot work.
pub static MAP_BAD_DATE_FORMAT: Meaning = Meaning {
    code: "MAP-E005",
    title: "a date format of the map cannot work",
    meaning: "The format has an unknown directive, or leaves out the year, the month or the day. It was tried \
              on a known day, and that day did not come back.",
    cause: "A format in another notation, such as MM/DD/YYYY instead of %m/%d/%Y.",
    fix: "write the format with % directives: %Y %m %d %H %M %S",
    who: Who::Us,
    example: "format = \"MM/DD/YYYY\"",
    corrected: "format = \"%m/%d/%Y\"",
};

/// A time zone of the map is not known.
pub static MAP_UNKNOWN_ZONE: Meaning = Meaning {
    code: "MAP-E006",
    title: "a time zone of the map is not known",
    meaning: "Zones are named as in the IANA database, by continent and city. An abbreviation such as CST is \
              not accepted, because it names several zones and says nothing about summer time.",
    cause: "An abbreviation or a typing error.",
    fix: "use a name such as America/Chicago",
    who: Who::Us,
    example: "zone = \"CST\"",
    corrected: "zone = \"America/Chicago\"",
};

/// One column or path is mapped to two fields.
pub static MAP_DOUBLE_SOURCE: Meaning = Meaning {
    code: "MAP-E007",
    title: "one column or path is mapped to two fields",
    meaning: "A map works in both directions. Reading one column into two fields would be possible, but when \
              writing the two could contradict each other in one cell.",
    cause: "A copied line in which the column was not changed.",
    fix: "give each field its own column or path, or leave one of them out",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The map lacks a field that the document must have.
pub static MAP_MISSING_FIELD: Meaning = Meaning {
    code: "MAP-E008",
    title: "the map lacks a field that the document must have",
    meaning: "Without this field no document of the kind can be made, so every file read with the map would \
              fail. It is better said now.",
    cause: "The source does not have the value, or the line was forgotten.",
    fix: "map the field; where the source never says it, write { value = \"…\" }",
    who: Who::Us,
    example: "[fields]\npo_number = \"PO\"",
    corrected: "[fields]\npo_number = \"PO\"\nordered_on = \"OrderDate\"",
};

/// The map lacks a setting that it must have.
pub static MAP_MISSING_KEY: Meaning = Meaning {
    code: "MAP-E009",
    title: "the map lacks a setting that it must have",
    meaning: "The setting decides how everything else is read, and there is no safe assumption for it.",
    cause: "A new map that is not finished.",
    fix: "add the key that was expected",
    who: Who::Us,
    example: "format = \"csv\"",
    corrected: "document = \"order\"\nformat = \"csv\"",
};

/// A quantity or weight of the map has no unit.
pub static MAP_NO_UNIT: Meaning = Meaning {
    code: "MAP-E010",
    title: "a quantity or weight of the map has no unit",
    meaning: "A number of goods means nothing without its unit: 12 may be pieces or cases. The canonical \
              document always has both.",
    cause: "The source counts in one unit only and never writes it.",
    fix: "add unit = \"EA\" to the entry, or map the unit's own field",
    who: Who::Us,
    example: "\"line.quantity\" = \"Qty\"",
    corrected: "\"line.quantity\" = { column = \"Qty\", unit = \"EA\" }",
};

/// A path of the map is not a path.
pub static MAP_BAD_PATH: Meaning = Meaning {
    code: "MAP-E011",
    title: "a path of the map is not a path",
    meaning: "Paths are names joined by / in XML and by . in JSON, from the root of one document. An \
              attribute is written @name and can only be last.",
    cause: "A leading or doubled separator, or the separator of the other format.",
    fix: "write the path as expected above",
    who: Who::Us,
    example: "\"line.quantity\" = \"/Lines//Line/@qty\"",
    corrected: "\"line.quantity\" = \"Lines/Line/@qty\"",
};

/// The document cannot be written with this map.
pub static MAP_DOES_NOT_FIT: Meaning = Meaning {
    code: "MAP-E012",
    title: "the document cannot be written with this map",
    meaning: "The map has no place for something that the document says, or fixes a value that the document \
              contradicts. Writing it anyway would tell the receiver something else than the document says.",
    cause: "A constant unit or value, a list of words without this one, or several charges where a row has \
              place for one.",
    fix: "extend the map so that it can say this, or correct the document",
    who: Who::Us,
    example: "{ column = \"Qty\", unit = \"EA\" }   # the document says 2 CA",
    corrected: "\"line.unit\" = \"UOM\"",
};

/// A document of the file is not taken over.
pub static DOCUMENT_LOST: Meaning = Meaning {
    code: "MAP-E013",
    title: "a document of the file is not taken over",
    meaning: "The document has the errors that are listed with it and cannot be used as a whole. The other \
              documents of the same file are not touched by that.",
    cause: "The errors listed for it.",
    fix: "correct the errors of this document and send it again; sending the other documents again does \
              no harm",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A value is not a number.
pub static BAD_NUMBER: Meaning = Meaning {
    code: "MAP-E014",
    title: "a value is not a number",
    meaning: "The map says that a number stands here, with its decimal mark and separator of thousands. A \
              number that could be read in two ways is refused, because a wrong quantity or price is worse \
              than none.",
    cause: "A decimal comma, a currency sign, a unit in the same cell, or a separator that the map does not \
              name.",
    fix: "write the number as expected, or set decimal_mark and thousands in the map",
    who: Who::Sender,
    example: "5,50",
    corrected: "5.50",
};

/// A value is not a date in the expected format.
pub static BAD_DATE: Meaning = Meaning {
    code: "MAP-E015",
    title: "a value is not a date in the expected format",
    meaning: "The map says how dates are written here, and this text is not written so, or names a day that \
              does not exist. Day and month are never guessed.",
    cause: "Another date format, often after the file was opened and saved in a spreadsheet.",
    fix: "write the date as expected, or set format in the map",
    who: Who::Sender,
    example: "3/6/26",
    corrected: "2026-03-06",
};

/// A value is not a GS1 number with a right check digit.
pub static BAD_GS1: Meaning = Meaning {
    code: "MAP-E016",
    title: "a value is not a GS1 number with a right check digit",
    meaning: "Item numbers (GTIN, UPC, EAN) and carton numbers (SSCC) end in a check digit, and have a fixed \
              length. A number that fails the check would be refused by the retailer, or book another item.",
    cause: "A typing error, or a spreadsheet that dropped leading zeros or wrote 6.14E+11.",
    fix: "correct the number at its source, and keep the column as text in spreadsheets",
    who: Who::Sender,
    example: "61414100014",
    corrected: "061414100014",
};

/// A value is none of the words that the map knows.
pub static UNKNOWN_WORD: Meaning = Meaning {
    code: "MAP-E017",
    title: "a value is none of the words that the map knows",
    meaning: "The field takes one of a few words, perhaps translated by the map, and this is none of them. It \
              is not guessed, since it decides what happens with the goods.",
    cause: "A new status in the source system.",
    fix: "add the word to values in the map, or correct the file",
    who: Who::Us,
    example: "status: BACK",
    corrected: "values = { BACK = \"backordered\" }",
};

/// A value that the document must have is not there.
pub static MISSING_VALUE: Meaning = Meaning {
    code: "MAP-E018",
    title: "a value that the document must have is not there",
    meaning: "The field is mandatory for this kind of document and its cell is blank, or its path is absent. \
              Without it the document cannot be matched, checked or sent on.",
    cause: "An unfinished record in the source system, or an element that this sender leaves out.",
    fix: "fill in the value at its source; where the source never says it, give it a default in the map",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A value stands more than once where one is expected.
pub static MORE_THAN_ONE: Meaning = Meaning {
    code: "MAP-E019",
    title: "a value stands more than once where one is expected",
    meaning: "The path leads to several values, and the map does not say that anything repeats there. Taking \
              one of them would be a guess.",
    cause: "A list that needs a line under [repeat], or an element that was written twice.",
    fix: "name the repeating element under [repeat] in the map, or remove the second value",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The file holds no document.
pub static NOTHING_FOUND: Meaning = Meaning {
    code: "MAP-E020",
    title: "the file holds no document",
    meaning: "The file can be read, but the place where documents repeat is not in it. A file with nothing to \
              do is reported, so that a changed layout is not mistaken for a quiet day.",
    cause: "Another layout than the map describes, or an empty export.",
    fix: "compare the file with the map's [repeat]; if empty exports are usual, ask the sender not to \
              send them",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The file is not text in the expected encoding.
pub static NOT_TEXT: Meaning = Meaning {
    code: "MAP-E021",
    title: "the file is not text in the expected encoding",
    meaning: "The bytes at this place are no characters in UTF-8. Replacing them would change names and \
              numbers silently.",
    cause: "A file in a Windows or Latin-1 encoding, or a binary file.",
    fix: "write the file in UTF-8; for CSV, encoding = \"latin-1\" in the map reads the older encoding",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// A value is expected and a structure stands there.
pub static WRONG_SHAPE: Meaning = Meaning {
    code: "MAP-E022",
    title: "a value is expected and a structure stands there",
    meaning: "The path ends at an element or object that has parts of its own, so there is no single value to \
              take.",
    cause: "A path that stops one step too early, or a changed layout.",
    fix: "extend the path in the map to the value itself",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The CSV file is empty.
pub static CSV_EMPTY: Meaning = Meaning {
    code: "CSV-E001",
    title: "the CSV file is empty",
    meaning: "There is not even a header in the file. It may be a placeholder or a transfer that broke off \
              before the first byte.",
    cause: "An export that failed, or a file picked up before it was written.",
    fix: "send the file again",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The CSV file has a header and no rows.
pub static CSV_HEADER_ONLY: Meaning = Meaning {
    code: "CSV-E002",
    title: "the CSV file has a header and no rows",
    meaning: "Nothing follows the header. It is reported, so that an export that failed is not mistaken for a \
              quiet day.",
    cause: "An export that selected nothing.",
    fix: "check the export; if empty exports are usual, ask for them not to be sent",
    who: Who::Sender,
    example: "PO,Line,UPC",
    corrected: "PO,Line,UPC\n4500012345,1,061414100014",
};

/// The CSV file lacks a column that the map reads.
pub static CSV_MISSING_COLUMN: Meaning = Meaning {
    code: "CSV-E003",
    title: "the CSV file lacks a column that the map reads",
    meaning: "The header does not have the column under any of its names, so no row can be read. Upper and \
              lower case and blanks around a name do not matter.",
    cause: "A renamed column, another delimiter, or lines before the header that the map does not skip.",
    fix: "rename the column in the export, or add its new name to the map: column = [\"Old\", \"New\"]",
    who: Who::Sender,
    example: "PO,Line,Barcode",
    corrected: "PO,Line,UPC",
};

/// The CSV file has a column twice.
pub static CSV_COLUMN_TWICE: Meaning = Meaning {
    code: "CSV-E004",
    title: "the CSV file has a column twice",
    meaning: "The header has two columns of the same name, and the map reads one. Which of the two is meant \
              cannot be known.",
    cause: "Two tables joined in an export.",
    fix: "rename one of the columns in the export",
    who: Who::Sender,
    example: "PO,Qty,Qty",
    corrected: "PO,QtyOrdered,QtyShipped",
};

/// A quote in the CSV file is never closed.
pub static CSV_OPEN_QUOTE: Meaning = Meaning {
    code: "CSV-E005",
    title: "a quote in the CSV file is never closed",
    meaning: "A cell begins with a quote that has no closing one, so the rest of the file would be one cell. \
              Nothing of the file is used.",
    cause: "A single quote sign inside a text, such as an inch sign, that the export did not double, or a \
              transfer that broke off.",
    fix: "double quotes inside quoted cells, and send the file again",
    who: Who::Sender,
    example: "\"12\" board,4",
    corrected: "\"12\"\" board\",4",
};

/// A row has another number of cells than the header.
pub static CSV_RAGGED_ROW: Meaning = Meaning {
    code: "CSV-E006",
    title: "a row has another number of cells than the header",
    meaning: "Cells are known by their position under the header, so with one too many or too few all that \
              follow may be shifted.",
    cause: "A delimiter inside a text without quotes, or a line break inside a cell without quotes.",
    fix: "put cells that hold the delimiter in quotes",
    who: Who::Sender,
    example: "PO,Line,Name\n1,2,Shirt, blue",
    corrected: "PO,Line,Name\n1,2,\"Shirt, blue\"",
};

/// A row does not say which document it belongs to.
pub static CSV_BLANK_KEY: Meaning = Meaning {
    code: "CSV-E007",
    title: "a row does not say which document it belongs to",
    meaning: "The column that groups rows into documents is blank in this row, so it belongs to none of \
              them.",
    cause: "A row of totals, or an export that fills the column in the first row of a document only.",
    fix: "fill in the column, or set blank_cells = \"continue\" in the map if blank means the same as \
              above",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Two rows of one document contradict each other.
pub static CSV_CONFLICT: Meaning = Meaning {
    code: "CSV-E008",
    title: "two rows of one document contradict each other",
    meaning: "The value belongs to the whole document, order, pallet or carton, and two of its rows say \
              different things. Taking one of them would be a guess.",
    cause: "Rows of two documents under one number, or a value that belongs to the line.",
    fix: "make the rows agree, or map the column to a field of the line",
    who: Who::Sender,
    example: "PO,Date\n1,2026-03-02\n1,2026-03-03",
    corrected: "PO,Date\n1,2026-03-02\n1,2026-03-02",
};

/// The CSV file has a column that the map does not know.
pub static CSV_UNKNOWN_COLUMN: Meaning = Meaning {
    code: "CSV-E009",
    title: "the CSV file has a column that the map does not know",
    meaning: "The map says that unknown columns are errors, and the header has one. It may carry something \
              that must not be overlooked.",
    cause: "A new column in the export.",
    fix: "map the column, or set unknown_columns = \"ignore\"",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The XML file is not well formed.
pub static XML_NOT_WELL_FORMED: Meaning = Meaning {
    code: "XML-E001",
    title: "the XML file is not well formed",
    meaning: "A tag, attribute or character does not follow the rules of XML, so nothing after it can be \
              trusted. Nothing of the file is used.",
    cause: "A transfer that broke off, or a text in which < or & was not escaped.",
    fix: "write &lt; and &amp; inside texts, and send the whole file again",
    who: Who::Sender,
    example: "<Name>A&B</Name>",
    corrected: "<Name>A&amp;B</Name>",
};

/// The XML file has a document type definition.
pub static XML_DTD: Meaning = Meaning {
    code: "XML-E002",
    title: "the XML file has a document type definition",
    meaning: "A DTD can define entities that read other files or grow without bound. No business document \
              needs one, so it is refused before anything is expanded.",
    cause: "An old tool, or an attack.",
    fix: "write the file without <!DOCTYPE …>",
    who: Who::Sender,
    example: "<!DOCTYPE Invoice SYSTEM \"invoice.dtd\"><Invoice/>",
    corrected: "<Invoice/>",
};

/// The XML file uses an entity that XML does not define.
pub static XML_ENTITY: Meaning = Meaning {
    code: "XML-E003",
    title: "the XML file uses an entity that XML does not define",
    meaning: "Without a DTD, XML has five entities: amp, lt, gt, quot and apos, and characters by number. \
              Others, such as those of HTML, have no meaning here.",
    cause: "A text that was taken over from a web page.",
    fix: "write the character itself or its number",
    who: Who::Sender,
    example: "caf&eacute;",
    corrected: "caf&#233;",
};

/// The XML file has another root element than the map.
pub static XML_WRONG_ROOT: Meaning = Meaning {
    code: "XML-E004",
    title: "the XML file has another root element than the map",
    meaning: "The root element says what kind of file it is, and this is not the kind that the map reads.",
    cause: "A file of another kind in the same folder, or a changed layout.",
    fix: "send the expected kind of file here, or write a map for this one",
    who: Who::Sender,
    example: "<CreditNote>",
    corrected: "<Invoice>",
};

/// The root element is in another namespace than the map says.
pub static XML_WRONG_NAMESPACE: Meaning = Meaning {
    code: "XML-E005",
    title: "the root element is in another namespace than the map says",
    meaning: "The namespace tells versions of a layout apart. Elements of the same name may mean something \
              else in another one.",
    cause: "Another version of the layout.",
    fix: "send the expected version, or change namespace in the map after comparing the two",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The XML file is deeper or larger than a business document can be.
pub static XML_LIMIT: Meaning = Meaning {
    code: "XML-E006",
    title: "the XML file is deeper or larger than a business document can be",
    meaning: "Depth, attributes and size are limited so that a file made to exhaust memory stops itself only. \
              Real documents stay far below.",
    cause: "A wrong file, a loop in the program that wrote it, or an attack.",
    fix: "split the file, or look at what wrote it",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The file is not JSON.
pub static JSON_SYNTAX: Meaning = Meaning {
    code: "JSN-E001",
    title: "the file is not JSON",
    meaning: "The text breaks the rules of JSON at this place. Nothing of the file is used.",
    cause: "A transfer that broke off, a comma too many, or several objects one after the other.",
    fix: "write one JSON value per file",
    who: Who::Sender,
    example: "{\"po\": \"1\",}",
    corrected: "{\"po\": \"1\"}",
};

/// The JSON file is nested deeper than a business document can be.
pub static JSON_LIMIT: Meaning = Meaning {
    code: "JSN-E002",
    title: "the JSON file is nested deeper than a business document can be",
    meaning: "Depth is limited so that a file made to exhaust memory stops itself only. Real documents stay \
              far below.",
    cause: "A wrong file, or an attack.",
    fix: "look at what wrote the file",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The JSON is not a canonical document.
pub static JSON_NOT_CANONICAL: Meaning = Meaning {
    code: "JSN-E003",
    title: "the JSON is not a canonical document",
    meaning: "The file is read without a map, so it must have the members of the canonical model, each of its \
              type. The place named above does not.",
    cause: "A missing member, a number where the model has a text in quotes, or a file that needs a map.",
    fix: "compare with the JSON Schema of the document, or read the file with a map",
    who: Who::Sender,
    example: "{\"kind\": \"order\", \"po\": \"1\"}",
    corrected: "{\"kind\": \"order\", \"po_number\": \"1\", \"ordered_on\": \"2026-03-02\", \"lines\": []}",
};
