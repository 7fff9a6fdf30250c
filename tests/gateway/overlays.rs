//! Guides in layers, as their owner meets them: files that add to the standard, overlays that narrow it for one partner.

use std::fs;

use crate::house::{House, edigate, sample};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";

const OVERLAY: &str = "overlay 850 at 004010 purchase order
use only BEG CUR REF PER FOB ITD DTM TD5 N1 N3 N4 PO1 PID PO4 CTT
REF required
BEG03 pattern 45########
BEG01 codes 00 06
N1/N103 required
PO1 max 500
";

const ACTIVITY: &str = "set 852 at 004010 product activity
group PD

ST M 1       transaction set header
XQ M 1       reporting period
N1 O 1       party
loop LIN M >1 item
  LIN M 1    item
  loop ZA O >1 activity
    ZA M 1   activity
SE M 1       transaction set trailer
";

const SEGMENTS: &str = "segments at 004010 from 004010
segment XQ reporting period
  01 M ID 1-1 305 handling
  02 O DT 8-8 373 date
segment ZA product activity
  01 M ID 2-2 859 activity
  02 O R 1-15 380 quantity
";

/// A house whose retailer has an overlay, and which knows one more transaction set.
fn house() -> House {
    let house = House::new();
    let file = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("line_breaks = true\n"));
    fs::write(file, text.replace("line_breaks = true\n", "line_breaks = true\nguides = [\"850.overlay\"]\n")).unwrap();
    fs::write(house.path("partners/megamart/850.overlay"), OVERLAY).unwrap();
    fs::create_dir_all(house.path("guides/004010")).unwrap();
    fs::write(house.path("guides/004010/852.guide"), ACTIVITY).unwrap();
    fs::write(house.path("guides/004010/segments.guide"), SEGMENTS).unwrap();
    house
}

/// The clean order of the samples with another PO number, and control numbers of its own.
fn order(control_number: u32, po_number: &str) -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    text.replace("000000101", &format!("{control_number:09}")).replace("4500012345", po_number).into_bytes()
}

fn diagnostics(row: &Value) -> Vec<&Value> {
    row["diagnostics"].as_array().unwrap().iter().collect()
}

/// The texts of the files that the retailer got.
fn answers(house: &House) -> Vec<String> {
    let names = house.names(TO_RETAILER).into_iter();
    names.map(|name| fs::read_to_string(house.path(TO_RETAILER).join(name)).unwrap()).collect()
}

#[test]
fn an_order_that_the_partners_overlay_refuses_is_rejected_until_the_overlay_is_corrected() {
    let mut house = house();
    house.start();
    house.drop_file(RETAILER, "good.edi", &order(601, "4500012345"));
    assert_eq!(house.settled("good.edi")["state"], "processed");
    house.wait_for("the order at the ERP", |house| house.names(TO_ERP).len() == 2);

    // The standard has nothing against it.
    fs::write(house.path("other.edi"), order(602, "PO-77")).unwrap();
    assert_eq!(edigate(&["lint", house.path("other.edi").to_str().unwrap()]).code, 0);
    house.drop_file(RETAILER, "other.edi", &order(602, "PO-77"));
    let row = house.settled("other.edi");
    assert_eq!(row["state"], "quarantined", "{row:#}");
    let found = diagnostics(&row);
    assert_eq!(found.len(), 1, "{row:#}");
    assert_eq!((&found[0]["code"], &found[0]["layer"]), (&"X12-E096".into(), &"partner megamart".into()));
    let expected = found[0]["expected"].as_str().unwrap();
    assert!(expected.ends_with("(MegaMart Stores' guide, 850.overlay line 4)"), "{expected}");
    house.wait_for("both 997s", |house| house.names(TO_RETAILER).len() == 2);
    let rejected = answers(&house).into_iter().find(|text| text.contains("AK5*R")).unwrap();
    assert!(rejected.contains("AK3*BEG*2**8~") && rejected.contains("AK4*3*324*7*PO-77~"), "{rejected}");

    // A broken overlay replaces nothing.
    fs::write(house.path("partners/megamart/850.overlay"), OVERLAY.replace("pattern 45", "patern 45")).unwrap();
    house.signal("-HUP");
    house.wait_for("the report", |house| house.log().contains("the old one stays in force"));
    let told = house.ask(&["check"]);
    assert_eq!(told.code, 1);
    assert!(told.out.contains("850.overlay, line 4\n"), "{}", told.out);

    fs::write(house.path("partners/megamart/850.overlay"), OVERLAY.replace("pattern 45########", "pattern PO-*"))
        .unwrap();
    house.signal("-HUP");
    house.wait_for("the reload", |house| house.log().contains("configuration reloaded"));
    assert_eq!(house.ask(&["replay", row["id"].as_str().unwrap()]).code, 0);
    house.wait_for("the order to be taken", |house| house.settled("other.edi")["state"] == "processed");
    house.wait_for("the order at the ERP", |house| house.names(TO_ERP).len() == 4);
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
}

