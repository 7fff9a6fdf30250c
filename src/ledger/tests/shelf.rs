//! What is taken from a shelf is what the ledger tells, whatever is recorded after it was read.

use serde_json::json;

use super::{Books, Direction, at, document, invoice, order, shipment, transmission};
use crate::document::{Document, Purpose};
use crate::ledger::document::{Body, NewDocument, Recorded};
use crate::ledger::order_book::{OrderKey, Papers};
use crate::ledger::shelf::Shelf;
use crate::ledger::shelf::orders::LONG;
use crate::ledger::{Error, Transaction};

fn record(books: &Books, told: Document) {
    books.write(move |tx| document(tx, "mega", &told).map(|_| ()));
}

fn revised(tx: &mut Transaction<'_>, document: &Document) -> Result<Recorded, Error> {
    let (transmission, body) = (&transmission(tx, "mega", "a.edi", Direction::In)?, &Body::of(document)?);
    tx.record_revision(&NewDocument { partner: "mega", source: "mega", transmission, document, body, at: at(0) })
}

fn revise(books: &Books, told: Document) {
    books.write(move |tx| revised(tx, &told));
}

/// Joins whatever was recorded.
fn join_all(books: &Books, shelf: &Shelf) {
    let shelf = shelf.clone();
    books.write(move |tx| {
        for unjoined in tx.unjoined(100)? {
            for id in tx.take_unjoined(&unjoined, 100)? {
                tx.join(&id, &shelf, at(1))?;
            }
        }
        for id in tx.mention_news(100)? {
            tx.take_up_news(&id, &shelf, at(1))?;
        }
        Ok(())
    });
}

fn papers_on(tx: &mut Transaction<'_>, shelf: &Shelf, po_number: &str) -> Result<Papers, Error> {
    tx.papers_on(shelf, &OrderKey { partner: "mega".to_owned(), po_number: po_number.to_owned() })
}

/// The documents about an order, which are those that the ledger tells without a shelf: `SHP1 1`, number and revision.
fn about(books: &Books, shelf: &Shelf, po_number: &str) -> Vec<String> {
    let taken = books.read(|tx| papers_on(tx, shelf, po_number));
    let read = books.read(|tx| tx.papers("mega", po_number));
    assert_eq!((&taken.originals, &taken.documents), (&read.originals, &read.documents));
    taken.documents.iter().map(|one| format!("{} {}", one.document.number(), one.revision)).collect()
}

fn payment(invoice: &str) -> Document {
    let line = json!({ "is": "invoice", "number": invoice, "paid": "1.00" });
    let payment = json!({ "kind": "remittance", "trace_number": "T1", "amount": "1.00", "lines": [line] });
    serde_json::from_value(payment).unwrap()
}

#[test]
fn a_later_revision_takes_the_place_of_the_one_that_stands_on_the_shelf() {
    let (books, shelf) = (Books::new(), Shelf::default());
    record(&books, order("PO1"));
    record(&books, shipment("SHP1", &["PO1"]));
    assert_eq!(about(&books, &shelf, "PO1"), ["PO1 1", "SHP1 1"]);
    revise(&books, shipment("SHP1", &["PO1", "PO2"]));
    assert_eq!(about(&books, &shelf, "PO1"), ["PO1 1", "SHP1 2"]);
    revise(&books, shipment("SHP1", &["PO2"]));
    assert_eq!(about(&books, &shelf, "PO1"), ["PO1 1"]);
    assert_eq!(about(&books, &shelf, "PO2"), ["SHP1 3"]);
}

#[test]
fn an_original_that_comes_late_is_one_though_its_replacement_stands_on_the_shelf() {
    let (books, shelf) = (Books::new(), Shelf::default());
    let mut replacement = order("PO1");
    replacement.header_mut().purpose = Purpose::Replace;
    record(&books, replacement.clone());
    assert_eq!(about(&books, &shelf, "PO1"), ["PO1 1"]);
    record(&books, order("PO1"));
    assert_eq!(about(&books, &shelf, "PO1"), ["PO1 1"]);
    let papers = books.read(|tx| papers_on(tx, &shelf, "PO1"));
    assert_eq!(papers.originals.into_iter().map(Document::Order).collect::<Vec<_>>(), [order("PO1")]);
    assert_eq!(papers.documents[0].document, replacement);
}

