//! Walmart: a token in a header of its own, a correlation id in each request, a cursor that is a whole query string.

use serde_json::{Value, json};

use super::*;

#[test]
fn walmart_orders_follow_a_cursor_that_is_a_query_string() {
    let mut correlations = std::collections::HashSet::new();
    let set = "client_id = \"file:secret\", client_secret = \"file:secret\", token_url = \"BASE/v3/token\"";
    let mut stage = Stage::with("walmart-orders", "/v3", set, move |heard| {
        assert!(
            correlations.insert(heard.header("wm_qos.correlation_id").to_owned()),
            "each request has an id of its own"
        );
        assert_eq!(heard.header("wm_svc.name"), "Walmart Marketplace");
        if heard.path == "/v3/token" {
            assert!(heard.header("authorization").starts_with("Basic "));
            return Answer::json(json!({ "access_token": "wm-token", "token_type": "Bearer", "expires_in": 900 }));
        }
        assert_eq!((heard.header("wm_sec.access_token"), heard.header("authorization")), ("wm-token", ""));
        let order = |id: u64| {
            json!({
                "purchaseOrderId": format!("18149{id}"), "customerOrderId": format!("53017{id}"), "orderDate": 1_772_834_000_000_u64 + id,
                "shippingInfo": { "postalAddress": { "name": "Ann Lee", "address1": "1 Main St", "address2": null, "city": "Austin", "state": "TX", "postalCode": "78701", "country": "USA" } },
                "orderLines": { "orderLine": [{ "lineNumber": "1", "item": { "productName": "Mug", "sku": "SKU-1" }, "orderLineQuantity": { "unitOfMeasurement": "EACH", "amount": "2" },
                    "charges": { "charge": [{ "chargeAmount": { "amount": 9.5 } }, { "chargeAmount": { "amount": 1.0 } }] } }] },
            })
        };
        let (orders, next) = match heard.raw_query.as_str() {
            "limit=100&hasMoreElements=true&soIndex=3&poIndex=2&partnerId=10%2F1&createdStartDate=2026" => {
                (vec![order(3)], Value::Null)
            }
            _ => {
                assert_eq!(heard.get("createdStartDate"), "2026-02-20T22:00:00Z");
                (
                    vec![order(1), order(2)],
                    json!("?limit=100&hasMoreElements=true&soIndex=3&poIndex=2&partnerId=10%2F1&createdStartDate=2026"),
                )
            }
        };
        Answer::json(
            json!({ "list": { "meta": { "totalCount": 3, "limit": 100, "nextCursor": next }, "elements": { "order": orders } } }),
        )
    });
    assert_eq!(stage.round().new, 3);
    assert_eq!(stage.desk.mark.unwrap().to_string(), "2026-03-06T21:53:20.003Z");
    let Document::Order(order) = document("walmart-orders", &stage.desk.kept[0]) else { panic!() };
    assert_eq!((order.po_number.as_str(), order.ordered_on.to_string().as_str()), ("181491", "2026-03-06"));
    assert_eq!(order.lines[0].quantity.value.to_string(), "2");
}
