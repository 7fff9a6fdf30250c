//! Custody under bad input: every file ends in exactly one of processed, duplicate or quarantined, its bytes are kept,
//! and the daemon goes on.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use crate::house::{House, order_under, sample};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const ERP: &str = "folders/erp/outbox";
const TO_ERP: &str = "folders/erp/inbox";

/// The same interchange with another set in it.
fn with_body(control_number: u32, group: &str, set: &str) -> Vec<u8> {
    let text = String::from_utf8(order_under(control_number, &[("GS*PO*", &format!("GS*{group}*"))])).unwrap();
    let (head, rest) = text.split_at(text.find("ST*850").unwrap());
    format!("{head}{set}{}", &rest[rest.find("GE*").unwrap()..]).into_bytes()
}

fn codes(row: &Value) -> Vec<&str> {
    row["diagnostics"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

/// After whatever came in, a clean order still goes through, the original bytes are kept, and the chain holds.
fn goes_on(house: &House) {
    house.drop_file(RETAILER, "clean_after.edi", &order_under(990, &[("4500012345", "4500099999")]));
    assert_eq!(house.settled("clean_after.edi")["state"], "processed");
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
}

/// Drops a file and checks how it ended: its state, and one code among its diagnostics.
fn check(house: &House, folder: &str, name: &str, bytes: &[u8], state: &str, code: &str) -> Value {
    house.drop_file(folder, name, bytes);
    let row = house.settled(name);
    assert_eq!(row["state"], state, "{name}: {row:#}");
    assert!(codes(&row).contains(&code), "{name}: expected {code} among {:?}\n{row:#}", codes(&row));
    for diagnostic in row["diagnostics"].as_array().unwrap() {
        for field in ["message", "cause", "fix"] {
            assert!(!diagnostic[field].as_str().unwrap().is_empty(), "{name}: {field} is empty");
        }
        let explained = house.edigate(&["explain", diagnostic["code"].as_str().unwrap()]);
        assert_eq!(explained.code, 0, "{}", explained.err);
    }
    let hash: String = openssl::sha::sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(row["sha256"], hash, "{name}: `ledger verify` proves that bytes of this hash are kept");
    row
}

#[test]
fn what_is_no_interchange_is_quarantined_and_said() {
    let house = House::running();
    let clean = String::from_utf8(order_under(201, &[])).unwrap();
    check(&house, RETAILER, "truncated_isa.edi", &clean.as_bytes()[..60], "quarantined", "X12-E004");
    check(&house, RETAILER, "no_isa.edi", &clean.as_bytes()[107..], "quarantined", "X12-E002");
    check(&house, RETAILER, "noise.edi", &[0x00, 0xff, 0x17, 0x80, 0x0a, 0x99], "quarantined", "X12-E003");
    check(&house, RETAILER, "empty.edi", b"", "quarantined", "X12-E001");
    goes_on(&house);
}

#[test]
fn broken_envelopes_are_acknowledged_and_not_processed() {
    let house = House::running();
    let broken = |number, from, to| order_under(number, &[(from, to)]);
    check(&house, RETAILER, "se01.edi", &broken(211, "SE*22*", "SE*21*"), "quarantined", "X12-E032");
    check(&house, RETAILER, "se02.edi", &broken(212, "SE*22*0001", "SE*22*0009"), "quarantined", "X12-E033");
    check(&house, RETAILER, "ge01.edi", &broken(213, "GE*1*", "GE*2*"), "quarantined", "X12-E022");
    check(&house, RETAILER, "ge02.edi", &broken(214, "GE*1*101", "GE*1*102"), "quarantined", "X12-E021");
    assert!(house.rows(&["ledger", "documents"]).is_empty());
    house.wait_for("a 997 for each", |house| house.names(TO_RETAILER).len() == 4);
    goes_on(&house);
}

/// The standard's TA1 codes for these are "accepted with errors": the orders in them are whole.
#[test]
fn a_wrong_interchange_trailer_is_noted_and_its_orders_are_taken() {
    let house = House::running();
    check(&house, RETAILER, "iea01.edi", &order_under(215, &[("IEA*1*", "IEA*3*")]), "processed", "X12-W004");
    let other_number = [("IEA*1*000000216", "IEA*1*000000217"), ("4500012345", "4500012346")];
    check(&house, RETAILER, "iea02.edi", &order_under(216, &other_number), "processed", "X12-W003");
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 2);
    let findings = house.rows(&["ledger", "findings"]);
    let found: Vec<&str> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!(found, ["X12-W004", "X12-W003"]);
    goes_on(&house);
}

#[test]
fn the_same_bytes_twice_are_one_order_and_one_acknowledgment() {
    let house = House::running();
    house.drop_file(RETAILER, "first.edi", &order_under(221, &[]));
    assert_eq!(house.settled("first.edi")["state"], "processed");
    check(&house, RETAILER, "again.edi", &order_under(221, &[]), "duplicate", "CAP-W010");
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 1);
    house.wait_for("the order at the ERP", |house| house.names(TO_ERP).len() == 2);
    house.wait_for("the acknowledgment", |house| house.names(TO_RETAILER).len() == 1);
    goes_on(&house);
}

