//! Every kind of finding, by the least that shows it, and that what mends it makes it go.

use serde_json::json;

use super::*;
use crate::document::Document;
use crate::ledger::document::StoredDocument;
use crate::reconcile::scene::{
    changed, confirmed, debited, invoiced, matrix_of, order, paid, papers, received, shipped,
};

/// A partner who gets ship notices and with whom every time is watched.
fn agreement() -> Agreement {
    let hours = |count: u64| Some(Duration::from_secs(count * 3600));
    let tolerance = Tolerance {
        unconfirmed: hours(48),
        unshipped: hours(24),
        uninvoiced: hours(72),
        unpaid: hours(120),
        ..Tolerance::default()
    };
    Agreement { tolerance, zone: TimeZone::UTC, sends: vec![Kind::OrderAck, Kind::Shipment, Kind::Invoice] }
}

fn judged(told: Vec<StoredDocument>, now: &str) -> Judgment {
    let papers = papers(told);
    judge(&papers, &matrix_of(&papers), &agreement(), now.parse().unwrap())
}

/// What is found of an order and these papers at a moment, each as code, subject, message and money.
fn check(now: &str, mut told: Vec<StoredDocument>, expect: &[&str]) {
    told.insert(0, order());
    let found = judged(told, now).disagreements;
    let found: Vec<String> = found
        .iter()
        .map(|one| {
            let money = one.at_stake.as_ref().map(|stake| format!(" · {:.2}", stake.money)).unwrap_or_default();
            format!("{} {}: {}{money}", one.diagnostic.code.code, one.subject, one.diagnostic.message)
        })
        .collect();
    assert_eq!(found, expect);
}

const MONDAY: &str = "2026-03-02T16:00:00Z";

fn whole() -> StoredDocument {
    shipped("S1", &[("550001", 24), ("550002", 12)])
}

fn bill(number: &str) -> StoredDocument {
    invoiced(number, &[("550001", 24, "3.61"), ("550002", 12, "5.50")])
}

fn pays(amount: &str) -> StoredDocument {
    paid("T1", &[json!({ "is": "invoice", "number": "INV1", "paid": amount })])
}

#[test]
fn an_order_that_goes_well_shows_nothing() {
    check(MONDAY, vec![], &[]);
    check("2026-04-20T00:00:00Z", vec![whole(), bill("INV1"), pays("152.64")], &[]);
}

#[test]
fn unconfirmed_after_its_time() {
    let late = "2026-03-04T15:00:00Z";
    check("2026-03-04T14:59:59Z", vec![], &[]);
    check(late, vec![], &["REC-W006 850 4500012345: order 4500012345 is not confirmed · 152.64"]);
    check(late, vec![confirmed("550001", 24, "2026-03-03")], &[]);
}

#[test]
fn confirmed_differs() {
    let less = confirmed("550001", 20, "2026-03-03");
    check(MONDAY, vec![less], &["REC-W008 850 4500012345 line 001: confirmed 20 EA of 24 ordered · 14.44"]);
}

#[test]
fn over_shipped_and_corrected() {
    let told = vec![whole(), shipped("S2", &[("550001", 6)])];
    check(MONDAY, told, &["REC-W001 850 4500012345 line 001: shipped 30 EA of 24 ordered · 21.66"]);
    check(MONDAY, vec![whole()], &[]);
}

#[test]
fn goods_are_held_against_what_is_wanted_now() {
    let less = || changed("1", &[("quantity_decrease", "550001", 18)]);
    let over = "REC-W001 850 4500012345 line 001: shipped 24 EA of 18 ordered · 21.66";
    check(MONDAY, vec![whole(), less()], &[over]);
    check(MONDAY, vec![whole(), less(), changed("2", &[("quantity_increase", "550001", 24)])], &[]);
    let promised = confirmed("550001", 24, "2026-03-03");
    check(MONDAY, vec![promised, changed("1", &[("delete", "550001", 0)])], &[]);
}

#[test]
fn what_of_a_change_does_not_fit_is_one_finding() {
    let told = vec![changed("1", &[("delete", "999999", 0), ("price", "999998", 1)])];
    let expect = "REC-W018 860 4500012345/1 in 850 4500012345: \
                  item 999999 is not in the order; item 999998 is not in the order";
    check(MONDAY, told, &[expect]);
}

#[test]
fn unshipped_past_its_window_counts_what_was_promised() {
    let past = "2026-03-08T00:00:00Z";
    let bill = || invoiced("INV1", &[("550002", 12, "5.50")]);
    let told = || vec![confirmed("550001", 20, "2026-03-03"), shipped("S1", &[("550002", 12)]), bill()];
    let differs = "REC-W008 850 4500012345 line 001: confirmed 20 EA of 24 ordered · 14.44";
    let unshipped = "REC-W007 850 4500012345 line 001: 20 EA of 20 were not shipped by 2026-03-06 · 72.20";
    check("2026-03-07T23:59:59Z", told(), &[differs]);
    check(past, told(), &[differs, unshipped]);
}

