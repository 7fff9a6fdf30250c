//! An answer of the supplier's systems, completed from the order that it belongs to.
//!
//! ```text
//! ERP:   { "po_number": "4500012345", "seller_order_number": "SO-9001",
//!          "lines": [ { "item": { "vendor": "WID-RED" }, "outcomes": [ accepted 24 ] }, … ] }
//! here:  + partner, order date, department, ship-to; per line 001, GTIN, buyer's number, 24 EA ordered, price 3.61;
//!        + the verdict. A line that no order line fits is an error, never a guess.
//! ```
//!
//! What the document says itself is never overruled: where it contradicts the order there is an error. What the trade
//! must know and may still do (more shipped than ordered, another price) is a warning and stops nothing.

mod books;
mod invoice;
mod lines;
mod order_ack;
mod shipment;

use jiff::civil::Date;

use crate::config::Us;
use crate::config::partner::PartnerId;
use crate::diagnostic::codes::document::{
    CONTRADICTS_ORDER, MISSING_VALUE, PARTNER_CONFLICT, SEVERAL_ORDERS, UNKNOWN_ORDER,
};
use crate::diagnostic::{Code, Diagnostic, Place, Spot};
use crate::document::gs1::Sscc;
use crate::document::party::{Party, PartyRole};
use crate::document::{Document, Header, Order, Reference, ReferenceKind};

/// An order in the ledger, in its valid revision and with the changes of it applied.
#[derive(Debug, Clone)]
pub struct KnownOrder {
    /// Who ordered.
    pub partner: PartnerId,
    /// What.
    pub order: Order,
}

/// A completed document and what was found on the way.
#[derive(Debug, Clone)]
pub struct Completed {
    /// The document; not to be sent when there is an error among the diagnostics.
    pub document: Document,
    /// The partner whose order it is about, where that was found.
    pub partner: Option<PartnerId>,
    /// Errors (the document stops), warnings (findings that must be shown), notes.
    pub diagnostics: Vec<Diagnostic>,
}

/// Completes an answer; what answers no order is returned as it came, with what is odd about it.
///
/// `orders` are the known orders with a number of the document's, of any partner; `earlier` the documents already
/// accepted about those orders, of any kind. `mint` makes the next container code, `None` without a company prefix;
/// it is called only when nothing else stops the document.
pub fn complete(
    document: Document,
    orders: &[KnownOrder],
    earlier: &[Document],
    us: &Us,
    received_on: Date,
    mint: &mut dyn FnMut() -> Option<Sscc>,
) -> Completed {
    let mut findings = Findings::default();
    let mut document = document;
    let partner = match &mut document {
        Document::OrderAck(ack) => order_ack::complete(ack, orders, received_on, &mut findings),
        Document::Shipment(shipment) => shipment::complete(shipment, orders, earlier, us, mint, &mut findings),
        Document::Invoice(invoice) => invoice::complete(invoice, orders, earlier, us, &mut findings),
        paper => {
            books::prove(paper, &mut findings);
            named_partner(paper, &mut findings)
        }
    };
    Completed { document, partner, diagnostics: findings.list }
}

/// Whose business a document is that answers no order.
fn named_partner(document: &Document, findings: &mut Findings) -> Option<PartnerId> {
    let partner = PartnerId::parse(&document.header().partner);
    if let Err(why) = &partner {
        findings.report(&MISSING_VALUE, "partner", format!("the {} names no partner: {why}", document.kind()));
    }
    partner.ok()
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    list: Vec<Diagnostic>,
}

impl Findings {
    /// Adds a finding about a field of the document.
    fn report(&mut self, code: Code, path: &str, message: String) -> &mut Diagnostic {
        let place = Place { spot: Spot::Path { path: path.to_owned() }, ..Place::default() };
        self.list.push(Diagnostic::new(code, message).at(place));
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// Adds what is said about a field of the document, if anything is.
    fn tell(&mut self, diagnostic: Option<Diagnostic>, path: &str) {
        let place = Place { spot: Spot::Path { path: path.to_owned() }, ..Place::default() };
        self.list.extend(diagnostic.map(|diagnostic| diagnostic.at(place)));
    }

    fn any_error(&self) -> bool {
        self.list.iter().any(Diagnostic::is_error)
    }
}

/// What a document says about the order that it belongs to.
struct Wanted<'d> {
    po_number: &'d str,
    release: Option<&'d str>,
    partner: &'d str,
    ship_to: Option<&'d str>,
    path: &'d str,
}

