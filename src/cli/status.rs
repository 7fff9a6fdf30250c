//! `edigate status`: whether the daemon runs, what is in trouble, and what waits.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::paint::Paint;
use super::table::{Align, table};
use super::{Exit, Failure, ledger, load_config, output};
use crate::config::Config;
use crate::daemon::status::{self, Report};
use crate::daemon::troubles::in_words;
use crate::ledger::backlog::{Backlog, Waiting};

/// Whether the daemon runs, what is in trouble, and what waits
///
/// Asks the running daemon, which answers from memory, even while the disk is full or the database is down: since when it
/// runs, every present trouble with what to do, how much waits at each stage and since when. Without a running daemon it says
/// so and reads the ledger alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate status\n  edigate status --json | jq .troubles\n\
    Exit codes: 0 all is well · 1 something is in trouble, or no daemon runs · 2 could not run")]
pub struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Asks, and prints the answer.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    let answer = status::ask(&config.home).map_err(|error| {
        Failure::new(format!("the daemon in {} does not answer: {error}", config.home.display()))
            .hint("ask as the user that it runs as, or as root")
    })?;
    let report = match answer {
        Some(report) => report,
        None => without_daemon(&config),
    };
    match args.json {
        true => output::json(&report)?,
        false => output::text(as_text(&report, &config, Paint::for_stdout()))?,
    }
    let well = report.running && report.troubles.is_empty() && report.ledger.is_none();
    Ok(if well { Exit::Fine } else { Exit::Findings })
}

/// What can be said when nobody answers: what the ledger holds.
fn without_daemon(config: &Config) -> Report {
    let now = Timestamp::now();
    let backlog = ledger::open_configured(config)
        .and_then(|ledger| ledger.read(|tx| tx.backlog(now)).map_err(|error| Failure::new(error.to_string())));
    let (backlog, ledger) = match backlog {
        Ok(backlog) => (Some(backlog), None),
        Err(failure) => (None, Some(failure.message)),
    };
    Report {
        running: false,
        process: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        since: None,
        at: now,
        troubles: Vec::new(),
        backlog,
        ledger,
        nodes: Vec::new(),
    }
}

fn as_text(report: &Report, config: &Config, paint: Paint) -> String {
    let mut text = headline(report, config, paint);
    for trouble in &report.troubles {
        let lasted = in_words(report.at.duration_since(trouble.since));
        let since = short(trouble.since, config);
        text.push_str(&format!("\n{} {}: {}\n", paint.red(&trouble.code), trouble.what, trouble.text));
        text.push_str(&format!("  since {since}, for {lasted}\n  hint: {}\n", trouble.fix));
    }
    if let Some(why) = &report.ledger {
        text.push_str(&format!("\n{}: {why}\n", paint.red("the ledger does not answer")));
    }
    if let Some(backlog) = &report.backlog {
        text.push_str(&format!("\n{}", stages(backlog, report.at, config, paint)));
    }
    text
}

fn headline(report: &Report, config: &Config, paint: Paint) -> String {
    let troubles = match report.troubles.len() {
        0 => "no trouble".to_owned(),
        1 => "1 trouble".to_owned(),
        count => format!("{count} troubles"),
    };
    match (report.since, report.process) {
        (Some(since), Some(process)) => {
            let lasted = in_words(report.at.duration_since(since));
            let since = short(since, config);
            format!("edigate {} runs since {since}, for {lasted} (process {process}): {troubles}\n", report.version)
        }
        _ => format!(
            "{} in {}\n  hint: systemctl start edigate, or edigate run --config {}\n",
            paint.red("no edigate runs"),
            config.home.display(),
            config.file.display()
        ),
    }
}

fn stages(backlog: &Backlog, now: Timestamp, config: &Config, paint: Paint) -> String {
    let row = |what: &str, waiting: Waiting| {
        let oldest = waiting.oldest.map(|oldest| short(oldest, config)).unwrap_or_default();
        let lag = waiting.oldest.map(|oldest| in_words(now.duration_since(oldest).max(SignedDuration::ZERO)));
        vec![what.to_owned(), waiting.count.to_string(), oldest, lag.unwrap_or_default()]
    };
    let rows = [
        row("captured, to be processed", backlog.captured),
        row("deliveries due", backlog.due),
        row("deliveries retrying", backlog.retrying),
        row("deliveries parked", backlog.parked),
    ];
    let heading =
        [("waiting", Align::Left), ("count", Align::Right), ("oldest", Align::Left), ("waits for", Align::Left)];
    let table = table(&heading, &rows);
    let (first, rest) = table.split_once('\n').unwrap_or((&table, ""));
    format!(
        "{}\n{rest}\nacknowledgments overdue: {} owed to us, {} owed by us\n",
        paint.bold(first),
        backlog.overdue_to_us,
        backlog.overdue_by_us
    )
}

/// `Mar 03 09:15:02`, in our own zone.
fn short(time: Timestamp, config: &Config) -> String {
    config.us.zone.to_datetime(time).strftime("%b %d %H:%M:%S").to_string()
}
