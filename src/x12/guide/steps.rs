//! What comes after each place of a guide, worked out once: a walk through a correct set looks nothing up and searches nothing.
//!
//! ```text
//! after     PO1     PID     PO4     CTT     …       one row for each place, one column for each segment of the guide
//! PO1       PO1     PID     PO4     CTT
//! PID       PO1     PID     PO4     CTT
//! PO4       PO1     –       PO4     CTT             –: nothing that a correct set has; the walk finds out what is wrong
//! ```

use super::dictionary::{Dictionary, SegmentSpec, Tag};
use super::{Content, Guide};

/// The steps of one guide.
#[derive(Debug)]
pub(crate) struct Steps {
    columns: Columns,
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
        let columns = Columns::of(guide.places.iter().map(|place| place.tag));
        let around = loops_around(guide);
        let mut next = vec![0; count * columns.count];
        for at in 0..count {
            for (tag, column) in columns.all() {
                if let Some(place) = next_place(guide, &around, at, tag) {
                    // A guide has some hundred places.
                    next[at * columns.count + column] = u16::try_from(place + 1).unwrap_or(0);
                }
            }
        }
        let mut mandatory_before = 0;
        let places = guide.places.iter().zip(&around).map(|(place, around)| {
            let spec = dictionary.segment_by_tag(place.tag).filter(|spec| !spec.elements.is_empty());
            let steps = PlaceSteps { depth: around.len(), mandatory_before, spec };
            mandatory_before += u32::from(place.mandatory);
            steps
        });
        Steps { places: places.collect(), columns, next }
    }

    /// The place that a segment takes after that place, unless its own is full; `None` when only a search can tell.
    pub fn next(&self, at: usize, tag: Tag) -> Option<usize> {
        let column = self.columns.find(tag)?;
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
fn loops_around(guide: &Guide) -> Vec<Vec<usize>> {
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

/// Numbers for the tags of a guide, found by hashing.
#[derive(Debug)]
struct Columns {
    /// Tag and column; open addressing, less than half full.
    slots: Vec<(Tag, u16)>,
    count: usize,
}

impl Columns {
    fn of(tags: impl Iterator<Item = Tag>) -> Columns {
        let mut tags: Vec<Tag> = tags.collect();
        tags.sort();
        tags.dedup();
        let mut columns =
            Columns { slots: vec![(Tag::NONE, 0); (2 * tags.len() + 1).next_power_of_two()], count: tags.len() };
        for (column, tag) in (0..).zip(tags) {
            let slot = columns.slot(tag);
            columns.slots[slot] = (tag, column);
        }
        columns
    }

    fn all(&self) -> impl Iterator<Item = (Tag, usize)> {
        self.slots.iter().filter(|(tag, _)| *tag != Tag::NONE).map(|(tag, column)| (*tag, usize::from(*column)))
    }

    fn find(&self, tag: Tag) -> Option<usize> {
        let (found, column) = self.slots[self.slot(tag)];
        (found == tag && tag != Tag::NONE).then_some(usize::from(column))
    }

    /// The slot of a tag, or the free one where it would be.
    fn slot(&self, tag: Tag) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = tag.hash() & mask;
        while self.slots[slot].0 != tag && self.slots[slot].0 != Tag::NONE {
            slot = (slot + 1) & mask;
        }
        slot
    }
}