#[test]
fn the_same_control_number_with_other_bytes_is_quarantined() {
    let house = House::running();
    house.drop_file(RETAILER, "first.edi", &order_under(231, &[]));
    assert_eq!(house.settled("first.edi")["state"], "processed");
    let other = order_under(231, &[("4500012345", "4500012346")]);
    check(&house, RETAILER, "other.edi", &other, "quarantined", "CAP-E011");
    goes_on(&house);
}

#[test]
fn a_known_order_with_other_content_is_never_taken_twice() {
    let house = House::running();
    house.drop_file(RETAILER, "first.edi", &order_under(241, &[]));
    assert_eq!(house.settled("first.edi")["state"], "processed");
    check(
        &house,
        RETAILER,
        "changed.edi",
        &order_under(242, &[("PO1*001*24*", "PO1*001*36*"), ("CTT*2*36", "CTT*2*48")]),
        "quarantined",
        "CAP-E017",
    );
    check(&house, RETAILER, "resent.edi", &order_under(243, &[]), "processed", "CAP-W018");
    house.wait_for("the order at the ERP", |house| house.names(TO_ERP).len() == 2);
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 1);
    goes_on(&house);
}

#[test]
fn strangers_tests_and_sets_without_a_rule_do_not_reach_the_erp() {
    let house = House::running();
    let edited = |number, from, to| order_under(number, &[(from, to)]);
    check(
        &house,
        RETAILER,
        "stranger.edi",
        &edited(251, "ZZ*MEGAMART       ", "ZZ*SOMEBODYELSE   "),
        "quarantined",
        "CAP-E012",
    );
    check(
        &house,
        RETAILER,
        "not_for_us.edi",
        &edited(252, "ZZ*ACMESUPPLY     ", "ZZ*OTHERCOMPANY   "),
        "quarantined",
        "CAP-E013",
    );
    check(&house, RETAILER, "test.edi", &edited(253, "*0*P*>", "*0*T*>"), "quarantined", "CAP-E014");
    let unknown_set = order_under(254, &[("ST*850*", "ST*877*"), ("GS*PO*", "GS*ZZ*")]);
    check(&house, RETAILER, "unknown_set.edi", &unknown_set, "quarantined", "X12-E038");
    let no_document = with_body(259, "CA", "ST*865*0001~BCA*00**4500012345***20260303~SE*3*0001~");
    let row = check(&house, RETAILER, "no_document.edi", &no_document, "quarantined", "DOC-E002");
    assert_eq!(codes(&row), ["DOC-E002"]);
    assert!(house.names(TO_ERP).is_empty());
    goes_on(&house);
}

#[test]
fn what_came_to_nothing_may_be_sent_again_after_the_cause_was_mended() {
    let house = House::running();
    let stranger = order_under(257, &[("ZZ*MEGAMART       ", "ZZ*MEGAMART2      ")]);
    check(&house, RETAILER, "stranger.edi", &stranger, "quarantined", "CAP-E012");
    let file = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"ZZ:MEGAMART\"", "\"ZZ:MEGAMART2\"")).unwrap();
    house.signal("-HUP");
    house.wait_for("the reload", |house| house.log().contains("configuration reloaded"));
    house.drop_file(RETAILER, "again.edi", &stranger);
    assert_eq!(house.settled("again.edi")["state"], "processed");
    // A rejected order was answered: the same bytes again are a duplicate, and get no second 997.
    let broken = order_under(258, &[("SE*22*", "SE*21*"), ("ZZ*MEGAMART       ", "ZZ*MEGAMART2      ")]);
    check(&house, RETAILER, "broken.edi", &broken, "quarantined", "X12-E032");
    check(&house, RETAILER, "broken_again.edi", &broken, "duplicate", "CAP-W010");
}

