//! One request with its answer: filled in, signed, paced, tried again.
//!
//! ```text
//! 429, 503 with Retry-After    so long, within a round at most a minute; longer ends the round
//! 500 and above, no answer     three tries, with pauses that double and differ
//! 401                          once with a new token; then it is final
//! ```

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde_json::Value;

use super::World;
use super::auth::Session;
use super::fault::PollError;
use super::pace::{self, Pace};
use super::page;
use super::pages::Step;
use crate::config::poll::template::Gap;
use crate::config::poll::{Asking, Auth, Method, Poll};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::poll as codes;
use crate::transport::http::client::{HttpError, Incoming, Outgoing, target};

/// How often a request is made.
const TRIES: u32 = 3;
/// The longest pause within a round.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The pause after the first failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How far two clocks may be apart.
const CLOCKS: Duration = Duration::from_secs(300);

/// What fills the gaps of a request.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// From when.
    pub since: Option<String>,
    /// Until when.
    pub until: Option<String>,
    /// The item's id.
    pub id: Option<String>,
    /// The item's version.
    pub version: Option<String>,
    /// The item.
    pub item: Value,
}

impl Fields {
    pub(super) fn value(&self, gap: &Gap, asking: Option<(&Asking, &Step)>, now: Timestamp) -> Option<String> {
        let step = asking.map(|(_, step)| step);
        match gap {
            Gap::Item(pointer) => page::word(&self.item, pointer),
            Gap::Field("since") => self.since.clone(),
            Gap::Field("until") => self.until.clone(),
            Gap::Field("id") => self.id.clone(),
            Gap::Field("version") => self.version.clone(),
            Gap::Field("uuid") => Some(uuid::Uuid::now_v7().to_string()),
            Gap::Field("timestamp") => Some(now.as_second().to_string()),
            Gap::Field("size") => asking.map(|(asking, _)| asking.pages.size.to_string()),
            Gap::Field("page") => match step {
                Some(Step::Number(number)) => Some(number.to_string()),
                _ => None,
            },
            Gap::Field("offset") => match step {
                Some(Step::Offset(offset)) => Some(offset.to_string()),
                _ => None,
            },
            Gap::Field("cursor") => match step {
                Some(Step::Cursor(cursor)) => Some(cursor.clone()),
                _ => None,
            },
            Gap::Field("last_id") => match step {
                Some(Step::LastId(id)) => Some(id.clone()),
                _ => None,
            },
            Gap::Field(_) => None,
        }
    }
}

/// Fills what needs no request and no item.
pub(super) fn of_nothing(now: Timestamp) -> impl Fn(&Gap) -> Option<String> {
    move |gap| Fields::default().value(gap, None, now)
}

/// A request as it is sent, without what shows who we are.
pub fn build(
    poll: &Poll,
    asking: &Asking,
    step: &Step,
    fields: &Fields,
    now: Timestamp,
) -> Result<Outgoing, PollError> {
    let value = |gap: &Gap| fields.value(gap, Some((asking, step)), now);
    let base = Url::parse(&poll.base).map_err(|error| no_url(&poll.base, &error.to_string()))?;
    let mut url = match step {
        // A whole address is followed as it stands; what belongs to us is only that it may be followed.
        Step::Url(next) => base.join(next).map_err(|error| no_url(next, &error.to_string()))?,
        _ => {
            let lacks = || no_url(&poll.base, "the item lacks what the path names");
            let plain = asking.path.fill(&value, &str::to_owned).ok_or_else(lacks)?;
            let whole = match plain.starts_with("https://") || plain.starts_with("http://") {
                true => plain,
                false => format!("{}{}", poll.base, asking.path.fill(&value, &escaped).ok_or_else(lacks)?),
            };
            Url::parse(&whole).map_err(|error| no_url(&whole, &error.to_string()))?
        }
    };
    match step {
        Step::Url(_) => {}
        Step::Query(query) => url.set_query(Some(query.trim_start_matches('?'))),
        _ => {
            let is_behind = !matches!(step, Step::First | Step::Number(_) | Step::Offset(_));
            for (name, template) in &asking.query {
                let names_the_page = template.has("cursor") || template.has("last_id");
                let goes_along = asking.pages.with_cursor.as_ref().is_none_or(|kept| kept.contains(name));
                if is_behind && !names_the_page && !goes_along {
                    continue;
                }
                if let Some(text) = template.fill(&value, &str::to_owned) {
                    url.query_pairs_mut().append_pair(name, &text);
                }
            }
        }
    }
    allowed(poll, &base, &url)?;
    let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
    for (name, template) in &asking.headers {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.extend(template.fill(&value, &str::to_owned).map(|text| (name.clone(), text)));
    }
    let body = asking.body.as_ref().map(|template| template.fill(&value, &in_json).unwrap_or_default().into_bytes());
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    let method = match asking.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    Ok(Outgoing { method, url, headers, body, max_answer: poll.max_answer })
}

fn no_url(text: &str, why: &str) -> PollError {
    PollError::NotThere {
        target: page::beginning(text.split('?').next().unwrap_or_default()),
        pointer: "the address of the next request".to_owned(),
        expected: "URL",
        found: why.to_owned(),
    }
}

