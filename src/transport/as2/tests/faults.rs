//! What can be wrong with a message, and how its receipt says it.

use super::cast::{self, LAX, STRICT, cast, encrypting, sealed, signing, usual};
use crate::config::agreement::{Cipher, Compress, Digest, Required};
use crate::transport::as2::compress::Growth;
use crate::transport::as2::header::Headers;
use crate::transport::as2::open::{self, Opened, Trust};
use crate::transport::as2::seal::{Manner, Sealed};
use crate::transport::as2::{compress, mime};

/// A message is refused with these words and under this code.
#[track_caller]
fn refused(opened: &Opened, modifier: &str, code: &str) {
    let refusal = opened.outcome.as_ref().unwrap_err();
    assert_eq!((refusal.modifier.to_string().as_str(), refusal.fault.code.code), (modifier, code), "{}", refusal.fault);
}

fn with_body(sealed: &Sealed, change: impl FnOnce(&mut Vec<u8>)) -> Sealed {
    let mut changed = sealed.clone();
    change(&mut changed.body);
    changed
}

fn bare(kind: &str, body: &[u8]) -> Sealed {
    let mut sealed = sealed(Manner { sign: None, encrypt: None, ..usual() });
    sealed.headers = Headers::of([("Content-Type", kind)]);
    sealed.body = body.to_vec();
    sealed
}

#[test]
fn what_is_encrypted_for_somebody_else_or_damaged_is_a_decryption_failure() {
    let stranger = sealed(Manner { encrypt: Some(encrypting(&cast().stranger, Cipher::Aes256)), ..usual() });
    refused(&cast::opened(&stranger, STRICT), "processed/error: decryption-failed", "AS2-E003");
    for cipher in [Cipher::Aes256, Cipher::Aes256Gcm] {
        let good = sealed(Manner { sign: None, encrypt: Some(encrypting(&cast().mega, cipher)), ..usual() });
        // The end of a GCM message is its tag; that of a CBC message its padding.
        let broken = with_body(&good, |body| {
            let at = body.len() - if cipher == Cipher::Aes256 { 20 } else { 4 };
            body[at] ^= 1;
        });
        let opened = cast::opened(&broken, LAX);
        if cipher == Cipher::Aes256Gcm {
            refused(&opened, "processed/error: decryption-failed", "AS2-E003");
        } else {
            // Nobody signed it: what CBC does not notice nobody notices.
            assert!(opened.outcome.is_err() || opened.digests != Some(good.digests));
        }
    }
    let cut = with_body(&sealed(usual()), |body| body.truncate(body.len() / 2));
    refused(&cast::opened(&cut, STRICT), "processed/error: decryption-failed", "AS2-E003");
}

#[test]
fn an_old_key_of_ours_still_decrypts() {
    let before = sealed(Manner { encrypt: Some(encrypting(&cast().mega_before, Cipher::Aes256)), ..usual() });
    assert!(cast::opened(&before, STRICT).outcome.is_ok());
}

#[test]
fn a_signature_of_somebody_else_is_an_authentication_failure_and_says_whose_it_claims_to_be() {
    let stranger = sealed(Manner { sign: Some(signing(&cast().stranger, Digest::Sha256)), ..usual() });
    let opened = cast::opened(&stranger, STRICT);
    refused(&opened, "processed/error: authentication-failed", "AS2-E004");
    assert!(opened.outcome.unwrap_err().fault.message.contains("serial number 05"), "whose");
    let lapsed = sealed(Manner { sign: Some(signing(&cast().acme_before, Digest::Sha256)), ..usual() });
    refused(&cast::opened(&lapsed, STRICT), "processed/error: authentication-failed", "AS2-E005");
}

#[test]
fn what_was_changed_after_it_was_signed_is_an_integrity_failure() {
    let signed = sealed(Manner { encrypt: None, ..usual() });
    let required = Required { encrypted: false, ..STRICT };
    assert!(cast::opened(&signed, required).outcome.is_ok());
    let at = memchr::memmem::find(&signed.body, b"ISA*").unwrap();
    let changed = with_body(&signed, |body| body[at] = b'X');
    refused(&cast::opened(&changed, required), "processed/error: integrity-check-failed", "AS2-E006");
    let at = memchr::memmem::find(&signed.body, b"order 1.edi").unwrap();
    let renamed = with_body(&signed, |body| body[at] = b'X');
    refused(&cast::opened(&renamed, required), "processed/error: integrity-check-failed", "AS2-E006");
}

#[test]
fn a_broken_signature_is_an_authentication_failure() {
    let signed = sealed(Manner { encrypt: None, ..usual() });
    let at = memchr::memmem::find(&signed.body, b"filename=\"smime.p7s\"").unwrap() + 24;
    let garbage = with_body(&signed, |body| body[at..at + 4].copy_from_slice(b"AAAA"));
    let required = Required { encrypted: false, ..STRICT };
    refused(&cast::opened(&garbage, required), "processed/error: authentication-failed", "AS2-E004");
}

