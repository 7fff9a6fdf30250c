use jiff::civil::date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;
use crate::normalize::x12::examples;
use crate::x12::envelope::InterchangeId;

fn us() -> Us {
    let party = |role: &str| serde_json::from_value(json!({ "role": role, "name": "ACME SUPPLY" })).unwrap();
    Us {
        name: "ACME".to_owned(),
        isa: InterchangeId::parse("ZZ:ACME").unwrap(),
        gs: "ACME".to_owned(),
        zone: TimeZone::UTC,
        gs1_company_prefix: None,
        sscc_extension: 0,
        ship_from: Some(party("ship_from")),
        remit_to: Some(party("remit_to")),
    }
}

fn known(partner: &str, order: Order) -> KnownOrder {
    KnownOrder { partner: PartnerId::parse(partner).unwrap(), order }
}

/// The order of the worked example: 24 red widgets at 3.61 on line 001, 12 blue ones at 5.50 on line 002.
fn order() -> Order {
    match examples::document("850", examples::ORDER) {
        Document::Order(order) => order,
        other => panic!("{other:?}"),
    }
}

fn document(json: Value) -> Document {
    serde_json::from_value(json).unwrap()
}

fn run(json: Value, orders: &[KnownOrder], earlier: &[Document]) -> Completed {
    let mut serial = 0;
    let mut mint = || {
        serial += 1;
        Sscc::mint(0, "0614141", serial)
    };
    complete(document(json), orders, earlier, &us(), date(2026, 3, 3), &mut mint)
}

/// Codes and messages against the usual order.
fn check(json: Value, expected: &[&str]) {
    check_with(json, &[known("megamart", order())], &[], expected);
}

fn check_with(json: Value, orders: &[KnownOrder], earlier: &[Document], expected: &[&str]) {
    assert_eq!(examples::texts(&run(json, orders, earlier).diagnostics), expected);
}

fn quantity(value: u32) -> Value {
    json!({ "value": value.to_string(), "unit": "" })
}

fn outcome(status: &str, value: u32) -> Value {
    json!({ "status": status, "quantity": quantity(value) })
}

fn ack(lines: Value) -> Value {
    json!({ "kind": "order_ack", "po_number": "4500012345", "lines": lines })
}

fn red(outcomes: Value) -> Value {
    json!({ "item": { "vendor": "WID-RED" }, "outcomes": outcomes })
}

fn blue(outcomes: Value) -> Value {
    json!({ "item": { "vendor": "WID-BLU" }, "outcomes": outcomes })
}

fn item(vendor: &str, value: u32) -> Value {
    json!({ "item": { "vendor": vendor }, "quantity": quantity(value) })
}

/// A shipment of one order in cartons with these items each.
fn shipment(cartons: Value) -> Value {
    json!({ "kind": "shipment", "shipment_id": "S1", "shipped_at": "2026-03-06T14:10:00",
            "orders": [ { "po_number": "4500012345", "cartons": cartons } ] })
}

fn carton(sscc: Option<&str>, items: Value) -> Value {
    match sscc {
        Some(sscc) => json!({ "sscc": sscc, "items": items }),
        None => json!({ "items": items }),
    }
}

fn invoice(lines: Value) -> Value {
    json!({ "kind": "invoice", "invoice_number": "I1", "invoiced_on": "2026-03-06", "po_number": "4500012345",
            "lines": lines })
}

fn billed(vendor: &str, value: u32, price: &str) -> Value {
    json!({ "item": { "vendor": vendor }, "quantity": quantity(value), "price": { "amount": price } })
}

const CARTON_1: &str = "006141410000000012";

