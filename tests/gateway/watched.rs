//! What those who watch over the gateway are told: whether it lives, whether it may be sent work, and its figures.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};

use crate::house::disk::Disk;
use crate::house::http::{Answer, connect, request, rest, say};
use crate::house::{House, sample};

const TOKEN: &str = "retailer-token-of-32-characters-";

fn get(port: u16, path: &str) -> Answer {
    say(port, &request("GET", path, &[], b""))
}

/// A house that is watched; the port.
fn watched(serves: &str) -> (House, u16) {
    let mut house = House::new();
    let port = house.listen_for(serves, "");
    house.start();
    wait_until_open(&house, port);
    (house, port)
}

fn wait_until_open(house: &House, port: u16) {
    house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
}

/// What is not ready, by name; nothing when all is.
fn not_ready(port: u16) -> Vec<String> {
    let answer = get(port, "/readyz");
    let said = answer.json();
    let named = said["not_ready"].as_array().unwrap();
    assert!(named.iter().all(|one| one["why"].as_str().is_some_and(|why| !why.is_empty())), "{said}");
    assert_eq!(
        (answer.status, said["ready"].as_bool().unwrap()),
        if named.is_empty() { (200, true) } else { (503, false) }
    );
    named.iter().map(|one| one["what"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_gateway_that_works_lives_and_is_ready() {
    let (house, port) = watched(r#""health""#);
    assert_eq!((get(port, "/healthz").status, not_ready(port)), (200, Vec::<String>::new()));
    assert_eq!(get(port, "/metrics").status, 404, "that is another word");
    drop(house);
}

#[test]
fn a_ledger_that_another_process_locks_is_named_until_it_is_free() {
    let mut house = House::with_a_file();
    let port = house.listen_for(r#""health""#, "");
    house.start();
    wait_until_open(&house, port);
    let other = rusqlite::Connection::open(house.path("ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    house.wait_for("the ledger to be named", |_| not_ready(port).contains(&"ledger".to_owned()));
    assert_eq!(get(port, "/healthz").status, 200, "it lives all the same");
    other.execute_batch("ROLLBACK").unwrap();
    house.wait_for("the ledger to be ready", |_| not_ready(port).is_empty());
}

#[test]
fn a_full_disk_is_named_until_there_is_room() {
    let mut house = House::with_a_file();
    let disk = Disk::mounted_at(house.path("archive"), 4);
    let port = house.listen_for(r#""health""#, "");
    house.start();
    wait_until_open(&house, port);
    disk.fill();
    house.wait_for("the archive to be named", |_| not_ready(port).contains(&"archive".to_owned()));
    disk.free();
    house.wait_for("the archive to be ready", |_| not_ready(port).is_empty());
    house.kill();
}

#[test]
fn a_gateway_that_drains_says_so_until_its_end() {
    let mut house = House::new();
    house.give_token("megamart", TOKEN, "");
    let intake = house.listen("");
    let port = house.listen_for(r#""health", "metrics""#, "");
    house.start();
    wait_until_open(&house, port);
    wait_until_open(&house, intake);
    // A document that is being handed in: what was begun ends before the daemon does.
    let mut half = connect(intake);
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Authorization", bearer.as_str()), ("Expect", "100-continue")];
    let order = sample("megamart/850_101.edi");
    let whole = request("POST", "/api/v1/documents", &headers, &order);
    let (begun, outstanding) = whole.split_at(whole.len() - order.len());
    half.write_all(begun).unwrap();
    let mut go_on = [0; 25];
    half.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    house.signal("-TERM");
    house.wait_for("the drain", |house| house.log().contains("draining"));
    house.wait_for("the drain to be named", |_| not_ready(port) == ["gateway"]);
    half.write_all(outstanding).unwrap();
    assert_eq!(Answer::parse(&rest(&mut half)).status, 202);
    assert_eq!(house.ended(), 0);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "it is closed with the rest");
}

/// One figure, by its name and labels.
type Figures = BTreeMap<String, f64>;

/// Reads figures as strictly as the form is written: every family has its help and type before its samples, no sample is told
/// twice, counters end with `_total`, and the text ends with its end.
fn figures(text: &str) -> Figures {
    let (mut figures, mut kinds, mut helped) = (Figures::new(), BTreeMap::new(), BTreeSet::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        match line.split_once(' ') {
            Some(("#", "EOF")) => {
                assert!(lines.peek().is_none(), "something stands behind the end");
                return figures;
            }
            Some(("#", rest)) => {
                let mut words = rest.splitn(3, ' ');
                let (what, name, told) =
                    (words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or_default());
                match what {
                    "HELP" => assert!(helped.insert(name.to_owned()) && told.ends_with('.'), "{line}"),
                    "TYPE" => assert!(kinds.insert(name.to_owned(), told.to_owned()).is_none(), "{line}"),
                    other => panic!("what is {other}? {line}"),
                }
            }
            _ => {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                let name = sample.split('{').next().unwrap();
                let family =
                    ["_total", "_bucket", "_sum", "_count", "_info"].iter().find_map(|end| name.strip_suffix(end));
                let family = [Some(name), family].into_iter().flatten().find(|name| kinds.contains_key(*name));
                let family = family.unwrap_or_else(|| panic!("no type for {line}"));
                assert!(kinds[family] != "counter" || name.ends_with("_total"), "{line}");
                assert!(name.starts_with("gateway_") && helped.contains(family), "{line}");
                let value = value.parse().unwrap_or_else(|_| panic!("no figure: {line}"));
                assert!(figures.insert(sample.to_owned(), value).is_none(), "twice: {line}");
            }
        }
    }
    panic!("the figures have no end");
}

#[test]
fn the_figures_tell_what_came_in_and_went_out_and_how_long_that_took() {
    let (house, port) = watched(r#""metrics""#);
    house.drop_file("folders/megamart/outbound", "850_101.edi", &sample("megamart/850_101.edi"));
    house.drop_file("folders/megamart/outbound", "broken.edi", b"this is no interchange");
    house.settled("850_101.edi");
    house.settled("broken.edi");
    house.wait_for("the deliveries in the books", |house| {
        house.rows(&["ledger", "deliveries"]).len() == 3
            && house.rows(&["ledger", "deliveries", "--overdue"]).is_empty()
    });
    let answer = get(port, "/metrics");
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text; version=1.0.0"));
    let figures = figures(&answer.text);
    let expect = [
        (r#"gateway_build_info{version="0.1.0"}"#, 1.0),
        (r#"gateway_transmissions_taken_in_total{partner="megamart",endpoint="mailbox",state="processed"}"#, 1.0),
        (r#"gateway_transmissions_taken_in_total{partner="megamart",endpoint="mailbox",state="quarantined"}"#, 1.0),
        (r#"gateway_delivery_attempts_total{partner="megamart",endpoint="mailbox",outcome="sent"}"#, 1.0),
        (r#"gateway_drop_to_acknowledgment_seconds_count{partner="megamart"}"#, 1.0),
        (r#"gateway_documents{kind="order"}"#, 1.0),
        (r#"gateway_documents{kind="invoice"}"#, 0.0),
        (r#"gateway_waiting{state="captured"}"#, 0.0),
        ("gateway_ledger_up", 1.0),
    ];
    for (name, value) in expect {
        assert_eq!(figures.get(name), Some(&value), "{name} in\n{}", answer.text);
    }
    assert!(figures["gateway_ledger_bytes"] > 1000.0);
    let failures: f64 =
        figures.iter().filter(|(name, _)| name.starts_with("gateway_failures_total")).map(|(_, n)| n).sum();
    assert!(failures >= 1.0, "{}", answer.text);
    let names = ["850_101", "broken", "4500012345", "000000101"];
    assert!(names.iter().all(|name| !answer.text.contains(name)), "a label that has no bound: {}", answer.text);
}

#[test]
fn one_file_is_followed_through_all_lines_of_the_log() {
    let mut house = House::new();
    house.edit_config(r#"format = "text""#, r#"format = "json""#);
    house.start();
    house.drop_file("folders/megamart/outbound", "850_101.edi", &sample("megamart/850_101.edi"));
    house.settled("850_101.edi");
    let lines = || -> Vec<serde_json::Value> {
        house.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    let told = |message: &str| -> Vec<serde_json::Value> {
        lines().into_iter().filter(|line| line["message"] == message).collect()
    };
    house.wait_for("the deliveries in the log", |_| told("delivered").len() == 3);
    let captured = told("captured");
    let id = &captured[0]["transmission"];
    assert_eq!(captured[0]["file"], "850_101.edi");
    let taken_in = &told("taken in")[0];
    let span = &taken_in["span"];
    assert_eq!(
        (&span["transmission"], &span["partner"], &span["endpoint"]),
        (id, &"megamart".into(), &"mailbox".into())
    );
    let delivered = told("delivered");
    assert!(delivered.iter().all(|line| line["span"]["brought_by"] == *id), "{delivered:?}");
    let mut went: Vec<&str> = delivered.iter().map(|line| line["span"]["partner"].as_str().unwrap()).collect();
    went.sort_unstable();
    assert_eq!(went, ["erp", "erp", "megamart"]);
    for line in &delivered {
        let known = house.rows(&["ledger", "deliveries"]);
        let row = known.iter().find(|row| row["id"] == line["span"]["delivery"]).unwrap();
        assert_eq!((&row["transmission"], &line["span"]["attempt"]), (&line["span"]["transmission"], &1.into()));
        assert_eq!(row["label"], line["span"]["what"]);
    }
    assert!(!house.log().contains("550001"), "the content of a document is in the log");
}
