//! Deliveries: policy, order, batches, and sending again, with the real daemon.

use std::fs;

use crate::house::{House, sample};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const ERP: &str = "folders/erp/outbox";
const TO_ERP: &str = "folders/erp/inbox";

/// A house whose retailer's file was edited, with one order processed and its 997 delivered.
fn house_with(edits: &[(&str, &str)]) -> House {
    let mut house = House::new();
    edit(&house, edits);
    house.start();
    house.drop_file(RETAILER, "order.edi", &sample("megamart/850_101.edi"));
    assert_eq!(house.settled("order.edi")["state"], "processed");
    house.wait_for("the acknowledgment", |house| house.names(TO_RETAILER).len() == 1);
    house
}

fn edit(house: &House, edits: &[(&str, &str)]) {
    let partner = house.path("partners/megamart/partner.toml");
    let mut text = fs::read_to_string(&partner).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "the partner file has no {from:?}");
        text = text.replace(from, to);
    }
    fs::write(&partner, text).unwrap();
}

/// Adds a line to the retailer's endpoint.
const ENDPOINT: &str = "name     = \"mailbox\"";
/// The send rule for ship notices.
const SHIP_NOTICES: &str = "send   = \"856\"";

fn ship(house: &House, id: &str) {
    let text = String::from_utf8(sample("erp/ship_SHP0000777.csv")).unwrap();
    let text = text.replace("SHP0000777", id).replace("006141410000000111", "");
    house.drop_file(ERP, &format!("ship_{id}.csv"), text.as_bytes());
    let row = house.settled(&format!("ship_{id}.csv"));
    assert_eq!(row["state"], "processed", "{row:#}");
}

fn deliveries(house: &House) -> Vec<Value> {
    house.rows(&["ledger", "deliveries"])
}

/// The newest delivery of that label.
fn delivery(house: &House, label: &str) -> Value {
    let rows = deliveries(house);
    rows.iter().rev().find(|row| row["label"] == label).unwrap_or_else(|| panic!("no {label}: {rows:#?}")).clone()
}

fn wait_for_state(house: &House, label: &str, state: &str) -> Value {
    let stands = |house: &House| deliveries(house).iter().any(|row| row["label"] == label && row["state"] == state);
    house.wait_for(&format!("{label} to be {state}"), stands);
    delivery(house, label)
}

fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

fn acks(house: &House, label: &str) -> Vec<Value> {
    house.rows(&["ledger", "acks"]).into_iter().filter(|row| row["label"] == label).collect()
}

fn read(house: &House, row: &Value) -> String {
    fs::read_to_string(house.path(TO_RETAILER).join(row["name"].as_str().unwrap())).unwrap()
}

#[test]
fn what_a_partner_lost_is_sent_again_byte_for_byte() {
    let house = house_with(&[]);
    ship(&house, "SHP1");
    let sent = wait_for_state(&house, "856 SHP1", "sent");
    let (bytes, path) = (read(&house, &sent), house.path(TO_RETAILER).join(sent["name"].as_str().unwrap()));
    fs::remove_file(&path).unwrap();
    let said = house.ask(&["resend", id(&sent), "--reason", "their mailbox was emptied"]);
    assert_eq!(said.code, 0, "{}", said.err);
    house.wait_for("the same file", |_| path.exists());
    assert_eq!(fs::read_to_string(&path).unwrap(), bytes);
    house.wait_for("the second attempt", |house| delivery(house, "856 SHP1")["attempts"] == 2);
    let events = house.rows(&["ledger", "events"]);
    let line = events.iter().find(|event| event["kind"] == "replayed").unwrap();
    assert_eq!(line["data"]["reason"], "their mailbox was emptied");
    assert_eq!(line["po_number"], "4500012345", "it belongs to the order's story");
    assert_eq!(acks(&house, "856 SHP1").len(), 1, "nothing else is expected than before");
}

