//! The matrix: what each document adds, and that no order of arrival matters.

use serde_json::json;

use super::*;
use crate::reconcile::scene::{
    PO, changed, confirmed, debited, invoiced, matrix_of, order, paid, paper, papers, received, shipped,
};

/// What a line has at some stages.
fn figures<const N: usize>(matrix: &Matrix, line: usize, stages: [Stage; N]) -> [String; N] {
    stages.map(|stage| matrix.lines[line].quantity[stage].normalize().to_string())
}

fn a_whole_life() -> Vec<StoredDocument> {
    vec![
        order(),
        changed("9", &[("quantity_increase", "550001", 30)]),
        changed("10", &[("quantity_decrease", "550001", 24)]),
        confirmed("550001", 24, "2026-03-03"),
        shipped("S1", &[("550001", 20)]),
        shipped("S2", &[("550001", 4), ("550002", 12)]),
        invoiced("INV1", &[("550001", 24, "3.61"), ("550002", 12, "5.50")]),
        received("R1", "S2", &[("550001", 4), ("550002", 11)]),
        debited("D1", "INV1", "5.50"),
        paid(
            "T1",
            &[
                json!({ "is": "invoice", "number": "INV1", "paid": "152.64" }),
                json!({ "is": "debit_memo", "number": "D1", "paid": "-5.50" }),
            ],
        ),
    ]
}

#[test]
fn every_document_adds_to_its_own_column() {
    let matrix = matrix_of(&papers(a_whole_life()));
    use Stage::{Confirmed, Invoiced, Ordered, Received, Shipped};
    assert_eq!(figures(&matrix, 0, [Ordered, Confirmed, Shipped, Received, Invoiced]), ["24", "24", "24", "4", "24"]);
    assert_eq!(figures(&matrix, 1, [Ordered, Confirmed, Shipped, Received, Invoiced]), ["12", "0", "12", "11", "12"]);
    assert_eq!(matrix.total.invoiced, Decimal::new(15264, 2));
    assert_eq!(matrix.total.credited, Decimal::new(550, 2));
    assert_eq!(matrix.total.paid, Decimal::new(14714, 2));
    assert_eq!(matrix.bills[0].open(), Decimal::ZERO);
    assert_eq!(figures(&matrix, 0, [Stage::Paid]), ["24"]);
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let expect = matrix_of(&papers(a_whole_life()));
    for turn in 0..10 {
        let mut documents = a_whole_life();
        documents.rotate_left(turn);
        assert_eq!(matrix_of(&papers(documents.clone())), expect, "turned by {turn}");
        documents.reverse();
        assert_eq!(matrix_of(&papers(documents)), expect, "turned by {turn} and reversed");
    }
}

#[test]
fn the_columns_are_the_sums_of_what_was_posted() {
    let matrix = matrix_of(&papers(a_whole_life()));
    let mut sums = Stages { ordered: matrix.total.ordered, ..Stages::default() };
    for posting in &matrix.postings {
        sums[posting.stage] += posting.amount;
    }
    assert_eq!(sums, matrix.total);
}

#[test]
fn a_later_acknowledgment_replaces_what_an_earlier_one_promised() {
    let told = vec![confirmed("550001", 20, "2026-03-04"), order(), confirmed("550001", 24, "2026-03-03")];
    let matrix = matrix_of(&papers(told));
    assert_eq!(figures(&matrix, 0, [Stage::Confirmed]), ["20"]);
    assert_eq!(matrix.total.confirmed, Decimal::new(7220, 2));
}

#[test]
fn a_change_of_the_order_stands_beside_what_was_ordered_first() {
    let mut changed = order();
    if let Document::Order(order) = &mut changed.document {
        order.header.purpose = Purpose::Change;
        order.lines.remove(1);
        order.lines[0].quantity.value = 30.into();
    }
    let mut told = papers(vec![order()]);
    told.documents = vec![Arc::new(changed)];
    let matrix = matrix_of(&told);
    assert_eq!(figures(&matrix, 0, [Stage::Ordered, Stage::Changed]), ["24", "30"]);
    assert_eq!(figures(&matrix, 1, [Stage::Ordered, Stage::Changed]), ["12", "0"]);
}

