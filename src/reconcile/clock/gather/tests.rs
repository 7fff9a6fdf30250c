//! Documents as they come, and the facts that follow.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Answered, Told, facts};
use crate::config::clock::calendar::Calendar;
use crate::config::clock::noun::{Answerer, Field, Figure, Moment};
use crate::reconcile::clock::chain::{Chain, Scope};
use crate::reconcile::clock::facts::{Facts, Verdict};

/// So many minutes after 2026-03-06 09:00 of Chicago.
fn at(minute: i64) -> Timestamp {
    Timestamp::from_second("2026-03-06T15:00:00Z".parse::<Timestamp>().unwrap().as_second() + minute * 60).unwrap()
}

fn told(document: Value, minute: i64) -> Told {
    Told {
        document: serde_json::from_value(document).unwrap(),
        revision: 1,
        at: at(minute),
        sent: vec![at(minute + 1)],
        acknowledged: vec![at(minute + 2)],
        answers: Vec::new(),
    }
}

fn order(po_number: &str, lines: &[(&str, &str, &str)]) -> Told {
    let line = |(line, value, unit): &(&str, &str, &str)| {
        json!({ "line": line, "item": { "buyer": format!("55{line}") }, "quantity": { "value": value, "unit": unit },
                "price": { "amount": "2.50" }, "pack": "12" })
    };
    let dates = json!([{ "is": "ship_not_before", "on": "2026-03-05" }, { "is": "cancel_after", "on": "2026-03-12" }]);
    let lines: Vec<Value> = lines.iter().map(line).collect();
    told(
        json!({ "kind": "order", "po_number": po_number, "ordered_on": "2026-03-02", "dates": dates, "lines": lines }),
        0,
    )
}

fn shipment(id: &str, parts: &[(&str, &str, &str, &str)]) -> Told {
    let part = |(po, line, value, unit): &(&str, &str, &str, &str)| {
        let item = json!({ "line": line, "item": { "buyer": format!("55{line}") }, "quantity": { "value": value, "unit": unit } });
        json!({ "po_number": po, "cartons": [{ "number": "1", "items": [item] }, { "items": [] }] })
    };
    let orders: Vec<Value> = parts.iter().map(part).collect();
    told(
        json!({ "kind": "shipment", "shipment_id": id, "shipped_at": "2026-03-06T09:22:00", "arrives_on": "2026-03-09",
                 "orders": orders }),
        30,
    )
}

fn invoice(shipment: Option<&str>) -> Told {
    told(
        json!({ "kind": "invoice", "invoice_number": "INV1", "po_number": "PO1", "invoiced_on": "2026-03-06",
                 "shipment_id": shipment, "lines": [] }),
        40,
    )
}

fn of(scope: Scope, number: &str, told: &[Told]) -> Facts {
    let chain = Chain { scope, number: number.to_owned() };
    let told: Vec<&Told> = told.iter().collect();
    facts(&chain, &told, &[], &Calendar::of(&TimeZone::get("America/Chicago").unwrap()))
}

fn figure(facts: &Facts, figure: Figure) -> Option<String> {
    facts.figure(figure).map(|value: Decimal| value.normalize().to_string())
}

#[test]
fn documents_pass_when_they_come_or_are_left_with_the_partner() {
    let chain = [order("PO1", &[("1", "24", "EA")]), shipment("SHP1", &[("PO1", "1", "24", "EA")]), invoice(None)];
    let facts = of(Scope::Order, "PO1", &chain);
    let expect = [
        (Moment::Order, Some(at(0))),
        (Moment::Acknowledgment, Some(at(2))),
        (Moment::Confirmation, None),
        (Moment::ShipNotice, Some(at(31))),
        (Moment::ShipNoticeReceived, None),
        (Moment::Invoice, Some(at(41))),
        (Moment::Departure, Some(at(22))),
        (Moment::Arrival, Some("2026-03-09T05:00:00Z".parse().unwrap())),
        (Moment::ShipDate, Some("2026-03-05T06:00:00Z".parse().unwrap())),
        (Moment::CancelDate, Some("2026-03-12T05:00:00Z".parse().unwrap())),
    ];
    expect.into_iter().for_each(|(moment, at)| assert_eq!(facts.moment(moment), at, "{moment:?}"));
}

#[test]
fn an_acknowledgment_says_that_the_partner_has_it_and_what_it_thinks() {
    let mut notice = shipment("SHP1", &[("PO1", "1", "24", "EA")]);
    let answer = |by, verdict, minute| Answered { by, verdict, at: at(minute), text: "N1".to_owned() };
    notice.answers = vec![
        answer(Some(Answerer::Functional), Verdict::Rejected, 50),
        answer(Some(Answerer::Functional), Verdict::Accepted, 70),
        answer(None, Verdict::Accepted, 35),
    ];
    let facts = of(Scope::Shipment, "SHP1", &[notice]);
    assert_eq!(facts.moment(Moment::ShipNoticeReceived), Some(at(35)), "the receipt of the wire");
    let verdicts: Vec<Verdict> = facts.answers(Moment::ShipNotice).map(|answer| answer.verdict).collect();
    assert_eq!(verdicts, [Verdict::Rejected, Verdict::Accepted]);
}

#[test]
fn an_application_advice_answers_the_document_that_it_names() {
    let answer = json!({ "verdict": "rejected", "reference": { "is": "SI", "value": "SHP1" }, "transaction_set": "856",
                         "errors": [{ "text": "item is not on the order" }] });
    let advice = told(json!({ "kind": "application_advice", "advice_number": "A1", "answers": [answer] }), 90);
    let notice = |id| shipment(id, &[("PO1", "1", "24", "EA")]);
    let told = [notice("SHP1"), notice("SHP2"), advice];
    let answers = |number| of(Scope::Shipment, number, &told).answers(Moment::ShipNotice).count();
    assert_eq!((answers("SHP1"), answers("SHP2")), (1, 0));
}

