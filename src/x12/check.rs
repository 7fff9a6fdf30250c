//! One transaction set against its guide: a tree of loops, and what is wrong where.
//!
//! ```text
//! ST*850*0001~                         850: ST BEG SE
//! BEG*00*SA*4500012345**20260302~        N1: N1 N3
//! N1*ST*MEGAMART DC 6021*92*6021~        PO1: PO1
//! N3*100 DISTRIBUTION WAY~         ->    CTT: CTT
//! PO1*001*24*EA*3,61~
//! CTT*1~                               X12-E067: PO1 element 4 (unit price) is not a number (AK4*4*212*6)
//! SE*7*0001~
//! ```
//!
//! Three things look at each segment: the walk finds its place in the guide, the element check looks into it,
//! and the hierarchy and the totals keep count. What a partner demands where a qualifier says so is asked of the finished
//! tree. Nothing recurses over the file, and the work for a segment does not depend on how many there are.

mod elements;
mod faults;
mod hierarchy;
mod narrowed;
mod qualified;
mod totals;
mod tree;
mod value;
mod walk;

use super::guide::Guide;
use super::guide::dictionary::Tag;
use super::segment::SetText;
use crate::diagnostic::Diagnostic;
use faults::Faults;
use hierarchy::Hierarchy;
use totals::Totals;
pub use tree::{Loop, Part, Tree};
use walk::{Placed, Walk};

/// What a check yields: everything that could be read, and everything that is wrong.
#[derive(Debug)]
pub struct Checked<'a> {
    /// The set as a tree; a segment that fits nowhere is in no loop (and has its diagnostic). HL loops stay flat, in file order.
    pub tree: Tree<'a>,
    /// Segment and element faults in the order of the file, each with its AK3/AK4 code.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks order, loops, max use, mandatory, lengths, types, codes, repetitions, relational conditions and HL nesting (order
/// of HL01, parents that exist, no cycles, the structure of BSN05).
/// The trailer's counts and control numbers are `examine`'s, not checked here.
pub fn check<'a>(set: &'a SetText, guide: &'static Guide) -> Checked<'a> {
    let dictionary = guide.dictionary();
    let delimiters = set.delimiters();
    let (hierarchy_tag, envelope) = (Tag::of("HL"), [Tag::of("ST"), Tag::of("SE")]);
    let mut faults = Faults::new(set, guide.layer);
    let mut hierarchy = Hierarchy::new(set, dictionary.segment_by_tag(hierarchy_tag));
    let mut totals = Totals::new(guide);
    let mut walk = Walk::new(set, guide);
    for segment in set.segments() {
        let tag = segment.packed_tag();
        let placed = walk.step(segment, tag, &mut faults);
        totals.add(segment, tag, &mut faults);
        if tag == hierarchy_tag && guide.counted == Some(tag) {
            hierarchy.add(segment, &mut faults);
        }
        // What stands in the wrong place is not looked into: one fault is enough. ST and SE are `examine`'s.
        if let Placed::In(in_loop, Some(spec)) = placed
            && !envelope.contains(&tag)
        {
            elements::check(segment, in_loop, spec, dictionary, delimiters, &mut faults);
        }
    }
    let tree = walk.finish(set, &mut faults);
    hierarchy.finish(&mut faults);
    qualified::check(&tree, set, guide, &mut faults);
    Checked { tree, diagnostics: faults.finish() }
}

#[cfg(test)]
mod tests;
