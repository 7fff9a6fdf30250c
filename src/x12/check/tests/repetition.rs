//! Elements that are repeated, from control version 00402 on.

use super::*;

const REPETITION: Delimiters = Delimiters { element: b'*', component: b'>', repetition: Some(b'^'), terminator: b'~' };

/// A set of 005010 written with those delimiters; everything but notes.
fn check_with(delimiters: Delimiters, id: &str, middle: &str, expect: &[&str]) {
    let text = format!("ST*{id}*0001~{middle}SE*9*0001~");
    let set = SetText::parse(text.as_bytes(), delimiters, 0);
    let checked = check(&set, guide::find(id, "005010").unwrap());
    let found = checked.diagnostics.iter().filter(|one| one.severity() > Severity::Note);
    assert_eq!(found.map(line).collect::<Vec<_>>(), expect, "{text}");
}

/// A 999 with this CTX under its IK3.
fn check_context(ctx: &str, expect: &[&str]) {
    let middle = format!("AK1*PO*1~AK2*850*0001~IK3*PO1*9**8~{ctx}~IK5*R*5~AK9*R*1*1*0~");
    check_with(REPETITION, "999", &middle, expect);
}

/// An order of 005010 with this segment behind its BEG.
fn check_order_with(delimiters: Delimiters, segment: &str, expect: &[&str]) {
    let middle = format!("BEG*00*SA*4500012345**20260302~{segment}~PO1**1*EA*2~");
    check_with(delimiters, "850", &middle, expect);
}

#[test]
fn an_element_may_be_repeated_as_often_as_its_guide_says() {
    check_context("CTX*CLM01>1^CLM02>2*PO1*9", &[]);
    check_context(&format!("CTX*{}", vec!["REF"; 10].join("^")), &[]);
    check_context(
        &format!("CTX*{}", vec!["REF"; 12].join("^")),
        &[
            "X12-E074 CTX@5/IK3 1^11 AK4:12 | CTX element 1 repetition 11 (context) is one too many: it may stand there 10 times",
        ],
    );
}

#[test]
fn an_element_that_may_not_be_repeated_stands_once() {
    check_order_with(
        REPETITION,
        "REF*DP*038^042^044",
        &[
            "X12-E074 REF@3 2^2 #127 AK4:12 | REF element 2 repetition 2 (reference) is one too many: it may not be repeated",
        ],
    );
}

#[test]
fn each_repetition_is_judged_on_its_own() {
    check_context(
        "CTX*A>1^>2^C>3>4^D*PO1",
        &[
            "X12-E060 CTX@5/IK3 1^2-1 #9999 AK4:1 | CTX element 1 repetition 2 component 1 (name of the context) is missing",
            "X12-E063 CTX@5/IK3 1^3-3 AK4:13 | CTX element 1 repetition 3 component 3 is beyond the last component of a context",
        ],
    );
    check_order_with(
        REPETITION,
        "DTM*002*20260230^20260231",
        &[
            "X12-E071 DTM@3 2^1 #373 AK4:8 | DTM element 2 repetition 1 (date) is not a date",
            "X12-E074 DTM@3 2^2 #373 AK4:12 | DTM element 2 repetition 2 (date) is one too many: it may not be repeated",
        ],
    );
}

#[test]
fn repetitions_that_say_nothing_are_separators_behind_the_last_value() {
    let warning = "X12-W025 REF@3 | REF ends with separators behind its last value";
    check_order_with(REPETITION, "REF*DP*038^ ^*TEXT", &[warning]);
    check_order_with(
        REPETITION,
        "REF*DP*^",
        &[
            warning,
            "X12-E061 REF@3 2 #127 AK4:2 | REF element 2 (reference) is missing, and so is every alternative to it",
        ],
    );
}

#[test]
fn without_a_repetition_separator_nothing_is_split() {
    check_order_with(Delimiters::default(), "REF*DP*038^042", &[]);
    check_order_with(Delimiters { repetition: Some(b'!'), ..REPETITION }, "REF*DP*038^042", &[]);
}

#[test]
fn a_million_repetitions_are_one_fault() {
    let text = format!("ST*850*0001~BEG*00*SA*1{}**20260302~PO1**1*EA~SE*4*0001~", "^1".repeat(1_000_000));
    let set = SetText::parse(text.as_bytes(), REPETITION, 0);
    assert_eq!(check(&set, guide::find("850", "005010").unwrap()).diagnostics.len(), 1);
}
