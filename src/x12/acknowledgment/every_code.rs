//! Every code of the tables that edigate can find, from an interchange that provokes it to the text of its answer.
//!
//! Notes 006 and 009 for a sender or receiver that nobody here knows need the configuration, and note 025 the books; the
//! daemon gives them, and `tests/gateway/custody.rs` has them. `note` says which notes nothing can give.

use super::{AnswerKind, AnswerVersion, SetDetail, Style, answers, interchange};
use crate::x12::delimiters::Delimiters;
use crate::x12::envelope::{InterchangeId, Usage};
use crate::x12::examine::{InterchangeReport, examine};
use crate::x12::guide::Library;
use crate::x12::reader::MAX_SEGMENT_BYTES;
use crate::x12::writer::{self, Envelope};

const ISA: &str =
    "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000101*1*T*>~";
const GS: &str = "GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*101*X*004010~";
const GE: &str = "GE*1*101~";
const IEA: &str = "IEA*1*000000101~";
const BEG: &str = "BEG*00*SA*4500012345**20260302~";
const PO1: &str = "PO1**24*EA*3.61~";

/// A set with its trailer; the count is right.
fn set(header: &str, body: &str) -> String {
    let number = header.split('*').nth(1).unwrap();
    format!("ST*{header}~{body}SE*{}*{number}~", body.matches('~').count() + 2)
}

/// An interchange with one group with one order.
fn order(body: &str) -> String {
    format!("{ISA}{GS}{}{GE}{IEA}", set("850*0001", body))
}

fn report(text: &str) -> InterchangeReport {
    examine(text.as_bytes(), None, &Library::standard_for, &mut |_| {}).unwrap().interchanges.remove(0)
}

/// All that is written in answer to an interchange.
fn written(report: &InterchangeReport, style: &Style) -> String {
    let envelope = Envelope {
        sender: InterchangeId::parse("ZZ:ACMESUPPLY").unwrap(),
        receiver: InterchangeId::parse("ZZ:MEGAMART").unwrap(),
        group_sender: "ACMESUPPLY".to_owned(),
        group_receiver: "MEGAMART".to_owned(),
        version: "004010".to_owned(),
        control_number: 501,
        acknowledgment_requested: false,
        usage: Usage::Test,
        at: jiff::civil::date(2026, 3, 3).at(9, 15, 0, 0),
        delimiters: Delimiters::default(),
        line_breaks: false,
    };
    let answers = answers(report, style);
    let envelope = super::envelope_for(&answers, envelope);
    let groups: Vec<_> =
        answers.into_iter().zip(501..).map(|(group, number)| group.headed(number, &envelope)).collect();
    let bytes = writer::interchange_of(&envelope, &groups).unwrap();
    // What we write is what we would accept, but for versions without a guide.
    let own = examine(bytes.as_slice(), None, &Library::standard_for, &mut |_| {}).unwrap();
    let wrong = own.all_diagnostics().find(|fault| fault.is_error() && fault.code.code != "X12-E025");
    assert!(wrong.is_none(), "{wrong:?}");
    String::from_utf8(bytes).unwrap()
}

/// The lines between ST and SE.
fn lines(text: &str, style: &Style) -> String {
    let written = written(&report(text), style);
    let is_wanted = |line: &&str| ["AK", "IK", "CTX"].iter().any(|tag| line.starts_with(tag));
    written.split('~').filter(is_wanted).collect::<Vec<_>>().join("~")
}

/// Compares the lines of every case, and shows all that differ at once.
fn check(style: &Style, cases: &[(&str, String, &str)]) {
    let mut differ = String::new();
    for (what, text, expect) in cases {
        let found = lines(text, style);
        if found != *expect {
            differ.push_str(&format!("\n{what}\n  found    {found}\n  expected {expect}"));
        }
    }
    assert!(differ.is_empty(), "{differ}");
}

