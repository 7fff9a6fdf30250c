//! From what was found in a group to the 997 or 999 that its sender gets.
//!
//! ```text
//! 850 0001 rejected: PO1 (segment 4), element 4 is not a number, found "5,50"
//!   -> AK2*850*0001~AK3*PO1*4*PO1*8~AK4*4*212*6*5,50~AK5*R*5~
//! group 1A1, set "1"
//!   -> AK1*PO*0~ … AK2*850*1   ~        a number that AK1 or AK2 cannot hold is not repeated as it is
//! ```
//!
//! What the sender wrote into GS and ST is repeated as far as AK1 and AK2 can hold it, for an acknowledgment that is not
//! valid itself acknowledges nothing. The codes of AK5 and AK9 say that the original was wrong.

use super::alphabet;
use super::codes::{self, Edition};
use super::{AnswerKind, SetDetail, Style, context};
use crate::diagnostic::{AckCode, Diagnostic, SegmentSpot, Spot};
use crate::x12::delimiters::Delimiters;
use crate::x12::draft::{ElementDraft, SegmentDraft, SetDraft};
use crate::x12::envelope::GroupHeader;
use crate::x12::examine::{GroupReport, GroupVerdict, SetReport, SetVerdict};

/// AK4 segments after one AK3; IK4 are not counted.
const MAX_ELEMENT_FAULTS: usize = 99;
/// The most that AK902 to AK904 have room for.
const MAX_COUNT: usize = 999_999;

pub(super) fn functional(group: &GroupReport, kind: AnswerKind, version: &str, style: &Style) -> Option<SetDraft> {
    if group.header.functional_id == "FA" {
        return None;
    }
    let mut answer =
        Answer { kind, edition: Edition::of(version), delimiters: &style.delimiters, segments: Vec::new() };
    let GroupHeader { functional_id, control_number, version, .. } = &group.header;
    let kind_and_number = [answer.code(functional_id, 2), alphabet::number(control_number, 9)];
    answer.header("AK1", kind_and_number, version, 12);
    for set in group.sets.iter().filter(|set| is_listed(set.verdict, style.sets)) {
        answer.set(set);
    }
    answer.group_verdict(group);
    Some(SetDraft::of(kind.set_id(), &answer.segments))
}

fn is_listed(verdict: SetVerdict, detail: SetDetail) -> bool {
    match detail {
        SetDetail::All => true,
        SetDetail::NotAccepted => verdict != SetVerdict::Accepted,
        SetDetail::Rejected => verdict == SetVerdict::Rejected,
        SetDetail::None => false,
    }
}

/// An acknowledgment being written.
struct Answer<'a> {
    kind: AnswerKind,
    edition: Edition,
    delimiters: &'a Delimiters,
    segments: Vec<SegmentDraft>,
}

