//! `edigate ledger`: the books, as rows of a table, as JSON or as CSV; and what is done with them as a whole.

pub(super) mod asked;
mod migrate;
mod copy;
mod prune;
mod backup;

use std::path::Path;

use clap::{Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::clock::{Shown, clock_table, shown};
use super::finding::finding_table;
use super::lint::plural;
use super::paint::Paint;
use super::table::{Align, bold_table, table};
use super::trace::zone_of;
use super::{Exit, Failure, load_config, output};
use crate::config::{Config, LedgerAddress};
use crate::deliver::line::tell_the_line;
use crate::ledger::clock::ClockState;
use crate::ledger::event::NumberedEvent;
use crate::ledger::migrate::expect_newest;
use crate::ledger::verify::{Contents, Verification, damage_of_file};
use crate::ledger::view::listing::Page;
use crate::ledger::view::{AckRow, Filter, FindingRow};
use crate::ledger::{Archive, Error, Ledger, Transaction};
use asked::{AnswerRows, ClockedRows, FailureRows, FindingRows, Rows};

/// The books: acknowledgments, documents, deliveries, expectations, findings, failures, clocks, events
///
/// Reads the books, whether the daemon runs or not. Every view shows the oldest rows first, 1000 of the newest unless --limit says more.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate ledger acks --overdue\n  edigate ledger deliveries --partner megamart --json\n  \
    edigate ledger documents --since 7d --csv > week.csv\n  edigate ledger verify\n  \
    edigate ledger copy sqlite:ledger.db postgres://edigate@db.example/edigate\n\
    Exit codes: 0 fine · 1 the view shows something overdue, rejected, parked, quarantined or open, or verify found a fault · 2 could not run"
)]
pub struct Args {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(Debug, Subcommand)]
enum Doing {
    #[command(flatten)]
    Show(View),
    Migrate(migrate::Args),
    Copy(copy::Args),
    Prune(prune::Args),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
}

#[derive(Debug, Subcommand)]
enum View {
    /// What partners owe us and we owe partners in acknowledgments, and how it stands; times in the partner's zone
    Acks(AnswerRows),
    /// Orders, order acknowledgments, shipments, invoices
    Documents(Rows),
    /// What goes out: due, sent, retrying, parked (--overdue: what is not sent)
    Deliveries(ClockedRows),
    /// Everything that is expected, with its clock
    Expectations(AnswerRows),
    /// Disagreements that need a look, what is at stake, who sees to them
    Findings(FindingRows),
    /// What failed and why, numbered among its like; `edigate explain EVENT` tells more of each
    Failures(FailureRows),
    /// The rules of partners, held against what happened: kept, running, at risk, broken, and at what cost (--overdue: what is broken)
    Clocks(ClockedRows),
    /// The journal; `edigate explain EVENT` tells more of each
    Events(Rows),
    /// Files that came in and went out, and what became of them
    Transmissions(Rows),
    /// Prove that no event and no archived byte was changed
    Verify(Verify),
}

