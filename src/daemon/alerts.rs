//! Telling people of failures: what the journal tells becomes groups, groups become messages, messages go out.
//!
//! ```text
//! hear           failures that began or ended -> groups per target, with the time at which to tell them      one transaction
//! next_message   groups that are due, or a morning -> one message, kept in the ledger                         one transaction
//! send           that message, the same at every attempt, until it is taken
//! ```
//!
//! Each step leaves in the ledger what the next one begins with, so that a crash or a server that is gone loses nothing; what was
//! sent and could not be recorded goes out once more under the same id. A target whose server is slow holds up no other. One that
//! cannot be reached is a trouble: `edigate status` shows it, the journal tells it, and so the other targets hear of it. Only that the
//! ledger itself takes nothing is told past it (`beside`).

mod beside;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use self::beside::Beside;
use super::gateway::Gateway;
use super::troubles::{Trouble, What};
use crate::alert::digest::{self, Digest};
use crate::alert::group::{self, News};
use crate::alert::message::{Message, Story};
use crate::alert::{bodies, text};
use crate::config::alerts::{Target, Way};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::alerts;
use crate::ledger::alert::{Pending, Unheard};
use crate::ledger::event::OUR_JOURNAL;
use crate::ledger::{self, Id, Transaction};
use crate::transport::webhook::Refused;
use crate::transport::{command, smtp, webhook};

/// How often it is looked whether something happened, or is due.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How many failures are heard of in one transaction.
const BATCH: u32 = 200;
/// How many stories one message tells at most.
const STORIES: u32 = 20;
/// The pause before a message is tried again doubles from here …
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// … to here.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// For how long the messages of a target are counted.
const RATE: SignedDuration = SignedDuration::from_hours(1);
/// Where PagerDuty takes events.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// Tells until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    let mut telling = JoinSet::new();
    let busy: Arc<Mutex<HashSet<String>>> = Arc::default();
    let beside: Arc<Beside> = Arc::default();
    while !stop.is_cancelled() {
        let hearing = Arc::clone(&gateway);
        let heard = tokio::task::spawn_blocking(move || hear_all(&hearing)).await;
        if let Err(panicked) = heard {
            error!(error = %panicked, "hearing of failures broke off, trying again");
        }
        for target in &gateway.config().alerts {
            if lock(&busy).insert(target.name.clone()) {
                let (gateway, busy, stop) = (Arc::clone(&gateway), Arc::clone(&busy), stop.clone());
                let target = target.clone();
                telling.spawn_blocking(move || {
                    let _free = Free { name: &target.name, busy: &busy };
                    tell(&gateway, &target, &stop);
                });
            }
        }
        for (target, message) in tell_beside(&gateway, &beside) {
            let beside = Arc::clone(&beside);
            telling.spawn_blocking(move || {
                let sent = send(&target, &message);
                beside.ended(&target.name, &message.id, sent.is_ok());
            });
        }
        while telling.try_join_next().is_some() {}
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    // What was begun ends: each is bounded by its target's timeout.
    while telling.join_next().await.is_some() {}
}

/// What is to be told past the ledger now.
fn tell_beside(gateway: &Gateway, beside: &Beside) -> Vec<(Target, Message)> {
    let present = gateway.troubles.present();
    let gravest = if gateway.troubles.stop_custody() { &present[..] } else { &[] };
    let stops = [What::Ledger.to_string(), What::Archive.to_string()];
    let gravest: Vec<Trouble> = gravest.iter().filter(|one| stops.contains(&one.what)).cloned().collect();
    beside.due(&gateway.config(), &gravest, gateway.clock.now())
}

/// Lets the next one tell a target, also after a panic.
struct Free<'f> {
    name: &'f str,
    busy: &'f Mutex<HashSet<String>>,
}

impl Drop for Free<'_> {
    fn drop(&mut self) {
        lock(self.busy).remove(self.name);
    }
}

fn lock(busy: &Mutex<HashSet<String>>) -> std::sync::MutexGuard<'_, HashSet<String>> {
    // A set of names cannot be half changed.
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hear_all(gateway: &Gateway) {
    loop {
        let (config, now) = (gateway.config(), gateway.clock.now());
        let heard = gateway.ledger.read(|tx| tx.any_news()).and_then(|any| match any {
            true => gateway.ledger.write(move |tx| hear(tx, &config.alerts, now)),
            false => Ok(0),
        });
        match heard {
            Ok(heard) if heard == BATCH as usize => {}
            Ok(_) => return,
            Err(fault) => return gateway.tell_fault(&fault, "cannot look for what to tell, trying again"),
        }
    }
}

