//! `edigate bench`: the published benchmarks, to be run by anybody on their own machine.
//!
//! The gateway is the real one, started as a process of its own, on the disk that is named; what that disk can do at all
//! is measured in the same run, so that the figures can be judged on a machine that others use as well.

mod report;
mod workspace;
pub(super) mod load;
mod process;
mod run;
mod limits;
mod measures;
mod history;
mod queries;
mod server;
mod wire;
mod as2;
mod orders;
mod x12;
mod pages;
mod alarm;
mod books;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Subcommand, ValueEnum};

use self::measures::{Engine, Load, Watching};
use self::queries::Sizes;
use self::report::{Row, percentile};
use self::run::LedgerLines;
use self::server::Server;
use self::workspace::Workspace;
use super::{Exit, Failure, output};
use crate::config::duration;

/// The published benchmarks, on this machine
///
/// Measures what a gateway of this build does on this machine, with the real daemon and the real disk, against what it must
/// and should do. `edigate bench gateway --help` says what each row means.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate bench gateway\n  edigate bench gateway --only files --only limits\n\
    Exit codes: 0 every measured \"must\" was met · 1 one was not · 2 could not run")]
pub struct Args {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Bench {
    Gateway(Gateway),
    Sftp(wire::Args),
    As2(as2::Args),
    X12(x12::Args),
    Pages(pages::Args),
    Books(books::Args),
}

/// The daemon and the disk under it
///
/// A retailer sends X12 orders of twelve lines, an ERP gets them as JSON, the retailer gets its 997s; the clock stops when all
/// of them lie in the out-folders and the ledger shows nothing open. Everything happens in a new directory below --dir, which
/// is removed on every way out.
///
/// With --ledger, files, sets and latency run on PostgreSQL as well, in a schema that is made for it and dropped.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{ROWS}\n{EXAMPLES}"))]
struct Gateway {
    /// Also measure on this server: postgres://user@server/database
    #[arg(long, value_name = "URL")]
    ledger: Option<String>,
    /// Where the server's password is kept: file:PATH or env:NAME
    #[arg(long, value_name = "REFERENCE", requires = "ledger")]
    ledger_password: Option<String>,
    /// Work in a new directory below this one; its disk is what is measured [default: the current directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Files for `files` and `memory`
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    files: u32,
    /// Orders of the one file for `sets`
    #[arg(long, value_name = "N", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    sets: u32,
    /// Files for `latency`
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    latency: u32,
    /// Files for `alerts`
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=9_000))]
    alerts: u32,
    /// Documents in the ledger for `history`
    #[arg(long, value_name = "N", default_value_t = 5_000_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    documents: u32,
    /// Files for `history`, seven times
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    history_files: u32,
    /// Partners for `idle`
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=9_999))]
    partners: u32,
    /// Measure only this; may be given several times
    #[arg(long, value_enum, value_name = "MEASUREMENT")]
    only: Vec<Measurement>,
    /// JSON, one object per row
    #[arg(long)]
    json: bool,
    /// How often each question is asked for `history`
    #[arg(long, hide = true, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// How long the idle daemon is left alone first
    #[arg(long, hide = true, default_value = "5 s", value_parser = duration::parse)]
    idle_settle: Duration,
    /// How long it is watched
    #[arg(long, hide = true, default_value = "10 s", value_parser = duration::parse)]
    idle_window: Duration,
}

const EXAMPLES: &str = "\
Examples:
  edigate bench gateway
  edigate bench gateway --dir /var/lib/edigate --json
  edigate bench gateway --only files --only limits --files 2000
  edigate bench gateway --ledger postgres://edigate@db.example/edigate
Exit codes: 0 every measured \"must\" was met · 1 one was not · 2 could not run";

