//! What a page costs on a ledger that looks back on a million documents: the time at the server, and its size.
//!
//! ```text
//! every page, its second page, one of each kind · 100 times each, in turn   ->   p50, p99, bytes
//! ```
//!
//! The ledger is made as for `history`; the daemon is the real one, asked over one connection by somebody who is signed in. What is
//! measured holds the way there and back on this machine as well.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::report::{self, Row, percentile};
use super::run::{Daemon, Home, LedgerLines, ledger_failed};
use super::workspace::{Workspace, refused};
use super::{Exit, Failure, history, tell};
use crate::ledger::people::{Person, Role};
use crate::ledger::{Ledger, Transaction};
use crate::web::people::secret::Secret;

/// The pages, on a large ledger
///
/// Fills a ledger, starts the daemon and asks for every page in turn. Every page must be there within 100 ms for 99 of 100
/// requests, and have fewer than 100 kB.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate bench pages\n  edigate bench pages --documents 100000 --dir /var/tmp\n\
    Exit codes: 0 every \"must\" was met · 1 one was not · 2 could not run")]
pub struct Args {
    /// Documents in the ledger
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(100..=100_000_000))]
    documents: u32,
    /// How often each page is asked for
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// Work in a new directory below this one [default: the current directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// JSON, one object per row
    #[arg(long)]
    json: bool,
}

const PAGES: &str = "pages";
/// How long one answer may take before the benchmark is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures every page.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let below = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let workspace = Workspace::below(&below)?;
    history::expect_room(&workspace.path(), args.documents)?;
    let home = Home::with_one_retailer(&workspace, PAGES, &LedgerLines::sqlite())?;
    history::generate(&home, args.documents, &workspace.interrupt)?;
    let port = listen(&home)?;
    let (cookie, paths) = prepare(&home, args.documents)?;
    let mut daemon = Daemon::start(&home)?;
    daemon.wait_until_ready(&workspace.interrupt)?;
    let browser = Browser::new(port, &cookie)?;
    let mut paths = paths;
    for path in paths.clone() {
        paths.extend(browser.next_page(&path)?);
    }
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..args.runs {
        for path in &paths {
            daemon.check(&workspace.interrupt)?;
            let began = Instant::now();
            let text = browser.page(path)?;
            times.entry(path).or_default().push(began.elapsed().as_secs_f64() * 1e3);
            let size = sizes.entry(path).or_default();
            *size = text.len().max(*size);
        }
    }
    let rows = rows(times, &sizes);
    tell(&rows, args.json)?;
    Ok(if rows.iter().all(Row::meets_must) { Exit::Fine } else { Exit::Findings })
}

fn rows(times: BTreeMap<&str, Vec<f64>>, sizes: &BTreeMap<&str, usize>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (path, mut times) in times {
        times.sort_by(f64::total_cmp);
        let name = name(path);
        rows.push(Row::new(PAGES, format!("{name}: p50"), percentile(&times, 0.5), "ms"));
        rows.push(
            Row::new(PAGES, format!("{name}: p99"), percentile(&times, 0.99), "ms").held_against(report::PAGE_TIME),
        );
    }
    if let Some((path, size)) = sizes.iter().max_by_key(|(_, size)| **size) {
        let what = format!("the largest page: {}", name(path));
        rows.push(Row::new(PAGES, what, *size as f64 / 1e3, "kB").held_against(report::PAGE_SIZE));
    }
    rows
}

/// A page as its row names it: a cursor says nothing to a person.
fn name(path: &str) -> String {
    match path.split_once("after=") {
        Some((before, _)) => format!("{}, the next page", before.trim_end_matches(['?', '&'])),
        None => path.to_owned(),
    }
}

/// Adds a listener to a home; returns its port.
fn listen(home: &Home) -> Result<u16, Failure> {
    let file = home.file("gateway.toml");
    let bound = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = bound.map_err(|error| Failure::new(format!("no port is free: {error}")))?.port();
    let text = std::fs::read_to_string(&file).map_err(refused("read", &file))?;
    let table = format!("\n[[listen]]\naddress = \"127.0.0.1:{port}\"\nserves = [\"pages\"]\n");
    std::fs::write(&file, text + &table).map_err(refused("write", &file))?;
    Ok(port)
}