/// Notes in the groups of every target what happened since the last time; returns how many failures that concerned.
fn hear(tx: &mut Transaction<'_>, targets: &[Target], now: Timestamp) -> Result<usize, ledger::Error> {
    let news = tx.take_news(BATCH)?;
    for Unheard { failure, began, ended } in &news {
        let is_over = *ended && !tx.any_stands(failure)?;
        for target in targets.iter().filter(|target| group::hears(target, failure)) {
            let mut group = tx.alert_group(&target.name, failure)?;
            let before = group.clone();
            if *began {
                let news = News::Began { sequence: failure.sequence };
                group = group::after(group, news, failure.at, now, target.group);
            }
            if is_over {
                group = group::after(group, News::Over, failure.settled.unwrap_or(now), now, target.group);
            }
            if group != before {
                tx.keep_alert_group(&group)?;
            }
        }
        tx.heard(failure)?;
    }
    Ok(news.len())
}

/// Sends to one target what is due, message after message.
fn tell(gateway: &Gateway, target: &Target, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match tell_one(gateway, target) {
            Ok(true) => {}
            Ok(false) => return,
            Err(fault) => return gateway.tell_fault(&fault, "cannot record what was told, trying again"),
        }
    }
}

/// One message; false when there is none to send now.
fn tell_one(gateway: &Gateway, target: &Target) -> Result<bool, ledger::Error> {
    let (now, lane) = (gateway.clock.now(), format!("alert {}", target.name));
    let nothing = gateway.ledger.read(|tx| Ok(!has_something(tx, target, now)?))?;
    if nothing {
        return Ok(false);
    }
    // Several nodes never tell one target at the same time.
    let Some(_hold) = gateway.nodes.hold(&gateway.ledger, OUR_JOURNAL, &lane)? else { return Ok(false) };
    let made_for = target.clone();
    let pending = gateway.ledger.write(move |tx| next_message(tx, &made_for, now))?;
    let Some(pending) = pending.filter(|pending| pending.due <= now) else { return Ok(false) };
    let sent = match serde_json::from_str::<Message>(&pending.body) {
        Ok(message) => send(target, &message),
        Err(error) => Err(Refused { why: format!("the message is not what this build writes: {error}"), after: None }),
    };
    record(gateway, target, pending, sent)?;
    gateway.nodes.give_back(&gateway.ledger, OUR_JOURNAL, &lane)?;
    Ok(true)
}

fn has_something(tx: &mut Transaction<'_>, target: &Target, now: Timestamp) -> Result<bool, ledger::Error> {
    if let Some(pending) = tx.pending_message(&target.name)? {
        return Ok(pending.due <= now);
    }
    if digest_is_due(tx, target, now)?.is_some() {
        return Ok(true);
    }
    Ok(may_say_more(tx, target, now)? && tx.any_alert_group_is_due(&target.name, now)?)
}

/// Since when the digest that is due tells; nothing where none is.
fn digest_is_due(
    tx: &mut Transaction<'_>,
    target: &Target,
    now: Timestamp,
) -> Result<Option<Option<Timestamp>>, ledger::Error> {
    let Some(at) = target.digest else { return Ok(None) };
    Ok(match tx.digest_until(&target.name)? {
        // From now on.
        None => Some(None),
        Some(until) if digest::next(until, at, &target.zone) <= now => Some(Some(until)),
        Some(_) => None,
    })
}

fn may_say_more(tx: &mut Transaction<'_>, target: &Target, now: Timestamp) -> Result<bool, ledger::Error> {
    let since = now.checked_sub(RATE).unwrap_or(Timestamp::MIN);
    Ok(tx.messages_since(&target.name, since)? < target.at_most)
}

