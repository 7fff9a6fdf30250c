//! `edigate trace`: everything known about one number, in order, with the order's matrix.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::json;

use super::clock::{Shown, clock_table, shown};
use super::ladder::ladder_table;
use super::ledger::open;
use super::paint::Paint;
use super::table::{Align, bold_table};
use super::{Exit, Failure, output};
use crate::config::Config;
use crate::config::partner::{Partner, PartnerId};
use crate::ledger::event::Event;
use crate::ledger::ladder::Ladder;
use crate::ledger::trace::Trace;
use crate::ledger::{Error, Ledger};
use crate::reconcile::matrix::{Matrix, Stage};
use crate::reconcile::story::{Story, columns, story};

/// Everything known about a PO, invoice, shipment, control number or file, in order
///
/// Tells the story of a purchase order, invoice, shipment, control number or file: what came in and went out, what was
/// acknowledged, what is wrong; and, for an order, its matrix: ordered, confirmed, shipped, invoiced, by line and in money.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate trace 4500012345\n  edigate trace INV-20306\n  edigate trace 850_101.edi\n\
    Exit codes: 0 found · 1 nothing is known of it · 2 could not run"
)]
pub struct Args {
    /// A PO, invoice, shipment or control number, a file name, or an id
    #[arg(value_name = "KEY")]
    key: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Tells the story.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let (config, ledger) = open(config)?;
    let failed = |error: Error| Failure::new(error.to_string());
    let trace = ledger.read(|tx| tx.trace(&args.key)).map_err(failed)?;
    let mut stories = Vec::new();
    for (partner, po_number) in &trace.orders {
        stories.extend(story(&ledger, &config, partner, po_number).map_err(failed)?);
    }
    if args.json {
        let matrices: Vec<_> =
            stories.iter().map(|story| json!({ "partner": story.partner, "matrix": story.matrix })).collect();
        let ladders = ledger.read(|tx| tx.ladders_of_orders(&trace.orders)).map_err(failed)?;
        let clocks = clocks(&config, &ledger, &trace).map_err(failed)?;
        output::json(&json!({
            "key": args.key,
            "orders": matrices,
            "ladders": ladders,
            "clocks": clocks,
            "events": trace.events,
        }))?;
    }
    if trace.is_empty() {
        output::talk(format!("nothing is known of {:?}", args.key));
        output::talk(
            "hint: it may be a PO, invoice, shipment or control number, a file name, or an id from `edigate ledger`",
        );
        return Ok(Exit::Findings);
    }
    if !args.json {
        let ladders = ledger.read(|tx| tx.ladders_of_orders(&trace.orders)).map_err(failed)?;
        let clocks = clocks(&config, &ledger, &trace).map_err(failed)?;
        output::text(told(&config, &stories, &trace, &ladders, &clocks))?;
    }
    Ok(Exit::Fine)
}

/// How the rules of partners stand that are about the orders and their documents.
fn clocks(config: &Config, ledger: &Ledger, trace: &Trace) -> Result<Vec<Shown>, Error> {
    let mut clocks = Vec::new();
    for (partner, po_number) in &trace.orders {
        clocks.extend(ledger.read(|tx| tx.clocks_about(partner, po_number))?);
    }
    // A shipment of several orders has one of each rule.
    let mut seen = BTreeSet::new();
    clocks.retain(|clock| seen.insert(clock.id.clone()));
    Ok(shown(config, clocks, Timestamp::now()))
}

fn told(config: &Config, stories: &[Story], trace: &Trace, ladders: &[Ladder], clocks: &[Shown]) -> String {
    let paint = Paint::for_stdout();
    let mut text: String = stories.iter().map(|story| format!("{}\n", paint.bold(&headline(config, story)))).collect();
    let zone = trace.orders.first().map_or_else(|| config.us.zone.clone(), |(partner, _)| zone_of(config, partner));
    text.push_str(&timeline(&trace.events, &zone, paint));
    if !ladders.is_empty() {
        text.push_str(&format!("\n{}", ladder_table(ladders, &zone, paint)));
    }
    if !clocks.is_empty() {
        text.push_str(&format!("\n{}", clock_table(config, clocks, paint)));
    }
    for story in stories {
        text.push_str(&format!("\n{}", matrix_table(&story.matrix, paint)));
    }
    text
}