#[test]
fn under_a_new_control_number_the_document_is_awaited_anew_and_the_old_one_is_waived() {
    let house = house_with(&[]);
    ship(&house, "SHP1");
    let old = wait_for_state(&house, "856 SHP1", "sent");
    let said = house.ask(&["resend", id(&old), "--new-control-number", "--reason", "refused as a duplicate"]);
    assert_eq!(said.code, 0, "{}", said.err);
    house.wait_for("the second file", |house| house.names(TO_RETAILER).len() == 3);
    let new = wait_for_state(&house, "856 SHP1", "sent");
    assert_ne!(id(&old), id(&new));
    let body = |text: &str| -> Vec<String> {
        let within =
            text.lines().skip_while(|line| !line.starts_with("ST*")).take_while(|line| !line.starts_with("GE*"));
        within.map(str::to_owned).collect()
    };
    assert_eq!(body(&read(&house, &old)), body(&read(&house, &new)), "it is the same document");
    let numbers = |text: &str| -> Vec<String> {
        let pick = |tag: &str, element: usize| {
            text.lines()
                .find(|line| line.starts_with(tag))
                .unwrap()
                .trim_end_matches('~')
                .split('*')
                .nth(element)
                .unwrap()
                .to_owned()
        };
        vec![pick("ISA*", 13), pick("GS*", 6)]
    };
    for (before, after) in numbers(&read(&house, &old)).iter().zip(numbers(&read(&house, &new))) {
        assert_ne!(*before, after);
    }
    house.wait_for("the new clock", |house| acks(house, "856 SHP1").iter().any(|ack| ack["state"] == "pending"));
    let states: Vec<String> = acks(&house, "856 SHP1").iter().map(|ack| ack["state"].to_string()).collect();
    assert_eq!(states, ["\"waived\"", "\"pending\""]);
    let why = acks(&house, "856 SHP1")[0]["detail"].as_str().unwrap().to_owned();
    assert!(why.contains(id(&new)) && why.contains("refused as a duplicate"), "{why}");
}

#[test]
fn only_x12_documents_get_a_new_control_number() {
    let house = house_with(&[]);
    let check = |label: &str, expect: &str| {
        let row = delivery(&house, label);
        let said = house.ask(&["resend", id(&row), "--new-control-number"]);
        assert_eq!(said.code, 2, "{}", said.out);
        assert!(said.err.contains(expect), "{}", said.err);
    };
    house.wait_for("the order at the ERP", |house| house.names(TO_ERP).len() == 2);
    check("850 4500012345", "was not sent as X12");
    check("997 for 000000101", "is an acknowledgment");
    assert_eq!(house.ask(&["resend", "nonsense"]).code, 2);
    let help = house.edigate(&["resend", "--help"]);
    assert!(help.out.contains("new revision"), "{}", help.out);
}

#[test]
fn when_the_policy_gives_up_a_delivery_is_parked_as_a_finding_until_it_is_sent() {
    let retry =
        format!("{ENDPOINT}\nretry = {{ first = \"100 ms\", longest = \"200 ms\", give_up_after = \"500 ms\" }}");
    let house = house_with(&[(ENDPOINT, &retry)]);
    fs::rename(house.path(TO_RETAILER), house.path("unmounted")).unwrap();
    ship(&house, "SHP1");
    let parked = wait_for_state(&house, "856 SHP1", "parked");
    let error = parked["last_error"].as_str().unwrap();
    assert!(error.contains("does not exist (failing since 2"), "{error}");
    assert!(error.contains(" attempts)"), "{error}");
    assert!(parked["attempts"].as_i64().unwrap() >= 2, "{parked:#}");
    let overdue = house.ask(&["ledger", "deliveries", "--overdue"]);
    assert_eq!(overdue.code, 1);
    assert!(overdue.out.contains("856 SHP1") && overdue.out.contains("parked"), "{}", overdue.out);
    let finding = |house: &House| -> Value {
        house.rows(&["ledger", "findings"]).into_iter().find(|row| row["rule"] == "DLV-E003").unwrap()
    };
    assert_eq!(finding(&house)["state"], "open");
    fs::rename(house.path("unmounted"), house.path(TO_RETAILER)).unwrap();
    assert_eq!(house.ask(&["release", id(&parked), "--reason", "mounted again"]).code, 0);
    wait_for_state(&house, "856 SHP1", "sent");
    assert_eq!(finding(&house)["state"], "resolved");
}

#[test]
fn where_the_order_is_kept_a_failing_delivery_holds_those_behind_it_until_a_person_says_so() {
    let retry = format!("{ENDPOINT}\nkeep_order = true\nretry = {{ first = \"100 ms\", give_up_after = \"300 ms\" }}");
    let house = house_with(&[(ENDPOINT, &retry)]);
    // The 997 took number 501, so that the next interchange is 502; somebody's file has its name.
    let in_the_way = house.path(TO_RETAILER).join("megamart_856_000000502.edi");
    fs::write(&in_the_way, "somebody's").unwrap();
    ship(&house, "SHP1");
    ship(&house, "SHP2");
    let parked = wait_for_state(&house, "856 SHP1", "parked");
    house.drop_file(RETAILER, "order2.edi", &sample("megamart/850_103.edi"));
    house.settled("order2.edi");
    let behind = delivery(&house, "856 SHP2");
    assert_eq!(behind["state"], "pending");
    let waits_for = behind["waits_for"].as_str().unwrap();
    assert!(waits_for.starts_with("856 SHP1, which is parked") && waits_for.contains(id(&parked)), "{waits_for}");
    assert_eq!(house.names(TO_RETAILER).len(), 2, "the first acknowledgment and what is in the way");
    assert!(house.names(TO_ERP).len() >= 2, "nobody else waits");
    let said = house.ask(&["waive", id(&parked), "--reason", "sent by mail"]);
    assert_eq!(said.code, 0, "{}", said.err);
    wait_for_state(&house, "856 SHP2", "sent");
    assert_eq!(delivery(&house, "856 SHP1")["state"], "waived");
    assert_eq!(acks(&house, "856 SHP1")[0]["state"], "waived");
    assert_eq!(fs::read_to_string(&in_the_way).unwrap(), "somebody's");
}

