//! From groups of cells, as every format yields them, to one document.
//!
//! A group is one instance of a scope (a line, a carton) with the texts found for its fields. The table of
//! fields says where each goes in the canonical JSON, and serde makes the document of that.

use serde_json::Value;

use super::value;
use crate::config::map::fields::{Need, ScopeRole, ValueType, fields};
use crate::config::map::{Map, MappedField, Source, place};
use crate::diagnostic::codes::files;
use crate::diagnostic::{Code, Diagnostic, Place, Spot};
use crate::document::Document;

/// A place in a text file: line and column from 1, column 0 when only the line is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Position {
    pub line: u64,
    pub column: u64,
}

impl Position {
    pub fn place(self, file: &str) -> Place {
        let spot = match self.line {
            0 => Spot::Whole,
            line => Spot::Line { line, column: self.column },
        };
        Place { file: Some(file.to_owned()), byte: None, spot }
    }
}

/// The text found for one field.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    /// The field, by index in [`Map::fields`].
    pub field: usize,
    pub text: String,
    pub position: Position,
}

/// One instance of a scope.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub scope: usize,
    pub cells: Vec<Cell>,
    pub groups: Vec<Group>,
    pub position: Position,
}

/// The document of a group, unless one of the diagnostics that it adds is an error.
///
/// `faults` are those that the reader of the format met in it; with any, the document is lost too.
pub(super) fn document(
    root: &Group,
    faults: Vec<Diagnostic>,
    file: &str,
    map: &Map,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Document> {
    let with_item =
        fields(map.kind).iter().filter(|field| field.place == "item.buyer").map(|field| field.scope).collect();
    let mut building = Building { file, map, faults, with_item };
    let mut json = building.json(root);
    let mut faults = building.faults;
    if faults.is_empty() {
        place::put(&mut json, "kind", map.kind.name().into());
        match serde_json::from_value::<Document>(json) {
            Ok(document) => return Some(document),
            Err(error) => faults.push(
                Diagnostic::new(&files::JSON_NOT_CANONICAL, format!("the {} is not complete: {error}", map.kind))
                    .at(root.position.place(file)),
            ),
        }
    }
    let count = match faults.len() {
        1 => "an error".to_owned(),
        count => format!("{count} errors"),
    };
    diagnostics.append(&mut faults);
    let message = format!("{} is not taken over because of {count} in it", name_of(root, map));
    diagnostics.push(Diagnostic::new(&files::DOCUMENT_LOST, message).at(root.position.place(file)));
    None
}

/// `shipment "S2"`, or where it begins when its number is what is missing.
fn name_of(root: &Group, map: &Map) -> String {
    let number = root.cells.iter().find(|cell| {
        let field = &map.fields[cell.field].field;
        // What a document must have besides its number are days and amounts.
        field.scope == 0 && field.need == Need::Required && field.value == ValueType::Text
    });
    match number {
        Some(number) => format!("{} {:?}", map.kind, number.text),
        None => format!("the {} that begins here", map.kind),
    }
}

struct Building<'m> {
    file: &'m str,
    map: &'m Map,
    faults: Vec<Diagnostic>,
    /// The scopes that always have an item.
    with_item: Vec<usize>,
}

