//! What goes out: a document becomes bytes, control numbers, a delivery and its clocks, all in the transaction that records
//! it. Acknowledgments go the same way (`answers`).
//!
//! Everything in X12 is checked by the guide that checks what comes in, before it is recorded as due: we never send
//! what we would reject. What cannot be sent becomes diagnostics; the document stays recorded.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::config::Config;
use crate::config::duplicates::Duplicates;
use crate::config::partner::{Endpoint, Expected, Partner, PartnerId, SendFormat, X12Settings};
use crate::diagnostic::codes::custody;
use crate::diagnostic::{Diagnostic, Place};
use crate::document::{Document, Kind};
use crate::ledger::delivery::{NewDelivery, What};
use crate::ledger::envelope::SentEnvelope;
use crate::ledger::expectation::{self, About, NewExpectation, OwedBy};
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::{self, Content, Id, Transaction};
use crate::render;
use crate::render::name::{Template, Values};
use crate::route::Target;
use crate::x12::draft::SetDraft;
use crate::x12::envelope::{Usage, functional_id};
use crate::x12::examine::examine;
use crate::x12::writer::{self, Envelope, GroupDraft, WriteError};

/// A transaction with what every hand-over in it needs.
pub struct Desk<'t, 'c> {
    /// The transaction.
    pub tx: &'t mut Transaction<'c>,
    /// The configuration that this piece of work began with.
    pub config: &'t Config,
    /// The time of this piece of work.
    pub now: Timestamp,
}

/// What is sent: its bytes, and under which numbers.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) content: Content,
    pub(super) envelope: Option<SentEnvelope>,
    /// The groups of the same interchange after the first.
    pub(super) further_groups: Vec<SentEnvelope>,
    /// What was cut or transliterated on the way.
    pub(super) warnings: Vec<Diagnostic>,
}

/// What a delivery is of.
pub(super) struct Owed<'o> {
    pub(super) what: What,
    /// For a person: `856 SHP0000777`.
    pub(super) label: &'o str,
    pub(super) po_number: Option<&'o str>,
}