#[test]
fn a_set_that_a_guide_file_adds_is_checked_and_told_as_not_read() {
    let mut house = house();
    house.start();
    let activity = |number: u32, xq: &str| {
        format!(
            "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*{number:09}*0*P*>~\n\
             GS*PD*MEGAMART*ACMESUPPLY*20260303*0915*{number}*X*004010~\nST*852*0001~\n{xq}~\nLIN*1*UP*061414100014~\n\
             ZA*QS*12~\nSE*5*0001~\nGE*1*{number}~\nIEA*1*{number:09}~\n"
        )
    };
    house.drop_file(RETAILER, "activity.edi", activity(611, "XQ*H*20260303").as_bytes());
    let row = house.settled("activity.edi");
    let found = diagnostics(&row);
    assert_eq!((found.len(), &found[0]["code"]), (1, &"DOC-E002".into()), "{row:#}");
    assert!(found[0]["message"].as_str().unwrap().contains("852 was checked, not read"), "{row:#}");

    house.drop_file(RETAILER, "wrong.edi", activity(612, "XQ*H*20260399").as_bytes());
    let row = house.settled("wrong.edi");
    let found = diagnostics(&row);
    assert_eq!((&found[0]["code"], &found[0]["layer"]), (&"X12-E071".into(), &"guides".into()), "{row:#}");
    house.wait_for("both 997s", |house| house.names(TO_RETAILER).len() == 2);
    let answers = answers(&house);
    assert!(answers.iter().any(|text| text.contains("AK3*XQ*2**8~\nAK4*2*373*8*20260399~")), "{answers:?}");
}

#[test]
fn commands_check_by_the_guides_of_a_configuration_when_they_are_given_one() {
    let house = house();
    let file = house.path("order.edi");
    fs::write(&file, order(621, "PO-77")).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(edigate(&["lint", file]).code, 0);
    let linted = house.ask(&["lint", "--json", file]);
    assert_eq!(linted.code, 1, "{}", linted.err);
    let linted: Value = serde_json::from_str(&linted.out).unwrap();
    assert_eq!(linted["diagnostics"][0]["layer"], "partner megamart");
    // Whoever it says that it comes from.
    fs::write(file, String::from_utf8(order(621, "PO-77")).unwrap().replace("MEGAMART  ", "SOMEBODY  ")).unwrap();
    assert_eq!(house.ask(&["lint", file]).code, 0);
    assert_eq!(house.ask(&["lint", "--partner", "megamart", file]).code, 1);
    let said = house.ask(&["lint", "--partner", "megamat", file]);
    assert!(said.code == 2 && said.err.contains("there is no partner \"megamat\""), "{}", said.err);

    let told = house.ask(&["check"]);
    assert_eq!(told.code, 0, "{}", told.out);
    for name in ["guides/004010/852.guide", "guides/004010/segments.guide", "partners/megamart/850.overlay"] {
        assert!(told.out.contains(&format!("guide: {}\n", house.path(name).display())), "{}", told.out);
    }
}

#[test]
fn show_ack_and_render_go_by_the_agreement_with_a_partner() {
    let house = house();
    fs::write(
        house.path("partners/megamart/850.overlay"),
        "overlay 850 at 004010\nBEG03 pattern 45########\nREF*ZZ required\nN1*ST/N4 required\n",
    )
    .unwrap();
    let file = house.path("order.edi");
    fs::write(&file, String::from_utf8(order(631, "PO-77")).unwrap().replace("MEGAMART  ", "SOMEBODY  ")).unwrap();
    let file = file.to_str().unwrap();

    // Without a partner both know the standard alone.
    assert_eq!(edigate(&["show", file]).code, 0);
    assert!(edigate(&["ack", file]).out.contains("AK5*A"));
    let shown = house.ask(&["show", "--partner", "megamart", file]);
    assert_eq!(shown.code, 1);
    assert!(shown.err.contains("X12-E096") && shown.err.contains("\n  layer: partner megamart\n"), "{}", shown.err);
    let answer = house.ask(&["ack", "--partner", "megamart", file]);
    assert_eq!(answer.code, 1);
    assert!(answer.out.contains("*ZZ*ACMESUPPLY     *ZZ*MEGAMART       *"), "{}", answer.out);
    for expected in ["AK4*3*324*7*PO-77~", "AK3*REF*", "AK5*R*5~"] {
        assert!(answer.out.contains(expected), "{expected}: {}", answer.out);
    }
    let answer = house.ask(&["ack", "--partner", "megamart", "--kind", "999", file]).out;
    assert!(answer.contains("IK4*3*324*I12*PO-77~") && answer.contains("IK5*R*I5~"), "{answer}");
    // The sender of the file is known by the configuration alone.
    assert!(house.ask(&["ack", file]).out.contains("AK5*A"));

    // What we would send is held against the same overlay.
    let canonical = house.path("order.json");
    fs::write(&canonical, edigate(&["show", "--as", "canonical", file]).out).unwrap();
    let canonical = canonical.to_str().unwrap();
    assert_eq!(edigate(&["render", canonical, "--as", "850"]).code, 0);
    let rendered = house.ask(&["render", canonical, "--as", "850", "--partner", "megamart"]);
    assert_eq!(rendered.code, 1);
    assert!(rendered.err.contains("X12-E096") && rendered.out.starts_with("ISA*"), "{}", rendered.err);
}

