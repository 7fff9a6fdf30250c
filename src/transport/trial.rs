//! A trial of one endpoint: connect, and say in order what was tried and what answered.
//!
//! In: an endpoint. Out: steps, of which the last may be a fault; the steps behind it were not tried. Nothing is taken and
//! nothing is left: a drop-off gets a file that readers ignore and that goes at once.

use std::path::Path;

use super::http::poll;
use super::sftp::session;
use super::{as2_wire, inlet_of, outlet_of, post};
use crate::config::partner::{Endpoint, Wire};
use crate::diagnostic::Diagnostic;

/// One thing that was tried.
#[derive(Debug, Clone)]
pub struct Step {
    /// What: `log in as acme by key`.
    pub what: String,
    /// What answered.
    pub outcome: Result<String, Diagnostic>,
}

/// Tries an endpoint from the wire up to its directories.
pub fn of(endpoint: &Endpoint) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Wire::Post(settings) = &endpoint.via {
        return post::trial(settings);
    }
    if let Wire::Poll(api) = &endpoint.via {
        return poll::trial::of(api);
    }
    if let Wire::As2(partner) = &endpoint.via {
        return as2_wire::outlet::trial(partner);
    }
    if let Wire::Sftp(server) = &endpoint.via {
        let opened = session::open_telling(server, &mut |what, said| steps.push(Step { what, outcome: Ok(said) }));
        if let Err(error) = opened {
            steps.push(Step { what: format!("go on with {server}"), outcome: Err(Diagnostic::from(&error)) });
            return steps;
        }
    }
    // Nothing is copied in a trial, so that it needs no place for copies.
    let (inlet, outlet) = (inlet_of(endpoint, "", Path::new("")), outlet_of(endpoint));
    if let (Some(mut inlet), Some(pick_up)) = (inlet, &endpoint.pick_up) {
        let outcome = inlet.list().map(|listing| match listing.candidates.len() {
            1 => "1 file waits".to_owned(),
            count => format!("{count} files wait"),
        });
        steps.push(Step { what: format!("list {} for {}", pick_up.from.display(), pick_up.matching), outcome });
    }
    if let (Some(outlet), Some(drop_off)) = (outlet, &endpoint.drop_off) {
        let outcome = outlet.accepts().map(|()| "it takes files".to_owned());
        steps.push(Step { what: format!("write to {} and delete again", drop_off.to.display()), outcome });
    }
    steps
}
