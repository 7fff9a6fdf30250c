//! OpenSSL's command as the peer: another MIME writer and reader, BER of indefinite length, lines that end in LF alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::cast::{self, LAX, ORDER, STRICT, cast, encrypting, sealed, signing, usual};
use crate::config::agreement::{Cipher, Digest, KeyPadding, Required, SignaturePadding};
use crate::config::certificate::Certificate;
use crate::transport::as2::compress::Growth;
use crate::transport::as2::header::Headers;
use crate::transport::as2::identity::Identity;
use crate::transport::as2::open::{self, Opened, Trust};
use crate::transport::as2::seal::{Encrypting, Manner, Sealed, Signing};
use crate::transport::as2::{cms, mime};

/// Runs it in a directory; a machine without it fails the test, and says why.
fn openssl(directory: &Path, arguments: &str) -> Result<(), String> {
    let run = Command::new("openssl").current_dir(directory).args(arguments.split(' ')).output();
    let run = run.expect("these tests need the openssl command");
    if run.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&run.stderr).into_owned()) }
}

struct Stage {
    directory: tempfile::TempDir,
    us: Identity,
    them: Certificate,
}

/// Both identities as files: `us` decrypts and verifies here, `them` there.
fn stage() -> Stage {
    let directory = tempfile::tempdir().unwrap();
    let (our_certificate, our_key) = cast::pem("us", 21);
    let (their_certificate, their_key) = cast::pem("them", 22);
    for (name, bytes) in
        [("us.pem", &our_certificate), ("us.key", &our_key), ("them.pem", &their_certificate), ("them.key", &their_key)]
    {
        fs::write(directory.path().join(name), bytes).unwrap();
    }
    let entity = [b"Content-Type: application/edi-x12\r\n\r\n".as_slice(), ORDER].concat();
    fs::write(directory.path().join("entity"), entity).unwrap();
    let us = Identity::of(Certificate::parse(&our_certificate).unwrap(), &our_key).unwrap();
    Stage { directory, us, them: Certificate::parse(&their_certificate).unwrap() }
}

impl Stage {
    fn openssl(&self, arguments: &str) {
        openssl(self.directory.path(), arguments).unwrap_or_else(|why| panic!("openssl {arguments}: {why}"));
    }

    /// What the command wrote as a whole message is opened by us.
    fn open(&self, file: &str) -> Opened {
        let bytes = fs::read(self.directory.path().join(file)).unwrap();
        let entity = mime::Entity::parse(&bytes).unwrap();
        self.open_entity(&entity.headers, entity.body)
    }

    fn open_der(&self, file: &str) -> Opened {
        let der = fs::read(self.directory.path().join(file)).unwrap();
        self.open_entity(&Headers::of([("Content-Type", "application/pkcs7-mime")]), &der)
    }

    fn open_entity(&self, headers: &Headers, body: &[u8]) -> Opened {
        let (ours, theirs) = ([self.us.clone()], [self.them.clone()]);
        let trust = Trust { ours: &ours, theirs: &theirs, lapsed: &[], required: LAX, growth: Growth::default() };
        open::open(headers, body, trust)
    }
}

#[track_caller]
fn brings_the_order(opened: &Opened) {
    let payloads = opened.outcome.as_ref().unwrap_or_else(|why| panic!("{}", why.fault));
    assert_eq!(payloads[0].bytes, ORDER);
}

#[test]
fn what_the_command_signs_and_encrypts_is_opened() {
    let stage = stage();
    let sign = "-signer them.pem -inkey them.key -binary -in entity";
    for digest in ["sha1", "sha256", "sha384", "sha512"] {
        stage.openssl(&format!("cms -sign {sign} -md {digest} -out signed"));
        let opened = stage.open("signed");
        brings_the_order(&opened);
        assert_eq!(opened.signed_by().unwrap().0, Digest::parse(digest));
        stage.openssl(&format!("smime -sign {sign} -md {digest} -out signed"));
        brings_the_order(&stage.open("signed"));
    }
    stage.openssl(&format!("cms -sign {sign} -keyopt rsa_padding_mode:pss -out signed"));
    brings_the_order(&stage.open("signed"));
    stage.openssl(&format!("cms -sign {sign} -nodetach -outform DER -out within"));
    brings_the_order(&stage.open_der("within"));
    for (cipher, known) in [
        ("des3", Cipher::TripleDes),
        ("aes128", Cipher::Aes128),
        ("aes192", Cipher::Aes192),
        ("aes256", Cipher::Aes256),
        ("aes-128-gcm", Cipher::Aes128Gcm),
        ("aes-192-gcm", Cipher::Aes192Gcm),
        ("aes-256-gcm", Cipher::Aes256Gcm),
    ] {
        stage.openssl(&format!("cms -encrypt -binary -{cipher} -in entity -outform DER -out encrypted us.pem"));
        let opened = stage.open_der("encrypted");
        brings_the_order(&opened);
        assert_eq!(opened.layers, [open::Layer::Encrypted(Some(known))]);
    }
    stage.openssl("cms -encrypt -binary -aes256 -in entity -out encrypted us.pem");
    brings_the_order(&stage.open("encrypted"));
    let oaep = "-recip us.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256";
    stage.openssl(&format!("cms -encrypt -binary -aes256 -in entity -outform DER -out encrypted {oaep}"));
    brings_the_order(&stage.open_der("encrypted"));
}

