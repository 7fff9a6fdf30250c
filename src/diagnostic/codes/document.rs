//! Codes about documents: what a canonical document must be, how it fits the order it belongs to, whether a format
//! can say it (DOC-…), and where it may go (RTE-…).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &MISSING_VALUE,
    &UNSUPPORTED_SET,
    &BAD_GS1_NUMBER,
    &ALLOCATION_SUM,
    &DUPLICATE_LINE_NUMBER,
    &HIERARCHY,
    &NOT_TAKEN_OVER,
    &UNKNOWN_ORDER,
    &PARTNER_CONFLICT,
    &SEVERAL_ORDERS,
    &UNKNOWN_LINE,
    &ITEM_NOT_ORDERED,
    &ITEM_CONTRADICTS,
    &AMBIGUOUS_LINE,
    &UNIT_DIFFERS,
    &CONTRADICTS_ORDER,
    &ACK_SUM,
    &VERDICT_CONTRADICTS,
    &STATED_TOTAL,
    &SETTLEMENT_TOTAL,
    &NO_COMPANY_PREFIX,
    &DUPLICATE_SSCC,
    &REUSED_SSCC,
    &MIXED_SHIPMENT,
    &OVER_SHIPPED,
    &PRICE_DIFFERS,
    &OVER_INVOICED,
    &SSCC_MINTED,
    &UNWRITABLE_CHARACTER,
    &MONEY_TOO_FINE,
    &TEXT_CUT,
    &TRANSLITERATED,
    &NO_CARTON_CODE,
    &UNKNOWN_PARTNER,
    &NOT_RECEIVED,
    &NOBODY,
    &NOT_SENT,
    &NO_ENDPOINT,
    &TEST_TO_PRODUCTION,
    &PRODUCTION_TO_TEST,
];

/// A value that the document cannot do without is missing.
pub static MISSING_VALUE: Meaning = Meaning {
    code: "DOC-E001",
    title: "a value that the document cannot do without is missing",
    meaning: "The trade cannot act on this document without the value that the message names: an order line without quantity or unit, a ship notice without the day it left. The X12 standard or the file's map may allow its absence; the business does not. The document is not used.",
    cause: "The author's system left the field empty, or a map names a column that is empty for this document.",
    fix: "fill in the value at its source and send the document again",
    who: Who::Sender,
    example: "PO1*002*12**5.5*PE*UP*061414100021~",
    corrected: "PO1*002*12*EA*5.5*PE*UP*061414100021~",
};

/// There is no document for this transaction set.
pub static UNSUPPORTED_SET: Meaning = Meaning {
    code: "DOC-E002",
    title: "there is no document for this transaction set",
    meaning: "The set is checked against the standard, but edigate has no canonical document for its business content. Nothing can be routed from it, so that it is kept and the acknowledgment says that it is not supported.",
    cause: "The partner sends a set that was not agreed, or one that this version of edigate does not turn into documents.",
    fix: "ask the partner not to send this set, or handle the archived bytes by hand",
    who: Who::Us,
    example: "ST*865*0001~",
    corrected: "ST*850*0001~",
};

/// A GS1 number is not valid.
pub static BAD_GS1_NUMBER: Meaning = Meaning {
    code: "DOC-W003",
    title: "a GS1 number is not valid",
    meaning: "An item number (GTIN), container code (SSCC) or location number (GLN) has a wrong length, a character that is no digit, or a check digit that does not fit. It is kept as it was written under another name, but items and cartons are not matched by it.",
    cause: "A digit was mistyped in the author's master data, or leading zeros were lost in a spreadsheet.",
    fix: "ask the author to correct the number in the master data; the message says the right check digit where only that is wrong",
    who: Who::Sender,
    example: "PO1*001*24*EA*3.61*PE*UP*061414100015~",
    corrected: "PO1*001*24*EA*3.61*PE*UP*061414100014~",
};

/// The stores' quantities do not add up to the line's quantity.
pub static ALLOCATION_SUM: Meaning = Meaning {
    code: "DOC-W004",
    title: "the stores' quantities do not add up to the line's quantity",
    meaning: "The line orders one quantity and the SDQ segments below it spread another one over the stores. Both are kept as they were sent. Whichever is followed, somebody will call it wrong: the line is what is paid, the stores are what is packed.",
    cause: "The buyer changed the line or one store's part and not the other.",
    fix: "ask the buyer which of the two holds before the goods are packed",
    who: Who::Sender,
    example: "PO1*001*60*EA~SDQ*EA*92*0117*12*0233*24~",
    corrected: "PO1*001*36*EA~SDQ*EA*92*0117*12*0233*24~",
};

