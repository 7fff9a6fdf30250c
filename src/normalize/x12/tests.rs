use rust_decimal::Decimal;
use serde_json::json;

use super::examples::{INVOICE, ORDER, ORDER_ACK, PALLET_SHIPMENT, SHIPMENT, document, read, texts};
use super::*;
use crate::document::order::Order;
use crate::document::shipment::{Shipment, ShippedOrder};
use crate::document::{Invoice, OrderAck};

fn order(body: &str) -> Order {
    match read("850", body).document {
        Some(Document::Order(order)) => order,
        other => panic!("{other:?}"),
    }
}

fn shipment(body: &str) -> Shipment {
    match read("856", body).document {
        Some(Document::Shipment(shipment)) => shipment,
        other => panic!("{other:?}"),
    }
}

fn invoice(body: &str) -> Invoice {
    match read("810", body).document {
        Some(Document::Invoice(invoice)) => invoice,
        other => panic!("{other:?}"),
    }
}

fn acknowledgment(body: &str) -> OrderAck {
    match read("855", body).document {
        Some(Document::OrderAck(ack)) => ack,
        other => panic!("{other:?}"),
    }
}

/// An order of these segments after BEG.
fn with_beg(rest: &str) -> String {
    format!("BEG*00*SA*45**20260302~\n{rest}")
}

/// What is said about an order of these segments after BEG.
fn check(rest: &str, expected: &[&str]) {
    assert_eq!(texts(&read("850", &with_beg(rest)).diagnostics), expected);
}

const LINE: &str = "PO1*1*24*EA*3.61**UP*061414100014~\n";

#[test]
fn an_order_is_read_whole() {
    let Document::Order(order) = document("850", ORDER) else { panic!() };
    assert_eq!(texts(&read("850", ORDER).diagnostics), Vec::<String>::new());
    let found = serde_json::to_value(&order).unwrap();
    let expected = json!({
        "schema": 1, "purpose": "original",
        "references": [ { "is": "department", "value": "0042" }, { "is": "vendor_number", "value": "778899" } ],
        "notes": [ "contact BD: JANE BUYER, TE 5015550100" ],
        "po_number": "4500012345", "order_type": "stand_alone", "ordered_on": "2026-03-02", "currency": "USD",
        "parties": [
            { "role": "buyer", "name": "MEGAMART INC", "code": { "by": "gln", "value": "0614141000005" } },
            { "role": "ship_to", "name": "MEGAMART DC 6021", "code": { "by": "buyer", "value": "6021" },
              "address": { "lines": ["100 DISTRIBUTION WAY"], "city": "BENTONVILLE", "state": "AR",
                           "postal_code": "72712", "country": "US" } } ],
        "dates": [ { "is": "requested_ship", "on": "2026-03-06" }, { "is": "cancel_after", "on": "2026-03-13" } ],
        "terms": { "discount_percent": "2", "discount_days": 10, "net_days": 30, "basis": "3", "kind": "01" },
        "freight_payment": "CC", "carrier": { "scac": "ABCD", "mode": "M" },
        "lines": [
            { "line": "001", "item": { "gtin": "00061414100014", "buyer": "550001", "vendor": "WID-RED" },
              "description": "RED WIDGET", "quantity": { "value": "24", "unit": "EA" },
              "price": { "amount": "3.61", "basis": "PE" }, "pack": "12" },
            { "line": "002", "item": { "gtin": "00061414100021", "buyer": "550002", "vendor": "WID-BLU" },
              "description": "BLUE WIDGET", "quantity": { "value": "12", "unit": "EA" },
              "price": { "amount": "5.5", "basis": "PE" } } ],
    });
    assert_eq!(found, expected);
}

#[test]
fn an_acknowledgment_is_read_whole() {
    assert_eq!(texts(&read("855", ORDER_ACK).diagnostics), Vec::<String>::new());
    let ack = acknowledgment(ORDER_ACK);
    assert_eq!(ack.seller_order_number.as_deref(), Some("SO-9001"));
    assert_eq!(ack.verdict, Some(crate::document::order_ack::Verdict::AcceptedWithChanges));
    assert_eq!(ack.lines[1].outcomes.len(), 2);
}

