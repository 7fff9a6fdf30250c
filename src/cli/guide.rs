//! `edigate guide`: what the standard says about a transaction set, as a person reads it, and what a later version changed.
//!
//! ```text
//! guide show 850        segment   use  max     what it is
//!                       PO1 loop  M    100000  ordered line
//!                         PO1     M    1       ordered line
//! guide show 850 PO1    PO104     O    R  1-17  212  unit price, and the conditions and codes in words
//! guide diff A B        N9/MSG    gone
//! ```

mod differences;
mod segment;
mod narrowed;

use std::path::Path;

use serde_json::{Value, json};

use super::paint::Paint;
use super::rules::Rules;
use super::table::{Align, bold_table};
use super::{Exit, Failure, output};
use crate::x12::guide::{Content, Guide, Library, Place};

/// What the standard says about a transaction set, and what differs between two versions
///
/// These are the guides that `edigate lint` and the daemon check by. Needs no configuration and no ledger. With --config, or
/// with --partner, they are those of that configuration, with the partner's overlays.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate guide list\n  edigate guide show 850\n  edigate guide show 850 PO1 --version 005010\n  \
    edigate guide diff 850@004010 850@005010\n  edigate guide show 850 --version 004010 --partner megamart\n\
    Exit codes: 0 shown · 2 could not run, or there is no such guide or segment"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// The guides of this partner, its overlays included
    #[arg(long, global = true, value_name = "PARTNER")]
    partner: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    List(List),
    Show(Show),
    Diff(Diff),
}

/// The transaction sets and versions that have a guide
#[derive(Debug, clap::Args)]
struct List {
    /// One JSON array
    #[arg(long)]
    json: bool,
}

/// The segments of a set in their order, or the elements of one segment with their conditions and codes
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate guide show 850\n  edigate guide show 940@005010 W01\n\
    M is mandatory, O optional; what stands in a loop is mandatory when the loop is there.")]
struct Show {
    /// The transaction set, such as 850 or 850@005010
    #[arg(value_name = "SET")]
    set: String,
    /// One segment of it, such as PO1
    #[arg(value_name = "SEGMENT")]
    tag: Option<String>,
    /// The version; industry suffixes as in GS08 are understood [default: 004010, or the first that has the set]
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// One segment of it, as the second argument
    #[arg(long, value_name = "SEGMENT", conflicts_with = "tag")]
    segment: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What differs between two guides: places, elements, conditions and codes, in words
#[derive(Debug, clap::Args)]
struct Diff {
    /// A set at a version, such as 850@004010
    #[arg(value_name = "SET@VERSION")]
    from: String,
    /// The one it is compared with, such as 850@005010
    #[arg(value_name = "SET@VERSION")]
    to: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let rules = Rules::of(args.partner.as_deref(), config)?;
    let library = rules.own_library();
    match &args.what {
        What::List(args) => list(library, args.json)?,
        What::Show(args) => show(library, args)?,
        What::Diff(args) => {
            let (from, to) = (named(library, &args.from, None)?, named(library, &args.to, None)?);
            let differences = differences::between(from, to);
            match args.json {
                true => output::json(&differences.as_json())?,
                false => output::text(differences.as_text(Paint::for_stdout()))?,
            }
        }
    }
    Ok(Exit::Fine)
}

/// The guide of `850` or `850@005010`.
fn named(library: &Library, name: &str, version: Option<&str>) -> Result<&'static Guide, Failure> {
    let (set, version) = match name.split_once('@') {
        Some((set, own)) if version.is_none_or(|version| version == own) => (set, Some(own)),
        Some(_) => return Err(Failure::new(format!("{name:?} names another version than --version"))),
        None => (name, version),
    };
    let versions: Vec<&str> =
        library.list().into_iter().filter(|(id, _)| *id == set).map(|(_, version)| version).collect();
    let Some(first) = versions.first() else {
        return Err(
            Failure::new(format!("there is no guide for {set:?}")).hint("`edigate guide list` shows which there are")
        );
    };
    let version = version.unwrap_or(first);
    library.find(set, version).ok_or_else(|| {
        Failure::new(format!("there is no guide for {set} at {version}"))
            .hint(format!("there is one at {}", versions.join(", ")))
    })
}

