//! How far behind the work is: what waits at each stage, and the oldest of it.
//!
//! ```text
//! tx.backlog(now)?   captured: 3, the oldest since 12:04:10 · retrying: 1 · parked: 0 · overdue to us: 2
//! ```

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::engine::Row;
use super::{Error, Transaction};

/// What waits, and since when the oldest of it has been waiting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// Since when the oldest of them.
    #[schemars(with = "Option<String>")]
    pub oldest: Option<Timestamp>,
}

impl Waiting {
    fn read(row: &Row, first: usize) -> Result<Waiting, Error> {
        Ok(Waiting { count: row.int(first)?, oldest: row.optional_time(first + 1)? })
    }
}

/// What waits at each stage, and what is late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Backlog {
    /// Transmissions in our custody that nobody has looked into.
    pub captured: Waiting,
    /// Deliveries whose first attempt is to be made.
    pub due: Waiting,
    /// Deliveries that failed and are tried again.
    pub retrying: Waiting,
    /// Deliveries that wait for a person.
    pub parked: Waiting,
    /// Acknowledgments that partners owe us, out of time.
    pub overdue_to_us: i64,
    /// Acknowledgments that we owe partners, out of time.
    pub overdue_by_us: i64,
    /// Rules of partners that break soon.
    #[serde(default)]
    pub clocks_at_risk: i64,
    /// Rules of partners that are broken.
    #[serde(default)]
    pub clocks_broken: i64,
}

impl Transaction<'_> {
    /// True while something waits to be taken in, or to go out for the first time.
    pub fn custody_has_work(&mut self, now: Timestamp) -> Result<bool, Error> {
        let sql = "SELECT 1 WHERE EXISTS (SELECT 1 FROM transmission WHERE state = 'captured')
                             OR EXISTS (SELECT 1 FROM delivery WHERE state = 'pending' AND due <= $1)";
        Ok(self.query_one(sql, &[now.into()])?.is_some())
    }

    /// What waits at each stage at this moment.
    pub fn backlog(&mut self, now: Timestamp) -> Result<Backlog, Error> {
        let mut backlog = Backlog::default();
        let captured = "SELECT COUNT(*), MIN(at) FROM transmission WHERE state = 'captured'";
        if let Some(row) = self.query_one(captured, &[])? {
            backlog.captured = Waiting::read(&row, 0)?;
        }
        // Two queries, since each has an index of its own.
        let moving = "SELECT state, COUNT(*), MIN(created) FROM delivery
                      WHERE state IN ('pending', 'retrying') GROUP BY state";
        for row in self.query(moving, &[])? {
            let waiting = Waiting::read(&row, 1)?;
            match row.text(0)?.as_str() {
                "pending" => backlog.due = waiting,
                _ => backlog.retrying = waiting,
            }
        }
        if let Some(row) = self.query_one("SELECT COUNT(*), MIN(created) FROM delivery WHERE state = 'parked'", &[])? {
            backlog.parked = Waiting::read(&row, 0)?;
        }
        // A clock that ran out while nothing could be recorded is late all the same.
        let overdue = "SELECT owed_by, COUNT(*) FROM expectation
                       WHERE state = 'overdue' OR (state = 'pending' AND due < $1) GROUP BY owed_by";
        for row in self.query(overdue, &[now.into()])? {
            match row.text(0)?.as_str() {
                "us" => backlog.overdue_by_us = row.int(1)?,
                _ => backlog.overdue_to_us = row.int(1)?,
            }
        }
        let clocks = "SELECT state, COUNT(*) FROM clock WHERE state IN ('at_risk', 'broken') GROUP BY state";
        for row in self.query(clocks, &[])? {
            match row.text(0)?.as_str() {
                "at_risk" => backlog.clocks_at_risk = row.int(1)?,
                _ => backlog.clocks_broken = row.int(1)?,
            }
        }
        Ok(backlog)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Id;
    use crate::ledger::delivery::{Failed, Outcome};
    use crate::ledger::tests::{Books, at, awaited, envelope, order, owed};
    use crate::ledger::transmission::TransmissionState;

    #[test]
    fn what_waits_is_counted_with_the_oldest_of_it() {
        let books = Books::new();
        books.write(|tx| crate::ledger::tests::document(tx, "mega", &order("PO1")));
        let (sent, ours) = books.write(|tx| {
            let sent = awaited(tx, envelope(5, 5, &["0001"]), at(0))?;
            Ok((sent, owed(tx)?))
        });
        let retry = Outcome::Failed(Failed { error: "no room".to_owned(), again: Some(at(9)) });
        books.write(move |tx| {
            tx.record_attempt(&sent, at(1), &Outcome::Sent { receipt: "/out".to_owned() })?;
            tx.delivery_went_out(&sent, at(1))?;
            tx.record_attempt(&ours, at(1), &retry)
        });
        let waiting = Waiting { count: 1, oldest: Some(at(0)) };
        let early = books.read(|tx| tx.backlog(at(30)));
        assert_eq!(early.captured.count, 2, "the order's file and the shipment's");
        assert_eq!((early.due.count, early.retrying, early.parked.count), (0, waiting, 0));
        assert_eq!((early.overdue_to_us, early.overdue_by_us), (0, 0));
        let late = books.read(|tx| tx.backlog(at(120)));
        assert_eq!((late.overdue_to_us, late.overdue_by_us), (1, 1));
        books.write(|tx| {
            for row in tx.query("SELECT id FROM transmission", &[])? {
                tx.set_transmission_state(&Id(row.text(0)?), &TransmissionState::Processed)?;
            }
            Ok(())
        });
        assert_eq!(books.read(|tx| tx.backlog(at(0))).captured, Waiting::default());
    }
}