#[test]
fn less_protection_than_agreed_is_refused() {
    let modifier = "processed/error: insufficient-message-security";
    for (sign, encrypt) in [(false, true), (true, false), (false, false)] {
        let manner = usual();
        let manner =
            Manner { sign: manner.sign.filter(|_| sign), encrypt: manner.encrypt.filter(|_| encrypt), ..manner };
        refused(&cast::opened(&sealed(manner), STRICT), modifier, "AS2-E008");
        let agreed = Required { signed: sign, encrypted: encrypt, weak_is_enough: false };
        assert!(cast::opened(&sealed(manner), agreed).outcome.is_ok());
    }
    let weak_is_enough = Required { weak_is_enough: true, ..STRICT };
    for manner in [
        Manner { sign: Some(signing(&cast().acme, Digest::Sha1)), ..usual() },
        Manner { encrypt: Some(encrypting(&cast().mega, Cipher::TripleDes)), ..usual() },
    ] {
        refused(&cast::opened(&sealed(manner), STRICT), modifier, "AS2-E008");
        assert!(cast::opened(&sealed(manner), weak_is_enough).outcome.is_ok());
    }
}

#[test]
fn a_bomb_is_a_decompression_failure() {
    let bomb = compress::compress(&mime::entity(&Headers::default(), &vec![b' '; 4 << 20]));
    let message = bare("application/pkcs7-mime; smime-type=compressed-data", &bomb);
    let growth = Growth { most: 1 << 30, ratio: 100, free: 64 << 10 };
    let trust = Trust { ours: &[], theirs: &[], lapsed: &[], required: LAX, growth };
    let opened = open::open(&message.headers, &message.body, trust);
    refused(&opened, "processed/error: decompression-failed", "AS2-E007");
    let broken = bare("application/pkcs7-mime; smime-type=compressed-data", &bomb[..bomb.len() / 2]);
    refused(&cast::opened(&broken, LAX), "processed/error: decompression-failed", "AS2-E007");
}

#[test]
fn layers_within_layers_are_not_opened_for_ever() {
    let mut entity = mime::entity(&Headers::of([("Content-Type", "text/plain")]), b"x");
    for _ in 0..50 {
        let der = compress::compress(&entity);
        entity = mime::entity(&Headers::of([("Content-Type", "application/pkcs7-mime")]), &der);
    }
    let message = bare("application/pkcs7-mime", &compress::compress(&entity));
    refused(&cast::opened(&message, LAX), "processed/error: unexpected-processing-error", "AS2-E010");
}

#[test]
fn what_cannot_be_read_says_why() {
    let nested: Vec<u8> = (0..9).rev().fold(b"\r\nx".to_vec(), |inner, depth| {
        let body = mime::join(&[&inner], &format!("b{depth}"));
        mime::entity(&Headers::of([("Content-Type", format!("multipart/mixed; boundary=b{depth}"))]), &body)
    });
    let nested = mime::join(&[&nested], "outer");
    for (kind, body, why) in [
        ("multipart/signed; boundary=b", b"--b\r\n\r\nhalf".as_slice(), "ends before its last delimiter"),
        ("multipart/signed", b"--b--", "no usable boundary"),
        ("multipart/signed; boundary=b", b"--b\r\n\r\none\r\n--b--", "has 2 parts, found 1"),
        ("application/pkcs7-mime", b"nothing", "CMS message is none"),
        ("application/pkcs7-mime", b"", "CMS message is none"),
        ("multipart/mixed; boundary=outer", &nested, "multiparts stand more than 3 deep"),
        ("multipart/mixed; boundary=b", b"--b--", "brings no file"),
    ] {
        let opened = cast::opened(&bare(kind, body), LAX);
        refused(&opened, "processed/error: unexpected-processing-error", "AS2-E009");
        let message = opened.outcome.unwrap_err().fault.message;
        assert!(message.contains(why), "{message}");
    }
}

/// The receipt of a refused message still says what was received, as far as that is known.
#[test]
fn a_refused_message_that_was_opened_returns_its_digest() {
    let stranger = sealed(Manner { sign: Some(signing(&cast().stranger, Digest::Sha256)), ..usual() });
    let opened = cast::opened(&stranger, STRICT);
    assert_eq!(opened.digests.as_ref(), Some(&stranger.digests));
    let compressed = sealed(Manner { compress: Compress::BeforeSigning, ..usual() });
    assert_eq!(cast::opened(&compressed, STRICT).digests, Some(compressed.digests));
}

#[test]
fn whatever_bytes_come_nothing_panics() {
    let good = sealed(Manner { compress: Compress::AfterSigning, encrypt: None, ..usual() });
    for at in (0..good.body.len()).step_by(7) {
        let _ = cast::opened(&with_body(&good, |body| body[at] ^= 0x55), LAX);
        let _ = cast::opened(&with_body(&good, |body| body.truncate(at)), LAX);
    }
}
