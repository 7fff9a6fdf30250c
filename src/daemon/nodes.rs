//! This process as one of several nodes on a ledger: it says that it lives, and polls what no other node polls.
//!
//! ```text
//! every third of a lease   "n1 lives", what n1 holds lasts a lease longer, free endpoints are taken, a fair share each
//! may_poll(endpoint)       true while the lease lasts by our own steady clock, whatever the network does
//! ```
//!
//! A ledger in a file has one node, which the lock in its home sees to: then there are no leases and no heartbeat.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::gateway::Gateway;
use super::troubles::What;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::ledger::node::NewNode;
use crate::ledger::wake::Wake;
use crate::ledger::{self, Id, Ledger};

/// A node, and what it may do alone.
#[derive(Debug)]
pub struct Nodes {
    /// Its id, the same after a restart in the same home.
    pub id: Id,
    name: String,
    lease: Duration,
    shared: bool,
    /// Until when each resource is ours.
    held: Mutex<HashMap<String, Instant>>,
    /// Something became ours; whoever waits for it looks again.
    pub(super) gained: Notify,
}

impl Nodes {
    /// The node of a home; its id is made at the first start there.
    pub fn of(config: &Config, shared: bool) -> Nodes {
        Nodes {
            id: id_of(&config.home),
            name: config.node.name.clone().unwrap_or_else(host_name),
            lease: config.node.lease,
            shared,
            held: Mutex::new(HashMap::new()),
            gained: Notify::new(),
        }
    }

    /// How long a lease of this node lasts.
    pub fn lease(&self) -> SignedDuration {
        // A configured duration is far below the range of signed ones.
        SignedDuration::try_from(self.lease).unwrap_or(SignedDuration::from_secs(30))
    }

    /// True while this node alone polls an endpoint.
    pub fn may_poll(&self, partner: &str, endpoint: &str) -> bool {
        !self.shared || self.held().get(&resource(partner, endpoint)).is_some_and(|until| Instant::now() < *until)
    }

    /// Holds an endpoint for sending, alone among the nodes; `None` while another node has it.
    pub fn hold(&self, ledger: &Ledger, partner: &str, endpoint: &str) -> Result<Option<Hold>, ledger::Error> {
        if !self.shared {
            return Ok(Some(Hold { until: None }));
        }
        let (resource, partner) = (format!("send {partner}/{endpoint}"), partner.to_owned());
        let (node, lease, asked) = (self.id.clone(), self.lease(), Instant::now());
        let taken = ledger.write_beside(move |tx| tx.take_lease(&resource, &partner, &node, lease))?;
        Ok(taken.then(|| Hold { until: Some(asked + self.lease / 2) }))
    }

