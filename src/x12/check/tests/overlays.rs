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

/// What breaks the rules of an overlay on the 850, each with the line of its rule; lines of a document without ST, BEG and SE.
fn against(rules: &str, middle: &str, expect: &[&str]) {
    let whose = Whose { id: "m", name: "M", file: "o" };
    let text: &'static str = String::leak(format!("overlay 850 at 004010\n{rules}"));
    let guide = Library::standard().overlaid(File::added("o", text), &whose).unwrap();
    let text = format!("ST*850*0001~BEG*00*SA*1**20260302~{middle}PO1**1*EA*2~SE*9*0001~");
    let checked = check(&set(&text), guide).diagnostics;
    let found = checked.iter().filter(|one| one.is_error()).map(|one| {
        let by = one.expected.as_deref().unwrap_or_default();
        let by = by.rsplit_once(" line ").map_or("?", |(_, line)| line.trim_end_matches(')'));
        format!("{} by {by}", line(one))
    });
    let found: Vec<String> = found.collect();
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expect, "{rules}: {middle}");
}

#[test]
fn a_segment_with_a_qualifier_may_be_required_limited_or_left_out() {
    let rules = "REF*DP required\nREF*IA max 1\nREF*VR unused";
    against(rules, "REF*DP*042~REF*IA*7~N1*ST*A*92*12~", &[]);
    against(
        rules,
        "REF*IA*7~REF*IA*8~REF*VR*9~N1*ST*A*92*12~",
        &[
            "X12-E092 REF@4 AK3:5 | segment REF*IA (reference) stands here 2 times by 3",
            "X12-E090 REF@5 AK3:2 | REF*VR (reference) is not used in the 850 of this partner by 4",
            "X12-E091 REF@6 AK3:3 | REF*DP (reference) is missing before N1 by 2",
        ],
    );
    against(rules, "", &["X12-E091 REF@3 AK3:3 | REF*DP (reference) is missing before PO1 by 2"]);
    against("N1*ST required", "N1*BY*A~", &["X12-E091 N1@4/N1 AK3:3 | N1*ST (party) is missing before PO1 by 2"]);
    against(
        "N1*ST max 1",
        "N1*ST*A~N1*BY*A~N1*ST*A~",
        &["X12-E092 N1@5/N1 AK3:4 | loop N1*ST (party) stands here 2 times by 2"],
    );
}

#[test]
fn elements_of_a_segment_with_a_qualifier_have_rules_of_their_own() {
    let rules = "REF*DP/REF02 pattern 0##\nREF*DP/REF02 required\nREF*IA/REF02 max 4\nREF*IA/REF03 unused\n\
                 N1*ST/N103 constant 92\nN1*ST/N104 required\nREF*VR/REF02 codes A B";
    against(rules, "REF*DP*042~REF*IA*7777~REF*VR*A~REF*CO*long and free*text~N1*ST*A*92*12~N1*BY*A~", &[]);
    against(
        rules,
        "REF*DP*42~REF*IA*77777*x~REF*VR*C~N1*ST*A*91*12~N1*BY*A*91*12~N1*ST*A~",
        &[
            "X12-E096 REF@3 2 #127 AK4:7 | REF element 2 (reference) does not have the form that the partner's guide gives it in REF*DP by 2",
            "X12-E097 REF@4 2 #127 AK4:5 | REF element 2 (reference) has 5 characters, more than the partner's guide allows in REF*IA by 4",
            "X12-E098 REF@4 3 #352 AK4:3 | REF element 3 (description) is not used by this partner in REF*IA by 5",
            "X12-E094 REF@5 2 #127 AK4:7 | REF element 2 (reference) is not one of the codes of the partner's guide in REF*VR by 8",
            "X12-E095 N1@6/N1 3 #66 AK4:7 | N1 element 3 (identification code qualifier) is not the value that the partner's guide has there in N1*ST by 6",
            "X12-E093 N1@8/N1 4 #67 AK4:1 | N1 element 4 (identification code) is missing in N1*ST by 7",
        ],
    );
    // What the standard refuses is the standard's, and told once.
    let long = format!("REF*IA*{}~N1*ST*A*92*12~", "7".repeat(31));
    let told = "X12-E065 REF@3 2 #127 AK4:5 | REF element 2 (reference) has 31 characters, at most 30 are allowed by ?";
    against(rules, &long, &[told]);
}

#[test]
fn what_stands_in_the_loop_of_a_qualifier_depends_on_it() {
    let rules = "N1*ST/N4 required\nN1*ST/N2 unused\nN1*ST/N401 max 5";
    against(rules, "N1*ST*A~N4*PARIS~N1*BY*A~N2*B~N4*LONGER CITY~", &[]);
    against(
        rules,
        "N1*ST*A~N2*B~N3*1 ROAD~N1*BY*A~N1*ST*A~N4*LONGER~",
        &[
            "X12-E090 N2@4/N1 AK3:2 | N2 (more of the party's name) in N1*ST is not used in the 850 of this partner by 3",
            "X12-E091 N4@6/N1 AK3:3 | N4 (city, state and postal code) in N1*ST is missing before N1 by 2",
            "X12-E097 N4@8/N1 1 #19 AK4:5 | N4 element 1 (city) has 6 characters, more than the partner's guide allows in N1*ST by 4",
        ],
    );
}

