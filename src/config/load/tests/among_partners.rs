//! What the files of several partners disagree on.

use super::*;

#[test]
fn an_unknown_target_names_the_nearest() {
    assert_snapshot!(megamart(r#"to = "erp""#, r#"to = ["epr"]"#), @r#"
    error CFG-E017: there is no partner "epr"
      at partners/megamart/partner.toml, line 19, column 7
      hint: did you mean "erp"?
    "#);
}

#[test]
fn a_target_that_is_sent_nothing_is_a_fault() {
    assert_snapshot!(erp(r#"send = "order""#, r#"send = "invoice""#), @r#"
    error CFG-E031: no rule of "erp" sends it order documents
      at partners/megamart/partner.toml, line 19, column 6
      hint: add a [[document]] with send to that partner's file
    "#);
}

#[test]
fn an_identity_belongs_to_one_partner() {
    let faults = Setup::new().with("partners/other/partner.toml", &MEGAMART.replace("mega/", "other/")).faults();
    assert_snapshot!(faults, @r#"
    error CFG-E020: "ZZ:MEGAMART" is also the identity of the partner megamart
      at partners/other/partner.toml, line 6, column 7
      hint: the other one is at partners/megamart/partner.toml, line 6, column 7: correct one of the two
    "#);
}

#[test]
fn our_identity_is_nobody_elses() {
    assert_snapshot!(megamart("ZZ:MEGAMART", "ZZ:ACMESUPPLY"), @r#"
    error CFG-E020: "ZZ:ACMESUPPLY" is also the identity of the gateway itself
      at partners/megamart/partner.toml, line 6, column 7
      hint: the other one is at gateway.toml, line 3, column 8: correct one of the two
    "#);
}

#[test]
fn a_file_is_picked_up_by_one_endpoint() {
    assert_snapshot!(erp(r#"from = "erp/out""#, r#"from = "mega/out""#), @r#"
    error CFG-E021: two endpoints would pick up a file named "x.edi" in this folder
      at partners/megamart/partner.toml, line 15, column 21
      hint: the other one is at partners/erp/partner.toml, line 11, column 20: give each a folder or a pattern of its own
    "#);
}

#[test]
fn files_are_not_moved_to_where_they_are_picked_up() {
    assert_snapshot!(erp(r#"then = "delete""#, r#"then = "move to erp/out""#), @r"
    error CFG-E034: files are moved to a folder from which they would be picked up again
      at partners/erp/partner.toml, line 11, column 20
      hint: that folder is watched at partners/erp/partner.toml, line 11, column 20: move the files elsewhere
    ");
}

#[test]
fn a_test_never_reaches_production() {
    assert_snapshot!(megamart(r#""production""#, r#""test""#), @r#"
    error CFG-E024: a test partner is routed to the production system "erp"
      at partners/megamart/partner.toml, line 19, column 6
      hint: route it to a partner with status = "test", or set this partner to production when its tests are done
    "#);
}

#[test]
fn production_that_reaches_tests_only_is_a_warning() {
    assert_snapshot!(erp(r#""production""#, r#""test""#), @r#"
    warning CFG-W001: order documents of the production partner "megamart" reach test systems only
      at partners/megamart/partner.toml, line 19, column 6
      hint: add a production system to the route, or set the partner to test
    "#);
}
