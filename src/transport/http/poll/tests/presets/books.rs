//! QuickBooks, whose refresh tokens rotate, and NetSuite, which wants a signed assertion and tells local times.

use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::{Value, json};

use super::*;

const QUICKBOOKS: &str = "realm = \"4620\", client_id = \"file:secret\", client_secret = \"file:secret\", refresh_token = \"file:first\", token_url = \"BASE/tokens/bearer\"";

#[test]
fn quickbooks_invoices_come_by_position_and_each_new_refresh_token_is_kept() {
    let mut newest = 0;
    let mut stage = Stage::with("quickbooks-invoices", "/v3/company/4620", QUICKBOOKS, move |heard| {
        if heard.path == "/tokens/bearer" {
            let shown = heard.form().get("refresh_token").cloned().unwrap_or_default();
            if shown != format!("AB{newest}") {
                return Answer::text(400, "{\"error\":\"invalid_grant\"}");
            }
            newest += 1;
            return Answer::json(
                json!({ "access_token": format!("eyJ{newest}"), "refresh_token": format!("AB{newest}"), "expires_in": 3600, "x_refresh_token_expires_in": 8_726_400 }),
            );
        }
        assert_eq!(heard.header("authorization"), format!("Bearer eyJ{newest}"));
        let query = heard.get("query");
        let from: usize = query.split("startposition ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!(query.starts_with("select * from Invoice where MetaData.LastUpdatedTime >= '2026-0"), "{query}");
        let invoice = |id: usize| {
            json!({
                "Id": id.to_string(), "SyncToken": "0", "DocNumber": format!("INV-{id}"), "TxnDate": "2026-03-06", "DueDate": "2026-04-05", "TotalAmt": 19.0, "CurrencyRef": { "value": "USD" },
                "MetaData": { "LastUpdatedTime": "2026-03-06T13:00:00-08:00" }, "CustomField": [{ "DefinitionId": "1", "Name": "P.O. Number", "StringValue": "4500012345" }],
                "Line": [
                    { "Id": "1", "LineNum": 1, "Amount": 19.0, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": { "ItemRef": { "value": "11", "name": "SKU-1" }, "UnitPrice": 9.5, "Qty": 2 } },
                    { "Amount": 19.0, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {} },
                ],
            })
        };
        let here: Vec<Value> = (from..(from + 100).min(151)).map(invoice).collect();
        // A list that would be empty is left out.
        Answer::json(if here.is_empty() {
            json!({ "QueryResponse": {} })
        } else {
            json!({ "QueryResponse": { "Invoice": here, "startPosition": from, "maxResults": here.len() } })
        })
    });
    stage.files.write("home/first", "AB0\n");
    assert_eq!(stage.round().new, 150);
    // Every round is another process here: its token comes from what was kept.
    assert_eq!(stage.round().new, 0);
    assert_eq!(stage.round().new, 0);
    let Document::Invoice(invoice) = document("quickbooks-invoices", &stage.desk.kept[0]) else { panic!() };
    assert_eq!((invoice.invoice_number.as_str(), invoice.lines.len()), ("INV-1", 1), "a subtotal is no line");
}

#[test]
fn quickbooks_without_invoices_is_an_empty_round() {
    let mut stage =
        Stage::with("quickbooks-invoices", "/v3/company/4620", QUICKBOOKS, move |heard| match heard.path.as_str() {
            "/tokens/bearer" => Answer::json(json!({ "access_token": "a", "refresh_token": "AB1" })),
            _ => Answer::json(json!({ "QueryResponse": {}, "time": "2026-03-06T14:00:00.000-08:00" })),
        });
    stage.files.write("home/first", "AB0\n");
    assert_eq!(stage.round(), Round { mark: None, pages: 1, items: 0, new: 0 });
}

#[test]
fn netsuite_lists_what_changed_and_fetches_each_invoice_with_its_lines() {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap().private_key_to_pem_pkcs8().unwrap();
    let set = "account = \"1234567\", client_id = \"c1\", key = \"file:key.pem\", certificate = \"cert1\", token_url = \"BASE/services/rest/auth/oauth2/v1/token\"";
    let mut stage = Stage::with("netsuite-invoices", "/services/rest", set, move |heard| {
        if heard.path.ends_with("/token") {
            let form = heard.form();
            assert_eq!(
                form.get("client_assertion_type").unwrap(),
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            );
            return Answer::json(json!({ "access_token": "ns", "expires_in": "3600", "token_type": "bearer" }));
        }
        assert_eq!(heard.header("authorization"), "Bearer ns");
        if let Some(id) = heard.path.strip_prefix("/services/rest/record/v1/invoice/") {
            assert_eq!(heard.get("expandSubResources"), "true");
            let line = json!({ "line": 1, "item": { "id": "45", "refName": "SKU-1" }, "description": "Mug", "quantity": 2.0, "rate": 9.5 });
            return Answer::json(
                json!({ "id": id, "tranId": format!("INV{id}"), "tranDate": "2026-03-06", "dueDate": "2026-04-05", "otherRefNum": "4500012345", "total": 19.0, "currency": { "id": "1", "refName": "USD" }, "item": { "items": [line] } }),
            );
        }
        assert_eq!((heard.method.as_str(), heard.header("prefer")), ("POST", "transient"));
        let asked: Value = serde_json::from_str(&heard.body).unwrap();
        let query = asked["q"].as_str().unwrap();
        assert!(query.contains("TO_DATE('2026-0"), "{query}");
        let offset: usize = heard.get("offset").parse().unwrap();
        let rows: Vec<Value> = (offset..(offset + 2).min(3))
            .map(|id| json!({ "links": [], "id": id.to_string(), "changed": format!("2026-03-06 13:0{id}:00") }))
            .collect();
        Answer::json(
            json!({ "links": [], "count": rows.len(), "hasMore": offset + 2 < 3, "items": rows, "offset": offset, "totalResults": 3 }),
        )
    });
    stage.files.write("home/key.pem", &String::from_utf8(key).unwrap());
    assert_eq!(stage.round().new, 3);
    assert_eq!(stage.desk.mark.unwrap().to_string(), "2026-03-06T21:02:00Z", "13:02 in California");
    assert_eq!(stage.round().new, 0);
    let last: Value = serde_json::from_str(&stage.api.heard().last().unwrap().body).unwrap();
    assert!(last["q"].as_str().unwrap().contains("TO_DATE('2026-03-06 12:57:00'"), "{last}");
    let Document::Invoice(invoice) = document("netsuite-invoices", &stage.desk.kept[0]) else { panic!() };
    assert_eq!((invoice.invoice_number.as_str(), invoice.lines.len()), ("INV0", 1));
}
