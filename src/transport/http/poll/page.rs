//! What an answer holds: its list as the sender wrote it, and single values by pointers. Pure.
//!
//! ```text
//! {"orders": [{"id": 1, "total": 1.10}], "next": "…"}     list "/orders"   ->   {"id": 1, "total": 1.10}, byte for byte
//! ```

use serde_json::Value;
use serde_json::value::RawValue;

use super::fault::PollError;
use crate::config::poll::Spot;
use crate::transport::http::client::Incoming;

/// The text of a body; APIs write UTF-8 (RFC 8259, 8.1).
pub fn text<'b>(body: &'b [u8], target: &str) -> Result<&'b str, PollError> {
    let bytes = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    std::str::from_utf8(bytes)
        .map_err(|_| PollError::NotJson { target: target.to_owned(), why: "it is not UTF-8".to_owned() })
}

/// A body as a value.
pub fn value(text: &str, target: &str) -> Result<Value, PollError> {
    serde_json::from_str(text).map_err(|error| PollError::NotJson {
        target: target.to_owned(),
        why: format!("{error}, in {}", beginning(text)),
    })
}

/// The elements of the list at a pointer, as they are written.
pub fn list<'b>(text: &'b str, pointer: &str, target: &str, may_lack: bool) -> Result<Vec<&'b RawValue>, PollError> {
    let not_there = |found: &str| PollError::NotThere {
        target: target.to_owned(),
        pointer: pointer.to_owned(),
        expected: "list",
        found: found.to_owned(),
    };
    let mut at: &'b RawValue = serde_json::from_str(text).map_err(|error| PollError::NotJson {
        target: target.to_owned(),
        why: format!("{error}, in {}", beginning(text)),
    })?;
    let mut steps = pointer.split('/').skip(1).peekable();
    while let Some(step) = steps.next() {
        at = match member(at, &unescaped(step)) {
            Some(member) => member,
            None if may_lack && steps.peek().is_none() => return Ok(Vec::new()),
            None => return Err(not_there(&beginning(text))),
        };
    }
    if at.get() == "null" {
        return Ok(Vec::new());
    }
    serde_json::from_str(at.get()).map_err(|_| not_there(&beginning(at.get())))
}

/// The part of an element at a pointer, as it is written.
pub fn part<'b>(raw: &'b RawValue, pointer: &str) -> Option<&'b RawValue> {
    pointer.split('/').skip(1).try_fold(raw, |at, step| member(at, &unescaped(step)))
}

fn member<'b>(raw: &'b RawValue, name: &str) -> Option<&'b RawValue> {
    if let Ok(index) = name.parse::<usize>()
        && let Ok(elements) = serde_json::from_str::<Vec<&'b RawValue>>(raw.get())
    {
        return elements.get(index).copied();
    }
    let members: std::collections::HashMap<String, &'b RawValue> = serde_json::from_str(raw.get()).ok()?;
    members.get(name).copied()
}

/// RFC 6901, 4.
fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// A text or number at a pointer; `None` when there is none, or nothing in it.
pub fn word(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number of an answer.
pub fn number(answer: &Incoming, body: &Value, spot: &Spot) -> Option<u64> {
    match spot {
        Spot::Header(name) => answer.header(name)?.trim().parse().ok(),
        Spot::Body(pointer) => word(body, pointer)?.parse().ok(),
    }
}

/// An item with an answer put into it under a name; the rest of it stays as it was written.
pub fn put_into(item: &str, name: &str, answer: &str) -> Option<String> {
    let rest = item.trim().strip_prefix('{')?.trim_start();
    let comma = if rest.starts_with('}') { "" } else { "," };
    Some(format!("{{{}:{}{comma}{rest}", Value::from(name), answer.trim()))
}

/// How a text begins, for messages.
pub fn beginning(text: &str) -> String {
    const SHOWN: usize = 80;
    let line: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() { format!("{line}…") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, pointer: &str) -> Result<Vec<String>, PollError> {
        list(text, pointer, "t", false).map(|rows| rows.iter().map(|row| row.get().to_owned()).collect())
    }

    #[test]
    fn the_elements_of_a_list_stay_as_they_were_written() {
        let text = r#"{"a":{"b/c":[{"x": 1.10}, {"x":90071992547409931}]},"n":null}"#;
        let elements = [r#"{"x": 1.10}"#, r#"{"x":90071992547409931}"#];
        assert_eq!(rows(text, "/a/b~1c").unwrap(), elements);
        assert_eq!(rows(r#"[[1,2],[3]]"#, "/0").unwrap(), ["1", "2"]);
        assert_eq!(rows("[1, 2]", "").unwrap(), ["1", "2"]);
        assert_eq!(rows(text, "/n").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_list_is_a_fault_and_not_an_empty_one() {
        for (text, pointer) in [(r#"{"a":1}"#, "/a"), (r#"{"a":1}"#, "/b"), (r#"{"a":{}}"#, "/a")] {
            assert!(matches!(rows(text, pointer), Err(PollError::NotThere { .. })), "{text} {pointer}");
        }
        for text in ["", "<html>", r#"{"a":[1,2"#] {
            assert!(matches!(rows(text, "/a"), Err(PollError::NotJson { .. })), "{text}");
        }
    }

    #[test]
    fn where_an_api_leaves_an_empty_list_out_only_that_may_be_missing() {
        assert!(list(r#"{"a":{}}"#, "/a/b", "t", true).unwrap().is_empty());
        assert!(list("{}", "/a/b", "t", true).is_err());
    }

    #[test]
    fn an_answer_goes_into_an_item_without_changing_it() {
        let put = |item| put_into(item, "lines", "[1]\n");
        assert_eq!(put(r#"{ "id": 1.0 }"#).as_deref(), Some(r#"{"lines":[1],"id": 1.0 }"#));
        assert_eq!(put("{}").as_deref(), Some(r#"{"lines":[1]}"#));
        assert_eq!(put("[1]"), None);
    }
}