#[test]
fn a_set_that_the_partner_is_not_set_up_for_is_rejected_in_the_997() {
    let house = House::running();
    let lines = "BAK*00*AD*4500012345*20260302~\nCTT*0~\n";
    let text = format!(
        "ISA*00*          *00*          *ZZ*MEGAMART       *ZZ*ACMESUPPLY     *260303*0915*U*00401*000000255*0*P*>~\n\
         GS*PR*MEGAMART*ACMESUPPLY*20260303*0915*255*X*004010~\nST*855*0001~\n{lines}SE*4*0001~\nGE*1*255~\nIEA*1*000000255~\n"
    );
    check(&house, RETAILER, "acknowledgment.edi", text.as_bytes(), "quarantined", "RTE-E002");
    house.wait_for("the 997", |house| house.names(TO_RETAILER).len() == 1);
    let answer = fs::read_to_string(house.path(TO_RETAILER).join(&house.names(TO_RETAILER)[0])).unwrap();
    assert!(answer.contains("AK5*R*1~") && answer.contains("AK9*R*1*1*0~"), "{answer}");
    goes_on(&house);
}

#[test]
fn a_sender_who_asks_for_a_ta1_gets_one_and_a_duplicate_gets_note_025_and_one_for_another_009() {
    let house = House::running();
    let asking = |edits: &[(&str, &str)]| {
        let mut all = vec![("*0*P*>", "*1*P*>")];
        all.extend(edits);
        order_under(256, &all)
    };
    house.drop_file(RETAILER, "asking.edi", &asking(&[]));
    assert_eq!(house.settled("asking.edi")["state"], "processed");
    check(&house, RETAILER, "twice.edi", &asking(&[("4500012345", "4500012346")]), "quarantined", "CAP-E011");
    house.wait_for("both TA1s", |house| ta1s(house).len() == 2);
    assert_eq!(ta1s(&house), ["TA1*000000256*260303*0915*A*000~", "TA1*000000256*260303*0915*R*025~"]);
    let elsewhere = asking(&[("ZZ*ACMESUPPLY     *260303", "ZZ*SOMEBODYELSE   *260303"), ("000000256", "000000257")]);
    check(&house, RETAILER, "elsewhere.edi", &elsewhere, "quarantined", "CAP-E013");
    house.wait_for("the third TA1", |house| ta1s(house).len() == 3);
    assert_eq!(ta1s(&house)[2], "TA1*000000257*260303*0915*R*009~");
}

