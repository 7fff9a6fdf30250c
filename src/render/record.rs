//! From a document to groups of texts, as every format writes them: the way back of reading.

use serde_json::Value;

use super::value;
use crate::config::map::fields::ScopeRole;
use crate::config::map::{Map, place};
use crate::diagnostic::codes::files;
use crate::diagnostic::{Diagnostic, Place};
use crate::document::Document;

/// One instance of a scope with the texts of its fields.
#[derive(Debug)]
pub(super) struct Group {
    pub scope: usize,
    /// Field, by index in [`Map::fields`], and text.
    pub texts: Vec<(usize, String)>,
    pub groups: Vec<Group>,
}

/// Something that the map cannot say of the document.
pub(super) fn does_not_fit(map: &Map, message: String) -> Diagnostic {
    let place = Place { file: Some(map.file.display().to_string()), ..Place::default() };
    Diagnostic::new(&files::MAP_DOES_NOT_FIT, message).at(place)
}

/// The document as groups.
pub(super) fn group(document: &Document, map: &Map) -> Result<Group, Vec<Diagnostic>> {
    if document.kind() != map.kind {
        return Err(vec![does_not_fit(
            map,
            format!("the map writes {}, the document is {}", map.kind, document.kind()),
        )]);
    }
    // A document is a struct of texts, numbers and lists, which serde always turns into a value.
    let json = serde_json::to_value(document).unwrap_or(Value::Null);
    let mut taking = Taking { map, faults: Vec::new() };
    let group = taking.group(&json, 0);
    if taking.faults.is_empty() { Ok(group) } else { Err(taking.faults) }
}

struct Taking<'m> {
    map: &'m Map,
    faults: Vec<Diagnostic>,
}

impl Taking<'_> {
    fn group(&mut self, json: &Value, scope: usize) -> Group {
        let mut texts = Vec::new();
        for (index, mapped) in self.map.fields_of(scope) {
            let text = match place::take(json, &mapped.field.place) {
                Some(Value::String(text)) if !text.is_empty() => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => continue,
            };
            match value::write(&text, mapped, self.map) {
                Ok(Some(text)) if self.map.null.contains(&text) => {
                    let message = format!("{} is {text:?}, which the map reads as nothing", mapped.field.name);
                    self.faults.push(does_not_fit(self.map, message));
                }
                Ok(Some(text)) => texts.push((index, text)),
                Ok(None) => {}
                Err(message) => self.faults.push(does_not_fit(self.map, message).found(text)),
            }
        }
        let mut groups = Vec::new();
        self.gather(json, scope, &mut groups);
        Group { scope, texts, groups }
    }

    /// What is directly within a scope; a level that the map does not have is passed through.
    fn gather(&mut self, json: &Value, scope: usize, groups: &mut Vec<Group>) {
        for (child, inner) in self.map.scopes().iter().enumerate().skip(1) {
            if !inner.parents.contains(&scope) {
                continue;
            }
            let elements = json.get(inner.list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            for element in elements {
                let is_marked =
                    inner.mark.is_none_or(|(member, word)| element.get(member).is_some_and(|is| is == word));
                if is_marked && self.map.has(child) {
                    groups.push(self.group(element, child));
                } else if is_marked && inner.role != ScopeRole::Beside {
                    self.gather(element, child, groups);
                }
            }
        }
    }
}
