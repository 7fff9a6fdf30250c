//! What is refused, as RFC 9457 says it: `application/problem+json`, with our code.

use axum::http::header::{CONTENT_TYPE, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;

use crate::web::answer::{self, Answer, Refusal};

/// Why a question is not answered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// The kind of problem, by its code: `urn:edigate:API-E014`.
    #[serde(rename = "type")]
    kind: String,
    /// The same in words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What is wrong with this question.
    detail: String,
    /// The code, for `edigate explain CODE`.
    code: String,
    /// What would have been right.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    /// What stood there.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// What to do.
    fix: String,
}

/// A refusal as a problem.
pub fn answer(refusal: Refusal) -> Answer {
    let fault = refusal.fault();
    let problem = Problem {
        kind: format!("urn:edigate:{}", fault.code.code),
        title: fault.code.title.to_owned(),
        status: refusal.status().as_u16(),
        detail: fault.message.clone(),
        code: fault.code.code.to_owned(),
        expected: fault.expected.clone(),
        found: fault.found.clone(),
        fix: fault.fix().to_owned(),
    };
    let value = serde_json::to_value(problem).unwrap_or_default();
    let mut answer = answer::json(refusal.status(), &value);
    answer.headers_mut().extend(refusal.into_headers());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    answer
}
