//! Payloads → a message: compressed, signed and encrypted as it was agreed, with the digests that its receipt must return.
//!
//! ```text
//! 850.edi, { sign, encrypt, receipt = signed }  ->  AS2-From …, application/pkcs7-mime, four digests of the signed part
//! ```
//!
//! The same payload under the same message id is signed over the same bytes each time, so that a receipt of the first attempt
//! fits the second one as well; encryption differs each time. Never here: where it is sent, and what the receipt said.

use openssl::error::ErrorStack;

use super::digest::Digests;
use super::header::{Headers, parameter};
use super::identity::Identity;
use super::{cms, compress, envelope, mime};
use crate::config::agreement::{As2Id, Cipher, Compress, Digest, KeyPadding, Receipt, SignaturePadding, Transfer};
use crate::config::certificate::Certificate;

/// A file to be sent.
#[derive(Debug, Clone, Copy)]
pub struct File<'f> {
    /// Its name, without a path.
    pub name: &'f str,
    /// Its media type, such as `application/edi-x12`.
    pub content_type: &'f str,
    /// What it holds.
    pub bytes: &'f [u8],
}

/// How something is signed.
#[derive(Debug, Clone, Copy)]
pub struct Signing<'s> {
    /// By whom.
    pub identity: &'s Identity,
    /// With which digest.
    pub digest: Digest,
    /// How it is padded for RSA.
    pub padding: SignaturePadding,
}

/// How something is encrypted.
#[derive(Debug, Clone, Copy)]
pub struct Encrypting<'s> {
    /// For whom.
    pub certificate: &'s Certificate,
    /// With which cipher.
    pub cipher: Cipher,
    /// How its key is padded for RSA.
    pub padding: KeyPadding,
}

/// What was agreed for a message.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'m> {
    /// Our id.
    pub from: &'m As2Id,
    /// Theirs.
    pub to: &'m As2Id,
    /// Signed, or not.
    pub sign: Option<Signing<'m>>,
    /// Encrypted, or not.
    pub encrypt: Option<Encrypting<'m>>,
    /// Compressed, or not.
    pub compress: Compress,
    /// How bodies are transferred.
    pub transfer: Transfer,
    /// The receipt that is asked for.
    pub receipt: Receipt,
    /// The digest that it is to return.
    pub mic: Digest,
    /// Where it is to be sent, unless it is to be the answer.
    pub receipt_to: Option<&'m str>,
}

/// What tells a message from others.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its id, with angle brackets; the same for every attempt.
    pub message_id: &'a str,
    /// For people.
    pub subject: &'a str,
}

/// A message that can be posted.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Header fields of the request.
    pub headers: Headers,
    /// Its body.
    pub body: Vec<u8>,
    /// What its receipt must return.
    pub digests: Digests,
}

/// Header fields that a MIME entity has, and its body.
type Part = (Headers, Vec<u8>);

