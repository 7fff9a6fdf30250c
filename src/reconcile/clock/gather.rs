//! From the documents of a chain, and what became of each, to its [`Facts`].
//!
//! ```text
//! 856 SHP0000777, came 14:10:44, shipped_at 09:22, left with the partner 14:10:45, their 997 at 14:31
//!   -> Departure 09:22, ShipNotice 14:10:45, ShipNoticeReceived 14:31, accepted by a 997, Cartons 2, …
//! ```
//!
//! Every document counts by when it came, so that it makes no difference in which order they are given. What documents say
//! is taken from their latest revision; when one passed, from each. Documents of another chain among them are left out.

mod fields;
mod figures;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::chain::{Chain, Scope};
use super::facts::{Fact, Facts, User, Verdict};
use crate::config::clock::calendar::{Calendar, TimeOfDay};
use crate::config::clock::noun::{Answerer, Moment, Number};
use crate::document::application_advice::{AdviceVerdict, ApplicationAdvice};
use crate::document::keys::is_same_number;
use crate::document::wanted::Wanted;
use crate::document::{DateKind, Document, Kind, Order, Purpose, Shipment, TextMessage};

/// A document with what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The document.
    pub document: Document,
    /// Which revision of it, from 1.
    pub revision: u32,
    /// When its bytes came to us.
    pub at: Timestamp,
    /// When it was left with the partner, each time.
    pub sent: Vec<Timestamp>,
    /// When our acknowledgment of it was left with the partner, each time.
    pub acknowledged: Vec<Timestamp>,
    /// What the partner's acknowledgments say of it.
    pub answers: Vec<Answered>,
}

/// What an acknowledgment of the partner says of a document of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// By what; `None` for the receipt of its wire, which says only that it is there.
    pub by: Option<Answerer>,
    /// What it says.
    pub verdict: Verdict,
    /// When it came.
    pub at: Timestamp,
    /// In its words.
    pub text: String,
}

/// A use of a serial number by another chain of the partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherUse {
    /// The number.
    pub value: String,
    /// By which document, in words.
    pub document: String,
    /// When.
    pub at: Timestamp,
}

/// The facts of a chain by the documents about its orders.
pub fn facts(chain: &Chain, told: &[&Told], others: &[OtherUse], calendar: &Calendar) -> Facts {
    let members: Vec<&Told> = members(chain, told);
    let latest: Vec<&Told> = members.iter().copied().filter(|one| is_latest(one, &members)).collect();
    let wanted = as_wanted(&latest);
    let latest: Vec<&Told> = wanted.iter().map(Cow::as_ref).collect();
    let mut facts = Facts::about(&chain.number);
    for one in &members {
        learn_passing(&mut facts, one);
        if let Document::ApplicationAdvice(advice) = &one.document {
            learn_advice(&mut facts, advice, &members, one.at);
        }
        if let Document::TextMessage(text) = &one.document {
            learn_text(&mut facts, text, &members, one.at);
        }
    }
    for one in &latest {
        learn_dates(&mut facts, one, calendar);
        learn_numbers(&mut facts, one);
    }
    for other in others {
        facts.learn(Fact::Number {
            number: Number::Sscc,
            value: other.value.clone(),
            document: other.document.clone(),
            at: other.at,
            user: User::AnotherChain,
        });
    }
    fields::learn(&mut facts, &latest);
    figures::learn(&mut facts, chain, &latest);
    facts
}

/// When the first document of a chain came.
pub fn began(chain: &Chain, told: &[&Told]) -> Option<Timestamp> {
    members(chain, told).iter().map(|one| one.at).min()
}

