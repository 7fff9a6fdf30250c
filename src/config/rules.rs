//! The `[[document]]` tables of a partner: what it sends us and what we send it.
//!
//! ```toml
//! [[document]]
//! receive = "850"            # X12: by the number of its transaction set
//! to      = "erp"
//! [[document]]
//! receive = "shipment"       # everything else: by its own name, with a map or as canonical JSON
//! map     = "shipment.map.toml"
//! match   = "ship*.csv"
//! ```

use jiff::tz::TimeZone;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::batch;
use super::endpoints::{self, Declared};
use super::file_name::{self, Carries};
use super::map::Map;
use super::partner::{Expected, PartnerId, ReceiveFormat, ReceiveRule, SendFormat, SendRule};
use super::pattern;
use super::poll::presets;
use super::reader::{At, Entry, Source, Table, cannot_read, choice, meant};
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Diagnostic, Place, Spot};
use crate::document::Kind;
use crate::x12::acknowledgment::AnswerKind;
use crate::x12::guide;

/// What a rule is read with.
pub(crate) struct Context<'c> {
    /// The partner's folder, as people would write it.
    pub folder: &'c Path,
    /// Its endpoints.
    pub endpoints: &'c [Declared],
    /// The zone of its clocks.
    pub zone: &'c TimeZone,
    /// Whether it has an `[x12]` table.
    pub speaks_x12: bool,
}

/// The rules as far as they could be read, with what other partners' files must agree to.
#[derive(Default)]
pub(crate) struct Rules {
    pub receives: Vec<ReceiveRule>,
    pub sends: Vec<SendRule>,
    pub routes: Vec<Route>,
    /// Kinds that are sent to this partner, also by rules with faults.
    pub sent: Vec<Kind>,
    /// False when the kind of a rule could not be read.
    pub complete: bool,
}

/// Where a received kind goes, as written.
pub(crate) struct Route {
    pub kind: Kind,
    pub to: Vec<At<String>>,
}

/// Reads every rule.
pub(crate) fn read(root: &Table, context: &Context) -> Rules {
    let mut rules = Rules { complete: true, ..Rules::default() };
    let mut readers: Vec<(ReceiveRule, Place)> = Vec::new();
    for table in root.optional("document").tables() {
        match (table.has("receive"), table.has("send")) {
            (true, false) => {
                let Some(rule) = receive(&table, context, &mut rules) else { continue };
                report_shared_files(table.source, &readers, &rule, &table.place);
                readers.push((rule, table.place));
            }
            (false, true) => {
                let rule = send(&table, context, &mut rules);
                rules.sends.extend(rule);
            }
            (both, _) => {
                let message = if both { "a rule both receives and sends" } else { "a rule neither receives nor sends" };
                let fault = Diagnostic::new(&codes::DIRECTION, message).at(table.place.clone());
                table.source.report(fault.expected("receive = \"…\" or send = \"…\""));
                rules.complete = false;
            }
        }
    }
    rules.receives = readers.into_iter().map(|(rule, _)| rule).collect();
    rules
}

