//! A ledger that looks back on years of business, made in minutes.
//!
//! ```text
//! a file of ten orders  ->  1 transmission, interchange and group, 10 sets and documents, 10 deliveries to the ERP with
//!                           their attempts, the 997 with its envelope, delivery and clock, 23 events in the journal
//! ```
//!
//! The rows are those that the daemon writes, every event is hashed into its chain, all indexes are there. Only the way is
//! another: one connection, large transactions, and no fsync until the end, since nothing is lost that could not be made
//! again. Twenty partners share the business, one of them the retailer that the measurements are about.
//!
//! The documents are orders of one line, and the bytes that were exchanged are short stand-ins: what a full ledger costs
//! is the number of its rows and the size of its indexes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::Connection;

use super::load;
use super::report::number;
use super::run::{Home, ledger_failed};
use super::workspace::{Interrupt, refused, settle_disk};
use crate::cli::{Failure, output};
use crate::config::LedgerAddress;
use crate::ledger::content::hex;
use crate::ledger::delivery::idempotency;
use crate::ledger::engine::Value;
use crate::ledger::event::{COLUMNS, NO_EVENT, chain_hash};
use crate::ledger::{Id, Ledger};
use crate::normalize;
use crate::x12::examine::examine;
use crate::x12::guide::Library;

/// How many orders came in one file.
const PER_FILE: u32 = 10;

/// How many partners share the business; the first is the retailer.
const PARTNERS: u32 = 20;

/// Documents in one transaction of the generator.
const PER_COMMIT: u32 = 20_000;

/// The history goes back this far, and ends an hour ago.
const SPAN: Duration = Duration::from_secs(400 * 86_400);
const ENDED: Duration = Duration::from_secs(3_600);

/// What generating took.
#[derive(Debug, Clone, Copy)]
pub struct Generated {
    /// How long.
    pub took: Duration,
    /// How large the ledger is.
    pub bytes: u64,
}

/// The PO number of an order of the history; those of the load are higher.
pub fn po(order: u32) -> u64 {
    4_000_000_000 + u64::from(order)
}

/// What a document takes on the disk, with everything that belongs to it; a little more than was measured.
const BYTES_PER_DOCUMENT: u64 = 6_000;

/// Fails when a history of so many documents would fill the disk.
pub fn expect_room(directory: &Path, documents: u32) -> Result<(), Failure> {
    let needed = u64::from(documents) * BYTES_PER_DOCUMENT;
    match free_bytes(directory) {
        Some(free) if free < needed => {
            let [needed, free] = [needed, free].map(|bytes| number(bytes as f64 / 1e9));
            let why = format!("a history of {} documents needs {needed} GB", number(f64::from(documents)));
            Err(Failure::new(format!("{why}, and {} has {free} GB left", directory.display()))
                .hint("make it smaller with --documents, name another --dir, or leave it out with --only"))
        }
        _ => Ok(()),
    }
}

/// What the file system of a directory has left, as `df` says; `None` where there is no such program.
fn free_bytes(directory: &Path) -> Option<u64> {
    let said = Command::new("df").arg("-Pk").arg(directory).stdin(Stdio::null()).output().ok()?;
    let line = String::from_utf8(said.stdout).ok()?.lines().nth(1)?.to_owned();
    // Device, blocks, used, available, …; the device's name may hold spaces, the columns behind it do not.
    let fields: Vec<&str> = line.split_whitespace().collect();
    let percent = fields.iter().position(|field| field.ends_with('%'))?;
    let kilobytes: u64 = fields.get(percent.checked_sub(1)?)?.parse().ok()?;
    Some(kilobytes << 10)
}

