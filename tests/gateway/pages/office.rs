//! An office: a house that serves pages, people who sign in, and what their browsers do.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::house::http::{Answer, free_port, request, say};
use crate::house::{House, sample};

pub const PASSWORD: &str = "correct horse battery";

/// A house that serves pages, with the daemon running.
pub struct Office {
    pub house: House,
    pub port: u16,
}

impl Office {
    pub fn with(lines: &str) -> Office {
        Office::in_house(lines, |_| {})
    }

    /// The same in a house that something was changed in.
    pub fn in_house(lines: &str, change: impl FnOnce(&House)) -> Office {
        let mut house = House::new();
        change(&house);
        let port = free_port();
        let table = format!("\n[[listen]]\naddress = \"127.0.0.1:{port}\"\nserves = [\"pages\", \"v1\"]\n{lines}\n");
        let file = fs::read_to_string(house.config()).unwrap();
        fs::write(house.config(), file + &table).unwrap();
        house.start();
        house.wait_for("the listener", |_| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Office { house, port }
    }

    /// Adds somebody with the password of all.
    pub fn add(&self, name: &str, options: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
        command.args(["user", "add", name]).args(options).arg("--config").arg(self.house.config());
        let mut adding = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        adding.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(adding.wait().unwrap().success(), "{name} is added");
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        say(self.port, &request(method, path, headers, body.as_bytes()))
    }

    pub fn try_sign_in(&self, name: &str, password: &str) -> Answer {
        let body = format!("name={name}&password={}&then=%2F", password.replace(' ', "+"));
        self.ask("POST", "/sign-in", &[("Content-Type", "application/x-www-form-urlencoded")], &body)
    }

    pub fn sign_in(&self, name: &str) -> Browser<'_> {
        let answer = self.try_sign_in(name, PASSWORD);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
        Browser { office: self, cookie: cookie.split(';').next().unwrap().to_owned() }
    }
}

/// A browser whose person signed in.
pub struct Browser<'o> {
    pub office: &'o Office,
    pub cookie: String,
}

impl Browser<'_> {
    pub fn get(&self, path: &str) -> Answer {
        self.office.ask("GET", path, &[("Cookie", &self.cookie)], "")
    }

    /// A page that must be there.
    pub fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.text
    }

    pub fn token(&self) -> String {
        let page = self.page("/");
        page.split_once("name=\"token\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }

    /// Presses a button, with the token of the visit.
    pub fn press(&self, path: &str, fields: &str) -> Answer {
        self.office.ask("POST", path, &[("Cookie", &self.cookie)], &format!("token={}&{fields}", self.token()))
    }
}

/// The journal of the gateway itself, by kind.
pub fn told(house: &House) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in house.rows(&["ledger", "events", "--partner", "gateway"]) {
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        told.entry(text("kind")).or_default().push(text("text"));
    }
    told
}

/// An office with a day's business: an order that was taken, a file that could not be used, a delivery that is parked.
pub fn busy_office() -> Office {
    let office = Office::with("");
    office.house.drop_file("folders/megamart/outbound", "850_101.edi", &sample("megamart/850_101.edi"));
    office.house.drop_file("folders/megamart/outbound", "850_103.edi", &sample("megamart/850_103.edi"));
    office.house.drop_file("folders/megamart/outbound", "broken.edi", b"this is no interchange");
    for name in ["850_101.edi", "850_103.edi", "broken.edi"] {
        office.house.settled(name);
    }
    office.house.wait_for("the 997s", |house| house.names("folders/megamart/inbound").len() == 2);
    office
}

/// The address of the first link on a page that begins so.
pub fn link(page: &str, begins: &str) -> String {
    let found = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    found.into_iter().find(|link| link.starts_with(begins)).unwrap_or_else(|| panic!("no {begins}: {page}")).to_owned()
}
