//! The questions that people ask of the books; the command line, the pages and the API show these rows.
//!
//! ```text
//! tx.deliveries(&Filter { state: Some("parked"), ..Filter::of("megamart") })    the newest first, page by page
//! ```

pub mod listing;

use std::collections::BTreeSet;

use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use super::clock::{self, ClockRow};
use super::engine::Row;
use super::event::{self, Event};
use super::finding::{self, FindingState};
use super::{Error, Id, Transaction};
use crate::diagnostic::Record;
use listing::{Cursor, How, Listing, Page, State};

/// Which rows of a view.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of these partners only; of all where there is `None`.
    pub partners: Option<BTreeSet<String>>,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// In this state, one of those that the listing names.
    pub state: Option<String>,
    /// Of this kind: what a document is, what is expected, what happened, which way a transmission went, which rule was broken.
    pub kind: Option<String>,
    /// About this transaction set: `856`.
    pub set: Option<String>,
    /// What has to do with this number: of a document, an order or an interchange, or the name of a file.
    pub number: Option<String>,
    /// At most this many, the newest ones; all when `None`.
    pub limit: Option<u32>,
    /// Behind this row.
    pub after: Option<Cursor>,
}

impl Filter {
    /// What is of one partner.
    pub fn of(partner: &str) -> Filter {
        Filter { partners: Some(BTreeSet::from([partner.to_owned()])), ..Filter::default() }
    }

    /// What is in one state.
    pub fn in_state(state: &str) -> Filter {
        Filter { state: Some(state.to_owned()), ..Filter::default() }
    }
}

/// A line of the acknowledgment ledger: an answer that is owed, to us or by us.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Expectation")]
pub struct AckRow {
    /// Its id.
    pub id: String,
    /// With whom.
    pub partner: String,
    /// `partner` owes it, or `us`.
    pub owed_by: String,
    /// What is expected.
    pub what: String,
    /// For what: `856 SHP0000777`.
    pub label: String,
    /// The transaction set that it is about.
    pub set: Option<String>,
    /// Our interchange control number.
    pub interchange_control_number: Option<i64>,
    /// Our group control number.
    pub group_control_number: Option<i64>,
    /// When the document, or our answer, went out.
    #[schemars(with = "Option<String>")]
    pub sent: Option<Timestamp>,
    /// When the answer is due.
    #[schemars(with = "Option<String>")]
    pub due: Option<Timestamp>,
    /// When it came, or went out.
    #[schemars(with = "Option<String>")]
    pub closed: Option<Timestamp>,
    /// waiting, pending, met, met_late, overdue, violated, waived.
    pub state: String,
    /// What the answer says, in words.
    pub detail: Option<String>,
}

/// A document.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "DocumentRow")]
pub struct DocumentRow {
    /// Its id.
    pub id: String,
    /// Whose purchase.
    pub partner: String,
    /// order, order_ack, shipment, invoice.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Which revision.
    pub revision: i64,
    /// Who sent it.
    pub source: String,
    /// Whether it is a test.
    pub test: bool,
    /// When it was recorded.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The file that brought it.
    pub file: String,
}

/// A delivery.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct DeliveryRow {
    /// Its id.
    pub id: String,
    /// To whom.
    pub partner: String,
    /// By which endpoint.
    pub endpoint: String,
    /// Under which name.
    pub name: String,
    /// What it carries.
    pub label: String,
    /// The bytes that go.
    pub transmission: String,
    /// The document in them, where it is one.
    pub document: Option<String>,
    /// pending, retrying, sent, parked, waived.
    pub state: String,
    /// How many attempts there were.
    pub attempts: i64,
    /// When it is due, while it is not sent.
    #[schemars(with = "String")]
    pub due: Timestamp,
    /// When it was sent.
    #[schemars(with = "Option<String>")]
    pub sent: Option<Timestamp>,
    /// Where it was left.
    pub receipt: Option<String>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Since when every attempt failed.
    #[schemars(with = "Option<String>")]
    pub failing_since: Option<Timestamp>,
    /// The delivery before it for which it waits, where its endpoint keeps the order; filled by whoever knows that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

