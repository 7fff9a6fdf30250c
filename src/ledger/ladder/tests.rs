//! How far documents got.

use super::{Author, Standing, Step};
use crate::document::receipt::Receipt;
use crate::document::text_message::Message;
use crate::document::{Document, OrderAck, TextMessage};
use crate::ledger::Id;
use crate::ledger::delivery::{NewDelivery, What};
use crate::ledger::expectation::ExpectationState;
use crate::ledger::shelf::Shelf;
use crate::ledger::tests::{Books, at, awaited_by, close_all, document, document_from, envelope, order, transmission};
use crate::ledger::transmission::Direction;

/// Each rung in a word: `sent done`.
fn rungs(books: &Books, id: &Id) -> Vec<String> {
    let id = id.clone();
    let ladder = books.read(move |tx| tx.ladder(&id));
    ladder.rungs.iter().map(|rung| format!("{:?} {:?}", rung.step, rung.standing)).collect()
}

/// The ship notice of the ERP that `awaited_by` sends.
fn notice(books: &Books) -> Id {
    Id(books.texts("SELECT id FROM document WHERE kind = 'shipment'").remove(0))
}

#[test]
fn what_nobody_expects_is_told_as_such_and_left_out_by_nobody() {
    let books = Books::new();
    books.write(|tx| awaited_by(tx, envelope(501, 503, &["0001"]), at(0), &[]));
    let expect = [
        "Built Done",
        "Sent Waiting",
        "Mdn NotExpected",
        "Ta1 NotExpected",
        "Functional NotExpected",
        "Application NotExpected",
        "Text NotExpected",
        "Answered NotExpected",
    ];
    assert_eq!(rungs(&books, &notice(&books)), expect);
}

#[test]
fn each_answer_of_the_partner_is_a_rung_of_ours() {
    let books = Books::new();
    books.write(|tx| {
        let sent = awaited_by(tx, envelope(501, 503, &["0001"]), at(0), &["mdn", "TA1", "997", "824"])?;
        tx.execute("UPDATE delivery SET state = 'sent', sent = $1", &[at(1).into()])?;
        tx.delivery_went_out(&sent, at(1))
    });
    let id = notice(&books);
    let waiting = rungs(&books, &id);
    assert_eq!(waiting[1..6], ["Sent Done", "Mdn Waiting", "Ta1 Waiting", "Functional Waiting", "Application Waiting"]);
    for (state, standing) in [
        (ExpectationState::Met, Standing::Done),
        (ExpectationState::MetLate, Standing::Late),
        (ExpectationState::Overdue, Standing::Overdue),
        (ExpectationState::Violated, Standing::Failed),
        (ExpectationState::Waived, Standing::Waived),
    ] {
        books.write(move |tx| close_all(tx, state));
        let told = rungs(&books, &id);
        let expect = ["Mdn", "Ta1", "Functional", "Application"].map(|step| format!("{step} {standing:?}"));
        assert_eq!(told[2..6], expect);
    }
}

#[test]
fn a_delivery_that_stands_is_where_the_ladder_ends() {
    let books = Books::new();
    books.write(|tx| awaited_by(tx, envelope(501, 503, &["0001"]), at(0), &["997"]));
    books.write(|tx| tx.execute("UPDATE delivery SET state = 'parked', last_error = 'no such folder'", &[]));
    let id = notice(&books);
    let ladder = books.read(move |tx| tx.ladder(&id));
    assert_eq!((ladder.rungs[1].step, ladder.rungs[1].standing), (Step::Sent, Standing::Failed));
    assert_eq!(ladder.rungs[1].detail.as_deref(), Some("no such folder"));
    assert_eq!((ladder.rungs[4].step, ladder.rungs[4].standing), (Step::Functional, Standing::Waiting));
}

