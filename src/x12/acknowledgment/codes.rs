//! Which code an acknowledgment says: one that its version knows, and the most telling ones first.

use crate::diagnostic::{AckCode, Diagnostic, Severity};

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

/// Table 723 as the edition knows it: 12 and 13 came with 005010; before, what is too many is too many elements.
pub(super) fn element(code: u8, edition: Edition) -> u8 {
    match (code, edition) {
        (12 | 13, Edition::Earlier) => 3,
        _ => code,
    }
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
                let is_of_standard = fault.code.code.starts_with("X12-");
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
