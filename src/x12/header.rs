//! ISA and GS as values plus what is wrong with them; a bad value never keeps the rest from being read.

use super::delimiters::{Isa, IsaFault, has_repetition};
use super::envelope::{GroupHeader, InterchangeHeader, InterchangeId, Usage};
use super::segment::Segment;
use super::value::{read_date, read_date8, read_time};
use crate::diagnostic::codes::x12;
use crate::diagnostic::{AckCode, Code, Diagnostic, Place, SegmentSpot, Spot};

impl IsaFault {
    /// The fault as its sender should read it. Passwords (ISA02, ISA04) are never quoted.
    pub(super) fn diagnostic(&self, offset: u64) -> Diagnostic {
        let (fault, element) = match self {
            IsaFault::Absent => (Diagnostic::new(&x12::NO_ISA, "expected an ISA segment, found something else"), None),
            IsaFault::Truncated { length } => {
                let message = format!("the file ends within the ISA, after {length} of its 106 bytes");
                (Diagnostic::new(&x12::TRUNCATED_ISA, message).expected("106 bytes").found(length.to_string()), None)
            }
            IsaFault::TooLong { element, width, found } => {
                let message = format!("ISA{element:02} is {found} characters long, expected at most {width}");
                let fault = Diagnostic::new(&x12::SHIFTED_ISA, message);
                (fault.expected(format!("{width} characters")).found(format!("{found} characters")), Some(*element))
            }
            IsaFault::Broken { element } => {
                let message = format!("a line break stands in ISA{element:02}, and segments end with one");
                (Diagnostic::new(&x12::SHIFTED_ISA, message).expected("the whole ISA in one line"), Some(*element))
            }
            IsaFault::WideDelimiter { name, length } => {
                let message = format!("the {name} is a character of {length} bytes");
                let fault = Diagnostic::new(&x12::SHIFTED_ISA, message).expected("one byte");
                let fault = fault.found(format!("{length} bytes"));
                (fault.hint("the sender must choose a delimiter of ASCII, or write one byte for each character"), None)
            }
            IsaFault::NotADelimiter { name, byte } => {
                let found = quote(*byte);
                let message = format!("{found} stands where the ISA has its {name}");
                (Diagnostic::new(&x12::SHIFTED_ISA, message).expected("a punctuation mark").found(found), None)
            }
            IsaFault::Clash { first, second, byte } => {
                let message = format!("{} is both the {first} and the {second}", quote(*byte));
                (
                    Diagnostic::new(&x12::SAME_DELIMITERS, message)
                        .expected("four different bytes")
                        .found(quote(*byte)),
                    None,
                )
            }
        };
        fault.at(isa_place(offset, element))
    }
}

/// A byte that may be shown anywhere: `~`, or `0x1C` when it has no picture.
pub(super) fn quote(byte: u8) -> String {
    match byte {
        b'!'..=b'~' => char::from(byte).to_string(),
        b' ' => "a space".to_owned(),
        _ => format!("0x{byte:02X}"),
    }
}

/// The header as a value, and every fault in it.
pub(super) fn read_isa(isa: &Isa, offset: u64) -> (InterchangeHeader, Vec<Diagnostic>) {
    let element = |number: usize| isa.elements[number - 1].trim().to_owned();
    let header = InterchangeHeader {
        sender_qualifier: element(5),
        sender: element(6),
        receiver_qualifier: element(7),
        receiver: element(8),
        date: element(9),
        time: element(10),
        version: element(12),
        control_number: element(13),
        acknowledgment_requested: element(14) == "1",
        usage: match element(15).as_str() {
            "P" => Some(Usage::Production),
            "T" => Some(Usage::Test),
            "I" => Some(Usage::Information),
            _ => None,
        },
        delimiters: isa.delimiters,
        offset,
    };
    let mut faults = Vec::new();
    if isa.layout.is_unpadded() {
        let fault = Diagnostic::new(&x12::UNPADDED_ISA, format!("the ISA has {} bytes, expected 106", isa.length));
        faults.push(fault.expected("106 bytes").found(isa.length.to_string()).at(isa_place(offset, None)));
    }
    permission_faults([&element(1), &element(2)], [&element(3), &element(4)], offset, &mut faults);
    identity_faults(&header, &mut faults);
    value_faults(&header, &element(11), &element(14), &element(15), &mut faults);
    (header, faults)
}

/// ISA01 to ISA04, whose values are never quoted.
fn permission_faults(authorization: [&str; 2], security: [&str; 2], offset: u64, faults: &mut Vec<Diagnostic>) {
    let known = (&["00", "01", "02", "03", "04", "05", "06"][..], &["00", "01"][..]);
    let pairs = [
        (&x12::ISA_AUTHORIZATION, "authorization", authorization, known.0, 1, 10),
        (&x12::ISA_SECURITY, "security", security, known.1, 3, 12),
    ];
    for (code, what, [qualifier, value], known, element, note) in pairs {
        if !known.contains(&qualifier) {
            let message = format!("ISA{element:02} is no qualifier of {what}");
            let expected = format!("one of {}", known.join(" "));
            faults.push(isa_fault(code, message, &expected, qualifier, element, note, offset));
        } else if qualifier != "00" && value.is_empty() {
            let message = format!("ISA{element:02} says that {what} follows, and ISA{:02} is empty", element + 1);
            faults.push(isa_fault(code, message, "a value, or the qualifier 00", "", element + 1, note + 1, offset));
        }
    }
}

