//! The configuration as checked values: who we are, who the partners are, what goes where.
//!
//! In: `gateway.toml`, `partners/<id>/partner.toml` and the `*.map.toml` files that they name.
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

pub mod partner;
mod partner_file;

mod endpoints;
pub mod retry;
pub mod batch;
mod rules;
mod x12_values;

pub mod map;

mod relations;

pub mod duration;
mod file_name;
pub mod nearest;
pub mod pattern;
pub mod secret;

mod reader;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::x12::envelope::InterchangeId;
use partner::{Partner, PartnerId};

/// Everything that the daemon is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The gateway.toml it was read from.
    pub file: PathBuf,
    /// Where ledger, archive and spool live; relative folder paths of endpoints start here too.
    pub home: PathBuf,
    /// Where the ledger is.
    pub ledger: LedgerAddress,
    /// Who we are.
    pub us: Us,
    /// How often folders are scanned when nothing wakes the scan earlier.
    pub scan_every: Duration,
    /// How long a drain may take before the daemon stops anyway.
    pub drain_within: Duration,
    /// How the daemon logs.
    pub log: LogFormat,
    /// The partners by id, in order.
    pub partners: BTreeMap<PartnerId, Partner>,
}

/// Where the ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerAddress {
    /// `sqlite:ledger.db`, relative to home.
    Sqlite(PathBuf),
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
