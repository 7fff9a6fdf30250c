//! The machine under the daemon fails: nothing is lost, everybody is told, work resumes by itself.

mod house;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use house::{House, sample};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";

/// A clean order under a number of its own.
fn order(number: u32) -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let text = text.replace("000000101", &format!("{number:09}")).replace("4500012345", &po(number));
    text.into_bytes()
}

fn po(number: u32) -> String {
    format!("45{number:08}")
}

fn drop_order(house: &House, number: u32) {
    house.drop_file(RETAILER, &format!("{number}.edi"), &order(number));
}

/// What `edigate status` says.
fn status(house: &House) -> Value {
    house.rows(&["status"]).remove(0)
}

/// The present trouble of that kind.
fn trouble(house: &House, what: &str) -> Option<Value> {
    status(house)["troubles"].as_array().unwrap().iter().find(|one| one["what"] == what).cloned()
}

/// Waits for a trouble of that kind and code, and checks what it says.
fn in_trouble(house: &House, what: &str, code: &str) -> Value {
    let is_told = |house: &House| trouble(house, what).is_some_and(|one| one["code"] == code);
    house.wait_for(&format!("{code} of {what}"), is_told);
    let told = trouble(house, what).unwrap();
    for field in ["text", "fix", "since"] {
        assert!(!told[field].as_str().unwrap().is_empty(), "{told:#}");
    }
    assert_eq!(house.ask(&["status"]).code, 1, "a trouble is for somebody to look at");
    assert_eq!(house.edigate(&["explain", code]).code, 0);
    told
}

fn all_is_well(house: &House) {
    house.wait_for("all to be well", |house| house.ask(&["status"]).code == 0);
}

/// After every fault: each order once at the ERP, each 997 once at the retailer, nothing left behind, the chain whole.
fn each_order_went_through_once(house: &House, numbers: &[u32]) {
    let count = numbers.len();
    house.wait_for("every order at the ERP", |house| house.names(TO_ERP).len() >= 2 * count);
    house.wait_for("every acknowledgment", |house| house.names(TO_RETAILER).len() >= count);
    let settled = |house: &House| {
        let backlog = &status(house)["backlog"];
        ["captured", "due", "retrying", "parked"].iter().all(|stage| backlog[stage]["count"] == 0)
    };
    house.wait_for("nothing to be waiting", settled);
    let mut expected: Vec<String> =
        numbers.iter().flat_map(|number| [format!("{}.csv", po(*number)), format!("{}.json", po(*number))]).collect();
    expected.sort();
    assert_eq!(house.names(TO_ERP), expected);
    let answers: Vec<String> = house
        .names(TO_RETAILER)
        .iter()
        .map(|name| fs::read_to_string(house.path(TO_RETAILER).join(name)).unwrap())
        .filter(|text| text.contains("AK9*A*"))
        .collect();
    assert_eq!(answers.len(), count, "one 997 for each order");
    assert_eq!(house.names(RETAILER), ["archive"], "left behind in the folder");
    assert_eq!(house.names(&format!("{RETAILER}/archive")).len(), count);
    let claimed = fs::read_dir(house.path(RETAILER).join(".edigate")).map_or(0, Iterator::count);
    assert_eq!(claimed, 0, "files stay claimed");
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

/// The events that tell of faults, in the order in which they were told.
fn told_events(house: &House, code: &str) -> Vec<(String, Value)> {
    let events = house.rows(&["ledger", "events"]);
    let about = events.into_iter().filter(|event| event["data"]["code"] == code);
    about.map(|event| (event["kind"].as_str().unwrap().to_owned(), event)).collect()
}

fn kinds(house: &House, code: &str) -> Vec<String> {
    told_events(house, code).into_iter().map(|(kind, _)| kind).collect()
}

// --- Status ---

#[test]
fn status_of_a_daemon_at_rest_is_all_well_and_its_socket_is_for_its_user_alone() {
    let house = House::running();
    let report = status(&house);
    assert_eq!(report["running"], true, "{report:#}");
    assert_eq!(report["troubles"], serde_json::json!([]));
    assert_eq!(report["nodes"], serde_json::json!([]));
    assert_eq!(report["backlog"]["captured"]["count"], 0);
    let said = house.ask(&["status"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains(": no trouble\n"), "{}", said.out);
    let mode = fs::metadata(house.path("edigate.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn status_without_a_daemon_says_so_and_reads_the_ledger() {
    let mut house = House::running();
    drop_order(&house, 11);
    each_order_went_through_once(&house, &[11]);
    house.kill();
    let report = status(&house);
    assert_eq!(report["running"], false, "{report:#}");
    assert_eq!(report["backlog"]["captured"]["count"], 0, "{report:#}");
    let said = house.ask(&["status"]);
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("no edigate runs in "), "{}", said.out);
    house.start();
    all_is_well(&house);
    assert_eq!(house.stop(), 0);
    assert!(!house.path("edigate.sock").exists(), "an orderly end takes the socket away");
}

#[test]
fn a_pick_up_folder_that_is_gone_is_one_trouble_until_it_is_back() {
    let house = House::running();
    fs::rename(house.path(RETAILER), house.path("unmounted")).unwrap();
    let told = in_trouble(&house, "folder megamart/mailbox", "CAP-E002");
    assert!(told["text"].as_str().unwrap().contains("does not exist"), "{told:#}");
    fs::rename(house.path("unmounted"), house.path(RETAILER)).unwrap();
    all_is_well(&house);
    drop_order(&house, 21);
    each_order_went_through_once(&house, &[21]);
    house.wait_for("both events", |house| kinds(house, "CAP-E002").len() == 2);
    assert_eq!(kinds(&house, "CAP-E002"), ["fault", "recovered"]);
    assert_eq!(house.log().matches("CAP-E002").count(), 2, "logged once when it began and once when it ended");
}