#[test]
fn every_code_of_a_segment_table_720() {
    check(
        &Style::default(),
        &[
            ("none", order(&format!("{BEG}{PO1}")), "AK1*PO*101~AK2*850*0001~AK5*A~AK9*A*1*1*1"),
            (
                "1 unrecognised",
                order(&format!("{BEG}QQ9*1~{PO1}")),
                "AK1*PO*101~AK2*850*0001~AK3*QQ9*3**1~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "2 unexpected",
                order(&format!("{BEG}N3*1 MAIN ST~{PO1}")),
                "AK1*PO*101~AK2*850*0001~AK3*N3*3**2~AK5*R*5~AK9*R*1*1*0",
            ),
            ("3 mandatory missing", order(PO1), "AK1*PO*101~AK2*850*0001~AK3*BEG*2**3~AK5*R*5~AK9*R*1*1*0"),
            (
                "4 loop over maximum",
                order(&format!("{BEG}{}{PO1}", "SAC*A*C310***200~".repeat(26))),
                "AK1*PO*101~AK2*850*0001~AK3*SAC*28*SAC*4~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "5 over maximum use",
                order(&format!("{BEG}{BEG}{PO1}")),
                "AK1*PO*101~AK2*850*0001~AK3*BEG*3**5~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "6 not in this set",
                order(&format!("{BEG}HL*1**S~{PO1}")),
                "AK1*PO*101~AK2*850*0001~AK3*HL*3**6~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "7 out of sequence",
                order(&format!("{BEG}ITD*01~REF*DP*038~{PO1}")),
                "AK1*PO*101~AK2*850*0001~AK3*REF*4**7~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "8 element errors",
                order(&format!("{BEG}PO1**x*EA*3.61~")),
                "AK1*PO*101~AK2*850*0001~AK3*PO1*3*PO1*8~AK4*2*330*6*x~AK5*R*5~AK9*R*1*1*0",
            ),
        ],
    );
}

#[test]
fn every_code_of_an_element_table_723() {
    let beg = |beg: &str| order(&format!("{beg}~{PO1}"));
    let line = |po1: &str| order(&format!("{BEG}{po1}~"));
    let other = |segment: &str| order(&format!("{BEG}{segment}~{PO1}"));
    check(
        &Style::default(),
        &[
            (
                "1 mandatory missing",
                beg("BEG*00**4500012345**20260302"),
                "AK1*PO*101~AK2*850*0001~AK3*BEG*2**8~AK4*2*92*1~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "2 conditional missing",
                line("PO1**24*EA*3.61**UP"),
                "AK1*PO*101~AK2*850*0001~AK3*PO1*3*PO1*8~AK4*7*234*2~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "3 too many elements",
                beg("BEG*00*SA*4500012345**20260302*******AM*X"),
                "AK1*PO*101~AK2*850*0001~AK3*BEG*2**8~AK4*13**3*X~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "3 too many components",
                other("REF*DP*038**DP>1>DP>2>DP>3>DP"),
                "AK1*PO*101~AK2*850*0001~AK3*REF*3**8~AK4*4>7**3*DP~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "4 too short",
                beg("BEG*0*SA*4500012345**20260302"),
                "AK1*PO*101~AK2*850*0001~AK3*BEG*2**8~AK4*1*353*4*0~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "5 too long",
                beg("BEG*00*SA*45000123456789012345678**20260302"),
                "AK1*PO*101~AK2*850*0001~AK3*BEG*2**8~AK4*3*324*5*45000123456789012345678~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "6 invalid character",
                line("PO1**24*EA*3,61"),
                "AK1*PO*101~AK2*850*0001~AK3*PO1*3*PO1*8~AK4*4*212*6*3,61~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "6 not copied",
                line("PO1**24*EA*3>61"),
                "AK1*PO*101~AK2*850*0001~AK3*PO1*3*PO1*8~AK4*4*212*6~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "7 invalid code",
                group(&GS.replace("*PO*", "*SH*"), &set("856*0001", "BSN*00*SHP1*20260303*0915~HL*1**S*9~"), GE),
                "AK1*SH*101~AK2*856*0001~AK3*HL*3*HL*8~AK4*4*736*7*9~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "8 invalid date",
                beg("BEG*00*SA*4500012345**20260230"),
                "AK1*PO*101~AK2*850*0001~AK3*BEG*2**8~AK4*5*373*8*20260230~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "9 invalid time",
                other("DTM*002*20260302*12:30"),
                "AK1*PO*101~AK2*850*0001~AK3*DTM*3**8~AK4*3*337*9*12:30~AK5*R*5~AK9*R*1*1*0",
            ),
            (
                "10 exclusion",
                order(&format!("{BEG}{PO1}QTY*38*24**FREE~")),
                "AK1*PO*101~AK2*850*0001~AK3*QTY*4*QTY*8~AK4*4*61*10*FREE~AK5*R*5~AK9*R*1*1*0",
            ),
        ],
    );
}

