//! Writes JSON: with a map, or the canonical document itself.
//!
//! ```json
//! { "po": "45000", "lines": [ { "line": "1", "qty": 24, "price": 3.61 } ] }
//! ```
//!
//! With a map, numbers are written as JSON numbers with exactly their digits; everything else is text.

use super::nodes::{self, Nodes};
use super::record::{Group, does_not_fit};
use crate::config::map::Map;
use crate::diagnostic::Diagnostic;
use crate::document::Document;

/// The canonical document as indented JSON with a final line feed.
pub fn canonical(document: &Document) -> Vec<u8> {
    // A document is a struct of texts, numbers and lists: serde can always write it.
    let mut bytes = serde_json::to_vec_pretty(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

pub(super) fn render(group: &Group, map: &Map) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let nodes = nodes::build(group, map)?;
    if let Some(both) = nodes.all.iter().find(|node| node.text.is_some() && !node.parts.is_empty()) {
        let message = format!("{:?} would be a value and an object at once", both.name);
        return Err(vec![does_not_fit(map, message)]);
    }
    let mut out = String::new();
    value(&nodes, 0, 0, &mut out);
    out.push('\n');
    Ok(out.into_bytes())
}

fn value(nodes: &Nodes, index: usize, depth: usize, out: &mut String) {
    let node = &nodes.all[index];
    match &node.text {
        Some(text) if node.is_number => out.push_str(text),
        Some(text) => out.push_str(&quoted(text)),
        None => object(nodes, index, depth, out),
    }
}

fn object(nodes: &Nodes, index: usize, depth: usize, out: &mut String) {
    let parts = &nodes.all[index].parts;
    let mut names: Vec<&str> = Vec::new();
    for part in parts {
        let name = nodes.all[*part].name.as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    out.push('{');
    for (position, name) in names.iter().enumerate() {
        let same: Vec<usize> = parts.iter().copied().filter(|part| nodes.all[*part].name == *name).collect();
        out.push_str(if position == 0 { "\n" } else { ",\n" });
        out.push_str(&format!("{}{}: ", "  ".repeat(depth + 1), quoted(name)));
        match same[..] {
            [one] if !nodes.all[one].repeats => value(nodes, one, depth + 1, out),
            _ => list(nodes, &same, depth + 1, out),
        }
    }
    if !names.is_empty() {
        out.push_str(&format!("\n{}", "  ".repeat(depth)));
    }
    out.push('}');
}

fn list(nodes: &Nodes, elements: &[usize], depth: usize, out: &mut String) {
    out.push('[');
    for (position, element) in elements.iter().enumerate() {
        out.push_str(if position == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        value(nodes, *element, depth + 1, out);
    }
    out.push_str(&format!("\n{}]", "  ".repeat(depth)));
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
