//! AS2: who we are (`[as2]` of gateway.toml), and who a partner is (an endpoint with `via = "as2"`).
//!
//! ```toml
//! [as2]                                             # gateway.toml
//! id      = "ACME"
//! address = "https://edi.acme.example:8443/as2"     # for receipts that come by themselves
//! [[as2.certificate]]                               # several while partners change from one to the next
//! file    = "as2/acme-2026.pem until 2027-01-31"
//! key     = "credential:as2_acme_2026"
//!
//! [[endpoint]]                                      # partner.toml
//! name        = "as2"
//! via         = "as2"
//! address     = "https://as2.megamart.example/as2"
//! id          = "MEGAMART"
//! certificate = ["megamart-2026.pem", "megamart-2027.pem from 2026-12-15"]
//! sign        = "sha-256"                           # or "sha-512 pss", "none"
//! encrypt     = "aes-256-cbc"                       # or "aes-256-gcm oaep", "none"
//! receipt     = "signed"                            # or "unsigned", "none"
//! require     = "signed and encrypted"
//! ```
//!
//! Certificates are read with the configuration, so that `edigate check` proves them; private keys are references and are
//! read when something is signed or decrypted.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::agreement::{As2Id, Cipher, Compress, Digest, KeyPadding, Receipt, Required, SignaturePadding, Transfer};
use super::certificate::Certificate;
use super::gateway::absolute;
use super::partner::DropOff;
use super::reader::{Table, cannot_read, choice};
use super::secret::SecretReference;
use super::{file_name, size};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{as2, config as codes};

/// Who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurAs2 {
    /// Our id.
    pub id: As2Id,
    /// Our certificates with their keys, in the order of the file.
    pub certificates: Vec<OurCertificate>,
    /// Where partners reach us, for receipts that come by themselves.
    pub address: Option<String>,
    /// How far a message may grow when it is unpacked, in bytes.
    pub largest: u64,
}

/// A certificate of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurCertificate {
    /// The certificate.
    pub in_use: InUse,
    /// Its private key, as PEM.
    pub key: SecretReference,
}

/// A certificate, and when it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// The certificate.
    pub certificate: Certificate,
    /// The file that it was read from.
    pub file: PathBuf,
    /// Used from then on.
    pub from: Timestamp,
    /// And until then.
    pub until: Timestamp,
}

impl InUse {
    /// True when it is used at this time.
    pub fn is_at(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until
    }
}

/// Of several certificates the one to use now: the one that is used since the shortest time.
pub fn newest<'c>(all: impl IntoIterator<Item = &'c InUse>, now: Timestamp) -> Option<&'c InUse> {
    all.into_iter().filter(|one| one.is_at(now)).max_by_key(|one| one.from)
}

/// A partner who speaks AS2, and what was agreed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct As2Partner {
    /// Who we are.
    pub ours: Arc<OurAs2>,
    /// Our id with this partner.
    pub our_id: As2Id,
    /// Its id.
    pub id: As2Id,
    /// Where messages are posted; `None` where it only sends.
    pub address: Option<String>,
    /// Its certificates.
    pub certificates: Vec<InUse>,
    /// How messages are signed.
    pub sign: Option<(Digest, SignaturePadding)>,
    /// How they are encrypted.
    pub encrypt: Option<(Cipher, KeyPadding)>,
    /// Whether they are compressed.
    pub compress: Compress,
    /// How bodies are transferred.
    pub transfer: Transfer,
    /// The receipt that is asked for.
    pub receipt: Receipt,
    /// The receipt comes by itself, within this time; it is the answer where this is `None`.
    pub posts_receipts_within: Option<Duration>,
    /// Hosts to which we post receipts, where the partner asks for that.
    pub receipt_hosts: Vec<String>,
    /// What its messages must have.
    pub required: Required,
    /// The media type of what we send.
    pub content_type: String,
    /// Certificates of issuers that are trusted for its server besides the system's, as PEM.
    pub ca: Option<PathBuf>,
    /// How long one request may take.
    pub timeout: Duration,
}

const TIMEOUT: Duration = Duration::from_secs(60);
const RECEIPT_WITHIN: Duration = Duration::from_secs(4 * 60 * 60);
const LARGEST: u64 = 500_000_000;

