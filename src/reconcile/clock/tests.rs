//! Rules as partner files write them, facts, a time, and the line that results. Every time is one of Chicago, which is UTC-6,
//! from 2026-03-08 02:00 to 2026-11-01 02:00 UTC-5; every expected value is computed by hand.

use std::mem::discriminant;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::facts::{Fact, Facts, User, Value, Verdict};
use super::judge::{Breach, Judgment, judge};
use super::words::{line, statement};
use crate::config::clock::calendar::{Calendar, CalendarText};
use crate::config::clock::noun::{Answerer, Field, Figure, Moment, Number};
use crate::config::clock::rule::Rule;

const ASN_IN_TIME: &str = r#"what = "856"
within = "60 min"
of = "departure"
cost = { per_carton = "0.75", minimum = "100", currency = "USD" }"#;
const ACKNOWLEDGED: &str = "what = \"997\"\nwithin = \"24 h\"\nof = \"850\"";
const CONFIRMED: &str = "what = \"855\"\nwithin = \"2 business days\"\nby = \"14:00\"\nof = \"850\"";
const ARRIVING: &str = "what = \"856 received\"\nbefore = \"6 h\"\nof = \"arrival\"";
const INVOICE_LAST: &str = "what = \"810\"\nnot_before = \"856\"";
const SAME_PRICE: &str = "what = \"810\"\nsame = [\"unit price\", \"store\"]\nsame_as = \"850\"\ntolerance = \"0.005\"";
const NOT_MORE: &str =
    "limit = \"shipped\"\nat_most = \"ordered\"\ncost = { flat = \"200\", per_case = \"1\", currency = \"USD\" }";
const ALL_PACKED: &str = "limit = \"cartons\"\nequals = \"packs\"";
const ONE_SSCC: &str = "unique = \"sscc\"\nfor = \"365 days\"";
const PLAIN_BOL: &str = "what = \"856\"\nrequire = \"bill of lading\"\ncharacters = \"A-Z a-z 0-9 space -\"";
const CORRECTED: &str = "what = \"856\"\nwatch = [\"997\", \"824\"]\ncorrect_within = \"24 h\"";

const EVERY_RULE: [&str; 11] = [
    ASN_IN_TIME,
    ACKNOWLEDGED,
    CONFIRMED,
    ARRIVING,
    INVOICE_LAST,
    SAME_PRICE,
    NOT_MORE,
    ALL_PACKED,
    ONE_SSCC,
    PLAIN_BOL,
    CORRECTED,
];

fn calendar() -> Calendar {
    let text: CalendarText = toml::from_str(
        "days = \"Mo-Fr\"\nhours = \"08:00-17:00\"\nholidays = [\"Jan 1 observed\", \"4th Thu of Nov\", \"Dec 25\"]",
    )
    .unwrap();
    Calendar::read(&text, TimeZone::get("America/Chicago").unwrap()).unwrap()
}

fn rule(text: &str) -> Rule {
    let signed = "name = \"the rule\"\nsource = \"the guide\"\nas_of = \"2026-03-01\"";
    Rule::read(&toml::from_str(&format!("{signed}\n{text}")).unwrap()).unwrap()
}

/// `03-06 09:22` of 2026, or with a year before it.
fn at(local: &str) -> Timestamp {
    let dated = if local.len() > 11 { local.to_owned() } else { format!("2026-{local}") };
    let local: jiff::civil::DateTime = dated.replace(' ', "T").parse().unwrap();
    calendar().zone().to_timestamp(local).unwrap()
}

fn chain(facts: &[Fact]) -> Facts {
    let mut chain = Facts::about("SHP0000777");
    facts.iter().for_each(|fact| chain.learn(fact.clone()));
    chain
}

fn check(text: &str, facts: &[Fact], now: &str, expect: &str) {
    let (rule, facts, now) = (rule(text), chain(facts), at(now));
    let judgment = judge(&rule, &calendar(), &facts, now);
    assert_eq!(line(&judgment, &rule, &facts.about, &calendar(), now), expect, "{judgment:?}");
}

