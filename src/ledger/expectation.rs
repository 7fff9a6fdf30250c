//! Expectations: what a partner owes us or we owe a partner, with a clock that starts when something was delivered.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::delivery::among;
use super::engine::{Row, Value};
use super::envelope::SentEnvelope;
use super::{Error, Id, Transaction};

/// What is expected of whoever uses a document: an application advice.
pub const APPLICATION: &str = "824";
/// What is expected for an interchange.
pub const INTERCHANGE: &str = "TA1";

/// How long a control number is looked for: after that it may have come round again.
const NUMBERED_FOR: SignedDuration = SignedDuration::from_hours(180 * 24);

/// Who owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwedBy {
    /// The partner: the clock starts when our document was delivered.
    Partner,
    /// We: the clock starts at once, and ends when our answer was delivered.
    Us,
}

/// Which answer to a group is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// Whether it could be read.
    Syntax,
    /// Whether it can be used.
    Application,
}

/// What an expectation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// One delivery of ours.
    Delivery(Id),
}

/// An expectation to be opened.
#[derive(Debug, Clone)]
pub struct NewExpectation {
    /// With whom.
    pub partner: String,
    /// What is expected: `997`.
    pub what: String,
    /// Who owes it.
    pub owed_by: OwedBy,
    /// About what.
    pub about: About,
    /// The same for a person: `856 SHP0000777`.
    pub label: String,
    /// The document, if it is about one.
    pub document: Option<Id>,
    /// The transaction set that it is about, where no envelope says so: of what we answer, of what was sent as a message.
    pub set: Option<String>,
    /// The numbers by which an acknowledgment will name it.
    pub envelope: Option<SentEnvelope>,
    /// When it was opened.
    pub opened: Timestamp,
    /// How long the clock runs.
    pub within: Duration,
}

/// Where an expectation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectationState {
    /// Its clock has not started: the delivery has not gone out.
    Waiting,
    /// Its clock runs.
    Pending,
    /// In time.
    Met,
    /// After it was overdue.
    MetLate,
    /// Its clock ran out.
    Overdue,
    /// Answered with a rejection.
    Violated,
    /// Given up by a person, with a reason.
    Waived,
}

impl ExpectationState {
    /// Its name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ExpectationState::Waiting => "waiting",
            ExpectationState::Pending => "pending",
            ExpectationState::Met => "met",
            ExpectationState::MetLate => "met_late",
            ExpectationState::Overdue => "overdue",
            ExpectationState::Violated => "violated",
            ExpectationState::Waived => "waived",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self, Error> {
        use ExpectationState::*;
        [Waiting, Pending, Met, MetLate, Overdue, Violated, Waived]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::Unexpected(format!("expectation state {name:?}")))
    }
}

/// A recorded expectation.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Its id.
    pub id: Id,
    /// With whom.
    pub partner: String,
    /// What is expected.
    pub what: String,
    /// Who owes it.
    pub owed_by: OwedBy,
    /// The delivery that it is about.
    pub delivery: Id,
    /// The document, if it is about one.
    pub document: Option<Id>,
    /// For a person.
    pub label: String,
    /// ST01 of the set that is to be acknowledged.
    pub set_id: Option<String>,
    /// ST02 of that set.
    pub set_number: Option<String>,
    /// When its clock runs out, once it runs.
    pub due: Option<Timestamp>,
    /// Where it stands.
    pub state: ExpectationState,
}

const COLUMNS: &str = "id, partner, what, owed_by, delivery, document, label, set_id, set_number, due, state";

fn expectation(row: &Row) -> Result<Expectation, Error> {
    Ok(Expectation {
        id: row.id(0)?,
        partner: row.text(1)?,
        what: row.text(2)?,
        owed_by: if row.text(3)? == "us" { OwedBy::Us } else { OwedBy::Partner },
        delivery: row.id(4)?,
        document: row.optional_id(5)?,
        label: row.text(6)?,
        set_id: row.optional_text(7)?,
        set_number: row.optional_text(8)?,
        due: row.optional_time(9)?,
        state: ExpectationState::parse(&row.text(10)?)?,
    })
}