#[test]
fn a_ship_notice_is_put_together_by_the_parents_of_its_levels() {
    assert_eq!(texts(&read("856", SHIPMENT).diagnostics), Vec::<String>::new());
    let shipment = shipment(SHIPMENT);
    assert_eq!(shipment.shipped_at.unwrap().to_string(), "2026-03-06T14:10:00");
    assert_eq!(shipment.trailer.as_deref(), Some("TRL4411"));
    assert_eq!(shipment.seal.as_deref(), Some("SEAL99871"));
    assert_eq!(shipment.carrier_reference.as_deref(), Some("PRO123456"));
    let codes: Vec<&str> = shipment.cartons().map(|carton| carton.sscc.as_ref().unwrap().as_str()).collect();
    assert_eq!(codes, ["006141410000000012", "006141410000000029"]);
    let sum: Decimal = shipment.orders[0].all_items().map(|item| item.quantity.value).sum();
    assert_eq!(sum, Decimal::from(30));
}

#[test]
fn pallets_stand_between_order_and_cartons() {
    let said = texts(&read("856", PALLET_SHIPMENT).diagnostics);
    assert_eq!(said, ["DOC-N008: not in the document, only in the archived bytes: PAL02, PAL03, PO401"]);
    let shipment = shipment(PALLET_SHIPMENT);
    assert_eq!(shipment.orders[0].pallets[0].cartons.len(), 1);
    assert!(shipment.orders[0].cartons.is_empty());
}

/// A standard pack: one item of 24 EA with these levels below it.
const STANDARD_PACK: &str = "BSN*00*S1*20260306*1410*0002~\nHL*1**S~\nHL*2*1*O~\nPRF*45~\nHL*3*2*I~\n\
                             LIN*001*UP*061414100014~\nSN1**24*EA~\n";
const TWO_CARTONS: &str = "HL*4*3*P~\nMAN*GM*00006141410000000012~\nHL*5*3*P~\nMAN*GM*00006141410000000029~\n";

fn quantities(order: &ShippedOrder) -> Vec<String> {
    order.all_cartons().flat_map(|carton| &carton.items).map(|item| item.quantity.value.to_string()).collect()
}

#[test]
fn cartons_below_an_item_hold_the_same_of_it() {
    let read = shipment(&format!("{STANDARD_PACK}{TWO_CARTONS}"));
    let order = &read.orders[0];
    assert_eq!((quantities(order), order.items.len()), (vec!["12".to_owned(), "12".to_owned()], 0));
    assert_eq!(order.cartons[1].items[0].line.as_deref(), Some("001"));
    assert_eq!(order.cartons[1].sscc.as_ref().map(|sscc| sscc.as_str()), Some("006141410000000029"));
}

#[test]
fn cartons_below_an_item_may_stand_on_pallets_or_below_a_pallets_item() {
    let on_pallet = "HL*4*3*T~\nMAN*GM*00106141411000000016~\nHL*5*4*P~\nMAN*GM*00006141410000000012~\n";
    let order = &shipment(&format!("{STANDARD_PACK}{on_pallet}")).orders[0];
    assert_eq!((order.pallets.len(), order.cartons.len(), quantities(order)), (1, 0, vec!["24".to_owned()]));
    let body = STANDARD_PACK.replace("HL*3*2*I~", "HL*9*2*T~\nMAN*GM*00106141411000000016~\nHL*3*9*I~");
    let order = &shipment(&format!("{body}{TWO_CARTONS}")).orders[0];
    assert_eq!((order.pallets[0].cartons.len(), quantities(order)), (2, vec!["12".to_owned(), "12".to_owned()]));
}

