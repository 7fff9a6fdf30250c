//! From what was found to what the sender is told: 997 and TA1.

use super::{InterchangeAcknowledgment, SetDetail};
use crate::diagnostic::{AckCode, Diagnostic, SegmentSpot, Severity, Spot};
use crate::x12::examine::{GroupReport, GroupVerdict, InterchangeReport, SetReport, SetVerdict};
use crate::x12::writer::{ElementDraft, SegmentDraft, SetDraft};

/// AK502 to AK506, and AK905 to AK909, have room for five codes.
const MAX_CODES: usize = 5;
/// AK4 segments after one AK3.
const MAX_ELEMENT_FAULTS: usize = 99;
/// Characters of AK404.
const MAX_COPY: usize = 99;

pub(super) fn functional(group: &GroupReport, detail: SetDetail) -> Option<SetDraft> {
    if group.header.functional_id == "FA" {
        return None;
    }
    let mut segments = vec![segment("AK1", [plain(&group.header.functional_id), plain(&group.header.control_number)])];
    for set in &group.sets {
        if detail == SetDetail::All || set.verdict != SetVerdict::Accepted {
            set_response(set, &group.header.version, &mut segments);
        }
    }
    segments.push(group_response(group));
    Some(SetDraft { id: "997".to_owned(), segments })
}

fn group_response(group: &GroupReport) -> SegmentDraft {
    let verdict = match group.verdict {
        GroupVerdict::Accepted => "A",
        GroupVerdict::AcceptedWithErrors => "E",
        GroupVerdict::PartiallyAccepted => "P",
        GroupVerdict::Rejected => "R",
    };
    let accepted = group.sets.iter().filter(|set| set.verdict != SetVerdict::Rejected).count();
    let counts = [group.sets_included as usize, group.sets.len(), accepted];
    let mut elements = vec![verdict.to_owned()];
    elements.extend(counts.map(|count| count.to_string()));
    elements.extend(codes(&group.diagnostics, |ack| match ack {
        AckCode::Group(code) => Some(code),
        _ => None,
    }));
    segment("AK9", elements)
}

fn set_response(set: &SetReport, version: &str, segments: &mut Vec<SegmentDraft>) {
    segments.push(segment("AK2", [plain(&set.id), plain(&set.control_number)]));
    faults(&set.diagnostics, version, segments);
    let verdict = match set.verdict {
        SetVerdict::Accepted => "A",
        SetVerdict::AcceptedWithErrors => "E",
        SetVerdict::Rejected => "R",
    };
    let mut elements = vec![verdict.to_owned()];
    elements.extend(codes(&set.diagnostics, |ack| match ack {
        AckCode::Set(code) => Some(code),
        AckCode::Segment(_) | AckCode::Element(_) => Some(5),
        AckCode::Group(_) | AckCode::Interchange(_) => None,
    }));
    segments.push(segment("AK5", elements));
}

/// One AK3 for each segment fault, and one with code 8 for the element faults of one segment.
fn faults(diagnostics: &[Diagnostic], version: &str, segments: &mut Vec<SegmentDraft>) {
    let mut under: Option<(u32, usize)> = None;
    for fault in diagnostics.iter().filter(|fault| fault.severity() > Severity::Note) {
        let Spot::Segment(spot) = &fault.place.spot else { continue };
        match fault.ack {
            Some(AckCode::Segment(code)) => {
                under = None;
                segments.push(segment_fault(spot, code));
            }
            Some(AckCode::Element(code)) => {
                let (position, count) = match under {
                    Some((position, count)) if position == spot.position => (position, count + 1),
                    _ => {
                        segments.push(segment_fault(spot, 8));
                        (spot.position, 1)
                    }
                };
                under = Some((position, count));
                if count <= MAX_ELEMENT_FAULTS {
                    segments.push(element_fault(fault, spot, code, version));
                }
            }
            _ => {}
        }
    }
}

fn segment_fault(spot: &SegmentSpot, code: u8) -> SegmentDraft {
    // AK301 is mandatory and at most three characters; a tag that is none is shown as far as it goes.
    let tag: String = plain(&spot.tag).chars().take(3).collect();
    let in_loop: String = spot.in_loop.as_deref().map(plain).unwrap_or_default().chars().take(6).collect();
    segment("AK3", [tag, spot.position.to_string(), in_loop, code.to_string()])
}

fn element_fault(fault: &Diagnostic, spot: &SegmentSpot, code: u8, version: &str) -> SegmentDraft {
    let element = spot.element.unwrap_or(1).to_string();
    let position = match spot.component {
        Some(component) => ElementDraft::Composite(vec![element, component.to_string()]),
        None => ElementDraft::Simple(element),
    };
    // Codes 12 and 13 came with 005010; before, what is too many is too many.
    let code = if matches!(code, 12 | 13) && version < "005010" { 3 } else { code };
    let copy = fault.found.as_deref().filter(|text| is_plain(text)).unwrap_or_default();
    let copy: String = copy.chars().take(MAX_COPY).collect();
    let data_element = spot.data_element.map(|number| number.to_string()).unwrap_or_default();
    let elements = [position, data_element.into(), code.to_string().into(), copy.trim_end().into()];
    SegmentDraft::new("AK4", elements)
}

pub(super) fn interchange(report: &InterchangeReport) -> InterchangeAcknowledgment {
    let note = |severity: Severity| {
        report.diagnostics.iter().filter(|fault| fault.severity() == severity).find_map(|fault| match fault.ack {
            Some(AckCode::Interchange(code)) => Some(code),
            _ => None,
        })
    };
    let (verdict, code) = if report.is_rejected() {
        // An error that names no note is one of structure.
        ("R", note(Severity::Error).unwrap_or(22))
    } else if let Some(code) = note(Severity::Warning) {
        ("E", code)
    } else {
        ("A", 0)
    };
    InterchangeAcknowledgment {
        control_number: plain(&report.header.control_number),
        date: plain(&report.header.date),
        time: plain(&report.header.time),
        verdict: verdict.to_owned(),
        note: format!("{code:03}"),
    }
}

