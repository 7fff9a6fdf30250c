//! The books of an order, whatever comes first: joined, judged, resolved; the same on both engines.

mod arrival;

use jiff::SignedDuration;
use serde_json::json;

use super::{hear_news, join_some, reconcile};
use crate::config::Config;
use crate::config::load::load;
use crate::document::Document;
use crate::ledger::document::{Body, NewDocument, StoredDocument};
use crate::ledger::finding::Decision;
use crate::ledger::order_book::Unjoined;
use crate::ledger::shelf::Shelf;
use crate::ledger::tests::{Books, at, transmission};
use crate::ledger::transmission::Direction;
use crate::ledger::view::Filter;
use crate::ledger::{Error, Id, Transaction};
use crate::reconcile::close::{OpenKind, close};
use crate::reconcile::scene::{PO, changed, debited, invoiced, order, paid, paper, received, shipped};

/// The rules of `mega`, with every time watched.
fn config() -> Config {
    let home = tempfile::tempdir().unwrap();
    let partner = home.path().join("partners/mega");
    std::fs::create_dir_all(&partner).unwrap();
    let gateway = "[us]\nname = \"Acme\"\nisa = \"ZZ:ACME\"\nzone = \"America/Chicago\"\n\
                   [gateway]\nhome = \"home\"\nledger = \"sqlite:ledger.db\"\n";
    std::fs::write(home.path().join("gateway.toml"), gateway).unwrap();
    let text = "name = \"Mega\"\nrole = \"retailer\"\nstatus = \"production\"\n[tolerance]\nunconfirmed = \"48 h\"\nunpaid = \"5 d\"\n\
                [[endpoint]]\nname = \"box\"\nvia = \"folder\"\ndrop_off = { to = \"out\", name = \"{number}.json\" }\n\
                [[document]]\nsend = \"shipment\"\nvia = \"box\"\nas = \"json\"\n";
    std::fs::write(partner.join("partner.toml"), text).unwrap();
    for (id, role) in [("erp", "erp"), ("depot", "3pl")] {
        let folder = home.path().join("partners").join(id);
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!("name = \"{id}\"\nrole = \"{role}\"\nstatus = \"production\"\n");
        std::fs::write(folder.join("partner.toml"), text).unwrap();
    }
    load(&home.path().join("gateway.toml"))
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())
        .unwrap()
        .0
}

/// Records a document as the intake does.
fn record(tx: &mut Transaction<'_>, paper: &StoredDocument) -> Result<Id, Error> {
    record_at(tx, paper, at(0))
}

fn record_at(tx: &mut Transaction<'_>, paper: &StoredDocument, now: jiff::Timestamp) -> Result<Id, Error> {
    let label = format!("{}.json", paper.id);
    let transmission = transmission(tx, &paper.source, &label, Direction::In)?;
    record_as_brought_by(tx, &transmission, paper, now)?;
    let sql = "SELECT id FROM document WHERE transmission = $1";
    tx.query_one(sql, &[(&transmission).into()])?.map_or(Ok(transmission), |row| row.id(0))
}

fn record_as_brought_by(
    tx: &mut Transaction<'_>,
    transmission: &Id,
    paper: &StoredDocument,
    now: jiff::Timestamp,
) -> Result<(), Error> {
    tx.record_revision(&NewDocument {
        partner: &paper.partner,
        source: &paper.source,
        transmission,
        document: &paper.document,
        body: &Body::of(&paper.document)?,
        at: now,
    })?;
    Ok(())
}

/// One round of a worker that just started, at a minute.
fn keep_books(books: &Books, config: &Config, minute: i64) {
    keep_books_with(&Shelf::default(), books, config, minute);
}

