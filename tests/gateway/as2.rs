//! AS2 with a whole gateway: custody before the receipt, once, and every receipt judged by what it says.

use crate::house::as2::{Got, Mood, Partner, identity, post};
use crate::house::{House, sample};
use edigate::config::agreement::Receipt;
use edigate::transport::as2::header::Headers;
use edigate::transport::as2::seal::Manner;
use serde_json::Value;

/// A house that speaks AS2 with MegaMart, with the daemon running; MegaMart, and the port of the house.
fn house_with(moods: &[Mood], lines: &str) -> (House, Partner, u16) {
    let mut house = House::new();
    let (partner, port) = Partner::of(&house, moods, lines);
    house.start();
    house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    (house, partner, port)
}

fn order() -> Vec<u8> {
    sample("megamart/850_101.edi")
}

/// MegaMart posts an order, and our 997 goes back to it.
fn order_comes(partner: &Partner, port: u16, id: &str) -> Got {
    let message = partner.message(id, "850_101.edi", &order());
    let (status, answer) = post(port, &message.headers, &message.body);
    assert_eq!(status, 200);
    let matched = partner.verdict(&message, &answer, Receipt::Signed).unwrap();
    assert!(matched.signed_by.is_some());
    answer
}

/// The delivery of our 997 once it is in a state.
fn acknowledgment(house: &House, state: &str) -> Value {
    let found = |house: &House| {
        let rows = house.rows(&["ledger", "deliveries"]);
        rows.into_iter().find(|row| row["partner"] == "megamart" && row["label"].as_str().unwrap().starts_with("997"))
    };
    house.wait_for(&format!("the 997 to be {state}"), |house| found(house).is_some_and(|row| row["state"] == state));
    found(house).unwrap()
}

fn transmissions(house: &House, what: &str) -> Vec<Value> {
    let rows = house.rows(&["ledger", "transmissions"]);
    rows.into_iter().filter(|row| row["name"].as_str().unwrap().starts_with(what)).collect()
}

fn has_finding(house: &House, code: &str) -> bool {
    let findings = house.rows(&["ledger", "findings"]);
    findings.iter().any(|finding| finding["rule"] == code && finding["state"] == "open")
}

