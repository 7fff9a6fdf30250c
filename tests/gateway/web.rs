//! The listener and the intake API: what is handed in is in custody before anybody hears so, takes effect once, and every
//! refusal says what to do.

mod tls;

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::house::certificates::Identity;
use crate::house::disk::Disk;
use crate::house::http::{Answer, connect, free_port, request, rest, say};
use crate::house::server::Server;
use crate::house::{House, sample};
use serde_json::Value;

const RETAILER: &str = "retailer-token-of-32-characters-";
const ERP: &str = "erp-token-which-is-also-long-enough";
const DOCUMENTS: &str = "/api/v1/documents";

/// A house whose retailer and ERP hand in documents, with the daemon running; the port.
fn house_with(lines: &str) -> (House, u16) {
    let mut house = House::new();
    let port = prepared(&house, lines);
    house.start();
    (house, port)
}

fn prepared(house: &House, lines: &str) -> u16 {
    house.give_token("megamart", RETAILER, "");
    house.give_token("erp", ERP, "");
    house.listen(lines)
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Hands in a document under a key.
fn hand_in(port: u16, token: &str, name: &str, key: &str, bytes: &[u8]) -> Answer {
    let path = format!("{DOCUMENTS}?name={name}");
    say(port, &request("POST", &path, &[("Authorization", &bearer(token)), ("Idempotency-Key", key)], bytes))
}

/// Hands in a document with these headers alone.
fn post(port: u16, headers: &[(&str, &str)], bytes: &[u8]) -> Answer {
    say(port, &request("POST", DOCUMENTS, headers, bytes))
}

fn ask(port: u16, token: &str, path: &str) -> Answer {
    say(port, &request("GET", path, &[("Authorization", &bearer(token))], b""))
}

/// What came in by the API, and in which states.
fn recorded(house: &House) -> Vec<String> {
    let rows = house.rows(&["ledger", "transmissions"]);
    let states =
        rows.iter().filter(|row| row["endpoint"] == "api").map(|row| row["state"].as_str().unwrap().to_owned());
    states.collect()
}

fn wait_until_open(house: &House, port: u16) {
    house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
}

#[test]
fn a_document_that_is_handed_in_goes_the_way_of_a_dropped_file_and_can_be_asked_for() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let answer = hand_in(port, RETAILER, "850_101.edi", "k1", &sample("megamart/850_101.edi"));
    assert_eq!(answer.status, 202, "{answer:?}");
    let ask_at = answer.json()["ask"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), Some(ask_at.as_str()));
    house.wait_for("the order", |house| house.names("folders/erp/inbox").len() == 2);
    house.wait_for("the 997", |house| house.names("folders/megamart/inbound").len() == 1);
    house.settled("850_101.edi");
    let state = ask(port, RETAILER, &ask_at).json();
    assert_eq!(state["state"], "processed", "{state}");
    assert_eq!(state["orders"][0]["po_number"], "4500012345");
    let told: Vec<&str> = state["events"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert!(told.contains(&"received") && told.contains(&"accepted"), "{told:?}");
    assert_eq!(ask(port, ERP, &ask_at).code(), "API-E010", "another partner's document");
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

#[test]
fn what_is_no_document_is_quarantined_and_its_sender_reads_why() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let answer = hand_in(port, RETAILER, "850.edi", "k1", b"this is no interchange");
    assert_eq!(answer.status, 202, "it is in custody: {answer:?}");
    house.settled("850.edi");
    let state = ask(port, RETAILER, answer.json()["ask"].as_str().unwrap()).json();
    assert_eq!(state["state"], "quarantined");
    assert!(state["diagnostics"][0]["fix"].as_str().is_some_and(|fix| !fix.is_empty()), "{state}");
}

