//! What answers what: the files that carry the answers to a document, and what the acknowledgments in a file answer.
//!
//! ```text
//! 856 SHP0000777    answered by 997_202.edi                       their 997, by what the journal says of it
//! 850 4500012345    answered by megamart_997_000000501.edi        ours, by the interchange that its delivery answers
//! ```

use jiff::Timestamp;

use super::document::StoredDocument;
use super::engine::Row;
use super::{Error, Id, Transaction};
use crate::document::Kind;

/// A file that carries an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The file.
    pub file: Id,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub partner: String,
    /// When it came, or was made.
    pub at: Timestamp,
}

/// Something that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What.
    pub what: Subject,
    /// The same for a person: `856 SHP0000777`, `850_101.edi`.
    pub label: String,
    /// Whose it is.
    pub partner: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// What an acknowledgment answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A document of ours.
    Document(Id),
    /// A file of theirs, with everything in it.
    File(Id),
}

/// Answers to one document that are shown.
const MOST: u32 = 20;

impl Transaction<'_> {
    /// The files that answer a document, the oldest first.
    pub fn answers_to(&mut self, stored: &StoredDocument) -> Result<Vec<Answer>, Error> {
        let told = "SELECT transmission.id, transmission.name, transmission.partner, transmission.at
                    FROM transmission
                    WHERE id IN (SELECT transmission FROM event
                                 WHERE event.document = $1 AND event.kind = 'acknowledgment_received')
                    ORDER BY transmission.at, transmission.id LIMIT $2";
        let mut answers = self.answers(told, &[(&stored.id).into(), MOST.into()])?;
        for interchange in self.interchanges_with(stored)? {
            let ours = "SELECT transmission.id, transmission.name, transmission.partner, transmission.at
                        FROM delivery JOIN transmission ON transmission.id = delivery.transmission
                        WHERE delivery.answers = $1 ORDER BY delivery.id LIMIT $2";
            answers.extend(self.answers(ours, &[(&interchange).into(), MOST.into()])?);
        }
        Ok(answers)
    }

    fn answers(&mut self, sql: &str, values: &[super::engine::Value]) -> Result<Vec<Answer>, Error> {
        let read =
            |row: &Row| Ok(Answer { file: row.id(0)?, name: row.text(1)?, partner: row.text(2)?, at: row.time(3)? });
        self.query(sql, values)?.iter().map(read).collect()
    }

    /// What the acknowledgments in a file answer, the oldest first.
    pub fn answered_by(&mut self, file: &Id, most: u32) -> Result<Vec<Answered>, Error> {
        let documents = "SELECT id, kind, number, partner, at FROM document
                         WHERE id IN (SELECT document FROM event
                                      WHERE event.transmission = $1 AND event.kind = 'acknowledgment_received')
                         ORDER BY at, id LIMIT $2";
        let document = |row: &Row| -> Result<Answered, Error> {
            let kind = row.text(1)?;
            let label = match Kind::parse(&kind) {
                Some(known) => format!("{} {}", known.label(), row.text(2)?),
                None => format!("{kind} {}", row.text(2)?),
            };
            Ok(Answered { what: Subject::Document(row.id(0)?), label, partner: row.text(3)?, at: row.time(4)? })
        };
        let rows = self.query(documents, &[file.into(), most.into()])?;
        let mut answered: Vec<Answered> = rows.iter().map(document).collect::<Result<_, _>>()?;
        let files = "SELECT transmission.id, transmission.name, transmission.partner, transmission.at
                     FROM delivery JOIN interchange ON interchange.id = delivery.answers
                     JOIN transmission ON transmission.id = interchange.transmission
                     WHERE delivery.transmission = $1 ORDER BY transmission.at LIMIT $2";
        for answer in self.answers(files, &[file.into(), most.into()])? {
            let Answer { file, name, partner, at } = answer;
            answered.push(Answered { what: Subject::File(file), label: name, partner, at });
        }
        Ok(answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::delivery::{NewDelivery, What};
    use crate::ledger::event::{EventKind, NewEvent, Refs};
    use crate::ledger::tests::{Books, at, awaited, document, envelope, order, transmission};
    use crate::ledger::transmission::Direction;

    /// The names of the files that answer the only document of a kind.
    fn answers(books: &Books, kind: &str) -> Vec<String> {
        let id = Id(books.texts(&format!("SELECT id FROM document WHERE kind = '{kind}'")).remove(0));
        let found = books.read(|tx| {
            let stored = tx.document(&id)?;
            tx.answers_to(&stored)
        });
        found.into_iter().map(|answer| answer.name).collect()
    }

    fn answered(books: &Books, file: &Id) -> Vec<String> {
        books.read(|tx| tx.answered_by(file, 10)).into_iter().map(|one| one.label).collect()
    }

    #[test]
    fn their_answer_and_what_it_answers_lead_to_each_other() {
        let books = Books::new();
        let file = books.write(|tx| {
            let delivery = awaited(tx, envelope(501, 503, &["0001"]), at(0))?;
            let file = transmission(tx, "mega", "997_1.edi", Direction::In)?;
            let row = tx.query_one("SELECT id FROM document WHERE kind = 'shipment'", &[])?;
            let document = row.map(|row| row.id(0)).transpose()?;
            let refs = Refs { transmission: Some(file.clone()), document, delivery: Some(delivery), po_number: None };
            let (partner, kind) = ("mega".to_owned(), EventKind::AcknowledgmentReceived);
            tx.append_event(&NewEvent { partner, at: at(1), kind, refs, ..NewEvent::default() })?;
            Ok(file)
        });
        assert_eq!(answers(&books, "shipment"), ["997_1.edi"]);
        assert_eq!(answered(&books, &file), ["856 SHP1"]);
    }

    #[test]
    fn our_answer_leads_to_the_file_that_it_answers() {
        let books = Books::new();
        let ours = books.write(|tx| {
            let order = document(tx, "mega", &order("PO1"))?;
            let came = tx.document(&order)?.transmission;
            tx.execute(
                "INSERT INTO interchange (id, partner, direction, transmission, sender, receiver, control_number,
                                          byte_start, byte_end, state)
                 VALUES ('i1', 'mega', 'in', $1, 's', 'r', '000000101', 0, 9, 'accepted')",
                &[(&came).into()],
            )?;
            let ours = transmission(tx, "mega", "997_2.edi", Direction::Out)?;
            tx.record_delivery(&NewDelivery {
                transmission: ours.clone(),
                partner: "mega".to_owned(),
                endpoint: "folder".to_owned(),
                name: "997_2.edi".to_owned(),
                what: What::Acknowledgment(Id("i1".to_owned())),
                label: "997 for 000000101".to_owned(),
                po_number: None,
                due: at(0),
            })?;
            Ok(ours)
        });
        assert_eq!(answers(&books, "order"), ["997_2.edi"]);
        assert_eq!(answered(&books, &ours).len(), 1);
    }
}