/// What each row of the report means.
const ROWS: &str = "\
The rows:
  limits   What the disk can do at all: fsyncs, new small files, rows of SQLite's group
           commit, bytes in sequence; with --ledger also round trips and commits of the
           server. Compare the rows below with these.
  files    Files of one order each, which lie there when the daemon starts. For each, two
           new files are left: the order and the 997. Must 400 files/s, aim 1,500.
  memory   The most memory that the daemon held in doing so. Must 200 MB, aim 100 MB.
  sets     One file of many orders. Must 5,000 orders/s, aim 20,000.
  latency  One file at a time, from its rename into the folder to the appearance of its
           997. Must 250 ms, aim 50 ms, both for 99 of 100 files.
  alerts   One file at a time that cannot be used, from its rename into the folder to the
           explained alert that a command was given. Must 1,000 ms, aim 250 ms, both for
           99 of 100 files.
  idle     CPU of a daemon that watches 500 empty folders. Must 1 % of a core, aim 0.2 %.
  history  Files and the questions behind every page and command, on a ledger that looks
           back on 5,000,000 documents and on a fresh one, in turn; the ratio of their
           medians, for the intake and for the worst question. Must 1.3, aim 1.1.
           Making that ledger takes minutes and 27 GB of disk.
  With --ledger, PostgreSQL must reach 0.6 of what SQLite does in files and sets, aim 1.0.
";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measurement {
    /// What the disk can do
    Limits,
    /// Many files of one order
    Files,
    /// Peak memory of the daemon while they are queued
    Memory,
    /// One file of many orders
    Sets,
    /// One file at a time
    Latency,
    /// One file at a time that cannot be used
    Alerts,
    /// Nothing at all
    Idle,
    /// Files and questions on a full ledger
    History,
}

/// Runs a benchmark.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.bench {
        Bench::Gateway(args) => gateway(args),
        Bench::Sftp(args) => wire::run(args),
        Bench::As2(args) => as2::run(args),
        Bench::X12(args) => x12::run(args),
        Bench::Pages(args) => pages::run(args),
        Bench::Books(args) => books::run(args),
    }
}

fn gateway(args: &Gateway) -> Result<Exit, Failure> {
    let below = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let workspace = Workspace::below(&below)?;
    output::talk(format!("measuring the disk of {}; it is removed at the end", workspace.path().display()));
    let server = args.ledger.as_deref().map(|url| Server::connect(url, args.ledger_password.as_deref())).transpose()?;
    let mut run = Run { args, workspace: &workspace, server: server.as_ref(), rows: Vec::new() };
    let ended = run.all();
    let rows = run.rows;
    // What was measured before something went wrong took minutes, and is as true as ever.
    tell(&rows, args.json)?;
    ended?;
    Ok(if rows.iter().all(Row::meets_must) { Exit::Fine } else { Exit::Findings })
}

fn tell(rows: &[Row], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return rows.iter().try_for_each(output::json);
    }
    if rows.is_empty() { Ok(()) } else { output::text(report::as_table(rows)) }
}

/// The measurements that were asked for, in their order.
struct Run<'a> {
    args: &'a Gateway,
    workspace: &'a Workspace,
    server: Option<&'a Server>,
    rows: Vec<Row>,
}

