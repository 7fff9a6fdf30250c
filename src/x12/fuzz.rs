//! What must hold for any bytes whatever, one function for each part of the engine.
//!
//! They panic where it does not hold. The tests below call them with arbitrary bytes and with damaged examples; `tests/fuzz`
//! lets cargo-fuzz look for worse.

use super::acknowledgment::{self, Style, answers};
use super::check::{Loop, Part as Branch, check};
use super::delimiters::Delimiters;
use super::draft::{SegmentDraft, SetDraft};
use super::examine::{ExaminedSet, Report, SetVerdict, examine};
use super::examples::{ORDER, draft, parts_again};
use super::guide::{self, Library};
use super::reader::{Part, Reader};
use super::segment::{Segment, SetText};
use super::writer::{self, Envelope, GroupDraft};
use crate::diagnostic::Spot;
use crate::diagnostic::codes::x12;

/// The reader comes to an end, closes what it opens, and says truly where everything stands.
pub fn lexer(bytes: &[u8]) {
    let (mut interchanges, mut groups, mut parts) = (0_i64, 0_i64, 0);
    let mut reader = Reader::new(bytes);
    while let Some(part) = read(&mut reader) {
        parts += 1;
        match part {
            Part::InterchangeStart(_) => interchanges += 1,
            Part::InterchangeEnd(_, end) => {
                interchanges -= 1;
                assert!(end <= bytes.len() as u64);
            }
            Part::GroupStart(_) => groups += 1,
            Part::GroupEnd(_) => groups -= 1,
            Part::Set(set) => {
                assert_eq!((interchanges, groups), (1, 1));
                assert!(set.offset() < set.end_offset() && set.end_offset() <= bytes.len() as u64);
                set.segments().for_each(|segment| stands_where_it_says(segment, bytes));
            }
            Part::BetweenEnvelopes(_) | Part::Problem(_) => {}
        }
    }
    assert_eq!((interchanges, groups), (0, 0));
    assert!(parts <= 4 * bytes.len() + 8);
}

/// A file is examined, and whatever it holds can be answered: by a TA1, and by an acknowledgment for each group.
pub fn envelopes(bytes: &[u8]) {
    let mut seen = 0;
    let report = examine_all(bytes, &mut |_| seen += 1);
    let sets = || report.interchanges.iter().flat_map(|one| &one.groups).flat_map(|group| &group.sets);
    assert_eq!(seen, sets().count());
    for set in sets() {
        assert!(set.bytes.start < set.bytes.end && set.bytes.end <= bytes.len() as u64);
        assert!(set.verdict == SetVerdict::Rejected || !set.diagnostics.iter().any(|fault| fault.is_error()));
    }
    let (envelope, _) = parts_again(ORDER.as_bytes());
    for interchange in &report.interchanges {
        let ta1 = acknowledgment::interchange(interchange);
        let written = writer::interchange_acknowledgments(&envelope, &[ta1]);
        assert!(written.is_ok(), "{written:?}");
        for answer in answers(interchange, &Style::default()) {
            let headed = answer.headed(1, &envelope);
            let written =
                writer::interchange_of(&Envelope { version: headed.version.clone(), ..envelope.clone() }, &[headed]);
            let report = examine_all(&written.expect("an answer can be written"), &mut |_| {});
            // A version that we can echo may be one that we have no guide for.
            let wrong = report.all_diagnostics().find(|fault| fault.is_error() && fault.code != &x12::GROUP_VERSION);
            assert!(wrong.is_none(), "our own answer is wrong: {wrong:?}");
        }
    }
}

