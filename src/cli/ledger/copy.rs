//! `edigate ledger copy`: the books move to another database.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::cannot_open;
use crate::cli::{Exit, Failure, config_path, load_config, output};
use crate::config::secret::SecretReference;
use crate::config::{Config, LedgerAddress, PostgresAddress};
use crate::daemon::service;
use crate::ledger::Error;
use crate::ledger::copy::{Copied, Doing, Progress, Refused, copy};

/// Move the books to another database, every chain intact
///
/// Copies every row of one ledger into an empty one, from SQLite to PostgreSQL or back, in one transaction: it is read
/// back, compared and proved before it is committed, and a failure leaves the target empty. The source is not changed.
/// Stop the daemon first. The archive's files stay where they are, below the home.
///
/// Addresses are written as in gateway.toml: sqlite:FILE (relative to the home) or postgres://user@server/database. The
/// password of a server is that of `gateway.ledger_password` when gateway.toml names this server, else $PGPASSWORD.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate ledger copy sqlite:ledger.db postgres://edigate@db.example/edigate\n  \
    PGPASSWORD=… edigate ledger copy postgres://edigate@db.example/edigate sqlite:copy.db --home /var/lib/edigate\n\
    Exit codes: 0 copied and proved · 2 refused or failed, the target holds nothing")]
pub struct Args {
    /// The ledger to read
    from: String,
    /// The ledger to write, which must be empty
    to: String,
    /// The home with the archive and the daemon's lock [default: that of gateway.toml]
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// How often the person at the terminal hears of a long table.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// Copies a ledger.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    // With a home given, a configuration is needed for a password at most.
    let config = match &args.home {
        Some(_) if !config_path(config).exists() => None,
        _ => Some(load_config(config)?),
    };
    let home = match (&args.home, &config) {
        (Some(home), _) => std::path::absolute(home).map_err(|error| Failure::new(error.to_string()))?,
        (None, Some(config)) => config.home.clone(),
        (None, None) => PathBuf::new(),
    };
    let (from, to) = (address(&args.from, &home, config.as_ref())?, address(&args.to, &home, config.as_ref())?);
    if let LedgerAddress::Sqlite(path) = &from
        && !path.exists()
    {
        return Err(Failure::new(format!("there is no ledger at {}", path.display())));
    }
    let _lock = service::lock(&home).map_err(|error| Failure::new(error.to_string()).hint("stop the daemon first"))?;
    let mut speaker = Speaker { last: Instant::now() };
    let copied = copy(&from, &to, &home, Timestamp::now(), &mut |progress| speaker.hear(progress)).map_err(failure)?;
    report(args, &home, &copied)?;
    Ok(Exit::Fine)
}

/// An address with the password that belongs to it.
fn address(text: &str, home: &Path, config: Option<&Config>) -> Result<LedgerAddress, Failure> {
    let address = LedgerAddress::parse(text, home).map_err(|fault| Failure::new(fault.to_string()))?;
    let LedgerAddress::Postgres(server) = address else { return Ok(address) };
    let password = match config.map(|config| &config.ledger) {
        Some(LedgerAddress::Postgres(known)) if known.url == server.url => known.password.clone(),
        _ => None,
    };
    let from_environment = || {
        let name = "PGPASSWORD";
        std::env::var_os(name).map(|_| SecretReference::Environment(name.to_owned()))
    };
    let password = password.or_else(from_environment);
    Ok(LedgerAddress::Postgres(PostgresAddress { password, ..server }))
}

/// Says how far the copy is: each table at its end, a long one in between.
struct Speaker {
    last: Instant,
}

impl Speaker {
    fn hear(&mut self, Progress { doing, table, rows, of }: Progress<'_>) {
        let is_done = rows == of;
        let is_news = match doing {
            Doing::Copying => is_done || self.last.elapsed() > TELL_EVERY,
            Doing::Proving => self.last.elapsed() > TELL_EVERY,
        };
        if is_news {
            self.last = Instant::now();
            let doing = if doing == Doing::Copying { "copied" } else { "proved" };
            output::talk(format!("{doing} {table}: {rows} of {of} rows"));
        }
    }
}

fn failure(refused: Refused) -> Failure {
    let hint = match &refused {
        Refused::Ledger(error @ Error::OlderSchema { .. }) => {
            return Failure::new(error.to_string())
                .hint("bring it to this build's version first: edigate ledger migrate");
        }
        Refused::Ledger(error) => return cannot_open(error.clone()),
        Refused::Occupied { .. } => "name another file or database, or a schema of its own",
        Refused::AtWork { .. } => "stop it; a node counts as stopped a minute after it was last seen",
        Refused::Differs(_) => {
            "`edigate ledger verify` shows whether the source holds; nothing writes while a copy is made"
        }
    };
    Failure::new(refused.to_string()).hint(hint)
}

fn report(args: &Args, home: &Path, copied: &Copied) -> Result<(), Failure> {
    if args.json {
        return output::json(copied);
    }
    let with_rows = copied.tables.iter().filter(|table| table.rows > 0).count();
    output::text(format!(
        "copied {} rows of {with_rows} tables from {} to {}\n\
         proved there: {} events in their chains, {} contents by their hash, every row as it was read\n\
         the archive stays where it is: {}\n\
         next: write ledger = {:?} under [gateway] in gateway.toml and start the daemon; the old ledger was not changed\n",
        copied.rows(),
        copied.from,
        copied.to,
        copied.events,
        copied.contents,
        home.join("archive").display(),
        args.to,
    ))
}