/// Reads `[as2]`; relative files start at `home`.
pub(super) fn read_ours(table: &Table, home: &Path) -> Option<OurAs2> {
    let id = table.required("id", r#"id = "ACME""#).parse(id);
    let address = table.optional("address").parse(|text| url(text, true).map(|()| text.to_owned()));
    let largest = table.optional("largest").parse(size::parse).map_or(LARGEST, |size| size.value);
    let mut certificates = Vec::new();
    for table in table.optional("certificate").tables() {
        let file = table.required("file", r#"file = "as2/acme-2026.pem""#).parse(|text| in_use(text, home));
        let key = table.required("key", r#"key = "credential:as2_acme_2026""#).parse(SecretReference::parse);
        table.finish();
        if let (Some(file), Some(key)) = (file, key) {
            certificates.push(OurCertificate { in_use: file.value, key: key.value.below(home) });
        }
    }
    table.finish();
    let address = address.map(|address| address.value);
    Some(OurAs2 { id: id?.value, certificates, address, largest })
}

/// Reads the partner of an endpoint; its certificates stand in `folder`. The second value names its files as a `drop_off` would.
pub(super) fn read(
    table: &Table,
    folder: &Path,
    home: &Path,
    ours: Option<&Arc<OurAs2>>,
) -> (Option<As2Partner>, Option<DropOff>) {
    let plain = table.optional("plain").boolean().unwrap_or(false);
    let address = table.optional("address").parse(|text| url(text, plain).map(|()| text.to_owned()));
    let their_id = table.required("id", r#"id = "MEGAMART""#).parse(id);
    let our_id = table.optional("our_id").parse(id).map(|id| id.value);
    let certificates = table.optional("certificate").parse_each(|text| in_use(text, folder));
    let certificates: Vec<InUse> = certificates.into_iter().map(|one| one.value).collect();
    let sign = table.optional("sign").parse(sign).map_or(Some(Default::default()), |sign| sign.value);
    let encrypt = table.optional("encrypt").parse(encrypt).map_or(Some(Default::default()), |encrypt| encrypt.value);
    let word = |key, of: &str, words: &[(&'static str, Compress)]| {
        table.optional(key).parse(|text| choice(text, of, words)).map(|word| word.value)
    };
    let whens = [
        ("never", Compress::Never),
        ("before signing", Compress::BeforeSigning),
        ("after signing", Compress::AfterSigning),
    ];
    let compress = word("compress", "time to compress", &whens).unwrap_or_default();
    let transfers = [("binary", Transfer::Binary), ("base64", Transfer::Base64)];
    let transfer = table.optional("transfer").parse(|text| choice(text, "transfer encoding", &transfers));
    let receipts = [("signed", Receipt::Signed), ("unsigned", Receipt::Unsigned), ("none", Receipt::None)];
    let receipt = table.optional("receipt").parse(|text| choice(text, "receipt", &receipts));
    let receipt = receipt.map_or(Receipt::Signed, |receipt| receipt.value);
    let by = [("answer", false), ("post", true)];
    let receipt_by = table.optional("receipt_by");
    let is_posted = receipt_by.parse(|text| choice(text, "way of a receipt", &by)).is_some_and(|by| by.value);
    let within = table.optional("receipt_within").duration().unwrap_or(RECEIPT_WITHIN);
    let receipt_hosts = table.optional("receipt_hosts").parse_each(host);
    let protections = [
        ("signed and encrypted", (true, true)),
        ("signed", (true, false)),
        ("encrypted", (false, true)),
        ("nothing", (false, false)),
    ];
    let require = table.optional("require").parse(|text| choice(text, "protection", &protections));
    let (signed, encrypted) = require.map_or((true, true), |require| require.value);
    let weak_is_enough = table.optional("weak").boolean().unwrap_or(false);
    let content_type = table.optional("content_type").text().map_or("application/edi-x12", |kind| kind.value);
    let ca = table.optional("ca").text().map(|file| absolute(&home.join(file.value)));
    let timeout = table.optional("timeout").duration().unwrap_or(TIMEOUT);
    let name_entry = table.optional("file_name");
    let name = name_entry.parse(|text| file_name::check(text).map(|()| text.to_owned())).map(|name| name.value);

    let report = |message: &str, expected: &str| {
        let fault = Diagnostic::new(&codes::MISSING_KEY, message).at(table.place.clone());
        table.source.report(fault.expected(expected));
    };
    let Some(ours) = ours else {
        report("the endpoint speaks AS2, and gateway.toml does not say who we are there", r#"[as2] with id = "…""#);
        return (None, None);
    };
    let sends = address.is_some();
    if table.has("certificate") && certificates.is_empty() {
        return (None, None);
    }
    if certificates.is_empty() && (signed || sends && (encrypt.is_some() || receipt == Receipt::Signed)) {
        report("a certificate of the partner is needed, and none is named", r#"certificate = "megamart-2026.pem""#);
        return (None, None);
    }
    if ours.certificates.is_empty() && (encrypted || sends && sign.is_some()) {
        report("a certificate of ours is needed, and gateway.toml names none", "[[as2.certificate]] with file and key");
        return (None, None);
    }
    if is_posted && ours.address.is_none() {
        report("receipts are to be posted to us, and gateway.toml does not say where", r#"address = "…" in [as2]"#);
        return (None, None);
    }
    let drop_off = address.as_ref().filter(|_| name.is_some() || !name_entry.is_given()).map(|address| DropOff {
        to: PathBuf::from(&address.value),
        marker: None,
        name: name.unwrap_or_else(|| file_name::DEFAULT.to_owned()),
    });
    let partner = || {
        Some(As2Partner {
            our_id: our_id.unwrap_or_else(|| ours.id.clone()),
            ours: Arc::clone(ours),
            id: their_id?.value,
            address: address.map(|address| address.value),
            certificates,
            sign,
            encrypt,
            compress,
            transfer: transfer.map_or(Transfer::Binary, |transfer| transfer.value),
            receipt,
            posts_receipts_within: (is_posted && receipt != Receipt::None).then_some(within),
            receipt_hosts: receipt_hosts.into_iter().map(|host| host.value).collect(),
            required: Required { signed, encrypted, weak_is_enough },
            content_type: content_type.to_owned(),
            ca,
            timeout,
        })
    };
    (partner(), drop_off)
}

fn id(text: &str) -> Result<As2Id, Diagnostic> {
    As2Id::parse(text).map_err(|why| Diagnostic::new(&codes::ADDRESS, why).found(text))
}

fn host(text: &str) -> Result<String, Diagnostic> {
    if text.contains(['/', ':', '@', ' ', '*']) {
        let fault = Diagnostic::new(&codes::ADDRESS, format!("{text:?} is no host's name"));
        return Err(fault.expected(r#"a name such as "as2.megamart.example""#).found(text));
    }
    Ok(text.to_ascii_lowercase())
}

/// `https://`, or `http://` where the file says that it will do: a message is protected by itself, its header is not.
fn url(text: &str, plain: bool) -> Result<(), Diagnostic> {
    let fault = |why: String| {
        let fault = Diagnostic::new(&codes::ADDRESS, why);
        fault.expected(r#"a URL such as "https://as2.megamart.example/as2""#)
    };
    let (scheme, rest) = text.split_once("://").ok_or_else(|| fault(format!("{text:?} is no URL")))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.contains(['@', ' ']) {
        return Err(fault("the URL has no host, or a name or password in it".to_owned()));
    }
    match scheme {
        "https" => Ok(()),
        "http" if plain => Ok(()),
        "http" => Err(fault("the URL is not encrypted".to_owned()).hint("where that will do, say plain = true")),
        _ => Err(fault(format!("{scheme:?} is no scheme of AS2"))),
    }
}

/// `sha-256`, `sha-256 pss`, `none`.
fn sign(text: &str) -> Result<Option<(Digest, SignaturePadding)>, Diagnostic> {
    if text == "none" {
        return Ok(None);
    }
    let (digest, padding) = match text.strip_suffix(" pss") {
        Some(digest) => (digest, SignaturePadding::Pss),
        None => (text, SignaturePadding::Pkcs1),
    };
    let words = Digest::ALL.map(|digest| (digest.name(), digest));
    choice(digest, "digest", &words).map(|digest| Some((digest, padding)))
}

/// `aes-256-cbc`, `aes-256-gcm oaep`, `none`.
fn encrypt(text: &str) -> Result<Option<(Cipher, KeyPadding)>, Diagnostic> {
    if text == "none" {
        return Ok(None);
    }
    let (cipher, padding) = match text.strip_suffix(" oaep") {
        Some(cipher) => (cipher, KeyPadding::Oaep),
        None => (text, KeyPadding::Pkcs1),
    };
    choice(cipher, "cipher", &Cipher::ALL).map(|cipher| Some((cipher, padding)))
}

/// `megamart-2027.pem`, with ` from DATE` and ` until DATE` where it is not used for as long as it says itself.
fn in_use(text: &str, folder: &Path) -> Result<InUse, Diagnostic> {
    let (rest, until) = split_date(text, " until ")?;
    let (name, from) = split_date(rest, " from ")?;
    let file = absolute(&folder.join(name.trim()));
    let unusable = |why: String| Diagnostic::new(&as2::CERTIFICATE_UNUSABLE, why);
    let bytes = fs::read(&file).map_err(|error| unusable(cannot_read(&file, &error)))?;
    let certificate = Certificate::parse(&bytes).map_err(|why| unusable(format!("{}: {why}", file.display())))?;
    let midnight = |date: Date, days: i64| {
        let date = date.saturating_add(Span::new().days(days));
        TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight())).unwrap_or(Timestamp::MAX)
    };
    let from = from.map_or(certificate.from(), |date| midnight(date, 0).max(certificate.from()));
    // The day that is named is the last one; a later day than the certificate's own extends it, and was written on purpose.
    let until = until.map_or(certificate.until(), |date| midnight(date, 1));
    Ok(InUse { certificate, file, from, until })
}

fn split_date<'t>(text: &'t str, word: &str) -> Result<(&'t str, Option<Date>), Diagnostic> {
    let Some((rest, date)) = text.rsplit_once(word) else { return Ok((text, None)) };
    let date = date.trim().parse::<Date>().map_err(|_| {
        let fault = Diagnostic::new(&codes::DURATION, format!("{:?} is no date", date.trim()));
        fault.expected("a date such as 2027-01-31").found(text)
    })?;
    Ok((rest, Some(date)))
}
