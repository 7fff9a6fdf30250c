//! Polling one API: a round now and then, every item captured like a file, the watermark moved when all of them are durable.
//!
//! ```text
//! page answered -> items copied below arrivals/ -> captured (one commit) -> next page … -> watermark (one commit)
//! ```
//!
//! An item's claim is its endpoint, id and version, and stays with its transmission for ever: a crash between any two steps
//! reads pages again and takes nothing twice. A fault is told once when it begins and once when it ends, and the API is asked
//! with growing pauses meanwhile; one that does not let us in is not asked again before the configuration is read anew.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::gateway::Gateway;
use super::traffic::Way;
use super::troubles::What;
use crate::capture::{self, Arrival, Captured};
use crate::config::partner::PartnerId;
use crate::config::poll::Poll;
use crate::crash;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::ledger;
use crate::transport::bandwidth::Bandwidth;
use crate::transport::http::client::{Client, HttpError, Incoming, Outgoing};
use crate::transport::http::poll::fault::PollError;
use crate::transport::http::poll::mark::Mark;
use crate::transport::http::poll::{Identity, Item, Poller, World};
use crate::transport::inlet::{Claimed, place};

/// The first pause after a fault, where the API is asked less often than that.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause after a fault, where the API is asked more often than that.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// How soon to look again while custody cannot be taken or another node polls.
const PAUSED: Duration = Duration::from_secs(1);
/// The longest claim that is written out; a longer one is its hash.
const LONGEST_CLAIM: usize = 240;

/// One API of one partner.
#[derive(Debug, Clone)]
pub struct Polled {
    /// Whose.
    pub partner: PartnerId,
    /// By which endpoint.
    pub endpoint: String,
    /// How it is asked.
    pub api: Arc<Poll>,
    /// How many bytes of its answers may come per second.
    pub limit: Option<u64>,
}

/// When the next round begins.
enum Next {
    After(Duration),
    /// When the configuration is read anew.
    Never,
}