fn happened(what: Moment, local: &str) -> Fact {
    told(what, local, local)
}

fn told(what: Moment, local: &str, when: &str) -> Fact {
    Fact::Moment { what, at: at(local), told: at(when) }
}

fn figure(figure: Figure, value: i64) -> Fact {
    Fact::Figure { figure, value: value.into(), told: at("03-06 09:00") }
}

fn field(of: Moment, field: Field, line: &str, value: &str) -> Fact {
    let value = match field {
        Field::UnitPrice => Value::Number(value.parse().unwrap()),
        _ => Value::Text(value.to_owned()),
    };
    Fact::Field { of, field, line: line.to_owned(), value, told: at("03-06 09:00") }
}

fn used(document: &str, local: &str, user: User) -> Fact {
    let value = "006141410000000018".to_owned();
    Fact::Number { number: Number::Sscc, value, document: document.to_owned(), at: at(local), user }
}

fn answered(by: Answerer, verdict: Verdict, local: &str) -> Fact {
    Fact::Answer { to: Moment::ShipNotice, by, verdict, at: at(local), text: "item is not on the order".to_owned() }
}

#[test]
fn a_ship_notice_is_due_an_hour_after_departure_and_at_risk_in_the_last_quarter() {
    let left = [happened(Moment::Departure, "03-06 09:22"), figure(Figure::Cartons, 150)];
    check(ASN_IN_TIME, &[], "03-06 09:45", "ASN for SHP0000777 waits, not known yet: departure");
    check(ASN_IN_TIME, &left, "03-06 09:45", "ASN for SHP0000777 is due 10:22, at risk in 22 min, about 112.50 USD");
    check(ASN_IN_TIME, &left, "03-06 10:13", "ASN for SHP0000777 is at risk: due 10:22, in 9 min, about 112.50 USD");
    check(ASN_IN_TIME, &left, "03-06 11:27", "ASN for SHP0000777 is overdue by 1 h 5 min, due 10:22, 112.50 USD");
}

#[test]
fn a_ship_notice_at_the_last_moment_is_in_time_and_a_second_later_it_is_late() {
    let sent = |local| [happened(Moment::Departure, "03-06 09:22"), happened(Moment::ShipNotice, local)];
    check(ASN_IN_TIME, &sent("03-06 10:22"), "03-06 12:00", "ASN for SHP0000777 kept \"the rule\", 10:22");
    check(ASN_IN_TIME, &sent("03-06 08:00"), "03-06 12:00", "ASN for SHP0000777 kept \"the rule\", 08:00");
    check(
        ASN_IN_TIME,
        &sent("2026-03-06 10:22:01"),
        "03-06 12:00",
        "ASN for SHP0000777 came 1 s late, due 10:22, at least 100.00 USD (not known yet: cartons)",
    );
}

#[test]
fn a_judgment_names_the_moments_at_which_it_changes() {
    let facts = chain(&[happened(Moment::Departure, "03-06 09:22")]);
    let at_time = |now: &str| judge(&rule(ASN_IN_TIME), &calendar(), &facts, at(now));
    assert_eq!(at_time("03-06 09:45").look_again(), Some(at("03-06 10:07")));
    assert_eq!(at_time("03-06 10:07").look_again(), Some(at("03-06 10:22")));
    assert_eq!(at_time("03-06 10:22").look_again(), None);
    assert!(matches!(at_time("03-06 10:22"), Judgment::Broken { since, .. } if since == at("03-06 10:22")));
}