#[test]
fn a_document_is_about_the_orders_that_it_is_tied_to_after_it_was_read() {
    let (books, shelf) = (Books::new(), Shelf::default());
    record(&books, payment("INV1"));
    join_all(&books, &shelf);
    record(&books, invoice("INV1", Some("PO1")));
    assert_eq!(about(&books, &shelf, "PO1"), ["INV1 1"]);
    join_all(&books, &shelf);
    assert_eq!(about(&books, &shelf, "PO1"), ["T1 1", "INV1 1"]);
}

#[test]
fn what_was_read_while_it_was_recorded_and_was_undone_is_about_nothing() {
    let (books, shelf) = (Books::new(), Shelf::default());
    record(&books, order("PO1"));
    let read = shelf.clone();
    let undone = books.ledger.write(move |tx| {
        document(tx, "mega", &shipment("SHP1", &["PO1"]))?;
        assert_eq!(papers_on(tx, &read, "PO1")?.documents.len(), 2);
        Err::<(), Error>(Error::Contended)
    });
    assert!(matches!(undone, Err(Error::Contended)));
    assert_eq!(about(&books, &shelf, "PO1"), ["PO1 1"]);
    record(&books, shipment("SHP1", &["PO1"]));
    assert_eq!(about(&books, &shelf, "PO1"), ["PO1 1", "SHP1 1"]);
}

/// An order of so many shipments.
fn long_order(books: &Books, shipments: usize) {
    books.write(move |tx| {
        for number in 1..=shipments {
            document(tx, "mega", &shipment(&format!("SHP{number}"), &["PO1"]))?;
        }
        Ok(())
    });
}

#[test]
fn more_documents_than_are_asked_for_at_once_are_read_in_their_order() {
    let (books, shelf) = (Books::new(), Shelf::default());
    long_order(&books, 600);
    let expect: Vec<String> = (1..=600).map(|number| format!("SHP{number} 1")).collect();
    for _ in 0..3 {
        assert_eq!(about(&books, &shelf, "PO1"), expect);
    }
}

#[test]
fn of_a_long_order_as_of_a_short_one_what_is_new_counts_and_what_was_revised_does_not() {
    let (books, shelf) = (Books::new(), Shelf::default());
    long_order(&books, LONG);
    let count = |books: &Books| (0..3).map(|_| about(books, &shelf, "PO1").len()).collect::<Vec<_>>();
    assert_eq!(count(&books), [LONG; 3]);
    record(&books, shipment("NEW", &["PO1"]));
    assert_eq!(count(&books), [LONG + 1; 3]);
    revise(&books, shipment("SHP1", &["PO2"]));
    assert_eq!(count(&books), [LONG; 3]);
    revise(&books, shipment("SHP2", &["PO1", "PO2"]));
    assert_eq!(count(&books), [LONG; 3]);
    assert_eq!(about(&books, &shelf, "PO1").last().unwrap(), "SHP2 2");
    revise(&books, shipment("SHP1", &["PO1"]));
    assert_eq!(count(&books), [LONG + 1; 3]);
}

#[test]
fn a_revision_that_was_undone_leaves_a_long_order_as_it_was() {
    let (books, shelf) = (Books::new(), Shelf::default());
    long_order(&books, LONG);
    let (before, again) = (about(&books, &shelf, "PO1"), about(&books, &shelf, "PO1"));
    assert_eq!(before, again);
    let read = shelf.clone();
    let undone = books.ledger.write(move |tx| {
        revised(tx, &shipment("SHP1", &["PO2"]))?;
        assert_eq!(papers_on(tx, &read, "PO1")?.documents.len(), LONG - 1);
        Err::<(), Error>(Error::Contended)
    });
    assert!(matches!(undone, Err(Error::Contended)));
    assert_eq!(about(&books, &shelf, "PO1"), before);
    revise(&books, shipment("SHP2", &["PO2"]));
    assert_eq!(about(&books, &shelf, "PO1").len(), LONG - 1);
    assert_eq!(about(&books, &shelf, "PO1")[0], "SHP1 1");
}