/// Fills a home's ledger, which must not exist yet.
pub fn generate(home: &Home, documents: u32, interrupt: &Interrupt) -> Result<Generated, Failure> {
    let config = home.config()?;
    let LedgerAddress::Sqlite(path) = &config.ledger else {
        return Err(Failure::new("the history is made for the embedded ledger"));
    };
    output::talk(format!("history: making {} documents", number(f64::from(documents))));
    let began = Instant::now();
    // Opened and closed again: its tables, indexes and guards are the ledger's own.
    drop(Ledger::open(&config.ledger, &config.home).map_err(ledger_failed)?);
    let connection = Connection::open(path).map_err(failed)?;
    connection.execute_batch(SETTINGS).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    fill(&connection, documents, began, interrupt)?;
    connection.execute_batch("PRAGMA journal_mode = WAL").map_err(failed)?;
    drop(connection);
    settle_disk(&home.file("."));
    let bytes = path.metadata().map_err(refused("look at", path))?.len();
    let generated = Generated { took: began.elapsed(), bytes };
    let size = number(bytes as f64 / 1e6);
    output::talk(format!("history: made in {:.0} s, {size} MB", generated.took.as_secs_f64()));
    Ok(generated)
}

/// A power failure may take all of it, and nobody reads it meanwhile.
const SETTINGS: &str = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -524288;";

fn failed(error: rusqlite::Error) -> Failure {
    Failure::new(format!("the history cannot be made: {error}"))
}

fn fill(connection: &Connection, documents: u32, began: Instant, interrupt: &Interrupt) -> Result<(), Failure> {
    let mut books = Books::new(connection, documents)?;
    let (mut made, mut file, mut told) = (0, 0, 0);
    while made < documents {
        connection.execute_batch("BEGIN").map_err(failed)?;
        let until = documents.min(made + PER_COMMIT);
        while made < until {
            interrupt.check()?;
            let orders = PER_FILE.min(documents - made);
            books.file(file, made, orders)?;
            (made, file) = (made + orders, file + 1);
        }
        connection.execute_batch("COMMIT").map_err(failed)?;
        let tenth = u64::from(made) * 10 / u64::from(documents);
        if tenth > told {
            told = tenth;
            output::talk(format!("history: {} made, {:.0} s", number(f64::from(made)), began.elapsed().as_secs_f64()));
        }
    }
    books.close()
}

/// The ledger on its way.
struct Books<'c> {
    connection: &'c Connection,
    /// The canonical JSON of an order, around its PO number.
    body: (String, String),
    partners: Vec<Journal>,
    starts: i64,
    /// Microseconds between two files.
    step: i64,
}

/// A partner's journal so far.
struct Journal {
    partner: String,
    isa: String,
    sequence: i64,
    hash: String,
    /// The last control number that we used with it.
    sent: i64,
}

/// One file with its time, and what it became.
struct Received {
    partner: usize,
    at: i64,
    control: u32,
    transmission: Value,
    interchange: Value,
    group: Value,
}

