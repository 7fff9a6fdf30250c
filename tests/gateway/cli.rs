//! The command line as its user meets it: what is printed where, in which words, with which exit code.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::house::{House, Said, edigate, sample};
use serde_json::Value;

const RETAILER: &str = "folders/megamart/outbound";
const TO_RETAILER: &str = "folders/megamart/inbound";
const TO_ERP: &str = "folders/erp/inbox";

const CLEAN: &str = "samples/megamart/850_101.edi";
const PARTLY: &str = "samples/megamart/850_103.edi";

const COMMANDS: [&str; 17] = [
    "demo", "init", "check", "run", "status", "lint", "ack", "show", "render", "submit", "ledger", "trace", "explain",
    "guide", "replay", "release", "bench",
];

/// Runs the binary with bytes on its standard input.
fn piped(args: &[&str], input: &[u8]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"))
}

/// A house whose daemon took the clean order and sent what it leads to.
fn house_with_order() -> House {
    let house = House::running();
    house.drop_file(RETAILER, "850_101.edi", &sample("megamart/850_101.edi"));
    assert_eq!(house.settled("850_101.edi")["state"], "processed");
    house.wait_for("the order at the ERP", |house| house.names(TO_ERP).len() == 2);
    house.wait_for("the acknowledgment", |house| house.names(TO_RETAILER).len() == 1);
    // A file is visible a moment before its delivery is in the books.
    house.wait_for("the deliveries in the books", |house| {
        house.rows(&["ledger", "deliveries"]).len() == 3
            && house.rows(&["ledger", "deliveries", "--overdue"]).is_empty()
    });
    house
}

// --- Help ---

#[test]
fn the_help_of_every_command_has_an_example_and_says_the_exit_codes() {
    for command in COMMANDS {
        let said = edigate(&[command, "--help"]);
        assert_eq!(said.code, 0, "{command}");
        assert!(said.out.contains("Exit codes: 0 "), "{command}:\n{}", said.out);
        if command != "run" {
            assert!(said.out.contains(&format!("  edigate {command}")), "{command}:\n{}", said.out);
        }
        assert!(!said.out.contains('\x1b'), "{command} colours a pipe");
    }
}

#[test]
fn the_first_page_names_every_command() {
    let said = edigate(&["--help"]);
    for command in COMMANDS {
        assert!(said.out.contains(&format!("\n  {command} ")), "{command} is missing:\n{}", said.out);
    }
}

// --- lint ---

