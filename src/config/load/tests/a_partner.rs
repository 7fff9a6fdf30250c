//! Faults of one partner.toml: who they are, how they speak X12, their endpoints.

use super::*;

#[test]
fn a_role_is_one_of_five() {
    assert_snapshot!(megamart(r#""retailer""#, r#""retialer""#), @r#"
    error CFG-E005: "retialer" is no role
      at partners/megamart/partner.toml, line 2, column 10
      expected one of retailer, erp, wms, 3pl, storefront
      hint: did you mean "retailer"?
    "#);
}

#[test]
fn a_status_is_one_of_two() {
    assert_snapshot!(megamart(r#""production""#, r#""live""#), @r#"
    error CFG-E005: "live" is no status
      at partners/megamart/partner.toml, line 3, column 10
      expected one of production, test
      hint: write one of the words that the message lists
    "#);
}

#[test]
fn a_wire_is_a_folder_a_server_or_an_api() {
    assert_snapshot!(megamart(r#""folder""#, r#""ftp""#), @r#"
    error CFG-E005: "ftp" is no kind of wire
      at partners/megamart/partner.toml, line 14, column 8
      expected one of folder, sftp, http, as2
      hint: did you mean "sftp"?
    "#);
}

#[test]
fn a_version_keeps_its_zeros() {
    assert_snapshot!(megamart(r#""004010""#, r#""4010""#), @r#"
    error CFG-E010: "4010" is no version of X12
      at partners/megamart/partner.toml, line 7, column 11
      expected six digits, and at most six capitals or digits: 004010, 004010VICS, 005010, found "4010"
      hint: copy the value from the partner's EDI specification
    "#);
}

#[test]
fn separators_differ() {
    assert_snapshot!(megamart("* > ~", "* * ~"), @r#"
    error CFG-E008: two separators are '*'
      at partners/megamart/partner.toml, line 8, column 14
      expected element, component and terminator, such as "* > ~", found "* * ~"
      hint: give the element, component and terminator characters, and from 00402 on the repetition character, parted by spaces
    "#);
}

#[test]
fn separators_are_no_letters() {
    assert_snapshot!(megamart("* > ~", "* A ~"), @r#"
    error CFG-E008: "A" occurs in names and numbers
      at partners/megamart/partner.toml, line 8, column 14
      expected element, component and terminator, such as "* > ~", found "* A ~"
      hint: give the element, component and terminator characters, and from 00402 on the repetition character, parted by spaces
    "#);
}

#[test]
fn repetition_has_no_separator_at_004010() {
    assert_snapshot!(megamart("* > ~", "* > ~ ^"), @r#"
    error CFG-E008: 4 separators at version 004010
      at partners/megamart/partner.toml, line 8, column 14
      expected element, component and terminator, such as "* > ~", found "* > ~ ^"
      hint: give the element, component and terminator characters, and from 00402 on the repetition character, parted by spaces
    "#);
}

#[test]
fn acknowledging_is_said_or_denied() {
    let faults = megamart("acknowledge = { with = \"997\", sets = \"not accepted\", within = \"2 h\" }\n", "");
    assert_snapshot!(faults, @r#"
    error CFG-E002: [x12] has no "acknowledge"
      at partners/megamart/partner.toml, line 5, column 1
      expected a line such as: acknowledge = { with = "997", within = "24 h" }, or "none"
      hint: add the line that the message shows, with your own value
    "#);
}

#[test]
fn an_acknowledgment_is_a_997_or_a_999() {
    assert_snapshot!(megamart(r#"with = "997""#, r#"with = "998""#), @r#"
    error CFG-E005: "998" is no acknowledgment
      at partners/megamart/partner.toml, line 10, column 24
      expected one of 997, 999, by version
      hint: write one of the words that the message lists
    "#);
}

#[test]
fn acknowledgments_have_a_version_that_they_can_be_written_at() {
    assert_snapshot!(megamart(r#"with = "997""#, r#"with = "997", version = "ecko""#), @r#"
    error CFG-E010: "ecko" is no version of X12
      at partners/megamart/partner.toml, line 10, column 41
      expected "echo", or a version such as 004010, found "ecko"
      hint: did you mean "echo"?
    "#);
    assert_snapshot!(megamart(r#"with = "997""#, r#"with = "997", version = "003060""#), @r#"
    error CFG-E010: acknowledgments are written at 004010 or later
      at partners/megamart/partner.toml, line 10, column 41
      expected "echo", or a version such as 004010, found "003060"
      hint: copy the value from the partner's EDI specification
    "#);
    assert_snapshot!(megamart(r#"with = "997""#, r#"with = "999", version = "005010""#), @r#"
    error CFG-E010: a 999 follows its implementation guide
      at partners/megamart/partner.toml, line 10, column 41
      expected "echo", or a version such as 005010X231A1, found "005010"
      hint: copy the value from the partner's EDI specification
    "#);
}

#[test]
fn exceptions_are_faults_that_edigate_knows_and_can_make_one_for() {
    let x12 = |lines: &str| megamart(r#"separators = "* > ~""#, lines);
    assert_snapshot!(x12(r#"tolerate = ["X12-W065", "E999", "X12-E016", "X12-W010"]"#), @r#"
    error CFG-E005: "X12-W065" is no fault of X12 that edigate knows
      at partners/megamart/partner.toml, line 8, column 13
      expected a code as `edigate lint` shows it, such as X12-E065, found "X12-W065"
      hint: did you mean "X12-E065", element is too long?
    error CFG-E005: "E999" is no fault of X12 that edigate knows
      at partners/megamart/partner.toml, line 8, column 25
      expected a code as `edigate lint` shows it, such as X12-E065, found "E999"
      hint: look the code up in what `edigate lint` says about a file of the partner
    error CFG-E065: X12-E016 cannot be tolerated: what was sent cannot be used with this fault in it
      at partners/megamart/partner.toml, line 8, column 33
      found "the interchange has no IEA"
      hint: take the code out of the list; the partner must mend what it sends
    error CFG-E065: X12-W010 cannot be tolerated: it rejects nothing as it is
      at partners/megamart/partner.toml, line 8, column 45
      found "the control number of the set is shorter than four characters"
      hint: delete the code from the list
    "#);
    assert_snapshot!(x12(r#"reject = ["X12-E065", "X12-N001", 7]"#), @r#"
    error CFG-E065: X12-E065 cannot be made to reject: it rejects as it is
      at partners/megamart/partner.toml, line 8, column 11
      found "element is too long"
      hint: delete the code from the list
    error CFG-E065: X12-N001 cannot be made to reject: it is a note, not a fault of the sender
      at partners/megamart/partner.toml, line 8, column 23
      found "code is not among those we have a text for"
      hint: take the code out of the list; the partner must mend what it sends
    error CFG-E003: "reject" is a whole number
      at partners/megamart/partner.toml, line 8, column 35
      expected a text in quotes, found "7"
      hint: write the value in the form that the message expects
    "#);
}

#[test]
fn a_ta1_goes_out_on_request_always_or_never() {
    assert_snapshot!(megamart(r#"separators = "* > ~""#, r#"ta1 = "allways""#), @r#"
    error CFG-E005: "allways" is no time to send a TA1
      at partners/megamart/partner.toml, line 8, column 7
      expected one of on request, always, never
      hint: did you mean "always"?
    "#);
}

#[test]
fn a_gs_identity_fits_its_element() {
    assert_snapshot!(megamart(r#"isa = "ZZ:MEGAMART""#, "isa = \"ZZ:MEGAMART\"\ngs = \"M\""), @r#"
    error CFG-E010: "M" does not fit GS02
      at partners/megamart/partner.toml, line 7, column 6
      expected 2 to 15 printable characters, found "M"
      hint: copy the value from the partner's EDI specification
    "#);
}

#[test]
fn what_cannot_be_acknowledged_anywhere_is_found() {
    assert_snapshot!(megamart(r#"drop_off = { to = "mega/in" }"#, ""), @r#"
    error CFG-E019: no endpoint of this file has drop_off
      at partners/megamart/partner.toml, line 10, column 15
      hint: add drop_off = { to = "…" } to the endpoint, or name another endpoint
    error CFG-E019: the endpoint "mailbox" has no drop_off
      at partners/megamart/partner.toml, line 22, column 7
      hint: add drop_off = { to = "…" } to the endpoint, or name another endpoint
    "#);
}

#[test]
fn then_is_delete_archive_or_move() {
    assert_snapshot!(erp(r#""delete""#, r#""remove""#), @r#"
    error CFG-E005: "remove" is nothing to do with a file
      at partners/erp/partner.toml, line 11, column 38
      expected delete, archive, remember or move to FOLDER
      hint: write one of the words that the message lists
    "#);
}

#[test]
fn two_endpoints_differ_in_name() {
    assert_snapshot!(erp(r#""outbox""#, r#""inbox""#), @r#"
    error CFG-E026: two endpoints are named "inbox"
      at partners/erp/partner.toml, line 9, column 8
      hint: rename one of them, and the via of the rules that mean it
    "#);
}

#[test]
fn an_idle_endpoint_is_a_warning() {
    assert_snapshot!(erp("pick_up = { from = \"erp/out\", then = \"delete\" }\n", ""), @r"
    warning CFG-W003: the endpoint has neither pick_up nor drop_off
      at partners/erp/partner.toml, line 8, column 1
      hint: add pick_up or drop_off, or delete the endpoint
    ");
}

#[test]
fn an_unknown_placeholder_names_the_nearest() {
    assert_snapshot!(erp("{number}", "{nubmer}"), @r#"
    error CFG-E025: unknown placeholder {nubmer}
      at partners/erp/partner.toml, line 7, column 36
      expected one of {partner}, {set}, {isa13}, {number}, {po_number}, {date}, {time}, {kind}, found "{kind}_{nubmer}.json"
      hint: did you mean "number"?
    "#);
}

#[test]
fn a_control_number_names_x12_only() {
    assert_snapshot!(erp("{number}", "{isa13}"), @r#"
    error CFG-E025: {isa13} is known only for X12
      at partners/erp/partner.toml, line 12, column 1
      found "{kind}_{isa13}.json"
      hint: give the rule a name of its own, such as name = "{kind}_{number}.json"
    "#);
}

#[test]
fn an_acknowledgment_has_no_po_number() {
    assert_snapshot!(megamart(r#"to = "mega/in""#, r#"to = "mega/in", name = "{po_number}.edi""#), @r#"
    error CFG-E025: {po_number} is not known for an acknowledgment
      at partners/megamart/partner.toml, line 10, column 15
      found "{po_number}.edi"
      hint: name the endpoint's files by {partner}_{set}_{isa13}.edi, and documents in their own rules
    "#);
}

#[test]
fn one_name_for_every_file_is_a_warning() {
    assert_snapshot!(erp("{kind}_{number}.json", "{kind}.json"), @r#"
    warning CFG-W002: every file would have the same name
      at partners/erp/partner.toml, line 12, column 1
      found "{kind}.json"
      hint: add {isa13} for X12, {number} or {po_number} for other documents
    "#);
}

#[test]
fn a_folder_that_is_no_id_is_refused() {
    assert_snapshot!(Setup::new().with("partners/Mega Mart/partner.toml", MEGAMART).faults(), @r#"
    error CFG-E014: "Mega Mart" is not 1 to 40 lower-case letters, digits, - or _
      at partners/Mega Mart
      expected a folder name of 1 to 40 lower-case letters, digits, - or _, found "Mega Mart"
      hint: rename the folder, and what refers to it by to = "…"
    "#);
}

#[test]
fn a_folder_without_partner_toml_is_refused() {
    assert_snapshot!(Setup::new().with("partners/acme/partners.toml", MEGAMART).faults(), @r#"
    error CFG-E015: the folder has no partner.toml
      at partners/acme
      hint: is "partners.toml" meant to be it?
    "#);
}

#[test]
fn an_order_that_is_kept_and_pauses_that_shrink_are_contradictions() {
    let via = "via  = \"folder\"";
    assert_snapshot!(megamart(via, "via = \"folder\"\nkeep_order = true\nat_once = 2"), @r#"
    error CFG-E012: "at_once" is out of range
      at partners/megamart/partner.toml, line 16, column 11
      expected 1, since keep_order = true sends one after the other, found "2"
      hint: write a number in the range that the message names
    "#);
    assert_snapshot!(megamart(via, "via = \"folder\"\nretry = { first = \"10 s\", longest = \"5 s\" }"), @r#"
    error CFG-E012: "longest" is out of range
      at partners/megamart/partner.toml, line 15, column 37
      expected a pause that is not shorter than first, found "5 s"
      hint: write a number in the range that the message names
    "#);
}

/// The retailer's mailbox, on a server.
fn on_a_server(lines: &str) -> String {
    megamart(r#"via  = "folder""#, &format!("via = \"sftp\"\n{lines}"))
}

#[test]
fn a_server_is_known_by_its_address_its_key_and_how_we_log_in() {
    let right = "address = \"sftp.mega.example\"\nuser = \"acme\"\nkey = \"env:KEY\"\n\
                 host_key = [\"SHA256:kSgp2jGl5dY0Zb9UqY3xYlTn0b7xqv1vS1xq1vJ8s0c\"]";
    assert_eq!(on_a_server(right), "");
    assert_snapshot!(on_a_server("address = \"sftp://mega\"\nuser = \"acme\"\nhost_key = \"abc\""), @r#"
    error CFG-E002: the endpoint has neither password nor key, so it cannot log in
      at partners/megamart/partner.toml, line 12, column 1
      expected key = "credential:…", password = "file:…", or both
      hint: add the line that the message shows, with your own value
    error CFG-E062: "sftp://mega" is no address: that is a URL
      at partners/megamart/partner.toml, line 15, column 11
      expected a host and a port, such as "sftp.megamart.example:22", found "sftp://mega"
      hint: write `host:port`, and the fingerprint that `ssh-keyscan HOST | ssh-keygen -lf -` prints once it was compared with the partner's
    error CFG-E062: that is no fingerprint of a host key
      at partners/megamart/partner.toml, line 17, column 12
      expected SHA256: and 43 characters, as `ssh-keygen -l` prints them, found "abc"
      hint: `ssh-keyscan HOST | ssh-keygen -lf -` shows it; compare it with what the partner says
    "#);
    let written_down = on_a_server("password = \"hunter2\"");
    assert!(written_down.contains("a secret is written into the file") && !written_down.contains("hunter2"));
}

#[test]
fn only_what_is_on_a_server_is_remembered() {
    assert_snapshot!(erp(r#""delete""#, r#""remember""#), @r#"
    error CFG-E005: only what is on a server is left there and remembered
      at partners/erp/partner.toml, line 11, column 38
      expected delete, archive or move to FOLDER, found "remember"
      hint: write one of the words that the message lists
    "#);
}
