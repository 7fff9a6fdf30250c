//! Codes about configuration files (CFG-...).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &UNKNOWN_KEY,
    &MISSING_KEY,
    &WRONG_TYPE,
    &SYNTAX,
    &UNKNOWN_WORD,
    &DURATION,
    &INTERCHANGE_ID,
    &SEPARATORS,
    &ZONE,
    &X12_VALUE,
    &COMPANY_PREFIX,
    &OUT_OF_RANGE,
    &CROSS_REFERENCE,
    &LEDGER,
    &PARTNER_ID,
    &NO_PARTNER_FILE,
    &UNREADABLE,
    &UNKNOWN_PARTNER,
    &UNKNOWN_ENDPOINT,
    &NO_DROP_OFF,
    &SAME_IDENTITY,
    &SAME_FILES,
    &NO_MAP,
    &SAME_RECEIVE,
    &TEST_TO_PRODUCTION,
    &FILE_NAME,
    &SAME_NAME,
    &SECRET,
    &NO_X12,
    &DIRECTION,
    &MAP_KIND,
    &NOT_SENT_ON,
    &EMPTY,
    &PARTY_CODE,
    &ARCHIVE_LOOP,
    &SENSELESS_POLICY,
    &NO_PRODUCTION_TARGET,
    &SAME_FILE_NAME,
    &IDLE_ENDPOINT,
    &NO_S3,
    &BATCH,
    &BATCH_WITHOUT_END,
    &HOURS,
    &EXCEPTION,
    &ADDRESS,
    &SIZE,
    &GUIDE,
    &OVERLAY,
    &CLOCK,
    &PROFILE,
    &ALERT,
];

/// A key that edigate does not know.
pub static UNKNOWN_KEY: Meaning = Meaning {
    code: "CFG-E001",
    title: "a key that edigate does not know",
    meaning: "A key in a configuration file has a name that nothing reads. It is an error and not ignored, because \
              a misspelt key is a setting that its author believes to be in force. The message names the nearest \
              key that is known there.",
    cause: "A spelling slip, or a key written in the wrong table.",
    fix: "correct the key's name, move it to the table it belongs to, or delete the line",
    who: Who::Us,
    example: "[x12]\nacknowlege = \"none\"",
    corrected: "[x12]\nacknowledge = \"none\"",
};

/// A key that must be there is missing.
pub static MISSING_KEY: Meaning = Meaning {
    code: "CFG-E002",
    title: "a key that must be there is missing",
    meaning: "The configuration cannot be used without this key, and there is no default that would be right for \
              everybody. The place is the table in which the key is missing.",
    cause: "A new partner file that is not finished, or a line that was commented out.",
    fix: "add the line that the message shows, with your own value",
    who: Who::Us,
    example: "name = \"MegaMart Stores\"",
    corrected: "name = \"MegaMart Stores\"\nrole = \"retailer\"",
};

/// A value of the wrong type.
pub static WRONG_TYPE: Meaning = Meaning {
    code: "CFG-E003",
    title: "a value of the wrong type",
    meaning: "The key is right, its value is of another type: a number where a text is expected, a text where true \
              or false is expected. Values are never converted silently, because 0614141 and \"0614141\" are two \
              different things.",
    cause: "Missing or superfluous quotes, or one pair of square brackets instead of two.",
    fix: "write the value in the form that the message expects",
    who: Who::Us,
    example: "line_breaks = \"yes\"",
    corrected: "line_breaks = true",
};

/// The file is not TOML.
pub static SYNTAX: Meaning = Meaning {
    code: "CFG-E004",
    title: "the file is not TOML",
    meaning: "The file breaks the rules of the TOML format, so none of its values can be trusted and the rest of \
              it was not looked at. Other files were still checked.",
    cause: "An unclosed quote or bracket, a value without quotes, or a key that stands twice.",
    fix: "repair the line that the message names; the fault may begin at the end of the line above",
    who: Who::Us,
    example: "name = MegaMart",
    corrected: "name = \"MegaMart\"",
};

