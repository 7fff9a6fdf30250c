//! The walk through a set: which place of the guide each segment takes.
//!
//! The rule of the standard: a segment takes the next place with its tag in the loop that is open, else a later
//! place of the loop around it, and so on outwards; a loop's first segment starts the loop anew. What finds no
//! place is reported once and passed over, so that one bad segment does not condemn those after it:
//!
//! ```text
//! N1*ST…   starts loop N1
//! N3*…     its next place within N1
//! PO1*…    no place within N1: a later place of the set, so N1 is closed
//! N1*BY…   within PO1
//! CUR*…    the place of CUR in the set is passed: out of sequence
//! ```

use super::Tree;
use super::faults::{FaultId, Faults};
use super::qualified::{NOT_USED, UNDER_LOOPS, UNDER_USE};
use crate::diagnostic::codes::x12;
use crate::diagnostic::{AckCode, Code, Diagnostic, SegmentSpot};
use crate::x12::guide::dictionary::{SegmentSpec, Tag};
use crate::x12::guide::overlay::Cited;
use crate::x12::guide::steps::Steps;
use crate::x12::guide::{Content, Guide, Place};
use crate::x12::segment::{Segment, SetText};

/// What the walk says of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Placed {
    /// It has its place, in the loop of that name if it is in one, and this is what may stand in it, if that is described.
    In(Option<&'static str>, Option<&'static SegmentSpec>),
    /// It has none, and that is reported.
    Nowhere,
}

/// The walk so far.
pub(super) struct Walk<'a> {
    guide: &'static Guide,
    steps: &'static Steps,
    /// The open loops, from the set itself inwards; as deep as the guide nests, one more for a stray loop.
    open: Vec<Open>,
    tree: Tree<'a>,
    stray: Stray,
}

/// A loop that is open.
struct Open {
    /// Its name; `None` for the set itself.
    id: Option<&'static str>,
    /// Its places.
    content: Content,
    /// The place taken last.
    at: usize,
    /// How often that place was taken in a row.
    count: u32,
    /// The node that begins it in the tree.
    first: usize,
    /// A loop that stands where it may not, or one within it; it is followed to its end and belongs to nothing.
    misplaced: bool,
    /// Mandatory segments that were passed, in case they come late.
    missed: Vec<(usize, FaultId)>,
}

/// Segments in a row that found no place.
enum Stray {
    /// The last segment had its place.
    None,
    /// The first fault of the run, and how many segments it has carried away.
    Since(FaultId, usize),
}

/// Where a segment goes.
enum Target {
    /// To a free place of the open loop at a depth.
    Free(usize, usize),
    /// To a place that was taken as often as allowed.
    Full(usize, usize),
    /// To a place that was passed.
    Passed(usize, usize),
    /// Nowhere.
    None,
}

impl<'a> Walk<'a> {
    /// At the start of a set.
    pub fn new(set: &'a SetText, guide: &'static Guide) -> Self {
        let open = vec![Open::new(None, guide.content.clone(), 0, false)];
        Walk { guide, steps: guide.steps(), open, tree: Tree::new(set, guide.set), stray: Stray::None }
    }

    /// Finds the place of the next segment.
    pub fn step(&mut self, segment: Segment<'a>, tag: Tag, faults: &mut Faults<'a>) -> Placed {
        if let Some((depth, place)) = self.known_step(tag) {
            debug_assert!(matches!(self.target(tag), Target::Free(found, at) if (found, at) == (depth, place)));
            return self.take(depth, place, segment, tag, faults);
        }
        match self.target(tag) {
            Target::Free(depth, place) => self.take(depth, place, segment, tag, faults),
            Target::Full(depth, place) => {
                let placed = self.take(depth, place, segment, tag, faults);
                self.report_full(depth, place, segment, faults);
                placed
            }
            Target::Passed(depth, place) => {
                self.report_passed(depth, place, segment, faults);
                self.follow_misplaced(place, segment, tag)
            }
            Target::None => {
                self.report_stray(segment, tag, faults);
                Placed::Nowhere
            }
        }
    }

    /// The step as the guide's table has it; `None` when something is unusual.
    fn known_step(&self, tag: Tag) -> Option<(usize, usize)> {
        let innermost = self.open.last().filter(|open| !open.misplaced)?;
        let place = self.steps.next(innermost.at, tag)?;
        let depth = self.steps.place(place).depth;
        let open = self.open.get(depth)?;
        let is_free = open.at != place || open.count < self.guide.places[place].max;
        is_free.then_some((depth, place))
    }

