//! AS2 messages come in, and receipts that come by themselves.
//!
//! ```text
//! POST /as2   a message    -> 200 with its receipt, once the message and the receipt are durable
//!                             200 alone, where the receipt is to be posted or none was asked for
//!             a receipt    -> 200, once it is on record and what it says was done
//!             neither      -> 400
//! 503                      nothing can be taken into custody: the sender tries again, under the same id
//! ```
//!
//! A message that cannot be decrypted, verified or read gets its negative receipt with status 200 as well, and is kept. A known
//! message id gets the receipt that it got before. Who has no agreement with us is told so, and nothing of it is kept.

use std::io::Read as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{HeaderMap, Response, StatusCode};
use jiff::Timestamp;
use tracing::{error, info, warn};
use uuid::Uuid;

use super::answer::{Answer, Refusal};
use super::body::Received;
use super::call::Call;
use super::context::Context;
use super::host::Host;
use crate::capture::message::{self, Message, Taken};
use crate::config::agreement::As2Id;
use crate::config::as2::{As2Partner, OurAs2};
use crate::config::partner::{PartnerId, Wire};
use crate::config::{Config, agreement};
use crate::crash;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::as2 as codes;
use crate::ledger::message_receipt::Given;
use crate::ledger::{self, Content, Id};
use crate::transport::as2::disposition::Modifier;
use crate::transport::as2::envelope::{Brings, Envelope, brings};
use crate::transport::as2::header::Headers;
use crate::transport::as2::identity::Identity;
use crate::transport::as2::mime;
use crate::transport::as2::open::{Layer, Opened, Refusal as Unopened};
use crate::transport::as2::receipt::{self, Became, Written};
use crate::transport::as2::seal::Signing;
use crate::transport::as2_wire::{self, outlet::RECEIPT_ENDING};

/// Where messages are posted.
pub const MESSAGES: &str = "/as2";

/// How many messages of one partner are taken at the same time.
const AT_ONCE: usize = 32;

/// Held while a large message is open: that takes several times its size of memory, so that one is enough.
static LARGE: Mutex<()> = Mutex::new(());

/// Who we are in a conversation, and who the other is.
pub(super) struct Relation {
    pub(super) config: Arc<Config>,
    pub(super) partner: PartnerId,
    pub(super) endpoint: String,
    pub(super) as2: Arc<As2Partner>,
}

/// Takes a message into custody and answers with its receipt.
pub async fn receive(context: Arc<Context>, call: Call) -> Result<Answer, Refusal> {
    let headers = headers_of(&call.headers);
    let envelope = Envelope::read(&headers).map_err(|fault| Refusal::new(StatusCode::BAD_REQUEST, fault))?;
    let config = context.host.config();
    let relation = relation(&config, &envelope.to, &envelope.from);
    let Some(relation) = relation else {
        return stranger(&context, &config, &envelope).await;
    };
    let for_them = |refusal: Refusal| refusal.to_partner(relation.partner.as_str());
    let busy = context.busy.one_more(relation.partner.clone(), AT_ONCE);
    let busy = busy.ok_or_else(|| for_them(Refusal::not_now()))?;
    let host = Arc::clone(&context.host);
    let is_possible = tokio::task::spawn_blocking(move || host.custody_is_possible()).await.unwrap_or(false);
    if !is_possible {
        return Err(for_them(Refusal::not_now()));
    }
    let received = call.receive(&context).await.map_err(for_them)?;
    let (host, partner) = (Arc::clone(&context.host), relation.partner.clone());
    // A sender that goes away meanwhile changes nothing: what was begun ends, and its id finds it.
    let working = tokio::task::spawn_blocking(move || {
        let answered = work(host.as_ref(), &relation, &headers, &envelope, received);
        drop(busy);
        answered
    });
    let answered = working.await.unwrap_or(Err(ledger::Error::Panicked));
    crash::point("as2.answer.before");
    answered.map_err(|_| Refusal::not_now().to_partner(partner.as_str()))
}

/// The header fields of a request that say something about its message.
fn headers_of(headers: &HeaderMap) -> Headers {
    Headers::of(headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))))
}

