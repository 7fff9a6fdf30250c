//! Collects what is wrong with one set, each with its place; bounded, whatever the set holds.

use std::collections::HashSet;

use crate::diagnostic::codes::x12;
use crate::diagnostic::{AckCode, Code, Diagnostic, Place, SegmentSpot, Spot};
use crate::x12::guide::dictionary::ElementSpec;
use crate::x12::segment::{Segment, SetText};

/// Errors listed for one set; more of them would tell nobody more.
const MAX_ERRORS: usize = 1000;
/// Warnings and notes listed for one set. Counted apart, so that they never crowd out an error.
const MAX_REMARKS: usize = 200;

/// What is wrong with one set so far.
pub(super) struct Faults<'a> {
    /// Its header, which names it in every place.
    header: Option<Segment<'a>>,
    /// Whose rules are broken, where nothing else is said.
    layer: &'static str,
    list: Vec<Option<Diagnostic>>,
    errors: usize,
    remarks: usize,
    unlisted: usize,
    codes_noted: HashSet<(u32, &'a [u8])>,
    trailing_separator_seen: bool,
    foreign_character_seen: bool,
}

/// A fault that may have to be changed or withdrawn when more of the set is known; `None` when it was not listed.
pub(super) type FaultId = Option<usize>;

/// Which part of a segment is meant, as composite C030 says it; all count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PositionInSegment {
    /// The element.
    pub element: usize,
    /// Which repetition of it, where a separator says that there are several.
    pub repetition: Option<usize>,
    /// The component, within a composite.
    pub component: Option<usize>,
}

impl PositionInSegment {
    /// An element as a whole.
    pub fn element(element: usize) -> Self {
        PositionInSegment { element, repetition: None, component: None }
    }

    /// One repetition of it.
    pub fn repetition(self, repetition: usize) -> Self {
        PositionInSegment { repetition: Some(repetition), ..self }
    }

    /// One component of it.
    pub fn component(self, component: usize) -> Self {
        PositionInSegment { component: Some(component), ..self }
    }
}

/// An element or component, with what the guide says of it.
#[derive(Clone, Copy)]
pub(super) struct ElementAt<'a> {
    /// The segment it stands in.
    pub segment: Segment<'a>,
    /// The loop that stands in.
    pub in_loop: Option<&'static str>,
    /// Which of it is meant.
    pub position: PositionInSegment,
    /// What it is; `None` beyond the last one of the segment.
    pub spec: Option<&'static ElementSpec>,
}

impl ElementAt<'_> {
    /// `PO1 element 4 (unit price)`
    pub fn subject(&self) -> String {
        let PositionInSegment { element, repetition, component } = self.position;
        let mut subject = format!("{} element {element}", self.segment.tag());
        if let Some(repetition) = repetition {
            subject.push_str(&format!(" repetition {repetition}"));
        }
        if let Some(component) = component {
            subject.push_str(&format!(" component {component}"));
        }
        if let Some(spec) = self.spec {
            subject.push_str(&format!(" ({})", spec.name));
        }
        subject
    }

    /// Where it is; the set is not named yet.
    pub fn spot(&self) -> SegmentSpot {
        let PositionInSegment { element, repetition, component } = self.position;
        let number = |position: usize| u16::try_from(position).ok();
        SegmentSpot {
            position: self.segment.position(),
            tag: self.segment.tag().to_owned(),
            in_loop: self.in_loop.map(str::to_owned),
            element: number(element),
            repetition: repetition.and_then(number),
            component: component.and_then(number),
            data_element: self.spec.and_then(ElementSpec::data_element),
            ..SegmentSpot::default()
        }
    }
}

impl<'a> Faults<'a> {
    /// None yet; the set is named by its ST, and its guide has the rules of that layer.
    pub fn new(set: &'a SetText, layer: &'static str) -> Self {
        Faults {
            layer,
            header: set.first().filter(|segment| segment.tag() == "ST"),
            list: Vec::new(),
            errors: 0,
            remarks: 0,
            unlisted: 0,
            codes_noted: HashSet::new(),
            trailing_separator_seen: false,
            foreign_character_seen: false,
        }
    }

    /// Lists a fault as it is.
    pub fn add(&mut self, mut diagnostic: Diagnostic) -> FaultId {
        diagnostic.layer.get_or_insert(self.layer);
        let (count, max) = match diagnostic.is_error() {
            true => (&mut self.errors, MAX_ERRORS),
            false => (&mut self.remarks, MAX_REMARKS),
        };
        if *count == max {
            self.unlisted += 1;
            return None;
        }
        *count += 1;
        self.list.push(Some(diagnostic));
        Some(self.list.len() - 1)
    }

