//! Taking in an X12 file: its sets become documents, its groups are acknowledged, its acknowledgments are noted.
//!
//! ```text
//! interpret    bytes -> envelopes, verdicts, documents with what is made of them      without the ledger
//! record       what needs it: a control number that came in before, a known order     in one transaction
//! ```
//!
//! The sets of a small file stay in memory between the two; a large file is recorded while it is read ([`ahead`]).

pub mod ahead;
mod reading;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::intake::{self, Ended, File, Source, Usable};
use super::orders::{self, Arrived, Outcome, Ready};
use super::outgoing::Desk;
use crate::config::Config;
use crate::config::duplicates::{Decided, Policy, Twice};
use crate::config::partner::{Partner, Ta1, X12Settings};
use crate::diagnostic::codes::custody;
use crate::diagnostic::{AckCode, Diagnostic, Place, Record, Severity};
use crate::ledger::acknowledgment::Received;
use crate::ledger::envelope::{AcceptedInterchange, Numbers, RecordedInterchange};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::{self, NewFinding};
use crate::ledger::transmission::Transmission;
use crate::ledger::{self, Id, Transaction};
use crate::x12::acknowledgment;
use crate::x12::envelope::InterchangeHeader;
use crate::x12::examine::{GroupVerdict, InterchangeReport, SetReport, SetVerdict};
use reading::{Interpreted as Envelopes, Judged, Yield, intake_place};

/// A file that was read, with what each of its sets yields.
pub struct Interpreted {
    envelopes: Envelopes,
    yields: Vec<Yield>,
}

/// Reads an X12 transmission.
pub fn interpret(
    config: &Config,
    transmission: &Transmission,
    source: Source,
    now: Timestamp,
) -> Result<Interpreted, ledger::Error> {
    let mut yields = Ok(Vec::new());
    let envelopes = reading::read(config, transmission, source, &mut |_, found| {
        if let Ok(all) = &mut yields {
            match found.ready(config, now) {
                Ok(its) => all.push(its),
                Err(error) => yields = Err(error),
            }
        }
    })?;
    Ok(Interpreted { envelopes, yields: yields? })
}

/// The control numbers that are known before some files are recorded, and those that these bring.
pub struct KnownNumbers {
    /// Those before; `None` when each is asked for.
    before: Option<HashMap<Numbers, AcceptedInterchange>>,
    here: HashSet<Numbers>,
}

impl KnownNumbers {
    /// Looks up the numbers of all files at once.
    pub fn of<'f>(
        tx: &mut Transaction<'_>,
        files: impl Iterator<Item = &'f Interpreted>,
    ) -> Result<KnownNumbers, ledger::Error> {
        let judged = files.flat_map(|file| &file.envelopes.interchanges);
        let numbers: Vec<Numbers> = judged
            .filter_map(|judged| Some(Numbers::of(judged.partner.as_ref()?.as_str(), &judged.as_examined().header)))
            .collect();
        Ok(KnownNumbers { before: Some(tx.accepted_interchanges(&numbers)?), here: HashSet::new() })
    }

    /// For a file whose interchanges are not known yet.
    fn of_one_file() -> KnownNumbers {
        KnownNumbers { before: None, here: HashSet::new() }
    }

    /// The first interchange that was accepted under the numbers of this one.
    fn first(
        &self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        header: &InterchangeHeader,
    ) -> Result<Option<AcceptedInterchange>, ledger::Error> {
        let numbers = Numbers::of(partner.id.as_str(), header);
        match &self.before {
            Some(before) if !self.here.contains(&numbers) => Ok(before.get(&numbers).cloned()),
            _ => tx.accepted_interchange(partner.id.as_str(), header),
        }
    }

    fn accepted(&mut self, partner: &Partner, header: &InterchangeHeader) {
        self.here.insert(Numbers::of(partner.id.as_str(), header));
    }
}

/// Records what a file yielded.
pub fn record(
    tx: &mut Transaction<'_>,
    file: File<'_>,
    read: &Interpreted,
    numbers: &mut KnownNumbers,
) -> Result<Ended, ledger::Error> {
    Taking::of(file, numbers).file(tx, &read.envelopes, &mut read.yields.iter())
}

/// What the sets of a file yield, one after the other.
type Yields<'y> = std::slice::Iter<'y, Yield>;

/// One file on its way into the ledger.
struct Taking<'a> {
    file: File<'a>,
    numbers: &'a mut KnownNumbers,
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

