mod levels;
mod overlays;
mod repetition;

use super::*;
use crate::diagnostic::{AckCode, Severity, Spot};
use crate::x12::delimiters::Delimiters;
use crate::x12::guide;

/// A set as the reader would give it.
fn set(text: &str) -> SetText {
    SetText::parse(text.as_bytes(), Delimiters::default(), 0)
}

/// A diagnostic in one line: code, where, how the 997 says it, the sentence.
/// `X12-E067 PO1@5/PO1 4 #212 AK4:6 | PO1 element 4 (unit price) is not a number`
fn line(diagnostic: &Diagnostic) -> String {
    let Spot::Segment(spot) = &diagnostic.place.spot else { panic!("{diagnostic:?}") };
    let mut line = format!("{} {}@{}", diagnostic.code.code, spot.tag, spot.position);
    line += &spot.in_loop.as_ref().map(|id| format!("/{id}")).unwrap_or_default();
    line += &spot.element.map(|element| format!(" {element}")).unwrap_or_default();
    line += &spot.repetition.map(|repetition| format!("^{repetition}")).unwrap_or_default();
    line += &spot.component.map(|component| format!("-{component}")).unwrap_or_default();
    line += &spot.data_element.map(|number| format!(" #{number}")).unwrap_or_default();
    line += &match diagnostic.ack {
        None => String::new(),
        Some(AckCode::Segment(code)) => format!(" AK3:{code}"),
        Some(AckCode::Element(code)) => format!(" AK4:{code}"),
        Some(other) => panic!("{other:?}"),
    };
    format!("{line} | {}", diagnostic.message)
}

/// Checks a set and compares everything but notes.
fn check_all(text: &str, expect: &[&str]) {
    let set = set(text);
    let id = set.segment(0).text(1).into_owned();
    let checked = check(&set, guide::find(&id, "004010").unwrap());
    let found: Vec<String> =
        checked.diagnostics.iter().filter(|one| one.severity() > Severity::Note).map(line).collect();
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expect, "{text}");
}

/// A purchase order with these segments after BEG, then a line and SE.
fn check_order(middle: &str, expect: &[&str]) {
    let text = format!("ST*850*0001~BEG*00*SA*4500012345**20260302~{middle}PO1**1*EA*2~SE*9*0001~");
    check_all(&text, expect);
}

/// An invoice, ship notice or other set with these segments between ST and SE.
fn check_set(id: &str, middle: &str, expect: &[&str]) {
    check_all(&format!("ST*{id}*0001~{middle}SE*9*0001~"), expect);
}

const EXAMPLE_850: &str = "ST*850*0001~
BEG*00*SA*4500012345**20260302~
CUR*BY*USD~
REF*DP*0042~
REF*IA*778899~
PER*BD*JANE BUYER*TE*5015550100~
FOB*CC~
ITD*01*3*2**10**30~
DTM*010*20260306~
DTM*001*20260313~
TD5*B*2*ABCD*M~
N1*BY*MEGAMART INC*UL*0614141000005~
N1*ST*MEGAMART DC 6021*92*6021~
N3*100 DISTRIBUTION WAY~
N4*BENTONVILLE*AR*72712*US~
PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED~
PID*F****RED WIDGET~
PO4*12~
PO1*002*12*EA*5.5*PE*UP*061414100021*IN*550002*VN*WID-BLU~
PID*F****BLUE WIDGET~
CTT*2*36~
SE*22*0001~
";

const EXAMPLE_855: &str = "ST*855*0001~
BAK*00*AC*4500012345*20260302****SO-9001*20260303~
REF*IA*778899~
DTM*068*20260306~
N1*ST*MEGAMART DC 6021*92*6021~
PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED~
ACK*IA*24*EA*068*20260306~
PO1*002*12*EA*5.5*PE*UP*061414100021*IN*550002*VN*WID-BLU~
ACK*IQ*6*EA*068*20260306~
ACK*IB*6*EA*068*20260320~
CTT*2~
SE*12*0001~
";

