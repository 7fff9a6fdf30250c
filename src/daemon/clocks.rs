//! Compliance clocks are kept: what the journal tells of is judged as it comes, and what nobody tells of when its time comes.
//!
//! ```text
//! 09:30  856 SHP0000777 accepted, left 09:22     -> its clock runs until 10:22, look again at 10:07
//! 10:07  nothing new                             -> at risk, an event
//! 10:22  nothing new                             -> broken, an event and a finding
//! ```
//!
//! Nothing is held in memory: how far each journal was read and when each clock is to be looked at stand in the ledger, so that
//! a restart goes on where this one stopped, and of several nodes one records each judgment.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::gateway::Gateway;
use crate::config::Config;
use crate::config::compliance::Compliance;
use crate::config::partner::{PartnerId, Status};
use crate::crash;
use crate::ledger;
use crate::ledger::clock::ClockReader;
use crate::reconcile::compliance::{self, Watched};

/// How often it is looked whether a clock's time has come, when nothing wakes us.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What comes meanwhile is one round, not one each.
const REST: Duration = Duration::from_millis(50);
/// How many chains are looked at in one round because their time has come.
const DUE: u32 = 200;
/// How far back the rules of a partner hold that had none before: an order that is under way is judged, old ones are not.
const BEGIN_WITH: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Keeps the clocks until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let at_work = Arc::clone(&gateway);
        let worked = tokio::task::spawn_blocking(move || {
            keep(&at_work).inspect_err(|fault| match fault {
                // Nothing is wrong when one of two nodes goes first.
                ledger::Error::Contended => {}
                _ => at_work.tell_fault(fault, "cannot keep the clocks, trying again"),
            })
        });
        match worked.await {
            Ok(Ok(true)) => continue,
            Ok(Ok(false) | Err(_)) => {}
            Err(panicked) => error!(error = %panicked, "keeping the clocks broke off, trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = gateway.clocks.notified() => tokio::time::sleep(REST).await,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// One round; true when there was something to do.
fn keep(gateway: &Gateway) -> Result<bool, ledger::Error> {
    let (config, now) = (gateway.config(), gateway.clock.now());
    let (readers, due) = gateway.ledger.read(|tx| Ok((tx.clock_readers()?, tx.due_clocks(now, DUE)?)))?;
    let mut subjects: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (partner, subject) in &due {
        subjects.entry(partner).or_default().push(subject.clone());
    }
    let mut worked = false;
    for reader in &readers {
        let due = subjects.remove(reader.partner.as_str()).unwrap_or_default();
        worked |= keep_one(gateway, &config, reader, &due, now)?;
    }
    Ok(worked)
}

/// One partner's; true when there was something to do.
fn keep_one(
    gateway: &Gateway,
    config: &Config,
    reader: &ClockReader,
    due: &[String],
    now: Timestamp,
) -> Result<bool, ledger::Error> {
    let watched = watched(config, &reader.partner);
    let has_rules = watched.compliance.is_some();
    match &reader.read {
        // Without rules there is nothing to judge, but for what was judged by rules that are gone.
        None if !has_rules => return Ok(false),
        None => {
            let rules = watched.compliance.map(Compliance::fingerprint).unwrap_or_default();
            let since = now.checked_sub(BEGIN_WITH).unwrap_or(Timestamp::MIN);
            let partner = reader.partner.clone();
            gateway.ledger.write(move |tx| tx.begin_reading_for_clocks(&partner, since, &rules))?;
            return Ok(true);
        }
        Some(read) if read.sequence >= reader.last && due.is_empty() && is_same(&watched, &read.rules) => {
            return Ok(false);
        }
        Some(_) => {}
    }
    let Some(work) = gateway.ledger.read(|tx| compliance::judge(tx, watched, reader, due, now))? else {
        return Ok(false);
    };
    gateway.ledger.write(move |tx| {
        compliance::record(tx, &work)?;
        crash::point("reconcile.clocks.before");
        Ok(())
    })?;
    crash::point("reconcile.clocks.after");
    Ok(true)
}

fn is_same(watched: &Watched<'_>, rules: &str) -> bool {
    watched.compliance.map(Compliance::fingerprint).unwrap_or_default() == rules
}

/// A partner as the configuration has it now.
fn watched<'c>(config: &'c Config, partner: &'c str) -> Watched<'c> {
    let known = PartnerId::parse(partner).ok().and_then(|id| config.partners.get(&id));
    Watched {
        partner,
        compliance: known.map(|known| &known.compliance).filter(|compliance| !compliance.rules.is_empty()),
        counts_tests: known.is_some_and(|known| known.status == Status::Test),
    }
}
