//! What warehouses, banks and shops export of what follows a purchase: one worked map for each kind, both directions.

use std::path::Path;

use edigate::config::map::Map;
use edigate::document::Document;
use edigate::{normalize, render};
use serde_json::{Value, json};

fn map(text: &str) -> Map {
    Map::read(Path::new("test.map.toml"), text).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

/// What a map reads of a file.
fn read(file: &str, map: &Map) -> Vec<Document> {
    let (documents, said) = normalize::mapped::documents(file.as_bytes(), "export", map);
    let said: String = said.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    assert_eq!(said, "");
    documents
}

/// The documents of a file, as canonical JSON; what the map writes of each is read as the same again.
fn canonical(file: &str, map_text: &str) -> Vec<Value> {
    let map = map(map_text);
    let documents = read(file, &map);
    for document in &documents {
        let bytes = render::mapped::render(document, &map).unwrap_or_else(|faults| panic!("{}", faults[0]));
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(read(&text, &map), std::slice::from_ref(document), "{text}");
    }
    documents.iter().map(|document| serde_json::to_value(document).unwrap()).collect()
}

fn eaches(value: &str) -> Value {
    json!({ "value": value, "unit": "EA" })
}

/// A buyer's portal exports what was changed of its orders, a line in each row.
#[test]
fn a_portal_tells_what_changes_of_an_order() {
    const MAP: &str = r#"
document = "order_change"
format   = "csv"
group_by = "PO"
[fields]
po_number  = "PO"
sequence   = "Change"
changed_on = "Date"
purpose    = { value = "change" }
"line.change"          = { column = "What", values = { NEW = "add", GONE = "delete", QTY = "change" } }
"line.line"            = "Line"
"line.buyer_item"      = "SKU"
"line.quantity_before" = { column = "Was", unit = "EA" }
"line.quantity"        = { column = "Is", unit = "EA" }
"line.price"           = "Price"
"#;
    const FILE: &str = "\
PO,Change,Date,What,Line,SKU,Was,Is,Price
4500012345,2,2026-03-04,QTY,001,550001,24,18,
4500012345,2,2026-03-04,GONE,002,550002,12,,
4500012345,2,2026-03-04,NEW,003,550003,,6,2.25
";
    let found = canonical(FILE, MAP);
    assert_eq!((&found[0]["kind"], &found[0]["sequence"]), (&json!("order_change"), &json!("2")));
    assert_eq!(
        found[0]["changes"],
        json!([
            { "is": "change", "line": "001", "item": { "buyer": "550001" }, "before": { "quantity": eaches("24") },
              "quantity": eaches("18") },
            { "is": "delete", "line": "002", "item": { "buyer": "550002" }, "before": { "quantity": eaches("12") } },
            { "is": "add", "line": "003", "item": { "buyer": "550003" }, "quantity": eaches("6"),
              "price": { "amount": "2.25" } } ])
    );
}

/// A bank's list of what came in, an invoice or a deduction in each row.
#[test]
fn a_bank_tells_what_a_payment_pays() {
    const MAP: &str = r#"
document = "remittance"
format   = "csv"
group_by = "Trace"
[fields]
trace_number = "Trace"
amount       = "Total"
paid_on      = { column = "ValueDate", format = "%m/%d/%Y" }
method       = { column = "Type", values = { ACH = "ach", CHECK = "check" } }
currency     = "Cur"
"payer.name" = "Payer"
"line.is"       = { column = "Item", values = { INV = "invoice", CB = "debit_memo" } }
"line.number"   = "Number"
"line.po_number" = "PO"
"line.gross"    = "Gross"
"line.discount" = "Discount"
"line.paid"     = "Paid"
"line.adjustment.amount" = "Adjusted"
"line.adjustment.reason" = "Why"
"#;
    const FILE: &str = "\
Trace,Total,ValueDate,Type,Cur,Payer,Item,Number,PO,Gross,Discount,Paid,Adjusted,Why
EFT1,95.29,04/05/2026,ACH,USD,MEGAMART INC,INV,INV-20077,4500012345,117.64,2.35,115.29,,
EFT1,95.29,04/05/2026,ACH,USD,MEGAMART INC,CB,CB-77,4500012345,,,-20.00,,
EFT2,90,04/06/2026,CHECK,USD,MEGAMART INC,INV,INV-20078,,100,,90,-4,01
EFT2,90,04/06/2026,CHECK,USD,MEGAMART INC,INV,INV-20078,,100,,90,-6,L1
";
    let found = canonical(FILE, MAP);
    assert_eq!(found.len(), 2);
    assert_eq!((&found[0]["amount"], &found[0]["paid_on"]), (&json!("95.29"), &json!("2026-04-05")));
    assert_eq!(found[0]["parties"], json!([{ "role": "payer", "name": "MEGAMART INC" }]));
    assert_eq!(
        found[0]["lines"],
        json!([
            { "is": "invoice", "number": "INV-20077", "po_number": "4500012345", "paid": "115.29", "gross": "117.64",
              "discount": "2.35" },
            { "is": "debit_memo", "number": "CB-77", "po_number": "4500012345", "paid": "-20.00" } ])
    );
    // Two rows of one invoice are its two adjustments.
    assert_eq!(found[1]["lines"].as_array().unwrap().len(), 1);
    assert_eq!(
        found[1]["lines"][0]["adjustments"],
        json!([{ "amount": "-4", "reason": "01" }, { "amount": "-6", "reason": "L1" }])
    );
}

/// A deduction management service exports chargebacks.
#[test]
fn a_chargeback_comes_in_from_a_portal() {
    const MAP: &str = r#"
document = "credit_debit"
format   = "csv"
group_by = "Claim"
[fields]
memo_number    = "Claim"
issued_on      = "Date"
sense          = { column = "Kind", values = { Chargeback = "debit", Repayment = "credit" } }
amount         = { column = "Cents", implied_decimals = 2 }
invoice_number = "Invoice"
po_number      = "PO"
handling       = { value = "next_payment" }
"line.reason"  = "Reason"
"line.sense"   = { column = "Kind of line", values = { Chargeback = "debit", Repayment = "credit" } }
"line.amount"  = { column = "Line cents", implied_decimals = 2 }
"line.gtin"    = "UPC"
"line.quantity" = { column = "Qty", unit = "EA" }
"#;
    const FILE: &str = "\
Claim,Date,Kind,Cents,Invoice,PO,Reason,Kind of line,Line cents,UPC,Qty
CM-1001,2026-03-10,Chargeback,2500,INV-20077,4500012345,01,Chargeback,2000,061414100014,24
CM-1001,2026-03-10,Chargeback,2500,INV-20077,4500012345,L1,Chargeback,500,,
";
    let found = canonical(FILE, MAP);
    assert_eq!((&found[0]["amount"], &found[0]["sense"]), (&json!("25.00"), &json!("debit")));
    assert_eq!(
        found[0]["lines"],
        json!([
            { "reason": "01", "sense": "debit", "amount": "20.00", "item": { "gtin": "00061414100014" },
              "quantity": eaches("24") },
            { "reason": "L1", "sense": "debit", "amount": "5.00", "item": {} } ])
    );
}

/// A warehouse tells what came back or came in.
#[test]
fn a_warehouse_tells_what_it_received() {
    const MAP: &str = r#"
document = "receipt"
format   = "csv"
group_by = "Receipt"
[fields]
receipt_number = "Receipt"
received_on    = "Date"
shipment_id    = "Shipment"
po_number      = "PO"
"warehouse.code" = "Site"
"line.line"     = "Line"
"line.gtin"     = "UPC"
"line.quantity" = { column = "Qty", unit = "EA" }
"line.lot"      = "Lot"
"line.question.condition" = { column = "Problem", values = { DMG = "damaged", SHT = "short" } }
"line.question.quantity"  = { column = "ProblemQty", unit = "EA" }
"#;
    const FILE: &str = "\
Receipt,Date,Shipment,PO,Site,Line,UPC,Qty,Lot,Problem,ProblemQty
RC-1,2026-03-09,SHP0000777,4500012345,WH1,001,061414100014,24,,,
RC-1,2026-03-09,SHP0000777,4500012345,WH1,002,061414100021,4,L7,DMG,1
RC-1,2026-03-09,SHP0000777,4500012345,WH1,002,061414100021,4,L7,SHT,1
";
    let found = canonical(FILE, MAP);
    assert_eq!(found[0]["po_numbers"], json!(["4500012345"]));
    assert_eq!(
        found[0]["lines"],
        json!([
            { "line": "001", "item": { "gtin": "00061414100014" }, "received": eaches("24") },
            { "line": "002", "item": { "gtin": "00061414100021" }, "received": eaches("4"), "lot": "L7",
              "questions": [ { "condition": "damaged", "quantity": eaches("1") },
                             { "condition": "short", "quantity": eaches("1") } ] } ])
    );
}

/// A portal where a retailer shows what it refused.
#[test]
fn a_portal_tells_what_was_refused() {
    const MAP: &str = r#"
document = "application_advice"
format   = "json"
[repeat]
answer = "documents"
"answer.error" = "documents.problems"
[fields]
advice_number = "id"
issued_on     = "date"
"answer.reference"       = "documents.number"
"answer.transaction_set" = { path = "documents.type", values = { ASN = "856", INVOICE = "810" } }
"answer.verdict"         = { path = "documents.state", values = { ok = "accepted", failed = "rejected" } }
"answer.po_number"       = "documents.po"
"answer.error.text"      = "documents.problems.text"
"answer.error.found"     = "documents.problems.value"
"#;
    const FILE: &str = r#"{ "id": "N-5", "date": "2026-03-06", "documents": [
  { "number": "SHP0000777", "type": "ASN", "state": "failed", "po": "4500012345",
    "problems": [ { "text": "UPC not on purchase order", "value": "061414100014" }, { "text": "late" } ] },
  { "number": "INV-20077", "type": "INVOICE", "state": "ok", "po": "4500012345", "problems": [] } ] }"#;
    let found = canonical(FILE, MAP);
    let answers = &found[0]["answers"];
    assert_eq!(answers[0]["reference"], json!({ "is": "ZZ", "value": "SHP0000777" }));
    assert_eq!((&answers[0]["verdict"], &answers[1]["verdict"]), (&json!("rejected"), &json!("accepted")));
    assert_eq!(answers[0]["errors"][0], json!({ "text": "UPC not on purchase order", "found": "061414100014" }));
    assert_eq!(answers[0]["errors"].as_array().unwrap().len(), 2);
}

