//! What the ledger promises, one file per promise's area; the scenery that they share.

mod content;
mod copy;
mod delivery;
mod document;
mod engine;
mod expectation;
mod failure;
mod finding;
mod journal;
mod node;
mod number;
mod once;
mod retention;
mod server;
mod shelf;
mod trace;
mod view;

use std::io::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;

use super::delivery::{NewDelivery, What};
use super::document::{Body, NewDocument, Recorded};
use super::engine::{Purpose, Session};
use super::envelope::SentEnvelope;
use super::expectation::{About, ExpectationState, INTERCHANGE, NewExpectation, OwedBy};
use super::transmission::{Direction, NewTransmission, TransmissionState};
use super::{Content, Error, Id, Ledger, Transaction};
use crate::config::{LedgerAddress, PostgresAddress};
use crate::document::shipment::ShippedOrder;
use crate::document::{Document, Invoice, Order, Shipment};

/// A ledger in a home of its own, which goes with it: SQLite, or a schema of its own in the PostgreSQL that the environment
/// names.
pub(crate) struct Books {
    pub(crate) ledger: Ledger,
    pub(crate) home: TempDir,
    address: LedgerAddress,
}

impl Books {
    pub(crate) fn new() -> Books {
        let home = tempfile::tempdir().unwrap();
        let address = match std::env::var("EDIGATE_TEST_LEDGER") {
            Ok(server) => a_schema_of_its_own(&server),
            Err(_) => LedgerAddress::Sqlite(home.path().join("ledger.db")),
        };
        let ledger = Ledger::open(&address, home.path()).unwrap();
        Books { ledger, home, address }
    }

    pub(crate) fn address(&self) -> &LedgerAddress {
        &self.address
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.address, LedgerAddress::Sqlite(_))
    }

    /// Another handle, as another process has it.
    pub(crate) fn opened_again(&self) -> Result<Ledger, Error> {
        Ledger::open(&self.address, self.home.path())
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> T {
        self.ledger.write(work).unwrap()
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&mut Transaction<'_>) -> Result<T, Error>) -> T {
        self.ledger.read(work).unwrap()
    }

    /// Closes the ledger and opens it again.
    pub(crate) fn reopened(self) -> Books {
        let Books { ledger, home, address } = self;
        drop(ledger);
        let ledger = Ledger::open(&address, home.path()).unwrap();
        Books { ledger, home, address }
    }

    /// Changes the rows behind the ledger's back, as one would who knows how to get around its guards.
    pub(crate) fn tamper(&self, sql: &str) {
        let table = if self.is_sqlite() { "" } else { "ON event" };
        let guards = format!(
            "DROP TRIGGER IF EXISTS event_is_not_changed {table}; DROP TRIGGER IF EXISTS event_is_not_deleted {table};"
        );
        Session::open(&self.address, Purpose::Writing).unwrap().batch(&format!("{guards}{sql}")).unwrap();
    }

    /// One number that a query yields.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.read(|tx| tx.query_one(sql, &[])?.unwrap().int(0))
    }

    /// One column of a query as texts.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        self.read(|tx| tx.query(sql, &[])?.iter().map(|row| row.text(0)).collect())
    }

    /// The states of every expectation, by set number.
    pub(crate) fn states(&self) -> Vec<String> {
        self.texts("SELECT state FROM expectation ORDER BY opened, interchange_number, set_number")
    }

    pub(crate) fn spooled(&self) -> usize {
        std::fs::read_dir(self.home.path().join("spool")).unwrap().count()
    }
}

/// True when the tests have no server; what is skipped therefore is said where the test harness does not swallow it.
pub(crate) fn no_server_for(what: &str) -> bool {
    let none = std::env::var_os("EDIGATE_TEST_LEDGER").is_none();
    if none {
        let _ = writeln!(std::io::stderr(), "skipped, it needs EDIGATE_TEST_LEDGER=postgres://…: {what}");
    }
    none
}

/// The address of a new schema; the server is thrown away after the tests, and what is in it.
pub(crate) fn a_schema_of_its_own(server: &str) -> LedgerAddress {
    let schema = format!("test_{}", Id::new().as_str().replace('-', ""));
    let server = PostgresAddress { url: server.to_owned(), password: None };
    let mut session = Session::open(&LedgerAddress::Postgres(server.clone()), Purpose::Writing).unwrap();
    session.batch(&format!("CREATE SCHEMA {schema}")).unwrap();
    let url = format!("{}?options=-c%20search_path%3D{schema}", server.url);
    LedgerAddress::Postgres(PostgresAddress { url, ..server })
}

/// So many minutes after the beginning of a day.
pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_772_524_800 + minutes * 60).unwrap()
}

pub(crate) fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

pub(crate) fn order(po_number: &str) -> Document {
    Document::Order(Order { po_number: po_number.to_owned(), ..Order::default() })
}

pub(crate) fn shipment(id: &str, po_numbers: &[&str]) -> Document {
    let part = |po: &&str| ShippedOrder { po_number: (*po).to_owned(), ..ShippedOrder::default() };
    let orders = po_numbers.iter().map(part).collect();
    Document::Shipment(Shipment { shipment_id: id.to_owned(), orders, ..Shipment::default() })
}

