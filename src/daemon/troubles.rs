//! The troubles that are present now: what is affected, since when, what to do.
//!
//! ```text
//! troubles.raise(What::Ledger, &diagnostic, now)   logged once, shown by `edigate status`, to be journaled
//! troubles.clear(&What::Ledger, now)               the same, with how long it lasted
//! ```
//!
//! The stages raise and clear; whoever raises what is raised already changes nothing but its words. The registry lives in
//! memory, because the ledger itself may be what is in trouble: what is to be journaled waits here until the ledger can be
//! written, and is journaled then with the time at which it began.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tracing::{info, warn};

use crate::alert::group::own_trouble;
use crate::diagnostic::{Diagnostic, Record};
use crate::ledger::event::{EventKind, NewEvent, OUR_JOURNAL};

/// What is affected by a trouble; the gravest stands first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// The ledger: nothing can be recorded, so nothing is taken and nothing is sent.
    Ledger,
    /// The spool or the archive: nothing large can be kept, so nothing is taken.
    Archive,
    /// The machine's clock.
    Clock,
    /// This node among the others: it cannot tell them that it lives, so it polls nothing.
    Node,
    /// A listener, its certificate, or the token of somebody who comes in by it: `listener 0.0.0.0:8443`.
    Web {
        /// Which.
        what: String,
    },
    /// Somebody who is to be told of failures, and is not reached.
    Alert {
        /// The name of the alert.
        target: String,
    },
    /// A folder into which we deliver.
    DropOff {
        /// Whose.
        partner: String,
        /// By which endpoint.
        endpoint: String,
    },
    /// A folder from which we take.
    PickUp {
        /// Whose.
        partner: String,
        /// By which endpoint.
        endpoint: String,
    },
    /// One file in such a folder.
    File {
        /// Whose.
        partner: String,
        /// By which endpoint.
        endpoint: String,
        /// Its name.
        name: String,
    },
}

impl What {
    /// Whose endpoint it is, where it is one.
    pub fn endpoint(&self) -> Option<(&str, &str)> {
        match self {
            What::Ledger | What::Archive | What::Clock | What::Node | What::Web { .. } | What::Alert { .. } => None,
            What::DropOff { partner, endpoint }
            | What::PickUp { partner, endpoint }
            | What::File { partner, endpoint, .. } => Some((partner, endpoint)),
        }
    }

    /// True when no file may be claimed while it lasts.
    pub fn stops_custody(&self) -> bool {
        matches!(self, What::Ledger | What::Archive)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Ledger => f.write_str("ledger"),
            What::Archive => f.write_str("archive"),
            What::Node => f.write_str("node"),
            What::Clock => f.write_str("clock"),
            What::Web { what } => f.write_str(what),
            What::Alert { target } => f.write_str(&own_trouble(target)),
            What::DropOff { partner, endpoint } => write!(f, "drop-off {partner}/{endpoint}"),
            What::PickUp { partner, endpoint } => write!(f, "folder {partner}/{endpoint}"),
            What::File { partner, endpoint, name } => write!(f, "file {partner}/{endpoint}/{name}"),
        }
    }
}

/// A trouble as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    /// What is affected: `ledger`, `drop-off megamart/mailbox`.
    pub what: String,
    /// Since when.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// The diagnostic code, for `edigate explain`.
    pub code: String,
    /// One sentence.
    pub text: String,
    /// What to do.
    pub fix: String,
}

/// The registry.
#[derive(Debug, Default)]
pub struct Troubles {
    state: Mutex<State>,
    /// Something was raised or cleared.
    pub changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    present: BTreeMap<What, Trouble>,
    unwritten: VecDeque<NewEvent>,
}

/// How many events wait for the ledger at most; a wire that comes and goes all night must not fill the memory.
const UNWRITTEN: usize = 1000;

impl Troubles {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change under this lock is one insertion or removal, so a poisoned lock guards nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that something is in trouble. The same trouble once more changes nothing but its words.
    pub fn raise(&self, what: What, diagnostic: &Diagnostic, now: Timestamp) {
        let mut state = self.state();
        let earlier = state.present.get(&what);
        let is_news = earlier.is_none_or(|earlier| earlier.code != diagnostic.code.code);
        let trouble = Trouble {
            what: what.to_string(),
            since: earlier.map_or(now, |earlier| earlier.since),
            code: diagnostic.code.code.to_owned(),
            text: diagnostic.message.clone(),
            fix: diagnostic.fix().to_owned(),
        };
        if is_news {
            warn!(what = trouble.what, code = trouble.code, fix = trouble.fix, "{}", trouble.text);
            let data = serde_json::to_value(Record::from(diagnostic)).unwrap_or_default();
            state.journal_later(event(&what, EventKind::Fault, &trouble, trouble.text.clone(), data, now));
        }
        state.present.insert(what, trouble);
        drop(state);
        if is_news {
            self.changed.notify_one();
        }
    }

