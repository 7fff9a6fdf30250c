//! What the books cost where documents and orders meet in numbers: a payment of many orders, an order of many documents.
//!
//! ```text
//! 1,000 orders with their invoices, then one payment of all       ms per order
//! the payment first, then the orders with their invoices          ms per order
//! one order with 1,000 ship notices that come together            ms per document
//! one ship notice more for an order of 2, 100, 1,000, 2,000       ms, and by how much the last costs more than the one before
//! ```
//!
//! What is measured is the reconciliation alone, as the daemon does it, round by round; documents are recorded before.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::report::{Row, announce, percentile};
use super::run::{Home, LedgerLines, ledger_failed};
use super::workspace::Workspace;
use super::{Exit, Failure, tell};
use crate::config::Config;
use crate::daemon::reconciling;
use crate::document::Document;
use crate::ledger::document::{Body, NewDocument};
use crate::ledger::shelf::Shelf;
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::{Content, Error, Ledger, Transaction};

/// The books, where much meets
///
/// Records orders, invoices, ship notices and payments in a new ledger, and measures how long it takes until all of them are held
/// against each other.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  edigate bench books\n  edigate bench books --documents 100 --json\n\
    Exit codes: 0 measured · 2 could not run")]
pub struct Args {
    /// How many orders a payment pays, and how many documents one order has; another has twice as many
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    documents: u32,
    /// Work in a new directory below this one [default: the current directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// JSON, one object per row
    #[arg(long)]
    json: bool,
}

const BOOKS: &str = "books";
const PARTNER: &str = "retailer";

/// Measures them.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    let below = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let workspace = Workspace::below(&below)?;
    let count = args.documents;
    let orders = || (1..=count).flat_map(|number| [order(number), invoice(number)]);
    let mut rows = Vec::new();
    let mut add = |what: String, figure: f64, unit: &'static str| {
        let row = Row::new(BOOKS, what, figure, unit);
        announce(&row);
        rows.push(row);
    };

    let books = Books::new(&workspace, "payment-last")?;
    books.record(orders())?;
    add(format!("{count} orders with an invoice each"), books.keep()? / f64::from(2 * count), "ms/document");
    books.record([payment(count)])?;
    add(format!("then a payment of all {count}"), books.keep()? / f64::from(count), "ms/order");

    let books = Books::new(&workspace, "payment-first")?;
    books.record([payment(count)])?;
    add(format!("a payment of {count} unknown invoices"), books.keep()? / f64::from(count), "ms/invoice");
    books.record(orders())?;
    add("then their orders and invoices".to_owned(), books.keep()? / f64::from(2 * count), "ms/document");

    let mut one_more = Vec::new();
    for notices in [2, count / 10, count, 2 * count] {
        let books = Books::new(&workspace, &format!("one-order-of-{notices}"))?;
        books.record([blanket_order(1)].into_iter().chain((1..=notices).map(shipment)))?;
        let together = books.keep()? / f64::from(notices);
        if notices == count {
            add(format!("one order with {count} ship notices"), together, "ms/document");
        }
        let figure = books.one_more_than(notices)?;
        add(format!("one more for an order of {notices}"), figure, "ms/document");
        one_more.push(figure);
    }
    add(format!("one more for {} beside {count}", 2 * count), one_more[3] / one_more[2], "times");

    tell(&rows, args.json)?;
    Ok(Exit::Fine)
}

/// A ledger of its own.
struct Books {
    config: Arc<Config>,
    ledger: Ledger,
    shelf: Shelf,
    now: Cell<Timestamp>,
}

/// How many documents come one by one, so that no single one is believed.
const ONE_BY_ONE: u32 = 21;

impl Books {
    fn new(workspace: &Workspace, name: &str) -> Result<Books, Failure> {
        let home = Home::with_one_retailer(workspace, name, &LedgerLines::sqlite())?;
        let config = home.config()?;
        let ledger = Ledger::open(&config.ledger, &config.home).map_err(ledger_failed)?;
        let now = Cell::new(Timestamp::now());
        Ok(Books { config: Arc::new(config), ledger, shelf: Shelf::default(), now })
    }

