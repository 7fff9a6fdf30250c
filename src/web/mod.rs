//! The doors that others come in by: a listener for HTTP and HTTPS, and what is answered there.
//!
//! ```text
//! connection -> TLS -> head -> route -> handler -> body (spooled) -> capture -> answer
//!  listener      tls            routes    api       body                        answer
//! ```
//!
//! A handler gets a [`call::Call`]: who asks, the head of the request and its body, which nobody has read yet; and the
//! [`context::Context`]: the books, the configuration in force, the spool. It returns an answer or an
//! [`answer::Refusal`], which is told to the sender and logged by its code. A further handler is a file beside [`api`], a word
//! in [`crate::config::listen::Serves`] and a line in [`routes`].
//!
//! Never here: "received" before the bytes and their row are durable; a body in memory as a whole, unless it is small; waiting
//! for a sender without a limit; falling back to plain text; a token or a document in a log line.

// A fault is told whole, and rarely enough.
#![allow(clippy::result_large_err)]

pub mod host;
pub mod front;
mod listener;
mod connection;
mod peers;
pub mod tls;
pub mod proof;
mod wire;
pub mod routes;
pub mod call;
pub mod context;
pub mod body;
pub mod answer;
pub mod tokens;
pub mod people;
pub mod page;
pub mod api;
pub mod v1;
pub mod metrics;
pub mod health;
pub mod as2;
mod as2_receipt;
