//! Orders.

use edigate::document::Order;
use edigate::document::order::{Allocation, OrderLine, OrderType};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

use super::parts;

pub fn order() -> impl Strategy<Value = Order> {
    let numbers =
        (parts::header(parts::every_reference(), 600), parts::id(), of(parts::id()), order_type(), parts::day());
    let agreed = (of(parts::terms()), of(select(vec!["CC", "PP"])), of(parts::carrier()), parts::adjustments());
    (numbers, of("[A-Z]{3}"), parts::parties(), parts::dates(), agreed, vec(line(), 1..5)).prop_map(
        |(numbers, currency, parties, dates, (terms, freight_payment, carrier, adjustments), mut lines)| {
            let (header, po_number, release, order_type, ordered_on) = numbers;
            for (index, line) in lines.iter_mut().enumerate() {
                line.line = format!("{:03}", index + 1);
            }
            let freight_payment = freight_payment.map(str::to_owned);
            Order {
                header,
                po_number,
                release,
                order_type,
                ordered_on,
                currency,
                parties,
                dates,
                terms,
                freight_payment,
                carrier,
                adjustments,
                lines,
            }
        },
    )
}

fn order_type() -> impl Strategy<Value = OrderType> {
    select(vec![
        OrderType::StandAlone,
        OrderType::New,
        OrderType::DropShip,
        OrderType::Release,
        OrderType::Blanket,
        OrderType::Rush,
        OrderType::Other("KN".to_owned()),
    ])
}

fn line() -> impl Strategy<Value = OrderLine> {
    // Either stores or dates: x12-types looks for them in the wrong order (limits).
    let spread = prop_oneof![
        allocations().prop_map(|allocations| (allocations, Vec::new())),
        parts::dates().prop_map(|dates| (Vec::new(), dates)),
    ];
    let ordered = (parts::item(), of(parts::words(80)), parts::quantity(), of(parts::price()), of(1..1000_i64));
    (ordered, spread, parts::references(parts::every_reference()), parts::adjustments()).prop_map(
        |((item, description, quantity, price, pack), (allocations, dates), references, adjustments)| OrderLine {
            line: String::new(),
            item,
            description,
            quantity,
            price,
            pack: pack.map(Decimal::from),
            inner_pack: pack.filter(|pack| pack % 2 == 0).map(Decimal::from),
            allocations,
            dates,
            references,
            adjustments,
        },
    )
}

/// More stores than one SDQ holds, in more than one unit.
fn allocations() -> impl Strategy<Value = Vec<Allocation>> {
    vec((parts::id(), parts::quantity()).prop_map(|(location, quantity)| Allocation { location, quantity }), 0..25)
        .prop_map(|mut stores| {
            stores.sort_by(|left, right| left.quantity.unit.cmp(&right.quantity.unit));
            stores
        })
}
