//! Deliveries: what goes out and how it stands; one with its attempts, and what can be done about it.

use super::asking::Asking;
use super::failures;
use super::fault::Fault;
use super::sheet::{Block, Button, Field, choices, path, sheet};
use super::table::{Cell, Table};
use crate::ledger::Id;
use crate::ledger::view::{DeliveryRow, STATES_OF_DELIVERIES};
use crate::web::answer::Answer;

/// The list.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let filter = asking.filter()?;
    let rows = asking.read(|tx| tx.deliveries(&filter))?;
    let query = asking.query();
    let [from, until] = asking.day_fields();
    sheet(
        asking,
        "Deliveries",
        vec![
            Block::Filter(vec![
                asking.partner_field(),
                Field::choice(query, "state", "State", choices(&STATES_OF_DELIVERIES)),
                Field::text(query, "number", "Number"),
                from,
                until,
            ]),
            Block::Table(table(asking, &rows.rows)),
            Block::turn(query, &rows),
        ],
    )
}

/// Deliveries as rows.
pub(super) fn table(asking: &Asking<'_>, rows: &[DeliveryRow]) -> Table {
    let cells = |row: &DeliveryRow| {
        let is_under_way = row.sent.is_none() && row.state != "waived";
        vec![
            Cell::state(&row.state),
            Cell::link(path("deliveries", &row.id), &row.label),
            Cell::text(asking.partner_name(&row.partner)),
            Cell::text(&row.endpoint),
            Cell::text(&row.name),
            Cell::number(row.attempts),
            Cell::time(row.sent.map(|sent| asking.moment(sent))),
            Cell::time(is_under_way.then(|| asking.moment(row.due))),
            Cell::optional(row.last_error.clone().filter(|_| row.sent.is_none())),
        ]
    };
    Table {
        caption: "The newest first".to_owned(),
        columns: vec!["State", "Delivery", "To", "Endpoint", "Name", "Attempts", "Sent", "Due", "Why not"],
        rows: rows.iter().map(cells).collect(),
    }
}

/// One delivery.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let id = asking.id();
    let (row, attempts) = asking.read(|tx| Ok((tx.delivery_row(&id)?, tx.attempts(&id)?)))?;
    let row = row.ok_or(Fault::NoSuchPage)?;
    asking.see(&row.partner)?;
    let mut facts = vec![
        ("State", Cell::state(&row.state)),
        ("To", Cell::text(asking.partner_name(&row.partner))),
        ("Endpoint", Cell::text(&row.endpoint)),
        ("Name", Cell::link(path("files", &row.transmission), &row.name)),
    ];
    facts.extend(
        row.document.as_ref().map(|document| ("Document", Cell::link(path("documents", document), &row.label))),
    );
    facts.extend(row.sent.map(|sent| ("Sent", Cell::Time(asking.moment(sent)))));
    facts.extend(row.receipt.as_ref().map(|receipt| ("Receipt", Cell::text(receipt))));
    facts.extend(row.failing_since.map(|since| ("Fails since", Cell::Time(asking.moment(since)))));
    facts.extend(row.last_error.as_ref().filter(|_| row.sent.is_none()).map(|why| ("Why", Cell::text(why))));
    let mut blocks = vec![Block::Facts(facts)];
    if asking.who().acts() {
        blocks.push(Block::Buttons(buttons(asking, &row)?));
    }
    let rows = attempts.iter().map(|attempt| {
        vec![
            Cell::number(attempt.number),
            Cell::Time(asking.moment(attempt.at)),
            Cell::state(&attempt.outcome),
            Cell::text(&attempt.detail),
        ]
    });
    blocks.push(Block::Heading("Attempts".to_owned()));
    blocks.push(Block::Table(Table {
        caption: "The first one first".to_owned(),
        columns: vec!["Number", "When", "Outcome", "What was said"],
        rows: rows.take(MOST).collect(),
    }));
    blocks.extend(failures::told_of(asking, id.as_str())?);
    sheet(asking, &row.label, blocks)
}

/// What can be done about one.
pub(super) fn buttons(asking: &Asking<'_>, row: &DeliveryRow) -> Result<Vec<Button>, Fault> {
    let place = path("deliveries", &row.id);
    let button = |what, label| asking.button(format!("{place}/{what}"), label);
    let mut buttons = Vec::new();
    if row.sent.is_none() {
        buttons.push(button("release", "Release: send it now"));
        buttons.push(button("waive", "Waive: give it up"));
    }
    buttons.push(button("resend", "Resend: the same bytes once more"));
    let (delivery, has_numbers) = asking.read(|tx| {
        let has_numbers = tx.transmission_has_interchange(&Id(row.transmission.clone()))?;
        Ok((tx.delivery(&Id(row.id.clone()))?, has_numbers))
    })?;
    // An acknowledgment has a number too, but a partner gets one per interchange.
    if has_numbers && (delivery.document.is_some() || delivery.batch.is_some()) {
        buttons.push(button("resend-anew", "Resend with new control numbers"));
    }
    Ok(buttons)
}

/// Attempts that are shown.
const MOST: usize = 100;
