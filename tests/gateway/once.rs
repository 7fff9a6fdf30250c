//! Once: what a partner sends twice takes effect once, and its policies say what else becomes of it.

use std::fs;

use crate::house::{House, order_under};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";
const ANSWER: &str = "megamart_997_000000501.edi";

/// The daemon, with these policies for what the retailer sends twice.
fn house_with(policies: &str) -> House {
    let mut house = House::new();
    append(&house, "partners/megamart/partner.toml", &format!("\n[duplicates]\n{policies}\n"));
    house.start();
    house
}

fn append(house: &House, file: &str, text: &str) {
    let path = house.path(file);
    let before = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{before}{text}")).unwrap();
}

/// Twelve pieces more on the first line.
const CHANGED: [(&str, &str); 2] = [("PO1*001*24*", "PO1*001*36*"), ("CTT*2*36", "CTT*2*48")];

/// Drops a file and checks how it ended: its state, and its codes; each code is explained.
fn check(house: &House, name: &str, bytes: &[u8], state: &str, codes: &[&str]) {
    house.drop_file(RETAILER, name, bytes);
    let row = house.settled(name);
    let found: Vec<&str> =
        row["diagnostics"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!((row["state"].as_str().unwrap(), found.as_slice()), (state, codes), "{name}: {row:#}");
    for code in codes {
        assert_eq!(house.edigate(&["explain", code]).code, 0, "{code}");
    }
}

/// The events that a policy decided: kind, text and policy.
fn decided(house: &House) -> Vec<(String, String, String)> {
    let events = house.rows(&["ledger", "events"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let by_policy = events.iter().filter(|event| event["data"]["policy"].is_string());
    by_policy.map(|event| (text(&event["kind"]), text(&event["text"]), text(&event["data"]["policy"]))).collect()
}

fn check_decided(house: &House, expect: &[(&str, &str, &str)]) {
    let found = decided(house);
    let found: Vec<(&str, &str, &str)> =
        found.iter().map(|(kind, text, policy)| (kind.as_str(), text.as_str(), policy.as_str())).collect();
    assert_eq!(found, expect);
}

/// Waits for a file of the gateway and takes it away, as its reader would.
fn fetch(house: &House, folder: &str, name: &str) -> Vec<u8> {
    let sent = |house: &House| {
        let rows = house.rows(&["ledger", "deliveries"]);
        house.path(folder).join(name).exists()
            && rows.iter().filter(|row| row["name"] == name).all(|row| row["state"] == "sent")
    };
    house.wait_for(&format!("{name} in {folder}"), sent);
    let path = house.path(folder).join(name);
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    bytes
}

/// The first order, taken, delivered and acknowledged; everything was fetched, and the bytes of the 997 are returned.
fn first(house: &House, bytes: &[u8]) -> Vec<u8> {
    check(house, "first.edi", bytes, "processed", &[]);
    fetch(house, TO_ERP, "4500012345.json");
    fetch(house, TO_ERP, "4500012345.csv");
    fetch(house, TO_RETAILER, ANSWER)
}

/// Nothing of what came twice took effect: no further document, file for the ERP, or acknowledgment.
fn nothing_further(house: &House) {
    // What comes later and is delivered shows that everything before it would have been delivered too.
    house.drop_file(RETAILER, "later.edi", &order_under(990, &[("4500012345", "4500099999")]));
    assert_eq!(house.settled("later.edi")["state"], "processed");
    fetch(house, TO_ERP, "4500099999.json");
    fetch(house, TO_ERP, "4500099999.csv");
    let answers = |house: &House| house.names(TO_RETAILER).len();
    house.wait_for("the acknowledgment of the later order", |house| answers(house) == 1);
    assert_ne!(house.names(TO_RETAILER), [ANSWER]);
    assert_eq!(house.names(TO_ERP), [""; 0]);
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 2);
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
}

// The same bytes.

#[test]
fn the_same_bytes_are_quarantined_by_whichever_endpoint_they_come() {
    let mut house = House::new();
    let endpoint = "\n[[endpoint]]\nname = \"second\"\nvia = \"folder\"\n\
                    pick_up = { from = \"folders/megamart/second\", match = \"*.edi\", settle = \"200 ms\" }\n";
    append(&house, "partners/megamart/partner.toml", endpoint);
    fs::create_dir(house.path("folders/megamart/second")).unwrap();
    house.start();
    first(&house, &order_under(101, &[]));
    check(&house, "again.edi", &order_under(101, &[]), "duplicate", &["CAP-W010"]);
    house.drop_file("folders/megamart/second", "elsewhere.edi", &order_under(101, &[]));
    assert_eq!(house.settled("elsewhere.edi")["state"], "duplicate");
    check_decided(
        &house,
        &[
            ("duplicate", "first.edi came again as again.edi: recorded, nothing done", r#"bytes = "quarantine""#),
            ("duplicate", "first.edi came again as elsewhere.edi: recorded, nothing done", r#"bytes = "quarantine""#),
        ],
    );
    nothing_further(&house);
}

#[test]
fn the_same_bytes_are_acknowledged_again_with_the_same_bytes_under_the_same_name() {
    let house = house_with(r#"bytes = "acknowledge again""#);
    let acknowledgment = first(&house, &order_under(101, &[]));
    for name in ["second.edi", "third.edi"] {
        check(&house, name, &order_under(101, &[]), "duplicate", &["CAP-W010"]);
        assert_eq!(fetch(&house, TO_RETAILER, ANSWER), acknowledgment, "not the acknowledgment of the first one");
    }
    let line = |name: &str| {
        format!(
            "first.edi came again as {name}: recorded, and our answer goes out once more: {ANSWER} (bytes = \"acknowledge again\")"
        )
    };
    let (second, third) = (line("second.edi"), line("third.edi"));
    let by = r#"bytes = "acknowledge again""#;
    check_decided(&house, &[("duplicate", &second, by), ("duplicate", &third, by)]);
    nothing_further(&house);
}

#[test]
fn explaining_an_event_names_the_policy_that_decided() {
    let house = House::running();
    first(&house, &order_under(101, &[]));
    check(&house, "again.edi", &order_under(101, &[]), "duplicate", &["CAP-W010"]);
    let events = house.rows(&["ledger", "events"]);
    let event = events.iter().find(|event| event["kind"] == "duplicate").unwrap();
    let said = house.ask(&["explain", &format!("megamart/{}", event["sequence"])]);
    assert!(said.out.contains("policy       bytes = \"quarantine\""), "{}", said.out);
}

// The same interchange control number.

/// Another order under the control number of the first.
fn reused() -> Vec<u8> {
    order_under(101, &[("4500012345", "4500012346")])
}

#[test]
fn a_known_control_number_is_quarantined_with_one_line_in_the_journal() {
    let house = House::running();
    first(&house, &order_under(101, &[]));
    check(&house, "reused.edi", &reused(), "quarantined", &["CAP-E011"]);
    let text = "interchange 000000101 in reused.edi quarantined: \
                interchange 000000101 came in before, in first.edi (CAP-E011)";
    check_decided(&house, &[("quarantined", text, r#"control_number = "quarantine""#)]);
    let events = house.rows(&["ledger", "events"]);
    assert_eq!(events.iter().filter(|event| event["kind"] == "quarantined").count(), 1);
    nothing_further(&house);
}

#[test]
fn a_known_control_number_is_answered_as_the_first_one_was() {
    let house = house_with(r#"control_number = "acknowledge again""#);
    let acknowledgment = first(&house, &order_under(101, &[]));
    check(&house, "reused.edi", &reused(), "quarantined", &["CAP-E011"]);
    assert_eq!(fetch(&house, TO_RETAILER, ANSWER), acknowledgment);
    let by = r#"control_number = "acknowledge again""#;
    let quarantined = "interchange 000000101 in reused.edi quarantined: \
                       interchange 000000101 came in before, in first.edi (CAP-E011)";
    let answered = format!("our answer to 000000101 goes out once more: {ANSWER} ({by})");
    check_decided(&house, &[("quarantined", quarantined, by), ("acknowledged", &answered, by)]);
    nothing_further(&house);
}

#[test]
fn a_known_control_number_that_is_answered_as_before_is_not_rejected_by_a_ta1() {
    let house = house_with(r#"control_number = "acknowledge again""#);
    let asking = ("*0*P*>", "*1*P*>");
    first(&house, &order_under(101, &[asking]));
    let accepted = fetch(&house, TO_RETAILER, "ta1_000000502.edi");
    assert!(String::from_utf8_lossy(&accepted).contains("*A*000~"), "{}", String::from_utf8_lossy(&accepted));
    check(
        &house,
        "reused.edi",
        &order_under(101, &[asking, ("4500012345", "4500012346")]),
        "quarantined",
        &["CAP-E011"],
    );
    fetch(&house, TO_RETAILER, ANSWER);
    assert_eq!(fetch(&house, TO_RETAILER, "ta1_000000502.edi"), accepted);
    nothing_further(&house);
}

#[test]
fn a_known_control_number_is_processed_where_it_may_replace_and_its_documents_follow_their_keys() {
    let house = house_with(r#"control_number = "replace""#);
    first(&house, &order_under(101, &[]));
    check(&house, "other.edi", &reused(), "processed", &["CAP-W033"]);
    fetch(&house, TO_ERP, "4500012346.json");
    // The correction of a known order waits for a person: business_key has its default.
    check(&house, "corrected.edi", &order_under(101, &CHANGED), "quarantined", &["CAP-W033", "CAP-E017"]);
    house.wait_for("an acknowledgment for each", |house| house.names(TO_RETAILER).len() == 2);
    let by = r#"control_number = "replace""#;
    let text = format!("interchange 000000101 came in before, in first.edi; it is processed all the same ({by})");
    let kept = "850 4500012345 came in before with other content and does not say that it replaces it";
    check_decided(
        &house,
        &[("duplicate", &text, by), ("duplicate", &text, by), ("quarantined", kept, r#"business_key = "quarantine""#)],
    );
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 2);
}

#[test]
fn what_was_put_back_is_no_duplicate_of_itself() {
    let house = house_with(r#"control_number = "replace""#);
    first(&house, &order_under(101, &[]));
    check(&house, "other.edi", &reused(), "processed", &["CAP-W033"]);
    let id = house.settled("other.edi")["id"].as_str().unwrap().to_owned();
    // Under the strictest policy, too.
    let file = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("control_number = \"replace\"", "")).unwrap();
    house.signal("-HUP");
    house.wait_for("the reload", |house| house.log().contains("configuration reloaded"));
    assert_eq!(house.ask(&["replay", &id]).code, 0);
    let again = |house: &House| house.settled("other.edi")["diagnostics"][0]["code"] == "CAP-W018";
    house.wait_for("the replay to find its own order", again);
    assert_eq!(house.settled("other.edi")["state"], "processed");
}

#[test]
fn two_interchanges_in_one_file_are_both_answered_and_a_number_that_stands_in_it_twice_is_taken_once() {
    let house = House::running();
    let three = [
        order_under(101, &[]),
        order_under(102, &[("4500012345", "4500012346")]),
        order_under(101, &[("4500012345", "4500012347")]),
    ];
    check(&house, "three.edi", &three.concat(), "processed", &["CAP-E011"]);
    house.wait_for("two acknowledgments", |house| house.names(TO_RETAILER).len() == 2);
    let numbers: Vec<String> =
        house.rows(&["ledger", "documents"]).iter().map(|row| row["number"].as_str().unwrap().to_owned()).collect();
    assert_eq!(numbers.len(), 2, "{numbers:?}");
    assert!(!numbers.contains(&"4500012347".to_owned()), "{numbers:?}");
}

// The same business key.

#[test]
fn a_known_order_has_no_effect_and_a_changed_one_is_quarantined() {
    let house = House::running();
    first(&house, &order_under(101, &[]));
    check(&house, "same.edi", &order_under(102, &[]), "processed", &["CAP-W018"]);
    check(&house, "changed.edi", &order_under(103, &CHANGED), "quarantined", &["CAP-E017"]);
    for name in ["megamart_997_000000502.edi", "megamart_997_000000503.edi"] {
        fetch(&house, TO_RETAILER, name);
    }
    let by = r#"business_key = "quarantine""#;
    check_decided(
        &house,
        &[
            ("duplicate", "850 4500012345 came in before with the same content; nothing is delivered again", by),
            (
                "quarantined",
                "850 4500012345 came in before with other content and does not say that it replaces it",
                by,
            ),
        ],
    );
    nothing_further(&house);
}

#[test]
fn a_known_order_is_acknowledged_again_beside_its_new_envelope() {
    let house = house_with(r#"business_key = "acknowledge again""#);
    let acknowledgment = first(&house, &order_under(101, &[]));
    check(&house, "same.edi", &order_under(102, &[]), "processed", &["CAP-W018"]);
    assert_eq!(fetch(&house, TO_RETAILER, ANSWER), acknowledgment);
    // Other content is no repetition: the first answer is not its answer.
    check(&house, "changed.edi", &order_under(103, &CHANGED), "quarantined", &["CAP-E017"]);
    for name in ["megamart_997_000000502.edi", "megamart_997_000000503.edi"] {
        fetch(&house, TO_RETAILER, name);
    }
    let by = r#"business_key = "acknowledge again""#;
    let same = format!(
        "850 4500012345 came in before with the same content; nothing is delivered again, \
         and our answer to it goes out once more: {ANSWER} ({by})"
    );
    let changed = "850 4500012345 came in before with other content and does not say that it replaces it";
    check_decided(&house, &[("duplicate", &same, by), ("quarantined", changed, by)]);
    nothing_further(&house);
}

#[test]
fn a_changed_order_reaches_the_erp_as_revision_2_and_the_trace_tells_it() {
    let house = house_with(r#"business_key = "replace""#);
    first(&house, &order_under(101, &[]));
    check(&house, "changed.edi", &order_under(102, &CHANGED), "processed", &["CAP-W034"]);
    let json: Value = serde_json::from_slice(&fetch(&house, TO_ERP, "4500012345.json")).unwrap();
    assert_eq!(
        (json["purpose"].as_str(), json["lines"][0]["quantity"]["value"].as_str()),
        (Some("replace"), Some("36"))
    );
    assert!(String::from_utf8(fetch(&house, TO_ERP, "4500012345.csv")).unwrap().contains("36"));
    let revisions: Vec<i64> =
        house.rows(&["ledger", "documents"]).iter().map(|row| row["revision"].as_i64().unwrap()).collect();
    assert_eq!(revisions.iter().sum::<i64>(), 3, "{revisions:?}");
    let by = r#"business_key = "replace""#;
    let text =
        format!("accepted order 4500012345: 2 lines, 195.96 USD, as revision 2 in place of what came in before ({by})");
    check_decided(&house, &[("accepted", &text, by)]);
    let story = house.ask(&["trace", "4500012345"]).out;
    assert!(story.contains(&text) && story.contains("48"), "{story}");
    // The same content again does nothing, and the content that was replaced does not come back by itself.
    check(&house, "same.edi", &order_under(103, &CHANGED), "processed", &["CAP-W018"]);
    check(&house, "old.edi", &order_under(104, &[]), "quarantined", &["CAP-E035"]);
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 2);
    assert_eq!(house.names(TO_ERP), [""; 0]);
}

#[test]
fn an_order_that_says_that_it_replaces_does_so_under_every_policy() {
    let house = House::running();
    first(&house, &order_under(101, &[]));
    let says_so = [CHANGED[0], CHANGED[1], ("BEG*00*", "BEG*05*")];
    check(&house, "replacement.edi", &order_under(102, &says_so), "processed", &[]);
    fetch(&house, TO_ERP, "4500012345.json");
    check_decided(&house, &[]);
}

// All of them at once.

#[test]
fn duplicates_of_three_files_mixed_take_effect_once_each() {
    let mut house = House::new();
    let policies =
        "\n[duplicates]\nbytes = \"acknowledge again\"\ncontrol_number = \"replace\"\nbusiness_key = \"replace\"\n";
    append(&house, "partners/megamart/partner.toml", policies);
    let po = |number: u32| format!("450007000{number}");
    let original = |number: u32| order_under(700 + number, &[("4500012345", &po(number))]);
    let corrected = |number: u32| {
        let number_of_order = po(number);
        let edits = [CHANGED[0], CHANGED[1], ("4500012345", number_of_order.as_str())];
        order_under(700 + number, &edits)
    };
    house.start();
    // The first of each, then everything at once in an order that nobody chose.
    for number in 1..=3 {
        check(&house, &format!("{number}_original.edi"), &original(number), "processed", &[]);
    }
    for number in 1..=3 {
        fetch(&house, TO_ERP, &format!("{}.json", po(number)));
        fetch(&house, TO_ERP, &format!("{}.csv", po(number)));
    }
    for number in [2, 3, 1] {
        for copy in ["b", "c"] {
            house.drop_file(RETAILER, &format!("{number}_same_{copy}.edi"), &original(number));
            house.drop_file(RETAILER, &format!("{number}_corrected_{copy}.edi"), &corrected(number));
        }
    }
    let states = |house: &House, part: &str| {
        let rows = house.rows(&["ledger", "transmissions"]);
        let named = rows.iter().filter(|row| row["name"].as_str().unwrap().contains(part));
        let mut states: Vec<String> = named.map(|row| row["state"].as_str().unwrap().to_owned()).collect();
        states.sort();
        states
    };
    house.wait_for("everything to be taken in", |house| {
        let all = house.rows(&["ledger", "transmissions"]);
        let came_in = all.iter().filter(|row| row["direction"] == "in");
        came_in.filter(|row| row["state"] != "captured").count() == 15
    });
    assert_eq!(states(&house, "_same_"), ["duplicate"; 6]);
    let corrections = states(&house, "_corrected_");
    assert_eq!(corrections, ["duplicate", "duplicate", "duplicate", "processed", "processed", "processed"]);
    for number in 1..=3 {
        let json: Value = serde_json::from_slice(&fetch(&house, TO_ERP, &format!("{}.json", po(number)))).unwrap();
        assert_eq!(json["lines"][0]["quantity"]["value"], "36");
        fetch(&house, TO_ERP, &format!("{}.csv", po(number)));
    }
    assert_eq!(house.names(TO_ERP), [""; 0]);
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 6, "two revisions of three orders");
    house.wait_for("one acknowledgment per interchange", |house| house.names(TO_RETAILER).len() == 6);
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
}
