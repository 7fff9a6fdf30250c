//! AS2, the protocol alone: a message becomes documents and a receipt, documents become a message, a receipt becomes a verdict.
//!
//! ```text
//! in     headers, body -> layers peeled (encrypted, signed, compressed, in any order) -> payloads, digests      [`open`]
//!                      -> a receipt that says "processed", or why not                                           [`receipt`]
//! out    payloads, agreement -> compressed, signed, encrypted -> headers, body, digests that are kept           [`seal`]
//!        their receipt -> matched, other digests, bad signature, unreadable, refused by them                    [`verdict`]
//! below  header fields and MIME [`header`], [`mime`]; BER [`ber`]; CMS [`cms`]; RFC 3274 [`compress`]; digests [`digest`]
//! ```
//!
//! RFC 4130 (AS2), 8551 (S/MIME 4.0; what peers call 3851), 5402 (compression), 6362 (several attachments), 6017 (features).
//!
//! This room is pure: the time, boundaries and message ids are arguments. OpenSSL's own randomness for content keys and
//! initialisation vectors is the one exception. Never here: sockets, which partner it is, what a document means.

pub mod digest;
pub mod header;
pub mod mime;
pub mod ber;
pub mod compress;
pub mod cms;
pub mod identity;
pub mod disposition;
pub mod envelope;
pub mod open;
pub mod seal;
pub mod receipt;
pub mod verdict;

#[cfg(test)]
mod tests;
