//! Files: what came in and went out, byte for byte, with what is wrong in its place.

use axum::http::header::{CONTENT_DISPOSITION, HeaderValue};

use super::asking::Asking;
use super::failures;
use super::fault::Fault;
use super::of_type;
use super::raw;
use super::sheet::{Block, Button, path, sheet};
use super::table::{Cell, Table};
use crate::diagnostic::{Record, Severity};
use crate::ledger::Id;
use crate::ledger::answered::{Answered, Subject};
use crate::ledger::remedy::is_acceptable;
use crate::ledger::transmission::{Direction, Transmission, TransmissionState};
use crate::ledger::view::TransmissionRow;
use crate::web::answer::Answer;

/// Files as rows.
pub(super) fn table(asking: &Asking<'_>, rows: &[TransmissionRow]) -> Table {
    let cells = |row: &TransmissionRow| {
        vec![
            Cell::state(&row.state),
            Cell::link(path("files", &row.id), &row.name),
            Cell::text(if row.direction == "in" { "came in" } else { "went out" }),
            Cell::text(asking.partner_name(&row.partner)),
            Cell::Time(asking.moment(row.at)),
            Cell::number(row.size),
            Cell::optional(row.diagnostics.first().map(|fault| format!("{}: {}", fault.code, fault.message))),
        ]
    };
    Table {
        caption: "The newest first".to_owned(),
        columns: vec!["State", "File", "Way", "Partner", "When", "Bytes", "What is wrong"],
        rows: rows.iter().map(cells).collect(),
    }
}

/// One file.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let id = asking.id();
    let (file, faults) = asking.read(|tx| Ok((tx.transmission(&id)?, tx.diagnostics(&id)?)))?;
    asking.see(&file.partner)?;
    let (bytes, documents) = asking.read(|tx| Ok((raw::read(tx, &id, None)?, tx.documents_of_file(&id, MOST)?)))?;
    let mut facts = vec![
        ("State", Cell::state(file.state.name())),
        ("Way", Cell::text(if file.direction == Direction::In { "came in" } else { "went out" })),
        ("Partner", Cell::text(asking.partner_name(&file.partner))),
        ("Endpoint", Cell::text(&file.endpoint)),
        ("When", Cell::Time(asking.moment(file.at))),
        ("Bytes", Cell::number(file.size)),
        ("SHA-256", Cell::text(&file.sha256)),
    ];
    if let TransmissionState::Duplicate { of } = &file.state {
        facts.push(("Came before as", Cell::link(path("files", of.as_str()), of.as_str())));
    }
    let rows = documents
        .iter()
        .map(|(id, kind, number)| vec![Cell::text(kind.replace('_', " ")), Cell::link(path("documents", id), number)]);
    let documents =
        Table { caption: "Documents in it".to_owned(), columns: vec!["Kind", "Number"], rows: rows.collect() };
    let download = (format!("{}/bytes", path("files", id.as_str())), "The bytes, as they are".to_owned());
    let mut blocks = vec![Block::Facts(facts), Block::Links(vec![download])];
    if asking.who().acts() {
        blocks.push(Block::Buttons(buttons(asking, &file, &faults)));
    }
    blocks.push(Block::Table(documents));
    blocks.extend(answers(asking, &id)?);
    blocks.extend(failures::told_of(asking, id.as_str())?);
    blocks.push(Block::Heading("Its bytes, with what is wrong in its place".to_owned()));
    blocks.push(Block::Lines(bytes.lines(&faults)));
    sheet(asking, &file.name, blocks)
}

/// What can be done about a file.
pub(super) fn buttons(asking: &Asking<'_>, file: &Transmission, faults: &[Record]) -> Vec<Button> {
    let place = path("files", file.id.as_str());
    let mut buttons = vec![asking.button(format!("{place}/replay"), "Replay: process it again")];
    let mut errors = faults.iter().filter(|fault| fault.severity == Severity::Error);
    if file.state == TransmissionState::Quarantined && errors.all(|fault| is_acceptable(&fault.code)) {
        buttons.push(asking.button(format!("{place}/accept"), "Accept: take it as it is"));
    }
    buttons
}

/// What the acknowledgments in a file answer; nothing where there is none in it.
fn answers(asking: &Asking<'_>, file: &Id) -> Result<Vec<Block>, Fault> {
    let mut answered = asking.read(|tx| tx.answered_by(file, MOST))?;
    answered.retain(|one| asking.who().sees(&one.partner));
    if answered.is_empty() {
        return Ok(Vec::new());
    }
    let cells = |one: &Answered| {
        let (place, id) = match &one.what {
            Subject::Document(id) => ("documents", id),
            Subject::File(id) => ("files", id),
        };
        vec![Cell::Time(asking.moment(one.at)), Cell::link(path(place, id.as_str()), &one.label)]
    };
    let table = Table {
        caption: "What it answers".to_owned(),
        columns: vec!["When", "Answers"],
        rows: answered.iter().map(cells).collect(),
    };
    Ok(vec![Block::Table(table)])
}

/// Documents that are named with a file.
const MOST: u32 = 50;
/// The largest file that a page hands out; larger ones are for `edigate show`.
const LARGEST: u64 = 64 << 20;

/// Its bytes.
pub(super) fn bytes(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let id = asking.id();
    let file = asking.read(|tx| tx.transmission(&id))?;
    asking.see(&file.partner)?;
    if file.size > LARGEST {
        return Err(Fault::Refused(format!(
            "The file has {} bytes; `edigate show --transmission {id} --as raw` hands it out.",
            file.size
        )));
    }
    let mut source = asking.read(|tx| tx.open_content(&file.sha256))?;
    let mut whole = Vec::new();
    let copied = std::io::copy(&mut source, &mut whole);
    copied.map_err(|error| crate::ledger::Error::Store(format!("{}: {error}", file.name)))?;
    let mut answer = of_type("application/octet-stream", whole);
    // A name of plain characters, whatever a partner called it.
    let plain: String =
        file.name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"")) {
        answer.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(answer)
}
