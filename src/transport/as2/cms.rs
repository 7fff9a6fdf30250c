//! CMS (RFC 5652) by OpenSSL: sign, verify, encrypt, decrypt.
//!
//! ```text
//! sign     content, identity, digest      -> a detached signature        verify   + certificates -> which of them signed
//! encrypt  content, certificate, cipher   -> enveloped data              decrypt  + identities   -> the content
//! ```
//!
//! In: untrusted bytes, and certificates that are trusted by name: no chain is looked up. Out: bytes, or which of the few
//! things that can be wrong is. Incoming bytes may be BER of indefinite length. Never here: MIME, and what is required.

mod native;

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::pkey::Private;
use openssl::stack::Stack;
use openssl::symm;
use openssl::x509::X509;

use super::ber::{CONTEXT_0, CONTEXT_1, Element, INTEGER, OID, Reader, SEQUENCE, SET};
use super::compress::COMPRESSED_DATA;
use super::digest;
use super::header::Malformed;
use super::identity::Identity;
use crate::config::agreement::{Cipher, Digest, KeyPadding, SignaturePadding};
use crate::config::certificate::Certificate;

/// What a CMS message is, as its first object identifier says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A signature, with or without what was signed.
    Signed,
    /// Encrypted.
    Enveloped,
    /// Compressed.
    Compressed,
}

/// Why a signature is not that of a partner over this content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unverified {
    /// None of the certificates that we know made it; who says to have made it.
    UnknownSigner {
        /// Issuer and serial number in the signature, where they can be read.
        claimed: String,
    },
    /// The content is not what was signed.
    Altered,
    /// The signature itself is wrong.
    Invalid,
    /// It is no signature.
    Unreadable,
}

/// Why a message could not be decrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undecrypted {
    /// It is encrypted for somebody else, or for a certificate that we do not have any more.
    NotForUs {
        /// Serial numbers of the certificates that it is for, where they can be read.
        recipients: String,
    },
    /// It is for us, and what comes out is nothing.
    Broken,
    /// It is no encrypted message.
    Unreadable,
}

const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
const AUTH_ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17];
/// Reasons as OpenSSL's `cmserr.h` numbers them, stable since 1.0.
const CONTENT_VERIFY_ERROR: i32 = 109;
const SIGNER_CERTIFICATE_NOT_FOUND: i32 = 138;
/// The number of CMS among OpenSSL's libraries: each numbers its own reasons.
const CMS_LIBRARY: i32 = 46;
/// No chain is built and no certificate of the message itself is used.
const AS_PINNED: CMSOptions = CMSOptions::NOINTERN.union(CMSOptions::NO_SIGNER_CERT_VERIFY).union(CMSOptions::BINARY);

/// What a CMS message is.
pub fn kind(der: &[u8]) -> Result<Kind, Malformed> {
    // A streaming peer does not know its length: only the beginning is looked at.
    let mut rest = match der {
        [0x30, 0x80, rest @ ..] => rest,
        [0x30, first, rest @ ..] if *first < 0x80 => rest,
        [0x30, first, rest @ ..] => rest.get(usize::from(first & 0x7f)..).unwrap_or_default(),
        _ => return Err(Malformed::new("what should be a CMS message is none")),
    };
    // An object identifier of this kind is short.
    rest = &rest[..rest.len().min(32)];
    let length = rest.get(1).map_or(0, |length| usize::from(*length));
    let oid = rest.get(2..2 + length).filter(|_| rest.first() == Some(&OID)).unwrap_or_default();
    match oid {
        COMPRESSED_DATA => Ok(Kind::Compressed),
        AUTH_ENVELOPED => Ok(Kind::Enveloped),
        oid if oid.strip_prefix(PKCS7) == Some(&[2]) => Ok(Kind::Signed),
        oid if oid.strip_prefix(PKCS7) == Some(&[3]) => Ok(Kind::Enveloped),
        _ => Err(Malformed::new("the CMS message is neither signed nor encrypted nor compressed")),
    }
}

/// The digest that a signature was made with; nothing where it is one that we do not know.
pub fn digest_of(der: &[u8]) -> Option<Digest> {
    let digests = || -> Result<Option<Digest>, Malformed> {
        let mut signed = contents(der)?;
        signed.expect(INTEGER)?;
        let algorithm = signed.expect(SET)?.inside().expect(SEQUENCE)?;
        Ok(digest::of_oid(algorithm.inside().expect(OID)?.contents))
    };
    digests().ok().flatten()
}

