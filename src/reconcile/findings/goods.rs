//! What disagrees in goods: confirmed, shipped, received, invoiced against what was ordered.

use std::collections::HashSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Judging, plain};
use crate::diagnostic::codes::reconcile as codes;
use crate::document::{DateKind, Document, Kind, Order, Receipt, cents};
use crate::ledger::Id;
use crate::ledger::order_book::Papers;
use crate::reconcile::matrix::{Posting, Stage};

pub(super) fn judge(judging: &mut Judging<'_>) {
    unconfirmed(judging);
    let received = Received::of(judging.papers);
    for line in 0..judging.matrix.lines.len() {
        confirmed_differs(judging, line);
        over_shipped(judging, line);
        unshipped(judging, line);
        if let Some(received) = &received {
            received_differs(judging, line, received);
        }
        invoiced_not_shipped(judging, line);
        shipped_not_invoiced(judging, line);
    }
}

/// The order did not get its answer in time.
fn unconfirmed(judging: &mut Judging<'_>) {
    let Some(tolerated) = judging.agreement.tolerance.unconfirmed else { return };
    let has = |kind: Kind| judging.papers.documents.iter().any(|one| one.document.kind() == kind);
    if has(Kind::OrderAck) || has(Kind::Shipment) || judging.matrix.total.changed.is_zero() {
        return;
    }
    let Some(order) = judging.papers.documents.iter().find(|one| one.document.kind() == Kind::Order) else { return };
    if judging.is_over(order.at, tolerated) {
        let subject = format!("850 {}", judging.matrix.po_number);
        let message = format!("order {} is not confirmed", judging.matrix.po_number);
        let document = judging.order_document();
        judging.find(&codes::UNCONFIRMED, subject, message, document, judging.matrix.total.changed);
    }
}

/// We promise something else than was ordered.
fn confirmed_differs(judging: &mut Judging<'_>, index: usize) {
    let line = &judging.matrix.lines[index];
    let tolerance = &judging.agreement.tolerance;
    let Some(last) = judging.posted(Stage::Confirmed, index).next_back() else { return };
    let (ordered, confirmed) = (line.quantity.changed, line.quantity.confirmed);
    if ordered.is_zero() {
        // Whatever was promised of a line that is not wanted any more is void.
        return;
    }
    let mut differences = Vec::new();
    if (ordered - confirmed).abs() > tolerance.quantity {
        differences.push(format!("confirmed {} {} of {} ordered", plain(confirmed), line.unit, plain(ordered)));
    }
    if let (Some(ours), Some(theirs)) = (last.price, line.price)
        && (ours - theirs).abs() > tolerance.price
    {
        differences.push(format!("confirmed at {}, ordered at {}", plain(ours), plain(theirs)));
    }
    if !differences.is_empty() {
        let money = (line.amount.changed - line.amount.confirmed).abs();
        let (subject, document) = (judging.line_subject(index), Some(last.paper.id.clone()));
        judging.find(&codes::CONFIRMED_DIFFERS, subject, differences.join(", "), document, money);
    }
}

/// More went out than is wanted.
fn over_shipped(judging: &mut Judging<'_>, index: usize) {
    let line = &judging.matrix.lines[index];
    let over = line.quantity.shipped - line.quantity.changed;
    if over > judging.agreement.tolerance.quantity {
        let message = format!(
            "shipped {} {} of {} ordered",
            plain(line.quantity.shipped),
            line.unit,
            plain(line.quantity.changed)
        );
        let money = cents(over * line.price.unwrap_or_default());
        let (subject, document) = (judging.line_subject(index), judging.posted_by(Stage::Shipped, index));
        judging.find(&codes::OVER_SHIPPED, subject, message, document, money);
    }
}

/// Goods that were promised did not go out by the end of the window.
fn unshipped(judging: &mut Judging<'_>, index: usize) {
    let Some(tolerated) = judging.agreement.tolerance.unshipped else { return };
    let line = &judging.matrix.lines[index];
    let is_answered = judging.posted(Stage::Confirmed, index).next().is_some();
    let wanted = line.quantity.changed;
    let promised = if is_answered { line.quantity.confirmed.min(wanted) } else { wanted };
    let missing = promised - line.quantity.shipped;
    if missing <= judging.agreement.tolerance.quantity {
        return;
    }
    let Some(last) = judging.matrix.orders.iter().filter_map(last_day).max() else { return };
    let end = judging.end_of(last);
    if judging.is_over(end, tolerated) {
        let line = &judging.matrix.lines[index];
        let message = format!("{} {} of {} were not shipped by {last}", plain(missing), line.unit, plain(promised));
        let money = cents(missing * line.price.unwrap_or_default());
        let (subject, document) = (judging.line_subject(index), judging.order_document());
        judging.find(&codes::UNSHIPPED, subject, message, document, money);
    }
}

