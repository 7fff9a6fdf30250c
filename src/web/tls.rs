//! TLS of a listener: 1.2 and newer, our certificate, and theirs where they must show one.
//!
//! In: the `[[listen]]` table. Out: what accepts connections, or why the files cannot be used. `edigate check` proves them by the
//! same function.

use std::path::Path;

use jiff::Timestamp;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::ssl::{AlpnError, SslAcceptor, SslMethod, SslRef, SslVerifyMode, SslVersion, select_next_proto};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509Name};

use crate::config::listen::Tls;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::web;

/// What accepts connections, by the files as they are now.
pub fn acceptor(tls: &Tls) -> Result<SslAcceptor, Diagnostic> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).map_err(cannot("start TLS"))?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(cannot("start TLS"))?;
    // The other end could ask for a version of HTTP that we do not speak.
    builder.set_alpn_select_callback(|_, offered| select_next_proto(b"\x08http/1.1", offered).ok_or(AlpnError::NOACK));
    let ours = certificates(&tls.certificate)?;
    let use_certificate = format!("use the certificate in {}", tls.certificate.display());
    builder.set_certificate_chain_file(&tls.certificate).map_err(cannot(&use_certificate))?;
    let key = tls.key.read().map_err(|why| Diagnostic::new(&web::CERTIFICATE, why))?;
    let key = PKey::private_key_from_pem(key.as_bytes()).map_err(|_| {
        // What OpenSSL says of it may quote it.
        Diagnostic::new(&web::CERTIFICATE, "the key of the listener is no PEM private key")
    })?;
    if !ours.first().and_then(|ours| ours.public_key().ok()).is_some_and(|public| public.public_eq(&key)) {
        let message =
            format!("the key and the first certificate in {} do not belong together", tls.certificate.display());
        return Err(Diagnostic::new(&web::CERTIFICATE, message));
    }
    builder.set_private_key(&key).map_err(cannot("use the key"))?;
    if let Some(clients) = &tls.clients {
        let mut store = X509StoreBuilder::new().map_err(cannot("start TLS"))?;
        let mut names = openssl::stack::Stack::<X509Name>::new().map_err(cannot("start TLS"))?;
        for issuer in certificates(&clients.issuers)? {
            let name = issuer.subject_name().to_owned().map_err(cannot("read the name of an issuer"))?;
            names.push(name).map_err(cannot("read the name of an issuer"))?;
            store.add_cert(issuer).map_err(cannot("trust an issuer"))?;
        }
        builder.set_verify_cert_store(store.build()).map_err(cannot("trust the issuers"))?;
        builder.set_client_ca_list(names);
        let needed = if clients.required { SslVerifyMode::FAIL_IF_NO_PEER_CERT } else { SslVerifyMode::empty() };
        builder.set_verify(SslVerifyMode::PEER | needed);
        builder.set_session_id_context(b"edigate").map_err(cannot("start TLS"))?;
    }
    Ok(builder.build())
}

/// That our certificate ends soon, or has ended.
pub fn ends_soon(tls: &Tls, now: Timestamp) -> Option<Diagnostic> {
    const SOON: i64 = 30 * 24 * 60 * 60;
    let ours = certificates(&tls.certificate).ok()?.into_iter().next()?;
    let is_before = |end: &Asn1TimeRef, second: i64| {
        Asn1Time::from_unix(second).is_ok_and(|time| end.compare(&time).is_ok_and(std::cmp::Ordering::is_lt))
    };
    let (end, second) = (ours.not_after(), now.as_second());
    if !is_before(end, second + SOON) {
        return None;
    }
    let verb = if is_before(end, second) { "ended" } else { "ends" };
    let message = format!("the certificate in {} {verb} on {end}", tls.certificate.display());
    Some(Diagnostic::new(&web::CERTIFICATE_ENDS, message))
}

/// The fingerprint of the certificate that a peer showed; `None` when it showed none, or one that was not proved.
pub fn shown(ssl: &SslRef) -> Option<String> {
    let is_proved =
        ssl.verify_mode().contains(SslVerifyMode::PEER) && ssl.verify_result() == openssl::x509::X509VerifyResult::OK;
    let certificate = ssl.peer_certificate().filter(|_| is_proved)?;
    let digest = certificate.digest(MessageDigest::sha256()).ok()?;
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The certificates of a PEM file; at least one.
fn certificates(path: &Path) -> Result<Vec<X509>, Diagnostic> {
    let fault = |why: String| Diagnostic::new(&web::CERTIFICATE, format!("{} {why}", path.display()));
    let text = std::fs::read(path).map_err(|error| fault(format!("cannot be read: {error}")))?;
    match X509::stack_from_pem(&text) {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(fault("holds no certificate".to_owned()).expected("PEM: -----BEGIN CERTIFICATE-----")),
        Err(error) => Err(fault(format!("is no PEM: {}", reason(&error)))),
    }
}

fn cannot(what: &str) -> impl Fn(ErrorStack) -> Diagnostic {
    let what = what.to_owned();
    move |error| Diagnostic::new(&web::CERTIFICATE, format!("cannot {what} ({})", reason(&error)))
}

/// The reason without OpenSSL's file names and numbers.
fn reason(error: &ErrorStack) -> String {
    let last = error.errors().last().and_then(openssl::error::Error::reason);
    last.unwrap_or("no reason given").to_owned()
}
