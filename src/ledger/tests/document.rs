//! Documents, their keys and revisions.

use super::{Books, Direction, at, document, invoice, order, shipment, transmission};
use crate::document::{Document, Purpose};
use crate::ledger::document::{Body, NewDocument, Recorded};
use crate::ledger::{Error, Id, Transaction};

fn noted(document: &Document, note: &str) -> Document {
    let mut document = document.clone();
    document.header_mut().notes.push(note.to_owned());
    document
}

/// Whether a document is recorded only when its key is new.
enum Way {
    Once,
    Revise,
}

fn record(books: &Books, partner: &'static str, document: &Document, way: Way) -> Recorded {
    let document = document.clone();
    books.write(move |tx| {
        let transmission = transmission(tx, partner, "a.edi", Direction::In)?;
        let body = Body::of(&document)?;
        let (transmission, document, body) = (&transmission, &document, &body);
        let new = NewDocument { partner, source: partner, transmission, document, body, at: at(0) };
        match way {
            Way::Once => tx.record_document(&new),
            Way::Revise => tx.record_revision(&new),
        }
    })
}

fn new_id(recorded: Recorded) -> Id {
    match recorded {
        Recorded::New(id) => id,
        other => panic!("expected a new document, found {other:?}"),
    }
}

#[test]
fn the_same_document_again_is_known_and_recorded_once() {
    let books = Books::new();
    let id = new_id(record(&books, "mega", &order("PO1"), Way::Once));
    assert_eq!(record(&books, "mega", &order("PO1"), Way::Once), Recorded::Same(id.clone()));
    assert_eq!(record(&books, "mega", &order("PO1"), Way::Revise), Recorded::Same(id));
    assert_eq!(books.count("SELECT COUNT(*) FROM document"), 1);
}

#[test]
fn other_content_under_a_known_key_is_told_and_not_recorded() {
    let books = Books::new();
    let id = new_id(record(&books, "mega", &order("PO1"), Way::Once));
    assert_eq!(record(&books, "mega", &noted(&order("PO1"), "x"), Way::Once), Recorded::Changed(id.clone()));
    assert_eq!(books.read(|tx| tx.document(&id)).document, order("PO1"));
    assert_eq!(books.count("SELECT COUNT(*) FROM document"), 1);
}

#[test]
fn a_revision_stands_beside_the_earlier_one() {
    let books = Books::new();
    let first = new_id(record(&books, "mega", &order("PO1"), Way::Revise));
    let second = new_id(record(&books, "mega", &noted(&order("PO1"), "x"), Way::Revise));
    let stored = [first, second.clone()].map(|id| books.read(|tx| tx.document(&id)));
    assert_eq!(stored.each_ref().map(|one| one.revision), [1, 2]);
    assert_eq!(stored[0].document, order("PO1"));
    // What is known from now on is the latest.
    assert_eq!(record(&books, "mega", &noted(&order("PO1"), "x"), Way::Once), Recorded::Same(second));
}

#[test]
fn an_original_that_comes_after_what_takes_its_place_is_the_revision_before_it() {
    let books = Books::new();
    let mut replacement = noted(&order("PO1"), "replaced");
    replacement.header_mut().purpose = Purpose::Replace;
    let valid = new_id(record(&books, "mega", &replacement, Way::Revise));
    let Recorded::Earlier(id) = record(&books, "mega", &order("PO1"), Way::Once) else { panic!() };
    assert_eq!(books.read(|tx| tx.document(&id)).revision, 0);
    let about = books.read(|tx| tx.documents_about("mega", "PO1"));
    assert_eq!(about.iter().map(|one| &one.id).collect::<Vec<_>>(), [&valid]);
    let papers = books.read(|tx| tx.papers("mega", "PO1"));
    assert_eq!(papers.originals.into_iter().map(Document::Order).collect::<Vec<_>>(), [order("PO1")]);
    // Once: it may come again, and another one is none.
    assert_eq!(record(&books, "mega", &order("PO1"), Way::Once), Recorded::Same(id));
    assert_eq!(record(&books, "mega", &noted(&order("PO1"), "x"), Way::Once), Recorded::Changed(valid));
    assert_eq!(books.count("SELECT COUNT(*) FROM document"), 2);
}

