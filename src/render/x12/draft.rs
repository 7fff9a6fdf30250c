//! The set as it grows: segments, and what X12 could not say.

use std::borrow::Cow;
use std::fmt::Display;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Rendered;
use crate::diagnostic::codes::document::{
    MISSING_VALUE, MONEY_TOO_FINE, TEXT_CUT, TRANSLITERATED, UNWRITABLE_CHARACTER,
};
use crate::diagnostic::{Code, Diagnostic, Place, Spot};
use crate::x12::draft::SetDraft;
use crate::x12::value;

/// An element: a text of the document's, or one that was written for it.
pub(super) type Text<'t> = Cow<'t, str>;

/// Segments so far, and what is wrong with them.
pub(super) struct Draft {
    set: SetDraft,
    diagnostics: Vec<Diagnostic>,
}

impl Draft {
    pub(super) fn new(id: &str) -> Self {
        Draft { set: SetDraft::new(id), diagnostics: Vec::new() }
    }

    /// Adds a segment, unless all its elements are empty; empty ones at the end are dropped.
    pub(super) fn push<T: AsRef<str>>(&mut self, tag: &str, elements: impl AsRef<[T]>) {
        let elements = elements.as_ref();
        let last = elements.iter().rposition(|element| !element.as_ref().is_empty());
        if let Some(last) = last {
            self.set.push(tag, &elements[..=last]);
        }
    }

    /// Reports something about a field of the document.
    pub(super) fn report(&mut self, code: Code, path: impl Display, message: String) {
        let place = Place { spot: Spot::Path { path: path.to_string() }, ..Place::default() };
        self.diagnostics.push(Diagnostic::new(code, message).at(place));
    }

    /// A value that X12 cannot do without; empty and reported when it is missing.
    pub(super) fn needed<'t>(&mut self, value: Option<Text<'t>>, path: impl Display, element: &str) -> Text<'t> {
        if value.as_deref().is_none_or(str::is_empty) {
            let message = format!("{element} needs {path}, and the document has none");
            self.report(&MISSING_VALUE, path, message);
        }
        value.unwrap_or_default()
    }

    /// Free text of at most so many characters; the rest is cut and reported.
    pub(super) fn cut<'t>(&mut self, text: &'t str, most: usize, path: impl Display) -> Text<'t> {
        // No text has more characters than bytes.
        if text.len() <= most {
            return text.into();
        }
        let length = text.chars().count();
        if length > most {
            let message = format!("{path} has {length} characters, {most} of them are written");
            self.report(&TEXT_CUT, path, message);
        }
        text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end]).into()
    }

    /// Free text broken at spaces into parts of at most so many characters; no more parts than `parts`.
    pub(super) fn wrap<'t>(&mut self, text: &'t str, most: usize, parts: usize, path: impl Display) -> Vec<Text<'t>> {
        let mut lines = Vec::new();
        let mut rest = text.trim();
        while rest.chars().count() > most && lines.len() + 1 < parts {
            let end = rest.char_indices().nth(most).map_or(rest.len(), |(index, _)| index);
            // A space right behind the part is a good place as well, hence the look one further.
            let window = rest.char_indices().nth(most + 1).map_or(rest, |(index, _)| &rest[..index]);
            let at = window.rfind(' ').filter(|at| *at > 0).unwrap_or(end);
            lines.push(rest[..at].trim_end().into());
            rest = rest[at..].trim_start();
        }
        if !rest.is_empty() {
            lines.push(self.cut(rest, most, path));
        }
        lines
    }

    /// An amount in whole cents (N2).
    pub(super) fn cents(&mut self, amount: Option<Decimal>, path: impl Display) -> Text<'static> {
        let Some(amount) = amount else { return none() };
        value::write_implied(amount, 2).map(Text::from).unwrap_or_else(|_| {
            let message = format!("{path} is {amount}, which is not a whole number of cents");
            self.report(&MONEY_TOO_FINE, path, message);
            none()
        })
    }

    /// The set, or every error.
    pub(super) fn finish(mut self) -> Result<Rendered, Vec<Diagnostic>> {
        if !self.set.is_plain() {
            self.set = self.in_plain_letters();
        }
        if self.diagnostics.iter().any(Diagnostic::is_error) {
            return Err(self.diagnostics);
        }
        Ok(Rendered { draft: self.set, warnings: self.diagnostics })
    }

    /// The same set in printable ASCII.
    fn in_plain_letters(&mut self) -> SetDraft {
        let set = std::mem::replace(&mut self.set, SetDraft::new(""));
        let mut written = SetDraft::new(&set.id);
        for segment in set.segments() {
            let tag = String::from_utf8_lossy(segment.tag());
            let texts = segment.parts().map(|(_, text)| String::from_utf8_lossy(text)).enumerate();
            let elements: Vec<Text<'_>> = texts.map(|(at, text)| self.plain(text, &tag, at + 1)).collect();
            written.push(&tag, elements);
        }
        written
    }

    /// One element in printable ASCII; reported where it was not.
    fn plain<'t>(&mut self, text: Text<'t>, tag: &str, element: usize) -> Text<'t> {
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return text;
        }
        let path = format!("{tag}{element:02}");
        match plain(&text) {
            Ok(written) => {
                self.report(&TRANSLITERATED, path, format!("{text:?} was written {written:?}"));
                written.into()
            }
            Err(found) => {
                let message = format!("{text:?} holds {found:?}, which X12 cannot say");
                self.report(&UNWRITABLE_CHARACTER, path, message);
                text
            }
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
pub(super) fn text(value: Option<&str>) -> Text<'_> {
    value.unwrap_or_default().into()
}

/// A decimal as an element (R).
pub(super) fn number(value: Decimal) -> Text<'static> {
    value::write_decimal(value).into()
}

/// An optional decimal as an element (R).
pub(super) fn decimal(value: Option<Decimal>) -> Text<'static> {
    value.map(number).unwrap_or_default()
}

/// A count as an element (N0).
pub(super) fn count(value: impl ToString) -> Text<'static> {
    value.to_string().into()
}

/// An optional date as an element.
pub(super) fn date(value: Option<Date>) -> Text<'static> {
    value.map(|date| value::write_date8(date).into()).unwrap_or_default()
}

/// A text that is there, such as a constant.
pub(super) fn word(value: &str) -> Text<'_> {
    value.into()
}

/// An element that stays empty.
pub(super) fn none() -> Text<'static> {
    Text::default()
}