#[test]
fn shipped_and_not_invoiced_after_its_time() {
    let late = "2026-03-05T15:00:00Z";
    let part = || invoiced("INV1", &[("550001", 20, "3.61"), ("550002", 12, "5.50")]);
    check("2026-03-05T14:59:59Z", vec![whole(), part()], &[]);
    let missing = "REC-W002 850 4500012345 line 001: 4 EA were shipped and not invoiced · 14.44";
    check(late, vec![whole(), part()], &[missing]);
    check(late, vec![whole(), bill("INV1")], &[]);
}

#[test]
fn invoiced_and_not_shipped() {
    let told = vec![shipped("S1", &[("550001", 24)]), bill("INV1")];
    check(MONDAY, told, &["REC-W003 850 4500012345 line 002: invoiced 12 EA, shipped 0 · 66.00"]);
}

#[test]
fn a_price_differs_by_more_than_is_tolerated() {
    let told = |price| vec![whole(), invoiced("INV1", &[("550001", 24, price), ("550002", 12, "5.50")])];
    check(MONDAY, told("3.614"), &[]);
    check(MONDAY, told("3.71"), &["REC-W004 810 INV1 line 001: line 001 is invoiced at 3.71, ordered at 3.61 · 2.40"]);
}

#[test]
fn two_invoices_that_bill_the_same() {
    let told = vec![shipped("S1", &[("550001", 24), ("550002", 12)]), bill("INV1"), bill("INV2")];
    let expect = [
        "REC-W003 850 4500012345 line 001: invoiced 48 EA, shipped 24 · 86.64",
        "REC-W003 850 4500012345 line 002: invoiced 24 EA, shipped 12 · 66.00",
        "REC-W005 810 INV2: invoice INV2 bills what INV1 bills · 152.64",
    ];
    check(MONDAY, told, &expect);
}

#[test]
fn invoices_of_shipments_of_their_own_bill_the_same_and_are_no_duplicates() {
    let bill_of = |number: &str, shipment: Option<&str>| {
        let mut bill = invoiced(number, &[("550001", 6, "3.61")]);
        if let Document::Invoice(invoice) = &mut bill.document {
            invoice.shipment_id = shipment.map(str::to_owned);
        }
        bill
    };
    let duplicates = |more: Vec<StoredDocument>| {
        let own = [bill_of("INV1", Some("S1")), bill_of("INV2", Some("S2"))];
        let told = [vec![order(), shipped("S1", &[("550001", 24)])], own.to_vec(), more].concat();
        let found = judged(told, MONDAY).disagreements;
        found.into_iter().map(|one| one.diagnostic.message).collect::<Vec<_>>()
    };
    assert_eq!(duplicates(vec![]), [""; 0]);
    assert_eq!(duplicates(vec![bill_of("INV3", Some("S2"))]), ["invoice INV3 bills what INV2 bills"]);
    // What names no shipment may be any of them.
    let expect = ["invoice INV3 bills what INV1 bills", "invoice INV4 bills what INV3 bills"];
    assert_eq!(duplicates(vec![bill_of("INV3", None), bill_of("INV4", Some("S4"))]), expect);
}

#[test]
fn received_differs_only_in_what_the_receiver_speaks_of() {
    let two = || vec![shipped("S1", &[("550001", 24)]), shipped("S2", &[("550002", 12)])];
    let with = |receipt| [two(), vec![receipt]].concat();
    check(MONDAY, with(received("R1", "S1", &[("550001", 24)])), &[]);
    let short = with(received("R1", "S1", &[("550001", 22)]));
    check(MONDAY, short, &["REC-W009 850 4500012345 line 001: received 22 EA of 24 shipped · 7.22"]);
}

#[test]
fn unpaid_past_its_terms_until_it_is_paid() {
    let past = "2026-04-14T00:00:00Z";
    let told = || vec![whole(), bill("INV1")];
    check("2026-04-13T23:59:59Z", told(), &[]);
    check(past, told(), &["REC-W010 810 INV1: 152.64 of 152.64 is unpaid, it was due on 2026-04-08 · 152.64"]);
    check(past, [told(), vec![pays("152.64")]].concat(), &[]);
}

#[test]
fn short_paid_with_its_reason_until_a_memo_explains_it() {
    let line = json!({ "is": "invoice", "number": "INV1", "paid": "147.14",
                       "adjustments": [{ "amount": "-5.50", "reason": "01", "description": "PRICING ERROR" }] });
    let told = || vec![whole(), bill("INV1"), paid("T1", std::slice::from_ref(&line))];
    let short = "REC-W011 810 INV1: paid 147.14 of 152.64, 5.50 is open: -5.50 01 PRICING ERROR · 5.50";
    check(MONDAY, told(), &[short]);
    check(MONDAY, [told(), vec![debited("D1", "INV1", "5.50")]].concat(), &[]);
}

