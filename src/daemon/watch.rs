//! Watching one pick-up folder: look, let files settle, claim, capture, put away.
//!
//! The periodic look is the truth; file-system events only wake it early, since they are lost on overflow, on network
//! file systems, and before the watch began. A fault of the folder is told once when it begins and once when it ends.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::gateway::Gateway;
use crate::capture::settling::Settling;
use crate::capture::{self, Arrival, Captured};
use crate::config::partner::{PartnerId, PickUp};
use crate::crash;
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
    let mut look = Look {
        stop: stop.clone(),
        gateway,
        watch,
        settling: Settling::default(),
        told: HashSet::new(),
        faults: HashSet::new(),
        recovered: false,
    };
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
    let woken = move |event: notify::Result<notify::Event>| {
        // Our own looks open the folder; an event of that would wake the next look, for ever.
        let is_a_mere_look = event.is_ok_and(|event| match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Access(_) => true,
            _ => false,
        });
        if !is_a_mere_look {
            wake.notify_one();
        }
    };
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
    /// Once this is cancelled no further file is claimed.
    stop: CancellationToken,
    watch: Watch,
    settling: Settling,
    /// The faults that earlier looks told and that still held at the last one.
    told: HashSet<String>,
    /// The faults of this look.
    faults: HashSet<String>,
    /// No claimed file waits to be taken care of: none from an earlier life, none that failed in this one.
    recovered: bool,
}

impl Look {
    /// One look at the folder; true when files are still settling.
    fn look(&mut self) -> bool {
        let more = self.look_and_take();
        // What no longer holds may be told again when it comes back.
        self.told = std::mem::take(&mut self.faults);
        more
    }

    fn look_and_take(&mut self) -> bool {
        if !self.recovered {
            match folder::leftovers(&self.watch.pick_up) {
                Ok(claimed) => {
                    self.recovered = true;
                    for claimed in &claimed {
                        self.capture(claimed);
                    }
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
        for candidate in &whole {
            if self.stop.is_cancelled() {
                break;
            }
            self.take(candidate);
        }
        if let Some(oddity) = oddity {
            self.tell_diagnostic(&oddity);
        }
        more
    }

    /// Claims and captures one file; a fault leaves it to the next look.
    fn take(&mut self, candidate: &Candidate) {
        match folder::claim(candidate, &self.watch.pick_up) {
            Ok(claimed) => self.capture(&claimed),
            Err(error) => {
                let diagnostic = Diagnostic::new(&custody::UNREADABLE_FILE, error.to_string());
                self.tell_diagnostic(&diagnostic.at(place(&candidate.path)));
            }
        }
    }

    /// Records a claimed file and puts it away; what fails is tried again at the next look.
    fn capture(&mut self, claimed: &Claimed) {
        let arrival = Arrival {
            partner: self.watch.partner.clone(),
            endpoint: self.watch.endpoint.clone(),
            claimed: claimed.clone(),
            at: self.gateway.clock.now(),
        };
        let captured = match capture::capture(&self.gateway.ledger, &arrival) {
            Ok(captured) => captured,
            Err(error) => {
                self.recovered = false;
                let message = format!("{} stays claimed: {error}", claimed.name);
                self.tell_diagnostic(&Diagnostic::new(&custody::NOT_CAPTURED, message).at(place(&claimed.path)));
                return;
            }
        };
        if let Captured::New(id) = &captured {
            info!(partner = %arrival.partner, file = claimed.name, transmission = %id, "captured");
            self.gateway.captured.notify_one();
        }
        crash::point("capture.put_away.before");
        if let Err(error) = folder::put_away(claimed, &self.watch.pick_up.then) {
            self.recovered = false;
            let diagnostic = Diagnostic::new(&custody::MOVE_FAILED, error.to_string()).at(place(&claimed.path));
            self.tell_diagnostic(&diagnostic);
        }
        crash::point("capture.put_away.after");
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
        self.faults.insert(text.clone());
        if self.told.contains(&text) {
            return;
        }
        warn!(partner = %self.watch.partner, endpoint = self.watch.endpoint, code = diagnostic.code.code, "{}", diagnostic.message);
        self.gateway.journal_fault(&self.watch.partner, &self.watch.endpoint, diagnostic);
    }
}

fn place(path: &Path) -> Place {
    Place { file: Some(path.display().to_string()), ..Place::default() }
}