    /// Closes everything and gives the tree. A missing SE is the envelope's fault, not ours.
    pub fn finish(mut self, set: &SetText, faults: &mut Faults<'a>) -> Tree<'a> {
        self.end_stray(faults);
        let end = self.guide.content.end.saturating_sub(1);
        let here = Here::at_end(set);
        while self.open.len() > 1 {
            self.close(here, faults);
        }
        self.pass(0, end, here, faults);
        self.tree
    }

    /// Looks for the place of a tag from the innermost open loop outwards.
    fn target(&self, tag: Tag) -> Target {
        let mut full = None;
        for (depth, open) in self.open.iter().enumerate().rev() {
            for index in open.at..open.content.end {
                let place = &self.guide.places[index];
                if place.tag != tag {
                    continue;
                }
                if index > open.at || open.count < place.max {
                    return Target::Free(depth, index);
                }
                // A loop's own first segment starts the loop anew; that is for the loop around it to say.
                let starts_the_loop = depth > 0 && index == open.content.start;
                if full.is_none() && !starts_the_loop {
                    full = Some((depth, index));
                }
            }
        }
        if let Some((depth, index)) = full {
            return Target::Full(depth, index);
        }
        for (depth, open) in self.open.iter().enumerate().rev() {
            let first = if depth > 0 { open.content.start + 1 } else { open.content.start };
            let mut passed = first..open.at;
            if let Some(index) = passed.find(|index| self.guide.places[*index].tag == tag) {
                return Target::Passed(depth, index);
            }
        }
        Target::None
    }

    /// Puts a segment in a place: closes the loops within, passes the places before it, opens its loop.
    fn take(&mut self, depth: usize, index: usize, segment: Segment<'a>, tag: Tag, faults: &mut Faults<'a>) -> Placed {
        self.end_stray(faults);
        let here = Here::At(segment);
        while self.open.len() > depth + 1 {
            self.close(here, faults);
        }
        self.pass(depth, index, here, faults);
        let place = &self.guide.places[index];
        let open = &mut self.open[depth];
        open.count = if open.at == index { open.count.saturating_add(1) } else { 1 };
        open.at = index;
        let (misplaced, around) = (open.misplaced, open.id);
        let node = self.tree.add(tag, segment);
        if let Some(content) = &place.content {
            self.open.push(Open { count: 1, ..Open::new(Some(place.id), content.clone(), node, misplaced) });
        }
        if let Some(unused) = place.rules.as_ref().and_then(|rules| rules.unused.as_ref()) {
            let in_loop = if place.content.is_some() { Some(place.id) } else { around };
            faults.add(unused_segment(self.guide, place, unused, segment, in_loop, faults));
            // One fault is enough for what should not be there.
            return Placed::In(in_loop, None);
        }
        Placed::In(self.open.last().and_then(|open| open.id), self.steps.place(index).spec)
    }

    /// Reports the mandatory places of an open loop that lie before a place and were never taken.
    fn pass(&mut self, depth: usize, before: usize, here: Here<'_>, faults: &mut Faults<'a>) {
        let open = &mut self.open[depth];
        let first = open.at + usize::from(open.count > 0);
        if !self.steps.is_any_mandatory(self.guide, first..before) {
            return;
        }
        for index in first..before {
            let place = &self.guide.places[index];
            if place.mandatory {
                let in_loop = if place.content.is_some() { Some(place.id) } else { open.id };
                open.missed.push((index, report_missing(place, in_loop, here, faults)));
            }
        }
    }

    /// Closes the innermost loop.
    fn close(&mut self, here: Here<'_>, faults: &mut Faults<'a>) {
        let depth = self.open.len() - 1;
        self.pass(depth, self.open[depth].content.end, here, faults);
        if let Some(closed) = self.open.pop() {
            self.leave(&closed);
        }
    }

    /// What was read of a loop is in the tree, unless the loop stands where it may not.
    fn leave(&mut self, closed: &Open) {
        if closed.misplaced {
            self.tree.cut(closed.first);
        } else {
            self.tree.close(closed.first);
        }
    }

    /// Follows a loop that stands where it may not, so that its segments are not reported one by one.
    fn follow_misplaced(&mut self, index: usize, segment: Segment<'a>, tag: Tag) -> Placed {
        if let Some(first) = self.open.iter().position(|open| open.misplaced) {
            let misplaced = self.open.split_off(first);
            self.tree.cut(misplaced[0].first);
        }
        let place = &self.guide.places[index];
        if let Some(content) = &place.content {
            let node = self.tree.add(tag, segment);
            self.open.push(Open { count: 1, ..Open::new(Some(place.id), content.clone(), node, true) });
        }
        Placed::Nowhere
    }

    fn report_full(&mut self, depth: usize, index: usize, segment: Segment<'a>, faults: &mut Faults<'a>) {
        let place = &self.guide.places[index];
        let narrowed = place.rules.as_ref().and_then(|rules| rules.max.as_ref());
        let (code, ack, what) = match (narrowed, &place.content) {
            (None, Some(_)) => (&x12::TOO_MANY_LOOPS, 4, "loop"),
            (None, None) => (&x12::TOO_MANY_SEGMENTS, 5, "segment"),
            (Some(_), Some(_)) => (&x12::PARTNER_TOO_MANY, 4, "loop"),
            (Some(_), None) => (&x12::PARTNER_TOO_MANY, 5, "segment"),
        };
        let in_loop = if place.content.is_some() { Some(place.id) } else { self.open[depth].id };
        let message = format!("{what} {} ({}) stands here {} times", place.id, place.name, self.open[depth].count);
        let fault = whole_segment(code, ack, message, segment, in_loop, faults);
        faults.add(by(narrowed, place, fault.expected(format!("at most {}", place.max))));
    }

    fn report_passed(&mut self, depth: usize, index: usize, segment: Segment<'a>, faults: &mut Faults<'a>) {
        self.end_stray(faults);
        let place = &self.guide.places[index];
        let open = &mut self.open[depth];
        // It is not missing after all.
        if let Some(missed) = open.missed.iter().position(|(missed, _)| *missed == index) {
            faults.withdraw(open.missed.swap_remove(missed).1);
        }
        let after = self.guide.places[open.at].id;
        let message = format!("{} ({}) comes too late", place.id, place.name);
        let in_loop = if place.content.is_some() { Some(place.id) } else { open.id };
        let fault = whole_segment(&x12::SEGMENT_OUT_OF_SEQUENCE, 7, message, segment, in_loop, faults);
        let fault = fault.expected(format!("{} before {after}", place.id));
        faults.add(by(None, place, fault.hint(format!("the sender must move {} before {after}", place.id))));
    }

    /// Reports a segment that has no place at all. Those that follow it without a place of their own, such as the
    /// rest of a loop whose first segment is misspelled, are counted with it.
    fn report_stray(&mut self, segment: Segment<'a>, tag: Tag, faults: &mut Faults<'a>) {
        let id = segment.tag();
        let used = self.guide.places.iter().find(|place| place.tag == tag);
        if let (Some(_), Stray::Since(_, carried)) = (used, &mut self.stray) {
            *carried += 1;
            return;
        }
        self.end_stray(faults);
        let (code, ack, message) = match used {
            Some(place) => (&x12::UNEXPECTED_SEGMENT, 2, format!("{id} ({}) is not expected here", place.name)),
            None if self.guide.dictionary().knows(tag) => (
                &x12::SEGMENT_NOT_IN_SET,
                6,
                format!("{id} is not used in the {} ({})", self.guide.set, self.guide.name),
            ),
            None => (&x12::UNKNOWN_SEGMENT, 1, format!("{} is no segment of {}", quoted(id), self.guide.version)),
        };
        let mut fault = whole_segment(code, ack, message, segment, None, faults);
        if let Some(around) = used.and_then(|place| self.loop_around(place.tag)) {
            fault = fault.expected(format!("{around} before it"));
        }
        let found: Vec<u8> = segment.raw().iter().copied().take(99).collect();
        let id = faults.add(fault.found(String::from_utf8_lossy(&found)));
        self.stray = Stray::Since(id, 0);
    }

    /// The first segment of the loop in which the guide has a tag.
    fn loop_around(&self, tag: Tag) -> Option<&'static str> {
        let places = &self.guide.places;
        let holds = |content: &Content| places[content.clone()].iter().skip(1).any(|place| place.tag == tag);
        places.iter().find(|place| place.content.as_ref().is_some_and(holds)).map(|place| place.id)
    }

