//! What a running daemon says of itself, through a socket in its home: `edigate.sock`.
//!
//! ```text
//! connect  →  { "running": true, "process": 4711, "troubles": [ … ], "backlog": { … }, "nodes": [ … ] }  →  closed
//! ```
//!
//! Nothing needs to be asked: whoever may open the socket (the daemon's user, mode 0600) is told everything at once. It is
//! served by threads of its own and from memory, so that it answers while the disk is full and the database is down; the
//! ledger is given two seconds to add what waits at each stage.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::clock::Clock;
use super::gateway::Gateway;
use super::traffic::{self, Traffic};
use super::troubles::{Trouble, Troubles};
use crate::config::Config;
use crate::ledger::backlog::Backlog;
use crate::ledger::node::Node;
use crate::ledger::{self, Ledger};

/// The socket's name in the home.
const SOCKET: &str = "edigate.sock";
/// How long the ledger may take to add its part.
const LEDGER_WITHIN: Duration = Duration::from_secs(2);
/// How long whoever asks may take to read, and a daemon to answer.
const TALK_WITHIN: Duration = Duration::from_secs(10);
/// How long to wait before the socket is tried again when it cannot be made.
const AFTER_FAULT: Duration = Duration::from_secs(2);

/// How the gateway is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Whether a daemon answered.
    pub running: bool,
    /// Its process.
    pub process: Option<u32>,
    /// Its version, else this program's.
    pub version: String,
    /// Running since.
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// When this was said.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// What is in trouble, the gravest first.
    pub troubles: Vec<Trouble>,
    /// What waits at each stage; nothing when the ledger did not answer.
    pub backlog: Option<Backlog>,
    /// Why the ledger did not answer.
    pub ledger: Option<String>,
    /// The nodes that share the ledger.
    pub nodes: Vec<Node>,
    /// What went through each endpoint of this node since it began.
    pub traffic: Vec<traffic::Row>,
    /// The endpoints that may not be used at this hour.
    #[serde(default)]
    pub closed: Vec<Closed>,
}

/// An endpoint outside its hours: nothing is looked at, taken or sent by it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Closed {
    /// Whose.
    pub partner: String,
    /// Which.
    pub endpoint: String,
    /// When it opens.
    #[schemars(with = "String")]
    pub until: Timestamp,
}

/// The endpoints that a configuration closes at this hour.
pub fn closed(config: &Config, now: Timestamp) -> Vec<Closed> {
    let endpoints =
        config.partners.values().flat_map(|partner| partner.endpoints.iter().map(move |endpoint| (partner, endpoint)));
    let closed = endpoints.filter_map(|(partner, endpoint)| {
        let until = endpoint.closed_until(now)?;
        Some(Closed { partner: partner.id.to_string(), endpoint: endpoint.name.clone(), until })
    });
    closed.collect()
}

/// What the ledger adds: what waits, and who works on it.
pub type Books = (Backlog, Vec<Node>);

/// Asks the ledger. A ledger in a file has one node, which is the daemon that answers, so none is listed.
pub fn books(ledger: &Ledger, now: Timestamp, lease: Duration) -> Result<Books, ledger::Error> {
    ledger.read(|tx| {
        let backlog = tx.backlog(now)?;
        let nodes = if ledger.is_shared() { tx.nodes_seen(lease)? } else { Vec::new() };
        Ok((backlog, nodes))
    })
}

/// What the daemon can tell.
#[derive(Debug)]
pub struct Teller {
    troubles: Arc<Troubles>,
    clock: Clock,
    since: Timestamp,
    /// The lease of this node, by which the others are judged too.
    lease: Duration,
    ledger: Mutex<Option<Ledger>>,
    traffic: OnceLock<Arc<Traffic>>,
}

impl Teller {
    /// A teller that knows the troubles; the ledger joins once it could be opened.
    pub fn new(troubles: Arc<Troubles>, clock: Clock, lease: Duration) -> Teller {
        let since = clock.now();
        Teller { troubles, clock, since, lease, ledger: Mutex::new(None), traffic: OnceLock::new() }
    }

    /// The ledger is open and can be asked.
    pub fn join(&self, ledger: Ledger) {
        *self.ledger() = Some(ledger);
    }

    /// The stages run and count what goes through the endpoints.
    pub fn count(&self, traffic: Arc<Traffic>) {
        // A daemon starts its stages once.
        let _ = self.traffic.set(traffic);
    }

    /// The ledger is about to be closed.
    pub fn leave(&self) {
        *self.ledger() = None;
    }

