//! What two partners agree on beyond the standard: errors that are tolerated, warnings that reject.
//!
//! ```text
//! tolerate X12-E065     an element that is too long: AK4*3*127*5, and AK5*E in the place of AK5*R
//! reject   X12-W023     a CTT01 that counts wrongly: AK5*R in the place of AK5*A
//! ```
//!
//! An exception changes how bad a fault is, and every verdict follows from that: whether a set is used, AK5, AK9, TA1.
//! Nothing is tolerated that leaves nothing to read, or that no duplicate could be told by.

use super::{GroupReport, InterchangeReport, SetVerdict, group_verdict, set_verdict};
use crate::diagnostic::codes::x12;
use crate::diagnostic::{AckCode, Code, Diagnostic, Severity, Spot};

/// Exceptions from what the codes say; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    tolerated: Vec<Code>,
    rejecting: Vec<Code>,
}

/// Why a code is no exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoException {
    /// A warning or note rejects nothing.
    #[error("it rejects nothing as it is")]
    NeverRejects,
    /// An error rejects.
    #[error("it rejects as it is")]
    AlwaysRejects,
    /// A note is no fault.
    #[error("it is a note, not a fault of the sender")]
    Note,
    /// What was sent cannot be used with it.
    #[error("what was sent cannot be used with this fault in it")]
    Unusable,
}

/// Errors after which there is nothing to use, or nobody to use it for: no exception is made from these.
const UNUSABLE: [Code; 26] = [
    &x12::EMPTY_FILE,
    &x12::NO_ISA,
    &x12::NOISE,
    &x12::TRUNCATED_ISA,
    &x12::SHIFTED_ISA,
    &x12::SAME_DELIMITERS,
    &x12::SEGMENT_TOO_LONG,
    &x12::SET_TOO_LARGE,
    &x12::BINARY_LENGTH,
    &x12::BINARY_END,
    &x12::BINARY_TOO_LONG,
    &x12::TRAILING_DATA,
    &x12::ISA_IDENTITY,
    // The duplicate check goes by it.
    &x12::ISA_CONTROL_NUMBER,
    &x12::ISA_VERSION,
    // A test could reach production.
    &x12::ISA_USAGE,
    &x12::MISSING_IEA,
    &x12::STRAY_SEGMENT,
    &x12::SET_OUTSIDE_GROUP,
    &x12::MISSING_GE,
    &x12::GROUP_VERSION,
    &x12::EMPTY_GROUP,
    &x12::GROUP_KIND,
    &x12::MISSING_SE,
    &x12::SET_ID,
    &x12::SET_UNSUPPORTED,
];

impl Exceptions {
    /// Tolerates an error.
    pub fn tolerate(&mut self, code: Code) -> Result<(), NoException> {
        match code.severity() {
            Severity::Error if UNUSABLE.contains(&code) => Err(NoException::Unusable),
            Severity::Error => {
                self.tolerated.push(code);
                Ok(())
            }
            _ => Err(NoException::NeverRejects),
        }
    }