/// An attempt at a delivery.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
pub struct AttemptRow {
    /// Which one, from 1.
    pub number: i64,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// sent, failed.
    pub outcome: String,
    /// The receipt, or why it failed.
    pub detail: String,
}

/// A finding.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub struct FindingRow {
    /// Its id.
    pub id: String,
    /// With whom.
    pub partner: String,
    /// The code.
    pub rule: String,
    /// What about.
    pub subject: String,
    /// open, assigned, waived, resolved, with what each knows.
    #[serde(flatten)]
    pub state: FindingState,
    /// Since when.
    #[schemars(with = "String")]
    pub opened: Timestamp,
    /// What is at stake.
    pub money: Option<Decimal>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The order that it is about.
    pub po_number: Option<String>,
    /// The document that showed it.
    pub document: Option<String>,
    /// When its state changed last.
    #[schemars(with = "Option<String>")]
    pub changed: Option<Timestamp>,
    /// By whom: a person, or `edigate` where it saw that the cause is gone.
    pub changed_by: Option<String>,
    /// The line of the partner's journal that says so.
    pub event: Option<i64>,
    /// The particulars.
    pub detail: Record,
}

/// A transmission.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Transmission")]
pub struct TransmissionRow {
    /// Its id.
    pub id: String,
    /// in, out.
    pub direction: String,
    /// Whose endpoint.
    pub partner: String,
    /// Which one.
    pub endpoint: String,
    /// The file's name.
    pub name: String,
    /// The name of its bytes.
    pub sha256: String,
    /// How many.
    pub size: i64,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// captured, processed, duplicate, quarantined, built.
    pub state: String,
    /// What is wrong with it.
    pub diagnostics: Vec<Record>,
}

/// Documents that have to do with a number.
macro_rules! documents_of {
    () => {
        "SELECT id FROM document WHERE number = {number}
         UNION SELECT document FROM document_order WHERE po_number = {number}"
    };
}

/// Deliveries that have to do with a number.
macro_rules! deliveries_of {
    () => {
        concat!(
            "SELECT delivery.id FROM delivery WHERE document IN (",
            documents_of!(),
            ") UNION SELECT delivery.id FROM interchange JOIN delivery ON delivery.transmission = interchange.transmission
             WHERE interchange.control_number = {number} OR interchange.control_number = {padded}
             UNION SELECT delivery.id FROM transmission JOIN delivery ON delivery.transmission = transmission.id
             WHERE transmission.name = {number}"
        )
    };
}

/// Orders that have to do with a number.
macro_rules! orders_of {
    () => {
        concat!(
            "SELECT document_order.partner, document_order.po_number FROM document_order WHERE document IN (",
            documents_of!(),
            ")"
        )
    };
}

/// What every document leads to is not among them.
const RARE_EVENTS: &str =
    "event.kind NOT IN ('received', 'accepted', 'acknowledged', 'delivered', 'acknowledgment_received')";

/// A state that many rows have.
const fn many(name: &'static str, rows: &'static str) -> State {
    State { name, rows, are: How::Many }
}

/// A state that few rows have.
const fn few(name: &'static str, rows: &'static str) -> State {
    State { name, rows, are: How::Few }
}

const EXPECTATION_STATES: [State; 7] = [
    many("waiting", "expectation.state = 'waiting'"),
    few("pending", "expectation.state = 'pending'"),
    many("met", "expectation.state = 'met'"),
    few("met_late", "expectation.state = 'met_late'"),
    few("overdue", "expectation.state = 'overdue'"),
    few("violated", "expectation.state = 'violated'"),
    few("waived", "expectation.state = 'waived'"),
];

