//! What differs between two guides, in words.
//!
//! ```text
//! places     N9/MSG          gone
//!            TD5             at most 12 times, then any number
//! elements   REF02           length 1-30, then 1-50
//! codes      718             new: 18 set not in this group
//! ```

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::segment::{all_elements, condition_in_words, kind_in_words, length_in_words, use_in_words};
use super::{letter, max_in_words};
use crate::cli::paint::Paint;
use crate::x12::guide::dictionary::{CodeList, Condition, Dictionary, ElementSpec, Kind};
use crate::x12::guide::{Content, Guide, Place};

/// Where two guides differ.
pub(super) struct Differences {
    from: &'static Guide,
    to: &'static Guide,
    places: Vec<Difference>,
    elements: Vec<Difference>,
    codes: Vec<Difference>,
}

/// One difference: where, and what.
struct Difference {
    at: String,
    what: String,
}

impl Difference {
    fn new(at: impl Into<String>, what: impl Into<String>) -> Difference {
        Difference { at: at.into(), what: what.into() }
    }

    fn changed(
        at: impl Into<String>,
        what: &str,
        from: impl std::fmt::Display,
        to: impl std::fmt::Display,
    ) -> Difference {
        Difference::new(at, format!("{what} {from}, then {to}"))
    }
}

/// Compares two guides.
pub(super) fn between(from: &'static Guide, to: &'static Guide) -> Differences {
    let mut places = Vec::new();
    compare_places((from, &from.content), (to, &to.content), "", &mut places);
    let both = Dictionaries { from: from.dictionary(), to: to.dictionary() };
    let mut used: Vec<&str> = from.places.iter().map(|place| place.id).filter(|tag| to.uses(tag)).collect();
    used.sort_unstable();
    used.dedup();
    let mut elements = Vec::new();
    used.iter().for_each(|tag| both.compare_segment(tag, &mut elements));
    both.compare_composites(&used, &mut elements);
    let mut codes = Vec::new();
    both.compare_lists(&used, &mut codes);
    Differences { from, to, places, elements, codes }
}

impl Differences {
    pub fn as_text(&self, paint: Paint) -> String {
        let name = |guide: &Guide| format!("{} {} at {}", guide.set, guide.name, guide.version);
        let mut text = format!("{}, then {}\n", paint.bold(&name(self.from)), paint.bold(&name(self.to)));
        let kinds = [("places", &self.places), ("elements", &self.elements), ("codes", &self.codes)];
        for (kind, differences) in kinds.into_iter().filter(|(_, differences)| !differences.is_empty()) {
            let width = differences.iter().map(|one| one.at.chars().count()).max().unwrap_or(0);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\n{}", paint.bold(kind));
            for Difference { at, what } in differences {
                let _ = writeln!(text, "  {at:<width$}  {what}");
            }
        }
        if kinds.iter().all(|(_, differences)| differences.is_empty()) {
            text.push_str("\nnothing differs\n");
        }
        text
    }

    pub fn as_json(&self) -> Value {
        let name = |guide: &Guide| json!({ "set": guide.set, "version": guide.version });
        let listed = |differences: &[Difference]| -> Vec<Value> {
            differences.iter().map(|one| json!({ "at": one.at, "what": one.what })).collect()
        };
        json!({
            "from": name(self.from),
            "to": name(self.to),
            "places": listed(&self.places),
            "elements": listed(&self.elements),
            "codes": listed(&self.codes),
        })
    }
}

