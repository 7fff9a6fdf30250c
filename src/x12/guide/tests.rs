//! Every set at every version: what is correct passes without a word, what is wrong is named.

mod added;

use super::*;
use crate::x12::examine::examine;

#[test]
fn every_embedded_file_parses() {
    if let Err(error) = Sources::read(VERSIONS).and_then(|sources| sources.all_guides()) {
        panic!("{error}");
    }
}

#[test]
fn an_industry_suffix_falls_back_to_the_base_version() {
    let guide = find("850", "004010VICS").unwrap();
    assert_eq!((guide.set, guide.version), ("850", "004010"));
    assert_eq!(find("999", "005010X231A1").unwrap().version, "005010");
    assert!(find("850", "003060").is_none());
    assert!(find("999", "004010").is_none());
    assert_eq!(nearest("856").unwrap().version, "005010");
    assert!(nearest("837").is_none());
}

#[test]
fn elements_segments_and_codes_have_readable_names() {
    let guide = find("850", "004010").unwrap();
    assert_eq!(guide.name, "purchase order");
    assert_eq!(guide.functional_id, "PO");
    assert_eq!(guide.segment_name("PO1"), Some("ordered line"));
    assert_eq!(guide.element_name("PO1", 4), Some("unit price"));
    assert_eq!(guide.data_element("PO1", 4), Some(212));
    assert_eq!(guide.element_name("PO1", 26), None);
    assert_eq!(guide.data_element("PAM", 3), None);
    assert_eq!(guide.code_text(235, "UP"), Some("GTIN-12/UPC"));
    assert_eq!(guide.code_text(235, "??"), None);
    assert!(guide.uses("SDQ") && !guide.uses("HL"));
}

#[test]
fn every_segment_of_a_set_is_known_and_every_loop_begins_with_its_own_segment() {
    for (set, version) in Library::standard().list() {
        let guide = find(set, version).unwrap();
        for place in &guide.places {
            assert!(guide.dictionary().segment(place.id).is_some(), "{set}: {}", place.id);
            if let Some(content) = &place.content {
                assert_eq!(guide.places[content.start].tag, place.tag, "{set}: loop {}", place.id);
            }
        }
    }
}