#[test]
fn the_same_key_answers_the_same_and_takes_effect_once() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let order = sample("megamart/850_101.edi");
    let first = hand_in(port, RETAILER, "a.edi", "k1", &order);
    house.settled("a.edi");
    let second = hand_in(port, RETAILER, "a.edi", "k1", &order);
    assert_eq!((second.status, &second.text), (202, &first.text), "also once the first was processed");
    let known_bytes = hand_in(port, RETAILER, "b.edi", "k2", &order);
    assert_eq!(known_bytes.json()["duplicate_of"], first.json()["id"]);
    let again = hand_in(port, RETAILER, "b.edi", "k2", &order);
    assert_eq!(again.text, known_bytes.text, "a duplicate answers the same as well");
    let other = hand_in(port, RETAILER, "a.edi", "k1", &sample("megamart/850_102.edi"));
    assert_eq!((other.status, other.code().as_str()), (409, "API-E007"));
    assert_eq!(recorded(&house), ["processed", "duplicate", "duplicate", "duplicate", "quarantined"]);
    house.wait_for("one order, as JSON and as CSV", |house| house.names("folders/erp/inbox").len() == 2);
    let key_of_another = hand_in(port, ERP, "ship_1.csv", "k1", b"x");
    assert_eq!(key_of_another.status, 202, "keys are a partner's own");
}

#[test]
fn a_key_stands_for_one_document_also_when_that_was_refused() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let first = hand_in(port, RETAILER, "a.edi", "k1", b"no interchange");
    house.settled("a.edi");
    assert_eq!(hand_in(port, RETAILER, "a.edi", "k1", b"no interchange").text, first.text);
    let corrected = hand_in(port, RETAILER, "a.edi", "k1", &sample("megamart/850_101.edi"));
    assert_eq!(corrected.code(), "API-E007");
    assert_eq!(hand_in(port, RETAILER, "a.edi", "k2", &sample("megamart/850_101.edi")).status, 202);
    house.wait_for("the order", |house| house.names("folders/erp/inbox").len() == 2);
}

#[test]
fn the_same_key_many_times_at_once_takes_effect_once_and_all_hear_the_same() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let order = sample("megamart/850_101.edi");
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let askers: Vec<_> = (0..24).map(|_| scope.spawn(|| hand_in(port, RETAILER, "a.edi", "k1", &order))).collect();
        askers.into_iter().map(|asker| asker.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| answer.status == 202 && answer.text == answers[0].text), "{answers:?}");
    house.settled("a.edi");
    let states = recorded(&house);
    assert_eq!(states.iter().filter(|state| *state == "duplicate").count(), 23, "{states:?}");
    house.wait_for("the order", |house| house.names("folders/erp/inbox").len() == 2);
}

#[test]
fn every_refusal_says_why_and_what_to_do() {
    let (house, port) = house_with("max_body = \"1 MB\"");
    wait_until_open(&house, port);
    let token = bearer(RETAILER);
    let known = ("Authorization", token.as_str());
    let check = |answer: Answer, status: u16, code: &str| {
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{answer:?}");
        answer
    };
    let refused = check(post(port, &[], b"x"), 401, "API-E001");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    check(post(port, &[("Authorization", "Bearer retailer-token-of-32-characters_")], b"x"), 401, "API-E001");
    check(post(port, &[("Authorization", "Basic cmV0YWlsZXI6")], b"x"), 401, "API-E001");
    check(post(port, &[known], b""), 400, "API-E006");
    check(post(port, &[known, ("Idempotency-Key", "")], b"x"), 400, "API-E004");
    check(post(port, &[known, ("Idempotency-Key", &"k".repeat(201))], b"x"), 400, "API-E004");
    check(post(port, &[known, ("Content-Type", "application/x-www-form-urlencoded")], b"x"), 415, "API-E005");
    check(post(port, &[known, ("Content-Encoding", "gzip")], b"x"), 415, "API-E005");
    check(post(port, &[known], &vec![b'x'; 1_000_001]), 413, "WEB-E008");
    check(post(port, &[known, ("X-Large", &"x".repeat(33 << 10))], b"x"), 431, "WEB-E006");
    check(ask(port, RETAILER, "/api/v2/documents"), 404, "WEB-E010");
    check(ask(port, RETAILER, "/api/v1/documents/0198c0de"), 404, "API-E010");
    let refused = check(ask(port, RETAILER, DOCUMENTS), 405, "WEB-E011");
    assert_eq!(refused.header("allow"), Some("POST"));
    for name in ["../a.edi", "a%2Fb.edi", ".hidden", "a%00b"] {
        check(hand_in(port, RETAILER, name, "k", b"x"), 400, "API-E004");
    }
    assert_eq!(recorded(&house), [""; 0], "nothing of all this was taken");
    for code in ["API-E001", "WEB-E008", "WEB-E010"] {
        assert!(house.log().contains(code), "{code} is in no line of the log:\n{}", house.log());
        assert_eq!(house.edigate(&["explain", code]).code, 0);
    }
}

