//! The intake API: a partner hands in documents, and asks what became of them.
//!
//! ```text
//! POST /api/v1/documents?name=ship_0000777.csv           the document, byte for byte, as the body
//!   Authorization: Bearer TOKEN                          whose it is
//!   Idempotency-Key: 7c0a1f0e                            the same key answers the same, and takes effect once
//! 202 { "id": "0198…", "name": …, "bytes": …, "sha256": …, "received": …, "ask": "/api/v1/documents/0198…" }
//!
//! GET  /api/v1/documents/0198…
//! 200 { "id": …, "state": "processed", "diagnostics": […], "orders": […], "events": […] }
//! ```
//!
//! What is handed in goes the way of a dropped file. 202 is said when its bytes and its row are durable, and not before; who gets no
//! answer asks again under the same key.

use std::sync::Arc;

use axum::http::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue,
    LOCATION, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tracing::{error, info};

use super::answer::{self, Answer, Refusal};
use super::body::Received;
use super::call::Call;
use super::context::Context;
use super::host::Host;
use crate::capture::hand_in::{self, HandIn, Handed};
use crate::config::Config;
use crate::config::listen::Api;
use crate::config::partner::{Partner, PartnerId, Role};
use crate::crash;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;
use crate::ledger::transmission::{Direction, Transmission, TransmissionState};
use crate::ledger::{self, Id};

/// Where documents are handed in.
pub const DOCUMENTS: &str = "/api/v1/documents";
/// Where one is asked for.
pub const ONE_DOCUMENT: &str = "/api/v1/documents/{id}";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest key and the longest name.
const LONGEST: usize = 200;
/// How many documents a partner may hand in at the same time.
const AT_ONCE: usize = 32;

/// Takes a document into custody.
pub async fn hand_in(context: Arc<Context>, call: Call) -> Result<Answer, Refusal> {
    let (config, id) = authorized(&context, &call)?;
    let for_them = |refusal: Refusal| refusal.to_partner(id.as_str());
    let asked = Asked::by(&call).map_err(for_them)?;
    let busy = context.busy.one_more(id.clone(), AT_ONCE).ok_or_else(|| for_them(too_many()))?;
    let host = Arc::clone(&context.host);
    let is_possible = tokio::task::spawn_blocking(move || host.custody_is_possible()).await.unwrap_or(false);
    if !is_possible {
        return Err(for_them(Refusal::not_now()));
    }
    let received = call.receive(&context).await.map_err(for_them)?;
    if received.size() == 0 {
        return Err(for_them(nothing()));
    }
    let (host, owner) = (Arc::clone(&context.host), id.clone());
    let recording = tokio::task::spawn_blocking(move || {
        let handed = record(host.as_ref(), &config, &owner, asked, received);
        drop(busy);
        handed
    });
    // A sender that goes away meanwhile changes nothing: what was begun ends, and its key finds it.
    let handed = recording.await.unwrap_or(Err(ledger::Error::Panicked));
    let handed = handed.map_err(|_| for_them(Refusal::not_now()))?;
    crash::point("api.answer.before");
    match handed {
        Handed::In(transmission) | Handed::Before(transmission) => Ok(taken(&transmission)),
        Handed::OtherBytes(first) => Err(for_them(key_reused(&first))),
    }
}

/// What a sender says of its document beside its bytes.
struct Asked {
    name: String,
    key: Option<String>,
}

impl Asked {
    fn by(call: &Call) -> Result<Asked, Refusal> {
        if is_empty(&call.headers) {
            return Err(nothing());
        }
        let content_type = call.header(CONTENT_TYPE).unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind == "application/x-www-form-urlencoded" || kind.starts_with("multipart/") {
            let fault = Diagnostic::new(&web::WRONG_CONTENT, "the body is a form").found(kind);
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, fault.expected("the document itself")));
        }
        let encoding = call.header(CONTENT_ENCODING).unwrap_or("identity").to_ascii_lowercase();
        if encoding != "identity" {
            let fault = Diagnostic::new(&web::WRONG_CONTENT, "the body is compressed").found(encoding);
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, fault.expected("no Content-Encoding")));
        }
        Ok(Asked { name: name(call, &kind)?, key: key(&call.headers)? })
    }
}

fn is_empty(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.map_or(!headers.contains_key(TRANSFER_ENCODING), |length| length == "0")
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let is_usable = (1..=LONGEST).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if is_usable => Ok(Some(key.to_owned())),
        _ => {
            let fault = Diagnostic::new(&web::BAD_HEADER, "the Idempotency-Key cannot be used");
            let fault = fault.expected(format!("1 to {LONGEST} visible characters, without spaces"));
            Err(Refusal::new(StatusCode::BAD_REQUEST, fault))
        }
    }
}