#[test]
fn a_record_names_its_day_and_says_nothing_that_passes_with_time() {
    let facts = chain(&[happened(Moment::Departure, "03-06 09:22"), figure(Figure::Cartons, 150)]);
    let recorded = |now: &str| {
        let rule = rule(ASN_IN_TIME);
        statement(&judge(&rule, &calendar(), &facts, at(now)), &rule, &facts.about, &calendar())
    };
    assert_eq!(recorded("03-06 09:45"), "ASN for SHP0000777 is due 2026-03-06 10:22, about 112.50 USD");
    assert_eq!(recorded("03-06 10:13"), "ASN for SHP0000777 is due 2026-03-06 10:22, about 112.50 USD");
    assert_eq!(recorded("03-06 10:22"), "ASN for SHP0000777 has not come by 2026-03-06 10:22, 112.50 USD");
    assert_eq!(recorded("03-09 10:22"), "ASN for SHP0000777 has not come by 2026-03-06 10:22, 112.50 USD");
}

#[test]
fn a_judgment_that_was_kept_reads_as_if_it_were_made_now() {
    let (rule, facts) = (rule(ASN_IN_TIME), chain(&[happened(Moment::Departure, "03-06 09:22")]));
    let judged = |now: &str| judge(&rule, &calendar(), &facts, at(now));
    for now in ["03-06 09:45", "03-06 10:13"] {
        let later = judged("03-06 09:30").later(at(now));
        assert_eq!(
            line(&later, &rule, "S", &calendar(), at(now)),
            line(&judged(now), &rule, "S", &calendar(), at(now))
        );
    }
    let overdue = judged("03-06 10:22").later(at("03-06 11:27"));
    assert_eq!(overdue, judged("03-06 11:27"));
    let kept: Judgment = serde_json::from_value(serde_json::to_value(&overdue).unwrap()).unwrap();
    assert_eq!(kept, overdue);
}

#[test]
fn a_late_document_changes_the_past_both_ways() {
    let sent = happened(Moment::ShipNotice, "03-06 10:05");
    let first = told(Moment::Departure, "03-06 09:22", "03-06 09:30");
    let earlier = told(Moment::Departure, "03-06 08:50", "03-06 11:00");
    let later = told(Moment::Departure, "03-06 09:15", "03-06 13:00");
    let facts = [sent, first, earlier, later];
    check(ASN_IN_TIME, &facts[..2], "03-06 14:00", "ASN for SHP0000777 kept \"the rule\", 10:05");
    check(
        ASN_IN_TIME,
        &facts[..3],
        "03-06 14:00",
        "ASN for SHP0000777 came 15 min late, due 09:50, at least 100.00 USD (not known yet: cartons)",
    );
    check(ASN_IN_TIME, &facts, "03-06 14:00", "ASN for SHP0000777 kept \"the rule\", 10:05");
}

#[test]
fn an_acknowledgment_has_24_hours_by_the_stopwatch_also_when_the_clocks_change() {
    check(
        ACKNOWLEDGED,
        &[happened(Moment::Order, "03-07 12:00")],
        "03-08 06:30",
        "997 for SHP0000777 is due 13:00, at risk in 30 min",
    );
    check(
        ACKNOWLEDGED,
        &[happened(Moment::Order, "10-31 12:00")],
        "10-31 13:00",
        "997 for SHP0000777 is due Nov 01 11:00, at risk in 17 h",
    );
}

#[test]
fn business_days_skip_thanksgiving_the_weekend_and_new_year() {
    let order = [happened(Moment::Order, "11-25 16:00")];
    let start = "order acknowledgment for SHP0000777 is";
    check(CONFIRMED, &order, "11-25 16:00", &format!("{start} due Nov 30 14:00, at risk in 3 d 16 h"));
    let warned = format!("{CONFIRMED}\nwarn = \"4 business hours\"");
    check(&warned, &order, "11-30 09:30", &format!("{start} due 14:00, at risk in 30 min"));
    check(&warned, &order, "11-30 10:00", &format!("{start} at risk: due 14:00, in 4 h"));
    let order = [happened(Moment::Order, "12-31 16:00")];
    // January 1 is a Friday: Monday the 4th and Tuesday the 5th are the two days.
    check(&warned, &order, "12-31 16:00", &format!("{start} due 2027-01-05 14:00, at risk in 4 d 18 h"));
}

