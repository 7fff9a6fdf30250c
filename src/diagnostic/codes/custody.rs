//! Codes about custody: capture (CAP-…), delivery (DLV-…), acknowledgment (ACK-…), and the
//! machine under all of them (LGR-…).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[
    &UNREADABLE_FILE,
    &FOLDER_GONE,
    &NOT_A_FILE,
    &MOVE_FAILED,
    &DUPLICATE_FILE,
    &DUPLICATE_CONTROL_NUMBER,
    &UNKNOWN_SENDER,
    &NOT_FOR_US,
    &TEST_AT_PRODUCTION,
    &NO_RULE,
    &KNOWN_DOCUMENT_CHANGED,
    &KNOWN_DOCUMENT,
    &KNOWN_MESSAGE,
    &MESSAGE_ID_REUSED,
    &MESSAGE_ID_REPLACED,
    &CONTROL_NUMBER_REPLACED,
    &DOCUMENT_REPLACED,
    &SUPERSEDED,
    &LATE_ORIGINAL,
    &DELIVERY_REFUSED,
    &NAME_TAKEN,
    &PARKED,
    &CANNOT_SUCCEED,
    &WOULD_BE_REJECTED,
    &UNWRITABLE,
    &REJECTED,
    &OVERDUE,
    &ORPHAN,
    &REPEATED_ACKNOWLEDGMENT,
    &CONFLICTING,
    &LATE,
    &COUNTS_DIFFER,
    &WE_ARE_LATE,
    &WROTE,
    &INTERNAL_FAULT,
    &DAMAGED_BYTES,
    &NOT_CAPTURED,
    &TOO_LARGE,
    &LEDGER_FULL,
    &LEDGER_UNWRITABLE,
    &LEDGER_DAMAGED,
    &LEDGER_REPLACED,
    &ARCHIVE_UNWRITABLE,
    &CLOCK_STEPPED,
    &NODE_UNHEARD,
];

/// A file cannot be read.
pub static UNREADABLE_FILE: Meaning = Meaning {
    code: "CAP-E001",
    title: "a file cannot be read",
    meaning: "edigate opened the file before taking it and the operating system refused. The file stays where it is and is tried again at every scan, so nothing is lost; but until then nothing of it is known.",
    cause: "The file belongs to another user, or its mode does not let edigate's user read it. Or its name is longer than 222 bytes, so that there is no room for the id that edigate puts before it when it takes a file.",
    fix: "give edigate's user read permission on the file and write permission on its folder (`chmod g+r`, or a shared group); where its name is too long, a shorter one",
    who: Who::Transport,
    example: "-rw------- 1 ftp ftp 812 850_101.edi",
    corrected: "-rw-r----- 1 ftp edigate 812 850_101.edi",
};

