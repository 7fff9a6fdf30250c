//! `edigate bench x12`: what the engine does with a hundred megabytes of orders, beside what any program must do that reads them.
//!
//! ```text
//! read       the bytes, from a file in memory           loop       a look at each byte, and a span for each element
//! index      separators and spans                       check      lex, envelopes, guide, 997
//! documents  the same, and a document of each order     render     ship notices from documents
//! linear     the cost of a byte in files of every size  cores      two of them beside one       lint  memory
//! ```
//!
//! All but `cores` is measured in processor time of one thread. Every figure is the best of a few rounds in turn, since what
//! others do on the same machine only ever makes it slower.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::orders::{self, Orders};
use super::process::{self, processor_time};
use super::report::{Bounds, Row, announce};
use super::tell;
use super::workspace::{Workspace, refused};
use crate::cli::{Exit, Failure, output, side_by_side};
use crate::document::Document;
use crate::normalize;
use crate::render;
use crate::x12::acknowledgment::{self, Style};
use crate::x12::delimiters::Delimiters;
use crate::x12::examine::{ExaminedSet, examine};
use crate::x12::guide::Library;
use crate::x12::scan::{Marks, scan, scan_bytes};
use crate::x12::writer::{self, GroupDraft};

/// The X12 engine beside a plain loop over the same bytes
///
/// Makes orders (850) as partners send them, of 3 to 21 lines with texts and numbers of every length, and measures on one core: the
/// separator index beside a loop over the bytes and beside read(), the check with envelopes and 997, documents, ship notices
/// (856) that are written, whether time grows with size alone, what two cores make of it, and the memory of `edigate lint`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate bench x12\n  edigate bench x12 --megabytes 20 --large 200\n\
    Exit codes: 0 every measured \"must\" was met · 1 one was not · 2 could not run")]
pub struct Args {
    /// Megabytes of orders
    #[arg(long, value_name = "MB", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    megabytes: u32,
    /// Megabytes of the file for `lint` and the last step of `linear`
    #[arg(long, value_name = "MB", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    large: u32,
    /// Work in a new directory below this one [default: the current directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// JSON, one object per row
    #[arg(long)]
    json: bool,
}

const ROUNDS: usize = 5;
/// Bytes that are read, looked at and indexed at a time, as the reader does it.
const BLOCK: usize = 64 << 10;
const MB: usize = 1_000_000;

const INDEX: Bounds = Bounds::AtLeast { must: 2.5, aim: 4.0 };
const CHECK: Bounds = Bounds::AtLeast { must: 150.0, aim: 400.0 };
const DOCUMENTS: Bounds = Bounds::AtLeast { must: 60.0, aim: 150.0 };
const RENDER: Bounds = Bounds::AtLeast { must: 100.0, aim: 250.0 };
const MEMORY: Bounds = Bounds::AtMost { must: 64.0, aim: 32.0 };
const LINEAR: Bounds = Bounds::AtMost { must: 15.0, aim: 5.0 };
const CORES: Bounds = Bounds::AtLeast { must: 1.8, aim: 1.9 };

/// Runs the command.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let below = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let workspace = Workspace::below(&below)?;
    let mut rows = Vec::new();
    let ended = measure(args, &workspace, &mut rows);
    tell(&rows, args.json)?;
    ended?;
    Ok(if rows.iter().all(Row::meets_must) { Exit::Fine } else { Exit::Findings })
}

fn measure(args: &Args, workspace: &Workspace, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let mut add = |made: Vec<Row>| {
        made.iter().for_each(announce);
        rows.extend(made);
    };
    output::talk(format!("{} MB of orders, the best of {ROUNDS} rounds in turn", args.megabytes));
    let mut bytes = Vec::new();
    // Into memory.
    let _ = orders::write(&mut bytes, 0, args.megabytes as usize * MB);
    let file = workspace.path().join("orders.edi");
    fs::write(&file, &bytes).map_err(refused("write", &file))?;
    add(index(&bytes, &file, workspace)?);
    add(engine(&bytes, workspace)?);
    add(rendering(workspace)?);
    add(cores(&bytes, workspace)?);
    fs::remove_file(&file).map_err(refused("remove", &file))?;
    drop(bytes);
    let large = write_orders(workspace, "large", 0, args.large as usize * MB)?;
    add(linear(args, &large, workspace)?);
    add(memory(&large, args.large)?);
    Ok(())
}

/// A file of orders of about that size.
fn write_orders(workspace: &Workspace, name: &str, seed: u64, size: usize) -> Result<PathBuf, Failure> {
    let path = workspace.path().join(format!("{name}.edi"));
    let written = File::create(&path).and_then(|file| {
        let mut file = BufWriter::with_capacity(1 << 20, file);
        orders::write(&mut file, seed, size)?;
        file.flush()
    });
    written.map_err(refused("write", &path))?;
    Ok(path)
}

