//! Taking in an X12 file: its sets become documents, its groups are acknowledged, its acknowledgments are noted.
//!
//! Everything that can be decided without the ledger is decided first: envelopes, guides, documents. What needs the
//! ledger (a control number that came in before, a known order) is decided in the transaction that records it.

use std::io::BufReader;
use std::sync::Arc;

use jiff::Timestamp;
use tracing::warn;

use super::gateway::Gateway;
use super::intake::{self, Source, Usable};
use super::orders::{self, Arrived};
use super::outgoing::Desk;
use crate::config::Config;
use crate::config::duplicates::{Decided, Policy, Twice};
use crate::config::partner::{Partner, Status};
use crate::crash;
use crate::diagnostic::codes::{custody, document as document_codes};
use crate::diagnostic::{AckCode, Diagnostic, Place, Record, Severity, Spot};
use crate::document::{Document, Kind};
use crate::ledger::acknowledgment::Received;
use crate::ledger::envelope::AcceptedInterchange;
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::NewFinding;
use crate::ledger::transmission::Transmission;
use crate::ledger::{self, Id, Submitted, Transaction};
use crate::normalize;
use crate::x12::acknowledgment::{self, FunctionalAcknowledgment};
use crate::x12::envelope::{InterchangeId, Usage};
use crate::x12::examine::{GroupVerdict, InterchangeReport, Report, SetVerdict, examine};
use crate::x12::writer::SetDraft;

/// What a set yielded while it was in memory, in the file's order.
enum Yield {
    /// A business document, with what reading it showed.
    Document(Option<Box<Document>>, Vec<Diagnostic>),
    /// A 997.
    Acknowledgment(FunctionalAcknowledgment),
    /// Nothing that edigate reads further.
    Nothing,
}

/// Takes in an X12 transmission.
pub fn take_in(
    gateway: &Gateway,
    config: &Arc<Config>,
    transmission: &Transmission,
    source: Source,
) -> Result<Submitted<()>, ledger::Error> {
    let mut yields = Vec::new();
    let examined = examine(BufReader::with_capacity(256 << 10, source), Some(&transmission.name), &mut |set| {
        yields.push(match set.checked {
            Some(checked) if set.group.functional_id == "FA" && set.report.verdict != SetVerdict::Rejected => {
                Yield::Acknowledgment(acknowledgment::read(checked))
            }
            Some(checked) if Kind::parse(&set.report.id).is_some() && set.report.verdict != SetVerdict::Rejected => {
                let (document, diagnostics) = normalize::x12::document(checked, Some(&transmission.name));
                Yield::Document(document.map(Box::new), diagnostics)
            }
            _ => Yield::Nothing,
        });
    });
    let report = examined
        .map_err(|error| ledger::Error::Damaged { sha256: transmission.sha256.clone(), detail: error.to_string() })?;
    let (config, transmission, now) = (Arc::clone(config), transmission.clone(), gateway.clock.now());
    let node = gateway.nodes.id.clone();
    Ok(gateway.ledger.submit(move |tx| {
        let (diagnostics, used) = (Vec::new(), false);
        let mut taking = Taking { config: &config, transmission: &transmission, node: &node, now, diagnostics, used };
        taking.file(tx, report, yields)?;
        crash::point("intake.commit.before");
        Ok(())
    }))
}

/// One file on its way into the ledger.
struct Taking<'a> {
    config: &'a Config,
    transmission: &'a Transmission,
    node: &'a Id,
    now: Timestamp,
    /// Everything wrong with the file, in its order.
    diagnostics: Vec<Diagnostic>,
    /// Something in it could be used.
    used: bool,
}

/// An interchange whose number came in before.
struct Known {
    /// The first one.
    first: AcceptedInterchange,
    /// What decided.
    by: Decided,
    /// The same in words.
    message: String,
}

