//! `edigate show`: a document as a tree of loops, as segments with their meaning, or in the canonical model.

use std::fmt::Write as _;
use std::path::Path;

use clap::ValueEnum;
use serde_json::json;

use super::input::Format;
use super::paint::Paint;
use super::rules::Rules;
use super::{Exit, Failure, input, ledger, output};
use crate::diagnostic::Diagnostic;
use crate::document::{Document, Kind, schema};
use crate::ledger::{Error, Id};
use crate::normalize;
use crate::x12::check::{Loop, Part};
use crate::x12::envelope::InterchangeHeader;
use crate::x12::examine::{ExaminedSet, examine};
use crate::x12::guide::{Guide, Library};
use crate::x12::segment::Segment;

/// Show a document as a tree, as segments or in the canonical model
///
/// Shows what is in a file. X12 files can be shown as a tree of loops, as segments with the name of every element, or as
/// canonical documents; canonical JSON is read, checked and printed again. Needs no configuration and no ledger. With --config,
/// or with --partner, the guides are those of that configuration: of the partner that sent a file, or of the one that is named.
///
/// With --transmission ID it shows what the archive holds of a file that came in or went out: the bytes exactly as they
/// were, or with --as one of the views above. With --schema KIND it prints the JSON Schema of the canonical model.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate show 850.edi\n  edigate show 850.edi --as canonical | jq .lines\n  \
    edigate show 850.edi --partner megamart --as segments\n  \
    edigate show --transmission 0198c0de-… > original.edi\n  edigate show --schema order\n\
    Exit codes: 0 shown · 1 shown, and it has errors · 2 could not run")]
pub struct Args {
    /// The file to show; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["schema", "transmission"])]
    file: Option<String>,
    /// How to show it [default: tree; raw for a transmission]
    #[arg(long = "as", value_enum, value_name = "VIEW")]
    view: Option<View>,
    /// Show the archived bytes of a transmission (`edigate ledger transmissions` has the ids)
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    transmission: Option<String>,
    /// Read it by the guides and overlays of this partner, whoever it names as its sender
    #[arg(long, value_name = "PARTNER", conflicts_with = "schema")]
    partner: Option<String>,
    /// Print the JSON Schema of a kind of document, by its name or its transaction set: order or 850, remittance or 820, …
    #[arg(long, value_name = "KIND", value_parser = parse_kind, conflicts_with_all = ["file", "transmission", "view"])]
    schema: Option<Kind>,
    /// JSON, one object per transaction set (canonical is always JSON)
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum View {
    /// Loops and segments, indented
    Tree,
    /// The canonical documents, as JSON
    Canonical,
    /// One segment per line, each element with its name
    Segments,
    /// The bytes exactly as they came in or went out
    Raw,
}

/// How X12 is shown.
#[derive(Clone, Copy)]
struct How<'r> {
    view: View,
    json: bool,
    paint: Paint,
    rules: &'r Rules,
}

impl Args {
    fn how<'r>(&self, view: View, rules: &'r Rules) -> How<'r> {
        How { view, json: self.json, paint: Paint::for_stdout(), rules }
    }
}

/// Reads a kind by its name or its X12 set.
pub fn parse_kind(text: &str) -> Result<Kind, String> {
    let named = |kind: Kind| match kind.transaction_set() {
        Some(set) => format!("{} ({set})", kind.name()),
        None => kind.name().to_owned(),
    };
    let known = || Kind::ALL.map(named).join(", ");
    Kind::parse(text).ok_or_else(|| format!("expected one of {}", known()))
}

/// Shows the file, the transmission or the schema.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    if let Some(kind) = args.schema {
        output::line(format!("{:#}", schema::json_schema(kind)))?;
        return Ok(Exit::Fine);
    }
    let rules = &Rules::of(args.partner.as_deref(), config)?;
    if let Some(id) = &args.transmission {
        return show_transmission(id, args, rules, config);
    }
    // Clap requires the file unless something else was asked for.
    let file = args.file.as_deref().unwrap_or("-");
    match args.view {
        Some(View::Raw) => {
            output::copy(&mut input::open(file)?, file)?;
            Ok(Exit::Fine)
        }
        view => show(&input::read(file)?, file, args.how(view.unwrap_or(View::Tree), rules)),
    }
}

fn show_transmission(id: &str, args: &Args, rules: &Rules, config: Option<&Path>) -> Result<Exit, Failure> {
    let (_, ledger) = ledger::open(config)?;
    let opened = ledger.read(|tx| {
        let transmission = tx.transmission(&Id(id.to_owned()))?;
        let bytes = tx.open_content(&transmission.sha256)?;
        Ok((transmission.name, bytes))
    });
    let (name, mut bytes) = opened.map_err(|error| match error {
        Error::NoSuch { .. } => Failure::new(error.to_string()).hint("`edigate ledger transmissions` lists them"),
        _ => Failure::new(error.to_string()),
    })?;
    match args.view {
        None if args.json => show(&input::read_all(bytes, &name)?, &name, args.how(View::Tree, rules)),
        None | Some(View::Raw) => {
            output::copy(&mut bytes, &name)?;
            Ok(Exit::Fine)
        }
        Some(view) => show(&input::read_all(bytes, &name)?, &name, args.how(view, rules)),
    }
}

