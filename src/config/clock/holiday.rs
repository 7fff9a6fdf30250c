//! Days on which a partner does not work, as dates and as rules that hold every year.
//!
//! ```text
//! "2026-12-24"                  that day
//! "Dec 25"                      every year
//! "Jan 1 observed"              on a Saturday the Friday before, on a Sunday the Monday after
//! "4th Thu of Nov"              Thanksgiving; also "last Mon of May"
//! "day after 4th Thu of Nov"
//! ```

use jiff::civil::{Date, Weekday};

use super::Fault;

/// One day off, or one every year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday(When);

#[derive(Debug, Clone, PartialEq, Eq)]
enum When {
    Once(Date),
    Yearly(Yearly),
    /// Moved off the week-end.
    Observed(Yearly),
    DayAfter(Yearly),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Yearly {
    Day {
        month: i8,
        day: i8,
    },
    /// The nth of its month; -1 is the last.
    Nth {
        nth: i8,
        weekday: Weekday,
        month: i8,
    },
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const ORDINALS: [(&str, i8); 6] = [("1st", 1), ("2nd", 2), ("3rd", 3), ("4th", 4), ("5th", 5), ("last", -1)];
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

impl Holiday {
    /// Reads a date or a rule.
    pub fn parse(text: &str) -> Result<Holiday, Fault> {
        when(text).map(Holiday).ok_or_else(|| {
            let expected = r#""2026-12-24", "Dec 25", "Jan 1 observed", "4th Thu of Nov", "last Mon of May" or "day after 4th Thu of Nov""#;
            Fault::new("holidays", format!("{text:?} is no holiday"), expected)
        })
    }

    /// Whether it is this day.
    pub fn is_on(&self, day: Date) -> bool {
        // An observed January 1 can fall into the year before, a day after into the next one.
        let years = day.year() - 1..=day.year() + 1;
        let falls = |yearly: Yearly, moved: fn(Date) -> Option<Date>| {
            years.clone().filter_map(|year| yearly.of(year).and_then(moved)).any(|holiday| holiday == day)
        };
        match self.0 {
            When::Once(date) => date == day,
            When::Yearly(yearly) => falls(yearly, Some),
            When::Observed(yearly) => falls(yearly, off_the_weekend),
            When::DayAfter(yearly) => falls(yearly, |date| date.tomorrow().ok()),
        }
    }
}

impl Yearly {
    /// Its day in a year; a year may have none, as of February 29.
    fn of(self, year: i16) -> Option<Date> {
        match self {
            Yearly::Day { month, day } => Date::new(year, month, day).ok(),
            Yearly::Nth { nth, weekday, month } => {
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
            }
        }
    }
}

fn off_the_weekend(date: Date) -> Option<Date> {
    match date.weekday() {
        Weekday::Saturday => date.yesterday().ok(),
        Weekday::Sunday => date.tomorrow().ok(),
        _ => Some(date),
    }
}

fn when(text: &str) -> Option<When> {
    if let Some(rest) = text.strip_prefix("day after ") {
        return yearly(rest).map(When::DayAfter);
    }
    if let Some(rest) = text.strip_suffix(" observed") {
        return yearly(rest).map(When::Observed);
    }
    let is_date = text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit());
    if is_date { text.parse().ok().map(When::Once) } else { yearly(text).map(When::Yearly) }
}

fn yearly(text: &str) -> Option<Yearly> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [name, day] => {
            let (month, day) = (month(name)?, day.parse().ok()?);
            // A leap year has every day that any year has.
            Date::new(2024, month, day).ok().map(|_| Yearly::Day { month, day })
        }
        [ordinal, weekday, "of", name] => {
            let (_, nth) = ORDINALS.into_iter().find(|(known, _)| *known == ordinal)?;
            let (_, weekday) = WEEKDAYS.into_iter().find(|(known, _)| *known == weekday)?;
            Some(Yearly::Nth { nth, weekday, month: month(name)? })
        }
        _ => None,
    }
}

fn month(name: &str) -> Option<i8> {
    (1..).zip(MONTHS).find_map(|(number, known)| (known == name).then_some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days of December 2026 to January 2028 on which a holiday is.
    fn check(text: &str, expect: &[&str]) {
        let holiday = Holiday::parse(text).unwrap();
        let first: Date = "2026-11-01".parse().unwrap();
        let days = first.series(jiff::ToSpan::days(1)).take(500).filter(|day| holiday.is_on(*day));
        assert_eq!(days.map(|day| day.to_string()).collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn a_holiday_is_a_date_or_a_rule_for_every_year() {
        check("2026-12-24", &["2026-12-24"]);
        check("Dec 25", &["2026-12-25", "2027-12-25"]);
        check("4th Thu of Nov", &["2026-11-26", "2027-11-25"]);
        check("day after 4th Thu of Nov", &["2026-11-27", "2027-11-26"]);
        check("last Mon of May", &["2027-05-31"]);
        check("day after Dec 31", &["2027-01-01", "2028-01-01"]);
    }

    #[test]
    fn an_observed_holiday_leaves_the_weekend_also_over_the_year_end() {
        // January 1 of 2028 is a Saturday, July 4 of 2027 a Sunday.
        check("Jan 1 observed", &["2027-01-01", "2027-12-31"]);
        check("Jul 4 observed", &["2027-07-05"]);
    }

    #[test]
    fn a_year_without_the_day_has_no_holiday() {
        check("Feb 29", &["2028-02-29"]);
        check("5th Sun of Jan", &["2027-01-31", "2028-01-30"]);
    }

    #[test]
    fn what_is_no_holiday_says_what_would_be_one() {
        for text in
            ["", "Feb 30", "4th Thu", "6th Thu of Nov", "4th Thursday of Nov", "Dez 25", "2026-02-29", "observed"]
        {
            assert!(Holiday::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Holiday::parse("Thanksgiving").unwrap_err().to_string(),
            "holidays: \"Thanksgiving\" is no holiday\n  expected \"2026-12-24\", \"Dec 25\", \"Jan 1 observed\", \
             \"4th Thu of Nov\", \"last Mon of May\" or \"day after 4th Thu of Nov\""
        );
    }
}
