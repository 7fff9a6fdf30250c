//! Segments and envelopes to bytes; a delimiter never gets into data.
//!
//! ```text
//! Envelope { ZZ:ACMESUPPLY -> ZZ:MEGAMART, 004010, number 502, … } + [GroupDraft { 502, [855] }]
//!   -> ISA*00*          *00*          *ZZ*ACMESUPPLY     *…~GS*PR*…~ST*855*0001~ … SE*12*0001~GE*1*502~IEA*1*000000502~
//! ```
//!
//! X12 has no escape: what cannot be written without changing it is refused, naming segment and element.
//! Counts and trailers are the writer's; nobody else computes them. Never here: allocating numbers, the clock.

use jiff::civil::DateTime;

use super::acknowledgment::InterchangeAcknowledgment;
use super::binary;
use super::delimiters::{Delimiters, has_repetition};
use super::draft::{Drafted, Is, SetDraft};
use super::envelope::{InterchangeId, Usage, functional_id, names_a_guide};
use super::value::{write_date6, write_date8, write_time4};

/// A functional group to be written; its sets are numbered 0001, 0002, …
#[derive(Debug, Clone)]
pub struct GroupDraft {
    /// GS06, 1 to 999 999 999.
    pub control_number: u32,
    /// The sets; all of one functional id (GS01), which is derived from the first.
    pub sets: Vec<SetDraft>,
}

/// A functional group under a heading of its own, such as that of an acknowledgment.
#[derive(Debug, Clone)]
pub struct HeadedGroup {
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS08.
    pub version: String,
    /// Its number and sets.
    pub group: GroupDraft,
}

/// The envelope that a partner expects from us.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// ISA05/06.
    pub sender: InterchangeId,
    /// ISA07/08.
    pub receiver: InterchangeId,
    /// GS02.
    pub group_sender: String,
    /// GS03.
    pub group_receiver: String,
    /// GS08, such as `004010`; ISA12 follows from it (00401).
    pub version: String,
    /// ISA13, 1 to 999 999 999.
    pub control_number: u32,
    /// ISA14.
    pub acknowledgment_requested: bool,
    /// ISA15.
    pub usage: Usage,
    /// Local date and time of ISA09/10 and GS04/05.
    pub at: DateTime,
    /// What to write it with.
    pub delimiters: Delimiters,
    /// Write a line feed after each terminator.
    pub line_breaks: bool,
}

/// Why an interchange cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A delimiter stands in data.
    #[error("{tag} element {element} holds {found:?}, which is a delimiter of this partner: {text:?}")]
    DelimiterInData {
        /// The segment.
        tag: String,
        /// The element, from 1.
        element: usize,
        /// The delimiter.
        found: char,
        /// The whole element.
        text: String,
    },
    /// A character without a picture: a control character or a line break.
    #[error("{tag} element {element} holds the unprintable character {found:?}: {text:?}")]
    Unprintable {
        /// The segment.
        tag: String,
        /// The element, from 1.
        element: usize,
        /// The character.
        found: char,
        /// The whole element.
        text: String,
    },
    /// An element is repeated at a version that cannot say so.
    #[error("{tag} element {element} is repeated, which this version has no separator for")]
    NoRepetition {
        /// The segment.
        tag: String,
        /// The element, from 1.
        element: usize,
    },
    /// Binary data stands elsewhere than at the end of BIN and BDS, or something else stands there.
    #[error("expected binary data in BIN element 2 and BDS element 3 and nowhere else, found {0} otherwise")]
    BinaryPlace(String),
    /// Binary data has another length than its segment says.
    #[error("{tag} says {said:?} bytes of data, it has {found}")]
    BinaryLength {
        /// The segment.
        tag: String,
        /// What it says.
        said: String,
        /// How many bytes there are.
        found: usize,
    },
    /// A segment identifier that is not a letter and one or two letters or digits.
    #[error("expected a segment identifier of two or three letters or digits, found {0:?}")]
    Tag(String),
    /// A segment of which every element is empty; X12 does not allow it.
    #[error("segment {0} has no element to write")]
    EmptySegment(String),
    /// A version from which ISA12 cannot be derived.
    #[error("expected a version that begins with six digits, such as 004010, found {0:?}")]
    Version(String),
    /// Two delimiters are one character, or one of them is a letter, digit or space.
    #[error("{0}")]
    Delimiters(String),
    /// A control number is zero or has more than nine digits.
    #[error("control number {0} is not between 1 and 999999999")]
    ControlNumber(u32),
    /// A group without a set, or sets of different functional ids in one group.
    #[error("a group must hold sets of one functional id, found {0}")]
    MixedGroup(String),
}

