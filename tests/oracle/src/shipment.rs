//! 856: the levels are put together by HL01 and HL02 alone, never by the order in which they stand.

use edigate::document::gs1::Sscc;
use edigate::document::shipment::{Carton, Pallet, Shipment, ShippedItem, ShippedOrder};
use edigate::document::{DateKind, Document, Header, Measure, Reference, ReferenceKind};
use jiff::civil::{Date, DateTime};
use proptest::prelude::*;
use rust_decimal::Decimal;
use x12_types::v005010::{_856, _856LoopHL};

use crate::elements::Elements;
use crate::{codes, make, parts, wire};

proptest! {
    #![proptest_config(wire::config())]

    #[test]
    fn a_shipment_means_what_was_to_be_said(shipment in make::shipment::shipment()) {
        let document = Document::Shipment(shipment);
        let text = wire::write(&document);
        let [set] = wire::sets::<_856>(&text, "SH").try_into().unwrap();
        wire::trailer(&text, &set.st, &set.se, "856");
        totals(&set);
        prop_assert_eq!(wire::told(Document::Shipment(read(&set))), wire::told(document));
    }
}

/// CTT: how many levels, and the sum of what is shipped. TD1: pallets, and the cartons that stand on none.
fn totals(set: &_856) {
    let levels = |level: &str| set.loop_hl.iter().filter(|hl| level_of(hl) == level).collect::<Vec<_>>();
    let ctt = Elements::of(set.ctt.as_ref().unwrap());
    assert_eq!(ctt.count(1), Some(set.loop_hl.len() as u32));
    let shipped: Decimal =
        set.loop_hl.iter().filter_map(|hl| hl.sn1.as_ref()).map(|sn1| Elements::of(sn1).decimal(2).unwrap()).sum();
    assert_eq!(ctt.decimal(2), Some(shipped));

    let pallets = levels("T");
    let is_on_pallet = |carton: &_856LoopHL| pallets.iter().any(|pallet| number(pallet) == parent(carton));
    let loose = levels("P").into_iter().filter(|carton| !is_on_pallet(carton)).count();
    let packages = |kind: &str| -> u32 {
        let td1 = parts::each(&levels("S")[0].td1, |td1| (td1.text(1), td1.count(2)));
        td1.into_iter().filter(|(is, _)| is.as_deref() == Some(kind)).filter_map(|(_, count)| count).sum()
    };
    assert_eq!(packages("PLT94"), pallets.len() as u32);
    assert_eq!(packages("CTN25"), loose as u32);
    let structure = if pallets.is_empty() && loose == 0 { "0004" } else { "0001" };
    assert_eq!(Elements::of(&set.bsn).needed(5), structure);
}

fn level_of(hl: &_856LoopHL) -> String {
    Elements::of(&hl.hl).needed(3)
}

fn number(hl: &_856LoopHL) -> Option<u32> {
    Elements::of(&hl.hl).count(1)
}

fn parent(hl: &_856LoopHL) -> Option<u32> {
    Elements::of(&hl.hl).count(2)
}

/// The levels of one kind right below another one.
fn below<'a>(set: &'a _856, above: &_856LoopHL, level: &str) -> Vec<&'a _856LoopHL> {
    set.loop_hl.iter().filter(|hl| parent(hl) == number(above) && level_of(hl) == level).collect()
}

