//! Maps as rules use them.

use super::*;

/// The ERP's rule about shipments, read by a map of the demo.
fn with_map(name: &str, text: &str) -> Setup {
    Setup::new().with(&format!("partners/erp/{name}"), text).change(
        "partners/erp/partner.toml",
        "as = \"json\"\nmatch = \"ship*.json\"",
        &format!("map = {name:?}"),
    )
}

#[test]
fn a_map_without_match_reads_every_file() {
    let setup = with_map("shipment.map.toml", include_str!("../../../../partners/erp/shipment.map.toml"));
    let (config, _) = setup.load().unwrap();
    let erp = &config.partners[&PartnerId::parse("erp").unwrap()];
    assert!(matches!(&erp.receives[0].format, ReceiveFormat::Mapped { matching, .. } if matching == "*"));
}

#[test]
fn a_map_of_another_kind_is_refused() {
    let setup = with_map("order.map.toml", include_str!("../../../../partners/erp/order.map.toml"));
    assert_snapshot!(setup.faults(), @r"
    error CFG-E030: partners/erp/order.map.toml is a map for order, not for shipment
      at partners/erp/partner.toml, line 18, column 7
      hint: name the map of the rule's own kind, or correct the kind that the map names
    ");
}

#[test]
fn the_faults_of_a_map_are_passed_on() {
    let faults = with_map("shipment.map.toml", "documnt = \"shipment\"").load().unwrap_err();
    let of_the_map = |fault: &Diagnostic| fault.place.file.as_ref().is_some_and(|file| file.ends_with(".map.toml"));
    assert!(faults.iter().all(of_the_map), "{faults:?}");
}

#[test]
fn a_map_that_is_no_text_is_unreadable() {
    let setup = with_map("shipment.map.toml", "");
    fs::write(setup.dir.path().join("partners/erp/shipment.map.toml"), [0xFF, 0xFE]).unwrap();
    assert_snapshot!(setup.faults(), @r"
    error CFG-E016: partners/erp/shipment.map.toml holds bytes that are not UTF-8
      at partners/erp/partner.toml, line 18, column 7
      hint: correct the path, or let the user of the service read it
    ");
}
