//! Every code of the 999 that says which rule of a partner is broken, from an order that breaks it to the text of its answer;
//! and what a 997 says of the same. The codes that are never said are named in `codes`.

use super::{AnswerKind, AnswerVersion, Style, functional};
use crate::x12::examine::examine;
use crate::x12::guide::overlay::Whose;
use crate::x12::guide::{File, Library};

/// The lines between AK2 and AK9 for an order that is checked by an overlay; without ST, BEG, PO1 and SE.
fn answer(overlay: &str, middle: &str, kind: AnswerKind) -> String {
    let whose = Whose { id: "megamart", name: "MegaMart", file: "850.overlay" };
    let text: &'static str = String::leak(format!("overlay 850 at 004010\n{overlay}"));
    let guide = Library::standard().overlaid(File::added("850.overlay", text), &whose).unwrap();
    let library = Library::standard().clone().replacing(guide);
    let count = middle.matches('~').count() + 4;
    let text = format!(
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*1*T*>~\
         GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*101*X*004010~ST*850*0001~BEG*00*SA*45**20260302~{middle}PO1**24*EA*3.61~\
         SE*{count}*0001~GE*1*101~IEA*1*000000101~"
    );
    let report = examine(text.as_bytes(), None, &|_| &library, &mut |_| {}).unwrap();
    let style = Style { with: Some(kind), version: AnswerVersion::Echo, ..Style::default() };
    let set = functional(&report.interchanges[0].groups[0], &style).unwrap();
    // Empty parts at an end are the writer's to drop.
    let text = set.to_string();
    let lines: Vec<String> =
        text.lines().map(|line| line.trim_end_matches(['~', '*', '>']).replace(">*", "*")).collect();
    lines[2..lines.len() - 1].join("~")
}

/// An order against an overlay: what the 999 says, and the 997.
fn check(overlay: &str, middle: &str, in_999: &str, in_997: &str) {
    assert_eq!(answer(overlay, middle, AnswerKind::Implementation), in_999, "{overlay}: {middle}");
    assert_eq!(answer(overlay, middle, AnswerKind::Functional), in_997, "{overlay}: {middle}");
}

#[test]
fn every_code_of_a_segment_table_620() {
    let not_used = ("IK3*CUR*3**I4~IK5*R*I5", "AK3*CUR*3**2~AK5*R*5");
    check("CUR unused", "CUR*BY*USD~", not_used.0, not_used.1);
    check("REF*VR unused", "REF*VR*1~", "IK3*REF*3**I4~IK5*R*I5", "AK3*REF*3**2~AK5*R*5");
    check(
        "N1*ST/N4 required",
        "N1*ST*A~",
        "IK3*N4*4*N1*I6~CTX*SITUATIONAL TRIGGER*N1*3*N1*1~IK5*R*I5",
        "AK3*N4*4*N1*3~AK5*R*5",
    );
    check("N1*ST required", "N1*BY*A~", "IK3*N1*4*N1*I7~IK5*R*I5", "AK3*N1*4*N1*3~AK5*R*5");
    check("N1 required", "", "IK3*N1*3*N1*I7~IK5*R*I5", "AK3*N1*3*N1*3~AK5*R*5");
    check("REF required", "", "IK3*REF*3**I8~IK5*R*I5", "AK3*REF*3**3~AK5*R*5");
    check("REF*DP required", "REF*IA*1~", "IK3*REF*4**I8~IK5*R*I5", "AK3*REF*4**3~AK5*R*5");
    check(
        "N1*ST/N2 unused",
        "N1*ST*A~N2*B~",
        "IK3*N2*4*N1*I9~CTX*SITUATIONAL TRIGGER*N1*3*N1*1~IK5*R*I5",
        "AK3*N2*4*N1*2~AK5*R*5",
    );
}

#[test]
fn every_code_of_an_element_table_621() {
    check("BEG02 codes NE", "", "IK3*BEG*2**8~IK4*2*92*I6*SA~IK5*R*I5", "AK3*BEG*2**8~AK4*2*92*7*SA~AK5*R*5");
    check(
        "N1/N103 constant 92",
        "N1*ST*A*91*12~",
        "IK3*N1*3*N1*8~IK4*3*66*I6*91~IK5*R*I5",
        "AK3*N1*3*N1*8~AK4*3*66*7*91~AK5*R*5",
    );
    check(
        "N1*ST/N104 required",
        "N1*ST*A~",
        "IK3*N1*3*N1*8~IK4*4*67*I9~CTX*SITUATIONAL TRIGGER*N1*3*N1*1~IK5*R*I5",
        "AK3*N1*3*N1*8~AK4*4*67*1~AK5*R*5",
    );
    check("REF03 unused", "REF*DP*1*x~", "IK3*REF*3**8~IK4*3*352*I10*x~IK5*R*I5", "AK3*REF*3**8~AK4*3*352*3*x~AK5*R*5");
    check("BEG03 pattern 46", "", "IK3*BEG*2**8~IK4*3*324*I12*45~IK5*R*I5", "AK3*BEG*2**8~AK4*3*324*7*45~AK5*R*5");
    check("BEG03 constant 46", "", "IK3*BEG*2**8~IK4*3*324*I12*45~IK5*R*I5", "AK3*BEG*2**8~AK4*3*324*7*45~AK5*R*5");
    check(
        "REF*DP/REF03 unused",
        "REF*DP*1*x~",
        "IK3*REF*3**8~IK4*3*352*I13*x~CTX*SITUATIONAL TRIGGER*REF*3**1~IK5*R*I5",
        "AK3*REF*3**8~AK4*3*352*3*x~AK5*R*5",
    );
    check(
        "REF04-2 pattern 2",
        "REF*DP*1**IA>1~",
        "IK3*REF*3**8~IK4*4>2*127*I12*1~IK5*R*I5",
        "AK3*REF*3**8~AK4*4>2*127*7*1~AK5*R*5",
    );
}

#[test]
fn what_the_tables_have_no_code_for_is_said_as_the_standard_does() {
    check("REF max 1", "REF*DP*1~REF*IA*1~", "IK3*REF*4**5~IK5*R*I5", "AK3*REF*4**5~AK5*R*5");
    check("N1 max 1", "N1*ST*A~N1*BY*A~", "IK3*N1*4*N1*4~IK5*R*I5", "AK3*N1*4*N1*4~AK5*R*5");
    check("BEG06 required", "", "IK3*BEG*2**8~IK4*6*367*1~IK5*R*I5", "AK3*BEG*2**8~AK4*6*367*1~AK5*R*5");
    check("BEG03 max 1", "", "IK3*BEG*2**8~IK4*3*324*5*45~IK5*R*I5", "AK3*BEG*2**8~AK4*3*324*5*45~AK5*R*5");
}

#[test]
fn a_set_that_breaks_the_standard_and_an_agreement_is_told_both() {
    check(
        "REF required",
        "CUR*BY*USDOLLAR~",
        "IK3*CUR*3**8~IK4*2*100*5*USDOLLAR~IK3*REF*4**I8~IK5*R*5*I5",
        "AK3*CUR*3**8~AK4*2*100*5*USDOLLAR~AK3*REF*4**3~AK5*R*5",
    );
}
