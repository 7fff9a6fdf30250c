//! Which code an acknowledgment says: one that its version knows, and the most telling ones first.
//!
//! A 997 speaks of the standard alone: what breaks a partner's guide is told with the nearest code of tables 720 and 723. A 999
//! has codes of its own for that in tables 620 and 621, and I5 for the set:
//!
//! | 999 | says | by a rule such as |
//! |---|---|---|
//! | segment I4 | not used | `CUR unused`, `use only …`, `REF*VR unused` |
//! | segment I6 | missing, where another one requires it | `N1*ST/N4 required` |
//! | segment I7 | loop under its minimum | `N1*ST required` |
//! | segment I8 | segment under its minimum | `REF required`, `REF*DP required` |
//! | segment I9 | not used, where another one forbids it | `N1*ST/N2 unused` |
//! | element I6 | code not used | `BEG01 codes 00 06`, `N103 constant 92` |
//! | element I9 | missing, where another one requires it | `N1*ST/N104 required` |
//! | element I10 | not used | `BEG07 unused` |
//! | element I12 | not of the form | `BEG03 pattern 45########` |
//! | element I13 | not used, where another one forbids it | `REF*DP/REF03 unused` |
//! | set I5 | segments break the convention | any of these |
//!
//! Too often, too long, or an element that is missing without depending on a qualifier is said with the standard's own codes:
//! the tables have no others. Two codes are never said. Element I11, too few repetitions: no rule of an overlay has a least
//! number of repetitions. Set I6, convention not supported: a set that names a convention we have no guide for is checked by
//! the guide of its release.

use super::AnswerKind;
use crate::diagnostic::{AckCode, Diagnostic, Severity};
use crate::x12::guide;

/// AK502 to AK506, and AK905 to AK909, have room for five codes.
const MAX_CODES: usize = 5;
/// Table 718: what the set is comes before its control number and its trailer; that something within is wrong (5), which
/// AK3 says better, comes last.
const SET_ORDER: [u8; 9] = [1, 6, 18, 19, 7, 23, 2, 3, 4];
/// Table 716, likewise.
const GROUP_ORDER: [u8; 7] = [1, 2, 6, 19, 3, 4, 5];

/// What an acknowledgment's version knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edition {
    /// Before 005010.
    Earlier,
    /// From 005010 on.
    Later,
}

impl Edition {
    pub fn of(version: &str) -> Edition {
        if *version < *"005010" { Edition::Earlier } else { Edition::Later }
    }
}

/// Table 720, or 620 in a 999.
pub(super) fn segment(fault: &Diagnostic, code: u8, kind: AnswerKind) -> String {
    by_convention(fault, kind).unwrap_or_else(|| code.to_string())
}

/// Table 723, or 621 in a 999, as the edition knows it: 12 and 13 came with 005010; before, what is too many is too many
/// elements.
pub(super) fn element(fault: &Diagnostic, code: u8, kind: AnswerKind, edition: Edition) -> String {
    let code = match (code, edition) {
        (12 | 13, Edition::Earlier) => 3,
        _ => code,
    };
    by_convention(fault, kind).unwrap_or_else(|| code.to_string())
}

/// The code of a 999 for what breaks a convention.
fn by_convention(fault: &Diagnostic, kind: AnswerKind) -> Option<String> {
    let number = fault.convention.filter(|_| kind == AnswerKind::Implementation)?;
    Some(format!("I{number}"))
}

/// Table 718 as the edition knows it: 18 and 19 are about ST01 and ST03 from 005010 on; before, 19 was about security,
/// and a set that is wrong in its group had no valid identifier.
fn set(code: u8, edition: Edition) -> u8 {
    match (code, edition) {
        (18 | 19, Edition::Earlier) => 6,
        _ => code,
    }
}

/// AK502 and on. `within_by_guide` is how the acknowledgment says that a segment breaks not the standard but what the two
/// partners agreed on: 5, or I5 in a 999.
pub(super) fn of_set(faults: &[Diagnostic], edition: Edition, within_by_guide: &'static str) -> Vec<String> {
    let mut codes = Vec::new();
    for fault in told(faults) {
        match fault.ack {
            Some(AckCode::Set(5) | AckCode::Segment(_) | AckCode::Element(_)) => {
                let is_of_partner = fault.layer.is_some_and(|layer| layer.starts_with(guide::PARTNERS));
                let is_of_standard = fault.code.code.starts_with("X12-") && !is_of_partner;
                codes.push((usize::MAX, if is_of_standard { "5" } else { within_by_guide }.to_owned()));
            }
            Some(AckCode::Set(code)) => codes.push(ranked(set(code, edition), &SET_ORDER)),
            Some(AckCode::Group(_) | AckCode::Interchange(_)) | None => {}
        }
    }
    first_five(codes)
}

/// AK905 and on.
pub(super) fn of_group(faults: &[Diagnostic]) -> Vec<String> {
    let codes = told(faults).filter_map(|fault| match fault.ack {
        Some(AckCode::Group(code)) => Some(ranked(code, &GROUP_ORDER)),
        _ => None,
    });
    first_five(codes.collect())
}

/// The faults that an acknowledgment speaks of.
pub(super) fn told(faults: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    faults.iter().filter(|fault| fault.severity() > Severity::Note)
}

fn ranked(code: u8, order: &[u8]) -> (usize, String) {
    (order.iter().position(|one| *one == code).unwrap_or(order.len()), code.to_string())
}

fn first_five(mut codes: Vec<(usize, String)>) -> Vec<String> {
    codes.sort();
    codes.dedup();
    codes.into_iter().take(MAX_CODES).map(|(_, code)| code).collect()
}
