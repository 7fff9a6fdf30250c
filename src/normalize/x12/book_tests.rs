//! Changes of orders, payments, memos, receipts, verdicts, texts, returns and stock, as they are read.

use serde_json::{Value, json};

use super::examples::{
    ADVICE, INVENTORY, MEMO, ORDER_CHANGE, RECEIPT, REMITTANCE, RETURN, TEXT_MESSAGE, document, read, read_at, texts,
};
use super::{Document, Kind};

/// The worked example of each set.
const EXAMPLES: [(&str, &str); 8] = [
    ("860", ORDER_CHANGE),
    ("861", RECEIPT),
    ("824", ADVICE),
    ("864", TEXT_MESSAGE),
    ("820", REMITTANCE),
    ("812", MEMO),
    ("180", RETURN),
    ("846", INVENTORY),
];

/// A set that must have no fault, as canonical JSON without its kind, schema and purpose.
fn canonical(id: &str, body: &str) -> Value {
    let mut value = serde_json::to_value(document(id, body)).unwrap();
    for name in ["kind", "schema", "purpose"] {
        value.as_object_mut().unwrap().remove(name);
    }
    value
}

/// What is said of a set.
fn check(id: &str, body: &str, expected: &[&str]) {
    assert_eq!(texts(&read(id, body).diagnostics), expected);
}

/// What is said of a worked example after one change.
fn check_changed(id: &str, from: &str, to: &str, expected: &[&str]) {
    let (_, body) = EXAMPLES.into_iter().find(|(set, _)| *set == id).unwrap();
    assert!(body.contains(from), "{id} has no {from}");
    check(id, &body.replacen(from, to, 1), expected);
}

fn eaches(value: &str) -> Value {
    json!({ "value": value, "unit": "EA" })
}

