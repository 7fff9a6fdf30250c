//! `edigate explain`: what a diagnostic code or an event means, why, and how to fix it.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::json;

use super::ledger::open;
use super::paint::Paint;
use super::table::{Align, table};
use super::trace::zone_of;
use super::{Exit, Failure, output};
use crate::alert;
use crate::diagnostic::{Meaning, Record, codes};
use crate::ledger::event::Event;
use crate::ledger::explanation::{Explanation, Related};

/// What a diagnostic code or an event means, why, and how to fix it
///
/// Explains a diagnostic code (X12-E017, CAP-E012 …): what it means, why it matters, the usual cause, what to do and who can
/// do it, with an example and its correction.
///
/// Given an event it explains what happened there: what, where, what was expected and found, the likely cause, the next step and
/// who must take it; the documents that it is about; how often the same happened with this partner, always in the same place or
/// not, and how it was settled the last time; and the commands that may settle it now. An event is named by partner and number,
/// as `edigate ledger events` shows it (megamart/12), or by the id of a transmission, delivery, document or finding.
///
/// Without an argument it lists every code. Codes need no configuration and no ledger; events need both.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate explain X12-E017\n  edigate explain megamart/12\n  edigate explain 0198c0de-…\n  edigate explain | grep SSCC\n\
    Exit codes: 0 explained · 2 could not run, or there is no such code or event"
)]
pub struct Args {
    /// A code or an event
    #[arg(value_name = "CODE|EVENT")]
    subject: Option<String>,
    /// One JSON object; without an argument an array of all codes
    #[arg(long)]
    json: bool,
}

/// Explains, or lists the codes.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let Some(subject) = &args.subject else {
        match args.json {
            true => output::json(&codes::all().map(as_json).collect::<Vec<_>>())?,
            false => output::text(list())?,
        }
        return Ok(Exit::Fine);
    };
    if let Some(meaning) = codes::find(subject) {
        match args.json {
            true => output::json(&as_json(meaning))?,
            false => output::line(as_text(meaning, Paint::for_stdout()))?,
        }
        return Ok(Exit::Fine);
    }
    // A code's shape is its own: AREA-E001; everything else names something in the books.
    let looks_like_a_code = subject.len() == 8 && !subject.contains('/');
    match looks_like_a_code {
        true => Err(unknown(subject)),
        false => explain_event(subject, args.json, config),
    }
}

fn unknown(subject: &str) -> Failure {
    Failure::new(format!("{subject:?} is neither a code nor an event")).hint(
        "`edigate explain` alone lists every code; `edigate ledger events` shows events as PARTNER/NUMBER; \
         `edigate trace KEY` tells about documents and files",
    )
}

fn list() -> String {
    let rows: Vec<Vec<String>> =
        codes::all().map(|meaning| vec![meaning.code.to_owned(), meaning.title.to_owned()]).collect();
    table(&[("code", Align::Left), ("what is wrong", Align::Left)], &rows)
}

fn as_text(meaning: &Meaning, paint: Paint) -> String {
    let mut text = format!("{}: {}\n\n{}\n\n", paint.bold(meaning.code), meaning.title, wrap(meaning.meaning, 0));
    let labelled = |label: &str, words: &str| format!("{label:<12} {}\n", wrap(words, 13));
    text.push_str(&labelled("usual cause", meaning.cause));
    text.push_str(&labelled("what to do", meaning.fix));
    text.push_str(&labelled("who", meaning.who.in_words()));
    // Examples are bytes: they are set in, never broken.
    for (label, bytes) in [("example", meaning.example), ("corrected", meaning.corrected)] {
        if !bytes.is_empty() {
            text.push_str(&format!("\n{label:<12} {}", bytes.trim_end().replace('\n', "\n             ")));
        }
    }
    text.trim_end().to_owned()
}

/// How wide running text is set.
const WIDTH: usize = 100;

