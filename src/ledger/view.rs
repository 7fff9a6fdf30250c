//! The questions that people ask of the books; the command line, later the pages and the API, show these rows.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;

use super::engine::{Row, Value};
use super::event::{self, Event};
use super::finding::{self, FindingState};
use super::{Error, Transaction};
use crate::diagnostic::Record;

/// Which rows of a view.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this partner only.
    pub partner: Option<String>,
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Only what is overdue.
    pub overdue: bool,
    /// At most this many, the newest ones; all when `None`.
    pub limit: Option<u32>,
}

/// A line of the acknowledgment ledger: an answer that is owed, to us or by us.
#[derive(Debug, Clone, Serialize)]
pub struct AckRow {
    /// With whom.
    pub partner: String,
    /// `partner` owes it, or `us`.
    pub owed_by: String,
    /// What is expected.
    pub what: String,
    /// For what: `856 SHP0000777`.
    pub label: String,
    /// Our interchange control number.
    pub interchange_control_number: Option<i64>,
    /// Our group control number.
    pub group_control_number: Option<i64>,
    /// When the document, or our answer, went out.
    pub sent: Option<Timestamp>,
    /// When the answer is due.
    pub due: Option<Timestamp>,
    /// When it came, or went out.
    pub closed: Option<Timestamp>,
    /// waiting, pending, met, met_late, overdue, violated, waived.
    pub state: String,
    /// What the answer says, in words.
    pub detail: Option<String>,
}

/// A document.
#[derive(Debug, Clone, Serialize)]
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
    pub at: Timestamp,
    /// The file that brought it.
    pub file: String,
}

/// A delivery.
#[derive(Debug, Clone, Serialize)]
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
    /// pending, retrying, sent, parked, waived.
    pub state: String,
    /// How many attempts there were.
    pub attempts: i64,
    /// When it is due, while it is not sent.
    pub due: Timestamp,
    /// When it was sent.
    pub sent: Option<Timestamp>,
    /// Where it was left.
    pub receipt: Option<String>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Since when every attempt failed.
    pub failing_since: Option<Timestamp>,
    /// The delivery before it for which it waits, where its endpoint keeps the order; filled by whoever knows that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

/// A finding.
#[derive(Debug, Clone, Serialize)]
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
    pub changed: Option<Timestamp>,
    /// By whom: a person, or `edigate` where it saw that the cause is gone.
    pub changed_by: Option<String>,
    /// The line of the partner's journal that says so.
    pub event: Option<i64>,
    /// The particulars.
    pub detail: Record,
}

/// A transmission.
#[derive(Debug, Clone, Serialize)]
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
    pub at: Timestamp,
    /// captured, processed, duplicate, quarantined, built.
    pub state: String,
    /// What is wrong with it.
    pub diagnostics: Vec<Record>,
}

/// A question whose newest answers are wanted, by an index that ends with the order.
struct Listing<'a> {
    /// Columns and tables.
    select: &'a str,
    /// Conditions of its own, each with its `AND`.
    which: &'a str,
    /// The column that names the partner.
    partner: &'a str,
    /// The time, and what tells rows of one time apart; both descend.
    order: [&'a str; 2],
}

impl Listing<'_> {
    /// The text differs with the partner: a condition that may or may not hold would keep both engines from the index.
    fn query(&self, filter: &Filter) -> (String, Vec<Value>) {
        let [time, then] = self.order;
        let since = filter.since.map_or(i64::MIN, Timestamp::as_microsecond);
        let mut values = vec![since.into(), filter.limit.map_or(i64::MAX, i64::from).into()];
        let mut sql = format!("{} WHERE {time} >= $1 {}", self.select, self.which);
        if let Some(partner) = &filter.partner {
            values.push(partner.into());
            sql.push_str(&format!(" AND {} = $3", self.partner));
        }
        sql.push_str(&format!(" ORDER BY {time} DESC, {then} DESC LIMIT $2"));
        (sql, values)
    }
}

