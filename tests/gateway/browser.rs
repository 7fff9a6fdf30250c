//! The pages in a real browser: what is shown, clicked, reached by keys and said on its console; a picture of each.
//!
//! They need `chromium` and `chromedriver`; `tests/run pages` installs both where it can. Without them this says that it is skipped.
//! The pictures stand in `target/pages/`.

mod driver;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::house::http::free_port;
use crate::house::{House, sample};
use driver::{Driver, ENTER, TAB};

const PASSWORD: &str = "correct horse battery";

/// A desk's screen and a phone's.
const DESK: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// A house with a day's business that serves pages, and its address.
fn open_office() -> (House, String) {
    let mut house = House::new();
    let port = free_port();
    let table = format!("\n[[listen]]\naddress = \"127.0.0.1:{port}\"\nserves = [\"pages\"]\n");
    let file = fs::read_to_string(house.config()).unwrap();
    fs::write(house.config(), file + &table).unwrap();
    house.start();
    house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    for name in ["850_101.edi", "850_102.edi", "850_103.edi"] {
        house.drop_file("folders/megamart/outbound", name, &sample(&format!("megamart/{name}")));
        house.settled(name);
    }
    for name in ["ack_4500012345.json", "ship_SHP0000777.csv", "invoice_INV-20306.xml"] {
        house.drop_file("folders/erp/outbox", name, &sample(&format!("erp/{name}")));
        house.settled(name);
    }
    house.wait_for("what goes to the retailer", |house| house.names("folders/megamart/inbound").len() >= 6);
    let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
    command.args(["user", "add", "mary", "--role", "admin", "--config"]).arg(house.config());
    let mut adding = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    adding.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    assert!(adding.wait().unwrap().success());
    (house, format!("http://127.0.0.1:{port}"))
}

fn sign_in(driver: &Driver, address: &str) {
    driver.go(&format!("{address}/"));
    driver.fill("name", "mary");
    driver.fill("password", PASSWORD);
    driver.click("button.act");
    driver.wait_for_title("Today");
}

/// Pages with a picture, and what each must show.
fn pages(house: &House) -> Vec<(&'static str, String, &'static str)> {
    let rows = |what: &str| house.rows(&["ledger", what]);
    let document = rows("documents").iter().find(|row| row["kind"] == "order").unwrap()["id"].clone();
    let delivery = rows("deliveries")[0]["id"].clone();
    let file = house.settled("850_103.edi")["id"].clone();
    let quarantined = rows("events").into_iter().find(|row| row["kind"] == "quarantined").unwrap()["event"].clone();
    let one = |place: &str, id: &serde_json::Value| format!("/{place}/{}", id.as_str().unwrap());
    vec![
        ("today", "/".to_owned(), "What needs a person"),
        ("acknowledgments", "/acknowledgments".to_owned(), "SHP0000777"),
        ("orders", "/orders".to_owned(), "4500012345"),
        ("order", "/orders/megamart/4500012345".to_owned(), "550001"),
        ("documents", "/documents".to_owned(), "INV-20306"),
        ("document", one("documents", &document), "How far it got"),
        ("file", one("files", &file), "what to do"),
        ("findings", "/findings".to_owned(), "Findings"),
        ("failures", "/failures".to_owned(), "Files that could not be used"),
        ("failure", one("failures", &quarantined), "The same failure"),
        ("deliveries", "/deliveries".to_owned(), "997 for 000000101"),
        ("delivery", one("deliveries", &delivery), "Attempts"),
        ("partners", "/partners".to_owned(), "MegaMart Stores"),
        ("partner", "/partners/megamart".to_owned(), "Endpoints"),
        ("guide", "/partners/megamart/guides/850/004010".to_owned(), "set 850 at 004010"),
        ("journal", "/journal".to_owned(), "Verify its chain"),
        ("nodes", "/nodes".to_owned(), "In trouble now"),
        ("people", "/people".to_owned(), "Somebody else"),
        ("person", "/people/mary".to_owned(), "Make a token"),
        ("account", "/account".to_owned(), "Another password"),
    ]
}

#[test]
fn every_page_is_shown_at_a_desk_and_on_a_phone_and_the_console_is_silent() {
    let Some(driver) = Driver::start() else { return };
    let (house, address) = open_office();
    driver.resize(DESK);
    sign_in(&driver, &address);
    let pictures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    fs::create_dir_all(&pictures).unwrap();
    for (size, suffix) in [(DESK, ""), (PHONE, "_phone")] {
        driver.resize(size);
        for (name, path, shows) in pages(&house) {
            driver.go(&format!("{address}{path}"));
            let text = driver.text_of("main");
            assert!(text.contains(shows), "{name} does not show {shows:?}: {text}");
            assert_eq!(driver.script("return document.querySelectorAll('h1').length"), 1, "{name}");
            let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            assert_eq!(driver.script(overflow), 0, "{name}{suffix} is wider than the screen");
            fs::write(pictures.join(format!("{name}{suffix}.png")), driver.picture()).unwrap();
        }
    }
    assert_eq!(driver.console(), [""; 0], "the console of the browser");
}