#[test]
fn a_time_of_day_is_the_next_one_and_the_same_day_ends_at_midnight() {
    let by_two = "what = \"855\"\nby = \"14:00\"\nof = \"850\"\nwarn = \"60 min\"";
    let order = |local| [happened(Moment::Order, local)];
    let start = "order acknowledgment for SHP0000777 is";
    check(by_two, &order("03-06 13:00"), "03-06 12:30", &format!("{start} due 14:00, at risk in 30 min"));
    check(by_two, &order("03-06 14:01"), "03-06 14:30", &format!("{start} due Mar 07 14:00, at risk in 22 h 30 min"));
    let same_day = "what = \"856\"\nwithin = \"0 days\"\nby = \"24:00\"\nof = \"departure\"";
    let sent = |local| [happened(Moment::Departure, "12-31 09:00"), happened(Moment::ShipNotice, local)];
    check(same_day, &sent("12-31 23:59"), "12-31 23:59", "ASN for SHP0000777 kept \"the rule\", 23:59");
    check(same_day, &sent("2027-01-01 00:07"), "2027-01-01 08:00", "ASN for SHP0000777 came 7 min late, due 00:00");
}

#[test]
fn a_notice_must_be_there_before_the_goods_and_moves_with_their_plan() {
    // Six hours before 06:00 of the short night is 23:00 of the day before.
    let planned = told(Moment::Arrival, "03-08 06:00", "03-06 09:00");
    let moved = told(Moment::Arrival, "03-09 06:00", "03-07 20:00");
    let received = happened(Moment::ShipNoticeReceived, "03-07 23:10");
    check(
        ARRIVING,
        std::slice::from_ref(&received),
        "03-08 08:00",
        "ASN receipt for SHP0000777 waits, not known yet: planned arrival",
    );
    check(
        ARRIVING,
        &[planned.clone(), received.clone()],
        "03-08 08:00",
        "ASN receipt for SHP0000777 came 10 min late, due Mar 07 23:00",
    );
    check(
        ARRIVING,
        &[planned, received, moved],
        "03-08 08:00",
        "ASN receipt for SHP0000777 kept \"the rule\", Mar 07 23:10",
    );
}

#[test]
fn nothing_is_owed_for_a_cancelled_order_but_its_acknowledgment_and_what_was_overdue() {
    let order = happened(Moment::Order, "11-23 09:00");
    let cancelled = |local| Fact::Cancelled { at: at(local) };
    let start = "order acknowledgment for SHP0000777";
    check(
        CONFIRMED,
        &[order.clone(), cancelled("11-24 10:00")],
        "11-30 09:00",
        &format!("{start} is not owed: the order was cancelled on 2026-11-24"),
    );
    check(
        CONFIRMED,
        &[order.clone(), cancelled("11-25 15:00")],
        "11-25 16:00",
        &format!("{start} is overdue by 2 h, due 14:00"),
    );
    check(
        ACKNOWLEDGED,
        &[order, cancelled("11-23 10:00")],
        "11-24 11:00",
        "997 for SHP0000777 is overdue by 2 h, due 09:00",
    );
}

#[test]
fn an_invoice_must_not_be_before_the_ship_notice() {
    let invoice = happened(Moment::Invoice, "03-06 09:00");
    let notice = |local| happened(Moment::ShipNotice, local);
    check(
        INVOICE_LAST,
        &[notice("03-06 08:00")],
        "03-06 12:30",
        "invoice for SHP0000777 waits, not known yet: invoice",
    );
    check(
        INVOICE_LAST,
        std::slice::from_ref(&invoice),
        "03-06 12:30",
        "invoice for SHP0000777 came 09:00 without the ASN",
    );
    check(
        INVOICE_LAST,
        &[invoice.clone(), notice("03-06 12:00")],
        "03-06 12:30",
        "invoice for SHP0000777 came 09:00, 3 h before the ASN",
    );
    check(
        INVOICE_LAST,
        &[invoice.clone(), notice("03-06 12:00"), notice("03-06 09:00")],
        "03-06 12:30",
        "invoice for SHP0000777 kept \"the rule\", 09:00",
    );
    let by_plan = "what = \"810\"\nnot_before = \"ship date\"";
    check(by_plan, &[invoice], "03-06 12:30", "invoice for SHP0000777 waits, not known yet: ship date");
}