#[test]
fn a_kill_between_the_commit_and_the_answer_loses_nothing_and_the_key_finds_it() {
    let mut house = House::new();
    let port = prepared(&house, "");
    house.start_with(|command| command.env("EDIGATE_CRASH_AT", "api.answer.before"));
    wait_until_open(&house, port);
    let order = sample("megamart/850_101.edi");
    let path = format!("{DOCUMENTS}?name=a.edi");
    let bytes = request("POST", &path, &[("Authorization", &bearer(RETAILER)), ("Idempotency-Key", "k1")], &order);
    let mut stream = connect(port);
    stream.write_all(&bytes).unwrap();
    assert_eq!(rest(&mut stream), b"", "no answer was given");
    assert_ne!(house.ended(), 0);
    house.start();
    wait_until_open(&house, port);
    let answer = hand_in(port, RETAILER, "a.edi", "k1", &order);
    assert_eq!(answer.status, 202);
    let again = hand_in(port, RETAILER, "a.edi", "k1", &order);
    assert_eq!(again.text, answer.text);
    house.settled("a.edi");
    assert_eq!(recorded(&house), ["processed", "duplicate", "duplicate"], "the first one is the one before the crash");
    house.wait_for("the order", |house| house.names("folders/erp/inbox").len() == 2);
}

#[test]
fn a_body_that_is_large_passes_the_spool_and_not_the_memory() {
    let (house, port) = house_with("max_body = \"300 MB\"");
    wait_until_open(&house, port);
    let before = house.peak_memory_kib();
    let mut stream = connect(port);
    let head = format!(
        "POST {DOCUMENTS}?name=large.edi HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\
         Authorization: Bearer {RETAILER}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..200 {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).unwrap();
        stream.write_all(&chunk).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let answer = Answer::parse(&rest(&mut stream));
    assert_eq!((answer.status, &answer.json()["bytes"]), (202, &Value::from(200 << 20)), "{answer:?}");
    house.wait_for("the spool to be empty", |house| house.names("spool").is_empty());
    let grown = house.peak_memory_kib() - before;
    assert!(grown < 60 << 10, "{grown} KiB for a body of 200 MiB");
}

#[test]
fn a_sender_that_is_slow_or_never_ends_costs_nothing_but_its_own_connection() {
    let (house, port) = house_with("patience = \"1 s\"\nmax_body = \"2 MB\"");
    wait_until_open(&house, port);
    let mut slow_head = connect(port);
    slow_head.write_all(b"POST /api/v1/documents HTTP/1.1\r\nHost:").unwrap();
    let mut silent = connect(port);
    let head = format!("POST {DOCUMENTS} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {RETAILER}\r\n");
    silent.write_all(format!("{head}Content-Length: 1000\r\n\r\nhalf").as_bytes()).unwrap();
    let mut endless = connect(port);
    endless.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).unwrap();
    let dripping = std::thread::spawn({
        let head = head.clone();
        move || {
            let mut drip = connect(port);
            drip.write_all(format!("{head}Content-Length: 1000000\r\n\r\n").as_bytes()).unwrap();
            // Never silent for long, and never done.
            while drip.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
            let mut reader = drip;
            rest(&mut reader)
        }
    });
    let began = Instant::now();
    let answer = hand_in(port, RETAILER, "a.edi", "k1", &sample("megamart/850_101.edi"));
    assert_eq!(answer.status, 202, "others are served meanwhile");
    assert!(began.elapsed() < Duration::from_secs(1));
    let mut sent = 0;
    while endless.write_all(b"10000\r\n").is_ok() && endless.write_all(&vec![b'x'; 1 << 16]).is_ok() {
        let _ = endless.write_all(b"\r\n");
        sent += 1 << 16;
        assert!(sent < 100 << 20, "nobody stops an endless body");
    }
    assert_eq!(Answer::parse(&rest(&mut silent)).code(), "WEB-E007");
    assert_eq!(rest(&mut slow_head), b"", "a head that never ends is no request");
    let dripped = dripping.join().unwrap();
    assert!(dripped.is_empty() || Answer::parse(&dripped).status == 408);
    house.wait_for("the drip to be told", |house| house.log().matches("WEB-E007").count() >= 2);
    house.wait_for("the endless one to be told", |house| house.log().contains("WEB-E008"));
    house.wait_for("the spool to be empty", |house| house.names("spool").is_empty());
    assert_eq!(recorded(&house).len(), 1);
}