/// The serial numbers that the chain's own documents use, in words who uses them, and since when.
pub fn serial_numbers(chain: &Chain, told: &[&Told]) -> Vec<OtherUse> {
    let own = told.iter().filter(|one| chain.scope == Scope::Shipment && chain.is_of(&one.document));
    let uses = own.flat_map(|one| match &one.document {
        Document::Shipment(shipment) => serials(shipment)
            .map(|value| OtherUse { value, document: chain.to_string(), at: one.at })
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    uses.collect()
}

fn serials(shipment: &Shipment) -> impl Iterator<Item = String> {
    let pallets = shipment.orders.iter().flat_map(|order| &order.pallets).filter_map(|pallet| pallet.sscc.as_ref());
    pallets.chain(shipment.cartons().filter_map(|carton| carton.sscc.as_ref())).map(|sscc| sscc.as_str().to_owned())
}

/// The documents that belong to a chain.
fn members<'t>(chain: &Chain, told: &[&'t Told]) -> Vec<&'t Told> {
    // What of the shipments and orders an invoice is about, it says itself, in whichever revision.
    let own: Vec<&Document> = told.iter().map(|one| &one.document).filter(|document| chain.is_of(document)).collect();
    let belongs = |document: &Document| match (&chain.scope, document) {
        (Scope::Order, document) => document.kind() != Kind::Inventory && document.kind() != Kind::Settlement,
        (_, document) if chain.is_of(document) => true,
        (_, document) if document.kind().orders() => true,
        (_, Document::OrderAck(_) | Document::ApplicationAdvice(_) | Document::TextMessage(_)) => true,
        (Scope::Shipment, Document::Invoice(invoice)) => names(&invoice.shipment_id, &chain.number),
        (Scope::Shipment, Document::Receipt(receipt)) => names(&receipt.shipment_id, &chain.number),
        (Scope::Invoice, Document::Shipment(shipment)) => own.iter().any(|document| match document {
            Document::Invoice(invoice) => names(&invoice.shipment_id, &shipment.shipment_id),
            _ => false,
        }),
        (Scope::Invoice, Document::Receipt(_)) => true,
        (Scope::Invoice, Document::Remittance(remittance)) => {
            let numbers = remittance.lines.iter().filter(|line| line.is.kind() == Some(Kind::Invoice));
            numbers.filter_map(|line| line.number.as_deref()).any(|number| is_same_number(number, &chain.number))
        }
        _ => false,
    };
    told.iter().copied().filter(|one| belongs(&one.document)).collect()
}

/// Who names no shipment may mean any of the order's.
fn names(shipment: &Option<String>, number: &str) -> bool {
    shipment.as_deref().is_none_or(|named| named == number)
}

fn is_latest(one: &Told, among: &[&Told]) -> bool {
    let key = |told: &Told| (told.document.kind(), told.document.business_key());
    among.iter().all(|other| other.revision <= one.revision || key(other) != key(one))
}

/// The same documents, with each order as its buyer wants it now, known since the last change of it came.
fn as_wanted<'t>(latest: &[&'t Told]) -> Vec<Cow<'t, Told>> {
    let changes = latest.iter().filter(|one| one.document.kind() == Kind::OrderChange);
    let Some(last) = changes.map(|one| one.at).max() else {
        return latest.iter().copied().map(Cow::Borrowed).collect();
    };
    let mut orders = Wanted::of(latest.iter().map(|one| (&one.document, one.at))).into_orders();
    let as_wanted = |one: &&'t Told| match &one.document {
        Document::Order(order) => {
            let order = orders.next().unwrap_or_else(|| order.clone());
            Cow::Owned(Told { document: Document::Order(order), at: one.at.max(last), ..(*one).clone() })
        }
        _ => Cow::Borrowed(*one),
    };
    latest.iter().map(as_wanted).collect()
}

/// When a document passed, and what was said of it.
fn learn_passing(facts: &mut Facts, one: &Told) {
    let mut passed = |what, at| facts.learn(Fact::Moment { what, at, told: at });
    let received = one.answers.iter().filter(|answer| answer.verdict == Verdict::Accepted).map(|answer| answer.at);
    match &one.document {
        Document::Order(_) => {
            passed(Moment::Order, one.at);
            one.acknowledged.iter().for_each(|at| passed(Moment::Acknowledgment, *at));
        }
        Document::OrderAck(_) => one.sent.iter().for_each(|at| passed(Moment::Confirmation, *at)),
        Document::Shipment(_) => {
            one.sent.iter().for_each(|at| passed(Moment::ShipNotice, *at));
            received.for_each(|at| passed(Moment::ShipNoticeReceived, at));
        }
        Document::Invoice(_) => {
            one.sent.iter().for_each(|at| passed(Moment::Invoice, *at));
            received.for_each(|at| passed(Moment::InvoiceReceived, at));
        }
        Document::Remittance(_) => passed(Moment::Payment, one.at),
        _ => {}
    }
    let answers = one.answers.iter().filter_map(|answer| Some((answer, answer.by?)));
    for (to, (answer, by)) in
        moment_of(one.document.kind()).into_iter().flat_map(|to| answers.clone().map(move |one| (to, one)))
    {
        facts.learn(Fact::Answer { to, by, verdict: answer.verdict, at: answer.at, text: answer.text.clone() });
    }
}

