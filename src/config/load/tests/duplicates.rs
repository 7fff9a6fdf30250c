//! The `[duplicates]` table: its policies, and those that cannot be meant.

use super::*;
use crate::config::duplicates::{Decided, Duplicates, Policy, Twice, Whose};

/// What is read of a retailer's file with this table at its end.
fn policies(table: &str) -> Duplicates {
    let setup = Setup::new().with("partners/megamart/partner.toml", &format!("{MEGAMART}[duplicates]\n{table}"));
    let (config, _) = setup.load().unwrap();
    config.partners[&PartnerId::parse("megamart").unwrap()].duplicates
}

fn faults(table: &str) -> String {
    Setup::new().with("partners/megamart/partner.toml", &format!("{MEGAMART}[duplicates]\n{table}")).faults()
}

#[test]
fn whoever_says_nothing_about_duplicates_has_them_quarantined() {
    assert_eq!(policies(""), Duplicates::default());
    for twice in [Twice::Bytes, Twice::MessageId, Twice::ControlNumber, Twice::BusinessKey] {
        assert_eq!(
            policies("").for_the_same(twice),
            Decided { twice, policy: Policy::Quarantine, by: Whose::Agreement }
        );
    }
}

#[test]
fn each_kind_of_duplicate_has_a_policy_of_its_own() {
    let read = policies(
        "bytes = \"acknowledge again\"\nmessage_id = \"replace\"\ncontrol_number = \"quarantine\"\nbusiness_key = \"replace\"",
    );
    let expect = Duplicates {
        bytes: Policy::AcknowledgeAgain,
        message_id: Policy::Replace,
        control_number: Policy::Quarantine,
        business_key: Policy::Replace,
    };
    assert_eq!(read, expect);
    assert_eq!(read.for_the_same(Twice::Bytes).to_string(), r#"bytes = "acknowledge again""#);
}

#[test]
fn a_policy_is_one_of_three() {
    assert_snapshot!(faults(r#"bytes = "acknowlege again""#), @r#"
    error CFG-E005: "acknowlege again" is no policy for duplicates
      at partners/megamart/partner.toml, line 25, column 9
      expected one of quarantine, acknowledge again, replace
      hint: did you mean "acknowledge again"?
    "#);
}

#[test]
fn a_kind_of_duplicate_is_one_of_four() {
    assert_snapshot!(faults(r#"control_numbers = "replace""#), @r#"
    error CFG-E001: unknown key "control_numbers" in [duplicates]
      at partners/megamart/partner.toml, line 25, column 1
      expected one of bytes, message_id, control_number, business_key
      hint: did you mean "control_number"?
    "#);
}

#[test]
fn the_same_bytes_replace_nothing() {
    assert_snapshot!(faults(r#"bytes = "replace""#), @r#"
    error CFG-E060: bytes = "replace": the same bytes replace nothing
      at partners/megamart/partner.toml, line 25, column 9
      hint: write "quarantine", delete the line, or set up the acknowledgment that the policy speaks of
    "#);
}

#[test]
fn what_is_never_acknowledged_is_not_acknowledged_again() {
    let silent = MEGAMART.replace(r#"{ with = "997", sets = "not accepted", within = "2 h" }"#, r#""none""#);
    let text = format!("{silent}[duplicates]\nbusiness_key = \"acknowledge again\"");
    assert_snapshot!(Setup::new().with("partners/megamart/partner.toml", &text).faults(), @r#"
    error CFG-E060: business_key = "acknowledge again": [x12] says acknowledge = "none", so there is no acknowledgment to send again
      at partners/megamart/partner.toml, line 25, column 16
      hint: write "quarantine", delete the line, or set up the acknowledgment that the policy speaks of
    "#);
}

#[test]
fn a_partner_without_x12_has_neither_control_numbers_nor_acknowledgments() {
    let text = format!("{ERP}[duplicates]\nbytes = \"acknowledge again\"\ncontrol_number = \"quarantine\"");
    assert_snapshot!(Setup::new().with("partners/erp/partner.toml", &text).faults(), @r#"
    error CFG-E060: bytes = "acknowledge again": the partner has no [x12] table, so it gets no acknowledgment
      at partners/erp/partner.toml, line 21, column 9
      hint: write "quarantine", delete the line, or set up the acknowledgment that the policy speaks of
    error CFG-E060: control_number = "quarantine": the partner has no [x12] table, so it has no control numbers
      at partners/erp/partner.toml, line 22, column 18
      hint: write "quarantine", delete the line, or set up the acknowledgment that the policy speaks of
    "#);
}
