//! A message as the bodies that webhooks take.
//!
//! ```text
//! slack       { "text": "…", "attachments": [ { "color": "#b00020", "title": "…", "text": "…" } ] }
//! teams       { "type": "message", "attachments": [ an adaptive card ] }
//! pagerduty   { "routing_key": …, "event_action": "trigger", "dedup_key": …, "payload": { … } }   one per story
//! json        the message as it is
//! ```

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::message::{Message, Story};
use super::text;
use crate::config::alerts::Shape;
use crate::diagnostic::Severity;

/// How much of one text is sent: the limits of those who take it are near.
const MOST: usize = 2500;

/// The body of a webhook.
pub fn body(message: &Message, shape: Shape, zone: &TimeZone) -> Value {
    match shape {
        Shape::Slack => slack(message, zone),
        Shape::Teams => teams(message, zone),
        Shape::Json => json!(message),
    }
}

/// What a message says, as titles with texts and how bad each is.
fn parts(message: &Message, zone: &TimeZone) -> Vec<(String, String, &'static str)> {
    let mut parts: Vec<(String, String, &str)> = message
        .stories
        .iter()
        .map(|story| (story.headline(), cut(&text::lines(story, zone).join("\n")), mood(story)))
        .collect();
    parts.extend(message.digest.as_ref().map(|digest| (message.subject.clone(), cut(&digest.in_words(zone)), "calm")));
    parts
}

fn mood(story: &Story) -> &'static str {
    match (story.over, story.severity) {
        (Some(_), _) => "good",
        (None, Severity::Error) => "bad",
        (None, Severity::Warning | Severity::Note) => "odd",
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn slack(message: &Message, zone: &TimeZone) -> Value {
    // The three characters that Slack would act upon.
    let plain = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let attachment = |(title, text, mood): (String, String, &str)| {
        let color = match mood {
            "good" => "#2e7d32",
            "bad" => "#b00020",
            "odd" => "#e69f00",
            _ => "#607d8b",
        };
        json!({ "color": color, "title": plain(&title), "text": plain(&text), "fallback": plain(&title) })
    };
    let attachments: Vec<Value> = parts(message, zone).into_iter().map(attachment).collect();
    json!({ "text": plain(&message.subject), "attachments": attachments })
}

fn teams(message: &Message, zone: &TimeZone) -> Value {
    let line = |text: &str| json!({ "type": "TextBlock", "text": text, "wrap": true, "spacing": "small" });
    let mut blocks = vec![
        json!({ "type": "TextBlock", "text": message.subject, "wrap": true, "size": "large", "weight": "bolder" }),
    ];
    for (title, text, mood) in parts(message, zone) {
        let color = match mood {
            "good" => "good",
            "bad" => "attention",
            "odd" => "warning",
            _ => "default",
        };
        blocks.push(
            json!({ "type": "TextBlock", "text": title, "wrap": true, "weight": "bolder", "color": color, "separator": true }),
        );
        blocks.extend(text.lines().map(line));
    }
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": { "width": "full" },
        "body": blocks,
    });
    let kind = "application/vnd.microsoft.card.adaptive";
    json!({ "type": "message", "attachments": [{ "contentType": kind, "contentUrl": null, "content": card }] })
}

/// The requests to PagerDuty that a message makes, in their order: what began is triggered and what is over resolved, by one key
/// for each round. A digest is no incident, and makes none.
pub fn pagerduty(message: &Message, routing_key: &str, zone: &TimeZone) -> Vec<Value> {
    if message.stories.is_empty() && message.digest.is_none() {
        // A test opens an incident and closes it.
        let key = format!("edigate test {}", message.id);
        let payload = json!({ "summary": message.subject, "source": "edigate", "severity": "info" });
        return vec![trigger(routing_key, &key, payload), resolve(routing_key, &key)];
    }
    let mut requests = Vec::new();
    for story in &message.stories {
        if story.fresh > 0 {
            requests.push(trigger(routing_key, &story.key, payload(story, zone)));
        }
        if story.over.is_some() {
            requests.push(resolve(routing_key, &story.key));
        }
    }
    requests
}

fn trigger(routing_key: &str, key: &str, payload: Value) -> Value {
    json!({ "routing_key": routing_key, "event_action": "trigger", "dedup_key": key, "client": "edigate", "payload": payload })
}

fn resolve(routing_key: &str, key: &str) -> Value {
    json!({ "routing_key": routing_key, "event_action": "resolve", "dedup_key": key })
}

fn payload(story: &Story, zone: &TimeZone) -> Value {
    let severity = match story.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    };
    // The summary is limited to 1024 characters there.
    let summary: String = story.headline().chars().take(1000).collect();
    json!({
        "summary": summary,
        "source": format!("edigate {}", story.partner),
        "severity": severity,
        "timestamp": story.since.to_string(),
        "component": story.partner,
        "group": story.kind,
        "class": story.code,
        "custom_details": { "text": cut(&text::lines(story, zone).join("\n")), "event": story.event, "count": story.count },
    })
}
