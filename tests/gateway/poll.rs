//! A web shop whose API is polled by the real daemon: every order comes in once, whatever happens to either of them.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::house::House;
use crate::house::api::{Answer, Api, Heard};
use serde_json::{Value, json};

const TO_ERP: &str = "folders/erp/inbox";
const SECRETS: [&str; 3] = ["client-secret-correct-horse", "refresh-token-battery", "access-token-staple"];

const MAP: &str = r#"
document = "order"
format   = "json"
[repeat]
line = "lines"
[fields]
po_number  = "number"
ordered_on = "placed"
"ship_to.name"     = "to"
"line.line"        = "lines.no"
"line.gtin"        = "lines.gtin"
"line.quantity"    = { path = "lines.qty", unit = "EA" }
"#;

/// A shop whose refresh tokens rotate and whose orders come two on a page.
#[derive(Default)]
struct Shop {
    orders: BTreeMap<u64, Value>,
    /// The number of the newest refresh token; the one before it is taken until this one was used.
    newest: u32,
    /// The token endpoint's own fault, or the API's.
    fault: Option<Answer>,
    /// How long the API takes for its orders.
    takes: Duration,
}

impl Shop {
    fn add(&mut self, number: u64) {
        let order = json!({
            "id": number, "number": format!("WEB-{number}"), "placed": "2026-03-06", "updated": "2026-03-06T21:00:00Z",
            "to": "Ann Lee", "lines": [{ "no": "1", "gtin": "00614141123452", "qty": 2 }],
        });
        self.orders.insert(number, order);
    }

    fn answer(&mut self, heard: &Heard) -> Answer {
        if let Some(fault) = &self.fault {
            return fault.clone();
        }
        if heard.path == "/token" {
            let shown = heard.form().get("refresh_token").cloned().unwrap_or_default();
            let first = SECRETS[1];
            let number: u32 = shown.trim_start_matches(first).trim_start_matches('-').parse().unwrap_or(0);
            if !shown.starts_with(first) || number != self.newest && number + 1 != self.newest {
                return Answer::text(400, "{\"error\":\"invalid_grant\"}");
            }
            self.newest = number + 1;
            return Answer::json(json!({
                "access_token": format!("{}-{}", SECRETS[2], self.newest),
                "refresh_token": format!("{first}-{}", self.newest), "expires_in": 2,
            }));
        }
        if heard.header("authorization") != format!("Bearer {}-{}", SECRETS[2], self.newest) {
            return Answer::text(401, "{\"error\":\"token expired\"}");
        }
        let page: usize = heard.get("page").parse().unwrap_or(1);
        let here: Vec<Value> = self.orders.values().skip((page - 1) * 2).take(2).cloned().collect();
        Answer { delay: self.takes, ..Answer::json(json!({ "orders": here })) }
    }
}

struct Stage {
    api: Api,
    shop: Arc<Mutex<Shop>>,
}

impl Stage {
    fn with_orders(count: u64) -> Stage {
        let shop = Arc::new(Mutex::new(Shop::default()));
        (1..=count).for_each(|number| shop.lock().unwrap().add(number));
        let playing = Arc::clone(&shop);
        Stage { api: Api::play(move |heard| playing.lock().unwrap().answer(heard)), shop }
    }

    /// A house with the shop as a partner, with nothing running.
    fn house(&self) -> House {
        let house = House::new();
        let partner = house.path("partners/shop");
        fs::create_dir_all(&partner).unwrap();
        fs::write(partner.join("order.map.toml"), MAP).unwrap();
        fs::write(house.path("client_secret"), format!("{}\n", SECRETS[0])).unwrap();
        fs::write(house.path("refresh_token"), format!("{}\n", SECRETS[1])).unwrap();
        let base = self.api.base();
        let description = format!(
            "base = \"{base}\"\n[auth]\nkind = \"refresh token\"\ntoken_url = \"{base}/token\"\nclient_id = \"acme\"\n\
             client_secret = \"file:client_secret\"\nrefresh_token = \"file:refresh_token\"\n\
             [request]\npath = \"/orders\"\nquery = {{ updated_from = \"{{since}}\", page = \"{{page}}\" }}\n\
             [since]\nfield = \"/updated\"\n[pages]\nby = \"number\"\nsize = 2\n\
             [items]\nlist = \"/orders\"\nid = \"/id\"\nversion = \"/updated\"\nname = \"order_{{id}}.json\"\n"
        );
        fs::write(partner.join("shop.api.toml"), description).unwrap();
        self.write_partner(&house, "");
        house
    }

    fn write_partner(&self, house: &House, more: &str) {
        let partner = format!(
            "name = \"Web shop\"\nrole = \"storefront\"\nstatus = \"production\"\n\
             [[endpoint]]\nname = \"orders\"\nvia = \"http\"\n\
             poll = {{ api = \"shop.api.toml\", every = \"150 ms\", allow_http = true, timeout = \"2 s\"{more} }}\n\
             [[document]]\nreceive = \"order\"\nmap = \"order.map.toml\"\nmatch = \"order_*.json\"\nto = \"erp\"\n"
        );
        fs::write(house.path("partners/shop/partner.toml"), partner).unwrap();
    }
}

