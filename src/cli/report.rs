//! `edigate report close`: what was open at the end of a month, for whoever closes the books.

use std::path::Path;

use clap::Subcommand;
use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::ledger::open;
use super::lint::plural;
use super::paint::Paint;
use super::table::{Align, bold_table};
use super::{Exit, Failure, output};
use crate::reconcile::close::{Close, OpenItem, Total, close};

/// Reports for the close of a month
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate report close --month 2026-10\n  edigate report close --month 2026-10 --partner megamart --csv > open.csv\n\
    Exit codes: 0 nothing is open · 1 something is · 2 could not run"
)]
pub struct Args {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(Debug, Subcommand)]
enum Doing {
    /// Everything that was open at a month's end, by partner and kind, with totals that tie to the documents
    ///
    /// Orders are looked at as they stood when the month ended in our own zone: what came later is not there yet. What is to be
    /// paid is what was invoiced less credits, discounts within the terms and payments.
    Close(CloseArgs),
}

#[derive(Debug, clap::Args)]
struct CloseArgs {
    /// The month, such as 2026-10
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Date,
    /// Only of this partner
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// One JSON object
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// CSV with a heading, one row per open thing
    #[arg(long)]
    csv: bool,
}

/// The first day of a month.
fn month(text: &str) -> Result<Date, String> {
    format!("{text}-01").parse().map_err(|_| format!("{text:?} is no month such as 2026-10"))
}

/// The first moment after a month.
fn end_of(month: Date, zone: &TimeZone) -> Result<Timestamp, Failure> {
    let next = month.checked_add(1.month()).and_then(|next| zone.to_timestamp(next.at(0, 0, 0, 0)));
    next.map_err(|error| Failure::new(format!("{month} has no end: {error}")))
}

/// Prints a report.
pub fn run(args: &Args, config: Option<&Path>) -> Result<Exit, Failure> {
    let Doing::Close(args) = &args.doing;
    let (config, ledger) = open(config)?;
    let until = end_of(args.month, &config.us.zone)?;
    let close = ledger
        .read(|tx| close(tx, &config, args.partner.as_deref(), until))
        .map_err(|error| Failure::new(error.to_string()))?;
    if args.json {
        output::json(&json!({ "until": until, "items": close.items, "totals": close.totals }))?;
    } else if args.csv {
        output::bytes(&as_csv(&close.items).map_err(|error| Failure::new(error.to_string()))?)?;
    } else {
        output::text(told(&close, Paint::for_stdout()))?;
    }
    Ok(if close.items.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn as_csv(items: &[OpenItem]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["partner", "kind", "subject", "po_number", "amount", "currency", "detail"])?;
    for item in items {
        let amount = format!("{:.2}", item.amount);
        let po_number = item.po_number.as_deref().unwrap_or_default();
        let currency = item.currency.as_deref().unwrap_or_default();
        writer.write_record([
            &item.partner,
            item.kind.words(),
            &item.subject,
            po_number,
            &amount,
            currency,
            &item.detail,
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn told(close: &Close, paint: Paint) -> String {
    if close.items.is_empty() {
        return "nothing was open\n".to_owned();
    }
    let heading = [
        ("partner", Align::Left),
        ("kind", Align::Left),
        ("subject", Align::Left),
        ("amount", Align::Right),
        ("", Align::Left),
        ("detail", Align::Left),
    ];
    let cells: Vec<Vec<String>> = close
        .items
        .iter()
        .map(|item| {
            vec![
                item.partner.clone(),
                item.kind.words().to_owned(),
                item.subject.clone(),
                format!("{:.2}", item.amount),
                item.currency.clone().unwrap_or_default(),
                item.detail.clone(),
            ]
        })
        .collect();
    let (first, rest) = bold_table(&heading, &cells, paint);
    let totals: String = close.totals.iter().map(total_line).collect();
    format!("{first}{rest}\n{totals}")
}

/// `megamart USD, 1 order: ordered 152.64 · shipped 119.64 · invoiced 119.64 − credited 0.00 − … = to be paid 119.64`.
fn total_line(total: &Total) -> String {
    let currency = total.currency.as_deref().map(|currency| format!(" {currency}")).unwrap_or_default();
    format!(
        "{}{currency}, {}: ordered {:.2} · shipped {:.2} · invoiced {:.2} − credited {:.2} − discount {:.2} − paid {:.2} = to be paid {:.2}\n",
        total.partner,
        plural(total.orders, "open order"),
        total.ordered,
        total.shipped,
        total.invoiced,
        total.credited,
        total.discount,
        total.paid,
        total.to_be_paid
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_at_midnight_of_our_zone() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let end = end_of(month("2026-10").unwrap(), &zone).unwrap();
        assert_eq!(end.to_string(), "2026-11-01T05:00:00Z");
        assert!(month("2026-13").is_err());
    }
}
