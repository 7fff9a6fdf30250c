//! What a full ledger costs: the same files and the same questions, on a ledger with a history and on a fresh one.
//!
//! ```text
//! fresh    2,000 files · 2,000 files · 2,000 files      every question 50 times, in turn with
//! history  2,000 files · 2,000 files · 2,000 files      the same question here
//! ```
//!
//! The two take turns, so that a machine which is busy for a while is busy for both; what counts is the median.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;

use super::history::{self, Generated};
use super::measures::{Load, files_in};
use super::report::{self, Row, number};
use super::run::{Home, LedgerLines, ledger_failed, open};
use super::workspace::Workspace;
use crate::cli::{Failure, output};
use crate::config::LedgerAddress;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::ledger::finding::NewFinding;
use crate::ledger::view::Filter;
use crate::ledger::{Error, Ledger, Transaction};

/// How large the comparison is.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Documents of the history.
    pub documents: u32,
    /// Files that are taken in at a time.
    pub files: u32,
    /// How often each question is asked.
    pub runs: u32,
}

/// How often the files are taken in.
const ROUNDS: u32 = 7;

/// The number of the first file of the load; the history's numbers are lower.
const FIRST: u32 = 500_000_001;

const HISTORY: &str = "history";

/// Measures both ledgers and compares them.
pub fn compare(workspace: &Workspace, sizes: Sizes) -> Result<Vec<Row>, Failure> {
    let lines = LedgerLines::sqlite();
    let full = Home::with_one_retailer(workspace, "history", &lines)?;
    let fresh = Home::with_one_retailer(workspace, "fresh", &lines)?;
    let generated = history::generate(&full, sizes.documents, &workspace.interrupt)?;
    let mut rows = size_rows(&generated);
    rows.extend(intake(workspace, sizes, &full, &fresh)?);
    for home in [&full, &fresh] {
        raise_findings(home)?;
    }
    rows.extend(questions(workspace, sizes, &full, &fresh)?);
    Ok(rows)
}

fn size_rows(generated: &Generated) -> Vec<Row> {
    vec![
        Row::new(HISTORY, "time to make the history", generated.took.as_secs_f64(), "s"),
        Row::new(HISTORY, "size of its ledger", generated.bytes as f64 / 1e6, "MB"),
    ]
}

fn intake(workspace: &Workspace, sizes: Sizes, full: &Home, fresh: &Home) -> Result<Vec<Row>, Failure> {
    let (mut on_full, mut on_fresh) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for (home, loads) in [(fresh, &mut on_fresh), (full, &mut on_full)] {
            loads.push(files_in(home, FIRST + round * sizes.files, sizes.files, &workspace.interrupt)?);
            // The partners take what is theirs, so that every round finds empty folders.
            home.empty_folders()?;
        }
    }
    let speed = |loads: &[Load]| median(loads.iter().map(|load| load.per_second).collect());
    let (full, fresh) = (speed(&on_full), speed(&on_fresh));
    let behind = format!("with {} documents", number(f64::from(sizes.documents)));
    let mut rows = vec![
        Row::new(HISTORY, format!("files taken in {behind}"), full, "files/s"),
        Row::new(HISTORY, "files taken in, fresh ledger", fresh, "files/s"),
        Row::new(HISTORY, "intake: fresh against full", fresh / full, "ratio").held_against(report::HISTORY),
    ];
    // Less at the mercy of what else the machine does than the time is.
    let cpu = |loads: &[Load]| loads.iter().map(|load| load.cpu_seconds).collect::<Option<Vec<f64>>>().map(median);
    if let Some((full, fresh)) = cpu(&on_full).zip(cpu(&on_fresh)) {
        rows.push(Row::new(HISTORY, "CPU per file: full against fresh", full / fresh, "ratio"));
    }
    Ok(rows)
}

/// Both ledgers get the same findings, at least as many as a page shows.
fn raise_findings(home: &Home) -> Result<(), Failure> {
    let config = home.config()?;
    // Opening it to write also folds what the killed daemon left in its log into the file.
    let ledger = Ledger::open(&config.ledger, &config.home).map_err(ledger_failed)?;
    let raised = ledger.write(|tx| {
        for number in 0..2 * PAGE {
            let message = format!("order {number} came in before with other content");
            let diagnostic = Diagnostic::new(&custody::KNOWN_DOCUMENT_CHANGED, message);
            let subject = format!("850 {number}");
            tx.record_finding(&NewFinding::new("retailer", &subject, &diagnostic, Timestamp::now()))?;
        }
        Ok(())
    });
    raised.map_err(ledger_failed)
}

/// Rows of a page.
const PAGE: u32 = 100;

