//! `edigate submit`: hand a document to the gateway, as an ERP would.

use std::path::Path;

use super::{Exit, Failure, input, load_config, no_partner, output};
use crate::config::partner::{PartnerId, Wire};
use crate::config::pattern;
use crate::transport::drop_off;

/// Hand a document to the gateway, as an ERP would
///
/// Leaves a file in the partner's pick-up folder under a temporary name and renames it, so that a running daemon takes it
/// whole. It is read by the same rules as any file of that partner; the daemon need not be running.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate submit ship_SHP0000777.csv --partner erp\n  edigate trace SHP0000777\n\
    Exit codes: 0 handed over · 2 could not run")]
pub struct Args {
    /// The file; `-` for standard input, with --name
    #[arg(value_name = "FILE")]
    file: String,
    /// On whose behalf: the partner whose system it comes from
    #[arg(long, value_name = "PARTNER")]
    partner: String,
    /// The name under which it is handed over [default: its own]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Hands the file over.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let config = load_config(config)?;
    let id = PartnerId::parse(&args.partner).ok();
    let partner = id.and_then(|id| config.partners.get(&id)).ok_or_else(|| no_partner(&args.partner, &config))?;
    let own_name = Path::new(&args.file).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = args.name.clone().or(own_name.filter(|_| args.file != "-")).ok_or_else(|| {
        Failure::new("standard input has no name").hint("give it one with --name; receive rules go by names")
    })?;
    let pick_up = partner
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.via == Wire::Folder)
        .filter_map(|endpoint| endpoint.pick_up.as_ref())
        .find(|pick_up| pattern::matches(&pick_up.matching, &name))
        .ok_or_else(|| {
            Failure::new(format!("no folder of {} picks up a file named {name}", partner.id))
                .hint("rename it with --name, or widen `match` in partner.toml")
        })?;
    let bytes = input::read(&args.file)?;
    let left = drop_off::leave(&pick_up.from, &name, &bytes).map_err(|error| Failure::new(error.to_string()))?;
    if let Some(marker) = &pick_up.marker {
        drop_off::leave(&pick_up.from, &format!("{name}{marker}"), b"")
            .map_err(|error| Failure::new(error.to_string()))?;
    }
    if args.json {
        output::json(&serde_json::json!({ "partner": partner.id.as_str(), "file": left }))?;
    } else {
        let what = if args.file == "-" { "standard input" } else { &args.file };
        output::line(format!("{what} is handed over as {}", left.display()))?;
    }
    Ok(Exit::Fine)
}
