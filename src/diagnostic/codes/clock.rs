//! Codes about the compliance rules of a partner that are broken (CLK-E001…).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[&LATE, &EARLY, &DIFFERS, &OFF, &REUSED, &NOT_AS_REQUIRED, &NOT_CORRECTED];

/// Something that a partner demands by a time has not come, or came late.
pub static LATE: Meaning = Meaning {
    code: "CLK-E001",
    title: "a partner's deadline was missed",
    meaning: "A rule of the partner file says that this must happen by a time, reckoned from what documents told: the order's \
              arrival, a departure, a planned arrival. That time is over. The partner may charge what the rule's cost says. A \
              document that comes late ends nothing but the waiting; one that corrects the past may show that it was in time.",
    cause: "The warehouse or the ERP hands over its file too late, a delivery is parked, or the document was refused.",
    fix: "send what is missing at once; `edigate trace NUMBER` shows where it waits. Dispute the charge where the times prove you right",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Something happened before it might.
pub static EARLY: Meaning = Meaning {
    code: "CLK-E002",
    title: "something came before it might",
    meaning: "A rule of the partner file says that this must not happen before something else: no invoice before the ship \
              notice, no ship notice before the ship date. The partner may refuse the document or charge for it.",
    cause: "The ERP bills by its own calendar, or the document before it is held up.",
    fix: "send what has to come first; hold the later document back in the ERP until then",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// Two documents that must agree do not.
pub static DIFFERS: Meaning = Meaning {
    code: "CLK-E003",
    title: "two documents differ where the partner demands that they agree",
    meaning: "A rule of the partner file says in which fields a document must say the same as another, such as the units or \
              prices of the order. The message names the line and both values.",
    cause: "Master data of the ERP that is older than the order, or a map that takes the wrong field.",
    fix: "correct the value at its source and send the document again as a replacement",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A figure is beyond its limit.
pub static OFF: Meaning = Meaning {
    code: "CLK-E004",
    title: "a figure is beyond the limit that the partner sets",
    meaning: "A rule of the partner file binds a quantity or an amount by another one: not more shipped than ordered, as many \
              packs as cartons. The message says by how much it is off.",
    cause: "A line was shipped or billed twice, a substitute was not agreed on, or a document is missing.",
    fix: "compare the documents in `edigate trace NUMBER`, and correct or replace the one that is wrong",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A number came again within the time in which it must not.
pub static REUSED: Meaning = Meaning {
    code: "CLK-E005",
    title: "a number was used again too early",
    meaning: "A rule of the partner file says that a number must not come again for a time, such as the serial number of a \
              carton for a year. The partner's dock would take the carton for the earlier one.",
    cause: "A label printer whose counter was reset, or two systems that number on their own.",
    fix: "label the goods anew before they are received, and send the ship notice as a replacement",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A document lacks what the partner demands, or says it in another way.
pub static NOT_AS_REQUIRED: Meaning = Meaning {
    code: "CLK-E006",
    title: "a document lacks what the partner requires, or writes it otherwise",
    meaning: "A rule of the partner file says that a document must have a field, and how it is written. The document went out \
              without it, or with other characters.",
    cause: "A field that the source leaves empty, or a number with characters that the partner's system does not take.",
    fix: "fill or correct the field at its source and send the document again as a replacement",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// The partner refused a document and has no corrected one.
pub static NOT_CORRECTED: Meaning = Meaning {
    code: "CLK-E007",
    title: "a document that the partner refused was not corrected in time",
    meaning: "A rule of the partner file says by what the partner may refuse a document (997, 824) and how long there is for a \
              corrected one. To the partner a refused document was never sent.",
    cause: "Nobody looked at the refusal, or the correction was refused as well.",
    fix: "correct what the refusal names and send the document again",
    who: Who::Us,
    example: "",
    corrected: "",
};