fn partner_of<'c>(config: &'c Config, partner: &str) -> Option<&'c Partner> {
    PartnerId::parse(partner).ok().and_then(|id| config.partners.get(&id))
}

/// `MegaMart Stores PO 4500012345 · 2 lines · 152.64 USD · shipped 30 of 36`.
pub fn headline(config: &Config, story: &Story) -> String {
    let name = partner_of(config, &story.partner).map_or(story.partner.as_str(), |partner| partner.name.as_str());
    let sum = |stage: Stage| -> Decimal { story.matrix.lines.iter().map(|line| line.quantity[stage]).sum() };
    let lines = super::lint::plural(story.matrix.lines.len(), "line");
    let currency = story.matrix.currency.as_deref().unwrap_or("");
    let money = format!("{:.2} {currency}", story.matrix.total.changed);
    let shipped = format!("shipped {} of {}", sum(Stage::Shipped).normalize(), sum(Stage::Changed).normalize());
    format!("{name} PO {} · {lines} · {} · {shipped}", story.matrix.po_number, money.trim_end())
}

/// The zone of a partner, ours where it is none of the configuration's.
pub fn zone_of(config: &Config, partner: &str) -> TimeZone {
    partner_of(config, partner).map_or_else(|| config.us.zone.clone(), |partner| partner.zone.clone())
}

/// One line per event, all in one zone, so that they can be compared.
pub fn timeline(events: &[Event], zone: &TimeZone, paint: Paint) -> String {
    let mut text = String::new();
    for event in events {
        let at = zone.to_datetime(event.at).strftime("%b %d %H:%M:%S").to_string();
        let line = match event.kind.as_str() {
            "quarantined" | "overdue" | "parked" => paint.red(&event.text),
            "acknowledgment_received" if event.text.contains("REJECTED") => paint.red(&event.text),
            "acknowledgment_received" => paint.green(&event.text),
            "clock" if event.data["state"] == "broken" => paint.red(&event.text),
            "clock" if event.data["state"] == "met" => paint.green(&event.text),
            "clock" | "finding" | "delivery_failed" | "duplicate" | "fault" => paint.yellow(&event.text),
            _ => event.text.clone(),
        };
        text.push_str(&format!("  {}  {line}\n", paint.dim(&at)));
    }
    text
}

/// The matrix, in quantities and in money.
pub fn matrix_table(matrix: &Matrix, paint: Paint) -> String {
    let shown = columns(matrix);
    let words = ["line", "item", "description", "unit"].map(|word| (word, Align::Left));
    let heading: Vec<(&str, Align)> =
        words.into_iter().chain(shown.iter().map(|(name, _)| (*name, Align::Right))).collect();
    let mut rows: Vec<Vec<String>> = matrix
        .lines
        .iter()
        .map(|line| {
            let words =
                [line.line.clone(), line.item.clone(), line.description.clone().unwrap_or_default(), line.unit.clone()];
            let figures = shown.iter().map(|(_, stage)| line.quantity[*stage].normalize().to_string());
            words.into_iter().chain(figures).collect()
        })
        .collect();
    let currency = matrix.currency.clone().unwrap_or_default();
    let words = ["total".to_owned(), String::new(), String::new(), currency];
    let figures = shown.iter().map(|(_, stage)| format!("{:.2}", matrix.total[*stage]));
    rows.push(words.into_iter().chain(figures).collect());
    let (first, rest) = bold_table(&heading, &rows, paint);
    let strays: String = matrix.strays.iter().map(|stray| format!("{}\n", paint.yellow(&stray.to_string()))).collect();
    first + &rest + &strays
}