const EXAMPLE_856: &str = "ST*856*0001~
BSN*00*SHP0000777*20260306*1410*0001~
HL*1**S~
TD1*CTN25*2****G*31.5*LB~
TD5*B*2*ABCD*M*ABC FREIGHT~
TD3*TL**TRL4411******SEAL99871~
REF*BM*06141410000007772~
REF*CN*PRO123456~
DTM*011*20260306~
DTM*017*20260309~
FOB*CC~
N1*SF*ACME SUPPLY*92*ACME01~
N3*1 FACTORY RD~
N4*DAYTON*OH*45402*US~
N1*ST*MEGAMART DC 6021*92*6021~
HL*2*1*O~
PRF*4500012345***20260302~
REF*IA*778899~
REF*DP*0042~
N1*BY*MEGAMART INC*UL*0614141000005~
HL*3*2*P~
MAN*GM*00006141410000000012~
HL*4*3*I~
LIN*001*UP*061414100014*IN*550001~
SN1**24*EA**24*EA~
HL*5*2*P~
MAN*GM*00006141410000000029~
HL*6*5*I~
LIN*002*UP*061414100021*IN*550002~
SN1**6*EA**12*EA~
CTT*6*30~
SE*32*0001~
";

const EXAMPLE_856_WITH_PALLET: &str = "ST*856*0001~
BSN*00*SHP0000778*20260306*1500*0001~
HL*1**S~
TD1*PLT94*1****G*420*LB~
TD5*B*2*ABCD*M~
REF*BM*06141410000007789~
DTM*011*20260306~
N1*SF*ACME SUPPLY*92*ACME01~
N1*ST*MEGAMART DC 6021*92*6021~
HL*2*1*O~
PRF*4500012399~
HL*3*2*T~
MAN*GM*00106141411000000016~
PAL**2*5~
HL*4*3*P~
MAN*GM*00006141410000000036~
HL*5*4*I~
LIN**UP*061414100014~
SN1**12*EA~
PO4*12~
CTT*5*12~
SE*22*0001~
";

const EXAMPLE_810: &str = "ST*810*0001~
BIG*20260306*INV-20077*20260302*4500012345***DI~
CUR*SE*USD~
REF*IA*778899~
REF*DP*0042~
REF*BM*06141410000007772~
N1*ST*MEGAMART DC 6021*92*6021~
N1*RI*ACME SUPPLY*92*ACME01~
ITD*01*3*2*20260316*10*20260405*30*235~
DTM*011*20260306~
IT1*001*24*EA*3.61*PE*UP*061414100014*IN*550001~
PID*F****RED WIDGET~
IT1*002*6*EA*5.5*PE*UP*061414100021*IN*550002~
PID*F****BLUE WIDGET~
TDS*11764*11764~
CAD*M***ABCD*ABC FREIGHT**BM*06141410000007772~
SAC*A*C310***200*******02***DEFECTIVE ALLOWANCE~
ISS*30*EA*31.5*LB~
CTT*2~
SE*20*0001~
";

const EXAMPLE_997: &str = "ST*997*0001~
AK1*SH*503~
AK2*856*0001~
AK3*SN1*25**8~
AK4*2*382*1~
AK5*R*5~
AK9*R*1*1*0~
SE*8*0001~
";

#[test]
fn correct_sets_have_no_faults() {
    for text in [EXAMPLE_850, EXAMPLE_855, EXAMPLE_856, EXAMPLE_856_WITH_PALLET, EXAMPLE_810, EXAMPLE_997] {
        check_all(text, &[]);
    }
    check_all("ST*997*0001~AK1*PO*101~AK2*850*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~", &[]);
}

// ---- the tree ----

