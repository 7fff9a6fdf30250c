//! Where a field stands in the canonical JSON of its scope, and how it is taken and put there.
//!
//! ```text
//! po_number                                  a member
//! quantity.value                             a member of an object
//! parties[role=ship_to].code.value           a member of the list's element whose role is ship_to
//! parties[role=ship_to].address.lines[0]     an element by its position
//! ```
//!
//! Places are written by us in the table of fields, never by a user.

use serde_json::{Map, Value};

enum Step<'a> {
    Member(&'a str),
    Matching { list: &'a str, key: &'a str, value: &'a str },
    Index { list: &'a str, index: usize },
}

fn steps(place: &str) -> impl Iterator<Item = Step<'_>> {
    place.split('.').map(|step| {
        let Some((list, rest)) = step.split_once('[') else { return Step::Member(step) };
        let inside = rest.trim_end_matches(']');
        match inside.split_once('=') {
            Some((key, value)) => Step::Matching { list, key, value },
            None => Step::Index { list, index: inside.parse().unwrap_or(0) },
        }
    })
}

/// The value at a place.
pub fn take<'v>(value: &'v Value, place: &str) -> Option<&'v Value> {
    let mut at = value;
    for step in steps(place) {
        at = match step {
            Step::Member(name) => at.get(name)?,
            Step::Index { list, index } => at.get(list)?.get(index)?,
            Step::Matching { list, key, value } => {
                at.get(list)?.as_array()?.iter().find(|element| element.get(key).is_some_and(|found| found == value))?
            }
        };
    }
    Some(at)
}

/// Puts a value at a place, making what it stands in.
pub fn put(target: &mut Value, place: &str, new: Value) {
    let mut at = target;
    for step in steps(place) {
        at = match step {
            Step::Member(name) => object(at).entry(name).or_insert(Value::Null),
            Step::Index { list, index } => {
                let list = array(object(at).entry(list).or_insert(Value::Null));
                let index = index.min(list.len());
                if index == list.len() {
                    list.push(Value::Null);
                }
                &mut list[index]
            }
            Step::Matching { list, key, value } => {
                let list = array(object(at).entry(list).or_insert(Value::Null));
                let known = list.iter().position(|element| element.get(key).is_some_and(|found| found == value));
                let index = known.unwrap_or_else(|| {
                    list.push(serde_json::json!({ key: value }));
                    list.len() - 1
                });
                &mut list[index]
            }
        };
    }
    *at = new;
}

/// The value as an object; whatever else it was is replaced.
pub fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(members) => members,
        _ => unreachable!("made an object above"),
    }
}

/// The value as a list; whatever else it was is replaced.
pub fn array(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    match value {
        Value::Array(elements) => elements,
        _ => unreachable!("made a list above"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_put_is_taken_from_the_same_place() {
        let mut value = Value::Null;
        for place in ["po_number", "parties[role=ship_to].code.value", "parties[role=buyer].address.lines[0]"] {
            put(&mut value, place, json!(place));
        }
        for place in ["po_number", "parties[role=ship_to].code.value", "parties[role=buyer].address.lines[0]"] {
            assert_eq!(take(&value, place), Some(&json!(place)));
        }
    }

    #[test]
    fn a_second_street_line_alone_becomes_the_first() {
        let mut value = Value::Null;
        put(&mut value, "lines[1]", json!("Dock 4"));
        assert_eq!(value, json!({ "lines": ["Dock 4"] }));
    }
}
