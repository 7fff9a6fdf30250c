//! Figures for Prometheus.
//!
//! ```text
//! GET /metrics     from this machine: to anybody;  from elsewhere: Authorization: Bearer TOKEN, of a reader of everything
//! gateway_deliveries_waiting{state="retrying"} 3
//! ```
//!
//! The house counts; here it is only said who may read it.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Response, StatusCode};

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::context::Context;
use super::v1::{Fault, readers};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;

/// Where they are.
pub const METRICS: &str = "/metrics";

/// The form that Prometheus reads.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// All figures at this moment.
pub async fn metrics(context: Arc<Context>, call: Call) -> Result<Answer, Refusal> {
    // Behind a proxy everybody seems to be at this machine; such a listener says so by the address at which it is open.
    let is_local = call.listen.address.ip().is_loopback();
    let shown = if is_local { None } else { Some(readers::shown(&call)?) };
    let reading = tokio::task::spawn_blocking(move || {
        if let Some(shown) = shown {
            readers::scope(&context, &shown)?.map_or(Ok(()), |_| Err(not_of_partners()))?;
        }
        Ok(context.host.metrics())
    });
    let text = match reading.await {
        Ok(Ok(text)) => text,
        Ok(Err(Fault::Refused(refusal))) => return Err(*refusal),
        Ok(Err(Fault::Ledger(_))) | Err(_) => return Err(cannot_be_read()),
    };
    let mut answer = Response::new(Body::from(text));
    answer.headers_mut().insert(CONTENT_TYPE, OPEN_METRICS);
    Ok(answer)
}

fn not_of_partners() -> Fault {
    let message = "these figures are about the gateway as a whole, and the token for partners";
    Refusal::of(StatusCode::FORBIDDEN, &web::NOT_FOR_THIS_READER, message).into()
}

fn cannot_be_read() -> Refusal {
    let fault = Diagnostic::new(&web::NOT_NOW, "the books cannot be read at the moment");
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, fault).retry_after(10)
}