/// One round of a worker that has read what stands on the shelf.
fn keep_books_with(shelf: &Shelf, books: &Books, config: &Config, minute: i64) {
    let now = at(minute);
    // Two documents at a time, so that what is left of a transmission stays marked.
    while let Some(unjoined) = books.read(|tx| tx.unjoined(1)).pop() {
        let (config, shelf) = (config.clone(), shelf.clone());
        books.write(move |tx| join_some(tx, &config, &shelf, (&unjoined, 2), now));
    }
    while let Some(id) = books.read(|tx| tx.mention_news(1)).pop() {
        let shelf = shelf.clone();
        books.write(move |tx| hear_news(tx, &id, &shelf, now));
    }
    for order in books.read(|tx| tx.orders_due(now, 100)) {
        let config = config.clone();
        let shelf = shelf.clone();
        books.write(move |tx| reconcile(tx, &config, &order, &shelf, now));
    }
}

fn tell(books: &Books, papers: Vec<StoredDocument>) {
    for paper in papers {
        books.write(move |tx| record(tx, &paper).map(|_| ()));
    }
}

/// What is not resolved, as a person reads it.
fn unresolved(books: &Books) -> Vec<String> {
    let mut found: Vec<String> = books
        .read(|tx| tx.findings(&Filter::default()))
        .rows
        .into_iter()
        .filter(|row| row.state.name() != "resolved")
        .map(|row| format!("{} {} {} {:?} {}", row.rule, row.subject, row.detail.message, row.money, row.state.name()))
        .collect();
    found.sort();
    found
}

/// A shipment of all, an invoice, and a payment that is 5.50 short.
fn short_payment() -> StoredDocument {
    paid("T1", &[json!({ "is": "invoice", "number": "INV1", "paid": "147.14" })])
}

fn whole_shipment() -> StoredDocument {
    shipped("S1", &[("550001", 24), ("550002", 12)])
}

fn bill() -> StoredDocument {
    invoiced("INV1", &[("550001", 24, "3.61"), ("550002", 12, "5.50")])
}

#[test]
fn a_finding_comes_with_its_cause_goes_with_it_and_comes_back() {
    let (books, config) = (Books::new(), config());
    tell(&books, vec![order(), whole_shipment(), bill(), short_payment()]);
    keep_books(&books, &config, 10);
    let short = "REC-W011 810 INV1 paid 147.14 of 152.64, 5.50 is open: no reason was given Some(5.5) open";
    assert_eq!(unresolved(&books), [short]);
    tell(&books, vec![debited("D1", "INV1", "5.50")]);
    keep_books(&books, &config, 11);
    assert_eq!(unresolved(&books), [""; 0]);
    let row = books.read(|tx| tx.findings(&Filter::default())).rows.remove(0);
    assert_eq!((row.state.name(), row.changed_by.as_deref()), ("resolved", Some("edigate")));
    let line = books.read(|tx| tx.event("mega", u64::try_from(row.event.unwrap()).unwrap()));
    assert_eq!(line.kind, "resolved");
    let mut cancelled = debited("D1", "INV1", "5.50");
    cancelled.document.header_mut().purpose = crate::document::Purpose::Cancel;
    tell(&books, vec![cancelled]);
    keep_books(&books, &config, 12);
    assert_eq!(unresolved(&books), [short]);
}

#[test]
fn what_was_waived_stays_waived_while_other_documents_come() {
    let (books, config) = (Books::new(), config());
    tell(&books, vec![order(), whole_shipment(), bill(), short_payment()]);
    keep_books(&books, &config, 10);
    let id = Id(books.read(|tx| tx.findings(&Filter::default())).rows.remove(0).id);
    books.write(move |tx| tx.waive_finding(&id, &Decision { by: "anna", because: "small", at: at(11) }));
    tell(&books, vec![received("R1", "S1", &[("550001", 24), ("550002", 12)])]);
    keep_books(&books, &config, 12);
    assert!(unresolved(&books)[0].ends_with("waived"), "{:?}", unresolved(&books));
}