#[test]
fn an_agreement_without_acknowledgments_answers_nothing_unless_one_is_asked_for() {
    let house = house();
    let partner = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&partner).unwrap();
    let acknowledge = text.lines().find(|line| line.starts_with("acknowledge")).unwrap();
    fs::write(&partner, text.replace(acknowledge, "acknowledge = \"none\"")).unwrap();
    let file = house.path("order.edi");
    fs::write(&file, order(641, "4500012345")).unwrap();
    let file = file.to_str().unwrap();
    let said = house.ask(&["ack", "--partner", "megamart", file]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_eq!(
        said.err,
        "the agreement with MegaMart Stores has no acknowledgment; --kind 997 shows what it would be\n"
    );
    assert!(house.ask(&["ack", "--partner", "megamart", "--kind", "997", file]).out.contains("AK5*A"));
}

#[test]
fn rules_by_qualifier_are_shown_by_themselves() {
    let house = house();
    let overlay = "overlay 850 at 004010\nREF*DP required\nREF*DP/REF02 max 4\nN1*ST/N4 required\nREF04-1 codes DP\n";
    fs::write(house.path("partners/megamart/850.overlay"), overlay).unwrap();
    let shown = house.ask(&["guide", "show", "850", "--version", "004010", "--partner", "megamart"]).out;
    assert!(
        shown.ends_with(
            "
elements
  REF04-1  reference qualifier  codes DP (line 5)

by qualifier
  REF*DP        reference                    required (line 2)
  REF*DP/REF02  reference                    max 4 (line 3)
  N1*ST/N4      city, state and postal code  required (line 4)
"
        ),
        "{shown}"
    );
    let segment = house.ask(&["guide", "show", "850", "REF", "--partner", "megamart"]).out;
    assert!(
        segment.contains(
            "\n  REF*DP        required (line 2)\n  REF*DP/REF02  max 4 (line 3)\n  REF04-1       codes DP (line 5)\n"
        ),
        "{segment}"
    );
}

#[test]
fn a_guide_is_shown_with_the_rules_of_the_partner_marked() {
    let house = house();
    fs::write(house.path("partners/megamart/850.overlay"), "overlay 850 at 004010 short orders\nuse only BEG REF N1 PO1\nREF required\nPO1 max 500\nBEG06 required\nPO1/N1 unused\nN1/N103 constant 92 # ours\n").unwrap();
    let shown = house.ask(&["guide", "show", "850", "--version", "004010", "--partner", "megamart"]);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    assert_eq!(
        shown.out,
        "\
850 purchase order, at 004010, in a group PO
as MegaMart Stores' guide narrows it, 850.overlay: short orders

segment   use  max  what it is                       rule of the partner
ST        M    1    transaction set header
BEG       M    1    beginning of the purchase order  elements, see below
REF       M    >1   reference                        required (line 3)
N1 loop   O    200  party
  N1      M    1    party                            elements, see below
  REF     O    12   reference
PO1 loop  M    500  ordered line                     at most 500 (line 4)
  PO1     M    1    ordered line
  REF     O    >1   reference
SE        M    1    transaction set trailer

elements
  BEG06    contract number                required (line 5)
  N1/N103  identification code qualifier  constant 92 (line 7)

not used: CUR, PER, TAX, FOB, CTP, PAM, CSH, TC2, SAC, ITD, DIS, INC, DTM, LDT, LIN, SI, PID, MEA, PWK, PKG, TD1, TD5, TD3, \
TD4, MAN, PCT, CTB, TXI, AMT, N9, LM, SPI, ADV, CTT, N2, N3, N4, NX2, CN1, PO3, PO4, IT8, SDQ, IT3, MSG, QTY, SCH, LS, PO1/N1, \
SLN
"
    );
    let segment = house.ask(&["guide", "show", "850", "BEG", "--partner", "megamart"]).out;
    assert!(
        segment.contains("\nrules of MegaMart Stores' guide, 850.overlay\n  BEG06  required (line 5)\n"),
        "{segment}"
    );
    let json: Value =
        serde_json::from_str(&house.ask(&["guide", "show", "850", "--partner", "megamart", "--json"]).out).unwrap();
    assert_eq!(json["overlay"]["rules"][3], serde_json::json!({ "at": "BEG06", "rule": "required", "line": 5 }));
    assert!(json["places"].as_array().unwrap().iter().filter(|place| place["used"] == false).count() > 20);
    // A set that was added, and the standard, which knows nothing of it.
    assert!(house.ask(&["guide", "show", "852"]).out.starts_with("852 product activity, at 004010, in a group PD\n"));
    assert_eq!(edigate(&["guide", "show", "852"]).code, 2);
}