/// The best rate of each thing in megabytes a second, measured in turn.
fn rates<const N: usize>(
    workspace: &Workspace,
    size: usize,
    mut things: [&mut dyn FnMut() -> Result<(), Failure>; N],
) -> Result<[f64; N], Failure> {
    let mut best = [0.0_f64; N];
    for _ in 0..ROUNDS {
        for (best, thing) in best.iter_mut().zip(&mut things) {
            workspace.interrupt.check()?;
            let began = processor_time()?;
            thing()?;
            *best = best.max(per_second(size, processor_time()? - began));
        }
    }
    Ok(best)
}

fn per_second(size: usize, took: Duration) -> f64 {
    size as f64 / MB as f64 / took.as_secs_f64()
}

fn index(bytes: &[u8], file: &Path, workspace: &Workspace) -> Result<Vec<Row>, Failure> {
    let delimiters = Delimiters::default();
    let (mut buffer, mut spans) = (vec![0; 1 << 20], Vec::new());
    let (mut wide, mut narrow) = (Marks::default(), Marks::default());
    let [read, looped, indexed, byte_by_byte] = rates(
        workspace,
        bytes.len(),
        [
            &mut || {
                let mut open = File::open(file).map_err(refused("open", file))?;
                while open.read(&mut buffer).map_err(refused("read", file))? > 0 {}
                Ok(())
            },
            &mut || {
                for block in bytes.chunks(BLOCK) {
                    spans.clear();
                    let mut start = 0;
                    for (at, &byte) in (0_u32..).zip(block) {
                        if byte == delimiters.element || byte == delimiters.terminator {
                            spans.push((start, at));
                            start = at + 1;
                        }
                    }
                    black_box(&spans);
                }
                Ok(())
            },
            &mut || {
                bytes.chunks(BLOCK).for_each(|block| marked(scan, block, delimiters, &mut wide));
                Ok(())
            },
            &mut || {
                bytes.chunks(BLOCK).for_each(|block| marked(scan_bytes, block, delimiters, &mut narrow));
                Ok(())
            },
        ],
    )?;
    Ok(vec![
        Row::new("index", "read() of the file, nothing else", read, "MB/s"),
        Row::new("index", "plain loop over the bytes, a span for each element", looped, "MB/s"),
        Row::new("index", "separator index", indexed, "MB/s"),
        Row::new("index", "beside the loop", indexed / looped, "times").held_against(INDEX),
        Row::new("index", "beside read()", indexed / read, "times"),
        Row::new("index", "where the processor has no AVX2, beside the loop", byte_by_byte / looped, "times"),
    ])
}

fn marked(scan: fn(&[u8], Delimiters, u32, &mut Marks), block: &[u8], delimiters: Delimiters, marks: &mut Marks) {
    marks.clear();
    scan(block, delimiters, 0, marks);
    black_box(marks);
}

fn engine(bytes: &[u8], workspace: &Workspace) -> Result<Vec<Row>, Failure> {
    let [checked, read] = rates(
        workspace,
        bytes.len(),
        [&mut || check(bytes, &mut |_| {}), &mut || check(bytes, &mut |set| drop(black_box(document(&set))))],
    )?;
    Ok(vec![
        Row::new("check", "lex, envelopes, guide and 997 of orders", checked, "MB/s").held_against(CHECK),
        Row::new("documents", "the same, and a document of each order", read, "MB/s").held_against(DOCUMENTS),
    ])
}

