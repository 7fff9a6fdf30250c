//! What every handler shares.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::body::Spool;
use super::host::Host;
use super::page::days::Days;
use super::peers::Counts;
use super::tokens::Tokens;
use crate::config::partner::PartnerId;

/// The house, the spool, and who may come in.
pub struct Context {
    /// The house.
    pub host: Arc<dyn Host>,
    /// Where large bodies go while they come.
    pub spool: Spool,
    /// The tokens of the API.
    pub tokens: Tokens,
    /// Passwords that may be looked at in the same moment.
    pub sign_ins: Semaphore,
    /// What went through each day, for the page of today.
    pub days: Days,
    /// How many documents each partner hands in at this moment.
    pub busy: Counts<PartnerId>,
}
