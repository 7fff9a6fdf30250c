//! What follows a purchase: payments, refusals, receipts and stock come in, reach the ERP, and are in their orders' stories.

use std::fs;

use crate::house::{House, sample};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const ERP: &str = "folders/erp/outbox";
const TO_ERP: &str = "folders/erp/inbox";

/// A house whose partners have these rules as well, running, with the order of the samples in its books.
fn house_with(rules: &[(&str, &str)], files: &[(&str, &str)]) -> House {
    let mut house = House::new();
    for (name, text) in files {
        fs::write(house.path(name), text).unwrap();
    }
    for (partner, rules) in rules {
        let file = house.path(&format!("partners/{partner}/partner.toml"));
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n{rules}")).unwrap();
    }
    house.start();
    house.drop_file(RETAILER, "850.edi", &sample("megamart/850_101.edi"));
    assert_eq!(house.settled("850.edi")["state"], "processed");
    house
}

/// The rule by which MegaMart's set goes to the ERP.
fn receive(set: &str) -> String {
    format!("[[document]]\nreceive = \"{set}\"\nto = \"erp\"\n")
}

/// The rule by which the ERP gets documents of a kind.
fn hand_on(kind: &str) -> String {
    format!("[[document]]\nsend = \"{kind}\"\nvia = \"inbox\"\nas = \"json\"\nname = \"{{kind}}_{{number}}.json\"\n")
}

/// An interchange of MegaMart with one set of these segments.
fn interchange(control_number: u32, group: &str, set: &str, segments: &str) -> Vec<u8> {
    let count = segments.matches('~').count() + 2;
    format!(
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*{control_number:09}*0*P*>~\n\
         GS*{group}*MEGAMART*ACMESUPPLY*20260303*0915*{control_number}*X*004010~\n\
         ST*{set}*0001~\n{segments}SE*{count}*0001~\nGE*1*{control_number}~\nIEA*1*{control_number:09}~\n"
    )
    .into_bytes()
}

/// A document that reached the ERP.
fn handed_on(house: &House, name: &str) -> Value {
    house.wait_for(name, |house| house.names(TO_ERP).iter().any(|found| found == name));
    serde_json::from_str(&fs::read_to_string(house.path(TO_ERP).join(name)).unwrap()).unwrap()
}

#[test]
fn a_payment_and_a_refusal_reach_the_erp_and_the_story_of_their_order() {
    let from_retailer = receive("820") + &receive("824");
    let to_erp = hand_on("remittance") + &hand_on("application_advice");
    let house = house_with(&[("megamart", &from_retailer), ("erp", &to_erp)], &[]);
    let payment = "BPR*I*115.29*C*ACH************20260405~\nTRN*1*EFT0099887~\nN1*PR*MEGAMART INC*UL*0614141000005~\n\
                   ENT*1~\nRMR*IV*INV-20077**115.29*117.64*2.35~\nREF*PO*4500012345~\n";
    house.drop_file(RETAILER, "820.edi", &interchange(811, "RA", "820", payment));
    assert_eq!(house.settled("820.edi")["state"], "processed");
    let refusal = "BGN*00*ADV5501*20260306*1530~\nOTI*TR*SI*SHP0000777***20260306*1410*503*0001*856~\n\
                   REF*PO*4500012345~\nTED*ZZZ**LIN*24*3**061414100014~\nNTE*GEN*UPC NOT ON PURCHASE ORDER~\n";
    house.drop_file(RETAILER, "824.edi", &interchange(812, "AG", "824", refusal));
    assert_eq!(house.settled("824.edi")["state"], "processed");

    let remittance = handed_on(&house, "remittance_EFT0099887.json");
    assert_eq!((&remittance["kind"], &remittance["partner"]), (&"remittance".into(), &"megamart".into()));
    assert_eq!(remittance["lines"][0]["paid"], "115.29");
    assert_eq!(handed_on(&house, "application_advice_ADV5501.json")["answers"][0]["verdict"], "rejected");

    let told = house.ask(&["trace", "4500012345"]).out;
    assert!(told.contains("accepted remittance EFT0099887: 1 line, 115.29"), "{told}");
    assert!(told.contains("856 SHP0000777 is rejected by its receiver: UPC NOT ON PURCHASE ORDER"), "{told}");
    let findings = house.rows(&["ledger", "findings"]);
    assert!(findings.iter().any(|finding| finding["rule"] == "DOC-W063"), "{findings:?}");
}

/// The bank's own list names no partner of ours: it is MegaMart's payment because it names MegaMart's order.
#[test]
fn a_banks_list_is_the_business_of_the_partner_whose_order_it_names() {
    const MAP: &str = "document = \"remittance\"\nformat = \"csv\"\ngroup_by = \"Trace\"\n[fields]\n\
        trace_number = \"Trace\"\namount = \"Total\"\n\"line.number\" = \"Invoice\"\n\"line.po_number\" = \"PO\"\n\
        \"line.paid\" = \"Paid\"\n";
    let rules =
        "[[document]]\nreceive = \"remittance\"\nmap = \"payments.map.toml\"\nmatch = \"payments*\"\nto = \"erp\"\n";
    let rules = rules.to_owned() + &hand_on("remittance");
    let house = house_with(&[("erp", &rules)], &[("partners/erp/payments.map.toml", MAP)]);
    house.drop_file(ERP, "payments.csv", b"Trace,Total,Invoice,PO,Paid\nT1,100.00,INV-1,4500012345,90.00\n");
    assert_eq!(house.settled("payments.csv")["state"], "processed");
    assert_eq!(handed_on(&house, "remittance_T1.json")["partner"], "megamart");
    let told = house.ask(&["trace", "4500012345"]).out;
    assert!(told.contains("payment T1 is 100.00, its lines add up to 90.00 (DOC-W061)"), "{told}");
}