#[test]
fn a_qualifier_may_be_any_element_and_several() {
    let whose = Whose { id: "m", name: "M", file: "o" };
    let text = "overlay 856 at 004010\nHL***P/MAN*GM required\nHL***P/MAN*GM/MAN02 pattern 00##*\nHL***O/PRF required";
    let guide = Library::standard().overlaid(File::added("o", text), &whose).unwrap();
    let found = |pack: &str| -> Vec<String> {
        let text = format!(
            "ST*856*0001~BSN*00*1*20260303*0915~HL*1**S~HL*2*1*O~PRF*45~HL*3*2*P~{pack}HL*4*3*I~LIN**UP*1~SN1**1*EA~SE*9*0001~"
        );
        check(&set(&text), guide).diagnostics.iter().map(line).filter(|line| line.starts_with("X12-E09")).collect()
    };
    assert_eq!(found("MAN*GM*00123~"), Vec::<String>::new());
    assert_eq!(found("MAN*CP*1~").len(), 1);
    assert!(found("MAN*CP*1~")[0].starts_with("X12-E091 MAN@8/HL AK3:3 | MAN*GM "), "{:?}", found("MAN*CP*1~"));
    assert!(found("MAN*GM*123~")[0].starts_with("X12-E096 MAN@7/HL 2 #87 AK4:7 | MAN element 2 "));
    against(
        "N1*ST**92/N2 required",
        "N1*ST*A~N1*BY**92*12~N1*ST**92*12~",
        &["X12-E091 N2@6/N1 AK3:3 | N2 (more of the party's name) in N1*ST**92 is missing before PO1 by 2"],
    );
}

#[test]
fn components_have_rules_as_elements_have() {
    let rules = "REF04-1 codes DP IA\nREF04-2 max 3\nREF04-4 unused";
    against(rules, "REF*DP*042**DP>123~REF*DP*042~", &[]);
    against(
        rules,
        "REF*DP*1**VR>1~REF*DP*2**DP>1234~REF*DP*3**DP>1>IA>4~",
        &[
            "X12-E094 REF@3 4-1 #128 AK4:7 | REF element 4 component 1 (reference qualifier) is not one of the codes of the partner's guide by 2",
            "X12-E097 REF@4 4-2 #127 AK4:5 | REF element 4 component 2 (reference) has 4 characters, more than the partner's guide allows by 3",
            "X12-E098 REF@5 4-4 #127 AK4:3 | REF element 4 component 4 (reference) is not used by this partner by 4",
        ],
    );
    let required = "REF04-3 required";
    against(required, "REF*DP*042~", &[]);
    against(
        required,
        "REF*DP*042**DP>1~",
        &["X12-E093 REF@3 4-3 #128 AK4:1 | REF element 4 component 3 (reference qualifier) is missing by 2"],
    );
    against(
        "REF*DP/REF04-2 pattern 1##",
        "REF*DP*042**DP>1~REF*IA*042**DP>1~",
        &[
            "X12-E096 REF@3 4-2 #127 AK4:7 | REF element 4 component 2 (reference) does not have the form that the partner's guide gives it in REF*DP by 2",
        ],
    );
}

#[test]
fn each_repetition_keeps_the_rules_of_its_element() {
    let whose = Whose { id: "m", name: "M", file: "o" };
    let found = |rule: &'static str| -> Vec<String> {
        let text: &'static str = String::leak(format!("overlay 999 at 005010\n{rule}"));
        let guide = Library::standard().overlaid(File::added("o", text), &whose).unwrap();
        let text =
            "ST*999*0001~AK1*PO*1~AK2*850*0001~IK3*PO1*9**8~CTX*CLM01>1^CLM02>22*PO1*9~IK5*R*5~AK9*R*1*1*0~SE*9*0001~";
        let delimiters = Delimiters { repetition: Some(b'^'), ..Delimiters::default() };
        let set = SetText::parse(text.as_bytes(), delimiters, 0);
        check(&set, guide).diagnostics.iter().map(line).filter(|line| line.starts_with("X12-E09")).collect()
    };
    let too_long = "X12-E097 CTX@5/IK3 1^2-2 #9998 AK4:5 | CTX element 1 repetition 2 component 2 (reference of the context) has 2 \
        characters, more than the partner's guide allows";
    assert_eq!(found("CTX01-2 max 1"), [too_long]);
    assert_eq!(found("CTX01-2 max 2"), Vec::<String>::new());
    assert_eq!(found("AK2/IK3*PO1/CTX/CTX01-2 max 1"), [format!("{too_long} in IK3*PO1")]);
    assert_eq!(found("AK2/IK3*PO1/CTX/CTX01-2 max 2"), Vec::<String>::new());
}

#[test]
fn what_is_missing_altogether_is_told_once() {
    let rules = "REF required\nREF*DP required\nN1*ST required\nN1 required";
    against(
        rules,
        "",
        &[
            "X12-E091 REF@3 AK3:3 | REF (reference) is missing before PO1 by 2",
            "X12-E091 N1@3/N1 AK3:3 | N1 (party) is missing before PO1 by 5",
        ],
    );
    against(
        rules,
        "REF*IA*1~N1*BY*A~",
        &[
            "X12-E091 REF@4 AK3:3 | REF*DP (reference) is missing before N1 by 3",
            "X12-E091 N1@5/N1 AK3:3 | N1*ST (party) is missing before PO1 by 4",
        ],
    );
}

#[test]
fn an_element_that_the_partner_does_not_use_is_told() {
    let told = "X12-E098 REF@3 3 #352 AK4:3 | REF element 3 (description) is not used by this partner by 2";
    against("REF03 unused", "REF*DP*042~", &[]);
    against("REF03 unused", "REF*DP*042*x~", &[told]);
    against(
        "REF04 unused",
        "REF*DP*042**DP>1~",
        &["X12-E098 REF@3 4 AK4:3 | REF element 4 (reference) is not used by this partner by 2"],
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
