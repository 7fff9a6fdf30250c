//! One segment of a guide: where it stands, its elements, and the conditions and codes in words.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{letter, narrowed};
use crate::cli::Failure;
use crate::cli::paint::Paint;
use crate::cli::table::{Align, bold_table};
use crate::x12::guide::dictionary::{CodeList, Condition, Dictionary, ElementSpec, Kind, Rule, SegmentSpec};
use crate::x12::guide::{Content, Guide};

/// The segment with an identifier, whether the set uses it or not.
pub(super) fn find<'g>(guide: &'g Guide, tag: &str) -> Result<&'g SegmentSpec, Failure> {
    guide.dictionary().segment(tag).ok_or_else(|| {
        Failure::new(format!("there is no segment {tag} in the guides of {}", guide.version))
            .hint(format!("`edigate guide show {}@{}` lists those of the set", guide.set, guide.version))
    })
}

pub(super) fn as_text(guide: &Guide, segment: &SegmentSpec, paint: Paint) -> String {
    let name = paint.bold(&format!("{} {}", segment.id, segment.name));
    let mut text = format!("{name}, at {}\n{}\n", guide.version, standing(guide, segment));
    if segment.elements.is_empty() {
        text.push_str("\nits elements are not described here\n");
        return text;
    }
    let dictionary = guide.dictionary();
    let heading = ["element", "use", "type", "length", "number", "what it is"].map(|title| (title, Align::Left));
    let (first, rest) = bold_table(&heading, &rows(dictionary, segment.id, &segment.elements), paint);
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{first}{rest}");
    if let Some(overlay) = &guide.overlay {
        text.push_str(&narrowed::of_segment(overlay, segment.id, paint));
    }
    let conditions = conditions(dictionary, segment);
    if !conditions.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold("conditions"));
        conditions.iter().for_each(|words| text += &format!("  {words}\n"));
    }
    for list in lists(dictionary, &segment.elements) {
        let whole = if list.closed { "the whole list" } else { "those that we have a text for; others are allowed" };
        let number = number_of(dictionary, &segment.elements, list);
        let _ = writeln!(text, "\n{}: {whole}", paint.bold(&format!("codes of {number}, {}", list.name)));
        let width = list.codes().map(str::len).max().unwrap_or(0);
        for code in list.codes() {
            let _ = writeln!(text, "  {code:<width$}  {}", list.text(code).unwrap_or_default());
        }
    }
    text
}

/// Where the set has the segment: `in the 850: SAC, PO1/SAC`.
fn standing(guide: &Guide, segment: &SegmentSpec) -> String {
    let mut paths = Vec::new();
    add_paths(guide, &guide.content, "", segment.id, &mut paths);
    match paths.is_empty() {
        true => format!("the {} does not use it", guide.set),
        false => format!("in the {}: {}", guide.set, paths.join(", ")),
    }
}

fn add_paths(guide: &Guide, content: &Content, above: &str, tag: &str, paths: &mut Vec<String>) {
    for place in &guide.places[content.clone()] {
        let path = format!("{above}{}", place.id);
        if place.id == tag && !paths.contains(&path) {
            // A loop and its first segment are one place for the reader.
            paths.push(path.clone());
        }
        if let Some(content) = &place.content {
            let within = Content { start: content.start + 1, end: content.end };
            add_paths(guide, &within, &format!("{path}/"), tag, paths);
        }
    }
}

/// A row for each element, and for each component of a composite.
fn rows(dictionary: &Dictionary, name: &str, elements: &[ElementSpec]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let at = format!("{name}{:02}", index + 1);
        rows.push(row(&at, dictionary, element));
        if let Kind::Composite(composite) = element.kind {
            for (index, component) in dictionary.composite(composite).components.iter().enumerate() {
                rows.push(row(&format!("  {at}-{:02}", index + 1), dictionary, component));
            }
        }
    }
    rows
}

fn row(at: &str, dictionary: &Dictionary, element: &ElementSpec) -> Vec<String> {
    let number = match element.kind {
        Kind::Composite(composite) => dictionary.composite(composite).id.to_owned(),
        _ => element.data_element().map(|number| number.to_string()).unwrap_or_default(),
    };
    let used = use_in_words(element);
    vec![at.to_owned(), used, kind_in_words(element.kind), length_in_words(element), number, element.name.to_owned()]
}

/// The standard's own abbreviation.
pub(super) fn kind_in_words(kind: Kind) -> String {
    match kind {
        Kind::Text => "AN".to_owned(),
        Kind::Identifier(_) => "ID".to_owned(),
        Kind::Implied(decimals) => format!("N{decimals}"),
        Kind::Decimal => "R".to_owned(),
        Kind::Date => "DT".to_owned(),
        Kind::Time => "TM".to_owned(),
        Kind::Composite(_) => "comp".to_owned(),
    }
}

/// `O`, and with how often it may be repeated, as guides write it: `M x10`.
pub(super) fn use_in_words(element: &ElementSpec) -> String {
    let letter = letter(element.mandatory);
    match element.repeats {
        1 => letter.to_owned(),
        usize::MAX => format!("{letter} x>1"),
        times => format!("{letter} x{times}"),
    }
}

