//! Shopify, REST: page_info goes with no filter but limit, a changed row comes again on a later page, 40 requests in a bucket.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::*;

fn order(id: u64, updated: &str) -> Value {
    json!({
        "id": id, "name": format!("#{}", 1000 + id), "created_at": "2026-03-05T09:00:00-05:00", "updated_at": updated,
        "currency": "USD", "test": false,
        "shipping_address": { "name": "Ann Lee", "address1": "1 Main St", "address2": null, "city": "Austin", "province_code": "TX", "zip": "78701", "country_code": "US" },
        "line_items": [
            { "id": 4660 + id, "sku": "SKU-1", "name": "Blue mug", "quantity": 2, "price": "9.50" },
            { "id": 9999, "sku": "SKU-2", "name": "Red mug", "quantity": 1, "price": "12.00" },
        ],
    })
}

struct Shop {
    orders: Vec<Value>,
    base: String,
    bucket: u32,
    /// An order that changes while the first page is read.
    changes: Option<(usize, &'static str)>,
}

impl Shop {
    fn answer(&mut self, heard: &Heard) -> Answer {
        assert_eq!(heard.header("x-shopify-access-token"), "sk_live_0123456789");
        assert_eq!(heard.path, "/admin/api/2026-01/orders.json");
        self.bucket += 1;
        if self.bucket > 40 {
            return Answer::text(429, "{\"errors\":\"Exceeded 2 calls per second\"}").with("Retry-After", "2.0");
        }
        let after = match heard.query.get("page_info") {
            Some(_) if heard.query.keys().any(|key| key != "page_info" && key != "limit") => {
                return Answer::text(400, "{\"errors\":{\"page_info\":\"Invalid value.\"}}");
            }
            Some(page) => page.clone(),
            None => {
                assert_eq!(heard.get("status"), "any", "only open orders otherwise");
                heard.get("updated_at_min").to_owned()
            }
        };
        // The cursor names the last row by its time, so that rows behind it come whatever happened before it.
        let after: Timestamp = at(after.trim_start_matches("after:"));
        let is_first = !heard.query.contains_key("page_info");
        let time = |order: &Value| at(order["updated_at"].as_str().unwrap());
        let mut rows: Vec<Value> = self.orders.iter().filter(|order| time(order) > after).cloned().collect();
        rows.sort_by_key(time);
        let (here, rest) = rows.split_at(rows.len().min(2));
        if let (true, Some((place, when))) = (is_first, self.changes.take()) {
            self.orders[place]["updated_at"] = when.into();
        }
        let answer = Answer::json(json!({ "orders": here }))
            .with("X-Shopify-Shop-Api-Call-Limit", format!("{}/40", self.bucket));
        match (here.last(), rest.is_empty()) {
            (Some(last), false) => {
                let url =
                    format!("{}/admin/api/2026-01/orders.json?limit=250&page_info=after:{}", self.base, time(last));
                answer.with("Link", format!("<{url}>; rel=\"next\""))
            }
            _ => answer,
        }
    }
}

fn opened(desk: &Desk, bucket: u32) -> (Api, Arc<Mutex<Shop>>, Configured, Poller) {
    let orders = (1..=5).map(|id| order(id, &format!("2026-03-06T2{}:00:00Z", id % 2))).collect();
    let shop = Arc::new(Mutex::new(Shop { orders, base: String::new(), bucket, changes: None }));
    for (place, order) in shop.lock().unwrap().orders.iter_mut().enumerate() {
        order["updated_at"] = format!("2026-03-06T21:0{place}:00Z").into();
    }
    let playing = Arc::clone(&shop);
    let api = Api::play_at(Some(Arc::clone(&desk.time)), move |heard| playing.lock().unwrap().answer(heard));
    shop.lock().unwrap().base = api.base();
    let base = format!("{}/admin/api/2026-01", api.base());
    let set = "set = { shop = \"acme\", token = \"file:secret\" }";
    let configured = Configured::new();
    let poller =
        configured.poller(&format!("preset = \"shopify-orders\", base = \"{base}\", allow_http = true, {set}"));
    (api, shop, configured, poller)
}

#[test]
fn orders_come_page_by_page_and_a_changed_one_comes_again() {
    let mut desk = Desk::new();
    let (_api, shop, _files, mut poller) = opened(&desk, 0);
    // The first order changes while its page is read and comes once more at the end.
    shop.lock().unwrap().changes = Some((0, "2026-03-06T21:59:00Z"));
    let round = desk.round(&mut poller).unwrap();
    assert_eq!((round.items, round.new), (6, 6));
    assert_eq!(
        desk.names(),
        ["order_1.json", "order_2.json", "order_3.json", "order_4.json", "order_5.json", "order_1.json"]
    );
    assert_eq!(desk.round(&mut poller).unwrap().new, 0);
    let Document::Order(order) = document("shopify-orders", &desk.kept[0]) else { panic!() };
    assert_eq!((order.po_number.as_str(), order.lines.len()), ("#1001", 2));
}

#[test]
fn a_bucket_that_is_nearly_full_is_left_to_leak() {
    let mut desk = Desk::new();
    let (_api, _shop, _files, mut poller) = opened(&desk, 35);
    desk.round(&mut poller).unwrap();
    assert!(desk.paused >= Duration::from_secs(4), "{:?}", desk.paused);
    assert_eq!(desk.kept.len(), 5);
}

#[test]
fn by_graphql_every_line_of_an_order_comes_whatever_its_pages() {
    let line = |id: usize| json!({ "id": format!("gid://shopify/LineItem/{id}"), "sku": format!("SKU-{id}"), "name": "Mug", "quantity": 1, "variant": { "legacyResourceId": "7" }, "originalUnitPriceSet": { "shopMoney": { "amount": "9.50" } } });
    let mut throttled = false;
    let set = "shop = \"acme\", token = \"file:secret\"";
    let mut stage = Stage::with("shopify-orders-graphql", "/admin/api/2026-01", set, move |heard| {
        assert_eq!((heard.method.as_str(), heard.path.as_str()), ("POST", "/admin/api/2026-01/graphql.json"));
        let asked: Value = serde_json::from_str(&heard.body).unwrap();
        let variables = &asked["variables"];
        let after = variables["after"].as_str().map(|text| text.parse::<usize>().unwrap());
        let info = |from: usize, size: usize, all: usize| json!({ "hasNextPage": from + size < all, "endCursor": (from + size).to_string() });
        let from = after.unwrap_or(0);
        if let Some(id) = variables["id"].as_str() {
            if !std::mem::replace(&mut throttled, true) {
                return Answer::json(
                    json!({ "errors": [{ "message": "Throttled", "extensions": { "code": "THROTTLED" } }] }),
                );
            }
            // An order of 130 lines, a hundred on a page.
            assert!(id.starts_with("gid://shopify/Order/"));
            let lines: Vec<Value> = (from..(from + 100).min(130)).map(line).collect();
            return Answer::json(
                json!({ "data": { "order": { "lineItems": { "pageInfo": info(from, 100, 130), "nodes": lines } } } }),
            );
        }
        assert!(variables["filter"].as_str().unwrap().starts_with("updated_at:>='2026-0"), "{variables}");
        let order = |id: usize| json!({ "id": format!("gid://shopify/Order/{id}"), "legacyResourceId": id.to_string(), "name": format!("#{id}"), "createdAt": "2026-03-05T09:00:00Z", "updatedAt": format!("2026-03-06T21:0{id}:00Z"), "test": false, "currencyCode": "USD", "shippingAddress": null });
        let orders: Vec<Value> = (from..(from + 2).min(3)).map(order).collect();
        Answer::json(json!({ "data": { "orders": { "pageInfo": info(from, 2, 3), "nodes": orders } } }))
    });
    let mut poller = stage.poller();
    let error = stage.desk.round(&mut poller).unwrap_err();
    assert_eq!(error.not_before(), Some(stage.desk.now().checked_add(SignedDuration::from_secs(10)).unwrap()));
    assert_eq!(stage.round().new, 3);
    let Document::Order(order) = document("shopify-orders-graphql", &stage.desk.kept[0]) else { panic!() };
    assert_eq!((order.po_number.as_str(), order.lines.len()), ("#0", 130));
}
