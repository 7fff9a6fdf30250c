//! Faults of gateway.toml.

use super::*;

#[test]
fn a_zone_is_a_place_and_no_abbreviation() {
    assert_snapshot!(gateway("America/New_York", "EST"), @r#"
    error CFG-E009: "EST" is no time zone
      at gateway.toml, line 4, column 8
      expected continent and city, such as America/Chicago, found "EST"
      hint: write the zone as continent and city
    "#);
}

#[test]
fn a_zone_with_a_slip_names_the_nearest() {
    assert_snapshot!(gateway("America/New_York", "America/NewYork"), @r#"
    error CFG-E009: "America/NewYork" is no time zone
      at gateway.toml, line 4, column 8
      expected continent and city, such as America/Chicago, found "America/NewYork"
      hint: did you mean "America/New_York"?
    "#);
}

#[test]
fn an_isa_identity_has_a_qualifier() {
    assert_snapshot!(gateway("ZZ:ACMESUPPLY", "ACMESUPPLY"), @r#"
    error CFG-E007: "ACMESUPPLY" is not of the form qualifier:identifier, such as ZZ:MEGAMART
      at gateway.toml, line 3, column 8
      expected a qualifier of two characters, a colon and 1 to 15 characters, such as "ZZ:MEGAMART", found "ACMESUPPLY"
      hint: copy the qualifier and the identifier from the partner's EDI specification
    "#);
}

#[test]
fn an_isa_identifier_has_at_most_15_characters() {
    assert_snapshot!(gateway("ZZ:ACMESUPPLY", "ZZ:ACMESUPPLYCOMPANY"), @r#"
    error CFG-E007: identifier "ACMESUPPLYCOMPANY" is not 1 to 15 printable characters
      at gateway.toml, line 3, column 8
      expected a qualifier of two characters, a colon and 1 to 15 characters, such as "ZZ:MEGAMART", found "ZZ:ACMESUPPLYCOMPANY"
      hint: copy the qualifier and the identifier from the partner's EDI specification
    "#);
}

#[test]
fn a_company_prefix_has_6_to_12_digits() {
    assert_snapshot!(gateway(r#""0614141""#, r#""614""#), @r#"
    error CFG-E011: "614" is no GS1 company prefix
      at gateway.toml, line 5, column 22
      expected 6 to 12 digits in quotes, found "614"
      hint: copy the prefix from the GS1 certificate, in quotes
    "#);
}

#[test]
fn a_company_prefix_is_a_text_for_its_leading_zero() {
    assert_snapshot!(gateway(r#""0614141""#, "614141"), @r#"
    error CFG-E003: "gs1_company_prefix" is a whole number
      at gateway.toml, line 5, column 22
      expected a text in quotes, found "614141"
      hint: write the value in the form that the message expects
    "#);
}

#[test]
fn a_gln_is_checked_by_its_digit() {
    assert_snapshot!(gateway("gln:0614141000012", "gln:0614141000011"), @r#"
    error CFG-E033: "0614141000011" ends in 1, its check digit is 2
      at gateway.toml, line 8, column 8
      expected gln:, duns:, buyer: or seller: and the identifier, such as gln:0614141000012, found "gln:0614141000011"
      hint: write the issuer and the identifier as the partner's specification has them
    "#);
}

#[test]
fn a_ledger_names_its_engine() {
    assert_snapshot!(gateway("sqlite:ledger.db", "ledger.db"), @r#"
    error CFG-E013: "ledger.db" is no address of a ledger
      at gateway.toml, line 11, column 10
      expected "sqlite:" and a file, or "postgres://user@server/database", found "ledger.db"
      hint: write sqlite: and a file name, or postgres://user@server/database
    "#);
}

#[test]
fn a_scan_without_pause_is_refused() {
    assert_snapshot!(gateway("5 s", "10 ms"), @r#"
    error CFG-E012: "scan_every" is out of range
      at gateway.toml, line 12, column 14
      expected at least "100 ms", found "10 ms"
      hint: write a number in the range that the message names
    "#);
}

#[test]
fn a_log_format_is_one_of_two() {
    assert_snapshot!(gateway(r#""json""#, r#""jsn""#), @r#"
    error CFG-E005: "jsn" is no log format
      at gateway.toml, line 14, column 10
      expected one of text, json
      hint: did you mean "json"?
    "#);
}

#[test]
fn a_gateway_toml_that_is_not_there_is_one_fault() {
    let faults = {
        let setup = Setup::new();
        fs::remove_file(setup.dir.path().join("gateway.toml")).unwrap();
        setup.faults()
    };
    assert_snapshot!(faults, @r"
    error CFG-E016: gateway.toml is not there
      at gateway.toml
      hint: correct the path, or let the user of the service read it
    ");
}

#[test]
fn a_partners_folder_that_is_not_there_is_a_fault() {
    assert_snapshot!(gateway(r#"home = "home""#, r#"partners = "partner""#), @r"
    error CFG-E016: partner is not there
      at gateway.toml, line 10, column 12
      hint: correct the path, or let the user of the service read it
    ");
}

#[test]
fn a_ledger_on_a_server_never_has_its_password_in_the_address() {
    let written = "postgres://edigate:hunter2@db.example/edigate";
    let told = gateway("sqlite:ledger.db", written);
    assert!(!told.contains("hunter2") && told.contains("ledger_password"), "{told}");
    assert_eq!(gateway("sqlite:ledger.db", "postgres://edigate@db.example/edigate"), "");
}