#[test]
fn changes_of_the_order_are_applied_by_their_numbers_and_posted_each_for_itself() {
    let told = vec![
        changed("2", &[("quantity_decrease", "550001", 18), ("add", "550003", 6)]),
        changed("1", &[("quantity_increase", "550001", 30), ("delete", "550002", 0)]),
        order(),
    ];
    let matrix = matrix_of(&papers(told));
    let rows = (0..3).map(|line| figures(&matrix, line, [Stage::Ordered, Stage::Changed]));
    assert_eq!(rows.collect::<Vec<_>>(), [["24", "18"], ["12", "0"], ["0", "6"]]);
    assert_eq!((matrix.total.ordered, matrix.total.changed), (Decimal::new(15264, 2), Decimal::new(6498, 2)));
    let posted: Vec<String> = matrix
        .postings
        .iter()
        .filter(|posting| posting.line == Some(0))
        .map(|posting| format!("{} {}", posting.paper.document.label(), posting.quantity))
        .collect();
    assert_eq!(posted, ["850 4500012345 24", "860 4500012345/1 6", "860 4500012345/2 -12"]);
}

#[test]
fn an_order_that_is_cancelled_by_a_change_is_wanted_no_more() {
    let mut cancelled = changed("1", &[]);
    cancelled.document.header_mut().purpose = Purpose::Cancel;
    let matrix = matrix_of(&papers(vec![cancelled, order()]));
    assert_eq!((matrix.total.changed, matrix.strays.len()), (Decimal::ZERO, 0));
    assert_eq!(figures(&matrix, 0, [Stage::Ordered, Stage::Changed]), ["24", "0"]);
}

#[test]
fn the_orders_of_a_split_number_are_one_order() {
    let mut other = order();
    other.id = Id("other".to_owned());
    let matrix = matrix_of(&papers(vec![order(), other]));
    assert_eq!(matrix.lines.len(), 2);
    assert_eq!(figures(&matrix, 0, [Stage::Ordered, Stage::Changed]), ["48", "48"]);
}

#[test]
fn a_credit_stands_in_a_column_of_its_own() {
    let mut credit = invoiced("CR1", &[("550002", 1, "5.50")]);
    if let Document::Invoice(invoice) = &mut credit.document {
        invoice.sense = InvoiceSense::Credit;
    }
    let matrix = matrix_of(&papers(vec![order(), invoiced("INV1", &[("550002", 6, "5.50")]), credit]));
    assert_eq!(figures(&matrix, 1, [Stage::Invoiced, Stage::Credited]), ["6", "1"]);
    assert_eq!(matrix.bills[0].open(), Decimal::new(2750, 2));
}

#[test]
fn freight_belongs_to_the_invoice_and_to_no_line() {
    let mut invoice = invoiced("INV1", &[("550001", 24, "3.61")]);
    if let Document::Invoice(invoice) = &mut invoice.document {
        let freight = json!({ "is": "charge", "code": "D240", "amount": "10.00" });
        invoice.adjustments = vec![serde_json::from_value(freight).unwrap()];
    }
    let payment = paid("T1", &[json!({ "is": "invoice", "number": "INV1", "paid": "96.64" })]);
    let matrix = matrix_of(&papers(vec![order(), invoice, payment]));
    assert_eq!(
        (matrix.total.invoiced, matrix.lines[0].amount.invoiced),
        (Decimal::new(9664, 2), Decimal::new(8664, 2))
    );
    assert_eq!((matrix.total.paid, matrix.lines[0].amount.paid), (Decimal::new(9664, 2), Decimal::new(8664, 2)));
}

#[test]
fn what_goes_back_is_counted_and_a_cancelled_document_is_not() {
    let mut cancelled = shipped("S1", &[("550001", 24)]);
    if let Document::Shipment(shipment) = &mut cancelled.document {
        shipment.header.purpose = Purpose::Cancel;
    }
    let line = json!({ "item": { "buyer": "550001" }, "quantity": { "value": "2", "unit": "EA" } });
    let returned = paper(json!({ "kind": "return", "return_number": "R1", "po_number": PO, "lines": [line] }));
    let matrix = matrix_of(&papers(vec![order(), cancelled, returned]));
    assert_eq!(figures(&matrix, 0, [Stage::Shipped, Stage::Returned]), ["0", "2"]);
}

