//! A certificate as a value: whose it is, since when and until when, and how people recognise it.
//!
//! ```text
//! CN=acme-as2, serial 4F21…, SHA256:9aW1xQe…, from 2026-01-01 to 2028-01-01
//! ```
//!
//! In: PEM or DER. Out: one certificate. It is known by its bytes alone: partners pin certificates, whoever issued them,
//! since an authority vouches for everybody that it knows. Never here: private keys.

use std::fmt;

use jiff::Timestamp;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::base64;
use openssl::hash::MessageDigest;
use openssl::x509::{X509, X509NameRef, X509Ref};

/// A certificate.
#[derive(Clone)]
pub struct Certificate {
    x509: X509,
    der: Vec<u8>,
    from: Timestamp,
    until: Timestamp,
}

impl Certificate {
    /// Reads PEM or DER.
    pub fn parse(bytes: &[u8]) -> Result<Certificate, String> {
        let is_pem = bytes.windows(10).take(4096).any(|window| window == b"-----BEGIN");
        let read = if is_pem { X509::from_pem(bytes) } else { X509::from_der(bytes) };
        read.map_err(|_| "it is no certificate, neither PEM nor DER".to_owned()).and_then(Certificate::of)
    }

    /// Of a certificate that was read already.
    pub fn of(x509: X509) -> Result<Certificate, String> {
        let broken = |_| "its dates cannot be read".to_owned();
        let der = x509.to_der().map_err(broken)?;
        let from = timestamp(x509.not_before()).map_err(broken)?;
        let until = timestamp(x509.not_after()).map_err(broken)?;
        Ok(Certificate { x509, der, from, until })
    }

    /// As OpenSSL holds it.
    pub fn x509(&self) -> &X509Ref {
        &self.x509
    }

    /// From when on it says that it is good.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// Until when it says that it is good.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Whose it is.
    pub fn subject(&self) -> String {
        name(self.x509.subject_name())
    }

    /// Who issued it.
    pub fn issuer(&self) -> String {
        name(self.x509.issuer_name())
    }

    /// Its serial number, in hex.
    pub fn serial(&self) -> String {
        let number = self.x509.serial_number().to_bn();
        number.and_then(|number| Ok(number.to_hex_str()?.to_string())).unwrap_or_default()
    }

    /// How people compare it: `SHA256:` and the hash in base64, as OpenSSH writes those of keys.
    pub fn fingerprint(&self) -> String {
        let hash = self.x509.digest(MessageDigest::sha256());
        let text = hash.map(|hash| base64::encode_block(&hash)).unwrap_or_default();
        format!("SHA256:{}", text.trim_end_matches('='))
    }

    /// In PEM.
    pub fn to_pem(&self) -> Vec<u8> {
        // Encoding what was decoded fails for want of memory alone.
        self.x509.to_pem().unwrap_or_default()
    }
}

fn name(name: &X509NameRef) -> String {
    let parts = name.entries().map(|entry| {
        let key = entry.object().nid().short_name().unwrap_or("?");
        let value = entry.data().to_string().unwrap_or_default();
        format!("{key}={value}")
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn timestamp(time: &Asn1TimeRef) -> Result<Timestamp, openssl::error::ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    let seconds = i64::from(since.days) * 86_400 + i64::from(since.secs);
    Ok(Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX }))
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Certificate) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({self})")
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
        write!(f, "{}, serial {}, from {} to {}", self.subject(), self.serial(), day(self.from), day(self.until))
    }
}
