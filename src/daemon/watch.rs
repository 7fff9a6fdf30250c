//! Watching one pick-up folder: look, let files settle, claim, capture, put away.
//!
//! The periodic look is the truth; file-system events only wake it early, since they are lost on overflow, on network
//! file systems, and before the watch began. A fault of the folder is told once when it begins and once when it ends.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use notify::{RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::gateway::Gateway;
use crate::capture::settling::Settling;
use crate::capture::{self, Arrival, Captured};
use crate::config::partner::{PartnerId, PickUp};
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::transport::folder::{self, Candidate, Claimed, FolderError};

/// One pick-up folder of one partner.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Whose.
    pub partner: PartnerId,
    /// By which endpoint.
    pub endpoint: String,
    /// The folder and its rules.
    pub pick_up: PickUp,
}

/// Watches until told to stop; what was begun is finished first.
pub async fn watch(gateway: Arc<Gateway>, watch: Watch, stop: CancellationToken) {
    let wake = Arc::new(Notify::new());
    // Dropping the watcher ends its events, so it lives as long as this task.
    let _watcher = early_wake(&watch.pick_up.from, Arc::clone(&wake));
    let mut look = Look { gateway, watch, settling: Settling::default(), told: None, recovered: false };
    loop {
        let scan_every = look.gateway.config().scan_every;
        let settle = look.watch.pick_up.settle;
        let Ok((after, more)) = tokio::task::spawn_blocking(move || {
            let more = look.look();
            (look, more)
        })
        .await
        else {
            return;
        };
        look = after;
        // While a file settles, the next look comes when it can be whole.
        let pause = if more { settle.clamp(Duration::from_millis(20), scan_every) } else { scan_every };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            () = wake.notified(), if !more => {}
        }
    }
}

fn early_wake(directory: &Path, wake: Arc<Notify>) -> Option<notify::RecommendedWatcher> {
    let woken = move |_| wake.notify_one();
    let mut watcher = notify::recommended_watcher(woken).ok()?;
    match watcher.watch(directory, RecursiveMode::NonRecursive) {
        Ok(()) => Some(watcher),
        Err(error) => {
            info!(folder = %directory.display(), %error, "no file-system events here, scanning only");
            None
        }
    }
}

struct Look {
    gateway: Arc<Gateway>,
    watch: Watch,
    settling: Settling,
    /// The fault that was told last and still holds.
    told: Option<String>,
    /// Files that an earlier life left claimed were taken care of.
    recovered: bool,
}

impl Look {
    /// One look at the folder; true when files are still settling.
    fn look(&mut self) -> bool {
        if !self.recovered {
            match folder::leftovers(&self.watch.pick_up) {
                Ok(claimed) => {
                    self.recovered = claimed.iter().all(|claimed| self.capture(claimed));
                }
                Err(error) => self.tell(&error),
            }
        }
        let listing = match folder::list(&self.watch.pick_up) {
            Ok(listing) => listing,
            Err(error) => {
                self.tell(&error);
                return false;
            }
        };
        let (whole, more) = self.settling.look(&listing.candidates, self.watch.pick_up.settle, Instant::now());
        let oddity = listing.oddities.first().map(|path| {
            Diagnostic::new(&custody::NOT_A_FILE, "a link or special file is left where it is").at(place(path))
        });
        let mut fault = None;
        for candidate in &whole {
            fault = self.take(candidate).or(fault);
        }
        match fault.or(oddity) {
            Some(fault) => self.tell_diagnostic(&fault),
            None => self.told = None,
        }
        more
    }

    /// Claims and captures one file; a fault leaves it to the next look.
    fn take(&self, candidate: &Candidate) -> Option<Diagnostic> {
        match folder::claim(candidate, &self.watch.pick_up) {
            Ok(claimed) => {
                self.capture(&claimed);
                None
            }
            Err(error) => {
                Some(Diagnostic::new(&custody::UNREADABLE_FILE, error.to_string()).at(place(&candidate.path)))
            }
        }
    }

    /// True when the file is ours for good: recorded, and out of the way.
    fn capture(&self, claimed: &Claimed) -> bool {
        let arrival = Arrival {
            partner: self.watch.partner.clone(),
            endpoint: self.watch.endpoint.clone(),
            claimed: claimed.clone(),
            at: self.gateway.clock.now(),
        };
        let captured = match capture::capture(&self.gateway.ledger, &arrival) {
            Ok(captured) => captured,
            Err(error) => {
                warn!(partner = %arrival.partner, file = claimed.name, %error, "cannot capture, the file stays claimed");
                return false;
            }
        };
        if let Captured::New(id) = &captured {
            info!(partner = %arrival.partner, file = claimed.name, transmission = %id, "captured");
            self.gateway.captured.notify_one();
        }
        if let Err(error) = folder::put_away(claimed, &self.watch.pick_up.then) {
            warn!(code = custody::MOVE_FAILED.code, %error, "captured, but not put away");
        }
        true
    }

    fn tell(&mut self, error: &FolderError) {
        let code: Code = match error {
            FolderError::Gone { .. } => &custody::FOLDER_GONE,
            _ => &custody::UNREADABLE_FILE,
        };
        let diagnostic = Diagnostic::new(code, error.to_string()).at(place(&self.watch.pick_up.from));
        self.tell_diagnostic(&diagnostic);
    }

    /// Logs and journals a fault when it is another one than at the last look.
    fn tell_diagnostic(&mut self, diagnostic: &Diagnostic) {
        let text = format!("{}: {}", diagnostic.code.code, diagnostic.message);
        if self.told.as_ref() == Some(&text) {
            return;
        }
        warn!(partner = %self.watch.partner, endpoint = self.watch.endpoint, code = diagnostic.code.code, "{}", diagnostic.message);
        self.told = Some(text);
        self.gateway.journal_fault(&self.watch.partner, &self.watch.endpoint, diagnostic);
    }
}

fn place(path: &Path) -> Place {
    Place { file: Some(path.display().to_string()), ..Place::default() }
}
