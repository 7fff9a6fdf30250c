//! Figures that the books hold at a moment, cheap on a large ledger: what is open is found by partial indexes, what was recorded
//! is counted along an index from a time on.
//!
//! ```text
//! tx.overdue_by_partner()?      megamart owes 3, we owe megamart 1
//! tx.documents_between(…)?      order 812, invoice 790
//! ```

use jiff::Timestamp;

use super::engine::Value;
use super::{Error, Id, Ledger, Transaction};
use crate::config::LedgerAddress;
use crate::document::Kind;

/// How many there are of a partner in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Whose.
    pub partner: String,
    /// Which: who owes, the severity, the state.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// Money at stake in unsettled findings of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtStake {
    /// Whose.
    pub partner: String,
    /// ISO 4217; empty where no document named it.
    pub currency: String,
    /// In hundredths.
    pub cents: i64,
}

/// When what a delivery answers or carries came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drop {
    /// The delivery.
    pub delivery: Id,
    /// The transmission that brought it.
    pub transmission: Id,
    /// Whether it carries our answer to an interchange.
    pub is_answer: bool,
    /// When.
    pub at: Timestamp,
}

impl Transaction<'_> {
    /// Overdue acknowledgments by partner and by who owes them.
    pub fn overdue_by_partner(&mut self) -> Result<Vec<Count>, Error> {
        // By the index of what is overdue, not by one that has the partners in order.
        self.counts(
            "SELECT partner || '', owed_by, COUNT(*) FROM expectation WHERE state = 'overdue'
             GROUP BY partner || '', owed_by",
        )
    }

    /// Unsettled findings by partner and severity.
    pub fn unsettled_by_partner(&mut self) -> Result<Vec<Count>, Error> {
        self.counts(
            "SELECT partner, severity, COUNT(*) FROM finding WHERE state IN ('open', 'assigned') GROUP BY partner, severity",
        )
    }

    /// Clocks that run, are at risk or are broken, by partner.
    pub fn clocks_by_partner(&mut self) -> Result<Vec<Count>, Error> {
        self.counts(
            "SELECT partner, state, COUNT(*) FROM clock WHERE state IN ('running', 'at_risk', 'broken')
             GROUP BY partner, state",
        )
    }

    fn counts(&mut self, sql: &str) -> Result<Vec<Count>, Error> {
        let rows = self.query(sql, &[])?;
        let count =
            |row: &super::engine::Row| Ok(Count { partner: row.text(0)?, state: row.text(1)?, count: row.int(2)? });
        rows.iter().map(count).collect()
    }

    /// Money at stake in what is unsettled. It is for a gauge, which is a float whatever we do.
    pub fn at_stake_by_partner(&mut self) -> Result<Vec<AtStake>, Error> {
        let sql =
            "SELECT partner, COALESCE(currency, ''), CAST(ROUND(SUM(CAST(money AS DOUBLE PRECISION)) * 100) AS BIGINT)
                   FROM finding WHERE state IN ('open', 'assigned') AND money IS NOT NULL GROUP BY partner, currency";
        let rows = self.query(sql, &[])?;
        let at_stake = |row: &super::engine::Row| {
            Ok(AtStake { partner: row.text(0)?, currency: row.text(1)?, cents: row.int(2)? })
        };
        rows.iter().map(at_stake).collect()
    }

    /// How many documents of a kind were recorded from one time on and before another.
    pub fn documents_between(&mut self, kind: Kind, since: Timestamp, until: Timestamp) -> Result<i64, Error> {
        let sql = "SELECT COUNT(*) FROM document WHERE kind = $1 AND at >= $2 AND at < $3";
        self.query_one(sql, &[kind.name().into(), since.into(), until.into()])?.map_or(Ok(0), |row| row.int(0))
    }

    /// When what these deliveries carry came in; none for what came by no file. There may be as many as one statement takes.
    pub fn drops_of(&mut self, deliveries: &[Id]) -> Result<Vec<Drop>, Error> {
        let places: Vec<String> = (1..=deliveries.len()).map(|place| format!("${place}")).collect();
        let sql = format!(
            "SELECT delivery.id, delivery.answers, transmission.at, transmission.id
             FROM delivery LEFT JOIN document ON document.id = delivery.document
             LEFT JOIN interchange ON interchange.id = delivery.answers
             JOIN transmission ON transmission.id = COALESCE(interchange.transmission, document.transmission)
             WHERE delivery.id IN ({})",
            places.join(", ")
        );
        let values: Vec<Value> = deliveries.iter().map(Value::from).collect();
        let drop = |row: &super::engine::Row| {
            let is_answer = row.optional_text(1)?.is_some();
            Ok(Drop { delivery: row.id(0)?, transmission: row.id(3)?, is_answer, at: row.time(2)? })
        };
        self.query(&sql, &values)?.iter().map(drop).collect()
    }
}

