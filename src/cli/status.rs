//! `edigate status`: whether the daemon runs, what is in trouble, and what waits.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::paint::Paint;
use super::table::{Align, bold_table};
use super::{Exit, Failure, ledger, load_config, output};
use crate::config::Config;
use crate::daemon::status::{self, Report};
use crate::daemon::traffic;
use crate::daemon::troubles::in_words;
use crate::ledger::backlog::{Backlog, Waiting};
use crate::ledger::node::Node;

/// Whether the daemon runs, what is in trouble, and what waits
///
/// Asks the running daemon, which answers from memory, even while the disk is full or the database is down: since when it
/// runs, every present trouble with what to do, how much waits at each stage and since when, and for each endpoint how many
/// files went through it since the daemon began, when it worked last and when it failed last. Without a running daemon it says
/// so and reads the ledger alone.
///
/// With a ledger that several nodes share, every node is listed: whether it lives, since when it runs, how many files it is
/// taking in, and the endpoints that it polls and sends by alone. One that said nothing for longer than a lease is marked
/// "not seen for …"; the others take over what it held. A node that was stopped leaves the list; one that died stays in it
/// until it is started again.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate status\n  edigate status --json | jq .troubles\n  edigate status --json | jq '.nodes[] | select(.alive | not)'\n\
    Exit codes: 0 all is well · 1 something is in trouble, or no daemon runs · 2 could not run"
)]
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
    let mut report = match answer {
        Some(report) => report,
        None => without_daemon(&config),
    };
    report.closed = status::closed(&config, report.at);
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
    let books = ledger::open_configured(config).and_then(|ledger| {
        status::books(&ledger, now, config.node.lease).map_err(|error| Failure::new(error.to_string()))
    });
    let (backlog, nodes, ledger) = match books {
        Ok((backlog, nodes)) => (Some(backlog), nodes, None),
        Err(failure) => (None, Vec::new(), Some(failure.message)),
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
        nodes,
        traffic: Vec::new(),
        closed: Vec::new(),
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
    if !report.traffic.is_empty() {
        text.push_str(&format!("\n{}", traffic(&report.traffic, config, paint)));
    }
    for closed in &report.closed {
        let until = short(closed.until, config);
        text.push_str(&format!(
            "\n{}/{} is closed until {until}: what is due waits\n",
            closed.partner, closed.endpoint
        ));
    }
    if !report.nodes.is_empty() {
        text.push_str(&format!("\n{}", nodes(&report.nodes, config, paint)));
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
    let (first, rest) = bold_table(&heading, &rows, paint);
    let Backlog { overdue_to_us, overdue_by_us, clocks_at_risk, clocks_broken, .. } = backlog;
    format!(
        "{first}{rest}\nacknowledgments overdue: {overdue_to_us} owed to us, {overdue_by_us} owed by us\n\
         rules of partners: {clocks_at_risk} at risk, {clocks_broken} broken\n"
    )
}

fn traffic(rows: &[traffic::Row], config: &Config, paint: Paint) -> String {
    let time = |time: Option<Timestamp>| time.map(|time| short(time, config)).unwrap_or_default();
    let row = |row: &traffic::Row| {
        let (way, counts) = (&row.way, &row.counts);
        vec![
            format!("{}/{} {}", way.partner, way.endpoint, way.direction),
            counts.files.to_string(),
            time(counts.worked),
            time(counts.failed),
            counts.why.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    let heading = [
        ("endpoint", Align::Left),
        ("files", Align::Right),
        ("worked last", Align::Left),
        ("failed last", Align::Left),
        ("why", Align::Left),
    ];
    let (first, rest) = bold_table(&heading, &rows, paint);
    first + &rest
}

fn nodes(nodes: &[Node], config: &Config, paint: Paint) -> String {
    let rows: Vec<Vec<String>> = nodes.iter().map(|node| node_row(node, config)).collect();
    let heading = [
        ("node", Align::Left),
        ("state", Align::Left),
        ("process", Align::Right),
        ("version", Align::Left),
        ("started", Align::Left),
        ("last seen", Align::Left),
        ("takes in", Align::Right),
        ("holds", Align::Left),
    ];
    let (first, rest) = bold_table(&heading, &rows, paint);
    // Colour goes over whole lines, so that the columns keep their widths.
    let lines = rest.lines().zip(nodes).map(|(line, node)| match node.alive {
        true => format!("{line}\n"),
        false => format!("{}\n", paint.red(line)),
    });
    first + &lines.collect::<String>()
}

fn node_row(node: &Node, config: &Config) -> Vec<String> {
    let Node { alive, row } = node;
    let state = match alive {
        true => "alive".to_owned(),
        false => format!("not seen for {}", in_words(SignedDuration::from_secs(row.silent_for))),
    };
    let holds: Vec<&str> = row.leases.iter().map(|lease| lease.resource.as_str()).collect();
    vec![
        row.name.clone(),
        state,
        row.process.to_string(),
        row.version.clone(),
        short(row.started, config),
        short(row.seen, config),
        row.taking_in.to_string(),
        holds.join(", "),
    ]
}

/// `Mar 03 09:15:02`, in our own zone.
fn short(time: Timestamp, config: &Config) -> String {
    config.us.zone.to_datetime(time).strftime("%b %d %H:%M:%S").to_string()
}
