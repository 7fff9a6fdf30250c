use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::*;
use crate::config::archive::{ArchiveSettings, Retention};
use crate::config::compliance::Compliance;
use crate::config::partner::{DropOff, Expected, ReceiveFormat, ReceiveRule, Role, SendFormat, Sending, Wire};
use crate::config::tolerance::Tolerance;
use crate::config::{LedgerAddress, LogFormat, Us};
use crate::document::{Order, Shipment};
use crate::x12::envelope::InterchangeId;

fn id(text: &str) -> PartnerId {
    PartnerId::parse(text).unwrap()
}

/// A partner with one mailbox; `rules` like `receive order to erp` and `send shipment`.
fn a_partner(name: &str, status: Status, rules: &[&str]) -> Partner {
    let drop_off = Some(DropOff { to: PathBuf::from("/out"), marker: None, name: "{number}".to_owned() });
    let mut partner = Partner {
        id: id(name),
        name: name.to_owned(),
        role: Role::Retailer,
        status,
        zone: TimeZone::UTC,
        x12: None,
        endpoints: vec![Endpoint {
            name: "mailbox".to_owned(),
            via: Wire::Folder,
            pick_up: None,
            drop_off,
            sending: Sending::default(),
            open: None,
            limit: None,
        }],
        receives: Vec::new(),
        sends: Vec::new(),
        compliance: Compliance::none(&TimeZone::UTC),
        duplicates: Default::default(),
        tolerance: Tolerance::default(),
        cross_references: Arc::default(),
        retention: Retention::default(),
        api: None,
    };
    for rule in rules {
        let words: Vec<&str> = rule.split(' ').collect();
        let kind = Kind::parse(words[1]).unwrap();
        if words[0] == "receive" {
            let to = words[2..].iter().map(|receiver| id(receiver)).collect();
            partner.receives.push(ReceiveRule { kind, format: ReceiveFormat::X12, to });
        } else {
            let via = words.get(2).unwrap_or(&"mailbox").to_string();
            partner.sends.push(SendRule {
                kind,
                format: SendFormat::X12,
                via,
                name: None,
                expect: Expected::default(),
                batch: None,
            });
        }
    }
    partner
}

fn config(partners: Vec<Partner>) -> Config {
    Config {
        file: PathBuf::from("gateway.toml"),
        as2: None,
        partners_folder: PathBuf::from("/home/partners"),
        home: PathBuf::from("/home"),
        node: crate::config::NodeSettings::default(),
        ledger: LedgerAddress::Sqlite(PathBuf::from("ledger.db")),
        archive: ArchiveSettings::Folder(PathBuf::from("/home/archive")),
        keep: Retention::default().keep,
        us: Us {
            name: "ACME".to_owned(),
            isa: InterchangeId::parse("ZZ:ACME").unwrap(),
            gs: "ACME".to_owned(),
            zone: TimeZone::UTC,
            gs1_company_prefix: None,
            sscc_extension: 0,
            ship_from: None,
            remit_to: None,
        },
        scan_every: Duration::from_secs(5),
        drain_within: Duration::from_secs(30),
        log: LogFormat::Text,
        guides: Default::default(),
        listen: Vec::new(),
        people: Default::default(),
        alerts: Vec::new(),
        partners: partners.into_iter().map(|partner| (partner.id.clone(), partner)).collect(),
    }
}

fn usual() -> Config {
    use Status::{Production, Test};
    config(vec![
        a_partner("megamart", Production, &["receive order erp", "send shipment"]),
        a_partner("trial", Test, &["receive order erp-test", "send shipment"]),
        a_partner("erp", Production, &["receive shipment", "send order", "send order"]),
        a_partner("erp-test", Test, &["receive shipment", "send order"]),
    ])
}

fn order() -> Document {
    Document::Order(Order { po_number: "45".to_owned(), ..Order::default() })
}

fn shipment() -> Document {
    Document::Shipment(Shipment { shipment_id: "S1".to_owned(), ..Shipment::default() })
}

fn as_test(mut document: Document) -> Document {
    document.header_mut().test = true;
    document
}

/// The receivers, or code and message of the refusal.
fn check(document: &Document, from: &str, owner: &str, config: &Config, expected: &str) {
    let found = match route(document, &id(from), &id(owner), config) {
        Ok(targets) => {
            let names: Vec<String> =
                targets.iter().map(|target| format!("{}/{}", target.partner, target.endpoint.name)).collect();
            names.join(" ")
        }
        Err(refusal) => format!("{}: {}", refusal.code.code, refusal.message),
    };
    assert_eq!(found, expected);
}

