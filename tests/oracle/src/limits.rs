//! What edigate writes, what the standard allows, and what x12-types 0.12.0 cannot read or does not hold.
//!
//! Each test fails as soon as x12-types can: then `make` may say it, and the limit goes.
//!
//! Other limits need no test, since no document here comes near them: AK905 to AK909 have three of their five places, and no
//! delimiters are known but `*` and `~`, which is what everything here is written with.

use std::panic::catch_unwind;

use edigate::document::item::ItemIds;
use edigate::document::order::{Allocation, OrderLine};
use edigate::document::order_ack::{OrderAckLine, Verdict};
use edigate::document::{DateKind, DatedEvent, Document, Order, OrderAck, Quantity};
use edigate::x12::acknowledgment::{Style, answers};
use jiff::civil::date;
use rust_decimal::Decimal;
use x12_types::util::Parser;
use x12_types::v005010::{_850, _855, _997, TDS};

use crate::elements::Elements;
use crate::wire;

fn one_each() -> Quantity {
    Quantity { value: Decimal::ONE, unit: "EA".to_owned() }
}

/// In a line of an 850 SDQ stands before DTM; x12-types looks for DTM first.
#[test]
fn dates_of_a_line_behind_its_stores() {
    let line = OrderLine {
        line: "1".to_owned(),
        item: ItemIds { sku: Some("A1".to_owned()), ..ItemIds::default() },
        description: None,
        quantity: one_each(),
        price: None,
        pack: None,
        inner_pack: None,
        allocations: vec![Allocation { location: "0042".to_owned(), quantity: one_each() }],
        dates: vec![DatedEvent { is: DateKind::RequestedShip, on: date(2026, 3, 6), at: None }],
        references: Vec::new(),
        adjustments: Vec::new(),
    };
    let text = wire::write(&Document::Order(Order {
        po_number: "4500012345".to_owned(),
        lines: vec![line],
        ..Order::default()
    }));
    assert!(wire::parsed::<_850>(&text).is_err());
    let (stores, dates) = ("SDQ*EA*92*0042*1~\n", "DTM*010*20260306~\n");
    let other_way_round = text.replace(&format!("{stores}{dates}"), &format!("{dates}{stores}"));
    assert_ne!(other_way_round, text);
    assert!(wire::parsed::<_850>(&other_way_round).is_ok());
}

/// Every element of PO1 is optional; x12-types panics where there are fewer than four.
#[test]
fn a_line_that_is_a_number_alone() {
    let line = OrderAckLine { line: Some("1".to_owned()), ..OrderAckLine::default() };
    let text = wire::write(&Document::OrderAck(OrderAck {
        po_number: "4500012345".to_owned(),
        ordered_on: Some(date(2026, 3, 2)),
        verdict: Some(Verdict::Accepted),
        lines: vec![line],
        ..OrderAck::default()
    }));
    assert!(text.contains("\nPO1*1~\n"));
    assert!(catch_unwind(|| wire::parsed::<_855>(&text).map(drop)).is_err());
}

/// TDS02 to TDS04 tell what a discount is taken from and what it is; x12-types holds the total alone.
#[test]
fn what_a_discount_is_taken_from() {
    let (rest, tds) = TDS::parse("TDS*11764*11764~").unwrap();
    assert_eq!((rest, Elements::of(&tds).text(1).as_deref()), ("", Some("11764")));
    assert_eq!(Elements::of(&tds).text(2), None);
}

/// AK103 and AK203 came with 005010: the version or guide of what is acknowledged. x12-types drops them.
#[test]
fn the_version_of_what_is_acknowledged() {
    let order = Order { po_number: "4500012345".to_owned(), lines: Vec::new(), ..Order::default() };
    let draft = edigate::render::x12::set_at(&Document::Order(order), wire::VERSION).unwrap().draft;
    let report = wire::examined(&wire::enclose(wire::VERSION, vec![draft]));
    let [answer] = answers(&report.interchanges[0], &Style::default()).try_into().unwrap();
    let text = wire::enclose(&answer.version, answer.sets);
    assert!(text.contains("\nAK1*PO*503*005010~\n"));
    let [set] = wire::sets::<_997>(&text, "FA").try_into().unwrap();
    assert_eq!(Elements::of(&set.ak1).text(3), None);
}
