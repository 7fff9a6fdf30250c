//! The scenery of tests: an order of two lines, and whatever is told about it, in a few words each.

use std::sync::Arc;

use serde_json::{Value, json};

use super::matrix::{Matrix, matrix};
use crate::config::cross_reference::CrossReferences;
use crate::document::Document;
use crate::ledger::Id;
use crate::ledger::document::StoredDocument;
use crate::ledger::order_book::Papers;

pub(crate) const PO: &str = "4500012345";

/// A document of the retailer `mega`, sent by itself or, where it is ours to tell, by the ERP.
pub(crate) fn paper(json: Value) -> StoredDocument {
    let document: Document = serde_json::from_value(json).unwrap();
    let ours = ["order_ack", "shipment", "invoice"].contains(&document.kind().name());
    StoredDocument {
        id: Id(format!("{} {}", document.kind(), document.number())),
        partner: "mega".to_owned(),
        source: if ours { "erp".to_owned() } else { "mega".to_owned() },
        revision: 1,
        at: "2026-03-02T15:00:00Z".parse().unwrap(),
        transmission: Id("in".to_owned()),
        document,
    }
}

fn each(quantity: i64) -> Value {
    json!({ "value": quantity.to_string(), "unit": "EA" })
}

fn line(line: &str, item: &str, quantity: i64, price: &str) -> Value {
    json!({ "line": line, "item": { "buyer": item }, "quantity": each(quantity), "price": { "amount": price } })
}

/// 24 of 550001 at 3.61 and 12 of 550002 at 5.50, to be shipped by 6 March.
pub(crate) fn order() -> StoredDocument {
    paper(json!({
        "kind": "order", "po_number": PO, "ordered_on": "2026-03-02", "order_type": "stand_alone", "currency": "USD",
        "dates": [{ "is": "ship_not_after", "on": "2026-03-06" }],
        "lines": [line("001", "550001", 24, "3.61"), line("002", "550002", 12, "5.50")],
    }))
}

/// A change of the order, the one of that number, with its lines each as kind, item and quantity.
pub(crate) fn changed(sequence: &str, lines: &[(&str, &str, i64)]) -> StoredDocument {
    let changes: Vec<Value> = lines
        .iter()
        .map(|(kind, item, quantity)| json!({ "is": kind, "item": { "buyer": item }, "quantity": each(*quantity) }))
        .collect();
    let change = json!({ "kind": "order_change", "purpose": "change", "po_number": PO, "sequence": sequence, "changes": changes });
    StoredDocument { id: Id(format!("change {sequence}")), ..paper(change) }
}

pub(crate) fn confirmed(item: &str, quantity: i64, on: &str) -> StoredDocument {
    let outcomes = json!([{ "status": "accepted", "quantity": each(quantity) }]);
    paper(json!({
        "kind": "order_ack", "po_number": PO, "seller_order_number": on, "acknowledged_on": on,
        "lines": [{ "item": { "buyer": item }, "outcomes": outcomes }],
    }))
}

pub(crate) fn shipped(id: &str, items: &[(&str, i64)]) -> StoredDocument {
    let items: Vec<Value> = items
        .iter()
        .map(|(item, quantity)| json!({ "item": { "buyer": item }, "quantity": each(*quantity) }))
        .collect();
    paper(json!({ "kind": "shipment", "shipment_id": id, "orders": [{ "po_number": PO, "items": items }] }))
}

/// An invoice of 9 March, due on 8 April, 2 percent off within ten days.
pub(crate) fn invoiced(number: &str, lines: &[(&str, i64, &str)]) -> StoredDocument {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(item, quantity, price)| {
            json!({ "item": { "buyer": item }, "quantity": each(*quantity), "price": { "amount": price } })
        })
        .collect();
    let terms = json!({ "discount_percent": "2", "discount_days": 10, "net_days": 30 });
    paper(json!({
        "kind": "invoice", "invoice_number": number, "sense": "debit", "invoiced_on": "2026-03-09", "po_number": PO,
        "terms": terms, "lines": lines,
    }))
}

pub(crate) fn received(number: &str, shipment: &str, items: &[(&str, i64)]) -> StoredDocument {
    let lines: Vec<Value> = items
        .iter()
        .map(|(item, quantity)| json!({ "item": { "buyer": item }, "received": each(*quantity) }))
        .collect();
    let receipt = json!({ "kind": "receipt", "receipt_number": number, "shipment_id": shipment, "po_numbers": [PO], "lines": lines });
    paper(receipt)
}

/// A payment with its lines, each as JSON.
pub(crate) fn paid(trace: &str, lines: &[Value]) -> StoredDocument {
    paper(
        json!({ "kind": "remittance", "trace_number": trace, "amount": "0", "paid_on": "2026-03-16", "lines": lines }),
    )
}

/// The retailer debits us for an invoice.
pub(crate) fn debited(number: &str, invoice: &str, amount: &str) -> StoredDocument {
    paper(json!({
        "kind": "credit_debit", "memo_number": number, "issued_on": "2026-03-12", "sense": "debit", "amount": amount,
        "invoice_number": invoice,
    }))
}

/// Everything about the order, which is among them.
pub(crate) fn papers(documents: Vec<StoredDocument>) -> Papers {
    let originals = documents.iter().filter_map(|one| match &one.document {
        Document::Order(order) => Some(order.clone()),
        _ => None,
    });
    let originals = originals.collect();
    let documents = documents.into_iter().map(Arc::new).collect();
    Papers { partner: "mega".to_owned(), po_number: PO.to_owned(), originals, documents }
}

pub(crate) fn matrix_of(papers: &Papers) -> Matrix {
    matrix(papers, &CrossReferences::default()).unwrap()
}
