//! Shipments: several orders, with pallets, with cartons on pallets and off them, with goods in no carton.

use edigate::document::Shipment;
use edigate::document::shipment::{Carton, Pallet, ShippedItem, ShippedOrder};
use jiff::civil::DateTime;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::parts;

pub fn shipment() -> impl Strategy<Value = Shipment> {
    let header = (parts::header(parts::plain_references(), 20), parts::id());
    let left = (parts::day(), parts::time(), of(parts::day()), parts::parties());
    let carried = (of(parts::carrier()), of(select(vec!["CC", "PP"])), of(parts::id()), of(parts::id()));
    let sealed = (of("[0-9]{2,10}"), of("[A-Z0-9]{2,15}"), of(parts::weight()));
    (header, left, carried, sealed, vec(order(), 1..4)).prop_map(|(header, left, carried, sealed, orders)| {
        let (mut header, shipment_id) = header;
        // An 856 has no place for free text.
        header.notes.clear();
        let (day, time, arrives_on, parties) = left;
        let (carrier, freight_payment, bill_of_lading, carrier_reference) = carried;
        let (trailer, seal, weight) = sealed;
        Shipment {
            header,
            shipment_id,
            shipped_at: Some(DateTime::from_parts(day, time)),
            arrives_on,
            parties,
            carrier,
            freight_payment: freight_payment.map(str::to_owned),
            bill_of_lading,
            carrier_reference,
            trailer,
            seal,
            weight,
            orders,
        }
    })
}

fn order() -> impl Strategy<Value = ShippedOrder> {
    let named = (parts::id(), of(parts::id()), of(parts::day()));
    let known = (parts::references(parts::every_reference()), parts::parties());
    (named, known, vec(pallet(), 0..3), vec(carton(), 0..3), vec(item(), 0..3)).prop_map(
        |((po_number, release, ordered_on), (references, parties), pallets, cartons, items)| ShippedOrder {
            po_number,
            release,
            ordered_on,
            references,
            parties,
            pallets,
            cartons,
            items,
        },
    )
}

fn pallet() -> impl Strategy<Value = Pallet> {
    (of(parts::sscc()), vec(carton(), 0..3)).prop_map(|(sscc, cartons)| Pallet { sscc, number: None, cartons })
}

/// With a label, a tracking number, or both.
fn carton() -> impl Strategy<Value = Carton> {
    let marks = prop_oneof![
        (parts::sscc(), of(parts::id())).prop_map(|(sscc, tracking)| (Some(sscc), tracking)),
        parts::id().prop_map(|tracking| (None, Some(tracking))),
    ];
    (marks, of(parts::weight()), vec(item(), 0..3)).prop_map(|((sscc, tracking), weight, items)| Carton {
        sscc,
        number: None,
        tracking,
        weight,
        items,
    })
}

fn item() -> impl Strategy<Value = ShippedItem> {
    let named = (of(parts::id()), parts::item(), of(parts::words(80)), of(parts::id()));
    (named, parts::quantity(), of(parts::quantity())).prop_map(|((line, item, description, lot), quantity, ordered)| {
        ShippedItem { line, item, description, quantity, ordered, lot }
    })
}