/// The agreement between two ids.
fn relation(config: &Arc<Config>, ours: &As2Id, theirs: &As2Id) -> Option<Relation> {
    config.partners.values().find_map(|partner| {
        let found = partner.endpoints.iter().find_map(|endpoint| match &endpoint.via {
            Wire::As2(as2) if as2.our_id == *ours && as2.id == *theirs => Some((endpoint.name.clone(), as2)),
            _ => None,
        });
        let (endpoint, as2) = found?;
        Some(Relation { config: Arc::clone(config), partner: partner.id.clone(), endpoint, as2: Arc::clone(as2) })
    })
}

/// Somebody with whom nothing was agreed: its message is not even read.
async fn stranger(context: &Context, config: &Config, envelope: &Envelope) -> Result<Answer, Refusal> {
    let Envelope { from, to, .. } = envelope;
    let fault = Diagnostic::new(
        &codes::UNKNOWN_RELATION,
        format!("a message from {from} for {to}, between whom nothing was agreed"),
    );
    warn!(code = fault.code.code, "{}", fault.message);
    let wants_an_answer = envelope.wish.as_ref().is_some_and(|wish| wish.reply_to.is_none());
    let ours = config.as2.clone().filter(|_| wants_an_answer);
    let Some(ours) = ours else { return Err(Refusal::new(StatusCode::FORBIDDEN, fault)) };
    let (envelope, now) = (envelope.clone(), context.host.now());
    let writing = tokio::task::spawn_blocking(move || {
        let became = Became::Refused(Modifier::UnknownTradingRelationship);
        let signer = wants_signature(&envelope).then(|| as2_wire::signer(&ours, now).ok()).flatten();
        written(&envelope, became, None, signer.as_ref())
    });
    let written = writing.await.ok().and_then(Result::ok);
    written.map(answer_with).ok_or_else(|| Refusal::new(StatusCode::FORBIDDEN, fault))
}

fn wants_signature(envelope: &Envelope) -> bool {
    envelope.wish.as_ref().is_some_and(|wish| wish.signed)
}

/// All that blocks: read, open, record, answer.
fn work(
    host: &dyn Host,
    relation: &Relation,
    headers: &Headers,
    envelope: &Envelope,
    received: Received,
) -> Result<Answer, ledger::Error> {
    let is_large = matches!(received, Received::Spooled(_));
    // It guards nothing but the order.
    let _alone = is_large.then(|| LARGE.lock().unwrap_or_else(PoisonError::into_inner));
    let done = read_whole(received).and_then(|body| match brings(headers, &body) {
        Brings::Receipt => super::as2_receipt::take(host, relation, headers, &body),
        Brings::Documents => take(host, relation, headers, envelope, &body),
    });
    if let Err(fault) = &done
        && !host.custody_failed(fault)
    {
        error!(partner = %relation.partner, %fault, "cannot record a message");
    }
    done
}

fn read_whole(received: Received) -> Result<Vec<u8>, ledger::Error> {
    match received {
        Received::Held(bytes) => Ok(bytes),
        spooled => {
            let mut body = Vec::with_capacity(usize::try_from(spooled.size()).unwrap_or(0));
            let read = spooled.open().and_then(|mut file| file.read_to_end(&mut body));
            read.map(|_| body).map_err(|error| ledger::Error::Unexpected(format!("cannot read the spool: {error}")))
        }
    }
}

