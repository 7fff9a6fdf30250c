//! Guide files beside gateway.toml, and the overlays of a partner.

use super::*;

const OVERLAY: &str = "overlay 850 at 004010\nREF02 max 20\n";

/// The retailer's file with an overlay named in it.
fn with_overlay(text: &str) -> Setup {
    let setup = Setup::new().with("partners/megamart/850.overlay", text);
    setup.change("partners/megamart/partner.toml", "line_breaks = true", "line_breaks = true\nguides = \"850.overlay\"")
}

fn x12_of<'c>(config: &'c Config, partner: &str) -> &'c crate::config::partner::X12Settings {
    config.partners[&PartnerId::parse(partner).unwrap()].x12.as_ref().unwrap()
}

#[test]
fn without_any_file_documents_are_checked_by_the_standard() {
    let (config, _) = Setup::new().load().unwrap();
    assert_eq!(config.guides.library, *Library::standard());
    assert_eq!(x12_of(&config, "megamart").guides.library, *Library::standard());
    assert!(config.guides.files.is_empty());
}

#[test]
fn a_guide_file_adds_a_set_and_an_overlay_narrows_one_for_its_partner() {
    let set = "set 852 at 004010 product activity\ngroup PD\nST M 1\nREF O 1\nSE M 1";
    let setup = with_overlay(OVERLAY).with("guides/004010/852.guide", set).with("guides/004010/notes.txt", "mine");
    let (config, _) = setup.load().unwrap();
    assert!(config.guides.library.find("852", "004010").is_some());
    assert!(config.guides.library.find("850", "004010").unwrap().overlay.is_none());
    let of_partner = &x12_of(&config, "megamart").guides;
    assert!(of_partner.library.find("852", "004010").is_some());
    let overlay = of_partner.library.find("850", "004010").unwrap().overlay.as_ref().unwrap();
    assert_eq!((overlay.partner.as_str(), overlay.file.as_str()), ("MegaMart Stores", "850.overlay"));
    assert!(of_partner.library.find("850", "005010").unwrap().overlay.is_none());
    let names = |files: &[PathBuf]| -> Vec<String> {
        files.iter().map(|file| file.strip_prefix(setup.dir.path()).unwrap().display().to_string()).collect()
    };
    assert_eq!(names(&config.guides.files), ["guides/004010/852.guide"]);
    assert_eq!(names(&of_partner.files), ["partners/megamart/850.overlay"]);
}

#[test]
fn the_same_files_read_again_are_the_same_guides_and_changed_ones_are_not() {
    let setup =
        with_overlay(OVERLAY).with("guides/004010/codes.guide", "codes at 004010 from 004010\n374 also\n  ZZ1 ours");
    let read = || x12_of(&setup.load().unwrap().0, "megamart").guides.library.clone();
    let first = read();
    assert_eq!(read(), first);
    setup.write("partners/megamart/850.overlay", &OVERLAY.replace("20", "10"));
    assert_ne!(read(), first);
    setup.write("partners/megamart/850.overlay", OVERLAY);
    assert_eq!(read(), first);
}

#[test]
fn a_fault_in_a_guide_file_refuses_the_configuration() {
    let setup = Setup::new()
        .with("guides/004010/852.guide", "set 852 at 004010 product activity\ngroup PD\nST X 1")
        .with("guides/004010/853.guide", "set 853 at 004010 routing\ngroup RI\nQQQ M 1");
    assert_snapshot!(setup.faults(), @r#"
    error CFG-E040: expected M or O, found "X"
      at guides/004010/852.guide, line 3
      hint: correct the line; `edigate guide show SET` shows the segments of a set, `edigate guide show SET SEGMENT` the elements of one
    "#);
    let setup = setup.with("guides/004010/852.guide", "set 852 at 004010 product activity\ngroup PD\nST M 1");
    assert_snapshot!(setup.faults(), @r"
    error CFG-E040: segment QQQ is not in the segments of 004010
      at guides/004010/853.guide, line 3
      hint: correct the line; `edigate guide show SET` shows the segments of a set, `edigate guide show SET SEGMENT` the elements of one
    ");
}

#[test]
fn a_guide_file_whose_name_says_nothing_is_refused() {
    let setup = Setup::new().with("guides/004010/segment.guide", "").with("guides/4010/850.guide", "");
    assert_snapshot!(setup.faults(), @r#"
    error CFG-E010: "4010" is no version of X12
      at guides/4010
      expected six digits, and at most six capitals or digits: 004010, 004010VICS, 005010, found "4010"
      hint: copy the value from the partner's EDI specification
    "#);
    fs::remove_dir_all(setup.dir.path().join("guides/4010")).unwrap();
    assert_snapshot!(setup.faults(), @r#"
    error CFG-E040: "segment" names nothing that a guide is about
      at guides/004010/segment.guide
      expected segments.guide, codes.guide, or the set as in 852.guide
      hint: correct the line; `edigate guide show SET` shows the segments of a set, `edigate guide show SET SEGMENT` the elements of one
    "#);
}

#[test]
fn every_fault_of_an_overlay_refuses_the_configuration() {
    assert_snapshot!(with_overlay("overlay 850 at 004010\nREF2 max 20\nBEG05 required\nPO1 maximum 7").faults(), @r#"
    error CFG-E040: REF2 is not used in the 850
      at partners/megamart/850.overlay, line 2
      hint: correct the line; `edigate guide show SET` shows the segments of a set, `edigate guide show SET SEGMENT` the elements of one
    error CFG-E040: expected required, max or unused, found "maximum"
      at partners/megamart/850.overlay, line 4
      hint: correct the line; `edigate guide show SET` shows the segments of a set, `edigate guide show SET SEGMENT` the elements of one
    "#);
}

#[test]
fn an_overlay_that_is_not_there_is_named_with_the_nearest_one() {
    let setup = with_overlay(OVERLAY).change("partners/megamart/partner.toml", "\"850.overlay\"", "\"850.ovrlay\"");
    assert_snapshot!(setup.faults(), @r#"
    error CFG-E041: there is no overlay partners/megamart/850.ovrlay
      at partners/megamart/partner.toml, line 10, column 10
      hint: did you mean "850.overlay"?
    "#);
}

#[test]
fn a_set_has_one_overlay_at_a_version() {
    let setup = with_overlay(OVERLAY).with("partners/megamart/more.overlay", OVERLAY).change(
        "partners/megamart/partner.toml",
        "\"850.overlay\"",
        "[\"850.overlay\", \"more.overlay\"]",
    );
    assert_snapshot!(setup.faults(), @r"
    error CFG-E041: 850.overlay is an overlay for the 850 at 004010 as well
      at partners/megamart/partner.toml, line 10, column 26
      hint: correct the name, or put all rules of one set into one file
    ");
}
