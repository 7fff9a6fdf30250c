//! What the pages lead to: failures with their history, answers, sending again, troubles, guides.

use std::fs;

use super::office::{Office, busy_office, link};
use crate::house::sample;

#[test]
fn a_failure_is_explained_with_what_happened_like_it_before() {
    let office = busy_office();
    office.add("mary", &["--role", "operator"]);
    office.house.drop_file("folders/megamart/outbound", "850_104.edi", &sample("megamart/850_104.edi"));
    let file = office.house.settled("850_104.edi");
    let mary = office.sign_in("mary");
    let list = mary.page("/failures");
    assert!(list.contains("in 850_104.edi quarantined") && list.contains(">2nd<"), "{list}");
    let newest = mary.page(&link(&list, "/failures/megamart/"));
    for part in ["2nd time since", "always at BEG05", "Replay: process it again", "what to do", "edigate replay"] {
        assert!(newest.contains(part), "{part}: {newest}");
    }
    let first = mary.page(&link(newest.split_once("The same failure").unwrap().1, "/failures/megamart/"));
    assert!(first.contains("in 850_103.edi quarantined") && first.contains("first time"), "{first}");
    let of_file = mary.page(&format!("/files/{}", file["id"].as_str().unwrap()));
    assert!(of_file.contains("2nd time since"), "{of_file}");
    assert_eq!(mary.get("/failures/megamart/1").status, 404, "a line that tells no failure");
    assert_eq!(mary.get("/failures/megamart/x").status, 404);
    assert!(mary.page("/failures?state=settled").contains("Nothing to show."));
    let standing = office.house.rows(&["ledger", "failures", "--standing"]);
    let events: Vec<String> = standing.iter().rev().map(|row| row["event"].as_str().unwrap().to_owned()).collect();
    assert!(events.iter().all(|event| list.contains(&format!("/failures/{event}"))), "{events:?}");
    assert_eq!((standing.last().unwrap()["nth"].as_u64(), events.len() >= 2), (Some(2), true), "{standing:?}");
    let replayed = mary.press(&format!("/files/{}/replay", file["id"].as_str().unwrap()), "reason=once+more");
    assert_eq!(replayed.status, 303);
    office.house.wait_for("the failure is over", |_| mary.page("/failures?state=settled").contains("850_104.edi"));
}

/// An office whose ERP confirmed an order; the retailer's mailbox has two 997s and the 855.
fn office_that_confirmed() -> Office {
    let office = busy_office();
    office.house.drop_file("folders/erp/outbox", "ack_1.json", &sample("erp/ack_4500012345.json"));
    office.house.settled("ack_1.json");
    office.house.wait_for("the 855", |house| house.names("folders/megamart/inbound").len() == 3);
    office
}