/// What stands between ST and SE, a segment a line.
const EXAMPLES: &[(&str, &str)] = &[
    (
        "180",
        "
BGN*00*RA-1001*20260310*0915
RDR*RG*DM
N1*BY*MEGAMART INC*UL*0614141000005
BLI*UP*061414100014*2*EA
N9*PO*4500012345
PID*F****RED WIDGET
QTY*28*2*EA",
    ),
    (
        "810",
        "
BIG*20260306*INV-20077*20260302*4500012345***DI
CUR*SE*USD
REF*IA*778899
REF*DP*0042
REF*BM*06141410000007772
N1*ST*MEGAMART DC 6021*92*6021
N1*RI*ACME SUPPLY*92*ACME01
ITD*01*3*2*20260316*10*20260405*30*235
DTM*011*20260306
IT1*001*24*EA*3.61*PE*UP*061414100014*IN*550001
PID*F****RED WIDGET
IT1*002*6*EA*5.5*PE*UP*061414100021*IN*550002
PID*F****BLUE WIDGET
TDS*11764*11764
CAD*M***ABCD*ABC FREIGHT**BM*06141410000007772
SAC*A*C310***200*******02***DEFECTIVE ALLOWANCE
ISS*30*EA*31.5*LB
CTT*2",
    ),
    (
        "812",
        "
BCD*20260310*CM-1001*O*2000*C*20260306*INV-20077*SO-9001*20260303*4500012345*00
N1*BY*MEGAMART INC*UL*0614141000005
CDD*01*C*001*2000
LIN**UP*061414100014
N9*IV*INV-20077",
    ),
    (
        "820",
        "
BPR*I*115.29*C*ACH************20260405
TRN*1*EFT0099887
REF*VR*778899
N1*PR*MEGAMART INC*UL*0614141000005
N1*PE*ACME SUPPLY
ENT*1
RMR*IV*INV-20077**115.29*117.64*2.35
REF*PO*4500012345
DTM*003*20260306",
    ),
    (
        "824",
        "
BGN*00*ADV5501*20260306*1530
N1*FR*MEGAMART INC
N1*TO*ACME SUPPLY
OTI*TR*SI*SHP0000777***20260306*1410*503*0001*856
REF*PO*4500012345
TED*ZZZ**LIN*24*3**061414100014
NTE*GEN*UPC NOT ON PURCHASE ORDER",
    ),
    (
        "832",
        "
BCT*PS*SPRING
DTM*007*20260301
N1*SE*ACME SUPPLY*92*ACME01
LIN*1*UP*061414100014*VN*WID-RED
PID*F****RED WIDGET
PO4*12
CTP**WHL*3.61*1*EA
CTT*1",
    ),
    (
        "846",
        "
BIA*00*SI*INV20260303*20260303*0600
DTM*007*20260303
N1*SU*ACME SUPPLY*92*ACME01
LIN*1*UP*061414100014*VN*WID-RED
QTY*33*480*EA
LIN*2*UP*061414100021*VN*WID-BLU
QTY*33*0*EA
QTY*29*600*EA
CTT*2",
    ),
    (
        "850",
        "
BEG*00*SA*4500012345**20260302
CUR*BY*USD
REF*DP*0042
REF*IA*778899
PER*BD*JANE BUYER*TE*5015550100
FOB*CC
ITD*01*3*2**10**30
DTM*010*20260306
DTM*001*20260313
TD5*B*2*ABCD*M
N1*BY*MEGAMART INC*UL*0614141000005
N1*ST*MEGAMART DC 6021*92*6021
N3*100 DISTRIBUTION WAY
N4*BENTONVILLE*AR*72712*US
PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED
PID*F****RED WIDGET
PO4*12
PO1*002*12*EA*5.5*PE*UP*061414100021*IN*550002*VN*WID-BLU
PID*F****BLUE WIDGET
CTT*2*36",
    ),
    (
        "855",
        "
BAK*00*AC*4500012345*20260302****SO-9001*20260303
REF*IA*778899
DTM*068*20260306
N1*ST*MEGAMART DC 6021*92*6021
PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED
ACK*IA*24*EA*068*20260306
PO1*002*12*EA*5.5*PE*UP*061414100021*IN*550002*VN*WID-BLU
ACK*IQ*6*EA*068*20260306
ACK*IB*6*EA*068*20260320
CTT*2",
    ),
    (
        "856",
        "
BSN*00*SHP0000777*20260306*1410*0001
HL*1**S
TD1*CTN25*2****G*31.5*LB
TD5*B*2*ABCD*M*ABC FREIGHT
TD3*TL**TRL4411******SEAL99871
REF*BM*06141410000007772
REF*CN*PRO123456
DTM*011*20260306
DTM*017*20260309
FOB*CC
N1*SF*ACME SUPPLY*92*ACME01
N3*1 FACTORY RD
N4*DAYTON*OH*45402*US
N1*ST*MEGAMART DC 6021*92*6021
HL*2*1*O
PRF*4500012345***20260302
REF*IA*778899
REF*DP*0042
N1*BY*MEGAMART INC*UL*0614141000005
HL*3*2*P
MAN*GM*00006141410000000012
HL*4*3*I
LIN*001*UP*061414100014*IN*550001
SN1**24*EA**24*EA
HL*5*2*P
MAN*GM*00006141410000000029
HL*6*5*I
LIN*002*UP*061414100021*IN*550002
SN1**6*EA**12*EA
CTT*6*30",
    ),
    (
        "856",
        "
BSN*00*SHP0000778*20260306*1500*0001
HL*1**S
TD1*PLT94*1****G*420*LB
TD5*B*2*ABCD*M
REF*BM*06141410000007789
DTM*011*20260306
N1*SF*ACME SUPPLY*92*ACME01
N1*ST*MEGAMART DC 6021*92*6021
HL*2*1*O
PRF*4500012399
HL*3*2*T
MAN*GM*00106141411000000016
PAL**2*5
HL*4*3*P
MAN*GM*00006141410000000036
HL*5*4*I
LIN**UP*061414100014
SN1**12*EA
PO4*12
CTT*5*12",
    ),
    (
        "860",
        "
BCH*04*SA*4500012345**1*20260304
REF*IA*778899
N1*ST*MEGAMART DC 6021*92*6021
POC*001*QD*18*6*EA*3.61*PE*UP*061414100014
POC*002*DI*0*12*EA*5.5*PE*UP*061414100021
CTT*2",
    ),
    (
        "861",
        "
BRA*RA-2001*20260310*00*1
DTM*050*20260310
PRF*4500012345
N1*ST*MEGAMART DC 6021*92*6021
RCD*001*24*EA
LIN*001*UP*061414100014
CTT*1*24",
    ),
    (
        "864",
        "
BMG*00*INVOICE WITHOUT DEPARTMENT
DTM*007*20260310
N1*FR*MEGAMART INC
MIT*MSG-1*INV-20077
MSG*THE INVOICE NAMES NO DEPARTMENT",
    ),
    (
        "865",
        "
BCA*00*AC*4500012345**1*20260304
REF*IA*778899
N1*ST*MEGAMART DC 6021*92*6021
POC*001*QD*18*6*EA*3.61*PE*UP*061414100014
ACK*IA*18*EA*068*20260306
CTT*1*18",
    ),
    (
        "870",
        "
BSR*2*PA*ST-1001*20260310
N1*BY*MEGAMART INC*UL*0614141000005
HL*1**O
PRF*4500012345***20260302
ISR*CP*20260310
PO1*001*24*EA*3.61*PE*UP*061414100014
ISR*BO*20260320
QTY*63*6*EA
CTT*1",
    ),
    (
        "940",
        "
W05*N*SO-9001*4500012345
N1*WH*FAST 3PL DAYTON*91*WH1
N1*ST*MEGAMART DC 6021*92*6021
N3*100 DISTRIBUTION WAY
N4*BENTONVILLE*AR*72712*US
N9*DP*0042
G62*10*20260306
G62*04*20260302
NTE*WHI*PALLETIZE MAX 60 IN
W66*CC*M********ABCD
LX*1
W01*24*EA**UP*061414100014*VN*WID-RED
G69*RED WIDGET
LX*2
W01*6*EA**UP*061414100021*VN*WID-BLU
W76*30",
    ),
    (
        "943",
        "
W06*F*SO-9001*20260306*SHP0000777
N1*WH*FAST 3PL DAYTON*91*WH1
N9*BM*06141410000007772
G62*11*20260306
W27*M*ABCD*ABC FREIGHT*CC
W04*24*EA**UP*061414100014
G69*RED WIDGET
W03*24*31.5*LB",
    ),
    (
        "944",
        "
W17*F*20260309*WR-3001*SO-9001*SHP0000777
N1*WH*FAST 3PL DAYTON*91*WH1
N9*BM*06141410000007772
W08*M*ABCD*ABC FREIGHT
W07*23*EA**UP*061414100014
W13*1*EA*01
W14*23*24",
    ),
    (
        "945",
        "
W06*F*SO-9001*20260306*SHP0000777**4500012345
N1*WH*FAST 3PL DAYTON*91*WH1
N1*ST*MEGAMART DC 6021*92*6021
N9*BM*06141410000007772
N9*CN*PRO123456
G62*11*20260306
W27*M*ABCD*ABC FREIGHT*CC
LX*1
MAN*GM*00006141410000000012
W12*CC*24*24*0*EA**UP*061414100014
N9*LI*001
LX*2
MAN*GM*00006141410000000029
W12*CP*12*6*6*EA**UP*061414100021
N9*LI*002
W03*30*31.5*LB***2*CT",
    ),
    (
        "997",
        "
AK1*PO*101
AK2*850*0001
AK5*A
AK9*A*1*1*1",
    ),
    (
        "997",
        "
AK1*SH*503
AK2*856*0001
AK3*SN1*25**8
AK4*2*382*1
AK5*R*5
AK9*R*1*1*0",
    ),
];