/// Two lines have the same number.
pub static DUPLICATE_LINE_NUMBER: Meaning = Meaning {
    code: "DOC-W005",
    title: "two lines have the same number",
    meaning: "Answers name a line by its number. Where two lines share one, they are told apart by item and remaining quantity, and where that does not suffice the answer is stopped rather than guessed.",
    cause: "The author's system numbers lines per page or per delivery instead of per document.",
    fix: "ask the author to number the lines of a document without repetition",
    who: Who::Sender,
    example: "PO1*001*24*EA~PO1*001*12*EA~",
    corrected: "PO1*001*24*EA~PO1*002*12*EA~",
};

/// The levels of a ship notice nest in a way that was not taken over.
pub static HIERARCHY: Meaning = Meaning {
    code: "DOC-W007",
    title: "the levels of a ship notice nest in a way that was not taken over",
    meaning: "A ship notice is read as shipment, order, perhaps pallet, carton, item, or as shipment, order, item. The HL segment that the place names stands elsewhere in the tree. What hangs below it is in the archive but not in the document.",
    cause: "The author uses another structure (BSN05), such as cartons below items or orders below cartons.",
    fix: "ask the author for structure 0001 (pick and pack) or 0004 (no cartons)",
    who: Who::Sender,
    example: "HL*3*1*P~ (a carton below the shipment)",
    corrected: "HL*3*2*P~ (a carton below its order)",
};

/// Parts of the document have no place in the canonical model.
pub static NOT_TAKEN_OVER: Meaning = Meaning {
    code: "DOC-N008",
    title: "parts of the document have no place in the canonical model",
    meaning: "The segments and elements that the message names were read and checked, but the canonical document has no field for them. They stay in the archived bytes, and nothing that edigate does depends on them.",
    cause: "The partner says more than purchase orders usually say.",
    fix: "nothing, unless somebody needs one of these values; then read it from the archived bytes",
    who: Who::Us,
    example: "FOB*CC*DE*DESTINATION~ (FOB02 and FOB03)",
    corrected: "",
};

/// The document answers an order that never came in.
pub static UNKNOWN_ORDER: Meaning = Meaning {
    code: "DOC-E020",
    title: "the document answers an order that never came in",
    meaning: "An acknowledgment, ship notice or invoice is completed from the order that it belongs to, and edigate has no order of that number. A retailer fines ship notices and refuses invoices whose order number it does not know, so nothing is sent.",
    cause: "The order number was mistyped, lost leading zeros in a spreadsheet, or the order came in by another road than edigate.",
    fix: "correct the order number at its source, or bring the order in (`edigate submit`) and then `edigate replay ID`",
    who: Who::Us,
    example: "CustomerPO,4500099999",
    corrected: "CustomerPO,4500012345",
};

/// Several partners have an order of that number.
pub static PARTNER_CONFLICT: Meaning = Meaning {
    code: "DOC-E021",
    title: "several partners have an order of that number",
    meaning: "Order numbers are unique per buyer only. The document does not say which buyer it is for, and more than one has sent an order of this number. Sending it to the wrong one would reveal one customer's business to another.",
    cause: "Two buyers use the same range of numbers, and the file has no customer column.",
    fix: "add the partner's id to the file and map it to `partner`",
    who: Who::Us,
    example: "{ \"po_number\": \"1001\" }",
    corrected: "{ \"partner\": \"megamart\", \"po_number\": \"1001\" }",
};

/// One partner has several orders of that number.
pub static SEVERAL_ORDERS: Meaning = Meaning {
    code: "DOC-E022",
    title: "one partner has several orders of that number",
    meaning: "The partner sent several orders that share a number and differ in release or ship-to. The document does not say which of them it answers.",
    cause: "A blanket order with releases, or one number for several ship-tos.",
    fix: "add the release, or the ship-to's code, to the document",
    who: Who::Us,
    example: "{ \"po_number\": \"1001\" }",
    corrected: "{ \"po_number\": \"1001\", \"release\": \"2\" }",
};

