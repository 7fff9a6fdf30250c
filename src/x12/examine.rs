//! A whole file: envelopes and counts checked, every set checked against its guide, verdicts decided.
//!
//! In: bytes. Out: a [`Report`] that is small whatever the file's size, and each set handed to the caller while it is in memory.
//!
//! ```text
//! ISA*…*000000101*…~GS*PO*…*101*…~ST*850*0001~ … SE*21*0001~GE*1*101~IEA*1*000000101~
//!   -> interchange 000000101: group 101 rejected: set 0001 rejected: X12-E032 SE01 says 21 segments, counted 22
//! ```
//!
//! Verdicts: a set is rejected by any error, accepted with errors by any warning that an acknowledgment can name; what two
//! partners agree on otherwise is judged afterwards ([`exceptions`]).
//! A fault of a group's envelope rejects all of its sets, since nobody can know what is missing.

mod envelopes;
pub mod exceptions;
mod examining;
mod judge;

use std::io;
use std::ops::Range;

use super::check::Checked;
use super::envelope::{GroupHeader, InterchangeHeader};
use super::guide::GuidesFor;
use super::reader::Part;
use super::segment::SetText;
use crate::diagnostic::{Diagnostic, Severity};
use envelopes::Progress;
pub use examining::{Batch, Examining, JudgedBatch, Step};
use serde::{Deserialize, Serialize};

/// The verdict on a transaction set (table 717) as edigate gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetVerdict {
    /// `A`.
    Accepted,
    /// `E`: used as it is; the sender must not resend.
    AcceptedWithErrors,
    /// `R`: not used.
    Rejected,
}

/// The verdict on a functional group (table 715) as edigate gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupVerdict {
    /// `A`.
    Accepted,
    /// `E`.
    AcceptedWithErrors,
    /// `P`: some sets accepted, some rejected.
    PartiallyAccepted,
    /// `R`.
    Rejected,
}

impl SetVerdict {
    /// Its name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            SetVerdict::Accepted => "accepted",
            SetVerdict::AcceptedWithErrors => "accepted_with_errors",
            SetVerdict::Rejected => "rejected",
        }
    }
}

impl GroupVerdict {
    /// Its name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            GroupVerdict::Accepted => "accepted",
            GroupVerdict::AcceptedWithErrors => "accepted_with_errors",
            GroupVerdict::PartiallyAccepted => "partially_accepted",
            GroupVerdict::Rejected => "rejected",
        }
    }
}

/// What is known of a set after it was examined.
#[derive(Debug, Clone)]
pub struct SetReport {
    /// ST01 as written.
    pub id: String,
    /// ST02 as written.
    pub control_number: String,
    /// ST03 as written; empty where there is none.
    pub convention: String,
    /// Bytes of the file from ST to the end of SE.
    pub bytes: Range<u64>,
    /// Number of segments counted, ST and SE included.
    pub segments: u32,
    /// Everything wrong in it: set faults (AK5), segment and element faults (AK3/AK4).
    pub diagnostics: Vec<Diagnostic>,
    /// The verdict.
    pub verdict: SetVerdict,
}

/// What is known of a functional group.
#[derive(Debug, Clone)]
pub struct GroupReport {
    /// GS.
    pub header: GroupHeader,
    /// Its sets in order; with [`Keep::Faulty`] those alone of which there is something to say.
    pub sets: Vec<SetReport>,
    /// How many sets without any fault are not among them.
    pub clean: u32,
    /// GE01 as written; the number of sets counted when there was no GE.
    pub sets_included: u32,
    /// Bytes of the file from GS to the end of GE.
    pub bytes: Range<u64>,
    /// Faults of the group's own envelope (AK9).
    pub diagnostics: Vec<Diagnostic>,
    /// The verdict.
    pub verdict: GroupVerdict,
}