pub(crate) fn invoice(number: &str, po_number: Option<&str>) -> Document {
    let po_number = po_number.map(str::to_owned);
    Document::Invoice(Invoice { invoice_number: number.to_owned(), po_number, ..Invoice::default() })
}

/// A transmission whose bytes are its name.
pub(crate) fn transmission(
    tx: &mut Transaction<'_>,
    partner: &str,
    name: &str,
    direction: Direction,
) -> Result<Id, Error> {
    tx.record_transmission(&NewTransmission {
        direction,
        partner: partner.to_owned(),
        endpoint: "folder".to_owned(),
        name: name.to_owned(),
        claim: None,
        message_id: None,
        content: Content::in_memory(name.as_bytes().to_vec()),
        at: at(0),
        state: if direction == Direction::In { TransmissionState::Captured } else { TransmissionState::Built },
    })
}

/// Records a document that a file of its number brought.
pub(crate) fn document(tx: &mut Transaction<'_>, partner: &str, document: &Document) -> Result<Id, Error> {
    document_from(tx, partner, partner, document)
}

/// The same, from somebody who is not the partner whose purchase it belongs to.
pub(crate) fn document_from(
    tx: &mut Transaction<'_>,
    source: &str,
    partner: &str,
    document: &Document,
) -> Result<Id, Error> {
    let transmission = transmission(tx, source, &format!("{}.edi", document.number()), Direction::In)?;
    let recorded = tx.record_document(&NewDocument {
        partner,
        source,
        transmission: &transmission,
        document,
        body: &Body::of(document)?,
        at: at(0),
    })?;
    match recorded {
        Recorded::New(id) | Recorded::Same(id) | Recorded::Changed(id) | Recorded::Earlier(id) => Ok(id),
    }
}

/// The numbers of an interchange with one group of ship notices.
pub(crate) fn envelope(interchange: u32, group: u32, sets: &[&str]) -> SentEnvelope {
    SentEnvelope {
        interchange_control_number: interchange,
        functional_id: "SH".to_owned(),
        group_control_number: group,
        sets: sets.iter().map(|number| ("856".to_owned(), (*number).to_owned())).collect(),
    }
}

/// Records the delivery of a shipment to `mega` under those numbers.
pub(crate) fn delivery(tx: &mut Transaction<'_>, shipment: &Id, sent: &SentEnvelope) -> Result<Id, Error> {
    let name = format!("asn_{:09}.edi", sent.interchange_control_number);
    let transmission = transmission(tx, "mega", &name, Direction::Out)?;
    tx.record_sent_envelope(&transmission, "mega", sent)?;
    tx.record_delivery(&NewDelivery {
        transmission,
        partner: "mega".to_owned(),
        endpoint: "folder".to_owned(),
        name,
        what: What::Document(shipment.clone()),
        label: "856 SHP1".to_owned(),
        po_number: None,
        due: at(0),
    })
}

/// A shipment sent to `mega` for which a 997 is expected within an hour; the delivery's id.
pub(crate) fn awaited(tx: &mut Transaction<'_>, sent: SentEnvelope, opened: Timestamp) -> Result<Id, Error> {
    awaited_by(tx, sent, opened, &["997"])
}

/// The same for answers of those names; the shipment is the ERP's.
pub(crate) fn awaited_by(
    tx: &mut Transaction<'_>,
    sent: SentEnvelope,
    opened: Timestamp,
    answers: &[&str],
) -> Result<Id, Error> {
    let shipment = document_from(tx, "erp", "mega", &shipment("SHP1", &["PO1"]))?;
    let delivery = delivery(tx, &shipment, &sent)?;
    for what in answers {
        let whole = *what == INTERCHANGE;
        let sets = if whole { Vec::new() } else { sent.sets.clone() };
        tx.open_expectation(&NewExpectation {
            partner: "mega".to_owned(),
            what: (*what).to_owned(),
            owed_by: OwedBy::Partner,
            about: About::Delivery(delivery.clone()),
            label: if whole { "interchange 501".to_owned() } else { "856 SHP1".to_owned() },
            document: Some(shipment.clone()),
            set: None,
            envelope: Some(SentEnvelope { sets, ..sent.clone() }),
            opened,
            within: minutes(60),
        })?;
    }
    Ok(delivery)
}

/// A 997 that we owe `mega` within an hour; the delivery's id.
pub(crate) fn owed(tx: &mut Transaction<'_>) -> Result<Id, Error> {
    let delivery = delivery(tx, &Id("interchange".to_owned()), &envelope(77, 77, &["0001"]))?;
    tx.open_expectation(&NewExpectation {
        partner: "mega".to_owned(),
        what: "997".to_owned(),
        owed_by: OwedBy::Us,
        about: About::Delivery(delivery.clone()),
        label: "997 for 000000905".to_owned(),
        document: None,
        set: Some("850".to_owned()),
        envelope: Some(envelope(77, 77, &["0001"])),
        opened: at(0),
        within: minutes(60),
    })?;
    Ok(delivery)
}

/// Closes every expectation in that state.
pub(crate) fn close_all(tx: &mut Transaction<'_>, state: ExpectationState) -> Result<(), Error> {
    for row in tx.query("SELECT id FROM expectation", &[])? {
        tx.close_expectation(&row.id(0)?, state, at(1), None)?;
    }
    Ok(())
}