impl Building<'_> {
    fn json(&mut self, group: &Group) -> Value {
        let mut json = Value::Object(serde_json::Map::new());
        let scope = &self.map.scopes()[group.scope];
        if let Some((member, word)) = scope.mark {
            place::put(&mut json, member, word.into());
        }
        let mut present = Vec::new();
        for (index, mapped) in self.map.fields_of(group.scope) {
            let cell = group.cells.iter().find(|cell| cell.field == index);
            let text = cell.map(|cell| cell.text.as_str()).or(mapped.default.as_deref());
            let constant = match &mapped.source {
                Source::Constant(constant) => Some(constant.as_str()),
                _ => None,
            };
            let Some(text) = text.or(constant) else { continue };
            present.push(mapped);
            match value::read(text, mapped, self.map) {
                Ok(value) => self.put(&mut json, mapped, value),
                Err(fault) => {
                    let position = cell.map_or(group.position, |cell| cell.position);
                    let fault = fault.at(position.place(self.file));
                    self.faults.push(fault);
                }
            }
        }
        prune(&mut json);
        self.check_needs(group, &present);
        self.check_content(group);
        for inner in &group.groups {
            let value = self.json(inner);
            let list = self.map.scopes()[inner.scope].list;
            place::array(place::object(&mut json).entry(list).or_insert(Value::Null)).push(value);
        }
        self.add_empty_lists(&mut json, group.scope);
        json
    }

    fn put(&self, json: &mut Value, mapped: &MappedField, value: Value) {
        if let Some((place, word)) = &mapped.field.beside
            && place::take(json, place).is_none()
        {
            place::put(json, place, (*word).into());
        }
        place::put(json, &mapped.field.place, value);
    }

    fn check_needs(&mut self, group: &Group, present: &[&MappedField]) {
        let has = |name: &str| present.iter().any(|mapped| mapped.field.name == name);
        for (_, mapped) in self.map.fields_of(group.scope) {
            let field = &mapped.field;
            if field.need == Need::Required && !has(&field.name) {
                let message = format!("{} ({}) is mandatory and blank", mapped.described(), field.name);
                self.fault(&files::MISSING_VALUE, message, group);
            }
            if let Some(unit) = field.unit.as_ref().filter(|unit| has(&field.name) && !has(unit)) {
                let message = format!("{} ({}) has a number and no unit ({unit})", mapped.described(), field.name);
                self.fault(&files::MISSING_VALUE, message, group);
            }
        }
        let choices: Vec<&MappedField> = self
            .map
            .fields_of(group.scope)
            .map(|(_, mapped)| mapped)
            .filter(|it| it.field.need == Need::OneOf)
            .collect();
        if !choices.is_empty() && !choices.iter().any(|mapped| has(&mapped.field.name)) {
            let labels: Vec<String> = choices.iter().map(|mapped| mapped.described()).collect();
            let scope = self.map.scopes()[group.scope].name;
            self.fault(&files::MISSING_VALUE, format!("this {scope} says nowhere which item it is"), group);
            if let Some(fault) = self.faults.last_mut() {
                fault.expected = Some(format!("a value in {}", labels.join(" or ")));
            }
        }
    }

    /// A document without lines, or a carton with nothing in it.
    fn check_content(&mut self, group: &Group) {
        let scopes = self.map.scopes();
        let is_level = |scope: usize| scopes[scope].role != ScopeRole::Beside;
        let mut within = vec![group.scope];
        for scope in 1..scopes.len() {
            if self.map.has(scope) && within.contains(&self.map.parent(scope)) {
                within.push(scope);
            }
        }
        let missing = within[1..].iter().copied().find(|scope| scopes[*scope].role == ScopeRole::Needed);
        let has_content = group.groups.iter().any(|inner| is_level(inner.scope));
        if let (Some(missing), false) = (missing, has_content) {
            let path = self.map.repeat(missing).map_or(String::new(), |path| format!(": nothing at {:?}", path.text));
            let message = format!("this {} has no {}{path}", scopes[group.scope].name, scopes[missing].name);
            self.fault(&files::MISSING_VALUE, message, group);
        }
    }

    fn fault(&mut self, code: Code, message: String, group: &Group) {
        self.faults.push(Diagnostic::new(code, message).at(group.position.place(self.file)));
    }

    /// Lists that the canonical model always writes, and the item that a line always has.
    fn add_empty_lists(&self, json: &mut Value, scope: usize) {
        for inner in self.map.scopes().iter().filter(|inner| inner.parents.contains(&scope)) {
            let members = place::object(json);
            if !members.contains_key(inner.list) {
                members.insert(inner.list.to_owned(), Value::Array(Vec::new()));
            }
        }
        if self.with_item.contains(&scope) {
            place::object(json).entry("item").or_insert_with(|| Value::Object(serde_json::Map::new()));
        }
    }
}

/// Takes out what has lost the value that it describes: a constant unit beside a blank weight, the basis of a
/// blank price, the issuer of a blank code.
fn prune(json: &mut Value) {
    match json {
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|name, value| {
                let has = |member: &str| value.get(member).is_some();
                let lonely = (has("unit") || has("by")) && !has("value");
                let no_price = name == "price" && value.is_object() && !has("amount");
                !(lonely || no_price)
            });
        }
        Value::Array(elements) => {
            elements.iter_mut().for_each(prune);
            elements.retain(|element| !says_only_what_it_is(element));
        }
        _ => {}
    }
}

/// A member of a list whose value went: a kind of stock without a quantity.
fn says_only_what_it_is(element: &Value) -> bool {
    element.as_object().is_some_and(|members| members.len() == 1 && members.contains_key("is"))
}