/// The cipher of an encrypted message; nothing where it is one that we do not know.
pub fn cipher_of(der: &[u8]) -> Option<Cipher> {
    let cipher = || -> Result<Option<Cipher>, Malformed> {
        let mut enveloped = contents(der)?;
        enveloped.expect(INTEGER)?;
        enveloped.take(CONTEXT_0)?;
        enveloped.expect(SET)?;
        let mut content = enveloped.expect(SEQUENCE)?.inside();
        content.expect(OID)?;
        let algorithm = content.expect(SEQUENCE)?;
        Ok(cipher_of_oid(algorithm.inside().expect(OID)?.contents))
    };
    cipher().ok().flatten()
}

/// What stands in a ContentInfo behind its kind.
fn contents(der: &[u8]) -> Result<Reader<'_>, Malformed> {
    let mut info = Reader::of(der).expect(SEQUENCE)?.inside();
    info.expect(OID)?;
    Ok(info.expect(CONTEXT_0)?.inside().expect(SEQUENCE)?.inside())
}

fn cipher_of_oid(oid: &[u8]) -> Option<Cipher> {
    const AES: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
    if oid == [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07] {
        return Some(Cipher::TripleDes);
    }
    match oid.strip_prefix(AES)? {
        [2] => Some(Cipher::Aes128),
        [22] => Some(Cipher::Aes192),
        [42] => Some(Cipher::Aes256),
        [6] => Some(Cipher::Aes128Gcm),
        [26] => Some(Cipher::Aes192Gcm),
        [46] => Some(Cipher::Aes256Gcm),
        _ => None,
    }
}

fn algorithm(cipher: Cipher) -> symm::Cipher {
    match cipher {
        Cipher::TripleDes => symm::Cipher::des_ede3_cbc(),
        Cipher::Aes128 => symm::Cipher::aes_128_cbc(),
        Cipher::Aes192 => symm::Cipher::aes_192_cbc(),
        Cipher::Aes256 => symm::Cipher::aes_256_cbc(),
        Cipher::Aes128Gcm => symm::Cipher::aes_128_gcm(),
        Cipher::Aes192Gcm => symm::Cipher::aes_192_gcm(),
        Cipher::Aes256Gcm => symm::Cipher::aes_256_gcm(),
    }
}

/// A detached signature about content.
pub fn sign(
    content: &[u8],
    identity: &Identity,
    digest: Digest,
    padding: SignaturePadding,
) -> Result<Vec<u8>, ErrorStack> {
    let flags = CMSOptions::BINARY | CMSOptions::DETACHED | CMSOptions::NOSMIMECAP | CMSOptions::PARTIAL;
    let cms = CmsContentInfo::sign::<Private>(None, None, None, None, flags)?;
    let is_pss = padding == SignaturePadding::Pss;
    let algorithm = digest::algorithm(digest);
    native::add_signer(&cms, identity.certificate().x509(), identity.key(), algorithm, is_pss, flags)?;
    native::finish(&cms, content, flags)?;
    cms.to_der()
}

/// Which of these certificates signed this content.
pub fn verify(content: &[u8], signature: &[u8], certificates: &[Certificate]) -> Result<usize, Unverified> {
    verify_by(certificates, signature, |cms, stack| native::verify_detached(cms, stack, content, AS_PINNED))
}

/// Which of these certificates signed what stands within the signature, and what that is.
pub fn verify_opaque(signature: &[u8], certificates: &[Certificate]) -> Result<(usize, Vec<u8>), Unverified> {
    let mut content = Vec::new();
    let signer = verify_by(certificates, signature, |cms, stack| {
        cms.verify(Some(stack), None, None, Some(&mut content), AS_PINNED)
    })?;
    Ok((signer, content))
}

/// Tries one certificate after the other, then all together: a partner who changes its certificate may sign with both.
fn verify_by(
    certificates: &[Certificate],
    signature: &[u8],
    mut verify: impl FnMut(&mut CmsContentInfo, &Stack<X509>) -> Result<(), ErrorStack>,
) -> Result<usize, Unverified> {
    let mut attempt = |tried: &[Certificate]| {
        let stack = stack_of(tried).map_err(|_| Unverified::Unreadable)?;
        let mut cms = CmsContentInfo::from_der(signature).map_err(|_| Unverified::Unreadable)?;
        verify(&mut cms, &stack).map_err(|error| unverified(&error, signature))
    };
    let mut worst = Unverified::UnknownSigner { claimed: claimed_signer(signature) };
    for (at, certificate) in certificates.iter().enumerate() {
        match attempt(std::slice::from_ref(certificate)) {
            Ok(()) => return Ok(at),
            Err(Unverified::UnknownSigner { .. }) => {}
            Err(other) => worst = other,
        }
    }
    if certificates.len() > 1 && matches!(worst, Unverified::UnknownSigner { .. }) && attempt(certificates).is_ok() {
        return Ok(0);
    }
    match CmsContentInfo::from_der(signature) {
        Ok(_) => Err(worst),
        Err(_) => Err(Unverified::Unreadable),
    }
}