    /// A run of segments without a place has ended: says how long it was.
    fn end_stray(&mut self, faults: &mut Faults<'a>) {
        if let Stray::Since(id, carried) = std::mem::replace(&mut self.stray, Stray::None)
            && carried > 0
        {
            let them = if carried == 1 { "segment".to_owned() } else { format!("{carried} segments") };
            faults.advise(id, format!("the {them} after it could not be placed either; mend this one first"));
        }
    }
}

impl Open {
    fn new(id: Option<&'static str>, content: Content, first: usize, misplaced: bool) -> Self {
        let at = content.start;
        Open { id, content, at, count: 0, first, misplaced, missed: Vec::new() }
    }
}

/// The point at which something is found missing.
#[derive(Clone, Copy)]
pub(super) enum Here<'a> {
    /// The segment that stands there instead.
    At(Segment<'a>),
    /// The end of the set: the position and the offset behind its last segment.
    AtEnd(u32, u64),
}

impl Here<'_> {
    /// The end of a set.
    pub fn at_end(set: &SetText) -> Self {
        let position = u32::try_from(set.len()).unwrap_or(u32::MAX).saturating_add(1);
        Here::AtEnd(position, set.offset() + set.bytes().len() as u64)
    }
}

fn report_missing(place: &Place, in_loop: Option<&str>, here: Here<'_>, faults: &mut Faults<'_>) -> FaultId {
    let required = place.rules.as_ref().and_then(|rules| rules.required.as_ref());
    let code = if required.is_some() { &x12::PARTNER_SEGMENT_MISSING } else { &x12::SEGMENT_MISSING };
    let subject = format!("{} ({})", place.id, place.name);
    let mut fault = missing_segment(code, &subject, place, in_loop, here, faults);
    fault.convention = required.map(|_| if place.content.is_some() { UNDER_LOOPS } else { UNDER_USE });
    faults.add(by(required, place, fault.expected(place.id)))
}