impl GroupReport {
    /// Rejects a set for a reason that the guides do not know, such as an agreement that lacks it; the group's verdict follows.
    pub fn reject_set(&mut self, index: usize, reason: Diagnostic) {
        let set = &mut self.sets[index];
        set.diagnostics.push(reason);
        set.verdict = SetVerdict::Rejected;
        // Callers go through a group from its first set on, so that one of the last is the first to be looked at that still
        // stands: all sets of a large group may be rejected one by one.
        let one_stands = self.clean > 0 || self.sets.iter().rev().any(|set| set.verdict != SetVerdict::Rejected);
        self.verdict = match self.verdict {
            GroupVerdict::Rejected => GroupVerdict::Rejected,
            _ if one_stands => GroupVerdict::PartiallyAccepted,
            _ => GroupVerdict::Rejected,
        };
    }
}

/// What is known of an interchange.
#[derive(Debug, Clone)]
pub struct InterchangeReport {
    /// ISA.
    pub header: InterchangeHeader,
    /// TA1 segments that it carries, with their elements as written.
    pub acknowledgments: Vec<super::acknowledgment::InterchangeAcknowledgment>,
    /// Its groups in order.
    pub groups: Vec<GroupReport>,
    /// Bytes of the file from ISA to the end of IEA.
    pub bytes: Range<u64>,
    /// Faults of the interchange's own envelope (TA1).
    pub diagnostics: Vec<Diagnostic>,
}

impl InterchangeReport {
    /// True when a fault of its envelope makes all of it unusable.
    pub fn is_rejected(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// What is known of a file.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Its interchanges in order.
    pub interchanges: Vec<InterchangeReport>,
    /// Faults outside every interchange: no ISA, noise between, truncated header.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Every diagnostic of the file in order, of all levels.
    pub fn all_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        let within = self.interchanges.iter().flat_map(|interchange| {
            let groups = interchange
                .groups
                .iter()
                .flat_map(|group| group.sets.iter().flat_map(|set| &set.diagnostics).chain(&group.diagnostics));
            interchange.diagnostics.iter().chain(groups)
        });
        self.diagnostics.iter().chain(within)
    }
}

/// A set while it is in memory.
pub struct ExaminedSet<'a> {
    /// The interchange's header.
    pub interchange: &'a InterchangeHeader,
    /// The group's header.
    pub group: &'a GroupHeader,
    /// The set's bytes and spans.
    pub text: &'a SetText,
    /// Its tree, whose diagnostics were moved to `report`; `None` when there is no guide for it.
    pub checked: Option<&'a Checked<'a>>,
    /// The verdict and diagnostics. A trailer that is wrong may still reject the whole group: the returned
    /// [`Report`] has the last word.
    pub report: &'a SetReport,
}

/// How much of what was found is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// A report on every set.
    All,
    /// None on sets that are accepted without a word; they are only counted. A file of any size takes no more memory then.
    Faulty,
}