#[test]
fn an_acknowledgment_takes_what_it_lacks_from_the_order() {
    let given = json!({
        "kind": "order_ack", "po_number": "4500012345", "seller_order_number": "SO-9001",
        "dates": [ { "is": "planned_ship", "on": "2026-03-06" } ],
        "lines": [
            blue(json!([outcome("quantity_changed", 6)])),
            red(json!([outcome("accepted", 24)])),
            blue(json!([{ "status": "backordered", "quantity": quantity(6), "ships_on": "2026-03-20" }])),
        ],
    });
    let completed = run(given, &[known("megamart", order())], &[]);
    assert_eq!(examples::texts(&completed.diagnostics), Vec::<String>::new());
    assert_eq!(completed.partner.unwrap().as_str(), "megamart");
    let Document::OrderAck(ack) = completed.document else { panic!() };
    assert_eq!(ack.header.partner, "megamart");
    assert_eq!(ack.ordered_on, Some(date(2026, 3, 2)));
    assert_eq!(ack.acknowledged_on, Some(date(2026, 3, 3)));
    assert_eq!(ack.verdict, Some(crate::document::order_ack::Verdict::AcceptedWithChanges));
    assert_eq!(ack.header.references.len(), 2);
    let expected = serde_json::from_value::<Vec<crate::document::order_ack::OrderAckLine>>(json!([
        { "line": "001", "item": { "gtin": "00061414100014", "buyer": "550001", "vendor": "WID-RED" },
          "description": "RED WIDGET", "ordered": { "value": "24", "unit": "EA" },
          "price": { "amount": "3.61", "basis": "PE" },
          "outcomes": [ { "status": "accepted", "quantity": { "value": "24", "unit": "EA" }, "ships_on": "2026-03-06" } ] },
        { "line": "002", "item": { "gtin": "00061414100021", "buyer": "550002", "vendor": "WID-BLU" },
          "description": "BLUE WIDGET", "ordered": { "value": "12", "unit": "EA" },
          "price": { "amount": "5.5", "basis": "PE" },
          "outcomes": [
            { "status": "quantity_changed", "quantity": { "value": "6", "unit": "EA" }, "ships_on": "2026-03-06" },
            { "status": "backordered", "quantity": { "value": "6", "unit": "EA" }, "ships_on": "2026-03-20" } ] },
    ]));
    assert_eq!(ack.lines, expected.unwrap());
}

#[test]
fn an_order_without_a_fitting_number_is_unknown() {
    let mut given = ack(json!([]));
    given["po_number"] = json!("4500099999");
    check(given, &["DOC-E020: order 4500099999 never came in"]);
    let mut given = ack(json!([]));
    given["partner"] = json!("othermart");
    check(given, &["DOC-E020: order 4500012345 never came in from othermart"]);
    let mut given = invoice(json!([]));
    given["po_number"] = json!(null);
    check(given, &["DOC-E001: po_number is missing"]);
}

#[test]
fn a_number_that_several_partners_use_needs_the_partner() {
    let orders = [known("megamart", order()), known("othermart", order())];
    let accepted = || json!([red(json!([outcome("accepted", 24)])), blue(json!([outcome("accepted", 12)]))]);
    let conflict = "DOC-E021: order 4500012345 is known from megamart and othermart, and the document names no partner";
    check_with(ack(accepted()), &orders, &[], &[conflict]);
    let mut given = ack(accepted());
    given["partner"] = json!("othermart");
    assert_eq!(run(given, &orders, &[]).partner.unwrap().as_str(), "othermart");
}

#[test]
fn a_number_that_one_partner_uses_twice_needs_the_release() {
    let release = |number: &str| known("megamart", Order { release: Some(number.to_owned()), ..order() });
    let orders = [release("1"), release("2")];
    let several = "DOC-E022: 2 orders have the number 4500012345; release or ship-to must tell which";
    let mut given = ack(json!([]));
    given["verdict"] = json!("accepted");
    check_with(given.clone(), &orders, &[], &[several]);
    given["release"] = json!("2");
    check_with(given, &orders, &[], &[]);
}

#[test]
fn a_whole_order_is_accepted_or_rejected_without_lines() {
    let mut given = ack(json!([]));
    given["verdict"] = json!("rejected");
    let Document::OrderAck(ack) = run(given, &[known("megamart", order())], &[]).document else { panic!() };
    assert_eq!(ack.lines.len(), 2);
    assert_eq!(ack.lines[1].outcomes[0].quantity.value, Decimal::from(12));
}

#[test]
fn every_line_is_answered_in_full() {
    check(
        ack(json!([red(json!([outcome("accepted", 20)]))])),
        &["DOC-E029: line 001 orders 24, the answers add up to 20", "DOC-E029: line 002 (item 550002) is not answered"],
    );
}

