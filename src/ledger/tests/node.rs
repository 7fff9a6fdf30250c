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
    assert_eq!(after.len(), 1);
    assert!(after[0].until > before[0].until, "{before:?} {after:?}");
    assert_eq!(after[0].since, before[0].since);
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
    let held: Vec<&str> = nodes[0].leases.iter().map(|lease| lease.resource.as_str()).collect();
    assert_eq!((nodes[0].name.as_str(), nodes[0].taking_in, held), ("n1", 1, vec!["poll megamart/mailbox"]));
    assert!(nodes[0].silent_for < 30, "{nodes:?}");
    assert_eq!((nodes[1].name.as_str(), nodes[1].taking_in, nodes[1].leases.len()), ("n2", 0, 0));
    assert!(nodes[1].silent_for >= 60, "{nodes:?}");
}
