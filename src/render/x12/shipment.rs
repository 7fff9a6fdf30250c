//! Shipment to 856: pick and pack (0001), with a pallet level where there are pallets, or without cartons (0004).

use std::fmt::Arguments;

use rust_decimal::Decimal;

use super::draft::{Draft, Text, count, date, none, number, text, word};
use super::{codes, parts};
use crate::diagnostic::codes::document::NO_CARTON_CODE;
use crate::document::gs1::Sscc;
use crate::document::shipment::{Carton, Pallet, Shipment, ShippedItem, ShippedOrder};
use crate::document::{Measure, Quantity};
use crate::x12::value::write_time4;

/// The numbers of the HL segments.
#[derive(Default)]
struct Levels {
    last: u32,
}

impl Levels {
    /// Writes the next level below a parent (0 for none) and returns its number.
    fn open(&mut self, parent: u32, level: &str, draft: &mut Draft) -> u32 {
        self.last += 1;
        let parent = if parent == 0 { none() } else { count(parent) };
        draft.push("HL", [count(self.last), parent, word(level)]);
        self.last
    }
}

pub(super) fn write(shipment: &Shipment, draft: &mut Draft) {
    let shipment_id = draft.needed(Some(word(&shipment.shipment_id)), "shipment_id", "BSN02");
    let shipped_on = shipment.shipped_at.map(|at| date(Some(at.date())));
    let day = draft.needed(shipped_on, "shipped_at", "BSN03");
    let time: Text<'_> = shipment.shipped_at.map(|at| write_time4(at.time()).into()).unwrap_or_default();
    let has_packs = shipment.orders.iter().any(|order| !order.pallets.is_empty() || !order.cartons.is_empty());
    let structure = if has_packs { "0001" } else { "0004" };
    draft.push("BSN", [word(codes::purpose(&shipment.header.purpose)), shipment_id, day, time, word(structure)]);

    let mut levels = Levels::default();
    let top = levels.open(0, "S", draft);
    shipment_level(shipment, draft);
    if shipment.orders.is_empty() {
        draft.needed(None, "orders", "PRF01");
    }
    for (index, shipped) in shipment.orders.iter().enumerate() {
        order(shipped, top, format_args!("orders[{index}]"), &mut levels, draft);
    }
    let sum: Decimal = shipment.orders.iter().flat_map(ShippedOrder::all_items).map(|item| item.quantity.value).sum();
    draft.push("CTT", [count(levels.last), number(sum)]);
}

fn shipment_level(shipment: &Shipment, draft: &mut Draft) {
    lading(shipment, draft);
    parts::carrier(shipment.carrier.as_ref(), draft);
    if shipment.trailer.is_some() || shipment.seal.is_some() {
        let [e4, e5, e6, e7, e8] = [none(), none(), none(), none(), none()];
        let (trailer, seal) = (text(shipment.trailer.as_deref()), text(shipment.seal.as_deref()));
        draft.push("TD3", [word("TL"), none(), trailer, e4, e5, e6, e7, e8, seal]);
    }
    parts::reference("BM", shipment.bill_of_lading.as_deref(), draft);
    parts::reference("CN", shipment.carrier_reference.as_deref(), draft);
    parts::references(&shipment.header.references, draft);
    if let Some(at) = shipment.shipped_at {
        draft.push("DTM", [word("011"), date(Some(at.date()))]);
    }
    if let Some(on) = shipment.arrives_on {
        draft.push("DTM", [word("017"), date(Some(on))]);
    }
    draft.push("FOB", [text(shipment.freight_payment.as_deref())]);
    parts::parties(&shipment.parties, draft);
}

/// TD1: what can be counted on the dock. Pallets first, then the cartons that stand on none; the weight with the first.
fn lading(shipment: &Shipment, draft: &mut Draft) {
    let pallets: usize = shipment.orders.iter().map(|order| order.pallets.len()).sum();
    let cartons: usize = shipment.orders.iter().map(|order| order.cartons.len()).sum();
    let mut weight = weight(shipment.weight.as_ref());
    for (kind, how_many) in [("PLT94", pallets), ("CTN25", cartons)] {
        if how_many > 0 {
            let [gross, value, unit] = std::mem::take(&mut weight);
            draft.push("TD1", [word(kind), count(how_many), none(), none(), none(), gross, value, unit]);
        }
    }
    let [gross, value, unit] = weight;
    draft.push("TD1", [none(), none(), none(), none(), none(), gross, value, unit]);
}

