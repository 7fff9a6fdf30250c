//! The set as it grows: segments, and what X12 could not say.

use std::fmt::Display;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Rendered;
use crate::diagnostic::codes::document::{
    MISSING_VALUE, MONEY_TOO_FINE, TEXT_CUT, TRANSLITERATED, UNWRITABLE_CHARACTER,
};
use crate::diagnostic::{Code, Diagnostic, Place, Spot};
use crate::x12::value;
use crate::x12::writer::{ElementDraft, SegmentDraft, SetDraft};

/// Segments so far, and what is wrong with them.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) segments: Vec<SegmentDraft>,
    diagnostics: Vec<Diagnostic>,
}

impl Draft {
    /// Adds a segment, unless all its elements are empty; empty ones at the end are dropped.
    pub(super) fn push<const N: usize>(&mut self, tag: &str, elements: [String; N]) {
        let count = elements.iter().rposition(|element| !element.is_empty()).map_or(0, |last| last + 1);
        if count > 0 {
            self.segments.push(SegmentDraft::new(tag, elements.into_iter().take(count)));
        }
    }

    /// The same for a list of unknown length.
    pub(super) fn push_all(&mut self, tag: &str, mut elements: Vec<String>) {
        while elements.last().is_some_and(String::is_empty) {
            elements.pop();
        }
        if !elements.is_empty() {
            self.segments.push(SegmentDraft::new(tag, elements));
        }
    }

    /// Reports something about a field of the document.
    pub(super) fn report(&mut self, code: Code, path: impl Display, message: String) {
        let place = Place { spot: Spot::Path { path: path.to_string() }, ..Place::default() };
        self.diagnostics.push(Diagnostic::new(code, message).at(place));
    }

    /// A value that X12 cannot do without; empty and reported when it is missing.
    pub(super) fn needed(&mut self, value: Option<String>, path: impl Display, element: &str) -> String {
        if value.as_deref().is_none_or(str::is_empty) {
            let message = format!("{element} needs {path}, and the document has none");
            self.report(&MISSING_VALUE, path, message);
        }
        value.unwrap_or_default()
    }

    /// Free text of at most so many characters; the rest is cut and reported.
    pub(super) fn cut(&mut self, text: &str, most: usize, path: impl Display) -> String {
        // No text has more characters than bytes.
        if text.len() <= most {
            return text.to_owned();
        }
        let length = text.chars().count();
        if length > most {
            let message = format!("{path} has {length} characters, {most} of them are written");
            self.report(&TEXT_CUT, path, message);
        }
        text.chars().take(most).collect()
    }

    /// Free text broken at spaces into parts of at most so many characters; no more parts than `parts`.
    pub(super) fn wrap(&mut self, text: &str, most: usize, parts: usize, path: impl Display) -> Vec<String> {
        let mut lines = Vec::new();
        let mut rest = text.trim();
        while rest.chars().count() > most && lines.len() + 1 < parts {
            let end = rest.char_indices().nth(most).map_or(rest.len(), |(index, _)| index);
            // A space right behind the part is a good place as well, hence the look one further.
            let window = rest.char_indices().nth(most + 1).map_or(rest, |(index, _)| &rest[..index]);
            let at = window.rfind(' ').filter(|at| *at > 0).unwrap_or(end);
            lines.push(rest[..at].trim_end().to_owned());
            rest = rest[at..].trim_start();
        }
        if !rest.is_empty() {
            lines.push(self.cut(rest, most, path));
        }
        lines
    }

    /// An amount in whole cents (N2).
    pub(super) fn cents(&mut self, amount: Option<Decimal>, path: impl Display) -> String {
        let Some(amount) = amount else { return String::new() };
        value::write_implied(amount, 2).unwrap_or_else(|_| {
            let message = format!("{path} is {amount}, which is not a whole number of cents");
            self.report(&MONEY_TOO_FINE, path, message);
            String::new()
        })
    }

