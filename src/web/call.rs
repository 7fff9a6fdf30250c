//! One request as a handler gets it: who asks, what for, and a body that nobody has read yet.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::HeaderName;
use axum::http::{HeaderMap, Method, Uri};

use super::answer::Refusal;
use super::body::{self, Received};
use super::context::Context;
use crate::config::listen::Listen;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// The fingerprint (SHA-256, in hex) of the certificate that it showed, if it showed one that we know the issuer of.
    pub certificate: Option<Arc<str>>,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.ip().fmt(f)
    }
}

/// A request.
#[derive(Debug)]
pub struct Call {
    /// Who asks.
    pub peer: Peer,
    /// The listener that was asked.
    pub listen: Arc<Listen>,
    /// By which method.
    pub method: Method,
    /// What for.
    pub uri: Uri,
    /// With which headers.
    pub headers: HeaderMap,
    /// The body, unread: before it is read, a sender who waits for `100 Continue` can be refused without sending it.
    pub body: Body,
}

impl Call {
    /// The text of a header; `None` where it is missing or no text.
    pub fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        self.headers.get(name.into())?.to_str().ok()
    }

    /// The value of a parameter after the question mark, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
    }

    /// All parameters after the question mark, decoded, in their order.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let pairs = self.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        };
        pairs.map(pair).collect()
    }

    /// Reads the body whole, within the limits of the listener: what is small stays in memory, the rest goes to the spool.
    pub async fn receive(self, context: &Context) -> Result<Received, Refusal> {
        let length = self.header(axum::http::header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        body::receive(self.body, length, &self.listen, &context.spool).await
    }
}

/// Percent-encoding undone; what is no encoding stays as it is.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let encoded = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        match (encoded, first) {
            (Some(byte), _) => bytes.push(byte),
            (None, b'+') => bytes.push(b' '),
            (None, plain) => bytes.push(*plain),
        }
        rest = if encoded.is_some() { &rest[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone_and_what_is_none_stays() {
        for (text, expect) in [("a%20b", "a b"), ("a+b", "a b"), ("100%", "100%"), ("%zz%41", "%zzA"), ("%c3%bc", "ü")]
        {
            assert_eq!(decoded(text), expect, "{text}");
        }
    }
}
