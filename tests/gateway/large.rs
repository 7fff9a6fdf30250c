//! A large file is recorded while it is read, in the hope that its end rejects nothing of it: whatever its end says, it comes
//! to the same as a small one.

use std::fs;

use crate::house::{House, sample};

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";

/// Orders in one file: more than a mebibyte of them.
const SETS: usize = 260;
/// Lines of each.
const LINES: usize = 60;

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// One order has a date that does not exist.
    Date,
    /// The group's trailer counts one set too many.
    SetCount,
    /// The interchange's trailer bears another control number.
    InterchangeNumber,
}

/// Lines of an order.
fn lines() -> String {
    let line = |line: usize| {
        format!(
            "PO1*{line:03}*1*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED~\nPID*F****RED WIDGET, BOXED BY THE DOZEN~\n"
        )
    };
    (3..LINES + 3).map(line).collect()
}

/// An interchange of one group with that many orders, whose PO numbers begin with a letter.
fn file(control_number: u32, letter: char, fault: Fault) -> Vec<u8> {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let text = text.replace("000000101", &format!("{control_number:09}"));
    let text = text.replace("*101*X", &format!("*{control_number}*X"));
    let count = SETS + usize::from(fault == Fault::SetCount);
    let text = text.replace("GE*1*101", &format!("GE*{count}*{control_number}"));
    let text = match fault {
        Fault::InterchangeNumber => text.replace(&format!("IEA*1*{control_number:09}"), "IEA*1*000000001"),
        _ => text,
    };
    let (start, end) = (text.find("ST*").unwrap(), text.find("GE*").unwrap());
    let set = text[start..end].replace("CTT*2*36~", &format!("{}CTT*{}*{}~", lines(), LINES + 2, LINES + 36));
    let set = set.replace("SE*22*", &format!("SE*{}*", 22 + 2 * LINES));
    let orders: String = (1..=SETS)
        .map(|number| {
            let order = set.replace("4500012345", &po(letter, number)).replace("0001~", &format!("{number:04}~"));
            if fault == Fault::Date && number == 7 { order.replace("**20260302~", "**20260230~") } else { order }
        })
        .collect();
    let bytes = format!("{}{orders}{}", &text[..start], &text[end..]).into_bytes();
    assert!(bytes.len() > 1 << 20, "{} bytes are no large file", bytes.len());
    bytes
}

fn po(letter: char, number: usize) -> String {
    format!("{letter}{number:05}")
}

/// Orders whose PO numbers begin with a letter, at the ERP.
fn at_the_erp(house: &House, letter: char) -> usize {
    house.names(TO_ERP).iter().filter(|name| name.starts_with(letter) && name.ends_with(".json")).count()
}

fn documents(house: &House, letter: char) -> i64 {
    house.number(&format!("SELECT COUNT(*) FROM document WHERE number LIKE '{letter}%'")).unwrap()
}

/// The last 997 that we left, once there are so many.
fn answer(house: &House, count: usize) -> String {
    house.wait_for("our answer", |house| house.names(TO_RETAILER).len() == count);
    let name = house.names(TO_RETAILER).pop().unwrap();
    fs::read_to_string(house.path(TO_RETAILER).join(name)).unwrap()
}