/// Writes one interchange.
pub fn interchange(envelope: &Envelope, groups: &[GroupDraft]) -> Result<Vec<u8>, WriteError> {
    let mut out = Output::for_envelope(envelope)?;
    out.isa(envelope)?;
    for group in groups {
        out.group(envelope, group)?;
    }
    out.iea(envelope, groups.len())?;
    Ok(out.bytes)
}

/// Writes one interchange of groups that each have their own names and version; ISA12 follows from the envelope's.
pub fn interchange_of(envelope: &Envelope, groups: &[HeadedGroup]) -> Result<Vec<u8>, WriteError> {
    let mut out = Output::for_envelope(envelope)?;
    out.isa(envelope)?;
    for headed in groups {
        let heading = Envelope {
            group_sender: headed.sender.clone(),
            group_receiver: headed.receiver.clone(),
            version: headed.version.clone(),
            ..envelope.clone()
        };
        out.group(&heading, &headed.group)?;
    }
    out.iea(envelope, groups.len())?;
    Ok(out.bytes)
}

/// Writes an interchange that carries TA1 segments and nothing else (IEA01 = 0).
pub fn interchange_acknowledgments(
    envelope: &Envelope,
    acknowledgments: &[InterchangeAcknowledgment],
) -> Result<Vec<u8>, WriteError> {
    let mut out = Output::for_envelope(envelope)?;
    out.isa(envelope)?;
    for ta1 in acknowledgments {
        let elements = [&ta1.control_number, &ta1.date, &ta1.time, &ta1.verdict, &ta1.note];
        out.simple("TA1", &elements.map(String::as_str))?;
    }
    out.iea(envelope, 0)?;
    Ok(out.bytes)
}

struct Output {
    bytes: Vec<u8>,
    delimiters: Delimiters,
    /// The bytes that stand for themselves: printable ASCII that is no delimiter.
    plain: [bool; 256],
    line_breaks: bool,
    control_version: String,
}

impl Output {
    fn for_envelope(envelope: &Envelope) -> Result<Self, WriteError> {
        let six_digits = envelope.version.bytes().take(6).filter(u8::is_ascii_digit).count() == 6;
        let control_version = match envelope.version.get(..5) {
            Some(version) if six_digits => version.to_owned(),
            _ => return Err(WriteError::Version(envelope.version.clone())),
        };
        let mut delimiters = envelope.delimiters;
        // ISA11 must separate something from 00402 on, so that a caret is reserved even where nothing repeats.
        delimiters.repetition =
            if has_repetition(&control_version) { delimiters.repetition.or(Some(b'^')) } else { None };
        usable(delimiters)?;
        let line_breaks = envelope.line_breaks && delimiters.terminator != b'\n';
        let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && !delimiters.contains(byte);
        let plain = std::array::from_fn(|byte| is_plain(byte as u8));
        Ok(Output { bytes: Vec::new(), delimiters, plain, line_breaks, control_version })
    }

