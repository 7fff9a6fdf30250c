//! A message → its payloads: layers are peeled off in whatever order the sender put them on.
//!
//! ```text
//! application/pkcs7-mime (enveloped)          decrypted with one of our keys
//!   multipart/signed                          verified against the partner's certificates; its first part is what is receipted
//!     application/pkcs7-mime (compressed)     expanded
//!       application/edi-x12; filename=…       a payload; multipart/related has several (RFC 6362)
//! ```
//!
//! In: header fields, body, keys, and what is required. Out: payloads with their names, or one typed failure; in either case
//! the layers that came off and the digests that the receipt returns.
//!
//! The digests are of the signed part with its MIME header; where nothing is signed, of the innermost entity with its header;
//! of a bare message of its body alone (RFC 4130, 7.3.1; RFC 5402, 4). Never here: who the partner is.

// A refusal is told whole, and rarely enough.
#![allow(clippy::result_large_err)]

use std::borrow::Cow;

use super::cms::{self, Undecrypted, Unverified};
use super::compress::{self, Growth};
use super::digest::Digests;
use super::disposition::Modifier;
use super::header::{Headers, Malformed, Parameterized};
use super::identity::Identity;
use super::mime::{self, Entity};
use crate::config::agreement::{Cipher, Digest, Required};
use crate::config::certificate::Certificate;
use crate::diagnostic::codes::as2 as codes;
use crate::diagnostic::{Code, Diagnostic};

/// What a message is opened with.
#[derive(Debug, Clone, Copy)]
pub struct Trust<'t> {
    /// Ours, each with its key; any of them may decrypt.
    pub ours: &'t [Identity],
    /// The partner's, of which one must have signed.
    pub theirs: &'t [Certificate],
    /// The partner's whose time is over: they prove nothing, but tell why.
    pub lapsed: &'t [Certificate],
    /// What the message must have.
    pub required: Required,
    /// How far it may grow.
    pub growth: Growth,
}

/// A layer that came off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layer {
    /// Encrypted; with a cipher that we know, or another.
    Encrypted(Option<Cipher>),
    /// Signed, by which digest, and by which of the partner's certificates.
    Signed {
        /// The digest; none where it is one that we do not know.
        digest: Option<Digest>,
        /// The certificate.
        by: Certificate,
    },
    /// Compressed.
    Compressed,
}

/// A file that a message brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The name that its sender gave it.
    pub file_name: Option<String>,
    /// Its media type, without parameters.
    pub content_type: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why a message is not taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// How its receipt says it.
    pub modifier: Modifier,
    /// What we know about it; the partner is not told.
    pub fault: Diagnostic,
}

/// A message as far as it could be opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What it brought, or why nothing is taken.
    pub outcome: Result<Vec<Payload>, Refusal>,
    /// The layers that came off, the outermost first.
    pub layers: Vec<Layer>,
    /// The digests that its receipt returns, if it was opened as far as that.
    pub digests: Option<Digests>,
}

impl Opened {
    /// The digest of its signature.
    pub fn signed_by(&self) -> Option<(Option<Digest>, &Certificate)> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::Signed { digest, by } => Some((*digest, by)),
            _ => None,
        })
    }
}

/// How many layers a message may have: each kind once, and one to spare for those who compress before and after signing.
const MOST_LAYERS: usize = 4;
/// How deep multiparts may stand in one another.
const DEEPEST: usize = 3;

/// Opens a message.
pub fn open(headers: &Headers, body: &[u8], trust: Trust<'_>) -> Opened {
    let mut opening = Opening { trust, layers: Vec::new(), digests: None };
    let entity = Entity { headers: headers.clone(), body };
    let outcome = opening.peel(&entity, None).and_then(|payloads| {
        opening.has_what_is_required()?;
        Ok(payloads)
    });
    Opened { outcome, layers: opening.layers, digests: opening.digests }
}

struct Opening<'t> {
    trust: Trust<'t>,
    layers: Vec<Layer>,
    digests: Option<Digests>,
}

fn refusal(modifier: Modifier, code: Code, message: impl Into<String>) -> Refusal {
    Refusal { modifier, fault: Diagnostic::new(code, message) }
}

fn unreadable(why: &Malformed) -> Refusal {
    refusal(Modifier::UnexpectedProcessingError, &codes::UNREADABLE, why.to_string())
}