fn receive(table: &Table, context: &Context, rules: &mut Rules) -> Option<ReceiveRule> {
    let Some(named) = table.optional("receive").parse(document) else {
        rules.complete = false;
        return None;
    };
    let Named { kind, is_x12 } = named.value;
    // An answer goes to the retailer whose order it answers, and the books may be all that a payment is for; what is ordered must be
    // told where to go.
    let to = match kind.orders() {
        true => table.required("to", r#"to = "erp""#),
        false => table.optional("to"),
    };
    let to = to.parse_each(|text| Ok(text.to_owned()));
    let ids = to.iter().filter_map(|partner| PartnerId::parse(&partner.value).ok()).collect();
    rules.routes.push(Route { kind, to });
    let format = if is_x12 {
        require_x12(table, context, named.place);
        Some(ReceiveFormat::X12)
    } else {
        let format = mapped_or_json(table, context, kind);
        let matching = table.optional("match").parse(endpoints::name_pattern);
        let matching = matching.map_or_else(|| "*".to_owned(), |name| name.value);
        format.map(|format| match format {
            SendFormat::Mapped(map) => ReceiveFormat::Mapped { map, matching },
            SendFormat::X12 | SendFormat::Canonical => ReceiveFormat::Canonical { matching },
        })
    };
    table.finish();
    Some(ReceiveRule { kind, format: format?, to: ids })
}

fn send(table: &Table, context: &Context, rules: &mut Rules) -> Option<SendRule> {
    let Some(named) = table.optional("send").parse(written_document) else {
        rules.complete = false;
        return None;
    };
    let Named { kind, is_x12 } = named.value;
    rules.sent.push(kind);
    let via = endpoints::via(table, context.endpoints);
    let name = table.optional("name").parse(|text| file_name::check(text).map(|()| text.to_owned()));
    let (format, expect) = if is_x12 {
        require_x12(table, context, named.place);
        let expect = table.optional("expect").table();
        (Some(SendFormat::X12), expect.map(|expect| expected(&expect)).unwrap_or_default())
    } else {
        (mapped_or_json(table, context, kind), Expected::default())
    };
    let batch_entry = table.optional("batch");
    let batch = batch_entry.table().and_then(|table| batch::read(&table, context.zone));
    if batch_entry.is_given() && !is_x12 {
        let fault = Diagnostic::new(&codes::BATCH, "only X12 documents are collected into one file");
        table.source.report(fault.at(table.place.clone()).hint("delete batch; each document has a file of its own"));
    }
    let name_is_faulty = table.has("name") && name.is_none();
    table.finish();
    let via = via?;
    if let (Some(drop_off), false) = (&via.drop_off, name_is_faulty) {
        let template = name.as_ref().map_or(drop_off.name.as_str(), |name| &name.value);
        let place = name.as_ref().map_or(&table.place, |name| &name.place);
        let carries = match (is_x12, batch_entry.is_given()) {
            (true, false) => Carries::X12,
            (true, true) => Carries::Batch,
            (false, _) => Carries::Other,
        };
        if let Err(fault) = file_name::check_for(template, carries) {
            table.source.report(fault.at(place.clone()));
        }
    }
    let name = name.map(|name| name.value);
    Some(SendRule { kind, format: format?, via: via.name.clone(), name, expect, batch })
}

/// Which answers are expected, and how long after delivery.
fn expected(expect: &Table) -> Expected {
    let of = |kind: AnswerKind| Some((kind, expect.optional(kind.set_id()).duration()?));
    let (functional, implementation) = (of(AnswerKind::Functional), of(AnswerKind::Implementation));
    let (interchange, application) = (expect.optional("TA1").duration(), expect.optional("824").duration());
    expect.finish();
    if functional.is_some() && implementation.is_some() {
        let fault = Diagnostic::new(&codes::UNKNOWN_WORD, "a group is answered by a 997 or by a 999, not by both");
        expect.source.report(fault.at(expect.place.clone()).hint("delete the one that the partner does not send"));
    }
    Expected { functional: functional.or(implementation), interchange, application }
}

/// A document as a rule names it.
#[derive(Clone, Copy)]
struct Named {
    kind: Kind,
    /// It was named by the number of its transaction set.
    is_x12: bool,
}

fn document(text: &str) -> Result<Named, Diagnostic> {
    let by_set = Kind::ALL.into_iter().filter_map(|kind| Some((kind.transaction_set()?, Named { kind, is_x12: true })));
    let by_name = Kind::ALL.map(|kind| (kind.name(), Named { kind, is_x12: false }));
    let words: Vec<(&'static str, Named)> = by_set.chain(by_name).collect();
    choice(text, "document that edigate knows", &words).map_err(|fault| match text {
        "997" | "999" | "TA1" => fault.hint("acknowledgments need no rule: they are set up by acknowledge and expect"),
        _ if guide::nearest(text).is_some() => {
            fault.hint(format!("{text} is checked against the standard, but edigate has no document for it"))
        }
        _ => fault,
    })
}

/// A document that can go out: a set that is only read is no way to send it.
fn written_document(text: &str) -> Result<Named, Diagnostic> {
    let named = document(text)?;
    if named.is_x12 && !named.kind.is_written_as_x12() {
        let kind = named.kind;
        let fault = Diagnostic::new(&codes::UNKNOWN_WORD, format!("edigate reads {text} and does not write it"));
        return Err(fault
            .expected(format!("\"{kind}\""))
            .hint(format!("send = \"{kind}\" with a map, or as = \"json\"")));
    }
    Ok(named)
}

fn require_x12(table: &Table, context: &Context, place: Place) {
    if !context.speaks_x12 {
        let message = "an X12 document, and the file has no [x12] table";
        table.source.report(Diagnostic::new(&codes::NO_X12, message).at(place));
    }
}

/// `map = "…"` or `as = "json"`.
fn mapped_or_json(table: &Table, context: &Context, kind: Kind) -> Option<SendFormat> {
    if table.has("as") && !table.has("map") {
        table.optional("map");
        let json = table.optional("as").parse(|text| choice(text, "format", &[("json", ())]));
        return json.map(|_| SendFormat::Canonical);
    }
    let example = format!(r#"map = "{kind}.map.toml", or as = "json""#);
    map(table, &table.required("map", &example), context, kind).map(SendFormat::Mapped)
}

fn map(table: &Table, entry: &Entry, context: &Context, kind: Kind) -> Option<Map> {
    let name = entry.text()?;
    if let Some(preset) = name.value.strip_prefix("preset:") {
        return map_of_preset(table, preset, name.place, kind);
    }
    let file = context.folder.join(name.value);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = format!("there is no map file {}", file.display());
            let fault = Diagnostic::new(&codes::NO_MAP, message).at(name.place);
            let beside = maps_beside(context.folder);
            table.source.report(meant(fault, name.value, beside.iter().map(String::as_str)));
            return None;
        }
        Err(error) => {
            table.source.report(Diagnostic::new(&codes::UNREADABLE, cannot_read(&file, &error)).at(name.place));
            return None;
        }
    };
    read_map(table, &file, &text, name.place, kind)
}

fn read_map(table: &Table, file: &Path, text: &str, place: Place, kind: Kind) -> Option<Map> {
    match Map::read(file, text) {
        Ok(map) if map.kind == kind => Some(map),
        Ok(map) => {
            let message = format!("{} is a map for {}, not for {kind}", file.display(), map.kind);
            table.source.report(Diagnostic::new(&codes::MAP_KIND, message).at(place));
            None
        }
        Err(faults) => {
            faults.into_iter().for_each(|fault| table.source.report(fault));
            None
        }
    }
}

/// `map = "preset:shopify-orders"`: the map that comes with the preset of an API.
fn map_of_preset(table: &Table, name: &str, place: Place, kind: Kind) -> Option<Map> {
    let Some(preset) = presets::find(name) else {
        let fault = Diagnostic::new(&codes::NO_MAP, format!("there is no preset {name:?}")).at(place);
        table.source.report(meant(fault, name, presets::ALL.iter().map(|preset| preset.name)));
        return None;
    };
    read_map(table, Path::new(&format!("{name}.map.toml (preset)")), preset.map, place, kind)
}

/// The names of the maps in a folder, for "did you mean …".
fn maps_beside(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut maps: Vec<String> = names.filter(|name| name.ends_with(".map.toml")).collect();
    maps.sort();
    maps
}

/// Reports earlier rules that would read the same files as this one.
fn report_shared_files(source: &Source, earlier: &[(ReceiveRule, Place)], rule: &ReceiveRule, place: &Place) {
    for (other, other_place) in earlier {
        let Some(what) = shared_file(other, rule) else { continue };
        let line = match other_place.spot {
            Spot::Line { line, .. } => line,
            _ => 0,
        };
        let message = format!("this rule and the one at line {line} would both read {what}");
        source.report(Diagnostic::new(&codes::SAME_RECEIVE, message).at(place.clone()));
    }
}

/// What two rules would both read, in words.
fn shared_file(one: &ReceiveRule, other: &ReceiveRule) -> Option<String> {
    let (left, right) = match (&one.format, &other.format) {
        (ReceiveFormat::X12, ReceiveFormat::X12) => {
            return (one.kind == other.kind).then(|| format!("every {}", one.kind.label()));
        }
        (ReceiveFormat::X12, _) | (_, ReceiveFormat::X12) => return None,
        // Canonical JSON names its kind in the file.
        (ReceiveFormat::Canonical { .. }, ReceiveFormat::Canonical { .. }) if one.kind != other.kind => return None,
        (
            ReceiveFormat::Mapped { matching: left, .. } | ReceiveFormat::Canonical { matching: left },
            ReceiveFormat::Mapped { matching: right, .. } | ReceiveFormat::Canonical { matching: right },
        ) => (left, right),
    };
    pattern::shared(left, right)
}
