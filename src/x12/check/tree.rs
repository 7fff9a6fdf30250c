//! A set as a tree of loops, kept flat: one node for each segment that has its place, in the order of the file.
//!
//! ```text
//! ST BEG N1 N3 PO1 PID PO1 SE          N1 begins a loop of 2 nodes, the first PO1 one of 2, the second one of 1
//! ```
//!
//! Loops and segments are looked up by walking over the nodes of one loop; what is in its inner loops is stepped over.

use crate::x12::guide::dictionary::Tag;
use crate::x12::segment::{Segment, SetText};

/// The placed segments of one set.
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    set: &'a SetText,
    id: &'a str,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    tag: Tag,
    /// Index of the segment in its set.
    segment: u32,
    /// How many nodes the loop has that it begins, itself included; 0 when it begins none.
    length: u32,
}

/// A loop with the segments and loops in it, in the order of the file; cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Loop<'a> {
    /// Named by its first segment, such as `PO1`; the set itself is named by ST01, such as `850`.
    pub id: &'a str,
    set: &'a SetText,
    nodes: &'a [Node],
    /// The set itself has no segment of its own that begins it.
    is_set: bool,
}

/// What stands directly in a loop.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A segment of the loop itself.
    Segment(Segment<'a>),
    /// A loop within.
    Loop(Loop<'a>),
}

impl<'a> Tree<'a> {
    /// A set of which nothing was placed yet.
    pub(crate) fn new(set: &'a SetText, id: &'a str) -> Self {
        Tree { set, id, nodes: Vec::with_capacity(set.len()) }
    }

    /// The same under another name: what a set is called when it is read by the guide of another.
    #[cfg(test)]
    pub(crate) fn named(self, id: &'a str) -> Self {
        Tree { id, ..self }
    }

    /// The set itself.
    pub fn root(&self) -> Loop<'_> {
        Loop { id: self.id, set: self.set, nodes: &self.nodes, is_set: true }
    }

    /// Adds a segment to the innermost loop; returns its node.
    pub(crate) fn add(&mut self, tag: Tag, segment: Segment<'_>) -> usize {
        self.nodes.push(Node { tag, segment: segment.position() - 1, length: 0 });
        self.nodes.len() - 1
    }

    /// Everything since a node is in the loop that it begins.
    pub(crate) fn close(&mut self, first: usize) {
        self.nodes[first].length = (self.nodes.len() - first) as u32;
    }

    /// Takes back a node and all after it.
    pub(crate) fn cut(&mut self, first: usize) {
        self.nodes.truncate(first);
    }
}

impl<'a> Loop<'a> {
    /// The first segment with that tag in this loop itself.
    pub fn segment(&self, tag: &str) -> Option<Segment<'a>> {
        self.segments(tag).next()
    }

    /// All segments with that tag in this loop itself.
    pub fn segments(&self, tag: &str) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let (set, tag) = (self.set, Tag::of(tag));
        self.walk()
            .filter(move |(node, inner)| inner.is_empty() && node.tag == tag)
            .map(move |(node, _)| set.segment(node.segment as usize))
    }

    /// The loops of that name directly within.
    pub fn loops(&self, id: &str) -> impl Iterator<Item = Loop<'a>> + use<'a> {
        let (set, tag) = (self.set, Tag::of(id));
        let named = self.walk().filter(move |(node, inner)| node.tag == tag && !inner.is_empty());
        named.map(move |(_, nodes)| inner(set, nodes))
    }

    /// Everything directly in it, in order.
    pub fn parts(&self) -> impl Iterator<Item = Part<'a>> + use<'a> {
        let set = self.set;
        self.walk().map(move |(node, nodes)| match nodes {
            [] => Part::Segment(set.segment(node.segment as usize)),
            nodes => Part::Loop(inner(set, nodes)),
        })
    }

    /// The nodes directly in it, each with those of the loop that it begins.
    fn walk(&self) -> impl Iterator<Item = (Node, &'a [Node])> + use<'a> {
        let (nodes, is_set) = (self.nodes, self.is_set);
        let mut at = 0;
        std::iter::from_fn(move || {
            let node = *nodes.get(at)?;
            let here = at;
            // The first node of a loop is a segment of it, and not a loop within.
            let length = if here == 0 && !is_set { 0 } else { node.length as usize };
            at += length.max(1);
            Some((node, nodes.get(here..here + length).unwrap_or_default()))
        })
    }
}

fn inner<'a>(set: &'a SetText, nodes: &'a [Node]) -> Loop<'a> {
    let id = nodes.first().map_or("", |first| set.segment(first.segment as usize).tag());
    Loop { id, set, nodes, is_set: false }
}
