//! Guides: by which rules what a partner sends and gets is checked, and what it demands beyond the standard; the files as they are.

use std::collections::BTreeSet;

use super::asking::Asking;
use super::fault::Fault;
use super::sheet::{Block, sheet};
use super::table::{Cell, Table};
use crate::config::partner::{Partner, PartnerId, SendFormat, X12Settings};
use crate::web::answer::Answer;
use crate::x12::guide::Guide;
use crate::x12::guide::overlay::{Overlaid, Told};

/// The guides in use with a partner, by set.
pub(super) fn table(partner: &Partner) -> Table {
    let guides = partner.x12.as_ref().map(|x12| in_use(partner, x12)).unwrap_or_default();
    let row = |guide: &&Guide| {
        let place = format!("/partners/{}/guides/{}/{}", partner.id, guide.set, guide.version);
        vec![
            Cell::text(guide.set),
            Cell::link(place, guide.name),
            Cell::text(guide.version),
            Cell::text(guide.layer),
            Cell::optional(guide.overlay.as_ref().map(|overlay| overlay.file.clone())),
        ]
    };
    Table {
        caption: "What its documents are checked by".to_owned(),
        columns: vec!["Set", "Guide", "Version", "Rules of", "Overlay"],
        rows: guides.iter().map(row).collect(),
    }
}

/// Those of the sets that are exchanged, at its own version and where it has an overlay.
fn in_use(partner: &Partner, x12: &X12Settings) -> Vec<&'static Guide> {
    let received = partner.receives.iter().map(|rule| rule.kind);
    let sent = partner.sends.iter().filter(|rule| matches!(rule.format, SendFormat::X12)).map(|rule| rule.kind);
    let sets: BTreeSet<&str> = received.chain(sent).filter_map(|kind| kind.transaction_set()).collect();
    let library = &x12.guides.library;
    let guides = library.list().into_iter().filter_map(|(set, version)| library.find(set, version));
    let is_in_use = |guide: &&Guide| x12.version.starts_with(guide.version) || guide.overlay.is_some();
    guides.filter(|guide| sets.contains(guide.set)).filter(is_in_use).collect()
}

/// One guide.
pub(super) fn show(asking: &Asking<'_>) -> Result<Answer, Fault> {
    let named = asking.part(2);
    asking.see(&named)?;
    let id = PartnerId::parse(&named).map_err(|_| Fault::NoSuchPage)?;
    let x12 = asking.config.partners.get(&id).and_then(|partner| partner.x12.as_ref()).ok_or(Fault::NoSuchPage)?;
    let (set, version) = (asking.part(4), asking.part(5));
    let guide = x12.guides.library.find(&set, &version).ok_or(Fault::NoSuchPage)?;
    let mut blocks = vec![Block::Facts(vec![
        ("Partner", Cell::text(asking.partner_name(&named))),
        ("Set", Cell::text(guide.set)),
        ("Version", Cell::text(guide.version)),
        ("Rules of", Cell::text(guide.layer)),
    ])];
    if let Some(overlay) = &guide.overlay {
        blocks.push(Block::Heading(format!("{} demands beyond it", overlay.whose())));
        blocks.push(Block::Table(demands(overlay)));
        blocks.push(Block::Heading(format!("The same as {} says it", overlay.file)));
        blocks.push(Block::Pre(overlay.text.to_owned()));
    }
    blocks.push(Block::Heading("The guide as its file has it".to_owned()));
    blocks.push(Block::Pre(guide.text.to_owned()));
    sheet(asking, &format!("{} {}", guide.set, guide.name), blocks)
}

fn demands(overlay: &Overlaid) -> Table {
    let row =
        |told: &Told| vec![Cell::text(if told.at.is_empty() { "the set" } else { &told.at }), Cell::text(&told.demand)];
    Table {
        caption: "In the order of its file".to_owned(),
        columns: vec!["Place", "Demand"],
        rows: overlay.rules.iter().map(row).collect(),
    }
}
