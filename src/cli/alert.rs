//! `edigate alert`: who is told of failures, and whether they are reached.

use std::path::Path;

use clap::Subcommand;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::ledger::open_configured;
use super::table::{Align, table};
use super::{Exit, Failure, load_config, output};
use crate::alert::message::Message;
use crate::config::alerts::{Hears, Target};
use crate::config::{Config, duration};
use crate::daemon::alerts;
use crate::ledger::Id;
use crate::ledger::alert::Standing;

/// Who is told of failures, and whether they are reached
///
/// The tables `[[alert]]` of gateway.toml say who is told: by e-mail, by a webhook or by a command, of which failures, how often, and
/// by a digest each morning.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate alert list\n  edigate alert test ops\n\
    Exit codes: 0 fine · 1 a message waits that could not be delivered · 2 could not run, or the test was not taken")]
pub struct Args {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(Debug, Subcommand)]
enum Doing {
    /// Every target: how it is reached, of what it is told, what waits and what went out last
    List(ListArgs),
    /// Sends a message that says that it is a test, now, past all filters
    Test(TestArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// JSON, an array
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct TestArgs {
    /// The name of the alert
    #[arg(value_name = "NAME")]
    name: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Lists or tests.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    match &args.doing {
        Doing::List(args) => list(&config, args.json),
        Doing::Test(args) => test(&config, args),
    }
}

/// One target.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    way: String,
    hears: String,
    group: String,
    at_most: u32,
    at_once: bool,
    digest: Option<String>,
    #[serde(flatten)]
    standing: Standing,
}

fn list(config: &Config, as_json: bool) -> Result<Exit, Failure> {
    if config.alerts.is_empty() {
        if as_json {
            output::json(&json!([]))?;
        }
        output::talk("nobody is told of failures: gateway.toml has no [[alert]]");
        return Ok(Exit::Fine);
    }
    let ledger = open_configured(config)?;
    let mut rows = Vec::new();
    for target in &config.alerts {
        let standing = ledger.read(|tx| tx.alert_standing(&target.name));
        rows.push(row(target, standing.map_err(|error| Failure::new(error.to_string()))?));
    }
    match as_json {
        true => output::json(&rows)?,
        false => output::text(as_text(&rows, &config.us.zone))?,
    }
    Ok(if rows.iter().any(|row| row.standing.error.is_some()) { Exit::Findings } else { Exit::Fine })
}

fn row(target: &Target, standing: Standing) -> Row {
    Row {
        name: target.name.clone(),
        way: target.way.in_words(),
        hears: in_words(&target.hears),
        group: duration::display(target.group),
        at_most: target.at_most,
        at_once: target.at_once,
        digest: target.digest.map(|time| time.strftime("%H:%M").to_string()),
        standing,
    }
}

/// `errors of megamart, to be mended by us`.
fn in_words(hears: &Hears) -> String {
    let mut words = format!("{}s", hears.severity);
    if hears.severity < crate::diagnostic::Severity::Error {
        words.push_str(" and worse");
    }
    if !hears.partners.is_empty() {
        words.push_str(&format!(" of {}", hears.partners.join(", ")));
    }
    if !hears.owners.is_empty() {
        let owners: Vec<&str> = hears.owners.iter().map(|owner| owner.word()).collect();
        words.push_str(&format!(", to be mended by {}", owners.join(", ")));
    }
    if !hears.kinds.is_empty() {
        words.push_str(&format!(": {}", hears.kinds.join(", ")));
    }
    words
}

fn as_text(rows: &[Row], zone: &TimeZone) -> String {
    let time = |time: Option<Timestamp>| {
        time.map(|time| zone.to_datetime(time).strftime("%b %d %H:%M:%S").to_string()).unwrap_or_default()
    };
    let line = |row: &Row| {
        let when = match (row.at_once, &row.digest) {
            (true, None) => "at once".to_owned(),
            (true, Some(at)) => format!("at once, digest {at}"),
            (false, at) => format!("digest {}", at.clone().unwrap_or_default()),
        };
        let Standing { pending, since, attempts, error, sent, .. } = &row.standing;
        let waits = match (pending, error) {
            (Some(subject), Some(error)) => format!("{subject} (since {}, {attempts} attempts: {error})", time(*since)),
            (Some(subject), None) => subject.clone(),
            (None, _) => String::new(),
        };
        vec![row.name.clone(), row.way.clone(), row.hears.clone(), when, time(*sent), waits]
    };
    let lines: Vec<Vec<String>> = rows.iter().map(line).collect();
    let heading = ["alert", "way", "of", "when", "told last", "waits"].map(|word| (word, Align::Left));
    table(&heading, &lines)
}

fn test(config: &Config, args: &TestArgs) -> Result<Exit, Failure> {
    let target = config.alerts.iter().find(|target| target.name == args.name);
    let target = target.ok_or_else(|| {
        let names: Vec<&str> = config.alerts.iter().map(|target| target.name.as_str()).collect();
        let failure = Failure::new(format!("there is no alert {:?}", args.name));
        match names.is_empty() {
            true => failure.hint("gateway.toml has no [[alert]]"),
            false => failure.hint(format!("the alerts are {}", names.join(", "))),
        }
    })?;
    let message = Message::test(Id::new().to_string(), target, Timestamp::now());
    alerts::send(target, &message).map_err(|refused| {
        Failure::new(format!("{} did not take the test: {}", target.way.in_words(), refused.why))
            .hint("mend what it names in gateway.toml or there, and test again")
    })?;
    let done = format!("{} took the test", target.way.in_words());
    match args.json {
        true => output::json(&json!({ "alert": target.name, "message": message.id, "done": done }))?,
        false => output::line(done)?,
    }
    Ok(Exit::Fine)
}