/// Makes a message of files.
pub fn seal(files: &[File<'_>], manner: Manner<'_>, about: About<'_>) -> Result<Sealed, ErrorStack> {
    let seed = boundary_seed(about.message_id);
    let Manner { compress, transfer, .. } = manner;
    let mut part = match files {
        [file] => of_file(file, transfer),
        files => related(files, transfer, &seed),
    };
    let is_bare = manner.sign.is_none() && manner.encrypt.is_none() && compress == Compress::Never;
    let mut digests = None;
    let is_early = compress == Compress::BeforeSigning || (compress == Compress::AfterSigning && manner.sign.is_none());
    if is_early {
        let entity = mime::entity(&part.0, &part.1);
        digests = manner.sign.is_none().then(|| Digests::of(&entity));
        part = enclosed("compressed-data", "smime.p7z", &compress::compress(&entity), transfer);
    }
    if let Some(signing) = manner.sign {
        let (signed, its) = signed(&part, signing, &seed)?;
        (part, digests) = (signed, Some(its));
        if compress == Compress::AfterSigning {
            let entity = mime::entity(&part.0, &part.1);
            part = enclosed("compressed-data", "smime.p7z", &compress::compress(&entity), transfer);
        }
    }
    if let Some(Encrypting { certificate, cipher, padding }) = manner.encrypt {
        let entity = mime::entity(&part.0, &part.1);
        digests.get_or_insert_with(|| Digests::of(&entity));
        let der = cms::encrypt(&entity, certificate, cipher, padding)?;
        let kind = match cipher {
            Cipher::Aes128Gcm | Cipher::Aes192Gcm | Cipher::Aes256Gcm => "authEnveloped-data",
            _ => "enveloped-data",
        };
        part = enclosed(kind, "smime.p7m", &der, transfer);
    }
    let (mime_headers, body) = part;
    let digests = match digests {
        Some(digests) => digests,
        // The header fields of a bare message may change on its way.
        None => {
            debug_assert!(is_bare);
            Digests::of(&body)
        }
    };
    Ok(Sealed { headers: http_headers(manner, about, &mime_headers), body, digests })
}

/// A boundary that follows from the message id: the signed bytes of a message do not change from attempt to attempt.
pub(super) fn boundary_seed(message_id: &str) -> String {
    let hash = openssl::sha::sha256(message_id.as_bytes());
    let hex: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("=_edigate_{hex}")
}

fn of_file(file: &File<'_>, transfer: Transfer) -> Part {
    let mut headers = Headers::of([("Content-Type", file.content_type)]);
    let body = transferred(&mut headers, file.bytes, transfer);
    headers.push("Content-Disposition", format!("attachment; {}", parameter("filename", file.name)));
    (headers, body)
}

fn transferred(headers: &mut Headers, bytes: &[u8], transfer: Transfer) -> Vec<u8> {
    match transfer {
        Transfer::Binary => {
            headers.push("Content-Transfer-Encoding", "binary");
            bytes.to_vec()
        }
        Transfer::Base64 => {
            headers.push("Content-Transfer-Encoding", "base64");
            mime::encode_base64(bytes)
        }
    }
}

/// Several files in one message (RFC 6362): the first is what the others belong to.
fn related(files: &[File<'_>], transfer: Transfer, seed: &str) -> Part {
    let entities: Vec<Vec<u8>> = files
        .iter()
        .map(|file| {
            let (headers, body) = of_file(file, transfer);
            mime::entity(&headers, &body)
        })
        .collect();
    let parts: Vec<&[u8]> = entities.iter().map(Vec::as_slice).collect();
    let boundary = mime::boundary(&format!("{seed}_r"), &parts);
    let first = files.first().map_or("application/octet-stream", |file| file.content_type);
    let kind = format!("multipart/related; type=\"{first}\"; boundary=\"{boundary}\"");
    (Headers::of([("Content-Type", kind)]), mime::join(&parts, &boundary))
}

fn enclosed(kind: &str, name: &str, der: &[u8], transfer: Transfer) -> Part {
    let content_type = format!("application/pkcs7-mime; smime-type={kind}; name=\"{name}\"");
    let mut headers = Headers::of([("Content-Type", content_type)]);
    let body = transferred(&mut headers, der, transfer);
    headers.push("Content-Disposition", format!("attachment; filename=\"{name}\""));
    (headers, body)
}

/// An entity and a signature about it, and the digests of what was signed.
pub(super) fn signed(part: &Part, signing: Signing<'_>, seed: &str) -> Result<(Part, Digests), ErrorStack> {
    let entity = mime::entity(&part.0, &part.1);
    let der = cms::sign(&entity, signing.identity, signing.digest, signing.padding)?;
    let signature = Headers::of([
        ("Content-Type", "application/pkcs7-signature; name=\"smime.p7s\""),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", "attachment; filename=\"smime.p7s\""),
    ]);
    let signature = mime::entity(&signature, &mime::encode_base64(&der));
    let boundary = mime::boundary(&format!("{seed}_s"), &[&entity]);
    let kind = format!(
        "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg={}; boundary=\"{boundary}\"",
        signing.digest.name()
    );
    let body = mime::join(&[&entity, &signature], &boundary);
    Ok(((Headers::of([("Content-Type", kind)]), body), Digests::of(&entity)))
}

fn http_headers(manner: Manner<'_>, about: About<'_>, mime_headers: &Headers) -> Headers {
    let mut headers = Headers::of([
        ("AS2-Version", "1.2".to_owned()),
        ("AS2-From", envelope::written(manner.from)),
        ("AS2-To", envelope::written(manner.to)),
        ("Message-ID", about.message_id.to_owned()),
        ("Subject", about.subject.chars().filter(|c| !c.is_control() && c.is_ascii()).collect()),
        ("EDIINT-Features", "multiple-attachments".to_owned()),
        ("MIME-Version", "1.0".to_owned()),
    ]);
    if manner.receipt != Receipt::None {
        headers.push("Disposition-Notification-To", "as2@edigate.invalid");
        if manner.receipt == Receipt::Signed {
            let (name, old_name) = (manner.mic.name(), manner.mic.old_name());
            let options = format!(
                "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {name}, {old_name}"
            );
            headers.push("Disposition-Notification-Options", options);
        }
        if let Some(url) = manner.receipt_to {
            headers.push("Receipt-Delivery-Option", url);
        }
    }
    for (name, value) in mime_headers.iter() {
        headers.push(name, value);
    }
    headers
}