    /// Lets other nodes send by an endpoint.
    pub fn give_back(&self, ledger: &Ledger, partner: &str, endpoint: &str) -> Result<(), ledger::Error> {
        if !self.shared {
            return Ok(());
        }
        let (resource, node) = (format!("send {partner}/{endpoint}"), self.id.clone());
        ledger.write_beside(move |tx| tx.give_back_lease(&resource, &node))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
        // A map of times cannot be half done.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn as_new(&self) -> NewNode {
        NewNode {
            id: self.id.clone(),
            name: self.name.clone(),
            process: std::process::id(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// An endpoint that this node alone sends by.
#[derive(Debug, Clone, Copy)]
pub struct Hold {
    /// Half a lease from when it was asked for, by our own steady clock: what begins before it ends long before another node
    /// takes over. `None` where there are no other nodes.
    until: Option<Instant>,
}

impl Hold {
    /// True while something new may begin under it.
    pub fn lasts(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() < until)
    }
}

fn resource(partner: &str, endpoint: &str) -> String {
    format!("poll {partner}/{endpoint}")
}

fn id_of(home: &Path) -> Id {
    let path = home.join("node-id");
    if let Ok(text) = fs::read_to_string(&path)
        && text.trim().len() == 36
    {
        return Id(text.trim().to_owned());
    }
    let id = Id::new();
    if let Err(error) = fs::write(&path, format!("{id}\n")) {
        warn!(path = %path.display(), %error, "cannot keep this node's id; after a restart its leases must run out first");
    }
    id
}

fn host_name() -> String {
    let told = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match told.trim() {
        "" => "node".to_owned(),
        name => name.to_owned(),
    }
}

/// Lives as a node until told to stop, then gives back what it holds.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    let pause = if gateway.nodes.shared { gateway.nodes.lease / 3 } else { Duration::MAX };
    let mut registered = false;
    let mut faulty;
    while !stop.is_cancelled() {
        let at_work = Arc::clone(&gateway);
        let lived = tokio::task::spawn_blocking(move || live(&at_work, registered)).await;
        let failed = match lived {
            Ok(Ok(())) => {
                registered = true;
                None
            }
            Ok(Err(fault)) => Some(fault.to_string()),
            Err(panicked) => Some(panicked.to_string()),
        };
        match failed {
            Some(fault) => {
                let message = format!("this node cannot tell the others that it lives: {fault}");
                let diagnostic = Diagnostic::new(&custody::NODE_UNHEARD, message);
                gateway.troubles.raise(What::Node, &diagnostic, gateway.clock.now());
                faulty = true;
            }
            None => {
                gateway.troubles.clear(&What::Node, gateway.clock.now());
                faulty = false;
            }
        }
        let pause = if faulty { Duration::from_secs(1).min(gateway.nodes.lease / 3) } else { pause };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    let leaving = tokio::task::spawn_blocking(move || {
        gateway.nodes.held().clear();
        let node = gateway.nodes.id.clone();
        gateway.ledger.write(move |tx| tx.retire_node(&node))
    });
    if let Ok(Err(fault)) = leaving.await {
        warn!(error = %fault, "cannot give back what this node holds; it comes back by itself");
    }
}

/// Hears from other nodes that there is work, until told to stop.
pub async fn listen(gateway: Arc<Gateway>, stop: CancellationToken) {
    if !gateway.nodes.shared {
        return;
    }
    while !stop.is_cancelled() {
        let (ear, stopping) = (Arc::clone(&gateway), stop.clone());
        let heard = tokio::task::spawn_blocking(move || {
            ear.ledger.listen(|wake| {
                match wake {
                    Some(Wake::Captured) => ear.captured.notify_one(),
                    Some(Wake::Due) => ear.due.notify_one(),
                    Some(Wake::Books) => {
                        ear.books.notify_one();
                        ear.clocks.notify_one();
                    }
                    None => {}
                }
                !stopping.is_cancelled()
            })
        });
        if let Ok(Err(fault)) = heard.await {
            debug!(error = %fault, "cannot hear the other nodes; every stage looks by itself");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// One heartbeat.
fn live(gateway: &Gateway, registered: bool) -> Result<(), ledger::Error> {
    let nodes = &gateway.nodes;
    if !registered {
        let node = nodes.as_new();
        gateway.ledger.write(move |tx| tx.register_node(&node))?;
    }
    if !nodes.shared {
        return Ok(());
    }
    // What was asked for before this moment cannot have been granted for longer than a lease from it.
    let asked = Instant::now();
    let (node, lease) = (nodes.id.clone(), nodes.lease());
    let again = nodes.as_new();
    // A large file may be recorded for longer than a lease lasts, and is no reason to be taken for dead.
    gateway.ledger.write_beside(move |tx| {
        // A node that was away for so long that its row was cleared away begins anew.
        if tx.keep_alive(&node, lease)? { Ok(()) } else { tx.register_node(&again) }
    })?;
    share_out(gateway, asked + nodes.lease)
}

/// Takes free endpoints up to a fair share, and gives back what is beyond it.
fn share_out(gateway: &Gateway, until: Instant) -> Result<(), ledger::Error> {
    let nodes = &gateway.nodes;
    let lease = nodes.lease();
    let (leases, alive) = gateway.ledger.read(|tx| Ok((tx.leases()?, tx.count_nodes_alive(lease)?)))?;
    let mut wanted: Vec<(String, String)> = Vec::new();
    for partner in gateway.config().partners.values() {
        let polled = partner.endpoints.iter().filter(|one| one.pick_up.is_some() || one.poll().is_some());
        wanted.extend(polled.map(|endpoint| (resource(partner.id.as_str(), &endpoint.name), partner.id.to_string())));
    }
    let (share, mut gained) = (wanted.len().div_ceil(alive.max(1)), false);
    let mut mine: Vec<String> = leases
        .iter()
        .filter(|lease| lease.node == nodes.id && lease.resource.starts_with("poll "))
        .map(|lease| lease.resource.clone())
        .collect();
    for surplus in mine.split_off(mine.len().min(share)) {
        nodes.held().remove(&surplus);
        let node = nodes.id.clone();
        gateway.ledger.write_beside(move |tx| tx.give_back_lease(&surplus, &node))?;
    }
    for (resource, partner) in wanted {
        if mine.len() >= share {
            break;
        }
        let (node, asked) = (nodes.id.clone(), resource.clone());
        if !mine.contains(&resource)
            && gateway.ledger.write_beside(move |tx| tx.take_lease(&asked, &partner, &node, lease))?
        {
            info!(resource, "this node polls it from now on");
            gained = true;
            mine.push(resource);
        }
    }
    *nodes.held() = mine.into_iter().map(|resource| (resource, until)).collect();
    if gained {
        nodes.gained.notify_waiters();
    }
    Ok(())
}