/// A portal lists what its people wrote.
#[test]
fn a_portal_tells_what_was_written() {
    const MAP: &str = r#"
document = "text_message"
format   = "csv"
group_by = "Id"
[fields]
"message.number"      = "Id"
"message.text"        = "Text"
"message.shipment_id" = "Shipment"
issued_on             = "Date"
"#;
    const FILE: &str = "Id,Date,Shipment,Text\nC-17,2026-03-06,SHP0000777,3 cartons counted at the dock\n";
    let found = canonical(FILE, MAP);
    assert_eq!(
        found[0]["messages"],
        json!([{ "number": "C-17", "text": "3 cartons counted at the dock",
                 "references": [{ "is": "SI", "value": "SHP0000777" }] }])
    );
}

/// The nightly stock of a third-party warehouse: a column for each kind of stock, a row for each item and site.
#[test]
fn a_warehouse_tells_its_stock_in_columns() {
    const MAP: &str = r#"
document = "inventory"
format   = "csv"
group_by = "Report"
[fields]
report_number = "Report"
as_of         = { column = "AsOf", format = "%Y-%m-%d %H:%M", zone = "America/Chicago" }
"line.location"  = "Site"
"line.sku"       = "SKU"
"line.on_hand"   = { column = "OnHand", unit = "EA" }
"line.available" = { column = "Available", unit = "EA" }
"line.damaged"   = { column = "Damaged", unit = "EA" }
"#;
    const FILE: &str = "\
Report,AsOf,Site,SKU,OnHand,Available,Damaged
NIGHTLY,2026-03-03 06:00,WH1,WID-RED,480,460,2
NIGHTLY,2026-03-03 06:00,WH2,WID-RED,0,0,
";
    let found = canonical(FILE, MAP);
    assert_eq!(found[0]["as_of"], "2026-03-03T06:00:00");
    assert_eq!(
        found[0]["lines"],
        json!([
            { "item": { "sku": "WID-RED" }, "location": "WH1",
              "stock": [ { "is": "on_hand", "quantity": eaches("480") }, { "is": "available", "quantity": eaches("460") },
                         { "is": "damaged", "quantity": eaches("2") } ] },
            // A blank cell is no stock of none.
            { "item": { "sku": "WID-RED" }, "location": "WH2",
              "stock": [ { "is": "on_hand", "quantity": eaches("0") }, { "is": "available", "quantity": eaches("0") } ] } ])
    );
}

