//! Faults that any file can have: keys, types, syntax, and their places.

use proptest::prelude::*;

use super::*;
use crate::config::archive::SEVEN_YEARS;

#[test]
fn all_faults_of_all_files_come_at_once_in_order() {
    let faults = Setup::new()
        .change("gateway.toml", "scan_every", "scan_evry")
        .change("partners/megamart/partner.toml", r#"to = "erp""#, r#"to = "epr""#)
        .change("partners/megamart/partner.toml", r#"role   = "retailer""#, r#"role   = "retialer""#)
        .change("partners/erp/partner.toml", r#"name   = "ERP""#, "name   = 7")
        .faults();
    assert_snapshot!(faults, @r#"
    error CFG-E001: unknown key "scan_evry" in [gateway]
      at gateway.toml, line 12, column 1
      expected one of home, partners, ledger, ledger_password, scan_every, drain_within
      hint: did you mean "scan_every"?
    error CFG-E003: "name" is a whole number
      at partners/erp/partner.toml, line 1, column 10
      expected a text in quotes, found "7"
      hint: write the value in the form that the message expects
    error CFG-E005: "retialer" is no role
      at partners/megamart/partner.toml, line 2, column 10
      expected one of retailer, erp, wms, 3pl, storefront
      hint: did you mean "retailer"?
    error CFG-E017: there is no partner "epr"
      at partners/megamart/partner.toml, line 19, column 6
      hint: did you mean "erp"?
    "#);
}

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    assert_snapshot!(megamart("acknowledge =", "acknowlege ="), @r#"
    error CFG-E001: unknown key "acknowlege" in [x12]
      at partners/megamart/partner.toml, line 10, column 1
      expected one of isa, gs, version, separators, line_breaks, first_control_number, acknowledge, ta1, tolerate, reject, guides
      hint: did you mean "acknowledge"?
    "#);
}

#[test]
fn an_unknown_key_at_the_top_of_the_file_is_found() {
    assert_snapshot!(megamart("zone   =", "zome   ="), @r#"
    error CFG-E001: unknown key "zome"
      at partners/megamart/partner.toml, line 4, column 1
      expected one of name, role, status, zone, x12, endpoint, document, calendar, compliance, clock, duplicates, cross_references, tolerance, retention, api
      hint: did you mean "zone"?
    "#);
}

#[test]
fn an_unknown_key_within_braces_is_found() {
    assert_snapshot!(megamart("settle =", "setle ="), @r#"
    error CFG-E001: unknown key "setle" in pick_up
      at partners/megamart/partner.toml, line 15, column 50
      expected one of from, match, settle, marker, then, every, max_age, max_size
      hint: did you mean "settle"?
    "#);
}

#[test]
fn a_missing_key_shows_the_line_to_write() {
    assert_snapshot!(megamart("status = \"production\"\n", ""), @r#"
    error CFG-E002: the file has no "status"
      at partners/megamart/partner.toml, line 1, column 1
      expected a line such as: status = "production"
      hint: add the line that the message shows, with your own value
    "#);
}

#[test]
fn a_missing_table_shows_its_heading() {
    assert_snapshot!(Setup::new().with("gateway.toml", "").faults(), @r#"
    error CFG-E002: the file has no "us"
      at gateway.toml, line 1, column 1
      expected a line such as: [us]
      hint: add the line that the message shows, with your own value
    "#);
}

#[test]
fn a_value_of_the_wrong_type_is_quoted() {
    assert_snapshot!(megamart("line_breaks = true", r#"line_breaks = "yes""#), @r#"
    error CFG-E003: "line_breaks" is a text
      at partners/megamart/partner.toml, line 9, column 15
      expected true or false, found "yes"
      hint: write the value in the form that the message expects
    "#);
}

#[test]
fn a_single_table_where_several_are_meant_is_found() {
    let faults = Setup::new()
        .with(
            "partners/erp/partner.toml",
            "name = \"ERP\"\nrole = \"erp\"\nstatus = \"test\"\n[endpoint]\nname = \"inbox\"",
        )
        .change("partners/megamart/partner.toml", "receive = \"850\"\nto = \"erp\"", r#"send = "810""#)
        .faults();
    assert_snapshot!(faults, @r#"
    error CFG-E003: "endpoint" is a table
      at partners/erp/partner.toml, line 4, column 1
      expected tables that each begin with [[endpoint]], found "[endpoint]"
      hint: write the value in the form that the message expects
    "#);
}

#[test]
fn what_is_not_toml_names_the_line() {
    assert_snapshot!(megamart(r#"name   = "MegaMart Stores""#, "name   = MegaMart Stores"), @r"
    error CFG-E004: not TOML: string values must be quoted
      at partners/megamart/partner.toml, line 1, column 10
      expected literal string
      hint: repair the line that the message names; the fault may begin at the end of the line above
    ");
}

#[test]
fn a_key_that_stands_twice_is_not_toml() {
    assert_snapshot!(megamart(r#"version = "004010""#, "version = \"004010\"\nversion = \"005010\""), @r"
    error CFG-E004: not TOML: duplicate key
      at partners/megamart/partner.toml, line 8, column 1
      hint: repair the line that the message names; the fault may begin at the end of the line above
    ");
}

#[test]
fn an_empty_text_is_no_way_to_say_none() {
    assert_snapshot!(megamart(r#"name   = "MegaMart Stores""#, r#"name   = """#), @r#"
    error CFG-E032: "name" is empty
      at partners/megamart/partner.toml, line 1, column 10
      hint: fill in the value, or delete the line where the key may be left out
    "#);
}

#[test]
fn a_duration_needs_a_unit() {
    assert_snapshot!(megamart(r#"within = "2 h""#, r#"within = "24""#), @r#"
    error CFG-E006: "24" has no unit
      at partners/megamart/partner.toml, line 10, column 63
      expected a whole number and a unit: "500 ms", "2 s", "60 min", "24 h", "3 d", found "24"
      hint: write a whole number and a unit
    "#);
}

#[test]
fn a_number_must_be_in_its_range() {
    assert_snapshot!(megamart("first_control_number = 501", "first_control_number = 1_000_000_000"), @r#"
    error CFG-E012: "first_control_number" is out of range
      at partners/megamart/partner.toml, line 11, column 24
      expected a whole number from 1 to 999999999, found "1_000_000_000"
      hint: write a number in the range that the message names
    "#);
}

#[test]
fn columns_count_characters_and_not_bytes() {
    let faults = megamart(r#"pick_up  = { from = "mega/out", match"#, r#"pick_up  = { from = "méga/out", mtach"#);
    assert_snapshot!(faults, @r#"
    error CFG-E001: unknown key "mtach" in pick_up
      at partners/megamart/partner.toml, line 15, column 33
      expected one of from, match, settle, marker, then, every, max_age, max_size
      hint: did you mean "match"?
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_damaged_file_is_read_or_refused_with_faults(
        at in 0..MEGAMART.len(),
        cut in 0_usize..30,
        put in "[\"=\\[{a5é#\n]{0,3}",
    ) {
        let damaged = format!("{}{put}{}", &MEGAMART[..at], &MEGAMART[(at + cut).min(MEGAMART.len())..]);
        let source = Source::new(Path::new("partner.toml"), damaged);
        let defaults = Defaults { home: Path::new("/home"), zone: TimeZone::UTC, keep: SEVEN_YEARS, as2: None, guides: Library::standard() };
        let id = PartnerId::parse("megamart").unwrap();
        let (partner, _) = partner_file::read(&source, &id, Path::new("/nowhere"), &defaults);
        let faults = source.into_faults();
        prop_assert!(partner.is_some() || !faults.is_empty());
    }
}