/// A set is checked against a guide, which the first two bytes choose; faults are bounded and stand in the set.
pub fn checker(bytes: &[u8]) {
    let [choice, separators, rest @ ..] = bytes else { return };
    let guides = Library::standard().list();
    let (id, version) = guides[usize::from(*choice) % guides.len()];
    let Some(guide) = guide::find(id, version) else { return };
    let repetition = (separators % 2 == 1).then_some(b'^');
    let text = [format!("ST*{id}*0001~").as_bytes(), rest, b"SE*1*0001~"].concat();
    let set = SetText::parse(&text, Delimiters { repetition, ..Delimiters::default() }, 0);
    let checked = check(&set, guide);
    assert!(checked.diagnostics.len() <= 1201, "{} faults", checked.diagnostics.len());
    for fault in &checked.diagnostics {
        let Spot::Segment(spot) = &fault.place.spot else { continue };
        assert!(spot.position as usize <= set.len() + 1, "{fault}");
    }
    assert!(count(checked.tree.root()) <= set.len());
}

/// What was read and can be written is read again as the same, and written again as the same bytes.
pub fn round_trip(bytes: &[u8]) {
    let (envelope, _) = parts_again(ORDER.as_bytes());
    for (delimiters, segments) in sets(bytes) {
        let version = if delimiters.repetition.is_some() { "005010" } else { "004010" };
        let envelope = Envelope { delimiters, version: version.to_owned(), line_breaks: false, ..envelope.clone() };
        let Ok(written) = written(&envelope, &segments) else { continue };
        let again = sets(&written);
        assert_eq!(again.len(), 1, "one set was written");
        let (delimiters_again, segments_again) = again.into_iter().next().expect("one is there");
        assert_eq!(delimiters_again, delimiters);
        assert_eq!(self::written(&envelope, &segments_again).expect("it could be written before"), written);
    }
}

fn read(reader: &mut Reader<&[u8]>) -> Option<Part> {
    reader.next().expect("bytes in memory can be read")
}