#[test]
fn lint_says_clean_with_exit_0() {
    let said = edigate(&["lint", CLEAN]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!(said.out, @"samples/megamart/850_101.edi: 1 interchange, 1 group, 1 set: clean");
}

#[test]
fn lint_says_every_fault_with_place_expectation_and_fix() {
    let said = edigate(&["lint", PARTLY]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    insta::assert_snapshot!(said.out, @r#"
    error X12-E071: BEG element 5 (purchase order date) is not a date
      at samples/megamart/850_103.edi, 850 0002, segment 2 (BEG), element 5, byte 619
      expected a date as CCYYMMDD, found "20260230"
      hint: the sender must write eight digits, such as 20260302, or leave the element empty if it is optional

    error X12-E067: PO1 element 4 (unit price) is not a number
      at samples/megamart/850_103.edi, 850 0002, segment 16 (PO1), element 4, byte 918
      expected a decimal of 1 to 17 digits such as 5.50, found "3,61"
      hint: the sender must write plain digits with a point for decimals, such as 1234.5

    error X12-E061: PO1 element 9 (product id) is missing, which element 8 (product id qualifier) requires
      at samples/megamart/850_103.edi, 850 0002, segment 18 (PO1), element 9, byte 1022
      expected both or neither
      hint: the sender must fill it in, or leave out element 8 (product id qualifier)

    samples/megamart/850_103.edi: 1 interchange, 1 group, 2 sets: 3 errors
    "#);
}

#[test]
fn lint_as_json_is_one_object_per_file() {
    let said = edigate(&["lint", "--json", CLEAN, PARTLY]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    let rows: Vec<Value> = said.out.lines().map(json).collect();
    assert_eq!(
        rows[0],
        json(
            r#"{ "file": "samples/megamart/850_101.edi", "format": "x12", "interchanges": 1, "groups": 1, "sets": 1,
                 "sets_rejected": 0, "diagnostics": [] }"#
        )
    );
    assert_eq!((rows.len(), &rows[1]["sets_rejected"]), (2, &Value::from(1)));
    assert_eq!(
        rows[1]["diagnostics"][1],
        json(
            r#"{ "code": "X12-E067", "severity": "error", "message": "PO1 element 4 (unit price) is not a number",
                 "place": { "file": "samples/megamart/850_103.edi", "byte": 918, "spot": { "segment": {
                     "set": "850", "set_control_number": "0002", "position": 16, "tag": "PO1", "in_loop": "PO1",
                     "element": 4, "data_element": 212 } } },
                 "expected": "a decimal of 1 to 17 digits such as 5.50", "found": "3,61",
                 "cause": "A number formatted for people: a decimal comma, thousands separators, a unit or currency beside it.",
                 "fix": "the sender must write plain digits with a point for decimals, such as 1234.5",
                 "who": "sender", "ack": { "element": 6 }, "layer": "standard" }"#
        )
    );
}

#[test]
fn lint_reads_standard_input() {
    let said = piped(&["lint", "-"], &sample("megamart/850_101.edi"));
    assert_eq!((said.code, said.out.as_str()), (0, "-: 1 interchange, 1 group, 1 set: clean\n"));
}

#[test]
fn lint_checks_canonical_json_too() {
    let canonical = edigate(&["show", CLEAN, "--as", "canonical"]).out;
    let said = piped(&["lint", "-"], canonical.as_bytes());
    assert_eq!((said.code, said.out.as_str()), (0, "-: 1 canonical document: clean\n"));
    let broken = canonical.replace("\"kind\": \"order\"", "\"kind\": \"ordr\"");
    let said = piped(&["lint", "-"], broken.as_bytes());
    assert_eq!(said.code, 1);
    assert!(said.out.contains("did you mean \"order\"?"), "{}", said.out);
    assert!(said.out.ends_with("-: 0 canonical documents: 2 errors\n"), "{}", said.out);
}

#[test]
fn lint_says_what_keeps_a_correct_set_from_becoming_a_document() {
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let without_item = text.replace("*UP*061414100014*IN*550001*VN*WID-RED", "");
    let said = piped(&["lint", "-"], without_item.as_bytes());
    assert_eq!(said.code, 1);
    assert!(said.out.contains("line 001 has no item number"), "{}", said.out);
}

#[test]
fn lint_says_what_a_file_is_not() {
    let said = edigate(&["lint", "samples/erp/ship_SHP0000777.csv"]);
    assert_eq!(said.code, 1);
    insta::assert_snapshot!(said.out, @r#"
    error X12-E002: the file does not begin with an ISA segment
      at samples/erp/ship_SHP0000777.csv, byte 0
      expected ISA and an element separator, found "ShipmentNo,ShipDate,ETA,"
      hint: the sender must send the interchange alone, from ISA to IEA, with nothing before it

    samples/erp/ship_SHP0000777.csv: 0 interchanges, 0 groups, 0 sets: 1 error
    "#);
}

#[test]
fn a_file_that_is_not_there_is_exit_2_and_the_others_are_checked() {
    let said = edigate(&["lint", "nowhere.edi", CLEAN]);
    assert_eq!(said.code, 2);
    assert_eq!(said.out, "samples/megamart/850_101.edi: 1 interchange, 1 group, 1 set: clean\n");
    assert_eq!(said.err, "error: cannot open nowhere.edi: No such file or directory (os error 2)\n");
    let said = edigate(&["lint", "samples"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (2, "error: samples is a directory\nhint: name the files in it: samples/*\n")
    );
}

#[test]
fn every_read_command_speaks_json() {
    for command in ["init", "check", "lint", "ack", "show", "render", "submit", "trace", "explain", "replay", "release"]
    {
        let help = edigate(&[command, "--help"]).out;
        assert!(help.contains("--json"), "{command} has no --json:\n{help}");
    }
    let folder = tempfile::tempdir().unwrap();
    let said = edigate(&["init", folder.path().join("try").to_str().unwrap(), "--json"]);
    let written: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(written["files"].as_array().unwrap().len(), 7);
    let order = folder.path().join("order.json");
    std::fs::write(&order, edigate(&["show", CLEAN, "--as", "canonical"]).out).unwrap();
    let said = edigate(&["render", order.to_str().unwrap(), "--as", "850", "--json"]);
    let rendered: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert!(rendered["text"].as_str().unwrap().starts_with("ISA*"), "{rendered}");
    assert_eq!(rendered["diagnostics"], serde_json::json!([]));
}

// --- demo ---

#[test]
fn the_demo_does_the_main_job_and_its_last_line_says_what_to_run_next() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("kept");
    let said = edigate(&["demo", "--keep", home.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("The ledger holds exactly what the samples call for."), "{}", said.out);
    assert!(!said.out.contains('\u{1b}'), "plain in a pipe");
    let last = said.out.lines().last().unwrap();
    let config = home.join("gateway.toml");
    assert!(last.ends_with(&format!("trace 4500012345 --config {}", config.display())), "{last}");
    let told = edigate(&["trace", "4500012345", "--config", config.to_str().unwrap()]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("REJECTED by their 997"), "{}", told.out);
    let again = edigate(&["demo", "--keep", home.to_str().unwrap()]);
    assert_eq!(again.code, 2, "a home that is not empty is left alone: {}", again.out);
}

// --- ack ---

/// The lines of an acknowledgment without its envelope, which carries the time of writing.
fn answer(args: &[&str]) -> (i32, Vec<String>) {
    let said = edigate(args);
    let enveloping = |line: &&str| ["ISA", "GS*", "GE*", "IEA"].iter().any(|tag| line.starts_with(tag));
    (said.code, said.out.lines().filter(|line| !enveloping(line)).map(ToOwned::to_owned).collect())
}

#[test]
fn ack_accepts_a_clean_order() {
    let (code, lines) = answer(&["ack", CLEAN]);
    assert_eq!(code, 0);
    assert_eq!(lines, ["ST*997*0001~", "AK1*PO*101~", "AK2*850*0001~", "AK5*A~", "AK9*A*1*1*1~", "SE*6*0001~"]);
}

#[test]
fn ack_names_segment_and_element_of_what_it_rejects() {
    let (code, lines) = answer(&["ack", PARTLY]);
    assert_eq!(code, 1);
    assert_eq!(
        lines,
        [
            "ST*997*0001~",
            "AK1*PO*104~",
            "AK2*850*0001~",
            "AK5*A~",
            "AK2*850*0002~",
            "AK3*BEG*2**8~",
            "AK4*5*373*8*20260230~",
            "AK3*PO1*16*PO1*8~",
            "AK4*4*212*6*3,61~",
            "AK3*PO1*18*PO1*8~",
            "AK4*9*234*2~",
            "AK5*R*5~",
            "AK9*P*2*2*1~",
            "SE*14*0001~",
        ]
    );
}

#[test]
fn ack_swaps_the_identities_and_numbers_as_it_was_told() {
    let said = edigate(&["ack", CLEAN, "--control-number", "77"]);
    let isa = said.out.lines().next().unwrap();
    assert!(isa.contains("*ZZ*ACMESUPPLY     *ZZ*MEGAMART       *"), "{isa}");
    assert!(isa.ends_with("*U*00401*000000077*0*P*>~"), "{isa}");
    assert_eq!(piped(&["lint", "-"], said.out.as_bytes()).code, 0);
}

#[test]
fn ack_writes_a_ta1_for_the_interchange() {
    let (code, lines) = answer(&["ack", "--kind", "ta1", CLEAN]);
    assert_eq!((code, lines), (0, vec!["TA1*000000101*260303*0915*A*000~".to_owned()]));
}

#[test]
fn ack_as_json_says_the_verdicts() {
    let said = edigate(&["ack", "--json", PARTLY]);
    assert_eq!(said.code, 1);
    assert_eq!(
        json(&said.out)["groups"],
        json(
            r#"[{ "functional_id": "PO", "control_number": "104", "verdict": "partially_accepted", "sets": [
                  { "set": "850", "control_number": "0001", "verdict": "accepted" },
                  { "set": "850", "control_number": "0002", "verdict": "rejected" } ] }]"#
        )
    );
}

#[test]
fn an_acknowledgment_is_not_acknowledged() {
    let said = edigate(&["ack", "samples/megamart/997_201.edi"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_eq!(said.err, "interchange 000000201 holds nothing that a 997 answers\n");
}

// --- show ---

#[test]
fn show_draws_the_loops() {
    let said = edigate(&["show", CLEAN]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let from_n1 = said.out.lines().skip_while(|line| !line.starts_with("  N1")).take(9).collect::<Vec<_>>();
    assert_eq!(
        from_n1,
        [
            "  N1",
            "    N1*BY*MEGAMART INC*UL*0614141000005",
            "  N1",
            "    N1*ST*MEGAMART DC 6021*92*6021",
            "    N3*100 DISTRIBUTION WAY",
            "    N4*BENTONVILLE*AR*72712*US",
            "  PO1",
            "    PO1*001*24*EA*3.61*PE*UP*061414100014*IN*550001*VN*WID-RED",
            "    PID",
        ]
    );
}

#[test]
fn show_explains_segments_element_by_element() {
    let said = edigate(&["show", CLEAN, "--as", "segments"]);
    assert!(
        said.out.starts_with(
            "    1  ST  transaction set header
       ST01  850  transaction set id
       ST02  0001  set control number
    2  BEG  beginning of the purchase order
       BEG01  00  purpose: original
       BEG02  SA  purchase order type: stand-alone
       BEG03  4500012345  purchase order number
"
        ),
        "{}",
        said.out
    );
}

#[test]
fn show_as_json_is_one_object_per_set() {
    for view in ["tree", "segments"] {
        let said = edigate(&["show", PARTLY, "--as", view, "--json"]);
        assert_eq!(said.code, 1, "{view}");
        let sets: Vec<Value> = said.out.lines().map(json).collect();
        assert_eq!(sets.len(), 2, "{view}");
        assert_eq!(sets[0]["segments"][1]["tag"], "BEG", "{view}");
    }
}

#[test]
fn show_reads_the_canonical_document() {
    let said = edigate(&["show", CLEAN, "--as", "canonical"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let order = json(&said.out);
    assert_eq!((&order["kind"], &order["po_number"]), (&"order".into(), &"4500012345".into()));
    assert_eq!(order["lines"][0]["price"], json(r#"{ "amount": "3.61", "basis": "PE" }"#));
    let again = piped(&["show", "-", "--as", "canonical"], said.out.as_bytes());
    assert_eq!((again.code, again.out), (0, said.out), "canonical JSON is shown as it is");
}

#[test]
fn every_kind_has_a_schema() {
    for kind in ["order", "order_ack", "shipment", "invoice", "850", "855", "856", "810"] {
        let said = edigate(&["show", "--schema", kind]);
        assert_eq!(said.code, 0, "{kind}: {}", said.err);
        let schema = json(&said.out);
        assert!(schema["title"].is_string(), "{kind} has no title");
        assert!(!schema["properties"].as_object().unwrap().is_empty(), "{kind}");
    }
    assert_eq!(edigate(&["show", "--schema", "recipe"]).code, 2);
}

// --- render ---

#[test]
fn what_is_shown_as_canonical_renders_to_a_clean_interchange() {
    for (file, orders) in [(CLEAN, 1), ("samples/megamart/850_102.edi", 3)] {
        let canonical = edigate(&["show", file, "--as", "canonical"]).out;
        let rendered = piped(&["render", "-", "--as", "850"], canonical.as_bytes());
        assert_eq!((rendered.code, rendered.err.as_str()), (0, ""), "{file}");
        let linted = piped(&["lint", "--json", "-"], rendered.out.as_bytes());
        assert_eq!((linted.code, &json(&linted.out)["sets"]), (0, &orders.into()), "{file}: {}", linted.out);
        let again = piped(&["show", "-", "--as", "canonical"], rendered.out.as_bytes());
        assert_eq!(again.out, canonical, "{file}");
    }
}

#[test]
fn render_uses_the_maps_of_a_partner() {
    let house = House::new();
    let order = house.path("order.json");
    fs::write(&order, edigate(&["show", CLEAN, "--as", "canonical"]).out).unwrap();
    let order = order.to_str().unwrap();
    let said = house.ask(&["render", order, "--partner", "erp", "--as", "csv"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines[0].starts_with("PO,OrderDate,Customer,Currency,"), "{}", lines[0]);
    assert!(lines[1].starts_with("4500012345,03/02/2026,,USD,0042,"), "{}", lines[1]);
    assert_eq!(lines.len(), 3);
    let said = house.ask(&["render", order, "--partner", "megamart", "--as", "850"]);
    assert!(said.out.contains("*ZZ*ACMESUPPLY     *ZZ*MEGAMART       *"), "{}", said.out);
    let said = house.ask(&["render", order, "--partner", "erp", "--as", "xml"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert_eq!(
        said.err,
        "error: there is no xml map that writes order\nhint: name a --partner whose partner.toml sends it by such a map\n"
    );
    let said = house.ask(&["render", order, "--partner", "nobody", "--as", "csv"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (2, "error: there is no partner \"nobody\"\nhint: the partners are erp, megamart\n")
    );
    assert_eq!(house.ask(&["render", order, "--as", "855"]).code, 2);
}

// --- explain ---

#[test]
fn every_code_is_explained() {
    let said = edigate(&["explain", "--json"]);
    let codes = json(&said.out);
    let codes: Vec<&str> = codes.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(codes.len() > 100, "{} codes", codes.len());
    let listed = edigate(&["explain"]).out;
    for code in codes {
        let said = edigate(&["explain", code]);
        assert_eq!(said.code, 0, "{code}: {}", said.err);
        for part in [code, "usual cause", "what to do", "who"] {
            assert!(said.out.contains(part), "{code} lacks {part}:\n{}", said.out);
        }
        assert!(listed.contains(code), "{code}");
    }
}

#[test]
fn a_code_is_explained_in_full() {
    let said = edigate(&["explain", "x12-e017"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    insta::assert_snapshot!(said.out, @r"
    X12-E017: a segment stands outside any transaction set

    Between the envelope segments only other envelope segments may stand. This segment belongs to no
    set, so that its data cannot be booked. Segments that follow it in the same place are not named one
    by one.

    usual cause  A missing ST, or an SE that came too early.
    what to do   the sender must put every data segment between its ST and SE
    who          the sender of the document

    example      GS*...~BEG*00*SA*4500012345~
    corrected    GS*...~ST*850*0001~BEG*00*SA*4500012345~
    ");
}

#[test]
fn an_unknown_code_is_exit_2() {
    let said = edigate(&["explain", "X12-E999"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.starts_with("error: \"X12-E999\" is neither a code nor an event\nhint: "), "{}", said.err);
}

// --- check and init ---

#[test]
fn check_finds_a_good_configuration_good() {
    let house = House::new();
    let said = house.ask(&["check"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let expected =
        format!("{}: all is well, 2 partners: erp (ERP), megamart (MegaMart Stores)\n", house.config().display());
    assert_eq!(said.out, expected);
    assert_eq!(json(&house.ask(&["check", "--json"]).out)["ok"], true);
}

#[test]
fn check_names_the_nearest_key() {
    let house = House::new();
    let file = house.path("partners/megamart/partner.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("separators ", "seperators ")).unwrap();
    let said = house.ask(&["check"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("unknown key \"seperators\" in [x12]"), "{}", said.out);
    assert!(said.out.contains("partners/megamart/partner.toml, line 11, column 1"), "{}", said.out);
    assert!(said.out.contains("hint: did you mean \"separators\"?"), "{}", said.out);
    assert!(said.out.ends_with("gateway.toml: 1 error\n"), "{}", said.out);
    // A command that needs the configuration says the same and does not run.
    let said = house.ask(&["ledger", "acks"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("did you mean \"separators\"?"), "{}", said.err);
}

#[test]
fn check_says_which_folder_is_missing() {
    let house = House::new();
    fs::remove_dir(house.path(RETAILER)).unwrap();
    let said = house.ask(&["check"]);
    assert_eq!(said.code, 1);
    let folder = house.path(RETAILER).display().to_string();
    assert!(said.out.contains(&format!("error: the folder {folder} does not exist\n  hint: ")), "{}", said.out);
    assert_eq!(json(&house.ask(&["check", "--json"]).out)["missing_folders"], Value::from(vec![folder]));
}

#[test]
fn a_configuration_that_is_not_there_is_exit_2_with_a_way_out() {
    let said = edigate(&["check", "--config", "/nowhere/gateway.toml"]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.err,
        "error: /nowhere/gateway.toml does not exist\nhint: name it with --config FILE, or make one with `edigate init DIR`\n"
    );
}

#[test]
fn what_init_writes_passes_check_and_a_second_init_refuses() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("new").display().to_string();
    let said = edigate(&["init", &dir]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains(&format!("edigate run --config {dir}/gateway.toml")), "{}", said.out);
    assert_eq!(edigate(&["check", "--config", &format!("{dir}/gateway.toml")]).code, 0);
    let again = edigate(&["init", &dir]);
    assert_eq!((again.code, again.out.as_str()), (2, ""));
    assert!(again.err.contains("exists, and init overwrites nothing"), "{}", again.err);
}

// --- The books ---

#[test]
fn without_a_ledger_the_books_say_how_to_get_one_and_make_none() {
    let house = House::with_a_file();
    let ledger = house.path("ledger.db");
    let asked: [&[&str]; 7] = [
        &["ledger", "acks"],
        &["ledger", "verify"],
        &["trace", "4500012345"],
        &["explain", "megamart/1"],
        &["replay", "x"],
        &["release", "x"],
        &["show", "--transmission", "x"],
    ];
    for args in asked {
        let said = house.ask(args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
        let expected = format!(
            "error: there is no ledger yet at {}\nhint: start the daemon once: edigate run --config {}\n",
            ledger.display(),
            house.config().display()
        );
        assert_eq!(said.err, expected, "{args:?}");
        assert!(!ledger.exists(), "{args:?} made a ledger");
    }
}

#[test]
fn a_ledger_that_is_none_is_exit_2() {
    let house = House::with_a_file();
    fs::write(house.path("ledger.db"), "not a database, whatever its name says").unwrap();
    for args in [["ledger", "acks"], ["replay", "x"]] {
        let said = house.ask(&args);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
        assert!(said.err.starts_with("error: cannot open the ledger "), "{args:?}: {}", said.err);
        assert!(said.err.contains("\nhint: "), "{args:?}: {}", said.err);
    }
}

#[test]
fn the_views_are_tables_json_lines_and_csv() {
    let house = house_with_order();
    let table = house.ask(&["ledger", "documents"]);
    assert_eq!((table.code, table.err.as_str()), (0, ""));
    let lines: Vec<&str> = table.out.lines().collect();
    assert!(lines[0].starts_with("at                    partner   kind   number"), "{}", lines[0]);
    assert!(lines[1].contains("megamart  order  4500012345"), "{}", lines[1]);
    let rows = house.rows(&["ledger", "documents"]);
    assert_eq!((rows.len(), &rows[0]["number"], &rows[0]["file"]), (1, &"4500012345".into(), &"850_101.edi".into()));
    let csv = house.ask(&["ledger", "documents", "--csv"]).out;
    assert!(csv.starts_with("at,partner,kind,number,revision,source,file,id\n"), "{csv}");
    assert!(csv.lines().nth(1).unwrap().contains(",megamart,order,4500012345,1,megamart,850_101.edi,"), "{csv}");
    for view in ["acks", "deliveries", "expectations", "findings", "events", "transmissions"] {
        let said = house.ask(&["ledger", view, "--json"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{view}");
        assert!(said.out.lines().all(|line| json(line).is_object()), "{view}");
        let csv = house.ask(&["ledger", view, "--csv"]).out;
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        assert!(!reader.headers().unwrap().is_empty(), "{view}");
        assert_eq!(reader.records().filter(Result::is_ok).count(), said.out.lines().count(), "{view}:\n{csv}");
    }
    let nobody = house.ask(&["ledger", "documents", "--partner", "nobody"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (0, ""));
    assert_eq!(nobody.err, "note: the configuration has no partner \"nobody\"\nthere is no document to show\n");
    let verified = json(&house.ask(&["ledger", "verify", "--json"]).out);
    assert_eq!(verified["faults"], json("[]"));
}

#[test]
fn an_answer_that_we_owe_is_sent_or_due_never_accepted() {
    let house = house_with_order();
    let said = house.ask(&["ledger", "acks"]);
    let row = said.out.lines().nth(1).unwrap();
    assert!(row.starts_with("megamart  997 for 000000101  501"), "{row}");
    assert!(row.contains("  by us  ") && row.ends_with("  sent in time"), "{row}");
}

#[test]
fn the_archive_gives_back_the_very_bytes() {
    let house = House::running();
    let bytes = [sample("megamart/850_101.edi").as_slice(), b"\r\n\xff\x00 after the end"].concat();
    house.drop_file(RETAILER, "odd.edi", &bytes);
    let id = house.settled("odd.edi")["id"].as_str().unwrap().to_owned();
    let show = |view: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
        command.args(["show", "--transmission", &id]).args(view).arg("--config").arg(house.config());
        command.output().unwrap()
    };
    assert_eq!(show(&[]).stdout, bytes);
    assert_eq!(show(&["--as", "raw"]).stdout, bytes);
    let canonical = show(&["--as", "canonical"]).stdout;
    assert_eq!(json(std::str::from_utf8(&canonical).unwrap())["po_number"], "4500012345");
    assert!(String::from_utf8(show(&["--as", "tree"]).stdout).unwrap().starts_with("850\n  ST*850*0001\n"));
    let unknown = house.ask(&["show", "--transmission", "nope"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
}

#[test]
fn an_event_is_pasted_into_explain_and_tells_every_fault() {
    let house = House::running();
    house.drop_file(RETAILER, "850_103.edi", &sample("megamart/850_103.edi"));
    house.settled("850_103.edi");
    let events = house.rows(&["ledger", "events"]);
    let event = events.iter().find(|event| event["kind"] == "quarantined").unwrap();
    let name = event["event"].as_str().unwrap();
    assert!(house.ask(&["ledger", "events"]).out.lines().any(|line| line.starts_with(&format!("{name} "))));
    let said = house.ask(&["explain", name]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    for words in [
        "850 0002, segment 2 (BEG), element 5, byte 619",
        "expected a date as CCYYMMDD, found \"20260230\"",
        "850 0002, segment 16 (PO1), element 4, byte 918",
        "hint: the sender must write plain digits",
        "X12-E071: element is not a date",
        "usual cause",
    ] {
        assert!(said.out.contains(words), "{words} is missing:\n{}", said.out);
    }
    assert_eq!(json(&house.ask(&["explain", name, "--json"]).out)["event"]["data"]["code"], "X12-E071");
    assert_eq!(house.ask(&["explain", "megamart/9999"]).code, 2);
}

#[test]
fn what_is_submitted_can_be_traced() {
    let house = house_with_order();
    let said = house.ask(&["submit", "samples/erp/ship_SHP0000777.csv", "--partner", "erp"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(house.settled("ship_SHP0000777.csv")["state"], "processed");
    house.wait_for("the ship notice", |house| house.names(TO_RETAILER).len() == 2);
    for key in ["4500012345", "SHP0000777", "ship_SHP0000777.csv"] {
        let said = house.ask(&["trace", key]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{key}");
        let headline = "MegaMart Stores PO 4500012345 · 2 lines · 152.64 USD · shipped 30 of 36\n";
        assert!(said.out.starts_with(headline), "{key}:\n{}", said.out);
        assert!(said.out.contains("accepted shipment SHP0000777: 2 cartons, 30 units"), "{key}:\n{}", said.out);
    }
    let story = json(&house.ask(&["trace", "4500012345", "--json"]).out);
    assert_eq!((&story["key"], &story["orders"][0]["partner"]), (&"4500012345".into(), &"megamart".into()));
    assert!(story["events"].as_array().unwrap().len() >= 5, "{story:#}");
}

#[test]
fn a_key_that_nobody_knows_is_exit_1() {
    let house = house_with_order();
    let said = house.ask(&["trace", "0815"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.starts_with("nothing is known of \"0815\"\nhint: "), "{}", said.err);
    let said = house.ask(&["trace", "0815", "--json"]);
    assert_eq!(
        (said.code, json(&said.out)),
        (1, json(r#"{ "key": "0815", "orders": [], "ladders": [], "clocks": [], "events": [] }"#))
    );
}

#[test]
fn submit_refuses_what_nobody_would_pick_up() {
    let house = House::new();
    let said = house.ask(&["submit", "samples/erp/ship_SHP0000777.csv", "--partner", "ERPP"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.ends_with("hint: the partners are erp, megamart\n"), "{}", said.err);
    let said = house.ask(&["submit", "samples/erp/ship_SHP0000777.csv", "--partner", "megamart"]);
    assert!(said.err.contains("no folder of megamart picks up a file named ship_SHP0000777.csv"), "{}", said.err);
    let said = house.ask(&["submit", "-", "--partner", "erp"]);
    assert!(said.err.contains("give it one with --name"), "{}", said.err);
}

// --- replay and release ---

#[test]
fn a_quarantined_file_is_processed_after_its_cause_was_mended() {
    let house = House::running();
    let partner_toml = house.path("partners/megamart/partner.toml");
    let text = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    house.drop_file(RETAILER, "renamed.edi", text.replace("*ZZ*MEGAMART ", "*ZZ*MEGASTORE").as_bytes());
    let row = house.settled("renamed.edi");
    assert_eq!((&row["state"], &row["diagnostics"][0]["code"]), (&"quarantined".into(), &"CAP-E012".into()));
    assert_eq!(house.ask(&["ledger", "transmissions"]).code, 1);

    let id = row["id"].as_str().unwrap();
    let known = fs::read_to_string(&partner_toml).unwrap();
    fs::write(&partner_toml, known.replace("ZZ:MEGAMART", "ZZ:MEGASTORE")).unwrap();
    house.signal("-HUP");
    house.wait_for("the reload", |house| house.log().contains("configuration reloaded"));
    let said = house.ask(&["replay", id, "--reason", "they changed their name"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(said.out, "renamed.edi is put back; the daemon takes it up at its next look\n");
    house.wait_for("the order to be processed", |house| house.settled("renamed.edi")["state"] == "processed");
    assert_eq!(house.rows(&["ledger", "documents"])[0]["number"], "4500012345");

    let events = house.rows(&["ledger", "events"]);
    let replayed = events.iter().find(|event| event["kind"] == "replayed").unwrap();
    assert_eq!(replayed["data"]["reason"], "they changed their name");
    let told = house.ask(&["explain", replayed["event"].as_str().unwrap()]).out;
    assert!(told.contains("reason       they changed their name\n"), "{told}");
}

#[test]
fn a_replay_of_what_was_done_does_nothing_twice_and_a_duplicate_is_refused() {
    let house = house_with_order();
    let first = house.settled("850_101.edi");
    let first = first["id"].as_str().unwrap();
    assert_eq!(house.ask(&["replay", first]).code, 0);
    house.drop_file(RETAILER, "again.edi", &sample("megamart/850_101.edi"));
    let again = house.settled("again.edi");
    assert_eq!(again["state"], "duplicate");
    let said = house.ask(&["replay", again["id"].as_str().unwrap()]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    let expected = format!(
        "error: again.edi is a duplicate: its bytes came in before\nhint: put back the first one: edigate replay {first}\n"
    );
    assert_eq!(said.err, expected);
    house.settled("850_101.edi");
    assert_eq!(house.rows(&["ledger", "documents"]).len(), 1);
    assert_eq!((house.names(TO_ERP).len(), house.names(TO_RETAILER).len()), (2, 1));
}

#[test]
fn a_delivery_that_waits_is_released_and_one_that_is_sent_is_not() {
    let house = House::running();
    fs::rename(house.path(TO_RETAILER), house.path("unmounted")).unwrap();
    house.drop_file(RETAILER, "850_101.edi", &sample("megamart/850_101.edi"));
    house.wait_for("a first attempt", |house| {
        house.rows(&["ledger", "deliveries", "--overdue"]).iter().any(|row| row["state"] == "retrying")
    });
    let waiting = house.rows(&["ledger", "deliveries", "--overdue"]);
    let id = waiting.iter().find(|row| row["partner"] == "megamart").unwrap()["id"].as_str().unwrap().to_owned();
    fs::rename(house.path("unmounted"), house.path(TO_RETAILER)).unwrap();
    let said = house.ask(&["release", &id, "--json"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(json(&said.out)["id"], id.as_str());
    house.wait_for("the acknowledgment", |house| house.names(TO_RETAILER).len() == 1);
    house.wait_for("its row", |house| house.rows(&["ledger", "deliveries", "--overdue"]).is_empty());
    let again = house.ask(&["release", &id]);
    assert_eq!(again.code, 2);
    assert!(again.err.starts_with(&format!("error: there is no unsent delivery {id}\nhint: ")), "{}", again.err);
}

// --- Pipes ---

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let commands: [&[&str]; 6] = [
        &["explain"],
        &["explain", "--json"],
        &["lint", PARTLY],
        &["show", PARTLY, "--as", "segments"],
        &["show", "--schema", "order"],
        &["ack", PARTLY],
    ];
    for args in commands {
        let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
        let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        let code = child.wait().unwrap().code();
        assert!(matches!(code, Some(0 | 1)), "{args:?} ended with {code:?}");
    }
}

#[test]
fn a_full_disk_behind_the_output_is_a_failure() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_edigate"));
    let output = command.arg("explain").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: cannot write to standard output: "));
}

#[test]
fn explain_tells_the_history_of_a_failure_its_documents_and_what_settles_it() {
    let house = House::running();
    let bad = String::from_utf8(sample("megamart/850_103.edi")).unwrap();
    for number in ["103", "104"] {
        let file = bad.replace("000000103", &format!("000000{number}")).replace("45000125", &format!("45000{number}"));
        house.drop_file(RETAILER, &format!("850_{number}.edi"), file.as_bytes());
        house.settled(&format!("850_{number}.edi"));
    }
    let id = house.settled("850_104.edi")["id"].as_str().unwrap().to_owned();
    let said = house.ask(&["explain", &id]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    for words in [
        "\nhistory      2nd time since ",
        ", always at BEG05",
        &format!("\ncommands     edigate replay {id} --because WHY"),
    ] {
        assert!(said.out.contains(words), "{words} is missing:\n{}", said.out);
    }
    assert!(said.out.contains("\ndocuments    order "), "what could be read of the file is named:\n{}", said.out);
    let explained = json(&house.ask(&["explain", &id, "--json"]).out);
    assert_eq!((&explained["history"]["nth"], &explained["failure"]["place"]), (&json("2"), &json(r#""BEG05""#)));
    assert_eq!(explained["meaning"]["who"], "sender");

    assert_eq!(house.ask(&["replay", &id, "--by", "anna", "--because", "mended by phone"]).code, 0);
    house.wait_for("the third failure", |house| house.ask(&["explain", &id]).out.contains("3rd time since"));
    let said = house.ask(&["explain", &id]).out;
    assert!(said.contains("; last settled by a replay by anna on "), "{said}");
    assert!(said.replace("\n             ", " ").contains("(mended by phone)"), "{said}");
    assert_eq!(house.ask(&["explain", "no-such-thing"]).code, 2);
}

#[test]
fn what_only_looks_like_a_repetition_is_accepted_by_a_person_and_anything_else_is_refused() {
    let house = house_with_order();
    let first = String::from_utf8(sample("megamart/850_101.edi")).unwrap();
    let again = first.replace("*5.5*PE*", "*5.6*PE*");
    assert_ne!(first, again);
    house.drop_file(RETAILER, "again.edi", again.as_bytes());
    let row = house.settled("again.edi");
    assert_eq!(row["state"], "quarantined");
    let id = row["id"].as_str().unwrap();
    assert_eq!(house.ask(&["accept", id]).code, 2, "a reason must be given");
    let said = house.ask(&["accept", id, "--by", "anna", "--because", "they confirmed it"]);
    assert_eq!(said.out, "again.edi is accepted; the daemon takes it as it is at its next look\n", "{}", said.err);
    house.wait_for("it to be processed", |house| house.settled("again.edi")["state"] == "processed");
    let revisions: Vec<u64> =
        house.rows(&["ledger", "documents"]).iter().map(|row| row["revision"].as_u64().unwrap()).collect();
    assert_eq!(revisions, [1, 2], "the order has a second revision");
    let events = house.rows(&["ledger", "events"]);
    let event = events.iter().find(|event| event["data"]["remedy"] == "accept").unwrap();
    assert_eq!((&event["data"]["by"], &event["data"]["reason"]), (&json(r#""anna""#), &json(r#""they confirmed it""#)));

    house.drop_file(RETAILER, "850_103.edi", &sample("megamart/850_103.edi"));
    let row = house.settled("850_103.edi");
    let said = house.ask(&["accept", row["id"].as_str().unwrap(), "--because", "why not"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("cannot be taken as it is") && said.err.contains("hint:"), "{}", said.err);
}
