//! Rules as partner files write them, of every shape, and what is said of those that cannot be read.

use jiff::SignedDuration;
use jiff::civil::time;

use super::*;

const SIGNED: &str = "name = \"a rule\"\nsource = \"the guide\"\nas_of = \"2026-03-01\"\n";

fn read(text: &str) -> Result<Rule, Vec<Fault>> {
    Rule::read(&toml::from_str(&format!("{SIGNED}{text}")).unwrap())
}

fn shape(text: &str) -> Shape {
    read(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}")).shape
}

fn check_faults(text: &str, expect: &str) {
    let faults = read(text).unwrap_err();
    let written: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(written.join("\n"), expect, "{text}");
}

fn deadline(what: Moment, reckoned: Reckoned, of: Moment, warn: Option<Term>) -> Shape {
    Shape::Deadline { what, due: Due { reckoned, of }, warn }
}

#[test]
fn an_acknowledgment_and_a_document_are_due_within_a_time() {
    let hours = |hours| Term::Elapsed(SignedDuration::from_hours(hours));
    assert_eq!(
        shape("what = \"997\"\nwithin = \"24 h\"\nof = \"850\""),
        deadline(Moment::Acknowledgment, Reckoned::Within(hours(24), None), Moment::Order, None)
    );
    assert_eq!(
        shape("what = \"856\"\nwithin = \"60 min\"\nof = \"departure\"\nwarn = \"30 min\""),
        deadline(
            Moment::ShipNotice,
            Reckoned::Within(hours(1), None),
            Moment::Departure,
            Some(Term::Elapsed(SignedDuration::from_mins(30)))
        )
    );
    assert_eq!(
        shape("what = \"856 received\"\nbefore = \"6 h\"\nof = \"arrival\""),
        deadline(Moment::ShipNoticeReceived, Reckoned::Before(hours(6), None), Moment::Arrival, None)
    );
}

#[test]
fn a_deadline_may_be_a_time_of_day() {
    let two = TimeOfDay::At(time(14, 0, 0, 0));
    assert_eq!(
        shape("what = \"855\"\nwithin = \"2 business days\"\nby = \"14:00\"\nof = \"850\""),
        deadline(Moment::Confirmation, Reckoned::Within(Term::BusinessDays(2), Some(two)), Moment::Order, None)
    );
    assert_eq!(
        shape("what = \"855\"\nby = \"14:00\"\nof = \"850\""),
        deadline(Moment::Confirmation, Reckoned::By(two), Moment::Order, None)
    );
    assert_eq!(
        shape("what = \"856\"\nwithin = \"0 days\"\nby = \"24:00\"\nof = \"departure\""),
        deadline(Moment::ShipNotice, Reckoned::Within(Term::Days(0), Some(TimeOfDay::End)), Moment::Departure, None)
    );
}

#[test]
fn a_document_must_not_be_before_another_and_must_say_the_same() {
    assert_eq!(
        shape("what = \"810\"\nnot_before = \"856\""),
        Shape::NotBefore { what: Moment::Invoice, reference: Moment::ShipNotice }
    );
    assert_eq!(
        shape("what = \"810\"\nsame = [\"unit price\", \"unit\"]\nsame_as = \"850\"\ntolerance = \"0.005\""),
        Shape::Same {
            what: Moment::Invoice,
            fields: vec![Field::UnitPrice, Field::Unit],
            reference: Moment::Order,
            tolerance: Decimal::new(5, 3),
        }
    );
}

#[test]
fn a_figure_is_bound_and_a_number_is_unique() {
    let limit = |figure, bound, of| Shape::Limit { figure, bound, of, tolerance: Decimal::ZERO };
    assert_eq!(
        shape("limit = \"shipped\"\nat_most = \"ordered\""),
        limit(Figure::Shipped, Bound::AtMost, Figure::Ordered)
    );
    assert_eq!(shape("limit = \"cartons\"\nequals = \"packs\""), limit(Figure::Cartons, Bound::Equal, Figure::Packs));
    assert_eq!(
        shape("unique = \"sscc\"\nfor = \"365 days\""),
        Shape::Unique { number: Number::Sscc, window: Term::Days(365) }
    );
}

#[test]
fn a_reference_is_required_and_a_verdict_is_watched() {
    let text = "what = \"856\"\nrequire = \"bill of lading\"\ncharacters = \"A-Z a-z 0-9 space -\"\nmatching = \"?*\"";
    let Shape::Required { what: Moment::ShipNotice, field: Field::BillOfLading, pattern } = shape(text) else {
        panic!("another shape")
    };
    assert!(pattern.fits("BOL 0012-3a") && !pattern.fits("BOL#12") && !pattern.fits("BOL_12") && !pattern.fits(""));
    assert_eq!(
        shape("what = \"856\"\nwatch = [\"997\", \"824\"]\ncorrect_within = \"24 h\""),
        Shape::Accepted {
            what: Moment::ShipNotice,
            answerers: vec![Answerer::Functional, Answerer::Application],
            correct_within: Some(Term::Elapsed(SignedDuration::from_hours(24))),
        }
    );
}

