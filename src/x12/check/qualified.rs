//! The rules of a partner that hold where a qualifier says so, asked of the tree of a set.
//!
//! ```text
//! REF*DP required       no REF with DP in its first element      X12-E091 at the segment that stands there instead
//! REF*DP/REF02 max 4    REF*DP*DEPARTMENT 42~                     X12-E097
//! N1*ST/N4 required     N1*ST*MEGAMART DC~N1*BY*…                 X12-E091 at the N1 that ends the loop; it depends on N101
//! ```
//!
//! Each rule goes down the tree by its own path, from loop to loop, so that a set costs a look at what stands in those loops
//! for each rule, and nothing where a guide has none.

use std::collections::HashSet;

use super::elements::lossy;
use super::faults::{ElementAt, Faults, PositionInSegment};
use super::narrowed::{self, Trigger};
use super::tree::{Loop, Part, Tree};
use super::walk::{Here, missing_segment, whole_segment};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::x12;
use crate::x12::guide::overlay::ElementRule;
use crate::x12::guide::overlay::qualified::{QualifiedDemand, QualifiedRule, Selector};
use crate::x12::guide::{Guide, Place};
use crate::x12::segment::{Segment, SetText};

/// Table 620 of the 999, the numbers behind the I.
pub(super) const NOT_USED: u8 = 4;
const DEPENDENT_MISSING: u8 = 6;
pub(super) const UNDER_LOOPS: u8 = 7;
pub(super) const UNDER_USE: u8 = 8;
const DEPENDENT_NOT_USED: u8 = 9;

/// Checks every rule of the guide that a qualifier is part of.
pub(super) fn check(tree: &Tree<'_>, set: &SetText, guide: &'static Guide, faults: &mut Faults<'_>) {
    if guide.qualified.is_empty() {
        return;
    }
    let mut told = faults.elements();
    for rule in &guide.qualified {
        Check { rule, guide, faults, told: &mut told }.within(tree.root(), 0, None, Here::at_end(set));
    }
}

/// The check of one rule.
struct Check<'c, 'f> {
    rule: &'static QualifiedRule,
    guide: &'static Guide,
    faults: &'c mut Faults<'f>,
    /// The elements that a fault was told of: one is enough.
    told: &'c mut HashSet<(u32, u16)>,
}

/// A segment that a rule is about, or the one that begins such a loop.
#[derive(Clone, Copy)]
struct Selected<'t> {
    segment: Segment<'t>,
    in_loop: Option<&'static str>,
    /// The qualifier of the innermost loop around it that has one.
    trigger: Option<Trigger<'t>>,
}

