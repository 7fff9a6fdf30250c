//! ShipStation: Pacific time that does not say so, forty requests a minute, two versions.

use serde_json::{Value, json};

use super::*;

#[test]
fn shipstation_is_asked_and_read_in_pacific_time() {
    let shipments: Vec<Value> = (0..3)
        .map(|id| json!({
            "shipmentId": 9000 + id, "orderNumber": format!("PO-{id}"), "createDate": format!("2026-03-06T13:5{id}:00.1230000"), "shipDate": "2026-03-06",
            "trackingNumber": "1Z999", "carrierCode": "ups", "voided": false,
            "shipTo": { "name": "Store 12", "street1": "1 Main St", "street2": null, "city": "Austin", "state": "TX", "postalCode": "78701", "country": "US" },
            "shipmentItems": [{ "orderItemId": 1, "lineItemKey": "1", "sku": "SKU-1", "name": "Mug", "quantity": 4 }],
        }))
        .collect();
    let set = "key = \"file:secret\", secret = \"file:secret\"";
    let mut stage = Stage::with("shipstation-shipments", "", set, move |heard| {
        assert_eq!((heard.path.as_str(), heard.get("includeShipmentItems")), ("/shipments", "true"));
        let since = heard.get("createDateStart").replace(' ', "T");
        let fitting: Vec<&Value> =
            shipments.iter().filter(|one| one["createDate"].as_str().unwrap() >= since.as_str()).collect();
        let page: usize = heard.get("page").parse().unwrap();
        // Pages of two, whatever was asked for.
        let here: Vec<&&Value> = fitting.iter().skip((page - 1) * 2).take(2).collect();
        Answer::json(
            json!({ "shipments": here, "total": fitting.len(), "page": page, "pages": fitting.len().div_ceil(2) }),
        )
        .with("X-Rate-Limit-Limit", 40)
        .with("X-Rate-Limit-Remaining", 1)
        .with("X-Rate-Limit-Reset", 7)
    });
    assert_eq!(stage.round().new, 3);
    // 13:52 in California is 21:52 UTC.
    assert_eq!(stage.desk.mark.unwrap().to_string(), "2026-03-06T21:52:00.123Z");
    assert!(stage.desk.paused >= Duration::from_secs(21), "{:?}", stage.desk.paused);
    assert_eq!(stage.round().new, 0);
    let asked: Vec<String> = stage.api.heard().iter().map(|heard| heard.get("createDateStart").to_owned()).collect();
    assert_eq!((asked[0].as_str(), asked.last().unwrap().as_str()), ("2026-02-27 14:00:00", "2026-03-06 13:47:00"));
    let Document::Shipment(shipment) = document("shipstation-shipments", &stage.desk.kept[0]) else { panic!() };
    assert_eq!((shipment.shipment_id.as_str(), shipment.orders[0].po_number.as_str()), ("9000", "PO-0"));
    let carton = shipment.cartons().next().unwrap();
    assert_eq!((carton.tracking.as_deref(), carton.items.len()), (Some("1Z999"), 1));
    assert_eq!(shipment.shipped_at.map(|at| at.to_string()).as_deref(), Some("2026-03-06T13:50:00.123"));
}

#[test]
fn shipstation_v2_has_pages_of_its_own_and_asks_for_a_pause() {
    let mut refused = false;
    let set = "key = \"file:secret\"";
    let mut stage = Stage::with("shipstation-shipments-v2", "/v2", set, move |heard| {
        assert_eq!((heard.path.as_str(), heard.header("api-key")), ("/v2/shipments", "sk_live_0123456789"));
        if !std::mem::replace(&mut refused, true) {
            return Answer::status(429).with("Retry-After", 20);
        }
        let page: usize = heard.get("page").parse().unwrap();
        let row = |id: usize| {
            json!({
                "shipment_id": format!("se-{id}"), "shipment_number": format!("PO-{id}"), "modified_at": format!("2026-03-06T21:0{id}:00.000Z"),
                "ship_date": "2026-03-06T00:00:00.000Z", "shipment_status": "label_purchased", "service_code": "ups_ground",
                "ship_to": { "name": "Store 12", "address_line1": "1 Main St", "address_line2": "", "city_locality": "Austin", "state_province": "TX", "postal_code": "78701", "country_code": "US" },
                "items": [{ "name": "Mug", "sku": "SKU-1", "quantity": 4 }],
            })
        };
        let here: Vec<Value> = ((page - 1) * 2..(page * 2).min(5)).map(row).collect();
        Answer::json(json!({ "shipments": here, "total": 5, "page": page, "pages": 3, "links": { "next": {} } }))
    });
    assert_eq!(stage.round().new, 5);
    assert!(stage.desk.paused >= Duration::from_secs(20));
    assert_eq!(
        stage.names(),
        ["shipment_se-0.json", "shipment_se-1.json", "shipment_se-2.json", "shipment_se-3.json", "shipment_se-4.json"]
    );
    let documents = stage.documents("shipstation-shipments-v2");
    assert!(matches!(&documents[4], Document::Shipment(shipment) if shipment.orders[0].po_number == "PO-4"));
}