#[test]
fn ber_of_indefinite_length_is_read() {
    let stage = stage();
    let is_indefinite = |file: &str| {
        let der = fs::read(stage.directory.path().join(file)).unwrap();
        assert_eq!(der[..2], [0x30, 0x80], "{file} is streamed");
    };
    stage.openssl("cms -encrypt -binary -stream -indef -aes256 -in entity -outform DER -out encrypted us.pem");
    is_indefinite("encrypted");
    let opened = stage.open_der("encrypted");
    brings_the_order(&opened);
    assert_eq!(opened.layers, [open::Layer::Encrypted(Some(Cipher::Aes256))], "its cipher is found as well");
    let sign = "cms -sign -nodetach -binary -stream -indef -signer them.pem -inkey them.key -in entity -outform DER";
    stage.openssl(&format!("{sign} -out within"));
    is_indefinite("within");
    let opened = stage.open_der("within");
    brings_the_order(&opened);
    assert_eq!(opened.signed_by().unwrap().0, Some(Digest::Sha256));
}

#[test]
fn what_we_sign_and_encrypt_the_command_opens() {
    let stage = stage();
    let path = |name: &str| stage.directory.path().join(name);
    let content = fs::read(path("entity")).unwrap();
    for (digest, padding) in Digest::ALL
        .into_iter()
        .flat_map(|digest| [SignaturePadding::Pkcs1, SignaturePadding::Pss].map(|padding| (digest, padding)))
    {
        fs::write(path("signature"), cms::sign(&content, &stage.us, digest, padding).unwrap()).unwrap();
        let trust = "-certfile us.pem -CAfile us.pem -nointern -purpose any";
        stage.openssl(&format!("cms -verify -binary -inform DER -in signature -content entity {trust} -out verified"));
        assert_eq!(fs::read(path("verified")).unwrap(), content);
    }
    for (name, cipher) in Cipher::ALL {
        for padding in [KeyPadding::Pkcs1, KeyPadding::Oaep] {
            fs::write(path("sealed"), cms::encrypt(&content, &stage.them, cipher, padding).unwrap()).unwrap();
            stage.openssl("cms -decrypt -inform DER -in sealed -recip them.pem -inkey them.key -out opened");
            assert_eq!(fs::read(path("opened")).unwrap(), content, "{name} {padding:?}");
        }
    }
}

#[test]
fn a_whole_message_of_ours_is_mime_that_the_command_reads() {
    let stage = stage();
    let manner = Manner {
        sign: Some(Signing { identity: &stage.us, ..signing(&cast().acme, Digest::Sha256) }),
        encrypt: Some(Encrypting { certificate: &stage.them, ..encrypting(&cast().mega, Cipher::Aes256) }),
        transfer: crate::config::agreement::Transfer::Base64,
        ..usual()
    };
    let Sealed { headers, body, .. } = sealed(manner);
    let kind = ["Content-Type", "Content-Transfer-Encoding"].map(|name| (name, headers.field(name).unwrap()));
    let path = |name: &str| stage.directory.path().join(name);
    fs::write(path("message"), mime::entity(&Headers::of(kind), &body)).unwrap();
    stage.openssl("cms -decrypt -in message -recip them.pem -inkey them.key -out signed");
    stage.openssl("cms -verify -in signed -certfile us.pem -CAfile us.pem -nointern -purpose any -out entity.out");
    let entity = fs::read(path("entity.out")).unwrap();
    assert_eq!(mime::Entity::parse(&entity).unwrap().decoded().unwrap(), ORDER);
}

#[test]
fn what_the_command_sends_may_be_required_to_be_strong() {
    let stage = stage();
    stage.openssl("cms -sign -binary -md sha1 -signer them.pem -inkey them.key -in entity -out signed");
    let bytes = fs::read(stage.directory.path().join("signed")).unwrap();
    let entity = mime::Entity::parse(&bytes).unwrap();
    let theirs = [stage.them.clone()];
    let required = Required { encrypted: false, ..STRICT };
    let trust = Trust { ours: &[], theirs: &theirs, lapsed: &[], required, growth: Growth::default() };
    let refusal = open::open(&entity.headers, entity.body, trust).outcome.unwrap_err();
    assert_eq!(refusal.fault.code.code, "AS2-E008");
}
