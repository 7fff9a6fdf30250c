//! `edigate ledger backup` and `edigate ledger restore`: a copy that can be gone back to.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::json;

use super::super::by::operator;
use super::super::lint::plural;
use super::super::{Exit, Failure, output};
use super::open;
use crate::config::LedgerAddress;
use crate::ledger::backup::{backup, backup_archive, pg_dump_sentence, restore, skip_numbers};
use crate::ledger::verify::Contents;
use crate::ledger::{Error, Ledger};

/// Copy the ledger and its archive while the daemon works
///
/// Copies one moment of the ledger and every archived file that it names into a directory, while the daemon goes on. A directory
/// that was used before gets only what is new, as hard links where it is on the same file system. SHA256SUMS in it lists what must
/// be there; until it is written, the earlier backup stands.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate ledger backup /mnt/backup/edigate\n  \
    (cd /mnt/backup/edigate && sha256sum -c --quiet SHA256SUMS)\n\
    Exit codes: 0 copied · 2 could not run")]
pub struct BackupArgs {
    /// Where to
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Bring a backup into an empty home
///
/// Copies a backup into a directory that is empty or not there, hashes every file on the way, and proves the journals. It needs
/// no configuration: afterwards put gateway.toml and partners/ there, or let `gateway.home` name it.
///
/// A backup knows nothing of what happened after it. Files that came in since are taken again if they are still there or are sent
/// again; what was sent since is sent once more, as the same bytes under the same name, where it was already due. Control numbers
/// that were given since would be given again, to other documents: --skip-control-numbers N advances every counter by N and says
/// so in the journal. Choose N larger than the number of files that any partner was sent since the backup. A partner who was sent
/// nothing before the backup has no counter yet: set first_control_number in its partner.toml.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate ledger restore /mnt/backup/edigate --to /var/lib/edigate --skip-control-numbers 1000\n\
    Exit codes: 0 restored, and all is as written · 1 restored, and the proof found a fault · 2 could not run"
)]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The new home, empty or not there yet
    #[arg(long, value_name = "HOME")]
    to: PathBuf,
    /// How many numbers of every counter are left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    skip_control_numbers: Option<u32>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

fn failed(error: Error) -> Failure {
    Failure::new(error.to_string())
}

/// Makes a backup.
pub fn run_backup(args: &BackupArgs, config: Option<&Path>) -> Result<Exit, Failure> {
    let (_, ledger) = open(config)?;
    let copied = match ledger.address() {
        LedgerAddress::Sqlite(file) => backup(&ledger, file, &args.directory).map_err(failed)?,
        LedgerAddress::Postgres(server) => {
            output::talk(format!("note: {}", pg_dump_sentence(&server.url, &args.directory)));
            backup_archive(&ledger, &args.directory).map_err(failed)?
        }
    };
    match args.json {
        true => output::json(&copied)?,
        false => output::line(format!(
            "the ledger and {} are in {}: {} new, {} bytes copied",
            plural(copied.files as usize, "archived file"),
            args.directory.display(),
            copied.new_files,
            copied.bytes
        ))?,
    }
    Ok(Exit::Fine)
}

/// Restores a backup.
pub fn run_restore(args: &RestoreArgs) -> Result<Exit, Failure> {
    let copied = restore(&args.directory, &args.to).map_err(failed)?;
    let ledger = Ledger::open(&LedgerAddress::Sqlite(args.to.join("ledger.db")), &args.to).map_err(failed)?;
    let counters = match args.skip_control_numbers {
        Some(count) => skip_numbers(&ledger, count, &operator(), Timestamp::now()).map_err(failed)?,
        None => 0,
    };
    let found = ledger.read(|tx| tx.verify(Contents::Not)).map_err(failed)?;
    for fault in &found.faults {
        output::talk(format!("fault: {fault}"));
    }
    if args.json {
        output::json(&json!({ "copied": copied, "counters_advanced": counters, "faults": found.faults }))?;
    } else {
        let files = plural(copied.files as usize, "archived file");
        output::line(format!("the ledger and {files} are in {}", args.to.display()))?;
        match args.skip_control_numbers {
            Some(count) => output::line(format!("{} advanced by {count}", plural(counters as usize, "counter")))?,
            None => output::talk(
                "note: control numbers given after the backup will be given again; --skip-control-numbers N avoids it",
            ),
        }
    }
    Ok(super::alarm(!found.faults.is_empty()))
}
