//! A small client of WebDriver: one browser, driven by HTTP.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use openssl::base64;
use serde_json::{Value, json};

use crate::house::http::free_port;

/// How long a page may take; far more than it ever needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keys without a character of their own.
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";

/// A browser.
pub struct Driver {
    process: Child,
    session: String,
    client: reqwest::blocking::Client,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.client.delete(&self.session).send();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Driver {
    /// Starts one; nothing, and it is said aloud, where there is none.
    pub fn start() -> Option<Driver> {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        let process = command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let Ok(process) = process else {
            let _ = writeln!(std::io::stderr(), "skipped, it needs chromium and chromedriver on the PATH");
            return None;
        };
        let address = format!("http://127.0.0.1:{port}");
        let client = reqwest::blocking::Client::builder().timeout(PATIENCE).no_proxy().build().unwrap();
        let mut driver = Driver { process, session: String::new(), client };
        let deadline = Instant::now() + PATIENCE;
        while driver.client.get(format!("{address}/status")).send().is_err() {
            assert!(Instant::now() < deadline, "chromedriver does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        // As root there is no sandbox to be had.
        let arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-prefers-reduced-motion"];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let made = driver.say(&format!("{address}/session"), &wanted);
        driver.session = format!("{address}/session/{}", made["sessionId"].as_str().unwrap());
        Some(driver)
    }

    fn say(&self, address: &str, body: &Value) -> Value {
        let answer = self.client.post(address).body(body.to_string()).send().unwrap();
        let status = answer.status();
        let value: Value = serde_json::from_str(&answer.text().unwrap()).unwrap();
        assert!(status.is_success(), "{address}: {value}");
        value["value"].clone()
    }

    fn ask(&self, what: &str, body: &Value) -> Value {
        self.say(&format!("{}/{what}", self.session), body)
    }

    fn hear(&self, what: &str) -> Value {
        let answer = self.client.get(format!("{}/{what}", self.session)).send().unwrap();
        let value: Value = serde_json::from_str(&answer.text().unwrap()).unwrap();
        value["value"].clone()
    }

    pub fn go(&self, address: &str) {
        self.ask("url", &json!({ "url": address }));
    }

    /// Gives the page this width and height, whatever the window takes around it.
    pub fn resize(&self, (width, height): (u32, u32)) {
        let parameters = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": parameters });
        self.ask("goog/cdp/execute", &command);
    }

    fn element(&self, selector: &str) -> String {
        let found = self.ask("element", &json!({ "using": "css selector", "value": selector }));
        // Its one value is its id, under a name that the standard fixes.
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.ask(&format!("element/{element}/click"), &json!({}));
    }

    /// Types into the field of that name, in place of what is there.
    pub fn fill(&self, name: &str, text: &str) {
        let element = self.element(&format!("[name={name}]"));
        self.ask(&format!("element/{element}/clear"), &json!({}));
        self.ask(&format!("element/{element}/value"), &json!({ "text": text }));
    }

    /// Presses keys one after the other.
    pub fn press(&self, keys: &str) {
        let key = |key: char| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })];
        let keys: Vec<Value> = keys.chars().flat_map(key).collect();
        self.ask("actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": keys }] }));
    }

    /// Presses Tab until what a selector means, with these words in it, has the keys.
    pub fn tab_to(&self, selector: &str, words: &str) {
        let (selector, words) = (json!(selector), json!(words));
        let is_there = format!(
            "const here = document.activeElement; return here.matches({selector}) && here.textContent.includes({words})"
        );
        for _ in 0..500 {
            self.press(TAB);
            if self.script(&is_there) == true {
                return;
            }
        }
        panic!("no Tab leads to {selector} with {words}");
    }

    pub fn script(&self, text: &str) -> Value {
        self.ask("execute/sync", &json!({ "script": text, "args": [] }))
    }

    pub fn text_of(&self, selector: &str) -> String {
        let element = self.element(selector);
        self.hear(&format!("element/{element}/text")).as_str().unwrap().to_owned()
    }

    pub fn wait_for_title(&self, part: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let title = self.hear("title");
            if title.as_str().is_some_and(|title| title.contains(part)) {
                return;
            }
            assert!(Instant::now() < deadline, "the title is {title}, not {part:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a script says yes.
    pub fn wait_until(&self, holds: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.script(holds) != true {
            assert!(Instant::now() < deadline, "in vain: {holds}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the page and the browser complained of.
    pub fn console(&self) -> Vec<String> {
        let log = self.ask("se/log", &json!({ "type": "browser" }));
        log.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }

    /// A picture of what is seen, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        base64::decode_block(self.hear("screenshot").as_str().unwrap()).unwrap()
    }
}
