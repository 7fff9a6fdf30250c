//! Watching one pick-up folder: look, let files settle, claim, capture, put away.
//!
//! The periodic look is the truth; file-system events only wake it early, since they are lost on overflow, on network
//! file systems, and before the watch began. A fault of the folder is told once when it begins and once when it ends.
//! While custody cannot be taken ([`super::custody`]), files stay where they are and the folder is only looked at.

use std::collections::HashSet;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::early::Early;
use super::gateway::Gateway;
use super::troubles::What;
use crate::capture::settling::Settling;
use crate::capture::{self, Arrival, Captured};
use crate::config::duplicates::Duplicates;
use crate::config::partner::{PartnerId, PickUp};
use crate::crash;
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::ledger;
use crate::transport::folder::{self, Candidate, Claimed, FolderError};

/// How many files are claimed before they are recorded together.
const BATCH: usize = 256;
/// How soon to look again while custody cannot be taken.
const PAUSED_LOOK: Duration = Duration::from_secs(1);

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
    // Dropping it ends its wakes, so it lives as long as this task.
    let _watched = Early::watch(&gateway.early, &watch.pick_up.from, &wake);
    let mut look = Look {
        stop: stop.clone(),
        gateway,
        watch,
        settling: Settling::default(),
        told: HashSet::new(),
        faults: HashSet::new(),
        recovered: false,
        paused: false,
    };
    look.take_over_troubles();
    let gateway = Arc::clone(&look.gateway);
    loop {
        // Heard from before the look on, so that nothing that comes during it is missed.
        let mut gained = pin!(gateway.nodes.gained.notified());
        gained.as_mut().enable();
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
        let pause = match more {
            _ if look.paused => PAUSED_LOOK.min(scan_every),
            // While a file settles, the next look comes when it can be whole.
            true => settle.clamp(Duration::from_millis(20), scan_every),
            false => scan_every,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            () = wake.notified(), if !more => {}
            () = gained => {}
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
    told: HashSet<What>,
    /// The faults of this look.
    faults: HashSet<What>,
    /// No claimed file waits to be taken care of: none from an earlier life, none that failed in this one.
    recovered: bool,
    /// Files were left where they are, since custody could not be taken.
    paused: bool,
}

impl Look {
    /// A watcher before this one may have told of troubles; they end here.
    fn take_over_troubles(&mut self) {
        let ours = (self.watch.partner.as_str(), self.watch.endpoint.as_str());
        let of_pick_ups = |what: &What| !matches!(what, What::DropOff { .. }) && what.endpoint() == Some(ours);
        self.told = self.gateway.troubles.affected().into_iter().filter(of_pick_ups).collect();
    }

    /// Asked before every claim and every capture: the folder is looked at again soon when it says no.
    fn may_take(&mut self) -> bool {
        if self.stop.is_cancelled() {
            return false;
        }
        self.paused = !self.gateway.custody_is_possible();
        !self.paused
    }

    /// One look at the folder; true when files are still settling.
    fn look(&mut self) -> bool {
        let more = self.look_and_take();
        let faults = std::mem::take(&mut self.faults);
        if self.paused {
            // Not everything was looked at, so nothing is said to be over.
            self.told.extend(faults);
            return more;
        }
        for over in self.told.difference(&faults) {
            self.gateway.troubles.clear(over, self.gateway.clock.now());
        }
        self.told = faults;
        more
    }

    fn look_and_take(&mut self) -> bool {
        if !self.gateway.nodes.may_poll(self.watch.partner.as_str(), &self.watch.endpoint) {
            // Whoever polls it meanwhile takes care of what is claimed; when it is ours again, we look for leftovers.
            self.recovered = false;
            return false;
        }
        self.paused = false;
        if !self.recovered {
            self.recover();
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
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = format!("{name} is a link or special file and is left where it is");
            (name, Diagnostic::new(&custody::NOT_A_FILE, text).at(place(path)))
        });
        for candidates in whole.chunks(BATCH) {
            if !self.may_take() {
                break;
            }
            let claimed: Vec<Claimed> = candidates.iter().filter_map(|candidate| self.claim(candidate)).collect();
            self.capture(&claimed);
        }
        if let Some((name, oddity)) = oddity {
            self.tell_file(&name, &oddity);
        }
        more
    }

    /// Captures what was claimed before and not taken care of.
    fn recover(&mut self) {
        match folder::leftovers(&self.watch.pick_up) {
            Ok(claimed) => {
                self.recovered = true;
                for claimed in claimed.chunks(BATCH) {
                    if !self.may_take() {
                        self.recovered = false;
                        break;
                    }
                    self.capture(claimed);
                }
            }
            Err(error) => self.tell(&error),
        }
    }

    /// Claims one file; a fault leaves it to the next look.
    fn claim(&mut self, candidate: &Candidate) -> Option<Claimed> {
        if !self.may_take() {
            return None;
        }
        match folder::claim(candidate, &self.watch.pick_up) {
            Ok(claimed) => Some(claimed),
            Err(error) => {
                let diagnostic = Diagnostic::new(&custody::UNREADABLE_FILE, error.to_string());
                self.tell_file(&candidate.name, &diagnostic.at(place(&candidate.path)));
                None
            }
        }
    }

    /// Records claimed files, which share a commit, and puts each away; what fails is tried again at the next look.
    fn capture(&mut self, claimed: &[Claimed]) {
        let (at, duplicates) = (self.gateway.clock.now(), self.policies());
        let arrivals = claimed.iter().map(|claimed| {
            let (partner, endpoint) = (self.watch.partner.clone(), self.watch.endpoint.clone());
            Arrival { partner, endpoint, claimed: claimed.clone(), message_id: None, duplicates, at }
        });
        let captured = capture::capture(&self.gateway.ledger, arrivals.collect());
        for (claimed, captured) in claimed.iter().zip(captured) {
            match captured {
                Ok(captured) => {
                    crash::point("capture.row.after");
                    self.put_away(claimed, &captured);
                }
                Err(error) => {
                    self.recovered = false;
                    self.stays_claimed(claimed, &error);
                }
            }
        }
        // One wake for all of them: what is read together is recorded together.
        self.gateway.captured.notify_one();
    }

    fn stays_claimed(&mut self, claimed: &Claimed, error: &ledger::Error) {
        if self.gateway.custody_failed(error) {
            self.paused = true;
            return;
        }
        let message = format!("{} stays claimed: {error}", claimed.name);
        let diagnostic = Diagnostic::new(&custody::NOT_CAPTURED, message).at(place(&claimed.path));
        self.tell_file(&claimed.name, &diagnostic);
    }

    fn put_away(&mut self, claimed: &Claimed, captured: &Captured) {
        match captured {
            Captured::New(id) => {
                info!(partner = %self.watch.partner, file = claimed.name, transmission = %id, "captured");
            }
            // An answer may go out once more.
            Captured::Duplicate(_) => self.gateway.due.notify_one(),
            Captured::Quarantined(_) | Captured::Already(_) => {}
        }
        crash::point("capture.put_away.before");
        if let Err(error) = folder::put_away(claimed, &self.watch.pick_up.then) {
            self.recovered = false;
            let diagnostic = Diagnostic::new(&custody::MOVE_FAILED, error.to_string()).at(place(&claimed.path));
            self.tell_file(&claimed.name, &diagnostic);
        }
        crash::point("capture.put_away.after");
    }

    /// What becomes of duplicates, by the configuration as it is now.
    fn policies(&self) -> Duplicates {
        let config = self.gateway.config();
        config.partners.get(&self.watch.partner).map(|partner| partner.duplicates).unwrap_or_default()
    }

    fn tell(&mut self, error: &FolderError) {
        let code: Code = match error {
            FolderError::Gone { .. } => &custody::FOLDER_GONE,
            _ => &custody::UNREADABLE_FILE,
        };
        let what = What::PickUp { partner: self.watch.partner.to_string(), endpoint: self.watch.endpoint.clone() };
        self.raise(what, &Diagnostic::new(code, error.to_string()).at(place(&self.watch.pick_up.from)));
    }

    fn tell_file(&mut self, name: &str, diagnostic: &Diagnostic) {
        let (partner, endpoint) = (self.watch.partner.to_string(), self.watch.endpoint.clone());
        self.raise(What::File { partner, endpoint, name: name.to_owned() }, diagnostic);
    }

    fn raise(&mut self, what: What, diagnostic: &Diagnostic) {
        self.gateway.troubles.raise(what.clone(), diagnostic, self.gateway.clock.now());
        self.faults.insert(what);
    }
}

fn place(path: &Path) -> Place {
    Place { file: Some(path.display().to_string()), ..Place::default() }
}