#[test]
fn an_order_goes_to_the_systems_that_the_retailers_rule_names_once_per_send_rule() {
    check(&order(), "megamart", "megamart", &usual(), "erp/mailbox erp/mailbox");
}

#[test]
fn a_change_of_an_order_needs_somebody_to_go_to_as_the_order_did() {
    let change = Document::OrderChange(crate::document::OrderChange::default());
    let erp = || a_partner("erp", Status::Production, &["send order_change"]);
    let with = |rule: &str| config(vec![a_partner("megamart", Status::Production, &[rule]), erp()]);
    check(&change, "megamart", "megamart", &with("receive order_change erp"), "erp/mailbox");
    assert!(route(&change, &id("megamart"), &id("megamart"), &with("receive order_change")).is_err());
}

#[test]
fn what_is_for_the_books_needs_nobody_to_go_to() {
    use crate::document::ApplicationAdvice;
    let partners = vec![a_partner("mega", Status::Production, &["receive application_advice"])];
    check(&Document::ApplicationAdvice(ApplicationAdvice::default()), "mega", "mega", &config(partners), "");
}

#[test]
fn an_answer_goes_to_the_retailer_whose_order_it_is_about() {
    check(&shipment(), "erp", "megamart", &usual(), "megamart/mailbox");
}

#[test]
fn a_test_stays_among_test_partners() {
    check(&as_test(order()), "trial", "trial", &usual(), "erp-test/mailbox");
    check(&order(), "trial", "trial", &usual(), "erp-test/mailbox");
    check(&as_test(shipment()), "erp-test", "trial", &usual(), "trial/mailbox");
}

#[test]
fn a_test_never_reaches_production() {
    let refused = "RTE-E006: order 45 is a test, and erp is a production partner";
    check(&as_test(order()), "megamart", "megamart", &usual(), refused);
    let refused = "RTE-E006: shipment S1 is a test, and megamart is a production partner";
    check(&shipment(), "erp-test", "megamart", &usual(), refused);
    check(&as_test(shipment()), "erp", "megamart", &usual(), refused);
}

#[test]
fn a_test_partner_whose_rule_leads_to_production_is_refused() {
    let config = config(vec![
        a_partner("trial", Status::Test, &["receive order erp"]),
        a_partner("erp", Status::Production, &["send order"]),
    ]);
    check(&order(), "trial", "trial", &config, "RTE-E006: order 45 is a test, and erp is a production partner");
}

#[test]
fn real_business_never_ends_in_a_test_system() {
    let config = config(vec![
        a_partner("megamart", Status::Production, &["receive order erp-test"]),
        a_partner("erp-test", Status::Test, &["send order"]),
    ]);
    check(&order(), "megamart", "megamart", &config, "RTE-E007: order 45 is real, and erp-test is a test partner");
}

#[test]
fn one_wrong_receiver_refuses_them_all() {
    let config = config(vec![
        a_partner("megamart", Status::Production, &["receive order erp erp-test"]),
        a_partner("erp", Status::Production, &["send order"]),
        a_partner("erp-test", Status::Test, &["send order"]),
    ]);
    check(&order(), "megamart", "megamart", &config, "RTE-E007: order 45 is real, and erp-test is a test partner");
}

#[test]
fn what_is_missing_in_the_configuration_is_said() {
    check(&shipment(), "megamart", "megamart", &usual(), "RTE-E002: megamart is not set up to send shipment (856)");
    check(&order(), "nobody", "nobody", &usual(), "RTE-E001: there is no partner nobody");
    let incomplete = config(vec![
        a_partner("megamart", Status::Production, &["receive order", "receive shipment erp", "receive invoice erp"]),
        a_partner("erp", Status::Production, &["send shipment fax"]),
    ]);
    let nobody = "RTE-E003: the rule for order from megamart names nobody who gets it";
    check(&order(), "megamart", "megamart", &incomplete, nobody);
    let fax = "RTE-E005: the rule for shipment to erp names endpoint \"fax\", which takes no files";
    check(&shipment(), "megamart", "megamart", &incomplete, fax);
    let invoice = Document::Invoice(crate::document::Invoice::default());
    check(&invoice, "megamart", "megamart", &incomplete, "RTE-E004: erp has no rule that sends invoice");
}

#[test]
fn the_hint_says_what_to_write_where() {
    let refusal = route(&shipment(), &id("megamart"), &id("megamart"), &usual()).unwrap_err();
    assert_eq!(
        refusal.fix(),
        "add [[document]] receive = \"856\" with what reads it to partners/megamart/partner.toml, then replay"
    );
}
