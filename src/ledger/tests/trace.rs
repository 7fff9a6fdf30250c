//! From whatever a person has in hand to the whole story.

use super::{Books, at, delivery, document, envelope, invoice, order, shipment};
use crate::document::remittance::RemittanceLine;
use crate::document::settlement::SettlementEntry;
use crate::document::{Document, Receipt, Remittance, Settlement};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::trace::Trace;
use crate::ledger::{Error, Id, Transaction};

fn tell(tx: &mut Transaction<'_>, minute: i64, text: &str, refs: Refs) -> Result<(), Error> {
    tx.append_event(&NewEvent {
        partner: "mega".to_owned(),
        at: at(minute),
        kind: EventKind::Accepted,
        refs,
        text: text.to_owned(),
        data: serde_json::Value::Null,
    })?;
    Ok(())
}

fn of_document(tx: &mut Transaction<'_>, id: &Id, po_number: Option<&str>) -> Result<Refs, Error> {
    let row = tx.query_one("SELECT transmission FROM document WHERE id = $1", &[id.into()])?.unwrap();
    let po_number = po_number.map(str::to_owned);
    Ok(Refs { transmission: Some(row.id(0)?), document: Some(id.clone()), delivery: None, po_number })
}

/// An order, a shipment of it and of another, its delivery under 501, two invoices: one names no order.
fn story() -> Books {
    let books = Books::new();
    books.write(|tx| {
        let po1 = document(tx, "mega", &order("PO1"))?;
        let refs = of_document(tx, &po1, Some("PO1"))?;
        let received = Refs { transmission: refs.transmission.clone(), ..Refs::default() };
        tell(tx, 0, "file came", received)?;
        tell(tx, 1, "order", refs)?;
        let po2 = document(tx, "mega", &order("PO2"))?;
        let refs = of_document(tx, &po2, Some("PO2"))?;
        tell(tx, 2, "other order", refs)?;
        let shp1 = document(tx, "mega", &shipment("SHP1", &["PO1", "PO2"]))?;
        let refs = of_document(tx, &shp1, Some("PO1"))?;
        tell(tx, 3, "shipment", refs)?;
        let id = delivery(tx, &shp1, &envelope(501, 502, &["0001"]))?;
        let row = tx.query_one("SELECT transmission FROM delivery WHERE id = $1", &[(&id).into()])?.unwrap();
        let refs = Refs {
            transmission: Some(row.id(0)?),
            document: Some(shp1),
            delivery: Some(id),
            po_number: Some("PO1".to_owned()),
        };
        tell(tx, 4, "delivered", refs)?;
        let inv1 = document(tx, "mega", &invoice("INV1", Some("PO1")))?;
        let refs = of_document(tx, &inv1, Some("PO1"))?;
        tell(tx, 5, "invoice", refs)?;
        let inv2 = document(tx, "mega", &invoice("INV2", None))?;
        let refs = of_document(tx, &inv2, None)?;
        tell(tx, 6, "invoice without order", refs)
    });
    books
}

fn trace(books: &Books, key: &str) -> Trace {
    books.read(|tx| tx.trace(key))
}

fn texts(trace: &Trace) -> Vec<&str> {
    trace.events.iter().map(|event| event.text.as_str()).collect()
}

const OF_PO1: [&str; 5] = ["file came", "order", "shipment", "delivered", "invoice"];
const OF_BOTH: [&str; 6] = ["file came", "order", "other order", "shipment", "delivered", "invoice"];

#[test]
fn a_po_number_leads_to_everything_about_the_order_in_order_of_time() {
    let trace = trace(&story(), " PO1 ");
    assert_eq!(texts(&trace), OF_PO1);
    assert_eq!(trace.orders, [("mega".to_owned(), "PO1".to_owned())]);
}

#[test]
fn a_shipment_of_several_orders_is_in_the_story_of_each() {
    assert_eq!(texts(&trace(&story(), "PO2")), ["other order", "shipment", "delivered"]);
}

#[test]
fn a_shipment_number_leads_to_the_orders_in_it() {
    assert_eq!(texts(&trace(&story(), "SHP1")), OF_BOTH);
}

#[test]
fn an_invoice_number_leads_to_its_order() {
    assert_eq!(texts(&trace(&story(), "INV1")), OF_PO1);
}

#[test]
fn an_invoice_that_names_no_order_is_found_by_its_number() {
    assert_eq!(texts(&trace(&story(), "INV2")), ["invoice without order"]);
}