fn verified(house: &House) {
    let said = house.ask(&["ledger", "verify"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

/// Drops a large file and says how it ended.
fn drop_large(house: &House, name: &str, bytes: &[u8]) -> String {
    house.drop_file(RETAILER, name, bytes);
    house.settled(name)["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_large_file_is_taken_in_set_by_set_and_one_bad_order_hinders_no_other() {
    let house = House::running();
    assert_eq!(drop_large(&house, "large.edi", &file(301, 'A', Fault::Date)), "processed");
    house.wait_for("the orders", |house| at_the_erp(house, 'A') == SETS - 1);
    assert_eq!(documents(&house, 'A'), SETS as i64 - 1);
    let answer = answer(&house, 1);
    assert_eq!(answer.matches("AK5*A~").count(), SETS - 1, "{answer}");
    assert_eq!(answer.matches("AK5*R*5~").count(), 1);
    assert!(answer.contains(&format!("AK9*P*{SETS}*{SETS}*{}~", SETS - 1)), "{answer}");
    // Each set is tied to the order that it became.
    let tied = "SELECT COUNT(*) FROM transaction_set JOIN document ON document.id = transaction_set.document";
    assert_eq!(house.number(tied), Some(SETS as i64 - 1));
    verified(&house);
}

#[test]
fn a_trailer_at_the_end_of_a_large_file_rejects_every_order_before_it() {
    let house = House::running();
    assert_eq!(drop_large(&house, "count.edi", &file(311, 'B', Fault::SetCount)), "quarantined");
    let answer = answer(&house, 1);
    assert!(answer.contains("AK9*R*"), "{answer}");
    assert_eq!((documents(&house, 'B'), at_the_erp(&house, 'B')), (0, 0));
    assert_eq!(house.number("SELECT COUNT(*) FROM event WHERE kind = 'accepted'"), Some(0));
    // The same orders are taken from a file that is whole.
    assert_eq!(drop_large(&house, "whole.edi", &file(312, 'B', Fault::None)), "processed");
    house.wait_for("the orders", |house| at_the_erp(house, 'B') == SETS);
    verified(&house);
}

#[test]
fn a_wrong_number_in_the_interchange_trailer_of_a_large_file_is_what_it_is_in_a_small_one() {
    let house = House::running();
    assert_eq!(drop_large(&house, "iea.edi", &file(321, 'C', Fault::InterchangeNumber)), "processed");
    house.wait_for("the orders", |house| at_the_erp(house, 'C') == SETS);
    assert_eq!(house.rows(&["ledger", "findings"]).len(), 1);
    verified(&house);
}

#[test]
fn a_large_file_under_a_known_control_number_is_kept_out_or_taken_as_the_policy_says() {
    for (policy, state, orders) in [("quarantine", "quarantined", 0), ("replace", "processed", SETS)] {
        let mut house = House::new();
        let partner = house.path("partners/megamart/partner.toml");
        let text = fs::read_to_string(&partner).unwrap();
        fs::write(&partner, format!("{text}\n[duplicates]\ncontrol_number = \"{policy}\"\n")).unwrap();
        house.start();
        house.drop_file(RETAILER, "first.edi", &sample("megamart/850_101.edi"));
        assert_eq!(house.settled("first.edi")["state"], "processed");
        assert_eq!(drop_large(&house, "again.edi", &file(101, 'D', Fault::None)), state, "{policy}");
        house.wait_for("the orders", |house| at_the_erp(house, 'D') == orders);
        assert_eq!(documents(&house, 'D'), orders as i64, "{policy}");
        verified(&house);
    }
}

#[test]
fn a_large_file_that_holds_an_interchange_twice_is_taken_once() {
    let house = House::running();
    let once = file(331, 'E', Fault::None);
    assert_eq!(drop_large(&house, "twice.edi", &[once.as_slice(), once.as_slice()].concat()), "processed");
    house.wait_for("the orders", |house| at_the_erp(house, 'E') == SETS);
    assert_eq!(documents(&house, 'E'), SETS as i64);
    assert_eq!(house.number("SELECT COUNT(*) FROM interchange WHERE direction = 'in' AND state = 'accepted'"), Some(1));
    verified(&house);
}

#[test]
fn a_first_interchange_that_its_trailer_rejects_leaves_its_number_to_the_second() {
    let house = House::running();
    let (bad, good) = (file(341, 'F', Fault::SetCount), file(342, 'F', Fault::None));
    assert_eq!(drop_large(&house, "both.edi", &[bad, good].concat()), "processed");
    house.wait_for("the orders", |house| at_the_erp(house, 'F') == SETS);
    assert_eq!(documents(&house, 'F'), SETS as i64);
    verified(&house);
}

#[test]
fn a_kill_while_a_large_file_is_taken_in_repeats_nothing() {
    let mut house = House::running();
    house.drop_file(RETAILER, "large.edi", &file(351, 'G', Fault::None));
    house.wait_for("the file to be captured", |house| house.log().contains("captured"));
    house.kill();
    house.start();
    house.wait_for("the orders", |house| at_the_erp(house, 'G') == SETS);
    assert_eq!(documents(&house, 'G'), SETS as i64);
    assert_eq!(answer(&house, 1).matches("AK5*A~").count(), SETS);
    verified(&house);
}

#[test]
fn a_large_file_that_is_put_back_takes_effect_once() {
    let house = House::running();
    assert_eq!(drop_large(&house, "large.edi", &file(361, 'H', Fault::None)), "processed");
    house.wait_for("the orders", |house| at_the_erp(house, 'H') == SETS);
    let id: String = house.look_up("SELECT id FROM transmission WHERE name = 'large.edi'", |row| row.text(0)).unwrap();
    assert_eq!(house.ask(&["replay", &id]).code, 0);
    house.wait_for("the replay", |house| {
        house.number("SELECT COUNT(*) FROM event WHERE kind = 'duplicate'") == Some(SETS as i64)
    });
    assert_eq!(documents(&house, 'H'), SETS as i64);
    assert_eq!(house.number("SELECT COUNT(*) FROM delivery WHERE document IS NULL"), Some(1), "one 997, no second one");
    verified(&house);
}