/// A loop as `PO1[PO1 PO4 PID[PID]]`.
fn outline(tree: &Loop<'_>) -> String {
    let segments = tree.parts().filter_map(|part| match part {
        Part::Segment(segment) => Some(segment.tag().to_owned()),
        Part::Loop(_) => None,
    });
    let loops = tree.parts().filter_map(|part| match part {
        Part::Segment(_) => None,
        Part::Loop(inner) => Some(outline(&inner)),
    });
    let parts: Vec<String> = segments.chain(loops).collect();
    format!("{}[{}]", tree.id, parts.join(" "))
}

fn check_outline(text: &str, expect: &str) {
    let set = set(text);
    let guide = guide::find(&set.segment(0).text(1), "004010").unwrap();
    assert_eq!(outline(&check(&set, guide).tree.root()), expect);
}

#[test]
fn segments_find_the_loop_they_belong_to() {
    check_outline(
        EXAMPLE_850,
        "850[ST BEG CUR REF REF PER FOB ITD DTM DTM TD5 SE N1[N1] N1[N1 N3 N4] PO1[PO1 PO4 PID[PID]] \
         PO1[PO1 PID[PID]] CTT[CTT]]",
    );
    check_outline(EXAMPLE_997, "997[ST AK1 AK9 SE AK2[AK2 AK5 AK3[AK3 AK4]]]");
}

#[test]
fn the_same_segment_belongs_to_the_header_or_to_the_open_loop() {
    let text = "ST*850*1~BEG*~N1*ST*A~PER*BD~PO1**1*EA~SAC*A*C310~CUR*BY*USD~N1*BY*B~REF*DP*1~PO1**1*EA~CTT*2~SE*1*1~";
    check_outline(text, "850[ST BEG SE N1[N1 PER] PO1[PO1 SAC[SAC CUR] N1[N1 REF]] PO1[PO1] CTT[CTT]]");
}

#[test]
fn bounded_loops_are_entered_and_left() {
    let text = "ST*850*1~PO1**1*EA~LS*L~LDT*AF*1*DA~QTY*38*1~LDT*AF*2*DA~LM*VI~LQ*1*A~LE*L~N1*ST*A~SE*1*1~";
    check_outline(text, "850[ST SE PO1[PO1 LS[LS LE LDT[LDT QTY] LDT[LDT LM[LM LQ]]] N1[N1]]]");
}

#[test]
fn levels_stay_flat_in_the_order_of_the_file() {
    let text = "ST*856*1~BSN*~HL*1**S~N1*SF*A~HL*2*1*O~PRF*1~HL*3*2*I~LIN**UP*1~CTT*3~SE*1*1~";
    check_outline(text, "856[ST BSN CTT SE HL[HL N1[N1]] HL[HL PRF] HL[HL LIN]]");
}

#[test]
fn a_stray_segment_is_in_no_loop() {
    let text = "ST*850*1~BEG*~XYZ*1~N1*ST*A~HL*1~N3*B~PO1**1*EA~CTT*1~SE*1*1~";
    check_outline(text, "850[ST BEG SE N1[N1 N3] PO1[PO1] CTT[CTT]]");
}

#[test]
fn the_loop_accessors_find_by_name() {
    let set = set(EXAMPLE_850);
    let checked = check(&set, guide::find("850", "004010").unwrap());
    let tree = checked.tree.root();
    assert_eq!(tree.loops("PO1").count(), 2);
    assert_eq!(tree.segments("REF").count(), 2);
    assert_eq!(tree.segment("BEG").unwrap().text(3), "4500012345");
    assert!(tree.segment("PO1").is_none());
}

// ---- segments: table 720 ----

#[test]
fn code_1_a_segment_that_does_not_exist() {
    check_order("QQQ*1~", &["X12-E050 QQQ@3 AK3:1 | QQQ is no segment of 004010"]);
    check_order("*1~", &["X12-E050 @3 AK3:1 | \"\" is no segment of 004010"]);
    check_order("SEGMENT*1~", &["X12-E050 SEGMENT@3 AK3:1 | \"SEGMENT\" is no segment of 004010"]);
}

