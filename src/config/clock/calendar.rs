//! A partner's time: its zone, the days and hours on which it works, its holidays.
//!
//! ```text
//! Fri 2026-11-20 15:00 + 2 business days   = Tue 2026-11-24 15:00
//! Wed 2026-11-25 15:00 + 4 business hours  = Fri 2026-11-27 10:00    08:00-17:00, Thanksgiving on the 26th
//! Sat 2026-03-07 02:30 + 1 day             = Sun 2026-03-08 03:30    the clocks skip 02:30 in Chicago
//! ```
//!
//! Business days are counted from the day after the event, which itself never counts, working day or not. A time that the
//! clocks skip is as far after the gap as it stood in it; one that comes twice is the first. What would lie beyond the year
//! 9999 is the last moment there is.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::Deserialize;

use super::Fault;
use super::holiday::Holiday;
use super::term::Term;
use crate::config::hours;

/// The `[calendar]` table as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarText {
    /// `Mo-Fr`, which is also what is meant when nothing is said.
    pub days: Option<String>,
    /// `08:00-17:00`; the whole day when nothing is said.
    pub hours: Option<String>,
    /// Days off: see [`super::holiday`].
    #[serde(default)]
    pub holidays: Vec<String>,
}

/// When a partner works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: TimeZone,
    /// At least one.
    days: Vec<Weekday>,
    opens: TimeOfDay,
    closes: TimeOfDay,
    holidays: Vec<Holiday>,
}

/// A time of day, or the end of the day, which is the first moment of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeOfDay {
    /// `14:00`
    At(Time),
    /// `24:00`
    End,
}

impl TimeOfDay {
    /// Reads a time that stands under a key.
    pub fn parse(key: &'static str, text: &str) -> Result<TimeOfDay, Fault> {
        time_of_day(text).ok_or_else(|| {
            Fault::new(key, format!("{text:?} is no time of day"), r#""14:00", or "24:00" for the day's end"#)
        })
    }

    fn minutes(self) -> i32 {
        match self {
            TimeOfDay::At(time) => i32::from(time.hour()) * 60 + i32::from(time.minute()),
            TimeOfDay::End => 24 * 60,
        }
    }
}

/// Each is asked about each day that is counted.
const MOST_HOLIDAYS: usize = 100;

impl Calendar {
    /// The calendar of a partner that says nothing: Monday to Friday, all day, without holidays.
    pub fn of(zone: &TimeZone) -> Calendar {
        use Weekday::*;
        Calendar {
            zone: zone.clone(),
            days: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
            opens: TimeOfDay::At(Time::midnight()),
            closes: TimeOfDay::End,
            holidays: Vec::new(),
        }
    }

