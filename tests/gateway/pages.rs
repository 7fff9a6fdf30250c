//! The pages: who gets in, who sees what, what a form may do, and what a hostile name may not.

mod office;
mod acting;
mod keeping_people;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::house::{House, sample};
use edigate::diagnostic::Diagnostic;
use edigate::diagnostic::codes::custody;
use edigate::ledger::Ledger;
use edigate::ledger::finding::NewFinding;
use office::{Browser, Office, PASSWORD, busy_office, told};

#[test]
fn nobody_sees_a_page_who_did_not_sign_in() {
    let office = Office::with("");
    let answer = office.ask("GET", "/", &[], "");
    assert_eq!((answer.status, answer.header("location")), (303, Some("/sign-in")));
    let answer = office.ask("GET", "/findings?partner=mega", &[], "");
    assert_eq!(answer.header("location"), Some("/sign-in?then=%2Ffindings%3Fpartner%3Dmega"));
    for cookie in ["edigate=", "edigate=x", "edigate=' OR 1=1 --", "other=1"] {
        assert_eq!(office.ask("GET", "/", &[("Cookie", cookie)], "").status, 303, "{cookie}");
    }
    assert_eq!(office.ask("POST", "/sign-out", &[], "token=x").status, 303);
    let form = office.ask("GET", "/sign-in?then=//evil.example", &[], "");
    assert_eq!(form.status, 200);
    assert!(form.text.contains("name=\"then\" value=\"/\""), "{}", form.text);
}

#[test]
fn who_signs_in_sees_today_and_the_journal_tells_of_it() {
    let office = Office::with("");
    office.add("mary", &["--role", "operator"]);
    let browser = office.sign_in("mary");
    let page = browser.page("/");
    for part in ["<h1>Today</h1>", "mary <small>operator</small>", "Times are in America/New_York", "MegaMart Stores"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(browser.get("/no/such/page").status, 404);
    let answer = browser.press("/sign-out", "");
    assert_eq!(answer.header("location"), Some("/sign-in"));
    assert_eq!(browser.get("/").status, 303, "the secret is worth nothing any more");
    let told = told(&office.house);
    assert_eq!(told["signed_in"], ["mary signed in by password"]);
    assert_eq!(told["signed_out"], ["mary signed out"]);
    assert_eq!(told["people_changed"].len(), 1);
    let verified = office.house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}", verified.out);
}

#[test]
fn every_page_says_what_a_browser_may_do_with_it() {
    let office = Office::with("");
    office.add("mary", &["--role", "viewer"]);
    let browser = office.sign_in("mary");
    for answer in [browser.get("/"), browser.get("/nowhere"), office.ask("GET", "/sign-in", &[], "")] {
        let policy = answer.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(!answer.text.contains("<script") && !answer.text.contains("style=\""), "{}", answer.text);
    }
    let style = office.ask("GET", "/style.css", &[], "");
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
}

