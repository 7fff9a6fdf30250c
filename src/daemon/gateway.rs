//! What every stage shares: the configuration in force, the ledger, the clock, and the wake-ups between stages.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::clock::Clock;
use super::custody::Ground;
use super::early::Early;
use super::metrics::Metrics;
use super::nodes::Nodes;
use super::outlets::Outlets;
use super::readiness::Readiness;
use super::stages::Stages;
use super::traffic::Traffic;
use super::troubles::Troubles;
use crate::config::Config;
use crate::config::partner::{Endpoint, PartnerId};
use crate::ledger::Ledger;
use crate::ledger::shelf::Shelf;

/// The running gateway.
#[derive(Debug)]
pub struct Gateway {
    config: RwLock<Arc<Config>>,
    /// Since when it runs.
    pub since: Timestamp,
    /// The books.
    pub ledger: Ledger,
    /// Documents that were read from them lately.
    pub shelf: Shelf,
    /// The time.
    pub clock: Clock,
    /// This process among those that share the ledger.
    pub nodes: Nodes,
    /// Who is woken by file-system events.
    pub early: Arc<Early>,
    /// Where files are left.
    pub outlets: Outlets,
    /// What is in trouble now.
    pub troubles: Arc<Troubles>,
    /// What went through each endpoint.
    pub traffic: Arc<Traffic>,
    /// The stages that should be at work.
    pub stages: Arc<Stages>,
    /// The figures of this process.
    pub metrics: Metrics,
    /// What is known of whether work may be sent here.
    pub(super) readiness: Readiness,
    /// What custody stands on.
    pub(super) ground: Ground,
    /// Something was captured.
    pub captured: Notify,
    /// Something is due to be delivered.
    pub due: Notify,
    /// An acknowledgment came in, or a clock was started.
    pub books: Notify,
    /// The journal tells of something that clocks run by.
    pub clocks: Notify,
    /// The configuration was read again.
    pub reloaded: Notify,
}

impl Gateway {
    /// A gateway over an open ledger.
    pub fn new(config: Config, ledger: Ledger, clock: Clock, troubles: Arc<Troubles>) -> Gateway {
        let nodes = Nodes::of(&config, ledger.is_shared());
        let ground = Ground::of(&config);
        Gateway {
            since: clock.now(),
            nodes,
            early: Arc::default(),
            outlets: Outlets::default(),
            traffic: Arc::default(),
            stages: Arc::default(),
            metrics: Metrics::default(),
            readiness: Readiness::default(),
            config: RwLock::new(Arc::new(config)),
            ledger,
            shelf: Shelf::default(),
            clock,
            troubles,
            ground,
            captured: Notify::new(),
            due: Notify::new(),
            books: Notify::new(),
            clocks: Notify::new(),
            reloaded: Notify::new(),
        }
    }

    /// The configuration in force now; a piece of work keeps the one that it began with.
    pub fn config(&self) -> Arc<Config> {
        // Nothing panics while it holds this lock, and a whole Arc is all that it guards.
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// An endpoint as the configuration has it now.
    pub fn endpoint(&self, partner: &str, name: &str) -> Option<Endpoint> {
        let (config, id) = (self.config(), PartnerId::parse(partner).ok()?);
        config.partners.get(&id)?.endpoints.iter().find(|one| one.name == name).cloned()
    }

    /// True outside the hours in which an endpoint may be used.
    pub fn is_closed(&self, partner: &str, name: &str) -> bool {
        self.endpoint(partner, name).is_some_and(|endpoint| endpoint.closed_until(self.clock.now()).is_some())
    }

    /// Puts another configuration in force for all work that begins from now on.
    pub fn replace_config(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }
}
