//! 997 and 999: sets with known faults are answered by what the code tables of the standard say of these faults.

use edigate::x12::acknowledgment::{AnswerKind, Style, answers};
use edigate::x12::examine::{GroupVerdict, SetVerdict};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use x12_types::v005010::{_997, _999};

use crate::elements::Elements;
use crate::wire;

/// What is wrong with a set of BEG, PO1 and CTT (segments 2, 3 and 4).
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    NotANumber,
    NoSuchDay,
    MissingElement,
    UnknownSegment,
    MissingSegment,
    WrongCount,
    WrongNumber,
}

/// A 997 or 999.
#[derive(Debug, PartialEq)]
struct Answer {
    functional_id: String,
    number: String,
    verdict: String,
    counts: [u32; 3],
    sets: Vec<AnsweredSet>,
}

#[derive(Debug, PartialEq)]
struct AnsweredSet {
    id: String,
    number: String,
    verdict: String,
    /// Table 718: 3 numbers differ, 4 wrong count, 5 segments in error.
    codes: Vec<String>,
    segments: Vec<AnsweredSegment>,
}

#[derive(Debug, PartialEq)]
struct AnsweredSegment {
    tag: String,
    position: u32,
    /// Table 720: 1 unrecognized, 3 mandatory and missing, 8 has faulty elements.
    code: String,
    elements: Vec<AnsweredElement>,
}

/// Position, data element, table 723 (1 missing, 6 invalid character, 8 invalid date), copy.
type AnsweredElement = (String, Option<u32>, String, Option<String>);