    /// Says that something works again; nothing happens when it was not in trouble.
    pub fn clear(&self, what: &What, now: Timestamp) {
        let mut state = self.state();
        let Some(trouble) = state.present.remove(what) else { return };
        let lasted = in_words(now.duration_since(trouble.since));
        info!(what = trouble.what, code = trouble.code, lasted, "works again");
        let text = format!("over after {lasted}: {}", trouble.text);
        let data = serde_json::json!({ "code": trouble.code });
        state.journal_later(event(what, EventKind::Recovered, &trouble, text, data, now));
        drop(state);
        self.changed.notify_one();
    }

    /// What is in trouble now, the gravest first.
    pub fn present(&self) -> Vec<Trouble> {
        self.state().present.values().cloned().collect()
    }

    /// What is affected now, the gravest first.
    pub fn affected(&self) -> Vec<What> {
        self.state().present.keys().cloned().collect()
    }

    /// True while this is in trouble.
    pub fn holds(&self, what: &What) -> bool {
        self.state().present.contains_key(what)
    }

    /// True while this is in trouble by this code.
    pub fn holds_code(&self, what: &What, code: &str) -> bool {
        self.state().present.get(what).is_some_and(|trouble| trouble.code == code)
    }

    /// True while no file may be claimed.
    pub fn stop_custody(&self) -> bool {
        self.state().present.keys().any(What::stops_custody)
    }

    /// Those while which no file may be claimed.
    pub fn stopping_custody(&self) -> Vec<Trouble> {
        let state = self.state();
        state.present.iter().filter(|(what, _)| what.stops_custody()).map(|(_, trouble)| trouble.clone()).collect()
    }

    /// What the journal has not been told yet, the oldest first.
    pub fn unwritten(&self) -> Vec<NewEvent> {
        self.state().unwritten.iter().cloned().collect()
    }

    /// The journal was told the oldest of them.
    pub fn written(&self, count: usize) {
        let mut state = self.state();
        let count = count.min(state.unwritten.len());
        state.unwritten.drain(..count);
    }
}

impl State {
    fn journal_later(&mut self, event: NewEvent) {
        if self.unwritten.len() < UNWRITTEN {
            self.unwritten.push_back(event);
        }
    }
}

fn event(
    what: &What,
    kind: EventKind,
    trouble: &Trouble,
    text: String,
    mut data: serde_json::Value,
    now: Timestamp,
) -> NewEvent {
    if let Some(fields) = data.as_object_mut() {
        fields.insert("what".to_owned(), trouble.what.clone().into());
        fields.insert("since".to_owned(), trouble.since.to_string().into());
        fields.insert("told".to_owned(), now.to_string().into());
    }
    let (partner, text) = match what.endpoint() {
        Some((partner, endpoint)) => (partner.to_owned(), format!("{endpoint}: {text}")),
        None => (OUR_JOURNAL.to_owned(), text),
    };
    NewEvent { partner, at: now, kind, text, data, ..NewEvent::default() }
}

/// A span of time for a person: `4 s`, `12 min`, `2 h 5 min`.
pub fn in_words(span: SignedDuration) -> String {
    let seconds = span.as_secs().abs();
    match (seconds / 3600, seconds % 3600 / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::custody;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn full() -> Diagnostic {
        Diagnostic::new(&custody::LEDGER_FULL, "the disk is full")
    }

    #[test]
    fn a_trouble_is_journaled_once_when_it_begins_and_once_when_it_ends() {
        let troubles = Troubles::default();
        troubles.raise(What::Ledger, &full(), at(100));
        troubles.raise(What::Ledger, &full(), at(103));
        assert_eq!(troubles.present()[0].since, at(100), "it began when it was raised first");
        troubles.clear(&What::Ledger, at(160));
        troubles.clear(&What::Ledger, at(161));
        assert!(troubles.present().is_empty());
        let told: Vec<(Timestamp, String)> =
            troubles.unwritten().into_iter().map(|event| (event.at, event.text)).collect();
        let expected = [(100, "the disk is full"), (160, "over after 1 min: the disk is full")];
        assert_eq!(told, expected.map(|(second, text)| (at(second), text.to_owned())));
        troubles.written(1);
        assert_eq!(troubles.unwritten().len(), 1);
    }

    #[test]
    fn another_code_is_news_of_the_same_trouble() {
        let troubles = Troubles::default();
        troubles.raise(What::Ledger, &full(), at(100));
        troubles.raise(What::Ledger, &Diagnostic::new(&custody::LEDGER_DAMAGED, "page 5"), at(110));
        assert_eq!(troubles.unwritten().len(), 2);
        let present = troubles.present();
        assert_eq!((present.len(), present[0].since, present[0].code.as_str()), (1, at(100), "LGR-E003"));
    }

    #[test]
    fn the_gravest_stands_first_and_only_ledger_and_archive_stop_custody() {
        let troubles = Troubles::default();
        let drop_off = What::DropOff { partner: "megamart".to_owned(), endpoint: "mailbox".to_owned() };
        troubles.raise(drop_off, &full(), at(1));
        troubles.raise(What::Clock, &full(), at(2));
        assert!(!troubles.stop_custody());
        troubles.raise(What::Archive, &full(), at(3));
        assert!(troubles.stop_custody());
        let shown: Vec<String> = troubles.present().into_iter().map(|trouble| trouble.what).collect();
        assert_eq!(shown, ["archive", "clock", "drop-off megamart/mailbox"]);
    }
}
