//! Every way to send a message, sent and received: what comes out is what went in, and the receipt matches.

use super::cast::{self, LAX, MESSAGE_ID, ORDER, cast, encrypting, order, sealed, signing, usual};
use crate::config::agreement::{Cipher, Compress, Digest, KeyPadding, Receipt, SignaturePadding, Transfer};
use crate::transport::as2::envelope::{Brings, Envelope, brings};
use crate::transport::as2::open::Layer;
use crate::transport::as2::seal::{self, About, Encrypting, File, Manner, Signing};
use crate::transport::as2::verdict::{self, Expected};

/// Sends by a manner and checks everything that must hold; the layers, for whoever wants to see more.
fn there_and_back(manner: Manner<'_>) -> Vec<Layer> {
    let sealed = sealed(manner);
    let what = format!(
        "sign {:?}, encrypt {:?}, {:?}, {:?}, {:?}",
        manner.sign.map(|sign| (sign.digest, sign.padding)),
        manner.encrypt.map(|encrypt| (encrypt.cipher, encrypt.padding)),
        manner.compress,
        manner.transfer,
        manner.receipt
    );
    assert_eq!(brings(&sealed.headers, &sealed.body), Brings::Documents, "{what}");
    let opened = cast::opened(&sealed, LAX);
    let payloads = opened.outcome.as_ref().unwrap_or_else(|why| panic!("{what}: {}", why.fault));
    assert_eq!(payloads.len(), 1, "{what}");
    assert_eq!(payloads[0].bytes, ORDER, "{what}");
    assert_eq!(payloads[0].file_name.as_deref(), Some("order 1.edi"), "{what}");
    assert_eq!(payloads[0].content_type, "application/edi-x12", "{what}");
    assert_eq!(opened.digests.as_ref(), Some(&sealed.digests), "{what}");

    let wish = Envelope::read(&sealed.headers).unwrap().wish;
    assert_eq!(wish.as_ref().is_some_and(|wish| wish.signed), manner.receipt == Receipt::Signed, "{what}");
    assert_eq!(wish.is_none(), manner.receipt == Receipt::None, "{what}");
    if let Some(wish) = wish {
        let receipt = cast::answered(&sealed, &opened, wish.signed.then_some(&cast().mega));
        assert_eq!(brings(&receipt.headers, &receipt.body), Brings::Receipt, "{what}");
        let theirs = [cast().mega.certificate().clone()];
        let expected = Expected {
            message_id: MESSAGE_ID,
            digests: &sealed.digests,
            receipt: manner.receipt,
            is_signed: manner.sign.is_some(),
            theirs: &theirs,
        };
        let matched = verdict::judge(&receipt.headers, &receipt.body, expected);
        let matched = matched.unwrap_or_else(|fault| panic!("{what}: {fault}"));
        assert_eq!(matched.signed_by.is_some(), wish.signed, "{what}");
        if wish.signed {
            assert_eq!(matched.mic.map(|(digest, _)| digest), Some(manner.mic), "{what}");
        }
    }
    opened.layers
}

/// The number of permutations is part of the promise.
#[test]
fn every_permutation_arrives_whole_and_is_receipted() {
    let cast = cast();
    let mut count = 0;
    let signs: Vec<Option<Signing<'_>>> =
        std::iter::once(None).chain(Digest::ALL.map(|digest| Some(signing(&cast.acme, digest)))).collect();
    let ciphers = Cipher::ALL.map(|(_, cipher)| Some(encrypting(&cast.mega, cipher)));
    let encrypts: Vec<Option<Encrypting<'_>>> = std::iter::once(None).chain(ciphers).collect();
    for sign in &signs {
        for encrypt in &encrypts {
            for compress in [Compress::Never, Compress::BeforeSigning, Compress::AfterSigning] {
                for transfer in [Transfer::Binary, Transfer::Base64] {
                    for receipt in [Receipt::None, Receipt::Unsigned, Receipt::Signed] {
                        let mic = sign.map_or(Digest::Sha256, |sign| sign.digest);
                        let (sign, encrypt) = (*sign, *encrypt);
                        there_and_back(Manner { sign, encrypt, compress, transfer, receipt, mic, ..usual() });
                        count += 1;
                    }
                }
            }
        }
    }
    assert_eq!(count, 5 * 8 * 3 * 2 * 3);
}

#[test]
fn pss_and_oaep_arrive_as_well() {
    let cast = cast();
    for digest in Digest::ALL {
        for (_, cipher) in Cipher::ALL {
            let sign = Some(Signing { padding: SignaturePadding::Pss, ..signing(&cast.acme, digest) });
            let encrypt = Some(Encrypting { padding: KeyPadding::Oaep, ..encrypting(&cast.mega, cipher) });
            there_and_back(Manner { sign, encrypt, mic: digest, ..usual() });
        }
    }
}

#[test]
fn a_receipt_returns_the_digest_that_was_asked_for_whatever_signed_the_message() {
    for mic in Digest::ALL {
        there_and_back(Manner { mic, sign: Some(signing(&cast().acme, Digest::Sha512)), ..usual() });
        there_and_back(Manner { mic, sign: None, encrypt: None, ..usual() });
    }
}

#[test]
fn layers_come_off_in_the_order_in_which_they_were_put_on() {
    let names = |manner: Manner<'_>| -> Vec<&str> {
        let name = |layer: &Layer| match layer {
            Layer::Encrypted(_) => "encrypted",
            Layer::Signed { .. } => "signed",
            Layer::Compressed => "compressed",
        };
        there_and_back(manner).iter().map(name).collect()
    };
    assert_eq!(names(Manner { compress: Compress::BeforeSigning, ..usual() }), ["encrypted", "signed", "compressed"]);
    assert_eq!(names(Manner { compress: Compress::AfterSigning, ..usual() }), ["encrypted", "compressed", "signed"]);
    assert_eq!(names(Manner { sign: None, compress: Compress::AfterSigning, ..usual() }), ["encrypted", "compressed"]);
}

#[test]
fn several_attachments_arrive_under_their_names() {
    let files = [
        order(),
        File {
            name: "Lieferschein für Köln.pdf", content_type: "application/pdf", bytes: b"%PDF-1.7\n--=_edigate\n"
        },
        File { name: "empty.txt", content_type: "text/plain", bytes: b"" },
    ];
    for transfer in [Transfer::Binary, Transfer::Base64] {
        for compress in [Compress::Never, Compress::BeforeSigning] {
            let manner = Manner { transfer, compress, ..usual() };
            let sealed = seal::seal(&files, manner, About { message_id: MESSAGE_ID, subject: "" }).unwrap();
            let opened = cast::opened(&sealed, cast::STRICT);
            let payloads = opened.outcome.unwrap();
            assert_eq!(payloads.len(), 3);
            for (payload, file) in payloads.iter().zip(files) {
                assert_eq!(payload.file_name.as_deref(), Some(file.name));
                assert_eq!((payload.bytes.as_slice(), payload.content_type.as_str()), (file.bytes, file.content_type));
            }
        }
    }
}

#[test]
fn each_attempt_of_a_message_has_the_same_digests() {
    for compress in [Compress::Never, Compress::BeforeSigning, Compress::AfterSigning] {
        let manner = Manner { compress, ..usual() };
        let (one, other) = (sealed(manner), sealed(manner));
        assert_eq!(one.digests, other.digests);
        assert_ne!(one.body, other.body, "its content key is another one");
    }
}
