//! The context of a fault in a 999: which element made another one necessary, or excluded it.
//!
//! ```text
//! PO1 with a price and no unit (if C0302: quantity needs unit)
//!   IK4*3*355*2~CTX*SITUATIONAL TRIGGER*PO1*4*PO1*2~
//! ```

use crate::diagnostic::SegmentSpot;
use crate::x12::draft::{ElementDraft, SegmentDraft};
use crate::x12::guide;
use crate::x12::guide::dictionary::{Condition, Kind, Positions, Rule};

/// CTX for a fault with that code of table 723, where the code is about two elements.
pub(super) fn of(spot: &SegmentSpot, code: u8, named: &SegmentDraft, at: (&str, &str)) -> Option<SegmentDraft> {
    if !matches!(code, 2 | 10) {
        return None;
    }
    // IK301 to IK303 say where the segment is.
    let mut elements = vec![ElementDraft::from("SITUATIONAL TRIGGER")];
    elements.extend(named.elements.iter().take(3).cloned());
    let triggers = triggers(spot, code, at)?;
    // Where several could be meant, the segment is all that is said.
    if let (Some(trigger), 1) = (triggers.iter().next(), triggers.len()) {
        elements.push(match (spot.element, spot.component) {
            (Some(element), Some(_)) => ElementDraft::Composite(vec![element.to_string(), trigger.to_string()]),
            _ => trigger.to_string().into(),
        });
    }
    Some(SegmentDraft { tag: "CTX".to_owned(), elements })
}

/// The other positions that the conditions of the guide can mean; `None` where there is none. Within a composite they are
/// components.
fn triggers(spot: &SegmentSpot, code: u8, (set, version): (&str, &str)) -> Option<Positions> {
    let dictionary = guide::find(set, version)?.dictionary();
    let segment = dictionary.segment(&spot.tag)?;
    let element = usize::from(spot.element?);
    let (conditions, position): (&[Condition], usize) = match spot.component {
        None => (&segment.conditions.all, element),
        Some(component) => match segment.element(element)?.kind {
            Kind::Composite(index) => (&dictionary.composite(index).conditions.all, usize::from(component)),
            _ => return None,
        },
    };
    let mut triggers = Positions::default();
    for condition in conditions {
        let others = match (code, condition.rule) {
            (2, Rule::Paired) | (10, Rule::Exclusive) if condition.all.has(position) => condition.all,
            (2, Rule::Conditional | Rule::List) if condition.others.has(position) => only(condition.first),
            _ => continue,
        };
        others.without(only(position)).iter().for_each(|other| triggers.add(other));
    }
    (!triggers.is_empty()).then_some(triggers)
}

fn only(position: usize) -> Positions {
    let mut positions = Positions::default();
    positions.add(position);
    positions
}