#[test]
fn partners_and_kinds_do_not_share_keys() {
    let books = Books::new();
    new_id(record(&books, "mega", &order("1"), Way::Once));
    new_id(record(&books, "store", &order("1"), Way::Once));
    new_id(record(&books, "mega", &shipment("1", &["1"]), Way::Once));
    new_id(record(&books, "mega", &invoice("1", Some("1")), Way::Once));
}

#[test]
fn orders_are_found_by_number_at_every_partner_in_their_latest_revision() {
    let books = Books::new();
    record(&books, "mega", &order("PO1"), Way::Once);
    record(&books, "mega", &noted(&order("PO1"), "x"), Way::Revise);
    record(&books, "store", &order("PO1"), Way::Once);
    record(&books, "store", &order("PO2"), Way::Once);
    record(&books, "store", &shipment("SHP1", &["PO1"]), Way::Once);
    let found = books.read(|tx| tx.orders_by_po("PO1"));
    let found: Vec<_> = found.iter().map(|one| (one.partner.as_str(), one.revision)).collect();
    assert_eq!(found, [("mega", 2), ("store", 1)]);
}

#[test]
fn releases_of_one_order_are_orders_of_their_own() {
    let books = Books::new();
    for release in ["1", "2"] {
        let Document::Order(mut release_order) = order("PO1") else { unreachable!() };
        release_order.release = Some(release.to_owned());
        record(&books, "mega", &Document::Order(release_order), Way::Once);
    }
    assert_eq!(books.read(|tx| tx.orders_by_po("PO1")).len(), 2);
}

#[test]
fn the_documents_about_an_order_are_the_latest_of_each() {
    let books = Books::new();
    record(&books, "mega", &order("PO1"), Way::Once);
    record(&books, "mega", &shipment("SHP1", &["PO1", "PO2", "PO1"]), Way::Once);
    record(&books, "mega", &shipment("SHP2", &["PO1"]), Way::Once);
    // A revision of the second shipment that is no longer about the order.
    record(&books, "mega", &shipment("SHP2", &["PO3"]), Way::Revise);
    record(&books, "mega", &invoice("INV1", Some("PO1")), Way::Once);
    record(&books, "store", &order("PO1"), Way::Once);
    let about = |po: &'static str| {
        let found = books.read(|tx| tx.documents_about("mega", po));
        found.iter().map(|one| one.document.number().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(about("PO1"), ["PO1", "SHP1", "INV1"]);
    assert_eq!(about("PO2"), ["SHP1"]);
    assert_eq!(about("PO3"), ["SHP2"]);
    assert_eq!(about("PO4"), Vec::<String>::new());
}

#[test]
fn an_unknown_id_is_named() {
    let read = |tx: &mut Transaction<'_>| tx.document(&Id("nope".to_owned()));
    let told = Books::new().ledger.read(read).unwrap_err();
    assert!(matches!(told, Error::NoSuch { .. }));
    assert_eq!(told.to_string(), "there is no document nope");
}

#[test]
fn a_duplicate_transmission_keeps_the_one_that_it_repeats() {
    use crate::ledger::transmission::TransmissionState;
    let books = Books::new();
    let [first, second] = books.write(|tx| {
        document(tx, "mega", &order("PO1"))?;
        Ok([transmission(tx, "mega", "a", Direction::In)?, transmission(tx, "mega", "b", Direction::In)?])
    });
    let (id, state) = (second.clone(), TransmissionState::Duplicate { of: first });
    let expect = state.clone();
    books.write(move |tx| tx.set_transmission_state(&id, &state));
    assert_eq!(books.read(|tx| tx.transmission(&second)).state, expect);
}
