//! Answers: JSON, and for what is refused why, what was expected and what to do.
//!
//! ```text
//! 401  WWW-Authenticate: Bearer
//! { "error": { "code": "API-E001", "message": "…", "expected": "…", "found": "…", "fix": "…" } }
//! ```

use axum::body::Body;
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use tracing::info;

use super::call::Peer;
use crate::diagnostic::codes::web;
use crate::diagnostic::{Code, Diagnostic};

/// An answer.
pub type Answer = Response<Body>;

/// JSON with a status.
pub fn json(status: StatusCode, value: &Value) -> Answer {
    let mut text = value.to_string();
    text.push('\n');
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// Why a request is refused: told to its sender, and logged.
#[derive(Debug, Clone)]
pub struct Refusal {
    status: StatusCode,
    fault: Diagnostic,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Who was refused, where that is known.
    partner: Option<String>,
}

impl Refusal {
    /// A refusal; what it says is read by the sender, so that it names nothing of ours.
    pub fn new(status: StatusCode, fault: Diagnostic) -> Refusal {
        Refusal { status, fault, headers: Vec::new(), partner: None }
    }

    /// One with a code and a sentence.
    pub fn of(status: StatusCode, code: Code, message: impl Into<String>) -> Refusal {
        Refusal::new(status, Diagnostic::new(code, message))
    }

    /// Nothing can be taken into custody: nothing was received.
    pub fn not_now() -> Refusal {
        let message = "nothing can be taken into custody at the moment; this document was not received";
        Refusal::of(StatusCode::SERVICE_UNAVAILABLE, &web::NOT_NOW, message).retry_after(RETRY_SECONDS)
    }

    /// Another method is meant.
    pub fn wrong_method(allowed: &'static str) -> Refusal {
        let fault = Diagnostic::new(&web::WRONG_METHOD, "this path takes another method").expected(allowed);
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, fault).with(ALLOW, allowed)
    }

    /// With a header.
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Refusal {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// To be tried again after so many seconds.
    pub fn retry_after(mut self, seconds: u32) -> Refusal {
        self.headers.push((RETRY_AFTER, seconds.into()));
        self
    }

    /// Says who was refused.
    pub fn to_partner(mut self, partner: &str) -> Refusal {
        self.partner = Some(partner.to_owned());
        self
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong.
    pub fn fault(&self) -> &Diagnostic {
        &self.fault
    }

    /// The headers that go with it.
    pub fn into_headers(self) -> Vec<(HeaderName, HeaderValue)> {
        self.headers
    }

    /// Its sentence.
    pub fn message(&self) -> &str {
        &self.fault.message
    }

    /// Who was refused, where that is known.
    pub fn partner(&self) -> Option<&str> {
        self.partner.as_deref()
    }

    /// Logs it by its code.
    pub fn log(&self, peer: &Peer, path: &str) {
        let (status, code) = (self.status.as_u16(), self.fault.code.code);
        let partner = self.partner.as_deref().unwrap_or_default();
        info!(%peer, partner, path, status, code, "refused: {}", self.fault.message);
    }
}

/// How soon a sender may try again what could not be taken.
const RETRY_SECONDS: u32 = 10;

impl IntoResponse for Refusal {
    fn into_response(self) -> Answer {
        let mut error = json!({ "code": self.fault.code.code, "message": self.fault.message });
        if let Some(expected) = &self.fault.expected {
            error["expected"] = expected.as_str().into();
        }
        if let Some(found) = &self.fault.found {
            error["found"] = found.as_str().into();
        }
        error["fix"] = self.fault.fix().into();
        let mut answer = json(self.status, &json!({ "error": error }));
        answer.headers_mut().extend(self.headers);
        // What was not read of the body would be taken for the next request.
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        answer
    }
}