    /// The ISA at its fixed width; every blank in it counts.
    fn isa(&mut self, envelope: &Envelope) -> Result<(), WriteError> {
        let standard = self.delimiters.repetition.unwrap_or(b'U');
        let elements = [
            "00".to_owned(),
            " ".repeat(10),
            "00".to_owned(),
            " ".repeat(10),
            envelope.sender.qualifier().to_owned(),
            format!("{:<15}", envelope.sender.id()),
            envelope.receiver.qualifier().to_owned(),
            format!("{:<15}", envelope.receiver.id()),
            write_date6(envelope.at.date()),
            write_time4(envelope.at.time()),
            String::new(),
            self.control_version.clone(),
            format!("{:09}", control_number(envelope.control_number)?),
            if envelope.acknowledgment_requested { "1" } else { "0" }.to_owned(),
            usage_letter(envelope.usage).to_owned(),
        ];
        self.bytes.extend_from_slice(b"ISA");
        for (index, element) in elements.iter().enumerate() {
            self.bytes.push(self.delimiters.element);
            match index {
                10 => self.bytes.push(standard),
                _ => self.text("ISA", index + 1, element.as_bytes())?,
            }
        }
        self.bytes.extend([self.delimiters.element, self.delimiters.component]);
        self.end_segment();
        Ok(())
    }

    fn group(&mut self, envelope: &Envelope, group: &GroupDraft) -> Result<(), WriteError> {
        let number = control_number(group.control_number)?.to_string();
        let functional_id = functional_id_of(group)?;
        let (date, time) = (write_date8(envelope.at.date()), write_time4(envelope.at.time()));
        let gs = [
            functional_id,
            &envelope.group_sender,
            &envelope.group_receiver,
            &date,
            &time,
            &number,
            "X",
            &envelope.version,
        ];
        self.simple("GS", &gs)?;
        for (index, set) in group.sets.iter().enumerate() {
            self.set(set, &format!("{:04}", index + 1), convention(&envelope.version))?;
        }
        self.simple("GE", &[&group.sets.len().to_string(), &number])
    }

    fn set(&mut self, set: &SetDraft, number: &str, convention: &str) -> Result<(), WriteError> {
        self.simple("ST", &[&set.id, number, convention])?;
        for segment in set.segments() {
            self.segment(segment)?;
        }
        self.simple("SE", &[&(set.segment_count() + 2).to_string(), number])
    }

    fn iea(&mut self, envelope: &Envelope, groups: usize) -> Result<(), WriteError> {
        self.simple("IEA", &[&groups.to_string(), &format!("{:09}", envelope.control_number)])
    }

    /// A segment of the envelope.
    fn simple(&mut self, tag: &str, elements: &[&str]) -> Result<(), WriteError> {
        let mut one = SetDraft::new("");
        one.push(tag, elements);
        one.segments().try_for_each(|segment| self.segment(segment))
    }

    fn segment(&mut self, segment: Drafted<'_>) -> Result<(), WriteError> {
        let tag = segment.tag();
        let is_tag = matches!(tag.len(), 2 | 3)
            && tag.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && tag[0].is_ascii_uppercase();
        let Some(tag) = std::str::from_utf8(tag).ok().filter(|_| is_tag) else {
            return Err(WriteError::Tag(String::from_utf8_lossy(tag).into_owned()));
        };
        check_binary(tag, segment)?;
        self.bytes.extend_from_slice(tag.as_bytes());
        let (mut element, mut owed) = (0, Separators::default());
        for (is, text) in segment.parts() {
            element += usize::from(matches!(is, Is::Element | Is::Binary));
            owed.add(is);
            // Binary data of no length has its place too.
            if text.is_empty() && is != Is::Binary {
                continue;
            }
            self.separators(std::mem::take(&mut owed), tag, element)?;
            match is {
                Is::Binary => self.bytes.extend_from_slice(text),
                _ => self.text(tag, element, text)?,
            }
        }
        if owed.elements == element {
            return Err(WriteError::EmptySegment(tag.to_owned()));
        }
        self.end_segment();
        Ok(())
    }

    fn separators(&mut self, owed: Separators, tag: &str, element: usize) -> Result<(), WriteError> {
        self.bytes.extend(std::iter::repeat_n(self.delimiters.element, owed.elements));
        if owed.repetitions > 0 {
            let none = || WriteError::NoRepetition { tag: tag.to_owned(), element };
            let separator = self.delimiters.repetition.ok_or_else(none)?;
            self.bytes.extend(std::iter::repeat_n(separator, owed.repetitions));
        }
        self.bytes.extend(std::iter::repeat_n(self.delimiters.component, owed.components));
        Ok(())
    }