impl Transaction<'_> {
    /// The acknowledgment ledger: every answer owed by partners or by us, in the order of sending.
    pub fn acks(&mut self, filter: &Filter) -> Result<Vec<AckRow>, Error> {
        self.expectation_rows(filter, "AND expectation.what IN ('997', '999', 'TA1')")
    }

    /// Every expectation, whatever is expected.
    pub fn expectations(&mut self, filter: &Filter) -> Result<Vec<AckRow>, Error> {
        self.expectation_rows(filter, "")
    }

    fn expectation_rows(&mut self, filter: &Filter, which: &str) -> Result<Vec<AckRow>, Error> {
        let overdue = if filter.overdue { "AND expectation.state = 'overdue'" } else { "" };
        let listing = Listing {
            select: "SELECT expectation.partner, owed_by, what, expectation.label, interchange_number, group_number, delivery.sent,
                    expectation.due, closed, expectation.state, detail
                     FROM expectation JOIN delivery ON delivery.id = expectation.delivery",
            which: &format!("{which} {overdue}"),
            partner: "expectation.partner",
            order: ["opened", "expectation.id"],
        };
        self.newest_last(&listing, filter, |row| {
            Ok(AckRow {
                partner: row.text(0)?,
                owed_by: row.text(1)?,
                what: row.text(2)?,
                label: row.text(3)?,
                interchange_control_number: row.optional_int(4)?,
                group_control_number: row.optional_int(5)?,
                sent: row.optional_time(6)?,
                due: row.optional_time(7)?,
                closed: row.optional_time(8)?,
                state: row.text(9)?,
                detail: row.optional_text(10)?,
            })
        })
    }

    /// Documents, the oldest first.
    pub fn documents(&mut self, filter: &Filter) -> Result<Vec<DocumentRow>, Error> {
        let listing = Listing {
            select: "SELECT document.id, document.partner, kind, number, revision, source, test, document.at, transmission.name
                     FROM document JOIN transmission ON transmission.id = document.transmission",
            which: "",
            partner: "document.partner",
            order: ["document.at", "document.id"],
        };
        self.newest_last(&listing, filter, |row| {
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
        })
    }

    /// Deliveries, the oldest first; with `overdue`, those that are not sent.
    pub fn deliveries(&mut self, filter: &Filter) -> Result<Vec<DeliveryRow>, Error> {
        let unsent = if filter.overdue { "AND state <> 'sent' AND waived IS NULL" } else { "" };
        let listing = Listing {
            select: "SELECT id, partner, endpoint, name, label, CASE WHEN waived IS NULL THEN state ELSE 'waived' END, attempts, due,
                            sent, receipt, last_error, failing_since FROM delivery",
            which: unsent,
            partner: "partner",
            order: ["created", "id"],
        };
        self.newest_last(&listing, filter, |row| {
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
                waits_for: None,
            })
        })
    }

    /// Findings, the oldest first; with `overdue`, those that need a person.
    pub fn findings(&mut self, filter: &Filter) -> Result<Vec<FindingRow>, Error> {
        let listing = Listing {
            select: &format!("SELECT {} FROM finding", finding::COLUMNS),
            which: if filter.overdue { "AND state IN ('open', 'assigned')" } else { "" },
            partner: "partner",
            order: ["opened", "id"],
        };
        self.newest_last(&listing, filter, finding::row)
    }

    /// Transmissions with what is wrong with them, the oldest first.
    pub fn transmissions(&mut self, filter: &Filter) -> Result<Vec<TransmissionRow>, Error> {
        let listing = Listing {
            select: "SELECT id, direction, partner, endpoint, name, sha256, size, at, state FROM transmission",
            which: "",
            partner: "partner",
            order: ["at", "id"],
        };
        let mut rows = self.newest_last(&listing, filter, |row| {
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
        for row in &mut rows {
            row.diagnostics = self.diagnostics(&super::Id(row.id.clone()))?;
        }
        Ok(rows)
    }

    /// Events, the oldest first.
    pub fn events(&mut self, filter: &Filter) -> Result<Vec<Event>, Error> {
        let listing = Listing {
            select: &format!("SELECT {} FROM event", event::COLUMNS),
            which: "",
            partner: "partner",
            order: ["at", "partner DESC, sequence"],
        };
        self.newest_last(&listing, filter, event::event)
    }

    /// Rows of a query that limits from the newest, turned so that the oldest comes first.
    fn newest_last<T>(
        &mut self,
        listing: &Listing<'_>,
        filter: &Filter,
        read: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let (sql, values) = listing.query(filter);
        let mut rows: Vec<T> = self.query(&sql, &values)?.iter().map(read).collect::<Result<_, _>>()?;
        rows.reverse();
        Ok(rows)
    }
}
