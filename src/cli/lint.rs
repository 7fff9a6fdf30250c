//! `edigate lint`: parse and check documents; every fault with its place.

use std::io::Write as _;

use serde_json::json;

use super::paint::Paint;
use super::{Exit, Failure, input};
use crate::diagnostic::{Diagnostic, Record, Severity};
use crate::x12::examine::{Report, SetVerdict, examine};

/// Reads X12 files of any size, checks envelopes, counts, structure, elements, codes and conditions against the
/// standard's guides, and prints what is wrong: where, what was expected, what was found, and what to do.
///
/// Needs no configuration and no ledger; changes nothing. `-` reads standard input.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate lint 850.edi\n  edigate lint --json inbox/*.edi | jq '.diagnostics[].code'\n\
    Exit codes: 0 clean (warnings and notes allowed) · 1 errors found · 2 could not run"
)]
pub struct Args {
    /// Files to check; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// One JSON object per file
    #[arg(long)]
    json: bool,
    /// Say nothing of notes and warnings
    #[arg(long)]
    errors_only: bool,
}

/// Lints every file; a file that cannot be opened ends the run.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let mut exit = Exit::Fine;
    let mut out = std::io::stdout().lock();
    for file in &args.files {
        let source = input::open(file)?;
        let report = examine(source, Some(file), &mut |_| {})
            .map_err(|error| Failure::new(format!("cannot read {file}: {error}")))?;
        let shown: Vec<&Diagnostic> =
            report.all_diagnostics().filter(|diagnostic| !args.errors_only || diagnostic.is_error()).collect();
        if shown.iter().any(|diagnostic| diagnostic.is_error()) {
            exit = Exit::Findings;
        }
        let text = if args.json { as_json(file, &report, &shown) } else { as_text(file, &report, &shown) };
        // A reader that went away (`| head`) is no failure of ours.
        if writeln!(out, "{text}").is_err() {
            break;
        }
    }
    Ok(exit)
}

fn as_json(file: &str, report: &Report, shown: &[&Diagnostic]) -> String {
    let records: Vec<Record> = shown.iter().map(|diagnostic| Record::from(*diagnostic)).collect();
    let counts = Counts::of(report);
    json!({
        "file": file,
        "interchanges": report.interchanges.len(),
        "groups": counts.groups,
        "sets": counts.sets,
        "sets_rejected": counts.rejected,
        "diagnostics": records,
    })
    .to_string()
}

fn as_text(file: &str, report: &Report, shown: &[&Diagnostic]) -> String {
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
    let counts = Counts::of(report);
    let errors = shown.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let verdict = if errors == 0 { paint.green("clean") } else { paint.red(&plural(errors, "error")) };
    let seen = format!(
        "{}, {}, {}",
        plural(report.interchanges.len(), "interchange"),
        plural(counts.groups, "group"),
        plural(counts.sets, "set")
    );
    lines.push(format!("{file}: {seen}: {verdict}"));
    lines.join("\n")
}

struct Counts {
    groups: usize,
    sets: usize,
    rejected: usize,
}

impl Counts {
    fn of(report: &Report) -> Counts {
        let groups = || report.interchanges.iter().flat_map(|interchange| &interchange.groups);
        let sets = || groups().flat_map(|group| &group.sets);
        Counts {
            groups: groups().count(),
            sets: sets().count(),
            rejected: sets().filter(|set| set.verdict == SetVerdict::Rejected).count(),
        }
    }
}

/// `1 set`, `2 sets`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("{count} {noun}") } else { format!("{count} {noun}s") }
}