#[test]
fn a_payment_waits_for_its_invoice_and_a_memo_for_its_own() {
    let (books, config) = (Books::new(), config());
    tell(
        &books,
        vec![paid(
            "T1",
            &[
                json!({ "is": "invoice", "number": "INV1", "paid": "152.64" }),
                json!({ "is": "debit_memo", "number": "D1", "paid": "-5.50" }),
            ],
        )],
    );
    keep_books(&books, &config, 1);
    assert_eq!(unresolved(&books).len(), 2, "{:?}", unresolved(&books));
    tell(&books, vec![debited("D1", "INV1", "5.50")]);
    keep_books(&books, &config, 2);
    let expect = [
        "REC-W013 820 T1 for INV1 152.64 was paid for invoice INV1, which is unknown Some(152.64) open",
        "REC-W014 812 D1 for INV1 memo D1 is about invoice INV1, which is unknown Some(5.5) open",
    ];
    assert_eq!(unresolved(&books), expect);
    tell(&books, vec![bill(), whole_shipment(), order()]);
    keep_books(&books, &config, 3);
    assert_eq!(unresolved(&books), [""; 0]);
}

#[test]
fn what_a_person_opened_again_without_a_cause_is_resolved_when_the_order_is_judged() {
    let (books, config) = (Books::new(), config());
    tell(&books, vec![order(), whole_shipment(), bill(), short_payment()]);
    keep_books(&books, &config, 10);
    tell(&books, vec![debited("D1", "INV1", "5.50")]);
    keep_books(&books, &config, 11);
    let found = "SELECT COUNT(*) FROM order_book WHERE found = 0";
    assert_eq!((unresolved(&books), books.count(found)), (Vec::new(), 1));
    let id = Id(books.read(|tx| tx.findings(&Filter::default())).rows.remove(0).id);
    books.write(move |tx| tx.reopen_finding(&id, &Decision { by: "anna", because: "", at: at(12) }));
    assert_eq!((unresolved(&books).len(), books.count(found)), (1, 0));
    tell(&books, vec![received("R1", "S1", &[("550001", 24), ("550002", 12)])]);
    keep_books(&books, &config, 13);
    assert_eq!((unresolved(&books), books.count(found)), (Vec::new(), 1));
}

#[test]
fn a_payment_is_tied_anew_once_however_many_of_its_invoices_came() {
    let (books, config) = (Books::new(), config());
    let line = |number: &str, paid: &str| json!({ "is": "invoice", "number": number, "paid": paid });
    tell(&books, vec![paid("T1", &[line("INV1", "86.64"), line("INV2", "66.00")])]);
    keep_books(&books, &config, 1);
    assert_eq!(unresolved(&books).len(), 2, "{:?}", unresolved(&books));
    let first = invoiced("INV1", &[("550001", 24, "3.61")]);
    tell(&books, vec![order(), whole_shipment(), first, bill_of("INV2", "550002", 12, "5.50")]);
    while let Some(unjoined) = books.read(|tx| tx.unjoined(1)).pop() {
        let config = config.clone();
        books.write(move |tx| join_some(tx, &config, &Shelf::default(), (&unjoined, 10), at(2)));
    }
    assert_eq!(books.read(|tx| tx.mention_news(10)).len(), 1);
    keep_books(&books, &config, 2);
    assert_eq!(unresolved(&books), [""; 0]);
    assert!(books.read(|tx| tx.mention_news(10)).is_empty());
}

#[test]
fn a_payment_of_two_orders_is_read_once_for_both() {
    let books = Books::new();
    let line = |number: &str| json!({ "is": "order", "number": number, "paid": "1.00" });
    tell(&books, vec![order(), order_of("PO2"), paid("T1", &[line(PO), line("PO2")])]);
    let shelf = Shelf::default();
    let [of_one, of_other] = [PO, "PO2"].map(|po_number| {
        let papers = books.read(|tx| tx.papers_before("mega", po_number, jiff::Timestamp::MAX, &shelf));
        assert_eq!(papers.documents.len(), 2);
        papers.documents.into_iter().find(|one| one.document.kind() == crate::document::Kind::Remittance).unwrap()
    });
    assert!(std::sync::Arc::ptr_eq(&of_one, &of_other));
}

