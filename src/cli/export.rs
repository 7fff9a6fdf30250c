//! `edigate export`: evidence that others can check without us.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::ledger::asked::parse_since;
use super::ledger::open;
use super::lint::plural;
use super::{Exit, Failure, output};
use crate::ledger::export::{Span, export};

/// Write evidence of what was exchanged with a partner
///
/// Writes every file that came in from or went out to a partner, the journal with its chain of hashes, and tables of documents,
/// deliveries and acknowledgments into a directory. README.txt in it says how a third party checks all of it with sha256sum and
/// a few lines of any programming language. The same ledger gives the same package, byte for byte.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate export --partner megamart --since 2026-01-01 --until 2026-04-01 q1\n  \
    (cd q1 && sha256sum -c --quiet SHA256SUMS)\n\
    Exit codes: 0 written · 1 written, but bytes of some file are damaged or missing · 2 could not run")]
pub struct Args {
    /// With whom
    #[arg(long, value_name = "PARTNER")]
    partner: String,
    /// From a time on: a date (2026-03-01), a time (2026-03-01T09:00:00Z) or an age (24h, 7d)
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    since: Option<Timestamp>,
    /// Before a time
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    until: Option<Timestamp>,
    /// Where to: a directory that is empty or not there yet
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Writes the package.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let (config, ledger) = open(config)?;
    if config.partners.keys().all(|known| known.as_str() != args.partner) {
        output::talk(format!("note: the configuration has no partner {:?}", args.partner));
    }
    let span = Span {
        partner: args.partner.clone(),
        since: args.since.unwrap_or(Timestamp::MIN),
        until: args.until.unwrap_or(Timestamp::MAX),
    };
    let exported = export(&ledger, &span, &args.directory).map_err(|error| Failure::new(error.to_string()))?;
    match args.json {
        true => output::json(&exported)?,
        false => output::line(format!(
            "{} and {} are in {}; {} pruned, {} damaged",
            plural(exported.transmissions as usize, "file"),
            plural(exported.events as usize, "event"),
            args.directory.display(),
            exported.pruned,
            exported.damaged
        ))?,
    }
    Ok(if exported.damaged > 0 { Exit::Findings } else { Exit::Fine })
}
