//! Receipts of messages (AS2): those that we gave, so that a message that comes again gets the same one, and those that we wait
//! for, with what they must say.

use jiff::Timestamp;

use super::{Error, Id, Transaction};

/// A receipt that we gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The message as it came.
    pub message: Id,
    /// The receipt; `None` where the message asked for none.
    pub receipt: Option<Id>,
}

/// A receipt that we wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// The delivery that it is about.
    pub delivery: Id,
    /// By which endpoint that went out.
    pub endpoint: String,
    /// The digests of which it must return one.
    pub digests: String,
}

impl Transaction<'_> {
    /// The receipt that a message got when it came first.
    pub fn given_receipt(&mut self, partner: &str, endpoint: &str, message_id: &str) -> Result<Option<Given>, Error> {
        let sql = "SELECT message, receipt FROM given_receipt WHERE partner = $1 AND endpoint = $2 AND message_id = $3";
        let row = self.query_one(sql, &[partner.into(), endpoint.into(), message_id.into()])?;
        row.map(|row| Ok(Given { message: row.id(0)?, receipt: row.optional_id(1)? })).transpose()
    }

    /// Keeps the receipt of a message. Another node that took the same message at this moment undoes all of this work.
    pub fn keep_receipt(
        &mut self,
        partner: &str,
        endpoint: &str,
        message_id: &str,
        given: &Given,
    ) -> Result<(), Error> {
        let sql =
            "INSERT INTO given_receipt (partner, endpoint, message_id, message, receipt) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (partner, endpoint, message_id) DO NOTHING";
        let receipt = given.receipt.as_ref().map(|id| id.0.clone());
        let values = [partner.into(), endpoint.into(), message_id.into(), (&given.message).into(), receipt.into()];
        if self.execute(sql, &values)? == 0 {
            return Err(Error::Contended);
        }
        Ok(())
    }

    /// Remembers what the receipt of a message that went out must say; the clock of its expectation can start again.
    pub fn await_receipt(&mut self, partner: &str, message_id: &str, awaited: &Awaited) -> Result<(), Error> {
        let sql =
            "INSERT INTO awaited_receipt (partner, message_id, delivery, endpoint, digests) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (partner, message_id) DO UPDATE SET digests = excluded.digests";
        let Awaited { delivery, endpoint, digests } = awaited;
        self.execute(sql, &[partner.into(), message_id.into(), delivery.into(), endpoint.into(), digests.into()])?;
        let sql = "UPDATE expectation SET state = 'waiting', due = NULL, closed = NULL, detail = NULL
                   WHERE delivery = $1 AND what = 'mdn' AND state <> 'waived'";
        self.execute(sql, &[delivery.into()])?;
        Ok(())
    }

    /// What is known of a message of ours whose receipt came.
    pub fn awaited_receipt(&mut self, partner: &str, message_id: &str) -> Result<Option<Awaited>, Error> {
        let sql = "SELECT delivery, endpoint, digests FROM awaited_receipt WHERE partner = $1 AND message_id = $2";
        let row = self.query_one(sql, &[partner.into(), message_id.into()])?;
        row.map(|row| Ok(Awaited { delivery: row.id(0)?, endpoint: row.text(1)?, digests: row.text(2)? })).transpose()
    }

    /// A receipt that matches came: what was expected is met, in time or late.
    pub fn receipt_matched(&mut self, delivery: &Id, now: Timestamp, detail: &str) -> Result<(), Error> {
        let sql = "UPDATE expectation
                   SET state = CASE WHEN state = 'overdue' OR due < $2 THEN 'met_late' ELSE 'met' END, closed = $2, detail = $3
                   WHERE delivery = $1 AND what = 'mdn' AND state IN ('waiting', 'pending', 'overdue')";
        self.execute(sql, &[delivery.into(), now.into(), detail.into()])?;
        Ok(())
    }

    /// A receipt came that says anything else: what was thought to be sent is parked. False when it was given up or parked before.
    pub fn receipt_failed(&mut self, delivery: &Id, now: Timestamp, why: &str) -> Result<bool, Error> {
        let sql = "UPDATE expectation SET state = 'violated', closed = $2, detail = $3
                   WHERE delivery = $1 AND what = 'mdn' AND state IN ('waiting', 'pending', 'overdue')";
        self.execute(sql, &[delivery.into(), now.into(), why.into()])?;
        let sql = "UPDATE delivery SET state = 'parked', last_error = $2, failing_since = COALESCE(failing_since, $3), sent = NULL
                   WHERE id = $1 AND state = 'sent'";
        Ok(self.execute(sql, &[delivery.into(), why.into(), now.into()])? > 0)
    }
}
