//! From files to [`Config`], with every error at once.
//!
//! ```text
//! load("/etc/edigate/gateway.toml")
//!   reads gateway.toml, guides/, partners/<id>/partner.toml and the maps and overlays that those name
//!   Ok((config, warnings))   or   Err(every fault, sorted by file and line)
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::Config;
use super::alerts;
use super::gateway::{self, Gateway, absolute};
use super::guides;
use super::nearest::nearest;
use super::partner::{Partner, PartnerId};
use super::partner_file::{self, Claims, Defaults};
use super::reader::{Source, cannot_read};
use super::relations::{self, Everybody};
use crate::diagnostic::codes::config as codes;
use crate::diagnostic::{Diagnostic, Place, Spot};

/// Reads gateway.toml and everything that it names. `Err` holds every error, warnings included.
pub fn load(gateway_toml: &Path) -> Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let config = read(gateway_toml, &mut faults);
    faults.sort_by_key(sort_key);
    // A map that two rules use tells its faults twice.
    faults.dedup();
    match config {
        Some(config) if !faults.iter().any(Diagnostic::is_error) => Ok((config, faults)),
        _ => Err(faults),
    }
}

fn sort_key(fault: &Diagnostic) -> (Option<String>, u64, u64, &'static str) {
    let (line, column) = match fault.place.spot {
        Spot::Line { line, column } => (line, column),
        _ => (0, 0),
    };
    (fault.place.file.clone(), line, column, fault.code.code)
}

fn read(file: &Path, faults: &mut Vec<Diagnostic>) -> Option<Config> {
    let base = file.parent().unwrap_or(Path::new(""));
    let text = read_text(file).map_err(|fault| faults.push(fault)).ok()?;
    let source = Source::new(file, text);
    let gateway = gateway::read(&source, base);
    faults.extend(source.into_faults());
    let gateway = gateway?;

    // Overlays are read all the same where the gateway's own guides are wrong, for the faults that they have themselves.
    let guides = guides::read(base, faults);
    let own_guides = guides.clone().unwrap_or_default();
    let zone = gateway.us.as_ref().map_or(TimeZone::UTC, |us| us.zone.clone());
    let defaults = Defaults {
        home: &gateway.home,
        zone,
        keep: gateway.keep,
        as2: gateway.as2.as_ref(),
        guides: &own_guides.library,
    };
    let mut partners = Vec::new();
    let mut everybody = Everybody::new();
    for folder in partner_folders(&gateway, faults) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (partner, claims) = match read_partner(&folder, &name, &defaults, faults) {
            Ok((partner, claims)) => (partner, Some(claims)),
            Err(fault) => {
                faults.push(fault);
                (None, None)
            }
        };
        partners.extend(partner);
        everybody.insert(name, claims);
    }
    let is_partner = |id: &PartnerId| everybody.contains_key(id.as_str());
    faults.extend(alerts::unknown_partners(&gateway.alerted_partners, is_partner));
    faults.extend(relations::check(gateway.our_isa.as_ref(), &everybody));
    Some(Config {
        file: absolute(file),
        home: gateway.home,
        ledger: gateway.ledger?,
        node: gateway.node,
        archive: gateway.archive?,
        keep: gateway.keep,
        us: gateway.us?,
        scan_every: gateway.scan_every,
        drain_within: gateway.drain_within,
        log: gateway.log,
        as2: gateway.as2.clone(),
        partners_folder: absolute(&gateway.partners),
        guides: guides?,
        listen: gateway.listen,
        people: gateway.people,
        alerts: gateway.alerts,
        partners: partners.into_iter().map(|partner| (partner.id.clone(), partner)).collect(),
    })
}

/// The folders below partners/, in order; those whose name begins with a dot are nobody's, and neither is the one of profiles.
fn partner_folders(gateway: &Gateway, faults: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let directory = &gateway.partners;
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            let fault = Diagnostic::new(&codes::UNREADABLE, cannot_read(directory, &error));
            faults.push(fault.at(gateway.partners_place.clone()));
            return Vec::new();
        }
    };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !is_of_profiles(path))
        .collect();
    folders.sort();
    folders
}

/// `partners/profiles` holds no partner file but the rules of retailers ([`super::profile`]).
fn is_of_profiles(folder: &Path) -> bool {
    folder.ends_with("profiles") && !folder.join("partner.toml").exists()
}

fn read_partner(
    folder: &Path,
    name: &str,
    defaults: &Defaults,
    faults: &mut Vec<Diagnostic>,
) -> Result<(Option<Partner>, Claims), Diagnostic> {
    let id = PartnerId::parse(name).map_err(|why| {
        let expected = "a folder name of 1 to 40 lower-case letters, digits, - or _";
        Diagnostic::new(&codes::PARTNER_ID, why).at(whole(folder)).expected(expected).found(name)
    })?;
    let file = folder.join("partner.toml");
    if !file.exists() {
        return Err(without_file(folder));
    }
    let source = Source::new(&file, read_text(&file)?);
    let read = partner_file::read(&source, &id, folder, defaults);
    faults.extend(source.into_faults());
    Ok(read)
}

fn without_file(folder: &Path) -> Diagnostic {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let fault = Diagnostic::new(&codes::NO_PARTNER_FILE, "the folder has no partner.toml").at(whole(folder));
    match nearest("partner.toml", names.iter().map(String::as_str)) {
        Some(near) => fault.hint(format!("is {near:?} meant to be it?")),
        None => fault,
    }
}

fn read_text(file: &Path) -> Result<String, Diagnostic> {
    fs::read_to_string(file)
        .map_err(|error| Diagnostic::new(&codes::UNREADABLE, cannot_read(file, &error)).at(whole(file)))
}

/// A file or folder as a whole.
fn whole(path: &Path) -> Place {
    Place { file: Some(path.display().to_string()), ..Place::default() }
}

#[cfg(test)]
mod tests;
