//! Watching one place where a partner leaves files: look, let files settle, claim, capture, put away.
//!
//! The periodic look is the truth; of a folder of this machine, file-system events wake it early, but they are lost on overflow,
//! on network file systems, and before the watch began. A fault of the place is told once when it begins and once when it ends;
//! a server that is in trouble is asked with growing pauses. While custody cannot be taken ([`super::custody`]), files stay
//! where they are and the place is only looked at; outside an endpoint's hours not even that.
//!
//! A file of a server stays there until it is put away, and the ledger holds its claim as long: what is held is not taken
//! again, and what is not there any more is held no longer, so that whatever comes in its place is new. A held file that a
//! later look still finds is read once more before it is put away: only the very bytes that are safe may go, and another file
//! that came under the same name, size and time is taken like any other.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::early::Early;
use super::gateway::Gateway;
use super::traffic::Way;
use super::troubles::What;
use crate::capture::settling::Settling;
use crate::capture::{self, Arrival, Captured};
use crate::config::duplicates::Duplicates;
use crate::config::partner::{AfterPickUp, Endpoint, PartnerId, PickUp, Wire};
use crate::crash;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::{custody, wire};
use crate::ledger;
use crate::transport;
use crate::transport::inlet::{Candidate, Claimed, Inlet, PutAway, place, recorded};

/// How many files are claimed before they are recorded together.
const BATCH: usize = 256;
/// How soon to look again while custody cannot be taken.
const PAUSED_LOOK: Duration = Duration::from_secs(1);

/// The longest pause between two looks at a server that is in trouble: many lock out who tries too often.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// The longest pause between two attempts to put a file away that does not go: each reads it whole.
const LONGEST_STAY: Duration = Duration::from_secs(3600);

/// A file that was to be put away and is still there.
#[derive(Debug, Clone, Copy)]
struct Staying {
    attempts: u32,
    /// Not tried before.
    until: Instant,
}

/// One place of one partner.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Whose.
    pub partner: PartnerId,
    /// By which endpoint.
    pub endpoint: Endpoint,
    /// The place and its rules.
    pub pick_up: PickUp,
}

