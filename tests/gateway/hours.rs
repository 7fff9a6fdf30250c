//! Outside its hours an endpoint is left alone: nothing is taken, nothing is sent, and nobody else waits for it. Within them it
//! moves no more than its limit.

use std::fs;
use std::time::{Duration, Instant};

use crate::house::sshd::Sshd;
use crate::house::{House, sample};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";

/// Hours that end before now or begin after it, whatever the time is: from two to three hours from now.
fn elsewhen() -> String {
    let time = |hours: i64| {
        let time = Timestamp::now().checked_add(hours.hours()).unwrap();
        TimeZone::UTC.to_datetime(time).strftime("%H:%M").to_string()
    };
    format!("{}-{}", time(2), time(3))
}

/// Gives the first endpoint of a partner its hours.
fn open(house: &House, partner: &str, hours: &str) {
    let file = house.path(&format!("partners/{partner}/partner.toml"));
    let text = fs::read_to_string(&file).unwrap();
    let rest: Vec<&str> = text.lines().filter(|line| !line.starts_with("open ") && !line.starts_with("zone")).collect();
    let text = rest.join("\n").replacen("[[endpoint]]\n", &format!("[[endpoint]]\nopen = [\"{hours}\"]\n"), 1);
    fs::write(&file, format!("zone = \"Etc/UTC\"\n{text}\n")).unwrap();
}

fn reload(house: &House) {
    let reloads = |house: &House| house.log().matches("configuration reloaded").count();
    let before = reloads(house);
    house.signal("-HUP");
    house.wait_for("the reload", |house| reloads(house) > before);
}

fn closed(house: &House) -> Vec<String> {
    let report = house.rows(&["status"]).remove(0);
    report["closed"].as_array().unwrap().iter().map(|one| one["partner"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_comes_and_what_is_due_wait_until_the_endpoint_opens_and_others_do_not() {
    let mut house = House::new();
    open(&house, "megamart", &elsewhen());
    open(&house, "erp", &elsewhen());
    house.start();
    house.drop_file(RETAILER, "order.edi", &sample("megamart/850_101.edi"));
    assert_eq!(closed(&house), ["erp", "megamart"]);
    assert!(house.ask(&["status"]).out.contains("megamart/mailbox is closed until "));
    assert!(house.ask(&["partner", "list"]).out.contains(", closed until "));
    // The retailer's opens, and its order is answered while the ERP's stays closed.
    open(&house, "megamart", "00:00-24:00");
    reload(&house);
    house.wait_for("the acknowledgment", |house| !house.names(TO_RETAILER).is_empty());
    assert_eq!(closed(&house), ["erp"]);
    assert!(house.names(TO_ERP).is_empty());
    assert_eq!(house.ask(&["status"]).code, 0, "that somebody is closed is no trouble");
    open(&house, "erp", "00:00-24:00");
    reload(&house);
    house.wait_for("the order", |house| !house.names(TO_ERP).is_empty());
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
    assert_eq!(house.stop(), 0);
}

#[test]
fn hours_that_cannot_be_understood_are_named_with_their_line() {
    let house = House::new();
    open(&house, "megamart", "Monday-Friday 6:00-22:00");
    let said = house.ask(&["check"]);
    assert_eq!(said.code, 1);
    let told = said.out + &said.err;
    assert!(told.contains("CFG-E064") && told.contains("partners/megamart/partner.toml"), "{told}");
}

#[test]
fn a_mailbox_moves_no_more_than_its_limit_in_either_direction() {
    let Some(server) = Sshd::started_for("a limit") else { return };
    let mut house = House::new();
    server.serve(&house, &format!("{}\nlimit = \"2 KB/s\"", server.by_key("id_ed25519")), "then = \"delete\"", "");
    let order = sample("megamart/850_101.edi");
    server.put("outbound", "order.edi", &order);
    let begin = Instant::now();
    house.start();
    let name = "megamart_997_000000501.edi";
    house.wait_for("the acknowledgment", |_| server.names("inbound").iter().any(|found| found == name));
    let acknowledgment = server.bytes("inbound", name);
    assert!(String::from_utf8(acknowledgment.clone()).unwrap().contains("AK9*A*1*1*1"));
    let least = Duration::from_secs_f64((order.len() + acknowledgment.len()) as f64 / 2_000.0);
    assert!(begin.elapsed() >= least, "{:?} of at least {least:?}", begin.elapsed());
    assert_eq!(house.stop(), 0);
}

#[test]
fn a_limit_is_for_a_line_and_in_bytes_per_second() {
    let house = House::new();
    let file = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&file).unwrap();
    let with = |line: &str| {
        fs::write(&file, text.replacen("[[endpoint]]\n", &format!("[[endpoint]]\n{line}\n"), 1)).unwrap();
        let said = house.ask(&["check"]);
        assert_eq!(said.code, 1);
        said.out + &said.err
    };
    let told = with("limit = \"2 MB/s\"");
    assert!(told.contains("CFG-E001") && told.contains("a folder of this machine has no line"), "{told}");
    let told = with("limit = \"2 Mbit/s\"");
    assert!(told.contains("CFG-E001"), "{told}");
}
