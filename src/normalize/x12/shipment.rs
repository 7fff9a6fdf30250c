//! 856 to shipment: the flat HL loops put back into their tree by the parent's number.
//!
//! ```text
//! S-O-P-I    carton 1 holds item A and item B
//! S-O-I-P    item A, 24 EA, in cartons 1 and 2 below it: carton 1 holds 12 EA of A, carton 2 as much
//! ```
//!
//! A standard pack says of an item in which cartons it is; they hold the same of it, unless a carton says by an SN1 of its own
//! how much it holds. What cannot be shared out so has no quantity and is not guessed.

use std::collections::HashMap;

use jiff::civil::Time;
use rust_decimal::Decimal;

use super::reading::Reading;
use super::{codes, parts};
use crate::diagnostic::codes::document::{BAD_GS1_NUMBER, HIERARCHY, MISSING_VALUE};
use crate::document::gs1::Sscc;
use crate::document::shipment::{Carton, Pallet, Shipment, ShippedItem, ShippedOrder};
use crate::document::{DateKind, Header, Measure, Quantity, Reference, ReferenceKind, SCHEMA_VERSION};
use crate::x12::check::Loop;
use crate::x12::segment::Segment;

/// The HL loops by number of their parent, in the order of the file.
struct Hierarchy<'a> {
    children: HashMap<String, Vec<Loop<'a>>>,
    /// BSN05 says that cartons stand below their items.
    is_standard_pack: bool,
}

impl<'a> Hierarchy<'a> {
    fn of(set: &Loop<'a>) -> Self {
        let mut children: HashMap<String, Vec<Loop>> = HashMap::new();
        for level in set.loops("HL") {
            let Some(hl) = level.segment("HL") else { continue };
            children.entry(hl.text(2).into_owned()).or_default().push(level);
        }
        let is_standard_pack = set.segment("BSN").is_some_and(|bsn| bsn.text(5) == "0002");
        Hierarchy { children, is_standard_pack }
    }

    /// The levels directly below one; those below nothing for an empty number.
    fn below(&self, number: &str) -> &[Loop<'a>] {
        self.children.get(number).map_or(&[], Vec::as_slice)
    }

    /// True when a level of that kind stands directly below one.
    fn has_below(&self, number: &str, code: &str) -> bool {
        self.below(number).iter().any(|inner| hl(inner).1 == code)
    }
}

fn hl<'a>(level: &Loop<'a>) -> (String, String, Option<Segment<'a>>) {
    let segment = level.segment("HL");
    let text = |element| segment.map(|hl| hl.text(element).into_owned()).unwrap_or_default();
    (text(1), text(3), segment)
}

fn misplaced(level: &Loop<'_>, below: &str, reading: &mut Reading) {
    if let (number, code, Some(segment)) = hl(level) {
        let message =
            format!("HL {number} is of level {code} and stands below {below}; what it holds was not taken over");
        reading.report(&HIERARCHY, segment, Some(3), message);
    }
}

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<Shipment> {
    let bsn = set.segment("BSN")?;
    let shipment_id = reading.required(bsn, 2, "shipment id");
    reading.take_if(bsn, 5, &["0001", "0002", "0004"]);
    let tree = Hierarchy::of(set);
    let mut shipment = Shipment {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bsn, 1).map(|code| codes::purpose(&code)).unwrap_or_default(),
            ..Header::default()
        },
        shipment_id: shipment_id?,
        ..Shipment::default()
    };
    let written_on = reading.date(bsn, 3);
    let written_at = reading.time(bsn, 4).unwrap_or(Time::midnight());
    shipment.shipped_at = written_on.map(|on| on.to_datetime(written_at));
    for level in tree.below("") {
        match hl(level) {
            (number, code, _) if code == "S" => {
                shipment_level(&mut shipment, level, written_at, reading);
                orders_below(&mut shipment, &number, &tree, reading);
            }
            _ => misplaced(level, "nothing", reading),
        }
    }
    if shipment.orders.is_empty() {
        reading.report(&MISSING_VALUE, bsn, None, "the ship notice names no order".to_owned());
    }
    Some(shipment)
}