/// The same with the kind of stock in a column of its own.
#[test]
fn a_warehouse_tells_its_stock_in_rows() {
    const MAP: &str = r#"
document = "inventory"
format   = "csv"
group_by = "Report"
[fields]
report_number = "Report"
as_of         = "AsOf"
"line.sku"    = "SKU"
"line.stock.is"       = { column = "State", values = { OK = "available", DMG = "damaged" } }
"line.stock.quantity" = { column = "Qty", unit = "EA" }
"#;
    const FILE: &str = "\
Report,AsOf,SKU,State,Qty
N1,2026-03-03,WID-RED,OK,460
N1,2026-03-03,WID-RED,DMG,2
N1,2026-03-03,WID-BLU,OK,12
";
    let found = canonical(FILE, MAP);
    assert_eq!(found[0]["as_of"], "2026-03-03T00:00:00");
    assert_eq!(found[0]["lines"].as_array().unwrap().len(), 2);
    assert_eq!(
        found[0]["lines"][0]["stock"],
        json!([ { "is": "available", "quantity": eaches("460") }, { "is": "damaged", "quantity": eaches("2") } ])
    );
}

/// Returns that a shop's portal authorizes.
#[test]
fn a_shop_tells_what_goes_back() {
    const MAP: &str = r#"
document = "return"
format   = "csv"
group_by = "RMA"
[fields]
return_number        = "RMA"
authorization_number = "Authorized"
issued_on            = "Date"
po_number            = "Order"
invoice_number       = "Invoice"
"line.sku"      = "SKU"
"line.quantity" = { column = "Qty", unit = "EA" }
"line.price"    = "Price"
"line.reason"   = { column = "Why", values = { damaged = "DM", "wrong size" = "WS" } }
"line.disposition" = "Then"
"#;
    const FILE: &str = "\
RMA,Authorized,Date,Order,Invoice,SKU,Qty,Price,Why,Then
R1,RMA-77,2026-03-10,4500012345,INV-20077,WID-RED,2,3.61,damaged,RG
R1,RMA-77,2026-03-10,4500012345,INV-20077,WID-BLU,1,5.50,wrong size,
";
    let found = canonical(FILE, MAP);
    assert_eq!((&found[0]["authorization_number"], &found[0]["po_number"]), (&json!("RMA-77"), &json!("4500012345")));
    assert_eq!(
        found[0]["lines"],
        json!([
            { "item": { "sku": "WID-RED" }, "quantity": eaches("2"), "price": "3.61", "disposition": "RG", "reason": "DM" },
            { "item": { "sku": "WID-BLU" }, "quantity": eaches("1"), "price": "5.50", "reason": "WS" } ])
    );
}