/// Whatever arrives twice takes effect once, here as well.
#[test]
fn a_payment_that_comes_again_in_another_interchange_is_known() {
    let house = house_with(&[("megamart", &receive("820")), ("erp", &hand_on("remittance"))], &[]);
    let payment = "BPR*I*100*C*CHK~\nTRN*1*CHK-5~\nN1*PR*MEGAMART INC~\n";
    house.drop_file(RETAILER, "first.edi", &interchange(821, "RA", "820", payment));
    assert_eq!(house.settled("first.edi")["state"], "processed");
    house.drop_file(RETAILER, "again.edi", &interchange(822, "RA", "820", payment));
    house.settled("again.edi");
    let told = house.ask(&["trace", "CHK-5"]).out;
    assert!(told.contains("820 CHK-5 came in before with the same content; nothing is delivered again"), "{told}");
}

/// The buyer wants less of one item, nothing of another, and a third one, which the ERP may ship from then on.
#[test]
fn a_change_of_an_order_reaches_the_erp_and_is_what_the_order_is_held_against() {
    let house = house_with(&[("megamart", &receive("860")), ("erp", &hand_on("order_change"))], &[]);
    let change = "BCH*04*SA*4500012345**1*20260302*****20260304~\n\
                  POC*001*QD*18*6*EA*3.61*PE*UP*061414100014~\nPOC*002*DI*0*12*EA*5.5*PE*UP*061414100021~\n\
                  POC*003*AI*6*6*EA*2.25*PE*UP*061414100038~\nCTT*3~\n";
    house.drop_file(RETAILER, "860.edi", &interchange(831, "PC", "860", change));
    assert_eq!(house.settled("860.edi")["state"], "processed");
    let handed = handed_on(&house, "order_change_4500012345_1.json");
    assert_eq!((&handed["sequence"], &handed["changes"][0]["is"]), (&"1".into(), &"quantity_decrease".into()));
    let told = house.ask(&["trace", "4500012345"]).out;
    assert!(told.contains("accepted change 1 of order 4500012345: 3 lines"), "{told}");
    assert!(told.contains("changed"), "{told}");
    let shipped = "ShipmentNo,ShipDate,ETA,CustomerPO,SCAC,Carrier,BOL,PRO,WeightLb,CartonNo,CartonSSCC,UPC,Qty\n\
                   SHP0000778,03/06/2026 14:05,03/09/2026,4500012345,ABCD,,,,31.5,1,006141410000000111,061414100038,6\n";
    house.drop_file(ERP, "ship_SHP0000778.csv", shipped.as_bytes());
    assert_eq!(house.settled("ship_SHP0000778.csv")["state"], "processed");
    house.drop_file(RETAILER, "again.edi", &interchange(832, "PC", "860", change));
    house.settled("again.edi");
    let told = house.ask(&["trace", "4500012345"]).out;
    assert!(
        told.contains("860 4500012345/1 came in before with the same content; nothing is delivered again"),
        "{told}"
    );
}

/// Files overtake each other: what replaces the order came first, and the order is taken in behind it.
#[test]
fn an_order_that_comes_after_the_one_that_replaces_it_is_in_the_books_and_goes_nowhere() {
    let house = house_with(&[], &[]);
    let order = |purpose: &str, count: u32| {
        format!("BEG*{purpose}*SA*4500099999**20260302~\nPO1*001*{count}*EA*3.61*PE*UP*061414100014~\nCTT*1*{count}~\n")
    };
    house.drop_file(RETAILER, "replaced.edi", &interchange(841, "PO", "850", &order("05", 30)));
    assert_eq!(house.settled("replaced.edi")["state"], "processed");
    let handed = house.names(TO_ERP);
    house.drop_file(RETAILER, "original.edi", &interchange(842, "PO", "850", &order("00", 24)));
    assert_eq!(house.settled("original.edi")["state"], "processed");
    let told = house.ask(&["trace", "4500099999"]).out;
    assert!(told.contains("as what was there before the one that came in first; it is not delivered"), "{told}");
    assert_eq!(house.names(TO_ERP), handed);
}

/// What is wrong is told in words: a person must read it, and finds it where the order is.
#[test]
fn a_text_of_the_retailer_is_a_finding_about_the_order_that_it_names() {
    let house = house_with(&[("megamart", &receive("864")), ("erp", &hand_on("text_message"))], &[]);
    let text = "BMG*00*ASN ERRORS~\nDTM*097*20260306~\nMIT*ERR01~\nMSG*PO 4500012345: CARTON COUNT DIFFERS~\n";
    house.drop_file(RETAILER, "864.edi", &interchange(841, "TX", "864", text));
    assert_eq!(house.settled("864.edi")["state"], "processed");
    let told = house.ask(&["trace", "4500012345"]).out;
    let expect = "their 864 writes of order 4500012345: PO 4500012345: CARTON COUNT DIFFERS (ACK-W009)";
    assert!(told.contains(expect), "{told}");
    let texts = || {
        let findings = house.rows(&["ledger", "findings"]);
        findings.into_iter().filter(|finding| finding["rule"] == "ACK-W009").collect::<Vec<_>>()
    };
    assert_eq!(texts()[0]["po_number"], "4500012345");
    // The same words once more are known; others under the same number are another text.
    house.drop_file(RETAILER, "again.edi", &interchange(842, "TX", "864", text));
    house.settled("again.edi");
    let other = text.replace("CARTON COUNT DIFFERS", "WRONG LABEL");
    house.drop_file(RETAILER, "other.edi", &interchange(843, "TX", "864", &other));
    assert_eq!(house.settled("other.edi")["state"], "processed");
    assert_eq!(texts().len(), 2);
}