fn take(
    host: &dyn Host,
    relation: &Relation,
    headers: &Headers,
    envelope: &Envelope,
    body: &[u8],
) -> Result<Answer, ledger::Error> {
    let (partner, endpoint, now) = (relation.partner.to_string(), relation.endpoint.clone(), host.now());
    if let Some(answer) = known(host, &partner, &endpoint, envelope)? {
        return Ok(answer);
    }
    let Some(keys) = Keys::of(host, relation, envelope) else {
        return Err(ledger::Error::Unexpected("a private key of ours cannot be used".to_owned()));
    };
    let opened = opened(relation, headers, envelope, body, &keys, now);
    let (mut warnings, mut posted) = (Vec::new(), None);
    if let Some(url) = envelope.wish.as_ref().and_then(|wish| wish.reply_to.as_deref()) {
        match as2_wire::may_receive_receipts(&relation.as2, url) {
            true => posted = Some(url.to_owned()),
            false => {
                let message =
                    format!("its receipt is to go to {:?}, which receipt_hosts does not name", as2_wire::host(url));
                warnings.push(Diagnostic::new(&codes::RECEIPT_HOST, message).found(url));
            }
        }
    }
    let is_answered = envelope.wish.as_ref().is_some_and(|wish| wish.reply_to.is_none());
    let became = match &opened.outcome {
        Ok(_) => Became::Processed,
        Err(refusal) => Became::Refused(refusal.modifier),
    };
    let written = match envelope.wish {
        Some(_) => Some(
            written(envelope, became, Some(&opened), keys.signer.as_ref())
                .map_err(|error| ledger::Error::Unexpected(format!("a receipt cannot be signed: {error}")))?,
        ),
        None => None,
    };
    let receipt = written.as_ref().map(|written| receipt_of(written, became, posted.as_deref()));
    let protection = in_words(&opened.layers);
    let brought: Result<Vec<(String, Content)>, Diagnostic> = match opened.outcome {
        Ok(payloads) => {
            let files = as2_wire::named(payloads, &envelope.message_id).into_iter();
            Ok(files.map(|(name, bytes)| (name, Content::in_memory(bytes))).collect())
        }
        Err(refusal) => Err(refusal.fault),
    };
    if let Err(fault) = &brought {
        host.failed(&partner, &endpoint, &fault.message);
        warn!(partner, code = fault.code.code, message_id = envelope.message_id, "a message is quarantined");
    }
    let count = brought.as_ref().map_or(0, Vec::len);
    let duplicates = relation.config.partners.get(&relation.partner).map(|one| one.duplicates).unwrap_or_default();
    let message = Message {
        partner: partner.clone(),
        endpoint: endpoint.clone(),
        id: envelope.message_id.clone(),
        whole: Content::in_memory(mime::entity(headers, body)),
        protection,
        brought,
        warnings,
        receipt,
        duplicates,
        at: now,
    };
    match message::take(host.ledger(), message)? {
        Taken::Now => {}
        Taken::Before(given) => return again(host, &given),
    }
    crash::point("capture.row.after");
    host.captured();
    if count > 0 {
        host.worked(&partner, &endpoint, count);
        info!(partner, message_id = envelope.message_id, files = count, "message taken");
    }
    Ok(match written.filter(|_| is_answered) {
        Some(written) => answer_with(written),
        None => Response::new(Body::empty()),
    })
}

/// What a message is opened with, and who signs its receipt.
struct Keys {
    ours: Vec<Identity>,
    signer: Option<Identity>,
}

impl Keys {
    /// Nothing where a key of ours is missing: the sender tries again, and a person is told.
    fn of(host: &dyn Host, relation: &Relation, envelope: &Envelope) -> Option<Keys> {
        let ours: &OurAs2 = &relation.as2.ours;
        let (identities, faults) = as2_wire::identities(ours);
        let signer = wants_signature(envelope).then(|| as2_wire::signer(ours, host.now())).transpose();
        let what = format!("AS2 keys of {}", ours.id);
        match (faults.into_iter().next(), signer) {
            (None, Ok(signer)) => {
                host.clear(&what);
                Some(Keys { ours: identities, signer })
            }
            (Some(fault), _) | (None, Err(fault)) => {
                host.raise(&what, &fault);
                None
            }
        }
    }
}

fn opened(
    relation: &Relation,
    headers: &Headers,
    envelope: &Envelope,
    body: &[u8],
    keys: &Keys,
    now: Timestamp,
) -> Opened {
    let mut opened = as2_wire::open_message(&relation.as2, &keys.ours, headers, body, now);
    if let (Ok(_), Some(modifier)) = (&opened.outcome, envelope.wish.as_ref().and_then(|wish| wish.impossible)) {
        let message = format!("it insists on a receipt that we cannot give ({modifier})");
        let fault = Diagnostic::new(&codes::RECEIPT_IMPOSSIBLE, message);
        opened.outcome = Err(Unopened { modifier, fault });
    }
    opened
}