#[test]
fn a_document_and_the_997_that_answered_it_lead_to_each_other() {
    let office = office_that_confirmed();
    office.add("mary", &["--role", "viewer"]);
    let mary = office.sign_in("mary");
    let id = |kind: &str| {
        let rows = office.house.rows(&["ledger", "documents"]);
        rows.iter().find(|row| row["kind"] == kind).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let order = mary.page(&format!("/documents/{}", id("order")));
    let ours = mary.page(&link(order.split_once("Answered by").expect("our 997").1, "/files/"));
    assert!(ours.contains("What it answers") && ours.contains("850_10"), "{ours}");

    let theirs = String::from_utf8(sample("megamart/997_201.edi")).unwrap().replace("AK1*PR*504", "AK1*PR*503");
    office.house.drop_file("folders/megamart/outbound", "997_1.edi", theirs.as_bytes());
    office.house.settled("997_1.edi");
    let place = format!("/documents/{}", id("order_ack"));
    office.house.wait_for("the match", |_| mary.page(&place).contains("Answered by"));
    let answer = mary.page(&link(mary.page(&place).split_once("Answered by").unwrap().1, "/files/"));
    assert!(answer.contains("997_1.edi") && answer.contains("855 4500012345"), "{answer}");
    assert!(answer.contains(&place), "it leads back: {answer}");
}

#[test]
fn answers_are_found_by_set_on_the_page_in_the_export_and_by_the_api() {
    let office = office_that_confirmed();
    office.add("mary", &["--role", "viewer"]);
    let mary = office.sign_in("mary");
    let exported = |set: &str| mary.get(&format!("/acknowledgments.csv?set={set}")).text.lines().skip(1).count();
    assert_eq!((exported("850"), exported("855"), exported("856")), (2, 1, 0));
    assert_eq!(office.house.rows(&["ledger", "acks", "--set", "850"]).len(), 2, "the command as well");
    let page = mary.page("/acknowledgments?set=855&partner=megamart");
    assert!(page.contains("855 4500012345") && !page.contains("997 for"), "{page}");
    assert!(page.contains("<option value=\"855\" selected>"), "{page}");
    let token = format!("Bearer {}", office.house.reader("books", &[]));
    let asked = office.ask("GET", "/api/v1/acknowledgments?set=850", &[("Authorization", &token)], "");
    let rows = asked.json()["rows"].as_array().unwrap().clone();
    assert_eq!((rows.len(), rows[0]["set"].as_str()), (2, Some("850")), "{rows:?}");
}

#[test]
fn what_is_sent_again_by_a_button_may_get_new_control_numbers() {
    let office = office_that_confirmed();
    office.add("mary", &["--role", "operator"]);
    office.add("tom", &["--role", "viewer"]);
    let (mary, tom) = (office.sign_in("mary"), office.sign_in("tom"));
    let rows = office.house.rows(&["ledger", "deliveries"]);
    let place = |label: &str| {
        let row = rows.iter().find(|row| row["label"] == label).unwrap();
        format!("/deliveries/{}", row["id"].as_str().unwrap())
    };
    let (confirmation, answer) = (place("855 4500012345"), place("997 for 000000101"));
    assert!(mary.page(&confirmation).contains("Resend with new control numbers"));
    assert!(!mary.page(&answer).contains("Resend with new control numbers"), "one per interchange");
    assert_eq!(mary.press(&format!("{answer}/resend-anew"), "reason=x").status, 409);
    assert_eq!(tom.press(&format!("{confirmation}/resend-anew"), "reason=x").status, 403);
    let pressed = mary.press(&format!("{confirmation}/resend-anew"), "reason=they+refuse+503");
    let anew = pressed.header("location").unwrap_or_else(|| panic!("{pressed:?}")).to_owned();
    assert!(pressed.status == 303 && anew != confirmation, "{anew}");
    office.house.wait_for("the new one", |house| house.names("folders/megamart/inbound").len() == 4);
    let told = office.house.rows(&["ledger", "events"]).into_iter().find(|event| event["kind"] == "replayed").unwrap();
    let data = |key: &str| told["data"][key].as_str().unwrap().to_owned();
    assert_eq!((data("remedy").as_str(), data("by").as_str()), ("resend with new numbers", "mary"));
    assert_eq!(data("reason"), "they refuse 503");
}

#[test]
fn what_is_in_trouble_is_on_the_page_of_the_nodes_with_what_to_do() {
    let office = Office::in_house("\n[[alert]]\nname = \"pager\"\nwebhook = \"file:pager.url\"\n", |house| {
        fs::write(house.path("pager.url"), "http://127.0.0.1:9/\n").unwrap();
    });
    office.add("mary", &["--role", "viewer"]);
    office.add("part", &["--role", "viewer", "--partner", "megamart"]);
    let mary = office.sign_in("mary");
    let calm = mary.page("/nodes");
    assert!(calm.contains("Nothing is in trouble here.") && calm.contains("webhook (json)"), "{calm}");
    fs::rename(office.house.path("folders/megamart/inbound"), office.house.path("folders/gone")).unwrap();
    office.house.drop_file("folders/megamart/outbound", "850_101.edi", &sample("megamart/850_101.edi"));
    office.house.wait_for("the trouble", |_| mary.page("/nodes").contains("drop-off megamart/mailbox"));
    office.house.wait_for("the pager", |_| mary.page("/nodes").contains("not reached"));
    let page = mary.page("/nodes");
    assert!(page.contains("in trouble") && page.contains("alert pager"), "{page}");
    let part = office.sign_in("part");
    assert_eq!(part.get("/nodes").status, 404, "the machine belongs to no partner");
    assert!(!part.page("/").contains("href=\"/nodes\""));
}

#[test]
fn the_page_of_a_partner_leads_to_the_guides_that_its_documents_are_checked_by() {
    let office = Office::in_house("", |house| {
        let overlay = "overlay 850 at 004010 as MegaMart wants it\nBEG02 codes SA NE\n";
        fs::write(house.path("partners/megamart/850.overlay"), overlay).unwrap();
        let file = house.path("partners/megamart/partner.toml");
        let text = fs::read_to_string(&file).unwrap().replace("[x12]\n", "[x12]\nguides = [\"850.overlay\"]\n");
        fs::write(file, text).unwrap();
    });
    office.add("mary", &["--role", "viewer"]);
    office.add("audit", &["--role", "viewer", "--partner", "erp"]);
    let mary = office.sign_in("mary");
    let partner = mary.page("/partners/megamart");
    assert!(partner.contains("850.overlay"), "{partner}");
    let ship_notice = mary.page("/partners/megamart/guides/856/004010");
    assert!(ship_notice.contains("set 856 at 004010") && !ship_notice.contains("demands beyond"), "{ship_notice}");
    let order = mary.page(&link(&partner, "/partners/megamart/guides/850/"));
    for part in ["MegaMart Stores&#39; demands", "BEG02 codes SA NE", "set 850 at 004010"] {
        assert!(order.contains(part), "{part}: {order}");
    }
    assert_eq!(mary.get("/partners/megamart/guides/999999/004010").status, 404);
    assert_eq!(mary.get("/partners/erp/guides/850/004010").status, 404, "no X12 is exchanged");
    assert_eq!(office.sign_in("audit").get("/partners/megamart/guides/850/004010").status, 404);
}

#[test]
fn a_clock_that_runs_is_given_up_for_a_reason() {
    let office = Office::in_house("", |house| {
        let file = house.path("partners/megamart/partner.toml");
        let rule = "\n[[clock]]\nname = \"Confirmed soon\"\nwhat = \"855\"\nwithin = \"48 h\"\nof = \"850\"\n\
                    cost = { flat = \"25\", currency = \"USD\" }\nsource = \"their guide\"\nas_of = \"2026-03-01\"\n";
        fs::write(&file, fs::read_to_string(&file).unwrap() + rule).unwrap();
    });
    office.add("mary", &["--role", "operator"]);
    office.add("audit", &["--role", "operator", "--partner", "erp"]);
    office.house.drop_file("folders/megamart/outbound", "850_101.edi", &sample("megamart/850_101.edi"));
    office.house.settled("850_101.edi");
    let mary = office.sign_in("mary");
    let running = "/clocks?state=running&partner=megamart";
    office.house.wait_for("the clock", |_| mary.page(running).contains("Confirmed soon"));
    let list = mary.page(running);
    let place = link(&list, "/clocks/");
    let page = mary.page(&place);
    for part in [
        "order acknowledgment for 4500012345 is due",
        "25.00 USD",
        "their guide, 2026-03-01",
        "/orders/megamart/4500012345",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let order = mary.page("/orders/megamart/4500012345");
    assert!(order.contains("How its rules stand") && order.contains(&place), "{order}");
    assert_eq!(office.sign_in("audit").get(&place).status, 404);
    assert_eq!(mary.press(&format!("{place}/waive"), "").status, 409, "without a reason");
    assert_eq!(mary.press(&format!("{place}/waive"), "reason=by+phone").status, 303);
    let page = mary.page(&place);
    assert!(page.contains("given up: by phone") && !page.contains("/waive"), "{page}");
}