/// An interchange with one group.
fn group(gs: &str, sets: &str, ge: &str) -> String {
    format!("{ISA}{gs}{sets}{ge}{IEA}")
}

#[test]
fn every_code_of_a_set_table_718() {
    let good = format!("{BEG}{PO1}");
    let sets = |sets: &str| group(GS, sets, GE);
    let later = GS.replace("004010", "005030");
    let guided = GS.replace("004010", "005030X001");
    check(
        &Style::default(),
        &[
            ("1 not supported", sets(&set("837*0001", &good)), "AK1*PO*101~AK2*837*0001~AK5*R*1~AK9*R*1*1*0"),
            ("2 trailer missing", sets(&format!("ST*850*0001~{good}")), "AK1*PO*101~AK2*850*0001~AK5*R*2~AK9*R*1*1*0"),
            (
                "3 control numbers differ",
                sets(&set("850*0001", &good).replace("SE*4*0001", "SE*4*0002")),
                "AK1*PO*101~AK2*850*0001~AK5*R*3~AK9*R*1*1*0",
            ),
            (
                "4 wrong count",
                sets(&set("850*0001", &good).replace("SE*4", "SE*5")),
                "AK1*PO*101~AK2*850*0001~AK5*R*4~AK9*R*1*1*0",
            ),
            (
                "5 segments in error",
                sets(&set("850*0001", PO1)),
                "AK1*PO*101~AK2*850*0001~AK3*BEG*2**3~AK5*R*5~AK9*R*1*1*0",
            ),
            ("6 no identifier", sets(&set("*0001", &good)), "AK1*PO*101~AK2*???*0001~AK5*R*6~AK9*R*1*1*0"),
            ("7 no control number", sets(&set("850*", &good)), "AK1*PO*101~AK2*850*?   ~AK5*R*7~AK9*R*1*1*0"),
            ("7 a short one", sets(&set("850*1", &good)), "AK1*PO*101~AK2*850*1   ~AK5*E*7~AK9*E*1*1*1"),
            (
                "18 in another group, before 005010",
                group(&GS.replace("PO", "IN"), &set("850*0001", &good), GE),
                "AK1*IN*101~AK2*850*0001~AK5*R*6~AK9*R*1*1*0",
            ),
            (
                "18 in another group",
                group(&later.replace("*PO*", "*IN*"), &set("850*0001", &good), GE),
                "AK1*IN*101*005030~AK2*850*0001~AK5*R*18~AK9*R*1*1*0*2",
            ),
            (
                "19 other guide",
                group(&guided, &set("850*0001*005030X002", &good), GE),
                "AK1*PO*101*005030X001~AK2*850*0001*005030X002~IK5*R*19~AK9*R*1*1*0*2",
            ),
            (
                "23 not unique",
                group(GS, &set("850*0001", &good).repeat(2), "GE*2*101~"),
                "AK1*PO*101~AK2*850*0001~AK5*A~AK2*850*0001~AK5*R*23~AK9*P*2*2*1",
            ),
            (
                "several, the most telling first",
                sets("ST*837*1~BEG~"),
                "AK1*PO*101~AK2*837*1   ~AK5*R*1*7*2~AK9*R*1*1*0",
            ),
        ],
    );
}