/// Starts the clocks of what is owed to us for deliveries. That index of theirs is to be chosen, see [`engine`](super::engine).
pub(super) fn started_by(deliveries: &str) -> String {
    format!(
        "UPDATE expectation SET state = 'pending', due = $1 + within
         WHERE delivery IN ({deliveries}) AND owed_by || '' = 'partner' AND state = 'waiting'"
    )
}

/// Meets what we owed with deliveries, likewise.
pub(super) fn met_by(deliveries: &str) -> String {
    format!(
        "UPDATE expectation
         SET state = CASE WHEN state = 'overdue' OR due < $1 THEN 'met_late' ELSE 'met' END, closed = $1
         WHERE delivery IN ({deliveries}) AND owed_by || '' = 'us' AND state IN ('pending', 'overdue')"
    )
}

impl Transaction<'_> {
    /// Opens an expectation, one per set of its envelope. What we owe is pending at once; what a partner owes waits for
    /// the delivery.
    pub fn open_expectation(&mut self, new: &NewExpectation) -> Result<(), Error> {
        let About::Delivery(delivery) = &new.about;
        let within = i64::try_from(new.within.as_micros()).unwrap_or(i64::MAX);
        let (owed_by, state, due) = match new.owed_by {
            OwedBy::Us => ("us", ExpectationState::Pending, Some(new.opened.as_microsecond().saturating_add(within))),
            OwedBy::Partner => ("partner", ExpectationState::Waiting, None),
        };
        let none = vec![(new.set.clone().unwrap_or_default(), String::new())];
        // What we owe is one answer for a whole interchange, whatever it holds; so is a TA1.
        let sets = match (&new.envelope, new.owed_by) {
            (Some(envelope), OwedBy::Partner) if !envelope.sets.is_empty() => &envelope.sets,
            _ => &none,
        };
        for (set_id, set_number) in sets {
            self.put(
                "INSERT INTO expectation (id, partner, what, owed_by, delivery, document, label, interchange_number, functional_id,
                                          group_number, set_id, set_number, opened, within, due, state)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                 ON CONFLICT (partner, what, delivery, set_number) DO NOTHING",
                &[
                    (&Id::new()).into(),
                    (&new.partner).into(),
                    (&new.what).into(),
                    owed_by.into(),
                    delivery.into(),
                    new.document.as_ref().map(|id| id.0.clone()).into(),
                    (&new.label).into(),
                    new.envelope.as_ref().map(|envelope| envelope.interchange_control_number).into(),
                    new.envelope.as_ref().map(|envelope| envelope.functional_id.clone()).into(),
                    new.envelope.as_ref().map(|envelope| envelope.group_control_number).into(),
                    set_id.into(),
                    set_number.into(),
                    new.opened.into(),
                    within.into(),
                    due.into(),
                    state.name().into(),
                ],
            )?;
        }
        Ok(())
    }

    /// Deliveries went out: clocks of what the partner owes for them start, and what we owed with them is met.
    pub fn deliveries_went_out(&mut self, deliveries: &[Id], at: Timestamp) -> Result<(), Error> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let (among, ids) = among(2, deliveries);
        let values: Vec<Value> = [vec![at.into()], ids].concat();
        self.put(&started_by(&among), &values)?;
        self.put(&met_by(&among), &values)
    }

    /// One delivery went out.
    pub fn delivery_went_out(&mut self, delivery: &Id, at: Timestamp) -> Result<(), Error> {
        self.deliveries_went_out(std::slice::from_ref(delivery), at)
    }

    /// Expectations whose clock has run out and that are not yet told overdue, the longest first.
    pub fn newly_overdue(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Expectation>, Error> {
        self.overdue_and_untold(now, limit, "")
    }

    /// The same for this transaction to tell, and for no other: without those that another node is telling.
    pub fn take_newly_overdue(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Expectation>, Error> {
        self.overdue_and_untold(now, limit, "FOR UPDATE SKIP LOCKED")
    }

    fn overdue_and_untold(&mut self, now: Timestamp, limit: u32, lock: &str) -> Result<Vec<Expectation>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM expectation WHERE state = 'pending' AND due < $1 ORDER BY due LIMIT $2 {lock}"
        );
        self.query(&sql, &[now.into(), limit.into()])?.iter().map(expectation).collect()
    }

    /// The expectations that an answer to this group speaks of, which came at that time: a 997 or 999, or an 824. They stay as they
    /// are until this transaction ends.
    pub fn expectations_of_group(
        &mut self,
        partner: &str,
        (functional_id, group_number): (&str, i64),
        answer: Answering,
        at: Timestamp,
    ) -> Result<Vec<Expectation>, Error> {
        let group = "functional_id = $4 AND group_number = $5";
        let what = match answer {
            Answering::Syntax => "what IN ('997', '999')",
            Answering::Application => "what = '824'",
        };
        self.expectations_under(
            &format!("{group} AND {what}"),
            partner,
            at,
            &[functional_id.into(), group_number.into()],
        )
    }

    /// The expectations about what we sent in the interchange of that number, which stay as they are likewise.
    pub fn expectations_of_interchange(
        &mut self,
        partner: &str,
        number: i64,
        at: Timestamp,
    ) -> Result<Vec<Expectation>, Error> {
        self.expectations_under("interchange_number = $4", partner, at, &[number.into()])
    }

    /// Those of one delivery under a number that an answer of that time names: of the newest that still waits for one, else of the
    /// newest. Numbers come round, and an answer to what was answered before is a repetition only where nothing else waits.
    fn expectations_under(
        &mut self,
        number: &str,
        partner: &str,
        at: Timestamp,
        values: &[Value],
    ) -> Result<Vec<Expectation>, Error> {
        let since = at.checked_sub(NUMBERED_FOR).unwrap_or(Timestamp::MIN);
        let which = format!("partner = $1 AND owed_by = $2 AND {number} AND opened >= $3");
        let sql = format!(
            "SELECT {COLUMNS} FROM expectation
             WHERE {which} AND delivery = (SELECT delivery FROM expectation WHERE {which}
                                           ORDER BY CASE WHEN state IN ('waiting', 'pending', 'overdue') THEN 0 ELSE 1 END,
                                                    opened DESC, id DESC LIMIT 1)
             ORDER BY what, set_number FOR UPDATE"
        );
        let values: Vec<Value> = [vec![partner.into(), "partner".into(), since.into()], values.to_vec()].concat();
        self.query(&sql, &values)?.iter().map(expectation).collect()
    }

    /// What is expected of the applications that get one of our documents, in whichever delivery; they stay as they are likewise.
    pub fn application_expectations_of(&mut self, partner: &str, document: &Id) -> Result<Vec<Expectation>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM expectation
             WHERE partner = $1 AND document = $2 AND owed_by = 'partner' AND what = '824'
               AND delivery IN (SELECT id FROM delivery WHERE document = $2
                                UNION SELECT delivery.id FROM waiting_document
                                      JOIN delivery ON delivery.batch = waiting_document.batch
                                      WHERE waiting_document.document = $2)
             ORDER BY opened DESC, id DESC FOR UPDATE"
        );
        self.query(&sql, &[partner.into(), document.into()])?.iter().map(expectation).collect()
    }

    /// What no application will answer, since the document did not get as far.
    pub fn application_never_saw(&mut self, expectation: &Expectation, at: Timestamp, why: &str) -> Result<(), Error> {
        self.put(
            "UPDATE expectation SET state = 'violated', closed = $1, detail = $2
             WHERE delivery = $3 AND set_number = $4 AND what = '824' AND state IN ('waiting', 'pending', 'overdue')",
            &[at.into(), why.into(), (&expectation.delivery).into(), expectation.set_number.clone().into()],
        )
    }

    /// The document that an expectation is about, if it is about one.
    pub fn document_of_expectation(&mut self, id: &Id) -> Result<Option<Id>, Error> {
        let row = self.query_one("SELECT document FROM expectation WHERE id = $1", &[id.into()])?;
        row.map_or(Ok(None), |row| row.optional_id(0))
    }

    /// Moves an expectation on.
    pub fn close_expectation(
        &mut self,
        id: &Id,
        state: ExpectationState,
        at: Timestamp,
        detail: Option<&str>,
    ) -> Result<(), Error> {
        self.put(
            "UPDATE expectation SET state = $2, closed = $3, detail = $4 WHERE id = $1",
            &[id.into(), state.name().into(), at.into(), detail.map(str::to_owned).into()],
        )?;
        Ok(())
    }
}
