//! AS2 in both files: who we are, who they are, and which certificates are used when.

use jiff::Timestamp;
use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509Name};

use super::*;
use crate::config::agreement::{Cipher, Digest, KeyPadding, Receipt, SignaturePadding};
use crate::config::as2::{As2Partner, newest};
use crate::config::partner::Wire;
use crate::config::retry::Retry;

const OURS: &str = "[as2]\nid = \"ACME\"\n[[as2.certificate]]\nfile = \"acme.pem\"\nkey = \"file:acme.key\"\n[log]";

/// A certificate that is good for so many days from today on.
fn certificate(days: u32) -> String {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("CN", &format!("for {days} days")).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_subject_name(&name.build()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(days).unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    String::from_utf8(builder.build().to_pem().unwrap()).unwrap()
}

/// Files in which MegaMart's mailbox is an AS2 endpoint with these lines.
fn setup(lines: &str) -> Setup {
    let wire = "via  = \"folder\"\npick_up  = { from = \"mega/out\", match = \"*.edi\", settle = \"2 s\" }\ndrop_off = { to = \"mega/in\" }";
    Setup::new()
        .change("gateway.toml", "[log]", OURS)
        .with("home/acme.pem", &certificate(300))
        .with("partners/megamart/mega.pem", &certificate(100))
        .with("partners/megamart/next.pem", &certificate(400))
        .change("partners/megamart/partner.toml", wire, &format!("via = \"as2\"\n{lines}"))
}

const USUAL: &str = "address = \"https://as2.mega.example/as2\"\nid = \"Mega Mart\"\ncertificate = \"mega.pem\"";

fn partner(setup: &Setup) -> As2Partner {
    let (config, _) = setup.load().unwrap_or_else(|faults| panic!("{faults:?}"));
    let megamart = &config.partners[&PartnerId::parse("megamart").unwrap()];
    assert_eq!(megamart.endpoints[0].drop_off.as_ref().unwrap().name, "{partner}_{set}_{isa13}.edi");
    match &megamart.endpoints[0].via {
        Wire::As2(as2) => As2Partner::clone(as2),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_said_is_signed_encrypted_receipted_and_required() {
    let read = partner(&setup(USUAL));
    assert_eq!((read.our_id.as_str(), read.id.as_str()), ("ACME", "Mega Mart"));
    assert_eq!(read.sign, Some((Digest::Sha256, SignaturePadding::Pkcs1)));
    assert_eq!(read.encrypt, Some((Cipher::Aes256, KeyPadding::Pkcs1)));
    assert_eq!((read.receipt, read.posts_receipts_within), (Receipt::Signed, None));
    assert!(read.required.signed && read.required.encrypted && !read.required.weak_is_enough);
    let (config, _) = setup(USUAL).load().unwrap();
    let endpoint = &config.partners[&PartnerId::parse("megamart").unwrap()].endpoints[0];
    assert_eq!(endpoint.sending.retry, Retry::PATIENT);
}

#[test]
fn every_choice_has_its_word() {
    let lines = format!(
        "{USUAL}\nsign = \"sha-512 pss\"\nencrypt = \"aes-256-gcm oaep\"\nreceipt = \"unsigned\"\nrequire = \"signed\""
    );
    let read = partner(&setup(&lines));
    assert_eq!(read.sign, Some((Digest::Sha512, SignaturePadding::Pss)));
    assert_eq!(read.encrypt, Some((Cipher::Aes256Gcm, KeyPadding::Oaep)));
    assert_eq!((read.receipt, read.required.signed, read.required.encrypted), (Receipt::Unsigned, true, false));
    let nothing = partner(&setup(&format!("{USUAL}\nsign = \"none\"\nencrypt = \"none\"")));
    assert_eq!((nothing.sign, nothing.encrypt), (None, None));
}

#[test]
fn the_next_certificate_takes_over_on_its_day_and_both_count_meanwhile() {
    let now = Timestamp::now();
    let in_days = |days: i64| now + jiff::SignedDuration::from_hours(24 * days);
    let day = in_days(30).strftime("%Y-%m-%d");
    let lines = USUAL.replace("\"mega.pem\"", &format!("[\"mega.pem\", \"next.pem from {day}\"]"));
    let read = partner(&setup(&lines));
    let used = |days| newest(&read.certificates, in_days(days)).map(|one| one.certificate.subject());
    assert_eq!(used(1).as_deref(), Some("CN=for 100 days"));
    assert_eq!(used(31).as_deref(), Some("CN=for 400 days"));
    assert_eq!(used(500), None);
    let until = partner(&setup(&USUAL.replace("mega.pem", &format!("mega.pem until {day}"))));
    assert!(until.certificates[0].is_at(in_days(29)) && !until.certificates[0].is_at(in_days(32)));
}

#[test]
fn what_is_missing_or_wrong_is_said_with_its_place() {
    for (lines, message) in [
        ("address = \"https://a.example\"\ncertificate = \"mega.pem\"".to_owned(), "has no \"id\""),
        ("address = \"https://a.example\"\nid = \"M\"".to_owned(), "a certificate of the partner is needed"),
        (USUAL.replace("mega.pem", "gone.pem"), "gone.pem is not there"),
        (USUAL.replace("mega.pem", "partner.toml"), "it is no certificate"),
        (USUAL.replace("mega.pem", "mega.pem until soon"), "\"soon\" is no date"),
        (USUAL.replace("https", "http"), "the URL is not encrypted"),
        (USUAL.replace("Mega Mart", " Mega"), "no space at its ends"),
        (format!("{USUAL}\nsign = \"md5\""), "\"md5\" is no digest"),
        (format!("{USUAL}\nencrypt = \"rc2\""), "\"rc2\" is no cipher"),
        (format!("{USUAL}\nreceipt_by = \"post\""), "gateway.toml does not say where"),
        (format!("{USUAL}\nreceipt_hosts = \"https://as2.mega.example\""), "is no host's name"),
        (format!("{USUAL}\npick_up = {{ from = \"mega/out\" }}"), "pick_up and drop_off are for folders"),
        (format!("{USUAL}\nencript = \"none\""), "unknown key \"encript\""),
    ] {
        let faults = setup(&lines).load().map(|_| ()).unwrap_err();
        let found = faults.iter().any(|fault| fault.message.contains(message));
        let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(found, "{message}: {texts:?}");
        assert!(faults.iter().all(|fault| fault.place.file.is_some()), "{texts:?}");
    }
    let nobody = Setup::new().change("partners/megamart/partner.toml", "via  = \"folder\"\npick_up  = { from = \"mega/out\", match = \"*.edi\", settle = \"2 s\" }\ndrop_off = { to = \"mega/in\" }", "via = \"as2\"\nid = \"M\"");
    assert!(nobody.faults().contains("does not say who we are"));
}
