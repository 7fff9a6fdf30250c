//! A document on the desk: recorded once under its key, routed, written, owed to its targets.
//!
//! In: a document that could be read, whoever sent it. Out: its row, its deliveries with their clocks, the findings it
//! raises and one line in the journal; or, when it is known already, a line that says so and nothing else.

use jiff::Timestamp;

use super::describe;
use super::outgoing::{self, Desk, Draft};
use crate::config::Config;
use crate::config::duplicates::{Decided, Policy, Twice};
use crate::config::partner::PartnerId;
use crate::diagnostic::codes::{custody, document as codes};
use crate::diagnostic::{Code, Diagnostic, Place, Record, Severity};
use crate::document::{Document, Purpose};
use crate::ledger::document::{Body, NewDocument, Recorded};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::{self, NewFinding};
use crate::ledger::transmission::Transmission;
use crate::ledger::{self, Id};
use crate::reconcile::acknowledgments::{advice, text};
use crate::route::{self, Target};

/// A document with everything that can be made of it without the ledger, so that the thread that writes there need not.
#[derive(Debug)]
pub struct Ready {
    document: Document,
    body: Body,
    /// `order 4500012345: 2 lines, 152.64 USD`.
    text: String,
    /// Where it goes, and what is left there where no number of the ledger's is in it.
    routed: Result<Vec<(Target, Option<Draft>)>, Box<Diagnostic>>,
    /// What reading and completing it showed; its warnings become findings.
    diagnostics: Vec<Diagnostic>,
}

impl Ready {
    /// Prepares a document that came in from one partner and belongs to the business with another.
    pub fn of(
        config: &Config,
        (from, counterparty): (&PartnerId, &PartnerId),
        document: Document,
        diagnostics: Vec<Diagnostic>,
        now: Timestamp,
    ) -> Result<Ready, ledger::Error> {
        let routed = route::route(&document, from, counterparty, config).map(|targets| {
            let drafted = targets.into_iter().map(|target| {
                let draft = outgoing::draft(config, &document, &target, now);
                (target, draft)
            });
            drafted.collect()
        });
        let (body, text) = (Body::of(&document)?, describe::in_words(&document));
        Ok(Ready { document, body, text, routed, diagnostics })
    }
}

/// A document that arrived and can be used.
#[derive(Debug, Clone, Copy)]
pub struct Arrived<'a> {
    /// What brought it.
    pub transmission: &'a Transmission,
    /// Who sent it.
    pub from: &'a PartnerId,
    /// Whose purchase it belongs to.
    pub counterparty: &'a PartnerId,
    /// The document.
    pub ready: &'a Ready,
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Its row, when it was accepted or known.
    pub document: Option<Id>,
    /// Everything that is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Records a document and makes its deliveries.
pub fn accept(desk: &mut Desk<'_, '_>, arrived: Arrived<'_>) -> Result<Outcome, ledger::Error> {
    let new = NewDocument {
        partner: arrived.counterparty.as_str(),
        source: arrived.from.as_str(),
        transmission: &arrived.transmission.id,
        document: &arrived.ready.document,
        body: &arrived.ready.body,
        at: desk.now,
    };
    let purpose = &arrived.ready.document.header().purpose;
    let recorded = match arrived.ready.document.takes_a_place() {
        true => desk.tx.record_revision(&new)?,
        false => desk.tx.record_document(&new)?,
    };
    let by = desk.policies(arrived.from).for_the_same(Twice::BusinessKey);
    match recorded {
        Recorded::New(id) => take_on(desk, arrived, id, None),
        Recorded::Earlier(id) => come_late(desk, arrived, id),
        Recorded::Same(known) => come_again(desk, arrived, known, Again::Same, by),
        Recorded::Changed(known) => {
            let by = match desk.tx.is_accepted(&arrived.transmission.id)? {
                true => Decided::by_a_person(Twice::BusinessKey),
                false => by,
            };
            let older = match by.policy {
                Policy::Replace => desk.tx.revision_with_content(new.partner, new.document)?,
                Policy::Quarantine | Policy::AcknowledgeAgain => None,
            };
            match changed(by.policy, purpose, older) {
                Again::Replacing => match desk.tx.record_revision(&new)? {
                    Recorded::New(id) => take_on(desk, arrived, id, Some(by)),
                    Recorded::Same(known) | Recorded::Changed(known) | Recorded::Earlier(known) => {
                        come_again(desk, arrived, known, Again::Changed, by)
                    }
                },
                again => come_again(desk, arrived, known, again, by),
            }
        }
    }
}

/// How a known document came again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// With the same content.
    Same,
    /// With other content, and nothing says that it replaces what is known.
    Changed,
    /// With the content of a revision that was replaced since.
    Superseded(u32),
    /// With other content, in place of what is known: so the policy says.
    Replacing,
}

/// What a document with other content than the latest revision is; `older` is the revision that had this content.
fn changed(policy: Policy, purpose: &Purpose, older: Option<u32>) -> Again {
    match (policy, older) {
        // A copy for information replaces nothing.
        (Policy::Replace, _) if *purpose == Purpose::Duplicate => Again::Changed,
        (Policy::Replace, Some(revision)) => Again::Superseded(revision),
        (Policy::Replace, None) => Again::Replacing,
        (Policy::Quarantine | Policy::AcknowledgeAgain, _) => Again::Changed,
    }
}

