//! One set being read: every element that is taken is remembered, so that what nobody took can be named at the end.

use std::borrow::Cow;

use jiff::civil::{Date, Time};
use rust_decimal::Decimal;

use crate::diagnostic::codes::document::{MISSING_VALUE, NOT_TAKEN_OVER};
use crate::diagnostic::{Code, Diagnostic, Place, SegmentSpot, Spot};
use crate::x12::check::{Loop, Part};
use crate::x12::segment::Segment;
use crate::x12::value;

/// How many names the note about untaken elements lists before it only counts.
const NAMES_LISTED: usize = 12;

/// Envelope of the set and its counting: checked elsewhere, and nothing of the document.
const BOOKKEEPING: [&str; 4] = ["ST", "SE", "HL", "CTT"];

/// Reads elements of one set.
pub(super) struct Reading<'f> {
    file: Option<&'f str>,
    set: String,
    control_number: Option<String>,
    /// Per segment position, one bit per element that was taken.
    taken: Vec<u64>,
    diagnostics: Vec<Diagnostic>,
}

impl<'f> Reading<'f> {
    pub(super) fn new(tree: &Loop<'_>, file: Option<&'f str>) -> Self {
        let control_number = tree.segment("ST").and_then(|st| st.value(2));
        Reading { file, set: tree.id.to_owned(), control_number, taken: Vec::new(), diagnostics: Vec::new() }
    }

    /// The place of a segment, or of one of its elements.
    pub(super) fn place(&self, segment: Segment<'_>, element: Option<usize>) -> Place {
        let spot = SegmentSpot {
            set: Some(self.set.clone()),
            set_control_number: self.control_number.clone(),
            position: segment.position(),
            tag: segment.tag().to_owned(),
            element: element.and_then(|number| u16::try_from(number).ok()),
            ..SegmentSpot::default()
        };
        let byte = element.map_or_else(|| segment.offset(), |number| segment.element_offset(number));
        Place { file: self.file.map(str::to_owned), byte: Some(byte), spot: Spot::Segment(spot) }
    }

    /// Reports something about a segment or one of its elements, quoting the element.
    pub(super) fn report(&mut self, code: Code, segment: Segment<'_>, element: Option<usize>, message: String) {
        let mut diagnostic = Diagnostic::new(code, message).at(self.place(segment, element));
        if let Some(found) = element.and_then(|number| segment.value(number)) {
            diagnostic = diagnostic.found(found);
        }
        self.diagnostics.push(diagnostic);
    }

    /// Reports what a document says of itself at one of its segments.
    pub(super) fn tell(&mut self, diagnostic: Option<Diagnostic>, segment: Segment<'_>, element: Option<usize>) {
        let place = self.place(segment, element);
        self.diagnostics.extend(diagnostic.map(|diagnostic| diagnostic.at(place)));
    }

    /// Reports a value that the document cannot do without.
    pub(super) fn missing(&mut self, segment: Segment<'_>, element: usize, what: &str) {
        self.report(&MISSING_VALUE, segment, Some(element), format!("{}{element:02} has no {what}", segment.tag()));
    }

    /// Marks an element as taken.
    pub(super) fn take(&mut self, segment: Segment<'_>, element: usize) {
        let index = segment.position() as usize;
        if self.taken.len() <= index {
            self.taken.resize(index + 1, 0);
        }
        self.taken[index] |= 1 << element.min(63);
    }

    /// Marks an element as taken when it holds what we would write there ourselves.
    pub(super) fn take_if(&mut self, segment: Segment<'_>, element: usize, expected: &[&str]) {
        if expected.contains(&segment.text(element).as_ref()) {
            self.take(segment, element);
        }
    }

    /// Marks every element of a segment as taken.
    pub(super) fn take_all(&mut self, segment: Segment<'_>) {
        for element in 1..=segment.element_count() {
            self.take(segment, element);
        }
    }

    /// A text.
    pub(super) fn text(&mut self, segment: Segment<'_>, element: usize) -> Option<String> {
        self.code(segment, element).map(Cow::into_owned)
    }