    /// Lets a warning reject.
    pub fn reject(&mut self, code: Code) -> Result<(), NoException> {
        match code.severity() {
            Severity::Error => Err(NoException::AlwaysRejects),
            Severity::Note => Err(NoException::Note),
            Severity::Warning => {
                self.rejecting.push(code);
                Ok(())
            }
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tolerated.is_empty() && self.rejecting.is_empty()
    }

    /// The verdict on a set with these diagnostics, by itself.
    pub fn set_verdict(&self, diagnostics: &[Diagnostic]) -> SetVerdict {
        if self.is_empty() {
            return set_verdict(diagnostics);
        }
        let mut judged = diagnostics.to_vec();
        judged.iter_mut().for_each(|fault| self.judge(fault));
        set_verdict(&judged)
    }

    fn judge(&self, fault: &mut Diagnostic) {
        if self.tolerated.contains(&fault.code) {
            fault.agreed = Some(Severity::Warning);
        } else if self.rejecting.contains(&fault.code) {
            fault.agreed = Some(Severity::Error);
            fault.ack = fault.ack.or_else(|| told_as(fault));
        }
    }
}

impl InterchangeReport {
    /// Judges everything in it once more, by what its sender and we agreed on.
    pub fn judge_by(&mut self, exceptions: &Exceptions) {
        if exceptions.is_empty() {
            return;
        }
        self.diagnostics.iter_mut().for_each(|fault| exceptions.judge(fault));
        for group in &mut self.groups {
            group.judge_by(exceptions);
        }
    }
}

impl GroupReport {
    fn judge_by(&mut self, exceptions: &Exceptions) {
        self.diagnostics.iter_mut().for_each(|fault| exceptions.judge(fault));
        let group_is_wrong = self.diagnostics.iter().any(Diagnostic::is_error);
        for set in &mut self.sets {
            set.diagnostics.iter_mut().for_each(|fault| exceptions.judge(fault));
            set.verdict = if group_is_wrong { SetVerdict::Rejected } else { set_verdict(&set.diagnostics) };
        }
        self.verdict = group_verdict(&self.diagnostics, &self.sets, self.clean);
    }
}

/// How an acknowledgment names a warning that it does not name otherwise. A value that contradicts the rest of the set is
/// an invalid one; of envelopes there is no code for what only warns.
fn told_as(fault: &Diagnostic) -> Option<AckCode> {
    let Spot::Segment(spot) = &fault.place.spot else { return None };
    match spot.element {
        _ if spot.set.is_none() => None,
        Some(_) if fault.code == &x12::FOREIGN_CHARACTER => Some(AckCode::Element(6)),
        Some(_) => Some(AckCode::Element(7)),
        None => Some(AckCode::Segment(8)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes;
    use crate::x12::examine::{GroupVerdict, examine};
    use crate::x12::examples::ORDER;
    use crate::x12::guide::Library;

    fn agreed(tolerated: &[&str], rejecting: &[&str]) -> Exceptions {
        let mut exceptions = Exceptions::default();
        let find = |code: &&str| codes::find(code).unwrap();
        tolerated.iter().map(find).for_each(|code| exceptions.tolerate(code).unwrap());
        rejecting.iter().map(find).for_each(|code| exceptions.reject(code).unwrap());
        exceptions
    }

    /// The example order with one thing changed, as it is judged: the set alone, the set in its group, and the group.
    fn check(from: &str, to: &str, exceptions: &Exceptions) -> (SetVerdict, SetVerdict, GroupVerdict) {
        assert!(ORDER.contains(from), "{from}");
        let text = ORDER.replace(from, to);
        let mut alone = None;
        let report = examine(text.as_bytes(), None, &Library::standard_for, &mut |set| {
            alone = Some(exceptions.set_verdict(&set.report.diagnostics));
        });
        let mut interchange = report.unwrap().interchanges.remove(0);
        interchange.judge_by(exceptions);
        let group = &interchange.groups[0];
        (alone.unwrap(), group.sets[0].verdict, group.verdict)
    }

    const ACCEPTED: (SetVerdict, SetVerdict, GroupVerdict) =
        (SetVerdict::Accepted, SetVerdict::Accepted, GroupVerdict::Accepted);
    const WITH_ERRORS: (SetVerdict, SetVerdict, GroupVerdict) =
        (SetVerdict::AcceptedWithErrors, SetVerdict::AcceptedWithErrors, GroupVerdict::AcceptedWithErrors);
    const REJECTED: (SetVerdict, SetVerdict, GroupVerdict) =
        (SetVerdict::Rejected, SetVerdict::Rejected, GroupVerdict::Rejected);

    #[test]
    fn a_tolerated_error_is_accepted_with_errors_and_another_still_rejects() {
        let wrong_count = ("SE*22*", "SE*21*");
        assert_eq!(check(wrong_count.0, wrong_count.1, &agreed(&[], &[])), REJECTED);
        assert_eq!(check(wrong_count.0, wrong_count.1, &agreed(&["X12-E032"], &[])), WITH_ERRORS);
        assert_eq!(check(wrong_count.0, wrong_count.1, &agreed(&["X12-E065"], &[])), REJECTED);
    }

    #[test]
    fn a_warning_that_rejects_does_so() {
        let wrong_total = ("CTT*2*", "CTT*3*");
        assert_eq!(check(wrong_total.0, wrong_total.1, &agreed(&[], &[])), ACCEPTED);
        assert_eq!(check(wrong_total.0, wrong_total.1, &agreed(&[], &["X12-W023"])), REJECTED);
    }

    #[test]
    fn a_tolerated_fault_of_the_groups_envelope_leaves_its_sets_alone() {
        let wrong_count = ("GE*1*", "GE*2*");
        let (alone, set, group) = check(wrong_count.0, wrong_count.1, &agreed(&["X12-E022"], &[]));
        assert_eq!((alone, set), (SetVerdict::Accepted, SetVerdict::Accepted));
        assert_eq!(group, GroupVerdict::AcceptedWithErrors);
    }

    #[test]
    fn what_leaves_nothing_to_use_is_no_exception() {
        let why = |code: &str| Exceptions::default().tolerate(codes::find(code).unwrap()).unwrap_err();
        assert_eq!(
            [why("X12-E016"), why("X12-E038"), why("X12-W010")].map(|why| why.to_string()),
            [
                "what was sent cannot be used with this fault in it",
                "what was sent cannot be used with this fault in it",
                "it rejects nothing as it is",
            ]
        );
        let why = |code: &str| Exceptions::default().reject(codes::find(code).unwrap()).unwrap_err();
        assert_eq!(
            [why("X12-E065"), why("X12-N001")].map(|why| why.to_string()),
            ["it rejects as it is", "it is a note, not a fault of the sender",]
        );
    }
}
