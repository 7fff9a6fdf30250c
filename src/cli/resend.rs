//! `edigate resend` and `edigate waive`: what was sent goes out once more, and what need not go out any more.

use std::path::Path;

use jiff::Timestamp;

use super::by::{ByArgs, ByWithReason};
use super::ledger::open_to_write;
use super::replay::{failed, say};
use super::{Exit, Failure, load_config};
use crate::daemon::again::{self, Refusal};
use crate::ledger::Id;

/// Send a delivery once more, sent or not
///
/// Sends the very same bytes under the same name once more, also when they were sent: for a partner who lost the file and
/// whose system will know it by its control number. With --new-control-number the same documents go out in a new
/// interchange with fresh control numbers (ISA13, GS06) and a 997 of its own; what was expected for the old one is waived. That is
/// for X12 alone, and for a partner whose system refuses a control number that it has seen.
///
/// A corrected document is no resend: submit it as a new revision (`edigate submit`), and it goes out by itself.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate resend 0198c0de-… --because \"their mailbox was emptied\"\n  \
    edigate resend 0198c0de-… --new-control-number --because \"they refuse 000000503 as a duplicate\"\n\
    Exit codes: 0 due again · 2 could not run, or it cannot be sent again")]
pub struct Args {
    /// The delivery's id (`edigate ledger deliveries`)
    #[arg(value_name = "DELIVERY_ID")]
    id: String,
    /// In a new interchange with fresh control numbers instead of the same bytes (X12 only)
    #[arg(long)]
    new_control_number: bool,
    #[command(flatten)]
    by: ByArgs,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Give up a delivery that is not sent
///
/// Takes a parked or retrying delivery out of the line for good, with what is expected for it: nobody needs it any more, or it
/// was handed over by other means. Where the endpoint keeps the order, those behind it go on. It stays in the ledger
/// as waived; `edigate release ID` takes it back.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate waive 0198c0de-… --because \"sent by mail\"\n\
    Exit codes: 0 given up · 2 could not run, or there is nothing to give up")]
pub struct WaiveArgs {
    /// The delivery's id (`edigate ledger deliveries --overdue`)
    #[arg(value_name = "DELIVERY_ID")]
    id: String,
    #[command(flatten)]
    by: ByWithReason,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Makes a delivery due again, as it is or anew.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    match args.new_control_number {
        true => anew(args, config),
        false => as_it_is(args, config),
    }
}

fn as_it_is(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let ledger = open_to_write(config)?;
    let (id, by, now) = (Id(args.id.clone()), args.by.by(), Timestamp::now());
    let delivery = ledger.write(move |tx| tx.resend(&id, &by, now)).map_err(failed)?;
    let text = format!(
        "{} is due now, the same bytes as {}; the daemon sends it at its next look",
        delivery.label, delivery.name
    );
    say(args.json, &args.id, &text)?;
    Ok(Exit::Fine)
}

fn anew(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let ledger = open_to_write(config)?;
    let config = load_config(config)?;
    let (id, by, now) = (Id(args.id.clone()), args.by.by(), Timestamp::now());
    let done = ledger.write(move |tx| again::send_anew(tx, &config, &id, &by, now)).map_err(failed)?;
    let anew = done.map_err(|refusal| {
        let failure = Failure::new(refusal.to_string());
        match refusal {
            Refusal::NotX12(_) | Refusal::Acknowledgment(_) => {
                failure.hint(format!("send the same bytes once more: edigate resend {}", args.id))
            }
            Refusal::NoRule { .. } => failure.hint("give the partner file a send rule for it again"),
            Refusal::Unwritable(_) => failure.hint("submit a corrected document: it goes out as a new revision"),
        }
    })?;
    let text = format!(
        "{} goes out as interchange {:09}, delivery {}; nothing is expected for the old one any more",
        anew.of.label, anew.interchange_control_number, anew.id
    );
    say(args.json, anew.id.as_str(), &text)?;
    Ok(Exit::Fine)
}

/// Gives up a delivery.
pub fn waive(args: &WaiveArgs, config: Option<&Path>) -> Result<Exit, Failure> {
    let ledger = open_to_write(config)?;
    let (id, by, now) = (Id(args.id.clone()), args.by.by(), Timestamp::now());
    let delivery = ledger.write(move |tx| tx.waive(&id, &by, now)).map_err(failed)?;
    say(args.json, &args.id, &format!("{} is given up; it holds nobody any more", delivery.label))?;
    Ok(Exit::Fine)
}
