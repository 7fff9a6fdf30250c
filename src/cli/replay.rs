//! `edigate replay` and `edigate release`: put something back, with a line in the journal that says who and why.

use std::path::Path;

use serde_json::json;

use super::ledger::open_to_write;
use super::{Exit, Failure, output};
use crate::crash;
use crate::daemon::clock::Clock;
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::transmission::{Direction, TransmissionState};
use crate::ledger::{Error, Id};

/// Put a transmission back to be processed again
///
/// Puts a received transmission back to be processed again, with the configuration as it is now: after a quarantine
/// whose cause was mended. What it did before is not done twice: known documents are recognised, and an interchange that was
/// answered is not answered again. Given a transmission that we sent, its bytes go out once more, unchanged, under the same name.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate ledger transmissions | grep quarantined\n  edigate replay 0198c0de-…\n\
    Exit codes: 0 put back · 2 could not run, or there is nothing to put back")]
pub struct Args {
    /// The transmission's id (`edigate ledger transmissions`)
    #[arg(value_name = "ID")]
    id: String,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Put a parked delivery back to be sent
///
/// Makes a parked or retrying delivery due at once, after what kept it was mended: the daemon sends the same bytes under the
/// same name at its next look.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate ledger deliveries --overdue\n  edigate release 0198c0de-…\n\
    Exit codes: 0 put back · 2 could not run, or there is nothing to put back")]
pub struct ReleaseArgs {
    /// The delivery's id (`edigate ledger deliveries`)
    #[arg(value_name = "ID")]
    id: String,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Who types this, as the journal names them.
pub(super) fn operator() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.unwrap_or_else(|| "somebody".to_owned())
}

/// Puts a transmission back.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let ledger = open_to_write(config)?;
    let (id, reason, by, now) = (Id(args.id.clone()), args.reason.clone(), operator(), Clock::system().now());
    let (known, pruned) = ledger
        .read(|tx| {
            let known = tx.transmission(&id)?;
            let pruned = tx.pruned_at(&known.sha256)?;
            Ok((known, pruned))
        })
        .map_err(failed)?;
    if let Some(at) = pruned {
        return Err(failed(Error::Pruned { sha256: known.sha256, at }));
    }
    if let TransmissionState::Duplicate { of } = known.state {
        // Its interchanges stand under the first one's name, so that it would only be quarantined as a repetition.
        return Err(Failure::new(format!("{} is a duplicate: its bytes came in before", known.name))
            .hint(format!("put back the first one: edigate replay {of}")));
    }
    let name = ledger
        .write(move |tx| {
            let transmission = tx.transmission(&id)?;
            match transmission.direction {
                Direction::In => tx.set_transmission_state(&id, &TransmissionState::Captured)?,
                Direction::Out => tx.send_again(&id, now)?,
            }
            tx.append_event(&NewEvent {
                partner: transmission.partner,
                at: now,
                kind: EventKind::Replayed,
                refs: Refs { transmission: Some(id), ..Refs::default() },
                text: format!("{} put back by {by}", transmission.name),
                data: json!({ "by": by, "reason": reason }),
            })?;
            crash::point("replay.commit.before");
            Ok(transmission.name)
        })
        .map_err(failed)?;
    crash::point("replay.commit.after");
    say(args.json, &args.id, &format!("{name} is put back; the daemon takes it up at its next look"))?;
    Ok(Exit::Fine)
}

/// Puts a delivery back.
pub fn release(args: &ReleaseArgs, config: Option<&Path>) -> Result<Exit, Failure> {
    let ledger = open_to_write(config)?;
    let (id, reason, by, now) = (Id(args.id.clone()), args.reason.clone(), operator(), Clock::system().now());
    let label = ledger
        .write(move |tx| {
            let delivery = tx.release_delivery(&id, now)?;
            tx.append_event(&NewEvent {
                partner: delivery.journal,
                at: now,
                kind: EventKind::Replayed,
                refs: Refs {
                    delivery: Some(id),
                    transmission: Some(delivery.transmission),
                    document: delivery.document,
                    po_number: delivery.po_number,
                },
                text: format!("{} released by {by}", delivery.label),
                data: json!({ "by": by, "reason": reason }),
            })?;
            crash::point("release.commit.before");
            Ok(delivery.label)
        })
        .map_err(failed)?;
    crash::point("release.commit.after");
    say(args.json, &args.id, &format!("{label} is due now; the daemon sends it at its next look"))?;
    Ok(Exit::Fine)
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