#[test]
fn a_discount_within_the_terms_is_no_short_payment_and_one_after_them_is() {
    let line = json!({ "is": "invoice", "number": "INV1", "paid": "149.59", "discount": "3.05" });
    let told = |on: &str| {
        let mut payment = paid("T1", std::slice::from_ref(&line));
        if let Document::Remittance(payment) = &mut payment.document {
            payment.paid_on = Some(on.parse().unwrap());
        }
        vec![whole(), bill("INV1"), payment]
    };
    check(MONDAY, told("2026-03-19"), &[]);
    let late = "REC-W011 810 INV1: paid 149.59 of 152.64, 3.05 is open: a discount of 3.05 beyond the terms · 3.05";
    check(MONDAY, told("2026-03-20"), &[late]);
}

#[test]
fn a_payment_of_a_part_is_not_short_and_its_rest_is_due_by_the_terms() {
    let line = json!({ "is": "invoice", "number": "INV1", "paid": "100.00", "action": "part" });
    let told = || vec![whole(), bill("INV1"), paid("T1", std::slice::from_ref(&line))];
    check(MONDAY, told(), &[]);
    let unpaid = "REC-W010 810 INV1: 52.64 of 152.64 is unpaid, it was due on 2026-04-08 · 52.64";
    check("2026-04-14T00:00:00Z", told(), &[unpaid]);
}

#[test]
fn what_is_taken_off_the_order_without_a_memo_is_an_unknown_deduction() {
    let fine = json!({ "is": "debit_memo", "po_number": "4500012345", "paid": "-25.00" });
    let told = vec![whole(), paid("T1", &[fine])];
    check(MONDAY, told, &["REC-W012 820 T1 for 850 4500012345: 25.00 was taken off without a memo · 25.00"]);
}

#[test]
fn a_credit_of_an_order_without_an_invoice() {
    let mut credit = invoiced("CR1", &[("550001", 1, "3.61")]);
    if let Document::Invoice(invoice) = &mut credit.document {
        invoice.sense = crate::document::invoice::InvoiceSense::Credit;
    }
    check(MONDAY, vec![credit], &["REC-W014 810 CR1: credit CR1 is about an order without an invoice · 3.61"]);
}

#[test]
fn an_item_that_cannot_be_found() {
    let told = vec![shipped("S1", &[("999999", 3)])];
    check(MONDAY, told, &["REC-W015 856 S1 in 850 4500012345: item 999999 is not in the order"]);
}

#[test]
fn the_next_look_is_the_first_moment_at_which_time_alone_changes_something() {
    let look = |told: Vec<StoredDocument>, now: &str| judged(told, now).look.map(|look| look.to_string());
    assert_eq!(look(vec![order()], MONDAY).as_deref(), Some("2026-03-04T15:00:00Z"));
    let told = vec![order(), whole(), bill("INV1")];
    assert_eq!(look(told, MONDAY).as_deref(), Some("2026-04-14T00:00:00Z"));
    let told = vec![order(), whole(), bill("INV1"), pays("152.64")];
    assert_eq!(look(told, MONDAY), None);
}

#[test]
fn what_a_document_names_and_nobody_knows() {
    let payment = paid(
        "T1",
        &[
            json!({ "is": "invoice", "number": "INV9", "paid": "10" }),
            json!({ "is": "debit_memo", "number": "D9", "paid": "-4" }),
            json!({ "is": "debit_memo", "paid": "-1" }),
        ],
    );
    let told = |unknown: &[(Kind, &str)]| -> Vec<String> {
        let found = named::judge(&payment.document, unknown);
        found
            .iter()
            .map(|one| format!("{} {}: {}", one.diagnostic.code.code, one.subject, one.diagnostic.message))
            .collect()
    };
    let without = "REC-W012 820 T1 line 3: 1.00 was taken off without a number";
    assert_eq!(told(&[]), [without]);
    let expect = [
        "REC-W012 820 T1 for D9: 4.00 was taken off for D9, of which nothing is known",
        without,
        "REC-W013 820 T1 for INV9: 10.00 was paid for invoice INV9, which is unknown",
    ];
    assert_eq!(told(&[(Kind::Invoice, "INV9"), (Kind::CreditDebit, "D9")]), expect);
    let memo = debited("D1", "INV9", "5.50");
    let found = named::judge(&memo.document, &[(Kind::Invoice, "INV9")]);
    assert_eq!(found[0].diagnostic.code.code, "REC-W014");
}