impl Taking<'_> {
    fn file(&mut self, tx: &mut Transaction<'_>, report: Report, yields: Vec<Yield>) -> Result<(), ledger::Error> {
        let partner = self.transmission.partner.clone();
        intake::tell(tx, self.transmission, &partner, &self.transmission.name, &report.diagnostics, self.now)?;
        self.diagnostics.extend(report.diagnostics);
        let mut yields = yields.into_iter();
        for interchange in report.interchanges {
            let sets = interchange.groups.iter().map(|group| group.sets.len()).sum();
            let its_yields = yields.by_ref().take(sets).collect();
            self.interchange(tx, interchange, its_yields)?;
        }
        let usable = if self.used { Usable::Something } else { Usable::Nothing };
        intake::end(tx, self.transmission, self.node, &self.diagnostics, usable)
    }

    fn interchange(
        &mut self,
        tx: &mut Transaction<'_>,
        mut report: InterchangeReport,
        yields: Vec<Yield>,
    ) -> Result<(), ledger::Error> {
        let config = self.config;
        let partner = report.header.sender_id().and_then(|id| partner_of(config, &id));
        let refusal = self.refusal(&report, partner);
        if let (None, Some(partner)) = (&refusal, partner)
            && let Some(known) = self.known_number(tx, partner, &report)?
        {
            match known.by.policy {
                Policy::Replace => self.take_in_place(tx, partner, &known, &report)?,
                Policy::Quarantine | Policy::AcknowledgeAgain => return self.keep_out(tx, partner, &known, report),
            }
        }
        let journal = partner.map_or(self.transmission.partner.as_str(), |partner| partner.id.as_str()).to_owned();
        let what = format!("interchange {} in {}", report.header.control_number, self.transmission.name);
        let refused = refusal.is_some() || report.is_rejected();
        // The TA1 and the diagnostics of the file say it as well.
        report.diagnostics.extend(refusal);
        let Some(partner) = partner.filter(|_| !refused) else {
            intake::tell(tx, self.transmission, &journal, &what, &report.diagnostics, self.now)?;
            self.note_diagnostics(&report);
            let recorded = tx.record_interchange(&self.transmission.id, &journal, &report, false)?;
            return self.answer_interchange(tx, partner_if_known(config, &report), &recorded.id, &report);
        };
        self.reject_what_is_not_agreed(partner, &mut report, &yields);
        self.note_diagnostics(&report);
        let recorded = tx.record_interchange(&self.transmission.id, partner.id.as_str(), &report, true)?;
        self.raise_oddities(tx, partner, &report)?;
        self.acknowledgments_received(tx, partner, &report)?;
        self.sets(tx, partner, &report, &recorded.sets, yields)?;
        self.acknowledge(tx, partner, &recorded.id, &report)?;
        self.answer_interchange(tx, Some(partner), &recorded.id, &report)
    }

    /// Why an interchange with a whole envelope is not for us to process.
    fn refusal(&self, report: &InterchangeReport, partner: Option<&Partner>) -> Option<Diagnostic> {
        let header = &report.header;
        let place = Place { byte: Some(header.offset), ..intake_place(self.transmission) };
        let Some(partner) = partner else {
            let sender = format!("{}:{}", header.sender_qualifier, header.sender);
            let known: Vec<String> =
                self.config.partners.values().filter_map(|one| Some(one.x12.as_ref()?.isa.to_string())).collect();
            let message = format!("interchange {} comes from {sender}, which is no partner", header.control_number);
            let diagnostic = Diagnostic::new(&custody::UNKNOWN_SENDER, message).at(place);
            let expected = format!("one of {}", known.join(", "));
            return Some(diagnostic.expected(expected).found(sender).acknowledged_as(AckCode::Interchange(6)));
        };
        let receiver = format!("{}:{}", header.receiver_qualifier, header.receiver);
        if header.receiver_id().as_ref() != Some(&self.config.us.isa) {
            let message = format!("interchange {} is addressed to {receiver}", header.control_number);
            let expected = self.config.us.isa.to_string();
            let diagnostic = Diagnostic::new(&custody::NOT_FOR_US, message).at(place);
            return Some(diagnostic.expected(expected).found(receiver).acknowledged_as(AckCode::Interchange(8)));
        }
        if header.usage == Some(Usage::Test) && partner.status == Status::Production {
            let message =
                format!("interchange {} is a test (ISA15), and {} is in production", header.control_number, partner.id);
            let diagnostic = Diagnostic::new(&custody::TEST_AT_PRODUCTION, message).at(place);
            return Some(diagnostic.expected("P").found("T").acknowledged_as(AckCode::Interchange(20)));
        }
        None
    }

    /// An accepted interchange of these numbers that is not this very one, put back to be processed again.
    fn known_number(
        &self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        report: &InterchangeReport,
    ) -> Result<Option<Known>, ledger::Error> {
        let Some(first) = tx.accepted_interchange(partner.id.as_str(), &report.header)? else { return Ok(None) };
        if tx.interchange_was_accepted(&self.transmission.id, report.bytes.start)? {
            return Ok(None);
        }
        let by = partner.duplicates.for_the_same(Twice::ControlNumber);
        let message = format!("interchange {} came in before, in {}", report.header.control_number, first.name);
        Ok(Some(Known { first, by, message }))
    }

    /// Tells that an interchange is processed although its number is known.
    fn take_in_place(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        known: &Known,
        report: &InterchangeReport,
    ) -> Result<(), ledger::Error> {
        let place = Place { byte: Some(report.header.offset), ..intake_place(self.transmission) };
        let message = format!("{}; it is processed all the same ({})", known.message, known.by);
        let diagnostic = Diagnostic::new(&custody::CONTROL_NUMBER_REPLACED, message.clone()).at(place);
        let data = orders::with_policy(&diagnostic, known.by);
        self.journal(tx, partner, EventKind::Duplicate, message, data)?;
        self.diagnostics.push(diagnostic);
        Ok(())
    }

    /// Records an interchange whose number is known, and answers it as the policy says: not at all, but for the TA1
    /// that was asked for, or as the first one was answered.
    fn keep_out(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        known: &Known,
        mut report: InterchangeReport,
    ) -> Result<(), ledger::Error> {
        let number = report.header.control_number.clone();
        let diagnostic = Diagnostic::new(&custody::DUPLICATE_CONTROL_NUMBER, known.message.clone())
            .at(Place { byte: Some(report.header.offset), ..intake_place(self.transmission) })
            .expected("a number that was not used before")
            .found(number.clone())
            .acknowledged_as(AckCode::Interchange(25));
        let name = &self.transmission.name;
        let text = format!("interchange {number} in {name} quarantined: {} ({})", known.message, diagnostic.code.code);
        let mut data = orders::with_policy(&diagnostic, known.by);
        report.diagnostics.push(diagnostic);
        let errors = report.diagnostics.iter().filter(|one| one.is_error());
        data["diagnostics"] = errors.map(|one| serde_json::json!(Record::from(one))).collect();
        warn!(partner = %partner.id, file = name, isa13 = number, policy = %known.by, "interchange came in before");
        self.journal(tx, partner, EventKind::Quarantined, text, data)?;
        self.note_diagnostics(&report);
        let recorded = tx.record_interchange(&self.transmission.id, partner.id.as_str(), &report, false)?;
        match known.by.policy {
            Policy::AcknowledgeAgain => self.answer_again(tx, partner, known, &number),
            Policy::Quarantine | Policy::Replace => self.answer_interchange(tx, Some(partner), &recorded.id, &report),
        }
    }

    /// Makes what answered the first interchange of a number due again, unchanged.
    fn answer_again(
        &self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        known: &Known,
        number: &str,
    ) -> Result<(), ledger::Error> {
        let mut names = Vec::new();
        for interchange in tx.interchanges_at(&known.first.transmission, known.first.byte_start)? {
            names.extend(tx.answer_again(&interchange, self.now)?);
        }
        let text = match names.as_slice() {
            [] => format!("no answer to {number} went out yet, so none goes out once more ({})", known.by),
            names => format!("our answer to {number} goes out once more: {} ({})", names.join(", "), known.by),
        };
        let data = serde_json::json!({ "interchange": number, "files": names, "policy": known.by.to_string() });
        self.journal(tx, partner, EventKind::Acknowledged, text, data)
    }

    fn journal(
        &self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        kind: EventKind,
        text: String,
        data: serde_json::Value,
    ) -> Result<(), ledger::Error> {
        let refs = Refs { transmission: Some(self.transmission.id.clone()), ..Refs::default() };
        tx.append_event(&NewEvent { partner: partner.id.to_string(), at: self.now, kind, refs, text, data })?;
        Ok(())
    }

    /// A set that the partner's agreement lacks, or that cannot be understood, is rejected in the 997 as well.
    fn reject_what_is_not_agreed(&self, partner: &Partner, report: &mut InterchangeReport, yields: &[Yield]) {
        let mut yields = yields.iter();
        for group in &mut report.groups {
            for index in 0..group.sets.len() {
                let set = &group.sets[index];
                let its = yields.next();
                if set.verdict == SetVerdict::Rejected || group.header.functional_id == "FA" {
                    continue;
                }
                let kind = Kind::parse(&set.id);
                if !kind.is_some_and(|kind| partner.receives.iter().any(|rule| rule.kind == kind)) {
                    let message = format!("{} is not set up to send {}", partner.id, set.id);
                    let place = Place { byte: Some(set.bytes.start), ..intake_place(self.transmission) };
                    let reason =
                        Diagnostic::new(&document_codes::NOT_RECEIVED, message).at(place).found(set.id.clone());
                    group.reject_set(index, reason.acknowledged_as(AckCode::Set(1)));
                    continue;
                }
                if let Some(Yield::Document(_, diagnostics)) = its {
                    for reason in diagnostics.iter().filter(|one| one.is_error()) {
                        group.reject_set(index, as_acknowledged(reason));
                    }
                }
            }
        }
    }

    fn note_diagnostics(&mut self, report: &InterchangeReport) {
        self.diagnostics.extend(report.diagnostics.iter().cloned());
        for group in &report.groups {
            self.diagnostics.extend(group.sets.iter().flat_map(|set| set.diagnostics.iter().cloned()));
            self.diagnostics.extend(group.diagnostics.iter().cloned());
        }
    }

    /// What is wrong with an envelope that was accepted all the same is a finding: its sender should mend it.
    fn raise_oddities(
        &self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        report: &InterchangeReport,
    ) -> Result<(), ledger::Error> {
        let subject = format!("interchange {}", report.header.control_number);
        for diagnostic in report.diagnostics.iter().filter(|one| one.severity() == Severity::Warning) {
            let (partner, at) = (partner.id.as_str(), self.now);
            let new = NewFinding { partner, subject: &subject, diagnostic, document: None, at };
            if tx.record_finding(&new)? {
                tx.append_event(&NewEvent {
                    partner: partner.to_owned(),
                    at,
                    kind: EventKind::Finding,
                    refs: Refs { transmission: Some(self.transmission.id.clone()), ..Refs::default() },
                    text: format!("{subject}: {} ({})", diagnostic.message, diagnostic.code.code),
                    data: serde_json::to_value(Record::from(diagnostic)).unwrap_or_default(),
                })?;
            }
        }
        Ok(())
    }

    fn acknowledgments_received(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        report: &InterchangeReport,
    ) -> Result<(), ledger::Error> {
        for ta1 in &report.acknowledgments {
            let received = Received::Interchange(ta1.clone());
            tx.record_acknowledgment(partner.id.as_str(), &self.transmission.id, &received, self.now)?;
            self.used = true;
        }
        Ok(())
    }

    fn sets(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        report: &InterchangeReport,
        ids: &[Vec<Id>],
        yields: Vec<Yield>,
    ) -> Result<(), ledger::Error> {
        let sets = report.groups.iter().zip(ids).flat_map(|(group, ids)| group.sets.iter().zip(ids));
        for ((set, id), its) in sets.zip(yields) {
            if set.verdict == SetVerdict::Rejected {
                let what = format!("{} {} in {}", set.id, set.control_number, self.transmission.name);
                intake::tell(tx, self.transmission, partner.id.as_str(), &what, &set.diagnostics, self.now)?;
                continue;
            }
            match its {
                Yield::Acknowledgment(acknowledgment) => {
                    let received = Received::Functional(acknowledgment);
                    tx.record_acknowledgment(partner.id.as_str(), &self.transmission.id, &received, self.now)?;
                    self.used = true;
                }
                Yield::Document(Some(mut document), diagnostics) => {
                    let header = document.header_mut();
                    header.partner = partner.id.to_string();
                    header.test |= partner.status == Status::Test || report.header.usage == Some(Usage::Test);
                    let arrived = Arrived {
                        transmission: self.transmission,
                        from: &partner.id,
                        counterparty: &partner.id,
                        document: *document,
                        diagnostics,
                    };
                    let outcome = orders::accept(&mut Desk { tx, config: self.config, now: self.now }, arrived)?;
                    if let Some(document) = &outcome.document {
                        tx.set_document_of_set(id, document)?;
                        self.used = true;
                    }
                    self.diagnostics.extend(outcome.diagnostics);
                }
                Yield::Document(None, _) | Yield::Nothing => {}
            }
        }
        Ok(())
    }

    /// The 997s that we owe for an interchange, in one interchange of ours.
    fn acknowledge(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        received: &Id,
        report: &InterchangeReport,
    ) -> Result<(), ledger::Error> {
        let Some(rule) = partner.x12.as_ref().and_then(|x12| x12.acknowledge.as_ref()) else { return Ok(()) };
        let mut sets: Vec<SetDraft> = Vec::new();
        let mut verdicts = Vec::new();
        for group in &report.groups {
            if let Some(set) = acknowledgment::functional(group, rule.sets) {
                sets.push(set);
                verdicts.push(format!("group {} {}", group.header.control_number, verdict_in_words(group.verdict)));
            }
        }
        if sets.is_empty() {
            return Ok(());
        }
        // A replay answers again only when nothing was answered: the partner has one verdict per interchange.
        if tx.interchange_is_answered(&self.transmission.id, report.bytes.start)? {
            return Ok(());
        }
        let label = format!("997 for {}", report.header.control_number);
        let test = report.header.usage == Some(Usage::Test) || partner.status == Status::Test;
        let mut desk = Desk { tx, config: self.config, now: self.now };
        let faults = desk.deliver_acknowledgment(partner, received, sets, &label, test)?;
        let text = format!("we answered {}: {}", report.header.control_number, verdicts.join(", "));
        self.diagnostics.extend(faults);
        let data = serde_json::json!({ "interchange": report.header.control_number });
        self.journal(tx, partner, EventKind::Acknowledged, text, data)
    }

    /// The TA1, when the sender asked for one (ISA14 = 1); never for an interchange that carries TA1s alone.
    fn answer_interchange(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: Option<&Partner>,
        received: &Id,
        report: &InterchangeReport,
    ) -> Result<(), ledger::Error> {
        let is_answer_itself = report.groups.is_empty() && !report.acknowledgments.is_empty();
        let (true, false, Some(partner)) = (report.header.acknowledgment_requested, is_answer_itself, partner) else {
            return Ok(());
        };
        let ta1 = acknowledgment::interchange(report);
        let mut desk = Desk { tx, config: self.config, now: self.now };
        let faults = desk.deliver_ta1(partner, received, &ta1)?;
        self.diagnostics.extend(faults);
        Ok(())
    }
}

fn partner_of<'c>(config: &'c Config, id: &InterchangeId) -> Option<&'c Partner> {
    config.partners.values().find(|partner| partner.x12.as_ref().is_some_and(|x12| x12.isa == *id))
}

fn partner_if_known<'c>(config: &'c Config, report: &InterchangeReport) -> Option<&'c Partner> {
    report.header.sender_id().and_then(|id| partner_of(config, &id))
}

fn intake_place(transmission: &Transmission) -> Place {
    Place { file: Some(transmission.name.clone()), ..Place::default() }
}

/// What a document cannot do without is mandatory between the two of us, whatever the standard leaves open.
fn as_acknowledged(reason: &Diagnostic) -> Diagnostic {
    let code = match &reason.place.spot {
        Spot::Segment(spot) if spot.element.is_some() => AckCode::Element(1),
        _ => AckCode::Set(5),
    };
    reason.clone().acknowledged_as(code)
}

fn verdict_in_words(verdict: GroupVerdict) -> &'static str {
    match verdict {
        GroupVerdict::Accepted => "accepted",
        GroupVerdict::AcceptedWithErrors => "accepted with errors",
        GroupVerdict::PartiallyAccepted => "partially accepted",
        GroupVerdict::Rejected => "rejected",
    }
}
