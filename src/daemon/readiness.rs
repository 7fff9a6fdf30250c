//! Whether work may be sent here: what custody stands on takes bytes, the stages are at work, and the daemon does not drain.
//!
//! ```text
//! gateway.not_ready()    []  or  [ { what: "ledger", why: "the disk that holds the ledger is full; …" } ]
//! ```
//!
//! The ledger shows it by taking a row, at most once a second whoever asks how often. A ledger that hangs is asked once, and
//! not again before it answers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::custody::keeps_a_row;
use super::gateway::Gateway;
use crate::ledger::Ledger;
use crate::web::health::NotReady;

/// How long the ledger may take to keep a row.
const LEDGER_WITHIN: Duration = Duration::from_secs(3);
/// How long what the ledger showed is believed.
const BELIEVED_FOR: Duration = Duration::from_secs(1);

/// What is known of the readiness.
#[derive(Debug, Default)]
pub struct Readiness {
    /// The daemon ends what it began, and begins nothing.
    draining: AtomicBool,
    ledger: Mutex<Option<(Instant, Option<String>)>>,
    /// The ledger was asked and has not answered.
    asking: Arc<AtomicBool>,
}

impl Readiness {
    /// From now on the daemon drains.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Why the ledger does not take a row.
    fn ledger_fault(&self, ledger: &Ledger) -> Option<String> {
        let mut known = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((asked, fault)) = known.as_ref().filter(|(asked, _)| asked.elapsed() < BELIEVED_FOR) {
            let _ = asked;
            return fault.clone();
        }
        let fault = self.ask(ledger);
        *known = Some((Instant::now(), fault.clone()));
        fault
    }

    fn ask(&self, ledger: &Ledger) -> Option<String> {
        let hangs = || Some(format!("it has not taken a row within {} s", LEDGER_WITHIN.as_secs()));
        if self.asking.swap(true, Ordering::SeqCst) {
            return hangs();
        }
        let (answer, answered) = mpsc::channel();
        let (ledger, asking) = (ledger.clone(), Arc::clone(&self.asking));
        let ask = move || {
            let kept = keeps_a_row(&ledger);
            asking.store(false, Ordering::SeqCst);
            // Whoever asked may have given up.
            let _ = answer.send(kept);
        };
        if let Err(error) = thread::Builder::new().name("readiness".to_owned()).spawn(ask) {
            self.asking.store(false, Ordering::SeqCst);
            return Some(error.to_string());
        }
        match answered.recv_timeout(LEDGER_WITHIN) {
            Ok(kept) => kept.err().map(|error| error.to_string()),
            Err(_) => hangs(),
        }
    }
}

impl Gateway {
    /// What keeps work from being sent here; nothing when it may be. It blocks.
    pub fn not_ready(&self) -> Vec<NotReady> {
        let mut not_ready = Vec::new();
        if self.readiness.draining.load(Ordering::SeqCst) {
            not_ready.push(NotReady::new("gateway", "it is being stopped: what was begun ends, and nothing begins"));
        }
        for stage in self.stages.missed() {
            not_ready.push(NotReady::new(stage, "this stage broke off"));
        }
        let troubles = self.troubles.stopping_custody();
        not_ready.extend(troubles.iter().map(|trouble| NotReady::new(&trouble.what, &trouble.text)));
        if troubles.is_empty() && !self.custody_is_possible() {
            let troubles = self.troubles.stopping_custody();
            not_ready.extend(troubles.iter().map(|trouble| NotReady::new(&trouble.what, &trouble.text)));
        }
        if not_ready.iter().all(|one| one.what != "ledger")
            && let Some(why) = self.readiness.ledger_fault(&self.ledger)
        {
            not_ready.push(NotReady::new("ledger", why));
        }
        not_ready
    }
}