impl Run<'_> {
    fn wants(&self, measurement: Measurement) -> bool {
        self.args.only.is_empty() || self.args.only.contains(&measurement)
    }

    fn add(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows {
            report::announce(&row);
            self.rows.push(row);
        }
    }

    fn all(&mut self) -> Result<(), Failure> {
        if self.wants(Measurement::History) {
            // Said now, not after half an hour.
            history::expect_room(&self.workspace.path(), self.args.documents)?;
        }
        let sqlite = LedgerLines::sqlite();
        let embedded = Engine { suffix: "", lines: &sqlite };
        if self.wants(Measurement::Limits) {
            self.limits()?;
        }
        if self.wants(Measurement::Files) || self.wants(Measurement::Memory) {
            self.files(embedded)?;
        }
        if self.wants(Measurement::Sets) {
            self.sets(embedded)?;
        }
        if self.wants(Measurement::Latency) {
            self.latency(embedded)?;
        }
        if self.wants(Measurement::Alerts) {
            let times = alarm::alerts(self.workspace, embedded, self.args.alerts)?;
            self.add(alarm::rows(&times));
        }
        if self.wants(Measurement::Idle) {
            self.idle()?;
        }
        if self.wants(Measurement::History) {
            let Gateway { documents, history_files: files, runs, .. } = *self.args;
            self.add(queries::compare(self.workspace, Sizes { documents, files, runs })?);
        }
        Ok(())
    }

    fn limits(&mut self) -> Result<(), Failure> {
        output::talk("limits: what the disk can do");
        self.add(limits::disk(self.workspace)?);
        if let Some(server) = self.server {
            self.add(server.limits(&self.workspace.interrupt)?);
        }
        Ok(())
    }

    fn files(&mut self, embedded: Engine<'_>) -> Result<(), Failure> {
        let load = measures::files(self.workspace, embedded, self.args.files)?;
        if self.wants(Measurement::Memory) {
            self.add(measures::memory_rows(embedded, &load, self.args.files));
        }
        if !self.wants(Measurement::Files) {
            return Ok(());
        }
        self.add(measures::files_rows(embedded, &load));
        let possible = self.rows.iter().find(|row| row.what == limits::SMALL_FILES).map(|row| row.figure);
        let what = "files taken in for each new file that the disk can take";
        self.add(possible.map(|possible| Row::new("files", what, load.per_second / possible, "ratio")));
        if let Some(server) = self.server {
            let lines = server.empty_ledger()?;
            let engine = on_server(&lines);
            let there = measures::files(self.workspace, engine, self.args.files)?;
            self.add(measures::files_rows(engine, &there));
            self.add([ratio("files", &load, &there)]);
        }
        Ok(())
    }

    fn sets(&mut self, embedded: Engine<'_>) -> Result<(), Failure> {
        let load = measures::sets(self.workspace, embedded, self.args.sets)?;
        self.add(measures::sets_rows(embedded, &load));
        if let Some(server) = self.server {
            let lines = server.empty_ledger()?;
            let engine = on_server(&lines);
            let there = measures::sets(self.workspace, engine, self.args.sets)?;
            self.add(measures::sets_rows(engine, &there));
            self.add([ratio("sets", &load, &there)]);
        }
        Ok(())
    }

    fn latency(&mut self, embedded: Engine<'_>) -> Result<(), Failure> {
        let here = measures::latency(self.workspace, embedded, self.args.latency)?;
        self.add(measures::latency_rows(embedded, &here));
        if let Some(server) = self.server {
            let lines = server.empty_ledger()?;
            let engine = on_server(&lines);
            let there = measures::latency(self.workspace, engine, self.args.latency)?;
            self.add(measures::latency_rows(engine, &there));
            let ratio = percentile(&here, 0.5) / percentile(&there, 0.5);
            self.add([Row::new("latency", "median on SQLite against PostgreSQL", ratio, "ratio")]);
        }
        Ok(())
    }

    fn idle(&mut self) -> Result<(), Failure> {
        let watching = Watching { settle: self.args.idle_settle, window: self.args.idle_window };
        let percent = measures::idle(self.workspace, self.args.partners, watching)?;
        let what = format!("CPU, {} partners, nothing to do", self.args.partners);
        self.add(percent.map(|percent| Row::new("idle", what, percent, "% of a core").held_against(report::IDLE)));
        Ok(())
    }
}

fn on_server(lines: &LedgerLines) -> Engine<'_> {
    Engine { suffix: " on PostgreSQL", lines }
}

fn ratio(measurement: &'static str, here: &Load, there: &Load) -> Row {
    let ratio = there.per_second / here.per_second;
    Row::new(measurement, "PostgreSQL against SQLite", ratio, "ratio").held_against(report::SERVER)
}
