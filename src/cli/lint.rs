//! `edigate lint`: parse and check documents; every fault with its place.

use std::fmt;
use std::path::Path;
use std::thread;

use serde_json::{Value, json};

use super::input::Format;
use super::paint::Paint;
use super::rules::Rules;
use super::side_by_side::{self, SharedGuides};
use super::{Exit, Failure, input, output};
use crate::diagnostic::{Diagnostic, Record, Severity};
use crate::normalize;
use crate::x12::envelope::InterchangeHeader;
use crate::x12::examine::{ExaminedSet, Report, SetVerdict};

/// Check documents and say what is wrong where
///
/// Reads X12 files of any size, checks envelopes, counts, structure, elements, codes and conditions against the
/// standard's guides, tries to read a document from every set, and prints what is wrong: where, what was expected, what was
/// found, and what to do. Canonical JSON is checked against the canonical model.
///
/// Needs no configuration and no ledger; changes nothing. With --config, or with --partner, it checks by the guides of that
/// configuration as the daemon does: each interchange by those of the partner that sent it, or of the one that is named.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate lint 850.edi\n  edigate lint --json inbox/*.edi | jq '.diagnostics[].code'\n  \
    edigate lint --errors-only - < 850.edi\n  edigate lint --partner megamart 850.edi\n\
    Exit codes: 0 clean (warnings and notes allowed) · 1 errors found · 2 a file could not be read"
)]
pub struct Args {
    /// Files to check; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Check by the guides and overlays of this partner, whoever the files name as their sender
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// One JSON object per file and line
    #[arg(long)]
    json: bool,
    /// Say nothing of notes and warnings
    #[arg(long)]
    errors_only: bool,
}

/// Lints every file; one that cannot be read does not keep the others from being checked.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let rules = Rules::of(args.partner.as_deref(), config)?;
    let guides = |header: &InterchangeHeader| rules.library(header);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (mut exit, mut unread) = (Exit::Fine, Vec::new());
    // One large file keeps all processors busy by itself, many small ones side by side.
    let (at_once, threads) = if args.files.len() == 1 { (1, threads) } else { (threads * 4, 1) };
    let linted = args.files.chunks(at_once).flat_map(|files| files.iter().zip(lint_all(files, threads, &guides)));
    for (file, linted) in linted {
        let linted = match linted {
            Ok(linted) => linted,
            Err(failure) => {
                unread.push(failure);
                continue;
            }
        };
        let shown: Vec<&Diagnostic> =
            linted.diagnostics.iter().filter(|one| !args.errors_only || one.is_error()).collect();
        if shown.iter().any(|one| one.is_error()) {
            exit = Exit::Findings;
        }
        match args.json {
            true => output::json(&as_json(file, &linted.counts, &shown))?,
            false => output::line(as_text(file, &linted.counts, &shown))?,
        }
    }
    match unread.pop() {
        None => Ok(exit),
        Some(last) => {
            unread.iter().for_each(|failure| output::talk(format!("error: {failure}")));
            Err(last)
        }
    }
}

/// What was found in one file.
struct Linted {
    counts: Counts,
    diagnostics: Vec<Diagnostic>,
}

/// How much was looked at.
enum Counts {
    X12 { interchanges: usize, groups: usize, sets: usize, rejected: usize },
    Json { documents: usize },
}

/// Lints files side by side, each with so many threads.
fn lint_all(files: &[String], threads: usize, guides: SharedGuides<'_, '_>) -> Vec<Result<Linted, Failure>> {
    thread::scope(|scope| {
        let lints: Vec<_> = files.iter().map(|file| scope.spawn(move || lint(file, threads, guides))).collect();
        let panicked = |file: &String| Failure::new(format!("checking {file} failed; that is a fault of edigate"));
        files.iter().zip(lints).map(|(file, lint)| lint.join().unwrap_or_else(|_| Err(panicked(file)))).collect()
    })
}

