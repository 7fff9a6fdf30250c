//! Acknowledgments that go out: the 997s, 999s and TA1s that we owe for what came in.
//!
//! ```text
//! groups 101 at 004010, 102 at 004010, 103 at 005010
//!   -> ISA … GS*FA … 004010  ST*997*0001 … ST*997*0002 … GE   GS*FA … 005010  ST*997*0001 … GE   IEA
//! ```
//!
//! All answers to one interchange go out in one interchange, each under the version of the group that it answers and to
//! the names that stand in its GS.

use super::outgoing::{Desk, Named, Owed, Written, endpoint_template, unwritable};
use crate::config::partner::{Partner, Status};
use crate::diagnostic::codes::{custody, x12};
use crate::diagnostic::{Diagnostic, Spot};
use crate::ledger::delivery::What;
use crate::ledger::envelope::SentEnvelope;
use crate::ledger::expectation::{About, NewExpectation, OwedBy};
use crate::ledger::{self, Id};
use crate::x12::acknowledgment::{self, AnswerGroup, AnswerKind, InterchangeAcknowledgment};
use crate::x12::envelope::Usage;
use crate::x12::examine::{InterchangeReport, examine};
use crate::x12::guide::Library;
use crate::x12::writer::{self, Envelope, HeadedGroup};

impl Desk<'_, '_> {
    /// Every 997 and 999 for one received interchange, in one interchange of ours.
    pub fn deliver_acknowledgment(
        &mut self,
        partner: &Partner,
        received: &Id,
        answers: Vec<AnswerGroup>,
        report: &InterchangeReport,
    ) -> Result<Vec<Diagnostic>, ledger::Error> {
        let Some((x12, acknowledge)) = partner.x12.as_ref().and_then(|x12| Some((x12, x12.acknowledge.as_ref()?)))
        else {
            return Ok(Vec::new());
        };
        let (what, label) = named(&answers, report);
        let test = report.header.usage == Some(Usage::Test) || partner.status == Status::Test;
        let envelope = acknowledgment::envelope_for(&answers, self.envelope(partner, x12, test)?);
        let mut groups = Vec::with_capacity(answers.len());
        for group in answers {
            let control_number = self.tx.next_number("gs06", partner.id.as_str(), x12.first_control_number)?;
            groups.push(group.headed(control_number, &envelope));
        }
        let written = match write(&envelope, &groups) {
            Ok(written) => written,
            Err(diagnostics) => return Ok(diagnostics),
        };
        // The configuration refuses an acknowledgment by an endpoint that does not exist.
        let Some(endpoint) = partner.endpoints.iter().find(|endpoint| endpoint.name == acknowledge.via) else {
            return Ok(Vec::new());
        };
        let name = self.file_name(endpoint_template(endpoint), partner, Named::Acknowledgment(what), &written);
        let owed = Owed { what: What::Acknowledgment(received.clone()), label: &label, po_number: None };
        let delivery = self.record(partner, endpoint, &name, &written, owed)?;
        self.tx.open_expectation(&NewExpectation {
            partner: partner.id.to_string(),
            what: what.to_owned(),
            owed_by: OwedBy::Us,
            about: About::Delivery(delivery),
            label,
            document: None,
            set: set_in(report),
            envelope: written.envelope,
            opened: self.now,
            within: acknowledge.within,
        })?;
        Ok(Vec::new())
    }

    /// A TA1 for one received interchange, in an interchange of ours that holds nothing else.
    pub fn deliver_ta1(
        &mut self,
        partner: &Partner,
        received: &Id,
        acknowledgment: &InterchangeAcknowledgment,
    ) -> Result<Vec<Diagnostic>, ledger::Error> {
        let Some(x12) = &partner.x12 else { return Ok(Vec::new()) };
        let via = x12.acknowledge.as_ref().map(|acknowledge| acknowledge.via.as_str());
        let endpoint = partner.endpoints.iter().find(|endpoint| match via {
            Some(via) => endpoint.name == via,
            None => endpoint.drop_off.is_some(),
        });
        let Some(endpoint) = endpoint else { return Ok(Vec::new()) };
        let envelope = self.envelope(partner, x12, partner.status == Status::Test)?;
        let bytes = match writer::interchange_acknowledgments(&envelope, std::slice::from_ref(acknowledgment)) {
            Ok(bytes) => bytes,
            Err(error) => return Ok(vec![unwritable(&error)]),
        };
        let name = format!("ta1_{:09}.edi", envelope.control_number);
        let label = format!("TA1 for {}", acknowledgment.control_number);
        let written = Written::plain(bytes);
        let owed = Owed { what: What::Ta1(received.clone()), label: &label, po_number: None };
        self.record(partner, endpoint, &name, &written, owed)?;
        Ok(Vec::new())
    }
}

/// The transaction set that is answered; of several, the one of the lowest number.
fn set_in(report: &InterchangeReport) -> Option<String> {
    report.groups.iter().flat_map(|group| &group.sets).map(|set| set.id.clone()).min()
}

/// What the answers are, as one word for the books and as a label: `997 for 000000101`.
fn named(answers: &[AnswerGroup], report: &InterchangeReport) -> (&'static str, String) {
    let number = &report.header.control_number;
    let has = |kind| answers.iter().any(|group| group.kind == kind);
    match (has(AnswerKind::Functional), has(AnswerKind::Implementation)) {
        (true, true) => ("997", format!("997 and 999 for {number}")),
        (false, true) => ("999", format!("999 for {number}")),
        (_, false) => ("997", format!("997 for {number}")),
    }
}

fn write(envelope: &Envelope, groups: &[HeadedGroup]) -> Result<Written, Vec<Diagnostic>> {
    let bytes = writer::interchange_of(envelope, groups).map_err(|error| vec![unwritable(&error)])?;
    let faults = faults_of_answers(&bytes);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut sent = groups.iter().map(|headed| SentEnvelope {
        interchange_control_number: envelope.control_number,
        functional_id: "FA".to_owned(),
        group_control_number: headed.group.control_number,
        sets: headed.group.sets.iter().zip(1..).map(|(set, number)| (set.id.clone(), format!("{number:04}"))).collect(),
    });
    let first = sent.next();
    Ok(Written { envelope: first, further_groups: sent.collect(), ..Written::plain(bytes) })
}

/// What would be wrong with our answers, apart from what they repeat: a control number that is too short in the sender's ST
/// is too short in AK2 as well, and must be, or the sender could not tell which set is meant.
fn faults_of_answers(bytes: &[u8]) -> Vec<Diagnostic> {
    let Ok(report) = examine(bytes, None, &Library::standard_for, &mut |_| {}) else { return Vec::new() };
    let repeats = |fault: &Diagnostic| matches!(&fault.place.spot, Spot::Segment(spot) if matches!(spot.tag.as_str(), "AK1" | "AK2"));
    // A 997 at a version without a guide is written all the same: its segments are those of the next one.
    let has_no_guide = |fault: &Diagnostic| fault.code == &x12::GROUP_VERSION || fault.code == &x12::SET_UNSUPPORTED;
    let faults = report.all_diagnostics().filter(|fault| fault.is_error() && !repeats(fault) && !has_no_guide(fault));
    let mut faults: Vec<Diagnostic> = faults.cloned().collect();
    if let Some(first) = faults.first() {
        let summary = Diagnostic::new(&custody::WOULD_BE_REJECTED, format!("not sent: {}", first.message));
        faults.insert(0, summary);
    }
    faults
}
