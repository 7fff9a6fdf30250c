//! Who plays: two companies with certificates, each with an older one, and a stranger.

use std::sync::OnceLock;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};

use crate::config::agreement::{
    As2Id, Cipher, Compress, Digest, KeyPadding, Receipt, Required, SignaturePadding, Transfer,
};
use crate::config::certificate::Certificate;
use crate::transport::as2::compress::Growth;
use crate::transport::as2::envelope::Envelope;
use crate::transport::as2::identity::Identity;
use crate::transport::as2::open::{self, Opened, Trust};
use crate::transport::as2::receipt::{self, Answer, Became, Written};
use crate::transport::as2::seal::{self, About, Encrypting, File, Manner, Sealed, Signing};

pub const MESSAGE_ID: &str = "<01a@acme>";
pub const ORDER: &[u8] =
    b"ISA*00*          *00*          *ZZ*ACME           *ZZ*MEGAMART       ~\nIEA*1*000000001~\r\n\x00\xff";

/// All who play.
pub struct Cast {
    pub acme: Identity,
    pub acme_before: Identity,
    pub mega: Identity,
    pub mega_before: Identity,
    pub stranger: Identity,
}

pub fn cast() -> &'static Cast {
    static CAST: OnceLock<Cast> = OnceLock::new();
    CAST.get_or_init(|| Cast {
        acme: identity("acme", 1),
        acme_before: identity("acme", 2),
        mega: identity("megamart", 3),
        mega_before: identity("megamart", 4),
        stranger: identity("stranger", 5),
    })
}

/// An identity of its own, self-signed.
pub fn identity(name: &str, serial: u32) -> Identity {
    let (certificate, key) = pem(name, serial);
    Identity::of(Certificate::parse(&certificate).unwrap(), &key).unwrap()
}

/// The same in PEM: certificate and key.
pub fn pem(name: &str, serial: u32) -> (Vec<u8>, Vec<u8>) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(serial).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(&subject).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(365).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    (builder.build().to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap())
}

pub fn id(text: &str) -> &'static As2Id {
    static ACME: OnceLock<As2Id> = OnceLock::new();
    static MEGA: OnceLock<As2Id> = OnceLock::new();
    match text {
        "ACME" => ACME.get_or_init(|| As2Id::parse("ACME").unwrap()),
        _ => MEGA.get_or_init(|| As2Id::parse("Mega Mart").unwrap()),
    }
}

pub fn signing(identity: &Identity, digest: Digest) -> Signing<'_> {
    Signing { identity, digest, padding: SignaturePadding::Pkcs1 }
}

pub fn encrypting(identity: &Identity, cipher: Cipher) -> Encrypting<'_> {
    Encrypting { certificate: identity.certificate(), cipher, padding: KeyPadding::Pkcs1 }
}

/// ACME sends to MegaMart, signed and encrypted, and asks for a signed receipt.
pub fn usual() -> Manner<'static> {
    Manner {
        from: id("ACME"),
        to: id("Mega Mart"),
        sign: Some(signing(&cast().acme, Digest::Sha256)),
        encrypt: Some(encrypting(&cast().mega, Cipher::Aes256)),
        compress: Compress::Never,
        transfer: Transfer::Binary,
        receipt: Receipt::Signed,
        mic: Digest::Sha256,
        receipt_to: None,
    }
}

pub fn order() -> File<'static> {
    File { name: "order 1.edi", content_type: "application/edi-x12", bytes: ORDER }
}

pub fn sealed(manner: Manner<'_>) -> Sealed {
    seal::seal(&[order()], manner, About { message_id: MESSAGE_ID, subject: "850" }).unwrap()
}

pub const STRICT: Required = Required { signed: true, encrypted: true, weak_is_enough: false };
pub const LAX: Required = Required { signed: false, encrypted: false, weak_is_enough: true };

/// MegaMart opens what ACME sent.
pub fn opened(sealed: &Sealed, required: Required) -> Opened {
    let theirs = [cast().acme.certificate().clone()];
    let lapsed = [cast().acme_before.certificate().clone()];
    let ours = [cast().mega_before.clone(), cast().mega.clone()];
    let trust = Trust { ours: &ours, theirs: &theirs, lapsed: &lapsed, required, growth: Growth::default() };
    open::open(&sealed.headers, &sealed.body, trust)
}

/// MegaMart answers.
pub fn answered(sealed: &Sealed, opened: &Opened, signer: Option<&Identity>) -> Written {
    let about = Envelope::read(&sealed.headers).unwrap();
    let became = match &opened.outcome {
        Ok(_) => Became::Processed,
        Err(refusal) => Became::Refused(refusal.modifier),
    };
    let signed_by = opened.signed_by().and_then(|(digest, _)| digest);
    let answer = Answer {
        about: &about,
        became,
        digests: opened.digests.as_ref(),
        signed_by,
        sign: signer.map(|signer| signing(signer, receipt::mic_of(&about, signed_by).0)),
        message_id: "<02b@megamart>",
    };
    receipt::write(answer).unwrap()
}
