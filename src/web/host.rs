//! What the listener needs of the house that it stands in; the daemon lends it.
//!
//! It is a trait because the arrows point down: the listener is started by the daemon and knows nothing of it, and its tests
//! play the house themselves.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::{Schema, SchemaGenerator};

use super::health::NotReady;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::ledger::remedy::By;
use crate::ledger::{self, Id, Ledger};

/// Something that does not work now.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// What is affected: `ledger`, `drop-off megamart/mailbox`.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
    /// The diagnostic code.
    pub code: String,
    /// One sentence.
    pub text: String,
    /// What to do.
    pub fix: String,
}

/// The house.
pub trait Host: Send + Sync + 'static {
    /// The configuration in force now; a piece of work keeps the one that it began with.
    fn config(&self) -> Arc<Config>;

    /// The books.
    fn ledger(&self) -> &Ledger;

    /// The time.
    fn now(&self) -> Timestamp;

    /// True when bytes can be taken into custody now. It blocks: never call it on an async thread.
    fn custody_is_possible(&self) -> bool;

    /// Tells of an error of the ledger or the archive; true when the machine is at fault, so that everybody pauses. It blocks.
    fn custody_failed(&self, error: &ledger::Error) -> bool;

    /// Something was captured, or an answer is due once more: whoever goes on with it wakes.
    fn captured(&self);

    /// So many documents came in from a partner by this endpoint.
    fn worked(&self, partner: &str, endpoint: &str, documents: usize);

    /// Something that a partner tried by this endpoint failed.
    fn failed(&self, partner: &str, endpoint: &str, why: &str);

    /// Sends the documents of a delivery once more, in a new interchange: the new delivery, or why there is none. It blocks.
    fn send_anew(&self, id: &Id, by: &By) -> Result<Result<Id, String>, ledger::Error>;

    /// What does not work here, the gravest first.
    fn troubles(&self) -> Vec<Trouble>;

    /// How the gateway is, as `edigate status --json` says it. It blocks.
    fn report(&self) -> serde_json::Value;

    /// What a report looks like.
    fn report_schema(&self, generator: &mut SchemaGenerator) -> Schema;

    /// What keeps work from being sent here; nothing when it may be. It blocks.
    fn not_ready(&self) -> Vec<NotReady>;

    /// The figures of this moment, as Prometheus reads them. It blocks.
    fn metrics(&self) -> String;

    /// Something here is in trouble: `listener 0.0.0.0:8443`, `token of erp`. Once more changes nothing but its words.
    fn raise(&self, what: &str, fault: &Diagnostic);

    /// It works again; nothing happens when it was not in trouble.
    fn clear(&self, what: &str);
}