#[test]
fn a_text_counts_as_a_refusal_of_what_it_names_for_a_rule_that_watches_texts() {
    let message = json!({ "number": "ERR01", "text": "ASN SHP0001: CARTON COUNT DIFFERS" });
    let text = told(json!({ "kind": "text_message", "messages": [message] }), 90);
    let notice = |id| shipment(id, &[("PO1", "1", "24", "EA")]);
    let told = [notice("SHP0001"), notice("SHP0002"), text];
    let facts = of(Scope::Shipment, "SHP0001", &told);
    let answers: Vec<_> = facts.answers(Moment::ShipNotice).collect();
    assert_eq!(answers.len(), 1);
    assert_eq!((answers[0].by, answers[0].verdict), (Answerer::Text, Verdict::Rejected));
    assert_eq!(answers[0].text, "ASN SHP0001: CARTON COUNT DIFFERS");
    assert_eq!(of(Scope::Shipment, "SHP0002", &told).answers(Moment::ShipNotice).count(), 0);
}

#[test]
fn the_chain_of_a_shipment_knows_nothing_of_another_one() {
    let told = [
        order("PO1", &[("1", "24", "EA")]),
        shipment("SHP1", &[("PO1", "1", "10", "EA")]),
        shipment("SHP2", &[("PO1", "1", "14", "EA")]),
        invoice(Some("SHP2")),
    ];
    let shipped = |scope, number: &str| figure(&of(scope, number, &told), Figure::Shipped);
    assert_eq!(shipped(Scope::Shipment, "SHP1").as_deref(), Some("10"));
    assert_eq!(shipped(Scope::Order, "PO1").as_deref(), Some("24"));
    assert_eq!(shipped(Scope::Invoice, "INV1").as_deref(), Some("14"), "the one that it names");
    assert_eq!(of(Scope::Shipment, "SHP1", &told).moment(Moment::Invoice), None);
}

#[test]
fn figures_count_each_document_once_by_its_latest_revision() {
    let first = shipment("SHP1", &[("PO1", "1", "24", "EA")]);
    let corrected = Told { revision: 2, ..shipment("SHP1", &[("PO1", "1", "20", "EA")]) };
    let told = [order("PO1", &[("1", "24", "EA")]), corrected, first];
    let facts = of(Scope::Shipment, "SHP1", &told);
    let expect = [
        (Figure::Ordered, "24"),
        (Figure::Shipped, "20"),
        (Figure::ShippedAmount, "50"),
        (Figure::OrderAmount, "60"),
        (Figure::Cartons, "2"),
        (Figure::Packs, "1"),
        (Figure::Cases, "2"),
        (Figure::Items, "1"),
    ];
    expect.into_iter().for_each(|(one, value)| assert_eq!(figure(&facts, one).as_deref(), Some(value), "{one:?}"));
}

#[test]
fn units_of_two_kinds_are_not_compared() {
    let told = [order("PO1", &[("1", "24", "EA")]), shipment("SHP1", &[("PO1", "1", "2", "CA")])];
    let facts = of(Scope::Shipment, "SHP1", &told);
    assert_eq!((figure(&facts, Figure::Ordered), figure(&facts, Figure::Shipped)), (None, None));
    assert_eq!(figure(&facts, Figure::ShippedAmount), None, "its price is for each");
    assert_eq!(figure(&facts, Figure::Cases).as_deref(), Some("2"));
}

#[test]
fn lines_of_two_orders_are_told_apart() {
    let told = [
        order("PO1", &[("1", "24", "EA")]),
        order("PO2", &[("1", "5", "EA")]),
        shipment("SHP1", &[("PO1", "1", "24", "EA"), ("PO2", "1", "5", "EA")]),
    ];
    let facts = of(Scope::Shipment, "SHP1", &told);
    let lines: Vec<String> =
        facts.field(Moment::ShipNotice, Field::Quantity).map(|(line, value)| format!("{line} {value}")).collect();
    assert_eq!(lines, ["PO1/1 24", "PO2/1 5"]);
    assert_eq!(facts.field_of_line(Moment::Order, Field::Quantity, "PO2/1").unwrap().to_string(), "5");
}

#[test]
fn a_cancelled_order_is_cancelled_when_that_was_told() {
    let mut cancelled = order("PO1", &[]);
    cancelled.document.header_mut().purpose = crate::document::Purpose::Cancel;
    let cancelled = Told { revision: 2, at: at(15), ..cancelled };
    let facts = of(Scope::Order, "PO1", &[order("PO1", &[("1", "24", "EA")]), cancelled]);
    assert_eq!(facts.cancelled(), Some(at(15)));
    assert_eq!(facts.moment(Moment::Order), Some(at(0)));
}

#[test]
fn an_order_counts_as_its_changes_leave_it() {
    let change = json!({ "kind": "order_change", "po_number": "PO1", "purpose": "change", "sequence": "1", "changes": [
        { "is": "quantity_decrease", "line": "001", "quantity": { "value": "18", "unit": "EA" } },
        { "is": "add", "line": "003", "item": { "buyer": "55003" }, "quantity": { "value": "6", "unit": "EA" } } ] });
    let told = [told(change, 50), order("PO1", &[("001", "24", "EA"), ("002", "12", "EA")])];
    let facts = of(Scope::Order, "PO1", &told);
    assert_eq!(figure(&facts, Figure::Ordered).as_deref(), Some("36"));
    assert_eq!(facts.moment(Moment::Order), Some(at(0)));
}
