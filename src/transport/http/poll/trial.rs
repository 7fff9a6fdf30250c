//! A trial of an API: it is asked for the first page of a round, and nothing of it is taken.
//!
//! A refresh token is good once: with one, only the daemon fetches tokens, since it keeps what comes back.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::fault::PollError;
use super::{Identity, Item, Poller, World};
use crate::config::poll::{Auth, Grant, Poll};
use crate::diagnostic::Diagnostic;
use crate::transport::http::client::{Client, HttpError, Incoming, Outgoing, target};
use crate::transport::trial::Step;

/// The longest that a trial waits because the API says so.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Tries an API, in the order in which the daemon would.
pub fn of(poll: &Arc<Poll>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut tell = |what: String, outcome: Result<String, PollError>| {
        let is_well = outcome.is_ok();
        steps.push(Step { what, outcome: outcome.map_err(|error| Diagnostic::from(&error)) });
        is_well
    };
    let client = match Client::new(poll.timeout, None) {
        Ok(client) => client,
        Err(error) => {
            tell("begin".to_owned(), Err(error.into()));
            return steps;
        }
    };
    if !tell(format!("connect to {}", poll.base), reaches(poll, &client)) {
        return steps;
    }
    let is_rotating = matches!(&poll.auth, Auth::Token(source) if matches!(source.grant, Grant::Refresh(_)));
    if is_rotating {
        tell("fetch a token".to_owned(), Ok("left to the daemon: a refresh token is good once".to_owned()));
        return steps;
    }
    let mut bench = Bench { client, warnings: Vec::new() };
    let looked = Poller::of(Arc::clone(poll)).look(None, &mut bench);
    let looked = looked.map(|round| {
        let latest = round.mark.map(|mark| format!(", the latest of {mark}")).unwrap_or_default();
        match round.items {
            1 => format!("1 item on it{latest}"),
            count => format!("{count} items on it{latest}"),
        }
    });
    tell("ask for the first page".to_owned(), looked);
    for warning in bench.warnings {
        steps.push(Step { what: "look at the answer".to_owned(), outcome: Ok(warning.message) });
    }
    steps
}

/// Any answer proves that somebody is there.
fn reaches(poll: &Poll, client: &Client) -> Result<String, PollError> {
    let url = reqwest::Url::parse(&poll.base)
        .map_err(|error| PollError::Secret { why: format!("{} is no URL: {error}", poll.base) })?;
    let name = target(&url);
    match client.send(&Outgoing::get(url, poll.max_answer)) {
        Ok(_) | Err(HttpError::TooLarge { .. }) => Ok(format!("{name} answers")),
        Err(error) => Err(error.into()),
    }
}

/// A world in which everything is known already, so that nothing is taken.
struct Bench {
    client: Client,
    warnings: Vec<Diagnostic>,
}

impl World for Bench {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn pause(&mut self, pause: Duration) -> bool {
        std::thread::sleep(pause.min(LONGEST_PAUSE));
        true
    }

    fn chance(&mut self) -> f64 {
        0.5
    }

    fn send(&mut self, outgoing: &Outgoing) -> Result<Incoming, HttpError> {
        self.client.send(outgoing)
    }

    fn known(&mut self, identities: &[Identity]) -> Result<Vec<bool>, PollError> {
        Ok(vec![true; identities.len()])
    }

    fn keep(&mut self, _items: Vec<Item>) -> Result<(), PollError> {
        Err(PollError::Stopped)
    }

    fn kept_token(&mut self, _lineage: &str) -> Result<Option<String>, PollError> {
        Ok(None)
    }

    fn keep_token(&mut self, _lineage: &str, _sealed: &str) -> Result<(), PollError> {
        Err(PollError::Stopped)
    }

    fn warn(&mut self, warning: Diagnostic) {
        self.warnings.push(warning);
    }
}
