//! A text of the partner meets what we sent: words about a document, that a person must read.
//!
//! In: an 864 that was recorded. Out: a finding for each document of ours that a message of it names by its number; where it names
//! none, for each order; where it names nothing that is known, for the message.
//!
//! ```text
//! MIT*ERR01*ASN ERROR~ MSG*SHP0000777: CARTON COUNT DIFFERS~ -> 856 SHP0000777: ASN ERROR SHP0000777: CARTON COUNT DIFFERS
//! ```
//!
//! Never here: what the words mean. They settle no expectation and close nothing.

use jiff::Timestamp;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::custody;
use crate::document::Kind;
use crate::document::text_message::{Message, TextMessage};
use crate::ledger::document::StoredDocument;
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::finding::{self, NewFinding};
use crate::ledger::{self, Id, Transaction};
use crate::reconcile::stake;

/// A text that came in.
pub struct Writing<'w> {
    /// Whose.
    pub partner: &'w str,
    /// The transmission that brought it.
    pub transmission: &'w Id,
    /// Its document.
    pub document: &'w Id,
    /// What that is called: `864 ERR01/2026-03-06 …`.
    pub label: &'w str,
    /// When it came.
    pub at: Timestamp,
}

/// Tells what a text says of what, in the caller's transaction, which recorded it.
pub fn tell(tx: &mut Transaction<'_>, writing: &Writing<'_>, text: &TextMessage) -> Result<(), ledger::Error> {
    text.messages.iter().try_for_each(|message| tell_one(tx, writing, message))
}

fn tell_one(tx: &mut Transaction<'_>, writing: &Writing<'_>, message: &Message) -> Result<(), ledger::Error> {
    let mut named: Vec<(Kind, &str)> = message.mentions().collect();
    named.sort_unstable();
    let unknown = tx.unknown_of(writing.partner, &named)?;
    named.retain(|one| !unknown.contains(one));
    let mut ours: Vec<StoredDocument> = Vec::new();
    for (kind, number) in named.iter().filter(|(kind, _)| *kind != Kind::Order) {
        let sent = tx.document_sent_to(writing.partner, *kind, number)?;
        ours.extend(sent.filter(|sent| ours.iter().all(|known| known.id != sent.id)));
    }
    for document in &ours {
        writing.of_document(tx, document, message)?;
    }
    if !ours.is_empty() {
        return Ok(());
    }
    for (_, po_number) in &named {
        writing.of_order(tx, po_number, message)?;
    }
    if named.is_empty() { writing.of_nothing_known(tx, message) } else { Ok(()) }
}

/// What is told, and of what.
struct Told<'t> {
    subject: String,
    message: String,
    document: &'t Id,
    po_number: Option<&'t str>,
}

