//! What a partner demands beyond the standard: each rule kept and broken, with its line, its layer and its place in the 997.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::x12::guide::overlay::Whose;
use crate::x12::guide::{File, Guide, Library};

const OVERLAY: &str = "overlay 850 at 004010
use only BEG REF N1 N3 N4 PO1 PID CTT
REF required
PO1 max 2
PO1/N1 unused
BEG01 codes 00 06
BEG03 pattern 45########
BEG06 required
REF02 max 5
N1/N104 required
N1/N103 constant 92
";

fn guide() -> &'static Guide {
    let whose = Whose { id: "megamart", name: "MegaMart", file: "850.overlay" };
    Library::standard().overlaid(File::added("850.overlay", OVERLAY), &whose).unwrap()
}

fn checked(text: &str) -> Vec<Diagnostic> {
    check(&set(text), guide()).diagnostics.into_iter().filter(|one| one.severity() > Severity::Note).collect()
}

const RIGHT: &str = "ST*850*0001~BEG*00*SA*4500012345**20260302*77~REF*DP*0042~N1*ST*MEGAMART DC*92*6021~N3*1 ROAD~\
    PO1**1*EA*2~PID*F****RED~PO1**2*EA*2~CTT*2~SE*10*0001~";

/// One change in what is right: the line of each diagnostic, what it expects, and whose rule it is.
fn broken(from: &str, to: &str, expect: &[(&str, &str, &str)]) {
    assert!(RIGHT.contains(from), "{from}");
    let found = checked(&RIGHT.replacen(from, to, 1));
    let found: Vec<(String, &str, &str)> = found
        .iter()
        .map(|one| (line(one), one.expected.as_deref().unwrap_or_default(), one.layer.unwrap_or_default()))
        .collect();
    let found: Vec<(&str, &str, &str)> =
        found.iter().map(|(line, expected, layer)| (&**line, *expected, *layer)).collect();
    assert_eq!(found, expect, "{from} -> {to}");
}

#[test]
fn what_keeps_every_rule_is_accepted() {
    assert_eq!(checked(RIGHT), []);
}

#[test]
fn a_segment_that_the_partner_leaves_out_is_told_once_with_the_line() {
    broken(
        "REF*DP",
        "CUR*BY*USD~REF*DP",
        &[(
            "X12-E090 CUR@3 AK3:2 | CUR (currency) is not used here in the 850 of this partner",
            "no CUR here (MegaMart's guide, 850.overlay line 2)",
            "partner megamart",
        )],
    );
    // A loop goes with all that stands in it.
    broken(
        "PO1**2*EA*2~",
        "N1*BY*X~PO1**2*EA*2~N1*BY*X*92~N3*1 ROAD~",
        &[
            (
                "X12-E090 N1@8/N1 AK3:2 | N1 (party) is not used here in the 850 of this partner",
                "no N1 here (MegaMart's guide, 850.overlay line 5)",
                "partner megamart",
            ),
            (
                "X12-E090 N1@10/N1 AK3:2 | N1 (party) is not used here in the 850 of this partner",
                "no N1 here (MegaMart's guide, 850.overlay line 5)",
                "partner megamart",
            ),
        ],
    );
}

#[test]
fn a_segment_that_the_partner_requires_is_missed() {
    broken(
        "REF*DP*0042~",
        "",
        &[(
            "X12-E091 REF@3 AK3:3 | REF (reference) is missing before N1",
            "REF (MegaMart's guide, 850.overlay line 3)",
            "partner megamart",
        )],
    );
}

#[test]
fn a_loop_beyond_the_partners_limit_is_one_too_many() {
    broken(
        "CTT*2",
        "PO1**2*EA*2~CTT*3",
        &[(
            "X12-E092 PO1@9/PO1 AK3:4 | loop PO1 (ordered line) stands here 3 times",
            "at most 2 (MegaMart's guide, 850.overlay line 4)",
            "partner megamart",
        )],
    );
}

#[test]
fn an_element_that_the_partner_requires_is_missed() {
    broken(
        "*77~",
        "~",
        &[(
            "X12-E093 BEG@2 6 #367 AK4:1 | BEG element 6 (contract number) is missing",
            "a text of 1 to 30 characters (MegaMart's guide, 850.overlay line 8)",
            "partner megamart",
        )],
    );
}

#[test]
fn codes_constants_patterns_and_lengths_are_those_of_the_partner() {
    let of_line = |at: usize| format!("(MegaMart's guide, 850.overlay line {at})");
    let cases = [
        (
            "BEG*00",
            "BEG*01",
            "X12-E094 BEG@2 1 #353 AK4:7 | BEG element 1 (purpose) is not one of the codes of the partner's guide",
            format!("one of 00 06 {}", of_line(6)),
        ),
        (
            "4500012345",
            "PO-4711",
            "X12-E096 BEG@2 3 #324 AK4:7 | BEG element 3 (purchase order number) does not have the form that the partner's \
             guide gives it",
            format!("the form 45########, with # for a digit and @ for a letter {}", of_line(7)),
        ),
        (
            "0042",
            "00421234",
            "X12-E097 REF@3 2 #127 AK4:5 | REF element 2 (reference) has 8 characters, more than the partner's guide allows",
            format!("at most 5 {}", of_line(9)),
        ),
        (
            "*92*",
            "*91*",
            "X12-E095 N1@4/N1 3 #66 AK4:7 | N1 element 3 (identification code qualifier) is not the value that the partner's guide has there",
            format!("\"92\" {}", of_line(11)),
        ),
    ];
    for (from, to, expect, expected) in &cases {
        broken(from, to, &[(expect, expected, "partner megamart")]);
    }
}

#[test]
fn what_the_standard_refuses_is_the_standards_and_told_once() {
    let long = "0".repeat(31);
    broken(
        "0042",
        &long,
        &[(
            "X12-E065 REF@3 2 #127 AK4:5 | REF element 2 (reference) has 31 characters, at most 30 are allowed",
            "a text of 1 to 30 characters",
            "standard",
        )],
    );
    broken(
        "4500012345",
        "45000123456789012345678",
        &[(
            "X12-E065 BEG@2 3 #324 AK4:5 | BEG element 3 (purchase order number) has 23 characters, at most 22 are allowed",
            "a text of 1 to 22 characters",
            "standard",
        )],
    );
}

#[test]
fn a_rule_with_a_path_holds_at_that_place_only() {
    let whose = Whose { id: "m", name: "M", file: "o" };
    let text = "overlay 850 at 004010\nN1/N103 constant 92";
    let guide = Library::standard().overlaid(File::added("o", text), &whose).unwrap();
    let order = |of_set: &str, of_line: &str| {
        let text = format!(
            "ST*850*0001~BEG*00*SA*1**20260302~N1*ST*A*{of_set}*6021~PO1**1*EA*2~N1*ST*A*{of_line}*6021~SE*6*0001~"
        );
        check(&set(&text), guide).diagnostics.iter().map(line).filter(|line| line.starts_with("X12-E")).count()
    };
    assert_eq!((order("92", "91"), order("91", "92"), order("91", "91")), (0, 1, 1));
}
