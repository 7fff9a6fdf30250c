//! JSON posted to a URL that is a secret: the webhooks of chats and pagers.
//!
//! In: a URL, a body. Out: it was taken, or why not and when to try again at the earliest. No message names more of the URL than its
//! host: whoever has the rest can write there.

use std::time::Duration;

use reqwest::Url;
use serde_json::Value;

use super::http::client::{Client, HttpError, Outgoing};

/// Why a body was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was heard.
    pub why: String,
    /// When the other side wants to hear of us again.
    pub after: Option<Duration>,
}

/// The most that is read of an answer.
const LONGEST_ANSWER: u64 = 64 << 10;

/// Posts a body; an answer of 200 to 299 says that it was taken, and where `field` is given must hold that value there.
pub fn post(url: &str, body: &Value, field: Option<(&str, &str)>, timeout: Duration) -> Result<(), Refused> {
    let refused = |why: String| Refused { why, after: None };
    // The fault of a URL may quote it.
    let url = Url::parse(url.trim()).map_err(|_| refused("the secret holds no URL".to_owned()))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let outgoing = Outgoing {
        method: "POST",
        url,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Some(body.to_string().into_bytes()),
        max_answer: LONGEST_ANSWER,
    };
    let answer = Client::new(timeout, None).and_then(|client| client.send(&outgoing));
    let answer = answer.map_err(|error| refused(format!("{host}: {}", without_path(&error))))?;
    let said: String = String::from_utf8_lossy(&answer.body).trim().chars().take(200).collect();
    if !(200..300).contains(&answer.status) {
        let after = answer.header("retry-after").and_then(|after| after.parse().ok()).map(Duration::from_secs);
        return Err(Refused { why: format!("{host} answers {}: {said}", answer.status), after });
    }
    match field {
        Some((name, value)) if !holds(&answer.body, name, value) => {
            Err(refused(format!("{host} answers {} and does not say that it took it: {said}", answer.status)))
        }
        _ => Ok(()),
    }
}

fn holds(answer: &[u8], name: &str, value: &str) -> bool {
    let answer: Option<Value> = serde_json::from_slice(answer).ok();
    answer.as_ref().and_then(|answer| answer.get(name)).is_some_and(|found| found == value)
}

fn without_path(error: &HttpError) -> String {
    match error {
        HttpError::NoAnswer { why, .. } => why.clone(),
        HttpError::TooLarge { limit, .. } => format!("the answer is larger than {limit} bytes"),
        HttpError::BadHeader { name, .. } => format!("the header {name} cannot be sent"),
        HttpError::NoTls(why) => format!("no TLS: {why}"),
    }
}