/// What a 005010 set must have that 004010 has not: a received item stands in an LX loop.
fn at_version(set: &str, version: &str, body: &str) -> String {
    match (set, version.starts_with("005010")) {
        ("944", true) => body.replace("\nW07", "\nLX*1\nW07"),
        _ => body.to_owned(),
    }
}

/// The interchange around a set, every count right.
fn interchange(set: &str, version: &str, body: &str) -> String {
    let segments: Vec<&str> = body.split('\n').filter(|line| !line.is_empty()).collect();
    let (isa11, isa12) = if version.starts_with("004") { ("U", "00401") } else { ("^", "00501") };
    let group = find(set, version).unwrap().functional_id;
    format!(
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*{isa11}*{isa12}*000000101*0*T*>~\
         GS*{group}*MEGAMART*ACMESUPPLY*20260303*0915*101*X*{version}~ST*{set}*0001~{}~SE*{}*0001~GE*1*101~\
         IEA*1*000000101~",
        segments.join("~"),
        segments.len() + 2,
    )
}

/// What is said of a set: the code and the sentence of each diagnostic.
fn found(set: &str, version: &str, body: &str) -> Vec<String> {
    let text = interchange(set, version, body);
    let mut checked = 0;
    let report = examine(text.as_bytes(), None, &Library::standard_for, &mut |set| {
        checked += usize::from(set.checked.is_some())
    })
    .unwrap();
    assert_eq!(checked, 1, "{text}");
    report.all_diagnostics().map(|one| format!("{} {}", one.code.code, one.message)).collect()
}