/// Signs somebody in, and finds one of each kind to look at: what their browser holds, and the paths.
fn prepare(home: &Home, documents: u32) -> Result<(String, Vec<String>), Failure> {
    let config = home.config()?;
    let ledger = Ledger::open(&config.ledger, &config.home).map_err(ledger_failed)?;
    let (secret, now) = (Secret::new(), Timestamp::now());
    let id = secret.hash();
    let signed_in = ledger.write(move |tx| {
        let (name, role) = ("bench".to_owned(), Role::Admin);
        tx.add_person(&Person { name, role, partners: None, created: now, disabled: None, password: None })?;
        tx.begin_sign_in(&id, "bench", "127.0.0.1", now, Timestamp::MIN)
    });
    signed_in.map_err(ledger_failed)?;
    let one = |sql: &str| {
        let found = ledger
            .read(|tx: &mut Transaction<'_>| tx.query_one(sql, &[])?.map_or(Ok(String::new()), |row| row.text(0)));
        found.map_err(ledger_failed)
    };
    let document = one("SELECT id FROM document ORDER BY at DESC, id DESC LIMIT 1")?;
    let delivery = one("SELECT id FROM delivery ORDER BY created DESC, id DESC LIMIT 1")?;
    let file = one("SELECT transmission FROM document ORDER BY at DESC, id DESC LIMIT 1")?;
    let po = history::po(documents / 2);
    let whose = one(&format!("SELECT partner FROM document_order WHERE po_number = '{po}'"))?;
    let mut paths: Vec<String> = [
        "/",
        "/acknowledgments",
        "/acknowledgments?partner=retailer&state=overdue",
        "/acknowledgments?partner=retailer&state=met",
        "/acknowledgments?set=856",
        "/acknowledgments?partner=retailer&set=820",
        "/orders",
        "/documents",
        "/documents?partner=retailer",
        "/findings",
        "/failures",
        "/failures?partner=retailer&state=all",
        "/deliveries",
        "/deliveries?state=unsent",
        "/partners",
        "/partners/retailer",
        "/partners/retailer/guides/850/004010",
        "/journal",
        "/journal?partner=retailer",
        "/nodes",
        "/people",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(format!("/documents?number={po}"));
    paths.push(format!("/orders/{whose}/{po}"));
    paths.extend([format!("/documents/{document}"), format!("/deliveries/{delivery}"), format!("/files/{file}")]);
    Ok((format!("edigate={}", secret.text()), paths))
}

/// Somebody who is signed in.
struct Browser {
    client: reqwest::blocking::Client,
    address: String,
    cookie: String,
}

impl Browser {
    fn new(port: u16, cookie: &str) -> Result<Browser, Failure> {
        let client = reqwest::blocking::Client::builder().timeout(PATIENCE).no_proxy();
        let client = client.redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|error| Failure::new(format!("no client of HTTP: {error}")))?;
        Ok(Browser { client, address: format!("http://127.0.0.1:{port}"), cookie: cookie.to_owned() })
    }

    fn page(&self, path: &str) -> Result<String, Failure> {
        let asked = self.client.get(format!("{}{path}", self.address)).header("Cookie", &self.cookie).send();
        let failed = |error: reqwest::Error| Failure::new(format!("{path} was not answered: {error}"));
        let answer = asked.map_err(failed)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(Failure::new(format!("{path} was answered by {status}")));
        }
        answer.text().map_err(failed)
    }

    /// The page behind a page of a list, if there is one.
    fn next_page(&self, path: &str) -> Result<Option<String>, Failure> {
        let text = self.page(path)?;
        let (place, _) = path.split_once('?').unwrap_or((path, ""));
        // The link stands before its `rel`.
        let link = text.split_once("\" rel=\"next\"").and_then(|(before, _)| before.rsplit_once("href=\""));
        Ok(link.map(|(_, query)| format!("{place}{}", query.replace("&#38;", "&"))))
    }
}