#[test]
fn a_verdict_that_the_lines_deny_is_an_error() {
    let mut given = ack(json!([red(json!([outcome("accepted", 24)])), blue(json!([outcome("backordered", 12)]))]));
    given["verdict"] = json!("accepted");
    check(given, &["DOC-E030: the verdict is accepted, the lines say accepted_with_changes"]);
}

#[test]
fn a_line_is_found_by_its_number_even_without_leading_zeros() {
    let mut line = red(json!([outcome("accepted", 24)]));
    line["line"] = json!("1");
    check(ack(json!([line, blue(json!([outcome("accepted", 12)]))])), &[]);
}

#[test]
fn a_line_or_item_that_does_not_fit_is_never_guessed() {
    let mut line = red(json!([outcome("accepted", 24)]));
    line["line"] = json!("7");
    check(ack(json!([line.clone()])), &["DOC-E023: order 4500012345 has no line 7"]);
    line["line"] = json!("002");
    check(ack(json!([line])), &["DOC-E025: line 002 is item 550002, not WID-RED"]);
    let both = json!({ "item": { "buyer": "550001", "vendor": "WID-BLU" }, "outcomes": [outcome("accepted", 24)] });
    check(ack(json!([both])), &["DOC-E025: item 550001 has one number of line 001 and contradicts another"]);
    let other = json!({ "item": { "buyer": "999" }, "outcomes": [outcome("accepted", 24)] });
    check(ack(json!([other])), &["DOC-E024: item 999 is not on order 4500012345"]);
    let nothing = json!({ "outcomes": [outcome("accepted", 24)] });
    check(ack(json!([nothing])), &["DOC-E001: lines[0] has neither line number nor item number"]);
}

/// Line 003 orders the red widget again, 6 of it.
fn twice() -> [KnownOrder; 1] {
    let mut order = order();
    let mut again = order.lines[0].clone();
    again.line = "003".to_owned();
    again.quantity.value = Decimal::from(6);
    order.lines.push(again);
    [known("megamart", order)]
}

#[test]
fn of_two_lines_with_one_item_the_one_that_has_room_is_meant() {
    let given = shipment(json!([carton(Some(CARTON_1), json!([item("WID-RED", 24), item("WID-RED", 6)]))]));
    let completed = run(given, &twice(), &[]);
    assert_eq!(examples::texts(&completed.diagnostics), Vec::<String>::new());
    let Document::Shipment(shipment) = completed.document else { panic!() };
    let lines: Vec<_> = shipment.cartons().flat_map(|carton| &carton.items).map(|item| item.line.clone()).collect();
    assert_eq!(lines, [Some("001".to_owned()), Some("003".to_owned())]);
}

#[test]
fn of_two_lines_with_one_item_and_room_neither_is_guessed() {
    let given = || shipment(json!([carton(Some(CARTON_1), json!([item("WID-RED", 5)]))]));
    check_with(given(), &twice(), &[], &["DOC-E026: item WID-RED is on lines 001, 003"]);
    let too_much = shipment(json!([carton(Some(CARTON_1), json!([item("WID-RED", 30)]))]));
    check_with(too_much, &twice(), &[], &["DOC-E026: item WID-RED is on lines 001, 003"]);
}

#[test]
fn another_unit_is_an_error() {
    let mut one = item("WID-RED", 2);
    one["quantity"]["unit"] = json!("CA");
    let given = shipment(json!([carton(Some(CARTON_1), json!([one]))]));
    check(given, &["DOC-E027: line 001 is ordered in EA, the document counts in CA"]);
}

#[test]
fn a_shipment_takes_what_it_lacks_from_the_order_and_from_us() {
    let given = shipment(json!([carton(Some(CARTON_1), json!([item("WID-RED", 24)]))]));
    let completed = run(given, &[known("megamart", order())], &[]);
    assert_eq!(examples::texts(&completed.diagnostics), Vec::<String>::new());
    let Document::Shipment(shipment) = completed.document else { panic!() };
    let names: Vec<_> = shipment.parties.iter().filter_map(|party| party.name.as_deref()).collect();
    assert_eq!(names, ["ACME SUPPLY", "MEGAMART DC 6021"]);
    assert_eq!(shipment.freight_payment.as_deref(), Some("CC"));
    let shipped = &shipment.orders[0];
    assert_eq!(shipped.ordered_on, Some(date(2026, 3, 2)));
    assert_eq!(shipped.parties[0].role, PartyRole::Buyer);
    let item = &shipped.cartons[0].items[0];
    assert_eq!(item.ordered.as_ref().map(|ordered| ordered.value), Some(Decimal::from(24)));
    assert_eq!(item.quantity.unit, "EA");
}

