//! Due deliveries go out, one lane per partner and endpoint: whoever is slow or gone holds up nobody else.
//!
//! ```text
//! dispatcher    asks which lanes have something due and starts those that are not under way
//! lane          one round after the other: fetch what is due, attempt it, record it; ends when nothing is due
//! ```
//!
//! A lane holds one round in memory, however much waits behind it. A lane that found nothing to do rests for a moment:
//! where an endpoint keeps the order, what is due may still wait for another.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{Span, debug, field, info, info_span, warn};

use super::gateway::Gateway;
use super::nodes::Hold;
use super::traffic::Way;
use super::troubles::What;
use crate::config::partner::{Endpoint, PartnerId, Wire};
use crate::deliver::{self, Attempt, Attempted, Target};
use crate::ledger;
use crate::ledger::Id;
use crate::ledger::delivery::{Delivery, Failed, Lane, Line, Outcome};
use crate::ledger::gauges::Drop;
use crate::transport::outlet::Outlet;

/// How often the ledger is asked when nothing woke us: retries come due by the clock alone.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A look at a long queue costs; between two looks this many times as long passes as the last one took.
const LOOK_SHARE: u32 = 4;

/// Sends what is due until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    let clearing = Arc::clone(&gateway);
    // It only tidies: what it cannot do now the next start does.
    let _ = tokio::task::spawn_blocking(move || forget_recorded(&clearing)).await;
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
    tokio::task::spawn_blocking(move || lanes_that_may_go(&asking)).await.unwrap_or_default()
}

/// What may go out now. While nothing can be recorded that is nothing: what is left in a folder must get its receipt.
fn lanes_that_may_go(gateway: &Gateway) -> Vec<Lane> {
    let due = match gateway.ledger.read(|tx| tx.due_lanes(gateway.clock.now())) {
        Ok(due) => due,
        Err(fault) => {
            gateway.tell_fault(&fault, "cannot look for due deliveries, trying again");
            return Vec::new();
        }
    };
    if !due.is_empty() && !gateway.custody_is_possible() {
        return Vec::new();
    }
    due.into_iter().filter(|lane| !gateway.is_closed(&lane.partner, &lane.endpoint)).collect()
}

/// Tidies what an earlier life left in the folders that we deliver to. A server is asked when something goes to it.
fn forget_recorded(gateway: &Gateway) {
    for partner in gateway.config().partners.values() {
        for endpoint in partner.endpoints.iter().filter(|endpoint| endpoint.via == Wire::Folder) {
            let Some(outlet) = gateway.outlets.of(&partner.id, endpoint) else { continue };
            tidy(gateway, outlet.as_ref());
        }
    }
}