/// The TA1s that were sent to the retailer, in the order of their numbers.
fn ta1s(house: &House) -> Vec<String> {
    let names = house.names(TO_RETAILER).into_iter().filter(|name| name.starts_with("ta1"));
    let texts = names.map(|name| fs::read_to_string(house.path(TO_RETAILER).join(name)).unwrap());
    let is_ta1 = |line: &&str| line.starts_with("TA1");
    texts.flat_map(|text| text.lines().filter(is_ta1).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn systemd_is_told_ready_reloading_watchdog_and_stopping() {
    let mut house = House::new();
    let path = house.path("notify.socket");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let told = |wanted: &str| {
        let mut buffer = [0; 4096];
        loop {
            let length =
                socket.recv(&mut buffer).unwrap_or_else(|error| panic!("waited in vain for {wanted}: {error}"));
            if String::from_utf8_lossy(&buffer[..length]).lines().any(|line| line == wanted) {
                return;
            }
        }
    };
    house.start_with(|command| command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "600000"));
    told("READY=1");
    told("WATCHDOG=1");
    house.signal("-HUP");
    told("RELOADING=1");
    told("READY=1");
    house.signal("-TERM");
    told("STOPPING=1");
    assert_eq!(house.ended(), 0);
}

const SHIPMENT_HEADER: &str =
    "ShipmentNo,ShipDate,ETA,CustomerPO,SCAC,Carrier,BOL,PRO,WeightLb,CartonNo,CartonSSCC,UPC,Qty";

fn shipment(id: &str, po: &str, quantity: &str) -> Vec<u8> {
    format!("{SHIPMENT_HEADER}\n{id},03/06/2026 14:10,03/09/2026,{po},ABCD,ABC FREIGHT,0614,PRO1,31.5,1,,061414100014,{quantity}\n")
        .into_bytes()
}

#[test]
fn csv_faults_name_line_column_and_what_was_expected() {
    let house = House::running();
    let good = String::from_utf8(shipment("SHP1", "4500012345", "24")).unwrap();
    let without_column = good.replace(",UPC,", ",Barcode,");
    check(&house, ERP, "ship_missing_column.csv", without_column.as_bytes(), "quarantined", "CSV-E003");
    check(&house, ERP, "ship_bad_number.csv", &shipment("SHP2", "4500012345", "twelve"), "quarantined", "MAP-E014");
    check(
        &house,
        ERP,
        "ship_open_quote.csv",
        good.replace("ABC FREIGHT", "\"ABC FREIGHT").as_bytes(),
        "quarantined",
        "CSV-E005",
    );
    let latin1: Vec<u8> = good.replace("ABC FREIGHT", "CAF\u{c9}").chars().map(|c| c as u8).collect();
    check(&house, ERP, "ship_latin1.csv", &latin1, "quarantined", "MAP-E021");
    goes_on(&house);
}

#[test]
fn a_bom_is_no_fault() {
    let house = House::running();
    house.drop_file(RETAILER, "order.edi", &order_under(261, &[]));
    assert_eq!(house.settled("order.edi")["state"], "processed");
    let with_bom = [b"\xef\xbb\xbf".as_slice(), &shipment("SHP3", "4500012345", "24")].concat();
    house.drop_file(ERP, "ship_bom.csv", &with_bom);
    assert_eq!(house.settled("ship_bom.csv")["state"], "processed");
}

#[test]
fn xml_faults_are_refused_before_they_cost_anything() {
    let mut house = House::new();
    let map = house.path("partners/erp/invoice.map.toml");
    let text = fs::read_to_string(&map).unwrap();
    fs::write(&map, text.replace("root     = \"Invoice\"", "root = \"Invoice\"\nnamespace = \"urn:acme:invoice\""))
        .unwrap();
    house.start();
    let good = String::from_utf8(sample("erp/invoice_INV-20306.xml")).unwrap();
    let dtd = good.replace("<Invoice>", "<!DOCTYPE Invoice [<!ENTITY x \"y\">]>\n<Invoice>");
    check(&house, ERP, "invoice_dtd.xml", dtd.as_bytes(), "quarantined", "XML-E002");
    let deep = format!("<Invoice xmlns=\"urn:acme:invoice\">{}{}</Invoice>", "<a>".repeat(500), "</a>".repeat(500));
    check(&house, ERP, "invoice_deep.xml", deep.as_bytes(), "quarantined", "XML-E006");
    let namespace = good.replace("<Invoice>", "<Invoice xmlns=\"urn:other\">");
    check(&house, ERP, "invoice_namespace.xml", namespace.as_bytes(), "quarantined", "XML-E005");
    goes_on(&house);
}

#[test]
fn a_shipment_for_an_order_that_we_never_received_is_quarantined() {
    let house = House::running();
    check(&house, ERP, "ship_unknown.csv", &shipment("SHP9", "4711", "24"), "quarantined", "DOC-E020");
    goes_on(&house);
}

#[test]
fn more_shipped_than_ordered_goes_out_and_is_a_finding() {
    let house = House::running();
    house.drop_file(RETAILER, "order.edi", &order_under(271, &[]));
    assert_eq!(house.settled("order.edi")["state"], "processed");
    house.drop_file(ERP, "ship_more.csv", &shipment("SHP10", "4500012345", "30"));
    assert_eq!(house.settled("ship_more.csv")["state"], "processed");
    let rules = |house: &House| -> Vec<String> {
        let findings = house.rows(&["ledger", "findings"]);
        findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
    };
    house.wait_for("the finding", |house| rules(house).iter().any(|rule| rule == "REC-W001"));
    let one_thing = ["REC-W001", "DOC-W040"];
    let told: Vec<String> = rules(&house).into_iter().filter(|rule| one_thing.contains(&rule.as_str())).collect();
    assert_eq!(told, ["REC-W001"], "one thing is one finding, whoever saw it first");
    let file = house.settled("ship_more.csv");
    assert!(file.to_string().contains("DOC-W040"), "{file}");
    goes_on(&house);
}

#[test]
fn what_its_receiver_would_reject_is_never_sent() {
    let house = House::running();
    house.drop_file(RETAILER, "order.edi", &order_under(272, &[]));
    assert_eq!(house.settled("order.edi")["state"], "processed");
    house.wait_for("the acknowledgment", |house| house.names(TO_RETAILER).len() == 1);
    // A bill of lading of 40 characters, where REF02 of 004010 takes 30; and one with the element separator in it.
    let text = String::from_utf8(shipment("SHP11", "4500012345", "24")).unwrap();
    let too_long = text.replace(",0614,", ",0614061406140614061406140614061406140614,");
    check(&house, ERP, "ship_long.csv", too_long.as_bytes(), "processed", "DLV-E010");
    let with_delimiter = text.replace("SHP11", "SHP12").replace(",0614,", ",06*14,");
    check(&house, ERP, "ship_delimiter.csv", with_delimiter.as_bytes(), "processed", "DLV-E011");
    assert_eq!(house.names(TO_RETAILER).len(), 1, "nothing but the acknowledgment went out");
    let findings = house.rows(&["ledger", "findings"]);
    let rules: Vec<&str> = findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"DLV-E010") && rules.contains(&"DLV-E011"), "{findings:#?}");
    goes_on(&house);
}

