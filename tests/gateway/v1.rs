//! The API by which the books are read: the same rows as on the command line, page by page, and of the reader's partners only.

use crate::house::http::{Answer, request, say};
use crate::house::{House, sample};
use edigate::web::v1::table::{Answers, ROUTES};
use serde_json::Value;

const INTAKE: &str = "retailer-token-of-32-characters-";

/// A house that took an order and sent what it leads to.
fn house_with_order(serves: &str) -> (House, u16) {
    let mut house = House::new();
    house.give_token("megamart", INTAKE, "");
    let port = house.listen_for(serves, "");
    house.start();
    house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    house.drop_file("folders/megamart/outbound", "850_101.edi", &sample("megamart/850_101.edi"));
    house.settled("850_101.edi");
    house.wait_for("the deliveries in the books", |house| {
        house.rows(&["ledger", "deliveries"]).len() == 3
            && house.rows(&["ledger", "deliveries", "--overdue"]).is_empty()
    });
    (house, port)
}

/// The tokens of three readers: of the retailer, of the ERP, of everything.
struct Readers {
    retailer: String,
    erp: String,
    all: String,
}

impl Readers {
    fn of(house: &House) -> Readers {
        let retailer = house.reader("buyer", &["megamart"]);
        Readers { retailer, erp: house.reader("stock", &["erp"]), all: house.reader("auditor", &[]) }
    }
}

fn ask(port: u16, token: &str, path: &str) -> Answer {
    say(port, &request("GET", path, &[("Authorization", &format!("Bearer {token}"))], b""))
}

/// The rows of a path.
fn rows(port: u16, token: &str, path: &str) -> Vec<Value> {
    let answer = ask(port, token, &format!("/api/v1/{path}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["rows"].as_array().unwrap().clone()
}

/// A refusal's code; it must be a problem of RFC 9457 that says what to do.
fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status);
    for key in ["type", "title", "detail", "fix"] {
        assert!(problem[key].as_str().is_some_and(|text| !text.is_empty()), "no {key}: {problem}");
    }
    (answer.status, problem["code"].as_str().unwrap().to_owned())
}

/// A path with the values of something that is there.
fn filled(port: u16, token: &str, path: &str) -> String {
    let id = |listing: &str| rows(port, token, listing)[0]["id"].as_str().unwrap().to_owned();
    let listing = if path.contains("/documents/") { "documents" } else { "deliveries" };
    let path = path.replace("{partner}", "megamart").replace("{po}", "4500012345");
    let path = path.replace("{sequence}", "1").replace("{key}", "4500012345");
    if path.contains("{id}") { path.replace("{id}", &id(listing)) } else { path }
}

#[test]
fn a_listing_has_the_rows_that_the_command_line_has() {
    let (house, port) = house_with_order(r#""v1""#);
    let readers = Readers::of(&house);
    let pairs = [
        ("transmissions", "transmissions"),
        ("documents", "documents"),
        ("deliveries", "deliveries"),
        ("expectations", "expectations"),
        ("acknowledgments", "acks"),
        ("findings", "findings"),
        ("failures", "failures"),
        ("clocks", "clocks"),
        ("events", "events"),
    ];
    for (path, command) in pairs {
        let mut told = house.rows(&["ledger", command, "--partner", "megamart"]);
        told.reverse();
        // A clock says to a person how long it is until then, which is another thing a second later.
        told.iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("says")));
        assert_eq!(rows(port, &readers.retailer, path), told, "{path}");
    }
    let partners = house.rows(&["partner", "list"]);
    assert_eq!(
        rows(port, &readers.retailer, "partners"),
        partners.into_iter().filter(|row| row["partner"] == "megamart").collect::<Vec<_>>()
    );
}

