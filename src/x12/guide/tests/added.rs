//! Guide files that add to the standard.

use super::*;

/// A library with files of that name and text.
fn library(files: &[(&'static str, &'static str, &'static str)]) -> Result<Library, Vec<String>> {
    let added: Vec<Added> = files
        .iter()
        .map(|(version, stem, text)| Added {
            version,
            subject: Subject::parse(stem).unwrap(),
            file: File::added(String::leak(format!("{version}/{stem}.guide")), text),
        })
        .collect();
    Library::with(&added).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn refused(files: &[(&'static str, &'static str, &'static str)], expect: &[&str]) {
    assert_eq!(library(files).unwrap_err(), expect);
}

const ACTIVITY: &str = "set 852 at 004010 product activity\ngroup PD\ncount LIN\nST M 1\nXQ M 1 reporting period\n\
    loop LIN M >1 item\n  LIN M 1 item\n  loop ZA O >1 activity\n    ZA M 1 activity\n    QTY O 1\nCTT O 1\nSE M 1";
const SEGMENTS: &str = "segments at 004010 from 004010\nsegment XQ reporting period\n  01 M ID 1-1 305 handling\n  \
    02 O DT 8-8 373 date\nsegment ZA product activity\n  01 M ID 2-2 859 activity\n  02 O R 1-15 380 quantity";

#[test]
fn a_set_with_segments_of_its_own_is_added_and_the_standard_stays() {
    let library = library(&[("004010", "852", ACTIVITY), ("004010", "segments", SEGMENTS)]).unwrap();
    let guide = library.find("852", "004010VICS").unwrap();
    assert_eq!((guide.name, guide.functional_id, guide.layer), ("product activity", "PD", "guides"));
    assert_eq!(guide.element_name("ZA", 1), Some("activity"));
    assert_eq!(library.list().len(), Library::standard().list().len() + 1);
    assert_eq!(library.find("850", "004010").unwrap().layer, "standard");
    assert!(std::ptr::eq(library.find("850", "005010").unwrap(), find("850", "005010").unwrap()));
    assert!(find("852", "004010").is_none());
}

#[test]
fn codes_are_added_to_a_list_or_a_list_is_written_whole() {
    let text = "codes at 004010 from 004010\n374 also\n  010 asked for\n  ZZ1 our date\n92 closed order type\n  SA stand-alone";
    let guide = library(&[("004010", "codes", text)]).unwrap().find("850", "004010").unwrap();
    assert_eq!(guide.code_text(374, "ZZ1"), Some("our date"));
    assert_eq!(guide.code_text(374, "010"), Some("asked for"));
    assert_eq!(guide.code_text(374, "001"), find("850", "004010").unwrap().code_text(374, "001"));
    let dictionary = guide.dictionary();
    assert_eq!(dictionary.codes(374).unwrap().layer, "guides");
    assert_eq!(dictionary.codes(235).unwrap().layer, "standard");
    assert!(dictionary.codes(92).unwrap().closed);
    assert_eq!(dictionary.codes(92).unwrap().codes().collect::<Vec<_>>(), ["SA"]);
}

#[test]
fn a_set_of_the_standard_may_be_changed_line_by_line() {
    let text = "set 850 at 004010 from 004010\nnow REF M 5\nwithout CUR";
    let guide = library(&[("004010", "850", text)]).unwrap().find("850", "004010").unwrap();
    assert!(guide.places[guide.content.clone()].iter().all(|place| place.id != "CUR"));
    let layer = |tag: &str| guide.places.iter().find(|place| place.id == tag).map(|place| place.layer);
    assert_eq!((layer("REF"), layer("BEG")), (Some("guides"), Some("standard")));
}

#[test]
fn a_version_may_build_on_the_standard_and_on_what_was_added() {
    let files = [
        ("004010", "codes", "codes at 004010 from 004010\n374 also\n  ZZ1 our date"),
        ("006010", "codes", "codes at 006010 from 004010"),
        ("006010", "segments", "segments at 006010 from 005010"),
        ("006010", "850", "set 850 at 006010 from 005010"),
    ];
    let library = library(&files).unwrap();
    assert_eq!(library.find("850", "006010").unwrap().code_text(374, "ZZ1"), Some("our date"));
    assert_eq!(library.nearest("850").unwrap().version, "006010");
    // Which was written without it.
    assert_eq!(library.find("850", "005010").unwrap().code_text(374, "ZZ1"), None);
}

#[test]
fn a_fault_is_named_with_file_and_line_each_file_for_itself() {
    refused(
        &[("004010", "852", "set 852 at 004010 x\ngroup PD\nXQ M 1"), ("004010", "853", "set 853 at 004010 x\nST M 1")],
        &["004010/853.guide, line 1: expected a line \"group GS01\" below"],
    );
    refused(&[("004010", "852", ACTIVITY)], &["004010/852.guide, line 5: segment XQ is not in the segments of 004010"]);
    refused(
        &[("004010", "codes", "codes at 004010 from 004010\n99999 also\n  A a")],
        &["004010/codes.guide, line 2: there is no list 99999 to add codes to"],
    );
    refused(
        &[
            ("004010", "codes", "codes at 005010 from 004010"),
            ("005010", "853", "set 852 at 005010 x\ngroup PD\nST M 1"),
        ],
        &[
            "004010/codes.guide, line 1: expected \"codes at 004010\", as the names of the file and its folder say",
            "005010/853.guide, line 1: expected \"set 853 at 005010\", as the names of the file and its folder say",
        ],
    );
    refused(
        &[("006010", "850", "set 850 at 006010 from 005010")],
        &["006010/850.guide, line 1: expected a codes.guide beside it, since there are no codes of 006010 yet"],
    );
    refused(
        &[("006010", "codes", "codes at 006010 from 007010")],
        &["006010/codes.guide, line 1: 007010 is not read before this file"],
    );
}
