//! HL levels: their numbers, their parents, and the structure that BSN05 tells.

use super::*;

fn check_levels(levels: &str, expect: &[&str]) {
    check_set("856", &format!("BSN*00*SHP1*20260306*1410~{levels}"), expect);
}

#[test]
fn levels_count_from_one() {
    check_levels(
        "HL*1**S~HL*3*1*O~HL*4*3*I~",
        &["X12-W020 HL@4/HL 1 #628 | HL element 1 (level number) is not the next number"],
    );
}

#[test]
fn a_level_number_is_used_once() {
    check_levels(
        "HL*1**S~HL*1*1*O~",
        &["X12-E080 HL@4/HL 1 #628 AK4:7 | HL element 1 (level number) is used by an earlier HL"],
    );
}

#[test]
fn a_parent_stands_before_its_children() {
    let problem = "names no level that stands before this one";
    for parent in ["3", "2", "9"] {
        let text = format!("HL*1**S~HL*2*{parent}*O~HL*3*1*O~");
        check_levels(
            &text,
            &[&format!("X12-E081 HL@4/HL 2 #734 AK4:7 | HL element 2 (parent level number) {problem}")],
        );
    }
    check_levels(
        "HL*1*1*S~",
        &[
            "X12-E081 HL@3/HL 2 #734 AK4:7 | HL element 2 (parent level number) names a parent, though this is the first level",
        ],
    );
    check_levels(
        "HL*1**S~HL*2**O~",
        &["X12-W022 HL@4/HL 2 #734 | HL element 2 (parent level number) is empty, though this is not the first level"],
    );
}

#[test]
fn hl04_must_tell_the_truth() {
    check_levels("HL*1**S*1~HL*2*1*O*0~", &[]);
    check_levels(
        "HL*1**S*0~HL*2*1*O*1~",
        &[
            "X12-W021 HL@3/HL 4 #736 | HL element 4 (has children) says that no levels are below, but there are",
            "X12-W021 HL@4/HL 4 #736 | HL element 4 (has children) says that levels are below, but there are none",
        ],
    );
}

/// A ship notice that tells the structure of these levels, each as its code below the number of another.
fn check_structure(structure: &str, levels: &[(u8, &str)], expect: &[&str]) {
    let level = |(index, (parent, code)): (usize, &(u8, &str))| {
        let parent = if *parent == 0 { String::new() } else { parent.to_string() };
        format!("HL*{}*{parent}*{code}~", index + 1)
    };
    let levels: String = levels.iter().enumerate().map(level).collect();
    check_set("856", &format!("BSN*00*SHP1*20260306*1410*{structure}~{levels}"), expect);
}

#[test]
fn levels_stand_in_the_order_that_bsn05_tells() {
    check_structure("0001", &[(0, "S"), (1, "O"), (2, "P"), (3, "I")], &[]);
    check_structure("0002", &[(0, "S"), (1, "O"), (2, "I"), (3, "P")], &[]);
    check_structure("0003", &[(0, "S"), (1, "P"), (2, "O"), (3, "I")], &[]);
    check_structure("0004", &[(0, "S"), (1, "O"), (2, "I")], &[]);
}

#[test]
fn pallets_stand_between_the_order_and_what_is_on_them() {
    check_structure("0001", &[(0, "S"), (1, "O"), (2, "T"), (3, "P"), (4, "I")], &[]);
    check_structure("0002", &[(0, "S"), (1, "O"), (2, "T"), (3, "I"), (4, "P")], &[]);
    check_structure("0002", &[(0, "S"), (1, "O"), (2, "I"), (3, "T"), (4, "P")], &[]);
    check_structure("0004", &[(0, "S"), (1, "O"), (2, "T"), (3, "I")], &[]);
}

#[test]
fn a_level_elsewhere_is_a_warning_and_is_said_once() {
    check_structure(
        "0001",
        &[(0, "S"), (1, "O"), (2, "I"), (3, "P")],
        &[
            "X12-W027 HL@5/HL 3 #735 | HL element 3 (kind of level) stands below level O, and structure 0001 has it elsewhere",
            "X12-W027 HL@6/HL 3 #735 | HL element 3 (kind of level) stands below level I, and structure 0001 has it elsewhere",
        ],
    );
    check_structure(
        "0002",
        &[(0, "S"), (1, "O"), (2, "P")],
        &[
            "X12-W027 HL@5/HL 3 #735 | HL element 3 (kind of level) stands below level O, and structure 0002 has it elsewhere",
        ],
    );
    check_structure(
        "0004",
        &[(0, "O")],
        &[
            "X12-W027 HL@3/HL 3 #735 | HL element 3 (kind of level) stands below no other level, and structure 0004 has it elsewhere",
        ],
    );
}

#[test]
fn where_no_structure_is_told_none_is_checked() {
    let levels = [(0, "S"), (1, "I"), (2, "O")];
    check_structure("ZZZZ", &levels, &[]);
    check_levels("HL*1**S~HL*2*1*I~HL*3*2*O~", &[]);
    check_structure("0001", &[(0, "S"), (1, "E"), (2, "I")], &[]);
}

#[test]
fn an_orphan_is_told_what_became_of_its_parent() {
    let hint = |levels: &str| {
        let text = format!("ST*856*0001~BSN*00*SHP1*20260306*1410~{levels}SE*9*0001~");
        let set = set(&text);
        let checked = check(&set, guide::find("856", "004010").unwrap());
        let orphan = checked.diagnostics.iter().find(|fault| fault.code.code == "X12-E081").unwrap();
        orphan.hint.clone().unwrap()
    };
    assert_eq!(
        hint("HL*1**S~HL*2*9*O~"),
        "no HL of this set is numbered 9: the sender must send it, or name another one"
    );
    assert_eq!(hint("HL*1**S~HL*2*2*O~"), "a level cannot stand below itself: the sender must name another one");
    // A cycle of two: the first of them names the second.
    assert_eq!(
        hint("HL*1**S~HL*2*3*O~HL*3*2*P~"),
        "HL 3 stands later, at segment 5: the sender must put it before what is in it"
    );
}
