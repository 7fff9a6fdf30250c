//! HTTP, as a client: requests that end in time and in memory, and what is made of them.
//!
//! ```text
//! one request      bounded in time and size, follows nobody elsewhere, tells no secret in its faults      [`client`]
//! in               an API is asked page by page for what is new                                            [`poll`]
//! out              files are posted to an API ([`super::post`]) and as messages ([`super::as2_wire`])
//! ```

pub mod client;
pub mod poll;

use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Certificate;
use reqwest::blocking::{Body, ClientBuilder, RequestBuilder};

use super::bandwidth::{Bandwidth, Paced};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::wire;

/// A client that also trusts the certificates of a PEM file.
pub(super) fn trusting(builder: ClientBuilder, ca: Option<&Path>) -> Result<ClientBuilder, Diagnostic> {
    let Some(ca) = ca else { return Ok(builder) };
    let cannot = |why: String| Diagnostic::new(&wire::UNREACHABLE, why);
    let text = fs::read(ca).map_err(|error| cannot(format!("cannot read {}: {error}", ca.display())))?;
    let found = Certificate::from_pem_bundle(&text);
    let found = found.map_err(|_| cannot(format!("{} holds no PEM certificates", ca.display())))?;
    Ok(found.into_iter().fold(builder, |builder, one| builder.add_root_certificate(one)))
}

/// What went wrong, cause by cause, without the URL: its query may hold what nobody else should read.
pub(super) fn in_words(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    if error.is_timeout() {
        words.push("the time was over".to_owned());
    }
    let mut cause = error.source();
    while let Some(one) = cause {
        let text = one.to_string();
        if words.last() != Some(&text) {
            words.push(text);
        }
        cause = one.source();
    }
    if words.is_empty() { "no reason given".to_owned() } else { words.join(": ") }
}

/// A request with its body, which goes no faster than it may; that gives it the time that it needs.
pub(super) fn carrying(
    request: RequestBuilder,
    body: Vec<u8>,
    timeout: Duration,
    bandwidth: Option<&Arc<Bandwidth>>,
) -> RequestBuilder {
    let Some(bandwidth) = bandwidth else { return request.body(body) };
    let size = body.len() as u64;
    let paced = Paced::of(Cursor::new(body), Arc::clone(bandwidth));
    request.timeout(timeout + bandwidth.time_of(size)).body(Body::sized(paced, size))
}
