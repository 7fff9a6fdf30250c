//! `edigate ledger migrate`: the ledger comes to this build's schema.

use std::path::Path;

use serde::Serialize;

use super::{cannot_open, expect_ledger};
use crate::cli::{Exit, Failure, load_config, output};
use crate::config::Config;
use crate::daemon::service;
use crate::ledger::Error;
use crate::ledger::migrate::{Migrated, expect_newest, migrate};

/// Bring the ledger to the schema of this build
///
/// Forward only, each step in a transaction of its own: a ledger stands at one version or at the next, whatever
/// interrupts. `edigate run` does the same when it starts. An older build refuses the ledger afterwards, so keep a backup
/// for as long as you may go back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate ledger migrate\n  edigate ledger migrate --json\n\
    Exit codes: 0 the ledger is at this build's version · 2 could not run, or the ledger is newer than this build")]
pub struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What `--json` says.
#[derive(Serialize)]
struct Report<'l> {
    ledger: &'l str,
    #[serde(flatten)]
    migrated: Migrated,
}

/// Takes the steps that are missing.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    expect_ledger(&config)?;
    let migrated = migrate_unless_current(&config)?;
    let ledger = config.ledger.to_string();
    if args.json {
        output::json(&Report { ledger: &ledger, migrated })?;
        return Ok(Exit::Fine);
    }
    let Migrated { from, to } = migrated;
    output::line(match from {
        0 => format!("made the ledger {ledger} at version {to}"),
        _ if from == to => format!("the ledger {ledger} is already at version {to}"),
        _ => format!("brought the ledger {ledger} from version {from} to version {to}"),
    })?;
    Ok(Exit::Fine)
}

/// A current ledger is only looked at, which a daemon does not mind; a step is taken when no daemon works in this home.
fn migrate_unless_current(config: &Config) -> Result<Migrated, Failure> {
    match expect_newest(&config.ledger) {
        Ok(version) => return Ok(Migrated { from: version, to: version }),
        Err(error @ (Error::NewerSchema { .. } | Error::Unreachable { .. })) => return Err(cannot_open(error)),
        // An older one, or a server without one.
        Err(_) => {}
    }
    let _lock = service::lock(&config.home)
        .map_err(|error| Failure::new(error.to_string()).hint("stop the daemon; its next start migrates by itself"))?;
    migrate(&config.ledger).map_err(cannot_open)
}
