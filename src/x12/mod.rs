//! ANSI ASC X12: bytes to segments to envelopes, the guides and the check against them, acknowledgments, the writer.
//!
//! ```text
//! ISA*…~GS*PO*…~ST*850*0001~BEG*00*SA*4500012345**20260302~ … SE*22*0001~GE*1*101~IEA*1*000000101~
//!   reader   -> interchange MEGAMART 000000101, group 101, one set of 22 segments with byte spans
//!   check    -> a tree of loops, and what is wrong where
//!   acknowledgment -> AK1*PO*101~AK2*850*0001~AK5*A~AK9*A*1*1*1~
//! ```
//!
//! Never here: files, sockets, clocks, the ledger, partners' policies; time and numbers are arguments.

pub mod delimiters;
pub mod scan;
pub mod segment;
mod header;
pub mod binary;
pub mod envelope;
pub mod reader;
pub mod value;
pub mod guide;
pub mod check;
pub mod examine;
pub mod acknowledgment;
pub mod draft;
pub mod writer;

#[cfg(any(test, fuzzing))]
mod examples;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
