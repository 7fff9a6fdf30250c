//! Whatever comes first, the books end the same.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{bill, config, keep_books_with, tell, unresolved};
use crate::config::Config;
use crate::ledger::acknowledgment::Received;
use crate::ledger::document::StoredDocument;
use crate::ledger::expectation::{About, NewExpectation, OwedBy};
use crate::ledger::shelf::Shelf;
use crate::ledger::tests::{Books, at, delivery, envelope, transmission};
use crate::ledger::transmission::Direction;
use crate::ledger::{Error, Id, Transaction};
use crate::reconcile::acknowledgments::{settle, settle_orphan};
use crate::reconcile::findings::open_amount;
use crate::reconcile::matrix::{Stray, matrix};
use crate::reconcile::scene::{PO, changed, confirmed, debited, order, paid, paper, received, shipped};
use crate::x12::acknowledgment::{AnswerKind, FunctionalAcknowledgment, Verdict};

/// Something that arrives.
#[derive(Debug, Clone)]
enum Arrival {
    Document(Box<StoredDocument>),
    /// Our shipment went out in interchange 501, and a 997 is expected.
    Sent,
    /// Their 997 for it.
    Acknowledgment,
}

/// Two changes of the order, the second of which undoes most of the first; two shipments, one too many; a short payment with a fine; a
/// receipt, a return, a memo, and the 997.
fn arrivals() -> Vec<Arrival> {
    let returned = json!({ "kind": "return", "return_number": "R9", "po_number": PO,
                           "lines": [{ "item": { "buyer": "550001" }, "quantity": { "value": "2", "unit": "EA" } }] });
    let documents = vec![
        order(),
        changed("1", &[("quantity_increase", "550002", 20), ("delete", "550001", 0)]),
        changed("2", &[("quantity_decrease", "550002", 13), ("change", "550001", 24)]),
        confirmed("550001", 24, "2026-03-03"),
        confirmed("550002", 10, "2026-03-04"),
        shipped("S1", &[("550001", 24)]),
        shipped("S2", &[("550002", 14)]),
        bill(),
        paid(
            "T1",
            &[
                json!({ "is": "invoice", "number": "0INV1", "paid": "140.00", "adjustments": [{ "amount": "-12.64", "reason": "01" }] }),
                json!({ "is": "debit_memo", "number": "D7", "paid": "-25.00" }),
            ],
        ),
        debited("D1", "INV1", "5.50"),
        received("R1", "S1", &[("550001", 23)]),
        paper(returned),
    ];
    let documents = documents.into_iter().map(|document| Arrival::Document(Box::new(document)));
    documents.chain([Arrival::Sent, Arrival::Acknowledgment]).collect()
}

fn send(tx: &mut Transaction<'_>) -> Result<(), Error> {
    let about = Id("the first shipment".to_owned());
    let sent = envelope(501, 503, &["0001"]);
    let delivery = delivery(tx, &about, &sent)?;
    tx.open_expectation(&NewExpectation {
        partner: "mega".to_owned(),
        what: "997".to_owned(),
        owed_by: OwedBy::Partner,
        about: About::Delivery(delivery.clone()),
        label: "856 S1".to_owned(),
        document: None,
        set: None,
        envelope: Some(sent),
        opened: at(0),
        within: std::time::Duration::from_secs(3600),
    })?;
    tx.delivery_went_out(&delivery, at(0))
}

fn answer(tx: &mut Transaction<'_>) -> Result<(), Error> {
    let received: Received = FunctionalAcknowledgment {
        kind: AnswerKind::Functional,
        functional_id: "SH".to_owned(),
        group_control_number: "503".to_owned(),
        verdict: Some(Verdict::Rejected),
        counts: [1, 1, 0],
        group_errors: Vec::new(),
        sets: Vec::new(),
    }
    .into();
    let transmission = transmission(tx, "mega", "997.edi", Direction::In)?;
    tx.record_acknowledgment("mega", &transmission, &received, at(5))?;
    for open in tx.open_acknowledgments(10)? {
        settle(tx, &open, at(5))?;
    }
    Ok(())
}

/// The books after everything arrived in this order; between some arrivals the worker had its turn.
fn books_after(config: &Config, arrivals: Vec<(Arrival, bool)>) -> Value {
    let (books, shelf) = (Books::new(), Shelf::default());
    for (arrival, then_keep) in arrivals {
        match arrival {
            Arrival::Document(paper) => tell(&books, vec![*paper]),
            Arrival::Sent => books.write(send),
            Arrival::Acknowledgment => books.write(answer),
        }
        if then_keep {
            keep_books_with(&shelf, &books, config, 10);
        }
    }
    for orphan in books.read(|tx| tx.orphan_acknowledgments(at(0), 10)) {
        books.write(move |tx| settle_orphan(tx, &orphan, at(6)).map(|_| ()));
    }
    keep_books_with(&shelf, &books, config, 10);
    let papers = books.read(|tx| tx.papers("mega", PO));
    let matrix = matrix(&papers, &Default::default()).unwrap();
    let strays: Vec<String> = matrix.strays.iter().map(Stray::to_string).collect();
    let open = open_amount(&matrix).normalize();
    let bills: Vec<Value> =
        matrix.bills.iter().map(|bill| json!([bill.invoice_number, bill.paid, bill.credited])).collect();
    let of_orders: Vec<String> = unresolved(&books).into_iter().filter(|line| line.starts_with("REC")).collect();
    json!({ "lines": matrix.lines, "total": matrix.total, "bills": bills, "strays": strays, "open": open,
            "findings": of_orders, "expectations": books.states() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_arrival_gives_the_same_books(
        shuffled in Just(arrivals()).prop_shuffle(),
        turns in proptest::collection::vec(any::<bool>(), 14),
    ) {
        static EXPECT: std::sync::OnceLock<(Config, Value)> = std::sync::OnceLock::new();
        let (config, expect) = EXPECT.get_or_init(|| {
            let config = config();
            let expect = books_after(&config, arrivals().into_iter().map(|one| (one, false)).collect());
            (config, expect)
        });
        prop_assert_eq!(&books_after(config, shuffled.into_iter().zip(turns).collect()), expect);
    }
}

#[test]
fn the_books_that_every_order_of_arrival_leads_to() {
    let books = books_after(&config(), arrivals().into_iter().map(|one| (one, true)).collect());
    let findings: Vec<&str> = books["findings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let expect = [
        "REC-W001 850 4500012345 line 002 shipped 14 EA of 13 ordered Some(5.5) open",
        "REC-W008 850 4500012345 line 002 confirmed 10 EA of 13 ordered Some(16.5) open",
        "REC-W009 850 4500012345 line 001 received 23 EA of 24 shipped Some(3.61) open",
        "REC-W011 810 INV1 paid 140.00 of 152.64, 7.14 is open: -12.64 01 Some(7.14) open",
        "REC-W012 820 T1 for D7 25.00 was taken off for D7, of which nothing is known Some(25) open",
    ];
    assert_eq!(findings, expect);
    assert_eq!(books["expectations"], json!(["violated"]));
}
