//! What people are told of failures, and in which words.
//!
//! ```text
//! a failure   ->  "14th time since 3 Nov, always at PO107", and the commands that may settle it    [`words`], [`steps`]
//! ```
//!
//! In: rows of the ledger. Out: words. Never here: the clock, the network, the ledger itself.

pub mod words;
pub mod steps;
