//! What is told past the ledger: that nothing can be recorded any more, and that it works again.
//!
//! The journal cannot tell it while it lasts, so it is told from memory: once to each target that hears of faults of the machine,
//! and tried again while a target does not take it. A crash meanwhile forgets it, and the next life tells it anew. Once the ledger
//! works, the journal tells both the beginning and the end, as of every other trouble.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

use super::pause;
use crate::alert::group;
use crate::alert::message::{Message, Story};
use crate::config::Config;
use crate::config::alerts::Target;
use crate::daemon::troubles::Trouble;
use crate::diagnostic::codes;
use crate::ledger::Id;
use crate::ledger::event::OUR_JOURNAL;
use crate::ledger::failure::Failure;

/// What each target was told of each trouble.
#[derive(Debug, Default)]
pub(super) struct Beside {
    told: Mutex<HashMap<(String, String), Told>>,
}

/// How far it is with one of them.
#[derive(Debug, Clone)]
struct Told {
    trouble: Trouble,
    id: Id,
    taken: bool,
    attempts: u32,
    again: Instant,
}

impl Beside {
    /// What is to be sent now for these troubles: whom, and what.
    pub(super) fn due(&self, config: &Config, gravest: &[Trouble], now: Timestamp) -> Vec<(Target, Message)> {
        let mut told = self.told();
        let mut due = Vec::new();
        for trouble in gravest {
            for target in config.alerts.iter().filter(|target| group::hears(target, &failure(trouble))) {
                let key = (target.name.clone(), trouble.what.clone());
                let one = told.entry(key).or_insert_with(|| Told::of(trouble));
                if !one.taken && one.again <= Instant::now() {
                    // Under way it is not due again.
                    one.again = Instant::now() + target.timeout;
                    due.push((target.clone(), message(target, one, None)));
                }
            }
        }
        let is_over = |one: &Told| !gravest.iter().any(|trouble| trouble.what == one.trouble.what);
        let over: Vec<(String, String)> =
            told.iter().filter(|(_, one)| is_over(one)).map(|(key, _)| key.clone()).collect();
        for key in over {
            // That it is over is tried once: the journal tells it as well by now.
            let (Some(one), Some(target)) = (told.remove(&key), config.alerts.iter().find(|one| one.name == key.0))
            else {
                continue;
            };
            if one.taken {
                due.push((target.clone(), message(target, &Told { id: Id::new(), ..one }, Some(now))));
            }
        }
        due
    }

    /// A message was taken, or not.
    pub(super) fn ended(&self, target: &str, id: &str, taken: bool) {
        for ((name, _), one) in self.told().iter_mut() {
            if name == target && one.id.as_str() == id {
                one.taken = taken;
                one.again = Instant::now() + pause(one.attempts, None);
                one.attempts += 1;
            }
        }
    }

    fn told(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Told>> {
        // Every change under this lock is one insertion or removal.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn of(trouble: &Trouble) -> Told {
        Told { trouble: trouble.clone(), id: Id::new(), taken: false, attempts: 0, again: Instant::now() }
    }
}

/// The failure that the journal would tell.
fn failure(trouble: &Trouble) -> Failure {
    let meaning = codes::find(&trouble.code);
    Failure {
        partner: OUR_JOURNAL.to_owned(),
        sequence: 0,
        at: trouble.since,
        kind: "fault".to_owned(),
        code: trouble.code.clone(),
        severity: meaning.map_or(crate::diagnostic::Severity::Error, |meaning| meaning.severity()),
        who: meaning.map_or(crate::diagnostic::Who::Us, |meaning| meaning.who),
        subject: trouble.what.clone(),
        place: String::new(),
        nth: 0,
        nth_here: 0,
        settled: None,
        settled_by: None,
    }
}

fn message(target: &Target, told: &Told, over: Option<Timestamp>) -> Message {
    let (failure, trouble) = (failure(&told.trouble), &told.trouble);
    let meaning = codes::find(&trouble.code);
    let story = Story {
        key: format!("edigate {OUR_JOURNAL}/{}/{}", trouble.what, trouble.since),
        partner: failure.partner,
        code: failure.code,
        kind: failure.kind,
        severity: failure.severity,
        who: failure.who,
        title: meaning.map(|meaning| meaning.title).unwrap_or_default().to_owned(),
        text: trouble.text.clone(),
        place: String::new(),
        expected: None,
        found: None,
        cause: meaning.map(|meaning| meaning.cause).unwrap_or_default().to_owned(),
        fix: trouble.fix.clone(),
        event: trouble.code.clone(),
        documents: Vec::new(),
        history: String::new(),
        commands: vec!["edigate status".to_owned()],
        count: 1,
        fresh: u64::from(over.is_none()),
        since: trouble.since,
        over,
    };
    Message::of(told.id.to_string(), &target.name, vec![story], over.unwrap_or(trouble.since))
}
