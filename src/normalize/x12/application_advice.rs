//! 824 to application advice.

use jiff::civil::Time;

use super::reading::Reading;
use super::{book_codes, codes, parts};
use crate::diagnostic::codes::document::MISSING_VALUE;
use crate::document::application_advice::{AdvisedError, Answer, ApplicationAdvice};
use crate::document::{Header, SCHEMA_VERSION};
use crate::normalize::proof;
use crate::x12::check::Loop;
use crate::x12::segment::Segment;
use crate::x12::value;

pub(super) fn read(set: &Loop<'_>, reading: &mut Reading) -> Option<ApplicationAdvice> {
    let bgn = set.segment("BGN")?;
    let advice_number = reading.required(bgn, 2, "reference");
    // At which minute it was written says no more than the day.
    reading.take(bgn, 4);
    let answers: Vec<Answer> = set.loops("OTI").filter_map(|inner| answer(&inner, reading)).collect();
    if set.loops("OTI").next().is_none() {
        reading.report(&MISSING_VALUE, bgn, None, "the advice answers no document".to_owned());
    }
    Some(ApplicationAdvice {
        header: Header {
            schema: SCHEMA_VERSION,
            purpose: reading.code(bgn, 1).map(|code| codes::purpose(&code)).unwrap_or_default(),
            notes: set.loops("N1").flat_map(|party| parts::contacts(&party, reading)).collect(),
            ..Header::default()
        },
        issued_on: reading.date(bgn, 3),
        parties: parts::parties(set, reading),
        answers,
        advice_number: advice_number?,
    })
}

fn answer(inner: &Loop<'_>, reading: &mut Reading) -> Option<Answer> {
    let oti = inner.segment("OTI")?;
    let verdict = reading.required_code(oti, 1, "verdict");
    let is = reading.required_code(oti, 2, "reference qualifier");
    let number = reading.required(oti, 3, "reference");
    let (level, verdict) = book_codes::advice(&verdict?);
    let mut references = parts::references(inner, reading);
    let sent_on = reading.date(oti, 6);
    let sent_at = reading.time(oti, 7).unwrap_or(Time::midnight());
    let answer = Answer {
        verdict,
        level,
        reference: parts::named(&is?, number?),
        transaction_set: reading.text(oti, 10),
        group_control_number: reading.count(oti, 8),
        set_control_number: reading.text(oti, 9),
        sent_at: sent_on.map(|on| on.to_datetime(sent_at)),
        po_number: parts::take_code(&mut references, &["PO"]),
        references,
        errors: inner.loops("TED").filter_map(|inner| error(&inner, reading)).collect(),
    };
    reading.tell(proof::verdict(&answer), oti, Some(1));
    Some(answer)
}

/// One TED with the notes below it. Its positions are plain numbers up to 004010, composites from 005010 on.
fn error(inner: &Loop<'_>, reading: &mut Reading) -> Option<AdvisedError> {
    let ted = inner.segment("TED")?;
    let texts: Vec<String> = reading.text(ted, 2).into_iter().chain(parts::notes(inner, reading)).collect();
    Some(AdvisedError {
        code: reading.text(ted, 1),
        text: (!texts.is_empty()).then(|| texts.join(", ")),
        segment: reading.text(ted, 3),
        segment_position: reading.count(ted, 4),
        element_position: position(ted, 5, reading),
        found: reading.text(ted, 7),
        expected: reading.text(ted, 8),
    })
}

fn position(ted: Segment<'_>, element: usize, reading: &mut Reading) -> Option<u32> {
    value::read_count(&reading.first(ted, element)?).ok()
}
