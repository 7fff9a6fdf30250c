//! Documents that come, go out and are answered at given minutes of 3 March 2026, 08:00 UTC on; rules; and what the books say.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::json;

use super::{Watched, judge, record, waive};
use crate::config::clock::calendar::{Calendar, CalendarText};
use crate::config::clock::rule::Rule;
use crate::config::compliance::Compliance;
use crate::document::Document;
use crate::ledger::clock::ClockState;
use crate::ledger::delivery::{NewDelivery, Outcome, What};
use crate::ledger::document::{Body, NewDocument, Recorded};
use crate::ledger::event::{EventKind, NewEvent, Refs};
use crate::ledger::expectation::{About, ExpectationState, NewExpectation, OwedBy};
use crate::ledger::remedy::By;
use crate::ledger::shelf::Shelf;
use crate::ledger::tests::{Books, at, envelope, minutes};
use crate::ledger::transmission::{Direction, NewTransmission, TransmissionState};
use crate::ledger::{Content, Error, Id, Transaction};

const ASN_IN_TIME: &str = r#"
name = "ASN in time"
what = "856"
within = "60 min"
of = "departure"
cost = { per_carton = "0.75", minimum = "100", currency = "USD" }"#;
const CONFIRMED: &str = "name = \"Confirmed\"\nwhat = \"855\"\nwithin = \"2 h\"\nof = \"850\"";
const NOT_MORE: &str = "name = \"Not more\"\nlimit = \"shipped\"\nat_most = \"ordered\"\nseverity = \"warning\"";
const INVOICE_LAST: &str = "name = \"Invoice last\"\nwhat = \"810\"\nnot_before = \"856\"";
const PAID: &str = "name = \"Paid\"\nwhat = \"820\"\nwithin = \"1 d\"\nof = \"810\"\nseverity = \"warning\"";
const CORRECTED: &str = "name = \"Corrected\"\nwhat = \"856\"\nwatch = [\"997\"]\ncorrect_within = \"1 h\"";
const SAME_PRICE: &str = "name = \"Same price\"\nwhat = \"810\"\nsame = [\"unit price\"]\nsame_as = \"850\"";
const ONE_SSCC: &str = "name = \"One SSCC\"\nunique = \"sscc\"\nfor = \"365 d\"";

fn rules(texts: &[&str]) -> Compliance {
    let rule = |text: &&str| {
        Rule::read(&toml::from_str(&format!("source = \"the guide\"\nas_of = \"2026-03-01\"\n{text}")).unwrap())
            .unwrap()
    };
    let calendar = Calendar::read(&CalendarText::default(), TimeZone::UTC).unwrap();
    Compliance { calendar, rules: texts.iter().map(rule).collect() }
}

