//! Order acknowledgment to 855.

use super::draft::{Draft, count, date, decimal, none, number, text, word};
use super::{codes, parts};
use crate::document::OrderAck;
use crate::document::order_ack::OrderAckLine;

pub(super) fn write(ack: &OrderAck, version: &str, draft: &mut Draft) {
    let verdict = draft.needed(ack.verdict.map(codes::verdict).map(word), "verdict", "BAK02");
    let po_number = draft.needed(Some(word(&ack.po_number)), "po_number", "BAK03");
    let ordered_on = draft.needed(ack.ordered_on.map(|on| date(Some(on))), "ordered_on", "BAK04");
    draft.push(
        "BAK",
        [
            word(codes::purpose(&ack.header.purpose)),
            verdict,
            po_number,
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
    parts::notes(&ack.header.notes, version, draft);
    parts::parties(&ack.parties, draft);
    for (index, ack_line) in ack.lines.iter().enumerate() {
        line(ack_line, &format!("lines[{index}]"), draft);
    }
    draft.push("CTT", [count(ack.lines.len())]);
}

fn line(line: &OrderAckLine, path: &str, draft: &mut Draft) {
    let (value, unit) = match &line.ordered {
        Some(ordered) => (number(ordered.value), word(&ordered.unit)),
        None => (none(), none()),
    };
    let mut elements = vec![text(line.line.as_deref()), value, unit];
    elements.push(decimal(line.price.as_ref().map(|price| price.amount)));
    elements.push(text(line.price.as_ref().and_then(|price| price.basis.as_deref())));
    elements.extend(parts::item(&line.item));
    if elements.iter().all(|element| element.is_empty()) {
        draft.needed(None, format_args!("{path}.line"), "PO1");
    }
    draft.push("PO1", elements);
    parts::description(line.description.as_deref(), format_args!("{path}.description"), draft);
    for outcome in &line.outcomes {
        let qualifier = if outcome.ships_on.is_some() { word("068") } else { none() };
        draft.push(
            "ACK",
            [
                word(codes::status(&outcome.status)),
                number(outcome.quantity.value),
                word(&outcome.quantity.unit),
                qualifier,
                date(outcome.ships_on),
            ],
        );
    }
}
