//! The outlets of the configuration in force: each is opened once and kept while its endpoint says the same.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::gateway::Gateway;
use super::troubles::What;
use crate::config::partner::{Endpoint, PartnerId};
use crate::ledger::delivery::Lane;
use crate::transport::{self, outlet::Outlet};

/// An outlet, and the endpoint as it was when it was opened.
type Opened = (Endpoint, Arc<dyn Outlet>);

/// By partner and endpoint.
#[derive(Default)]
pub struct Outlets {
    open: Mutex<HashMap<(PartnerId, String), Opened>>,
    tidy: Mutex<HashSet<Lane>>,
}

impl fmt::Debug for Outlets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outlets").finish_non_exhaustive()
    }
}

impl Outlets {
    /// The outlet of an endpoint; `None` where it takes no files. Nothing is connected before something is sent.
    pub fn of(&self, partner: &PartnerId, endpoint: &Endpoint) -> Option<Arc<dyn Outlet>> {
        // A map cannot be half changed.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (partner.clone(), endpoint.name.clone());
        match open.get(&at) {
            Some((as_it_was, outlet)) if as_it_was == endpoint => return Some(Arc::clone(outlet)),
            _ => {}
        }
        let outlet = transport::outlet_of(endpoint)?;
        open.insert(at, (endpoint.clone(), Arc::clone(&outlet)));
        Some(outlet)
    }
}

impl Outlets {
    /// True once what an earlier life left behind a lane was removed.
    pub fn is_tidy(&self, lane: &Lane) -> bool {
        self.tidy.lock().unwrap_or_else(PoisonError::into_inner).contains(lane)
    }

    /// Says so.
    pub fn was_tidied(&self, lane: &Lane) {
        self.tidy.lock().unwrap_or_else(PoisonError::into_inner).insert(lane.clone());
    }

    /// Lets go what was not used for a while.
    pub fn rest(&self) {
        let open: Vec<Arc<dyn Outlet>> = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.values().map(|(_, outlet)| Arc::clone(outlet)).collect()
        };
        open.iter().for_each(|outlet| outlet.rest());
    }
}

/// How often troubled outlets are tried again, and resting ones closed.
const EVERY: Duration = Duration::from_secs(1);

/// Tries outlets that took nothing, each by itself, until told to stop: one whose server does not answer holds up nobody.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    let mut trials: JoinSet<()> = JoinSet::new();
    let mut under_way: HashMap<tokio::task::Id, What> = HashMap::new();
    while !stop.is_cancelled() {
        for what in gateway.troubles.affected() {
            if matches!(what, What::DropOff { .. }) && !under_way.values().any(|busy| *busy == what) {
                let (gateway, its) = (Arc::clone(&gateway), what.clone());
                under_way.insert(trials.spawn_blocking(move || try_again(&gateway, &its)).id(), what);
            }
        }
        let resting = Arc::clone(&gateway);
        trials.spawn_blocking(move || resting.outlets.rest());
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
        while let Some(ended) = trials.try_join_next_with_id() {
            let id = ended.map_or_else(|panicked| panicked.id(), |(id, ())| id);
            under_way.remove(&id);
        }
    }
    // A drain does not wait for a server that does not answer.
    trials.detach_all();
}

/// What takes files again gets what waits for it at once, however long the pause was to be.
fn try_again(gateway: &Gateway, what: &What) {
    let What::DropOff { partner, endpoint } = what else { return };
    let config = gateway.config();
    let known = PartnerId::parse(partner).ok().and_then(|id| config.partners.get(&id));
    let outlet = known.and_then(|partner| {
        let endpoint = partner.endpoints.iter().find(|one| one.name == *endpoint)?;
        gateway.outlets.of(&partner.id, endpoint)
    });
    if gateway.troubles.holds(&What::Ledger) || outlet.is_some_and(|outlet| outlet.accepts().is_err()) {
        return;
    }
    let now = gateway.clock.now();
    let (partner, endpoint) = (partner.clone(), endpoint.clone());
    match gateway.ledger.write(move |tx| tx.retry_now(&partner, &endpoint, now)) {
        Ok(_) => {
            gateway.troubles.clear(what, now);
            gateway.due.notify_one();
        }
        Err(fault) => gateway.tell_fault(&fault, "cannot put deliveries back"),
    }
}