    /// The set, or every error.
    pub(super) fn finish(mut self, id: &str) -> Result<Rendered, Vec<Diagnostic>> {
        for index in 0..self.segments.len() {
            self.make_plain(index);
        }
        if self.diagnostics.iter().any(Diagnostic::is_error) {
            return Err(self.diagnostics);
        }
        let draft = SetDraft { id: id.to_owned(), segments: self.segments };
        Ok(Rendered { draft, warnings: self.diagnostics })
    }

    /// Rewrites the elements of one segment in printable ASCII.
    fn make_plain(&mut self, index: usize) {
        let SegmentDraft { tag, elements } = &mut self.segments[index];
        let mut reports = Vec::new();
        for (at, element) in elements.iter_mut().enumerate() {
            let ElementDraft::Simple(text) = element else { continue };
            if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                continue;
            }
            let path = format!("{tag}{:02}", at + 1);
            match plain(text) {
                Ok(written) => {
                    reports.push((&TRANSLITERATED, path, format!("{text:?} was written {written:?}")));
                    *text = written;
                }
                Err(found) => {
                    reports.push((
                        &UNWRITABLE_CHARACTER,
                        path,
                        format!("{text:?} holds {found:?}, which X12 cannot say"),
                    ));
                }
            }
        }
        for (code, path, message) in reports {
            self.report(code, &path, message);
        }
    }
}

/// The text in printable ASCII, or the first character that has no plain spelling.
fn plain(text: &str) -> Result<String, char> {
    let mut written = String::with_capacity(text.len());
    for found in text.chars() {
        match found {
            ' '..='~' => written.push(found),
            _ if found.is_whitespace() => written.push(' '),
            _ => written.push_str(plain_spelling(found).ok_or(found)?),
        }
    }
    Ok(written)
}

/// The plain spelling of Latin letters and of the marks that word processors put in.
fn plain_spelling(letter: char) -> Option<&'static str> {
    Some(match letter {
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => "A",
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'Æ' => "AE",
        'æ' => "ae",
        'Ç' | 'Ć' | 'Č' => "C",
        'ç' | 'ć' | 'č' => "c",
        'Ð' | 'Ď' | 'Đ' => "D",
        'ð' | 'ď' | 'đ' => "d",
        'È'..='Ë' | 'Ē' | 'Ę' | 'Ě' => "E",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'Ğ' => "G",
        'ğ' => "g",
        'Ì'..='Ï' | 'Ī' | 'İ' => "I",
        'ì'..='ï' | 'ī' | 'ı' => "i",
        'Ł' => "L",
        'ł' => "l",
        'Ñ' | 'Ń' | 'Ň' => "N",
        'ñ' | 'ń' | 'ň' => "n",
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => "O",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'Œ' => "OE",
        'œ' => "oe",
        'Ř' => "R",
        'ř' => "r",
        'Ś' | 'Ş' | 'Š' | 'Ș' => "S",
        'ś' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'Ť' | 'Ț' => "T",
        'ť' | 'ț' => "t",
        'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' => "U",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'Ý' | 'Ÿ' => "Y",
        'ý' | 'ÿ' => "y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        '‘' | '’' | '‚' | '′' => "'",
        '“' | '”' | '„' | '″' => "\"",
        '‐' | '‑' | '–' | '—' | '−' => "-",
        '…' => "...",
        '×' => "x",
        '½' => "1/2",
        '¼' => "1/4",
        '¾' => "3/4",
        '°' => " deg",
        '®' => "(R)",
        '™' => "(TM)",
        '©' => "(C)",
        _ => return None,
    })
}

/// An optional text as an element.
pub(super) fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// An optional decimal as an element (R).
pub(super) fn decimal(value: Option<Decimal>) -> String {
    value.map(value::write_decimal).unwrap_or_default()
}

/// An optional date as an element.
pub(super) fn date(value: Option<Date>) -> String {
    value.map(value::write_date8).unwrap_or_default()
}

/// A constant element.
pub(super) fn constant(value: &str) -> String {
    value.to_owned()
}

/// An element that stays empty.
pub(super) fn none() -> String {
    String::new()
}