#[test]
fn a_missing_container_code_is_made_and_named() {
    let given = shipment(json!([carton(None, json!([item("WID-RED", 24)]))]));
    check(given, &["DOC-N043: orders[0].cartons[0] was given SSCC 006141410000000012"]);
}

#[test]
fn without_a_company_prefix_a_carton_needs_its_code_or_a_tracking_number() {
    let orders = [known("megamart", order())];
    let no_prefix = |given: Value| {
        let completed = complete(document(given), &orders, &[], &us(), date(2026, 3, 3), &mut || None);
        examples::texts(&completed.diagnostics)
    };
    let mut one = carton(None, json!([item("WID-RED", 24)]));
    one["number"] = json!("2");
    let expected = "DOC-E032: orders[0].cartons[0] 2 has no SSCC, and no GS1 company prefix is configured";
    assert_eq!(no_prefix(shipment(json!([one.clone()]))), [expected]);
    one["tracking"] = json!("1Z999");
    assert_eq!(no_prefix(shipment(json!([one]))), Vec::<String>::new());
}

#[test]
fn no_number_is_used_up_for_a_shipment_that_stops() {
    let given = shipment(json!([carton(None, json!([item("NONE", 24)]))]));
    check(given, &["DOC-E024: item NONE is not on order 4500012345"]);
}

#[test]
fn a_container_code_names_one_thing_only() {
    let one = || carton(Some(CARTON_1), json!([item("WID-RED", 12)]));
    let twice = "DOC-E033: SSCC 006141410000000012 is on two cartons or pallets";
    check(shipment(json!([one(), one()])), &[twice]);
    let mut before = shipment(json!([one()]));
    before["shipment_id"] = json!("S0");
    let before = run(before, &[known("megamart", order())], &[]).document;
    let again = "DOC-E033: SSCC 006141410000000012 was on an earlier shipment";
    check_with(shipment(json!([one()])), &[known("megamart", order())], &[before], &[again]);
}

#[test]
fn more_shipped_than_ordered_over_all_shipments_is_a_finding_and_stops_nothing() {
    let orders = [known("megamart", order())];
    let mut before = shipment(json!([carton(Some("006141410000000029"), json!([item("WID-RED", 20)]))]));
    before["shipment_id"] = json!("S0");
    let before = run(before, &orders, &[]).document;
    let given = shipment(json!([carton(Some(CARTON_1), json!([item("WID-RED", 10)]))]));
    let surplus = "DOC-W040: order 4500012345, line 001: 24 EA ordered, 30 shipped";
    check_with(given.clone(), &orders, std::slice::from_ref(&before), &[surplus]);
    // The same shipment sent again does not count twice, and one that was taken back does not count.
    let same = run(given.clone(), &orders, &[]).document;
    check_with(given.clone(), &orders, &[same], &[]);
    let mut cancelled = before;
    cancelled.header_mut().purpose = crate::document::Purpose::Cancel;
    check_with(given, &orders, &[cancelled], &[]);
}

#[test]
fn a_shipment_has_one_receiver() {
    let second = |partner: &str, ship_to: &str| {
        let mut order = order();
        order.po_number = "77".to_owned();
        order.parties[1].code.as_mut().unwrap().value = ship_to.to_owned();
        known(partner, order)
    };
    let given = || {
        json!({ "kind": "shipment", "shipment_id": "S1", "orders": [
            { "po_number": "4500012345", "items": [item("WID-RED", 1)] },
            { "po_number": "77", "items": [item("WID-RED", 1)] } ] })
    };
    let partners = "DOC-E034: order 4500012345 is from megamart, order 77 from othermart";
    check_with(given(), &[known("megamart", order()), second("othermart", "6021")], &[], &[partners]);
    let places = "DOC-E034: order 4500012345 goes to 6021, order 77 to 6042";
    check_with(given(), &[known("megamart", order()), second("megamart", "6042")], &[], &[places]);
    check_with(given(), &[known("megamart", order()), second("megamart", "6021")], &[], &[]);
}