#[test]
fn a_form_without_the_token_of_its_visit_does_nothing() {
    let office = Office::with("");
    office.add("mary", &["--role", "operator"]);
    office.add("tom", &["--role", "operator"]);
    let (mary, tom) = (office.sign_in("mary"), office.sign_in("tom"));
    let post = |headers: &[(&str, &str)], body: &str| {
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain([("Cookie", mary.cookie.as_str())]).collect();
        office.ask("POST", "/sign-out", &headers, body).status
    };
    assert_eq!(post(&[], ""), 403);
    assert_eq!(post(&[], "token="), 403);
    assert_eq!(post(&[], &format!("token={}", tom.token())), 403, "another's token");
    let own = format!("token={}", mary.token());
    assert_eq!(post(&[("Origin", "https://evil.example")], &own), 403);
    assert_eq!(post(&[("Sec-Fetch-Site", "cross-site")], &own), 403);
    assert_eq!(mary.get("/").status, 200, "nobody was signed out");
    assert_eq!(post(&[("Origin", "http://gateway")], &own), 303, "the one it was asked at");
    let foreign = [("Origin", "https://evil.example")];
    let body = format!("name=mary&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(office.ask("POST", "/sign-in", &foreign, &body).status, 403, "nor is anybody signed in");
}

#[test]
fn wrong_passwords_cost_a_pause_that_also_the_right_one_waits_for() {
    let office = Office::with("");
    office.add("mary", &["--role", "viewer"]);
    for _ in 0..5 {
        let answer = office.try_sign_in("mary", "wrong horse battery");
        assert_eq!(answer.status, 403);
        assert!(answer.text.contains("The name or the password is wrong."));
    }
    let answer = office.try_sign_in("mary", PASSWORD);
    assert_eq!(answer.status, 429, "{answer:?}");
    assert!(answer.text.contains("Try again in "), "{}", answer.text);
    assert_eq!(office.try_sign_in("nobody", PASSWORD).status, 429, "the address waits, whomever it names");
    let told = told(&office.house);
    let paused = &told["sign_in_paused"];
    assert_eq!(paused.len(), 2, "{paused:?}");
    assert!(paused.iter().any(|text| text.starts_with("sign-in of person mary waits 30 s")), "{paused:?}");
    assert!(!format!("{told:?}{}", office.house.log()).contains("horse"), "no password is told");
}

#[test]
fn who_was_disabled_is_out_at_once_and_a_new_password_lets_them_in() {
    let office = Office::with("");
    office.add("mary", &["--role", "viewer"]);
    let browser = office.sign_in("mary");
    assert_eq!(office.house.ask(&["user", "disable", "mary"]).code, 0);
    assert_eq!(browser.get("/").status, 303);
    assert_eq!(office.try_sign_in("mary", PASSWORD).status, 403);
    fs::write(office.house.path("new"), "another long password\n").unwrap();
    let reference = format!("file:{}", office.house.path("new").display());
    assert_eq!(office.house.ask(&["user", "password", "mary", "--password", &reference]).code, 0);
    assert_eq!(office.try_sign_in("mary", "another long password").status, 303);
}

#[test]
fn who_sees_one_partner_sees_nothing_of_the_others() {
    let office = Office::with("");
    office.add("audit", &["--role", "viewer", "--partner", "erp"]);
    office.house.drop_file("folders/megamart/outbound", "broken_850.edi", b"this is no interchange");
    office.house.settled("broken_850.edi");
    office.add("mary", &["--role", "viewer"]);
    let all = office.sign_in("mary").page("/");
    assert!(all.contains("broken_850.edi") && all.contains("MegaMart") && all.contains("Intake and delivery"));
    let some = office.sign_in("audit").page("/");
    assert!(!some.contains("broken_850.edi") && !some.contains("MegaMart"), "{some}");
    assert!(!some.contains("Intake and delivery"), "which counts everybody's");
}

#[test]
fn a_proxy_is_trusted_from_where_it_stands_and_from_nowhere_else() {
    let proxy = |from: &str| {
        let lines = format!("\n[people.proxy]\nheader = \"X-Remote-User\"\nfrom = [\"{from}\"]\n");
        let office = Office::with(&lines);
        let said = office.house.ask(&["user", "add", "mary", "--role", "viewer", "--no-password"]);
        assert_eq!(said.code, 0, "{}", said.err);
        office
    };
    let trusted = proxy("127.0.0.0/8");
    let answer = trusted.ask("GET", "/", &[("X-Remote-User", "mary")], "");
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let both = [("X-Remote-User", "mary"), ("Cookie", cookie.as_str())];
    let again = trusted.ask("GET", "/", &both, "");
    assert!(again.status == 200 && again.header("set-cookie").is_none(), "one visit: {again:?}");
    let other = [("X-Remote-User", "tom"), ("Cookie", cookie.as_str())];
    assert_eq!(trusted.ask("GET", "/", &other, "").status, 303, "nobody knows tom, and the visit is mary's");
    assert_eq!(told(&trusted.house)["signed_in"], ["mary signed in named by the proxy"]);
    let elsewhere = proxy("192.0.2.1");
    assert_eq!(elsewhere.ask("GET", "/", &[("X-Remote-User", "mary")], "").status, 303);
}

#[test]
fn a_hostile_name_is_text_and_nothing_else() {
    let office = Office::with("");
    office.add("mary", &["--role", "viewer"]);
    let name = "<script>alert(1)<x>\"'&.edi";
    office.house.drop_file("folders/megamart/outbound", name, b"no interchange");
    office.house.settled(name);
    let page = office.sign_in("mary").page("/");
    assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    let form = office.try_sign_in("%22%3E%3Cscript%3E", "whatever it may be");
    assert!(!form.text.contains("<script"), "{}", form.text);
}

#[test]
fn a_short_password_and_an_unknown_partner_are_refused_by_the_command() {
    let office = Office::with("");
    fs::write(office.house.path("short"), "short\n").unwrap();
    let reference = format!("file:{}", office.house.path("short").display());
    let said = office.house.ask(&["user", "add", "mary", "--role", "viewer", "--password", &reference]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("expected 12 to 200 bytes, found 5"), "{}", said.err);
    let said = office.house.ask(&["user", "add", "mary", "--role", "viewer", "--partner", "nobody", "--no-password"]);
    assert!(said.code == 2 && said.err.contains("there is no partner \"nobody\""), "{}", said.err);
    assert_eq!(office.house.rows(&["user", "list"]).len(), 0);
}

/// Every page that a link of ours leads to, from these on.
fn every_page(browser: &Browser<'_>, from: &[&str]) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut waiting: Vec<String> = from.iter().map(|path| (*path).to_owned()).collect();
    while let Some(path) = waiting.pop() {
        // A filter leads to more of the same.
        if pages.contains_key(&path) || path.contains("?after") || path.contains("#") {
            continue;
        }
        let answer = browser.get(&path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let links = answer.text.split("href=\"/").skip(1).map(|rest| format!("/{}", rest.split('"').next().unwrap()));
        waiting.extend(links.filter(|link| !link.ends_with("/bytes") && !link.starts_with("/evidence/")));
        pages.insert(path, answer.text);
    }
    pages
}

#[test]
fn every_link_leads_to_a_page_that_is_small_and_has_no_script() {
    let office = busy_office();
    office.add("mary", &["--role", "operator"]);
    let browser = office.sign_in("mary");
    let pages = every_page(&browser, &["/"]);
    for place in ["/acknowledgments", "/orders", "/findings", "/failures", "/deliveries", "/journal", "/nodes"] {
        assert!(pages.contains_key(place), "{place}: {:?}", pages.keys());
    }
    let order = &pages["/orders/megamart/4500012345"];
    assert!(order.contains("550001") && order.contains("What happened"), "{order}");
    let is_one = |place: &str| pages.keys().any(|path| path.starts_with(place) && path.len() > place.len());
    assert!(is_one("/documents/") && is_one("/files/") && is_one("/deliveries/") && is_one("/partners/"));
    for (path, page) in &pages {
        assert!(page.len() < 100_000, "{path} has {} bytes", page.len());
        assert!(!page.contains("<script") && !page.contains("style=\"") && !page.contains("=\"http"), "{path}");
        assert!(
            page.matches("<table").count() == page.matches("<caption>").count(),
            "{path}: a table without a caption"
        );
    }
}

#[test]
fn what_is_wrong_stands_in_its_place_with_its_explanation() {
    let office = busy_office();
    office.add("mary", &["--role", "viewer"]);
    let browser = office.sign_in("mary");
    let file = office.house.settled("850_103.edi");
    let page = browser.page(&format!("/files/{}", file["id"].as_str().unwrap()));
    let first = &file["diagnostics"][0];
    let code = first["code"].as_str().unwrap();
    let marked = page.split_once("segment faulty").expect("a segment is marked").1;
    assert!(marked.contains(code) && marked.contains("what to do"), "{marked}");
    let bytes = browser.get(&format!("/files/{}/bytes", file["id"].as_str().unwrap()));
    assert_eq!(bytes.text.as_bytes(), sample("megamart/850_103.edi"));
}

#[test]
fn a_document_is_found_by_any_number() {
    let office = busy_office();
    office.add("mary", &["--role", "viewer"]);
    let browser = office.sign_in("mary");
    for number in ["4500012345", "850_101.edi", "101"] {
        let page = browser.page(&format!("/documents?number={number}"));
        assert!(page.contains("850_101.edi"), "{number}: {page}");
    }
    let csv = browser.get("/acknowledgments.csv?partner=megamart");
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(csv.text.starts_with("id,partner,owed_by,what,label,") && csv.text.lines().count() == 3, "{}", csv.text);
}

#[test]
fn the_evidence_of_an_answer_is_checked_without_us() {
    let office = busy_office();
    office.add("mary", &["--role", "viewer"]);
    office.add("audit", &["--role", "viewer", "--partner", "erp"]);
    let mary = office.sign_in("mary");
    let list = mary.page("/acknowledgments?partner=megamart");
    let link = format!("/evidence/{}", list.split_once("/evidence/").unwrap().1.split('"').next().unwrap());
    assert_eq!(office.sign_in("audit").get(&link).status, 404);
    let answer = mary.get(&link);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-tar")));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("e.tar"), answer.text.as_bytes()).unwrap();
    let shell =
        |line: &str| Command::new("sh").args(["-c", line]).current_dir(folder.path()).status().unwrap().success();
    assert!(shell("tar -xf e.tar && sha256sum -c --quiet SHA256SUMS"), "{}", answer.text);
    let sent = fs::read_dir(folder.path().join("files")).unwrap().count();
    let journal = fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    assert!(sent >= 1 && journal.contains("997"), "{sent} files, {journal}");
    assert_eq!(mary.get(&link).text, answer.text, "the same evidence, byte for byte");
}

#[test]
fn who_sees_one_partner_is_led_nowhere_else_and_finds_nothing_there() {
    let office = busy_office();
    office.add("mary", &["--role", "operator"]);
    office.add("audit", &["--role", "operator", "--partner", "erp"]);
    let (mary, audit) = (office.sign_in("mary"), office.sign_in("audit"));
    let all = every_page(&mary, &["/", "/acknowledgments", "/journal"]);
    let own = every_page_that_is_there(&audit, all.keys());
    for (path, page) in &own {
        assert!(!page.contains("MegaMart") && !page.contains("broken.edi"), "{path}: {page}");
    }
    let foreign: Vec<&String> = all.keys().filter(|path| path.contains("megamart")).collect();
    assert!(foreign.len() >= 2, "{foreign:?}");
    for path in foreign {
        assert_eq!(audit.get(path).status, 404, "{path}");
    }
    let file = office.house.settled("broken.edi");
    let replay = format!("/files/{}/replay", file["id"].as_str().unwrap());
    assert_eq!(audit.press(&replay, "reason=x").status, 404, "nor may they touch it");
    assert_eq!(audit.press("/journal/verify", "partner=megamart").status, 404);
}

/// The pages that somebody sees of all that there are; the others must be no pages at all to them.
fn every_page_that_is_there<'p>(
    browser: &Browser<'_>,
    paths: impl Iterator<Item = &'p String>,
) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    for path in paths {
        let answer = browser.get(path);
        match answer.status {
            200 => drop(seen.insert(path.clone(), answer.text)),
            status => assert_eq!(status, 404, "{path}: {answer:?}"),
        }
    }
    seen
}

