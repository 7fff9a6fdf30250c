//! `[calendar]`, `[[clock]]` and `[compliance]` of a partner.

use super::*;
use crate::config::clock::calendar::TimeOfDay;
use crate::config::compliance::Compliance;

const ASN: &str = r#"[[clock]]
name = "ASN in time"
what = "856"
within = "60 min"
of = "departure"
cost = { per_carton = "0.75", minimum = "100", currency = "USD" }
source = "MegaMart vendor guide, section 4"
as_of = "2026-03-01"
"#;

/// What the retailer's file becomes with these tables at its end.
fn loaded(tables: &str) -> Compliance {
    let (config, faults) = with(tables).load().unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!(faults, []);
    config.partners[&PartnerId::parse("megamart").unwrap()].compliance.clone()
}

fn with(tables: &str) -> Setup {
    Setup::new().with("partners/megamart/partner.toml", &format!("{MEGAMART}{tables}"))
}

fn names(compliance: &Compliance) -> Vec<&str> {
    compliance.rules.iter().map(|rule| rule.name.as_str()).collect()
}

#[test]
fn a_partner_without_rules_works_from_monday_to_friday_in_its_zone() {
    let compliance = loaded("");
    assert_eq!(names(&compliance), [""; 0]);
    let thanksgiving = jiff::civil::date(2026, 11, 26);
    assert!(compliance.calendar.works_on(thanksgiving), "no holiday is anybody's by itself");
    let midnight = compliance.calendar.moment(thanksgiving, TimeOfDay::parse("by", "24:00").unwrap());
    assert_eq!(midnight.to_string(), "2026-11-27T06:00:00Z");
}

#[test]
fn rules_and_calendar_are_read() {
    let compliance = loaded(&format!("[calendar]\nholidays = [\"4th Thu of Nov\"]\n{ASN}"));
    assert_eq!(names(&compliance), ["ASN in time"]);
    assert!(!compliance.calendar.works_on(jiff::civil::date(2026, 11, 26)));
}

#[test]
fn a_profile_is_taken_over_but_for_what_is_off_or_replaced() {
    let compliance = loaded(&format!("[compliance]\nprofile = \"target\"\noff = [\"Order confirmed\"]\n{ASN}"));
    assert_eq!(names(&compliance), ["ASN in time", "ASN accurate", "Bill of lading as written"]);
    assert_eq!(compliance.rules[0].source.text, "MegaMart vendor guide, section 4");
}

#[test]
fn a_misspelt_key_is_one_fault() {
    assert_snapshot!(with(&ASN.replace("within", "withn")).faults(), @r#"
    error CFG-E001: unknown key "withn" in [[clock]]
      at partners/megamart/partner.toml, line 27, column 1
      expected one of name, what, within, before, by, of, not_before, same, same_as, limit, at_most, equals, tolerance, unique, for, require, characters, matching, watch, correct_within, warn, severity, cost, source, as_of, secondary
      hint: did you mean "within"?
    "#);
}

#[test]
fn a_rule_that_cannot_be_judged_says_why_where_it_stands() {
    let text = ASN.replace("60 min", "60").replace("departure", "departre");
    assert_snapshot!(with(&text).faults(), @r#"
    error CFG-E066: "within" of [[clock]]: "60" has no unit
      at partners/megamart/partner.toml, line 27, column 10
      expected a whole number and a unit: "60 min", "24 h", "3 days", "2 weeks", "2 business days" or "4 business hours"
      hint: correct the key as the message says; the shapes of rules stand in the sample partner that `edigate init` writes
    error CFG-E066: "of" of [[clock]]: "departre" is no word that it knows
      at partners/megamart/partner.toml, line 28, column 6
      expected one of 850, 997, 855, 856, 856 received, 810, 810 received, 820, departure, delivery, arrival, ship date, cancel date
      hint: did you mean "departure"?
    "#);
}

#[test]
fn a_rule_without_its_source_is_refused() {
    assert_snapshot!(with(&ASN.replace("source", "severity")).faults(), @r#"
    error CFG-E066: "source" of [[clock]]: it is not given
      at partners/megamart/partner.toml, line 24, column 1
      expected a line such as: source = "MegaMart vendor guide, section 4"
      hint: correct the key as the message says; the shapes of rules stand in the sample partner that `edigate init` writes
    error CFG-E066: "severity" of [[clock]]: "MegaMart vendor guide, section 4" is no word that it knows
      at partners/megamart/partner.toml, line 30, column 12
      expected one of error, warning, note
      hint: correct the key as the message says; the shapes of rules stand in the sample partner that `edigate init` writes
    "#);
}

#[test]
fn two_rules_do_not_share_a_name() {
    assert_snapshot!(with(&format!("{ASN}{ASN}")).faults(), @r#"
    error CFG-E026: two rules are named "ASN in time"
      at partners/megamart/partner.toml, line 33, column 8
      hint: rename one of them, or delete it
    "#);
}

#[test]
fn a_calendar_is_read_strictly() {
    assert_snapshot!(with("[calendar]\ndays = \"Mo\"\nholiday = []\n").faults(), @r#"
    error CFG-E001: unknown key "holiday" in [calendar]
      at partners/megamart/partner.toml, line 26, column 1
      expected one of days, hours, holidays
      hint: did you mean "holidays"?
    "#);
}

#[test]
fn a_calendar_that_means_nothing_says_why() {
    let text = "[calendar]\ndays = \"Mon\"\nhours = \"17:00-08:00\"\nholidays = [\"4th Thu of Novembr\"]\n";
    assert_snapshot!(with(text).faults(), @r#"
    error CFG-E066: "days" of [calendar]: "Mon" is no day
      at partners/megamart/partner.toml, line 25, column 8
      expected "Mo-Fr" or "Mo,We-Fr"
      hint: correct the key as the message says; the shapes of rules stand in the sample partner that `edigate init` writes
    error CFG-E066: "hours" of [calendar]: "17:00-08:00" are no hours
      at partners/megamart/partner.toml, line 26, column 9
      expected a start and an end of the same day, an hour later at least, such as "08:00-17:00"
      hint: correct the key as the message says; the shapes of rules stand in the sample partner that `edigate init` writes
    error CFG-E066: "holidays" of [calendar]: "4th Thu of Novembr" is no holiday
      at partners/megamart/partner.toml, line 27, column 12
      expected "2026-12-24", "Dec 25", "Jan 1 observed", "4th Thu of Nov", "last Mon of May" or "day after 4th Thu of Nov"
      hint: correct the key as the message says; the shapes of rules stand in the sample partner that `edigate init` writes
    "#);
}

#[test]
fn a_profile_that_is_not_there_names_the_nearest() {
    assert_snapshot!(with("[compliance]\nprofile = \"targte\"\n").faults(), @r#"
    error CFG-E067: there is no profile "targte"
      at partners/megamart/partner.toml, line 25, column 11
      expected one of walmart, target, amazon-vendor, home-depot, lowes, kroger, macys
      hint: did you mean "target"?
    "#);
}

#[test]
fn a_rule_that_the_profile_does_not_have_names_the_nearest() {
    assert_snapshot!(with("[compliance]\nprofile = \"target\"\noff = [\"ASN in tme\"]\n").faults(), @r#"
    error CFG-E067: the profile "target" has no rule "ASN in tme"
      at partners/megamart/partner.toml, line 26, column 8
      expected one of ASN in time, ASN accurate, Bill of lading as written, Order confirmed
      hint: did you mean "ASN in time"?
    "#);
}
