use serde_json::json;

use super::*;
use crate::normalize::x12::examples::{self, texts};

/// Reads an example, writes it, and compares segment by segment.
fn comes_back(id: &str, body: &str, expected: &str) {
    let document = examples::document(id, body);
    let rendered = set(&document).unwrap();
    assert_eq!(rendered.draft.id, id);
    pretty(&rendered.draft.to_string(), expected);
    assert_eq!(texts(&rendered.warnings), Vec::<String>::new());
}

fn pretty(found: &str, expected: &str) {
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found, expected);
}

#[test]
fn an_acknowledgment_is_written_as_it_was_read() {
    comes_back("855", examples::ORDER_ACK, examples::ORDER_ACK);
}

#[test]
fn a_ship_notice_is_written_as_it_was_read() {
    comes_back("856", examples::SHIPMENT, examples::SHIPMENT);
}

/// The pallet's tiers (PAL) and the case count of an item (PO4) have no place in the model.
#[test]
fn a_ship_notice_with_a_pallet_is_written_as_it_was_read() {
    let expected = examples::PALLET_SHIPMENT.replace("PAL**2*5~\n", "").replace("PO4*12~\n", "");
    comes_back("856", examples::PALLET_SHIPMENT, &expected);
}

#[test]
fn an_invoice_is_written_as_it_was_read() {
    comes_back("810", examples::INVOICE, examples::INVOICE);
}

/// A contact has no place of its own in the model: it comes back as a note.
#[test]
fn an_order_is_written_as_it_was_read() {
    let expected = examples::ORDER
        .replace("PER*BD*JANE BUYER*TE*5015550100~\n", "")
        .replace("N1*BY", "N9*ZZ*NOTE~\nMSG*contact BD: JANE BUYER, TE 5015550100~\nN1*BY");
    comes_back("850", examples::ORDER, &expected);
    let again = examples::document("850", &expected);
    assert_eq!(again, examples::document("850", examples::ORDER));
}

/// What is said about a document, errors or warnings.
fn said(document: &serde_json::Value) -> Vec<String> {
    let document = serde_json::from_value(document.clone()).unwrap();
    texts(&set(&document).map_or_else(|errors| errors, |rendered| rendered.warnings))
}

fn written(document: &serde_json::Value) -> String {
    set(&serde_json::from_value(document.clone()).unwrap()).unwrap().draft.to_string()
}

fn order(fields: serde_json::Value) -> serde_json::Value {
    let mut order = json!({ "kind": "order", "po_number": "45", "ordered_on": "2026-03-02", "lines": [] });
    order.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    order
}

/// Writes an order and checks it as a partner would.
fn passes_the_check(order: &serde_json::Value) {
    let read = examples::read("850", &written(order));
    assert_eq!(texts(&read.faults), Vec::<String>::new());
}

fn line(fields: serde_json::Value) -> serde_json::Value {
    let mut line =
        json!({ "line": "1", "item": { "gtin": "061414100014" }, "quantity": { "value": "1", "unit": "EA" } });
    line.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    line
}

