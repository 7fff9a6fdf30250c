//! Documents to the bytes that a partner reads, and the name of the file they travel in. Pure.
//!
//! ```text
//! Document::Shipment -> x12  -> the segments of an 856
//! "{partner}_{set}_{isa13}.edi" -> name -> megamart_856_000000503.edi
//! ```
//!
//! Never here: files, clocks, control numbers of our own making; they are arguments.

pub mod x12;
pub mod mapped;
pub mod csv;
pub mod xml;
pub mod json;
pub mod name;
mod nodes;
mod record;
mod value;
