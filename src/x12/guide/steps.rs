//! What comes after each place of a guide, worked out once: a walk through a correct set looks nothing up and searches nothing.
//!
//! ```text
//! after     PO1     PID     PO4     CTT     …       one row for each place, one column for each segment of the guide
//! PO1       PO1     PID     PO4     CTT
//! PID       PO1     PID     PO4     CTT
//! PO4       PO1     –       PO4     CTT             –: nothing that a correct set has; the walk finds out what is wrong
//! ```

use std::collections::BTreeSet;

use super::dictionary::{Dictionary, SegmentSpec, Tag};
use super::packed::Packed;
use super::{Content, Guide};

/// The steps of one guide.
#[derive(Debug)]
pub(crate) struct Steps {
    columns: Packed,
    /// By place and column: the next place and one, or 0.
    next: Vec<u16>,
    places: Vec<PlaceSteps>,
}

/// What a step to a place needs to know of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlaceSteps {
    /// How many loops are around it.
    pub depth: usize,
    /// How many places before it must be taken.
    mandatory_before: u32,
    /// What may stand in its segment; `None` when that is not described.
    pub spec: Option<&'static SegmentSpec>,
}

impl Steps {
    /// Works them out.
    pub fn of(guide: &Guide, dictionary: &'static Dictionary) -> Steps {
        let count = guide.places.len();
        let tags: BTreeSet<Tag> = guide.places.iter().map(|place| place.tag).collect();
        let columns = Packed::of(tags.iter().map(|tag| tag.packed()));
        let around = loops_around(guide);
        let mut next = vec![0; count * columns.count];
        for at in 0..count {
            // Their columns are those of the table, which has them in this order.
            for (column, tag) in tags.iter().enumerate() {
                if let Some(place) = next_place(guide, &around, at, *tag) {
                    // A guide has some hundred places.
                    next[at * columns.count + column] = u16::try_from(place + 1).unwrap_or(0);
                }
            }
        }
        let mut mandatory_before = 0;
        let places = guide.places.iter().zip(&around).map(|(place, around)| {
            let narrowed = place.rules.as_ref().and_then(|rules| rules.spec);
            let spec = narrowed.or_else(|| dictionary.segment_by_tag(place.tag));
            let spec = spec.filter(|spec| !spec.elements.is_empty());
            let steps = PlaceSteps { depth: around.len(), mandatory_before, spec };
            mandatory_before += u32::from(place.mandatory);
            steps
        });
        Steps { places: places.collect(), columns, next }
    }

    /// The place that a segment takes after that place, unless its own is full; `None` when only a search can tell.
    pub fn next(&self, at: usize, tag: Tag) -> Option<usize> {
        let column = self.columns.find(tag.packed())?;
        usize::from(*self.next.get(at * self.columns.count + column)?).checked_sub(1)
    }

    /// What is known of a place.
    pub fn place(&self, place: usize) -> PlaceSteps {
        self.places[place]
    }

    /// True when some place of a run of places must be taken.
    pub fn is_any_mandatory(&self, guide: &Guide, run: Content) -> bool {
        let (Some(first), Some(last)) = (self.places.get(run.start), run.end.checked_sub(1)) else { return false };
        run.start < run.end
            && self.places[last].mandatory_before + u32::from(guide.places[last].mandatory) > first.mandatory_before
    }
}

/// For each place, the places of the loops around it, the innermost first.
pub(super) fn loops_around(guide: &Guide) -> Vec<Vec<usize>> {
    let mut around = vec![Vec::new(); guide.places.len()];
    // A loop's own places stand behind it, so that those around it are known already.
    for (index, place) in guide.places.iter().enumerate() {
        for within in place.content.clone().into_iter().flatten() {
            around[within] = [vec![index], around[index].clone()].concat();
        }
    }
    around
}

/// The first place with a tag from a place onwards in its loop, else from that loop's place onwards in the loop around it.
fn next_place(guide: &Guide, around: &[Vec<usize>], at: usize, tag: Tag) -> Option<usize> {
    let mut from = at;
    let mut outwards = around[at].iter();
    loop {
        let outer = outwards.next();
        let content = match outer {
            Some(outer) => guide.places[*outer].content.clone()?,
            None => guide.content.clone(),
        };
        let is_full = |place: usize| place == at && guide.places[at].max == 1 && at != guide.content.start;
        let found = (from..content.end).find(|&place| guide.places[place].tag == tag && !is_full(place));
        if found.is_some() {
            return found;
        }
        from = *outer?;
    }
}