fn shipment_level(shipment: &mut Shipment, level: &Loop<'_>, written_at: Time, reading: &mut Reading) {
    for td1 in level.segments("TD1") {
        // How many of what there are can be counted in the tree itself.
        reading.take_if(td1, 1, &["CTN25", "PLT94"]);
        reading.take(td1, 2);
        shipment.weight = shipment.weight.take().or_else(|| weight(td1, reading));
    }
    if let Some(td3) = level.segment("TD3") {
        reading.take_if(td3, 1, &["TL"]);
        shipment.trailer = reading.text(td3, 3);
        shipment.seal = reading.text(td3, 9);
    }
    shipment.carrier = parts::carrier(level, reading);
    let mut references = parts::references(level, reading);
    shipment.bill_of_lading = take(&mut references, &ReferenceKind::BillOfLading);
    shipment.carrier_reference = take(&mut references, &ReferenceKind::CarrierReference);
    shipment.header.references = references;
    shipment.header.notes = parts::contacts(level, reading);
    for dtm in level.segments("DTM") {
        match codes::date(&dtm.text(1)) {
            DateKind::Shipped => {
                let Some(event) = parts::date(dtm, reading) else { continue };
                let at = event.at.unwrap_or(written_at);
                shipment.shipped_at = Some(event.on.to_datetime(at));
            }
            DateKind::EstimatedDelivery => shipment.arrives_on = parts::date(dtm, reading).map(|event| event.on),
            _ => {}
        }
    }
    shipment.freight_payment = level.segment("FOB").and_then(|fob| reading.text(fob, 1));
    shipment.parties = parts::parties(level, reading);
}

fn take(references: &mut Vec<Reference>, kind: &ReferenceKind) -> Option<String> {
    let index = references.iter().position(|reference| reference.is == *kind)?;
    Some(references.remove(index).value)
}

fn weight(td1: Segment<'_>, reading: &mut Reading) -> Option<Measure> {
    reading.take_if(td1, 6, &["G"]);
    let value = reading.decimal(td1, 7);
    let unit = reading.text(td1, 8);
    Some(Measure { value: value?, unit: unit? })
}

fn orders_below(shipment: &mut Shipment, number: &str, tree: &Hierarchy, reading: &mut Reading) {
    for level in tree.below(number) {
        match hl(level) {
            (number, code, Some(segment)) if code == "O" => {
                shipment.orders.extend(order(level, segment, &number, tree, reading));
            }
            _ => misplaced(level, "the shipment", reading),
        }
    }
}

fn order(
    level: &Loop<'_>,
    hl_segment: Segment<'_>,
    number: &str,
    tree: &Hierarchy,
    reading: &mut Reading,
) -> Option<ShippedOrder> {
    let Some(prf) = level.segment("PRF") else {
        reading.report(&MISSING_VALUE, hl_segment, None, "an order level has no PRF and so no order number".to_owned());
        return None;
    };
    let mut order = ShippedOrder {
        po_number: reading.required(prf, 1, "purchase order number")?,
        release: reading.text(prf, 2),
        ordered_on: reading.date(prf, 4),
        references: parts::references(level, reading),
        parties: parts::parties(level, reading),
        ..ShippedOrder::default()
    };
    for inner in tree.below(number) {
        let (number, code, _) = hl(inner);
        match code.as_str() {
            "T" => order.pallets.push(pallet(inner, &number, tree, reading)),
            "P" => order.cartons.push(carton(inner, &number, tree, reading)),
            "I" => {
                let goods = goods(inner, &number, tree, reading);
                order.pallets.extend(goods.pallets);
                order.cartons.extend(goods.cartons);
                order.items.extend(goods.loose);
            }
            _ => misplaced(inner, "an order", reading),
        }
    }
    Some(order)
}

