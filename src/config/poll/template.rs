//! Texts with gaps that are filled for each request.
//!
//! ```text
//! "{since}"                       2026-03-06T14:10:44Z
//! "/orders/{id}/products"         a field of the request
//! "/documents/{/reportDocumentId}"   a JSON pointer into the item
//! {"after": {"cursor"}}           in a body: the value as JSON, quoted or null
//! ```
//!
//! In: a text. Out: parts, or the gap that nobody can fill. Pure.

use std::fmt;

/// What fills a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// One of the fields of a request, by name.
    Field(&'static str),
    /// What stands in the item at this pointer.
    Item(String),
}

/// The fields of a request.
pub const FIELDS: [&str; 11] =
    ["since", "until", "page", "offset", "cursor", "last_id", "id", "version", "uuid", "timestamp", "size"];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Gap {
        gap: Gap,
        /// As a JSON value: quoted, or null.
        as_json: bool,
    },
}

/// A text with gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Path, parameter, header or name: every brace is a gap.
    Words,
    /// A body, whose own braces are no gaps.
    Body,
}

impl Template {
    /// Reads a text; `Err` is the gap that is none.
    pub fn parse(text: &str, purpose: For) -> Result<Template, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            let inside = rest[start + 1..].split('}').next().unwrap_or_default();
            let is_closed = rest.len() > start + 1 + inside.len();
            match gap(inside).filter(|_| is_closed) {
                Some((gap, as_json)) if !as_json || purpose == For::Body => {
                    push(&mut parts, &rest[..start]);
                    parts.push(Part::Gap { gap, as_json });
                    rest = &rest[start + inside.len() + 2..];
                }
                _ if purpose == For::Words => return Err(format!("{{{inside}}}")),
                _ => {
                    push(&mut parts, &rest[..=start]);
                    rest = &rest[start + 1..];
                }
            }
        }
        push(&mut parts, rest);
        Ok(Template { parts })
    }

    /// The text with its gaps filled, each as `written` writes it; `None` when one has no value and is not a JSON value.
    pub fn fill(&self, value: &dyn Fn(&Gap) -> Option<String>, written: &dyn Fn(&str) -> String) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Gap { gap, as_json: true } => match value(gap) {
                    Some(value) => text.push_str(&format!("\"{}\"", written(&value))),
                    None => text.push_str("null"),
                },
                Part::Gap { gap, as_json: false } => text.push_str(&written(&value(gap)?)),
            }
        }
        Some(text)
    }

    /// Whether a field is among its gaps.
    pub fn has(&self, field: &str) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Gap { gap: Gap::Field(name), .. } if *name == field))
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::Field(name) => write!(f, "{{{name}}}"),
            Gap::Item(pointer) => write!(f, "{{{pointer}}}"),
        }
    }
}

fn push(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}

fn gap(inside: &str) -> Option<(Gap, bool)> {
    let (name, as_json) = match inside.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(name) => (name, true),
        None => (inside, false),
    };
    let is_pointer = name.starts_with('/') && !name.contains([' ', '\n', '"']);
    let gap = match FIELDS.iter().find(|field| **field == name) {
        Some(field) => Gap::Field(field),
        None if is_pointer => Gap::Item(name.to_owned()),
        None => return None,
    };
    Some((gap, as_json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, purpose: For) -> Option<String> {
        let value = |gap: &Gap| match gap {
            Gap::Field("page") => Some("7".to_owned()),
            Gap::Item(pointer) if pointer == "/a" => Some("x y".to_owned()),
            _ => None,
        };
        Template::parse(text, purpose).unwrap().fill(&value, &|value| value.replace(' ', "%20"))
    }

    #[test]
    fn gaps_are_filled_and_a_text_with_an_empty_one_is_none() {
        assert_eq!(filled("p={page}&a={/a}", For::Words).as_deref(), Some("p=7&a=x%20y"));
        assert_eq!(filled("{since}", For::Words), None);
        assert_eq!(filled("", For::Words).as_deref(), Some(""));
    }

    #[test]
    fn a_gap_that_nobody_can_fill_is_refused_where_it_would_be_sent() {
        for text in ["{sicne}", "{shop", "{}", "{\"page\"}"] {
            assert!(Template::parse(text, For::Words).is_err(), "{text}");
        }
    }

    #[test]
    fn the_braces_of_a_body_stay_and_its_values_are_json() {
        let body = r#"{"query":"{ orders { id } }","after":{"cursor"},"page":{"page"}}"#;
        let expected = r#"{"query":"{ orders { id } }","after":null,"page":"7"}"#;
        assert_eq!(filled(body, For::Body).as_deref(), Some(expected));
    }
}
