//! What a map as a whole must be: nothing mapped twice, nothing mandatory left out.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::fields::{self, Need, ScopeRole};
use super::read::Reading;
use super::{Map, MappedField, Source};
use crate::diagnostic::codes::files;

impl Reading<'_> {
    /// One column or path is one field: else reading would be fine and writing would contradict itself.
    pub(super) fn refuse_double_sources(&mut self, mapped: &[MappedField], places: &[usize]) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (index, (entry, &byte)) in mapped.iter().zip(places).enumerate() {
            let name = &entry.field.name;
            if mapped[..index].iter().any(|earlier| earlier.field.name == *name) {
                let message = format!("{name} is mapped twice, perhaps once by the unit of its number");
                self.say(&files::MAP_DOUBLE_SOURCE, byte, message).found = Some(entry.label().to_owned());
            }
            let sources = match &entry.source {
                Source::Columns(names) => names.clone(),
                Source::Path(path) => vec![path.text.clone()],
                Source::Constant(_) => Vec::new(),
            };
            for source in sources {
                // Headers are compared without regard to case, so columns are here too.
                if let Some(first) = seen.insert(key(&entry.source, &source), name) {
                    let message = format!("{source:?} is mapped to {first} and to {name}");
                    self.say(&files::MAP_DOUBLE_SOURCE, byte, message).found = Some(source);
                }
            }
        }
    }

    /// What the kind must have: its fields, and the scopes that those are in.
    pub(super) fn check_mandatory(&mut self, map: &Map, table: &DeTable<'_>) {
        let at = table.get("fields").map_or(0, |value| value.span().start);
        for (index, scope) in map.scopes().iter().enumerate() {
            if scope.role == ScopeRole::Needed || map.has(index) {
                self.check_scope(map, index, at);
            }
        }
        self.check_units(map, at);
        let pallet = map.scopes().iter().position(|scope| scope.name == "pallet");
        if pallet.is_some_and(|pallet| map.has(pallet) && !map.has(pallet + 1)) {
            self.say(&files::MAP_MISSING_FIELD, at, "a pallet holds cartons, and the map has none".to_owned())
                .expected = Some("carton.sscc or carton.number beside the fields of the pallet".to_owned());
        }
    }

    fn check_scope(&mut self, map: &Map, scope: usize, at: usize) {
        let is_mapped = |name: &str| map.fields.iter().any(|mapped| mapped.field.name == name);
        let mut choices = Vec::new();
        for field in fields::fields(map.kind).into_iter().filter(|field| field.scope == scope) {
            if field.need == Need::Required && !is_mapped(&field.name) {
                let message = format!("a map of {} must have the field {}", map.kind, field.name);
                self.say(&files::MAP_MISSING_FIELD, at, message).expected = Some(format!("{} = …", field.name));
            }
            if field.need == Need::OneOf {
                choices.push(field.name);
            }
        }
        if !choices.is_empty() && !choices.iter().any(|name| is_mapped(name)) {
            let message = format!("a map of {} must say which item a {} is", map.kind, map.scopes()[scope].name);
            self.say(&files::MAP_MISSING_FIELD, at, message).expected =
                Some(format!("at least one of {}", choices.join(", ")));
        }
    }

    fn check_units(&mut self, map: &Map, at: usize) {
        for mapped in &map.fields {
            let Some(unit) = &mapped.field.unit else { continue };
            if !map.fields.iter().any(|other| other.field.name == *unit) {
                let message = format!("{} has no unit", mapped.field.name);
                self.say(&files::MAP_NO_UNIT, at, message).expected =
                    Some(format!("unit = \"EA\" beside {}, or the field {unit}", mapped.described()));
            }
        }
    }
}

fn key(source: &Source, name: &str) -> String {
    match source {
        Source::Columns(_) => name.trim().to_ascii_lowercase(),
        Source::Path(_) | Source::Constant(_) => name.to_owned(),
    }
}