#[test]
fn an_invoice_must_say_the_same_as_the_order() {
    let (order, invoice) = (Moment::Order, Moment::Invoice);
    let price = |of, line, value| field(of, Field::UnitPrice, line, value);
    let mut facts = vec![
        happened(order, "03-02 09:00"),
        happened(invoice, "03-06 14:00"),
        price(order, "1", "3.61"),
        price(invoice, "1", "3.610"),
        price(order, "2", "5.05"),
        price(invoice, "2", "5.055"),
        field(order, Field::Store, "", "0012"),
        field(invoice, Field::Store, "", "0012"),
    ];
    check(SAME_PRICE, &facts[..1], "03-06 15:00", "invoice for SHP0000777 waits, not known yet: invoice");
    check(SAME_PRICE, &facts[1..2], "03-06 15:00", "invoice for SHP0000777 waits, not known yet: order");
    check(SAME_PRICE, &facts, "03-06 15:00", "invoice for SHP0000777 kept \"the rule\", 14:00");
    facts[5] = price(invoice, "2", "5.50");
    check(
        SAME_PRICE,
        &facts,
        "03-06 15:00",
        "invoice for SHP0000777 differs from the order: line 2, unit price 5.50, expected 5.05",
    );
    facts[7] = field(invoice, Field::Store, "", "12");
    facts.push(price(invoice, "3", "1"));
    check(
        SAME_PRICE,
        &facts,
        "03-06 15:00",
        "invoice for SHP0000777 differs from the order: line 2, unit price 5.50, expected 5.05 (and 2 more)",
    );
}

#[test]
fn no_more_is_shipped_than_ordered_and_every_carton_is_named() {
    let ordered = figure(Figure::Ordered, 36);
    let shipped = |value| figure(Figure::Shipped, value);
    check(
        NOT_MORE,
        std::slice::from_ref(&ordered),
        "03-06 12:00",
        "shipped for SHP0000777 waits, not known yet: shipped",
    );
    check(NOT_MORE, &[ordered.clone(), shipped(36)], "03-06 12:00", "shipped for SHP0000777 kept \"the rule\", 09:00");
    check(
        NOT_MORE,
        &[ordered, shipped(40), figure(Figure::Cases, 4)],
        "03-06 12:00",
        "shipped for SHP0000777 is 40, 4 more than ordered (36), 204.00 USD",
    );
    check(
        ALL_PACKED,
        &[figure(Figure::Cartons, 10), figure(Figure::Packs, 12)],
        "03-06 12:00",
        "cartons for SHP0000777 is 10, 2 less than packs (12)",
    );
}

#[test]
fn a_carton_number_comes_once_a_year_and_its_first_user_is_not_at_fault() {
    let ours = used("SHP0000777", "03-06 09:00", User::ThisChain);
    let kept = "sscc for SHP0000777 kept \"the rule\", 09:00";
    check(ONE_SSCC, &[], "03-06 12:00", "sscc for SHP0000777 waits, not known yet: sscc");
    check(ONE_SSCC, std::slice::from_ref(&ours), "03-06 12:00", kept);
    check(
        ONE_SSCC,
        &[ours.clone(), used("SHP0000123", "2025-03-06 09:01", User::AnotherChain)],
        "03-06 12:00",
        "sscc for SHP0000777 006141410000000018 was used 2025-03-06 09:01 by SHP0000123",
    );
    check(ONE_SSCC, &[ours.clone(), used("SHP0000123", "2025-03-06 09:00", User::AnotherChain)], "03-06 12:00", kept);
    let later = used("SHP0000900", "03-06 10:00", User::AnotherChain);
    check(ONE_SSCC, &[ours.clone(), later.clone()], "03-06 12:00", kept);
    // The same ship notice, sent again after the other one used its number.
    let again = used("SHP0000777", "03-06 11:00", User::ThisChain);
    check(ONE_SSCC, &[ours, later, again], "03-06 12:00", "sscc for SHP0000777 kept \"the rule\", 11:00");
}