fn examine_all(bytes: &[u8], on_set: &mut dyn FnMut(ExaminedSet<'_>)) -> Report {
    examine(bytes, None, &Library::standard_for, on_set).expect("bytes in memory can be read")
}

fn stands_where_it_says(segment: Segment<'_>, bytes: &[u8]) {
    let at = segment.offset() as usize;
    assert_eq!(bytes[at], segment.raw()[0]);
    for number in 1..=segment.element_count() {
        let (from, element) = (segment.element_offset(number) as usize, segment.element(number));
        assert!(from <= bytes.len());
        // Line breaks in it were left out, except in binary data.
        let first = bytes[from..].iter().find(|byte| !matches!(byte, b'\r' | b'\n')).or(bytes.get(from));
        assert!(element.is_empty() || element.first() == first || element.first() == bytes.get(from));
        if segment.holds_binary(number) {
            assert!(bytes[from..].starts_with(element) || segment.element_count() != number);
        }
    }
}

/// How many segments have their place in a tree.
fn count(branch: Loop<'_>) -> usize {
    let inner = branch.parts().map(|part| match part {
        Branch::Segment(_) => 1,
        Branch::Loop(inner) => count(inner),
    });
    inner.sum()
}

/// The whole sets of a file, as drafts with the delimiters that they were written with.
fn sets(bytes: &[u8]) -> Vec<(Delimiters, Vec<SegmentDraft>)> {
    let mut sets = Vec::new();
    let mut reader = Reader::new(bytes);
    while let Some(part) = read(&mut reader) {
        let Part::Set(set) = part else { continue };
        if set.last().is_some_and(|last| last.tag() == "SE") {
            let segments = set.segments().skip(1).take(set.len() - 2).map(draft).collect();
            sets.push((set.delimiters(), segments));
        }
    }
    sets
}

fn written(envelope: &Envelope, segments: &[SegmentDraft]) -> Result<Vec<u8>, writer::WriteError> {
    let set = SetDraft::of("850", segments);
    writer::interchange(envelope, &[GroupDraft { control_number: 1, sets: vec![set] }])
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::x12::examples::{ADVICE, EXAMPLES, SHIP_NOTICE, TA1_ACCEPTED};

    /// Pieces that mean something to one part or another.
    const PIECES: &[&str] = &[
        "~",
        "*",
        ">",
        "^",
        "\n",
        "\r\n",
        "\0",
        "\u{1a}",
        "é",
        "ISA",
        "ISA*",
        "GS*PO*A*B*20260303*0915*7*X*004010~",
        "ST*850*0002~",
        "SE*2*0001~",
        "GE*1*101~",
        "IEA*1*000000101~",
        "BIN*5*",
        "BIN*5*a~b*c~",
        "BDS*ASC*3*~~~~",
        "HL*2*1*O~",
        "99999999999999999999",
        "TA1*000000503*260306*1410*A*000~",
        "CTT*1~",
        "N1*ST~",
        "~~~~",
    ];

    #[derive(Debug, Clone)]
    enum Damage {
        Replace(Index, u8),
        Insert(Index, &'static str),
        Cut(Index, usize),
        Repeat(Index, usize),
        Truncate(Index),
    }

    fn damage() -> impl Strategy<Value = Damage> {
        prop_oneof![
            (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
            (any::<Index>(), select(PIECES)).prop_map(|(at, piece)| Damage::Insert(at, piece)),
            (any::<Index>(), 1usize..60).prop_map(|(at, length)| Damage::Cut(at, length)),
            (any::<Index>(), 1usize..200).prop_map(|(at, length)| Damage::Repeat(at, length)),
            any::<Index>().prop_map(Damage::Truncate),
        ]
    }

    fn damaged() -> impl Strategy<Value = Vec<u8>> {
        let files: Vec<&str> = EXAMPLES.iter().copied().chain([TA1_ACCEPTED]).collect();
        (vec(select(files), 1..3), vec(damage(), 0..6)).prop_map(|(files, damages)| {
            let mut bytes = files.concat().into_bytes();
            damages.into_iter().for_each(|damage| apply(damage, &mut bytes));
            bytes
        })
    }

    fn apply(damage: Damage, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        match damage {
            Damage::Replace(at, byte) => bytes[at.index(length)] = byte,
            Damage::Insert(at, piece) => drop(bytes.splice(at.index(length)..at.index(length), piece.bytes())),
            Damage::Cut(at, cut) => drop(bytes.drain(at.index(length)..length.min(at.index(length) + cut))),
            Damage::Repeat(at, repeated) => {
                let from = at.index(length);
                let piece = bytes[from..length.min(from + repeated)].to_vec();
                bytes.splice(from..from, piece);
            }
            Damage::Truncate(at) => bytes.truncate(at.index(length)),
        }
    }

    fn all(bytes: &[u8]) {
        lexer(bytes);
        envelopes(bytes);
        checker(bytes);
        round_trip(bytes);
    }

    /// The segments of a set, damaged, under a guide that may be another's.
    fn body() -> impl Strategy<Value = Vec<u8>> {
        (any::<[u8; 2]>(), select(&[ORDER, SHIP_NOTICE, ADVICE][..]), vec(damage(), 0..6)).prop_map(
            |(choice, file, damages)| {
                let body = &file[file.find("ST*").unwrap()..file.find("SE*").unwrap()];
                let mut bytes = body.split_inclusive('\n').skip(1).collect::<String>().into_bytes();
                damages.into_iter().for_each(|damage| apply(damage, &mut bytes));
                [&choice[..], &bytes].concat()
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(192))]

        #[test]
        fn any_bytes_are_borne(bytes in vec(any::<u8>(), 0..500)) {
            all(&bytes);
        }

        #[test]
        fn any_bytes_behind_a_header_are_borne(tail in vec(prop_oneof![any::<u8>(), select(&b"*~>^\n0A"[..])], 0..300)) {
            all(&[&ORDER.as_bytes()[..160], &tail].concat());
        }

        #[test]
        fn damaged_examples_are_borne(bytes in damaged()) {
            all(&bytes);
        }

        #[test]
        fn damaged_sets_are_checked_under_any_guide(bytes in body()) {
            checker(&bytes);
        }
    }
}