#[test]
fn what_the_order_does_not_have_is_named_and_not_counted() {
    let matrix = matrix_of(&papers(vec![order(), shipped("S1", &[("999999", 3)])]));
    let strays: Vec<String> = matrix.strays.iter().map(Stray::to_string).collect();
    assert_eq!(strays, ["856 S1: item 999999 is not in the order"]);
    assert_eq!(matrix.total.shipped, Decimal::ZERO);
}

#[test]
fn without_the_order_there_is_no_matrix() {
    assert!(super::matrix(&papers(vec![shipped("S1", &[("550001", 3)])]), &CrossReferences::default()).is_none());
}

/// 2 cases of 550001 at 43.32, with what the order says of the pack.
fn order_in_cases(pack: Option<&str>) -> StoredDocument {
    let line = json!({ "line": "001", "item": { "buyer": "550001" }, "quantity": { "value": "2", "unit": "CA" },
                       "price": { "amount": "43.32" }, "pack": pack });
    paper(json!({ "kind": "order", "po_number": PO, "ordered_on": "2026-03-02", "lines": [line] }))
}

#[test]
fn what_is_ordered_in_cases_and_told_in_eaches_is_counted_in_eaches() {
    let told = vec![
        order_in_cases(Some("12")),
        shipped("S1", &[("550001", 13)]),
        shipped("S2", &[("550001", 11)]),
        invoiced("INV1", &[("550001", 24, "3.61")]),
    ];
    let matrix = matrix_of(&papers(told));
    let line = &matrix.lines[0];
    assert_eq!((line.unit.as_str(), line.price), ("EA", Some(Decimal::new(361, 2))));
    let stages = [Stage::Ordered, Stage::Changed, Stage::Shipped, Stage::Invoiced];
    assert_eq!(figures(&matrix, 0, stages), ["24", "24", "24", "24"]);
    assert_eq!(stages.map(|stage| line.amount[stage].to_string()), ["86.64", "86.64", "86.64", "86.64"]);
    assert!(matrix.strays.is_empty());
}

#[test]
fn a_change_in_eaches_of_what_was_ordered_in_cases() {
    let more = changed("1", &[("quantity_increase", "550001", 36)]);
    let matrix = matrix_of(&papers(vec![order_in_cases(Some("12")), more]));
    assert_eq!(figures(&matrix, 0, [Stage::Ordered, Stage::Changed]), ["24", "36"]);
}

#[test]
fn what_everybody_counts_in_cases_stays_in_cases() {
    let matrix = matrix_of(&papers(vec![order_in_cases(Some("12"))]));
    assert_eq!((matrix.lines[0].unit.as_str(), figures(&matrix, 0, [Stage::Changed])), ("CA", ["2".to_owned()]));
}

#[test]
fn a_table_of_items_knows_the_case_that_the_order_does_not() {
    let mut items = CrossReferences::default();
    let item = ItemIds { buyer: Some("550001".to_owned()), ..ItemIds::default() };
    items.add(item, Some(12.into())).unwrap();
    let told = |pack| papers(vec![order_in_cases(pack), shipped("S1", &[("550001", 24)])]);
    let shipped_of = |pack| {
        let matrix = super::matrix(&told(pack), &items).unwrap();
        (matrix.lines[0].unit.clone(), matrix.lines[0].quantity.shipped, matrix.strays.len())
    };
    assert_eq!(shipped_of(None), ("EA".to_owned(), 24.into(), 0));
    // The order says otherwise: nobody knows.
    assert_eq!(shipped_of(Some("10")), ("CA".to_owned(), Decimal::ZERO, 1));
}

#[test]
fn without_a_known_case_the_document_counts_nowhere_and_is_named() {
    let matrix = matrix_of(&papers(vec![order_in_cases(None), shipped("S1", &[("550001", 24)])]));
    let strays: Vec<String> = matrix.strays.iter().map(Stray::to_string).collect();
    assert_eq!(strays, ["856 S1: line 001 is ordered in CA, counted in EA: nothing tells how many are in one"]);
    assert_eq!(figures(&matrix, 0, [Stage::Changed, Stage::Shipped]), ["2", "0"]);
}
