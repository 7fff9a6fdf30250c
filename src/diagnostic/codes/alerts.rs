//! Codes about telling people, and what they are told before it is a failure (ALR-...).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[&UNDELIVERABLE, &AT_RISK];

/// Somebody who is to be told cannot be reached.
pub static UNDELIVERABLE: Meaning = Meaning {
    code: "ALR-E001",
    title: "an alert cannot be delivered",
    meaning: "A mail server, webhook or command of a table [[alert]] did not take a message. The message stays in the ledger \
              and is tried again until it is taken, each time the same one, so that whoever can tell repetitions tells this; \
              what happens meanwhile is told after it. The other alerts are told of this.",
    cause: "The server is down or not reached from here, an address or key in gateway.toml has changed, or the command fails.",
    fix: "mend what the message names; `edigate alert test NAME` sends one now, `edigate alert list` shows what waits",
    who: Who::Us,
    example: "",
    corrected: "",
};

/// A compliance rule is about to be broken.
pub static AT_RISK: Meaning = Meaning {
    code: "ALR-W002",
    title: "a compliance rule is about to be broken",
    meaning: "A rule of the partner runs out soon, and what it waits for has not happened. It is told while something can be done; \
              the message names the rule, the time that is left and what the breach would cost, where that is known.",
    cause: "The document that the rule waits for was not submitted yet, or waits to be sent.",
    fix: "see to the document that the message names; `edigate ledger clocks` shows every rule that runs",
    who: Who::Us,
    example: "",
    corrected: "",
};