/// `1-30`, `2`, or nothing for a composite.
pub(super) fn length_in_words(element: &ElementSpec) -> String {
    match (element.min, element.max) {
        (_, 0) => String::new(),
        (min, max) if min == max => max.to_string(),
        (min, max) => format!("{min}-{max}"),
    }
}

/// The conditions of a segment, and of the composites in it.
fn conditions(dictionary: &Dictionary, segment: &SegmentSpec) -> Vec<String> {
    let own = segment.conditions.all.iter().map(|condition| condition_in_words(condition, segment.id));
    let mut all: Vec<String> = own.collect();
    for (index, element) in segment.elements.iter().enumerate() {
        if let Kind::Composite(composite) = element.kind {
            let at = format!("{}{:02}-", segment.id, index + 1);
            let within = &dictionary.composite(composite).conditions.all;
            all.extend(within.iter().map(|condition| condition_in_words(condition, &at)));
        }
    }
    all
}

/// `when PO103 is there, PO102 must be there`
pub(super) fn condition_in_words(condition: &Condition, name: &str) -> String {
    let at = |position: usize| format!("{name}{position:02}");
    let first = at(condition.first);
    let others: Vec<String> = condition.others.iter().map(at).collect();
    // The standard names positions in an order of its own; the first is the one that a condition hangs on.
    let all = std::iter::once(first.clone()).chain(others.iter().cloned()).collect::<Vec<_>>().join(", ");
    match condition.rule {
        Rule::Paired => format!("all or none of {all}"),
        Rule::Required => format!("at least one of {all}"),
        Rule::Exclusive => format!("at most one of {all}"),
        Rule::Conditional => format!("when {first} is there, {} must be there", others.join(" and ")),
        Rule::List => format!("when {first} is there, {} must be there", others.join(" or ")),
    }
}

/// The code lists of some elements and of their components, each once, in the order of the elements.
fn lists<'d>(dictionary: &'d Dictionary, elements: &[ElementSpec]) -> Vec<&'d CodeList> {
    let mut lists: Vec<&CodeList> = Vec::new();
    for element in all_elements(dictionary, elements) {
        if let Kind::Identifier(Some(index)) = element.kind {
            let list = dictionary.list(index);
            if !lists.iter().any(|known| std::ptr::eq(*known, list)) {
                lists.push(list);
            }
        }
    }
    lists
}

fn number_of(dictionary: &Dictionary, elements: &[ElementSpec], list: &CodeList) -> u32 {
    let has = |element: &&ElementSpec| matches!(element.kind, Kind::Identifier(Some(index)) if std::ptr::eq(dictionary.list(index), list));
    all_elements(dictionary, elements).find(has).and_then(ElementSpec::data_element).unwrap_or_default()
}

/// Each element, and behind a composite its components.
pub(super) fn all_elements<'d>(
    dictionary: &'d Dictionary,
    elements: &'d [ElementSpec],
) -> impl Iterator<Item = &'d ElementSpec> {
    elements.iter().flat_map(|element| {
        let within: &[ElementSpec] = match element.kind {
            Kind::Composite(composite) => &dictionary.composite(composite).components,
            _ => &[],
        };
        std::iter::once(element).chain(within)
    })
}

pub(super) fn as_json(guide: &Guide, segment: &SegmentSpec) -> Value {
    let dictionary = guide.dictionary();
    let mut paths = Vec::new();
    add_paths(guide, &guide.content, "", segment.id, &mut paths);
    let rules = guide.overlay.as_ref().map(|overlay| narrowed::rules_as_json(overlay, Some(segment.id)));
    let mut value = json!({
        "set": guide.set,
        "version": guide.version,
        "segment": segment.id,
        "name": segment.name,
        "stands_at": paths,
        "elements": elements_as_json(dictionary, segment.id, &segment.elements),
        "conditions": conditions(dictionary, segment),
    });
    if let Some(rules) = rules {
        value["rules"] = rules.into();
    }
    value
}

fn elements_as_json(dictionary: &Dictionary, name: &str, elements: &[ElementSpec]) -> Vec<Value> {
    let as_json = |(index, element): (usize, &ElementSpec)| {
        let at = format!("{name}{:02}", index + 1);
        let mut value = json!({
            "element": at,
            "name": element.name,
            "mandatory": element.mandatory,
            "type": kind_in_words(element.kind),
            "data_element": element.data_element(),
        });
        if element.repeats > 1 {
            value["repeats"] = Some(element.repeats).filter(|times| *times < usize::MAX).into();
        }
        match element.kind {
            Kind::Composite(composite) => {
                let composite = dictionary.composite(composite);
                value["composite"] = composite.id.into();
                value["components"] = elements_as_json(dictionary, &format!("{at}-"), &composite.components).into();
            }
            kind => {
                (value["min"], value["max"]) = (element.min.into(), element.max.into());
                if let Kind::Identifier(Some(index)) = kind {
                    let list = dictionary.list(index);
                    value["whole_list"] = list.closed.into();
                    value["codes"] = list
                        .codes()
                        .map(|code| (code.to_owned(), list.text(code).into()))
                        .collect::<serde_json::Map<_, Value>>()
                        .into();
                }
            }
        }
        value
    };
    elements.iter().enumerate().map(as_json).collect()
}
