//! Orders posted to the API of an ERP: each takes effect once there, whatever is answered and whatever gets lost.

use std::fs;
use std::time::{Duration, Instant};

use crate::house::certificates::Identity;
use crate::house::erp_api::{Api, Asked, Reply, says};
use crate::house::http::free_port;
use crate::house::{House, sample};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::Value;

const TOKEN: &str = "bearer-secret-4711";
const SIGNING: &str = "signing-secret-0815";

/// A house whose ERP takes orders as JSON by an API; `lines` stand in its `post` table.
fn house_posting_to(url: &str, endpoint: &str, lines: &str) -> House {
    let house = House::new();
    fs::write(house.path("erp.bearer"), TOKEN).unwrap();
    fs::write(house.path("erp.signing"), SIGNING).unwrap();
    let path = house.path("partners/erp/partner.toml");
    let file = fs::read_to_string(&path).unwrap();
    let folder = "via      = \"folder\"\ndrop_off = { to = \"folders/erp/inbox\", name = \"{kind}_{number}.json\" }\n";
    let csv =
        "[[document]]\nsend = \"order\"\nvia  = \"inbox\"\nmap  = \"order.map.toml\"\nname = \"{po_number}.csv\"\n";
    assert!(file.contains(folder) && file.contains(csv), "{file}");
    let post = format!(
        "via = \"http\"\nretry = {{ first = \"100 ms\", longest = \"300 ms\", give_up_after = \"60 s\" }}\n{endpoint}\n\
         [endpoint.post]\nto = \"{url}\"\nname = \"{{kind}}_{{number}}.json\"\n{lines}\n"
    );
    fs::write(&path, file.replace(folder, &post).replace(csv, "")).unwrap();
    house
}

fn posting_to(api: &Api, lines: &str) -> House {
    let url = format!("http://127.0.0.1:{}/orders/{{stem}}", api.port);
    let mut house = house_posting_to(&url, "", &format!("plain = true\n{lines}"));
    house.start();
    house
}

fn order(house: &House) {
    house.drop_file("folders/megamart/outbound", "850_101.edi", &sample("megamart/850_101.edi"));
}

fn delivery(house: &House) -> Option<Value> {
    house.rows(&["ledger", "deliveries"]).into_iter().find(|row| row["partner"] == "erp")
}

/// Waits until the order's delivery is in a state; its row.
fn delivered(house: &House, state: &str) -> Value {
    house.wait_for(&format!("the delivery to be {state}"), |house| {
        delivery(house).is_some_and(|row| row["state"] == state)
    });
    delivery(house).unwrap()
}

fn keys(asked: &[Asked]) -> Vec<String> {
    asked.iter().map(|one| one.header("idempotency-key").unwrap().to_owned()).collect()
}

#[test]
fn an_order_is_posted_with_its_key_its_signature_and_our_token() {
    let api = Api::that(&[]);
    let lines = "auth = { bearer = \"file:erp.bearer\" }\nheaders = { \"X-File\" = \"{name}\" }\n\
                 sign = { header = \"X-Signature\", secret = \"file:erp.signing\", timestamp = \"X-Time\" }";
    let mut house = posting_to(&api, lines);
    order(&house);
    let row = delivered(&house, "sent");
    assert!(row["receipt"].as_str().unwrap().ends_with(": 201"), "{row}");
    let asked = api.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/orders/4500012345"));
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("x-file"), Some("4500012345.json"));
    assert_eq!(asked.header("idempotency-key"), row["id"].as_str());
    let order: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(order["po_number"], "4500012345", "{order}");
    let key = PKey::hmac(SIGNING.as_bytes()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    signer.update(format!("{}.", asked.header("x-time").unwrap()).as_bytes()).unwrap();
    signer.update(&asked.body).unwrap();
    let expect: String = signer.sign_to_vec().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(asked.header("x-signature"), Some(format!("sha256={expect}").as_str()));
    let tested = house.ask(&["partner", "test", "erp"]);
    assert!(tested.code == 0 && tested.out.contains("read the token"), "{}{}", tested.out, tested.err);
    let status = house.ask(&["status"]);
    let journal = house.ask(&["ledger", "events"]);
    for said in [house.log(), status.out, journal.out, tested.out] {
        assert!(!said.contains(TOKEN) && !said.contains(SIGNING), "a secret is told: {said}");
    }
    assert_eq!(house.stop(), 0, "connections that are kept open hold up no end");
}

