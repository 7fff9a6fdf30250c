//! Files posted to an API: each is the body of one request, under a key by which the API knows a repetition.
//!
//! ```text
//! POST /api/orders/4500012345   Idempotency-Key: 0198c0de-…   X-Signature: sha256=5d41…
//! 201                           a receipt
//! 409                           the same: a request with this key was taken before
//! 429, 503                      nothing more goes there for as long as Retry-After says
//! 422                           refused for ever: a person must look
//! no answer                     unclear: the same request again, under the same key
//! ```
//!
//! The key is the delivery's id, so that it is the same in every attempt and after every crash. A redirection is followed within
//! the host that the partner file names and nowhere else. Secrets are read when a request is made, and kept no longer.

mod request;
mod verdict;

use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reqwest::blocking::{Client, Response};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{redirect, tls};

use super::bandwidth::Bandwidth;
use super::http::{carrying, in_words, trusting};
use super::outlet::{self, Leaving, Manner, Outlet, Unsent, is_usable};
use super::trial::Step;
use crate::config::post::Post;
use crate::crash;
use crate::diagnostic::codes::{custody, web, wire};
use crate::diagnostic::{Code, Diagnostic, Place};
use verdict::{Answer, Verdict};

/// How much of an answer is read.
const LONGEST_ANSWER: u64 = 1 << 20;
/// An API that does not answer is not asked more often than this whether it does.
const ASK_AGAIN: Duration = Duration::from_secs(15);
/// How many redirections within a host are followed.
const MOST_HOPS: usize = 3;

/// An API that files are posted to.
pub struct Posting {
    post: Arc<Post>,
    endpoint: String,
    /// Made when it is needed first, and kept with its connections; why it cannot be made is asked anew each time.
    client: OnceLock<Client>,
    bandwidth: Option<Arc<Bandwidth>>,
    /// Until when the API wants to be left alone.
    waits_until: Mutex<Option<Instant>>,
    /// When it did not answer last, and why.
    refused: Mutex<Option<(Instant, Diagnostic)>>,
}

