//! `edigate demo`: the whole job on the samples, in a temporary home, with the real daemon.
//!
//! The daemon is the one that `run` starts, on the partners of this tree. Only its clock is another: it begins on
//! 3 March 2026, when the samples were written, and is moved ahead between the acts, so that a deadline of 24 hours
//! can pass while somebody looks on. What the ledger holds at the end is compared with what the samples call for.

mod acts;
mod play;
mod expected;
mod serve;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::ledger::ack_table;
use super::paint::Paint;
use super::table::{Align, bold_table};
use super::trace::{headline, matrix_table, timeline, zone_of};
use super::{Exit, Failure, init, output};
use crate::config::{Config, load};
use crate::daemon::running::open_ledger;
use crate::daemon::troubles::in_words;
use crate::ledger::Ledger;
use crate::ledger::need::Need;
use crate::ledger::view::Filter;
use crate::reconcile::story::story;

/// Do the whole job on the samples, in a temporary home, with the real daemon
///
/// Plays five days of trade between a retailer (X12 over folders) and a supplier's ERP (JSON, CSV, XML over folders): orders come
/// in, are checked, acknowledged and handed to the ERP; its answers go out as 855, 856 and 810; the retailer's 997s
/// accept one, reject one, and forget one. One order is shipped late and too much of it, billed wrongly and twice, and paid
/// short; the mailbox goes away while a ship notice runs out of time. Prints the timeline, the acknowledgment ledger, an order's
/// matrix and what needs a person.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  edigate demo\n  edigate demo --serve\n  edigate demo --keep /tmp/edigate-demo\n  \
    edigate demo --prepare try && edigate run --config try/gateway.toml\n\
    Exit codes: 0 the ledger holds exactly what the samples call for · 1 it does not · 2 could not run"
)]
pub struct Args {
    /// Leave the home here for a look; the directory must not exist or be empty
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Show what the ledger holds at the end: pages, API and figures, on this machine alone, until it is interrupted
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = serve::USUAL, value_parser = serve::address)]
    serve: Option<SocketAddr>,
    /// Only write the home: configuration, partners and empty folders, to play with `edigate run`
    #[arg(long, value_name = "DIR", conflicts_with_all = ["keep", "serve"])]
    prepare: Option<PathBuf>,
}

/// The partners and samples of this tree are in the binary, so that the demo runs wherever the binary is.
const FILES: [(&str, &str); 7] = [
    ("gateway.toml", init::GATEWAY_TOML),
    ("partners/megamart/partner.toml", include_str!("../../partners/megamart/partner.toml")),
    ("partners/erp/partner.toml", include_str!("../../partners/erp/partner.toml")),
    ("partners/erp/order.map.toml", include_str!("../../partners/erp/order.map.toml")),
    ("partners/erp/order_ack.map.toml", include_str!("../../partners/erp/order_ack.map.toml")),
    ("partners/erp/shipment.map.toml", include_str!("../../partners/erp/shipment.map.toml")),
    ("partners/erp/invoice.map.toml", include_str!("../../partners/erp/invoice.map.toml")),
];

/// Where the ERP takes its files.
const INBOX: &str = "folders/erp/inbox";
const FOLDERS: [&str; 4] = [acts::RETAILER, acts::MAILBOX, acts::ERP, INBOX];

/// What a demo that is played adds to the example: who is told of failures, where the pager is, that payments and texts come.
const ADDED: [(&str, &str); 3] = [
    ("gateway.toml", include_str!("demo/alerts.toml")),
    // Nobody listens there.
    ("pager.url", "http://127.0.0.1:9/\n"),
    ("partners/megamart/partner.toml", include_str!("demo/for_the_books.toml")),
];

/// The order whose matrix is shown.
const ORDER: (&str, &str) = ("megamart", "4500012345");

/// The 997 for the file with two sets of which one has errors.
const ANSWER: &str = "megamart_997_000000503.edi";

/// Plays the demo, or prepares its home.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(home) = &args.prepare {
        prepare(home)?;
        let file = home.join("gateway.toml");
        output::line(format!("prepared {}\nnext: edigate run --config {}", home.display(), file.display()))?;
        return Ok(Exit::Fine);
    }
    let temporary = tempfile::tempdir().map_err(|error| Failure::new(format!("no temporary directory: {error}")))?;
    let home = args.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    let home = std::path::absolute(&home).unwrap_or(home);
    prepare(&home)?;
    add(&home)?;
    if let Some(address) = args.serve {
        serve::listen(&home.join("gateway.toml"), address)?;
    }
    let began = Instant::now();
    let config = load::load(&home.join("gateway.toml")).map(|(config, _)| config).map_err(|errors| {
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::new(format!("the demo's configuration is wrong\n{}", texts.join("\n")))
    })?;
    let ledger = open_ledger(&config).map_err(|error| Failure::new(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let running = play::play(&config, &ledger).await?;
        let now = running.gateway.clock.now();
        let exit = show(&config, &ledger, now, began.elapsed())?;
        if let Some(address) = args.serve {
            serve::until_stopped(&ledger, address, &home, now).await?;
        }
        if !running.drain(config.drain_within).await {
            return Err(Failure::new("the daemon did not stop in time"));
        }
        if args.serve.is_none() || args.keep.is_some() {
            say_what_next(args, &home)?;
        }
        Ok(exit)
    })
}

