//! `edigate guide` as its user meets it: what the standard says of a set, and what a later version changed.

use crate::house::edigate;
use serde_json::{Value, json};

/// What a command prints, when all is well.
fn printed(args: &[&str]) -> String {
    let said = edigate(args);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{args:?}");
    said.out
}

fn parsed(args: &[&str]) -> Value {
    serde_json::from_str(&printed(args)).unwrap()
}

/// Why a command could not run.
fn refused(args: &[&str]) -> String {
    let said = edigate(args);
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
    said.err
}

#[test]
fn the_list_names_every_set_with_its_versions() {
    let text = printed(&["guide", "list"]);
    assert!(text.starts_with("set  name                                  group  versions\n"), "{text}");
    assert!(text.contains("850  purchase order                        PO     004010, 005010\n"), "{text}");
    assert!(text.ends_with("999  implementation acknowledgment         FA     005010\n"), "{text}");
    let all = parsed(&["guide", "list", "--json"]);
    assert_eq!(all.as_array().unwrap().len(), 21);
    assert_eq!(
        all[0],
        json!({ "set": "180", "name": "return authorization", "group": "AN", "versions": ["004010", "005010"] })
    );
}

#[test]
fn a_set_is_shown_as_its_segments_in_order_with_loops_indented() {
    assert_eq!(
        printed(&["guide", "show", "997"]),
        "\
997 functional acknowledgment, at 004010, in a group FA

segment     use  max  what it is
ST          M    1    transaction set header
AK1         M    1    group being acknowledged
AK2 loop    O    >1   set being acknowledged
  AK2       M    1    set being acknowledged
  AK3 loop  O    >1   segment fault
    AK3     M    1    segment fault
    AK4     O    99   element fault
  AK5       M    1    verdict on the set
AK9         M    1    verdict on the group
SE          M    1    transaction set trailer
"
    );
    let set = parsed(&["guide", "show", "943@005010UCS", "--json"]);
    assert_eq!((&set["set"], &set["version"], &set["group"]), (&json!("943"), &json!("005010"), &json!("AR")));
    let items = set["places"].as_array().unwrap().iter().find(|place| place["segment"] == "W04").unwrap();
    assert_eq!((&items["mandatory"], &items["max"]), (&json!(true), &json!(9999)));
    assert_eq!(items["loop"][1]["segment"], "G69");
}

#[test]
fn a_segment_is_shown_with_its_elements_conditions_and_codes_in_words() {
    let expected = "\
IK5 verdict on the set, at 005010
in the 999: AK2/IK5
";
    assert!(printed(&["guide", "show", "999", "IK5"]).starts_with(expected));
    // What may be repeated says how often, as the files of the guides do.
    let context = printed(&["guide", "show", "999", "CTX"]);
    assert!(context.contains("\nCTX01       M x10  comp          C998    context\n"), "{context}");
    assert_eq!(parsed(&["guide", "show", "999", "CTX", "--json"])["elements"][0]["repeats"], 10);
    assert_eq!(
        printed(&["guide", "show", "861", "--segment", "prf", "--version", "004010"]),
        "\
PRF purchase order reference, at 004010
in the 861: PRF, RCD/PRF

element  use  type  length  number  what it is
PRF01    M    AN    1-22    324     purchase order number
PRF02    O    AN    1-30    328     release number
PRF03    O    AN    1-8     327     change sequence number
PRF04    O    DT    8       373     purchase order date
PRF05    O    AN    1-20    350     assigned line id
PRF06    O    AN    1-30    367     contract number
PRF07    O    ID    2       92      purchase order type

codes of 92, purchase order type: those that we have a text for; others are allowed
  BK  blanket, firm quantity
  CN  consigned
  DR  direct ship
  DS  drop ship
  EO  emergency
  KN  purchase order
  NE  new
  OS  special order
  RE  reorder
  RL  release of a blanket
  RO  rush
  SA  stand-alone
  SP  sample
  SS  supply/service
"
    );
    assert_eq!(
        printed(&["guide", "show", "820", "RDM"]),
        "\
RDM remittance delivery method, at 004010
in the 820: N1/RDM

element     use  type  length  number  what it is
RDM01       M    ID    1-2     756     transmission
RDM02       O    AN    1-60    93      name
RDM03       O    AN    1-80    364     contact address
RDM04       O    comp          C040    reference
  RDM04-01  M    ID    2-3     128     reference qualifier
  RDM04-02  M    AN    1-30    127     reference
  RDM04-03  O    ID    2-3     128     reference qualifier
  RDM04-04  O    AN    1-30    127     reference
  RDM04-05  O    ID    2-3     128     reference qualifier
  RDM04-06  O    AN    1-30    127     reference
RDM05       O    comp          C040    reference
  RDM05-01  M    ID    2-3     128     reference qualifier
  RDM05-02  M    AN    1-30    127     reference
  RDM05-03  O    ID    2-3     128     reference qualifier
  RDM05-04  O    AN    1-30    127     reference
  RDM05-05  O    ID    2-3     128     reference qualifier
  RDM05-06  O    AN    1-30    127     reference

conditions
  all or none of RDM04-03, RDM04-04
  all or none of RDM04-05, RDM04-06
  all or none of RDM05-03, RDM05-04
  all or none of RDM05-05, RDM05-06
"
        .to_owned()
            + &codes_of_references()
    );
}