fn pallet(level: &Loop<'_>, number: &str, tree: &Hierarchy, reading: &mut Reading) -> Pallet {
    let mut pallet = empty_pallet(level, reading);
    for inner in tree.below(number) {
        match hl(inner) {
            (number, code, _) if code == "P" => pallet.cartons.push(carton(inner, &number, tree, reading)),
            (number, code, _) if code == "I" && tree.is_standard_pack && tree.has_below(&number, "P") => {
                pallet.cartons.extend(goods(inner, &number, tree, reading).cartons);
            }
            _ => misplaced(inner, "a pallet", reading),
        }
    }
    pallet
}

fn empty_pallet(level: &Loop<'_>, reading: &mut Reading) -> Pallet {
    let mut marks = marks(level, reading);
    // A pallet has no tracking number of its own in the model; the number tells it apart as well.
    Pallet { sscc: marks.sscc, number: marks.number.take().or(marks.tracking), cartons: Vec::new() }
}

fn carton(level: &Loop<'_>, number: &str, tree: &Hierarchy, reading: &mut Reading) -> Carton {
    let mut carton = empty_carton(level, reading);
    for inner in tree.below(number) {
        match hl(inner) {
            (number, code, _) if code == "I" => carton.items.extend(item_alone(inner, &number, tree, reading)),
            _ => misplaced(inner, "a carton", reading),
        }
    }
    carton
}

fn empty_carton(level: &Loop<'_>, reading: &mut Reading) -> Carton {
    let marks = marks(level, reading);
    let weight = level.segment("TD1").and_then(|td1| {
        reading.take_if(td1, 1, &["CTN25"]);
        reading.take_if(td1, 2, &["1"]);
        weight(td1, reading)
    });
    Carton { sscc: marks.sscc, number: marks.number, tracking: marks.tracking, weight, items: Vec::new() }
}

/// What an item level stands for: goods without a carton, or the cartons below it, on pallets or not.
#[derive(Default)]
struct Goods {
    pallets: Vec<Pallet>,
    cartons: Vec<Carton>,
    loose: Option<ShippedItem>,
}

impl Goods {
    fn all_cartons(&mut self) -> impl Iterator<Item = &mut Carton> {
        self.pallets.iter_mut().flat_map(|pallet| &mut pallet.cartons).chain(&mut self.cartons)
    }
}

fn goods(level: &Loop<'_>, number: &str, tree: &Hierarchy, reading: &mut Reading) -> Goods {
    if !tree.is_standard_pack {
        return Goods { loose: item_alone(level, number, tree, reading), ..Goods::default() };
    }
    let Some(item) = item(level, reading) else { return Goods::default() };
    let mut goods = Goods::default();
    for inner in tree.below(number) {
        match hl(inner) {
            (number, code, _) if code == "T" => {
                goods.pallets.push(pallet_of(&item, inner, &number, tree, reading));
            }
            (number, code, _) if code == "P" => {
                goods.cartons.push(carton_of(&item, inner, &number, tree, reading));
            }
            _ => misplaced(inner, "an item", reading),
        }
    }
    if goods.all_cartons().next().is_none() {
        goods.loose = Some(item);
    } else if !share_out(&item, &mut goods)
        && let (number, _, Some(segment)) = hl(level)
    {
        let message = format!("HL {number} does not say how much of its item is in each carton below it");
        reading.report(&MISSING_VALUE, segment, None, message);
    }
    goods
}

/// A pallet below the item that all of its cartons hold.
fn pallet_of(item: &ShippedItem, level: &Loop<'_>, number: &str, tree: &Hierarchy, reading: &mut Reading) -> Pallet {
    let mut pallet = empty_pallet(level, reading);
    for inner in tree.below(number) {
        match hl(inner) {
            (number, code, _) if code == "P" => pallet.cartons.push(carton_of(item, inner, &number, tree, reading)),
            _ => misplaced(inner, "a pallet of one item", reading),
        }
    }
    pallet
}

