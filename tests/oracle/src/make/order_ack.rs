//! Order acknowledgments.

use edigate::document::OrderAck;
use edigate::document::order_ack::{LineOutcome, LineStatus, OrderAckLine, Verdict};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::parts;

pub fn order_ack() -> impl Strategy<Value = OrderAck> {
    let verdict = select(vec![Verdict::Accepted, Verdict::AcceptedWithChanges, Verdict::Rejected]);
    let numbers = (parts::header(parts::every_reference(), 600), parts::id(), of(parts::id()), of(parts::id()));
    let lines = vec(line(), 0..5);
    (numbers, verdict, parts::day(), of(parts::day()), parts::dates(), parts::parties(), lines).prop_map(
        |((header, po_number, release, seller_order_number), verdict, ordered_on, answered, dates, parties, lines)| {
            OrderAck {
                header,
                po_number,
                release,
                ordered_on: Some(ordered_on),
                seller_order_number,
                acknowledged_on: answered,
                verdict: Some(verdict),
                dates,
                parties,
                lines,
            }
        },
    )
}

fn line() -> impl Strategy<Value = OrderAckLine> {
    let named = (of(parts::id()), parts::item(), of(parts::words(80)));
    (named, of(parts::quantity()), of(parts::price()), vec(outcome(), 0..4)).prop_map(
        |((line, item, description), ordered, price, outcomes)| OrderAckLine {
            line,
            item,
            description,
            ordered,
            price,
            outcomes,
        },
    )
}

fn outcome() -> impl Strategy<Value = LineOutcome> {
    let statuses = vec![
        LineStatus::Accepted,
        LineStatus::QuantityChanged,
        LineStatus::PriceChanged,
        LineStatus::DateChanged,
        LineStatus::Substituted,
        LineStatus::Backordered,
        LineStatus::Rejected,
        LineStatus::Other("R2".to_owned()),
    ];
    (select(statuses), parts::quantity(), of(parts::day())).prop_map(|(status, quantity, ships_on)| LineOutcome {
        status,
        quantity,
        ships_on,
    })
}
