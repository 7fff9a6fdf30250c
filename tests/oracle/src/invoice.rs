//! 810.

use edigate::document::invoice::{InvoiceLine, InvoiceSense};
use edigate::document::{Carrier, Document, Header, Invoice, Purpose, ReferenceKind, Tax};
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use x12_types::v005010::{_810, _810LoopIT1};

use crate::elements::Elements;
use crate::{codes, make, parts, wire};

proptest! {
    #![proptest_config(wire::config())]

    #[test]
    fn an_invoice_means_what_was_to_be_said(invoice in make::invoice::invoice()) {
        let document = Document::Invoice(invoice);
        let text = wire::write(&document);
        let [set] = wire::sets::<_810>(&text, "IN").try_into().unwrap();
        wire::trailer(&text, &set.st, &set.se, "810");
        let said = read(&set);
        totals(&text, &set, &said);
        prop_assert_eq!(wire::told(Document::Invoice(said)), wire::told(document));
    }
}

/// TDS, ISS and CTT, computed from what the set says.
fn totals(text: &str, set: &_810, said: &Invoice) {
    let tds = Elements::of(&set.tds);
    assert_eq!(tds.cents(1), Some(amount(set)));
    // The amount that a discount is taken from; x12-types does not hold it (limits).
    let discountable = match said.terms.as_ref().and_then(|terms| terms.discount_percent) {
        Some(_) => format!("*{}", tds.needed(1)),
        None => String::new(),
    };
    assert!(text.contains(&format!("\nTDS*{}{discountable}~\n", tds.needed(1))), "{text}");

    let mut units: Vec<&str> = said.lines.iter().map(|line| line.quantity.unit.as_str()).collect();
    units.dedup();
    let iss = set.loop_iss.first().map(|iss| Elements::of(&iss.iss));
    let shipped = iss.as_ref().and_then(|iss| iss.quantity(1));
    match units.as_slice() {
        [unit] => {
            let shipped = shipped.unwrap();
            assert_eq!(shipped.unit, *unit);
            assert_eq!(shipped.value, said.lines.iter().map(|line| line.quantity.value).sum::<Decimal>());
        }
        _ => assert_eq!(shipped, None),
    }
    assert_eq!(Elements::of(set.ctt.as_ref().unwrap()).count(1), Some(said.lines.len() as u32));
}

/// The sum of the lines, each rounded to cents, less allowances, plus charges and taxes.
fn amount(set: &_810) -> Decimal {
    let rounded = |amount: Decimal| amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let mut amount = Decimal::ZERO;
    for line in &set.loop_it1 {
        let it1 = Elements::of(&line.it1);
        amount += rounded(it1.decimal(2).unwrap() * it1.decimal(4).unwrap());
    }
    for sac in &set.loop_sac {
        let sac = Elements::of(&sac.sac);
        let value = sac.cents(5).unwrap_or_default();
        match sac.needed(1).as_str() {
            "A" => amount -= value,
            "C" => amount += value,
            _ => {}
        }
    }
    amount + set.txi.iter().filter_map(|txi| Elements::of(txi).decimal(2)).sum::<Decimal>()
}

fn read(set: &_810) -> Invoice {
    let big = Elements::of(&set.big);
    let mut references = parts::each(&set.r#ref, parts::reference);
    let mut take = |kind: ReferenceKind| {
        let index = references.iter().position(|reference| reference.is == kind)?;
        Some(references.remove(index).value)
    };
    let bill_of_lading = take(ReferenceKind::BillOfLading);
    let shipment_id = take(ReferenceKind::Other("MA".to_owned()));
    let iss = set.loop_iss.first().map(|iss| Elements::of(&iss.iss));
    Invoice {
        header: Header {
            purpose: big.text(8).map_or(Purpose::Original, codes::purpose),
            references,
            notes: parts::each(&set.nte, |nte| nte.needed(2)),
            ..Header::default()
        },
        invoiced_on: big.date(1).unwrap(),
        invoice_number: big.needed(2),
        ordered_on: big.date(3),
        po_number: big.text(4),
        sense: match big.needed(7).as_str() {
            "DI" => InvoiceSense::Debit,
            "CR" | "CN" => InvoiceSense::Credit,
            other => panic!("{other} is neither invoice nor credit"),
        },
        carrier: set.cad.as_ref().map(|cad| carrier(&Elements::of(cad), bill_of_lading.as_deref())),
        shipment_id,
        bill_of_lading,
        currency: set.cur.as_ref().map(|cur| Elements::of(cur).needed(2)),
        parties: set.loop_n1.iter().map(|n1| parts::party(&n1.n1, &n1.n2, &n1.n3, n1.n4.as_ref())).collect(),
        dates: parts::each(&set.dtm, parts::dated),
        terms: parts::one(&set.itd, parts::terms),
        weight: iss.and_then(|iss| iss.measure(3)),
        lines: set.loop_it1.iter().map(line).collect(),
        adjustments: set.loop_sac.iter().map(|sac| parts::adjustment(&Elements::of(&sac.sac))).collect(),
        taxes: parts::each(&set.txi, tax),
        stated_amount: None,
    }
}

/// CAD repeats the bill of lading that the carrier signed.
fn carrier(cad: &Elements, bill_of_lading: Option<&str>) -> Carrier {
    assert_eq!(cad.text(7).as_deref(), bill_of_lading.and(Some("BM")));
    assert_eq!(cad.text(8).as_deref(), bill_of_lading);
    Carrier { mode: cad.text(1), scac: cad.text(4), name: cad.text(5) }
}

fn line(inner: &_810LoopIT1) -> InvoiceLine {
    let it1 = Elements::of(&inner.it1);
    InvoiceLine {
        line: it1.text(1),
        quantity: it1.quantity(2).unwrap(),
        price: parts::price(&it1).unwrap(),
        item: parts::item(it1.pairs(6)),
        description: inner.loop_pid.first().map(|pid| parts::description(&Elements::of(&pid.pid))),
    }
}

/// TXI02 and 03 are R: with a point, where there is one.
fn tax(txi: &Elements) -> Tax {
    Tax { code: txi.needed(1), amount: txi.decimal(2), percent: txi.decimal(3) }
}