/// True when nothing of an earlier life is left.
fn tidy(gateway: &Gateway, outlet: &dyn Outlet) -> bool {
    match deliver::forget_recorded(&gateway.ledger, outlet) {
        Ok(tidied) => tidied,
        Err(fault) => {
            warn!(error = %fault, "cannot forget attempts that are recorded");
            false
        }
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
    if let (_, Some(outlet)) = ends_of(gateway, lane) {
        if gateway.ledger.is_shared() {
            outlet.look_again();
        }
        if !gateway.outlets.is_tidy(lane) && tidy(gateway, outlet.as_ref()) {
            gateway.outlets.was_tidied(lane);
        }
    }
    while !stop.is_cancelled() && gateway.custody_is_possible() {
        match rounds(gateway, lane) {
            Ok(0) => break,
            Ok(_) => end = End::Done,
            Err(fault) => {
                // Nothing is wrong when one of two nodes goes first.
                if !matches!(fault, ledger::Error::Contended) {
                    gateway.tell_fault(&fault, "cannot record deliveries");
                }
                end = End::Stuck;
                break;
            }
        }
    }
    if let Err(fault) = gateway.nodes.give_back(&gateway.ledger, &lane.partner, &lane.endpoint) {
        debug!(error = %fault, "cannot give a lane back; it comes back by itself");
    }
    end
}

/// The endpoint of a lane as the configuration has it now, and what leaves files by it.
fn ends_of(gateway: &Gateway, lane: &Lane) -> (Option<Endpoint>, Option<Arc<dyn Outlet>>) {
    let endpoint = gateway.endpoint(&lane.partner, &lane.endpoint);
    let partner = PartnerId::parse(&lane.partner).ok();
    let outlet = partner.zip(endpoint.as_ref()).and_then(|(id, endpoint)| gateway.outlets.of(&id, endpoint));
    (endpoint, outlet)
}

/// How many rounds are fetched together.
const AHEAD: u32 = 8;
/// How many of them go out side by side: while one waits for the disk or for the books, the other writes.
const SIDE_BY_SIDE: usize = 2;

/// A few rounds; returns how many attempts they made.
fn rounds(gateway: &Gateway, lane: &Lane) -> Result<usize, ledger::Error> {
    // Several nodes never send by one endpoint at the same time.
    let Some(hold) = gateway.nodes.hold(&gateway.ledger, &lane.partner, &lane.endpoint)? else { return Ok(0) };
    let now = gateway.clock.now();
    let (endpoint, outlet) = ends_of(gateway, lane);
    let is_closed = endpoint.as_ref().is_some_and(|endpoint| endpoint.closed_until(now).is_some());
    if is_closed || outlet.as_ref().is_some_and(|outlet| outlet.waits()) {
        return Ok(0);
    }
    // Where the order is kept, nothing goes out before what became of the one before it is on record.
    let (line, ahead, workers) = match &endpoint {
        Some(endpoint) if endpoint.sending.keep_order => (Line::Kept, 1, 1),
        Some(endpoint) => (Line::Free, AHEAD, SIDE_BY_SIDE.min(endpoint.sending.at_once)),
        None => (Line::Free, AHEAD, 1),
    };
    let mut due = gateway.ledger.read(|tx| tx.due_deliveries(lane, line, now, deliver::ROUND * ahead))?;
    let mut waiting = VecDeque::new();
    while !due.is_empty() {
        let later = due.split_off(due.len().min(deliver::ROUND as usize));
        waiting.push_back(std::mem::replace(&mut due, later));
    }
    let workers = workers.min(waiting.len());
    let target = endpoint.as_ref().map(|endpoint| Target { endpoint, outlet: outlet.as_ref() });
    let rounds = Rounds { gateway, lane, target, now, hold, waiting: Mutex::new(waiting) };
    if workers < 2 {
        return rounds.work();
    }
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| rounds.work())).collect();
        let ends = workers.into_iter().map(|worker| worker.join().unwrap_or(Err(ledger::Error::Panicked)));
        // One that failed left what it did not do to a later round.
        ends.reduce(|one, other| Ok(one? + other?)).unwrap_or(Ok(0))
    })
}

/// Rounds of one lane that wait to go out.
struct Rounds<'a> {
    gateway: &'a Gateway,
    lane: &'a Lane,
    target: Option<Target<'a>>,
    now: Timestamp,
    hold: Hold,
    waiting: Mutex<VecDeque<Vec<Delivery>>>,
}

impl Rounds<'_> {
    /// One round after the other, until none waits; while one is being recorded, the next goes out.
    fn work(&self) -> Result<usize, ledger::Error> {
        let (mut made, mut under_way) = (0, None);
        while let Some(due) = self.next() {
            let still_ours = || self.hold.lasts();
            let next = deliver::attempt(&self.gateway.ledger, due, self.target, self.now, &still_ours)?;
            if let Some(before) = under_way.replace(next) {
                made += ended(self.gateway, self.lane, self.target, before)?;
            }
        }
        if let Some(last) = under_way {
            made += ended(self.gateway, self.lane, self.target, last)?;
        }
        Ok(made)
    }

    fn next(&self) -> Option<Vec<Delivery>> {
        // A queue cannot be half changed.
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.hold.lasts().then(|| waiting.pop_front())?
    }
}

