//! What can be wrong with a receipt: each has a verdict of its own, and none is "sent".

use super::cast::{self, LAX, MESSAGE_ID, STRICT, cast, sealed, usual};
use crate::config::agreement::Receipt;
use crate::transport::as2::digest::Digests;
use crate::transport::as2::header::Headers;
use crate::transport::as2::receipt::Written;
use crate::transport::as2::seal::Sealed;
use crate::transport::as2::verdict::{self, Expected, Matched};

fn judged(receipt: &Written, sealed: &Sealed, asked: Receipt) -> Result<Matched, &'static str> {
    let theirs = [cast().mega_before.certificate().clone(), cast().mega.certificate().clone()];
    let expected =
        Expected { message_id: MESSAGE_ID, digests: &sealed.digests, receipt: asked, is_signed: true, theirs: &theirs };
    verdict::judge(&receipt.headers, &receipt.body, expected).map_err(|fault| fault.code.code)
}

fn good() -> (Sealed, Written) {
    let sealed = sealed(usual());
    let opened = cast::opened(&sealed, STRICT);
    let receipt = cast::answered(&sealed, &opened, Some(&cast().mega));
    (sealed, receipt)
}

#[test]
fn a_receipt_with_our_digest_and_their_signature_matches() {
    let (sealed, receipt) = good();
    let matched = judged(&receipt, &sealed, Receipt::Signed).unwrap();
    assert_eq!(matched.signed_by.as_ref(), Some(cast().mega.certificate()));
    assert_eq!(matched.warning, None);
}

#[test]
fn another_digest_is_no_receipt_for_what_we_sent() {
    let (mut sealed, receipt) = good();
    sealed.digests = Digests::of(b"something else");
    assert_eq!(judged(&receipt, &sealed, Receipt::Signed), Err("AS2-E020"));
}

#[test]
fn a_receipt_that_somebody_changed_or_somebody_else_signed_proves_nothing() {
    let (sealed, mut receipt) = good();
    let at = memchr::memmem::find(&receipt.body, b"automatic-action").unwrap();
    receipt.body[at] = b'A';
    assert_eq!(judged(&receipt, &sealed, Receipt::Signed), Err("AS2-E021"));
    let opened = cast::opened(&sealed, STRICT);
    let stranger = cast::answered(&sealed, &opened, Some(&cast().stranger));
    assert_eq!(judged(&stranger, &sealed, Receipt::Signed), Err("AS2-E021"));
    let nobody = cast::answered(&sealed, &opened, None);
    assert_eq!(judged(&nobody, &sealed, Receipt::Signed), Err("AS2-E024"));
    assert!(judged(&nobody, &sealed, Receipt::Unsigned).is_ok());
}

#[test]
fn a_negative_receipt_tells_their_words_even_when_nobody_signed_it() {
    let stranger = sealed(crate::transport::as2::seal::Manner {
        encrypt: Some(cast::encrypting(&cast().stranger, Default::default())),
        ..usual()
    });
    let opened = cast::opened(&stranger, STRICT);
    for signer in [None, Some(&cast().mega)] {
        let receipt = cast::answered(&stranger, &opened, signer);
        assert_eq!(judged(&receipt, &stranger, Receipt::Signed), Err("AS2-E023"));
        let theirs = [cast().mega.certificate().clone()];
        let expected = Expected {
            message_id: MESSAGE_ID,
            digests: &stranger.digests,
            receipt: Receipt::Signed,
            is_signed: true,
            theirs: &theirs,
        };
        let fault = verdict::judge(&receipt.headers, &receipt.body, expected).unwrap_err();
        assert!(
            fault.message.starts_with("they did not take the message: processed/error: decryption-failed (The"),
            "{fault}"
        );
    }
}

#[test]
fn what_is_no_receipt_is_unreadable_and_one_about_another_message_is_none_of_ours() {
    let (sealed, receipt) = good();
    let html = Written { headers: Headers::of([("Content-Type", "text/html")]), body: b"<h1>It works!</h1>".to_vec() };
    assert_eq!(judged(&html, &sealed, Receipt::Signed), Err("AS2-E022"));
    let empty = Written { headers: Headers::default(), body: Vec::new() };
    assert_eq!(judged(&empty, &sealed, Receipt::Signed), Err("AS2-E022"));
    let cut = Written { body: receipt.body[..receipt.body.len() / 2].to_vec(), ..receipt.clone() };
    assert_eq!(judged(&cut, &sealed, Receipt::Signed), Err("AS2-E022"));
    let other = Expected {
        message_id: "<another@acme>",
        digests: &sealed.digests,
        receipt: Receipt::Signed,
        is_signed: true,
        theirs: &[cast().mega.certificate().clone()],
    };
    let fault = verdict::judge(&receipt.headers, &receipt.body, other).unwrap_err();
    assert_eq!(fault.code.code, "AS2-E025");
}

#[test]
fn a_receipt_by_another_program_is_read_as_well() {
    let (sealed, _) = good();
    let digest = sealed.digests.by(crate::config::agreement::Digest::Sha1);
    let body = format!(
        "--xx\nContent-Type: text/plain\n\nThanks.\n--xx\nContent-Type: message/disposition-notification\n\
         Content-Transfer-Encoding: 7bit\n\nReporting-UA: Some AS2\nOriginal-Message-ID: {MESSAGE_ID}\n\
         Disposition: automatic-action/MDN-sent-automatically;\n processed/Warning: duplicate-document\n\
         Received-Content-MIC: {digest},SHA1\n\n--xx--\n"
    );
    let kind = "multipart/report; Report-Type=disposition-notification; boundary=xx";
    let receipt = Written { headers: Headers::of([("content-type", kind)]), body: body.into_bytes() };
    let matched = judged(&receipt, &sealed, Receipt::Unsigned).unwrap();
    assert_eq!(matched.warning.as_deref(), Some("duplicate-document"));
    assert_eq!(matched.mic.map(|(digest, _)| digest), Some(crate::config::agreement::Digest::Sha1));
}

#[test]
fn a_signed_receipt_without_a_digest_does_not_prove_what_arrived() {
    let (sealed, _) = good();
    let mut unopened = cast::opened(&sealed, LAX);
    unopened.digests = None;
    let receipt = cast::answered(&sealed, &unopened, Some(&cast().mega));
    assert_eq!(judged(&receipt, &sealed, Receipt::Signed), Err("AS2-E020"));
    let receipt = cast::answered(&sealed, &unopened, None);
    assert!(judged(&receipt, &sealed, Receipt::Unsigned).is_ok());
}
