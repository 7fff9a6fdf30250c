//! The configuration as checked values: who we are, who the partners are, what goes where.
//!
//! In: `gateway.toml`, `partners/<id>/partner.toml`, the `*.map.toml` files and overlays that they name, and the guide files
//! in `guides/`.
//! Out: one [`Config`] that cannot be wrong, or every error at once, each with file, line, what was expected
//! and the nearest known key. Nobody checks a configuration value again after this.
//!
//! ```text
//! error CFG-E001: unknown key "acknowlege" in [x12]
//!   at partners/megamart/partner.toml, line 9, column 1
//!   expected one of isa, gs, version, separators, acknowledge …
//!   hint: did you mean "acknowledge"?
//! ```
//!
//! Never here: reading the network, the ledger, or documents.

// A value's reader returns its fault whole: files are read when the daemon starts, where a copy costs nothing.
#![allow(clippy::result_large_err)]

pub mod load;

mod gateway;
mod us;

pub mod listen;
pub mod people;
pub mod alerts;

pub mod partner;
mod partner_file;
pub mod duplicates;

mod endpoints;
mod sftp;
pub mod post;
pub mod poll;
pub mod as2;
pub mod agreement;
pub mod certificate;
pub mod retry;
pub mod batch;
pub mod hours;
pub mod clock;
pub mod compliance;
pub mod profile;
pub mod tolerance;
pub mod cross_reference;
mod rules;
mod acknowledge;
mod x12_values;

pub mod map;

pub mod guides;

mod relations;

pub mod archive;
pub mod duration;
mod size;
mod file_name;
pub mod nearest;
pub mod pattern;
pub mod secret;

mod reader;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::diagnostic::Diagnostic;
use crate::x12::envelope::{InterchangeHeader, InterchangeId};
use crate::x12::guide::Library;
use partner::{Partner, PartnerId};
use secret::SecretReference;

/// Everything that the daemon is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The gateway.toml it was read from.
    pub file: PathBuf,
    /// Where ledger, archive and spool live; relative folder paths of endpoints start here too.
    pub home: PathBuf,
    /// Where the ledger is.
    pub ledger: LedgerAddress,
    /// This process among those that share a ledger.
    pub node: NodeSettings,
    /// Where large bytes are kept.
    pub archive: archive::ArchiveSettings,
    /// How long bytes are kept when the partner's file does not say otherwise.
    pub keep: Duration,
    /// Who we are.
    pub us: Us,
    /// How often folders are scanned when nothing wakes the scan earlier.
    pub scan_every: Duration,
    /// How long a drain may take before the daemon stops anyway.
    pub drain_within: Duration,
    /// How the daemon logs.
    pub log: LogFormat,
    /// What documents are checked by that come from nobody in particular.
    pub guides: guides::Guides,
    /// Where others reach us by HTTP.
    pub listen: Vec<listen::Listen>,
    /// How people sign in.
    pub people: people::SignIns,
    /// Who is told of failures.
    pub alerts: Vec<alerts::Target>,
    /// Who we are where AS2 is spoken.
    pub as2: Option<Arc<as2::OurAs2>>,
    /// The folder in which the partners' folders stand.
    pub partners_folder: PathBuf,
    /// The partners by id, in order.
    pub partners: BTreeMap<PartnerId, Partner>,
}

impl Config {
    /// The folder in which a partner's file stands.
    pub fn partner_folder(&self, partner: &PartnerId) -> PathBuf {
        self.partners_folder.join(partner.as_str())
    }

    /// The partner whose identity an interchange names as its sender.
    pub fn sender_of(&self, header: &InterchangeHeader) -> Option<&Partner> {
        let of = |id: InterchangeId| {
            self.partners.values().find(move |partner| partner.x12.as_ref().is_some_and(|x12| x12.isa == id))
        };
        header.sender_id().and_then(of)
    }

    /// The guides that a partner's documents are checked by, or those of nobody in particular.
    pub fn library_of<'c>(&'c self, partner: Option<&'c Partner>) -> &'c Library {
        let of_partner = partner.and_then(|partner| partner.x12.as_ref());
        &of_partner.map_or(&self.guides, |x12| &x12.guides).library
    }
}

/// One of several processes on one PostgreSQL ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSettings {
    /// Its name for people; the host's name when `None`.
    pub name: Option<String>,
    /// How long what it holds stays its own after it was last heard of.
    pub lease: Duration,
}

impl Default for NodeSettings {
    fn default() -> Self {
        NodeSettings { name: None, lease: Duration::from_secs(30) }
    }
}

/// Where the ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerAddress {
    /// `sqlite:ledger.db`, a file; written relative to home, here absolute.
    Sqlite(PathBuf),
    /// `postgres://edigate@db.example/edigate`, a server that several nodes may share.
    Postgres(PostgresAddress),
}

impl LedgerAddress {
    /// Reads an address as gateway.toml has it; a file's name is relative to the home.
    pub fn parse(text: &str, home: &Path) -> Result<LedgerAddress, Diagnostic> {
        gateway::ledger(text, home)
    }
}

impl std::fmt::Display for LedgerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LedgerAddress::Sqlite(path) => write!(f, "{}", path.display()),
            LedgerAddress::Postgres(server) => write!(f, "{server}"),
        }
    }
}

/// A PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    /// As written; it holds no password.
    pub url: String,
    /// Where the password is kept, if one is needed.
    pub password: Option<SecretReference>,
}

impl std::fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Parameters after the question mark are noise to a person.
        f.write_str(self.url.split('?').next().unwrap_or(&self.url))
    }
}

/// How the daemon logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For journald and collectors.
    Json,
}

/// Who we are on the wire.
#[derive(Debug, Clone)]
pub struct Us {
    /// Name as partners know it.
    pub name: String,
    /// ISA05/06 when we send, ISA07/08 when we receive.
    pub isa: InterchangeId,
    /// GS02 when we send.
    pub gs: String,
    /// The zone of our own dates.
    pub zone: TimeZone,
    /// GS1 company prefix under which SSCCs are minted; without it a carton without SSCC is an error.
    pub gs1_company_prefix: Option<String>,
    /// First digit of minted SSCCs.
    pub sscc_extension: u8,
    /// Ship-from party of shipments that name none.
    pub ship_from: Option<crate::document::party::Party>,
    /// Remit-to party of invoices that name none.
    pub remit_to: Option<crate::document::party::Party>,
}
