//! Taking in a file of our own systems: CSV, XML or JSON by a map, or canonical JSON, completed from the stored order.

use jiff::Timestamp;

use super::intake::{self, Ended, File, Source, Usable};
use super::orders::{self, Arrived, Outcome, Ready};
use super::outgoing::Desk;
use crate::config::Config;
use crate::config::partner::{Partner, PartnerId, ReceiveFormat, ReceiveRule, Status};
use crate::diagnostic::codes::{custody, document as document_codes};
use crate::diagnostic::{Diagnostic, Place};
use crate::document::gs1::Sscc;
use crate::document::wanted::Wanted;
use crate::document::{Document, Kind, Shipment};
use crate::ledger::event::Refs;
use crate::ledger::transmission::Transmission;
use crate::ledger::{self, Transaction};
use crate::normalize;
use crate::normalize::complete::{Completed, KnownOrder, complete};

/// The largest CSV, XML or JSON file that is read; unlike X12 they are held in memory whole.
const LARGEST: u64 = 256 << 20;

/// A file that was read, before it is completed from the ledger.
pub struct Interpreted {
    documents: Vec<Document>,
    diagnostics: Vec<Diagnostic>,
}

/// Reads a transmission by a receive rule; diagnostics say why it was not read at all.
pub fn interpret(
    transmission: &Transmission,
    rule: &ReceiveRule,
    mut source: Source,
) -> Result<Result<Interpreted, Vec<Diagnostic>>, ledger::Error> {
    if transmission.size > LARGEST {
        let message =
            format!("{} has {} bytes, and files of its kind are held in memory", transmission.name, transmission.size);
        let place = Place { file: Some(transmission.name.clone()), ..Place::default() };
        let diagnostic =
            Diagnostic::new(&custody::TOO_LARGE, message).at(place).expected(format!("at most {LARGEST} bytes"));
        return Ok(Err(vec![diagnostic]));
    }
    let mut bytes = Vec::new();
    source
        .read_to_end(&mut bytes)
        .map_err(|error| ledger::Error::Damaged { sha256: transmission.sha256.clone(), detail: error.to_string() })?;
    let (documents, diagnostics) = match &rule.format {
        ReceiveFormat::Mapped { map, .. } => normalize::mapped::documents(&bytes, &transmission.name, map),
        ReceiveFormat::Canonical { .. } | ReceiveFormat::X12 => normalize::json::canonical(&bytes, &transmission.name),
    };
    Ok(Ok(Interpreted { documents, diagnostics }))
}

/// Completes what a file holds and records it.
pub fn record(tx: &mut Transaction<'_>, file: File<'_>, read: &Interpreted) -> Result<Ended, ledger::Error> {
    let File { config, transmission, now, .. } = file;
    // Whoever has no entry any more had one when the file was read, under the same configuration.
    let Some(from) = sender(config, transmission) else {
        return Ok(Ended { usable: Usable::Nothing, diagnostics: Vec::new() });
    };
    Taking { config, transmission, from, now }.file(tx, read)
}

fn sender<'c>(config: &'c Config, transmission: &Transmission) -> Option<&'c Partner> {
    PartnerId::parse(&transmission.partner).ok().and_then(|id| config.partners.get(&id))
}

/// One file on its way into the ledger.
struct Taking<'a> {
    config: &'a Config,
    transmission: &'a Transmission,
    /// Whose system it comes from.
    from: &'a Partner,
    now: Timestamp,
}