#[test]
fn a_bill_of_lading_is_required_and_of_plain_characters() {
    let sent = happened(Moment::ShipNotice, "03-06 10:00");
    let bill = |value| field(Moment::ShipNotice, Field::BillOfLading, "", value);
    check(PLAIN_BOL, &[bill("BOL-1")], "03-06 12:00", "ASN for SHP0000777 waits, not known yet: ASN");
    check(PLAIN_BOL, std::slice::from_ref(&sent), "03-06 12:00", "ASN for SHP0000777 has no bill of lading");
    check(PLAIN_BOL, &[sent.clone(), bill(" ")], "03-06 12:00", "ASN for SHP0000777 has no bill of lading");
    check(PLAIN_BOL, &[sent.clone(), bill("BOL 12-a")], "03-06 12:00", "ASN for SHP0000777 kept \"the rule\", 10:00");
    check(
        PLAIN_BOL,
        &[sent, bill("BOL#12")],
        "03-06 12:00",
        "ASN for SHP0000777 has a bill of lading written otherwise: \"BOL#12\"",
    );
}

#[test]
fn a_refusal_opens_a_document_again_until_it_is_corrected() {
    let sent = |local| happened(Moment::ShipNotice, local);
    let accepted = answered(Answerer::Functional, Verdict::Accepted, "03-06 10:30");
    let refused = answered(Answerer::Application, Verdict::Rejected, "03-06 12:00");
    let mut facts = vec![sent("03-06 10:00"), accepted];
    check(CORRECTED, &[], "03-06 13:00", "ASN for SHP0000777 waits, not known yet: ASN");
    check(CORRECTED, &facts, "03-06 13:00", "ASN for SHP0000777 kept \"the rule\", 10:00");
    facts.push(refused);
    check(CORRECTED, &facts, "03-06 13:00", "corrected ASN for SHP0000777 is due Mar 07 12:00, at risk in 17 h");
    let broken = "ASN for SHP0000777 was rejected by their 824 (item is not on the order)";
    check(CORRECTED, &facts, "03-07 13:00", &format!("{broken}, not corrected, since 12:00"));
    let late = [facts.as_slice(), &[sent("03-07 12:20")]].concat();
    check(CORRECTED, &late, "03-07 13:00", &format!("{broken}, corrected 20 min late"));
    facts.push(sent("03-06 15:00"));
    check(CORRECTED, &facts, "03-07 13:00", "ASN for SHP0000777 kept \"the rule\", Mar 06 15:00");
    facts.push(answered(Answerer::Application, Verdict::Rejected, "03-06 16:00"));
    check(CORRECTED, &facts, "03-07 15:59", "corrected ASN for SHP0000777 is at risk: due 16:00, in 1 min");
}

#[test]
fn an_answer_that_is_not_watched_and_a_rule_without_grace() {
    let facts = [
        happened(Moment::ShipNotice, "03-06 10:00"),
        answered(Answerer::Text, Verdict::Rejected, "03-06 11:00"),
        answered(Answerer::Functional, Verdict::Rejected, "03-06 12:00"),
    ];
    check(CORRECTED, &facts[..2], "03-06 13:00", "ASN for SHP0000777 kept \"the rule\", 10:00");
    let judgment = judge(&rule("what = \"856\"\nwatch = [\"997\"]"), &calendar(), &chain(&facts), at("03-06 12:00"));
    let text = "item is not on the order".to_owned();
    let breach = Breach::Rejected { by: Answerer::Functional, text, corrected_late: None };
    assert_eq!(judgment, Judgment::Broken { since: at("03-06 12:00"), breach, charge: None });
}

