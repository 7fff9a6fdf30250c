//! Reading an X12 file: envelopes, verdicts, and of each set all that can be made of it without the ledger.
//!
//! ```text
//! ISA … GS … ST*850*0001 … SE  ->  a document, to be made ready for its targets   while the set is in memory
//! … GE … IEA                   ->  what we reject, and whether it is for us       when its interchange is known whole
//! ```

use std::cell::Cell;
use std::io::{BufReader, Read};

use jiff::Timestamp;

use crate::config::Config;
use crate::config::partner::{Partner, PartnerId, Status};
use crate::daemon::orders::{Outcome, Ready};
use crate::diagnostic::codes::{custody, document as document_codes};
use crate::diagnostic::{AckCode, Diagnostic, Place, Spot};
use crate::document::{Document, Kind};
use crate::ledger;
use crate::ledger::transmission::Transmission;
use crate::normalize;
use crate::x12::acknowledgment::{self, FunctionalAcknowledgment};
use crate::x12::envelope::{InterchangeHeader, Usage};
use crate::x12::examine::exceptions::Exceptions;
use crate::x12::examine::{ExaminedSet, InterchangeReport, SetVerdict, examine};
use crate::x12::guide::Library;

/// What a set yields.
#[derive(Debug)]
pub(super) enum Yield {
    /// A business document, with all that is made of it.
    Document(Box<Ready>),
    /// A document that was recorded while the file was still being read.
    Recorded(Outcome),
    /// A document that was passed over while the file was still being read.
    PassedOver,
    /// A 997.
    Acknowledgment(FunctionalAcknowledgment),
    /// Nothing that edigate reads further, or nothing that can be used.
    Nothing,
}

/// What reading a set found.
pub(super) enum Found {
    /// A business document of a partner, and what reading it showed.
    Document(PartnerId, Box<Document>, Vec<Diagnostic>),
    /// Anything else, which needs nothing more.
    Other(Yield),
}

impl Found {
    /// Makes everything of it that can be made without the ledger.
    pub(super) fn ready(self, config: &Config, now: Timestamp) -> Result<Yield, ledger::Error> {
        match self {
            Found::Document(partner, document, diagnostics) => {
                let ready = Ready::of(config, (&partner, &partner), *document, diagnostics, now)?;
                Ok(Yield::Document(Box::new(ready)))
            }
            Found::Other(its) => Ok(its),
        }
    }
}

/// An X12 file that was read, with all that can be decided without the ledger.
pub struct Interpreted {
    /// Faults outside every interchange.
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) interchanges: Vec<Judged>,
}

/// An interchange with what its envelope and our agreement with its sender say.
pub(super) struct Judged {
    report: InterchangeReport,
    /// The report with what we reject beyond the guides, where that is anything.
    rejecting: Option<InterchangeReport>,
    /// Whose it is.
    pub(super) partner: Option<PartnerId>,
    /// Why it is not for us to process.
    pub(super) refusal: Option<Diagnostic>,
}

impl Judged {
    /// As the guides find it.
    pub(super) fn as_examined(&self) -> &InterchangeReport {
        &self.report
    }

    /// As we answer it.
    pub(super) fn as_answered(&self) -> &InterchangeReport {
        self.rejecting.as_ref().unwrap_or(&self.report)
    }
}

/// Reads a file; what each set holds is handed on while the rest of the file is still to come, so that a trailer may yet reject it.
pub(super) fn read(
    config: &Config,
    transmission: &Transmission,
    source: impl Read,
    sink: &mut dyn FnMut(&InterchangeHeader, Found),
) -> Result<Interpreted, ledger::Error> {
    // What reading each set as a document showed.
    let mut shown = Vec::new();
    let source = BufReader::with_capacity(256 << 10, source);
    // Asked for each set; the sender is looked up once for each interchange.
    let last: Cell<Option<(u64, &Library)>> = Cell::new(None);
    let guides = |header: &InterchangeHeader| match last.get() {
        Some((offset, library)) if offset == header.offset => library,
        _ => {
            let library = config.library_of(config.sender_of(header));
            last.set(Some((header.offset, library)));
            library
        }
    };
    let examined = examine(source, Some(&transmission.name), &guides, &mut |set| {
        let (found, diagnostics) = read_set(config, transmission, &set);
        shown.push(diagnostics);
        sink(set.interchange, found);
    });
    let report = examined
        .map_err(|error| ledger::Error::Damaged { sha256: transmission.sha256.clone(), detail: error.to_string() })?;
    let mut shown = shown.into_iter();
    let judge = |mut report: InterchangeReport| {
        let partner = partner_of(config, &report.header);
        if let Some(exceptions) = exceptions(partner) {
            report.judge_by(exceptions);
        }
        let sets = report.groups.iter().map(|group| group.sets.len()).sum();
        let shown: Vec<Vec<Diagnostic>> = shown.by_ref().take(sets).collect();
        let refusal = refusal(config, transmission, &report.header);
        let rejecting = partner.and_then(|partner| rejecting(transmission, partner, &report, &shown));
        Judged { partner: partner.map(|partner| partner.id.clone()), refusal, rejecting, report }
    };
    let interchanges = report.interchanges.into_iter().map(judge).collect();
    Ok(Interpreted { diagnostics: report.diagnostics, interchanges })
}