/// A marketplace's payout in full: the period, the deposit, each entry with its order, its refund and its shipment.
#[test]
fn a_payout_is_tied_to_orders_refunds_and_shipments() {
    const MAP: &str = r#"
document = "settlement"
format   = "csv"
group_by = "Payout"
blank_cells = "continue"
[fields]
settlement_id = "Payout"
from          = "From"
to            = "To"
deposited_on  = "Deposit"
currency      = "Cur"
amount        = "Total"
"entry.posted_on"           = "Posted"
"entry.is"                  = "Type"
"entry.order_number"        = "Order"
"entry.seller_order_number" = "OurOrder"
"entry.refund_id"           = "Refund"
"entry.shipment_id"         = "Shipment"
"entry.sku"                 = "SKU"
"entry.amount"              = "Amount"
"#;
    const FILE: &str = "\
Payout,From,To,Deposit,Cur,Total,Posted,Type,Order,OurOrder,Refund,Shipment,SKU,Amount
P1,2026-02-16,2026-03-02,2026-03-04,USD,40.00,2026-02-17,Order,111-1,SO-1,,S-1,WID-RED,60.00
P1,,,,,,2026-02-20,Refund,111-1,SO-1,RF-9,,WID-RED,-20.00
";
    let documents = read(FILE, &map(MAP));
    assert_eq!(documents[0].mentions().into_iter().map(|(_, number)| number).collect::<Vec<_>>(), ["111-1", "SO-1"]);
    let found = canonical(FILE, MAP);
    assert_eq!((&found[0]["amount"], &found[0]["deposited_on"]), (&json!("40.00"), &json!("2026-03-04")));
    assert_eq!(
        found[0]["entries"][1],
        json!({ "posted_on": "2026-02-20", "is": "Refund", "order_number": "111-1", "seller_order_number": "SO-1",
                "refund_id": "RF-9", "sku": "WID-RED", "amount": "-20.00" })
    );
}

/// A field that a kind must have is asked for by its name.
#[test]
fn a_map_that_leaves_out_what_a_kind_must_have_is_refused() {
    let check = |text: &str, expected: &[&str]| {
        let faults = Map::read(Path::new("test.map.toml"), &format!("format = \"csv\"\n{text}")).unwrap_err();
        let said: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
        assert_eq!(said, expected);
    };
    check(
        "document = \"remittance\"\n[fields]\ntrace_number = \"A\"",
        &["a map of remittance must have the field amount"],
    );
    check(
        "document = \"inventory\"\n[fields]\nreport_number = \"A\"\nas_of = \"B\"\n\"line.on_hand\" = { column = \"C\", unit = \"EA\" }",
        &["a map of inventory must say which item a line is"],
    );
    check(
        "document = \"credit_debit\"\n[fields]\nmemo_number = \"A\"\nissued_on = \"B\"\namount = \"C\"",
        &["a map of credit_debit must have the field sense"],
    );
}
