//! The gateway as its users meet it: its command, its daemon, its pages and API, with real servers on the other side.
//!
//! One program for all of it, since each program has the whole of edigate linked into it. `cargo test --test gateway web::` runs
//! what is in `web.rs`; `tests/run wires` what belongs to an area, and installs what that needs.

mod house;

mod acknowledgments;
mod alerts;
mod archive;
mod as2;
mod as2_https;
mod as2_peer;
mod bench;
mod book_maps;
mod browser;
mod cli;
mod clocks;
mod corpus;
mod crash;
mod custody;
mod deliveries;
mod demo;
mod faults;
mod folders;
mod guides;
mod hostile;
mod hours;
mod kills;
mod large;
mod ledgers;
mod links;
mod maps;
mod nodes;
mod once;
mod openapi;
mod overlays;
mod pages;
mod papers;
mod poll;
mod post;
#[cfg(feature = "s3")]
mod s3;
mod sftp;
mod v1;
mod watched;
mod web;
