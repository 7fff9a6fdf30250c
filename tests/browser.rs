//! The pages in a real browser: what is shown, clicked, reached by keys and said on its console; a picture of each.
//!
//! They need `chromium` and `chromedriver`; `tests/run pages` installs both where it can. Without them this says that it is skipped.
//! The pictures stand in `target/pages/`.

mod house;
#[path = "browser/driver.rs"]
mod driver;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use driver::Driver;
use house::http::free_port;
use house::{House, sample};

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
    command.args(["user", "add", "mary", "--role", "operator", "--config"]).arg(house.config());
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
        ("deliveries", "/deliveries".to_owned(), "997 for 000000101"),
        ("delivery", one("deliveries", &delivery), "Attempts"),
        ("partners", "/partners".to_owned(), "MegaMart Stores"),
        ("partner", "/partners/megamart".to_owned(), "Endpoints"),
        ("journal", "/journal".to_owned(), "Verify its chain"),
        ("nodes", "/nodes".to_owned(), "Nodes"),
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
    driver.press_tab();
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
    driver.go(&format!("{address}/journal"));
    assert!(driver.text_of("main").contains("they lost it"));
    driver.click(".who button");
    driver.wait_for_title("Sign in");
    driver.go(&format!("{address}/journal"));
    driver.wait_for_title("Sign in");
}
