//! Codes about telling people (ALR-...).

use crate::diagnostic::{Meaning, Who};

/// Every code of this area.
pub static ALL: &[&Meaning] = &[&UNDELIVERABLE];

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