impl<'a> Taking<'a> {
    fn of(file: File<'a>, numbers: &'a mut KnownNumbers) -> Taking<'a> {
        Taking { file, numbers, diagnostics: Vec::new(), used: false }
    }

    fn file(
        mut self,
        tx: &mut Transaction<'_>,
        read: &Envelopes,
        yields: &mut Yields<'_>,
    ) -> Result<Ended, ledger::Error> {
        let File { transmission, now, .. } = self.file;
        let partner = transmission.partner.as_str();
        intake::tell(tx, transmission, partner, &transmission.name, &read.diagnostics, now)?;
        self.diagnostics.extend(read.diagnostics.iter().cloned());
        for judged in &read.interchanges {
            self.interchange(tx, judged, yields)?;
        }
        let usable = if self.used { Usable::Something } else { Usable::Nothing };
        Ok(Ended { usable, diagnostics: self.diagnostics })
    }

    fn interchange(
        &mut self,
        tx: &mut Transaction<'_>,
        judged: &Judged,
        yields: &mut Yields<'_>,
    ) -> Result<(), ledger::Error> {
        let File { config, transmission, now, .. } = self.file;
        let partner = judged.partner.as_ref().and_then(|id| config.partners.get(id));
        if let (None, Some(partner)) = (&judged.refusal, partner)
            && let Some(known) = self.known_number(tx, partner, &judged.as_examined().header)?
        {
            match known.by.policy {
                Policy::Replace => self.take_in_place(tx, partner, &known, judged.as_examined())?,
                Policy::Quarantine | Policy::AcknowledgeAgain => {
                    self.keep_out(tx, partner, &known, judged.as_examined().clone())?;
                    return pass_over(judged.as_examined(), yields);
                }
            }
        }
        let refused = judged.refusal.is_some() || judged.as_examined().is_rejected();
        let Some(partner) = partner.filter(|_| !refused) else {
            let mut report = judged.as_examined().clone();
            // The TA1 and the diagnostics of the file say it as well.
            report.diagnostics.extend(judged.refusal.clone());
            let journal = partner.map_or(transmission.partner.as_str(), |partner| partner.id.as_str());
            let what = format!("interchange {} in {}", report.header.control_number, transmission.name);
            intake::tell(tx, transmission, journal, &what, &report.diagnostics, now)?;
            self.note_diagnostics(&report);
            let recorded = tx.record_interchange(&transmission.id, journal, &report, false)?;
            tx.record_unused_sets(&recorded, journal, &report)?;
            self.answer_interchange(tx, partner, &recorded.id, &report)?;
            return pass_over(&report, yields);
        };
        let report = judged.as_answered();
        self.note_diagnostics(report);
        let recorded = tx.record_interchange(&transmission.id, partner.id.as_str(), report, true)?;
        self.numbers.accepted(partner, &report.header);
        self.raise_oddities(tx, partner, report)?;
        self.acknowledgments_received(tx, partner, report)?;
        self.sets(tx, partner, report, &recorded, yields)?;
        self.acknowledge(tx, partner, &recorded.id, report)?;
        self.answer_interchange(tx, Some(partner), &recorded.id, report)
    }

    /// An accepted interchange of these numbers that is not this very one, put back to be processed again.
    fn known_number(
        &self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        header: &InterchangeHeader,
    ) -> Result<Option<Known>, ledger::Error> {
        let Some(first) = self.numbers.first(tx, partner, header)? else { return Ok(None) };
        if tx.interchange_was_accepted(&self.file.transmission.id, header.offset)? {
            return Ok(None);
        }
        let by = self.policy_for_known_numbers(tx, partner)?;
        let message = format!("interchange {} came in before, in {}", header.control_number, first.name);
        Ok(Some(Known { first, by, message }))
    }

    /// What becomes of a known number: what the partners agreed on, unless a person let this file pass.
    fn policy_for_known_numbers(&self, tx: &mut Transaction<'_>, partner: &Partner) -> Result<Decided, ledger::Error> {
        Ok(match tx.is_accepted(&self.file.transmission.id)? {
            true => Decided::by_a_person(Twice::ControlNumber),
            false => partner.duplicates.for_the_same(Twice::ControlNumber),
        })
    }

    /// Tells that an interchange is processed although its number is known.
    fn take_in_place(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        known: &Known,
        report: &InterchangeReport,
    ) -> Result<(), ledger::Error> {
        let place = Place { byte: Some(report.header.offset), ..intake_place(self.file.transmission) };
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
            .at(Place { byte: Some(report.header.offset), ..intake_place(self.file.transmission) })
            .expected("a number that was not used before")
            .found(number.clone())
            .acknowledged_as(AckCode::Interchange(25));
        let name = &self.file.transmission.name;
        let text = format!("interchange {number} in {name} quarantined: {} ({})", known.message, diagnostic.code.code);
        let mut data = orders::with_policy(&diagnostic, known.by);
        report.diagnostics.push(diagnostic);
        let errors = report.diagnostics.iter().filter(|one| one.is_error());
        data["diagnostics"] = errors.map(|one| serde_json::json!(Record::from(one))).collect();
        self.journal(tx, partner, EventKind::Quarantined, text, data)?;
        self.note_diagnostics(&report);
        let recorded = tx.record_interchange(&self.file.transmission.id, partner.id.as_str(), &report, false)?;
        tx.record_unused_sets(&recorded, partner.id.as_str(), &report)?;
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
            names.extend(tx.answer_again(&interchange, self.file.now)?);
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
        let refs = Refs { transmission: Some(self.file.transmission.id.clone()), ..Refs::default() };
        tx.append_event(&NewEvent { partner: partner.id.to_string(), at: self.file.now, kind, refs, text, data })?;
        Ok(())
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
            let (partner, at) = (partner.id.as_str(), self.file.now);
            let new = NewFinding::new(partner, &subject, diagnostic, at);
            if tx.record_finding(&new)? {
                tx.append_event(&NewEvent {
                    partner: partner.to_owned(),
                    at,
                    kind: EventKind::Finding,
                    refs: Refs { transmission: Some(self.file.transmission.id.clone()), ..Refs::default() },
                    text: format!("{subject}: {} ({})", diagnostic.message, diagnostic.code.code),
                    data: finding::told(diagnostic, &subject),
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
            tx.record_acknowledgment(partner.id.as_str(), &self.file.transmission.id, &received, self.file.now)?;
            self.used = true;
        }
        Ok(())
    }

    fn sets(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        report: &InterchangeReport,
        recorded: &RecordedInterchange,
        yields: &mut Yields<'_>,
    ) -> Result<(), ledger::Error> {
        for (group, id) in report.groups.iter().zip(&recorded.groups) {
            for (ordinal, set) in (1..).zip(&group.sets) {
                let its = yields.next().ok_or_else(fewer_sets)?;
                let document = self.set(tx, partner, set, its)?;
                tx.record_set(id, partner.id.as_str(), ordinal, set, document.as_ref())?;
            }
        }
        Ok(())
    }

    /// Takes in what a set yields; its document, where it became one.
    fn set(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        set: &SetReport,
        its: &Yield,
    ) -> Result<Option<Id>, ledger::Error> {
        let File { transmission, now, .. } = self.file;
        match (set.verdict, its) {
            // Nothing of a rejected set may be on record …
            (SetVerdict::Rejected, Yield::Recorded(_)) => Err(ledger::Error::Surprised),
            (SetVerdict::Rejected, _) => {
                let what = format!("{} {} in {}", set.id, set.control_number, transmission.name);
                intake::tell(tx, transmission, partner.id.as_str(), &what, &set.diagnostics, now)?;
                Ok(None)
            }
            // … and nothing of an accepted one be missing.
            (_, Yield::PassedOver) => Err(ledger::Error::Surprised),
            (_, Yield::Acknowledgment(acknowledgment)) => {
                let received = Received::Functional(acknowledgment.clone());
                tx.record_acknowledgment(partner.id.as_str(), &transmission.id, &received, now)?;
                self.used = true;
                Ok(None)
            }
            (_, Yield::Document(ready)) => {
                let outcome = self.document(tx, partner, ready)?;
                Ok(self.note_outcome(&outcome))
            }
            (_, Yield::Recorded(outcome)) => Ok(self.note_outcome(outcome)),
            (_, Yield::Nothing) => Ok(None),
        }
    }

    fn document(&self, tx: &mut Transaction<'_>, partner: &Partner, ready: &Ready) -> Result<Outcome, ledger::Error> {
        let File { config, transmission, now, .. } = self.file;
        let arrived = Arrived { transmission, from: &partner.id, counterparty: &partner.id, ready };
        orders::accept(&mut Desk { tx, config, now }, arrived)
    }

    fn note_outcome(&mut self, outcome: &Outcome) -> Option<Id> {
        self.used |= outcome.document.is_some();
        self.diagnostics.extend(outcome.diagnostics.iter().cloned());
        outcome.document.clone()
    }

    /// Records a document before the end of its file is known, where `goes` says so. It is given back: to let go of it takes
    /// time as well, and whoever writes has none.
    fn ahead(
        &self,
        tx: &mut Transaction<'_>,
        header: Option<&InterchangeHeader>,
        its: Yield,
        goes: bool,
    ) -> Result<(Yield, Option<Box<Ready>>), ledger::Error> {
        let partner = header.and_then(|header| reading::partner_of(self.file.config, header));
        Ok(match (its, partner) {
            (Yield::Document(ready), Some(partner)) if goes => {
                (Yield::Recorded(self.document(tx, partner, &ready)?), Some(ready))
            }
            (Yield::Document(ready), _) => (Yield::PassedOver, Some(ready)),
            (its, _) => (its, None),
        })
    }

    /// The 997s and 999s that we owe for an interchange, in one interchange of ours.
    fn acknowledge(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: &Partner,
        received: &Id,
        report: &InterchangeReport,
    ) -> Result<(), ledger::Error> {
        let Some(style) = partner.x12.as_ref().and_then(X12Settings::answer_style) else { return Ok(()) };
        let answers = acknowledgment::answers(report, &style);
        if answers.is_empty() {
            return Ok(());
        }
        // A replay answers again only when nothing was answered: the partner has one verdict per interchange.
        if self.file.is_replay && tx.interchange_is_answered(&self.file.transmission.id, report.bytes.start)? {
            return Ok(());
        }
        let mut desk = Desk { tx, config: self.file.config, now: self.file.now };
        let faults = desk.deliver_acknowledgment(partner, received, answers, report)?;
        let answered = report.groups.iter().filter(|group| group.header.functional_id != "FA");
        let verdicts: Vec<String> = answered
            .map(|group| format!("group {} {}", group.header.control_number, verdict_in_words(group.verdict)))
            .collect();
        let text = format!("we answered {}: {}", report.header.control_number, verdicts.join(", "));
        self.diagnostics.extend(faults);
        let data = serde_json::json!({ "interchange": report.header.control_number });
        self.journal(tx, partner, EventKind::Acknowledged, text, data)
    }

    /// The TA1, when the sender asked for one (ISA14 = 1) or the agreement says so; never for an interchange that carries
    /// TA1s alone.
    fn answer_interchange(
        &mut self,
        tx: &mut Transaction<'_>,
        partner: Option<&Partner>,
        received: &Id,
        report: &InterchangeReport,
    ) -> Result<(), ledger::Error> {
        let Some(partner) = partner else { return Ok(()) };
        let is_answer_itself = report.groups.is_empty() && !report.acknowledgments.is_empty();
        let is_wanted = match partner.x12.as_ref().map(|x12| x12.ta1) {
            Some(Ta1::OnRequest) => report.header.acknowledgment_requested,
            Some(Ta1::Always) => true,
            Some(Ta1::Never) | None => false,
        };
        if is_answer_itself || !is_wanted {
            return Ok(());
        }
        let ta1 = acknowledgment::interchange(report);
        let mut desk = Desk { tx, config: self.file.config, now: self.file.now };
        let faults = desk.deliver_ta1(partner, received, &ta1)?;
        self.diagnostics.extend(faults);
        Ok(())
    }
}

/// The sets of an interchange of which nothing is taken yield nothing.
fn pass_over(report: &InterchangeReport, yields: &mut Yields<'_>) -> Result<(), ledger::Error> {
    for _ in report.groups.iter().flat_map(|group| &group.sets) {
        if let Yield::Recorded(_) = yields.next().ok_or_else(fewer_sets)? {
            return Err(ledger::Error::Surprised);
        }
    }
    Ok(())
}

fn fewer_sets() -> ledger::Error {
    ledger::Error::Unexpected("a set of the report that the reading did not come by".to_owned())
}

fn verdict_in_words(verdict: GroupVerdict) -> &'static str {
    match verdict {
        GroupVerdict::Accepted => "accepted",
        GroupVerdict::AcceptedWithErrors => "accepted with errors",
        GroupVerdict::PartiallyAccepted => "partially accepted",
        GroupVerdict::Rejected => "rejected",
    }
}