impl Opening<'_> {
    /// Takes one layer off, and what is in it likewise. `whole` are the entity's bytes with its header, where they are known.
    fn peel(&mut self, entity: &Entity<'_>, whole: Option<&[u8]>) -> Result<Vec<Payload>, Refusal> {
        let kind = entity.content_type();
        match kind.value.as_str() {
            "multipart/signed" => self.signed(entity, &kind),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                let der = entity.decoded().map_err(|why| unreadable(&why))?;
                match cms::kind(&der).map_err(|why| unreadable(&why))? {
                    cms::Kind::Enveloped => self.enveloped(&der),
                    cms::Kind::Compressed => self.compressed(&der),
                    cms::Kind::Signed => self.signed_within(&der),
                }
            }
            _ => {
                // Nothing outside was signed, so that the innermost entity is what is receipted.
                if self.digests.is_none() {
                    self.digests = Some(Digests::of(whole.unwrap_or(entity.body)));
                }
                let mut payloads = Vec::new();
                payloads_of(entity, 0, &mut payloads).map_err(|why| unreadable(&why))?;
                if payloads.is_empty() {
                    return Err(unreadable(&Malformed::new("the message brings no file")));
                }
                Ok(payloads)
            }
        }
    }

    fn push(&mut self, layer: Layer) -> Result<(), Refusal> {
        let same = self.layers.iter().filter(|known| std::mem::discriminant(*known) == std::mem::discriminant(&layer));
        let is_again = same.count() > usize::from(layer == Layer::Compressed);
        if is_again || self.layers.len() == MOST_LAYERS {
            let message = format!(
                "the message has more layers than a message needs, the {}th was not opened",
                self.layers.len() + 1
            );
            return Err(refusal(Modifier::UnexpectedProcessingError, &codes::TOO_MANY_LAYERS, message));
        }
        self.layers.push(layer);
        Ok(())
    }

    /// Goes on with the bytes of an entity.
    fn inside(&mut self, bytes: &[u8]) -> Result<Vec<Payload>, Refusal> {
        let entity = Entity::parse(bytes).map_err(|why| unreadable(&why))?;
        self.peel(&entity, Some(bytes))
    }

    fn enveloped(&mut self, der: &[u8]) -> Result<Vec<Payload>, Refusal> {
        let cipher = cms::cipher_of(der);
        self.push(Layer::Encrypted(cipher))?;
        let content = cms::decrypt(der, self.trust.ours).map_err(|why| {
            let message = match why {
                Undecrypted::NotForUs { recipients } => {
                    let ours: Vec<String> = self.trust.ours.iter().map(|ours| ours.certificate().serial()).collect();
                    let ours = if ours.is_empty() { "none".to_owned() } else { ours.join(", ") };
                    format!("it is encrypted for serial number {recipients}, and we have keys for {ours}")
                }
                Undecrypted::Broken => "it is encrypted for us, but what comes out is nothing".to_owned(),
                Undecrypted::Unreadable => "what should be an encrypted message cannot be read".to_owned(),
            };
            refusal(Modifier::DecryptionFailed, &codes::DECRYPTION_FAILED, message)
        })?;
        self.inside(&content)
    }

    fn compressed(&mut self, der: &[u8]) -> Result<Vec<Payload>, Refusal> {
        self.push(Layer::Compressed)?;
        let content = compress::expand(der, self.trust.growth)
            .map_err(|why| refusal(Modifier::DecompressionFailed, &codes::DECOMPRESSION_FAILED, why.to_string()))?;
        self.inside(&content)
    }

    fn signed(&mut self, entity: &Entity<'_>, kind: &Parameterized) -> Result<Vec<Payload>, Refusal> {
        let boundary = kind.parameter("boundary").unwrap_or_default();
        let parts = mime::parts(entity.body, &boundary).map_err(|why| unreadable(&why))?;
        let [content, signature] = parts[..] else {
            let message = format!("a signed message has 2 parts, found {}", parts.len());
            return Err(unreadable(&Malformed::new(message)));
        };
        let der = Entity::parse(signature).and_then(|signature| signature.decoded());
        let der = der.map_err(|why| unreadable(&why))?;
        self.digests.get_or_insert_with(|| Digests::of(content));
        let verified = cms::verify(content, &der, self.trust.theirs);
        let by = verified.map_err(|why| self.unverified(&why, cms::verify(content, &der, self.trust.lapsed).ok()))?;
        self.push(Layer::Signed { digest: cms::digest_of(&der), by: self.trust.theirs[by].clone() })?;
        self.inside(content)
    }

    /// A signature that contains what was signed.
    fn signed_within(&mut self, der: &[u8]) -> Result<Vec<Payload>, Refusal> {
        let verified = cms::verify_opaque(der, self.trust.theirs);
        let (by, content) = verified.map_err(|why| {
            let lapsed = cms::verify_opaque(der, self.trust.lapsed).ok().map(|(by, _)| by);
            self.unverified(&why, lapsed)
        })?;
        self.digests.get_or_insert_with(|| Digests::of(&content));
        self.push(Layer::Signed { digest: cms::digest_of(der), by: self.trust.theirs[by].clone() })?;
        self.inside(&content)
    }

    fn unverified(&self, why: &Unverified, lapsed: Option<usize>) -> Refusal {
        if let Some(lapsed) = lapsed.and_then(|at| self.trust.lapsed.get(at)) {
            let message = format!("it is signed by a certificate of the partner whose time is over: {lapsed}");
            return refusal(Modifier::AuthenticationFailed, &codes::SIGNER_LAPSED, message);
        }
        let (modifier, code, message): (_, Code, _) = match why {
            Unverified::UnknownSigner { claimed } => {
                let known: Vec<String> = self.trust.theirs.iter().map(|known| known.serial()).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let message =
                    format!("it is signed by {claimed}, and the partner's certificates that we know are {known}");
                (Modifier::AuthenticationFailed, &codes::AUTHENTICATION_FAILED, message)
            }
            Unverified::Invalid => {
                let message = "its signature was not made with the partner's key".to_owned();
                (Modifier::AuthenticationFailed, &codes::AUTHENTICATION_FAILED, message)
            }
            Unverified::Unreadable => {
                let message = "its signature cannot be read".to_owned();
                (Modifier::AuthenticationFailed, &codes::AUTHENTICATION_FAILED, message)
            }
            Unverified::Altered => {
                let message = "what came is not what the partner signed".to_owned();
                (Modifier::IntegrityCheckFailed, &codes::INTEGRITY_CHECK_FAILED, message)
            }
        };
        refusal(modifier, code, message)
    }

    fn has_what_is_required(&self) -> Result<(), Refusal> {
        let Required { signed, encrypted, weak_is_enough } = self.trust.required;
        let insufficient = |message: String| {
            Err(refusal(Modifier::InsufficientMessageSecurity, &codes::INSUFFICIENT_SECURITY, message))
        };
        let (mut is_signed, mut is_encrypted) = (false, false);
        for layer in &self.layers {
            match layer {
                Layer::Signed { digest: None | Some(Digest::Sha1), .. } if !weak_is_enough => {
                    return insufficient("it is signed by SHA-1 or by a digest that is weaker".to_owned());
                }
                Layer::Encrypted(None | Some(Cipher::TripleDes)) if !weak_is_enough => {
                    return insufficient("it is encrypted by 3DES or by a cipher that we do not know".to_owned());
                }
                Layer::Signed { .. } => is_signed = true,
                Layer::Encrypted(_) => is_encrypted = true,
                Layer::Compressed => {}
            }
        }
        match (signed && !is_signed, encrypted && !is_encrypted) {
            (true, true) => insufficient("it is neither signed nor encrypted, and must be both".to_owned()),
            (true, false) => insufficient("it is not signed, and must be".to_owned()),
            (false, true) => insufficient("it is not encrypted, and must be".to_owned()),
            (false, false) => Ok(()),
        }
    }
}

/// The files in an entity, in their order.
fn payloads_of(entity: &Entity<'_>, depth: usize, payloads: &mut Vec<Payload>) -> Result<(), Malformed> {
    let kind = entity.content_type();
    if kind.value.starts_with("multipart/") {
        if depth == DEEPEST {
            return Err(Malformed::new(format!("multiparts stand more than {DEEPEST} deep in one another")));
        }
        for part in mime::parts(entity.body, &kind.parameter("boundary").unwrap_or_default())? {
            payloads_of(&Entity::parse(part)?, depth + 1, payloads)?;
            if payloads.len() > mime::MOST_PARTS {
                return Err(Malformed::new(format!("a message brings more than {} files", mime::MOST_PARTS)));
            }
        }
        return Ok(());
    }
    let bytes = entity.decoded().map(Cow::into_owned)?;
    payloads.push(Payload { file_name: entity.file_name(), content_type: kind.value, bytes });
    Ok(())
}
