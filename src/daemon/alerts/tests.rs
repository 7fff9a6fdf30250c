//! What is told of failures, whatever breaks in between.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::config::alerts::{Hears, Shape};
use crate::config::secret::SecretReference;
use crate::diagnostic::codes::x12;
use crate::diagnostic::{Record, Severity};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::remedy::{By, Remedy};
use crate::ledger::tests::{Books, at};

fn target() -> Target {
    Target {
        name: "ops".to_owned(),
        way: Way::Webhook { url: SecretReference::Environment("URL".to_owned()), shape: Shape::Json },
        hears: Hears { severity: Severity::Warning, partners: vec![], owners: vec![], kinds: vec![] },
        group: Duration::from_secs(15 * 60),
        at_most: 1000,
        at_once: true,
        digest: None,
        zone: TimeZone::UTC,
        timeout: Duration::from_secs(1),
    }
}

/// A file of mega cannot be used, or a person put it back.
fn event(kind: EventKind, file: usize, minute: i64) -> NewEvent {
    let data = match kind {
        EventKind::Quarantined => {
            serde_json::to_value(Record::from(&Diagnostic::new(&x12::NOT_A_NUMBER, "not a number"))).unwrap()
        }
        _ => Remedy::Replay.data(&By { who: "anna".to_owned(), why: String::new() }),
    };
    let refs = Refs { transmission: Some(Id(format!("file {file}"))), ..Refs::default() };
    NewEvent { partner: "mega".to_owned(), at: at(minute), kind, refs, text: format!("file {file}"), data }
}

fn happen(books: &Books, kind: EventKind, file: usize, minute: i64) {
    books.write(move |tx| tx.append_event(&event(kind, file, minute)));
}

fn heard(books: &Books, minute: i64) {
    books.write(move |tx| hear(tx, &[target()], at(minute)));
}

/// The message that is to go out now, made if need be.
fn message(books: &Books, target: &Target, minute: i64) -> Option<Message> {
    let target = target.clone();
    let pending = books.write(move |tx| next_message(tx, &target, at(minute)))?;
    Some(serde_json::from_str(&pending.body).unwrap())
}

fn taken(books: &Books, message: &Message, minute: i64) {
    let id = Id(message.id.clone());
    books.write(move |tx| tx.message_was_sent(&id, "ops", at(minute)));
}

#[test]
fn a_failure_is_told_once_whole_and_its_end_as_well() {
    let books = Books::new();
    happen(&books, EventKind::Quarantined, 1, 0);
    heard(&books, 0);
    let first = message(&books, &target(), 0).unwrap();
    assert_eq!(first.subject, "mega: element is not a number (X12-E067)");
    let story = &first.stories[0];
    assert_eq!((story.event.as_str(), story.count, story.fresh, story.over), ("mega/1", 1, 1, None));
    assert_eq!(story.history, "first time with this partner");
    assert_eq!(message(&books, &target(), 1), Some(first.clone()), "until it is taken it is the same one");
    taken(&books, &first, 1);
    assert_eq!(message(&books, &target(), 1), None);

    happen(&books, EventKind::Replayed, 1, 5);
    heard(&books, 5);
    let end = message(&books, &target(), 5).unwrap();
    assert_eq!(end.subject, "over: mega: element is not a number (X12-E067)");
    assert_eq!((end.stories[0].fresh, end.stories[0].over), (0, Some(at(5))));
    assert_eq!(end.stories[0].key, first.stories[0].key);
}

#[test]
fn many_of_a_kind_are_one_message_and_no_target_gets_more_than_it_may() {
    let books = Books::new();
    for file in 0..50 {
        happen(&books, EventKind::Quarantined, file, 0);
    }
    heard(&books, 0);
    let ops = Target { at_most: 1, ..target() };
    let first = message(&books, &ops, 0).unwrap();
    assert_eq!(first.subject, "mega: element is not a number (X12-E067), 50 times");
    taken(&books, &first, 0);
    happen(&books, EventKind::Quarantined, 50, 16);
    heard(&books, 16);
    assert_eq!(message(&books, &ops, 16), None, "one an hour");
    assert_eq!(message(&books, &ops, 61).unwrap().stories[0].fresh, 1);
}

#[test]
fn a_digest_tells_the_day_and_begins_with_the_first_look() {
    let books = Books::new();
    // Minute 0 is eight in the morning.
    let ops = Target { digest: Some(jiff::civil::time(15, 0, 0, 0)), at_once: false, ..target() };
    happen(&books, EventKind::Quarantined, 1, 1);
    assert_eq!(message(&books, &ops, 2), None);
    happen(&books, EventKind::Quarantined, 2, 3);
    assert_eq!(message(&books, &ops, 7 * 60 - 1), None);
    let digest = message(&books, &ops, 7 * 60).unwrap();
    assert_eq!(digest.subject, "edigate digest: 1 failure since 3 Mar 08:02, 2 stand");
    taken(&books, &digest, 7 * 60);
    assert_eq!(message(&books, &ops, 7 * 60 + 1), None);
    assert!(message(&books, &ops, 31 * 60).unwrap().digest.is_some());
}

