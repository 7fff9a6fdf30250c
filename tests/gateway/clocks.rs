//! A partner's rules held against what happens, on a daemon that is killed in between: a warning comes at its time all the same.

use std::fs;

use crate::house::{House, sample};

const RETAILER: &str = "folders/megamart/outbound";
const ERP: &str = "folders/erp/outbox";

/// Orders are to be confirmed two hours after they came; the order comes at 09:15.
const CONFIRMED: &str = r#"
[[clock]]
name   = "Order confirmed"
what   = "855"
within = "2 h"
of     = "850"
cost   = { percent_of_order = "3", currency = "USD" }
source = "MegaMart vendor guide, section 3"
as_of  = "2026-03-01"
"#;

/// A house whose daemon begins at a time, where its clock stands still.
fn start_at(house: &mut House, time: &str) {
    let time = format!("2026-03-03T{time}:00-06:00");
    house.start_with(|command| command.env("EDIGATE_CLOCK_STARTS", &time));
}

fn with_rule() -> House {
    let house = House::new();
    let file = house.path("partners/megamart/partner.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + CONFIRMED).unwrap();
    house
}

/// The state of the rule for the order.
fn state(house: &House) -> Option<String> {
    let rows = house.rows(&["ledger", "clocks"]);
    let row = rows.iter().find(|row| row["rule"] == "Order confirmed")?;
    Some(row["state"].as_str().unwrap().to_owned())
}

fn told(house: &House) -> Vec<String> {
    let rows = house.rows(&["ledger", "events"]);
    let of_clocks = rows.iter().filter(|row| row["kind"] == "clock");
    of_clocks.map(|row| row["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_warning_comes_at_its_time_however_often_the_daemon_is_killed_in_between() {
    let mut house = with_rule();
    start_at(&mut house, "09:15");
    house.drop_file(RETAILER, "order.edi", &sample("megamart/850_101.edi"));
    house.wait_for("the clock to run", |house| state(house).as_deref() == Some("running"));
    house.kill();
    // A quarter of its time is left from 10:45 on.
    start_at(&mut house, "10:50");
    house.wait_for("the warning", |house| state(house).as_deref() == Some("at_risk"));
    house.kill();
    start_at(&mut house, "11:15");
    house.wait_for("the breach", |house| state(house).as_deref() == Some("broken"));
    house.kill();
    start_at(&mut house, "11:40");
    house.drop_file(ERP, "ack.json", &sample("erp/ack_4500012345.json"));
    house.wait_for("the late answer to be judged", |house| {
        let findings = house.rows(&["ledger", "findings"]);
        findings.iter().any(|row| row["detail"]["message"].as_str().unwrap().contains("came 25 min late"))
    });
    assert_eq!(
        told(&house),
        [
            "order acknowledgment for 4500012345 is at risk: due 11:15, in 25 min, about 4.58 USD",
            "order acknowledgment for 4500012345 has not come by 2026-03-03 11:15, 4.58 USD (CLK-E001)",
        ]
    );
    let findings = house.rows(&["ledger", "findings"]);
    let found = findings.iter().find(|row| row["rule"] == "CLK-E001").unwrap();
    assert_eq!(found["subject"], "850 4500012345, Order confirmed");
    assert_eq!((&found["money"], &found["currency"]), (&"4.58".into(), &"USD".into()));
    assert!(house.ask(&["status"]).out.contains("rules of partners: 0 at risk, 1 broken"));
    assert!(house.ask(&["trace", "4500012345"]).out.contains("came 25 min late"));
    assert_eq!(house.stop(), 0);
}

#[test]
fn a_person_gives_a_clock_up_with_a_reason_and_it_stays_so() {
    let mut house = with_rule();
    start_at(&mut house, "09:15");
    house.drop_file(RETAILER, "order.edi", &sample("megamart/850_101.edi"));
    house.wait_for("the clock to run", |house| state(house).as_deref() == Some("running"));
    house.kill();
    start_at(&mut house, "12:00");
    house.wait_for("the breach", |house| state(house).as_deref() == Some("broken"));
    let said = house.ask(&["ledger", "clocks", "--partner", "megamart", "--overdue"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("BROKEN") && said.out.contains("is overdue by"), "{}", said.out);
    let rows = house.rows(&["ledger", "clocks", "--overdue"]);
    let id = rows[0]["id"].as_str().unwrap();
    let said = house.ask(&["clock", "waive", id, "--by", "anna", "--because", "their buyer agreed"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let again = house.ask(&["clock", "waive", id, "--by", "anna", "--because", "their buyer agreed"]);
    assert_eq!(again.code, 2, "{}", again.out);
    assert_eq!(state(&house).as_deref(), Some("waived"));
    let findings = house.rows(&["ledger", "findings"]);
    let found = findings.iter().find(|row| row["rule"] == "CLK-E001").unwrap();
    assert_eq!(found["state"], "resolved");
    let events = house.rows(&["ledger", "events"]);
    let decided = events.iter().find(|row| row["kind"] == "decided").unwrap();
    assert!(decided["text"].as_str().unwrap().ends_with("given up by anna: their buyer agreed"));
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
    assert_eq!(house.stop(), 0);
}

#[test]
fn rules_that_are_read_again_hold_at_once() {
    let mut house = with_rule();
    start_at(&mut house, "09:15");
    house.drop_file(RETAILER, "order.edi", &sample("megamart/850_101.edi"));
    house.wait_for("the clock to run", |house| state(house).as_deref() == Some("running"));
    let file = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("within = \"2 h\"", "within = \"3 h\"")).unwrap();
    house.signal("-HUP");
    house.wait_for("the new time", |house| {
        let rows = house.rows(&["ledger", "clocks"]);
        rows.iter().any(|row| row["rule"] == "Order confirmed" && row["due"] == "2026-03-03T18:15:00Z")
    });
    assert_eq!(house.stop(), 0);
}
