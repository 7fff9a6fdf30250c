//! Order to 850: what a retailer would send, for samples and tests.

use rust_decimal::Decimal;

use super::draft::{Draft, constant, date, decimal, text};
use super::{codes, parts};
use crate::document::Order;
use crate::document::order::{Allocation, OrderLine};
use crate::x12::value::write_decimal;

pub(super) fn write(order: &Order, draft: &mut Draft) {
    let (purpose, order_type) = (codes::purpose(&order.header.purpose), codes::order_type(&order.order_type));
    let number = draft.needed(Some(order.po_number.clone()), "po_number", "BEG03");
    let release = text(order.release.as_deref());
    draft.push("BEG", [constant(purpose), constant(order_type), number, release, date(Some(order.ordered_on))]);
    if let Some(currency) = &order.currency {
        draft.push("CUR", [constant("BY"), currency.clone()]);
    }
    parts::references(&order.header.references, draft);
    draft.push("FOB", [text(order.freight_payment.as_deref())]);
    parts::adjustments(&order.adjustments, "", draft);
    parts::terms(order.terms.as_ref(), draft);
    parts::dates(&order.dates, draft);
    parts::carrier(order.carrier.as_ref(), draft);
    parts::notes(&order.header.notes, draft);
    parts::parties(&order.parties, draft);
    for (index, order_line) in order.lines.iter().enumerate() {
        line(order_line, &format!("lines[{index}]"), draft);
    }
    let sum: Decimal = order.lines.iter().map(|line| line.quantity.value).sum();
    draft.push("CTT", [order.lines.len().to_string(), write_decimal(sum)]);
}

fn line(line: &OrderLine, path: &str, draft: &mut Draft) {
    let mut elements = vec![line.line.clone(), write_decimal(line.quantity.value), line.quantity.unit.clone()];
    elements.push(decimal(line.price.as_ref().map(|price| price.amount)));
    elements.push(text(line.price.as_ref().and_then(|price| price.basis.as_deref())));
    elements.extend(parts::item(&line.item));
    draft.push_all("PO1", elements);
    parts::description(line.description.as_deref(), format_args!("{path}.description"), draft);
    draft.push("PO4", [decimal(line.pack)]);
    parts::references(&line.references, draft);
    parts::adjustments(&line.adjustments, &format!("{path}."), draft);
    allocations(&line.allocations, draft);
    parts::dates(&line.dates, draft);
}

/// SDQ holds ten stores of one unit.
fn allocations(allocations: &[Allocation], draft: &mut Draft) {
    for same_unit in allocations.chunk_by(|left, right| left.quantity.unit == right.quantity.unit) {
        for ten in same_unit.chunks(10) {
            let mut elements = vec![ten[0].quantity.unit.clone(), constant("92")];
            for allocation in ten {
                elements.extend([allocation.location.clone(), write_decimal(allocation.quantity.value)]);
            }
            draft.push_all("SDQ", elements);
        }
    }
}
