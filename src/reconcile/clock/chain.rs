//! Which chain of documents a rule is held against: an order's, a shipment's or an invoice's.
//!
//! ```text
//! 855 within 48 h of 850                850 4500012345     the order
//! 856 within 60 min of departure        856 SHP0000777     the shipment
//! 810 not before 856                    810 INV-20306      the invoice
//! ```
//!
//! A deadline is about what it is reckoned from, since that is there first; anything else about what must be right.

use std::fmt;

use crate::config::clock::noun::{Figure, Moment, Number};
use crate::config::clock::rule::{Rule, Shape};
use crate::document::{Document, Kind};

/// What a chain is held together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One order and everything about it.
    Order,
    /// One shipment, its orders and what is said of it.
    Shipment,
    /// One invoice, its order, its shipment and its payments.
    Invoice,
}

/// One chain of documents of a partner; its text is what rows and findings are about: `856 SHP0000777`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chain {
    /// What it is held together by.
    pub scope: Scope,
    /// That one's number.
    pub number: String,
}

impl Scope {
    const ALL: [Scope; 3] = [Scope::Order, Scope::Shipment, Scope::Invoice];

    /// The kind of document that has the chain's number.
    pub fn kind(self) -> Kind {
        match self {
            Scope::Order => Kind::Order,
            Scope::Shipment => Kind::Shipment,
            Scope::Invoice => Kind::Invoice,
        }
    }

    /// What a rule is about.
    pub fn of(rule: &Rule) -> Scope {
        match &rule.shape {
            Shape::Deadline { due, .. } => of_moment(due.of),
            Shape::NotBefore { what, .. }
            | Shape::Same { what, .. }
            | Shape::Required { what, .. }
            | Shape::Accepted { what, .. } => of_moment(*what),
            Shape::Limit { figure, of, .. } if is_of_a_shipment(*figure) && is_of_a_shipment(*of) => Scope::Shipment,
            Shape::Limit { .. } => Scope::Order,
            Shape::Unique { number: Number::Sscc | Number::Shipment, .. } => Scope::Shipment,
            Shape::Unique { number: Number::Invoice, .. } => Scope::Invoice,
            Shape::Unique { number: Number::OrderAndShipTo, .. } => Scope::Order,
        }
    }
}

fn of_moment(moment: Moment) -> Scope {
    match moment {
        Moment::Order | Moment::Acknowledgment | Moment::Confirmation | Moment::ShipDate | Moment::CancelDate => {
            Scope::Order
        }
        Moment::ShipNotice | Moment::ShipNoticeReceived | Moment::Departure | Moment::Delivery | Moment::Arrival => {
            Scope::Shipment
        }
        Moment::Invoice | Moment::InvoiceReceived | Moment::Payment => Scope::Invoice,
    }
}

fn is_of_a_shipment(figure: Figure) -> bool {
    matches!(figure, Figure::Cartons | Figure::Packs | Figure::Cases | Figure::Items)
}

impl Chain {
    /// The chain that a document has its number from, where it is one that has a chain.
    pub fn of(document: &Document) -> Option<Chain> {
        let scope = Scope::ALL.into_iter().find(|scope| scope.kind() == document.kind())?;
        Some(Chain { scope, number: document.number().to_owned() })
    }

    /// True for the documents that the chain has its number from.
    pub fn is_of(&self, document: &Document) -> bool {
        document.kind() == self.scope.kind() && document.number() == self.number
    }

    /// The chain of an order, be the order itself known or not.
    pub fn of_order(po_number: &str) -> Chain {
        Chain { scope: Scope::Order, number: po_number.to_owned() }
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(subject: &str) -> Option<Chain> {
        let (label, number) = subject.split_once(' ')?;
        let scope = Scope::ALL.into_iter().find(|scope| scope.kind().label() == label)?;
        Some(Chain { scope, number: number.to_owned() })
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.scope.kind().label(), self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Scope) {
        let signed = format!("name = \"the rule\"\nsource = \"the guide\"\nas_of = \"2026-03-01\"\n{text}");
        let rule = Rule::read(&toml::from_str(&signed).unwrap()).unwrap();
        assert_eq!(Scope::of(&rule), expect, "{text}");
    }

    #[test]
    fn a_deadline_is_about_what_it_is_reckoned_from_and_anything_else_about_what_must_be_right() {
        check("what = \"855\"\nwithin = \"48 h\"\nof = \"850\"", Scope::Order);
        check("what = \"856\"\nwithin = \"60 min\"\nof = \"departure\"", Scope::Shipment);
        check("what = \"856\"\nbefore = \"1 d\"\nof = \"ship date\"", Scope::Order);
        check("what = \"820\"\nwithin = \"60 d\"\nof = \"810\"", Scope::Invoice);
        check("what = \"810\"\nnot_before = \"856\"", Scope::Invoice);
        check("what = \"856\"\nsame = [\"unit\"]\nsame_as = \"850\"", Scope::Shipment);
        check("limit = \"shipped\"\nat_most = \"ordered\"", Scope::Order);
        check("limit = \"packs\"\nequals = \"cartons\"", Scope::Shipment);
        check("unique = \"sscc\"\nfor = \"365 d\"", Scope::Shipment);
    }

    #[test]
    fn a_subject_names_its_chain() {
        let chain = Chain { scope: Scope::Shipment, number: "SHP 777".to_owned() };
        assert_eq!(chain.to_string(), "856 SHP 777");
        assert_eq!(Chain::parse("856 SHP 777"), Some(chain));
        assert_eq!(Chain::parse("997 1"), None);
    }
}
