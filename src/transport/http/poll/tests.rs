//! The poller against APIs that are played by axum, with a clock that the tests move: every way to page, to sign and to fail.

#[path = "../../../../tests/gateway/house/api.rs"]
pub mod api;
mod auth;
mod faults;
mod paging;
mod presets;

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use api::{Answer, Api, Heard, Time};
use serde_json::json;

use super::*;
use crate::config::load;
use crate::config::partner::Partner;
use crate::transport::http::client::Client;

/// When the tests begin, unless they say otherwise.
const START: &str = "2026-03-06T22:00:00Z";

/// The world of a test: custody in memory, a clock that runs only while somebody waits.
pub struct Desk {
    pub time: Time,
    client: Client,
    /// What was kept, in its order.
    pub kept: Vec<Item>,
    known: HashSet<Identity>,
    pub tokens: BTreeMap<String, String>,
    pub warnings: Vec<Diagnostic>,
    pub paused: Duration,
    pub mark: Option<Mark>,
    /// The next so many pages are kept, and then it is as if the process died.
    pub dies_after: Option<u32>,
    /// It dies when a token is to be kept.
    pub dies_at_token: bool,
}

impl Desk {
    pub fn new() -> Desk {
        Desk::at(START)
    }

    pub fn at(start: &str) -> Desk {
        Desk {
            time: std::sync::Arc::new(Mutex::new(start.parse().unwrap())),
            client: Client::new(Duration::from_secs(5), None).unwrap(),
            kept: Vec::new(),
            known: HashSet::new(),
            tokens: BTreeMap::new(),
            warnings: Vec::new(),
            paused: Duration::ZERO,
            mark: None,
            dies_after: None,
            dies_at_token: false,
        }
    }

    pub fn with_timeout(mut self, timeout: Duration) -> Desk {
        self.client = Client::new(timeout, None).unwrap();
        self
    }

    /// One round, whose watermark is committed as the daemon does.
    pub fn round(&mut self, poller: &mut Poller) -> Result<Round, PollError> {
        let round = poller.round(self.mark, self)?;
        self.mark = round.mark.or(self.mark);
        Ok(round)
    }

    pub fn forward(&self, seconds: i64) {
        let mut time = self.time.lock().unwrap();
        *time = time.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    pub fn names(&self) -> Vec<&str> {
        self.kept.iter().map(|item| item.name.as_str()).collect()
    }

    pub fn warned(&self) -> Vec<&'static str> {
        self.warnings.iter().map(|warning| warning.code.code).collect()
    }
}

impl World for Desk {
    fn now(&self) -> Timestamp {
        *self.time.lock().unwrap()
    }

    fn pause(&mut self, pause: Duration) -> bool {
        self.paused += pause;
        let mut time = self.time.lock().unwrap();
        *time = time.checked_add(SignedDuration::try_from(pause).unwrap()).unwrap();
        true
    }

    fn chance(&mut self) -> f64 {
        0.5
    }

    fn send(&mut self, outgoing: &Outgoing) -> Result<Incoming, HttpError> {
        self.client.send(outgoing)
    }

    fn known(&mut self, identities: &[Identity]) -> Result<Vec<bool>, PollError> {
        Ok(identities.iter().map(|identity| self.known.contains(identity)).collect())
    }

    fn keep(&mut self, items: Vec<Item>) -> Result<(), PollError> {
        match &mut self.dies_after {
            Some(0) => return Err(PollError::Stopped),
            Some(pages) => *pages -= 1,
            None => {}
        }
        for item in items {
            assert!(self.known.insert(item.identity.clone()), "{:?} was kept twice", item.identity);
            self.kept.push(item);
        }
        Ok(())
    }

    fn kept_token(&mut self, lineage: &str) -> Result<Option<String>, PollError> {
        Ok(self.tokens.get(lineage).cloned())
    }

    fn keep_token(&mut self, lineage: &str, sealed: &str) -> Result<(), PollError> {
        if self.dies_at_token {
            return Err(PollError::Stopped);
        }
        self.tokens.insert(lineage.to_owned(), sealed.to_owned());
        Ok(())
    }

    fn warn(&mut self, warning: Diagnostic) {
        self.warnings.push(warning);
    }
}

/// A configuration whose partner `shop` has what a test writes; files beside its partner.toml by their names.
pub struct Configured {
    dir: tempfile::TempDir,
}

impl Configured {
    pub fn new() -> Configured {
        let configured = Configured { dir: tempfile::tempdir().unwrap() };
        configured.write(
            "gateway.toml",
            "[us]\nname = \"Acme\"\nisa = \"ZZ:ACME\"\nzone = \"America/New_York\"\n[gateway]\nhome = \"home\"\nledger = \"sqlite:l.db\"\n",
        );
        configured.write("home/secret", "sk_live_0123456789\n");
        configured
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn load(&self, rest: &str) -> Result<Partner, Vec<Diagnostic>> {
        let partner = format!("name = \"Shop\"\nrole = \"storefront\"\nstatus = \"test\"\n{rest}");
        self.write("partners/shop/partner.toml", &partner);
        self.write(
            "partners/erp/partner.toml",
            "name = \"ERP\"\nrole = \"erp\"\nstatus = \"test\"\n[[endpoint]]\nname = \"in\"\nvia = \"folder\"\n\
             drop_off = { to = \"in\", name = \"{kind}_{number}.json\" }\n[[document]]\nsend = \"order\"\nas = \"json\"\n\
             [[document]]\nsend = \"shipment\"\nas = \"json\"\n[[document]]\nsend = \"invoice\"\nas = \"json\"\n",
        );
        let (config, _) = load::load(&self.dir.path().join("gateway.toml"))?;
        let partner = config.partners.into_values().find(|partner| partner.id.as_str() == "shop");
        Ok(partner.unwrap())
    }

    /// The poller of an endpoint with this `poll`.
    pub fn poller(&self, poll: &str) -> Poller {
        let partner = self.load(&format!("[[endpoint]]\nname = \"api\"\nvia = \"http\"\npoll = {{ {poll} }}\n"));
        let partner = partner.unwrap_or_else(|faults| panic!("{}", in_words(&faults)));
        Poller::of(Arc::clone(partner.endpoints[0].poll().unwrap()))
    }

    /// The poller of an API that a test describes, asked at a base of its own.
    pub fn described(&self, base: &str, description: &str) -> Poller {
        self.write("partners/shop/own.api.toml", &format!("base = \"{base}\"\n{description}"));
        self.poller("api = \"own.api.toml\", allow_http = true")
    }
}

pub fn in_words(faults: &[Diagnostic]) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

/// What a poller that was made of a description and an API kept, in one round.
fn poll_once(
    description: &str,
    play: impl FnMut(&Heard) -> Answer + Send + 'static,
) -> (Desk, Result<Round, PollError>) {
    let mut desk = Desk::new();
    let api = Api::play_at(Some(Arc::clone(&desk.time)), play);
    let configured = Configured::new();
    let mut poller = configured.described(&api.base(), description);
    let outcome = desk.round(&mut poller);
    (desk, outcome)
}

/// A description of items with an id and a time, with more of it by the test.
const ITEMS: &str = r#"
[items]
list    = "/items"
id      = "/id"
version = "/at"
name    = "item_{id}.json"
"#;

fn item(id: u64, minute: u32) -> serde_json::Value {
    json!({ "id": id, "at": format!("2026-03-06T21:{minute:02}:00Z") })
}
