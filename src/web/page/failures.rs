//! Failures: what stands, and one with its cause, what to do, the buttons that are safe, and what happened like it before.
//!
//! ```text
//! 850 0002 in 850_104.edi quarantined: … (X12-E071)
//! the sender must act · 2nd time since 3 Mar, always at BEG05 · Replay
//! ```

use super::asking::Asking;
use super::fault::Fault;
use super::form::encoded;
use super::sheet::{Block, Button, Field, choices, path, sheet};
use super::table::{Cell, Table};
use super::{deliveries, files, orders};
use crate::alert::{steps, words};
use crate::diagnostic::{Record, codes};
use crate::ledger::event::Event;
use crate::ledger::explanation::{Explanation, Related};
use crate::ledger::failure::Failure;
use crate::ledger::view::Filter;
use crate::ledger::view::failures::{FailureRow, STATES_OF_FAILURES};
use crate::web::answer::Answer;

/// How many deliveries and files are shown beside the failures.
const BESIDE: u32 = 20;
/// How many of the same are shown before one.
const BEFORE: u32 = 10;

/// The list: what stands, unless something else is asked for.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let (asked, query) = (asking.filter()?, asking.query());
    let state = asked.state.clone().unwrap_or_else(|| "standing".to_owned());
    let filter = Filter { state: Some(state).filter(|state| state != "all"), ..asked };
    let in_state = |state: &str| Filter {
        state: Some(state.to_owned()),
        kind: None,
        after: None,
        limit: Some(BESIDE),
        ..filter.clone()
    };
    let (rows, parked, quarantined) = asking.read(|tx| {
        let (parked, quarantined) = (in_state("parked"), in_state("quarantined"));
        Ok((tx.failures(&filter)?, tx.deliveries(&parked)?, tx.transmissions(&quarantined)?))
    })?;
    let [from, until] = asking.day_fields();
    let mut states = choices(&STATES_OF_FAILURES);
    states.push(("all".to_owned(), "standing and settled".to_owned()));
    sheet(
        asking,
        "Failures",
        vec![
            Block::Filter(vec![
                asking.partner_field(),
                Field::chosen(query, "state", "State", states, "standing"),
                Field::text(query, "kind", "Code"),
                Field::text(query, "number", "Number"),
                from,
                until,
            ]),
            Block::Table(Table {
                caption: "The newest first; each leads to its explanation".to_owned(),
                columns: vec!["When", "What", "Partner", "Code", "Place", "How often", "Who must act", "State"],
                rows: rows.rows.iter().map(|row| cells(asking, row)).collect(),
            }),
            Block::turn(query, &rows),
            Block::Heading("Deliveries that wait for a person".to_owned()),
            Block::Table(deliveries::table(asking, &parked.rows)),
            Block::Heading("Files that could not be used".to_owned()),
            Block::Table(files::table(asking, &quarantined.rows)),
        ],
    )
}

fn cells(asking: &Asking<'_>, row: &FailureRow) -> Vec<Cell> {
    let failure = &row.failure;
    vec![
        Cell::Time(asking.moment(failure.at)),
        Cell::link(place(failure), &row.text),
        Cell::text(asking.partner_name(&failure.partner)),
        Cell::text(&failure.code),
        Cell::text(&failure.place),
        Cell::text(words::ordinal(failure.nth)),
        Cell::text(failure.who.word()),
        state(failure),
    ]
}

fn state(failure: &Failure) -> Cell {
    Cell::state(if failure.settled.is_some() { "settled" } else { "standing" })
}

/// Where a failure is explained.
fn place(failure: &Failure) -> String {
    format!("/failures/{}/{}", encoded(&failure.partner), failure.sequence)
}

/// One failure.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let partner = asking.part(2);
    asking.see(&partner)?;
    let sequence: u64 = asking.part(3).parse().map_err(|_| Fault::NoSuchPage)?;
    let explained = asking.read(|tx| {
        let event = tx.event(&partner, sequence)?;
        tx.explanation(event)
    })?;
    let failure = explained.failure.as_ref().ok_or(Fault::NoSuchPage)?;
    let mut blocks = vec![Block::Facts(facts(asking, &explained.event, failure)?)];
    blocks.extend(causes(&explained));
    if asking.who().acts() && failure.settled.is_none() {
        blocks.push(Block::Buttons(buttons(asking, &explained.event)?));
    }
    blocks.extend(before(asking, &explained)?);
    if !explained.documents.is_empty() {
        blocks.push(Block::Heading("The documents that it is about".to_owned()));
        blocks.push(Block::Table(documents(&explained.documents)));
    }
    let commands = steps::of(failure, &explained.event.refs);
    if !commands.is_empty() {
        blocks.push(Block::Heading("By the command line".to_owned()));
        blocks.push(Block::Pre(commands.join("\n")));
    }
    sheet(asking, &explained.event.text, blocks)
}