#[test]
fn code_2_a_segment_whose_loop_is_not_open() {
    check_order("N3*A~", &["X12-E052 N3@3 AK3:2 | N3 (street address) is not expected here"]);
}

#[test]
fn code_3_a_mandatory_segment_is_missing_where_another_stands() {
    check_set(
        "850",
        "REF*DP*1~PO1**1*EA~",
        &["X12-E054 BEG@2 AK3:3 | BEG (beginning of the purchase order) is missing before REF"],
    );
    check_set(
        "850",
        "BEG*00*SA*1**20260302~CTT*0~",
        &["X12-E054 PO1@3/PO1 AK3:3 | PO1 (ordered line) is missing before CTT"],
    );
    check_set(
        "997",
        "AK1*PO*1~AK2*850*0001~AK9*A*1*1*1~",
        &["X12-E054 AK5@4/AK2 AK3:3 | AK5 (verdict on the set) is missing before AK9"],
    );
    check_all(
        "ST*850*0001~BEG*00*SA*1**20260302~",
        &["X12-E054 PO1@3/PO1 AK3:3 | PO1 (ordered line) is missing before the end of the set"],
    );
}

#[test]
fn code_4_a_loop_is_repeated_too_often() {
    check_set(
        "850",
        "BEG*00*SA*1**20260302~PO1**1*EA~CTT*1~CTT*1~",
        &["X12-E055 CTT@5/CTT AK3:4 | loop CTT (totals of the set) stands here 2 times"],
    );
    let many = "SAC*A*C310~".repeat(26);
    check_order(&many, &["X12-E055 SAC@28/SAC AK3:4 | loop SAC (allowance or charge) stands here 26 times"]);
}

#[test]
fn code_5_a_segment_is_repeated_too_often() {
    check_order("CUR*BY*USD~CUR*SE*USD~", &["X12-E056 CUR@4 AK3:5 | segment CUR (currency) stands here 2 times"]);
    check_order(
        "N1*ST*A~N3*B~N3*C~N3*D~N4*EAST~",
        &["X12-E056 N3@6/N1 AK3:5 | segment N3 (street address) stands here 3 times"],
    );
}

#[test]
fn code_6_a_segment_of_another_set() {
    check_order("BSN*00*X~", &["X12-E051 BSN@3 AK3:6 | BSN is not used in the 850 (purchase order)"]);
    check_order("W05*N~", &["X12-E051 W05@3 AK3:6 | W05 is not used in the 850 (purchase order)"]);
}

#[test]
fn code_7_a_segment_comes_too_late() {
    check_order("DTM*010*20260306~CUR*BY*USD~", &["X12-E053 CUR@4 AK3:7 | CUR (currency) comes too late"]);
}

#[test]
fn a_mandatory_segment_that_comes_late_is_not_called_missing_too() {
    check_set(
        "850",
        "REF*DP*1~BEG*00*SA*1**20260302~PO1**1*EA~",
        &["X12-E053 BEG@3 AK3:7 | BEG (beginning of the purchase order) comes too late"],
    );
}

#[test]
fn code_8_a_segment_holds_only_its_identifier() {
    let empty = "X12-E057 N4@4/N1 AK3:8 | N4 holds nothing but its identifier";
    check_order("N1*ST*A~N4~", &[empty]);
    check_order("N1*ST*A~N4***~", &[empty]);
}

#[test]
fn a_misspelled_first_segment_costs_one_fault_for_its_whole_loop() {
    let text = "XX*ST*A~N2*B~N3*B~N4*CITY*AR*72712~PO1**1*EA*2~";
    check_order(text, &["X12-E050 XX@3 AK3:1 | XX is no segment of 004010"]);
    let set = set(&format!("ST*850*1~BEG*00*SA*1**20260302~{text}SE*1*1~"));
    let checked = check(&set, guide::find("850", "004010").unwrap());
    let hint = checked.diagnostics[0].hint.as_deref();
    assert_eq!(hint, Some("the 3 segments after it could not be placed either; mend this one first"));
}

