//! Due deliveries go out, one lane per partner and endpoint: whoever is slow or gone holds up nobody else.
//!
//! ```text
//! dispatcher    asks which lanes have something due and starts those that are not under way
//! lane          one round after the other: fetch what is due, attempt it, record it; ends when nothing is due
//! ```
//!
//! A lane holds one round in memory, however much waits behind it. A lane that found nothing to do rests for a moment:
//! where an endpoint keeps the order, what is due may still wait for another.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::gateway::Gateway;
use crate::config::partner::PartnerId;
use crate::deliver;
use crate::ledger;
use crate::ledger::delivery::{Lane, Line, Outcome};

/// How often the ledger is asked when nothing woke us: retries come due by the clock alone.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A look at a long queue costs; between two looks this many times as long passes as the last one took.
const LOOK_SHARE: u32 = 4;

/// Sends what is due until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    let mut lanes = Lanes::default();
    while !stop.is_cancelled() {
        let began = Instant::now();
        for lane in due_lanes(&gateway).await {
            lanes.start(&gateway, lane, &stop);
        }
        let pause = tokio::time::sleep(began.elapsed() * LOOK_SHARE);
        tokio::select! {
            () = stop.cancelled() => {}
            () = gateway.due.notified() => {}
            () = lanes.one_ended() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = pause => {}
        }
    }
    // What was begun ends; the lanes see the same token and begin nothing more.
    while !lanes.under_way.is_empty() {
        lanes.one_ended().await;
    }
}

async fn due_lanes(gateway: &Arc<Gateway>) -> Vec<Lane> {
    let asking = Arc::clone(gateway);
    let due = tokio::task::spawn_blocking(move || asking.ledger.read(|tx| tx.due_lanes(asking.clock.now())));
    match due.await {
        Ok(Ok(due)) => due,
        Ok(Err(fault)) => {
            error!(error = %fault, "cannot look for due deliveries, trying again");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// The lanes that are under way, and those that rest.
#[derive(Default)]
struct Lanes {
    tasks: JoinSet<End>,
    under_way: HashMap<tokio::task::Id, Lane>,
    busy: HashSet<Lane>,
    resting: HashMap<Lane, Instant>,
}

/// How a lane ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nothing is due any more.
    Done,
    /// Nothing could be done: it waits for another delivery, or for the ledger.
    Stuck,
}

impl Lanes {
    fn start(&mut self, gateway: &Arc<Gateway>, lane: Lane, stop: &CancellationToken) {
        self.resting.retain(|_, since| since.elapsed() < LOOK_EVERY);
        if self.busy.contains(&lane) || self.resting.contains_key(&lane) {
            return;
        }
        let (gateway, stop, its) = (Arc::clone(gateway), stop.clone(), lane.clone());
        let task = self.tasks.spawn_blocking(move || drive(&gateway, &its, &stop));
        self.busy.insert(lane.clone());
        self.under_way.insert(task.id(), lane);
    }

    /// Waits until a lane ends; for ever when none is under way.
    async fn one_ended(&mut self) {
        let Some(ended) = self.tasks.join_next_with_id().await else { return std::future::pending().await };
        let (id, end) = match ended {
            Ok((id, end)) => (id, end),
            Err(panicked) => (JoinError::id(&panicked), End::Stuck),
        };
        let Some(lane) = self.under_way.remove(&id) else { return };
        self.busy.remove(&lane);
        if end == End::Stuck {
            self.resting.insert(lane, Instant::now());
        }
    }
}

/// Round after round until nothing is due.
fn drive(gateway: &Gateway, lane: &Lane, stop: &CancellationToken) -> End {
    let mut end = End::Stuck;
    while !stop.is_cancelled() {
        match round(gateway, lane) {
            Ok(0) => return end,
            Ok(_) => end = End::Done,
            Err(fault) => {
                error!(partner = lane.partner, endpoint = lane.endpoint, error = %fault, "cannot record deliveries");
                return End::Stuck;
            }
        }
    }
    end
}

/// One round; returns how many attempts it made.
fn round(gateway: &Gateway, lane: &Lane) -> Result<usize, ledger::Error> {
    let (config, now) = (gateway.config(), gateway.clock.now());
    let partner = PartnerId::parse(&lane.partner).ok().and_then(|id| config.partners.get(&id));
    let endpoint = partner.and_then(|partner| partner.endpoints.iter().find(|one| one.name == lane.endpoint));
    let line = match endpoint {
        Some(endpoint) if endpoint.sending.keep_order => Line::Kept,
        _ => Line::Free,
    };
    let due = gateway.ledger.read(|tx| tx.due_deliveries(lane, line, now, deliver::ROUND))?;
    if due.is_empty() {
        return Ok(0);
    }
    let attempts = deliver::attempt(&gateway.ledger, due, endpoint, now)?;
    for attempt in &attempts {
        let delivery = &attempt.delivery;
        match &attempt.outcome {
            Outcome::Sent { .. } => {
                info!(partner = delivery.partner, file = delivery.name, delivery = %delivery.id, "delivered");
            }
            Outcome::Retry { error, .. } => {
                warn!(partner = delivery.partner, file = delivery.name, delivery = %delivery.id, error, "not delivered");
            }
            Outcome::Park { error } => {
                warn!(partner = delivery.partner, file = delivery.name, delivery = %delivery.id, error, "parked");
            }
        }
    }
    gateway.books.notify_one();
    Ok(attempts.len())
}
