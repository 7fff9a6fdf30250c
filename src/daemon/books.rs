//! Keeping the books: acknowledgments are matched as they come, clocks that ran out are told.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::gateway::Gateway;
use crate::ledger;
use crate::reconcile::{acknowledgments, overdue};

/// How many acknowledgments are matched in one transaction.
const BATCH: u32 = 200;
/// How often clocks are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Keeps the books until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let at_work = Arc::clone(&gateway);
        let worked = tokio::task::spawn_blocking(move || keep(&at_work)).await;
        match worked {
            Ok(Ok(0)) => {}
            Ok(Ok(_)) => continue,
            Ok(Err(fault)) => error!(error = %fault, "cannot keep the books, trying again"),
            Err(panicked) => error!(error = %panicked, "keeping the books broke off, trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = gateway.books.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// One round; returns how much there was to do.
fn keep(gateway: &Gateway) -> Result<usize, ledger::Error> {
    let now = gateway.clock.now();
    let open = gateway.ledger.read(|tx| tx.open_acknowledgments(BATCH))?;
    for one in &open {
        let one = one.clone();
        gateway.ledger.write(move |tx| acknowledgments::settle(tx, &one, now))?;
    }
    let any_due = gateway.ledger.read(|tx| Ok(!tx.newly_overdue(now, 1)?.is_empty()))?;
    let told = if any_due { gateway.ledger.write(move |tx| overdue::sweep(tx, now))? } else { 0 };
    if told > 0 {
        warn!(told, "expectations became overdue");
    }
    Ok(open.len() + told)
}