/// A value within a path: what an id holds leads nowhere else.
fn escaped(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let text: String = value
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    // A dot alone, or two, would be taken out of the path again, also when they are escaped.
    if text.bytes().all(|byte| byte == b'.') { format!("_{text}") } else { text }
}

/// The inside of a JSON text.
fn in_json(value: &str) -> String {
    let quoted = Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Keys are told to the host of `base` and to those that the partner's file names, by https alone.
fn allowed(poll: &Poll, base: &Url, url: &Url) -> Result<(), PollError> {
    let host = url.host_str().unwrap_or_default();
    let is_same =
        host == base.host_str().unwrap_or_default() && url.port_or_known_default() == base.port_or_known_default();
    let is_named = poll.hosts.iter().any(|known| match known.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1),
        None => *known == host || *known == format!("{host}:{}", url.port_or_known_default().unwrap_or_default()),
    });
    let elsewhere = |why| PollError::Elsewhere { target: target(base), elsewhere: target(url), why };
    match url.scheme() {
        "https" => {}
        "http" if poll.allow_http => {}
        _ => return Err(elsewhere("is not https")),
    }
    if is_same || is_named { Ok(()) } else { Err(elsewhere("is none of our hosts")) }
}

/// Asks, until there is an answer that says yes or no.
pub struct Asker<'p> {
    /// The API.
    pub poll: &'p Poll,
    /// What is kept between requests.
    pub session: &'p mut Session,
    /// How fast we may ask.
    pub pace: &'p mut Pace,
}

impl Asker<'_> {
    /// The answer: a success, or a status that the caller says is one of its own.
    pub fn ask(
        &mut self,
        plain: &Outgoing,
        auth: &Auth,
        is_expected: &dyn Fn(u16) -> bool,
        world: &mut dyn World,
    ) -> Result<Incoming, PollError> {
        let (mut tries, mut renewed) = (1, false);
        loop {
            rest(self.pace.wait(world.now()), world)?;
            let mut outgoing = plain.clone();
            let secrets = self.session.sign(auth, &mut outgoing, world)?;
            self.pace.asked(&self.poll.rate, world.now());
            let answer = match world.send(&outgoing) {
                Ok(answer) => answer,
                Err(HttpError::NoAnswer { .. }) if tries < TRIES => {
                    rest(growing(tries, world.chance()), world)?;
                    tries += 1;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let now = world.now();
            self.pace.heard(&self.poll.rate, &answer, now);
            compare_clocks(&outgoing, &answer, now, world);
            let status = answer.status;
            if (200..300).contains(&status) || is_expected(status) {
                return Ok(answer);
            }
            let target = outgoing.target();
            let said = hidden(&page::beginning(&String::from_utf8_lossy(&answer.body)), &secrets);
            let asked_for = pace::retry_after(&answer, now);
            if status == 429 || status == 503 && asked_for.is_some() {
                let pause = asked_for.unwrap_or_else(|| growing(tries, world.chance()));
                if tries >= TRIES || pause > LONGEST_PAUSE {
                    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
                    return Err(PollError::TooFast { target, until: now.checked_add(pause).unwrap_or(now) });
                }
                rest(pause, world)?;
                tries += 1;
            } else if status >= 500 {
                if tries >= TRIES {
                    return Err(PollError::ServerFault { target, status, tries, said });
                }
                rest(growing(tries, world.chance()), world)?;
                tries += 1;
            } else if self.poll.refused.contains(&status) && !matches!(auth, Auth::None) {
                if renewed || !self.session.renew(auth) {
                    let shown = if renewed { "a fresh token" } else { "our key" };
                    return Err(PollError::NotLetIn { target, status, shown, said });
                }
                renewed = true;
            } else {
                return Err(PollError::Refused { target, status, said });
            }
        }
    }
}

fn rest(pause: Duration, world: &mut dyn World) -> Result<(), PollError> {
    if pause.is_zero() || world.pause(pause) { Ok(()) } else { Err(PollError::Stopped) }
}

/// Pauses double, and differ so that many who failed together do not come back together.
fn growing(tries: u32, chance: f64) -> Duration {
    FIRST_PAUSE.mul_f64(f64::from(1_u32 << (tries - 1).min(6)) * (0.5 + chance.clamp(0.0, 1.0)))
}

fn compare_clocks(outgoing: &Outgoing, answer: &Incoming, now: Timestamp, world: &mut dyn World) {
    let Some(theirs) = answer.header("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else { return };
    let apart = theirs.timestamp().duration_since(now);
    if apart.unsigned_abs() > CLOCKS {
        let target = outgoing.target();
        let seconds = apart.as_secs();
        let text = format!("the clock of {target} is {seconds} s ahead of ours (negative: behind)");
        world.warn(Diagnostic::new(&codes::CLOCKS_DIFFER, text));
    }
}

/// A text without our secrets: some APIs quote what they refuse.
pub(super) fn hidden(text: &str, secrets: &[String]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
        text = text.replace(secret.as_str(), "(hidden)");
        // A text that was cut off may end with the beginning of one.
        if let Some(half) = secret.get(..secret.len() / 2) {
            text = text.replace(half, "(hidden)");
        }
    }
    text
}
