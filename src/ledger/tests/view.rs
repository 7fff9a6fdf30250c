//! Listings: page by page the same rows as all at once, whoever's they are and however they are narrowed.

use super::{Books, at, awaited, document, envelope, invoice, order, owed, shipment};
use crate::ledger::delivery::{Failed, Outcome};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::view::Filter;
use crate::ledger::view::listing::{Cursor, Page};
use crate::ledger::{Error, Transaction};

/// Three retailers with seven orders each, all of one moment; two of them with an event for each.
fn books() -> Books {
    let books = Books::new();
    books.write(|tx| {
        for partner in ["mega", "big", "small"] {
            for number in 1..=7 {
                let id = document(tx, partner, &order(&format!("{partner}-{number}")))?;
                tx.append_event(&NewEvent {
                    partner: partner.to_owned(),
                    at: at(number / 3),
                    kind: if number % 2 == 0 { EventKind::Accepted } else { EventKind::Fault },
                    refs: Refs { document: Some(id), ..Refs::default() },
                    text: format!("{partner} {number}"),
                    ..NewEvent::default()
                })?;
            }
        }
        Ok(())
    });
    books
}

/// All rows of a listing as pages of three, each begun where the one before said.
fn page_by_page<T>(
    books: &Books,
    filter: &Filter,
    view: impl Fn(&mut Transaction<'_>, &Filter) -> Result<Page<T>, Error>,
) -> Vec<T> {
    let mut filter = Filter { limit: Some(3), ..filter.clone() };
    let mut rows = Vec::new();
    loop {
        let page = books.read(|tx| view(tx, &filter));
        assert!(page.rows.len() <= 3 && (page.next.is_none() || page.rows.len() == 3), "{} rows", page.rows.len());
        rows.extend(page.rows);
        let Some(next) = page.next else { return rows };
        filter.after = Some(Cursor::parse(&next.to_string()).unwrap());
    }
}

fn of(partners: &[&str]) -> Filter {
    Filter { partners: Some(partners.iter().map(|one| (*one).to_owned()).collect()), ..Filter::default() }
}

#[test]
fn page_by_page_there_are_the_same_rows_as_all_at_once_each_of_them_once() {
    let books = books();
    let filters = [(Filter::default(), 21), (of(&["mega"]), 7), (of(&["small", "mega"]), 14), (of(&[]), 0)];
    for (filter, expect) in filters {
        let all = books.read(|tx| tx.documents(&filter)).rows;
        let paged = page_by_page(&books, &filter, |tx, filter| tx.documents(filter));
        let ids = |rows: &[crate::ledger::view::DocumentRow]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
        assert_eq!((ids(&paged), paged.len()), (ids(&all), expect), "{filter:?}");
        let events = books.read(|tx| tx.events(&filter)).rows;
        let paged = page_by_page(&books, &filter, |tx, filter| tx.events(filter));
        let names = |rows: &[crate::ledger::event::Event]| {
            rows.iter().map(|row| (row.at, row.partner.clone(), row.sequence)).collect::<Vec<_>>()
        };
        assert_eq!((names(&paged), paged.len()), (names(&events), expect), "{filter:?}");
        assert!(names(&paged).is_sorted_by(|a, b| a > b), "the newest first: {:?}", names(&paged));
    }
}

#[test]
fn what_comes_in_meanwhile_moves_no_page() {
    let books = books();
    let first = books.read(|tx| tx.documents(&Filter { limit: Some(20), ..Filter::default() }));
    books.write(|tx| document(tx, "mega", &order("new")));
    let rest = books.read(|tx| tx.documents(&Filter { after: first.next.clone(), ..Filter::default() }));
    assert_eq!(rest.rows.len(), 1);
    assert!(rest.next.is_none());
}

#[test]
fn a_page_that_holds_the_last_row_is_the_last_one() {
    let books = books();
    let page = books.read(|tx| tx.documents(&Filter { limit: Some(7), ..of(&["mega"]) }));
    assert_eq!((page.rows.len(), page.next), (7, None));
}

#[test]
fn a_place_in_another_listing_is_refused() {
    let books = books();
    let of_events = books.read(|tx| tx.events(&Filter { limit: Some(1), ..Filter::default() })).next;
    let refused = books.ledger.read(|tx| tx.documents(&Filter { after: of_events, ..Filter::default() }));
    assert!(matches!(refused, Err(Error::NoSuch { what: "place in this listing", .. })), "{refused:?}");
}

#[test]
fn rows_are_narrowed_by_kind_span_and_number() {
    let books = books();
    books.write(|tx| {
        document(tx, "mega", &invoice("INV1", Some("mega-1")))?;
        document(tx, "big", &shipment("SHP1", &["mega-1", "big-2"]))
    });
    let numbers = |filter: Filter| -> Vec<String> {
        let rows = books.read(|tx| tx.documents(&filter)).oldest_first();
        rows.into_iter().map(|row| row.number).collect()
    };
    let kind = |kind: &str| Filter { kind: Some(kind.to_owned()), ..Filter::default() };
    assert_eq!(numbers(kind("invoice")), ["INV1"]);
    assert_eq!(numbers(kind("settlement")), [""; 0]);
    let number = |number: &str| Filter { number: Some(number.to_owned()), ..Filter::default() };
    assert_eq!(numbers(number("mega-1")), ["mega-1", "INV1", "SHP1"], "all that is about the order");
    assert_eq!(numbers(Filter { number: Some("mega-1".to_owned()), ..of(&["mega"]) }), ["mega-1", "INV1"]);
    let texts = |filter: Filter| -> Vec<String> {
        let rows = books.read(|tx| tx.events(&filter)).oldest_first();
        rows.into_iter().map(|row| row.text).collect()
    };
    let span = Filter { since: Some(at(1)), until: Some(at(2)), ..of(&["mega"]) };
    assert_eq!(texts(span.clone()), ["mega 3", "mega 4", "mega 5"]);
    assert_eq!(texts(Filter { kind: Some("fault".to_owned()), ..span }), ["mega 3", "mega 5"]);
    assert_eq!(texts(number("big-2")), ["big 2"]);
    let of_transmissions = books.read(|tx| tx.transmissions(&number("INV1"))).rows;
    assert_eq!(of_transmissions.len(), 1, "{of_transmissions:?}");
    assert_eq!(books.read(|tx| tx.transmissions(&number("INV1.edi"))).rows.len(), 1, "by its name");
}

#[test]
fn every_state_that_can_be_asked_for_is_found_and_no_row_is_in_two() {
    let books = Books::new();
    let states = |state: &str| books.read(|tx| tx.deliveries(&Filter::in_state(state))).rows.len();
    let (sent, ours) = books.write(|tx| {
        let sent = awaited(tx, envelope(501, 5, &["0001"]), at(0))?;
        Ok((sent, owed(tx)?))
    });
    assert_eq!((states("pending"), states("unsent"), states("sent")), (2, 2, 0));
    books.write(move |tx| {
        let gone = Outcome::Sent { receipt: "/out".to_owned() };
        tx.record_attempt(&sent, at(1), &gone)?;
        tx.delivery_went_out(&sent, at(1))?;
        tx.record_attempt(&ours, at(1), &Outcome::Failed(Failed { error: "no room".to_owned(), again: Some(at(9)) }))?;
        tx.record_attempt(&ours, at(9), &Outcome::Failed(Failed { error: "no room".to_owned(), again: None }))
    });
    assert_eq!((states("pending"), states("retrying"), states("parked"), states("sent")), (0, 0, 1, 1));
    assert_eq!((states("unsent"), states("waived"), states("of no such name")), (1, 0, 0));
    let parked = books.read(|tx| tx.deliveries(&Filter::in_state("parked"))).rows.remove(0);
    let attempts = books.read(|tx| tx.attempts(&crate::ledger::Id(parked.id.clone())));
    let told: Vec<(i64, &str)> = attempts.iter().map(|one| (one.number, one.detail.as_str())).collect();
    assert_eq!(told, [(1, "no room"), (2, "no room")]);
    let acks = |filter: &Filter| -> Vec<String> {
        let rows = books.read(|tx| tx.acks(filter)).oldest_first();
        rows.into_iter().map(|row| row.label).collect()
    };
    assert_eq!(acks(&Filter::in_state("pending")).len(), 2);
    for (number, expect) in [("501", "856 SHP1"), ("000000501", "856 SHP1"), ("SHP1", "856 SHP1"), ("PO1", "856 SHP1")]
    {
        assert_eq!(acks(&Filter { number: Some(number.to_owned()), ..Filter::default() }), [expect], "{number}");
    }
}

#[test]
fn every_state_is_one_that_the_tables_know() {
    let books = books();
    books.read(|tx| {
        for state in crate::ledger::view::STATES_OF_EXPECTATIONS {
            assert!(tx.expectations(&Filter::in_state(state))?.rows.is_empty());
        }
        for state in crate::ledger::view::STATES_OF_FINDINGS {
            assert!(
                tx.findings(&Filter { number: Some("mega-1".to_owned()), ..Filter::in_state(state) })?.rows.is_empty()
            );
        }
        let in_state =
            |tx: &mut Transaction<'_>, state| tx.transmissions(&Filter::in_state(state)).map(|page| page.rows.len());
        let counts = crate::ledger::view::STATES_OF_TRANSMISSIONS.map(|state| in_state(tx, state));
        let counts: Vec<usize> = counts.into_iter().collect::<Result<_, _>>()?;
        assert_eq!(counts, [21, 0, 0, 0, 0]);
        Ok(())
    });
}

#[test]
fn answers_are_found_by_the_set_that_they_are_about_whoever_owes_them() {
    let books = Books::new();
    books.write(|tx| {
        awaited(tx, envelope(501, 5, &["0001"]), at(0))?;
        owed(tx)
    });
    let about = |set: &str, filter: Filter| -> Vec<String> {
        let rows = books.read(|tx| tx.expectations(&Filter { set: Some(set.to_owned()), ..filter.clone() })).rows;
        rows.into_iter().map(|row| row.label).collect()
    };
    assert_eq!(about("856", Filter::default()), ["856 SHP1"]);
    assert_eq!(about("850", Filter::default()), ["997 for 000000905"], "what we owe is about what came in");
    assert_eq!(about("810", Filter::default()), [""; 0]);
    assert_eq!(about("856", of(&["mega"])), ["856 SHP1"]);
    assert_eq!(about("856", of(&["big"])), [""; 0]);
    for state in ["waiting", "overdue"] {
        let expect = if state == "waiting" { 1 } else { 0 };
        assert_eq!(about("856", Filter { partners: of(&["mega"]).partners, ..Filter::in_state(state) }).len(), expect);
    }
    let sets: Vec<Option<String>> =
        books.read(|tx| tx.expectations(&Filter::default())).rows.into_iter().map(|row| row.set).collect();
    assert!(sets.contains(&Some("856".to_owned())) && sets.contains(&Some("850".to_owned())), "{sets:?}");
}
