//! An order acknowledgment, completed: every line of the order is answered, and the parts add up.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::lines::{Lines, WantedLine, compare_price, fill_unit};
use super::{Findings, KnownOrder, Wanted, fill_header, fill_or_compare, fill_parties, fill_references, find_order};
use crate::config::partner::PartnerId;
use crate::diagnostic::codes::document::{ACK_SUM, VERDICT_CONTRADICTS};
use crate::document::order::OrderLine;
use crate::document::order_ack::{LineOutcome, LineStatus, OrderAck, OrderAckLine, Verdict};
use crate::document::party::PartyRole;
use crate::document::{DateKind, Order, Price};

pub(super) fn complete(
    ack: &mut OrderAck,
    orders: &[KnownOrder],
    received_on: Date,
    findings: &mut Findings,
) -> Option<PartnerId> {
    let wanted = Wanted {
        po_number: &ack.po_number,
        release: ack.release.as_deref(),
        partner: &ack.header.partner,
        ship_to: None,
        path: "po_number",
    };
    let known = &orders[find_order(&wanted, orders, findings)?];
    let order = &known.order;
    fill_header(&mut ack.header, known);
    fill_or_compare(&mut ack.ordered_on, Some(&order.ordered_on), "ordered_on", findings);
    ack.release.clone_from(&order.release);
    ack.acknowledged_on.get_or_insert(received_on);
    fill_references(&mut ack.header.references, order);
    fill_parties(&mut ack.parties, &[PartyRole::Buyer, PartyRole::ShipTo], order, findings);
    if ack.lines.is_empty() {
        answer_as_a_whole(ack, order);
    }
    let planned = ack.dates.iter().find(|date| date.is == DateKind::PlannedShip).map(|date| date.on);
    let answers = answers(std::mem::take(&mut ack.lines), order, planned, findings);
    // Lines that were not understood have their own error; that they are unanswered as well would say nothing new.
    if !findings.any_error() {
        for (line, answer) in order.lines.iter().zip(&answers) {
            check_sum(line, answer.as_ref(), findings);
        }
    }
    decide(ack, order, &answers, findings);
    ack.lines = answers.into_iter().flatten().collect();
    Some(known.partner.clone())
}

/// "All accepted" and "all rejected" need no lines.
fn answer_as_a_whole(ack: &mut OrderAck, order: &Order) {
    let status = match ack.verdict {
        Some(Verdict::Accepted) => LineStatus::Accepted,
        Some(Verdict::Rejected) => LineStatus::Rejected,
        Some(Verdict::AcceptedWithChanges) | None => return,
    };
    let answer = |line: &OrderLine| OrderAckLine {
        line: Some(line.line.clone()),
        item: line.item.clone(),
        outcomes: vec![LineOutcome { status: status.clone(), quantity: line.quantity.clone(), ships_on: None }],
        ..OrderAckLine::default()
    };
    ack.lines = order.lines.iter().map(answer).collect();
}

/// One answer per line of the order, in its sequence; several that mean the same line are joined.
fn answers(
    given: Vec<OrderAckLine>,
    order: &Order,
    planned: Option<Date>,
    findings: &mut Findings,
) -> Vec<Option<OrderAckLine>> {
    let mut lines = Lines::of(order);
    let mut answers: Vec<Option<OrderAckLine>> = vec![None; order.lines.len()];
    for (index, mut answer) in given.into_iter().enumerate() {
        let path = format!("lines[{index}]");
        let quantity: Decimal = answer.outcomes.iter().map(|outcome| outcome.quantity.value).sum();
        let wanted = WantedLine { line: answer.line.as_deref(), item: &answer.item, quantity, path: &path };
        let Some((at, ordered)) = lines.find(&wanted, findings) else { continue };
        fill_line(&mut answer, ordered, planned, &path, findings);
        match &mut answers[at] {
            Some(earlier) => earlier.outcomes.extend(answer.outcomes),
            none => *none = Some(answer),
        }
    }
    answers
}

fn fill_line(
    answer: &mut OrderAckLine,
    ordered: &OrderLine,
    planned: Option<Date>,
    path: &str,
    findings: &mut Findings,
) {
    answer.line = Some(ordered.line.clone());
    answer.item.fill_from(&ordered.item);
    answer.description = answer.description.take().or_else(|| ordered.description.clone());
    answer.ordered = Some(ordered.quantity.clone());
    match &mut answer.price {
        Some(price) => compare_price(price, ordered, path, findings),
        none => none.clone_from(&ordered.price),
    }
    for outcome in &mut answer.outcomes {
        fill_unit(&mut outcome.quantity, ordered, path, findings);
        // What is backordered is planned for its own day or for none.
        if outcome.status.promises_goods() && outcome.status != LineStatus::Backordered {
            outcome.ships_on = outcome.ships_on.or(planned);
        }
    }
}

/// The verdict that follows from the lines; one that was given must be the same.
fn decide(ack: &mut OrderAck, order: &Order, answers: &[Option<OrderAckLine>], findings: &mut Findings) {
    let outcomes = || answers.iter().flatten().flat_map(|answer| &answer.outcomes);
    if outcomes().next().is_none() {
        return;
    }
    let amount = |price: &Option<Price>| price.as_ref().map(|price| price.amount);
    let same_prices = order
        .lines
        .iter()
        .zip(answers)
        .all(|(line, answer)| answer.as_ref().is_none_or(|answer| amount(&answer.price) == amount(&line.price)));
    let verdict = if outcomes().all(|outcome| outcome.status == LineStatus::Rejected) {
        Verdict::Rejected
    } else if outcomes().all(|outcome| outcome.status == LineStatus::Accepted) && same_prices {
        Verdict::Accepted
    } else {
        Verdict::AcceptedWithChanges
    };
    match ack.verdict {
        Some(stated) if stated != verdict => {
            let message = format!("the verdict is {}, the lines say {}", name(stated), name(verdict));
            findings.report(&VERDICT_CONTRADICTS, "verdict", message);
        }
        _ => ack.verdict = Some(verdict),
    }
}

/// The parts of a line against what was ordered.
fn check_sum(line: &OrderLine, answer: Option<&OrderAckLine>, findings: &mut Findings) {
    let Some(answer) = answer else {
        let message = format!("line {} (item {}) is not answered", line.line, line.item.label());
        findings.report(&ACK_SUM, "lines", message);
        return;
    };
    let sum: Decimal = answer.outcomes.iter().map(|outcome| outcome.quantity.value).sum();
    if sum != line.quantity.value {
        let message = format!("line {} orders {}, the answers add up to {sum}", line.line, line.quantity.value);
        let finding = findings.report(&ACK_SUM, "lines", message);
        (finding.expected, finding.found) = (Some(line.quantity.value.to_string()), Some(sum.to_string()));
    }
}

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::AcceptedWithChanges => "accepted_with_changes",
        Verdict::Rejected => "rejected",
    }
}
