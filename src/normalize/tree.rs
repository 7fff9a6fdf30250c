//! What XML and JSON have in common: named nodes with text or parts, found by paths from a map.
//!
//! An attribute is a part named `@qty`; an element of a JSON list is a part with the list's name, as repeated
//! elements are in XML. So one walk serves both.
//!
//! ```text
//! { "po": "45000", "lines": [ {"qty": 24}, {"qty": 12} ] }    ->   po, lines, lines
//! ```

use super::record::{self, Cell, Group, Position};
use crate::config::map::fields::ScopeRole;
use crate::config::map::{Map, Source};
use crate::diagnostic::codes::files;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::Document;

/// One element, attribute, object or value.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree {
    pub name: String,
    pub position: Position,
    /// Its own text; empty where it has parts only.
    pub text: String,
    pub parts: Vec<Tree>,
}

impl Tree {
    /// The nodes at the end of the steps, in the order of the file.
    fn find(&self, steps: &[String]) -> Vec<&Tree> {
        let mut at = vec![self];
        for step in steps {
            at = at.into_iter().flat_map(|node| node.parts.iter().filter(|part| part.name == *step)).collect();
        }
        at
    }
}

/// The documents of a file that was read into trees, one for each root.
pub(super) fn documents(roots: &[Tree], file: &str, map: &Map, diagnostics: &mut Vec<Diagnostic>) -> Vec<Document> {
    let found: Vec<&Tree> = match map.repeat(0) {
        Some(path) => roots.iter().flat_map(|root| root.find(&path.steps)).collect(),
        None => roots.iter().collect(),
    };
    if found.is_empty() {
        let place = map.repeat(0).map_or("the list".to_owned(), |path| format!("{:?}", path.text));
        let message = format!("the file holds no {}: {place} is empty or absent", map.kind);
        let position = roots.first().map_or(Position::default(), |root| root.position);
        diagnostics.push(Diagnostic::new(&files::NOTHING_FOUND, message).at(position.place(file)));
    }
    let mut documents = Vec::new();
    for tree in found {
        let mut walk = Walk { file, map, faults: Vec::new(), contexts: vec![tree; map.scopes().len()] };
        let root = walk.group(0, tree.position);
        documents.extend(record::document(&root, walk.faults, file, map, diagnostics));
    }
    documents
}

struct Walk<'t> {
    file: &'t str,
    map: &'t Map,
    faults: Vec<Diagnostic>,
    /// By scope, the node of its instance that is being read.
    contexts: Vec<&'t Tree>,
}

impl<'t> Walk<'t> {
    fn group(&mut self, scope: usize, position: Position) -> Group {
        let map = self.map;
        let mut group = Group { scope, cells: Vec::new(), groups: Vec::new(), position };
        for (field, mapped) in map.fields_of(scope) {
            if let Source::Path(path) = &mapped.source {
                let found = self.contexts[path.within].find(&path.steps);
                group.cells.extend(self.cell(field, &found));
            }
        }
        for child in map.children(scope) {
            let groups = self.instances(child, position);
            group.groups.extend(groups);
        }
        group
    }

    /// The instances of a scope within the one that is being read.
    fn instances(&mut self, scope: usize, position: Position) -> Vec<Group> {
        let Some(path) = self.map.repeat(scope) else {
            self.contexts[scope] = self.contexts[self.map.parent(scope)];
            let group = self.group(scope, position);
            return match (group.cells.is_empty(), self.map.scopes()[scope].role) {
                (false, _) => vec![group],
                (true, ScopeRole::Needed) if group.groups.is_empty() => Vec::new(),
                (true, ScopeRole::Needed) => vec![group],
                // A level that is blank is not there: what is in it belongs to what holds it.
                (true, ScopeRole::Level | ScopeRole::Beside) => group.groups,
            };
        };
        let found = self.contexts[path.within].find(&path.steps);
        let mut groups = Vec::new();
        for tree in found {
            self.contexts[scope] = tree;
            groups.push(self.group(scope, tree.position));
        }
        groups
    }

    fn cell(&mut self, field: usize, found: &[&Tree]) -> Option<Cell> {
        let first = found.first()?;
        if found.len() > 1 {
            let message = format!("{} stands {} times", self.map.fields[field].described(), found.len());
            self.fault(&files::MORE_THAN_ONE, message, found[1].position);
        }
        let text = first.text.trim();
        let holds_parts = first.parts.iter().any(|part| !part.name.starts_with('@'));
        if text.is_empty() && holds_parts {
            let parts: Vec<&str> = first.parts.iter().map(|part| part.name.as_str()).collect();
            let message = format!("{} has parts and no value of its own", self.map.fields[field].described());
            self.fault(&files::WRONG_SHAPE, message, first.position);
            if let Some(fault) = self.faults.last_mut() {
                fault.expected = Some("a path to one value".to_owned());
                fault.found = Some(parts.join(", ").chars().take(99).collect());
            }
            return None;
        }
        let is_null = text.is_empty() || self.map.null.iter().any(|word| word == text);
        (!is_null).then(|| Cell { field, text: text.to_owned(), position: first.position })
    }

    fn fault(&mut self, code: Code, message: String, position: Position) {
        self.faults.push(Diagnostic::new(code, message).at(position.place(self.file)));
    }
}

/// Turns byte offsets of a text into lines and columns; the offsets must not go backwards.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    line_start: usize,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str) -> Self {
        Lines { text, at: 0, line: 1, line_start: 0 }
    }

    pub fn position(&mut self, byte: usize) -> Position {
        let byte = byte.min(self.text.len());
        for newline in memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at.min(byte)..byte]) {
            self.line += 1;
            self.line_start = self.at + newline + 1;
        }
        self.at = self.at.max(byte);
        // A line that goes on for megabytes is counted in bytes: an exact column there helps nobody.
        let start = &self.text.as_bytes()[self.line_start.min(byte)..byte];
        let letters = start.iter().filter(|byte| **byte & 0xC0 != 0x80);
        let column = if start.len() > 4096 { start.len() } else { letters.count() };
        Position { line: self.line, column: column as u64 + 1 }
    }
}
