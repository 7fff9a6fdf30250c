//! The `[[listen]]` tables of gateway.toml, and the `[api]` table of a partner: who may come in by HTTP, and where.
//!
//! ```toml
//! [[listen]]                                         # gateway.toml
//! address     = "0.0.0.0:8443"
//! serves      = ["api"]
//! certificate = "tls/edi.acme.example.pem"
//! key         = "credential:edi_acme_example_key"
//!
//! [api]                                              # partner.toml
//! token       = "credential:erp_token"
//! ```
//!
//! Never here: reading certificates, keys or tokens.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::gateway::absolute;
use super::reader::{Table, choice};
use super::secret::SecretReference;
use super::size;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::config as codes;

/// One address at which others reach us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Where.
    pub address: SocketAddr,
    /// What is answered there.
    pub serves: Vec<Serves>,
    /// How it is encrypted; `None` where it is not.
    pub tls: Option<Tls>,
    /// The most bytes that one request may bring.
    pub max_body: u64,
    /// How long the head of a request may take, and how long a sender may say nothing in mid-body.
    pub patience: Duration,
    /// How many connections there may be.
    pub connections: usize,
    /// How many of them from one address.
    pub connections_per_peer: usize,
}

/// What a listener answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// The API: documents are handed in, and asked for.
    Api,
    /// AS2: messages, and receipts that come by themselves.
    As2,
    /// The pages, for people who sign in.
    Pages,
    /// The API by which the books are read.
    V1,
    /// Figures for Prometheus.
    Metrics,
    /// Whether the gateway lives, and whether it may be sent work.
    Health,
}

impl Listen {
    /// True where nothing is taken in and nothing is read but how the gateway is: it stays open while the daemon drains.
    pub fn only_watches(&self) -> bool {
        self.serves.iter().all(|serves| matches!(serves, Serves::Metrics | Serves::Health))
    }
}

/// How each is written.
const SERVES: [(&str, Serves); 6] = [
    ("api", Serves::Api),
    ("as2", Serves::As2),
    ("pages", Serves::Pages),
    ("v1", Serves::V1),
    ("metrics", Serves::Metrics),
    ("health", Serves::Health),
];

/// How a listener is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Our certificate and those above it, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: SecretReference,
    /// Who connects, and how we know them; `None` where anybody may.
    pub clients: Option<Clients>,
}

/// The certificates that those who connect show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clients {
    /// Who issued them, as PEM.
    pub issuers: PathBuf,
    /// Whether nobody gets in without one.
    pub required: bool,
}

/// Who a partner is when it hands in documents by HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Its tokens: one, or two while it changes from one to the other.
    pub tokens: Vec<SecretReference>,
    /// Fingerprints (SHA-256, in hex) of the certificates that it must show beside its token; empty where none is asked for.
    pub certificates: Vec<String>,
}

impl Api {
    /// The name under which what comes by the API stands in the books, where endpoints have theirs.
    pub const ENDPOINT: &'static str = "api";
}

const MAX_BODY: u64 = 100_000_000;
const PATIENCE: Duration = Duration::from_secs(30);
const CONNECTIONS: u32 = 512;
const CONNECTIONS_PER_PEER: u32 = 64;

/// Reads every listener; relative files start at `home`.
pub(super) fn read(tables: &[Table], home: &Path) -> Vec<Listen> {
    let mut read: Vec<Listen> = Vec::new();
    for table in tables {
        let Some(one) = listen(table, home) else { continue };
        if read.iter().any(|other| other.address == one.address) {
            let message = format!("two listeners have the address {}", one.address);
            table.source.report(Diagnostic::new(&codes::SAME_NAME, message).at(table.place.clone()));
            continue;
        }
        read.push(one);
    }
    read
}

