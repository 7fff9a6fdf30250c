//! Overlays as their authors write them: what is refused, with file and line, and what the guide is that comes of one.

use super::*;

const WHOSE: Whose<'static> = Whose { id: "megamart", name: "MegaMart", file: "850.overlay" };

/// The guide that comes of an overlay on the 850, or its faults.
fn derived(rules: &str) -> Result<&'static Guide, Vec<ParseError>> {
    let text = format!("overlay 850 at 004010 MegaMart's purchase order # since 2026\n{rules}");
    Library::standard().overlaid(File::added("partners/megamart/850.overlay", String::leak(text)), &WHOSE)
}

fn refused(rules: &str, expect: &[&str]) {
    let faults: Vec<String> = derived(rules).unwrap_err().iter().map(ToString::to_string).collect();
    let expect: Vec<String> = expect.iter().map(|fault| format!("partners/megamart/850.overlay, {fault}")).collect();
    assert_eq!(faults, expect, "{rules}");
}

fn refused_whole(text: &'static str, expect: &str) {
    let faults = Library::standard().overlaid(File::added("o", text), &WHOSE).unwrap_err();
    assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [expect]);
}

#[test]
fn an_overlay_says_first_which_guide_it_narrows() {
    refused_whole("", "o, line 1: expected \"overlay SET at VERSION\"");
    refused_whole("# a comment\nset 850 at 004010", "o, line 2: expected \"overlay SET at VERSION\"");
    refused_whole("overlay 837 at 004010", "o, line 1: there is no guide for transaction set \"837\"");
    refused_whole(
        "overlay 850 at 004010VICS",
        "o, line 1: expected a version that has a guide for 850: 004010, 005010; found \"004010VICS\"",
    );
}

#[test]
fn every_line_that_cannot_be_meant_is_named() {
    refused(
        "BEG99 required\nQQQ required\nBEG01 cods 00\nREF often",
        &[
            "line 2: expected one of the 12 elements of BEG, found 99",
            "line 3: QQQ is not used in the 850",
            "line 4: expected required, unused, codes, constant, pattern or max, found \"cods\"",
            "line 5: expected required, max or unused, found \"often\"",
        ],
    );
    refused("  REF required", &["line 2: expected a line without indentation"]);
    refused("REF required now", &["line 2: expected nothing behind required, found \"now\""]);
    refused("BEG05 required now", &["line 2: expected nothing behind required, found \"now\""]);
    refused("BEG01 codes", &["line 2: expected a value behind codes"]);
    refused("BEG03 constant # none", &["line 2: expected a value behind constant"]);
    refused("BEG03 pattern", &["line 2: expected a value behind pattern"]);
    refused("BEG03 pattern 45 ##", &["line 2: expected a pattern without blanks, found \"45 ##\""]);
    refused("REF max many", &["line 2: expected a number, found \"many\""]);
    refused("REF02 max 20\nREF02 max 10", &["line 3: REF02 max stands in line 2 already"]);
    refused("HL01 required", &["line 2: HL is not used in the 850"]);
}

#[test]
fn an_overlay_narrows_and_never_widens() {
    refused("use only BEG N1", &["line 2: PO1 must be there, so that it cannot be left out"]);
    refused("BEG unused", &["line 2: BEG must be there, so that it cannot be left out"]);
    refused("use only BEG PO1 QTX", &["line 2: QTX is not used in the 850"]);
    refused("use only BEG PO1\nREF required", &["line 3: REF is required, and left out by another line"]);
    refused("REF required\nREF unused", &["line 3: REF must be there, so that it cannot be left out"]);
    refused("PO1 max 100001", &["line 2: expected a number from 1 to 100000, found 100001"]);
    refused("PO1 max 0", &["line 2: expected a number from 1 to 100000, found 0"]);
    refused("REF02 max 31", &["line 2: expected a number from 1 to 30, found 31"]);
    refused("BEG05 max 6", &["line 2: a date or time has the length that the standard gives it"]);
    refused_whole(
        "overlay 856 at 004010\nHL04 codes 1 2",
        "o, line 2: expected codes of has children: 0 1; found \"2\"",
    );
    refused("BEG01 codes 000", &["line 2: expected 2 to 2 characters, found \"000\""]);
    refused(
        "REF04 codes A",
        &[
            "line 2: expected required or unused for a composite, whose components have rules of their own; found \"codes\"",
        ],
    );
    refused("BEG01 unused", &["line 2: BEG01 must be there, so that it cannot be left out"]);
    refused("BEG06 required\nBEG06 unused", &["line 3: line 2 says required"]);
}

#[test]
fn a_path_says_which_place_is_meant_where_there_are_several() {
    let paths = derived("N3 required").unwrap_err().remove(0).problem;
    assert!(paths.starts_with("expected one of N1/N3, ") && paths.contains("PO1/N1/N3"), "{paths}");
    refused("N1/PO1 required", &["line 2: PO1 does not stand there in the 850"]);
    refused("REF/N1 required", &["line 2: REF is no loop in the 850"]);
    let guide = derived("N1/N3 required\nREF required").unwrap();
    let required: Vec<String> =
        (0..guide.places.len()).filter(|at| guide.places[*at].rules.is_some()).map(|at| guide.path(at)).collect();
    assert_eq!(required, ["REF", "N1/N3"]);
}

