//! What was measured: one row per figure, with what it must and should be.
//!
//! ```text
//! measurement  what                   figure  unit     must  met   aim  met
//! files        files taken in         1,234   files/s   400  yes  1500  no
//! ```
//!
//! A row without bounds is there to be compared with: the limits of the disk, peak memory, CPU time.

use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::output;
use crate::cli::table::{Align, table};

/// What a figure is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// More is better.
    AtLeast {
        /// Below this the measurement fails.
        must: f64,
        /// What we aim at.
        aim: f64,
    },
    /// Less is better.
    AtMost {
        /// Above this the measurement fails.
        must: f64,
        /// What we aim at.
        aim: f64,
    },
}

/// The table that the gateway is held to.
pub const FILES: Bounds = Bounds::AtLeast { must: 400.0, aim: 1_500.0 };
/// Documents of one large file, per second.
pub const SETS: Bounds = Bounds::AtLeast { must: 5_000.0, aim: 20_000.0 };
/// Milliseconds from a file's appearance to that of its acknowledgment.
pub const LATENCY: Bounds = Bounds::AtMost { must: 250.0, aim: 50.0 };
/// Milliseconds from a bad file's appearance to that of the alert that explains it.
pub const ALERT: Bounds = Bounds::AtMost { must: 1_000.0, aim: 250.0 };
/// Megabytes while files are queued.
pub const MEMORY: Bounds = Bounds::AtMost { must: 200.0, aim: 100.0 };
/// Percent of a core with nothing to do.
pub const IDLE: Bounds = Bounds::AtMost { must: 1.0, aim: 0.2 };
/// How much slower a full ledger may make anything.
pub const HISTORY: Bounds = Bounds::AtMost { must: 1.3, aim: 1.1 };
/// Milliseconds until a page is there.
pub const PAGE_TIME: Bounds = Bounds::AtMost { must: 100.0, aim: 50.0 };
/// Kilobytes of a page.
pub const PAGE_SIZE: Bounds = Bounds::AtMost { must: 100.0, aim: 50.0 };
/// What the server's ledger may lose against the embedded one.
pub const SERVER: Bounds = Bounds::AtLeast { must: 0.6, aim: 1.0 };

impl Bounds {
    fn must(self) -> f64 {
        match self {
            Bounds::AtLeast { must, .. } | Bounds::AtMost { must, .. } => must,
        }
    }

    fn aim(self) -> f64 {
        match self {
            Bounds::AtLeast { aim, .. } | Bounds::AtMost { aim, .. } => aim,
        }
    }

    fn holds(self, figure: f64, bound: f64) -> bool {
        match self {
            Bounds::AtLeast { .. } => figure >= bound,
            Bounds::AtMost { .. } => figure <= bound,
        }
    }
}

/// One figure.
#[derive(Debug, Clone)]
pub struct Row {
    /// The measurement that it comes from: `files`, `limits` …
    pub measurement: &'static str,
    /// What it says, in words.
    pub what: String,
    /// The figure.
    pub figure: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it is held against, if anything.
    pub bounds: Option<Bounds>,
}

impl Row {
    /// A figure to compare with.
    pub fn new(measurement: &'static str, what: impl Into<String>, figure: f64, unit: &'static str) -> Row {
        Row { measurement, what: what.into(), figure, unit, bounds: None }
    }

    /// The same, held against bounds.
    pub fn held_against(self, bounds: Bounds) -> Row {
        Row { bounds: Some(bounds), ..self }
    }

    /// False when it must be otherwise.
    pub fn meets_must(&self) -> bool {
        self.bounds.is_none_or(|bounds| bounds.holds(self.figure, bounds.must()))
    }

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![self.measurement.to_owned(), self.what.clone(), number(self.figure), self.unit.to_owned()];
        match self.bounds {
            Some(bounds) => cells.extend([
                number(bounds.must()),
                yes_or_no(bounds.holds(self.figure, bounds.must())),
                number(bounds.aim()),
                yes_or_no(bounds.holds(self.figure, bounds.aim())),
            ]),
            None => cells.extend(std::iter::repeat_n(String::new(), 4)),
        }
        cells
    }

    fn json(&self) -> Value {
        let mut row = json!({
            "measurement": self.measurement, "what": self.what, "figure": self.figure, "unit": self.unit,
        });
        if let Some(bounds) = self.bounds {
            row["must"] = bounds.must().into();
            row["must_met"] = bounds.holds(self.figure, bounds.must()).into();
            row["aim"] = bounds.aim().into();
            row["aim_met"] = bounds.holds(self.figure, bounds.aim()).into();
        }
        row
    }
}

impl Serialize for Row {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().serialize(serializer)
    }
}

/// Says a figure as soon as it is known: a benchmark takes minutes.
pub fn announce(row: &Row) {
    output::talk(format!("  {}: {} {} {}", row.measurement, row.what, number(row.figure), row.unit));
}

/// All rows under a heading.
pub fn as_table(rows: &[Row]) -> String {
    let heading = [
        ("measurement", Align::Left),
        ("what", Align::Left),
        ("figure", Align::Right),
        ("unit", Align::Left),
        ("must", Align::Right),
        ("met", Align::Left),
        ("aim", Align::Right),
        ("met", Align::Left),
    ];
    table(&heading, &rows.iter().map(Row::cells).collect::<Vec<_>>())
}

fn yes_or_no(met: bool) -> String {
    if met { "yes" } else { "no" }.to_owned()
}

/// As many digits as mean something, thousands apart: `12,345`, `48.3`, `0.052`.
pub fn number(figure: f64) -> String {
    let decimals = match figure.abs() {
        size if size >= 100.0 || size.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{figure:.decimals$}");
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left.is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or(grouped.clone(), |fraction| format!("{grouped}.{fraction}"))
}

/// The value below which a share of the sorted values lies, by the nearest rank.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).or(sorted.last()).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_at_its_bound_meets_it_and_one_beyond_does_not() {
        let files = |figure| Row::new("files", "files", figure, "files/s").held_against(FILES).meets_must();
        assert_eq!([files(400.0), files(399.9)], [true, false]);
        let idle = |figure| Row::new("idle", "idle", figure, "%").held_against(IDLE).meets_must();
        assert_eq!([idle(1.0), idle(1.1)], [true, false]);
        assert!(Row::new("limits", "fsyncs", 0.0, "per s").meets_must(), "what has no bound cannot miss it");
    }

    #[test]
    fn numbers_have_as_many_digits_as_mean_something() {
        let texts = [1_234_567.8, 400.0, 48.26, 1.0, 1.047, 0.0523, 0.0, -1234.5].map(number);
        assert_eq!(texts, ["1,234,568", "400", "48.3", "1", "1.05", "0.052", "0", "-1,234"]);
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let sorted: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(
            [percentile(&sorted, 0.5), percentile(&sorted, 0.99), percentile(&sorted, 1.0)],
            [100.0, 198.0, 200.0]
        );
        assert_eq!(percentile(&[7.0], 0.5), 7.0);
    }
}
