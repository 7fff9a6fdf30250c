//! `edigate run`: the daemon.

use std::io;
use std::path::Path;

use tracing_subscriber::EnvFilter;

use super::{Exit, Failure, load_config};
use crate::config::LogFormat;
use crate::daemon::service;

/// Run the daemon
///
/// Runs the gateway until SIGTERM or SIGINT: watches the partners' folders, takes custody of what comes in, hands it on,
/// acknowledges, and keeps the books. SIGHUP reads the configuration again; a wrong one is reported and the old one stays.
///
/// Logs go to stderr (RUST_LOG sets the detail, `info` by default). Under systemd it speaks READY, RELOADING, STOPPING and
/// WATCHDOG; see systemd/edigate.service.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate run\n  edigate run --config /etc/edigate/gateway.toml\n\
    Exit codes: 0 stopped, everything that was begun had ended · 1 stopped, the drain ran out of time (nothing is lost) · 2 could not run")]
pub struct Args {}

/// Serves until it is told to stop.
pub fn run(_args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    log_to_stderr(config.log);
    let drained = service::serve(config).map_err(|error| {
        Failure::new(error.to_string()).hint("`edigate check` proves the configuration; nothing was changed")
    })?;
    Ok(if drained { Exit::Fine } else { Exit::Findings })
}

/// Sets up the log of this process.
pub fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    // A second subscriber in one process (a test) is no reason to stop.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