#[test]
fn a_button_does_what_the_command_does_and_the_journal_says_who_and_why() {
    let office = busy_office();
    office.add("mary", &["--role", "operator"]);
    office.add("tom", &["--role", "viewer"]);
    let (mary, tom) = (office.sign_in("mary"), office.sign_in("tom"));
    let file = office.house.settled("broken.edi");
    let replay = format!("/files/{}/replay", file["id"].as_str().unwrap());
    assert_eq!(tom.press(&replay, "reason=x").status, 403, "a viewer looks");
    assert_eq!(mary.press(&replay, "").status, 409, "without a reason nothing is done");
    let answer = mary.press(&replay, "reason=they+say+it+is+fine");
    assert_eq!(answer.status, 303, "{answer:?}");
    let deliveries = office.house.rows(&["ledger", "deliveries"]);
    let sent = deliveries.iter().find(|row| row["state"] == "sent").unwrap();
    let resend = format!("/deliveries/{}/resend", sent["id"].as_str().unwrap());
    assert_eq!(mary.press(&resend, "reason=they+lost+it").status, 303);
    let told: Vec<serde_json::Value> =
        office.house.rows(&["ledger", "events"]).into_iter().filter(|event| event["kind"] == "replayed").collect();
    let by: Vec<(&str, &str)> = told
        .iter()
        .map(|event| (event["data"]["by"].as_str().unwrap(), event["data"]["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(by, [("mary", "they say it is fine"), ("mary", "they lost it")]);
    let page = mary.press("/journal/verify", "partner=megamart");
    assert!(page.status == 200 && page.text.contains("every line is as it was written"), "{page:?}");
}

#[test]
fn a_finding_is_assigned_and_given_up_for_a_reason() {
    let office = busy_office();
    office.add("mary", &["--role", "operator"]);
    let mary = office.sign_in("mary");
    find(&office.house, "810 INV-1");
    let findings = office.house.rows(&["ledger", "findings"]);
    let id = findings.first().expect("a finding")["id"].as_str().unwrap().to_owned();
    let place = format!("/findings/{id}");
    assert!(mary.page(&place).contains("what to do"));
    assert_eq!(mary.press(&format!("{place}/assign"), "owner=anna&reason=her+buyer").status, 303);
    assert!(mary.page(&place).contains("anna"));
    assert_eq!(mary.press(&format!("{place}/waive"), "reason=agreed+by+phone").status, 303);
    assert!(mary.page(&place).contains("agreed by phone"));
    assert_eq!(mary.press(&format!("{place}/waive"), "reason=again").status, 409, "it is settled");
    assert_eq!(mary.press(&format!("{place}/reopen"), "reason=no+it+is+not").status, 303);
}

/// Records a finding as the daemon would.
fn find(house: &House, subject: &str) {
    let (config, _) = edigate::config::load::load(&house.config()).unwrap();
    let ledger = Ledger::open(&config.ledger, &config.home).unwrap();
    let (subject, now) = (subject.to_owned(), jiff::Timestamp::now());
    let found = ledger.write(move |tx| {
        let diagnostic = Diagnostic::new(&custody::KNOWN_DOCUMENT_CHANGED, "it came in before with other content");
        tx.record_finding(&NewFinding::new("megamart", &subject, &diagnostic, now))
    });
    assert!(found.unwrap());
}