#[test]
fn a_sender_that_waits_for_our_word_is_refused_without_sending() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let head = |token: &str| {
        format!(
            "POST {DOCUMENTS} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {token}\r\nExpect: 100-continue\r\n\
             Content-Length: 5\r\nConnection: close\r\n\r\n"
        )
    };
    let mut unknown = connect(port);
    unknown.write_all(head("nobody").as_bytes()).unwrap();
    assert_eq!(Answer::parse(&rest(&mut unknown)).status, 401);
    let mut known = connect(port);
    known.write_all(head(RETAILER).as_bytes()).unwrap();
    let mut word = [0; 25];
    std::io::Read::read_exact(&mut known, &mut word).unwrap();
    assert_eq!(&word, b"HTTP/1.1 100 Continue\r\n\r\n");
    known.write_all(b"ISA*0").unwrap();
    assert_eq!(Answer::parse(&rest(&mut known)).status, 202);
}

#[test]
fn a_connection_brings_one_document_after_the_other() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let mut stream = connect(port);
    for name in ["a.edi", "b.edi", "c.edi"] {
        let head = format!(
            "POST {DOCUMENTS}?name={name} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {RETAILER}\r\nContent-Length: 5\r\n\r\n"
        );
        stream.write_all(format!("{head}{name}").as_bytes()).unwrap();
    }
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let said = String::from_utf8(rest(&mut stream)).unwrap();
    assert_eq!(said.matches("HTTP/1.1 202 Accepted").count(), 3, "{said}");
    assert_eq!(recorded(&house).len(), 3);
}

#[test]
fn heads_beyond_every_bound_and_what_is_no_http_end_with_a_status() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let huge = request("GET", DOCUMENTS, &[("X-Large", &"x".repeat(1 << 20))], b"");
    assert_eq!(say(port, &huge).status, 431);
    let many: Vec<(&str, &str)> = (0..200).map(|_| ("X", "y")).collect();
    assert_eq!(say(port, &request("GET", DOCUMENTS, &many, b"")).status, 431);
    assert_eq!(say(port, b"\x16\x03\x01 no http\r\n\r\n").status, 400);
    let both = format!("POST {DOCUMENTS} HTTP/1.1\r\nHost: g\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello");
    assert_eq!(say(port, both.as_bytes()).status, 400, "two lengths are none");
    house.wait_for("them to be told", |house| house.log().matches("WEB-W005").count() >= 3);
}

#[test]
fn a_body_that_breaks_off_is_no_document() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let head = format!("POST {DOCUMENTS} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {RETAILER}\r\n");
    let bodies = ["Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n5\r\nISA*0\r\nzz\r\n"];
    for body in bodies {
        let mut stream = connect(port);
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = Answer::parse(&rest(&mut stream));
        assert_eq!((answer.status, answer.code().as_str()), (400, "WEB-E009"), "{body}");
    }
    assert_eq!(recorded(&house), [""; 0]);
}

