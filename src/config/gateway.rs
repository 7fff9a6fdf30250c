//! gateway.toml: who we are, where things live, how often we look.
//!
//! ```toml
//! [us]
//! name = "Acme Supply"
//! [gateway]
//! home   = "."
//! ledger = "sqlite:ledger.db"
//! [log]
//! format = "text"
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::alerts::{self, Target};
use super::archive::{self, ArchiveSettings};
use super::as2::{self, OurAs2};
use super::listen::{self, Listen};
use super::people::{self, SignIns};
use super::reader::{At, Source, Table, choice};
use super::secret::SecretReference;
use super::us;
use super::{LedgerAddress, LogFormat, NodeSettings, PostgresAddress, Us};
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Diagnostic, Place};
use crate::x12::envelope::InterchangeId;

/// What gateway.toml says; fields that could not be read are `None`, or their default.
pub(crate) struct Gateway {
    pub us: Option<Us>,
    pub our_isa: Option<At<InterchangeId>>,
    /// Absolute.
    pub home: PathBuf,
    /// As people would write it, for messages.
    pub partners: PathBuf,
    /// Where `partners` was named, or the top of the file.
    pub partners_place: Place,
    pub ledger: Option<LedgerAddress>,
    pub node: NodeSettings,
    pub archive: Option<ArchiveSettings>,
    pub keep: Duration,
    pub scan_every: Duration,
    pub drain_within: Duration,
    pub log: LogFormat,
    pub listen: Vec<Listen>,
    pub people: SignIns,
    pub alerts: Vec<Target>,
    /// The partners that they name.
    pub alerted_partners: Vec<At<String>>,
    pub as2: Option<Arc<OurAs2>>,
}

/// Reads the file, which stands in the directory `base`.
pub(crate) fn read(source: &Source, base: &Path) -> Option<Gateway> {
    let parsed = source.parse()?;
    let root = source.root(&parsed);
    let us = root.required("us", "[us]").table();
    let gateway = root.optional("gateway").table();
    let log = root.optional("log").table();
    let node = root.optional("node").table();
    let archive = root.optional("archive").table();
    let retention = root.optional("retention").table();
    let listen = root.optional("listen").tables();
    let people = root.optional("people").table();
    let as2 = root.optional("as2").table();
    let smtp = root.optional("smtp").table();
    let alerts = root.optional("alert").tables();
    root.finish();

    let (us, our_isa) = us.map(|table| us::read(&table)).unwrap_or_default();
    let mut read = Gateway {
        us,
        our_isa,
        home: absolute(base),
        partners: base.join("partners"),
        partners_place: root.place.clone(),
        ledger: None,
        node: NodeSettings::default(),
        archive: None,
        keep: archive::SEVEN_YEARS,
        scan_every: Duration::from_secs(5),
        drain_within: Duration::from_secs(30),
        log: LogFormat::default(),
        listen: Vec::new(),
        people: people.map(|table| people::read(&table)).unwrap_or_default(),
        alerts: Vec::new(),
        alerted_partners: Vec::new(),
        as2: None,
    };
    if let Some(table) = gateway {
        read_gateway(&table, base, &mut read);
    }
    read.listen = listen::read(&listen, &read.home);
    let zone = read.us.as_ref().map_or(TimeZone::UTC, |us| us.zone.clone());
    (read.alerts, read.alerted_partners) = alerts::read(&alerts, smtp, &read.home, &zone);
    read.as2 = as2.and_then(|table| as2::read_ours(&table, &read.home)).map(Arc::new);
    read.ledger.get_or_insert_with(|| LedgerAddress::Sqlite(read.home.join("ledger.db")));
    if let Some(table) = node {
        read.node = node_settings(&table);
    }
    read.archive = match archive {
        Some(table) => archive::read_archive(&table, &read.home),
        None => Some(ArchiveSettings::Folder(read.home.join("archive"))),
    };
    if let Some(table) = retention {
        read.keep = archive::read_keep(&table).unwrap_or(read.keep);
        table.finish();
    }
    if let Some(table) = log {
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        let format = table.optional("format").parse(|text| choice(text, "log format", &formats));
        read.log = format.map(|format| format.value).unwrap_or_default();
        table.finish();
    }
    Some(read)
}

