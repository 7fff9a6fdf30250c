//! What was promised against what came back.
//!
//! In: acknowledgments that partners sent, clocks that ran out, the documents about an order. Out: expectations met,
//! rejected or overdue, each with the event that did it; the order's matrix; how each of a partner's rules stands.
//!
//! Never here: reading X12, sending anything.

pub mod acknowledgments;
pub mod clock;
pub mod compliance;
pub mod standing;
pub mod lines;
pub mod matrix;
pub mod story;
pub mod bills;
pub mod findings;
pub mod parity;
pub mod prices;
pub mod stake;
pub mod close;
#[cfg(test)]
pub(crate) mod scene;
pub mod overdue;
pub mod verdicts;