fn listen(table: &Table, home: &Path) -> Option<Listen> {
    let address = table.required("address", r#"address = "0.0.0.0:8443""#).parse(address);
    let serves = table.required("serves", r#"serves = ["api"]"#);
    let serves = serves.parse_each(|text| choice(text, "service of a listener", &SERVES));
    let plain = table.optional("plain").boolean().unwrap_or(false);
    let is_encrypted = ["certificate", "key", "client_ca", "client_certificate"].iter().any(|key| table.has(key));
    let tls = is_encrypted.then(|| tls(table, home));
    let max_body = table.optional("max_body").parse(size::parse).map_or(MAX_BODY, |size| size.value);
    let patience_entry = table.optional("patience");
    let patience = patience_entry.duration().unwrap_or(PATIENCE);
    if patience.is_zero() {
        patience_entry.refuse(&codes::OUT_OF_RANGE, r#"at least "1 ms""#);
    }
    let count = |key, usual| table.optional(key).integer(1..=100_000).unwrap_or(usual) as usize;
    let connections = count("connections", CONNECTIONS);
    let connections_per_peer = count("connections_per_peer", CONNECTIONS_PER_PEER);
    if !is_encrypted {
        // They are asked for all the same, so that they are known keys.
        for key in ["certificate", "key", "client_ca", "client_certificate"] {
            table.optional(key);
        }
    }
    table.finish();
    let address = address?;
    let tls = match tls {
        Some(tls) => Some(tls?),
        None => None,
    };
    if tls.is_none() && !plain && !address.value.ip().is_loopback() {
        let message = format!("{} is reached from other machines, and nothing there is encrypted", address.value);
        let fault = Diagnostic::new(&codes::ADDRESS, message).at(address.place);
        let fault = fault.expected(r#"certificate = "…" and key = "…", or an address such as 127.0.0.1:8080"#);
        table.source.report(fault.hint("where a proxy in front of it does the encryption, say plain = true"));
        return None;
    }
    Some(Listen {
        address: address.value,
        serves: serves.into_iter().map(|one| one.value).collect(),
        tls,
        max_body,
        patience,
        connections,
        connections_per_peer,
    })
}

fn address(text: &str) -> Result<SocketAddr, Diagnostic> {
    text.parse().map_err(|_| {
        let fault = Diagnostic::new(&codes::ADDRESS, format!("{text:?} is no address to listen at")).found(text);
        let fault = fault.expected(r#"an IP address and a port, such as "0.0.0.0:8443" or "[::]:8443""#);
        fault.hint("0.0.0.0 and [::] stand for every address of this machine, 127.0.0.1 for nobody but this machine")
    })
}

fn tls(table: &Table, home: &Path) -> Option<Tls> {
    let file = |text: &str| absolute(&home.join(text));
    let certificate = table.required("certificate", r#"certificate = "tls/edi.acme.example.pem""#).text();
    let key = table.required("key", r#"key = "credential:edi_acme_example_key""#).parse(SecretReference::parse);
    let issuers = table.optional("client_ca").text().map(|issuers| file(issuers.value));
    let needs = [("required", true), ("optional", false)];
    let certificates = table.optional("client_certificate");
    let required = certificates.parse(|text| choice(text, "need of certificates", &needs)).map(|need| need.value);
    if certificates.is_given() && issuers.is_none() {
        let message = "client_certificate is given, and nothing says who issues them";
        let fault = Diagnostic::new(&codes::MISSING_KEY, message).at(table.place.clone());
        table.source.report(fault.expected(r#"a line such as: client_ca = "tls/clients.pem""#));
    }
    let clients = issuers.map(|issuers| Clients { issuers, required: required.unwrap_or(true) });
    Some(Tls { certificate: file(certificate?.value), key: key?.value.below(home), clients })
}

/// Reads a partner's `[api]` table.
pub(super) fn read_api(table: &Table, home: &Path) -> Option<Api> {
    let tokens = table.required("token", r#"token = "credential:erp_token""#).parse_each(SecretReference::parse);
    let certificates = table.optional("certificate").parse_each(fingerprint);
    table.finish();
    let tokens: Vec<SecretReference> = tokens.into_iter().map(|token| token.value.below(home)).collect();
    let certificates = certificates.into_iter().map(|certificate| certificate.value).collect();
    (!tokens.is_empty()).then_some(Api { tokens, certificates })
}

/// A SHA-256 fingerprint as `openssl x509 -fingerprint -sha256` prints it, or without its colons.
fn fingerprint(text: &str) -> Result<String, Diagnostic> {
    let digits: String = text.chars().filter(|character| *character != ':').collect();
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(digits.to_ascii_lowercase());
    }
    let fault = Diagnostic::new(&codes::ADDRESS, "that is no fingerprint of a certificate");
    let fault = fault.expected("64 hexadecimal digits, with or without colons").found(text);
    Err(fault.hint("`openssl x509 -noout -fingerprint -sha256 -in FILE` prints it"))
}