#[test]
fn a_failure_of_theirs_is_tried_again_under_the_same_key() {
    let api = Api::that(&[says(500), says(502), says(408)]);
    let house = posting_to(&api, "");
    order(&house);
    assert_eq!(delivered(&house, "sent")["attempts"], 4);
    let keys = keys(&api.asked());
    assert!(keys.len() == 4 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    let bodies: Vec<Vec<u8>> = api.asked().into_iter().map(|one| one.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same bytes each time");
}

#[test]
fn a_lost_answer_is_unclear_and_asked_again_until_409_says_that_it_was_taken() {
    let api = Api::that(&[Reply::Nothing, says(409)]);
    let house = posting_to(&api, "timeout = \"500 ms\"");
    order(&house);
    let row = delivered(&house, "sent");
    assert!(row["receipt"].as_str().unwrap().ends_with("409, taken before"), "{row}");
    let keys = keys(&api.asked());
    assert!(keys.len() == 2 && keys[0] == keys[1], "{keys:?}");
    assert!(house.log().contains("gave no answer"), "{}", house.log());
}

#[test]
fn a_crash_before_or_behind_the_request_repeats_it_under_the_same_key() {
    for (point, asked_before) in [("post.request.before", 0), ("post.request.after", 1)] {
        let api = Api::that(&[]);
        let url = format!("http://127.0.0.1:{}/orders/{{stem}}", api.port);
        let mut house = house_posting_to(&url, "", "plain = true");
        house.start_with(|command| command.env("EDIGATE_CRASH_AT", point));
        order(&house);
        assert_ne!(house.ended(), 0);
        assert_eq!(api.asked().len(), asked_before, "{point}");
        house.start();
        delivered(&house, "sent");
        let keys = keys(&api.asked());
        assert!(keys.len() == asked_before + 1 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }
}

#[test]
fn a_refusal_is_parked_at_once_and_says_why() {
    let no = r#"{"error":"item 4711 is unknown"}"#;
    let api = Api::that(&[Reply::Says(422, Vec::new(), no)]);
    let house = posting_to(&api, "");
    order(&house);
    let row = delivered(&house, "parked");
    assert_eq!(row["attempts"], 1);
    assert!(row["last_error"].as_str().unwrap().contains("422, {\"error\":\"item 4711 is unknown\"}"), "{row}");
    let findings = house.rows(&["ledger", "findings"]);
    assert!(findings.iter().any(|finding| finding["rule"] == "NET-E040" && finding["state"] == "open"), "{findings:?}");
    let said = house.ask(&["release", row["id"].as_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    delivered(&house, "sent");
}

#[test]
fn a_success_around_a_refusal_is_one() {
    let api = Api::that(&[Reply::Says(200, Vec::new(), r#"{"status":"rejected"}"#)]);
    let house = posting_to(&api, "success = { status = [\"200\"], pointer = \"/status\", equals = \"accepted\" }");
    order(&house);
    assert!(delivered(&house, "parked")["last_error"].as_str().unwrap().contains("rejected"));
}

#[test]
fn an_api_that_asks_us_to_wait_is_left_alone_for_so_long() {
    let wait = Reply::Says(429, vec![("retry-after", "2".to_owned())], "");
    let api = Api::that(&[wait]);
    let house = posting_to(&api, "");
    order(&house);
    house.wait_for("the first answer", |_| api.is_done());
    let began = Instant::now();
    delivered(&house, "sent");
    assert!(began.elapsed() > Duration::from_millis(1500), "asked again after {:?}", began.elapsed());
    assert_eq!(api.asked().len(), 2, "and not once in between");
}

#[test]
fn a_redirection_is_followed_within_the_host_and_to_no_other_one() {
    let elsewhere = Api::that(&[]);
    let away = format!("http://localhost:{}/orders", elsewhere.port);
    let here = Reply::Says(307, vec![("location", "/v2/orders".to_owned())], "");
    let api = Api::that(&[here, Reply::Says(307, vec![("location", away)], "")]);
    let house = posting_to(&api, "auth = { header = \"X-API-Key\", value = \"file:erp.bearer\" }");
    order(&house);
    let row = delivered(&house, "parked");
    assert!(row["last_error"].as_str().unwrap().contains("sends us elsewhere"), "{row}");
    let asked = api.asked();
    assert_eq!(asked[1].path, "/v2/orders");
    assert_eq!(asked[1].body, asked[0].body, "with its body");
    assert!(elsewhere.asked().is_empty(), "neither the order nor the key was told to another host");
}

#[test]
fn a_password_that_was_renewed_is_read_again_and_nothing_is_parked() {
    let api = Api::that(&vec![says(401); 1000]);
    let house = posting_to(&api, "auth = { user = \"acme\", password = \"file:erp.bearer\" }");
    order(&house);
    house.wait_for("a second attempt", |_| api.asked().len() > 1);
    assert_eq!(delivery(&house).unwrap()["state"], "retrying");
    fs::write(house.path("erp.bearer"), "renewed").unwrap();
    api.answers_now(&[]);
    delivered(&house, "sent");
    let basic = |word: &str| format!("Basic {}", openssl::base64::encode_block(format!("acme:{word}").as_bytes()));
    let asked = api.asked();
    assert_eq!(asked[0].header("authorization"), Some(basic(TOKEN).as_str()));
    assert_eq!(asked.last().unwrap().header("authorization"), Some(basic("renewed").as_str()));
}

#[test]
fn an_api_that_is_gone_is_a_trouble_which_ends_by_itself() {
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}/orders/{{stem}}");
    let mut house = house_posting_to(&url, "", "plain = true");
    house.start();
    order(&house);
    house.wait_for("the trouble", |house| {
        house.rows(&["status"])[0]["troubles"].as_array().unwrap().iter().any(|one| one["what"] == "drop-off erp/inbox")
    });
    let tested = house.ask(&["partner", "test", "erp"]);
    assert!(tested.code == 1 && tested.out.contains("does not answer"), "{}", tested.out);
    assert_eq!(house.names("folders/megamart/inbound").len(), 1, "the retailer is answered meanwhile");
}

#[test]
fn https_is_proved_by_the_authority_that_the_partner_file_names() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Identity::authority(directory.path(), "authority");
    let ours = authority.signed_by(directory.path(), "localhost", 30);
    let mut acceptor =
        openssl::ssl::SslAcceptor::mozilla_intermediate_v5(openssl::ssl::SslMethod::tls_server()).unwrap();
    acceptor.set_certificate(&ours.certificate).unwrap();
    acceptor.set_private_key(&ours.key).unwrap();
    let acceptor = acceptor.build();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = acceptor.accept(stream.unwrap()) else { continue };
            let mut request = vec![0; 1 << 16];
            let _ = std::io::Read::read(&mut stream, &mut request);
            let answer = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            let _ = std::io::Write::write_all(&mut stream, answer);
        }
    });
    let url = format!("https://localhost:{port}/orders");
    let trusted = format!("ca = \"{}\"", authority.certificate_file.display());
    let house = house_posting_to(&url, "", &trusted);
    let tested = house.ask(&["partner", "test", "erp"]);
    assert!(tested.out.contains("answers 204"), "{}{}", tested.out, tested.err);
    let stranger = house_posting_to(&url, "", "");
    let tested = stranger.ask(&["partner", "test", "erp"]);
    assert!(tested.code == 1 && tested.out.contains("certificate verify failed"), "{}", tested.out);
}

#[test]
fn what_cannot_be_meant_is_said_before_anything_starts() {
    let check = |url: &str, lines: &str, expect: &str| {
        let house = house_posting_to(url, "", lines);
        let said = house.ask(&["check"]);
        assert!(said.code == 1 && said.out.contains(expect), "{lines}: {}", said.out);
        assert!(!said.out.contains("hunter2"), "{}", said.out);
    };
    check("http://erp.example/orders", "", "the URL is not encrypted");
    check("https://acme:hunter2@erp.example/orders", "", "a URL holds a name or a password");
    check("https://erp.example/{number}", "", "unknown placeholder {number}");
    check("https://erp.example/", "auth = { bearer = \"hunter2\" }", "a secret is written into the file");
    check("https://erp.example/", "auth = { user = \"acme\" }", "auth says in none or in several ways");
    check("https://erp.example/", "headers = { Host = \"other\" }", "no header that can be set here");
    check("https://erp.example/", "metod = \"PUT\"", "did you mean \"method\"?");
    check("https://erp.example/", "success = { equals = \"ok\" }", "equals is given");
}

#[test]
fn an_order_is_posted_no_faster_than_the_line_may_be_used() {
    let api = Api::that(&[]);
    let url = format!("http://127.0.0.1:{}/orders/{{stem}}", api.port);
    let mut house = house_posting_to(&url, "limit = \"2 KB/s\"", "plain = true");
    house.start();
    order(&house);
    let begin = Instant::now();
    delivered(&house, "sent");
    let asked = api.asked();
    let posts: Vec<&Asked> = asked.iter().filter(|one| !one.body.is_empty()).collect();
    assert_eq!(posts.len(), 1);
    let least = Duration::from_secs_f64(posts[0].body.len() as f64 / 2_000.0);
    assert!(begin.elapsed() >= least, "{:?} of at least {least:?}", begin.elapsed());
    assert_eq!(posts[0].header("content-length"), Some(posts[0].body.len().to_string().as_str()));
}
