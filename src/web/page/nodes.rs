//! Nodes: who works on these books, what each holds, and for how long it has said nothing.

use super::asking::Asking;
use super::fault::Fault;
use super::sheet::{Block, sheet};
use super::table::{Cell, Sign, Table};
use crate::ledger::node::NodeRow;
use crate::web::answer::Answer;

/// The list; the machine is for who sees every partner.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    if asking.who().partners.is_some() {
        return Err(Fault::NoSuchPage);
    }
    let nodes = asking.read(|tx| tx.nodes())?;
    let lease = asking.config.node.lease.as_secs();
    let cells = |node: &NodeRow| {
        let is_alive = u64::try_from(node.silent_for).is_ok_and(|silent| silent <= lease);
        let state = if is_alive { (Sign::Fine, "alive") } else { (Sign::Late, "silent") };
        let holds: Vec<&str> = node.leases.iter().take(HELD).map(|lease| lease.resource.as_str()).collect();
        vec![
            Cell::Mark(state.0, state.1.to_owned()),
            Cell::text(&node.name),
            Cell::number(node.process),
            Cell::text(&node.version),
            Cell::Time(asking.moment(node.started)),
            Cell::Time(asking.moment(node.seen)),
            Cell::number(node.taking_in),
            Cell::text(holds.join(", ")),
        ]
    };
    let table = Table {
        caption: "By name".to_owned(),
        columns: vec!["State", "Node", "Process", "Version", "Started", "Last seen", "Takes in", "Holds"],
        rows: nodes.iter().take(MOST).map(cells).collect(),
    };
    let mut blocks = vec![Block::Table(table)];
    if !asking.host().ledger().is_shared() {
        blocks.insert(
            0,
            Block::Text("The ledger is a file: the daemon that shows this page is the only one at work.".to_owned()),
        );
    }
    sheet(asking, "Nodes", blocks)
}

/// Nodes on the page, and what is named of what each holds.
const MOST: usize = 100;
const HELD: usize = 10;