/// The distinct codes that diagnostics lead to, in their order.
fn codes(diagnostics: &[Diagnostic], code: impl Fn(AckCode) -> Option<u8>) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for fault in diagnostics.iter().filter(|fault| fault.severity() > Severity::Note) {
        let Some(code) = fault.ack.and_then(&code).map(|code| code.to_string()) else { continue };
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes.truncate(MAX_CODES);
    codes
}

fn segment(tag: &str, elements: impl IntoIterator<Item = String>) -> SegmentDraft {
    SegmentDraft::new(tag, elements)
}

/// True for text that can be written whatever the delimiters of the partner are: the marks that are left out are
/// those that somebody uses as one.
fn is_plain(text: &str) -> bool {
    text.chars().all(is_plain_character)
}

fn is_plain_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || " .,-/()&#%_@\"=?;$".contains(character)
}

/// The sender's own reference, with anything that could not be written shown as a question mark; where the sender
/// gave none, a question mark alone, since AK1, AK2 and TA1 must hold one.
fn plain(text: &str) -> String {
    match text.trim() {
        "" => "?".to_owned(),
        text => text.chars().map(|character| if is_plain_character(character) { character } else { '?' }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::x12;
    use crate::diagnostic::{Code, Place};
    use crate::x12::delimiters::Delimiters;
    use crate::x12::envelope::{GroupHeader, InterchangeHeader};

    fn set(diagnostics: Vec<Diagnostic>, verdict: SetVerdict) -> SetReport {
        let (id, control_number) = ("856".to_owned(), "0001".to_owned());
        SetReport { id, control_number, bytes: 0..9, segments: 32, diagnostics, verdict }
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

    fn text(group: &GroupReport, detail: SetDetail) -> String {
        let draft = functional(group, detail).unwrap();
        let mut lines = Vec::new();
        for segment in draft.segments {
            let mut words = vec![segment.tag];
            words.extend(segment.elements.into_iter().map(|element| match element {
                ElementDraft::Simple(text) => text,
                ElementDraft::Composite(parts) => parts.join(">"),
            }));
            lines.push(words.join("*").trim_end_matches('*').to_owned());
        }
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
        assert_eq!(functional(&group, SetDetail::All), None);
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
             ~AK3*IT1*10**8~AK4*2*382*3~AK5*R*5*4~AK9*R*1*1*0"
        );
    }

    #[test]
    fn at_most_99_element_faults_and_five_codes_are_told() {
        let mut faults: Vec<_> =
            (0..150).map(|_| fault(&x12::SET_ID, AckCode::Element(7), "SDQ", 7, Some(3))).collect();
        faults.extend([1, 2, 3, 4, 6, 7].map(|code| fault(&x12::SET_ID, AckCode::Set(code), "SE", 9, None)));
        let group = group(vec![set(faults, SetVerdict::Rejected)], GroupVerdict::Rejected, vec![]);
        let text = text(&group, SetDetail::All);
        assert_eq!(text.matches("AK4*").count(), 99);
        assert!(text.contains("AK5*R*5*1*2*3*4~"));
    }

    #[test]
    fn a_groups_own_faults_are_in_its_ak9() {
        let own = vec![
            fault(&x12::GE_COUNT, AckCode::Group(5), "GE", 0, None),
            fault(&x12::GE_CONTROL_NUMBER, AckCode::Group(4), "GE", 0, None),
        ];
        let group = group(vec![set(vec![], SetVerdict::Rejected)], GroupVerdict::Rejected, own);
        assert_eq!(text(&group, SetDetail::All), "AK1*SH*503~AK2*856*0001~AK5*R~AK9*R*1*1*0*5*4");
    }

    fn answer(diagnostics: Vec<Diagnostic>) -> (String, String) {
        let header = InterchangeHeader {
            sender_qualifier: "ZZ".to_owned(),
            sender: "A".to_owned(),
            receiver_qualifier: "ZZ".to_owned(),
            receiver: "B".to_owned(),
            date: "260303".to_owned(),
            time: "0915".to_owned(),
            version: "00401".to_owned(),
            control_number: "000000101".to_owned(),
            acknowledgment_requested: true,
            usage: None,
            delimiters: Delimiters::default(),
            offset: 0,
        };
        let report = InterchangeReport { header, acknowledgments: vec![], groups: vec![], bytes: 0..9, diagnostics };
        let ta1 = interchange(&report);
        assert_eq!(
            (ta1.control_number.as_str(), ta1.date.as_str(), ta1.time.as_str()),
            ("000000101", "260303", "0915")
        );
        (ta1.verdict, ta1.note)
    }

    #[test]
    fn a_ta1_has_one_note_and_a_rejecting_one_goes_first() {
        let count = || fault(&x12::IEA_COUNT, AckCode::Interchange(21), "IEA", 0, None);
        let number = fault(&x12::ISA_CONTROL_NUMBER, AckCode::Interchange(18), "ISA", 0, None);
        let check = |faults, verdict: &str, note: &str| assert_eq!(answer(faults), (verdict.into(), note.into()));
        check(vec![], "A", "000");
        check(vec![count()], "E", "021");
        check(vec![count(), number], "R", "018");
        check(vec![Diagnostic::new(&x12::MISSING_IEA, "x")], "R", "022");
        check(vec![Diagnostic::new(&x12::WRAPPED, "x")], "A", "000");
    }
}
