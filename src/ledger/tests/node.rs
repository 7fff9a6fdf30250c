//! Nodes live, hold and let go.

use jiff::SignedDuration;

use super::{Books, Direction, transmission};
use crate::ledger::Id;
use crate::ledger::node::NewNode;

const LEASE: SignedDuration = SignedDuration::from_secs(30);

fn node(name: &str) -> NewNode {
    NewNode { id: Id::new(), name: name.to_owned(), process: 4711, version: "0.1.0" }
}

#[test]
fn a_node_that_says_it_lives_keeps_all_that_it_holds() {
    let books = Books::new();
    let n1 = node("n1");
    let id = n1.id.clone();
    let (before, after, known) = books.write(move |tx| {
        tx.register_node(&n1)?;
        transmission(tx, "megamart", "a.edi", Direction::In)?;
        assert!(tx.take_lease("poll megamart/mailbox", "megamart", &id, LEASE)?);
        assert_eq!(tx.lease_transmissions(&id, LEASE, 10)?.len(), 1);
        let before = tx.leases()?;
        let known = tx.keep_alive(&id, LEASE)?;
        Ok((before, tx.leases()?, known))
    });
    assert!(known);
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert!(after.until > before.until, "{before:?} {after:?}");
        assert_eq!(after.since, before.since);
    }
}

#[test]
fn the_list_of_nodes_says_what_each_holds_and_how_long_it_has_been_silent() {
    let books = Books::new();
    let (n1, n2) = (node("n1"), node("n2"));
    let id = n1.id.clone();
    let nodes = books.write(move |tx| {
        tx.register_node(&n1)?;
        tx.register_node(&n2)?;
        transmission(tx, "megamart", "a.edi", Direction::In)?;
        tx.take_lease("poll megamart/mailbox", "megamart", &id, LEASE)?;
        tx.lease_transmissions(&id, LEASE, 10)?;
        tx.execute("UPDATE node SET seen = seen - 60000000 WHERE name = $1", &["n2".into()])?;
        tx.nodes()
    });
    let held: Vec<&str> =
        nodes[0].leases.iter().map(|lease| lease.resource.as_str()).filter(|one| !one.starts_with("take in")).collect();
    assert_eq!((nodes[0].name.as_str(), nodes[0].taking_in, held), ("n1", 1, vec!["poll megamart/mailbox"]));
    assert!(nodes[0].silent_for < 30, "{nodes:?}");
    assert_eq!((nodes[1].name.as_str(), nodes[1].taking_in, nodes[1].leases.len()), ("n2", 0, 0));
    assert!(nodes[1].silent_for >= 60, "{nodes:?}");
}

#[test]
fn one_partners_files_are_taken_in_by_one_node_at_a_time() {
    let books = Books::new();
    if books.is_sqlite() {
        // It has one node.
        return;
    }
    let (n1, n2) = (Id::new(), Id::new());
    let lease = |node: &Id| {
        let node = node.clone();
        books.write(move |tx| {
            Ok(tx.lease_transmissions(&node, LEASE, 10)?.into_iter().map(|one| one.name).collect::<Vec<_>>())
        })
    };
    books.write(|tx| transmission(tx, "megamart", "a.edi", Direction::In));
    assert_eq!(lease(&n1), ["a.edi"]);
    books.write(|tx| transmission(tx, "megamart", "b.edi", Direction::In));
    books.write(|tx| transmission(tx, "bigbox", "c.edi", Direction::In));
    assert_eq!(lease(&n2), ["c.edi"], "b.edi may repeat a.edi, whose end is not recorded yet");
    assert_eq!(lease(&n1), ["a.edi", "b.edi"]);
    books
        .write(|tx| tx.execute("UPDATE transmission SET state = 'processed' WHERE partner = $1", &["megamart".into()]));
    assert!(lease(&n1).is_empty());
    books.write(|tx| transmission(tx, "megamart", "d.edi", Direction::In));
    assert_eq!(lease(&n2), ["c.edi", "d.edi"], "n1 let go of the partner");
}