#[test]
fn every_code_of_a_group_table_716() {
    let good = set("850*0001", &format!("{BEG}{PO1}"));
    let twice = format!("{GS}{good}{GE}{GS}{good}{GE}");
    check(
        &Style::default(),
        &[
            (
                "1 kind not supported",
                group(&GS.replace("*PO*", "*XX*"), &good, GE),
                "AK1*XX*101~AK2*850*0001~AK5*R*6~AK9*R*1*1*0*1",
            ),
            (
                "2 version not supported",
                group(&GS.replace("004010", "002001"), &good, GE),
                "AK1*PO*101~AK2*850*0001~AK5*R~AK9*R*1*1*0*2",
            ),
            ("3 trailer missing", group(GS, &good, ""), "AK1*PO*101~AK2*850*0001~AK5*R~AK9*R*1*1*0*3"),
            ("4 control numbers differ", group(GS, &good, "GE*1*102~"), "AK1*PO*101~AK2*850*0001~AK5*R~AK9*R*1*1*0*4"),
            ("5 wrong count", group(GS, &good, "GE*2*101~"), "AK1*PO*101~AK2*850*0001~AK5*R~AK9*R*2*1*0*5"),
            (
                "6 control number malformed",
                group(&GS.replace("*101*", "*1A1*"), &good, "GE*1*1A1~"),
                "AK1*PO*0~AK2*850*0001~AK5*R~AK9*R*1*1*0*6",
            ),
            (
                "19 not unique",
                format!("{ISA}{twice}IEA*2*000000101~"),
                "AK1*PO*101~AK2*850*0001~AK5*A~AK9*A*1*1*1~AK1*PO*101~AK2*850*0001~AK5*R~AK9*R*1*1*0*19",
            ),
        ],
    );
}

#[test]
fn what_ak1_and_ak2_cannot_hold_is_not_repeated_as_it_is() {
    let good = format!("{BEG}{PO1}");
    let in_group = |number: &str| {
        group(&GS.replace("*101*", &format!("*{number}*")), &set("850*0001", &good), &GE.replace("101", number))
    };
    let numbered = |number: &str| group(GS, &set(&format!("850*{number}"), &good), GE);
    let no_number = "AK1*PO*0~AK2*850*0001~AK5*R~AK9*R*1*1*0*6";
    check(
        &Style::default(),
        &[
            ("GS06 too long", in_group("1234567890"), no_number),
            ("GS06 not digits", in_group("1>1"), no_number),
            ("GS06 in full", in_group("000000101"), "AK1*PO*000000101~AK2*850*0001~AK5*A~AK9*A*1*1*1"),
            ("ST02 too long", numbered("1234567890"), "AK1*PO*101~AK2*850*123456789~AK5*R*7~AK9*R*1*1*0"),
            ("ST02 with a separator", numbered("00>1"), "AK1*PO*101~AK2*850*00?1~AK5*A~AK9*A*1*1*1"),
            ("ST02 beyond ASCII", numbered("0\u{fc}01"), "AK1*PO*101~AK2*850*0?01~AK5*A~AK9*A*1*1*1"),
            ("ST01 too long", group(GS, &set("8500*0001", &good), GE), "AK1*PO*101~AK2*???*0001~AK5*R*6~AK9*R*1*1*0"),
            (
                "GS01 too long",
                group(&GS.replace("*PO*", "*POX*"), &set("850*0001", &good), GE),
                "AK1*??*101~AK2*850*0001~AK5*R*6~AK9*R*1*1*0*1",
            ),
        ],
    );
    let later = Style { version: AnswerVersion::Fixed("005010".to_owned()), ..Style::default() };
    let long = "X".repeat(36);
    check(
        &later,
        &[(
            "ST03 too long",
            group(GS, &set(&format!("850*0001*{long}"), &good), GE),
            "AK1*PO*101*004010~AK2*850*0001~AK5*A~AK9*A*1*1*1",
        )],
    );
}

