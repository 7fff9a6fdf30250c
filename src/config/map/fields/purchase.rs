//! The fields of what makes up a purchase: order and its changes, acknowledgment, shipment, invoice.

use super::ScopeRole::{Beside, Level, Needed};
use super::{
    DOCUMENT, Field, Scope, ValueType, adjustment, adjustments, carrier, dates, field, header, item, measured, party,
    price, quantity, references, scope, terms, text,
};

pub(super) static ORDER: [Scope; 5] = [
    DOCUMENT,
    scope("line", "lines", &[0], Needed),
    scope("line.allocation", "allocations", &[1], Level),
    adjustment("allowance"),
    adjustment("charge"),
];
pub(super) static ORDER_CHANGE: [Scope; 5] = [
    DOCUMENT,
    scope("line", "changes", &[0], Level),
    scope("line.allocation", "allocations", &[1], Level),
    adjustment("allowance"),
    adjustment("charge"),
];
pub(super) static ORDER_ACK: [Scope; 3] =
    [DOCUMENT, scope("line", "lines", &[0], Needed), scope("line.outcome", "outcomes", &[1], Needed)];
pub(super) static SHIPMENT: [Scope; 5] = [
    DOCUMENT,
    scope("order", "orders", &[0], Needed),
    scope("pallet", "pallets", &[1], Level),
    scope("carton", "cartons", &[2, 1], Level),
    scope("carton.item", "items", &[3, 1], Needed),
];
pub(super) static INVOICE: [Scope; 5] = [
    DOCUMENT,
    scope("line", "lines", &[0], Needed),
    adjustment("allowance"),
    adjustment("charge"),
    scope("tax", "taxes", &[0], Beside),
];

const WINDOWS: &[&str] = &[
    "requested_ship",
    "ship_not_before",
    "ship_not_after",
    "requested_delivery",
    "deliver_not_before",
    "deliver_not_after",
    "cancel_after",
];

const ORDER_TYPES: &[&str] = &["stand_alone", "new", "drop_ship", "release", "blanket", "rush"];

const CHANGES: &[&str] = &[
    "add",
    "delete",
    "change",
    "quantity_increase",
    "quantity_decrease",
    "price",
    "price_and_quantity",
    "price_and_schedule",
    "price_quantity_and_schedule",
    "quantity_and_schedule",
    "schedule",
    "dates",
    "all_dates",
    "ship_mode",
    "replace_all",
    "replace_item",
    "replace_item_modified",
    "rejected",
    "unchanged",
];

