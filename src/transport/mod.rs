//! The wires, both directions. Today: folders of this machine; SFTP, AS2 and HTTP join as modules of their own.
//!
//! In: an endpoint of the configuration. Out: files claimed for capture, files left for a partner with a receipt.
//! Never here: what a file means, and when to try again.

pub mod outlet;
pub mod roll;
pub mod folder;
pub mod drop_off;
