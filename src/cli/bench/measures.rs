//! The measurements of the daemon: many files, one large file, one file at a time, nothing at all.
//!
//! In: a workspace and sizes. Out: rows. Each starts a daemon of its own in a home of its own.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::load;
use super::process;
use super::report::{self, Row, percentile};
use super::run::{Daemon, Goal, Home, LedgerLines, count, ledger_failed, open, wait_for};
use super::workspace::{Interrupt, Workspace, refused, settle_disk};
use crate::cli::{Failure, output};

/// Which ledger a measurement runs on.
#[derive(Debug, Clone, Copy)]
pub struct Engine<'a> {
    /// Empty for the embedded one; what is said behind the measurement's words.
    pub suffix: &'static str,
    /// Its lines in gateway.toml.
    pub lines: &'a LedgerLines,
}

impl Engine<'_> {
    /// A home on this ledger.
    pub fn home(&self, workspace: &Workspace, name: &str) -> Result<Home, Failure> {
        let name = format!("{name}{}", self.suffix.replace(' ', "-"));
        Home::with_one_retailer(workspace, &name, self.lines)
    }
}

/// How a load of files or sets went.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Orders per second, from the daemon's start to the last file out.
    pub per_second: f64,
    /// CPU seconds of the daemon per order.
    pub cpu_seconds: Option<f64>,
    /// The most memory that it held.
    pub peak_megabytes: Option<f64>,
}

/// Many files of one order each lie in the folder when the daemon starts.
pub fn files(workspace: &Workspace, engine: Engine<'_>, files: u32) -> Result<Load, Failure> {
    let home = engine.home(workspace, "files")?;
    let load = files_in(&home, 1, files, &workspace.interrupt)?;
    home.remove()?;
    Ok(load)
}

/// The same in a home that is there, with numbers of its own.
pub fn files_in(home: &Home, first: u32, files: u32, interrupt: &Interrupt) -> Result<Load, Failure> {
    output::talk(format!("files: writing {files} files"));
    load::files(&home.orders_in(), first, files, interrupt)?;
    let goal = Goal { orders: files as usize, acknowledgments: files as usize };
    take_load(home, goal, interrupt)
}

/// One file with many orders.
pub fn sets(workspace: &Workspace, engine: Engine<'_>, sets: u32) -> Result<Load, Failure> {
    let home = engine.home(workspace, "sets")?;
    let bytes = load::one_file(&home.orders_in().join("850_000000001.edi"), 1, sets)?;
    output::talk(format!("sets: one file of {sets} orders, {} MB", report::number(bytes as f64 / 1e6)));
    let load = take_load(&home, Goal { orders: sets as usize, acknowledgments: 1 }, &workspace.interrupt)?;
    home.remove()?;
    Ok(load)
}

fn take_load(home: &Home, goal: Goal, interrupt: &Interrupt) -> Result<Load, Failure> {
    settle_disk(&home.file("."));
    let since = Timestamp::now();
    let mut daemon = Daemon::start(home)?;
    let took = wait_for(home, &mut daemon, goal, interrupt)?;
    let load = Load {
        per_second: goal.orders as f64 / took.as_secs_f64(),
        cpu_seconds: daemon.cpu_seconds().map(|seconds| seconds / goal.orders as f64),
        peak_megabytes: daemon.peak_megabytes(),
    };
    expect_all_sent(home, goal, since)?;
    Ok(load)
}

/// A figure of work that was not done is worth nothing: the books must show every delivery.
fn expect_all_sent(home: &Home, goal: Goal, since: Timestamp) -> Result<(), Failure> {
    let sql = "SELECT (SELECT COUNT(*) FROM delivery WHERE created >= $1 AND state <> 'sent'),
                      (SELECT COUNT(*) FROM finding WHERE opened >= $1)";
    let row = open(home)?.read(|tx| tx.query(sql, &[since.into()])).map_err(ledger_failed)?;
    let (unsent, findings) = (row[0].int(0).map_err(ledger_failed)?, row[0].int(1).map_err(ledger_failed)?);
    let lying = (count(&home.orders_out()), count(&home.acknowledgments()));
    if unsent + findings > 0 || lying != (goal.orders, goal.acknowledgments) {
        let (orders, acknowledgments) = lying;
        return Err(Failure::new(format!(
            "the gateway did not do the work: {orders} of {} orders and {acknowledgments} of {} acknowledgments are out, \
             {unsent} deliveries are not sent, {findings} findings",
            goal.orders, goal.acknowledgments
        )));
    }
    Ok(())
}