/// A segment that is missing at a place; the caller says what is expected, and by whom.
pub(super) fn missing_segment(
    code: Code,
    subject: &str,
    place: &Place,
    in_loop: Option<&str>,
    here: Here<'_>,
    faults: &Faults<'_>,
) -> Diagnostic {
    let (position, byte, tag) = match here {
        Here::At(segment) => (segment.position(), segment.offset(), Some(segment.tag())),
        Here::AtEnd(position, byte) => (position, byte, None),
    };
    let spot = SegmentSpot {
        position,
        tag: place.id.to_owned(),
        in_loop: in_loop.map(str::to_owned),
        ..SegmentSpot::default()
    };
    let instead = tag.map_or("the end of the set".to_owned(), quoted);
    let message = format!("{subject} is missing before {instead}");
    let fault = Diagnostic::new(code, message).at(faults.place(byte, spot)).acknowledged_as(AckCode::Segment(3));
    match tag {
        Some(tag) => fault.found(tag),
        None => fault,
    }
}

/// A segment of the standard that the partner does not use there.
fn unused_segment(
    guide: &Guide,
    place: &Place,
    unused: &Cited,
    segment: Segment<'_>,
    in_loop: Option<&str>,
    faults: &Faults<'_>,
) -> Diagnostic {
    let message = format!("{} ({}) is not used here in the {} of this partner", place.id, place.name, guide.set);
    let fault =
        whole_segment(&x12::PARTNER_SEGMENT_UNUSED, 2, message, segment, in_loop, faults).by_convention(NOT_USED);
    let found: Vec<u8> = segment.raw().iter().copied().take(99).collect();
    unused.by(fault.expected(format!("no {} here", place.id))).found(String::from_utf8_lossy(&found))
}

/// Says whose rule it is: the line of an overlay, or the guide's.
fn by(line: Option<&Cited>, place: &Place, fault: Diagnostic) -> Diagnostic {
    match line {
        Some(cited) => cited.by(fault),
        None => fault.of_layer(place.layer),
    }
}

pub(super) fn whole_segment(
    code: Code,
    ack: u8,
    message: String,
    segment: Segment<'_>,
    in_loop: Option<&str>,
    faults: &Faults<'_>,
) -> Diagnostic {
    Diagnostic::new(code, message).at(faults.segment_place(segment, in_loop)).acknowledged_as(AckCode::Segment(ack))
}

/// A tag as part of a sentence; quoted when it is empty, long or strange.
fn quoted(tag: &str) -> String {
    let plain = (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { tag.to_owned() } else { format!("{:?}", tag.chars().take(20).collect::<String>()) }
}
