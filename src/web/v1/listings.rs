//! Answers that are rows.

use serde::Serialize;

use super::asked::Asked;
use super::partners::PartnerRow;
use super::{Answered, Fault, Rows};
use crate::deliver::line::tell_the_line;
use crate::ledger::event::NumberedEvent;
use crate::ledger::view::Filter;
use crate::ledger::view::listing::Page;
use crate::ledger::{Error, Transaction};

pub(super) fn transmissions(asked: &Asked) -> Result<Answered, Fault> {
    page(asked, |tx, filter| tx.transmissions(filter))
}

pub(super) fn documents(asked: &Asked) -> Result<Answered, Fault> {
    page(asked, |tx, filter| tx.documents(filter))
}

pub(super) fn acknowledgments(asked: &Asked) -> Result<Answered, Fault> {
    page(asked, |tx, filter| tx.acks(filter))
}

pub(super) fn expectations(asked: &Asked) -> Result<Answered, Fault> {
    page(asked, |tx, filter| tx.expectations(filter))
}

pub(super) fn deliveries(asked: &Asked) -> Result<Answered, Fault> {
    let config = asked.host.config();
    page(asked, |tx, filter| {
        let mut page = tx.deliveries(filter)?;
        tell_the_line(tx, &config, &mut page.rows)?;
        Ok(page)
    })
}

pub(super) fn findings(asked: &Asked) -> Result<Answered, Fault> {
    page(asked, |tx, filter| tx.findings(filter))
}

pub(super) fn clocks(asked: &Asked) -> Result<Answered, Fault> {
    page(asked, |tx, filter| tx.clocks(filter))
}

pub(super) fn failures(asked: &Asked) -> Result<Answered, Fault> {
    page(asked, |tx, filter| tx.failures(filter))
}

pub(super) fn events(asked: &Asked) -> Result<Answered, Fault> {
    page(asked, |tx, filter| {
        let Page { rows, next } = tx.events(filter)?;
        Ok(Page { rows: rows.into_iter().map(NumberedEvent::from).collect(), next })
    })
}

pub(super) fn partners(asked: &Asked) -> Result<Answered, Fault> {
    let (config, now) = (asked.host.config(), asked.host.now());
    let seen = config.partners.values().filter(|partner| asked.sees(partner.id.as_str()));
    all(seen.map(|partner| PartnerRow::of(partner, now)).collect())
}

pub(super) fn nodes(asked: &Asked) -> Result<Answered, Fault> {
    asked.expect_everything()?;
    let (ledger, lease) = (asked.host.ledger(), asked.host.config().node.lease);
    all(if ledger.is_shared() { ledger.read(|tx| tx.nodes_seen(lease))? } else { Vec::new() })
}

/// A page of a view.
fn page<T: Serialize>(
    asked: &Asked,
    view: impl FnOnce(&mut Transaction<'_>, &Filter) -> Result<Page<T>, Error>,
) -> Result<Answered, Fault> {
    let Page { rows, next } = asked.host.ledger().read(|tx| view(tx, &asked.filter))?;
    Answered::of(&Rows { rows, next: next.map(|next| next.to_string()) })
}

/// Rows that are few and stand on one page.
pub(super) fn all<T: Serialize>(rows: Vec<T>) -> Result<Answered, Fault> {
    Answered::of(&Rows { rows, next: None })
}