/// Something that happens; every time is a minute.
#[derive(Debug, Clone)]
enum Act {
    /// A document comes, and is left with the partner where it is one of ours.
    Comes { document: Box<Document>, came: i64, sent: Option<i64> },
    /// The partner's 997 for a ship notice.
    Answers { shipment: &'static str, state: ExpectationState, at: i64 },
}

fn comes(document: serde_json::Value, came: i64, sent: Option<i64>) -> Act {
    Act::Comes { document: serde_json::from_value(document).unwrap(), came, sent }
}

fn order(came: i64) -> Act {
    let line = json!({ "line": "1", "item": { "buyer": "55" }, "quantity": { "value": "24", "unit": "EA" },
                       "price": { "amount": "3.61" } });
    comes(json!({ "kind": "order", "po_number": "PO1", "ordered_on": "2026-03-03", "lines": [line] }), came, None)
}

fn confirmation(sent: i64) -> Act {
    comes(json!({ "kind": "order_ack", "po_number": "PO1", "lines": [] }), sent, Some(sent))
}

/// A shipment of so many units in as many cartons that left at a time of that day.
fn shipment(id: &str, left: &str, units: u64, sent: i64) -> Act {
    let carton = |number: u64| {
        json!({ "number": number.to_string(),
                "items": [{ "line": "1", "item": { "buyer": "55" }, "quantity": { "value": "1", "unit": "EA" } }] })
    };
    let part = json!({ "po_number": "PO1", "cartons": (0..units).map(carton).collect::<Vec<_>>() });
    let left = format!("2026-03-03T{left}:00");
    comes(json!({ "kind": "shipment", "shipment_id": id, "shipped_at": left, "orders": [part] }), sent, Some(sent))
}

fn invoice(price: &str, sent: i64) -> Act {
    let line = json!({ "line": "1", "item": { "buyer": "55" }, "quantity": { "value": "24", "unit": "EA" },
                       "price": { "amount": price } });
    let invoice = json!({ "kind": "invoice", "invoice_number": "INV1", "po_number": "PO1", "invoiced_on": "2026-03-03",
                          "lines": [line] });
    comes(invoice, sent, Some(sent))
}

fn payment(came: i64) -> Act {
    // It names the invoice alone, which may come later.
    let line = json!({ "is": "invoice", "number": "INV1", "paid": "86.64" });
    comes(json!({ "kind": "remittance", "trace_number": "T1", "amount": "86.64", "lines": [line] }), came, None)
}

/// Minute 0 is 08:00.
fn clock(minute: i64) -> Timestamp {
    at(minute)
}

fn event(tx: &mut Transaction<'_>, kind: EventKind, document: &Id, minute: i64) -> Result<(), Error> {
    tx.append_event(&NewEvent {
        partner: "mega".to_owned(),
        at: clock(minute),
        kind,
        refs: Refs { document: Some(document.clone()), ..Refs::default() },
        ..NewEvent::default()
    })
}

fn come(tx: &mut Transaction<'_>, document: &Document, minute: i64) -> Result<Id, Error> {
    let name = format!("{} {}", document.kind(), document.number());
    let transmission = tx.record_transmission(&NewTransmission {
        direction: Direction::In,
        partner: "mega".to_owned(),
        endpoint: "folder".to_owned(),
        name: name.clone(),
        claim: None,
        message_id: None,
        content: Content::in_memory(format!("{name} {minute}").into_bytes()),
        at: clock(minute),
        state: TransmissionState::Captured,
    })?;
    let body = Body::of(document)?;
    let new = NewDocument {
        partner: "mega",
        source: "erp",
        transmission: &transmission,
        document,
        body: &body,
        at: clock(minute),
    };
    let (Recorded::New(id) | Recorded::Same(id) | Recorded::Changed(id) | Recorded::Earlier(id)) =
        tx.record_revision(&new)?;
    event(tx, EventKind::Accepted, &id, minute)?;
    Ok(id)
}

/// Leaves a document with the partner, which owes a 997 for it.
fn leave(tx: &mut Transaction<'_>, document: &Document, id: &Id, minute: i64) -> Result<(), Error> {
    let label = format!("{} {}", document.kind().label(), document.number());
    let transmission = tx.record_transmission(&NewTransmission {
        direction: Direction::Out,
        partner: "mega".to_owned(),
        endpoint: "folder".to_owned(),
        name: label.clone(),
        claim: None,
        message_id: None,
        content: Content::in_memory(format!("{label} {minute}").into_bytes()),
        at: clock(minute),
        state: TransmissionState::Built,
    })?;
    let delivery = tx.record_delivery(&NewDelivery {
        transmission,
        partner: "mega".to_owned(),
        endpoint: "folder".to_owned(),
        name: label.clone(),
        what: What::Document(id.clone()),
        label: label.clone(),
        po_number: Some("PO1".to_owned()),
        due: clock(minute),
    })?;
    tx.open_expectation(&NewExpectation {
        partner: "mega".to_owned(),
        what: "997".to_owned(),
        owed_by: OwedBy::Partner,
        about: About::Delivery(delivery.clone()),
        label,
        document: Some(id.clone()),
        set: None,
        envelope: Some(envelope(501, 503, &["0001"])),
        opened: clock(minute),
        within: minutes(60),
    })?;
    tx.record_attempts(&[(delivery, Outcome::Sent { receipt: "there".to_owned() })], clock(minute))?;
    event(tx, EventKind::Delivered, id, minute)
}

fn answer(tx: &mut Transaction<'_>, shipment: &str, state: ExpectationState, minute: i64) -> Result<(), Error> {
    let sql = "SELECT expectation.id, document.id FROM expectation JOIN document ON document.id = expectation.document
               WHERE document.number = $1 ORDER BY document.revision DESC LIMIT 1";
    let row = tx.query_one(sql, &[shipment.into()])?.unwrap();
    tx.close_expectation(&row.id(0)?, state, clock(minute), Some("N1 is missing"))?;
    event(tx, EventKind::AcknowledgmentReceived, &row.id(1)?, minute)
}

impl Books {
    fn act(&self, act: &Act) {
        let act = act.clone();
        self.write(move |tx| match &act {
            Act::Comes { document, came, sent } => {
                let id = come(tx, document, *came)?;
                sent.map_or(Ok(()), |sent| leave(tx, document, &id, sent))
            }
            Act::Answers { shipment, state, at } => answer(tx, shipment, *state, *at),
        });
    }