fn facts(asking: &Asking<'_>, event: &Event, failure: &Failure) -> Result<Vec<(&'static str, Cell)>, Fault> {
    let mut facts = vec![
        ("State", state(failure)),
        ("When", Cell::Time(asking.moment(failure.at))),
        ("Partner", Cell::text(asking.partner_name(&failure.partner))),
        ("Line of the journal", Cell::text(failure.event())),
        ("Who must act", Cell::text(failure.who.in_words())),
    ];
    let refs = &event.refs;
    facts.extend(refs.po_number.as_ref().map(|po| ("Order", Cell::link(orders::place(&event.partner, po), po))));
    let (file, delivery) = asking.read(|tx| {
        let file = refs.transmission.as_ref().map(|id| tx.transmission(id)).transpose()?;
        Ok((file, refs.delivery.as_ref().map(|id| tx.delivery(id)).transpose()?))
    })?;
    facts.extend(file.map(|file| ("File", Cell::link(path("files", file.id.as_str()), file.name))));
    facts.extend(delivery.map(|one| ("Delivery", Cell::link(path("deliveries", one.id.as_str()), one.label))));
    if let (Some(at), Some(by)) = (failure.settled, failure.settled_by) {
        facts.push(("Settled", Cell::Time(asking.moment(at))));
        facts.push(("By", Cell::text(asking.read(|tx| tx.event(&failure.partner, by))?.text)));
    }
    Ok(facts)
}

/// What was wrong, as it was told then; where only a code was told, what that means.
fn causes(explained: &Explanation) -> Vec<Block> {
    let data = &explained.event.data;
    let listed = data["diagnostics"].as_array().into_iter().flatten().chain([data]);
    let records: Vec<Record> = listed.filter_map(|one| serde_json::from_value(one.clone()).ok()).collect();
    if !records.is_empty() {
        return vec![Block::Faults(records)];
    }
    let Some(meaning) = explained.failure.as_ref().and_then(|failure| codes::find(&failure.code)) else {
        return Vec::new();
    };
    vec![
        Block::Heading(format!("{}: {}", meaning.code, meaning.title)),
        Block::Text(meaning.meaning.to_owned()),
        Block::Text(format!("Usual cause: {}", meaning.cause)),
        Block::Text(format!("What to do: {}", meaning.fix)),
    ]
}

/// The remedies of what it is about.
fn buttons(asking: &Asking<'_>, event: &Event) -> Result<Vec<Button>, Fault> {
    if let Some(id) = &event.refs.delivery {
        let row = asking.read(|tx| tx.delivery_row(id))?;
        // What another partner gets is that one's.
        return match row.filter(|row| asking.who().sees(&row.partner)) {
            Some(row) => deliveries::buttons(asking, &row),
            None => Ok(Vec::new()),
        };
    }
    let Some(id) = event.refs.transmission.as_ref().filter(|_| event.kind == "quarantined") else {
        return Ok(Vec::new());
    };
    let (file, faults) = asking.read(|tx| Ok((tx.transmission(id)?, tx.diagnostics(id)?)))?;
    Ok(if asking.who().sees(&file.partner) { files::buttons(asking, &file, &faults) } else { Vec::new() })
}

/// What happened like it before: how often, where, and how it was settled.
fn before(asking: &Asking<'_>, explained: &Explanation) -> Result<Vec<Block>, Fault> {
    let (Some(failure), Some(history)) = (&explained.failure, &explained.history) else { return Ok(Vec::new()) };
    let earlier = asking.read(|tx| {
        let mut rows = Vec::new();
        for row in tx.failures_before(failure, BEFORE)? {
            let by = row.failure.settled_by.map(|by| tx.event(&row.failure.partner, by)).transpose()?;
            rows.push((row, by.map(|event| event.text)));
        }
        Ok(rows)
    })?;
    let sentence = words::history(failure, history, &asking.config.us.zone);
    let mut blocks = vec![Block::Heading("The same failure with this partner".to_owned()), Block::Text(sentence)];
    if !earlier.is_empty() {
        let row = |(row, by): &(FailureRow, Option<String>)| {
            vec![
                Cell::Time(asking.moment(row.failure.at)),
                Cell::link(place(&row.failure), &row.text),
                Cell::text(&row.failure.place),
                state(&row.failure),
                Cell::optional(by.clone()),
            ]
        };
        blocks.push(Block::Table(Table {
            caption: "The newest first".to_owned(),
            columns: vec!["When", "What", "Place", "State", "Settled by"],
            rows: earlier.iter().map(row).collect(),
        }));
    }
    Ok(blocks)
}

/// The same for the page of a file, a delivery or a finding; nothing where that never failed.
pub(super) fn told_of(asking: &Asking<'_>, id: &str) -> Result<Vec<Block>, Fault> {
    let explained = asking.read(|tx| match tx.event_named(id)? {
        Some(event) => tx.explanation(event).map(Some),
        None => Ok(None),
    })?;
    let Some(explained) = explained.filter(|one| asking.who().sees(&one.event.partner)) else {
        return Ok(Vec::new());
    };
    let Some(failure) = &explained.failure else { return Ok(Vec::new()) };
    let mut blocks = before(asking, &explained)?;
    blocks.push(Block::Links(vec![(place(failure), "The whole explanation".to_owned())]));
    Ok(blocks)
}

fn documents(related: &[Related]) -> Table {
    let row = |one: &Related| {
        vec![Cell::text(one.kind.replace('_', " ")), Cell::link(path("documents", one.id.as_str()), &one.number)]
    };
    Table {
        caption: "The oldest first".to_owned(),
        columns: vec!["Kind", "Number"],
        rows: related.iter().map(row).collect(),
    }
}