#[test]
fn one_partner_does_not_take_the_place_of_another() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let head = format!(
        "POST {DOCUMENTS} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {RETAILER}\r\nContent-Length: 9\r\n\r\n"
    );
    let begun: Vec<_> = (0..40)
        .map(|_| {
            let mut stream = connect(port);
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    house.wait_for("32 to be read, and 8 refused", |house| house.log().matches("API-W008").count() == 8);
    let answer = hand_in(port, RETAILER, "a.edi", "k1", b"x");
    assert_eq!((answer.status, answer.code().as_str(), answer.header("retry-after")), (429, "API-W008", Some("1")));
    assert_eq!(hand_in(port, ERP, "a.edi", "k1", b"y").status, 202);
    drop(begun);
    house.wait_for("room again", |_| hand_in(port, RETAILER, "a.edi", "k1", b"x").status == 202);
}

#[test]
fn a_body_that_does_not_fit_on_the_disk_is_not_received() {
    let mut house = House::new();
    let port = prepared(&house, "");
    let disk = Disk::mounted_at(house.path("spool"), 4);
    house.start();
    wait_until_open(&house, port);
    let answer = hand_in(port, RETAILER, "large.edi", "k1", &vec![b'x'; 20 << 20]);
    if disk.code("full", "closed") == "full" {
        assert_eq!((answer.status, answer.code().as_str()), (503, "API-E009"));
        house.wait_for("the spool to be empty", |house| house.names("spool").is_empty());
        assert_eq!(hand_in(port, RETAILER, "small.edi", "k2", b"x").status, 202, "what fits is taken");
        assert_eq!(recorded(&house).len(), 1);
    }
}

#[test]
fn nobody_takes_the_connections_of_others() {
    let (house, port) = house_with("connections = 6\nconnections_per_peer = 4\npatience = \"5 s\"");
    wait_until_open(&house, port);
    std::thread::sleep(Duration::from_millis(50));
    let mut idle: Vec<_> = (0..4).map(|_| connect(port)).collect();
    house.wait_for("one to be turned away", |_| {
        let mut one_more = connect(port);
        let answer = rest(&mut one_more);
        !answer.is_empty() && Answer::parse(&answer).code() == "WEB-W004"
    });
    let neighbour = std::net::SocketAddr::from(([127, 0, 0, 2], 0));
    let socket = openly_from(neighbour, port);
    let mut stream = socket.unwrap();
    let bytes = request("GET", "/", &[], b"");
    stream.write_all(&bytes).unwrap();
    assert_eq!(Answer::parse(&rest(&mut stream)).status, 404, "another address has room");
    idle.clear();
    house.wait_for("room again", |_| {
        let answer = say_or_nothing(port, &request("GET", "/", &[], b""));
        answer.is_some_and(|answer| answer.status == 404)
    });
    assert!(house.log().contains("WEB-W004"));
}

fn say_or_nothing(port: u16, bytes: &[u8]) -> Option<Answer> {
    let mut stream = connect(port);
    let _ = stream.write_all(bytes);
    let answer = rest(&mut stream);
    (!answer.is_empty()).then(|| Answer::parse(&answer))
}

/// A connection that comes from another address of this machine.
fn openly_from(from: std::net::SocketAddr, port: u16) -> std::io::Result<std::net::TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(from)?;
        let stream = socket.connect(([127, 0, 0, 1], port).into()).await?.into_std()?;
        stream.set_nonblocking(false)?;
        Ok(stream)
    })
}

