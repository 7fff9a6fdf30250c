//! From a partner's 997 to values; the 999 is read alike, with IK3 to IK5 in the place of AK3 to AK5.

use super::{AcknowledgedFault, AcknowledgedSet, AnswerKind, FunctionalAcknowledgment, Verdict};
use crate::x12::check::{Loop, Part};
use crate::x12::segment::Segment;
use crate::x12::value::read_count;

pub(super) fn functional(tree: &Loop<'_>) -> FunctionalAcknowledgment {
    let ak1 = tree.segment("AK1");
    let ak9 = tree.segment("AK9");
    let count = |number| ak9.map_or(0, |ak9| read_count(&ak9.text(number)).unwrap_or(0));
    FunctionalAcknowledgment {
        kind: if tree.id == AnswerKind::Implementation.set_id() {
            AnswerKind::Implementation
        } else {
            AnswerKind::Functional
        },
        functional_id: text(ak1, 1),
        group_control_number: text(ak1, 2),
        verdict: ak9.and_then(|ak9| verdict(&ak9.text(1))),
        counts: [count(2), count(3), count(4)],
        group_errors: codes(ak9, 5),
        sets: tree.loops("AK2").map(set).collect(),
    }
}

fn set(ak2: Loop<'_>) -> AcknowledgedSet {
    let header = ak2.segment("AK2");
    let trailer = ak2.segment("AK5").or_else(|| ak2.segment("IK5"));
    AcknowledgedSet {
        id: text(header, 1),
        control_number: text(header, 2),
        verdict: trailer.and_then(|trailer| verdict(&trailer.text(1))),
        set_errors: codes(trailer, 2),
        faults: ["AK3", "IK3"].into_iter().flat_map(|id| ak2.loops(id)).flat_map(faults).collect(),
    }
}

/// One fault for each AK4, or one for an AK3 alone.
fn faults(ak3: Loop<'_>) -> Vec<AcknowledgedFault> {
    let Some(header) = ak3.segment("AK3").or_else(|| ak3.segment("IK3")) else { return Vec::new() };
    let alone = AcknowledgedFault {
        segment: header.text(1).into_owned(),
        position: read_count(&header.text(2)).unwrap_or(0),
        in_loop: header.value(3),
        segment_error: header.value(4),
        element: None,
        repetition: None,
        data_element: None,
        element_error: None,
        found: None,
    };
    // In the 999 an IK4 may be followed by its context and so begins a loop of its own.
    let elements = ak3.parts().filter_map(|part| match part {
        Part::Segment(segment) if segment.is("AK4") || segment.is("IK4") => Some(segment),
        Part::Loop(inner) => inner.segment("IK4"),
        Part::Segment(_) => None,
    });
    let faults: Vec<_> = elements.map(|ak4| element_fault(&ak4, &alone)).collect();
    if faults.is_empty() { vec![alone] } else { faults }
}

fn element_fault(ak4: &Segment<'_>, segment: &AcknowledgedFault) -> AcknowledgedFault {
    let number = |component| ak4.component_text(1, component).parse::<u16>().ok();
    AcknowledgedFault {
        element: number(1).map(|element| (element, number(2))),
        repetition: number(3),
        data_element: read_count(&ak4.text(2)).ok(),
        element_error: ak4.value(3),
        found: ak4.value(4),
        ..segment.clone()
    }
}

/// Tables 715 and 717.
fn verdict(code: &str) -> Option<Verdict> {
    match code {
        "A" => Some(Verdict::Accepted),
        "E" => Some(Verdict::AcceptedWithErrors),
        "P" => Some(Verdict::PartiallyAccepted),
        "R" | "M" | "W" | "X" => Some(Verdict::Rejected),
        _ => None,
    }
}

fn text(segment: Option<Segment<'_>>, number: usize) -> String {
    segment.map(|segment| segment.text(number).into_owned()).unwrap_or_default()
}

/// Up to five codes from an element on.
fn codes(segment: Option<Segment<'_>>, first: usize) -> Vec<String> {
    (first..first + 5).filter_map(|number| segment?.value(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::check::Tree;
    use crate::x12::delimiters::Delimiters;
    use crate::x12::segment::SetText;

    /// A tree as the check would build it, from the tags alone.
    fn tree(text: &SetText) -> Tree<'_> {
        let (mut tree, mut open) = (Tree::new(text, "997"), Vec::new());
        for segment in text.segments() {
            let (around, begins) = match segment.tag() {
                "AK2" => (0, true),
                "AK3" | "IK3" => (1, true),
                "AK4" => (2, false),
                "IK4" => (2, true),
                "AK5" | "IK5" => (1, false),
                "CTX" => (open.len(), false),
                _ => (0, false),
            };
            open.drain(around..).rev().for_each(|first| tree.close(first));
            let node = tree.add(segment.packed_tag(), segment);
            open.extend(begins.then_some(node));
        }
        open.drain(..).rev().for_each(|first| tree.close(first));
        tree
    }

    fn read(text: &str) -> FunctionalAcknowledgment {
        functional(&tree(&SetText::parse(text.as_bytes(), Delimiters::default(), 0)).root())
    }

    #[test]
    fn a_rejection_names_segment_and_element() {
        let read = read(
            "ST*997*0001~AK1*SH*503~AK2*856*0001~AK3*SN1*25**8~AK4*2>1*382*6*5,50~AK5*R*5~AK9*R*1*1*0*5~SE*8*0001~",
        );
        assert_eq!((read.functional_id.as_str(), read.group_control_number.as_str()), ("SH", "503"));
        assert_eq!((read.verdict, read.counts), (Some(Verdict::Rejected), [1, 1, 0]));
        assert_eq!(read.group_errors, ["5"]);
        let set = &read.sets[0];
        assert_eq!(
            (set.id.as_str(), set.control_number.as_str(), set.verdict),
            ("856", "0001", Some(Verdict::Rejected))
        );
        assert_eq!(set.set_errors, ["5"]);
        assert_eq!(set.faults[0].element, Some((2, Some(1))));
        assert_eq!(
            set.faults[0].in_words(),
            r#"SN1 (segment 25), element 2, component 1: invalid character in "5,50""#
        );
    }

    #[test]
    fn a_997_without_sets_speaks_of_the_group_alone() {
        let read = read("ST*997*0001~AK1*PO*101~AK9*A*2*2*2~SE*4*0001~");
        assert_eq!((read.verdict, read.counts, read.sets.len()), (Some(Verdict::Accepted), [2, 2, 2], 0));
    }

    #[test]
    fn a_segment_fault_alone_is_one_fault_and_a_999_reads_alike() {
        let read_997 = read("ST*997*1~AK1*PO*1~AK2*850*1~AK3*XYZ*4**1~AK5*E*5~AK9*E*1*1*1~");
        assert_eq!(read_997.sets[0].faults[0].in_words(), "XYZ (segment 4): unrecognised segment");
        assert_eq!(read_997.sets[0].verdict, Some(Verdict::AcceptedWithErrors));
        let read_999 = read("ST*999*1~AK1*HC*77~AK2*837*1~IK3*NM1*12*2010*8~IK4*9*67*I10~IK5*R*5~AK9*R*1*1*0~");
        let fault = &read_999.sets[0].faults[0];
        assert_eq!(fault.in_words(), "NM1 (segment 12), element 9: element that the guide does not use");
        assert_eq!(fault.in_loop.as_deref(), Some("2010"));
    }

    #[test]
    fn an_unknown_verdict_is_none_and_not_a_guess() {
        assert_eq!(read("ST*997*1~AK1*PO*1~AK9*Q*1*1*1~").verdict, None);
    }
}