#[test]
fn an_order_that_a_revision_is_no_longer_about_is_judged_without_it() {
    let (books, config, shelf) = (Books::new(), config(), Shelf::default());
    tell(&books, vec![order(), shipped("S1", &[("550001", 30)])]);
    keep_books_with(&shelf, &books, &config, 1);
    let over = "REC-W001 850 4500012345 line 001 shipped 30 EA of 24 ordered Some(21.66) open";
    assert_eq!(unresolved(&books), [over]);
    let mut of_another = shipped("S1", &[("550001", 30)]);
    if let Document::Shipment(shipment) = &mut of_another.document {
        shipment.orders[0].po_number = "PO2".to_owned();
    }
    tell(&books, vec![of_another]);
    keep_books_with(&shelf, &books, &config, 2);
    assert_eq!(unresolved(&books), [""; 0]);
}

#[test]
fn a_long_order_rests_after_it_was_judged_and_is_judged_once_for_all_that_came() {
    let (books, config) = (Books::new(), config());
    tell(&books, vec![order()]);
    tell(&books, (1..100).map(|number| shipped(&format!("S{number}"), &[("999999", 1)])).collect());
    keep_books(&books, &config, 1);
    let strays = |books: &Books| unresolved(books).iter().filter(|line| line.starts_with("REC-W015")).count();
    let due = |millis: i64| books.read(|tx| tx.orders_due(at(1) + SignedDuration::from_millis(millis), 10)).len();
    assert_eq!((strays(&books), due(1_000)), (99, 0));
    tell(&books, vec![shipped("S100", &[("999999", 1)])]);
    keep_books(&books, &config, 1);
    tell(&books, vec![shipped("S101", &[("999999", 1)])]);
    keep_books(&books, &config, 1);
    // A hundred documents, a tenth of a second.
    assert_eq!((strays(&books), due(99), due(100)), (99, 0, 1));
    keep_books(&books, &config, 2);
    assert_eq!(strays(&books), 101);
}

#[test]
fn a_clock_that_was_set_back_makes_no_order_rest() {
    let (books, config) = (Books::new(), config());
    tell(&books, vec![order()]);
    tell(&books, (1..100).map(|number| shipped(&format!("S{number}"), &[("999999", 1)])).collect());
    keep_books(&books, &config, 60);
    tell(&books, vec![shipped("S100", &[("999999", 1)])]);
    keep_books(&books, &config, 1);
    assert_eq!(unresolved(&books).iter().filter(|line| line.starts_with("REC-W015")).count(), 100);
}

#[test]
fn a_change_waits_for_its_order() {
    let (books, config) = (Books::new(), config());
    tell(&books, vec![changed("1", &[("quantity_decrease", "550001", 18)])]);
    keep_books(&books, &config, 1);
    let unknown = "REC-W018 860 4500012345/1 of 850 4500012345 it changes order 4500012345, which is unknown None open";
    assert_eq!(unresolved(&books), [unknown]);
    tell(&books, vec![order()]);
    keep_books(&books, &config, 2);
    assert_eq!(unresolved(&books), [""; 0]);
}

#[test]
fn time_alone_brings_a_finding_and_nothing_is_looked_at_before() {
    let (books, config) = (Books::new(), config());
    tell(&books, vec![order()]);
    keep_books(&books, &config, 1);
    assert!(unresolved(&books).is_empty());
    assert!(books.read(|tx| tx.orders_due(at(48 * 60 - 1), 10)).is_empty());
    keep_books(&books, &config, 48 * 60);
    let missing = "REC-W006 850 4500012345 order 4500012345 is not confirmed Some(152.64) open";
    assert_eq!(unresolved(&books), [missing]);
}

#[test]
fn the_documents_of_one_file_are_marked_once_and_joined_some_at_a_time() {
    let (books, config) = (Books::new(), config());
    books.write(|tx| {
        let file = transmission(tx, "mega", "orders.edi", Direction::In)?;
        for number in 1..=5 {
            record_as_brought_by(tx, &file, &order_of(&format!("PO{number}")), at(0))?;
        }
        Ok(())
    });
    let marks = books.read(|tx| tx.unjoined(10));
    assert_eq!(marks.len(), 1, "{marks:?}");
    let join = |mark: Unjoined| {
        let config = config.clone();
        books.write(move |tx| join_some(tx, &config, &Shelf::default(), (&mark, 2), at(1)));
        books.count("SELECT COUNT(*) FROM order_book")
    };
    assert_eq!(join(marks[0].clone()), 2);
    // Another node that read the same mark finds its documents taken.
    assert_eq!(join(marks[0].clone()), 2);
    assert_eq!(join(books.read(|tx| tx.unjoined(10)).remove(0)), 4);
    assert_eq!(join(books.read(|tx| tx.unjoined(10)).remove(0)), 5);
    assert_eq!(books.read(|tx| tx.unjoined(10)), []);
}

