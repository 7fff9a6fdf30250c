//! The books as a bystander sees them, and a record of who held which lease when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_postgres::{Client, NoTls, Row};

const LASTING: &str = "FROM lease JOIN node ON node.id = lease.node WHERE lease.resource LIKE 'poll %'
    AND lease.until >= CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

/// A connection of its own to the books.
pub struct Books {
    runtime: tokio::runtime::Runtime,
    client: Client,
    watched: Arc<Watched>,
}

impl Books {
    pub fn at(address: &str) -> Books {
        let books = Books::connect(address, Arc::new(Watched::new(address)));
        // A query now says whether the schema is there.
        books.pollers();
        books
    }

    fn connect(address: &str, watched: Arc<Watched>) -> Books {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(address, NoTls).await.unwrap();
            tokio::spawn(connection);
            client
        });
        Books { runtime, client, watched }
    }

    pub fn watched(&self) -> Arc<Watched> {
        Arc::clone(&self.watched)
    }

    fn rows(&self, sql: &str) -> Vec<Row> {
        self.runtime.block_on(self.client.query(sql, &[])).unwrap()
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.rows(sql)[0].get(0)
    }

    /// The names of the nodes that poll something by a lease that lasts.
    pub fn pollers(&self) -> BTreeSet<String> {
        let sql = format!("SELECT node.name {LASTING}");
        self.rows(&sql).iter().map(|row| row.get(0)).collect()
    }

    /// How many endpoints are polled by a lease that lasts.
    pub fn polled(&self) -> i64 {
        self.number(&format!("SELECT COUNT(*) {LASTING}"))
    }

    /// Everything came in and nothing waits.
    pub fn are_at_rest(&self, files: usize) -> bool {
        let came = self.number("SELECT COUNT(*) FROM transmission WHERE direction = 'in'");
        came >= files as i64 && self.open().iter().all(|(_, count)| *count == 0)
    }

    /// What waits, in words.
    pub fn what_is_open(&self) -> String {
        let came = self.number("SELECT COUNT(*) FROM transmission WHERE direction = 'in'");
        format!("{came} came in; {:?}; {:?}", self.open(), self.pollers())
    }

    fn open(&self) -> Vec<(&'static str, i64)> {
        let kinds = [
            ("captured", "transmission WHERE state = 'captured'"),
            ("not sent", "delivery WHERE state <> 'sent'"),
            ("unmatched", "acknowledgment WHERE state = 'unmatched'"),
            ("expected", "expectation WHERE state IN ('waiting', 'pending')"),
        ];
        kinds.map(|(what, rows)| (what, self.number(&format!("SELECT COUNT(*) FROM {rows}")))).to_vec()
    }
}

/// A time by which one node held one lease, in microseconds of the server's clock.
#[derive(Debug, Clone)]
struct Held {
    node: String,
    since: i64,
    /// As it was last seen.
    until: i64,
}

/// A lease that another node took over from a dead one.
#[derive(Debug)]
pub struct Change {
    pub resource: String,
    pub until: i64,
    pub since: i64,
}

/// What the record says.
#[derive(Debug, Default)]
pub struct Story {
    pub from_the_dead: Vec<Change>,
}

/// Who polled what, in the order of time.
pub struct Watched {
    address: String,
    held: Mutex<BTreeMap<String, Vec<Held>>>,
    dead: Mutex<Option<String>>,
}

impl Watched {
    fn new(address: &str) -> Watched {
        Watched { address: address.to_owned(), held: Mutex::default(), dead: Mutex::default() }
    }

    /// A node was killed just now.
    pub fn note_death(&self, name: &str) {
        *self.dead.lock().unwrap() = Some(name.to_owned());
    }

    /// Looks at the leases again and again until told to stop.
    pub fn watch(&self, stop: &AtomicBool) {
        let books = Books::connect(&self.address, Arc::new(Watched::new(&self.address)));
        while !stop.load(Ordering::SeqCst) {
            let sql = "SELECT lease.resource, node.name, lease.since, lease.until
                       FROM lease JOIN node ON node.id = lease.node WHERE lease.resource LIKE 'poll %'";
            for row in books.rows(sql) {
                self.note(row.get(0), Held { node: row.get(1), since: row.get(2), until: row.get(3) });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn note(&self, resource: String, now: Held) {
        let mut held = self.held.lock().unwrap();
        let holders = held.entry(resource).or_default();
        match holders.last_mut() {
            Some(last) if last.node == now.node => last.until = now.until,
            _ => holders.push(now),
        }
    }

    /// Every lease that the dead node held last before another one did.
    pub fn story(&self) -> Story {
        let dead = self.dead.lock().unwrap().clone().unwrap_or_default();
        let mut story = Story::default();
        for (resource, holders) in self.held.lock().unwrap().iter() {
            let mut changes = holders.windows(2).filter(|pair| pair[0].node == dead && pair[1].until > pair[0].until);
            let last = changes.next_back();
            story.from_the_dead.extend(last.map(|pair| Change {
                resource: resource.clone(),
                until: pair[0].until,
                since: pair[1].since,
            }));
        }
        story
    }

    /// The record as text.
    pub fn told(&self) -> String {
        format!("{:#?}", self.held.lock().unwrap())
    }
}