proptest! {
    #![proptest_config(wire::config())]

    #[test]
    fn faults_are_told_by_the_codes_of_the_standard(faults in vec(fault(), 1..6)) {
        let received = received(&faults);
        for kind in [AnswerKind::Functional, AnswerKind::Implementation] {
            let report = wire::examined(&received);
            let [interchange] = report.interchanges.as_slice() else { panic!("one interchange was written") };
            let [answer] = answers(interchange, &Style { with: Some(kind), ..Style::default() }).try_into().unwrap();
            let text = wire::enclose(&answer.version, answer.sets);
            let read = match kind {
                AnswerKind::Functional => functional(&text),
                AnswerKind::Implementation => implementation(&text),
            };
            let group = &interchange.groups[0];
            let verdicts: Vec<SetVerdict> = group.sets.iter().map(|set| set.verdict).collect();
            prop_assert_eq!(read, expected(&faults, &verdicts, group.verdict));
        }
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    select(vec![
        Fault::None,
        Fault::NotANumber,
        Fault::NoSuchDay,
        Fault::MissingElement,
        Fault::UnknownSegment,
        Fault::MissingSegment,
        Fault::WrongCount,
        Fault::WrongNumber,
    ])
}

/// The sets in an interchange, written down by hand.
fn received(faults: &[Fault]) -> String {
    let mut text = format!(
        "ISA*00*{0}*00*{0}*ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260306*1410*^*00501*000000101*0*P*>~\
         GS*PO*MEGAMART*ACME*20260306*1410*101*X*005010~",
        " ".repeat(10)
    );
    for (index, fault) in faults.iter().enumerate() {
        let number = format!("{:04}", index + 1);
        let [mut beg, mut po1] = ["BEG*00*SA*4500012345**20260302~", "PO1*1*24*EA*3.61**IN*550001~"];
        let mut count = 5;
        let mut end = number.as_str();
        match fault {
            Fault::None => {}
            Fault::NotANumber => po1 = "PO1*1*2,4*EA*3.61**IN*550001~",
            Fault::NoSuchDay => beg = "BEG*00*SA*4500012345**20261302~",
            Fault::MissingElement => beg = "BEG*00*SA***20260302~",
            Fault::UnknownSegment => (po1, count) = ("QQQ*1~PO1*1*24*EA*3.61**IN*550001~", 6),
            Fault::MissingSegment => (po1, count) = ("", 4),
            Fault::WrongCount => count = 9,
            Fault::WrongNumber => end = "9999",
        }
        text += &format!("ST*850*{number}~{beg}{po1}CTT*1~SE*{count}*{end}~");
    }
    text + &format!("GE*{}*101~IEA*1*000000101~", faults.len())
}

/// What has to be answered; how severe a fault is judged is edigate's own policy, and the answer says the same.
fn expected(faults: &[Fault], verdicts: &[SetVerdict], group: GroupVerdict) -> Answer {
    let accepted = verdicts.iter().filter(|verdict| **verdict != SetVerdict::Rejected).count();
    let all = faults.len() as u32;
    let verdict = match group {
        GroupVerdict::Accepted => "A",
        GroupVerdict::AcceptedWithErrors => "E",
        GroupVerdict::PartiallyAccepted => "P",
        GroupVerdict::Rejected => "R",
    };
    let set = |(index, (fault, verdict)): (usize, (&Fault, &SetVerdict))| {
        let segment = |tag: &str, position, code: &str, elements| {
            vec![AnsweredSegment { tag: tag.to_owned(), position, code: code.to_owned(), elements }]
        };
        let element = |position: &str, number, code: &str, copy: Option<&str>| {
            vec![(position.to_owned(), Some(number), code.to_owned(), copy.map(str::to_owned))]
        };
        let (code, segments) = match fault {
            Fault::None => (None, Vec::new()),
            Fault::NotANumber => (Some("5"), segment("PO1", 3, "8", element("2", 330, "6", Some("2,4")))),
            Fault::NoSuchDay => (Some("5"), segment("BEG", 2, "8", element("5", 373, "8", Some("20261302")))),
            Fault::MissingElement => (Some("5"), segment("BEG", 2, "8", element("3", 324, "1", None))),
            Fault::UnknownSegment => (Some("5"), segment("QQQ", 3, "1", Vec::new())),
            Fault::MissingSegment => (Some("5"), segment("PO1", 3, "3", Vec::new())),
            Fault::WrongCount => (Some("4"), Vec::new()),
            Fault::WrongNumber => (Some("3"), Vec::new()),
        };
        let verdict = match verdict {
            SetVerdict::Accepted => "A",
            SetVerdict::AcceptedWithErrors => "E",
            SetVerdict::Rejected => "R",
        };
        AnsweredSet {
            id: "850".to_owned(),
            number: format!("{:04}", index + 1),
            verdict: verdict.to_owned(),
            codes: code.into_iter().map(str::to_owned).collect(),
            segments,
        }
    };
    Answer {
        functional_id: "PO".to_owned(),
        number: "101".to_owned(),
        verdict: verdict.to_owned(),
        counts: [all, all, accepted as u32],
        sets: faults.iter().zip(verdicts).enumerate().map(set).collect(),
    }
}

fn functional(text: &str) -> Answer {
    let [set] = wire::sets::<_997>(text, "FA").try_into().unwrap();
    wire::trailer(text, &set.st, &set.se, "997");
    let sets = set.loop_ak2.iter().map(|answered| {
        let segments = answered.loop_ak3.iter().map(|fault| segment(&fault.ak3, fault.ak4.iter().map(element)));
        answered_set(&answered.ak2, &answered.ak5, segments.collect())
    });
    answer(&set.ak1, &set.ak9, sets.collect())
}

fn implementation(text: &str) -> Answer {
    let [set] = wire::sets::<_999>(text, "FA").try_into().unwrap();
    wire::trailer(text, &set.st, &set.se, "999");
    assert_eq!(Elements::of(&set.st).text(3).as_deref(), Some("005010X231A1"));
    let sets = set.loop_ak2.iter().map(|answered| {
        let segments = answered
            .loop_ik3
            .iter()
            .map(|fault| segment(&fault.ik3, fault.loop_ik4.iter().map(|inner| element(&inner.ik4))));
        answered_set(&answered.ak2, &answered.ik5, segments.collect())
    });
    answer(&set.ak1, &set.ak9, sets.collect())
}

/// AK1 and AK9.
fn answer(ak1: &impl Serialize, ak9: &impl Serialize, sets: Vec<AnsweredSet>) -> Answer {
    let (ak1, ak9) = (Elements::of(ak1), Elements::of(ak9));
    Answer {
        functional_id: ak1.needed(1),
        number: ak1.needed(2),
        verdict: ak9.needed(1),
        counts: [2, 3, 4].map(|number| ak9.count(number).unwrap()),
        sets,
    }
}

/// AK2, and AK5 or IK5.
fn answered_set(ak2: &impl Serialize, ak5: &impl Serialize, segments: Vec<AnsweredSegment>) -> AnsweredSet {
    let (ak2, ak5) = (Elements::of(ak2), Elements::of(ak5));
    let codes = (2..=6).filter_map(|number| ak5.text(number)).collect();
    AnsweredSet { id: ak2.needed(1), number: ak2.needed(2), verdict: ak5.needed(1), codes, segments }
}

/// AK3 or IK3.
fn segment(ak3: &impl Serialize, elements: impl Iterator<Item = AnsweredElement>) -> AnsweredSegment {
    let ak3 = Elements::of(ak3);
    AnsweredSegment {
        tag: ak3.needed(1),
        position: ak3.count(2).unwrap(),
        code: ak3.needed(4),
        elements: elements.collect(),
    }
}

/// AK4 or IK4.
fn element(ak4: &impl Serialize) -> AnsweredElement {
    let ak4 = Elements::of(ak4);
    (ak4.needed(1), ak4.count(2), ak4.needed(3), ak4.text(4))
}
