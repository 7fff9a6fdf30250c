//! From the `poll` of an endpoint and the text of its API to [`Poll`].

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::auth;
use super::presets;
use super::template::{For, Template};
use super::{Asking, By, Detail, Fault, Items, Method, Pages, Poll, Rate, ResetIn, Since, Spot, TimeFormat, Total};
use crate::config::nearest::nearest;
use crate::config::reader::{Entry, Source, Table, cannot_read, choice};
use crate::config::{size, us};
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::codes::poll as api;
use crate::diagnostic::{Diagnostic, Place};

/// How often an API is asked, unless a file says otherwise.
const EVERY: Duration = Duration::from_secs(300);
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How far back every round begins behind what was seen.
const OVERLAP: Duration = Duration::from_secs(300);
/// How far back the first round begins.
const LOOK_BACK: Duration = Duration::from_secs(30 * 86_400);
/// The largest answer.
const MAX_ANSWER: u64 = 32_000_000;
/// The most pages of a round.
const MAX_PAGES: u32 = 2_000;

/// What the partner's file says beside the name of the API.
struct Own {
    every: Option<Duration>,
    overlap: Option<Duration>,
    look_back: Option<Duration>,
    timeout: Option<Duration>,
    base: Option<String>,
    allow_http: bool,
    hosts: Vec<String>,
    set: BTreeMap<String, String>,
    place: Place,
}

