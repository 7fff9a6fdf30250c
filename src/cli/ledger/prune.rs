//! `edigate ledger prune`: removes the bytes whose retention is over.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::super::by::operator;
use super::super::lint::plural;
use super::super::{Exit, Failure, load_config, no_partner, output};
use super::asked::parse_since;
use super::{open, open_configured_to_write};
use crate::config::Config;
use crate::config::archive::Retention;
use crate::ledger::retention::{Pruned, Rule, Rules};

/// Remove the bytes of files whose retention is over; the journal stays
///
/// Removes archived bytes that are older than the retention: `keep` of [retention] in partner.toml, else in gateway.toml, else
/// 7 years. Rows and journal stay, and the journal says how many bytes went, which, and by whom; `edigate ledger verify` tells
/// them from bytes that are missing. Never removed: what a legal_hold of a partner whom it concerns keeps, what an unsent
/// delivery or an open expectation needs, and bytes that a younger file shares. A run that was cut off is finished by the next one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate ledger prune --dry-run\n  edigate ledger prune --before 2019-01-01\n  \
    edigate ledger prune --partner megamart --json\n\
    Exit codes: 0 done, or nothing to do · 2 could not run")]
pub struct Args {
    /// Only what is older than this as well; the retention still holds: a date, a time or an age (3000d)
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    before: Option<Timestamp>,
    /// Say what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Only files that went through endpoints of this partner
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Removes, or says what it would remove.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let loaded = load_config(config)?;
    if let Some(named) = &args.partner
        && loaded.partners.keys().all(|known| known.as_str() != named)
    {
        return Err(no_partner(named, &loaded));
    }
    let rules = rules(args, &loaded, Timestamp::now());
    let failed = |error: crate::ledger::Error| Failure::new(error.to_string());
    let found = match args.dry_run {
        true => open(config)?.1.would_prune(&rules),
        false => open_configured_to_write(&loaded)?.prune(&rules),
    };
    let found = found.map_err(failed)?;
    match args.json {
        true => output::json(&json!({ "dry_run": args.dry_run, "pruned": found }))?,
        false => output::text(in_words(&found, args.dry_run))?,
    }
    Ok(Exit::Fine)
}

fn rules(args: &Args, config: &Config, now: Timestamp) -> Rules {
    let cutoff = |keep: std::time::Duration| {
        let age = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
        let cutoff = now.checked_sub(age).unwrap_or(Timestamp::MIN);
        args.before.map_or(cutoff, |before| before.min(cutoff))
    };
    let rule = |retention: &Retention| match &retention.legal_hold {
        Some(reason) => Rule::Hold(reason.clone()),
        None => Rule::Before(cutoff(retention.keep)),
    };
    Rules {
        partners: config.partners.values().map(|partner| (partner.id.to_string(), rule(&partner.retention))).collect(),
        others: cutoff(config.keep),
        only: args.partner.clone(),
        by: operator(),
        now,
    }
}

fn in_words(found: &Pruned, dry_run: bool) -> String {
    let done = if dry_run { "would be pruned" } else { "pruned" };
    let mut text = format!("{} {done}, {} bytes\n", plural(found.contents as usize, "content"), found.bytes);
    for (partner, count) in &found.partners {
        text.push_str(&format!("  {partner}: {count}\n"));
    }
    for (count, why) in [
        (found.kept_by_hold, "a legal hold keeps"),
        (found.kept_unfinished, "something unfinished still needs"),
        (found.kept_for_others, "a younger file or a longer retention keeps"),
    ] {
        if count > 0 {
            text.push_str(&format!("{why} {}\n", plural(count as usize, "older content")));
        }
    }
    text
}