/// Checks a file that must be clean and answers it.
fn check(source: impl Read, on_set: &mut dyn FnMut(ExaminedSet<'_>)) -> Result<(), Failure> {
    let report =
        examine(source, None, &Library::standard_for, on_set).map_err(|error| Failure::new(error.to_string()))?;
    if let Some(fault) = report.all_diagnostics().next() {
        return Err(Failure::new(format!("the orders made for the benchmark are not clean: {fault}")));
    }
    for interchange in &report.interchanges {
        black_box(acknowledgment::answers(interchange, &Style::default()));
    }
    Ok(())
}

fn document(set: &ExaminedSet<'_>) -> Option<Document> {
    normalize::x12::document(set.checked?, None).0
}

fn rendering(workspace: &Workspace) -> Result<Vec<Row>, Failure> {
    let shipments: Vec<Document> =
        (0..2_000).map(|number| Document::Shipment(Orders::new(number).shipment())).collect();
    let envelope = orders::envelope()?;
    let mut size = 0;
    let mut write = || -> Result<(), Failure> {
        let sets = shipments.iter().map(|shipment| {
            let rendered = render::x12::set(shipment);
            rendered.map(|rendered| rendered.draft).map_err(|faults| Failure::new(format!("{faults:?}")))
        });
        let sets = sets.collect::<Result<Vec<_>, _>>()?;
        let written = writer::interchange(&envelope, &[GroupDraft { control_number: 1, sets }]);
        size = written.map_err(|error| Failure::new(error.to_string()))?.len();
        Ok(())
    };
    let [per_round] = rates(workspace, MB, [&mut write])?;
    let rate = per_round * size as f64 / MB as f64;
    Ok(vec![Row::new("render", "ship notices written from documents", rate, "MB/s").held_against(RENDER)])
}

fn cores(bytes: &[u8], workspace: &Workspace) -> Result<Vec<Row>, Failure> {
    if thread::available_parallelism().map_or(1, usize::from) < 2 {
        return Ok(Vec::new());
    }
    let mut best = [f64::MAX; 2];
    for _ in 0..ROUNDS {
        for (best, threads) in best.iter_mut().zip([1, 2]) {
            workspace.interrupt.check()?;
            let began = Instant::now();
            let work = |set: ExaminedSet<'_>| drop(black_box(document(&set)));
            let report = side_by_side::examine(bytes, "orders.edi", threads, &Library::standard_for, &work, &mut drop);
            black_box(report.map_err(|error| Failure::new(error.to_string()))?);
            *best = best.min(began.elapsed().as_secs_f64());
        }
    }
    let [one, two] = best;
    let what = "one file into documents by two threads beside one, by the clock";
    Ok(vec![Row::new("cores", what, one / two, "times").held_against(CORES)])
}

/// Nanoseconds for a byte in files of every size, measured in turn: a machine that slows down meanwhile slows all of them.
///
/// Of each size there are so many files that no size is small work, and no two files are alike: what is checked again and again
/// is known to the processor's caches and branch predictors, and a byte of it costs less than one that was never seen.
fn linear(args: &Args, large: &Path, workspace: &Workspace) -> Result<Vec<Row>, Failure> {
    let (together, mut sizes) = (args.megabytes as usize * MB, Vec::new());
    let mut size = MB;
    while size <= together {
        let number = together / size;
        let write = |seed| write_orders(workspace, &format!("{size}-{seed}"), seed as u64, size);
        sizes.push((size, (1..=number).map(write).collect::<Result<Vec<_>, _>>()?));
        size *= 10;
    }
    let large_size = args.large as usize * MB;
    if large_size > together {
        sizes.push((large_size, vec![large.to_owned()]));
    }
    let mut costs = vec![f64::MAX; sizes.len()];
    for _ in 0..ROUNDS {
        for (cost, (_, files)) in costs.iter_mut().zip(&sizes) {
            workspace.interrupt.check()?;
            let (began, mut checked) = (processor_time()?, 0);
            for path in files {
                let file = File::open(path).map_err(refused("open", path))?;
                checked += file.metadata().map_err(refused("look at", path))?.len() as usize;
                check(file, &mut |_| {})?;
            }
            *cost = cost.min(1_000.0 / per_second(checked, processor_time()? - began));
        }
    }
    let row = |((size, _), cost): (&(usize, Vec<PathBuf>), &f64)| {
        Row::new("linear", format!("check of {} MB", size / MB), *cost, "ns/byte")
    };
    let mut rows: Vec<Row> = sizes.iter().zip(&costs).map(row).collect();
    let (least, most) = (costs.iter().copied().fold(f64::MAX, f64::min), costs.iter().copied().fold(0.0, f64::max));
    let spread = (most / least - 1.0) * 100.0;
    rows.push(Row::new("linear", "the dearest byte beside the cheapest", spread, "% more").held_against(LINEAR));
    Ok(rows)
}

/// What `edigate lint` holds of a large file.
fn memory(large: &Path, megabytes: u32) -> Result<Vec<Row>, Failure> {
    let program =
        std::env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let mut lint = Command::new(&program)
        .arg("lint")
        .arg(large)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .map_err(refused("start", &program))?;
    let mut peak = None;
    let ended = loop {
        peak = process::peak_megabytes(lint.id()).or(peak);
        match lint.try_wait().map_err(refused("wait for", &program))? {
            Some(ended) => break ended,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    if !ended.success() {
        return Err(Failure::new(format!("edigate lint of the orders made for the benchmark ended with {ended}")));
    }
    let what = format!("most memory of `edigate lint` for {megabytes} MB in one interchange");
    Ok(peak.map(|peak| Row::new("lint", what, peak, "MB").held_against(MEMORY)).into_iter().collect())
}