/// Reads the `poll` of an endpoint; files beside partner.toml stand in `folder`, relative secrets start at `home`.
pub(in crate::config) fn read(table: &Table, folder: &Path, home: &Path) -> Option<Poll> {
    let (preset, file) = (table.optional("preset").text(), table.optional("api").text());
    let set = table.optional("set").table().map(|set| set.texts()).unwrap_or_default();
    let own = Own {
        every: table.optional("every").duration(),
        overlap: table.optional("overlap").duration(),
        look_back: table.optional("look_back").duration(),
        timeout: table.optional("timeout").duration(),
        base: table.optional("base").text().map(|base| base.value.to_owned()),
        allow_http: table.optional("allow_http").boolean().unwrap_or(false),
        hosts: table.optional("hosts").parse_each(|text| Ok(text.to_owned())).into_iter().map(|at| at.value).collect(),
        set: set.into_iter().map(|(key, value)| (key, value.value.to_owned())).collect(),
        place: table.place.clone(),
    };
    table.finish();
    let report = |fault: Diagnostic| table.source.report(fault);
    let (name, text) = match (preset, file) {
        (Some(name), None) => {
            let Some(preset) = presets::find(name.value) else {
                let names: Vec<&str> = presets::ALL.iter().map(|preset| preset.name).collect();
                let message = format!("there is no preset {:?}", name.value);
                let fault = Diagnostic::new(&api::NO_API, message).at(name.place);
                let fault = fault.expected(format!("one of {}", names.join(", "))).found(name.value);
                report(match nearest(name.value, names) {
                    Some(near) => fault.hint(format!("did you mean {near:?}?")),
                    None => fault,
                });
                return None;
            };
            (preset.name.to_owned(), preset.api.to_owned())
        }
        (None, Some(file)) => {
            let path = folder.join(file.value);
            match fs::read_to_string(&path) {
                Ok(text) => (path.display().to_string(), text),
                Err(error) => {
                    report(Diagnostic::new(&api::NO_API, cannot_read(&path, &error)).at(file.place));
                    return None;
                }
            }
        }
        _ => {
            let fault = Diagnostic::new(&codes::MISSING_KEY, "poll names no API, or two").at(own.place);
            report(fault.expected(r#"preset = "shopify-orders", or api = "own.api.toml""#));
            return None;
        }
    };
    let (poll, faults) = described(&name, &text, &own, home);
    faults.into_iter().for_each(report);
    poll
}

/// Reads the text of an API with the partner's own words put in.
fn described(name: &str, text: &str, own: &Own, home: &Path) -> (Option<Poll>, Vec<Diagnostic>) {
    let shown = if name.ends_with(".toml") { name.to_owned() } else { format!("{name}.api.toml (preset)") };
    let text = match put_in(&shown, text, own) {
        Ok(text) => text,
        Err(faults) => return (None, faults),
    };
    let source = Source::new(Path::new(&shown), text);
    let poll = source.parse().and_then(|parsed| poll(&source.root(&parsed), name, own, home));
    (poll, source.into_faults())
}

/// The text with `{shop}` and the like replaced by what the partner's file sets.
fn put_in(shown: &str, text: &str, own: &Own) -> Result<String, Vec<Diagnostic>> {
    let source = Source::new(Path::new(shown), text.to_owned());
    let words = source.parse().map(|parsed| {
        let root = source.root(&parsed);
        let texts = |key| root.optional(key).table().map(|table| table.texts()).unwrap_or_default();
        let owned = |texts: Vec<(String, crate::config::reader::At<&str>)>| -> BTreeMap<String, String> {
            texts.into_iter().map(|(key, value)| (key, value.value.to_owned())).collect()
        };
        (owned(texts("needs")), owned(texts("usual")))
    });
    let mut faults = source.into_faults();
    let Some((needs, usual)) = words else { return Err(faults) };
    for (key, meaning) in needs.iter().filter(|(key, _)| !usual.contains_key(*key) && !own.set.contains_key(*key)) {
        let message = format!("{shown} needs {key:?}: {meaning}");
        let fault = Diagnostic::new(&api::NOT_SET, message).at(own.place.clone());
        faults.push(fault.expected(format!(r#"set = {{ {key} = "…" }}"#)));
    }
    let mut text = text.to_owned();
    // What is usual may have gaps of its own, which what is set fills.
    let by_default = usual.iter().filter(|(key, _)| !own.set.contains_key(*key));
    for (key, value) in by_default.chain(&own.set) {
        let is_ours = own.set.contains_key(key);
        if is_ours && (value.contains(['"', '\\', '{', '}']) || value.chars().any(char::is_control)) {
            let message = format!("the value of {key:?} has a quote, a backslash, a brace or a line break in it");
            faults.push(Diagnostic::new(&api::NOT_SET, message).at(own.place.clone()));
        }
        text = text.replace(&format!("{{{key}}}"), value);
    }
    for key in own.set.keys().filter(|key| !needs.contains_key(*key)) {
        let known: Vec<&str> = needs.keys().map(String::as_str).collect();
        let fault = Diagnostic::new(&codes::UNKNOWN_KEY, format!("{shown} asks for no {key:?}"));
        let fault = fault.at(own.place.clone()).expected(format!("one of {}", known.join(", ")));
        faults.push(match nearest(key, known) {
            Some(near) => fault.hint(format!("did you mean {near:?}?")),
            None => fault,
        });
    }
    if faults.is_empty() { Ok(text) } else { Err(faults) }
}

fn poll(root: &Table, name: &str, own: &Own, home: &Path) -> Option<Poll> {
    for known in ["needs", "usual", "title", "docs"] {
        root.optional(known);
    }
    let base = base(root, own);
    let auth_table = root.optional("auth").table();
    let (auth, refused) = match &auth_table {
        Some(table) => auth::read(table, home, own.allow_http),
        None => (Some(super::Auth::None), Vec::new()),
    };
    let request = root.required("request", r#"[request]"#).table();
    let pages_table = root.optional("pages").table();
    let items_table = root.required("items", "[items]").table();
    let list = request.as_ref().and_then(|table| asking(table, pages_table.as_ref()));
    let since = root.optional("since").table().and_then(|table| since(&table, own));
    let list_at = items_table.as_ref().map(|table| table.optional("list").parse(pointer));
    let may_lack = items_table.as_ref().and_then(|table| table.optional("may_lack").boolean()).unwrap_or(false);
    let items = items_table.as_ref().and_then(items);
    let details: Vec<Option<Detail>> = root.optional("detail").tables().iter().map(detail).collect();
    let rate = root.optional("rate").table().map(|table| rate(&table)).unwrap_or_default();
    let fault = root.optional("fault").table().and_then(|table| {
        let at = table.required("at", r#"at = "/errors""#).parse(pointer);
        let throttled = table.optional("throttled").text().map(|word| word.value.to_owned());
        table.finish();
        Some(Fault { at: at?.value, throttled })
    });
    let limits = root.optional("limits").table();
    let limit = |key| limits.as_ref().map(|table: &Table| table.optional(key));
    let max_answer = limit("answer").and_then(|entry| entry.parse(size::parse)).map_or(MAX_ANSWER, |size| size.value);
    let max_pages = limit("pages").and_then(|entry| entry.integer(1..=1_000_000)).unwrap_or(MAX_PAGES);
    limits.iter().for_each(Table::finish);
    let timeout = root.optional("timeout").duration();
    let every = root.optional("every").duration();
    let hosts = root.optional("hosts").parse_each(|text| Ok(text.to_owned()));
    root.finish();
    let mut list = list?;
    list.may_lack_list = may_lack;
    list.list = Some(list_at.flatten().map(|at| at.value).unwrap_or_default());
    Some(Poll {
        name: name.to_owned(),
        every: own.every.or(every).unwrap_or(EVERY),
        timeout: own.timeout.or(timeout).unwrap_or(TIMEOUT),
        base: base?,
        allow_http: own.allow_http,
        hosts: hosts.into_iter().map(|host| host.value).chain(own.hosts.iter().cloned()).collect(),
        auth: auth?,
        refused: if refused.is_empty() { vec![401] } else { refused },
        list,
        since,
        items: items?,
        details: details.into_iter().collect::<Option<Vec<_>>>()?,
        rate,
        fault,
        max_answer,
        max_pages,
    })
}

fn base(root: &Table, own: &Own) -> Option<String> {
    let entry = root.required("base", r#"base = "https://api.example.com/v1""#);
    let written = entry.text()?;
    let (text, place) = match &own.base {
        Some(base) => (base.as_str(), own.place.clone()),
        None => (written.value, written.place),
    };
    match url(text, own.allow_http) {
        Ok(base) => Some(base.trim_end_matches('/').to_owned()),
        Err(fault) => {
            root.source.report(fault.at(place));
            None
        }
    }
}

/// A URL that may be asked: https, or http where that is allowed.
pub(super) fn url(text: &str, allow_http: bool) -> Result<String, Diagnostic> {
    let fault = |why: &str| {
        let fault = Diagnostic::new(&api::URL, format!("{text:?} cannot be asked: {why}"));
        fault.expected("a URL such as \"https://api.example.com/v1\"").found(text)
    };
    let rest = match text.split_once("://") {
        Some(("https", rest)) => rest,
        Some(("http", rest)) if allow_http => rest,
        Some(("http", _)) => {
            let fault = fault("it is not https");
            return Err(fault.hint("allow_http = true in poll allows it, for a machine of your own"));
        }
        _ => return Err(fault("it does not begin with https://")),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.contains(['@', ' ', '{', '}']) {
        return Err(fault("it names no host"));
    }
    Ok(text.to_owned())
}

fn asking(table: &Table, pages_table: Option<&Table>) -> Option<Asking> {
    let method =
        table.optional("method").parse(|text| choice(text, "method", &[("GET", Method::Get), ("POST", Method::Post)]));
    let path = table.required("path", r#"path = "/orders.json""#).parse(words);
    let query = templates(&table.optional("query"));
    let headers = templates(&table.optional("headers"));
    let body = table.optional("body").parse(|text| template(text, For::Body)).map(|body| body.value);
    table.finish();
    let pages = match pages_table {
        Some(table) => pages(table)?,
        None => Pages { by: By::None, size: 0, with_cursor: None, more: None, total: None, end: Vec::new() },
    };
    let method = method.map_or(Method::Get, |method| method.value);
    Some(Asking { method, path: path?.value, query, headers, body, list: None, may_lack_list: false, pages })
}

pub(super) fn templates(entry: &Entry) -> Vec<(String, Template)> {
    let Some(table) = entry.table() else { return Vec::new() };
    let mut all = Vec::new();
    for (key, text) in table.texts() {
        match words(text.value) {
            Ok(template) => all.push((key, template)),
            Err(fault) => table.source.report(fault.at(text.place)),
        }
    }
    all
}

fn words(text: &str) -> Result<Template, Diagnostic> {
    template(text, For::Words)
}

fn template(text: &str, purpose: For) -> Result<Template, Diagnostic> {
    Template::parse(text, purpose).map_err(|gap| {
        let fault = Diagnostic::new(&api::TEMPLATE, format!("nobody fills {gap}"));
        let known = super::template::FIELDS.map(|field| format!("{{{field}}}"));
        fault.expected(format!("{}, or a pointer such as {{/id}}", known.join(" "))).found(text)
    })
}

/// A JSON pointer (RFC 6901); empty for the whole.
fn pointer(text: &str) -> Result<String, Diagnostic> {
    if text == "." {
        return Ok(String::new());
    }
    if !text.starts_with('/') {
        let fault = Diagnostic::new(&api::POINTER, format!("{text:?} is no JSON pointer"));
        return Err(fault.expected("a text such as \"/orders\", or \".\" for the whole answer").found(text));
    }
    Ok(text.to_owned())
}

fn spot(text: &str) -> Result<Spot, Diagnostic> {
    Ok(if text.starts_with('/') { Spot::Body(text.to_owned()) } else { Spot::Header(text.to_owned()) })
}

#[derive(Clone, Copy)]
enum ByWord {
    None,
    Number,
    Offset,
    Cursor,
    LastId,
    Link,
    Url,
    Query,
}

const BY: [(&str, ByWord); 8] = [
    ("none", ByWord::None),
    ("number", ByWord::Number),
    ("offset", ByWord::Offset),
    ("cursor", ByWord::Cursor),
    ("last id", ByWord::LastId),
    ("link", ByWord::Link),
    ("url", ByWord::Url),
    ("query", ByWord::Query),
];

fn pages(table: &Table) -> Option<Pages> {
    let by = table.required("by", r#"by = "link""#).parse(|text| choice(text, "way from page to page", &BY));
    let first = table.optional("first").integer(0..=1_000_000);
    let size = table.optional("size").integer(1..=1_000_000).unwrap_or(0);
    let next = match by.as_ref().map(|by| by.value) {
        Some(ByWord::Cursor | ByWord::Url | ByWord::Query) => table.required("next", r#"next = "/next""#),
        _ => table.optional("next"),
    };
    let next = next.parse(pointer).map(|next| next.value);
    let more = table.optional("more").parse(pointer).map(|more| more.value);
    let pages = table.optional("pages").parse(spot).map(|spot| Total::Pages(spot.value));
    let total = table.optional("total").parse(spot).map(|spot| Total::Items(spot.value));
    let with_cursor = table.optional("with_cursor");
    let kept = with_cursor.parse_each(|text| Ok(text.to_owned())).into_iter().map(|key| key.value).collect();
    let with_cursor = with_cursor.is_given().then_some(kept);
    let end = table.optional("end").parse_each(|text| {
        text.parse::<u16>().map_err(|_| Diagnostic::new(&codes::UNKNOWN_WORD, "that is no status").expected("\"404\""))
    });
    table.finish();
    let by = match by?.value {
        ByWord::None => By::None,
        ByWord::Number => By::Number(first.unwrap_or(1)),
        ByWord::Offset => By::Offset(first.unwrap_or(0)),
        ByWord::Cursor => By::Cursor(next?),
        ByWord::LastId => By::LastId,
        ByWord::Link => By::Link,
        ByWord::Url => By::Url(next?),
        ByWord::Query => By::Query(next?),
    };
    let end = end.into_iter().map(|status| status.value).collect();
    Some(Pages { by, size, with_cursor, more, total: pages.or(total), end })
}

fn since(table: &Table, own: &Own) -> Option<Since> {
    let field = table.required("field", r#"field = "/updated_at""#).parse(pointer);
    let format = table.optional("format").parse(|text| {
        Ok(match text {
            "iso" => TimeFormat::Iso,
            "seconds" => TimeFormat::Seconds,
            "milliseconds" => TimeFormat::Milliseconds,
            "number" => TimeFormat::Number,
            "date" => TimeFormat::Pattern("%Y-%m-%d".to_owned()),
            pattern if pattern.contains('%') => TimeFormat::Pattern(pattern.to_owned()),
            _ => {
                let fault = Diagnostic::new(&codes::UNKNOWN_WORD, format!("{text:?} is no way to write a time"));
                let expected =
                    "iso, seconds, milliseconds, date, number, or strftime directives such as \"%Y-%m-%d %H:%M\"";
                return Err(fault.expected(expected).found(text));
            }
        })
    });
    let zone = table.optional("zone").parse(us::zone).map_or(TimeZone::UTC, |zone| zone.value);
    let overlap = table.optional("overlap").duration();
    let look_back = table.optional("look_back").duration();
    let lag = table.optional("lag").duration().unwrap_or_default();
    table.finish();
    Some(Since {
        field: field?.value,
        format: format.map_or(TimeFormat::Iso, |format| format.value),
        zone,
        overlap: own.overlap.or(overlap).unwrap_or(OVERLAP),
        look_back: own.look_back.or(look_back).unwrap_or(LOOK_BACK),
        lag,
    })
}

fn items(table: &Table) -> Option<Items> {
    let inside = table.optional("inside").parse(pointer).map(|inside| inside.value).unwrap_or_default();
    let id = table.required("id", r#"id = "/id""#).parse(pointer);
    let version = table.optional("version").parse(pointer).map(|version| version.value);
    let name = table.required("name", r#"name = "order_{id}.json""#).parse(words);
    table.finish();
    Some(Items { inside, id: id?.value, version, name: name?.value })
}

fn detail(table: &Table) -> Option<Detail> {
    let into = table.optional("into").text().map(|into| into.value.to_owned());
    let signed = table.optional("signed").boolean().unwrap_or(true);
    let is_file = table.optional("file").boolean().unwrap_or(false);
    let packed = table.optional("packed").parse(pointer).map(|packed| packed.value);
    let list = table.optional("list").parse(pointer).map(|list| list.value);
    let pages = table.optional("pages").table();
    let mut ask = asking(table, pages.as_ref())?;
    ask.list = list;
    Some(Detail { ask, into, signed, is_file, packed })
}

fn rate(table: &Table) -> Rate {
    let interval = table.optional("interval").duration().unwrap_or_default();
    let remaining = table.optional("remaining").text().map(|header| header.value.to_owned());
    let reserve = table.optional("reserve").integer(0..=1_000_000).unwrap_or(1);
    let reset = table.optional("reset").text().map(|header| header.value.to_owned());
    let units = [("seconds", ResetIn::Seconds), ("milliseconds", ResetIn::Milliseconds), ("epoch", ResetIn::Epoch)];
    let unit = table.optional("reset_in").parse(|text| choice(text, "unit of a reset header", &units));
    table.finish();
    let unit = unit.map_or(ResetIn::Seconds, |unit| unit.value);
    Rate { interval, remaining, reserve, reset: reset.map(|header| (header, unit)) }
}
