//! `edigate check`: prove the configuration, the partner files and the maps without starting anything.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;

use super::lint::plural;
use super::partner::{self, Trial};
use super::{Exit, Failure, config_path, output};
use crate::config::partner::Wire;
use crate::config::{Config, load};
use crate::daemon::status;
use crate::diagnostic::{Diagnostic, Record};
use crate::transport::as2_wire;
use crate::web::proof::{self, Daemon};

/// Prove the configuration, the partner files and the maps without starting
///
/// Reads gateway.toml, every guide in guides/, every partner.toml and every map and overlay that they name, and prints every
/// error at once: file, line, what was expected, the nearest known key. Names the guides and overlays. Says as well when a folder that is named is not there, when a listener's certificate, key or
/// address is no good, and when a token of the API cannot be used. Changes nothing.
///
/// With --live it also connects to every endpoint of every partner and says, in order, what was tried and what answered.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate check\n  edigate check --live\n  edigate check --config /etc/edigate/gateway.toml\n\
    Exit codes: 0 the daemon would start with it · 1 something is wrong · 2 could not run"
)]
pub struct Args {
    /// Connect to every endpoint as well
    #[arg(long)]
    live: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Loads the configuration and says what was found.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let path = config_path(config);
    if !path.exists() {
        return Err(Failure::new(format!("{} does not exist", path.display()))
            .hint("name it with --config FILE, or make one with `edigate init DIR`"));
    }
    let (loaded, mut diagnostics) = match load::load(&path) {
        Ok((config, warnings)) => (Some(config), warnings),
        Err(errors) => (None, errors),
    };
    diagnostics.extend(loaded.as_ref().map(faults_of_listeners).unwrap_or_default());
    let endings = loaded.as_ref().map(|config| as2_wire::endings(config, Timestamp::now())).unwrap_or_default();
    diagnostics.extend(endings.into_iter().map(|(_, fault)| fault));
    let missing = loaded.as_ref().map(missing_folders).unwrap_or_default();
    let trials = loaded.as_ref().filter(|_| args.live).map(|config| partner::trials(config.partners.values()));
    let trials = trials.unwrap_or_default();
    let wrong = loaded.is_none()
        || diagnostics.iter().any(Diagnostic::is_error)
        || !missing.is_empty()
        || !trials.iter().all(Trial::is_well);
    if args.json {
        let records: Vec<Record> = diagnostics.iter().map(Record::from).collect();
        let guides = loaded.as_ref().map(guide_files).unwrap_or_default();
        let mut report = json!({
            "config": path,
            "ok": !wrong,
            "missing_folders": missing,
            "guides": guides,
            "diagnostics": records,
        });
        if args.live {
            report["live"] = partner::as_objects(&trials).into();
        }
        output::json(&report)?;
    } else {
        partner::tell(&trials, false)?;
        output::text(findings(&path, loaded.as_ref(), &diagnostics, &missing))?;
    }
    Ok(if wrong { Exit::Findings } else { Exit::Fine })
}

fn findings(path: &Path, loaded: Option<&Config>, diagnostics: &[Diagnostic], missing: &[String]) -> String {
    let mut text: String = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n\n")).collect();
    for folder in missing {
        text.push_str(&format!("error: the folder {folder} does not exist\n"));
        text.push_str("  hint: create or mount it, or correct the path; edigate never creates a partner's folder\n\n");
    }
    for file in loaded.map(guide_files).unwrap_or_default() {
        text.push_str(&format!("guide: {}\n", file.display()));
    }
    let errors = diagnostics.iter().filter(|one| one.is_error()).count() + missing.len();
    let verdict = match loaded {
        Some(config) if errors == 0 => {
            let partners: Vec<String> =
                config.partners.values().map(|partner| format!("{} ({})", partner.id, partner.name)).collect();
            let verdict = match diagnostics.len() {
                0 => "all is well".to_owned(),
                warnings => format!("no error, {}", plural(warnings, "warning")),
            };
            format!("{verdict}, {}: {}", plural(partners.len(), "partner"), partners.join(", "))
        }
        _ => plural(errors, "error"),
    };
    format!("{text}{}: {verdict}\n", path.display())
}

/// The files that documents are checked by, beside the standard: guides of the gateway, then overlays of the partners.
fn guide_files(config: &Config) -> Vec<PathBuf> {
    let of_partners = config.partners.values().filter_map(|partner| partner.x12.as_ref());
    let of_partners = of_partners.flat_map(|x12| &x12.guides.files);
    config.guides.files.iter().chain(of_partners).cloned().collect()
}

/// What is wrong with certificates, keys, tokens and addresses.
fn faults_of_listeners(config: &Config) -> Vec<Diagnostic> {
    // A daemon that does not answer as it should runs all the same.
    let daemon = match status::ask(&config.home) {
        Ok(None) => Daemon::Rests,
        Ok(Some(_)) | Err(_) => Daemon::Runs,
    };
    proof::faults(config, daemon, Timestamp::now())
}

/// Folders of endpoints that are not there.
fn missing_folders(config: &Config) -> Vec<String> {
    let endpoints = config.partners.values().flat_map(|partner| &partner.endpoints);
    let endpoints = endpoints.filter(|endpoint| endpoint.via == Wire::Folder);
    let folders = endpoints.flat_map(|endpoint| {
        let from = endpoint.pick_up.as_ref().map(|pick_up| &pick_up.from);
        from.into_iter().chain(endpoint.drop_off.as_ref().map(|drop_off| &drop_off.to))
    });
    folders.filter(|folder| !folder.is_dir()).map(|folder| folder.display().to_string()).collect()
}