/// Compares the places of a set, or of a loop that both have.
fn compare_places(from: (&Guide, &Content), to: (&Guide, &Content), above: &str, found: &mut Vec<Difference>) {
    let (old, new) = (&from.0.places[from.1.clone()], &to.0.places[to.1.clone()]);
    let (old_names, new_names) = (names(old), names(new));
    let kept = in_order(&old_names, &new_names);
    for (place, name) in old.iter().zip(&old_names).filter(|(_, name)| !new_names.contains(name)) {
        found.push(Difference::new(format!("{above}{name}"), format!("gone: {}", place.name)));
    }
    for (at, (place, name)) in new.iter().zip(&new_names).enumerate() {
        let path = format!("{above}{name}");
        let Some(index) = old_names.iter().position(|known| known == name) else {
            let behind = at.checked_sub(1).map(|before| format!(", behind {}", new_names[before])).unwrap_or_default();
            found.push(Difference::new(path, format!("new: {}{behind}", in_words(place))));
            if let Some(content) = &place.content {
                add_new((to.0, content), &format!("{above}{name}/"), found);
            }
            continue;
        };
        let before = &old[index];
        if !kept.contains(name) {
            let behind = at.checked_sub(1).map_or("first", |before| &new_names[before]);
            found.push(Difference::new(&path, format!("stands elsewhere, then behind {behind}")));
        }
        if before.mandatory != place.mandatory {
            found.push(Difference::changed(&path, "use", letter(before.mandatory), letter(place.mandatory)));
        }
        if before.max != place.max {
            found.push(Difference::changed(&path, "max", max_in_words(before), max_in_words(place)));
        }
        match (&before.content, &place.content) {
            (Some(old), Some(new)) => {
                compare_places((from.0, &rest(old)), (to.0, &rest(new)), &format!("{path}/"), found)
            }
            (None, Some(new)) => {
                found.push(Difference::new(&path, "a segment, then a loop"));
                add_new((to.0, new), &format!("{path}/"), found);
            }
            (Some(_), None) => found.push(Difference::new(&path, "a loop, then a segment")),
            (None, None) => {}
        }
    }
}

/// What stands in a new loop.
fn add_new((guide, content): (&Guide, &Content), above: &str, found: &mut Vec<Difference>) {
    for place in &guide.places[rest(content)] {
        found.push(Difference::new(format!("{above}{}", place.id), format!("new: {}", in_words(place))));
        if let Some(content) = &place.content {
            add_new((guide, content), &format!("{above}{}/", place.id), found);
        }
    }
}

/// A loop without its first segment, which has the loop's own name.
fn rest(content: &Content) -> Content {
    content.start + 1..content.end
}

/// `O 25 loop, allowance or charge`
fn in_words(place: &Place) -> String {
    let word = if place.content.is_some() { " loop" } else { "" };
    format!("{} {}{word}, {}", letter(place.mandatory), max_in_words(place), place.name)
}

/// The identifiers of places that stand beside each other; a repeated one is numbered.
fn names(places: &[Place]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let earlier = places[..index].iter().filter(|before| before.id == place.id).count();
        names.push(if earlier == 0 { place.id.to_owned() } else { format!("{}#{}", place.id, earlier + 1) });
    }
    names
}