/// The receipt that a message got before, if it came before.
fn known(host: &dyn Host, partner: &str, endpoint: &str, envelope: &Envelope) -> Result<Option<Answer>, ledger::Error> {
    let id = envelope.message_id.as_str();
    if host.ledger().read(|tx| tx.given_receipt(partner, endpoint, id))?.is_none() {
        return Ok(None);
    }
    let (whose, by, id, now) = (partner.to_owned(), endpoint.to_owned(), id.to_owned(), host.now());
    let given = host.ledger().write(move |tx| message::again(tx, &whose, &by, &id, now))?;
    given.map(|given| again(host, &given)).transpose()
}

/// A receipt as it was given before; one that is posted is due once more.
fn again(host: &dyn Host, given: &Given) -> Result<Answer, ledger::Error> {
    let Some(receipt) = &given.receipt else { return Ok(Response::new(Body::empty())) };
    let bytes = host.ledger().read(|tx| {
        let sha256 = tx.transmission(receipt)?.sha256;
        tx.content(&sha256)
    })?;
    if bytes.starts_with(b"POST ") {
        let (receipt, now): (Id, _) = (receipt.clone(), host.now());
        host.ledger().write(move |tx| tx.send_again(&receipt, now))?;
        host.captured();
        return Ok(Response::new(Body::empty()));
    }
    let entity = mime::Entity::parse(&bytes).map_err(|why| ledger::Error::Unexpected(why.to_string()))?;
    Ok(answer_with(Written { headers: entity.headers, body: entity.body.to_vec() }))
}

fn written(
    envelope: &Envelope,
    became: Became,
    opened: Option<&Opened>,
    signer: Option<&Identity>,
) -> Result<Written, openssl::error::ErrorStack> {
    let signed_by = opened.and_then(Opened::signed_by).and_then(|(digest, _)| digest);
    let (digest, _) = receipt::mic_of(envelope, signed_by);
    let id = Uuid::now_v7();
    receipt::write(receipt::Answer {
        about: envelope,
        became,
        digests: opened.and_then(|opened| opened.digests.as_ref()),
        signed_by,
        sign: signer.map(|identity| Signing { identity, digest, padding: agreement::SignaturePadding::Pkcs1 }),
        message_id: &format!("<{id}@edigate>"),
    })
}

fn receipt_of(written: &Written, became: Became, posted_to: Option<&str>) -> message::Receipt {
    let entity = mime::entity(&written.headers, &written.body);
    let (bytes, posted_as) = match posted_to {
        Some(url) => {
            let name = format!("receipt-{}{RECEIPT_ENDING}", Uuid::now_v7().simple());
            ([format!("POST {url}\r\n").as_bytes(), &entity].concat(), Some(name))
        }
        None => (entity, None),
    };
    let says = match became {
        Became::Processed => "processed".to_owned(),
        Became::Duplicate => "duplicate".to_owned(),
        Became::Refused(modifier) => modifier.to_string(),
    };
    message::Receipt { content: Content::in_memory(bytes), says, posted_as }
}

fn answer_with(written: Written) -> Answer {
    let mut answer = Response::new(Body::from(written.body));
    for (name, value) in written.headers.iter() {
        // What cannot stand in a header was never written into one of ours.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// How a message was protected.
fn in_words(layers: &[Layer]) -> String {
    let word = |layer: &Layer| match layer {
        Layer::Encrypted(Some(cipher)) => format!("encrypted by {}", cipher.name()),
        Layer::Encrypted(None) => "encrypted by an unknown cipher".to_owned(),
        Layer::Signed { digest, by } => {
            let digest = digest.map_or("an unknown digest", agreement::Digest::name);
            format!("signed by {} with {digest}", by.subject())
        }
        Layer::Compressed => "compressed".to_owned(),
    };
    match layers {
        [] => "neither signed nor encrypted".to_owned(),
        layers => layers.iter().map(word).collect::<Vec<_>>().join(", "),
    }
}