#[test]
fn a_change_of_an_order_is_read_line_by_line() {
    let expected = json!({
        "references": [ { "is": "vendor_number", "value": "778899" } ],
        "po_number": "4500012345", "sequence": "1", "order_type": "stand_alone", "ordered_on": "2026-03-02",
        "changed_on": "2026-03-04", "seller_order_number": "SO-9001",
        "parties": [ { "role": "ship_to", "name": "MEGAMART DC 6021", "code": { "by": "buyer", "value": "6021" } } ],
        "dates": [ { "is": "requested_ship", "on": "2026-03-10" } ],
        "changes": [
            { "is": "quantity_decrease", "line": "001", "item": { "gtin": "00061414100014" }, "quantity": eaches("18"),
              "remaining": "6", "price": { "amount": "3.61", "basis": "PE" } },
            { "is": "delete", "line": "002", "item": { "gtin": "00061414100021" }, "quantity": eaches("0"),
              "remaining": "12", "price": { "amount": "5.5", "basis": "PE" } },
            { "is": "add", "line": "003", "item": { "buyer": "550003", "vendor": "WID-GRN" },
              "description": "GREEN WIDGET", "quantity": eaches("6"), "remaining": "6", "price": { "amount": "2.25", "basis": "PE" },
              "pack": "6" } ],
    });
    let mut found = serde_json::to_value(document("860", ORDER_CHANGE)).unwrap();
    assert_eq!(found["purpose"], "change");
    for name in ["kind", "schema", "purpose"] {
        found.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(found, expected);
    check("860", ORDER_CHANGE, &[]);
    check_changed(
        "860",
        "POC*001*QD*18*6*EA*3.61*PE*UP*061414100014",
        "POC**QD*18*6*EA",
        &["DOC-E001: a change names neither line nor item"],
    );
    let later = read_at("860", "005010", ORDER_CHANGE);
    assert_eq!(later.document, Some(document("860", ORDER_CHANGE)));
}

#[test]
fn an_order_is_cancelled_without_a_line() {
    let found = document("860", "BCH*01*SA*4500012345**2*20260302~\n");
    assert_eq!(found.header().purpose, crate::document::Purpose::Cancel);
    assert_eq!(found.business_key(), "4500012345/2");
}

#[test]
fn a_payment_is_read_with_what_it_pays() {
    let expected = json!({
        "references": [ { "is": "VR", "value": "778899" } ],
        "trace_number": "EFT0099887", "handling": "advice_only", "sense": "credit", "method": "ach",
        "amount": "115.29", "paid_on": "2026-04-05",
        "parties": [
            { "role": "payer", "name": "MEGAMART INC", "code": { "by": "gln", "value": "0614141000005" } },
            { "role": "payee", "name": "ACME SUPPLY" } ],
        "lines": [ {
            "is": "invoice", "number": "INV-20077", "po_number": "4500012345", "paid": "115.29", "gross": "117.64",
            "discount": "2.35", "invoiced_on": "2026-03-06" } ],
    });
    assert_eq!(canonical("820", REMITTANCE), expected);
    check("820", REMITTANCE, &[]);
}

#[test]
fn what_is_kept_back_has_its_reason_and_is_part_of_the_sum() {
    let body = "BPR*C*87.64*C*CHK~\nTRN*1*T1*1234567890~\nCUR*PR*USD~\nN1*PR*MEGAMART~\n\
                ENT*1*ST*92*0117~\nADX*-20*01*DB*CB-77~\nNTE*GEN*LATE SHIPMENT~\n\
                RMR*IV*INV-1*PI*107.64*117.64~\nNTE*GEN*AS AGREED~\nADX*-10*L1~\n";
    let found = canonical("820", body);
    assert_eq!(found["originator"], "1234567890");
    assert_eq!((&found["handling"], &found["method"]), (&json!("with_payment"), &json!("check")));
    let expected = json!([ { "amount": "-20", "reason": "01", "reference": { "is": "DB", "value": "CB-77" },
                             "description": "LATE SHIPMENT" } ]);
    assert_eq!(found["adjustments"], expected);
    let line = &found["lines"][0];
    assert_eq!((&line["action"], &line["location"]), (&json!("whole"), &json!("0117")));
    assert_eq!(line["adjustments"], json!([ { "amount": "-10", "reason": "L1" } ]));
    assert_eq!(line["notes"], json!(["AS AGREED"]));
    check("820", body, &[]);
}

#[test]
fn an_adjustment_within_the_line_counts_as_one_below_it() {
    let line = "RMR*IV*INV-1**100*117.64*2.35*01*-15.29~\n";
    let body = format!("BPR*I*100*C*ACH~\nTRN*1*T1~\nENT*1~\n{line}");
    check("820", &body, &[]);
    assert_eq!(canonical("820", &body)["lines"][0]["adjustments"], json!([{ "amount": "-15.29", "reason": "01" }]));
}

#[test]
fn a_payment_that_does_not_add_up_is_told_and_kept() {
    check_changed(
        "820",
        "**115.29*",
        "**110*",
        &[
            "DOC-W060: invoice INV-20077 is paid 110; 117.64 less 2.35 is 115.29",
            "DOC-W061: payment EFT0099887 is 115.29, its lines add up to 110",
        ],
    );
    check_changed(
        "820",
        "BPR*I*115.29",
        "BPR*I*100",
        &["DOC-W061: payment EFT0099887 is 100, its lines add up to 115.29"],
    );
    let body = REMITTANCE.replace("DTM*003*20260306~\n", "DTM*003*20260306~\nADX*-5*01~\n");
    check("820", &body, &["DOC-W060: invoice INV-20077 is paid 115.29; 117.64 less 2.35 adjusted by -5 is 110.29"]);
    assert!(read("820", &body).document.is_some());
}

#[test]
fn a_part_payment_leaves_its_rest_open_and_is_no_fault() {
    let body = "BPR*I*50*C*ACH~\nTRN*1*T1~\nENT*1~\nRMR*IV*INV-1*PP*50*117.64~\n";
    check("820", body, &[]);
}

#[test]
fn an_item_without_amount_is_paid_whole() {
    let body = "BPR*I*117.64*C*ACH~\nTRN*1*T1~\nENT*1~\nRMR*IV*INV-1***120*2.36~\n";
    assert_eq!(canonical("820", body)["lines"][0]["paid"], "117.64");
    check("820", &body.replace("***120*2.36", ""), &["DOC-E001: RMR04 has no amount paid"]);
}

#[test]
fn a_payment_of_an_order_names_it() {
    let body = "BPR*I*50*C*ACH~\nTRN*1*T1~\nENT*1~\nRMR*PO*4500012345**60~\nRMR*CM*CM-1**-10~\n";
    let read = document("820", body);
    assert_eq!(read.po_numbers(), ["4500012345"]);
    assert_eq!(read.mentions(), [(Kind::Order, "4500012345"), (Kind::CreditDebit, "CM-1")]);
}

#[test]
fn a_payment_without_trace_number_cannot_be_known() {
    check_changed("820", "TRN*1*EFT0099887~\n", "", &["DOC-E001: the payment has no trace number (TRN02)"]);
}

#[test]
fn account_numbers_stay_in_the_archive() {
    let body =
        REMITTANCE.replace("ACH************", "ACH*CTX*01*111000025*DA*987654*1657777777**01*148529553*DA*92283334*");
    let said = "DOC-N008: not in the document, only in the archived bytes: BPR05, BPR06, BPR07, BPR08, BPR09, BPR12, BPR13, \
                BPR14, BPR15";
    check("820", &body, &[said]);
    assert_eq!(canonical("820", &body)["originator"], "1657777777");
}

#[test]
fn a_memo_is_read_with_its_cents_and_reasons() {
    let expected = json!({
        "references": [ { "is": "department", "value": "0042" } ],
        "memo_number": "CM-1001", "issued_on": "2026-03-10", "sense": "debit", "amount": "20.00",
        "handling": "next_payment", "invoice_number": "INV-20077", "invoiced_on": "2026-03-06",
        "po_number": "4500012345", "seller_order_number": "SO-9001", "currency": "USD",
        "parties": [ { "role": "buyer", "name": "MEGAMART INC", "code": { "by": "gln", "value": "0614141000005" } } ],
        "lines": [ {
            "line": "001", "reason": "01", "sense": "debit", "amount": "20.00",
            "item": { "gtin": "00061414100014" }, "quantity": eaches("24"), "price_difference": "0.83",
            "prices": [ { "is": "CON", "amount": "2.78" }, { "is": "INV", "amount": "3.61" } ],
            "invoice_number": "INV-20077" } ],
    });
    assert_eq!(canonical("812", MEMO), expected);
    check("812", MEMO, &[]);
}

#[test]
fn a_memo_whose_lines_give_and_take_is_their_balance() {
    let body = "BCD*20260310*M1*O*1500*D**INV-1~\nN1*BY*MEGAMART~\nCDD*01*D*1*2000~\nCDD*01*C*2*500~\n";
    check("812", body, &[]);
    check("812", &body.replace("2*500", "2*5"), &["DOC-W062: memo M1 is 15.00, its lines add up to 19.95"]);
    // A line that tells only quantity and price says nothing about the sum.
    check("812", &body.replace("CDD*01*C*2*500~", "CDD*01*C*2****5*EA*1~"), &[]);
}

#[test]
fn the_reference_of_a_memo_may_be_its_invoice() {
    let body = "BCD*20260310*M1*O*1500*D********IV*INV-1~\nN1*BY*MEGAMART~\n";
    assert_eq!(canonical("812", body)["invoice_number"], "INV-1");
    check("812", body, &[]);
}

#[test]
fn a_memo_says_what_it_lacks() {
    check_changed("812", "*CM-1001*", "**", &["DOC-E001: BCD02 has no adjustment number"]);
    check_changed("812", "*O*2000*D*", "*O*2000**", &["DOC-E001: BCD05 has no credit or debit flag"]);
    check_changed("812", "*O*2000*D*", "*O**D*", &["DOC-E001: BCD04 has no amount"]);
    let body = "BCD*20260310*M1*O*1500*D**INV-1~\nN1*BY*MEGAMART~\nCDD*01*D~\n";
    check("812", body, &["DOC-E001: a line has neither amount nor quantity"]);
}

#[test]
fn a_receipt_is_read_with_what_is_in_question() {
    let expected = json!({
        "receipt_number": "RC-2001", "received_on": "2026-03-09", "shipment_id": "SHP0000777",
        "po_numbers": ["4500012345"], "bill_of_lading": "06141410000007772",
        "parties": [ { "role": "ship_to", "name": "MEGAMART DC 6021", "code": { "by": "buyer", "value": "6021" } } ],
        "lines": [
            { "line": "001", "item": { "gtin": "00061414100014", "buyer": "550001" }, "received": eaches("24") },
            { "line": "002", "po_number": "4500012345", "item": { "gtin": "00061414100021" }, "received": eaches("5"),
              "returned": eaches("1"), "shipped": eaches("6"),
              "questions": [ { "condition": "damaged", "quantity": eaches("1") },
                             { "condition": "short", "quantity": eaches("1") } ],
              "sscc": "006141410000000029" } ],
    });
    assert_eq!(canonical("861", RECEIPT), expected);
    check("861", RECEIPT, &["DOC-N008: not in the document, only in the archived bytes: BRA04, BRA05"]);
    assert_eq!(document("861", RECEIPT).business_key(), "RC-2001/SHP0000777");
}

#[test]
fn a_line_of_which_nothing_came_is_a_line_of_none() {
    let body = "BRA*R1*20260310*00*1~\nDTM*050*20260309~\nRCD*1*****3*EA*02~\nLIN**UP*061414100014~\n";
    let found = canonical("861", body);
    assert_eq!(found["lines"][0]["received"], eaches("0"));
    let body = body.replace("RCD*1*****3*EA*02", "RCD*1");
    assert_eq!(texts(&read("861", &body).diagnostics)[0], "DOC-E001: RCD02 has no quantity");
}

#[test]
fn a_receipt_says_what_it_lacks() {
    let head = "BRA*R1*20260310*00*1~\nDTM*050*20260309~\n";
    let said = |rest: &str| texts(&read("861", &format!("{head}{rest}")).diagnostics)[0].clone();
    assert_eq!(said(""), "DOC-E001: the receiving advice has no line");
    assert_eq!(said("RCD**3*EA~\n"), "DOC-E001: a line has neither line number nor item number");
    let bad = said("RCD*1*3*EA~\nMAN*GM*00006141410000000013~\n");
    assert_eq!(bad, r#"DOC-W003: container code: "006141410000000013" ends in 3, its check digit is 2"#);
}

#[test]
fn a_verdict_is_read_and_a_refusal_is_told() {
    let expected = json!({
        "advice_number": "ADV5501", "issued_on": "2026-03-06",
        "parties": [ { "role": "FR", "name": "MEGAMART INC" }, { "role": "TO", "name": "ACME SUPPLY" } ],
        "answers": [ {
            "verdict": "rejected", "level": "document", "reference": { "is": "SI", "value": "SHP0000777" },
            "transaction_set": "856", "group_control_number": 503, "set_control_number": "0001",
            "sent_at": "2026-03-06T14:10:00", "po_number": "4500012345",
            "errors": [ { "code": "ZZZ", "text": "UPC NOT ON PURCHASE ORDER", "segment": "LIN", "segment_position": 24,
                          "element_position": 3, "found": "061414100014" } ] } ],
    });
    assert_eq!(canonical("824", ADVICE), expected);
    let said = "DOC-W063: 856 SHP0000777 is rejected by its receiver: UPC NOT ON PURCHASE ORDER";
    check("824", ADVICE, &[said]);
    let read = read("824", ADVICE);
    assert_eq!(read.diagnostics[0].found.as_deref(), Some("061414100014"));
    let document = read.document.unwrap();
    assert_eq!(document.business_key(), "SHP0000777/ADV5501");
    assert_eq!(document.mentions(), [(Kind::Shipment, "SHP0000777")]);
}

#[test]
fn each_verdict_has_its_name() {
    let said = |code: &str| {
        let document = read("824", &ADVICE.replace("OTI*TR", &format!("OTI*{code}"))).document;
        let answer = serde_json::to_value(document).unwrap()["answers"][0].clone();
        format!("{} {}", answer["level"].as_str().unwrap(), answer["verdict"].as_str().unwrap())
    };
    for (code, expected) in [
        ("TA", "document accepted"),
        ("TC", "document accepted_with_change"),
        ("TE", "document accepted_with_errors"),
        ("TP", "document partly_accepted"),
        ("TR", "document rejected"),
        ("IA", "item accepted"),
        ("IE", "item accepted_with_errors"),
        ("IR", "item rejected"),
        ("GA", "group accepted"),
        ("GR", "group rejected"),
        ("BA", "batch accepted"),
        ("BR", "batch rejected"),
        ("XX", "document XX"),
    ] {
        assert_eq!(said(code), expected, "{code}");
    }
}

#[test]
fn an_acceptance_is_no_finding_and_an_error_in_it_is() {
    let accepted = ADVICE.replace("OTI*TR", "OTI*TA");
    check("824", &accepted, &[]);
    let warned = ADVICE.replace("OTI*TR", "OTI*TE").replace("TED*", "TED*024*PRICE~\nTED*");
    let said = "DOC-W063: 856 SHP0000777 is accepted with errors by its receiver: PRICE, and 1 more";
    check("824", &warned, &[said]);
    let silent = "BGN*00*A1*20260306~\nOTI*TR*IV*INV-1~\n";
    check("824", silent, &["DOC-W063: invoice INV-1 is rejected by its receiver: no reason given"]);
    check("824", "BGN*00*A1*20260306~\n", &["DOC-E001: the advice answers no document"]);
}

#[test]
fn positions_of_errors_are_composites_from_005010_on() {
    let body = ADVICE.replace("*24*3*", "*24*3>1*").replace("**061414100014", "*235*061414100014");
    let read = read_at("824", "005010", &body);
    assert_eq!(texts(&read.faults), Vec::<String>::new());
    let found = serde_json::to_value(read.document.unwrap()).unwrap();
    assert_eq!(found["answers"][0]["errors"][0]["element_position"], 3);
    let left = "DOC-N008: not in the document, only in the archived bytes: TED05, TED06";
    assert_eq!(texts(&read.diagnostics)[1], left);
}

#[test]
fn a_text_is_read_with_what_it_names() {
    let expected = json!({
        "references": [ { "is": "vendor_number", "value": "778899" } ],
        "notes": [ "contact IC: VENDOR COMPLIANCE, TE 5015550199" ],
        "subject": "ASN ERRORS", "issued_on": "2026-03-06",
        "parties": [ { "role": "FR", "name": "MEGAMART INC" } ],
        "messages": [ {
            "number": "ERR01", "subject": "CARTON COUNT DIFFERS",
            "parties": [ { "role": "ship_to", "name": "MEGAMART DC 6021", "code": { "by": "buyer", "value": "6021" } } ],
            "references": [ { "is": "SI", "value": "SHP0000777" } ],
            "text": "PO 4500012345: 2 CARTONS TOLD\n3 CARTONS COUNTED AT THE DOCK" } ],
    });
    assert_eq!(canonical("864", TEXT_MESSAGE), expected);
    check("864", TEXT_MESSAGE, &[]);
    check_changed("864", "MIT*ERR01*", "MIT**", &["DOC-E001: MIT01 has no message number"]);
    let found = document("864", TEXT_MESSAGE);
    assert!(found.business_key().starts_with("ERR01/2026-03-06 "), "{}", found.business_key());
    for named in [(Kind::Shipment, "SHP0000777"), (Kind::Order, "4500012345")] {
        assert!(found.mentions().contains(&named), "{:?}", found.mentions());
    }
}

#[test]
fn a_return_is_read_with_reason_and_authorization() {
    let expected = json!({
        "return_number": "RT-1001", "authorization_number": "RMA-77", "issued_on": "2026-03-10",
        "po_number": "4500012345", "disposition": "RG", "reason": "DM",
        "parties": [ { "role": "buyer", "name": "MEGAMART INC", "code": { "by": "gln", "value": "0614141000005" } } ],
        "lines": [ {
            "item": { "gtin": "00061414100014", "buyer": "550001" }, "description": "RED WIDGET",
            "quantity": eaches("2"), "price": "3.61", "reason": "DM", "reason_text": "DENTED",
            "invoice_number": "INV-20077" } ],
    });
    assert_eq!(canonical("180", RETURN), expected);
    check("180", RETURN, &["DOC-N008: not in the document, only in the archived bytes: BLI05"]);
    assert_eq!(document("180", RETURN).business_key(), "RMA-77");
}

#[test]
fn a_returned_quantity_may_stand_below_its_item() {
    let of = |quantities: &str| {
        let body = format!("BGN*00*R1*20260310~\nN1*BY*MEGAMART~\nBLI*UP*061414100014~\n{quantities}");
        (canonical("180", &body)["lines"][0]["quantity"].clone(), texts(&read("180", &body).diagnostics))
    };
    assert_eq!(of("QTY*28*2*EA~\nQTY*74*1*EA~\n"), (eaches("3"), Vec::new()));
    let (_, said) = of("QTY*28*2*EA~\nQTY*74*1*CA~\n");
    assert_eq!(said[0], "DOC-E001: BLI03 has no quantity");
}

#[test]
fn quantities_that_say_something_else_than_their_line_are_noted() {
    let said = "DOC-N008: not in the document, only in the archived bytes: BLI05, QTY01, QTY02, QTY03";
    check_changed("180", "QTY*28*2*EA", "QTY*28*1*EA", &[said]);
}

#[test]
fn stock_is_read_item_by_item() {
    let expected = json!({
        "report_number": "INV20260303", "as_of": "2026-03-03T06:00:00", "reporter": "seller",
        "parties": [ { "role": "supplier", "name": "ACME SUPPLY", "code": { "by": "buyer", "value": "ACME01" } } ],
        "lines": [
            { "line": "1", "item": { "gtin": "00061414100014", "vendor": "WID-RED" }, "location": "WH1",
              "stock": [ { "is": "available", "quantity": eaches("480") } ] },
            { "line": "2", "item": { "gtin": "00061414100021", "vendor": "WID-BLU" },
              "stock": [ { "is": "available", "quantity": eaches("0") },
                         { "is": "projected", "quantity": eaches("600"), "on": "2026-03-20" } ] } ],
    });
    assert_eq!(canonical("846", INVENTORY), expected);
    assert_eq!(document("846", INVENTORY).business_key(), "INV20260303/2026-03-03");
    check("846", INVENTORY, &[]);
}

#[test]
fn stock_is_of_the_moment_that_the_report_says() {
    let as_of = |from: &str, to: &str| canonical("846", &INVENTORY.replace(from, to))["as_of"].clone();
    assert_eq!(as_of("DTM*007*20260303~\n", ""), "2026-03-03T06:00:00");
    assert_eq!(as_of("DTM*007*20260303", "DTM*007*20260302"), "2026-03-02T00:00:00");
    assert_eq!(as_of("DTM*007*20260303", "DTM*007*20260302*2355"), "2026-03-02T23:55:00");
}

#[test]
fn stock_without_unit_or_item_cannot_be_used() {
    check_changed("846", "QTY*33*480*EA", "QTY*33*480", &["DOC-E001: QTY03 has no unit of measure"]);
    let said = texts(&read("846", "BIA*00*SI*1*20260303~\nLIN*1*UP~\nQTY*33*1*EA~\n").diagnostics);
    assert_eq!(said[0], "DOC-E001: a line has no item number");
}

#[test]
fn each_is_read_at_005010_as_at_004010() {
    for (id, body) in EXAMPLES {
        let read = read_at(id, "005010", body);
        assert_eq!(texts(&read.faults), Vec::<String>::new(), "{id}");
        assert_eq!(read.document, Some(document(id, body)), "{id}");
    }
}

#[test]
fn each_comes_back_from_its_json() {
    for (id, body) in EXAMPLES {
        let document = document(id, body);
        let text = serde_json::to_string_pretty(&document).unwrap();
        let (read, said) = crate::normalize::json::canonical(text.as_bytes(), "c.json");
        assert_eq!(texts(&said), Vec::<String>::new(), "{id}");
        assert_eq!(read, [document], "{id}");
    }
}

#[test]
fn each_is_known_by_its_kind() {
    for (id, body) in EXAMPLES {
        let document: Document = document(id, body);
        assert_eq!(document.kind().transaction_set(), Some(id));
        assert!(!document.number().is_empty() && !document.business_key().is_empty());
    }
}
