//! An application advice meets what we sent: a document that could be read, and can be used or not.
//!
//! In: an 824 that was recorded, each of whose answers names a document of ours by its number, or its set or group by the
//! numbers of our envelope. Out: the expectation of each is met or violated; a rejection, and an answer to what we did not
//! send, is a finding.
//!
//! ```text
//! OTI*TR*SI*SHP0000777**…*505*0001*856 -> 856 SHP0000777 REJECTED by their 824: carton count differs
//! ```
//!
//! Never here: whether a code of TED means that the rest of the document is used; where an application is silent on that,
//! what it rejects in part counts as rejected, since somebody must look.

use jiff::Timestamp;

use super::{Answer, Subject, append, note, settle_set};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::document::application_advice::{self, AdviceLevel, AdviceVerdict, ApplicationAdvice};
use crate::document::keys::is_same_number;
use crate::ledger::document::StoredDocument;
use crate::ledger::event::EventKind;
use crate::ledger::expectation::{APPLICATION, Answering, Expectation};
use crate::ledger::{self, Id, Transaction};
use crate::reconcile::verdicts::SetJudgment;
use crate::x12::acknowledgment::Verdict;
use crate::x12::envelope::functional_id;

/// Settles what an advice answers, in the caller's transaction, which recorded it.
pub fn settle(
    tx: &mut Transaction<'_>,
    partner: &str,
    transmission: &Id,
    advice: &ApplicationAdvice,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let answer = Answer { partner, transmission, name: APPLICATION, at: now };
    advice.answers.iter().try_for_each(|one| settle_one(tx, &answer, one, now))
}

fn settle_one(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    one: &application_advice::Answer,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let judgment = judge(one);
    let awaited = awaited(tx, answer, one)?;
    for expectation in &awaited {
        settle_set(tx, answer, expectation, &judgment, now)?;
    }
    if !awaited.is_empty() {
        return Ok(());
    }
    match ours(tx, answer.partner, one)? {
        Some(ours) => unawaited(tx, answer, (one, &ours.id), &judgment, now),
        None => {
            let message = format!("an 824 answers {}, which we did not send", one.label());
            note(tx, answer, Subject::Other(one.label()), &Diagnostic::new(&custody::ORPHAN, message), now)
        }
    }
}

/// What it says, as a 997 would.
fn judge(one: &application_advice::Answer) -> SetJudgment {
    let verdict = match one.verdict {
        AdviceVerdict::Accepted | AdviceVerdict::AcceptedWithChange if one.errors.is_empty() => Some(Verdict::Accepted),
        AdviceVerdict::Accepted | AdviceVerdict::AcceptedWithChange | AdviceVerdict::AcceptedWithErrors => {
            Some(Verdict::AcceptedWithErrors)
        }
        AdviceVerdict::PartlyAccepted | AdviceVerdict::Rejected => Some(Verdict::Rejected),
        AdviceVerdict::Other(_) => None,
    };
    SetJudgment { verdict, reasons: one.errors.iter().map(application_advice::AdvisedError::sentence).collect() }
}

/// What waits for it: the set or the group that it numbers, else the document that it names.
fn awaited(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    one: &application_advice::Answer,
) -> Result<Vec<Expectation>, ledger::Error> {
    let group = one.group_control_number.zip(one.transaction_set.as_deref().and_then(functional_id));
    if let Some((number, functional_id)) = group {
        let group = (functional_id, i64::from(number));
        let mut awaited = tx.expectations_of_group(answer.partner, group, Answering::Application, answer.at)?;
        if let (Some(set), AdviceLevel::Document | AdviceLevel::Item) = (&one.set_control_number, one.level) {
            awaited.retain(|waiting| is_same_number(waiting.set_number.as_deref().unwrap_or_default(), set));
        }
        if !awaited.is_empty() {
            return Ok(awaited);
        }
    }
    let Some(document) = ours(tx, answer.partner, one)? else { return Ok(Vec::new()) };
    // A document that was sent once more waits in its newest delivery.
    let mut awaited = tx.application_expectations_of(answer.partner, &document.id)?;
    awaited.truncate(1);
    Ok(awaited)
}

/// The document of ours that it names.
fn ours(
    tx: &mut Transaction<'_>,
    partner: &str,
    one: &application_advice::Answer,
) -> Result<Option<StoredDocument>, ledger::Error> {
    let Some(kind) = one.kind() else { return Ok(None) };
    tx.document_sent_to(partner, kind, &one.reference.value)
}