/// The order has no line of that number.
pub static UNKNOWN_LINE: Meaning = Meaning {
    code: "DOC-E023",
    title: "the order has no line of that number",
    meaning: "The document names an order line that the order does not have. edigate does not fall back on the item then: a wrong line number is a sign that the document belongs to another order or another version of it.",
    cause: "The source uses its own line numbers, or the order was replaced since.",
    fix: "map the buyer's line number, or leave the line number out so that the line is found by its item",
    who: Who::Us,
    example: "{ \"line\": \"7\" } for an order of two lines",
    corrected: "{ \"line\": \"002\" }",
};

/// An item is not on the order.
pub static ITEM_NOT_ORDERED: Meaning = Meaning {
    code: "DOC-E024",
    title: "an item is not on the order",
    meaning: "No line of the order carries any of the item's numbers. Retailers refuse such lines or fine them as goods that nobody ordered.",
    cause: "A substitute was shipped, the item's number differs between the buyer's and our master data, or the line belongs to another order.",
    fix: "correct the item's number, add the number that the order uses, or move the line to the order it belongs to",
    who: Who::Us,
    example: "UPC 061414100038",
    corrected: "UPC 061414100021",
};

/// The item's numbers contradict the order.
pub static ITEM_CONTRADICTS: Meaning = Meaning {
    code: "DOC-E025",
    title: "the item's numbers contradict the order",
    meaning: "One number of the item fits an order line and another number of the same item does not, or the line's number fits and the item does not. One of them is wrong, and only its author knows which.",
    cause: "Master data mixes up two items, or line numbers shifted by one.",
    fix: "compare the item's numbers with the order's line and correct the wrong one",
    who: Who::Us,
    example: "{ \"line\": \"001\", \"item\": { \"buyer\": \"550002\" } }",
    corrected: "{ \"line\": \"002\", \"item\": { \"buyer\": \"550002\" } }",
};

/// Several lines of the order fit.
pub static AMBIGUOUS_LINE: Meaning = Meaning {
    code: "DOC-E026",
    title: "several lines of the order fit",
    meaning: "The order has the same item on several lines, and more than one of them still has room for the quantity (or none has). Which one is meant decides which line the retailer pays.",
    cause: "The buyer ordered one item twice, for two dates or two stores.",
    fix: "add the buyer's line number to the document",
    who: Who::Us,
    example: "{ \"item\": { \"buyer\": \"550001\" }, \"quantity\": { \"value\": \"6\", \"unit\": \"EA\" } }",
    corrected: "{ \"line\": \"003\", \"item\": { \"buyer\": \"550001\" }, \"quantity\": { \"value\": \"6\", \"unit\": \"EA\" } }",
};

/// The unit is not the one that was ordered in.
pub static UNIT_DIFFERS: Meaning = Meaning {
    code: "DOC-E027",
    title: "the unit is not the one that was ordered in",
    meaning: "The order counts in one unit and the document in another. Quantities of different units cannot be compared, and retailers fine answers whose unit differs from the order's.",
    cause: "The source counts cases and the buyer eaches, or the unit's column was not mapped.",
    fix: "convert the quantity to the order's unit at the source",
    who: Who::Us,
    example: "2 CA for an order of 24 EA",
    corrected: "24 EA",
};

/// The document contradicts its order.
pub static CONTRADICTS_ORDER: Meaning = Meaning {
    code: "DOC-E028",
    title: "the document contradicts its order",
    meaning: "A value that the document states itself differs from the order's: currency, order date or ship-to. edigate completes what is missing and never overrules what is said, so it stops instead.",
    cause: "The document belongs to another order, or the value is a default of the source system.",
    fix: "correct the value at its source, or leave it out so that it is taken from the order",
    who: Who::Us,
    example: "{ \"currency\": \"CAD\" } for an order in USD",
    corrected: "{ \"currency\": \"USD\" }",
};

/// An acknowledgment does not account for what was ordered.
pub static ACK_SUM: Meaning = Meaning {
    code: "DOC-E029",
    title: "an acknowledgment does not account for what was ordered",
    meaning: "For every line the parts accepted, backordered and rejected must add up to the ordered quantity, and every line must be answered. A retailer that finds a gap plans with the wrong quantity or refuses the 855.",
    cause: "A line or the part that will not be supplied is missing in the source.",
    fix: "add an outcome (backordered or rejected) for the rest of the quantity",
    who: Who::Us,
    example: "12 ordered: quantity_changed 6",
    corrected: "12 ordered: quantity_changed 6, backordered 6",
};