    fn ledger(&self) -> MutexGuard<'_, Option<Ledger>> {
        // A whole handle is all that this lock guards.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self) -> Report {
        let now = self.clock.now();
        let ledger = self.ledger().clone();
        let books = match ledger {
            Some(ledger) => books_within(ledger, now, self.lease, LEDGER_WITHIN),
            None => Err("it could not be opened yet".to_owned()),
        };
        let traffic = self.traffic.get().map(|traffic| traffic.rows()).unwrap_or_default();
        Report { since: Some(self.since), traffic, ..report(now, &self.troubles, books) }
    }
}

/// How a running gateway is, as far as troubles and books tell.
fn report(now: Timestamp, troubles: &Troubles, books: Result<Books, String>) -> Report {
    let (backlog, nodes, ledger) = match books {
        Ok((backlog, nodes)) => (Some(backlog), nodes, None),
        Err(why) => (None, Vec::new(), Some(why)),
    };
    Report {
        running: true,
        process: Some(std::process::id()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        since: None,
        at: now,
        troubles: troubles.present(),
        backlog,
        ledger,
        nodes,
        traffic: Vec::new(),
        closed: Vec::new(),
    }
}

/// How a gateway is, as its listeners tell it.
pub fn of(gateway: &Gateway) -> Report {
    let (now, config) = (gateway.clock.now(), gateway.config());
    let books = books_within(gateway.ledger.clone(), now, config.node.lease, LEDGER_WITHIN);
    Report {
        since: Some(gateway.since),
        traffic: gateway.traffic.rows(),
        closed: closed(&config, now),
        ..report(now, &gateway.troubles, books)
    }
}

/// Asks the ledger on another thread: a disk or server that hangs must not keep the rest from being told.
fn books_within(ledger: Ledger, now: Timestamp, lease: Duration, within: Duration) -> Result<Books, String> {
    let (answer, answered) = mpsc::channel();
    let asking = move || {
        // Whoever asked may have given up.
        let _ = answer.send(books(&ledger, now, lease));
    };
    thread::Builder::new().name("status".to_owned()).spawn(asking).map_err(|error| error.to_string())?;
    match answered.recv_timeout(within) {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(_) => Err(format!("it did not answer within {} s", within.as_secs())),
    }
}

/// The socket in a home; it is removed when this is dropped.
#[derive(Debug)]
pub struct Socket {
    path: PathBuf,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // What is left of a daemon that was killed tells nobody anything: connecting to it is refused.
        let _ = fs::remove_file(&self.path);
    }
}

/// Tells everybody who connects, until the process ends. The home must be locked: an old socket in it is replaced.
pub fn serve(home: &Path, teller: Arc<Teller>) -> io::Result<Socket> {
    let path = home.join(SOCKET);
    let (listening, home) = (path.clone(), home.to_owned());
    thread::Builder::new().name("status".to_owned()).spawn(move || {
        let mut told = false;
        let listener = loop {
            match listen(&home, &listening) {
                Ok(listener) => break listener,
                Err(error) if !told => {
                    told = true;
                    warn!(path = %listening.display(), %error, "`edigate status` cannot be answered, trying again");
                }
                Err(_) => {}
            }
            thread::sleep(AFTER_FAULT);
        };
        for connection in listener.incoming() {
            let Ok(connection) = connection else {
                // No handles left, most likely: the next attempt must not spin.
                thread::sleep(AFTER_FAULT);
                continue;
            };
            let teller = Arc::clone(&teller);
            // Without a thread for it, this one asker gets no answer and says so.
            let _ = thread::Builder::new().name("status".to_owned()).spawn(move || tell(&connection, &teller));
        }
    })?;
    Ok(Socket { path })
}

/// The socket gets its mode before it gets its name, so that nobody else can ever connect.
fn listen(home: &Path, path: &Path) -> io::Result<UnixListener> {
    let unnamed = home.join(format!(".{SOCKET}"));
    let _ = fs::remove_file(&unnamed);
    let listener = UnixListener::bind(&unnamed)?;
    fs::set_permissions(&unnamed, fs::Permissions::from_mode(0o600))?;
    fs::rename(&unnamed, path)?;
    Ok(listener)
}

fn tell(mut connection: &UnixStream, teller: &Teller) {
    let report = serde_json::to_vec(&teller.report()).unwrap_or_default();
    // Whoever asked and went away, or does not read, is not told.
    let _ = connection.set_write_timeout(Some(TALK_WITHIN)).and_then(|()| connection.write_all(&report));
}

/// Asks the daemon of a home; nothing when none runs there.
pub fn ask(home: &Path) -> io::Result<Option<Report>> {
    let mut connection = match UnixStream::connect(home.join(SOCKET)) {
        Ok(connection) => connection,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    connection.set_read_timeout(Some(TALK_WITHIN))?;
    let mut text = Vec::new();
    connection.read_to_end(&mut text)?;
    serde_json::from_slice(&text).map(Some).map_err(io::Error::other)
}