/// Examines a file by the guides of who sent it; `on_set` sees each set in turn. An `Err` is a fault of `source`, never of the
/// file.
pub fn examine(
    source: impl io::Read,
    file: Option<&str>,
    guides: GuidesFor<'_, '_>,
    on_set: &mut dyn FnMut(ExaminedSet<'_>),
) -> io::Result<Report> {
    examine_each(source, file, &mut |batch| batch.judged(guides, &mut *on_set))
}

fn examine_each(
    source: impl io::Read,
    file: Option<&str>,
    judge: &mut dyn FnMut(Batch) -> JudgedBatch<()>,
) -> io::Result<Report> {
    let mut examining = Examining::new(source, file, Keep::All, 0);
    loop {
        match examining.next()? {
            Step::Batch(batch) => drop(examining.settle(judge(batch))),
            Step::Settle | Step::End => return Ok(examining.report()),
        }
    }
}

/// Deals with a part that is no set.
fn step(progress: &mut Progress, part: Part) {
    match part {
        Part::InterchangeStart(header) => progress.start_interchange(header),
        Part::BetweenEnvelopes(segment) => progress.between_envelopes(&segment),
        Part::GroupStart(header) => progress.start_group(header),
        Part::GroupEnd(trailer) => progress.end_group(trailer.as_ref()),
        Part::InterchangeEnd(trailer, end) => progress.end_interchange(trailer.as_ref(), end),
        Part::Problem(fault) => progress.problem(fault),
        // Both callers take sets themselves.
        Part::Set(_) => {}
    }
}

/// The verdict that a set's own diagnostics lead to.
fn set_verdict(diagnostics: &[Diagnostic]) -> SetVerdict {
    if diagnostics.iter().any(Diagnostic::is_error) {
        SetVerdict::Rejected
    } else if diagnostics.iter().any(is_tolerated_error) {
        SetVerdict::AcceptedWithErrors
    } else {
        SetVerdict::Accepted
    }
}

/// The verdict that a group's envelope and its sets lead to.
fn group_verdict(diagnostics: &[Diagnostic], sets: &[SetReport], clean: u32) -> GroupVerdict {
    let with = |verdict| sets.iter().filter(|set| set.verdict == verdict).count();
    let rejected = with(SetVerdict::Rejected);
    if diagnostics.iter().any(Diagnostic::is_error) || (rejected == sets.len() && clean == 0) {
        GroupVerdict::Rejected
    } else if rejected > 0 {
        GroupVerdict::PartiallyAccepted
    } else if with(SetVerdict::AcceptedWithErrors) > 0 || diagnostics.iter().any(is_tolerated_error) {
        GroupVerdict::AcceptedWithErrors
    } else {
        GroupVerdict::Accepted
    }
}

fn is_tolerated_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity() == Severity::Warning && diagnostic.ack.is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::judge::{Judged, Judges};
    use super::*;
    use crate::diagnostic::codes::x12;
    use crate::x12::acknowledgment::{self, Style};
    use crate::x12::check::Tree;
    use crate::x12::examples::{ORDER, ORDER_ACCEPTED, TA1_ACCEPTED, parts_again};
    use crate::x12::writer::{self, GroupDraft};

    const ISA: &str =
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*0*T*>~";
    const SET: &str = "ST*850*0001~BEG*00~SE*3*0001~";

    /// Stands in for the guides: an 850 at 004010 is known and never wrong.
    fn lenient<'a>(text: &'a SetText, set: &str, version: &str) -> Judged<'a> {
        match (set, version) {
            ("850" | "997", "004010") => Judged::Checked(Checked { tree: Tree::new(text, "850"), diagnostics: vec![] }),
            ("850", _) => Judged::UnknownVersion,
            _ => Judged::UnknownSet,
        }
    }

    /// Examines with a judge of our own, so that envelopes are tested without any guides.
    fn examine_with(
        source: &[u8],
        file: Option<&str>,
        judges: Judges<'_>,
        on_set: &mut dyn FnMut(ExaminedSet<'_>),
    ) -> io::Result<Report> {
        examine_each(source, file, &mut |batch| batch.judged_by(judges, &mut *on_set))
    }

    fn report(text: &str) -> Report {
        examine_with(text.as_bytes(), Some("po.edi"), &lenient, &mut |_| {}).unwrap()
    }

    fn codes(text: &str) -> Vec<&'static str> {
        report(text).all_diagnostics().map(|fault| fault.code.code).collect()
    }

    fn grouped(sets: &str, trailer: &str) -> String {
        format!("{ISA}GS*PO*A*B*20260303*0915*101*X*004010~{sets}{trailer}IEA*1*000000101~")
    }

    fn group(text: &str) -> GroupReport {
        report(text).interchanges.remove(0).groups.remove(0)
    }

    #[test]
    fn a_correct_order_is_accepted_and_its_ranges_are_those_of_the_file() {
        let mut seen = Vec::new();
        let report = examine_with(ORDER.as_bytes(), None, &lenient, &mut |set| {
            seen.push((set.report.id.clone(), set.text.len(), set.checked.is_some()));
        })
        .unwrap();
        assert_eq!(seen, [("850".to_owned(), 22, true)]);
        assert_eq!(report.all_diagnostics().count(), 0);
        let interchange = &report.interchanges[0];
        let group = &interchange.groups[0];
        assert_eq!((group.verdict, group.sets_included), (GroupVerdict::Accepted, 1));
        let slice = |range: &Range<u64>| &ORDER[range.start as usize..range.end as usize];
        assert!(slice(&group.sets[0].bytes).starts_with("ST*850") && slice(&group.sets[0].bytes).ends_with("0001~"));
        assert!(slice(&group.bytes).starts_with("GS*PO") && slice(&group.bytes).ends_with("GE*1*101~"));
        assert!(slice(&interchange.bytes).starts_with("ISA") && slice(&interchange.bytes).ends_with("000000101~"));
    }

    #[test]
    fn the_997_for_the_example_order_is_the_example_997() {
        let group = report(ORDER).interchanges.remove(0).groups.remove(0);
        let set = acknowledgment::functional(&group, &Style::default()).unwrap();
        let (envelope, _) = parts_again(ORDER_ACCEPTED.as_bytes());
        let bytes = writer::interchange(&envelope, &[GroupDraft { control_number: 501, sets: vec![set] }]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), ORDER_ACCEPTED);
    }

    #[test]
    fn a_wrong_se01_is_reported_with_both_counts() {
        let report = report(&ORDER.replace("SE*22", "SE*21"));
        insta::assert_snapshot!(report.all_diagnostics().next().unwrap(), @r#"
        error X12-E032: SE01 says 21 segments, counted 22
          at po.edi, 850 0001, segment 22 (SE), element 1, byte 664
          expected 22, found "21"
          hint: the sender must write the number of segments from ST to SE, both included, in SE01
        "#);
        assert_eq!(report.interchanges[0].groups[0].verdict, GroupVerdict::Rejected);
    }

    #[test]
    fn every_envelope_fault_has_its_code() {
        let two = "ST*850*0001~BEG*00~SE*3*0001~ST*850*0001~BEG*00~SE*3*0001~";
        for (text, expect) in [
            (grouped(SET, "GE*1*101~"), vec![]),
            (grouped(SET, "GE*1*0101~"), vec![]),
            (grouped(SET, "GE*2*101~"), vec!["X12-E022"]),
            (grouped(SET, "GE*1*102~"), vec!["X12-E021"]),
            (grouped(SET, ""), vec!["X12-E020"]),
            (grouped("", "GE*0*101~"), vec!["X12-E026"]),
            (grouped("ST*850*0001~BEG*00~", "GE*1*101~"), vec!["X12-E030"]),
            (grouped("ST*850*0001~BEG*00~SE*3*0002~", "GE*1*101~"), vec!["X12-E033"]),
            (grouped("ST*850*0001~BEG*00~SE*x*0001~", "GE*1*101~"), vec!["X12-E032"]),
            (grouped("ST*850*1~BEG*00~SE*3*1~", "GE*1*101~"), vec!["X12-W010"]),
            (grouped("ST*850*~BEG*00~SE*3*~", "GE*1*101~"), vec!["X12-E035"]),
            (grouped("ST**0001~BEG*00~SE*3*0001~", "GE*1*101~"), vec!["X12-E034"]),
            (grouped(two, "GE*2*101~"), vec!["X12-E036"]),
            (grouped(&SET.replace("850", "856"), "GE*1*101~"), vec!["X12-E037", "X12-E038"]),
            (grouped(&SET.replace("850", "837"), "GE*1*101~"), vec!["X12-E038"]),
            (grouped(SET, "GE*1*101~").replace("004010", "002001"), vec!["X12-E025"]),
            (grouped(SET, "GE*1*0~").replace("*101*X", "*0*X"), vec!["X12-E023"]),
            (grouped(SET, "GE*1*101~").replace("20260303*", "20260230*"), vec!["X12-W007"]),
            (grouped(SET, "GE*1*101~").replace("IEA*1", "IEA*2"), vec!["X12-W004"]),
            (grouped(SET, "GE*1*101~").replace("IEA*1*000000101", "IEA*1*000000102"), vec!["X12-W003"]),
            (grouped(SET, "GE*1*101~").replace("*260303*", "*261303*"), vec!["X12-E011"]),
            (grouped(SET, "GE*1*101~").replace("*0915*U", "*2400*U"), vec!["X12-E012"]),
            (grouped(SET, "GE*1*101~").replace("*0*T*", "*0*X*"), vec!["X12-E015"]),
            (grouped(SET, "GE*1*101~").replace("*0*T*", "*2*T*"), vec!["X12-W005"]),
            (grouped(SET, "GE*1*101~").replace("*U*", "*^*"), vec!["X12-W006"]),
            (grouped(SET, "GE*1*101~").replace("MEGAMART ", "         "), vec!["X12-E010"]),
            (grouped(SET, "GE*1*101~").replace("*00000010", "*A0000010"), vec!["X12-E013"]),
        ] {
            assert_eq!(codes(&text), expect, "{text}");
        }
    }

    #[test]
    fn a_set_whose_binary_data_ends_in_doubt_is_rejected_and_those_before_it_are_not() {
        let doubtful = "ST*850*0002~BEG*00~BIN*3*a~b*c~SE*4*0002~";
        let sets = |text: &str| -> Vec<_> {
            let group = group(text);
            group.sets.iter().map(|set| (set.verdict, set.diagnostics.len())).collect()
        };
        let text = grouped(&format!("{SET}{doubtful}"), "GE*2*101~");
        assert_eq!(codes(&text), ["X12-E046"]);
        assert_eq!(sets(&text), [(SetVerdict::Accepted, 0), (SetVerdict::Rejected, 1)]);
        let bytes = &group(&text).sets[1].bytes;
        assert_eq!(&text[bytes.start as usize..bytes.end as usize], doubtful);
        // Sets behind it are in doubt too, and the trailer counts them.
        let text = grouped(&format!("{SET}{doubtful}{}", SET.replace("0001", "0003")), "GE*3*101~");
        assert_eq!(codes(&text), ["X12-E046", "X12-E022"]);
        assert_eq!(sets(&text), [(SetVerdict::Rejected, 0), (SetVerdict::Rejected, 1)]);
    }

    #[test]
    fn two_groups_with_one_control_number_cannot_both_stand() {
        let group = format!("GS*PO*A*B*20260303*0915*101*X*004010~{SET}GE*1*101~");
        let text = format!("{ISA}{group}{group}IEA*2*000000101~");
        assert_eq!(codes(&text), ["X12-E024"]);
        let verdicts: Vec<_> = report(&text).interchanges[0].groups.iter().map(|group| group.verdict).collect();
        assert_eq!(verdicts, [GroupVerdict::Accepted, GroupVerdict::Rejected]);
    }

    #[test]
    fn verdicts_of_a_group_follow_from_its_sets() {
        let tolerated = "ST*850*2~BEG*00~SE*3*2~";
        let wrong = "ST*850*0003~BEG*00~SE*9*0003~";
        for (sets, count, expect) in [
            (SET.to_owned(), 1, GroupVerdict::Accepted),
            (format!("{SET}{tolerated}"), 2, GroupVerdict::AcceptedWithErrors),
            (format!("{SET}{wrong}"), 2, GroupVerdict::PartiallyAccepted),
            (wrong.to_owned(), 1, GroupVerdict::Rejected),
        ] {
            assert_eq!(group(&grouped(&sets, &format!("GE*{count}*101~"))).verdict, expect, "{sets}");
        }
    }

    #[test]
    fn a_set_that_is_rejected_for_another_reason_takes_its_group_along() {
        let two = format!("{SET}{}", SET.replace("0001", "0002"));
        let mut group = group(&grouped(&two, "GE*2*101~"));
        let reason = || Diagnostic::new(&x12::SET_UNSUPPORTED, "not agreed on");
        group.reject_set(0, reason());
        assert_eq!((group.verdict, group.sets[0].verdict), (GroupVerdict::PartiallyAccepted, SetVerdict::Rejected));
        group.reject_set(1, reason());
        assert_eq!(group.verdict, GroupVerdict::Rejected);
    }

    #[test]
    fn a_count_that_no_acknowledgment_has_room_for_is_not_repeated_in_one() {
        for count in ["2147483648", "4294967296", "99999999999999999999", "1000000"] {
            let group = group(&grouped(SET, &format!("GE*{count}*101~")));
            assert_eq!((group.sets_included, group.verdict), (1, GroupVerdict::Rejected), "{count}");
        }
    }

    #[test]
    fn a_wrong_group_trailer_rejects_the_sets_that_were_read() {
        let group = group(&grouped(SET, "GE*2*101~"));
        assert_eq!((group.verdict, group.sets_included), (GroupVerdict::Rejected, 2));
        assert_eq!(group.sets[0].verdict, SetVerdict::Rejected);
    }

    #[test]
    fn a_ta1_stands_beside_the_groups_and_its_count_may_be_sloppy() {
        let report = report(TA1_ACCEPTED);
        assert_eq!(report.all_diagnostics().count(), 0);
        let ta1 = &report.interchanges[0].acknowledgments[0];
        assert_eq!((ta1.control_number.as_str(), ta1.verdict.as_str(), ta1.note.as_str()), ("000000503", "A", "000"));
        assert_eq!(codes(&TA1_ACCEPTED.replace("IEA*0", "IEA*1")), [""; 0]);
        assert_eq!(codes(&TA1_ACCEPTED.replace("IEA*0", "IEA*2")), ["X12-W004"]);
    }

    #[test]
    fn a_file_that_breaks_off_says_so_at_every_level() {
        let text = &ORDER[..500];
        assert_eq!(codes(text), ["X12-E016", "X12-E030", "X12-E020"]);
        let report = report(text);
        assert!(report.interchanges[0].is_rejected());
        assert_eq!(report.interchanges[0].bytes, 0..500);
    }

    #[test]
    fn what_is_wrong_with_the_file_itself_is_the_reports() {
        let report = report("hello");
        assert!(report.interchanges.is_empty());
        assert_eq!(report.diagnostics[0].place.file.as_deref(), Some("po.edi"));
        assert_eq!(report.diagnostics[0].code.code, "X12-E002");
    }

    proptest! {
        #[test]
        fn whatever_byte_is_damaged_an_answer_can_be_written(at in 0..ORDER.len(), byte: u8, cut in 0..ORDER.len()) {
            let mut bytes = ORDER.as_bytes().to_vec();
            bytes[at] = byte;
            bytes.truncate(ORDER.len() - cut / 10);
            let report = examine_with(&bytes, None, &lenient, &mut |_| {}).unwrap();
            let (envelope, _) = parts_again(ORDER.as_bytes());
            for interchange in &report.interchanges {
                let ta1 = acknowledgment::interchange(interchange);
                prop_assert!(writer::interchange_acknowledgments(&envelope, &[ta1]).is_ok());
                for group in &interchange.groups {
                    let Some(set) = acknowledgment::functional(group, &Style::default()) else { continue };
                    let answer = writer::interchange(&envelope, &[GroupDraft { control_number: 1, sets: vec![set] }]);
                    prop_assert!(answer.is_ok(), "{answer:?}");
                }
            }
        }
    }
}