/// A carton below the item that it holds; how much of it, it may say itself.
fn carton_of(item: &ShippedItem, level: &Loop<'_>, number: &str, tree: &Hierarchy, reading: &mut Reading) -> Carton {
    let mut carton = empty_carton(level, reading);
    let told = level.segment("SN1").and_then(|sn1| parts::quantity(sn1, 2, 3, reading));
    carton.items.extend(told.map(|quantity| ShippedItem { quantity, ..item.clone() }));
    tree.below(number).iter().for_each(|inner| misplaced(inner, "a carton of one item", reading));
    carton
}

/// Shares what an item level has among the cartons that do not say how much they hold. False when that does not come out.
fn share_out(item: &ShippedItem, goods: &mut Goods) -> bool {
    let told: Vec<&Quantity> = goods.all_cartons().flat_map(|carton| &carton.items).map(|one| &one.quantity).collect();
    if told.iter().any(|told| told.unit != item.quantity.unit) {
        return false;
    }
    let left = item.quantity.value - told.iter().map(|told| told.value).sum::<Decimal>();
    let silent = goods.all_cartons().filter(|carton| carton.items.is_empty()).count();
    if silent == 0 {
        return left.is_zero();
    }
    let share = left / Decimal::from(silent);
    let comes_out = share > Decimal::ZERO && (share.is_integer() || !left.is_integer());
    if !comes_out || share * Decimal::from(silent) != left {
        return false;
    }
    for carton in goods.all_cartons().filter(|carton| carton.items.is_empty()) {
        let quantity = Quantity { value: share, unit: item.quantity.unit.clone() };
        carton.items.push(ShippedItem { quantity, ..item.clone() });
    }
    true
}

#[derive(Default)]
struct Marks {
    sscc: Option<Sscc>,
    tracking: Option<String>,
    number: Option<String>,
}

/// MAN: a container code, a tracking number, any other mark.
fn marks(level: &Loop<'_>, reading: &mut Reading) -> Marks {
    let mut marks = Marks::default();
    for man in level.segments("MAN") {
        let Some(value) = reading.text(man, 2) else { continue };
        match reading.code(man, 1).as_deref() {
            Some("GM" | "AA") => match Sscc::parse(&value) {
                Ok(sscc) => marks.sscc = Some(sscc),
                Err(error) => {
                    reading.report(&BAD_GS1_NUMBER, man, Some(2), format!("container code: {error}"));
                    marks.number = Some(value);
                }
            },
            Some("CP") => marks.tracking = Some(value),
            _ => marks.number = marks.number.take().or(Some(value)),
        }
    }
    marks
}

/// An item that nothing stands below.
fn item_alone(level: &Loop<'_>, number: &str, tree: &Hierarchy, reading: &mut Reading) -> Option<ShippedItem> {
    for inner in tree.below(number) {
        misplaced(inner, "an item", reading);
    }
    item(level, reading)
}

fn item(level: &Loop<'_>, reading: &mut Reading) -> Option<ShippedItem> {
    let lin = level.segment("LIN");
    let Some(sn1) = level.segment("SN1") else {
        if let (_, _, Some(segment)) = hl(level) {
            reading.report(&MISSING_VALUE, segment, None, "an item level has no SN1 and so no quantity".to_owned());
        }
        return None;
    };
    let mut ids = lin.map(|lin| parts::item(lin, 2, reading)).unwrap_or_default();
    let lot = ids.other.iter().position(|id| id.is == "LT").map(|index| ids.other.remove(index).value);
    let line = lin.and_then(|lin| reading.text(lin, 1)).or_else(|| reading.text(sn1, 1));
    let ordered = parts::quantity(sn1, 5, 6, reading);
    let description = parts::description(level, reading);
    let quantity = parts::required_quantity(sn1, 2, 3, "quantity shipped", reading)?;
    Some(ShippedItem { line, item: ids, description, quantity, ordered, lot })
}