fn unverified(error: &ErrorStack, signature: &[u8]) -> Unverified {
    let errors = error.errors().iter().filter(|error| error.library_code() == CMS_LIBRARY);
    let reasons: Vec<i32> = errors.map(openssl::error::Error::reason_code).collect();
    if reasons.contains(&SIGNER_CERTIFICATE_NOT_FOUND) {
        return Unverified::UnknownSigner { claimed: claimed_signer(signature) };
    }
    if reasons.contains(&CONTENT_VERIFY_ERROR) { Unverified::Altered } else { Unverified::Invalid }
}

/// The serial number that a signature claims to be of: all that is needed to find the certificate.
fn claimed_signer(signature: &[u8]) -> String {
    let serial = || -> Result<String, Malformed> {
        let mut signed = contents(signature)?;
        signed.expect(INTEGER)?;
        signed.expect(SET)?;
        signed.expect(SEQUENCE)?;
        signed.take(CONTEXT_0)?;
        signed.take(CONTEXT_1)?;
        serial_of(signed.expect(SET)?.inside().expect(SEQUENCE)?)
    };
    serial().map_or_else(|_| "an unnamed signer".to_owned(), |serial| format!("serial number {serial}"))
}

/// The serial numbers that an encrypted message is for; those that are named another way are left out.
fn recipients_of(der: &[u8]) -> Vec<String> {
    let serials = || -> Result<Vec<String>, Malformed> {
        let mut enveloped = contents(der)?;
        enveloped.expect(INTEGER)?;
        enveloped.take(CONTEXT_0)?;
        let mut recipients = enveloped.expect(SET)?.inside();
        let mut serials = Vec::new();
        while let Some(recipient) = recipients.element()? {
            serials.extend(serial_of(recipient));
        }
        Ok(serials)
    };
    serials().unwrap_or_default()
}

/// The serial number by which a signer or recipient is named, in hex as OpenSSL writes it.
fn serial_of(named: Element<'_>) -> Result<String, Malformed> {
    let mut named = named.inside();
    named.expect(INTEGER)?;
    let mut issuer_and_serial = named.expect(SEQUENCE)?.inside();
    issuer_and_serial.expect(SEQUENCE)?;
    let number = issuer_and_serial.expect(INTEGER)?.contents;
    Ok(number.iter().skip_while(|byte| **byte == 0).map(|byte| format!("{byte:02X}")).collect())
}

fn stack_of(certificates: &[Certificate]) -> Result<Stack<X509>, ErrorStack> {
    let mut stack = Stack::new()?;
    for certificate in certificates {
        stack.push(certificate.x509().to_owned())?;
    }
    Ok(stack)
}

/// Encrypts content for the owner of a certificate.
pub fn encrypt(
    content: &[u8],
    certificate: &Certificate,
    cipher: Cipher,
    padding: KeyPadding,
) -> Result<Vec<u8>, ErrorStack> {
    let flags = CMSOptions::BINARY | CMSOptions::PARTIAL;
    let recipients = match padding {
        KeyPadding::Pkcs1 => std::slice::from_ref(certificate),
        KeyPadding::Oaep => &[],
    };
    let recipients = stack_of(recipients)?;
    let cms = CmsContentInfo::encrypt(&recipients, &[], algorithm(cipher), flags)?;
    if padding == KeyPadding::Oaep {
        native::add_recipient_by_oaep(&cms, certificate.x509(), digest::algorithm(Digest::Sha256))?;
    }
    native::finish(&cms, content, flags)?;
    cms.to_der()
}

/// Decrypts a message with whichever of our identities it is for.
pub fn decrypt(der: &[u8], identities: &[Identity]) -> Result<Vec<u8>, Undecrypted> {
    let cms = CmsContentInfo::from_der(der).map_err(|_| Undecrypted::Unreadable)?;
    for identity in identities {
        // With its certificate OpenSSL looks for the recipient first, and answers a wrong padding by a random key, so that
        // nobody learns from our answers how close a guess came.
        if let Ok(content) = cms.decrypt(identity.key(), &identity.certificate().x509().to_owned()) {
            return Ok(content);
        }
    }
    let recipients = recipients_of(der);
    let is_for_us = identities.iter().any(|identity| recipients.contains(&identity.certificate().serial()));
    if is_for_us {
        return Err(Undecrypted::Broken);
    }
    let recipients = if recipients.is_empty() { "an unnamed certificate".to_owned() } else { recipients.join(", ") };
    Err(Undecrypted::NotForUs { recipients })
}

#[cfg(test)]
mod tests;