#[test]
fn a_rule_keeps_its_source_severity_and_cost() {
    let rule = read(
        "severity = \"warning\"\nsecondary = true\ncost = { flat = \"25\", currency = \"USD\" }\n\
         limit = \"invoiced\"\nat_most = \"shipped\"",
    )
    .unwrap();
    assert_eq!(rule.severity, Severity::Warning);
    let source =
        Source { text: "the guide".to_owned(), as_of: "2026-03-01".parse().unwrap(), standing: Standing::Secondary };
    assert_eq!(rule.source, source);
    assert_eq!(rule.cost.unwrap().charge(|_| None).to_string(), "25.00 USD");
}

#[test]
fn a_rule_without_name_or_source_is_told_both() {
    let faults = Rule::read(&toml::from_str("what = \"810\"\nnot_before = \"856\"").unwrap()).unwrap_err();
    let written: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        written,
        [
            "name: it is not given\n  expected a line such as: name = \"ASN in time\"",
            "source: it is not given\n  expected a line such as: source = \"MegaMart vendor guide, section 4\"",
            "as_of: it is not given\n  expected a line such as: as_of = \"2026-03-01\"",
        ]
    );
}

#[test]
fn a_rule_demands_one_thing() {
    check_faults(
        "what = \"856\"",
        "name: the rule demands nothing\n  expected one of within, before, by, not_before, same, limit, unique, \
         require, watch",
    );
    check_faults(
        "what = \"856\"\nof = \"departure\"\nwithin = \"60 min\"\nnot_before = \"850\"",
        "not_before: a rule with within and not_before demands two things\n  expected one of within, before, by, \
         not_before, same, limit, unique, require, watch\n  hint: write a [[clock]] for each",
    );
    check_faults(
        "what = \"856\"\nof = \"departure\"\nwithin = \"60 min\"\ncorrect_within = \"24 h\"",
        "correct_within: it means nothing in a rule of this shape\n  expected only the keys of one shape\n  \
         hint: delete correct_within, or write a [[clock]] of its own for it",
    );
}

#[test]
fn every_fault_of_a_rule_is_told_at_once_with_what_would_be_right() {
    check_faults(
        "what = \"856\"\nwithin = \"60\"\nof = \"departur\"\nseverity = \"high\"",
        "of: \"departur\" is no word that it knows\n  expected one of 850, 997, 855, 856, 856 received, 810, \
         810 received, 820, departure, delivery, arrival, ship date, cancel date\n  \
         hint: did you mean \"departure\"?\n\
         within: \"60\" has no unit\n  expected a whole number and a unit: \"60 min\", \"24 h\", \"3 days\", \
         \"2 weeks\", \"2 business days\" or \"4 business hours\"\n\
         severity: \"high\" is no word that it knows\n  expected one of error, warning, note",
    );
    check_faults(
        "what = \"856\"\nby = \"2 pm\"\nof = \"856\"",
        "by: \"2 pm\" is no time of day\n  expected \"14:00\", or \"24:00\" for the day's end",
    );
    check_faults(
        "what = \"856\"\nby = \"14:00\"\nof = \"856\"",
        "of: it is due by itself\n  expected another moment than what",
    );
}

#[test]
fn a_bound_a_window_and_a_list_must_be_given() {
    check_faults(
        "limit = \"shipped\"",
        "limit: it is bound by no one figure\n  expected either at_most or equals, such as at_most = \"ordered\"",
    );
    check_faults("unique = \"sscc\"", "for: it is not given\n  expected a line such as: for = \"365 days\"");
    check_faults(
        "what = \"810\"\nsame = []\nsame_as = \"850\"",
        "same: the list is empty\n  expected a list such as [\"unit price\"]",
    );
    check_faults(
        "what = \"856\"\nrequire = \"seal\"\ncharacters = \"A-Z 9-0\"",
        "characters: \"9-0\" is no range of characters\n  expected ranges, characters and the word space, such as \
         \"A-Z a-z 0-9 space -\"",
    );
}

#[test]
fn a_key_that_is_none_is_refused() {
    let unknown = toml::from_str::<RuleText>("withn = \"60 min\"").unwrap_err();
    assert!(unknown.message().contains("unknown field `withn`"), "{unknown}");
}