/// Breaks running text between words; lines after the first begin after `indent` spaces.
fn wrap(words: &str, indent: usize) -> String {
    let mut text = String::new();
    let mut column = indent;
    for word in words.split_whitespace() {
        let width = word.chars().count();
        if column > indent && column + 1 + width > WIDTH {
            text.push_str(&format!("\n{:indent$}", ""));
            column = indent;
        } else if column > indent {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
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

/// Says what happened at one event, with its diagnostics, the meaning of its code, its history and what can be done.
fn explain_event(name: &str, as_json_too: bool, config: Option<&Path>) -> Result<Exit, Failure> {
    let (config, ledger) = open(config)?;
    let found = ledger.read(|tx| match tx.event_named(name)? {
        Some(event) => tx.explanation(event).map(Some),
        None => Ok(None),
    });
    let explanation = found.map_err(|error| {
        Failure::new(error.to_string()).hint("`edigate ledger events` lists them as PARTNER/NUMBER")
    })?;
    let explanation = explanation.ok_or_else(|| unknown(name))?;
    let of_event = explanation.event.data.get("code").and_then(|code| code.as_str());
    let of_failure = explanation.failure.as_ref().map(|failure| failure.code.as_str());
    let meaning = of_event.or(of_failure).and_then(codes::find);
    match as_json_too {
        true => output::json(&explanation_as_json(&explanation, meaning))?,
        false => {
            let paint = Paint::for_stdout();
            let zone = zone_of(&config, &explanation.event.partner);
            let happened = event_as_text(&explanation.event, meaning, paint);
            output::text(happened + &around(&explanation, &zone))?;
        }
    }
    Ok(Exit::Fine)
}

fn explanation_as_json(explanation: &Explanation, meaning: Option<&Meaning>) -> serde_json::Value {
    let Explanation { event, failure, history, documents } = explanation;
    json!({
        "event": event,
        "meaning": meaning.map(as_json),
        "failure": failure,
        "history": history,
        "documents": documents,
        "commands": steps(explanation),
    })
}

fn steps(explanation: &Explanation) -> Vec<String> {
    let failure = explanation.failure.as_ref();
    failure.map(|failure| alert::steps::of(failure, &explanation.event.refs)).unwrap_or_default()
}

/// What is known around an event: its history, how it was settled, documents, commands.
fn around(explanation: &Explanation, zone: &TimeZone) -> String {
    let mut text = String::new();
    if let (Some(failure), Some(history)) = (&explanation.failure, &explanation.history) {
        text.push_str(&format!("\n{:<12} {}\n", "history", wrap(&alert::words::history(failure, history, zone), 13)));
        if let (Some(at), Some(by)) = (failure.settled, failure.settled_by) {
            text.push_str(&format!("{:<12} {at}, by {}/{by}\n", "settled", failure.partner));
        }
    }
    for (label, lines) in [("documents", named(&explanation.documents)), ("commands", steps(explanation))] {
        for (first, line) in lines.iter().enumerate() {
            text.push_str(&format!("{:<12} {line}\n", if first == 0 { label } else { "" }));
        }
    }
    text
}

fn named(documents: &[Related]) -> Vec<String> {
    documents.iter().map(|one| format!("{} {} ({})", one.kind.replace('_', " "), one.number, one.id)).collect()
}

fn event_as_text(event: &Event, meaning: Option<&Meaning>, paint: Paint) -> String {
    let name = format!("{}/{}", event.partner, event.sequence);
    let mut text = format!("{}: {}\n\n", paint.bold(&name), event.text);
    let particular = |name: &str| event.data.get(name).and_then(|value| value.as_str()).map(ToOwned::to_owned);
    let told = [
        ("when", Some(event.at.to_string())),
        ("what", Some(event.kind.clone())),
        ("order", event.refs.po_number.clone()),
        ("transmission", event.refs.transmission.as_ref().map(ToString::to_string)),
        ("delivery", event.refs.delivery.as_ref().map(ToString::to_string)),
        ("document", event.refs.document.as_ref().map(ToString::to_string)),
        ("expected", particular("expected")),
        ("found", particular("found")),
        ("by", particular("by")),
        ("policy", particular("policy")),
        ("reason", particular("reason").filter(|reason| !reason.is_empty())),
    ];
    for (label, value) in told {
        if let Some(value) = value {
            text.push_str(&format!("{label:<12} {value}\n"));
        }
    }
    // What an older build wrote may lack something; what can be read is shown.
    let records = event.data.get("diagnostics").and_then(|list| list.as_array()).into_iter().flatten();
    for record in records.filter_map(|one| serde_json::from_value::<Record>(one.clone()).ok()) {
        text.push_str(&format!("\n{record}\n"));
    }
    if let Some(meaning) = meaning {
        text.push_str(&format!("\n{}\n", as_text(meaning, paint)));
    }
    text
}