#[test]
fn a_full_disk_answers_503_and_work_resumes_by_itself() {
    let mut house = House::with_a_file();
    let port = prepared(&house, "");
    let disk = Disk::mounted_at(house.path("books"), 64);
    house.edit_config(r#"ledger = "sqlite:ledger.db""#, r#"ledger = "sqlite:books/ledger.db""#);
    house.start_as_nobody();
    wait_until_open(&house, port);
    disk.fill();
    let order = sample("megamart/850_101.edi");
    house.wait_for("a refusal", |_| {
        let answer = hand_in(port, RETAILER, "a.edi", "k1", &order);
        answer.status == 503 && answer.code() == "API-E009" && answer.header("retry-after").is_some()
    });
    house.in_trouble(disk.code("LGR-E001", "LGR-E002"));
    disk.free();
    house.wait_for("the document to be taken", |_| hand_in(port, RETAILER, "a.edi", "k1", &order).status == 202);
    house.settled("a.edi");
    house.wait_for("the order", |house| house.names("folders/erp/inbox").len() == 2);
}

#[test]
fn a_listener_whose_port_is_taken_says_so_and_opens_when_it_is_free() {
    let mut house = House::new();
    let port = prepared(&house, "");
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let checked = house.ask(&["check"]);
    assert!(checked.code == 1 && checked.out.contains("WEB-E001"), "{}", checked.out);
    house.start();
    assert!(house.in_trouble("WEB-E001").contains(&port.to_string()));
    drop(taken);
    house.wait_for("the trouble to be over", |house| house.trouble("WEB-E001").is_none());
    assert_eq!(hand_in(port, RETAILER, "a.edi", "k1", b"x").status, 202);
    let checked = house.ask(&["check"]);
    assert_eq!(checked.code, 0, "the daemon itself has the port: {}", checked.out);
}

#[test]
fn check_finds_tokens_without_a_listener_and_certificates_without_their_key() {
    let house = House::new();
    house.give_token("erp", ERP, "");
    let said = house.ask(&["check"]);
    assert!(said.code == 0 && said.out.contains("API-W011"), "{}", said.out);
    let authority = Identity::authority(&house.path(""), "authority");
    authority.signed_by(&house.path(""), "localhost", 10);
    house.listen("certificate = \"localhost.pem\"\nkey = \"file:authority.key\"");
    std::fs::write(house.path("erp.token"), "short").unwrap();
    let said = house.ask(&["check"]);
    assert_eq!(said.code, 1);
    for expect in ["do not belong together", "WEB-W003", "fewer than 16 characters"] {
        assert!(said.out.contains(expect), "{expect}: {}", said.out);
    }
}

#[test]
fn a_token_that_cannot_be_read_or_is_anothers_is_refused_until_it_is_mended() {
    let mut house = House::new();
    let port = prepared(&house, "");
    std::fs::write(house.path("erp.token"), RETAILER).unwrap();
    house.start();
    wait_until_open(&house, port);
    house.in_trouble("API-E002");
    let answer = hand_in(port, RETAILER, "a.edi", "k1", b"x");
    assert_eq!(answer.code(), "API-E001", "nobody knows whose it is");
    std::fs::write(house.path("erp.token"), ERP).unwrap();
    house.wait_for("the tokens to be read again", |_| hand_in(port, RETAILER, "a.edi", "k1", b"x").status == 202);
    assert_eq!(hand_in(port, ERP, "a.edi", "k1", b"x").status, 202);
    let status = house.ask(&["status"]);
    let journal = house.ask(&["ledger", "events"]);
    for said in [house.log(), status.out, journal.out] {
        assert!(!said.contains(RETAILER) && !said.contains(ERP), "a token is told: {said}");
    }
}

#[test]
fn a_reload_opens_and_closes_listeners_and_takes_tokens_away() {
    let (house, port) = house_with("");
    wait_until_open(&house, port);
    let another = house.listen("");
    house.signal("-HUP");
    wait_until_open(&house, another);
    let file = std::fs::read_to_string(house.config()).unwrap();
    std::fs::write(house.config(), file.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{}", free_port())))
        .unwrap();
    let partner = house.path("partners/megamart/partner.toml");
    let text = std::fs::read_to_string(&partner).unwrap();
    std::fs::write(&partner, text.split("\n[api]").next().unwrap()).unwrap();
    house.signal("-HUP");
    house.wait_for("the first one to be closed", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    assert_eq!(hand_in(another, RETAILER, "a.edi", "k1", b"x").code(), "API-E001");
    assert_eq!(hand_in(another, ERP, "a.edi", "k1", b"x").status, 202);
}

#[test]
fn a_drain_ends_what_was_begun_and_takes_nothing_more() {
    let (mut house, port) = house_with("");
    wait_until_open(&house, port);
    let order = sample("megamart/850_101.edi");
    let bytes = request("POST", DOCUMENTS, &[("Authorization", &bearer(RETAILER))], &order);
    let mut begun = connect(port);
    begun.write_all(&bytes[..bytes.len() - 10]).unwrap();
    let mut idle = connect(port);
    std::thread::sleep(Duration::from_millis(300));
    house.signal("-TERM");
    house.wait_for("the listener to be closed", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    begun.write_all(&bytes[bytes.len() - 10..]).unwrap();
    assert_eq!(Answer::parse(&rest(&mut begun)).status, 202);
    assert_eq!(rest(&mut idle), b"");
    assert_eq!(house.ended(), 0);
    house.start();
    house.wait_for("the order", |house| house.names("folders/erp/inbox").len() == 2);
}

#[test]
fn books_on_a_server_that_is_gone_answer_503_and_the_key_finds_what_was_recorded() {
    let Some(server) = Server::started_for("a server that is gone while documents are handed in") else { return };
    let mut house = House::with_a_file();
    house.keep_books_on(server.address());
    let port = prepared(&house, "");
    house.start();
    wait_until_open(&house, port);
    let first = hand_in(port, RETAILER, "a.edi", "k1", &sample("megamart/850_101.edi"));
    assert_eq!(first.status, 202);
    server.pause();
    house.wait_for("a refusal", |_| {
        let answer = hand_in(port, RETAILER, "b.edi", "k2", &sample("megamart/850_102.edi"));
        answer.status == 503 && answer.header("retry-after").is_some()
    });
    assert_eq!(ask(port, RETAILER, first.json()["ask"].as_str().unwrap()).status, 503);
    server.resume();
    house.wait_for("the books", |_| {
        hand_in(port, RETAILER, "b.edi", "k2", &sample("megamart/850_102.edi")).status == 202
    });
    let again = hand_in(port, RETAILER, "a.edi", "k1", &sample("megamart/850_101.edi"));
    assert_eq!(again.text, first.text);
    house.settled("b.edi");
    assert_eq!(recorded(&house).iter().filter(|state| *state == "processed").count(), 2);
}

#[test]
fn two_nodes_that_get_one_key_at_the_same_time_take_it_once() {
    let Ok(server) = std::env::var("EDIGATE_TEST_LEDGER") else {
        eprintln!("SKIPPED, it needs EDIGATE_TEST_LEDGER=$(tests/postgres start): two nodes and one key");
        return;
    };
    let address = crate::house::schema_on(&server);
    let nodes: Vec<(House, u16)> = (0..2)
        .map(|_| {
            let mut house = House::with_a_file();
            house.edit_config(r#"ledger = "sqlite:ledger.db""#, &format!("ledger = \"{address}\""));
            let port = prepared(&house, "");
            house.start();
            wait_until_open(&house, port);
            (house, port)
        })
        .collect();
    for number in 0..10 {
        let (bytes, key) = (format!("document {number}").into_bytes(), format!("k{number}"));
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let (bytes, key) = (&bytes, &key);
            let asked = |port: u16| move || hand_in(port, RETAILER, "a.edi", key, bytes);
            let askers: Vec<_> = (0..6).map(|asker| scope.spawn(asked(nodes[asker % 2].1))).collect();
            askers.into_iter().map(|asker| asker.join().unwrap()).collect()
        });
        let taken: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 202).collect();
        assert!(!taken.is_empty() && taken.iter().all(|answer| answer.text == taken[0].text), "{answers:?}");
        assert!(answers.iter().all(|answer| [202, 503].contains(&answer.status)), "{answers:?}");
    }
    let states = recorded(&nodes[0].0);
    assert_eq!(states.iter().filter(|state| *state != "duplicate").count(), 10, "{states:?}");
}
