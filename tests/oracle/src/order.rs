//! 850.

use edigate::document::order::{Allocation, OrderLine};
use edigate::document::{Document, Header, Order, Quantity};
use proptest::prelude::*;
use rust_decimal::Decimal;
use x12_types::v005010::{_850, _850LoopN9, _850LoopPo1};

use crate::elements::Elements;
use crate::{codes, make, parts, wire};

proptest! {
    #![proptest_config(wire::config())]

    #[test]
    fn an_order_means_what_was_to_be_said(order in make::order::order()) {
        let document = Document::Order(order.clone());
        let text = wire::write(&document);
        let [set] = wire::sets::<_850>(&text, "PO").try_into().unwrap();
        wire::trailer(&text, &set.st, &set.se, "850");
        totals(&set, &order);
        prop_assert_eq!(wire::told(Document::Order(read(&set))), wire::told(document));
    }
}

/// CTT: how many lines, and the sum of their quantities.
fn totals(set: &_850, order: &Order) {
    let ctt = Elements::of(set.ctt.as_ref().unwrap());
    assert_eq!(ctt.count(1), Some(order.lines.len() as u32));
    assert_eq!(ctt.decimal(2), Some(order.lines.iter().map(|line| line.quantity.value).sum::<Decimal>()));
}

fn read(set: &_850) -> Order {
    let beg = Elements::of(&set.beg);
    let currency = set.cur.as_ref().map(Elements::of).map(|cur| {
        assert_eq!(cur.needed(1), "BY");
        cur.needed(2)
    });
    Order {
        header: Header {
            purpose: codes::purpose(beg.needed(1)),
            references: parts::each(&set.r#ref, parts::reference),
            notes: notes(&set.loop_n9),
            ..Header::default()
        },
        order_type: codes::order_type(beg.needed(2)),
        po_number: beg.needed(3),
        release: beg.text(4),
        ordered_on: beg.date(5).unwrap(),
        currency,
        parties: set.loop_n1.iter().map(|n1| parts::party(&n1.n1, &n1.n2, &n1.n3, n1.n4.as_ref())).collect(),
        dates: parts::each(&set.dtm, parts::dated),
        terms: parts::one(&set.itd, parts::terms),
        freight_payment: parts::one(&set.fob, |fob| fob.needed(1)),
        carrier: parts::one(&set.td5, parts::carrier),
        adjustments: set.loop_sac.iter().map(|sac| parts::adjustment(&Elements::of(&sac.sac))).collect(),
        lines: set.loop_po1.iter().map(line).collect(),
    }
}

/// The one N9 loop that holds the notes; from 005010 on their text is in MTX.
fn notes(loops: &[_850LoopN9]) -> Vec<String> {
    let mut texts = Vec::new();
    for n9 in loops {
        let number = Elements::of(&n9.n9);
        assert_eq!([number.needed(1), number.needed(2)], ["ZZ", "NOTE"]);
        texts.extend(parts::each(&n9.mtx, |mtx| mtx.needed(2)));
    }
    texts
}

fn line(inner: &_850LoopPo1) -> OrderLine {
    let po1 = Elements::of(&inner.po1);
    OrderLine {
        line: po1.needed(1),
        quantity: po1.quantity(2).unwrap(),
        price: parts::price(&po1),
        item: parts::item(po1.pairs(6)),
        description: inner.loop_pid.first().map(|pid| parts::description(&Elements::of(&pid.pid))),
        pack: inner.po4.as_ref().and_then(|po4| Elements::of(po4).decimal(1)),
        inner_pack: inner.po4.as_ref().and_then(|po4| Elements::of(po4).decimal(14)),
        references: parts::each(&inner.r#ref, parts::reference),
        adjustments: inner.loop_sac.iter().map(|sac| parts::adjustment(&Elements::of(&sac.sac))).collect(),
        allocations: parts::each(&inner.sdq, allocations).into_iter().flatten().collect(),
        dates: parts::each(&inner.dtm, parts::dated),
    }
}

/// SDQ: the unit, who numbers the stores (92: the buyer), and up to ten stores, each with its quantity.
fn allocations(sdq: &Elements) -> Vec<Allocation> {
    let unit = sdq.needed(1);
    assert_eq!(sdq.needed(2), "92");
    let stores = sdq.pairs(3);
    assert!(stores.len() <= 10);
    stores
        .into_iter()
        .map(|(location, quantity)| Allocation {
            location,
            quantity: Quantity { value: quantity.parse().unwrap(), unit: unit.clone() },
        })
        .collect()
}