/// The verdict of an acknowledgment contradicts its lines.
pub static VERDICT_CONTRADICTS: Meaning = Meaning {
    code: "DOC-E030",
    title: "the verdict of an acknowledgment contradicts its lines",
    meaning: "The acknowledgment as a whole says one thing (accepted, rejected) and its lines another. The retailer acts on BAK02 or on the lines, depending on its system.",
    cause: "The source fills in the verdict before the lines are decided.",
    fix: "leave the verdict out: it is derived from the lines",
    who: Who::Us,
    example: "{ \"verdict\": \"accepted\" } with a backordered line",
    corrected: "{ \"verdict\": \"accepted_with_changes\" }",
};

/// The stated total is not the sum of the invoice.
pub static STATED_TOTAL: Meaning = Meaning {
    code: "DOC-E031",
    title: "the stated total is not the sum of the invoice",
    meaning: "The source states a total, and its own lines, allowances, charges and taxes add up to another amount. One of the numbers is wrong; an invoice that the ledger and the retailer see differently is paid short.",
    cause: "A charge or tax was not mapped, or the source rounds the sum and not the lines.",
    fix: "compare the lines with the total at the source; map every charge, allowance and tax",
    who: Who::Us,
    example: "24 x 3.61 + 6 x 5.50 - 2.00, total 119.64",
    corrected: "24 x 3.61 + 6 x 5.50 - 2.00, total 117.64",
};

/// A settlement pays another sum than its entries.
pub static SETTLEMENT_TOTAL: Meaning = Meaning {
    code: "DOC-E046",
    title: "a settlement is not the sum of its entries",
    meaning: "A payout states its sum and what it is made of, and the entries add up to another amount: an entry is \
              missing, stands twice, or was read wrongly. Nothing is booked from it until that is clear.",
    cause: "The report was cut off, or a column of amounts has another decimal mark than the map says.",
    fix: "compare the report with the payer's page; correct the map or fetch the report again, then replay",
    who: Who::Us,
    example: "amount 95.00; entries 120.00, -24.00",
    corrected: "amount 96.00; entries 120.00, -24.00",
};

/// A carton has no container code and none can be made.
pub static NO_COMPANY_PREFIX: Meaning = Meaning {
    code: "DOC-E032",
    title: "a carton has no container code and none can be made",
    meaning: "Every carton and pallet of a ship notice needs a serial shipping container code (SSCC). The source gave none, and edigate makes them only under your own GS1 company prefix, which is not configured (or its numbers are used up).",
    cause: "`gs1_company_prefix` is missing in gateway.toml.",
    fix: "set `gs1_company_prefix` in gateway.toml, or have the source give the codes that are printed on the labels",
    who: Who::Us,
    example: "CartonNo,CartonSSCC\n2,",
    corrected: "gs1_company_prefix = \"0614141\"",
};

/// A container code is used twice.
pub static DUPLICATE_SSCC: Meaning = Meaning {
    code: "DOC-E033",
    title: "a container code is used twice",
    meaning: "Two cartons or pallets carry the same serial shipping container code, within this shipment or an earlier one. Receiving scans the code to learn what is inside, so it must never name two things.",
    cause: "The label printer restarted its counter, or two cartons were given the same number in the source.",
    fix: "give one of them a new code, and print a new label for it",
    who: Who::Us,
    example: "cartons 1 and 2: 006141410000000012",
    corrected: "carton 2: 006141410000000029",
};

/// One ship notice for several receivers.
pub static MIXED_SHIPMENT: Meaning = Meaning {
    code: "DOC-E034",
    title: "one ship notice for several receivers",
    meaning: "The orders of this shipment belong to several partners or go to several ship-tos. A ship notice has one receiver: one notice per truck and destination.",
    cause: "The source groups by truck instead of by destination.",
    fix: "split the shipment per destination, each with its own shipment id",
    who: Who::Us,
    example: "orders to 6021 and 6042 in SHP0000777",
    corrected: "SHP0000777 to 6021, SHP0000778 to 6042",
};

/// More was shipped than ordered.
pub static OVER_SHIPPED: Meaning = Meaning {
    code: "DOC-W040",
    title: "more was shipped than ordered",
    meaning: "With what was shipped before, the line's quantity exceeds the order. The ship notice is sent, because it must say what is on the truck; the retailer may refuse or fine the surplus.",
    cause: "A full case was shipped for a broken one, or a quantity was typed wrong.",
    fix: "check the count; if it is right, tell the buyer before the truck arrives",
    who: Who::Us,
    example: "24 ordered, 30 shipped",
    corrected: "24 ordered, 24 shipped",
};