    /// Judges until nothing is left to judge at a minute, before and after documents are joined with those that they name.
    fn keep(&self, compliance: &Compliance, minute: i64) {
        self.judge_all(compliance, clock(minute));
        self.write(move |tx| {
            for unjoined in tx.unjoined(100)? {
                for id in tx.take_unjoined(&unjoined, 100)? {
                    tx.join(&id, &Shelf::default(), clock(minute))?;
                }
            }
            while let Some(id) = tx.mention_news(1)?.pop() {
                tx.take_up_news(&id, &Shelf::default(), clock(minute))?;
            }
            Ok(())
        });
        self.judge_all(compliance, clock(minute));
    }

    fn judge_all(&self, compliance: &Compliance, now: Timestamp) {
        for _ in 0..20 {
            let watched = Watched { partner: "mega", compliance: Some(compliance), counts_tests: false };
            let fingerprint = compliance.fingerprint();
            self.write(move |tx| tx.begin_reading_for_clocks("mega", Timestamp::MIN, &fingerprint));
            let work = self.read(|tx| {
                let due: Vec<String> = tx.due_clocks(now, 100)?.into_iter().map(|(_, subject)| subject).collect();
                let readers = tx.clock_readers()?;
                let Some(reader) = readers.iter().find(|reader| reader.partner == "mega") else { return Ok(None) };
                judge(tx, watched, reader, &due, now)
            });
            let Some(work) = work else { return };
            self.write(move |tx| record(tx, &work));
        }
        panic!("judging does not come to an end");
    }

    /// State and line of every clock.
    fn clocks(&self) -> Vec<String> {
        self.texts("SELECT rule || ', ' || subject || ': ' || state || ', ' || line FROM clock ORDER BY subject, rule")
    }

    fn open_findings(&self) -> Vec<String> {
        self.texts(
            "SELECT rule || ' ' || subject || ', ' || severity || COALESCE(', ' || money || ' ' || currency, '')
             FROM finding WHERE state = 'open' ORDER BY subject, rule",
        )
    }