fn show(bytes: &[u8], file: &str, how: How<'_>) -> Result<Exit, Failure> {
    if input::format_of(bytes) == Format::Json {
        return show_canonical_json(bytes, file);
    }
    let mut printed = Ok(());
    let mut faults = Vec::new();
    let guides = |header: &InterchangeHeader| how.rules.library(header);
    let report = examine(bytes, Some(file), &guides, &mut |set| {
        // After a reader went away nothing more is printed; the first refusal is what counts.
        if printed.is_ok() {
            printed = output::text(show_set(&set, file, how, &mut faults));
        }
    });
    let report = report.map_err(|error| Failure::new(format!("cannot read {file}: {error}")))?;
    printed?;
    faults.extend(report.all_diagnostics().filter(|one| one.is_error()).cloned());
    faults.iter().for_each(output::talk);
    Ok(if faults.iter().any(Diagnostic::is_error) { Exit::Findings } else { Exit::Fine })
}

fn show_canonical_json(bytes: &[u8], file: &str) -> Result<Exit, Failure> {
    let (documents, diagnostics) = normalize::json::canonical(bytes, file);
    output::text(documents.iter().map(canonical_text).collect::<String>())?;
    diagnostics.iter().for_each(output::talk);
    Ok(if diagnostics.iter().any(Diagnostic::is_error) { Exit::Findings } else { Exit::Fine })
}

fn canonical_text(document: &Document) -> String {
    String::from_utf8_lossy(&crate::render::json::canonical(document)).into_owned()
}

fn show_set(set: &ExaminedSet<'_>, file: &str, how: How<'_>, faults: &mut Vec<Diagnostic>) -> String {
    let paint = how.paint;
    match (how.view, how.json, set.checked) {
        (View::Canonical, _, Some(checked)) => {
            let (document, diagnostics) = normalize::x12::document(checked, Some(file));
            faults.extend(diagnostics);
            document.map(|document| canonical_text(&document)).unwrap_or_default()
        }
        (View::Canonical, _, None) => String::new(),
        (View::Tree, false, Some(checked)) => {
            let mut text = String::new();
            write_loop(&mut text, &checked.tree.root(), 0, paint);
            text
        }
        (View::Tree, true, Some(checked)) => format!("{}\n", loop_as_json(&checked.tree.root())),
        (_, true, _) => {
            let segments: Vec<_> = set.text.segments().map(|segment| segment_as_json(&segment)).collect();
            format!("{}\n", json!({ "set": set.report.id, "segments": segments }))
        }
        (_, false, _) => explained_segments(set, how.rules.library(set.interchange), paint),
    }
}

fn write_loop(text: &mut String, this: &Loop<'_>, depth: usize, paint: Paint) {
    let indent = "  ".repeat(depth);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{indent}{}", paint.bold(this.id));
    for part in this.parts() {
        match part {
            Part::Segment(segment) => drop(writeln!(text, "{indent}  {}", segment_text(&segment))),
            Part::Loop(inner) => write_loop(text, &inner, depth + 1, paint),
        }
    }
}

fn segment_text(segment: &Segment<'_>) -> String {
    String::from_utf8_lossy(segment.raw()).into_owned()
}

/// Every segment with the name of each element and, where its code list has it, the meaning of the code.
fn explained_segments(set: &ExaminedSet<'_>, library: &Library, paint: Paint) -> String {
    let guide = library.find(&set.report.id, &set.group.version).or_else(|| library.nearest(&set.report.id));
    set.text.segments().map(|segment| explained_segment(&segment, guide, paint)).collect()
}

fn explained_segment(segment: &Segment<'_>, guide: Option<&Guide>, paint: Paint) -> String {
    let tag = segment.tag();
    let name = guide.and_then(|guide| guide.segment_name(tag)).unwrap_or("");
    let mut text = format!("{:>5}  {}  {}\n", segment.position(), paint.bold(tag), paint.dim(name));
    for number in 1..=segment.element_count() {
        let value = segment.text(number);
        if !value.is_empty() {
            let name = guide.and_then(|guide| guide.element_name(tag, number)).unwrap_or("");
            let code = guide.and_then(|guide| guide.code_text(guide.data_element(tag, number)?, &value));
            let meaning = code.map(|code| format!(": {code}")).unwrap_or_default();
            let _ = writeln!(text, "       {tag}{number:02}  {value}  {}", paint.dim(&format!("{name}{meaning}")));
        }
    }
    text
}

fn segment_as_json(segment: &Segment<'_>) -> serde_json::Value {
    let elements: Vec<String> = (1..=segment.element_count()).map(|number| segment.text(number).into_owned()).collect();
    json!({ "position": segment.position(), "byte": segment.offset(), "tag": segment.tag(), "elements": elements })
}

fn loop_as_json(this: &Loop<'_>) -> serde_json::Value {
    let (mut segments, mut loops) = (Vec::new(), Vec::new());
    for part in this.parts() {
        match part {
            Part::Segment(segment) => segments.push(segment_as_json(&segment)),
            Part::Loop(inner) => loops.push(loop_as_json(&inner)),
        }
    }
    json!({ "loop": this.id, "segments": segments, "loops": loops })
}