impl Check<'_, '_> {
    /// Follows the path of the rule from its part at a depth on, in one loop; `behind` is what follows the loop.
    fn within<'t>(&mut self, this: Loop<'t>, depth: usize, trigger: Option<Trigger<'t>>, behind: Here<'t>) {
        let selector = &self.rule.path[depth];
        let is_last = depth + 1 == self.rule.path.len();
        let (mut of_place, mut count) = (0, 0);
        let mut parts = this.parts().peekable();
        while let Some(part) = parts.next() {
            let Some(segment) = self.at_place(selector, part) else { continue };
            of_place += 1;
            if !selector.values.iter().all(|(position, value)| segment.text(*position) == *value) {
                continue;
            }
            let selected = Selected { segment, in_loop: self.loop_of(depth), trigger };
            match part {
                _ if is_last => {
                    count += 1;
                    self.found(selected, count);
                }
                Part::Loop(inner) => {
                    let behind = parts.peek().and_then(first_of).map_or(behind, Here::At);
                    self.within(inner, depth + 1, selected.trigger_within(selector), behind);
                }
                Part::Segment(_) => {}
            }
        }
        // Where none at all stands at a place that must be taken, the walk has told it.
        let is_told = of_place == 0 && self.guide.places[selector.place].mandatory;
        if is_last && count == 0 && !is_told && matches!(self.rule.demand, QualifiedDemand::Required) {
            self.missing(this, trigger, behind);
        }
    }

    /// The segment, or the one that begins the loop, where the part stands at the place that is meant.
    fn at_place<'t>(&self, selector: &Selector, part: Part<'t>) -> Option<Segment<'t>> {
        let place = &self.guide.places[selector.place];
        let is_there = |first: &Segment<'_>| {
            first.packed_tag() == place.tag && matches!(part, Part::Loop(_)) == place.content.is_some()
        };
        first_of(&part).filter(is_there)
    }

    /// The loop that what is at a depth of the path stands in, or is.
    fn loop_of(&self, depth: usize) -> Option<&'static str> {
        let place = |depth: usize| &self.guide.places[self.rule.path[depth].place];
        match &place(depth).content {
            Some(_) => Some(place(depth).id),
            None => depth.checked_sub(1).map(|outer| place(outer).id),
        }
    }

    /// The part of the path that the rule is about, and its place.
    fn subject(&self) -> (&'static Selector, &'static Place) {
        // A path has at least one part.
        let selector = &self.rule.path[self.rule.path.len() - 1];
        (selector, &self.guide.places[selector.place])
    }

    /// `REF*DP (reference)`, `N4 (city) in N1*ST`
    fn subject_in_words(&self, trigger: Option<Trigger<'_>>) -> String {
        let (selector, place) = self.subject();
        format!("{} ({}){}", selector.name, place.name, narrowed::within(trigger))
    }

    /// One of those that are meant is there, the first or a later one.
    fn found(&mut self, selected: Selected<'_>, count: u32) {
        match &self.rule.demand {
            QualifiedDemand::Unused => self.unused(selected),
            QualifiedDemand::Max(max) if count > *max => self.too_many(selected, count, *max),
            QualifiedDemand::Element(rule) => self.element(rule, selected),
            QualifiedDemand::Required | QualifiedDemand::Max(_) => {}
        }
    }

    fn element(&mut self, rule: &'static ElementRule, selected: Selected<'_>) {
        let Selected { segment, in_loop, .. } = selected;
        let trigger = selected.trigger_within(self.subject().0);
        let element = PositionInSegment::element(rule.position);
        let at = ElementAt { segment, in_loop, position: element, spec: Some(rule.spec) };
        let value = segment.element(rule.position);
        if holds_nothing(segment, value) {
            if rule.requires(rule.position) {
                self.tell(narrowed::missing(rule, &at, trigger, self.faults), &at);
            }
            return;
        }
        let separator = segment.delimiters().repetition.filter(|separator| value.contains(separator));
        for (index, value) in (1..).zip(value.split(|byte| Some(*byte) == separator)) {
            let position = if separator.is_some() { element.repetition(index) } else { element };
            let at = ElementAt { position, ..at };
            if !holds_nothing(segment, value)
                && let Some(fault) = narrowed::fault(rule, at, value, trigger, self.faults)
            {
                return self.tell(fault, &at);
            }
        }
    }

    /// Lists the fault of an element that has none yet: what the guide itself refuses needs no second one.
    fn tell(&mut self, fault: Diagnostic, at: &ElementAt<'_>) {
        let element = u16::try_from(at.position.element).unwrap_or(u16::MAX);
        if self.told.insert((at.segment.position(), element)) {
            self.faults.add(fault);
        }
    }

    fn unused(&mut self, selected: Selected<'_>) {
        let Selected { segment, in_loop, trigger } = selected;
        let message =
            format!("{} is not used in the {} of this partner", self.subject_in_words(trigger), self.guide.set);
        let fault = whole_segment(&x12::PARTNER_SEGMENT_UNUSED, 2, message, segment, in_loop, self.faults);
        let fault = fault.expected(format!("no {} here", self.subject().0.name)).found(lossy(segment.raw()));
        self.faults.add(self.rule.cited.by(depending(fault, trigger, NOT_USED, DEPENDENT_NOT_USED)));
    }

    fn too_many(&mut self, selected: Selected<'_>, count: u32, max: u32) {
        let Selected { segment, in_loop, trigger } = selected;
        let (what, ack) = if self.subject().1.content.is_some() { ("loop", 4) } else { ("segment", 5) };
        let message = format!("{what} {} stands here {count} times", self.subject_in_words(trigger));
        let fault = whole_segment(&x12::PARTNER_TOO_MANY, ack, message, segment, in_loop, self.faults);
        self.faults.add(self.rule.cited.by(fault.expected(format!("at most {max}"))));
    }

    /// None of those that are meant is in a loop.
    fn missing(&mut self, this: Loop<'_>, trigger: Option<Trigger<'_>>, behind: Here<'_>) {
        let depth = self.rule.path.len() - 1;
        let (selector, place) = self.subject();
        let here = self.instead(this, depth).map_or(behind, Here::At);
        let under = if place.content.is_some() { UNDER_LOOPS } else { UNDER_USE };
        let subject = self.subject_in_words(trigger);
        let in_loop = self.loop_of(depth);
        let fault = missing_segment(&x12::PARTNER_SEGMENT_MISSING, &subject, place, in_loop, here, self.faults);
        let fault = depending(fault.expected(selector.name), trigger, under, DEPENDENT_MISSING);
        self.faults.add(self.rule.cited.by(fault));
    }

    /// What stands in a loop behind the place of what is missing.
    fn instead<'t>(&self, this: Loop<'t>, depth: usize) -> Option<Segment<'t>> {
        let missed = self.rule.path[depth].place;
        let content = match depth.checked_sub(1) {
            Some(outer) => self.guide.places[self.rule.path[outer].place].content.clone()?,
            None => self.guide.content.clone(),
        };
        let mut at = content.start;
        for part in this.parts() {
            let first = first_of(&part)?;
            let tag = first.packed_tag();
            at = (at..content.end).find(|place| self.guide.places[*place].tag == tag).unwrap_or(at);
            if at > missed {
                return Some(first);
            }
        }
        None
    }
}

impl<'t> Selected<'t> {
    /// The qualifier that its elements, and what stands in its loop, depend on.
    fn trigger_within(&self, selector: &Selector) -> Option<Trigger<'t>> {
        let Some((element, _)) = selector.values.first() else { return self.trigger };
        let position = PositionInSegment::element(*element);
        let at = ElementAt { segment: self.segment, in_loop: self.in_loop, position, spec: None };
        Some(Trigger { name: selector.name, at })
    }
}

/// True for blanks and separators alone.
fn holds_nothing(segment: Segment<'_>, value: &[u8]) -> bool {
    let delimiters = segment.delimiters();
    let is_separator = |byte: u8| byte == delimiters.component || Some(byte) == delimiters.repetition;
    value.iter().all(|byte| *byte == b' ' || is_separator(*byte))
}

/// How the 999 names a fault that depends on a qualifier elsewhere, and one that does not.
fn depending(fault: Diagnostic, trigger: Option<Trigger<'_>>, alone: u8, dependent: u8) -> Diagnostic {
    match trigger {
        Some(trigger) => fault.by_convention(dependent).depending_on(trigger.at.spot()),
        None => fault.by_convention(alone),
    }
}

/// The segment itself, or the one that begins the loop.
fn first_of<'t>(part: &Part<'t>) -> Option<Segment<'t>> {
    match part {
        Part::Segment(segment) => Some(*segment),
        Part::Loop(inner) => match inner.parts().next()? {
            Part::Segment(segment) => Some(segment),
            Part::Loop(_) => None,
        },
    }
}
