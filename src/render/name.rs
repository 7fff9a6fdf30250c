//! Names of the files that documents travel in, from templates such as `{partner}_{set}_{isa13}.edi`.
//!
//! ```text
//! "{partner}_{set}_{isa13}.edi"  ->  megamart_856_000000503.edi
//! "{po_number}.json"             ->  4500012345.json;  PO "45/12" -> 45_12.json
//! ```
//!
//! A template is checked when the configuration is read. What a document puts into a name can not leave the folder,
//! hide the file or be empty: path separators, control characters and what some file systems refuse become `_`.

use jiff::civil::DateTime;

/// What may stand between braces, with what it stands for.
pub const PLACEHOLDERS: [(&str, Placeholder); 8] = [
    ("partner", Placeholder::Partner),
    ("kind", Placeholder::Kind),
    ("set", Placeholder::Set),
    ("number", Placeholder::Number),
    ("po_number", Placeholder::PoNumber),
    ("isa13", Placeholder::InterchangeControlNumber),
    ("date", Placeholder::Date),
    ("time", Placeholder::Time),
];

/// A value that a name may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The partner's id.
    Partner,
    /// The kind of document: `shipment`.
    Kind,
    /// The X12 transaction set: `856`; the kind where there is none.
    Set,
    /// The document's own number: PO number, shipment id, invoice number.
    Number,
    /// The number of the (first) order that it is about.
    PoNumber,
    /// ISA13, nine digits; `-` for files that are no X12.
    InterchangeControlNumber,
    /// The day it is written, `20260306`.
    Date,
    /// The time it is written, `141000`.
    Time,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Nothing.
    #[error("a file name cannot be empty")]
    Empty,
    /// A brace without its counterpart.
    #[error("a brace is not closed or not opened in {0:?}")]
    Brace(String),
    /// A name between braces that stands for nothing.
    #[error("{{{found}}} is none of {known}")]
    Unknown {
        /// The name.
        found: String,
        /// The names that there are.
        known: String,
    },
    /// A path separator or another character that a file name cannot have.
    #[error("a file name cannot hold {0:?}; the folder is the endpoint's")]
    Character(char),
    /// Every document would get the same name.
    #[error("{0:?} gives every file the same name; add {{number}}, {{po_number}} or {{isa13}}")]
    Constant(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(Placeholder),
}

/// A checked template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// What the placeholders stand for, for one file.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// The partner's id.
    pub partner: &'a str,
    /// The kind of document: `shipment`.
    pub kind: &'a str,
    /// The transaction set: `856`.
    pub set: &'a str,
    /// The document's own number.
    pub number: &'a str,
    /// The number of the order.
    pub po_number: &'a str,
    /// ISA13 where there is one.
    pub interchange_control_number: Option<u32>,
    /// When it is written, in the partner's zone.
    pub at: DateTime,
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        if text.trim().is_empty() {
            return Err(TemplateError::Empty);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let (before, from_brace) = rest.split_at(open);
            let unbalanced = || TemplateError::Brace(text.to_owned());
            let inside = from_brace.strip_prefix('{').ok_or_else(unbalanced)?;
            let (name, after) = inside.split_once('}').ok_or_else(unbalanced)?;
            pieces.extend(piece(before)?);
            pieces.push(Piece::Value(placeholder(name)?));
            rest = after;
        }
        pieces.extend(piece(rest)?);
        let template = Template { pieces };
        let tells_apart = [Placeholder::Number, Placeholder::PoNumber, Placeholder::InterchangeControlNumber];
        if !tells_apart.iter().any(|placeholder| template.uses(*placeholder)) {
            return Err(TemplateError::Constant(text.to_owned()));
        }
        Ok(template)
    }

    /// True when the template holds that placeholder.
    pub fn uses(&self, placeholder: Placeholder) -> bool {
        self.pieces.contains(&Piece::Value(placeholder))
    }

    /// The name of one file: one plain file name, never empty, never hidden.
    pub fn render(&self, values: &Values<'_>) -> String {
        let mut name = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => name.push_str(text),
                Piece::Value(placeholder) => name.push_str(&value(*placeholder, values)),
            }
        }
        safe(&name)
    }
}

/// Constant text between placeholders; `None` when there is none.
fn piece(text: &str) -> Result<Option<Piece>, TemplateError> {
    if let Some(wrong) = text.chars().find(|found| is_unsafe(*found)) {
        return Err(TemplateError::Character(wrong));
    }
    Ok((!text.is_empty()).then(|| Piece::Text(text.to_owned())))
}

