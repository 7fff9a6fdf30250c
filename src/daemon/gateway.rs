//! What every stage shares: the configuration in force, the ledger, the clock, and the wake-ups between stages.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;
use tracing::error;

use super::clock::Clock;
use super::nodes::Nodes;
use crate::config::Config;
use crate::config::partner::PartnerId;
use crate::diagnostic::{Diagnostic, Record};
use crate::ledger::Ledger;
use crate::ledger::event::{EventKind, NewEvent};

/// The running gateway.
#[derive(Debug)]
pub struct Gateway {
    config: RwLock<Arc<Config>>,
    /// The books.
    pub ledger: Ledger,
    /// The time.
    pub clock: Clock,
    /// This process among those that share the ledger.
    pub nodes: Nodes,
    /// Something was captured.
    pub captured: Notify,
    /// Something is due to be delivered.
    pub due: Notify,
    /// An acknowledgment came in, or a clock was started.
    pub books: Notify,
}

impl Gateway {
    /// A gateway over an open ledger.
    pub fn new(config: Config, ledger: Ledger, clock: Clock) -> Gateway {
        let nodes = Nodes::of(&config, ledger.is_shared());
        Gateway {
            nodes,
            config: RwLock::new(Arc::new(config)),
            ledger,
            clock,
            captured: Notify::new(),
            due: Notify::new(),
            books: Notify::new(),
        }
    }

    /// The configuration in force now; a piece of work keeps the one that it began with.
    pub fn config(&self) -> Arc<Config> {
        // Nothing panics while it holds this lock, and a whole Arc is all that it guards.
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another configuration in force for all work that begins from now on.
    pub fn replace_config(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// Writes a fault of the wire, not of a document, into the partner's journal.
    pub fn journal_fault(&self, partner: &PartnerId, endpoint: &str, diagnostic: &Diagnostic) {
        let event = NewEvent {
            partner: partner.to_string(),
            at: self.clock.now(),
            kind: EventKind::Fault,
            text: format!("{endpoint}: {}", diagnostic.message),
            data: serde_json::to_value(Record::from(diagnostic)).unwrap_or_default(),
            ..NewEvent::default()
        };
        if let Err(error) = self.ledger.write(move |tx| tx.append_event(&event)) {
            error!(%partner, %error, "cannot write the journal");
        }
    }
}