/// The last day on which an order may ship, by the date that says so most plainly.
fn last_day(order: &Order) -> Option<Date> {
    let kinds = [DateKind::ShipNotAfter, DateKind::CancelAfter, DateKind::DeliverNotAfter, DateKind::RequestedShip];
    kinds.iter().find_map(|kind| order.dates.iter().find(|date| date.is == *kind)).map(|date| date.on)
}

/// What the receiver speaks of.
struct Received<'j> {
    /// The shipments that receipts name.
    shipments: HashSet<&'j str>,
    /// A receipt names none: it may be of any.
    of_any: bool,
    /// The last receipt.
    last: &'j Id,
}

impl<'j> Received<'j> {
    /// Nothing where nothing was received.
    fn of(papers: &'j Papers) -> Option<Received<'j>> {
        let receipts = papers.documents.iter().filter_map(|one| match &one.document {
            Document::Receipt(receipt) => Some((receipt, &one.id)),
            _ => None,
        });
        let receipts: Vec<(&Receipt, &Id)> = receipts.collect();
        let (_, last) = receipts.last()?;
        Some(Received {
            shipments: receipts.iter().filter_map(|(receipt, _)| receipt.shipment_id.as_deref()).collect(),
            of_any: receipts.iter().any(|(receipt, _)| receipt.shipment_id.is_none()),
            last,
        })
    }

    fn speaks_of(&self, shipment: &Document) -> bool {
        self.of_any || self.shipments.contains(shipment.number())
    }
}

/// What arrived is not what was told as shipped. Goods under way are no difference: only what the receiver speaks of counts.
fn received_differs(judging: &mut Judging<'_>, index: usize, received: &Received<'_>) {
    let line = &judging.matrix.lines[index];
    let told = judging.posted(Stage::Shipped, index).filter(|one| received.speaks_of(&one.paper.document));
    let shipped: Decimal = told.map(|one| one.quantity).sum();
    let difference = line.quantity.received - shipped;
    if difference.abs() > judging.agreement.tolerance.quantity {
        let message = format!("received {} {} of {} shipped", plain(line.quantity.received), line.unit, plain(shipped));
        let money = cents(difference.abs() * line.price.unwrap_or_default());
        let (subject, document) = (judging.line_subject(index), Some(received.last.clone()));
        judging.find(&codes::RECEIVED_DIFFERS, subject, message, document, money);
    }
}

/// Money is asked for goods that no ship notice tells of.
fn invoiced_not_shipped(judging: &mut Judging<'_>, index: usize) {
    if !judging.agreement.sends.contains(&Kind::Shipment) {
        return;
    }
    let line = &judging.matrix.lines[index];
    let over = line.quantity.invoiced - line.quantity.shipped;
    if over > judging.agreement.tolerance.quantity {
        let message = format!(
            "invoiced {} {}, shipped {}",
            plain(line.quantity.invoiced),
            line.unit,
            plain(line.quantity.shipped)
        );
        let money = cents(over * line.price.unwrap_or_default());
        let (subject, document) = (judging.line_subject(index), judging.posted_by(Stage::Invoiced, index));
        judging.find(&codes::INVOICED_NOT_SHIPPED, subject, message, document, money);
    }
}

/// Goods went out and nobody asks for the money.
fn shipped_not_invoiced(judging: &mut Judging<'_>, index: usize) {
    let Some(tolerated) = judging.agreement.tolerance.uninvoiced else { return };
    let line = &judging.matrix.lines[index];
    let mut left = line.quantity.invoiced + judging.agreement.tolerance.quantity;
    let mut shipped: Vec<&Posting> = judging.posted(Stage::Shipped, index).collect();
    shipped.sort_by_key(|posting| posting.paper.at);
    let (mut missing, mut document) = (Decimal::ZERO, None);
    for posting in shipped {
        left -= posting.quantity;
        let uninvoiced = (-left).min(posting.quantity).max(Decimal::ZERO);
        if !uninvoiced.is_zero() && judging.is_over(posting.paper.at, tolerated) {
            missing += uninvoiced;
            document = Some(&posting.paper.id);
        }
    }
    if !missing.is_zero() {
        let message = format!("{} {} were shipped and not invoiced", plain(missing), line.unit);
        let money = cents(missing * line.price.unwrap_or_default());
        judging.find(&codes::SHIPPED_NOT_INVOICED, judging.line_subject(index), message, document.cloned(), money);
    }
}
