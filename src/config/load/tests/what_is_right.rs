//! Files without a fault, and the values that they become.

use std::time::Duration;

use super::*;
use crate::config::partner::{Expected, Ta1};
use crate::x12::acknowledgment::{AnswerKind, AnswerVersion, SetDetail};

#[test]
fn files_without_a_fault_become_values() {
    let setup = Setup::new();
    let (config, warnings) = setup.load().unwrap();
    assert_eq!(warnings, []);
    let home = setup.dir.path().join("home");
    assert_eq!(config.home, home);
    assert_eq!(config.ledger, LedgerAddress::Sqlite(home.join("ledger.db")));
    assert_eq!(config.us.gs, "ACMESUPPLY", "the identifier of isa, when gs is left out");
    assert_eq!(config.drain_within, Duration::from_secs(30));
    let ids: Vec<&str> = config.partners.keys().map(PartnerId::as_str).collect();
    assert_eq!(ids, ["erp", "megamart"]);
}

#[test]
fn a_retailer_is_read_with_its_defaults() {
    let setup = Setup::new();
    let (config, _) = setup.load().unwrap();
    let megamart = &config.partners[&PartnerId::parse("megamart").unwrap()];
    let home = setup.dir.path().join("home");
    let pick_up = megamart.endpoints[0].pick_up.as_ref().unwrap();
    assert_eq!(pick_up.from, home.join("mega/out"));
    assert_eq!(pick_up.then, AfterPickUp::Archive(home.join("mega/out/archive")));
    let drop_off = megamart.endpoints[0].drop_off.as_ref().unwrap();
    assert_eq!(drop_off.name, "{partner}_{set}_{isa13}.edi");
    let acknowledge = megamart.x12.as_ref().unwrap().acknowledge.as_ref().unwrap();
    assert_eq!(acknowledge.via, "mailbox", "the only endpoint that drops off");
    assert!(matches!(megamart.receives[0].format, ReceiveFormat::X12));
    assert_eq!(megamart.receives[0].to, [PartnerId::parse("erp").unwrap()]);
    let day = Duration::from_secs(86_400);
    let a_997 = Expected { functional: Some((AnswerKind::Functional, day)), ..Expected::default() };
    assert_eq!(megamart.sends[0].expect, a_997);
}

