//! The context of a fault in a 999: which element made another one necessary, or excluded it.
//!
//! ```text
//! PO1 with a price and no unit (if C0302: quantity needs unit)
//!   IK4*3*355*2~CTX*SITUATIONAL TRIGGER*PO1*4*PO1*2~
//! an N1 with ST and no N4, where the partner's overlay says N1*ST/N4 required
//!   IK3*N4*6*N1*I6~CTX*SITUATIONAL TRIGGER*N1*5*N1*1~
//! ```
//!
//! The check says what a fault depends on, so that the guides that a document was checked by are those that the context is
//! from: no guide is looked at here.

use crate::diagnostic::SegmentSpot;
use crate::x12::draft::{ElementDraft, SegmentDraft};

/// CTX for what a fault depends on; `named` is the IK3 that names its segment.
pub(super) fn of(trigger: &SegmentSpot, named: &SegmentDraft) -> SegmentDraft {
    // IK301 to IK303 say where the segment is.
    let mut elements = vec![ElementDraft::from("SITUATIONAL TRIGGER")];
    elements.extend(named.elements.iter().take(3).cloned());
    match (trigger.element, trigger.component) {
        (Some(element), Some(component)) => {
            elements.push(ElementDraft::Composite(vec![element.to_string(), component.to_string()]));
        }
        (Some(element), None) => elements.push(element.to_string().into()),
        // Where several could be meant, the segment is all that is said.
        (None, _) => {}
    }
    SegmentDraft { tag: "CTX".to_owned(), elements }
}
