//! How long a rule gives: by the stopwatch, in days of the calendar, or in what the partner works.
//!
//! ```text
//! "60 min", "24 h"      as much time as that, whatever the clocks show
//! "3 days"              the same time of day, three days on
//! "2 business days"     the same time of day, on the second working day after
//! "4 business hours"    of the partner's working hours
//! ```

use std::fmt;

use jiff::SignedDuration;

use super::Fault;
use crate::config::duration;

/// A length of time that a calendar can add to a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// By the stopwatch.
    Elapsed(SignedDuration),
    /// Days of the calendar.
    Days(i32),
    /// Working days.
    BusinessDays(i32),
    /// Working hours.
    BusinessTime(SignedDuration),
}

/// The longest term in days: a hundred years, so that every sum stays within a calendar.
const LONGEST: i32 = 36_600;

/// The longest term of what is worked, in days or hours: it is counted day by day, each time that a rule is judged.
const LONGEST_WORKED: i32 = 1_000;

const EXPECTED: &str =
    r#"a whole number and a unit: "60 min", "24 h", "3 days", "2 weeks", "2 business days" or "4 business hours""#;

impl Term {
    /// Reads a term that stands under a key.
    pub fn parse(key: &'static str, text: &str) -> Result<Term, Fault> {
        let fault = |why: String| Fault::new(key, why, EXPECTED);
        let (number, unit) = text.trim().split_at(text.trim().bytes().take_while(u8::is_ascii_digit).count());
        if number.is_empty() {
            return Err(fault(format!("{text:?} does not begin with a whole number")));
        }
        let counted = |each: i32, most: i32, unit: &str| {
            let count = number.parse::<i32>().ok().and_then(|number| number.checked_mul(each));
            count.filter(|count| *count <= most).ok_or_else(|| fault(format!("{text:?} is longer than {most} {unit}")))
        };
        match unit.trim() {
            "d" | "day" | "days" => counted(1, LONGEST, "days").map(Term::Days),
            "week" | "weeks" => counted(7, LONGEST, "days").map(Term::Days),
            "business day" | "business days" => counted(1, LONGEST_WORKED, "days").map(Term::BusinessDays),
            "business hour" | "business hours" => {
                let hours = counted(1, LONGEST_WORKED, "hours")?;
                Ok(Term::BusinessTime(SignedDuration::from_hours(hours.into())))
            }
            "year" | "years" | "month" | "months" => {
                Err(fault(format!("{text:?} is not counted in days")).hint(r#"write days, such as "365 days""#))
            }
            _ => match duration::parse(text).map(SignedDuration::try_from) {
                Ok(Ok(time)) => Ok(Term::Elapsed(time)),
                Ok(Err(_)) => Err(fault(format!("{text:?} is longer than a hundred years"))),
                Err(why) => Err(fault(why)),
            },
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |f: &mut fmt::Formatter<'_>, number: i64, unit: &str| {
            write!(f, "{number} {unit}{}", if number == 1 { "" } else { "s" })
        };
        match self {
            Term::Elapsed(time) => f.write_str(&duration::display(time.unsigned_abs())),
            Term::Days(days) => counted(f, i64::from(*days), "day"),
            Term::BusinessDays(days) => counted(f, i64::from(*days), "business day"),
            Term::BusinessTime(time) => counted(f, time.as_hours(), "business hour"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        let found = Term::parse("within", text).map(|term| term.to_string()).map_err(|fault| fault.message);
        assert_eq!(found, expect.map(str::to_owned).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn a_term_is_elapsed_time_days_or_what_the_partner_works() {
        assert_eq!(Term::parse("within", "24 h"), Ok(Term::Elapsed(SignedDuration::from_hours(24))));
        assert_eq!(Term::parse("within", "1 d"), Ok(Term::Days(1)));
        check("60min", Ok("1 h"));
        check("2 weeks", Ok("14 days"));
        check("1 business day", Ok("1 business day"));
        check("2 business days", Ok("2 business days"));
        check("4 business hours", Ok("4 business hours"));
    }

    #[test]
    fn what_is_no_term_says_why() {
        check("soon", Err(r#""soon" does not begin with a whole number"#));
        check("2", Err(r#""2" has no unit"#));
        check("2 busy days", Err(r#""busy days" is no unit of time"#));
        check("1001 business days", Err(r#""1001 business days" is longer than 1000 days"#));
        check("1001 business hours", Err(r#""1001 business hours" is longer than 1000 hours"#));
        check("99999999999 d", Err(r#""99999999999 d" is longer than 36600 days"#));
        check("101 years", Err(r#""101 years" is not counted in days"#));
        let fault = Term::parse("for", "1 year").unwrap_err();
        assert_eq!(fault.hint.as_deref(), Some(r#"write days, such as "365 days""#));
    }
}
