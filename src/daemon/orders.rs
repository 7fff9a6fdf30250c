//! A document on the desk: recorded once under its key, routed, written, owed to its targets.
//!
//! In: a document that could be read, whoever sent it. Out: its row, its deliveries with their clocks, the findings it
//! raises and one line in the journal; or, when it is known already, a line that says so and nothing else.

use super::outgoing::Desk;
use crate::config::partner::PartnerId;
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Place, Record, Severity};
use crate::document::{Document, Purpose};
use crate::ledger::document::{NewDocument, Recorded};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::NewFinding;
use crate::ledger::transmission::Transmission;
use crate::ledger::{self, Id};
use crate::route;

/// A document that arrived and can be used.
#[derive(Debug)]
pub struct Arrived<'a> {
    /// What brought it.
    pub transmission: &'a Transmission,
    /// Who sent it.
    pub from: &'a PartnerId,
    /// Whose purchase it belongs to.
    pub counterparty: &'a PartnerId,
    /// The document.
    pub document: Document,
    /// What reading and completing it showed; its warnings become findings.
    pub diagnostics: Vec<Diagnostic>,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its row, when it was accepted or known.
    pub document: Option<Id>,
    /// Everything that is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Records a document and makes its deliveries.
pub fn accept(desk: &mut Desk<'_, '_>, arrived: Arrived<'_>) -> Result<Outcome, ledger::Error> {
    let new = NewDocument {
        partner: arrived.counterparty.as_str(),
        source: arrived.from.as_str(),
        transmission: &arrived.transmission.id,
        document: &arrived.document,
        at: desk.now,
    };
    let replaces = matches!(arrived.document.header().purpose, Purpose::Replace | Purpose::Change | Purpose::Cancel);
    let recorded = if replaces { desk.tx.record_revision(&new)? } else { desk.tx.record_document(&new)? };
    match recorded {
        Recorded::New(id) => take_on(desk, arrived, id),
        Recorded::Same(id) => come_again(desk, arrived, id, Again::Same),
        Recorded::Changed(id) => come_again(desk, arrived, id, Again::Changed),
    }
}

fn take_on(desk: &mut Desk<'_, '_>, arrived: Arrived<'_>, id: Id) -> Result<Outcome, ledger::Error> {
    let text = format!("accepted {}", describe(&arrived.document));
    journal(desk, &arrived, &id, EventKind::Accepted, text, serde_json::Value::Null)?;
    let mut diagnostics = arrived.diagnostics.clone();
    match route::route(&arrived.document, arrived.from, arrived.counterparty, desk.config) {
        Ok(targets) => {
            for target in &targets {
                diagnostics.extend(desk.deliver_document(&id, &arrived.document, target)?);
            }
        }
        Err(nowhere) => diagnostics.push(*nowhere),
    }
    for diagnostic in &mut diagnostics {
        diagnostic.place.file.get_or_insert_with(|| arrived.transmission.name.clone());
    }
    for diagnostic in diagnostics.iter().filter(|one| one.severity() >= Severity::Warning) {
        raise(desk, &arrived, &id, diagnostic)?;
    }
    Ok(Outcome { document: Some(id), diagnostics })
}

/// How a known document came again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// With the same content.
    Same,
    /// With other content.
    Changed,
}

fn come_again(
    desk: &mut Desk<'_, '_>,
    arrived: Arrived<'_>,
    known: Id,
    again: Again,
) -> Result<Outcome, ledger::Error> {
    let label = label(&arrived.document);
    let place = Place { file: Some(arrived.transmission.name.clone()), ..Place::default() };
    let (diagnostic, kind) = match again {
        Again::Same => {
            let message = format!("{label} came in before with the same content; nothing is delivered again");
            (Diagnostic::new(&custody::KNOWN_DOCUMENT, message), EventKind::Duplicate)
        }
        Again::Changed => {
            let message = format!("{label} came in before with other content and does not say that it replaces it");
            (Diagnostic::new(&custody::KNOWN_DOCUMENT_CHANGED, message), EventKind::Quarantined)
        }
    };
    let diagnostic = diagnostic.at(place);
    let data = serde_json::to_value(Record::from(&diagnostic)).unwrap_or_default();
    journal(desk, &arrived, &known, kind, diagnostic.message.clone(), data)?;
    let mut diagnostics = arrived.diagnostics;
    diagnostics.push(diagnostic);
    let document = (again == Again::Same).then_some(known);
    Ok(Outcome { document, diagnostics })
}

fn journal(
    desk: &mut Desk<'_, '_>,
    arrived: &Arrived<'_>,
    id: &Id,
    kind: EventKind,
    text: String,
    data: serde_json::Value,
) -> Result<(), ledger::Error> {
    // A shipment of several orders has a line in the story of each.
    for po_number in arrived.document.po_numbers() {
        desk.tx.append_event(&NewEvent {
            partner: arrived.counterparty.to_string(),
            at: desk.now,
            kind,
            refs: Refs {
                transmission: Some(arrived.transmission.id.clone()),
                document: Some(id.clone()),
                po_number: Some(po_number.to_owned()),
                ..Refs::default()
            },
            text: text.clone(),
            data: data.clone(),
        })?;
    }
    Ok(())
}

/// A finding, and its line in the journal the first time.
fn raise(
    desk: &mut Desk<'_, '_>,
    arrived: &Arrived<'_>,
    id: &Id,
    diagnostic: &Diagnostic,
) -> Result<(), ledger::Error> {
    let subject = label(&arrived.document);
    let is_new = desk.tx.record_finding(&NewFinding {
        partner: arrived.counterparty.as_str(),
        subject: &subject,
        diagnostic,
        document: Some(id),
        at: desk.now,
    })?;
    if is_new {
        let text = format!("{subject}: {} ({})", diagnostic.message, diagnostic.code.code);
        let data = serde_json::to_value(Record::from(diagnostic)).unwrap_or_default();
        journal(desk, arrived, id, EventKind::Finding, text, data)?;
    }
    Ok(())
}

/// `856 SHP0000777`.
pub fn label(document: &Document) -> String {
    format!("{} {}", document.kind().transaction_set(), document.number())
}

/// One line that says what a document is: `order 4500012345: 2 lines, 152.64 USD`.
fn describe(document: &Document) -> String {
    match document {
        Document::Order(order) => {
            let currency = order.currency.as_deref().unwrap_or("");
            format!("order {}: {}, {:.2} {currency}", order.po_number, lines(order.lines.len()), order.amount())
                .trim_end()
                .to_owned()
        }
        Document::OrderAck(ack) => {
            format!("order acknowledgment for {}: {}", ack.po_number, lines(ack.lines.len()))
        }
        Document::Shipment(shipment) => {
            let cartons = shipment.cartons().count();
            let pieces: rust_decimal::Decimal =
                shipment.orders.iter().flat_map(|order| order.all_items()).map(|item| item.quantity.value).sum();
            let noun = if cartons == 1 { "carton" } else { "cartons" };
            format!("shipment {}: {cartons} {noun}, {pieces} units", shipment.shipment_id)
        }
        Document::Invoice(invoice) => {
            let currency = invoice.currency.as_deref().unwrap_or("");
            format!(
                "invoice {}: {}, {:.2} {currency}",
                invoice.invoice_number,
                lines(invoice.lines.len()),
                invoice.amount()
            )
            .trim_end()
            .to_owned()
        }
    }
}

fn lines(count: usize) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}