/// Every order reached the ERP once, and was taken once.
fn went_through_once(house: &House, count: usize) {
    let expected = || (1..=count).flat_map(|number| [format!("WEB-{number}.csv"), format!("WEB-{number}.json")]);
    house.wait_for("every order at the ERP", |house| expected().all(|name| house.names(TO_ERP).contains(&name)));
    house.wait_for("the watermark", |house| house.number("SELECT COUNT(*) FROM watermark") == Some(1));
    assert_eq!(house.names(TO_ERP).len(), 2 * count);
    let rows = house.rows(&["ledger", "transmissions"]);
    let taken = rows.iter().filter(|row| row["endpoint"] == "orders").count();
    assert_eq!(taken, count, "{rows:#?}");
    let verified = house.ask(&["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

/// Nothing that is shown or kept holds a secret in the clear.
fn no_secret_is_told(house: &House) {
    let told = format!("{}{}{}", house.log(), house.ask(&["status"]).out, house.ask(&["ledger", "events"]).out);
    // A round of polling makes the directory anew: for a moment there is none.
    let copies = |house: &House| fs::read_dir(house.path("arrivals/shop/orders")).map_or(0, Iterator::count);
    house.wait_for("the copies to go", |house| copies(house) == 0);
    for secret in SECRETS {
        assert!(!told.contains(secret), "{told}");
        for file in ["ledger.db", "ledger.db-wal"] {
            let bytes = fs::read(house.path(file)).unwrap_or_default();
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {file}");
        }
    }
}

#[test]
fn orders_come_in_page_by_page_once_and_no_secret_is_told() {
    let stage = Stage::with_orders(5);
    let mut house = stage.house();
    house.start();
    went_through_once(&house, 5);
    stage.shop.lock().unwrap().add(6);
    went_through_once(&house, 6);
    assert_eq!(house.stop(), 0);
    house.start();
    stage.shop.lock().unwrap().add(7);
    went_through_once(&house, 7);
    no_secret_is_told(&house);
    let report = house.rows(&["status"]).remove(0);
    let rows = report["traffic"].as_array().unwrap();
    let way = rows.iter().find(|row| row["partner"] == "shop" && row["endpoint"] == "orders").unwrap();
    assert_eq!((way["direction"].as_str(), way["files"].as_u64()), (Some("in"), Some(1)), "since this start");
    assert!(!way["worked"].is_null());
}

#[test]
fn at_whatever_point_a_crash_comes_every_order_goes_through_once() {
    let points = edigate::crash::WIRES.iter().chain(edigate::crash::POINTS);
    let on_the_way = |point: &&&str| {
        ["poll.", "capture.row.", "ledger.commit.", "intake."].iter().any(|room| point.starts_with(room))
    };
    let runs: Vec<String> =
        points.filter(on_the_way).flat_map(|point| (1..=3).map(move |pass| format!("{point}:{pass}"))).collect();
    let (next, crashed) = (Mutex::new(runs.into_iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let Some(run) = next.lock().unwrap().next() else { return };
                    let stage = Stage::with_orders(5);
                    let mut house = stage.house();
                    house.begin(|command| command.env("EDIGATE_CRASH_AT", &run));
                    // Some steps are taken once, so that there is no third time.
                    house.wait_for(&format!("the crash at {run}, or the end"), |house| {
                        house.is_gone() || house.names(TO_ERP).len() == 10 && !run.ends_with(":1")
                    });
                    match house.is_gone() {
                        true => {
                            house.ended();
                            crashed.lock().unwrap().push(run);
                        }
                        false => house.kill(),
                    }
                    house.start();
                    went_through_once(&house, 5);
                }
            });
        }
    });
    let crashed = crashed.into_inner().unwrap();
    assert_eq!(crashed.iter().filter(|run| run.ends_with(":1")).count(), 14, "every point is met: {crashed:?}");
}

#[test]
fn a_kill_in_mid_work_loses_and_doubles_nothing() {
    let stage = Stage::with_orders(40);
    let mut house = stage.house();
    for _ in 0..4 {
        house.start();
        std::thread::sleep(Duration::from_millis(120));
        house.kill();
    }
    house.start();
    went_through_once(&house, 40);
}

#[test]
fn an_api_that_is_away_is_told_and_what_waits_comes_in_when_it_is_back() {
    let stage = Stage::with_orders(3);
    stage.shop.lock().unwrap().fault = Some(Answer::text(503, "maintenance"));
    let mut house = stage.house();
    house.start();
    let said = house.in_trouble("POL-E004");
    assert!(said.contains("it answered 503: maintenance"), "{said}");
    stage.shop.lock().unwrap().fault = None;
    went_through_once(&house, 3);
    house.wait_for("all to be well", |house| house.ask(&["status"]).code == 0);
    let report = house.rows(&["status"]).remove(0);
    let rows = report["traffic"].as_array().unwrap();
    let way = rows.iter().find(|row| row["partner"] == "shop").unwrap();
    assert!(way["why"].as_str().unwrap().contains("503"), "what failed last stays to be seen");
}

