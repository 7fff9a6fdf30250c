//! Nodes: what is in trouble here, what goes through each endpoint, who is told of failures, and who works on these books.

use jiff::Timestamp;
use serde::Deserialize;

use super::asking::Asking;
use super::fault::Fault;
use super::sheet::{Block, sheet};
use super::table::{Cell, Sign, Table};
use crate::config::alerts::Target;
use crate::ledger::alert::Standing;
use crate::ledger::node::NodeRow;
use crate::web::answer::Answer;
use crate::web::host::Trouble;

/// How this node is: the part that is shown here of what `edigate status --json` says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    since: Option<Timestamp>,
    traffic: Vec<Way>,
    closed: Vec<Closed>,
}

#[derive(Debug, Deserialize)]
struct Way {
    partner: String,
    endpoint: String,
    direction: String,
    files: u64,
    worked: Option<Timestamp>,
    failed: Option<Timestamp>,
    why: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Closed {
    partner: String,
    endpoint: String,
    until: Timestamp,
}

/// Rows of a table on the page, and what is named of what each node holds.
const MOST: usize = 100;
const HELD: usize = 10;

/// The machine is for who sees every partner.
pub(super) fn list(asking: &Asking<'_>) -> Result<Answer, Fault> {
    if !asking.who().sees_everything() {
        return Err(Fault::NoSuchPage);
    }
    let report: Report = serde_json::from_value(asking.host().report()).unwrap_or_default();
    let (nodes, targets) = asking.read(|tx| {
        let targets = asking.config.alerts.iter().map(|target| Ok((target, tx.alert_standing(&target.name)?)));
        let targets = targets.collect::<Result<Vec<_>, crate::ledger::Error>>()?;
        Ok((tx.nodes()?, targets))
    })?;
    let present = asking.host().troubles();
    let mut blocks = vec![Block::Heading("In trouble now".to_owned())];
    blocks.push(match present.is_empty() {
        true => Block::Text("Nothing is in trouble here.".to_owned()),
        false => Block::Table(troubles(asking, &present)),
    });
    blocks.push(Block::Heading("What goes through each endpoint".to_owned()));
    let since = report.since.map(|since| ("Counted since", Cell::Time(asking.moment(since))));
    blocks.push(Block::Facts(since.into_iter().collect()));
    blocks.push(Block::Table(endpoints(asking, &report, &present)));
    blocks.push(Block::Heading("Who is told of failures".to_owned()));
    blocks.push(Block::Table(told(asking, &targets)));
    blocks.push(Block::Heading("Who works on these books".to_owned()));
    if !asking.host().ledger().is_shared() {
        let alone = "The ledger is a file: the daemon that shows this page is the only one at work.";
        blocks.push(Block::Text(alone.to_owned()));
    }
    blocks.push(Block::Table(workers(asking, &nodes)));
    sheet(asking, "Nodes", blocks)
}

fn troubles(asking: &Asking<'_>, troubles: &[Trouble]) -> Table {
    let cells = |trouble: &Trouble| {
        vec![
            Cell::Time(asking.moment(trouble.since)),
            Cell::text(&trouble.what),
            Cell::Mark(Sign::Late, trouble.code.clone()),
            Cell::text(&trouble.text),
            Cell::text(&trouble.fix),
        ]
    };
    Table {
        caption: "The gravest first".to_owned(),
        columns: vec!["Since", "What", "Code", "Trouble", "What to do"],
        rows: troubles.iter().take(MOST).map(cells).collect(),
    }
}

fn endpoints(asking: &Asking<'_>, report: &Report, troubles: &[Trouble]) -> Table {
    let is_in_trouble = |way: &Way| {
        let name = format!("{}/{}", way.partner, way.endpoint);
        troubles.iter().any(|trouble| trouble.what.contains(&name)) && way.failed > way.worked
    };
    let closed_until = |way: &Way| {
        let closed = report.closed.iter().find(|one| (&one.partner, &one.endpoint) == (&way.partner, &way.endpoint));
        closed.map(|closed| asking.moment(closed.until))
    };
    let cells = |way: &Way| {
        let (sign, state) = match (is_in_trouble(way), closed_until(way)) {
            (true, _) => (Sign::Late, "in trouble"),
            (false, Some(_)) => (Sign::Plain, "closed"),
            (false, None) => (Sign::Fine, "works"),
        };
        vec![
            Cell::Mark(sign, state.to_owned()),
            Cell::text(format!("{}/{}", way.partner, way.endpoint)),
            Cell::text(&way.direction),
            Cell::number(way.files),
            Cell::time(way.worked.map(|at| asking.moment(at))),
            Cell::time(way.failed.map(|at| asking.moment(at))),
            Cell::optional(way.why.clone()),
            Cell::time(closed_until(way)),
        ]
    };
    Table {
        caption: "By partner; a failure is kept until the next one".to_owned(),
        columns: vec!["State", "Endpoint", "Way", "Files", "Worked last", "Failed last", "Why", "Opens"],
        rows: report.traffic.iter().take(MOST).map(cells).collect(),
    }
}

fn told(asking: &Asking<'_>, targets: &[(&Target, Standing)]) -> Table {
    let cells = |(target, standing): &(&Target, Standing)| {
        let (sign, state) = match (&standing.error, &standing.pending) {
            (Some(_), _) => (Sign::Late, "not reached"),
            (None, Some(_)) => (Sign::Soon, "on its way"),
            (None, None) => (Sign::Fine, "reached"),
        };
        let error = standing.error.as_ref();
        vec![
            Cell::Mark(sign, state.to_owned()),
            Cell::text(&target.name),
            Cell::text(target.way.in_words()),
            Cell::optional(standing.subject.clone()),
            Cell::time(standing.sent.map(|at| asking.moment(at))),
            Cell::optional(standing.pending.clone()),
            Cell::optional(error.map(|error| format!("{error} ({} attempts)", standing.attempts))),
        ]
    };
    Table {
        caption: "The tables [[alert]] of gateway.toml".to_owned(),
        columns: vec!["State", "Alert", "Way", "Told last", "When", "Waits", "Why"],
        rows: targets.iter().take(MOST).map(cells).collect(),
    }
}

fn workers(asking: &Asking<'_>, nodes: &[NodeRow]) -> Table {
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
    Table {
        caption: "By name".to_owned(),
        columns: vec!["State", "Node", "Process", "Version", "Started", "Last seen", "Takes in", "Holds"],
        rows: nodes.iter().take(MOST).map(cells).collect(),
    }
}