/// Waits until a round is on record and tells what became of it; returns how many attempts it made.
fn ended(gateway: &Gateway, lane: &Lane, target: Option<Target<'_>>, round: Attempted) -> Result<usize, ledger::Error> {
    let attempts = round.recorded()?;
    let drops = drops(gateway, &attempts);
    for attempt in &attempts {
        let delivery = &attempt.delivery;
        let _within = span(attempt, &drops).entered();
        match &attempt.outcome {
            Outcome::Sent { .. } => {
                info!(partner = delivery.partner, file = delivery.name, delivery = %delivery.id, "delivered");
            }
            Outcome::Failed(Failed { error, again }) | Outcome::Unclear(Failed { error, again }) => {
                let what = if again.is_some() { "not delivered" } else { "parked" };
                warn!(partner = delivery.partner, file = delivery.name, delivery = %delivery.id, error, "{what}");
            }
        }
    }
    gateway.metrics.attempted(&attempts, &drops, gateway.clock.now());
    count(gateway, lane, &attempts);
    tell_of_drop_off(gateway, lane, target, &attempts);
    gateway.books.notify_one();
    gateway.clocks.notify_one();
    Ok(attempts.len())
}

/// Of about how many attempts of a round it is looked up what they go back to: a full outbox costs no more than this.
const LOOKED_UP: usize = 32;

/// When and as what some of a round came in, evenly among all. What cannot be read now is missing in the log and in the figures
/// alone.
fn drops(gateway: &Gateway, attempts: &[Attempt]) -> Vec<Drop> {
    let every = attempts.len().div_ceil(LOOKED_UP).max(1);
    let ids: Vec<Id> = attempts.iter().step_by(every).map(|attempt| attempt.delivery.id.clone()).collect();
    if ids.is_empty() { Vec::new() } else { gateway.ledger.read(|tx| tx.drops_of(&ids)).unwrap_or_default() }
}

/// What the lines about an attempt have in common: all ids by which its way can be followed.
fn span(attempt: &Attempt, drops: &[Drop]) -> Span {
    let delivery = &attempt.delivery;
    let span = info_span!(
        "delivery",
        delivery = %delivery.id,
        transmission = %delivery.transmission,
        partner = delivery.partner,
        endpoint = delivery.endpoint,
        attempt = delivery.attempts + 1,
        what = delivery.label,
        brought_by = field::Empty,
    );
    if let Some(drop) = drops.iter().find(|drop| drop.delivery == delivery.id) {
        span.record("brought_by", field::display(&drop.transmission));
    }
    span
}

fn count(gateway: &Gateway, lane: &Lane, attempts: &[Attempt]) {
    let (way, now) = (Way::to(&lane.partner, &lane.endpoint), gateway.clock.now());
    let sent = attempts.iter().filter(|attempt| matches!(attempt.outcome, Outcome::Sent { .. })).count();
    if sent > 0 {
        gateway.traffic.worked(&way, sent, now);
    }
    if let Some(failed) = attempts.iter().rev().find_map(|attempt| attempt.outcome.failed()) {
        gateway.traffic.failed(&way, &failed.error, now);
    }
}

/// A folder that takes nothing is a trouble of its own, which ends when it takes files again; a folder that refused one
/// delivery (its name was taken) is not.
fn tell_of_drop_off(gateway: &Gateway, lane: &Lane, target: Option<Target<'_>>, attempts: &[Attempt]) {
    let what = What::DropOff { partner: lane.partner.clone(), endpoint: lane.endpoint.clone() };
    let Some(outlet) = target.and_then(|target| target.outlet) else { return };
    if attempts.iter().any(|attempt| matches!(attempt.outcome, Outcome::Sent { .. })) {
        gateway.troubles.clear(&what, gateway.clock.now());
    } else if let (false, Err(diagnostic)) = (attempts.is_empty(), outlet.accepts()) {
        gateway.troubles.raise(what, &diagnostic, gateway.clock.now());
    }
}
