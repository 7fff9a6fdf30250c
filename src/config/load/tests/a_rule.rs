//! Faults of one `[[document]]`.

use super::*;

#[test]
fn a_document_is_named_by_number_or_name() {
    assert_snapshot!(erp(r#"receive = "shipment""#, r#"receive = "shipmnt""#), @r#"
    error CFG-E005: "shipmnt" is no document that edigate knows
      at partners/erp/partner.toml, line 17, column 11
      expected one of 850, 860, 855, 856, 810, 861, 824, 864, 820, 812, 180, 846, order, order_change, order_ack, shipment, invoice, receipt, application_advice, text_message, remittance, credit_debit, return, inventory, settlement
      hint: did you mean "shipment"?
    "#);
}

#[test]
fn an_acknowledgment_needs_no_rule() {
    assert_snapshot!(megamart(r#"receive = "850""#, r#"receive = "997""#), @r#"
    error CFG-E005: "997" is no document that edigate knows
      at partners/megamart/partner.toml, line 18, column 11
      expected one of 850, 860, 855, 856, 810, 861, 824, 864, 820, 812, 180, 846, order, order_change, order_ack, shipment, invoice, receipt, application_advice, text_message, remittance, credit_debit, return, inventory, settlement
      hint: acknowledgments need no rule: they are set up by acknowledge and expect
    "#);
}

#[test]
fn a_rule_has_one_direction() {
    assert_snapshot!(megamart(r#"to = "erp""#, "to = \"erp\"\nsend = \"855\""), @r#"
    error CFG-E029: a rule both receives and sends
      at partners/megamart/partner.toml, line 17, column 1
      expected receive = "…" or send = "…"
      hint: write receive = "…" or send = "…", one of them in each [[document]]
    "#);
}

#[test]
fn an_order_is_told_where_to_go() {
    assert_snapshot!(megamart("to = \"erp\"\n", ""), @r#"
    error CFG-E002: [[document]] has no "to"
      at partners/megamart/partner.toml, line 17, column 1
      expected a line such as: to = "erp"
      hint: add the line that the message shows, with your own value
    "#);
}

#[test]
fn an_unknown_endpoint_names_the_nearest() {
    assert_snapshot!(megamart(r#"via = "mailbox""#, r#"via = "mialbox""#), @r#"
    error CFG-E018: no endpoint is named "mialbox"
      at partners/megamart/partner.toml, line 22, column 7
      expected mailbox
      hint: did you mean "mailbox"?
    "#);
}

#[test]
fn an_endpoint_without_drop_off_cannot_send() {
    assert_snapshot!(erp(r#"via = "inbox""#, r#"via = "outbox""#), @r#"
    error CFG-E019: the endpoint "outbox" has no drop_off
      at partners/erp/partner.toml, line 15, column 7
      hint: add drop_off = { to = "…" } to the endpoint, or name another endpoint
    "#);
}

#[test]
fn x12_needs_its_table() {
    assert_snapshot!(erp("send = \"order\"\nas = \"json\"\n", "send = \"850\"\nname = \"{number}\"\n"), @r#"
    error CFG-E028: an X12 document, and the file has no [x12] table
      at partners/erp/partner.toml, line 13, column 8
      hint: add the [x12] table, or write the document's name (order, order_ack, shipment, invoice) with a map or as = "json"
    "#);
}

#[test]
fn what_is_not_x12_needs_a_map_or_json() {
    assert_snapshot!(erp("receive = \"shipment\"\nas = \"json\"", r#"receive = "shipment""#), @r#"
    error CFG-E002: [[document]] has no "map"
      at partners/erp/partner.toml, line 16, column 1
      expected a line such as: map = "shipment.map.toml", or as = "json"
      hint: add the line that the message shows, with your own value
    "#);
}

#[test]
fn a_map_that_is_not_there_names_the_nearest() {
    let faults = Setup::new()
        .with("partners/erp/shipment.map.toml", r#"document = "shipment""#)
        .change(
            "partners/erp/partner.toml",
            "receive = \"shipment\"\nas = \"json\"",
            "receive = \"shipment\"\nmap = \"shipmnt.map.toml\"",
        )
        .faults();
    assert_snapshot!(faults, @r#"
    error CFG-E022: there is no map file partners/erp/shipmnt.map.toml
      at partners/erp/partner.toml, line 18, column 7
      hint: did you mean "shipment.map.toml"?
    "#);
}

#[test]
fn expect_belongs_to_what_is_sent() {
    assert_snapshot!(megamart(r#"to = "erp""#, "to = \"erp\"\nexpect = { \"997\" = \"24 h\" }"), @r#"
    error CFG-E001: unknown key "expect" in [[document]]
      at partners/megamart/partner.toml, line 20, column 1
      expected one of receive, to
      hint: correct the key's name, move it to the table it belongs to, or delete the line
    "#);
}

#[test]
fn a_set_that_is_checked_and_not_read_is_said_to_be_so() {
    assert_snapshot!(megamart(r#"receive = "850""#, r#"receive = "865""#), @r#"
    error CFG-E005: "865" is no document that edigate knows
      at partners/megamart/partner.toml, line 18, column 11
      expected one of 850, 860, 855, 856, 810, 861, 824, 864, 820, 812, 180, 846, order, order_change, order_ack, shipment, invoice, receipt, application_advice, text_message, remittance, credit_debit, return, inventory, settlement
      hint: 865 is checked against the standard, but edigate has no document for it
    "#);
}

#[test]
fn a_997_or_a_999_is_expected() {
    assert_snapshot!(megamart(r#"expect = { "997""#, r#"expect = { "855""#), @r#"
    error CFG-E001: unknown key "855" in expect
      at partners/megamart/partner.toml, line 23, column 12
      expected one of 997, 999, TA1, 824
      hint: correct the key's name, move it to the table it belongs to, or delete the line
    "#);
}

#[test]
fn a_group_is_answered_once() {
    assert_snapshot!(megamart(r#"expect = { "997" = "24 h" }"#, r#"expect = { "997" = "24 h", "999" = "24 h" }"#), @r"
    error CFG-E005: a group is answered by a 997 or by a 999, not by both
      at partners/megamart/partner.toml, line 23, column 10
      hint: delete the one that the partner does not send
    ");
}

#[test]
fn two_rules_do_not_read_one_file() {
    let faults = erp(
        r#"match = "ship*.json""#,
        "match = \"ship*.json\"\n[[document]]\nreceive = \"shipment\"\nas = \"json\"\nmatch = \"*0306.json\"",
    );
    assert_snapshot!(faults, @r#"
    error CFG-E023: this rule and the one at line 16 would both read a file named "ship0306.json"
      at partners/erp/partner.toml, line 20, column 1
      hint: give the rules patterns that exclude each other, or delete one
    "#);
}

#[test]
fn one_transaction_set_is_received_by_one_rule() {
    let faults = megamart(r#"to = "erp""#, "to = \"erp\"\n[[document]]\nreceive = \"850\"\nto = \"erp\"");
    assert_snapshot!(faults, @r"
    error CFG-E023: this rule and the one at line 17 would both read every 850
      at partners/megamart/partner.toml, line 20, column 1
      hint: give the rules patterns that exclude each other, or delete one
    ");
}

#[test]
fn what_of_a_batch_cannot_be_is_told() {
    let rule = r#"expect = { "997" = "24 h" }"#;
    let batch = |text: &str| megamart(rule, &format!("{rule}\nbatch = {text}"));
    assert_snapshot!(batch("{ zone = \"America/Chicago\" }"), @r"
    error CFG-E061: the batch would never go out
      at partners/megamart/partner.toml, line 24, column 9
      expected at least one of count, size, at, within
      hint: correct the value as the message says
    ");
    assert_snapshot!(batch("{ at = [\"6:00\"], size = \"1\" }"), @r#"
    error CFG-E061: "6:00" is no time of the day
      at partners/megamart/partner.toml, line 24, column 17
      expected hours and minutes, such as "06:00", found "6:00"
      hint: correct the value as the message says
    error CFG-E061: "1" is no size of an interchange
      at partners/megamart/partner.toml, line 24, column 33
      expected a whole number of B, KB or MB, up to 100 MB, such as "1 MB", found "1"
      hint: correct the value as the message says
    "#);
    assert_snapshot!(batch("{ count = 50 }"), @r#"
    warning CFG-W061: the last documents of a day may wait for ever
      at partners/megamart/partner.toml, line 24, column 9
      hint: add within = "1 h", or times of the day
    "#);
    let named = "expect = { \"997\" = \"24 h\" }\nname = \"{number}.edi\"\nbatch = { within = \"1 h\" }";
    assert_snapshot!(megamart(rule, named), @r#"
    error CFG-E025: {number} is not known for a batch of documents
      at partners/megamart/partner.toml, line 24, column 8
      found "{number}.edi"
      hint: name its files by {partner}_{set}_{isa13}.edi, in the rule's own name if need be
    "#);
    assert_snapshot!(erp("send = \"order\"\n", "send = \"order\"\nbatch = { within = \"1 h\" }\n"), @r"
    error CFG-E061: only X12 documents are collected into one file
      at partners/erp/partner.toml, line 12, column 1
      hint: delete batch; each document has a file of its own
    ");
}

#[test]
fn a_set_that_is_only_read_cannot_be_sent() {
    assert_snapshot!(megamart(r#"send = "856""#, r#"send = "820""#), @r#"
    error CFG-E005: edigate reads 820 and does not write it
      at partners/megamart/partner.toml, line 21, column 8
      expected "remittance"
      hint: send = "remittance" with a map, or as = "json"
    "#);
}