/// What is printed of the list of reference qualifiers, which is long.
fn codes_of_references() -> String {
    let text = printed(&["guide", "show", "850", "REF"]);
    text[text.find("\ncodes of 128, reference qualifier").unwrap()..].to_owned()
}

#[test]
fn each_kind_of_condition_has_words() {
    let words = |set: &str, tag: &str| parsed(&["guide", "show", set, tag, "--json"])["conditions"].clone();
    assert_eq!(
        words("860", "POC").as_array().unwrap()[..2],
        [
            json!("when POC03 is there, POC04 and POC05 must be there"),
            json!("when POC07 is there, POC06 must be there"),
        ]
    );
    assert_eq!(words("180", "RDR"), json!(["at most one of RDR02, RDR03"]));
    assert_eq!(words("945", "W27"), json!(["at least one of W2702, W2703"]));
    assert_eq!(words("850", "PO3"), json!(["when PO304 is there, PO303 or PO305 must be there"]));
    assert_eq!(words("864", "PER")[0], json!("all or none of PER03, PER04"));
}

#[test]
fn a_segment_as_json_has_its_codes_and_components() {
    let segment = parsed(&["guide", "show", "997@005010", "AK4", "--json"]);
    assert_eq!(segment["stands_at"], json!(["AK2/AK3/AK4"]));
    let elements = &segment["elements"];
    assert_eq!(elements[0]["composite"], "C030");
    assert_eq!(
        elements[0]["components"][2],
        json!({
            "element": "AK401-03", "name": "repetition position", "mandatory": false, "type": "N0", "data_element": 1686,
            "min": 1, "max": 4,
        })
    );
    assert_eq!(elements[2]["whole_list"], true);
    assert_eq!(elements[2]["codes"]["12"], "too many repetitions");
}

#[test]
fn what_is_not_described_or_not_used_is_said_to_be_so() {
    assert_eq!(
        printed(&["guide", "show", "856", "V1"]),
        "V1 vessel, at 004010\nin the 856: HL/V1\n\nits elements are not described here\n"
    );
    assert!(
        printed(&["guide", "show", "850", "TA1"])
            .starts_with("TA1 interchange acknowledgment, at 004010\nthe 850 does not use it\n")
    );
}

#[test]
fn a_comparison_says_in_words_what_a_later_version_changed() {
    assert_eq!(
        printed(&["guide", "diff", "997@004010", "997@005010"]),
        "\
997 functional acknowledgment at 004010, then 997 functional acknowledgment at 005010

elements
  AK103                   new: O AN 1-12, version
  AK203                   new: O AN 1-35, implementation convention
  AK302 segment position  length 1-6, then 1-10
  AK303 loop id           length 1-6, then 1-4
  ST03                    new: O AN 1-35, implementation convention
  C030-03                 new: O N0 1-4, repetition position

codes
  718 transaction set fault  gone: 20 security trailer without header
  718 transaction set fault  gone: 21 security trailer missing
  718 transaction set fault  gone: 22 security trailer without header
  718 transaction set fault  new: 18 set not in this group
  718 transaction set fault  19 security trailer missing, then wrong reference to an implementation convention
  723 element fault          new: 12 too many repetitions
  723 element fault          new: 13 too many components
"
    );
    assert_eq!(
        printed(&["guide", "diff", "846", "846@004010"]),
        "846 inventory advice at 004010, then 846 inventory advice at 004010\n\nnothing differs\n"
    );
}

#[test]
fn a_comparison_names_places_that_came_went_moved_or_became_loops() {
    let differences = parsed(&["guide", "diff", "850@004010", "850@005010", "--json"]);
    let places: Vec<String> = differences["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{}: {}", one["at"].as_str().unwrap(), one["what"].as_str().unwrap()))
        .collect();
    assert_eq!(
        places[..9],
        [
            "TD5: max 12, then >1",
            "LDT: stands elsewhere, then behind TXI",
            "LDT: max 12, then >1",
            "LDT: a segment, then a loop",
            "LDT/QTY: new: O >1, quantity",
            "LDT/MTX: new: O >1, text",
            "LDT/REF: new: O >1, reference",
            "N9/MSG: gone: message text",
            "N9/MTX: new: O >1, text, behind DTM",
        ]
    );
    let back = printed(&["guide", "diff", "850@005010", "850@004010"]);
    assert!(back.contains("LDT             a loop, then a segment\n"), "{back}");
    assert!(back.contains("INC04 quantity          use O, then M\n"), "{back}");
    assert!(back.contains("MEA                     no longer: all or none of MEA11, MEA12\n"), "{back}");
}

#[test]
fn what_is_not_there_is_refused_with_what_there_is() {
    assert_eq!(
        refused(&["guide", "show", "837"]),
        "error: there is no guide for \"837\"\nhint: `edigate guide list` shows which there are\n"
    );
    assert_eq!(
        refused(&["guide", "diff", "850@003060", "850@004010"]),
        "error: there is no guide for 850 at 003060\nhint: there is one at 004010, 005010\n"
    );
    assert_eq!(
        refused(&["guide", "show", "850", "QQ"]),
        "error: there is no segment QQ in the guides of 004010\nhint: `edigate guide show 850@004010` lists those of the set\n"
    );
    assert_eq!(
        refused(&["guide", "show", "850@004010", "--version", "005010"]),
        "error: \"850@004010\" names another version than --version\n"
    );
}
