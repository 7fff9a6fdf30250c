//! The HL levels of a set: numbered from 1, each under one that stands before it.
//!
//! ```text
//! HL*1**S     shipment            a parent must stand before its children, so there can be no cycle
//! HL*2*1*O      order in it
//! HL*3*2*P        carton in it
//! ```

use std::collections::HashMap;

use super::faults::{ElementAt, Faults};
use crate::diagnostic::codes::x12;
use crate::x12::guide::dictionary::SegmentSpec;
use crate::x12::segment::Segment;

/// The levels of one set so far.
#[derive(Default)]
pub(super) struct Hierarchy<'a> {
    levels: Vec<Level<'a>>,
    by_number: HashMap<&'a [u8], usize>,
    previous: Option<u64>,
}

struct Level<'a> {
    segment: Segment<'a>,
    has_children: bool,
}

impl<'a> Hierarchy<'a> {
    /// Checks the next HL segment against those before it.
    pub fn add(&mut self, segment: Segment<'a>, spec: Option<&'static SegmentSpec>, faults: &mut Faults<'a>) {
        self.check_parent(segment, spec, faults);
        self.check_number(segment, spec, faults);
        let number = segment.element(1).trim_ascii();
        if !number.is_empty() {
            self.by_number.entry(number).or_insert(self.levels.len());
        }
        self.levels.push(Level { segment, has_children: false });
    }

    fn check_number(&mut self, segment: Segment<'a>, spec: Option<&'static SegmentSpec>, faults: &mut Faults<'a>) {
        let text = segment.element(1).trim_ascii();
        if text.is_empty() {
            return;
        }
        let found = String::from_utf8_lossy(text).into_owned();
        let number: Option<u64> = found.parse().ok();
        let expected = self.previous.map_or(1, |previous| previous.saturating_add(1));
        if self.by_number.contains_key(text) {
            let fault =
                faults.element_error(&x12::DUPLICATE_LEVEL, 7, &at(segment, 1, spec), "is used by an earlier HL");
            faults.add(fault.expected(expected.to_string()).found(found));
        } else if number != Some(expected) {
            let warning = faults.element(&x12::LEVELS_NOT_CONSECUTIVE, &at(segment, 1, spec), "is not the next number");
            faults.add(warning.expected(expected.to_string()).found(found));
        }
        self.previous = number.or(Some(expected));
    }

    fn check_parent(&mut self, segment: Segment<'a>, spec: Option<&'static SegmentSpec>, faults: &mut Faults<'a>) {
        let parent = segment.element(2).trim_ascii();
        let place = at(segment, 2, spec);
        if parent.is_empty() {
            if !self.levels.is_empty() {
                let warning =
                    faults.element(&x12::SEVERAL_ROOTS, &place, "is empty, though this is not the first level");
                faults.add(warning.expected("the number of an earlier HL"));
            }
        } else if let Some(index) = self.by_number.get(parent) {
            self.levels[*index].has_children = true;
        } else {
            let (problem, expected) = match self.levels.is_empty() {
                true => ("names a parent, though this is the first level", "no parent"),
                false => ("names no level that stands before this one", "the number of an earlier HL"),
            };
            let fault = faults.element_error(&x12::UNKNOWN_PARENT, 7, &place, problem);
            faults.add(fault.expected(expected).found(String::from_utf8_lossy(parent)));
        }
    }

    /// Checks what can only be known at the end: whether HL04 told the truth.
    pub fn finish(self, spec: Option<&'static SegmentSpec>, faults: &mut Faults<'a>) {
        for level in self.levels {
            let (found, truth, problem) = match (level.segment.element(4), level.has_children) {
                (b"0", true) => ("0", "1", "says that no levels are below, but there are"),
                (b"1", false) => ("1", "0", "says that levels are below, but there are none"),
                _ => continue,
            };
            let warning = faults.element(&x12::CHILD_CODE_WRONG, &at(level.segment, 4, spec), problem);
            faults.add(warning.expected(truth).found(found));
        }
    }
}

fn at<'a>(segment: Segment<'a>, element: usize, spec: Option<&'static SegmentSpec>) -> ElementAt<'a> {
    let spec = spec.and_then(|spec| spec.element(element));
    ElementAt { segment, in_loop: Some("HL"), element, component: None, spec }
}
