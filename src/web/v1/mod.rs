//! The books by HTTP, to be read: what the command line says with `--json`, under the same names.
//!
//! ```text
//! GET /api/v1/deliveries?partner=megamart&state=parked&limit=2
//!   Authorization: Bearer TOKEN
//! 200 { "rows": [ {…}, {…} ], "next": "WzE3NzI1…" }               the newest first; `next` is the `cursor` of the next page
//! 404 { "type": "urn:edigate:API-E014", "title": …, "status": 404, "detail": …, "code": "API-E014", "fix": … }
//! ```
//!
//! [`table`] names every path with what it takes and what it answers; requests are answered, and the OpenAPI document is made,
//! by the same table. A reader sees the partners that its token is for ([`readers`]), on every path.
//!
//! Never here: a change of anything, a query of its own (they are in [`crate::ledger::view`]), and a secret.

pub mod readers;
pub mod asked;
pub mod partners;
pub mod table;
mod listings;
mod single;
mod raw;
mod problem;
pub mod openapi;

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use tracing::error;

use super::answer::{self, Answer, Refusal};
use super::api;
use super::call::Call;
use super::context::Context;
use crate::config::listen::Serves;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;
use crate::ledger;
use asked::Question;
use raw::Raw;
use table::Route;

/// What a path answers with.
pub enum Answered {
    /// A value.
    Json(serde_json::Value),
    /// The bytes of a file.
    Raw(Box<Raw>),
}

impl Answered {
    fn of(value: &impl Serialize) -> Result<Answered, Fault> {
        let value = serde_json::to_value(value);
        value.map(Answered::Json).map_err(|error| ledger::Error::Unexpected(error.to_string()).into())
    }
}

/// Why there is no answer.
pub enum Fault {
    /// The books cannot be read, or have no such row.
    Ledger(ledger::Error),
    /// The question cannot be answered.
    Refused(Box<Refusal>),
}

impl From<ledger::Error> for Fault {
    fn from(error: ledger::Error) -> Fault {
        Fault::Ledger(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        Fault::Refused(Box::new(refusal))
    }
}

/// Rows of a listing, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
struct Rows<T> {
    /// The rows.
    rows: Vec<T>,
    /// The `cursor` of the next page; null when this is the last one.
    next: Option<String>,
}

/// Answers a question.
pub async fn answer(context: Arc<Context>, call: Call, route: &'static Route) -> Answer {
    let (peer, path) = (call.peer.clone(), call.uri.path().to_owned());
    let takes_documents = call.listen.serves.contains(&Serves::Api) && route.path == api::ONE_DOCUMENT;
    let question = match route.is_open() {
        true => return answer::json(StatusCode::OK, &openapi::document(context.host.as_ref())),
        false => readers::shown(&call).and_then(|shown| Ok((shown, Question::read(&call, route)?))),
    };
    let answered = match question {
        Ok((shown, question)) => reply(&context, shown, question, route).await,
        Err(refusal) => Err(refusal),
    };
    match answered {
        Ok(answer) => answer,
        // The id may be that of something that was handed in, and the token that of its sender.
        Err(refusal) if takes_documents && is_unknown(&refusal) => {
            api::look_up(context, call).await.unwrap_or_else(|_| problem::answer(refusal))
        }
        Err(refusal) => {
            refusal.log(&peer, &path);
            problem::answer(refusal)
        }
    }
}

fn is_unknown(refusal: &Refusal) -> bool {
    matches!(refusal.status(), StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED)
}

/// Says that a path is only read.
pub fn wrong_method(call: &Call) -> Answer {
    let refusal = Refusal::wrong_method("GET, HEAD");
    refusal.log(&call.peer, call.uri.path());
    problem::answer(refusal)
}

async fn reply(
    context: &Arc<Context>,
    shown: HeaderMap,
    question: Question,
    route: &'static Route,
) -> Result<Answer, Refusal> {
    let context = Arc::clone(context);
    let reading = tokio::task::spawn_blocking(move || {
        let host = &context.host;
        let read = || (route.read)(&question.by(Arc::clone(host), readers::scope(&context, &shown)?)?);
        read().map_err(|fault| match fault {
            Fault::Refused(refusal) => *refusal,
            Fault::Ledger(error) => unreadable(&error, route, || host.custody_failed(&error)),
        })
    });
    match reading.await.unwrap_or_else(|_| Err(not_now()))? {
        Answered::Json(value) => Ok(answer::json(StatusCode::OK, &value)),
        Answered::Raw(raw) => Ok(raw.into_answer()),
    }
}

/// Why the books do not say it.
fn unreadable(error: &ledger::Error, route: &Route, machine_failed: impl FnOnce() -> bool) -> Refusal {
    match error {
        ledger::Error::NoSuch { what, .. } => no_such(what),
        ledger::Error::Pruned { .. } => Refusal::of(StatusCode::GONE, &web::PRUNED, error.to_string()),
        _ => {
            if !machine_failed() {
                error!(path = route.path, %error, "the books cannot be read");
            }
            not_now()
        }
    }
}

/// There is no such thing, or none that this reader may see: which of the two is not told.
fn no_such(what: &str) -> Refusal {
    Refusal::of(
        StatusCode::NOT_FOUND,
        &web::NO_SUCH_ROW,
        format!("there is no such {what}, or it is not for this reader"),
    )
}

fn not_now() -> Refusal {
    let fault = Diagnostic::new(&web::NOT_NOW, "the books cannot be read at the moment");
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, fault).retry_after(10)
}

/// The schema of a type, for the OpenAPI document.
fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> schemars::Schema {
    generator.subschema_for::<T>()
}
