//! A message as a person reads it in an e-mail.
//!
//! ```text
//! megamart: element is not a date (X12-E071)
//!   850_103.edi: 850 0002 quarantined: BEG05 is not a date (X12-E071)
//!   at 850 0002, segment 2 (BEG), element 5 · expected a date as CCYYMMDD, found "20260230"
//!   who must act: the sender of the document
//!   …
//! ```

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::message::{Message, Story};

/// The whole text; times are those of a zone.
pub fn of(message: &Message, zone: &TimeZone) -> String {
    let mut parts: Vec<String> = message.stories.iter().map(|one| story(one, zone)).collect();
    parts.extend(message.digest.as_ref().map(|digest| digest.in_words(zone)));
    if parts.is_empty() {
        parts.push(format!("{}\n", message.subject));
    }
    parts.join("\n")
}

/// One story, a line for each thing that it says.
pub fn story(story: &Story, zone: &TimeZone) -> String {
    let mut text = format!("{}\n", story.headline());
    for line in lines(story, zone) {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

/// What a story says under its headline.
pub fn lines(story: &Story, zone: &TimeZone) -> Vec<String> {
    let mut lines = vec![story.text.clone()];
    let place = if story.place.is_empty() { None } else { Some(format!("at {}", story.place)) };
    let expected = story.expected.as_ref().map(|expected| format!("expected {expected}"));
    let found = story.found.as_ref().map(|found| format!("found {found:?}"));
    let seen: Vec<String> = [place, expected, found].into_iter().flatten().collect();
    if !seen.is_empty() {
        lines.push(seen.join(", "));
    }
    if let Some(over) = story.over {
        lines.push(format!("began {}, over since {}", time(story.since, zone), time(over, zone)));
        lines.push(format!("more: edigate explain {}", story.event));
        return lines;
    }
    let before = story.count - story.fresh.min(story.count);
    if story.count > 1 {
        let fresh = if before > 0 { format!(", {} since the last message", story.fresh) } else { String::new() };
        lines.push(format!("{} times since {}{fresh}; this is the newest", story.count, time(story.since, zone)));
    }
    lines.push(format!("who must act: {}", story.who.in_words()));
    lines.push(format!("likely cause: {}", story.cause));
    lines.push(format!("next step: {}", story.fix));
    lines.extend(story.commands.iter().map(|command| format!("  {command}")));
    if !story.documents.is_empty() {
        lines.push(format!("about: {}", story.documents.join(", ")));
    }
    if !story.history.is_empty() {
        lines.push(format!("history: {}", story.history));
    }
    lines.push(format!("more: edigate explain {}", story.event));
    lines
}

/// `3 Mar 09:15`, in a zone.
pub fn time(time: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(time).strftime("%-d %b %H:%M").to_string()
}