#[test]
fn a_morning_is_worked_through_by_clicks_and_by_keys() {
    let Some(driver) = Driver::start() else { return };
    let (_house, address) = open_office();
    driver.resize(DESK);
    sign_in(&driver, &address);
    // The first key leads past the navigation.
    driver.press(TAB);
    assert_eq!(driver.script("return document.activeElement.className"), "skip");
    let outline = "return getComputedStyle(document.querySelector('.search input')).outlineStyle";
    driver.script("document.querySelector('.search input').focus()");
    assert_eq!(driver.script(outline), "solid", "where the keys are is seen");
    driver.fill("number", "4500012345");
    driver.click(".search button");
    driver.wait_for_title("Everything named 4500012345");
    driver.click("main tbody a");
    driver.wait_for_title("Invoice INV-20306");
    driver.go(&format!("{address}/deliveries?state=sent"));
    driver.click("main tbody th a");
    driver.fill("reason", "they lost it");
    driver.click("main .buttons button");
    // The page comes anew once it is done.
    driver.wait_until("return document.querySelector('[name=reason]').value === ''");
    driver.go(&format!("{address}/journal"));
    assert!(driver.text_of("main").contains("they lost it"));
    driver.click(".who button");
    driver.wait_for_title("Sign in");
    driver.go(&format!("{address}/journal"));
    driver.wait_for_title("Sign in");
}

/// What a screen reader has to find on every page: what is missing, in words.
const MISSING: &str = r#"
    const missing = [], all = selector => [...document.querySelectorAll(selector)];
    const expect = (holds, what) => { if (!holds) missing.push(what); };
    expect(document.documentElement.lang === 'en', 'a language');
    for (const [name, selector] of [['header', 'body > header'], ['main', 'main#main'], ['footer', 'body > footer'],
                                    ['navigation', 'nav[aria-label]'], ['search', '[role=search]']])
        expect(all(selector).length >= 1, name);
    expect(all('main').length === 1 && all('h1').length === 1, 'one main with one heading');
    expect(document.title.startsWith(document.querySelector('h1').textContent), 'its heading in its title');
    expect(all('nav[aria-label=Pages] [aria-current=page], header [aria-current=page]').length === 1, 'where one is');
    for (const field of all('input:not([type=hidden]), select, textarea'))
        expect(field.labels.length > 0 && field.labels[0].textContent.trim(), 'a label for ' + field.name);
    for (const button of all('button, a')) expect(button.textContent.trim(), 'words on ' + button.outerHTML);
    for (const table of all('table')) {
        expect(table.caption, 'a caption');
        for (const head of table.querySelectorAll('th')) expect(head.scope, 'a scope for ' + head.textContent);
        for (const row of table.tBodies[0].rows)
            expect(row.cells[0].colSpan > 1 || row.querySelector('th'), 'a name for ' + row.textContent);
    }
    for (const image of all('svg')) expect(image.querySelector('title'), 'a name for an image');
    for (const wide of all('.wide, pre')) expect(wide.tabIndex === 0, 'a way to scroll by keys');
    const ids = all('[id]').map(one => one.id);
    expect(new Set(ids).size === ids.length, 'each id once');
    return missing;
"#;

#[test]
fn a_screen_reader_finds_its_way_on_every_page() {
    let Some(driver) = Driver::start() else { return };
    let (house, address) = open_office();
    driver.resize(DESK);
    sign_in(&driver, &address);
    for (name, path, _) in pages(&house) {
        driver.go(&format!("{address}{path}"));
        assert_eq!(driver.script(MISSING), serde_json::json!([]), "{name}");
    }
}

/// Where one can go and what one can do on a page.
const OPERABLE: &str =
    "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, [tabindex=\"0\"]')]";

#[test]
fn everything_on_a_page_is_reached_by_tab_alone_and_shows_where_the_keys_are() {
    let Some(driver) = Driver::start() else { return };
    let (house, address) = open_office();
    driver.resize(DESK);
    sign_in(&driver, &address);
    let shown = ["today", "acknowledgments", "failure", "delivery", "journal", "people", "person"];
    for (name, path, _) in pages(&house).into_iter().filter(|(name, ..)| shown.contains(name)) {
        driver.go(&format!("{address}{path}"));
        let count = driver.script(&format!("return {OPERABLE}.length")).as_u64().unwrap();
        for place in 0..count {
            // A field of a day has a place for each of its parts.
            let here = loop {
                driver.press(TAB);
                let here = driver.script(&format!("return {OPERABLE}.indexOf(document.activeElement)"));
                if here.as_u64().is_none_or(|here| here + 1 != place) {
                    break here;
                }
            };
            assert_eq!(here, place, "{name}: in the order in which it is read");
            let outline = driver.script("return getComputedStyle(document.activeElement).outlineStyle");
            assert_ne!(outline, "none", "{name}: {place} is not seen");
        }
    }
}

#[test]
fn a_failure_is_found_and_put_back_without_a_mouse() {
    let Some(driver) = Driver::start() else { return };
    let (_house, address) = open_office();
    driver.resize(DESK);
    sign_in(&driver, &address);
    driver.tab_to("nav a", "Failures");
    driver.press(ENTER);
    driver.wait_for_title("Failures");
    // Past the navigation, into the page.
    driver.press(TAB);
    driver.press(ENTER);
    assert_eq!(driver.script("return document.activeElement.id"), "main");
    driver.tab_to("main tbody th a", "850_103.edi quarantined");
    driver.press(ENTER);
    driver.wait_for_title("quarantined");
    driver.tab_to("form[action$='/replay'] input", "");
    driver.press("they say it is fine");
    driver.press(ENTER);
    driver.wait_for_title("850_103.edi · ");
    driver.go(&format!("{address}/journal"));
    assert!(driver.text_of("main").contains("they say it is fine"));
}
