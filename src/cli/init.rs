//! `edigate init DIR`: a commented configuration with one example partner, and the folders that it names.
//!
//! ```text
//! DIR/gateway.toml                             who we are, every key explained
//! DIR/partners/example-retailer/partner.toml   a retailer in test, every key explained
//! DIR/partners/erp/partner.toml                our own ERP in test, with its four maps
//! DIR/folders/…                                where the two leave files and find them
//! ```
//!
//! What it writes loads without a fault; a test sees to it. Nothing that exists is ever overwritten.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Exit, Failure, output};

/// Write a commented configuration and one example partner
///
/// Writes gateway.toml with every key explained, one example retailer, an ERP with its four maps, and the folders that they
/// name. What it writes passes `edigate check` as it is. Nothing that exists is ever overwritten.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate init /etc/edigate\n  edigate init try && edigate run --config try/gateway.toml\n\
    Exit codes: 0 written · 2 could not run, nothing was overwritten"
)]
pub struct Args {
    /// The directory; it need not exist
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Say what was written as JSON
    #[arg(long)]
    json: bool,
}

/// Writes the configuration and says what to do next.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let next = write(&args.dir).map_err(|error| Failure::new(error.to_string()))?;
    if args.json {
        let files: Vec<PathBuf> = FILES.iter().map(|(name, _)| args.dir.join(name)).collect();
        let folders: Vec<PathBuf> = FOLDERS.iter().map(|name| args.dir.join(name)).collect();
        output::json(&serde_json::json!({ "files": files, "folders": folders }))?;
    } else {
        output::text(next)?;
    }
    Ok(Exit::Fine)
}

/// The gateway.toml that `init` writes; the demo starts from it too.
pub const GATEWAY_TOML: &str = include_str!("init/gateway.toml");

/// The files with their text, by their path below the directory.
const FILES: [(&str, &str); 7] = [
    ("gateway.toml", GATEWAY_TOML),
    ("partners/example-retailer/partner.toml", include_str!("init/example-retailer.toml")),
    ("partners/erp/partner.toml", include_str!("init/erp.toml")),
    ("partners/erp/order.map.toml", include_str!("../../partners/erp/order.map.toml")),
    ("partners/erp/order_ack.map.toml", include_str!("../../partners/erp/order_ack.map.toml")),
    ("partners/erp/shipment.map.toml", include_str!("../../partners/erp/shipment.map.toml")),
    ("partners/erp/invoice.map.toml", include_str!("../../partners/erp/invoice.map.toml")),
];

/// The folders that the partner files name.
const FOLDERS: [&str; 4] = [
    "folders/example-retailer/outbound",
    "folders/example-retailer/inbound",
    "folders/erp/inbox",
    "folders/erp/outbox",
];

/// Why no configuration was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A file of the configuration exists; nothing was written.
    #[error("{} exists, and init overwrites nothing; name another directory or move it away", .0.display())]
    AlreadyThere(PathBuf),
    /// A file or folder could not be written.
    #[error("{} cannot be written: {source}", path.display())]
    NotWritten {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Writes the configuration below a directory, which need not exist yet, and says what to do next.
pub fn write(dir: &Path) -> Result<String, InitError> {
    // All are looked at before the first is written, so that a refusal leaves no half of a configuration behind.
    for (name, _) in FILES {
        let path = dir.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(InitError::AlreadyThere(path));
        }
    }
    for (name, text) in FILES {
        write_new(&dir.join(name), text)?;
    }
    for name in FOLDERS {
        create_folder(&dir.join(name))?;
    }
    Ok(next_steps(dir))
}

fn write_new(path: &Path, text: &str) -> Result<(), InitError> {
    create_folder(path.parent().unwrap_or(Path::new(".")))?;
    // Another init may run at the same time: the file must still be new now.
    let written = OpenOptions::new().write(true).create_new(true).open(path);
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => InitError::AlreadyThere(path.to_owned()),
        _ => InitError::NotWritten { path: path.to_owned(), source },
    })
}

fn create_folder(path: &Path) -> Result<(), InitError> {
    fs::create_dir_all(path).map_err(|source| InitError::NotWritten { path: path.to_owned(), source })
}

