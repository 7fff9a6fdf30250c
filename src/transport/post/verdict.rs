//! What an answer says of a file that was posted. Pure.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::config::post::Success;

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub retry_after: Option<String>,
    pub body: Vec<u8>,
    /// Whether the body came to its end.
    pub is_whole: bool,
    /// When it came.
    pub at: Timestamp,
}

impl Answer {
    /// Its status and the beginning of its body in one line, for a person.
    pub fn in_words(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
        if line.is_empty() { self.status.to_string() } else { format!("{}, {line}", self.status) }
    }
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The file was taken.
    Taken,
    /// A request with its key was taken before.
    TakenBefore,
    /// Nothing more for so long.
    Wait(Duration),
    /// The same may succeed later.
    Failed,
    /// What we showed of ourselves is not enough.
    NotLetIn,
    /// Another place is meant.
    Elsewhere,
    /// The same would be refused again; what would have been success, where it was not the status.
    Refused(Option<String>),
}

/// The wait where the answer names none.
const USUAL_WAIT: Duration = Duration::from_secs(5);
/// The longest wait: an API that asks for more is asked again.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// Judges an answer by what the partner file calls success.
pub(super) fn judge(answer: &Answer, success: &Success, has_key: bool) -> Verdict {
    let status = answer.status;
    match status {
        200..=299 => judge_success(answer, success),
        409 if has_key && success.conflict_is_success => Verdict::TakenBefore,
        300..=399 => Verdict::Elsewhere,
        401 | 403 | 407 => Verdict::NotLetIn,
        429 | 503 => Verdict::Wait(wait(answer)),
        408 | 425 | 500..=599 => Verdict::Failed,
        _ => Verdict::Refused(None),
    }
}

fn judge_success(answer: &Answer, success: &Success) -> Verdict {
    if !success.status.is_empty() && !success.status.contains(&answer.status) {
        let listed: Vec<String> = success.status.iter().map(u16::to_string).collect();
        return Verdict::Refused(Some(format!("status {}", listed.join(" or "))));
    }
    let Some(pointer) = &success.pointer else { return Verdict::Taken };
    if !answer.is_whole {
        return Verdict::Failed;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let found = body.pointer(pointer).filter(|found| !found.is_null());
    let found = found.map(|found| found.as_str().map_or_else(|| found.to_string(), str::to_owned));
    match (found, &success.equals) {
        (Some(_), None) => Verdict::Taken,
        (Some(found), Some(wanted)) if found == *wanted => Verdict::Taken,
        (_, Some(wanted)) => Verdict::Refused(Some(format!("{wanted:?} at {pointer}"))),
        (None, None) => Verdict::Refused(Some(format!("something at {pointer}"))),
    }
}

/// Retry-After: seconds, or a date as RFC 9110 writes it.
fn wait(answer: &Answer) -> Duration {
    let Some(text) = answer.retry_after.as_deref().map(str::trim) else { return USUAL_WAIT };
    let seconds = text.parse::<u64>().ok().map(Duration::from_secs);
    let until = || {
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(Duration::try_from(date.duration_since(answer.at)).unwrap_or_default())
    };
    seconds.or_else(until).unwrap_or(USUAL_WAIT).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn success() -> Success {
        Success { status: Vec::new(), pointer: None, equals: None, conflict_is_success: true }
    }

    fn answer(status: u16, body: &str) -> Answer {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        Answer { status, location: None, retry_after: None, body: body.into(), is_whole: true, at }
    }

    fn check(status: u16, expect: &Verdict) {
        assert_eq!(&judge(&answer(status, ""), &success(), true), expect, "{status}");
    }

    #[test]
    fn a_status_says_whether_time_or_a_person_is_needed() {
        for (status, expect) in [
            (200, Verdict::Taken),
            (204, Verdict::Taken),
            (409, Verdict::TakenBefore),
            (302, Verdict::Elsewhere),
            (401, Verdict::NotLetIn),
            (403, Verdict::NotLetIn),
            (408, Verdict::Failed),
            (500, Verdict::Failed),
            (502, Verdict::Failed),
            (400, Verdict::Refused(None)),
            (404, Verdict::Refused(None)),
            (422, Verdict::Refused(None)),
            (429, Verdict::Wait(USUAL_WAIT)),
            (503, Verdict::Wait(USUAL_WAIT)),
        ] {
            check(status, &expect);
        }
        assert_eq!(judge(&answer(409, ""), &success(), false), Verdict::Refused(None), "nobody knows a key");
        let strict = Success { conflict_is_success: false, ..success() };
        assert_eq!(judge(&answer(409, ""), &strict, true), Verdict::Refused(None));
    }

    #[test]
    fn a_success_is_one_only_with_what_the_partner_file_asks_for() {
        let asks = Success { pointer: Some("/status".into()), equals: Some("accepted".into()), ..success() };
        let judged = |body: &str, success: &Success| judge(&answer(200, body), success, true);
        assert_eq!(judged(r#"{"status":"accepted"}"#, &asks), Verdict::Taken);
        let refused = Verdict::Refused(Some("\"accepted\" at /status".to_owned()));
        for body in [r#"{"status":"rejected"}"#, "{}", "<html>", ""] {
            assert_eq!(judged(body, &asks), refused, "{body}");
        }
        let id = Success { pointer: Some("/id".into()), ..success() };
        assert_eq!(judged(r#"{"id":7}"#, &id), Verdict::Taken);
        assert_ne!(judged(r#"{"id":null}"#, &id), Verdict::Taken);
        let seven = Success { equals: Some("7".into()), ..id };
        assert_eq!(judged(r#"{"id":7}"#, &seven), Verdict::Taken);
        let created = Success { status: vec![201], ..success() };
        assert_eq!(judged("", &created), Verdict::Refused(Some("status 201".to_owned())));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_more_than_an_hour() {
        for (text, seconds) in [
            ("7", 7),
            ("999999", 3600),
            // 22:13:20 is the time of the answer.
            ("Tue, 14 Nov 2023 22:13:50 GMT", 30),
            ("Tue, 14 Nov 2023 22:13:00 GMT", 0),
            ("soon", 5),
        ] {
            let asked = Answer { retry_after: Some(text.to_owned()), ..answer(429, "") };
            assert_eq!(judge(&asked, &success(), true), Verdict::Wait(Duration::from_secs(seconds)), "{text}");
        }
    }
}
