//! A ship notice, completed: each order in it is known, each item has its line, each carton its code.

use std::collections::HashSet;

use super::lines::{Lines, WantedLine, fill_unit};
use super::{Findings, KnownOrder, Wanted, fill_header, fill_or_compare, fill_parties, fill_references, find_order};
use crate::config::Us;
use crate::config::partner::PartnerId;
use crate::diagnostic::codes::document::{
    DUPLICATE_SSCC, MISSING_VALUE, MIXED_SHIPMENT, NO_COMPANY_PREFIX, OVER_SHIPPED, SSCC_MINTED,
};
use crate::document::gs1::Sscc;
use crate::document::party::{Party, PartyRole};
use crate::document::shipment::{Carton, Shipment, ShippedItem, ShippedOrder};
use crate::document::{Document, Purpose};

pub(super) fn complete(
    shipment: &mut Shipment,
    orders: &[KnownOrder],
    earlier: &[Document],
    us: &Us,
    mint: &mut dyn FnMut() -> Option<Sscc>,
    findings: &mut Findings,
) -> Option<PartnerId> {
    let earlier: Vec<&Shipment> = earlier_shipments(shipment, earlier);
    let found = find_orders(shipment, orders, findings);
    let first = &orders[*found.iter().flatten().next()?];
    check_one_receiver(shipment, &found, orders, findings);

    let mut lines: Vec<Option<Lines<'_>>> = orders.iter().map(|_| None).collect();
    for (index, at) in found.iter().enumerate() {
        let Some(at) = *at else { continue };
        let order_lines = lines[at].get_or_insert_with(|| lines_left(&orders[at], &earlier));
        fill_order(&mut shipment.orders[index], &orders[at], order_lines, index, findings);
    }
    for order_lines in lines.iter().flatten() {
        order_lines.report_surplus(&OVER_SHIPPED, "shipped", "orders", findings);
    }
    fill_header(&mut shipment.header, first);
    fill_shipment(shipment, first, us, findings);
    check_codes(shipment, &earlier, findings);
    if !findings.any_error() {
        mint_codes(shipment, mint, findings);
    }
    Some(first.partner.clone())
}

/// Other shipments that were not taken back; an earlier revision of this one does not count.
fn earlier_shipments<'e>(shipment: &Shipment, earlier: &'e [Document]) -> Vec<&'e Shipment> {
    let others = earlier.iter().filter_map(|document| match document {
        Document::Shipment(other) => Some(other),
        _ => None,
    });
    others
        .filter(|other| other.shipment_id != shipment.shipment_id && other.header.purpose != Purpose::Cancel)
        .collect()
}

fn find_orders(shipment: &Shipment, orders: &[KnownOrder], findings: &mut Findings) -> Vec<Option<usize>> {
    if shipment.orders.is_empty() {
        findings.report(&MISSING_VALUE, "orders", "the ship notice names no order".to_owned());
    }
    let ship_to = ship_to_code(&shipment.parties);
    let find = |(index, shipped): (usize, &ShippedOrder)| {
        let wanted = Wanted {
            po_number: &shipped.po_number,
            release: shipped.release.as_deref(),
            partner: &shipment.header.partner,
            ship_to,
            path: &format!("orders[{index}].po_number"),
        };
        find_order(&wanted, orders, findings)
    };
    shipment.orders.iter().enumerate().map(find).collect()
}

fn ship_to_code(parties: &[Party]) -> Option<&str> {
    let ship_to = parties.iter().find(|party| party.role == PartyRole::ShipTo)?;
    ship_to.code.as_ref().map(|code| code.value.as_str())
}

/// One partner, and one ship-to unless the document itself names the place (a store of several orders).
fn check_one_receiver(shipment: &Shipment, found: &[Option<usize>], orders: &[KnownOrder], findings: &mut Findings) {
    let mut known = found.iter().flatten().map(|at| &orders[*at]);
    let Some(first) = known.next() else { return };
    for other in known {
        let mixed = if other.partner != first.partner {
            format!(
                "order {} is from {}, order {} from {}",
                first.order.po_number, first.partner, other.order.po_number, other.partner
            )
        } else if ship_to_code(&shipment.parties).is_none() && other.order.ship_to_code() != first.order.ship_to_code()
        {
            let place = |known: &KnownOrder| known.order.ship_to_code().unwrap_or("nowhere").to_owned();
            format!(
                "order {} goes to {}, order {} to {}",
                first.order.po_number,
                place(first),
                other.order.po_number,
                place(other)
            )
        } else {
            continue;
        };
        findings.report(&MIXED_SHIPMENT, "orders", mixed);
        return;
    }
}

/// The order's lines with what earlier shipments took of them.
fn lines_left<'o>(known: &'o KnownOrder, earlier: &[&Shipment]) -> Lines<'o> {
    let mut lines = Lines::of(&known.order);
    let same_partner = earlier.iter().filter(|shipment| shipment.header.partner == known.partner.as_str());
    for shipped in same_partner.flat_map(|shipment| &shipment.orders) {
        if shipped.po_number == known.order.po_number && shipped.release == known.order.release {
            for item in shipped.all_items() {
                lines.use_up(item.line.as_deref(), &item.item, item.quantity.value);
            }
        }
    }
    lines
}

fn fill_order(
    shipped: &mut ShippedOrder,
    known: &KnownOrder,
    lines: &mut Lines<'_>,
    index: usize,
    findings: &mut Findings,
) {
    let (order, path) = (&known.order, format!("orders[{index}]"));
    fill_or_compare(&mut shipped.ordered_on, Some(&order.ordered_on), &format!("{path}.ordered_on"), findings);
    shipped.release.clone_from(&order.release);
    fill_references(&mut shipped.references, order);
    fill_parties(&mut shipped.parties, &[PartyRole::Buyer, PartyRole::MarkFor], order, findings);
    each_item(shipped, &path, &mut |item, path| fill_item(item, lines, path, findings));
}