#[test]
fn the_document_that_names_it_answers_it_and_no_other_of_the_order() {
    let books = Books::new();
    books.write(|tx| awaited_by(tx, envelope(501, 503, &["0001"]), at(0), &[]));
    let receipt = |number: &str, shipment: &str| {
        Document::Receipt(Receipt {
            receipt_number: number.to_owned(),
            shipment_id: Some(shipment.to_owned()),
            po_numbers: vec!["PO1".to_owned()],
            ..Receipt::default()
        })
    };
    let (other, same) = (receipt("R1", "SHP2"), receipt("R2", "SHP1"));
    books.write(move |tx| document(tx, "mega", &other));
    let id = notice(&books);
    assert_eq!(rungs(&books, &id)[7], "Answered NotExpected");
    books.write(move |tx| document(tx, "mega", &same));
    let ladder = books.read(move |tx| tx.ladder(&id));
    assert_eq!((ladder.label.as_str(), ladder.from), ("856 SHP1", Author::Us));
    assert_eq!(ladder.rungs[7].detail.as_deref(), Some("861 R2"));
}

#[test]
fn the_newest_text_that_names_it_is_a_rung_and_no_other() {
    let books = Books::new();
    books.write(|tx| awaited_by(tx, envelope(501, 503, &["0001"]), at(0), &[]));
    let id = notice(&books);
    let receive = |says: &str| {
        let message = Message { number: "ERR01".to_owned(), text: says.to_owned(), ..Message::default() };
        let text = Document::TextMessage(TextMessage { messages: vec![message], ..TextMessage::default() });
        books.write(move |tx| {
            let text = document(tx, "mega", &text)?;
            tx.join(&text, &Shelf::default(), at(1)).map(drop)
        });
    };
    receive("ASN SHP2: NO SUCH ORDER");
    assert_eq!(rungs(&books, &id)[6], "Text NotExpected");
    receive("ASN SHP1: CARTON COUNT DIFFERS");
    let ladder = books.read(move |tx| tx.ladder(&id));
    assert_eq!((ladder.rungs[6].step, ladder.rungs[6].standing), (Step::Text, Standing::Done));
    assert_eq!(ladder.rungs[6].detail.as_deref(), Some("ASN SHP1: CARTON COUNT DIFFERS"));
}

/// An order of `mega` that goes to `erp`; its id.
fn received(books: &Books) -> Id {
    books.write(|tx| {
        let id = document(tx, "mega", &order("PO1"))?;
        let handed = transmission(tx, "erp", "PO1.json", Direction::Out)?;
        tx.record_delivery(&NewDelivery {
            transmission: handed,
            partner: "erp".to_owned(),
            endpoint: "inbox".to_owned(),
            name: "PO1.json".to_owned(),
            what: What::Document(id.clone()),
            label: "850 PO1".to_owned(),
            po_number: None,
            due: at(0),
        })?;
        Ok(id)
    })
}

#[test]
fn what_the_partner_sent_is_received_answered_and_handed_on() {
    let books = Books::new();
    let id = received(&books);
    let expect = [
        "Received Done",
        "Mdn NotExpected",
        "Ta1 NotExpected",
        "Functional NotExpected",
        "HandedOn Waiting",
        "Answered NotExpected",
    ];
    assert_eq!(rungs(&books, &id), expect);
    let ack = Document::OrderAck(OrderAck { po_number: "PO1".to_owned(), ..OrderAck::default() });
    books.write(move |tx| document_from(tx, "erp", "mega", &ack));
    let ladder = books.read(move |tx| tx.ladder(&id));
    assert_eq!(ladder.from, Author::Partner);
    assert_eq!(ladder.rungs.last().and_then(|rung| rung.detail.as_deref()), Some("855 PO1"));
}

#[test]
fn a_document_that_is_not_there_is_named() {
    let books = Books::new();
    let refused = books.read(|tx| Ok(tx.ladder(&Id("nobody".to_owned())).unwrap_err()));
    assert_eq!(refused.to_string(), "there is no document nobody");
}
