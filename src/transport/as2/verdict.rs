//! A receipt → a verdict: whether what we sent is what they have.
//!
//! ```text
//! processed, our digest, their signature   -> matched
//! anything else                            -> a diagnostic of its own: other digest, bad signature, unreadable, refused, …
//! ```
//!
//! In: header fields and body of a receipt, and what is known of the message. Out: a verdict. A receipt is evidence, and kept
//! whole by whoever asked; never here.

// A verdict is given once per message.
#![allow(clippy::result_large_err)]

use super::cms::{self, Unverified};
use super::digest::Digests;
use super::disposition::Disposition;
use super::header::{Headers, Malformed};
use super::mime::{self, Entity};
use crate::config::agreement::{Digest, Receipt};
use crate::config::certificate::Certificate;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::as2 as codes;

/// What is known of a message whose receipt came.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// Its id.
    pub message_id: &'e str,
    /// Digests of what it was to be receipted by.
    pub digests: &'e Digests,
    /// The receipt that it asked for.
    pub receipt: Receipt,
    /// It was signed itself: then its receipt must return a digest. Some peers compute none of what nobody signed.
    pub is_signed: bool,
    /// The partner's certificates.
    pub theirs: &'e [Certificate],
}

/// A receipt that says that they have what we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The digest that it returned, if it did.
    pub mic: Option<(Digest, String)>,
    /// Who signed it, if somebody did.
    pub signed_by: Option<Certificate>,
    /// What it warns of, such as `duplicate-document`.
    pub warning: Option<String>,
}

/// What a receipt says, whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The message that it is about.
    pub message_id: String,
    /// What became of it.
    pub disposition: Disposition,
    /// The digest that it returns: its name, and the value.
    pub mic: Option<(String, String)>,
    /// What it says to people.
    pub text: String,
}

/// How many characters of the human part are shown.
const SHOWN: usize = 300;

/// Reads a receipt without asking who wrote it: enough to find the message that it is about.
pub fn read(headers: &Headers, body: &[u8]) -> Result<Report, Malformed> {
    let entity = Entity { headers: headers.clone(), body };
    match signed_parts(&entity)? {
        Some((content, _)) => report_of(&Entity::parse(content)?),
        None => report_of(&entity),
    }
}

/// Judges the receipt of a message.
pub fn judge(headers: &Headers, body: &[u8], expected: Expected<'_>) -> Result<Matched, Diagnostic> {
    let unreadable =
        |why: Malformed| Diagnostic::new(&codes::RECEIPT_UNREADABLE, format!("their receipt cannot be read: {why}"));
    let entity = Entity { headers: headers.clone(), body };
    let parts = signed_parts(&entity).map_err(unreadable)?;
    let report = read(headers, body).map_err(unreadable)?;
    if report.message_id != expected.message_id {
        let message = "their receipt is about another message than the one that it answers";
        let fault = Diagnostic::new(&codes::RECEIPT_OTHER_MESSAGE, message);
        return Err(fault.expected(expected.message_id).found(report.message_id));
    }
    let signed_by = match parts {
        Some((content, der)) => Some(signer(content, &der, expected.theirs)?),
        None => None,
    };
    let warning = match report.disposition {
        Disposition::Processed { warning } => warning,
        Disposition::Refused(what) => {
            let mut message = format!("they did not take the message: {what}");
            if !report.text.is_empty() {
                message.push_str(&format!(" ({})", report.text));
            }
            return Err(Diagnostic::new(&codes::RECEIPT_NEGATIVE, message).found(what));
        }
    };
    if expected.receipt == Receipt::Signed && signed_by.is_none() {
        let message = "their receipt is not signed, though a signed one was asked for";
        return Err(Diagnostic::new(&codes::RECEIPT_UNSIGNED, message));
    }
    let mic = compare(report.mic, expected)?;
    Ok(Matched { mic, signed_by, warning })
}