/// An answer to a document of ours that nobody waits for: told, and a finding when it is a rejection.
fn unawaited(
    tx: &mut Transaction<'_>,
    answer: &Answer<'_>,
    (one, ours): (&application_advice::Answer, &Id),
    judgment: &SetJudgment,
    now: Timestamp,
) -> Result<(), ledger::Error> {
    let (label, why) = (one.label(), judgment.reasons.join("; "));
    if judgment.verdict == Some(Verdict::Rejected) {
        let because = if why.is_empty() { why } else { format!(": {why}") };
        let message = format!("{label} REJECTED by their 824{because}");
        return note(tx, answer, Subject::Ours(label, ours), &Diagnostic::new(&custody::REJECTED, message), now);
    }
    let text = format!("{label} answered by their 824, which nobody waited for");
    append(tx, answer, None, EventKind::AcknowledgmentReceived, text, serde_json::Value::Null, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::application_advice::AdvisedError;
    use crate::document::{Reference, ReferenceKind};
    use crate::ledger::tests::{Books, at, awaited_by, envelope, transmission};
    use crate::ledger::transmission::Direction;

    /// A ship notice that went out as set 0001 of group 503 and waits for those answers.
    fn sent(answers: &'static [&'static str]) -> Books {
        let books = Books::new();
        books.write(|tx| {
            let delivery = awaited_by(tx, envelope(501, 503, &["0001"]), at(0), answers)?;
            tx.delivery_went_out(&delivery, at(0))
        });
        books
    }

    fn answer(verdict: AdviceVerdict, number: &str) -> application_advice::Answer {
        application_advice::Answer {
            verdict,
            level: AdviceLevel::Document,
            reference: Reference { is: ReferenceKind::Other("SI".to_owned()), value: number.to_owned() },
            transaction_set: Some("856".to_owned()),
            group_control_number: None,
            set_control_number: None,
            sent_at: None,
            po_number: None,
            references: Vec::new(),
            errors: Vec::new(),
        }
    }

    fn rejected(number: &str) -> application_advice::Answer {
        let text = Some("carton count differs".to_owned());
        let errors = vec![AdvisedError { text, ..AdvisedError::default() }];
        application_advice::Answer { errors, ..answer(AdviceVerdict::Rejected, number) }
    }

    fn receive(books: &Books, minute: i64, answers: &[application_advice::Answer]) {
        let advice = ApplicationAdvice { answers: answers.to_vec(), ..ApplicationAdvice::default() };
        books.write(move |tx| {
            let transmission = transmission(tx, "mega", "824.edi", Direction::In)?;
            settle(tx, "mega", &transmission, &advice, at(minute))
        });
    }

    fn findings(books: &Books) -> Vec<String> {
        books.texts("SELECT rule || ' ' || subject FROM finding ORDER BY id")
    }

    fn last_event(books: &Books) -> String {
        books.texts("SELECT text FROM event ORDER BY sequence DESC").remove(0)
    }

    #[test]
    fn a_document_that_can_be_used_is_met_in_time_or_late() {
        for (minute, state) in [(5, "met"), (61, "met_late")] {
            let books = sent(&["824"]);
            receive(&books, minute, &[answer(AdviceVerdict::Accepted, "SHP1")]);
            assert_eq!(books.states(), [state]);
        }
    }

    #[test]
    fn a_document_that_cannot_be_used_is_violated_and_a_finding_with_its_reason() {
        for verdict in [AdviceVerdict::Rejected, AdviceVerdict::PartlyAccepted] {
            let books = sent(&["997", "824"]);
            receive(&books, 5, &[application_advice::Answer { verdict, ..rejected("SHP1") }]);
            assert_eq!(
                books.texts("SELECT what || ' ' || state FROM expectation ORDER BY what"),
                ["824 violated", "997 pending"]
            );
            assert_eq!(findings(&books), [format!("{} 856 SHP1", custody::REJECTED.code)]);
            assert_eq!(last_event(&books), "856 SHP1 REJECTED by their 824: carton count differs");
        }
    }

    #[test]
    fn it_is_found_by_our_numbers_when_the_document_is_named_otherwise() {
        let books = sent(&["824"]);
        let numbered = application_advice::Answer {
            group_control_number: Some(503),
            set_control_number: Some("1".to_owned()),
            ..answer(AdviceVerdict::Accepted, "some number of theirs")
        };
        receive(&books, 5, &[numbered]);
        assert_eq!(books.states(), ["met"]);
    }

    #[test]
    fn another_set_of_the_group_is_not_meant() {
        let books = Books::new();
        books.write(|tx| {
            let delivery = awaited_by(tx, envelope(501, 503, &["0001", "0002"]), at(0), &["824"])?;
            tx.delivery_went_out(&delivery, at(0))
        });
        let numbered = application_advice::Answer {
            group_control_number: Some(503),
            set_control_number: Some("0002".to_owned()),
            ..answer(AdviceVerdict::Accepted, "SHP1")
        };
        receive(&books, 5, std::slice::from_ref(&numbered));
        assert_eq!(books.states(), ["pending", "met"]);
        let group = application_advice::Answer { level: AdviceLevel::Group, ..numbered };
        receive(&books, 6, &[group]);
        assert_eq!(books.states(), ["met", "met"]);
    }

    #[test]
    fn a_rejection_that_nobody_waited_for_is_a_finding_all_the_same() {
        let books = sent(&["997"]);
        receive(&books, 5, &[answer(AdviceVerdict::Accepted, "SHP1")]);
        assert_eq!(findings(&books), Vec::<String>::new());
        assert_eq!(last_event(&books), "856 SHP1 answered by their 824, which nobody waited for");
        receive(&books, 6, &[rejected("SHP1")]);
        assert_eq!(findings(&books), [format!("{} 856 SHP1", custody::REJECTED.code)]);
        assert_eq!(books.states(), ["pending"]);
    }

    #[test]
    fn an_answer_to_what_we_did_not_send_is_an_orphan() {
        let books = sent(&["824"]);
        receive(&books, 5, &[rejected("SHP9")]);
        assert_eq!(findings(&books), [format!("{} 856 SHP9", custody::ORPHAN.code)]);
        assert_eq!(books.states(), ["pending"]);
    }

    #[test]
    fn a_verdict_without_a_name_settles_nothing() {
        let books = sent(&["824"]);
        receive(&books, 5, &[answer(AdviceVerdict::Other("ZZ".to_owned()), "SHP1")]);
        assert_eq!(books.states(), ["pending"]);
    }
}
