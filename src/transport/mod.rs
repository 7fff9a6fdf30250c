//! The wires, both directions. Today: folders of this machine and SFTP; AS2 and HTTP join as modules of their own.
//!
//! In: an endpoint of the configuration. Out: files claimed for capture ([`inlet`]), files left for a partner with a receipt
//! ([`outlet`]).
//! Never here: what a file means, and when to try again.

// A fault is told whole, and rarely enough.
#![allow(clippy::result_large_err)]

pub mod inlet;
pub mod outlet;
pub mod roll;
pub mod folder;
pub mod drop_off;
pub mod sftp;