#[test]
fn a_loop_in_the_wrong_place_costs_one_fault_and_is_followed_to_its_end() {
    check_set(
        "810",
        "BIG*20260306*INV~ITD*01~N1*ST*A~N3*B~N4*CITY~DTM*011*20260306~IT1**1*EA*1~TDS*100~",
        &["X12-E053 N1@4/N1 AK3:7 | N1 (party) comes too late"],
    );
}

// ---- elements: table 723 ----

#[test]
fn code_1_a_mandatory_element_is_missing() {
    check_set(
        "856",
        "BSN*00*SHP1*20260306*1410~HL*1**I~SN1***EA~",
        &["X12-E060 SN1@4/HL 2 #382 AK4:1 | SN1 element 2 (quantity shipped) is missing"],
    );
    check_order("REF*  *1~", &["X12-E060 REF@3 1 #128 AK4:1 | REF element 1 (reference qualifier) is missing"]);
}

#[test]
fn code_2_an_element_is_missing_that_another_requires() {
    check_order(
        "N1*ST*A*92~",
        &[
            "X12-E061 N1@3/N1 4 #67 AK4:2 | N1 element 4 (identification code) is missing, which element 3 (identification code qualifier) requires",
        ],
    );
    check_order(
        "REF*DP~",
        &["X12-E061 REF@3 2 #127 AK4:2 | REF element 2 (reference) is missing, and so is every alternative to it"],
    );
    check_order(
        "PO1***EA~",
        &[
            "X12-E061 PO1@3/PO1 2 #330 AK4:2 | PO1 element 2 (quantity ordered) is missing, which element 3 (unit of measure) requires",
        ],
    );
    check_order(
        "ITD*01*3*2~",
        &[
            "X12-E061 ITD@3 4 #370 AK4:2 | ITD element 4 (discount due date) is missing, which element 3 (discount percent) requires",
        ],
    );
}

#[test]
fn code_3_a_segment_has_too_many_elements() {
    check_order("N1*ST*A~N3*A*B*C~", &["X12-E062 N3@4/N1 3 AK4:3 | N3 element 3 is beyond the last element of N3"]);
}

#[test]
fn codes_4_and_5_an_element_is_too_short_or_too_long() {
    check_order(
        "CUR*BY*US~",
        &["X12-E064 CUR@3 2 #100 AK4:4 | CUR element 2 (currency) has 2 characters, at least 3 are required"],
    );
    check_order(
        "REF*DP*0123456789012345678901234567890~",
        &["X12-E065 REF@3 2 #127 AK4:5 | REF element 2 (reference) has 31 characters, at most 30 are allowed"],
    );
}

#[test]
fn code_6_an_element_holds_characters_it_may_not() {
    check_set(
        "810",
        "BIG*20260306*INV~IT1**1*EA*5,50~TDS*117.64~CTT*1~",
        &[
            "X12-E067 IT1@3/IT1 4 #212 AK4:6 | IT1 element 4 (unit price) is not a number",
            "X12-E068 TDS@4 1 #610 AK4:6 | TDS element 1 (total amount in cents) has a decimal point, its decimals are implied",
        ],
    );
    check_order("REF*DP*A\tB~", &["X12-E066 REF@3 2 #127 AK4:6 | REF element 2 (reference) holds a control character"]);
    check_order(
        "REF*DP*A>B~",
        &["X12-E069 REF@3 2 #127 AK4:6 | REF element 2 (reference) holds the component separator"],
    );
}

#[test]
fn code_7_a_code_is_not_in_a_complete_list() {
    check_set(
        "997",
        "AK1*PO*1~AK2*850*0001~AK5*B~AK9*A*1*1*1~",
        &["X12-E070 AK5@4/AK2 1 #717 AK4:7 | AK5 element 1 (set verdict) is not one of the codes of this element"],
    );
}