#[test]
fn every_note_of_a_ta1_that_is_found() {
    let good = order(&format!("{BEG}{PO1}"));
    let cases = [
        ("000", good.clone(), "000000101*260303*0915*A*000"),
        ("002", good.replace("*U*", "*E*"), "000000101*260303*0915*E*002"),
        ("003", good.replace("*00401*", "*00199*"), "000000101*260303*0915*E*003"),
        ("010", good.replace("ISA*00*", "ISA*99*"), "000000101*260303*0915*E*010"),
        ("011", good.replace("ISA*00*", "ISA*01*"), "000000101*260303*0915*E*011"),
        ("012", good.replace("*00*          *ZZ*MEGA", "*02*          *ZZ*MEGA"), "000000101*260303*0915*E*012"),
        ("013", good.replace("*00*          *ZZ*MEGA", "*01*          *ZZ*MEGA"), "000000101*260303*0915*E*013"),
        (
            "000 with an authorization and a password",
            good.replace("ISA*00*          *00*          *", "ISA*03*EDI       *01*SECRET    *"),
            "000000101*260303*0915*A*000",
        ),
        ("001", good.replace("IEA*1*000000101", "IEA*1*000000102"), "000000101*260303*0915*E*001"),
        (
            "004",
            format!("{}{}", good.replace(IEA, "IEA*1*"), "x".repeat(MAX_SEGMENT_BYTES)),
            "000000101*260303*0915*R*004",
        ),
        ("005", good.replace("*ZZ*MEGAMART", "*  *MEGAMART"), "000000101*260303*0915*R*005"),
        ("006", good.replace("*ZZ*MEGAMART       ", "*ZZ*               "), "000000101*260303*0915*R*006"),
        ("007", good.replace("*ZZ*ACMESUPPLY", "*  *ACMESUPPLY"), "000000101*260303*0915*R*007"),
        ("008", good.replace("*ZZ*ACMESUPPLY     ", "*ZZ*               "), "000000101*260303*0915*R*008"),
        ("014", good.replace("*260303*", "*261303*"), "000000101*261303*0915*R*014"),
        ("015", good.replace("*0915*U", "*2515*U"), "000000101*260303*2515*R*015"),
        ("016", good.replace("*U*", "*^*"), "000000101*260303*0915*E*016"),
        ("017", good.replace("*00401*", "*0040A*"), "000000101*260303*0915*R*017"),
        ("018", good.replace("*000000101*1", "*00000010A*1"), "00000010A*260303*0915*R*018"),
        ("019", good.replace("*1*T*", "*2*T*"), "000000101*260303*0915*E*019"),
        ("020", good.replace("*1*T*", "*1*X*"), "000000101*260303*0915*R*020"),
        ("021", good.replace("IEA*1", "IEA*2"), "000000101*260303*0915*E*021"),
        ("022", good.replace(GS, "").replace(GE, ""), "000000101*260303*0915*R*022"),
        ("022 no IEA before another ISA", format!("{}{good}", good.replace(IEA, "")), "000000101*260303*0915*R*022"),
        ("023", good.replace(IEA, ""), "000000101*260303*0915*R*023"),
        ("024", good.replace(GE, "REF*DP*038~GE*1*101~"), "000000101*260303*0915*R*024"),
    ];
    let mut differ = String::new();
    for (what, text, expect) in cases {
        let ta1 = interchange(&report(&text));
        let found = [ta1.control_number, ta1.date, ta1.time, ta1.verdict, ta1.note].join("*");
        if found != expect {
            differ.push_str(&format!("\n{what}\n  found    {found}\n  expected {expect}"));
        }
    }
    assert!(differ.is_empty(), "{differ}");
}

