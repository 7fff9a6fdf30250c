//! HTTP, as a client: requests that end in time and in memory, and what is made of them.
//!
//! ```text
//! one request      bounded in time and size, follows nobody elsewhere, tells no secret in its faults      [`client`]
//! in               an API is asked page by page for what is new                                            [`poll`]
//! ```

pub mod client;
pub mod poll;