/// A question that a page or a command asks; each returns how many rows it got.
type Question = fn(&mut Transaction<'_>, &Filter) -> Result<usize, Error>;

const PAGES: [(&str, Question); 7] = [
    ("acks", |tx, filter| tx.acks(filter).map(|page| page.rows.len())),
    ("documents", |tx, filter| tx.documents(filter).map(|page| page.rows.len())),
    ("deliveries", |tx, filter| tx.deliveries(filter).map(|page| page.rows.len())),
    ("expectations", |tx, filter| tx.expectations(filter).map(|page| page.rows.len())),
    ("findings", |tx, filter| tx.findings(filter).map(|page| page.rows.len())),
    ("transmissions", |tx, filter| tx.transmissions(filter).map(|page| page.rows.len())),
    ("events", |tx, filter| tx.events(filter).map(|page| page.rows.len())),
];

/// What one question cost, in milliseconds.
#[derive(Debug, Clone)]
struct Cost {
    question: String,
    full: f64,
    fresh: f64,
}

impl Cost {
    fn ratio(&self) -> f64 {
        self.full / self.fresh
    }

    fn told(&self) -> String {
        format!("{}: {} ms, fresh {} ms", self.question, number(self.full), number(self.fresh))
    }
}

fn questions(workspace: &Workspace, sizes: Sizes, full: &Home, fresh: &Home) -> Result<Vec<Row>, Failure> {
    output::talk(format!("history: every question {} times", sizes.runs));
    let LedgerAddress::Sqlite(database) = &full.config()?.ledger else { return Ok(Vec::new()) };
    let (full, fresh) = (open(full)?, open(fresh)?);
    let mut costs = Vec::new();
    for (name, question) in PAGES {
        for partner in [None, Some("retailer")] {
            workspace.interrupt.check()?;
            let whose = if partner.is_some() { " of a partner" } else { "" };
            let filter = Filter { limit: Some(PAGE), ..partner.map(Filter::of).unwrap_or_default() };
            costs.push(ask(format!("{name}{whose}"), sizes.runs, [&full, &fresh], |ledger, _, _| {
                ledger.read(|tx| question(tx, &filter))
            })?);
        }
    }
    let orders = [
        ("trace of an order of today", FIRST, sizes.files),
        ("trace of an order that nobody asked for", 0, sizes.documents),
        ("the same trace once more", 0, sizes.documents),
    ];
    let mut unread = None;
    for (question, first, orders) in orders {
        let cost = ask(question.to_owned(), sizes.runs, [&full, &fresh], |ledger, side, run| {
            let po = match side {
                Side::Full if first == 0 => history::po(spread(run, sizes.runs, orders)),
                Side::Full => super::load::po(first + spread(run, sizes.runs, orders)),
                Side::Fresh => super::load::po(FIRST + spread(run, sizes.runs, sizes.files)),
            };
            ledger.read(|tx| tx.trace(&po.to_string())).map(|trace| trace.events.len())
        })?;
        // Its rows are on the disk: what is asked again shows what the ledger takes, and this one what the disk does.
        match question {
            "trace of an order that nobody asked for" => unread = Some(cost),
            _ => costs.push(cost),
        }
    }
    let mut rows = cost_rows(&costs);
    if let Some(cost) = unread {
        let page = page_read(database, sizes.runs)?;
        rows.push(Row::new(HISTORY, cost.told(), cost.ratio(), "ratio"));
        rows.push(Row::new(HISTORY, "one page of the ledger, read from the disk", page, "ms"));
        rows.push(Row::new(HISTORY, format!("{}: pages' worth of time", cost.question), cost.full / page, "pages"));
    }
    Ok(rows)
}

/// What the disk takes for one page from anywhere in the ledger that is not in memory, in milliseconds.
fn page_read(database: &Path, runs: u32) -> Result<f64, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("cannot read {}: {error}", database.display()));
    let file = File::open(database).map_err(failed)?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).map_err(|error| failed(error.into()))?;
    let pages = file.metadata().map_err(failed)?.len() / PAGE_SIZE as u64;
    let mut times = Vec::new();
    for run in 0..runs {
        let page = u64::from(run) * pages / u64::from(runs);
        let began = Instant::now();
        file.read_exact_at(&mut [0; PAGE_SIZE], page * PAGE_SIZE as u64).map_err(failed)?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(times))
}

/// Bytes of a page of the database.
const PAGE_SIZE: usize = 4096;

/// Which of the two ledgers is asked.
#[derive(Debug, Clone, Copy)]
enum Side {
    Full,
    Fresh,
}

/// The `run`th of so many things, evenly from the first to the last.
fn spread(run: u32, runs: u32, things: u32) -> u32 {
    // Below `things`, so the cast keeps it.
    (u64::from(run) * u64::from(things) / u64::from(runs)) as u32
}

fn ask(
    question: String,
    runs: u32,
    [full, fresh]: [&Ledger; 2],
    ask: impl Fn(&Ledger, Side, u32) -> Result<usize, Error>,
) -> Result<Cost, Failure> {
    let (mut on_full, mut on_fresh) = (Vec::new(), Vec::new());
    for run in 0..runs {
        for (ledger, side, times) in [(full, Side::Full, &mut on_full), (fresh, Side::Fresh, &mut on_fresh)] {
            let began = Instant::now();
            let rows = ask(ledger, side, run).map_err(ledger_failed)?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            if rows == 0 {
                return Err(Failure::new(format!("{question} found nothing, so its time says nothing")));
            }
        }
    }
    Ok(Cost { question, full: median(on_full), fresh: median(on_fresh) })
}

fn cost_rows(costs: &[Cost]) -> Vec<Row> {
    let mut rows: Vec<Row> = costs.iter().map(|cost| Row::new(HISTORY, cost.told(), cost.ratio(), "ratio")).collect();
    let worst = costs.iter().max_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    let slowest = costs.iter().max_by(|a, b| a.full.total_cmp(&b.full));
    rows.extend(worst.map(|cost| {
        let what = format!("worst question: {}", cost.question);
        Row::new(HISTORY, what, cost.ratio(), "ratio").held_against(report::HISTORY)
    }));
    rows.extend(slowest.map(|cost| {
        let what = format!("slowest question: {}", cost.question);
        Row::new(HISTORY, what, cost.full, "ms")
    }));
    rows
}

/// The middle one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    report::percentile(&values, 0.5)
}
