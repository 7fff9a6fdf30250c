//! Files as AS2 messages to a partner, and the receipts that come as their answers.
//!
//! ```text
//! 200 with a receipt that matches      delivered; the receipt is the evidence
//! 200 with any other receipt           parked, or tried again where nothing can be read; the receipt is evidence as well
//! 408, 429, 5xx, no connection         again after 5, 10, 20, 40 minutes
//! 3xx, 4xx                             parked: a person must look
//! no answer                            unclear: the same message again
//! ```
//!
//! A message id follows from the delivery, so that it is the same in every attempt and after every crash: the partner knows a
//! repetition by it. Receipts that we owe somebody who wants them posted go the same way: files whose name ends in `.mdn`.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::Timestamp;
use reqwest::blocking::{Client, Response};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;

use super::super::as2::header::Headers;
use super::super::as2::seal::{self, About, Encrypting, File, Manner as Sealing, Signing};
use super::super::as2::verdict::{self, Expected};
use super::super::as2::{digest::Digests, mime};
use super::super::bandwidth::Bandwidth;
use super::super::http::{carrying, in_words, trusting};
use super::super::outlet::{self, Awaits, Evidence, Leaving, Manner, Outlet, Unsent};
use super::super::trial::Step;
use crate::config::agreement::{Digest, Receipt};
use crate::config::as2::As2Partner;
use crate::crash;
use crate::diagnostic::codes::{as2 as codes, custody, web, wire};
use crate::diagnostic::{Code, Diagnostic, Place};

/// How much of an answer is read; a receipt has a few thousand bytes.
const LONGEST_ANSWER: u64 = 4 << 20;

/// The ending of files that are receipts of ours, to be posted as they are: `POST URL`, header, body.
pub const RECEIPT_ENDING: &str = ".mdn";

/// A partner that messages are posted to.
pub struct Messages {
    partner: Arc<As2Partner>,
    bandwidth: Option<Arc<Bandwidth>>,
    /// Made when it is needed first, and kept with its connections.
    client: OnceLock<Client>,
    /// What came of attempts, until it is fetched.
    evidence: Mutex<HashMap<String, Evidence>>,
}

/// An answer to a request.
struct Answer {
    status: u16,
    headers: Headers,
    body: Vec<u8>,
}

impl Answer {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP {}\r\n", self.status).into_bytes();
        bytes.extend_from_slice(&mime::entity(&self.headers, &self.body));
        bytes
    }
}

impl Messages {
    /// The partner of an endpoint; nothing is connected before something is sent.
    pub fn to(partner: &Arc<As2Partner>, bandwidth: Option<Arc<Bandwidth>>) -> Messages {
        Messages { partner: Arc::clone(partner), bandwidth, client: OnceLock::new(), evidence: Mutex::default() }
    }