fn compare(mic: Option<(String, String)>, expected: Expected<'_>) -> Result<Option<(Digest, String)>, Diagnostic> {
    let mismatch = |message: String| Diagnostic::new(&codes::MIC_MISMATCH, message);
    let Some((name, value)) = mic else {
        // Who asks for no signature, or signs nothing, gets no proof of the content.
        return match expected.receipt {
            Receipt::Signed if expected.is_signed => {
                Err(mismatch("their receipt returns no digest of what they received".to_owned()))
            }
            _ => Ok(None),
        };
    };
    let Some(digest) = Digest::parse(&name) else {
        return Err(mismatch(format!("their receipt returns a digest of a kind that we do not know: {name}")));
    };
    if !expected.digests.matches(digest, &value) {
        let fault = mismatch(format!("they received something else than we sent: its {digest} digest differs"));
        return Err(fault.expected(expected.digests.by(digest)).found(value));
    }
    Ok(Some((digest, value)))
}

fn signer(content: &[u8], der: &[u8], theirs: &[Certificate]) -> Result<Certificate, Diagnostic> {
    let at = cms::verify(content, der, theirs).map_err(|why| {
        let why = match why {
            Unverified::UnknownSigner { claimed } => {
                format!("it was made by {claimed}, which is no certificate of the partner")
            }
            Unverified::Altered => "the receipt is not what was signed".to_owned(),
            Unverified::Invalid => "it was not made with the partner's key".to_owned(),
            Unverified::Unreadable => "it cannot be read".to_owned(),
        };
        Diagnostic::new(&codes::RECEIPT_SIGNATURE, format!("the signature of their receipt proves nothing: {why}"))
    })?;
    Ok(theirs[at].clone())
}

/// What was signed, and the signature about it.
type SignedParts<'b> = (&'b [u8], Vec<u8>);

/// The signed part of a receipt and its signature; nothing where it is not signed.
fn signed_parts<'b>(entity: &Entity<'b>) -> Result<Option<SignedParts<'b>>, Malformed> {
    let kind = entity.content_type();
    if kind.value != "multipart/signed" {
        return Ok(None);
    }
    let parts = mime::parts(entity.body, &kind.parameter("boundary").unwrap_or_default())?;
    let [content, signature] = parts[..] else {
        return Err(Malformed::new(format!("a signed receipt has 2 parts, found {}", parts.len())));
    };
    let der = Entity::parse(signature)?.decoded()?.into_owned();
    Ok(Some((content, der)))
}

fn report_of(entity: &Entity<'_>) -> Result<Report, Malformed> {
    let kind = entity.content_type();
    if kind.value == "message/disposition-notification" {
        return notification(entity, String::new());
    }
    if kind.value != "multipart/report" {
        return Err(Malformed::new(format!("it is {} instead of multipart/report", kind.value)));
    }
    let parts = mime::parts(entity.body, &kind.parameter("boundary").unwrap_or_default())?;
    let parts: Vec<Entity<'_>> = parts.into_iter().map(Entity::parse).collect::<Result<_, _>>()?;
    let of_kind = |wanted: &str| parts.iter().find(|part| part.content_type().value == wanted);
    let text = match of_kind("text/plain") {
        Some(part) => String::from_utf8_lossy(&part.decoded()?).split_whitespace().collect::<Vec<_>>().join(" "),
        None => String::new(),
    };
    let machine = of_kind("message/disposition-notification");
    let machine = machine.ok_or_else(|| Malformed::new("it has no part for machines"))?;
    notification(machine, text.chars().take(SHOWN).collect())
}

fn notification(part: &Entity<'_>, text: String) -> Result<Report, Malformed> {
    let fields = Headers::parse(&part.decoded()?)?;
    let field = |name: &str| fields.field(name).ok_or_else(|| Malformed::new(format!("its field {name} is missing")));
    let disposition = field("Disposition")?;
    let disposition = Disposition::parse(disposition)
        .ok_or_else(|| Malformed::new(format!("its disposition is none: {disposition:?}")))?;
    let mic = fields.field("Received-Content-MIC").and_then(|told| {
        let (value, name) = told.rsplit_once(',')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    });
    Ok(Report { message_id: field("Original-Message-ID")?.to_owned(), disposition, mic, text })
}
