//! What a partner's 997 says about each set that we sent in the group it answers.
//!
//! In: the acknowledgment as read, the sets of our group. Out: a verdict per set of ours, and what is odd.
//!
//! ```text
//! we sent group 505 with 810 0001 and 810 0002; AK1*IN*505, AK2*810*0002 AK5*R*5, AK9*P*2*2*1
//!   0001 accepted (not listed, and the group is partially accepted), 0002 rejected
//! ```
//!
//! Control numbers are compared as written, then trimmed, then without leading zeros, since translators drop them.

use crate::x12::acknowledgment::{AcknowledgedSet, FunctionalAcknowledgment, Verdict};

/// A set that we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentSet {
    /// ST01.
    pub id: String,
    /// ST02.
    pub control_number: String,
}

/// What the acknowledgment says of our group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgment {
    /// One per set that we sent, in their order.
    pub sets: Vec<SetJudgment>,
    /// AK902 where it is not the number of sets that we sent.
    pub other_count: Option<u32>,
    /// Sets that it lists and that we did not send: `810 0009`.
    pub strangers: Vec<String>,
}

/// What it says of one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetJudgment {
    /// The verdict; `None` when neither the set nor its group has a code that we know.
    pub verdict: Option<Verdict>,
    /// The faults in words, one per AK3/AK4 and AK5 code.
    pub reasons: Vec<String>,
}

/// Applies an acknowledgment to the sets of the group that it answers.
pub fn judge(acknowledgment: &FunctionalAcknowledgment, sent: &[SentSet]) -> Judgment {
    let sets = sent
        .iter()
        .map(|set| match acknowledgment.sets.iter().find(|listed| is_same_set(listed, set)) {
            Some(listed) => SetJudgment { verdict: listed.verdict, reasons: reasons(listed) },
            None => SetJudgment {
                verdict: verdict_of_unlisted(acknowledgment.verdict),
                reasons: group_reasons(acknowledgment),
            },
        })
        .collect();
    let strangers = acknowledgment
        .sets
        .iter()
        .filter(|listed| !sent.iter().any(|set| is_same_set(listed, set)))
        .map(|listed| format!("{} {}", listed.id, listed.control_number))
        .collect();
    let included = acknowledgment.counts[0];
    let other_count = (usize::try_from(included) != Ok(sent.len())).then_some(included);
    Judgment { sets, other_count, strangers }
}

fn is_same_set(listed: &AcknowledgedSet, sent: &SentSet) -> bool {
    let without_zeros = |number: &str| number.trim().trim_start_matches('0').to_owned();
    listed.id.trim() == sent.id && without_zeros(&listed.control_number) == without_zeros(&sent.control_number)
}

/// A set that is not listed shares its group's verdict; in a partially accepted group it was accepted.
fn verdict_of_unlisted(group: Option<Verdict>) -> Option<Verdict> {
    match group {
        Some(Verdict::PartiallyAccepted) => Some(Verdict::Accepted),
        other => other,
    }
}

fn reasons(set: &AcknowledgedSet) -> Vec<String> {
    let faults = set.faults.iter().map(|fault| fault.in_words());
    // AK502 5, and I5 of a 999, only say "see the segments above", which are there.
    let codes = set.set_errors.iter().filter(|code| !matches!(code.as_str(), "5" | "I5") || set.faults.is_empty());
    faults.chain(codes.map(|code| set_error_in_words(code))).collect()
}

/// Table 718 (AK502 to AK506).
fn set_error_in_words(code: &str) -> String {
    let words = match code {
        "1" => "transaction set not supported",
        "2" => "transaction set trailer missing",
        "3" => "control numbers of header and trailer differ",
        "4" => "segment count is wrong",
        "5" => "one or more segments in error",
        "6" => "transaction set identifier missing or invalid",
        "7" => "transaction set control number missing or invalid",
        "18" => "transaction set does not belong in the group",
        "23" => "transaction set control number not unique in the group",
        "I5" => "one or more segments in error by the implementation guide",
        "I6" => "implementation guide not supported",
        other => return format!("transaction set error {other}"),
    };
    words.to_owned()
}

fn group_reasons(acknowledgment: &FunctionalAcknowledgment) -> Vec<String> {
    acknowledgment.group_errors.iter().map(|code| group_error_in_words(code)).collect()
}

/// Table 716 (AK905 to AK909).
fn group_error_in_words(code: &str) -> String {
    let words = match code {
        "1" => "functional group not supported",
        "2" => "functional group version not supported",
        "3" => "functional group trailer missing",
        "4" => "control numbers of group header and trailer differ",
        "5" => "number of transaction sets is wrong",
        "6" => "group control number violates the syntax",
        "19" => "group control number not unique in the interchange",
        other => return format!("functional group error {other}"),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::acknowledgment::AnswerKind;

    fn sent(numbers: &[&str]) -> Vec<SentSet> {
        numbers.iter().map(|number| SentSet { id: "810".to_owned(), control_number: (*number).to_owned() }).collect()
    }

    fn listed(number: &str, verdict: Verdict) -> AcknowledgedSet {
        AcknowledgedSet {
            id: "810".to_owned(),
            control_number: number.to_owned(),
            verdict: Some(verdict),
            set_errors: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn group(verdict: Verdict, included: u32, sets: Vec<AcknowledgedSet>) -> FunctionalAcknowledgment {
        FunctionalAcknowledgment {
            kind: AnswerKind::Functional,
            functional_id: "IN".to_owned(),
            group_control_number: "505".to_owned(),
            verdict: Some(verdict),
            counts: [included, included, included],
            group_errors: Vec::new(),
            sets,
        }
    }

    fn verdicts(judgment: &Judgment) -> Vec<Option<Verdict>> {
        judgment.sets.iter().map(|set| set.verdict).collect()
    }

    #[test]
    fn without_ak2_every_set_shares_the_groups_verdict() {
        for verdict in [Verdict::Accepted, Verdict::AcceptedWithErrors, Verdict::Rejected] {
            let judgment = judge(&group(verdict, 2, Vec::new()), &sent(&["0001", "0002"]));
            assert_eq!(verdicts(&judgment), [Some(verdict), Some(verdict)]);
        }
    }

    #[test]
    fn in_a_partially_accepted_group_an_unlisted_set_is_accepted() {
        let ack = group(Verdict::PartiallyAccepted, 2, vec![listed("0002", Verdict::Rejected)]);
        let judgment = judge(&ack, &sent(&["0001", "0002"]));
        assert_eq!(verdicts(&judgment), [Some(Verdict::Accepted), Some(Verdict::Rejected)]);
    }

    #[test]
    fn leading_zeros_and_spaces_do_not_matter() {
        for written in ["0001", "1", " 0001 ", "01"] {
            let ack = group(Verdict::Rejected, 1, vec![listed(written, Verdict::Accepted)]);
            assert_eq!(verdicts(&judge(&ack, &sent(&["0001"]))), [Some(Verdict::Accepted)], "{written:?}");
        }
    }

    #[test]
    fn a_set_that_we_did_not_send_is_named() {
        let ack = group(Verdict::Accepted, 1, vec![listed("0009", Verdict::Accepted)]);
        assert_eq!(judge(&ack, &sent(&["0001"])).strangers, ["810 0009"]);
    }

    #[test]
    fn a_count_that_differs_from_ours_is_told() {
        let judgment = judge(&group(Verdict::Accepted, 1, Vec::new()), &sent(&["0001", "0002"]));
        assert_eq!(judgment.other_count, Some(1));
    }
}
