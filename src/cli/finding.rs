//! `edigate finding`: who sees to a finding, and that one is given up or open again; and the table of findings.

use std::path::Path;

use clap::Subcommand;
use jiff::Timestamp;

use super::by::operator;
use super::ledger::open_to_write;
use super::paint::Paint;
use super::table::{Align, bold_table};
use super::{Exit, Failure, output};
use crate::daemon::clock::Clock;
use crate::ledger::finding::{Decision, FindingState};
use crate::ledger::view::FindingRow;
use crate::ledger::{Error, Id};

/// Decide about a finding: whose it is, that it is given up
///
/// Findings come and go by themselves: one is resolved by the document that removes its cause, and open again when the cause is back.
/// What people decide about one stands in the journal, with who and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate ledger findings --open\n  edigate finding assign 0198c0de-… anna\n  \
    edigate finding waive 0198c0de-… --because \"agreed with their buyer on the phone\"\n\
    Exit codes: 0 decided · 2 could not run, or there is nothing to decide")]
pub struct Args {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(Debug, Subcommand)]
enum Doing {
    /// Make a finding somebody's
    Assign {
        #[command(flatten)]
        which: Which,
        /// Whoever is to see to it
        #[arg(value_name = "OWNER")]
        owner: String,
        /// Why, for the journal
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        because: String,
    },
    /// Give a finding up; it stays in the books as waived
    Waive {
        #[command(flatten)]
        which: Which,
        /// Why, for the journal
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
    /// Take back that a finding was assigned, waived or resolved
    Reopen {
        #[command(flatten)]
        which: Which,
        /// Why, for the journal
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The finding's id (`edigate ledger findings`)
    #[arg(value_name = "FINDING_ID")]
    id: String,
    /// Who decides [default: the system user]
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Decides about a finding.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let (which, because) = match &args.doing {
        Doing::Assign { which, because, .. } | Doing::Waive { which, because } | Doing::Reopen { which, because } => {
            (which, because.clone())
        }
    };
    let ledger = open_to_write(config)?;
    let id = Id(which.id.clone());
    let (by, at) = (which.by.clone().unwrap_or_else(operator), Clock::system().now());
    let owner = match &args.doing {
        Doing::Assign { owner, .. } => Some(owner.clone()),
        Doing::Waive { .. } | Doing::Reopen { .. } => None,
    };
    let waives = matches!(args.doing, Doing::Waive { .. });
    let decided = ledger.write(move |tx| {
        let decision = Decision { by: &by, because: &because, at };
        match owner {
            Some(owner) => tx.assign_finding(&id, &owner, &decision),
            None if waives => tx.waive_finding(&id, &decision),
            None => tx.reopen_finding(&id, &decision),
        }
    });
    let row = decided.map_err(failed)?;
    match which.json {
        true => output::json(&row)?,
        false => output::line(format!("{} of {}: {}", row.subject, row.partner, in_words(&row.state)))?,
    }
    Ok(Exit::Fine)
}

fn failed(error: Error) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        Error::NoSuch { .. } => failure.hint("`edigate ledger findings` lists them with their states"),
        _ => failure,
    }
}

fn in_words(state: &FindingState) -> String {
    match state {
        FindingState::Open => "open".to_owned(),
        FindingState::Assigned { owner } => format!("assigned to {owner}"),
        FindingState::Waived { reason } => format!("waived: {reason}"),
        FindingState::Resolved => "resolved".to_owned(),
    }
}

/// Findings as a table for eyes.
pub fn finding_table(found: &[FindingRow], now: Timestamp, paint: Paint) -> String {
    let heading = [
        ("age", Align::Right),
        ("partner", Align::Left),
        ("rule", Align::Left),
        ("subject", Align::Left),
        ("at stake", Align::Right),
        ("state", Align::Left),
        ("message", Align::Left),
        ("id", Align::Left),
    ];
    let cells: Vec<Vec<String>> = found
        .iter()
        .map(|row| {
            vec![
                age(row.opened, now),
                row.partner.clone(),
                row.rule.clone(),
                row.subject.clone(),
                at_stake(row),
                in_words(&row.state),
                row.detail.message.clone(),
                row.id.clone(),
            ]
        })
        .collect();
    let (first, rest) = bold_table(&heading, &cells, paint);
    first + &rest
}

fn at_stake(row: &FindingRow) -> String {
    let Some(money) = row.money else { return String::new() };
    format!("{money:.2} {}", row.currency.as_deref().unwrap_or_default()).trim_end().to_owned()
}

/// `3 d`, `5 h`, `12 min`: how long ago, in its largest unit.
fn age(opened: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(opened).as_mins().max(0);
    match minutes {
        0..60 => format!("{minutes} min"),
        60..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let now: Timestamp = "2026-03-06T12:00:00Z".parse().unwrap();
        let told = |opened: &str| age(opened.parse().unwrap(), now);
        assert_eq!(told("2026-03-06T11:48:30Z"), "11 min");
        assert_eq!(told("2026-03-05T11:00:00Z"), "25 h");
        assert_eq!(told("2026-03-03T11:00:00Z"), "3 d");
        assert_eq!(told("2026-03-06T12:05:00Z"), "0 min");
    }
}