fn correct(set: &str, version: &str, body: &str) {
    assert_eq!(found(set, version, &at_version(set, version, body)), Vec::<String>::new(), "{set} at {version}");
}

#[test]
fn every_set_is_known_at_every_version() {
    let sets = [
        "180", "810", "812", "820", "824", "832", "846", "850", "855", "856", "860", "861", "864", "865", "870", "940",
        "943", "944", "945", "997",
    ];
    let mut all: Vec<_> =
        sets.iter().map(|set| (*set, "004010")).chain(sets.iter().map(|set| (*set, "005010"))).collect();
    all.push(("999", "005010"));
    assert_eq!(Library::standard().list(), all);
    for (set, version) in Library::standard().list() {
        let guide = find(set, version).unwrap();
        assert_eq!(crate::x12::envelope::functional_id(set), Some(guide.functional_id), "{set} at {version}");
    }
}

#[test]
fn what_is_correct_passes_without_a_word_at_every_version() {
    for version in ["004010", "004010VICS", "005010", "005010UCS"] {
        EXAMPLES.iter().for_each(|(set, body)| correct(set, version, body));
    }
}

#[test]
fn every_set_has_an_example() {
    for (set, _) in Library::standard().list().into_iter().filter(|(set, _)| *set != "999") {
        assert!(EXAMPLES.iter().any(|(id, _)| *id == set), "{set}");
    }
}

#[test]
fn an_implementation_acknowledgment_passes_at_its_own_version() {
    for version in ["005010X231", "005010X231A1"] {
        let body = "AK1*HC*77*005010X222A1\nAK2*837*0001*005010X222A1\nIK3*NM1*12*2010*8\nCTX*SITUATIONAL TRIGGER\n\
            IK4*9:1:2*67*I12\nIK5*R*I5\nAK9*R*1*1*0"
            .replace(':', ">");
        correct("999", version, &body);
    }
}

#[test]
fn a_version_has_its_own_lengths_codes_and_places() {
    let long = format!("REF*IA*{}", "7".repeat(31));
    let order = |segment: &str| format!("BEG*00*SA*4500012345**20260302\n{segment}\nPO1**1*EA*2");
    assert_eq!(found("850", "004010", &order(&long)).len(), 1);
    correct("850", "005010", &order(&long));
    let text = order("N9*ZZ*1\nMSG*TEXT");
    correct("850", "004010", &text);
    assert_eq!(found("850", "005010", &text), ["X12-E051 MSG is not used in the 850 (purchase order)"]);
    correct("850", "005010", &text.replace("MSG*", "MTX**"));
    let rejected = "AK1*PO*101*004010\nAK2*850*0001\nAK3*REF*4\nAK4*2>>2*127*12\nAK5*R*5\nAK9*R*1*1*0";
    correct("997", "005010", rejected);
    assert_eq!(found("997", "004010", rejected).len(), 3);
}