#[test]
fn a_target_hears_of_what_it_asked_for_and_not_of_its_own_trouble() {
    let books = Books::new();
    happen(&books, EventKind::Quarantined, 1, 0);
    let failure = books.read(|tx| tx.standing_failures(None, 1)).remove(0);
    let hears = |hears: Hears| group::hears(&Target { hears, ..target() }, &failure);
    let all = target().hears;
    let list = |word: &str| vec![word.to_owned()];
    assert!(hears(all.clone()));
    assert!(hears(Hears { partners: list("mega"), ..all.clone() }));
    assert!(!hears(Hears { partners: list("store"), ..all.clone() }));
    assert!(!hears(Hears { owners: vec![crate::diagnostic::Who::Us], ..all.clone() }));
    assert!(!hears(Hears { kinds: list("parked"), ..all }));
    let own = ledger::failure::Failure { subject: "alert ops".to_owned(), ..failure };
    assert!(!group::hears(&target(), &own));
}

#[test]
fn the_pause_doubles_and_the_other_side_may_ask_for_more() {
    let seconds = |attempts, after: Option<u64>| pause(attempts, after.map(Duration::from_secs)).as_secs();
    assert_eq!([0, 1, 2, 8, 30].map(|attempts| seconds(attempts, None)), [1, 2, 4, 256, 300]);
    assert_eq!((seconds(0, Some(60)), seconds(0, Some(9999))), (60, 300));
}

/// One step of a life.
#[derive(Debug, Clone, Copy)]
enum Step {
    Fails(usize),
    PutBack(usize),
    Hear,
    /// The target takes the message, and that is recorded.
    Taken,
    /// It takes it, and we die before it is recorded.
    TakenAndForgotten,
    /// It does not take it.
    Refused,
    /// The process ends and begins again.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_usize).prop_map(Step::Fails),
        (0..4_usize).prop_map(Step::PutBack),
        Just(Step::Hear),
        Just(Step::Taken),
        Just(Step::TakenAndForgotten),
        Just(Step::Refused),
        Just(Step::Restart),
    ]
}

/// What a target was told, message by message, repetitions left out as it would.
#[derive(Default)]
struct Told {
    messages: Vec<Message>,
}

impl Told {
    fn take(&mut self, message: Message) {
        let known = self.messages.iter().find(|one| one.id == message.id);
        match known {
            Some(known) => assert_eq!(*known, message, "an id stands for one message"),
            None => self.messages.push(message),
        }
    }

    /// Every failure was counted in a message once, and every round that was told was told to be over, last.
    fn check(&self, failures: u64) {
        let stories = || self.messages.iter().flat_map(|message| &message.stories);
        assert_eq!(stories().map(|story| story.fresh).sum::<u64>(), failures, "each is told once");
        let mut open: Option<&str> = None;
        for story in stories() {
            if let Some(open) = open {
                assert_eq!(open, story.key, "no round begins before the end of the last one was told");
            }
            open = if story.over.is_some() { None } else { Some(story.key.as_str()) };
        }
        assert_eq!(open, None, "all is over, and that is told");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_happens_every_failure_is_told_and_none_stays_open_that_is_over(
        steps in proptest::collection::vec(step(), 1..40)
    ) {
        let mut books = Books::new();
        let (mut told, mut failures, ops) = (Told::default(), 0, target());
        let mut minute = 0;
        for step in steps {
            minute += 7;
            match step {
                Step::Fails(file) => {
                    happen(&books, EventKind::Quarantined, file, minute);
                    failures += 1;
                }
                Step::PutBack(file) => happen(&books, EventKind::Replayed, file, minute),
                Step::Hear => heard(&books, minute),
                Step::Taken | Step::TakenAndForgotten => {
                    if let Some(message) = message(&books, &ops, minute) {
                        told.take(message.clone());
                        if matches!(step, Step::Taken) {
                            taken(&books, &message, minute);
                        }
                    }
                }
                Step::Refused => {
                    if let Some(message) = message(&books, &ops, minute) {
                        let id = Id(message.id);
                        books.write(move |tx| tx.message_was_not_sent(&id, "down", at(minute)));
                    }
                }
                Step::Restart => books = books.reopened(),
            }
        }
        // In the end all is put back and every message is taken.
        for file in 0..4 {
            happen(&books, EventKind::Replayed, file, minute);
        }
        heard(&books, minute);
        minute += 60;
        while let Some(message) = message(&books, &ops, minute) {
            told.take(message.clone());
            taken(&books, &message, minute);
            minute += 60;
        }
        told.check(failures);
    }
}