#[test]
fn a_version_gets_what_it_knows() {
    let fixed = |version: &str| Style { version: AnswerVersion::Fixed(version.to_owned()), ..Style::default() };
    let text = group(GS, &set("850*0001*GUIDE", "BEG*00**4500012345**20260302~"), GE);
    let segments = "AK3*BEG*2**8~AK4*2*92*1~AK3*PO1*3*PO1*3~AK5*R*5~AK9*R*1*1*0";
    let later = format!("AK1*PO*101*004010~AK2*850*0001*GUIDE~{segments}");
    check(&fixed("005010"), &[("later", text.clone(), &later)]);
    let earlier = format!("AK1*PO*101~AK2*850*0001~{segments}");
    check(&fixed("004010"), &[("earlier", text, &earlier)]);
    let misplaced = group(&GS.replace("*PO*", "*IN*").replace("004010", "005030"), &set("850*0001", BEG), GE);
    check(&fixed("004010"), &[("18 is unknown", misplaced, "AK1*IN*101~AK2*850*0001~AK5*R*6~AK9*R*1*1*0*2")]);
}

#[test]
fn an_answer_has_the_version_of_its_group_where_that_can_be_written() {
    let good = set("850*0001", &format!("{BEG}{PO1}"));
    let heading = |version: &str| {
        let answers = answers(&report(&group(&GS.replace("004010", version), &good, GE)), &Style::default());
        (answers[0].kind.set_id(), answers[0].version.clone())
    };
    for (version, set, expect) in [
        ("004010", "997", "004010"),
        ("004010VICS", "997", "004010VICS"),
        ("004010X098A1", "997", "004010X098A1"),
        ("005010", "997", "005010"),
        ("005010VICS", "997", "005010VICS"),
        ("005010X222A1", "999", "005010X231A1"),
        ("003060", "997", "004010"),
        ("4010", "997", "004010"),
        ("004010vics", "997", "004010"),
        ("009999", "997", "004010"),
    ] {
        assert_eq!(heading(version), (set, expect.to_owned()), "{version}");
    }
    let with = |with| Style { with: Some(with), ..Style::default() };
    let of =
        |style: &Style| answers(&report(&group(&GS.replace("004010", "005010X222A1"), &good, GE)), style)[0].clone();
    assert_eq!(of(&with(AnswerKind::Functional)).version, "005010X230");
    assert_eq!(of(&with(AnswerKind::Implementation)).version, "005010X231A1");
}

#[test]
fn a_999_speaks_of_the_same_in_its_own_segments() {
    let style = Style { with: Some(AnswerKind::Implementation), ..Style::default() };
    let line = |po1: &str| order(&format!("{BEG}{po1}~"));
    let other = |segment: &str| order(&format!("{BEG}{segment}~{PO1}"));
    check(
        &style,
        &[
            ("none", line("PO1**24*EA*3.61"), "AK1*PO*101*004010~AK2*850*0001~IK5*A~AK9*A*1*1*1"),
            ("a segment", other("QQ9*1"), "AK1*PO*101*004010~AK2*850*0001~IK3*QQ9*3**1~IK5*R*5~AK9*R*1*1*0"),
            (
                "an element",
                line("PO1**24*EA*3,61"),
                "AK1*PO*101*004010~AK2*850*0001~IK3*PO1*3*PO1*8~IK4*4*212*6*3,61~IK5*R*5~AK9*R*1*1*0",
            ),
            (
                "the one that requires another",
                line("PO1**24**3.61*PE*UP"),
                "AK1*PO*101*004010~AK2*850*0001~IK3*PO1*3*PO1*8~IK4*7*234*2~CTX*SITUATIONAL TRIGGER*PO1*3*PO1*6~IK5*R*5~AK9*R*1*1*0",
            ),
            (
                "one of several that require",
                other("DTM*002"),
                "AK1*PO*101*004010~AK2*850*0001~IK3*DTM*3**8~IK4*2*373*2~IK5*R*5~AK9*R*1*1*0",
            ),
            (
                "a component",
                other("REF*DP*038**DP>1>DP"),
                "AK1*PO*101*004010~AK2*850*0001~IK3*REF*3**8~IK4*4>4*127*2~CTX*SITUATIONAL TRIGGER*REF*3**4>3~IK5*R*5~AK9*R*1*1*0",
            ),
            (
                "one that excludes another",
                order(&format!("{BEG}{PO1}QTY*38*24**FREE~")),
                "AK1*PO*101*004010~AK2*850*0001~IK3*QTY*4*QTY*8~IK4*4*61*10*FREE~CTX*SITUATIONAL TRIGGER*QTY*4*QTY*2~IK5*R*5~AK9*R*1*1*0",
            ),
        ],
    );
}

