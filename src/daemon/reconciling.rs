//! Reconciling: documents are joined with those that they are about, orders are held against their documents, and the findings in
//! the books are brought in line with what disagrees now.
//!
//! ```text
//! document recorded ──► joined (one transaction) ──► those that name it tied anew ──► its orders judged (one transaction each)
//!                                                                                        ▲ or: a time has passed
//! ```
//!
//! The marks are in the ledger: a crash at any instruction leaves them, and the next start goes on. Judging twice changes nothing.
//! An order is held against all of its documents whenever one came; those that stand on the gateway's [`Shelf`] are not read again.

mod stock;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::gateway::Gateway;
use crate::config::Config;
use crate::config::partner::PartnerId;
use crate::crash;
use crate::document::{Document, Kind};
use crate::ledger::document::StoredDocument;
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::{self, NewFinding};
use crate::ledger::order_book::{OrderKey, Standing, Unjoined, rest_of};
use crate::ledger::shelf::Shelf;
use crate::ledger::view::FindingRow;
use crate::ledger::{self, Id, Ledger, Submitted, Transaction};
use crate::reconcile::findings::{Agreement, Disagreement, Judgment, is_settled, judge, named};
use crate::reconcile::matrix::matrix;

/// How many documents or orders are taken up before other bookkeeping has its turn.
const BATCH: u32 = 200;
/// How many looks at news there are in a round: a settlement names a return, the return an invoice.
const LOOKS: usize = 3;

/// One round; returns how much there was to do.
pub fn keep(gateway: &Gateway) -> Result<usize, ledger::Error> {
    round(&gateway.ledger, &gateway.config(), &gateway.shelf, gateway.clock.now())
}

/// The same with a ledger alone, and the documents that earlier rounds have read.
pub fn round(ledger: &Ledger, config: &Arc<Config>, shelf: &Shelf, now: Timestamp) -> Result<usize, ledger::Error> {
    let joined = join_all(ledger, config, shelf, now)?;
    crash::point("reconcile.join.after");
    let tied = tie_anew(ledger, shelf, now)?;
    let orders = ledger.read(|tx| tx.orders_due(now, BATCH))?;
    let judged = orders.into_iter().map(|order| {
        let (config, shelf) = (Arc::clone(config), shelf.clone());
        ledger.submit(move |tx| reconcile(tx, &config, &order, &shelf, now))
    });
    let judged = finish(judged.collect())?;
    crash::point("reconcile.order.after");
    Ok(joined + tied + judged)
}

fn join_all(ledger: &Ledger, config: &Arc<Config>, shelf: &Shelf, now: Timestamp) -> Result<usize, ledger::Error> {
    let unjoined = ledger.read(|tx| tx.unjoined(BATCH))?;
    // Many files of one document each, or one file of many: a round is as long.
    let each = BATCH / u32::try_from(unjoined.len()).unwrap_or(BATCH).max(1);
    let joined = unjoined.into_iter().map(|unjoined| {
        let (config, shelf) = (Arc::clone(config), shelf.clone());
        ledger.submit(move |tx| join_some(tx, &config, &shelf, (&unjoined, each), now))
    });
    finish(joined.collect())
}

/// Ties documents anew of whose mentions news came, before orders are judged without them. What one of them brings to others, as a
/// memo does to the payment that names it, is in the next look.
fn tie_anew(ledger: &Ledger, shelf: &Shelf, now: Timestamp) -> Result<usize, ledger::Error> {
    let mut tied = 0;
    for _ in 0..LOOKS {
        let news = ledger.read(|tx| tx.mention_news(BATCH))?;
        if news.is_empty() {
            break;
        }
        let tying = news.into_iter().map(|id| {
            let shelf = shelf.clone();
            ledger.submit(move |tx| hear_news(tx, &id, &shelf, now))
        });
        tied += finish(tying.collect())?;
    }
    Ok(tied)
}

/// Waits for all of them, so that one that fails holds up no other; then tells the first failure.
fn finish(submitted: Vec<Submitted<()>>) -> Result<usize, ledger::Error> {
    let count = submitted.len();
    let done: Vec<Result<(), ledger::Error>> = submitted.into_iter().map(Submitted::wait).collect();
    done.into_iter().collect::<Result<(), _>>().map(|()| count)
}

/// Joins some documents of a transmission; what is left of it stays marked.
pub fn join_some(
    tx: &mut Transaction<'_>,
    config: &Config,
    shelf: &Shelf,
    (unjoined, limit): (&Unjoined, u32),
    now: Timestamp,
) -> Result<(), ledger::Error> {
    for id in tx.take_unjoined(unjoined, limit)? {
        join(tx, config, shelf, &id, now)?;
    }
    crash::point("reconcile.join.before");
    Ok(())
}

/// Joins a document with its orders, and says what it names that nobody knows.
fn join(
    tx: &mut Transaction<'_>,
    config: &Config,
    shelf: &Shelf,
    id: &Id,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let Some(paper) = tx.join(id, shelf, now)? else { return Ok(()) };
    stock::compare(tx, config, &paper, now)?;
    say_what_is_unknown(tx, &paper, now)
}