/// A pick-up folder is not there.
pub static FOLDER_GONE: Meaning = Meaning {
    code: "CAP-E002",
    title: "a pick-up folder is not there",
    meaning: "The folder that the partner file names does not exist or cannot be listed. Nothing can come in through it. edigate does not create it: an unmounted share must not look like an empty mailbox.",
    cause: "The share is not mounted, the folder was renamed, or the path in partner.toml has a typing error.",
    fix: "mount or create the folder, or correct `pick_up` in partner.toml; scanning resumes by itself",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// Something that is no plain file stands in a pick-up folder.
pub static NOT_A_FILE: Meaning = Meaning {
    code: "CAP-W003",
    title: "something that is no plain file stands in a pick-up folder",
    meaning: "A link or a special file has a name that would be taken. edigate follows no links, since one could point at any file of the machine, and leaves it untouched.",
    cause: "Somebody linked a file into the folder instead of copying it.",
    fix: "put a copy of the file there instead of the link",
    who: Who::Transport,
    example: "850.edi -> /home/ftp/850.edi",
    corrected: "850.edi (a copy)",
};

/// A captured file could not be put away.
pub static MOVE_FAILED: Meaning = Meaning {
    code: "CAP-E004",
    title: "a captured file could not be put away",
    meaning: "The file's bytes are safe in the archive, but removing or moving the original failed. It is kept in the folder's .edigate directory and put away at the next start; its bytes are known, so it will not be processed twice.",
    cause: "The folder or the archive directory does not let edigate's user write.",
    fix: "give edigate's user write permission on the folder and on the directory that `then` names",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// These bytes came in before.
pub static DUPLICATE_FILE: Meaning = Meaning {
    code: "CAP-W010",
    title: "these bytes came in before",
    meaning: "The same bytes arrived earlier from this partner, by whichever endpoint. The file is kept and recorded, and nothing of it takes effect a second time: no document, no second delivery. Whether the partner is answered once more is for `bytes` in the [duplicates] table of its file to say; the journal names the policy that decided.",
    cause: "The partner sent the file again, often because an acknowledgment was late or lost.",
    fix: "nothing, unless the partner says that it misses our acknowledgment: then write `bytes = \"acknowledge again\"` under [duplicates], or replay the first one's acknowledgment once (`edigate ledger acks`, `edigate replay ID`)",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// An interchange control number came in before, with other bytes.
pub static DUPLICATE_CONTROL_NUMBER: Meaning = Meaning {
    code: "CAP-E011",
    title: "an interchange control number came in before, with other bytes",
    meaning: "ISA13 identifies an interchange between two partners. A second one with the same number and different content is either a corrected file that should have a new number, or a mistake; processing it could double orders. It is kept and not processed, unless `control_number` in the [duplicates] table of the partner's file says otherwise.",
    cause: "The partner's translator was reset, or a corrected file was sent under the old number.",
    fix: "ask the partner to send it under a new control number; if it never does, agree on `control_number = \"replace\"` and `edigate replay ID`",
    who: Who::Sender,
    example: "ISA*…*000000101*0*P*>~ with other content",
    corrected: "ISA*…*000000102*0*P*>~",
};

/// The interchange is from nobody that we know.
pub static UNKNOWN_SENDER: Meaning = Meaning {
    code: "CAP-E012",
    title: "the interchange is from nobody that we know",
    meaning: "No partner file has the sender's ISA qualifier and identifier. Without an agreement there is no rule for what to do with it. It is kept and not processed.",
    cause: "A new partner, a partner that changed its identifier, or a typing error in `isa` of partner.toml (`ZZ:` and `01:` are different).",
    fix: "add the identity to a partner file if the partner is right, then `edigate replay ID`",
    who: Who::Us,
    example: "ISA05/06 ZZ*MEGAMRAT",
    corrected: "ISA05/06 ZZ*MEGAMART",
};

/// The interchange is addressed to somebody else.
pub static NOT_FOR_US: Meaning = Meaning {
    code: "CAP-E013",
    title: "the interchange is addressed to somebody else",
    meaning: "ISA07/08 name another receiver than `isa` in gateway.toml. Documents of another company must not be processed. It is kept and not processed.",
    cause: "The partner put the file into the wrong mailbox, or our identity in gateway.toml is not the one the partner uses.",
    fix: "ask the partner to check the receiver, or correct `isa` in gateway.toml and `edigate replay ID`",
    who: Who::Sender,
    example: "ISA07/08 ZZ*OTHERCO",
    corrected: "ISA07/08 ZZ*ACMESUPPLY",
};

/// A test interchange came from a production partner.
pub static TEST_AT_PRODUCTION: Meaning = Meaning {
    code: "CAP-E014",
    title: "a test interchange came from a production partner",
    meaning: "ISA15 is T, and the partner's status is production. A test order in the ERP would be picked, shipped and charged. It is kept and not processed.",
    cause: "The partner tests against the production mailbox, or forgot to switch ISA15 to P.",
    fix: "ask the partner to send P, or test under a partner file with `status = \"test\"`",
    who: Who::Sender,
    example: "ISA*…*0*T*>~",
    corrected: "ISA*…*0*P*>~",
};

/// No rule of the partner reads this file.
pub static NO_RULE: Meaning = Meaning {
    code: "CAP-E015",
    title: "no rule of the partner reads this file",
    meaning: "The file's name fits none of the partner's `[[document]] receive` patterns and its content is no X12. It is kept and not processed.",
    cause: "A file of another purpose was left in the folder, or `match` is too narrow.",
    fix: "widen `match` of the receive rule, or add one, then `edigate replay ID`; else leave the file out",
    who: Who::Us,
    example: "match = \"ship*.csv\", file SHIP_1.CSV",
    corrected: "match = \"SHIP*.CSV\"",
};

/// A document came again with other content.
pub static KNOWN_DOCUMENT_CHANGED: Meaning = Meaning {
    code: "CAP-E017",
    title: "a document came again with other content",
    meaning: "A document of this kind and key (an order's PO number and ship-to, a shipment id, an invoice number) was accepted earlier with other content, and this one does not say that it replaces it. Taking both would double it; taking one silently would be a guess. The new one is kept and not processed, unless `business_key` in the [duplicates] table of the sender's file says \"replace\".",
    cause: "The author reused a number, or sent a correction as an original.",
    fix: "ask the author whether it replaces the first: then it must say so (BEG01 05, or purpose = \"replace\"), else it needs a number of its own",
    who: Who::Sender,
    example: "BEG*00*SA*4500012345 twice, with different lines",
    corrected: "BEG*05*SA*4500012345 for the replacement",
};

/// A document came again, the same.
pub static KNOWN_DOCUMENT: Meaning = Meaning {
    code: "CAP-W018",
    title: "a document came again, the same",
    meaning: "The same document arrived before in other bytes (a new envelope around the same content). It is recorded and nothing is delivered a second time.",
    cause: "The partner re-sent it under new control numbers.",
    fix: "nothing; the acknowledgment for the new envelope is sent as usual",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// This message came in before.
pub static KNOWN_MESSAGE: Meaning = Meaning {
    code: "CAP-W030",
    title: "this message came in before",
    meaning: "A message of this partner under the same message id brought the same bytes earlier: the sender's wire repeats what it believes lost. It is kept and recorded, and nothing of it takes effect a second time. Whether the partner is answered once more is for `message_id` in the [duplicates] table of its file to say.",
    cause: "Our receipt did not reach the sender, or came later than it waits.",
    fix: "nothing; if it happens often, look at the line between the two, or write `message_id = \"acknowledge again\"` under [duplicates]",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// A message id came in before, with other bytes.
pub static MESSAGE_ID_REUSED: Meaning = Meaning {
    code: "CAP-E031",
    title: "a message id came in before, with other bytes",
    meaning: "A message id names one message for ever. This one named other bytes earlier, so this is no repetition, and nobody can tell whether it is meant in place of the first. It is kept, not processed and not answered: an answer would be taken for the first one's.",
    cause: "The sender's software makes message ids from a clock or a file name, or was restored from a backup.",
    fix: "ask the sender for unique message ids and `edigate replay ID`; if it cannot make them, write `message_id = \"replace\"` under [duplicates] in its partner.toml, and control numbers and business keys decide",
    who: Who::Sender,
    example: "Message-ID: <orders.edi@megamart.example> on every message",
    corrected: "Message-ID: <20260303091502.000000101@megamart.example>",
};

/// A known message id brought other bytes, and they were taken.
pub static MESSAGE_ID_REPLACED: Meaning = Meaning {
    code: "CAP-W032",
    title: "a known message id brought other bytes, and they were taken",
    meaning: "The partner's file says `message_id = \"replace\"`: bytes that are new are processed although their message id is known. Control numbers and business keys still keep documents from taking effect twice.",
    cause: "The sender uses message ids more than once.",
    fix: "nothing; when the sender has unique message ids, delete the policy",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// An interchange was taken under a control number that was used before.
pub static CONTROL_NUMBER_REPLACED: Meaning = Meaning {
    code: "CAP-W033",
    title: "an interchange was taken under a control number that was used before",
    meaning: "The partner's file says `control_number = \"replace\"`: the interchange is processed and acknowledged although its number is known. What its documents do to those that came before is for their business keys to say.",
    cause: "A corrected file was sent under the old number.",
    fix: "nothing; look at the documents of both files if the correction is in doubt (`edigate trace` with the control number)",
    who: Who::Sender,
    example: "ISA*…*000000101*0*P*>~ with other content",
    corrected: "ISA*…*000000102*0*P*>~",
};

/// A document was replaced by one of the same key.
pub static DOCUMENT_REPLACED: Meaning = Meaning {
    code: "CAP-W034",
    title: "a document was replaced by one of the same key",
    meaning: "A document of this kind and key came again with other content and without saying that it replaces the first; the sender's file says `business_key = \"replace\"`. It is the next revision now and was delivered as the replacement (purpose \"replace\"). The earlier revision is kept.",
    cause: "The sender corrects documents by sending them again as originals.",
    fix: "nothing, if the receiving system takes replacements; else tell its users which document was replaced",
    who: Who::Us,
    example: "BEG*00*SA*4500012345 twice, with different lines",
    corrected: "BEG*05*SA*4500012345 for the replacement",
};

/// A document came again as it was before it was replaced.
pub static SUPERSEDED: Meaning = Meaning {
    code: "CAP-E035",
    title: "a document came again as it was before it was replaced",
    meaning: "The content of this document is that of an earlier revision. Either an old file was sent again, and taking it would undo the correction, or the sender means to go back to what it had said first. Nobody can tell from the bytes, so it is kept and not processed, whatever `business_key` says.",
    cause: "A retry of an old file that arrived late, or a correction that was taken back.",
    fix: "ask the sender; if it wants the old content back, it must say that it replaces (BEG01 05, or purpose = \"replace\")",
    who: Who::Sender,
    example: "4500012345 with 24 pieces, then with 36, then with 24 again",
    corrected: "BEG*05*SA*4500012345 to go back to 24 pieces",
};

/// An original came after what takes its place.
pub static LATE_ORIGINAL: Meaning = Meaning {
    code: "CAP-N036",
    title: "an original came after what takes its place",
    meaning: "An order that replaces, changes or cancels another came in first, and now the order that it speaks of came. It is kept \
              as the revision before and counts as what was ordered first; it is not delivered, since the one that is valid was.",
    cause: "The sender's files overtook each other on their way.",
    fix: "nothing",
    who: Who::Transport,
    example: "BEG*05*SA*4500012345 before BEG*00*SA*4500012345",
    corrected: "",
};

/// A file could not be left for a partner.
pub static DELIVERY_REFUSED: Meaning = Meaning {
    code: "DLV-E001",
    title: "a file could not be left for a partner",
    meaning: "The drop-off folder, of this machine or on the partner's server, is missing, full or not writable, or the server does not answer. The delivery is kept with its bytes and tried again with growing pauses; nothing is lost and nothing is sent twice.",
    cause: "The share is not mounted, the disk is full, edigate's user may not write there, or the server is down; the message says which.",
    fix: "make the folder available, or have the partner mend its server; the delivery goes out by itself, or at once with `edigate release ID`",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// A file of that name with other content is already there.
pub static NAME_TAKEN: Meaning = Meaning {
    code: "DLV-E002",
    title: "a file of that name with other content is already there",
    meaning: "edigate never replaces a file in a partner's folder: the other file may not have been read yet. The delivery is tried again with growing pauses, since its reader may take that file away, and parked after the last.",
    cause: "Two programs write the same names, or the name template of the send rule is not unique.",
    fix: "use `{isa13}` or `{number}` in the name template, then `edigate release ID`",
    who: Who::Us,
    example: "name = \"856.edi\"",
    corrected: "name = \"{partner}_{set}_{isa13}.edi\"",
};

/// A delivery is parked.
pub static PARKED: Meaning = Meaning {
    code: "DLV-E003",
    title: "a delivery is parked",
    meaning: "It was tried again and again for as long as `retry` of its endpoint says, and every attempt failed, the last with the error shown. It is kept with its bytes until someone releases it. Where the endpoint has `keep_order = true`, everything behind it waits.",
    cause: "The far end was away for longer than the policy waits.",
    fix: "mend the cause, then `edigate release ID`; if nobody needs it any more, `edigate waive ID --reason TEXT`",
    who: Who::Transport,
    example: "retry = { give_up_after = \"1 h\" } over a weekend",
    corrected: "retry = { give_up_after = \"3 d\" }",
};

/// A delivery cannot succeed as it is.
pub static CANNOT_SUCCEED: Meaning = Meaning {
    code: "DLV-E004",
    title: "a delivery cannot succeed as it is",
    meaning: "The attempt failed for a reason that time does not mend: the endpoint is gone from the partner file, or no file can bear the name. It was parked at once instead of being tried again, and is kept with its bytes.",
    cause: "The partner file was changed while something was still to be sent, or the name template makes names that are too long or hold a slash.",
    fix: "restore the endpoint in partner.toml, then `edigate release ID`; where the name is wrong, correct the template and `edigate resend ID --new-control-number`",
    who: Who::Us,
    example: "name = \"{po_number}.json\" for the order 4500/12",
    corrected: "name = \"{kind}_{date}_{time}.json\"",
};

/// What we would send breaks the partner's guide.
pub static WOULD_BE_REJECTED: Meaning = Meaning {
    code: "DLV-E010",
    title: "what we would send breaks the partner's guide",
    meaning: "Everything that edigate writes is checked by the same guide as what comes in. This document would be rejected by its receiver, so it was not sent. The document is recorded; the diagnostics beside this one say what is missing.",
    cause: "The source document lacks something that the guide requires, or a value is too long.",
    fix: "complete the source document or the map that reads it, and submit it again",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A document cannot be written in the partner's format.
pub static UNWRITABLE: Meaning = Meaning {
    code: "DLV-E011",
    title: "a document cannot be written in the partner's format",
    meaning: "A value holds one of the partner's delimiters or a character that X12 cannot carry, and X12 has no escape character. Nothing was sent.",
    cause: "A description or name with `*`, `~` or `>` in it.",
    fix: "change the value at the source, or agree on other separators with the partner (`separators` in partner.toml)",
    who: Who::Us,
    example: "PID*F****RED*BLUE~",
    corrected: "PID*F****RED/BLUE~",
};

/// The partner rejected a document.
pub static REJECTED: Meaning = Meaning {
    code: "ACK-E001",
    title: "the partner rejected a document",
    meaning: "Their 997 (or TA1) says that the document could not be used: to them it does not exist. Unless it is corrected and sent again, an order stays unconfirmed, goods arrive unannounced or an invoice is not paid.",
    cause: "The element that the acknowledgment names, if it names one.",
    fix: "correct the value at its source and submit the document again under new control numbers",
    who: Who::Us,
    example: "AK5*R*5~",
    corrected: "AK5*A~",
};

/// An acknowledgment is overdue.
pub static OVERDUE: Meaning = Meaning {
    code: "ACK-E002",
    title: "an acknowledgment is overdue",
    meaning: "The partner has not acknowledged the document within the agreed time. It may have been lost on the way or never been read; fines run from the document's own deadline, not from our sending.",
    cause: "The partner's translator is down, the file was not fetched, or their acknowledgment was lost.",
    fix: "check that the file was taken from the drop-off folder, ask the partner's EDI team, and send it again with the same control numbers (`edigate replay ID`)",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// An acknowledgment matches nothing that we sent.
pub static ORPHAN: Meaning = Meaning {
    code: "ACK-W003",
    title: "an acknowledgment matches nothing that we sent",
    meaning: "The group control number in AK102 is none of ours for this partner. It is kept and tried again, since it may have overtaken our own record.",
    cause: "It answers a document of another system or environment that shares the identity.",
    fix: "look whether another system sends under the same identifiers",
    who: Who::Sender,
    example: "AK1*SH*999999~",
    corrected: "AK1*SH*503~",
};

/// An acknowledgment came again.
pub static REPEATED_ACKNOWLEDGMENT: Meaning = Meaning {
    code: "ACK-W004",
    title: "an acknowledgment came again",
    meaning: "The same verdict for the same document was recorded before. Nothing changes.",
    cause: "The partner sent its 997 twice.",
    fix: "nothing",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// Two acknowledgments contradict each other.
pub static CONFLICTING: Meaning = Meaning {
    code: "ACK-E005",
    title: "two acknowledgments contradict each other",
    meaning: "The partner accepted and rejected the same document. Both are kept; the stricter one is shown.",
    cause: "The partner processed the file twice, or acknowledged by hand.",
    fix: "ask the partner which one holds",
    who: Who::Sender,
    example: "AK5*A~ and later AK5*R~",
    corrected: "",
};

/// An acknowledgment came late.
pub static LATE: Meaning = Meaning {
    code: "ACK-W006",
    title: "an acknowledgment came late",
    meaning: "It arrived after it was overdue. The document is acknowledged now; the lateness is kept in the record.",
    cause: "The partner's translator was down or runs seldom.",
    fix: "nothing for this document; if it repeats, ask for a longer agreed time or for their cause",
    who: Who::Sender,
    example: "",
    corrected: "",
};

/// The partner saw another number of sets than we sent.
pub static COUNTS_DIFFER: Meaning = Meaning {
    code: "ACK-E007",
    title: "the partner saw another number of sets than we sent",
    meaning: "AK902 says how many transaction sets the partner found in the group, and it is not what we sent. Some document was lost between us and their translator.",
    cause: "The file was cut or changed on the way.",
    fix: "compare the file that the partner has with ours (`edigate trace`), and send the group again",
    who: Who::Transport,
    example: "AK9*A*1*1*1~ for a group of 2 sets",
    corrected: "AK9*A*2*2*2~",
};

/// Our own acknowledgment is overdue.
pub static WE_ARE_LATE: Meaning = Meaning {
    code: "ACK-E008",
    title: "our own acknowledgment is overdue",
    meaning: "We owe the partner a 997 and it has not been delivered within the agreed time. Retailers fine for this.",
    cause: "The delivery is retrying or parked; see `edigate ledger deliveries`.",
    fix: "make the drop-off available and release the delivery",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The partner wrote in words.
pub static WROTE: Meaning = Meaning {
    code: "ACK-W009",
    title: "the partner wrote in words",
    meaning: "An 864 is a text for people, and edigate does not guess what it means. Retailers tell by it what they cannot use of a \
              document that their 997 accepted. Where it names one of ours by its number, or an order, the finding is about that.",
    cause: "The message quotes the text.",
    fix: "read it; correct the document at its source and submit it again where the text asks for that, then accept the finding \
          (`edigate accept`)",
    who: Who::Us,
    example: "MSG*SHP0000777: CARTON COUNT DIFFERS~",
    corrected: "",
};

/// Edigate itself failed on a file.
pub static INTERNAL_FAULT: Meaning = Meaning {
    code: "CAP-E090",
    title: "edigate itself failed on a file",
    meaning: "A fault in edigate broke off the work on this file. The file's bytes are kept, nothing of it was processed, and the files behind it went on. This is a defect of edigate and never the sender's fault.",
    cause: "A case that edigate's authors did not think of.",
    fix: "report it with the log lines around it; after an update, `edigate replay ID`",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Archived bytes are not what was archived.
pub static DAMAGED_BYTES: Meaning = Meaning {
    code: "CAP-E091",
    title: "archived bytes are not what was archived",
    meaning: "The bytes of this transmission were changed or removed after edigate had taken custody of them; their hash no longer fits. They were not processed.",
    cause: "A fault of the disk, or somebody changed files below the gateway's home.",
    fix: "restore the archive from a backup, look at the disk, then `edigate ledger verify` and `edigate replay ID`",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// A claimed file could not be recorded.
pub static NOT_CAPTURED: Meaning = Meaning {
    code: "CAP-E005",
    title: "a claimed file could not be recorded",
    meaning: "The file was taken out of the folder's sight, but its bytes or its row could not be made durable, so the sender has not been told anything and nothing was done with it. It stands in the folder's .edigate directory and is tried again at every look.",
    cause: "The disk that holds the gateway's home is full or broken, or the file cannot be read.",
    fix: "make room on the disk that holds `home` (gateway.toml); work resumes by itself",
    who: Who::Transport,
    example: "",
    corrected: "",
};

/// A file is larger than files of its kind may be.
pub static TOO_LARGE: Meaning = Meaning {
    code: "CAP-E016",
    title: "a file is larger than files of its kind may be",
    meaning: "CSV, XML and JSON files are held in memory while they are read, so their size is bounded; X12 files are not. The file is kept and not processed.",
    cause: "An export that covers years instead of a day, or another file under a matching name.",
    fix: "export it in smaller files",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The disk that holds the ledger is full.
pub static LEDGER_FULL: Meaning = Meaning {
    code: "LGR-E001",
    title: "the disk that holds the ledger is full",
    meaning: "Nothing can be recorded, so nothing is taken from any folder and nothing is sent: a partner's file stays where it was, and what was claimed before stays claimed. Every second edigate tries whether there is room again, and then goes on by itself where it stopped.",
    cause: "Logs, backups or the archive filled the disk.",
    fix: "make room on the disk that holds `ledger` (gateway.toml); work resumes by itself",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The ledger cannot be read or written.
pub static LEDGER_UNWRITABLE: Meaning = Meaning {
    code: "LGR-E002",
    title: "the ledger cannot be read or written",
    meaning: "The database refuses, or does not answer. Nothing can be recorded, so nothing is taken from any folder and nothing is sent. edigate keeps trying, connects anew where needed, and goes on by itself where it stopped.",
    cause: "The disk is mounted read-only or reports errors, the file's owner or mode was changed, another program locks it, or the database server is stopped.",
    fix: "look at what the sentence names (`dmesg` for a disk, owner and mode for a file, the server's log for a server); work resumes by itself",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The ledger is damaged.
pub static LEDGER_DAMAGED: Meaning = Meaning {
    code: "LGR-E003",
    title: "the ledger is damaged",
    meaning: "A page of the database file is not what was written, so some rows cannot be read any more. edigate takes nothing further and sends nothing: what it claimed stays claimed, what partners leave stays in their folders. It does not end either, since starting again would not mend it.",
    cause: "A fault of the disk or its controller, or another program wrote into the file.",
    fix: "stop edigate, keep the damaged file aside, restore the ledger from the newest backup, start, then `edigate ledger verify`; look at the disk before you trust it again",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The ledger's file is no longer the one that was opened.
pub static LEDGER_REPLACED: Meaning = Meaning {
    code: "LGR-E004",
    title: "the ledger's file is no longer the one that was opened",
    meaning: "The file was removed, renamed or replaced while edigate had it open. The open one still exists for this process alone, and what is written into it is gone when the process ends; so nothing further is taken.",
    cause: "Somebody restored a backup or moved the home under the running daemon, or the disk was unmounted.",
    fix: "put the file back where it was, and work resumes by itself; or, to go on with the file that stands there now, restart edigate",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The spool or the archive cannot be written.
pub static ARCHIVE_UNWRITABLE: Meaning = Meaning {
    code: "LGR-E005",
    title: "the spool or the archive cannot be written",
    meaning: "Bytes cannot be kept, so no file is taken from any folder: a partner's file stays where it was, and the partner is not told that it was received. Every second edigate tries whether it works again, and then goes on by itself.",
    cause: "The disk that holds `home` is full, read-only or not mounted.",
    fix: "make room on the disk that holds `home` (gateway.toml), or mount it for writing; work resumes by itself",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The machine's clock was set to another time.
pub static CLOCK_STEPPED: Meaning = Meaning {
    code: "LGR-W006",
    title: "the machine's clock was set to another time",
    meaning: "The wall clock moved by more than time passed. Times in a journal never go back: after a step back they stand still until the clock has caught up. What waits to be sent again is made due at once after a step back, and deadlines are told once, whatever the clock does; but after a step forward they may be told early.",
    cause: "The time was set by hand, time synchronisation corrected a clock that was wrong, or the machine slept. The change to and from summer time is no such step.",
    fix: "make sure that the machine's time is synchronised (`timedatectl`); nothing else needs to be done",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// This node cannot tell the others that it lives.
pub static NODE_UNHEARD: Meaning = Meaning {
    code: "LGR-E007",
    title: "this node cannot tell the others that it lives",
    meaning: "Nodes that share a ledger renew what they hold three times in a lease. This one cannot, so when its lease is over it \
              polls nothing and another node takes over. What it has begun is either finished under its lease or undone.",
    cause: "The database server is not reachable from this node, or it refuses.",
    fix: "look at the sentence, and at the network between this node and the server; it joins in again by itself",
    who: Who::Us,
    example: "",
    corrected: "",
};