#[test]
fn a_carton_below_an_item_may_say_how_much_it_holds() {
    let told = TWO_CARTONS.replace("HL*4*3*P~\n", "HL*4*3*P~\nSN1**18*EA~\n");
    assert_eq!(quantities(&shipment(&format!("{STANDARD_PACK}{told}")).orders[0]), ["18", "6"]);
}

#[test]
fn goods_that_cannot_be_shared_out_have_no_quantity() {
    let expect = "HL 3 does not say how much of its item is in each carton below it";
    for body in [
        format!("{}{TWO_CARTONS}", STANDARD_PACK.replace("**24*", "**25*")),
        format!("{STANDARD_PACK}{}", TWO_CARTONS.replace("HL*4*3*P~\n", "HL*4*3*P~\nSN1**24*EA~\n")),
        format!("{STANDARD_PACK}{}", TWO_CARTONS.replace("HL*4*3*P~\n", "HL*4*3*P~\nSN1**1*CA~\n")),
    ] {
        let said = texts(&read("856", &body).diagnostics);
        assert!(said.iter().any(|text| text.ends_with(expect)), "{said:?}");
    }
}

#[test]
fn a_level_in_an_unusual_place_is_said_and_not_guessed() {
    let body = "BSN*00*S1*20260306*1410*0001~\nHL*1**S~\nHL*2*1*P~\nMAN*GM*00006141410000000012~\nHL*3*1*O~\nPRF*45~\n\
                HL*4*3*I~\nLIN**UP*061414100014~\nSN1**1*EA~\nHL*5*4*P~\nCTT*5~\n";
    assert_eq!(
        texts(&read("856", body).diagnostics),
        [
            "DOC-W007: HL 2 is of level P and stands below the shipment; what it holds was not taken over",
            "DOC-W007: HL 5 is of level P and stands below an item; what it holds was not taken over",
            "DOC-N008: not in the document, only in the archived bytes: MAN01, MAN02",
        ]
    );
}