/// Milliseconds from a file's rename into the folder to the appearance of its acknowledgment, sorted.
pub fn latency(workspace: &Workspace, engine: Engine<'_>, files: u32) -> Result<Vec<f64>, Failure> {
    let home = engine.home(workspace, "latency")?;
    output::talk(format!("latency: {files} files, one after the other"));
    let since = Timestamp::now();
    let mut daemon = Daemon::start(&home)?;
    daemon.wait_until_ready(&workspace.interrupt)?;
    let mut times = Vec::with_capacity(files as usize);
    // The first file pays for everything that is done once; it is not counted.
    for number in 1..=files + 1 {
        let time = one_file(&home, &mut daemon, number, &workspace.interrupt)?;
        if number > 1 {
            times.push(time.as_secs_f64() * 1e3);
        }
    }
    drop(daemon);
    let goal = Goal { orders: files as usize + 1, acknowledgments: files as usize + 1 };
    expect_all_sent(&home, goal, since)?;
    home.remove()?;
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// How often the out-folder is looked at.
const LOOK_EVERY: Duration = Duration::from_micros(500);

fn one_file(home: &Home, daemon: &mut Daemon, number: u32, interrupt: &Interrupt) -> Result<Duration, Failure> {
    let name = format!("850_{number:09}.edi");
    let (staged, offered) = (home.staging(&name), home.orders_in().join(&name));
    fs::write(&staged, load::one_order(number)).map_err(refused("write", &staged))?;
    let began = Instant::now();
    fs::rename(&staged, &offered).map_err(refused("rename", &staged))?;
    let answered =
        wait_for_files("answered", &home.acknowledgments(), number, daemon, interrupt).map(|()| began.elapsed())?;
    // The next file meets an idle daemon: the order is out, and the bookkeeping of both had a moment.
    wait_for_files("handed over", &home.orders_out(), number, daemon, interrupt)?;
    thread::sleep(Duration::from_millis(20));
    Ok(answered)
}

/// Waits until so many files lie in a folder, each of which says what became of a file.
pub fn wait_for_files(
    what: &str,
    folder: &std::path::Path,
    files: u32,
    daemon: &mut Daemon,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let began = Instant::now();
    while count(folder) < files as usize {
        daemon.check(interrupt)?;
        if began.elapsed() > Duration::from_secs(60) {
            let words = daemon.last_words();
            return Err(Failure::new(format!("a file was not {what} within a minute\n{words}")));
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// How long the idle daemon is left alone, and how long it is watched.
#[derive(Debug, Clone, Copy)]
pub struct Watching {
    /// Before the look.
    pub settle: Duration,
    /// The look.
    pub window: Duration,
}

/// CPU of a daemon with nothing to do, in percent of a core; `None` where the system keeps no /proc.
pub fn idle(workspace: &Workspace, partners: u32, watching: Watching) -> Result<Option<f64>, Failure> {
    output::talk(format!("idle: {partners} partners, watched for {:?}", watching.window));
    let interrupt = &workspace.interrupt;
    let home = Home::with_partners(workspace, "idle", partners)?;
    let mut daemon = Daemon::start(&home)?;
    daemon.wait_until_ready(interrupt)?;
    leave_alone(&mut daemon, watching.settle, interrupt)?;
    let (before, began) = (process::threads(daemon.id()), Instant::now());
    leave_alone(&mut daemon, watching.window, interrupt)?;
    let (after, took) = (process::threads(daemon.id()), began.elapsed());
    drop(daemon);
    home.remove()?;
    let used = before.zip(after).map(|(before, after)| process::seconds_between(&before, &after));
    Ok(used.map(|used| 100.0 * used / took.as_secs_f64()))
}

fn leave_alone(daemon: &mut Daemon, time: Duration, interrupt: &Interrupt) -> Result<(), Failure> {
    let until = Instant::now() + time;
    loop {
        daemon.check(interrupt)?;
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(Duration::from_millis(200)));
    }
}

/// The rows of a load of files.
pub fn files_rows(engine: Engine<'_>, load: &Load) -> Vec<Row> {
    let said = |text: &str| format!("{text}{}", engine.suffix);
    let mut rows = vec![Row::new("files", said("files taken in and answered"), load.per_second, "files/s")];
    rows[0].bounds = Some(report::FILES);
    rows.extend(load.cpu_seconds.map(|seconds| Row::new("files", said("CPU per file"), seconds * 1e3, "ms")));
    rows
}

/// The row of the memory that queued files took.
pub fn memory_rows(engine: Engine<'_>, load: &Load, files: u32) -> Vec<Row> {
    let said = format!("peak memory, {} files queued{}", report::number(f64::from(files)), engine.suffix);
    let row = |peak| Row::new("memory", said, peak, "MB").held_against(report::MEMORY);
    load.peak_megabytes.map(row).into_iter().collect()
}

/// The rows of one large file.
pub fn sets_rows(engine: Engine<'_>, load: &Load) -> Vec<Row> {
    let said = |text: &str| format!("{text}{}", engine.suffix);
    let mut rows = vec![Row::new("sets", said("orders of one file taken in"), load.per_second, "sets/s")];
    rows[0].bounds = Some(report::SETS);
    rows.extend(load.cpu_seconds.map(|seconds| Row::new("sets", said("CPU per order"), seconds * 1e3, "ms")));
    rows.extend(load.peak_megabytes.map(|peak| Row::new("sets", said("peak memory"), peak, "MB")));
    rows
}

/// The rows of single files.
pub fn latency_rows(engine: Engine<'_>, sorted: &[f64]) -> Vec<Row> {
    let said = |text: &str| format!("file to 997, {text}{}", engine.suffix);
    vec![
        Row::new("latency", said("median"), percentile(sorted, 0.5), "ms"),
        Row::new("latency", said("99 of 100"), percentile(sorted, 0.99), "ms").held_against(report::LATENCY),
    ]
}
