//! Amazon: a token that runs out is a 403, NextToken stands alone, reports are packed files on another host.

use std::io::Write as _;

use serde_json::{Value, json};

use super::*;

const SET: &str = "client_id = \"file:secret\", client_secret = \"file:secret\", refresh_token = \"file:secret\", token_url = \"BASE/auth/o2/token\"";

fn token(heard: &Heard, number: u32) -> Option<Answer> {
    (heard.path == "/auth/o2/token").then(|| {
        let form = heard.form();
        assert_eq!(form.get("grant_type").unwrap(), "refresh_token");
        assert!(form.contains_key("client_id") && form.contains_key("client_secret"), "in the form");
        // This refresh token does not rotate.
        Answer::json(json!({ "access_token": format!("Atza{number}"), "refresh_token": "sk_live_0123456789", "expires_in": 3600 }))
    })
}

#[test]
fn amazon_orders_come_with_their_items_and_a_403_renews_the_token() {
    let (mut issued, mut valid) = (0, 2);
    let mut stage = Stage::with(
        "amazon-orders",
        "",
        &format!("marketplace = \"ATVPDKIKX0DER\", {SET}"),
        move |heard| {
            if let Some(answer) = token(heard, issued + 1) {
                issued += 1;
                return answer;
            }
            if heard.header("x-amz-access-token") != format!("Atza{valid}") {
                return Answer::text(
                    403,
                    "{\"errors\":[{\"code\":\"Unauthorized\",\"details\":\"The access token you provided has expired.\"}]}",
                );
            }
            valid = valid.max(2);
            assert_eq!(heard.header("authorization"), "");
            if let Some(id) = heard.path.strip_prefix("/orders/v0/orders/") {
                let id = id.trim_end_matches("/orderItems");
                let page = if heard.get("NextToken").is_empty() { 0 } else { 1 };
                let item = json!({ "OrderItemId": format!("{id}-{page}"), "SellerSKU": "SKU-1", "ASIN": "B00X", "Title": "Mug", "QuantityOrdered": 2, "ItemPrice": { "Amount": "19.00" } });
                let next = if page == 0 { json!("i+/=") } else { Value::Null };
                return Answer::json(json!({ "payload": { "OrderItems": [item], "NextToken": next } }));
            }
            let order = |id: u32| {
                json!({
                    "AmazonOrderId": format!("902-{id}"), "PurchaseDate": "2026-03-05T09:00:00Z", "LastUpdateDate": format!("2026-03-06T21:0{id}:00Z"),
                    "OrderStatus": "Unshipped", "OrderTotal": { "CurrencyCode": "USD", "Amount": "19.00" }, "ShippingAddress": { "City": "Austin", "StateOrRegion": "TX", "PostalCode": "78701", "CountryCode": "US" },
                })
            };
            assert_eq!(heard.get("MarketplaceIds"), "ATVPDKIKX0DER");
            match heard.get("NextToken") {
                "" => {
                    let until = at(heard.get("LastUpdatedBefore"));
                    assert!(until <= at("2026-03-06T21:58:10Z"), "two minutes ago at the latest: {until}");
                    Answer::json(
                        json!({ "payload": { "Orders": [order(1), order(2)], "NextToken": "2YgYW55IGNhcm5hbA==" } }),
                    )
                }
                "2YgYW55IGNhcm5hbA==" if heard.query.len() == 2 => {
                    Answer::json(json!({ "payload": { "Orders": [order(3)] } }))
                }
                _ => Answer::text(400, "{\"errors\":[{\"code\":\"InvalidInput\"}]}"),
            }
        },
    );
    assert_eq!(stage.round().new, 3);
    assert_eq!(stage.api.heard_at("/auth/o2/token").len(), 2, "the first one was refused");
    assert!(stage.desk.tokens.is_empty(), "it did not change");
    let Document::Order(order) = document("amazon-orders", &stage.desk.kept[2]) else { panic!() };
    assert_eq!((order.po_number.as_str(), order.lines.len()), ("902-3", 2));
}

