//! `edigate demo`: the whole job on the samples, in a temporary home, with the real daemon.
//!
//! The daemon is the one that `run` starts, on the partners of this tree. Only its clock is another: it begins on
//! 3 March 2026, when the samples were written, and is moved ahead between the acts, so that a deadline of 24 hours
//! can pass while somebody looks on. What the ledger holds at the end is compared with what the samples call for.

mod expected;
mod serve;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::ledger::ack_table;
use super::paint::Paint;
use super::trace::{headline, matrix_table, timeline, zone_of};
use super::{Exit, Failure, init, output};
use crate::config::{Config, load};
use crate::daemon::clock::Clock;
use crate::daemon::running::{Running, open_ledger, start};
use crate::ledger::Ledger;
use crate::ledger::view::Filter;
use crate::reconcile::story::story;
use crate::transport::drop_off;

/// Do the whole job on the samples, in a temporary home, with the real daemon
///
/// Plays five days of trade between a retailer (X12 over folders) and a supplier's ERP (JSON, CSV, XML over folders): orders come
/// in, are checked, acknowledged and handed to the ERP; its answers go out as 855, 856 and 810; the retailer's 997s
/// accept one, reject one, and forget one. Prints the timeline, the acknowledgment ledger and the order's matrix.
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

const RETAILER: &str = "folders/megamart/outbound";
const ERP: &str = "folders/erp/outbox";
const FOLDERS: [&str; 4] = [RETAILER, "folders/megamart/inbound", ERP, "folders/erp/inbox"];

/// A file that somebody leaves at a time.
struct Act {
    at: &'static str,
    folder: &'static str,
    name: &'static str,
    bytes: &'static [u8],
}

/// What happens, in order; times are Chicago's.
const ACTS: [Act; 9] = [
    Act {
        at: "2026-03-03T09:15:02-06",
        folder: RETAILER,
        name: "850_101.edi",
        bytes: include_bytes!("../../samples/megamart/850_101.edi"),
    },
    Act {
        at: "2026-03-03T09:20:11-06",
        folder: RETAILER,
        name: "850_102.edi",
        bytes: include_bytes!("../../samples/megamart/850_102.edi"),
    },
    Act {
        at: "2026-03-03T09:25:40-06",
        folder: RETAILER,
        name: "850_103.edi",
        bytes: include_bytes!("../../samples/megamart/850_103.edi"),
    },
    Act {
        at: "2026-03-03T09:31:07-06",
        folder: RETAILER,
        name: "850_101_again.edi",
        bytes: include_bytes!("../../samples/megamart/850_101.edi"),
    },
    Act {
        at: "2026-03-03T09:41:10-06",
        folder: ERP,
        name: "ack_4500012345.json",
        bytes: include_bytes!("../../samples/erp/ack_4500012345.json"),
    },
    Act {
        at: "2026-03-03T09:53:10-06",
        folder: RETAILER,
        name: "997_201.edi",
        bytes: include_bytes!("../../samples/megamart/997_201.edi"),
    },
    Act {
        at: "2026-03-06T14:10:44-06",
        folder: ERP,
        name: "ship_SHP0000777.csv",
        bytes: include_bytes!("../../samples/erp/ship_SHP0000777.csv"),
    },
    Act {
        at: "2026-03-06T14:12:00-06",
        folder: ERP,
        name: "invoice_INV-20306.xml",
        bytes: include_bytes!("../../samples/erp/invoice_INV-20306.xml"),
    },
    Act {
        at: "2026-03-06T14:31:15-06",
        folder: RETAILER,
        name: "997_202.edi",
        bytes: include_bytes!("../../samples/megamart/997_202.edi"),
    },
];

/// The next afternoon: the 997 for the ship notice has not come.
const NEXT_DAY: &str = "2026-03-07T15:00:00-06";

/// The order whose matrix is shown.
const ORDER: (&str, &str) = ("megamart", "4500012345");

/// The 997 for the file with two sets of which one has errors.
const ANSWER: &str = "folders/megamart/inbound/megamart_997_000000503.edi";

/// How long one act may take; it takes half a second.
const PATIENCE: Duration = Duration::from_secs(20);

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
    prepare(&home)?;
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
        let running = play(&config, &ledger).await?;
        let exit = show(&config, &ledger, began.elapsed())?;
        if let Some(address) = args.serve {
            serve::until_stopped(&ledger, address, running.gateway.clock.now()).await?;
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

fn time(text: &str) -> Result<Timestamp, Failure> {
    text.parse().map_err(|error| Failure::new(format!("{text}: {error}")))
}

async fn play(config: &Config, ledger: &Ledger) -> Result<Running, Failure> {
    let clock = Clock::starting_at(time(ACTS[0].at)?);
    let running = start(config.clone(), ledger.clone(), clock.clone());
    for act in &ACTS {
        clock.advance_to(time(act.at)?);
        drop_off::leave(&config.home.join(act.folder), act.name, act.bytes)
            .map_err(|error| Failure::new(error.to_string()))?;
        wait(&running, act.name, |ledger| is_settled(ledger, act.name)).await?;
    }
    clock.advance_to(time(NEXT_DAY)?);
    running.gateway.books.notify_one();
    let overdue = Filter::in_state("overdue");
    wait(&running, "the overdue acknowledgment", |ledger| {
        ledger.read(|tx| Ok(!tx.acks(&overdue)?.rows.is_empty())).unwrap_or(false)
    })
    .await?;
    Ok(running)
}

/// A file was taken in, and everything that it set off has ended.
fn is_settled(ledger: &Ledger, name: &str) -> bool {
    let all = Filter::default();
    let settled = ledger.read(|tx| {
        let file = tx.transmissions(&all)?.rows.into_iter().find(|row| row.name == name);
        let taken_in = file.is_some_and(|row| row.state != "captured");
        let sent = tx.deliveries(&all)?.rows.iter().all(|row| row.state == "sent");
        Ok(taken_in && sent && tx.open_acknowledgments(1)?.is_empty())
    });
    settled.unwrap_or(false)
}

async fn wait(running: &Running, what: &str, condition: impl Fn(&Ledger) -> bool) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    while !condition(&running.gateway.ledger) {
        if Instant::now() > deadline {
            return Err(Failure::new(format!("waited {PATIENCE:?} in vain for {what}")));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

fn show(config: &Config, ledger: &Ledger, took: Duration) -> Result<Exit, Failure> {
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

/// The 997 that lies in the retailer's folder: the body, without its envelope.
fn answer(config: &Config) -> Result<String, Failure> {
    let path = config.home.join(ANSWER);
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
