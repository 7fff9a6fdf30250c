//! 855.

use edigate::document::order_ack::{LineOutcome, OrderAckLine};
use edigate::document::{Document, Header, OrderAck};
use proptest::prelude::*;
use x12_types::v005010::{_855, _855LoopPo1};

use crate::elements::Elements;
use crate::{codes, make, parts, wire};

proptest! {
    #![proptest_config(wire::config())]

    #[test]
    fn an_order_acknowledgment_means_what_was_to_be_said(ack in make::order_ack::order_ack()) {
        let document = Document::OrderAck(ack.clone());
        let text = wire::write(&document);
        let [set] = wire::sets::<_855>(&text, "PR").try_into().unwrap();
        wire::trailer(&text, &set.st, &set.se, "855");
        prop_assert_eq!(set.loop_ctt.len(), 1);
        prop_assert_eq!(Elements::of(&set.loop_ctt[0].ctt).count(1), Some(ack.lines.len() as u32));
        prop_assert_eq!(wire::told(Document::OrderAck(read(&set))), wire::told(document));
    }
}

fn read(set: &_855) -> OrderAck {
    let bak = Elements::of(&set.bak);
    let mut notes = Vec::new();
    for n9 in &set.loop_n9 {
        let number = Elements::of(&n9.n9);
        assert_eq!([number.needed(1), number.needed(2)], ["ZZ", "NOTE"]);
        notes.extend(parts::each(&n9.mtx, |mtx| mtx.needed(2)));
    }
    OrderAck {
        header: Header {
            purpose: codes::purpose(bak.needed(1)),
            references: parts::each(&set.r#ref, parts::reference),
            notes,
            ..Header::default()
        },
        verdict: Some(codes::verdict(&bak.needed(2))),
        po_number: bak.needed(3),
        ordered_on: bak.date(4),
        release: bak.text(5),
        seller_order_number: bak.text(8),
        acknowledged_on: bak.date(9),
        dates: parts::each(&set.dtm, parts::dated),
        parties: set.loop_n1.iter().map(|n1| parts::party(&n1.n1, &n1.n2, &n1.n3, n1.n4.as_ref())).collect(),
        lines: set.loop_po1.iter().map(line).collect(),
    }
}

fn line(inner: &_855LoopPo1) -> OrderAckLine {
    let po1 = Elements::of(&inner.po1);
    OrderAckLine {
        line: po1.text(1),
        ordered: po1.quantity(2),
        price: parts::price(&po1),
        item: parts::item(po1.pairs(6)),
        description: parts::one(&inner.pid, parts::description),
        outcomes: parts::each(&inner.ack, outcome),
    }
}

/// ACK: what becomes of how much, and the day it is planned to ship (068).
fn outcome(ack: &Elements) -> LineOutcome {
    assert_eq!(ack.text(4).as_deref(), ack.text(5).and(Some("068")));
    LineOutcome { status: codes::status(ack.needed(1)), quantity: ack.quantity(2).unwrap(), ships_on: ack.date(5) }
}