/// Facts that contradict, repeat and correct one another.
fn any_facts() -> Vec<Fact> {
    let mut facts = vec![
        told(Moment::Departure, "03-06 09:22", "03-06 09:30"),
        told(Moment::Departure, "03-06 08:50", "03-06 11:00"),
        told(Moment::Departure, "03-06 08:40", "03-06 11:00"),
        told(Moment::Arrival, "03-08 06:00", "03-06 09:00"),
        told(Moment::Arrival, "03-09 06:00", "03-07 20:00"),
        happened(Moment::ShipNoticeReceived, "03-07 23:10"),
        Fact::Cancelled { at: at("03-06 10:00") },
        Fact::Cancelled { at: at("03-09 10:00") },
        figure(Figure::Ordered, 36),
        figure(Figure::Ordered, 48),
        figure(Figure::Shipped, 40),
        figure(Figure::Cartons, 150),
        figure(Figure::Packs, 149),
        field(Moment::Order, Field::UnitPrice, "1", "5.05"),
        field(Moment::Invoice, Field::UnitPrice, "1", "5.50"),
        field(Moment::Invoice, Field::UnitPrice, "1", "5.05"),
        field(Moment::ShipNotice, Field::BillOfLading, "", "BOL#12"),
        field(Moment::ShipNotice, Field::BillOfLading, "", "BOL 12"),
        used("SHP0000777", "03-06 09:00", User::ThisChain),
        used("SHP0000123", "03-05 09:00", User::AnotherChain),
        answered(Answerer::Application, Verdict::Rejected, "03-06 12:00"),
        answered(Answerer::Functional, Verdict::Accepted, "03-06 12:00"),
    ];
    for what in [Moment::Order, Moment::Confirmation, Moment::ShipNotice, Moment::Invoice] {
        facts.push(happened(what, "03-05 17:00"));
        facts.push(happened(what, "03-06 13:00"));
    }
    facts
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    (0_i64..8 * 24 * 60).prop_map(|minutes| at("03-05 00:00") + SignedDuration::from_mins(minutes))
}

fn known() -> impl Strategy<Value = Vec<Fact>> {
    let facts = any_facts();
    let count = facts.len();
    proptest::sample::subsequence(facts, 0..=count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_order_in_which_facts_come_and_how_often_makes_no_difference(
        (facts, others) in known().prop_flat_map(|facts| {
            let twice = [facts.clone(), facts.clone()].concat();
            (Just(facts), Just(twice).prop_shuffle())
        }),
        now in any_time(),
    ) {
        let (one, other) = (chain(&facts), chain(&others));
        prop_assert_eq!(&one, &other);
        for text in EVERY_RULE {
            let rule = rule(text);
            prop_assert_eq!(judge(&rule, &calendar(), &one, now), judge(&rule, &calendar(), &other, now));
        }
    }

    #[test]
    fn nothing_changes_by_itself_before_the_moment_that_a_judgment_names(
        facts in known(),
        now in any_time(),
        later in any_time(),
    ) {
        let facts = chain(&facts);
        for text in EVERY_RULE {
            let rule = rule(text);
            let stands = |now: Timestamp| {
                let judgment = judge(&rule, &calendar(), &facts, now);
                let is_at_risk = matches!(&judgment, Judgment::Running { at_risk_from, .. } if *at_risk_from <= now);
                (discriminant(&judgment), is_at_risk)
            };
            match judge(&rule, &calendar(), &facts, now).look_again() {
                Some(moment) => {
                    prop_assert!(moment > now);
                    prop_assert_ne!(stands(moment), stands(now));
                    if now <= later && later < moment {
                        prop_assert_eq!(stands(later), stands(now));
                    }
                }
                None if later >= now => prop_assert_eq!(stands(later), stands(now)),
                None => {}
            }
        }
    }
}
