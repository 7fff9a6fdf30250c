//! Documents that wait for each other: collected under their rule, closed into one interchange with one group.
//!
//! ```text
//! collect     a document is routed         -> it waits, and closes its batch when that is full
//! work        a time of the day, or the oldest has waited long enough -> the batch is closed
//! ```
//!
//! A document is tried before it waits, so that one which could not be sent is told to whoever sent it and not to the
//! batch. Control numbers are given when the batch is closed; everything that closes it is one transaction. A daemon that
//! was down over several times of the day finds one batch that is due, and closes it once.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::gateway::Gateway;
use super::outgoing::{Desk, Named, Owed, endpoint_template};
use crate::config::Config;
use crate::config::batch::Batch;
use crate::config::partner::{Partner, PartnerId, SendFormat, SendRule, X12Settings};
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::ledger::batch::{Batched, NewWaiting, WaitingBatch};
use crate::ledger::delivery::What;
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::{self, NewFinding};
use crate::ledger::{self, Id};
use crate::render;
use crate::route::Target;
use crate::x12::draft::SetDraft;
use crate::x12::envelope::Usage;

/// How often clocks are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The most sets of one interchange: ST02 counts them in four digits.
const MOST: u32 = 9_999;

/// Closes batches when their time has come, until told to stop.
pub async fn work(gateway: Arc<Gateway>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let at_work = Arc::clone(&gateway);
        let worked = tokio::task::spawn_blocking(move || {
            close_what_is_due(&at_work)
                .inspect_err(|fault| at_work.tell_fault(fault, "cannot close a batch, trying again"))
        });
        match worked.await {
            Ok(Ok(0) | Err(_)) => {}
            Ok(Ok(_)) => gateway.due.notify_one(),
            Err(panicked) => error!(error = %panicked, "closing a batch broke off, trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// One look; returns how many batches were closed.
fn close_what_is_due(gateway: &Gateway) -> Result<usize, ledger::Error> {
    let (config, now) = (gateway.config(), gateway.clock.now());
    let mut closed = 0;
    for waiting in gateway.ledger.read(|tx| tx.waiting_batches())? {
        let Some((partner, send, usage)) = rule_of(&config, &waiting) else {
            warn!(partner = waiting.partner, rule = waiting.rule, "documents wait under a rule that is gone");
            continue;
        };
        // A rule that collects no more lets go what it collected.
        let is_due = send
            .batch
            .as_ref()
            .is_none_or(|batch| batch.is_full(waiting.count, waiting.size) || batch.is_due(waiting.since, now));
        if is_due {
            let (partner, send, config) = (partner.id.clone(), send.clone(), Arc::clone(&config));
            gateway.ledger.write(move |tx| Desk { tx, config: &config, now }.close_batch(&partner, &send, usage))?;
            info!(partner = waiting.partner, rule = waiting.rule, documents = waiting.count, "batch closed");
            closed += 1;
        }
    }
    Ok(closed)
}

/// The rule under which documents wait, and whether they are tests.
fn rule_of<'c>(config: &'c Config, waiting: &WaitingBatch) -> Option<(&'c Partner, &'c SendRule, Usage)> {
    let partner = config.partners.get(&PartnerId::parse(&waiting.partner).ok()?)?;
    let rules = partner.sends.iter().filter(|send| matches!(send.format, SendFormat::X12));
    let mut keyed = rules.flat_map(|send| [Usage::Production, Usage::Test].map(|usage| (send, usage)));
    keyed.find(|(send, usage)| key(send, *usage) == waiting.rule).map(|(send, usage)| (partner, send, usage))
}

/// Documents of one rule go together, tests and business apart: `856 by mailbox`.
fn key(send: &SendRule, usage: Usage) -> String {
    let name = send.name.as_ref().map(|name| format!(" as {name}")).unwrap_or_default();
    let test = if usage == Usage::Test { ", tests" } else { "" };
    format!("{} by {}{name}{test}", send.kind.label(), send.via)
}

/// Documents with what a person calls them.
pub(super) fn labelled(documents: &[Batched]) -> Vec<(&Id, &str)> {
    documents.iter().map(|one| (&one.document, one.label.as_str())).collect()
}

impl Desk<'_, '_> {
    /// Lets a document wait for others of its rule; diagnostics say why it could not be sent.
    pub(super) fn collect(
        &mut self,
        id: &Id,
        document: &Document,
        target: &Target,
        (partner, x12): (&Partner, &X12Settings),
        batch: &Batch,
    ) -> Result<Vec<Diagnostic>, ledger::Error> {
        let usage = if document.header().test { Usage::Test } else { Usage::Production };
        let rendered = match render::x12::set_at(document, &x12.version) {
            Ok(rendered) => rendered,
            Err(diagnostics) => return Ok(diagnostics),
        };
        let size = match self.try_x12(partner, x12, rendered.draft, usage == Usage::Test) {
            Ok(size) => size,
            Err(diagnostics) => return Ok(diagnostics),
        };
        let rule = key(&target.send, usage);
        self.tx.wait_for_batch(&NewWaiting {
            partner: partner.id.as_str(),
            rule: &rule,
            document: id,
            label: &format!("{} {}", document.kind().label(), document.number()),
            po_number: document.po_numbers().first().copied(),
            size,
            since: self.now,
        })?;
        if batch.count.is_some() || batch.size.is_some() {
            let waiting = self.tx.waiting_batch(partner.id.as_str(), &rule)?;
            if waiting.is_some_and(|waiting| batch.is_full(waiting.count, waiting.size)) {
                self.close_batch(&partner.id, &target.send, usage)?;
            }
        }
        Ok(rendered.warnings)
    }

    /// Makes one interchange of what waits under a rule, with its delivery and a clock per document.
    pub fn close_batch(&mut self, partner: &PartnerId, send: &SendRule, usage: Usage) -> Result<(), ledger::Error> {
        let Some(partner) = self.config.partners.get(partner) else { return Ok(()) };
        let Some(x12) = &partner.x12 else { return Ok(()) };
        let Some(endpoint) = partner.endpoints.iter().find(|endpoint| endpoint.name == send.via) else { return Ok(()) };
        let batch = Id::new();
        let limit = send.batch.as_ref().and_then(|batch| batch.count).unwrap_or(MOST);
        let taken = self.tx.close_batch(&batch, partner.id.as_str(), &key(send, usage), limit)?;
        let (documents, sets) = self.writable(partner, x12, taken, usage)?;
        if documents.is_empty() {
            return Ok(());
        }
        let written = match self.write_x12(partner, x12, sets, usage == Usage::Test, &send.expect)? {
            Ok(written) => written,
            // Each of them can be written by itself, so this is a fault of ours: undone, and tried again.
            Err(faults) => {
                let first = faults.first().map(ToString::to_string).unwrap_or_default();
                return Err(ledger::Error::Unexpected(format!("a batch that cannot be written: {first}")));
            }
        };
        let template = send.name.as_deref().unwrap_or_else(|| endpoint_template(endpoint));
        let name = self.file_name(template, partner, Named::Batch(send.kind), &written);
        let label = match documents.as_slice() {
            [only] => only.label.clone(),
            several => format!("{} × {}", several.len(), send.kind.label()),
        };
        let owed = Owed { what: What::Batch(batch), label: &label, po_number: None };
        let delivery = self.record(partner, endpoint, &name, &written, owed)?;
        self.expect(partner, &send.expect, &delivery, &written, &labelled(&documents))
    }

    /// The documents that can still be written, with their sets; the others are told and wait no more.
    fn writable(
        &mut self,
        partner: &Partner,
        x12: &X12Settings,
        taken: Vec<Batched>,
        usage: Usage,
    ) -> Result<(Vec<Batched>, Vec<SetDraft>), ledger::Error> {
        let (mut documents, mut sets) = (Vec::new(), Vec::new());
        for one in taken {
            let document = self.tx.document(&one.document)?.document;
            let tried = render::x12::set_at(&document, &x12.version).and_then(|rendered| {
                self.try_x12(partner, x12, rendered.draft.clone(), usage == Usage::Test).map(|_| rendered.draft)
            });
            match tried {
                Ok(draft) => {
                    documents.push(one);
                    sets.push(draft);
                }
                Err(faults) => self.leave_out(partner, &one, &faults)?,
            }
        }
        Ok((documents, sets))
    }

    /// The configuration changed since the document was tried: it goes nowhere until it is submitted again.
    fn leave_out(&mut self, partner: &Partner, one: &Batched, faults: &[Diagnostic]) -> Result<(), ledger::Error> {
        self.tx.drop_from_batch(&one.id)?;
        for diagnostic in faults {
            let (partner, subject, document, at) = (partner.id.as_str(), &one.label, Some(&one.document), self.now);
            let new = NewFinding { document, ..NewFinding::new(partner, subject, diagnostic, at) };
            self.tx.record_finding(&new)?;
        }
        let why = faults.first().map(|fault| fault.message.clone()).unwrap_or_default();
        self.tx.append_event(&NewEvent {
            partner: one.journal.clone(),
            at: self.now,
            kind: EventKind::Finding,
            refs: Refs { document: Some(one.document.clone()), po_number: one.po_number.clone(), ..Refs::default() },
            text: format!("{} left out of its batch: {why}", one.label),
            data: faults.first().map(|fault| finding::told(fault, &one.label)).unwrap_or_default(),
        })?;
        Ok(())
    }
}
