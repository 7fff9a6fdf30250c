//! Writes XML: elements and attributes where the paths of the map say.
//!
//! ```xml
//! <?xml version="1.0" encoding="UTF-8"?>
//! <Invoice>
//!   <Header>
//!     <InvoiceNo>INV-1</InvoiceNo>
//!   </Header>
//! </Invoice>
//! ```

use quick_xml::escape::escape;

use super::nodes::{self, Nodes};
use super::record::{Group, does_not_fit};
use crate::config::map::{Map, Xml};
use crate::diagnostic::Diagnostic;

pub(super) fn render(group: &Group, map: &Map, xml: &Xml) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let nodes = nodes::build(group, map)?;
    let texts = nodes.all.iter().filter_map(|node| node.text.as_ref().map(|text| (&node.name, text)));
    let unwritable: Vec<Diagnostic> = texts
        .filter(|(_, text)| text.contains(|letter: char| letter.is_control() && !"\t\r\n".contains(letter)))
        .map(|(name, text)| does_not_fit(map, format!("{name} has a character that XML cannot hold")).found(text))
        .collect();
    if !unwritable.is_empty() {
        return Err(unwritable);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let namespace = xml.namespace.as_ref().map(|namespace| format!(" xmlns=\"{}\"", escape(namespace.as_str())));
    element(&nodes, 0, &xml.root, &namespace.unwrap_or_default(), 0, &mut out);
    Ok(out.into_bytes())
}

fn element(nodes: &Nodes, index: usize, name: &str, more: &str, depth: usize, out: &mut String) {
    let node = &nodes.all[index];
    let indent = "  ".repeat(depth);
    out.push_str(&format!("{indent}<{name}{more}"));
    let (attributes, parts): (Vec<usize>, Vec<usize>) =
        node.parts.iter().copied().partition(|part| nodes.all[*part].name.starts_with('@'));
    for attribute in attributes {
        let attribute = &nodes.all[attribute];
        let text = escaped(attribute.text.as_deref().unwrap_or("")).replace(['\n', '\t'], " ");
        out.push_str(&format!(" {}=\"{text}\"", &attribute.name[1..]));
    }
    let text = node.text.as_deref().map(escaped).unwrap_or_default();
    if parts.is_empty() && text.is_empty() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(&format!(">{text}"));
    if parts.is_empty() {
        out.push_str(&format!("</{name}>\n"));
        return;
    }
    out.push('\n');
    for part in parts {
        element(nodes, part, &nodes.all[part].name, "", depth + 1, out);
    }
    out.push_str(&format!("{indent}</{name}>\n"));
}

/// A carriage return is written by its number, because a reader would turn it into a line feed.
fn escaped(text: &str) -> String {
    escape(text).replace('\r', "&#13;")
}
