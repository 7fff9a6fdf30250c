//! One message to one target: the stories that it tells, or a digest.
//!
//! ```text
//! { "id": "0198…", "target": "ops", "subject": "megamart: element is not a date (X12-E071), 3 times", "stories": [ … ] }
//! ```
//!
//! It is made once, kept in the ledger, and the same at every attempt. As JSON it is what webhooks of our shape and commands get.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::{steps, words};
use crate::config::alerts::Target;
use crate::diagnostic::{Severity, Who, codes};
use crate::ledger::alert::Group;
use crate::ledger::explanation::Explanation;
use crate::ledger::failure::{self, Failure};

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id; the same at every attempt.
    pub id: String,
    /// Whom it goes to.
    pub target: String,
    /// When it was made.
    pub at: Timestamp,
    /// One line.
    pub subject: String,
    /// What happened, the gravest first.
    pub stories: Vec<Story>,
    /// What happened since the last digest, in a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// One kind of failure with one partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// The same for all that is told of one round, from its beginning to its end.
    pub key: String,
    /// With whom.
    pub partner: String,
    /// What kind of fault.
    pub code: String,
    /// quarantined, parked, overdue, finding, fault …
    pub kind: String,
    /// How bad.
    pub severity: Severity,
    /// Who must act.
    pub who: Who,
    /// What is wrong, in general.
    pub title: String,
    /// What happened, the newest of it.
    pub text: String,
    /// Where in the sender's bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// What would have been right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What stood there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The usual cause.
    pub cause: String,
    /// What to do.
    pub fix: String,
    /// The event, for `edigate explain`.
    pub event: String,
    /// The documents that it is about: `order 4500012345`.
    pub documents: Vec<String>,
    /// How often the same happened before.
    pub history: String,
    /// The commands that may settle it.
    pub commands: Vec<String>,
    /// How often it happened since it began.
    pub count: u64,
    /// How many of these no message told yet.
    pub fresh: u64,
    /// When it began.
    pub since: Timestamp,
    /// When it was over, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Timestamp>,
}

impl Story {
    /// A group and its newest failure, told in the days of a zone.
    pub fn of(group: &Group, failure: &Failure, explanation: &Explanation, zone: &TimeZone) -> Story {
        let Explanation { event, history, documents, .. } = explanation;
        let (meaning, record) = (codes::find(&failure.code), failure::first_record(&event.data));
        let of_code = |text: Option<&'static str>| text.unwrap_or_default().to_owned();
        Story {
            key: format!("edigate {}/{}/{}/{}", group.partner, group.kind, group.code, group.round),
            partner: failure.partner.clone(),
            code: failure.code.clone(),
            kind: failure.kind.clone(),
            severity: failure.severity,
            who: failure.who,
            title: of_code(meaning.map(|meaning| meaning.title)),
            text: event.text.clone(),
            place: record.as_ref().map(|record| record.place.to_string()).unwrap_or_default(),
            expected: record.as_ref().and_then(|record| record.expected.clone()),
            found: record.as_ref().and_then(|record| record.found.clone()),
            cause: of_code(meaning.map(|meaning| meaning.cause)),
            fix: record.map_or_else(|| of_code(meaning.map(|meaning| meaning.fix)), |record| record.fix),
            event: failure.event(),
            documents: documents.iter().map(|one| format!("{} {}", one.kind.replace('_', " "), one.number)).collect(),
            history: history.as_ref().map(|history| words::history(failure, history, zone)).unwrap_or_default(),
            commands: steps::of(failure, &event.refs),
            count: group.count,
            fresh: group.count.saturating_sub(group.told),
            since: group.since,
            over: group.over,
        }
    }

    /// One line: `megamart: element is not a date (X12-E071), 3 times`.
    pub fn headline(&self) -> String {
        let over = if self.over.is_some() { "over: " } else { "" };
        let times = if self.count > 1 { format!(", {} times", self.count) } else { String::new() };
        format!("{over}{}: {} ({}){times}", self.partner, self.title, self.code)
    }
}

impl Message {
    /// A message of what is due, the gravest first.
    pub fn of(id: String, target: &str, mut stories: Vec<Story>, now: Timestamp) -> Message {
        stories.sort_by_key(|story| (story.over.is_some(), std::cmp::Reverse(story.severity), story.since));
        let first = stories.first().map(Story::headline).unwrap_or_default();
        let subject = match stories.len() {
            0 | 1 => first,
            2 => format!("{first}, and 1 more"),
            count => format!("{first}, and {} more", count - 1),
        };
        Message { id, target: target.to_owned(), at: now, subject, stories, digest: None }
    }

    /// A message that tries whether a target is reached.
    pub fn test(id: String, target: &Target, now: Timestamp) -> Message {
        let subject = format!("edigate: a test of the alert {:?}; nothing is wrong", target.name);
        Message { id, target: target.name.clone(), at: now, subject, stories: Vec::new(), digest: None }
    }

    /// A digest.
    pub fn digest(id: String, target: &Target, digest: Digest, now: Timestamp) -> Message {
        let subject = digest.subject(&target.zone);
        Message { id, target: target.name.clone(), at: now, subject, stories: Vec::new(), digest: Some(digest) }
    }
}
