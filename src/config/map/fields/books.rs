//! The fields of the papers that follow a purchase: what was received, judged, paid, kept back, returned, and what is in stock.

use super::ScopeRole::{Level, Needed};
use super::ValueType::{Code, Date, DateTime, Decimal, Integer};
use super::{
    DOCUMENT, Field, Need, Scope, ValueType, carrier, field, header, item, measured, party, quantity, references,
    scope, text,
};

pub(super) static RECEIPT: [Scope; 3] =
    [DOCUMENT, scope("line", "lines", &[0], Needed), scope("line.question", "questions", &[1], Level)];

pub(super) static APPLICATION_ADVICE: [Scope; 3] =
    [DOCUMENT, scope("answer", "answers", &[0], Needed), scope("answer.error", "errors", &[1], Level)];

pub(super) static TEXT_MESSAGE: [Scope; 2] = [DOCUMENT, scope("message", "messages", &[0], Needed)];

pub(super) static REMITTANCE: [Scope; 3] =
    [DOCUMENT, scope("line", "lines", &[0], Level), scope("line.adjustment", "adjustments", &[1], Level)];

pub(super) static CREDIT_DEBIT: [Scope; 2] = [DOCUMENT, scope("line", "lines", &[0], Level)];

pub(super) static RETURN: [Scope; 2] = [DOCUMENT, scope("line", "lines", &[0], Needed)];

pub(super) static INVENTORY: [Scope; 3] =
    [DOCUMENT, scope("line", "lines", &[0], Needed), scope("line.stock", "stock", &[1], Level)];

pub(super) static SETTLEMENT: [Scope; 2] = [DOCUMENT, scope("entry", "entries", &[0], Level)];

const SENSES: ValueType = Code(&["credit", "debit"]);

/// The item of a line that may be about none, and that is told from others by nothing but its row.
fn optional_item(scope: usize, prefix: &str) -> Vec<Field> {
    let optional = |mut field: Field| {
        field.need = Need::Optional;
        field.key = false;
        field
    };
    item(scope, prefix).into_iter().map(optional).collect()
}