/// The document's name, by which rules tell apart what a partner sends: the parameter, else the header, else its kind.
fn name(call: &Call, kind: &str) -> Result<String, Refusal> {
    let given = call.parameter("name").or_else(|| file_name(call.header(CONTENT_DISPOSITION)?));
    let Some(name) = given else {
        let ending = match kind {
            "application/json" => "json",
            "application/xml" | "text/xml" => "xml",
            "text/csv" => "csv",
            _ => "edi",
        };
        return Ok(format!("document.{ending}"));
    };
    let is_plain = (1..=LONGEST).contains(&name.len())
        && !name.starts_with('.')
        && !name.contains(['/', '\\', '\u{fffd}'])
        && !name.chars().any(char::is_control);
    if !is_plain {
        let fault = Diagnostic::new(&web::BAD_HEADER, "the name cannot be used").found(name);
        let fault = fault.expected(format!("a plain file name of 1 to {LONGEST} bytes that begins with no dot"));
        return Err(Refusal::new(StatusCode::BAD_REQUEST, fault));
    }
    Ok(name)
}

/// `attachment; filename="ship_0000777.csv"`.
fn file_name(disposition: &str) -> Option<String> {
    let parts = disposition.split(';').filter_map(|part| part.trim().split_once('='));
    let (_, value) = parts.into_iter().find(|(key, _)| key.trim().eq_ignore_ascii_case("filename"))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// There is no token, or none that can be used.
pub(super) fn no_token(message: &str) -> Refusal {
    let fault = Diagnostic::new(&web::NO_TOKEN, message).expected("Authorization: Bearer TOKEN");
    Refusal::new(StatusCode::UNAUTHORIZED, fault).with(WWW_AUTHENTICATE, "Bearer")
}

/// The token that a request shows.
pub(super) fn bearer(call: &Call) -> Result<&str, Refusal> {
    let shown = call.header(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    shown.ok_or_else(|| no_token("the request shows no token"))
}

/// Who asks: the owner of the token, with the certificate that belongs to it.
fn authorized(context: &Context, call: &Call) -> Result<(Arc<Config>, PartnerId), Refusal> {
    let token = bearer(call)?;
    let config = context.host.config();
    let owner = context.tokens.owner(token);
    // A partner that is gone from the configuration has no token any more, whatever was read before.
    let Some((id, api)) = owner.and_then(|id| api_of(&config, &id).cloned().map(|api| (id, api))) else {
        return Err(no_token("the token belongs to nobody"));
    };
    let certificate = call.peer.certificate.as_deref();
    let is_theirs = |shown: &str| api.certificates.iter().any(|known| known == shown);
    if !api.certificates.is_empty() && !certificate.is_some_and(is_theirs) {
        let message = match certificate {
            Some(_) => "the certificate that was shown is not the one that belongs to this token",
            None => "this token is of use only with the certificate that belongs to it, and none was shown",
        };
        let fault = Diagnostic::new(&web::WRONG_CERTIFICATE, message);
        let fault = match certificate {
            Some(shown) => fault.found(shown),
            None => fault,
        };
        return Err(Refusal::new(StatusCode::FORBIDDEN, fault).to_partner(id.as_str()));
    }
    Ok((config, id))
}

fn api_of<'c>(config: &'c Config, partner: &PartnerId) -> Option<&'c Api> {
    config.partners.get(partner)?.api.as_ref()
}

/// Records a document, and wakes whoever goes on with it. It blocks until all of it is durable.
fn record(
    host: &dyn Host,
    config: &Config,
    partner: &PartnerId,
    asked: Asked,
    received: Received,
) -> Result<Handed, ledger::Error> {
    let ledger = host.ledger();
    let handed = received.into_content(ledger.archive()).and_then(|content| {
        let duplicates = config.partners.get(partner).map(|partner| partner.duplicates).unwrap_or_default();
        let (partner, endpoint) = (partner.to_string(), Api::ENDPOINT.to_owned());
        let Asked { name, key } = asked;
        hand_in::hand_in(ledger, HandIn { partner, endpoint, name, key, content, duplicates, at: host.now() })
    });
    match &handed {
        Ok(handed) => {
            crash::point("capture.row.after");
            host.captured();
            tell(host, partner, handed);
        }
        Err(fault) if host.custody_failed(fault) => {}
        Err(fault) => error!(%partner, %fault, "cannot record what was handed in"),
    }
    handed
}

fn tell(host: &dyn Host, partner: &PartnerId, handed: &Handed) {
    let (transmission, what) = match handed {
        Handed::In(transmission) => (transmission, "handed in"),
        Handed::Before(first) => (first, "handed in before under this key"),
        // The refusal tells it.
        Handed::OtherBytes(_) => return,
    };
    info!(%partner, file = transmission.name, transmission = %transmission.id, "{what}");
    host.worked(partner.as_str(), Api::ENDPOINT, usize::from(matches!(handed, Handed::In(_))));
}