    fn client(&self) -> Result<&Client, Diagnostic> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = client(&self.partner)?;
        Ok(self.client.get_or_init(|| client))
    }

    fn send(&self, file: &Leaving<'_>) -> Result<String, Unsent> {
        if file.name.ends_with(RECEIPT_ENDING) && file.bytes.starts_with(b"POST ") {
            return self.post_receipt(file.bytes);
        }
        let Some(address) = &self.partner.address else {
            let message = "the endpoint has no address any more";
            return Err(Unsent::Permanent(Diagnostic::new(&custody::CANNOT_SUCCEED, message)));
        };
        let now = Timestamp::now();
        let message_id = message_id(file.key, self.partner.our_id.as_str());
        let sealed = self.sealed(file, &message_id, now).map_err(|fault| Unsent::Temporary(self.at(fault)))?;
        crash::point("as2.post.before");
        let answer = self.post(address, &sealed.headers, sealed.body, now)?;
        crash::point("as2.post.after");
        self.heard(file, &message_id, &sealed.digests, answer, now)
    }

    fn sealed(&self, file: &Leaving<'_>, message_id: &str, now: Timestamp) -> Result<seal::Sealed, Diagnostic> {
        let partner = &self.partner;
        let signer = partner.sign.map(|_| super::signer(&partner.ours, now)).transpose()?;
        let recipient = partner.encrypt.map(|_| super::recipient(partner, now)).transpose()?;
        let sign = partner.sign.zip(signer.as_ref());
        let manner = Sealing {
            from: &partner.our_id,
            to: &partner.id,
            sign: sign.map(|((digest, padding), identity)| Signing { identity, digest, padding }),
            encrypt: partner.encrypt.zip(recipient).map(|((cipher, padding), certificate)| Encrypting {
                certificate,
                cipher,
                padding,
            }),
            compress: partner.compress,
            transfer: partner.transfer,
            receipt: partner.receipt,
            mic: partner.sign.map_or(Digest::Sha256, |(digest, _)| digest),
            receipt_to: partner.posts_receipts_within.and(partner.ours.address.as_deref()),
        };
        let file = File { name: file.name, content_type: &partner.content_type, bytes: file.bytes };
        seal::seal(&[file], manner, About { message_id, subject: file.name }).map_err(|error| {
            Diagnostic::new(&codes::KEY_UNUSABLE, format!("the message cannot be signed or encrypted: {error}"))
        })
    }

    fn post(&self, url: &str, headers: &Headers, body: Vec<u8>, now: Timestamp) -> Result<Answer, Unsent> {
        let client = self.client().map_err(|fault| Unsent::Temporary(self.at(fault)))?;
        let mut fields = HeaderMap::new();
        let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        for (name, value) in headers.iter().chain([("Date", date.as_str()), ("User-Agent", "edigate")]) {
            let field = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
            let Some((name, value)) = field else {
                let message = format!("the header field {name} cannot be sent");
                return Err(Unsent::Permanent(
                    self.at(Diagnostic::new(&custody::CANNOT_SUCCEED, message).found(value)),
                ));
            };
            fields.insert(name, value);
        }
        let request = client.post(url).headers(fields);
        let request = carrying(request, body, self.partner.timeout, self.bandwidth.as_ref());
        let answered = request.send().and_then(read);
        answered.map_err(|error| {
            let why = in_words(&error);
            if error.is_connect() || error.is_builder() {
                let message = format!("{} does not answer: {why}", super::host(url));
                let fault = self.at(Diagnostic::new(&wire::UNREACHABLE, message));
                return Unsent::Temporary(fault.hint(format!("try `curl -v {url}` from this machine")));
            }
            let message = format!("{} gave no answer: {why}", super::host(url));
            Unsent::Unclear(self.at(Diagnostic::new(&web::ANSWER_LOST, message)))
        })
    }

    /// What an answer says of a message.
    fn heard(
        &self,
        file: &Leaving<'_>,
        message_id: &str,
        digests: &Digests,
        answer: Answer,
        now: Timestamp,
    ) -> Result<String, Unsent> {
        status(&answer, &self.partner).map_err(|unsent| self.placed(unsent))?;
        let keep = |awaits: Option<Awaits>| {
            let evidence = Evidence {
                name: format!("receipt for {}", file.name),
                message_id: answer.headers.field("message-id").map(str::to_owned),
                bytes: answer.to_bytes(),
                awaits,
            };
            locked(&self.evidence).insert(file.key.to_owned(), evidence);
        };
        if let Some(within) = self.partner.posts_receipts_within {
            keep(Some(Awaits { message_id: message_id.to_owned(), digests: digests.to_text(), within }));
            return Ok(format!("message {message_id} taken with {}, its receipt is to be posted", answer.status));
        }
        if self.partner.receipt == Receipt::None {
            return Ok(format!("message {message_id} taken with {}, no receipt was asked for", answer.status));
        }
        keep(None);
        let (theirs, _) = super::signers(&self.partner, now);
        let is_signed = self.partner.sign.is_some();
        let expected = Expected { message_id, digests, receipt: self.partner.receipt, is_signed, theirs: &theirs };
        match verdict::judge(&answer.headers, &answer.body, expected) {
            Ok(matched) => Ok(receipt_in_words(message_id, &matched)),
            // What is in front of their server may answer for it for a while.
            Err(fault) if fault.code == &codes::RECEIPT_UNREADABLE => Err(Unsent::Temporary(self.at(fault))),
            Err(fault) => Err(Unsent::Permanent(self.at(fault))),
        }
    }

    /// Posts a receipt that we owe.
    fn post_receipt(&self, bytes: &[u8]) -> Result<String, Unsent> {
        let split = bytes.iter().position(|byte| *byte == b'\n').map(|at| bytes.split_at(at + 1));
        let parts = split.and_then(|(line, entity)| {
            let url = std::str::from_utf8(line).ok()?.strip_prefix("POST ")?.trim();
            Some((url, mime::Entity::parse(entity).ok()?))
        });
        let Some((url, entity)) = parts else {
            let message = "the receipt that is to be posted cannot be read";
            return Err(Unsent::Permanent(Diagnostic::new(&custody::CANNOT_SUCCEED, message)));
        };
        if !super::may_receive_receipts(&self.partner, url) {
            let message = format!("receipts may not be posted to {:?}", super::host(url));
            return Err(Unsent::Permanent(Diagnostic::new(&codes::RECEIPT_HOST, message).found(url)));
        }
        let answer = self.post(url, &entity.headers, entity.body.to_vec(), Timestamp::now())?;
        status(&answer, &self.partner).map_err(|unsent| self.placed(unsent))?;
        Ok(format!("receipt posted to {url}: {}", answer.status))
    }

    fn placed(&self, unsent: Unsent) -> Unsent {
        match unsent {
            Unsent::Temporary(fault) => Unsent::Temporary(self.at(fault)),
            Unsent::Permanent(fault) => Unsent::Permanent(self.at(fault)),
            other => other,
        }
    }

    fn at(&self, fault: Diagnostic) -> Diagnostic {
        match &fault.place.file {
            Some(_) => fault,
            None => fault.at(Place { file: self.partner.address.clone(), ..Place::default() }),
        }
    }
}

