//! What an API can do wrong, and what we do and say then.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use insta::assert_snapshot;
use serde_json::json;

use super::*;

const PLAIN: &str = "[request]\npath = \"/items\"\nquery = { since = \"{since}\" }\n[since]\nfield = \"/at\"\n[pages]\nby = \"url\"\nnext = \"/next\"\n";

fn description() -> String {
    format!("{PLAIN}{ITEMS}")
}

/// The code of the fault and what is said of it, with the API's own address taken out.
fn fault(description: &str, play: impl FnMut(&Heard) -> Answer + Send + 'static) -> String {
    let mut desk = Desk::new().with_timeout(Duration::from_millis(600));
    let api = Api::play_at(Some(Arc::clone(&desk.time)), play);
    let configured = Configured::new();
    let mut poller = configured.described(&api.base(), description);
    let error = desk.round(&mut poller).unwrap_err();
    assert_eq!(desk.mark, None, "the watermark stays");
    let diagnostic = Diagnostic::from(&error);
    assert!(!error.is_final());
    format!("{}: {}", diagnostic.code.code, diagnostic.message).replace(&api.base(), "http://api")
}

#[test]
fn a_server_that_fails_is_tried_three_times_with_growing_pauses() {
    let mut desk = Desk::new();
    let api = Api::play(|_| Answer::text(502, "<html>bad gateway</html>"));
    let configured = Configured::new();
    let mut poller = configured.described(&api.base(), &description());
    let error = desk.round(&mut poller).unwrap_err();
    assert_eq!(Diagnostic::from(&error).code.code, "POL-E002");
    assert_eq!((api.heard().len(), desk.paused), (3, Duration::from_secs(3)));
    // And one that comes to itself in between is no fault.
    let mut desk = Desk::new();
    let mut tries = 0;
    let api = Api::play(move |_| {
        tries += 1;
        if tries < 3 { Answer::status(500) } else { Answer::json(json!({ "items": [item(1, 1)] })) }
    });
    desk.round(&mut Configured::new().described(&api.base(), &description())).unwrap();
    assert_eq!(desk.names(), ["item_1.json"]);
}

#[test]
fn a_server_that_is_away_or_slow_or_breaks_off_is_unreachable() {
    let mut desk = Desk::new();
    let configured = Configured::new();
    let mut poller = configured.described("http://127.0.0.1:1", &description());
    let error = desk.round(&mut poller).unwrap_err();
    assert_snapshot!(error, @"http://127.0.0.1:1/items gives no answer: Connection refused (os error 111)");
    let slow = fault(&description(), |_| Answer { delay: Duration::from_secs(3), ..Answer::json(json!({})) });
    assert_snapshot!(slow, @"POL-E001: http://api/items gives no answer: nothing within 0.6 s");
    // One that promises a thousand bytes and sends ten of them, and one that sends a byte now and then.
    for drips in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"items\":");
                for _ in 0..(if drips { 30 } else { 0 }) {
                    std::thread::sleep(Duration::from_millis(100));
                    if stream.write_all(b" ").is_err() {
                        break;
                    }
                }
            }
        });
        let mut desk = Desk::new().with_timeout(Duration::from_millis(400));
        let configured = Configured::new();
        let mut poller = configured.described(&format!("http://{address}"), &description());
        let began = std::time::Instant::now();
        let error = desk.round(&mut poller).unwrap_err();
        assert_eq!(Diagnostic::from(&error).code.code, "POL-E001", "{error}");
        assert!(began.elapsed() < Duration::from_secs(3), "three tries of 0.4 s");
        assert_eq!(desk.kept, []);
    }
}

#[test]
fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let limited = format!("{}[limits]\nanswer = \"100 KB\"\n", description());
    let large = fault(&limited, |_| Answer::text(200, &" ".repeat(200_000)));
    assert_snapshot!(large, @"POL-E006: the answer of http://api/items is larger than 100000 bytes");
}