#[test]
fn amazon_settlements_are_fetched_unpacked_and_kept_as_they_are() {
    const REPORT: &str = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date\tsku\tquantity-purchased\n\
        123\t2026-02-16 10:00:00 UTC\t2026-03-02 10:00:00 UTC\t2026-03-04 10:00:00 UTC\t95.00\tUSD\t\t\t\t\t\t\t\t\n\
        123\t\t\t\t\t\tOrder\t111-1234567-1234567\tItemPrice\tPrincipal\t60.00\t2026-02-17\tWID-RED\t2\n\
        123\t\t\t\t\t\tOrder\t111-1234567-1234568\tItemPrice\tPrincipal\t60.00\t2026-02-17\tWID-RED\t2\n\
        123\t\t\t\t\t\tOrder\t111-1234567-1234567\tItemFees\tCommission\t-12.50\t2026-02-17\tWID-RED\t\n\
        123\t\t\t\t\t\tOrder\t111-1234567-1234567\tItemFees\tCommission\t-12.50\t2026-02-17\tWID-RED\t\n";
    let (base, own) = shared(String::new());
    let mut stage = Stage::with("amazon-settlements", "", SET, move |heard| {
        if let Some(answer) = token(heard, 1) {
            return answer;
        }
        let base = own.lock().unwrap().clone();
        match heard.path.as_str() {
            "/reports/2021-06-30/reports" => match heard.get("nextToken") {
                "" => {
                    assert_eq!(heard.get("processingStatuses"), "DONE");
                    Answer::json(
                        json!({ "reports": [{ "reportId": "R1", "reportDocumentId": "amzn1.spdoc.1", "createdTime": "2026-03-02T00:00:00+00:00" }], "nextToken": "n1" }),
                    )
                }
                _ if heard.query.len() > 1 => Answer::status(400),
                _ => Answer::json(
                    json!({ "reports": [{ "reportId": "R2", "reportDocumentId": "amzn1.spdoc.2", "createdTime": "2026-02-16T00:00:00+00:00" }] }),
                ),
            },
            "/reports/2021-06-30/documents/amzn1.spdoc.1" => Answer::json(
                json!({ "url": format!("{base}/bucket/1?X-Amz-Signature=abc"), "compressionAlgorithm": "GZIP" }),
            ),
            "/reports/2021-06-30/documents/amzn1.spdoc.2" => {
                Answer::json(json!({ "url": format!("{base}/bucket/2?X-Amz-Signature=abc") }))
            }
            path if path.starts_with("/bucket/") => {
                assert_eq!(
                    (heard.header("x-amz-access-token"), heard.header("authorization")),
                    ("", ""),
                    "no token for the bucket"
                );
                let mut body = REPORT.as_bytes().to_vec();
                if path.ends_with('1') {
                    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                    encoder.write_all(&body).unwrap();
                    body = encoder.finish().unwrap();
                }
                Answer { status: 200, body, ..Answer::default() }
            }
            other => panic!("{other}"),
        }
    });
    *base.lock().unwrap() = stage.api.base();
    assert_eq!(stage.round().new, 2);
    assert_eq!(stage.names(), ["settlement_R1.tsv", "settlement_R2.tsv"]);
    assert!(stage.desk.kept.iter().all(|item| item.bytes == REPORT.as_bytes()));
    let Some(Document::Settlement(settlement)) = stage.documents("amazon-settlements").pop() else { panic!() };
    assert_eq!((settlement.settlement_id.as_str(), settlement.currency.as_deref()), ("123", Some("USD")));
    assert_eq!(settlement.deposited_on.unwrap().to_string(), "2026-03-04");
    // Two that are alike are two.
    assert_eq!((settlement.entries.len(), settlement.entered()), (4, settlement.amount));
    let first = &settlement.entries[0];
    assert_eq!((first.is.as_deref(), first.part.as_deref()), (Some("Order"), Some("ItemPrice")));
    assert_eq!(first.quantity.as_ref().unwrap().value.to_string(), "2");
    assert_eq!(stage.round().new, 0);
    assert_eq!(
        stage.api.heard().iter().filter(|heard| heard.path.starts_with("/bucket/")).count(),
        2,
        "each is fetched once"
    );
}
