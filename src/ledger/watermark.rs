//! How far each API was read, and the refresh tokens that token endpoints gave us.
//!
//! ```text
//! tx.watermark("shop", "orders")                 2026-03-06T22:10:44Z, as the wire wrote it
//! tx.keep_refresh_token("books", "api", hash, …)   sealed: the ledger and its backups hold no secret in the clear
//! ```

use jiff::Timestamp;

use super::{Error, Transaction};

impl Transaction<'_> {
    /// How far an API was read; `None` before the first round came to its end.
    pub fn watermark(&mut self, partner: &str, endpoint: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT value FROM watermark WHERE partner = $1 AND endpoint = $2";
        self.query_one(sql, &[partner.into(), endpoint.into()])?.map(|row| row.text(0)).transpose()
    }

    /// Moves it; whatever it stands for is durable by now.
    pub fn move_watermark(&mut self, partner: &str, endpoint: &str, value: &str, at: Timestamp) -> Result<(), Error> {
        let sql = "INSERT INTO watermark (partner, endpoint, value, at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (partner, endpoint) DO UPDATE SET value = excluded.value, at = excluded.at";
        self.put(sql, &[partner.into(), endpoint.into(), value.into(), at.into()])
    }

    /// The sealed refresh token of an endpoint, if it goes with the one that the configuration names.
    pub fn refresh_token(&mut self, partner: &str, endpoint: &str, lineage: &str) -> Result<Option<String>, Error> {
        let sql = "SELECT sealed FROM refresh_token WHERE partner = $1 AND endpoint = $2 AND lineage = $3";
        let row = self.query_one(sql, &[partner.into(), endpoint.into(), lineage.into()])?;
        row.map(|row| row.text(0)).transpose()
    }

    /// Keeps one in place of the one before it.
    pub fn keep_refresh_token(
        &mut self,
        partner: &str,
        endpoint: &str,
        lineage: &str,
        sealed: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO refresh_token (partner, endpoint, lineage, sealed, at) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (partner, endpoint)
                   DO UPDATE SET lineage = excluded.lineage, sealed = excluded.sealed, at = excluded.at";
        self.put(sql, &[partner.into(), endpoint.into(), lineage.into(), sealed.into(), at.into()])
    }
}