#[test]
fn an_answer_that_is_no_json_or_not_the_promised_one_is_quoted() {
    let html = fault(&description(), |_| Answer::text(200, "<html><body>Please log in</body></html>"));
    assert_snapshot!(html, @"POL-E007: the answer of http://api/items is no JSON: expected value at line 1 column 1, in <html><body>Please log in</body></html>");
    let cut = fault(&description(), |_| Answer::text(200, "{\"items\": [{\"id\": 1"));
    assert_snapshot!(cut, @r#"POL-E007: the answer of http://api/items is no JSON: EOF while parsing an object at line 1 column 19, in {"items": [{"id": 1"#);
    let other = fault(&description(), |_| Answer::text(200, "{\"orders\": []}"));
    assert_snapshot!(other, @r#"POL-E008: the answer of http://api/items has no list at "/items": it is {"orders": []}"#);
}

#[test]
fn a_refusal_is_quoted_and_a_redirect_is_not_followed() {
    let refused = fault(&description(), |_| Answer::text(400, "{\"error\":\"updated_at_min is no time\"}"));
    assert_snapshot!(refused, @r#"POL-E005: http://api/items answered 400: {"error":"updated_at_min is no time"}"#);
    let moved = fault(&description(), |_| Answer::status(302).with("Location", "http://127.0.0.1:1/"));
    assert_snapshot!(moved, @"POL-E005: http://api/items answered 302: ");
}

#[test]
fn a_next_link_to_another_host_or_to_no_https_is_not_followed() {
    let next = |next: &'static str| fault(&description(), move |_| Answer::json(json!({ "items": [], "next": next })));
    assert_snapshot!(next("https://elsewhere.example/items?key=1"), @"POL-E010: http://api/ sends us to https://elsewhere.example/items, which is none of our hosts; it was not followed");
    assert_snapshot!(next("ftp://127.0.0.1/items"), @"POL-E010: http://api/ sends us to ftp://127.0.0.1/items, which is not https; it was not followed");
    // A host that is named is followed, also by a pattern, and never one that only ends alike.
    let named = format!("hosts = [\"*.files.example\"]\n{}", description());
    for (next, is_allowed) in
        [("https://a.files.example/", true), ("https://files.example/", false), ("https://badfiles.example/", false)]
    {
        let (_, outcome) = poll_once(&named, move |_| Answer::json(json!({ "items": [], "next": next })));
        assert_eq!(matches!(outcome, Err(PollError::Elsewhere { .. })), !is_allowed, "{next}");
    }
}

#[test]
fn a_short_pause_is_kept_and_a_long_one_ends_the_round() {
    let mut desk = Desk::new();
    let mut tries = 0;
    let api = Api::play(move |_| {
        tries += 1;
        match tries {
            1 => Answer::status(429).with("Retry-After", 12),
            _ => Answer::json(json!({ "items": [] })),
        }
    });
    desk.round(&mut Configured::new().described(&api.base(), &description())).unwrap();
    assert_eq!(desk.paused, Duration::from_secs(12));
    let mut desk = Desk::new();
    let api = Api::play_at(Some(Arc::clone(&desk.time)), |_| {
        Answer::status(503).with("Retry-After", "Fri, 06 Mar 2026 23:00:00 GMT")
    });
    let error = desk.round(&mut Configured::new().described(&api.base(), &description())).unwrap_err();
    assert_eq!(Diagnostic::from(&error).code.code, "POL-W016");
    assert_eq!(error.not_before(), Some("2026-03-06T23:00:00Z".parse().unwrap()));
    assert_eq!(desk.paused, Duration::ZERO);
}

#[test]
fn faults_with_status_200_are_faults() {
    let graphql = format!("{}[fault]\nat = \"/errors\"\nthrottled = \"THROTTLED\"\n", description());
    let said = fault(&graphql, |_| Answer::json(json!({ "errors": [{ "message": "no field x" }] })));
    assert_snapshot!(said, @r#"POL-E009: http://api/items answered 200 with a fault: [{"message":"no field x"}]"#);
    let throttled = fault(&graphql, |_| Answer::json(json!({ "errors": [{ "extensions": { "code": "THROTTLED" } }] })));
    assert!(throttled.starts_with("POL-W016"), "{throttled}");
}

#[test]
fn clocks_that_differ_are_told_and_pass_over_nothing() {
    let (desk, outcome) = poll_once(&description(), |_| {
        Answer::json(json!({ "items": [{ "id": 1, "at": "2027-01-01T00:00:00Z" }, item(2, 30)] }))
    });
    outcome.unwrap();
    assert_eq!(desk.mark.unwrap().to_string(), "2026-03-06T22:00:00Z", "never past our now");
    assert_eq!(desk.warned(), ["POL-W013"]);
    // Their clock is an hour behind ours.
    let mut desk = Desk::new();
    let theirs = Arc::new(Mutex::new("2026-03-06T21:00:00Z".parse().unwrap()));
    let api = Api::play_at(Some(theirs), |_| Answer::json(json!({ "items": [item(2, 0)] })));
    desk.round(&mut Configured::new().described(&api.base(), &description())).unwrap();
    assert_eq!((desk.mark.unwrap().to_string().as_str(), desk.warned()), ("2026-03-06T21:00:00Z", vec!["POL-W013"]));
}

#[test]
fn an_item_without_id_or_time_is_kept_by_its_bytes_and_told() {
    let rows = json!({ "items": [{ "name": "a" }, { "name": "b" }, { "name": "a" }, item(2, 30)] });
    let mut desk = Desk::new();
    let api = Api::play_at(Some(Arc::clone(&desk.time)), move |_| Answer::json(rows.clone()));
    let configured = Configured::new();
    let mut poller = configured.described(&api.base(), &description());
    desk.round(&mut poller).unwrap();
    desk.round(&mut poller).unwrap();
    assert_eq!(desk.kept.len(), 3, "the same bytes are the same item");
    assert!(desk.warned().iter().all(|code| *code == "POL-W014"));
    assert_eq!(desk.mark.unwrap().to_string(), "2026-03-06T21:30:00Z");
}

#[test]
fn a_packed_file_is_unpacked_and_one_that_bursts_the_limit_is_refused() {
    let packed = format!(
        "{}[[detail]]\npath = \"{{/url}}\"\nfile = true\npacked = \"/how\"\nsigned = false\n[limits]\nanswer = \"100 KB\"\n",
        description()
    );
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    for (content, expected) in [
        (gzip(b"a\tb\n"), Ok("a\tb\n".as_bytes().to_vec())),
        (gzip(&vec![0; 2_000_000]), Err("POL-E006")),
        (b"plain".to_vec(), Err("POL-E007")),
    ] {
        let mut desk = Desk::new();
        let listed = Arc::new(Mutex::new(String::new()));
        let base = Arc::clone(&listed);
        let api = Api::play_at(Some(Arc::clone(&desk.time)), move |heard| match heard.path.as_str() {
            "/file" => Answer { status: 200, body: content.clone(), ..Answer::default() },
            _ => Answer::json(
                json!({ "items": [{ "id": 1, "at": "2026-03-06T21:00:00Z", "how": "GZIP", "url": format!("{}/file", base.lock().unwrap()) }] }),
            ),
        });
        *listed.lock().unwrap() = api.base();
        let outcome = desk.round(&mut Configured::new().described(&api.base(), &packed));
        match expected {
            Ok(bytes) => assert_eq!(desk.kept[0].bytes, bytes),
            Err(code) => assert_eq!(Diagnostic::from(&outcome.unwrap_err()).code.code, code),
        }
    }
}

/// Every fault of a description and of its place in partner.toml, as its owner reads it.
#[test]
fn a_description_that_is_wrong_says_where() {
    let configured = Configured::new();
    let faults = |poll: &str, description: &str| {
        configured.write("partners/shop/own.api.toml", description);
        let faults = configured
            .load(&format!("[[endpoint]]\nname = \"api\"\nvia = \"http\"\npoll = {{ {poll} }}\n"))
            .unwrap_err();
        let folder = configured.dir.path().display().to_string();
        faults
            .iter()
            .map(|fault| format!("{} {}", fault.code.code, fault.message))
            .collect::<Vec<_>>()
            .join("\n")
            .replace(&folder, "…")
    };
    let own = "api = \"own.api.toml\"";
    let right = format!("base = \"https://a.example\"\n{}", description());
    assert_snapshot!(faults("every = \"5 min\"", ""), @r#"
    CFG-E002 poll names no API, or two
    "#);
    assert_snapshot!(faults("preset = \"shopify-order\"", ""), @r#"POL-E021 there is no preset "shopify-order""#);
    assert_snapshot!(faults("preset = \"shopify-orders\", set = { shop = \"acme\", tokn = \"env:X\" }", ""), @r#"
    CFG-E001 shopify-orders.api.toml (preset) asks for no "tokn"
    POL-E022 shopify-orders.api.toml (preset) needs "token": the app's Admin API access token
    "#);
    assert_snapshot!(faults("preset = \"shopify-orders\", set = { shop = \"acme\", token = \"sk_live_1\" }", ""), @"CFG-E027 a secret is written into the file");
    assert_snapshot!(faults(own, &right.replace("https://a", "http://a")), @r#"POL-E025 "http://a.example" cannot be asked: it is not https"#);
    assert_snapshot!(faults(own, &right.replace("{since}", "{sicne}")), @"POL-E023 nobody fills {sicne}");
    assert_snapshot!(faults(own, &right.replace("\"/id\"", "\"id\"")), @r#"POL-E024 "id" is no JSON pointer"#);
    assert_snapshot!(faults(own, &right.replace("by = ", "bye = ")), @r#"CFG-E001 unknown key "bye" in [pages]"#);
    let with_folder =
        configured.load("[[endpoint]]\nname = \"api\"\nvia = \"http\"\npick_up = { from = \"in\" }\n").unwrap_err();
    assert!(
        in_words(&with_folder).contains("pick_up and drop_off are for folders and servers"),
        "{}",
        in_words(&with_folder)
    );
}