const DELIVERY_STATES: [State; 6] = [
    few("pending", "delivery.state IN ('pending', 'retrying') AND delivery.state = 'pending'"),
    few("retrying", "delivery.state IN ('pending', 'retrying') AND delivery.state = 'retrying'"),
    many("sent", "delivery.state = 'sent'"),
    few("parked", "delivery.state = 'parked' AND waived IS NULL"),
    few("waived", "delivery.state = 'parked' AND waived IS NOT NULL"),
    few("unsent", "delivery.state <> 'sent' AND waived IS NULL"),
];

const FINDING_STATES: [State; 5] = [
    few("open", "finding.state IN ('open', 'assigned') AND finding.state = 'open'"),
    few("assigned", "finding.state IN ('open', 'assigned') AND finding.state = 'assigned'"),
    many("waived", "finding.state = 'waived'"),
    many("resolved", "finding.state = 'resolved'"),
    few("unsettled", "finding.state IN ('open', 'assigned')"),
];

const CLOCK_STATES: [State; 6] = [
    many("idle", "clock.state = 'idle'"),
    few("running", "clock.state IN ('running', 'at_risk', 'broken') AND clock.state = 'running'"),
    few("at_risk", "clock.state IN ('running', 'at_risk', 'broken') AND clock.state = 'at_risk'"),
    many("met", "clock.state = 'met'"),
    few("broken", "clock.state IN ('running', 'at_risk', 'broken') AND clock.state = 'broken'"),
    few("waived", "clock.state = 'waived'"),
];

const TRANSMISSION_STATES: [State; 5] = [
    few("captured", "transmission.state = 'captured'"),
    many("processed", "transmission.state = 'processed'"),
    few("duplicate", "transmission.state = 'duplicate'"),
    few("quarantined", "transmission.state = 'quarantined'"),
    many("built", "transmission.state = 'built'"),
];

