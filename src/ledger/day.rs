//! How much went to and fro on each of some days, partner by partner.
//!
//! ```text
//! tx.traffic("megamart", &[midnight, midnight, midnight])?     received 12, 3 · sent 9, 4 · acknowledged 9, 2
//! ```
//!
//! A day is what lies between two midnights, which whoever asks names: they are not always 24 hours apart.

use jiff::Timestamp;

use super::{Error, Transaction};

/// What went to and fro on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Documents of the partner that were taken in, whoever sent them.
    pub documents: i64,
    /// Deliveries to the partner.
    pub deliveries: i64,
    /// Answers that were asked for on that day.
    pub asked: i64,
    /// Those of them that came.
    pub answered: i64,
}

impl Transaction<'_> {
    /// The traffic with a partner on the days between these midnights, the first day first.
    pub fn traffic(&mut self, partner: &str, midnights: &[Timestamp]) -> Result<Vec<Traffic>, Error> {
        let mut days = Vec::with_capacity(midnights.len().saturating_sub(1));
        for pair in midnights.windows(2) {
            let values = [partner.into(), pair[0].into(), pair[1].into()];
            let mut count = |sql: &str| self.query_one(sql, &values)?.map_or(Ok(0), |row| row.int(0));
            days.push(Traffic {
                documents: count("SELECT COUNT(*) FROM document WHERE partner = $1 AND at >= $2 AND at < $3")?,
                deliveries: count(
                    "SELECT COUNT(*) FROM delivery WHERE partner = $1 AND created >= $2 AND created < $3",
                )?,
                asked: count("SELECT COUNT(*) FROM expectation WHERE partner = $1 AND opened >= $2 AND opened < $3")?,
                answered: count(
                    "SELECT COUNT(*) FROM expectation
                     WHERE partner = $1 AND opened >= $2 AND opened < $3 AND state IN ('met', 'met_late', 'violated')",
                )?,
            });
        }
        Ok(days)
    }

    /// How many answers are late between us and a partner, either way; at most so many are counted.
    pub fn overdue_with(&mut self, partner: &str, most: u32) -> Result<i64, Error> {
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM expectation WHERE state = 'overdue' AND partner = $1 LIMIT $2) AS late";
        self.query_one(sql, &[partner.into(), most.into()])?.map_or(Ok(0), |row| row.int(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::tests::{Books, at, awaited, document, envelope, order};

    #[test]
    fn what_went_to_and_fro_is_counted_by_day() {
        let books = Books::new();
        books.write(|tx| {
            document(tx, "mega", &order("PO1"))?;
            awaited(tx, envelope(5, 5, &["0001"]), at(0))
        });
        let (before, after) = (at(-24 * 60), at(24 * 60));
        let days = books.read(|tx| tx.traffic("mega", &[before, at(-1), after]));
        assert_eq!(days[0], Traffic::default());
        assert_eq!((days[1].documents, days[1].deliveries, days[1].asked, days[1].answered), (2, 1, 1, 0));
        assert_eq!(books.read(|tx| tx.overdue_with("mega", 10)), 0);
        books.write(|tx| tx.execute("UPDATE expectation SET state = 'overdue'", &[]));
        assert_eq!(books.read(|tx| tx.overdue_with("mega", 10)), 1);
    }
}
