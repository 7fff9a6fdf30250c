//! Orders: the list, and one with its matrix, its documents and its story.

use super::asking::Asking;
use super::fault::Fault;
use super::form::encoded;
use super::sheet::{Block, Field, path, sheet};
use super::table::{Cell, Table, money};
use super::{clocks, findings};
use crate::ledger::clock::ClockState;
use crate::ledger::document::StoredDocument;
use crate::ledger::event::Event;
use crate::ledger::view::Filter;
use crate::reconcile::matrix::{Matrix, MatrixLine};
use crate::reconcile::story::{columns, story as story_of};
use crate::web::answer::Answer;

/// Where an order is.
pub(super) fn place(partner: &str, po_number: &str) -> String {
    format!("/orders/{}/{}", encoded(partner), encoded(po_number))
}

/// The list.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let filter = Filter { kind: Some("order".to_owned()), ..asking.filter()? };
    let orders = asking.read(|tx| tx.documents(&filter))?;
    let rows = orders.rows.iter().map(|row| {
        vec![
            Cell::Time(asking.moment(row.at)),
            Cell::link(place(&row.partner, &row.number), &row.number),
            Cell::text(asking.partner_name(&row.partner)),
            Cell::number(row.revision),
            Cell::text(if row.test { "test" } else { "" }),
        ]
    });
    let [from, until] = asking.day_fields();
    let rows = rows.collect();
    sheet(
        asking,
        "Orders",
        vec![
            Block::Filter(vec![asking.partner_field(), Field::text(asking.query(), "number", "Number"), from, until]),
            Block::Table(Table {
                caption: "The newest first".to_owned(),
                columns: vec!["Received", "Order", "Partner", "Revision", "Test"],
                rows,
            }),
            Block::turn(asking.query(), &orders),
        ],
    )
}

/// One order.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let (partner, po_number) = (asking.part(2), asking.part(3));
    asking.see(&partner)?;
    let (about, events) = asking.read(|tx| {
        let about = tx.documents_about(&partner, &po_number)?;
        let mut trace = tx.trace(&po_number)?;
        trace.events.retain(|event| asking.who().sees(&event.partner));
        Ok((about, trace.events))
    })?;
    if about.is_empty() {
        return Err(Fault::NoSuchPage);
    }
    let mut blocks = vec![Block::Facts(vec![
        ("Partner", Cell::text(asking.partner_name(&partner))),
        ("Documents", Cell::number(about.len())),
    ])];
    let ledger = asking.context.host.ledger();
    let found = story_of(ledger, &asking.config, &partner, &po_number)?;
    blocks.extend(of_order(found.as_ref().map(|story| &story.matrix)));
    blocks.push(Block::Heading("Documents".to_owned()));
    blocks.push(Block::Table(documents(asking, &about)));
    blocks.extend(what_is_said_of_it(asking, &partner, &po_number)?);
    blocks.push(Block::Heading("What happened".to_owned()));
    blocks.push(Block::Table(story(asking, &events)));
    sheet(asking, &format!("Order {po_number}"), blocks)
}

/// What disagrees about it, and how the partner's rules for it stand, where there is something to say.
fn what_is_said_of_it(asking: &Asking<'_>, partner: &str, po_number: &str) -> Result<Vec<Block>, Fault> {
    let named = Filter { number: Some(po_number.to_owned()), limit: Some(BESIDE), ..Filter::of(partner) };
    let (found, mut clocks) =
        asking.read(|tx| Ok((tx.findings(&named)?.rows, tx.clocks_about(partner, po_number)?)))?;
    clocks.retain(|clock| clock.state != ClockState::Idle);
    clocks.truncate(BESIDE as usize);
    let mut blocks = Vec::new();
    if !found.is_empty() {
        blocks.push(Block::Heading("What disagrees".to_owned()));
        blocks.push(Block::Table(findings::table(asking, &found)));
    }
    if !clocks.is_empty() {
        blocks.push(Block::Heading("How its rules stand".to_owned()));
        blocks.push(Block::Table(Table { caption: "The oldest first".to_owned(), ..clocks::table(asking, &clocks) }));
    }
    Ok(blocks)
}

/// Findings and clocks that are shown with an order.
const BESIDE: u32 = 50;

fn of_order(matrix: Option<&Matrix>) -> Vec<Block> {
    match matrix {
        Some(matrix) => {
            let strays = matrix.strays.iter().map(|stray| Block::Text(stray.to_string()));
            std::iter::once(Block::Table(matrix_table(matrix))).chain(strays).collect()
        }
        None => vec![Block::Text("The order itself has not come.".to_owned())],
    }
}

fn matrix_table(matrix: &Matrix) -> Table {
    let shown = columns(matrix);
    let row = |line: &MatrixLine| {
        let words = [
            Cell::text(&line.line),
            Cell::text(&line.item),
            Cell::optional(line.description.clone()),
            Cell::text(&line.unit),
        ];
        let figures = shown.iter().map(|(_, stage)| Cell::number(line.quantity[*stage].normalize()));
        words.into_iter().chain(figures).collect::<Vec<Cell>>()
    };
    let mut rows: Vec<Vec<Cell>> = matrix.lines.iter().map(row).collect();
    let currency = matrix.currency.as_deref().unwrap_or_default();
    let words = [Cell::text(""), Cell::text("Total"), Cell::text("in money"), Cell::text(currency)];
    let sums = shown.iter().map(|(_, stage)| Cell::Number(money(matrix.total[*stage], "")));
    rows.push(words.into_iter().chain(sums).collect());
    let words = ["Line", "Item", "Description", "Unit"];
    Table {
        caption: "Each document counts once, in whatever order they came".to_owned(),
        columns: words.into_iter().chain(shown.iter().map(|(name, _)| *name)).collect(),
        rows,
    }
}

fn documents(asking: &Asking<'_>, about: &[StoredDocument]) -> Table {
    let row = |stored: &StoredDocument| {
        vec![
            Cell::Time(asking.moment(stored.at)),
            Cell::link(path("documents", stored.id.as_str()), stored.document.number()),
            Cell::text(stored.document.kind().name().replace('_', " ")),
            Cell::number(stored.revision),
        ]
    };
    Table {
        caption: "Everything that names this order".to_owned(),
        columns: vec!["Recorded", "Number", "Kind", "Revision"],
        rows: about.iter().take(MOST).map(row).collect(),
    }
}

/// Rows of a table that is not turned.
const MOST: usize = 100;

/// What happened, in order.
pub(super) fn story(asking: &Asking<'_>, events: &[Event]) -> Table {
    let row = |event: &Event| {
        vec![
            Cell::Time(asking.moment(event.at)),
            Cell::text(&event.text),
            Cell::text(event.kind.replace('_', " ")),
            Cell::text(asking.partner_name(&event.partner)),
        ]
    };
    Table {
        caption: "From the journals, the oldest first".to_owned(),
        columns: vec!["When", "What", "Kind", "Journal"],
        rows: events.iter().take(MOST).map(row).collect(),
    }
}
