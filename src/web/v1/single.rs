//! Answers about one thing.

use schemars::JsonSchema;
use serde::Serialize;

use super::asked::Asked;
use super::{Answered, Fault, listings, no_such};
use crate::deliver::line::tell_the_line;
use crate::document::Document;
use crate::ledger::event::{Event, NumberedEvent};
use crate::ledger::ladder::Ladder;
use crate::ledger::view::{DeliveryRow, DocumentRow, Filter};
use crate::reconcile::matrix::Matrix;
use crate::reconcile::story::story;

/// The most documents and deliveries that are named with an order.
const OF_AN_ORDER: u32 = 1000;

/// A document.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OneDocument {
    /// The row that listings show.
    #[serde(flatten)]
    row: DocumentRow,
    /// The transmission that brought it.
    transmission: String,
    /// The orders that it is about.
    orders: Vec<Purchase>,
    /// How far it and the answers to it got.
    ladder: Ladder,
    /// What it says.
    document: Document,
}

/// An order, by its number.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Purchase {
    /// Whose order.
    partner: String,
    /// Its number there.
    po_number: String,
}

pub(super) fn document(asked: &Asked) -> Result<Answered, Fault> {
    let id = asked.id();
    let found = asked.host.ledger().read(|tx| {
        let Some(row) = tx.document_row(&id)? else { return Ok(None) };
        let stored = tx.document(&id)?;
        let orders = tx.orders_about(&id)?.into_iter();
        let orders = orders.map(|(partner, po_number)| Purchase { partner, po_number }).collect();
        let (transmission, ladder) = (stored.transmission.0, tx.ladder(&id)?);
        Ok(Some(OneDocument { row, transmission, orders, ladder, document: stored.document }))
    })?;
    Answered::of(&asked.seen("document", found, |found| &found.row.partner)?)
}

/// An order with what became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OneOrder {
    /// Whose.
    partner: String,
    /// Its number.
    po_number: String,
    /// Ordered, confirmed, shipped, invoiced; null where other documents name the order and it has not come.
    matrix: Option<Matrix>,
    /// The documents about it.
    documents: Vec<DocumentRow>,
    /// The deliveries of these.
    deliveries: Vec<DeliveryRow>,
}

pub(super) fn order(asked: &Asked) -> Result<Answered, Fault> {
    let (partner, po_number) = (asked.first(), asked.second());
    if !asked.sees(partner) {
        return Err(no_such("order").into());
    }
    let (ledger, config) = (asked.host.ledger(), asked.host.config());
    let matrix = story(ledger, &config, partner, po_number)?.map(|story| story.matrix);
    let of_order = Filter { number: Some(po_number.to_owned()), limit: Some(OF_AN_ORDER), ..Filter::of(partner) };
    // What is about a retailer's order goes to others as well: the ERP, a warehouse.
    let to_anybody = Filter { partners: asked.scope.clone(), ..of_order.clone() };
    let (documents, deliveries) = ledger.read(|tx| {
        let documents = tx.documents(&of_order)?.oldest_first();
        let mut deliveries = tx.deliveries(&to_anybody)?.oldest_first();
        // Another partner may have an order of the same number.
        let is_of = |id: &String| documents.iter().any(|document| document.id == *id);
        deliveries.retain(|delivery| delivery.document.as_ref().is_some_and(is_of));
        tell_the_line(tx, &config, &mut deliveries)?;
        Ok((documents, deliveries))
    })?;
    if documents.is_empty() {
        return Err(no_such("order").into());
    }
    let (partner, po_number) = (partner.to_owned(), po_number.to_owned());
    Answered::of(&OneOrder { partner, po_number, matrix, documents, deliveries })
}

/// A delivery.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OneDelivery {
    /// The row that listings show.
    #[serde(flatten)]
    row: DeliveryRow,
}

pub(super) fn delivery(asked: &Asked) -> Result<Answered, Fault> {
    Answered::of(&OneDelivery { row: delivery_row(asked)? })
}

fn delivery_row(asked: &Asked) -> Result<DeliveryRow, Fault> {
    let config = asked.host.config();
    let row = asked.host.ledger().read(|tx| {
        let mut row: Vec<DeliveryRow> = tx.delivery_row(&asked.id())?.into_iter().collect();
        tell_the_line(tx, &config, &mut row)?;
        Ok(row.pop())
    })?;
    asked.seen("delivery", row, |row| &row.partner)
}

pub(super) fn attempts(asked: &Asked) -> Result<Answered, Fault> {
    delivery_row(asked)?;
    listings::all(asked.host.ledger().read(|tx| tx.attempts(&asked.id()))?)
}

pub(super) fn event(asked: &Asked) -> Result<Answered, Fault> {
    let partner = asked.first();
    // Sequences are numbered from 1; what is no number is none of them.
    let sequence = asked.second().parse::<u32>().map_err(|_| no_such("event"))?;
    if !asked.sees(partner) {
        return Err(no_such("event").into());
    }
    let event = asked.host.ledger().read(|tx| tx.event(partner, sequence.into()))?;
    Answered::of(&NumberedEvent::from(event))
}

pub(super) fn status(asked: &Asked) -> Result<Answered, Fault> {
    asked.expect_everything()?;
    Ok(Answered::Json(asked.host.report()))
}

/// Everything known about a number.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Story {
    /// What was asked for.
    key: String,
    /// The orders that it is about.
    orders: Vec<OrderMatrix>,
    /// How far each document about them got.
    ladders: Vec<Ladder>,
    /// Everything that happened, in order.
    events: Vec<Event>,
}

/// An order's matrix.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OrderMatrix {
    /// Whose order.
    partner: String,
    /// Its matrix.
    matrix: Matrix,
}

pub(super) fn trace(asked: &Asked) -> Result<Answered, Fault> {
    let (ledger, config, key) = (asked.host.ledger(), asked.host.config(), asked.first().to_owned());
    let mut trace = ledger.read(|tx| tx.trace(&key))?;
    trace.events.retain(|event| asked.sees(&event.partner));
    trace.orders.retain(|(partner, _)| asked.sees(partner));
    if trace.events.is_empty() && trace.orders.is_empty() {
        return Err(no_such("number, file or id").into());
    }
    let mut orders = Vec::new();
    for (partner, po_number) in &trace.orders {
        let found = story(ledger, &config, partner, po_number)?;
        orders.extend(found.map(|story| OrderMatrix { partner: story.partner, matrix: story.matrix }));
    }
    let ladders = ledger.read(|tx| tx.ladders_of_orders(&trace.orders))?;
    Answered::of(&Story { key, orders, ladders, events: trace.events })
}

/// What is answered without being read.
pub(super) fn nothing(_: &Asked) -> Result<Answered, Fault> {
    Err(no_such("thing").into())
}
