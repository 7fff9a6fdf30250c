//! `edigate ledger`: the books, as rows of a table, as JSON or as CSV.

use std::path::Path;

use clap::{Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::paint::Paint;
use super::table::{Align, table};
use super::trace::zone_of;
use super::{Exit, Failure, load_config};
use crate::config::{Config, duration};
use crate::daemon::running::open_ledger;
use crate::ledger::verify::Contents;
use crate::ledger::view::{AckRow, Filter};
use crate::ledger::{Error, Ledger, Transaction};

/// Reads the books while the daemon runs. Every view shows the oldest rows first, 1000 of the newest unless --limit says more.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate ledger acks --overdue\n  edigate ledger deliveries --partner megamart --json\n  \
    edigate ledger documents --since 7d --csv > week.csv\n  edigate ledger verify\n\
    Exit codes: 0 fine · 1 the view shows something overdue, rejected or parked, or verify found a fault · 2 could not run"
)]
pub struct Args {
    #[command(subcommand)]
    view: View,
}

#[derive(Debug, Subcommand)]
enum View {
    /// What partners owe us and we owe partners in acknowledgments, and how it stands
    Acks(Rows),
    /// Orders, order acknowledgments, shipments, invoices
    Documents(Rows),
    /// What goes out: due, sent, retrying, parked (--overdue: what is not sent)
    Deliveries(Rows),
    /// Everything that is expected, with its clock
    Expectations(Rows),
    /// Disagreements that need a look
    Findings(Rows),
    /// The journal
    Events(Rows),
    /// Files that came in and went out, and what became of them
    Transmissions(Rows),
    /// Prove that no event and no archived byte was changed
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
struct Rows {
    /// Only of this partner
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// Only what is overdue (deliveries: not sent)
    #[arg(long)]
    overdue: bool,
    /// Only from a time on: a date (2026-03-01), a time (2026-03-01T09:00:00Z) or an age (24h, 7d)
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    since: Option<Timestamp>,
    /// How many rows at most, the newest ones
    #[arg(long, default_value_t = 1000, value_name = "N")]
    limit: u32,
    /// JSON, one object per line
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// CSV with a heading
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// What to hash anew
    #[arg(long, value_enum, default_value = "all")]
    what: Proof,
    /// JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Proof {
    /// The journals and the archived bytes
    All,
    /// The journals alone
    Journal,
}

fn parse_since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        return TimeZone::system().to_timestamp(date.at(0, 0, 0, 0)).map_err(|error| error.to_string());
    }
    // "24h" and "24 h" are the same age.
    let unit = text.find(|found: char| found.is_ascii_alphabetic()).unwrap_or(text.len());
    let spaced = format!("{} {}", text[..unit].trim(), &text[unit..]);
    let age = duration::parse(&spaced).map_err(|_| "expected a date, a time or an age such as 24h or 7d".to_owned())?;
    let age = SignedDuration::try_from(age).map_err(|error| error.to_string())?;
    Timestamp::now().checked_sub(age).map_err(|error| error.to_string())
}

/// Opens the ledger to read it.
pub fn open(config: Option<&Path>) -> Result<(Config, Ledger), Failure> {
    let config = load_config(config)?;
    let ledger = open_ledger(&config).map_err(|error| Failure::new(error.to_string()))?;
    Ok((config, ledger))
}

/// Shows a view.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let (config, ledger) = open(config)?;
    match &args.view {
        View::Acks(rows) => {
            let found = fetch(&ledger, rows, |tx, filter| tx.acks(filter))?;
            print_acks(&config, rows, &found)?;
            Ok(alarm(found.iter().any(|row| ["overdue", "violated"].contains(&row.state.as_str()))))
        }
        View::Expectations(rows) => {
            let found = fetch(&ledger, rows, |tx, filter| tx.expectations(filter))?;
            print_acks(&config, rows, &found)?;
            Ok(alarm(found.iter().any(|row| ["overdue", "violated"].contains(&row.state.as_str()))))
        }
        View::Documents(rows) => {
            let found = fetch(&ledger, rows, |tx, filter| tx.documents(filter))?;
            let columns = ["at", "partner", "kind", "number", "revision", "source", "file", "id"];
            print(rows, &found, &columns)?;
            Ok(Exit::Fine)
        }
        View::Deliveries(rows) => {
            let found = fetch(&ledger, rows, |tx, filter| tx.deliveries(filter))?;
            let columns = ["partner", "label", "state", "attempts", "name", "sent", "last_error", "id"];
            print(rows, &found, &columns)?;
            Ok(alarm(found.iter().any(|row| row.state == "parked")))
        }
        View::Findings(rows) => {
            let found = fetch(&ledger, rows, |tx, filter| tx.findings(filter))?;
            print(rows, &found, &["opened", "partner", "rule", "subject", "state", "detail.message"])?;
            Ok(alarm(found.iter().any(|row| row.state == "open")))
        }
        View::Events(rows) => {
            let found = fetch(&ledger, rows, |tx, filter| tx.events(filter))?;
            print(rows, &found, &["partner", "sequence", "at", "kind", "text"])?;
            Ok(Exit::Fine)
        }
        View::Transmissions(rows) => {
            let found = fetch(&ledger, rows, |tx, filter| tx.transmissions(filter))?;
            print(
                rows,
                &found,
                &["at", "direction", "partner", "name", "size", "state", "diagnostics.0.message", "id"],
            )?;
            Ok(alarm(found.iter().any(|row| row.state == "quarantined")))
        }
        View::Verify(verify) => prove(&ledger, verify),
    }
}