#[test]
fn a_listing_is_read_page_by_page_and_narrowed() {
    let (house, port) = house_with_order(r#""v1""#);
    let readers = Readers::of(&house);
    let all = rows(port, &readers.retailer, "events");
    let mut paged = Vec::new();
    let mut path = "/api/v1/events?limit=2".to_owned();
    loop {
        let page = ask(port, &readers.retailer, &path).json();
        paged.extend(page["rows"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/events?limit=2&cursor={next}");
    }
    assert!(all.len() > 2);
    assert_eq!(paged, all);
    assert_eq!(rows(port, &readers.retailer, "transmissions?kind=in&number=850_101.edi").len(), 1);
    assert_eq!(
        rows(port, &readers.retailer, "documents?number=4500012345&kind=order&since=2020-01-01T00:00:00Z").len(),
        1
    );
    assert_eq!(rows(port, &readers.retailer, "documents?until=2020-01-01T00:00:00Z"), Vec::<Value>::new());
    assert_eq!(rows(port, &readers.retailer, "deliveries?state=sent").len(), 1);
    assert_eq!(rows(port, &readers.retailer, "deliveries?state=unsent").len(), 0);
}

#[test]
fn one_thing_is_told_with_all_that_belongs_to_it() {
    let (house, port) = house_with_order(r#""v1""#);
    let readers = Readers::of(&house);
    let get = |path: &str| ask(port, &readers.retailer, &filled(port, &readers.retailer, path)).json();
    let document = get("/api/v1/documents/{id}");
    assert_eq!(
        (&document["number"], &document["orders"][0]["po_number"]),
        (&"4500012345".into(), &"4500012345".into())
    );
    assert_eq!(document["document"]["po_number"], "4500012345");
    let raw = ask(port, &readers.retailer, &filled(port, &readers.retailer, "/api/v1/documents/{id}/raw"));
    assert_eq!(raw.text.as_bytes(), sample("megamart/850_101.edi"));
    assert_eq!(raw.header("content-disposition"), Some("attachment; filename=\"850_101.edi\""));
    let order = get("/api/v1/orders/{partner}/{po}");
    let trace = house.rows(&["trace", "4500012345"]).remove(0);
    assert_eq!(order["matrix"], trace["orders"][0]["matrix"]);
    assert_eq!(order["documents"][0]["kind"], "order");
    assert_eq!(get("/api/v1/trace/{key}")["orders"], trace["orders"]);
    assert_eq!(get("/api/v1/trace/{key}")["ladders"], trace["ladders"]);
    let attempts = get("/api/v1/deliveries/{id}/attempts");
    assert_eq!((&attempts["rows"][0]["number"], &attempts["rows"][0]["outcome"]), (&1.into(), &"sent".into()));
    assert_eq!(get("/api/v1/deliveries/{id}")["state"], "sent");
    assert_eq!(get("/api/v1/events/{partner}/{sequence}")["event"], "megamart/1");
}

#[test]
fn a_reader_sees_its_own_partners_alone_on_every_path() {
    let (house, port) = house_with_order(r#""v1""#);
    let readers = Readers::of(&house);
    for route in ROUTES.iter().filter(|route| !route.is_open()) {
        let path = filled(port, &readers.retailer, route.path);
        if path == route.path {
            let answer = ask(port, &readers.erp, &path);
            let own = |row: &Value| row["partner"] == "erp";
            assert_eq!(ask(port, &readers.all, &path).status, 200, "{path}: whoever sees all");
            match answer.status {
                200 => assert!(answer.json()["rows"].as_array().unwrap().iter().all(own), "{path}: {answer:?}"),
                _ => assert_eq!(problem(&answer), (403, "API-E013".to_owned()), "{path}"),
            }
            if !route.parameters.is_empty() {
                let of_another = ask(port, &readers.erp, &format!("{path}?partner=megamart"));
                assert_eq!(problem(&of_another), (403, "API-E013".to_owned()), "{path}");
            }
        } else if route.path.ends_with("{key}") {
            // The ERP was sent the order, which is told in the retailer's journal alone.
            assert_eq!(problem(&ask(port, &readers.erp, &path)), (404, "API-E014".to_owned()), "{path}");
        } else {
            assert_eq!(ask(port, &readers.retailer, &path).status, 200, "{path}");
            assert_eq!(problem(&ask(port, &readers.erp, &path)), (404, "API-E014".to_owned()), "{path}");
        }
    }
}

#[test]
fn nobody_reads_without_a_token() {
    let (house, port) = house_with_order(r#""v1""#);
    let readers = Readers::of(&house);
    for route in &ROUTES {
        let path = filled(port, &readers.retailer, route.path);
        let answer = say(port, &request("GET", &path, &[], b""));
        match route.answers {
            Answers::OpenApi => assert_eq!(answer.status, 200),
            _ => assert_eq!(problem(&answer), (401, "API-E001".to_owned()), "{path}"),
        }
        let guessed = ask(port, "a-token-that-belongs-to-nobody-at-all", &path);
        assert!(route.is_open() || problem(&guessed).0 == 401, "{path}");
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let changed = say(port, &request(method, &path, &[], b""));
            assert_eq!(problem(&changed), (405, "WEB-E011".to_owned()), "{method} {path}");
            assert_eq!(changed.header("allow"), Some("GET, HEAD"));
        }
    }
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_can() {
    let (house, port) = house_with_order(r#""v1""#);
    let readers = Readers::of(&house);
    let refused = [
        ("deliveries?sate=parked", 400, "API-E012"),
        ("deliveries?state=lost", 400, "API-E012"),
        ("deliveries?state=sent&state=parked", 400, "API-E012"),
        ("documents?limit=0", 400, "API-E012"),
        ("documents?since=yesterday", 400, "API-E012"),
        ("documents?cursor=x", 404, "API-E014"),
        ("partners?limit=1", 400, "API-E012"),
        ("documents/0198c0de", 404, "API-E014"),
        ("events/megamart/x", 404, "API-E014"),
    ];
    for (path, status, code) in refused {
        let answer = ask(port, &readers.retailer, &format!("/api/v1/{path}"));
        assert_eq!(problem(&answer), (status, code.to_owned()), "{path}");
    }
}

#[test]
fn documents_are_handed_in_where_the_books_are_read() {
    let (house, port) = house_with_order(r#""api", "v1""#);
    let readers = Readers::of(&house);
    let path = "/api/v1/documents?name=850_102.edi";
    let bearer = format!("Bearer {INTAKE}");
    let answer = say(port, &request("POST", path, &[("Authorization", &bearer)], &sample("megamart/850_102.edi")));
    assert_eq!(answer.status, 202, "{answer:?}");
    house.settled("850_102.edi");
    let ask_at = answer.json()["ask"].as_str().unwrap().to_owned();
    assert_eq!(ask(port, INTAKE, &ask_at).json()["name"], "850_102.edi", "the id of what was handed in");
    assert_eq!(problem(&ask(port, &readers.erp, &ask_at)).0, 404);
    assert_eq!(problem(&ask(port, INTAKE, "/api/v1/findings")).0, 401, "who hands in reads no books");
    assert_eq!(
        ask(port, &readers.retailer, &filled(port, &readers.retailer, "/api/v1/documents/{id}")).status,
        200,
        "the id of a document"
    );
}

#[test]
fn the_openapi_document_names_every_path_and_every_schema_that_it_refers_to() {
    let (house, port) = house_with_order(r#""v1""#);
    let readers = Readers::of(&house);
    let document = say(port, &request("GET", "/api/v1/openapi.json", &[], b"")).json();
    assert_eq!(document, ask(port, &readers.all, "/api/v1/openapi.json").json(), "the same to everybody");
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(paths, ROUTES.iter().map(|route| route.path).collect::<Vec<_>>());
    let text = document.to_string();
    let references: Vec<&str> =
        text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(references.len() > 20);
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference} is nowhere");
    }
}