/// A value that is none of the words allowed here.
pub static UNKNOWN_WORD: Meaning = Meaning {
    code: "CFG-E005",
    title: "a value that is none of the words allowed here",
    meaning: "The key takes one of a few words and this is not one of them. The message lists the words.",
    cause: "A spelling slip, or a feature that this version does not have.",
    fix: "write one of the words that the message lists",
    who: Who::Us,
    example: "role = \"retialer\"",
    corrected: "role = \"retailer\"",
};

/// Not a duration.
pub static DURATION: Meaning = Meaning {
    code: "CFG-E006",
    title: "not a duration",
    meaning: "A span of time is a whole number and a unit: ms, s, min, h or d. A number alone is refused, because \
              seconds and minutes would be guessed apart only after a deadline was missed.",
    cause: "A missing unit, a fraction, or the unit spelt out.",
    fix: "write a whole number and a unit",
    who: Who::Us,
    example: "within = \"24 hours\"",
    corrected: "within = \"24 h\"",
};

/// Not an interchange identity.
pub static INTERCHANGE_ID: Meaning = Meaning {
    code: "CFG-E007",
    title: "not an interchange identity",
    meaning: "An ISA identity is a qualifier of two characters, a colon and an identifier of 1 to 15 printable \
              characters. It is compared exactly with ISA05 to ISA08 of what arrives, so a slip here quarantines \
              everything the partner sends.",
    cause: "The qualifier was left out, or the 15 characters include the padding.",
    fix: "copy the qualifier and the identifier from the partner's EDI specification",
    who: Who::Us,
    example: "isa = \"MEGAMART\"",
    corrected: "isa = \"ZZ:MEGAMART\"",
};

/// Separators that cannot be told apart from each other or from data.
pub static SEPARATORS: Meaning = Meaning {
    code: "CFG-E008",
    title: "separators that cannot be told apart from each other or from data",
    meaning: "X12 has no escape character: a separator that equals another one, or that occurs in names and \
              numbers, destroys the segments it is written into. Repetitions have a separator of their own from \
              version 00402 on and none before.",
    cause: "Two equal characters, a letter or a digit, or a fourth separator at 004010.",
    fix: "give the element, component and terminator characters, and from 00402 on the repetition character, \
              parted by spaces",
    who: Who::Us,
    example: "separators = \"* * ~\"",
    corrected: "separators = \"* > ~\"",
};

/// An unknown time zone.
pub static ZONE: Meaning = Meaning {
    code: "CFG-E009",
    title: "an unknown time zone",
    meaning: "Dates in documents are local, and deadlines are computed in the zone of the partner who set them. \
              Zones are named as in the IANA database, which knows when each place changes its clocks; \
              abbreviations such as CST do not.",
    cause: "An abbreviation, or a spelling slip.",
    fix: "write the zone as continent and city",
    who: Who::Us,
    example: "zone = \"Central\"",
    corrected: "zone = \"America/Chicago\"",
};

/// A value that would break an X12 element.
pub static X12_VALUE: Meaning = Meaning {
    code: "CFG-E010",
    title: "a value that would break an X12 element",
    meaning: "The value is written into the envelope of every interchange and does not fit the element it goes to: \
              GS02 and GS03 take 2 to 15 printable characters, GS08 takes six digits and at most six letters or \
              digits more.",
    cause: "A version without its leading zeros, or a name instead of an identifier.",
    fix: "copy the value from the partner's EDI specification",
    who: Who::Us,
    example: "version = \"4010\"",
    corrected: "version = \"004010\"",
};

/// Not a GS1 company prefix.
pub static COMPANY_PREFIX: Meaning = Meaning {
    code: "CFG-E011",
    title: "not a GS1 company prefix",
    meaning: "Carton labels (SSCC-18) are minted under the company prefix that GS1 assigned, which has 6 to 12 \
              digits. A wrong prefix mints numbers that belong to another company.",
    cause: "The digits were written as a number, which loses the leading zero, or with the check digit of an \
              item number.",
    fix: "copy the prefix from the GS1 certificate, in quotes",
    who: Who::Us,
    example: "gs1_company_prefix = \"614\"",
    corrected: "gs1_company_prefix = \"0614141\"",
};