impl<'c> Books<'c> {
    fn new(connection: &'c Connection, documents: u32) -> Result<Books<'c>, Failure> {
        let files = i64::from(documents.div_ceil(PER_FILE).max(1));
        let span = i64::try_from(SPAN.as_micros()).unwrap_or(i64::MAX);
        let partners = (0..PARTNERS).map(|number| {
            let (partner, isa) = match number {
                0 => ("retailer".to_owned(), format!("ZZ:{}", load::RETAILER_ISA)),
                _ => (format!("customer-{number:02}"), format!("ZZ:BENCHCUST{number:02}")),
            };
            Journal { partner, isa, sequence: 0, hash: NO_EVENT.to_owned(), sent: 0 }
        });
        let ended = Timestamp::now().as_microsecond() - i64::try_from(ENDED.as_micros()).unwrap_or(0);
        let partners = partners.collect();
        Ok(Books { connection, body: body()?, partners, starts: ended - span, step: span / files })
    }

    fn insert(&self, sql: &str, values: &[Value]) -> Result<(), Failure> {
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        statement.execute(rusqlite::params_from_iter(values)).map(|_| ()).map_err(failed)
    }

    fn name(&self, received: &Received) -> &str {
        &self.partners[received.partner].partner
    }

    /// A file of orders: received, taken in, handed on, answered.
    fn file(&mut self, file: u32, first: u32, orders: u32) -> Result<(), Failure> {
        let received = self.receive(file)?;
        let event = Event {
            kind: "received",
            at: received.at,
            transmission: received.transmission.clone(),
            ..Event::default()
        };
        let text = format!("received 850_{:09}.edi by mailbox, 700 bytes", received.control);
        self.event(received.partner, event, text, json(r#"{"file":"850.edi","bytes":700}"#))?;
        let mut handed = Vec::new();
        for ordinal in 0..orders {
            handed.push(self.order(&received, ordinal, first + ordinal)?);
        }
        self.answer(&received)?;
        for (event, text) in handed {
            self.event(received.partner, event, text, json(r#"{"file":"order.json","endpoint":"inbox"}"#))?;
        }
        Ok(())
    }

    fn receive(&mut self, file: u32) -> Result<Received, Failure> {
        let partner = (file % PARTNERS) as usize;
        let control = file / PARTNERS + 1;
        let at = self.starts + i64::from(file) * self.step;
        let name = format!("850_{control:09}.edi");
        let claim = format!("{}-{name}", Id::new().as_str().replace('-', ""));
        let bytes = format!("the orders of file {file}");
        let transmission = self.transmission(partner, ["in", "mailbox", "processed"], &name, Some(claim), bytes, at)?;
        let (interchange, group) = (id(), id());
        let journal = &self.partners[partner];
        let ends = [journal.isa.clone(), format!("ZZ:{}", load::OUR_ISA)];
        let whose = journal.partner.clone();
        self.interchange(&interchange, &whose, ["in", "accepted"], &transmission, ends, control.into())?;
        self.group(&group, &whose, ["in", "PO"], &interchange, control.into(), "accepted".into())?;
        Ok(Received { partner, at, control, transmission, interchange, group })
    }

    /// One order; returns the event of its delivery, which stands behind that of the answer.
    fn order(&mut self, received: &Received, ordinal: u32, order: u32) -> Result<(Event, String), Failure> {
        let (document, at, po) = (id(), received.at, format!("{:010}", po(order)));
        let partner: Value = self.name(received).into();
        self.set(received, ordinal, &document)?;
        let body = format!("{}{po}{}", self.body.0, self.body.1);
        self.insert(
            "INSERT INTO document (id, partner, kind, business_key, revision, number, source, test, body, transmission, at)
             VALUES (?1, ?2, 'order', ?3, 1, ?3, ?2, 0, ?4, ?5, ?6)",
            &[document.clone(), partner.clone(), po.clone().into(), body.into(), received.transmission.clone(), at.into()],
        )?;
        self.insert(
            "INSERT INTO document_order (partner, po_number, document) VALUES (?1, ?2, ?3)",
            &[partner, po.clone().into(), document.clone()],
        )?;
        let accepted = Event {
            kind: "accepted",
            at,
            transmission: received.transmission.clone(),
            document: document.clone(),
            po_number: po.clone().into(),
            ..Event::default()
        };
        self.event(received.partner, accepted, format!("accepted order {po}: 1 line, 86.64 USD"), json("null"))?;
        let (name, label) = (format!("{po}.json"), format!("850 {po}"));
        let sent = self.deliver(["erp", "inbox"], &name, &label, document.clone(), Value::Null, at)?;
        let delivered = Event { kind: "delivered", document, po_number: po.into(), ..sent };
        Ok((delivered, format!("{label} handed to erp as {name}")))
    }

    /// The 997 for a file, and the clock of ours that it met.
    fn answer(&mut self, received: &Received) -> Result<(), Failure> {
        let (at, control) = (received.at, received.control);
        self.partners[received.partner].sent += 1;
        let (sent, partner) = (self.partners[received.partner].sent, self.name(received).to_owned());
        let (name, label) = (format!("{partner}_997_{sent:09}.edi"), format!("997 for {control:09}"));
        let answered =
            Event { kind: "acknowledged", at, transmission: received.transmission.clone(), ..Event::default() };
        let text = format!("we answered {control:09}: group {control} accepted");
        self.event(received.partner, answered, text, json("{}"))?;
        let answers = received.interchange.clone();
        let delivered = self.deliver([&partner, "mailbox"], &name, &label, Value::Null, answers, at)?;
        let (interchange, group) = (id(), id());
        let nobody = [String::new(), String::new()];
        self.interchange(&interchange, &partner, ["out", "sent"], &delivered.transmission, nobody, sent)?;
        self.group(&group, &partner, ["out", "FA"], &interchange, sent, Value::Null)?;
        self.insert(
            "INSERT INTO transaction_set (id, partner, functional_group, ordinal, code, control_number, byte_start, byte_end)
             VALUES (?1, ?2, ?3, 1, '997', '0001', 0, 0)",
            &[id(), partner.clone().into(), group],
        )?;
        self.insert(
            "INSERT INTO expectation (id, partner, what, owed_by, delivery, label, interchange_number, functional_id,
                                      group_number, set_id, set_number, opened, within, due, state, closed)
             VALUES (?1, ?2, '997', 'us', ?3, ?4, ?5, 'FA', ?5, '', '', ?6, 86400000000, ?6 + 86400000000, 'met', ?6)",
            &[id(), partner.into(), delivered.delivery.clone(), label.clone().into(), sent.into(), at.into()],
        )?;
        let text = format!("{label} sent as {name}");
        self.event(received.partner, delivered, text, json(r#"{"file":"997.edi","endpoint":"mailbox"}"#))
    }

    fn set(&self, received: &Received, ordinal: u32, document: &Value) -> Result<(), Failure> {
        let number = format!("{:04}", ordinal + 1);
        let start = i64::from(ordinal) * 700 + 150;
        self.insert(
            "INSERT INTO transaction_set (id, partner, functional_group, ordinal, code, control_number, byte_start, byte_end,
                                          verdict, document)
             VALUES (?1, ?2, ?3, ?4, '850', ?5, ?6, ?6 + 700, 'accepted', ?7)",
            &[
                id(),
                self.name(received).into(),
                received.group.clone(),
                (ordinal + 1).into(),
                number.into(),
                start.into(),
                document.clone(),
            ],
        )
    }

    /// Something that went out; returns the beginnings of its event.
    fn deliver(
        &mut self,
        [partner, endpoint]: [&str; 2],
        name: &str,
        label: &str,
        document: Value,
        answers: Value,
        at: i64,
    ) -> Result<Event, Failure> {
        let (delivery, sent) = (id(), at + 80_000);
        let transmission = self.sent(partner, endpoint, name, at)?;
        let carried = if let Value::Null = document { &answers } else { &document };
        let Value::Text(carried) = carried else { return Err(Failure::new("a delivery carries something")) };
        let key = idempotency(&Id(carried.clone()), &format!("{partner} {endpoint} {name}"));
        let receipt = format!("/var/lib/edigate/folders/{partner}/{name}");
        self.insert(
            "INSERT INTO delivery (id, partner, endpoint, transmission, name, label, idempotency, document, answers, state,
                                   due, attempts, receipt, created, sent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'sent', ?10, 1, ?11, ?10, ?12)",
            &[
                delivery.clone(),
                partner.into(),
                endpoint.into(),
                transmission.clone(),
                name.into(),
                label.into(),
                key.into(),
                document,
                answers,
                at.into(),
                receipt.clone().into(),
                sent.into(),
            ],
        )?;
        self.insert(
            "INSERT INTO attempt (delivery, number, partner, at, outcome, detail) VALUES (?1, 1, ?2, ?3, 'sent', ?4)",
            &[delivery.clone(), partner.into(), sent.into(), receipt.into()],
        )?;
        Ok(Event { kind: "delivered", at: sent, transmission, delivery, ..Event::default() })
    }

    fn sent(&self, partner: &str, endpoint: &str, name: &str, at: i64) -> Result<Value, Failure> {
        let bytes = format!("what was sent to {partner} as {name}");
        self.put_transmission(partner.into(), ["out", endpoint, "built"], name, None, bytes, at)
    }

    fn transmission(
        &self,
        partner: usize,
        how: [&str; 3],
        name: &str,
        claim: Option<String>,
        bytes: String,
        at: i64,
    ) -> Result<Value, Failure> {
        let partner = self.partners[partner].partner.as_str().into();
        self.put_transmission(partner, how, name, claim, bytes, at)
    }

    fn put_transmission(
        &self,
        partner: Value,
        [direction, endpoint, state]: [&str; 3],
        name: &str,
        claim: Option<String>,
        bytes: String,
        at: i64,
    ) -> Result<Value, Failure> {
        let (transmission, size) = (id(), bytes.len() as u64);
        let sha256: Value = hex(&openssl::sha::sha256(bytes.as_bytes())).into();
        self.insert(
            "INSERT INTO content (sha256, bytes, transmission) VALUES (?1, ?2, ?3)",
            &[sha256.clone(), Value::Bytes(bytes.into_bytes()), transmission.clone()],
        )?;
        self.insert(
            "INSERT INTO transmission (id, partner, direction, endpoint, name, claim, sha256, size, at, state, taken)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?3 = 'in')",
            &[
                transmission.clone(),
                partner,
                direction.into(),
                endpoint.into(),
                name.into(),
                claim.into(),
                sha256,
                size.into(),
                at.into(),
                state.into(),
            ],
        )?;
        Ok(transmission)
    }

    fn interchange(
        &self,
        id: &Value,
        partner: &str,
        [direction, state]: [&str; 2],
        transmission: &Value,
        [sender, receiver]: [String; 2],
        control: i64,
    ) -> Result<(), Failure> {
        self.insert(
            "INSERT INTO interchange (id, partner, direction, transmission, sender, receiver, control_number,
                                      byte_start, byte_end, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 7300, ?8)",
            &[
                id.clone(),
                partner.into(),
                direction.into(),
                transmission.clone(),
                sender.into(),
                receiver.into(),
                format!("{control:09}").into(),
                state.into(),
            ],
        )
    }

    fn group(
        &self,
        id: &Value,
        partner: &str,
        [direction, functional_id]: [&str; 2],
        interchange: &Value,
        control: i64,
        verdict: Value,
    ) -> Result<(), Failure> {
        self.insert(
            "INSERT INTO functional_group (id, partner, direction, interchange, functional_id, control_number, verdict)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            &[
                id.clone(),
                partner.into(),
                direction.into(),
                interchange.clone(),
                functional_id.into(),
                control.into(),
                verdict,
            ],
        )
    }

    /// Chains an event to the journal of a partner.
    fn event(&mut self, partner: usize, event: Event, text: String, data: Value) -> Result<(), Failure> {
        let journal = &mut self.partners[partner];
        journal.sequence += 1;
        let mut values = vec![
            journal.partner.as_str().into(),
            journal.sequence.into(),
            event.at.into(),
            event.kind.into(),
            event.transmission,
            event.document,
            event.delivery,
            event.po_number,
            text.into(),
            data,
        ];
        let hash = chain_hash(&journal.hash, &values);
        let previous = std::mem::replace(&mut journal.hash, hash.clone());
        values.extend([previous.into(), hash.into()]);
        self.insert(&insert_event(), &values)
    }

    /// The heads of the journals and the counters, as the daemon goes on from them.
    fn close(&self) -> Result<(), Failure> {
        for journal in &self.partners {
            let partner: Value = journal.partner.as_str().into();
            self.insert(
                "INSERT INTO event_head (partner, sequence, hash) VALUES (?1, ?2, ?3)",
                &[partner.clone(), journal.sequence.into(), journal.hash.as_str().into()],
            )?;
            for counter in ["isa13", "gs06"] {
                self.insert(
                    "INSERT INTO number (counter, partner, value) VALUES (?1, ?2, ?3)",
                    &[counter.into(), partner.clone(), journal.sent.into()],
                )?;
            }
        }
        Ok(())
    }
}

fn insert_event() -> String {
    format!("INSERT INTO event ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")
}

/// What an event is about; its text and data are said when it is written.
struct Event {
    kind: &'static str,
    at: i64,
    transmission: Value,
    document: Value,
    delivery: Value,
    po_number: Value,
}

impl Default for Event {
    fn default() -> Event {
        let nothing = || Value::Null;
        Event {
            kind: "",
            at: 0,
            transmission: nothing(),
            document: nothing(),
            delivery: nothing(),
            po_number: nothing(),
        }
    }
}

fn id() -> Value {
    (&Id::new()).into()
}

fn json(text: &str) -> Value {
    text.into()
}

/// The canonical JSON of an order of one line, before and behind its PO number.
fn body() -> Result<(String, String), Failure> {
    const PO: u64 = 1_111_111_111;
    let mut bytes = Vec::new();
    let mut read = None;
    let written = load::interchange(&mut bytes, 1, PO, 1, 1);
    let examined = written.and_then(|()| {
        examine(bytes.as_slice(), None, &Library::standard_for, &mut |set| {
            read = set.checked.and_then(|checked| normalize::x12::document(checked, None).0);
        })
    });
    examined.map_err(|error| Failure::new(format!("the history's order cannot be read: {error}")))?;
    let mut document = read.ok_or_else(|| Failure::new("the history's order is no order"))?;
    document.header_mut().partner = "retailer".to_owned();
    let body = serde_json::to_string(&document).map_err(|error| Failure::new(error.to_string()))?;
    let around = body.split_once(&PO.to_string());
    around
        .map(|(before, behind)| (before.to_owned(), behind.to_owned()))
        .ok_or_else(|| Failure::new("the history's order has no PO number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bench::run::{LedgerLines, open};
    use crate::cli::bench::workspace::Workspace;
    use crate::ledger::verify::Contents;
    use crate::ledger::view::Filter;

    #[test]
    fn a_history_that_would_fill_the_disk_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(expect_room(directory.path(), 1).is_ok());
        if free_bytes(directory.path()).is_some_and(|free| free < u64::from(u32::MAX) * BYTES_PER_DOCUMENT) {
            let refused = expect_room(directory.path(), u32::MAX).unwrap_err();
            assert!(refused.message.contains("GB left"), "{refused}");
        }
    }

    #[test]
    fn the_history_is_a_ledger_that_verifies_and_whose_orders_can_be_traced() {
        let directory = tempfile::tempdir().unwrap();
        let workspace = Workspace::below(directory.path()).unwrap();
        let home = Home::with_one_retailer(&workspace, "history", &LedgerLines::sqlite()).unwrap();
        let generated = generate(&home, 205, &workspace.interrupt).unwrap();
        assert!(generated.bytes > 100_000, "{generated:?}");
        let ledger = open(&home).unwrap();
        let all = Filter::default();
        let (proof, documents, acks, trace) = ledger
            .read(|tx| {
                let trace = tx.trace(&po(204).to_string())?;
                Ok((tx.verify(Contents::Too)?, tx.documents(&all)?.rows, tx.acks(&all)?.rows, trace))
            })
            .unwrap();
        assert_eq!(proof.faults, [""; 0]);
        assert_eq!((documents.len(), acks.len()), (205, 21));
        // Per file its reception, its answer and that of the answer's delivery; per order its acceptance and delivery.
        assert_eq!(proof.events, 21 * 3 + 205 * 2);
        let told: Vec<&str> = trace.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(told, ["received", "accepted", "acknowledged", "delivered", "delivered"]);
        assert!(acks.iter().all(|ack| ack.state == "met"), "{acks:?}");
    }
}