impl Ledger {
    /// How many bytes the ledger takes, without the archive.
    pub fn size(&self) -> Result<u64, Error> {
        match self.address() {
            LedgerAddress::Sqlite(path) => {
                std::fs::metadata(path).map(|found| found.len()).map_err(|error| Error::Unwritable(error.to_string()))
            }
            LedgerAddress::Postgres(_) => self.read(|tx| {
                let row = tx.query_one("SELECT pg_database_size(current_database())", &[])?;
                let size = row.map_or(Ok(0), |row| row.int(0))?;
                Ok(u64::try_from(size).unwrap_or(0))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::diagnostic::codes::custody;
    use crate::ledger::finding::{self, NewFinding};
    use crate::ledger::tests::{Books, at, awaited, document, envelope, order, owed};

    #[test]
    fn what_is_open_is_counted_by_partner_with_its_money() {
        let books = Books::new();
        books.write(|tx| {
            for (subject, money) in [("a", Some("10.25")), ("b", Some("0.50")), ("c", None)] {
                let diagnostic = Diagnostic::new(&custody::PARKED, "parked");
                let at_stake = money
                    .map(|money| finding::AtStake { money: money.parse().unwrap(), currency: Some("USD".to_owned()) });
                let new = NewFinding::new("mega", subject, &diagnostic, at(0));
                tx.record_finding(&NewFinding { at_stake: at_stake.as_ref(), ..new })?;
            }
            Ok(())
        });
        let found =
            books.read(|tx| Ok((tx.unsettled_by_partner()?, tx.at_stake_by_partner()?, tx.clocks_by_partner()?)));
        let severity = books.texts("SELECT severity FROM finding LIMIT 1").remove(0);
        assert_eq!(found.0, [Count { partner: "mega".to_owned(), state: severity, count: 3 }]);
        assert_eq!(found.1, [AtStake { partner: "mega".to_owned(), currency: "USD".to_owned(), cents: 1075 }]);
        assert!(found.2.is_empty() && books.ledger.size().unwrap() > 0);
    }

    #[test]
    fn documents_are_counted_by_kind_and_span_and_deliveries_know_what_they_came_of() {
        let books = Books::new();
        let (sent, ours) = books.write(|tx| {
            document(tx, "mega", &order("PO1"))?;
            Ok((awaited(tx, envelope(5, 5, &["0001"]), at(0))?, owed(tx)?))
        });
        let count = |kind, since, until| books.read(|tx| tx.documents_between(kind, at(since), at(until)));
        assert_eq!((count(Kind::Order, 0, 1), count(Kind::Shipment, 0, 1), count(Kind::Order, 1, 9)), (1, 1, 0));
        // What we owe here answers an interchange of which there is no row, so that nobody knows when it came.
        let drops = books.read(|tx| tx.drops_of(&[sent.clone(), ours]));
        let [drop] = &drops[..] else { panic!("{drops:?}") };
        assert_eq!((&drop.delivery, drop.is_answer, drop.at), (&sent, false, at(0)));
    }
}