/// The same for the first time and for every other: nothing in it changes with what becomes of the document.
fn taken(transmission: &Transmission) -> Answer {
    let ask = format!("{DOCUMENTS}/{}", transmission.id);
    let mut value = json!({
        "id": transmission.id.as_str(),
        "name": transmission.name,
        "bytes": transmission.size,
        "sha256": transmission.sha256,
        "received": transmission.at.to_string(),
        "ask": ask,
    });
    if let TransmissionState::Duplicate { of } = &transmission.state {
        value["duplicate_of"] = of.as_str().into();
    }
    let mut answer = answer::json(StatusCode::ACCEPTED, &value);
    if let Ok(ask) = HeaderValue::try_from(ask) {
        answer.headers_mut().insert(LOCATION, ask);
    }
    answer
}

fn nothing() -> Refusal {
    Refusal::of(StatusCode::BAD_REQUEST, &web::NOTHING_HANDED_IN, "the body is empty")
}

fn too_many() -> Refusal {
    let message = format!("{AT_ONCE} documents of this partner are being taken already");
    Refusal::of(StatusCode::TOO_MANY_REQUESTS, &web::TOO_MANY_AT_ONCE, message).retry_after(1)
}

fn key_reused(first: &Transmission) -> Refusal {
    let message = format!("this Idempotency-Key came on {} with other bytes, as {}", first.at, first.name);
    let fault = Diagnostic::new(&web::KEY_REUSED, message).expected(format!("sha256 {}", first.sha256));
    Refusal::new(StatusCode::CONFLICT, fault)
}

/// Says what became of a document, to whoever handed it in.
pub async fn look_up(context: Arc<Context>, call: Call) -> Result<Answer, Refusal> {
    let (config, id) = authorized(&context, &call)?;
    let document = Id(call.uri.path().trim_start_matches(DOCUMENTS).trim_start_matches('/').to_owned());
    let (host, owner) = (Arc::clone(&context.host), id.clone());
    let asking = tokio::task::spawn_blocking(move || {
        let partner = config.partners.get(&owner);
        let found = partner.map(|partner| state_of(host.ledger(), partner, &document));
        found.unwrap_or(Ok(None)).inspect_err(|fault| {
            if !host.custody_failed(fault) {
                error!(partner = %owner, %fault, "cannot look up what was handed in");
            }
        })
    });
    match asking.await.unwrap_or(Err(ledger::Error::Panicked)) {
        Ok(Some(state)) => Ok(answer::json(StatusCode::OK, &state)),
        Ok(None) => {
            let message = "no document of that id was handed in under this token";
            Err(Refusal::of(StatusCode::NOT_FOUND, &web::NO_SUCH_DOCUMENT, message).to_partner(id.as_str()))
        }
        Err(_) => {
            let fault = Diagnostic::new(&web::NOT_NOW, "the books cannot be read at the moment");
            Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, fault).retry_after(10).to_partner(id.as_str()))
        }
    }
}

/// The story of a document as far as this partner may read it.
fn state_of(ledger: &ledger::Ledger, partner: &Partner, id: &Id) -> Result<Option<Value>, ledger::Error> {
    ledger.read(|tx| {
        let transmission = match tx.transmission(id) {
            Ok(found) if found.partner == partner.id.as_str() && found.direction == Direction::In => found,
            Ok(_) | Err(ledger::Error::NoSuch { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let diagnostics = tx.diagnostics(id)?;
        let trace = tx.trace(id.as_str())?;
        // Our own systems read the whole story of what they handed in; others what stands in their own journal about it.
        let is_ours = matches!(partner.role, Role::Erp | Role::Wms);
        let events = trace.events.iter().filter(|event| {
            is_ours || (event.partner == partner.id.as_str() && event.refs.transmission.as_ref() == Some(id))
        });
        let events: Vec<Value> = events
            .map(|event| json!({ "at": event.at, "kind": event.kind, "partner": event.partner, "text": event.text }))
            .collect();
        let orders = trace.orders.iter().filter(|(whose, _)| is_ours || whose == partner.id.as_str());
        let orders: Vec<Value> =
            orders.map(|(whose, number)| json!({ "partner": whose, "po_number": number })).collect();
        let mut state = json!({
            "id": transmission.id.as_str(),
            "name": transmission.name,
            "bytes": transmission.size,
            "sha256": transmission.sha256,
            "received": transmission.at.to_string(),
            "state": transmission.state.name(),
        });
        if let TransmissionState::Duplicate { of } = &transmission.state {
            state["duplicate_of"] = of.as_str().into();
        }
        state["diagnostics"] = json!(diagnostics);
        state["orders"] = orders.into();
        state["events"] = events.into();
        Ok(Some(state))
    })
}
