use super::*;
use crate::transport::as2::tests::cast::{cast, identity};

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nISA*00*\nbare line feeds\n and \x00\xff";

#[test]
fn the_certificate_that_signed_is_named() {
    let signature = sign(CONTENT, &cast().mega, Digest::Sha256, SignaturePadding::Pkcs1).unwrap();
    let known = [&cast().acme, &cast().mega_before, &cast().mega].map(|identity| identity.certificate().clone());
    assert_eq!(verify(CONTENT, &signature, &known), Ok(2));
    assert_eq!(digest_of(&signature), Some(Digest::Sha256));
    let claimed = "serial number 03".to_owned();
    assert_eq!(verify(CONTENT, &signature, &known[..2]), Err(Unverified::UnknownSigner { claimed: claimed.clone() }));
    assert_eq!(verify(CONTENT, &signature, &[]), Err(Unverified::UnknownSigner { claimed }));
}

#[test]
fn a_certificate_of_the_same_name_and_number_with_another_key_proves_nothing() {
    let signature = sign(CONTENT, &identity("megamart", 3), Digest::Sha256, SignaturePadding::Pkcs1).unwrap();
    let known = [cast().mega.certificate().clone()];
    assert_eq!(verify(CONTENT, &signature, &known), Err(Unverified::Invalid));
}

#[test]
fn the_certificate_in_the_signature_itself_is_not_believed() {
    let signature = sign(CONTENT, &cast().stranger, Digest::Sha256, SignaturePadding::Pkcs1).unwrap();
    let known = [cast().mega.certificate().clone()];
    assert!(matches!(verify(CONTENT, &signature, &known), Err(Unverified::UnknownSigner { .. })));
}

#[test]
fn changed_content_is_told_from_a_wrong_signature() {
    let signature = sign(CONTENT, &cast().mega, Digest::Sha512, SignaturePadding::Pss).unwrap();
    let known = [cast().mega.certificate().clone()];
    assert_eq!(verify(CONTENT, &signature, &known), Ok(0));
    assert_eq!(verify(b"other", &signature, &known), Err(Unverified::Altered));
    assert_eq!(verify(CONTENT, b"nothing", &known), Err(Unverified::Unreadable));
    let mut broken = signature.clone();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    assert_eq!(verify(CONTENT, &broken, &known), Err(Unverified::Invalid));
}

#[test]
fn whichever_of_our_keys_a_message_is_for_opens_it() {
    let ours = [cast().acme_before.clone(), cast().acme.clone()];
    for (_, cipher) in Cipher::ALL {
        for padding in [KeyPadding::Pkcs1, KeyPadding::Oaep] {
            for identity in &ours {
                let der = encrypt(CONTENT, identity.certificate(), cipher, padding).unwrap();
                assert_eq!(kind(&der).unwrap(), Kind::Enveloped);
                assert_eq!(cipher_of(&der), Some(cipher));
                assert_eq!(decrypt(&der, &ours).unwrap(), CONTENT);
                let recipients = identity.certificate().serial();
                assert_eq!(decrypt(&der, &[cast().mega.clone()]), Err(Undecrypted::NotForUs { recipients }));
            }
        }
    }
    assert_eq!(decrypt(b"nothing", &ours), Err(Undecrypted::Unreadable));
}

#[test]
fn an_identity_is_a_certificate_with_its_own_key() {
    let (certificate, _) = crate::transport::as2::tests::cast::pem("a", 31);
    let (_, key) = crate::transport::as2::tests::cast::pem("a", 31);
    let certificate = Certificate::parse(&certificate).unwrap();
    assert!(Identity::of(certificate.clone(), &key).unwrap_err().contains("is not that of the certificate CN=a"));
    assert!(Identity::of(certificate, b"nothing").unwrap_err().contains("cannot be read"));
    let shown = format!("{:?}", cast().acme);
    assert!(shown.contains("CN=acme") && !shown.contains("PRIVATE"), "{shown}");
}