    fn text(&mut self, tag: &str, element: usize, bytes: &[u8]) -> Result<(), WriteError> {
        if bytes.iter().all(|byte| self.plain[usize::from(*byte)]) {
            self.bytes.extend_from_slice(bytes);
            return Ok(());
        }
        let text = String::from_utf8_lossy(bytes);
        for found in text.chars() {
            let owned = || (tag.to_owned(), text.clone().into_owned());
            if found.encode_utf8(&mut [0; 4]).bytes().any(|byte| self.delimiters.contains(byte)) {
                let (tag, text) = owned();
                return Err(WriteError::DelimiterInData { tag, element, found, text });
            }
            if found.is_control() {
                let (tag, text) = owned();
                return Err(WriteError::Unprintable { tag, element, found, text });
            }
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn end_segment(&mut self) {
        self.bytes.push(self.delimiters.terminator);
        if self.line_breaks {
            self.bytes.push(b'\n');
        }
    }
}

/// Separators that are written when something follows them, so that nothing empty stands at an end.
#[derive(Default)]
struct Separators {
    elements: usize,
    repetitions: usize,
    components: usize,
}

impl Separators {
    fn add(&mut self, is: Is) {
        match is {
            Is::Tag => {}
            Is::Element | Is::Binary => *self = Separators { elements: self.elements + 1, ..Separators::default() },
            Is::Repetition => {
                self.repetitions += 1;
                self.components = 0;
            }
            Is::Component => self.components += 1,
        }
    }
}

/// Binary data has no delimiter that ends it, so that its place and its length must be right.
fn check_binary(tag: &str, segment: Drafted<'_>) -> Result<(), WriteError> {
    let elsewhere = || WriteError::BinaryPlace(tag.to_owned());
    let Some(place) = binary::data_element(tag.as_bytes()) else {
        return if segment.parts().any(|(is, _)| is == Is::Binary) { Err(elsewhere()) } else { Ok(()) };
    };
    let parts: Vec<_> = segment.parts().collect();
    let (said, data) = match parts[..] {
        [.., (Is::Element, said), (Is::Binary, data)] if parts.len() == place => (String::from_utf8_lossy(said), data),
        _ => return Err(elsewhere()),
    };
    let is_number = said.len() <= 15 && said.bytes().all(|byte| byte.is_ascii_digit());
    match is_number && said.parse() == Ok(data.len()) {
        true => Ok(()),
        false => Err(WriteError::BinaryLength { tag: tag.to_owned(), said: said.into_owned(), found: data.len() }),
    }
}

fn usable(delimiters: Delimiters) -> Result<(), WriteError> {
    if let Some((first, second, _)) = delimiters.clash() {
        return Err(WriteError::Delimiters(format!("the {first} and the {second} are the same character")));
    }
    let all = [delimiters.element, delimiters.component, delimiters.terminator];
    match all.into_iter().chain(delimiters.repetition).find(|byte| byte.is_ascii_alphanumeric() || *byte == b' ') {
        Some(byte) => Err(WriteError::Delimiters(format!("{:?} cannot be a delimiter", char::from(byte)))),
        None => Ok(()),
    }
}

fn usage_letter(usage: Usage) -> &'static str {
    match usage {
        Usage::Production => "P",
        Usage::Test => "T",
        Usage::Information => "I",
    }
}

fn control_number(number: u32) -> Result<u32, WriteError> {
    if (1..=999_999_999).contains(&number) { Ok(number) } else { Err(WriteError::ControlNumber(number)) }
}

fn functional_id_of(group: &GroupDraft) -> Result<&'static str, WriteError> {
    let Some(first) = group.sets.first() else { return Err(WriteError::MixedGroup("no set".to_owned())) };
    let expected = functional_id(&first.id).ok_or_else(|| WriteError::MixedGroup(first.id.clone()))?;
    match group.sets.iter().find(|set| functional_id(&set.id) != Some(expected)) {
        Some(other) => Err(WriteError::MixedGroup(format!("{} and {}", first.id, other.id))),
        None => Ok(expected),
    }
}