#[test]
fn a_container_code_is_never_used_twice() {
    let house = House::running();
    house.drop_file(RETAILER, "order.edi", &order_under(273, &[]));
    assert_eq!(house.settled("order.edi")["state"], "processed");
    let first = String::from_utf8(shipment("SHP13", "4500012345", "6")).unwrap();
    // The ERP's own label is the first that edigate would make, so edigate must make another.
    let labelled = first.replace(",1,,", ",1,006141410000000012,");
    house.drop_file(ERP, "ship_13.csv", labelled.as_bytes());
    assert_eq!(house.settled("ship_13.csv")["state"], "processed");
    house.drop_file(ERP, "ship_14.csv", first.replace("SHP13", "SHP14").as_bytes());
    assert_eq!(house.settled("ship_14.csv")["state"], "processed");
    let reused = labelled.replace("SHP13", "SHP15");
    check(&house, ERP, "ship_15.csv", reused.as_bytes(), "quarantined", "DOC-E035");
    house.wait_for("both ship notices", |house| house.names(TO_RETAILER).len() == 3);
    let labels: Vec<String> = house
        .names(TO_RETAILER)
        .into_iter()
        .flat_map(|name| {
            let text = fs::read_to_string(house.path(TO_RETAILER).join(name)).unwrap();
            text.lines().filter(|line| line.starts_with("MAN*")).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(labels, ["MAN*GM*00006141410000000012~", "MAN*GM*00006141410000000029~"]);
}

#[test]
fn a_file_that_is_still_growing_is_not_taken() {
    let mut house = House::new();
    // Far longer than the pauses below, so that a busy machine does not make the writer look finished.
    let partner = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&partner).unwrap();
    fs::write(&partner, text.replace("settle = \"200 ms\"", "settle = \"2 s\"")).unwrap();
    house.start();
    let bytes = order_under(281, &[]);
    let path = house.path(RETAILER).join("growing.edi");
    for end in [100, 200, 300, 400, 500] {
        fs::write(&path, &bytes[..end]).unwrap();
        std::thread::sleep(Duration::from_millis(60));
        assert!(path.exists(), "taken at {end} bytes");
    }
    fs::write(&path, &bytes).unwrap();
    assert_eq!(house.settled("growing.edi")["state"], "processed");
}

#[test]
fn an_output_folder_that_is_gone_delays_and_loses_nothing() {
    let mut house = House::new();
    // So that nothing but its release sends it.
    let partner = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&partner).unwrap();
    fs::write(&partner, text.replace("drop_off =", "retry    = { first = \"1 h\" }\ndrop_off =")).unwrap();
    house.start();
    fs::rename(house.path(TO_RETAILER), house.path("unmounted")).unwrap();
    house.drop_file(RETAILER, "order.edi", &order_under(291, &[]));
    assert_eq!(house.settled("order.edi")["state"], "processed");
    let retrying = |house: &House| house.rows(&["ledger", "deliveries"]).iter().any(|row| row["state"] == "retrying");
    house.wait_for("the delivery to be retried", retrying);
    let row = house.rows(&["ledger", "deliveries"]).into_iter().find(|row| row["state"] == "retrying").unwrap();
    assert!(row["last_error"].as_str().unwrap().contains("does not exist"), "{row:#}");
    fs::rename(house.path("unmounted"), house.path(TO_RETAILER)).unwrap();
    let said = house.ask(&["release", row["id"].as_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    house.wait_for("the acknowledgment", |house| house.names(TO_RETAILER).len() == 1);
}

#[test]
fn a_file_that_may_not_be_read_stays_and_is_told() {
    let mut house = House::new();
    let nobody = 65534;
    let is_root = fs::metadata("/proc/self").map(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0).unwrap_or(false);
    if is_root {
        // Root reads everything, so the daemon runs as nobody in a home that belongs to nobody.
        let home = house.path("");
        fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(
            std::process::Command::new("chown")
                .arg("-R")
                .arg(nobody.to_string())
                .arg(&home)
                .status()
                .unwrap()
                .success()
        );
        // A checkout below root's own directory is closed to nobody, so the binary comes to them.
        let binary = house.path("edigate");
        fs::copy(env!("CARGO_BIN_EXE_edigate"), &binary).unwrap();
        house.start_binary(&binary, |command| std::os::unix::process::CommandExt::uid(command, nobody));
    } else {
        house.start();
    }
    let path = house.path(RETAILER).join("locked.edi");
    let hidden = house.path(RETAILER).join(".locked.edi.tmp");
    fs::write(&hidden, order_under(301, &[])).unwrap();
    fs::set_permissions(&hidden, fs::Permissions::from_mode(0o000)).unwrap();
    fs::rename(&hidden, &path).unwrap();
    let told =
        |house: &House| house.rows(&["ledger", "events"]).iter().any(|event| event["data"]["code"] == "CAP-E001");
    house.wait_for("the fault to be told", told);
    assert!(path.exists());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(house.settled("locked.edi")["state"], "processed");
}

#[test]
fn two_hundred_megabytes_without_a_terminator_are_refused_in_bounded_memory() {
    let mut house = House::new();
    house.start();
    let mut bytes = order_under(311, &[])[..106].to_vec();
    bytes.extend_from_slice(b"GS*PO*");
    bytes.resize(200 << 20, b'A');
    house.drop_file(RETAILER, "endless.edi", &bytes);
    drop(bytes);
    let row = house.settled("endless.edi");
    assert_eq!(row["state"], "quarantined", "{row:#}");
    assert!(codes(&row).contains(&"X12-E007"), "{row:#}");
    let peak = house.peak_memory_kib();
    assert!(peak < 150 << 10, "the daemon needed {peak} KiB");
    goes_on(&house);
}

#[test]
fn a_restart_goes_on_where_a_kill_stopped_it() {
    let mut house = House::new();
    for number in 0..20 {
        let po = format!("45001{number:05}");
        house.drop_file(RETAILER, &format!("{number:02}.edi"), &order_under(400 + number, &[("4500012345", &po)]));
    }
    house.start();
    house.wait_for("the first order", |house| !house.names(TO_ERP).is_empty());
    house.kill();
    house.start();
    house.wait_for("every order at the ERP", |house| house.names(TO_ERP).len() == 40);
    house.wait_for("every acknowledgment", |house| house.names(TO_RETAILER).len() == 20);
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 20);
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
}

#[test]
fn an_idle_daemon_does_next_to_nothing() {
    let house = House::running();
    house.drop_file(RETAILER, "order.edi", &order_under(321, &[]));
    assert_eq!(house.settled("order.edi")["state"], "processed");
    house.wait_for("the acknowledgment", |house| house.names(TO_RETAILER).len() == 1);
    let before = house.processor_ticks();
    std::thread::sleep(Duration::from_secs(2));
    let used = house.processor_ticks() - before;
    assert!(used < 20, "idle, it used {used} of 200 ticks");
}

#[test]
fn a_second_daemon_in_the_same_home_is_refused() {
    let house = House::running();
    let said = house.ask(&["run"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("another edigate runs in"), "{}", said.err);
    goes_on(&house);
}

#[test]
fn sigterm_drains_and_ends_with_0() {
    let mut house = House::running();
    house.drop_file(RETAILER, "order.edi", &order_under(501, &[]));
    house.settled("order.edi");
    assert_eq!(house.stop(), 0);
    assert!(house.log().contains("stopped"));
}

#[test]
fn a_bad_configuration_on_sighup_is_reported_and_the_old_one_stays() {
    let house = House::running();
    let file = house.path("partners/megamart/partner.toml");
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, good.replace("[x12]", "[x21]")).unwrap();
    house.signal("-HUP");
    house.wait_for("the report", |house| house.log().contains("the old one stays in force"));
    fs::write(&file, good).unwrap();
    goes_on(&house);
    house.signal("-HUP");
    house.wait_for("the reload", |house| house.log().contains("configuration reloaded"));
}

/// Marketplaces report what they pay in tables: one row for the sum, one for each entry.
#[test]
fn a_settlement_goes_to_the_erp_when_it_is_the_sum_of_its_entries_and_stops_when_it_is_not() {
    let house = House::new();
    let add = |partner: &str, rule: &str| {
        let file = house.path(&format!("partners/{partner}/partner.toml"));
        let text = fs::read_to_string(&file).unwrap().replace("match = \"*.edi\"", "match = \"*\"");
        fs::write(&file, format!("{text}\n[[document]]\n{rule}\n")).unwrap();
    };
    add("megamart", "receive = \"settlement\"\nmap = \"preset:amazon-settlements\"\nmatch = \"*.tsv\"\nto = \"erp\"");
    add("erp", "send = \"settlement\"\nvia = \"inbox\"\nas = \"json\"");
    let mut house = house;
    house.start();
    let report = |id: &str, total: &str| {
        format!(
            "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\t\
             transaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date\tsku\tquantity-purchased\n\
             {id}\t2026-02-16 10:00:00 UTC\t2026-03-02 10:00:00 UTC\t2026-03-04 10:00:00 UTC\t{total}\tUSD{}\n\
             {id}{}Order\t111-1\tItemPrice\tPrincipal\t60.00\t2026-02-17\tWID-RED\t2\n\
             {id}{}Order\t111-1\tItemFees\tCommission\t-12.50\t2026-02-17\tWID-RED\t\n",
            "\t".repeat(8),
            "\t".repeat(6),
            "\t".repeat(6),
        )
    };
    house.drop_file(RETAILER, "good.tsv", report("123", "47.50").as_bytes());
    house.drop_file(RETAILER, "bad.tsv", report("124", "95.00").as_bytes());
    assert_eq!(house.settled("good.tsv")["state"], "processed");
    assert_eq!(house.settled("bad.tsv")["state"], "quarantined");
    house.wait_for("the settlement", |house| house.names("folders/erp/inbox") == ["settlement_123.json"]);
    let text = fs::read_to_string(house.path("folders/erp/inbox/settlement_123.json")).unwrap();
    let settlement: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&settlement["amount"], &settlement["partner"]), (&"47.50".into(), &"megamart".into()));
    assert_eq!(settlement["entries"][1]["amount"], "-12.50");
    let told = house.ask(&["ledger", "events"]).out;
    assert!(told.contains("settlement 124 pays 95.00, its entries add up to 47.50 (DOC-E046)"), "{told}");
    assert!(told.contains("settlement 123: 2 entries, 47.50 USD"), "{told}");
}
