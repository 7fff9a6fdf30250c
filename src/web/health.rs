//! Whether the gateway lives, and whether it may be sent work: for those who watch over it.
//!
//! ```text
//! GET /healthz   200 { "alive": true }                                 the process answers, and that is all it says
//! GET /readyz    200 { "ready": true, "not_ready": [] }
//!                503 { "ready": false, "not_ready": [ { "what": "ledger", "why": "…" } ] }
//! ```
//!
//! Anybody may ask: it names what of the machine does not work, and nothing of any partner. A listener that serves nothing
//! else stays open while the daemon drains, and says so.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::answer::{self, Answer, Refusal};
use super::call::Call;
use super::context::Context;

/// Whether the process answers.
pub const ALIVE: &str = "/healthz";
/// Whether work may be sent here.
pub const READY: &str = "/readyz";

/// How long everything together may take to show that it works.
const WITHIN: Duration = Duration::from_secs(5);

/// Something that does not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotReady {
    /// `ledger`, `archive`, `intake`, `gateway`.
    pub what: String,
    /// Why not.
    pub why: String,
}

impl NotReady {
    /// Something, and why it does not work.
    pub fn new(what: &str, why: impl Into<String>) -> NotReady {
        NotReady { what: what.to_owned(), why: why.into() }
    }
}

/// Says that the process lives.
pub async fn alive(_: Arc<Context>, _: Call) -> Result<Answer, Refusal> {
    Ok(answer::json(StatusCode::OK, &json!({ "alive": true })))
}

/// Says whether work may be sent here, and else why not.
pub async fn ready(context: Arc<Context>, _: Call) -> Result<Answer, Refusal> {
    let looking = tokio::task::spawn_blocking(move || context.host.not_ready());
    let not_ready = match tokio::time::timeout(WITHIN, looking).await {
        Ok(Ok(not_ready)) => not_ready,
        Ok(Err(fault)) => vec![NotReady::new("gateway", fault.to_string())],
        Err(_) => vec![NotReady::new("machine", format!("it did not answer within {} s", WITHIN.as_secs()))],
    };
    let status = if not_ready.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(answer::json(status, &json!({ "ready": not_ready.is_empty(), "not_ready": not_ready })))
}
