//! What is about to be written: a transaction set as one text, and where each of its parts ends.
//!
//! ```text
//! push("PID", ["F", "", "", "", "RED WIDGET"])
//!   -> text "PIDFRED WIDGET", parts: segment to 3, elements to 4, 4, 4, 4, 14
//! ```
//!
//! A set of ten thousand elements is two pieces of memory, not ten thousand. Separators are the writer's, and so is the question
//! whether a text can be written at all: a draft takes everything.

use std::fmt::{self, Display};

/// A transaction set to be written, without ST and SE.
#[derive(Clone, PartialEq, Eq)]
pub struct SetDraft {
    /// ST01.
    pub id: String,
    text: Vec<u8>,
    parts: Vec<Part>,
    segments: usize,
}

/// A part of a draft begins where the one before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    is: Is,
    end: usize,
}

/// What a part is: a segment identifier, an element, another value of it, another component, or the data of a BIN or BDS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    Tag,
    Element,
    Repetition,
    Component,
    Binary,
}

/// One segment of a draft.
#[derive(Clone, Copy)]
pub(crate) struct Drafted<'d> {
    draft: &'d SetDraft,
    parts: &'d [Part],
    start: usize,
}

impl<'d> Drafted<'d> {
    /// The segment identifier.
    pub fn tag(self) -> &'d [u8] {
        &self.draft.text[self.start..self.parts[0].end]
    }

    /// What follows it, in its order.
    pub fn parts(self) -> impl Iterator<Item = (Is, &'d [u8])> {
        self.parts.windows(2).map(move |pair| (pair[1].is, &self.draft.text[pair[0].end..pair[1].end]))
    }
}

impl SetDraft {
    /// A set without segments.
    pub fn new(id: &str) -> Self {
        SetDraft { id: id.to_owned(), text: Vec::new(), parts: Vec::new(), segments: 0 }
    }

    /// A set of these segments.
    pub fn of<'s>(id: &str, segments: impl IntoIterator<Item = &'s SegmentDraft>) -> Self {
        let mut set = SetDraft::new(id);
        segments.into_iter().for_each(|segment| set.add(segment));
        set
    }

    /// How many segments it has.
    pub fn segment_count(&self) -> usize {
        self.segments
    }

    /// Adds a segment of simple elements.
    pub fn push<E: AsRef<str>>(&mut self, tag: &str, elements: impl IntoIterator<Item = E>) {
        self.open(tag);
        for element in elements {
            self.part(Is::Element, element.as_ref().as_bytes());
        }
    }

    /// Adds a segment of any elements.
    pub fn add(&mut self, segment: &SegmentDraft) {
        self.open(&segment.tag);
        for element in &segment.elements {
            match element {
                ElementDraft::Simple(text) => self.part(Is::Element, text.as_bytes()),
                ElementDraft::Composite(components) => self.value(Is::Element, components),
                ElementDraft::Repeated(values) if values.is_empty() => self.part(Is::Element, b""),
                ElementDraft::Repeated(values) => {
                    let firsts = std::iter::once(Is::Element).chain(std::iter::repeat(Is::Repetition));
                    firsts.zip(values).for_each(|(is, value)| self.value(is, value));
                }
                ElementDraft::Binary(data) => self.part(Is::Binary, data),
            }
        }
    }

    /// The segments in their order.
    pub(crate) fn segments(&self) -> impl Iterator<Item = Drafted<'_>> {
        let mut start = 0;
        self.parts.chunk_by(|_, next| next.is != Is::Tag).map(move |parts| {
            let drafted = Drafted { draft: self, parts, start };
            start = parts.last().map_or(start, |last| last.end);
            drafted
        })
    }

    /// Whether every text is printable ASCII.
    pub(crate) fn is_plain(&self) -> bool {
        self.text.iter().all(|byte| (b' '..=b'~').contains(byte))
    }

    fn open(&mut self, tag: &str) {
        self.segments += 1;
        self.part(Is::Tag, tag.as_bytes());
    }

    /// The components of one value, of which the first is this part.
    fn value(&mut self, is: Is, components: &[String]) {
        self.part(is, components.first().map_or(b"".as_slice(), |first| first.as_bytes()));
        components.iter().skip(1).for_each(|component| self.part(Is::Component, component.as_bytes()));
    }

    fn part(&mut self, is: Is, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.parts.push(Part { is, end: self.text.len() });
    }
}

/// A line for each segment, as the default delimiters would write it.
impl Display for SetDraft {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in self.segments() {
            write!(out, "{}", String::from_utf8_lossy(segment.tag()))?;
            for (is, text) in segment.parts() {
                let separator = match is {
                    Is::Tag => "",
                    Is::Element | Is::Binary => "*",
                    Is::Repetition => "^",
                    Is::Component => ">",
                };
                write!(out, "{separator}{}", String::from_utf8_lossy(text))?;
            }
            out.write_str("~\n")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SetDraft {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {{\n{self}}}", self.id)
    }
}

/// One segment to be written: its tag and its elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentDraft {
    /// Segment identifier.
    pub tag: String,
    /// Elements from the first; empty ones at the end are dropped.
    pub elements: Vec<ElementDraft>,
}

/// One element to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ElementDraft {
    /// A simple element; empty when absent.
    Simple(String),
    /// A composite; empty components at the end are dropped.
    Composite(Vec<String>),
    /// Several values of one element, each with its components; versions before 00402 have no separator for it.
    Repeated(Vec<Vec<String>>),
    /// The data of a BIN or BDS; the element before it says how many bytes it has.
    Binary(Vec<u8>),
}

impl From<&str> for ElementDraft {
    fn from(text: &str) -> Self {
        ElementDraft::Simple(text.to_owned())
    }
}

impl From<String> for ElementDraft {
    fn from(text: String) -> Self {
        ElementDraft::Simple(text)
    }
}

impl From<Option<String>> for ElementDraft {
    fn from(text: Option<String>) -> Self {
        ElementDraft::Simple(text.unwrap_or_default())
    }
}

impl SegmentDraft {
    /// A segment of these elements.
    pub fn new<E: Into<ElementDraft>>(tag: &str, elements: impl IntoIterator<Item = E>) -> Self {
        SegmentDraft { tag: tag.to_owned(), elements: elements.into_iter().map(Into::into).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_told_in_its_order() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut set = SetDraft::new("850");
        set.push("N1", ["ST", "", "92", "0042"]);
        let elements = [
            ElementDraft::Composite(texts(&["HC", "", "9"])),
            ElementDraft::Repeated(vec![texts(&["A"]), texts(&["B", "C"])]),
            ElementDraft::Repeated(vec![]),
            ElementDraft::Composite(vec![]),
            ElementDraft::from("x"),
        ];
        set.add(&SegmentDraft::new("SV1", elements));
        set.push::<&str>("CTT", []);
        assert_eq!(set.to_string(), "N1*ST**92*0042~\nSV1*HC>>9*A^B>C***x~\nCTT~\n");
        assert_eq!(set.segment_count(), 3);
        assert_eq!(set.segments().map(Drafted::tag).collect::<Vec<_>>(), [b"N1".as_slice(), b"SV1", b"CTT"]);
    }
}
