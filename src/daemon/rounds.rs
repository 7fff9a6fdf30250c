//! The rounds of the watch: once a second, whatever is in trouble is tried again, the journal is told what it missed,
//! and systemd is told the gravest.
//!
//! Everything else raises troubles and waits; only here is tried whether they are over, so that nobody tries in vain a
//! hundred times.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::clock_watch::ClockWatch;
use super::gateway::Gateway;
use super::troubles::What;
use crate::transport::as2_wire;

/// How often what is in trouble is tried again.
const EVERY: Duration = Duration::from_secs(1);

/// Makes the rounds until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    let (mut status, mut clock_watch) = (String::new(), ClockWatch::begin());
    let mut looked = None;
    while !stop.is_cancelled() {
        let at_work = Arc::clone(&gateway);
        let went = tokio::task::spawn_blocking(move || {
            clock_watch.look(&at_work);
            look_at_certificates(&at_work, &mut looked);
            round(&at_work);
            (clock_watch, looked)
        });
        (clock_watch, looked) = went.await.unwrap_or_else(|panicked| {
            error!(error = %panicked, "a round broke off");
            (ClockWatch::begin(), None)
        });
        tell_systemd(&gateway, &mut status);
        tokio::select! {
            () = stop.cancelled() => {}
            () = gateway.troubles.changed.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// How often it is looked whether certificates of AS2 end soon.
const LOOK_AT_CERTIFICATES: Duration = Duration::from_secs(60);

/// Raises what ends soon, and clears what was renewed.
fn look_at_certificates(gateway: &Gateway, looked: &mut Option<Instant>) {
    if looked.is_some_and(|looked| looked.elapsed() < LOOK_AT_CERTIFICATES) {
        return;
    }
    *looked = Some(Instant::now());
    let (config, now) = (gateway.config(), gateway.clock.now());
    let endings = as2_wire::endings(&config, now);
    for (whose, _) in as2_wire::certificates(&config) {
        let what = What::Web { what: format!("AS2 certificates of {whose}") };
        match endings.iter().find(|(other, _)| *other == whose) {
            Some((_, fault)) => gateway.troubles.raise(what, fault, now),
            None => gateway.troubles.clear(&what, now),
        }
    }
}

fn round(gateway: &Gateway) {
    if gateway.try_custody_again() {
        // Work that waited for this goes on at once.
        gateway.captured.notify_one();
        gateway.due.notify_one();
        gateway.books.notify_one();
        gateway.clocks.notify_one();
    }
    if gateway.troubles.holds(&What::Ledger) {
        return;
    }
    tell_the_journal(gateway);
}

/// Troubles that began or ended, including those that began while nothing could be recorded.
fn tell_the_journal(gateway: &Gateway) {
    let events = gateway.troubles.unwritten();
    if events.is_empty() {
        return;
    }
    let count = events.len();
    let outcome = gateway.ledger.write(move |tx| {
        for event in &events {
            tx.append_event(event)?;
        }
        Ok(())
    });
    match outcome {
        Ok(()) => gateway.troubles.written(count),
        Err(fault) => gateway.tell_fault(&fault, "cannot write the journal, trying again"),
    }
}

fn tell_systemd(gateway: &Gateway, told: &mut String) {
    let status = in_one_line(gateway);
    if status != *told {
        // Without NOTIFY_SOCKET this does nothing; with a broken one there is nobody else to tell.
        let _ = sd_notify::notify(&[NotifyState::Status(&status)]);
        *told = status;
    }
}

/// How the gateway is, in the line that `systemctl status` shows.
pub fn in_one_line(gateway: &Gateway) -> String {
    match gateway.troubles.present().as_slice() {
        [] => "watching folders".to_owned(),
        [gravest] => format!("{} {}: {}", gravest.code, gravest.what, gravest.text),
        [gravest, more @ ..] => {
            format!("{} {}: {} (and {} more)", gravest.code, gravest.what, gravest.text, more.len())
        }
    }
}