#[test]
fn documents_of_a_batch_go_out_in_one_interchange_and_survive_a_kill_while_they_wait() {
    let batch = format!("{SHIP_NOTICES}\nbatch = {{ count = 3, within = \"1 d\" }}");
    let mut house = house_with(&[(SHIP_NOTICES, &batch)]);
    ship(&house, "SHP1");
    ship(&house, "SHP2");
    house.kill();
    assert!(deliveries(&house).iter().all(|row| row["partner"] == "erp" || row["label"] == "997 for 000000101"));
    house.start();
    ship(&house, "SHP3");
    let sent = wait_for_state(&house, "3 × 856", "sent");
    let text = read(&house, &sent);
    let count = |tag: &str| text.lines().filter(|line| line.starts_with(tag)).count();
    assert_eq!((count("ISA*"), count("GS*"), count("ST*856*"), count("IEA*")), (1, 1, 3, 1), "{text}");
    let order: Vec<&str> =
        text.lines().filter(|line| line.starts_with("BSN*")).map(|line| line.split('*').nth(2).unwrap()).collect();
    assert_eq!(order, ["SHP1", "SHP2", "SHP3"]);
    for label in ["856 SHP1", "856 SHP2", "856 SHP3"] {
        house.wait_for("a clock per document", |house| {
            acks(house, label).iter().map(|ack| ack["state"].to_string()).collect::<Vec<_>>() == ["\"pending\""]
        });
        let story = house.ask(&["trace", label.split_once(' ').unwrap().1]);
        assert!(story.out.contains(&format!("{label} sent as {}", sent["name"].as_str().unwrap())), "{}", story.out);
    }
    let said = house.ask(&["resend", id(&sent), "--new-control-number"]);
    assert_eq!(said.code, 0, "{}", said.err);
    house.wait_for("the batch again", |house| {
        acks(house, "856 SHP2").iter().map(|ack| ack["state"].to_string()).collect::<Vec<_>>()
            == ["\"waived\"", "\"pending\""]
    });
    assert_eq!(house.ask(&["ledger", "verify"]).code, 0);
}

#[test]
fn a_batch_goes_out_when_its_oldest_document_has_waited_long_enough() {
    let batch = format!("{SHIP_NOTICES}\nbatch = {{ count = 50, within = \"1 s\" }}");
    let house = house_with(&[(SHIP_NOTICES, &batch)]);
    ship(&house, "SHP1");
    wait_for_state(&house, "856 SHP1", "sent");
    assert_eq!(house.names(TO_RETAILER).len(), 2);
}

#[test]
fn whatever_instruction_a_crash_stops_a_delivery_at_it_arrives_once() {
    let points: Vec<&str> =
        edigate::crash::POINTS.iter().copied().filter(|point| point.starts_with("deliver.")).collect();
    assert!(points.len() >= 6, "{points:?}");
    for point in points {
        let mut house = House::new();
        house.start_with(|command| command.env("EDIGATE_CRASH_AT", point));
        house.drop_file(RETAILER, "order.edi", &sample("megamart/850_101.edi"));
        assert_ne!(house.ended(), 0, "the daemon passes {point}");
        house.start();
        house.wait_for("everything to be sent", |house| {
            let rows = deliveries(house);
            rows.len() == 3 && rows.iter().all(|row| row["state"] == "sent")
        });
        assert_eq!(house.names(TO_RETAILER), ["megamart_997_000000501.edi"], "{point}");
        assert_eq!(house.names(TO_ERP), ["4500012345.csv", "4500012345.json"], "{point}");
        // The outlet forgets what it remembered once the receipts are on record.
        house.wait_for(&format!("nothing hidden to be left after {point}"), |house| {
            let entries =
                [TO_RETAILER, TO_ERP].into_iter().flat_map(|folder| fs::read_dir(house.path(folder)).unwrap());
            entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.')).count() == 0
        });
        let delivered = house.rows(&["ledger", "events"]).iter().filter(|event| event["kind"] == "delivered").count();
        assert_eq!(delivered, 3, "{point}");
        assert_eq!(house.ask(&["ledger", "verify"]).code, 0, "{point}");
    }
}
