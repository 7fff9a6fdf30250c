//! `edigate clock`: a compliance clock is given up; and the table of clocks, each as it stands at this moment.

use std::path::Path;

use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

use super::by::ByWithReason;
use super::ledger::open_to_write;
use super::paint::Paint;
use super::table::{Align, table};
use super::trace::zone_of;
use super::{Exit, Failure, output};
use crate::config::Config;
use crate::daemon::clock::Clock;
use crate::ledger::clock::{ClockRow, ClockState};
use crate::ledger::{Error, Id};
use crate::reconcile::compliance;
use crate::reconcile::standing::says;

/// Decide about a compliance clock: that it is given up
///
/// Clocks are judged by the documents that pass, again and again, so that one that was broken may turn out to be in time. One that a
/// person gave up is judged no more; that it was, by whom and why stands in the journal.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate ledger clocks --overdue\n  \
    edigate clock waive 0198c0de-… --because \"their buyer agreed on the phone\"\n\
    Exit codes: 0 decided · 2 could not run, or there is nothing to give up")]
pub struct Args {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(Debug, Subcommand)]
enum Doing {
    /// Give up a clock that runs or is broken, with what was found of it
    Waive(Waive),
}

#[derive(Debug, clap::Args)]
struct Waive {
    /// The clock's id (`edigate ledger clocks`)
    #[arg(value_name = "CLOCK_ID")]
    id: String,
    #[command(flatten)]
    by: ByWithReason,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Decides about a clock.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let Doing::Waive(waive) = &args.doing;
    let ledger = open_to_write(config)?;
    let (id, by, now) = (Id(waive.id.clone()), waive.by.by(), Clock::system().now());
    let row = ledger.write(move |tx| compliance::waive(tx, &id, &by, now)).map_err(failed)?;
    match waive.json {
        true => output::json(&row)?,
        false => output::line(format!("{:?} for {} of {} is given up", row.rule, row.subject, row.partner))?,
    }
    Ok(Exit::Fine)
}

fn failed(error: Error) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        Error::NoSuch { .. } => failure.hint("`edigate ledger clocks` lists them with their states"),
        _ => failure,
    }
}

/// A clock with what is to be said of it now.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// What the books hold.
    #[serde(flatten)]
    pub clock: ClockRow,
    /// `ASN for SHP0000777 is due 10:22, at risk in 22 min, about 112.50 USD`.
    pub says: String,
}

/// Clocks as they stand at a time.
pub fn shown(config: &Config, clocks: Vec<ClockRow>, now: Timestamp) -> Vec<Shown> {
    clocks.into_iter().map(|clock| Shown { says: says(config, &clock, now), clock }).collect()
}

/// Clocks as a table for eyes; times are the partner's, colour only repeats what the words say.
pub fn clock_table(config: &Config, found: &[Shown], paint: Paint) -> String {
    let heading = [
        ("partner", Align::Left),
        ("rule", Align::Left),
        ("due", Align::Left),
        ("state", Align::Left),
        ("stands", Align::Left),
        ("id", Align::Left),
    ];
    let row = |one: &Shown| {
        let zone = zone_of(config, &one.clock.partner);
        let due = one.clock.due.map(|due| zone.to_datetime(due).strftime("%b %d %H:%M").to_string());
        vec![
            one.clock.partner.clone(),
            one.clock.rule.clone(),
            due.unwrap_or_default(),
            in_words(one.clock.state).to_owned(),
            one.says.clone(),
            one.clock.id.clone(),
        ]
    };
    let text = table(&heading, &found.iter().map(row).collect::<Vec<_>>());
    let mut lines = text.lines();
    let mut painted = format!("{}\n", paint.bold(lines.next().unwrap_or_default()));
    for (line, one) in lines.zip(found) {
        painted.push_str(&match one.clock.state {
            ClockState::Broken => paint.red(line),
            ClockState::AtRisk => paint.yellow(line),
            ClockState::Met => paint.green(line),
            ClockState::Idle | ClockState::Running | ClockState::Waived => line.to_owned(),
        });
        painted.push('\n');
    }
    painted
}

fn in_words(state: ClockState) -> &'static str {
    match state {
        ClockState::Idle => "not owed",
        ClockState::Running => "runs",
        ClockState::AtRisk => "AT RISK",
        ClockState::Met => "kept",
        ClockState::Broken => "BROKEN",
        ClockState::Waived => "given up",
    }
}