fn read(set: &_856) -> Shipment {
    for (index, hl) in set.loop_hl.iter().enumerate() {
        assert_eq!(number(hl), Some(index as u32 + 1), "levels count from 1");
        assert!(parent(hl) < number(hl), "a parent stands before its children");
    }
    let [top] = set.loop_hl.iter().filter(|hl| parent(hl).is_none()).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(level_of(top), "S");

    let bsn = Elements::of(&set.bsn);
    let shipped_at = DateTime::from_parts(bsn.date(3).unwrap(), bsn.time(4).unwrap());
    let date = |kind: DateKind| -> Option<Date> {
        let dates = parts::each(&top.dtm, parts::dated);
        dates.into_iter().find(|event| event.is == kind).map(|event| event.on)
    };
    assert_eq!(date(DateKind::Shipped), Some(shipped_at.date()));
    let mut references = parts::each(&top.r#ref, parts::reference);
    let td3 = top.loop_td3.first().map(|td3| Elements::of(&td3.td3));
    Shipment {
        bill_of_lading: take(&mut references, ReferenceKind::BillOfLading),
        carrier_reference: take(&mut references, ReferenceKind::CarrierReference),
        header: Header { purpose: codes::purpose(bsn.needed(1)), references, ..Header::default() },
        shipment_id: bsn.needed(2),
        shipped_at: Some(shipped_at),
        arrives_on: date(DateKind::EstimatedDelivery),
        parties: parties(top),
        carrier: parts::one(&top.td5, parts::carrier),
        freight_payment: top.fob.as_ref().map(|fob| Elements::of(fob).needed(1)),
        trailer: td3.as_ref().and_then(|td3| td3.text(3)),
        seal: td3.as_ref().and_then(|td3| td3.text(9)),
        weight: weight(top),
        orders: below(set, top, "O").into_iter().map(|hl| order(set, hl)).collect(),
    }
}

fn take(references: &mut Vec<Reference>, kind: ReferenceKind) -> Option<String> {
    let index = references.iter().position(|reference| reference.is == kind)?;
    Some(references.remove(index).value)
}

fn parties(hl: &_856LoopHL) -> Vec<edigate::document::party::Party> {
    hl.loop_n1.iter().map(|n1| parts::party(&n1.n1, &n1.n2, &n1.n3, n1.n4.as_ref())).collect()
}

/// The gross weight (G) of a level; it is told once.
fn weight(hl: &_856LoopHL) -> Option<Measure> {
    let weights = parts::each(&hl.td1, |td1| {
        assert_eq!(td1.text(6).as_deref(), td1.text(7).and(Some("G")));
        td1.measure(7)
    });
    let mut told = weights.into_iter().flatten();
    let weight = told.next();
    assert_eq!(told.next(), None);
    weight
}

fn order(set: &_856, hl: &_856LoopHL) -> ShippedOrder {
    let prf = Elements::of(hl.prf.as_ref().unwrap());
    ShippedOrder {
        po_number: prf.needed(1),
        release: prf.text(2),
        ordered_on: prf.date(4),
        references: parts::each(&hl.r#ref, parts::reference),
        parties: parties(hl),
        pallets: below(set, hl, "T").into_iter().map(|hl| pallet(set, hl)).collect(),
        cartons: below(set, hl, "P").into_iter().map(|hl| carton(set, hl)).collect(),
        items: below(set, hl, "I").into_iter().map(item).collect(),
    }
}

/// MAN: GM is the label's barcode, its application identifier 00 included; CP is the parcel carrier's number.
fn mark(hl: &_856LoopHL, qualifier: &str) -> Option<String> {
    let marks = parts::each(&hl.man, |man| (man.needed(1), man.needed(2)));
    marks.into_iter().find(|(is, _)| is == qualifier).map(|(_, mark)| mark)
}

fn sscc(hl: &_856LoopHL) -> Option<Sscc> {
    let mark = mark(hl, "GM")?;
    assert_eq!(mark.len(), 20);
    Some(Sscc::parse(mark.strip_prefix("00").unwrap()).unwrap())
}

fn pallet(set: &_856, hl: &_856LoopHL) -> Pallet {
    let cartons = below(set, hl, "P").into_iter().map(|hl| carton(set, hl)).collect();
    Pallet { sscc: sscc(hl), number: None, cartons }
}

fn carton(set: &_856, hl: &_856LoopHL) -> Carton {
    Carton {
        sscc: sscc(hl),
        number: None,
        tracking: mark(hl, "CP"),
        weight: weight(hl),
        items: below(set, hl, "I").into_iter().map(item).collect(),
    }
}

/// LIN with the lot (LT) among its numbers, SN1 with what is here and what was ordered.
fn item(hl: &_856LoopHL) -> ShippedItem {
    let lin = Elements::of(hl.lin.as_ref().unwrap());
    let sn1 = Elements::of(hl.sn1.as_ref().unwrap());
    let (lots, numbers): (Vec<_>, Vec<_>) = lin.pairs(2).into_iter().partition(|(qualifier, _)| qualifier == "LT");
    ShippedItem {
        line: lin.text(1),
        item: parts::item(numbers),
        lot: lots.into_iter().next().map(|(_, lot)| lot),
        description: parts::one(&hl.pid, parts::description),
        quantity: sn1.quantity(2).unwrap(),
        ordered: sn1.quantity(5),
    }
}