fn prepare(home: &Path) -> Result<(), Failure> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| Failure::new(format!("cannot write {path}: {error}"))
    };
    let taken = fs::read_dir(home).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(
            Failure::new(format!("{} is not empty", home.display())).hint("name a directory that does not exist")
        );
    }
    for (name, text) in FILES {
        let path = home.join(name);
        let parent = path.parent().unwrap_or(home);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        fs::write(&path, text).map_err(failed(&path))?;
    }
    for name in FOLDERS {
        let path = home.join(name);
        fs::create_dir_all(&path).map_err(failed(&path))?;
    }
    Ok(())
}

/// Adds to a home what is played; and since whoever leaves a file in the demo leaves it whole, nobody waits long for the rest.
fn add(home: &Path) -> Result<(), Failure> {
    let change = |name: &str, change: &dyn Fn(String) -> String| {
        let path = home.join(name);
        // What is not there yet begins empty.
        let text = change(fs::read_to_string(&path).unwrap_or_default());
        fs::write(&path, text).map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
    };
    for (name, more) in ADDED {
        change(name, &|text| text + &more.replace("HOME", &home.display().to_string()))?;
    }
    for name in ["partners/megamart/partner.toml", "partners/erp/partner.toml"] {
        change(name, &|text| text.replace("settle = \"200 ms\"", "settle = \"50 ms\""))?;
    }
    Ok(())
}

fn show(config: &Config, ledger: &Ledger, now: Timestamp, took: Duration) -> Result<Exit, Failure> {
    let paint = Paint::for_stdout();
    let failed = |error: crate::ledger::Error| Failure::new(error.to_string());
    let all = Filter::default();
    let (events, acks) =
        ledger.read(|tx| Ok((tx.events(&all)?.oldest_first(), tx.acks(&all)?.oldest_first()))).map_err(failed)?;
    output::line(paint.bold("What happened (Chicago time, on a clock that is moved ahead between the acts)"))?;
    output::text(timeline(&events, &zone_of(config, ORDER.0), paint))?;
    output::line(format!("\n{}", paint.bold(&format!("How we answered the file with errors ({ANSWER})"))))?;
    output::text(answer(config)?)?;
    output::line(format!("\n{}", paint.bold("Acknowledgments")))?;
    output::text(ack_table(config, &acks, paint))?;
    if let Some(story) = story(ledger, config, ORDER.0, ORDER.1).map_err(failed)? {
        output::line(format!("\n{}", paint.bold(&headline(config, &story))))?;
        output::text(matrix_table(&story.matrix, paint))?;
    }
    output::line(format!("\n{}", paint.bold("What needs a person now, by money and by the time that is left")))?;
    let needs = ledger.read(|tx| tx.needs(None, now, NEEDS)).map_err(failed)?;
    output::text(needs_table(&needs, now, paint))?;
    let differences = expected::differences(ledger, config).map_err(failed)?;
    output::line("")?;
    if differences.is_empty() {
        let verdict = paint.green("The ledger holds exactly what the samples call for.");
        output::line(format!("{verdict} {:.1} s", took.as_secs_f64()))?;
        return Ok(Exit::Fine);
    }
    output::line(paint.red("The ledger does not hold what the samples call for:"))?;
    for difference in differences {
        output::line(format!("  {difference}"))?;
    }
    Ok(Exit::Findings)
}

/// How many needs are looked at from each source.
const NEEDS: u32 = 50;

fn needs_table(needs: &[Need], now: Timestamp, paint: Paint) -> String {
    let time = |need: &Need| match need.due {
        Some(due) if due > now => format!("{} left", in_words(due.duration_since(now))),
        Some(due) => format!("late by {}", in_words(now.duration_since(due))),
        None => format!("for {}", in_words(now.duration_since(need.since))),
    };
    let row = |need: &Need| {
        let money = need.money.map(|money| format!("{money:.2} {}", need.currency.as_deref().unwrap_or_default()));
        let owner = need.owner.as_ref().map(|owner| format!(" ({owner} sees to it)")).unwrap_or_default();
        vec![money.unwrap_or_default(), time(need), need.subject.clone(), format!("{}{owner}", need.what)]
    };
    let rows: Vec<Vec<String>> = needs.iter().map(row).collect();
    let heading = [("at stake", Align::Right), ("time", Align::Left), ("about", Align::Left), ("what", Align::Left)];
    let (first, rest) = bold_table(&heading, &rows, paint);
    first + &rest
}

/// The 997 that lies in the retailer's folder: the body, without its envelope.
fn answer(config: &Config) -> Result<String, Failure> {
    let path = config.home.join(acts::GONE).join(ANSWER);
    let text = fs::read_to_string(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let body = text.lines().filter(|line| line.starts_with("AK"));
    Ok(body.map(|line| format!("  {line}\n")).collect())
}

fn say_what_next(args: &Args, home: &Path) -> Result<(), Failure> {
    // As it was called, so that the line can be pasted back.
    let edigate = std::env::args().next().unwrap_or_else(|| "edigate".to_owned());
    let (home, file) = (home.display(), home.join("gateway.toml"));
    output::line(match &args.keep {
        Some(_) => format!("Everything is in {home}. Next: {edigate} trace {} --config {}", ORDER.1, file.display()),
        None => {
            format!("Next: {edigate} demo --serve shows all of it in a browser; {edigate} init DIR starts your own.")
        }
    })
}