/// The message that is under way to a target, else the next one, made of what is due.
fn next_message(tx: &mut Transaction<'_>, target: &Target, now: Timestamp) -> Result<Option<Pending>, ledger::Error> {
    if let Some(pending) = tx.pending_message(&target.name)? {
        return Ok(Some(pending));
    }
    let id = Id::new();
    let message = match digest_is_due(tx, target, now)? {
        Some(since) => {
            tx.keep_digest(&target.name, now)?;
            match since {
                Some(from) => Some(digest_message(tx, &id, target, from, now)?),
                None => return next_message(tx, target, now),
            }
        }
        None => news_message(tx, &id, target, now)?,
    };
    let Some(message) = message else { return Ok(None) };
    let body = serde_json::to_string(&message).map_err(|error| ledger::Error::Unexpected(error.to_string()))?;
    tx.keep_message(&id, (&target.name, &message.subject), &body, now)?;
    Ok(Some(Pending { id, body, attempts: 0, due: now }))
}

fn digest_message(
    tx: &mut Transaction<'_>,
    id: &Id,
    target: &Target,
    from: Timestamp,
    now: Timestamp,
) -> Result<Message, ledger::Error> {
    let mut rows = tx.failures_tallied(from, now)?;
    rows.retain(|row| digest::hears(&target.hears, row));
    Ok(Message::digest(id.to_string(), target, Digest { from, until: now, rows }, now))
}

fn news_message(
    tx: &mut Transaction<'_>,
    id: &Id,
    target: &Target,
    now: Timestamp,
) -> Result<Option<Message>, ledger::Error> {
    if !may_say_more(tx, target, now)? {
        return Ok(None);
    }
    let mut stories = Vec::new();
    for group in tx.due_alert_groups(&target.name, now, STORIES)? {
        let event = tx.event(&group.partner, group.latest)?;
        let explanation = tx.explanation(event)?;
        if let Some(failure) = explanation.failure.clone() {
            stories.push(Story::of(&group, &failure, &explanation, &target.zone));
        }
        tx.keep_alert_group(&group::once_told(group, now))?;
    }
    Ok((!stories.is_empty()).then(|| Message::of(id.to_string(), &target.name, stories, now)))
}

/// Sends a message by its target's way.
pub fn send(target: &Target, message: &Message) -> Result<(), Refused> {
    let refused = |why: String| Refused { why, after: None };
    match &target.way {
        Way::Mail { to, server } => {
            let text = text::of(message, &target.zone);
            let mail = smtp::Mail { id: &message.id, to, subject: &message.subject, text, at: message.at };
            smtp::send(server, mail, target.timeout).map_err(refused)
        }
        Way::Webhook { url, shape } => {
            let url = url.read().map_err(refused)?;
            webhook::post(&url, &bodies::body(message, *shape, &target.zone), None, target.timeout)
        }
        Way::PagerDuty { url, key } => {
            let key = key.read().map_err(refused)?;
            let url = url.as_ref().map_or_else(|| Ok(PAGERDUTY.to_owned()), |url| url.read()).map_err(refused)?;
            // Cut off in the middle, all are sent once more: PagerDuty knows them by their keys.
            for request in bodies::pagerduty(message, &key, &target.zone) {
                webhook::post(&url, &request, Some(("status", "success")), target.timeout)?;
            }
            Ok(())
        }
        Way::Command { program } => {
            let input = serde_json::to_vec(message).unwrap_or_default();
            command::run(program, &input, target.timeout).map_err(refused)
        }
    }
}

/// Records what became of an attempt, and raises or clears the trouble of its target.
fn record(
    gateway: &Gateway,
    target: &Target,
    pending: Pending,
    sent: Result<(), Refused>,
) -> Result<(), ledger::Error> {
    let (now, what) = (gateway.clock.now(), What::Alert { target: target.name.clone() });
    match sent {
        Ok(()) => {
            info!(target = target.name, message = %pending.id, "told");
            let name = target.name.clone();
            gateway.ledger.write(move |tx| tx.message_was_sent(&pending.id, &name, now))?;
            gateway.troubles.clear(&what, now);
        }
        Err(Refused { why, after }) => {
            let again = now.checked_add(pause(pending.attempts, after)).unwrap_or(now);
            let message = format!("the alert {:?} ({}) cannot be delivered: {why}", target.name, target.way.in_words());
            gateway.troubles.raise(what, &Diagnostic::new(&alerts::UNDELIVERABLE, message), now);
            gateway.ledger.write(move |tx| tx.message_was_not_sent(&pending.id, &why, again))?;
        }
    }
    Ok(())
}

/// How long to wait after so many attempts; longer where the other side says so.
fn pause(attempts: u32, after: Option<Duration>) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempts.min(16)));
    doubled.max(after.unwrap_or_default()).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests;
