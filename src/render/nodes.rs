//! The tree that XML and JSON are written from: what the paths of a map build out of groups of texts.

use super::record::{Group, does_not_fit};
use crate::config::map::fields::ValueType;
use crate::config::map::{Map, Source};
use crate::diagnostic::Diagnostic;

/// One element, attribute, object or value.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub name: String,
    pub text: Option<String>,
    /// The text is a number, which JSON writes without quotes.
    pub is_number: bool,
    /// It is an element of a list, even when it is the only one.
    pub repeats: bool,
    pub parts: Vec<usize>,
}

/// The nodes by index; the first is the root.
#[derive(Debug)]
pub(super) struct Nodes {
    pub all: Vec<Node>,
}

/// Builds the tree; `Err` says what the paths cannot hold.
pub(super) fn build(group: &Group, map: &Map) -> Result<Nodes, Vec<Diagnostic>> {
    let mut building = Building {
        map,
        nodes: Nodes { all: vec![Node::default()] },
        contexts: vec![None; map.scopes().len()],
        faults: Vec::new(),
    };
    let document = match map.repeat(0) {
        Some(path) => building.repeated(0, &path.steps),
        None => 0,
    };
    building.contexts[0] = Some(document);
    building.add(group);
    if building.faults.is_empty() { Ok(building.nodes) } else { Err(building.faults) }
}

struct Building<'m> {
    map: &'m Map,
    nodes: Nodes,
    /// By scope, the node of its instance that is being written.
    contexts: Vec<Option<usize>>,
    faults: Vec<Diagnostic>,
}

impl Building<'_> {
    fn add(&mut self, group: &Group) {
        for (field, text) in &group.texts {
            let mapped = &self.map.fields[*field];
            let Source::Path(path) = &mapped.source else { continue };
            let Some(context) = self.contexts[path.within] else { continue };
            let node = self.descend(context, &path.steps);
            let is_number = matches!(mapped.field.value, ValueType::Decimal | ValueType::Integer);
            let node = &mut self.nodes.all[node];
            if node.text.as_ref().is_some_and(|other| other != text) {
                let message =
                    format!("{} would stand twice at {:?}, with different values", mapped.field.name, path.text);
                self.faults.push(does_not_fit(self.map, message).found(text));
                continue;
            }
            node.text = Some(text.clone());
            node.is_number = is_number && mapped.values.is_empty() && self.map.numbers.decimal_mark == '.';
        }
        for inner in &group.groups {
            self.add_inner(inner);
        }
    }

    fn add_inner(&mut self, inner: &Group) {
        let before = self.contexts.clone();
        let name = self.map.scopes()[inner.scope].name;
        match self.map.repeat(inner.scope) {
            Some(path) => match self.contexts[path.within] {
                Some(context) => self.contexts[inner.scope] = Some(self.repeated(context, &path.steps)),
                None => {
                    let outer = self.map.scopes()[path.within].name;
                    let message = format!("a {name} is in no {outer}, and its path {:?} is within one", path.text);
                    self.faults.push(does_not_fit(self.map, message));
                    return;
                }
            },
            None => self.contexts[inner.scope] = self.contexts[self.map.parent(inner.scope)],
        }
        self.add(inner);
        self.contexts = before;
    }

    /// The node at the end of the steps, made where it is not there.
    fn descend(&mut self, from: usize, steps: &[String]) -> usize {
        let mut at = from;
        for step in steps {
            let known = self.nodes.all[at].parts.iter().copied().rev().find(|part| self.nodes.all[*part].name == *step);
            at = known.unwrap_or_else(|| self.make(at, step));
        }
        at
    }

    /// A new node at the end of the steps.
    fn repeated(&mut self, from: usize, steps: &[String]) -> usize {
        let Some((last, before)) = steps.split_last() else { return from };
        let parent = self.descend(from, before);
        let node = self.make(parent, last);
        self.nodes.all[node].repeats = true;
        node
    }

    fn make(&mut self, parent: usize, name: &str) -> usize {
        let index = self.nodes.all.len();
        self.nodes.all.push(Node { name: name.to_owned(), ..Node::default() });
        self.nodes.all[parent].parts.push(index);
        index
    }
}