fn identity_faults(header: &InterchangeHeader, faults: &mut Vec<Diagnostic>) {
    let parties = [
        (5, &header.sender_qualifier, &header.sender, "sender", 5, 6),
        (7, &header.receiver_qualifier, &header.receiver, "receiver", 7, 8),
    ];
    for (element, qualifier, id, party, bad_qualifier, bad_id) in parties {
        if InterchangeId::new(qualifier, id).is_ok() {
            continue;
        }
        let qualifier_is_bad = InterchangeId::new(qualifier, "X").is_err();
        let (element, note, what, expected, found) = if qualifier_is_bad {
            (element, bad_qualifier, "qualifier", "two letters or digits", qualifier)
        } else {
            (element + 1, bad_id, "identifier", "1 to 15 printable characters", id)
        };
        let message = format!("the {party}'s {what} (ISA{element:02}) names nobody");
        faults.push(isa_fault(&x12::ISA_IDENTITY, message, expected, found, element, note, header.offset));
    }
}

fn value_faults(header: &InterchangeHeader, isa11: &str, isa14: &str, isa15: &str, faults: &mut Vec<Diagnostic>) {
    let mut fault = |code: Code, message: &str, expected: &str, found: &str, element: usize, note: u8| {
        faults.push(isa_fault(code, message.to_owned(), expected, found, element, note, header.offset));
    };
    if header.date.len() != 6 || read_date(&header.date).is_err() {
        fault(&x12::ISA_DATE, "ISA09 is no date", "a calendar date YYMMDD", &header.date, 9, 14);
    }
    if header.time.len() != 4 || read_time(&header.time).is_err() {
        fault(&x12::ISA_TIME, "ISA10 is no time of day", "a time HHMM", &header.time, 10, 15);
    }
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(&header.version, 5) {
        fault(&x12::ISA_VERSION, "ISA12 is no control version", "five digits such as 00401", &header.version, 12, 17);
    } else if !has_repetition(&header.version) && isa11 != "U" {
        // A letter is how another standard would be named; anything else names none.
        let note = if isa11.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !isa11.is_empty() { 2 } else { 16 };
        fault(&x12::ISA_STANDARD, "ISA11 names no standard that is used", "U below version 00402", isa11, 11, note);
    } else if has_repetition(&header.version) && header.delimiters.repetition.is_none() {
        fault(&x12::ISA_STANDARD, "ISA11 is no repetition separator", "a punctuation mark such as ^", isa11, 11, 16);
    }
    if digits(&header.version, 5) && !is_release(&header.version) {
        let problem = "ISA12 names a control version that is not known here";
        fault(&x12::ISA_UNKNOWN_VERSION, problem, "a version such as 00401 or 00501", &header.version, 12, 3);
    }
    if !digits(&header.control_number, 9) {
        fault(&x12::ISA_CONTROL_NUMBER, "ISA13 is no control number", "nine digits", &header.control_number, 13, 18);
    }
    if !matches!(isa14, "0" | "1") {
        fault(&x12::ISA_ACKNOWLEDGMENT, "ISA14 does not say whether a TA1 is wanted", "0 or 1", isa14, 14, 19);
    }
    if header.usage.is_none() {
        fault(&x12::ISA_USAGE, "ISA15 does not say whether this is a test", "P, T or I", isa15, 15, 20);
    }
}

/// The releases of the versions 2 to 8 of the standard; what comes later may read otherwise.
fn is_release(version: &str) -> bool {
    matches!(version.as_bytes(), [b'0', b'0', b'2'..=b'8', b'0', b'0'..=b'7'])
}

fn isa_fault(
    code: Code,
    message: String,
    expected: &str,
    found: &str,
    element: usize,
    note: u8,
    offset: u64,
) -> Diagnostic {
    Diagnostic::new(code, message)
        .expected(expected)
        .found(found)
        .acknowledged_as(AckCode::Interchange(note))
        .at(isa_place(offset, Some(element)))
}

/// A place in the ISA, or the ISA itself.
pub(super) fn isa_place(offset: u64, element: Option<usize>) -> Place {
    let element = element.and_then(|element| u16::try_from(element).ok());
    let spot = SegmentSpot { tag: "ISA".to_owned(), element, ..SegmentSpot::default() };
    Place { file: None, byte: Some(offset), spot: Spot::Segment(spot) }
}

/// The group's header as a value, and every fault in it.
pub(super) fn read_gs(gs: Segment<'_>) -> (GroupHeader, Vec<Diagnostic>) {
    let element = |number: usize| gs.text(number).trim().to_owned();
    let header = GroupHeader {
        functional_id: element(1),
        sender: element(2),
        receiver: element(3),
        date: element(4),
        time: element(5),
        control_number: element(6),
        version: element(8),
        offset: gs.offset(),
    };
    let mut faults = Vec::new();
    // Six digits are what versions up to 003060 write.
    if read_date8(&header.date).is_err() && !(header.date.len() == 6 && read_date(&header.date).is_ok()) {
        let fault = Diagnostic::new(&x12::GS_DATE_OR_TIME, "GS04 is no date");
        faults.push(fault.expected("a calendar date CCYYMMDD").found(&*header.date).at(gs.element_place(4)));
    }
    if read_time(&header.time).is_err() {
        let fault = Diagnostic::new(&x12::GS_DATE_OR_TIME, "GS05 is no time of day");
        faults.push(fault.expected("a time HHMM or HHMMSS").found(&*header.time).at(gs.element_place(5)));
    }
    let number = header.control_number.as_str();
    let is_number = (1..=9).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || number.bytes().all(|byte| byte == b'0') {
        let fault = Diagnostic::new(&x12::GS_CONTROL_NUMBER, "GS06 is no group control number")
            .expected("1 to 9 digits, not zero")
            .found(number);
        faults.push(fault.acknowledged_as(AckCode::Group(6)).at(gs.element_place(6)));
    }
    (header, faults)
}
