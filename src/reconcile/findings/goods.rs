//! What disagrees in goods: confirmed, shipped, received, invoiced against what was ordered.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Judging, plain};
use crate::diagnostic::codes::reconcile as codes;
use crate::document::{DateKind, Document, Kind, Order, Receipt, cents};
use crate::reconcile::matrix::Stage;

pub(super) fn judge(judging: &mut Judging<'_>) {
    unconfirmed(judging);
    for line in 0..judging.matrix.lines.len() {
        confirmed_differs(judging, line);
        over_shipped(judging, line);
        unshipped(judging, line);
        received_differs(judging, line);
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
    let answers: Vec<_> = judging
        .matrix
        .postings
        .iter()
        .filter(|posting| posting.stage == Stage::Confirmed && posting.line == Some(index))
        .collect();
    let Some(last) = answers.last() else { return };
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
        let (subject, document) = (judging.line_subject(index), Some(last.document.clone()));
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
    let is_answered =
        judging.matrix.postings.iter().any(|one| one.stage == Stage::Confirmed && one.line == Some(index));
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

/// What arrived is not what was told as shipped. Goods under way are no difference: only what the receiver speaks of counts.
fn received_differs(judging: &mut Judging<'_>, index: usize) {
    let line = &judging.matrix.lines[index];
    let receipts: Vec<(&Receipt, &crate::ledger::Id)> = judging
        .papers
        .documents
        .iter()
        .filter_map(|one| match &one.document {
            Document::Receipt(receipt) => Some((receipt, &one.id)),
            _ => None,
        })
        .collect();
    let Some((_, document)) = receipts.last() else { return };
    let told = judging.matrix.postings.iter().filter(|one| one.stage == Stage::Shipped && one.line == Some(index));
    let is_received = |label: &str| {
        receipts.iter().any(|(receipt, _)| match &receipt.shipment_id {
            Some(shipment) => label.ends_with(&format!(" {shipment}")),
            None => true,
        })
    };
    let shipped: Decimal = told.filter(|one| is_received(&one.label)).map(|one| one.quantity).sum();
    let difference = line.quantity.received - shipped;
    if difference.abs() > judging.agreement.tolerance.quantity {
        let message = format!("received {} {} of {} shipped", plain(line.quantity.received), line.unit, plain(shipped));
        let money = cents(difference.abs() * line.price.unwrap_or_default());
        let (subject, document) = (judging.line_subject(index), Some((*document).clone()));
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
    let mut shipped: Vec<_> = judging
        .matrix
        .postings
        .iter()
        .filter(|posting| posting.stage == Stage::Shipped && posting.line == Some(index))
        .collect();
    shipped.sort_by_key(|posting| posting.at);
    let (mut missing, mut document) = (Decimal::ZERO, None);
    for posting in shipped {
        left -= posting.quantity;
        let uninvoiced = (-left).clamp(Decimal::ZERO, posting.quantity);
        if !uninvoiced.is_zero() && judging.is_over(posting.at, tolerated) {
            missing += uninvoiced;
            document = Some(posting.document.clone());
        }
    }
    if !missing.is_zero() {
        let message = format!("{} {} were shipped and not invoiced", plain(missing), line.unit);
        let money = cents(missing * line.price.unwrap_or_default());
        judging.find(&codes::SHIPPED_NOT_INVOICED, judging.line_subject(index), message, document, money);
    }
}
