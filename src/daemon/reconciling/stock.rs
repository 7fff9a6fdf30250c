//! Reports of the same stock that two systems send: compared as they come, the newest of each side with the one nearest to it in time.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::{About, bring_in_line};
use crate::config::Config;
use crate::config::partner::{Partner, PartnerId, Role};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::reconcile as codes;
use crate::document::{Document, Inventory, Kind, cents};
use crate::ledger::document::StoredDocument;
use crate::ledger::finding::AtStake;
use crate::ledger::{self, Transaction};
use crate::reconcile::findings::Disagreement;
use crate::reconcile::parity::{self, Compared};
use crate::reconcile::prices;

/// How far back reports are looked for.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Compares a report of stock with those of the other side: the ERP's with the warehouses', each of theirs with the ERP's.
pub(super) fn compare(
    tx: &mut Transaction<'_>,
    config: &Config,
    paper: &StoredDocument,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    if !matches!(paper.document, Document::Inventory(_)) || paper.document.header().test {
        return Ok(());
    }
    let Some(author) = PartnerId::parse(&paper.partner).ok().and_then(|id| config.partners.get(&id)) else {
        return Ok(());
    };
    for other in config.partners.values() {
        match (is_erp(author), is_erp(other)) {
            (true, false) if keeps_stock(other) => compare_two(tx, author, other, now)?,
            (false, true) if keeps_stock(author) => compare_two(tx, other, author, now)?,
            _ => {}
        }
    }
    Ok(())
}

fn is_erp(partner: &Partner) -> bool {
    partner.role == Role::Erp
}

fn keeps_stock(partner: &Partner) -> bool {
    matches!(partner.role, Role::Wms | Role::ThirdPartyLogistics)
}

/// A report with the moment that it describes.
struct Report<'r> {
    as_of: Timestamp,
    inventory: &'r Inventory,
    paper: &'r StoredDocument,
}

/// What a side reported, each with its moment in that side's zone.
fn reports<'r>(papers: &'r [StoredDocument], author: &Partner) -> Vec<Report<'r>> {
    let report = |paper: &'r StoredDocument| match &paper.document {
        Document::Inventory(inventory) if !inventory.header.test => {
            Some(Report { as_of: author.zone.to_timestamp(inventory.as_of).ok()?, inventory, paper })
        }
        _ => None,
    };
    papers.iter().filter_map(report).collect()
}

fn compare_two(tx: &mut Transaction<'_>, erp: &Partner, keeper: &Partner, now: Timestamp) -> Result<(), ledger::Error> {
    let since = now.checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
    let (ours, theirs) =
        (tx.inventories_since(erp.id.as_str(), since)?, tx.inventories_since(keeper.id.as_str(), since)?);
    let (ours, theirs) = (reports(&ours, erp), reports(&theirs, keeper));
    let window = SignedDuration::try_from(keeper.tolerance.stock).unwrap_or(SignedDuration::MAX);
    // The latest two that may be compared: an older report that comes late says nothing new.
    let apart = |a: &Report<'_>, b: &Report<'_>| a.as_of.duration_since(b.as_of).abs();
    let pairs = ours.iter().flat_map(|a| theirs.iter().map(move |b| (a, b))).filter(|(a, b)| apart(a, b) <= window);
    let Some((a, b)) =
        pairs.max_by_key(|(a, b)| (a.as_of.min(b.as_of), a.as_of.max(b.as_of), &a.paper.id, &b.paper.id))
    else {
        return Ok(());
    };
    let between = format!("by {} and {}", erp.id, keeper.id);
    let compared = parity::compare(a.inventory, b.inventory, &keeper.cross_references);
    let differing: Vec<&Compared> =
        compared.iter().filter(|one| (one.ours - one.theirs).abs() > keeper.tolerance.quantity).collect();
    let priced = if differing.is_empty() { Vec::new() } else { newest_priced(tx)? };
    let disagreements: Vec<Disagreement> = differing
        .into_iter()
        .map(|one| {
            let counts = [(&erp.id, one.ours), (&keeper.id, one.theirs)];
            let counts =
                counts.map(|(who, count): (&PartnerId, Decimal)| format!("{who} counts {}", count.normalize()));
            Disagreement {
                subject: format!("stock of {} at {} {between}", one.item.label(), one.location),
                diagnostic: Diagnostic::new(&codes::STOCK_DIFFERS, counts.join(", ")),
                document: Some(b.paper.id.clone()),
                at_stake: at_stake(one, &priced, keeper),
            }
        })
        .collect();
    let mut known = tx.findings_by_rule(keeper.id.as_str(), codes::STOCK_DIFFERS.code)?;
    // What stands in places of which these reports do not speak is not theirs to resolve.
    let ends: Vec<String> = compared.iter().map(|one| format!(" at {} {between}", one.location)).collect();
    known.retain(|row| ends.iter().any(|end| row.subject.ends_with(end)));
    let about = About { partner: keeper.id.as_str(), po_number: None, document: None };
    bring_in_line(tx, about, known, &disagreements, now)
}

/// How many orders, and how many invoices, are looked through for the last price of an item.
const PRICED: u32 = 500;

/// The newest documents that name prices, the newest first.
fn newest_priced(tx: &mut Transaction<'_>) -> Result<Vec<StoredDocument>, ledger::Error> {
    let mut newest = tx.newest_of(Kind::Order, PRICED)?;
    newest.extend(tx.newest_of(Kind::Invoice, PRICED)?);
    newest.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
    Ok(newest)
}

/// The difference at the item's last price, where one is known.
fn at_stake(one: &Compared, priced: &[StoredDocument], keeper: &Partner) -> Option<AtStake> {
    let price = prices::last(priced, &keeper.cross_references, &one.item, one.unit.as_deref()?)?;
    let money = cents((one.ours - one.theirs).abs() * price.amount);
    (money > Decimal::ZERO).then_some(AtStake { money, currency: price.currency })
}
