//! edigate: an EDI and file-batch gateway that takes custody of business documents and proves what it did with each.
//!
//! This page is the map. A file that comes in goes through these rooms, in this order:
//!
//! ```text
//!  partner's folder                                                             partner's folder
//!        │                                                                             ▲
//!        ▼                                                                             │
//!   capture/ ──► normalize/ ──► route/ ──► render/ ──► (ledger) ──► deliver/ ──────────┘
//!   whole,        documents,     where it   partner's     │         attempts,
//!   ours, once    diagnostics    must go    bytes         ▼         receipts
//!                                                     reconcile/
//!                                                     promised against what came back
//! ```
//!
//! | room | one idea | pure |
//! |---|---|---|
//! | [`crash`] | named places at which a test kills the process; nothing in a release build | |
//! | [`diagnostic`] | what is wrong with somebody's document: code, place, cause, fix | yes |
//! | [`document`] | the canonical model, no format in it | yes |
//! | [`x12`] | bytes ↔ segments ↔ envelopes; guides, check, acknowledgments, writer | yes |
//! | [`config`] | gateway.toml, partner.toml, maps and compliance rules as checked values | |
//! | [`ledger`] | the durable record: rows, chained events, archived bytes | |
//! | [`transport`] | the wires, both directions | |
//! | [`capture`] | a file exists → it is whole, ours, hashed, recorded once | |
//! | [`normalize`] | captured bytes → documents and diagnostics | yes |
//! | [`route`] | document and rules → where it must go | yes |
//! | [`render`] | document → the partner's bytes | yes |
//! | [`deliver`] | due deliveries → sent, retried or parked | |
//! | [`reconcile`] | what was promised against what came back; a partner's rules against what happened | |
//! | [`alert`] | what people are told of failures: whom, when, in which words | yes |
//! | [`web`] | the listeners: documents handed in by HTTP, the books as an API, and the pages for people who sign in | |
//! | [`daemon`] | starts the stages, drains and reloads; runs the pure stages back to back | |
//! | [`cli`] | one file per command | |
//!
//! # Files that the daemon reads and writes
//!
//! - reads `gateway.toml`, guide files in `guides/`, `partners/<id>/partner.toml` and the maps and overlays that they name;
//!   never writes them;
//! - takes files from the pick-up folders (claimed ones stand in their `.edigate/`), leaves files in drop-off folders; the same
//!   on servers by SFTP, where a file that was taken is held by its claim in the ledger until it is put away; asks APIs for
//!   what is new, where the ledger holds how far they were read;
//! - writes below its home only: `ledger.db` (SQLite, WAL; or the ledger is a PostgreSQL server), `archive/` (bytes by
//!   sha256, unless `[archive]` names another place), `spool/` (bytes on their way there, and bodies of requests while they come), `arrivals/` (copies of files that
//!   are being taken from servers), `edigate.lock` (one daemon per home), `edigate.sock` (who asks for its status), `node-id`
//!   (who it is among several nodes).
//!
//! # Invariants, and where they are kept
//!
//! 1. **Custody**: `capture` deletes or moves a partner's file only after bytes and row are durable.
//! 2. **Once**: `capture` knows bytes and message ids it has seen; `daemon::interchange` control numbers,
//!    `daemon::orders` business keys; each asks the partner's policy (`config::duplicates`) what becomes of a repetition;
//!    `deliver` repeats the same bytes under the same name, and `transport::roll` knows what an attempt that was cut off
//!    had named; among nodes, `ledger::node` leases work, and what a lease was lost for is undone.
//! 3. **An answer for everything**: every transmission ends processed, duplicate or quarantined with a diagnosis.
//! 4. **The ledger is the truth**: nothing is shown that is not a query of `ledger`; events are chained by hash.
//! 5. **A failure explains itself**: every refusal is a [`diagnostic::Diagnostic`] with a code that `explain` knows.
//! 6. **Test never reaches production**: `route` is the only way to a target, and it refuses.
//!
//! # What must not be
//!
//! - An arrow that points up. Each line may use only the lines below it; the stages never call one another, they hand
//!   over through the ledger: `main → cli → daemon → web → capture | normalize | route | render | deliver | reconcile |
//!   alert → transport | ledger | config → document | x12 → diagnostic`; any of them may name a [`crash`] point.
//! - I/O, clocks, randomness, logging or globals in a pure room: time and numbers are arguments.
//!
//! `tests/architecture.rs` reads the `use` lines and fails the build when either is broken.

#![warn(missing_docs)]

pub mod crash;
pub mod diagnostic;
pub mod document;
pub mod x12;
pub mod config;
pub mod ledger;
pub mod transport;
pub mod capture;
pub mod normalize;
pub mod route;
pub mod render;
pub mod deliver;
pub mod reconcile;
pub mod alert;
pub mod web;
pub mod daemon;
pub mod cli;