#[test]
fn a_bad_container_code_is_kept_as_the_cartons_number() {
    let body = SHIPMENT.replace("MAN*GM*00006141410000000012~", "MAN*GM*00006141410000000013~");
    let said = texts(&read("856", &body).diagnostics);
    assert_eq!(said, [r#"DOC-W003: container code: "006141410000000013" ends in 3, its check digit is 2"#]);
    let carton = &shipment(&body).orders[0].cartons[0];
    assert_eq!((carton.sscc.as_ref(), carton.number.as_deref()), (None, Some("00006141410000000013")));
}

#[test]
fn a_ship_notice_says_what_it_lacks() {
    let said =
        |body: &str| texts(&read("856", &format!("BSN*00*S1*20260306*1410*0001~\nHL*1**S~\n{body}")).diagnostics);
    assert_eq!(said(""), ["DOC-E001: the ship notice names no order"]);
    assert_eq!(
        said("HL*2*1*O~\n"),
        ["DOC-E001: an order level has no PRF and so no order number", "DOC-E001: the ship notice names no order"]
    );
    let no_quantity = "HL*2*1*O~\nPRF*45~\nHL*3*2*I~\nLIN**UP*061414100014~\n";
    let said = said(no_quantity);
    assert_eq!(said[0], "DOC-E001: an item level has no SN1 and so no quantity");
}

#[test]
fn an_invoice_is_read_whole() {
    assert_eq!(texts(&read("810", INVOICE).diagnostics), Vec::<String>::new());
    let invoice = invoice(INVOICE);
    assert_eq!(invoice.stated_amount, Some(invoice.amount()));
    assert_eq!(invoice.bill_of_lading.as_deref(), Some("06141410000007772"));
    assert_eq!(invoice.adjustments[0].amount, Some(Decimal::from(2)));
    assert_eq!(invoice.weight.as_ref().unwrap().value, Decimal::new(315, 1));
    assert_eq!(invoice.terms.unwrap().discount_amount, Some(Decimal::new(235, 2)));
}

#[test]
fn credits_notes_taxes_and_shipment_ids_of_an_invoice_are_read() {
    let body = "BIG*20260306*C1**45***CR~\nNTE*GEN*RETURNED GOODS~\nREF*MA*S1~\nIT1*1*2*EA*5**UP*061414100014~\n\
                TDS*1070~\nTXI*ST*.7*7~\nCTT*1~\n";
    let invoice = invoice(body);
    assert_eq!(invoice.sense, crate::document::invoice::InvoiceSense::Credit);
    assert_eq!(invoice.header.notes, ["RETURNED GOODS"]);
    assert_eq!(invoice.shipment_id.as_deref(), Some("S1"));
    assert_eq!(invoice.stated_amount, Some(invoice.amount()));
}

#[test]
fn a_line_without_quantity_unit_or_item_cannot_be_used() {
    check(
        "PO1*1***3.61**UP*061414100014~\n",
        &["DOC-E001: PO102 has no quantity", "DOC-E001: PO103 has no unit of measure"],
    );
    check("PO1*1*12**5.5**UP*061414100014~\n", &["DOC-E001: PO103 has no unit of measure"]);
    check("PO1*1*12*EA*5.5~\n", &["DOC-E001: line 1 has no item number"]);
    check("", &["DOC-E001: the order has no line"]);
}

#[test]
fn a_place_names_set_segment_element_and_byte() {
    let read = read("850", &with_beg("PO1*1*12**5.5**UP*061414100014~\n"));
    assert_eq!(read.diagnostics[0].place.to_string(), "test.edi, 850 0001, segment 3 (PO1), element 3, byte 207");
}

#[test]
fn two_lines_of_one_number_are_a_warning() {
    check(&format!("{LINE}{LINE}"), &["DOC-W005: another line has the number 1 too"]);
}

#[test]
fn a_line_without_number_gets_ours() {
    assert_eq!(order(&with_beg("PO1**24*EA***UP*061414100014~\n")).lines[0].line, "1");
}

#[test]
fn stores_that_do_not_add_up_are_a_warning() {
    check(&format!("{LINE}SDQ*EA*92*0117*12*0233*12~\n"), &[]);
    let sum = "DOC-W004: line 1 orders 24, its stores add up to 18";
    check(&format!("{LINE}SDQ*EA*92*0117*12~\nSDQ*EA*92*0233*6~\n"), &[sum]);
}

#[test]
fn a_bad_gtin_or_gln_is_kept_as_it_was_written() {
    check(
        "N1*BY**UL*0614141000006~\nPO1*1*24*EA*3.61**UP*061414100015*IN*5~\n",
        &[
            r#"DOC-W003: item number UP: "061414100015" ends in 5, its check digit is 4"#,
            r#"DOC-W003: location number: "0614141000006" ends in 6, its check digit is 5"#,
        ],
    );
    let item = &order(&with_beg("PO1*1*24*EA*3.61**UP*061414100015*IN*5~\n")).lines[0].item;
    assert_eq!((item.gtin.as_ref(), item.other[0].value.as_str()), (None, "061414100015"));
}

#[test]
fn item_numbers_find_their_fields_and_none_is_lost() {
    let item = |pairs: &str| {
        let order = order(&with_beg(&format!("PO1*1*24*EA*3.61**{pairs}~\n")));
        serde_json::to_value(&order.lines[0].item).unwrap()
    };
    assert_eq!(
        item("UP*061414100014*SK*S*IT*STYLE"),
        json!({ "gtin": "00061414100014", "sku": "S",
        "other": [ { "is": "IT", "value": "STYLE" } ] })
    );
    assert_eq!(item("EN*4006381333931"), json!({ "gtin": "04006381333931" }));
    // Another qualifier than the one we would write is kept, so that it can be echoed.
    assert_eq!(
        item("UI*06141410001*BP*7"),
        json!({ "gtin": "00061414100014", "buyer": "7",
        "other": [ { "is": "UI", "value": "06141410001" }, { "is": "BP", "value": "7" } ] })
    );
    assert_eq!(
        item("IN*1*BP*2*VN*3*VA*4"),
        json!({ "buyer": "1", "vendor": "3",
        "other": [ { "is": "BP", "value": "2" }, { "is": "VA", "value": "4" } ] })
    );
}

#[test]
fn unknown_qualifiers_are_kept_as_other() {
    let order = order(&format!("BEG*06*KN*45*R1*20260302*K7~\nREF*ZZ*7~\nDTM*106*20260306*1530~\nN1*VN*ACME~\n{LINE}"));
    let found = serde_json::to_value(&order).unwrap();
    assert_eq!(found["purpose"], "06");
    assert_eq!(found["order_type"], "KN");
    assert_eq!(found["release"], "R1");
    assert_eq!(found["references"], json!([{ "is": "ZZ", "value": "7" }, { "is": "contract", "value": "K7" }]));
    assert_eq!(found["dates"], json!([{ "is": "106", "on": "2026-03-06", "at": "15:30:00" }]));
    assert_eq!(found["parties"][0]["role"], "VN");
}

#[test]
fn one_party_for_bill_and_ship_is_two() {
    let order = order(&with_beg(&format!("N1*BS*STORE 1*92*1~\nN2*BACK DOOR~\n{LINE}")));
    assert_eq!(order.ship_to_code(), Some("1"));
    assert_eq!(order.parties[0].name.as_deref(), Some("STORE 1, BACK DOOR"));
}

#[test]
fn texts_of_header_and_lines_are_notes() {
    let order = order(&with_beg(&format!("N9*L1*GENERAL~\nMSG*SHIP COMPLETE~\n{LINE}MSG*FRAGILE~\n")));
    assert_eq!(order.header.notes, ["SHIP COMPLETE", "line 1: FRAGILE"]);
    assert_eq!(order.header.references[0].value, "GENERAL");
}

#[test]
fn texts_of_005010_stand_in_mtx() {
    let body = with_beg(&format!("N9*ZZ*GENERAL~\nMTX**SHIP COMPLETE*TODAY~\n{LINE}MTX**FRAGILE~\n"));
    let read = super::examples::read_at("850", "005010", &body);
    assert_eq!(texts(&read.faults), Vec::<String>::new());
    assert_eq!(read.document.unwrap().header().notes, ["SHIP COMPLETE", "TODAY", "line 1: FRAGILE"]);
}

#[test]
fn what_found_no_place_is_listed_once() {
    check(
        &format!("FOB*CC*DE*DOCK~\nTD5*B*91*TRUCKER~\n{LINE}{LINE}").replace("PO1*1*", "PO1**"),
        &["DOC-N008: not in the document, only in the archived bytes: FOB02, FOB03, TD502, TD503"],
    );
}

#[test]
fn an_answer_without_quantity_speaks_of_the_whole_line() {
    let body = |answers: &str| format!("BAK*00*AD*45*20260302~\n{LINE}{answers}");
    let ack = acknowledgment(&body("ACK*IA~\n"));
    assert_eq!(ack.lines[0].outcomes[0].quantity.value, Decimal::from(24));
    let said = texts(&read("855", &body("ACK*IA~\nACK*IB*4*EA~\n")).diagnostics);
    assert_eq!(said, ["DOC-E001: one of several answers to a line has no quantity"]);
}

#[test]
fn a_set_without_document_is_said() {
    let read = read("852", "BEG*00*SA*45**20260302~\n");
    assert!(read.document.is_none());
    assert_eq!(
        texts(&read.diagnostics),
        ["DOC-E002: transaction set 852 was checked, not read: there is no document for it"]
    );
}

#[test]
fn values_of_a_wrong_type_are_the_checks_affair() {
    let read = read("850", &with_beg("PO1*1*24*EA*3,61**UP*061414100014~\n"));
    assert!(read.faults.iter().any(crate::diagnostic::Diagnostic::is_error));
    assert_eq!(texts(&read.diagnostics), Vec::<String>::new());
}
