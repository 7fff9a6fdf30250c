//! Numbers that are given once: control numbers per partner, serials, and the SSCCs that were ever used.
//!
//! They are given in the transaction that records what they number. A transaction that is undone gives them back,
//! and nobody has seen them; gaps may occur, reuse may not.

use super::{Error, Id, Transaction};

/// The largest control number that X12 has room for (ISA13, GS06: nine digits).
pub(super) const LARGEST: i64 = 999_999_999;

impl Transaction<'_> {
    /// The next control number of a counter: `first` at first, 1 after 999 999 999.
    pub fn next_number(&mut self, counter: &str, partner: &str, first: u32) -> Result<u32, Error> {
        let sql = "INSERT INTO number (counter, partner, value) VALUES ($1, $2, $3)
                   ON CONFLICT (counter, partner) DO UPDATE
                   SET value = CASE WHEN number.value >= $4 THEN 1 ELSE number.value + 1 END
                   RETURNING value";
        let row = self.query_one(sql, &[counter.into(), partner.into(), first.into(), LARGEST.into()])?;
        let value = row.ok_or_else(|| Error::Unexpected("a counter without a value".to_owned()))?.int(0)?;
        u32::try_from(value).map_err(|_| Error::Unexpected(format!("counter {counter} is at {value}")))
    }

    /// The next serial of a counter that never wraps, from 1.
    pub fn next_serial(&mut self, counter: &str) -> Result<u64, Error> {
        let sql = "INSERT INTO number (counter, partner, value) VALUES ($1, '', 1)
                   ON CONFLICT (counter, partner) DO UPDATE SET value = number.value + 1 RETURNING value";
        let row = self.query_one(sql, &[counter.into()])?;
        let value = row.ok_or_else(|| Error::Unexpected("a counter without a value".to_owned()))?.int(0)?;
        u64::try_from(value).map_err(|_| Error::Unexpected(format!("counter {counter} is at {value}")))
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
        self.execute(sql, &[code.into(), partner.into(), shipment.into()])?;
        Ok(())
    }
}