fn next_steps(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        "\
Wrote a configuration to {dir}:

  gateway.toml                             who we are
  partners/example-retailer/partner.toml   a retailer: copy its folder for each of yours
  partners/erp/partner.toml                our own system, with maps between its JSON, CSV and XML and documents
  folders/                                 where the two leave files and find them

Next:

  1. Write your name and your ISA identity into {dir}/gateway.toml.
  2. Rename partners/example-retailer and fill in its identity from its EDI specification.
  3. edigate check --config {dir}/gateway.toml     finds every mistake before anything starts
  4. edigate run --config {dir}/gateway.toml
  5. Drop an 850 into {dir}/folders/example-retailer/outbound; the order appears in folders/erp/inbox,
     the 997 in folders/example-retailer/inbound.

Both partners have status = \"test\": change it in both when their tests are done.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::load;

    fn faults(gateway_toml: &Path) -> String {
        match load(gateway_toml) {
            Ok((_, warnings)) => warnings.iter().map(|warning| format!("{warning}\n")).collect(),
            Err(faults) => faults.iter().map(|fault| format!("{fault}\n")).collect(),
        }
    }

    #[test]
    fn what_init_writes_loads_without_a_fault_or_a_warning() {
        let dir = tempfile::tempdir().unwrap();
        let next = write(dir.path()).unwrap();
        assert_eq!(faults(&dir.path().join("gateway.toml")), "");
        assert!(next.contains("edigate check"), "{next}");
    }

    /// The samples are used by whoever takes the comment signs away.
    #[test]
    fn what_init_only_shows_loads_as_well() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path()).unwrap();
        for (name, heading) in [
            ("gateway.toml", "# [[listen]]"),
            ("partners/erp/partner.toml", "# [[endpoint]]"),
            ("partners/erp/partner.toml", "# [api]"),
        ] {
            let path = dir.path().join(name);
            let text = fs::read_to_string(&path).unwrap();
            let (before, sample) = text.split_once(&format!("\n{heading}\n")).unwrap();
            let (sample, after) = sample.split_once("\n\n").unwrap_or((sample, ""));
            let sample: Vec<&str> = sample.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect();
            let heading = heading.trim_start_matches("# ");
            // At the end of the file, so that it cannot take the lines of another table.
            let text = format!("{before}\n{after}\n{heading}\n{}\n", sample.join("\n"));
            fs::write(&path, text).unwrap();
            assert_eq!(faults(&dir.path().join("gateway.toml")), "", "{name}, {heading}");
        }
    }

    #[test]
    fn the_folders_that_init_makes_are_those_that_the_partners_name() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path()).unwrap();
        let (config, _) = load(&dir.path().join("gateway.toml")).unwrap();
        for endpoint in config.partners.values().flat_map(|partner| &partner.endpoints) {
            let picked_up = endpoint.pick_up.as_ref().map(|pick_up| &pick_up.from);
            let dropped_off = endpoint.drop_off.as_ref().map(|drop_off| &drop_off.to);
            for folder in picked_up.into_iter().chain(dropped_off) {
                assert!(folder.is_dir(), "{}", folder.display());
            }
        }
    }

    #[test]
    fn the_partners_of_the_demo_load_with_the_gateway_that_init_writes() {
        let dir = tempfile::tempdir().unwrap();
        let gateway_toml = dir.path().join("gateway.toml");
        let partners = Path::new(env!("CARGO_MANIFEST_DIR")).join("partners");
        let named = format!("partners = {:?}", partners.display().to_string());
        fs::write(&gateway_toml, GATEWAY_TOML.replace(r#"partners = "partners""#, &named)).unwrap();
        assert_eq!(faults(&gateway_toml), "");
    }

    #[test]
    fn init_overwrites_nothing_and_writes_nothing_beside_what_exists() {
        let dir = tempfile::tempdir().unwrap();
        let existing = dir.path().join("partners/erp/partner.toml");
        fs::create_dir_all(existing.parent().unwrap()).unwrap();
        fs::write(&existing, "mine").unwrap();
        let refused = write(dir.path()).unwrap_err();
        assert!(matches!(&refused, InitError::AlreadyThere(path) if *path == existing), "{refused}");
        assert_eq!(fs::read_to_string(&existing).unwrap(), "mine");
        assert!(!dir.path().join("gateway.toml").exists());
    }
}
