//! By TLS: which versions, whose certificates, and what a reload changes.

use std::io::Write as _;

use super::{DOCUMENTS, RETAILER, bearer, wait_until_open};
use crate::house::House;
use crate::house::certificates::Identity;
use crate::house::http::{Answer, connect, request, rest, say_by_tls};
use crate::house::sample;

/// A house that listens by TLS, with certificates of its own.
fn house_by_tls(lines: &str, partner: &str) -> (House, u16, Identity, Identity) {
    let house = House::new();
    let authority = Identity::authority(&house.path(""), "authority");
    let ours = authority.signed_by(&house.path(""), "localhost", 90);
    house.give_token("megamart", RETAILER, partner);
    let port = house.listen(&format!("certificate = \"localhost.pem\"\nkey = \"file:localhost.key\"\n{lines}"));
    (house, port, authority, ours)
}

fn handed_in_by_tls(
    port: u16,
    authority: &Identity,
    key: &str,
    adjust: impl FnOnce(&mut openssl::ssl::SslConnectorBuilder),
) -> Result<Answer, String> {
    let headers = [("Authorization", &*bearer(RETAILER)), ("Idempotency-Key", key)];
    let bytes = request("POST", DOCUMENTS, &headers, &sample("megamart/850_101.edi"));
    say_by_tls(port, &bytes, |connector| {
        connector.set_ca_file(&authority.certificate_file).unwrap();
        adjust(connector);
    })
}

#[test]
fn tls_is_1_2_or_newer_and_a_renewed_certificate_is_shown_after_a_reload() {
    use openssl::ssl::SslVersion;
    let (mut house, port, authority, _) = house_by_tls("", "");
    house.start();
    wait_until_open(&house, port);
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let answer = handed_in_by_tls(port, &authority, "k1", |connector| {
            connector.set_min_proto_version(Some(version)).unwrap();
            connector.set_max_proto_version(Some(version)).unwrap();
        });
        assert_eq!(answer.unwrap().status, 202);
    }
    let old = handed_in_by_tls(port, &authority, "k1", |connector| {
        connector.set_min_proto_version(None).unwrap();
        connector.set_max_proto_version(Some(SslVersion::TLS1_1)).unwrap();
        connector.set_security_level(0);
        connector.set_cipher_list("ALL:@SECLEVEL=0").unwrap();
    });
    assert!(old.is_err(), "{old:?}");
    assert!(say_plainly(port).is_empty(), "plain text is no TLS");
    house.wait_for("both to be told", |house| house.log().matches("WEB-W005").count() >= 2);
    let other = Identity::authority(&house.path(""), "other");
    other.signed_by(&house.path(""), "localhost", 20);
    house.signal("-HUP");
    house.wait_for("the new certificate", |_| handed_in_by_tls(port, &other, "k1", |_| {}).is_ok());
    assert!(house.in_trouble("WEB-W003").contains("ends on"), "20 days are not many");
    std::fs::write(house.path("localhost.key"), "no key").unwrap();
    house.signal("-HUP");
    house.in_trouble("WEB-E002");
    assert!(handed_in_by_tls(port, &other, "k1", |_| {}).is_ok(), "what was good stays in force");
}

fn say_plainly(port: u16) -> Vec<u8> {
    let mut stream = connect(port);
    stream.write_all(&request("GET", DOCUMENTS, &[], b"")).unwrap();
    // An alert of TLS is no answer.
    rest(&mut stream).into_iter().filter(u8::is_ascii_alphabetic).collect()
}

#[test]
fn who_must_show_a_certificate_does_not_get_in_without_the_right_one() {
    let directory = tempfile::tempdir().unwrap();
    let issuer = Identity::authority(directory.path(), "issuer");
    let (theirs, another) =
        (issuer.signed_by(directory.path(), "theirs", 30), issuer.signed_by(directory.path(), "another", 30));
    let stranger = Identity::authority(directory.path(), "stranger").signed_by(directory.path(), "unknown", 30);
    let lines = format!("client_ca = \"{}\"", issuer.certificate_file.display());
    let (mut house, port, authority, _) = house_by_tls(&lines, &format!("certificate = \"{}\"", theirs.fingerprint()));
    house.start();
    wait_until_open(&house, port);
    let showing = |identity: &Identity| {
        handed_in_by_tls(port, &authority, "k1", |connector| {
            connector.set_certificate(&identity.certificate).unwrap();
            connector.set_private_key(&identity.key).unwrap();
        })
    };
    assert_eq!(showing(&theirs).unwrap().status, 202);
    let wrong = showing(&another).unwrap();
    assert_eq!((wrong.status, wrong.code().as_str()), (403, "API-E003"));
    assert!(showing(&stranger).is_err(), "nobody knows who issued it");
    assert!(handed_in_by_tls(port, &authority, "k1", |_| {}).is_err(), "none was shown");
}
