//! The HL levels of a set: numbered from 1, each under one that stands before it, in the order that BSN05 tells.
//!
//! ```text
//! BSN*…*0001  shipment, order, carton, item
//! HL*1**S     shipment            a parent must stand before its children, so there can be no cycle
//! HL*2*1*O      order in it
//! HL*3*2*P        carton in it
//! HL*4*2*I        item in the order: X12-W027, for 0001 has items in cartons
//! ```
//!
//! That a parent is missing breaks the set: what stands below it belongs nowhere. The order of the levels is what the
//! ship notice says of itself, no rule of the syntax, so that another order is a warning.

mod structure;

use std::collections::HashMap;

use super::faults::{ElementAt, FaultId, Faults, PositionInSegment};
use crate::diagnostic::codes::x12;
use crate::x12::guide::dictionary::SegmentSpec;
use crate::x12::segment::{Segment, SetText};
use structure::Structure;

/// The levels of one set so far.
pub(super) struct Hierarchy<'a> {
    /// What an HL is made of.
    spec: Option<&'static SegmentSpec>,
    structure: Option<&'static Structure>,
    levels: Vec<Level<'a>>,
    by_number: HashMap<&'a [u8], usize>,
    previous: Option<u64>,
    /// Levels whose parent does not stand before them, each with its fault.
    orphans: Vec<(usize, FaultId)>,
}

struct Level<'a> {
    segment: Segment<'a>,
    has_children: bool,
}

impl<'a> Level<'a> {
    /// HL03.
    fn code(&self) -> &'a [u8] {
        self.segment.element(3).trim_ascii()
    }
}

/// What stands above a level.
enum Above {
    Nothing,
    Level(usize),
    /// It names one that does not stand before it.
    Unknown,
}

impl<'a> Hierarchy<'a> {
    /// None yet; the set may tell the structure of its levels.
    pub fn new(set: &SetText, spec: Option<&'static SegmentSpec>) -> Self {
        Hierarchy {
            spec,
            structure: Structure::told_by(set),
            levels: Vec::new(),
            by_number: HashMap::new(),
            previous: None,
            orphans: Vec::new(),
        }
    }

    /// Checks the next HL segment against those before it.
    pub fn add(&mut self, segment: Segment<'a>, faults: &mut Faults<'a>) {
        let above = self.check_parent(segment, faults);
        self.check_number(segment, faults);
        let number = segment.element(1).trim_ascii();
        if !number.is_empty() {
            self.by_number.entry(number).or_insert(self.levels.len());
        }
        let level = Level { segment, has_children: false };
        match above {
            Above::Nothing => self.check_structure(&level, None, faults),
            Above::Level(parent) => self.check_structure(&level, Some(self.levels[parent].code()), faults),
            Above::Unknown => {}
        }
        self.levels.push(level);
    }

    fn at(&self, segment: Segment<'a>, element: usize) -> ElementAt<'a> {
        let spec = self.spec.and_then(|spec| spec.element(element));
        ElementAt { segment, in_loop: Some("HL"), position: PositionInSegment::element(element), spec }
    }

    fn check_number(&mut self, segment: Segment<'a>, faults: &mut Faults<'a>) {
        let text = segment.element(1).trim_ascii();
        if text.is_empty() {
            return;
        }
        let found = String::from_utf8_lossy(text).into_owned();
        let number: Option<u64> = found.parse().ok();
        let expected = self.previous.map_or(1, |previous| previous.saturating_add(1));
        let place = self.at(segment, 1);
        if self.by_number.contains_key(text) {
            let fault = faults.element_error(&x12::DUPLICATE_LEVEL, 7, &place, "is used by an earlier HL");
            faults.add(fault.expected(expected.to_string()).found(found));
        } else if number != Some(expected) {
            let warning = faults.element(&x12::LEVELS_NOT_CONSECUTIVE, &place, "is not the next number");
            faults.add(warning.expected(expected.to_string()).found(found));
        }
        self.previous = number.or(Some(expected));
    }

    fn check_parent(&mut self, segment: Segment<'a>, faults: &mut Faults<'a>) -> Above {
        let parent = segment.element(2).trim_ascii();
        let place = self.at(segment, 2);
        if parent.is_empty() {
            if !self.levels.is_empty() {
                let warning =
                    faults.element(&x12::SEVERAL_ROOTS, &place, "is empty, though this is not the first level");
                faults.add(warning.expected("the number of an earlier HL"));
            }
            return Above::Nothing;
        }
        if let Some(index) = self.by_number.get(parent) {
            self.levels[*index].has_children = true;
            return Above::Level(*index);
        }
        let (problem, expected) = match self.levels.is_empty() {
            true => ("names a parent, though this is the first level", "no parent"),
            false => ("names no level that stands before this one", "the number of an earlier HL"),
        };
        let fault = faults.element_error(&x12::UNKNOWN_PARENT, 7, &place, problem);
        let fault = faults.add(fault.expected(expected).found(String::from_utf8_lossy(parent)));
        self.orphans.push((self.levels.len(), fault));
        Above::Unknown
    }

    /// Warns of a level below one that the structure does not put above it.
    fn check_structure(&self, level: &Level<'a>, above: Option<&[u8]>, faults: &mut Faults<'a>) {
        let Some(structure) = self.structure else { return };
        if structure.allows(level.code(), above) {
            return;
        }
        let found = String::from_utf8_lossy(level.code()).into_owned();
        let below = above.map_or("no other level".into(), |above| format!("level {}", String::from_utf8_lossy(above)));
        let problem = format!("stands below {below}, and structure {} has it elsewhere", structure.code);
        let warning = faults.element(&x12::LEVEL_OUT_OF_STRUCTURE, &self.at(level.segment, 3), &problem);
        faults.add(warning.expected(structure.in_words()).found(found));
    }

    /// Checks what can only be known at the end: which parents never come, and whether HL04 told the truth.
    pub fn finish(self, faults: &mut Faults<'a>) {
        for (index, fault) in &self.orphans {
            faults.advise(*fault, self.advice_on(*index));
        }
        for level in &self.levels {
            let (found, truth, problem) = match (level.segment.element(4), level.has_children) {
                (b"0", true) => ("0", "1", "says that no levels are below, but there are"),
                (b"1", false) => ("1", "0", "says that levels are below, but there are none"),
                _ => continue,
            };
            let warning = faults.element(&x12::CHILD_CODE_WRONG, &self.at(level.segment, 4), problem);
            faults.add(warning.expected(truth).found(found));
        }
    }

    /// What its sender must do about a level whose parent does not stand before it.
    fn advice_on(&self, index: usize) -> String {
        let parent = self.levels[index].segment.element(2).trim_ascii();
        let name = String::from_utf8_lossy(&parent[..parent.len().min(12)]);
        match self.by_number.get(parent) {
            None => format!("no HL of this set is numbered {name}: the sender must send it, or name another one"),
            Some(own) if *own == index => {
                "a level cannot stand below itself: the sender must name another one".to_owned()
            }
            Some(later) => {
                let position = self.levels[*later].segment.position();
                format!("HL {name} stands later, at segment {position}: the sender must put it before what is in it")
            }
        }
    }
}