fn order_of(po_number: &str) -> StoredDocument {
    let mut order = order();
    if let Document::Order(order) = &mut order.document {
        order.po_number = po_number.to_owned();
    }
    order
}

#[test]
fn an_upgrade_judges_the_orders_of_the_last_month_and_leaves_what_is_long_over_in_peace() {
    let (books, config) = (Books::new(), config());
    let days = |days: i64| days * 24 * 60;
    tell(&books, vec![order()]);
    books.write(move |tx| record_at(tx, &order_of("PO2"), at(days(20))).map(|_| ()));
    keep_books(&books, &config, days(40));
    let unconfirmed = unresolved(&books);
    assert!(matches!(&unconfirmed[..], [one] if one.contains("order PO2 is not confirmed")), "{unconfirmed:?}");
    // Something new makes a matter of the old order again.
    let invoice = StoredDocument { at: at(days(41)), ..bill() };
    books.write(move |tx| record_at(tx, &invoice, at(days(41))).map(|_| ()));
    keep_books(&books, &config, days(41));
    assert!(unresolved(&books).iter().any(|one| one.contains(&format!("order {PO} is not confirmed"))));
}

#[test]
fn a_round_without_news_writes_nothing() {
    let (books, config) = (Books::new(), config());
    tell(&books, vec![order(), short_payment(), bill(), whole_shipment()]);
    keep_books(&books, &config, 1);
    let events = books.count("SELECT COUNT(*) FROM event");
    keep_books(&books, &config, 2);
    assert_eq!(books.count("SELECT COUNT(*) FROM event"), events);
}

#[test]
fn the_close_of_a_month_ties_to_the_documents_and_knows_nothing_of_what_came_later() {
    let (books, config) = (Books::new(), config());
    tell(
        &books,
        vec![order(), shipped("S1", &[("550001", 24), ("550002", 6)]), invoiced("INV1", &[("550001", 24, "3.61")])],
    );
    tell(&books, vec![short_payment(), debited("D1", "INV1", "5.50")]);
    keep_books(&books, &config, 10);
    let until = at(60);
    let asked = config.clone();
    let before = books.read(|tx| close(tx, &asked, None, until));
    let documents = books.read(|tx| tx.documents_about("mega", PO));
    let (mut invoiced_sum, mut paid_sum) = (rust_decimal::Decimal::ZERO, rust_decimal::Decimal::ZERO);
    for document in documents {
        match document.document {
            Document::Invoice(invoice) => invoiced_sum += invoice.amount(),
            Document::Remittance(payment) => {
                paid_sum += payment.lines.iter().map(|line| line.paid).sum::<rust_decimal::Decimal>()
            }
            _ => {}
        }
    }
    let total = &before.totals[0];
    assert_eq!((total.invoiced, total.paid), (invoiced_sum, paid_sum));
    let of_money = |kind: OpenKind| -> rust_decimal::Decimal {
        before.items.iter().filter(|item| item.kind == kind).map(|item| item.amount).sum()
    };
    let to_be_paid = of_money(OpenKind::ToBePaid) + of_money(OpenKind::NotUsed);
    assert_eq!(to_be_paid, total.invoiced - total.credited - total.discount - total.paid);
    assert_eq!(to_be_paid, total.to_be_paid);
    assert_eq!(of_money(OpenKind::ToBeShipped), total.ordered - total.shipped);
    let later = StoredDocument { at: at(90), ..bill_of("INV2", "550002", 6, "5.50") };
    books.write(move |tx| record_at(tx, &later, at(90)).map(|_| ()));
    keep_books(&books, &config, 91);
    assert_eq!(books.read(|tx| close(tx, &asked, Some("mega"), until)).totals, before.totals);
    assert_ne!(books.read(|tx| close(tx, &asked, Some("mega"), at(120))).totals, before.totals);
}

