//! The wires, both directions: folders of this machine, SFTP, HTTP and AS2.
//!
//! In: an endpoint of the configuration. Out: files claimed for capture ([`inlet`]), files left for a partner with a receipt
//! ([`outlet`]); items of an API, each once ([`http::poll`]). Or a person to be told ([`smtp`], [`webhook`], [`command`]).
//! Never here: what a file means, and when to try again.

// A fault is told whole, and rarely enough.
#![allow(clippy::result_large_err)]

pub mod inlet;
pub mod outlet;
pub mod roll;
pub mod folder;
pub mod drop_off;
pub mod sftp;
pub mod post;
pub mod http;
pub mod as2;
pub mod as2_wire;
pub mod trial;
pub mod smtp;
pub mod webhook;
pub mod command;
pub mod bandwidth;

use std::path::Path;
use std::sync::Arc;

use crate::config::partner::{Endpoint, Wire};
use as2_wire::outlet::Messages;
use bandwidth::Bandwidth;
use drop_off::Folder;
use folder::PickUpFolder;
use inlet::Inlet;
use outlet::Outlet;
use post::Posting;
use sftp::mailbox::Mailbox;
use sftp::outlet::Directory;
use sftp::pool::Pool;

/// What takes files by an endpoint of `whose`; `None` where it takes none. Copies of files from elsewhere are made below
/// `arrivals`. Nothing is connected yet.
pub fn inlet_of(endpoint: &Endpoint, whose: &str, arrivals: &Path) -> Option<Box<dyn Inlet>> {
    let pick_up = endpoint.pick_up.clone()?;
    Some(match &endpoint.via {
        Wire::Folder => Box::new(PickUpFolder { pick_up }),
        Wire::Sftp(server) => {
            let (whose, at_once) = (format!("{whose}/{}", endpoint.name), endpoint.sending.at_once);
            let arrivals = arrivals.join(&whose);
            let pool = Pool::of(Arc::clone(server), Bandwidth::of(endpoint.limit));
            Box::new(Mailbox::of(pool, pick_up, whose, arrivals, at_once))
        }
        Wire::Post(_) | Wire::Poll(_) | Wire::As2(_) => return None,
    })
}

/// What leaves files by an endpoint; `None` where it takes none. Nothing is connected before something is left.
pub fn outlet_of(endpoint: &Endpoint) -> Option<Arc<dyn Outlet>> {
    if let Wire::As2(partner) = &endpoint.via {
        // A partner that only sends gets receipts.
        return Some(Arc::new(Messages::to(partner, Bandwidth::of(endpoint.limit))));
    }
    let drop_off = endpoint.drop_off.as_ref()?;
    Some(match &endpoint.via {
        Wire::Folder => Arc::new(Folder::at(drop_off)),
        Wire::Sftp(server) => {
            Arc::new(Directory::of(Pool::of(Arc::clone(server), Bandwidth::of(endpoint.limit)), drop_off))
        }
        Wire::Post(post) => Arc::new(Posting::by(post, &endpoint.name, Bandwidth::of(endpoint.limit))),
        Wire::Poll(_) | Wire::As2(_) => return None,
    })
}
