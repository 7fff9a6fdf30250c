//! WooCommerce and BigCommerce: numbered pages under rows that move, UTC that does not say so, 204 at the end.

use serde_json::{Value, json};

use super::*;

fn woo(id: u64, modified: &str) -> Value {
    json!({
        "id": id, "number": id.to_string(), "currency": "USD", "date_created": "2026-03-05T09:00:00", "date_modified_gmt": modified,
        "shipping": { "first_name": "Ann", "last_name": "Lee", "address_1": "1 Main St", "address_2": "", "city": "Austin", "state": "TX", "postcode": "78701", "country": "US" },
        "line_items": [{ "id": 315, "name": "Blue mug", "product_id": 93, "quantity": 2, "sku": "", "price": 9.5 }],
    })
}

/// 230 orders, a hundred on a page. While the first page is read, its first order changes and goes to the end of the list, and
/// the first order of the second page slips to the first.
#[test]
fn woocommerce_orders_that_slip_to_a_page_that_was_read_are_not_lost() {
    let orders: Vec<Value> =
        (0..230).map(|id| woo(id, &format!("2026-03-06T{:02}:{:02}:00", id / 60, id % 60))).collect();
    let mut orders = orders;
    let mut is_first = true;
    let set = "site = \"shop.example\", key = \"file:secret\", secret = \"file:secret\"";
    let mut stage = Stage::with("woocommerce-orders", "/wp-json/wc/v3", set, move |heard| {
        assert_eq!((heard.path.as_str(), heard.get("dates_are_gmt")), ("/wp-json/wc/v3/orders", "true"));
        assert!(heard.header("authorization").starts_with("Basic "));
        let since = heard.get("modified_after").to_owned();
        orders.sort_by_key(|order| order["date_modified_gmt"].as_str().unwrap().to_owned());
        let fitting: Vec<Value> = orders
            .iter()
            .filter(|order| order["date_modified_gmt"].as_str().unwrap() > since.as_str())
            .cloned()
            .collect();
        let page: usize = heard.get("page").parse().unwrap();
        let here = slice(&fitting, (page - 1) * 100, 100);
        if std::mem::replace(&mut is_first, false) {
            orders[0]["date_modified_gmt"] = "2026-03-06T21:59:00".into();
        }
        Answer::json(Value::Array(here))
            .with("X-WP-Total", fitting.len())
            .with("X-WP-TotalPages", fitting.len().div_ceil(100))
    });
    let round = stage.round();
    let names: std::collections::BTreeSet<&str> = stage.desk.names().into_iter().collect();
    assert_eq!((names.len(), stage.desk.kept.len()), (230, 231), "each once, and the changed one again");
    assert_eq!(round.mark.unwrap().to_string(), "2026-03-06T21:59:00Z");
    // The next round begins five minutes before, and knows what it sees.
    let next = stage.round();
    assert_eq!((next.items, next.new), (1, 0));
    let asked = stage.api.heard().last().unwrap().get("modified_after").to_owned();
    assert_eq!(asked, "2026-03-06T21:54:00");
    let Document::Order(order) = document("woocommerce-orders", &stage.desk.kept[0]) else { panic!() };
    assert_eq!((order.lines[0].item.buyer.as_deref(), order.lines[0].item.vendor.as_deref()), (Some("93"), None));
}

/// A site that is too old for modified_after gives every order each time.
#[test]
fn woocommerce_without_modified_after_is_read_whole_and_taken_once() {
    let orders: Vec<Value> = (0..3).map(|id| woo(id, "2026-01-01T00:00:00")).collect();
    let set = "site = \"shop.example\", key = \"file:secret\", secret = \"file:secret\"";
    let mut stage = Stage::with("woocommerce-orders", "/wp-json/wc/v3", set, move |_| {
        Answer::json(json!(orders)).with("X-WP-TotalPages", 1)
    });
    assert_eq!((stage.round().new, stage.round().new), (3, 0));
}

#[test]
fn bigcommerce_orders_end_with_204_and_get_their_products_and_addresses() {
    let set = "store = \"abc123\", token = \"file:secret\"";
    let mut left = 150;
    let mut stage = Stage::with("bigcommerce-orders", "/stores/abc123/v2", set, move |heard| {
        assert_eq!(heard.header("x-auth-token"), "sk_live_0123456789");
        left -= 1;
        let page: usize = heard.get("page").parse().unwrap();
        let path = heard.path.trim_start_matches("/stores/abc123/v2/orders");
        let rows = match path {
            "" => (page - 1) * 250..(page * 250).min(500),
            path if path.ends_with("/products") => 0..if page == 1 { 2 } else { 0 },
            _ => 0..if page == 1 { 1 } else { 0 },
        };
        let row = |id: usize| match path {
            "" => {
                json!({ "id": 100 + id, "date_created": "Thu, 05 Mar 2026 09:00:00 +0000", "date_modified": "Fri, 06 Mar 2026 21:00:00 +0000", "currency_code": "USD",
                          "products": { "url": "https://elsewhere.example", "resource": "/orders/100/products" } })
            }
            path if path.ends_with("/products") => {
                json!({ "id": id + 1, "product_id": 20 + id, "sku": format!("SKU-{id}"), "name": "Mug", "quantity": 3, "price_ex_tax": "4.5000" })
            }
            _ => {
                json!({ "first_name": "Ann", "last_name": "Lee", "street_1": "1 Main St", "street_2": "", "city": "Austin", "state": "Texas", "zip": "78701", "country_iso2": "US" })
            }
        };
        let rows: Vec<Value> = rows.map(row).collect();
        let answer = if rows.is_empty() { Answer::status(204) } else { Answer::json(json!(rows)) };
        answer.with("X-Rate-Limit-Requests-Left", left % 150).with("X-Rate-Limit-Time-Reset-Ms", 4_000)
    });
    let round = stage.round();
    // Two full pages, an end without content, and once more since a list of pages may have moved.
    assert_eq!((round.new, round.pages), (500, 4));
    assert!(
        stage.desk.paused >= Duration::from_secs(4 * 6),
        "a pause at each end of the allowance: {:?}",
        stage.desk.paused
    );
    let Document::Order(order) = document("bigcommerce-orders", &stage.desk.kept[7]) else { panic!() };
    assert_eq!(
        (order.po_number.as_str(), order.lines.len(), order.ordered_on.to_string().as_str()),
        ("107", 2, "2026-03-05")
    );
    assert_eq!(order.parties[0].address.as_ref().unwrap().city.as_deref(), Some("Austin"));
}