#[test]
fn sets_are_listed_as_the_partner_wants_them() {
    let sets = [set("850*0001", &format!("{BEG}{PO1}")), set("850*2", &format!("{BEG}{PO1}")), set("850*0003", PO1)];
    let text = group(GS, &sets.concat(), "GE*3*101~");
    let check = |sets, expect| check(&Style { sets, ..Style::default() }, &[("sets", text.clone(), expect)]);
    check(
        SetDetail::All,
        "AK1*PO*101~AK2*850*0001~AK5*A~AK2*850*2   ~AK5*E*7~AK2*850*0003~AK3*BEG*2**3~AK5*R*5~AK9*P*3*3*2",
    );
    check(SetDetail::NotAccepted, "AK1*PO*101~AK2*850*2   ~AK5*E*7~AK2*850*0003~AK3*BEG*2**3~AK5*R*5~AK9*P*3*3*2");
    check(SetDetail::Rejected, "AK1*PO*101~AK2*850*0003~AK3*BEG*2**3~AK5*R*5~AK9*P*3*3*2");
    check(SetDetail::None, "AK1*PO*101~AK9*P*3*3*2");
}

#[test]
fn three_groups_at_two_versions_are_answered_in_one_interchange() {
    let good = set("850*0001", &format!("{BEG}{PO1}"));
    let bad = set("850*0001", PO1);
    let group = |number: u32, version: &str, set: &str| {
        format!("GS*PO*MEGAMART*ACMESUPPLY*20260303*0915*{number}*X*{version}~{set}GE*1*{number}~")
    };
    let acknowledgments =
        "GS*FA*MEGAMART*ACMESUPPLY*20260303*0915*104*X*004010~ST*997*0001~AK1*PO*7~AK9*A*1*1*1~SE*4*0001~GE*1*104~";
    let groups = [group(101, "004010", &good), group(102, "005010", &bad), group(103, "004010", &good)].concat();
    let text = format!("{ISA}{groups}{acknowledgments}IEA*4*000000101~");
    insta::assert_snapshot!(written(&report(&text), &Style::default()).replace('~', "~\n"), @r"
    ISA*00*          *00*          *ZZ*ACMESUPPLY     *ZZ*MEGAMART       *260303*0915*^*00501*000000501*0*T*>~
    GS*FA*ACMESUPPLY*MEGAMART*20260303*0915*501*X*004010~
    ST*997*0001~
    AK1*PO*101~
    AK2*850*0001~
    AK5*A~
    AK9*A*1*1*1~
    SE*6*0001~
    ST*997*0002~
    AK1*PO*103~
    AK2*850*0001~
    AK5*A~
    AK9*A*1*1*1~
    SE*6*0002~
    GE*2*501~
    GS*FA*ACMESUPPLY*MEGAMART*20260303*0915*502*X*005010~
    ST*997*0001~
    AK1*PO*102*005010~
    AK2*850*0001~
    AK3*BEG*2**3~
    AK5*R*5~
    AK9*R*1*1*0~
    SE*7*0001~
    GE*1*502~
    IEA*2*000000501~
    ");
}

#[test]
fn an_interchange_of_acknowledgments_alone_is_not_answered() {
    let text = format!("{ISA}TA1*000000503*260306*1410*A*000~IEA*0*000000101~");
    assert_eq!(answers(&report(&text), &Style::default()), []);
}
