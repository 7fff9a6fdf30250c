//! A second opinion: what edigate writes at 005010, read by x12-types, a reader by other hands, means what was to be said.
//!
//! ```text
//! Document (made by proptest) ── edigate ──► ISA*…~ST*850*0001~BEG*… ── x12-types ──► _850 { beg, loop_po1, … }
//!        ▲                                                                                 │
//!        └──────────────────────── the same document ◄── read here, by tables of our own ──┘
//! ```
//!
//! - `make`: documents that cover the canonical model as far as X12 can say it;
//! - `wire`: writes them, has edigate's own check look at them, and has x12-types read them;
//! - `elements`, `codes`, `parts`: what the fields of x12-types say, in the words of the model, without edigate's own reader;
//! - `order`, `order_ack`, `shipment`, `invoice`: one transaction set each: what it says must be the document it was made of,
//!   and its totals, counts and levels must be true;
//! - `acknowledgment`: the 997 and 999 for sets with known faults;
//! - `limits`: what is right by the standard and x12-types cannot read. Each has a test that it still cannot.
//!
//! Never here: edigate's reader (`normalize`) or its tables of codes; an error in them would agree with itself.

#![cfg(test)]

mod make;
mod wire;
mod elements;
mod codes;
mod parts;
mod order;
mod order_ack;
mod shipment;
mod invoice;
mod acknowledgment;
mod limits;