#[test]
fn a_shipment_of_nothing_says_so() {
    let given = json!({ "kind": "shipment", "shipment_id": "S1", "orders": [] });
    check(given, &["DOC-E001: the ship notice names no order"]);
}

#[test]
fn another_ship_to_than_the_orders_is_an_error_unless_it_is_one_of_its_stores() {
    let given = || {
        let mut given = shipment(json!([carton(Some(CARTON_1), json!([item("WID-RED", 1)]))]));
        given["parties"] = json!([{ "role": "ship_to", "code": { "by": "buyer", "value": "0117" } }]);
        given
    };
    check(given(), &["DOC-E028: the ship-to is 0117, the order has 6021"]);
    let mut spread = order();
    spread.lines[0].allocations = serde_json::from_value(json!([
        { "location": "0117", "quantity": { "value": "24", "unit": "EA" } }
    ]))
    .unwrap();
    check_with(given(), &[known("megamart", spread)], &[], &[]);
}

#[test]
fn an_invoice_takes_what_it_lacks_from_order_shipment_and_us() {
    let orders = [known("megamart", order())];
    let mut sent = shipment(json!([carton(Some(CARTON_1), json!([item("WID-RED", 24), item("WID-BLU", 6)]))]));
    sent["carrier"] = json!({ "scac": "ABCD" });
    sent["bill_of_lading"] = json!("0614");
    sent["weight"] = json!({ "value": "31.5", "unit": "LB" });
    let sent = run(sent, &orders, &[]).document;
    let mut given = invoice(json!([billed("WID-RED", 24, "3.61"), billed("WID-BLU", 6, "5.50")]));
    given["shipment_id"] = json!("S1");
    given["adjustments"] = json!([{ "is": "allowance", "code": "C310", "amount": "2.00" }]);
    given["stated_amount"] = json!("117.64");
    let completed = run(given, &orders, &[sent]);
    assert_eq!(examples::texts(&completed.diagnostics), Vec::<String>::new());
    let Document::Invoice(invoice) = completed.document else { panic!() };
    assert_eq!(invoice.currency.as_deref(), Some("USD"));
    assert_eq!(invoice.bill_of_lading.as_deref(), Some("0614"));
    assert_eq!(invoice.carrier.unwrap().mode.as_deref(), Some("M"));
    assert_eq!(invoice.dates[0].on, date(2026, 3, 6));
    assert_eq!(invoice.weight.unwrap().unit, "LB");
    let terms = invoice.terms.unwrap();
    assert_eq!(terms.discount_due, Some(date(2026, 3, 16)));
    assert_eq!(terms.net_due, Some(date(2026, 4, 5)));
    assert_eq!(terms.discount_amount, Some(Decimal::new(235, 2)));
    let roles: Vec<_> = invoice.parties.iter().map(|party| party.role.clone()).collect();
    assert_eq!(roles, [PartyRole::Buyer, PartyRole::ShipTo, PartyRole::RemitTo]);
}

#[test]
fn a_stated_total_that_the_parts_deny_is_an_error() {
    let mut given = invoice(json!([billed("WID-RED", 24, "3.61")]));
    given["stated_amount"] = json!("86.65");
    check(given, &["DOC-E031: invoice I1 states 86.65, its parts add up to 86.64"]);
}

#[test]
fn another_price_is_a_finding_and_stops_nothing() {
    let found = "DOC-W041: line 001 is ordered at 3.61, the document says 3.81";
    check(invoice(json!([billed("WID-RED", 24, "3.81")])), &[found]);
}

#[test]
fn more_invoiced_than_ordered_is_a_finding_and_credits_count_back() {
    let orders = [known("megamart", order())];
    let numbered = |number: &str, sense: &str, value: u32| {
        let mut given = invoice(json!([billed("WID-RED", value, "3.61")]));
        given["invoice_number"] = json!(number);
        given["sense"] = json!(sense);
        given
    };
    let first = run(numbered("I0", "debit", 20), &orders, &[]).document;
    let credit = run(numbered("C0", "credit", 6), &orders, &[]).document;
    let surplus = "DOC-W042: order 4500012345, line 001: 24 EA ordered, 30 invoiced";
    check_with(numbered("I1", "debit", 10), &orders, std::slice::from_ref(&first), &[surplus]);
    check_with(numbered("I1", "debit", 10), &orders, &[first, credit], &[]);
}