/// The longest run of names that stands in the same order in both; what both have besides was moved.
fn in_order(old: &[String], new: &[String]) -> Vec<String> {
    let mut longest = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (i, before) in old.iter().enumerate().rev() {
        for (j, after) in new.iter().enumerate().rev() {
            longest[i][j] = match before == after {
                true => longest[i + 1][j + 1] + 1,
                false => longest[i + 1][j].max(longest[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut same) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            same.push(old[i].clone());
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    same
}

/// The dictionaries of two versions.
struct Dictionaries {
    from: &'static Dictionary,
    to: &'static Dictionary,
}

impl Dictionaries {
    fn compare_segment(&self, tag: &str, found: &mut Vec<Difference>) {
        let (Some(old), Some(new)) = (self.from.segment(tag), self.to.segment(tag)) else { return };
        // What is not described on one side cannot be compared.
        if old.elements.is_empty() || new.elements.is_empty() {
            return;
        }
        self.compare_elements(tag, (&old.elements, &old.conditions.all), (&new.elements, &new.conditions.all), found);
    }

    /// The composites of those segments, each once.
    fn compare_composites(&self, tags: &[&str], found: &mut Vec<Difference>) {
        let mut seen = Vec::new();
        for element in tags.iter().filter_map(|tag| self.to.segment(tag)).flat_map(|segment| &segment.elements) {
            let Kind::Composite(index) = element.kind else { continue };
            let new = self.to.composite(index);
            if seen.contains(&new.id) {
                continue;
            }
            seen.push(new.id);
            let of_old = tags.iter().filter_map(|tag| self.from.segment(tag)).flat_map(|segment| &segment.elements);
            let mut composites = of_old.filter_map(|element| match element.kind {
                Kind::Composite(index) => Some(self.from.composite(index)),
                _ => None,
            });
            if let Some(old) = composites.find(|old| old.id == new.id) {
                let name = format!("{}-", new.id);
                self.compare_elements(
                    &name,
                    (&old.components, &old.conditions.all),
                    (&new.components, &new.conditions.all),
                    found,
                );
            }
        }
    }

    fn compare_elements(
        &self,
        name: &str,
        (old, old_conditions): (&[ElementSpec], &[Condition]),
        (new, new_conditions): (&[ElementSpec], &[Condition]),
        found: &mut Vec<Difference>,
    ) {
        for index in 0..old.len().max(new.len()) {
            let at = format!("{name}{:02}", index + 1);
            match (old.get(index), new.get(index)) {
                (Some(old), Some(new)) => self.compare_element(&at, old, new, found),
                (Some(old), None) => found.push(Difference::new(at, format!("gone: {}", old.name))),
                (None, Some(new)) => {
                    let (used, kind, length) = (use_in_words(new), kind_in_words(new.kind), length_in_words(new));
                    let words = [used, kind, length].join(" ");
                    found.push(Difference::new(at, format!("new: {}, {}", words.trim_end(), new.name)));
                }
                (None, None) => {}
            }
        }
        let at = name.trim_end_matches('-');
        for gone in old_conditions.iter().filter(|condition| !new_conditions.contains(condition)) {
            found.push(Difference::new(at, format!("no longer: {}", condition_in_words(gone, name))));
        }
        for added in new_conditions.iter().filter(|condition| !old_conditions.contains(condition)) {
            found.push(Difference::new(at, format!("new: {}", condition_in_words(added, name))));
        }
    }

    fn compare_element(&self, at: &str, old: &ElementSpec, new: &ElementSpec, found: &mut Vec<Difference>) {
        let at = format!("{at} {}", new.name);
        let (before, after) = (use_in_words(old), use_in_words(new));
        if before != after {
            found.push(Difference::changed(&at, "use", before, after));
        }
        let (before, after) = (self.kind(self.from, old), self.kind(self.to, new));
        if before != after {
            found.push(Difference::changed(&at, "type", before, after));
            return;
        }
        if length_in_words(old) != length_in_words(new) {
            found.push(Difference::changed(&at, "length", length_in_words(old), length_in_words(new)));
        }
        if old.data_element() != new.data_element() {
            let number =
                |element: &ElementSpec| element.data_element().map_or("none".to_owned(), |one| one.to_string());
            found.push(Difference::changed(&at, "data element", number(old), number(new)));
        }
    }

    /// The type; of a composite, which one.
    fn kind(&self, dictionary: &Dictionary, element: &ElementSpec) -> String {
        match element.kind {
            Kind::Composite(index) => format!("composite {}", dictionary.composite(index).id),
            kind => kind_in_words(kind),
        }
    }

    /// The code lists of those segments that both versions have.
    fn compare_lists(&self, tags: &[&str], found: &mut Vec<Difference>) {
        let segments = tags.iter().filter_map(|tag| self.to.segment(tag));
        let mut numbers: Vec<u32> = segments
            .flat_map(|segment| all_elements(self.to, &segment.elements))
            .filter_map(ElementSpec::data_element)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            if let (Some(old), Some(new)) = (self.from.codes(number), self.to.codes(number)) {
                compare_list(&format!("{number} {}", new.name), old, new, found);
            }
        }
    }
}

fn compare_list(at: &str, old: &CodeList, new: &CodeList, found: &mut Vec<Difference>) {
    if old.closed != new.closed {
        let words = |list: &CodeList| if list.closed { "whole" } else { "in part" };
        found.push(Difference::changed(at, "listed", words(old), words(new)));
    }
    for code in old.codes().filter(|code| !new.has(code.as_bytes())) {
        found.push(Difference::new(at, format!("gone: {code} {}", old.text(code).unwrap_or_default())));
    }
    for code in new.codes() {
        let text = new.text(code).unwrap_or_default();
        match old.text(code) {
            None => found.push(Difference::new(at, format!("new: {code} {text}"))),
            Some(before) if before != text => found.push(Difference::changed(at, code, before, text)),
            Some(_) => {}
        }
    }
}