impl Taking<'_> {
    fn file(&self, tx: &mut Transaction<'_>, read: &Interpreted) -> Result<Ended, ledger::Error> {
        let (name, mut diagnostics) = (&self.transmission.name, read.diagnostics.clone());
        intake::tell(tx, self.transmission, self.from.id.as_str(), name, &diagnostics, self.now)?;
        let mut usable = Usable::Nothing;
        for document in &read.documents {
            let outcome = self.answer(tx, document.clone())?;
            if outcome.document.is_some() {
                usable = Usable::Something;
            }
            diagnostics.extend(outcome.diagnostics);
        }
        Ok(Ended { usable, diagnostics })
    }

    /// Completes one document from what is known and accepts it.
    fn answer(&self, tx: &mut Transaction<'_>, mut document: Document) -> Result<Outcome, ledger::Error> {
        document.header_mut().test |= self.from.status == Status::Test;
        if !document.kind().answers_an_order() && document.header().partner.is_empty() {
            document.header_mut().partner = self.partner_of(tx, &document)?;
        }
        let completed = complete_from_ledger(tx, self.config, self.from, document, self.now)?;
        let Completed { document, partner, mut diagnostics } = completed;
        if let Document::Shipment(shipment) = &document {
            diagnostics.extend(reused_codes(tx, shipment)?);
        }
        for diagnostic in &mut diagnostics {
            diagnostic.place.file.get_or_insert_with(|| self.transmission.name.clone());
        }
        match partner {
            Some(counterparty) if !diagnostics.iter().any(Diagnostic::is_error) => {
                self.accept(tx, &counterparty, document, diagnostics)
            }
            partner => self.stop(tx, partner.as_ref(), &document, diagnostics),
        }
    }

    /// Whose business a document is that names nobody: an order was placed by whoever sent it, a settlement is paid by them.
    /// What a bank or a warehouse tells of one partner's orders is that partner's.
    fn partner_of(&self, tx: &mut Transaction<'_>, document: &Document) -> Result<String, ledger::Error> {
        let sender = self.from.id.to_string();
        if document.kind().orders() || matches!(document.kind(), Kind::Settlement | Kind::Inventory) {
            return Ok(sender);
        }
        let partners = tx.partners_named_by(document)?;
        match &partners[..] {
            [only] => Ok(only.clone()),
            _ => Ok(sender),
        }
    }

    fn accept(
        &self,
        tx: &mut Transaction<'_>,
        counterparty: &PartnerId,
        document: Document,
        diagnostics: Vec<Diagnostic>,
    ) -> Result<Outcome, ledger::Error> {
        let codes = match &document {
            Document::Shipment(shipment) => container_codes(shipment),
            _ => Vec::new(),
        };
        let (transmission, from) = (self.transmission, &self.from.id);
        let ready = Ready::of(self.config, (from, counterparty), document, diagnostics, self.now)?;
        let arrived = Arrived { transmission, from, counterparty, ready: &ready };
        let outcome = orders::accept(&mut Desk { tx, config: self.config, now: self.now }, arrived)?;
        if let Some(id) = &outcome.document {
            for code in codes {
                tx.remember_sscc(code.as_str(), counterparty.as_str(), id)?;
            }
        }
        Ok(outcome)
    }

    /// Journals why a document goes no further, in the story of its order where that is known.
    fn stop(
        &self,
        tx: &mut Transaction<'_>,
        partner: Option<&PartnerId>,
        document: &Document,
        diagnostics: Vec<Diagnostic>,
    ) -> Result<Outcome, ledger::Error> {
        let refs = Refs {
            transmission: Some(self.transmission.id.clone()),
            po_number: document.po_numbers().first().map(|number| (*number).to_owned()),
            ..Refs::default()
        };
        let what = format!("{} in {}", document.label(), self.transmission.name);
        let journal = partner.unwrap_or(&self.from.id);
        intake::tell_with(tx, journal.as_str(), &what, &diagnostics, refs, self.now)?;
        Ok(Outcome { document: None, diagnostics })
    }
}