fn bill_of(number: &str, item: &str, quantity: i64, price: &str) -> StoredDocument {
    invoiced(number, &[(item, quantity, price)])
}

#[test]
fn two_reports_of_the_same_stock_are_compared_when_their_times_lie_within_the_window() {
    let (books, config) = (Books::new(), config());
    let report = |source: &str, number: &str, as_of: &str, count: &str| {
        let stock = json!([{ "is": "on_hand", "quantity": { "value": count, "unit": "EA" } }]);
        let line = json!({ "item": { "sku": "AC-100" }, "location": "WH1", "stock": stock });
        let report = json!({ "kind": "inventory", "report_number": number, "as_of": as_of, "lines": [line] });
        StoredDocument { partner: source.to_owned(), source: source.to_owned(), ..paper(report) }
    };
    tell(
        &books,
        vec![report("erp", "E1", "2026-03-03T06:00:00", "120"), report("depot", "D1", "2026-03-03T09:00:00", "90")],
    );
    keep_books(&books, &config, 10);
    assert_eq!(unresolved(&books), [""; 0]);
    tell(
        &books,
        vec![report("depot", "D2", "2026-03-03T06:30:00", "1"), report("erp", "E2", "2026-03-03T09:30:00", "100")],
    );
    keep_books(&books, &config, 11);
    let differs = "REC-W016 stock of AC-100 at WH1 by erp and depot erp counts 100, depot counts 90 None open";
    assert_eq!(unresolved(&books), [differs]);
    tell(&books, vec![report("depot", "D3", "2026-03-03T10:00:00", "100")]);
    keep_books(&books, &config, 12);
    assert_eq!(unresolved(&books), [""; 0]);
}

#[test]
fn a_difference_in_stock_costs_what_the_item_cost_last() {
    let (books, config) = (Books::new(), config());
    let report = |source: &str, count: &str| {
        let stock = json!([{ "is": "on_hand", "quantity": { "value": count, "unit": "EA" } }]);
        let line = json!({ "item": { "buyer": "550001" }, "location": "WH1", "stock": stock });
        let report =
            json!({ "kind": "inventory", "report_number": "N1", "as_of": "2026-03-03T06:00:00", "lines": [line] });
        StoredDocument { partner: source.to_owned(), source: source.to_owned(), ..paper(report) }
    };
    tell(&books, vec![order(), report("erp", "100"), report("depot", "90")]);
    keep_books(&books, &config, 10);
    let differs = "REC-W016 stock of 550001 at WH1 by erp and depot erp counts 100, depot counts 90 Some(36.1) open";
    assert_eq!(unresolved(&books), [differs]);
}

#[test]
fn entries_of_a_payout_are_tied_to_orders_and_what_is_unknown_is_a_finding_until_it_comes() {
    let (books, config) = (Books::new(), config());
    let entry = |order: &str, amount: &str| json!({ "order_number": order, "is": "Order", "amount": amount });
    let fee = json!({ "is": "ServiceFee", "amount": "-3.00" });
    let payout = json!({ "kind": "settlement", "settlement_id": "P1", "amount": "149.64", "currency": "USD",
                         "entries": [entry(PO, "152.64"), fee] });
    tell(&books, vec![paper(payout)]);
    keep_books(&books, &config, 1);
    let unknown = "REC-W017 settlement P1 for 4500012345 152.64 was settled for 4500012345, of which nothing is known Some(152.64) open";
    assert_eq!(unresolved(&books), [unknown]);
    tell(&books, vec![order()]);
    keep_books(&books, &config, 2);
    assert_eq!(unresolved(&books), [""; 0]);
    assert!(books.read(|tx| tx.documents_about("mega", PO)).iter().any(|one| one.document.number() == "P1"));
}