#[test]
fn an_order_by_as2_is_receipted_and_processed_and_its_997_is_receipted_by_the_partner() {
    let (house, partner, port) = house_with(&[], "");
    order_comes(&partner, port, "<1@mega>");
    house.wait_for("the order", |house| house.names("folders/erp/inbox").len() == 2);
    let row = acknowledgment(&house, "sent");
    let receipt = row["receipt"].as_str().unwrap();
    assert!(receipt.contains("processed, sha-256 ") && receipt.contains("signed by CN=mega"), "{receipt}");
    let got = partner.got();
    let payload = &partner.opened(&got[0]).outcome.unwrap()[0];
    assert!(payload.bytes.starts_with(b"ISA*") && payload.file_name.as_deref() == row["name"].as_str());
    assert_eq!(
        transmissions(&house, "message <1@mega>")[0]["state"],
        "processed",
        "kept whole: who signed it is proved"
    );
    assert_eq!(transmissions(&house, "receipt for megamart_997").len(), 1, "their receipt is kept whole");
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

#[test]
fn a_message_that_comes_again_gets_its_first_receipt_and_takes_effect_once() {
    let (house, partner, port) = house_with(&[], "");
    let first = order_comes(&partner, port, "<1@mega>");
    house.settled("850_101.edi");
    let again = order_comes(&partner, port, "<1@mega>");
    assert_eq!(first.body, again.body, "byte for byte, although its content key is another one");
    assert_eq!(transmissions(&house, "850_101.edi").len(), 1);
    // Some peers give a repetition a new id: then the bytes are known.
    order_comes(&partner, port, "<2@mega>");
    house.wait_for("the repetition", |house| transmissions(house, "850_101.edi").len() == 2);
    let states: Vec<Value> = transmissions(&house, "850_101.edi").into_iter().map(|row| row["state"].clone()).collect();
    assert!(states.contains(&"duplicate".into()), "{states:?}");
}

#[test]
fn what_cannot_be_opened_is_kept_and_its_sender_hears_why() {
    let (house, partner, port) = house_with(&[], "");
    let stranger = &partner.keys.stranger;
    let signing = edigate::transport::as2::seal::Signing { identity: stranger, ..partner.signing() };
    let manners = [
        (Manner { encrypt: Some(partner.encrypting(stranger)), ..partner.manner() }, "decryption-failed", "AS2-E003"),
        (Manner { sign: Some(signing), ..partner.manner() }, "authentication-failed", "AS2-E004"),
        (Manner { sign: None, ..partner.manner() }, "insufficient-message-security", "AS2-E008"),
        (Manner { encrypt: None, ..partner.manner() }, "insufficient-message-security", "AS2-E008"),
    ];
    for (number, (manner, words, code)) in manners.into_iter().enumerate() {
        let id = format!("<{number}@mega>");
        let order = order();
        let file =
            edigate::transport::as2::seal::File { name: "850.edi", content_type: "application/edi-x12", bytes: &order };
        let message = partner.message_in(manner, &id, &[file]);
        let (status, answer) = post(port, &message.headers, &message.body);
        assert_eq!(status, 200, "{words}");
        let why = partner.verdict(&message, &answer, Receipt::Signed).unwrap_err();
        assert!(why.contains(words), "{why}");
        let row = &transmissions(&house, &format!("message {id}"))[0];
        assert_eq!((&row["state"], &row["diagnostics"][0]["code"]), (&"quarantined".into(), &code.into()), "{row}");
        assert_eq!(house.edigate(&["explain", code]).code, 0);
    }
    assert!(transmissions(&house, "850.edi").is_empty(), "nothing of it is processed");
}

#[test]
fn a_message_that_was_quarantined_is_opened_by_replay_once_the_key_is_there() {
    let (house, partner, port) = house_with(&[], "");
    let next = identity(&house, "acme-next");
    let manner = Manner { encrypt: Some(partner.encrypting(&next)), ..partner.manner() };
    let order = order();
    let file =
        edigate::transport::as2::seal::File { name: "850.edi", content_type: "application/edi-x12", bytes: &order };
    let message = partner.message_in(manner, "<1@mega>", &[file]);
    assert_eq!(post(port, &message.headers, &message.body).0, 200);
    let row = transmissions(&house, "message <1@mega>").remove(0);
    assert_eq!(row["state"], "quarantined");
    let replay = || assert_eq!(house.ask(&["replay", row["id"].as_str().unwrap()]).code, 0);
    let states = |house: &House| -> Vec<Value> {
        transmissions(house, "message <1@mega>").into_iter().map(|row| row["state"].clone()).collect()
    };
    replay();
    house.wait_for("the second failure", |house| states(house) == ["quarantined"]);
    let key = "\n[[as2.certificate]]\nfile = \"acme-next.pem\"\nkey = \"file:acme-next.key\"\n";
    let config = std::fs::read_to_string(house.config()).unwrap().replace("\n[[listen]]", &format!("{key}[[listen]]"));
    std::fs::write(house.config(), config).unwrap();
    house.signal("-HUP");
    house.wait_for("the reload", |house| house.log().contains("configuration reloaded"));
    replay();
    house.wait_for("the order", |house| house.names("folders/erp/inbox").len() == 2);
    assert_eq!(states(&house), ["processed"]);
}

#[test]
fn strangers_hear_that_nothing_was_agreed_and_what_is_no_message_is_refused() {
    let (house, partner, port) = house_with(&[], "");
    let message = partner.message_in(Manner { to: crate::house::as2::mega(), ..partner.manner() }, "<1@mega>", &[]);
    let (status, answer) = post(port, &message.headers, &message.body);
    assert_eq!(status, 200);
    let why = partner.verdict(&message, &answer, Receipt::Signed).unwrap_err();
    assert!(why.contains("unknown-trading-relationship"), "{why}");
    let (status, answer) = post(port, &Headers::of([("Content-Type", "text/plain")]), b"hello");
    assert_eq!(status, 400);
    assert!(String::from_utf8_lossy(&answer.body).contains("AS2-E001"));
    assert!(transmissions(&house, "message").is_empty());
}

#[test]
fn a_receipt_that_does_not_say_what_it_must_is_a_failure_of_its_own_kind() {
    for (mood, code) in [
        (Mood::OtherDigest, "AS2-E020"),
        (Mood::Forged, "AS2-E021"),
        (Mood::Negative, "AS2-E023"),
        (Mood::Unsigned, "AS2-E024"),
        (Mood::Status(404), "AS2-E033"),
    ] {
        let (house, partner, port) = house_with(&[mood], "");
        order_comes(&partner, port, "<1@mega>");
        let row = acknowledgment(&house, "parked");
        assert_eq!(row["attempts"], 1, "{mood:?}: {row}");
        assert!(has_finding(&house, code), "{mood:?}");
        assert_eq!(house.edigate(&["explain", code]).code, 0);
        if !matches!(mood, Mood::Status(_)) {
            assert_eq!(
                transmissions(&house, "receipt for megamart_997").len(),
                1,
                "{mood:?}: it is evidence all the same"
            );
        }
        let released = house.ask(&["release", row["id"].as_str().unwrap()]);
        assert_eq!(released.code, 0, "{}", released.err);
        acknowledgment(&house, "sent");
        assert!(!has_finding(&house, code), "{mood:?}: sent, so that nothing is left to be done");
        let got = partner.got();
        assert_eq!(got[0].message_id(), got[1].message_id(), "{mood:?}");
    }
}

#[test]
fn what_time_may_mend_is_sent_again_under_the_same_message_id() {
    let moods = [Mood::Status(503), Mood::Status(408), Mood::Page, Mood::Nothing];
    let (house, partner, port) = house_with(&moods, "timeout = \"500 ms\"");
    order_comes(&partner, port, "<1@mega>");
    let row = acknowledgment(&house, "sent");
    assert!(partner.is_done());
    assert_eq!(row["attempts"], 5, "what is unclear is an attempt as well: {row}");
    let ids: Vec<String> = partner.got().iter().map(|got| got.message_id().to_owned()).collect();
    assert!(ids.len() == 5 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert!(house.log().contains("gave no answer"), "{}", house.log());
}

#[test]
fn a_receipt_that_is_posted_later_closes_what_was_expected_or_parks_the_delivery() {
    for (mood, state, acknowledged) in [(Mood::Good, "sent", "met"), (Mood::OtherDigest, "parked", "violated")] {
        let (house, partner, port) = house_with(&[], "receipt_by = \"post\"");
        order_comes(&partner, port, "<1@mega>");
        acknowledgment(&house, "sent");
        let expected = || house.rows(&["ledger", "expectations"]).into_iter().find(|row| row["what"] == "mdn").unwrap();
        assert_eq!(expected()["state"], "pending");
        let got = partner.got().remove(0);
        assert_eq!(got.headers.field("receipt-delivery-option").unwrap(), format!("http://127.0.0.1:{port}/as2"));
        assert_eq!(partner.post_receipt(port, &got, mood), 200);
        assert_eq!(expected()["state"], acknowledged, "{mood:?}");
        acknowledgment(&house, state);
        assert_eq!(has_finding(&house, "AS2-E020"), mood == Mood::OtherDigest);
        assert_eq!(transmissions(&house, "receipt for <").len(), 2, "ours for the order, and theirs");
    }
}

#[test]
fn a_receipt_that_is_posted_before_we_have_the_answer_counts_as_well() {
    let (house, partner, port) = house_with(&[Mood::Early], "receipt_by = \"post\"");
    order_comes(&partner, port, "<1@mega>");
    acknowledgment(&house, "sent");
    house.wait_for("the receipt to be met", |house| {
        house.rows(&["ledger", "expectations"]).iter().any(|row| row["what"] == "mdn" && row["state"] == "met")
    });
}

#[test]
fn without_our_key_nothing_is_taken_and_the_sender_tries_again() {
    let (house, partner, port) = house_with(&[], "");
    let (key, aside) = (house.path("acme.key"), house.path("aside.key"));
    std::fs::rename(&key, &aside).unwrap();
    let message = partner.message("<1@mega>", "850_101.edi", &order());
    assert_eq!(post(port, &message.headers, &message.body).0, 503);
    let troubles = |house: &House| house.rows(&["status"]).remove(0)["troubles"].to_string();
    house.wait_for("the trouble", |house| troubles(house).contains("AS2-E032"));
    assert!(!troubles(&house).contains("LGR-"), "nothing else is held up: {}", troubles(&house));
    std::fs::rename(&aside, &key).unwrap();
    order_comes(&partner, port, "<1@mega>");
    house.wait_for("the end of the trouble", |house| !troubles(house).contains("AS2-E032"));
}

#[test]
fn a_receipt_is_posted_to_hosts_that_the_partner_file_names_and_to_no_other() {
    for (lines, is_posted) in [("receipt_hosts = \"127.0.0.1\"", true), ("receipt_hosts = \"as2.mega.example\"", false)]
    {
        let (house, partner, port) = house_with(&[], lines);
        let url = format!("http://127.0.0.1:{}/receipts", partner.port);
        let manner = Manner { receipt_to: Some(&url), ..partner.manner() };
        let order = order();
        let file =
            edigate::transport::as2::seal::File { name: "850.edi", content_type: "application/edi-x12", bytes: &order };
        let message = partner.message_in(manner, "<1@mega>", &[file]);
        let (status, answer) = post(port, &message.headers, &message.body);
        assert_eq!((status, answer.body.len()), (200, 0), "the receipt is not the answer");
        acknowledgment(&house, "sent");
        let row = &transmissions(&house, "message <1@mega>")[0];
        let receipts = || {
            partner.got().into_iter().filter(|got| {
                edigate::transport::as2::envelope::brings(&got.headers, &got.body)
                    == edigate::transport::as2::envelope::Brings::Receipt
            })
        };
        if is_posted {
            house.wait_for("the receipt", |_| receipts().count() == 1);
            let receipt = receipts().next().unwrap();
            partner.verdict(&message, &receipt, Receipt::Signed).unwrap();
        } else {
            assert_eq!(row["diagnostics"][0]["code"], "AS2-W026", "{row}");
            assert_eq!(receipts().count(), 0);
        }
    }
}

#[test]
fn a_crash_around_the_receipt_or_the_request_loses_nothing_and_sends_nothing_twice() {
    for point in ["as2.answer.before", "as2.post.before", "as2.post.after"] {
        let mut house = House::new();
        let (partner, port) = Partner::of(&house, &[], "");
        house.start_with(|command| command.env("EDIGATE_CRASH_AT", point));
        house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        let message = partner.message("<1@mega>", "850_101.edi", &order());
        let posting = std::thread::spawn({
            let (headers, body) = (message.headers.clone(), message.body.clone());
            // The connection may break in mid-answer.
            move || std::panic::catch_unwind(|| post(port, &headers, &body)).ok()
        });
        house.wait_for("the daemon to be gone", House::is_gone);
        let _ = posting.join();
        // Its first thread ends before the others do.
        while house.has_ended().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        house.start();
        house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        order_comes(&partner, port, "<1@mega>");
        acknowledgment(&house, "sent");
        assert_eq!(transmissions(&house, "850_101.edi").len(), 1, "{point}");
        let ids: Vec<String> = partner.got().iter().map(|got| got.message_id().to_owned()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{point}: {ids:?}");
    }
}

#[test]
fn certificates_are_made_shown_taken_in_and_handed_out() {
    let house = House::new();
    let (_partner, _) = Partner::of(&house, &[], "");
    let said = house.ask(&["partner", "cert", "export"]);
    assert_eq!(said.out.trim(), std::fs::read_to_string(house.path("acme.pem")).unwrap().trim());
    let shown = house.rows(&["partner", "cert", "show"]);
    let subjects: Vec<&str> = shown.iter().map(|row| row["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["CN=acme", "CN=mega"]);
    identity(&house, "mega-next");
    let file = house.path("mega-next.pem");
    let said = house.ask(&["partner", "cert", "import", "megamart", file.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    let name = said.out.lines().last().unwrap().split('"').nth(3).unwrap().to_owned();
    assert!(house.path("partners/megamart").join(name).exists(), "{}", said.out);
    let mode = std::os::unix::fs::PermissionsExt::mode(&house.path("acme.key").metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "a key is its owner's alone");
    assert_eq!(house.ask(&["check"]).code, 0);
}

#[test]
fn status_tells_a_certificate_that_ends_later_and_later_until_one_follows_it() {
    let mut house = House::new();
    let (_partner, _) = Partner::of(&house, &[], "");
    let new = |name: &str, days: &str| {
        let [certificate, key] =
            ["pem", "key"].map(|ending| house.path(&format!("{name}.{ending}")).display().to_string());
        let args = ["partner", "cert", "new", name, "--days", days, "--certificate", &certificate, "--key", &key];
        assert_eq!(house.edigate(&args).code, 0);
    };
    new("short", "40");
    new("next", "400");
    let config = std::fs::read_to_string(house.config()).unwrap().replace("acme.pem", "short.pem");
    let config = config.replace("acme.key", "short.key");
    std::fs::write(house.config(), &config).unwrap();
    let partner = house.path("partners/megamart/partner.toml");
    let text = std::fs::read_to_string(&partner).unwrap().replace("mega.pem", "short.pem");
    std::fs::write(&partner, text).unwrap();
    let clock = house.path("clock");
    let troubles = |house: &House| house.rows(&["status"]).remove(0)["troubles"].to_string();
    for (day, words) in [
        (11, "in less than 30 days"),
        (27, "in less than 14 days"),
        (38, "in less than 3 days"),
        (41, "CN=short, ended on "),
    ] {
        std::fs::write(&clock, (day * 86_400).to_string()).unwrap();
        house.start_with(|command| command.env("EDIGATE_CLOCK_FILE", &clock));
        for whose in ["ours, ACME", "megamart/mailbox"] {
            house.wait_for(words, |house| {
                troubles(house).contains(words) && troubles(house).contains(&format!("of {whose}, CN=short"))
            });
        }
        assert_eq!(house.ask(&["status"]).code, 1);
        assert_eq!(house.stop(), 0);
    }
    let next = "\n[[as2.certificate]]\nfile = \"next.pem\"\nkey = \"file:next.key\"\n[[listen]]";
    std::fs::write(house.config(), config.replace("\n[[listen]]", next)).unwrap();
    house.start_with(|command| command.env("EDIGATE_CLOCK_FILE", &clock));
    house.wait_for("the partner's", |house| troubles(house).contains("of megamart/mailbox, CN=short"));
    assert!(!troubles(&house).contains("of ours, ACME"), "they are looked at together: {}", troubles(&house));
}

#[test]
fn a_certificate_that_ends_soon_is_told_by_check_and_by_status() {
    for (days, code, exit) in [("20", "AS2-W040", 0), ("60", "", 0)] {
        let mut house = House::new();
        let (_partner, _) = Partner::of(&house, &[], "");
        let (certificate, key) = (house.path("short.pem"), house.path("short.key"));
        let args = ["partner", "cert", "new", "short", "--days", days, "--certificate", certificate.to_str().unwrap()];
        house.edigate(&[&args[..], &["--key", key.to_str().unwrap()]].concat());
        let config = std::fs::read_to_string(house.config()).unwrap().replace("acme.pem", "short.pem");
        std::fs::write(house.config(), config.replace("acme.key", "short.key")).unwrap();
        let said = house.ask(&["check"]);
        assert_eq!((said.code, said.out.contains("AS2-W040")), (exit, !code.is_empty()), "{}", said.out);
        if !code.is_empty() {
            house.start();
            let report = |house: &House| house.rows(&["status"]).remove(0)["troubles"].to_string();
            house.wait_for("the warning", |house| report(house).contains(code));
        }
    }
}
