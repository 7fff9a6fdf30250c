//! Acknowledgments: every answer that is owed, to us or by us, with the ladder of its document; and the same as CSV.

use axum::http::header::{CONTENT_DISPOSITION, HeaderValue};

use super::asking::Asking;
use super::fault::Fault;
use super::of_type;
use super::sheet::{Block, Field, choices, path, sheet};
use super::table::{Cell, Sign, Table};
use crate::document::Kind;
use crate::ledger::ladder::{Ladder, Rung, Standing, Step};
use crate::ledger::view::{AckRow, Filter, STATES_OF_EXPECTATIONS};
use crate::ledger::{Error, Id, Transaction};
use crate::web::answer::Answer;

/// The list.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let filter = asking.filter()?;
    let (rows, cells) = asking.read(|tx| {
        let rows = tx.expectations(&filter)?;
        let cells = rows.rows.iter().map(|row| cells(asking, tx, row)).collect::<Result<Vec<_>, Error>>()?;
        Ok((rows, cells))
    })?;
    let mut kinds = choices(&["997", "999", "TA1", "824"]);
    kinds.push(("mdn".to_owned(), "MDN".to_owned()));
    let sets: Vec<&str> = Kind::ALL.into_iter().filter_map(Kind::transaction_set).collect();
    let [from, until] = asking.day_fields();
    let query = asking.query();
    sheet(
        asking,
        "Acknowledgments",
        vec![
            Block::Filter(vec![
                asking.partner_field(),
                Field::choice(query, "state", "State", choices(&STATES_OF_EXPECTATIONS)),
                Field::choice(query, "set", "Set", choices(&sets)),
                Field::choice(query, "kind", "Answer", kinds),
                Field::text(query, "number", "Number"),
                from,
                until,
            ]),
            Block::Links(vec![(format!("/acknowledgments.csv{}", query.with("after", None)), "As CSV".to_owned())]),
            Block::Table(Table {
                caption: "The newest first; what is late says so".to_owned(),
                columns: vec![
                    "State", "About", "Answer", "Partner", "Ladder", "Sent", "Due", "Answered", "It says", "Proof",
                ],
                rows: cells,
            }),
            Block::turn(query, &rows),
        ],
    )
}

fn cells(asking: &Asking<'_>, tx: &mut Transaction<'_>, row: &AckRow) -> Result<Vec<Cell>, Error> {
    let document = tx.document_of_expectation(&Id(row.id.clone()))?;
    let (about, ladder) = match &document {
        Some(id) => {
            let ladder = tx.ladder(id)?;
            (Cell::link(path("documents", id.as_str()), &row.label), Cell::Rungs(rungs(&ladder)))
        }
        None => (Cell::text(&row.label), Cell::text("")),
    };
    let moment = |time: Option<_>| Cell::time(time.map(|time| asking.moment(time)));
    let owes = if row.owed_by == "us" { format!("our {}", row.what) } else { format!("their {}", row.what) };
    Ok(vec![
        Cell::state(&row.state),
        about,
        Cell::text(owes),
        Cell::text(asking.partner_name(&row.partner)),
        ladder,
        moment(row.sent),
        moment(row.due),
        moment(row.closed),
        Cell::optional(row.detail.clone()),
        Cell::link(path("evidence", &row.id), "evidence"),
    ])
}

/// The rungs that somebody expects or that were climbed.
pub(super) fn rungs(ladder: &Ladder) -> Vec<(Sign, String)> {
    let rungs = ladder.rungs.iter().filter(|rung| rung.standing != Standing::NotExpected);
    rungs.map(|rung| (sign(rung), step(rung.step).to_owned())).collect()
}

/// What a rung means to whoever looks; what is written in words has to be read.
pub(super) fn sign(rung: &Rung) -> Sign {
    match rung.standing {
        _ if rung.step == Step::Text => Sign::Plain,
        Standing::Done => Sign::Fine,
        Standing::Late | Standing::Overdue | Standing::Failed => Sign::Late,
        Standing::Waiting | Standing::Waived | Standing::NotExpected => Sign::Plain,
    }
}

/// A rung's name.
pub(super) fn step(step: Step) -> &'static str {
    match step {
        Step::Received => "received",
        Step::Built => "built",
        Step::Sent => "sent",
        Step::HandedOn => "handed on",
        Step::Mdn => "MDN",
        Step::Ta1 => "TA1",
        Step::Functional => "997",
        Step::Application => "824",
        Step::Text => "864",
        Step::Answered => "answered",
    }
}

/// Rows of one export.
const EXPORTED: u32 = 10_000;

/// The same rows as CSV, the newest first.
pub(super) fn csv(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let filter = Filter { limit: Some(EXPORTED), ..asking.filter()? };
    let rows = asking.read(|tx| tx.expectations(&filter))?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Error::Unexpected(error.to_string());
    for row in &rows.rows {
        writer.serialize(row).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::Unexpected(error.to_string()))?;
    let mut answer = of_type("text/csv; charset=utf-8", bytes);
    let name = HeaderValue::from_static("attachment; filename=\"acknowledgments.csv\"");
    answer.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(answer)
}