#[test]
fn every_answer_that_a_partner_owes_has_its_own_time() {
    let setup = Setup::new();
    let answers = r#"expect = { "999" = "24 h", "TA1" = "4 h", "824" = "72 h" }"#;
    setup.write("partners/megamart/partner.toml", &MEGAMART.replace(r#"expect = { "997" = "24 h" }"#, answers));
    let (config, _) = setup.load().unwrap();
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    let expect = Expected {
        functional: Some((AnswerKind::Implementation, hours(24))),
        interchange: Some(hours(4)),
        application: Some(hours(72)),
    };
    assert_eq!(config.partners[&PartnerId::parse("megamart").unwrap()].sends[0].expect, expect);
}

#[test]
fn an_erp_is_read_with_the_zone_of_the_gateway_and_canonical_json() {
    let (config, _) = Setup::new().load().unwrap();
    let erp = &config.partners[&PartnerId::parse("erp").unwrap()];
    assert_eq!(erp.zone.iana_name(), Some("America/New_York"));
    assert!(matches!(erp.sends[0].format, SendFormat::Canonical));
    assert!(matches!(&erp.receives[0].format, ReceiveFormat::Canonical { matching } if matching == "ship*.json"));
}

#[test]
fn moving_files_names_the_folder_from_home() {
    let setup = Setup::new().change("partners/erp/partner.toml", r#""delete""#, r#""move to erp/done""#);
    let (config, _) = setup.load().unwrap();
    let erp = &config.partners[&PartnerId::parse("erp").unwrap()];
    let then = erp.endpoints[1].pick_up.as_ref().unwrap().then.clone();
    assert_eq!(then, AfterPickUp::Archive(setup.dir.path().join("home/erp/done")));
}

#[test]
fn files_of_another_platform_are_read() {
    let setup = Setup::new().with("gateway.toml", &format!("\u{feff}{}", GATEWAY.trim().replace('\n', "\r\n")));
    assert_eq!(setup.faults(), "");
}

#[test]
fn how_a_partner_is_acknowledged_and_what_is_tolerated_is_read() {
    let setup = Setup::new()
        .change(
            "partners/megamart/partner.toml",
            r#"with = "997", sets = "not accepted""#,
            r#"with = "999", sets = "rejected", version = "005010X231A1""#,
        )
        .change(
            "partners/megamart/partner.toml",
            "line_breaks = true",
            "tolerate = [\"X12-E065\", \"x12-e022\"]\nreject = \"X12-W023\"\nta1 = \"always\"",
        );
    let (config, _) = setup.load().unwrap();
    let x12 = config.partners[&PartnerId::parse("megamart").unwrap()].x12.as_ref().unwrap();
    let acknowledge = x12.acknowledge.as_ref().unwrap();
    assert_eq!(acknowledge.with, Some(AnswerKind::Implementation));
    assert_eq!(acknowledge.sets, SetDetail::Rejected);
    assert_eq!(acknowledge.version, AnswerVersion::Fixed("005010X231A1".to_owned()));
    assert_eq!(x12.ta1, Ta1::Always);
    assert!(!x12.exceptions.is_empty());
}

#[test]
fn acknowledgments_follow_the_group_where_nothing_else_is_said() {
    let setup =
        Setup::new().change("partners/megamart/partner.toml", r#"{ with = "997", sets = "not accepted", "#, "{ ");
    let (config, _) = setup.load().unwrap();
    let x12 = config.partners[&PartnerId::parse("megamart").unwrap()].x12.as_ref().unwrap();
    let acknowledge = x12.acknowledge.as_ref().unwrap();
    assert_eq!((acknowledge.with, acknowledge.sets), (None, SetDetail::All));
    assert_eq!((&acknowledge.version, x12.ta1), (&AnswerVersion::Echo, Ta1::OnRequest));
    assert!(x12.exceptions.is_empty());
}

#[test]
fn no_acknowledgment_is_agreed_by_saying_none() {
    let setup = Setup::new().change(
        "partners/megamart/partner.toml",
        r#"{ with = "997", sets = "not accepted", within = "2 h" }"#,
        r#""none""#,
    );
    let (config, _) = setup.load().unwrap();
    let megamart = &config.partners[&PartnerId::parse("megamart").unwrap()];
    assert_eq!(megamart.x12.as_ref().unwrap().acknowledge, None);
}

#[test]
fn a_production_partner_may_be_routed_to_a_test_system_as_well() {
    let test = ERP.replace("production", "test").replace("erp/", "test/");
    let setup = Setup::new().with("partners/erp-test/partner.toml", &test).change(
        "partners/megamart/partner.toml",
        r#"to = "erp""#,
        r#"to = ["erp", "erp-test"]"#,
    );
    assert_eq!(setup.faults(), "");
}

#[test]
fn a_folder_whose_name_begins_with_a_dot_is_nobody() {
    let setup = Setup::new().with("partners/.git/HEAD", "");
    assert_eq!(setup.faults(), "");
}

#[test]
fn how_deliveries_go_out_is_read_with_its_defaults() {
    let partner = "partners/megamart/partner.toml";
    let read = |setup: &Setup| {
        let (config, warnings) = setup.load().unwrap();
        assert_eq!(warnings, []);
        let megamart = &config.partners[&PartnerId::parse("megamart").unwrap()];
        (megamart.endpoints[0].sending, megamart.sends[0].batch.clone())
    };
    let (sending, batch) = read(&Setup::new());
    assert_eq!((sending.at_once, sending.keep_order, batch), (4, false, None));

    let via = "via  = \"folder\"";
    let keys = "via = \"folder\"\nkeep_order = true\nretry = { first = \"1 s\", longest = \"30 min\" }";
    let expect = r#"expect = { "997" = "24 h" }"#;
    let rule = format!("{expect}\nbatch = {{ count = 50, size = \"1 MB\", at = [\"06:00\", \"14:00\"] }}");
    let (sending, batch) = read(&Setup::new().change(partner, via, keys).change(partner, expect, &rule));
    assert_eq!((sending.at_once, sending.keep_order), (1, true), "what is kept in order goes one by one");
    assert_eq!(sending.retry.longest.as_secs(), 1800);
    assert_eq!(sending.retry.give_up_after.as_secs(), 86_400);
    let batch = batch.unwrap();
    assert_eq!((batch.count, batch.size, batch.at.len()), (Some(50), Some(1_000_000), 2));
    assert_eq!(batch.zone.iana_name(), Some("America/Chicago"), "the partner's, when it names none");
}