/// Routes and delivers a document that was recorded; `replaced_by` is the policy that made it replace another.
fn take_on(
    desk: &mut Desk<'_, '_>,
    arrived: Arrived<'_>,
    id: Id,
    replaced_by: Option<Decided>,
) -> Result<Outcome, ledger::Error> {
    let replacement = match replaced_by {
        Some(by) => Some((replacement(desk, &arrived, &id, by)?, by)),
        None => None,
    };
    let (text, data) = match &replacement {
        Some((diagnostic, by)) => (diagnostic.message.clone(), with_policy(diagnostic, *by)),
        None => (format!("accepted {}", arrived.ready.text), serde_json::Value::Null),
    };
    journal(desk, &arrived, &id, EventKind::Accepted, text, data)?;
    let Ready { document, routed, diagnostics, .. } = arrived.ready;
    let mut diagnostics = diagnostics.clone();
    match (routed, &replacement) {
        (Ok(routed), None) => {
            for (target, draft) in routed {
                diagnostics.extend(desk.deliver_document(&id, document, target, draft.as_ref())?);
            }
        }
        (Ok(routed), Some(_)) => {
            // The sender did not say that it replaces; its receivers must hear it all the same.
            let mut document = document.clone();
            document.header_mut().purpose = Purpose::Replace;
            for (target, _) in routed {
                diagnostics.extend(desk.deliver_document(&id, &document, target, None)?);
            }
        }
        (Err(nowhere), _) => diagnostics.push((**nowhere).clone()),
    }
    for diagnostic in &mut diagnostics {
        diagnostic.place.file.get_or_insert_with(|| arrived.transmission.name.clone());
    }
    for diagnostic in diagnostics.iter().filter(|one| is_for_a_person(one, document)) {
        raise(desk, &arrived, &id, diagnostic)?;
    }
    let (partner, transmission) = (arrived.counterparty.as_str(), &arrived.transmission.id);
    match &arrived.ready.document {
        Document::ApplicationAdvice(advice) => advice::settle(desk.tx, partner, transmission, advice, desk.now)?,
        Document::TextMessage(message) => {
            let label = document.label();
            let writing = text::Writing { partner, transmission, document: &id, label: &label, at: desk.now };
            text::tell(desk.tx, &writing, message)?;
        }
        _ => {}
    }
    // What was agreed is told and is no finding.
    diagnostics.extend(replacement.map(|(diagnostic, _)| diagnostic));
    Ok(Outcome { document: Some(id), diagnostics })
}

/// What the books find as well as soon as they hold the order against the document (REC-W001, W003, W004): within the tolerances of
/// the partner, with the money at stake, and until it is over.
const LEFT_TO_THE_BOOKS: [Code; 3] = [&codes::OVER_SHIPPED, &codes::PRICE_DIFFERS, &codes::OVER_INVOICED];

/// True for what becomes a finding of its own; what is tried out is nothing to the books.
fn is_for_a_person(diagnostic: &Diagnostic, document: &Document) -> bool {
    let is_told_by_the_books = LEFT_TO_THE_BOOKS.iter().any(|code| code.code == diagnostic.code.code);
    diagnostic.severity() >= Severity::Warning && (document.header().test || !is_told_by_the_books)
}

/// Takes an original into the books that came after what takes its place. Nobody is told of it: what is valid went out already.
fn come_late(desk: &mut Desk<'_, '_>, arrived: Arrived<'_>, id: Id) -> Result<Outcome, ledger::Error> {
    let what = &arrived.ready.text;
    let message = format!("accepted {what}, as what was there before the one that came in first; it is not delivered");
    let diagnostic = Diagnostic::new(&custody::LATE_ORIGINAL, message).at(at_file(&arrived));
    let data = serde_json::to_value(Record::from(&diagnostic)).unwrap_or_default();
    journal(desk, &arrived, &id, EventKind::Accepted, diagnostic.message.clone(), data)?;
    let mut diagnostics = arrived.ready.diagnostics.clone();
    diagnostics.push(diagnostic);
    Ok(Outcome { document: Some(id), diagnostics })
}

/// Says that a document replaces an earlier one, and as which revision.
fn replacement(
    desk: &mut Desk<'_, '_>,
    arrived: &Arrived<'_>,
    id: &Id,
    by: Decided,
) -> Result<Diagnostic, ledger::Error> {
    let revision = desk.tx.document(id)?.revision;
    let what = &arrived.ready.text;
    let message = format!("accepted {what}, as revision {revision} in place of what came in before ({by})");
    Ok(Diagnostic::new(&custody::DOCUMENT_REPLACED, message).at(at_file(arrived)))
}