/// A row of a table of items is not usable.
pub static CROSS_REFERENCE: Meaning = Meaning {
    code: "CFG-E080",
    title: "a row of a table of items cannot be used",
    meaning: "The file that `cross_references` names says which numbers mean the same item, one item in a row. A number in two rows \
              would make one item of two, and goods would be counted where they do not belong.",
    cause: "A number stands in two rows, a GTIN has a wrong check digit, or a column is none of gtin, buyer, vendor, sku.",
    fix: "correct the row: one item in one row, each number in one row only",
    who: Who::Us,
    example: "550001,AC-100\n550002,AC-100",
    corrected: "550001,AC-100\n550002,AC-200",
};

/// A number outside of its range.
pub static OUT_OF_RANGE: Meaning = Meaning {
    code: "CFG-E012",
    title: "a number outside of its range",
    meaning: "The number has the right type and no meaning in this place. Control numbers have nine digits, the \
              extension digit of an SSCC is a single one.",
    cause: "A slip of a digit.",
    fix: "write a number in the range that the message names",
    who: Who::Us,
    example: "sscc_extension = 10",
    corrected: "sscc_extension = 1",
};

/// Not the address of a ledger.
pub static LEDGER: Meaning = Meaning {
    code: "CFG-E013",
    title: "not the address of a ledger",
    meaning: "The ledger is the gateway's durable record, and its address says which engine keeps it. SQLite is \
              the word sqlite, a colon and a file, relative to home; PostgreSQL is a URL with user, server and database, and its \
              password is a reference in ledger_password.",
    cause: "The engine was left out, or it is one that edigate does not know.",
    fix: "write sqlite: and a file name, or postgres://user@server/database",
    who: Who::Us,
    example: "ledger = \"ledger.db\"",
    corrected: "ledger = \"sqlite:ledger.db\"",
};

/// A folder name that cannot be a partner's id.
pub static PARTNER_ID: Meaning = Meaning {
    code: "CFG-E014",
    title: "a folder name that cannot be a partner's id",
    meaning: "The folder's name is the partner's id. It appears in file names, URLs and on the command line, so it \
              has 1 to 40 lower-case letters, digits, hyphens and underscores.",
    cause: "Capital letters or spaces in the folder's name.",
    fix: "rename the folder, and what refers to it by to = \"…\"",
    who: Who::Us,
    example: "partners/Mega Mart/partner.toml",
    corrected: "partners/megamart/partner.toml",
};

/// A partner folder without partner.toml.
pub static NO_PARTNER_FILE: Meaning = Meaning {
    code: "CFG-E015",
    title: "a partner folder without partner.toml",
    meaning: "Every folder below partners/ is one partner and must say who that is. A folder without the file is \
              refused and not skipped, because its documents would be quarantined one by one later.",
    cause: "The file has another name, or the folder is no partner.",
    fix: "add partner.toml, or move the folder away; a folder whose name begins with a dot is ignored",
    who: Who::Us,
    example: "partners/megamart/megamart.toml",
    corrected: "partners/megamart/partner.toml",
};