    /// How many errors were found, listed or not.
    pub fn errors(&self) -> usize {
        self.errors + self.unlisted
    }

    /// The elements that an error is listed of, by the position of their segment and their own.
    pub fn elements(&self) -> HashSet<(u32, u16)> {
        let errors = self.list.iter().flatten().filter(|fault| fault.is_error());
        let element = |fault: &Diagnostic| match &fault.place.spot {
            Spot::Segment(spot) => Some((spot.position, spot.element?)),
            _ => None,
        };
        errors.filter_map(element).collect()
    }

    /// Takes a fault back that turned out to be another.
    pub fn withdraw(&mut self, id: FaultId) {
        if id.and_then(|index| self.list[index].take()).is_some() {
            self.errors -= 1;
        }
    }

    /// Gives more particular advice to a fault that is already listed.
    pub fn advise(&mut self, id: FaultId, hint: String) {
        if let Some(diagnostic) = id.and_then(|index| self.list[index].as_mut()) {
            diagnostic.hint = Some(hint);
        }
    }

    /// The place of a whole segment.
    pub fn segment_place(&self, segment: Segment<'_>, in_loop: Option<&str>) -> Place {
        self.place(
            segment.offset(),
            SegmentSpot {
                position: segment.position(),
                tag: segment.tag().to_owned(),
                in_loop: in_loop.map(str::to_owned),
                ..SegmentSpot::default()
            },
        )
    }

    /// A place within this set.
    pub fn place(&self, byte: u64, spot: SegmentSpot) -> Place {
        let named = |element| self.header.and_then(|header| header.value(element));
        let (set, set_control_number) = (named(1), named(2));
        Place { file: None, byte: Some(byte), spot: Spot::Segment(SegmentSpot { set, set_control_number, ..spot }) }
    }

    /// A fault of an element; the caller adds expected, found and hint.
    pub fn element(&self, code: Code, at: &ElementAt<'_>, problem: &str) -> Diagnostic {
        let byte = at.segment.element_offset(at.position.element);
        Diagnostic::new(code, format!("{} {problem}", at.subject())).at(self.place(byte, at.spot()))
    }

    /// The same with its code in table 723.
    pub fn element_error(&self, code: Code, ack: u8, at: &ElementAt<'_>, problem: &str) -> Diagnostic {
        self.element(code, at, problem).acknowledged_as(AckCode::Element(ack))
    }

    /// Notes a code that is not in our part of its list, once for each code.
    pub fn note_unlisted_code(&mut self, at: &ElementAt<'a>, code: &'a [u8], list: &str) {
        let number = at.spec.and_then(ElementSpec::data_element).unwrap_or_default();
        if self.codes_noted.len() < MAX_REMARKS && self.codes_noted.insert((number, code)) {
            let text = String::from_utf8_lossy(code).into_owned();
            let note = self.element(&x12::UNLISTED_CODE, at, &format!("is not in our list of codes ({list})"));
            self.add(note.found(text));
        }
    }

    /// Warns of separators behind the last value, once for the set.
    pub fn warn_trailing_separator(&mut self, segment: Segment<'a>, in_loop: Option<&str>) {
        if !std::mem::replace(&mut self.trailing_separator_seen, true) {
            let message = format!("{} ends with separators behind its last value", segment.tag());
            let place = self.segment_place(segment, in_loop);
            let found = String::from_utf8_lossy(segment.raw()).into_owned();
            self.add(Diagnostic::new(&x12::TRAILING_SEPARATOR, message).at(place).found(found));
        }
    }

    /// Warns of a character beyond ASCII, once for the set.
    pub fn warn_foreign_character(&mut self, at: &ElementAt<'a>) {
        if !std::mem::replace(&mut self.foreign_character_seen, true) {
            let warning = self.element(&x12::FOREIGN_CHARACTER, at, "holds characters beyond ASCII");
            self.add(warning.found(at.segment.text(at.position.element)));
        }
    }

    /// Everything in the order of the file.
    pub fn finish(self) -> Vec<Diagnostic> {
        let position = |diagnostic: &Diagnostic| match &diagnostic.place.spot {
            Spot::Segment(spot) => spot.position,
            _ => u32::MAX,
        };
        let mut list: Vec<Diagnostic> = self.list.into_iter().flatten().collect();
        list.sort_by_key(position);
        if self.unlisted > 0 {
            let message = format!("{} more faults of this set are not listed", self.unlisted);
            let mut place = Place::default();
            if let Some(last) = list.last() {
                place = last.place.clone();
            }
            list.push(Diagnostic::new(&x12::FURTHER_FAULTS, message).at(place));
        }
        list
    }
}
