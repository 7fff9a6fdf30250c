//! `[tolerance]` of a partner: by how much figures may differ, and how long what is to come may be missing, before it is a finding.
//!
//! ```toml
//! [tolerance]
//! quantity    = "0"        # of a line
//! price       = "0.005"    # of one unit
//! total       = "0.01"     # of an invoice or a payment
//! unconfirmed = "48 h"     # after the order came in
//! unshipped   = "1 d"      # after the last day on which it may ship
//! uninvoiced  = "3 d"      # after it was shipped
//! unpaid      = "5 d"      # after the day that the terms name
//! stock       = "2 h"      # between two reports of the same stock that are compared
//! ```
//!
//! A time that is not named is not watched: no agreement, no finding.

use std::time::Duration;

use rust_decimal::Decimal;

use super::reader::{Entry, Table};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// What a partner's books may differ by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tolerance {
    /// Of a line's quantity, in its unit.
    pub quantity: Decimal,
    /// Of the price of one unit.
    pub price: Decimal,
    /// Of an invoice or a payment.
    pub total: Decimal,
    /// How long an order may wait for its acknowledgment.
    pub unconfirmed: Option<Duration>,
    /// How long goods may be missing after the last day of their window.
    pub unshipped: Option<Duration>,
    /// How long shipped goods may wait for their invoice.
    pub uninvoiced: Option<Duration>,
    /// How long an invoice may be unpaid after its terms.
    pub unpaid: Option<Duration>,
    /// How far the times of two reports of the same stock may lie apart.
    pub stock: Duration,
}

impl Default for Tolerance {
    fn default() -> Tolerance {
        Tolerance {
            quantity: Decimal::ZERO,
            price: Decimal::new(5, 3),
            total: Decimal::new(1, 2),
            unconfirmed: None,
            unshipped: None,
            uninvoiced: None,
            unpaid: None,
            stock: Duration::from_secs(2 * 60 * 60),
        }
    }
}

/// Reads the table; what is not written stays as it is usually.
pub(crate) fn read(table: Option<&Table>) -> Tolerance {
    let usual = Tolerance::default();
    let Some(table) = table else { return usual };
    let tolerance = Tolerance {
        quantity: figure(&table.optional("quantity")).unwrap_or(usual.quantity),
        price: figure(&table.optional("price")).unwrap_or(usual.price),
        total: figure(&table.optional("total")).unwrap_or(usual.total),
        unconfirmed: table.optional("unconfirmed").duration(),
        unshipped: table.optional("unshipped").duration(),
        uninvoiced: table.optional("uninvoiced").duration(),
        unpaid: table.optional("unpaid").duration(),
        stock: table.optional("stock").duration().unwrap_or(usual.stock),
    };
    table.finish();
    tolerance
}

/// A decimal in quotes that is not below zero.
fn figure(entry: &Entry) -> Option<Decimal> {
    let read = |text: &str| match text.parse::<Decimal>() {
        Ok(figure) if !figure.is_sign_negative() => Ok(figure),
        _ => Err(Diagnostic::new(&codes::OUT_OF_RANGE, format!("{text:?} is no figure of at least 0"))
            .expected("a decimal in quotes, such as \"0.005\"")),
    };
    entry.parse(read).map(|figure| figure.value)
}
