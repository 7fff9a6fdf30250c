//! Order acknowledgment to 855.

use super::draft::{Draft, constant, date, decimal, none, text};
use super::{codes, parts};
use crate::document::OrderAck;
use crate::document::order_ack::OrderAckLine;
use crate::x12::value::write_decimal;

pub(super) fn write(ack: &OrderAck, draft: &mut Draft) {
    let verdict = draft.needed(ack.verdict.map(codes::verdict).map(constant), "verdict", "BAK02");
    let number = draft.needed(Some(ack.po_number.clone()), "po_number", "BAK03");
    let ordered_on = draft.needed(ack.ordered_on.map(|on| date(Some(on))), "ordered_on", "BAK04");
    draft.push(
        "BAK",
        [
            constant(codes::purpose(&ack.header.purpose)),
            verdict,
            number,
            ordered_on,
            text(ack.release.as_deref()),
            none(),
            none(),
            text(ack.seller_order_number.as_deref()),
            date(ack.acknowledged_on),
        ],
    );
    parts::references(&ack.header.references, draft);
    parts::dates(&ack.dates, draft);
    parts::notes(&ack.header.notes, draft);
    parts::parties(&ack.parties, draft);
    for (index, ack_line) in ack.lines.iter().enumerate() {
        line(ack_line, &format!("lines[{index}]"), draft);
    }
    draft.push("CTT", [ack.lines.len().to_string()]);
}

fn line(line: &OrderAckLine, path: &str, draft: &mut Draft) {
    let (value, unit) = match &line.ordered {
        Some(ordered) => (write_decimal(ordered.value), ordered.unit.clone()),
        None => (none(), none()),
    };
    let mut elements = vec![text(line.line.as_deref()), value, unit];
    elements.push(decimal(line.price.as_ref().map(|price| price.amount)));
    elements.push(text(line.price.as_ref().and_then(|price| price.basis.as_deref())));
    elements.extend(parts::item(&line.item));
    if elements.iter().all(String::is_empty) {
        draft.needed(None, format_args!("{path}.line"), "PO1");
    }
    draft.push_all("PO1", elements);
    parts::description(line.description.as_deref(), format_args!("{path}.description"), draft);
    for outcome in &line.outcomes {
        let qualifier = if outcome.ships_on.is_some() { constant("068") } else { none() };
        draft.push(
            "ACK",
            [
                constant(codes::status(&outcome.status)),
                write_decimal(outcome.quantity.value),
                outcome.quantity.unit.clone(),
                qualifier,
                date(outcome.ships_on),
            ],
        );
    }
}