pub(super) fn receipt() -> Vec<Field> {
    const CONDITIONS: &[&str] = &["damaged", "short", "over", "quality", "wrong_item", "good", "rejected", "on_hold"];
    let mut all = vec![
        text(0, "receipt_number", "receipt_number").required(),
        field(0, "received_on", "received_on", Date),
        text(0, "shipment_id", "shipment_id"),
        text(0, "po_number", "po_numbers[0]"),
        text(0, "bill_of_lading", "bill_of_lading"),
        text(0, "carrier_reference", "carrier_reference"),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number", "packing_list"]));
    all.extend(carrier());
    for role in ["ship_to", "ship_from", "warehouse"] {
        all.extend(party(0, role));
    }
    all.push(text(1, "line.line", "line").one_of().key());
    all.push(text(1, "line.po_number", "po_number").key());
    all.extend(item(1, "line"));
    let [received, unit] = measured(1, "line.quantity", "line.unit", "received");
    all.extend([received.required(), unit]);
    all.extend(measured(1, "line.returned_quantity", "line.returned_unit", "returned"));
    all.extend(measured(1, "line.shipped_quantity", "line.shipped_unit", "shipped"));
    all.push(field(1, "line.sscc", "sscc", ValueType::Sscc).key());
    all.push(text(1, "line.lot", "lot").key());
    all.push(field(2, "line.question.condition", "condition", Code(CONDITIONS)).required());
    all.extend(quantity(2, "line.question"));
    all
}

pub(super) fn application_advice() -> Vec<Field> {
    const VERDICTS: &[&str] =
        &["accepted", "accepted_with_change", "accepted_with_errors", "partly_accepted", "rejected"];
    const LEVELS: &[&str] = &["document", "item", "group", "batch"];
    let mut all = vec![text(0, "advice_number", "advice_number").required(), field(0, "issued_on", "issued_on", Date)];
    all.extend(header());
    let mut reference = text(1, "answer.reference", "reference.value").required().key();
    // Agreed between the two, where the file does not say what the number is.
    reference.beside = Some(("reference.is".to_owned(), "ZZ"));
    all.push(reference);
    all.push(text(1, "answer.reference_is", "reference.is"));
    all.push(field(1, "answer.verdict", "verdict", Code(VERDICTS)).required());
    all.push(field(1, "answer.level", "level", Code(LEVELS)));
    all.push(text(1, "answer.transaction_set", "transaction_set").key());
    all.push(field(1, "answer.group_control_number", "group_control_number", Integer));
    all.push(text(1, "answer.set_control_number", "set_control_number"));
    all.push(field(1, "answer.sent_at", "sent_at", DateTime));
    all.push(text(1, "answer.po_number", "po_number"));
    for name in ["code", "text", "segment", "found", "expected"] {
        all.push(text(2, &format!("answer.error.{name}"), name));
    }
    all.push(field(2, "answer.error.segment_position", "segment_position", Integer));
    all.push(field(2, "answer.error.element_position", "element_position", Integer));
    all
}

pub(super) fn text_message() -> Vec<Field> {
    let mut all =
        vec![text(0, "subject", "subject"), text(0, "code", "code"), field(0, "issued_on", "issued_on", Date)];
    all.extend(header());
    all.push(text(1, "message.number", "number").required().key());
    all.push(text(1, "message.subject", "subject"));
    all.push(text(1, "message.text", "text").required());
    for (name, code) in [("po_number", "PO"), ("shipment_id", "SI"), ("invoice_number", "IV")] {
        all.push(text(1, &format!("message.{name}"), &format!("references[is={code}].value")));
    }
    all
}

pub(super) fn remittance() -> Vec<Field> {
    const HANDLINGS: &[&str] = &["advice_only", "with_payment", "payment_only", "split", "notification"];
    const METHODS: &[&str] = &["ach", "check", "wire", "none"];
    const ITEMS: &[&str] = &["invoice", "order", "credit_memo", "debit_memo"];
    const ACTIONS: &[&str] = &["whole", "part", "on_account", "adjust"];
    let mut all = vec![
        text(0, "trace_number", "trace_number").required(),
        field(0, "handling", "handling", Code(HANDLINGS)),
        field(0, "sense", "sense", SENSES),
        field(0, "method", "method", Code(METHODS)),
        field(0, "amount", "amount", Decimal).required(),
        field(0, "paid_on", "paid_on", Date),
        text(0, "currency", "currency"),
        text(0, "originator", "originator"),
    ];
    all.extend(header());
    all.extend(references(0, &["vendor_number"]));
    for role in ["payer", "payee"] {
        all.extend(party(0, role));
    }
    all.push(field(1, "line.is", "is", Code(ITEMS)));
    all.push(text(1, "line.number", "number").key());
    all.push(text(1, "line.po_number", "po_number").key());
    all.push(field(1, "line.action", "action", Code(ACTIONS)));
    all.push(field(1, "line.paid", "paid", Decimal).required());
    all.push(field(1, "line.gross", "gross", Decimal));
    all.push(field(1, "line.discount", "discount", Decimal));
    all.push(field(1, "line.invoiced_on", "invoiced_on", Date));
    all.push(text(1, "line.location", "location"));
    all.push(text(1, "line.note", "notes[0]"));
    all.push(field(2, "line.adjustment.amount", "amount", Decimal).required());
    all.push(text(2, "line.adjustment.reason", "reason"));
    all.push(text(2, "line.adjustment.description", "description"));
    all
}

pub(super) fn credit_debit() -> Vec<Field> {
    const HANDLINGS: &[&str] = &["next_payment", "off_invoice", "on_account", "check", "memo"];
    let mut all = vec![
        text(0, "memo_number", "memo_number").required(),
        field(0, "issued_on", "issued_on", Date).required(),
        field(0, "sense", "sense", SENSES).required(),
        field(0, "amount", "amount", Decimal).required(),
        field(0, "handling", "handling", Code(HANDLINGS)),
        text(0, "invoice_number", "invoice_number"),
        field(0, "invoiced_on", "invoiced_on", Date),
        text(0, "po_number", "po_number"),
        text(0, "seller_order_number", "seller_order_number"),
        text(0, "currency", "currency"),
    ];
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number"]));
    for role in ["buyer", "supplier"] {
        all.extend(party(0, role));
    }
    all.push(text(1, "line.line", "line"));
    all.push(text(1, "line.reason", "reason"));
    all.push(field(1, "line.sense", "sense", SENSES));
    all.push(field(1, "line.amount", "amount", Decimal));
    all.extend(optional_item(1, "line"));
    all.extend(measured(1, "line.quantity", "line.unit", "quantity"));
    all.push(field(1, "line.price_difference", "price_difference", Decimal));
    all.push(text(1, "line.invoice_number", "invoice_number"));
    all.push(text(1, "line.po_number", "po_number"));
    all
}

pub(super) fn returned() -> Vec<Field> {
    let reasons = |scope: usize, prefix: &str| {
        let names = ["disposition", "reason", "response", "reason_text"];
        names.map(|name| text(scope, &format!("{prefix}{name}"), name))
    };
    let mut all = vec![
        text(0, "return_number", "return_number").required(),
        text(0, "authorization_number", "authorization_number"),
        field(0, "issued_on", "issued_on", Date),
        text(0, "po_number", "po_number"),
        text(0, "invoice_number", "invoice_number"),
    ];
    all.extend(reasons(0, ""));
    all.extend(header());
    all.extend(references(0, &["department", "vendor_number", "tracking", "customer_order"]));
    all.extend(carrier());
    for role in ["buyer", "supplier", "ship_from", "ship_to", "warehouse"] {
        all.extend(party(0, role));
    }
    all.push(text(1, "line.line", "line").one_of());
    all.extend(item(1, "line"));
    all.extend(quantity(1, "line"));
    all.push(field(1, "line.price", "price", Decimal));
    all.extend(reasons(1, "line."));
    all.push(text(1, "line.po_number", "po_number"));
    all.push(text(1, "line.invoice_number", "invoice_number"));
    all.push(text(1, "line.note", "notes[0]"));
    all
}

/// A kind of stock is a column of its own in most exports, and one of the values of a column in others.
pub(super) fn inventory() -> Vec<Field> {
    const KINDS: &[&str] =
        &["available", "on_hand", "projected", "on_order", "committed", "damaged", "unusable", "minimum", "maximum"];
    let mut all = vec![
        text(0, "report_number", "report_number").required(),
        field(0, "as_of", "as_of", DateTime).required(),
        field(0, "reporter", "reporter", Code(&["seller", "distributor", "manufacturer"])),
    ];
    all.extend(header());
    for role in ["supplier", "warehouse", "ship_from"] {
        all.extend(party(0, role));
    }
    all.push(text(1, "line.line", "line").key());
    all.push(text(1, "line.location", "location").key());
    all.extend(item(1, "line"));
    for kind in KINDS {
        let [name, unit] = [format!("line.{kind}"), format!("line.{kind}_unit")];
        all.extend(measured(1, &name, &unit, &format!("stock[is={kind}].quantity")));
    }
    all.push(field(2, "line.stock.is", "is", Code(KINDS)).required());
    all.extend(quantity(2, "line.stock"));
    all.push(field(2, "line.stock.on", "on", Date));
    all
}

pub(super) fn settlement() -> Vec<Field> {
    let mut all = vec![
        text(0, "settlement_id", "settlement_id").required(),
        field(0, "from", "from", ValueType::Date),
        field(0, "to", "to", ValueType::Date),
        field(0, "deposited_on", "deposited_on", ValueType::Date),
        text(0, "currency", "currency"),
        text(0, "status", "status"),
        field(0, "amount", "amount", ValueType::Decimal).required(),
    ];
    all.extend(header());
    all.push(field(1, "entry.posted_on", "posted_on", ValueType::Date));
    all.push(text(1, "entry.is", "is"));
    all.push(text(1, "entry.part", "part"));
    all.push(text(1, "entry.description", "description"));
    all.push(text(1, "entry.order_number", "order_number"));
    all.push(text(1, "entry.seller_order_number", "seller_order_number"));
    all.push(text(1, "entry.refund_id", "refund_id"));
    all.push(text(1, "entry.shipment_id", "shipment_id"));
    all.push(text(1, "entry.sku", "sku"));
    all.extend(measured(1, "entry.quantity", "entry.unit", "quantity"));
    all.push(field(1, "entry.amount", "amount", ValueType::Decimal).required());
    all
}