impl View {
    fn partner(&self) -> Option<&str> {
        match self {
            View::Acks(answers) | View::Expectations(answers) => Some(&answers.clocked.rows),
            View::Deliveries(clocked) | View::Clocks(clocked) => Some(&clocked.rows),
            View::Failures(failures) => Some(&failures.rows),
            View::Findings(findings) => Some(&findings.rows),
            View::Documents(rows) | View::Events(rows) | View::Transmissions(rows) => Some(rows),
            View::Verify(_) => None,
        }
        .and_then(|rows| rows.partner.as_deref())
    }
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// What to hash anew
    #[arg(long, value_enum, default_value = "all")]
    what: Proof,
    /// One JSON object
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

/// Opens the ledger to read it; it must exist, and nothing in it is changed.
pub fn open(config: Option<&Path>) -> Result<(Config, Ledger), Failure> {
    let config = load_config(config)?;
    let ledger = open_configured(&config)?;
    Ok((config, ledger))
}

/// Opens the ledger of a configuration to read it.
pub fn open_configured(config: &Config) -> Result<Ledger, Failure> {
    expect_ledger(config)?;
    let archive = Archive::open_existing(&config.home, &config.archive).map_err(cannot_open)?;
    Ledger::open_existing_with(&config.ledger, archive).map_err(cannot_open)
}

/// Opens the ledger to write in it; it must exist and be of this build, for the daemon that runs may be of another.
pub fn open_to_write(config: Option<&Path>) -> Result<Ledger, Failure> {
    open_configured_to_write(&load_config(config)?)
}

/// The same, of a configuration that was read already.
fn open_configured_to_write(config: &Config) -> Result<Ledger, Failure> {
    expect_ledger(config)?;
    expect_newest(&config.ledger).map_err(cannot_open)?;
    let archive = Archive::open(&config.home, &config.archive).map_err(cannot_open)?;
    Ledger::open_with(&config.ledger, archive).map_err(cannot_open)
}

/// A file that is not there is no ledger; whether a server has one, only opening it shows.
fn expect_ledger(config: &Config) -> Result<(), Failure> {
    match &config.ledger {
        LedgerAddress::Sqlite(path) if !path.exists() => {
            Err(Failure::new(format!("there is no ledger yet at {}", path.display()))
                .hint(format!("start the daemon once: edigate run --config {}", config.file.display())))
        }
        _ => Ok(()),
    }
}

fn cannot_open(error: Error) -> Failure {
    let hint = match &error {
        Error::OlderSchema { .. } => {
            "`edigate ledger migrate` brings the ledger to the version of this build; so does `edigate run`"
        }
        Error::Unreachable { .. } => {
            "`gateway.ledger` in gateway.toml names the server, `gateway.ledger_password` where the password is kept"
        }
        Error::Open { ledger, .. } if ledger.starts_with("postgres") => {
            "`edigate ledger migrate` makes a ledger in a database that has none; so does the first `edigate run`"
        }
        Error::Open { .. } => {
            "the file and its folder must be readable for you; `gateway.ledger` in gateway.toml names it"
        }
        _ => return Failure::new(error.to_string()),
    };
    Failure::new(error.to_string()).hint(hint)
}

/// Shows a view, or does something with the ledger as a whole.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    match &args.doing {
        Doing::Show(view) => show(view, config),
        Doing::Migrate(args) => migrate::run(args, config),
        Doing::Copy(args) => copy::run(args, config),
        Doing::Prune(args) => prune::run(args, config),
        Doing::Backup(args) => backup::run_backup(args, config),
        Doing::Restore(args) => backup::run_restore(args),
    }
}