/// What a receipt that matches says, for the attempt's row.
pub fn receipt_in_words(message_id: &str, matched: &verdict::Matched) -> String {
    let mut words = format!("message {message_id} processed");
    if let Some((digest, value)) = &matched.mic {
        words.push_str(&format!(", {digest} {value}"));
    }
    match &matched.signed_by {
        Some(certificate) => words.push_str(&format!(", signed by {certificate}")),
        None => words.push_str(", not signed"),
    }
    if let Some(warning) = &matched.warning {
        words.push_str(&format!(" (warning: {warning})"));
    }
    words
}

/// Success, or what another status means.
fn status(answer: &Answer, partner: &As2Partner) -> Result<(), Unsent> {
    let said: String = String::from_utf8_lossy(&answer.body).split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = said.chars().take(200).collect();
    let fault = |code: Code, verb: &str| {
        let host = super::host(partner.address.as_deref().unwrap_or_default());
        Diagnostic::new(code, format!("{host} {verb} with status {}", answer.status)).found(said.clone())
    };
    match answer.status {
        200..=299 => Ok(()),
        408 | 429 | 500.. => Err(Unsent::Temporary(fault(&codes::SERVER_FAILED, "failed"))),
        _ => Err(Unsent::Permanent(fault(&codes::SERVER_REFUSES, "refuses"))),
    }
}

/// The id of a delivery's message: an attempt's key without its number, at who we are.
fn message_id(key: &str, our_id: &str) -> String {
    let delivery = key.rsplit_once('.').map_or(key, |(delivery, _)| delivery);
    let host: String = our_id.chars().filter(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).collect();
    let host = if host.is_empty() { "edigate" } else { &host };
    format!("<{delivery}@{host}>")
}

fn client(partner: &As2Partner) -> Result<Client, Diagnostic> {
    // A message goes to the address that was agreed, and nowhere else.
    let builder = Client::builder().timeout(partner.timeout).redirect(redirect::Policy::none()).no_proxy();
    let built = trusting(builder, partner.ca.as_deref())?.build();
    built.map_err(|error| Diagnostic::new(&wire::UNREACHABLE, in_words(&error)))
}

fn read(response: Response) -> Result<Answer, reqwest::Error> {
    let status = response.status().as_u16();
    let fields = response.headers().iter();
    let headers =
        Headers::of(fields.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()))));
    let mut body = Vec::new();
    // A receipt that is cut off is no receipt: its last delimiter is missing.
    let _ = response.take(LONGEST_ANSWER).read_to_end(&mut body);
    Ok(Answer { status, headers, body })
}

/// Tries a partner: our keys, the certificates of both, and whether its server answers. No message is sent.
pub fn trial(partner: &Arc<As2Partner>) -> Vec<Step> {
    let now = Timestamp::now();
    let mut steps = Vec::new();
    let (identities, faults) = super::identities(&partner.ours);
    let ours = match faults.into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(format!("{} of {} fit", identities.len(), partner.ours.certificates.len())),
    };
    steps.push(Step { what: format!("read our keys as {}", partner.our_id), outcome: ours });
    if partner.sign.is_some() {
        let signer = super::signer(&partner.ours, now).map(|identity| identity.certificate().to_string());
        steps.push(Step { what: "sign".to_owned(), outcome: signer });
    }
    if partner.encrypt.is_some() {
        let recipient = super::recipient(partner, now).map(ToString::to_string);
        steps.push(Step { what: format!("encrypt for {}", partner.id), outcome: recipient });
    }
    if let Some(address) = &partner.address {
        let messages = Messages::to(partner, None);
        let asked = messages.client().and_then(|client| {
            let answered = client.head(address).send();
            answered.map(|answer| format!("it answers with status {}", answer.status().as_u16())).map_err(|error| {
                let message = format!("{} does not answer: {}", super::host(address), in_words(&error));
                Diagnostic::new(&wire::UNREACHABLE, message)
            })
        });
        let outcome = asked.map_err(|fault| messages.at(fault));
        steps.push(Step { what: format!("HEAD {address}"), outcome });
    }
    steps
}

impl Outlet for Messages {
    fn leave(&self, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<String, Unsent>> {
        outlet::each(files, manner, || true, |file| self.send(file))
    }

    fn evidence(&self, key: &str) -> Option<Evidence> {
        locked(&self.evidence).remove(key)
    }

    fn forget(&self, _keys: &[&str]) {}

    fn remembered(&self) -> Option<Vec<String>> {
        Some(Vec::new())
    }

    fn look_again(&self) {}

    fn accepts(&self) -> Result<(), Diagnostic> {
        // Only a message shows whether messages are taken; asking would not shorten the pauses that partners expect.
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each is changed by one insertion or removal.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