fn alarm(alarmed: bool) -> Exit {
    if alarmed { Exit::Findings } else { Exit::Fine }
}

fn fetch<T>(
    ledger: &Ledger,
    rows: &Rows,
    view: impl FnOnce(&mut Transaction<'_>, &Filter) -> Result<Vec<T>, Error>,
) -> Result<Vec<T>, Failure> {
    let filter =
        Filter { partner: rows.partner.clone(), since: rows.since, overdue: rows.overdue, limit: Some(rows.limit) };
    ledger.read(|tx| view(tx, &filter)).map_err(|error| Failure::new(error.to_string()))
}

fn print_acks(config: &Config, rows: &Rows, found: &[AckRow]) -> Result<(), Failure> {
    if rows.json || rows.csv {
        let columns = [
            "partner",
            "owed_by",
            "what",
            "label",
            "interchange_control_number",
            "group_control_number",
            "sent",
            "due",
            "closed",
            "state",
            "detail",
        ];
        return print(rows, found, &columns);
    }
    print!("{}", ack_table(config, found, Paint::for_stdout()));
    Ok(())
}

/// The acknowledgment ledger as a table, times in the partner's zone; colour only repeats what the words say.
pub fn ack_table(config: &Config, found: &[AckRow], paint: Paint) -> String {
    if found.is_empty() {
        return "nothing is expected from anybody\n".to_owned();
    }
    let heading = [
        ("partner", Align::Left),
        ("document", Align::Left),
        ("ISA", Align::Right),
        ("sent", Align::Left),
        ("owed", Align::Left),
        ("due", Align::Left),
        ("stands", Align::Left),
    ];
    let body: Vec<Vec<String>> = found
        .iter()
        .map(|row| {
            let detail = row.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
            let zone = zone_of(config, &row.partner);
            let owed = if row.owed_by == "us" { "by us".to_owned() } else { format!("{} by them", row.what) };
            vec![
                row.partner.clone(),
                row.label.clone(),
                row.interchange_control_number.map(|number| number.to_string()).unwrap_or_default(),
                short(row.sent, &zone),
                owed,
                short(row.due, &zone),
                format!("{}{detail}", state_in_words(&row.state)),
            ]
        })
        .collect();
    let text = table(&heading, &body);
    let mut lines = text.lines();
    let mut painted = paint.bold(lines.next().unwrap_or_default());
    painted.push('\n');
    for (line, row) in lines.zip(found) {
        painted.push_str(&match row.state.as_str() {
            "overdue" | "violated" => paint.red(line),
            "met" | "met_late" => paint.green(line),
            _ => line.to_owned(),
        });
        painted.push('\n');
    }
    painted
}

fn state_in_words(state: &str) -> &str {
    match state {
        "waiting" => "not sent yet",
        "pending" => "pending",
        "met" => "accepted",
        "met_late" => "accepted late",
        "overdue" => "OVERDUE",
        "violated" => "REJECTED",
        other => other,
    }
}

/// `Mar 03 09:15`.
fn short(time: Option<Timestamp>, zone: &TimeZone) -> String {
    time.map(|time| zone.to_datetime(time).strftime("%b %d %H:%M").to_string()).unwrap_or_default()
}

/// Prints rows in the form that was asked for; a column is a path into the row's JSON.
fn print<T: Serialize>(rows: &Rows, found: &[T], columns: &[&str]) -> Result<(), Failure> {
    let values: Vec<serde_json::Value> = found
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::new(error.to_string()))?;
    if rows.json {
        for value in &values {
            println!("{value}");
        }
        return Ok(());
    }
    let cells: Vec<Vec<String>> =
        values.iter().map(|value| columns.iter().map(|column| cell(value, column)).collect()).collect();
    if rows.csv {
        let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
        let written = std::iter::once(columns.iter().map(|column| (*column).to_owned()).collect())
            .chain(cells)
            .try_for_each(|row: Vec<String>| writer.write_record(&row));
        return written.map_err(|error| Failure::new(format!("cannot write: {error}")));
    }
    let heading: Vec<(&str, Align)> = columns.iter().map(|column| (last_word(column), Align::Left)).collect();
    print!("{}", table(&heading, &cells));
    Ok(())
}

fn last_word(column: &str) -> &str {
    column.rsplit('.').next().unwrap_or(column)
}

fn cell(value: &serde_json::Value, path: &str) -> String {
    let pointer = format!("/{}", path.replace('.', "/"));
    match value.pointer(&pointer) {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn prove(ledger: &Ledger, verify: &Verify) -> Result<Exit, Failure> {
    let contents = match verify.what {
        Proof::All => Contents::Too,
        Proof::Journal => Contents::Not,
    };
    let found = ledger.read(|tx| tx.verify(contents)).map_err(|error| Failure::new(error.to_string()))?;
    if verify.json {
        println!("{}", serde_json::to_string(&found).map_err(|error| Failure::new(error.to_string()))?);
    } else {
        for fault in &found.faults {
            println!("fault: {fault}");
        }
        println!(
            "{} events in {} journals and {} archived contents hashed anew: {}",
            found.events,
            found.partners,
            found.contents,
            if found.faults.is_empty() { "all as written" } else { "NOT as written" }
        );
    }
    Ok(alarm(!found.faults.is_empty()))
}
