//! A partner's rules held against what is known of one chain of documents: in time, at risk, or broken, and at what cost.
//!
//! In: [`Rule`]s and [`Calendar`] of the partner file, the chain's documents ([`gather`]), the time. Out: a [`judge::Judgment`]
//! per rule, the line that says it, and the moment at which to look again though nothing new is told.
//!
//! ```text
//! what = "856"  within = "60 min"  of = "departure"      departure 09:22, 150 cartons, now 09:45
//!   -> Running { due 10:22, at risk from 10:07 }, look again at 10:07
//!   -> "ASN for SHP0000777 is due 10:22, at risk in 22 min, about 112.50 USD"
//! ```
//!
//! Judging is a function of the set of facts and the time, so it makes no difference in which order facts came or how often,
//! and a late document changes the past: a departure that is corrected makes a notice late that was in time.
//! Pure: never here are the ledger, I/O, and what the time is.
//!
//! [`Rule`]: crate::config::clock::rule::Rule
//! [`Calendar`]: crate::config::clock::calendar::Calendar

pub mod chain;
pub mod gather;
pub mod facts;
pub mod judge;
pub mod words;

mod deadline;
mod agreement;

#[cfg(test)]
mod tests;