/// The price is not the one that was ordered at.
pub static PRICE_DIFFERS: Meaning = Meaning {
    code: "DOC-W041",
    title: "the price is not the one that was ordered at",
    meaning: "The document's unit price differs from the order's. Retailers pay the order's price and charge the difference back, sometimes with a fee.",
    cause: "The price list changed between order and invoice, or the order's price was not taken over into our system.",
    fix: "agree on the price with the buyer, or correct it before it is paid short",
    who: Who::Us,
    example: "ordered at 3.61, invoiced at 3.81",
    corrected: "ordered at 3.61, invoiced at 3.61",
};

/// More was invoiced than ordered.
pub static OVER_INVOICED: Meaning = Meaning {
    code: "DOC-W042",
    title: "more was invoiced than ordered",
    meaning: "With earlier invoices, the line's quantity exceeds the order. The retailer will pay what it received of what it ordered.",
    cause: "A shipment was invoiced twice, or a correction was not credited.",
    fix: "compare with the earlier invoices of the order; credit what was billed twice",
    who: Who::Us,
    example: "24 ordered, 24 and 6 invoiced",
    corrected: "24 ordered, 24 invoiced",
};

/// A container code was made.
pub static SSCC_MINTED: Meaning = Meaning {
    code: "DOC-N043",
    title: "a container code was made",
    meaning: "The source gave no serial shipping container code for a carton or pallet, so edigate made one under your GS1 company prefix. The ship notice names it, therefore the label on the carton must carry it.",
    cause: "The source does not number cartons.",
    fix: "print the code on the carton's GS1-128 label before it is loaded",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A character cannot be written in X12.
pub static UNWRITABLE_CHARACTER: Meaning = Meaning {
    code: "DOC-E050",
    title: "a character cannot be written in X12",
    meaning: "The text holds a character outside printable ASCII for which there is no plain spelling. Partners' translators refuse such sets or lose the character.",
    cause: "A name or description in another script, or an emoji.",
    fix: "write the text in plain letters at its source",
    who: Who::Us,
    example: "赤いウィジェット",
    corrected: "RED WIDGET",
};

/// An amount has more than two decimals.
pub static MONEY_TOO_FINE: Meaning = Meaning {
    code: "DOC-E051",
    title: "an amount has more than two decimals",
    meaning: "The place in X12 counts whole cents (N2). Rounding would change money, so the document is not written.",
    cause: "The source computes an allowance or charge in a percentage and does not round it.",
    fix: "round the amount to cents at its source",
    who: Who::Us,
    example: "2.345",
    corrected: "2.35",
};

/// A text was cut to what X12 carries.
pub static TEXT_CUT: Meaning = Meaning {
    code: "DOC-W052",
    title: "a text was cut to what X12 carries",
    meaning: "A free text is longer than its element may be, and the rest was left off. Numbers and identifiers are never cut.",
    cause: "Descriptions in the source are longer than X12 allows (80 characters, 35 for a carrier's name).",
    fix: "shorten the text at its source if the rest matters",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Letters were written without their accents.
pub static TRANSLITERATED: Meaning = Meaning {
    code: "DOC-W053",
    title: "letters were written without their accents",
    meaning: "X12 partners are sure to read plain ASCII only, so accented letters, typographic quotes and dashes are replaced by their plain spelling: é by e, ß by ss, – by -. Line breaks and tabs become spaces.",
    cause: "Names and descriptions in the source have accents.",
    fix: "nothing, unless the partner agreed to accented letters",
    who: Who::Us,
    example: "CAFÉ – ZÜRICH",
    corrected: "CAFE - ZURICH",
};

/// A carton cannot be named.
pub static NO_CARTON_CODE: Meaning = Meaning {
    code: "DOC-E054",
    title: "a carton cannot be named",
    meaning: "A carton in the ship notice has neither a serial shipping container code nor a tracking number, so receiving could not tell it from another.",
    cause: "The document was rendered without being completed from its order.",
    fix: "give each carton its `sscc`, or submit the document to the gateway, which makes one",
    who: Who::Us,
    example: "{ \"items\": [ … ] }",
    corrected: "{ \"sscc\": \"006141410000000012\", \"items\": [ … ] }",
};

/// A rule names a partner that is not configured.
pub static UNKNOWN_PARTNER: Meaning = Meaning {
    code: "RTE-E001",
    title: "a rule names a partner that is not configured",
    meaning: "The document belongs to or is to go to a partner for whom there is no folder under partners/. It is kept and can be replayed.",
    cause: "The partner's folder was removed or renamed after the document came in.",
    fix: "restore partners/<id>/partner.toml, then `edigate replay ID`",
    who: Who::Us,
    example: "to = \"epr\"",
    corrected: "to = \"erp\"",
};

/// The partner is not set up to send this kind of document.
pub static NOT_RECEIVED: Meaning = Meaning {
    code: "RTE-E002",
    title: "the partner is not set up to send this kind of document",
    meaning: "The partner's file has no `[[document]]` entry that receives this kind, so nobody has said who gets it. It is kept and acknowledged by its syntax.",
    cause: "The partner began to send a new kind of document.",
    fix: "add a `[[document]] receive` entry to the partner's partner.toml, then `edigate replay ID`",
    who: Who::Us,
    example: "",
    corrected: "[[document]]\nreceive = \"850\"\nto = \"erp\"",
};

/// Nobody is to get this document.
pub static NOBODY: Meaning = Meaning {
    code: "RTE-E003",
    title: "nobody is to get this document",
    meaning: "The rule that receives this kind of document names no partner in `to`, and the document does not belong to another partner's order either.",
    cause: "`to` was left out of the rule for orders.",
    fix: "name the system that gets it with `to` in the rule",
    who: Who::Us,
    example: "[[document]]\nreceive = \"850\"",
    corrected: "[[document]]\nreceive = \"850\"\nto = \"erp\"",
};

/// The receiver has no rule for this kind of document.
pub static NOT_SENT: Meaning = Meaning {
    code: "RTE-E004",
    title: "the receiver has no rule for this kind of document",
    meaning: "The partner who is to get the document has no `[[document]]` entry that sends this kind, so neither its format nor its endpoint is known.",
    cause: "The partner's file was written for other documents only.",
    fix: "add a `[[document]] send` entry to the receiver's partner.toml, then `edigate replay ID`",
    who: Who::Us,
    example: "",
    corrected: "[[document]]\nsend = \"856\"\nvia = \"mailbox\"",
};

/// A rule sends to an endpoint that takes no files.
pub static NO_ENDPOINT: Meaning = Meaning {
    code: "RTE-E005",
    title: "a rule sends to an endpoint that takes no files",
    meaning: "The send rule names an endpoint that the partner does not have, or one that has no `drop_off`.",
    cause: "The endpoint was renamed, or only its pick-up was configured.",
    fix: "correct `via`, or give the endpoint a `drop_off`",
    who: Who::Us,
    example: "via = \"mailbx\"",
    corrected: "via = \"mailbox\"",
};

/// A test document would reach a production system.
pub static TEST_TO_PRODUCTION: Meaning = Meaning {
    code: "RTE-E006",
    title: "a test document would reach a production system",
    meaning: "The document is a test (ISA15 = T, or one of its partners has status test), and the rule leads to a partner with status production. A test order in a production system would be picked, shipped and charged.",
    cause: "A test partner's `to` names the production ERP.",
    fix: "route tests to a partner whose status is `test`, such as a test company of the ERP",
    who: Who::Us,
    example: "status = \"test\" and to = \"erp\"",
    corrected: "status = \"test\" and to = \"erp-test\"",
};

/// A real document would end in a test system.
pub static PRODUCTION_TO_TEST: Meaning = Meaning {
    code: "RTE-E007",
    title: "a real document would end in a test system",
    meaning: "The document is real business, and the rule leads to a partner with status test. It would be lost among tests while the customer waits.",
    cause: "A production partner's `to` still names the test system, or the receiver's status was not switched.",
    fix: "route it to a production partner, or set the receiver's status to `production`",
    who: Who::Us,
    example: "status = \"production\" and to = \"erp-test\"",
    corrected: "status = \"production\" and to = \"erp\"",
};

/// A container code stands on another shipment.
pub static REUSED_SSCC: Meaning = Meaning {
    code: "DOC-E035",
    title: "a container code stands on another shipment already",
    meaning: "A serial shipping container code (SSCC) names one carton or pallet for ever. The code came with an earlier shipment, so the retailer's dock would take this carton for the old one. The ship notice was not sent.",
    cause: "The label printer or warehouse system counts from the start again, or a carton was copied from an earlier export.",
    fix: "give the carton a new code at its source, or leave the column empty so that edigate makes one, and submit the shipment again",
    who: Who::Us,
    example: "006141410000000012 on SHP0000777 and on SHP0000801",
    corrected: "",
};