fn list(library: &Library, as_json: bool) -> Result<(), Failure> {
    let mut sets: Vec<(&Guide, Vec<&str>)> = Vec::new();
    for (set, version) in library.list() {
        match sets.iter_mut().find(|(guide, _)| guide.set == set) {
            Some((_, versions)) => versions.push(version),
            None => sets.extend(library.find(set, version).map(|guide| (guide, vec![version]))),
        }
    }
    if as_json {
        let all: Vec<Value> = sets
            .iter()
            .map(|(guide, versions)| {
                json!({ "set": guide.set, "name": guide.name, "group": guide.functional_id, "versions": versions })
            })
            .collect();
        return output::json(&all);
    }
    let heading = ["set", "name", "group", "versions"].map(|title| (title, Align::Left));
    let row = |(guide, versions): &(&Guide, Vec<&str>)| {
        let cells = [guide.set, guide.name, guide.functional_id];
        cells.map(str::to_owned).into_iter().chain([versions.join(", ")]).collect()
    };
    tabled("", &heading, &sets.iter().map(row).collect::<Vec<_>>())
}

/// Writes a text and the table below it, its heading in bold.
fn tabled(above: &str, heading: &[(&str, Align)], rows: &[Vec<String>]) -> Result<(), Failure> {
    let (first, rest) = bold_table(heading, rows, Paint::for_stdout());
    output::text(format!("{above}{first}{rest}"))
}

fn show(library: &Library, args: &Show) -> Result<(), Failure> {
    let guide = named(library, &args.set, args.version.as_deref())?;
    if let Some(tag) = args.tag.as_ref().or(args.segment.as_ref()) {
        let shown = segment::find(guide, &tag.to_uppercase())?;
        return match args.json {
            true => output::json(&segment::as_json(guide, shown)),
            false => output::text(segment::as_text(guide, shown, Paint::for_stdout())),
        };
    }
    if args.json {
        let mut value = json!({
            "set": guide.set,
            "version": guide.version,
            "name": guide.name,
            "group": guide.functional_id,
            "layer": guide.layer,
            "places": places_as_json(guide, &guide.content),
        });
        if let Some(overlay) = &guide.overlay {
            value["overlay"] = narrowed::as_json(overlay);
        }
        return output::json(&value);
    }
    let paint = Paint::for_stdout();
    let name = paint.bold(&format!("{} {}", guide.set, guide.name));
    let above = format!("{name}, at {}, in a group {}\n", guide.version, guide.functional_id);
    let mut rows = Vec::new();
    add_rows(guide, &guide.content, 0, &mut rows);
    let Some(overlay) = &guide.overlay else {
        let heading = ["segment", "use", "max", "what it is"].map(|title| (title, Align::Left));
        rows.iter_mut().for_each(|row| row.truncate(heading.len()));
        return tabled(&format!("{above}\n"), &heading, &rows);
    };
    let heading = ["segment", "use", "max", "what it is", "rule of the partner"].map(|title| (title, Align::Left));
    tabled(&format!("{above}{}\n\n", narrowed::heading(overlay)), &heading, &rows)?;
    output::text(narrowed::as_text(guide, overlay, paint))
}

fn add_rows(guide: &Guide, content: &Content, depth: usize, rows: &mut Vec<Vec<String>>) {
    for place in guide.places[content.clone()].iter().filter(|place| narrowed::is_used(place)) {
        let word = if place.content.is_some() { " loop" } else { "" };
        let segment = format!("{:indent$}{}{word}", "", place.id, indent = depth * 2);
        let (used, max) = (letter(place.mandatory).to_owned(), max_in_words(place));
        rows.push(vec![segment, used, max, place.name.to_owned(), narrowed::of_place(place)]);
        if let Some(content) = &place.content {
            add_rows(guide, content, depth + 1, rows);
        }
    }
}

fn places_as_json(guide: &Guide, content: &Content) -> Vec<Value> {
    let as_json = |place: &Place| {
        let mut value = json!({
            "segment": place.id,
            "name": place.name,
            "mandatory": place.mandatory,
            "max": (place.max != u32::MAX).then_some(place.max),
        });
        if !narrowed::is_used(place) {
            value["used"] = false.into();
        }
        if let Some(content) = &place.content {
            value["loop"] = places_as_json(guide, content).into();
        }
        value
    };
    guide.places[content.clone()].iter().map(as_json).collect()
}

/// How the standard writes it.
fn letter(mandatory: bool) -> &'static str {
    if mandatory { "M" } else { "O" }
}

/// `25`, or `>1` for any number.
fn max_in_words(place: &Place) -> String {
    if place.max == u32::MAX { ">1".to_owned() } else { place.max.to_string() }
}
