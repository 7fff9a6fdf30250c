//! Spans of time as people write them: `24 h`, `60 min`, `2 s`, `500 ms`, `3 d`.
//!
//! ```text
//! "90 min" -> 5400 seconds        5400 seconds -> "90 min"
//! "24h"    -> 86400 seconds       86400 seconds -> "1 d"
//! ```
//!
//! `7 years`, `90 days` and `2 weeks` are understood as well. A day is 24 hours; clocks that follow a calendar and a zone are no durations.

use std::time::Duration;

/// The units with their length in milliseconds, from long to short.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

/// Units that people write for longer spans. A year has 366 days here, so that what is kept for years is never kept too short.
const LONG_UNITS: [(&str, u64); 6] = [
    ("day", 86_400_000),
    ("days", 86_400_000),
    ("week", 7 * 86_400_000),
    ("weeks", 7 * 86_400_000),
    ("year", 366 * 86_400_000),
    ("years", 366 * 86_400_000),
];

/// What a duration looks like, for messages.
pub const EXPECTED: &str = r#"a whole number and a unit: "500 ms", "2 s", "60 min", "24 h", "3 d""#;

/// Reads a whole number and a unit, with or without a space between them.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    if number.is_empty() {
        return Err(format!("{text:?} does not begin with a whole number"));
    }
    let Some((_, length)) = UNITS.iter().chain(&LONG_UNITS).find(|(name, _)| *name == unit) else {
        return Err(match unit {
            "" => format!("{text:?} has no unit"),
            other => format!("{other:?} is no unit of time"),
        });
    };
    let milliseconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*length));
    // Deadlines are added to timestamps; a hundred years keep every sum within a calendar.
    match milliseconds {
        Some(milliseconds) if milliseconds <= 100 * 366 * 86_400_000 => Ok(Duration::from_millis(milliseconds)),
        _ => Err(format!("{text:?} is longer than a hundred years")),
    }
}

/// Writes a duration in the longest unit that divides it.
pub fn display(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds == 0 {
        return "0 s".to_owned();
    }
    for (name, length) in UNITS {
        if milliseconds.is_multiple_of(u128::from(length)) {
            return format!("{} {name}", milliseconds / u128::from(length));
        }
    }
    format!("{milliseconds} ms")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expect: Result<u64, &str>) {
        assert_eq!(parse(text), expect.map(Duration::from_millis).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn every_unit_is_read_with_and_without_a_space() {
        check("500 ms", Ok(500));
        check("2 s", Ok(2_000));
        check("60min", Ok(3_600_000));
        check("24 h", Ok(86_400_000));
        check("3d", Ok(259_200_000));
        check("90 days", Ok(90 * 86_400_000));
        check("1 week", Ok(7 * 86_400_000));
        check("7 years", Ok(7 * 366 * 86_400_000));
        check("100 years", Ok(100 * 366 * 86_400_000));
    }

    #[test]
    fn what_is_no_duration_says_why() {
        check("24", Err(r#""24" has no unit"#));
        check("soon", Err(r#""soon" does not begin with a whole number"#));
        check("-1 s", Err(r#""-1 s" does not begin with a whole number"#));
        check("24 hours", Err(r#""hours" is no unit of time"#));
        check("101 years", Err(r#""101 years" is longer than a hundred years"#));
        check("1.5 h", Err(r#"".5 h" is no unit of time"#));
        check("99999999999999999999 d", Err(r#""99999999999999999999 d" is longer than a hundred years"#));
    }

    #[test]
    fn a_duration_is_shown_in_its_longest_whole_unit() {
        assert_eq!(display(Duration::from_secs(86_400)), "1 d");
        assert_eq!(display(Duration::from_secs(5_400)), "90 min");
        assert_eq!(display(Duration::from_millis(1_500)), "1500 ms");
        assert_eq!(display(Duration::ZERO), "0 s");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn what_is_displayed_is_read_back(milliseconds in 0_u64..3_000_000_000_000) {
            let duration = Duration::from_millis(milliseconds);
            prop_assert_eq!(parse(&display(duration)), Ok(duration));
        }
    }
}