fn complete_from_ledger(
    tx: &mut Transaction<'_>,
    config: &Config,
    from: &Partner,
    document: Document,
    now: Timestamp,
) -> Result<Completed, ledger::Error> {
    let (mut orders, mut earlier) = (Vec::new(), Vec::new());
    for po_number in document.po_numbers() {
        let mut partners: Vec<String> = tx.orders_by_po(po_number)?.into_iter().map(|order| order.partner).collect();
        partners.dedup();
        for partner in partners {
            let about = tx.documents_about(&partner, po_number)?;
            if let Ok(partner) = PartnerId::parse(&partner) {
                let wanted = Wanted::of(about.iter().map(|one| (&one.document, one.at)));
                orders.extend(wanted.into_orders().map(|order| KnownOrder { partner: partner.clone(), order }));
            }
            // The document itself, when it comes again, is not an earlier one.
            let is_itself = |one: &Document| one.kind() == document.kind() && one.number() == document.number();
            let others = about.into_iter().map(|one| one.document);
            earlier.extend(others.filter(|one| !is_itself(one) && !one.kind().orders()));
        }
    }
    let mut trouble = None;
    let known = match &document {
        Document::Shipment(shipment) => codes_of_known_shipment(tx, shipment, &orders)?,
        _ => Vec::new(),
    };
    let mut known = known.into_iter();
    let received_on = from.zone.to_datetime(now).date();
    let completed = complete(document, &orders, &earlier, &config.us, received_on, &mut || {
        // A shipment that comes again keeps the codes that it was given the first time.
        known.next().or_else(|| {
            mint(tx, config).unwrap_or_else(|error| {
                trouble = Some(error);
                None
            })
        })
    });
    match trouble {
        Some(error) => Err(error),
        None => Ok(completed),
    }
}

/// The next code that is on no carton yet, ours or the ERP's.
fn mint(tx: &mut Transaction<'_>, config: &Config) -> Result<Option<Sscc>, ledger::Error> {
    let Some(prefix) = &config.us.gs1_company_prefix else { return Ok(None) };
    loop {
        let serial = tx.next_serial("sscc")?;
        let Some(code) = Sscc::mint(config.us.sscc_extension, prefix, serial) else { return Ok(None) };
        if !tx.sscc_was_used(code.as_str())? {
            return Ok(Some(code));
        }
    }
}

/// The codes that were minted for this shipment when it came before, in the order of its containers without one.
fn codes_of_known_shipment(
    tx: &mut Transaction<'_>,
    shipment: &Shipment,
    orders: &[KnownOrder],
) -> Result<Vec<Sscc>, ledger::Error> {
    let (Some(part), Some(order)) = (shipment.orders.first(), orders.first()) else { return Ok(Vec::new()) };
    let about = tx.documents_about(order.partner.as_str(), &part.po_number)?;
    let before = about.into_iter().find_map(|stored| match stored.document {
        Document::Shipment(before) if before.shipment_id == shipment.shipment_id => Some(before),
        _ => None,
    });
    let given = container_codes(shipment);
    let codes = before.map(|before| container_codes(&before)).unwrap_or_default();
    Ok(codes.into_iter().filter(|code| !given.contains(code)).collect())
}

fn container_codes(shipment: &Shipment) -> Vec<Sscc> {
    let pallets = shipment.orders.iter().flat_map(|order| &order.pallets).filter_map(|pallet| pallet.sscc.clone());
    pallets.chain(shipment.cartons().filter_map(|carton| carton.sscc.clone())).collect()
}

/// An SSCC that stands on a container of another shipment.
fn reused_codes(tx: &mut Transaction<'_>, shipment: &Shipment) -> Result<Vec<Diagnostic>, ledger::Error> {
    let mut diagnostics = Vec::new();
    for code in container_codes(shipment) {
        if let Some(other) = tx.shipment_with_sscc(code.as_str())?
            && other != shipment.shipment_id
        {
            let message = format!("container code {code} stands on shipment {other} already");
            diagnostics.push(Diagnostic::new(&document_codes::REUSED_SSCC, message).found(code.as_str()));
        }
    }
    Ok(diagnostics)
}
