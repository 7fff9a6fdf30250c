//! `edigate explain`: what a diagnostic code or an event means, why, and how to fix it.

use std::path::Path;

use serde_json::json;

use super::paint::Paint;
use super::table::{Align, table};
use super::{Exit, Failure, load_config};
use crate::diagnostic::{Meaning, Who, codes};
use crate::ledger::Ledger;

/// Explains a diagnostic code (X12-E017, CAP-E012 …): what it means, why it matters, the usual cause, what to do and who can
/// do it, with an example and its correction. Given an event's id (partner and number, as `edigate ledger events` shows it:
/// megamart/12) it explains what happened there. Without an argument it lists every code.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate explain X12-E017\n  edigate explain megamart/12\n  edigate explain | grep SSCC"
)]
pub struct Args {
    /// A code or an event
    #[arg(value_name = "CODE|EVENT")]
    subject: Option<String>,
    /// JSON
    #[arg(long)]
    json: bool,
}

/// Explains, or lists the codes.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let Some(subject) = &args.subject else {
        println!("{}", if args.json { all_as_json() } else { list() });
        return Ok(Exit::Fine);
    };
    if let Some(meaning) = codes::find(subject) {
        println!("{}", if args.json { as_json(meaning).to_string() } else { as_text(meaning, Paint::for_stdout()) });
        return Ok(Exit::Fine);
    }
    if let Some((partner, sequence)) = subject.rsplit_once('/')
        && let Ok(sequence) = sequence.parse()
    {
        return explain_event(partner, sequence, args.json, config);
    }
    Err(Failure::new(format!("{subject:?} is neither a code nor an event"))
        .hint("`edigate explain` alone lists every code; `edigate ledger events` shows events as PARTNER/NUMBER"))
}

fn list() -> String {
    let rows: Vec<Vec<String>> =
        codes::all().map(|meaning| vec![meaning.code.to_owned(), meaning.title.to_owned()]).collect();
    table(&[("code", Align::Left), ("what is wrong", Align::Left)], &rows).trim_end().to_owned()
}

fn who_in_words(who: Who) -> &'static str {
    match who {
        Who::Sender => "the sender of the document",
        Who::Us => "us: our systems, maps or configuration",
        Who::Transport => "whoever runs the folder or connection",
    }
}

fn as_text(meaning: &Meaning, paint: Paint) -> String {
    let mut text = format!("{}: {}\n\n{}\n\n", paint.bold(meaning.code), meaning.title, meaning.meaning);
    text.push_str(&format!("usual cause  {}\nwhat to do   {}\n", meaning.cause, meaning.fix));
    text.push_str(&format!("who          {}", who_in_words(meaning.who)));
    if !meaning.example.is_empty() {
        text.push_str(&format!("\n\nexample      {}", meaning.example));
    }
    if !meaning.corrected.is_empty() {
        text.push_str(&format!("\ncorrected    {}", meaning.corrected));
    }
    text
}

fn as_json(meaning: &Meaning) -> serde_json::Value {
    json!({
        "code": meaning.code,
        "severity": meaning.severity(),
        "title": meaning.title,
        "meaning": meaning.meaning,
        "cause": meaning.cause,
        "fix": meaning.fix,
        "who": meaning.who,
        "example": meaning.example,
        "corrected": meaning.corrected,
    })
}

fn all_as_json() -> String {
    serde_json::Value::Array(codes::all().map(as_json).collect()).to_string()
}

/// Says what happened at one event, with the meaning of its code.
fn explain_event(partner: &str, sequence: u64, as_json_too: bool, config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    let ledger: Ledger =
        crate::daemon::running::open_ledger(&config).map_err(|error| Failure::new(error.to_string()))?;
    let event = ledger.read(|tx| tx.event(partner, sequence)).map_err(|error| Failure::new(error.to_string()))?;
    let meaning = event.data.get("code").and_then(|code| code.as_str()).and_then(codes::find);
    if as_json_too {
        println!("{}", json!({ "event": event, "meaning": meaning.map(as_json) }));
        return Ok(Exit::Fine);
    }
    let paint = Paint::for_stdout();
    println!("{}  {}\n", paint.bold(&format!("{partner}/{sequence}")), event.text);
    println!("when         {}\nwhat         {}", event.at, event.kind);
    for (name, value) in [
        ("order", event.refs.po_number.clone()),
        ("transmission", event.refs.transmission.as_ref().map(ToString::to_string)),
        ("delivery", event.refs.delivery.as_ref().map(ToString::to_string)),
        ("document", event.refs.document.as_ref().map(ToString::to_string)),
    ] {
        if let Some(value) = value {
            println!("{name:<12} {value}");
        }
    }
    for field in ["expected", "found"] {
        if let Some(value) = event.data.get(field).and_then(|value| value.as_str()) {
            println!("{field:<12} {value}");
        }
    }
    if let Some(meaning) = meaning {
        println!("\n{}", as_text(meaning, paint));
    }
    Ok(Exit::Fine)
}
