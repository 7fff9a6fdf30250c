//! Nodes that share a ledger, and the leases by which they share its work.
//!
//! ```text
//! node    a process at work on this ledger: its name, since when, when it was last seen
//! lease   `poll megamart/mailbox`, `send megamart/mailbox`: n1's until 09:15:30, then whose who asks first
//!         `take in megamart`: a partner's files are taken in by one node at a time
//! rows    a captured transmission is leased to one node while it is taken in
//! ```
//!
//! Leases are taken in transactions of their own ([`Ledger::write_beside`](super::Ledger::write_beside)): among other work, whose
//! order is another on every node, two nodes would wait for each other crosswise.
//!
//! A lease ends by itself: what a dead node held comes back. Whoever lost a lease without knowing writes nothing,
//! since every piece of work ends with a statement that asks whether its row is still this node's. Times of leases are
//! the database's own, so that nodes whose clocks differ agree about them.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engine::Row;
use super::transmission::Transmission;
use super::{Error, Id, Transaction, transmission};

/// A process at work.
#[derive(Debug, Clone)]
pub struct NewNode {
    /// The same after a restart.
    pub id: Id,
    /// For people.
    pub name: String,
    /// Its process id.
    pub process: u32,
    /// Its edigate.
    pub version: &'static str,
}

/// One of the nodes that share a ledger.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// Whether it said within a lease that it lives.
    pub alive: bool,
    /// What the ledger knows of it.
    #[serde(flatten)]
    pub row: NodeRow,
}

/// A node as the ledger knows it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct NodeRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its process id.
    pub process: i64,
    /// Its edigate.
    pub version: String,
    /// Since when it is at work.
    #[schemars(with = "String")]
    pub started: Timestamp,
    /// When it last said that it lives.
    #[schemars(with = "String")]
    pub seen: Timestamp,
    /// For how many seconds it has said nothing since, by the clock that all nodes share.
    pub silent_for: i64,
    /// What it polls and sends by alone.
    pub leases: Vec<LeaseRow>,
    /// How many captured transmissions it is taking in.
    pub taking_in: i64,
}

/// A lease.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LeaseRow {
    /// What it is for: `poll megamart/mailbox`.
    pub resource: String,
    /// Whose it is.
    #[serde(skip)]
    pub node: Id,
    /// Since when.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// Until when, unless it is renewed.
    #[schemars(with = "String")]
    pub until: Timestamp,
}

fn lease(row: &Row) -> Result<LeaseRow, Error> {
    Ok(LeaseRow { resource: row.text(0)?, node: row.id(1)?, since: row.time(2)?, until: row.time(3)? })
}

