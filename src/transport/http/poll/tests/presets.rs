//! Every preset against a fake of its API, written from its documentation: its paging, its limits, its traps.

mod shopify;

use super::*;
use crate::config::map::Map;
use crate::config::poll::presets;
use crate::document::Document;

/// What an item becomes by the map of a preset; nothing may be wrong with it.
fn document(preset: &str, item: &Item) -> Document {
    let text = presets::find(preset).unwrap().map.unwrap();
    let map = Map::read(std::path::Path::new("map"), text).unwrap_or_else(|faults| panic!("{}", in_words(&faults)));
    let (documents, faults) = crate::normalize::json::documents(&item.bytes, &item.name, &map);
    assert!(faults.iter().all(|fault| !fault.is_error()), "{}", in_words(&faults));
    assert_eq!(documents.len(), 1, "{}", in_words(&faults));
    documents.into_iter().next().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