/// The one known order that fits, by its index; what narrows the choice is used only where it is given.
fn find_order(wanted: &Wanted<'_>, orders: &[KnownOrder], findings: &mut Findings) -> Option<usize> {
    let po_number = wanted.po_number.trim();
    if po_number.is_empty() {
        findings.report(&MISSING_VALUE, wanted.path, format!("{} is missing", wanted.path));
        return None;
    }
    let fits = |known: &KnownOrder| {
        known.order.po_number.trim() == po_number
            && (wanted.partner.is_empty() || known.partner.as_str() == wanted.partner)
            && wanted.release.is_none_or(|release| known.order.release.as_deref() == Some(release))
    };
    let mut fitting: Vec<usize> = (0..orders.len()).filter(|index| fits(&orders[*index])).collect();
    let mut partners: Vec<&str> = fitting.iter().map(|index| orders[*index].partner.as_str()).collect();
    partners.sort_unstable();
    partners.dedup();
    if partners.len() > 1 {
        let message =
            format!("order {po_number} is known from {}, and the document names no partner", partners.join(" and "));
        findings.report(&PARTNER_CONFLICT, wanted.path, message);
        return None;
    }
    if fitting.len() > 1 && wanted.ship_to.is_some() {
        fitting.retain(|index| orders[*index].order.ship_to_code() == wanted.ship_to);
    }
    match fitting[..] {
        [index] => Some(index),
        [] => {
            let of = if wanted.partner.is_empty() { String::new() } else { format!(" from {}", wanted.partner) };
            let release = wanted.release.map(|release| format!(", release {release}")).unwrap_or_default();
            let message = format!("order {po_number}{release} never came in{of}");
            findings.report(&UNKNOWN_ORDER, wanted.path, message).found = Some(po_number.to_owned());
            None
        }
        _ => {
            let message =
                format!("{} orders have the number {po_number}; release or ship-to must tell which", fitting.len());
            findings.report(&SEVERAL_ORDERS, wanted.path, message);
            None
        }
    }
}

/// The header's share: whose business it is, and that an answer to a test is a test.
fn fill_header(header: &mut Header, known: &KnownOrder) {
    header.partner = known.partner.as_str().to_owned();
    header.test |= known.order.header.test;
}

/// Takes a value from the order where the document has none; a different one is an error.
fn fill_or_compare<T: PartialEq + Clone + std::fmt::Display>(
    field: &mut Option<T>,
    of_order: Option<&T>,
    path: &str,
    findings: &mut Findings,
) {
    let Some(of_order) = of_order else { return };
    match field {
        None => *field = Some(of_order.clone()),
        Some(stated) if stated == of_order => {}
        Some(stated) => {
            let message = format!("{path} is {stated}, the order has {of_order}");
            let finding = findings.report(&CONTRADICTS_ORDER, path, message);
            finding.expected = Some(of_order.to_string());
            finding.found = Some(stated.to_string());
        }
    }
}

/// The references by which a buyer finds its order again; the rest of the order's is no affair of the answer.
fn echoed_references(order: &Order) -> impl Iterator<Item = &Reference> {
    let echoed = |kind: &ReferenceKind| match kind {
        ReferenceKind::Department
        | ReferenceKind::VendorNumber
        | ReferenceKind::MerchandiseType
        | ReferenceKind::Store
        | ReferenceKind::Promotion
        | ReferenceKind::CustomerOrder => true,
        ReferenceKind::Other(code) => code == "VR",
        _ => false,
    };
    order.header.references.iter().filter(move |reference| echoed(&reference.is))
}

fn fill_references(references: &mut Vec<Reference>, order: &Order) {
    for reference in echoed_references(order) {
        if !references.iter().any(|known| known.is == reference.is) {
            references.push(reference.clone());
        }
    }
}

/// Takes over the order's parties in those roles; one that the document names itself is completed by name and address.
fn fill_parties(parties: &mut Vec<Party>, roles: &[PartyRole], order: &Order, findings: &mut Findings) {
    for of_order in roles.iter().filter_map(|role| order.party(role)) {
        let Some(own) = parties.iter_mut().find(|party| party.role == of_order.role) else {
            parties.push(of_order.clone());
            continue;
        };
        if is_same_place(own, of_order) {
            own.code = own.code.take().or_else(|| of_order.code.clone());
            own.name = own.name.take().or_else(|| of_order.name.clone());
            own.address = own.address.take().or_else(|| of_order.address.clone());
        } else if !is_store_of(own, order) {
            let code = |party: &Party| party.code.as_ref().map(|code| code.value.clone()).unwrap_or_default();
            let message = format!("the {} is {}, the order has {}", role_name(&own.role), code(own), code(of_order));
            findings.report(&CONTRADICTS_ORDER, "parties", message);
        }
    }
}

fn role_name(role: &PartyRole) -> &str {
    match role {
        PartyRole::ShipTo => "ship-to",
        PartyRole::Buyer => "buyer",
        PartyRole::BillTo => "bill-to",
        _ => "party",
    }
}

/// Codes of different issuers cannot be compared and do not contradict each other.
fn is_same_place(own: &Party, of_order: &Party) -> bool {
    match (&own.code, &of_order.code) {
        (Some(own), Some(of_order)) => own.by != of_order.by || own.value == of_order.value,
        _ => true,
    }
}

/// Orders that are spread over stores may be shipped to each of them.
fn is_store_of(party: &Party, order: &Order) -> bool {
    let Some(code) = &party.code else { return false };
    order.lines.iter().flat_map(|line| &line.allocations).any(|allocation| allocation.location == code.value)
}

#[cfg(test)]
mod tests;