fn show(view: &View, config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    let ledger = match (open_configured(&config), view) {
        (Ok(ledger), _) => ledger,
        // A ledger that is too damaged to be opened is what `verify` is asked about.
        (Err(failure), View::Verify(verify)) => return damage(&config, verify, failure),
        (Err(failure), _) => return Err(failure),
    };
    // A partner that left the configuration still has its books, so an unknown one is no failure, only odd.
    if let Some(named) = view.partner()
        && config.partners.keys().all(|known| known.as_str() != named)
    {
        output::talk(format!("note: the configuration has no partner {named:?}"));
    }
    match view {
        View::Acks(answers) => {
            let found = fetch(&ledger, answers.filter(), |tx, filter| tx.acks(filter))?;
            print_acks(&config, &answers.clocked.rows, &found)
        }
        View::Expectations(answers) => {
            let found = fetch(&ledger, answers.filter(), |tx, filter| tx.expectations(filter))?;
            print_acks(&config, &answers.clocked.rows, &found)
        }
        View::Documents(rows) => {
            let found = fetch(&ledger, rows.filter(), |tx, filter| tx.documents(filter))?;
            print(rows, "document", &found, &["at", "partner", "kind", "number", "revision", "source", "file", "id"])?;
            Ok(Exit::Fine)
        }
        View::Deliveries(clocked) => {
            let found = fetch(&ledger, clocked.filter("unsent"), |tx, filter| {
                let mut page = tx.deliveries(filter)?;
                tell_the_line(tx, &config, &mut page.rows)?;
                Ok(page)
            })?;
            let mut columns = vec!["partner", "label", "state", "attempts", "name", "sent", "last_error"];
            if found.iter().any(|row| row.waits_for.is_some()) {
                columns.push("waits_for");
            }
            columns.push("id");
            print(&clocked.rows, "delivery", &found, &columns)?;
            Ok(alarm(found.iter().any(|row| row.state == "parked")))
        }
        View::Findings(asked) => {
            let found = fetch(&ledger, asked.filter(), |tx, filter| tx.findings(filter))?;
            print_findings(&asked.rows, &found)?;
            Ok(alarm(found.iter().any(|row| row.state.is_unsettled())))
        }
        View::Failures(asked) => {
            let found = fetch(&ledger, asked.filter(), |tx, filter| tx.failures(filter))?;
            let columns = ["event", "at", "code", "place", "nth", "who", "settled", "text"];
            print(&asked.rows, "failure", &found, &columns)?;
            Ok(alarm(found.iter().any(|row| row.failure.settled.is_none())))
        }
        View::Clocks(clocked) => {
            let found = fetch(&ledger, clocked.filter("broken"), |tx, filter| tx.clocks(filter))?;
            print_clocks(&clocked.rows, &shown(&config, found, Timestamp::now()), &config)
        }
        View::Events(rows) => {
            let found = fetch(&ledger, rows.filter(), |tx, filter| tx.events(filter))?;
            let numbered: Vec<_> = found.into_iter().map(NumberedEvent::from).collect();
            print(rows, "event", &numbered, &["event", "at", "kind", "text"])?;
            Ok(Exit::Fine)
        }
        View::Transmissions(rows) => {
            let found = fetch(&ledger, rows.filter(), |tx, filter| tx.transmissions(filter))?;
            let columns = ["at", "direction", "partner", "name", "size", "state", "diagnostics.0.message", "id"];
            print(rows, "transmission", &found, &columns)?;
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
    filter: Filter,
    view: impl FnOnce(&mut Transaction<'_>, &Filter) -> Result<Page<T>, Error>,
) -> Result<Vec<T>, Failure> {
    let page = ledger.read(|tx| view(tx, &filter)).map_err(|error| Failure::new(error.to_string()))?;
    Ok(page.oldest_first())
}

fn print_findings(rows: &Rows, found: &[FindingRow]) -> Result<(), Failure> {
    if rows.json || rows.csv || found.is_empty() {
        let columns = [
            "opened",
            "partner",
            "rule",
            "subject",
            "money",
            "currency",
            "state",
            "owner",
            "reason",
            "po_number",
            "detail.message",
            "id",
        ];
        return print(rows, "finding", found, &columns);
    }
    output::text(finding_table(found, Timestamp::now(), Paint::for_stdout()))
}

fn print_clocks(rows: &Rows, found: &[Shown], config: &Config) -> Result<Exit, Failure> {
    if rows.json || rows.csv || found.is_empty() {
        let columns = [
            "partner",
            "rule",
            "subject",
            "state",
            "severity",
            "opened",
            "due",
            "closed",
            "money",
            "currency",
            "says",
            "waived_by",
            "reason",
            "id",
        ];
        print(rows, "clock", found, &columns)?;
    } else {
        output::text(clock_table(config, found, Paint::for_stdout()))?;
    }
    Ok(alarm(found.iter().any(|one| one.clock.state == ClockState::Broken)))
}

fn print_acks(config: &Config, rows: &Rows, found: &[AckRow]) -> Result<Exit, Failure> {
    if rows.json || rows.csv {
        let columns = [
            "partner",
            "owed_by",
            "what",
            "label",
            "set",
            "interchange_control_number",
            "group_control_number",
            "sent",
            "due",
            "closed",
            "state",
            "detail",
        ];
        print(rows, "expectation", found, &columns)?;
    } else {
        output::text(ack_table(config, found, Paint::for_stdout()))?;
    }
    Ok(alarm(found.iter().any(|row| ["overdue", "violated"].contains(&row.state.as_str()))))
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
                format!("{}{detail}", state_in_words(row)),
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

/// How an answer stands: theirs is accepted or rejected, ours is sent or due.
fn state_in_words(row: &AckRow) -> &str {
    match (row.owed_by.as_str(), row.state.as_str()) {
        ("us", "waiting" | "pending") => "due",
        ("us", "met") => "sent in time",
        ("us", "met_late") => "sent late",
        (_, "waiting") => "not sent yet",
        (_, "met") => "accepted",
        (_, "met_late") => "accepted late",
        (_, "overdue") => "OVERDUE",
        (_, "violated") => "REJECTED",
        (_, other) => other,
    }
}

/// `Mar 03 09:15`.
fn short(time: Option<Timestamp>, zone: &TimeZone) -> String {
    time.map(|time| zone.to_datetime(time).strftime("%b %d %H:%M").to_string()).unwrap_or_default()
}

/// Prints rows in the form that was asked for; a column is a path into the row's JSON.
fn print<T: Serialize>(rows: &Rows, noun: &str, found: &[T], columns: &[&str]) -> Result<(), Failure> {
    let values: Vec<serde_json::Value> = found
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::new(error.to_string()))?;
    if rows.json {
        return output::text(values.iter().map(|value| format!("{value}\n")).collect::<String>());
    }
    if rows.csv {
        let cells = values.iter().map(|value| columns.iter().map(|column| cell(value, column)).collect());
        return output::bytes(&as_csv(columns, cells).map_err(|error| Failure::new(error.to_string()))?);
    }
    if found.is_empty() {
        // The table would be a heading without rows, which says less.
        output::talk(format!("there is no {noun} to show"));
        return Ok(());
    }
    let heading: Vec<(&str, Align)> = columns.iter().map(|column| (last_word(column), align(column))).collect();
    let cells: Vec<Vec<String>> =
        values.iter().map(|value| columns.iter().map(|column| for_eyes(cell(value, column))).collect()).collect();
    let (first, rest) = bold_table(&heading, &cells, Paint::for_stdout());
    output::text(first + &rest)
}

fn as_csv(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| last_word(column)))?;
    for row in rows {
        writer.write_record(&row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn align(column: &str) -> Align {
    if ["attempts", "size", "revision", "nth"].contains(&column) { Align::Right } else { Align::Left }
}

/// Times without their fraction of a second, which JSON and CSV keep.
fn for_eyes(cell: String) -> String {
    match cell.parse::<Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => cell,
    }
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

/// Names the damage of a ledger that cannot be opened; a failure that is no damage stays one.
fn damage(config: &Config, verify: &Verify, failure: Failure) -> Result<Exit, Failure> {
    let damage = match &config.ledger {
        LedgerAddress::Sqlite(path) => damage_of_file(path).unwrap_or_default(),
        LedgerAddress::Postgres(_) => Vec::new(),
    };
    if damage.is_empty() {
        return Err(failure);
    }
    let faults = damage.into_iter().map(|detail| format!("the database is damaged: {detail}")).collect();
    say_proof(&Verification { faults, ..Verification::default() }, verify)
}

fn prove(ledger: &Ledger, verify: &Verify) -> Result<Exit, Failure> {
    let contents = match verify.what {
        Proof::All => Contents::Too,
        Proof::Journal => Contents::Not,
    };
    let found = ledger.read(|tx| tx.verify(contents)).map_err(|error| Failure::new(error.to_string()))?;
    say_proof(&found, verify)
}

fn say_proof(found: &Verification, verify: &Verify) -> Result<Exit, Failure> {
    if verify.json {
        output::json(found)?;
    } else {
        let mut text: String = found.faults.iter().map(|fault| format!("fault: {fault}\n")).collect();
        for (date, count) in &found.pruned {
            text.push_str(&format!("pruned on {date}: {}\n", plural(*count as usize, "content")));
        }
        text.push_str(&format!(
            "{} events in {} journals and {} archived contents hashed anew: {}\n",
            found.events,
            found.partners,
            found.contents,
            if found.faults.is_empty() { "all as written" } else { "NOT as written" }
        ));
        output::text(text)?;
    }
    Ok(alarm(!found.faults.is_empty()))
}