fn placeholder(name: &str) -> Result<Placeholder, TemplateError> {
    let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
    known.map(|(_, placeholder)| *placeholder).ok_or_else(|| TemplateError::Unknown {
        found: name.to_owned(),
        known: PLACEHOLDERS.map(|(name, _)| format!("{{{name}}}")).join(", "),
    })
}

fn value(placeholder: Placeholder, values: &Values<'_>) -> String {
    let written = match placeholder {
        Placeholder::Partner => values.partner,
        Placeholder::Kind => values.kind,
        Placeholder::Set => values.set,
        Placeholder::Number => values.number,
        Placeholder::PoNumber => values.po_number,
        Placeholder::InterchangeControlNumber => {
            return values.interchange_control_number.map_or_else(|| "-".to_owned(), |number| format!("{number:09}"));
        }
        Placeholder::Date => return values.at.strftime("%Y%m%d").to_string(),
        Placeholder::Time => return values.at.strftime("%H%M%S").to_string(),
    };
    written.trim().to_owned()
}

/// Separators of any system, what Windows shares refuse, and what terminals act upon.
fn is_unsafe(found: char) -> bool {
    found.is_control() || matches!(found, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

fn safe(name: &str) -> String {
    let mut safe: String = name.trim().chars().map(|found| if is_unsafe(found) { '_' } else { found }).collect();
    // A leading dot hides the file, or names this folder or the one above.
    if safe.starts_with('.') {
        safe.replace_range(..1, "_");
    }
    if safe.is_empty() { "_".to_owned() } else { safe }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn values(number: &str) -> Values<'_> {
        Values {
            partner: "megamart",
            kind: "shipment",
            set: "856",
            number,
            po_number: "4500012345",
            interchange_control_number: Some(503),
            at: date(2026, 3, 6).at(14, 10, 0, 0),
        }
    }

    fn check(template: &str, number: &str, expected: &str) {
        assert_eq!(Template::parse(template).unwrap().render(&values(number)), expected);
    }

    #[test]
    fn each_placeholder_is_replaced() {
        check("{partner}_{set}_{isa13}.edi", "", "megamart_856_000000503.edi");
        check("{po_number}.json", "", "4500012345.json");
        check("{kind}-{number}-{date}", "SHP1", "shipment-SHP1-20260306");
    }

    #[test]
    fn a_number_cannot_leave_the_folder_or_hide_the_file() {
        check("{number}.json", "../../etc/passwd", "_._.._etc_passwd.json");
        check("{number}.json", ".ssh", "_ssh.json");
        check("{number}", "a\nb\0c:d", "a_b_c_d");
        check("{number}", "..", "_.");
        check("{number}", "  ", "_");
    }

    #[test]
    fn a_name_without_control_number_says_so() {
        let none = Values { interchange_control_number: None, ..values("") };
        assert_eq!(Template::parse("{isa13}").unwrap().render(&none), "-");
    }

    #[test]
    fn a_wrong_template_says_what_is_wrong() {
        let error = |template: &str| Template::parse(template).unwrap_err().to_string();
        assert_eq!(
            error("{po}.json"),
            "{po} is none of {partner}, {kind}, {set}, {number}, {po_number}, {isa13}, {date}, {time}"
        );
        assert_eq!(error("{number.json"), r#"a brace is not closed or not opened in "{number.json""#);
        assert_eq!(error("number}.json"), r#"a brace is not closed or not opened in "number}.json""#);
        assert_eq!(error("out/{number}"), "a file name cannot hold '/'; the folder is the endpoint's");
        assert_eq!(error(" "), "a file name cannot be empty");
        assert_eq!(
            error("order.json"),
            r#""order.json" gives every file the same name; add {number}, {po_number} or {isa13}"#
        );
    }

    #[test]
    fn a_template_knows_what_it_uses() {
        let template = Template::parse("{set}_{isa13}").unwrap();
        assert!(template.uses(Placeholder::InterchangeControlNumber));
        assert!(!template.uses(Placeholder::Number));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn whatever_the_number_the_name_is_one_plain_file(number in "\\PC{0,20}|[./\\\\]{0,6}") {
            let name = Template::parse("{number}").unwrap().render(&values(&number));
            prop_assert!(!name.is_empty() && !name.starts_with('.'));
            prop_assert!(!name.contains(['/', '\\']) && !name.chars().any(char::is_control));
        }
    }
}
