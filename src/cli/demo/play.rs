//! Plays the acts: the daemon at work, its clock moved ahead before each, and what it did with one awaited before the next.

use std::fs;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::acts::{ACTS, Act, GONE, Happens, MAILBOX, Until};
use super::{Failure, ORDER};
use crate::config::Config;
use crate::daemon::clock::Clock;
use crate::daemon::running::{Running, start};
use crate::ledger::clock::ClockReader;
use crate::ledger::event::OUR_JOURNAL;
use crate::ledger::finding::Decision;
use crate::ledger::need::NeedKind;
use crate::ledger::view::Filter;
use crate::ledger::{Error, Id, Ledger, Transaction};
use crate::transport::drop_off;

/// How long one act may take; it takes a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Plays all of them; the daemon goes on.
pub async fn play(config: &Config, ledger: &Ledger) -> Result<Running, Failure> {
    let clock = Clock::starting_at(time(ACTS[0].at)?);
    let running = start(config.clone(), ledger.clone(), clock.clone());
    for act in &ACTS {
        clock.advance_to(time(act.at)?);
        begin(config, ledger, act, clock.now())?;
        wait(&running, act).await?;
    }
    Ok(running)
}

fn time(text: &str) -> Result<Timestamp, Failure> {
    text.parse().map_err(|error| Failure::new(format!("{text}: {error}")))
}

fn begin(config: &Config, ledger: &Ledger, act: &Act, now: Timestamp) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(error.to_string());
    match act.happens {
        Happens::File { folder, name, bytes } => {
            drop_off::leave(&config.home.join(folder), name, bytes).map(|_| ()).map_err(|error| failed(&error))
        }
        Happens::Taken { subject, owner, because } => {
            ledger.write(move |tx| take(tx, subject, (owner, because), now)).map_err(|error| failed(&error))
        }
        Happens::MailboxGone => {
            fs::rename(config.home.join(MAILBOX), config.home.join(GONE)).map_err(|error| failed(&error))
        }
        Happens::TimePasses => Ok(()),
    }
}

/// A finding becomes somebody's, as by `edigate finding assign`.
fn take(tx: &mut Transaction<'_>, subject: &str, (owner, because): (&str, &str), at: Timestamp) -> Result<(), Error> {
    let found = tx.findings(&Filter::in_state("open"))?.rows.into_iter().find(|row| row.subject == subject);
    let found = found.ok_or_else(|| Error::NoSuch { what: "finding", id: subject.to_owned() })?;
    tx.assign_finding(&Id(found.id), owner, &Decision { by: owner, because, at }).map(|_| ())
}

async fn wait(running: &Running, act: &Act) -> Result<(), Failure> {
    let gateway = &running.gateway;
    let deadline = Instant::now() + PATIENCE;
    while !gateway.ledger.read(|tx| is_over(tx, act, gateway.clock.now())).unwrap_or(false) {
        if Instant::now() > deadline {
            return Err(Failure::new(format!("waited {PATIENCE:?} in vain for what follows on {}", act.at)));
        }
        // Books and clocks are looked at now, and not when their turn comes.
        gateway.books.notify_one();
        gateway.clocks.notify_one();
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

fn is_over(tx: &mut Transaction<'_>, act: &Act, now: Timestamp) -> Result<bool, Error> {
    let all = Filter::default();
    if let Happens::File { name, .. } = act.happens {
        let file = tx.transmissions(&all)?.rows.into_iter().find(|row| row.name == name);
        if file.is_none_or(|row| row.state == "captured") {
            return Ok(false);
        }
    }
    if !books_are_kept(tx, now)? {
        return Ok(false);
    }
    let mut deliveries = tx.deliveries(&all)?.rows.into_iter();
    Ok(match act.until {
        Until::Settled => deliveries.all(|row| row.state == "sent"),
        Until::Stuck => deliveries.any(|row| row.state == "retrying"),
        Until::Overdue => {
            let told = Filter { kind: Some("fault".to_owned()), ..Filter::of(OUR_JOURNAL) };
            !tx.acks(&Filter::in_state("overdue"))?.rows.is_empty() && !tx.events(&told)?.rows.is_empty()
        }
        Until::AtRisk => {
            let is_at_risk = tx.needs(None, now, 100)?.iter().any(|need| need.kind == NeedKind::Clock);
            is_at_risk && tx.alert_standing(DESK)?.sent.is_some()
        }
    })
}

/// The alert that is taken.
const DESK: &str = "desk";

/// True when nothing waits to be matched, held against other documents, or judged by a rule.
fn books_are_kept(tx: &mut Transaction<'_>, now: Timestamp) -> Result<bool, Error> {
    let is_read = |reader: &ClockReader| match &reader.read {
        Some(read) => read.sequence >= reader.last,
        // Whoever has no rules is never read.
        None => reader.partner != ORDER.0,
    };
    Ok(tx.open_acknowledgments(1)?.is_empty()
        && tx.unjoined(1)?.is_empty()
        && tx.orders_due(now, 1)?.is_empty()
        && tx.clock_readers()?.iter().all(is_read))
}