#[test]
fn accents_lose_their_marks_and_say_so_and_case_stays() {
    let order = order(json!({ "lines": [line(json!({ "description": "Café – Größe\t½" }))] }));
    assert_eq!(said(&order), [r#"DOC-W053: "Café – Größe\t½" was written "Cafe - Grosse 1/2""#]);
    assert!(written(&order).contains("PID*F****Cafe - Grosse 1/2~"));
    passes_the_check(&order);
}

#[test]
fn a_script_that_x12_cannot_write_is_an_error() {
    let order = order(json!({ "lines": [line(json!({ "description": "赤い" }))] }));
    assert_eq!(said(&order), [r#"DOC-E050: "赤い" holds '赤', which X12 cannot say"#]);
}

#[test]
fn a_long_description_is_cut_and_says_so() {
    let order = order(json!({ "lines": [line(json!({ "description": "X".repeat(81) }))] }));
    assert_eq!(said(&order), ["DOC-W052: lines[0].description has 81 characters, 80 of them are written"]);
    passes_the_check(&order);
}

#[test]
fn a_long_name_or_street_runs_on_without_loss() {
    let name = format!("{} {}", "A".repeat(50), "B".repeat(50));
    let street = format!("{} {}", "C".repeat(40), "D".repeat(40));
    let party = json!({ "role": "buyer", "name": name, "address": { "lines": [street, "E"] } });
    let order = order(json!({ "parties": [party], "lines": [line(json!({}))] }));
    let expected = format!(
        "N1*BY*{}~\nN2*{}~\nN3*{}*{}~\nN3*E~\n",
        "A".repeat(50),
        "B".repeat(50),
        "C".repeat(40),
        "D".repeat(40)
    );
    assert!(written(&order).contains(&expected), "{}", written(&order));
    assert_eq!(said(&order), Vec::<String>::new());
    passes_the_check(&order);
}

#[test]
fn stores_are_written_ten_at_a_time() {
    let store = |number: usize| json!({ "location": format!("S{number}"), "quantity": { "value": "1", "unit": "EA" } });
    let stores: Vec<_> = (1..=11).map(store).collect();
    let order = order(json!({ "lines": [line(json!({ "allocations": stores }))] }));
    assert!(written(&order).contains("*S10*1~\nSDQ*EA*92*S11*1~\n"));
    passes_the_check(&order);
}

#[test]
fn an_item_is_written_under_the_qualifier_that_the_partner_used() {
    let pairs = |item: serde_json::Value| {
        let order = order(json!({ "lines": [line(json!({ "item": item }))] }));
        passes_the_check(&order);
        written(&order).lines().find(|line| line.starts_with("PO1")).unwrap().to_owned()
    };
    let other = |is: &str, value: &str| json!([{ "is": is, "value": value }]);
    assert_eq!(pairs(json!({ "gtin": "04006381333931" })), "PO1*1*1*EA***EN*4006381333931~");
    assert_eq!(pairs(json!({ "gtin": "10614141000019" })), "PO1*1*1*EA***UK*10614141000019~");
    assert_eq!(
        pairs(json!({ "gtin": "061414100014", "other": other("UI", "06141410001") })),
        "PO1*1*1*EA***UI*06141410001~"
    );
    assert_eq!(pairs(json!({ "buyer": "7", "other": other("BP", "7") })), "PO1*1*1*EA***BP*7~");
    assert_eq!(pairs(json!({ "buyer": "7", "other": other("BP", "8") })), "PO1*1*1*EA***IN*7*BP*8~");
    assert_eq!(pairs(json!({ "sku": "S", "other": other("IT", "X") })), "PO1*1*1*EA***SK*S*IT*X~");
}

#[test]
fn what_a_set_cannot_do_without_is_an_error() {
    assert_eq!(
        said(&json!({ "kind": "order_ack", "po_number": "45", "lines": [] })),
        [
            "DOC-E001: BAK02 needs verdict, and the document has none",
            "DOC-E001: BAK04 needs ordered_on, and the document has none",
        ]
    );
    assert_eq!(
        said(&json!({ "kind": "shipment", "shipment_id": "", "orders": [] })),
        [
            "DOC-E001: BSN02 needs shipment_id, and the document has none",
            "DOC-E001: BSN03 needs shipped_at, and the document has none",
            "DOC-E001: PRF01 needs orders, and the document has none",
        ]
    );
    let invoice = json!({ "kind": "invoice", "invoice_number": "", "invoiced_on": "2026-03-06", "lines": [] });
    assert_eq!(said(&invoice), ["DOC-E001: BIG02 needs invoice_number, and the document has none"]);
    let nobody = order(json!({ "parties": [{ "role": "buyer" }] }));
    assert_eq!(said(&nobody), ["DOC-E001: N102 needs parties[0].name, and the document has none"]);
}

#[test]
fn money_is_never_rounded_on_the_way() {
    let invoice = json!({ "kind": "invoice", "invoice_number": "1", "invoiced_on": "2026-03-06", "lines": [],
                          "adjustments": [{ "is": "charge", "amount": "2.345" }] });
    assert_eq!(
        said(&invoice),
        [
            "DOC-E051: total is 2.345, which is not a whole number of cents",
            "DOC-E051: adjustments[0].amount is 2.345, which is not a whole number of cents",
        ]
    );
}

fn shipment(order: serde_json::Value) -> serde_json::Value {
    json!({ "kind": "shipment", "shipment_id": "S1", "shipped_at": "2026-03-06T14:10:00", "orders": [order] })
}

fn shipped_item() -> serde_json::Value {
    json!({ "item": { "gtin": "061414100014" }, "quantity": { "value": "1", "unit": "EA" }, "lot": "L9" })
}

#[test]
fn loose_goods_are_structure_0004() {
    let text = written(&shipment(json!({ "po_number": "45", "items": [shipped_item()] })));
    assert_eq!(
        text,
        "BSN*00*S1*20260306*1410*0004~\nHL*1**S~\nDTM*011*20260306~\nHL*2*1*O~\nPRF*45~\nHL*3*2*I~\n\
         LIN**UP*061414100014*LT*L9~\nSN1**1*EA~\nCTT*3*1~\n"
    );
    assert_eq!(texts(&examples::read("856", &text).faults), Vec::<String>::new());
}

#[test]
fn a_carton_needs_a_code_or_a_tracking_number() {
    let bare = shipment(json!({ "po_number": "45", "cartons": [{ "number": "2", "items": [shipped_item()] }] }));
    assert_eq!(said(&bare), ["DOC-E054: carton 2 has neither an SSCC nor a tracking number"]);
    let tracked = shipment(json!({ "po_number": "45", "cartons": [{ "tracking": "1Z9", "items": [shipped_item()] }] }));
    assert!(written(&tracked).contains("HL*3*2*P~\nMAN*CP*1Z9~\n"));
}

#[test]
fn an_item_without_numbers_cannot_be_shipped() {
    let mut item = shipped_item();
    item["item"] = json!({});
    item["lot"] = json!(null);
    let bare = shipment(json!({ "po_number": "45", "items": [item] }));
    assert_eq!(said(&bare), ["DOC-E001: LIN02 needs orders[0].items[0].item, and the document has none"]);
}

#[test]
fn pallets_and_free_cartons_are_counted_apart() {
    let carton =
        |sscc: &str| json!({ "sscc": sscc, "weight": { "value": "3.5", "unit": "LB" }, "items": [shipped_item()] });
    let order = json!({ "po_number": "45", "pallets": [{ "sscc": "106141411000000016", "cartons": [carton("006141410000000012")] }],
                        "cartons": [carton("006141410000000029")] });
    let mut shipment = shipment(order);
    shipment["weight"] = json!({ "value": "9", "unit": "LB" });
    let text = written(&shipment);
    assert!(text.contains("TD1*PLT94*1****G*9*LB~\nTD1*CTN25*1~\n"), "{text}");
    assert!(text.contains("HL*6*2*P~\nTD1*CTN25*1****G*3.5*LB~\nMAN*GM*00006141410000000029~\n"), "{text}");
    let read = examples::read("856", &text);
    assert_eq!(texts(&read.faults), Vec::<String>::new());
    let again = read.document.unwrap();
    assert_eq!(set(&again).unwrap().draft.to_string(), text);
}

#[test]
fn notes_are_msg_at_004010_and_mtx_from_005010_on() {
    let order = order(json!({ "notes": ["SHIP COMPLETE"], "lines": [line(json!({}))] }));
    let ack = json!({ "kind": "order_ack", "po_number": "45", "ordered_on": "2026-03-02", "verdict": "accepted",
        "notes": ["SHIP COMPLETE"], "lines": [] });
    for (id, document) in [("850", order), ("855", ack)] {
        let document: Document = serde_json::from_value(document).unwrap();
        for (version, said) in [("004010", "MSG*SHIP COMPLETE~"), ("005010", "MTX**SHIP COMPLETE~")] {
            let text = set_at(&document, version).unwrap().draft.to_string();
            assert!(text.contains(&format!("N9*ZZ*NOTE~\n{said}\n")), "{text}");
            let read = examples::read_at(id, version, &text);
            assert_eq!(texts(&read.faults), Vec::<String>::new());
            assert_eq!(read.document.unwrap().header().notes, ["SHIP COMPLETE"]);
        }
    }
}

#[test]
fn the_notes_of_an_invoice_are_nte_and_a_credit_says_so() {
    let invoice = json!({ "kind": "invoice", "invoice_number": "C1", "sense": "credit", "invoiced_on": "2026-03-06",
        "notes": ["RETURNED"], "shipment_id": "S1", "taxes": [{ "code": "ST", "amount": "0.7" }],
        "lines": [{ "item": { "gtin": "061414100014" }, "quantity": { "value": "2", "unit": "EA" }, "price": { "amount": "5.00" } }] });
    let text = written(&invoice);
    assert_eq!(
        text,
        "BIG*20260306*C1*****CR~\nNTE*GEN*RETURNED~\nREF*MA*S1~\nIT1**2*EA*5**UP*061414100014~\nTDS*1070~\n\
         TXI*ST*0.7~\nISS*2*EA~\nCTT*1~\n"
    );
    assert_eq!(texts(&examples::read("810", &text).faults), Vec::<String>::new());
}

/// The ERP's three answers to the worked order, as little as it says, to the end: completed, written, checked.
#[test]
fn what_was_completed_passes_the_check() {
    use crate::config::Us;
    use crate::config::partner::PartnerId;
    use crate::document::gs1::Sscc;
    use crate::normalize::complete::{KnownOrder, complete};
    use crate::x12::envelope::InterchangeId;

    let Document::Order(known) = examples::document("850", examples::ORDER) else { panic!() };
    let orders = [KnownOrder { partner: PartnerId::parse("megamart").unwrap(), order: known }];
    let party = |role: &str| serde_json::from_value(json!({ "role": role, "name": "ACME SUPPLY" })).unwrap();
    let us = Us {
        name: "ACME".to_owned(),
        isa: InterchangeId::parse("ZZ:ACME").unwrap(),
        gs: "ACME".to_owned(),
        zone: jiff::tz::TimeZone::UTC,
        gs1_company_prefix: None,
        sscc_extension: 0,
        ship_from: Some(party("ship_from")),
        remit_to: Some(party("remit_to")),
    };
    let quantity = |value: &str| json!({ "value": value, "unit": "EA" });
    let item = |vendor: &str, value: &str| json!({ "item": { "vendor": vendor }, "quantity": quantity(value) });
    let answers = [
        json!({ "kind": "order_ack", "po_number": "4500012345", "verdict": "accepted", "lines": [] }),
        json!({ "kind": "shipment", "shipment_id": "S1", "shipped_at": "2026-03-06T14:10:00",
                "carrier": { "scac": "ABCD" }, "bill_of_lading": "0614", "weight": { "value": "31.5", "unit": "LB" },
                "orders": [{ "po_number": "4500012345", "pallets": [{ "number": "1", "cartons": [
                    { "items": [item("WID-RED", "24")] }, { "items": [item("WID-BLU", "12")] } ] }] }] }),
        json!({ "kind": "invoice", "invoice_number": "I1", "invoiced_on": "2026-03-06", "po_number": "4500012345",
                "shipment_id": "S1", "lines": [
                    { "item": { "vendor": "WID-RED" }, "quantity": quantity("24"), "price": { "amount": "3.61" } } ] }),
    ];
    let (mut serial, mut earlier) = (0, Vec::new());
    for answer in answers {
        let mut mint = || {
            serial += 1;
            Sscc::mint(0, "0614141", serial)
        };
        let document = serde_json::from_value(answer).unwrap();
        let received_on = jiff::civil::date(2026, 3, 3);
        let completed = complete(document, &orders, &earlier, &us, received_on, &mut mint);
        assert!(!completed.diagnostics.iter().any(Diagnostic::is_error), "{:?}", texts(&completed.diagnostics));
        let rendered = set(&completed.document).unwrap();
        let text = rendered.draft.to_string();
        let read = examples::read(&rendered.draft.id, &text);
        assert_eq!(texts(&read.faults), Vec::<String>::new(), "{text}");
        assert_eq!(set(&read.document.unwrap()).unwrap().draft.to_string(), text);
        earlier.push(completed.document);
    }
}

mod any_order {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{examples, set, texts};
    use crate::document::Document;

    fn word() -> impl Strategy<Value = String> {
        "[A-Za-z0-9][A-Za-z0-9 .,/&'-]{0,28}[A-Za-z0-9]"
    }

    fn amount() -> impl Strategy<Value = String> {
        (0u32..10_000_000, 0u32..5)
            .prop_map(|(digits, scale)| rust_decimal::Decimal::new(i64::from(digits), scale).normalize().to_string())
    }

    fn line() -> impl Strategy<Value = Value> {
        let quantity = (1u32..100_000).prop_map(|value| json!({ "value": value.to_string(), "unit": "EA" }));
        (word(), quantity, amount(), word(), proptest::option::of(1u32..1000)).prop_map(
            |(buyer, quantity, price, description, pack)| {
                json!({ "line": "", "item": { "buyer": buyer, "other": [{ "is": "IT", "value": "X" }] },
                        "quantity": quantity, "price": { "amount": price }, "description": description,
                        "pack": pack.map(|pack| pack.to_string()),
                        "inner_pack": pack.filter(|pack| pack % 2 == 0).map(|pack| pack.to_string()) })
            },
        )
    }

    fn order() -> impl Strategy<Value = Document> {
        let parties = proptest::collection::vec((word(), word(), word()), 0..4);
        let lines = proptest::collection::vec(line(), 1..8);
        ("[A-Z0-9]{1,22}", parties, lines, proptest::option::of("[A-Z0-9]{1,30}")).prop_map(
            |(po_number, parties, mut lines, release)| {
                for (index, line) in lines.iter_mut().enumerate() {
                    line["line"] = json!((index + 1).to_string());
                }
                let party = |(name, code, street): (String, String, String)| {
                    json!({ "role": "ship_to", "name": name, "code": { "by": "buyer", "value": code },
                            "address": { "lines": [street] } })
                };
                let parties: Vec<Value> = parties.into_iter().map(party).collect();
                let order = json!({ "kind": "order", "po_number": po_number, "release": release, "schema": 1,
                                    "ordered_on": "2026-03-02", "parties": parties, "lines": lines });
                serde_json::from_value(order).unwrap()
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn comes_back_as_it_was_written(order in order()) {
            let text = set(&order).unwrap().draft.to_string();
            let read = examples::read("850", &text);
            prop_assert_eq!(texts(&read.faults), Vec::<String>::new());
            prop_assert_eq!(read.document, Some(order));
        }
    }
}

#[test]
fn what_is_only_read_is_refused_and_does_not_panic() {
    for (id, body) in [
        ("860", examples::ORDER_CHANGE),
        ("861", examples::RECEIPT),
        ("824", examples::ADVICE),
        ("864", examples::TEXT_MESSAGE),
        ("820", examples::REMITTANCE),
        ("812", examples::MEMO),
        ("180", examples::RETURN),
        ("846", examples::INVENTORY),
    ] {
        let document = examples::document(id, body);
        let kind = document.kind();
        let expected = format!("DOC-E002: a {kind} is read from transaction set {id} and not written to it");
        assert_eq!(texts(&set(&document).unwrap_err()), [expected]);
    }
    let settlement = Document::Settlement(crate::document::Settlement::default());
    let refused = set(&settlement).unwrap_err();
    assert_eq!(texts(&refused), ["DOC-E002: there is no transaction set for a settlement"]);
}