    /// Reads the table; the zone is the partner's.
    pub fn read(text: &CalendarText, zone: TimeZone) -> Result<Calendar, Vec<Fault>> {
        let mut faults = Vec::new();
        let days = text.days.as_deref().unwrap_or("Mo-Fr");
        let days = hours::days_of(days).map_err(|wrong| {
            faults.push(Fault::new("days", format!("{wrong:?} is no day"), r#""Mo-Fr" or "Mo,We-Fr""#))
        });
        let hours = text.hours.as_deref().unwrap_or("00:00-24:00");
        let hours = opening(hours).ok_or_else(|| {
            let expected = r#"a start and an end of the same day, an hour later at least, such as "08:00-17:00""#;
            faults.push(Fault::new("hours", format!("{hours:?} are no hours"), expected));
        });
        let mut holidays = Vec::new();
        for holiday in &text.holidays {
            match Holiday::parse(holiday) {
                Ok(holiday) => holidays.push(holiday),
                Err(fault) => faults.push(fault),
            }
        }
        if holidays.len() > MOST_HOLIDAYS {
            let message = format!("{} holidays", holidays.len());
            faults.push(Fault::new("holidays", message, format!("at most {MOST_HOLIDAYS}")));
        }
        let (Ok(days), Ok((opens, closes)), true) = (days, hours, faults.is_empty()) else { return Err(faults) };
        let calendar = Calendar { zone, days, opens, closes, holidays };
        if !calendar.works_at_all() {
            return Err(vec![Fault::new("holidays", "every working day is a holiday", "a day of the year to work on")]);
        }
        Ok(calendar)
    }

    /// Whether there is a working day to be found: in a leap year, which has every day that rules name.
    fn works_at_all(&self) -> bool {
        Date::constant(2024, 1, 1).series(1.day()).take(366).any(|day| self.works_on(day))
    }

    /// The zone of its clocks.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether a day is one on which it works.
    pub fn works_on(&self, day: Date) -> bool {
        self.days.contains(&day.weekday()) && !self.holidays.iter().any(|holiday| holiday.is_on(day))
    }

    /// The day that its clocks show.
    pub fn day_of(&self, moment: Timestamp) -> Date {
        self.zone.to_datetime(moment).date()
    }

    /// A time of one of its days.
    pub fn moment(&self, day: Date, time: TimeOfDay) -> Timestamp {
        let local = match time {
            TimeOfDay::At(time) => Ok(day.to_datetime(time)),
            TimeOfDay::End => day.tomorrow().map(|next| next.to_datetime(Time::midnight())),
        };
        let moment = local.and_then(|local| self.zone.to_ambiguous_timestamp(local).compatible());
        moment.unwrap_or(Timestamp::MAX)
    }

    /// The first time that its clocks show a time, from a moment on.
    pub fn next(&self, from: Timestamp, time: TimeOfDay) -> Timestamp {
        let mut day = self.day_of(from);
        loop {
            let moment = self.moment(day, time);
            match day.tomorrow() {
                Ok(next) if moment < from => day = next,
                _ => return moment,
            }
        }
    }

    /// A moment so much later.
    pub fn after(&self, from: Timestamp, term: Term) -> Timestamp {
        match term {
            Term::Elapsed(time) => from.checked_add(time).unwrap_or(Timestamp::MAX),
            Term::Days(days) => self.days_on(from, days),
            Term::BusinessDays(count) => {
                let last = self.working_day(self.day_of(from), count, |day| day.tomorrow().ok());
                last.map_or(Timestamp::MAX, |last| self.same_time(from, last))
            }
            Term::BusinessTime(time) => self.worked(from, time),
        }
    }

    /// A moment so much earlier.
    pub fn before(&self, until: Timestamp, term: Term) -> Timestamp {
        match term {
            Term::Elapsed(time) => until.checked_sub(time).unwrap_or(Timestamp::MIN),
            Term::Days(days) => self.days_on(until, -days),
            Term::BusinessDays(count) => {
                let first = self.working_day(self.day_of(until), count, |day| day.yesterday().ok());
                first.map_or(Timestamp::MIN, |first| self.same_time(until, first))
            }
            Term::BusinessTime(time) => self.worked_until(until, time),
        }
    }

    fn days_on(&self, from: Timestamp, days: i32) -> Timestamp {
        let beyond = if days < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let day = self.day_of(from).checked_add(days.days());
        day.map_or(beyond, |day| self.same_time(from, day))
    }

    /// The same time on another day; a moment of that day itself stays what it is, also where its time comes twice.
    fn same_time(&self, moment: Timestamp, day: Date) -> Timestamp {
        let local = self.zone.to_datetime(moment);
        if local.date() == day { moment } else { self.moment(day, TimeOfDay::At(local.time())) }
    }

    /// The working day that is `count` of them away; for none, the day itself or the nearest in that direction.
    fn working_day(&self, day: Date, count: i32, step: fn(Date) -> Option<Date>) -> Option<Date> {
        let mut day = day;
        for _ in 0..count {
            day = self.nearest_working_day(step(day)?, step)?;
        }
        self.nearest_working_day(day, step)
    }

    fn nearest_working_day(&self, mut day: Date, step: fn(Date) -> Option<Date>) -> Option<Date> {
        while !self.works_on(day) {
            day = step(day)?;
        }
        Some(day)
    }

    /// When so much of its working hours has passed.
    fn worked(&self, from: Timestamp, time: SignedDuration) -> Timestamp {
        let mut left = time;
        let mut day = Some(self.day_of(from));
        while let Some(today) = day.filter(|day| *day < Date::MAX) {
            if let Some((opens, closes)) = self.working_hours(today) {
                let start = opens.max(from);
                let room = closes.duration_since(start);
                if left <= room {
                    return start.checked_add(left).unwrap_or(Timestamp::MAX);
                }
                left -= room.max(SignedDuration::ZERO);
            }
            day = today.tomorrow().ok();
        }
        Timestamp::MAX
    }

    /// When so much of its working hours was still to come.
    fn worked_until(&self, until: Timestamp, time: SignedDuration) -> Timestamp {
        let mut left = time;
        let mut day = Some(self.day_of(until));
        while let Some(today) = day.filter(|day| *day > Date::MIN) {
            if let Some((opens, closes)) = self.working_hours(today) {
                let end = closes.min(until);
                let room = end.duration_since(opens);
                if left <= room {
                    return end.checked_sub(left).unwrap_or(Timestamp::MIN);
                }
                left -= room.max(SignedDuration::ZERO);
            }
            day = today.yesterday().ok();
        }
        Timestamp::MIN
    }

    fn working_hours(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        self.works_on(day).then(|| (self.moment(day, self.opens), self.moment(day, self.closes)))
    }
}

fn opening(text: &str) -> Option<(TimeOfDay, TimeOfDay)> {
    let (opens, closes) = text.split_once('-')?;
    let (opens, closes) = (time_of_day(opens)?, time_of_day(closes)?);
    // An hour at least, so that working hours are found within as many days.
    (opens.minutes() + 60 <= closes.minutes()).then_some((opens, closes))
}

fn time_of_day(text: &str) -> Option<TimeOfDay> {
    if text == "24:00" { Some(TimeOfDay::End) } else { hours::time(text).map(TimeOfDay::At) }
}

#[cfg(test)]
mod tests;
