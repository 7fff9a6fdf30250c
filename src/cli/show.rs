//! `edigate show`: a document as a tree of loops, as segments with their meaning, or in the canonical model.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::ValueEnum;
use serde_json::json;

use super::input::Format;
use super::paint::Paint;
use super::{Exit, Failure, input};
use crate::document::{Document, Kind, schema};
use crate::normalize;
use crate::x12::check::Loop;
use crate::x12::examine::{ExaminedSet, examine};
use crate::x12::guide::{self, Guide};
use crate::x12::segment::Segment;

/// Shows what is in a file. X12 files can be shown as a tree of loops, as segments with the name of every element, or as
/// canonical documents; canonical JSON is read, checked and printed again. Needs no configuration and no ledger.
///
/// With --schema KIND it prints the JSON Schema of the canonical model instead.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate show 850.edi\n  edigate show 850.edi --as canonical | jq .lines\n  edigate show --schema order\n\
    Exit codes: 0 shown · 1 shown, and it has errors · 2 could not run"
)]
pub struct Args {
    /// The file to show; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    file: Option<String>,
    /// How to show it
    #[arg(long = "as", value_enum, default_value = "tree", value_name = "VIEW")]
    view: View,
    /// Print the JSON Schema of a kind of document: order, order_ack, shipment, invoice (or 850, 855, 856, 810)
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
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
}

/// Reads a kind by its name or its X12 set.
pub fn parse_kind(text: &str) -> Result<Kind, String> {
    let known = || Kind::ALL.map(|kind| format!("{} ({})", kind.name(), kind.transaction_set())).join(", ");
    Kind::parse(text).ok_or_else(|| format!("expected one of {}", known()))
}

/// Shows the file.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    let mut print = |text: &str| {
        // A reader that went away (`| head`) is no failure of ours.
        let _ = out.write_all(text.as_bytes());
    };
    if let Some(kind) = args.schema {
        print(&format!("{:#}\n", schema::json_schema(kind)));
        return Ok(Exit::Fine);
    }
    // Clap requires the file unless a schema was asked for.
    let file = args.file.as_deref().unwrap_or("-");
    let bytes = input::read(file)?;
    if input::format_of(&bytes) == Format::Json {
        return show_canonical_json(&bytes, file, &mut print);
    }
    let paint = Paint::for_stdout();
    let mut report = examine(bytes.as_slice(), Some(file), &mut |set| print(&show_set(&set, args, paint)))
        .map_err(|error| Failure::new(format!("cannot read {file}: {error}")))?;
    report.diagnostics.retain(|diagnostic| diagnostic.is_error());
    let errors: Vec<String> =
        report.all_diagnostics().filter(|diagnostic| diagnostic.is_error()).map(ToString::to_string).collect();
    for error in &errors {
        eprintln!("{error}");
    }
    Ok(if errors.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn show_canonical_json(bytes: &[u8], file: &str, print: &mut dyn FnMut(&str)) -> Result<Exit, Failure> {
    let (documents, diagnostics) = normalize::json::canonical(bytes, file);
    for document in &documents {
        print(&canonical_text(document));
    }
    for diagnostic in &diagnostics {
        eprintln!("{diagnostic}");
    }
    Ok(if diagnostics.iter().any(|diagnostic| diagnostic.is_error()) { Exit::Findings } else { Exit::Fine })
}

fn canonical_text(document: &Document) -> String {
    String::from_utf8_lossy(&crate::render::json::canonical(document)).into_owned()
}

fn show_set(set: &ExaminedSet<'_>, args: &Args, paint: Paint) -> String {
    match (args.view, args.json, set.checked) {
        (View::Canonical, _, Some(checked)) => {
            let (document, diagnostics) = normalize::x12::document(checked, args.file.as_deref());
            for diagnostic in &diagnostics {
                eprintln!("{diagnostic}");
            }
            document.map(|document| canonical_text(&document)).unwrap_or_default()
        }
        (View::Canonical, _, None) => String::new(),
        (View::Tree, false, Some(checked)) => {
            let mut text = String::new();
            write_loop(&mut text, &checked.tree, 0, paint);
            text
        }
        (View::Tree, true, Some(checked)) => format!("{}\n", loop_as_json(&checked.tree)),
        (_, true, _) => {
            let segments: Vec<_> = set.text.segments().map(|segment| segment_as_json(&segment)).collect();
            format!("{}\n", json!({ "set": set.report.id, "segments": segments }))
        }
        (_, false, _) => explained_segments(set, paint),
    }
}

fn write_loop(text: &mut String, this: &Loop<'_>, depth: usize, paint: Paint) {
    let indent = "  ".repeat(depth);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{indent}{}", paint.bold(&this.id));
    let mut inner = this.loops.iter().peekable();
    for segment in &this.segments {
        while let Some(before) = inner.next_if(|candidate| starts_before(candidate, segment)) {
            write_loop(text, before, depth + 1, paint);
        }
        let _ = writeln!(text, "{indent}  {}", segment_text(segment));
    }
    for rest in inner {
        write_loop(text, rest, depth + 1, paint);
    }
}

fn starts_before(this: &Loop<'_>, segment: &Segment<'_>) -> bool {
    this.segments.first().is_some_and(|first| first.position() < segment.position())
}

fn segment_text(segment: &Segment<'_>) -> String {
    String::from_utf8_lossy(segment.raw()).into_owned()
}

/// Every segment with the name of each element and, where its code list has it, the meaning of the code.
fn explained_segments(set: &ExaminedSet<'_>, paint: Paint) -> String {
    let guide = guide::find(&set.report.id, &set.group.version).or_else(|| guide::nearest(&set.report.id));
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
    let segments: Vec<_> = this.segments.iter().map(segment_as_json).collect();
    let loops: Vec<_> = this.loops.iter().map(loop_as_json).collect();
    json!({ "loop": this.id, "segments": segments, "loops": loops })
}
