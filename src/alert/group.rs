//! One kind of failure with one partner, as one target is told of it.
//!
//! ```text
//! begins        told at once
//! again …       gathered, and told when the time of the group is over since it was told last
//! over          told at once
//! begins again  a new round; told no sooner than that time after the last message, so that what comes and goes all night
//!               does not ring all night
//! ```
//!
//! In: a group as it is, and what happened. Out: the group as it is then, with the time at which to tell it next. A group that
//! was told of is told of its end; one that ended before it was told says both in one message.

use std::time::Duration;

use jiff::Timestamp;

use crate::config::alerts::{Hears, Target};
use crate::ledger::alert::Group;
use crate::ledger::failure::Failure;

/// What happened to the failures of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// One more, told by the event of that number.
    Began {
        /// The event's number in the partner's journal.
        sequence: u64,
    },
    /// None of them stands any more.
    Over,
}

/// True when a target is to be told of a failure. Its own trouble is told to the others: it cannot hear of it anyway.
pub fn hears(target: &Target, failure: &Failure) -> bool {
    let Hears { severity, partners, owners, kinds } = &target.hears;
    target.at_once
        && failure.severity >= *severity
        && (partners.is_empty() || partners.contains(&failure.partner))
        && (owners.is_empty() || owners.contains(&failure.who))
        && (kinds.is_empty() || kinds.contains(&failure.kind))
        && failure.subject != own_trouble(&target.name)
}

/// How the trouble is named that a target cannot be reached.
pub fn own_trouble(target: &str) -> String {
    format!("alert {target}")
}

/// A group after what happened; `at` is when it happened, `now` when it is heard of.
pub fn after(group: Group, news: News, at: Timestamp, now: Timestamp, window: Duration) -> Group {
    match news {
        News::Began { sequence } if group.closed || group.count == 0 => Group {
            round: group.round + 1,
            since: at,
            latest: sequence,
            count: 1,
            told: 0,
            over: None,
            closed: false,
            due: Some(no_sooner(now, group.told_at, window)),
            ..group
        },
        News::Began { sequence } => Group {
            latest: sequence,
            count: group.count + 1,
            over: None,
            due: Some(group.due.unwrap_or_else(|| no_sooner(now, group.told_at, window))),
            ..group
        },
        // What was told of is over: that is told at once. What was not is due already.
        News::Over if !group.closed && group.count > 0 => {
            let due = if group.told > 0 { Some(now) } else { group.due };
            Group { over: Some(at), due, ..group }
        }
        News::Over => group,
    }
}

fn no_sooner(now: Timestamp, told_at: Option<Timestamp>, window: Duration) -> Timestamp {
    let earliest = told_at.and_then(|told| told.checked_add(window).ok());
    earliest.map_or(now, |earliest| earliest.max(now))
}

/// A group once a message speaks of it as it is.
pub fn once_told(group: Group, now: Timestamp) -> Group {
    Group { told: group.count, closed: group.over.is_some(), told_at: Some(now), due: None, ..group }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(900);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_772_524_800 + second).unwrap()
    }

    /// Plays a line of happenings: `b` one begins, `o` all over, `t` a message is made; each with its second. Says when it is due.
    fn check(line: &[(char, i64)], count: u64, due: Option<i64>) -> Group {
        let mut group = Group::new("ops", "mega", "quarantined", "X12-E031");
        for (what, second) in line {
            let now = at(*second);
            group = match what {
                'b' => after(group, News::Began { sequence: 7 }, now, now, WINDOW),
                'o' => after(group, News::Over, now, now, WINDOW),
                _ => once_told(group, now),
            };
        }
        assert_eq!((group.count, group.due), (count, due.map(at)), "{line:?}");
        group
    }

    #[test]
    fn the_first_is_told_at_once_and_more_are_gathered() {
        check(&[('b', 0)], 1, Some(0));
        check(&[('b', 0), ('t', 1)], 1, None);
        check(&[('b', 0), ('t', 1), ('b', 5), ('b', 9)], 3, Some(901));
        check(&[('b', 0), ('t', 1), ('b', 2000)], 2, Some(2000));
    }

    #[test]
    fn the_end_of_what_was_told_is_told_at_once_and_closes_it() {
        assert!(!check(&[('b', 0), ('t', 1), ('o', 5)], 1, Some(5)).closed);
        assert!(check(&[('b', 0), ('t', 1), ('o', 5), ('t', 6)], 1, None).closed);
    }

    #[test]
    fn what_is_over_before_it_was_told_is_told_once() {
        let group = check(&[('b', 0), ('o', 0)], 1, Some(0));
        assert_eq!((group.told, group.over), (0, Some(at(0))));
        assert!(check(&[('b', 0), ('o', 0), ('t', 1)], 1, None).closed);
    }

    #[test]
    fn what_comes_back_is_a_new_round_that_waits_for_the_time_of_the_group() {
        let group = check(&[('b', 0), ('t', 0), ('o', 5), ('t', 6), ('b', 10)], 1, Some(906));
        assert_eq!((group.round, group.since, group.over), (2, at(10), None));
        check(&[('b', 0), ('t', 0), ('o', 5), ('t', 6), ('b', 2000)], 1, Some(2000));
    }

    #[test]
    fn what_comes_back_before_its_end_was_told_goes_on() {
        let group = check(&[('b', 0), ('t', 0), ('o', 5), ('b', 6)], 2, Some(5));
        assert_eq!((group.round, group.over), (1, None));
    }

    #[test]
    fn an_end_of_nothing_is_nothing() {
        check(&[('o', 5)], 0, None);
        check(&[('b', 0), ('t', 1), ('o', 5), ('t', 6), ('o', 7)], 1, None);
    }
}