impl Transaction<'_> {
    /// Records that a node begins its work. What its earlier life held is free.
    pub fn register_node(&mut self, node: &NewNode) -> Result<(), Error> {
        let now = self.time()?;
        self.put(
            "INSERT INTO node (id, name, process, version, started, seen) VALUES ($1, $2, $3, $4, $5, $5)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, process = excluded.process, version = excluded.version,
                                            started = excluded.started, seen = excluded.seen",
            &[(&node.id).into(), (&node.name).into(), node.process.into(), node.version.into(), now.into()],
        )?;
        self.release_everything(&node.id)
    }

    /// Records that a node ends its work.
    pub fn retire_node(&mut self, node: &Id) -> Result<(), Error> {
        self.release_everything(node)?;
        self.put("DELETE FROM node WHERE id = $1", &[node.into()])
    }

    fn release_everything(&mut self, node: &Id) -> Result<(), Error> {
        self.put("DELETE FROM lease WHERE node = $1", &[node.into()])?;
        let free = "SET leased_by = NULL, leased_until = NULL WHERE leased_by = $1";
        self.put(&format!("UPDATE transmission {free} AND state = 'captured'"), &[node.into()])
    }

    /// Says that a node lives, and makes everything that it holds last so much longer. False when nobody knows the node: it
    /// was away for so long that it was taken for dead, and holds nothing any more.
    pub fn keep_alive(&mut self, node: &Id, lease: SignedDuration) -> Result<bool, Error> {
        let now = self.time()?;
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let known = self.execute("UPDATE node SET seen = $2 WHERE id = $1", &[node.into(), now.into()])? > 0;
        // What is being finished at this moment needs no longer lease, and is not waited for.
        let longer = "UPDATE transmission SET leased_until = $2 WHERE id IN (
                          SELECT id FROM transmission WHERE leased_by = $1 AND state = 'captured' FOR UPDATE SKIP LOCKED)";
        self.put(longer, &[node.into(), until.into()])?;
        // What this node takes or gives back at this moment has its own end.
        let longer = "UPDATE lease SET until = $2 WHERE resource IN (
                          SELECT resource FROM lease WHERE node = $1 FOR UPDATE SKIP LOCKED)";
        self.put(longer, &[node.into(), until.into()])?;
        Ok(known)
    }

    /// How many nodes said within the time of a lease that they live.
    pub fn count_nodes_alive(&mut self, lease: SignedDuration) -> Result<usize, Error> {
        let since = self.time()?.checked_sub(lease).unwrap_or(Timestamp::MIN);
        let row = self.query_one("SELECT COUNT(*) FROM node WHERE seen >= $1", &[since.into()])?;
        let count = row.ok_or_else(|| Error::Unexpected("a count without a row".to_owned()))?.int(0)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Every lease.
    pub fn leases(&mut self) -> Result<Vec<LeaseRow>, Error> {
        let rows = self.query("SELECT resource, node, since, until FROM lease ORDER BY resource LIMIT 100000", &[])?;
        rows.iter().map(lease).collect()
    }

    /// Takes a lease that nobody holds, or whose holder let it end; false when another node has it.
    pub fn take_lease(
        &mut self,
        resource: &str,
        partner: &str,
        node: &Id,
        lease: SignedDuration,
    ) -> Result<bool, Error> {
        let now = self.time()?;
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let sql = "INSERT INTO lease (resource, partner, node, since, until) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (resource) DO UPDATE SET node = excluded.node, since = excluded.since, until = excluded.until
                   WHERE lease.node = excluded.node OR lease.until < excluded.since";
        let values = [resource.into(), partner.into(), node.into(), now.into(), until.into()];
        Ok(self.execute(sql, &values)? > 0)
    }

    /// Gives a lease back.
    pub fn give_back_lease(&mut self, resource: &str, node: &Id) -> Result<(), Error> {
        self.put("DELETE FROM lease WHERE resource = $1 AND node = $2", &[resource.into(), node.into()])
    }

    /// Captured transmissions for this node to take in, the oldest first: those that nobody works on, those that it holds
    /// already, and those whose node let its lease end. What it took in before must be recorded.
    ///
    /// One partner's files are taken in by one node at a time: two that repeat each other, side by side in two transactions,
    /// would each be the first one.
    pub fn lease_transmissions(
        &mut self,
        node: &Id,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Transmission>, Error> {
        if !self.is_sqlite() {
            self.lease_partners(node, lease)?;
        }
        let now = self.time()?;
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let ours = match self.is_sqlite() {
            true => "",
            false => {
                "AND partner IN (SELECT lease.partner FROM lease WHERE lease.node = $1 AND lease.resource LIKE 'take in %')"
            }
        };
        let sql = format!(
            "UPDATE transmission SET leased_by = $1, leased_until = $2 WHERE id IN (
                 SELECT id FROM transmission
                 WHERE state = 'captured' AND (leased_by IS NULL OR leased_by = $1 OR leased_until < $3) {ours}
                 ORDER BY at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
             RETURNING {}",
            transmission::COLUMNS
        );
        let rows = self.query(&sql, &[node.into(), until.into(), now.into(), limit.into()])?;
        let mut leased = rows.iter().map(transmission::transmission).collect::<Result<Vec<_>, _>>()?;
        leased.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(leased)
    }

    /// Takes the partners whose files wait and that no other node has, and lets go of those whose files are done.
    fn lease_partners(&mut self, node: &Id, lease: SignedDuration) -> Result<(), Error> {
        let waiting = "SELECT DISTINCT partner FROM transmission WHERE state = 'captured' ORDER BY partner LIMIT 10000";
        let waiting: BTreeSet<String> =
            self.query(waiting, &[])?.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        let held = "SELECT partner FROM lease WHERE node = $1 AND resource LIKE 'take in %'";
        let held = self.query(held, &[node.into()])?;
        let held: BTreeSet<String> = held.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        // In one order on every node, taken or let go, so that two of them never wait for each other.
        for partner in waiting.union(&held) {
            let resource = format!("take in {partner}");
            match waiting.contains(partner) {
                true => self.take_lease(&resource, partner, node, lease).map(|_| ())?,
                false => self.give_back_lease(&resource, node)?,
            }
        }
        Ok(())
    }

    /// The nodes that are at work or were, each with what it holds.
    pub fn nodes(&mut self) -> Result<Vec<NodeRow>, Error> {
        let now = self.time()?;
        let leases = self.leases()?;
        let sql = "SELECT node.id, name, process, version, started, seen,
                          (SELECT COUNT(*) FROM transmission WHERE leased_by = node.id AND state = 'captured')
                   FROM node ORDER BY name, node.id LIMIT 1000";
        let rows = self.query(sql, &[])?;
        rows.iter()
            .map(|row| {
                let (id, seen) = (row.id(0)?, row.time(5)?);
                Ok(NodeRow {
                    leases: leases.iter().filter(|lease| lease.node == id).cloned().collect(),
                    id: id.0,
                    name: row.text(1)?,
                    process: row.int(2)?,
                    version: row.text(3)?,
                    started: row.time(4)?,
                    seen,
                    silent_for: now.duration_since(seen).as_secs().max(0),
                    taking_in: row.int(6)?,
                })
            })
            .collect()
    }

    /// The same, and of each whether it said within a lease that it lives.
    pub fn nodes_seen(&mut self, lease: Duration) -> Result<Vec<Node>, Error> {
        let longest = i64::try_from(lease.as_secs()).unwrap_or(i64::MAX);
        Ok(self.nodes()?.into_iter().map(|row| Node { alive: row.silent_for <= longest, row }).collect())
    }
}
