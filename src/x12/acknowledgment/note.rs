//! The TA1 for an interchange: one note code, however many faults there are.
//!
//! TA104 says what was done with the interchange: R when it is not used, E when it is used although its envelope is
//! wrong, A otherwise. TA105 is the note of a fault that led there: with R, of one that rejects. Among several it is
//! the first of [`ORDER`]: a number that was used before, then what cannot be read at all, then the elements of the ISA in
//! their order, then what stands between ISA and IEA, then the trailer.
//!
//! | note | says | TA104 |
//! |---|---|---|
//! | 000 | no error | A |
//! | 004 022 023 024 | no terminator, structure, premature end, content | R |
//! | 002 003 | ISA11 names another standard; ISA12 a version that is not known here | E: it is read all the same |
//! | 005 006 007 008 009 | qualifier or identifier of sender or receiver | R: it is nobody's, or not for us |
//! | 010 011 012 013 | authorization and security, qualifier and value | E: nothing here depends on them |
//! | 014 015 | date, time | R |
//! | 016 | ISA11 | E: it is read all the same |
//! | 017 018 | version, control number | R |
//! | 019 | ISA14 | E |
//! | 020 | ISA15 | R: a test must not pass for business |
//! | 025 | duplicate | R |
//! | 001 021 | trailer's control number, count of groups | E |
//!
//! Two notes are never given, for both speak of an ISA that cannot be read. 026: without its element separator no ISA is
//! found. 027: what stands where ISA16 must is a letter or blank, or another delimiter, so that the header is shifted and who
//! sent it is a guess. Whoever sent such a file is not answered; the file is quarantined with X12-E002, E006 or E007.
//!
//! A partner's exceptions change it: what is tolerated makes E of R, what rejects R of E.

use super::InterchangeAcknowledgment;
use super::alphabet::plain;
use crate::diagnostic::{AckCode, Severity};
use crate::x12::examine::InterchangeReport;

/// Notes in the order in which one of them is chosen.
const ORDER: [u8; 28] =
    [25, 4, 26, 27, 23, 22, 10, 11, 12, 13, 5, 6, 7, 8, 9, 14, 15, 2, 16, 3, 17, 18, 19, 20, 24, 1, 21, 0];
/// An error that names no note is one of structure.
const STRUCTURE: u8 = 22;

pub(super) fn interchange(report: &InterchangeReport) -> InterchangeAcknowledgment {
    let (verdict, note) = if report.is_rejected() {
        ("R", first(report, Severity::Error).unwrap_or(STRUCTURE))
    } else if let Some(note) = first(report, Severity::Warning) {
        ("E", note)
    } else {
        ("A", 0)
    };
    InterchangeAcknowledgment {
        control_number: plain(&report.header.control_number),
        date: plain(&report.header.date),
        time: plain(&report.header.time),
        verdict: verdict.to_owned(),
        note: format!("{note:03}"),
    }
}

/// The first note of that severity.
fn first(report: &InterchangeReport, severity: Severity) -> Option<u8> {
    let faults = report.diagnostics.iter().filter(|fault| fault.severity() == severity);
    let notes = faults.filter_map(|fault| match fault.ack {
        Some(AckCode::Interchange(note)) => Some(note),
        _ => None,
    });
    notes.min_by_key(|note| ORDER.iter().position(|one| one == note).unwrap_or(ORDER.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::{custody, x12};
    use crate::diagnostic::{Code, Diagnostic, Place, SegmentSpot, Spot};
    use crate::x12::delimiters::Delimiters;
    use crate::x12::envelope::InterchangeHeader;

    fn fault(code: Code, ack: AckCode, tag: &str) -> Diagnostic {
        let spot = SegmentSpot { tag: tag.to_owned(), ..Default::default() };
        let place = Place { file: None, byte: None, spot: Spot::Segment(spot) };
        Diagnostic::new(code, "x").acknowledged_as(ack).at(place)
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
        let count = || fault(&x12::IEA_COUNT, AckCode::Interchange(21), "IEA");
        let number = fault(&x12::ISA_CONTROL_NUMBER, AckCode::Interchange(18), "ISA");
        let check = |faults, verdict: &str, note: &str| assert_eq!(answer(faults), (verdict.into(), note.into()));
        check(vec![], "A", "000");
        check(vec![count()], "E", "021");
        check(vec![count(), number], "R", "018");
        let date = || fault(&x12::ISA_DATE, AckCode::Interchange(14), "ISA");
        check(vec![fault(&x12::ISA_USAGE, AckCode::Interchange(20), "ISA"), date()], "R", "014");
        check(vec![date(), fault(&custody::DUPLICATE_CONTROL_NUMBER, AckCode::Interchange(25), "ISA")], "R", "025");
        check(vec![Diagnostic::new(&x12::MISSING_IEA, "x")], "R", "022");
        check(vec![Diagnostic::new(&x12::WRAPPED, "x")], "A", "000");
    }
}
