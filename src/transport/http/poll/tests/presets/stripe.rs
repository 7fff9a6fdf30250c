//! Stripe: the newest first, behind the last id, and a status that changes without a time.

use serde_json::{Value, json};

use super::*;

#[test]
fn stripe_payouts_are_read_to_the_oldest_before_the_watermark_moves_and_a_new_status_is_a_new_item() {
    let (payouts, played) = shared(Vec::new());
    let payout = |number: i64, status: &str| json!({ "id": format!("po_{number}"), "object": "payout", "created": 1_772_834_400 - 3600 * number, "arrival_date": 1_772_841_600, "amount": 9505, "currency": "usd", "status": status });
    *payouts.lock().unwrap() = (1..=5).map(|number| payout(number, "in_transit")).collect();
    let mut stage = Stage::with("stripe-payouts", "/v1", "key = \"file:secret\"", move |heard| {
        assert_eq!(heard.header("authorization"), "Bearer sk_live_0123456789");
        let from: i64 = heard.get("created[gte]").parse().unwrap();
        let payouts = played.lock().unwrap();
        let fitting: Vec<Value> =
            payouts.iter().filter(|one| one["created"].as_i64().unwrap() >= from).cloned().collect();
        let start =
            fitting.iter().position(|one| one["id"] == heard.get("starting_after")).map_or(0, |place| place + 1);
        Answer::json(
            json!({ "object": "list", "data": slice(&fitting, start, 2), "has_more": start + 2 < fitting.len() }),
        )
    });
    stage.desk.dies_after = Some(1);
    let mut poller = stage.poller();
    assert_eq!(stage.desk.round(&mut poller), Err(PollError::Stopped));
    assert_eq!(stage.desk.mark, None, "the newest was seen, the oldest not yet");
    stage.desk.dies_after = None;
    stage.round();
    assert_eq!(stage.desk.kept.len(), 5);
    assert_eq!(stage.desk.mark.unwrap().to_string(), "2026-03-06T21:00:00Z");
    payouts.lock().unwrap()[3]["status"] = "paid".into();
    assert_eq!(stage.round().new, 1);
    assert_eq!(stage.desk.names().last(), Some(&"payout_po_4_paid.json"));
    let Some(Document::Settlement(paid)) = stage.documents("stripe-payouts").pop() else { panic!() };
    let said = (paid.settlement_id.as_str(), paid.amount.to_string(), paid.currency.as_deref(), paid.status.as_deref());
    assert_eq!(said, ("po_4", "95.05".to_owned(), Some("usd"), Some("paid")));
    assert_eq!(paid.deposited_on.unwrap().to_string(), "2026-03-07");
}