/// ST03 repeats a version that names an implementation convention (005010X231A1); plain versions leave it out.
fn convention(version: &str) -> &str {
    if names_a_guide(version) { version } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::draft::{ElementDraft, SegmentDraft};
    use crate::x12::examples::{EXAMPLES, TA1_ACCEPTED, parts_again};

    fn envelope() -> Envelope {
        Envelope {
            sender: InterchangeId::parse("ZZ:ACMESUPPLY").unwrap(),
            receiver: InterchangeId::parse("ZZ:MEGAMART").unwrap(),
            group_sender: "ACMESUPPLY".to_owned(),
            group_receiver: "MEGAMART".to_owned(),
            version: "004010".to_owned(),
            control_number: 502,
            acknowledgment_requested: false,
            usage: Usage::Test,
            at: jiff::civil::date(2026, 3, 3).at(9, 15, 0, 0),
            delimiters: Delimiters::default(),
            line_breaks: true,
        }
    }

    fn written(segment: SegmentDraft) -> Result<String, WriteError> {
        let set = SetDraft::of("850", &[segment]);
        let bytes = interchange(&envelope(), &[GroupDraft { control_number: 7, sets: vec![set] }])?;
        let text = String::from_utf8(bytes).unwrap();
        Ok(text.lines().nth(3).unwrap().to_owned())
    }

    #[test]
    fn the_worked_examples_are_written_byte_for_byte_as_they_were_read() {
        for example in EXAMPLES {
            let (envelope, groups) = parts_again(example.as_bytes());
            let bytes = interchange(&envelope, &groups).unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap(), *example);
        }
    }

    #[test]
    fn a_ta1_stands_alone_in_an_interchange_without_groups() {
        let ta1 = InterchangeAcknowledgment {
            control_number: "000000503".to_owned(),
            date: "260306".to_owned(),
            time: "1410".to_owned(),
            verdict: "A".to_owned(),
            note: "000".to_owned(),
        };
        let envelope = Envelope {
            sender: InterchangeId::parse("ZZ:MEGAMART").unwrap(),
            receiver: InterchangeId::parse("ZZ:ACMESUPPLY").unwrap(),
            control_number: 107,
            ..envelope()
        };
        let bytes = interchange_acknowledgments(&envelope, &[ta1]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), TA1_ACCEPTED);
    }

    #[test]
    fn empty_elements_and_components_at_the_end_are_dropped() {
        assert_eq!(written(SegmentDraft::new("REF", ["DP", "", "x", "", ""])).unwrap(), "REF*DP**x~");
        let parts = ["HC", "", "9", ""].map(str::to_owned).to_vec();
        let elements = [ElementDraft::from("A"), ElementDraft::Composite(parts), ElementDraft::Composite(vec![])];
        assert_eq!(written(SegmentDraft::new("SV1", elements)).unwrap(), "SV1*A*HC>>9~");
    }

    #[test]
    fn what_cannot_be_written_is_refused_by_name() {
        let check = |tag: &str, text: &str, expect: &str| {
            assert_eq!(written(SegmentDraft::new(tag, ["ST", text])).unwrap_err().to_string(), expect);
        };
        check("N1", "A*B", r#"N1 element 2 holds '*', which is a delimiter of this partner: "A*B""#);
        check("N1", "A>B", r#"N1 element 2 holds '>', which is a delimiter of this partner: "A>B""#);
        check("N1", "A\nB", r#"N1 element 2 holds the unprintable character '\n': "A\nB""#);
        check("n1", "A", r#"expected a segment identifier of two or three letters or digits, found "n1""#);
        let empty = written(SegmentDraft::new("N3", ["", ""])).unwrap_err();
        assert_eq!(empty.to_string(), "segment N3 has no element to write");
    }

    #[test]
    fn repetitions_are_separated_where_the_version_can_say_so() {
        let values =
            [vec!["A"], vec!["B", "", "C", ""], vec![""]].map(|parts| parts.into_iter().map(str::to_owned).collect());
        let segment = SegmentDraft::new("DMG", [ElementDraft::from("D8"), ElementDraft::Repeated(values.to_vec())]);
        let error = written(segment.clone()).unwrap_err().to_string();
        assert_eq!(error, "DMG element 2 is repeated, which this version has no separator for");
        let set = SetDraft::of("850", &[segment]);
        let later = Envelope { version: "005010".to_owned(), ..envelope() };
        let bytes = interchange(&later, &[GroupDraft { control_number: 7, sets: vec![set] }]).unwrap();
        assert!(String::from_utf8(bytes).unwrap().contains("\nDMG*D8*A^B>>C~\n"));
    }

    #[test]
    fn binary_data_is_written_as_it_is_where_its_length_is_true() {
        let binary = |tag: &str, elements: &[&str], data: &[u8]| {
            let elements = elements.iter().map(|text| ElementDraft::from(*text));
            written(SegmentDraft::new(tag, elements.chain([ElementDraft::Binary(data.to_vec())])))
        };
        assert_eq!(binary("BIN", &["5"], b"a~b*c").unwrap(), "BIN*5*a~b*c~");
        assert_eq!(binary("BDS", &["ASC", "0"], b"").unwrap(), "BDS*ASC*0*~");
        let refused = |result: Result<String, WriteError>| result.unwrap_err().to_string();
        assert_eq!(refused(binary("BIN", &["6"], b"a~b*c")), r#"BIN says "6" bytes of data, it has 5"#);
        assert_eq!(refused(binary("BIN", &["+5"], b"a~b*c")), r#"BIN says "+5" bytes of data, it has 5"#);
        let elsewhere = "expected binary data in BIN element 2 and BDS element 3 and nowhere else, found";
        assert_eq!(refused(binary("N9", &["5"], b"abcde")), format!("{elsewhere} N9 otherwise"));
        assert_eq!(refused(binary("BDS", &["5"], b"abcde")), format!("{elsewhere} BDS otherwise"));
        assert_eq!(refused(written(SegmentDraft::new("BIN", ["5", "abcde"]))), format!("{elsewhere} BIN otherwise"));
    }

    #[test]
    fn a_repetition_separator_beyond_ascii_is_one_byte() {
        let delimiters = Delimiters { repetition: Some(0x85), ..Delimiters::default() };
        let later = Envelope { version: "005010".to_owned(), delimiters, ..envelope() };
        let set = SetDraft::new("850");
        let bytes = interchange(&later, &[GroupDraft { control_number: 7, sets: vec![set] }]).unwrap();
        assert_eq!(bytes[82..85], *b"\x85*0");
    }

    #[test]
    fn a_version_with_repetition_reserves_its_separator() {
        let set = SetDraft::of("850", &[SegmentDraft::new("N1", ["ST", "A^B"])]);
        let groups = [GroupDraft { control_number: 7, sets: vec![set] }];
        assert!(interchange(&envelope(), &groups).is_ok());
        let later = Envelope { version: "005010".to_owned(), ..envelope() };
        assert!(matches!(interchange(&later, &groups), Err(WriteError::DelimiterInData { found: '^', .. })));
    }

    #[test]
    fn an_envelope_that_no_partner_could_read_is_refused() {
        let group = |ids: &[&str], control_number| GroupDraft {
            control_number,
            sets: ids.iter().map(|id| SetDraft::new(id)).collect(),
        };
        let refused = |envelope: Envelope, group| interchange(&envelope, &[group]).unwrap_err().to_string();
        assert_eq!(
            refused(envelope(), group(&["850", "810"], 1)),
            "a group must hold sets of one functional id, found 850 and 810"
        );
        assert_eq!(refused(envelope(), group(&[], 1)), "a group must hold sets of one functional id, found no set");
        assert_eq!(refused(envelope(), group(&["850"], 0)), "control number 0 is not between 1 and 999999999");
        let same = Delimiters { component: b'*', ..Delimiters::default() };
        assert_eq!(
            refused(Envelope { delimiters: same, ..envelope() }, group(&["850"], 1)),
            "the element separator and the component separator are the same character"
        );
        assert_eq!(
            refused(Envelope { version: "4010".to_owned(), ..envelope() }, group(&["850"], 1)),
            r#"expected a version that begins with six digits, such as 004010, found "4010""#
        );
    }
}