/// Ties a document anew of whose mentions news came.
pub fn hear_news(tx: &mut Transaction<'_>, id: &Id, shelf: &Shelf, now: Timestamp) -> Result<(), ledger::Error> {
    if let Some(paper) = tx.take_up_news(id, shelf, now)? {
        say_what_is_unknown(tx, &paper, now)?;
    }
    crash::point("reconcile.join.before");
    Ok(())
}

/// A finding for each that a document names and nobody knows.
fn say_what_is_unknown(tx: &mut Transaction<'_>, paper: &StoredDocument, now: Timestamp) -> Result<(), ledger::Error> {
    let speaks_of_others =
        matches!(paper.document.kind(), Kind::OrderChange | Kind::Remittance | Kind::CreditDebit | Kind::Settlement);
    if !speaks_of_others || paper.document.header().test {
        return Ok(());
    }
    let unknown = tx.unknown_of(&paper.partner, &paper.document.mentions())?;
    let disagreements = named::judge(&paper.document, &unknown);
    let known = tx.findings_about_document(&paper.id)?;
    let about = About { partner: &paper.partner, po_number: None, document: Some(&paper.id) };
    bring_in_line(tx, about, known, &disagreements, now)
}

/// Holds an order against everything that was told about it.
pub fn reconcile(
    tx: &mut Transaction<'_>,
    config: &Config,
    order: &OrderKey,
    shelf: &Shelf,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let Some(stood) = tx.take_up_order(order, now)? else { return Ok(()) };
    let partner = PartnerId::parse(&order.partner).ok().and_then(|id| config.partners.get(&id));
    let papers = tx.papers_on(shelf, order)?;
    let is_test = papers.documents.iter().any(|one| is_test_order(&one.document));
    let matrix = partner.filter(|_| !is_test).and_then(|partner| {
        let matrix = matrix(&papers, &partner.cross_references)?;
        Some((Agreement::with(partner), matrix))
    });
    let Some((agreement, matrix)) = matrix else {
        return tx.put_down_order(order, (None, None), (stood, Standing { settled: None, ..stood }));
    };
    let Judgment { disagreements, look } = judge(&papers, &matrix, &agreement, now);
    // An order of which nothing was found and nothing is found has no findings to be brought in line.
    let found = !disagreements.is_empty();
    if found || stood.found != Some(false) {
        let known = tx.findings_about_order(&order.partner, &order.po_number)?;
        let about = About { partner: &order.partner, po_number: Some(&order.po_number), document: None };
        bring_in_line(tx, about, known, &disagreements, now)?;
    }
    let last = papers.documents.iter().map(|one| one.at).max();
    let settled = last.filter(|_| is_settled(&matrix, &agreement.tolerance));
    let rest = rest_of(papers.documents.len());
    let rests_until = if rest.is_zero() { None } else { now.checked_add(rest).ok() };
    tx.put_down_order(order, (look, rests_until), (stood, Standing { settled, found: Some(found) }))?;
    crash::point("reconcile.order.before");
    Ok(())
}

/// What is tried out is no business: no finding is made of it.
fn is_test_order(document: &Document) -> bool {
    document.kind() == Kind::Order && document.header().test
}

/// What findings are about.
#[derive(Clone, Copy)]
struct About<'a> {
    partner: &'a str,
    po_number: Option<&'a str>,
    document: Option<&'a Id>,
}

/// Raises what is new, takes over what changed, resolves what is gone.
fn bring_in_line(
    tx: &mut Transaction<'_>,
    about: About<'_>,
    known: Vec<FindingRow>,
    disagreements: &[Disagreement],
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let told: HashMap<(&str, &str), &FindingRow> =
        known.iter().map(|row| ((row.rule.as_str(), row.subject.as_str()), row)).collect();
    for one in disagreements {
        if !told.get(&what(one)).is_some_and(|row| says_the_same(row, one)) {
            raise(tx, about, one, now)?;
        }
    }
    let found: HashSet<(&str, &str)> = disagreements.iter().map(what).collect();
    for row in known {
        if !found.contains(&(row.rule.as_str(), row.subject.as_str())) {
            tx.settle_finding(row, now)?;
        }
    }
    Ok(())
}

/// What makes a disagreement the one that is known: its rule and its subject.
fn what(one: &Disagreement) -> (&str, &str) {
    (one.diagnostic.code.code, one.subject.as_str())
}

fn says_the_same(row: &FindingRow, one: &Disagreement) -> bool {
    row.detail.message == one.diagnostic.message && row.money == one.at_stake.as_ref().map(|stake| stake.money)
}

fn raise(tx: &mut Transaction<'_>, about: About<'_>, one: &Disagreement, now: Timestamp) -> Result<(), ledger::Error> {
    let document = one.document.as_ref().or(about.document);
    let is_new = tx.record_finding(&NewFinding {
        document,
        po_number: about.po_number,
        at_stake: one.at_stake.as_ref(),
        ..NewFinding::new(about.partner, &one.subject, &one.diagnostic, now)
    })?;
    if !is_new {
        return Ok(());
    }
    tx.append_event(&NewEvent {
        partner: about.partner.to_owned(),
        at: now,
        kind: EventKind::Finding,
        refs: Refs { document: document.cloned(), po_number: about.po_number.map(str::to_owned), ..Refs::default() },
        text: format!("{}: {} ({})", one.subject, one.diagnostic.message, one.diagnostic.code.code),
        data: finding::told(&one.diagnostic, &one.subject),
    })
}

#[cfg(test)]
mod tests;