/// One fault for each family of sets: the text that is replaced, what replaces it, and what is said.
const FAULTS: &[(&str, &str, &str, &[&str])] = &[
    // A mandatory segment is missing.
    (
        "860",
        "BCH*04*SA*4500012345**1*20260304\n",
        "",
        &["X12-E054 BCH (beginning of the order change) is missing before REF"],
    ),
    (
        "846",
        "LIN*1*UP*061414100014*VN*WID-RED\nQTY*33*480*EA\nLIN*2*UP*061414100021*VN*WID-BLU\nQTY*33*0*EA\nQTY*29*600*EA\nCTT*2",
        "",
        &["X12-E054 LIN (item identification) is missing before SE"],
    ),
    (
        "820",
        "BPR*I*115.29*C*ACH************20260405\n",
        "",
        &["X12-E054 BPR (beginning of the payment) is missing before TRN"],
    ),
    (
        "824",
        "OTI*TR*SI*SHP0000777***20260306*1410*503*0001*856\nREF*PO*4500012345\n",
        "",
        &["X12-E052 TED (error) is not expected here", "X12-E054 OTI (original set) is missing before SE"],
    ),
    ("864", "\nMSG*THE INVOICE NAMES NO DEPARTMENT", "", &["X12-E054 MSG (message text) is missing before SE"]),
    ("812", "N1*BY*MEGAMART INC*UL*0614141000005\n", "", &["X12-E054 N1 (party) is missing before CDD"]),
    ("861", "DTM*050*20260310\n", "", &["X12-E054 DTM (date or time) is missing before PRF"]),
    (
        "945",
        "N1*WH*FAST 3PL DAYTON*91*WH1\nN1*ST*MEGAMART DC 6021*92*6021\n",
        "",
        &["X12-E054 N1 (party) is missing before N9"],
    ),
    ("943", "\nW03*24*31.5*LB", "", &["X12-E054 W03 (totals shipped) is missing before SE"]),
    ("944", "\nW14*23*24", "", &["X12-E054 W14 (totals received) is missing before SE"]),
    (
        "870",
        "HL*1**O\nPRF*4500012345***20260302\n",
        "",
        &["X12-E052 ISR (item status) is not expected here", "X12-E054 HL (hierarchical level) is missing before CTT"],
    ),
    // Segments stand in the wrong order.
    (
        "860",
        "REF*IA*778899\nN1*ST*MEGAMART DC 6021*92*6021",
        "N1*ST*MEGAMART DC 6021*92*6021\nDTM*010*20260306",
        &["X12-E053 DTM (date or time) comes too late"],
    ),
    (
        "832",
        "BCT*PS*SPRING\nDTM*007*20260301",
        "BCT*PS*SPRING\nDTM*007*20260301\nREF*IA*1",
        &["X12-E053 REF (reference) comes too late"],
    ),
    (
        "180",
        "BGN*00*RA-1001*20260310*0915\nRDR*RG*DM",
        "RDR*RG*DM\nBGN*00*RA-1001*20260310*0915",
        &["X12-E053 BGN (beginning of the document) comes too late"],
    ),
    ("940", "W66*CC*M********ABCD", "W66*CC*M********ABCD\nNTE*WHI*LATE", &["X12-E053 NTE (note) comes too late"]),
    ("865", "CTT*1*18", "CTT*1*18\nREF*IA*1", &["X12-E053 REF (reference) comes too late"]),
    // A condition is violated.
    (
        "860",
        "POC*001*QD*18*6*EA*",
        "POC*001*QD*18*6**",
        &["X12-E061 POC element 5 (unit of measure) is missing, which element 3 (quantity ordered) requires"],
    ),
    (
        "832",
        "*3.61*1*EA",
        "*3.61*1",
        &["X12-E061 CTP element 5 (unit of measure) is missing, which element 4 (quantity) requires"],
    ),
    (
        "820",
        "TRN*1*EFT0099887\n",
        "TRN*1*EFT0099887\nREF*VR\n",
        &["X12-E061 REF element 2 (reference) is missing, and so is every alternative to it"],
    ),
    (
        "812",
        "CDD*01*C*001*2000",
        "CDD*01*C*001",
        &["X12-E061 CDD element 4 (amount in cents) is missing, and so is every alternative to it"],
    ),
    ("180", "RDR*RG", "RDR*RG*DM*01", &["X12-E073 RDR element 3 (response reason) excludes element 2 (return reason)"]),
    (
        "861",
        "RCD*001*24*EA",
        "RCD*001*24",
        &["X12-E061 RCD element 3 (unit of measure) is missing, which element 2 (quantity received) requires"],
    ),
    (
        "940",
        "W01*24*EA**UP*061414100014*VN*WID-RED",
        "W01*24*EA",
        &["X12-E061 W01 element 3 (UPC case code) is missing, and so is every alternative to it"],
    ),
    (
        "943",
        "W04*24*EA**UP*061414100014",
        "W04*24*EA**UP",
        &["X12-E061 W04 element 5 (product id) is missing, which element 4 (product id qualifier) requires"],
    ),
    (
        "944",
        "W08*M*ABCD*ABC FREIGHT",
        "W08*M",
        &["X12-E061 W08 element 2 (carrier code (SCAC)) is missing, and so is every alternative to it"],
    ),
    (
        "945",
        "W27*M*ABCD*ABC FREIGHT*CC",
        "W27*M***CC",
        &["X12-E061 W27 element 2 (carrier code (SCAC)) is missing, and so is every alternative to it"],
    ),
];

#[test]
fn what_is_wrong_is_named_at_every_version() {
    for (set, text, by, expected) in FAULTS {
        let example = EXAMPLES.iter().find(|(id, body)| id == set && body.contains(text));
        let (_, body) = example.unwrap_or_else(|| panic!("no {set} has {text}"));
        for version in ["004010", "005010"] {
            let wrong = at_version(set, version, &body.replacen(text, by, 1));
            assert_eq!(found(set, version, &wrong), *expected, "{set} at {version}, {text}");
        }
    }
}