#[test]
fn a_refused_token_stops_the_endpoint_until_the_configuration_is_read_anew() {
    let stage = Stage::with_orders(2);
    stage.shop.lock().unwrap().newest = 7;
    let mut house = stage.house();
    house.start();
    let said = house.in_trouble("POL-E004");
    assert!(said.contains("invalid_grant"), "{said}");
    let asked = stage.api.heard().len();
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(stage.api.heard().len(), asked, "it is not asked again");
    fs::write(house.path("refresh_token"), format!("{}-7\n", SECRETS[1])).unwrap();
    house.signal("-HUP");
    went_through_once(&house, 2);
    house.wait_for("all to be well", |house| house.ask(&["status"]).code == 0);
}

#[test]
fn an_api_that_says_nothing_holds_up_nobody_and_no_drain() {
    let stage = Stage::with_orders(1);
    stage.shop.lock().unwrap().fault = Some(Answer { delay: Duration::from_secs(20), ..Answer::status(200) });
    let mut house = stage.house();
    house.start();
    house.drop_file("folders/megamart/outbound", "850.edi", &crate::house::sample("megamart/850_101.edi"));
    house.wait_for("the other partner's order", |house| house.names(TO_ERP).contains(&"4500012345.json".to_owned()));
    let said = house.in_trouble("POL-E001");
    assert!(said.contains("nothing within 2 s"), "{said}");
    assert_eq!(house.stop(), 0);
}

#[test]
fn a_drain_does_not_wait_for_an_answer() {
    let stage = Stage::with_orders(1);
    stage.shop.lock().unwrap().takes = Duration::from_secs(60);
    let mut house = stage.house();
    let file = house.path("partners/shop/partner.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("timeout = \"2 s\"", "timeout = \"60 s\"")).unwrap();
    house.start();
    house.wait_for("the question", |_| !stage.api.heard_at("/orders").is_empty());
    let began = std::time::Instant::now();
    assert_eq!(house.stop(), 0);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    stage.shop.lock().unwrap().takes = Duration::ZERO;
    house.start();
    went_through_once(&house, 1);
}

#[test]
fn a_preset_is_shown_to_be_copied() {
    let listed = crate::house::edigate(&["partner", "presets"]);
    assert!(
        listed.code == 0 && listed.out.contains("shopify-orders") && listed.out.contains("stripe-payouts"),
        "{}",
        listed.out
    );
    let shown = crate::house::edigate(&["partner", "presets", "woocommerce-orders"]);
    assert!(shown.code == 0 && shown.out.contains("modified_after = \"{since}\""), "{}", shown.out);
    let map = crate::house::edigate(&["partner", "presets", "woocommerce-orders", "--map"]);
    assert!(map.code == 0 && map.out.contains("document = \"order\""), "{}", map.out);
    let unknown = crate::house::edigate(&["partner", "presets", "woocomerce-orders"]);
    assert!(unknown.code == 2 && unknown.err.contains("woocommerce-orders"), "{}", unknown.err);
    let map = crate::house::edigate(&["partner", "presets", "stripe-payouts", "--map"]);
    assert!(map.code == 0 && map.out.contains("document = \"settlement\""), "{}", map.out);
}

#[test]
fn a_trial_says_what_answered_and_takes_nothing_and_no_refresh_token() {
    let stage = Stage::with_orders(3);
    let house = stage.house();
    let base = stage.api.base();
    let said = house.ask(&["partner", "test", "shop"]);
    let expected = format!(
        "shop/orders\n  ok  connect to {base}: {base}/ answers\n  \
         ok  fetch a token: left to the daemon: a refresh token is good once\n"
    );
    assert_eq!((said.code, said.out), (0, expected), "{}", said.err);
    assert_eq!(stage.api.heard_at("/token").len(), 0);
    // With a key that is good for ever, the first page is asked for.
    let file = house.path("partners/shop/shop.api.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once("[auth]").unwrap();
    let (_, after) = rest.split_once("[request]").unwrap();
    let with_key = format!("{before}[auth]\nkind = \"bearer\"\nsecret = \"file:key\"\n[request]{after}");
    fs::write(&file, with_key).unwrap();
    fs::write(house.path("key"), format!("{}-0", SECRETS[2])).unwrap();
    let said = house.ask(&["check", "--live"]);
    assert!(
        said.out.contains("ok  ask for the first page: 2 items on it, the latest of 2026-03-06T21:00:00Z"),
        "{}",
        said.out
    );
    fs::write(house.path("key"), "wrong-key-of-ours").unwrap();
    let said = house.ask(&["partner", "test", "shop"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("POL-E003") && !said.out.contains("wrong-key"), "{}", said.out);
    assert_eq!(house.ask(&["ledger", "transmissions"]).code, 2, "there is not even a ledger");
}