/// What a set holds, and what reading it as a document showed.
fn read_set(config: &Config, transmission: &Transmission, set: &ExaminedSet<'_>) -> (Found, Vec<Diagnostic>) {
    let nothing = (Found::Other(Yield::Nothing), Vec::new());
    let partner = partner_of(config, set.interchange);
    let verdict = match exceptions(partner) {
        Some(exceptions) => exceptions.set_verdict(&set.report.diagnostics),
        None => set.report.verdict,
    };
    let (Some(checked), false) = (set.checked, verdict == SetVerdict::Rejected) else { return nothing };
    if set.group.functional_id == "FA" {
        return (Found::Other(Yield::Acknowledgment(acknowledgment::read(checked))), Vec::new());
    }
    let Some(kind) = Kind::parse(&set.report.id) else { return nothing };
    let (document, diagnostics) = normalize::x12::document(checked, Some(&transmission.name));
    match (document, partner) {
        (Some(mut document), Some(partner))
            if is_agreed(partner, kind) && !diagnostics.iter().any(Diagnostic::is_error) =>
        {
            let header = document.header_mut();
            header.partner = partner.id.to_string();
            header.test |= partner.status == Status::Test || set.interchange.usage == Some(Usage::Test);
            (Found::Document(partner.id.clone(), Box::new(document), diagnostics.clone()), diagnostics)
        }
        _ => (Found::Other(Yield::Nothing), diagnostics),
    }
}

/// What was agreed with a partner beyond the standard, where that is anything.
fn exceptions(partner: Option<&Partner>) -> Option<&Exceptions> {
    let exceptions = &partner?.x12.as_ref()?.exceptions;
    (!exceptions.is_empty()).then_some(exceptions)
}

fn is_agreed(partner: &Partner, kind: Kind) -> bool {
    partner.receives.iter().any(|rule| rule.kind == kind)
}

/// Why an interchange with a whole envelope is not for us to process.
pub(super) fn refusal(config: &Config, transmission: &Transmission, header: &InterchangeHeader) -> Option<Diagnostic> {
    let partner = partner_of(config, header);
    let place = Place { byte: Some(header.offset), ..intake_place(transmission) };
    let Some(partner) = partner else {
        let sender = format!("{}:{}", header.sender_qualifier, header.sender);
        let known: Vec<String> =
            config.partners.values().filter_map(|one| Some(one.x12.as_ref()?.isa.to_string())).collect();
        let message = format!("interchange {} comes from {sender}, which is no partner", header.control_number);
        let diagnostic = Diagnostic::new(&custody::UNKNOWN_SENDER, message).at(place);
        let expected = format!("one of {}", known.join(", "));
        return Some(diagnostic.expected(expected).found(sender).acknowledged_as(AckCode::Interchange(6)));
    };
    let receiver = format!("{}:{}", header.receiver_qualifier, header.receiver);
    if header.receiver_id().as_ref() != Some(&config.us.isa) {
        let message = format!("interchange {} is addressed to {receiver}", header.control_number);
        let expected = config.us.isa.to_string();
        let diagnostic = Diagnostic::new(&custody::NOT_FOR_US, message).at(place);
        return Some(diagnostic.expected(expected).found(receiver).acknowledged_as(AckCode::Interchange(9)));
    }
    if header.usage == Some(Usage::Test) && partner.status == Status::Production {
        let message =
            format!("interchange {} is a test (ISA15), and {} is in production", header.control_number, partner.id);
        let diagnostic = Diagnostic::new(&custody::TEST_AT_PRODUCTION, message).at(place);
        return Some(diagnostic.expected("P").found("T").acknowledged_as(AckCode::Interchange(20)));
    }
    None
}

/// The report with the sets rejected that the partner's agreement lacks or that cannot be understood: the 997 says so as well.
/// `shown` is what reading each set as a document showed; nothing when there is nothing to reject.
fn rejecting(
    transmission: &Transmission,
    partner: &Partner,
    report: &InterchangeReport,
    shown: &[Vec<Diagnostic>],
) -> Option<InterchangeReport> {
    let mut rejecting = None;
    let sets =
        (0..).zip(&report.groups).flat_map(|(at, group)| (0..group.sets.len()).map(move |index| (at, group, index)));
    for ((at, group, index), shown) in sets.zip(shown) {
        let set = &group.sets[index];
        if set.verdict == SetVerdict::Rejected || group.header.functional_id == "FA" {
            continue;
        }
        let not_taken = |meaning, message: String| {
            let place = Place { byte: Some(set.bytes.start), ..intake_place(transmission) };
            let reason = Diagnostic::new(meaning, message).at(place).found(set.id.clone());
            vec![reason.acknowledged_as(AckCode::Set(1))]
        };
        let reasons: Vec<Diagnostic> = match Kind::parse(&set.id) {
            Some(kind) if is_agreed(partner, kind) => {
                shown.iter().filter(|one| one.is_error()).map(as_acknowledged).collect()
            }
            Some(_) => {
                not_taken(&document_codes::NOT_RECEIVED, format!("{} is not set up to send {}", partner.id, set.id))
            }
            // It was checked, and that is all that can be done with it.
            None => not_taken(
                &document_codes::UNSUPPORTED_SET,
                format!("transaction set {} was checked, not read: there is no document for it", set.id),
            ),
        };
        for reason in reasons {
            let report = rejecting.get_or_insert_with(|| report.clone());
            report.groups[at].reject_set(index, reason);
        }
    }
    rejecting
}

/// Whose an interchange is.
pub(super) fn partner_of<'c>(config: &'c Config, header: &InterchangeHeader) -> Option<&'c Partner> {
    config.sender_of(header)
}

pub(super) fn intake_place(transmission: &Transmission) -> Place {
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