    fn told(&self) -> Vec<String> {
        self.texts("SELECT text FROM event WHERE kind = 'clock' ORDER BY sequence")
    }
}

fn after(compliance: &Compliance, acts: &[Act], minute: i64) -> Books {
    let books = Books::new();
    acts.iter().for_each(|act| books.act(act));
    books.keep(compliance, minute);
    books
}

#[test]
fn a_clock_warns_breaks_and_is_told_each_once() {
    let compliance = rules(&[CONFIRMED]);
    let books = after(&compliance, &[order(0)], 10);
    assert_eq!(books.clocks(), ["Confirmed, 850 PO1: running, order acknowledgment for PO1 is due 2026-03-03 10:00"]);
    assert_eq!((books.told(), books.open_findings()), (vec![], vec![]));
    books.keep(&compliance, 90);
    books.keep(&compliance, 100);
    let warning = "order acknowledgment for PO1 is at risk: due 10:00, in 30 min";
    assert_eq!((books.told(), books.open_findings()), (vec![warning.to_owned()], vec![]));
    books.keep(&compliance, 120);
    books.keep(&compliance, 500);
    let broken = "order acknowledgment for PO1 has not come by 2026-03-03 10:00 (CLK-E001)";
    assert_eq!(books.told(), [warning, broken]);
    assert_eq!(books.open_findings(), ["CLK-E001 850 PO1, Confirmed, error"]);
    assert_eq!(books.count("SELECT COUNT(*) FROM clock WHERE look IS NOT NULL"), 0, "nothing will change by itself");
}

#[test]
fn what_comes_in_time_is_met_in_silence() {
    let books = after(&rules(&[CONFIRMED]), &[order(0), confirmation(26)], 500);
    assert_eq!(
        books.clocks(),
        ["Confirmed, 850 PO1: met, order acknowledgment for PO1 kept \"Confirmed\", 2026-03-03 08:26"]
    );
    assert_eq!((books.told(), books.open_findings()), (vec![], vec![]));
}

#[test]
fn a_breach_costs_what_its_model_says() {
    let acts = [order(0), shipment("SHP1", "09:22", 200, 180)];
    let books = after(&rules(&[ASN_IN_TIME, NOT_MORE]), &acts, 200);
    assert_eq!(
        books.clocks(),
        [
            "Not more, 850 PO1: broken, shipped is 200, 176 more than ordered (24)"
                .replace("shipped is", "shipped for PO1 is"),
            "ASN in time, 856 SHP1: broken, ASN for SHP1 came 38 min late, due 2026-03-03 10:22, 150.00 USD".to_owned(),
        ]
    );
    assert_eq!(
        books.open_findings(),
        ["CLK-E004 850 PO1, Not more, warning", "CLK-E001 856 SHP1, ASN in time, error, 150 USD"]
    );
}

#[test]
fn a_late_document_changes_the_past() {
    let compliance = rules(&[ASN_IN_TIME]);
    let books = after(&compliance, &[order(0), shipment("SHP1", "09:22", 1, 180)], 200);
    assert_eq!(books.open_findings(), ["CLK-E001 856 SHP1, ASN in time, error, 100 USD"]);
    // The warehouse corrects itself: it left at 10:30.
    books.act(&shipment("SHP1", "10:30", 1, 240));
    books.keep(&compliance, 250);
    assert_eq!(books.clocks(), ["ASN in time, 856 SHP1: met, ASN for SHP1 kept \"ASN in time\", 2026-03-03 11:00"]);
    assert_eq!(books.open_findings(), [""; 0]);
    assert_eq!(books.told().last().unwrap(), "ASN for SHP1 kept \"ASN in time\", 11:00");
}

#[test]
fn a_refusal_must_be_corrected() {
    let compliance = rules(&[CORRECTED]);
    let refused = Act::Answers { shipment: "SHP1", state: ExpectationState::Violated, at: 70 };
    let books = after(&compliance, &[order(0), shipment("SHP1", "09:00", 1, 60), refused], 80);
    assert_eq!(books.clocks(), ["Corrected, 856 SHP1: running, corrected ASN for SHP1 is due 2026-03-03 10:10"]);
    books.keep(&compliance, 140);
    assert_eq!(books.open_findings(), ["CLK-E007 856 SHP1, Corrected, error"]);
}

#[test]
fn a_serial_number_that_comes_again_is_found_whichever_came_in_first() {
    let with_serial = |act: Act| match act {
        Act::Comes { document, came, sent } => {
            let text = serde_json::to_string(&document).unwrap();
            let text = text.replace("\"number\":\"0\"", "\"sscc\":\"006141410000000012\"");
            Act::Comes { document: serde_json::from_str(&text).unwrap(), came, sent }
        }
        other => other,
    };
    let first = with_serial(shipment("SHP1", "09:00", 1, 60));
    let second = with_serial(shipment("SHP2", "09:00", 1, 90));
    let compliance = rules(&[ONE_SSCC]);
    for acts in [[first.clone(), second.clone()], [second, first]] {
        let books = Books::new();
        for act in &acts {
            books.act(act);
            books.keep(&compliance, 100);
        }
        assert_eq!(books.open_findings(), ["CLK-E005 856 SHP2, One SSCC, error"]);
    }
}

#[test]
fn a_rule_that_is_gone_is_judged_no_more() {
    let books = after(&rules(&[CONFIRMED, NOT_MORE]), &[order(0)], 130);
    assert_eq!(books.open_findings(), ["CLK-E001 850 PO1, Confirmed, error"]);
    books.keep(&rules(&[NOT_MORE]), 140);
    assert_eq!(books.clocks(), ["Confirmed, 850 PO1: idle, \"Confirmed\" is no rule of mega any more"]);
    assert_eq!(books.open_findings(), [""; 0]);
    let told = books.texts("SELECT text FROM event WHERE kind = 'clock' ORDER BY sequence");
    assert_eq!(told.last().unwrap(), "850 PO1: \"Confirmed\" is no rule of mega any more");
    assert_eq!(
        books.texts("SELECT code FROM failure WHERE settled IS NULL"),
        [""; 0],
        "whoever was told hears of the end"
    );
}

#[test]
fn what_a_person_gave_up_stays_so() {
    let compliance = rules(&[CONFIRMED]);
    let books = after(&compliance, &[order(0)], 130);
    let id = Id(books.texts("SELECT id FROM clock").remove(0));
    let anna = By { who: "anna".to_owned(), why: "they agreed by phone".to_owned() };
    let waived = books.write(move |tx| waive(tx, &id, &anna, clock(131)));
    assert_eq!(waived.state, ClockState::Waived);
    books.act(&confirmation(140));
    books.keep(&compliance, 150);
    assert_eq!(books.texts("SELECT state || ' ' || reason FROM clock"), ["waived they agreed by phone"]);
    assert_eq!(books.open_findings(), [""; 0]);
    assert_eq!(
        books.texts("SELECT text FROM event WHERE kind = 'decided'"),
        [
            "850 PO1: order acknowledgment for PO1 has not come by 2026-03-03 10:00: given up by anna: they agreed by phone"
        ]
    );
}

#[test]
fn of_two_who_judged_by_the_same_facts_one_records() {
    let compliance = rules(&[CONFIRMED]);
    let books = after(&compliance, &[order(0)], 10);
    books.act(&confirmation(20));
    let watched = Watched { partner: "mega", compliance: Some(&compliance), counts_tests: false };
    let judged = || {
        books.read(|tx| {
            let readers = tx.clock_readers()?;
            judge(tx, watched, &readers[0], &[], clock(30))
        })
    };
    let (one, other) = (judged().unwrap(), judged().unwrap());
    books.write(move |tx| record(tx, &one));
    let refused = books.ledger.write(move |tx| record(tx, &other));
    assert!(matches!(refused, Err(Error::Contended)), "{refused:?}");
}

#[test]
fn a_test_document_starts_no_clock_with_a_partner_in_production() {
    let Act::Comes { mut document, came, sent } = order(0) else { unreachable!("an order comes") };
    document.header_mut().test = true;
    let books = after(&rules(&[CONFIRMED]), &[Act::Comes { document, came, sent }], 500);
    assert_eq!(books.clocks(), [""; 0]);
}

/// A life of an order, each act at a time of its own.
fn a_life() -> impl Strategy<Value = Vec<Act>> {
    let minute = 0..3000_i64;
    let times =
        (minute.clone(), minute.clone(), minute.clone(), minute.clone(), minute.clone(), minute.clone(), minute);
    let acts = (times, 1..40_u64, any::<bool>(), any::<bool>()).prop_map(|(t, units, refused, dearer)| {
        let state = if refused { ExpectationState::Violated } else { ExpectationState::Met };
        vec![
            order(t.0),
            confirmation(t.1),
            shipment("SHP1", "09:22", units, t.2),
            shipment("SHP2", "15:00", 1, t.3),
            invoice(if dearer { "3.70" } else { "3.61" }, t.4),
            payment(t.5),
            Act::Answers { shipment: "SHP1", state, at: t.6 },
        ]
    });
    acts.prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// However the documents of a chain come, and however often somebody looks in between, the books say the same in the end.
    #[test]
    fn any_order_of_arrival_gives_the_same_clocks_and_findings(life in a_life(), looks in prop::collection::vec(0..4000_i64, 7)) {
        let compliance =
            rules(&[ASN_IN_TIME, CONFIRMED, NOT_MORE, INVOICE_LAST, PAID, CORRECTED, SAME_PRICE, ONE_SSCC]);
        let (in_turn, at_once) = (Books::new(), Books::new());
        let is_answer = |act: &&Act| matches!(act, Act::Answers { .. });
        // Nobody answers what was not sent: until then an answer is an orphan, which is tried again.
        let mut waiting: Vec<&Act> = Vec::new();
        let mut known = false;
        let mut looks_so_far = 0;
        for (act, look) in life.iter().zip(&looks) {
            if is_answer(&act) && !known {
                waiting.push(act);
                continue;
            }
            in_turn.act(act);
            known |= matches!(act, Act::Comes { document, .. } if document.number() == "SHP1");
            if known {
                waiting.drain(..).for_each(|act| in_turn.act(act));
            }
            // Time does not go back.
            looks_so_far = looks_so_far.max(*look);
            in_turn.keep(&compliance, looks_so_far);
        }
        let mut sorted: Vec<&Act> = life.iter().collect();
        sorted.sort_by_key(|act| is_answer(act));
        sorted.into_iter().for_each(|act| at_once.act(act));
        for books in [&in_turn, &at_once] {
            books.keep(&compliance, 5000);
        }
        prop_assert_eq!(in_turn.clocks(), at_once.clocks());
        prop_assert_eq!(in_turn.open_findings(), at_once.open_findings());
        let rows = "SELECT rule || subject || opened || COALESCE(due, 0) || COALESCE(look, 0) || COALESCE(closed, 0)
                           || COALESCE(money, '') || judgment
                    FROM clock ORDER BY subject, rule";
        prop_assert_eq!(in_turn.texts(rows), at_once.texts(rows));
    }
}