#[test]
fn a_code_beyond_our_part_of_a_list_is_a_note_once() {
    let set = set("ST*850*1~BEG*00*SA*1**20260302~REF*4M*A~REF*4M*B~PO1**1*EA~SE*1*1~");
    let checked = check(&set, guide::find("850", "004010").unwrap());
    let found: Vec<_> = checked.diagnostics.iter().map(line).collect();
    assert_eq!(
        found,
        [
            "X12-N001 REF@3 1 #128 | REF element 1 (reference qualifier) is not in our list of codes (reference qualifier)"
        ]
    );
}

#[test]
fn codes_8_and_9_a_date_or_time_does_not_exist() {
    check_order("DTM*010*20260230~", &["X12-E071 DTM@3 2 #373 AK4:8 | DTM element 2 (date) is not a date"]);
    check_order("DTM*010*20260228*2460~", &["X12-E072 DTM@3 3 #337 AK4:9 | DTM element 3 (time) is not a time"]);
}

#[test]
fn code_10_elements_exclude_each_other() {
    check_order(
        "PO1**1*EA~QTY*38*12**A DOZEN~",
        &["X12-E073 QTY@4/QTY 4 #61 AK4:10 | QTY element 4 (free text) excludes element 2 (quantity)"],
    );
}

#[test]
fn components_are_checked_where_they_stand() {
    check_order("PAM*38*1*EA~", &[]);
    check_order(
        "PAM*38*1*EA>x~",
        &["X12-E067 PAM@3 3-2 #1018 AK4:6 | PAM element 3 component 2 (exponent) is not a number"],
    );
    check_order(
        "PAM*38*1*>2~",
        &["X12-E060 PAM@3 3-1 #355 AK4:1 | PAM element 3 component 1 (unit of measure) is missing"],
    );
    check_order(
        "REF*DP*1**BM>2>CN~",
        &[
            "X12-E061 REF@3 4-4 #127 AK4:2 | REF element 4 component 4 (reference) is missing, which component 3 (reference qualifier) requires",
        ],
    );
    check_set(
        "997",
        "AK1*PO*1~AK2*850*0001~AK3*PO1*9~AK4*3>1>2*355*7~AK5*R~AK9*R*1*1*0~",
        &[
            "X12-E063 AK4@5/AK3 1-3 AK4:13 | AK4 element 1 component 3 is beyond the last component of a position in the segment",
        ],
    );
}

#[test]
fn trailing_separators_are_a_warning_once_and_no_fault() {
    let warning = "X12-W025 REF@3 | REF ends with separators behind its last value";
    check_order("REF*DP*1**~REF*IA*2**~", &[warning]);
}

#[test]
fn letters_beyond_ascii_are_a_warning_once() {
    let warning = "X12-W026 N1@3/N1 2 #93 | N1 element 2 (name) holds characters beyond ASCII";
    check_order("N1*ST*CAFÉ~N3*ÉTAGE~", &[warning]);
}