fn come_again(
    desk: &mut Desk<'_, '_>,
    arrived: Arrived<'_>,
    known: Id,
    again: Again,
    by: Decided,
) -> Result<Outcome, ledger::Error> {
    let label = arrived.ready.document.label();
    let (code, kind, mut message): (Code, _, _) = match again {
        Again::Same => {
            let message = format!("{label} came in before with the same content; nothing is delivered again");
            (&custody::KNOWN_DOCUMENT, EventKind::Duplicate, message)
        }
        Again::Superseded(revision) => {
            let message =
                format!("{label} came in before with this content, as revision {revision}, which was replaced");
            (&custody::SUPERSEDED, EventKind::Quarantined, message)
        }
        Again::Changed | Again::Replacing => {
            let message = format!("{label} came in before with other content and does not say that it replaces it");
            (&custody::KNOWN_DOCUMENT_CHANGED, EventKind::Quarantined, message)
        }
    };
    if again == Again::Same && by.policy == Policy::AcknowledgeAgain {
        let answers = answer_again(desk, &arrived, &known)?;
        if !answers.is_empty() {
            message.push_str(&format!(", and our answer to it goes out once more: {} ({by})", answers.join(", ")));
        }
    }
    let diagnostic = Diagnostic::new(code, message).at(at_file(&arrived));
    let data = with_policy(&diagnostic, by);
    journal(desk, &arrived, &known, kind, diagnostic.message.clone(), data)?;
    let mut diagnostics = arrived.ready.diagnostics.clone();
    diagnostics.push(diagnostic);
    let document = (again == Again::Same).then_some(known);
    Ok(Outcome { document, diagnostics })
}

/// Makes the answers to the file that brought a known document due again; the names of their files.
fn answer_again(desk: &mut Desk<'_, '_>, arrived: &Arrived<'_>, known: &Id) -> Result<Vec<String>, ledger::Error> {
    let first = desk.tx.document(known)?.transmission;
    let mut names = Vec::new();
    // A replay of the first file repeats nothing to the partner.
    if first != arrived.transmission.id {
        for interchange in desk.tx.interchanges_of(&first)? {
            names.extend(desk.tx.answer_again(&interchange, desk.now)?);
        }
    }
    Ok(names)
}

fn at_file(arrived: &Arrived<'_>) -> Place {
    Place { file: Some(arrived.transmission.name.clone()), ..Place::default() }
}

/// A diagnostic as the journal keeps it, with the policy that decided.
pub fn with_policy(diagnostic: &Diagnostic, by: Decided) -> serde_json::Value {
    let mut data = serde_json::to_value(Record::from(diagnostic)).unwrap_or_default();
    if let Some(data) = data.as_object_mut() {
        data.insert("policy".to_owned(), by.to_string().into());
    }
    data
}

fn journal(
    desk: &mut Desk<'_, '_>,
    arrived: &Arrived<'_>,
    id: &Id,
    kind: EventKind,
    text: String,
    data: serde_json::Value,
) -> Result<(), ledger::Error> {
    // A shipment of several orders has a line in the story of each; a payment of a thousand has one that all share.
    let document = &arrived.ready.document;
    let po_numbers = document.po_numbers();
    let stories: Vec<Option<&str>> = match &po_numbers[..] {
        [only] => vec![Some(*only)],
        [_, ..] if document.kind().answers_an_order() => po_numbers.iter().copied().map(Some).collect(),
        _ => vec![None],
    };
    for po_number in stories {
        desk.tx.append_event(&NewEvent {
            partner: arrived.counterparty.to_string(),
            at: desk.now,
            kind,
            refs: Refs {
                transmission: Some(arrived.transmission.id.clone()),
                document: Some(id.clone()),
                po_number: po_number.map(str::to_owned),
                ..Refs::default()
            },
            text: text.clone(),
            data: data.clone(),
        })?;
    }
    Ok(())
}

/// A finding, and its line in the journal the first time.
fn raise(
    desk: &mut Desk<'_, '_>,
    arrived: &Arrived<'_>,
    id: &Id,
    diagnostic: &Diagnostic,
) -> Result<(), ledger::Error> {
    let subject = arrived.ready.document.label();
    let is_new = desk.tx.record_finding(&NewFinding {
        document: Some(id),
        po_number: arrived.ready.document.po_numbers().first().copied(),
        ..NewFinding::new(arrived.counterparty.as_str(), &subject, diagnostic, desk.now)
    })?;
    if is_new {
        let text = format!("{subject}: {} ({})", diagnostic.message, diagnostic.code.code);
        journal(desk, arrived, id, EventKind::Finding, text, finding::told(diagnostic, &subject))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_content_replaces_and_only_where_the_policy_says_so() {
        let original = Purpose::Original;
        assert_eq!(changed(Policy::Replace, &original, None), Again::Replacing);
        assert_eq!(changed(Policy::Replace, &original, Some(1)), Again::Superseded(1));
        assert_eq!(changed(Policy::Replace, &Purpose::Duplicate, None), Again::Changed);
        for policy in [Policy::Quarantine, Policy::AcknowledgeAgain] {
            assert_eq!(changed(policy, &original, None), Again::Changed);
            assert_eq!(changed(policy, &original, Some(1)), Again::Changed);
        }
    }
}