/// What a file's name may speak of.
pub(super) enum Named<'d> {
    Document(&'d Document),
    Batch(Kind),
    /// ST01.
    Acknowledgment(&'static str),
}

impl Written {
    pub(super) fn plain(bytes: Vec<u8>) -> Written {
        Written { content: Content::in_memory(bytes), envelope: None, further_groups: Vec::new(), warnings: Vec::new() }
    }
}

/// What is left at a target in a format that has no number of the ledger's in it.
#[derive(Debug)]
pub struct Draft {
    written: Result<Written, Vec<Diagnostic>>,
    name: String,
}

/// Writes a document for a target before it is recorded; nothing for X12, whose numbers the ledger gives.
pub fn draft(config: &Config, document: &Document, target: &Target, now: Timestamp) -> Option<Draft> {
    let partner = config.partners.get(&target.partner)?;
    let written = match &target.send.format {
        SendFormat::X12 => return None,
        SendFormat::Mapped(map) => render::mapped::render(document, map).map(Written::plain),
        SendFormat::Canonical => Ok(Written::plain(render::json::canonical(document))),
    };
    let template = target.send.name.as_deref().unwrap_or_else(|| endpoint_template(&target.endpoint));
    let values = (Named::Document(document), None, zoned(partner, now));
    let name = match &written {
        Ok(written) => name_by(template, partner, values, &written.content),
        Err(_) => String::new(),
    };
    Some(Draft { written, name })
}

impl Desk<'_, '_> {
    /// What becomes of what a partner sends twice.
    pub fn policies(&self, partner: &PartnerId) -> Duplicates {
        self.config.partners.get(partner).map(|partner| partner.duplicates).unwrap_or_default()
    }

    /// Makes the delivery of a recorded document to one target, of its draft where there is one; diagnostics say why there is
    /// none.
    pub fn deliver_document(
        &mut self,
        id: &Id,
        document: &Document,
        target: &Target,
        draft: Option<&Draft>,
    ) -> Result<Vec<Diagnostic>, ledger::Error> {
        let Some(partner) = self.config.partners.get(&target.partner) else {
            return Ok(Vec::new());
        };
        if let (Some(batch), Some(x12)) = (&target.send.batch, &partner.x12) {
            return self.collect(id, document, target, (partner, x12), batch);
        }
        let made;
        let draft = match draft {
            Some(draft) => draft,
            None => {
                made = self.draft(document, partner, target)?;
                &made
            }
        };
        let written = match &draft.written {
            Ok(written) => written,
            Err(diagnostics) => return Ok(diagnostics.clone()),
        };
        let label = format!("{} {}", document.kind().label(), document.number());
        let po_number = document.po_numbers().first().copied();
        let owed = Owed { what: What::Document(id.clone()), label: &label, po_number };
        let delivery = self.record(partner, &target.endpoint, &draft.name, written, owed)?;
        self.expect(partner, &target.send.expect, &delivery, written, &[(id, &label)])?;
        Ok(written.warnings.clone())
    }

    /// Opens what the partner owes for what goes out: an answer to each of its documents, in the order of their sets, and one to
    /// the interchange.
    pub(super) fn expect(
        &mut self,
        partner: &Partner,
        expected: &Expected,
        delivery: &Id,
        written: &Written,
        documents: &[(&Id, &str)],
    ) -> Result<(), ledger::Error> {
        let Some(envelope) = &written.envelope else { return Ok(()) };
        // One interchange carries documents of one kind.
        let set = envelope.sets.first().map(|(set, _)| set.clone());
        let owed = |what: &str, label: &str, document: Option<&Id>, envelope, within| NewExpectation {
            partner: partner.id.to_string(),
            what: what.to_owned(),
            owed_by: OwedBy::Partner,
            about: About::Delivery(delivery.clone()),
            label: label.to_owned(),
            document: document.cloned(),
            set: set.clone(),
            envelope: Some(envelope),
            opened: self.now,
            within,
        };
        let mut new = Vec::new();
        for ((document, label), set) in documents.iter().zip(&envelope.sets) {
            let envelope = SentEnvelope { sets: vec![set.clone()], ..envelope.clone() };
            if let Some((kind, within)) = expected.functional {
                new.push(owed(kind.set_id(), label, Some(document), envelope.clone(), within));
            }
            if let Some(within) = expected.application {
                new.push(owed(expectation::APPLICATION, label, Some(document), envelope, within));
            }
        }
        if let Some(within) = expected.interchange {
            let label = format!("interchange {}", envelope.interchange_control_number);
            let only = <[_; 1]>::try_from(documents).ok().map(|[(document, _)]| document);
            let envelope = SentEnvelope { sets: Vec::new(), ..envelope.clone() };
            new.push(owed(expectation::INTERCHANGE, &label, only, envelope, within));
        }
        new.iter().try_for_each(|new| self.tx.open_expectation(new))
    }

    /// Writes a document now, under numbers of this transaction where it needs some.
    fn draft(&mut self, document: &Document, partner: &Partner, target: &Target) -> Result<Draft, ledger::Error> {
        if let Some(draft) = draft(self.config, document, target, self.now) {
            return Ok(draft);
        }
        let written = match &partner.x12 {
            Some(x12) => match render::x12::set_at(document, &x12.version) {
                Ok(rendered) => {
                    let sets = vec![rendered.draft];
                    let written = self.write_x12(partner, x12, sets, document.header().test, &target.send.expect)?;
                    written.map(|written| Written { warnings: rendered.warnings, ..written })
                }
                Err(diagnostics) => Err(diagnostics),
            },
            // The configuration refuses an X12 rule without [x12].
            None => Err(vec![no_x12(partner)]),
        };
        let template = target.send.name.as_deref().unwrap_or_else(|| endpoint_template(&target.endpoint));
        let name = match &written {
            Ok(written) => self.file_name(template, partner, Named::Document(document), written),
            Err(_) => String::new(),
        };
        Ok(Draft { written, name })
    }

    /// One interchange with one group, under numbers of this transaction, checked as its receiver would; it asks for the TA1 that
    /// is expected.
    pub(super) fn write_x12(
        &mut self,
        partner: &Partner,
        x12: &X12Settings,
        sets: Vec<SetDraft>,
        test: bool,
        expected: &Expected,
    ) -> Result<Result<Written, Vec<Diagnostic>>, ledger::Error> {
        let acknowledgment_requested = expected.interchange.is_some();
        let envelope = Envelope { acknowledgment_requested, ..self.envelope(partner, x12, test)? };
        let group_number = self.tx.next_number("gs06", partner.id.as_str(), x12.first_control_number)?;
        Ok(Self::write_numbered(x12, &envelope, group_number, sets))
    }

    /// Whether a set could be sent by itself, and how many bytes that takes; no number is used up for it.
    pub(super) fn try_x12(
        &self,
        partner: &Partner,
        x12: &X12Settings,
        set: SetDraft,
        test: bool,
    ) -> Result<u64, Vec<Diagnostic>> {
        let envelope = self.envelope_numbered(partner, x12, test, 1);
        Self::write_numbered(x12, &envelope, 1, vec![set]).map(|written| written.content.size())
    }

    fn write_numbered(
        x12: &X12Settings,
        envelope: &Envelope,
        group_number: u32,
        sets: Vec<SetDraft>,
    ) -> Result<Written, Vec<Diagnostic>> {
        let ids: Vec<String> = sets.iter().map(|set| set.id.clone()).collect();
        let bytes = match writer::interchange(envelope, &[GroupDraft { control_number: group_number, sets }]) {
            Ok(bytes) => bytes,
            Err(error) => return Err(vec![unwritable(&error)]),
        };
        let faults = faults_of_our_own(&bytes, x12);
        if !faults.is_empty() {
            return Err(faults);
        }
        let sent = SentEnvelope {
            interchange_control_number: envelope.control_number,
            functional_id: ids.first().and_then(|id| functional_id(id)).unwrap_or_default().to_owned(),
            group_control_number: group_number,
            sets: ids.into_iter().zip(1..).map(|(id, number)| (id, format!("{number:04}"))).collect(),
        };
        Ok(Written { envelope: Some(sent), ..Written::plain(bytes) })
    }

    pub(super) fn envelope(
        &mut self,
        partner: &Partner,
        x12: &X12Settings,
        test: bool,
    ) -> Result<Envelope, ledger::Error> {
        let control_number = self.tx.next_number("isa13", partner.id.as_str(), x12.first_control_number)?;
        Ok(self.envelope_numbered(partner, x12, test, control_number))
    }

    fn envelope_numbered(&self, partner: &Partner, x12: &X12Settings, test: bool, control_number: u32) -> Envelope {
        let usage = if test { Usage::Test } else { Usage::Production };
        x12.envelope(&self.config.us, control_number, usage, self.local(partner))
    }

    pub(super) fn record(
        &mut self,
        partner: &Partner,
        endpoint: &Endpoint,
        name: &str,
        written: &Written,
        owed: Owed<'_>,
    ) -> Result<Id, ledger::Error> {
        let transmission = self.tx.record_transmission(&NewTransmission {
            direction: Direction::Out,
            partner: partner.id.to_string(),
            endpoint: endpoint.name.clone(),
            name: name.to_owned(),
            claim: None,
            message_id: None,
            content: written.content.clone(),
            at: self.now,
            state: TransmissionState::Built,
        })?;
        if let Some(envelope) = &written.envelope {
            let interchange = self.tx.record_sent_envelope(&transmission, partner.id.as_str(), envelope)?;
            for group in &written.further_groups {
                self.tx.record_sent_group(&interchange, partner.id.as_str(), group)?;
            }
        }
        let delivery = NewDelivery {
            transmission,
            partner: partner.id.to_string(),
            endpoint: endpoint.name.clone(),
            name: name.to_owned(),
            what: owed.what,
            label: owed.label.to_owned(),
            po_number: owed.po_number.map(str::to_owned),
            due: self.now,
        };
        self.tx.record_delivery(&delivery)
    }

    /// The file name of a delivery.
    pub(super) fn file_name(&self, template: &str, partner: &Partner, named: Named<'_>, written: &Written) -> String {
        let number = written.envelope.as_ref().map(|sent| sent.interchange_control_number);
        name_by(template, partner, (named, number, self.local(partner)), &written.content)
    }

    fn local(&self, partner: &Partner) -> DateTime {
        zoned(partner, self.now)
    }
}

fn zoned(partner: &Partner, now: Timestamp) -> DateTime {
    partner.zone.to_datetime(now)
}

/// A file name by its template: for what, under which interchange control number, at which time of the partner's.
fn name_by(
    template: &str,
    partner: &Partner,
    (named, control_number, at): (Named<'_>, Option<u32>, DateTime),
    content: &Content,
) -> String {
    let set = match &named {
        Named::Acknowledgment(set) => set,
        Named::Document(document) => document.kind().label(),
        Named::Batch(kind) => kind.label(),
    };
    let (document, kind) = match named {
        Named::Document(document) => (Some(document), Some(document.kind())),
        Named::Batch(kind) => (None, Some(kind)),
        Named::Acknowledgment(_) => (None, None),
    };
    let po_numbers = document.map(Document::po_numbers).unwrap_or_default();
    let number = match document {
        Some(document) => match document.mark() {
            Some(mark) => format!("{}_{mark}", document.number()),
            None => document.number().to_owned(),
        },
        None => String::new(),
    };
    let values = Values {
        partner: partner.id.as_str(),
        kind: kind.map_or("acknowledgment", Kind::name),
        set,
        number: &number,
        po_number: po_numbers.first().copied().unwrap_or_default(),
        interchange_control_number: control_number,
        at,
    };
    // The configuration refuses a template that cannot be read, so the fallback is never taken.
    Template::parse(template).map_or_else(|_| format!("{}.edi", content.sha256()), |template| template.render(&values))
}

pub(super) fn endpoint_template(endpoint: &Endpoint) -> &str {
    endpoint.drop_off.as_ref().map_or("{partner}_{set}_{isa13}.edi", |drop_off| &drop_off.name)
}

fn no_x12(partner: &Partner) -> Diagnostic {
    Diagnostic::new(
        &custody::UNWRITABLE,
        format!("{} has no [x12] section, so nothing can be sent to it as X12", partner.id),
    )
}

pub(super) fn unwritable(error: &WriteError) -> Diagnostic {
    Diagnostic::new(&custody::UNWRITABLE, error.to_string())
}

/// What the receiver would find wrong with our bytes, by its own guides; empty when it would accept them.
fn faults_of_our_own(bytes: &[u8], x12: &X12Settings) -> Vec<Diagnostic> {
    let Ok(report) = examine(bytes, None, &|_| &x12.guides.library, &mut |_| {}) else { return Vec::new() };
    let mut faults: Vec<Diagnostic> = report.all_diagnostics().filter(|one| one.is_error()).cloned().collect();
    if let Some(first) = faults.first() {
        let summary =
            Diagnostic::new(&custody::WOULD_BE_REJECTED, format!("not sent: {}", first.message)).at(Place::default());
        faults.insert(0, summary);
    }
    faults
}