/// A file or folder that cannot be read.
pub static UNREADABLE: Meaning = Meaning {
    code: "CFG-E016",
    title: "a file or folder that cannot be read",
    meaning: "A configuration file or folder is not there, may not be read by the user that edigate runs as, or \
              holds bytes that are not UTF-8. Nothing that it says could be checked.",
    cause: "A wrong path, or missing permissions.",
    fix: "correct the path, or let the user of the service read it",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A route to a partner that does not exist.
pub static UNKNOWN_PARTNER: Meaning = Meaning {
    code: "CFG-E017",
    title: "a route to a partner that does not exist",
    meaning: "The documents of this rule go to a partner, and there is no folder of that name below partners/.",
    cause: "A spelling slip, or a partner folder that was renamed.",
    fix: "name an existing folder below partners/, or create it",
    who: Who::Us,
    example: "to = \"epr\"",
    corrected: "to = \"erp\"",
};

/// A rule that uses an endpoint which does not exist.
pub static UNKNOWN_ENDPOINT: Meaning = Meaning {
    code: "CFG-E018",
    title: "a rule that uses an endpoint which does not exist",
    meaning: "The rule sends through an endpoint, and no [[endpoint]] of this partner has that name. Endpoints of \
              other partners cannot be used.",
    cause: "A spelling slip, or an endpoint that was renamed.",
    fix: "name one of this partner's endpoints, or add the endpoint",
    who: Who::Us,
    example: "via = \"mialbox\"",
    corrected: "via = \"mailbox\"",
};

/// A rule that sends through an endpoint without drop_off.
pub static NO_DROP_OFF: Meaning = Meaning {
    code: "CFG-E019",
    title: "a rule that sends through an endpoint without drop_off",
    meaning: "Something is to be sent through an endpoint that only picks files up. Without drop_off it is unknown \
              where the files go.",
    cause: "One endpoint was meant for each direction and the rule names the wrong one.",
    fix: "add drop_off = { to = \"…\" } to the endpoint, or name another endpoint",
    who: Who::Us,
    example: "[[endpoint]]\nname = \"mailbox\"\nvia = \"folder\"\npick_up = { from = \"in\" }",
    corrected: "[[endpoint]]\nname = \"mailbox\"\nvia = \"folder\"\npick_up = { from = \"in\" }\ndrop_off = { to = \"out\" }",
};

/// Two partners with one ISA identity.
pub static SAME_IDENTITY: Meaning = Meaning {
    code: "CFG-E020",
    title: "two partners with one ISA identity",
    meaning: "The sender of an interchange is found by its ISA identity, so two partners cannot share one, nor can \
              a partner have ours. Otherwise a document could be booked for the wrong partner.",
    cause: "A partner file that was copied and not finished.",
    fix: "correct the identity in one of the two files",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Two endpoints that pick up the same files.
pub static SAME_FILES: Meaning = Meaning {
    code: "CFG-E021",
    title: "two endpoints that pick up the same files",
    meaning: "Two endpoints watch one folder with patterns that can match the same file name. Which of them takes \
              the file, and so whose document it becomes, would be chance.",
    cause: "A folder that was copied from another endpoint, or a pattern that was left out and so matches \
              everything.",
    fix: "give each endpoint a folder of its own, or patterns that exclude each other",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A map file that is not there.
pub static NO_MAP: Meaning = Meaning {
    code: "CFG-E022",
    title: "a map file that is not there",
    meaning: "The rule reads or writes its documents by a map, and there is no file of that name in the partner's \
              folder.",
    cause: "A spelling slip, or a map that was not copied along with partner.toml.",
    fix: "correct the name, or add the map beside partner.toml",
    who: Who::Us,
    example: "map = \"shipmnt.map.toml\"",
    corrected: "map = \"shipment.map.toml\"",
};

/// Two rules that would read the same file.
pub static SAME_RECEIVE: Meaning = Meaning {
    code: "CFG-E023",
    title: "two rules that would read the same file",
    meaning: "Two receive rules of one partner can both apply to one file, and nothing decides between them. \
              Canonical JSON names its kind in the file, so rules for several kinds of it may share a pattern.",
    cause: "A match that was left out and so matches everything, or a rule that stands twice.",
    fix: "give the rules patterns that exclude each other, or delete one",
    who: Who::Us,
    example: "match = \"*.csv\"",
    corrected: "match = \"ship*.csv\"",
};

/// A test partner routed to a production system.
pub static TEST_TO_PRODUCTION: Meaning = Meaning {
    code: "CFG-E024",
    title: "a test partner routed to a production system",
    meaning: "What a test partner sends must never reach a production system: a test order would be picked, packed \
              and shipped. The gateway refuses the route when it starts, and not when the first document arrives.",
    cause: "A partner in onboarding whose orders were routed like everybody's.",
    fix: "route it to a partner with status = \"test\", or set this partner to production when its tests are \
              done",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A file name template that cannot be used.
pub static FILE_NAME: Meaning = Meaning {
    code: "CFG-E025",
    title: "a file name template that cannot be used",
    meaning: "Files that are sent are named by a template whose placeholders are filled from the document. A \
              placeholder must exist, its value must be known for what is sent, and the result must be a plain \
              file name.",
    cause: "A spelling slip in a placeholder, a folder in the name, or X12's control number in the name of a \
              file that is not X12.",
    fix: "use the placeholders that the message lists, and put folders into drop_off",
    who: Who::Us,
    example: "name = \"{po}.json\"",
    corrected: "name = \"{po_number}.json\"",
};

/// Two endpoints with one name.
pub static SAME_NAME: Meaning = Meaning {
    code: "CFG-E026",
    title: "two endpoints with one name",
    meaning: "Rules refer to the endpoints of a partner by name, so the names must differ within the partner.",
    cause: "An endpoint that was copied and not renamed.",
    fix: "rename one of them, and the via of the rules that mean it",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A secret that is written down instead of referred to.
pub static SECRET: Meaning = Meaning {
    code: "CFG-E027",
    title: "a secret that is written down instead of referred to",
    meaning: "Passwords and keys never stand in configuration files, which are copied, mailed and kept under \
              version control. They are referred to: by a file, by an environment variable, or by a systemd \
              credential.",
    cause: "The secret itself was written as the value.",
    fix: "move the secret away and write file:PATH, env:NAME or credential:NAME; then change the secret, for \
              it was exposed",
    who: Who::Us,
    example: "key = \"hunter2\"",
    corrected: "key = \"credential:megamart_key\"",
};

/// An X12 document of a partner without an `[x12]` table.
pub static NO_X12: Meaning = Meaning {
    code: "CFG-E028",
    title: "an X12 document of a partner without an [x12] table",
    meaning: "The rule exchanges an X12 transaction set, and the partner file does not say how the partner speaks \
              X12: its identity, its version, its acknowledgments.",
    cause: "The table was left out, or the document's own name was meant instead of its X12 number.",
    fix: "add the [x12] table, or write the document's name (order, order_ack, shipment, invoice) with a map \
              or as = \"json\"",
    who: Who::Us,
    example: "[[document]]\nsend = \"856\"",
    corrected: "[[document]]\nsend = \"shipment\"\nas = \"json\"",
};

/// A document rule without a direction, or with both.
pub static DIRECTION: Meaning = Meaning {
    code: "CFG-E029",
    title: "a document rule without a direction, or with both",
    meaning: "A [[document]] says what we receive from the partner or what we send it; what goes both ways is two \
              rules.",
    cause: "A rule that is not finished, or two rules under one heading.",
    fix: "write receive = \"…\" or send = \"…\", one of them in each [[document]]",
    who: Who::Us,
    example: "[[document]]\nto = \"erp\"",
    corrected: "[[document]]\nreceive = \"850\"\nto = \"erp\"",
};

/// A map for another kind of document.
pub static MAP_KIND: Meaning = Meaning {
    code: "CFG-E030",
    title: "a map for another kind of document",
    meaning: "A map reads and writes one kind of document, which it names itself. The rule uses it for another \
              kind.",
    cause: "Two map files were exchanged.",
    fix: "name the map of the rule's own kind, or correct the kind that the map names",
    who: Who::Us,
    example: "receive = \"shipment\"\nmap = \"order.map.toml\"",
    corrected: "receive = \"shipment\"\nmap = \"shipment.map.toml\"",
};

/// A route to a partner that is sent nothing of the kind.
pub static NOT_SENT_ON: Meaning = Meaning {
    code: "CFG-E031",
    title: "a route to a partner that is sent nothing of the kind",
    meaning: "Documents of this rule are routed to a partner whose file has no rule that sends it that kind. They \
              would be accepted and go nowhere.",
    cause: "The send rule was not written yet.",
    fix: "add a [[document]] with send to that partner's file",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// An empty value.
pub static EMPTY: Meaning = Meaning {
    code: "CFG-E032",
    title: "an empty value",
    meaning: "The key takes a text and was given an empty one. An empty text is never a way to say none: leave the \
              key out instead.",
    cause: "A value that was not filled in yet.",
    fix: "fill in the value, or delete the line where the key may be left out",
    who: Who::Us,
    example: "name = \"\"",
    corrected: "name = \"MegaMart Stores\"",
};

/// Not a party's identifier.
pub static PARTY_CODE: Meaning = Meaning {
    code: "CFG-E033",
    title: "not a party's identifier",
    meaning: "An identifier of a party says who issued it, then a colon, then the identifier: gln, duns, buyer or \
              seller. A GLN has 13 digits of which the last one is a check digit, a D-U-N-S number has 9 digits, \
              or 13 with its suffix.",
    cause: "A digit was lost, or the issuer was left out.",
    fix: "write the issuer and the identifier as the partner's specification has them",
    who: Who::Us,
    example: "code = \"0614141000011\"",
    corrected: "code = \"gln:0614141000012\"",
};

/// Files moved to a folder from which they are picked up again.
pub static ARCHIVE_LOOP: Meaning = Meaning {
    code: "CFG-E034",
    title: "files moved to a folder from which they are picked up again",
    meaning: "Files that were picked up are moved to a folder that an endpoint watches, so they would be picked up \
              again, and reported as duplicates, for ever.",
    cause: "The two folders were exchanged or copied.",
    fix: "move the files to a folder that no endpoint picks up from",
    who: Who::Us,
    example: "pick_up = { from = \"in\", then = \"move to in\" }",
    corrected: "pick_up = { from = \"in\", then = \"archive\" }",
};

/// A policy for duplicates that cannot be meant.
pub static SENSELESS_POLICY: Meaning = Meaning {
    code: "CFG-E060",
    title: "a policy for duplicates that cannot be meant",
    meaning: "The [duplicates] table says what becomes of what a partner sends twice. The same bytes cannot replace \
              themselves; an acknowledgment can be sent again only to a partner who gets acknowledgments; and only \
              X12 has control numbers. A policy that can never come true is refused, because its author expects \
              something of it.",
    cause: "A policy that was written under another key than meant, or copied from another partner.",
    fix: "write \"quarantine\", delete the line, or set up the acknowledgment that the policy speaks of",
    who: Who::Us,
    example: "[duplicates]\nbytes = \"replace\"",
    corrected: "[duplicates]\nbytes        = \"acknowledge again\"\nbusiness_key = \"replace\"",
};

/// A production partner routed to test systems only.
pub static NO_PRODUCTION_TARGET: Meaning = Meaning {
    code: "CFG-W001",
    title: "a production partner routed to test systems only",
    meaning: "Real documents of this partner reach test systems only, so nobody would act on them. A production \
              partner may be routed to a test system in addition: test interchanges go there.",
    cause: "A partner whose tests are done and whose route was not changed.",
    fix: "add a production system to the route, or set the partner to test",
    who: Who::Us,
    example: "to = \"erp-test\"",
    corrected: "to = [\"erp\", \"erp-test\"]",
};

/// A template that gives every file the same name.
pub static SAME_FILE_NAME: Meaning = Meaning {
    code: "CFG-W002",
    title: "a template that gives every file the same name",
    meaning: "The template has no placeholder that differs from document to document, so a file meets the name of \
              the one before it. Files are never overwritten, so the second one waits until the first was taken.",
    cause: "A fixed name that was meant for one file a day, or a number that was forgotten.",
    fix: "add {isa13} for X12, {number} or {po_number} for other documents",
    who: Who::Us,
    example: "name = \"orders.json\"",
    corrected: "name = \"{po_number}.json\"",
};

/// An address or fingerprint that is none.
pub static ADDRESS: Meaning = Meaning {
    code: "CFG-E062",
    title: "an address or a fingerprint that is none",
    meaning: "An endpoint on a server names the server by its host and port, and by the fingerprint of its host key, \
              so that nobody else can answer in its place. An API is named by an encrypted URL, a listener by an IP address and a port; \
              what is not encrypted says so.",
    cause: "A URL where a host is meant, a fingerprint that was copied in part, or one of another kind (MD5).",
    fix: "write `host:port`, and the fingerprint that `ssh-keyscan HOST | ssh-keygen -lf -` prints once it was compared with the partner's",
    who: Who::Us,
    example: "address = \"sftp://megamart.example\"",
    corrected: "address = \"sftp.megamart.example:22\"",
};

/// A size of a file that is none.
pub static SIZE: Meaning = Meaning {
    code: "CFG-E063",
    title: "a size of a file that is none",
    meaning: "`max_size` says up to which size files are taken, `max_body` the same of what comes by HTTP, and `limit` how \
              many bytes an endpoint may move per second. Each is a whole number with a unit.",
    cause: "The unit is missing or written in another way.",
    fix: "write a number of B, KB, MB or GB, and of a limit /s behind it",
    who: Who::Us,
    example: "max_size = \"100\"",
    corrected: "max_size = \"100 MB\"",
};

/// An endpoint that neither picks up nor drops off.
pub static IDLE_ENDPOINT: Meaning = Meaning {
    code: "CFG-W003",
    title: "an endpoint that neither picks up nor drops off",
    meaning: "The endpoint has neither pick_up nor drop_off, so nothing will ever pass through it.",
    cause: "An endpoint that is not finished.",
    fix: "add pick_up or drop_off, or delete the endpoint",
    who: Who::Us,
    example: "[[endpoint]]\nname = \"mailbox\"\nvia = \"folder\"",
    corrected: "[[endpoint]]\nname = \"mailbox\"\nvia = \"folder\"\npick_up = { from = \"in\" }",
};

/// An archive in S3 and a build without it.
pub static NO_S3: Meaning = Meaning {
    code: "CFG-E050",
    title: "an archive in S3 and a build without it",
    meaning: "gateway.toml keeps the archive in an S3-compatible store, and this edigate cannot speak to one: what S3 needs \
              doubles the build, so it is left out unless it is asked for. Nothing was started; bytes that nobody could \
              store are not taken.",
    cause: "The binary was built without the feature s3.",
    fix: "build with `cargo build --release --features s3`, or keep the archive in a folder: store = \"folder\"",
    who: Who::Us,
    example: "[archive]\nstore = \"s3\"",
    corrected: "[archive]\nstore = \"folder\"\npath  = \"/srv/edi/archive\"",
};

/// A batch that cannot be.
pub static BATCH: Meaning = Meaning {
    code: "CFG-E061",
    title: "a batch that cannot be",
    meaning: "`batch` of a send rule says when documents that wait for each other go out as one interchange: with so many \
              documents (count), with so many bytes (size), at times of the day (at), or when the oldest has waited so long \
              (within). Something of it cannot be understood, nothing of it is said, or the rule is not X12.",
    cause: "A time without its leading zero, a size without a unit, or `batch` in a rule with a map.",
    fix: "correct the value as the message says",
    who: Who::Us,
    example: "batch = { at = [\"6:00\"], size = \"1\" }",
    corrected: "batch = { at = [\"06:00\"], size = \"1 MB\" }",
};

/// A batch whose last documents may wait for ever.
pub static BATCH_WITHOUT_END: Meaning = Meaning {
    code: "CFG-W061",
    title: "a batch whose last documents may wait for ever",
    meaning: "The batch goes out with so many documents or bytes alone. On a quiet day the number is not reached, and what \
              was collected waits for the documents of another day, past its deadlines.",
    cause: "`batch` has count or size, and neither at nor within.",
    fix: "add within = \"1 h\", or times of the day",
    who: Who::Us,
    example: "batch = { count = 50 }",
    corrected: "batch = { count = 50, within = \"1 h\" }",
};

/// Hours that cannot be understood.
pub static HOURS: Meaning = Meaning {
    code: "CFG-E064",
    title: "hours that cannot be understood",
    meaning: "`open` of an endpoint lists the hours in which it may be used, by the partner's clocks: days (Mo Tu We Th Fr Sa \
              Su, lists and ranges of them; none means every day) and a span of times. A span that does not end after its \
              start runs past midnight.",
    cause: "A time without its leading zero, a day that is written out, or a text where a list is expected.",
    fix: "correct the value as the message says",
    who: Who::Us,
    example: "open = [\"Monday-Friday 6:00-22:00\"]",
    corrected: "open = [\"Mo-Fr 06:00-22:00\"]",
};

/// A guide or overlay with a fault.
pub static GUIDE: Meaning = Meaning {
    code: "CFG-E040",
    title: "a guide or overlay that cannot be used",
    meaning: "Files in guides/ beside gateway.toml add transaction sets, segments, codes and versions to the standard, and \
              the overlays that a partner.toml names narrow them for that partner. This line of such a file says nothing \
              that can be used, and documents are not checked by half a guide.",
    cause: "A typing error, or a segment, element or code that the version does not have.",
    fix: "correct the line; `edigate guide show SET` shows the segments of a set, `edigate guide show SET SEGMENT` the elements of one",
    who: Who::Us,
    example: "overlay 850 at 004010\nREF2 max 20",
    corrected: "overlay 850 at 004010\nREF02 max 20",
};

/// An overlay that is named and cannot be meant.
pub static OVERLAY: Meaning = Meaning {
    code: "CFG-E041",
    title: "an overlay that is not there, or one too many",
    meaning: "A partner file names its overlays under guides in its [x12] table, by their file names in the partner's \
              folder. Each set at each version has one overlay at most, so that there is one place to look.",
    cause: "A misspelt file name, or a copy of an overlay that was kept beside it.",
    fix: "correct the name, or put all rules of one set into one file",
    who: Who::Us,
    example: "guides = [\"850.ovrlay\"]",
    corrected: "guides = [\"850.overlay\"]",
};

/// A fault that no exception can be made for.
pub static EXCEPTION: Meaning = Meaning {
    code: "CFG-E065",
    title: "a fault that no exception can be made for",
    meaning: "`tolerate` of [x12] lists errors that are accepted with errors, `reject` lists warnings that reject. An error \
              rejects and a warning is tolerated without being listed; and some errors leave nothing to use: an \
              interchange that breaks off, a set that there is no guide for, a control number that no duplicate could be \
              told by, a test that could pass for business.",
    cause: "A code in the wrong list, or one of an envelope that nobody can read.",
    fix: "take the code out of the list; the partner must mend what it sends",
    who: Who::Us,
    example: "tolerate = [\"X12-E016\"]",
    corrected: "tolerate = [\"X12-E065\"]",
};

/// A compliance rule or a calendar that cannot be used.
pub static CLOCK: Meaning = Meaning {
    code: "CFG-E066",
    title: "a compliance rule or calendar that cannot be used",
    meaning: "Each [[clock]] of a partner file is one rule of the partner: what must happen by when, must never happen before \
              something else, must agree, or be accepted. A rule that says two things, or nothing that can be judged, would \
              be a promise that nobody watches. [calendar] says on which days and hours the partner works.",
    cause: "A typing error, a key that belongs to another shape of rule, or a rule without its source.",
    fix: "correct the key as the message says; the shapes of rules stand in the sample partner that `edigate init` writes",
    who: Who::Us,
    example: "[[clock]]\nname = \"ASN in time\"\nwhat = \"856\"\nwithin = \"60\"\nof = \"departure\"",
    corrected: "[[clock]]\nname = \"ASN in time\"\nwhat = \"856\"\nwithin = \"60 min\"\nof = \"departure\"\n\
                source = \"vendor guide, section 4\"\nas_of = \"2026-03-01\"",
};

/// A profile that is not there, or a rule that it does not have.
pub static PROFILE: Meaning = Meaning {
    code: "CFG-E067",
    title: "a profile that edigate does not have, or a rule that the profile does not have",
    meaning: "[compliance] of a partner file may name a profile: the rules of a well-known retailer, as public sources tell \
              them. `off` names rules of it that do not hold for us; a [[clock]] of the same name replaces one.",
    cause: "A misspelt name, or a rule that another release of edigate named otherwise.",
    fix: "`edigate partner profiles` lists the profiles, `edigate partner profiles NAME` prints the rules of one",
    who: Who::Us,
    example: "[compliance]\nprofile = \"targte\"",
    corrected: "[compliance]\nprofile = \"target\"",
};

/// A part of an alert that cannot be meant.
pub static ALERT: Meaning = Meaning {
    code: "CFG-E070",
    title: "a part of an alert that cannot be meant",
    meaning: "A table [[alert]] of gateway.toml says who is told of failures, by which way and when; [smtp] says which server \
              takes our e-mail. A name, an address or a time in them is none. An alert that goes nowhere would be noticed \
              on the day on which it is needed.",
    cause: "A typing error, or an address without `mailto:`.",
    fix: "correct the line; `edigate alert test NAME` sends one to try it",
    who: Who::Us,
    example: "to = \"ops@acme.example\"",
    corrected: "to = \"mailto:ops@acme.example\"",
};
