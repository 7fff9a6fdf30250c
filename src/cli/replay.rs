//! `edigate replay`, `edigate accept` and `edigate release`: put something back, with a line in the journal that says who and why.

use std::path::Path;

use serde_json::json;

use super::by::{ByArgs, ByWithReason};
use super::ledger::open_to_write;
use super::{Exit, Failure, output};
use crate::crash;
use crate::daemon::clock::Clock;
use crate::ledger::remedy::Refusal;
use crate::ledger::{Error, Id};

/// Put a transmission back to be processed again
///
/// Puts a received transmission back to be processed again, with the configuration as it is now: after a quarantine
/// whose cause was mended. What it did before is not done twice: known documents are recognised, and an interchange that was
/// answered is not answered again. Given a transmission that we sent, its bytes go out once more, unchanged, under the same name.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate ledger transmissions | grep quarantined\n  edigate replay 0198c0de-… --because \"they changed their name\"\n\
    Exit codes: 0 put back · 2 could not run, or there is nothing to put back"
)]
pub struct Args {
    /// The transmission's id (`edigate ledger transmissions`)
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    by: ByArgs,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Take a quarantined transmission as it is
///
/// For what was kept out only because it looks like something known: a control number that was used before (CAP-E011), a
/// document that came in before with other content (CAP-E017), a message id that was used before (CAP-E031). It is processed
/// again, and takes the place of what it repeats. Anything else is refused, and why is said: a document that cannot be read was
/// answered as such, and one that nobody knows where to send needs a rule first.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate accept 0198c0de-… --because \"they confirmed by phone that it replaces the first one\"\n\
    Exit codes: 0 taken as it is · 2 could not run, or it would not be safe"
)]
pub struct AcceptArgs {
    /// The transmission's id (`edigate ledger transmissions`)
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    by: ByWithReason,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Put a parked delivery back to be sent
///
/// Makes a parked or retrying delivery due at once, after what kept it was mended: the daemon sends the same bytes under the
/// same name at its next look.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate ledger deliveries --overdue\n  edigate release 0198c0de-… --because \"mounted again\"\n\
    Exit codes: 0 put back · 2 could not run, or there is nothing to put back"
)]
pub struct ReleaseArgs {
    /// The delivery's id (`edigate ledger deliveries`)
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    by: ByArgs,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Puts a transmission back.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let ledger = open_to_write(config)?;
    let (id, by, now) = (Id(args.id.clone()), args.by.by(), Clock::system().now());
    let put_back = ledger.write(move |tx| tx.replay(&id, &by, now)).map_err(failed)?;
    let name = put_back.map_err(refused)?.name;
    crash::point("replay.commit.after");
    say(args.json, &args.id, &format!("{name} is put back; the daemon takes it up at its next look"))?;
    Ok(Exit::Fine)
}

/// Takes a quarantined transmission as it is.
pub fn accept(args: &AcceptArgs, config: Option<&Path>) -> Result<Exit, Failure> {
    let ledger = open_to_write(config)?;
    let (id, by, now) = (Id(args.id.clone()), args.by.by(), Clock::system().now());
    let accepted = ledger.write(move |tx| tx.accept(&id, &by, now)).map_err(failed)?;
    let name = accepted.map_err(refused)?.name;
    say(args.json, &args.id, &format!("{name} is accepted; the daemon takes it as it is at its next look"))?;
    Ok(Exit::Fine)
}

/// Puts a delivery back.
pub fn release(args: &ReleaseArgs, config: Option<&Path>) -> Result<Exit, Failure> {
    let ledger = open_to_write(config)?;
    let (id, by, now) = (Id(args.id.clone()), args.by.by(), Clock::system().now());
    let label = ledger.write(move |tx| tx.release(&id, &by, now)).map_err(failed)?.label;
    crash::point("release.commit.after");
    say(args.json, &args.id, &format!("{label} is due now; the daemon sends it at its next look"))?;
    Ok(Exit::Fine)
}

fn refused(refusal: Refusal) -> Failure {
    let failure = Failure::new(refusal.to_string());
    match refusal {
        Refusal::Duplicate { of, .. } => failure.hint(format!("put back the first one: edigate replay {of}")),
        Refusal::NotQuarantined { .. } => failure.hint("`edigate ledger transmissions` shows how each stands"),
        Refusal::NotSafe { fix, .. } => failure.hint(format!("{fix}; then `edigate replay`")),
    }
}

pub(super) fn failed(error: Error) -> Failure {
    let hint = match &error {
        Error::Pruned { .. } => "there is nothing left to put back; whoever sent the file can send it again",
        Error::NoSuch { what: "transmission", .. } => "`edigate ledger transmissions` lists them",
        Error::NoSuch { .. } => "`edigate ledger deliveries --overdue` lists them",
        _ => return Failure::new(error.to_string()),
    };
    Failure::new(error.to_string()).hint(hint)
}

pub(super) fn say(as_json: bool, id: &str, text: &str) -> Result<(), Failure> {
    match as_json {
        true => output::json(&json!({ "id": id, "done": text })),
        false => output::line(text),
    }
}