impl Writing<'_> {
    fn of_document(
        &self,
        tx: &mut Transaction<'_>,
        ours: &StoredDocument,
        message: &Message,
    ) -> Result<(), ledger::Error> {
        let label = ours.document.label();
        let told = Told {
            subject: format!("{label} in {}", self.label),
            message: format!("their 864 writes of {label}: {}", message.excerpt()),
            document: &ours.id,
            po_number: ours.document.po_numbers().first().copied(),
        };
        self.record(tx, EventKind::AcknowledgmentReceived, &told)
    }

    fn of_order(&self, tx: &mut Transaction<'_>, po_number: &str, message: &Message) -> Result<(), ledger::Error> {
        let told = Told {
            subject: format!("850 {po_number} in {}", self.label),
            message: format!("their 864 writes of order {po_number}: {}", message.excerpt()),
            document: self.document,
            po_number: Some(po_number),
        };
        self.record(tx, EventKind::Finding, &told)
    }

    fn of_nothing_known(&self, tx: &mut Transaction<'_>, message: &Message) -> Result<(), ledger::Error> {
        let told = Told {
            subject: format!("{} in {}", message.number, self.label),
            message: format!("their 864 writes: {}", message.excerpt()),
            document: self.document,
            po_number: None,
        };
        self.record(tx, EventKind::Finding, &told)
    }

    fn record(&self, tx: &mut Transaction<'_>, kind: EventKind, told: &Told<'_>) -> Result<(), ledger::Error> {
        let Told { subject, message, document, po_number } = told;
        let diagnostic = Diagnostic::new(&custody::WROTE, message.clone());
        let at_stake = stake::of(tx, document)?;
        tx.record_finding(&NewFinding {
            document: Some(document),
            po_number: *po_number,
            at_stake: at_stake.as_ref(),
            ..NewFinding::new(self.partner, subject, &diagnostic, self.at)
        })?;
        tx.append_event(&NewEvent {
            partner: self.partner.to_owned(),
            at: self.at,
            kind,
            refs: Refs {
                transmission: Some(self.transmission.clone()),
                document: Some((*document).clone()),
                po_number: po_number.map(str::to_owned),
                ..Refs::default()
            },
            text: format!("{message} ({})", diagnostic.code.code),
            data: finding::told(&diagnostic, subject),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::ledger::tests::{Books, at, awaited_by, document, envelope, order, transmission};
    use crate::ledger::transmission::Direction;

    /// A ship notice of order PO1 that went out, and the order.
    fn sent() -> Books {
        let books = Books::new();
        books.write(|tx| {
            document(tx, "mega", &order("4500012345"))?;
            awaited_by(tx, envelope(501, 503, &["0001"]), at(0), &["824"])
        });
        books
    }

    fn receive(books: &Books, number: &str, text: &str) {
        let message = Message { number: number.to_owned(), text: text.to_owned(), ..Message::default() };
        let text = TextMessage { messages: vec![message], ..TextMessage::default() };
        books.write(move |tx| {
            let document_of_it = Document::TextMessage(text.clone());
            let id = document(tx, "mega", &document_of_it)?;
            let transmission = transmission(tx, "mega", "864.edi", Direction::In)?;
            let label = document_of_it.label();
            let writing =
                Writing { partner: "mega", transmission: &transmission, document: &id, label: &label, at: at(5) };
            tell(tx, &writing, &text)
        });
    }

    fn findings(books: &Books) -> Vec<String> {
        let sql = "SELECT rule || ' ' || document.kind || ' ' || COALESCE(po_number, '-') || ' ' || record
                   FROM finding JOIN document ON document.id = finding.document ORDER BY finding.id";
        let told = |row: String| {
            let (about, record) = row.split_once(" {").unwrap();
            let record: serde_json::Value = serde_json::from_str(&format!("{{{record}")).unwrap();
            format!("{about}: {}", record["message"].as_str().unwrap())
        };
        books.texts(sql).into_iter().map(told).collect()
    }

    #[test]
    fn words_about_a_ship_notice_are_a_finding_about_it_and_settle_nothing() {
        let books = sent();
        receive(&books, "ERR01", "ASN SHP1 FOR PO 4500012345:\nCARTON COUNT DIFFERS");
        let expect =
            "ACK-W009 shipment PO1: their 864 writes of 856 SHP1: ASN SHP1 FOR PO 4500012345: CARTON COUNT DIFFERS";
        assert_eq!(findings(&books), [expect]);
        assert_eq!(books.states(), ["waiting"]);
    }

    #[test]
    fn words_about_an_order_are_a_finding_about_the_order() {
        let books = sent();
        receive(&books, "ERR02", "WHERE IS PO#4500012345?");
        let expect = "ACK-W009 text_message 4500012345: their 864 writes of order 4500012345: WHERE IS PO#4500012345?";
        assert_eq!(findings(&books), [expect]);
    }

    #[test]
    fn words_about_nothing_that_is_known_are_told_all_the_same() {
        let books = sent();
        receive(&books, "NEWS", "DC 6021 IS CLOSED ON 2026-03-09");
        let expect = "ACK-W009 text_message -: their 864 writes: DC 6021 IS CLOSED ON 2026-03-09";
        assert_eq!(findings(&books), [expect]);
    }

    #[test]
    fn another_text_under_the_same_number_is_another_finding() {
        let books = sent();
        receive(&books, "ERR01", "SHP1: CARTON COUNT DIFFERS");
        receive(&books, "ERR01", "SHP1: NO SUCH ITEM");
        assert_eq!(findings(&books).len(), 2);
    }
}
