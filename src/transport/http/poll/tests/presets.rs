//! Every preset against a fake of its API, written from its documentation: its paging, its limits, its traps.

mod shopify;
mod shops;
mod shipping;
mod amazon;
mod walmart;
mod books;
mod stripe;

use std::sync::{Arc, Mutex};

use super::*;
use crate::config::map::Map;
use crate::config::poll::presets;
use crate::document::Document;

/// What an item becomes by the map of a preset; nothing may be wrong with it.
fn document(preset: &str, item: &Item) -> Document {
    let text = presets::find(preset).unwrap().map;
    let map = Map::read(std::path::Path::new("map"), text).unwrap_or_else(|faults| panic!("{}", in_words(&faults)));
    let (documents, faults) = crate::normalize::mapped::documents(&item.bytes, &item.name, &map);
    assert!(faults.iter().all(|fault| !fault.is_error()), "{}", in_words(&faults));
    assert_eq!(documents.len(), 1, "{}", in_words(&faults));
    documents.into_iter().next().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A preset on its stage: the desk, the played API, and the poller of the preset asked there.
struct Stage {
    desk: Desk,
    api: Api,
    files: Configured,
    poll: String,
}

impl Stage {
    /// Plays an API below `path` with the words of `set`; every secret is the one of the tests.
    fn with(preset: &str, path: &str, set: &str, play: impl FnMut(&Heard) -> Answer + Send + 'static) -> Stage {
        Stage::on(Desk::new(), preset, path, set, play)
    }

    fn on(
        desk: Desk,
        preset: &str,
        path: &str,
        set: &str,
        play: impl FnMut(&Heard) -> Answer + Send + 'static,
    ) -> Stage {
        let api = Api::play_at(Some(Arc::clone(&desk.time)), play);
        let base = api.base();
        let set = set.replace("BASE", &base);
        let poll = format!("preset = \"{preset}\", base = \"{base}{path}\", allow_http = true, set = {{ {set} }}");
        Stage { desk, api, files: Configured::new(), poll }
    }

    fn poller(&self) -> Poller {
        self.files.poller(&self.poll)
    }

    /// A round of a process that knows nothing but what was kept.
    fn round(&mut self) -> Round {
        let mut poller = self.poller();
        self.desk.round(&mut poller).unwrap_or_else(|error| panic!("{error}"))
    }

    fn documents(&self, preset: &str) -> Vec<Document> {
        self.desk.kept.iter().map(|item| document(preset, item)).collect()
    }

    /// Each name once, in their order.
    fn names(&self) -> Vec<&str> {
        let mut names = self.desk.names();
        names.sort_unstable();
        names
    }
}

/// A part of a list.
fn slice(all: &[serde_json::Value], from: usize, count: usize) -> Vec<serde_json::Value> {
    all.iter().skip(from).take(count).cloned().collect()
}

/// What is shared between a fake and its test.
fn shared<T>(value: T) -> (Arc<Mutex<T>>, Arc<Mutex<T>>) {
    let one = Arc::new(Mutex::new(value));
    (Arc::clone(&one), one)
}

/// What a test sets for a word that a preset needs.
fn set(key: &str) -> String {
    let value = match key {
        "shop" | "site" | "account" | "store" => "acme",
        _ => "file:secret",
    };
    format!("{key} = \"{value}\"")
}

#[test]
fn every_preset_can_be_configured_and_says_where_it_is_documented() {
    for preset in presets::ALL {
        let table: toml::Table = preset.api.parse().unwrap();
        assert!(table["docs"].as_str().unwrap().starts_with("https://"), "{}", preset.name);
        let usual = |key: &str| table.get("usual").and_then(|usual| usual.get(key)).is_some();
        let needs = table["needs"].as_table().unwrap().keys();
        let words: Vec<String> = needs.filter(|key| !usual(key)).map(|key| set(key)).collect();
        let files = Configured::new();
        let poller = files.poller(&format!("preset = \"{}\", set = {{ {} }}", preset.name, words.join(", ")));
        assert!(poller.poll.base.starts_with("https://"), "{}", preset.name);
        let map = Map::read(std::path::Path::new(preset.name), preset.map);
        map.unwrap_or_else(|faults| panic!("{}", in_words(&faults)));
    }
}

/// A map of a preset is named in a rule like a file.
#[test]
fn a_rule_names_the_map_of_a_preset() {
    let files = Configured::new();
    let rule =
        |map: &str| files.load(&format!("[[document]]\nreceive = \"order\"\nmap = \"preset:{map}\"\nto = \"erp\"\n"));
    assert_eq!(rule("woocommerce-orders").unwrap().receives.len(), 1);
    for (map, said) in [
        ("woocomerce-orders", "did you mean \"woocommerce-orders\"?"),
        ("stripe-payouts", "is a map for settlement"),
        ("netsuite-invoices", "is a map for invoice"),
    ] {
        let faults = in_words(&rule(map).unwrap_err());
        assert!(faults.contains(said), "{faults}");
    }
}