#[test]
fn a_fault_says_where_what_was_expected_and_what_was_found() {
    let set = set("ST*810*0001~BIG*20260306*INV~IT1**1*EA*5,50~TDS*100~CTT*1~SE*6*0001~");
    let checked = check(&set, guide::find("810", "004010").unwrap());
    insta::assert_snapshot!(checked.diagnostics[0], @r#"
    error X12-E067: IT1 element 4 (unit price) is not a number
      at 810 0001, segment 3 (IT1), element 4, byte 39
      expected a decimal of 1 to 17 digits such as 5.50, found "5,50"
      hint: the sender must write plain digits with a point for decimals, such as 1234.5
    "#);
}

#[test]
fn a_segment_that_the_guide_does_not_describe_is_placed_but_not_looked_into() {
    check_order("TC2*?*?*?*?*?~", &[]);
    check_outline("ST*850*1~BEG*~TC2*?~PO1**1*EA~SE*1*1~", "850[ST BEG TC2 SE PO1[PO1]]");
}

#[test]
fn st_and_se_are_left_to_the_envelope() {
    check_all("ST*850~BEG*00*SA*1**20260302~PO1**1*EA~SE*many~", &[]);
}

// ---- totals ----

#[test]
fn ctt_is_compared_with_what_was_counted() {
    let lines = "BEG*00*SA*1**20260302~PO1**24*EA~PO1**1.5*EA~";
    let check_total = |ctt: &str, expect: &[&str]| check_set("850", &format!("{lines}{ctt}"), expect);
    check_total("CTT*2~", &[]);
    check_total("CTT*2*25.5~", &[]);
    check_total("CTT*2*39~", &[]);
    check_total("CTT*3~", &["X12-W023 CTT@5 1 #354 | CTT element 1 (number of line items) says 3 lines, counted 2"]);
    check_total(
        "CTT*2*25~",
        &["X12-W024 CTT@5 2 #347 | CTT element 2 (hash total) says 25, the quantities add up to 25.5"],
    );
}

// ---- hostile input ----

/// Checks a large set; a check that is not linear would not come back.
fn check_large(unit: &str, times: usize) -> Vec<Diagnostic> {
    let text = format!("ST*856*1~BSN*00*SHP1*20260306*1410~{}SE*1*1~", unit.repeat(times));
    check(&set(&text), guide::find("856", "004010").unwrap()).diagnostics
}

#[test]
fn hostile_sets_are_checked_in_linear_time_and_bounded_memory() {
    let units = [
        "~",
        "QQQ~",
        "HL~",
        "HL*1*1*S~",
        "W05~N1~",
        "HL*1**S~N3*A~REF~",
        "REF*A~BIG~",
        "BSN~",
        "LM*1~",
        "CTT*1~HL*1**S~",
        "*~",
    ];
    for unit in units {
        let diagnostics = check_large(unit, 100_000);
        assert!((1..=1201).contains(&diagnostics.len()), "{unit}: {}", diagnostics.len());
    }
}

#[test]
fn levels_may_nest_as_deep_as_they_like() {
    let levels: String = (1..100_000).map(|level| format!("HL*{}*{level}*I~", level + 1)).collect();
    let text = format!("ST*856*1~BSN*00*SHP1*20260306*1410~HL*1**S~{levels}CTT*100000~SE*1*1~");
    assert!(check(&set(&text), guide::find("856", "004010").unwrap()).diagnostics.is_empty());
}

#[test]
fn a_segment_with_a_million_elements_is_one_fault() {
    let text = format!("ST*850*1~BEG*00*SA*1**20260302~N3{}~PO1**1*EA~SE*1*1~", "*A".repeat(1_000_000));
    let diagnostics = check(&set(&text), guide::find("850", "004010").unwrap()).diagnostics;
    assert_eq!(diagnostics.len(), 1);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_the_check_panic(body in "[A-Z0-9*>~ .é-]{0,200}") {
        for id in ["850", "855", "856", "810", "997"] {
            let set = set(&format!("ST*{id}*0001~{body}"));
            check(&set, guide::find(id, "004010").unwrap());
        }
    }

    #[test]
    fn no_order_of_known_segments_makes_the_check_panic(picks in proptest::collection::vec(0_usize..1000, 0..40)) {
        for id in ["850", "855", "856", "810", "997"] {
            let guide = guide::find(id, "004010").unwrap();
            let tags = picks.iter().map(|pick| guide.places[pick % guide.places.len()].id);
            let body: String = tags.map(|tag| format!("{tag}*1~")).collect();
            let set = set(&format!("ST*{id}*0001~{body}SE*1*0001~"));
            let checked = check(&set, guide);
            // Each segment is in the tree at most once.
            fn size(tree: &Loop<'_>) -> usize {
                let parts = tree.parts().map(|part| match part {
                    Part::Segment(_) => 1,
                    Part::Loop(inner) => size(&inner),
                });
                parts.sum()
            }
            proptest::prop_assert!(size(&checked.tree.root()) <= set.len());
        }
    }
}
