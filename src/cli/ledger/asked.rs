//! Which rows of the books are asked for on the command line, and in which form they are printed.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::config::duration;
use crate::ledger::view::Filter;

/// Which rows of any view, and in which form.
#[derive(Debug, clap::Args)]
pub(super) struct Rows {
    /// Only of this partner
    #[arg(long, value_name = "PARTNER")]
    pub(super) partner: Option<String>,
    /// Only from a time on: a date (2026-03-01), a time (2026-03-01T09:00:00Z) or an age (24h, 7d)
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    since: Option<Timestamp>,
    /// Only before a time, written in the same ways
    #[arg(long, value_name = "TIME", value_parser = parse_since)]
    until: Option<Timestamp>,
    /// Only what has to do with a number: of a document, an order or an interchange, or the name of a file
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// How many rows at most, the newest ones
    #[arg(long, default_value_t = 1000, value_name = "N")]
    limit: u32,
    /// JSON, one object per line
    #[arg(long, conflicts_with = "csv")]
    pub(super) json: bool,
    /// CSV with a heading
    #[arg(long)]
    pub(super) csv: bool,
}

impl Rows {
    pub(super) fn filter(&self) -> Filter {
        Filter {
            since: self.since,
            until: self.until,
            number: self.number.clone(),
            limit: Some(self.limit),
            ..self.partner.as_deref().map(Filter::of).unwrap_or_default()
        }
    }
}

/// Rows of which some are late.
#[derive(Debug, clap::Args)]
pub(super) struct ClockedRows {
    /// Only what is overdue (deliveries: what is not sent, clocks: what is broken)
    #[arg(long)]
    overdue: bool,
    #[command(flatten)]
    pub(super) rows: Rows,
}

impl ClockedRows {
    /// With `--overdue`, what is in a state.
    pub(super) fn filter(&self, overdue: &str) -> Filter {
        Filter { state: self.overdue.then(|| overdue.to_owned()), ..self.rows.filter() }
    }
}

/// Findings.
#[derive(Debug, clap::Args)]
pub(super) struct FindingRows {
    /// Only what is open or assigned
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    pub(super) rows: Rows,
}

impl FindingRows {
    pub(super) fn filter(&self) -> Filter {
        Filter { state: self.open.then(|| "unsettled".to_owned()), ..self.rows.filter() }
    }
}

/// Answers that are owed, either way.
#[derive(Debug, clap::Args)]
pub(super) struct AnswerRows {
    /// Only about this transaction set, such as 856
    #[arg(long, value_name = "SET")]
    set: Option<String>,
    #[command(flatten)]
    pub(super) clocked: ClockedRows,
}

impl AnswerRows {
    pub(super) fn filter(&self) -> Filter {
        Filter { set: self.set.clone(), ..self.clocked.filter("overdue") }
    }
}

/// Failures.
#[derive(Debug, clap::Args)]
pub(super) struct FailureRows {
    /// Only what stands
    #[arg(long)]
    standing: bool,
    #[command(flatten)]
    pub(super) rows: Rows,
}

impl FailureRows {
    pub(super) fn filter(&self) -> Filter {
        Filter { state: self.standing.then(|| "standing".to_owned()), ..self.rows.filter() }
    }
}

/// Reads a date, a time or an age.
pub(in crate::cli) fn parse_since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        return TimeZone::system().to_timestamp(date.at(0, 0, 0, 0)).map_err(|error| error.to_string());
    }
    // "24h" and "24 h" are the same age.
    let unit = text.find(|found: char| found.is_ascii_alphabetic()).unwrap_or(text.len());
    let spaced = format!("{} {}", text[..unit].trim(), &text[unit..]);
    let age = duration::parse(&spaced).map_err(|_| "expected a date, a time or an age such as 24h or 7d".to_owned())?;
    let age = SignedDuration::try_from(age).map_err(|error| error.to_string())?;
    Timestamp::now().checked_sub(age).map_err(|error| error.to_string())
}
