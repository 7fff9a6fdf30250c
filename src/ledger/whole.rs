//! What belongs to one document or one file, for whoever looks at it as a whole.

use super::view::DeliveryRow;
use super::{Error, Id, Transaction};

impl Transaction<'_> {
    /// From which byte to which a document stands in the file that brought it; nothing where it is no set of X12.
    pub fn span_of_document(&mut self, transmission: &Id, document: &Id) -> Result<Option<(u64, u64)>, Error> {
        let sql = "SELECT transaction_set.byte_start, transaction_set.byte_end
                   FROM interchange
                   JOIN functional_group ON functional_group.interchange = interchange.id
                   JOIN transaction_set ON transaction_set.functional_group = functional_group.id
                   WHERE interchange.transmission = $1 AND transaction_set.document = $2 LIMIT 1";
        let row = self.query_one(sql, &[transmission.into(), document.into()])?;
        let byte = |number: i64| u64::try_from(number).unwrap_or(0);
        row.map(|row| Ok((byte(row.int(0)?), byte(row.int(1)?)))).transpose()
    }

    /// The deliveries that carry a document, alone or with others, the newest first; 100 at most.
    pub fn deliveries_of_document(&mut self, document: &Id) -> Result<Vec<DeliveryRow>, Error> {
        let sql = "SELECT id FROM delivery WHERE document = $1
                   UNION SELECT delivery.id FROM waiting_document JOIN delivery ON delivery.batch = waiting_document.batch
                   WHERE waiting_document.document = $1
                   ORDER BY 1 DESC LIMIT 100";
        let mut rows = Vec::new();
        for row in self.query(sql, &[document.into()])? {
            rows.extend(self.delivery_row(&row.id(0)?)?);
        }
        Ok(rows)
    }

    /// The documents that a file brought: id, kind, number.
    pub fn documents_of_file(&mut self, file: &Id, most: u32) -> Result<Vec<(String, String, String)>, Error> {
        let sql = "SELECT id, kind, number FROM document WHERE transmission = $1 LIMIT $2";
        let rows = self.query(sql, &[file.into(), most.into()])?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?, row.text(2)?))).collect()
    }
}