/// Every item of an order with its path, those on pallets first.
fn each_item(shipped: &mut ShippedOrder, path: &str, visit: &mut dyn FnMut(&mut ShippedItem, &str)) {
    let mut cartons = |cartons: &mut [Carton], path: &str| {
        for (carton_index, carton) in cartons.iter_mut().enumerate() {
            for (index, item) in carton.items.iter_mut().enumerate() {
                visit(item, &format!("{path}.cartons[{carton_index}].items[{index}]"));
            }
        }
    };
    for (index, pallet) in shipped.pallets.iter_mut().enumerate() {
        cartons(&mut pallet.cartons, &format!("{path}.pallets[{index}]"));
    }
    cartons(&mut shipped.cartons, path);
    for (index, item) in shipped.items.iter_mut().enumerate() {
        visit(item, &format!("{path}.items[{index}]"));
    }
}

fn fill_item(item: &mut ShippedItem, lines: &mut Lines<'_>, path: &str, findings: &mut Findings) {
    let wanted = WantedLine { line: item.line.as_deref(), item: &item.item, quantity: item.quantity.value, path };
    let Some((_, ordered)) = lines.find(&wanted, findings) else { return };
    item.line = Some(ordered.line.clone());
    item.item.fill_from(&ordered.item);
    item.description = item.description.take().or_else(|| ordered.description.clone());
    item.ordered = Some(ordered.quantity.clone());
    fill_unit(&mut item.quantity, ordered, path, findings);
}

fn fill_shipment(shipment: &mut Shipment, first: &KnownOrder, us: &Us, findings: &mut Findings) {
    let has_ship_from = shipment.parties.iter().any(|party| party.role == PartyRole::ShipFrom);
    if let Some(ship_from) = us.ship_from.as_ref().filter(|_| !has_ship_from) {
        shipment.parties.insert(0, Party { role: PartyRole::ShipFrom, ..ship_from.clone() });
    }
    fill_parties(&mut shipment.parties, &[PartyRole::ShipTo], &first.order, findings);
    shipment.freight_payment = shipment.freight_payment.take().or_else(|| first.order.freight_payment.clone());
    // The order's carrier is a wish; it says how the goods move only where it is the one that moves them.
    if let (Some(carrier), Some(wished)) = (&mut shipment.carrier, &first.order.carrier)
        && carrier.scac == wished.scac
    {
        carrier.mode = carrier.mode.take().or_else(|| wished.mode.clone());
        carrier.name = carrier.name.take().or_else(|| wished.name.clone());
    }
}

/// Every code of this shipment and of earlier ones is another.
fn check_codes(shipment: &Shipment, earlier: &[&Shipment], findings: &mut Findings) {
    let before: HashSet<&Sscc> = earlier.iter().flat_map(|shipment| codes(shipment)).collect();
    let mut seen = HashSet::new();
    for code in codes(shipment) {
        if before.contains(code) {
            let message = format!("SSCC {code} was on an earlier shipment");
            findings.report(&DUPLICATE_SSCC, "orders", message).found = Some(code.to_string());
        } else if !seen.insert(code) {
            let message = format!("SSCC {code} is on two cartons or pallets");
            findings.report(&DUPLICATE_SSCC, "orders", message).found = Some(code.to_string());
        }
    }
}

fn codes(shipment: &Shipment) -> impl Iterator<Item = &Sscc> {
    let pallets = shipment.orders.iter().flat_map(|order| &order.pallets).filter_map(|pallet| pallet.sscc.as_ref());
    pallets.chain(shipment.cartons().filter_map(|carton| carton.sscc.as_ref()))
}

/// Makes the codes that are missing. A carton with a tracking number can go without, if none can be made; that none can
/// be made is said once.
fn mint_codes(shipment: &mut Shipment, mint: &mut dyn FnMut() -> Option<Sscc>, findings: &mut Findings) {
    let mut refused = false;
    let mut name = |sscc: &mut Option<Sscc>, has_tracking: bool, path: &str, number: Option<&str>| {
        if sscc.is_some() || refused {
            return;
        }
        let which = number.map(|number| format!(" {number}")).unwrap_or_default();
        *sscc = mint();
        match sscc {
            Some(minted) => {
                findings.report(&SSCC_MINTED, path, format!("{path}{which} was given SSCC {minted}"));
            }
            None if has_tracking => {}
            None => {
                let message = format!("{path}{which} has no SSCC, and no GS1 company prefix is configured");
                findings.report(&NO_COMPANY_PREFIX, path, message);
                refused = true;
            }
        }
    };
    for (at, order) in shipment.orders.iter_mut().enumerate() {
        for (index, pallet) in order.pallets.iter_mut().enumerate() {
            let path = format!("orders[{at}].pallets[{index}]");
            name(&mut pallet.sscc, false, &path, pallet.number.as_deref());
            for (index, carton) in pallet.cartons.iter_mut().enumerate() {
                let path = format!("{path}.cartons[{index}]");
                name(&mut carton.sscc, carton.tracking.is_some(), &path, carton.number.as_deref());
            }
        }
        for (index, carton) in order.cartons.iter_mut().enumerate() {
            let path = format!("orders[{at}].cartons[{index}]");
            name(&mut carton.sscc, carton.tracking.is_some(), &path, carton.number.as_deref());
        }
    }
}
