//! What a partner's overlay makes of a guide, marked in what is shown of it.
//!
//! ```text
//! segment    use  max  what it is      rule of the partner
//! REF        M    >1   reference       required (line 3)
//!
//! elements
//!   BEG05    required (line 5)
//!
//! by qualifier
//!   REF*DP        required (line 8)
//!   REF*DP/REF02  pattern 00## (line 9)
//!
//! not used: CUR, PER, SAC
//! ```

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::cli::paint::Paint;
use crate::x12::guide::overlay::path::ElementName;
use crate::x12::guide::overlay::{Overlaid, Told};
use crate::x12::guide::{Content, Guide, Place};

/// Whose overlay it is.
pub(super) fn heading(overlay: &Overlaid) -> String {
    let title = if overlay.title.is_empty() { String::new() } else { format!(": {}", overlay.title) };
    format!("as {} guide narrows it, {}{title}", overlay.whose(), overlay.file)
}

/// False for what the partner leaves out.
pub(super) fn is_used(place: &Place) -> bool {
    place.rules.as_ref().is_none_or(|rules| rules.unused.is_none())
}

/// The partner's rules on a place: `required (line 3)`.
pub(super) fn of_place(place: &Place) -> String {
    let Some(rules) = &place.rules else { return String::new() };
    let required = rules.required.as_ref().map(|cited| format!("required (line {})", cited.line));
    let max = rules.max.as_ref().map(|cited| format!("at most {} (line {})", place.max, cited.line));
    // Of a loop and its first segment, which have the same elements, the segment is marked.
    let has_elements = rules.spec.is_some() && place.content.is_none();
    let elements = has_elements.then(|| "elements, see below".to_owned());
    [required, max, elements].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What stands below the table of segments.
pub(super) fn as_text(guide: &Guide, overlay: &Overlaid, paint: Paint) -> String {
    let mut text = String::new();
    let of_elements = |told: &Told| told.element.is_some() && !told.is_qualified;
    for (title, rules) in [
        ("elements", overlay.rules.iter().filter(|told| of_elements(told)).collect::<Vec<_>>()),
        ("by qualifier", overlay.rules.iter().filter(|told| told.is_qualified).collect()),
    ] {
        if !rules.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\n{}", paint.bold(title));
            text.push_str(&rows(guide, &rules));
        }
    }
    let unused = unused(guide);
    if !unused.is_empty() {
        let _ = writeln!(text, "\n{}: {}", paint.bold("not used"), unused.join(", "));
    }
    text
}

/// What the partner leaves out: a segment by its name where it is used nowhere, a place by its path.
fn unused(guide: &Guide) -> Vec<String> {
    let mut used = Vec::new();
    add_used(guide, &guide.content, &mut used);
    let mut names: Vec<String> = Vec::new();
    for at in (0..guide.places.len()).filter(|at| !is_used(&guide.places[*at])) {
        let id = guide.places[at].id;
        let name = if used.contains(&id) { guide.path(at) } else { id.to_owned() };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn add_used(guide: &Guide, content: &Content, used: &mut Vec<&'static str>) {
    for place in guide.places[content.clone()].iter().filter(|place| is_used(place)) {
        used.push(place.id);
        if let Some(content) = &place.content {
            add_used(guide, content, used);
        }
    }
}

/// The partner's rules on the elements of one segment.
pub(super) fn of_segment(overlay: &Overlaid, tag: &str, paint: Paint) -> String {
    let rules: Vec<&Told> = overlay.rules.iter().filter(|told| is_about(told, tag)).collect();
    if rules.is_empty() {
        return String::new();
    }
    let width = rules.iter().map(|told| told.at.len()).max().unwrap_or(0);
    let row = |told: &&Told| format!("  {:<width$}  {} (line {})\n", told.at, told.demand, told.line);
    let title = format!("rules of {} guide, {}", overlay.whose(), overlay.file);
    format!("\n{}\n{}", paint.bold(&title), rules.iter().map(row).collect::<String>())
}

fn rows(guide: &Guide, rules: &[&Told]) -> String {
    let width = rules.iter().map(|told| told.at.len()).max().unwrap_or(0);
    let name = |told: &Told| match told.element {
        None => guide.segment_name(last_tag(told)),
        Some(ElementName { tag, position, component: None }) => guide.element_name(tag, position),
        Some(ElementName { tag, position, component: Some(component) }) => {
            guide.component_name(tag, position, component)
        }
    };
    let wide = rules.iter().map(|told| name(told).unwrap_or_default().chars().count()).max().unwrap_or(0);
    let row = |told: &&Told| {
        let name = name(told).unwrap_or_default();
        format!("  {:<width$}  {name:<wide$}  {} (line {})\n", told.at, told.demand, told.line)
    };
    rules.iter().map(row).collect()
}

/// True for a rule on the segment or its elements, wherever it stands.
fn is_about(told: &Told, tag: &str) -> bool {
    told.element.map_or_else(|| last_tag(told), |element| element.tag) == tag
}

/// The segment or loop that a rule is about: `REF` of `PO1/REF*DP`.
fn last_tag(told: &Told) -> &str {
    let last = told.at.rsplit('/').next().unwrap_or_default();
    last.split('*').next().unwrap_or_default()
}

/// The overlay with all of its rules.
pub(super) fn as_json(overlay: &Overlaid) -> Value {
    json!({ "partner": overlay.partner, "file": overlay.file, "title": overlay.title, "rules": rules_as_json(overlay, None) })
}

/// Its rules, or those on one segment.
pub(super) fn rules_as_json(overlay: &Overlaid, tag: Option<&str>) -> Vec<Value> {
    let rules = overlay.rules.iter().filter(|told| tag.is_none_or(|tag| is_about(told, tag)));
    rules.map(|told| json!({ "at": told.at, "rule": told.demand, "line": told.line })).collect()
}