fn weight(weight: Option<&Measure>) -> [Text<'_>; 3] {
    weight.map_or_else(Default::default, |weight| [word("G"), number(weight.value), word(&weight.unit)])
}

fn order(order: &ShippedOrder, parent: u32, path: Arguments<'_>, levels: &mut Levels, draft: &mut Draft) {
    let level = levels.open(parent, "O", draft);
    let po_number = draft.needed(Some(word(&order.po_number)), format_args!("{path}.po_number"), "PRF01");
    draft.push("PRF", [po_number, text(order.release.as_deref()), none(), date(order.ordered_on)]);
    parts::references(&order.references, draft);
    parts::parties(&order.parties, draft);
    for (index, one) in order.pallets.iter().enumerate() {
        pallet(one, level, format_args!("{path}.pallets[{index}]"), levels, draft);
    }
    for (index, one) in order.cartons.iter().enumerate() {
        carton(one, level, format_args!("{path}.cartons[{index}]"), levels, draft);
    }
    for (index, one) in order.items.iter().enumerate() {
        item(one, level, format_args!("{path}.items[{index}]"), levels, draft);
    }
}

fn pallet(pallet: &Pallet, parent: u32, path: Arguments<'_>, levels: &mut Levels, draft: &mut Draft) {
    let level = levels.open(parent, "T", draft);
    container_code(pallet.sscc.as_ref(), draft);
    for (index, one) in pallet.cartons.iter().enumerate() {
        carton(one, level, format_args!("{path}.cartons[{index}]"), levels, draft);
    }
}

fn carton(carton: &Carton, parent: u32, path: Arguments<'_>, levels: &mut Levels, draft: &mut Draft) {
    let level = levels.open(parent, "P", draft);
    if carton.weight.is_some() {
        let [gross, value, unit] = weight(carton.weight.as_ref());
        draft.push("TD1", [word("CTN25"), word("1"), none(), none(), none(), gross, value, unit]);
    }
    container_code(carton.sscc.as_ref(), draft);
    if let Some(tracking) = &carton.tracking {
        draft.push("MAN", [word("CP"), word(tracking)]);
    }
    if carton.sscc.is_none() && carton.tracking.is_none() {
        let which = carton.number.as_deref().unwrap_or("?");
        draft.report(&NO_CARTON_CODE, path, format!("carton {which} has neither an SSCC nor a tracking number"));
    }
    for (index, one) in carton.items.iter().enumerate() {
        item(one, level, format_args!("{path}.items[{index}]"), levels, draft);
    }
}

/// The 20 digits of the label's barcode: application identifier 00 and the SSCC.
fn container_code(sscc: Option<&Sscc>, draft: &mut Draft) {
    if let Some(sscc) = sscc {
        draft.push("MAN", [word("GM"), ["00", sscc.as_str()].concat().into()]);
    }
}

fn item(item: &ShippedItem, parent: u32, path: Arguments<'_>, levels: &mut Levels, draft: &mut Draft) {
    levels.open(parent, "I", draft);
    let mut elements = vec![text(item.line.as_deref())];
    elements.extend(parts::item(&item.item));
    if let Some(lot) = &item.lot {
        elements.extend([word("LT"), word(lot)]);
    }
    if elements.len() < 3 {
        draft.needed(None, format_args!("{path}.item"), "LIN02");
    }
    draft.push("LIN", elements);
    let Quantity { value, unit } = &item.quantity;
    let (ordered, ordered_unit) = match &item.ordered {
        Some(ordered) => (number(ordered.value), word(&ordered.unit)),
        None => (none(), none()),
    };
    draft.push("SN1", [none(), number(*value), word(unit), none(), ordered, ordered_unit]);
    parts::description(item.description.as_deref(), format_args!("{path}.description"), draft);
}