    /// A text that the document does not keep as it is: a code, a number.
    pub(super) fn code<'a>(&mut self, segment: Segment<'a>, element: usize) -> Option<Cow<'a, str>> {
        self.take(segment, element);
        Some(segment.text(element)).filter(|text| !text.is_empty())
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, segment: Segment<'_>, element: usize, what: &str) -> Option<String> {
        self.required_code(segment, element, what).map(Cow::into_owned)
    }

    /// The same of what the document does not keep as it is.
    pub(super) fn required_code<'a>(
        &mut self,
        segment: Segment<'a>,
        element: usize,
        what: &str,
    ) -> Option<Cow<'a, str>> {
        let code = self.code(segment, element);
        if code.is_none() {
            self.missing(segment, element, what);
        }
        code
    }

    /// The first component of a composite, such as the unit in C001; what stands behind it stays untaken.
    pub(super) fn first(&mut self, segment: Segment<'_>, element: usize) -> Option<String> {
        if segment.components(element).skip(1).all(<[u8]>::is_empty) {
            self.take(segment, element);
        }
        Some(segment.component_text(element, 1).into_owned()).filter(|text| !text.is_empty())
    }

    /// A decimal with a point (R).
    pub(super) fn decimal(&mut self, segment: Segment<'_>, element: usize) -> Option<Decimal> {
        value::read_decimal(&self.code(segment, element)?).ok()
    }

    /// An amount in cents (N2).
    pub(super) fn cents(&mut self, segment: Segment<'_>, element: usize) -> Option<Decimal> {
        value::read_implied(&self.code(segment, element)?, 2).ok()
    }

    /// A whole number (N0).
    pub(super) fn count(&mut self, segment: Segment<'_>, element: usize) -> Option<u32> {
        value::read_count(&self.code(segment, element)?).ok()
    }

    /// A date.
    pub(super) fn date(&mut self, segment: Segment<'_>, element: usize) -> Option<Date> {
        value::read_date(&self.code(segment, element)?).ok()
    }

    /// A date that must be there.
    pub(super) fn required_date(&mut self, segment: Segment<'_>, element: usize, what: &str) -> Option<Date> {
        value::read_date(&self.required_code(segment, element, what)?).ok()
    }

    /// A time of day.
    pub(super) fn time(&mut self, segment: Segment<'_>, element: usize) -> Option<Time> {
        value::read_time(&self.code(segment, element)?).ok()
    }

    /// Everything that was reported, with one note about what nobody took.
    pub(super) fn finish(mut self, tree: &Loop<'_>) -> Vec<Diagnostic> {
        let mut left = Vec::new();
        self.collect_untaken(tree, &mut left);
        left.sort_by_key(|(segment, _)| segment.position());
        let Some((first, _)) = left.first().copied() else { return self.diagnostics };

        let mut names: Vec<String> = Vec::new();
        for (segment, element) in &left {
            let name = format!("{}{element:02}", segment.tag());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let more = names.len().saturating_sub(NAMES_LISTED);
        names.truncate(NAMES_LISTED);
        let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("not in the document, only in the archived bytes: {}{and_more}", names.join(", "));
        let place = self.place(first, None);
        self.diagnostics.push(Diagnostic::new(&NOT_TAKEN_OVER, message).at(place));
        self.diagnostics
    }

    fn collect_untaken<'a>(&self, from: &Loop<'a>, left: &mut Vec<(Segment<'a>, usize)>) {
        for part in from.parts() {
            let segment = match part {
                Part::Loop(inner) => {
                    self.collect_untaken(&inner, left);
                    continue;
                }
                Part::Segment(segment) => segment,
            };
            let taken = self.taken.get(segment.position() as usize).copied().unwrap_or_default();
            let untaken =
                |element: &usize| taken & (1 << (*element).min(63)) == 0 && !segment.element(*element).is_empty();
            let mut untaken = (1..=segment.element_count()).filter(untaken).peekable();
            if untaken.peek().is_some() && !BOOKKEEPING.contains(&segment.tag()) {
                left.extend(untaken.map(|element| (segment, element)));
            }
        }
    }
}