#[test]
fn the_overlays_of_the_readme_are_well_formed() {
    let readme: &'static str = include_str!("../../../../README.md");
    let mut found = 0;
    for (start, _) in readme.match_indices("\n    overlay ") {
        let block = readme[start + 1..].split("\n\n").next().unwrap_or_default();
        let text: String = block.lines().map(|line| format!("{}\n", line.trim_start_matches("    "))).collect();
        let made = Library::standard().overlaid(File::added("README.md", String::leak(text)), &WHOSE);
        assert!(made.is_ok(), "{made:?}");
        found += 1;
    }
    assert_eq!(found, 2);
}

#[test]
fn a_component_is_named_behind_its_element() {
    refused("REF02-1 required", &["line 2: REF02 has no components"]);
    refused("REF04-7 required", &["line 2: expected one of the 6 components of REF04, found 7"]);
    refused("REF04-1 codes DPDP", &["line 2: expected 2 to 3 characters, found \"DPDP\""]);
    assert!(derived("REF04-2 max 5\nREF04-01 codes DP\nREF04 unused").is_ok());
}

#[test]
fn a_rule_by_qualifier_must_name_what_the_guide_has() {
    refused(
        "REF*DPXX required\nREF*DP/REF09 required\nQQ*1 required\nBEG*00/REF*DP required\nREF*DP often\nREF* required",
        &[
            "line 2: expected 2 to 3 characters, found \"DPXX\"",
            "line 3: expected one of the 4 elements of REF, found 09",
            "line 4: QQ is not used in the 850",
            "line 5: BEG is no loop in the 850",
            "line 6: expected required, max or unused, found \"often\"",
            "line 7: expected a value in \"REF*\", as in REF*DP",
        ],
    );
    refused("REF****DP required", &["line 2: REF04 is a composite, which selects nothing"]);
    refused("REF*********DP required", &["line 2: expected one of the 4 elements of REF, found 09"]);
    refused("REF unused\nREF*DP required", &["line 3: REF*DP is required, and left out by another line"]);
    refused("REF*DP required\nREF*DP unused", &["line 3: line 2 says required"]);
    refused("REF*DP max 3\nREF*DP max 2", &["line 3: REF*DP max stands in line 2 already"]);
    refused("N1*ST max 201", &["line 2: expected a number from 1 to 200, found 201"]);
    refused("N1*ST/N1 unused", &["line 2: N1*ST/N1 must be there, so that it cannot be left out"]);
    refused("N1*ST/N101 unused", &["line 2: N1*ST/N101 must be there, so that it cannot be left out"]);
    refused_whole("overlay 856 at 004010\nHL***PPP required", "o, line 2: expected 1 to 2 characters, found \"PPP\"");
}

#[test]
fn a_rule_by_qualifier_leads_from_loop_to_loop() {
    let paths = |rules: &str| -> Vec<String> {
        let guide = derived(rules).unwrap();
        let path = |rule: &QualifiedRule| rule.path.iter().map(|selector| selector.name).collect::<Vec<_>>().join(" ");
        guide.qualified.iter().map(path).collect()
    };
    assert_eq!(paths("REF*DP required\nREF*DP/REF02 max 4"), ["REF*DP", "REF*DP"]);
    assert_eq!(paths("N1*ST/N104 required\nN1*ST/N401 required"), ["N1*ST", "N1*ST N4"]);
    assert_eq!(paths("PO1/N1*ST/N4 required\nSLN*1 max 2"), ["PO1 N1*ST N4", "PO1 SLN*1"]);
    // What the guide demands already is no rule of the partner.
    assert_eq!(paths("N1*ST/N101 required\nREF*DP/REF02 max 30"), Vec::<String>::new());
    assert!(derived("BEG05 required").unwrap().qualified.is_empty());
}

#[test]
fn what_a_guide_demands_already_is_no_rule_of_the_partner() {
    let guide = derived("BEG required\nBEG01 required\nPO1 max 100000\nREF02 max 30").unwrap();
    assert!(guide.places.iter().all(|place| place.rules.is_none()));
    assert_eq!(guide.overlay.as_ref().unwrap().rules.len(), 4);
}

#[test]
fn an_overlay_is_told_in_words() {
    let guide = derived("use only BEG PO1 CTT # short\nBEG03 pattern #  # one digit\nPO1 max 5\n").unwrap();
    let overlay = guide.overlay.as_ref().unwrap();
    assert_eq!((overlay.whose().as_str(), overlay.title.as_str()), ("MegaMart's", "MegaMart's purchase order"));
    let rules: Vec<String> =
        overlay.rules.iter().map(|told| format!("{} {} {}", told.line, told.at, told.demand)).collect();
    assert_eq!(rules, ["2  use only BEG PO1 CTT", "3 BEG03 pattern #", "4 PO1 max 5"]);
    assert_eq!(possessive("MegaMart Stores"), "MegaMart Stores'");
}
