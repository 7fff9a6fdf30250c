//! Sums of moments and terms, each computed by hand. Chicago is UTC-6, from 2026-03-08 02:00 to 2026-11-01 02:00 UTC-5.

use super::*;

fn calendar(days: &str, hours: &str, holidays: &[&str]) -> Calendar {
    let text = CalendarText {
        days: Some(days.to_owned()),
        hours: Some(hours.to_owned()),
        holidays: holidays.iter().map(|text| (*text).to_owned()).collect(),
    };
    Calendar::read(&text, TimeZone::get("America/Chicago").unwrap()).unwrap()
}

fn office() -> Calendar {
    calendar("Mo-Fr", "08:00-17:00", &["Jan 1 observed", "4th Thu of Nov", "Dec 25 observed"])
}

/// Local times of Chicago, with an offset where they come twice.
fn check(calendar: &Calendar, from: &str, term: &str, expect: &str) {
    let local = |text: &str| -> jiff::ZonedDateTime { format!("{text}[America/Chicago]").parse().unwrap() };
    let term_read = Term::parse("within", term.trim_start_matches('-')).unwrap();
    let from_moment = local(from).timestamp();
    let found = match term.starts_with('-') {
        true => calendar.before(from_moment, term_read),
        false => calendar.after(from_moment, term_read),
    };
    let found = found.to_zoned_datetime(calendar.zone().clone());
    assert_eq!(found, local(expect), "{from} + {term}");
}

#[test]
fn elapsed_time_is_what_a_stopwatch_shows_and_a_day_what_the_clocks_show() {
    let office = office();
    check(&office, "2026-03-06T14:10", "60 min", "2026-03-06T15:10");
    check(&office, "2026-03-07T12:00", "24 h", "2026-03-08T13:00");
    check(&office, "2026-03-07T12:00", "1 day", "2026-03-08T12:00");
    check(&office, "2026-10-31T12:00", "24 h", "2026-11-01T11:00");
    check(&office, "2026-10-31T12:00", "1 day", "2026-11-01T12:00");
}

#[test]
fn a_time_that_the_clocks_skip_is_after_the_gap_and_one_that_comes_twice_is_the_first() {
    let office = office();
    check(&office, "2026-03-07T02:30", "1 day", "2026-03-08T03:30-05:00");
    check(&office, "2026-10-31T01:30", "1 day", "2026-11-01T01:30-05:00");
    // The hour that comes twice: an hour after its first half past one is its second.
    check(&office, "2026-11-01T01:30-05:00", "60 min", "2026-11-01T01:30-06:00");
    check(&office, "2026-11-01T01:30-06:00", "0 days", "2026-11-01T01:30-06:00");
}

#[test]
fn business_days_skip_weekends_and_holidays_and_never_count_the_day_of_the_event() {
    let office = office();
    check(&office, "2026-11-20T15:00", "2 business days", "2026-11-24T15:00");
    check(&office, "2026-11-21T15:00", "1 business day", "2026-11-23T15:00");
    check(&office, "2026-11-25T15:00", "1 business day", "2026-11-27T15:00");
    check(&office, "2026-11-26T15:00", "1 business day", "2026-11-27T15:00");
    check(&office, "2026-11-26T15:00", "0 business days", "2026-11-27T15:00");
    check(&office, "2026-11-25T15:00", "0 business days", "2026-11-25T15:00");
}

#[test]
fn business_days_run_over_the_year_end_and_over_the_nights_when_the_clocks_change() {
    let office = office();
    // December 25 of 2026 is a Friday, January 1 of 2027 as well.
    check(&office, "2026-12-24T16:00", "1 business day", "2026-12-28T16:00");
    check(&office, "2026-12-31T16:00", "2 business days", "2027-01-05T16:00");
    // January 1 of 2028 is a Saturday, observed on December 31.
    check(&office, "2027-12-30T16:00", "1 business day", "2028-01-03T16:00");
    check(&office, "2026-03-06T15:00-06:00", "1 business day", "2026-03-09T15:00-05:00");
}