/// Watches until told to stop; what was begun is finished first.
pub async fn watch(gateway: Arc<Gateway>, watch: Watch, stop: CancellationToken) {
    let wake = Arc::new(Notify::new());
    // Dropping it ends its wakes, so it lives as long as this task.
    let is_here = watch.endpoint.via == Wire::Folder;
    let _watched = is_here.then(|| Early::watch(&gateway.early, &watch.pick_up.from, &wake));
    let arrivals = gateway.config().home.join("arrivals");
    let Some(inlet) = transport::inlet_of(&watch.endpoint, watch.partner.as_str(), &arrivals) else { return };
    let mut look = Look {
        stop: stop.clone(),
        gateway,
        watch,
        inlet,
        held: None,
        staying: HashMap::new(),
        failures: 0,
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
        let scan_every = look.watch.pick_up.every.unwrap_or(look.gateway.config().scan_every);
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
            _ if look.failures > 0 && !is_here => growing(scan_every, look.failures, LONGEST_PAUSE),
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

/// The pause after so many failures.
fn growing(every: Duration, failures: u32, longest: Duration) -> Duration {
    every.saturating_mul(1 << failures.min(16)).min(longest.max(every))
}

struct Look {
    gateway: Arc<Gateway>,
    /// Once this is cancelled no further file is claimed.
    stop: CancellationToken,
    watch: Watch,
    inlet: Box<dyn Inlet>,
    /// The claims that the ledger holds of files which were taken and still stand at the partner's place; `None` until it was
    /// asked.
    held: Option<HashSet<String>>,
    /// Held files that could not be put away, by their claims: each is read and tried again later and later.
    staying: HashMap<String, Staying>,
    /// How many looks failed one after the other.
    failures: u32,
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
        let ours = (self.watch.partner.as_str(), self.watch.endpoint.name.as_str());
        let of_pick_ups = |what: &What| !matches!(what, What::DropOff { .. }) && what.endpoint() == Some(ours);
        self.told = self.gateway.troubles.affected().into_iter().filter(of_pick_ups).collect();
    }

    /// Asked before every claim and every capture: the folder is looked at again soon when it says no.
    fn may_take(&mut self) -> bool {
        if self.stop.is_cancelled() || self.is_closed() {
            return false;
        }
        self.paused = !self.gateway.custody_is_possible();
        !self.paused
    }

    /// Outside the hours in which the endpoint may be used.
    fn is_closed(&self) -> bool {
        self.watch.endpoint.closed_until(self.gateway.clock.now()).is_some()
    }

    /// One look at the folder; true when files are still settling.
    fn look(&mut self) -> bool {
        if self.is_closed() {
            return false;
        }
        let more = self.look_and_take();
        let faults = std::mem::take(&mut self.faults);
        if self.paused || self.is_closed() {
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
        if !self.gateway.nodes.may_poll(self.watch.partner.as_str(), &self.watch.endpoint.name) {
            // Whoever polls it meanwhile takes care of what is claimed; when it is ours again, we look for leftovers.
            (self.recovered, self.held) = (false, None);
            return false;
        }
        self.paused = false;
        if !self.recovered {
            self.recover();
        }
        let listing = match self.inlet.list() {
            Ok(listing) => listing,
            Err(fault) => {
                self.failures = self.failures.saturating_add(1);
                self.tell(&fault);
                return false;
            }
        };
        self.failures = 0;
        self.worked(0);
        let candidates = match self.not_held(listing.candidates) {
            Ok(candidates) => self.within_bounds(candidates),
            Err(fault) => {
                self.paused = self.gateway.custody_failed(&fault);
                return false;
            }
        };
        let (whole, more) = self.settling.look(&candidates, self.watch.pick_up.settle, Instant::now());
        for candidates in whole.chunks(BATCH) {
            if !self.may_take() {
                break;
            }
            let claimed = self.take(candidates);
            self.capture(&claimed);
        }
        if let Some(path) = listing.oddities.first() {
            let name = path.file_name().map(recorded).unwrap_or_default();
            let text = match listing.oddities.len() {
                1 => format!("{name} is a link or special file and is left where it is"),
                count => {
                    format!("{name} and {} others are links or special files and are left where they are", count - 1)
                }
            };
            self.tell_file(&name, &Diagnostic::new(&custody::NOT_A_FILE, text).at(place(path)));
        }
        if let Some(name) = listing.bad_names.first() {
            let text = format!("{name} is no name of a file in one directory, and is left where it is");
            self.tell_file(name, &Diagnostic::new(&wire::BAD_NAME, text).at(place(&self.watch.pick_up.from)));
        }
        more
    }

    /// Without the files that were taken already. Those that were not put away are put away now, unless they turn out to be
    /// others, and claims of files that are gone are given back.
    fn not_held(&mut self, candidates: Vec<Candidate>) -> Result<Vec<Candidate>, ledger::Error> {
        let held = match self.held.take() {
            Some(held) => held,
            None => {
                let (partner, endpoint) = (self.watch.partner.as_str(), self.watch.endpoint.name.as_str());
                self.gateway.ledger.read(|tx| tx.held_files(partner, endpoint))?.into_iter().collect()
            }
        };
        let (mut new, mut taken) = (Vec::new(), Vec::new());
        for candidate in candidates {
            match self.inlet.claim_of(&candidate).filter(|claim| held.contains(claim)) {
                None => new.push(candidate),
                Some(claim) => taken.push((claim, candidate)),
            }
        }
        let there: HashSet<&str> = taken.iter().map(|(claim, _)| claim.as_str()).collect();
        let gone = held.iter().filter(|claim| !there.contains(claim.as_str())).cloned().collect();
        self.staying.retain(|claim, _| there.contains(claim.as_str()));
        self.held = Some(held);
        self.release(gone)?;
        if self.watch.pick_up.then != AfterPickUp::Remember {
            taken.retain(|(claim, candidate)| self.is_due(claim, &candidate.name));
            for some in taken.chunks(BATCH) {
                new.extend(self.put_away_if_same(some)?);
            }
            new.sort_by(|a, b| a.name.cmp(&b.name));
        }
        Ok(new)
    }

    /// Puts away files that an earlier look took and that are still there, after reading each once more; returns those that
    /// are others. The answer to a deletion may have been lost, or come while we were dying: what stands there now under the
    /// same name, size and time may be a file that nobody has read.
    fn put_away_if_same(&mut self, taken: &[(String, Candidate)]) -> Result<Vec<Candidate>, ledger::Error> {
        if taken.is_empty() || !self.may_take() {
            return Ok(Vec::new());
        }
        let claims: Vec<&str> = taken.iter().map(|(claim, _)| claim.as_str()).collect();
        let recorded = self.gateway.ledger.read(|tx| tx.transmissions_of_held_files(&claims))?;
        let there: Vec<Candidate> = taken.iter().map(|(_, candidate)| candidate.clone()).collect();
        let (mut same, mut other_claims, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for copy in self.take(&there) {
            match (capture::sha256_of(&copy.path), recorded.get(&copy.claim)) {
                (Ok(sha256), Some(held)) if sha256 == held.sha256 => same.push(copy),
                (Ok(_), _) => {
                    info!(partner = %self.watch.partner, file = copy.name, "another file came in the place of one that was taken");
                    let _ = std::fs::remove_file(&copy.path);
                    other_claims.push(copy.claim);
                    others.extend(copy.there);
                }
                (Err(error), _) => self.stays_claimed(&copy, &error),
            }
        }
        self.release(other_claims)?;
        self.put_away(&same);
        Ok(others)
    }

    /// Gives back claims of files that are gone.
    fn release(&mut self, claims: Vec<String>) -> Result<(), ledger::Error> {
        if claims.is_empty() {
            return Ok(());
        }
        let released = claims.clone();
        crash::point("sftp.release.before");
        self.gateway
            .ledger
            .write(move |tx| tx.release_files(&released.iter().map(String::as_str).collect::<Vec<_>>()))?;
        crash::point("sftp.release.after");
        if let Some(held) = &mut self.held {
            claims.iter().for_each(|claim| {
                held.remove(claim);
            });
        }
        Ok(())
    }

    /// Without the files that are older or larger than agreed, which are told together.
    fn within_bounds(&mut self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        let (max_age, max_size) = (self.watch.pick_up.max_age, self.watch.pick_up.max_size);
        let now = Duration::from_secs(u64::try_from(self.gateway.clock.now().as_second()).unwrap_or(0));
        let is_within = |candidate: &Candidate| {
            let age = now.saturating_sub(candidate.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default());
            max_age.is_none_or(|most| age <= most) && max_size.is_none_or(|most| candidate.size <= most)
        };
        let (within, beyond): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_within);
        if let Some(first) = beyond.first() {
            let others = match beyond.len() {
                1 => String::new(),
                count => format!(" and {} others", count - 1),
            };
            let text = format!("{}{others}: beyond max_age or max_size, and left alone", first.name);
            let diagnostic = Diagnostic::new(&wire::LEFT_ALONE, text).at(place(&self.watch.pick_up.from));
            self.tell_file("beyond max_age or max_size", &diagnostic);
        }
        within
    }

    /// Captures what was claimed before and not taken care of.
    fn recover(&mut self) {
        match self.inlet.leftovers() {
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
            Err(fault) => self.tell(&fault),
        }
    }

    /// Claims files; a fault leaves one to the next look.
    fn take(&mut self, candidates: &[Candidate]) -> Vec<Claimed> {
        let (gateway, stop) = (Arc::clone(&self.gateway), self.stop.clone());
        let taken = self.inlet.take(candidates, &|| !stop.is_cancelled() && gateway.custody_is_possible());
        let mut claimed = Vec::with_capacity(taken.len());
        for (candidate, taken) in candidates.iter().zip(taken) {
            match taken {
                Ok(one) => {
                    if one.there.is_none() {
                        self.settling.taken(&candidate.path);
                    }
                    claimed.push(one);
                }
                Err(fault) => self.tell_file(&candidate.name, &fault),
            }
        }
        claimed
    }

    /// Records claimed files, which share a commit, and puts each away; what fails is tried again at the next look.
    fn capture(&mut self, claimed: &[Claimed]) {
        let (at, duplicates) = (self.gateway.clock.now(), self.policies());
        let arrivals = claimed.iter().map(|claimed| {
            let (partner, endpoint) = (self.watch.partner.clone(), self.watch.endpoint.name.clone());
            Arrival { partner, endpoint, claimed: claimed.clone(), message_id: None, duplicates, at }
        });
        let outcomes = capture::capture(&self.gateway.ledger, arrivals.collect());
        let mut captured = Vec::with_capacity(claimed.len());
        for (claimed, outcome) in claimed.iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => {
                    crash::point("capture.row.after");
                    self.tell_captured(claimed, &outcome);
                    if let Some(there) = &claimed.there {
                        self.settling.taken(&there.path);
                    }
                    captured.push(claimed.clone());
                }
                Err(error) => {
                    self.recovered = false;
                    self.stays_claimed(claimed, &error);
                }
            }
        }
        self.worked(captured.len());
        if let Some(held) = &mut self.held {
            held.extend(captured.iter().filter(|one| one.there.is_some()).map(|one| one.claim.clone()));
        }
        // One wake for all of them: what is read together is recorded together.
        self.gateway.captured.notify_one();
        self.put_away(&captured);
    }

    /// True when a held file is to be put away at this look; of one that stays a while longer, the fault goes on.
    fn is_due(&mut self, claim: &str, name: &str) -> bool {
        let is_due = self.staying.get(claim).is_none_or(|staying| staying.until <= Instant::now());
        let what = self.file(name);
        if !is_due && self.told.contains(&what) {
            self.faults.insert(what);
        }
        is_due
    }

    /// Notes that a file could not be put away.
    fn stays(&mut self, claim: &str) {
        let attempts = self.staying.get(claim).map_or(0, |staying| staying.attempts) + 1;
        let every = self.watch.pick_up.every.unwrap_or(self.gateway.config().scan_every);
        let until = Instant::now() + growing(every, attempts - 1, LONGEST_STAY);
        self.staying.insert(claim.to_owned(), Staying { attempts, until });
    }

    fn worked(&self, files: usize) {
        let way = Way::from(self.watch.partner.as_str(), &self.watch.endpoint.name);
        self.gateway.traffic.worked(&way, files, self.gateway.clock.now());
    }

    fn tell_captured(&self, claimed: &Claimed, captured: &Captured) {
        match captured {
            Captured::New(id) => {
                info!(partner = %self.watch.partner, file = claimed.name, transmission = %id, "captured");
            }
            // An answer may go out once more.
            Captured::Duplicate(_) => self.gateway.due.notify_one(),
            Captured::Quarantined(_) | Captured::Already(_) => {}
        }
    }

    fn put_away(&mut self, captured: &[Claimed]) {
        let mut gone = Vec::new();
        for (claimed, outcome) in captured.iter().zip(self.inlet.put_away(captured)) {
            match outcome {
                Ok(PutAway::Gone) if claimed.there.is_some() => gone.push(claimed.claim.clone()),
                Ok(_) => {}
                Err(fault) => {
                    // What was claimed on this machine is found there; what is on a server is held by its claim.
                    self.recovered &= claimed.there.is_some();
                    self.stays(&claimed.claim);
                    self.tell_file(&claimed.name, &fault);
                }
            }
        }
        if let Err(fault) = self.release(gone) {
            // They are given back once the listing has them no more.
            self.paused = self.gateway.custody_failed(&fault);
        }
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

    /// What becomes of duplicates, by the configuration as it is now.
    fn policies(&self) -> Duplicates {
        let config = self.gateway.config();
        config.partners.get(&self.watch.partner).map(|partner| partner.duplicates).unwrap_or_default()
    }

    fn tell(&mut self, fault: &Diagnostic) {
        let endpoint = self.watch.endpoint.name.clone();
        self.raise(What::PickUp { partner: self.watch.partner.to_string(), endpoint }, fault);
    }

    fn tell_file(&mut self, name: &str, diagnostic: &Diagnostic) {
        self.raise(self.file(name), diagnostic);
    }

    fn file(&self, name: &str) -> What {
        let (partner, endpoint) = (self.watch.partner.to_string(), self.watch.endpoint.name.clone());
        What::File { partner, endpoint, name: name.to_owned() }
    }

    fn raise(&mut self, what: What, diagnostic: &Diagnostic) {
        let way = Way::from(self.watch.partner.as_str(), &self.watch.endpoint.name);
        self.gateway.traffic.failed(&way, &diagnostic.message, self.gateway.clock.now());
        self.gateway.troubles.raise(what.clone(), diagnostic, self.gateway.clock.now());
        self.faults.insert(what);
    }
}