impl Posting {
    /// The API of an endpoint; nothing is connected before something is posted.
    pub fn by(post: &Arc<Post>, endpoint: &str, bandwidth: Option<Arc<Bandwidth>>) -> Posting {
        Posting {
            post: Arc::clone(post),
            endpoint: endpoint.to_owned(),
            client: OnceLock::new(),
            bandwidth,
            waits_until: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    fn client(&self) -> Result<&Client, Diagnostic> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = client(&self.post)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// One request and what came of it.
    fn send(&self, file: &Leaving<'_>) -> Result<String, Unsent> {
        if !is_usable(file.name) {
            let fault = Diagnostic::new(&custody::CANNOT_SUCCEED, format!("{:?} is not a usable file name", file.name));
            return Err(Unsent::Permanent(fault));
        }
        let temporary = |fault: Diagnostic| Unsent::Temporary(self.at(fault));
        let client = self.client().map_err(temporary)?;
        // An attempt's key ends with its number, and the API must know the next attempt for the same delivery.
        let key = file.key.rsplit_once('.').map_or(file.key, |(delivery, _)| delivery);
        let filled =
            request::Filled { name: file.name, key, endpoint: &self.endpoint, bytes: file.bytes, at: Timestamp::now() };
        let request = request::build(client, &self.post, &filled).map_err(temporary)?;
        let request = carrying(request, file.bytes.to_vec(), self.post.timeout, self.bandwidth.as_ref());
        crash::point("post.request.before");
        let answered = request.send();
        crash::point("post.request.after");
        let answer = answered.and_then(read).map_err(|error| self.unanswered(&error))?;
        self.heard(&answer, file.name)
    }

    /// No answer: nothing went out, or nobody knows.
    fn unanswered(&self, error: &reqwest::Error) -> Unsent {
        let why = in_words(error);
        if error.is_connect() || error.is_builder() {
            return Unsent::Temporary(
                self.fault(&wire::UNREACHABLE, format!("{} does not answer: {why}", self.host())),
            );
        }
        let message = format!("{} gave no answer: {why}", self.host());
        Unsent::Unclear(self.fault(&web::ANSWER_LOST, message))
    }

    fn heard(&self, answer: &Answer, name: &str) -> Result<String, Unsent> {
        let Post { success, method, .. } = self.post.as_ref();
        let (host, said) = (self.host(), answer.in_words());
        match verdict::judge(answer, success, self.post.idempotency.is_some()) {
            Verdict::Taken => Ok(format!("{method} {name} to {host}: {}", answer.status)),
            Verdict::TakenBefore => Ok(format!("{method} {name} to {host}: {}, taken before", answer.status)),
            Verdict::Wait(pause) => {
                *locked(&self.waits_until) = Some(Instant::now() + pause);
                let message = format!("{host} asks us to wait {} s: {said}", pause.as_secs());
                Err(Unsent::Temporary(self.fault(&web::ASKED_TO_WAIT, message)))
            }
            Verdict::Failed => Err(Unsent::Temporary(self.fault(&web::API_FAILED, format!("{host} failed: {said}")))),
            Verdict::NotLetIn => {
                let fault = self.fault(&wire::LOGIN_REFUSED, format!("{host} does not let us in: {said}"));
                Err(Unsent::Temporary(fault.hint("renew what `auth` of the endpoint points to, and reload")))
            }
            Verdict::Elsewhere => {
                let to = answer.location.as_deref().unwrap_or("no place that it names");
                let fault =
                    self.fault(&web::REDIRECTED, format!("{host} answers {} and sends us elsewhere", answer.status));
                Err(Unsent::Permanent(fault.found(to)))
            }
            Verdict::Refused(expected) => {
                let fault = self.fault(&web::REFUSED_BY_API, format!("{host} refuses {name}: {said}"));
                Err(Unsent::Permanent(match expected {
                    Some(expected) => fault.expected(expected),
                    None => fault,
                }))
            }
        }
    }

    fn fault(&self, code: Code, message: String) -> Diagnostic {
        let fault = self.at(Diagnostic::new(code, message));
        match code.code == wire::UNREACHABLE.code {
            true => fault.hint(format!("try `curl -v {}` from this machine; work resumes by itself", self.host())),
            false => fault,
        }
    }

    fn at(&self, fault: Diagnostic) -> Diagnostic {
        fault.at(Place { file: Some(self.post.to.clone()), ..Place::default() })
    }

    /// Scheme, host and port.
    fn host(&self) -> &str {
        host(&self.post.to)
    }

    /// Asks whether the API answers: its own check where there is one, else any answer will do.
    fn ask(&self) -> Result<String, Diagnostic> {
        let client = self.client().map_err(|fault| self.at(fault))?;
        let (method, url) = match &self.post.check {
            Some(check) => ("GET", check.as_str()),
            None => ("HEAD", self.host()),
        };
        // Secrets go to the host of the endpoint, and its check may be another one's.
        let with_auth = self.post.check.as_deref().is_some_and(|check| host(check) == self.host());
        let request = request::probe(client, &self.post, method, url, with_auth).map_err(|fault| self.at(fault))?;
        let answer = request.send().and_then(read).map_err(|error| {
            self.fault(&wire::UNREACHABLE, format!("{} does not answer: {}", host(url), in_words(&error)))
        })?;
        if self.post.check.is_some() && !(200..=299).contains(&answer.status) {
            let code = match answer.status {
                401 | 403 => &wire::LOGIN_REFUSED,
                _ => &web::API_FAILED,
            };
            return Err(self.fault(code, format!("{url} answers {}", answer.in_words())));
        }
        Ok(format!("{method} {url} answers {}", answer.status))
    }
}

fn client(post: &Post) -> Result<Client, Diagnostic> {
    let hops = redirect::Policy::custom(|attempt| {
        let is_here = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
        // Others than these two would turn the request into a GET without a body.
        let keeps_the_body = matches!(attempt.status().as_u16(), 307 | 308);
        match is_here && keeps_the_body && attempt.previous().len() <= MOST_HOPS {
            true => attempt.follow(),
            false => attempt.stop(),
        }
    });
    let builder = Client::builder()
        .user_agent(concat!("edigate/", env!("CARGO_PKG_VERSION")))
        .timeout(post.timeout)
        .connect_timeout(post.timeout)
        .pool_idle_timeout(Duration::from_secs(60))
        .tls_version_min(tls::Version::TLS_1_2)
        .redirect(hops);
    let built = trusting(builder, post.ca.as_deref())?.build();
    built.map_err(|error| Diagnostic::new(&wire::UNREACHABLE, in_words(&error)))
}

/// Reads an answer, up to its limit.
fn read(response: Response) -> Result<Answer, reqwest::Error> {
    let status = response.status().as_u16();
    let text = |headers: &HeaderMap, name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
    let location = text(response.headers(), "location");
    let retry_after = text(response.headers(), RETRY_AFTER.as_str());
    let mut body = Vec::new();
    // The status stands whatever becomes of the rest; what is missing of the body cannot say that the file was taken.
    let is_whole = response.take(LONGEST_ANSWER).read_to_end(&mut body).is_ok();
    Ok(Answer { status, location, retry_after, body, is_whole, at: Timestamp::now() })
}

/// Scheme, host and port of a URL.
fn host(url: &str) -> &str {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    &url[..end]
}

/// Tries an API, and says what was tried and what answered; nothing is posted.
pub fn trial(post: &Arc<Post>) -> Vec<Step> {
    let posting = Posting::by(post, "", None);
    let mut steps = Vec::new();
    let secrets = request::secrets(post);
    for (what, read) in secrets {
        let outcome = read.map(|_| "it is there".to_owned()).map_err(|fault| posting.at(fault));
        steps.push(Step { what, outcome });
    }
    let (method, url) = match &post.check {
        Some(check) => ("GET", check.as_str()),
        None => ("HEAD", posting.host()),
    };
    if steps.iter().all(|step| step.outcome.is_ok()) {
        steps.push(Step { what: format!("{method} {url}"), outcome: posting.ask() });
    }
    steps
}

impl Outlet for Posting {
    fn leave(&self, files: &[Leaving<'_>], manner: Manner<'_>) -> Vec<Result<String, Unsent>> {
        outlet::each(files, manner, || !self.waits(), |file| self.send(file))
    }

    fn forget(&self, _keys: &[&str]) {}

    fn remembered(&self) -> Option<Vec<String>> {
        Some(Vec::new())
    }

    fn look_again(&self) {}

    fn waits(&self) -> bool {
        locked(&self.waits_until).is_some_and(|until| Instant::now() < until)
    }

    fn accepts(&self) -> Result<(), Diagnostic> {
        if let Some((since, fault)) = locked(&self.refused).as_ref()
            && since.elapsed() < ASK_AGAIN
        {
            return Err(fault.clone());
        }
        let outcome = self.ask().map(|_| ()).map_err(|fault| {
            Diagnostic::new(&custody::DELIVERY_REFUSED, fault.message.clone())
                .found(fault.code.code)
                .hint(fault.fix().to_owned())
        });
        *locked(&self.refused) = outcome.as_ref().err().map(|fault| (Instant::now(), fault.clone()));
        outcome
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each is changed by one assignment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