/// The names of the states that can be asked for.
const fn names<const N: usize>(states: &[State; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut next = 0;
    while next < N {
        names[next] = states[next].name;
        next += 1;
    }
    names
}

/// What a filter of expectations may ask for.
pub const STATES_OF_EXPECTATIONS: [&str; 7] = names(&EXPECTATION_STATES);
/// The same of deliveries; `unsent` is all that may still go out.
pub const STATES_OF_DELIVERIES: [&str; 6] = names(&DELIVERY_STATES);
/// The same of findings; `unsettled` is all that needs a person.
pub const STATES_OF_FINDINGS: [&str; 5] = names(&FINDING_STATES);
/// The same of clocks.
pub const STATES_OF_CLOCKS: [&str; 6] = names(&CLOCK_STATES);
/// The same of transmissions.
pub const STATES_OF_TRANSMISSIONS: [&str; 5] = names(&TRANSMISSION_STATES);

pub mod failures;

impl Transaction<'_> {
    /// The acknowledgment ledger: every answer owed by partners or by us.
    pub fn acks(&mut self, filter: &Filter) -> Result<Page<AckRow>, Error> {
        self.expectation_rows(filter, "expectation.what IN ('997', '999', 'TA1')")
    }

    /// Every expectation, whatever is expected.
    pub fn expectations(&mut self, filter: &Filter) -> Result<Page<AckRow>, Error> {
        self.expectation_rows(filter, "")
    }

    fn expectation_rows(&mut self, filter: &Filter, which: &str) -> Result<Page<AckRow>, Error> {
        let listing = Listing {
            select: "expectation.id, expectation.partner, owed_by, what, expectation.label, interchange_number, group_number,
                     delivery.sent, expectation.due, closed, expectation.state, detail, set_id",
            tables: "expectation JOIN delivery ON delivery.id = expectation.delivery",
            which,
            partner: "expectation.partner",
            kind: "what",
            rare_kinds: "",
            set: "set_id",
            order: &["opened", "expectation.id"],
            states: &EXPECTATION_STATES,
            number: concat!("expectation.delivery IN (", deliveries_of!(), ")"),
        };
        self.page(&listing, filter, |row| {
            Ok(AckRow {
                id: row.text(0)?,
                partner: row.text(1)?,
                owed_by: row.text(2)?,
                what: row.text(3)?,
                label: row.text(4)?,
                set: row.optional_text(12)?.filter(|set| !set.is_empty()),
                interchange_control_number: row.optional_int(5)?,
                group_control_number: row.optional_int(6)?,
                sent: row.optional_time(7)?,
                due: row.optional_time(8)?,
                closed: row.optional_time(9)?,
                state: row.text(10)?,
                detail: row.optional_text(11)?,
            })
        })
    }

    /// Documents.
    pub fn documents(&mut self, filter: &Filter) -> Result<Page<DocumentRow>, Error> {
        let listing = Listing {
            select: "document.id, document.partner, kind, number, revision, source, test, document.at, transmission.name",
            tables: "document JOIN transmission ON transmission.id = document.transmission",
            which: "",
            partner: "document.partner",
            kind: "kind",
            rare_kinds: "",
            set: "",
            order: &["document.at", "document.id"],
            states: &[],
            number: concat!("document.id IN (", documents_of!(), ")"),
        };
        self.page(&listing, filter, document_row)
    }

    /// Deliveries.
    pub fn deliveries(&mut self, filter: &Filter) -> Result<Page<DeliveryRow>, Error> {
        let listing = Listing {
            select: DELIVERY_COLUMNS,
            tables: "delivery",
            which: "",
            partner: "partner",
            kind: "endpoint",
            rare_kinds: "",
            set: "",
            order: &["created", "id"],
            states: &DELIVERY_STATES,
            number: concat!("delivery.id IN (", deliveries_of!(), ")"),
        };
        self.page(&listing, filter, delivery_row)
    }

    /// Findings.
    pub fn findings(&mut self, filter: &Filter) -> Result<Page<FindingRow>, Error> {
        let listing = Listing {
            select: finding::COLUMNS,
            tables: "finding",
            which: "",
            partner: "partner",
            kind: "rule",
            rare_kinds: "",
            set: "",
            order: &["opened", "id"],
            states: &FINDING_STATES,
            number: concat!("(finding.partner, finding.po_number) IN (", orders_of!(), ")"),
        };
        self.page(&listing, filter, finding::row)
    }

    /// The rules of partners held against what happened, by when their chain of documents began.
    pub fn clocks(&mut self, filter: &Filter) -> Result<Page<ClockRow>, Error> {
        let listing = Listing {
            select: clock::COLUMNS,
            tables: "clock",
            which: "",
            partner: "partner",
            kind: "rule",
            rare_kinds: "",
            set: "",
            order: &["opened", "id"],
            states: &CLOCK_STATES,
            number: concat!("(clock.partner, clock.po_number) IN (", orders_of!(), ")"),
        };
        self.page(&listing, filter, clock::row)
    }

    /// Transmissions with what is wrong with them.
    pub fn transmissions(&mut self, filter: &Filter) -> Result<Page<TransmissionRow>, Error> {
        let listing = Listing {
            select: "id, direction, partner, endpoint, name, sha256, size, at, state",
            tables: "transmission",
            which: "",
            partner: "partner",
            kind: "direction",
            rare_kinds: "",
            set: "",
            order: &["at", "id"],
            states: &TRANSMISSION_STATES,
            number: concat!(
                "transmission.id IN (SELECT id FROM transmission WHERE name = {number}
                 UNION SELECT transmission FROM interchange WHERE control_number = {number} OR control_number = {padded}
                 UNION SELECT transmission FROM document WHERE id IN (",
                documents_of!(),
                ") UNION SELECT transmission FROM delivery WHERE document IN (",
                documents_of!(),
                "))"
            ),
        };
        let mut page = self.page(&listing, filter, |row| {
            Ok(TransmissionRow {
                id: row.text(0)?,
                direction: row.text(1)?,
                partner: row.text(2)?,
                endpoint: row.text(3)?,
                name: row.text(4)?,
                sha256: row.text(5)?,
                size: row.int(6)?,
                at: row.time(7)?,
                state: row.text(8)?,
                diagnostics: Vec::new(),
            })
        })?;
        for row in &mut page.rows {
            row.diagnostics = self.diagnostics(&Id(row.id.clone()))?;
        }
        Ok(page)
    }

    /// Events of the journals.
    pub fn events(&mut self, filter: &Filter) -> Result<Page<Event>, Error> {
        let listing = Listing {
            select: event::COLUMNS,
            tables: "event",
            which: "",
            partner: "partner",
            kind: "kind",
            rare_kinds: RARE_EVENTS,
            set: "",
            order: &["at", "partner", "sequence"],
            states: &[],
            number: concat!("event.document IN (", documents_of!(), ")"),
        };
        self.page(&listing, filter, event::event)
    }

    /// A document by its id.
    pub fn document_row(&mut self, id: &Id) -> Result<Option<DocumentRow>, Error> {
        let sql =
            "SELECT document.id, document.partner, kind, number, revision, source, test, document.at, transmission.name
                   FROM document JOIN transmission ON transmission.id = document.transmission WHERE document.id = $1";
        self.query_one(sql, &[id.into()])?.as_ref().map(document_row).transpose()
    }

    /// A delivery by its id.
    pub fn delivery_row(&mut self, id: &Id) -> Result<Option<DeliveryRow>, Error> {
        let sql = format!("SELECT {DELIVERY_COLUMNS} FROM delivery WHERE id = $1");
        self.query_one(&sql, &[id.into()])?.as_ref().map(delivery_row).transpose()
    }

    /// The orders that a document is about: partner and PO number.
    pub fn orders_about(&mut self, document: &Id) -> Result<Vec<(String, String)>, Error> {
        let sql =
            "SELECT partner, po_number FROM document_order WHERE document = $1 ORDER BY partner, po_number LIMIT 10000";
        self.query(sql, &[document.into()])?.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    /// The attempts at a delivery, in their order.
    pub fn attempts(&mut self, delivery: &Id) -> Result<Vec<AttemptRow>, Error> {
        let sql = "SELECT number, at, outcome, detail FROM attempt WHERE delivery = $1 ORDER BY number";
        let rows = self.query(sql, &[delivery.into()])?;
        let read = |row: &Row| {
            Ok(AttemptRow { number: row.int(0)?, at: row.time(1)?, outcome: row.text(2)?, detail: row.text(3)? })
        };
        rows.iter().map(read).collect()
    }
}

fn document_row(row: &Row) -> Result<DocumentRow, Error> {
    Ok(DocumentRow {
        id: row.text(0)?,
        partner: row.text(1)?,
        kind: row.text(2)?,
        number: row.text(3)?,
        revision: row.int(4)?,
        source: row.text(5)?,
        test: row.int(6)? != 0,
        at: row.time(7)?,
        file: row.text(8)?,
    })
}

const DELIVERY_COLUMNS: &str =
    "id, partner, endpoint, name, label, CASE WHEN waived IS NULL THEN state ELSE 'waived' END,
                                attempts, due, sent, receipt, last_error, failing_since, transmission, document";

fn delivery_row(row: &Row) -> Result<DeliveryRow, Error> {
    Ok(DeliveryRow {
        id: row.text(0)?,
        partner: row.text(1)?,
        endpoint: row.text(2)?,
        name: row.text(3)?,
        label: row.text(4)?,
        state: row.text(5)?,
        attempts: row.int(6)?,
        due: row.time(7)?,
        sent: row.optional_time(8)?,
        receipt: row.optional_text(9)?,
        last_error: row.optional_text(10)?,
        failing_since: row.optional_time(11)?,
        transmission: row.text(12)?,
        document: row.optional_text(13)?,
        waits_for: None,
    })
}
