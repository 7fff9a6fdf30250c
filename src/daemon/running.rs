//! A started gateway: its tasks, and how it is reloaded and stopped.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::clock::Clock;
use super::gateway::Gateway;
use super::poll::{Polled, poll};
use super::stages::stage;
use super::troubles::{Troubles, What};
use super::watch::{Watch, watch};
use super::{alerts, batches, books, clocks, intake, nodes, outbox, outlets, rounds};
use crate::config::Config;
use crate::ledger::{self, Archive, Ledger};
use crate::web::front::Front;
use crate::web::host::Host;

/// A gateway at work.
#[derive(Debug)]
pub struct Running {
    /// What the stages share.
    pub gateway: Arc<Gateway>,
    tasks: TaskTracker,
    /// Stops everything.
    stop: CancellationToken,
    /// Stops the watchers alone, which a reload replaces.
    watching: CancellationToken,
    front: Front,
}

/// Opens the ledger of a configuration, making or upgrading it where needed.
pub fn open_ledger(config: &Config) -> Result<Ledger, ledger::Error> {
    Ledger::open_with(&config.ledger, Archive::open(&config.home, &config.archive)?)
}

/// Starts the stages; must be called within a tokio runtime.
pub fn start(config: Config, ledger: Ledger, clock: Clock) -> Running {
    start_with(config, ledger, clock, Arc::default())
}

/// The same, with troubles that began before.
pub fn start_with(config: Config, ledger: Ledger, clock: Clock, troubles: Arc<Troubles>) -> Running {
    if let Err(error) = ledger.archive().clear_spool() {
        warn!(%error, "cannot clear what a crash left in the spool");
    }
    let gateway = Arc::new(Gateway::new(config, ledger, clock, troubles));
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    tasks.spawn(stage(&gateway.stages, "nodes", &stop, nodes::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(nodes::listen(Arc::clone(&gateway), stop.clone()));
    tasks.spawn(stage(&gateway.stages, "intake", &stop, intake::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(stage(&gateway.stages, "outbox", &stop, outbox::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(stage(&gateway.stages, "outlets", &stop, outlets::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(stage(&gateway.stages, "batches", &stop, batches::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(stage(&gateway.stages, "books", &stop, books::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(stage(&gateway.stages, "clocks", &stop, clocks::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(stage(&gateway.stages, "alerts", &stop, alerts::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(stage(&gateway.stages, "rounds", &stop, rounds::work(Arc::clone(&gateway), stop.clone())));
    tasks.spawn(look_for_damage_now_and_then(Arc::clone(&gateway), stop.clone()));
    let watching = stop.child_token();
    let front = Front::start(Arc::clone(&gateway) as Arc<dyn Host>, &tasks, &stop);
    let running = Running { gateway, tasks, stop, watching, front };
    running.watch_folders();
    running
}

/// How often the ledger is looked over; a reload does it as well.
const LOOK_FOR_DAMAGE_EVERY: Duration = Duration::from_secs(3600);

async fn look_for_damage_now_and_then(gateway: Arc<Gateway>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let (looking, stopping) = (Arc::clone(&gateway), stop.clone());
        // A drain does not wait for it: it reads every page and may take minutes.
        let look = tokio::task::spawn_blocking(move || looking.look_for_damage(&stopping));
        tokio::select! {
            () = stop.cancelled() => return,
            _ = look => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = gateway.reloaded.notified() => {}
            () = tokio::time::sleep(LOOK_FOR_DAMAGE_EVERY) => {}
        }
    }
}

impl Running {
    fn watch_folders(&self) {
        let config = self.gateway.config();
        for partner in config.partners.values() {
            for endpoint in &partner.endpoints {
                if let Some(pick_up) = &endpoint.pick_up {
                    let one =
                        Watch { partner: partner.id.clone(), endpoint: endpoint.clone(), pick_up: pick_up.clone() };
                    self.tasks.spawn(watch(Arc::clone(&self.gateway), one, self.watching.clone()));
                }
                if let Some(api) = endpoint.poll() {
                    let (partner, name) = (partner.id.clone(), endpoint.name.clone());
                    let one = Polled { partner, endpoint: name, api: Arc::clone(api), limit: endpoint.limit };
                    self.tasks.spawn(poll(Arc::clone(&self.gateway), one, self.watching.clone()));
                }
            }
        }
    }

    /// Puts another configuration in force: work that began keeps the old one, folders are watched anew.
    pub fn reload(&mut self, config: Config) {
        self.forget_troubles_of_what_is_gone(&config);
        self.gateway.replace_config(config);
        self.watching.cancel();
        self.watching = self.stop.child_token();
        self.watch_folders();
        self.front.reload();
        self.gateway.clocks.notify_one();
        self.gateway.reloaded.notify_one();
        info!("configuration reloaded");
    }

    /// Nobody looks any more at what the new configuration does not name.
    fn forget_troubles_of_what_is_gone(&self, config: &Config) {
        for what in self.gateway.troubles.affected() {
            if let What::Alert { target } = &what
                && !config.alerts.iter().any(|one| one.name == *target)
            {
                self.gateway.troubles.clear(&what, self.gateway.clock.now());
            }
            let Some((partner, endpoint)) = what.endpoint() else { continue };
            let partner = config.partners.values().find(|one| one.id.as_str() == partner);
            let named = partner.and_then(|partner| partner.endpoints.iter().find(|one| one.name == endpoint));
            let is_named = named.is_some_and(|endpoint| match what {
                What::DropOff { .. } => endpoint.drop_off.is_some(),
                _ => endpoint.pick_up.is_some() || endpoint.poll().is_some(),
            });
            if !is_named {
                self.gateway.troubles.clear(&what, self.gateway.clock.now());
            }
        }
    }

    /// Counts blocking work among what a drain waits for.
    #[cfg(test)]
    pub(crate) fn track_blocking(&self, work: impl FnOnce() + Send + 'static) {
        self.tasks.spawn_blocking(work);
    }

    /// Stops: no new file is claimed, what was begun ends. False when the limit ran out first; even then nothing is
    /// lost, since every stage leaves its rows in a state from which the next start goes on.
    pub async fn drain(self, within: Duration) -> bool {
        self.gateway.readiness.drain();
        self.stop.cancel();
        self.tasks.close();
        let drained = tokio::time::timeout(within, self.tasks.wait()).await.is_ok();
        self.front.close().await;
        if !drained {
            warn!(?within, "the drain ran out of time; the next start goes on where this one stopped");
        }
        drained
    }
}
