//! Documents: found by any number; one with its canonical form beside the bytes that brought it, what is wrong in their place, and
//! the ladder of answers.

use super::acknowledgments::{sign, step};
use super::asking::Asking;
use super::fault::Fault;
use super::raw::{self, Bytes};
use super::sheet::{Block, Field, path, sheet};
use super::table::{Cell, Table};
use super::{deliveries, files, orders};
use crate::document::Kind;
use crate::ledger::ladder::{Ladder, Standing};
use crate::ledger::view::{DocumentRow, Filter};
use crate::render;
use crate::web::answer::Answer;

/// How many files and deliveries are shown beside the documents of a number.
const BESIDE: u32 = 20;

/// The list, or what has to do with a number.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let (filter, query) = (asking.filter()?, asking.query());
    let found = asking.read(|tx| {
        let documents = tx.documents(&filter)?;
        let beside = Filter { kind: None, state: None, limit: Some(BESIDE), ..filter.clone() };
        let beside = match filter.number {
            Some(_) => Some((tx.transmissions(&beside)?, tx.deliveries(&beside)?)),
            None => None,
        };
        Ok((documents, beside))
    })?;
    let (documents, beside) = found;
    let kinds = Kind::ALL.map(|kind| (kind.name().to_owned(), kind.name().replace('_', " "))).to_vec();
    let [from, until] = asking.day_fields();
    let mut blocks = vec![
        Block::Filter(vec![
            Field::text(query, "number", "Number"),
            asking.partner_field(),
            Field::choice(query, "kind", "Kind", kinds),
            from,
            until,
        ]),
        Block::Table(Table {
            caption: "The newest first".to_owned(),
            columns: vec!["Recorded", "Number", "Kind", "Partner", "From", "Revision", "File"],
            rows: documents.rows.iter().map(|row| cells(asking, row)).collect(),
        }),
        Block::turn(query, &documents),
    ];
    if let Some((found_files, found_deliveries)) = beside {
        blocks.push(Block::Heading("Files".to_owned()));
        blocks.push(Block::Table(files::table(asking, &found_files.rows)));
        blocks.push(Block::Heading("Deliveries".to_owned()));
        blocks.push(Block::Table(deliveries::table(asking, &found_deliveries.rows)));
    }
    let title =
        query.value("number").map_or_else(|| "Documents".to_owned(), |number| format!("Everything named {number}"));
    sheet(asking, &title, blocks)
}

fn cells(asking: &Asking<'_>, row: &DocumentRow) -> Vec<Cell> {
    vec![
        Cell::Time(asking.moment(row.at)),
        Cell::link(path("documents", &row.id), &row.number),
        Cell::text(row.kind.replace('_', " ")),
        Cell::text(asking.partner_name(&row.partner)),
        Cell::text(asking.partner_name(&row.source)),
        Cell::number(row.revision),
        Cell::text(&row.file),
    ]
}

/// One document.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let id = asking.id();
    let (row, stored, ladder) = asking.read(|tx| {
        let row = tx
            .document_row(&id)?
            .ok_or_else(|| crate::ledger::Error::NoSuch { what: "document", id: id.to_string() })?;
        Ok((row, tx.document(&id)?, tx.ladder(&id)?))
    })?;
    asking.see(&row.partner)?;
    let (orders_about, bytes, faults, sent, answers) = asking.read(|tx| {
        let span = tx.span_of_document(&stored.transmission, &id)?;
        Ok((
            tx.orders_about(&id)?,
            raw::read(tx, &stored.transmission, span)?,
            tx.diagnostics(&stored.transmission)?,
            tx.deliveries_of_document(&id)?,
            tx.answers_to(&stored)?,
        ))
    })?;
    let mut facts = vec![
        ("Partner", Cell::text(asking.partner_name(&row.partner))),
        ("From", Cell::text(asking.partner_name(&row.source))),
        ("Recorded", Cell::Time(asking.moment(row.at))),
        ("Revision", Cell::number(row.revision)),
        ("File", Cell::link(path("files", stored.transmission.as_str()), &row.file)),
    ];
    let about = orders_about.iter().take(10).filter(|(partner, _)| asking.who().sees(partner));
    facts.extend(about.map(|(partner, po)| ("Order", Cell::link(orders::place(partner, po), po))));
    let answers = answers.iter().filter(|answer| asking.who().sees(&answer.partner));
    facts.extend(answers.map(|answer| ("Answered by", Cell::link(path("files", answer.file.as_str()), &answer.name))));
    let sent: Vec<_> = sent.into_iter().filter(|row| asking.who().sees(&row.partner)).collect();
    let canonical = String::from_utf8_lossy(&render::json::canonical(&stored.document)).into_owned();
    let shown = Bytes::lines(&bytes, &faults);
    let title = format!("{} {}", capital(&row.kind.replace('_', " ")), row.number);
    sheet(
        asking,
        &title,
        vec![
            Block::Facts(facts),
            Block::Heading("How far it got".to_owned()),
            Block::Table(rungs(asking, &ladder)),
            Block::Heading("Where it went".to_owned()),
            Block::Table(deliveries::table(asking, &sent)),
            Block::Beside(vec![
                vec![Block::Heading("As it came, with what is wrong in its place".to_owned()), Block::Lines(shown)],
                vec![Block::Heading("What it says".to_owned()), Block::Pre(raw::cut(&canonical))],
            ]),
        ],
    )
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn rungs(asking: &Asking<'_>, ladder: &Ladder) -> Table {
    let rungs = ladder.rungs.iter().filter(|rung| rung.standing != Standing::NotExpected);
    let rows = rungs.map(|rung| {
        let standing = match rung.standing {
            Standing::Done => "done",
            Standing::Late => "late",
            Standing::Waiting => "waiting",
            Standing::Overdue => "overdue",
            Standing::Failed => "failed",
            Standing::Waived => "waived",
            Standing::NotExpected => "not expected",
        };
        vec![
            Cell::text(step(rung.step)),
            Cell::Mark(sign(rung), standing.to_owned()),
            Cell::time(rung.at.map(|at| asking.moment(at))),
            Cell::time(rung.due.map(|due| asking.moment(due))),
            Cell::optional(rung.detail.clone()),
        ]
    });
    Table {
        caption: "Each answer, from the first to the last".to_owned(),
        columns: vec!["Rung", "State", "When", "Due", "By"],
        rows: rows.collect(),
    }
}