#[test]
fn business_hours_are_worked_between_opening_and_closing() {
    let office = office();
    check(&office, "2026-11-24T09:00", "4 business hours", "2026-11-24T13:00");
    check(&office, "2026-11-24T15:00", "2 business hours", "2026-11-24T17:00");
    check(&office, "2026-11-24T15:00", "4 business hours", "2026-11-25T10:00");
    check(&office, "2026-11-25T15:00", "4 business hours", "2026-11-27T10:00");
    check(&office, "2026-11-21T12:00", "1 business hour", "2026-11-23T09:00");
    check(&office, "2026-11-23T06:00", "10 business hours", "2026-11-24T09:00");
    check(&office, "2026-12-31T16:30", "1 business hour", "2027-01-04T08:30");
}

#[test]
fn a_working_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() {
    let always = calendar("Mo-Su", "00:00-24:00", &[]);
    check(&always, "2026-03-08T00:00", "23 business hours", "2026-03-09T00:00");
    check(&always, "2026-11-01T00:00-05:00", "25 business hours", "2026-11-02T00:00");
    let nights = calendar("Su", "00:00-04:00", &[]);
    check(&nights, "2026-03-08T00:00", "4 business hours", "2026-03-15T01:00");
    check(&nights, "2026-11-01T00:00-05:00", "5 business hours", "2026-11-01T04:00");
}

#[test]
fn a_term_is_taken_off_as_it_is_added() {
    let office = office();
    check(&office, "2026-03-08T12:00", "-24 h", "2026-03-07T11:00");
    check(&office, "2026-03-08T12:00", "-1 day", "2026-03-07T12:00");
    check(&office, "2026-11-27T15:00", "-1 business day", "2026-11-25T15:00");
    check(&office, "2027-01-04T15:00", "-1 business day", "2026-12-31T15:00");
    check(&office, "2026-11-27T10:00", "-4 business hours", "2026-11-25T15:00");
    check(&office, "2026-11-22T10:00", "-1 business hour", "2026-11-20T16:00");
}

#[test]
fn the_next_time_of_day_is_today_or_tomorrow() {
    let office = office();
    let next = |from: &str, time: &str| {
        let from: jiff::ZonedDateTime = format!("{from}[America/Chicago]").parse().unwrap();
        let next = office.next(from.timestamp(), TimeOfDay::parse("by", time).unwrap());
        next.to_zoned_datetime(office.zone().clone()).datetime().to_string()
    };
    assert_eq!(next("2026-11-24T13:59", "14:00"), "2026-11-24T14:00:00");
    assert_eq!(next("2026-11-24T14:00", "14:00"), "2026-11-24T14:00:00");
    assert_eq!(next("2026-11-24T14:01", "14:00"), "2026-11-25T14:00:00");
    assert_eq!(next("2026-12-31T23:59", "24:00"), "2027-01-01T00:00:00");
}

#[test]
fn what_lies_beyond_the_calendar_is_its_end() {
    let office = office();
    for term in ["1 h", "1 day", "1 business day", "1 business hour"] {
        let term = Term::parse("within", term).unwrap();
        assert_eq!(office.after(Timestamp::MAX, term), Timestamp::MAX);
        assert_eq!(office.before(Timestamp::MIN, term), Timestamp::MIN);
    }
}

#[test]
fn a_calendar_names_every_key_that_it_cannot_read() {
    let text: CalendarText =
        toml::from_str("days = \"Mon-Fri\"\nhours = \"17:00-08:00\"\nholidays = [\"Dec 25\", \"Easter\"]").unwrap();
    let faults = Calendar::read(&text, TimeZone::UTC).unwrap_err();
    let messages: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.key, fault.message)).collect();
    assert_eq!(
        messages,
        ["days: \"Mon-Fri\" is no day", "hours: \"17:00-08:00\" are no hours", "holidays: \"Easter\" is no holiday"]
    );
    let idle = CalendarText {
        days: Some("Mo".to_owned()),
        holidays: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            .iter()
            .flat_map(|month| ["1st", "2nd", "3rd", "4th", "5th"].map(|nth| format!("{nth} Mon of {month}")))
            .collect(),
        ..CalendarText::default()
    };
    assert_eq!(Calendar::read(&idle, TimeZone::UTC).unwrap_err()[0].message, "every working day is a holiday");
    let short = CalendarText { hours: Some("08:00-08:59".to_owned()), ..CalendarText::default() };
    assert_eq!(Calendar::read(&short, TimeZone::UTC).unwrap_err()[0].message, "\"08:00-08:59\" are no hours");
    assert!(toml::from_str::<CalendarText>("holiday = []").unwrap_err().message().contains("unknown field `holiday`"));
}