/// Polls until told to stop; what was begun is finished first.
pub async fn poll(gateway: Arc<Gateway>, polled: Polled, stop: CancellationToken) {
    let arrivals = gateway.config().home.join("arrivals").join(polled.partner.as_str()).join(&polled.endpoint);
    let mut polling = Polling {
        poller: Poller::of(Arc::clone(&polled.api)),
        gateway,
        polled,
        stop: stop.clone(),
        arrivals,
        client: None,
        failures: 0,
        told: HashSet::new(),
        faults: HashSet::new(),
    };
    polling.take_over_troubles();
    loop {
        let Ok((after, next)) = tokio::task::spawn_blocking(move || {
            let next = polling.look();
            (polling, next)
        })
        .await
        else {
            return;
        };
        polling = after;
        let pause = match next {
            Next::After(pause) => pause,
            Next::Never => return stop.cancelled().await,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

struct Polling {
    gateway: Arc<Gateway>,
    polled: Polled,
    poller: Poller,
    stop: CancellationToken,
    /// Where items are copied on their way into custody.
    arrivals: PathBuf,
    /// Connections, once one was needed.
    client: Option<Arc<Client>>,
    /// How many rounds failed one after the other.
    failures: u32,
    /// The faults that still held at the last round.
    told: HashSet<What>,
    /// The faults of this round.
    faults: HashSet<What>,
}

impl Polling {
    /// Whoever polled before may have told of troubles; they end here.
    fn take_over_troubles(&mut self) {
        let ours = (self.polled.partner.as_str(), self.polled.endpoint.as_str());
        let of_pick_ups = |what: &What| !matches!(what, What::DropOff { .. }) && what.endpoint() == Some(ours);
        self.told = self.gateway.troubles.affected().into_iter().filter(of_pick_ups).collect();
    }

    fn look(&mut self) -> Next {
        if !self.may_take() {
            return Next::After(PAUSED);
        }
        let outcome = self.round();
        let faults = std::mem::take(&mut self.faults);
        if outcome == Err(PollError::Stopped) {
            // Not everything was looked at, so nothing is said to be over.
            self.told.extend(faults);
            return Next::After(PAUSED);
        }
        for over in self.told.difference(&faults) {
            self.gateway.troubles.clear(over, self.gateway.clock.now());
        }
        self.told = faults;
        let every = self.polled.api.every;
        match outcome {
            Ok(()) => {
                self.failures = 0;
                Next::After(every)
            }
            Err(error) if error.is_final() => Next::Never,
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                let growing = FIRST_PAUSE.min(every).saturating_mul(1 << (self.failures - 1).min(10));
                let pause = growing.min(LONGEST_PAUSE.max(every));
                let until = error.not_before().map(|then| then.duration_since(self.gateway.clock.now()));
                Next::After(until.and_then(|until| Duration::try_from(until).ok()).unwrap_or(pause))
            }
        }
    }

    /// One round, and its watermark.
    fn round(&mut self) -> Result<(), PollError> {
        self.clear_arrivals()?;
        let (partner, endpoint) = (self.polled.partner.to_string(), self.polled.endpoint.clone());
        let mark = self.asked(self.gateway.ledger.read(|tx| tx.watermark(&partner, &endpoint)))?;
        // The poller is put back below: it keeps its token and its pace.
        let mut poller = std::mem::replace(&mut self.poller, Poller::of(Arc::clone(&self.polled.api)));
        let outcome = poller.round(mark.as_deref().and_then(Mark::parse), self);
        self.poller = poller;
        match outcome {
            Ok(round) => {
                debug!(partner, endpoint, pages = round.pages, items = round.items, new = round.new, "polled");
                if let Some(mark) = round.mark {
                    self.move_watermark(mark)?;
                }
                self.worked(0);
                Ok(())
            }
            Err(PollError::Stopped) => Err(PollError::Stopped),
            Err(error) => {
                let diagnostic = Diagnostic::from(&error);
                self.raise(What::PickUp { partner, endpoint }, &diagnostic);
                Err(error)
            }
        }
    }

    fn move_watermark(&mut self, mark: Mark) -> Result<(), PollError> {
        if !self.may_take() {
            return Err(PollError::Stopped);
        }
        let (partner, endpoint) = (self.polled.partner.to_string(), self.polled.endpoint.clone());
        let now = self.gateway.clock.now();
        let written = self.gateway.ledger.write(move |tx| {
            tx.move_watermark(&partner, &endpoint, &mark.to_string(), now)?;
            crash::point("poll.mark.before");
            Ok(())
        });
        self.asked(written)?;
        crash::point("poll.mark.after");
        Ok(())
    }

    /// Copies that a crash left are worth nothing: their items are asked for again.
    fn clear_arrivals(&mut self) -> Result<(), PollError> {
        let cleared = match fs::remove_dir_all(&self.arrivals) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => fs::create_dir_all(&self.arrivals),
        };
        cleared.map_err(|error| self.not_copied(&self.arrivals.clone(), &error))
    }

    /// Asked before every page is kept: no, while custody cannot be taken, another node polls, or we stop.
    fn may_take(&self) -> bool {
        !self.stop.is_cancelled()
            && self.gateway.nodes.may_poll(self.polled.partner.as_str(), &self.polled.endpoint)
            && !self.gateway.is_closed(self.polled.partner.as_str(), &self.polled.endpoint)
            && self.gateway.custody_is_possible()
    }

    /// What the ledger said; its faults are told by whoever watches it.
    fn asked<T>(&mut self, said: Result<T, ledger::Error>) -> Result<T, PollError> {
        said.map_err(|error| {
            if !self.gateway.custody_failed(&error) {
                let message = format!("{}/{}: {error}", self.polled.partner, self.polled.endpoint);
                self.warn(Diagnostic::new(&custody::NOT_CAPTURED, message));
            }
            PollError::Stopped
        })
    }

    fn not_copied(&mut self, path: &std::path::Path, error: &std::io::Error) -> PollError {
        let message = format!("cannot write below {}: {error}", path.display());
        self.warn(Diagnostic::new(&custody::NOT_CAPTURED, message).at(place(path)));
        PollError::Stopped
    }

    /// Whoever takes the same version of the same item again claims it by the same.
    fn claim(&self, identity: &Identity) -> String {
        let Identity { id, version } = identity;
        let claim = format!("{}/{} {id} {version}", self.polled.partner, self.polled.endpoint);
        if claim.len() <= LONGEST_CLAIM { claim } else { hash(&claim) }
    }

    fn arrival(&self, item: &Item, path: PathBuf, at: Timestamp) -> Arrival {
        let config = self.gateway.config();
        let duplicates = config.partners.get(&self.polled.partner).map(|partner| partner.duplicates);
        let Identity { id, version } = &item.identity;
        Arrival {
            partner: self.polled.partner.clone(),
            endpoint: self.polled.endpoint.clone(),
            claimed: Claimed { path, name: item.name.clone(), claim: self.claim(&item.identity), there: None },
            message_id: Some(format!("{}/{id}@{version}", self.polled.endpoint)),
            duplicates: duplicates.unwrap_or_default(),
            at,
        }
    }

    fn worked(&self, items: usize) {
        let way = Way::from(self.polled.partner.as_str(), &self.polled.endpoint);
        self.gateway.traffic.worked(&way, items, self.gateway.clock.now());
    }

    fn raise(&mut self, what: What, diagnostic: &Diagnostic) {
        let way = Way::from(self.polled.partner.as_str(), &self.polled.endpoint);
        self.gateway.traffic.failed(&way, &diagnostic.message, self.gateway.clock.now());
        self.gateway.troubles.raise(what.clone(), diagnostic, self.gateway.clock.now());
        self.faults.insert(what);
    }
}

fn hash(text: &str) -> String {
    openssl::sha::sha256(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl World for Polling {
    fn now(&self) -> Timestamp {
        self.gateway.clock.now()
    }

    fn pause(&mut self, pause: Duration) -> bool {
        let stop = self.stop.clone();
        Handle::current().block_on(async move {
            tokio::select! {
                () = stop.cancelled() => false,
                () = tokio::time::sleep(pause) => true,
            }
        })
    }

    fn chance(&mut self) -> f64 {
        // The last bytes of such an id are random.
        f64::from(uuid::Uuid::now_v7().as_bytes()[15]) / 255.0
    }

    fn send(&mut self, outgoing: &Outgoing) -> Result<Incoming, HttpError> {
        let client = match &self.client {
            Some(client) => Arc::clone(client),
            None => {
                let client = Client::new(self.polled.api.timeout, Bandwidth::of(self.polled.limit))?;
                Arc::clone(self.client.insert(Arc::new(client)))
            }
        };
        crash::point("poll.answer.before");
        // A token may be good once, so that its answer is waited for; nothing is lost with any other one.
        let answer = match outgoing.method {
            "POST" => client.send(outgoing),
            _ => self.send_until_stopped(client, outgoing.clone()),
        };
        crash::point("poll.answer.after");
        answer
    }

    fn known(&mut self, identities: &[Identity]) -> Result<Vec<bool>, PollError> {
        let claims: Vec<String> = identities.iter().map(|identity| self.claim(identity)).collect();
        let asked: Vec<&str> = claims.iter().map(String::as_str).collect();
        let found = self.gateway.ledger.read(|tx| tx.transmissions_by_claim(&asked));
        let found = self.asked(found)?;
        Ok(claims.iter().map(|claim| found.contains_key(claim)).collect())
    }

    fn keep(&mut self, items: Vec<Item>) -> Result<(), PollError> {
        if !self.may_take() {
            return Err(PollError::Stopped);
        }
        crash::point("poll.keep.before");
        let at = self.gateway.clock.now();
        let mut arrivals = Vec::with_capacity(items.len());
        for item in &items {
            let path = self.arrivals.join(hash(&self.claim(&item.identity)));
            fs::write(&path, &item.bytes).map_err(|error| self.not_copied(&path, &error))?;
            arrivals.push(self.arrival(item, path, at));
        }
        let outcomes = capture::capture(&self.gateway.ledger, arrivals.clone());
        let mut captured = 0;
        let mut refused = None;
        for (arrival, outcome) in arrivals.iter().zip(outcomes) {
            // The bytes are in the archive, or the item is asked for again.
            let _ = fs::remove_file(&arrival.claimed.path);
            match outcome {
                Ok(outcome) => {
                    crash::point("capture.row.after");
                    captured += 1;
                    self.tell_captured(arrival, &outcome);
                }
                Err(error) => refused = Some(error),
            }
        }
        crash::point("poll.keep.after");
        self.worked(captured);
        self.gateway.captured.notify_one();
        match refused {
            None => Ok(()),
            Some(error) => self.asked(Err(error)),
        }
    }

    fn kept_token(&mut self, lineage: &str) -> Result<Option<String>, PollError> {
        let (partner, endpoint) = (self.polled.partner.as_str(), self.polled.endpoint.as_str());
        let kept = self.gateway.ledger.read(|tx| tx.refresh_token(partner, endpoint, lineage));
        self.asked(kept)
    }

    fn keep_token(&mut self, lineage: &str, sealed: &str) -> Result<(), PollError> {
        let (partner, endpoint) = (self.polled.partner.to_string(), self.polled.endpoint.clone());
        let (lineage, sealed, now) = (lineage.to_owned(), sealed.to_owned(), self.gateway.clock.now());
        let written = self.gateway.ledger.write(move |tx| {
            tx.keep_refresh_token(&partner, &endpoint, &lineage, &sealed, now)?;
            crash::point("poll.token.before");
            Ok(())
        });
        self.asked(written)?;
        crash::point("poll.token.after");
        Ok(())
    }

    fn warn(&mut self, warning: Diagnostic) {
        let (partner, endpoint) = (self.polled.partner.to_string(), self.polled.endpoint.clone());
        // One of a kind is told at a time.
        let name = warning.code.code.to_owned();
        self.raise(What::File { partner, endpoint, name }, &warning);
    }
}

impl Polling {
    /// A drain does not wait for an API that takes its time.
    fn send_until_stopped(&self, client: Arc<Client>, outgoing: Outgoing) -> Result<Incoming, HttpError> {
        let target = outgoing.target();
        let no_answer = |why: String| HttpError::NoAnswer { target: target.clone(), why };
        let stop = self.stop.clone();
        Handle::current().block_on(async move {
            tokio::select! {
                () = stop.cancelled() => Err(no_answer("we stopped before it came".to_owned())),
                answer = tokio::task::spawn_blocking(move || client.send(&outgoing)) => {
                    answer.unwrap_or_else(|error| Err(no_answer(error.to_string())))
                }
            }
        })
    }

    fn tell_captured(&self, arrival: &Arrival, captured: &Captured) {
        match captured {
            Captured::New(id) => {
                info!(partner = %arrival.partner, file = arrival.claimed.name, transmission = %id, "captured");
            }
            Captured::Duplicate(_) => self.gateway.due.notify_one(),
            Captured::Quarantined(_) | Captured::Already(_) => {}
        }
    }
}