#[test]
fn another_currency_or_order_date_is_an_error() {
    let mut given = invoice(json!([billed("WID-RED", 24, "3.61")]));
    given["currency"] = json!("CAD");
    given["ordered_on"] = json!("2026-03-01");
    check(
        given,
        &[
            "DOC-E028: ordered_on is 2026-03-01, the order has 2026-03-02",
            "DOC-E028: currency is CAD, the order has USD",
        ],
    );
}

#[test]
fn an_answer_to_a_test_order_is_a_test() {
    let mut order = order();
    order.header.test = true;
    let given = shipment(json!([carton(Some(CARTON_1), json!([item("WID-RED", 1)]))]));
    assert!(run(given, &[known("megamart", order)], &[]).document.header().test);
}

#[test]
fn an_order_is_returned_as_it_came() {
    let mut order = order();
    order.header.partner = "megamart".to_owned();
    let given = Document::Order(order);
    let completed = complete(given.clone(), &[], &[], &us(), date(2026, 3, 3), &mut || None);
    assert_eq!(completed.document, given);
    assert!(completed.diagnostics.is_empty());
}

#[test]
fn an_order_that_names_no_partner_says_so() {
    for (partner, said) in [("", "the order names no partner"), ("Mega Mart", "Mega Mart")] {
        let order =
            json!({ "kind": "order", "partner": partner, "po_number": "1", "ordered_on": "2026-03-03", "lines": [] });
        let completed = run(order, &[], &[]);
        assert_eq!(completed.partner, None);
        assert!(completed.diagnostics[0].is_error() && completed.diagnostics[0].message.contains(said));
    }
}

/// What a bank or a warehouse tells in its own format is proved as what a retailer sends in X12.
#[test]
fn papers_of_our_own_systems_are_proved_as_well() {
    let payment = |lines: Value| json!({ "kind": "remittance", "partner": "megamart", "trace_number": "T1", "amount": "100", "lines": lines });
    let line = json!({ "number": "INV-1", "paid": "100", "gross": "102", "discount": "2" });
    check(payment(json!([line])), &[]);
    check(payment(json!([])), &[]);
    let other = json!({ "number": "INV-1", "paid": "90", "gross": "100" });
    check(
        payment(json!([other])),
        &["DOC-W060: invoice INV-1 is paid 90; 100 is 100", "DOC-W061: payment T1 is 100, its lines add up to 90"],
    );
    check(
        json!({ "kind": "credit_debit", "partner": "megamart", "memo_number": "M1", "issued_on": "2026-03-10",
                "sense": "debit", "amount": "20", "lines": [ { "sense": "debit", "amount": "19" } ] }),
        &["DOC-W062: memo M1 is 20, its lines add up to 19"],
    );
    check(
        json!({ "kind": "application_advice", "partner": "megamart", "advice_number": "A1", "answers": [
                { "verdict": "rejected", "reference": { "is": "IV", "value": "INV-1" },
                  "errors": [ { "text": "PRICE" } ] } ] }),
        &["DOC-W063: invoice INV-1 is rejected by its receiver: PRICE"],
    );
    check(
        json!({ "kind": "return", "return_number": "R1" }),
        &[r#"DOC-E001: the return names no partner: "" is not 1 to 40 lower-case letters, digits, - or _"#],
    );
}

#[test]
fn a_paper_says_where_it_does_not_add_up() {
    let lines = json!([ { "number": "INV-1", "paid": "90", "gross": "100" } ]);
    let payment =
        json!({ "kind": "remittance", "partner": "megamart", "trace_number": "T1", "amount": "90", "lines": lines });
    let completed = run(payment, &[], &[]);
    assert_eq!(completed.diagnostics[0].place.to_string(), "lines[0].paid");
    assert_eq!(completed.partner.unwrap().as_str(), "megamart");
}