impl Answer<'_> {
    fn add<E: Into<ElementDraft>>(&mut self, tag: &str, elements: impl IntoIterator<Item = E>) {
        self.segments.push(SegmentDraft::new(tag, elements));
    }

    /// AK1 or AK2: what it is, its number, and from 005010 on the version or guide, where the sender gave one that fits.
    fn header(&mut self, tag: &str, kind_and_number: [String; 2], version: &str, max: usize) {
        let mut elements = Vec::from(kind_and_number);
        let length = version.trim().chars().count();
        if self.edition == Edition::Later && (1..=max).contains(&length) {
            elements.push(self.reference(version));
        }
        self.add(tag, elements);
    }

    fn code(&self, text: &str, length: usize) -> String {
        alphabet::code(text, length, self.delimiters)
    }

    fn reference(&self, text: &str) -> String {
        alphabet::reference(text, self.delimiters)
    }

    /// `AK3` or `IK3`.
    fn tag(&self, number: u8) -> String {
        match self.kind {
            AnswerKind::Functional => format!("AK{number}"),
            AnswerKind::Implementation => format!("IK{number}"),
        }
    }

    fn group_verdict(&mut self, group: &GroupReport) {
        let verdict = match group.verdict {
            GroupVerdict::Accepted => "A",
            GroupVerdict::AcceptedWithErrors => "E",
            GroupVerdict::PartiallyAccepted => "P",
            GroupVerdict::Rejected => "R",
        };
        // Clean sets may have been counted and not kept.
        let clean = group.clean as usize;
        let accepted = group.sets.iter().filter(|set| set.verdict != SetVerdict::Rejected).count() + clean;
        let counts = [group.sets_included as usize, group.sets.len() + clean, accepted];
        let mut elements = vec![verdict.to_owned()];
        elements.extend(counts.map(|count| count.min(MAX_COUNT).to_string()));
        elements.extend(codes::of_group(&group.diagnostics));
        self.add("AK9", elements);
    }

    fn set(&mut self, set: &SetReport) {
        let number = alphabet::filled(&self.reference(&set.control_number), 4, 9);
        self.header("AK2", [self.code(&set.id, 3), number], &set.convention, 35);
        self.faults(set);
        let verdict = match set.verdict {
            SetVerdict::Accepted => "A",
            SetVerdict::AcceptedWithErrors => "E",
            SetVerdict::Rejected => "R",
        };
        let within_by_guide = if self.kind == AnswerKind::Implementation { "I5" } else { "5" };
        let mut elements = vec![verdict.to_owned()];
        elements.extend(codes::of_set(&set.diagnostics, self.edition, within_by_guide));
        self.add(&self.tag(5), elements);
    }

    /// One AK3 for each segment fault, and one with code 8 for the element faults of one segment.
    fn faults(&mut self, set: &SetReport) {
        let mut under: Option<(u32, usize)> = None;
        for fault in codes::told(&set.diagnostics) {
            let Spot::Segment(spot) = &fault.place.spot else { continue };
            match fault.ack {
                Some(AckCode::Segment(code)) => {
                    under = None;
                    let named = self.segment_fault(spot, codes::segment(fault, code, self.kind));
                    self.segments.push(named);
                    self.context(fault);
                }
                Some(AckCode::Element(code)) => {
                    let named = self.segment_fault(spot, "8".to_owned());
                    let (position, count) = match under {
                        Some((position, count)) if position == spot.position => (position, count + 1),
                        _ => {
                            self.segments.push(named);
                            (spot.position, 1)
                        }
                    };
                    under = Some((position, count));
                    if count <= MAX_ELEMENT_FAULTS || self.kind == AnswerKind::Implementation {
                        let element = self.element_fault(fault, spot, code);
                        self.segments.push(element);
                        self.context(fault);
                    }
                }
                _ => {}
            }
        }
    }

    /// CTX behind IK3 or IK4; the 997 has none.
    fn context(&mut self, fault: &Diagnostic) {
        if let (Some(trigger), AnswerKind::Implementation) = (&fault.trigger, self.kind) {
            let named = self.segment_fault(trigger, String::new());
            self.segments.push(context::of(trigger, &named));
        }
    }

    fn segment_fault(&self, spot: &SegmentSpot, code: String) -> SegmentDraft {
        // AK302 and AK303 have their widths; a loop's name that does not fit would be another loop's.
        let (max_position, max_loop) = match self.edition {
            Edition::Earlier => (999_999, 6),
            Edition::Later => (u32::MAX, 4),
        };
        let position = spot.position.min(max_position).to_string();
        let in_loop = spot.in_loop.as_deref().filter(|name| name.len() <= max_loop);
        let in_loop = in_loop.map(|name| self.reference(name)).unwrap_or_default();
        let tag = alphabet::tag(&spot.tag, self.delimiters);
        SegmentDraft::new(&self.tag(3), [tag, position, in_loop, code])
    }

    fn element_fault(&self, fault: &Diagnostic, spot: &SegmentSpot, code: u8) -> SegmentDraft {
        let mut position = vec![spot.element.unwrap_or(1).min(99).to_string()];
        position.push(spot.component.map(|component| component.to_string()).unwrap_or_default());
        // The third part of AK401 came with 005010.
        if let (Some(repetition), Edition::Later) = (spot.repetition, self.edition) {
            position.push(repetition.to_string());
        }
        let number = spot.data_element.filter(|number| *number <= 9999).map(|number| number.to_string());
        let copy = fault.found.as_deref().map(|text| alphabet::copy(text, self.delimiters));
        let code = codes::element(fault, code, self.kind, self.edition);
        SegmentDraft::new(&self.tag(4), [ElementDraft::Composite(position), number.into(), code.into(), copy.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::{document, x12};
    use crate::diagnostic::{Code, Place};

    fn set(diagnostics: Vec<Diagnostic>, verdict: SetVerdict) -> SetReport {
        let (id, control_number) = ("856".to_owned(), "0001".to_owned());
        SetReport { id, control_number, convention: String::new(), bytes: 0..9, segments: 32, diagnostics, verdict }
    }

    fn group(sets: Vec<SetReport>, verdict: GroupVerdict, diagnostics: Vec<Diagnostic>) -> GroupReport {
        let header = GroupHeader {
            functional_id: "SH".to_owned(),
            sender: "A".to_owned(),
            receiver: "B".to_owned(),
            date: "20260303".to_owned(),
            time: "0915".to_owned(),
            control_number: "503".to_owned(),
            version: "004010".to_owned(),
            offset: 0,
        };
        GroupReport { header, sets_included: sets.len() as u32, sets, clean: 0, bytes: 0..9, diagnostics, verdict }
    }

    fn fault(code: Code, ack: AckCode, tag: &str, position: u32, element: Option<u16>) -> Diagnostic {
        let tag = tag.to_owned();
        let spot = SegmentSpot { tag, position, element, data_element: Some(382), ..Default::default() };
        let place = Place { file: None, byte: None, spot: Spot::Segment(spot) };
        Diagnostic::new(code, "x").acknowledged_as(ack).at(place)
    }

    fn text(group: &GroupReport, sets: SetDetail) -> String {
        let style = Style { sets, ..Style::default() };
        lines(functional(group, AnswerKind::Functional, "004010", &style).unwrap())
    }

    fn lines(draft: SetDraft) -> String {
        // Empty parts at an end are the writer's to drop.
        let text = draft.to_string();
        let lines: Vec<_> = text.lines().map(|line| line.trim_end_matches(['~', '*']).replace(">*", "*")).collect();
        lines.join("~")
    }

    #[test]
    fn an_accepted_group_is_answered_set_by_set_or_as_a_whole() {
        let group = group(vec![set(vec![], SetVerdict::Accepted)], GroupVerdict::Accepted, vec![]);
        assert_eq!(text(&group, SetDetail::All), "AK1*SH*503~AK2*856*0001~AK5*A~AK9*A*1*1*1");
        assert_eq!(text(&group, SetDetail::NotAccepted), "AK1*SH*503~AK9*A*1*1*1");
    }

    #[test]
    fn a_group_of_acknowledgments_is_never_acknowledged() {
        let mut group = group(vec![], GroupVerdict::Accepted, vec![]);
        group.header.functional_id = "FA".to_owned();
        assert_eq!(functional(&group, AnswerKind::Functional, "004010", &Style::default()), None);
    }

    #[test]
    fn a_missing_element_is_named_with_its_segment_and_not_copied() {
        let faults = vec![fault(&x12::SET_ID, AckCode::Element(1), "SN1", 25, Some(2))];
        let group = group(vec![set(faults, SetVerdict::Rejected)], GroupVerdict::Rejected, vec![]);
        let expect = "AK1*SH*503~AK2*856*0001~AK3*SN1*25**8~AK4*2*382*1~AK5*R*5~AK9*R*1*1*0";
        assert_eq!(text(&group, SetDetail::All), expect);
    }

    #[test]
    fn element_faults_of_one_segment_stand_under_one_ak3() {
        let mut second = fault(&x12::SET_ID, AckCode::Element(6), "IT1", 9, Some(4)).found("5,50");
        let Spot::Segment(spot) = &mut second.place.spot else { unreachable!() };
        (spot.component, spot.in_loop) = (Some(2), Some("IT1".to_owned()));
        let faults = vec![
            fault(&x12::SET_ID, AckCode::Element(5), "IT1", 9, Some(2)).found("A*B"),
            second,
            fault(&x12::SET_ID, AckCode::Segment(2), "IT1", 9, None),
            fault(&x12::SET_ID, AckCode::Element(13), "IT1", 10, Some(2)).found("x\ny"),
            fault(&x12::SET_ID, AckCode::Set(4), "SE", 12, Some(1)),
        ];
        let group = group(vec![set(faults, SetVerdict::Rejected)], GroupVerdict::Rejected, vec![]);
        assert_eq!(
            text(&group, SetDetail::All),
            "AK1*SH*503~AK2*856*0001~AK3*IT1*9**8~AK4*2*382*5~AK4*4>2*382*6*5,50~AK3*IT1*9**2\
             ~AK3*IT1*10**8~AK4*2*382*3~AK5*R*4*5~AK9*R*1*1*0"
        );
    }

    #[test]
    fn from_005010_on_versions_repetitions_and_their_codes_are_told() {
        let mut repeated = fault(&x12::SET_ID, AckCode::Element(12), "SV1", 8, Some(3)).found("A");
        let Spot::Segment(spot) = &mut repeated.place.spot else { unreachable!() };
        (spot.repetition, spot.in_loop) = (Some(6), Some("2400".to_owned()));
        let mut within = fault(&x12::SET_ID, AckCode::Element(13), "SV1", 8, Some(3)).found("B");
        let Spot::Segment(spot) = &mut within.place.spot else { unreachable!() };
        (spot.component, spot.repetition) = (Some(9), Some(2));
        let far = fault(&x12::SET_ID, AckCode::Segment(1), "X", 1_000_000, None);
        let mut set = set(vec![repeated, within, far], SetVerdict::Rejected);
        set.convention = "005010X222A1".to_owned();
        let mut group = group(vec![set], GroupVerdict::Rejected, vec![]);
        group.header.version = "005010X222A1".to_owned();
        let at = |kind, version: &str| lines(functional(&group, kind, version, &Style::default()).unwrap());
        assert_eq!(
            at(AnswerKind::Functional, "005010X230"),
            "AK1*SH*503*005010X222A1~AK2*856*0001*005010X222A1~AK3*SV1*8*2400*8~AK4*3>>6*382*12*A~AK4*3>9>2*382*13*B\
             ~AK3*X?*1000000**1~AK5*R*5~AK9*R*1*1*0"
        );
        assert_eq!(
            at(AnswerKind::Implementation, "005010X231A1"),
            "AK1*SH*503*005010X222A1~AK2*856*0001*005010X222A1~IK3*SV1*8*2400*8~IK4*3>>6*382*12*A~IK4*3>9>2*382*13*B\
             ~IK3*X?*1000000**1~IK5*R*5~AK9*R*1*1*0"
        );
        assert_eq!(
            at(AnswerKind::Functional, "004010"),
            "AK1*SH*503~AK2*856*0001~AK3*SV1*8*2400*8~AK4*3*382*3*A~AK4*3>9*382*3*B\
             ~AK3*X?*999999**1~AK5*R*5~AK9*R*1*1*0"
        );
    }

    #[test]
    fn what_breaks_an_agreement_and_not_the_standard_is_i5_in_a_999() {
        let faults = vec![fault(&document::MISSING_VALUE, AckCode::Element(1), "PO1", 9, Some(7))];
        let group = group(vec![set(faults, SetVerdict::Rejected)], GroupVerdict::Rejected, vec![]);
        let at = |kind, version: &str| lines(functional(&group, kind, version, &Style::default()).unwrap());
        assert!(at(AnswerKind::Functional, "004010").contains("AK5*R*5~"));
        assert!(at(AnswerKind::Implementation, "005010X231A1").contains("IK5*R*I5~"));
    }

    #[test]
    fn at_most_99_element_faults_and_five_codes_are_told() {
        let mut faults: Vec<_> =
            (0..150).map(|_| fault(&x12::SET_ID, AckCode::Element(7), "SDQ", 7, Some(3))).collect();
        faults.extend([1, 2, 3, 4, 6, 7].map(|code| fault(&x12::SET_ID, AckCode::Set(code), "SE", 9, None)));
        let group = group(vec![set(faults, SetVerdict::Rejected)], GroupVerdict::Rejected, vec![]);
        let text = text(&group, SetDetail::All);
        assert_eq!(text.matches("AK4*").count(), 99);
        assert!(text.contains("AK5*R*1*6*7*2*3~"));
    }

    #[test]
    fn a_groups_own_faults_are_in_its_ak9() {
        let own = vec![
            fault(&x12::GE_COUNT, AckCode::Group(5), "GE", 0, None),
            fault(&x12::GE_CONTROL_NUMBER, AckCode::Group(4), "GE", 0, None),
        ];
        let group = group(vec![set(vec![], SetVerdict::Rejected)], GroupVerdict::Rejected, own);
        assert_eq!(text(&group, SetDetail::All), "AK1*SH*503~AK2*856*0001~AK5*R~AK9*R*1*1*0*4*5");
    }
}
