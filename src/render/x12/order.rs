//! Order to 850: what a retailer would send, for samples and tests.

use rust_decimal::Decimal;

use super::draft::{Draft, count, date, decimal, number, text, word};
use super::{codes, parts};
use crate::document::Order;
use crate::document::order::{Allocation, OrderLine};

pub(super) fn write(order: &Order, version: &str, draft: &mut Draft) {
    let (purpose, order_type) = (codes::purpose(&order.header.purpose), codes::order_type(&order.order_type));
    let po_number = draft.needed(Some(word(&order.po_number)), "po_number", "BEG03");
    let release = text(order.release.as_deref());
    draft.push("BEG", [word(purpose), word(order_type), po_number, release, date(Some(order.ordered_on))]);
    if let Some(currency) = &order.currency {
        draft.push("CUR", [word("BY"), word(currency)]);
    }
    parts::references(&order.header.references, draft);
    draft.push("FOB", [text(order.freight_payment.as_deref())]);
    parts::adjustments(&order.adjustments, "", draft);
    parts::terms(order.terms.as_ref(), draft);
    parts::dates(&order.dates, draft);
    parts::carrier(order.carrier.as_ref(), draft);
    parts::notes(&order.header.notes, version, draft);
    parts::parties(&order.parties, draft);
    for (index, order_line) in order.lines.iter().enumerate() {
        line(order_line, &format!("lines[{index}]"), draft);
    }
    let sum: Decimal = order.lines.iter().map(|line| line.quantity.value).sum();
    draft.push("CTT", [count(order.lines.len()), number(sum)]);
}

fn line(line: &OrderLine, path: &str, draft: &mut Draft) {
    let mut elements = vec![word(&line.line), number(line.quantity.value), word(&line.quantity.unit)];
    elements.push(decimal(line.price.as_ref().map(|price| price.amount)));
    elements.push(text(line.price.as_ref().and_then(|price| price.basis.as_deref())));
    elements.extend(parts::item(&line.item));
    draft.push("PO1", elements);
    parts::description(line.description.as_deref(), format_args!("{path}.description"), draft);
    let mut packing = vec![decimal(line.pack)];
    // The inner pack is the fourteenth element.
    packing.resize(13, text(None));
    packing.push(decimal(line.inner_pack));
    draft.push("PO4", packing);
    parts::references(&line.references, draft);
    parts::adjustments(&line.adjustments, &format!("{path}."), draft);
    allocations(&line.allocations, draft);
    parts::dates(&line.dates, draft);
}

/// SDQ holds ten stores of one unit.
fn allocations(allocations: &[Allocation], draft: &mut Draft) {
    for same_unit in allocations.chunk_by(|left, right| left.quantity.unit == right.quantity.unit) {
        for ten in same_unit.chunks(10) {
            let mut elements = vec![word(&ten[0].quantity.unit), word("92")];
            for allocation in ten {
                elements.extend([word(&allocation.location), number(allocation.quantity.value)]);
            }
            draft.push("SDQ", elements);
        }
    }
}