fn read_gateway(table: &Table, base: &Path, read: &mut Gateway) {
    if let Some(home) = table.optional("home").text() {
        read.home = absolute(&base.join(home.value));
    }
    if let Some(partners) = table.optional("partners").text() {
        read.partners = base.join(partners.value);
        read.partners_place = partners.place;
    }
    let home = read.home.clone();
    let address = table.optional("ledger").parse(|text| ledger(text, &home));
    let password = table.optional("ledger_password").parse(SecretReference::parse);
    read.ledger = match (address.map(|address| address.value), password) {
        (Some(LedgerAddress::Postgres(server)), password) => {
            let password = password.map(|password| password.value);
            Some(LedgerAddress::Postgres(PostgresAddress { password, ..server }))
        }
        (address, Some(password)) => {
            let fault = Diagnostic::new(&codes::LEDGER, "ledger_password is given, and the ledger is a file of ours");
            table.source.report(fault.at(password.place).expected(r#"ledger = "postgres://…", or no password"#));
            address
        }
        (address, None) => address,
    };
    let scan_every = table.optional("scan_every");
    if let Some(every) = scan_every.duration() {
        read.scan_every = every;
        // A pause of nothing would read directories without a break.
        if every < Duration::from_millis(100) {
            scan_every.refuse(&codes::OUT_OF_RANGE, r#"at least "100 ms""#);
        }
    }
    if let Some(within) = table.optional("drain_within").duration() {
        read.drain_within = within;
    }
    table.finish();
}

fn node_settings(table: &Table) -> NodeSettings {
    let name = table.optional("name").text().map(|name| name.value.to_owned());
    let mut settings = NodeSettings { name, ..NodeSettings::default() };
    let lease = table.optional("lease");
    if let Some(length) = lease.duration() {
        settings.lease = length;
        // Heartbeats come three times in a lease; a shorter one would end in any pause of the server.
        if length < Duration::from_secs(1) {
            lease.refuse(&codes::OUT_OF_RANGE, r#"at least "1 s""#);
        }
    }
    table.finish();
    settings
}

pub(super) fn ledger(text: &str, home: &Path) -> Result<LedgerAddress, Diagnostic> {
    match text.split_once(':') {
        Some(("sqlite", file)) if !file.trim().is_empty() => Ok(LedgerAddress::Sqlite(home.join(file))),
        Some(("postgres" | "postgresql", rest)) if rest.len() > 2 && rest.starts_with("//") => postgres(text, rest),
        _ => {
            let fault = Diagnostic::new(&codes::LEDGER, format!("{text:?} is no address of a ledger"));
            let expected = r#""sqlite:" and a file, or "postgres://user@server/database""#;
            Err(fault.expected(expected).found(text))
        }
    }
}

fn postgres(text: &str, rest: &str) -> Result<LedgerAddress, Diagnostic> {
    let user = rest.trim_start_matches('/').split('/').next().and_then(|host| host.split_once('@'));
    if user.is_some_and(|(user, _)| user.contains(':')) || rest.contains("password=") {
        // The text is not repeated: it holds the password.
        let fault = Diagnostic::new(&codes::SECRET, "the ledger's address holds a password");
        return Err(
            fault.expected(r#"no password in it, and ledger_password = "file:PATH", "env:NAME" or "credential:NAME""#)
        );
    }
    Ok(LedgerAddress::Postgres(PostgresAddress { url: text.to_owned(), password: None }))
}

/// The path from the root, without asking the disk, so that a folder need not exist yet.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    // The only failures are an empty path and a lost working directory; "." stands for the one, the path for the other.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components().collect()
}
