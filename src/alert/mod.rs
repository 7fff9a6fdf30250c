//! What people are told of failures: whom, when, and in which words.
//!
//! ```text
//! failures of a code with a partner   ->  a group: told at once, then gathered for a while, then told that it is over    [`group`]
//! groups of a target that are due     ->  one message, kept as it is until it is taken                                  [`message`]
//! a message                           ->  an e-mail, the JSON of Slack, Teams, PagerDuty or ours                         [`text`], [`bodies`]
//! a morning                           ->  what happened since the last one, and what stands                             [`digest`]
//! a failure                           ->  "14th time since 3 Nov, always at PO107", and the commands that may settle it  [`words`], [`steps`]
//! ```
//!
//! In: rows of the ledger, targets of the configuration, the time. Out: rows and words. Never here: who is reached how; the clock,
//! the network, the ledger itself.

pub mod group;
pub mod message;
pub mod text;
pub mod bodies;
pub mod digest;
pub mod words;
pub mod steps;
