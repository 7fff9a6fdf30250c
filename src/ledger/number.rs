//! Numbers that are given once: control numbers per partner, serials, and the SSCCs that were ever used.
//!
//! They are given in the transaction that records what they number. A transaction that is undone gives them back,
//! and nobody has seen them; gaps may occur, reuse may not.

use super::engine::Session;
use super::unposted::Counter;
use super::{Error, Id, Transaction};

/// The largest control number that X12 has room for (ISA13, GS06: nine digits).
pub(super) const LARGEST: i64 = 999_999_999;

/// Writes every counter of a group as it stands at its end.
pub(super) fn post<'k>(
    session: &mut Session,
    counters: impl IntoIterator<Item = (&'k (String, String), &'k Counter)>,
) -> Result<(), Error> {
    for ((counter, partner), state) in counters {
        let sql = "UPDATE number SET value = $3 WHERE counter = $1 AND partner = $2";
        session.put(sql, &[counter.into(), partner.into(), state.last.into()])?;
    }
    Ok(())
}

impl Transaction<'_> {
    /// The next control number of a counter: `first` at first, 1 after 999 999 999.
    pub fn next_number(&mut self, counter: &str, partner: &str, first: u32) -> Result<u32, Error> {
        let value = self.count_on(counter, partner, |last| match last {
            0 => first.into(),
            LARGEST.. => 1,
            _ => last + 1,
        })?;
        u32::try_from(value).map_err(|_| Error::Unexpected(format!("counter {counter} is at {value}")))
    }

    /// The next serial of a counter that never wraps, from 1.
    pub fn next_serial(&mut self, counter: &str) -> Result<u64, Error> {
        let value = self.count_on(counter, "", |last| last + 1)?;
        u64::try_from(value).map_err(|_| Error::Unexpected(format!("counter {counter} is at {value}")))
    }

    /// Moves a counter on; its row is taken at the first use in a group and written at the group's end.
    fn count_on(&mut self, counter: &str, partner: &str, next: impl Fn(i64) -> i64) -> Result<i64, Error> {
        let key = (counter.to_owned(), partner.to_owned());
        let last = match self.unposted()?.counters.get(&key) {
            Some(held) => held.last,
            None => self.take_counter(counter, partner)?,
        };
        let value = next(last);
        self.unposted()?.counters.insert(key, Counter { last: value });
        Ok(value)
    }

    fn take_counter(&mut self, counter: &str, partner: &str) -> Result<i64, Error> {
        let sql =
            "INSERT INTO number (counter, partner, value) VALUES ($1, $2, 0) ON CONFLICT (counter, partner) DO NOTHING";
        self.put(sql, &[counter.into(), partner.into()])?;
        let sql = "SELECT value FROM number WHERE counter = $1 AND partner = $2 FOR UPDATE";
        let row = self.query_one(sql, &[counter.into(), partner.into()])?;
        row.ok_or_else(|| Error::Unexpected("a counter without a value".to_owned()))?.int(0)
    }

    /// True when an SSCC stands on a carton or pallet that was recorded before.
    pub fn sscc_was_used(&mut self, code: &str) -> Result<bool, Error> {
        Ok(self.query_one("SELECT 1 FROM sscc WHERE code = $1", &[code.into()])?.is_some())
    }

    /// The number of the shipment on which an SSCC stands.
    pub fn shipment_with_sscc(&mut self, code: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT document.number FROM sscc JOIN document ON document.id = sscc.shipment WHERE code = $1";
        self.query_one(sql, &[code.into()])?.map(|row| row.text(0)).transpose()
    }

    /// Remembers an SSCC for ever.
    pub fn remember_sscc(&mut self, code: &str, partner: &str, shipment: &Id) -> Result<(), Error> {
        let sql = "INSERT INTO sscc (code, partner, shipment) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING";
        self.put(sql, &[code.into(), partner.into(), shipment.into()])?;
        Ok(())
    }
}