pub(super) fn order() -> Vec<Field> {
    let mut all = vec![
        text(0, "po_number", "po_number").required(),
        text(0, "release", "release"),
        field(0, "order_type", "order_type", ValueType::Code(ORDER_TYPES)),
        field(0, "ordered_on", "ordered_on", ValueType::Date).required(),
        text(0, "currency", "currency"),
        text(0, "freight_payment", "freight_payment"),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number", "promotion", "contract", "merchandise_type", "store"]));
    all.extend(references(0, &["customer_order"]));
    all.extend(dates(WINDOWS));
    for role in ["buyer", "ship_to", "bill_to", "ship_from", "supplier", "mark_for"] {
        all.extend(party(0, role));
    }
    all.extend(carrier());
    all.extend(terms());
    all.push(text(1, "line.line", "line").required().key());
    all.extend(item(1, "line"));
    all.extend(quantity(1, "line"));
    all.extend(price("line"));
    all.push(field(1, "line.pack", "pack", ValueType::Decimal));
    all.push(field(1, "line.inner_pack", "inner_pack", ValueType::Decimal));
    all.push(text(2, "line.allocation.location", "location").required());
    all.extend(quantity(2, "line.allocation"));
    all.extend(adjustments(3, "allowance"));
    all.extend(adjustments(4, "charge"));
    all
}

pub(super) fn order_change() -> Vec<Field> {
    let mut all = vec![
        text(0, "po_number", "po_number").required(),
        text(0, "release", "release"),
        text(0, "sequence", "sequence"),
        field(0, "order_type", "order_type", ValueType::Code(ORDER_TYPES)),
        field(0, "ordered_on", "ordered_on", ValueType::Date),
        field(0, "changed_on", "changed_on", ValueType::Date),
        text(0, "seller_order_number", "seller_order_number"),
        text(0, "currency", "currency"),
        text(0, "freight_payment", "freight_payment"),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number", "promotion", "contract", "store", "customer_order"]));
    all.extend(dates(WINDOWS));
    for role in ["buyer", "ship_to", "bill_to", "mark_for"] {
        all.extend(party(0, role));
    }
    all.extend(carrier());
    all.extend(terms());
    all.push(field(1, "line.change", "is", ValueType::Code(CHANGES)).required());
    all.push(text(1, "line.line", "line").one_of().key());
    all.extend(item(1, "line"));
    all.extend(measured(1, "line.quantity", "line.unit", "quantity"));
    all.extend(price("line"));
    all.extend(measured(1, "line.quantity_before", "line.unit_before", "before.quantity"));
    all.push(field(1, "line.price_before", "before.price.amount", ValueType::Decimal));
    all.push(field(1, "line.remaining", "remaining", ValueType::Decimal));
    all.push(field(1, "line.pack", "pack", ValueType::Decimal));
    all.push(field(1, "line.inner_pack", "inner_pack", ValueType::Decimal));
    all.push(text(2, "line.allocation.location", "location").required());
    all.extend(quantity(2, "line.allocation"));
    all.extend(adjustments(3, "allowance"));
    all.extend(adjustments(4, "charge"));
    all
}

pub(super) fn order_ack() -> Vec<Field> {
    const VERDICTS: &[&str] = &["accepted", "accepted_with_changes", "rejected"];
    const STATUSES: &[&str] =
        &["accepted", "quantity_changed", "price_changed", "date_changed", "substituted", "backordered", "rejected"];
    let mut all = vec![
        text(0, "po_number", "po_number").required(),
        text(0, "release", "release"),
        field(0, "ordered_on", "ordered_on", ValueType::Date),
        text(0, "seller_order_number", "seller_order_number"),
        field(0, "acknowledged_on", "acknowledged_on", ValueType::Date),
        field(0, "verdict", "verdict", ValueType::Code(VERDICTS)),
        field(0, "ships_on", "dates[is=planned_ship].on", ValueType::Date),
        field(0, "delivers_on", "dates[is=planned_delivery].on", ValueType::Date),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number"]));
    all.extend(party(0, "ship_to"));
    all.push(text(1, "line.line", "line").one_of().key());
    all.extend(item(1, "line"));
    all.extend(measured(1, "line.ordered_quantity", "line.ordered_unit", "ordered"));
    all.extend(price("line"));
    all.push(field(2, "line.status", "status", ValueType::Code(STATUSES)).required());
    all.extend(quantity(2, "line"));
    all.push(field(2, "line.ships_on", "ships_on", ValueType::Date));
    all
}

pub(super) fn shipment() -> Vec<Field> {
    let mut all = vec![
        text(0, "shipment_id", "shipment_id").required(),
        field(0, "shipped_at", "shipped_at", ValueType::DateTime),
        field(0, "arrives_on", "arrives_on", ValueType::Date),
        text(0, "freight_payment", "freight_payment"),
        text(0, "bill_of_lading", "bill_of_lading"),
        text(0, "carrier_reference", "carrier_reference"),
        text(0, "trailer", "trailer"),
        text(0, "seal", "seal"),
    ];
    all.extend(header());
    all.extend(carrier());
    all.extend(measured(0, "weight", "weight_unit", "weight"));
    all.extend(references(0, &["tracking", "packing_list", "appointment"]));
    for role in ["ship_to", "ship_from"] {
        all.extend(party(0, role));
    }
    all.push(text(1, "po_number", "po_number").required().key());
    all.push(text(1, "release", "release").key());
    all.push(field(1, "ordered_on", "ordered_on", ValueType::Date));
    all.extend(references(1, &["department", "vendor_number", "store"]));
    for role in ["buyer", "mark_for"] {
        all.extend(party(1, role));
    }
    all.push(field(2, "pallet.sscc", "sscc", ValueType::Sscc).key());
    all.push(text(2, "pallet.number", "number").key());
    all.push(field(3, "carton.sscc", "sscc", ValueType::Sscc).key());
    all.push(text(3, "carton.number", "number").key());
    all.push(text(3, "carton.tracking", "tracking").key());
    all.extend(measured(3, "carton.weight", "carton.weight_unit", "weight"));
    all.push(text(4, "carton.item.line", "line").one_of().key());
    all.extend(item(4, "carton.item"));
    all.extend(quantity(4, "carton.item"));
    all.extend(measured(4, "carton.item.ordered_quantity", "carton.item.ordered_unit", "ordered"));
    all.push(text(4, "carton.item.lot", "lot"));
    all
}

pub(super) fn invoice() -> Vec<Field> {
    let mut all = vec![
        text(0, "invoice_number", "invoice_number").required(),
        field(0, "sense", "sense", ValueType::Code(&["debit", "credit"])),
        field(0, "invoiced_on", "invoiced_on", ValueType::Date).required(),
        text(0, "po_number", "po_number"),
        field(0, "ordered_on", "ordered_on", ValueType::Date),
        text(0, "shipment_id", "shipment_id"),
        text(0, "bill_of_lading", "bill_of_lading"),
        text(0, "currency", "currency"),
        field(0, "total", "stated_amount", ValueType::Decimal),
        field(0, "shipped_on", "dates[is=shipped].on", ValueType::Date),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number"]));
    all.extend(carrier());
    all.extend(terms());
    all.extend(measured(0, "weight", "weight_unit", "weight"));
    for role in ["buyer", "ship_to", "bill_to", "ship_from", "supplier", "remit_to"] {
        all.extend(party(0, role));
    }
    all.push(text(1, "line.line", "line").one_of().key());
    all.extend(item(1, "line"));
    all.extend(quantity(1, "line"));
    let [amount, basis] = price("line");
    all.extend([amount.required(), basis]);
    all.extend(adjustments(2, "allowance"));
    all.extend(adjustments(3, "charge"));
    all.push(text(4, "tax.code", "code").required());
    all.push(field(4, "tax.amount", "amount", ValueType::Decimal));
    all.push(field(4, "tax.percent", "percent", ValueType::Decimal));
    all
}
