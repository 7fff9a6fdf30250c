//! One request and its answer, whatever the other side does.
//!
//! In: a request. Out: the answer as it is, also one that says no; or why there is none. The whole of it ends within its time
//! limit, also when the other side sends a byte per minute, and nothing beyond the size limit is read. Redirects are answers:
//! nobody is followed elsewhere with our keys. A fault names the host and the path, never the query, a header or a body.

use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, Url};

use crate::transport::bandwidth::Bandwidth;

/// A request. It has no Debug: headers and body hold secrets.
#[derive(Clone)]
pub struct Outgoing {
    /// `GET`, `POST`.
    pub method: &'static str,
    /// Where.
    pub url: Url,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body, with its Content-Type among the headers.
    pub body: Option<Vec<u8>>,
    /// The most that is read of the answer, in bytes.
    pub max_answer: u64,
}

impl Outgoing {
    /// A GET.
    pub fn get(url: Url, max_answer: u64) -> Outgoing {
        Outgoing { method: "GET", url, headers: Vec::new(), body: None, max_answer }
    }

    /// Where it goes, for messages: no query, which may hold keys.
    pub fn target(&self) -> String {
        target(&self.url)
    }
}

/// A URL for messages.
pub fn target(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// Its status.
    pub status: u16,
    /// Its headers, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Incoming {
    /// A header's value, however its name is capitalised.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Nobody answered, or not to the end.
    #[error("{target} gives no answer: {why}")]
    NoAnswer {
        /// Who.
        target: String,
        /// What was heard.
        why: String,
    },
    /// The answer does not end where it should.
    #[error("the answer of {target} is larger than {limit} bytes")]
    TooLarge {
        /// Who.
        target: String,
        /// Bytes.
        limit: u64,
    },
    /// A header that cannot be sent.
    #[error("the header {name} for {target} has a value that no header can have")]
    BadHeader {
        /// Who.
        target: String,
        /// The header.
        name: String,
    },
    /// There is no TLS on this machine.
    #[error("no TLS: {0}")]
    NoTls(String),
}

/// Connections to one partner. It blocks, and belongs on a thread that may.
#[derive(Debug)]
pub struct Client {
    inner: reqwest::blocking::Client,
    timeout: Duration,
    bandwidth: Option<Arc<Bandwidth>>,
}

impl Client {
    /// A client each of whose calls ends within a time, not counted what it waits for the sake of its bandwidth.
    pub fn new(timeout: Duration, bandwidth: Option<Arc<Bandwidth>>) -> Result<Client, HttpError> {
        let inner = reqwest::blocking::Client::builder()
            .redirect(Policy::none())
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(15)))
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("edigate/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| HttpError::NoTls(error.to_string()))?;
        Ok(Client { inner, timeout, bandwidth })
    }

    /// Asks, and reads the answer to its end.
    pub fn send(&self, outgoing: &Outgoing) -> Result<Incoming, HttpError> {
        let mut deadline = Instant::now() + self.timeout;
        let method = if outgoing.method == "POST" { Method::POST } else { Method::GET };
        let mut request = self.inner.request(method, outgoing.url.clone());
        for (name, value) in &outgoing.headers {
            let bad = || HttpError::BadHeader { target: outgoing.target(), name: name.clone() };
            let mut value = HeaderValue::from_str(value).map_err(|_| bad())?;
            value.set_sensitive(true);
            request = request.header(HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?, value);
        }
        if let Some(body) = &outgoing.body {
            request = request.body(body.clone());
        }
        let no_answer = |why: String| HttpError::NoAnswer { target: outgoing.target(), why };
        let mut response = request.send().map_err(|error| no_answer(self.in_words(error)))?;
        let status = response.status().as_u16();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let too_large = || HttpError::TooLarge { target: outgoing.target(), limit: outgoing.max_answer };
        if response.content_length().is_some_and(|length| length > outgoing.max_answer) {
            return Err(too_large());
        }
        let part = self.bandwidth.as_ref().map_or(64 << 10, |bandwidth| bandwidth.part(64 << 10));
        let (mut body, mut chunk) = (Vec::new(), vec![0; part]);
        loop {
            let count = response.read(&mut chunk).map_err(|error| no_answer(cause(&error)))?;
            if count == 0 {
                break;
            }
            if let Some(bandwidth) = &self.bandwidth {
                deadline += bandwidth.wait(count as u64);
            }
            body.extend_from_slice(&chunk[..count]);
            if body.len() as u64 > outgoing.max_answer {
                return Err(too_large());
            }
            if Instant::now() > deadline {
                return Err(no_answer(format!("it is not whole after {} s", self.timeout.as_secs_f32())));
            }
        }
        Ok(Incoming { status, headers, body })
    }

    fn in_words(&self, error: reqwest::Error) -> String {
        if error.is_timeout() {
            return format!("nothing within {} s", self.timeout.as_secs_f32());
        }
        cause(&error.without_url())
    }
}

/// The innermost cause, which says what happened.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    if text.is_empty() { "it broke off".to_owned() } else { text }
}
