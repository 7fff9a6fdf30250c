//! Acknowledgments as partners get them: from a file in the pick-up folder to the answers in the drop-off folder.

use std::fs;

use crate::house::{House, order_with, sample};

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";
const PARTNER: &str = "partners/megamart/partner.toml";

/// A house whose retailer has other lines in its file.
fn with(edits: &[(&str, &str)]) -> House {
    let mut house = House::new();
    let mut text = fs::read_to_string(house.path(PARTNER)).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "the partner file has no {from:?}");
        text = text.replace(from, to);
    }
    fs::write(house.path(PARTNER), text).unwrap();
    house.start();
    house
}

/// The lines of the answer that was dropped off, without its ISA and IEA.
fn answer(house: &House, name: &str) -> String {
    house.wait_for(name, |house| house.names(TO_RETAILER).iter().any(|one| one == name));
    let text = fs::read_to_string(house.path(TO_RETAILER).join(name)).unwrap();
    // Date and time of GS are those of the test.
    let lines = text.lines().filter(|line| !line.starts_with("ISA") && !line.starts_with("IEA"));
    let lines = lines.map(|line| match line.strip_prefix("GS*") {
        Some(gs) => {
            let mut elements: Vec<&str> = gs.split('*').collect();
            (elements[3], elements[4]) = ("date", "time");
            format!("GS*{}", elements.join("*"))
        }
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn state(house: &House, name: &str, text: &str) -> String {
    house.drop_file(RETAILER, name, text.as_bytes());
    house.settled(name)["state"].as_str().unwrap().to_owned()
}

#[test]
fn three_groups_of_which_one_is_rejected_are_answered_in_one_file_at_their_versions() {
    let house = with(&[]);
    let text = order_with(&[]);
    let lines: Vec<&str> = text.lines().collect();
    let (isa, body) = (lines[0], lines[2..lines.len() - 2].join("\n"));
    let group = |number: &str, version: &str, body: &str| {
        format!("GS*PO*STORES*ACMESUPPLY*20260303*0915*{number}*X*{version}~\n{body}\nGE*1*{number}~\n")
    };
    let file = [
        format!("{isa}\n"),
        group("101", "004010", &body),
        group("102", "005010", &body.replace("4500012345", "4500012346").replace("*3.61*", "*3,61*")),
        group("103", "004010", &body.replace("4500012345", "4500012347")),
        "IEA*3*000000101~\n".to_owned(),
    ];
    assert_eq!(state(&house, "three.edi", &file.concat()), "processed");
    insta::assert_snapshot!(answer(&house, "megamart_997_000000501.edi"), @r"
    GS*FA*ACMESUPPLY*STORES*date*time*501*X*004010~
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
    GS*FA*ACMESUPPLY*STORES*date*time*502*X*005010~
    ST*997*0001~
    AK1*PO*102*005010~
    AK2*850*0001~
    AK3*PO1*16*PO1*8~
    AK4*4*212*6*3,61~
    AK5*R*5~
    AK9*R*1*1*0~
    SE*8*0001~
    GE*1*502~
    ");
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 2);
    let owed = house.rows(&["ledger", "acks"]);
    assert_eq!(owed.len(), 1);
    assert_eq!(owed[0]["label"], "997 for 000000101", "{:#}", owed[0]);
    assert_eq!(house.names(TO_RETAILER).len(), 1);
}

#[test]
fn a_tolerated_error_is_accepted_with_errors_and_the_order_is_used() {
    let house = with(&[("line_breaks = true", "line_breaks = true\ntolerate = [\"X12-E065\"]")]);
    let text = order_with(&[("REF*IA*778899~", "REF*IA*7788990000000000000000000000000~")]);
    assert_eq!(state(&house, "long.edi", &text), "processed");
    insta::assert_snapshot!(answer(&house, "megamart_997_000000501.edi"), @r"
    GS*FA*ACMESUPPLY*MEGAMART*date*time*501*X*004010~
    ST*997*0001~
    AK1*PO*101~
    AK2*850*0001~
    AK3*REF*5**8~
    AK4*2*127*5*7788990000000000000000000000000~
    AK5*E*5~
    AK9*E*1*1*1~
    SE*8*0001~
    GE*1*501~
    ");
    house.wait_for("the order at the ERP", |house| !house.names(TO_ERP).is_empty());
}

#[test]
fn a_warning_that_rejects_keeps_the_order_out() {
    let house = with(&[("line_breaks = true", "line_breaks = true\nreject = [\"X12-W023\"]")]);
    assert_eq!(state(&house, "total.edi", &order_with(&[("CTT*2*36~", "CTT*3*36~")])), "quarantined");
    insta::assert_snapshot!(answer(&house, "megamart_997_000000501.edi"), @r"
    GS*FA*ACMESUPPLY*MEGAMART*date*time*501*X*004010~
    ST*997*0001~
    AK1*PO*101~
    AK2*850*0001~
    AK3*CTT*21**8~
    AK4*1*354*7*3~
    AK5*R*5~
    AK9*R*1*1*0~
    SE*8*0001~
    GE*1*501~
    ");
    assert!(house.rows(&["ledger", "documents"]).is_empty());
}

#[test]
fn a_partner_who_wants_999s_gets_them() {
    let house = with(&[(r#"with = "997", sets = "all""#, r#"with = "999", sets = "not accepted""#)]);
    assert_eq!(
        state(&house, "price.edi", &order_with(&[("*3.61*PE*UP*061414100014*", "*3.61*PE*UP**")])),
        "quarantined"
    );
    insta::assert_snapshot!(answer(&house, "megamart_999_000000501.edi"), @r"
    GS*FA*ACMESUPPLY*MEGAMART*date*time*501*X*005010X231A1~
    ST*999*0001*005010X231A1~
    AK1*PO*101*004010~
    AK2*850*0001~
    IK3*PO1*16*PO1*8~
    IK4*7*234*2~
    CTX*SITUATIONAL TRIGGER*PO1*16*PO1*6~
    IK5*R*5~
    AK9*R*1*1*0~
    SE*9*0001~
    GE*1*501~
    ");
    let owed = house.rows(&["ledger", "acks"]);
    assert_eq!(owed[0]["label"], "999 for 000000101", "{:#}", owed[0]);
}

#[test]
fn a_999_of_the_partner_settles_what_waited_for_it() {
    let house = with(&[(r#"expect = { "997" = "24 h" }"#, r#"expect = { "999" = "24 h" }"#)]);
    assert_eq!(state(&house, "order.edi", &order_with(&[])), "processed");
    house.drop_file("folders/erp/outbox", "ack.json", &sample("erp/ack_4500012345.json"));
    let owed = |house: &House| house.rows(&["ledger", "acks"]).into_iter().find(|row| row["label"] == "855 4500012345");
    house.wait_for("the 855", |house| house.names(TO_RETAILER).iter().any(|name| name.starts_with("megamart_855")));
    assert_eq!(owed(&house).unwrap()["what"], "999");
    let name = house.names(TO_RETAILER).into_iter().find(|name| name.starts_with("megamart_855")).unwrap();
    let number = name.trim_start_matches("megamart_855_").trim_end_matches(".edi").trim_start_matches('0').to_owned();
    let text = format!(
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0953*^*00501*000000201*0*P*>~\n\
         GS*FA*MEGAMART*ACMESUPPLY*20260303*0953*201*X*005010X231A1~\nST*999*0001*005010X231A1~\n\
         AK1*PR*{number}*004010~\nAK2*855*0001~\nIK3*PO1*4*PO1*8~\nIK4*2*330*2~\nCTX*SITUATIONAL TRIGGER*PO1*4*PO1*3~\n\
         IK5*R*I5~\nAK9*R*1*1*0~\nSE*9*0001~\nGE*1*201~\nIEA*1*000000201~\n"
    );
    assert_eq!(state(&house, "999.edi", &text), "processed");
    house.wait_for("the verdict", |house| owed(house).is_some_and(|row| row["state"] == "violated"));
    let events = house.rows(&["ledger", "events"]);
    let rejected = events.iter().filter_map(|event| event["text"].as_str()).find(|text| text.contains("REJECTED"));
    assert_eq!(
        rejected,
        Some(
            "855 4500012345 REJECTED by their 999: PO1 (segment 4), element 2: element missing that another one requires"
        ),
    );
}

#[test]
fn what_is_wrong_with_the_senders_own_numbers_does_not_keep_the_answer_back() {
    let house = with(&[]);
    let text = order_with(&[("ST*850*0001~", "ST*850*1~"), ("SE*22*0001~", "SE*22*1~")]);
    assert_eq!(state(&house, "short.edi", &text), "processed");
    insta::assert_snapshot!(answer(&house, "megamart_997_000000501.edi"), @r"
    GS*FA*ACMESUPPLY*MEGAMART*date*time*501*X*004010~
    ST*997*0001~
    AK1*PO*101~
    AK2*850*1   ~
    AK5*E*7~
    AK9*E*1*1*1~
    SE*6*0001~
    GE*1*501~
    ");
}

#[test]
fn a_ta1_goes_out_always_where_that_was_agreed_and_never_for_a_ta1() {
    let house = with(&[("line_breaks = true", "line_breaks = true\nta1 = \"always\"")]);
    let ta1 = |house: &House| house.names(TO_RETAILER).into_iter().filter(|name| name.starts_with("ta1")).count();
    assert_eq!(state(&house, "trailer.edi", &order_with(&[("IEA*1*", "IEA*2*")])), "processed");
    house.wait_for("the TA1", |house| ta1(house) == 1);
    let name = house.names(TO_RETAILER).into_iter().find(|name| name.starts_with("ta1")).unwrap();
    assert!(
        fs::read_to_string(house.path(TO_RETAILER).join(name)).unwrap().contains("TA1*000000101*260303*0915*E*021~")
    );

    let isa = order_with(&[("000000101*0*P", "000000102*1*P")]).lines().next().unwrap().to_owned();
    let alone = format!("{isa}\nTA1*000000501*260303*0915*A*000~\nIEA*0*000000102~\n");
    house.drop_file(RETAILER, "alone.edi", alone.as_bytes());
    house.settled("alone.edi");
    let next = order_with(&[
        ("000000101", "000000103"),
        ("4500012345", "4500012346"),
        ("*101*X", "*103*X"),
        ("GE*1*101", "GE*1*103"),
    ]);
    assert_eq!(state(&house, "next.edi", &next), "processed");
    house.wait_for("the next TA1", |house| ta1(house) >= 2);
    assert_eq!(ta1(&house), 2, "one for each interchange of orders");
}

/// The rungs of our ship notice: step and standing.
fn rungs(house: &House) -> Vec<String> {
    let said = house.ask(&["trace", "SHP0000777", "--json"]);
    let story: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let ladders = story["ladders"].as_array().unwrap();
    let ladder = ladders.iter().find(|one| one["label"] == "856 SHP0000777").unwrap();
    let word =
        |rung: &serde_json::Value| format!("{} {}", rung["step"].as_str().unwrap(), rung["standing"].as_str().unwrap());
    ladder["rungs"].as_array().unwrap().iter().map(word).collect()
}

#[test]
fn a_ship_notice_climbs_its_ladder_by_ta1_997_and_824() {
    let expect = "send   = \"856\"\nvia    = \"mailbox\"\nexpect = { \"997\" = \"24 h\" }";
    let all = "send   = \"856\"\nvia    = \"mailbox\"\nexpect = { \"997\" = \"24 h\", \"TA1\" = \"4 h\", \"824\" = \"72 h\" }\n\
               [[document]]\nreceive = \"824\"";
    let house = with(&[(expect, all)]);
    assert_eq!(state(&house, "order.edi", &order_with(&[])), "processed");
    house.drop_file("folders/erp/outbox", "ship_SHP0000777.csv", &sample("erp/ship_SHP0000777.csv"));
    let sent = |house: &House| house.names(TO_RETAILER).into_iter().find(|name| name.starts_with("megamart_856"));
    house.wait_for("the 856", |house| sent(house).is_some());
    let name = sent(&house).unwrap();
    let text = fs::read_to_string(house.path(TO_RETAILER).join(&name)).unwrap();
    let isa: Vec<&str> = text.lines().next().unwrap().split('*').collect();
    assert_eq!(isa[14], "1", "it asks for the TA1");
    house.wait_for("the clocks", |house| rungs(house)[1] == "sent done");
    let waiting = [
        "mdn not_expected",
        "ta1 waiting",
        "functional waiting",
        "application waiting",
        "text not_expected",
        "answered not_expected",
    ];
    assert_eq!(rungs(&house)[2..], waiting);

    let (interchange, group) = (isa[13], isa[13].trim_start_matches('0'));
    let answers = |number: &str, body: &str| {
        let isa = order_with(&[]).lines().next().unwrap().replace("000000101*0*P", &format!("{number}*0*P"));
        format!("{isa}\n{body}IEA*1*{number}~\n")
    };
    let ta1 = answers("000000201", &format!("TA1*{interchange}*260306*1410*A*000~\n")).replace("IEA*1", "IEA*0");
    assert_eq!(state(&house, "ta1.edi", &ta1), "processed");
    let group_of = |functional_id: &str, body: &str| {
        format!("GS*{functional_id}*MEGAMART*ACMESUPPLY*20260306*1531*202*X*004010~\n{body}GE*1*202~\n")
    };
    let accepted = format!("ST*997*0001~\nAK1*SH*{group}~\nAK9*A*1*1*1~\nSE*4*0001~\n");
    assert_eq!(state(&house, "997.edi", &answers("000000202", &group_of("FA", &accepted))), "processed");
    house.wait_for("the 997", |house| rungs(house)[4] == "functional done");
    assert_eq!(rungs(&house)[3..6], ["ta1 done", "functional done", "application waiting"]);
    let advice = "ST*824*0001~\nBGN*00*ADV5501*20260306*1530~\nOTI*TR*SI*SHP0000777****1410*1*0001*856~\n\
                  TED*ZZZ**LIN*24*3**061414100014~\nNTE*GEN*UPC NOT ON PURCHASE ORDER~\nSE*6*0001~\n";
    let advice = advice.replace("****1410*1*", &format!("***20260306*1410*{group}*"));
    assert_eq!(state(&house, "824.edi", &answers("000000203", &group_of("AG", &advice))), "processed");
    assert_eq!(rungs(&house)[5], "application failed");
    let findings = house.rows(&["ledger", "findings"]);
    let messages: Vec<&str> = findings.iter().filter_map(|one| one["detail"]["message"].as_str()).collect();
    assert!(messages.contains(&"856 SHP0000777 REJECTED by their 824: UPC NOT ON PURCHASE ORDER"), "{messages:?}");
    let told = house.ask(&["trace", "SHP0000777"]).out;
    let line = told.lines().find(|line| line.starts_with("856 SHP0000777")).unwrap_or_else(|| panic!("{told}"));
    assert!(line.contains("REJECTED"), "{told}");
}
