//! Captured bytes to documents and diagnostics; what an answer lacks is completed from its order. Pure.
//!
//! ```text
//! 850 as segments  -> x12      -> Document::Order, what was odd about it
//! CSV by its map   -> mapped   -> Document::Shipment, rows and columns that were wrong
//! ship notice      -> complete -> the same with line numbers, parties, SSCCs; what contradicts the order
//! ```
//!
//! Never here: files, clocks, the ledger. Reading never fails: it yields what could be read and says what is wrong.

pub mod x12;
pub mod mapped;
pub mod csv;
pub mod xml;
pub mod json;
pub mod complete;
mod proof;
mod record;
mod rows;
mod tree;
mod value;
mod text;