    /// Records documents, as one file brings them.
    fn record(&self, documents: impl IntoIterator<Item = Document>) -> Result<(), Failure> {
        let documents: Vec<Document> = documents.into_iter().collect();
        self.ledger.write(move |tx| record(tx, &documents)).map_err(ledger_failed)
    }

    /// Keeps the books until there is nothing left to do; the milliseconds that it took.
    fn keep(&self) -> Result<f64, Failure> {
        let began = Instant::now();
        while self.round()? > 0 {}
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    /// A round at a moment of its own, so that no order rests.
    fn round(&self) -> Result<usize, Failure> {
        let now = self.now.get() + SignedDuration::from_mins(1);
        self.now.set(now);
        reconciling::round(&self.ledger, &self.config, &self.shelf, now).map_err(ledger_failed)
    }

    /// The milliseconds of one more ship notice for the first order, in the middle of some that come one by one.
    fn one_more_than(&self, notices: u32) -> Result<f64, Failure> {
        let mut figures = Vec::new();
        for number in notices + 1..=notices + ONE_BY_ONE {
            self.record([shipment(number)])?;
            figures.push(self.keep()?);
        }
        figures.sort_by(f64::total_cmp);
        Ok(percentile(&figures, 0.5))
    }
}

fn record(tx: &mut Transaction<'_>, documents: &[Document]) -> Result<(), Error> {
    let at = Timestamp::now();
    let transmission = tx.record_transmission(&NewTransmission {
        direction: Direction::In,
        partner: PARTNER.to_owned(),
        endpoint: "mailbox".to_owned(),
        name: format!("{}.edi", documents.len()),
        claim: None,
        message_id: None,
        content: Content::in_memory(Vec::new()),
        at,
        state: TransmissionState::Processed,
    })?;
    for document in documents {
        let body = Body::of(document)?;
        let (source, transmission, body) = (PARTNER, &transmission, &body);
        tx.record_document(&NewDocument { partner: PARTNER, source, transmission, document, body, at })?;
    }
    Ok(())
}

fn document(json: Value) -> Document {
    // The values below are whole documents of their kinds.
    serde_json::from_value(json).unwrap_or_else(|error| unreachable!("a document of the benchmark: {error}"))
}

/// Twelve lines of so many each.
fn lines(quantity: &str) -> Vec<Value> {
    let line = |number: u32| {
        json!({ "line": format!("{number:03}"), "item": { "buyer": format!("5500{number:02}") },
                "quantity": { "value": quantity, "unit": "EA" }, "price": { "amount": "3.61" } })
    };
    (1..=12).map(line).collect()
}

fn order(number: u32) -> Document {
    order_of(number, "24")
}

/// An order of so much that no number of ship notices is too many.
fn blanket_order(number: u32) -> Document {
    order_of(number, "1000000")
}

fn order_of(number: u32, quantity: &str) -> Document {
    let po_number = format!("PO{number}");
    document(json!({ "kind": "order", "po_number": po_number, "ordered_on": "2026-03-02", "lines": lines(quantity) }))
}

fn invoice(number: u32) -> Document {
    document(json!({ "kind": "invoice", "invoice_number": format!("INV{number}"), "po_number": format!("PO{number}"),
                     "invoiced_on": "2026-03-09", "lines": lines("24") }))
}

/// One of each item of the first order.
fn shipment(number: u32) -> Document {
    let items: Vec<Value> = (1..=12)
        .map(
            |line| json!({ "item": { "buyer": format!("5500{line:02}") }, "quantity": { "value": "1", "unit": "EA" } }),
        )
        .collect();
    let orders = json!([{ "po_number": "PO1", "items": items }]);
    document(json!({ "kind": "shipment", "shipment_id": format!("SHP{number}"), "orders": orders }))
}

/// A payment of so many invoices in full.
fn payment(invoices: u32) -> Document {
    let lines: Vec<Value> = (1..=invoices)
        .map(|number| json!({ "is": "invoice", "number": format!("INV{number}"), "paid": "1039.68" }))
        .collect();
    document(
        json!({ "kind": "remittance", "trace_number": "EFT1", "amount": "0", "paid_on": "2026-04-05", "lines": lines }),
    )
}