#[test]
fn a_control_number_is_found_with_and_without_its_zeros() {
    let books = story();
    for key in ["501", "0501", "000000501"] {
        assert_eq!(texts(&trace(&books, key)), OF_BOTH, "{key}");
    }
}

#[test]
fn a_file_name_leads_to_its_documents() {
    let books = story();
    assert_eq!(texts(&trace(&books, "PO1.edi")), OF_PO1);
    assert_eq!(texts(&trace(&books, "asn_000000501.edi")), OF_BOTH);
}

#[test]
fn any_id_leads_to_the_story() {
    let books = story();
    for sql in ["SELECT id FROM document WHERE number = 'INV1'", "SELECT id FROM transmission WHERE name = 'INV1.edi'"]
    {
        assert_eq!(texts(&trace(&books, &books.texts(sql)[0])), OF_PO1, "{sql}");
    }
    let delivery = &books.texts("SELECT id FROM delivery")[0];
    assert_eq!(texts(&trace(&books, delivery)), OF_BOTH);
}

#[test]
fn an_unknown_key_leads_nowhere() {
    let books = story();
    for key in ["PO9", "", "-1", "99999999999999999999", "' OR 1=1 --"] {
        assert!(trace(&books, key).is_empty(), "{key:?}");
    }
}

/// A payment that names invoices, by number and amount alone.
fn payment(number: &str, invoices: &[&str]) -> Document {
    let line = |invoice: &&str| RemittanceLine { number: Some((*invoice).to_owned()), ..RemittanceLine::default() };
    let lines = invoices.iter().map(line).collect();
    Document::Remittance(Remittance { trace_number: number.to_owned(), lines, ..Remittance::default() })
}

#[test]
fn a_payment_is_in_the_story_of_the_order_whose_invoice_it_pays() {
    let books = story();
    books.write(|tx| {
        let paid = document(tx, "mega", &payment("EFT1", &["INV1", "INV9"]))?;
        let refs = of_document(tx, &paid, None)?;
        tell(tx, 7, "payment", refs)
    });
    let told = |key: &str| texts(&trace(&books, key)).last().map(|text| (*text).to_owned());
    for key in ["PO1", "INV1", "EFT1"] {
        assert_eq!(told(key).as_deref(), Some("payment"), "{key}");
    }
    assert_ne!(told("PO2").as_deref(), Some("payment"));
}

#[test]
fn an_invoice_number_is_found_as_the_payers_system_writes_it() {
    let books = story();
    books.write(|tx| document(tx, "mega", &payment("EFT1", &["000inv1"])).map(drop));
    assert_eq!(trace(&books, "EFT1").orders, [("mega".to_owned(), "PO1".to_owned())]);
}

#[test]
fn an_invoice_of_another_partner_is_not_the_one_that_is_paid() {
    let books = story();
    books.write(|tx| document(tx, "store", &payment("EFT1", &["INV1"])).map(drop));
    assert_eq!(trace(&books, "EFT1").orders, []);
}

#[test]
fn a_receipt_and_a_verdict_are_in_the_stories_of_the_shipments_orders() {
    let books = story();
    books.write(|tx| {
        let shipment_id = Some("SHP1".to_owned());
        let receipt = Receipt { receipt_number: "RC1".to_owned(), shipment_id, ..Receipt::default() };
        document(tx, "mega", &Document::Receipt(receipt)).map(drop)
    });
    let both = ["PO1", "PO2"].map(|po| ("mega".to_owned(), po.to_owned()));
    assert_eq!(trace(&books, "RC1").orders, both);
}

#[test]
fn a_settlement_is_in_the_stories_of_the_orders_that_we_know() {
    let books = story();
    books.write(|tx| {
        let entry =
            |order: &str| SettlementEntry { order_number: Some(order.to_owned()), ..SettlementEntry::default() };
        let entries = vec![entry("PO2"), entry("PO8")];
        let settlement = Settlement { settlement_id: "S1".to_owned(), entries, ..Settlement::default() };
        document(tx, "mega", &Document::Settlement(settlement)).map(drop)
    });
    assert_eq!(trace(&books, "S1").orders, [("mega".to_owned(), "PO2".to_owned())]);
}

#[test]
fn a_document_that_names_nobody_is_of_the_partners_whose_documents_it_names() {
    let books = story();
    let partners = |document: Document| books.read(|tx| tx.partners_named_by(&document));
    assert_eq!(partners(payment("EFT1", &["INV1"])), ["mega"]);
    assert_eq!(partners(payment("EFT1", &["INV9"])), Vec::<String>::new());
}
