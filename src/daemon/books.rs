//! Keeping the books: acknowledgments are matched as they come, orphans are tried again for a while,
//! clocks that ran out are told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::gateway::Gateway;
use super::reconciling;
use crate::crash;
use crate::ledger;
use crate::reconcile::{acknowledgments, overdue};

/// How many acknowledgments are matched in one transaction.
const BATCH: u32 = 200;
/// How often clocks are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What comes meanwhile is one round, not one each: rounds cost a server questions.
const REST: Duration = Duration::from_millis(50);

/// Custody goes first: while files wait to be taken in or to go out, orders are held against their documents once in this time.
const GIVES_WAY_FOR: Duration = Duration::from_secs(1);

/// How often orphans are tried again, and how long: an acknowledgment may overtake our own record, not by days.
const ORPHANS_EVERY: Duration = Duration::from_secs(60);
const ORPHANS_FOR: SignedDuration = SignedDuration::from_hours(48);

/// Keeps the books until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    let mut orphans_tried = Instant::now();
    let mut reconciled = None::<Instant>;
    while !stop.is_cancelled() {
        if orphans_tried.elapsed() >= ORPHANS_EVERY {
            orphans_tried = Instant::now();
            let at_work = Arc::clone(&gateway);
            let trying = tokio::task::spawn_blocking(move || {
                if let Err(fault) = try_orphans(&at_work) {
                    at_work.tell_fault(&fault, "cannot try orphaned acknowledgments again");
                }
            });
            // What panicked said so itself, and the next round tries again.
            let _ = trying.await;
        }
        let at_work = Arc::clone(&gateway);
        let gives_way = reconciled.is_some_and(|at| at.elapsed() < GIVES_WAY_FOR);
        let worked = tokio::task::spawn_blocking(move || {
            keep(&at_work, gives_way)
                .inspect_err(|fault| at_work.tell_fault(fault, "cannot keep the books, trying again"))
        });
        match worked.await {
            Ok(Ok(Kept { reconciled: 0, matched: 0 }) | Err(_)) => {}
            Ok(Ok(kept)) => {
                if kept.reconciled > 0 {
                    reconciled = Some(Instant::now());
                }
                gateway.clocks.notify_one();
                continue;
            }
            Err(panicked) => error!(error = %panicked, "keeping the books broke off, trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = gateway.books.notified() => tokio::time::sleep(REST).await,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

fn try_orphans(gateway: &Gateway) -> Result<(), ledger::Error> {
    let now = gateway.clock.now();
    let since = now.checked_sub(ORPHANS_FOR).unwrap_or(Timestamp::MIN);
    for orphan in gateway.ledger.read(|tx| tx.orphan_acknowledgments(since, BATCH))? {
        gateway.ledger.write(move |tx| acknowledgments::settle_orphan(tx, &orphan, now))?;
    }
    Ok(())
}

/// How much there was to do in a round.
struct Kept {
    /// Acknowledgments and expectations.
    matched: usize,
    /// Documents and orders.
    reconciled: usize,
}

/// One round; documents and orders have to wait where they give way and there is other work.
fn keep(gateway: &Gateway, gives_way: bool) -> Result<Kept, ledger::Error> {
    let now = gateway.clock.now();
    let open = gateway.ledger.read(|tx| tx.open_acknowledgments(BATCH))?;
    for one in &open {
        let one = one.clone();
        gateway.ledger.write(move |tx| {
            acknowledgments::settle(tx, &one, now)?;
            crash::point("reconcile.match.before");
            Ok(())
        })?;
        crash::point("reconcile.match.after");
    }
    let any_due = gateway.ledger.read(|tx| Ok(!tx.newly_overdue(now, 1)?.is_empty()))?;
    let told = if any_due { sweep(gateway, now)? } else { 0 };
    if told > 0 {
        warn!(told, "expectations became overdue");
    }
    let waits = gives_way && gateway.ledger.read(|tx| tx.custody_has_work(now))?;
    let reconciled = if waits { 0 } else { reconciling::keep(gateway)? };
    Ok(Kept { matched: open.len() + told, reconciled })
}

fn sweep(gateway: &Gateway, now: Timestamp) -> Result<usize, ledger::Error> {
    let told = gateway.ledger.write(move |tx| {
        let told = overdue::sweep(tx, now)?;
        crash::point("reconcile.overdue.before");
        Ok(told)
    })?;
    crash::point("reconcile.overdue.after");
    Ok(told)
}