/// The moment that is the passing of a document of ours.
fn moment_of(kind: Kind) -> Option<Moment> {
    match kind {
        Kind::OrderAck => Some(Moment::Confirmation),
        Kind::Shipment => Some(Moment::ShipNotice),
        Kind::Invoice => Some(Moment::Invoice),
        _ => None,
    }
}

/// What an application advice says of the chain's documents.
fn learn_advice(facts: &mut Facts, advice: &ApplicationAdvice, members: &[&Told], at: Timestamp) {
    for answer in &advice.answers {
        let is_of = |one: &&&Told| {
            answer.kind().is_none_or(|kind| kind == one.document.kind())
                && is_same_number(&answer.reference.value, one.document.number())
        };
        let Some(to) = members.iter().find(is_of).and_then(|one| moment_of(one.document.kind())) else { continue };
        let verdict = match answer.verdict {
            AdviceVerdict::Rejected => Verdict::Rejected,
            _ => Verdict::Accepted,
        };
        let text = answer.errors.first().map(|error| error.sentence()).unwrap_or_default();
        facts.learn(Fact::Answer { to, by: Answerer::Application, verdict, at, text });
    }
}

/// What a text says of the chain's documents: a rule that watches texts takes them for refusals.
fn learn_text(facts: &mut Facts, text: &TextMessage, members: &[&Told], at: Timestamp) {
    let mut named = BTreeMap::new();
    for member in members {
        let Some(to) = moment_of(member.document.kind()) else { continue };
        if let Some(message) = text.about(member.document.kind(), member.document.number()).next() {
            named.insert(to, message.excerpt());
        }
    }
    for (to, text) in named {
        facts.learn(Fact::Answer { to, by: Answerer::Text, verdict: Verdict::Rejected, at, text });
    }
}

/// What a document says of when goods move, and that an order was cancelled.
fn learn_dates(facts: &mut Facts, one: &Told, calendar: &Calendar) {
    let mut moment = |what, day: Date, time: Option<Time>| {
        let at = calendar.moment(day, TimeOfDay::At(time.unwrap_or_else(Time::midnight)));
        facts.learn(Fact::Moment { what, at, told: one.at });
    };
    match &one.document {
        Document::Order(order) => {
            for (what, kinds) in PLANS {
                let dated = kinds.iter().find_map(|kind| order.dates.iter().find(|date| date.is == *kind));
                dated.into_iter().for_each(|date| moment(what, date.on, date.at));
            }
            if order.header.purpose == Purpose::Cancel {
                facts.learn(Fact::Cancelled { at: one.at });
            }
        }
        Document::OrderChange(change) if change.header.purpose == Purpose::Cancel => {
            facts.learn(Fact::Cancelled { at: one.at });
        }
        Document::Shipment(shipment) => {
            shipment.arrives_on.into_iter().for_each(|day| moment(Moment::Arrival, day, None));
            shipment.shipped_at.into_iter().for_each(|at| moment(Moment::Departure, at.date(), Some(at.time())));
        }
        Document::Receipt(receipt) => {
            receipt.received_on.into_iter().for_each(|day| moment(Moment::Delivery, day, None));
        }
        _ => {}
    }
}

/// The dates of an order by which something is planned; the first of them that it has counts.
const PLANS: [(Moment, &[DateKind]); 3] = [
    (Moment::ShipDate, &[DateKind::ShipNotBefore, DateKind::RequestedShip]),
    (Moment::Arrival, &[DateKind::RequestedDelivery, DateKind::DeliverNotAfter]),
    (Moment::CancelDate, &[DateKind::CancelAfter]),
];

/// The numbers that may not come twice.
fn learn_numbers(facts: &mut Facts, one: &Told) {
    let document = format!("{} {}", one.document.kind().label(), one.document.number());
    let mut used = |number, value: String| {
        let (document, at, user) = (document.clone(), one.at, User::ThisChain);
        facts.learn(Fact::Number { number, value, document, at, user });
    };
    match &one.document {
        Document::Order(order) => used(Number::OrderAndShipTo, order_and_ship_to(order)),
        Document::Shipment(shipment) => {
            used(Number::Shipment, shipment.shipment_id.clone());
            serials(shipment).for_each(|value| used(Number::Sscc, value));
        }
        Document::Invoice(invoice) => used(Number::Invoice, invoice.invoice_number.clone()),
        _ => {}
    }
}

fn order_and_ship_to(order: &Order) -> String {
    format!("{}/{}", order.po_number, order.ship_to_code().unwrap_or_default())
}

#[cfg(test)]
mod tests;