fn lint(file: &str, threads: usize, guides: SharedGuides<'_, '_>) -> Result<Linted, Failure> {
    let (format, source) = input::open_known(file)?;
    if format == Format::Json {
        let bytes = input::read_all(source, file)?;
        let (documents, diagnostics) = normalize::json::canonical(&bytes, file);
        return Ok(Linted { counts: Counts::Json { documents: documents.len() }, diagnostics });
    }
    let mut reading = Vec::new();
    let unreadable = |set: ExaminedSet<'_>| unreadable(&set, file);
    let report = side_by_side::examine(source, file, threads, guides, &unreadable, &mut |mut diagnostics| {
        reading.append(&mut diagnostics)
    });
    let report = report.map_err(|error| Failure::new(format!("cannot read {file}: {error}")))?;
    let mut diagnostics: Vec<Diagnostic> = report.all_diagnostics().cloned().collect();
    diagnostics.append(&mut reading);
    Ok(Linted { counts: Counts::of(&report), diagnostics })
}

/// What keeps a correct set from becoming a document: an order line without an item number, for one, or that there is no
/// document for such a set. A 997 cannot say it, and the daemon would quarantine the document all the same.
fn unreadable(set: &ExaminedSet<'_>, file: &str) -> Vec<Diagnostic> {
    match set.checked {
        Some(checked) if set.report.verdict != SetVerdict::Rejected && set.group.functional_id != "FA" => {
            normalize::x12::document(checked, Some(file)).1
        }
        _ => Vec::new(),
    }
}

fn as_json(file: &str, counts: &Counts, shown: &[&Diagnostic]) -> Value {
    let records: Vec<Record> = shown.iter().map(|diagnostic| Record::from(*diagnostic)).collect();
    match counts {
        Counts::X12 { interchanges, groups, sets, rejected } => json!({
            "file": file,
            "format": "x12",
            "interchanges": interchanges,
            "groups": groups,
            "sets": sets,
            "sets_rejected": rejected,
            "diagnostics": records,
        }),
        Counts::Json { documents } => {
            json!({ "file": file, "format": "json", "documents": documents, "diagnostics": records })
        }
    }
}

fn as_text(file: &str, counts: &Counts, shown: &[&Diagnostic]) -> String {
    let paint = Paint::for_stdout();
    let mut lines: Vec<String> = shown
        .iter()
        .map(|diagnostic| {
            let text = diagnostic.to_string();
            let (head, rest) = text.split_once('\n').unwrap_or((&text, ""));
            let head = match diagnostic.severity() {
                Severity::Error => paint.red(head),
                Severity::Warning => paint.yellow(head),
                Severity::Note => paint.dim(head),
            };
            format!("{head}\n{rest}\n")
        })
        .collect();
    lines.push(format!("{file}: {counts}: {}", verdict(shown, paint)));
    lines.join("\n")
}

/// `clean`, `2 errors`, `clean, 1 warning`.
fn verdict(shown: &[&Diagnostic], paint: Paint) -> String {
    let count = |severity| shown.iter().filter(|one| one.severity() == severity).count();
    let errors = count(Severity::Error);
    let mut words = vec![if errors == 0 { paint.green("clean") } else { paint.red(&plural(errors, "error")) }];
    for (severity, noun) in [(Severity::Warning, "warning"), (Severity::Note, "note")] {
        if count(severity) > 0 {
            words.push(paint.yellow(&plural(count(severity), noun)));
        }
    }
    words.join(", ")
}

impl Counts {
    fn of(report: &Report) -> Counts {
        let groups = || report.interchanges.iter().flat_map(|interchange| &interchange.groups);
        let sets = || groups().flat_map(|group| &group.sets);
        Counts::X12 {
            interchanges: report.interchanges.len(),
            groups: groups().count(),
            sets: sets().count() + groups().map(|group| group.clean as usize).sum::<usize>(),
            rejected: sets().filter(|set| set.verdict == SetVerdict::Rejected).count(),
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Counts::X12 { interchanges, groups, sets, .. } => {
                let (groups, sets) = (plural(*groups, "group"), plural(*sets, "set"));
                write!(f, "{}, {groups}, {sets}", plural(*interchanges, "interchange"))
            }
            Counts::Json { documents } => f.write_str(&plural(*documents, "canonical document")),
        }
    }
}

/// `1 set`, `2 sets`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("{count} {noun}") } else { format!("{count} {noun}s") }
}
