//! Expectations: what a partner owes us or we owe a partner, with a clock that starts when something was delivered.

use std::time::Duration;

use jiff::Timestamp;

use super::delivery::among;
use super::engine::{Row, Value};
use super::envelope::SentEnvelope;
use super::{Error, Id, Transaction};

/// Who owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwedBy {
    /// The partner: the clock starts when our document was delivered.
    Partner,
    /// We: the clock starts at once, and ends when our answer was delivered.
    Us,
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

    fn parse(name: &str) -> Result<Self, Error> {
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
        let none = vec![(String::new(), String::new())];
        // What we owe is one answer for a whole interchange, whatever it holds.
        let sets = match (&new.envelope, new.owed_by) {
            (Some(envelope), OwedBy::Partner) => &envelope.sets,
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

    /// The expectations that an acknowledgment of this group speaks of: those of the newest delivery under its number. They
    /// stay as they are until this transaction ends.
    pub fn expectations_of_group(
        &mut self,
        partner: &str,
        functional_id: &str,
        group_number: i64,
    ) -> Result<Vec<Expectation>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM expectation
             WHERE partner = $1 AND owed_by = 'partner' AND functional_id = $2 AND group_number = $3
               AND delivery = (SELECT delivery FROM expectation newest
                               WHERE newest.partner = $1 AND newest.owed_by = 'partner'
                                 AND newest.functional_id = $2 AND newest.group_number = $3
                               ORDER BY newest.opened DESC, newest.id DESC LIMIT 1)
             ORDER BY set_number FOR UPDATE"
        );
        self.query(&sql, &[partner.into(), functional_id.into(), group_number.into()])?
            .iter()
            .map(expectation)
            .collect()
    }

    /// The expectations about what we sent in the newest interchange of that number, which stay as they are likewise.
    pub fn expectations_of_interchange(&mut self, partner: &str, number: i64) -> Result<Vec<Expectation>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM expectation
             WHERE partner = $1 AND owed_by = 'partner' AND interchange_number = $2
               AND delivery = (SELECT delivery FROM expectation newest
                               WHERE newest.partner = $1 AND newest.owed_by = 'partner' AND newest.interchange_number = $2
                               ORDER BY newest.opened DESC, newest.id DESC LIMIT 1)
             ORDER BY set_number FOR UPDATE"
        );
        self.query(&sql, &[partner.into(), number.into()])?.iter().map(expectation).collect()
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
