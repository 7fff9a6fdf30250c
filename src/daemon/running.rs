//! A started gateway: its tasks, and how it is reloaded and stopped.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::clock::Clock;
use super::gateway::Gateway;
use super::watch::{Watch, watch};
use super::{batches, books, intake, outbox};
use crate::config::{Config, LedgerAddress};
use crate::ledger::{self, Ledger};

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
}

/// Opens the ledger of a configuration, making or upgrading it where needed.
pub fn open_ledger(config: &Config) -> Result<Ledger, ledger::Error> {
    match &config.ledger {
        LedgerAddress::Sqlite(path) => Ledger::open(&config.home.join(path), &config.home),
    }
}

/// Starts the stages; must be called within a tokio runtime.
pub fn start(config: Config, ledger: Ledger, clock: Clock) -> Running {
    if let Err(error) = ledger.archive().clear_spool() {
        warn!(%error, "cannot clear what a crash left in the spool");
    }
    let gateway = Arc::new(Gateway::new(config, ledger, clock));
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    tasks.spawn(intake::work(Arc::clone(&gateway), stop.clone()));
    tasks.spawn(outbox::work(Arc::clone(&gateway), stop.clone()));
    tasks.spawn(batches::work(Arc::clone(&gateway), stop.clone()));
    tasks.spawn(books::work(Arc::clone(&gateway), stop.clone()));
    let watching = stop.child_token();
    let running = Running { gateway, tasks, stop, watching };
    running.watch_folders();
    running
}

impl Running {
    fn watch_folders(&self) {
        let config = self.gateway.config();
        for partner in config.partners.values() {
            for endpoint in &partner.endpoints {
                if let Some(pick_up) = &endpoint.pick_up {
                    let one = Watch {
                        partner: partner.id.clone(),
                        endpoint: endpoint.name.clone(),
                        pick_up: pick_up.clone(),
                    };
                    self.tasks.spawn(watch(Arc::clone(&self.gateway), one, self.watching.clone()));
                }
            }
        }
    }

    /// Puts another configuration in force: work that began keeps the old one, folders are watched anew.
    pub fn reload(&mut self, config: Config) {
        self.gateway.replace_config(config);
        self.watching.cancel();
        self.watching = self.stop.child_token();
        self.watch_folders();
        info!("configuration reloaded");
    }

    /// Counts blocking work among what a drain waits for.
    #[cfg(test)]
    pub(crate) fn track_blocking(&self, work: impl FnOnce() + Send + 'static) {
        self.tasks.spawn_blocking(work);
    }

    /// Stops: no new file is claimed, what was begun ends. False when the limit ran out first; even then nothing is
    /// lost, since every stage leaves its rows in a state from which the next start goes on.
    pub async fn drain(self, within: Duration) -> bool {
        self.stop.cancel();
        self.tasks.close();
        let drained = tokio::time::timeout(within, self.tasks.wait()).await.is_ok();
        if !drained {
            warn!(?within, "the drain ran out of time; the next start goes on where this one stopped");
        }
        drained
    }
}
